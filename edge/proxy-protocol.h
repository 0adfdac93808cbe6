/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PROXY protocol version 2: the header a load balancer puts in front of a connection to tell the client's
 * address. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  EDGE_PROXY_NEED_MORE,
  EDGE_PROXY_DONE,
  EDGE_PROXY_REFUSED
} EdgeProxyState;

/* Header and TLVs together; more is refused. */
#define EDGE_PROXY_MAX_BYTES 4096

/* Looks at the first bytes of a connection, always from the first one. On DONE *length is the header's length
 * and address the client's, without port: "" for LOCAL, UNSPEC and Unix addresses. Refused as early as the
 * bytes tell. */
EdgeProxyState edge_proxy_parse (const guint8 *data, gsize available, gsize *length, char address[64]);

G_END_DECLS
