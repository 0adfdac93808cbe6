/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What became of a payment, filling the window until the cashier has seen it. */
#pragma once

#include <adwaita.h>

#include "demo-pos/model/pos-till.h"

G_BEGIN_DECLS

#define POS_TYPE_OUTCOME_PAGE (pos_outcome_page_get_type ())
/* ::done (PosEntry, gboolean keep_sale): the cashier goes on. ::check: a manager looks at it. */
G_DECLARE_FINAL_TYPE (PosOutcomePage, pos_outcome_page, POS, OUTCOME_PAGE, AdwBin)

void pos_outcome_page_set_till (PosOutcomePage *self, PosTill *till, GSettings *settings);
void pos_outcome_page_set_entry (PosOutcomePage *self, PosEntry *entry);

G_END_DECLS
