/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A connection's life: input to whom it belongs, output, the end. */
#include "edge/connection-private.h"

#include <string.h>
#include <sys/epoll.h>

#define HELD_INPUT     (16 * 1024) /* read ahead of a request in hand; more stays in the kernel */
#define TURN_CALLBACKS 64          /* a connection's share of a turn */
#define LINGER_MS      2000
#define LINGER_BYTES   (1024 * 1024)

static void connection_ready (EdgeWatch *watch, guint32 events);
static void connection_timeout (EdgeTimer *timer);
static void connection_write_timeout (EdgeTimer *timer);

EdgeConnection *
edge_connection_open (EdgeServer *server, int fd, const struct sockaddr *from)
{
  EdgeConnection *connection = g_new0 (EdgeConnection, 1);

  connection->transport.watch.ready = connection_ready;
  connection->timer.fire = connection_timeout;
  connection->write_timer.fire = connection_write_timeout;
  connection->server = server;
  connection->local = !edge_address_from_socket (&connection->address, from);
  connection->phase =
    server->limits.proxy_protocol && !connection->local ? EDGE_PHASE_PROXY : EDGE_PHASE_READING;
  if (!edge_transport_open (&connection->transport, server->reactor, fd))
    {
      g_free (connection);
      return NULL;
    }
  connection->next = server->connections;
  if (connection->next != NULL)
    connection->next->previous = connection;
  server->connections = connection;
  edge_connection_start_timer (connection, server->limits.header_timeout_ms);
  return connection;
}

void
edge_connection_free (EdgeConnection *connection)
{
  EdgeServer *server = connection->server;

  if (connection->next != NULL)
    connection->next->previous = connection->previous;
  if (connection->previous != NULL)
    connection->previous->next = connection->next;
  else
    server->connections = connection->next;
  edge_connection_drop_request (connection);
  edge_connection_websocket_free (connection);
  g_free (connection);
}

gboolean
edge_connection_set_address (EdgeConnection *connection, const struct in6_addr *address)
{
  EdgeServer *server = connection->server;

  connection->address = *address;
  if (server->addresses == NULL)
    return TRUE;
  connection->counted =
    edge_address_counts_add (server->addresses, address, server->limits.max_connections_per_address);
  return connection->counted;
}

void
edge_connection_start_timer (EdgeConnection *connection, guint delay_ms)
{
  if (delay_ms == 0)
    edge_timer_stop (connection->server->reactor, &connection->timer);
  else
    edge_timer_start (connection->server->reactor, &connection->timer, delay_ms);
}

guint
edge_connection_patience (EdgeConnection *connection, guint most_ms)
{
  guint limit_ms = connection->server->limits.write_timeout_ms;

  return limit_ms > 0 ? MIN (limit_ms, most_ms) : most_ms;
}

/* Everything goes now, but for what callers further up may still look at; the rest goes after closed(). */
void
edge_connection_finish (EdgeConnection *connection, EdgeCloseReason reason)
{
  EdgeServer *server = connection->server;

  if (connection->phase == EDGE_PHASE_DEAD)
    return;
  connection->phase = EDGE_PHASE_DEAD;
  connection->reason = reason;
  edge_transport_close (&connection->transport, server->reactor);
  edge_timer_stop (server->reactor, &connection->timer);
  edge_timer_stop (server->reactor, &connection->write_timer);
  edge_connection_end_probe (connection);
  edge_buffer_clear (&connection->input);
  edge_buffer_clear (&connection->output);
  if (connection->counted)
    edge_address_counts_remove (server->addresses, &connection->address);
  if (connection->hidden)
    server->n_refused--;
  else
    server->n_connections--;
  edge_server_come_back (server, connection);
}

static gboolean
wants_input (EdgeConnection *connection)
{
  const EdgeLimits *limits = &connection->server->limits;

  switch (connection->phase)
    {
    case EDGE_PHASE_PROXY:
      return TRUE;
    case EDGE_PHASE_READING:
      return connection->input == NULL;
    case EDGE_PHASE_IN_HAND:
    case EDGE_PHASE_SENDING:
      return !connection->ended && edge_buffer_length (connection->input) < HELD_INPUT;
    case EDGE_PHASE_WEBSOCKET:
    case EDGE_PHASE_WS_CLOSING:
      /* Who does not read our answers is not read from either. */
      return connection->input == NULL &&
             (limits->max_output_bytes == 0 ||
              edge_buffer_length (connection->output) <= limits->max_output_bytes / 2);
    default:
      return !connection->ended;
    }
}

void
edge_connection_update_wants (EdgeConnection *connection)
{
  guint32 events = connection->output != NULL ? EPOLLOUT : 0;

  if (connection->phase == EDGE_PHASE_DEAD)
    return;
  if (wants_input (connection))
    events |= EPOLLIN;
  else if (!connection->ended && !connection->end_told)
    events |= EPOLLRDHUP;
  edge_transport_want (&connection->transport, connection->server->reactor, events);
}

/* Output */

static void
wait_for_kernel (EdgeConnection *connection)
{
  EdgeServer *server = connection->server;

  if (!edge_timer_is_running (&connection->write_timer) && server->limits.write_timeout_ms > 0)
    edge_timer_start (server->reactor, &connection->write_timer, server->limits.write_timeout_ms);
  edge_connection_update_wants (connection);
}

gboolean
edge_connection_write (EdgeConnection *connection, struct iovec *parts, guint n_parts)
{
  EdgeServer *server = connection->server;
  gsize rest = 0, sent = 0;

  if (connection->phase == EDGE_PHASE_DEAD)
    return FALSE;
  for (guint i = 0; i < n_parts; i++)
    rest += parts[i].iov_len;
  gboolean gather = server->corks > 0 && connection->phase == EDGE_PHASE_WEBSOCKET &&
                    (connection->output == NULL || connection->corked);
  if (connection->output == NULL && !gather)
    {
      gssize n = edge_transport_write (&connection->transport, parts, n_parts);

      if (n < 0 && n != EDGE_TRANSPORT_AGAIN)
        {
          edge_connection_finish (connection,
                                  n == EDGE_TRANSPORT_GONE ? EDGE_CLOSED_BY_PEER : EDGE_CLOSED_ERROR);
          return FALSE;
        }
      sent = MAX (n, 0);
      server->counters.bytes_out += sent;
      rest -= sent;
    }
  if (rest == 0)
    return TRUE;

  if (server->limits.max_output_bytes > 0 &&
      edge_buffer_length (connection->output) + rest > server->limits.max_output_bytes)
    {
      server->counters.overflows++;
      edge_connection_finish (connection, EDGE_CLOSED_OVERFLOW);
      return FALSE;
    }
  for (guint i = 0; i < n_parts; i++)
    {
      gsize skip = MIN (sent, parts[i].iov_len);

      edge_buffer_append (&connection->output, (guint8 *) parts[i].iov_base + skip, parts[i].iov_len - skip);
      sent -= skip;
    }
  if (gather)
    {
      if (!connection->corked)
        g_ptr_array_add (server->corked, connection);
      connection->corked = TRUE;
      return TRUE;
    }
  wait_for_kernel (connection);
  return TRUE;
}

static void
begin_linger (EdgeConnection *connection)
{
  connection->phase = EDGE_PHASE_LINGER;
  edge_transport_end_output (&connection->transport);
  if (connection->ended)
    {
      edge_connection_finish (connection, connection->reason);
      return;
    }
  edge_connection_start_timer (connection, edge_connection_patience (connection, LINGER_MS));
  edge_connection_update_wants (connection);
}

void
edge_connection_end (EdgeConnection *connection, EdgeCloseReason reason)
{
  if (connection->phase >= EDGE_PHASE_LAST_WORDS)
    return;
  connection->phase = EDGE_PHASE_LAST_WORDS;
  connection->reason = reason;
  edge_connection_drop_request (connection);
  edge_connection_end_probe (connection);
  edge_connection_start_timer (connection, 0);
  edge_buffer_clear (&connection->input);
  if (connection->output == NULL)
    begin_linger (connection);
  else
    edge_connection_update_wants (connection);
}

static void
flush (EdgeConnection *connection)
{
  EdgeServer *server = connection->server;
  struct iovec part = { edge_buffer_data (connection->output), edge_buffer_length (connection->output) };
  gssize n = edge_transport_write (&connection->transport, &part, 1);

  if (n < 0 && n != EDGE_TRANSPORT_AGAIN)
    {
      edge_connection_finish (connection, n == EDGE_TRANSPORT_GONE ? EDGE_CLOSED_BY_PEER : EDGE_CLOSED_ERROR);
      return;
    }
  if (n <= 0)
    return;
  server->counters.bytes_out += n;
  edge_buffer_consume (&connection->output, n);
  if (connection->output != NULL)
    {
      if (server->limits.write_timeout_ms > 0)
        edge_timer_start (server->reactor, &connection->write_timer, server->limits.write_timeout_ms);
    }
  else
    {
      edge_timer_stop (server->reactor, &connection->write_timer);
      if (connection->phase == EDGE_PHASE_SENDING)
        edge_server_come_back (server, connection);
      else if (connection->phase == EDGE_PHASE_LAST_WORDS)
        begin_linger (connection);
    }
  edge_connection_update_wants (connection);
}

void
edge_connection_uncork (EdgeConnection *connection)
{
  connection->corked = FALSE;
  if (connection->phase != EDGE_PHASE_DEAD && connection->output != NULL)
    flush (connection);
  if (connection->phase != EDGE_PHASE_DEAD && connection->output != NULL)
    wait_for_kernel (connection);
}

/* Input */

static gsize
throw_away (EdgeConnection *connection, gsize length)
{
  connection->drained += (guint32) length;
  if (connection->drained > LINGER_BYTES)
    edge_connection_finish (connection, connection->reason);
  return length;
}

/* Gives bytes to whoever they are for, which changes as they are understood. Returns how many could be used.
 */
static gsize
take (EdgeConnection *connection, guint8 *data, gsize length)
{
  gsize used = 0;

  connection->budget = TURN_CALLBACKS;
  connection->busy = TRUE;
  while (used < length && connection->budget > 0)
    {
      gsize before = used;

      switch (connection->phase)
        {
        case EDGE_PHASE_PROXY:
          used += edge_connection_take_proxy (connection, data + used, length - used);
          break;
        case EDGE_PHASE_READING:
          used += edge_connection_take_http (connection, data + used, length - used);
          break;
        case EDGE_PHASE_WEBSOCKET:
        case EDGE_PHASE_WS_CLOSING:
          used += edge_connection_take_frames (connection, data + used, length - used);
          break;
        case EDGE_PHASE_LAST_WORDS:
        case EDGE_PHASE_LINGER:
          used += throw_away (connection, length - used);
          break;
        default:
          break;
        }
      if (used == before)
        break;
    }
  connection->busy = FALSE;
  return used;
}

/* What is held back goes first. */
static void
take_held (EdgeConnection *connection)
{
  /* Off the connection while it is worked on: it may die of it. */
  EdgeBuffer *held = g_steal_pointer (&connection->input);
  gsize used;

  if (held == NULL)
    return;
  used = take (connection, edge_buffer_data (held), edge_buffer_length (held));
  if (connection->phase >= EDGE_PHASE_LAST_WORDS)
    edge_buffer_clear (&held);
  else
    edge_buffer_consume (&held, used);
  connection->input = held;
}

/* Whether the loop has to come back without any event. */
static void
settle (EdgeConnection *connection)
{
  EdgePhase phase = connection->phase;

  if (connection->input != NULL &&
      (phase == EDGE_PHASE_READING || phase == EDGE_PHASE_WEBSOCKET || phase == EDGE_PHASE_WS_CLOSING))
    edge_server_come_back (connection->server, connection);
  edge_connection_update_wants (connection);
}

static void
peer_ended (EdgeConnection *connection)
{
  connection->ended = TRUE;
  switch (connection->phase)
    {
    case EDGE_PHASE_IN_HAND:
      edge_connection_half_closed (connection);
      break;
    case EDGE_PHASE_SENDING:
    case EDGE_PHASE_LAST_WORDS:
      break;
    case EDGE_PHASE_WS_CLOSING:
    case EDGE_PHASE_LINGER:
      edge_connection_finish (connection, connection->reason);
      break;
    default:
      edge_connection_finish (connection, EDGE_CLOSED_BY_PEER);
    }
}

static void
read_more (EdgeConnection *connection)
{
  EdgeServer *server = connection->server;
  gboolean ahead = connection->phase == EDGE_PHASE_IN_HAND || connection->phase == EDGE_PHASE_SENDING;
  gssize n =
    edge_transport_read (&connection->transport, server->input, ahead ? HELD_INPUT : EDGE_READ_BYTES);

  if (n == EDGE_TRANSPORT_AGAIN)
    return;
  if (n == EDGE_TRANSPORT_EOF)
    {
      peer_ended (connection);
      return;
    }
  if (n < 0)
    {
      gboolean ending = connection->phase == EDGE_PHASE_LINGER || connection->phase == EDGE_PHASE_WS_CLOSING;

      edge_connection_finish (connection, ending                     ? connection->reason
                                          : n == EDGE_TRANSPORT_GONE ? EDGE_CLOSED_BY_PEER
                                                                     : EDGE_CLOSED_ERROR);
      return;
    }
  server->counters.bytes_in += n;
  if (connection->websocket != NULL)
    {
      connection->websocket->heard_ms = edge_reactor_now (server->reactor);
      connection->websocket->unheard = 0;
    }
  if (connection->input != NULL)
    {
      edge_buffer_append (&connection->input, server->input, n);
      take_held (connection);
    }
  else
    {
      gsize used = take (connection, server->input, n);

      if (connection->phase < EDGE_PHASE_LAST_WORDS)
        edge_buffer_append (&connection->input, server->input + used, n - used);
    }
}

static void
connection_ready (EdgeWatch *watch, guint32 events)
{
  EdgeConnection *connection = (EdgeConnection *) watch;
  gboolean reading = (watch->events & EPOLLIN) != 0;

  if ((events & EPOLLOUT) != 0 && connection->output != NULL)
    flush (connection);
  if (connection->phase == EDGE_PHASE_DEAD)
    return;
  if (reading && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
    read_more (connection);
  else if ((events & (EPOLLHUP | EPOLLERR)) != 0)
    edge_connection_finish (connection, connection->phase >= EDGE_PHASE_LAST_WORDS ? connection->reason
                                                                                   : EDGE_CLOSED_BY_PEER);
  else if ((events & EPOLLRDHUP) != 0)
    {
      /* Not the end yet: what came before it may be worth an answer. */
      connection->end_told = TRUE;
      if (connection->phase == EDGE_PHASE_IN_HAND)
        edge_connection_half_closed (connection);
    }
  if (connection->phase != EDGE_PHASE_DEAD)
    settle (connection);
}

void
edge_connection_come_back (EdgeConnection *connection)
{
  if (connection->phase == EDGE_PHASE_SENDING && connection->output == NULL)
    edge_connection_answered (connection);
  take_held (connection);
  if (connection->phase != EDGE_PHASE_DEAD)
    settle (connection);
}

/* Time */

static void
connection_timeout (EdgeTimer *timer)
{
  EdgeConnection *connection = (EdgeConnection *) ((char *) timer - G_STRUCT_OFFSET (EdgeConnection, timer));

  switch (connection->phase)
    {
    case EDGE_PHASE_PROXY:
    case EDGE_PHASE_READING:
      edge_connection_http_timeout (connection);
      break;
    case EDGE_PHASE_IN_HAND:
      edge_connection_half_closed (connection);
      break;
    case EDGE_PHASE_WEBSOCKET:
      edge_connection_websocket_timeout (connection);
      break;
    default:
      edge_connection_finish (connection, connection->reason);
    }
}

static void
connection_write_timeout (EdgeTimer *timer)
{
  EdgeConnection *connection =
    (EdgeConnection *) ((char *) timer - G_STRUCT_OFFSET (EdgeConnection, write_timer));

  connection->server->counters.timeouts++;
  edge_connection_finish (connection, EDGE_CLOSED_TIMEOUT);
}
