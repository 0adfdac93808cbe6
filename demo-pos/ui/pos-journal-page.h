/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every payment of the day, what is not resolved first. */
#pragma once

#include <adwaita.h>

#include "demo-pos/model/pos-till.h"

G_BEGIN_DECLS

#define POS_TYPE_JOURNAL_PAGE (pos_journal_page_get_type ())
G_DECLARE_FINAL_TYPE (PosJournalPage, pos_journal_page, POS, JOURNAL_PAGE, AdwBin)

void pos_journal_page_set_till (PosJournalPage *self, PosTill *till, GSettings *settings);
void pos_journal_page_start_search (PosJournalPage *self);

G_END_DECLS
