/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whose a journal is: the group's that its key was in, and who may believe what from it. */
#include "tests/sdk/helpers.h"

#define GROUP "SELECT count (*) FROM meta WHERE name = 'group' AND value = 'store-1'"

static TgwClient *
client_of (FakeGateway *gateway, const char *key, const char *path)
{
  g_autoptr (GError) error = NULL;
  TgwClient *client = g_initable_new (TGW_TYPE_CLIENT, NULL, &error, "gateway-url", gateway->url, "api-key",
                                      key, "api-secret", FAKE_SECRET, "journal-path", path, NULL);

  g_assert_no_error (error);
  client->first_pause = 2;
  client->ask_again_pause = 5;
  return client;
}

/* A journal with T1, which is open, of the group store-1. */
static char *
leave_open (FakeGateway *gateway)
{
  TgwClient *client = client_new (gateway->url);
  char *path = g_strdup (client->journal_path);
  g_auto (Call) call = { 0 };

  client_connect (client);
  client_pay (client, gateway, "T1", NULL, &call);
  tgw_client_close (client);
  g_object_unref (client_paid (client, &call));
  client_finalize (client);
  return path;
}

static void
test_other_group (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  g_autofree char *path = leave_open (gateway);
  g_autoptr (GError) error = NULL;
  TgwClient *client;

  g_assert_cmpint (journal_sql_int (path, GROUP), ==, 1);
  journal_sql (path, "UPDATE meta SET value = 'cafe-7' WHERE name = 'group'");
  client = client_of (gateway, "key-of-store-1", path);
  error = client_connect_error (client);
  g_assert_error (error, TGW_ERROR, TGW_ERROR_JOURNAL);
  g_assert_nonnull (strstr (error->message, path));
  g_assert_nonnull (strstr (error->message, "cafe-7"));
  g_assert_nonnull (strstr (error->message, "store-1"));
  g_assert_cmpint (tgw_client_get_state (client), ==, TGW_CLIENT_STATE_DISCONNECTED);
  g_assert_null (tgw_client_get_group_id (client));

  /* Nothing is asked, nothing believed, nobody tries again by itself. */
  send_complete (gateway, "T1", "FAILED", "m1");
  fake_gateway_expect_nothing (gateway);
  g_assert_cmpuint (gateway->n_handshakes, ==, 2);
  g_assert_true (tgw_payment_is_open (client_payment (client, "T1")));
  client_finalize (client);
}

static void
say_missing (FakeGateway *gateway)
{
  g_autoptr (TgpPosMessage) ask = fake_gateway_expect (gateway, TGP_POS_GET_TRANSACTION_STATUS);

  fake_gateway_send (gateway,
                     "{'action':'error','error':'x','code':'TRANSACTION_NOT_FOUND','message':'m',"
                     "'requestId':'%s','transactionId':'T1','timestamp':'2024-01-15T10:30:00.000Z'}",
                     ask->request_id);
}

/* A key was rotated: its successor goes on with the journal, and then over HTTP too. */
static void
test_successor (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  g_autofree char *path = leave_open (gateway);
  TgwClient *client = client_of (gateway, "successor", path);
  Counter completed;

  count_payments (client, "payment-completed", &completed);
  client_connect (client);
  say_missing (gateway);
  say_missing (gateway);
  wait_until (completed.n == 1);
  g_assert_true (tgw_verdict_get_retry_safe (tgw_payment_get_verdict (client_payment (client, "T1"))));
  client_finalize (client);

  client = client_of (gateway, "successor", path);
  tgw_client_set_transport (client, TGW_TRANSPORT_MODE_HTTP);
  client_connect (client);
  g_assert_true (client->journal_is_ours);
  client_finalize (client);
}

static guint n_asked;

static void
on_transaction (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
                gpointer data)
{
  static const char body[] = "{\"error\":\"x\",\"code\":\"TRANSACTION_NOT_FOUND\",\"message\":\"m\"}";

  n_asked++;
  soup_server_message_set_status (message, 404, NULL);
  soup_server_message_set_response (message, "application/json", SOUP_MEMORY_STATIC, body, sizeof body - 1);
}

/* Over HTTP no group is told: “not found” counts for the key that wrote the journal, and for no other. */
static void
test_no_group_told (void)
{
  static const char *const keys[] = { "another-key", FAKE_KEY };

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autoptr (FakeGateway) gateway = fake_gateway_new ();
      g_autofree char *path = leave_open (gateway);
      TgwClient *client = client_of (gateway, keys[i], path);

      n_asked = 0;
      soup_server_add_handler (gateway->server, "/v1/transactions", on_transaction, NULL, NULL);
      tgw_client_set_transport (client, TGW_TRANSPORT_MODE_HTTP);
      for (guint n = 1; i == 0 && n <= 3; n++)
        {
          g_auto (Call) call = { 0 };

          client_connect (client);
          wait_until (n_asked >= n);
          tgw_client_refresh_async (client, NULL, call_done, &call);
          wait_until (call.result != NULL);
          g_assert_true (tgw_payment_is_open (client_payment (client, "T1")));
          tgw_client_close (client);
        }
      if (i == 1)
        {
          client_connect (client);
          wait_until (tgw_verdict_get_retry_safe (tgw_payment_get_verdict (client_payment (client, "T1"))));
        }
      client_finalize (client);
    }
}

/* Another key's journal whose group nobody ever told may be any group's, also where one is told now. */
static void
test_group_never_told (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  g_autofree char *path = leave_open (gateway);
  TgwClient *client;

  journal_sql (path, "DELETE FROM meta WHERE name = 'group'");
  client = client_of (gateway, "another-key", path);
  client_connect (client);
  say_missing (gateway);
  g_assert_false (client->journal_is_ours);
  client_finalize (client);
  g_assert_cmpint (journal_sql_int (path, GROUP), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sdk/journal-owner/other-group", test_other_group);
  g_test_add_func ("/sdk/journal-owner/successor", test_successor);
  g_test_add_func ("/sdk/journal-owner/no-group-told", test_no_group_told);
  g_test_add_func ("/sdk/journal-owner/group-never-told", test_group_never_told);
  return g_test_run ();
}
