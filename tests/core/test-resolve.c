/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What staff find out: it closes what needs attention, and stands until the terminal says otherwise. */
#include "tests/core/core-peers.h"

#include <string.h>

typedef struct
{
  Harness *h;
  Peer *pos, *terminal, *staff;
  GwCaller caller;
} Play;

static void
play_clear (Play *play)
{
  harness_free (play->h);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Play, play_clear)

static Play
play_unaccepted (void)
{
  Play play = { .h = harness_new (NULL) };

  play.terminal = terminal_ready (play.h, NULL, "T-1");
  play.pos = pos_ready (play.h, NULL, TRUE);
  play.staff = harness_staff (play.h);
  harness_caller (play.staff, &play.caller);
  pos_pay (play.pos, "T-1", "tx-1", 1234);
  harness_run (play.h);
  return play;
}

static Play
play_pending (void)
{
  Play play = play_unaccepted ();

  terminal_accepts (play.terminal, "tx-1");
  return play;
}

/* Unsettled, its terminal away. */
static Play
play_unsettled (void)
{
  Play play = play_pending ();

  peer_drop (play.terminal);
  harness_run (play.h);
  harness_advance (play.h, 60000);
  assert_status (play.h, "tx-1", TGP_STATUS_FAILED, "TERMINAL_RECONNECT_TIMEOUT");
  return play;
}

static void
resolve (Play *play, const char *as)
{
  gw_engine_resolve (play->h->engine, &play->caller, "store-1", "tx-1", as, "looked at the terminal");
  harness_run (play->h);
}

/* What a till that asks is told. */
static void
assert_told (Play *play, TgpMoneyMoved moved, gboolean retry_safe, TgpNextAction next)
{
  pos_query (play->pos, "tx-1");
  harness_run (play->h);
  TgpVerdict verdict = gw_transaction_verdict (peer_answer_of (play->pos, GW_ANSWER_TRANSACTION)->row);
  g_assert_cmpint (verdict.money_moved, ==, moved);
  g_assert_cmpint (verdict.retry_safe, ==, retry_safe);
  g_assert_cmpint (verdict.next_action, ==, next);
}

static void
assert_attention (Play *play, gboolean needed)
{
  g_autoptr (GwTransaction) row = harness_row (play->h, "tx-1");

  g_assert_cmpint (gw_transaction_has (row, GW_NEEDS_ATTENTION), ==, needed);
  if (!needed)
    g_assert_true (gw_transaction_has (row, GW_SETTLED));
}

static void
test_resolve (void)
{
  g_auto (Play) play = play_unsettled ();
  Peer *back;

  gw_engine_resolve (play.h->engine, &play.caller, "store-1", "tx-none", "paid", NULL);
  harness_run (play.h);
  g_assert_cmpint (peer_answer_of (play.staff, GW_ANSWER_ERROR)->code, ==, TGP_ERROR_TRANSACTION_NOT_FOUND);
  gw_engine_resolve (play.h->engine, &play.caller, "store-1", "tx-1", "not-paid", "asked the bank");
  harness_run (play.h);
  GwTransaction *row = peer_answer_of (play.staff, GW_ANSWER_TRANSACTION)->row;
  g_assert_false (gw_transaction_needs_attention (row));
  back = terminal_ready (play.h, NULL, "T-1");
  pos_pay (play.pos, "T-1", "tx-2", 100);
  harness_run (play.h);
  peer_answer_of (play.pos, GW_ANSWER_PAYMENT_ACCEPTED);
  gw_engine_resolve (play.h->engine, &play.caller, "store-1", "tx-2", "paid", NULL); /* open */
  harness_run (play.h);
  g_assert_cmpint (peer_answer_of (play.staff, GW_ANSWER_ERROR)->code, ==, TGP_ERROR_PAYMENT_IN_PROGRESS);
  terminal_result (back, "tx-2", TGP_RESULT_SUCCESS, 100);
  terminal_result (back, "tx-2", TGP_RESULT_FAILED, -1);
  harness_run (play.h);
  gw_engine_resolve (play.h->engine, &play.caller, "store-1", "tx-2", "paid", NULL);
  harness_run (play.h);
  g_assert_false (gw_transaction_needs_attention (peer_answer_of (play.staff, GW_ANSWER_TRANSACTION)->row));
  terminal_result (back, "tx-2", TGP_RESULT_CANCELLED, -1); /* news opens it again */
  harness_run (play.h);
  g_autoptr (GwTransaction) again = harness_row (play.h, "tx-2");
  g_assert_true (gw_transaction_needs_attention (again));
}

/* Staff end a reversal that nobody answers. */
static void
test_resolve_reversing (void)
{
  g_auto (Play) play = play_pending ();

  terminal_result (play.terminal, "tx-1", TGP_RESULT_FAILED, -1);
  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  g_assert_cmpuint (peer_count (play.terminal, "voidPayment"), ==, 1);
  gw_engine_resolve (play.h->engine, &play.caller, "store-1", "tx-1", "reversed", "by hand");
  harness_run (play.h);
  harness_advance (play.h, 120000);
  g_assert_cmpuint (peer_count (play.terminal, "voidPayment"), ==, 1);
}

typedef struct
{
  const char *name, *as;
  TgpMoneyMoved moved;
  gboolean retry_safe;
  TgpNextAction next;
  TgpResult later; /* what the terminal says when it is back */
  TgpStatus status;
  gboolean attention;
} Case;

static const Case cases[] = {
  { "paid/declined", "paid", TGP_MONEY_MOVED_YES, FALSE, TGP_NEXT_NONE, TGP_RESULT_FAILED, TGP_STATUS_FAILED,
    TRUE },
  { "not-paid/declined", "not-paid", TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY, TGP_RESULT_FAILED,
    TGP_STATUS_FAILED, FALSE },
  { "reversed/declined", "reversed", TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY, TGP_RESULT_CANCELLED,
    TGP_STATUS_FAILED, FALSE },
  { "paid/charged", "paid", TGP_MONEY_MOVED_YES, FALSE, TGP_NEXT_NONE, TGP_RESULT_SUCCESS, TGP_STATUS_FAILED,
    FALSE },
  { "not-paid/charged", "not-paid", TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY, TGP_RESULT_SUCCESS,
    TGP_STATUS_VOIDED, TRUE },
  { "reversed/charged", "reversed", TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY, TGP_RESULT_SUCCESS,
    TGP_STATUS_VOIDED, TRUE },
};

/* Found paid and charged: the goods are gone, so nothing is reversed. What the terminal adds is a
 * contradiction. */
static void
assert_agreed (Play *play, Peer *back)
{
  g_autoptr (GwTransaction) row = harness_row (play->h, "tx-1");

  g_assert_nonnull (strstr (row->response, "SUCCESS"));
  g_assert_cmpuint (harness_count_audit (play->h, "late success agrees with staff"), ==, 1);
  assert_told (play, TGP_MONEY_MOVED_YES, FALSE, TGP_NEXT_NONE);
  g_assert_cmpuint (peer_count (back, "paymentResponseAck"), ==, 1);
  terminal_result (back, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play->h);
  assert_attention (play, FALSE);
  assert_told (play, TGP_MONEY_MOVED_YES, FALSE, TGP_NEXT_NONE);
  terminal_result (back, "tx-1", TGP_RESULT_FAILED, -1);
  harness_run (play->h);
  assert_attention (play, TRUE);
  assert_told (play, TGP_MONEY_MOVED_YES, FALSE, TGP_NEXT_CALL_STAFF);
  g_assert_cmpuint (peer_count (back, "voidPayment"), ==, 0);
  g_assert_cmpuint (peer_count (play->pos, "paymentVoided"), ==, 0);
  resolve (play, "reversed");
  terminal_result (back, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play->h);
  assert_status (play->h, "tx-1", TGP_STATUS_FAILED, "TERMINAL_RECONNECT_TIMEOUT");
  assert_told (play, TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY);
}

/* Found paid, and charged another amount: staff look at it again. */
static void
test_agrees_but_for_the_amount (gconstpointer data)
{
  g_auto (Play) play = play_unsettled ();
  Peer *back;

  resolve (&play, "paid");
  back = terminal_ready (play.h, NULL, "T-1");
  terminal_result_as (back, "tx-1", TGP_RESULT_SUCCESS, 1234, data, "A1", NULL);
  if (strcmp (data, "EUR") == 0)
    terminal_result_as (back, "tx-1", TGP_RESULT_SUCCESS, 1200, data, "A2", NULL);
  harness_run (play.h);
  assert_attention (&play, TRUE);
  assert_told (&play, TGP_MONEY_MOVED_YES, FALSE, TGP_NEXT_CALL_STAFF);
  g_assert_cmpuint (peer_count (back, "voidPayment"), ==, 0);
}

/* It closes the payment and tells the till, survives a restart, and the terminal's word goes before it. */
static void
test_finding (gconstpointer data)
{
  const Case *it = data;
  g_auto (Play) play = play_unsettled ();
  Peer *back;

  assert_attention (&play, TRUE);
  resolve (&play, it->as);
  assert_status (play.h, "tx-1", TGP_STATUS_FAILED, "TERMINAL_RECONNECT_TIMEOUT");
  assert_told (&play, it->moved, it->retry_safe, it->next);
  assert_attention (&play, FALSE);
  g_assert_cmpuint (harness_count_audit (play.h, "payment resolved by staff"), ==, 1);
  harness_restart (play.h);
  play.pos = pos_ready (play.h, NULL, TRUE);
  assert_told (&play, it->moved, it->retry_safe, it->next);

  back = terminal_ready (play.h, NULL, "T-1");
  g_assert_cmpuint (peer_count (back, "getPaymentStatus"), ==, 0);
  terminal_result (back, "tx-1", it->later, it->later == TGP_RESULT_SUCCESS ? 1234 : -1);
  harness_run (play.h);
  assert_status (play.h, "tx-1", it->status, "TERMINAL_RECONNECT_TIMEOUT");
  assert_attention (&play, it->attention);
  if (it->status == TGP_STATUS_FAILED && it->later == TGP_RESULT_SUCCESS)
    {
      assert_agreed (&play, back);
      return;
    }
  if (it->status == TGP_STATUS_FAILED)
    {
      assert_told (&play, TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY);
      return;
    }
  g_assert_cmpint (peer_last (play.pos, "paymentVoided")->event->verdict.money_moved, ==,
                   TGP_MONEY_MOVED_UNKNOWN);
  assert_told (&play, TGP_MONEY_MOVED_UNKNOWN, TRUE, TGP_NEXT_WAIT);
  terminal_void_answer (back, "tx-1", TGP_VOID_ANSWER_VOIDED);
  harness_run (play.h);
  assert_told (&play, TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY);
  assert_attention (&play, FALSE);
}

/* What its terminal has forgotten nobody will ever hand in: only staff can find out. */
static void
test_forgotten (gconstpointer data)
{
  gboolean unseen = GPOINTER_TO_INT (data);
  g_auto (Play) play = play_unaccepted ();
  Peer *back;

  if (!unseen)
    terminal_accepts (play.terminal, "tx-1");
  peer_drop (play.terminal);
  harness_run (play.h);
  back = terminal_ready (play.h, NULL, "T-1");
  terminal_status (back, "tx-1", FALSE);
  harness_run (play.h);
  assert_status (play.h, "tx-1", TGP_STATUS_FAILED, "TERMINAL_LOST_PAYMENT");
  assert_attention (&play, !unseen);
  if (unseen)
    {
      assert_told (&play, TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY);
      return;
    }
  assert_told (&play, TGP_MONEY_MOVED_UNKNOWN, TRUE, TGP_NEXT_RETRY);
  resolve (&play, "paid");
  assert_attention (&play, FALSE);
  assert_told (&play, TGP_MONEY_MOVED_YES, FALSE, TGP_NEXT_NONE);
}

/* A reversal that staff ended: what the terminal still answers to it counts. */
static void
test_void_answered_later (gconstpointer data)
{
  gboolean confirmed = GPOINTER_TO_INT (data);
  g_auto (Play) play = play_pending ();

  terminal_result (play.terminal, "tx-1", TGP_RESULT_FAILED, -1);
  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  resolve (&play, "reversed");
  assert_told (&play, TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY);
  assert_attention (&play, FALSE);
  terminal_void_answer (play.terminal, "tx-1", confirmed ? TGP_VOID_ANSWER_VOIDED : TGP_VOID_ANSWER_FAILED);
  harness_run (play.h);
  assert_attention (&play, !confirmed);
  if (confirmed)
    assert_told (&play, TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY);
  else
    assert_told (&play, TGP_MONEY_MOVED_YES, FALSE, TGP_NEXT_CALL_STAFF);
}

/* A charge that staff found reversed is not reversed once more; one that they found standing can be. */
static void
test_void_after (gconstpointer data)
{
  const char *as = data;
  g_auto (Play) play = play_pending ();

  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  terminal_result (play.terminal, "tx-1", TGP_RESULT_FAILED, -1);
  harness_run (play.h);
  assert_attention (&play, TRUE);
  resolve (&play, as);
  assert_attention (&play, FALSE);
  pos_void (play.pos, "tx-1");
  harness_run (play.h);
  if (strcmp (as, "paid") != 0)
    {
      peer_assert_error (play.pos, TGP_ERROR_ALREADY_FINAL, TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY);
      g_assert_cmpuint (peer_count (play.terminal, "voidPayment"), ==, 0);
      return;
    }
  peer_answer_of (play.pos, GW_ANSWER_VOID_TAKEN);
  terminal_void_answer (play.terminal, "tx-1", TGP_VOID_ANSWER_VOIDED);
  harness_run (play.h);
  assert_status (play.h, "tx-1", TGP_STATUS_VOIDED, NULL);
  assert_told (&play, TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY);
}

/* Staff found a reversal done that its terminal had not answered, and then it is charged under another code:
 * the first charge stands in the state, nothing is reversed by itself, and staff look at both. */
static void
test_charged_after_reversal (void)
{
  g_auto (Play) play = play_pending ();

  terminal_result_as (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234, "EUR", "A1", NULL);
  harness_run (play.h);
  pos_void (play.pos, "tx-1");
  harness_run (play.h);
  resolve (&play, "reversed");
  assert_told (&play, TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY);
  guint said = peer_count (play.terminal, "voidPayment");

  terminal_result_as (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234, "EUR", "A2", NULL);
  harness_run (play.h);
  assert_status (play.h, "tx-1", TGP_STATUS_COMPLETED, NULL);
  assert_attention (&play, TRUE);
  assert_told (&play, TGP_MONEY_MOVED_YES, FALSE, TGP_NEXT_CALL_STAFF);
  g_assert_cmpuint (peer_count (play.pos, "paymentConflict"), ==, 1);
  harness_advance (play.h, 120000);
  g_assert_cmpuint (peer_count (play.terminal, "voidPayment"), ==, said);
}

/* Nobody overrules a terminal that left no doubt; and staff may correct themselves. */
static void
test_nothing_to_resolve (void)
{
  g_auto (Play) play = play_pending ();

  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  resolve (&play, "not-paid");
  g_assert_cmpint (peer_answer_of (play.staff, GW_ANSWER_ERROR)->code, ==, TGP_ERROR_ALREADY_FINAL);
  assert_told (&play, TGP_MONEY_MOVED_YES, FALSE, TGP_NEXT_NONE);
  terminal_result (play.terminal, "tx-1", TGP_RESULT_FAILED, -1);
  harness_run (play.h);
  resolve (&play, "not-paid");
  assert_told (&play, TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY);
  resolve (&play, "paid");
  assert_told (&play, TGP_MONEY_MOVED_YES, FALSE, TGP_NEXT_NONE);
}

/* Resolved before it was recorded what staff found: off the list, and the verdict is the terminal's. */
static void
test_without_a_finding (void)
{
  g_auto (Play) play = play_unsettled ();
  g_autoptr (GwTransaction) row = harness_row (play.h, "tx-1");
  g_autoptr (GwTransaction) old = gw_transaction_copy (row);

  old->flags |= GW_RESOLVED_BY_STAFF;
  g_assert_false (gw_transaction_needs_attention (old));
  g_assert_cmpint (gw_transaction_verdict (old).money_moved, ==, TGP_MONEY_MOVED_UNKNOWN);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/resolve", test_resolve);
  g_test_add_func ("/core/resolve/reversing", test_resolve_reversing);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/core/resolve/", cases[i].name, NULL);
      g_test_add_data_func (path, &cases[i], test_finding);
    }
  g_test_add_data_func ("/core/resolve/paid/charged-otherwise", "USD", test_agrees_but_for_the_amount);
  g_test_add_data_func ("/core/resolve/paid/charged-twice", "EUR", test_agrees_but_for_the_amount);
  g_test_add_data_func ("/core/resolve/forgotten", GINT_TO_POINTER (FALSE), test_forgotten);
  g_test_add_data_func ("/core/resolve/forgotten/never-seen", GINT_TO_POINTER (TRUE), test_forgotten);
  g_test_add_data_func ("/core/resolve/void-confirmed", GINT_TO_POINTER (TRUE), test_void_answered_later);
  g_test_add_data_func ("/core/resolve/void-refused", GINT_TO_POINTER (FALSE), test_void_answered_later);
  g_test_add_data_func ("/core/resolve/void-after/paid", "paid", test_void_after);
  g_test_add_data_func ("/core/resolve/void-after/not-paid", "not-paid", test_void_after);
  g_test_add_data_func ("/core/resolve/void-after/reversed", "reversed", test_void_after);
  g_test_add_func ("/core/resolve/charged-after-reversal", test_charged_after_reversal);
  g_test_add_func ("/core/resolve/nothing-to-resolve", test_nothing_to_resolve);
  g_test_add_func ("/core/resolve/without-a-finding", test_without_a_finding);
  return g_test_run ();
}
