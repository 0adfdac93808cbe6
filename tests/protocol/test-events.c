/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a POS is told: the exact text, and the client's reading of it. */
#include "protocol/error.h"
#include "protocol/pos-event.h"

#include <string.h>

#define NOW      G_GINT64_CONSTANT (1705314600000)
#define NOW_TEXT "\"2024-01-15T10:30:00.000Z\""
#define RESPONSE                                                                                             \
  "{\"transactionId\":\"TXN-1\",\"status\":\"SUCCESS\",\"amount\":\"99.99\",\"currency\":\"USD\"}"
#define PAID "{\"moneyMoved\":\"YES\",\"retrySafe\":false,\"nextAction\":\"NONE\",\"message\":\"Paid.\"}"

static TgpVerdict
paid (void)
{
  TgpVerdictFacts facts = { .status = TGP_STATUS_COMPLETED };

  return tgp_verdict_of_transaction (&facts);
}

/* Takes the text, compares it (expected NULL: no matter) and reads it. */
static TgpPosEvent *
check (char *text, const char *expected, TgpEventType type)
{
  g_autofree char *owned = text;
  g_autoptr (GError) error = NULL;
  TgpPosEvent *event;

  if (expected != NULL)
    g_assert_cmpstr (owned, ==, expected);
  event = tgp_pos_event_decode (owned, strlen (owned), &error);
  g_assert_no_error (error);
  g_assert_cmpint (event->type, ==, type);
  g_assert_cmpstr (event->text, ==, owned);
  return event;
}

static const TgpTerminalView online = { .connection_id = "c1",
                                        .device_id = "T-1",
                                        .group_id = "g",
                                        .status = TGP_TERMINAL_ONLINE,
                                        .busy = TRUE,
                                        .connected_at = NOW - 1000,
                                        .last_activity = NOW,
                                        .metadata = "{\"m\":1}" };

static void
test_terminals (void)
{
  TgpTerminalView views[] = {
    online,
    { .device_id = "T-2", .status = TGP_TERMINAL_OFFLINE },
    { .connection_id = "-c3", .status = TGP_TERMINAL_RECONNECTING, .grace_expires_at = NOW }
  };
  g_autoptr (TgpPosEvent) event = check (
    tgp_encode_terminals ("terminalsResponse", "r", views, 3, NOW),
    "{\"action\":\"terminalsResponse\",\"requestId\":\"r\",\"terminals\":[{\"connectionId\":\"c1\","
    "\"terminalId\":\"T-1\",\"deviceId\":\"T-1\","
    "\"connectedAt\":\"2024-01-15T10:29:59.000Z\",\"lastActivity\":" NOW_TEXT
    ",\"status\":\"online\",\"metadata\":{\"m\":1},\"busy\":true},"
    "{\"terminalId\":\"T-2\",\"deviceId\":\"T-2\",\"status\":\"offline\",\"metadata\":{},\"busy\":false},"
    "{\"connectionId\":\"-c3\",\"terminalId\":\"-c3\",\"status\":\"reconnecting\",\"metadata\":{},\"busy\":"
    "false,\"graceExpiresAt\":" NOW_TEXT "}],"
    "\"count\":3,\"timestamp\":" NOW_TEXT "}",
    TGP_EVENT_TERMINALS);
  g_autofree char *http = tgp_encode_terminals (NULL, NULL, NULL, 0, NOW);
  TgpTerminalInfo *first = g_ptr_array_index (event->terminals, 0);
  TgpTerminalInfo *third = g_ptr_array_index (event->terminals, 2);

  g_assert_cmpstr (http, ==, "{\"terminals\":[],\"count\":0,\"timestamp\":" NOW_TEXT "}");
  g_assert_cmpstr (event->request_id, ==, "r");
  g_assert_cmpuint (event->terminals->len, ==, 3);
  g_assert_cmpstr (first->terminal_id, ==, "T-1");
  g_assert_cmpstr (first->connection_id, ==, "c1");
  g_assert_true (first->busy);
  g_assert_cmpint (first->connected_at, ==, NOW - 1000);
  g_assert_cmpint (first->last_activity, ==, NOW);
  g_assert_cmpstr (first->metadata, ==, "{\"m\":1}");
  g_assert_cmpint (third->status, ==, TGP_TERMINAL_RECONNECTING);
  g_assert_cmpint (third->grace_expires_at, ==, NOW);
  g_assert_cmpint (third->remaining_seconds, ==, -1);
  g_assert_null (third->device_id);
}

static void
test_terminal_status (void)
{
  TgpTerminalView away = {
    .device_id = "T-1", .group_id = "g", .status = TGP_TERMINAL_RECONNECTING, .grace_expires_at = NOW + 59001
  };
  g_autoptr (TgpPosEvent) first =
    check (tgp_encode_terminal_status_update (&online, NOW),
           "{\"action\":\"terminalStatusUpdate\",\"terminalId\":\"T-1\",\"connectionId\":\"c1\",\"deviceId\":"
           "\"T-1\",\"status\":\"connected\","
           "\"terminalInfo\":{\"connectionId\":\"c1\",\"terminalId\":\"T-1\",\"deviceId\":\"T-1\","
           "\"connectedAt\":\"2024-01-15T10:29:59.000Z\","
           "\"lastActivity\":" NOW_TEXT ",\"status\":\"online\",\"metadata\":{\"m\":1},\"busy\":true},"
           "\"timestamp\":" NOW_TEXT ",\"groupId\":\"g\",\"version\":\"v1\",\"busy\":true}",
           TGP_EVENT_TERMINAL_STATUS);
  g_autoptr (TgpPosEvent) second =
    check (tgp_encode_terminal_status_update (&away, NOW),
           "{\"action\":\"terminalStatusUpdate\",\"terminalId\":\"T-1\",\"deviceId\":\"T-1\",\"status\":"
           "\"reconnecting\",\"timestamp\":" NOW_TEXT ","
           "\"groupId\":\"g\",\"version\":\"v1\",\"busy\":false,\"graceExpiresAt\":\"2024-01-15T10:30:59."
           "001Z\",\"remainingSeconds\":60}",
           TGP_EVENT_TERMINAL_STATUS);
  TgpTerminalInfo *info = g_ptr_array_index (first->terminals, 0);

  g_assert_cmpint (info->status, ==, TGP_TERMINAL_ONLINE);
  g_assert_cmpstr (info->metadata, ==, "{\"m\":1}");
  g_assert_cmpint (info->connected_at, ==, NOW - 1000);
  g_assert_cmpstr (info->group_id, ==, "g");
  info = g_ptr_array_index (second->terminals, 0);
  g_assert_cmpint (info->remaining_seconds, ==, 60);
  g_assert_cmpint (info->grace_expires_at, ==, NOW + 59001);
}

static void
test_small_ones (void)
{
  g_autoptr (TgpPosEvent) connected =
    check (tgp_encode_pos_connected ("c1", "g", NOW, 30, 60, 2),
           "{\"action\":\"connected\",\"connectionId\":\"c1\",\"groupId\":\"g\",\"serverTime\":" NOW_TEXT
           ",\"heartbeatSeconds\":30,"
           "\"gracePeriodSeconds\":60,\"pendingMessages\":2}",
           TGP_EVENT_CONNECTED);
  g_autoptr (TgpPosEvent) accepted =
    check (tgp_encode_accepted ("paymentAccepted", NULL, "TXN-1", "T-1", TGP_STATUS_PENDING),
           "{\"action\":\"paymentAccepted\",\"transactionId\":\"TXN-1\",\"terminalId\":\"T-1\",\"status\":"
           "\"PENDING\"}",
           TGP_EVENT_PAYMENT_ACCEPTED);
  g_autoptr (TgpPosEvent) cancel =
    check (tgp_encode_accepted ("cancelAccepted", "r", "TXN-1", NULL, -1),
           "{\"action\":\"cancelAccepted\",\"requestId\":\"r\",\"transactionId\":\"TXN-1\"}",
           TGP_EVENT_CANCEL_ACCEPTED);
  g_autoptr (TgpPosEvent) void_accepted =
    check (tgp_encode_accepted ("voidAccepted", NULL, "TXN-1", NULL, -1), NULL, TGP_EVENT_VOID_ACCEPTED);
  g_autoptr (TgpPosEvent) pong =
    check (tgp_encode_pong (NULL, NOW), "{\"action\":\"pong\",\"timestamp\":" NOW_TEXT "}", TGP_EVENT_PONG);
  g_autoptr (TgpPosEvent) progress =
    check (tgp_encode_payment_progress ("TXN-1", "T-1", "PIN_ENTRY", "Enter \"PIN\""),
           "{\"action\":\"paymentProgress\",\"transactionId\":\"TXN-1\",\"terminalId\":\"T-1\",\"stage\":"
           "\"PIN_ENTRY\",\"message\":\"Enter \\\"PIN\\\"\"}",
           TGP_EVENT_PAYMENT_PROGRESS);
  g_autoptr (TgpPosEvent) waiting =
    check (tgp_encode_payment_awaiting_reconnect ("TXN-1", "T-1", NOW + 1, NOW),
           "{\"action\":\"paymentAwaitingReconnect\",\"transactionId\":\"TXN-1\",\"terminalId\":\"T-1\","
           "\"graceExpiresAt\":\"2024-01-15T10:30:00.001Z\",\"remainingSeconds\":1}",
           TGP_EVENT_AWAITING_RECONNECT);

  g_assert_cmpint (connected->server_time, ==, NOW);
  g_assert_cmpint (connected->heartbeat_seconds, ==, 30);
  g_assert_cmpint (connected->grace_seconds, ==, 60);
  g_assert_cmpint (connected->pending_messages, ==, 2);
  g_assert_cmpstr (connected->connection_id, ==, "c1");
  g_assert_true (accepted->has_status);
  g_assert_cmpint (accepted->status, ==, TGP_STATUS_PENDING);
  g_assert_cmpstr (accepted->terminal_id, ==, "T-1");
  g_assert_false (cancel->has_status);
  g_assert_cmpstr (cancel->request_id, ==, "r");
  g_assert_cmpstr (void_accepted->transaction_id, ==, "TXN-1");
  g_assert_cmpint (pong->timestamp, ==, NOW);
  g_assert_cmpstr (progress->stage, ==, "PIN_ENTRY");
  g_assert_cmpstr (progress->message, ==, "Enter \"PIN\"");
  g_assert_cmpint (waiting->remaining_seconds, ==, 1);
  g_assert_cmpint (waiting->grace_expires_at, ==, NOW + 1);
}

static void
test_force_disconnect (void)
{
  TgpForceDisconnect disconnect = { .reason = TGP_DISCONNECT_API_KEY_USED_ELSEWHERE,
                                    .reconnect_allowed = TRUE };
  g_autoptr (TgpPosEvent) plain = NULL, full = NULL;

  /* The source's example, to the letter. */
  plain = check (
    tgp_encode_force_disconnect (&disconnect),
    "{\"action\":\"forceDisconnect\",\"reason\":\"api_key_used_elsewhere\","
    "\"message\":\"Connection displaced by new connection with same API key\",\"reconnectAllowed\":true}",
    TGP_EVENT_FORCE_DISCONNECT);
  g_assert_true (plain->reconnect_allowed);
  g_assert_cmpstr (plain->reason, ==, "api_key_used_elsewhere");
  g_assert_null (plain->displaced_by_address);
  disconnect.displaced_by_address = "192.0.2.1";
  disconnect.displaced_by_user_agent = "till/1";
  disconnect.displaced_by_at = NOW;
  disconnect.message = "go";
  full = check (tgp_encode_force_disconnect (&disconnect),
                "{\"action\":\"forceDisconnect\",\"reason\":\"api_key_used_elsewhere\",\"message\":\"go\","
                "\"reconnectAllowed\":true,"
                "\"displacedBy\":{\"address\":\"192.0.2.1\",\"userAgent\":\"till/1\",\"at\":" NOW_TEXT "}}",
                TGP_EVENT_FORCE_DISCONNECT);
  g_assert_cmpstr (full->displaced_by_address, ==, "192.0.2.1");
  g_assert_cmpstr (full->displaced_by_user_agent, ==, "till/1");
  g_assert_cmpint (full->displaced_by_at, ==, NOW);
  g_assert_cmpstr (full->message, ==, "go");
}

static void
test_queued (void)
{
  TgpQueuedMessage message = { .message_id = "m1",
                               .transaction_id = "TXN-1",
                               .terminal_id = "T-1",
                               .group_id = "g",
                               .timestamp = NOW,
                               .verdict = paid (),
                               .result = TGP_RESULT_SUCCESS,
                               .response = RESPONSE,
                               .second = "{\"status\":\"FAILED\"}",
                               .reason = "Terminal reconnected after grace period expired",
                               .void_status = TGP_VOID_REQUESTED };
  g_autoptr (TgpPosEvent) complete =
    check (tgp_encode_payment_complete (&message),
           "{\"action\":\"paymentComplete\",\"transactionId\":\"TXN-1\",\"terminalId\":\"T-1\",\"status\":"
           "\"SUCCESS\",\"paymentResponse\":" RESPONSE ","
           "\"timestamp\":" NOW_TEXT
           ",\"groupId\":\"g\",\"version\":\"v1\",\"messageId\":\"m1\",\"verdict\":" PAID "}",
           TGP_EVENT_PAYMENT_COMPLETE);
  g_autoptr (TgpPosEvent) voided =
    check (tgp_encode_payment_voided ("paymentVoided", &message),
           "{\"action\":\"paymentVoided\",\"terminalId\":\"T-1\",\"transactionId\":\"TXN-1\",\"reason\":"
           "\"Terminal reconnected after grace period expired\","
           "\"originalPaymentResponse\":" RESPONSE ",\"timestamp\":" NOW_TEXT
           ",\"messageId\":\"m1\",\"voidStatus\":\"REQUESTED\",\"verdict\":" PAID "}",
           TGP_EVENT_PAYMENT_VOIDED);
  g_autoptr (TgpPosEvent) conflict = check (
    tgp_encode_payment_conflict (&message),
    "{\"action\":\"paymentConflict\",\"transactionId\":\"TXN-1\",\"terminalId\":\"T-1\",\"first\":" RESPONSE
    ",\"second\":{\"status\":\"FAILED\"},"
    "\"timestamp\":" NOW_TEXT ",\"groupId\":\"g\",\"version\":\"v1\",\"messageId\":\"m1\",\"verdict\":" PAID
    "}",
    TGP_EVENT_PAYMENT_CONFLICT);
  g_autoptr (TgpPosEvent) failed = NULL, confirmed = NULL;

  g_assert_cmpint (complete->result, ==, TGP_RESULT_SUCCESS);
  g_assert_cmpstr (complete->message_id, ==, "m1");
  g_assert_cmpint (complete->response->amount, ==, 9999);
  g_assert_cmpstr (complete->response_json, ==, RESPONSE);
  g_assert_true (complete->has_verdict);
  g_assert_cmpint (complete->verdict.money_moved, ==, TGP_MONEY_MOVED_YES);
  g_assert_cmpstr (voided->reason, ==, message.reason);
  g_assert_cmpint (voided->void_status, ==, TGP_VOID_REQUESTED);
  g_assert_cmpstr (voided->response_json, ==, RESPONSE);
  g_assert_cmpstr (conflict->second_json, ==, "{\"status\":\"FAILED\"}");
  message.error_code = "E";
  message.void_status = TGP_VOID_FAILED;
  failed =
    check (tgp_encode_payment_voided ("paymentVoidFailed", &message), NULL, TGP_EVENT_PAYMENT_VOID_FAILED);
  g_assert_nonnull (strstr (failed->text, "\"errorCode\":\"E\""));
  g_assert_cmpint (failed->void_status, ==, TGP_VOID_FAILED);
  message.void_status = TGP_VOID_CONFIRMED;
  confirmed = check (tgp_encode_payment_voided ("paymentVoidConfirmed", &message), NULL,
                     TGP_EVENT_PAYMENT_VOID_CONFIRMED);
  g_assert_cmpint (confirmed->void_status, ==, TGP_VOID_CONFIRMED);
}

static void
test_errors (void)
{
  TgpVerdict verdict = tgp_verdict_of_error (TGP_ERROR_TIMEOUT);
  TgpErrorBody body = { .code = TGP_ERROR_INVALID_AMOUNT, .message = "amount has 3 decimals, EUR takes 2" };
  g_autofree char *http = tgp_encode_error (FALSE, &body, NOW);
  g_autofree char *other = NULL;
  g_autoptr (TgpPosEvent) event = NULL, unknown = NULL;

  g_assert_cmpstr (http, ==,
                   "{\"error\":\"Bad Request\",\"code\":\"INVALID_AMOUNT\",\"message\":\"amount has 3 "
                   "decimals, EUR takes 2\","
                   "\"timestamp\":" NOW_TEXT "}");
  body.http_status = 431;
  other = tgp_encode_error (FALSE, &body, NOW);
  g_assert_true (g_str_has_prefix (other, "{\"error\":\"Request Header Fields Too Large\",\"code\":"));
  body = (TgpErrorBody){ .code = TGP_ERROR_PAYMENT_IN_PROGRESS,
                         .message = "busy",
                         .request_id = "r",
                         .transaction_id = "TXN-1",
                         .held_by = "TXN-0",
                         .grace_expires_at = NOW,
                         .verdict = &verdict };
  event = check (tgp_encode_error (TRUE, &body, NOW), NULL, TGP_EVENT_ERROR);
  g_assert_true (g_str_has_prefix (
    event->text,
    "{\"action\":\"error\",\"error\":\"Conflict\",\"code\":\"PAYMENT_IN_PROGRESS\",\"message\":\"busy\","
    "\"requestId\":\"r\",\"transactionId\":\"TXN-1\",\"heldBy\":\"TXN-0\",\"graceExpiresAt\":"));
  g_assert_cmpint (event->error_code, ==, TGP_ERROR_PAYMENT_IN_PROGRESS);
  g_assert_cmpstr (event->held_by, ==, "TXN-0");
  g_assert_cmpstr (event->transaction_id, ==, "TXN-1");
  g_assert_cmpint (event->grace_expires_at, ==, NOW);
  g_assert_true (event->has_verdict);
  g_assert_cmpint (event->verdict.next_action, ==, TGP_NEXT_CHECK_STATUS);
  unknown = check (g_strdup ("{\"action\":\"error\",\"code\":\"TEAPOT\"}"), NULL, TGP_EVENT_ERROR);
  g_assert_cmpint (unknown->error_code, ==, TGP_ERROR_INTERNAL_ERROR);
  g_assert_cmpstr (unknown->error_code_name, ==, "TEAPOT");
}

static void
test_transaction (void)
{
  TgpTransaction transaction = { .transaction_id = (char *) "TXN-1",
                                 .status = TGP_STATUS_VOIDED,
                                 .amount = 9999,
                                 .currency = "USD",
                                 .terminal_id = (char *) "T-1",
                                 .device_id = (char *) "T-1",
                                 .request = (char *) "{\"amount\":\"99.99\"}",
                                 .response = (char *) RESPONSE,
                                 .error_code = (char *) "E",
                                 .error_message = (char *) "m",
                                 .created_at = NOW,
                                 .updated_at = NOW + 1,
                                 .completed_at = NOW + 2,
                                 .voided_at = NOW + 3,
                                 .void_reason = (char *) "late",
                                 .void_status = TGP_VOID_CONFIRMED,
                                 .grace_expires_at = NOW + 4,
                                 .settled = TRUE,
                                 .verdict = paid () };
  g_autoptr (TgpPosEvent) event =
    check (tgp_encode_transaction_status ("r", &transaction, NOW + 5),
           "{\"action\":\"transactionStatus\",\"requestId\":\"r\",\"transactionId\":\"TXN-1\",\"status\":"
           "\"VOIDED\",\"amount\":\"99.99\",\"currency\":\"USD\","
           "\"amountConfirmed\":false,\"terminalId\":\"T-1\",\"deviceId\":\"T-1\",\"request\":{\"amount\":"
           "\"99.99\"},\"response\":" RESPONSE ","
           "\"errorCode\":\"E\",\"errorMessage\":\"m\",\"createdAt\":" NOW_TEXT
           ",\"updatedAt\":\"2024-01-15T10:30:00.001Z\","
           "\"completedAt\":\"2024-01-15T10:30:00.002Z\",\"voidedAt\":\"2024-01-15T10:30:00.003Z\","
           "\"voidReason\":\"late\","
           "\"timestamp\":\"2024-01-15T10:30:00.005Z\",\"graceExpiresAt\":\"2024-01-15T10:30:00.004Z\","
           "\"voidStatus\":\"CONFIRMED\","
           "\"settled\":true,\"verdict\":" PAID "}",
           TGP_EVENT_TRANSACTION_STATUS);
  g_autofree char *again = tgp_encode_transaction_status ("r", event->transaction, NOW + 5);
  TgpTransaction small = { .transaction_id = (char *) "TXN-2",
                           .status = TGP_STATUS_PENDING,
                           .amount = 500,
                           .currency = "JPY",
                           .amount_confirmed = TRUE,
                           .terminal_id = (char *) "c",
                           .created_at = NOW,
                           .updated_at = NOW,
                           .verdict = paid () };
  g_autoptr (TgpPosEvent) second =
    check (tgp_encode_transaction_status (NULL, &small, NOW), NULL, TGP_EVENT_TRANSACTION_STATUS);
  g_autofree char *small_again = tgp_encode_transaction_status (NULL, second->transaction, NOW);

  g_assert_cmpstr (again, ==, event->text);
  g_assert_cmpstr (small_again, ==, second->text);
  g_assert_false (second->transaction->settled);
  g_assert_true (second->transaction->amount_confirmed);
  g_assert_null (strstr (small_again, "amountConfirmed"));
  g_assert_null (strstr (small_again, "voidStatus"));
}

static void
test_http_answers (void)
{
  TgpVerdict verdict = paid ();
  g_autofree char *answer =
    tgp_encode_payment_answer ("TXN-1", TGP_RESULT_FAILED, RESPONSE, "VOIDED", &verdict, NOW);
  g_autofree char *taken = tgp_encode_request_taken ("TXN-1", TGP_STATUS_PENDING, NOW);

  g_assert_cmpstr (answer, ==,
                   "{\"transactionId\":\"TXN-1\",\"status\":\"FAILED\",\"paymentResponse\":" RESPONSE
                   ",\"timestamp\":" NOW_TEXT ","
                   "\"errorCode\":\"VOIDED\",\"verdict\":" PAID "}");
  g_assert_cmpstr (taken, ==,
                   "{\"transactionId\":\"TXN-1\",\"status\":\"PENDING\",\"timestamp\":" NOW_TEXT "}");
}

/* The source's own examples are read, without our members. */
static void
test_source_messages (void)
{
  g_autoptr (TgpPosEvent) voided = check (
    g_strdup (
      "{\"action\":\"paymentVoided\",\"terminalId\":\"TERM-001\",\"transactionId\":\"TXN-20240115-001\","
      "\"reason\":\"Terminal reconnected after grace period "
      "expired\",\"originalPaymentResponse\":{\"transactionId\":\"TXN-20240115-001\","
      "\"status\":\"SUCCESS\",\"amount\":\"99.99\",\"currency\":\"USD\"},\"timestamp\":\"2024-01-15T10:38:30."
      "000Z\"}"),
    NULL, TGP_EVENT_PAYMENT_VOIDED);
  g_autoptr (TgpPosEvent) other =
    check (g_strdup ("{\"action\":\"weather\",\"terminals\":5}"), NULL, TGP_EVENT_OTHER);

  g_assert_false (voided->has_verdict);
  g_assert_cmpint (voided->void_status, ==, TGP_VOID_NONE);
  g_assert_cmpint (voided->response->amount, ==, 9999);
  g_assert_cmpstr (other->action, ==, "weather");
}

static void
test_refused (void)
{
  static const char *const texts[] = {
    "",
    "{}",
    "[]",
    "{\"action\":5}",
    "{\"action\":\"paymentComplete\"}",
    "{\"action\":\"paymentComplete\",\"transactionId\":\"T\"}",
    "{\"action\":\"paymentComplete\",\"transactionId\":\"T\",\"status\":\"MAYBE\"}",
    "{\"action\":\"paymentVoided\",\"transactionId\":\"T\",\"voidStatus\":\"MAYBE\"}",
    "{\"action\":\"terminalsResponse\"}",
    "{\"action\":\"terminalsResponse\",\"terminals\":[5]}",
    "{\"action\":\"terminalStatusUpdate\",\"terminalId\":\"T\",\"status\":\"asleep\"}",
    "{\"action\":\"paymentAccepted\"}",
    "{\"action\":\"transactionStatus\",\"transactionId\":\"T\"}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", texts[i]);
      g_assert_null (tgp_pos_event_decode (texts[i], strlen (texts[i]), &error));
      g_assert_nonnull (error);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/events/terminals", test_terminals);
  g_test_add_func ("/events/terminal-status", test_terminal_status);
  g_test_add_func ("/events/small-ones", test_small_ones);
  g_test_add_func ("/events/force-disconnect", test_force_disconnect);
  g_test_add_func ("/events/queued", test_queued);
  g_test_add_func ("/events/errors", test_errors);
  g_test_add_func ("/events/transaction", test_transaction);
  g_test_add_func ("/events/http-answers", test_http_answers);
  g_test_add_func ("/events/source-messages", test_source_messages);
  g_test_add_func ("/events/refused", test_refused);
  return g_test_run ();
}
