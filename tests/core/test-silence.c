/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Terminals that say nothing, payments that take too long, cancels, and a gateway that was down (section 8).
 */
#include "tests/core/core-peers.h"

typedef struct
{
  Harness *h;
  Peer *pos, *terminal;
} Play;

static void
play_clear (Play *play)
{
  harness_free (play->h);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Play, play_clear)

static Play
play_pending_as (guint capabilities, gboolean accepted)
{
  Play play = { .h = harness_new (NULL) };

  play.terminal = terminal_ready_as (play.h, NULL, "T-1", capabilities, "journal-1");
  play.pos = pos_ready (play.h, NULL, TRUE);
  pos_pay (play.pos, "T-1", "tx-1", 1234);
  harness_run (play.h);
  if (accepted)
    terminal_accepts (play.terminal, "tx-1");
  return play;
}

static Play
play_pending (void)
{
  return play_pending_as (ALL_CAPABILITIES, TRUE);
}

static void
test_silence (void)
{
  g_auto (Play) play = play_pending ();

  harness_advance (play.h, 50000);
  terminal_progress (play.terminal, "tx-1", "PIN_ENTRY"); /* the clock starts anew */
  g_assert_cmpstr (peer_last (play.pos, "paymentProgress")->event->stage, ==, "PIN_ENTRY");
  harness_advance (play.h, 119999);
  g_assert_cmpuint (peer_count (play.terminal, "cancelPayment"), ==, 0);
  harness_advance (play.h, 1);
  g_assert_cmpuint (peer_count_for (play.terminal, "cancelPayment", "tx-1"), ==, 1);
  assert_status (play.h, "tx-1", TGP_STATUS_PENDING, NULL);
  harness_advance (play.h, 29999);
  assert_status (play.h, "tx-1", TGP_STATUS_PENDING, NULL);
  harness_advance (play.h, 1);
  assert_status (play.h, "tx-1", TGP_STATUS_FAILED, "TERMINAL_TIMEOUT");
  assert_row_verdict (play.h, "tx-1", TGP_MONEY_MOVED_UNKNOWN, TRUE, TGP_NEXT_RETRY);
  g_assert_cmpuint (peer_count (play.pos, "paymentComplete"), ==, 1);
  pos_pay (play.pos, "T-1", "tx-2", 100);
  harness_run (play.h);
  peer_assert_error (play.pos, TGP_ERROR_PAYMENT_IN_PROGRESS, TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY);
  g_assert_cmpstr (peer_answer (play.pos)->held_by, ==, "tx-1");
  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  assert_status (play.h, "tx-1", TGP_STATUS_VOIDED, "TERMINAL_TIMEOUT");
  g_assert_cmpuint (peer_count (play.terminal, "voidPayment"), ==, 1);
}

static void
test_answer_after_cancel (void)
{
  g_auto (Play) play = play_pending ();

  harness_advance (play.h, 149999);
  terminal_result (play.terminal, "tx-1", TGP_RESULT_CANCELLED, -1);
  harness_run (play.h);
  assert_status (play.h, "tx-1", TGP_STATUS_CANCELLED, NULL);
  harness_advance (play.h, 60000);
  g_assert_cmpuint (peer_count (play.pos, "paymentComplete"), ==, 1);
}

/* A terminal that knows no cancel is not sent one; the time-outs are the same. */
static void
test_silence_without_cancel (void)
{
  g_auto (Play) play = play_pending_as (0, TRUE);

  pos_cancel (play.pos, "tx-1");
  harness_advance (play.h, 149999);
  assert_status (play.h, "tx-1", TGP_STATUS_PENDING, NULL);
  harness_advance (play.h, 1);
  assert_status (play.h, "tx-1", TGP_STATUS_FAILED, "TERMINAL_TIMEOUT");
  assert_row_verdict (play.h, "tx-1", TGP_MONEY_MOVED_UNKNOWN, FALSE, TGP_NEXT_CALL_STAFF);
  g_assert_cmpuint (peer_count (play.terminal, "cancelPayment"), ==, 0);
}

static void
test_not_accepted (void)
{
  g_auto (Play) play = play_pending_as (ALL_CAPABILITIES, FALSE);

  harness_advance (play.h, 9999);
  g_assert_cmpuint (play.terminal->probes, ==, 0);
  harness_advance (play.h, 1);
  g_assert_cmpuint (play.terminal->probes, ==, 1);
  gw_engine_probed (play.h->engine, play.terminal->link, TRUE); /* alive, only slow */
  harness_advance (play.h, 109999);
  g_assert_cmpuint (peer_count (play.terminal, "cancelPayment"), ==, 0);
  harness_advance (play.h, 1); /* 120 s in all */
  g_assert_cmpuint (peer_count (play.terminal, "cancelPayment"), ==, 1);
}

static void
test_probe_fails (void)
{
  g_auto (Play) play = play_pending_as (ALL_CAPABILITIES, FALSE);

  harness_advance (play.h, 20000);
  gw_engine_probed (play.h->engine, play.terminal->link, FALSE);
  harness_run (play.h);
  g_assert_true (play.terminal->dropped);
  assert_status (play.h, "tx-1", TGP_STATUS_AWAITING_RECONNECT, NULL);
  gw_engine_probed (play.h->engine, play.terminal->link, FALSE);
  harness_advance (play.h, 60000);
  assert_status (play.h, "tx-1", TGP_STATUS_FAILED, "TERMINAL_RECONNECT_TIMEOUT");
}

static void
test_accepted_is_not_probed (void)
{
  g_auto (Play) play = play_pending ();

  harness_advance (play.h, 119999);
  g_assert_cmpuint (play.terminal->probes, ==, 0);
}

/* 600 s in all, however lively the terminal is. */
static void
test_limit_connected (void)
{
  g_auto (Play) play = play_pending ();

  for (guint i = 0; i < 59; i++)
    {
      harness_advance (play.h, 10000);
      terminal_progress (play.terminal, "tx-1", "AUTHORIZING");
    }
  harness_advance (play.h, 9999);
  assert_status (play.h, "tx-1", TGP_STATUS_PENDING, NULL);
  g_assert_cmpuint (peer_count (play.terminal, "cancelPayment"), ==, 0);
  harness_advance (play.h, 1);
  g_assert_cmpuint (peer_count_for (play.terminal, "cancelPayment", "tx-1"), ==, 1);
  assert_status (play.h, "tx-1", TGP_STATUS_FAILED, "TERMINAL_TIMEOUT");
}

static void
test_limit_away (void)
{
  g_auto (Play) play = play_pending ();

  for (guint i = 0; i < 57; i++)
    {
      harness_advance (play.h, 10000);
      terminal_progress (play.terminal, "tx-1", "AUTHORIZING");
    }
  peer_drop (play.terminal); /* at 570 s: 30 s are left, whatever the grace says */
  harness_run (play.h);
  harness_advance (play.h, 29999);
  assert_status (play.h, "tx-1", TGP_STATUS_AWAITING_RECONNECT, NULL);
  harness_advance (play.h, 1);
  assert_status (play.h, "tx-1", TGP_STATUS_FAILED, "TERMINAL_RECONNECT_TIMEOUT");
  g_assert_cmpuint (peer_count (play.pos, "paymentComplete"), ==, 1);
}

/* Gone in the same breath as its time to answer a cancel runs out: the loss counts, and its grace. */
static void
test_lost_at_the_deadline (void)
{
  g_auto (Play) play = play_pending ();

  harness_advance (play.h, 149999);
  peer_drop (play.terminal);
  harness_tick (play.h, 1);
  gw_engine_advance (play.h->engine);
  harness_run (play.h);
  assert_status (play.h, "tx-1", TGP_STATUS_AWAITING_RECONNECT, NULL);
  harness_advance (play.h, 59998);
  assert_status (play.h, "tx-1", TGP_STATUS_AWAITING_RECONNECT, NULL);
  harness_advance (play.h, 2);
  assert_status (play.h, "tx-1", TGP_STATUS_FAILED, "TERMINAL_RECONNECT_TIMEOUT");
}

/* --- cancel --- */

static void
test_cancel (void)
{
  g_auto (Play) play = play_pending ();

  pos_cancel (play.pos, "tx-1");
  harness_run (play.h);
  peer_answer_of (play.pos, GW_ANSWER_CANCEL_TAKEN);
  g_assert_cmpuint (peer_count_for (play.terminal, "cancelPayment", "tx-1"), ==, 1);
  assert_status (play.h, "tx-1", TGP_STATUS_PENDING, NULL); /* a wish, and no clock */
  harness_advance (play.h, 60000);
  assert_status (play.h, "tx-1", TGP_STATUS_PENDING, NULL);
  pos_cancel (play.pos, "tx-1");
  harness_run (play.h);
  peer_answer_of (play.pos, GW_ANSWER_CANCEL_TAKEN);
  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234); /* what it had already done */
  harness_run (play.h);
  assert_status (play.h, "tx-1", TGP_STATUS_COMPLETED, NULL);
  pos_cancel (play.pos, "tx-1");
  harness_run (play.h);
  peer_assert_error (play.pos, TGP_ERROR_ALREADY_FINAL, TGP_MONEY_MOVED_YES, FALSE, TGP_NEXT_NONE);
}

static void
test_cancel_before_sent (void)
{
  g_autoptr (Harness) h = harness_new (NULL);
  Peer *terminal = terminal_ready (h, NULL, "T-1"), *pos = pos_ready (h, NULL, TRUE);

  pos_pay (pos, "T-1", "tx-1", 1234);
  pos_cancel (pos, "tx-1");
  harness_run_one_by_one (h);
  assert_status (h, "tx-1", TGP_STATUS_CANCELLED, NULL);
  assert_row_verdict (h, "tx-1", TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_NONE);
  g_assert_cmpuint (peer_count (terminal, "paymentRequest"), ==, 0);
  g_assert_cmpuint (peer_count (pos, "paymentComplete"), ==, 1);
  pos_pay (pos, "T-1", "tx-2", 1234);
  harness_run (h);
  g_assert_cmpuint (peer_count_for (terminal, "paymentRequest", "tx-2"), ==, 1);
}

/* The first of that id was refused, so there was nothing to cancel; the second is another story. */
static void
test_cancel_of_refused (void)
{
  g_auto (Play) play = play_pending ();

  pos_pay (play.pos, "T-1", "tx-2", 100); /* busy */
  pos_cancel (play.pos, "tx-2");
  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  pos_pay (play.pos, "T-1", "tx-2", 100);
  harness_run (play.h);
  assert_status (play.h, "tx-2", TGP_STATUS_PENDING, NULL);
  g_assert_cmpuint (peer_count_for (play.terminal, "paymentRequest", "tx-2"), ==, 1);
}

static void
test_cancel_while_away (void)
{
  g_auto (Play) play = play_pending ();
  Peer *back;

  peer_drop (play.terminal);
  harness_run (play.h);
  pos_cancel (play.pos, "tx-1");
  harness_run (play.h);
  peer_answer_of (play.pos, GW_ANSWER_CANCEL_TAKEN);
  assert_status (play.h, "tx-1", TGP_STATUS_AWAITING_RECONNECT, NULL);
  back = terminal_ready (play.h, NULL, "T-1");
  g_assert_cmpuint (peer_count_for (back, "getPaymentStatus", "tx-1"), ==, 1);
  g_assert_cmpuint (peer_count_for (back, "cancelPayment", "tx-1"), ==, 1);
  terminal_result (back, "tx-1", TGP_RESULT_CANCELLED, -1);
  harness_run (play.h);
  assert_status (play.h, "tx-1", TGP_STATUS_CANCELLED, NULL);
}

static void
test_cancel_refused (void)
{
  g_auto (Play) play = play_pending ();
  Peer *other = pos_ready (play.h, harness_create_key (play.h, TGP_ROLE_POS, "store-1"), TRUE);
  Peer *stranger = pos_ready (play.h, harness_create_key (play.h, TGP_ROLE_POS, "store-2"), TRUE);

  pos_cancel (other, "tx-1");
  pos_cancel (stranger, "tx-1");
  pos_cancel (play.pos, "tx-unknown");
  harness_run (play.h);
  peer_assert_error (other, TGP_ERROR_FORBIDDEN, TGP_MONEY_MOVED_UNKNOWN, FALSE, TGP_NEXT_WAIT);
  g_assert_cmpint (peer_answer_of (stranger, GW_ANSWER_ERROR)->code, ==, TGP_ERROR_TRANSACTION_NOT_FOUND);
  g_assert_cmpint (peer_answer_of (play.pos, GW_ANSWER_ERROR)->code, ==, TGP_ERROR_TRANSACTION_NOT_FOUND);
  g_assert_cmpuint (peer_count (play.terminal, "cancelPayment"), ==, 0);
}

/* --- the gateway was down --- */

static void
test_restart (void)
{
  g_auto (Play) play = play_pending ();
  Peer *pos, *back;

  harness_advance (play.h, 30000);
  harness_stop (play.h);
  harness_tick (play.h, 3000);
  harness_start (play.h);
  harness_run (play.h);
  g_assert_true (play.h->ready);
  assert_status (play.h, "tx-1", TGP_STATUS_AWAITING_RECONNECT, NULL);
  g_autoptr (GwTransaction) row = harness_row (play.h, "tx-1");
  g_assert_cmpint (row->grace_expires_at, ==, play.h->wall + 60000);
  pos = pos_ready (play.h, NULL, TRUE);
  pos_terminals (pos);
  Terminal *seen = &g_array_index (peer_answer_of (pos, GW_ANSWER_TERMINALS)->terminals, Terminal, 0);
  g_assert_cmpint (seen->status, ==, TGP_TERMINAL_RECONNECTING);
  g_assert_true (seen->busy);
  back = terminal_ready (play.h, NULL, "T-1");
  g_assert_cmpuint (peer_count (back, "paymentRequest"), ==, 0);
  g_assert_cmpuint (peer_count_for (back, "getPaymentStatus", "tx-1"), ==, 1);
  terminal_result (back, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  assert_status (play.h, "tx-1", TGP_STATUS_COMPLETED, NULL);
  g_assert_cmpuint (peer_count (pos, "paymentComplete"), ==, 1);
}

/* One fresh grace, also for what waited already. */
static void
test_restart_in_grace (void)
{
  g_auto (Play) play = play_pending ();

  peer_drop (play.terminal);
  harness_run (play.h);
  harness_advance (play.h, 50000);
  harness_restart (play.h);
  harness_advance (play.h, 59999);
  assert_status (play.h, "tx-1", TGP_STATUS_AWAITING_RECONNECT, NULL);
  harness_advance (play.h, 1);
  assert_status (play.h, "tx-1", TGP_STATUS_FAILED, "TERMINAL_RECONNECT_TIMEOUT");
  g_assert_cmpuint (harness_count_messages (play.h, play.h->pos_key), ==, 1);
}

static void
test_restart_keeps_the_limit (gconstpointer data)
{
  gint64 jump = GPOINTER_TO_INT (data);
  g_auto (Play) play = play_pending ();

  for (guint i = 0; i < 57; i++)
    {
      harness_advance (play.h, 10000);
      terminal_progress (play.terminal, "tx-1", "AUTHORIZING");
    }
  harness_stop (play.h);
  harness_tick (play.h, 10000);
  harness_jump_wall (play.h, jump);
  harness_start (play.h);
  harness_run (play.h);
  if (jump == 0)
    {
      harness_advance (play.h, 19999);
      assert_status (play.h, "tx-1", TGP_STATUS_AWAITING_RECONNECT, NULL);
      harness_advance (play.h, 1);
    }
  else /* the clock was set back: the limit is what it can be at most */
    {
      Peer *back = terminal_ready (play.h, NULL, "T-1");
      terminal_status (back, "tx-1", TRUE);
      for (guint i = 0; i < 60; i++)
        {
          harness_advance (play.h, 10000);
          terminal_progress (back, "tx-1", "AUTHORIZING");
        }
    }
  g_autoptr (GwTransaction) row = harness_row (play.h, "tx-1");
  g_assert_cmpint (row->status, ==, TGP_STATUS_FAILED);
}

static void
test_restart_without_device_id (void)
{
  g_autoptr (Harness) h = harness_new (NULL);
  Peer *pos = pos_ready (h, NULL, TRUE), *terminal = terminal_ready (h, NULL, NULL);
  g_autofree char *connection = g_strdup (terminal_connection_id (terminal));

  pos_pay (pos, connection, "tx-1", 1234);
  harness_run (h);
  harness_restart (h);
  assert_status (h, "tx-1", TGP_STATUS_FAILED, "TERMINAL_DISCONNECTED");
  pos = pos_ready (h, NULL, TRUE);
  g_assert_cmpuint (peer_count (pos, "paymentComplete"), ==, 1);
  terminal = terminal_ready (h, NULL, NULL);
  g_assert_cmpuint (peer_count_for (terminal, "getPaymentStatus", "tx-1"), ==, 1);
}

/* Many of all kinds; each void is said again, each unsettled one still holds its terminal. */
static void
test_restart_many (void)
{
  g_autoptr (Harness) h = harness_new (NULL);
  Peer *pos = pos_ready (h, NULL, TRUE), *terminals[1100]; /* more than a page of them */

  for (guint i = 0; i < G_N_ELEMENTS (terminals); i++)
    {
      g_autofree char *device = g_strdup_printf ("T-%u", i), *id = g_strdup_printf ("tx-%u", i);
      terminals[i] = terminal_ready (h, NULL, device);
      pos_pay (pos, device, id, 100);
      harness_run (h);
      if (i % 3 == 1)
        terminal_result (terminals[i], id, TGP_RESULT_FAILED, -1);
      if (i % 3 == 1)
        terminal_result (terminals[i], id, TGP_RESULT_SUCCESS, 100);
      if (i % 3 == 2)
        peer_drop (terminals[i]);
      harness_run (h);
    }
  harness_restart (h);
  for (guint i = 0; i < G_N_ELEMENTS (terminals); i++)
    {
      g_autofree char *device = g_strdup_printf ("T-%u", i), *id = g_strdup_printf ("tx-%u", i);
      assert_status (h, id, i % 3 == 1 ? TGP_STATUS_VOIDED : TGP_STATUS_AWAITING_RECONNECT,
                     i % 3 == 1 ? "DECLINED" : NULL);
      Peer *back = terminal_ready (h, NULL, device);
      g_assert_cmpuint (peer_count_for (back, i % 3 == 1 ? "voidPayment" : "getPaymentStatus", id), ==, 1);
    }
  harness_advance (h, 30000);
}

static void
test_restart_unsettled (void)
{
  g_auto (Play) play = play_pending ();
  Peer *pos, *back;

  peer_drop (play.terminal);
  harness_run (play.h);
  harness_advance (play.h, 60000);
  harness_restart (play.h);
  assert_status (play.h, "tx-1", TGP_STATUS_FAILED, "TERMINAL_RECONNECT_TIMEOUT");
  pos = pos_ready (play.h, NULL, TRUE);
  back = terminal_ready (play.h, NULL, "T-1");
  pos_pay (pos, "T-1", "tx-2", 100);
  harness_run (play.h);
  peer_assert_error (pos, TGP_ERROR_PAYMENT_IN_PROGRESS, TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY);
  terminal_result (back, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  g_assert_cmpuint (peer_count (pos, "paymentVoided"), ==, 1);
}

static void
test_start_fails (void)
{
  g_autoptr (Harness) h = harness_new (NULL);

  harness_stop (h);
  harness_start (h);
  h->reads_fail = TRUE;
  harness_run (h);
  g_assert_true (h->ready);
  g_assert_error (h->start_error, G_FILE_ERROR, G_FILE_ERROR_IO);
  h->reads_fail = FALSE;
}

/* --- the gateway goes --- */

static void
test_drain (void)
{
  g_auto (Play) play = play_pending ();
  Peer *waiting = http_pay (play.h, NULL, NULL, "T-1", "tx-1", 1234);
  Peer *poll;

  Peer *other = terminal_ready (play.h, NULL, "T-2");
  pos_pay (play.pos, "T-2", "tx-0", 100);
  harness_run (play.h);
  terminal_result (other, "tx-0", TGP_RESULT_SUCCESS, 100);
  harness_run (play.h);
  pos_ack (play.pos, peer_last (play.pos, "paymentComplete")->event->message_id, NULL);
  harness_run (play.h);
  poll = http_messages (play.h, NULL, 60000);
  harness_run (play.h);
  gw_engine_drain (play.h->engine);
  g_assert_true (gw_engine_is_draining (play.h->engine));
  pos_pay (play.pos, "T-2", "tx-2", 100);
  harness_run (play.h);
  peer_assert_error (play.pos, TGP_ERROR_DRAINING, TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY);
  pos_pay (play.pos, "T-1", "tx-1", 1234); /* is under way: to join it starts nothing */
  harness_run (play.h);
  g_assert_cmpint (peer_answer_of (play.pos, GW_ANSWER_PAYMENT_ACCEPTED)->row->status, ==,
                   TGP_STATUS_PENDING);
  pos_pay (play.pos, "T-2", "tx-0",
           100); /* is paid: whoever asks once more must not hear that nothing was charged */
  harness_run (play.h);
  peer_assert_error (play.pos, TGP_ERROR_DRAINING, TGP_MONEY_MOVED_YES, FALSE, TGP_NEXT_NONE);
  pos_pay (play.pos, "T-2", NULL, 100);
  peer_assert_error (play.pos, TGP_ERROR_DRAINING, TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY);
  g_assert_cmpuint (waiting->answers->len, ==, 0);
  gw_engine_finish (play.h->engine);
  peer_assert_error (waiting, TGP_ERROR_TIMEOUT, TGP_MONEY_MOVED_UNKNOWN, FALSE, TGP_NEXT_CHECK_STATUS);
  g_assert_cmpuint (peer_answer_of (poll, GW_ANSWER_MESSAGES)->count, ==, 0);
  g_assert_true (play.pos->told_to_go);
  g_assert_true (play.terminal->told_to_go);
  g_assert_cmpint (play.terminal->reason, ==, TGP_DISCONNECT_OTHER);
  g_assert_true (play.terminal->reconnect_allowed);
  harness_run (play.h);
  harness_restart (play.h);
  assert_status (play.h, "tx-1", TGP_STATUS_AWAITING_RECONNECT, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/silence/timeout", test_silence);
  g_test_add_func ("/core/silence/answer-after-cancel", test_answer_after_cancel);
  g_test_add_func ("/core/silence/without-cancel", test_silence_without_cancel);
  g_test_add_func ("/core/silence/not-accepted", test_not_accepted);
  g_test_add_func ("/core/silence/probe-fails", test_probe_fails);
  g_test_add_func ("/core/silence/accepted-is-not-probed", test_accepted_is_not_probed);
  g_test_add_func ("/core/silence/limit-connected", test_limit_connected);
  g_test_add_func ("/core/silence/limit-away", test_limit_away);
  g_test_add_func ("/core/silence/lost-at-the-deadline", test_lost_at_the_deadline);
  g_test_add_func ("/core/cancel/wish", test_cancel);
  g_test_add_func ("/core/cancel/before-sent", test_cancel_before_sent);
  g_test_add_func ("/core/cancel/of-refused", test_cancel_of_refused);
  g_test_add_func ("/core/cancel/while-away", test_cancel_while_away);
  g_test_add_func ("/core/cancel/refused", test_cancel_refused);
  g_test_add_func ("/core/restart/pending", test_restart);
  g_test_add_func ("/core/restart/in-grace", test_restart_in_grace);
  g_test_add_data_func ("/core/restart/limit", GINT_TO_POINTER (0), test_restart_keeps_the_limit);
  g_test_add_data_func ("/core/restart/limit-clock-back", GINT_TO_POINTER (-3600000),
                        test_restart_keeps_the_limit);
  g_test_add_func ("/core/restart/without-device-id", test_restart_without_device_id);
  g_test_add_func ("/core/restart/many", test_restart_many);
  g_test_add_func ("/core/restart/unsettled", test_restart_unsettled);
  g_test_add_func ("/core/restart/start-fails", test_start_fails);
  g_test_add_func ("/core/drain", test_drain);
  return g_test_run ();
}
