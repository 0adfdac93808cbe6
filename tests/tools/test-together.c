/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The client library, the simulated terminal and the gateway as real processes on real sockets. */
#include "tests/tools/world.h"

#define SETTINGS "--set gateway.grace-period=20"

/* Waits until the terminal is busy with it. */
static TgwPayment *
wait_for_stage (World *world, const char *id)
{
  TgwPayment *payment = tgw_ledger_find (world->client->ledger, id);

  wait_until (g_strcmp0 (tgw_payment_get_stage (payment), "AUTHORIZING") == 0);
  return payment;
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

  world_open (&world, TGW_TRANSPORT_MODE_AUTO, SETTINGS);
  count_payments (world.client, "payment-completed", &completed);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *id = g_strdup_printf ("T%u", (guint) i);
      g_autoptr (TgwPayment) payment = world_pay (&world, "TERM-001", id, cases[i].amount);

      g_assert_cmpint (tgw_payment_get_outcome (payment), ==, cases[i].outcome);
      g_assert_cmpuint (completed.n, ==, i + 1);
      g_assert_cmpstr (completed.last, ==, id);
    }
  world_close (&world);
}

static void
test_cancel (void)
{
  World world;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (TgwPayment) payment = NULL;
  g_auto (Call) call = { 0 };

  world_open (&world, TGW_TRANSPORT_MODE_AUTO, SETTINGS);
  world_start_pay (&world, "TERM-001", "T1", "12.81", cancellable, &call);
  wait_for_stage (&world, "T1");
  g_cancellable_cancel (cancellable);
  payment = client_paid (world.client, &call);
  g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_CANCELLED);
  world_close (&world);
}

static void
test_void (void)
{
  World world;
  Counter voided, failed;
  g_autoptr (TgwPayment) kept = NULL, reversed = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (Call) call = { 0 };

  world_open (&world, TGW_TRANSPORT_MODE_AUTO, SETTINGS);
  count_payments (world.client, "payment-voided", &voided);
  count_payments (world.client, "payment-void-failed", &failed);
  reversed = world_pay (&world, "TERM-001", "T1", "12.00");
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
  call_clear (&call); /* it holds the client */
  world_close (&world);
}

/* The gateway is killed in mid-payment and started again: nothing is lost, nothing is charged twice. */
static void
test_gateway_killed (void)
{
  World world;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (TgwPayment) payment = NULL;
  Counter completed;
  g_auto (Call) call = { 0 };

  world_open (&world, TGW_TRANSPORT_MODE_AUTO, SETTINGS);
  count_payments (world.client, "payment-completed", &completed);
  world_start_pay (&world, "TERM-001", "T1", "12.81", cancellable, &call);
  wait_for_stage (&world, "T1");
  world_kill_gateway (&world);
  wait_until (tgw_client_get_state (world.client) == TGW_CLIENT_STATE_CONNECTING);
  world_start_gateway (&world);
  wait_until (tgw_client_get_state (world.client) == TGW_CLIENT_STATE_CONNECTED);
  g_assert_null (call.result);
  g_cancellable_cancel (cancellable);
  payment = client_paid (world.client, &call);
  g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_CANCELLED);
  g_assert_cmpuint (completed.n, ==, 1);
  world_close (&world);
}

/* An outcome that nobody was there for waits in the queue; a new client hears of it as recovered. */
static void
test_recovered (void)
{
  World world;
  g_autoptr (TgwPayment) mine = NULL, found = NULL;
  TgwClient *other;
  Counter completed;
  g_auto (Call) call = { 0 };

  world_open (&world, TGW_TRANSPORT_MODE_AUTO, SETTINGS);
  world_start_pay (&world, "TERM-001", "T1", "12.91", NULL, &call);
  wait_for_stage (&world, "T1");
  tgw_client_close (world.client);
  mine = client_paid (world.client, &call);
  g_assert_cmpint (tgw_payment_get_outcome (mine), ==, TGW_OUTCOME_UNKNOWN);

  other = world_client_new (&world);
  count_payments (other, "payment-completed", &completed);
  client_connect (other);
  wait_until (completed.n == 1);
  g_assert_cmpstr (completed.last, ==, "T1");
  found = g_list_model_get_item (tgw_client_get_payments (other), 0);
  g_assert_cmpint (tgw_payment_get_recovered_from (found), ==, TGW_RECOVERY_QUEUE);
  g_assert_cmpint (tgw_payment_get_outcome (found), ==, TGW_OUTCOME_APPROVED);
  g_clear_object (&found);
  client_finalize (other);
  world_close (&world);
}

static void
test_displaced (void)
{
  World world;
  TgwClient *other;

  world_open (&world, TGW_TRANSPORT_MODE_AUTO, SETTINGS);
  other = world_client_new (&world);
  client_connect (other);
  wait_until (tgw_client_get_state (world.client) == TGW_CLIENT_STATE_DISPLACED);
  client_connect (world.client);
  wait_until (tgw_client_get_state (other) == TGW_CLIENT_STATE_DISPLACED);
  client_finalize (other);
  world_close (&world);
}

static void
test_doctor (void)
{
  World world;
  g_autoptr (Run) run = NULL;

  world_open (&world, TGW_TRANSPORT_MODE_AUTO, SETTINGS);
  run = run_start ("TGWCTL", "doctor --json --gateway %s --state-dir %s/state", world.url, world.folder);
  run_wait (run);
  assert_contains (run->out, "\"healthy\":true");
  g_assert_cmpint (run->exit_code, ==, 0);
  g_assert_cmpint (tgw_client_get_state (world.client), ==, TGW_CLIENT_STATE_CONNECTED);
  world_close (&world);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tools/together/outcomes", test_outcomes);
  g_test_add_func ("/tools/together/cancel", test_cancel);
  g_test_add_func ("/tools/together/void", test_void);
  g_test_add_func ("/tools/together/gateway-killed", test_gateway_killed);
  g_test_add_func ("/tools/together/recovered", test_recovered);
  g_test_add_func ("/tools/together/displaced", test_displaced);
  g_test_add_func ("/tools/together/doctor", test_doctor);
  return g_test_run ();
}
