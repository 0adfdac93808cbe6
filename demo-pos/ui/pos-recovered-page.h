/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What came in while the till was away, with the time of each and when this till heard of it. */
#pragma once

#include <adwaita.h>

#include "demo-pos/model/pos-till.h"

G_BEGIN_DECLS

#define POS_TYPE_RECOVERED_PAGE (pos_recovered_page_get_type ())
G_DECLARE_FINAL_TYPE (PosRecoveredPage, pos_recovered_page, POS, RECOVERED_PAGE, AdwBin)

void pos_recovered_page_set_till (PosRecoveredPage *self, PosTill *till);

G_END_DECLS
