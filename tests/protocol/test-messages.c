/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a POS and a terminal send, and what a terminal is told: bytes -> struct -> the same bytes, and what is
 * refused. */
#include "protocol/error.h"
#include "protocol/pos-message.h"
#include "protocol/terminal-command.h"
#include "protocol/terminal-message.h"

#include <string.h>

#define REQUEST                                                                                              \
  "{\"transactionId\":\"TXN-1\",\"amount\":\"12.30\",\"currency\":\"EUR\",\"paymentMethod\":\"CARD\","       \
  "\"metadata\":{\"a\":1}}"
#define RESPONSE                                                                                             \
  "{\"transactionId\":\"TXN-1\",\"status\":\"SUCCESS\",\"amount\":\"12.30\",\"currency\":\"EUR\"}"

typedef struct
{
  const char *text;
  TgpErrorCode code;
  const char *message;
} Refusal;

static void
test_pos_round_trip (void)
{
  static const char *const texts[] = {
    "{\"action\":\"getTerminals\"}",
    "{\"action\":\"getTerminals\",\"requestId\":\"r \xc3\xa4\"}",
    "{\"action\":\"payment\",\"requestId\":\"1\",\"terminalId\":\"-conn\",\"paymentRequest\":" REQUEST "}",
    "{\"action\":\"payment\",\"terminalId\":\"T:1\",\"paymentRequest\":{\"amount\":\"500\",\"currency\":"
    "\"JPY\",\"paymentMethod\":\"CASH\"}}",
    "{\"action\":\"getTransactionStatus\",\"transactionId\":\"TXN-1\"}",
    "{\"action\":\"cancelPayment\",\"transactionId\":\"TXN-1\"}",
    "{\"action\":\"voidPayment\",\"requestId\":\"\",\"transactionId\":\"TXN-1\"}",
    "{\"action\":\"ping\"}",
    "{\"action\":\"ack\",\"messageIds\":[\"m1\",\"m2\"]}",
    "{\"action\":\"ack\",\"messageIds\":[]}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (TgpPosMessage) message = tgp_pos_message_decode (texts[i], strlen (texts[i]), NULL, &error);
      g_autofree char *back = NULL;

      g_assert_no_error (error);
      back = tgp_pos_message_encode (message);
      g_assert_cmpstr (back, ==, texts[i]);
    }
}

static void
test_pos_payment (void)
{
  static const char text[] = "{\"action\":\"payment\",\"terminalId\":\"T\",\"paymentRequest\":" REQUEST "}";
  g_autoptr (TgpPosMessage) message = tgp_pos_message_decode (text, strlen (text), NULL, NULL);

  g_assert_cmpint (message->action, ==, TGP_POS_PAYMENT);
  g_assert_cmpstr (message->terminal_id, ==, "T");
  g_assert_cmpstr (message->transaction_id, ==, "TXN-1");
  g_assert_cmpint (message->payment->amount, ==, 1230);
  g_assert_cmpstr (message->payment->extras, ==, "\"metadata\":{\"a\":1}");
}

static void
test_pos_refused (void)
{
  static const Refusal cases[] = {
    { "", TGP_ERROR_MALFORMED_JSON, NULL },
    { "[]", TGP_ERROR_MALFORMED_JSON, NULL },
    { "{}", TGP_ERROR_MISSING_FIELD, "action is required" },
    { "{\"action\":null}", TGP_ERROR_MISSING_FIELD, "action is required" },
    { "{\"action\":1}", TGP_ERROR_INVALID_FIELD, "action must be a string" },
    { "{\"action\":\"Ping\"}", TGP_ERROR_UNKNOWN_ACTION, "action Ping is not known" },
    { "{\"action\":\"<b>\"}", TGP_ERROR_UNKNOWN_ACTION, "action is not known" },
    { "{\"action\":\"payment\"}", TGP_ERROR_MISSING_FIELD, "terminalId is required" },
    { "{\"action\":\"payment\",\"terminalId\":\"\"}", TGP_ERROR_MISSING_FIELD, "terminalId is required" },
    { "{\"action\":\"payment\",\"terminalId\":null}", TGP_ERROR_MISSING_FIELD, "terminalId is required" },
    { "{\"action\":\"payment\",\"terminalId\":5}", TGP_ERROR_INVALID_FIELD, "terminalId must be a string" },
    { "{\"action\":\"payment\",\"terminalId\":\"a b\"}", TGP_ERROR_INVALID_FIELD,
      "terminalId must be 1 to 64 of A-Z a-z 0-9 . _ : -" },
    { "{\"action\":\"payment\",\"terminalId\":\"T\"}", TGP_ERROR_MISSING_FIELD,
      "paymentRequest is required" },
    { "{\"action\":\"payment\",\"terminalId\":\"T\",\"paymentRequest\":[]}", TGP_ERROR_INVALID_FIELD,
      "paymentRequest must be an object" },
    { "{\"action\":\"payment\",\"terminalId\":\"T\",\"paymentRequest\":{}}", TGP_ERROR_MISSING_FIELD,
      "amount is required" },
    { "{\"action\":\"getTransactionStatus\"}", TGP_ERROR_MISSING_FIELD, "transactionId is required" },
    { "{\"action\":\"cancelPayment\",\"transactionId\":\"a/b\"}", TGP_ERROR_INVALID_FIELD, NULL },
    { "{\"action\":\"ack\"}", TGP_ERROR_MISSING_FIELD, "messageIds is required" },
    { "{\"action\":\"ack\",\"messageIds\":\"m\"}", TGP_ERROR_INVALID_FIELD, "messageIds must be an array" },
    { "{\"action\":\"ack\",\"messageIds\":[\"m\",7]}", TGP_ERROR_INVALID_FIELD,
      "messageIds[1] must be a string" },
    { "{\"action\":\"ping\",\"requestId\":5}", TGP_ERROR_INVALID_FIELD, "requestId must be a string" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      TgpMessageHint hint = { 0 };

      g_test_message ("%s", cases[i].text);
      g_assert_null (tgp_pos_message_decode (cases[i].text, strlen (cases[i].text), &hint, &error));
      g_assert_error (error, TGP_ERROR, (int) cases[i].code);
      if (cases[i].message != NULL)
        g_assert_cmpstr (error->message, ==, cases[i].message);
      g_assert_cmpint (hint.is_payment, ==, strstr (cases[i].text, "\"payment\"") != NULL);
      tgp_message_hint_clear (&hint);
    }
}

static void
test_hint (void)
{
  static const char inner[] = "{\"action\":\"payment\",\"requestId\":\"r1\",\"terminalId\":\"T\","
                              "\"paymentRequest\":{\"transactionId\":\"TXN-9\",\"amount\":-1}}";
  static const char outer[] = "{\"action\":\"nonsense\",\"requestId\":\"r2\",\"transactionId\":\"TXN-8\"}";
  static const char none[] = "{\"action\":\"ping\",\"requestId\":[],\"transactionId\":\"-\"}";
  TgpMessageHint hint;

  g_assert_null (tgp_pos_message_decode (inner, strlen (inner), &hint, NULL));
  g_assert_cmpstr (hint.request_id, ==, "r1");
  g_assert_cmpstr (hint.transaction_id, ==, "TXN-9");
  g_assert_true (hint.is_payment);
  tgp_message_hint_clear (&hint);
  g_assert_null (tgp_pos_message_decode (outer, strlen (outer), &hint, NULL));
  g_assert_cmpstr (hint.request_id, ==, "r2");
  g_assert_cmpstr (hint.transaction_id, ==, "TXN-8");
  g_assert_false (hint.is_payment);
  tgp_message_hint_clear (&hint);
  g_assert_null (tgp_pos_message_decode (none, strlen (none), &hint, NULL));
  g_assert_null (hint.request_id);
  g_assert_null (hint.transaction_id);
  tgp_message_hint_clear (&hint);
  g_assert_null (tgp_terminal_message_decode (outer, strlen (outer), &hint, NULL));
  g_assert_cmpstr (hint.request_id, ==, "r2");
  tgp_message_hint_clear (&hint);
}

static void
test_ack_limit (void)
{
  for (guint n = 1000; n <= 1001; n++)
    {
      g_autoptr (GString) text = g_string_new ("{\"action\":\"ack\",\"messageIds\":[");
      g_autoptr (TgpPosMessage) message = NULL;

      for (guint i = 0; i < n; i++)
        g_string_append_printf (text, "%s\"m%u\"", i > 0 ? "," : "", i);
      g_string_append (text, "]}");
      message = tgp_pos_message_decode (text->str, text->len, NULL, NULL);
      g_assert_cmpint (message != NULL, ==, n == 1000);
    }
}

static void
test_terminal_round_trip (void)
{
  static const char *const texts[] = {
    "{\"action\":\"hello\",\"metadata\":{\"model\":\"X\"},\"capabilities\":[\"cancel\",\"void\",\"progress\"]"
    ",\"journalId\":\"j\",\"activeTransactions\":[\"TXN-1\"]}",
    "{\"action\":\"hello\",\"metadata\":{},\"capabilities\":[],\"activeTransactions\":[]}",
    "{\"action\":\"paymentAccepted\",\"transactionId\":\"TXN-1\"}",
    "{\"action\":\"paymentProgress\",\"transactionId\":\"TXN-1\",\"stage\":\"PIN_ENTRY\",\"message\":\"m\"}",
    "{\"action\":\"paymentProgress\",\"transactionId\":\"TXN-1\",\"stage\":\"PRESENTED\"}",
    "{\"action\":\"paymentResponse\",\"transactionId\":\"TXN-1\",\"paymentResponse\":" RESPONSE "}",
    "{\"action\":\"paymentStatus\",\"transactionId\":\"TXN-1\",\"state\":\"IN_PROGRESS\"}",
    "{\"action\":\"paymentStatus\",\"transactionId\":\"TXN-1\",\"state\":\"UNKNOWN\"}",
    "{\"action\":\"voidResponse\",\"transactionId\":\"TXN-1\",\"status\":\"VOIDED\"}",
    "{\"action\":\"voidResponse\",\"transactionId\":\"TXN-1\",\"status\":\"UNKNOWN\"}",
    "{\"action\":\"voidResponse\",\"requestId\":\"r\",\"transactionId\":\"TXN-1\",\"status\":\"FAILED\","
    "\"errorCode\":\"E\",\"errorMessage\":\"m\"}",
    "{\"action\":\"ping\",\"requestId\":\"7\"}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (TgpTerminalMessage) message =
        tgp_terminal_message_decode (texts[i], strlen (texts[i]), NULL, &error);
      g_autofree char *back = NULL;

      g_assert_no_error (error);
      back = tgp_terminal_message_encode (message);
      g_assert_cmpstr (back, ==, texts[i]);
    }
}

static void
test_terminal_lenient (void)
{
  static const char hello[] = "{\"action\":\"hello\",\"capabilities\":[\"void\",\"teleport\",5]}";
  static const char inside[] =
    "{\"action\":\"paymentResponse\",\"requestId\":5,\"paymentResponse\":" RESPONSE "}";
  static const char void_response[] = "{\"action\":\"voidResponse\",\"transactionId\":\"T\",\"status\":"
                                      "\"VOIDED\",\"errorCode\":5,\"errorMessage\":{}}";
  g_autoptr (TgpTerminalMessage) first = tgp_terminal_message_decode (hello, strlen (hello), NULL, NULL);
  g_autoptr (TgpTerminalMessage) second = tgp_terminal_message_decode (inside, strlen (inside), NULL, NULL);
  g_autoptr (TgpTerminalMessage) third =
    tgp_terminal_message_decode (void_response, strlen (void_response), NULL, NULL);

  g_assert_cmpuint (first->capabilities, ==, TGP_CAPABILITY_VOID);
  g_assert_null (first->active);
  g_assert_null (first->metadata);
  g_assert_cmpstr (second->transaction_id, ==, "TXN-1");
  g_assert_null (second->request_id);
  g_assert_cmpint (second->response->status, ==, TGP_RESULT_SUCCESS);
  g_assert_cmpint (third->void_answer, ==, TGP_VOID_ANSWER_VOIDED);
  g_assert_null (third->error_code);
}

static void
test_terminal_refused (void)
{
  static const Refusal cases[] = {
    { "null", TGP_ERROR_MALFORMED_JSON, NULL },
    { "{\"action\":\"payment\"}", TGP_ERROR_UNKNOWN_ACTION, NULL },
    { "{\"action\":\"hello\",\"metadata\":[]}", TGP_ERROR_INVALID_FIELD,
      "metadata must be an object of at most 4 KiB" },
    { "{\"action\":\"hello\",\"capabilities\":\"void\"}", TGP_ERROR_INVALID_FIELD,
      "capabilities must be an array" },
    { "{\"action\":\"hello\",\"activeTransactions\":[\"-\"]}", TGP_ERROR_INVALID_FIELD, NULL },
    { "{\"action\":\"hello\",\"journalId\":7}", TGP_ERROR_INVALID_FIELD, "journalId must be a string" },
    { "{\"action\":\"paymentAccepted\"}", TGP_ERROR_MISSING_FIELD, "transactionId is required" },
    { "{\"action\":\"paymentProgress\",\"transactionId\":\"T\"}", TGP_ERROR_MISSING_FIELD,
      "stage is required" },
    { "{\"action\":\"paymentProgress\",\"transactionId\":\"T\",\"stage\":\"\"}", TGP_ERROR_INVALID_FIELD,
      "stage must not be empty" },
    { "{\"action\":\"paymentResponse\",\"transactionId\":\"T\"}", TGP_ERROR_MISSING_FIELD,
      "paymentResponse is required" },
    { "{\"action\":\"paymentResponse\",\"paymentResponse\":{\"status\":\"SUCCESS\"}}",
      TGP_ERROR_MISSING_FIELD, "transactionId is required" },
    { "{\"action\":\"paymentResponse\",\"transactionId\":\"T\",\"paymentResponse\":{}}",
      TGP_ERROR_MISSING_FIELD, "paymentResponse.status is required" },
    { "{\"action\":\"paymentStatus\",\"transactionId\":\"T\"}", TGP_ERROR_MISSING_FIELD,
      "state is required" },
    { "{\"action\":\"paymentStatus\",\"transactionId\":\"T\",\"state\":\"DONE\"}", TGP_ERROR_INVALID_FIELD,
      "state has a value that is not known" },
    { "{\"action\":\"voidResponse\",\"transactionId\":\"T\",\"status\":\"OK\"}", TGP_ERROR_INVALID_FIELD,
      "status has a value that is not known" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", cases[i].text);
      g_assert_null (tgp_terminal_message_decode (cases[i].text, strlen (cases[i].text), NULL, &error));
      g_assert_error (error, TGP_ERROR, (int) cases[i].code);
      if (cases[i].message != NULL)
        g_assert_cmpstr (error->message, ==, cases[i].message);
    }
}

static TgpTerminalCommand *
decode_command (char *text)
{
  g_autofree char *owned = text;
  g_autoptr (GError) error = NULL;
  TgpTerminalCommand *command = tgp_terminal_command_decode (owned, strlen (owned), &error);

  g_assert_no_error (error);
  return command;
}

static void
test_commands (void)
{
  g_autoptr (TgpTerminalCommand) connected =
    decode_command (tgp_encode_terminal_connected ("-c1", "T-1", "g", 1705314600000, 30));
  g_autoptr (TgpTerminalCommand) request =
    decode_command (tgp_encode_payment_request ("TXN-1", "T-1", REQUEST));
  g_autoptr (TgpTerminalCommand) query =
    decode_command (tgp_encode_transaction_command ("getPaymentStatus", "TXN-1"));
  g_autoptr (TgpTerminalCommand) cancel =
    decode_command (tgp_encode_transaction_command ("cancelPayment", "TXN-1"));
  g_autoptr (TgpTerminalCommand) reverse =
    decode_command (tgp_encode_void_payment ("TXN-1", "late", RESPONSE));
  g_autoptr (TgpTerminalCommand) ack =
    decode_command (tgp_encode_payment_response_ack ("TXN-1", TGP_STATUS_VOIDED));
  g_autoptr (TgpTerminalCommand) orphan = decode_command (tgp_encode_payment_response_ack ("TXN-1", -1));
  g_autoptr (TgpTerminalCommand) other = decode_command (g_strdup ("{\"action\":\"selfDestruct\"}"));
  g_autoptr (TgpTerminalCommand) pong =
    decode_command (g_strdup ("{\"action\":\"pong\",\"timestamp\":\"x\"}"));
  g_autoptr (TgpTerminalCommand) largest = NULL;

  g_assert_cmpint (connected->action, ==, TGP_COMMAND_CONNECTED);
  g_assert_cmpstr (connected->connection_id, ==, "-c1");
  g_assert_cmpstr (connected->device_id, ==, "T-1");
  g_assert_cmpstr (connected->group_id, ==, "g");
  g_assert_cmpint (connected->server_time, ==, 1705314600000);
  g_assert_cmpint (connected->heartbeat_seconds, ==, 30);
  g_assert_cmpint (request->action, ==, TGP_COMMAND_PAYMENT_REQUEST);
  g_assert_cmpstr (request->terminal_id, ==, "T-1");
  g_assert_cmpint (request->payment->amount, ==, 1230);
  g_assert_cmpint (query->action, ==, TGP_COMMAND_GET_PAYMENT_STATUS);
  g_assert_cmpint (cancel->action, ==, TGP_COMMAND_CANCEL_PAYMENT);
  g_assert_cmpstr (cancel->transaction_id, ==, "TXN-1");
  g_assert_cmpint (reverse->action, ==, TGP_COMMAND_VOID_PAYMENT);
  g_assert_cmpstr (reverse->reason, ==, "late");
  g_assert_cmpstr (reverse->original_response, ==, RESPONSE);
  g_assert_cmpint (ack->status, ==, TGP_STATUS_VOIDED);
  g_assert_cmpint (orphan->status, ==, -1);
  g_assert_cmpint (other->action, ==, TGP_COMMAND_OTHER);
  g_assert_cmpint (pong->action, ==, TGP_COMMAND_PONG);

  g_assert_null (tgp_terminal_command_decode ("{}", 2, NULL));
  g_assert_null (tgp_terminal_command_decode ("{\"action\":\"paymentRequest\"}", 27, NULL));

  /* The most that a POS may ask for reaches the terminal. */
  {
    static const char text[] =
      "{\"action\":\"payment\",\"terminalId\":\"T\",\"paymentRequest\":{\"amount\":999999999999999,"
      "\"currency\":\"EUR\",\"paymentMethod\":\"CARD\"}}";
    g_autoptr (TgpPosMessage) message = tgp_pos_message_decode (text, strlen (text), NULL, NULL);
    g_autofree char *json = tgp_payment_request_to_json (message->payment);

    largest = decode_command (tgp_encode_payment_request ("TXN-1", "T-1", json));
    g_assert_cmpint (largest->payment->amount, ==, 99999999999999900);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/messages/pos/round-trip", test_pos_round_trip);
  g_test_add_func ("/messages/pos/payment", test_pos_payment);
  g_test_add_func ("/messages/pos/refused", test_pos_refused);
  g_test_add_func ("/messages/pos/ack-limit", test_ack_limit);
  g_test_add_func ("/messages/hint", test_hint);
  g_test_add_func ("/messages/terminal/round-trip", test_terminal_round_trip);
  g_test_add_func ("/messages/terminal/lenient", test_terminal_lenient);
  g_test_add_func ("/messages/terminal/refused", test_terminal_refused);
  g_test_add_func ("/messages/commands", test_commands);
  return g_test_run ();
}
