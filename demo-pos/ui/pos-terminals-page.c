/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo-pos/ui/pos-terminals-page.h"

#include "demo-pos/ui/pos-terminal-row.h"
#include "demo-pos/ui/pos-widgets.h"

struct _PosTerminalsPage
{
  AdwBin parent_instance;
  GtkWidget *stack, *list;
  PosTill *till;
  GListModel *model; /* what the list is bound to */
};

G_DEFINE_FINAL_TYPE (PosTerminalsPage, pos_terminals_page, ADW_TYPE_BIN)

static void
pos_terminals_page_dispose (GObject *object)
{
  PosTerminalsPage *self = POS_TERMINALS_PAGE (object);

  g_clear_object (&self->model);
  g_clear_object (&self->till);
  adw_bin_set_child (ADW_BIN (self), NULL);
  G_OBJECT_CLASS (pos_terminals_page_parent_class)->dispose (object);
}

static void
pos_terminals_page_class_init (PosTerminalsPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pos_terminals_page_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/terminalgateway/DemoPos/pos-terminals-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PosTerminalsPage, stack);
  gtk_widget_class_bind_template_child (widget_class, PosTerminalsPage, list);
}

static void
pos_terminals_page_init (PosTerminalsPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static GtkWidget *
make_row (gpointer item, gpointer data)
{
  return pos_terminal_row_new (item, POS_TERMINALS_PAGE (data)->till);
}

static void
update (PosTerminalsPage *self)
{
  GListModel *model = pos_till_get_terminals (self->till);

  if (g_set_object (&self->model, model))
    gtk_list_box_bind_model (GTK_LIST_BOX (self->list), model, make_row, self, NULL);
  pos_stack_show (self->stack, model != NULL && g_list_model_get_n_items (model) > 0 ? "list" : "empty");
}

void
pos_terminals_page_set_till (PosTerminalsPage *self, PosTill *till)
{
  self->till = g_object_ref (till);
  g_signal_connect_object (till, "status-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}
