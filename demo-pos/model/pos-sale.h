/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the customer buys: articles, and an amount that is being typed. Minor units throughout. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define POS_TYPE_LINE (pos_line_get_type ())
G_DECLARE_FINAL_TYPE (PosLine, pos_line, POS, LINE, GObject)

#define POS_TYPE_SALE (pos_sale_get_type ())
G_DECLARE_FINAL_TYPE (PosSale, pos_sale, POS, SALE, GObject)

PosSale *pos_sale_new (const char *currency);
const char *pos_sale_get_currency (PosSale *self);
/* Empties the sale. */
void pos_sale_set_currency (PosSale *self, const char *currency);
/* “0” to “9”, “00”; what would be too much is not taken: FALSE. */
gboolean pos_sale_type (PosSale *self, const char *digits);
void pos_sale_backspace (PosSale *self);
gboolean pos_sale_add (PosSale *self, const char *name, gint64 price);
/* One piece less. */
void pos_sale_remove (PosSale *self, PosLine *line);
void pos_sale_clear (PosSale *self);
gint64 pos_sale_get_typed (PosSale *self);
gint64 pos_sale_get_total (PosSale *self);
/* Of PosLine. */
GListModel *pos_sale_get_lines (PosSale *self);
/* For PosFacts.articles. */
char *pos_sale_dup_articles (PosSale *self);

const char *pos_line_get_name (PosLine *self);
guint pos_line_get_quantity (PosLine *self);
gint64 pos_line_get_price (PosLine *self);

G_END_DECLS
