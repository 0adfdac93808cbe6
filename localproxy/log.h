/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The log: to standard error, and its newest lines in memory for “tgwctl proxy logs”. Nothing that is a
 * secret or says who paid may be given to it. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

void lp_log_init (GLogLevelFlags least);
/* From here on, until the process ends. */
void lp_log_set_level (GLogLevelFlags least);
GLogLevelFlags lp_log_get_level (void);
/* The newest lines, oldest first, at most n. */
GPtrArray *lp_log_last (guint n);

G_END_DECLS
