/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long until a deadline, for people. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whole seconds, never below 0; NULL: 0. */
gint64 pos_countdown_left (GDateTime *deadline);
char *pos_countdown_text (gint64 seconds);

G_END_DECLS
