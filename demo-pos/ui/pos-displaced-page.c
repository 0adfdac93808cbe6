/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo-pos/ui/pos-displaced-page.h"

#include <glib/gi18n.h>

struct _PosDisplacedPage
{
  AdwBin parent_instance;
  GtkWidget *title, *since, *open, *advice, *take_back;
  PosTill *till;
};

G_DEFINE_FINAL_TYPE (PosDisplacedPage, pos_displaced_page, ADW_TYPE_BIN)

static void
pos_displaced_page_dispose (GObject *object)
{
  PosDisplacedPage *self = POS_DISPLACED_PAGE (object);

  g_clear_object (&self->till);
  adw_bin_set_child (ADW_BIN (self), NULL);
  G_OBJECT_CLASS (pos_displaced_page_parent_class)->dispose (object);
}

static void
on_take_back (GtkWidget *widget, const char *action, GVariant *parameter)
{
  pos_till_take_back (POS_DISPLACED_PAGE (widget)->till);
}

static void
pos_displaced_page_class_init (PosDisplacedPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pos_displaced_page_dispose;
  gtk_widget_class_install_action (widget_class, "displaced.take-back", NULL, on_take_back);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/terminalgateway/DemoPos/pos-displaced-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PosDisplacedPage, title);
  gtk_widget_class_bind_template_child (widget_class, PosDisplacedPage, since);
  gtk_widget_class_bind_template_child (widget_class, PosDisplacedPage, open);
  gtk_widget_class_bind_template_child (widget_class, PosDisplacedPage, advice);
  gtk_widget_class_bind_template_child (widget_class, PosDisplacedPage, take_back);
}

static void
pos_displaced_page_init (PosDisplacedPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static char *
open_text (PosEntry *open, gboolean may_return)
{
  g_autofree char *amount = pos_entry_dup_amount_text (open);
  const char *terminal = pos_entry_get_facts (open)->terminal_id;

  if (may_return)
    return g_strdup_printf (
      _ ("A payment of %s is open on %s. Do not charge again: its outcome is shown after you took back."),
      amount, terminal);
  return g_strdup_printf (
    _ ("A payment of %s is open on %s. Do not charge again: look at the terminal, and call the manager."),
    amount, terminal);
}

static void
update (PosDisplacedPage *self)
{
  PosEntry *open = pos_till_get_open (self->till);
  gboolean may_return = pos_till_get_may_return (self->till);
  const char *by = pos_till_get_displaced_by (self->till);
  g_autofree char *time = pos_time_text (pos_till_get_displaced_at (self->till));
  g_autofree char *since = NULL, *payment = NULL;

  if (pos_till_get_view (self->till) != POS_VIEW_DISPLACED)
    return;
  gtk_label_set_label (GTK_LABEL (self->title),
                       may_return ? _ ("Another till took over") : _ ("This till was disconnected"));
  gtk_widget_set_visible (self->take_back, may_return);
  gtk_label_set_label (
    GTK_LABEL (self->advice),
    may_return
      ? _ ("This till waits, and does not take over by itself. Take back only if nobody works at the other "
           "one.")
      : _ ("The gateway does not let this till in any more. Ask whoever runs the gateway. With a new key "
           "file, "
           "choose “Use another gateway” in the main menu."));
  since = by != NULL ? g_strdup_printf (_ ("Since %s, from %s."), time, by)
                     : g_strdup_printf (_ ("Since %s."), time);
  gtk_label_set_label (GTK_LABEL (self->since), since);
  payment = open != NULL ? open_text (open, may_return) : g_strdup (_ ("No payment of this till is open."));
  gtk_label_set_label (GTK_LABEL (self->open), payment);
}

void
pos_displaced_page_set_till (PosDisplacedPage *self, PosTill *till)
{
  self->till = g_object_ref (till);
  g_signal_connect_object (till, "status-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
}
