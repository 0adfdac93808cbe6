/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What surrounds a till: a clock that is wrong, a network that comes back, a proxy. */
#include "protocol/time.h"
#include "tests/sdk/helpers.h"

static const TgwTransportMode modes[] = { TGW_TRANSPORT_MODE_WEBSOCKET, TGW_TRANSPORT_MODE_HTTP };

/* --- clock --- */

typedef struct
{
  guint n;
  char *last;
} Words;

static void
on_word (const char *domain, GLogLevelFlags level, const char *text, gpointer data)
{
  Words *words = data;

  words->n++;
  g_free (words->last);
  words->last = g_strdup (text);
}

static void
test_clock (void)
{
  static const struct
  {
    int offset; /* s */
    const char *words;
  } cases[] = { { 0, NULL }, { 50, NULL }, { -50, NULL }, { 90, "s slow" }, { -90, "s fast" } };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    for (gsize mode = 0; mode < G_N_ELEMENTS (modes); mode++)
      {
        g_autoptr (FakeGateway) gateway = fake_gateway_new ();
        TgwClient *client = client_new (gateway->url);
        Words words = { 0 };
        guint handler;

        tgw_client_set_transport (client, modes[mode]);
        gateway->clock_offset = cases[i].offset * 1000;
        handler = g_log_set_handler ("tgwclient", G_LOG_LEVEL_MESSAGE, on_word, &words);
        client_connect (client);
        g_log_remove_handler ("tgwclient", handler);
        g_assert_cmpint (ABS (tgw_client_get_clock_skew (client) - cases[i].offset), <=, 1);
        g_assert_cmpuint (words.n, ==, cases[i].words != NULL ? 1 : 0);
        if (cases[i].words != NULL)
          g_assert_nonnull (strstr (words.last, cases[i].words));
        g_free (words.last);
        client_finalize (client);
      }
}

/* Refused for it: the error says by how much, from the answer itself or from its Date. */
static void
test_clock_refused (void)
{
  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (FakeGateway) gateway = fake_gateway_new ();
      TgwClient *client = client_new (gateway->url);
      g_autoptr (GError) error = NULL;
      char now[TGP_TIME_SIZE];

      tgw_client_set_transport (client, modes[i % 2]);
      gateway->clock_offset = 400 * 1000;
      gateway->refuse_status = 401;
      tgp_time_format (g_get_real_time () / 1000 + gateway->clock_offset, now);
      gateway->refuse_body =
        i < 2
          ? g_strdup ("{\"code\":\"TIMESTAMP_EXPIRED\",\"message\":\"no\"}")
          : g_strdup_printf ("{\"code\":\"TIMESTAMP_EXPIRED\",\"message\":\"no\",\"timestamp\":\"%s\"}", now);
      error = client_connect_error (client);
      g_assert_error (error, TGW_ERROR, TGW_ERROR_TIMESTAMP_EXPIRED);
      g_assert_true (g_pattern_match_simple ("*400 s slow*", error->message) ||
                     g_pattern_match_simple ("*399 s slow*", error->message));
      client_finalize (client);
    }
}

/* --- network --- */

typedef struct
{
  GObject parent_instance;
} FakeMonitor;
typedef GObjectClass FakeMonitorClass;

static void
fake_monitor_interface_init (gpointer iface, gpointer data)
{
}

GType fake_monitor_get_type (void);
G_DEFINE_TYPE_WITH_CODE (FakeMonitor, fake_monitor, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE, fake_monitor_interface_init)
                           G_IMPLEMENT_INTERFACE (G_TYPE_NETWORK_MONITOR, fake_monitor_interface_init))

static void
fake_monitor_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
}

static void
fake_monitor_class_init (GObjectClass *klass)
{
  static const char *const names[] = { "network-available", "network-metered", "connectivity" };

  klass->get_property = fake_monitor_get_property;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_object_class_override_property (klass, i + 1, names[i]);
}

static void
fake_monitor_init (FakeMonitor *self)
{
}

static void
emit (GObject *monitor, gboolean available)
{
  g_signal_emit_by_name (monitor, "network-changed", available);
  for (guint i = 0; i < 5; i++)
    while (g_main_context_iteration (NULL, FALSE))
      ;
}

static gpointer
emit_in_a_thread (gpointer monitor)
{
  g_signal_emit_by_name (monitor, "network-changed", TRUE);
  return NULL;
}

static void
test_network (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_autoptr (GObject) monitor = g_object_new (fake_monitor_get_type (), NULL);
  g_autoptr (GError) error = NULL;
  GThread *thread;
  gint64 begin = g_get_monotonic_time ();

  client->network = g_object_ref (G_NETWORK_MONITOR (monitor));
  client->first_pause = client->last_pause = 60000; /* half of it at least */
  gateway->refuse_status = 503;
  error = client_connect_error (client);
  g_assert_cmpuint (gateway->n_handshakes, ==, 1);

  emit (monitor, FALSE);
  g_assert_cmpuint (gateway->n_handshakes, ==, 1);
  emit (monitor, TRUE);
  fake_gateway_wait_handshakes (gateway, 2);
  wait_until (client->retry != NULL);

  gateway->refuse_status = 0;
  thread = g_thread_new ("monitor", emit_in_a_thread, monitor); /* it need not be the client's */
  wait_until (tgw_client_get_state (client) == TGW_CLIENT_STATE_CONNECTED);
  g_thread_join (thread);
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 25 * G_USEC_PER_SEC);
  g_assert_cmpuint (gateway->n_handshakes, ==, 3);

  emit (monitor, TRUE); /* connected: nothing to wake */
  tgw_client_close (client);
  emit (monitor, TRUE); /* told to stay away */
  g_assert_cmpuint (gateway->n_handshakes, ==, 3);
  client_finalize (client);
  emit (monitor, TRUE);
}

/* --- proxy --- */

typedef struct
{
  GSocketService *service;
  GPtrArray *streams;
  char buffer[8192];
  guint n_tunnels;
  guint n_forwarded;
  char *target;
} Proxy;

static void
on_first (GObject *source, GAsyncResult *result, gpointer data)
{
  Proxy *proxy = data;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);
  GIOStream *stream = proxy->streams->pdata[proxy->streams->len - 1];
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) other = NULL;
  gboolean tunnel = n > 0 && strncmp (proxy->buffer, "CONNECT ", 8) == 0;
  static const char yes[] = "HTTP/1.1 200 Connection established\r\n\r\n";

  if (n <= 0)
    return;
  g_object_set (client, "enable-proxy", FALSE, NULL);
  other = g_socket_client_connect_to_host (client, proxy->target, 0, NULL, NULL);
  g_assert_nonnull (other);
  if (tunnel)
    g_output_stream_write_all (g_io_stream_get_output_stream (stream), yes, strlen (yes), NULL, NULL, NULL);
  else
    g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (other)), proxy->buffer, (gsize) n,
                               NULL, NULL, NULL);
  *(tunnel ? &proxy->n_tunnels : &proxy->n_forwarded) += 1;
  g_io_stream_splice_async (stream, G_IO_STREAM (other),
                            G_IO_STREAM_SPLICE_CLOSE_STREAM1 | G_IO_STREAM_SPLICE_CLOSE_STREAM2,
                            G_PRIORITY_DEFAULT, NULL, NULL, NULL);
}

static gboolean
on_incoming (GSocketService *service, GSocketConnection *connection, GObject *source, gpointer data)
{
  Proxy *proxy = data;

  g_ptr_array_add (proxy->streams, g_object_ref (connection));
  g_input_stream_read_async (g_io_stream_get_input_stream (G_IO_STREAM (connection)), proxy->buffer,
                             sizeof proxy->buffer, G_PRIORITY_DEFAULT, NULL, on_first, proxy);
  return TRUE;
}

static void
test_proxy (gconstpointer data)
{
  TgwTransportMode mode = GPOINTER_TO_UINT (data);
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  Proxy proxy = { 0 };
  guint16 port;
  g_autofree char *address = NULL, *target = g_strdup (gateway->url + strlen ("http://"));
  g_autoptr (GProxyResolver) resolver = NULL;

  *strchr (target, '/') = '\0';
  proxy.target = target;
  proxy.streams = g_ptr_array_new_with_free_func (g_object_unref);
  proxy.service = g_socket_service_new ();
  port = g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (proxy.service), NULL, NULL);
  g_signal_connect (proxy.service, "incoming", G_CALLBACK (on_incoming), &proxy);
  address = g_strdup_printf ("http://127.0.0.1:%u", port);
  resolver = g_simple_proxy_resolver_new (address, NULL);
  client->session = tgw_transport_new_session ();
  g_assert_nonnull (
    soup_session_get_proxy_resolver (client->session)); /* the system's, unless a test says so */
  soup_session_set_proxy_resolver (client->session, resolver);
  tgw_client_set_transport (client, mode);
  client_connect (client);
  g_assert_cmpuint (proxy.n_tunnels + proxy.n_forwarded, >, 0);
  client_finalize (client);
  g_socket_service_stop (proxy.service);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_object_unref (proxy.service);
  g_ptr_array_unref (proxy.streams);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sdk/surroundings/clock", test_clock);
  g_test_add_func ("/sdk/surroundings/clock-refused", test_clock_refused);
  g_test_add_func ("/sdk/surroundings/network", test_network);
  g_test_add_data_func ("/sdk/surroundings/proxy-websocket", GUINT_TO_POINTER (TGW_TRANSPORT_MODE_WEBSOCKET),
                        test_proxy);
  g_test_add_data_func ("/sdk/surroundings/proxy-http", GUINT_TO_POINTER (TGW_TRANSPORT_MODE_HTTP),
                        test_proxy);
  return g_test_run ();
}
