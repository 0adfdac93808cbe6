/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One epoll descriptor as one GSource for all sockets, and one timer wheel. No GSource per connection, ever:
 * the poll set of the main loop stays small however many peers are idle. Everything here belongs to one
 * thread. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _EdgeReactor EdgeReactor;

/* Watches one descriptor. Embed it; ready() gets EPOLLIN/EPOLLOUT/EPOLLHUP bits. */
typedef struct _EdgeWatch EdgeWatch;
struct _EdgeWatch
{
  void (*ready) (EdgeWatch *watch, guint32 events);
  int fd;
  guint32 events;
};

/* A timer on the wheel; embed it, zero-initialised. One shot; resolution about 8 ms, never early. */
typedef struct _EdgeTimer EdgeTimer;
struct _EdgeTimer
{
  EdgeTimer *next, *previous; /* in a wheel slot; NULL when idle */
  void (*fire) (EdgeTimer *timer);
  gint64 due_ms;
};

/* Something to do once, from the loop, at the end of this turn or in the next one; embed it,
 * zero-initialised. */
typedef struct _EdgeTask EdgeTask;
struct _EdgeTask
{
  EdgeTask *next;
  void (*run) (EdgeTask *task);
  guint turn; /* that it was deferred in; 0: it does not wait */
};

/* Attaches to context (NULL: the default one). */
EdgeReactor *edge_reactor_new (GMainContext *context);
void edge_reactor_free (EdgeReactor *reactor);
/* Monotonic ms, read once a turn of the loop. */
gint64 edge_reactor_now (EdgeReactor *reactor);

gboolean edge_reactor_add (EdgeReactor *reactor, EdgeWatch *watch, guint32 events);
void edge_reactor_change (EdgeReactor *reactor, EdgeWatch *watch, guint32 events);
/* Safe inside ready() of any watch: no further event of this turn reaches it. */
void edge_reactor_remove (EdgeReactor *reactor, EdgeWatch *watch);

void edge_timer_start (EdgeReactor *reactor, EdgeTimer *timer, gint64 delay_ms);
void edge_timer_stop (EdgeReactor *reactor, EdgeTimer *timer);
gboolean edge_timer_is_running (const EdgeTimer *timer);

/* Deferring a task that waits already does nothing. In run() it may be deferred again: for the next turn. */
void edge_reactor_defer (EdgeReactor *reactor, EdgeTask *task);
/* The task is forgotten. */
void edge_reactor_forget (EdgeReactor *reactor, EdgeTask *task);

G_END_DECLS
