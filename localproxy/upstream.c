/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one connection to the gateway: kept, watched, and told of. */
#include "localproxy/proxy-private.h"

#include "localproxy/secret.h"

#include <string.h>

#define TRY_AGAIN_SECONDS 30

const char *
lp_gateway_state_name (LpGatewayState state)
{
  return state == LP_GATEWAY_ONLINE ? "online" : state == LP_GATEWAY_DISPLACED ? "displaced" : "reconnecting";
}

/* action NULL: a body of its own. */
char *
lp_upstream_status (LpProxy *proxy, const char *action)
{
  const char *by = tgw_client_get_displaced_by (proxy->upstream);
  TgpJsonWriter writer;

  tgp_json_writer_init (&writer);
  tgp_json_open_object (&writer, NULL);
  tgp_json_optional_string (&writer, "action", action);
  tgp_json_string (&writer, "state", lp_gateway_state_name (proxy->state));
  tgp_json_time (&writer, "since", proxy->state_since);
  if (proxy->state == LP_GATEWAY_DISPLACED)
    tgp_json_optional_string (&writer, "displacedBy", by);
  tgp_json_time (&writer, "timestamp", lp_now ());
  tgp_json_close_object (&writer);
  return tgp_json_writer_end (&writer);
}

static void
send_to_all (LpProxy *proxy, const char *text)
{
  GHashTableIter iter;
  gpointer client;

  edge_server_cork (proxy->server);
  g_hash_table_iter_init (&iter, proxy->clients);
  while (g_hash_table_iter_next (&iter, NULL, &client))
    if (((LpClient *) client)->peer && ((LpClient *) client)->ready)
      lp_peer_send (((LpClient *) client)->peer, text);
  edge_server_uncork (proxy->server);
}

static void
on_state (TgwClient *upstream, GParamSpec *pspec, gpointer data)
{
  LpProxy *proxy = data;
  TgwClientState tgw = tgw_client_get_state (upstream);
  LpGatewayState state = tgw == TGW_CLIENT_STATE_CONNECTED   ? LP_GATEWAY_ONLINE
                         : tgw == TGW_CLIENT_STATE_DISPLACED ? LP_GATEWAY_DISPLACED
                                                             : LP_GATEWAY_RECONNECTING;
  g_autofree char *text = NULL;

  if (state == proxy->state)
    return;
  proxy->state = state;
  proxy->state_since = lp_now ();
  proxy->since_mono = g_get_monotonic_time () / 1000;
  if (state == LP_GATEWAY_ONLINE)
    g_clear_pointer (&proxy->why_away, g_free);
  g_message ("the gateway is %s", lp_gateway_state_name (state));
  text = lp_upstream_status (proxy, "gatewayStatusUpdate");
  send_to_all (proxy, text);
  lp_proxy_sweep (proxy);
}

/* Behind the state. Another program is what clients take “displaced” for, anything else they have to be told.
 */
static void
on_displaced (TgwClient *upstream, TgwDisconnectReason reason, const char *message,
              gboolean reconnect_allowed, const char *by, gpointer data)
{
  LpProxy *proxy = data;

  g_free (proxy->why_away);
  proxy->why_away = reason == TGW_DISCONNECT_REASON_API_KEY_USED_ELSEWHERE ? NULL : g_strdup (message);
  g_warning ("the gateway ended the connection: %s", message);
}

/* --- what the gateway says --- */

static void
note_greeting (LpProxy *proxy, const char *json)
{
  g_autoptr (TgpPosEvent) event = tgp_pos_event_decode (json, strlen (json), NULL);
  g_autoptr (GError) error = NULL;

  if (!event)
    return;
  if (event->grace_seconds > 0)
    proxy->grace_seconds = (guint) event->grace_seconds;
  if (!event->group_id || g_strcmp0 (proxy->group_id, event->group_id) == 0)
    return;
  g_free (proxy->group_id);
  proxy->group_id = g_strdup (event->group_id);
  if (!lp_store_set_text (proxy->store, "group", proxy->group_id, &error))
    g_warning ("%s", error->message);
}

/* State that is never queued, for the one whose payment it is about. */
static void
send_to_owner (LpProxy *proxy, const char *json)
{
  g_autoptr (TgpPosEvent) event = tgp_pos_event_decode (json, strlen (json), NULL);
  g_autoptr (LpOrder) order = NULL;
  LpClient *client;

  if (!event || !event->transaction_id)
    return;
  order = lp_store_find_order (proxy->store, event->transaction_id, NULL);
  client = order ? lp_client_find (proxy, order->client_id) : NULL;
  if (client && client->peer && client->ready)
    lp_peer_send (client->peer, json);
}

static void
on_message (TgwClient *upstream, const char *action, const char *json, gpointer data)
{
  LpProxy *proxy = data;

  g_free (proxy->said);
  proxy->said = g_strdup (json);
  proxy->said_terminal = strcmp (action, "terminalStatusUpdate") == 0;
  if (strcmp (action, "connected") == 0)
    note_greeting (proxy, json);
  else if (proxy->said_terminal)
    send_to_all (proxy, json);
  else if (strcmp (action, "paymentProgress") == 0 || strcmp (action, "paymentAwaitingReconnect") == 0)
    send_to_owner (proxy, json);
}

TgpTerminalView
lp_terminal_view (LpProxy *proxy, TgwTerminal *terminal)
{
  return (TgpTerminalView){ .connection_id = tgw_terminal_get_connection_id (terminal),
                            .device_id = tgw_terminal_get_device_id (terminal),
                            .group_id = proxy->group_id ? proxy->group_id : "unknown",
                            .status = (TgpTerminalStatus) tgw_terminal_get_status (terminal),
                            .busy = tgw_terminal_get_busy (terminal),
                            .connected_at = lp_ms_of (tgw_terminal_get_connected_at (terminal)),
                            .last_activity = lp_ms_of (tgw_terminal_get_last_activity (terminal)),
                            .grace_expires_at = lp_ms_of (tgw_terminal_get_grace_deadline (terminal)),
                            .metadata = tgw_terminal_get_metadata (terminal) };
}

/* The list that comes with each connection shows what changed while there was none: nobody was told that. */
static void
on_terminal (TgwClient *upstream, TgwTerminal *terminal, gpointer data)
{
  LpProxy *proxy = data;
  TgpTerminalView view = lp_terminal_view (proxy, terminal);
  g_autofree char *text = NULL;

  if (proxy->said_terminal)
    return; /* it was passed on as it came */
  text = tgp_encode_terminal_status_update (&view, lp_now ());
  send_to_all (proxy, text);
}

/* --- connecting --- */

static gboolean
connect_again (gpointer data)
{
  LpProxy *proxy = data;

  proxy->connect_again = 0;
  lp_upstream_start (proxy);
  return G_SOURCE_REMOVE;
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  LpProxy *proxy;

  if (tgw_client_connect_finish (TGW_CLIENT (source), result, &error))
    return;
  proxy = g_object_get_data (source, "proxy");
  if (!proxy)
    return; /* on the way out */
  g_warning ("not connected to %s: %s", proxy->config->gateway, error->message);
  g_free (proxy->why_away);
  proxy->why_away = g_strdup (error->message);
  /* Wrong credentials, which somebody may put right. Anything else the library tries again itself. */
  if (tgw_client_get_state (proxy->upstream) == TGW_CLIENT_STATE_DISCONNECTED && !proxy->connect_again)
    proxy->connect_again = g_timeout_add_seconds (TRY_AGAIN_SECONDS, connect_again, proxy);
}

gboolean
lp_upstream_open (LpProxy *proxy, GError **error)
{
  const LpConfig *config = proxy->config;
  g_autofree char *journal = g_build_filename (config->state_dir, "upstream.journal", NULL);
  char *api_key = NULL, *api_secret = NULL;

  if (!lp_secret_load (config->key_file, &api_key, &api_secret, error))
    return FALSE;
  proxy->upstream = g_initable_new (TGW_TYPE_CLIENT, NULL, error, "gateway-url", config->gateway, "api-key",
                                    api_key, "api-secret", api_secret, "journal-path", journal, "ca-file",
                                    config->ca_file, "certificate-pin", config->certificate_pin,
                                    "allow-plain-text", config->allow_plain_text, NULL);
  lp_secret_clear (&api_key);
  lp_secret_clear (&api_secret);
  if (!proxy->upstream)
    return FALSE;
  if (tgw_client_get_damaged_journal (proxy->upstream))
    g_warning ("the journal was damaged and is kept as %s", tgw_client_get_damaged_journal (proxy->upstream));
  proxy->state_since = lp_now ();
  proxy->grace_seconds = 60;
  proxy->group_id = lp_store_get_text (proxy->store, "group");
  g_object_set_data (G_OBJECT (proxy->upstream), "proxy", proxy);
  g_signal_connect (proxy->upstream, "message", G_CALLBACK (on_message), proxy);
  g_signal_connect (proxy->upstream, "terminal-status-changed", G_CALLBACK (on_terminal), proxy);
  g_signal_connect (proxy->upstream, "displaced", G_CALLBACK (on_displaced), proxy);
  g_signal_connect (proxy->upstream, "notify::state", G_CALLBACK (on_state), proxy);
  lp_outcome_watch (proxy);
  return TRUE;
}

void
lp_upstream_start (LpProxy *proxy)
{
  tgw_client_connect_async (proxy->upstream, NULL, on_connected, NULL);
}

void
lp_upstream_take_back (LpProxy *proxy)
{
  if (proxy->state != LP_GATEWAY_DISPLACED)
    return;
  g_message ("the gateway's key is taken back");
  lp_upstream_start (proxy);
}

void
lp_upstream_close (LpProxy *proxy)
{
  if (!proxy->upstream)
    return;
  if (proxy->connect_again)
    g_source_remove (proxy->connect_again);
  g_hash_table_remove_all (proxy->payments);
  lp_outcome_forget (proxy);
  g_object_set_data (G_OBJECT (proxy->upstream), "proxy", NULL);
  g_signal_handlers_disconnect_by_data (proxy->upstream, proxy);
  tgw_client_close (proxy->upstream);
  g_clear_object (&proxy->upstream);
}
