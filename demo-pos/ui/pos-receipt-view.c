/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo-pos/ui/pos-receipt-view.h"

struct _PosReceiptView
{
  AdwBin parent_instance;
  GtkWidget *box;
  char *text; /* of what is shown */
};

G_DEFINE_FINAL_TYPE (PosReceiptView, pos_receipt_view, ADW_TYPE_BIN)

static void
pos_receipt_view_dispose (GObject *object)
{
  g_clear_pointer (&POS_RECEIPT_VIEW (object)->text, g_free);
  adw_bin_set_child (ADW_BIN (object), NULL);
  G_OBJECT_CLASS (pos_receipt_view_parent_class)->dispose (object);
}

static void
pos_receipt_view_class_init (PosReceiptViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pos_receipt_view_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/terminalgateway/DemoPos/pos-receipt-view.ui");
  gtk_widget_class_bind_template_child (widget_class, PosReceiptView, box);
}

static void
pos_receipt_view_init (PosReceiptView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static GtkWidget *
make_label (const char *text, float xalign, const char *style)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), xalign);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  if (xalign > 0.4f && xalign < 0.6f)
    gtk_label_set_justify (GTK_LABEL (label), GTK_JUSTIFY_CENTER);
  if (style != NULL)
    gtk_widget_add_css_class (label, style);
  return label;
}

static GtkWidget *
make_row (const PosReceiptLine *line)
{
  GtkWidget *box, *left;

  switch (line->style)
    {
    case POS_RECEIPT_RULE:
      return gtk_separator_new (GTK_ORIENTATION_HORIZONTAL);
    case POS_RECEIPT_TITLE:
      return make_label (line->left, 0.5f, "title-3");
    case POS_RECEIPT_NOTICE:
      return make_label (line->left, 0.5f, "pos-copy");
    case POS_RECEIPT_NOTE:
      return make_label (line->left, 0.5f, "caption");
    case POS_RECEIPT_PAIR:
    case POS_RECEIPT_TOTAL:
    default:
      box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
      left = make_label (line->left, 0, line->style == POS_RECEIPT_TOTAL ? "heading" : NULL);
      gtk_widget_set_hexpand (left, TRUE);
      gtk_box_append (GTK_BOX (box), left);
      gtk_box_append (
        GTK_BOX (box),
        make_label (line->right, 1, line->style == POS_RECEIPT_TOTAL ? "pos-receipt-total" : "numeric"));
      return box;
    }
}

void
pos_receipt_view_show (PosReceiptView *self, PosEntry *entry, const char *store)
{
  g_autoptr (GPtrArray) lines = pos_receipt_new (entry, store, pos_entry_get_printed (entry) > 0);
  g_autoptr (GString) text = g_string_new (NULL);
  GtkWidget *child;

  for (guint i = 0; i < lines->len; i++)
    {
      const PosReceiptLine *line = lines->pdata[i];

      g_string_append_printf (text, "%d\t%s\t%s\n", line->style, line->left, line->right);
    }
  /* An outcome comes in several pieces of news, and most of them change no word. */
  if (g_strcmp0 (self->text, text->str) == 0)
    return;
  g_free (self->text);
  self->text = g_strdup (text->str);
  while ((child = gtk_widget_get_first_child (self->box)) != NULL)
    gtk_box_remove (GTK_BOX (self->box), child);
  for (guint i = 0; i < lines->len; i++)
    gtk_box_append (GTK_BOX (self->box), make_row (lines->pdata[i]));
}
