/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the day took, when it is closed. */
#pragma once

#include "demo-pos/model/pos-entry.h"

G_BEGIN_DECLS

/* Where the money of one payment counts. */
typedef enum
{
  POS_DAY_CHARGED,
  POS_DAY_DOUBTFUL, /* nobody knows, or a manager found another thing than the gateway says */
  POS_DAY_NOTHING
} PosDayPart;

PosDayPart pos_day_part (const PosFacts *facts);
/* Of a list of PosEntry, a line for each sum: what was charged, then what is doubtful, a currency at a time
 * and the shop's first. */
char *pos_day_text (GListModel *journal, const char *currency);

G_END_DECLS
