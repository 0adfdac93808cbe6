/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Peers: what the edge reports of a connection reaches the engine under the link's number, and the other way
 * round. */
#include "gateway/api/api-private.h"

#include <string.h>

#define CLOSE_FORCED 4001

gint64
gw_api_now (void)
{
  return g_get_real_time () / 1000;
}

/* --- peers --- */

static GwPeer *
peer_of (EdgeConnection *connection, GwApi *api)
{
  GwPeer *peer = edge_connection_get_data (connection);

  if (!peer)
    {
      peer = g_new0 (GwPeer, 1);
      peer->api = api;
      peer->connection = connection;
      edge_connection_set_data (connection, peer);
    }
  return peer;
}

static void
peer_end_link (GwPeer *peer)
{
  if (peer->link)
    g_hash_table_remove (peer->api->peers, &peer->link);
  peer->link = 0;
}

guint64
gw_peer_begin (GwPeer *peer)
{
  peer_end_link (peer);
  peer->link = ++peer->api->next_link;
  g_hash_table_insert (peer->api->peers, &peer->link, peer);
  return peer->link;
}

static void
set_key (GwPeer *peer, GwKey *key)
{
  g_clear_pointer (&peer->key, gw_key_unref);
  peer->key = key ? gw_key_ref (key) : NULL;
}

static void
peer_free (GwPeer *peer)
{
  peer_end_link (peer);
  set_key (peer, NULL);
  g_free (peer->hand);
  if (peer->deferred)
    g_queue_free_full (peer->deferred, (GDestroyNotify) g_bytes_unref);
  g_free (peer);
}

void
gw_peer_respond (GwPeer *peer, guint status, const char *body, const char *headers)
{
  peer_end_link (peer);
  peer->state = GW_PEER_HTTP;
  edge_connection_respond (peer->connection, status, body ? "application/json" : NULL, body,
                           body ? strlen (body) : 0, headers, FALSE);
}

void
gw_peer_respond_error (GwPeer *peer, const TgpErrorBody *error)
{
  g_autofree char *body = tgp_encode_error (FALSE, error, gw_api_now ());
  guint status = tgp_error_http_status (error->code);
  const char *headers = status == 429 || status == 503 ? "Retry-After: 1\r\n" : NULL;

  gw_peer_respond (peer, status, body, headers);
}

void
gw_peer_refuse (GwPeer *peer, TgpErrorCode code, const char *message)
{
  TgpErrorBody error = { .code = code, .message = message };
  gw_peer_respond_error (peer, &error);
}

void
gw_peer_refuse_payment (GwPeer *peer, TgpErrorCode code, const char *message, const char *transaction_id)
{
  TgpVerdict verdict = tgp_verdict_of_error (code);
  TgpErrorBody error = {
    .code = code, .message = message, .transaction_id = transaction_id, .verdict = &verdict
  };
  gw_peer_respond_error (peer, &error);
}

void
gw_peer_caller (GwPeer *peer, GwCaller *caller, const EdgeRequest *request)
{
  *caller = (GwCaller){ .link = peer->link,
                        .key = peer->key,
                        .session_id = request ? edge_request_header (request, "x-session-id") : NULL,
                        .http = request != NULL };
}

/* --- from the edge --- */

static void
take_in_hand (GwPeer *peer)
{
  if (!peer->hand)
    peer->hand = g_new (GwHand, 1);
  *peer->hand = (GwHand){ 0 };
}

static void
health (GwPeer *peer, gboolean ready)
{
  guint waiting;
  gint64 oldest;

  if (!ready)
    {
      gw_peer_respond (peer, 200, "{\"status\":\"ok\"}", NULL);
      return;
    }
  gw_engine_get_load (peer->api->engine, &waiting, &oldest);
  if (!peer->api->ready || gw_engine_is_draining (peer->api->engine))
    gw_peer_respond (peer, 503, peer->api->ready ? "{\"status\":\"draining\"}" : "{\"status\":\"starting\"}",
                     "Retry-After: 1\r\n");
  else if (oldest > 2000)
    gw_peer_respond (peer, 503, "{\"status\":\"storage is slow or away\"}", "Retry-After: 1\r\n");
  else
    gw_peer_respond (peer, 200, "{\"status\":\"ready\"}", NULL);
}

/* A wrong version is told the right one (RFC 6455, 4.4). */
static void
refuse_upgrade (GwPeer *peer, const EdgeRequest *request)
{
  const char *version = edge_request_header (request, "sec-websocket-version");
  gboolean wrong_version = version && strcmp (version, "13") != 0;
  TgpErrorBody error = { .code = TGP_ERROR_INVALID_FIELD,
                         .http_status = wrong_version ? 426 : 400,
                         .message = edge_request_upgrade_fault (request) };
  g_autofree char *body = tgp_encode_error (FALSE, &error, gw_api_now ());

  gw_peer_respond (peer, error.http_status, body,
                   wrong_version ? "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" : NULL);
}

static void
on_request (EdgeConnection *connection, EdgeRequest *request, gpointer data)
{
  GwApi *api = data;
  GwPeer *peer = peer_of (connection, api);
  const char *path = edge_request_path (request);
  gboolean get =
    strcmp (edge_request_method (request), "GET") == 0 || strcmp (edge_request_method (request), "HEAD") == 0;
  TgpErrorCode code;
  const char *message;

  take_in_hand (peer);
  if (get && strcmp (path, "/healthz") == 0)
    health (peer, FALSE);
  else if (get && strcmp (path, "/readyz") == 0)
    health (peer, TRUE);
  else if (!api->ready)
    gw_peer_refuse (peer, TGP_ERROR_STORAGE_UNAVAILABLE, "The gateway is starting");
  else if (edge_request_is_upgrade (request))
    gw_websocket_handshake (peer, request);
  else if (edge_request_upgrade_fault (request))
    refuse_upgrade (peer, request);
  else
    {
      GwKey *key = gw_auth_check (api, request, FALSE, &code, &message);
      set_key (peer, key);
      if (!key)
        {
          gw_http_refuse (peer, request, code, message);
          return;
        }
      gw_http_request (peer, request);
    }
}

static void
on_admin_request (EdgeConnection *connection, EdgeRequest *request, gpointer data)
{
  GwPeer *peer = peer_of (connection, data);

  peer->admin = TRUE;
  take_in_hand (peer);
  gw_admin_request (peer, request);
}

static char *
on_refusal (const EdgeRequest *request, guint status, const char *reason, gpointer data)
{
  TgpErrorBody error = { .code = TGP_ERROR_INVALID_FIELD, .http_status = status, .message = reason };
  TgpVerdict verdict = tgp_verdict_of_error (TGP_ERROR_MESSAGE_TOO_LARGE);

  if (status == 413)
    {
      error.code = TGP_ERROR_MESSAGE_TOO_LARGE;
      /* A payment of this size was never taken, so there is none that this one says again. */
      if (request && gw_http_starts_payment (request))
        error.verdict = &verdict;
    }
  else if (status == 429)
    error.code = TGP_ERROR_RATE_LIMITED;
  else if (status == 503)
    error.code = TGP_ERROR_OVERLOADED;
  else if (status == 405)
    error.code = TGP_ERROR_METHOD_NOT_ALLOWED;
  return tgp_encode_error (FALSE, &error, gw_api_now ());
}

static void
on_response_sent (EdgeConnection *connection, gpointer data)
{
  GwPeer *peer = edge_connection_get_data (connection);

  if (!peer || !peer->hand || !peer->key)
    return;
  gw_engine_outcome_returned (peer->api->engine, peer->key->key_id, peer->hand->outcome_seq);
  gw_engine_outcome_returned (peer->api->engine, peer->key->key_id, peer->hand->void_seq);
  peer->hand->outcome_seq = peer->hand->void_seq = 0;
}

static void
on_message (EdgeConnection *connection, const char *text, gsize length, gpointer data)
{
  gw_websocket_message (edge_connection_get_data (connection), text, length);
}

static void
on_message_dropped (EdgeConnection *connection, gpointer data)
{
  TgpErrorBody error = { .code = TGP_ERROR_RATE_LIMITED,
                         .message =
                           "Too many messages on this connection; this one was not looked at, slow down" };
  gw_websocket_bad_message (edge_connection_get_data (connection), &error);
}

static void
on_heartbeat_sent (EdgeConnection *connection, guint32 n, gpointer data)
{
  GwPeer *peer = edge_connection_get_data (connection);
  gw_engine_heartbeat_sent (peer->api->engine, peer->link);
}

static void
on_heartbeat_answered (EdgeConnection *connection, guint32 n, gpointer data)
{
  GwPeer *peer = edge_connection_get_data (connection);
  gw_engine_heartbeat_answered (peer->api->engine, peer->link);
}

static void
on_probe_done (EdgeConnection *connection, gboolean answered, gpointer data)
{
  GwPeer *peer = edge_connection_get_data (connection);
  if (peer->link)
    gw_engine_probed (peer->api->engine, peer->link, answered);
}

static void
on_stale (EdgeConnection *connection, gpointer data)
{
  GwPeer *peer = edge_connection_get_data (connection);
  if (peer->link)
    gw_engine_link_stale (peer->api->engine, peer->link);
}

static void
on_closed (EdgeConnection *connection, EdgeCloseReason reason, gpointer data)
{
  GwPeer *peer = edge_connection_get_data (connection);

  if (!peer)
    return;
  edge_connection_set_data (connection, NULL);
  guint64 link = peer->link;
  gboolean request = peer->state == GW_PEER_HTTP || peer->state == GW_PEER_ENTERING;
  GwEngine *engine = peer->api->engine;
  peer_free (peer);
  if (!link)
    return;
  if (request)
    gw_engine_forget_caller (engine, link);
  else
    gw_engine_link_down (engine, link);
}

static const EdgeHandlers handlers = {
  .request = on_request,
  .refusal_body = on_refusal,
  .response_sent = on_response_sent,
  .message = on_message,
  .message_dropped = on_message_dropped,
  .heartbeat_sent = on_heartbeat_sent,
  .heartbeat_answered = on_heartbeat_answered,
  .probe_done = on_probe_done,
  .stale = on_stale,
  .closed = on_closed,
};

static const EdgeHandlers admin_handlers = {
  .request = on_admin_request,
  .refusal_body = on_refusal,
  .response_sent = on_response_sent,
  .closed = on_closed,
};

/* --- from the engine --- */

static GwPeer *
find (gpointer links, guint64 link)
{
  return g_hash_table_lookup (((GwApi *) links)->peers, &link);
}

static void
send_text (gpointer links, guint64 link, const char *text)
{
  GwPeer *peer = find (links, link);

  if (peer && peer->state == GW_PEER_OPEN)
    edge_connection_send_text (peer->connection, text, strlen (text));
}

static void
disconnect (gpointer links, guint64 link, const TgpForceDisconnect *why)
{
  GwPeer *peer = find (links, link);

  if (!peer)
    return;
  if (peer->state == GW_PEER_SHAKING)
    {
      gw_peer_refuse (peer,
                      why->reason == TGP_DISCONNECT_OTHER ? TGP_ERROR_DRAINING : TGP_ERROR_SESSION_DISPLACED,
                      why->message ? why->message : "Displaced by a new connection with the same API key");
      return;
    }
  if (peer->state != GW_PEER_OPEN)
    return;
  g_autofree char *text = tgp_encode_force_disconnect (why);
  edge_connection_send_text (peer->connection, text, strlen (text));
  peer->state = GW_PEER_CLOSING;
  edge_connection_close (peer->connection, CLOSE_FORCED, tgp_disconnect_reason_name (why->reason));
}

static void
drop (gpointer links, guint64 link)
{
  GwPeer *peer = find (links, link);

  if (peer)
    {
      peer->state = GW_PEER_CLOSING;
      edge_connection_abort (peer->connection);
    }
}

static void
release (gpointer links, guint64 link)
{
  GwPeer *peer = find (links, link);

  if (peer)
    gw_websocket_release (peer);
}

static void
probe (gpointer links, guint64 link, guint timeout_ms)
{
  GwPeer *peer = find (links, link);

  if (peer && peer->state == GW_PEER_OPEN)
    edge_connection_probe (peer->connection, timeout_ms);
}

static const GwLinksClass links_class = {
  .send = send_text,
  .answer = gw_api_answer,
  .disconnect = disconnect,
  .drop = drop,
  .release = release,
  .probe = probe,
};

/* --- making one --- */

GwApi *
gw_api_new (EdgeReactor *reactor, const EdgeLimits *limits, const GwApiSettings *settings)
{
  GwApi *api = g_new0 (GwApi, 1);
  EdgeLimits usual;

  edge_limits_default (&usual);
  api->settings = *settings;
  api->peers = g_hash_table_new (g_int64_hash, g_int64_equal);
  api->server = edge_server_new (reactor, limits, &handlers, api);
  api->admin = edge_server_new (reactor, &usual, &admin_handlers, api);
  api->started_at = gw_api_now ();
  return api;
}

void
gw_api_close (GwApi *api)
{
  g_clear_pointer (&api->admin, edge_server_free);
  g_clear_pointer (&api->server, edge_server_free);
}

void
gw_api_free (GwApi *api)
{
  gw_api_close (api);
  g_hash_table_unref (api->peers);
  g_free (api);
}

GwLinks
gw_api_get_links (GwApi *api)
{
  return (GwLinks){ .klass = &links_class, .links = api };
}

void
gw_api_set_engine (GwApi *api, GwEngine *engine)
{
  api->engine = engine;
}

void
gw_api_set_ready (GwApi *api, gboolean ready)
{
  api->ready = ready;
}

void
gw_api_set_status_extra (GwApi *api, void (*write) (TgpJsonWriter *writer, gpointer data), gpointer data)
{
  api->status_extra = write;
  api->status_data = data;
}

EdgeServer *
gw_api_get_server (GwApi *api)
{
  return api->server;
}

EdgeServer *
gw_api_get_admin_server (GwApi *api)
{
  return api->admin;
}
