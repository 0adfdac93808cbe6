/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One payment that is said twice: while one of the two may start it, nobody hears that it was not started. */
#include "tests/core/core-peers.h"

/* The first try finds the terminal away, the second finds it back. */
static void
test_refused_and_taken (void)
{
  g_autoptr (Harness) h = harness_new (NULL);
  Peer *pos = pos_ready (h, NULL, TRUE), *terminal = terminal_ready (h, NULL, "T-1");

  peer_drop (terminal);
  harness_run (h);
  pos_pay (pos, "T-1", "tx-1", 1234);
  terminal = terminal_connect (h, NULL, "T-1");
  GPtrArray *refusal = harness_commit_only (h, 1);
  harness_commit (h, 0);
  pos_pay (pos, "T-1", "tx-1", 1234);
  harness_deliver (h, refusal);
  peer_assert_error (pos, TGP_ERROR_TERMINAL_OFFLINE, TGP_MONEY_MOVED_UNKNOWN, FALSE, TGP_NEXT_CHECK_STATUS);
  harness_run (h);
  peer_answer_of (pos, GW_ANSWER_PAYMENT_ACCEPTED);
  g_assert_cmpuint (peer_count_for (terminal, "paymentRequest", "tx-1"), ==, 1);
}

/* Planned before it was refused, and handed back after the other one was taken. */
static void
test_taken_and_refused (void)
{
  g_autoptr (Harness) h = harness_new (NULL);
  Peer *pos = pos_ready (h, NULL, TRUE), *terminal = terminal_ready (h, NULL, "T-1");

  pos_pay (pos, "T-1", "tx-1", 1234);
  harness_set_fault (h, GW_COMMIT_FAILED, FALSE);
  GPtrArray *failed = harness_commit_only (h, 1);
  harness_set_fault (h, GW_COMMIT_DONE, FALSE);
  pos_pay (pos, "T-1", "tx-1", 1234);
  harness_commit (h, 1);
  harness_deliver (h, failed);
  peer_assert_error (pos, TGP_ERROR_STORAGE_UNAVAILABLE, TGP_MONEY_MOVED_UNKNOWN, FALSE, TGP_NEXT_WAIT);
  g_assert_cmpuint (peer_count_for (terminal, "paymentRequest", "tx-1"), ==, 1);
}

/* Refused for overload, and looked up; said again and taken before the look is back. open: it still is then,
 * or it has come to its end. */
static void
test_looked_up_too_early (gconstpointer data)
{
  gboolean open = GPOINTER_TO_INT (data);
  GwSettings settings;

  gw_settings_default (&settings);
  settings.max_waiting = 1;
  g_autoptr (Harness) h = harness_new (&settings);
  Peer *terminal = terminal_ready (h, NULL, "T-1"), *pos = pos_ready (h, NULL, TRUE);
  pos_void (pos, "tx-none"); /* one waits */
  pos_pay (pos, "T-1", "tx-1", 1234);
  GPtrArray *look = harness_read_only (h);
  harness_commit (h, 0);
  pos_pay (pos, "T-1", "tx-1", 1234);
  if (!open)
    {
      harness_commit (h, 0);
      terminal_result (terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
      harness_commit (h, 0);
    }
  peer_forget (pos);
  harness_deliver_reads (h, look);
  if (open)
    peer_assert_error (pos, TGP_ERROR_OVERLOADED, TGP_MONEY_MOVED_UNKNOWN, FALSE, TGP_NEXT_CHECK_STATUS);
  else
    peer_assert_error (pos, TGP_ERROR_OVERLOADED, TGP_MONEY_MOVED_YES, FALSE, TGP_NEXT_NONE);
  harness_run (h);
  g_assert_cmpuint (peer_count_for (terminal, "paymentRequest", "tx-1"), ==, 1);
  if (open)
    terminal_result (terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (h);
  GwCounters counters;
  gw_engine_get_counters (h->engine, &counters);
  g_assert_cmpuint (counters.open_payments, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/double/refused-and-taken", test_refused_and_taken);
  g_test_add_func ("/core/double/taken-and-refused", test_taken_and_refused);
  g_test_add_data_func ("/core/double/looked-up-too-early/open", GINT_TO_POINTER (TRUE),
                        test_looked_up_too_early);
  g_test_add_data_func ("/core/double/looked-up-too-early/final", GINT_TO_POINTER (FALSE),
                        test_looked_up_too_early);
  return g_test_run ();
}
