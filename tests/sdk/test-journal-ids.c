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

/* A second call while the first waits is a mistake; after the first gave up it joins it. */
static void
test_open (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_autoptr (TgwPayment) first = NULL, second = NULL;
  g_autoptr (TgpPosMessage) ask = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (Call) one = { 0 };
  g_auto (Call) two = { 0 };

  client_connect (client);
  client_pay (client, gateway, "T1", NULL, &one);
  pay (client, "12.34", &two);
  wait_until (two.result != NULL);
  g_assert_null (tgw_client_pay_finish (client, two.result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PENDING);
  call_clear (&two);
  fake_gateway_expect_nothing (gateway);
  tgw_client_close (client);
  first = client_paid (client, &one);
  g_assert_cmpint (tgw_payment_get_outcome (first), ==, TGW_OUTCOME_UNKNOWN);

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

/* The gateway tells a closed one again: the call returns it, and it is no news. */
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
      tgp_pos_message_free (fake_gateway_expect (gateway, TGP_POS_PAYMENT));
      send_complete (gateway, "T1", "SUCCESS", "m1");
      payment = client_paid (client, &call);
      expect_ack (gateway, "m1");
      g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_APPROVED);
      g_assert_cmpuint (tgw_payment_get_revision (payment), ==, 1);
      g_assert_cmpuint (completed.n, ==, 0);
      g_assert_cmpuint (client_n_unclaimed (client), ==, 0);
      g_signal_handlers_disconnect_by_data (client, &completed);
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
  g_test_add_func ("/sdk/journal-ids/closed", test_closed);
  g_test_add_func ("/sdk/journal-ids/refused", test_refused);
  return g_test_run ();
}
