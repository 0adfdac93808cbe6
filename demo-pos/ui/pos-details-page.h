/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One payment of the journal: words, reference, what happened when, and what can be done with it. */
#pragma once

#include <adwaita.h>

#include "demo-pos/model/pos-till.h"

G_BEGIN_DECLS

#define POS_TYPE_DETAILS_PAGE (pos_details_page_get_type ())
/* ::back */
G_DECLARE_FINAL_TYPE (PosDetailsPage, pos_details_page, POS, DETAILS_PAGE, AdwBin)

void pos_details_page_set_till (PosDetailsPage *self, PosTill *till, GSettings *settings);
void pos_details_page_set_entry (PosDetailsPage *self, PosEntry *entry);

G_END_DECLS
