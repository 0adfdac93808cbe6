/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The simulated terminal: what the amounts do, what it keeps, and what it never does twice. */
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

#include "protocol/terminal-message.h"
#include "tests/sdk/fake-gateway.h"
#include "tests/tools/run.h"

/* The terminal with short times. */
static Run *
start (FakeGateway *gateway, const char *more)
{
  gateway->raw = TRUE;
  return run_start_lines (
    "TGW_TERMINAL_SIM",
    "--gateway %s --device-id TERM-001 --behave fast --late-after 30 --back-after 30 --grace 0 "
    "--json-events %s",
    gateway->url, more);
}

static TgpTerminalMessage *
next (FakeGateway *gateway)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  TgpTerminalMessage *message;

  wait_until (gateway->received.length > 0);
  text = g_queue_pop_head (&gateway->received);
  message = tgp_terminal_message_decode (text, strlen (text), NULL, &error);
  g_assert_no_error (error);
  return message;
}

/* The next message that is no progress; it must be this one, about this payment. */
static TgpTerminalMessage *
expect (FakeGateway *gateway, TgpTerminalAction action, const char *transaction_id)
{
  for (;;)
    {
      TgpTerminalMessage *message = next (gateway);

      if (message->action == TGP_TERMINAL_PAYMENT_PROGRESS && action != TGP_TERMINAL_PAYMENT_PROGRESS)
        {
          tgp_terminal_message_free (message);
          continue;
        }
      g_assert_cmpint (message->action, ==, action);
      g_assert_cmpstr (message->transaction_id, ==, transaction_id);
      return message;
    }
}

static void
expect_and_drop (FakeGateway *gateway, TgpTerminalAction action, const char *transaction_id)
{
  tgp_terminal_message_free (expect (gateway, action, transaction_id));
}

static TgpTerminalMessage *
greet (FakeGateway *gateway, guint n)
{
  fake_gateway_wait_handshakes (gateway, n);
  fake_gateway_send (gateway, "{'action':'connected','connectionId':'c1','deviceId':'TERM-001','groupId':'g',"
                              "'serverTime':'2024-01-15T10:30:00.000Z','heartbeatSeconds':30}");
  return expect (gateway, TGP_TERMINAL_HELLO, NULL);
}

static char *
greet_for_journal (FakeGateway *gateway, guint n)
{
  g_autoptr (TgpTerminalMessage) hello = greet (gateway, n);

  return g_strdup (hello->journal_id);
}

static void
ask_to_pay (FakeGateway *gateway, const char *id, const char *amount, const char *currency)
{
  fake_gateway_send (
    gateway,
    "{'action':'paymentRequest','transactionId':'%s','terminalId':'TERM-001','paymentRequest':{"
    "'transactionId':'%s','amount':'%s','currency':'%s','paymentMethod':'CARD'}}",
    id, id, amount, currency);
}

static void
command (FakeGateway *gateway, const char *action, const char *id)
{
  fake_gateway_send (gateway, "{'action':'%s','transactionId':'%s'}", action, id);
}

static void
test_amounts (void)
{
  static const struct
  {
    const char *amount, *currency;
    TgpResult result;
    const char *code;
  } cases[] = {
    { "12.00", "EUR", TGP_RESULT_SUCCESS, NULL },
    { "12.49", "EUR", TGP_RESULT_SUCCESS, NULL },
    { "0.50", "EUR", TGP_RESULT_FAILED, "DECLINED" },
    { "0.51", "EUR", TGP_RESULT_FAILED, "INSUFFICIENT_FUNDS" },
    { "0.54", "EUR", TGP_RESULT_FAILED, "EXPIRED_CARD" },
    { "0.55", "EUR", TGP_RESULT_FAILED, "WRONG_PIN" },
    { "0.57", "EUR", TGP_RESULT_FAILED, "NOT_PERMITTED" },
    { "0.61", "EUR", TGP_RESULT_FAILED, "OVER_LIMIT" },
    { "0.80", "EUR", TGP_RESULT_CANCELLED, "CANCELLED_BY_CUSTOMER" },
    { "0.81", "EUR", TGP_RESULT_SUCCESS, NULL },
    { "0.96", "EUR", TGP_RESULT_SUCCESS, NULL },
    { "0.99", "EUR", TGP_RESULT_SUCCESS, NULL },
    { "1250", "JPY", TGP_RESULT_FAILED, "DECLINED" },
    { "1200", "JPY", TGP_RESULT_SUCCESS, NULL },
    { "1.051", "KWD", TGP_RESULT_FAILED, "INSUFFICIENT_FUNDS" },
  };
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  g_autoptr (Run) run = start (gateway, "");
  g_autoptr (TgpTerminalMessage) hello = greet (gateway, 1);
  g_autofree char *line = run_next_line (run);

  assert_contains (line, "\"event\":\"connected\",\"terminal\":\"TERM-001\"");
  g_assert_cmpstr (soup_message_headers_get_one (gateway->handshake, "X-Device-Id"), ==, "TERM-001");
  g_assert_nonnull (soup_message_headers_get_one (gateway->handshake, "x-signature"));
  g_assert_cmpuint (hello->capabilities, ==,
                    TGP_CAPABILITY_CANCEL | TGP_CAPABILITY_VOID | TGP_CAPABILITY_PROGRESS);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *id = g_strdup_printf ("T%u", (guint) i);
      g_autoptr (TgpTerminalMessage) result = NULL;

      ask_to_pay (gateway, id, cases[i].amount, cases[i].currency);
      expect_and_drop (gateway, TGP_TERMINAL_PAYMENT_ACCEPTED, id);
      result = expect (gateway, TGP_TERMINAL_PAYMENT_RESPONSE, id);
      g_assert_cmpint (result->response->status, ==, cases[i].result);
      g_assert_cmpstr (result->response->error_code, ==, cases[i].code);
      g_assert_true (result->response->has_amount);
      g_assert_cmpstr (result->response->currency, ==, cases[i].currency);
      g_assert_true ((result->response->authorization_code != NULL) ==
                     (cases[i].result == TGP_RESULT_SUCCESS));
      fake_gateway_send (gateway, "{'action':'paymentResponseAck','transactionId':'%s','status':'COMPLETED'}",
                         id);
    }
}

/* Everything that the gateway repeats gets the same answer, and nothing happens twice. */
static void
test_idempotent (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  g_autoptr (Run) run = start (gateway, "");
  g_autoptr (TgpTerminalMessage) hello = greet (gateway, 1), first = NULL, voided = NULL;

  ask_to_pay (gateway, "T1", "1.00", "EUR");
  expect_and_drop (gateway, TGP_TERMINAL_PAYMENT_ACCEPTED, "T1");
  first = expect (gateway, TGP_TERMINAL_PAYMENT_RESPONSE, "T1");
  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (TgpTerminalMessage) again = NULL;

      if (i % 2 == 0)
        ask_to_pay (gateway, "T1", "1.00", "EUR");
      else
        command (gateway, i == 1 ? "getPaymentStatus" : "cancelPayment", "T1");
      again = expect (gateway, TGP_TERMINAL_PAYMENT_RESPONSE, "T1");
      g_assert_true (tgp_payment_response_same (first->response, again->response));
      if (i == 2)
        fake_gateway_send (gateway,
                           "{'action':'paymentResponseAck','transactionId':'T1','status':'COMPLETED'}");
    }
  for (guint i = 0; i < 2; i++)
    {
      fake_gateway_send (gateway, "{'action':'voidPayment','transactionId':'T1','reason':'r'}");
      voided = expect (gateway, TGP_TERMINAL_VOID_RESPONSE, "T1");
      g_assert_cmpint (voided->void_answer, ==, TGP_VOID_ANSWER_VOIDED);
      g_clear_pointer (&voided, tgp_terminal_message_free);
    }
}

/* Who was told UNKNOWN is never charged for it later. */
static void
test_unknown_stays_unknown (void)
{
  static const char *const asks[] = { "getPaymentStatus", "cancelPayment" };
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  g_autoptr (Run) run = start (gateway, "");
  g_autoptr (TgpTerminalMessage) hello = greet (gateway, 1), voided = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (asks); i++)
    {
      g_autofree char *id = g_strdup_printf ("U%u", (guint) i);

      command (gateway, asks[i], id);
      for (guint j = 0; j < 2; j++)
        {
          g_autoptr (TgpTerminalMessage) status = expect (gateway, TGP_TERMINAL_PAYMENT_STATUS, id);

          g_assert_false (status->in_progress);
          if (j == 0)
            ask_to_pay (gateway, id, "1.00", "EUR");
        }
    }
  fake_gateway_send (gateway, "{'action':'voidPayment','transactionId':'U9','reason':'r'}");
  voided = expect (gateway, TGP_TERMINAL_VOID_RESPONSE, "U9");
  g_assert_cmpint (voided->void_answer, ==, TGP_VOID_ANSWER_UNKNOWN);
  ask_to_pay (gateway, "U9", "1.00", "EUR");
  expect_and_drop (gateway, TGP_TERMINAL_PAYMENT_STATUS, "U9");
}

static void
test_cancel_and_busy (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  g_autoptr (Run) run = start (gateway, "--late-after 60000");
  g_autoptr (TgpTerminalMessage) hello = greet (gateway, 1), result = NULL, busy = NULL, status = NULL;

  ask_to_pay (gateway, "T1", "1.81", "EUR");
  expect_and_drop (gateway, TGP_TERMINAL_PAYMENT_ACCEPTED, "T1");
  ask_to_pay (gateway, "T2", "1.00", "EUR");
  busy = expect (gateway, TGP_TERMINAL_PAYMENT_RESPONSE, "T2");
  g_assert_cmpstr (busy->response->error_code, ==, "TERMINAL_BUSY");
  command (gateway, "getPaymentStatus", "T1");
  status = expect (gateway, TGP_TERMINAL_PAYMENT_STATUS, "T1");
  g_assert_true (status->in_progress);
  command (gateway, "cancelPayment", "T1");
  result = expect (gateway, TGP_TERMINAL_PAYMENT_RESPONSE, "T1");
  g_assert_cmpint (result->response->status, ==, TGP_RESULT_CANCELLED);
}

static void
test_twice_and_refused_void (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  g_autoptr (Run) run = start (gateway, "");
  g_autoptr (TgpTerminalMessage) hello = greet (gateway, 1), voided = NULL;

  ask_to_pay (gateway, "T1", "1.90", "EUR");
  expect_and_drop (gateway, TGP_TERMINAL_PAYMENT_ACCEPTED, "T1");
  expect_and_drop (gateway, TGP_TERMINAL_PAYMENT_RESPONSE, "T1");
  expect_and_drop (gateway, TGP_TERMINAL_PAYMENT_RESPONSE, "T1");
  ask_to_pay (gateway, "T2", "1.96", "EUR");
  expect_and_drop (gateway, TGP_TERMINAL_PAYMENT_ACCEPTED, "T2");
  expect_and_drop (gateway, TGP_TERMINAL_PAYMENT_RESPONSE, "T2");
  fake_gateway_send (gateway, "{'action':'voidPayment','transactionId':'T2','reason':'r'}");
  voided = expect (gateway, TGP_TERMINAL_VOID_RESPONSE, "T2");
  g_assert_cmpint (voided->void_answer, ==, TGP_VOID_ANSWER_FAILED);
}

/* .91 and .92: gone with the result, and back with it, again and again until it is acked. */
static void
test_drops (void)
{
  static const char *const amounts[] = { "1.91", "1.92" };

  for (gsize i = 0; i < G_N_ELEMENTS (amounts); i++)
    {
      g_autoptr (FakeGateway) gateway = fake_gateway_new ();
      g_autoptr (Run) run = start (gateway, "");
      g_autofree char *journal = greet_for_journal (gateway, 1);

      ask_to_pay (gateway, "T1", amounts[i], "EUR");
      expect_and_drop (gateway, TGP_TERMINAL_PAYMENT_ACCEPTED, "T1");
      for (guint n = 2; n < 4; n++)
        {
          g_autofree char *same = NULL;
          g_autoptr (TgpTerminalMessage) result = NULL;

          if (n == 2)
            {
              fake_gateway_wait_handshakes (gateway, n);
              g_queue_clear_full (&gateway->received, g_free); /* progress of the old connection */
            }
          else
            fake_gateway_close (gateway, 1001);
          same = greet_for_journal (gateway, n);
          g_assert_cmpstr (same, ==, journal);
          result = expect (gateway, TGP_TERMINAL_PAYMENT_RESPONSE, "T1");
          g_assert_cmpint (result->response->status, ==, TGP_RESULT_SUCCESS);
        }
      fake_gateway_send (gateway,
                         "{'action':'paymentResponseAck','transactionId':'T1','status':'COMPLETED'}");
      command (gateway, "getPaymentStatus", "T1"); /* answered after the ack was read */
      expect_and_drop (gateway, TGP_TERMINAL_PAYMENT_RESPONSE, "T1");
      fake_gateway_close (gateway, 1001);
      {
        g_autoptr (TgpTerminalMessage) hello = greet (gateway, 4), status = NULL;

        command (gateway, "getPaymentStatus", "OTHER");
        status = expect (gateway, TGP_TERMINAL_PAYMENT_STATUS, "OTHER"); /* nothing of T1 before it */
      }
    }
}

/* .94 comes back without memory and with another journal; .95 never showed it, and has the same one. */
static void
test_forgets (void)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (FakeGateway) gateway = fake_gateway_new ();
      g_autoptr (Run) run = start (gateway, "");
      g_autofree char *journal = greet_for_journal (gateway, 1), *after = NULL;
      g_autoptr (TgpTerminalMessage) status = NULL;

      ask_to_pay (gateway, "T1", i == 0 ? "1.94" : "1.95", "EUR");
      if (i == 0)
        expect_and_drop (gateway, TGP_TERMINAL_PAYMENT_ACCEPTED, "T1");
      fake_gateway_wait_handshakes (gateway, 2);
      if (i == 0)
        g_queue_clear_full (&gateway->received, g_free);
      after = greet_for_journal (gateway, 2);
      g_assert_true ((g_strcmp0 (journal, after) == 0) == (i == 1));
      command (gateway, "getPaymentStatus", "T1");
      status = expect (gateway, TGP_TERMINAL_PAYMENT_STATUS, "T1");
      g_assert_false (status->in_progress);
    }
}

/* .93 says nothing, not even to a cancel; once staff have freed it, it takes the next one. */
static void
test_silent (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  g_autoptr (Run) run = start (gateway, "");
  g_autoptr (TgpTerminalMessage) hello = greet (gateway, 1), status = NULL, denied = NULL;

  ask_to_pay (gateway, "T1", "1.93", "EUR");
  expect_and_drop (gateway, TGP_TERMINAL_PAYMENT_ACCEPTED, "T1");
  command (gateway, "cancelPayment", "T1");
  command (gateway, "getPaymentStatus", "T1");
  status = expect (gateway, TGP_TERMINAL_PAYMENT_STATUS, "T1"); /* the cancel was not answered */
  g_assert_true (status->in_progress);
  ask_to_pay (gateway, "T2", "1.00", "EUR");
  expect_and_drop (gateway, TGP_TERMINAL_PAYMENT_ACCEPTED, "T2");
  expect_and_drop (gateway, TGP_TERMINAL_PAYMENT_RESPONSE, "T2");
  command (gateway, "getPaymentStatus", "T1");
  denied = expect (gateway, TGP_TERMINAL_PAYMENT_STATUS, "T1");
  g_assert_false (denied->in_progress);
}

static void
test_habits (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  g_autoptr (Run) run = start (
    gateway, "--behave no-cancel --behave no-void --behave no-progress --behave decline --behave no-device");
  g_autoptr (TgpTerminalMessage) hello = greet (gateway, 1), accepted = NULL, result = NULL;

  g_assert_cmpuint (hello->capabilities, ==, 0);
  g_assert_null (soup_message_headers_get_one (gateway->handshake, "X-Device-Id"));
  ask_to_pay (gateway, "T1", "1.00", "EUR");
  accepted = next (gateway);
  g_assert_cmpint (accepted->action, ==, TGP_TERMINAL_PAYMENT_ACCEPTED);
  result = next (gateway);
  g_assert_cmpint (result->action, ==, TGP_TERMINAL_PAYMENT_RESPONSE);
  g_assert_cmpstr (result->response->error_code, ==, "DECLINED");
}

/* Killed in mid-payment and killed with an unacked result: the journal knows both. */
static void
test_journal (void)
{
  g_autofree char *folder = g_dir_make_tmp ("tgw-sim-XXXXXX", NULL),
                  *path = g_build_filename (folder, "journal", NULL),
                  *more = g_strdup_printf ("--late-after 60000 --journal %s", path), *journal = NULL,
                  *after = NULL;
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  g_autoptr (Run) run = start (gateway, more), again = NULL;
  g_autoptr (TgpTerminalMessage) kept = NULL, interrupted = NULL, voided = NULL;

  journal = greet_for_journal (gateway, 1);
  ask_to_pay (gateway, "DONE", "1.00", "EUR");
  expect_and_drop (gateway, TGP_TERMINAL_PAYMENT_ACCEPTED, "DONE");
  expect_and_drop (gateway, TGP_TERMINAL_PAYMENT_RESPONSE, "DONE");
  ask_to_pay (gateway, "SHOWN", "1.81", "EUR");
  expect_and_drop (gateway, TGP_TERMINAL_PAYMENT_ACCEPTED, "SHOWN");
  g_subprocess_force_exit (run->process);
  run_wait (run);
  g_queue_clear_full (&gateway->received, g_free);

  again = start (gateway, more);
  after = greet_for_journal (gateway, 2);
  g_assert_cmpstr (after, ==, journal);
  kept = expect (gateway, TGP_TERMINAL_PAYMENT_RESPONSE, "DONE");
  g_assert_cmpint (kept->response->status, ==, TGP_RESULT_SUCCESS);
  interrupted = expect (gateway, TGP_TERMINAL_PAYMENT_RESPONSE, "SHOWN");
  g_assert_cmpint (interrupted->response->status, ==, TGP_RESULT_FAILED);
  fake_gateway_send (gateway, "{'action':'voidPayment','transactionId':'DONE','reason':'r'}");
  voided = expect (gateway, TGP_TERMINAL_VOID_RESPONSE, "DONE");
  g_assert_cmpint (voided->void_answer, ==, TGP_VOID_ANSWER_VOIDED);
  g_subprocess_send_signal (again->process, SIGTERM);
  run_wait (again);
  g_assert_cmpint (again->exit_code, ==, 0);
  g_remove (path);
  g_rmdir (folder);
}

static void
test_bad_journal (void)
{
  static const char *const texts[] = {
    "",
    "x",
    "[]",
    "{}",
    "{\"journalId\":7}",
    "{\"journalId\":\"j\",\"payments\":[{}]}",
    "{\"journalId\":\"j\",\"payments\":[{\"transactionId\":\"T\",\"state\":\"done\"}]}"
  };
  g_autofree char *folder = g_dir_make_tmp ("tgw-sim-XXXXXX", NULL),
                  *path = g_build_filename (folder, "journal", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (Run) run = NULL;

      g_assert_true (g_file_set_contents (path, texts[i], -1, NULL));
      run = run_start ("TGW_TERMINAL_SIM", "--gateway http://127.0.0.1:1 --journal %s", path);
      run_wait (run);
      g_assert_cmpint (run->exit_code, ==, 64);
      assert_contains (run->err, "journal cannot be used");
    }
  g_remove (path);
  g_rmdir (folder);
}

static void
test_ends (void)
{
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (FakeGateway) gateway = fake_gateway_new ();
      g_autoptr (Run) run = NULL;

      if (i == 2)
        gateway->refuse_status = 409;
      run = run_start ("TGW_TERMINAL_SIM", "--gateway %s --device-id TERM-001 --quiet", gateway->url);
      gateway->raw = TRUE;
      if (i < 2)
        {
          g_autoptr (TgpTerminalMessage) hello = greet (gateway, 1);

          fake_gateway_send (
            gateway, "{'action':'forceDisconnect','reason':'%s','message':'go','reconnectAllowed':%s}",
            i == 0 ? "api_key_used_elsewhere" : "admin_action", i == 0 ? "true" : "false");
        }
      run_wait (run);
      g_assert_cmpint (run->exit_code, ==, 77);
      g_assert_cmpstr (run->out, ==, i < 2 ? "connected as TERM-001\n" : "");
      assert_contains (run->err, i < 2 ? "for good" : "another API key");
    }
}

/* Nonsense does not end it. */
static void
test_garbage (void)
{
  static const char *const texts[] = {
    "",
    "x",
    "{}",
    "{'action':'paymentRequest'}",
    "{'action':'voidPayment'}",
    "{'action':'paymentRequest','transactionId':'T','paymentRequest':{'amount':'-1'}}",
    "{'action':'paymentResponseAck','transactionId':'NIX','status':'COMPLETED'}",
    "{'action':'new'}",
    "{'action':'error','code':'X','message':'m'}"
  };
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  g_autoptr (Run) run = start (gateway, "");
  g_autoptr (TgpTerminalMessage) hello = greet (gateway, 1);

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    fake_gateway_send (gateway, "%s", texts[i]);
  ask_to_pay (gateway, "T1", "1.00", "EUR");
  expect_and_drop (gateway, TGP_TERMINAL_PAYMENT_ACCEPTED, "T1");
  expect_and_drop (gateway, TGP_TERMINAL_PAYMENT_RESPONSE, "T1");
  g_assert_cmpuint (gateway->n_handshakes, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  run_set_key (FAKE_KEY, FAKE_SECRET);
  g_test_add_func ("/tools/sim/amounts", test_amounts);
  g_test_add_func ("/tools/sim/idempotent", test_idempotent);
  g_test_add_func ("/tools/sim/unknown-stays-unknown", test_unknown_stays_unknown);
  g_test_add_func ("/tools/sim/cancel-and-busy", test_cancel_and_busy);
  g_test_add_func ("/tools/sim/twice-and-refused-void", test_twice_and_refused_void);
  g_test_add_func ("/tools/sim/drops", test_drops);
  g_test_add_func ("/tools/sim/forgets", test_forgets);
  g_test_add_func ("/tools/sim/silent", test_silent);
  g_test_add_func ("/tools/sim/habits", test_habits);
  g_test_add_func ("/tools/sim/journal", test_journal);
  g_test_add_func ("/tools/sim/bad-journal", test_bad_journal);
  g_test_add_func ("/tools/sim/ends", test_ends);
  g_test_add_func ("/tools/sim/garbage", test_garbage);
  return g_test_run ();
}
