/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo-pos/ui/pos-terminal-item.h"

#include "demo-pos/ui/pos-widgets.h"

#include <glib/gi18n.h>

const char *
pos_terminal_icon (TgwTerminal *terminal, gboolean online)
{
  if (!online)
    return "pos-unknown-symbolic";
  switch (tgw_terminal_get_status (terminal))
    {
    case TGW_TERMINAL_STATUS_ONLINE:
      return tgw_terminal_get_busy (terminal) ? "pos-wait-symbolic" : "pos-ok-symbolic";
    case TGW_TERMINAL_STATUS_RECONNECTING:
      return "pos-reconnect-symbolic";
    case TGW_TERMINAL_STATUS_OFFLINE:
    default:
      return "pos-off-symbolic";
    }
}

const char *
pos_terminal_word (TgwTerminal *terminal, gboolean online)
{
  if (!online)
    return _ ("Not known");
  switch (tgw_terminal_get_status (terminal))
    {
    case TGW_TERMINAL_STATUS_ONLINE:
      return tgw_terminal_get_busy (terminal) ? _ ("Busy") : _ ("Connected");
    case TGW_TERMINAL_STATUS_RECONNECTING:
      return _ ("Reconnecting");
    case TGW_TERMINAL_STATUS_OFFLINE:
    default:
      return _ ("Disconnected");
    }
}

const char *
pos_terminal_style (TgwTerminal *terminal, gboolean online)
{
  if (!online)
    return "dim-status";
  switch (tgw_terminal_get_status (terminal))
    {
    case TGW_TERMINAL_STATUS_ONLINE:
      return tgw_terminal_get_busy (terminal) ? "accent" : "success";
    case TGW_TERMINAL_STATUS_RECONNECTING:
      return "warning";
    case TGW_TERMINAL_STATUS_OFFLINE:
    default:
      return "error";
    }
}

static void
show (GtkListItem *item)
{
  TgwTerminal *terminal = gtk_list_item_get_item (item);
  gboolean online = pos_till_get_online (g_object_get_data (G_OBJECT (item), "till"));
  GtkWidget *icon = gtk_widget_get_first_child (gtk_list_item_get_child (item));
  GtkWidget *name = gtk_widget_get_next_sibling (icon), *word = gtk_widget_get_next_sibling (name);

  gtk_image_set_from_icon_name (GTK_IMAGE (icon), pos_terminal_icon (terminal, online));
  gtk_label_set_label (GTK_LABEL (name), tgw_terminal_get_terminal_id (terminal));
  gtk_label_set_label (GTK_LABEL (word), pos_terminal_word (terminal, online));
  pos_set_style (icon, pos_terminal_style (terminal, online));
}

static void
on_setup (GtkSignalListItemFactory *factory, GtkListItem *item, PosTill *till)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12), *name = gtk_label_new (NULL),
            *word = gtk_label_new (NULL);

  gtk_box_append (GTK_BOX (box), gtk_image_new ());
  gtk_label_set_xalign (GTK_LABEL (name), 0);
  gtk_widget_set_hexpand (name, TRUE);
  gtk_widget_add_css_class (name, "heading");
  gtk_widget_add_css_class (word, "pos-dim");
  gtk_box_append (GTK_BOX (box), name);
  gtk_box_append (GTK_BOX (box), word);
  gtk_widget_set_size_request (box, -1, 40);
  gtk_list_item_set_child (item, box);
  g_object_set_data_full (G_OBJECT (item), "till", g_object_ref (till), g_object_unref);
}

static void
on_bind (GtkSignalListItemFactory *factory, GtkListItem *item, PosTill *till)
{
  g_signal_connect_object (till, "notify::online", G_CALLBACK (show), item, G_CONNECT_SWAPPED);
  g_signal_connect_object (gtk_list_item_get_item (item), "notify", G_CALLBACK (show), item,
                           G_CONNECT_SWAPPED);
  show (item);
}

static void
on_unbind (GtkSignalListItemFactory *factory, GtkListItem *item, PosTill *till)
{
  g_signal_handlers_disconnect_by_data (till, item);
  g_signal_handlers_disconnect_by_data (gtk_list_item_get_item (item), item);
}

GtkListItemFactory *
pos_terminal_item_factory_new (PosTill *till)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  g_signal_connect_object (factory, "setup", G_CALLBACK (on_setup), till, 0);
  g_signal_connect_object (factory, "bind", G_CALLBACK (on_bind), till, 0);
  g_signal_connect_object (factory, "unbind", G_CALLBACK (on_unbind), till, 0);
  return factory;
}
