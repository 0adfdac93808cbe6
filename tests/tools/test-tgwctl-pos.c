/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tgwctl as a till: outcomes in words, in JSON and as exit codes. */
#include <signal.h>
#include <string.h>

#include "protocol/signature.h"
#include "tests/sdk/fake-gateway.h"
#include "tests/tools/run.h"

static Run *
start_pay (FakeGateway *gateway, const char *more)
{
  return run_start (
    "TGWCTL", "pay --terminal TERM-001 --amount 12.34 --currency EUR --transaction-id T1 --gateway %s %s",
    gateway->url, more);
}

static void
accept (FakeGateway *gateway)
{
  g_autoptr (TgpPosMessage) message = fake_gateway_expect (gateway, TGP_POS_PAYMENT);

  g_assert_cmpstr (message->terminal_id, ==, "TERM-001");
  g_assert_cmpint (message->payment->amount, ==, 1234);
  fake_gateway_send (
    gateway,
    "{'action':'paymentAccepted','requestId':'%s','transactionId':'T1','terminalId':'TERM-001',"
    "'status':'PENDING'}",
    message->request_id);
}

static void
complete (FakeGateway *gateway, const char *status, const char *response, const char *money, gboolean safe,
          const char *next)
{
  fake_gateway_send (
    gateway,
    "{'action':'paymentComplete','transactionId':'T1','terminalId':'TERM-001','status':'%s',"
    "'paymentResponse':{'status':'%s'%s},'messageId':'m1','timestamp':'2024-01-15T10:30:00.000Z',"
    "'verdict':{'moneyMoved':'%s','retrySafe':%s,'nextAction':'%s','message':'In words.'}}",
    status, status, response, money, safe ? "true" : "false", next);
}

static void
test_outcomes (void)
{
  static const struct
  {
    const char *status, *response, *money;
    gboolean safe;
    const char *next;
    int exit_code;
    const char *says, *json;
  } cases[] = {
    { "SUCCESS", ",'amount':'12.34','currency':'EUR','authorizationCode':'A1'", "YES", FALSE, "NONE", 0,
      "approved  12.34 EUR, authorization A1", "\"outcome\":\"APPROVED\"" },
    { "SUCCESS", ",'amount':'10.00','currency':'EUR'", "YES", FALSE, "CALL_STAFF", 3, "approved  10.00 EUR",
      "\"amount\":\"10.00\"" },
    { "FAILED", ",'errorCode':'DECLINED','errorMessage':'No \\u001b[2Jway'", "NO", TRUE, "RETRY", 2,
      "declined  12.34 EUR: No  [2Jway", "\"errorCode\":\"DECLINED\"" },
    { "CANCELLED", "", "NO", TRUE, "NONE", 2, "cancelled", "\"outcome\":\"CANCELLED\"" },
    { "FAILED", ",'errorCode':'TERMINAL_TIMEOUT'", "UNKNOWN", TRUE, "RETRY", 3, "unknown",
      "\"outcome\":\"UNKNOWN\"" },
  };

  for (gsize i = 0; i < 2 * G_N_ELEMENTS (cases); i++)
    {
      gsize n = i / 2;
      gboolean json = i % 2 == 1;
      g_autoptr (FakeGateway) gateway = fake_gateway_new ();
      g_autoptr (Run) run = start_pay (gateway, json ? "--json" : "");
      g_autoptr (TgpPosMessage) ack = NULL;

      accept (gateway);
      fake_gateway_send (gateway, "{'action':'paymentProgress','transactionId':'T1','terminalId':'TERM-001',"
                                  "'stage':'PIN_ENTRY','message':'Enter PIN'}");
      complete (gateway, cases[n].status, cases[n].response, cases[n].money, cases[n].safe, cases[n].next);
      ack = fake_gateway_expect (gateway, TGP_POS_ACK);
      run_wait (run);
      g_assert_cmpint (run->exit_code, ==, cases[n].exit_code);
      assert_contains (run->out, json ? cases[n].json : cases[n].says);
      assert_contains (run->out, "In words.");
      g_assert_null (strchr (run->out, '\033'));
      if (json)
        {
          g_autoptr (TgpJson) parsed = tgp_json_parse_object (run->out, strlen (run->out) - 1, NULL);

          g_assert_nonnull (parsed); /* one line and nothing else */
          g_assert_true (strchr (run->out, '\n') == run->out + strlen (run->out) - 1);
        }
      else
        assert_contains (run->out, "PIN_ENTRY  Enter PIN");
    }
}

static void
test_refused (void)
{
  static const struct
  {
    const char *code;
    int exit_code;
    const char *says;
  } cases[] = {
    { "TERMINAL_OFFLINE", 1, "refused" },
    { "PAYMENT_IN_PROGRESS", 1, "refused" },
    { "TRANSACTION_ID_REUSED", 3, "unknown" },
    { "INTERNAL_ERROR", 3, "unknown" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (FakeGateway) gateway = fake_gateway_new ();
      g_autoptr (Run) run = start_pay (gateway, "");
      g_autoptr (TgpPosMessage) message = fake_gateway_expect (gateway, TGP_POS_PAYMENT);

      fake_gateway_send (gateway,
                         "{'action':'error','error':'x','code':'%s','message':'because','requestId':'%s',"
                         "'transactionId':'T1','timestamp':'2024-01-15T10:30:00.000Z'}",
                         cases[i].code, message->request_id);
      run_wait (run);
      g_assert_cmpint (run->exit_code, ==, cases[i].exit_code);
      assert_contains (run->out, cases[i].says);
      assert_contains (run->out, "because");
    }
}

static void
test_key_refused (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  g_autoptr (Run) run = NULL;

  gateway->refuse_status = 401;
  gateway->refuse_body = g_strdup ("{\"code\":\"UNAUTHORIZED\",\"message\":\"unknown key\"}");
  run = start_pay (gateway, "");
  run_wait (run);
  g_assert_cmpint (run->exit_code, ==, 77);
  assert_contains (run->err, "unknown key");
  g_assert_cmpstr (run->out, ==, "");
}

static void
test_gives_up (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  g_autoptr (Run) run = start_pay (gateway, "--timeout 1");

  accept (gateway);
  run_wait (run);
  g_assert_cmpint (run->exit_code, ==, 3);
  assert_contains (run->out, "unknown");
}

/* Ctrl-C asks to cancel; what the terminal says counts. A second one stops waiting. */
static void
test_interrupt (void)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (FakeGateway) gateway = fake_gateway_new ();
      g_autoptr (Run) run = start_pay (gateway, "");
      g_autoptr (TgpPosMessage) cancel = NULL;

      accept (gateway);
      g_subprocess_send_signal (run->process, SIGINT);
      cancel = fake_gateway_expect (gateway, TGP_POS_CANCEL_PAYMENT);
      if (i == 0)
        complete (gateway, "SUCCESS", ",'amount':'12.34','currency':'EUR'", "YES", FALSE, "NONE");
      else
        g_subprocess_send_signal (run->process, SIGINT);
      run_wait (run);
      g_assert_cmpint (run->exit_code, ==, i == 0 ? 0 : 3);
      assert_contains (run->out, i == 0 ? "approved" : "unknown");
    }
}

static void
test_over_a_reconnect (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  g_autoptr (Run) run = start_pay (gateway, "");
  g_autoptr (TgpPosMessage) ask = NULL;

  accept (gateway);
  fake_gateway_close (gateway, 1001);
  fake_gateway_wait_handshakes (gateway, 2);
  ask = fake_gateway_expect (gateway, TGP_POS_GET_TRANSACTION_STATUS);
  g_assert_cmpstr (ask->transaction_id, ==, "T1");
  complete (gateway, "SUCCESS", ",'amount':'12.34','currency':'EUR'", "YES", FALSE, "NONE");
  run_wait (run);
  g_assert_cmpint (run->exit_code, ==, 0);
  assert_contains (run->err, "trying to come back");
}

static void
test_events (void)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (FakeGateway) gateway = fake_gateway_new ();
      g_autoptr (Run) run =
        run_start ("TGWCTL", "events --count 4 %s --gateway %s", i == 0 ? "" : "--json", gateway->url);

      /* It only looks on: nothing is acked, neither in words nor by a pong. What comes again is printed once.
       */
      fake_gateway_wait_handshakes (gateway, 1);
      g_assert_cmpstr (soup_message_headers_get_one (gateway->handshake, "x-delivery"), ==, "ack");
      complete (gateway, "SUCCESS", "", "YES", FALSE, "NONE");
      complete (gateway, "SUCCESS", "", "YES", FALSE, "NONE");
      fake_gateway_send (gateway, "{'action':'pong2'}");
      run_wait (run);
      fake_gateway_expect_nothing (gateway);
      g_assert_cmpint (run->exit_code, ==, 0);
      assert_contains (run->out, i == 0 ? "paymentComplete" : "\"action\":\"paymentComplete\"");
      assert_contains (run->out, "terminalsResponse");
      assert_contains (run->out, "pong2");
    }
}

static void
test_events_displaced (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  g_autoptr (Run) run = run_start ("TGWCTL", "events --gateway %s", gateway->url);

  fake_gateway_wait_handshakes (gateway, 1);
  fake_gateway_send (gateway,
                     "{'action':'forceDisconnect','reason':'api_key_used_elsewhere','message':'Displaced.',"
                     "'reconnectAllowed':true}");
  run_wait (run);
  g_assert_cmpint (run->exit_code, ==, 77);
  assert_contains (run->err, "Displaced.");
  g_assert_cmpuint (gateway->n_handshakes, ==, 1);
}

typedef struct
{
  const char *answers[3]; /* to one GET after the other; the last one again and again */
  guint n_gets;
  guint post_status;
  char *posted;
} Http;

static void
on_transaction (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
                gpointer data)
{
  Http *http = data;
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  const char *method = soup_server_message_get_method (message), *answer;
  gboolean get = strcmp (method, "GET") == 0;

  g_assert_true (tgp_signature_verify (soup_message_headers_get_one (headers, "x-signature"), FAKE_SECRET,
                                       method, path, soup_message_headers_get_one (headers, "x-timestamp"),
                                       "", 0));
  g_assert_cmpstr (soup_message_headers_get_one (headers, "x-api-key"), ==, FAKE_KEY);
  /* Stateless: it must not displace the till. */
  g_assert_null (soup_message_headers_get_one (headers, "x-session-id"));
  if (!get)
    {
      g_free (http->posted);
      http->posted = g_strdup (path);
      answer = http->post_status == 202 ? "{\"transactionId\":\"T1\",\"status\":\"COMPLETED\"}"
                                        : "{\"code\":\"ALREADY_FINAL\",\"message\":\"closed\"}";
    }
  else
    {
      answer = http->answers[MIN (http->n_gets, G_N_ELEMENTS (http->answers) - 1)];
      http->n_gets++;
    }
  soup_server_message_set_status (message, get ? (answer != NULL ? 200 : 404) : http->post_status, NULL);
  if (answer == NULL)
    answer = "{\"code\":\"TRANSACTION_NOT_FOUND\",\"message\":\"none\"}";
  soup_server_message_set_response (message, "application/json", SOUP_MEMORY_COPY, answer, strlen (answer));
}

#define TRANSACTION(status, more, money, next)                                                               \
  "{\"transactionId\":\"T1\",\"status\":\"" status "\",\"amount\":\"1.00\",\"currency\":\"EUR\"" more        \
  ",\"verdict\":{\"moneyMoved\":\"" money "\",\"retrySafe\":false,\"nextAction\":\"" next                    \
  "\",\"message\":\"w\"}}"

#define COMPLETED  TRANSACTION ("COMPLETED", "", "YES", "NONE")
#define VOIDING    TRANSACTION ("COMPLETED", ",\"voidStatus\":\"REQUESTED\"", "YES", "WAIT")
#define VOIDED     TRANSACTION ("VOIDED", ",\"voidStatus\":\"CONFIRMED\"", "NO", "RETRY")
#define NOT_VOIDED TRANSACTION ("COMPLETED", ",\"voidStatus\":\"FAILED\"", "YES", "CALL_STAFF")
#define PENDING    TRANSACTION ("PENDING", "", "UNKNOWN", "WAIT")
#define CANCELLED  TRANSACTION ("CANCELLED", "", "NO", "NONE")

static void
test_http_verbs (void)
{
  static const struct
  {
    const char *words;
    Http http;
    int exit_code;
    const char *posted;
    const char *says;
  } cases[] = {
    { "status T1", { { COMPLETED, COMPLETED, COMPLETED } }, 0, NULL, "T1  COMPLETED  1.00 EUR" },
    { "status T1 --json", { { COMPLETED, COMPLETED, COMPLETED } }, 0, NULL, COMPLETED "\n" },
    { "status T1", { { PENDING, PENDING, PENDING } }, 3, NULL, "wait" },
    { "status T1", { { CANCELLED, CANCELLED, CANCELLED } }, 2, NULL, "not charged" },
    { "status T1", { { VOIDED, VOIDED, VOIDED } }, 2, NULL, "CONFIRMED" },
    { "status T1", { { NOT_VOIDED, NOT_VOIDED, NOT_VOIDED } }, 3, NULL, "call staff" },
    { "status T1", { { NULL, NULL, NULL } }, 77, NULL, "TRANSACTION_NOT_FOUND" },
    { "cancel T1", { { NULL }, 0, 202 }, 0, "/v1/transactions/T1/cancel", "under way" },
    { "cancel T1", { { NULL }, 0, 409 }, 77, "/v1/transactions/T1/cancel", "ALREADY_FINAL" },
    { "cancel T1 --wait",
      { { PENDING, CANCELLED, CANCELLED }, 0, 202 },
      0,
      "/v1/transactions/T1/cancel",
      "CANCELLED" },
    { "cancel T1 --wait",
      { { COMPLETED, COMPLETED, COMPLETED }, 0, 202 },
      3,
      "/v1/transactions/T1/cancel",
      "COMPLETED" },
    { "void T1 --json", { { NULL }, 0, 202 }, 0, "/v1/transactions/T1/void", "{\"transactionId\":\"T1\"" },
    { "void T1 --wait", { { VOIDING, VOIDED, VOIDED }, 0, 202 }, 0, "/v1/transactions/T1/void", "VOIDED" },
    { "void T1 --wait",
      { { NOT_VOIDED, NOT_VOIDED, NOT_VOIDED }, 0, 202 },
      3,
      "/v1/transactions/T1/void",
      "FAILED" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (FakeGateway) gateway = fake_gateway_new ();
      Http http = cases[i].http;
      g_autoptr (Run) run = NULL;

      soup_server_add_handler (gateway->server, "/v1/transactions", on_transaction, &http, NULL);
      run = run_start ("TGWCTL", "%s --gateway %s", cases[i].words, gateway->url);
      run_wait (run);
      if (run->exit_code != cases[i].exit_code)
        g_error ("“%s” (%u) ended with %d: %s%s", cases[i].words, (guint) i, run->exit_code, run->out,
                 run->err);
      assert_contains (cases[i].exit_code == 77 ? run->err : run->out, cases[i].says);
      g_assert_cmpstr (http.posted, ==, cases[i].posted);
      g_assert_cmpuint (gateway->n_handshakes, ==, 0);
      g_free (http.posted);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  run_set_key (FAKE_KEY, FAKE_SECRET);
  g_test_add_func ("/tools/pos/outcomes", test_outcomes);
  g_test_add_func ("/tools/pos/refused", test_refused);
  g_test_add_func ("/tools/pos/key-refused", test_key_refused);
  g_test_add_func ("/tools/pos/gives-up", test_gives_up);
  g_test_add_func ("/tools/pos/interrupt", test_interrupt);
  g_test_add_func ("/tools/pos/over-a-reconnect", test_over_a_reconnect);
  g_test_add_func ("/tools/pos/events", test_events);
  g_test_add_func ("/tools/pos/events-displaced", test_events_displaced);
  g_test_add_func ("/tools/pos/http-verbs", test_http_verbs);
  return g_test_run ();
}
