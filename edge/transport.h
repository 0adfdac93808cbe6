/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All that a connection wants of what is below it: read, write, want, end, close, none of which waits.
 * Another transport needs no more than another file behind this one. */
#pragma once

#include "edge/reactor.h"

#include <sys/uio.h>

G_BEGIN_DECLS

typedef struct
{
  EdgeWatch watch;
} EdgeTransport;

#define EDGE_TRANSPORT_EOF   0
#define EDGE_TRANSPORT_AGAIN (-1)
#define EDGE_TRANSPORT_GONE  (-2) /* the peer broke the connection */
#define EDGE_TRANSPORT_ERROR (-3)

/* Takes fd over. FALSE: could not be watched, fd is closed. */
gboolean edge_transport_open (EdgeTransport *transport, EdgeReactor *reactor, int fd);
gboolean edge_transport_is_open (const EdgeTransport *transport);
/* Bytes, or one of the above. */
gssize edge_transport_read (EdgeTransport *transport, gpointer data, gsize length);
gssize edge_transport_write (EdgeTransport *transport, const struct iovec *parts, guint n_parts);
/* What to be woken for: EPOLLIN, EPOLLOUT, EPOLLRDHUP; errors always. */
void edge_transport_want (EdgeTransport *transport, EdgeReactor *reactor, guint32 events);
/* No more output comes. */
void edge_transport_end_output (EdgeTransport *transport);
/* Output that a peer never confirms breaks the connection after so long. */
void edge_transport_limit_unconfirmed (EdgeTransport *transport, guint timeout_ms);
void edge_transport_close (EdgeTransport *transport, EdgeReactor *reactor);
gboolean edge_transport_credentials (EdgeTransport *transport, guint *uid, int *pid);

G_END_DECLS
