/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo-pos/ui/pos-journal-row.h"

#include "demo-pos/ui/pos-terminal-item.h"
#include "demo-pos/ui/pos-widgets.h"

struct _PosJournalRow
{
  AdwBin parent_instance;
  GtkWidget *icon, *word, *about, *attention, *amount;
  PosEntry *entry;
};

G_DEFINE_FINAL_TYPE (PosJournalRow, pos_journal_row, ADW_TYPE_BIN)

static void
pos_journal_row_dispose (GObject *object)
{
  pos_journal_row_set_entry (POS_JOURNAL_ROW (object), NULL);
  adw_bin_set_child (ADW_BIN (object), NULL);
  G_OBJECT_CLASS (pos_journal_row_parent_class)->dispose (object);
}

static void
pos_journal_row_class_init (PosJournalRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pos_journal_row_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/terminalgateway/DemoPos/pos-journal-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PosJournalRow, icon);
  gtk_widget_class_bind_template_child (widget_class, PosJournalRow, word);
  gtk_widget_class_bind_template_child (widget_class, PosJournalRow, about);
  gtk_widget_class_bind_template_child (widget_class, PosJournalRow, attention);
  gtk_widget_class_bind_template_child (widget_class, PosJournalRow, amount);
}

static void
pos_journal_row_init (PosJournalRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
update (PosJournalRow *self)
{
  PosKind kind = pos_entry_get_kind (self->entry);
  g_autofree char *amount = pos_entry_dup_amount_text (self->entry),
                  *time = pos_entry_dup_time_text (self->entry);
  g_autofree char *about =
    pos_in_order (g_strdup_printf ("%s · %s", time, pos_entry_get_facts (self->entry)->terminal_id));

  gtk_image_set_from_icon_name (GTK_IMAGE (self->icon), pos_kind_icon (kind));
  pos_set_style (self->icon, pos_kind_style (kind));
  gtk_label_set_label (GTK_LABEL (self->word), pos_kind_word (kind));
  gtk_label_set_label (GTK_LABEL (self->about), about);
  gtk_label_set_label (GTK_LABEL (self->amount), amount);
  gtk_widget_set_visible (self->attention, pos_entry_get_needs_attention (self->entry));
}

void
pos_journal_row_set_entry (PosJournalRow *self, PosEntry *entry)
{
  if (self->entry != NULL)
    g_signal_handlers_disconnect_by_data (self->entry, self);
  g_set_object (&self->entry, entry);
  if (entry == NULL)
    return;
  g_signal_connect_object (entry, "notify", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}
