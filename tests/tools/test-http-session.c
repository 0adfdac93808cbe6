/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The session of a client over plain HTTP, with a real gateway: who has it, what it follows, how it ends. */
#include "libtgwclient/tgw-error.h"
#include "tests/tools/world.h"

#define SETTINGS "--set gateway.grace-period=20"

static void
open_world (World *world)
{
  world_open (world, TGW_TRANSPORT_MODE_HTTP, SETTINGS);
}

static void
test_gateway_killed (void)
{
  World world;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (TgwPayment) payment = NULL;
  Counter completed;
  g_auto (Call) call = { 0 };

  open_world (&world);
  count_payments (world.client, "payment-completed", &completed);
  world_start_pay (&world, "TERM-001", "T1", "12.81", cancellable, &call);
  world_wait_until_pending (&world, "T1");
  world_kill_gateway (&world);
  wait_until (tgw_client_get_state (world.client) == TGW_CLIENT_STATE_CONNECTING);
  world_start_gateway (&world);
  wait_until (tgw_client_get_state (world.client) == TGW_CLIENT_STATE_CONNECTED);
  g_assert_null (call.result);
  g_cancellable_cancel (cancellable);
  payment = client_paid (world.client, &call);
  g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_CANCELLED);
  g_assert_cmpuint (completed.n, ==, 1);
  wait_until (world_count_messages (&world) == 0);
  world_close (&world);
}

static void
on_displaced (TgwClient *client, TgwDisconnectReason reason, const char *message, gboolean allowed,
              const char *by, gpointer data)
{
  g_assert_cmpint (reason, ==, TGW_DISCONNECT_REASON_API_KEY_USED_ELSEWHERE);
  g_assert_true (allowed);
  g_assert_cmpint (tgw_client_get_state (client), ==, TGW_CLIENT_STATE_DISPLACED);
  ++*(guint *) data;
}

static void
test_displaced (void)
{
  World world;
  TgwClient *other, *socket;
  guint mine = 0, others = 0, sockets = 0;
  g_autoptr (TgwPayment) payment = NULL;
  g_auto (Call) call = { 0 };

  open_world (&world);
  other = world_client_new (&world);
  world.transport = TGW_TRANSPORT_MODE_WEBSOCKET;
  socket = world_client_new (&world);
  g_signal_connect (world.client, "displaced", G_CALLBACK (on_displaced), &mine);
  g_signal_connect (other, "displaced", G_CALLBACK (on_displaced), &others);
  g_signal_connect (socket, "displaced", G_CALLBACK (on_displaced), &sockets);

  /* in mid-payment: it does not end the payment */
  world_start_pay (&world, "TERM-001", "T1", "12.81", NULL, &call);
  world_wait_until_pending (&world, "T1");
  client_connect (other);
  wait_until (mine == 1);
  payment = client_paid (world.client, &call);
  g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_UNKNOWN);
  client_connect (world.client); /* taken back */
  wait_until (others == 1);
  client_connect (socket);
  wait_until (mine == 2);
  client_connect (world.client);
  wait_until (sockets == 1);
  g_assert_nonnull (tgw_client_get_displaced_by (socket));
  tgw_client_cancel_async (world.client, "T1", NULL, call_done, &call);
  wait_until (call.result != NULL && tgw_payment_get_outcome (payment) == TGW_OUTCOME_CANCELLED);
  g_assert_cmpuint (mine, ==, 2);
  call_clear (&call);
  client_finalize (other);
  client_finalize (socket);
  world_close (&world);
}

static TgwTerminal *
terminal_at (TgwClient *client, guint position)
{
  g_autoptr (TgwTerminal) terminal = g_list_model_get_item (tgw_client_get_terminals (client), position);

  return terminal; /* the list keeps it */
}

static void
test_terminals (void)
{
  World world;
  g_auto (Call) call = { 0 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (TgwPayment) payment = NULL;
  GListModel *terminals;

  open_world (&world);
  tgw_client_close (world.client);
  world.client->terminals_interval = 100;
  client_connect (world.client);
  terminals = tgw_client_get_terminals (world.client);
  g_assert_cmpuint (g_list_model_get_n_items (terminals), ==, 1);
  world_add_terminal (&world, "TERM-002", 200);
  wait_until (g_list_model_get_n_items (terminals) == 2);
  world_start_pay (&world, "TERM-001", "T1", "12.81", cancellable, &call);
  wait_until (tgw_terminal_get_busy (terminal_at (world.client, 0)));
  g_cancellable_cancel (cancellable);
  payment = client_paid (world.client, &call);
  wait_until (!tgw_terminal_get_busy (terminal_at (world.client, 0)));
  world_stop_terminal (&world, 1);
  wait_until (tgw_terminal_get_status (terminal_at (world.client, 1)) == TGW_TERMINAL_STATUS_RECONNECTING);
  world_close (&world);
}

static void
test_wrong_key (void)
{
  World world;
  TgwClient *client;
  g_autoptr (GError) secret = NULL, role = NULL;

  open_world (&world);
  for (guint i = 0; i < 2; i++)
    {
      g_clear_error (&secret);
      g_clear_error (&role);
      client = world_client_new_with_key (&world, "pos.key", "not-the-secret");
      secret = client_connect_error (client);
      g_assert_error (secret, TGW_ERROR, TGW_ERROR_INVALID_SIGNATURE);
      g_assert_cmpint (tgw_client_get_state (client), ==, TGW_CLIENT_STATE_DISCONNECTED);
      client_finalize (client);

      client = world_client_new_with_key (&world, "terminal.key", NULL);
      role = client_connect_error (client);
      g_assert_error (role, TGW_ERROR, TGW_ERROR_GROUP_MISMATCH);
      g_assert_cmpint (tgw_client_get_state (client), ==, TGW_CLIENT_STATE_DISCONNECTED);
      client_finalize (client);
      world.transport = TGW_TRANSPORT_MODE_WEBSOCKET; /* the same words */
    }
  g_assert_cmpint (tgw_client_get_state (world.client), ==, TGW_CLIENT_STATE_CONNECTED);
  world_close (&world);
}

static guint
count_descriptors (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
test_many (void)
{
  World world;
  Counter completed;
  guint before = 0;

  open_world (&world);
  count_payments (world.client, "payment-completed", &completed);
  for (guint i = 0; i < 200; i++)
    {
      g_autofree char *id = g_strdup_printf ("T%u", i);
      g_autoptr (TgwPayment) payment = world_pay (&world, "TERM-001", id, "1.00");

      g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_APPROVED);
      if (i == 9)
        before = count_descriptors ();
    }
  g_assert_cmpuint (completed.n, ==, 200);
  g_assert_cmpuint (count_descriptors (), <=, before + 1);
  g_assert_cmpuint (g_hash_table_size (world.client->requests), <=, 200);
  world_close (&world);
}

/* Gone in the middle of each: nothing leaks, each call ends once, nobody hears of anything later. */
static void
test_finalized (void)
{
  World world;
  guint before = 0;

  open_world (&world);
  for (guint i = 0; i < 6; i++)
    {
      g_auto (Call) call = { 0 };
      TgwClient *kept = world.client;

      if (i == 1)
        before = count_descriptors ();
      world.client = world_client_new (&world);
      if (i > 0)
        client_connect (world.client);
      if (i == 0)
        tgw_client_connect_async (world.client, NULL, call_done, &call);
      else if (i == 1)
        world_start_pay (&world, "TERM-001", "T1", "12.81", NULL, &call);
      else if (i == 2)
        tgw_client_cancel_async (world.client, "T1", NULL, call_done, &call);
      else if (i == 3)
        tgw_client_query_async (world.client, "T1", NULL, call_done, &call);
      else if (i == 4)
        tgw_client_refresh_async (world.client, NULL, call_done, &call);
      else
        tgw_client_void_async (world.client, "T1", NULL, call_done, &call);
      if (i == 1)
        world_wait_until_pending (&world, "T1");
      tgw_client_close (world.client);
      wait_until (call.result != NULL);
      g_assert_cmpuint (call.n_calls, ==, 1);
      call_clear (&call);
      g_assert_finalize_object (world.client);
      world.client = kept;
    }
  wait_until (count_descriptors () <= before + 1); /* the first client may have one more by now */

  /* Without a word, with nothing but a waiting poll. */
  g_assert_finalize_object (world.client);
  world.client = world_client_new (&world);
  client_connect (world.client);
  world_close (&world);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tools/http-session/gateway-killed", test_gateway_killed);
  g_test_add_func ("/tools/http-session/displaced", test_displaced);
  g_test_add_func ("/tools/http-session/terminals", test_terminals);
  g_test_add_func ("/tools/http-session/wrong-key", test_wrong_key);
  g_test_add_func ("/tools/http-session/many", test_many);
  g_test_add_func ("/tools/http-session/finalized", test_finalized);
  return g_test_run ();
}
