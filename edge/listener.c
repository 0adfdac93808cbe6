/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "edge/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#define BURST       64 /* then those that are in are heard: whoever is dropped for room had his chance to speak */
#define BACK_OFF_MS 100

struct _EdgeListener
{
  EdgeWatch watch;
  EdgeTimer timer; /* runs while the listener backs off */
  EdgeReactor *reactor;
  int reserve; /* a descriptor to give away when there is none */
  char *path;
  dev_t device; /* of the socket file, to unlink no other */
  ino_t inode;
  const EdgeListenerHandlers *handlers;
  gpointer user_data;
};

static const char full[] = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n"
                           "Connection: close\r\n\r\n";

static void
open_reserve (EdgeListener *listener)
{
  if (listener->reserve < 0)
    listener->reserve = open ("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void
back_off (EdgeListener *listener)
{
  edge_reactor_change (listener->reactor, &listener->watch, 0);
  edge_timer_start (listener->reactor, &listener->timer, BACK_OFF_MS);
}

static void
listener_try_again (EdgeTimer *timer)
{
  EdgeListener *listener = (EdgeListener *) ((char *) timer - G_STRUCT_OFFSET (EdgeListener, timer));

  open_reserve (listener);
  edge_reactor_change (listener->reactor, &listener->watch, EPOLLIN);
}

/* Without this, a connection that cannot be accepted stays in the backlog and the listener readable, forever.
 * FALSE: does not help now. */
static gboolean
turn_one_away (EdgeListener *listener)
{
  int fd;

  listener->handlers->out_of_descriptors (listener->user_data);
  if (listener->reserve < 0)
    return FALSE;
  close (listener->reserve);
  listener->reserve = -1;
  fd = accept4 (listener->watch.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd >= 0)
    {
      send (fd, full, sizeof full - 1, MSG_NOSIGNAL);
      shutdown (fd, SHUT_WR);
      close (fd);
    }
  open_reserve (listener);
  return fd >= 0 && listener->reserve >= 0;
}

/* FALSE: nobody else waits, or nobody else can be let in this turn. */
static gboolean
accept_one (EdgeListener *listener)
{
  struct sockaddr_storage from = { 0 };
  socklen_t length = sizeof from;
  int fd = accept4 (listener->watch.fd, (struct sockaddr *) &from, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);

  if (fd >= 0)
    {
      listener->handlers->accepted (fd, (struct sockaddr *) &from, listener->user_data);
      return TRUE;
    }
  switch (errno)
    {
    case EAGAIN:
      return FALSE;
    case EMFILE:
    case ENFILE:
      if (turn_one_away (listener))
        return TRUE;
      back_off (listener);
      return FALSE;
    case EINTR:
    case ECONNABORTED:
    case EPROTO:
    case EPERM:
    case ENETDOWN:
    case ENETUNREACH:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ENONET:
    case ENOPROTOOPT:
      /* Errors of the connection that was to be accepted, see accept(2). */
      return TRUE;
    default:
      /* ENOBUFS, ENOMEM, …: nothing that trying at once would mend. */
      back_off (listener);
      return FALSE;
    }
}

static void
listener_ready (EdgeWatch *watch, guint32 events)
{
  EdgeListener *listener = (EdgeListener *) watch;

  for (guint i = 0; i < BURST && accept_one (listener); i++)
    ;
}

EdgeListener *
edge_listener_new (EdgeReactor *reactor, int fd, const char *path, const EdgeListenerHandlers *handlers,
                   gpointer user_data)
{
  EdgeListener *listener = g_new0 (EdgeListener, 1);
  struct stat status;

  listener->watch.fd = fd;
  listener->watch.ready = listener_ready;
  listener->timer.fire = listener_try_again;
  listener->reactor = reactor;
  listener->reserve = -1;
  listener->handlers = handlers;
  listener->user_data = user_data;
  if (path != NULL && lstat (path, &status) == 0)
    {
      listener->path = g_strdup (path);
      listener->device = status.st_dev;
      listener->inode = status.st_ino;
    }
  open_reserve (listener);
  if (!edge_reactor_add (reactor, &listener->watch, EPOLLIN))
    g_warning ("listening socket cannot be watched: %s", g_strerror (errno));
  return listener;
}

void
edge_listener_free (EdgeListener *listener)
{
  struct stat status;

  edge_timer_stop (listener->reactor, &listener->timer);
  edge_reactor_remove (listener->reactor, &listener->watch);
  close (listener->watch.fd);
  if (listener->reserve >= 0)
    close (listener->reserve);
  if (listener->path != NULL && lstat (listener->path, &status) == 0 && status.st_dev == listener->device &&
      status.st_ino == listener->inode)
    unlink (listener->path);
  g_free (listener->path);
  g_free (listener);
}
