/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "edge/silence.h"

/* Both: when it was us who stood still, nothing could be heard, and nobody was asked. */
gboolean
edge_silence_is_stale (guint heartbeat_ms, guint stale_heartbeats, guint unheard, gint64 silent_ms)
{
  return stale_heartbeats > 0 && unheard + 1 >= stale_heartbeats &&
         silent_ms >= (gint64) heartbeat_ms * stale_heartbeats;
}

/* The peer's time began with its last frame, which came a round trip after a heartbeat: a last timer of a
 * whole heartbeat would let that round trip cost one more. */
guint
edge_silence_next_ms (guint heartbeat_ms, guint stale_heartbeats, guint unheard, gint64 silent_ms)
{
  gint64 rest = (gint64) heartbeat_ms * stale_heartbeats - silent_ms;

  if (unheard + 1 < stale_heartbeats || rest <= 0)
    return heartbeat_ms;
  return (guint) MIN (rest, (gint64) heartbeat_ms);
}
