/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A till, a terminal and a store that can be made to fail; it is well again before the harness goes. */
#pragma once

#include "tests/core/core-peers.h"

typedef struct
{
  Harness *h;
  Peer *pos, *terminal;
} Play;

static inline void
play_clear (Play *play)
{
  harness_set_fault (play->h, GW_COMMIT_DONE, FALSE);
  harness_run (play->h);
  harness_free (play->h);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Play, play_clear)

static inline Play
play_ready (void)
{
  Play play = { .h = harness_new (NULL) };

  play.terminal = terminal_ready (play.h, NULL, "T-1");
  play.pos = pos_ready (play.h, NULL, TRUE);
  return play;
}

static inline Play
play_pending (void)
{
  Play play = play_ready ();

  pos_pay (play.pos, "T-1", "tx-1", 1234);
  harness_run (play.h);
  terminal_accepts (play.terminal, "tx-1");
  return play;
}
