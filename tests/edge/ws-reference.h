/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libwslay's reading of the same bytes. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What libwslay makes of the bytes, written as ws_drive() does it: "B:" for binary, "X" without a code. */
char *ws_reference_drive (gconstpointer data, gsize length, gsize max_message);

/* NULL when what we accepted means the same there and what we refused is refused there, but for these, where
 * wslay 1.1.1 and we differ on purpose:
 *
 *   - close codes 1012 to 1014 (registered with IANA since) are refused by wslay
 *   - binary messages are taken by wslay; we are text only (1003)
 *   - empty fragments without end are taken by wslay (1008)
 *   - a close frame with one byte of payload is taken by wslay as one without (1002)
 *   - wslay judges the code and the reason of a close frame as they come, we when they are whole
 *   - wslay counts a control frame against the cap of messages: give it none under 125
 *   - wslay sees a frame's faults when its header is whole, we at the byte that is one: cut off in between,
 * it has not refused yet */
char *ws_reference_compare (const char *ours, const char *theirs);

G_END_DECLS
