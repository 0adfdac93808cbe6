/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The door: who gets in, and what those hear who do not. */
#include "edge/connection-private.h"

#include <unistd.h>

/* Refused ones at a time that are let in just far enough to read why. Beyond it they get what can be had for
 * two calls. */
#define REFUSED_AT_ONCE 64

static const char full[] = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n"
                           "Connection: close\r\n\r\n";

static void
refuse_at_the_door (EdgeServer *server, int fd, const struct sockaddr *from, const char *why)
{
  EdgeConnection *connection;

  if (server->n_refused >= REFUSED_AT_ONCE)
    {
      send (fd, full, sizeof full - 1, MSG_NOSIGNAL);
      close (fd);
      return;
    }
  connection = edge_connection_open (server, fd, from);
  if (connection == NULL)
    return;
  connection->hidden = TRUE;
  server->n_refused++;
  edge_connection_refuse (connection, 503, why, EDGE_CLOSED_BY_US);
}

void
edge_server_accepted (int fd, const struct sockaddr *from, gpointer user_data)
{
  EdgeServer *server = user_data;
  EdgeConnection *connection;

  server->counters.accepted++;
  if (server->n_connections >= server->max_connections && server->handlers->full != NULL)
    server->handlers->full (server, server->user_data);
  if (server->n_connections >= server->max_connections)
    {
      server->counters.refused_full++;
      refuse_at_the_door (server, fd, from, "too many connections");
      return;
    }
  connection = edge_connection_open (server, fd, from);
  if (connection == NULL)
    {
      server->counters.out_of_descriptors++;
      return;
    }
  server->n_connections++;
  if (connection->phase == EDGE_PHASE_PROXY || connection->local ||
      edge_connection_set_address (connection, &connection->address))
    return;
  server->counters.refused_address++;
  server->n_connections--;
  server->n_refused++;
  connection->hidden = TRUE;
  edge_connection_refuse (connection, 503, "too many connections from this address", EDGE_CLOSED_BY_US);
}

void
edge_server_out_of_descriptors (gpointer user_data)
{
  EdgeServer *server = user_data;

  server->counters.out_of_descriptors++;
}
