/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "edge/transport.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

gboolean
edge_transport_open (EdgeTransport *transport, EdgeReactor *reactor, int fd)
{
  transport->watch.fd = fd;
  if (edge_reactor_add (reactor, &transport->watch, EPOLLIN))
    return TRUE;
  transport->watch.fd = -1;
  close (fd);
  return FALSE;
}

gboolean
edge_transport_is_open (const EdgeTransport *transport)
{
  return transport->watch.fd >= 0;
}

static gssize
what_failed (void)
{
  switch (errno)
    {
    case EAGAIN:
    case EINTR:
      return EDGE_TRANSPORT_AGAIN;
    case ECONNRESET:
    case EPIPE:
    case ETIMEDOUT:
      return EDGE_TRANSPORT_GONE;
    default:
      return EDGE_TRANSPORT_ERROR;
    }
}

gssize
edge_transport_read (EdgeTransport *transport, gpointer data, gsize length)
{
  gssize n = recv (transport->watch.fd, data, length, 0);

  return n >= 0 ? n : what_failed ();
}

gssize
edge_transport_write (EdgeTransport *transport, const struct iovec *parts, guint n_parts)
{
  struct msghdr message = { .msg_iov = (struct iovec *) parts, .msg_iovlen = n_parts };
  gssize n;

  if (n_parts == 1)
    n = send (transport->watch.fd, parts[0].iov_base, parts[0].iov_len, MSG_NOSIGNAL);
  else
    n = sendmsg (transport->watch.fd, &message, MSG_NOSIGNAL);
  return n >= 0 ? n : what_failed ();
}

void
edge_transport_want (EdgeTransport *transport, EdgeReactor *reactor, guint32 events)
{
  edge_reactor_change (reactor, &transport->watch, events);
}

void
edge_transport_end_output (EdgeTransport *transport)
{
  shutdown (transport->watch.fd, SHUT_WR);
}

void
edge_transport_limit_unconfirmed (EdgeTransport *transport, guint timeout_ms)
{
  /* Fails on a Unix socket, which confirms at once. */
  setsockopt (transport->watch.fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms, sizeof timeout_ms);
}

void
edge_transport_close (EdgeTransport *transport, EdgeReactor *reactor)
{
  edge_reactor_remove (reactor, &transport->watch);
  close (transport->watch.fd);
  transport->watch.fd = -1;
}

gboolean
edge_transport_credentials (EdgeTransport *transport, guint *uid, int *pid)
{
  struct ucred credentials;
  socklen_t length = sizeof credentials;

  /* A TCP socket answers too, with nobody's. */
  if (getsockopt (transport->watch.fd, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0 ||
      credentials.pid == 0)
    return FALSE;
  *uid = credentials.uid;
  *pid = credentials.pid;
  return TRUE;
}
