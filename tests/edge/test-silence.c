/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When a peer that fell silent is given up. */
#include "edge/silence.h"

#define HEARTBEAT 1000

/* Its last frame is the pong to the first heartbeat, rtt later; then nothing. When is it given up, after that
 * frame? */
static gint64
given_up_after (guint heartbeats, gint64 rtt)
{
  gint64 now = 0, heard = rtt;
  guint unheard = 0, next = HEARTBEAT;

  for (guint i = 0; i < 20; i++)
    {
      now += next;
      if (edge_silence_is_stale (HEARTBEAT, heartbeats, unheard, now - heard))
        return now - heard;
      unheard++;
      next = edge_silence_next_ms (HEARTBEAT, heartbeats, unheard, now - heard);
      g_assert_cmpuint (next, >, 0);
      g_assert_cmpuint (next, <=, HEARTBEAT); /* the heartbeats go on meanwhile */
    }
  return -1;
}

static void
test_round_trips (void)
{
  for (guint heartbeats = 1; heartbeats <= 4; heartbeats++)
    for (gint64 rtt = 0; rtt < HEARTBEAT; rtt++)
      g_assert_cmpint (given_up_after (heartbeats, rtt), ==, heartbeats * HEARTBEAT);
}

static void
test_never (void)
{
  g_assert_cmpint (given_up_after (0, 100), ==, -1);
}

/* The gateway stood still for a minute: the peer was not asked, and has all of its heartbeats yet. */
static void
test_stood_still (void)
{
  g_assert_false (edge_silence_is_stale (HEARTBEAT, 3, 0, 60000));
  g_assert_cmpuint (edge_silence_next_ms (HEARTBEAT, 3, 1, 60000), ==, HEARTBEAT);
  g_assert_false (edge_silence_is_stale (HEARTBEAT, 3, 1, 61000));
  g_assert_cmpuint (edge_silence_next_ms (HEARTBEAT, 3, 2, 61000), ==, HEARTBEAT);
  g_assert_true (edge_silence_is_stale (HEARTBEAT, 3, 2, 62000));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/silence/round-trips", test_round_trips);
  g_test_add_func ("/silence/never", test_never);
  g_test_add_func ("/silence/stood-still", test_stood_still);
  return g_test_run ();
}
