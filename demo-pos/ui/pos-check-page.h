/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guided check: what a manager found at the terminal, with name and reason, written down as done by hand.
 */
#pragma once

#include <adwaita.h>

#include "demo-pos/model/pos-till.h"

G_BEGIN_DECLS

#define POS_TYPE_CHECK_PAGE (pos_check_page_get_type ())
/* ::closed: back, or written down. */
G_DECLARE_FINAL_TYPE (PosCheckPage, pos_check_page, POS, CHECK_PAGE, AdwBin)

void pos_check_page_begin (PosCheckPage *self, PosTill *till, PosEntry *entry);

G_END_DECLS
