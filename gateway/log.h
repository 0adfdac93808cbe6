/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Logs: one line an entry to standard error, or fields to the journal where that is standard error. No
 * secrets reach it. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Entries below the level (less urgent) are dropped. */
void gw_log_init (GLogLevelFlags least);

G_END_DECLS
