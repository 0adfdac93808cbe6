/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first entries of another list, and more of them as somebody scrolls. A list view makes rows for 200
 * entries at once and drops them with the next list: whoever types a search would wait for what is in no
 * sight. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define POS_TYPE_GROWING_LIST (pos_growing_list_get_type ())
G_DECLARE_FINAL_TYPE (PosGrowingList, pos_growing_list, POS, GROWING_LIST, GObject)

PosGrowingList *pos_growing_list_new (void);
/* Begins small with another model; FALSE: it is the same. */
gboolean pos_growing_list_set_model (PosGrowingList *self, GListModel *model);
/* Twice as many; FALSE: that was all. */
gboolean pos_growing_list_grow (PosGrowingList *self);

G_END_DECLS
