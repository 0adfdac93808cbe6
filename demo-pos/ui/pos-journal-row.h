/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One payment in the journal. */
#pragma once

#include <adwaita.h>

#include "demo-pos/model/pos-entry.h"

G_BEGIN_DECLS

#define POS_TYPE_JOURNAL_ROW (pos_journal_row_get_type ())
G_DECLARE_FINAL_TYPE (PosJournalRow, pos_journal_row, POS, JOURNAL_ROW, AdwBin)

/* NULL: none, until the row is used again. */
void pos_journal_row_set_entry (PosJournalRow *self, PosEntry *entry);

G_END_DECLS
