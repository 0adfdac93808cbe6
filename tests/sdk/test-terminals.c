/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of terminals follows the gateway, and says no more than what changed. */
#include "tests/sdk/helpers.h"

static void
on_changed (TgwClient *client, TgwTerminal *terminal, gpointer data)
{
  static const char *const names[] = { "online", "reconnecting", "offline" };

  g_string_append_printf (data, "%s:%s%s ", tgw_terminal_get_terminal_id (terminal),
                          names[tgw_terminal_get_status (terminal)],
                          tgw_terminal_get_busy (terminal) ? ":busy" : "");
}

static void
on_items (GListModel *model, guint position, guint removed, guint added, gpointer data)
{
  g_string_append_printf (data, "[%u-%u+%u] ", position, removed, added);
}

static void
refresh (TgwClient *client)
{
  g_autoptr (GError) error = NULL;
  g_auto (Call) call = { 0 };

  tgw_client_refresh_async (client, NULL, call_done, &call);
  wait_until (call.result != NULL);
  g_assert_true (tgw_client_refresh_finish (client, call.result, &error));
}

static void
test_follows (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_autoptr (GString) told = g_string_new (NULL);
  g_autoptr (TgwTerminal) terminal = NULL, kept = NULL;
  GListModel *model = tgw_client_get_terminals (client);

  g_free (gateway->terminals);
  gateway->terminals =
    g_strdup ("{'connectionId':'c1','terminalId':'TERM-001','deviceId':'TERM-001','status':'online',"
              "'busy':false,'connectedAt':'2024-01-15T10:30:00.000Z','metadata':{'a':1}},"
              "{'connectionId':'c2','terminalId':'c2','status':'online','busy':false}");
  g_signal_connect (client, "terminal-status-changed", G_CALLBACK (on_changed), told);
  g_signal_connect (model, "items-changed", G_CALLBACK (on_items), told);
  client_connect (client);
  g_assert_cmpstr (told->str, ==, "[0-0+1] TERM-001:online [1-0+1] c2:online ");
  terminal = g_list_model_get_item (model, 0);
  g_assert_cmpstr (tgw_terminal_get_connection_id (terminal), ==, "c1");
  g_assert_cmpstr (tgw_terminal_get_metadata (terminal), ==, "{\"a\":1}");
  g_assert_nonnull (tgw_terminal_get_connected_at (terminal));

  /* The same list again: nothing to tell. */
  g_string_truncate (told, 0);
  refresh (client);
  g_assert_cmpstr (told->str, ==, "");

  fake_gateway_send (
    gateway, "{'action':'terminalStatusUpdate','terminalId':'TERM-001','deviceId':'TERM-001',"
             "'connectionId':'c1','status':'connected','busy':true,'groupId':'store-1','version':'v1',"
             "'timestamp':'2024-01-15T10:30:00.000Z'}");
  fake_gateway_send (gateway,
                     "{'action':'terminalStatusUpdate','terminalId':'TERM-001','deviceId':'TERM-001',"
                     "'status':'reconnecting','busy':true,'graceExpiresAt':'2001-01-01T00:00:00.000Z',"
                     "'remainingSeconds':60,'timestamp':'2024-01-15T10:30:00.000Z'}");
  fake_gateway_send (gateway,
                     "{'action':'terminalStatusUpdate','terminalId':'TERM-001','deviceId':'TERM-001',"
                     "'status':'disconnected','busy':false,'timestamp':'2024-01-15T10:30:00.000Z'}");
  /* Without a device id there is no coming back: it leaves the list. */
  fake_gateway_send (gateway, "{'action':'terminalStatusUpdate','terminalId':'c2','connectionId':'c2',"
                              "'status':'disconnected','busy':false,'timestamp':'2024-01-15T10:30:00.000Z'}");
  fake_gateway_send (
    gateway, "{'action':'terminalStatusUpdate','terminalId':'NEW','deviceId':'NEW','connectionId':'c3',"
             "'status':'connected','busy':false,'timestamp':'2024-01-15T10:30:00.000Z'}");
  wait_until (strstr (told->str, "NEW") != NULL);
  g_assert_cmpstr (
    told->str, ==,
    "TERM-001:online:busy TERM-001:reconnecting:busy TERM-001:offline [1-1+0] c2:offline [1-0+1] "
    "NEW:online ");
  g_assert_null (tgw_terminal_get_grace_deadline (terminal));

  /* What a new list does not name is gone; what it names stays the same object. */
  g_string_truncate (told, 0);
  g_free (gateway->terminals);
  gateway->terminals =
    g_strdup ("{'connectionId':'c9','terminalId':'TERM-001','deviceId':'TERM-001','status':'online',"
              "'busy':false}");
  fake_gateway_close (gateway, 1001);
  wait_until (strstr (told->str, "TERM-001:online") != NULL);
  g_assert_cmpstr (told->str, ==, "[1-1+0] NEW:offline TERM-001:online ");
  kept = g_list_model_get_item (model, 0);
  g_assert_true (kept == terminal);
  client_finalize (client);
  g_assert_cmpint (G_OBJECT (terminal)->ref_count, ==, 2);
  g_clear_object (&kept);
  g_assert_finalize_object (g_steal_pointer (&terminal));
}

/* A thousand reconnects leave nothing behind. */
static void
test_many_reconnects (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  guint rounds = g_test_thorough () ? 1000 : 100;

  client->first_pause = client->last_pause = 1;
  client_connect (client);
  for (guint i = 0; i < rounds; i++)
    {
      guint n = gateway->n_handshakes;

      fake_gateway_close (gateway, 1001);
      wait_until (gateway->n_handshakes > n && tgw_client_get_state (client) == TGW_CLIENT_STATE_CONNECTED);
    }
  g_assert_cmpuint (g_hash_table_size (client->requests), ==, 0);
  g_assert_cmpuint (g_hash_table_size (client->waits), ==, 0);
  g_assert_null (client->retry);
  client_finalize (client);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sdk/terminals/follows", test_follows);
  g_test_add_func ("/sdk/terminals/many-reconnects", test_many_reconnects);
  return g_test_run ();
}
