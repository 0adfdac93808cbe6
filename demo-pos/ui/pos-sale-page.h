/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sale: articles, keypad, terminal, and Charge, which says why when it cannot. */
#pragma once

#include <adwaita.h>

#include "demo-pos/model/pos-till.h"

G_BEGIN_DECLS

#define POS_TYPE_SALE_PAGE (pos_sale_page_get_type ())
G_DECLARE_FINAL_TYPE (PosSalePage, pos_sale_page, POS, SALE_PAGE, AdwBin)

void pos_sale_page_set_till (PosSalePage *self, PosTill *till, GSettings *settings);
PosSale *pos_sale_page_get_sale (PosSalePage *self);
/* Digits, Enter, Backspace and Delete from any keyboard; TRUE: taken. */
gboolean pos_sale_page_key (PosSalePage *self, guint keyval);
/* Whether the first payments are explained. */
void pos_sale_page_set_guided (PosSalePage *self, gboolean guided);

G_END_DECLS
