/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo-pos/ui/pos-terminal-row.h"

#include <glib/gi18n.h>

#include "demo-pos/model/pos-json.h"
#include "demo-pos/ui/pos-countdown.h"
#include "demo-pos/ui/pos-terminal-item.h"
#include "demo-pos/ui/pos-widgets.h"

struct _PosTerminalRow
{
  GtkListBoxRow parent_instance;
  GtkWidget *icon, *name, *about, *payment, *word, *countdown;
  TgwTerminal *terminal;
  PosTill *till;
  guint tick;
};

G_DEFINE_FINAL_TYPE (PosTerminalRow, pos_terminal_row, GTK_TYPE_LIST_BOX_ROW)

static char *
about_text (TgwTerminal *terminal)
{
  g_autofree char *model = pos_json_text (tgw_terminal_get_metadata (terminal), "model");
  GDateTime *seen = tgw_terminal_get_last_activity (terminal);
  g_autofree char *time = seen != NULL ? pos_time_text (g_date_time_to_unix (seen) * 1000) : NULL;

  if (time == NULL)
    return g_strdup (model != NULL ? model : _ ("Unknown model"));
  return pos_in_order (
    g_strdup_printf (_ ("%s · last seen %s"), model != NULL ? model : _ ("Unknown model"), time));
}

static void
update_countdown (PosTerminalRow *self)
{
  GDateTime *deadline = tgw_terminal_get_grace_deadline (self->terminal);
  g_autofree char *text = pos_countdown_text (pos_countdown_left (deadline));

  gtk_widget_set_visible (self->countdown, deadline != NULL);
  gtk_label_set_label (GTK_LABEL (self->countdown), text);
}

static void
update (PosTerminalRow *self)
{
  gboolean online = pos_till_get_online (self->till);
  const char *style = pos_terminal_style (self->terminal, online);
  PosEntry *entry = pos_till_find_unresolved (self->till, tgw_terminal_get_terminal_id (self->terminal));
  g_autofree char *about = about_text (self->terminal), *payment = NULL;

  gtk_image_set_from_icon_name (GTK_IMAGE (self->icon), pos_terminal_icon (self->terminal, online));
  pos_set_style (self->icon, style);
  gtk_label_set_label (GTK_LABEL (self->name), tgw_terminal_get_terminal_id (self->terminal));
  gtk_label_set_label (GTK_LABEL (self->about), about);
  gtk_label_set_label (GTK_LABEL (self->word), pos_terminal_word (self->terminal, online));
  pos_set_style (self->word, style);
  if (entry != NULL)
    {
      g_autofree char *amount = pos_entry_dup_amount_text (entry);
      const PosFacts *facts = pos_entry_get_facts (entry);

      /* Translators: the amount of a terminal's payment, and where it stands */
      payment = g_strdup_printf (_ ("Its payment of %s: %s"), amount, pos_words_title (facts));
    }
  gtk_widget_set_visible (self->payment, payment != NULL);
  gtk_label_set_label (GTK_LABEL (self->payment), payment != NULL ? payment : "");
  update_countdown (self);
}

static gboolean
on_tick (gpointer data)
{
  update_countdown (data);
  return G_SOURCE_CONTINUE;
}

static void
pos_terminal_row_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (pos_terminal_row_parent_class)->map (widget);
  POS_TERMINAL_ROW (widget)->tick = g_timeout_add (500, on_tick, widget);
}

static void
pos_terminal_row_unmap (GtkWidget *widget)
{
  g_clear_handle_id (&POS_TERMINAL_ROW (widget)->tick, g_source_remove);
  GTK_WIDGET_CLASS (pos_terminal_row_parent_class)->unmap (widget);
}

static void
pos_terminal_row_dispose (GObject *object)
{
  PosTerminalRow *self = POS_TERMINAL_ROW (object);

  g_clear_handle_id (&self->tick, g_source_remove);
  g_clear_object (&self->terminal);
  g_clear_object (&self->till);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (self), NULL);
  G_OBJECT_CLASS (pos_terminal_row_parent_class)->dispose (object);
}

static void
pos_terminal_row_class_init (PosTerminalRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pos_terminal_row_dispose;
  widget_class->map = pos_terminal_row_map;
  widget_class->unmap = pos_terminal_row_unmap;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/terminalgateway/DemoPos/pos-terminal-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PosTerminalRow, icon);
  gtk_widget_class_bind_template_child (widget_class, PosTerminalRow, name);
  gtk_widget_class_bind_template_child (widget_class, PosTerminalRow, about);
  gtk_widget_class_bind_template_child (widget_class, PosTerminalRow, payment);
  gtk_widget_class_bind_template_child (widget_class, PosTerminalRow, word);
  gtk_widget_class_bind_template_child (widget_class, PosTerminalRow, countdown);
}

static void
pos_terminal_row_init (PosTerminalRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
pos_terminal_row_new (TgwTerminal *terminal, PosTill *till)
{
  PosTerminalRow *self = g_object_new (POS_TYPE_TERMINAL_ROW, NULL);

  self->terminal = g_object_ref (terminal);
  self->till = g_object_ref (till);
  g_signal_connect_object (terminal, "notify", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (till, "status-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}
