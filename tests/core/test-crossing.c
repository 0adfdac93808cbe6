/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What crosses on its way: asked before the store has done what came just before, or said when it is too
 * late. */
#include "tests/core/fault-play.h"

#include <string.h>

static GwCaller
staff_of (Play *play)
{
  GwCaller caller;

  harness_caller (harness_staff (play->h), &caller);
  return caller;
}

static Answer *
staff_answer (Play *play, const GwCaller *caller, GwAnswerKind kind)
{
  return peer_answer_of (play->h->peers->pdata[caller->link - 1], kind);
}

/* The next operation alone fails; the store is well again for those behind it. */
static void
fail_one (Harness *h)
{
  harness_set_fault (h, GW_COMMIT_FAILED, FALSE);
  harness_commit (h, 1);
  harness_set_fault (h, GW_COMMIT_DONE, FALSE);
}

/* --- a refusal must not deny what is under way --- */

/* The terminal has it; who asks for it again while the store is away does not hear "not started". */
static void
test_again_while_open (void)
{
  g_auto (Play) play = play_pending ();
  Peer *again = http_pay_signed (play.h, NULL, "T-1", "tx-1", 1234, 4711); /* the batch writes something */

  fail_one (play.h);
  peer_assert_error (again, TGP_ERROR_STORAGE_UNAVAILABLE, TGP_MONEY_MOVED_UNKNOWN, FALSE, TGP_NEXT_WAIT);
  harness_run (play.h);
  assert_status (play.h, "tx-1", TGP_STATUS_PENDING, NULL);
}

/* The first of two is not stored, the second may be: nobody knows yet. */
static void
test_twice_one_fails (void)
{
  g_auto (Play) play = play_ready ();
  Peer *first = http_pay (play.h, NULL, NULL, "T-1", "tx-1", 1234), *second;

  second = http_pay (play.h, NULL, NULL, "T-1", "tx-1", 1234);
  fail_one (play.h);
  peer_assert_error (first, TGP_ERROR_STORAGE_UNAVAILABLE, TGP_MONEY_MOVED_UNKNOWN, FALSE,
                     TGP_NEXT_CHECK_STATUS);
  harness_run (play.h);
  g_assert_cmpuint (peer_count_for (play.terminal, "paymentRequest", "tx-1"), ==, 1);
  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  g_assert_cmpint (peer_answer_of (second, GW_ANSWER_PAYMENT_OUTCOME)->row->status, ==, TGP_STATUS_COMPLETED);
}

/* Not stored, with a cancel of it behind: nothing was sent, and nothing stays behind. */
static void
test_cancel_behind_failure (void)
{
  g_auto (Play) play = play_ready ();
  Peer *payer = http_pay (play.h, NULL, NULL, "T-1", "tx-1", 1234);
  GwCounters counters;

  pos_cancel (play.pos, "tx-1");
  fail_one (play.h);
  peer_assert_error (payer, TGP_ERROR_STORAGE_UNAVAILABLE, TGP_MONEY_MOVED_UNKNOWN, FALSE,
                     TGP_NEXT_CHECK_STATUS);
  harness_run (play.h);
  g_assert_cmpint (peer_answer_of (play.pos, GW_ANSWER_ERROR)->code, ==, TGP_ERROR_TRANSACTION_NOT_FOUND);
  g_assert_cmpuint (peer_count (play.terminal, "paymentRequest"), ==, 0);
  gw_engine_get_counters (play.h->engine, &counters);
  g_assert_cmpuint (counters.open_payments, ==, 0);
}

/* What is refused at the door (a malformed request that names its id) speaks of the payment of that id. */
static void
test_refused_at_the_door (void)
{
  g_auto (Play) play = play_pending ();
  GwCaller caller;

  harness_caller (play.pos, &caller);
  gw_engine_refuse_payment (play.h->engine, &caller, "tx-none", TGP_ERROR_INVALID_FIELD, "no amount");
  harness_run (play.h);
  peer_assert_error (play.pos, TGP_ERROR_INVALID_FIELD, TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY);
  gw_engine_refuse_payment (play.h->engine, &caller, "tx-1", TGP_ERROR_INVALID_FIELD, "no amount");
  harness_run (play.h);
  peer_assert_error (play.pos, TGP_ERROR_INVALID_FIELD, TGP_MONEY_MOVED_UNKNOWN, FALSE, TGP_NEXT_WAIT);
  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  gw_engine_refuse_payment (play.h->engine, &caller, "tx-1", TGP_ERROR_INVALID_FIELD, "no amount");
  harness_run (play.h);
  peer_assert_error (play.pos, TGP_ERROR_INVALID_FIELD, TGP_MONEY_MOVED_YES, FALSE, TGP_NEXT_NONE);
}

/* Declined and then approved, both stored by one commit that did not say so: reversed once, and told in
 * order. */
static void
test_doubtful_turn (void)
{
  g_auto (Play) play = play_pending ();

  terminal_result (play.terminal, "tx-1", TGP_RESULT_FAILED, -1);
  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_set_fault (play.h, GW_COMMIT_UNCERTAIN, TRUE);
  harness_commit (play.h, 0);
  harness_set_fault (play.h, GW_COMMIT_DONE, FALSE);
  harness_advance (play.h, 1000);
  assert_status (play.h, "tx-1", TGP_STATUS_VOIDED, "DECLINED");
  g_assert_cmpuint (peer_count_for (play.terminal, "voidPayment", "tx-1"), ==, 1);
  g_assert_cmpuint (peer_count (play.pos, "paymentComplete"), ==, 1);
  g_assert_cmpuint (peer_count (play.pos, "paymentVoided"), ==, 1);
  g_assert_cmpuint (peer_last (play.pos, "paymentComplete")->order, <,
                    peer_last (play.pos, "paymentVoided")->order);
}

/* --- terminals that are late, or mean another's payment --- */

/* It begins after the gateway has given up: it is told to cancel, and had not "never seen" it. */
static void
test_accepted_too_late (void)
{
  g_auto (Play) play = play_ready ();

  pos_pay (play.pos, "T-1", "tx-1", 1234);
  harness_run (play.h);
  harness_advance (play.h, 150000);
  assert_status (play.h, "tx-1", TGP_STATUS_FAILED, "TERMINAL_TIMEOUT");
  peer_forget (play.terminal);
  terminal_accepts (play.terminal, "tx-1");
  harness_run (play.h);
  g_assert_cmpuint (peer_count_for (play.terminal, "cancelPayment", "tx-1"), ==, 1);
  terminal_status (play.terminal, "tx-1", FALSE);
  harness_run (play.h);
  g_autoptr (GwTransaction) row = harness_row (play.h, "tx-1");
  g_assert_true (gw_transaction_has (row, GW_SETTLED));
  g_assert_false (gw_transaction_has (row, GW_PROVEN_UNSEEN));
}

static void
test_progress_of_another (void)
{
  g_auto (Play) play = play_ready ();
  Peer *other = terminal_ready (play.h, NULL, "T-2");

  pos_pay (play.pos, "T-1", "tx-1", 1234);
  harness_run (play.h);
  terminal_progress (other, "tx-1", "PIN_ENTRY");
  terminal_accepts (other, "tx-1");
  harness_run (play.h);
  g_assert_cmpuint (peer_count (play.pos, "paymentProgress"), ==, 0);
  harness_advance (play.h, play.h->settings.accept_timeout); /* its own terminal is still silent */
  g_assert_cmpuint (play.terminal->probes, ==, 1);
}

/* One that contradicts itself without end fills neither the till's queue nor the story; each is acked. */
static void
test_endless_conflict (void)
{
  g_auto (Play) play = play_pending ();

  for (guint i = 0; i < 100; i++)
    terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234 + i);
  harness_run (play.h);
  g_assert_cmpuint (peer_count (play.terminal, "paymentResponseAck"), ==, 100);
  g_assert_cmpuint (peer_count (play.pos, "paymentConflict"), >, 1);
  g_assert_cmpuint (peer_count (play.pos, "paymentConflict"), <=, 32);
  g_autoptr (GwTransaction) row = harness_row (play.h, "tx-1");
  g_assert_cmpint (row->status, ==, TGP_STATUS_COMPLETED);
  g_assert_cmpint (row->charged_amount, ==, 1234);
}

/* --- the operator, in between --- */

/* Who waits for messages is told when its key is revoked; the answer names what is left open, and only that.
 */
static void
test_revoked_while_waiting (void)
{
  g_auto (Play) play = play_pending ();
  GwKey *other_key = harness_create_key (play.h, TGP_ROLE_POS, "store-1");
  Peer *other = pos_ready (play.h, other_key, TRUE), *poll = http_messages (play.h, NULL, 60000);
  GwCaller staff = staff_of (&play);

  terminal_ready (play.h, NULL, "T-2");
  pos_pay (other, "T-2", "tx-2", 100);
  harness_run (play.h);
  gw_engine_revoke_key (play.h->engine, &staff, play.h->pos_key->key_id, TRUE);
  harness_run (play.h);
  g_assert_cmpint (peer_answer_of (poll, GW_ANSWER_ERROR)->code, ==, TGP_ERROR_UNAUTHORIZED);
  g_assert_nonnull (strstr (staff_answer (&play, &staff, GW_ANSWER_KEY)->text, "[\"tx-1\"]"));
  g_assert_false (other->told_to_go);
}

/* Let in with a key that is revoked before it is stored: if the payment is there, its state is what counts.
 */
static void
test_revoked_behind (void)
{
  g_auto (Play) play = play_pending ();
  GwCaller staff = staff_of (&play);
  Peer *again;

  gw_engine_revoke_key (play.h->engine, &staff, play.h->pos_key->key_id, TRUE);
  again = http_pay (play.h, NULL, NULL, "T-1", "tx-1", 1234);
  harness_run (play.h);
  peer_assert_error (again, TGP_ERROR_UNAUTHORIZED, TGP_MONEY_MOVED_UNKNOWN, FALSE, TGP_NEXT_WAIT);
}

/* Paid and cancelled with a key that was rotated just before: both are the successor's. */
static void
test_cancel_behind_rotation (void)
{
  g_auto (Play) play = play_ready ();
  GwCaller staff = staff_of (&play);
  Peer *payer, *canceller = peer_new (play.h, play.h->pos_key, TRUE), *pos;

  gw_engine_rotate_key (play.h->engine, &staff, play.h->pos_key->key_id);
  payer = http_pay (play.h, NULL, NULL, "T-1", "tx-1", 1234);
  pos_cancel (canceller, "tx-1");
  harness_run (play.h);
  peer_answer_of (canceller, GW_ANSWER_CANCEL_TAKEN);
  g_assert_cmpint (peer_answer_of (payer, GW_ANSWER_PAYMENT_OUTCOME)->row->status, ==, TGP_STATUS_CANCELLED);
  assert_status (play.h, "tx-1", TGP_STATUS_CANCELLED, NULL);
  g_assert_cmpuint (peer_count (play.terminal, "paymentRequest"), ==, 0);
  pos = pos_ready (play.h, staff_answer (&play, &staff, GW_ANSWER_KEY)->key, TRUE);
  g_assert_cmpuint (peer_count_for (pos, "paymentComplete", "tx-1"), ==, 1);
}

/* Another key's payments stay with that key. */
static void
test_rotation_of_another (void)
{
  g_auto (Play) play = play_pending ();
  GwKey *other_key = harness_create_key (play.h, TGP_ROLE_POS, "store-1");
  Peer *other = pos_ready (play.h, other_key, TRUE);
  GwCaller staff = staff_of (&play);

  gw_engine_rotate_key (play.h->engine, &staff, other_key->key_id);
  harness_run (play.h);
  g_assert_true (other->told_to_go);
  terminal_progress (play.terminal, "tx-1", "PIN_ENTRY");
  g_assert_cmpuint (peer_count (play.pos, "paymentProgress"), ==, 1);
}

/* Paid over HTTP with a key that is rotated while it is open; then the gateway is started anew. */
static void
test_rotated_and_restarted (void)
{
  g_auto (Play) play = { .h = harness_new (NULL) };
  GwCaller staff = staff_of (&play);
  Peer *pos;

  terminal_ready (play.h, NULL, "T-1");
  http_pay (play.h, NULL, NULL, "T-1", "tx-1", 1234);
  harness_run (play.h);
  gw_engine_rotate_key (play.h->engine, &staff, play.h->pos_key->key_id);
  harness_run (play.h);
  harness_restart (play.h);
  pos = pos_ready (play.h, staff_answer (&play, &staff, GW_ANSWER_KEY)->key, TRUE);
  play.terminal = terminal_ready (play.h, NULL, "T-1");
  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  g_assert_cmpuint (peer_count_for (pos, "paymentComplete", "tx-1"), ==, 1);
}

/* Away, and released just before somebody pays on it and somebody else releases it: there is no grace to wait
 * for. */
static void
test_release_before_pay (void)
{
  g_auto (Play) play = play_ready ();
  GwCaller first = staff_of (&play), second = staff_of (&play);
  Peer *payer;

  peer_drop (play.terminal);
  harness_run (play.h);
  payer = http_pay (play.h, NULL, NULL, "T-1", "tx-1", 1234);
  harness_run (play.h);
  g_assert_cmpint (peer_answer (payer)->grace_expires_at, >, 0);
  gw_engine_release (play.h->engine, &first, "store-1", "T-1", NULL);
  gw_engine_release (play.h->engine, &second, "store-1", "T-1", NULL);
  payer = http_pay (play.h, NULL, NULL, "T-1", "tx-2", 1234);
  harness_run (play.h);
  staff_answer (&play, &first, GW_ANSWER_RELEASED);
  g_assert_cmpint (staff_answer (&play, &second, GW_ANSWER_ERROR)->code, ==, TGP_ERROR_TERMINAL_NOT_FOUND);
  peer_assert_error (payer, TGP_ERROR_TERMINAL_OFFLINE, TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY);
  g_assert_cmpint (peer_answer (payer)->grace_expires_at, ==, 0);
}

/* A device that has not been here for long is forgotten, unless it is connected or a payment still holds it.
 */
static void
test_sweep_devices (void)
{
  g_auto (Play) play = play_ready ();
  Peer *held = terminal_ready (play.h, NULL, "T-2"), *gone = terminal_ready (play.h, NULL, "T-3");

  pos_pay (play.pos, "T-2", "tx-1", 1234);
  harness_run (play.h);
  terminal_accepts (held, "tx-1");
  peer_drop (held);
  peer_drop (gone);
  harness_run (play.h);
  harness_advance (play.h, play.h->settings.device_retention + 1);
  gw_engine_sweep (play.h->engine);
  harness_run (play.h);
  pos_terminals (play.pos);
  GArray *left = peer_answer_of (play.pos, GW_ANSWER_TERMINALS)->terminals;
  g_assert_cmpuint (left->len, ==, 2);
  g_assert_cmpstr (g_array_index (left, Terminal, 0).terminal_id, ==, "T-1");
  g_assert_cmpstr (g_array_index (left, Terminal, 1).terminal_id, ==, "T-2");
  pos_pay (play.pos, "T-3", "tx-3", 100);
  harness_run (play.h);
  g_assert_cmpint (peer_answer_of (play.pos, GW_ANSWER_ERROR)->code, ==, TGP_ERROR_TERMINAL_NOT_FOUND);
}

/* --- /v1/messages, while the store looks --- */

/* The caller went: what the look brings is nobody's, and nothing is lost. */
static void
test_poll_gone (void)
{
  g_auto (Play) play = play_pending ();
  Peer *poll;

  peer_drop (play.pos);
  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  poll = http_messages (play.h, NULL, 60000);
  peer_drop (poll);
  harness_run (play.h);
  g_assert_cmpuint (poll->answers->len, ==, 0);
  poll = http_messages (play.h, NULL, 60000);
  harness_run (play.h);
  g_assert_cmpuint (peer_answer_of (poll, GW_ANSWER_MESSAGES)->count, ==, 1);
}

/* Its time is up during the look: what that brings is the answer, be it nothing. */
static void
test_poll_ends_while_looking (void)
{
  g_auto (Play) play = play_ready ();
  Peer *poll = http_messages (play.h, NULL, 1000);
  GPtrArray *reads = harness_read_only (play.h);

  harness_tick (play.h, 1000);
  gw_engine_advance (play.h->engine);
  g_assert_cmpuint (poll->answers->len, ==, 0);
  harness_deliver_reads (play.h, reads);
  g_assert_cmpuint (peer_answer_of (poll, GW_ANSWER_MESSAGES)->count, ==, 0);
}

/* Two tills in a row look into the same queue and both go before it is read; the third gets it all. */
static void
test_gone_before_both_looks (void)
{
  g_auto (Play) play = play_pending ();
  Peer *pos;

  peer_drop (play.pos);
  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  pos_connect (play.h, NULL, TRUE);
  harness_commit (play.h, 0);
  pos = pos_connect (play.h, NULL, TRUE);
  harness_commit (play.h, 0);
  peer_drop (pos);
  harness_run (play.h);
  g_assert_cmpuint (peer_count (pos, "paymentComplete"), ==, 0);
  pos = pos_ready (play.h, NULL, TRUE);
  g_assert_cmpuint (peer_count_for (pos, "paymentComplete", "tx-1"), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/crossing/again-while-open", test_again_while_open);
  g_test_add_func ("/core/crossing/twice-one-fails", test_twice_one_fails);
  g_test_add_func ("/core/crossing/cancel-behind-failure", test_cancel_behind_failure);
  g_test_add_func ("/core/crossing/refused-at-the-door", test_refused_at_the_door);
  g_test_add_func ("/core/crossing/doubtful-turn", test_doubtful_turn);
  g_test_add_func ("/core/crossing/accepted-too-late", test_accepted_too_late);
  g_test_add_func ("/core/crossing/progress-of-another", test_progress_of_another);
  g_test_add_func ("/core/crossing/endless-conflict", test_endless_conflict);
  g_test_add_func ("/core/crossing/revoked-while-waiting", test_revoked_while_waiting);
  g_test_add_func ("/core/crossing/revoked-behind", test_revoked_behind);
  g_test_add_func ("/core/crossing/cancel-behind-rotation", test_cancel_behind_rotation);
  g_test_add_func ("/core/crossing/rotation-of-another", test_rotation_of_another);
  g_test_add_func ("/core/crossing/rotated-and-restarted", test_rotated_and_restarted);
  g_test_add_func ("/core/crossing/release-before-pay", test_release_before_pay);
  g_test_add_func ("/core/crossing/sweep-devices", test_sweep_devices);
  g_test_add_func ("/core/crossing/poll-gone", test_poll_gone);
  g_test_add_func ("/core/crossing/poll-ends-while-looking", test_poll_ends_while_looking);
  g_test_add_func ("/core/crossing/gone-before-both-looks", test_gone_before_both_looks);
  return g_test_run ();
}
