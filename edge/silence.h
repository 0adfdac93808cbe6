/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long a peer may say nothing, and when to look after it next. Without a clock: the caller says how long
 * it has been. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* At a timer: is the peer gone? unheard: heartbeats sent since its last frame; silent_ms: since that frame.
 * stale_heartbeats 0: never. */
gboolean edge_silence_is_stale (guint heartbeat_ms, guint stale_heartbeats, guint unheard, gint64 silent_ms);
/* After a heartbeat went out: ms until the next timer. */
guint edge_silence_next_ms (guint heartbeat_ms, guint stale_heartbeats, guint unheard, gint64 silent_ms);

G_END_DECLS
