/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Wire time: milliseconds since 1970 UTC <-> "2024-01-15T10:30:00.000Z". No clock here: callers bring the
 * time. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define TGP_TIME_SIZE 28

char *tgp_time_format (gint64 ms, char buffer[TGP_TIME_SIZE]);
/* ISO 8601 with date and time, "Z" or a numeric offset, 0 to 9 fraction digits; years 1970 to 9999. */
gboolean tgp_time_parse (const char *text, gint64 *ms);

G_END_DECLS
