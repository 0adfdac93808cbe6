/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a till knows after it was away: each outcome is told once in a run, and again in the next one until it
 * is acknowledged. */
#include "tests/sdk/helpers.h"

#define DAY_MS ((gint64) 24 * 3600 * 1000)

/* One till over its runs, and what it hears. */
typedef struct
{
  FakeGateway *gateway;
  char *path;
  TgwClient *client;
  Counter completed, voided, confirmed, failed, recovered;
  TgwRecovery way; /* of the last one that was recovered */
} Till;

static void
on_recovered (TgwClient *client, TgwPayment *payment, TgwRecovery way, gpointer data)
{
  Till *till = data;

  till->recovered.n++;
  till->way = way;
  g_assert_cmpint (tgw_payment_get_recovered_from (payment), ==, way);
}

static void
start (Till *till)
{
  till->client = client_new_with_journal (till->gateway->url, till->path);
  count_payments (till->client, "payment-completed", &till->completed);
  count_payments (till->client, "payment-voided", &till->voided);
  count_payments (till->client, "payment-void-confirmed", &till->confirmed);
  count_payments (till->client, "payment-void-failed", &till->failed);
  memset (&till->recovered, 0, sizeof till->recovered);
  till->way = TGW_RECOVERY_NONE;
  g_signal_connect (till->client, "payment-recovered", G_CALLBACK (on_recovered), till);
}

static void
open_till (Till *till)
{
  memset (till, 0, sizeof *till);
  till->gateway = fake_gateway_new ();
  till->path = journal_path_new ();
  start (till);
}

static void
restart (Till *till)
{
  client_finalize (till->client);
  start (till);
}

static void
close_till (Till *till)
{
  client_finalize (till->client);
  fake_gateway_free (till->gateway);
  g_free (till->path);
}

/* Everything that connecting brings has been heard. */
static void
connect_and_settle (Till *till)
{
  client_connect (till->client);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

/* The till goes down while T1 is on the terminal. */
static void
leave_open (Till *till)
{
  g_autoptr (TgwPayment) payment = NULL;
  g_auto (Call) call = { 0 };

  client_connect (till->client);
  client_pay (till->client, till->gateway, "T1", NULL, &call);
  g_assert_cmpuint (client_n_unclaimed (till->client), ==, 1);
  tgw_client_close (till->client);
  payment = client_paid (till->client, &call);
  g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_UNKNOWN);
  g_assert_cmpuint (till->completed.n, ==, 0);
}

static TgpPosMessage *
be_asked (Till *till)
{
  TgpPosMessage *ask = fake_gateway_expect (till->gateway, TGP_POS_GET_TRANSACTION_STATUS);

  g_assert_cmpstr (ask->transaction_id, ==, "T1");
  return ask;
}

static void
send_not_found (Till *till, const char *request_id)
{
  fake_gateway_send (till->gateway,
                     "{'action':'error','error':'Not Found','code':'TRANSACTION_NOT_FOUND','message':'no',"
                     "'requestId':'%s','timestamp':'2024-01-15T10:30:00.000Z'}",
                     request_id);
}

static void
test_open_payment (void)
{
  Till till;
  g_autoptr (TgpPosMessage) ask = NULL;
  TgwPayment *payment;

  open_till (&till);
  leave_open (&till);
  restart (&till);
  g_assert_cmpuint (client_n_unclaimed (till.client), ==, 1);
  g_assert_true (tgw_payment_is_open (client_payment (till.client, "T1")));
  client_connect (till.client);
  ask = be_asked (&till);
  g_assert_cmpuint (till.completed.n, ==, 0);
  send_status (till.gateway, ask->request_id, "COMPLETED", "", "YES");
  wait_until (till.completed.n == 1);
  payment = client_payment (till.client, "T1");
  g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_APPROVED);
  g_assert_cmpuint (till.recovered.n, ==, 1);
  g_assert_cmpint (till.way, ==, TGW_RECOVERY_QUERY);
  g_assert_cmpuint (client_n_unclaimed (till.client), ==, 1);

  /* The message that the gateway kept is no news any more. */
  send_complete (till.gateway, "T1", "SUCCESS", "m1");
  expect_ack (till.gateway, "m1");
  g_assert_cmpuint (till.completed.n, ==, 1);
  client_acknowledge (till.client, "T1", 0);
  g_assert_cmpuint (client_n_unclaimed (till.client), ==, 0);
  close_till (&till);
}

/* Again in each run until it is acknowledged, and never after that. */
static void
test_until_acknowledged (void)
{
  Till till;
  TgwPayment *payment;

  open_till (&till);
  client_connect (till.client);
  client_pay_to_end (till.client, till.gateway, "T1", "SUCCESS", "m1");
  client_pay_to_end (till.client, till.gateway, "T2", "SUCCESS", "m2");
  client_acknowledge (till.client, "T1", 0);
  g_assert_cmpuint (till.completed.n, ==, 2);
  g_assert_cmpuint (till.recovered.n, ==, 0);
  for (guint run = 0; run < 3; run++)
    {
      restart (&till);
      g_assert_cmpuint (client_n_unclaimed (till.client), ==, 1);
      g_assert_cmpuint (till.completed.n, ==, 0);
      connect_and_settle (&till);
      g_assert_cmpuint (till.completed.n, ==, 1);
      g_assert_cmpstr (till.completed.last, ==, "T2");
      g_assert_cmpuint (till.recovered.n, ==, 1);
      g_assert_cmpint (till.way, ==, TGW_RECOVERY_JOURNAL);
      fake_gateway_expect_nothing (till.gateway); /* nothing is open */
    }
  /* Also when the gateway does not know that the message was taken in. */
  send_complete (till.gateway, "T2", "SUCCESS", "m2");
  expect_ack (till.gateway, "m2");
  g_assert_cmpuint (till.completed.n, ==, 1);

  client_acknowledge (till.client, "T2", 1);
  restart (&till);
  g_assert_cmpuint (client_n_unclaimed (till.client), ==, 0);
  connect_and_settle (&till);
  send_complete (till.gateway, "T2", "SUCCESS", "m2");
  expect_ack (till.gateway, "m2");
  g_assert_cmpuint (till.completed.n, ==, 0);
  payment = client_payment (till.client, "T2");
  g_assert_true (tgw_payment_get_acknowledged (payment));
  g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_APPROVED);
  g_assert_cmpstr (tgw_payment_get_authorization_code (payment), ==, "A1");
  close_till (&till);
}

/* What the journal has is told although the gateway is away, and only once in the run. */
static void
test_gateway_away (void)
{
  Till till;
  g_autoptr (GError) error = NULL;

  open_till (&till);
  client_connect (till.client);
  client_pay_to_end (till.client, till.gateway, "T1", "FAILED", "m1");
  restart (&till);
  till.gateway->refuse_status = 503;
  error = client_connect_error (till.client);
  g_assert_error (error, TGW_ERROR, TGW_ERROR_OVERLOADED);
  g_assert_cmpuint (till.completed.n, ==, 1);
  till.gateway->refuse_status = 0;
  wait_until (tgw_client_get_state (till.client) == TGW_CLIENT_STATE_CONNECTED);
  connect_and_settle (&till);
  g_assert_cmpuint (till.completed.n, ==, 1);
  close_till (&till);
}

static void
acknowledge_at_once (TgwClient *client, TgwPayment *payment, gpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (tgw_client_acknowledge (client, payment, tgw_payment_get_revision (payment), &error));
}

static void
test_acknowledged_in_handler (void)
{
  Till till;

  open_till (&till);
  client_connect (till.client);
  client_pay_to_end (till.client, till.gateway, "T1", "SUCCESS", "m1");
  client_pay_to_end (till.client, till.gateway, "T2", "SUCCESS", "m2");
  restart (&till);
  g_signal_connect (till.client, "payment-completed", G_CALLBACK (acknowledge_at_once), NULL);
  connect_and_settle (&till);
  g_assert_cmpuint (till.completed.n, ==, 2);
  client_pay_to_end (till.client, till.gateway, "T3", "SUCCESS", "m3");
  g_assert_cmpuint (client_n_unclaimed (till.client), ==, 0);
  restart (&till);
  connect_and_settle (&till);
  g_assert_cmpuint (till.completed.n, ==, 0);
  close_till (&till);
}

static void
test_revisions (void)
{
  Till till;
  TgwPayment *payment;

  open_till (&till);
  client_connect (till.client);
  client_pay_to_end (till.client, till.gateway, "T1", "FAILED", "m1");
  payment = client_payment (till.client, "T1");
  g_assert_cmpuint (tgw_payment_get_revision (payment), ==, 1);
  send_void (till.gateway, "paymentVoided", "REQUESTED", "UNKNOWN", "m2");
  expect_ack (till.gateway, "m2");
  g_assert_cmpuint (tgw_payment_get_revision (payment), ==, 2);

  /* The application stored the first while the second came. */
  client_acknowledge (till.client, "T1", 1);
  g_assert_false (tgw_payment_get_acknowledged (payment));
  g_assert_cmpuint (client_n_unclaimed (till.client), ==, 1);
  restart (&till);
  connect_and_settle (&till);
  g_assert_cmpuint (till.completed.n, ==, 0);
  g_assert_cmpuint (till.voided.n, ==, 1);
  client_acknowledge (till.client, "T1", 1); /* once more: no harm */
  g_assert_cmpuint (client_n_unclaimed (till.client), ==, 1);

  send_void (till.gateway, "paymentVoidConfirmed", "CONFIRMED", "NO", "m3");
  expect_ack (till.gateway, "m3");
  g_assert_cmpuint (tgw_payment_get_revision (client_payment (till.client, "T1")), ==, 3);
  restart (&till);
  connect_and_settle (&till);
  g_assert_cmpuint (till.voided.n, ==, 1);
  g_assert_cmpuint (till.confirmed.n, ==, 1);
  client_acknowledge (till.client, "T1", 0);
  restart (&till);
  connect_and_settle (&till);
  g_assert_cmpuint (till.voided.n + till.confirmed.n + till.completed.n, ==, 0);
  g_assert_cmpint (tgw_payment_get_void_status (client_payment (till.client, "T1")), ==,
                   TGW_VOID_STATUS_CONFIRMED);
  close_till (&till);
}

typedef struct
{
  guint revisions[4];
  guint n;
  guint n_wanted; /* that many are acknowledged, each as it is told */
} Heard;

static void
hear (TgwClient *client, TgwPayment *payment, gpointer data)
{
  Heard *heard = data;

  if (heard->n < heard->n_wanted)
    acknowledge_at_once (client, payment, NULL);
  heard->revisions[heard->n++] = tgw_payment_get_revision (payment);
}

/* Several news of one payment wait for the application: acknowledging the first takes no other along. */
static void
test_told_one_by_one (void)
{
  Till till;
  Heard first = { .n_wanted = 1 }, second = { .n_wanted = 2 };

  open_till (&till);
  client_connect (till.client);
  client_pay_to_end (till.client, till.gateway, "T1", "FAILED", "m1");
  send_void (till.gateway, "paymentVoided", "REQUESTED", "UNKNOWN", "m2");
  expect_ack (till.gateway, "m2");
  send_void (till.gateway, "paymentVoidConfirmed", "CONFIRMED", "NO", "m3");
  expect_ack (till.gateway, "m3");
  client_acknowledge (till.client, "T1", 1);

  restart (&till);
  g_signal_connect (till.client, "payment-voided", G_CALLBACK (hear), &first);
  g_signal_connect (till.client, "payment-void-confirmed", G_CALLBACK (hear), &first);
  connect_and_settle (&till);
  g_assert_cmpuint (first.n, ==, 2);
  g_assert_cmpuint (first.revisions[0], ==, 2);
  g_assert_cmpuint (first.revisions[1], ==, 3);
  g_assert_cmpuint (client_n_unclaimed (till.client), ==, 1);
  g_assert_cmpuint (tgw_payment_get_revision (client_payment (till.client, "T1")), ==, 3);

  restart (&till);
  g_signal_connect (till.client, "payment-voided", G_CALLBACK (hear), &second);
  g_signal_connect (till.client, "payment-void-confirmed", G_CALLBACK (hear), &second);
  connect_and_settle (&till);
  g_assert_cmpuint (second.n, ==, 1);
  g_assert_cmpuint (second.revisions[0], ==, 3);
  g_assert_cmpuint (client_n_unclaimed (till.client), ==, 0);
  close_till (&till);
}

/* Completed and reversed before the application stored anything: it hears of the reversal only. */
static void
test_voided_before_acknowledged (void)
{
  Till till;

  open_till (&till);
  client_connect (till.client);
  client_pay_to_end (till.client, till.gateway, "T1", "SUCCESS", "m1");
  send_void (till.gateway, "paymentVoided", "CONFIRMED", "NO", "m2");
  expect_ack (till.gateway, "m2");
  restart (&till);
  connect_and_settle (&till);
  g_assert_cmpuint (till.completed.n, ==, 0);
  g_assert_cmpuint (till.voided.n, ==, 1);
  client_acknowledge (till.client, "T1", 0);
  g_assert_cmpuint (client_n_unclaimed (till.client), ==, 0);
  close_till (&till);
}

/* The outcome was overtaken by its reversal while the till was away. */
static void
test_overtaken (void)
{
  Till till;
  g_autoptr (TgpPosMessage) ask = NULL;

  open_till (&till);
  leave_open (&till);
  restart (&till);
  client_connect (till.client);
  ask = be_asked (&till);
  send_status (till.gateway, ask->request_id, "VOIDED", ",'voidStatus':'REQUESTED','voidReason':'r'",
               "UNKNOWN");
  wait_until (till.voided.n == 1);
  send_complete (till.gateway, "T1", "FAILED", "m1");
  expect_ack (till.gateway, "m1");
  send_void (till.gateway, "paymentVoided", "REQUESTED", "UNKNOWN", "m2");
  expect_ack (till.gateway, "m2");
  g_assert_cmpuint (till.voided.n, ==, 1);
  g_assert_cmpuint (till.completed.n, ==, 0);
  client_acknowledge (till.client, "T1", 0);

  /* Another run knows which messages are old. */
  restart (&till);
  connect_and_settle (&till);
  send_complete (till.gateway, "T1", "FAILED", "m1");
  expect_ack (till.gateway, "m1");
  send_void (till.gateway, "paymentVoidConfirmed", "CONFIRMED", "NO", "m3");
  expect_ack (till.gateway, "m3");
  g_assert_cmpuint (till.voided.n + till.completed.n, ==, 0);
  g_assert_cmpuint (till.confirmed.n, ==, 1);
  close_till (&till);
}

/* An outcome for an id that is not in the journal is in it from then on. */
static void
test_unknown_id (void)
{
  Till till;

  open_till (&till);
  client_connect (till.client);
  send_complete (till.gateway, "ELSEWHERE", "SUCCESS", "m1");
  expect_ack (till.gateway, "m1");
  g_assert_cmpint (till.way, ==, TGW_RECOVERY_QUEUE);
  restart (&till);
  g_assert_cmpuint (client_n_unclaimed (till.client), ==, 1);
  connect_and_settle (&till);
  g_assert_cmpstr (till.completed.last, ==, "ELSEWHERE");
  g_assert_cmpint (till.way, ==, TGW_RECOVERY_JOURNAL);
  client_acknowledge (till.client, "ELSEWHERE", 0);
  restart (&till);
  connect_and_settle (&till);
  g_assert_cmpuint (till.completed.n, ==, 0);
  g_assert_cmpint (tgw_payment_get_amount (client_payment (till.client, "ELSEWHERE")), ==, 1234);
  close_till (&till);
}

/* Believed when the gateway says twice that it does not know it; if it has an outcome after all, that is
 * told. */
static void
test_never_arrived (void)
{
  Till till;

  open_till (&till);
  leave_open (&till);
  restart (&till);
  client_connect (till.client);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (TgpPosMessage) ask = be_asked (&till);

      g_assert_cmpuint (till.completed.n, ==, 0);
      send_not_found (&till, ask->request_id);
    }
  wait_until (till.completed.n == 1);
  g_assert_cmpint (tgw_payment_get_outcome (client_payment (till.client, "T1")), ==, TGW_OUTCOME_REFUSED);
  client_acknowledge (till.client, "T1", 0);
  restart (&till);
  connect_and_settle (&till);
  fake_gateway_expect_nothing (till.gateway);
  g_assert_cmpuint (till.completed.n, ==, 0);
  send_complete (till.gateway, "T1", "SUCCESS", "m1");
  expect_ack (till.gateway, "m1");
  g_assert_cmpuint (till.completed.n, ==, 1);
  g_assert_cmpuint (tgw_payment_get_revision (client_payment (till.client, "T1")), ==, 2);
  g_assert_cmpint (tgw_payment_get_outcome (client_payment (till.client, "T1")), ==, TGW_OUTCOME_APPROVED);
  close_till (&till);
}

/* After 29 days "unknown" proves nothing. */
static void
test_forgotten (void)
{
  Till till;
  g_autofree char *age = NULL;
  TgwPayment *payment;

  open_till (&till);
  leave_open (&till);
  client_finalize (till.client);
  age = g_strdup_printf ("UPDATE payments SET started_at = started_at - %" G_GINT64_FORMAT, 30 * DAY_MS);
  journal_sql (till.path, age);
  start (&till);
  client_connect (till.client);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (TgpPosMessage) ask = be_asked (&till);

      send_not_found (&till, ask->request_id);
    }
  wait_until (till.completed.n == 1);
  payment = client_payment (till.client, "T1");
  g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_UNKNOWN);
  g_assert_false (tgw_payment_is_open (payment));
  g_assert_cmpint (tgw_verdict_get_next_action (tgw_payment_get_verdict (payment)), ==,
                   TGW_NEXT_ACTION_CALL_STAFF);
  g_assert_false (tgw_verdict_get_retry_safe (tgw_payment_get_verdict (payment)));
  client_acknowledge (till.client, "T1", 0);
  restart (&till);
  g_assert_cmpuint (client_n_unclaimed (till.client), ==, 0);
  close_till (&till);
}

/* All that a payment says is the same after a restart. */
static void
test_kept (void)
{
  static const char metadata[] = "{\"order\":4711,\"note\":\"Tisch „3“\"}";
  Till till;
  g_autoptr (TgwPaymentRequest) request = request_new ("T1");
  g_autoptr (TgwPayment) before = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (Call) call = { 0 };
  GParamSpec **properties;
  guint n;
  GObject *after;

  open_till (&till);
  g_assert_true (tgw_payment_request_set_metadata (request, metadata, &error));
  client_connect (till.client);
  tgw_client_pay_async (till.client, "TERM-001", request, NULL, call_done, &call);
  tgp_pos_message_free (fake_gateway_expect (till.gateway, TGP_POS_PAYMENT));
  send_complete (till.gateway, "T1", "SUCCESS", "m1");
  before = client_paid (till.client, &call);
  expect_ack (till.gateway, "m1");
  g_assert_cmpstr (tgw_payment_get_metadata (before), ==, metadata);
  g_assert_nonnull (tgw_payment_get_receipt (before));
  restart (&till);
  after = G_OBJECT (client_payment (till.client, "T1"));
  g_assert_true (after != G_OBJECT (before));
  properties = g_object_class_list_properties (G_OBJECT_GET_CLASS (after), &n);
  for (guint i = 0; i < n; i++)
    {
      g_auto (GValue) a = G_VALUE_INIT, b = G_VALUE_INIT;
      g_autofree char *text_a = NULL, *text_b = NULL;

      if (properties[i]->value_type == TGW_TYPE_VERDICT || properties[i]->value_type == G_TYPE_DATE_TIME)
        continue; /* another object; what it says is in other properties */
      g_object_get_property (G_OBJECT (before), properties[i]->name, &a);
      g_object_get_property (after, properties[i]->name, &b);
      text_a = g_strdup_value_contents (&a);
      text_b = g_strdup_value_contents (&b);
      if (strcmp (text_a, text_b) != 0)
        g_error ("%s was %s and is %s", properties[i]->name, text_a, text_b);
    }
  g_free (properties);
  close_till (&till);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sdk/journal/open-payment", test_open_payment);
  g_test_add_func ("/sdk/journal/until-acknowledged", test_until_acknowledged);
  g_test_add_func ("/sdk/journal/gateway-away", test_gateway_away);
  g_test_add_func ("/sdk/journal/acknowledged-in-handler", test_acknowledged_in_handler);
  g_test_add_func ("/sdk/journal/revisions", test_revisions);
  g_test_add_func ("/sdk/journal/told-one-by-one", test_told_one_by_one);
  g_test_add_func ("/sdk/journal/voided-before-acknowledged", test_voided_before_acknowledged);
  g_test_add_func ("/sdk/journal/overtaken", test_overtaken);
  g_test_add_func ("/sdk/journal/unknown-id", test_unknown_id);
  g_test_add_func ("/sdk/journal/never-arrived", test_never_arrived);
  g_test_add_func ("/sdk/journal/forgotten", test_forgotten);
  g_test_add_func ("/sdk/journal/kept", test_kept);
  return g_test_run ();
}
