/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "edge/connection-private.h"
#include "edge/listen.h"
#include "edge/listener.h"

#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define OTHER_DESCRIPTORS 128 /* left to the rest of the process, where there are enough */
#define TURN_CONNECTIONS  256

static void come_back (EdgeTask *task);

void
edge_limits_default (EdgeLimits *limits)
{
  *limits = (EdgeLimits){
    .header_timeout_ms = 10 * 1000,
    .body_timeout_ms = 20 * 1000,
    .idle_timeout_ms = 60 * 1000,
    .write_timeout_ms = 20 * 1000,
    .max_header_bytes = 16 * 1024,
    .max_headers = 100,
    .max_body_bytes = 64 * 1024,
    .max_message_bytes = 64 * 1024,
    .max_output_bytes = 1024 * 1024,
    .heartbeat_ms = 30 * 1000,
    .stale_heartbeats = 3,
    .messages_per_second = 1000,
    .message_burst = 2000,
  };
}

static guint
connections_by_descriptors (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > 1 << 24)
    return 1 << 24;
  return (guint) MAX (limit.rlim_cur - MIN (limit.rlim_cur / 2, OTHER_DESCRIPTORS), 1);
}

EdgeServer *
edge_server_new (EdgeReactor *reactor, const EdgeLimits *limits, const EdgeHandlers *handlers,
                 gpointer user_data)
{
  EdgeServer *server = g_new0 (EdgeServer, 1);

  server->reactor = reactor;
  server->limits = *limits;
  server->http_limits =
    (EdgeHttpLimits){ limits->max_header_bytes, limits->max_headers, limits->max_body_bytes };
  server->handlers = handlers;
  server->user_data = user_data;
  server->listeners = g_ptr_array_new_with_free_func ((GDestroyNotify) edge_listener_free);
  server->max_connections =
    limits->max_connections > 0 ? limits->max_connections : connections_by_descriptors ();
  if (limits->max_connections_per_address > 0)
    server->addresses = edge_address_counts_new ();
  server->corked = g_ptr_array_new ();
  server->head = g_string_sized_new (512);
  server->task.run = come_back;
  return server;
}

/* Gathering output */

void
edge_server_cork (EdgeServer *server)
{
  server->corks++;
}

void
edge_server_uncork (EdgeServer *server)
{
  g_assert (server->corks > 0);
  if (--server->corks > 0)
    return;
  /* No connection is freed before the loop turns. */
  for (guint i = 0; i < server->corked->len; i++)
    edge_connection_uncork (server->corked->pdata[i]);
  g_ptr_array_set_size (server->corked, 0);
}

/* Where connections come back to */

void
edge_server_come_back (EdgeServer *server, EdgeConnection *connection)
{
  if (connection->due)
    return;
  connection->due = TRUE;
  connection->next_due = NULL;
  if (server->first_due == NULL)
    server->first_due = connection;
  else
    server->last_due->next_due = connection;
  server->last_due = connection;
  edge_reactor_defer (server->reactor, &server->task);
}

static EdgeConnection *
next_due (EdgeServer *server)
{
  EdgeConnection *connection = server->first_due;

  if (connection != NULL)
    {
      server->first_due = connection->next_due;
      connection->due = FALSE;
    }
  return connection;
}

static void
say_closed (EdgeServer *server, EdgeConnection *connection)
{
  if (!connection->hidden && server->handlers->closed != NULL)
    server->handlers->closed (connection, connection->reason, server->user_data);
  edge_connection_free (connection);
}

static void
come_back (EdgeTask *task)
{
  EdgeServer *server = (EdgeServer *) ((char *) task - G_STRUCT_OFFSET (EdgeServer, task));
  EdgeConnection *last = server->last_due, *connection;

  /* Those that are due again meanwhile wait for the next turn. */
  for (guint i = 0; i < TURN_CONNECTIONS && (connection = next_due (server)) != NULL; i++)
    {
      gboolean was_last = connection == last;

      if (connection->phase == EDGE_PHASE_DEAD)
        say_closed (server, connection);
      else
        edge_connection_come_back (connection);
      if (was_last)
        break;
    }
  if (server->first_due != NULL)
    edge_reactor_defer (server->reactor, task);
}

void
edge_server_free (EdgeServer *server)
{
  EdgeConnection *connection;

  edge_server_stop_listening (server);
  for (connection = server->connections; connection != NULL; connection = connection->next)
    edge_connection_finish (connection, EDGE_CLOSED_BY_US);
  while ((connection = next_due (server)) != NULL)
    say_closed (server, connection);
  edge_reactor_forget (server->reactor, &server->task);
  g_ptr_array_unref (server->listeners);
  g_ptr_array_unref (server->corked);
  g_clear_pointer (&server->spare_request, edge_request_free);
  g_clear_pointer (&server->addresses, edge_address_counts_free);
  g_string_free (server->head, TRUE);
  g_free (server);
}

/* Listening */

static void
add_listener (EdgeServer *server, int fd, const char *path)
{
  static const EdgeListenerHandlers handlers = { edge_server_accepted, edge_server_out_of_descriptors };

  if (server->port == 0)
    server->port = edge_listen_port (fd);
  g_ptr_array_add (server->listeners, edge_listener_new (server->reactor, fd, path, &handlers, server));
}

gboolean
edge_server_listen_tcp (EdgeServer *server, const char *host, guint16 port, GError **error)
{
  gboolean localhost = g_ascii_strcasecmp (host, "localhost") == 0;
  g_autoptr (GError) ipv6_error = NULL;
  int fd = edge_listen_tcp (localhost ? "127.0.0.1" : host, port, error);

  if (fd < 0)
    return FALSE;
  if (localhost)
    {
      /* There may be no IPv6 at all. */
      int ipv6 = edge_listen_tcp ("::1", edge_listen_port (fd), &ipv6_error);

      if (ipv6 < 0 && port != 0 && g_error_matches (ipv6_error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE))
        {
          close (fd);
          g_propagate_error (error, g_steal_pointer (&ipv6_error));
          return FALSE;
        }
      add_listener (server, fd, NULL);
      if (ipv6 >= 0)
        add_listener (server, ipv6, NULL);
      return TRUE;
    }
  add_listener (server, fd, NULL);
  return TRUE;
}

guint16
edge_server_get_port (EdgeServer *server)
{
  return server->port;
}

gboolean
edge_server_listen_unix (EdgeServer *server, const char *path, guint mode, GError **error)
{
  int fd = edge_listen_unix (path, mode, error);

  if (fd < 0)
    return FALSE;
  add_listener (server, fd, path);
  return TRUE;
}

gboolean
edge_server_listen_fd (EdgeServer *server, int fd, GError **error)
{
  if (!edge_listen_adopt (fd, error))
    return FALSE;
  add_listener (server, fd, NULL);
  return TRUE;
}

void
edge_server_stop_listening (EdgeServer *server)
{
  g_ptr_array_set_size (server->listeners, 0);
}

/* What is asked of it */

guint
edge_server_n_connections (EdgeServer *server)
{
  return server->n_connections;
}

void
edge_server_foreach (EdgeServer *server, void (*func) (EdgeConnection *connection, gpointer user_data),
                     gpointer user_data)
{
  /* Whatever func closes stays in the list until the loop comes back to it. */
  for (EdgeConnection *connection = server->connections; connection != NULL; connection = connection->next)
    if (!connection->hidden && connection->phase < EDGE_PHASE_LAST_WORDS)
      func (connection, user_data);
}

const EdgeCounters *
edge_server_counters (EdgeServer *server)
{
  return &server->counters;
}

const char *
edge_server_date (EdgeServer *server)
{
  time_t now = time (NULL);
  struct tm utc;

  if (now != server->date_second)
    {
      static const char days[] = "SunMonTueWedThuFriSat", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

      /* Not strftime(): it follows the locale. */
      gmtime_r (&now, &utc);
      g_snprintf (server->date, sizeof server->date, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT",
                  days + 3 * utc.tm_wday, utc.tm_mday, months + 3 * utc.tm_mon, utc.tm_year + 1900,
                  utc.tm_hour, utc.tm_min, utc.tm_sec);
      server->date_second = now;
    }
  return server->date;
}
