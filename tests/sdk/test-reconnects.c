/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A till for years, on a fast clock: thousands of connections end in every way, and nothing grows. */
#include <malloc.h>

#include "tests/sdk/helpers.h"

#define WARM_UP 1000
#define TRACKED "tracked"

/* What may not grow. */
typedef struct
{
  gsize memory; /* bytes in use; 0: the sanitizer looks after that */
  guint descriptors;
  guint sources;
  guint handlers; /* on what outlives a connection */
  guint objects;  /* connections and messages of libsoup */
} Sample;

static guint alive;

static void
on_gone (gpointer data, GObject *where)
{
  alive--;
}

/* Hears of every libsoup object of a kind by a signal that each of them emits. */
static gboolean
on_emission (GSignalInvocationHint *hint, guint n, const GValue *values, gpointer data)
{
  GObject *object = g_value_get_object (&values[0]);

  if (g_object_get_data (object, TRACKED) == NULL)
    {
      g_object_set_data (object, TRACKED, (gpointer) TRACKED);
      g_object_weak_ref (object, on_gone, NULL);
      alive++;
    }
  return TRUE;
}

static void
track (GType type, const char *signal)
{
  g_type_class_unref (g_type_class_ref (type));
  g_signal_add_emission_hook (g_signal_lookup (signal, type), 0, on_emission, NULL, NULL);
}

static guint
count_descriptors (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static gboolean
on_never (gpointer data)
{
  return G_SOURCE_REMOVE;
}

/* Their numbers only rise, so that all of them can be looked up. */
static guint
count_sources (void)
{
  static guint oldest = 1;
  guint newest = g_timeout_add_seconds (3600, on_never, NULL), n = 0, first = 0;

  g_source_remove (newest);
  for (guint id = oldest; id < newest; id++)
    if (g_main_context_find_source_by_id (NULL, id) != NULL)
      {
        first = first == 0 ? id : first;
        n++;
      }
  oldest = first != 0 ? first : newest;
  return n;
}

/* Each that is found is blocked, until no more is found. */
static guint
count_handlers (gpointer instance, const char *signal)
{
  const GSignalMatchType match = G_SIGNAL_MATCH_ID | G_SIGNAL_MATCH_UNBLOCKED;
  guint id = g_signal_lookup (signal, G_OBJECT_TYPE (instance)), n;
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (gulong));
  gulong handler;

  while ((handler = g_signal_handler_find (instance, match, id, 0, NULL, NULL, NULL)) != 0)
    {
      g_signal_handler_block (instance, handler);
      g_array_append_val (found, handler);
    }
  n = found->len;
  for (guint i = 0; i < n; i++)
    g_signal_handler_unblock (instance, g_array_index (found, gulong, i));
  return n;
}

static void
take_sample (FakeGateway *gateway, TgwClient *client, Sample *sample)
{
  GNetworkMonitor *network = g_network_monitor_get_default ();

  /* What was closed a moment ago is gone first. */
  while (g_main_context_iteration (NULL, FALSE))
    ;
  fake_gateway_forget_closed (gateway);
  sample->memory = mallinfo2 ().uordblks;
  sample->descriptors = count_descriptors ();
  sample->sources = count_sources ();
  sample->handlers = count_handlers (network, "network-changed") +
                     count_handlers (client->session, "request-queued") +
                     count_handlers (client->session, "request-unqueued") + count_handlers (client, "notify");
  sample->objects = alive;
  g_test_message ("%u handshakes: %" G_GSIZE_FORMAT
                  " bytes, %u descriptors, %u sources, %u handlers, %u objects",
                  gateway->n_handshakes, sample->memory, sample->descriptors, sample->sources,
                  sample->handlers, sample->objects);
}

static void
wait_connected (FakeGateway *gateway, TgwClient *client, guint more_than)
{
  wait_until (gateway->n_handshakes > more_than &&
              tgw_client_get_state (client) == TGW_CLIENT_STATE_CONNECTED);
}

static void
wait_lost (TgwClient *client)
{
  wait_until (tgw_client_get_state (client) != TGW_CLIENT_STATE_CONNECTED);
}

static void
refuse (FakeGateway *gateway, TgwClient *client, guint status)
{
  guint before = gateway->n_handshakes;

  gateway->refuse_status = status;
  fake_gateway_close (gateway, 1001);
  wait_until (gateway->n_handshakes >= before + 3);
  gateway->refuse_status = 0;
}

static void
displace (FakeGateway *gateway, TgwClient *client)
{
  fake_gateway_send (gateway, "{'action':'forceDisconnect','reason':'api_key_used_elsewhere','message':'go',"
                              "'displacedBy':{'address':'10.0.0.7','userAgent':'till/1'},'reconnectAllowed':"
                              "true}");
  fake_gateway_close (gateway, 4001);
}

/* One connection ends, and there is another one after it. */
static void
play (FakeGateway *gateway, TgwClient *client, guint way)
{
  guint before = gateway->n_handshakes;

  switch (way)
    {
    case 0:
      fake_gateway_close (gateway, 1001);
      break;
    case 1:
      fake_gateway_cut (gateway);
      break;
    case 2:
      tgw_client_set_reconnect_policy (client, TGW_RECONNECT_POLICY_POLITE);
      displace (gateway, client);
      wait_until (tgw_client_get_state (client) == TGW_CLIENT_STATE_DISPLACED);
      client_connect (client);
      break;
    case 3:
      tgw_client_set_reconnect_policy (client, TGW_RECONNECT_POLICY_INSIST);
      displace (gateway, client);
      break;
    case 4:
      refuse (gateway, client, 503);
      break;
    case 5:
      refuse (gateway, client, 401);
      break;
    case 6:
      fake_gateway_die (gateway);
      wait_lost (client);
      fake_gateway_come_back (gateway);
      break;
    case 7:
      tgw_client_close (client);
      client_connect (client);
      break;
    case 8:
      /* A gateway that does not answer any more, and then one that does. */
      gateway->no_pong = TRUE;
      client->ping_interval = client->ping_timeout = 1;
      fake_gateway_close (gateway, 1001);
      fake_gateway_wait_handshakes (gateway, before + 3);
      gateway->no_pong = FALSE;
      client->ping_interval = client->ping_timeout = 0;
      fake_gateway_close (gateway, 1001);
      before = gateway->n_handshakes;
      break;
    default:
      g_assert_not_reached ();
    }
  wait_connected (gateway, client, before);
  fake_gateway_forget_closed (gateway);
  g_queue_clear_full (&gateway->received, g_free);
}

static void
play_until (FakeGateway *gateway, TgwClient *client, guint n)
{
  while (gateway->n_handshakes < n)
    for (guint way = 0; way <= 8; way++)
      play (gateway, client, way);
}

static void
test_nothing_grows (void)
{
  const char *wanted = g_getenv ("TGW_RECONNECTS");
  guint n = wanted != NULL ? (guint) g_ascii_strtoull (wanted, NULL, 10) : 2000;
  FakeGateway *gateway;
  TgwClient *client;
  gpointer session, terminal, payment;
  Sample before, after;
  guint descriptors;
  g_auto (Call) call = { 0 };

  track (SOUP_TYPE_WEBSOCKET_CONNECTION, "message");
  track (SOUP_TYPE_MESSAGE, "starting");
  gateway = fake_gateway_new ();
  gateway->refuse_body = g_strdup ("{\"code\":\"UNAUTHORIZED\",\"message\":\"no\"}");
  g_free (gateway->terminals);
  gateway->terminals =
    g_strdup ("{'connectionId':'c1','terminalId':'TERM-001','deviceId':'TERM-001','status':"
              "'online','busy':true}");
  client = client_new (gateway->url);
  client->first_pause = client->last_pause = 1;
  client->insist_pause = 0;
  client->ask_again_pause = 3600000;
  /* The played gateway knows no other way. */
  tgw_client_set_transport (client, TGW_TRANSPORT_MODE_WEBSOCKET);
  client_connect (client);
  session = client->session;
  g_object_add_weak_pointer (session, &session);
  terminal = g_list_model_get_item (tgw_client_get_terminals (client), 0);
  g_object_add_weak_pointer (terminal, &terminal);
  g_object_unref (terminal);
  descriptors = count_descriptors ();

  /* A payment is open all the time: it is asked for over each connection. */
  client_pay (client, gateway, "T1", NULL, &call);
  payment = client_payment (client, "T1");
  g_object_add_weak_pointer (payment, &payment);
  play_until (gateway, client, MIN (WARM_UP, n / 2));
  take_sample (gateway, client, &before);
  play_until (gateway, client, n);
  take_sample (gateway, client, &after);
  g_assert_cmpuint (alive, >, 0);

  /* A dozen objects may be on their way out; 10,000 of anything are not among them. */
  if (before.memory > 0)
    g_assert_cmpuint (after.memory, <, before.memory + 128 * 1024);
  g_assert_cmpuint (after.descriptors, <=, before.descriptors + 4);
  g_assert_cmpuint (after.descriptors, <=, descriptors + 8);
  g_assert_cmpuint (after.sources, <=, before.sources + 10);
  g_assert_cmpuint (after.handlers, ==, before.handlers);
  g_assert_cmpuint (after.objects, <=, before.objects + 10);

  tgw_client_close (client);
  g_object_unref (client_paid (client, &call));
  g_assert_nonnull (terminal); /* the same one over all connections */
  client_finalize (client);
  g_assert_null (session);
  g_assert_null (terminal);
  g_assert_null (payment);
  fake_gateway_free (gateway);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (alive, ==, 0);
}

/* libsoup tells its whole life. */
static void
quiet (const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
  if ((level & G_LOG_LEVEL_MASK) <= G_LOG_LEVEL_WARNING)
    g_log_default_handler (domain, level, message, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_default_handler (quiet, NULL);
  g_test_add_func ("/sdk/reconnects/nothing-grows", test_nothing_grows);
  return g_test_run ();
}
