/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A store that is away, or too slow: what is refused at once, and what is never denied. */
#include "tests/core/fault-play.h"

/* While the store is away new payments are refused at once; what is there is not denied. */
static void
test_away (void)
{
  g_auto (Play) play = play_pending ();
  Peer *other = terminal_ready (play.h, NULL, "T-2");
  guint waiting;
  gint64 oldest;

  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  terminal_result (other, "tx-x", TGP_RESULT_SUCCESS, 1);
  harness_set_fault (play.h, GW_COMMIT_FAILED, FALSE);
  harness_run (play.h);
  gw_engine_get_load (play.h->engine, &waiting, &oldest);
  g_assert_cmpint (oldest, >, 2000);
  pos_pay (play.pos, "T-2", "tx-2", 1);
  harness_run (play.h);
  peer_assert_error (play.pos, TGP_ERROR_OVERLOADED, TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY);
  pos_pay (play.pos, "T-1", "tx-1", 1234);
  harness_run (play.h);
  peer_assert_error (play.pos, TGP_ERROR_OVERLOADED, TGP_MONEY_MOVED_YES, FALSE, TGP_NEXT_NONE);
  play.h->reads_fail = TRUE;
  pos_pay (play.pos, "T-2", "tx-2", 1);
  harness_run (play.h);
  peer_assert_error (play.pos, TGP_ERROR_OVERLOADED, TGP_MONEY_MOVED_UNKNOWN, FALSE, TGP_NEXT_CHECK_STATUS);
  play.h->reads_fail = FALSE;
}

static void
test_back_pressure (void)
{
  GwSettings settings;
  Play play = { 0 };
  guint waiting;
  gint64 oldest;

  gw_settings_default (&settings);
  settings.max_waiting = 4;
  play.h = harness_new (&settings);
  play.terminal = terminal_ready (play.h, NULL, "T-1");
  play.pos = pos_ready (play.h, NULL, TRUE);
  for (guint i = 0; i < 4; i++)
    {
      g_autofree char *id = g_strdup_printf ("tx-%u", i);
      pos_pay (play.pos, "T-1", id, 1);
    }
  pos_pay (play.pos, "T-1", NULL, 1);
  peer_assert_error (play.pos, TGP_ERROR_OVERLOADED, TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY);
  terminal_result (play.terminal, "tx-0", TGP_RESULT_SUCCESS, 1); /* results are always admitted */
  g_assert_cmpuint (play.h->operations.length, ==, 5);
  harness_run (play.h);
  assert_status (play.h, "tx-0", TGP_STATUS_COMPLETED, NULL);
  pos_pay (play.pos, "T-1", "tx-8", 1);
  harness_tick (play.h, 2000);
  pos_pay (play.pos, "T-1", NULL, 1); /* still young enough */
  harness_tick (play.h, 1);
  pos_pay (play.pos, "T-1", NULL, 1);
  peer_assert_error (play.pos, TGP_ERROR_OVERLOADED, TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY);
  gw_engine_get_load (play.h->engine, &waiting, &oldest);
  g_assert_cmpuint (waiting, ==, 2);
  g_assert_cmpint (oldest, ==, 2001);
  harness_run (play.h);
  play_clear (&play);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/load/away", test_away);
  g_test_add_func ("/core/load/back-pressure", test_back_pressure);
  return g_test_run ();
}
