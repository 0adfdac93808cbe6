/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo-pos/ui/pos-growing-list.h"

#define BEGIN 28 /* two screens */

struct _PosGrowingList
{
  GObject parent_instance;
  GListModel *model;
  guint limit;
};

static GType
get_item_type (GListModel *list)
{
  return G_TYPE_OBJECT;
}

static guint
get_n_items (GListModel *list)
{
  PosGrowingList *self = POS_GROWING_LIST (list);

  return self->model != NULL ? MIN (g_list_model_get_n_items (self->model), self->limit) : 0;
}

static gpointer
get_item (GListModel *list, guint position)
{
  return position < get_n_items (list) ? g_list_model_get_item (POS_GROWING_LIST (list)->model, position)
                                       : NULL;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (PosGrowingList, pos_growing_list, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static void
on_items_changed (PosGrowingList *self, guint position, guint removed, guint added, GListModel *model)
{
  guint before = g_list_model_get_n_items (model) - added + removed;
  guint shown = MIN (before, self->limit), gone;

  if (position >= self->limit)
    return;
  gone = MIN (removed, shown - position);
  if (position + gone < shown)
    /* What stands below it stays. */
    self->limit = self->limit - gone + added;
  else
    added = get_n_items (G_LIST_MODEL (self)) - position;
  g_list_model_items_changed (G_LIST_MODEL (self), position, gone, added);
}

static void
pos_growing_list_dispose (GObject *object)
{
  PosGrowingList *self = POS_GROWING_LIST (object);

  if (self->model != NULL)
    g_signal_handlers_disconnect_by_data (self->model, self);
  g_clear_object (&self->model);
  G_OBJECT_CLASS (pos_growing_list_parent_class)->dispose (object);
}

static void
pos_growing_list_class_init (PosGrowingListClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = pos_growing_list_dispose;
}

static void
pos_growing_list_init (PosGrowingList *self)
{
}

PosGrowingList *
pos_growing_list_new (void)
{
  return g_object_new (POS_TYPE_GROWING_LIST, NULL);
}

gboolean
pos_growing_list_set_model (PosGrowingList *self, GListModel *model)
{
  guint before = get_n_items (G_LIST_MODEL (self));

  if (self->model == model)
    return FALSE;
  if (self->model != NULL)
    g_signal_handlers_disconnect_by_data (self->model, self);
  g_set_object (&self->model, model);
  g_signal_connect_swapped (model, "items-changed", G_CALLBACK (on_items_changed), self);
  self->limit = BEGIN;
  g_list_model_items_changed (G_LIST_MODEL (self), 0, before, get_n_items (G_LIST_MODEL (self)));
  return TRUE;
}

gboolean
pos_growing_list_grow (PosGrowingList *self)
{
  guint before = get_n_items (G_LIST_MODEL (self));

  if (self->model == NULL || before == g_list_model_get_n_items (self->model))
    return FALSE;
  self->limit *= 2;
  g_list_model_items_changed (G_LIST_MODEL (self), before, 0, get_n_items (G_LIST_MODEL (self)) - before);
  return TRUE;
}
