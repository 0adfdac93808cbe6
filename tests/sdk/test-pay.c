/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Paying: what comes back as an error, what as a payment, and that a wish to cancel never hides a charge. */
#include "tests/sdk/helpers.h"

static void
test_approved (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_autoptr (TgwPayment) payment = NULL;
  g_autoptr (TgpPosMessage) ack = NULL;
  g_autofree char *amount = NULL;
  g_auto (Call) call = { 0 };
  Counter started, completed;

  count_payments (client, "payment-started", &started);
  count_payments (client, "payment-completed", &completed);
  client_connect (client);
  client_pay (client, gateway, "T1", NULL, &call);
  g_assert_cmpuint (started.n, ==, 1);
  send_complete (gateway, "T1", "SUCCESS", "m1");
  payment = client_paid (client, &call);
  g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_APPROVED);
  g_assert_cmpint (tgw_payment_get_state (payment), ==, TGW_PAYMENT_STATE_COMPLETED);
  g_assert_cmpint (tgw_verdict_get_money_moved (tgw_payment_get_verdict (payment)), ==, TGW_MONEY_MOVED_YES);
  g_assert_false (tgw_verdict_get_retry_safe (tgw_payment_get_verdict (payment)));
  g_assert_cmpstr (tgw_payment_get_authorization_code (payment), ==, "A1");
  g_assert_cmpstr (tgw_payment_get_receipt (payment), ==, "{\"lines\":[\"A\"]}");
  amount = tgw_payment_dup_amount_text (payment);
  g_assert_cmpstr (amount, ==, "12.34");
  g_assert_cmpint (tgw_payment_get_amount (payment), ==, 1234);
  g_assert_cmpint (tgw_payment_get_recovered_from (payment), ==, TGW_RECOVERY_NONE);
  g_assert_cmpuint (completed.n, ==, 1);
  g_assert_cmpuint (g_list_model_get_n_items (tgw_client_get_payments (client)), ==, 1);

  ack = fake_gateway_expect (gateway, TGP_POS_ACK);
  g_assert_cmpuint (ack->message_ids->len, ==, 1);
  g_assert_cmpstr (ack->message_ids->pdata[0], ==, "m1");
  client_finalize (client);
  g_assert_finalize_object (g_steal_pointer (&payment));
}

static void
test_not_approved (void)
{
  static const struct
  {
    const char *status;
    TgwOutcome outcome;
    TgwPaymentState state;
  } cases[] = {
    { "FAILED", TGW_OUTCOME_DECLINED, TGW_PAYMENT_STATE_FAILED },
    { "CANCELLED", TGW_OUTCOME_CANCELLED, TGW_PAYMENT_STATE_CANCELLED },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (FakeGateway) gateway = fake_gateway_new ();
      TgwClient *client = client_new (gateway->url);
      g_autoptr (TgwPayment) payment = NULL;
      g_auto (Call) call = { 0 };

      client_connect (client);
      client_pay (client, gateway, "T1", NULL, &call);
      send_complete (gateway, "T1", cases[i].status, "m1");
      payment = client_paid (client, &call);
      g_assert_cmpint (tgw_payment_get_outcome (payment), ==, cases[i].outcome);
      g_assert_cmpint (tgw_payment_get_state (payment), ==, cases[i].state);
      g_assert_cmpstr (tgw_payment_get_error_code (payment), ==, "DECLINED");
      g_assert_true (tgw_verdict_get_retry_safe (tgw_payment_get_verdict (payment)));
      client_finalize (client);
    }
}

/* A failure whose money nobody can vouch for is no "declined". */
static void
test_failed_and_unknown (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_autoptr (TgwPayment) payment = NULL;
  g_auto (Call) call = { 0 };

  client_connect (client);
  client_pay (client, gateway, "T1", NULL, &call);
  fake_gateway_send (
    gateway, "{'action':'paymentComplete','transactionId':'T1','terminalId':'TERM-001','status':'FAILED',"
             "'paymentResponse':{'status':'FAILED','errorCode':'TERMINAL_TIMEOUT'},'messageId':'m1',"
             "'verdict':{'moneyMoved':'UNKNOWN','retrySafe':true,'nextAction':'RETRY','message':'look'}}");
  payment = client_paid (client, &call);
  g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_UNKNOWN);
  g_assert_cmpint (tgw_payment_get_state (payment), ==, TGW_PAYMENT_STATE_FAILED);
  g_assert_true (tgw_verdict_get_retry_safe (tgw_payment_get_verdict (payment)));
  client_finalize (client);
}

static void
test_error_means_nothing_sent (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_autoptr (TgwPaymentRequest) request = request_new ("T1");
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_auto (Call) call = { 0 };
  g_auto (Call) first = { 0 };
  g_autoptr (TgwPayment) payment = NULL, again = NULL;

  tgw_client_pay_async (client, "TERM-001", request, NULL, call_done, &call);
  wait_until (call.result != NULL);
  g_assert_null (tgw_client_pay_finish (client, call.result, &error));
  g_assert_error (error, TGW_ERROR, TGW_ERROR_NOT_CONNECTED);
  g_assert_true (tgw_error_is_retry_safe (error));
  g_assert_cmpuint (g_list_model_get_n_items (tgw_client_get_payments (client)), ==, 0);
  g_clear_error (&error);
  call_clear (&call);

  client_connect (client);
  g_cancellable_cancel (cancelled);
  tgw_client_pay_async (client, "TERM-001", request, cancelled, call_done, &call);
  wait_until (call.result != NULL);
  g_assert_null (tgw_client_pay_finish (client, call.result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (tgw_error_is_retry_safe (error));
  g_clear_error (&error);
  call_clear (&call);
  fake_gateway_expect_nothing (gateway);

  /* The same id while it is under way: one payment, sent once, for both. */
  memset (&call, 0, sizeof call);
  client_pay (client, gateway, "T1", NULL, &first);
  tgw_client_pay_async (client, "TERM-001", request, NULL, call_done, &call);
  fake_gateway_expect_nothing (gateway);
  send_complete (gateway, "T1", "SUCCESS", "m1");
  payment = client_paid (client, &first);
  again = client_paid (client, &call);
  g_assert_true (again == payment);
  g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_APPROVED);
  client_finalize (client);
}

static TgwPayment *
pay_and_refuse (FakeGateway *gateway, TgwClient *client, const char *code, const char *verdict)
{
  g_autoptr (TgwPaymentRequest) request = request_new ("T1");
  g_autoptr (TgpPosMessage) message = NULL;
  g_auto (Call) call = { 0 };

  tgw_client_pay_async (client, "TERM-001", request, NULL, call_done, &call);
  message = fake_gateway_expect (gateway, TGP_POS_PAYMENT);
  fake_gateway_send (gateway,
                     "{'action':'error','error':'x','code':'%s','message':'because','requestId':'%s',"
                     "'transactionId':'T1','heldBy':'OTHER','timestamp':'2024-01-15T10:30:00.000Z'%s}",
                     code, message->request_id, verdict);
  return client_paid (client, &call);
}

static void
test_refused (void)
{
  static const struct
  {
    const char *code;
    const char *verdict;
    TgwOutcome outcome;
  } cases[] = {
    { "TERMINAL_OFFLINE", "", TGW_OUTCOME_REFUSED },
    { "TERMINAL_NOT_FOUND", "", TGW_OUTCOME_REFUSED },
    { "PAYMENT_IN_PROGRESS", "", TGW_OUTCOME_REFUSED },
    { "OVERLOADED", "", TGW_OUTCOME_REFUSED },
    { "DRAINING", ",'verdict':{'moneyMoved':'NO','retrySafe':true,'nextAction':'RETRY','message':'m'}",
      TGW_OUTCOME_REFUSED },
    { "INTERNAL_ERROR", "", TGW_OUTCOME_UNKNOWN },
    { "TRANSACTION_ID_REUSED", "", TGW_OUTCOME_UNKNOWN },
    { "STORAGE_UNAVAILABLE",
      ",'verdict':{'moneyMoved':'UNKNOWN','retrySafe':false,'nextAction':'CHECK_STATUS','message':'m'}",
      TGW_OUTCOME_UNKNOWN },
    { "A_CODE_FROM_TOMORROW", "", TGW_OUTCOME_UNKNOWN },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (FakeGateway) gateway = fake_gateway_new ();
      TgwClient *client = client_new (gateway->url);
      g_autoptr (TgwPayment) payment = NULL;

      client_connect (client);
      payment = pay_and_refuse (gateway, client, cases[i].code, cases[i].verdict);
      g_assert_cmpint (tgw_payment_get_outcome (payment), ==, cases[i].outcome);
      g_assert_cmpstr (tgw_payment_get_error_code (payment), ==, cases[i].code);
      g_assert_cmpstr (tgw_payment_get_error_message (payment), ==, "because");
      g_assert_cmpstr (tgw_payment_get_held_by (payment), ==, "OTHER");
      g_assert_true (tgw_verdict_get_retry_safe (tgw_payment_get_verdict (payment)) ==
                     (cases[i].outcome == TGW_OUTCOME_REFUSED));
      client_finalize (client);
    }
}

/* The terminal had charged when the wish came: the charge wins. */
static void
test_cancel_loses (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (TgpPosMessage) cancel = NULL;
  g_autoptr (TgwPayment) payment = NULL;
  g_auto (Call) call = { 0 };

  client_connect (client);
  client_pay (client, gateway, "T1", cancellable, &call);
  g_cancellable_cancel (cancellable);
  cancel = fake_gateway_expect (gateway, TGP_POS_CANCEL_PAYMENT);
  g_assert_cmpstr (cancel->transaction_id, ==, "T1");
  g_assert_null (call.result);
  send_complete (gateway, "T1", "SUCCESS", "m1");
  payment = client_paid (client, &call);
  g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_APPROVED);
  client_finalize (client);
}

/* The wish waits until the gateway knows the payment, and over a reconnect. */
static void
test_cancel_waits (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_autoptr (TgwPaymentRequest) request = request_new ("T1");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (TgpPosMessage) message = NULL, cancel = NULL, status = NULL;
  g_autoptr (TgwPayment) payment = NULL;
  g_auto (Call) call = { 0 };

  client_connect (client);
  tgw_client_pay_async (client, "TERM-001", request, cancellable, call_done, &call);
  message = fake_gateway_expect (gateway, TGP_POS_PAYMENT);
  g_cancellable_cancel (cancellable);
  fake_gateway_expect_nothing (gateway);

  fake_gateway_close (gateway, 1001);
  fake_gateway_wait_handshakes (gateway, 2);
  status = fake_gateway_expect (gateway, TGP_POS_GET_TRANSACTION_STATUS);
  fake_gateway_send (
    gateway,
    "{'action':'transactionStatus','requestId':'%s','transactionId':'T1','status':'PENDING',"
    "'amount':'12.34','currency':'EUR','terminalId':'TERM-001','request':{'amount':'12.34',"
    "'currency':'EUR','paymentMethod':'CARD'},'createdAt':'2024-01-15T10:30:00.000Z',"
    "'updatedAt':'2024-01-15T10:30:00.000Z','settled':false,'verdict':{'moneyMoved':'UNKNOWN',"
    "'retrySafe':false,'nextAction':'WAIT','message':'m'},'timestamp':'2024-01-15T10:30:00.000Z'}",
    status->request_id);
  cancel = fake_gateway_expect (gateway, TGP_POS_CANCEL_PAYMENT);
  g_assert_cmpstr (cancel->transaction_id, ==, "T1");
  send_complete (gateway, "T1", "CANCELLED", "m1");
  payment = client_paid (client, &call);
  g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_CANCELLED);
  client_finalize (client);
}

static void
on_notify (TgwPayment *payment, GParamSpec *pspec, gpointer data)
{
  g_string_append_printf (data, "%s ", pspec->name);
}

static void
on_started (TgwClient *client, TgwPayment *payment, gpointer data)
{
  g_signal_connect (payment, "notify", G_CALLBACK (on_notify), data);
}

static void
test_progress (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_autoptr (TgwPayment) payment = NULL;
  g_autoptr (GString) told = g_string_new (NULL);
  g_autoptr (GDateTime) now = NULL;
  TgwPayment *watched;
  g_auto (Call) call = { 0 };
  gint64 left;

  g_signal_connect (client, "payment-started", G_CALLBACK (on_started), told);
  client_connect (client);
  client_pay (client, gateway, "T1", NULL, &call);
  watched = tgw_ledger_find (client->ledger, "T1");
  wait_until (tgw_payment_get_state (watched) == TGW_PAYMENT_STATE_PENDING);
  g_assert_cmpstr (told->str, ==, "state updated-at ");

  g_string_truncate (told, 0);
  fake_gateway_send (gateway, "{'action':'paymentProgress','transactionId':'T1','terminalId':'TERM-001',"
                              "'stage':'PIN_ENTRY','message':'Enter PIN'}");
  wait_until (told->len > 0);
  g_assert_cmpstr (tgw_payment_get_stage (watched), ==, "PIN_ENTRY");
  g_assert_cmpstr (tgw_payment_get_message (watched), ==, "Enter PIN");

  /* Nothing new, nothing told. */
  g_string_truncate (told, 0);
  fake_gateway_send (gateway, "{'action':'paymentProgress','transactionId':'T1','terminalId':'TERM-001',"
                              "'stage':'PIN_ENTRY','message':'Enter PIN'}");
  fake_gateway_send (gateway,
                     "{'action':'paymentAwaitingReconnect','transactionId':'T1','terminalId':'TERM-001',"
                     "'graceExpiresAt':'2001-01-01T00:00:00.000Z','remainingSeconds':60}");
  wait_until (tgw_payment_get_state (watched) == TGW_PAYMENT_STATE_AWAITING_RECONNECT);
  g_assert_null (strstr (told->str, "stage"));
  /* By this computer's clock, whatever the gateway's says. */
  now = g_date_time_new_now_local ();
  left = g_date_time_difference (tgw_payment_get_grace_deadline (watched), now) / G_USEC_PER_SEC;
  g_assert_cmpint (left, >=, 50);
  g_assert_cmpint (left, <=, 60);

  fake_gateway_send (gateway, "{'action':'paymentProgress','transactionId':'T1','terminalId':'TERM-001',"
                              "'stage':'RESUMED'}");
  wait_until (tgw_payment_get_state (watched) == TGW_PAYMENT_STATE_PENDING);
  g_assert_null (tgw_payment_get_grace_deadline (watched));
  send_complete (gateway, "T1", "SUCCESS", "m1");
  payment = client_paid (client, &call);
  g_assert_true (payment == watched);
  client_finalize (client);
}

static void
test_timeout (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_autoptr (TgwPayment) payment = NULL;
  Counter completed;
  g_auto (Call) call = { 0 };

  count_payments (client, "payment-completed", &completed);
  tgw_client_set_pay_timeout (client, 1);
  client_connect (client);
  client_pay (client, gateway, "T1", NULL, &call);
  payment = client_paid (client, &call);
  g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_UNKNOWN);
  g_assert_cmpint (tgw_verdict_get_next_action (tgw_payment_get_verdict (payment)), ==,
                   TGW_NEXT_ACTION_CHECK_STATUS);
  g_assert_false (tgw_verdict_get_retry_safe (tgw_payment_get_verdict (payment)));
  g_assert_true (tgw_payment_is_open (payment));

  /* The outcome still finds its way. */
  send_complete (gateway, "T1", "SUCCESS", "m1");
  wait_until (completed.n == 1);
  g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_APPROVED);
  client_finalize (client);
}

static void
test_ends_of_the_wait (void)
{
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (FakeGateway) gateway = fake_gateway_new ();
      TgwClient *client = client_new (gateway->url);
      g_autoptr (TgwPayment) payment = NULL;
      g_auto (Call) call = { 0 };

      if (i == 2)
        tgw_client_set_reconnect_policy (client, TGW_RECONNECT_POLICY_NEVER);
      client_connect (client);
      client_pay (client, gateway, "T1", NULL, &call);
      if (i == 0)
        tgw_client_close (client);
      else if (i == 1)
        fake_gateway_send (gateway,
                           "{'action':'forceDisconnect','reason':'api_key_used_elsewhere','message':'x',"
                           "'reconnectAllowed':true}");
      else
        fake_gateway_close (gateway, 1001);
      payment = client_paid (client, &call);
      g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_UNKNOWN);
      g_assert_false (tgw_verdict_get_retry_safe (tgw_payment_get_verdict (payment)));
      client_finalize (client);
    }
}

static void
test_charged_otherwise (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_autoptr (TgwPayment) payment = NULL;
  g_auto (Call) call = { 0 };

  client_connect (client);
  client_pay (client, gateway, "T1", NULL, &call);
  fake_gateway_send (
    gateway, "{'action':'paymentComplete','transactionId':'T1','terminalId':'TERM-001','status':'SUCCESS',"
             "'paymentResponse':{'status':'SUCCESS','amount':'10.00','currency':'EUR'},'messageId':'m1',"
             "'verdict':{'moneyMoved':'YES','retrySafe':false,'nextAction':'CALL_STAFF','message':'less'}}");
  payment = client_paid (client, &call);
  g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_APPROVED);
  g_assert_cmpint (tgw_payment_get_amount (payment), ==, 1000);
  g_assert_cmpint (tgw_payment_get_requested_amount (payment), ==, 1234);
  g_assert_true (tgw_payment_get_amount_confirmed (payment));
  client_finalize (client);
}

static void
test_success_without_amount (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_autoptr (TgwPayment) payment = NULL;
  g_auto (Call) call = { 0 };

  client_connect (client);
  client_pay (client, gateway, "T1", NULL, &call);
  fake_gateway_send (gateway, "{'action':'paymentComplete','transactionId':'T1','status':'SUCCESS',"
                              "'paymentResponse':{'status':'SUCCESS'},'messageId':'m1'}");
  payment = client_paid (client, &call);
  g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_APPROVED);
  g_assert_cmpint (tgw_payment_get_amount (payment), ==, 1234);
  g_assert_false (tgw_payment_get_amount_confirmed (payment));
  client_finalize (client);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sdk/pay/approved", test_approved);
  g_test_add_func ("/sdk/pay/not-approved", test_not_approved);
  g_test_add_func ("/sdk/pay/failed-and-unknown", test_failed_and_unknown);
  g_test_add_func ("/sdk/pay/error-means-nothing-sent", test_error_means_nothing_sent);
  g_test_add_func ("/sdk/pay/refused", test_refused);
  g_test_add_func ("/sdk/pay/cancel-loses", test_cancel_loses);
  g_test_add_func ("/sdk/pay/cancel-waits", test_cancel_waits);
  g_test_add_func ("/sdk/pay/progress", test_progress);
  g_test_add_func ("/sdk/pay/timeout", test_timeout);
  g_test_add_func ("/sdk/pay/ends-of-the-wait", test_ends_of_the_wait);
  g_test_add_func ("/sdk/pay/charged-otherwise", test_charged_otherwise);
  g_test_add_func ("/sdk/pay/success-without-amount", test_success_without_amount);
  return g_test_run ();
}
