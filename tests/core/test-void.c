/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A reversal that is not answered does not stay out of sight, and one that staff ended can be asked for anew.
 */
#include "tests/core/core-peers.h"

#define MINUTE (G_GINT64_CONSTANT (60) * 1000)

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
play_ready (void)
{
  Play play = { .h = harness_new (NULL) };

  play.terminal = terminal_ready (play.h, NULL, "T-1");
  play.pos = pos_ready (play.h, NULL, TRUE);
  play.staff = harness_staff (play.h);
  harness_caller (play.staff, &play.caller);
  pos_pay (play.pos, "T-1", "tx-1", 1234);
  harness_run (play.h);
  terminal_accepts (play.terminal, "tx-1");
  return play;
}

/* requested: by the till, of what was paid; else by the gateway, of a late success. */
static Play
play_reversing (gboolean requested)
{
  Play play = play_ready ();

  if (!requested)
    terminal_result (play.terminal, "tx-1", TGP_RESULT_FAILED, -1);
  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  if (requested)
    pos_void (play.pos, "tx-1");
  harness_run (play.h);
  g_assert_cmpuint (peer_count (play.terminal, "voidPayment"), ==, 1);
  return play;
}

static gboolean
is_listed (Play *play)
{
  g_autoptr (GwTransaction) row = harness_row (play->h, "tx-1");
  return gw_transaction_has (row, GW_NEEDS_ATTENTION);
}

static void
assert_reversing (Play *play, gboolean requested)
{
  if (requested)
    assert_row_verdict (play->h, "tx-1", TGP_MONEY_MOVED_YES, FALSE, TGP_NEXT_WAIT);
  else
    assert_row_verdict (play->h, "tx-1", TGP_MONEY_MOVED_UNKNOWN, TRUE, TGP_NEXT_WAIT);
}

/* It is on the list after a while, with the verdict that it had; an answer takes it off. */
static void
test_overdue (gconstpointer data)
{
  gboolean requested = GPOINTER_TO_INT (data);
  g_auto (Play) play = play_reversing (requested);

  harness_advance (play.h, 5 * MINUTE - 1000);
  g_assert_false (is_listed (&play));
  harness_advance (play.h, 1000);
  g_assert_true (is_listed (&play));
  assert_reversing (&play, requested);
  g_assert_cmpuint (harness_count_audit (play.h, "void not answered"), ==, 1);
  guint said = peer_count (play.terminal, "voidPayment");
  harness_advance (play.h, 20 * MINUTE);
  g_assert_cmpuint (peer_count (play.terminal, "voidPayment"), >,
                    said); /* and it is said again all the same */
  g_assert_cmpuint (harness_count_audit (play.h, "void not answered"), ==, 1);
  terminal_void_answer (play.terminal, "tx-1", TGP_VOID_ANSWER_VOIDED);
  harness_run (play.h);
  g_assert_false (is_listed (&play));
  assert_row_verdict (play.h, "tx-1", TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY);
}

/* No restart begins the wait anew, and a wall clock that was set back makes it no longer than it is. */
static void
test_overdue_over_restarts (gconstpointer data)
{
  gboolean requested = GPOINTER_TO_INT (data);
  g_auto (Play) play = play_reversing (requested);

  for (guint i = 0; i < 4; i++)
    {
      harness_advance (play.h, MINUTE);
      harness_restart (play.h);
    }
  g_assert_false (is_listed (&play));
  harness_advance (play.h, MINUTE);
  g_assert_true (is_listed (&play));
  harness_restart (play.h);
  harness_advance (play.h, MINUTE);
  g_assert_true (is_listed (&play));
  g_assert_cmpuint (harness_count_audit (play.h, "void not answered"), ==, 1);
}

static void
test_overdue_clock_set_back (void)
{
  g_auto (Play) play = play_reversing (FALSE);

  harness_jump_wall (play.h, -100 * MINUTE);
  harness_restart (play.h);
  harness_advance (play.h, 5 * MINUTE);
  g_assert_true (is_listed (&play));
}

/* Answered between the deadline and its commit: nothing to look at. */
static void
test_answered_just_in_time (void)
{
  g_auto (Play) play = play_reversing (FALSE);

  harness_advance (play.h, 5 * MINUTE - 1000);
  terminal_void_answer (play.terminal, "tx-1", TGP_VOID_ANSWER_VOIDED);
  harness_tick (play.h, 1000);
  gw_engine_advance (play.h->engine);
  harness_run (play.h);
  g_assert_cmpuint (harness_count_audit (play.h, "void not answered"), ==, 0);
  g_assert_false (is_listed (&play));
}

/* Nobody will answer once the terminal's key is revoked by force: staff see it at once. */
static void
test_key_revoked (gconstpointer data)
{
  gboolean in_doubt = GPOINTER_TO_INT (data);
  g_auto (Play) play = play_reversing (FALSE);
  GwKey *other = harness_create_key (play.h, TGP_ROLE_TERMINAL, "store-1");

  gw_engine_revoke_key (play.h->engine, &play.caller, other->key_id, TRUE);
  harness_run (play.h);
  gw_engine_revoke_key (play.h->engine, &play.caller, play.h->terminal_key->key_id, FALSE);
  harness_run (play.h);
  g_assert_cmpint (peer_answer_of (play.staff, GW_ANSWER_ERROR)->code, ==, TGP_ERROR_PAYMENT_IN_PROGRESS);
  g_assert_false (is_listed (&play));
  gw_engine_revoke_key (play.h->engine, &play.caller, play.h->terminal_key->key_id, TRUE);
  if (in_doubt)
    {
      harness_set_fault (play.h, GW_COMMIT_UNCERTAIN, TRUE);
      harness_commit (play.h, 1);
      harness_set_fault (play.h, GW_COMMIT_DONE, FALSE);
    }
  harness_advance (play.h, 1000);
  g_assert_true (is_listed (&play));
  assert_reversing (&play, FALSE);
}

/* The same, where the gateway did not live to see it. */
static void
test_key_revoked_and_restarted (void)
{
  g_auto (Play) play = play_reversing (FALSE);

  gw_engine_revoke_key (play.h->engine, &play.caller, play.h->terminal_key->key_id, TRUE);
  GPtrArray *lost = harness_commit_only (play.h, 1);
  harness_stop (play.h);
  g_ptr_array_set_free_func (lost, (GDestroyNotify) gw_operation_free);
  g_ptr_array_unref (lost);
  harness_start (play.h);
  harness_advance (play.h, 1000);
  g_assert_true (is_listed (&play));
}

/* A rotated key's terminal will come with the new one. */
static void
test_key_rotated (void)
{
  g_auto (Play) play = play_reversing (FALSE);

  gw_engine_rotate_key (play.h->engine, &play.caller, play.h->terminal_key->key_id);
  harness_advance (play.h, MINUTE);
  g_assert_false (is_listed (&play));
  Peer *back = terminal_ready (play.h, peer_answer_of (play.staff, GW_ANSWER_KEY)->key, "T-1");
  g_assert_cmpuint (peer_count (back, "voidPayment"), ==, 1);
}

/* Staff close a requested void as paid; the till asks for it again: it is begun anew, not only said to be. */
static void
test_asked_for_after_staff (void)
{
  g_auto (Play) play = play_reversing (TRUE);

  harness_advance (play.h, 6 * MINUTE);
  gw_engine_resolve (play.h->engine, &play.caller, "store-1", "tx-1", "paid", "the customer keeps it");
  harness_run (play.h);
  g_assert_false (is_listed (&play));
  guint said = peer_count (play.terminal, "voidPayment");
  peer_forget (play.pos);
  pos_void (play.pos, "tx-1");
  harness_run (play.h);
  peer_answer_of (play.pos, GW_ANSWER_VOID_TAKEN);
  g_assert_cmpuint (peer_count (play.terminal, "voidPayment"), ==, said + 1);
  assert_reversing (&play, TRUE);
  pos_void (play.pos, "tx-1"); /* while it runs, again means the same one */
  harness_run (play.h);
  g_assert_cmpuint (peer_count (play.terminal, "voidPayment"), ==, said + 1);
  harness_advance (play.h, 5 * MINUTE);
  g_assert_true (is_listed (&play));
  terminal_void_answer (play.terminal, "tx-1", TGP_VOID_ANSWER_VOIDED);
  harness_run (play.h);
  assert_status (play.h, "tx-1", TGP_STATUS_VOIDED, NULL);
  g_assert_cmpint (peer_last (play.pos, "paymentVoided")->event->void_status, ==, TGP_VOID_CONFIRMED);
  g_assert_false (is_listed (&play));
}

/* Charged, reversed, and charged under another code: that second charge stands, and a void would not hit it.
 */
static void
test_charged_again (gconstpointer data)
{
  gboolean confirmed = GPOINTER_TO_INT (data);
  g_auto (Play) play = play_ready ();

  terminal_result_as (play.terminal, "tx-1", TGP_RESULT_FAILED, 1234, "EUR", NULL, "DECLINED");
  terminal_result_as (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234, "EUR", "A1", NULL);
  harness_run (play.h);
  if (confirmed)
    terminal_void_answer (play.terminal, "tx-1", TGP_VOID_ANSWER_VOIDED);
  harness_run (play.h);
  terminal_result_as (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234, "EUR", "A1", NULL);
  harness_run (play.h);
  g_assert_false (is_listed (&play));
  guint messages = harness_count_messages (play.h, play.h->pos_key);
  for (guint i = 0; i < 2; i++) /* said again it is the same one */
    {
      terminal_result_as (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234, "EUR", "A2", NULL);
      harness_run (play.h);
      g_assert_true (is_listed (&play));
      assert_row_verdict (play.h, "tx-1", TGP_MONEY_MOVED_YES, FALSE, TGP_NEXT_CALL_STAFF);
      g_assert_cmpuint (harness_count_audit (play.h, "payment contradicted"), ==, 1);
      g_assert_cmpuint (peer_count (play.terminal, "paymentResponseAck"), ==, 4 + i);
    }
  g_assert_cmpuint (harness_count_messages (play.h, play.h->pos_key), ==, messages);
  terminal_void_answer (play.terminal, "tx-1", TGP_VOID_ANSWER_VOIDED);
  harness_run (play.h);
  assert_row_verdict (play.h, "tx-1", TGP_MONEY_MOVED_YES, FALSE, TGP_NEXT_CALL_STAFF);
  gw_engine_resolve (play.h->engine, &play.caller, "store-1", "tx-1", "reversed", "refunded A2 by hand");
  harness_run (play.h);
  g_assert_false (is_listed (&play));
  assert_row_verdict (play.h, "tx-1", TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/core/void/overdue/late-success", GINT_TO_POINTER (FALSE), test_overdue);
  g_test_add_data_func ("/core/void/overdue/requested", GINT_TO_POINTER (TRUE), test_overdue);
  g_test_add_data_func ("/core/void/overdue/restarts/late-success", GINT_TO_POINTER (FALSE),
                        test_overdue_over_restarts);
  g_test_add_data_func ("/core/void/overdue/restarts/requested", GINT_TO_POINTER (TRUE),
                        test_overdue_over_restarts);
  g_test_add_func ("/core/void/overdue/clock-set-back", test_overdue_clock_set_back);
  g_test_add_func ("/core/void/overdue/answered-just-in-time", test_answered_just_in_time);
  g_test_add_data_func ("/core/void/key-revoked", GINT_TO_POINTER (FALSE), test_key_revoked);
  g_test_add_data_func ("/core/void/key-revoked/in-doubt", GINT_TO_POINTER (TRUE), test_key_revoked);
  g_test_add_func ("/core/void/key-revoked/restarted", test_key_revoked_and_restarted);
  g_test_add_func ("/core/void/key-rotated", test_key_rotated);
  g_test_add_func ("/core/void/asked-for-after-staff", test_asked_for_after_staff);
  g_test_add_data_func ("/core/void/charged-again/confirmed", GINT_TO_POINTER (TRUE), test_charged_again);
  g_test_add_data_func ("/core/void/charged-again/requested", GINT_TO_POINTER (FALSE), test_charged_again);
  return g_test_run ();
}
