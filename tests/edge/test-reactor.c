/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reactor in a main loop with others. */
#include "edge/reactor.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define N 600

typedef struct
{
  EdgeWatch watch; /* first */
  guint n;
  guint spin_us;
} Ear;

static GMainContext *context;
static EdgeReactor *reactor;
static Ear ears[N];
static guint n_ready;
static void (*on_ready) (Ear *ear);

static void
ear_ready (EdgeWatch *watch, guint32 events)
{
  Ear *ear = (Ear *) watch;
  gint64 end = g_get_monotonic_time () + ear->spin_us;

  g_assert_cmpint (watch->fd, >=, 0);
  g_assert_cmpuint (events & EPOLLIN, !=, 0);
  ear->n++;
  n_ready++;
  while (g_get_monotonic_time () < end)
    ;
  if (on_ready != NULL)
    on_ready (ear);
}

static void
set_up (guint n)
{
  context = g_main_context_new ();
  reactor = edge_reactor_new (context);
  n_ready = 0;
  on_ready = NULL;
  for (guint i = 0; i < N; i++)
    {
      ears[i] = (Ear){ .watch = { ear_ready, -1, 0 } };
      if (i >= n)
        continue;
      ears[i].watch.fd = eventfd (1, EFD_CLOEXEC | EFD_NONBLOCK);
      g_assert_true (edge_reactor_add (reactor, &ears[i].watch, EPOLLIN));
    }
}

static void
drop (Ear *ear)
{
  if (ear->watch.fd < 0)
    return;
  edge_reactor_remove (reactor, &ear->watch);
  close (ear->watch.fd);
  ear->watch.fd = -1;
}

static void
tear_down (void)
{
  for (guint i = 0; i < N; i++)
    drop (&ears[i]);
  edge_reactor_free (reactor);
  g_main_context_unref (context);
}

/* All of them are heard once before any is heard twice, however the turns are cut. */
static void
test_fair (void)
{
  set_up (N);
  for (guint i = 0; i < N; i++)
    ears[i].spin_us = 100;
  for (guint round = 1; round < 4; round++)
    while (n_ready < round * N)
      {
        g_main_context_iteration (context, FALSE);
        for (guint i = 0; i < N; i++)
          g_assert_cmpuint (ears[i].n, <=, n_ready / N + 1);
      }
  tear_down ();
}

static gboolean
count (gpointer data)
{
  ++*(guint *) data;
  return G_SOURCE_CONTINUE;
}

/* Other sources get their turns although ours never come to rest. */
static void
test_others_run (void)
{
  GSource *other = g_idle_source_new ();
  guint turns = 0;
  gint64 start = g_get_monotonic_time ();

  set_up (N);
  for (guint i = 0; i < N; i++)
    ears[i].spin_us = 200;
  g_source_set_callback (other, count, &turns, NULL);
  g_source_set_priority (other, G_PRIORITY_DEFAULT);
  g_source_attach (other, context);
  while (n_ready < 2 * N)
    g_main_context_iteration (context, FALSE);
  g_assert_cmpuint (turns, >=, (guint) ((g_get_monotonic_time () - start) / (50 * 1000)));
  g_assert_cmpuint (turns, >=, 10);
  g_source_destroy (other);
  g_source_unref (other);
  tear_down ();
}

/* Each one removes all the others, that are ready too: none of them is called. */
static void
drop_others (Ear *ear)
{
  for (guint i = 0; i < N; i++)
    if (&ears[i] != ear)
      drop (&ears[i]);
}

static void
test_remove_others (void)
{
  set_up (200);
  on_ready = drop_others;
  g_main_context_iteration (context, FALSE);
  g_assert_cmpuint (n_ready, ==, 1);
  g_main_context_iteration (context, FALSE);
  g_assert_cmpuint (n_ready, ==, 2);
  tear_down ();
}

static void
test_remove_itself (void)
{
  set_up (200);
  on_ready = drop;
  while (g_main_context_iteration (context, FALSE))
    ;
  g_assert_cmpuint (n_ready, ==, 200);
  tear_down ();
}

/* Another one in the place of one that was removed in the same turn. */
static void
replace_next (Ear *ear)
{
  Ear *next = ear + 1;

  if (ear != ears)
    return;
  drop (next);
  next->watch.fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  edge_reactor_add (reactor, &next->watch, EPOLLIN);
}

static void
test_replace (void)
{
  set_up (2);
  on_ready = replace_next;
  for (guint i = 0; i < 5; i++)
    g_main_context_iteration (context, FALSE);
  g_assert_cmpuint (ears[0].n, ==, 5);
  /* Unless it came first in the first turn. */
  g_assert_cmpuint (ears[1].n, <=, 1);
  tear_down ();
}

static void
test_change (void)
{
  set_up (1);
  edge_reactor_change (reactor, &ears[0].watch, 0);
  while (g_main_context_iteration (context, FALSE))
    ;
  g_assert_cmpuint (n_ready, ==, 0);
  edge_reactor_change (reactor, &ears[0].watch, EPOLLIN);
  g_main_context_iteration (context, FALSE);
  g_assert_cmpuint (n_ready, ==, 1);
  tear_down ();
}

typedef struct
{
  EdgeTimer timer; /* first */
  gint64 fired_us;
} Bell;

static void
ring (EdgeTimer *timer)
{
  ((Bell *) timer)->fired_us = g_get_monotonic_time ();
}

static void
test_timer (void)
{
  Bell bell = { .timer.fire = ring }, stopped = { .timer.fire = ring };
  gint64 start;

  set_up (0);
  start = g_get_monotonic_time ();
  edge_timer_start (reactor, &bell.timer, 30);
  edge_timer_start (reactor, &stopped.timer, 10);
  g_assert_true (edge_timer_is_running (&stopped.timer));
  edge_timer_stop (reactor, &stopped.timer);
  g_assert_false (edge_timer_is_running (&stopped.timer));
  edge_timer_stop (reactor, &stopped.timer);
  while (bell.fired_us == 0)
    g_main_context_iteration (context, TRUE);
  g_assert_cmpint (bell.fired_us - start, >=, 30 * 1000);
  g_assert_cmpint (stopped.fired_us, ==, 0);
  g_assert_cmpint (edge_reactor_now (reactor), >=, start / 1000 + 30);
  tear_down ();
}

typedef struct
{
  EdgeTask task; /* first */
  guint runs, again;
  EdgeTask *forget;
} Job;

static void
work (EdgeTask *task)
{
  Job *job = (Job *) task;

  job->runs++;
  if (job->again > 0)
    {
      job->again--;
      edge_reactor_defer (reactor, task);
    }
  if (job->forget != NULL)
    edge_reactor_forget (reactor, job->forget);
}

static void
test_tasks (void)
{
  Job one = { .task.run = work, .again = 3 }, other = { .task.run = work }, forgotten = { .task.run = work };

  set_up (0);
  one.forget = &forgotten.task;
  edge_reactor_defer (reactor, &one.task);
  edge_reactor_defer (reactor, &one.task);
  edge_reactor_defer (reactor, &forgotten.task);
  edge_reactor_defer (reactor, &other.task);
  g_assert_cmpuint (one.runs, ==, 0);
  /* Deferred again means another turn. */
  for (guint turn = 1; turn <= 4; turn++)
    {
      g_assert_true (g_main_context_iteration (context, FALSE));
      g_assert_cmpuint (one.runs, ==, turn);
    }
  g_assert_false (g_main_context_iteration (context, FALSE));
  g_assert_cmpuint (other.runs, ==, 1);
  g_assert_cmpuint (forgotten.runs, ==, 0);
  tear_down ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/reactor/fair", test_fair);
  g_test_add_func ("/reactor/others-run", test_others_run);
  g_test_add_func ("/reactor/remove-others", test_remove_others);
  g_test_add_func ("/reactor/remove-itself", test_remove_itself);
  g_test_add_func ("/reactor/replace", test_replace);
  g_test_add_func ("/reactor/change", test_change);
  g_test_add_func ("/reactor/timer", test_timer);
  g_test_add_func ("/reactor/tasks", test_tasks);
  return g_test_run ();
}
