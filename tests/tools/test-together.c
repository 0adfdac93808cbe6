/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The client library, the simulated terminal and the gateway as real processes on real sockets. */
#include <glib/gstdio.h>
#include <string.h>

#include "libtgwclient/tgw-credentials.h"
#include "tests/sdk/helpers.h"
#include "tests/tools/run.h"

typedef struct
{
  char *folder;
  char *url;
  Run *gateway;
  Run *terminal;
  TgwClient *client;
} World;

static char *
in_folder (World *world, const char *name)
{
  return g_build_filename (world->folder, name, NULL);
}

static void
start_gateway (World *world)
{
  g_autofree char *line = NULL;
  const char *listen = world->url != NULL ? world->url + strlen ("http://") : "127.0.0.1:0";

  world->gateway = run_start_lines (
    "TGW_GATEWAY", "--listen %s --state-dir %s/state --set gateway.grace-period=20", listen, world->folder);
  line = run_next_line (world->gateway);
  assert_contains (line, "listening on ");
  g_free (world->url);
  world->url = g_strdup (line + strlen ("listening on "));
}

static void
make_key (World *world, const char *role, const char *name)
{
  g_autofree char *path = in_folder (world, name);
  g_autoptr (Run) run =
    run_start ("TGWCTL", "keys create --role %s --group g --json --state-dir %s/state", role, world->folder);

  run_wait (run);
  g_assert_cmpint (run->exit_code, ==, 0);
  g_assert_true (g_file_set_contents (path, run->out, -1, NULL));
}

/* A till of its own, as on another computer: with a journal of its own. */
static TgwClient *
client_of (World *world)
{
  g_autofree char *key_file = in_folder (world, "pos.key"), *key = NULL, *secret = NULL,
                  *path = journal_path_new ();
  g_autoptr (GError) error = NULL;
  TgwClient *client;

  g_assert_true (tgw_credentials_load (key_file, &key, &secret, &error));
  client = g_initable_new (TGW_TYPE_CLIENT, NULL, &error, "gateway-url", world->url, "api-key", key,
                           "api-secret", secret, "journal-path", path, NULL);
  g_assert_no_error (error);
  client->first_pause = 20;
  client->last_pause = 100;
  return client;
}

static void
world_open (World *world)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *line = NULL;

  memset (world, 0, sizeof *world);
  world->folder = g_dir_make_tmp ("tgw-together-XXXXXX", &error);
  g_assert_no_error (error);
  start_gateway (world);
  make_key (world, "pos", "pos.key");
  make_key (world, "terminal", "terminal.key");
  world->terminal =
    run_start_lines ("TGW_TERMINAL_SIM",
                     "--gateway %s --api-key-file %s/terminal.key --device-id TERM-001 --quiet "
                     "--behave fast --late-after 600000 --back-after 200 --journal %s/journal",
                     world->url, world->folder, world->folder);
  line = run_next_line (world->terminal);
  g_assert_cmpstr (line, ==, "connected as TERM-001");

  world->client = client_of (world);
  client_connect (world->client);
}

static void
world_close (World *world)
{
  static const char *const names[] = { "pos.key", "terminal.key", "journal" };
  g_autofree char *state = in_folder (world, "state");
  g_autoptr (GDir) dir = NULL;
  const char *name;

  client_finalize (world->client);
  run_free (world->terminal);
  run_free (world->gateway);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = in_folder (world, names[i]);

      g_remove (path);
    }
  dir = g_dir_open (state, 0, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (state, name, NULL);

      g_remove (path);
    }
  g_rmdir (state);
  g_rmdir (world->folder);
  g_free (world->folder);
  g_free (world->url);
}

static void
start_pay (World *world, const char *id, const char *amount, GCancellable *cancellable, Call *call)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TgwPaymentRequest) request = tgw_payment_request_new_from_text (amount, "EUR", &error);

  g_assert_no_error (error);
  g_assert_true (tgw_payment_request_set_transaction_id (request, id, &error));
  tgw_client_pay_async (world->client, "TERM-001", request, cancellable, call_done, call);
}

static TgwPayment *
pay (World *world, const char *id, const char *amount)
{
  g_auto (Call) call = { 0 };

  start_pay (world, id, amount, NULL, &call);
  return client_paid (world->client, &call);
}

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

  world_open (&world);
  count_payments (world.client, "payment-completed", &completed);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *id = g_strdup_printf ("T%u", (guint) i);
      g_autoptr (TgwPayment) payment = pay (&world, id, cases[i].amount);

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

  world_open (&world);
  start_pay (&world, "T1", "12.81", cancellable, &call);
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

  world_open (&world);
  count_payments (world.client, "payment-voided", &voided);
  count_payments (world.client, "payment-void-failed", &failed);
  reversed = pay (&world, "T1", "12.00");
  tgw_client_void_async (world.client, "T1", NULL, call_done, &call);
  wait_until (voided.n == 1 && call.result != NULL);
  g_assert_true (tgw_client_void_finish (world.client, call.result, &error));
  g_assert_cmpint (tgw_payment_get_outcome (reversed), ==, TGW_OUTCOME_VOIDED);
  g_assert_cmpint (tgw_verdict_get_money_moved (tgw_payment_get_verdict (reversed)), ==, TGW_MONEY_MOVED_NO);
  call_clear (&call);

  kept = pay (&world, "T2", "12.96");
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

  world_open (&world);
  count_payments (world.client, "payment-completed", &completed);
  start_pay (&world, "T1", "12.81", cancellable, &call);
  wait_for_stage (&world, "T1");
  g_subprocess_force_exit (world.gateway->process);
  run_wait (world.gateway);
  wait_until (tgw_client_get_state (world.client) == TGW_CLIENT_STATE_CONNECTING);
  g_clear_pointer (&world.gateway, run_free);
  start_gateway (&world);
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

  world_open (&world);
  start_pay (&world, "T1", "12.91", NULL, &call);
  wait_for_stage (&world, "T1");
  tgw_client_close (world.client);
  mine = client_paid (world.client, &call);
  g_assert_cmpint (tgw_payment_get_outcome (mine), ==, TGW_OUTCOME_UNKNOWN);

  other = client_of (&world);
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

  world_open (&world);
  other = client_of (&world);
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

  world_open (&world);
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
