/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "localproxy/service.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define FIRST_SOCKET 3

void
lp_service_notify (const char *state)
{
  const char *path = g_getenv ("NOTIFY_SOCKET");
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  gsize length = path ? strlen (path) : 0;
  int fd;

  if (length < 2 || length >= sizeof address.sun_path || (*path != '/' && *path != '@'))
    return;
  memcpy (address.sun_path, path, length);
  if (*path == '@')
    address.sun_path[0] = '\0'; /* an abstract one */
  fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return;
  if (sendto (fd, state, strlen (state), MSG_NOSIGNAL, (struct sockaddr *) &address,
              (socklen_t) (G_STRUCT_OFFSET (struct sockaddr_un, sun_path) + length)) < 0)
    g_debug ("the service manager does not hear");
  close (fd);
}

static gboolean
feed (gpointer data)
{
  lp_service_notify ("WATCHDOG=1");
  return G_SOURCE_CONTINUE;
}

static gboolean
is_for_us (const char *variable)
{
  const char *pid = g_getenv (variable);
  return pid && g_ascii_strtoll (pid, NULL, 10) == getpid ();
}

guint
lp_service_start_watchdog (void)
{
  const char *period = g_getenv ("WATCHDOG_USEC");
  guint64 us = period ? g_ascii_strtoull (period, NULL, 10) : 0;

  if (us < 2000 || (g_getenv ("WATCHDOG_PID") && !is_for_us ("WATCHDOG_PID")))
    return 0;
  return g_timeout_add ((guint) MIN (us / 2000, G_MAXINT), feed, NULL);
}

GArray *
lp_service_sockets (void)
{
  GArray *sockets = g_array_new (FALSE, FALSE, sizeof (int));
  const char *count = g_getenv ("LISTEN_FDS");

  if (count && is_for_us ("LISTEN_PID"))
    for (int fd = FIRST_SOCKET; fd < FIRST_SOCKET + (int) g_ascii_strtoll (count, NULL, 10); fd++)
      {
        fcntl (fd, F_SETFD, FD_CLOEXEC);
        g_array_append_val (sockets, fd);
      }
  g_unsetenv ("LISTEN_FDS");
  g_unsetenv ("LISTEN_PID");
  g_unsetenv ("LISTEN_FDNAMES");
  return sockets;
}
