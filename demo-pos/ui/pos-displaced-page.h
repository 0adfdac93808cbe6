/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Another till took over: since when, and whether a payment is open. */
#pragma once

#include <adwaita.h>

#include "demo-pos/model/pos-till.h"

G_BEGIN_DECLS

#define POS_TYPE_DISPLACED_PAGE (pos_displaced_page_get_type ())
G_DECLARE_FINAL_TYPE (PosDisplacedPage, pos_displaced_page, POS, DISPLACED_PAGE, AdwBin)

void pos_displaced_page_set_till (PosDisplacedPage *self, PosTill *till);

G_END_DECLS
