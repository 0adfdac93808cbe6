/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "edge/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define UNSENT_BYTES (256 * 1024)

typedef union
{
  struct sockaddr any;
  struct sockaddr_in ipv4;
  struct sockaddr_in6 ipv6;
  struct sockaddr_un local;
} SocketAddress;

static int
fail (int fd, int code, GError **error, const char *what, const char *where)
{
  if (fd >= 0)
    close (fd);
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "%s %s: %s", what, where, g_strerror (code));
  return -1;
}

/* What accepted sockets inherit from the listening one on Linux: no calls a connection. */
static void
set_inherited_options (int fd)
{
  int one = 1, unsent = UNSENT_BYTES;

  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  /* Otherwise megabytes of what a slow reader leaves lie in the kernel, out of the bound's sight, and it is
   * told to be writable only when a third of them are gone, which looks like no progress. */
  setsockopt (fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
}

int
edge_listen_tcp (const char *address, guint16 port, GError **error)
{
  SocketAddress to = { 0 };
  socklen_t length;
  int fd, one = 1;

  if (inet_pton (AF_INET, address, &to.ipv4.sin_addr) == 1)
    {
      to.any.sa_family = AF_INET;
      to.ipv4.sin_port = g_htons (port);
      length = sizeof to.ipv4;
    }
  else if (inet_pton (AF_INET6, address, &to.ipv6.sin6_addr) == 1)
    {
      to.any.sa_family = AF_INET6;
      to.ipv6.sin6_port = g_htons (port);
      length = sizeof to.ipv6;
    }
  else
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "“%s” is no IP address", address);
      return -1;
    }

  fd = socket (to.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return fail (fd, errno, error, "cannot listen on", address);
  setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  set_inherited_options (fd);
  if (bind (fd, &to.any, length) != 0 || listen (fd, EDGE_BACKLOG) != 0)
    return fail (fd, errno, error, "cannot listen on", address);
  return fd;
}

static gboolean
is_dead_socket (const SocketAddress *to)
{
  struct stat status;
  gboolean dead;
  int fd;

  if (lstat (to->local.sun_path, &status) != 0 || !S_ISSOCK (status.st_mode))
    return FALSE;
  fd = socket (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  dead = fd >= 0 && connect (fd, &to->any, sizeof to->local) != 0 && errno == ECONNREFUSED;
  if (fd >= 0)
    close (fd);
  return dead;
}

int
edge_listen_unix (const char *path, guint mode, GError **error)
{
  SocketAddress to = { .local.sun_family = AF_UNIX };
  int fd, bound;

  if (strlen (path) >= sizeof to.local.sun_path)
    return fail (-1, ENAMETOOLONG, error, "cannot listen on", path);
  strcpy (to.local.sun_path, path);

  fd = socket (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return fail (fd, errno, error, "cannot listen on", path);
  bound = bind (fd, &to.any, sizeof to.local);
  if (bound != 0 && errno == EADDRINUSE)
    {
      if (is_dead_socket (&to) && unlink (path) == 0)
        bound = bind (fd, &to.any, sizeof to.local);
      else
        errno = EADDRINUSE;
    }
  /* Nobody can connect before listen(): the mode is right from the first moment on. */
  if (bound != 0 || chmod (path, mode) != 0 || listen (fd, EDGE_BACKLOG) != 0)
    {
      int code = errno;

      if (bound == 0)
        unlink (path);
      return fail (fd, code, error, "cannot listen on", path);
    }
  return fd;
}

gboolean
edge_listen_adopt (int fd, GError **error)
{
  int listening = 0, type = 0;
  socklen_t length = sizeof listening;

  if (getsockopt (fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &length) != 0 ||
      getsockopt (fd, SOL_SOCKET, SO_TYPE, &type, &length) != 0 || !listening || type != SOCK_STREAM)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   "descriptor %d is no listening stream socket", fd);
      return FALSE;
    }
  fcntl (fd, F_SETFL, fcntl (fd, F_GETFL) | O_NONBLOCK);
  fcntl (fd, F_SETFD, FD_CLOEXEC);
  set_inherited_options (fd);
  return TRUE;
}

guint16
edge_listen_port (int fd)
{
  SocketAddress at = { 0 };
  socklen_t length = sizeof at;

  if (getsockname (fd, &at.any, &length) != 0)
    return 0;
  if (at.any.sa_family == AF_INET)
    return g_ntohs (at.ipv4.sin_port);
  return at.any.sa_family == AF_INET6 ? g_ntohs (at.ipv6.sin6_port) : 0;
}
