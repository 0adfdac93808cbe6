/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A terminal is lost in mid-payment (section 8). */
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

/* tx-1 on T-1 is PENDING, and accepted by the terminal if so asked. */
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
  g_assert_cmpuint (peer_count (play.terminal, "paymentRequest"), ==, 1);
  return play;
}

static Play
play_pending (void)
{
  return play_pending_as (ALL_CAPABILITIES, TRUE);
}

static Play
play_lost (gboolean accepted)
{
  Play play = play_pending_as (ALL_CAPABILITIES, accepted);

  peer_drop (play.terminal);
  harness_run (play.h);
  assert_status (play.h, "tx-1", TGP_STATUS_AWAITING_RECONNECT, NULL);
  return play;
}

static void
test_lost (void)
{
  g_auto (Play) play = play_pending ();
  Sent *sent;

  peer_drop (play.terminal);
  g_assert_cmpuint (peer_count (play.pos, "paymentAwaitingReconnect"), ==, 0); /* not before it is durable */
  harness_run (play.h);
  sent = peer_last (play.pos, "paymentAwaitingReconnect");
  g_assert_cmpstr (sent->event->transaction_id, ==, "tx-1");
  g_assert_cmpint (sent->event->grace_expires_at, ==, play.h->wall + 60000);
  g_assert_cmpint (sent->event->remaining_seconds, ==, 60);
  sent = peer_last (play.pos, "terminalStatusUpdate");
  TgpTerminalInfo *info = sent->event->terminals->pdata[0];
  g_assert_cmpint (info->status, ==, TGP_TERMINAL_RECONNECTING);
  g_assert_true (info->busy);
  g_assert_cmpint (info->grace_expires_at, ==, play.h->wall + 60000);
  assert_row_verdict (play.h, "tx-1", TGP_MONEY_MOVED_UNKNOWN, FALSE, TGP_NEXT_WAIT);

  pos_pay (play.pos, "T-1", "tx-2", 500);
  harness_run (play.h);
  peer_assert_error (play.pos, TGP_ERROR_TERMINAL_OFFLINE, TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY);
  g_assert_cmpint (peer_answer (play.pos)->grace_expires_at, ==, play.h->wall + 60000);
}

/* To the millisecond. */
static void
test_over (void)
{
  g_auto (Play) play = play_lost (TRUE);
  Peer *back;
  Sent *sent;

  harness_advance (play.h, 59999);
  assert_status (play.h, "tx-1", TGP_STATUS_AWAITING_RECONNECT, NULL);
  harness_advance (play.h, 1);
  assert_status (play.h, "tx-1", TGP_STATUS_FAILED, "TERMINAL_RECONNECT_TIMEOUT");
  sent = peer_last (play.pos, "paymentComplete");
  g_assert_cmpint (sent->event->result, ==, TGP_RESULT_FAILED);
  g_assert_cmpstr (sent->event->response->error_code, ==, "TERMINAL_RECONNECT_TIMEOUT");
  assert_row_verdict (play.h, "tx-1", TGP_MONEY_MOVED_UNKNOWN, TRUE, TGP_NEXT_RETRY);
  sent = peer_last (play.pos, "terminalStatusUpdate");
  g_assert_cmpint (((TgpTerminalInfo *) sent->event->terminals->pdata[0])->status, ==, TGP_TERMINAL_OFFLINE);

  /* Unsettled: it is asked for, and in the way. */
  back = terminal_ready (play.h, NULL, "T-1");
  g_assert_cmpuint (peer_count_for (back, "getPaymentStatus", "tx-1"), ==, 1);
  g_assert_cmpuint (peer_count (back, "paymentRequest"), ==, 0);
  pos_pay (play.pos, "T-1", "tx-2", 500);
  harness_run (play.h);
  peer_assert_error (play.pos, TGP_ERROR_PAYMENT_IN_PROGRESS, TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY);
  g_assert_cmpstr (peer_answer (play.pos)->held_by, ==, "tx-1");
  g_assert_cmpstr (peer_answer (play.pos)->transaction_id, ==, "tx-2");

  terminal_status (back, "tx-1", TRUE);
  harness_run (play.h);
  g_assert_cmpuint (peer_count_for (back, "cancelPayment", "tx-1"), ==, 1);
  terminal_result (back, "tx-1", TGP_RESULT_FAILED, -1);
  harness_run (play.h);
  assert_status (play.h, "tx-1", TGP_STATUS_FAILED, "TERMINAL_RECONNECT_TIMEOUT");
  assert_row_verdict (play.h, "tx-1", TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY);
  g_assert_cmpuint (peer_count (play.pos, "paymentComplete"), ==, 1);
  pos_pay (play.pos, "T-1", "tx-2", 500);
  harness_run (play.h);
  peer_answer_of (play.pos, GW_ANSWER_PAYMENT_ACCEPTED);
}

/* The engine looks only when it is asked: which side an event falls on is decided by the clock then. */
static void
test_boundary (gconstpointer data)
{
  gint64 after = GPOINTER_TO_INT (data);
  g_auto (Play) play = play_lost (TRUE);
  Peer *back;

  harness_tick (play.h, after);
  back = terminal_connect (play.h, NULL, "T-1");
  harness_run (play.h);
  terminal_result (back, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  g_assert_cmpuint (peer_count_for (back, "paymentResponseAck", "tx-1"), ==, 1);
  if (after < 60000)
    {
      assert_status (play.h, "tx-1", TGP_STATUS_COMPLETED, NULL);
      g_assert_cmpuint (peer_count (play.pos, "paymentComplete"), ==, 1);
      g_assert_cmpuint (peer_count (play.pos, "paymentVoided"), ==, 0);
    }
  else
    {
      assert_status (play.h, "tx-1", TGP_STATUS_VOIDED, "TERMINAL_RECONNECT_TIMEOUT");
      g_assert_cmpstr (peer_last (play.pos, "paymentVoided")->event->reason, ==,
                       "Terminal reconnected after grace period expired");
    }
}

static void
test_result (gconstpointer data)
{
  TgpResult result = (TgpResult) GPOINTER_TO_INT (data);
  static const TgpStatus becomes[] = { [TGP_RESULT_SUCCESS] = TGP_STATUS_COMPLETED,
                                       [TGP_RESULT_FAILED] = TGP_STATUS_FAILED,
                                       [TGP_RESULT_CANCELLED] = TGP_STATUS_CANCELLED };
  g_auto (Play) play = play_lost (TRUE);
  Peer *back;

  harness_advance (play.h, 30000);
  back = terminal_ready (play.h, NULL, "T-1");
  g_assert_cmpuint (peer_count_for (back, "getPaymentStatus", "tx-1"), ==, 1);
  terminal_result (back, "tx-1", result, 1234);
  harness_run (play.h);
  assert_status (play.h, "tx-1", becomes[result], result == TGP_RESULT_FAILED ? "DECLINED" : NULL);
  g_assert_cmpint (peer_last (play.pos, "paymentComplete")->event->result, ==, result);
  g_assert_cmpuint (harness_count_audit (play.h, "payment recovered: its terminal came back"), ==, 1);
  g_assert_cmpint (peer_last (back, "paymentResponseAck")->command->status, ==, becomes[result]);
  harness_advance (play.h, 700000);
  assert_status (play.h, "tx-1", becomes[result], result == TGP_RESULT_FAILED ? "DECLINED" : NULL);
  g_assert_cmpuint (peer_count (play.pos, "paymentComplete"), ==, 1);
}

/* Busy with it: PENDING again, and the next drop has a grace of its own. A drop in a grace has not. */
static void
test_in_progress (void)
{
  g_auto (Play) play = play_lost (TRUE);
  Peer *back;

  harness_advance (play.h, 40000);
  back = terminal_ready (play.h, NULL, "T-1");
  peer_drop (back); /* says nothing about it: the grace goes on */
  harness_run (play.h);
  harness_advance (play.h, 19999);
  assert_status (play.h, "tx-1", TGP_STATUS_AWAITING_RECONNECT, NULL);
  back = terminal_ready (play.h, NULL, "T-1");
  terminal_status (back, "tx-1", TRUE);
  harness_run (play.h);
  assert_status (play.h, "tx-1", TGP_STATUS_PENDING, NULL);
  g_assert_cmpstr (peer_last (play.pos, "paymentProgress")->event->stage, ==, "RESUMED");
  harness_advance (play.h, 100000);
  assert_status (play.h, "tx-1", TGP_STATUS_PENDING, NULL);

  peer_drop (back);
  harness_run (play.h);
  g_assert_cmpuint (peer_count (play.pos, "paymentAwaitingReconnect"), ==, 2);
  harness_advance (play.h, 59999);
  assert_status (play.h, "tx-1", TGP_STATUS_AWAITING_RECONNECT, NULL);
  harness_advance (play.h, 1);
  assert_status (play.h, "tx-1", TGP_STATUS_FAILED, "TERMINAL_RECONNECT_TIMEOUT");
}

static void
test_drop_in_grace (void)
{
  g_auto (Play) play = play_lost (TRUE);

  harness_advance (play.h, 50000);
  peer_drop (terminal_ready (play.h, NULL, "T-1"));
  harness_run (play.h);
  harness_advance (play.h, 9999);
  assert_status (play.h, "tx-1", TGP_STATUS_AWAITING_RECONNECT, NULL);
  harness_advance (play.h, 1);
  assert_status (play.h, "tx-1", TGP_STATUS_FAILED, "TERMINAL_RECONNECT_TIMEOUT");
}

/* hello names it as active: as good as IN_PROGRESS. */
static void
test_active_in_hello (void)
{
  g_auto (Play) play = play_lost (TRUE);
  Peer *back = terminal_connect (play.h, NULL, "T-1");

  harness_run (play.h);
  terminal_hello (back, ALL_CAPABILITIES, "journal-1", "tx-1");
  harness_run (play.h);
  assert_status (play.h, "tx-1", TGP_STATUS_PENDING, NULL);
}

typedef struct
{
  const char *name;
  gboolean accepted, same_journal, has_journal, can_void, at_once;
  TgpMoneyMoved moved;
  gboolean retry_safe;
  TgpNextAction next;
} Unknown;

static const Unknown unknowns[] = {
  { "unseen", FALSE, TRUE, TRUE, TRUE, FALSE, TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY },
  { "unseen-at-once", FALSE, TRUE, TRUE, TRUE, TRUE, TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY },
  { "unseen-cannot-void", FALSE, TRUE, TRUE, FALSE, FALSE, TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY },
  { "accepted", TRUE, TRUE, TRUE, TRUE, FALSE, TGP_MONEY_MOVED_UNKNOWN, TRUE, TGP_NEXT_RETRY },
  { "accepted-cannot-void", TRUE, TRUE, TRUE, FALSE, FALSE, TGP_MONEY_MOVED_UNKNOWN, FALSE,
    TGP_NEXT_CALL_STAFF },
  { "other-journal", FALSE, FALSE, TRUE, TRUE, FALSE, TGP_MONEY_MOVED_UNKNOWN, TRUE, TGP_NEXT_RETRY },
  { "other-journal-cannot-void", FALSE, FALSE, TRUE, FALSE, FALSE, TGP_MONEY_MOVED_UNKNOWN, FALSE,
    TGP_NEXT_CALL_STAFF },
  { "no-journal", FALSE, FALSE, FALSE, TRUE, FALSE, TGP_MONEY_MOVED_UNKNOWN, TRUE, TGP_NEXT_RETRY },
};

static void
test_unknown (gconstpointer data)
{
  const Unknown *u = data;
  guint capabilities = u->can_void ? ALL_CAPABILITIES : TGP_CAPABILITY_CANCEL;
  g_auto (Play) play = play_pending_as (capabilities, u->accepted);
  Peer *back;

  peer_drop (play.terminal);
  harness_run (play.h);
  harness_advance (play.h, 1000);
  back = terminal_connect (play.h, NULL, "T-1");
  harness_run (play.h);
  terminal_hello (back, capabilities,
                  !u->has_journal   ? NULL
                  : u->same_journal ? "journal-1"
                                    : "journal-2",
                  NULL);
  if (!u->at_once) /* else both come in one go */
    harness_run (play.h);
  terminal_status (back, "tx-1", FALSE);
  harness_run (play.h);
  assert_status (play.h, "tx-1", TGP_STATUS_FAILED, "TERMINAL_LOST_PAYMENT");
  assert_row_verdict (play.h, "tx-1", u->moved, u->retry_safe, u->next);
  g_assert_cmpuint (peer_count (play.pos, "paymentComplete"), ==, 1);
  /* That is an answer: the terminal is free. */
  pos_pay (play.pos, "T-1", "tx-2", 500);
  harness_run (play.h);
  peer_answer_of (play.pos, GW_ANSWER_PAYMENT_ACCEPTED);
}

/* "I do not know it", without ever having been away: it had accepted, so this proves nothing. */
static void
test_unknown_while_connected (gconstpointer data)
{
  gboolean accepted = GPOINTER_TO_INT (data);
  g_auto (Play) play = play_pending_as (TGP_CAPABILITY_CANCEL, accepted);

  terminal_status (play.terminal, "tx-1", FALSE);
  harness_run (play.h);
  assert_status (play.h, "tx-1", TGP_STATUS_FAILED, "TERMINAL_LOST_PAYMENT");
  if (accepted)
    assert_row_verdict (play.h, "tx-1", TGP_MONEY_MOVED_UNKNOWN, FALSE, TGP_NEXT_CALL_STAFF);
  else
    assert_row_verdict (play.h, "tx-1", TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY);
}

/* Sent before it was displaced, stored after: absence counts from the present connection only. */
static void
test_unknown_from_old_connection (void)
{
  g_auto (Play) play = play_pending ();

  terminal_connect (play.h, NULL, "T-1");
  terminal_status (play.terminal, "tx-1", FALSE);
  harness_run (play.h);
  assert_status (play.h, "tx-1", TGP_STATUS_AWAITING_RECONNECT, NULL);
}

/* UNKNOWN after the grace settles; the verdict is the one of a lost payment. */
static void
test_unknown_later (void)
{
  g_auto (Play) play = play_lost (FALSE);
  Peer *back;

  harness_advance (play.h, 61000);
  back = terminal_ready (play.h, NULL, "T-1");
  terminal_status (back, "tx-1", FALSE);
  harness_run (play.h);
  assert_status (play.h, "tx-1", TGP_STATUS_FAILED, "TERMINAL_RECONNECT_TIMEOUT");
  assert_row_verdict (play.h, "tx-1", TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY);
  g_assert_cmpuint (peer_count (play.pos, "paymentComplete"), ==, 1);
  pos_pay (play.pos, "T-1", "tx-2", 500);
  harness_run (play.h);
  peer_answer_of (play.pos, GW_ANSWER_PAYMENT_ACCEPTED);
}

static void
test_no_device_id (void)
{
  g_autoptr (Harness) h = harness_new (NULL);
  Peer *pos = pos_ready (h, NULL, TRUE);
  Peer *terminal = terminal_ready (h, NULL, NULL), *back;
  g_autofree char *connection = g_strdup (terminal_connection_id (terminal));

  pos_pay (pos, connection, "tx-1", 1234);
  harness_run (h);
  peer_drop (terminal);
  harness_run (h);
  assert_status (h, "tx-1", TGP_STATUS_FAILED, "TERMINAL_DISCONNECTED");
  assert_row_verdict (h, "tx-1", TGP_MONEY_MOVED_UNKNOWN, FALSE, TGP_NEXT_CALL_STAFF);
  g_assert_cmpuint (peer_count (pos, "paymentComplete"), ==, 1);
  g_assert_cmpint (
    ((TgpTerminalInfo *) peer_last (pos, "terminalStatusUpdate")->event->terminals->pdata[0])->status, ==,
    TGP_TERMINAL_OFFLINE);
  /* A later connection of the same key may answer for it. */
  back = terminal_ready (h, NULL, NULL);
  g_assert_cmpuint (peer_count_for (back, "getPaymentStatus", "tx-1"), ==, 1);
  terminal_result (back, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (h);
  assert_status (h, "tx-1", TGP_STATUS_VOIDED, "TERMINAL_DISCONNECTED");
  g_assert_cmpuint (peer_count_for (back, "voidPayment", "tx-1"), ==, 1);
}

/* A terminal that comes back before its loss was noticed: lost and back at once. */
static void
test_displaced_by_itself (void)
{
  g_auto (Play) play = play_pending ();
  Peer *back = terminal_connect (play.h, NULL, "T-1");

  harness_run (play.h);
  g_assert_true (play.terminal->told_to_go);
  g_assert_cmpint (play.terminal->reason, ==, TGP_DISCONNECT_API_KEY_USED_ELSEWHERE);
  g_assert_true (play.terminal->reconnect_allowed);
  assert_status (play.h, "tx-1", TGP_STATUS_AWAITING_RECONNECT, NULL);
  g_assert_cmpuint (peer_count (play.pos, "paymentAwaitingReconnect"), ==, 1);
  g_assert_cmpuint (peer_count_for (back, "getPaymentStatus", "tx-1"), ==, 1);
  g_assert_cmpuint (peer_count (back, "paymentRequest"), ==, 0);
  peer_drop (play.terminal); /* the old socket's end is no news */
  harness_run (play.h);
  terminal_hello (back, ALL_CAPABILITIES, "journal-1", NULL);
  terminal_result (back, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  assert_status (play.h, "tx-1", TGP_STATUS_COMPLETED, NULL);
}

static void
test_displaced_by_itself_silent (void)
{
  g_auto (Play) play = play_pending ();

  terminal_ready (play.h, NULL, "T-1");
  harness_advance (play.h, 59999);
  assert_status (play.h, "tx-1", TGP_STATUS_AWAITING_RECONNECT, NULL);
  harness_advance (play.h, 1);
  assert_status (play.h, "tx-1", TGP_STATUS_FAILED, "TERMINAL_RECONNECT_TIMEOUT");
}

/* The wall clock may jump as it likes. */
static void
test_wall_clock (gconstpointer data)
{
  gint64 jump = GPOINTER_TO_INT (data);
  g_auto (Play) play = play_pending ();
  Sent *sent;

  peer_drop (play.terminal);
  harness_jump_wall (play.h, jump); /* before the loss is stored */
  harness_run (play.h);
  harness_advance (play.h, 20000);
  harness_jump_wall (play.h, jump);
  harness_advance (play.h, 39999);
  assert_status (play.h, "tx-1", TGP_STATUS_AWAITING_RECONNECT, NULL);
  sent = peer_last (play.pos, "terminalStatusUpdate");
  g_assert_cmpint (((TgpTerminalInfo *) sent->event->terminals->pdata[0])->status, ==,
                   TGP_TERMINAL_RECONNECTING);
  harness_advance (play.h, 1);
  assert_status (play.h, "tx-1", TGP_STATUS_FAILED, "TERMINAL_RECONNECT_TIMEOUT");
  sent = peer_last (play.pos, "terminalStatusUpdate");
  g_assert_cmpint (((TgpTerminalInfo *) sent->event->terminals->pdata[0])->status, ==, TGP_TERMINAL_OFFLINE);
}

static void
test_idle_terminal (void)
{
  g_autoptr (Harness) h = harness_new (NULL);
  Peer *pos = pos_ready (h, NULL, TRUE), *terminal = terminal_ready (h, NULL, "T-1");
  Terminal *seen;

  peer_drop (terminal);
  harness_run (h);
  pos_terminals (pos);
  seen = &g_array_index (peer_answer_of (pos, GW_ANSWER_TERMINALS)->terminals, Terminal, 0);
  g_assert_cmpint (seen->status, ==, TGP_TERMINAL_RECONNECTING);
  g_assert_cmpint (seen->grace_expires_at, ==, h->wall + 60000);
  g_assert_false (seen->busy);
  harness_advance (h, 60000);
  pos_terminals (pos);
  seen = &g_array_index (peer_answer_of (pos, GW_ANSWER_TERMINALS)->terminals, Terminal, 0);
  g_assert_cmpint (seen->status, ==, TGP_TERMINAL_OFFLINE);
  g_assert_cmpint (seen->grace_expires_at, ==, 0);
}

/* What the till was told of the grace, as seen on the clock that never jumps. */
static gint64
told_until (Play *play)
{
  Sent *sent = peer_last (play->pos, "paymentAwaitingReconnect");
  return play->h->monotonic + sent->event->grace_expires_at - play->h->wall;
}

static void
assert_ends_at (Play *play, gint64 monotonic)
{
  harness_advance (play->h, monotonic - play->h->monotonic - 1);
  assert_status (play->h, "tx-1", TGP_STATUS_AWAITING_RECONNECT, NULL);
  harness_advance (play->h, 1);
  assert_status (play->h, "tx-1", TGP_STATUS_FAILED, "TERMINAL_RECONNECT_TIMEOUT");
}

/* The store is away when the terminal is lost: the grace begins when it can be stored, and ends when it was
 * said to. */
static void
test_lost_while_the_store_is_away (void)
{
  g_auto (Play) play = play_pending ();

  harness_set_fault (play.h, GW_COMMIT_FAILED, FALSE);
  peer_drop (play.terminal);
  harness_advance (play.h, 90000);
  harness_set_fault (play.h, GW_COMMIT_DONE, FALSE);
  harness_advance (play.h, 1000);
  gint64 until = told_until (&play);
  g_assert_cmpint (until, >, play.h->monotonic + 58000);
  g_assert_cmpint (until, <=, play.h->monotonic + 60000);
  assert_ends_at (&play, until);
}

/* It is slow: the grace has begun when the terminal was lost, as the till is told. */
static void
test_lost_while_the_store_is_slow (void)
{
  g_auto (Play) play = play_pending ();

  peer_drop (play.terminal);
  harness_tick (play.h, 20000);
  harness_jump_wall (play.h, 7000000); /* which changes nothing */
  harness_commit (play.h, 0);
  Sent *sent = peer_last (play.pos, "terminalStatusUpdate");
  TgpTerminalInfo *info = sent->event->terminals->pdata[0];
  g_assert_cmpint (info->status, ==, TGP_TERMINAL_RECONNECTING);
  assert_ends_at (&play, play.h->monotonic + 40000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/grace/lost", test_lost);
  g_test_add_func ("/core/grace/over", test_over);
  g_test_add_data_func ("/core/grace/back-at-59999", GINT_TO_POINTER (59999), test_boundary);
  g_test_add_data_func ("/core/grace/back-at-60000", GINT_TO_POINTER (60000), test_boundary);
  g_test_add_data_func ("/core/grace/back-at-60001", GINT_TO_POINTER (60001), test_boundary);
  g_test_add_data_func ("/core/grace/result/success", GINT_TO_POINTER (TGP_RESULT_SUCCESS), test_result);
  g_test_add_data_func ("/core/grace/result/failed", GINT_TO_POINTER (TGP_RESULT_FAILED), test_result);
  g_test_add_data_func ("/core/grace/result/cancelled", GINT_TO_POINTER (TGP_RESULT_CANCELLED), test_result);
  g_test_add_func ("/core/grace/in-progress", test_in_progress);
  g_test_add_func ("/core/grace/drop-in-grace", test_drop_in_grace);
  g_test_add_func ("/core/grace/active-in-hello", test_active_in_hello);
  for (guint i = 0; i < G_N_ELEMENTS (unknowns); i++)
    {
      g_autofree char *path = g_strconcat ("/core/grace/unknown/", unknowns[i].name, NULL);
      g_test_add_data_func (path, &unknowns[i], test_unknown);
    }
  g_test_add_data_func ("/core/grace/unknown/connected", GINT_TO_POINTER (FALSE),
                        test_unknown_while_connected);
  g_test_add_data_func ("/core/grace/unknown/connected-accepted", GINT_TO_POINTER (TRUE),
                        test_unknown_while_connected);
  g_test_add_func ("/core/grace/unknown/old-connection", test_unknown_from_old_connection);
  g_test_add_func ("/core/grace/unknown/later", test_unknown_later);
  g_test_add_func ("/core/grace/no-device-id", test_no_device_id);
  g_test_add_func ("/core/grace/displaced-by-itself", test_displaced_by_itself);
  g_test_add_func ("/core/grace/displaced-by-itself-silent", test_displaced_by_itself_silent);
  g_test_add_data_func ("/core/grace/wall-clock/ahead", GINT_TO_POINTER (3600000), test_wall_clock);
  g_test_add_data_func ("/core/grace/wall-clock/back", GINT_TO_POINTER (-3600000), test_wall_clock);
  g_test_add_func ("/core/grace/idle-terminal", test_idle_terminal);
  g_test_add_func ("/core/grace/store-away", test_lost_while_the_store_is_away);
  g_test_add_func ("/core/grace/store-slow", test_lost_while_the_store_is_slow);
  return g_test_run ();
}
