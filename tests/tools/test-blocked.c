/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A network that does not let WebSockets through: the client comes up over HTTP, and leaves it again. */
#include <signal.h>

#include "libtgwclient/tgw-error.h"
#include "tests/tools/world.h"

/* A proxy that looks at the first request of each connection. */
typedef struct
{
  GSocketService *service;
  guint16 gateway;
  char *url;
  const char *answer; /* to an upgrade; NULL: it goes through, "": the connection is cut */
  gboolean swallows;  /* upgrades */
  gboolean down;      /* nothing goes through */
  guint n_upgrades;
  guint n_others;
  GPtrArray *streams; /* GIOStream */
} Proxy;

typedef struct
{
  Proxy *proxy;
  GIOStream *stream;
  char buffer[8192];
  gsize length;
} First;

static void
first_free (First *first)
{
  g_object_unref (first->stream);
  g_free (first);
}

static void
on_gateway (GObject *source, GAsyncResult *result, gpointer data)
{
  First *first = data;
  g_autoptr (GSocketConnection) other =
    g_socket_client_connect_to_host_finish (G_SOCKET_CLIENT (source), result, NULL);

  if (other == NULL) /* the gateway is away */
    g_io_stream_close (first->stream, NULL, NULL);
  else
    {
      g_ptr_array_add (first->proxy->streams, g_object_ref (other));
      g_assert_true (g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (other)),
                                                first->buffer, first->length, NULL, NULL, NULL));
      g_io_stream_splice_async (first->stream, G_IO_STREAM (other),
                                G_IO_STREAM_SPLICE_CLOSE_STREAM1 | G_IO_STREAM_SPLICE_CLOSE_STREAM2,
                                G_PRIORITY_DEFAULT, NULL, NULL, NULL);
    }
  first_free (first);
}

static void
on_first (GObject *source, GAsyncResult *result, gpointer data)
{
  First *first = data;
  Proxy *proxy = first->proxy;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  gboolean upgrade;

  if (n <= 0)
    {
      first_free (first);
      return;
    }
  first->length = (gsize) n;
  upgrade = g_strstr_len (first->buffer, n, "Upgrade: websocket") != NULL;
  if (upgrade)
    proxy->n_upgrades++;
  else
    proxy->n_others++;
  if (!upgrade || (proxy->answer == NULL && !proxy->swallows))
    {
      g_socket_client_connect_to_host_async (client, "127.0.0.1", proxy->gateway, NULL, on_gateway, first);
      return;
    }
  if (!proxy->swallows)
    {
      g_output_stream_write_all (g_io_stream_get_output_stream (first->stream), proxy->answer,
                                 strlen (proxy->answer), NULL, NULL, NULL);
      g_io_stream_close (first->stream, NULL, NULL);
    }
  first_free (first);
}

static gboolean
on_incoming (GSocketService *service, GSocketConnection *connection, GObject *source, gpointer data)
{
  Proxy *proxy = data;
  First *first;

  if (proxy->down)
    {
      g_io_stream_close (G_IO_STREAM (connection), NULL, NULL);
      return TRUE;
    }
  first = g_new0 (First, 1);
  first->proxy = proxy;
  first->stream = g_object_ref (G_IO_STREAM (connection));
  g_ptr_array_add (first->proxy->streams, g_object_ref (connection));
  g_input_stream_read_async (g_io_stream_get_input_stream (first->stream), first->buffer,
                             sizeof first->buffer, G_PRIORITY_DEFAULT, NULL, on_first, first);
  return TRUE;
}

static void
proxy_cut (Proxy *proxy)
{
  for (guint i = 0; i < proxy->streams->len; i++)
    g_socket_shutdown (g_socket_connection_get_socket (proxy->streams->pdata[i]), TRUE, TRUE, NULL);
  g_ptr_array_set_size (proxy->streams, 0);
}

/* For as long as it takes the client to see it. */
static void
proxy_fail (Proxy *proxy, World *world)
{
  proxy->down = TRUE;
  proxy_cut (proxy);
  wait_until (tgw_client_get_state (world->client) == TGW_CLIENT_STATE_CONNECTING);
  proxy->down = FALSE;
}

/* The world's clients go through it from now on. */
static void
proxy_open (Proxy *proxy, World *world)
{
  guint16 port;

  memset (proxy, 0, sizeof *proxy);
  proxy->gateway = (guint16) atoi (strrchr (world->url, ':') + 1);
  proxy->streams = g_ptr_array_new_with_free_func (g_object_unref);
  proxy->service = g_socket_service_new ();
  port = g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (proxy->service), NULL, NULL);
  g_signal_connect (proxy->service, "incoming", G_CALLBACK (on_incoming), proxy);
  proxy->url = world->url;
  world->url = g_strdup_printf ("http://127.0.0.1:%u", port);
}

static void
proxy_close (Proxy *proxy, World *world)
{
  g_free (world->url);
  world->url = proxy->url;
  g_socket_service_stop (proxy->service);
  proxy_cut (proxy);
  g_object_unref (proxy->service);
  g_ptr_array_unref (proxy->streams);
}

static void
swap_client (World *world)
{
  client_finalize (world->client);
  world->client = world_client_new (world);
}

static const struct
{
  const char *name;
  const char *answer;
  gboolean swallows;
} blocks[] = {
  { "403", "HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\nContent-Length: 13\r\n\r\n<b>Blocked</b>" },
  { "400", "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n" },
  { "426", "HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n" },
  { "200", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 12\r\n\r\n<b>Login</b>" },
  { "502", "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 10\r\n\r\n<b>Bad</b>" },
  { "302", "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n" },
  { "101-of-another",
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n" },
  { "no-http", "SSH-2.0-OpenSSH_9.2\r\n" },
  { "cut", "" },
  { "swallowed", NULL, TRUE },
};

static void
test_blocked (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  World world;
  Proxy proxy;
  Counter completed;
  g_autoptr (TgwPayment) approved = NULL, declined = NULL, later = NULL;

  world_open (&world, TGW_TRANSPORT_MODE_AUTO, "");
  proxy_open (&proxy, &world);
  swap_client (&world);
  count_payments (world.client, "payment-completed", &completed);
  world.client->open_timeout = 2000;
  if (blocks[i].swallows)
    world.client->open_timeout = 300;
  proxy.answer = blocks[i].answer;
  proxy.swallows = blocks[i].swallows;
  client_connect (world.client);
  g_assert_cmpuint (proxy.n_upgrades, ==, 1);
  g_assert_cmpuint (proxy.n_others, >=, 1);
  approved = world_pay (&world, "TERM-001", "T1", "12.00");
  declined = world_pay (&world, "TERM-001", "T2", "12.50");
  g_assert_cmpint (tgw_payment_get_outcome (approved), ==, TGW_OUTCOME_APPROVED);
  g_assert_cmpint (tgw_payment_get_outcome (declined), ==, TGW_OUTCOME_DECLINED);
  g_assert_cmpuint (completed.n, ==, 2);

  /* Still there after a loss, and over HTTP again. */
  proxy_fail (&proxy, &world);
  wait_until (tgw_client_get_state (world.client) == TGW_CLIENT_STATE_CONNECTED);
  g_assert_cmpuint (proxy.n_upgrades, >=, 2);

  /* The block goes away: the next connection is a WebSocket. */
  proxy.answer = NULL;
  proxy.swallows = FALSE;
  proxy_fail (&proxy, &world);
  proxy.n_others = 0;
  wait_until (tgw_client_get_state (world.client) == TGW_CLIENT_STATE_CONNECTED);
  g_assert_cmpuint (proxy.n_others, ==, 0);
  later = world_pay (&world, "TERM-001", "T3", "12.00");
  g_assert_cmpint (tgw_payment_get_outcome (later), ==, TGW_OUTCOME_APPROVED);
  g_assert_cmpuint (proxy.n_others, ==, 0);
  g_assert_cmpuint (completed.n, ==, 3);
  proxy_close (&proxy, &world);
  world_close (&world);
}

/* Whoever asked for a WebSocket only gets none, and is told why. */
static void
test_websocket_only (void)
{
  World world;
  Proxy proxy;
  g_autoptr (GError) error = NULL;

  world_open (&world, TGW_TRANSPORT_MODE_WEBSOCKET, "");
  proxy_open (&proxy, &world);
  swap_client (&world);
  proxy.answer = blocks[0].answer;
  tgw_client_set_reconnect_policy (world.client, TGW_RECONNECT_POLICY_NEVER);
  error = client_connect_error (world.client);
  g_assert_error (error, TGW_ERROR, TGW_ERROR_UNREACHABLE);
  assert_contains (error->message, "403");
  g_assert_false (tgw_error_is_authentication (error));
  g_assert_cmpuint (proxy.n_upgrades, ==, 1);
  g_assert_cmpuint (proxy.n_others, ==, 0);
  proxy_close (&proxy, &world);
  world_close (&world);
}

/* What the gateway itself refuses is no block: one attempt, its own words. */
static void
test_refused_by_the_gateway (void)
{
  World world;
  Proxy proxy;
  g_autoptr (GError) error = NULL, draining = NULL;
  g_autoptr (TgwPayment) payment = NULL;
  TgwClient *client, *kept;
  g_auto (Call) call = { 0 };

  world_open (&world, TGW_TRANSPORT_MODE_AUTO, "--set gateway.drain-timeout=5");
  world_start_pay (&world, "TERM-001", "T1", "12.81", NULL, &call);
  world_wait_until_pending (&world, "T1");
  proxy_open (&proxy, &world);
  client = world_client_new_with_key (&world, "pos.key", "not-the-secret");
  error = client_connect_error (client);
  g_assert_error (error, TGW_ERROR, TGW_ERROR_INVALID_SIGNATURE);
  g_assert_cmpint (tgw_client_get_state (client), ==, TGW_CLIENT_STATE_DISCONNECTED);
  g_assert_cmpuint (proxy.n_upgrades, ==, 1);
  g_assert_cmpuint (proxy.n_others, <=, 1);
  client_finalize (client);

  g_subprocess_send_signal (world.gateway->process, SIGTERM);
  kept = world.client;
  client = world_client_new (&world);
  tgw_client_set_reconnect_policy (client, TGW_RECONNECT_POLICY_NEVER);
  /* until the signal is through */
  while (draining == NULL)
    draining = client_connect_error (client), tgw_client_close (client);
  g_assert_error (draining, TGW_ERROR, TGW_ERROR_DRAINING);
  g_assert_false (tgw_error_is_authentication (draining));
  client_finalize (client);
  tgw_client_close (kept);
  payment = client_paid (kept, &call);
  proxy_close (&proxy, &world);
  world_close (&world);
}

/* Nobody behind the proxy's port any more, and nobody in front of it. */
static void
test_nobody_there (void)
{
  World world;
  g_autoptr (GError) error = NULL;
  gint64 begin;

  world_open (&world, TGW_TRANSPORT_MODE_AUTO, "");
  world_kill_gateway (&world);
  swap_client (&world);
  tgw_client_set_reconnect_policy (world.client, TGW_RECONNECT_POLICY_NEVER);
  begin = g_get_monotonic_time ();
  error = client_connect_error (world.client);
  g_assert_error (error, TGW_ERROR, TGW_ERROR_UNREACHABLE);
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 5 * G_USEC_PER_SEC);
  world_close (&world);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (blocks); i++)
    {
      g_autofree char *path = g_strconcat ("/tools/blocked/", blocks[i].name, NULL);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_blocked);
    }
  g_test_add_func ("/tools/blocked/websocket-only", test_websocket_only);
  g_test_add_func ("/tools/blocked/refused-by-the-gateway", test_refused_by_the_gateway);
  g_test_add_func ("/tools/blocked/nobody-there", test_nobody_there);
  return g_test_run ();
}
