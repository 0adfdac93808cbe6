/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Signed requests to a gateway. */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

typedef struct
{
  GUri *endpoint; /* of the WebSocket, as tgw_endpoint_parse() makes it */
  const char *api_key;
  const char *api_secret;
  const char *session_id; /* nullable */
  const char *user_agent; /* nullable */
} TgwHttpPeer;

/* path: below /v1/, with the query, such as "messages?wait=5", or from the gateway's root, such as "/readyz".
 * body: JSON text; nullable. now: ms. No two POSTs with the same content may have the same time: the gateway
 * takes the second one for a replay. */
SoupMessage *tgw_http_message (const TgwHttpPeer *peer, const char *method, const char *path,
                               const char *body, gint64 now);
/* ms; when the gateway wrote its answer, by its clock and to the second; 0: it does not say */
gint64 tgw_http_server_time (SoupMessage *message);

G_END_DECLS
