/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The same transaction id again: one payment, or a clear no. */
#include "tests/sdk/helpers.h"

static TgwClient *
restart (TgwClient *client, FakeGateway *gateway)
{
  g_autofree char *path = g_strdup (client->journal_path);

  client_finalize (client);
  client = client_new_with_journal (gateway->url, path);
  client_connect (client);
  return client;
}

static void
pay (TgwClient *client, const char *amount, Call *call)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TgwPaymentRequest) request = tgw_payment_request_new_from_text (amount, "EUR", &error);

  g_assert_no_error (error);
  g_assert_true (tgw_payment_request_set_transaction_id (request, "T1", &error));
  tgw_client_pay_async (client, "TERM-001", request, NULL, call_done, call);
}

static void
refuse (FakeGateway *gateway)
{
  g_autoptr (TgpPosMessage) message = fake_gateway_expect (gateway, TGP_POS_PAYMENT);

  fake_gateway_send (gateway,
                     "{'action':'error','error':'Service Unavailable','code':'TERMINAL_OFFLINE','message':"
                     "'away','requestId':'%s','transactionId':'T1','verdict':{'moneyMoved':'NO','retrySafe':"
                     "true,'nextAction':'RETRY','message':'m'},'timestamp':'2024-01-15T10:30:00.000Z'}",
                     message->request_id);
}

static TgpPosMessage *
expect_question (FakeGateway *gateway)
{
  return fake_gateway_expect (gateway, TGP_POS_GET_TRANSACTION_STATUS);
}

static void
send_not_found (FakeGateway *gateway, const TgpPosMessage *question)
{
  fake_gateway_send (gateway,
                     "{'action':'error','error':'Not Found','code':'TRANSACTION_NOT_FOUND','message':'no',"
                     "'requestId':'%s','timestamp':'2024-01-15T10:30:00.000Z'}",
                     question->request_id);
}

/* A second call while the first waits waits for the same; so does one after the first gave up. */
static void
test_open (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_autoptr (TgwPayment) first = NULL, second = NULL, third = NULL;
  g_autoptr (TgpPosMessage) ask = NULL;
  g_auto (Call) one = { 0 };
  g_auto (Call) two = { 0 };

  client_connect (client);
  client_pay (client, gateway, "T1", NULL, &one);
  pay (client, "12.34", &two);
  fake_gateway_expect_nothing (gateway);
  tgw_client_close (client);
  first = client_paid (client, &one);
  g_assert_cmpint (tgw_payment_get_outcome (first), ==, TGW_OUTCOME_UNKNOWN);
  second = client_paid (client, &two);
  g_assert_true (second == first);
  g_clear_object (&second);

  /* It was sent: without a connection that is no error, which would call another try safe. */
  memset (&two, 0, sizeof two);
  pay (client, "12.34", &two);
  third = client_paid (client, &two);
  g_assert_true (third == first);
  g_assert_cmpint (tgw_payment_get_outcome (third), ==, TGW_OUTCOME_UNKNOWN);
  g_assert_false (tgw_verdict_get_retry_safe (tgw_payment_get_verdict (third)));
  g_clear_object (&first);
  g_clear_object (&third);

  client = restart (client, gateway);
  ask = fake_gateway_expect (gateway, TGP_POS_GET_TRANSACTION_STATUS);
  memset (&two, 0, sizeof two);
  pay (client, "12.34", &two);
  tgp_pos_message_free (fake_gateway_expect (gateway, TGP_POS_PAYMENT));
  send_complete (gateway, "T1", "SUCCESS", "m1");
  second = client_paid (client, &two);
  expect_ack (gateway, "m1");
  g_assert_true (second == client_payment (client, "T1"));
  g_assert_cmpint (tgw_payment_get_outcome (second), ==, TGW_OUTCOME_APPROVED);
  g_assert_cmpuint (g_list_model_get_n_items (tgw_client_get_payments (client)), ==, 1);
  client_finalize (client);
}

/* Of another amount: nothing is sent, and "retry" would be wrong. Also when the first one is from an earlier
 * run. */
static void
test_other_amount (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);

  client_connect (client);
  client_pay_to_end (client, gateway, "T1", "SUCCESS", "m1");
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (TgwPayment) payment = NULL;
      g_auto (Call) call = { 0 };

      pay (client, "12.35", &call);
      payment = client_paid (client, &call);
      fake_gateway_expect_nothing (gateway);
      g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_UNKNOWN);
      g_assert_cmpstr (tgw_payment_get_error_code (payment), ==, "TRANSACTION_ID_REUSED");
      g_assert_false (tgw_verdict_get_retry_safe (tgw_payment_get_verdict (payment)));
      g_assert_cmpint (tgw_payment_get_outcome (client_payment (client, "T1")), ==, TGW_OUTCOME_APPROVED);
      g_assert_cmpint (tgw_payment_get_amount (client_payment (client, "T1")), ==, 1234);
      client = restart (client, gateway);
    }
  client_finalize (client);
}

/* What was asked before it was sent again, and answered after, says nothing about it. */
static void
test_late_absence (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_autoptr (TgwPayment) payment = NULL;
  g_autoptr (TgpPosMessage) first = NULL, second = NULL;
  g_auto (Call) call = { 0 };

  client_connect (client);
  pay (client, "12.34", &call);
  tgp_pos_message_free (fake_gateway_expect (gateway, TGP_POS_PAYMENT));
  tgw_client_close (client);
  g_object_unref (client_paid (client, &call));
  client = restart (client, gateway);
  first = expect_question (gateway);
  send_not_found (gateway, first);
  second = expect_question (gateway);
  memset (&call, 0, sizeof call);
  pay (client, "12.34", &call);
  tgp_pos_message_free (fake_gateway_expect (gateway, TGP_POS_PAYMENT));
  send_not_found (gateway, second);
  fake_gateway_expect_nothing (gateway);
  g_assert_null (call.result);
  send_complete (gateway, "T1", "SUCCESS", "m1");
  payment = client_paid (client, &call);
  g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_APPROVED);
  expect_ack (gateway, "m1");
  client_finalize (client);
}

static void
expect_reused (TgwClient *client, FakeGateway *gateway, const char *terminal_id, TgwPaymentMethod method)
{
  g_autoptr (TgwPaymentRequest) request = request_new ("T1");
  g_autoptr (TgwPayment) payment = NULL;
  g_auto (Call) call = { 0 };

  tgw_payment_request_set_method (request, method);
  tgw_client_pay_async (client, terminal_id, request, NULL, call_done, &call);
  payment = client_paid (client, &call);
  fake_gateway_expect_nothing (gateway);
  g_assert_cmpstr (tgw_payment_get_error_code (payment), ==, "TRANSACTION_ID_REUSED");
  g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_UNKNOWN);
}

/* Another terminal, another method, another day: a till whose numbers begin anew must not take yesterday's
 * payment for today's. */
static void
test_other_content (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_autofree char *path = g_strdup (client->journal_path), *age = NULL;

  client_connect (client);
  client_pay_to_end (client, gateway, "T1", "SUCCESS", "m1");
  client = restart (client, gateway);
  expect_reused (client, gateway, "TERM-002", TGW_PAYMENT_METHOD_CARD);
  expect_reused (client, gateway, "TERM-001", TGW_PAYMENT_METHOD_CASH);
  client_finalize (client);
  age = g_strdup_printf ("UPDATE payments SET started_at = started_at - %" G_GINT64_FORMAT,
                         (gint64) 25 * 3600 * 1000);
  journal_sql (path, age);
  client = client_new_with_journal (gateway->url, path);
  client_connect (client);
  expect_reused (client, gateway, "TERM-001", TGW_PAYMENT_METHOD_CARD);
  client_finalize (client);
}

/* Chosen by another till before: this one did not start, and how that one ends is not this till's news. */
static void
test_foreign (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_autoptr (TgpPosMessage) message = NULL;
  g_autoptr (TgwPayment) payment = NULL;
  g_auto (Call) call = { 0 };

  client_connect (client);
  pay (client, "12.34", &call);
  message = fake_gateway_expect (gateway, TGP_POS_PAYMENT);
  fake_gateway_send (
    gateway,
    "{'action':'error','error':'Conflict','code':'TRANSACTION_ID_REUSED','message':'no',"
    "'requestId':'%s','transactionId':'T1','verdict':{'moneyMoved':'UNKNOWN','retrySafe':false,"
    "'nextAction':'CHECK_STATUS','message':'m'},'timestamp':'2024-01-15T10:30:00.000Z'}",
    message->request_id);
  payment = client_paid (client, &call);
  g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_UNKNOWN);
  g_assert_cmpstr (tgw_payment_get_error_code (payment), ==, "TRANSACTION_ID_REUSED");
  g_assert_false (tgw_payment_is_open (payment));
  client = restart (client, gateway);
  fake_gateway_expect_nothing (gateway); /* no question */
  client_finalize (client);
}

/* The same, heard by asking: the connection was lost before the gateway could say so. */
static void
test_foreign_asked (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_autoptr (TgpPosMessage) question = NULL;
  Counter completed;
  g_auto (Call) call = { 0 };

  client_connect (client);
  pay (client, "99.00", &call);
  tgp_pos_message_free (fake_gateway_expect (gateway, TGP_POS_PAYMENT));
  tgw_client_close (client);
  g_object_unref (client_paid (client, &call));
  client = restart (client, gateway);
  count_payments (client, "payment-completed", &completed);
  question = expect_question (gateway);
  send_status (gateway, question->request_id, "COMPLETED", "", "YES"); /* of 12.34 */
  wait_until (completed.n == 1);
  g_assert_cmpint (tgw_payment_get_outcome (client_payment (client, "T1")), ==, TGW_OUTCOME_UNKNOWN);
  g_assert_cmpstr (tgw_payment_get_error_code (client_payment (client, "T1")), ==, "TRANSACTION_ID_REUSED");
  g_assert_false (tgw_verdict_get_retry_safe (tgw_payment_get_verdict (client_payment (client, "T1"))));
  client_finalize (client);
}

/* The same amount, on another device: named by that name, it cannot be this one. Named by its connection it
 * can. */
static void
test_foreign_terminal (void)
{
  static const struct
  {
    const char *asked;
    TgwOutcome outcome;
  } cases[] = { { "TERM-002", TGW_OUTCOME_UNKNOWN }, { "connection-9", TGW_OUTCOME_APPROVED } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (FakeGateway) gateway = fake_gateway_new ();
      TgwClient *client = client_new (gateway->url);
      g_autoptr (TgwPaymentRequest) request = request_new ("T1");
      g_autoptr (TgpPosMessage) question = NULL;
      Counter completed;
      g_auto (Call) call = { 0 };

      g_free (gateway->terminals);
      gateway->terminals = g_strdup ("{'connectionId':'connection-2','terminalId':'TERM-002','deviceId':"
                                     "'TERM-002','status':'online','busy':false}");
      client_connect (client);
      tgw_client_pay_async (client, cases[i].asked, request, NULL, call_done, &call);
      tgp_pos_message_free (fake_gateway_expect (gateway, TGP_POS_PAYMENT));
      tgw_client_close (client);
      g_object_unref (client_paid (client, &call));
      client = restart (client, gateway);
      count_payments (client, "payment-completed", &completed);
      question = expect_question (gateway);
      send_status (gateway, question->request_id, "COMPLETED", "", "YES"); /* on TERM-001 */
      wait_until (completed.n == 1);
      g_assert_cmpint (tgw_payment_get_outcome (client_payment (client, "T1")), ==, cases[i].outcome);
      client_finalize (client);
    }
}

/* A closed one comes back at once, also without a connection, and it is no news. */
static void
test_closed (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);

  client_connect (client);
  client_pay_to_end (client, gateway, "T1", "SUCCESS", "m1");
  client_acknowledge (client, "T1", 0);
  client = restart (client, gateway);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (TgwPayment) payment = NULL;
      g_auto (Call) call = { 0 };
      Counter completed;

      count_payments (client, "payment-completed", &completed);
      pay (client, "12.34", &call);
      payment = client_paid (client, &call);
      fake_gateway_expect_nothing (gateway);
      g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_APPROVED);
      g_assert_cmpuint (tgw_payment_get_revision (payment), ==, 1);
      g_assert_cmpuint (completed.n, ==, 0);
      g_assert_cmpuint (client_n_unclaimed (client), ==, 0);
      g_signal_handlers_disconnect_by_data (client, &completed);
      tgw_client_close (client);
    }
  client_finalize (client);
}

/* A refusal leaves the id free. What comes of it then is news after the refusal. */
static void
test_refused (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_autoptr (TgwPayment) payment = NULL;
  g_auto (Call) call = { 0 };
  Counter completed;

  count_payments (client, "payment-completed", &completed);
  client_connect (client);
  for (guint i = 1; i <= 2; i++)
    {
      pay (client, i == 1 ? "12.34" : "99.00", &call);
      refuse (gateway);
      payment = client_paid (client, &call);
      memset (&call, 0, sizeof call);
      g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_REFUSED);
      g_assert_cmpuint (tgw_payment_get_revision (payment), ==, i);
      g_assert_cmpuint (completed.n, ==, i);
      g_assert_cmpuint (client_n_unclaimed (client), ==, 1);
      g_clear_object (&payment);
    }
  client = restart (client, gateway); /* unacknowledged */
  count_payments (client, "payment-completed", &completed);
  pay (client, "12.34", &call);
  tgp_pos_message_free (fake_gateway_expect (gateway, TGP_POS_PAYMENT));
  send_complete (gateway, "T1", "SUCCESS", "m1");
  payment = client_paid (client, &call);
  expect_ack (gateway, "m1");
  g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_APPROVED);
  g_assert_cmpuint (tgw_payment_get_revision (payment), ==, 3);
  g_assert_cmpuint (completed.n, ==, 1);
  g_assert_cmpuint (g_list_model_get_n_items (tgw_client_get_payments (client)), ==, 1);
  client_acknowledge (client, "T1", 3);
  g_assert_cmpuint (client_n_unclaimed (client), ==, 0);
  client_finalize (client);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sdk/journal-ids/open", test_open);
  g_test_add_func ("/sdk/journal-ids/other-amount", test_other_amount);
  g_test_add_func ("/sdk/journal-ids/late-absence", test_late_absence);
  g_test_add_func ("/sdk/journal-ids/other-content", test_other_content);
  g_test_add_func ("/sdk/journal-ids/foreign", test_foreign);
  g_test_add_func ("/sdk/journal-ids/foreign-asked", test_foreign_asked);
  g_test_add_func ("/sdk/journal-ids/foreign-terminal", test_foreign_terminal);
  g_test_add_func ("/sdk/journal-ids/closed", test_closed);
  g_test_add_func ("/sdk/journal-ids/refused", test_refused);
  return g_test_run ();
}
