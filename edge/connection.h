/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the owner of a connection may do with it. */
#pragma once

#include "edge/server.h"

G_BEGIN_DECLS

void edge_connection_set_data (EdgeConnection *connection, gpointer data);
gpointer edge_connection_get_data (EdgeConnection *connection);
/* The client's address without port (from the PROXY header where there is one), "unix" for a Unix socket.
 * Into buffer. */
const char *edge_connection_address (EdgeConnection *connection, char buffer[64]);
gboolean edge_connection_is_websocket (EdgeConnection *connection);
/* Peer credentials of a Unix socket; FALSE otherwise. */
gboolean edge_connection_credentials (EdgeConnection *connection, guint *uid, int *pid);

/* Answers the request in hand. content_type NULL: no body. headers: extra header lines, each ended by CR LF,
 * or NULL. HEAD gets the headers only. close: "Connection: close" and close after it (also done when the
 * request asks for it). */
void edge_connection_respond (EdgeConnection *connection, guint status, const char *content_type,
                              const char *body, gsize length, const char *headers, gboolean close);

/* Accepts the WebSocket upgrade of the request in hand (edge_request_is_upgrade): 101, no extensions. */
void edge_connection_upgrade (EdgeConnection *connection);

/* One text message, copied. FALSE when the connection is closing or the output bound was hit (it is then
 * being dropped). */
gboolean edge_connection_send_text (EdgeConnection *connection, const char *text, gsize length);
/* A ping that is no heartbeat; probe_done() tells within timeout_ms. */
void edge_connection_probe (EdgeConnection *connection, guint timeout_ms);
/* Close frame with code and reason (<= 123 bytes), then waits a little for the peer's. On HTTP: closes after
 * pending output. */
void edge_connection_close (EdgeConnection *connection, guint16 code, const char *reason);
/* At once, output thrown away. */
void edge_connection_abort (EdgeConnection *connection);

G_END_DECLS
