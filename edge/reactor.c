/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Level-triggered on purpose: a turn may stop anywhere and what is left is simply told again, one short read
 * needs no second one to see EAGAIN, and nothing is ever lost between "readable" and "read". What
 * edge-triggering would save, a call when output begins and ends to wait, is only paid by peers that do not
 * read. */
#include "edge/reactor.h"

#include "edge/timer-wheel.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

/* What one turn may take before all other sources of the loop get theirs. */
#define TURN_EVENTS  256
#define TURN_TIMERS  512
#define TURN_USEC    4000
#define CLOCK_EVENTS 8 /* events between two looks at the clock */

struct _EdgeReactor
{
  GSource source;
  int epoll_fd;
  gpointer tag;
  gint64 now_ms;
  EdgeTimerWheel *wheel;
  EdgeTask *first_task, *last_task;
  guint turn;
  int event, n_events; /* those of the last epoll_wait() that still wait */
  struct epoll_event events[TURN_EVENTS];
};

static gboolean
has_work (EdgeReactor *reactor)
{
  return reactor->event < reactor->n_events || reactor->first_task != NULL;
}

static gboolean
reactor_prepare (GSource *source, int *timeout_ms)
{
  EdgeReactor *reactor = (EdgeReactor *) source;
  gint64 next;

  *timeout_ms = -1;
  reactor->now_ms = g_get_monotonic_time () / 1000;
  if (has_work (reactor))
    return TRUE;
  next = edge_timer_wheel_next (reactor->wheel);
  if (next == G_MAXINT64)
    return FALSE;
  *timeout_ms = (int) CLAMP (next - reactor->now_ms, 0, G_MAXINT);
  return *timeout_ms == 0;
}

static gboolean
reactor_check (GSource *source)
{
  EdgeReactor *reactor = (EdgeReactor *) source;

  reactor->now_ms = g_get_monotonic_time () / 1000;
  return has_work (reactor) || g_source_query_unix_fd (source, reactor->tag) != 0 ||
         edge_timer_wheel_next (reactor->wheel) <= reactor->now_ms;
}

static void
dispatch_events (EdgeReactor *reactor)
{
  gint64 end = g_get_monotonic_time () + TURN_USEC;

  if (reactor->event >= reactor->n_events)
    {
      reactor->event = 0;
      reactor->n_events = epoll_wait (reactor->epoll_fd, reactor->events, TURN_EVENTS, 0);
    }
  /* What the clock cuts off stays for the next turn: asking epoll again would tell the first ones first,
   * again. */
  while (reactor->event < reactor->n_events)
    {
      struct epoll_event *event = &reactor->events[reactor->event++];
      EdgeWatch *watch = event->data.ptr;

      if (watch != NULL)
        watch->ready (watch, event->events);
      if (reactor->event % CLOCK_EVENTS == 0 && g_get_monotonic_time () >= end)
        break;
    }
}

static void
run_tasks (EdgeReactor *reactor)
{
  guint turn = reactor->turn;

  /* What is deferred from here on is for the next turn. */
  reactor->turn = turn == G_MAXUINT ? 1 : turn + 1;
  while (reactor->first_task != NULL && reactor->first_task->turn == turn)
    {
      EdgeTask *task = reactor->first_task;

      edge_reactor_forget (reactor, task);
      task->run (task);
    }
}

static gboolean
reactor_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  EdgeReactor *reactor = (EdgeReactor *) source;

  g_source_ref (source);
  reactor->now_ms = g_get_monotonic_time () / 1000;
  dispatch_events (reactor);
  edge_timer_wheel_advance (reactor->wheel, reactor->now_ms, TURN_TIMERS);
  run_tasks (reactor);
  g_source_unref (source);
  return G_SOURCE_CONTINUE;
}

static void
reactor_finalize (GSource *source)
{
  EdgeReactor *reactor = (EdgeReactor *) source;

  edge_timer_wheel_free (reactor->wheel);
  close (reactor->epoll_fd);
}

EdgeReactor *
edge_reactor_new (GMainContext *context)
{
  static GSourceFuncs funcs = {
    reactor_prepare, reactor_check, reactor_dispatch, reactor_finalize, NULL, NULL
  };
  EdgeReactor *reactor = (EdgeReactor *) g_source_new (&funcs, sizeof (EdgeReactor));

  reactor->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  if (reactor->epoll_fd < 0)
    g_error ("epoll_create1: %s", g_strerror (errno));
  reactor->now_ms = g_get_monotonic_time () / 1000;
  reactor->turn = 1;
  reactor->wheel = edge_timer_wheel_new (reactor->now_ms);
  reactor->tag = g_source_add_unix_fd (&reactor->source, reactor->epoll_fd, G_IO_IN);
  g_source_set_static_name (&reactor->source, "edge reactor");
  g_source_attach (&reactor->source, context);
  return reactor;
}

void
edge_reactor_free (EdgeReactor *reactor)
{
  g_source_destroy (&reactor->source);
  g_source_unref (&reactor->source);
}

gint64
edge_reactor_now (EdgeReactor *reactor)
{
  return reactor->now_ms;
}

static gboolean
control (EdgeReactor *reactor, int operation, EdgeWatch *watch)
{
  struct epoll_event event = { .events = watch->events, .data.ptr = watch };

  return epoll_ctl (reactor->epoll_fd, operation, watch->fd, &event) == 0;
}

gboolean
edge_reactor_add (EdgeReactor *reactor, EdgeWatch *watch, guint32 events)
{
  watch->events = events;
  return control (reactor, EPOLL_CTL_ADD, watch);
}

void
edge_reactor_change (EdgeReactor *reactor, EdgeWatch *watch, guint32 events)
{
  if (watch->events == events)
    return;
  watch->events = events;
  if (!control (reactor, EPOLL_CTL_MOD, watch))
    g_warning ("epoll_ctl: %s", g_strerror (errno));
}

void
edge_reactor_remove (EdgeReactor *reactor, EdgeWatch *watch)
{
  control (reactor, EPOLL_CTL_DEL, watch);
  for (int i = reactor->event; i < reactor->n_events; i++)
    if (reactor->events[i].data.ptr == watch)
      reactor->events[i].data.ptr = NULL;
}

void
edge_timer_start (EdgeReactor *reactor, EdgeTimer *timer, gint64 delay_ms)
{
  /* The clock itself, rounded up, not the turn's: never early, however long this turn has taken. */
  gint64 now_ms = (g_get_monotonic_time () + 999) / 1000;

  edge_timer_wheel_start (reactor->wheel, timer, now_ms + MAX (delay_ms, 0));
}

void
edge_timer_stop (EdgeReactor *reactor, EdgeTimer *timer)
{
  edge_timer_wheel_stop (reactor->wheel, timer);
}

gboolean
edge_timer_is_running (const EdgeTimer *timer)
{
  return timer->next != NULL;
}

void
edge_reactor_defer (EdgeReactor *reactor, EdgeTask *task)
{
  if (task->turn != 0)
    return;
  task->turn = reactor->turn;
  task->next = NULL;
  if (reactor->first_task == NULL)
    reactor->first_task = task;
  else
    reactor->last_task->next = task;
  reactor->last_task = task;
}

void
edge_reactor_forget (EdgeReactor *reactor, EdgeTask *task)
{
  EdgeTask *previous = NULL;

  if (task->turn == 0)
    return;
  for (EdgeTask *other = reactor->first_task; other != task; other = other->next)
    previous = other;
  if (previous == NULL)
    reactor->first_task = task->next;
  else
    previous->next = task->next;
  if (reactor->last_task == task)
    reactor->last_task = previous;
  task->turn = 0;
  task->next = NULL;
}
