/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo-pos/ui/pos-recovered-page.h"

#include <glib/gi18n.h>

#include "demo-pos/ui/pos-terminal-item.h"
#include "demo-pos/ui/pos-widgets.h"

struct _PosRecoveredPage
{
  AdwBin parent_instance;
  GtkWidget *list, *problem;
  PosTill *till;
};

G_DEFINE_FINAL_TYPE (PosRecoveredPage, pos_recovered_page, ADW_TYPE_BIN)

static void
pos_recovered_page_dispose (GObject *object)
{
  PosRecoveredPage *self = POS_RECOVERED_PAGE (object);

  g_clear_object (&self->till);
  adw_bin_set_child (ADW_BIN (self), NULL);
  G_OBJECT_CLASS (pos_recovered_page_parent_class)->dispose (object);
}

static void
on_seen (GtkWidget *widget, const char *action, GVariant *parameter)
{
  PosRecoveredPage *self = POS_RECOVERED_PAGE (widget);
  g_autoptr (GError) error = NULL;
  gboolean done = pos_till_see_recovered (self->till, &error);

  gtk_widget_set_visible (self->problem, !done);
  if (!done)
    gtk_label_set_label (GTK_LABEL (self->problem), error->message);
}

static void
pos_recovered_page_class_init (PosRecoveredPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pos_recovered_page_dispose;
  gtk_widget_class_install_action (widget_class, "recovered.seen", NULL, on_seen);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/terminalgateway/DemoPos/pos-recovered-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PosRecoveredPage, list);
  gtk_widget_class_bind_template_child (widget_class, PosRecoveredPage, problem);
}

static void
pos_recovered_page_init (PosRecoveredPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static gboolean
row_title (GBinding *binding, const GValue *from, GValue *to, gpointer data)
{
  PosEntry *entry = POS_ENTRY (g_binding_dup_source (binding));
  g_autofree char *amount = pos_entry_dup_amount_text (entry);

  /* Translators: what became of a payment, and its amount */
  g_value_take_string (to,
                       g_strdup_printf (_ ("%s: %s"), pos_words_title (pos_entry_get_facts (entry)), amount));
  g_object_unref (entry);
  return TRUE;
}

static GtkWidget *
make_row (gpointer item, gpointer data)
{
  PosEntry *entry = item;
  GtkWidget *row = adw_action_row_new (),
            *icon = gtk_image_new_from_icon_name (pos_kind_icon (pos_entry_get_kind (entry)));
  g_autofree char *started = pos_time_text (pos_entry_get_started_at (entry));
  g_autofree char *recovered = pos_time_text (pos_entry_get_recovered_at (entry));
  g_autofree char *subtitle = pos_in_order (g_strdup_printf (
    _ ("%s · started %s, heard of %s"), pos_entry_get_facts (entry)->terminal_id, started, recovered));

  gtk_image_set_pixel_size (GTK_IMAGE (icon), 32);
  pos_set_style (icon, pos_kind_style (pos_entry_get_kind (entry)));
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), icon);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  g_object_bind_property (entry, "icon", icon, "icon-name", G_BINDING_SYNC_CREATE);
  g_object_bind_property_full (entry, "title", row, "title", G_BINDING_SYNC_CREATE, row_title, NULL, NULL,
                               NULL);
  return row;
}

void
pos_recovered_page_set_till (PosRecoveredPage *self, PosTill *till)
{
  self->till = g_object_ref (till);
  gtk_list_box_bind_model (GTK_LIST_BOX (self->list), pos_till_get_recovered (till), make_row, self, NULL);
}
