/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The client over plain HTTP, with a real gateway and real simulators. */
#include "libtgwclient/tgw-error.h"
#include "tests/tools/world.h"

#define SETTINGS "--set gateway.grace-period=20"

static void
open_world (World *world)
{
  world_open (world, TGW_TRANSPORT_MODE_HTTP, SETTINGS);
}

static void
on_recovered (TgwClient *client, TgwPayment *payment, TgwRecovery recovery, gpointer data)
{
  ++*(guint *) data;
}

static void
count_recovered (World *world, guint *n)
{
  g_signal_connect (world->client, "payment-recovered", G_CALLBACK (on_recovered), n);
}

static void
wait_until_status (World *world, const char *id, const char *status)
{
  g_autofree char *path = g_strconcat ("transactions/", id, NULL),
                  *part = g_strdup_printf ("\"status\":\"%s\"", status);
  gboolean so = FALSE;

  while (!so)
    {
      g_autofree char *text = world_get (world, path);

      so = g_str_has_prefix (text, "{") && strstr (text, part) != NULL;
      fake_gateway_turn ();
    }
}

static void
test_outcomes (void)
{
  static const struct
  {
    const char *amount;
    TgwOutcome outcome;
  } cases[] = {
    { "12.00", TGW_OUTCOME_APPROVED }, { "12.50", TGW_OUTCOME_DECLINED }, { "12.80", TGW_OUTCOME_CANCELLED },
    { "12.90", TGW_OUTCOME_APPROVED }, { "12.91", TGW_OUTCOME_APPROVED }, { "12.95", TGW_OUTCOME_DECLINED },
    { "12.94", TGW_OUTCOME_UNKNOWN },
  };
  World world;
  Counter completed;
  guint recovered = 0;

  open_world (&world);
  count_payments (world.client, "payment-completed", &completed);
  count_recovered (&world, &recovered);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *id = g_strdup_printf ("T%u", (guint) i);
      g_autoptr (TgwPayment) payment = world_pay (&world, "TERM-001", id, cases[i].amount);

      g_assert_cmpint (tgw_payment_get_outcome (payment), ==, cases[i].outcome);
      g_assert_cmpuint (completed.n, ==, i + 1);
      g_assert_cmpstr (completed.last, ==, id);
      g_assert_cmpint (tgw_payment_get_amount (payment), ==, 1200 + atoi (cases[i].amount + 3));
    }
  g_assert_cmpuint (recovered, ==, 0);
  wait_until (world_count_messages (&world) == 0);
  world_close (&world);
}

static void
test_cancel (void)
{
  World world;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (TgwPayment) first = NULL, second = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (Call) call = { 0 }, cancel = { 0 };

  open_world (&world);
  world_start_pay (&world, "TERM-001", "T1", "12.81", cancellable, &call);
  g_cancellable_cancel (cancellable); /* before anybody can say that it was accepted */
  first = client_paid (world.client, &call);
  g_assert_cmpint (tgw_payment_get_outcome (first), ==, TGW_OUTCOME_CANCELLED);
  call = (Call){ 0 };

  world_start_pay (&world, "TERM-001", "T2", "12.81", NULL, &call);
  world_wait_until_pending (&world, "T2");
  tgw_client_cancel_async (world.client, "T2", NULL, call_done, &cancel);
  second = client_paid (world.client, &call);
  wait_until (cancel.result != NULL);
  g_assert_true (tgw_client_cancel_finish (world.client, cancel.result, &error));
  g_assert_cmpint (tgw_payment_get_outcome (second), ==, TGW_OUTCOME_CANCELLED);
  call_clear (&cancel);

  tgw_client_cancel_async (world.client, "T2", NULL, call_done, &cancel);
  wait_until (cancel.result != NULL);
  g_assert_false (tgw_client_cancel_finish (world.client, cancel.result, &error));
  g_assert_error (error, TGW_ERROR, TGW_ERROR_ALREADY_FINAL);
  call_clear (&cancel);
  world_close (&world);
}

typedef struct
{
  guint n;
  gint64 left; /* ms, of the grace */
} Away;

static void
on_state (TgwPayment *payment, GParamSpec *pspec, gpointer data)
{
  Away *away = data;
  g_autoptr (GDateTime) deadline = NULL;

  if (tgw_payment_get_state (payment) != TGW_PAYMENT_STATE_AWAITING_RECONNECT)
    return;
  away->n++;
  g_object_get (payment, "grace-deadline", &deadline, NULL);
  g_assert_nonnull (deadline);
  away->left = g_date_time_to_unix (deadline) * 1000 - g_get_real_time () / 1000;
}

static void
test_terminal_drops (void)
{
  World world;
  Away away = { 0 };
  g_autoptr (TgwPayment) payment = NULL;
  g_autoptr (GDateTime) deadline = NULL;
  g_auto (Call) call = { 0 };

  open_world (&world);
  world_add_terminal (&world, "TERM-002", 1500);
  world_start_pay (&world, "TERM-002", "T1", "12.91", NULL, &call);
  g_signal_connect (tgw_ledger_find (world.client->ledger, "T1"), "notify::grace-deadline",
                    G_CALLBACK (on_state), &away);
  payment = client_paid (world.client, &call);
  g_assert_cmpuint (away.n, >=, 1);
  g_assert_cmpint (away.left, >, 10000);
  g_assert_cmpint (away.left, <=, 21000);
  g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_APPROVED);
  g_object_get (payment, "grace-deadline", &deadline, NULL);
  g_assert_null (deadline);
  world_close (&world);
}

/* What happened while nobody was there waits in the queue, and is told once. */
static void
test_missed (void)
{
  World world;
  g_autoptr (TgwPayment) mine = NULL, found = NULL;
  TgwClient *other;
  Counter completed, other_completed;
  guint recovered = 0;
  g_auto (Call) call = { 0 };

  open_world (&world);
  count_payments (world.client, "payment-completed", &completed);
  count_recovered (&world, &recovered);
  world_start_pay (&world, "TERM-001", "T1", "12.91", NULL, &call);
  wait_until_status (&world, "T1", "AWAITING_RECONNECT");
  tgw_client_close (world.client);
  mine = client_paid (world.client, &call);
  g_assert_cmpint (tgw_payment_get_outcome (mine), ==, TGW_OUTCOME_UNKNOWN);
  wait_until_status (&world, "T1", "COMPLETED");
  g_assert_cmpuint (world_count_messages (&world), ==, 1);

  /* Who never heard of it: another till, with the same key, whose disk is new. It does not ack for good. */
  other = world_client_new (&world);
  count_payments (other, "payment-completed", &other_completed);
  client_connect (other);
  wait_until (other_completed.n == 1);
  g_assert_cmpstr (other_completed.last, ==, "T1");
  found = g_list_model_get_item (tgw_client_get_payments (other), 0);
  g_assert_cmpint (tgw_payment_get_recovered_from (found), ==, TGW_RECOVERY_QUEUE);
  g_assert_cmpint (tgw_payment_get_outcome (found), ==, TGW_OUTCOME_APPROVED);
  wait_until (world_count_messages (&world) == 0);
  g_clear_object (&found);
  client_finalize (other);

  /* Its own journal still has it open: it asks. */
  client_connect (world.client);
  wait_until (completed.n == 1);
  g_assert_cmpint (tgw_payment_get_outcome (mine), ==, TGW_OUTCOME_APPROVED);
  g_assert_cmpint (tgw_payment_get_recovered_from (mine), ==, TGW_RECOVERY_QUERY);
  g_clear_object (&mine);
  call_clear (&call);

  /* The same with the queue. */
  call = (Call){ 0 };
  world_start_pay (&world, "TERM-001", "T2", "12.91", NULL, &call);
  wait_until_status (&world, "T2", "AWAITING_RECONNECT");
  tgw_client_close (world.client);
  mine = client_paid (world.client, &call);
  wait_until_status (&world, "T2", "COMPLETED");
  client_connect (world.client);
  wait_until (completed.n == 2);
  g_assert_cmpint (tgw_payment_get_recovered_from (mine), ==, TGW_RECOVERY_QUEUE);
  wait_until (world_count_messages (&world) == 0);
  g_assert_cmpuint (completed.n, ==, 2);
  g_assert_cmpuint (recovered, ==, 2);
  world_close (&world);
}

static void
test_query_and_void (void)
{
  World world;
  Counter voided, failed;
  g_autoptr (TgwPayment) reversed = NULL, kept = NULL, asked = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (Call) call = { 0 };

  open_world (&world);
  count_payments (world.client, "payment-voided", &voided);
  count_payments (world.client, "payment-void-failed", &failed);
  reversed = world_pay (&world, "TERM-001", "T1", "12.00");
  tgw_client_query_async (world.client, "T1", NULL, call_done, &call);
  wait_until (call.result != NULL);
  asked = tgw_client_query_finish (world.client, call.result, &error);
  g_assert_no_error (error);
  g_assert_true (asked == reversed);
  call_clear (&call);

  tgw_client_query_async (world.client, "T7 / ..?", NULL, call_done, &call);
  wait_until (call.result != NULL);
  g_assert_null (tgw_client_query_finish (world.client, call.result, &error));
  g_assert_error (error, TGW_ERROR, TGW_ERROR_INVALID_FIELD);
  g_clear_error (&error);
  call_clear (&call);
  tgw_client_query_async (world.client, "T7", NULL, call_done, &call);
  wait_until (call.result != NULL);
  g_assert_null (tgw_client_query_finish (world.client, call.result, &error));
  g_assert_error (error, TGW_ERROR, TGW_ERROR_TRANSACTION_NOT_FOUND);
  g_clear_error (&error);
  call_clear (&call);

  tgw_client_void_async (world.client, "T1", NULL, call_done, &call);
  wait_until (voided.n == 1 && call.result != NULL);
  g_assert_true (tgw_client_void_finish (world.client, call.result, &error));
  g_assert_cmpint (tgw_payment_get_outcome (reversed), ==, TGW_OUTCOME_VOIDED);
  g_assert_cmpint (tgw_verdict_get_money_moved (tgw_payment_get_verdict (reversed)), ==, TGW_MONEY_MOVED_NO);
  call_clear (&call);

  kept = world_pay (&world, "TERM-001", "T2", "12.96");
  tgw_client_void_async (world.client, "T2", NULL, call_done, &call);
  wait_until (failed.n == 1 && call.result != NULL);
  g_assert_cmpint (tgw_payment_get_outcome (kept), ==, TGW_OUTCOME_APPROVED);
  g_assert_cmpint (tgw_payment_get_void_status (kept), ==, TGW_VOID_STATUS_FAILED);
  call_clear (&call);
  world_close (&world);
}

static void
assert_refused (World *world, const char *terminal, const char *id, const char *code)
{
  g_autoptr (TgwPayment) payment = world_pay (world, terminal, id, "1.00");
  g_autofree char *error_code = NULL;

  g_object_get (payment, "error-code", &error_code, NULL);
  g_assert_cmpstr (error_code, ==, code);
  g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_REFUSED);
  g_assert_cmpint (tgw_verdict_get_money_moved (tgw_payment_get_verdict (payment)), ==, TGW_MONEY_MOVED_NO);
  g_assert_true (tgw_verdict_get_retry_safe (tgw_payment_get_verdict (payment)));
}

static void
test_refusals (void)
{
  World world;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (TgwPayment) payment = NULL;
  g_autofree char *held_by = NULL;
  g_auto (Call) call = { 0 };

  open_world (&world);
  assert_refused (&world, "NOWHERE", "R1", "TERMINAL_NOT_FOUND");
  assert_refused (&world, "no/such?terminal", "R2", "INVALID_FIELD");
  world_start_pay (&world, "TERM-001", "T1", "12.81", cancellable, &call);
  world_wait_until_pending (&world, "T1");
  assert_refused (&world, "TERM-001", "R3", "PAYMENT_IN_PROGRESS");
  g_object_get (tgw_ledger_find (world.client->ledger, "R3"), "held-by", &held_by, NULL);
  g_assert_cmpstr (held_by, ==, "T1");
  g_cancellable_cancel (cancellable);
  payment = client_paid (world.client, &call);
  world_stop_terminal (&world, 0);
  assert_refused (&world, "TERM-001", "R4", "TERMINAL_OFFLINE");
  world_close (&world);
}

static void
test_parallel (void)
{
  static const char *const names[] = { "TERM-001", "TERM-002", "TERM-003" };
  static const char *const ids[] = { "T1", "T2", "T3" };
  World world;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Call calls[3] = { 0 };

  open_world (&world);
  world_add_terminal (&world, "TERM-002", 200);
  world_add_terminal (&world, "TERM-003", 200);
  for (gsize i = 0; i < G_N_ELEMENTS (ids); i++)
    world_start_pay (&world, names[i], ids[i], "12.81", cancellable, &calls[i]);
  for (gsize i = 0; i < G_N_ELEMENTS (ids); i++)
    world_wait_until_pending (&world, ids[i]);
  g_cancellable_cancel (cancellable);
  for (gsize i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      g_autoptr (TgwPayment) payment = client_paid (world.client, &calls[i]);

      g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_CANCELLED);
    }
  world_close (&world);
}

/* The gateway lets the request go before the payment is over. */
static void
test_longer_than_the_request (void)
{
  World world;
  g_autoptr (TgwPayment) payment = NULL;
  Counter completed;
  guint recovered = 0;

  world_open (&world, TGW_TRANSPORT_MODE_HTTP, SETTINGS " --set gateway.long-poll-timeout=1");
  count_payments (world.client, "payment-completed", &completed);
  count_recovered (&world, &recovered);
  world_add_terminal (&world, "TERM-002", 2500);
  payment = world_pay (&world, "TERM-002", "T1", "12.91");
  g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_APPROVED);
  wait_until (world_count_messages (&world) == 0);
  g_assert_cmpuint (completed.n, ==, 1);
  g_assert_cmpuint (recovered, ==, 0);
  world_close (&world);
}

/* Somebody looks at a till's messages while it is away: it still gets them. */
static void
test_looked_on (void)
{
  World world;
  Counter completed;
  g_autoptr (Run) run = NULL;
  g_auto (Call) call = { 0 };

  open_world (&world);
  count_payments (world.client, "payment-completed", &completed);
  world_start_pay (&world, "TERM-001", "T1", "12.91", NULL, &call);
  wait_until_status (&world, "T1", "AWAITING_RECONNECT");
  tgw_client_close (world.client);
  g_object_unref (client_paid (world.client, &call));
  wait_until_status (&world, "T1", "COMPLETED");

  run =
    run_start ("TGWCTL", "events --count 3 --gateway %s --api-key-file %s/pos.key", world.url, world.folder);
  run_wait (run);
  g_assert_cmpint (run->exit_code, ==, 0);
  assert_contains (run->out, "paymentComplete");
  g_assert_cmpuint (world_count_messages (&world), ==, 1);

  client_connect (world.client);
  wait_until (completed.n == 1);
  wait_until (world_count_messages (&world) == 0);
  world_close (&world);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tools/over-http/outcomes", test_outcomes);
  g_test_add_func ("/tools/over-http/cancel", test_cancel);
  g_test_add_func ("/tools/over-http/terminal-drops", test_terminal_drops);
  g_test_add_func ("/tools/over-http/missed", test_missed);
  g_test_add_func ("/tools/over-http/looked-on", test_looked_on);
  g_test_add_func ("/tools/over-http/query-and-void", test_query_and_void);
  g_test_add_func ("/tools/over-http/refusals", test_refusals);
  g_test_add_func ("/tools/over-http/parallel", test_parallel);
  g_test_add_func ("/tools/over-http/longer-than-the-request", test_longer_than_the_request);
  return g_test_run ();
}
