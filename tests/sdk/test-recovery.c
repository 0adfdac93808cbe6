/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Outcomes that come late, twice, by another way, or for a payment that nobody here started. */
#include "tests/sdk/helpers.h"

static TgpPosMessage *
reconnect_and_be_asked (FakeGateway *gateway)
{
  guint n = gateway->n_handshakes;

  fake_gateway_close (gateway, 1001);
  fake_gateway_wait_handshakes (gateway, n + 1);
  return fake_gateway_expect (gateway, TGP_POS_GET_TRANSACTION_STATUS);
}

/* The outcome comes by query first, then by queue: told once, acked all the same. */
static void
test_query_then_queue (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_autoptr (TgwPayment) payment = NULL;
  g_autoptr (TgpPosMessage) ask = NULL;
  Counter completed;
  g_auto (Call) call = { 0 };

  count_payments (client, "payment-completed", &completed);
  client_connect (client);
  client_pay (client, gateway, "T1", NULL, &call);
  ask = reconnect_and_be_asked (gateway);
  g_assert_cmpstr (ask->transaction_id, ==, "T1");
  send_status (gateway, ask->request_id, "COMPLETED", "", "YES");
  payment = client_paid (client, &call);
  g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_APPROVED);
  g_assert_cmpuint (completed.n, ==, 1);
  send_complete (gateway, "T1", "SUCCESS", "m1");
  expect_ack (gateway, "m1");
  g_assert_cmpuint (completed.n, ==, 1);
  g_assert_cmpstr (tgw_payment_get_authorization_code (payment), ==, "A1");
  client_finalize (client);
}

/* The other way round. */
static void
test_queue_then_query (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_autoptr (TgwPayment) payment = NULL;
  g_autoptr (TgpPosMessage) ask = NULL;
  Counter completed;
  g_auto (Call) call = { 0 };
  g_auto (Call) refresh = { 0 };

  count_payments (client, "payment-completed", &completed);
  client_connect (client);
  client_pay (client, gateway, "T1", NULL, &call);
  ask = reconnect_and_be_asked (gateway);
  send_complete (gateway, "T1", "SUCCESS", "m1");
  payment = client_paid (client, &call);
  expect_ack (gateway, "m1");
  send_status (gateway, ask->request_id, "COMPLETED", "", "YES");
  tgw_client_refresh_async (client, NULL, call_done, &refresh);
  wait_until (refresh.result != NULL);
  g_assert_cmpuint (completed.n, ==, 1);
  g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_APPROVED);
  call_clear (&refresh);
  client_finalize (client);
}

static void
test_duplicates (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_autoptr (TgwPayment) payment = NULL;
  Counter completed;
  g_auto (Call) call = { 0 };

  count_payments (client, "payment-completed", &completed);
  client_connect (client);
  client_pay (client, gateway, "T1", NULL, &call);
  for (guint i = 0; i < 3; i++)
    {
      send_complete (gateway, "T1", "SUCCESS", "m1");
      expect_ack (gateway, "m1");
    }
  payment = client_paid (client, &call);
  g_assert_cmpuint (completed.n, ==, 1);

  /* Over a new connection too. */
  fake_gateway_close (gateway, 1001);
  fake_gateway_wait_handshakes (gateway, 2);
  send_complete (gateway, "T1", "SUCCESS", "m1");
  expect_ack (gateway, "m1");
  g_assert_cmpuint (completed.n, ==, 1);
  client_finalize (client);
}

/* The application hears of it before the gateway may forget it. */
static void
on_completed (TgwClient *client, TgwPayment *payment, gpointer data)
{
  FakeGateway *gateway = data;

  fake_gateway_expect_nothing (gateway);
  g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_APPROVED);
}

static void
test_told_before_acked (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);

  g_signal_connect (client, "payment-completed", G_CALLBACK (on_completed), gateway);
  client_connect (client);
  send_complete (gateway, "T1", "SUCCESS", "m1");
  expect_ack (gateway, "m1");
  client_finalize (client);
}

static void
test_recovered (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_autoptr (TgwPayment) payment = NULL;
  Counter completed;

  count_payments (client, "payment-completed", &completed);
  client_connect (client);
  send_complete (gateway, "FROM-BEFORE", "SUCCESS", "m1");
  expect_ack (gateway, "m1");
  g_assert_cmpuint (completed.n, ==, 1);
  g_assert_cmpstr (completed.last, ==, "FROM-BEFORE");
  payment = g_list_model_get_item (tgw_client_get_payments (client), 0);
  g_assert_cmpint (tgw_payment_get_recovered_from (payment), ==, TGW_RECOVERY_QUEUE);
  g_assert_cmpint (tgw_payment_get_amount (payment), ==, 1234);
  g_assert_cmpstr (tgw_payment_get_currency (payment), ==, "EUR");
  client_finalize (client);
}

/* Not known to the gateway: believed when it says so twice. */
static void
test_never_arrived (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_autoptr (TgwPaymentRequest) request = request_new ("T1");
  g_autoptr (TgpPosMessage) sent = NULL;
  g_autoptr (TgwPayment) payment = NULL;
  g_auto (Call) call = { 0 };

  client_connect (client);
  tgw_client_pay_async (client, "TERM-001", request, NULL, call_done, &call);
  sent = fake_gateway_expect (gateway, TGP_POS_PAYMENT);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (TgpPosMessage) ask = NULL;

      g_assert_null (call.result);
      ask = i == 0 ? reconnect_and_be_asked (gateway)
                   : fake_gateway_expect (gateway, TGP_POS_GET_TRANSACTION_STATUS);
      fake_gateway_send (
        gateway,
        "{'action':'error','error':'Not Found','code':'TRANSACTION_NOT_FOUND','message':'no',"
        "'requestId':'%s','timestamp':'2024-01-15T10:30:00.000Z'}",
        ask->request_id);
    }
  payment = client_paid (client, &call);
  g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_REFUSED);
  g_assert_true (tgw_verdict_get_retry_safe (tgw_payment_get_verdict (payment)));
  client_finalize (client);
}

static void
test_voided (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_autoptr (TgwPayment) payment = NULL;
  Counter voided, confirmed, failed;
  g_auto (Call) call = { 0 };

  count_payments (client, "payment-voided", &voided);
  count_payments (client, "payment-void-confirmed", &confirmed);
  count_payments (client, "payment-void-failed", &failed);
  client_connect (client);
  client_pay (client, gateway, "T1", NULL, &call);
  send_complete (gateway, "T1", "FAILED", "m1");
  payment = client_paid (client, &call);
  expect_ack (gateway, "m1");
  send_void (gateway, "paymentVoided", "REQUESTED", "UNKNOWN", "m2");
  expect_ack (gateway, "m2");
  g_assert_cmpuint (voided.n, ==, 1);
  g_assert_cmpint (tgw_payment_get_state (payment), ==, TGW_PAYMENT_STATE_VOIDED);
  g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_VOIDED);
  g_assert_cmpint (tgw_payment_get_void_status (payment), ==, TGW_VOID_STATUS_REQUESTED);
  g_assert_cmpstr (tgw_payment_get_void_reason (payment), ==, "too late");
  send_void (gateway, "paymentVoidFailed", "FAILED", "YES", "m3");
  expect_ack (gateway, "m3");
  g_assert_cmpuint (failed.n, ==, 1);
  g_assert_cmpint (tgw_payment_get_void_status (payment), ==, TGW_VOID_STATUS_FAILED);
  send_void (gateway, "paymentVoidConfirmed", "CONFIRMED", "NO", "m4");
  expect_ack (gateway, "m4");
  g_assert_cmpuint (confirmed.n, ==, 1);
  g_assert_cmpint (tgw_payment_get_void_status (payment), ==, TGW_VOID_STATUS_CONFIRMED);
  /* Never the reverse, and an old outcome changes nothing. */
  send_void (gateway, "paymentVoidFailed", "FAILED", "YES", "m5");
  expect_ack (gateway, "m5");
  send_complete (gateway, "T1", "FAILED", "m6");
  expect_ack (gateway, "m6");
  g_assert_cmpint (tgw_payment_get_void_status (payment), ==, TGW_VOID_STATUS_CONFIRMED);
  g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_VOIDED);
  client_finalize (client);
}

/* A void that was asked for and refused: the charge stands, and it can be asked for again. */
static void
test_requested_void (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_autoptr (TgwPayment) payment = NULL;
  g_autoptr (TgpPosMessage) ask = NULL;
  g_autoptr (GError) error = NULL;
  Counter failed;
  g_auto (Call) call = { 0 };

  count_payments (client, "payment-void-failed", &failed);
  client_connect (client);
  client_pay (client, gateway, "T1", NULL, &call);
  send_complete (gateway, "T1", "SUCCESS", "m1");
  payment = client_paid (client, &call);
  expect_ack (gateway, "m1");
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *id = g_strdup_printf ("v%u", i);

      tgw_client_void_async (client, "T1", NULL, call_done, &call);
      ask = fake_gateway_expect (gateway, TGP_POS_VOID_PAYMENT);
      fake_gateway_send (gateway, "{'action':'voidAccepted','transactionId':'T1','requestId':'%s'}",
                         ask->request_id);
      wait_until (call.result != NULL);
      g_assert_true (tgw_client_void_finish (client, call.result, &error));
      g_assert_no_error (error);
      call_clear (&call);
      g_clear_pointer (&ask, tgp_pos_message_free);
      send_void (gateway, "paymentVoidFailed", "FAILED", "YES", id);
      expect_ack (gateway, id);
      g_assert_cmpuint (failed.n, ==, i + 1);
      g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_APPROVED);
      g_assert_cmpint (tgw_payment_get_void_status (payment), ==, TGW_VOID_STATUS_FAILED);
    }
  send_void (gateway, "paymentVoided", "CONFIRMED", "NO", "v9");
  expect_ack (gateway, "v9");
  g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_VOIDED);
  client_finalize (client);
}

static void
test_conflict (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_autoptr (TgwPayment) payment = NULL;
  Counter conflicts;
  g_auto (Call) call = { 0 };

  count_payments (client, "payment-conflict", &conflicts);
  client_connect (client);
  client_pay (client, gateway, "T1", NULL, &call);
  send_complete (gateway, "T1", "SUCCESS", "m1");
  payment = client_paid (client, &call);
  expect_ack (gateway, "m1");
  fake_gateway_send (
    gateway,
    "{'action':'paymentConflict','transactionId':'T1','terminalId':'TERM-001','first':{'status':"
    "'SUCCESS'},'second':{'status':'FAILED'},'messageId':'m2','timestamp':'2024-01-15T10:38:30.000Z',"
    "'verdict':{'moneyMoved':'YES','retrySafe':false,'nextAction':'CALL_STAFF','message':'m'}}");
  expect_ack (gateway, "m2");
  g_assert_cmpuint (conflicts.n, ==, 1);
  g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_APPROVED);
  g_assert_cmpint (tgw_verdict_get_next_action (tgw_payment_get_verdict (payment)), ==,
                   TGW_NEXT_ACTION_CALL_STAFF);
  g_assert_cmpstr (tgw_payment_get_authorization_code (payment), ==, "A1");
  client_finalize (client);
}

/* A payment closed as unknown is asked for until somebody knows, and the news of that are told and kept. */
static void
test_settled (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_autoptr (TgwPayment) payment = NULL;
  g_autoptr (TgpPosMessage) first = NULL, second = NULL;
  Counter completed, settled;
  g_auto (Call) call = { 0 };

  count_payments (client, "payment-completed", &completed);
  count_payments (client, "payment-settled", &settled);
  client->settle_pause = 5;
  client_connect (client);
  client_pay (client, gateway, "T1", NULL, &call);
  first = reconnect_and_be_asked (gateway);
  send_status (gateway, first->request_id, "FAILED", ",'errorCode':'TERMINAL_RECONNECT_TIMEOUT'", "UNKNOWN");
  payment = client_paid (client, &call);
  g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_UNKNOWN);
  g_assert_true (tgw_client_acknowledge (client, payment, 0, NULL));
  second = fake_gateway_expect (gateway, TGP_POS_GET_TRANSACTION_STATUS);
  send_status (gateway, second->request_id, "FAILED", ",'errorCode':'DECLINED'", "NO");
  wait_until (settled.n == 1);
  g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_DECLINED);
  g_assert_cmpuint (tgw_payment_get_revision (payment), ==, 2);
  g_assert_false (tgw_payment_get_acknowledged (payment));
  g_assert_cmpuint (completed.n, ==, 1);
  client_finalize (client);
}

/* Ends T1 as unknown over the connection that it was started on. */
static TgwPayment *
pay_to_unknown (TgwClient *client, FakeGateway *gateway)
{
  TgwPayment *payment;
  g_auto (Call) call = { 0 };

  client_pay (client, gateway, "T1", NULL, &call);
  fake_gateway_send (
    gateway,
    "{'action':'paymentComplete','transactionId':'T1','terminalId':'TERM-001','status':'FAILED',"
    "'paymentResponse':{'transactionId':'T1','status':'FAILED','errorCode':'TERMINAL_RECONNECT_TIMEOUT'},"
    "'timestamp':'2024-01-15T10:30:00.000Z','messageId':'m1',"
    "'verdict':{'moneyMoved':'UNKNOWN','retrySafe':false,'nextAction':'CALL_STAFF','message':'m'}}");
  payment = client_paid (client, &call);
  g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_UNKNOWN);
  expect_ack (gateway, "m1");
  return payment;
}

/* The same while the connection lives on. */
static void
test_settled_without_reconnect (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_autoptr (TgwPayment) payment = NULL;
  g_autoptr (TgpPosMessage) ask = NULL;
  Counter settled;

  count_payments (client, "payment-settled", &settled);
  client->settle_pause = 5;
  client_connect (client);
  payment = pay_to_unknown (client, gateway);
  ask = fake_gateway_expect (gateway, TGP_POS_GET_TRANSACTION_STATUS);
  send_status (gateway, ask->request_id, "FAILED", ",'errorCode':'DECLINED'", "NO");
  wait_until (settled.n == 1);
  g_assert_cmpuint (gateway->n_handshakes, ==, 1);
  client_finalize (client);
}

static void
send_busy (FakeGateway *gateway, const char *terminal_id, gboolean busy)
{
  fake_gateway_send (gateway,
                     "{'action':'terminalStatusUpdate','terminalId':'%s','deviceId':'%s','connectionId':'c1',"
                     "'status':'connected','busy':%s,'timestamp':'2024-01-15T10:30:00.000Z'}",
                     terminal_id, terminal_id, busy ? "true" : "false");
}

/* A terminal that is free again has most often just told, so its payments are asked for at once. */
static void
test_settled_when_free (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_autoptr (TgwPayment) payment = NULL;
  g_autoptr (TgpPosMessage) ask = NULL;
  Counter settled;

  count_payments (client, "payment-settled", &settled);
  client->settle_pause = G_MAXUINT; /* longer than any test */
  client_connect (client);
  payment = pay_to_unknown (client, gateway);
  send_busy (gateway, "TERM-002", TRUE);
  send_busy (gateway, "TERM-001", TRUE);
  send_busy (gateway, "TERM-002", FALSE);
  send_busy (gateway, "TERM-001", FALSE);
  ask = fake_gateway_expect (gateway, TGP_POS_GET_TRANSACTION_STATUS);
  g_assert_cmpstr (ask->transaction_id, ==, "T1");
  send_status (gateway, ask->request_id, "FAILED", ",'errorCode':'DECLINED'", "NO");
  wait_until (settled.n == 1);
  send_busy (gateway, "TERM-001", TRUE);
  send_busy (gateway, "TERM-001", FALSE);
  /* Once, and for that terminal's sake alone: the next that the gateway hears is a payment. */
  client_pay_to_end (client, gateway, "T2", "SUCCESS", "m2");
  client_finalize (client);
}

static void
test_query (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_autoptr (TgpPosMessage) ask = NULL, again = NULL;
  g_autoptr (TgwPayment) payment = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (Call) call = { 0 };

  tgw_client_query_async (client, "T1", NULL, call_done, &call);
  wait_until (call.result != NULL);
  g_assert_null (tgw_client_query_finish (client, call.result, &error));
  g_assert_error (error, TGW_ERROR, TGW_ERROR_NOT_CONNECTED);
  g_clear_error (&error);
  call_clear (&call);

  client_connect (client);
  tgw_client_query_async (client, "T1", NULL, call_done, &call);
  ask = fake_gateway_expect (gateway, TGP_POS_GET_TRANSACTION_STATUS);
  send_status (gateway, ask->request_id, "VOIDED", ",'voidStatus':'CONFIRMED','voidReason':'r'", "NO");
  wait_until (call.result != NULL);
  payment = tgw_client_query_finish (client, call.result, &error);
  g_assert_no_error (error);
  g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_VOIDED);
  g_assert_cmpint (tgw_payment_get_void_status (payment), ==, TGW_VOID_STATUS_CONFIRMED);
  g_assert_cmpint (tgw_payment_get_requested_amount (payment), ==, 1234);
  call_clear (&call);

  tgw_client_query_async (client, "T2", NULL, call_done, &call);
  again = fake_gateway_expect (gateway, TGP_POS_GET_TRANSACTION_STATUS);
  fake_gateway_close (gateway, 1001);
  wait_until (call.result != NULL);
  g_assert_null (tgw_client_query_finish (client, call.result, &error));
  g_assert_error (error, TGW_ERROR, TGW_ERROR_CONNECTION_LOST);
  g_assert_false (tgw_error_is_retry_safe (error));
  call_clear (&call);
  client_finalize (client);
}

/* Staff looked at the terminal: the state stays, what it means for the till does not. */
static void
test_found_by_staff (void)
{
  static const struct
  {
    const char *status, *money;
    TgwOutcome outcome;
  } cases[] = {
    { "COMPLETED", "YES", TGW_OUTCOME_APPROVED }, { "COMPLETED", "NO", TGW_OUTCOME_DECLINED },
    { "FAILED", "YES", TGW_OUTCOME_APPROVED },    { "FAILED", "UNKNOWN", TGW_OUTCOME_UNKNOWN },
    { "FAILED", "NO", TGW_OUTCOME_DECLINED },     { "CANCELLED", "NO", TGW_OUTCOME_CANCELLED },
    { "CANCELLED", "YES", TGW_OUTCOME_APPROVED }, { "CANCELLED", "UNKNOWN", TGW_OUTCOME_UNKNOWN },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (FakeGateway) gateway = fake_gateway_new ();
      TgwClient *client = client_new (gateway->url);
      g_autoptr (TgpPosMessage) ask = NULL;
      g_autoptr (TgwPayment) payment = NULL;
      g_autoptr (GError) error = NULL;
      g_auto (Call) call = { 0 };

      client_connect (client);
      tgw_client_query_async (client, "T1", NULL, call_done, &call);
      ask = fake_gateway_expect (gateway, TGP_POS_GET_TRANSACTION_STATUS);
      send_status (gateway, ask->request_id, cases[i].status, "", cases[i].money);
      wait_until (call.result != NULL);
      payment = tgw_client_query_finish (client, call.result, &error);
      g_assert_no_error (error);
      g_assert_cmpint (tgw_payment_get_outcome (payment), ==, cases[i].outcome);
      call_clear (&call);
      client_finalize (client);
    }
}

static void
test_given_up (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (TgpPosMessage) ask = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (Call) call = { 0 };

  client_connect (client);
  tgw_client_query_async (client, "T1", cancellable, call_done, &call);
  ask = fake_gateway_expect (gateway, TGP_POS_GET_TRANSACTION_STATUS);
  g_cancellable_cancel (cancellable);
  wait_until (call.result != NULL);
  g_assert_null (tgw_client_query_finish (client, call.result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  call_clear (&call);
  client_finalize (client);
}

static void
test_request_timeout (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_autoptr (TgpPosMessage) ask = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (Call) call = { 0 };

  client_connect (client);
  client->request_timeout = 10;
  tgw_client_cancel_async (client, "T1", NULL, call_done, &call);
  ask = fake_gateway_expect (gateway, TGP_POS_CANCEL_PAYMENT);
  wait_until (call.result != NULL);
  g_assert_false (tgw_client_cancel_finish (client, call.result, &error));
  g_assert_error (error, TGW_ERROR, TGW_ERROR_TIMEOUT);
  /* An answer that comes too late finds nobody. */
  fake_gateway_send (gateway, "{'action':'cancelAccepted','transactionId':'T1','requestId':'%s'}",
                     ask->request_id);
  call_clear (&call);
  client_finalize (client);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sdk/recovery/query-then-queue", test_query_then_queue);
  g_test_add_func ("/sdk/recovery/queue-then-query", test_queue_then_query);
  g_test_add_func ("/sdk/recovery/duplicates", test_duplicates);
  g_test_add_func ("/sdk/recovery/told-before-acked", test_told_before_acked);
  g_test_add_func ("/sdk/recovery/recovered", test_recovered);
  g_test_add_func ("/sdk/recovery/never-arrived", test_never_arrived);
  g_test_add_func ("/sdk/recovery/voided", test_voided);
  g_test_add_func ("/sdk/recovery/requested-void", test_requested_void);
  g_test_add_func ("/sdk/recovery/conflict", test_conflict);
  g_test_add_func ("/sdk/recovery/settled", test_settled);
  g_test_add_func ("/sdk/recovery/settled-without-reconnect", test_settled_without_reconnect);
  g_test_add_func ("/sdk/recovery/settled-when-free", test_settled_when_free);
  g_test_add_func ("/sdk/recovery/query", test_query);
  g_test_add_func ("/sdk/recovery/found-by-staff", test_found_by_staff);
  g_test_add_func ("/sdk/recovery/given-up", test_given_up);
  g_test_add_func ("/sdk/recovery/request-timeout", test_request_timeout);
  return g_test_run ();
}
