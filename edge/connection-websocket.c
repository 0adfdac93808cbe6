/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A connection after the upgrade: messages, heartbeats, the closing handshake. */
#include "edge/connection-private.h"
#include "edge/silence.h"

#include <string.h>

#define CLOSE_WAIT_MS 3000 /* for the peer's half of the closing handshake */

void
edge_connection_upgrade (EdgeConnection *connection)
{
  EdgeServer *server = connection->server;
  const char *key =
    connection->phase == EDGE_PHASE_IN_HAND ? edge_request_websocket_key (connection->request) : NULL;
  char accept[29], head[160];
  EdgeWebSocket *websocket;
  struct iovec part;

  if (key == NULL)
    return;
  edge_ws_accept (key, accept);
  part.iov_base = head;
  part.iov_len =
    g_snprintf (head, sizeof head,
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                "Sec-WebSocket-Accept: %s\r\n\r\n",
                accept);
  if (!edge_connection_write (connection, &part, 1))
    return;

  websocket = connection->websocket = g_new0 (EdgeWebSocket, 1);
  websocket->heard_ms = edge_reactor_now (server->reactor);
  connection->phase = EDGE_PHASE_WEBSOCKET;
  edge_connection_drop_request (connection);
  edge_connection_start_timer (connection, server->limits.heartbeat_ms);
  if (!connection->busy)
    edge_server_come_back (server, connection);
}

void
edge_connection_websocket_free (EdgeConnection *connection)
{
  if (connection->websocket == NULL)
    return;
  edge_ws_decoder_clear (&connection->websocket->decoder);
  g_free (connection->websocket);
}

static gboolean
write_frame (EdgeConnection *connection, EdgeWsOpcode opcode, const char *data, gsize length)
{
  guint8 header[10];
  struct iovec parts[2] = { { header, edge_ws_write_header (header, opcode, length) },
                            { (char *) data, length } };

  return edge_connection_write (connection, parts, length > 0 ? 2 : 1);
}

gboolean
edge_connection_send_text (EdgeConnection *connection, const char *text, gsize length)
{
  if (connection->phase != EDGE_PHASE_WEBSOCKET || !write_frame (connection, EDGE_WS_TEXT, text, length))
    return FALSE;
  connection->server->counters.messages_out++;
  return TRUE;
}

/* The end */

static gboolean
write_close (EdgeConnection *connection, guint16 code, const char *reason)
{
  guint8 frame[127];
  struct iovec part = { frame, edge_ws_write_close (frame, code, reason) };

  return edge_connection_write (connection, &part, 1);
}

void
edge_connection_close_websocket (EdgeConnection *connection, guint16 code, const char *reason,
                                 EdgeCloseReason why)
{
  if (!write_close (connection, code == 0 ? EDGE_WS_NO_CODE : code, reason))
    return;
  connection->phase = EDGE_PHASE_WS_CLOSING;
  connection->reason = why;
  edge_connection_end_probe (connection);
  edge_connection_start_timer (connection, edge_connection_patience (connection, CLOSE_WAIT_MS));
  edge_connection_update_wants (connection);
}

static void
peer_closes (EdgeConnection *connection, const EdgeWsItem *close)
{
  EdgeCloseReason reason = EDGE_CLOSED_BY_PEER;

  if (connection->phase == EDGE_PHASE_WS_CLOSING)
    reason = connection->reason;
  else if (!write_close (connection, close->code, NULL))
    return;
  edge_connection_end (connection, reason);
}

static void
peer_is_at_fault (EdgeConnection *connection, const EdgeWsItem *fault)
{
  connection->server->counters.protocol_errors++;
  if (connection->phase == EDGE_PHASE_WEBSOCKET && !write_close (connection, fault->code, fault->data))
    return;
  edge_connection_end (connection, EDGE_CLOSED_PROTOCOL);
}

/* Pings and pongs */

void
edge_connection_end_probe (EdgeConnection *connection)
{
  EdgeWebSocket *websocket = connection->websocket;

  if (websocket == NULL || websocket->probe == NULL)
    return;
  edge_timer_stop (connection->server->reactor, &websocket->probe->timer);
  g_clear_pointer (&websocket->probe, g_free);
}

static void
probe_done (EdgeConnection *connection, gboolean answered)
{
  EdgeServer *server = connection->server;

  edge_connection_end_probe (connection);
  if (server->handlers->probe_done != NULL)
    server->handlers->probe_done (connection, answered, server->user_data);
}

static void
probe_timeout (EdgeTimer *timer)
{
  probe_done (((EdgeProbe *) timer)->connection, FALSE);
}

void
edge_connection_probe (EdgeConnection *connection, guint timeout_ms)
{
  static const char payload[] = "probe";
  EdgeProbe *probe;

  if (connection->phase != EDGE_PHASE_WEBSOCKET ||
      !write_frame (connection, EDGE_WS_PING, payload, sizeof payload - 1))
    return;
  edge_connection_end_probe (connection);
  probe = connection->websocket->probe = g_new0 (EdgeProbe, 1);
  probe->timer.fire = probe_timeout;
  probe->connection = connection;
  edge_timer_start (connection->server->reactor, &probe->timer, timeout_ms);
}

static void
pong_came (EdgeConnection *connection, const EdgeWsItem *pong)
{
  EdgeServer *server = connection->server;
  EdgeWebSocket *websocket = connection->websocket;
  char expected[16];

  if (websocket->probe != NULL)
    probe_done (connection, TRUE);
  if (connection->phase != EDGE_PHASE_WEBSOCKET || websocket->unanswered == 0)
    return;
  g_snprintf (expected, sizeof expected, "%u", websocket->unanswered);
  if (strlen (expected) != pong->length || memcmp (expected, pong->data, pong->length) != 0)
    return;
  websocket->unanswered = 0;
  if (server->handlers->heartbeat_answered != NULL)
    server->handlers->heartbeat_answered (connection, websocket->heartbeat, server->user_data);
}

static void
stale (EdgeConnection *connection)
{
  EdgeServer *server = connection->server;

  server->counters.timeouts++;
  if (server->handlers->stale != NULL)
    server->handlers->stale (connection, server->user_data);
  if (connection->phase == EDGE_PHASE_WEBSOCKET)
    edge_connection_close_websocket (connection, 1001, "nothing was heard for too long", EDGE_CLOSED_TIMEOUT);
}

void
edge_connection_websocket_timeout (EdgeConnection *connection)
{
  EdgeServer *server = connection->server;
  const EdgeLimits *limits = &server->limits;
  EdgeWebSocket *websocket = connection->websocket;
  gint64 silent_ms = edge_reactor_now (server->reactor) - websocket->heard_ms;
  char payload[16];

  if (edge_silence_is_stale (limits->heartbeat_ms, limits->stale_heartbeats, websocket->unheard, silent_ms))
    {
      stale (connection);
      return;
    }
  if (++websocket->heartbeat == 0)
    websocket->heartbeat = 1;
  websocket->unanswered = websocket->heartbeat;
  websocket->unheard++;
  edge_connection_start_timer (
    connection,
    edge_silence_next_ms (limits->heartbeat_ms, limits->stale_heartbeats, websocket->unheard, silent_ms));
  g_snprintf (payload, sizeof payload, "%u", websocket->heartbeat);
  if (write_frame (connection, EDGE_WS_PING, payload, strlen (payload)) &&
      server->handlers->heartbeat_sent != NULL)
    server->handlers->heartbeat_sent (connection, websocket->heartbeat, server->user_data);
}

/* Input */

static gboolean
within_rate (EdgeConnection *connection)
{
  EdgeServer *server = connection->server;

  return edge_rate_take (&connection->rate, edge_reactor_now (server->reactor),
                         server->limits.messages_per_second, server->limits.message_burst);
}

static void
message_came (EdgeConnection *connection, const EdgeWsItem *text)
{
  EdgeServer *server = connection->server;

  connection->budget--;
  if (within_rate (connection))
    {
      server->counters.messages_in++;
      server->handlers->message (connection, text->data, text->length, server->user_data);
    }
  else if (server->handlers->message_dropped != NULL)
    server->handlers->message_dropped (connection, server->user_data);
}

static void
take_event (EdgeConnection *connection, EdgeWsEvent event, const EdgeWsItem *item)
{
  gboolean open = connection->phase == EDGE_PHASE_WEBSOCKET;

  switch (event)
    {
    case EDGE_WS_GOT_TEXT:
      if (open)
        message_came (connection, item);
      break;
    case EDGE_WS_GOT_PING:
      /* Counted as a message: a flood of them is not answered. */
      connection->budget--;
      if (open && within_rate (connection))
        write_frame (connection, EDGE_WS_PONG, item->data, item->length);
      break;
    case EDGE_WS_GOT_PONG:
      if (open)
        pong_came (connection, item);
      break;
    case EDGE_WS_GOT_CLOSE:
      peer_closes (connection, item);
      break;
    case EDGE_WS_GOT_FAULT:
      peer_is_at_fault (connection, item);
      break;
    default:
      break;
    }
}

gsize
edge_connection_take_frames (EdgeConnection *connection, guint8 *data, gsize length)
{
  EdgeWsDecoder *decoder = &connection->websocket->decoder;
  gsize most = connection->server->limits.max_message_bytes, used = 0;

  while (used < length && connection->budget > 0 &&
         (connection->phase == EDGE_PHASE_WEBSOCKET || connection->phase == EDGE_PHASE_WS_CLOSING))
    {
      EdgeWsItem item;
      gsize taken = 0;
      EdgeWsEvent event = edge_ws_decoder_next (decoder, most, data + used, length - used, &taken, &item);

      used += taken;
      take_event (connection, event, &item);
    }
  edge_ws_decoder_release (decoder);
  return used;
}
