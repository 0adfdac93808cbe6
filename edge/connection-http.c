/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A connection while it speaks HTTP: one request after the other, the next one when the answer is out. */
#include "edge/connection-private.h"
#include "edge/http-answer.h"
#include "edge/proxy-protocol.h"

#include <string.h>

#define ASK_AGAIN_MS 10000 /* whether a half-closed client is still there */

static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";

/* Requests are lent to those who have bytes of one, and come back as soon as it is answered. */
static void
give_back_request (EdgeConnection *connection)
{
  EdgeServer *server = connection->server;

  if (connection->request == NULL)
    return;
  if (server->spare_request == NULL)
    {
      edge_request_reset (connection->request);
      server->spare_request = connection->request;
    }
  else
    edge_request_free (connection->request);
  connection->request = NULL;
}

void
edge_connection_drop_request (EdgeConnection *connection)
{
  /* The owner may still look at it until request() returns. */
  if (!connection->busy)
    give_back_request (connection);
}

gsize
edge_connection_take_proxy (EdgeConnection *connection, guint8 *data, gsize length)
{
  EdgeServer *server = connection->server;
  struct in6_addr address = connection->address;
  char text[64];
  gsize used = 0;

  switch (edge_proxy_parse (data, length, &used, text))
    {
    case EDGE_PROXY_NEED_MORE:
      return 0;
    case EDGE_PROXY_REFUSED:
      /* Whoever this is, it is no proxy, and HTTP would mean nothing to it. */
      server->counters.protocol_errors++;
      edge_connection_finish (connection, EDGE_CLOSED_PROTOCOL);
      return length;
    case EDGE_PROXY_DONE:
      break;
    }
  connection->phase = EDGE_PHASE_READING;
  if (*text != '\0')
    edge_address_from_text (&address, text);
  if (!edge_connection_set_address (connection, &address))
    {
      server->counters.refused_address++;
      edge_connection_refuse (connection, 503, "too many connections from this address", EDGE_CLOSED_BY_US);
    }
  return used;
}

/* FALSE: the connection has died of it. */
static gboolean
write_answer (EdgeConnection *connection, const EdgeAnswer *answer, const char *body)
{
  EdgeServer *server = connection->server;
  gboolean head_only =
    connection->request != NULL && strcmp (edge_request_method (connection->request), "HEAD") == 0;
  gboolean has_body = !head_only && answer->content_type != NULL && answer->length > 0 &&
                      answer->status != 204 && answer->status != 304;
  struct iovec parts[2];

  edge_answer_write (server->head, answer);
  parts[0] = (struct iovec){ server->head->str, server->head->len };
  parts[1] = (struct iovec){ (char *) body, answer->length };
  return edge_connection_write (connection, parts, has_body ? 2 : 1);
}

/* An answer of the edge itself. */
static gboolean
write_refusal (EdgeConnection *connection, guint status, const char *why, gboolean close)
{
  EdgeServer *server = connection->server;
  g_autofree char *body = NULL;
  EdgeAnswer answer = { .status = status, .date = edge_server_date (server), .close = close };

  if (server->handlers->refusal_body != NULL)
    body = server->handlers->refusal_body (connection->request, status, why, server->user_data);
  if (body != NULL)
    {
      answer.content_type = "application/json";
      answer.length = strlen (body);
    }
  if (status == 429 || status == 503)
    answer.headers = "Retry-After: 1\r\n";
  return write_answer (connection, &answer, body);
}

void
edge_connection_refuse (EdgeConnection *connection, guint status, const char *why, EdgeCloseReason reason)
{
  if (write_refusal (connection, status, why, TRUE))
    edge_connection_end (connection, reason);
}

void
edge_connection_answered (EdgeConnection *connection)
{
  EdgeServer *server = connection->server;

  if (!connection->own_answer && server->handlers->response_sent != NULL)
    server->handlers->response_sent (connection, server->user_data);
  if (connection->phase != EDGE_PHASE_SENDING)
    return;
  if (connection->close_after)
    {
      edge_connection_end (connection, EDGE_CLOSED_BY_US);
      return;
    }
  connection->phase = EDGE_PHASE_READING;
  edge_connection_start_timer (connection, server->limits.idle_timeout_ms);
}

/* 429 does not end the connection: there is nothing wrong with it but its haste. */
static void
slow_down (EdgeConnection *connection)
{
  connection->close_after = !edge_request_keep_alive (connection->request);
  connection->own_answer = TRUE;
  if (write_refusal (connection, 429, "too many requests", connection->close_after))
    connection->phase = EDGE_PHASE_SENDING;
}

static void
whole_request (EdgeConnection *connection)
{
  EdgeServer *server = connection->server;
  const EdgeLimits *limits = &server->limits;

  connection->budget--;
  server->counters.requests++;
  edge_connection_start_timer (connection, 0);
  if (edge_rate_take (&connection->rate, edge_reactor_now (server->reactor), limits->messages_per_second,
                      limits->message_burst))
    {
      connection->phase = EDGE_PHASE_IN_HAND;
      server->handlers->request (connection, connection->request, server->user_data);
    }
  else
    slow_down (connection);
  /* Nothing will tell of the end a second time. */
  if (connection->phase == EDGE_PHASE_IN_HAND && (connection->ended || connection->end_told))
    edge_connection_half_closed (connection);
  if (connection->phase != EDGE_PHASE_IN_HAND)
    give_back_request (connection);
  if (connection->phase == EDGE_PHASE_SENDING && connection->output == NULL)
    edge_connection_answered (connection);
}

gsize
edge_connection_take_http (EdgeConnection *connection, guint8 *data, gsize length)
{
  EdgeServer *server = connection->server;
  gboolean first = connection->request == NULL, body_begins = FALSE;
  EdgeHttpState state;
  gsize used = 0;

  if (first)
    {
      connection->request = g_steal_pointer (&server->spare_request);
      if (connection->request == NULL)
        connection->request = edge_request_new ();
    }
  do
    {
      gsize taken = 0;

      state = edge_request_feed (connection->request, &server->http_limits, (const char *) data + used,
                                 length - used, &taken);
      used += taken;
      if (state != EDGE_HTTP_HEADERS_DONE)
        break;
      body_begins = TRUE;
      /* Who has begun to send the body does not wait for it. */
      if (used == length && edge_request_expects_continue (connection->request))
        {
          struct iovec part = { (char *) go_on, sizeof go_on - 1 };

          if (!edge_connection_write (connection, &part, 1))
            return used;
        }
    }
  while (TRUE);

  switch (state)
    {
    case EDGE_HTTP_DONE:
      whole_request (connection);
      break;
    case EDGE_HTTP_REFUSED:
      server->counters.protocol_errors++;
      edge_connection_refuse (connection, edge_request_refusal_status (connection->request),
                              edge_request_refusal_reason (connection->request), EDGE_CLOSED_PROTOCOL);
      give_back_request (connection);
      break;
    default:
      if (body_begins)
        edge_connection_start_timer (connection, server->limits.body_timeout_ms);
      else if (first)
        edge_connection_start_timer (connection, server->limits.header_timeout_ms);
    }
  return used;
}

void
edge_connection_http_timeout (EdgeConnection *connection)
{
  EdgeServer *server = connection->server;

  server->counters.timeouts++;
  if (connection->phase == EDGE_PHASE_READING && connection->request != NULL &&
      edge_request_started (connection->request))
    edge_connection_refuse (connection, 408,
                            edge_request_in_headers (connection->request) ? "the headers took too long"
                                                                          : "the body took too long",
                            EDGE_CLOSED_TIMEOUT);
  else
    edge_connection_finish (connection, EDGE_CLOSED_TIMEOUT);
}

/* A client may end its output and still wait for the answer; TCP tells nobody that from one that has gone.
 * Its kernel does, if it is sent something: an interim answer, which every HTTP/1.1 client has to expect any
 * number of, and nothing else, is safe. Again from time to time, as who goes later does not say so either: it
 * has ended already. */
void
edge_connection_half_closed (EdgeConnection *connection)
{
  struct iovec part = { (char *) go_on, sizeof go_on - 1 };

  if (connection->local)
    return; /* there a peer that has gone is told apart */
  if (edge_request_is_1_0 (connection->request))
    {
      edge_connection_finish (connection, EDGE_CLOSED_BY_PEER);
      return;
    }
  edge_transport_limit_unconfirmed (&connection->transport, connection->server->limits.write_timeout_ms);
  edge_connection_start_timer (connection, edge_connection_patience (connection, ASK_AGAIN_MS));
  edge_connection_write (connection, &part, 1);
}

void
edge_connection_respond (EdgeConnection *connection, guint status, const char *content_type, const char *body,
                         gsize length, const char *headers, gboolean close)
{
  EdgeServer *server = connection->server;
  EdgeAnswer answer = { status, edge_server_date (server), content_type, length, headers, close };

  if (connection->phase != EDGE_PHASE_IN_HAND)
    return;
  if (!edge_request_keep_alive (connection->request))
    answer.close = TRUE;
  connection->close_after = answer.close;
  connection->own_answer = FALSE;
  if (!write_answer (connection, &answer, body))
    return;
  connection->phase = EDGE_PHASE_SENDING;
  edge_connection_start_timer (connection, 0);
  edge_connection_drop_request (connection);
  if (connection->output == NULL && !connection->busy)
    edge_server_come_back (server, connection);
}
