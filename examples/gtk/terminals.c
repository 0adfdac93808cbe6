/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A window with the terminals of the till's group and how they are, by itself up to date.
 * terminals GATEWAY KEY-FILE */
#include <gtk/gtk.h>
#include <libtgwclient/tgwclient.h>

static char *
icon_of (gpointer item, TgwTerminalStatus status, gboolean busy, gpointer data)
{
  if (status == TGW_TERMINAL_STATUS_ONLINE)
    return g_strdup (busy ? "content-loading-symbolic" : "emblem-ok-symbolic");
  return g_strdup (status == TGW_TERMINAL_STATUS_RECONNECTING ? "view-refresh-symbolic"
                                                              : "network-offline-symbolic");
}

static char *
word_of (gpointer item, TgwTerminalStatus status, gboolean busy, gpointer data)
{
  if (status == TGW_TERMINAL_STATUS_ONLINE)
    return g_strdup (busy ? "taking a payment" : "ready");
  return g_strdup (status == TGW_TERMINAL_STATUS_RECONNECTING ? "reconnecting" : "offline");
}

/* A property of the terminal that a row shows. */
static GtkExpression *
property_of_row (const char *name)
{
  GtkExpression *terminal = gtk_property_expression_new (GTK_TYPE_LIST_ITEM, NULL, "item");

  return gtk_property_expression_new (TGW_TYPE_TERMINAL, terminal, name);
}

static void
bind_status (GtkWidget *widget, const char *property, GCallback text_of, GtkListItem *row)
{
  GtkExpression *parts[] = { property_of_row ("status"), property_of_row ("busy") };

  gtk_expression_bind (gtk_cclosure_expression_new (G_TYPE_STRING, NULL, 2, parts, text_of, NULL, NULL),
                       widget, property, row);
}

/* Rows are made a few times, and follow whichever terminal they show. */
static void
on_setup (GtkSignalListItemFactory *factory, GtkListItem *row, gpointer data)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *icon = gtk_image_new (), *name = gtk_label_new (NULL), *word = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (name), 0);
  gtk_widget_set_hexpand (name, TRUE);
  gtk_box_append (GTK_BOX (box), icon);
  gtk_box_append (GTK_BOX (box), name);
  gtk_box_append (GTK_BOX (box), word);
  gtk_expression_bind (property_of_row ("terminal-id"), name, "label", row);
  bind_status (icon, "icon-name", G_CALLBACK (icon_of), row);
  bind_status (word, "label", G_CALLBACK (word_of), row);
  gtk_list_item_set_child (row, box);
}

static void
on_activate (GtkApplication *application, TgwClient *client)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GListModel *terminals = g_object_ref (tgw_client_get_terminals (client));
  GtkWidget *window = gtk_application_window_new (application);
  GtkWidget *list = gtk_list_view_new (GTK_SELECTION_MODEL (gtk_no_selection_new (terminals)), factory);

  g_signal_connect (factory, "setup", G_CALLBACK (on_setup), NULL);
  gtk_window_set_title (GTK_WINDOW (window), "Terminals");
  gtk_window_set_default_size (GTK_WINDOW (window), 360, 240);
  gtk_window_set_child (GTK_WINDOW (window), list);
  gtk_window_present (GTK_WINDOW (window));
  tgw_client_connect_async (client, NULL, NULL, NULL);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtkApplication) application =
    gtk_application_new ("org.example.Terminals", G_APPLICATION_NON_UNIQUE);
  g_autoptr (TgwClient) client = NULL;

  if (argc != 3)
    return 64;
  client = tgw_client_new_from_key_file (argv[1], argv[2], &error);
  if (client == NULL)
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  g_signal_connect (application, "activate", G_CALLBACK (on_activate), client);
  return g_application_run (G_APPLICATION (application), 1, argv);
}
