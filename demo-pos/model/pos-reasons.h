/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why a payment came out as it did, in staff's words, and never more than its verdict says. */
#pragma once

#include "demo-pos/model/pos-facts.h"

G_BEGIN_DECLS

/* A sentence; NULL: nobody gave a reason that fits the verdict. */
char *pos_reason_text (const PosFacts *facts);
/* What helps against it; NULL: nothing that the verdict allows. */
const char *pos_reason_advice (const PosFacts *facts);

G_END_DECLS
