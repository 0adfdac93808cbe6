/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The gateway's address: what a person writes, made into the address of its WebSocket. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* "http://host:port[/prefix]" (or https, ws, wss) -> "ws://host:port[/prefix]/v1/ws". Plain text is refused
 * unless the host is this computer or allow_plain_text is set. */
GUri *tgw_endpoint_parse (const char *address, gboolean allow_plain_text, GError **error);

/* The request target that is signed: path and query. */
char *tgw_endpoint_target (GUri *endpoint);

G_END_DECLS
