/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All terminals of the store, live. */
#pragma once

#include <adwaita.h>

#include "demo-pos/model/pos-till.h"

G_BEGIN_DECLS

#define POS_TYPE_TERMINALS_PAGE (pos_terminals_page_get_type ())
G_DECLARE_FINAL_TYPE (PosTerminalsPage, pos_terminals_page, POS, TERMINALS_PAGE, AdwBin)

void pos_terminals_page_set_till (PosTerminalsPage *self, PosTill *till);

G_END_DECLS
