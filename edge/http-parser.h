/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The connection's side of a request: feeding it bytes. What owners may read is in http.h. */
#pragma once

#include "edge/http.h"

G_BEGIN_DECLS

typedef enum
{
  EDGE_HTTP_NEED_MORE,
  EDGE_HTTP_HEADERS_DONE, /* headers complete, body still to come: the owner may send 100-continue */
  EDGE_HTTP_DONE,
  EDGE_HTTP_REFUSED
} EdgeHttpState;

/* 0: none but the parser's own: 1 MiB of headers, 1,000 headers, 1 GiB of body. */
typedef struct
{
  gsize max_header_bytes; /* request line, headers and their line ends; trailers and chunk framing have a
                             bound of their own */
  guint max_headers;
  gsize max_body_bytes;
} EdgeHttpLimits;

/* Small; a buffer comes with the first byte. */
EdgeRequest *edge_request_new (void);
void edge_request_free (EdgeRequest *request);
/* Ready for the next request on the connection; releases the memory of the last one. */
void edge_request_reset (EdgeRequest *request);

/* Feeds bytes; *consumed tells how many were taken: all of them unless DONE or REFUSED. HEADERS_DONE is told
 * once, by the feed that ends the headers while (more of) the body is still to come; after it NEED_MORE until
 * DONE. */
EdgeHttpState edge_request_feed (EdgeRequest *request, const EdgeHttpLimits *limits, const char *data,
                                 gsize length, gsize *consumed);

/* After EDGE_HTTP_REFUSED: 400, 413, 414, 415, 417, 431, 501 or 505, and why, for people. */
guint edge_request_refusal_status (const EdgeRequest *request);
const char *edge_request_refusal_reason (const EdgeRequest *request);

/* May the connection take another request after this one? */
gboolean edge_request_keep_alive (const EdgeRequest *request);
/* The client waits for 100 Continue and nothing of the body came yet. */
/* Its client knows no interim answers. */
gboolean edge_request_is_1_0 (const EdgeRequest *request);
gboolean edge_request_expects_continue (const EdgeRequest *request);
/* Nothing or a part of the headers received. */
gboolean edge_request_in_headers (const EdgeRequest *request);
/* At least one byte of it was received; the empty line that may come before it does not count. */
gboolean edge_request_started (const EdgeRequest *request);
/* The Sec-WebSocket-Key of a well-formed handshake, NULL otherwise. */
const char *edge_request_websocket_key (const EdgeRequest *request);

G_END_DECLS
