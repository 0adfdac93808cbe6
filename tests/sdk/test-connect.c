/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Getting, keeping and losing the connection. */
#include "protocol/signature.h"
#include "tests/sdk/helpers.h"

static const char *
header (FakeGateway *gateway, const char *name)
{
  return soup_message_headers_get_one (gateway->handshake, name);
}

static void
test_handshake (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);

  client_connect (client);
  g_assert_cmpstr (gateway->handshake_target, ==, "/v1/ws");
  g_assert_cmpstr (header (gateway, "x-api-key"), ==, FAKE_KEY);
  g_assert_cmpstr (header (gateway, "x-delivery"), ==, "ack");
  g_assert_null (header (gateway, "Sec-WebSocket-Extensions"));
  g_assert_true (tgp_signature_verify (header (gateway, "x-signature"), FAKE_SECRET, "GET", "/v1/ws",
                                       header (gateway, "x-timestamp"), "", 0));
  g_assert_cmpstr (tgw_client_get_connection_id (client), ==, "conn-1");
  g_assert_cmpstr (tgw_client_get_group_id (client), ==, "store-1");
  client_finalize (client);
}

static void
test_not_connected_before_terminals (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_autoptr (TgpPosMessage) ask = NULL;
  g_auto (Call) call = { 0 };
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&gateway->terminals, g_free); /* answered by hand */
  tgw_client_connect_async (client, NULL, call_done, &call);
  ask = fake_gateway_expect (gateway, TGP_POS_GET_TERMINALS);
  g_assert_cmpint (tgw_client_get_state (client), ==, TGW_CLIENT_STATE_CONNECTING);
  g_assert_null (call.result);
  fake_gateway_send (gateway,
                     "{'action':'terminalsResponse','requestId':'%s','terminals':[{'connectionId':'c1',"
                     "'terminalId':'TERM-001','deviceId':'TERM-001','status':'online','busy':true}]}",
                     ask->request_id);
  wait_until (call.result != NULL);
  g_assert_true (tgw_client_connect_finish (client, call.result, &error));
  g_assert_cmpuint (g_list_model_get_n_items (tgw_client_get_terminals (client)), ==, 1);
  call_clear (&call);
  client_finalize (client);
}

static void
test_refused (void)
{
  static const struct
  {
    guint status;
    const char *body;
    TgwError code;
    gboolean authentication;
  } cases[] = {
    { 401, "{\"error\":\"Unauthorized\",\"code\":\"INVALID_SIGNATURE\",\"message\":\"no\"}",
      TGW_ERROR_INVALID_SIGNATURE, TRUE },
    { 401, "{\"code\":\"UNAUTHORIZED\",\"message\":\"no\"}", TGW_ERROR_UNAUTHORIZED, TRUE },
    { 401, "{\"code\":\"TIMESTAMP_EXPIRED\",\"message\":\"no\"}", TGW_ERROR_TIMESTAMP_EXPIRED, TRUE },
    { 401, "not JSON", TGW_ERROR_UNAUTHORIZED, TRUE },
    { 401, NULL, TGW_ERROR_UNAUTHORIZED, TRUE },
    { 403, NULL, TGW_ERROR_GROUP_MISMATCH, TRUE },
    { 404, NULL, TGW_ERROR_NOT_FOUND, FALSE },
    { 409, NULL, TGW_ERROR_DEVICE_ID_TAKEN, TRUE },
    { 429, NULL, TGW_ERROR_RATE_LIMITED, FALSE },
    { 503, NULL, TGW_ERROR_OVERLOADED, FALSE },
    { 500, NULL, TGW_ERROR_UNREACHABLE, FALSE },
    { 302, NULL, TGW_ERROR_UNREACHABLE, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (FakeGateway) gateway = fake_gateway_new ();
      TgwClient *client = client_new (gateway->url);
      g_autoptr (GError) error = NULL;

      gateway->refuse_status = cases[i].status;
      gateway->refuse_body = g_strdup (cases[i].body);
      error = client_connect_error (client);
      g_assert_error (error, TGW_ERROR, (int) cases[i].code);
      g_assert_null (strstr (error->message, FAKE_SECRET));
      g_assert_true (tgw_error_is_authentication (error) == cases[i].authentication);
      /* Wrong credentials stay wrong; anything else may pass. */
      g_assert_cmpint (tgw_client_get_state (client), ==,
                       cases[i].authentication ? TGW_CLIENT_STATE_DISCONNECTED : TGW_CLIENT_STATE_CONNECTING);
      client_finalize (client);
    }
}

static void
test_unreachable_then_there (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_autoptr (GError) error = NULL;

  gateway->refuse_status = 503;
  error = client_connect_error (client);
  g_assert_error (error, TGW_ERROR, TGW_ERROR_OVERLOADED);
  fake_gateway_wait_handshakes (gateway, 4);
  gateway->refuse_status = 0;
  wait_until (tgw_client_get_state (client) == TGW_CLIENT_STATE_CONNECTED);
  client_finalize (client);
}

static void
test_nobody_there (void)
{
  g_autofree char *url = NULL;
  g_autoptr (GError) error = NULL;
  TgwClient *client;

  {
    g_autoptr (FakeGateway) gateway = fake_gateway_new ();

    url = g_strdup (gateway->url);
  }
  client = client_new (url);
  tgw_client_set_reconnect_policy (client, TGW_RECONNECT_POLICY_NEVER);
  error = client_connect_error (client);
  g_assert_error (error, TGW_ERROR, TGW_ERROR_UNREACHABLE);
  g_assert_true (tgw_error_is_connection (error));
  g_assert_true (tgw_error_is_retry_safe (error));
  g_assert_cmpint (tgw_client_get_state (client), ==, TGW_CLIENT_STATE_DISCONNECTED);
  client_finalize (client);
}

static void
test_reconnects (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);

  client_connect (client);
  for (guint i = 2; i < 12; i++)
    {
      fake_gateway_close (gateway, 1001);
      fake_gateway_wait_handshakes (gateway, i);
      wait_until (tgw_client_get_state (client) == TGW_CLIENT_STATE_CONNECTED);
    }
  g_assert_cmpstr (tgw_client_get_connection_id (client), ==, "conn-11");
  client_finalize (client);
}

static void
test_never_reconnects (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);

  tgw_client_set_reconnect_policy (client, TGW_RECONNECT_POLICY_NEVER);
  client_connect (client);
  fake_gateway_close (gateway, 1001);
  wait_until (tgw_client_get_state (client) == TGW_CLIENT_STATE_DISCONNECTED);
  g_assert_null (tgw_client_get_connection_id (client));
  client_finalize (client);
}

typedef struct
{
  guint n;
  TgwDisconnectReason reason;
  gboolean allowed;
} Displaced;

static void
on_displaced (TgwClient *client, TgwDisconnectReason reason, const char *message, gboolean allowed,
              const char *by, gpointer data)
{
  Displaced *displaced = data;

  g_assert_cmpint (tgw_client_get_state (client), ==, TGW_CLIENT_STATE_DISPLACED);
  g_assert_nonnull (message);
  displaced->n++;
  displaced->reason = reason;
  displaced->allowed = allowed;
}

static void
force (FakeGateway *gateway, const char *reason, gboolean allowed)
{
  fake_gateway_send (gateway,
                     "{'action':'forceDisconnect','reason':'%s','message':'go','reconnectAllowed':%s}",
                     reason, allowed ? "true" : "false");
  fake_gateway_close (gateway, 4001);
}

static void
test_displaced (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  Displaced displaced = { 0 };

  g_signal_connect (client, "displaced", G_CALLBACK (on_displaced), &displaced);
  client_connect (client);
  force (gateway, "api_key_used_elsewhere", TRUE);
  wait_until (displaced.n == 1);
  g_assert_cmpint (displaced.reason, ==, TGW_DISCONNECT_REASON_API_KEY_USED_ELSEWHERE);
  g_assert_true (displaced.allowed);
  g_assert_null (client->retry); /* it does not fight */
  g_assert_cmpint (tgw_client_get_state (client), ==, TGW_CLIENT_STATE_DISPLACED);

  client_connect (client); /* taken back when asked */
  g_assert_cmpuint (gateway->n_handshakes, ==, 2);
  force (gateway, "admin_action", FALSE);
  wait_until (displaced.n == 2);
  g_assert_cmpint (displaced.reason, ==, TGW_DISCONNECT_REASON_ADMIN_ACTION);
  g_assert_false (displaced.allowed);
  g_assert_null (client->retry);
  client_finalize (client);
}

static void
test_insists (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  Displaced displaced = { 0 };

  g_signal_connect (client, "displaced", G_CALLBACK (on_displaced), &displaced);
  tgw_client_set_reconnect_policy (client, TGW_RECONNECT_POLICY_INSIST);
  client_connect (client);
  force (gateway, "api_key_used_elsewhere", TRUE);
  fake_gateway_wait_handshakes (gateway, 2);
  wait_until (tgw_client_get_state (client) == TGW_CLIENT_STATE_CONNECTED);
  g_assert_cmpuint (displaced.n, ==, 1);
  force (gateway, "admin_action", FALSE);
  wait_until (displaced.n == 2);
  g_assert_null (client->retry);
  client_finalize (client);
}

static void
test_told_to_come_back (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  Displaced displaced = { 0 };

  g_signal_connect (client, "displaced", G_CALLBACK (on_displaced), &displaced);
  client_connect (client);
  force (gateway, "other", TRUE);
  fake_gateway_wait_handshakes (gateway, 2);
  wait_until (tgw_client_get_state (client) == TGW_CLIENT_STATE_CONNECTED);
  force (gateway, "stale_connection_timeout", TRUE);
  fake_gateway_wait_handshakes (gateway, 3);
  wait_until (tgw_client_get_state (client) == TGW_CLIENT_STATE_CONNECTED);
  g_assert_cmpuint (displaced.n, ==, 0);
  client_finalize (client);
}

static void
test_heartbeat (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);

  client->ping_interval = 5;
  client->ping_timeout = 2000;
  client_connect (client);
  wait_until (gateway->n_pings >= 3);
  g_assert_cmpuint (gateway->n_handshakes, ==, 1);

  /* A gateway that does not answer any more is left. */
  gateway->no_pong = TRUE;
  client->ping_timeout = 20; /* counts from the next connection on */
  fake_gateway_close (gateway, 1001);
  fake_gateway_wait_handshakes (gateway, 4);
  client_finalize (client);
}

static void
test_silent_gateway (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_autoptr (GError) error = NULL;

  gateway->silent = TRUE;
  client->ping_interval = client->ping_timeout = 10;
  tgw_client_set_reconnect_policy (client, TGW_RECONNECT_POLICY_NEVER);
  error = client_connect_error (client);
  g_assert_error (error, TGW_ERROR, TGW_ERROR_CONNECTION_LOST);
  client_finalize (client);
}

static void
test_terminals_key (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_autoptr (TgpPosMessage) ask = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (Call) call = { 0 };

  g_clear_pointer (&gateway->terminals, g_free);
  tgw_client_connect_async (client, NULL, call_done, &call);
  ask = fake_gateway_expect (gateway, TGP_POS_GET_TERMINALS);
  fake_gateway_send (
    gateway,
    "{'action':'error','error':'Bad Request','code':'UNKNOWN_ACTION','message':'no','requestId':'%s',"
    "'timestamp':'2024-01-15T10:30:00.000Z'}",
    ask->request_id);
  wait_until (call.result != NULL);
  g_assert_false (tgw_client_connect_finish (client, call.result, &error));
  g_assert_error (error, TGW_ERROR, TGW_ERROR_GROUP_MISMATCH);
  g_assert_cmpint (tgw_client_get_state (client), ==, TGW_CLIENT_STATE_DISCONNECTED);
  call_clear (&call);
  client_finalize (client);
}

static void
test_cancel_connect (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_auto (Call) call = { 0 };

  gateway->silent = TRUE;
  tgw_client_connect_async (client, cancellable, call_done, &call);
  fake_gateway_wait_handshakes (gateway, 1);
  g_cancellable_cancel (cancellable);
  wait_until (call.result != NULL);
  g_assert_false (tgw_client_connect_finish (client, call.result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (tgw_client_get_state (client), ==, TGW_CLIENT_STATE_DISCONNECTED);
  call_clear (&call);
  client_finalize (client);
}

/* Gone without a word, at every stage. */
static void
test_finalize_anywhere (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);

  g_assert_finalize_object (client);

  client = client_new (gateway->url);
  client_connect (client);
  g_assert_finalize_object (client);

  client = client_new (gateway->url);
  gateway->refuse_status = 503;
  g_clear_error (&(GError *){ client_connect_error (client) });
  g_assert_finalize_object (client);
}

static void
test_garbage (void)
{
  static const char *const texts[] = {
    "",
    "nonsense",
    "[]",
    "{}",
    "{'action':7}",
    "{'action':'somethingNew','x':[1,2,3]}",
    "{'action':'paymentComplete'}",
    "{'action':'paymentComplete','transactionId':'X'}",
    "{'action':'paymentProgress','transactionId':'X'}",
    "{'action':'terminalsResponse'}",
    "{'action':'terminalStatusUpdate'}",
    "{'action':'transactionStatus'}",
    "{'action':'error'}",
    "{'action':'connected'}",
    "{'action':'pong'}",
  };
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_auto (Call) call = { 0 };
  g_autoptr (GError) error = NULL;

  client_connect (client);
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    fake_gateway_send (gateway, "%s", texts[i]);
  tgw_client_refresh_async (client, NULL, call_done, &call);
  wait_until (call.result != NULL);
  g_assert_true (tgw_client_refresh_finish (client, call.result, &error));
  g_assert_cmpuint (gateway->n_handshakes, ==, 1);
  call_clear (&call);
  client_finalize (client);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sdk/connect/handshake", test_handshake);
  g_test_add_func ("/sdk/connect/terminals-first", test_not_connected_before_terminals);
  g_test_add_func ("/sdk/connect/refused", test_refused);
  g_test_add_func ("/sdk/connect/unreachable-then-there", test_unreachable_then_there);
  g_test_add_func ("/sdk/connect/nobody-there", test_nobody_there);
  g_test_add_func ("/sdk/connect/reconnects", test_reconnects);
  g_test_add_func ("/sdk/connect/never-reconnects", test_never_reconnects);
  g_test_add_func ("/sdk/connect/displaced", test_displaced);
  g_test_add_func ("/sdk/connect/insists", test_insists);
  g_test_add_func ("/sdk/connect/told-to-come-back", test_told_to_come_back);
  g_test_add_func ("/sdk/connect/heartbeat", test_heartbeat);
  g_test_add_func ("/sdk/connect/silent-gateway", test_silent_gateway);
  g_test_add_func ("/sdk/connect/terminals-key", test_terminals_key);
  g_test_add_func ("/sdk/connect/cancel", test_cancel_connect);
  g_test_add_func ("/sdk/connect/finalize-anywhere", test_finalize_anywhere);
  g_test_add_func ("/sdk/connect/garbage", test_garbage);
  return g_test_run ();
}
