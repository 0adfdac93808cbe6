/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Connections: what the edge reports of them, and answers to whoever asked, if it is still there. */
#include "localproxy/proxy-private.h"

#include "protocol/id.h"

#include <string.h>

#define CLOSE_FORCED 4001
#define MAX_PEERS    32 /* connections of a client */

gint64
lp_now (void)
{
  return g_get_real_time () / 1000;
}

gint64
lp_ms_of (GDateTime *time)
{
  return time ? g_date_time_to_unix (time) * 1000 + g_date_time_get_microsecond (time) / 1000 : 0;
}

char *
lp_make_id (void)
{
  char text[TGP_UUID_SIZE];
  guint8 random[10];

  for (gsize i = 0; i < G_N_ELEMENTS (random); i++)
    random[i] = (guint8) g_random_int_range (0, 256);
  return g_strdup (tgp_uuid7_format (lp_now (), random, text));
}

/* --- peers --- */

static void
end_ticket (LpPeer *peer)
{
  if (peer->ticket)
    g_hash_table_remove (peer->proxy->tickets, &peer->ticket);
  peer->ticket = 0;
}

static void
begin_ticket (LpPeer *peer)
{
  end_ticket (peer);
  peer->ticket = ++peer->proxy->last_ticket;
  g_hash_table_insert (peer->proxy->tickets, &peer->ticket, peer);
}

static LpPeer *
peer_of (EdgeConnection *connection, LpProxy *proxy)
{
  LpPeer *peer = edge_connection_get_data (connection);

  if (!peer)
    {
      peer = g_new0 (LpPeer, 1);
      peer->proxy = proxy;
      peer->connection = connection;
      edge_connection_set_data (connection, peer);
    }
  return peer;
}

LpPeer *
lp_peer_find (LpProxy *proxy, guint64 ticket)
{
  return g_hash_table_lookup (proxy->tickets, &ticket);
}

LpCaller
lp_peer_caller (LpPeer *peer, const EdgeRequest *request, const char *request_id)
{
  return (LpCaller){ .ticket = peer->ticket,
                     .client = peer->client,
                     .request_id = request_id,
                     .session_id = request ? edge_request_header (request, "x-session-id") : NULL,
                     .http = peer->state == LP_PEER_HTTP };
}

void
lp_peer_respond (LpPeer *peer, guint status, const char *body, const char *headers, gboolean close)
{
  g_autofree char *all = peer->origin ? g_strconcat ("Access-Control-Allow-Origin: ", peer->origin,
                                                     "\r\nVary: Origin\r\n", headers, NULL)
                                      : g_strdup (headers);

  lp_wait_end (peer);
  end_ticket (peer);
  edge_connection_respond (peer->connection, status, body ? "application/json" : NULL, body,
                           body ? strlen (body) : 0, all, close);
}

void
lp_peer_send (LpPeer *peer, const char *text)
{
  if (peer->state == LP_PEER_OPEN)
    edge_connection_send_text (peer->connection, text, strlen (text));
}

void
lp_peer_disconnect (LpPeer *peer, const TgpForceDisconnect *why)
{
  g_autofree char *text = tgp_encode_force_disconnect (why);

  if (peer->state != LP_PEER_OPEN)
    return;
  lp_peer_send (peer, text);
  peer->state = LP_PEER_CLOSING;
  edge_connection_close (peer->connection, CLOSE_FORCED, tgp_disconnect_reason_name (why->reason));
}

/* --- answers --- */

void
lp_answer (LpProxy *proxy, const LpCaller *caller, guint status, char *http, char *websocket)
{
  LpPeer *peer = lp_peer_find (proxy, caller->ticket);

  if (peer && caller->http)
    lp_peer_respond (peer, status, http, NULL, FALSE);
  else if (peer && websocket)
    lp_peer_send (peer, websocket);
  g_free (http);
  g_free (websocket);
}

void
lp_answer_error (LpProxy *proxy, const LpCaller *caller, const TgpErrorBody *error)
{
  LpPeer *peer = lp_peer_find (proxy, caller->ticket);
  TgpErrorBody body = *error;
  guint status = error->http_status ? error->http_status : tgp_error_http_status (error->code);
  g_autofree char *text = NULL;

  if (!peer)
    return;
  body.request_id = caller->http ? NULL : caller->request_id;
  text = tgp_encode_error (!caller->http, &body, lp_now ());
  if (caller->http)
    lp_peer_respond (peer, status, text, status == 429 || status == 503 ? "Retry-After: 1\r\n" : NULL, FALSE);
  else
    lp_peer_send (peer, text);
}

void
lp_refuse (LpProxy *proxy, const LpCaller *caller, TgpErrorCode code, const char *message)
{
  TgpErrorBody error = { .code = code, .message = message };
  lp_answer_error (proxy, caller, &error);
}

TgpVerdict
lp_verdict (TgwVerdict *verdict)
{
  G_STATIC_ASSERT ((int) TGW_MONEY_MOVED_UNKNOWN == (int) TGP_MONEY_MOVED_UNKNOWN);
  G_STATIC_ASSERT ((int) TGW_NEXT_ACTION_CALL_STAFF == (int) TGP_NEXT_CALL_STAFF);
  return (TgpVerdict){ (TgpMoneyMoved) tgw_verdict_get_money_moved (verdict),
                       tgw_verdict_get_retry_safe (verdict),
                       (TgpNextAction) tgw_verdict_get_next_action (verdict),
                       g_intern_string (tgw_verdict_get_message (verdict)) };
}

/* It may have been started, in this run or another; when the store cannot say, too. */
static gboolean
may_be_started (LpProxy *proxy, const char *transaction_id)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LpOrder) order = lp_store_find_order (proxy->store, transaction_id, &error);

  return error || (order && !order->refused);
}

void
lp_refuse_payment (LpProxy *proxy, const LpCaller *caller, TgpErrorCode code, const char *message,
                   const char *transaction_id)
{
  TgwPayment *known = transaction_id ? tgw_client_lookup_payment (proxy->upstream, transaction_id) : NULL;
  TgpVerdict verdict = tgp_verdict_of_error (code);
  TgpErrorBody error = {
    .code = code, .message = message, .transaction_id = transaction_id, .verdict = &verdict
  };

  /* What was refused now may have been started before. */
  if (known && verdict.retry_safe)
    verdict = lp_verdict (tgw_payment_get_verdict (known));
  else if (transaction_id && verdict.retry_safe && may_be_started (proxy, transaction_id))
    verdict = tgp_verdict_of_error (TGP_ERROR_TIMEOUT);
  lp_answer_error (proxy, caller, &error);
}

/* --- room --- */

typedef struct
{
  const LpClient *of; /* nullable: anybody's */
  EdgeConnection *useless, *idle;
} Room;

/* What goes loses nothing: it is between two requests, or waits for messages. */
static gboolean
is_idle (const LpPeer *peer)
{
  return peer->wait ? peer->wait->kind == LP_WAIT_MESSAGES
                    : peer->state == LP_PEER_HTTP && !peer->ticket && !peer->outcome_seq;
}

static void
look_for_room (EdgeConnection *connection, gpointer data)
{
  const LpPeer *peer = edge_connection_get_data (connection);
  Room *room = data;

  if (room->of && (!peer || peer->of != room->of))
    return;
  if (!peer || !peer->trusted || peer->state == LP_PEER_CLOSING)
    room->useless = connection;
  else if (is_idle (peer))
    room->idle = connection;
}

/* Of this client's, or of all: the oldest one that never proved anything or was told to go, else the oldest
 * idle one. */
static gboolean
make_room (EdgeServer *server, const LpClient *of)
{
  Room room = { of, NULL, NULL };

  edge_server_foreach (server, look_for_room, &room); /* the newest first */
  if (room.useless || room.idle)
    edge_connection_abort (room.useless ? room.useless : room.idle);
  return room.useless || room.idle;
}

/* Whoever opens connections and leaves them, or a thousand of them, does not lock out who may pay. */
static void
on_full (EdgeServer *server, gpointer data)
{
  make_room (server, NULL);
}

static void
belong_to (LpPeer *peer, LpClient *client)
{
  if (peer->of)
    peer->of->n_peers--;
  peer->of = client;
  if (client)
    client->n_peers++;
}

gboolean
lp_peer_admit (LpPeer *peer)
{
  LpClient *client = peer->client;

  if (peer->of != client && client->n_peers >= MAX_PEERS && !make_room (peer->proxy->server, client))
    return FALSE;
  if (peer->of != client)
    belong_to (peer, client);
  peer->trusted = TRUE;
  return TRUE;
}

/* --- from the edge --- */

/* A wrong version is told the right one (RFC 6455, 4.4). */
static void
refuse_upgrade (LpPeer *peer, const EdgeRequest *request)
{
  const char *version = edge_request_header (request, "sec-websocket-version");
  gboolean wrong_version = version && strcmp (version, "13") != 0;
  TgpErrorBody error = { .code = TGP_ERROR_INVALID_FIELD,
                         .http_status = wrong_version ? 426 : 400,
                         .message = edge_request_upgrade_fault (request) };
  g_autofree char *body = tgp_encode_error (FALSE, &error, lp_now ());

  lp_peer_respond (peer, error.http_status, body,
                   wrong_version ? "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" : NULL, FALSE);
}

static void
health (LpPeer *peer, gboolean ready)
{
  LpProxy *proxy = peer->proxy;
  g_autofree char *body =
    g_strdup_printf ("{\"status\":\"%s\"}", !ready            ? "ok"
                                            : proxy->draining ? "draining"
                                                              : lp_gateway_state_name (proxy->state));
  gboolean good = !ready || (proxy->state == LP_GATEWAY_ONLINE && !proxy->draining);

  lp_peer_respond (peer, good ? 200 : 503, body, good ? NULL : "Retry-After: 1\r\n", FALSE);
}

static void
on_request (EdgeConnection *connection, EdgeRequest *request, gpointer data)
{
  LpPeer *peer = peer_of (connection, data);
  const char *path = edge_request_path (request);
  gboolean get = strcmp (edge_request_method (request), "GET") == 0;
  TgpErrorCode code = TGP_ERROR_INTERNAL_ERROR;
  const char *message = NULL;
  guint status;

  peer->client = NULL;
  peer->outcome_seq = 0;
  peer->named_only = FALSE;
  begin_ticket (peer);
  g_debug ("%s %.100s", edge_request_method (request), path);
  if ((status = lp_door_check (peer, request, &code, &message)))
    lp_http_refuse (peer, request, status, code, message, status == 421);
  else if (lp_door_preflight (peer, request))
    return;
  else if (get && strcmp (path, "/healthz") == 0)
    health (peer, FALSE);
  else if (get && strcmp (path, "/readyz") == 0)
    health (peer, TRUE);
  else if (edge_request_is_upgrade (request))
    lp_websocket_handshake (peer, request);
  else if (edge_request_upgrade_fault (request))
    refuse_upgrade (peer, request);
  else
    lp_http_request (peer, request);
}

static void
on_admin_request (EdgeConnection *connection, EdgeRequest *request, gpointer data)
{
  LpPeer *peer = peer_of (connection, data);

  peer->admin = TRUE;
  begin_ticket (peer);
  lp_admin_request (peer, request);
}

static char *
on_refusal (const EdgeRequest *request, guint status, const char *reason, gpointer data)
{
  TgpErrorBody error = { .code = TGP_ERROR_INVALID_FIELD, .http_status = status, .message = reason };
  gboolean pays = request && (status == 413 || status == 429) && lp_http_starts_payment (request);
  g_autofree char *transaction_id = pays && status == 429 ? lp_http_transaction_id (request) : NULL;
  TgpVerdict verdict;

  if (status == 413)
    error.code = TGP_ERROR_MESSAGE_TOO_LARGE;
  else if (status == 429)
    error.code = TGP_ERROR_RATE_LIMITED;
  else if (status == 503)
    error.code = TGP_ERROR_OVERLOADED;
  else if (status == 405)
    error.code = TGP_ERROR_METHOD_NOT_ALLOWED;
  /* What an earlier request of this id did is not told to somebody who has not said who he is. A payment that
   * is too large was never taken, so there is none that this one says again. */
  verdict = tgp_verdict_of_error (transaction_id ? TGP_ERROR_TIMEOUT : error.code);
  error.transaction_id = transaction_id;
  if (pays)
    error.verdict = &verdict;
  return tgp_encode_error (FALSE, &error, lp_now ());
}

/* What a response told in full needs not be told again. */
static void
on_response_sent (EdgeConnection *connection, gpointer data)
{
  LpPeer *peer = edge_connection_get_data (connection);

  if (!peer || !peer->client || !peer->outcome_seq)
    return;
  GArray *seqs = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_array_append_val (seqs, peer->outcome_seq);
  peer->outcome_seq = 0;
  lp_delivery_ack_seqs (peer->client, seqs);
}

static void
on_message (EdgeConnection *connection, const char *text, gsize length, gpointer data)
{
  lp_websocket_message (edge_connection_get_data (connection), text, length);
}

static void
on_message_dropped (EdgeConnection *connection, gpointer data)
{
  TgpErrorBody error = { .code = TGP_ERROR_RATE_LIMITED,
                         .message =
                           "Too many messages on this connection; this one was not looked at, slow down" };
  lp_websocket_bad_message (edge_connection_get_data (connection), &error);
}

static void
on_heartbeat_sent (EdgeConnection *connection, guint32 n, gpointer data)
{
  LpPeer *peer = edge_connection_get_data (connection);

  if (peer->client && peer->client->peer == peer)
    mailbox_ping_sent (&peer->client->mailbox);
}

static void
on_heartbeat_answered (EdgeConnection *connection, guint32 n, gpointer data)
{
  LpPeer *peer = edge_connection_get_data (connection);
  LpClient *client = peer->client;
  GArray *seqs;

  if (client && client->peer == peer && !client->row->acks &&
      (seqs = mailbox_ping_answered (&client->mailbox)))
    lp_delivery_ack_seqs (client, seqs);
}

static void
on_stale (EdgeConnection *connection, gpointer data)
{
  TgpForceDisconnect why = { .reason = TGP_DISCONNECT_STALE_CONNECTION_TIMEOUT, .reconnect_allowed = TRUE };
  lp_peer_disconnect (edge_connection_get_data (connection), &why);
}

static void
on_closed (EdgeConnection *connection, EdgeCloseReason reason, gpointer data)
{
  LpPeer *peer = edge_connection_get_data (connection);

  if (!peer)
    return;
  edge_connection_set_data (connection, NULL);
  lp_wait_end (peer);
  end_ticket (peer);
  belong_to (peer, NULL);
  if (peer->client)
    lp_client_peer_down (peer->client, peer);
  g_free (peer->user_agent);
  g_free (peer);
}

const EdgeHandlers lp_peer_handlers = {
  .request = on_request,
  .refusal_body = on_refusal,
  .response_sent = on_response_sent,
  .message = on_message,
  .message_dropped = on_message_dropped,
  .heartbeat_sent = on_heartbeat_sent,
  .heartbeat_answered = on_heartbeat_answered,
  .stale = on_stale,
  .closed = on_closed,
  .full = on_full,
};

const EdgeHandlers lp_admin_handlers = {
  .request = on_admin_request,
  .refusal_body = on_refusal,
  .closed = on_closed,
};
