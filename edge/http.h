/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Strict HTTP/1.1 request parsing (RFC 9112), incremental, no allocation beyond the connection's buffer.
 * Anything ambiguous is refused: two lengths, a length beside chunks, bare LF, obsolete folding, two Hosts,
 * spaces around the colon, … */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _EdgeRequest EdgeRequest;

/* All strings are NUL-terminated and live as long as the request. */
const char *edge_request_method (const EdgeRequest *request);
/* The request target exactly as received ("/v1/terminals?x=1"); always origin form ("/…"), or "*" for
 * OPTIONS. */
const char *edge_request_target (const EdgeRequest *request);
/* The target up to "?", as received (percent escapes kept). */
const char *edge_request_path (const EdgeRequest *request);
/* After "?", as received; NULL if there is none. */
const char *edge_request_query (const EdgeRequest *request);
/* Case-insensitive name; NULL if absent. A header that came twice reads as "a, b"; those that must be single
 * never come twice. */
const char *edge_request_header (const EdgeRequest *request, const char *name);
/* How often a header came. */
guint edge_request_header_count (const EdgeRequest *request, const char *name);
const char *edge_request_body (const EdgeRequest *request, gsize *length);
/* A well-formed RFC 6455 version 13 handshake. */
gboolean edge_request_is_upgrade (const EdgeRequest *request);
/* "Upgrade: websocket" was there but the handshake is not well formed, and why; NULL otherwise. Answer 400,
 * or 426 when the version is at fault. */
const char *edge_request_upgrade_fault (const EdgeRequest *request);

G_END_DECLS
