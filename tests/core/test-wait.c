/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who waits for a payment that is on its way into the store, and for how long. */
#include "tests/core/core-peers.h"

typedef struct
{
  Harness *h;
  Peer *terminal, *other; /* another till */
} Play;

static void
play_clear (Play *play)
{
  harness_free (play->h);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Play, play_clear)

static Play
play_ready (void)
{
  Play play = { .h = harness_new (NULL) };

  play.terminal = terminal_ready (play.h, NULL, "T-1");
  play.other = pos_ready (play.h, harness_create_key (play.h, TGP_ROLE_POS, "store-1"), TRUE);
  peer_forget (play.other);
  return play;
}

/* The clock goes on, the store does not. */
static void
hang (Harness *h, gint64 ms)
{
  harness_tick (h, ms);
  gw_engine_advance (h->engine);
  harness_answer_reads (h);
}

/* The session of the POST is being stored: "not found" would be a lie a moment later. */
static void
test_question_while_entering (void)
{
  g_auto (Play) play = play_ready ();

  http_enter_and_pay (play.h);
  pos_query (play.other, "tx-1");
  harness_answer_reads (play.h);
  g_assert_cmpuint (play.other->answers->len, ==, 0);
  harness_commit (play.h, 0); /* the session */
  harness_answer_reads (play.h);
  g_assert_cmpuint (play.other->answers->len, ==, 0);
  harness_run (play.h);
  g_assert_cmpint (peer_answer_of (play.other, GW_ANSWER_TRANSACTION)->row->status, ==, TGP_STATUS_PENDING);
  g_assert_cmpuint (peer_count (play.terminal, "paymentRequest"), ==, 1);
}

/* A refusal meanwhile does not deny it. */
static void
test_refusal_while_entering (void)
{
  g_auto (Play) play = play_ready ();
  Peer *again = peer_new (play.h, play.h->pos_key, TRUE);
  GwCaller caller;

  http_enter_and_pay (play.h);
  harness_caller (again, &caller);
  gw_engine_refuse_payment (play.h->engine, &caller, "tx-1", TGP_ERROR_INVALID_FIELD, "no amount");
  harness_run (play.h);
  peer_assert_error (again, TGP_ERROR_INVALID_FIELD, TGP_MONEY_MOVED_UNKNOWN, FALSE, TGP_NEXT_CHECK_STATUS);
  assert_status (play.h, "tx-1", TGP_STATUS_PENDING, NULL);
}

/* The session is refused, or not stored, or the payment is: then there is none, and the question hears so. */
static void
test_never_entered (gconstpointer data)
{
  guint how = GPOINTER_TO_UINT (data);
  g_auto (Play) play = play_ready ();
  GwCounters counters;

  if (how == 0)
    {
      http_enter (play.h, NULL, "run-1");
      harness_run (play.h);
      http_enter (play.h, NULL, "run-2"); /* displaces it */
      harness_run (play.h);
    }
  if (how == 2)
    gw_engine_drain (play.h->engine);
  http_enter_and_pay (play.h);
  pos_query (play.other, "tx-1");
  if (how == 1)
    harness_set_fault (play.h, GW_COMMIT_FAILED, FALSE);
  harness_run (play.h);
  g_assert_cmpint (peer_answer (play.other)->code, ==, TGP_ERROR_TRANSACTION_NOT_FOUND);
  gw_engine_get_counters (play.h->engine, &counters);
  g_assert_cmpuint (counters.open_payments, ==, 0);
  harness_set_fault (play.h, GW_COMMIT_DONE, FALSE);
}

/* The store hangs: whoever waits is told after the time of a long poll; the payment goes on when it can. */
static void
test_hanging_store (void)
{
  g_auto (Play) play = play_ready ();
  Peer *http = http_pay (play.h, NULL, NULL, "T-1", "tx-1", 1234);

  hang (play.h, 1000);
  pos_query (play.other, "tx-1");
  hang (play.h, 88999);
  g_assert_cmpuint (http->answers->len + play.other->answers->len, ==, 0);
  hang (play.h, 1);
  peer_assert_error (http, TGP_ERROR_TIMEOUT, TGP_MONEY_MOVED_UNKNOWN, FALSE, TGP_NEXT_CHECK_STATUS);
  g_assert_cmpstr (peer_answer (http)->transaction_id, ==, "tx-1");
  hang (play.h, 1000);
  peer_assert_error (play.other, TGP_ERROR_STORAGE_UNAVAILABLE, TGP_MONEY_MOVED_UNKNOWN, FALSE,
                     TGP_NEXT_CHECK_STATUS);
  harness_run (play.h);
  g_assert_cmpuint (peer_count (play.terminal, "paymentRequest"), ==, 1);
  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  g_assert_cmpuint (http->answers->len, ==, 1);
  g_assert_cmpuint (play.other->answers->len, ==, 1);
  assert_status (play.h, "tx-1", TGP_STATUS_COMPLETED, NULL);
}

/* Told already, it is not told again, however the store ends it. */
static void
test_hanging_store_then (gconstpointer data)
{
  guint how = GPOINTER_TO_UINT (data);
  g_auto (Play) play = play_ready ();

  if (how == 2)
    {
      peer_drop (play.terminal);
      harness_run (play.h);
    }
  Peer *http = http_pay (play.h, NULL, NULL, "T-1", "tx-1", 1234);
  hang (play.h, 90000);
  g_assert_cmpuint (http->answers->len, ==, 1);
  if (how < 2)
    harness_set_fault (play.h, how ? GW_COMMIT_UNCERTAIN : GW_COMMIT_FAILED, FALSE);
  harness_commit (play.h, 0);
  harness_set_fault (play.h, GW_COMMIT_DONE, FALSE);
  harness_run (play.h);
  g_assert_cmpuint (http->answers->len, ==, 1);
  g_assert_null (harness_find_row (play.h, "store-1", "tx-1"));
}

/* Another till's POST of the same id waits for the store's word on that, not for this payment's outcome. */
static void
test_outcome_is_not_for_strangers (void)
{
  g_auto (Play) play = play_ready ();
  Peer *mine = http_pay (play.h, NULL, NULL, "T-1", "tx-1", 1234), *theirs;

  harness_run (play.h);
  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  theirs = http_pay (play.h, play.other->key, NULL, "T-1", "tx-1", 1234);
  harness_commit (play.h, 1);
  peer_answer_of (mine, GW_ANSWER_PAYMENT_OUTCOME);
  g_assert_cmpuint (theirs->answers->len, ==, 0);
  harness_run (play.h);
  peer_assert_error (theirs, TGP_ERROR_TRANSACTION_ID_REUSED, TGP_MONEY_MOVED_UNKNOWN, FALSE,
                     TGP_NEXT_CHECK_STATUS);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/wait/question-while-entering", test_question_while_entering);
  g_test_add_func ("/core/wait/refusal-while-entering", test_refusal_while_entering);
  g_test_add_data_func ("/core/wait/never-entered/displaced", GUINT_TO_POINTER (0), test_never_entered);
  g_test_add_data_func ("/core/wait/never-entered/not-stored", GUINT_TO_POINTER (1), test_never_entered);
  g_test_add_data_func ("/core/wait/never-entered/draining", GUINT_TO_POINTER (2), test_never_entered);
  g_test_add_func ("/core/wait/hanging-store", test_hanging_store);
  g_test_add_data_func ("/core/wait/hanging-store/failed", GUINT_TO_POINTER (0), test_hanging_store_then);
  g_test_add_data_func ("/core/wait/hanging-store/in-doubt", GUINT_TO_POINTER (1), test_hanging_store_then);
  g_test_add_data_func ("/core/wait/hanging-store/refused", GUINT_TO_POINTER (2), test_hanging_store_then);
  g_test_add_func ("/core/wait/not-for-strangers", test_outcome_is_not_for_strangers);
  return g_test_run ();
}
