/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo-pos/ui/pos-recovered-page.h"

#include <glib/gi18n.h>

#include "demo-pos/ui/pos-guard.h"
#include "demo-pos/ui/pos-terminal-item.h"
#include "demo-pos/ui/pos-widgets.h"

struct _PosRecoveredPage
{
  AdwBin parent_instance;
  GtkWidget *list, *problem;
  PosTill *till;
  PosGuard guard;
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
on_guard_ended (GtkWidget *widget)
{
  gtk_widget_action_set_enabled (widget, "recovered.seen", TRUE);
}

/* What comes or changes has not been read yet. */
static void
begin_guard (GtkWidget *widget)
{
  gtk_widget_action_set_enabled (widget, "recovered.seen", FALSE);
  pos_guard_begin (&POS_RECOVERED_PAGE (widget)->guard, widget, on_guard_ended);
}

static void
pos_recovered_page_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (pos_recovered_page_parent_class)->map (widget);
  begin_guard (widget);
}

static void
pos_recovered_page_class_init (PosRecoveredPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pos_recovered_page_dispose;
  widget_class->map = pos_recovered_page_map;
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

/* What happened, why, and what to do: one button has them all seen. */
static void
update_row (PosEntry *entry, GParamSpec *pspec, GtkWidget *row)
{
  const PosFacts *facts = pos_entry_get_facts (entry);
  PosKind kind = pos_entry_get_kind (entry);
  GtkWidget *icon = g_object_get_data (G_OBJECT (row), "icon");
  g_autofree char *amount = pos_entry_dup_amount_text (entry), *body = pos_words_body (facts),
                  *advice = pos_words_advice (facts);
  g_autofree char *started = pos_time_text (pos_entry_get_started_at (entry));
  g_autofree char *recovered = pos_time_text (pos_entry_get_recovered_at (entry));
  /* Translators: what became of a payment, and its amount */
  g_autofree char *title = g_strdup_printf (_ ("%s: %s"), pos_words_title (facts), amount);
  g_autofree char *times = pos_in_order (
    g_strdup_printf (_ ("%s · started %s, heard of %s"), facts->terminal_id, started, recovered));
  g_autofree char *subtitle = g_strconcat (body, "\n", advice, advice[0] != '\0' ? "\n" : "", times, NULL);

  GtkWidget *page = gtk_widget_get_ancestor (row, POS_TYPE_RECOVERED_PAGE);

  if (page != NULL && gtk_widget_get_mapped (page) &&
      g_strcmp0 (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row)), title) != 0)
    begin_guard (page);
  gtk_image_set_from_icon_name (GTK_IMAGE (icon), pos_kind_icon (kind));
  pos_set_style (icon, pos_kind_style (kind));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
}

static GtkWidget *
make_row (gpointer item, gpointer data)
{
  GtkWidget *row = adw_action_row_new (), *icon = gtk_image_new ();

  gtk_image_set_pixel_size (GTK_IMAGE (icon), 32);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), icon);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  g_object_set_data (G_OBJECT (row), "icon", icon);
  g_signal_connect_object (item, "notify", G_CALLBACK (update_row), row, 0);
  update_row (item, NULL, row);
  if (gtk_widget_get_mapped (data))
    begin_guard (data);
  return row;
}

void
pos_recovered_page_set_till (PosRecoveredPage *self, PosTill *till)
{
  self->till = g_object_ref (till);
  gtk_list_box_bind_model (GTK_LIST_BOX (self->list), pos_till_get_recovered (till), make_row, self, NULL);
}
