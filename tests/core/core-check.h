/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must be true whatever happened: checked after each operation that was stored, and when a harness ends.
 */
#pragma once

#include "tests/core/core-harness.h"

G_BEGIN_DECLS

/* Section 4's table, written a second time: the judge of the first. */
TgpVerdict expected_verdict (const GwTransaction *row);
TgpVerdict expected_error_verdict (TgpErrorCode code);

/* An observer: state, verdict, message and edge of one stored operation. */
void check_operation (Harness *harness, GwOperation *operation, gpointer data);
/* Every row of the store, every text that was sent. */
void check_everything (Harness *harness);

G_END_DECLS
