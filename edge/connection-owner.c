/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an owner may do with any connection, whatever it speaks. */
#include "edge/connection-private.h"

#include <string.h>

void
edge_connection_set_data (EdgeConnection *connection, gpointer data)
{
  connection->data = data;
}

gpointer
edge_connection_get_data (EdgeConnection *connection)
{
  return connection->data;
}

const char *
edge_connection_address (EdgeConnection *connection, char buffer[64])
{
  if (!connection->local)
    return edge_address_to_text (&connection->address, buffer);
  g_strlcpy (buffer, "unix", 64);
  return buffer;
}

gboolean
edge_connection_is_websocket (EdgeConnection *connection)
{
  return connection->websocket != NULL;
}

gboolean
edge_connection_credentials (EdgeConnection *connection, guint *uid, int *pid)
{
  return connection->local && edge_transport_is_open (&connection->transport) &&
         edge_transport_credentials (&connection->transport, uid, pid);
}

void
edge_connection_close (EdgeConnection *connection, guint16 code, const char *reason)
{
  if (connection->phase == EDGE_PHASE_WEBSOCKET)
    edge_connection_close_websocket (connection, code, reason, EDGE_CLOSED_BY_US);
  else if (connection->phase == EDGE_PHASE_SENDING)
    connection->close_after = TRUE;
  else if (connection->phase < EDGE_PHASE_WEBSOCKET)
    edge_connection_end (connection, EDGE_CLOSED_BY_US);
}

void
edge_connection_abort (EdgeConnection *connection)
{
  edge_connection_finish (connection, EDGE_CLOSED_BY_US);
}
