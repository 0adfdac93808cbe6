/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Results, and what comes after a final state (section 8). */
#include "tests/core/core-peers.h"

#include <string.h>

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
play_pending (guint capabilities)
{
  Play play = { .h = harness_new (NULL) };

  play.terminal = terminal_ready_as (play.h, NULL, "T-1", capabilities, "journal-1");
  play.pos = pos_ready (play.h, NULL, TRUE);
  pos_pay (play.pos, "T-1", "tx-1", 1234);
  harness_run (play.h);
  terminal_accepts (play.terminal, "tx-1");
  return play;
}

static Play
play_completed (guint capabilities)
{
  Play play = play_pending (capabilities);

  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  assert_status (play.h, "tx-1", TGP_STATUS_COMPLETED, NULL);
  return play;
}

/* Closed by the end of its grace, the terminal back. */
static Play
play_too_late (guint capabilities)
{
  Play play = play_pending (capabilities);

  peer_drop (play.terminal);
  harness_run (play.h);
  harness_advance (play.h, 60000);
  play.terminal = terminal_ready_as (play.h, NULL, "T-1", capabilities, "journal-1");
  return play;
}

/* Durable first, then the terminal and the POS hear of it. */
static void
test_durable_first (void)
{
  g_autoptr (Harness) h = harness_new (NULL);
  Peer *terminal = terminal_ready (h, NULL, "T-1"), *pos = pos_ready (h, NULL, TRUE);
  GPtrArray *batch;

  peer_forget (pos);
  pos_pay (pos, "T-1", "tx-1", 1234);
  g_assert_cmpuint (peer_count (terminal, "paymentRequest"), ==, 0);
  g_assert_cmpuint (pos->answers->len, ==, 0);
  batch = harness_commit_only (h, 0);
  assert_status (h, "tx-1", TGP_STATUS_PENDING, NULL);
  g_assert_cmpuint (peer_count (terminal, "paymentRequest"), ==, 0);
  harness_deliver (h, batch);
  TgpTerminalCommand *command = peer_last (terminal, "paymentRequest")->command;
  g_assert_cmpstr (command->transaction_id, ==, "tx-1");
  g_assert_cmpstr (command->terminal_id, ==, "T-1");
  g_assert_cmpint (command->payment->amount, ==, 1234);
  g_assert_cmpstr (command->payment->currency, ==, "EUR");
  Answer *answer = peer_answer_of (pos, GW_ANSWER_PAYMENT_ACCEPTED);
  g_assert_cmpstr (answer->request_id, ==, "r-1");
  g_assert_cmpint (answer->row->status, ==, TGP_STATUS_PENDING);

  terminal_result (terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  g_assert_cmpuint (peer_count (terminal, "paymentResponseAck"), ==, 0);
  g_assert_cmpuint (peer_count (pos, "paymentComplete"), ==, 0);
  batch = harness_commit_only (h, 0);
  g_assert_cmpuint (harness_count_messages (h, h->pos_key), ==, 1);
  g_assert_cmpuint (peer_count (pos, "paymentComplete"), ==, 0);
  harness_deliver (h, batch);
  g_assert_cmpuint (peer_count (terminal, "paymentResponseAck"), ==, 1);
  g_assert_cmpuint (peer_count (pos, "paymentComplete"), ==, 1);
}

static void
test_result (gconstpointer data)
{
  TgpResult result = (TgpResult) GPOINTER_TO_INT (data);
  g_auto (Play) play = play_pending (ALL_CAPABILITIES);

  terminal_result_as (play.terminal, "tx-1", result, 1234, "EUR", NULL,
                      result == TGP_RESULT_FAILED ? "EXPIRED_CARD" : NULL);
  harness_run (play.h);
  switch (result)
    {
    case TGP_RESULT_SUCCESS:
      assert_status (play.h, "tx-1", TGP_STATUS_COMPLETED, NULL);
      assert_row_verdict (play.h, "tx-1", TGP_MONEY_MOVED_YES, FALSE, TGP_NEXT_NONE);
      break;
    case TGP_RESULT_FAILED:
      assert_status (play.h, "tx-1", TGP_STATUS_FAILED, "EXPIRED_CARD");
      assert_row_verdict (play.h, "tx-1", TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY);
      break;
    default:
      assert_status (play.h, "tx-1", TGP_STATUS_CANCELLED, NULL);
      assert_row_verdict (play.h, "tx-1", TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_NONE);
      break;
    }
  g_assert_cmpint (peer_last (play.pos, "paymentComplete")->event->result, ==, result);
}

typedef struct
{
  const char *name;
  gint64 minor;
  const char *currency;
  gboolean confirmed;
  gint64 charged;
  TgpNextAction next;
} Charge;

static const Charge charges[] = {
  { "as-asked", 1234, "EUR", TRUE, 1234, TGP_NEXT_NONE },
  { "less", 1000, "EUR", TRUE, 1000, TGP_NEXT_CALL_STAFF },
  { "more", 1434, "EUR", TRUE, 1434, TGP_NEXT_CALL_STAFF },
  { "currency", 1234, "USD", TRUE, 1234, TGP_NEXT_CALL_STAFF },
  { "not-said", -1, "EUR", FALSE, 1234, TGP_NEXT_NONE },
};

static void
test_charged (gconstpointer data)
{
  const Charge *c = data;
  g_auto (Play) play = play_pending (ALL_CAPABILITIES);
  TgpTransaction view;

  terminal_result_as (play.terminal, "tx-1", TGP_RESULT_SUCCESS, c->minor, c->currency, "A1", NULL);
  harness_run (play.h);
  assert_status (play.h, "tx-1", TGP_STATUS_COMPLETED, NULL);
  assert_row_verdict (play.h, "tx-1", TGP_MONEY_MOVED_YES, FALSE, c->next);
  g_autoptr (GwTransaction) row = harness_row (play.h, "tx-1");
  gw_transaction_view (row, &view);
  g_assert_cmpint (view.amount, ==, c->charged);
  g_assert_cmpstr (view.currency, ==, c->currency);
  g_assert_cmpint (view.amount_confirmed, ==, c->confirmed);
  g_assert_cmpint (gw_transaction_needs_attention (row), ==, c->next == TGP_NEXT_CALL_STAFF);
}

/* What the terminal says of the outcome reaches the POS, with everything on it. */
static void
test_details (void)
{
  g_auto (Play) play = play_pending (ALL_CAPABILITIES);

  terminal_says (play.terminal,
                 "{\"action\":\"paymentResponse\",\"transactionId\":\"tx-1\",\"paymentResponse\":{"
                 "\"status\":\"FAILED\",\"errorCode\":\"51\",\"errorMessage\":\"Not enough\","
                 "\"paymentMethod\":\"MOBILE\",\"receiptData\":{\"lines\":[\"a\"]},"
                 "\"timestamp\":\"2024-01-15T10:30:00.000Z\"}}");
  peer_drop (play.terminal); /* the ack finds nobody */
  harness_run (play.h);
  TgpPaymentResponse *response = peer_last (play.pos, "paymentComplete")->event->response;
  g_assert_cmpstr (response->error_code, ==, "51");
  g_assert_cmpstr (response->error_message, ==, "Not enough");
  g_assert_cmpint (response->method, ==, TGP_METHOD_MOBILE);
  g_assert_cmpint (response->timestamp, ==, G_GINT64_CONSTANT (1705314600000));
  g_assert_nonnull (strstr (response->receipt_data, "lines"));
  g_assert_cmpint (response->amount, ==, 1234); /* not said: what was asked */
  play.terminal = terminal_connect (play.h, NULL, "T-1");
  harness_run (play.h);
  terminal_says (play.terminal, "{\"action\":\"hello\",\"capabilities\":[\"void\",\"fly\"]}");
  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  terminal_result (play.terminal, "tx-unknown", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  terminal_says (play.terminal,
                 "{\"action\":\"voidResponse\",\"transactionId\":\"tx-1\",\"status\":\"FAILED\","
                 "\"errorCode\":\"X1\",\"errorMessage\":\"Paper jam\"}");
  harness_run (play.h);
  g_assert_nonnull (strstr (peer_last (play.pos, "paymentVoidFailed")->text, "Paper jam"));
}

/* A stranger's result, and nobody is there to hear the refusal; a hello with more work than there can be. */
static void
test_gone_strangers (void)
{
  g_auto (Play) play = play_pending (ALL_CAPABILITIES);
  Peer *other = terminal_ready (play.h, NULL, "T-2");
  g_autoptr (GString) hello = g_string_new ("{\"action\":\"hello\",\"activeTransactions\":[\"tx-1\"");

  for (guint i = 0; i < 40; i++)
    g_string_append_printf (hello, ",\"tx-x%u\"", i);
  g_string_append (hello, "]}");
  terminal_says (other, hello->str);
  g_assert_cmpuint (play.h->operations.length, <=, 17); /* bounded */
  terminal_result (other, "tx-1", TGP_RESULT_SUCCESS, 1234);
  peer_drop (other);
  harness_run (play.h);
  g_assert_cmpuint (other->answers->len, ==, 1); /* its handshake's */
  assert_status (play.h, "tx-1", TGP_STATUS_PENDING, NULL);
}

/* Unsettled, and the terminal that is busy with it knows no cancel. */
static void
test_busy_without_cancel (void)
{
  g_auto (Play) play = play_too_late (TGP_CAPABILITY_VOID);

  terminal_status (play.terminal, "tx-1", TRUE);
  harness_run (play.h);
  g_assert_cmpuint (peer_count (play.terminal, "cancelPayment"), ==, 0);
  terminal_status (play.terminal, "tx-1", TRUE);
  peer_drop (play.terminal);
  harness_run (play.h);
  assert_status (play.h, "tx-1", TGP_STATUS_FAILED, "TERMINAL_RECONNECT_TIMEOUT");
}

/* PENDING is progress: no ack, no end. */
static void
test_pending_result (void)
{
  g_auto (Play) play = play_pending (ALL_CAPABILITIES);

  terminal_result (play.terminal, "tx-1", TGP_RESULT_PENDING, -1);
  harness_run (play.h);
  assert_status (play.h, "tx-1", TGP_STATUS_PENDING, NULL);
  g_assert_cmpuint (peer_count (play.terminal, "paymentResponseAck"), ==, 0);
  g_assert_cmpuint (peer_count (play.pos, "paymentProgress"), ==, 1);
}

static void
test_duplicate (gconstpointer data)
{
  TgpResult result = (TgpResult) GPOINTER_TO_INT (data);
  g_auto (Play) play = play_pending (ALL_CAPABILITIES);

  for (guint i = 0; i < 3; i++)
    terminal_result (play.terminal, "tx-1", result, 1234);
  harness_run (play.h);
  for (guint i = 0; i < 3; i++)
    terminal_result (play.terminal, "tx-1", result, 1234);
  harness_run (play.h);
  g_assert_cmpuint (peer_count_for (play.terminal, "paymentResponseAck", "tx-1"), ==, 6);
  g_assert_cmpuint (peer_count (play.pos, "paymentComplete"), ==, 1);
  g_assert_cmpuint (harness_count_messages (play.h, play.h->pos_key), ==, 1);
}

static void
test_conflict (void)
{
  g_auto (Play) play = play_completed (ALL_CAPABILITIES);
  TgpPosEvent *event;

  terminal_result (play.terminal, "tx-1", TGP_RESULT_FAILED, -1);
  terminal_result (play.terminal, "tx-1", TGP_RESULT_FAILED, -1);
  harness_run (play.h);
  terminal_result (play.terminal, "tx-1", TGP_RESULT_FAILED, -1);
  harness_run (play.h);
  assert_status (play.h, "tx-1", TGP_STATUS_COMPLETED, NULL);
  assert_row_verdict (play.h, "tx-1", TGP_MONEY_MOVED_YES, FALSE, TGP_NEXT_CALL_STAFF);
  g_assert_cmpuint (peer_count (play.terminal, "paymentResponseAck"), ==, 4);
  g_assert_cmpint (peer_last (play.terminal, "paymentResponseAck")->command->status, ==,
                   TGP_STATUS_COMPLETED);
  g_assert_cmpuint (peer_count (play.terminal, "voidPayment"), ==, 0);
  g_assert_cmpuint (peer_count (play.pos, "paymentConflict"), ==, 1);
  event = peer_last (play.pos, "paymentConflict")->event;
  g_assert_cmpint (event->response->status, ==, TGP_RESULT_SUCCESS);
  g_assert_nonnull (strstr (event->second_json, "FAILED"));
  g_assert_cmpuint (harness_count_audit (play.h, "payment contradicted"), ==, 1);
}

static void
test_second_success_conflicts (void)
{
  g_auto (Play) play = play_completed (ALL_CAPABILITIES);

  terminal_result_as (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234, "EUR", "OTHER", NULL);
  harness_run (play.h);
  g_assert_cmpuint (peer_count (play.pos, "paymentConflict"), ==, 1);
  g_assert_cmpuint (peer_count (play.terminal, "voidPayment"), ==, 0);
  /* The first once more is no third story. */
  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  g_assert_cmpuint (peer_count (play.pos, "paymentConflict"), ==, 1);
}

static void
test_orphan (void)
{
  g_auto (Play) play = play_pending (ALL_CAPABILITIES);

  terminal_result (play.terminal, "tx-unknown", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  g_assert_cmpint (peer_last (play.terminal, "paymentResponseAck")->command->status, ==, -1);
  g_assert_cmpuint (peer_count (play.terminal, "voidPayment"), ==, 0);
  g_assert_cmpuint (harness_count_audit (play.h, "result for an unknown payment"), ==, 1);
  GwCaller caller;
  Peer *staff = harness_staff (play.h);
  harness_caller (staff, &caller);
  gw_engine_ask (play.h->engine, &caller, gw_read_new (GW_READ_ORPHANS, 0));
  harness_run (play.h);
  g_assert_cmpuint (peer_answer_of (staff, GW_ANSWER_ORPHANS)->count, ==, 1);
}

static void
test_foreign_terminal (void)
{
  g_auto (Play) play = play_pending (ALL_CAPABILITIES);
  Peer *other = terminal_ready (play.h, NULL, "T-2");

  terminal_result (other, "tx-1", TGP_RESULT_SUCCESS, 1234);
  terminal_status (other, "tx-1", FALSE);
  terminal_void_answer (other, "tx-1", TGP_VOID_ANSWER_VOIDED);
  harness_run (play.h);
  assert_status (play.h, "tx-1", TGP_STATUS_PENDING, NULL);
  g_assert_cmpuint (peer_count (other, "paymentResponseAck"), ==, 0);
  g_assert_cmpint (peer_answer_of (other, GW_ANSWER_ERROR)->code, ==, TGP_ERROR_TRANSACTION_NOT_FOUND);
  static const char *const said[] = { "result", "paymentStatus", "voidResponse" };
  g_autoptr (GPtrArray) timeline = harness_read_rows (play.h, GW_READ_TIMELINE, NULL, "tx-1");
  for (guint i = 0; i < G_N_ELEMENTS (said); i++)
    {
      g_autofree char *what = g_strdup_printf ("%s from another terminal refused", said[i]);
      const GwTimelineEntry *entry = timeline->pdata[timeline->len - 3 + i];
      g_assert_cmpuint (harness_count_audit (play.h, what), ==, 1);
      g_assert_cmpstr (entry->what, ==, what);
      g_assert_cmpstr (entry->actor, ==, "terminal T-2");
      g_assert_cmpstr (entry->connection, ==, terminal_connection_id (other));
    }
  terminal_progress (other, "tx-1", "PIN_ENTRY");
  g_assert_cmpuint (peer_count (play.pos, "paymentProgress"), ==, 0);
}

/* --- a success after all --- */

static void
test_late_success (void)
{
  g_auto (Play) play = play_too_late (ALL_CAPABILITIES);
  TgpPosEvent *event;
  GPtrArray *batch;
  Peer *back;

  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  batch = harness_commit_only (play.h, 0);
  assert_status (play.h, "tx-1", TGP_STATUS_VOIDED, "TERMINAL_RECONNECT_TIMEOUT"); /* durable, then said */
  g_assert_cmpuint (peer_count (play.terminal, "voidPayment"), ==, 0);
  harness_deliver (play.h, batch);
  TgpTerminalCommand *command = peer_last (play.terminal, "voidPayment")->command;
  g_assert_cmpstr (command->transaction_id, ==, "tx-1");
  g_assert_nonnull (strstr (command->original_response, "SUCCESS"));
  event = peer_last (play.pos, "paymentVoided")->event;
  g_assert_cmpstr (event->reason, ==, "Terminal reconnected after grace period expired");
  g_assert_cmpint (event->void_status, ==, TGP_VOID_REQUESTED);
  assert_verdict (&event->verdict, TGP_MONEY_MOVED_UNKNOWN, TRUE, TGP_NEXT_WAIT);
  g_assert_cmpint (peer_last (play.terminal, "paymentResponseAck")->command->status, ==, TGP_STATUS_VOIDED);

  /* Every 30 s, and at every reconnect. */
  harness_advance (play.h, 29999);
  g_assert_cmpuint (peer_count (play.terminal, "voidPayment"), ==, 1);
  harness_advance (play.h, 1);
  g_assert_cmpuint (peer_count (play.terminal, "voidPayment"), ==, 2);
  harness_advance (play.h, 30000);
  g_assert_cmpuint (peer_count (play.terminal, "voidPayment"), ==, 3);
  peer_drop (play.terminal);
  harness_run (play.h);
  harness_advance (play.h, 200000);
  back = terminal_ready (play.h, NULL, "T-1");
  g_assert_cmpuint (peer_count (back, "voidPayment"), ==, 1);
  /* The terminal is free meanwhile: it has answered. */
  pos_pay (play.pos, "T-1", "tx-2", 100);
  harness_run (play.h);
  peer_answer_of (play.pos, GW_ANSWER_PAYMENT_ACCEPTED);

  terminal_void_answer (back, "tx-1", TGP_VOID_ANSWER_VOIDED);
  harness_run (play.h);
  event = peer_last (play.pos, "paymentVoidConfirmed")->event;
  g_assert_cmpint (event->void_status, ==, TGP_VOID_CONFIRMED);
  assert_verdict (&event->verdict, TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY);
  harness_advance (play.h, 120000);
  g_assert_cmpuint (peer_count (back, "voidPayment"), ==, 1);
  terminal_void_answer (back, "tx-1", TGP_VOID_ANSWER_VOIDED);
  terminal_void_answer (back, "tx-1", TGP_VOID_ANSWER_FAILED); /* never the reverse */
  harness_run (play.h);
  g_assert_cmpuint (peer_count (play.pos, "paymentVoidConfirmed"), ==, 1);
  g_assert_cmpuint (peer_count (play.pos, "paymentVoidFailed"), ==, 0);
  g_assert_cmpuint (peer_count (play.pos, "paymentVoided"), ==, 1);
}

static void
test_void_fails (gconstpointer data)
{
  TgpVoidAnswer answer = (TgpVoidAnswer) GPOINTER_TO_INT (data);
  g_auto (Play) play = play_too_late (ALL_CAPABILITIES);
  TgpPosEvent *event;

  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  terminal_void_answer (play.terminal, "tx-1", answer);
  terminal_void_answer (play.terminal, "tx-1", answer);
  harness_run (play.h);
  event = peer_last (play.pos, "paymentVoidFailed")->event;
  g_assert_cmpint (event->void_status, ==, TGP_VOID_FAILED);
  assert_verdict (&event->verdict, TGP_MONEY_MOVED_YES, FALSE, TGP_NEXT_CALL_STAFF);
  g_assert_cmpuint (peer_count (play.pos, "paymentVoidFailed"), ==, 1);
  g_autoptr (GwTransaction) row = harness_row (play.h, "tx-1");
  g_assert_true (gw_transaction_needs_attention (row));
  harness_advance (play.h, 120000);
  g_assert_cmpuint (peer_count (play.terminal, "voidPayment"), ==, 1);
  /* It may still be confirmed. */
  terminal_void_answer (play.terminal, "tx-1", TGP_VOID_ANSWER_VOIDED);
  harness_run (play.h);
  g_assert_cmpuint (peer_count (play.pos, "paymentVoidConfirmed"), ==, 1);
  assert_row_verdict (play.h, "tx-1", TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY);
}

static void
test_cannot_void (void)
{
  g_auto (Play) play = play_too_late (TGP_CAPABILITY_CANCEL);
  TgpPosEvent *event;

  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  event = peer_last (play.pos, "paymentVoided")->event;
  g_assert_cmpint (event->void_status, ==, TGP_VOID_FAILED);
  assert_verdict (&event->verdict, TGP_MONEY_MOVED_YES, FALSE, TGP_NEXT_CALL_STAFF);
  harness_advance (play.h, 120000);
  g_assert_cmpuint (peer_count (play.terminal, "voidPayment"), ==, 0);
  g_assert_cmpuint (peer_count (play.pos, "paymentVoidFailed"), ==, 0);
}

/* hello and the cached result in one go: what the terminal can do is what it has just said. */
static void
test_late_success_at_once (void)
{
  g_auto (Play) play = play_pending (TGP_CAPABILITY_CANCEL);

  peer_drop (play.terminal);
  harness_run (play.h);
  harness_advance (play.h, 60000);
  play.terminal = terminal_connect (play.h, NULL, "T-1");
  harness_run (play.h);
  terminal_hello (play.terminal, ALL_CAPABILITIES, "journal-1", NULL);
  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  g_assert_cmpuint (peer_count (play.terminal, "voidPayment"), ==, 1);
  g_assert_cmpint (peer_last (play.pos, "paymentVoided")->event->void_status, ==, TGP_VOID_REQUESTED);
}

static void
test_success_after_refusal (gconstpointer data)
{
  TgpResult first = (TgpResult) GPOINTER_TO_INT (data);
  g_auto (Play) play = play_pending (ALL_CAPABILITIES);

  terminal_result (play.terminal, "tx-1", first, -1);
  harness_run (play.h);
  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  assert_status (play.h, "tx-1", TGP_STATUS_VOIDED, first == TGP_RESULT_FAILED ? "DECLINED" : NULL);
  g_assert_cmpuint (peer_count (play.terminal, "voidPayment"), ==, 1);
  g_assert_cmpstr (peer_last (play.pos, "paymentVoided")->event->reason, !=,
                   "Terminal reconnected after grace period expired");
  /* The same again: acked, nothing else. */
  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  terminal_result (play.terminal, "tx-1", TGP_RESULT_FAILED, -1);
  harness_run (play.h);
  g_assert_cmpuint (peer_count (play.terminal, "paymentResponseAck"), ==, 4);
  g_assert_cmpuint (peer_count (play.pos, "paymentVoided"), ==, 1);
}

/* --- a void that the POS asked for --- */

static void
test_requested_void (void)
{
  g_auto (Play) play = play_completed (ALL_CAPABILITIES);
  g_autoptr (GwTransaction) row = NULL;
  TgpPosEvent *event;

  pos_void (play.pos, "tx-1");
  harness_run (play.h);
  peer_answer_of (play.pos, GW_ANSWER_VOID_TAKEN);
  g_assert_cmpuint (peer_count_for (play.terminal, "voidPayment", "tx-1"), ==, 1);
  g_assert_cmpuint (peer_count (play.pos, "paymentVoided"), ==, 0);
  assert_row_verdict (play.h, "tx-1", TGP_MONEY_MOVED_YES, FALSE, TGP_NEXT_WAIT);
  pos_void (play.pos, "tx-1"); /* once more is nothing new */
  harness_run (play.h);
  peer_answer_of (play.pos, GW_ANSWER_VOID_TAKEN);
  g_assert_cmpuint (peer_count (play.terminal, "voidPayment"), ==, 1);

  terminal_void_answer (play.terminal, "tx-1", TGP_VOID_ANSWER_FAILED);
  harness_run (play.h);
  assert_status (play.h, "tx-1", TGP_STATUS_COMPLETED, NULL);
  assert_row_verdict (play.h, "tx-1", TGP_MONEY_MOVED_YES, FALSE, TGP_NEXT_CALL_STAFF);
  g_assert_cmpuint (peer_count (play.pos, "paymentVoidFailed"), ==, 1);

  pos_void (play.pos, "tx-1"); /* after FAILED it may be asked for again */
  harness_run (play.h);
  g_assert_cmpuint (peer_count (play.terminal, "voidPayment"), ==, 2);
  terminal_void_answer (play.terminal, "tx-1", TGP_VOID_ANSWER_VOIDED);
  harness_run (play.h);
  assert_status (play.h, "tx-1", TGP_STATUS_VOIDED, NULL);
  event = peer_last (play.pos, "paymentVoided")->event;
  g_assert_cmpint (event->void_status, ==, TGP_VOID_CONFIRMED);
  g_assert_cmpstr (event->reason, ==, "Void requested");
  g_assert_cmpuint (peer_count (play.pos, "paymentVoidConfirmed"), ==, 0);
  g_assert_cmpuint (harness_count_audit (play.h, "void requested"), ==, 2);

  pos_void (play.pos, "tx-1");
  harness_run (play.h);
  peer_assert_error (play.pos, TGP_ERROR_ALREADY_FINAL, TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY);
}

static void
test_void_refused (void)
{
  g_auto (Play) play = play_pending (TGP_CAPABILITY_CANCEL);
  Peer *other = pos_ready (play.h, harness_create_key (play.h, TGP_ROLE_POS, "store-2"), TRUE);

  pos_void (play.pos, "tx-1");
  harness_run (play.h);
  peer_assert_error (play.pos, TGP_ERROR_PAYMENT_IN_PROGRESS, TGP_MONEY_MOVED_UNKNOWN, FALSE, TGP_NEXT_WAIT);
  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  pos_void (play.pos, "tx-1");
  harness_run (play.h);
  peer_assert_error (play.pos, TGP_ERROR_VOID_NOT_SUPPORTED, TGP_MONEY_MOVED_YES, FALSE, TGP_NEXT_NONE);
  pos_void (other, "tx-1");
  harness_run (play.h);
  g_assert_cmpint (peer_answer_of (other, GW_ANSWER_ERROR)->code, ==, TGP_ERROR_TRANSACTION_NOT_FOUND);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/outcome/durable-first", test_durable_first);
  g_test_add_data_func ("/core/outcome/success", GINT_TO_POINTER (TGP_RESULT_SUCCESS), test_result);
  g_test_add_data_func ("/core/outcome/failed", GINT_TO_POINTER (TGP_RESULT_FAILED), test_result);
  g_test_add_data_func ("/core/outcome/cancelled", GINT_TO_POINTER (TGP_RESULT_CANCELLED), test_result);
  for (guint i = 0; i < G_N_ELEMENTS (charges); i++)
    {
      g_autofree char *path = g_strconcat ("/core/outcome/charged/", charges[i].name, NULL);
      g_test_add_data_func (path, &charges[i], test_charged);
    }
  g_test_add_func ("/core/outcome/details", test_details);
  g_test_add_func ("/core/outcome/gone-strangers", test_gone_strangers);
  g_test_add_func ("/core/outcome/busy-without-cancel", test_busy_without_cancel);
  g_test_add_func ("/core/outcome/pending-is-progress", test_pending_result);
  g_test_add_data_func ("/core/outcome/duplicate/success", GINT_TO_POINTER (TGP_RESULT_SUCCESS),
                        test_duplicate);
  g_test_add_data_func ("/core/outcome/duplicate/failed", GINT_TO_POINTER (TGP_RESULT_FAILED),
                        test_duplicate);
  g_test_add_data_func ("/core/outcome/duplicate/cancelled", GINT_TO_POINTER (TGP_RESULT_CANCELLED),
                        test_duplicate);
  g_test_add_func ("/core/outcome/conflict", test_conflict);
  g_test_add_func ("/core/outcome/conflict/second-success", test_second_success_conflicts);
  g_test_add_func ("/core/outcome/orphan", test_orphan);
  g_test_add_func ("/core/outcome/foreign-terminal", test_foreign_terminal);
  g_test_add_func ("/core/outcome/late-success", test_late_success);
  g_test_add_func ("/core/outcome/late-success/at-once", test_late_success_at_once);
  g_test_add_data_func ("/core/outcome/void-fails/failed", GINT_TO_POINTER (TGP_VOID_ANSWER_FAILED),
                        test_void_fails);
  g_test_add_data_func ("/core/outcome/void-fails/unknown", GINT_TO_POINTER (TGP_VOID_ANSWER_UNKNOWN),
                        test_void_fails);
  g_test_add_func ("/core/outcome/cannot-void", test_cannot_void);
  g_test_add_data_func ("/core/outcome/success-after/failed", GINT_TO_POINTER (TGP_RESULT_FAILED),
                        test_success_after_refusal);
  g_test_add_data_func ("/core/outcome/success-after/cancelled", GINT_TO_POINTER (TGP_RESULT_CANCELLED),
                        test_success_after_refusal);
  g_test_add_func ("/core/outcome/requested-void", test_requested_void);
  g_test_add_func ("/core/outcome/void-refused", test_void_refused);
  return g_test_run ();
}
