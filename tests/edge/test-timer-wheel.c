/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The timer wheel under a clock of the test's own. */
#include "edge/timer-wheel.h"

typedef struct
{
  EdgeTimer timer; /* first */
  gint64 due_ms, fired_ms;
  guint fired;
  void (*then) (gpointer);
  gpointer other;
} Probe;

static EdgeTimerWheel *wheel;
static gint64 now_ms;

static void
probe_fired (EdgeTimer *timer)
{
  Probe *probe = (Probe *) timer;

  g_assert_null (timer->next);
  g_assert_cmpint (now_ms, >=, probe->due_ms);
  probe->fired++;
  probe->fired_ms = now_ms;
  if (probe->then != NULL)
    probe->then (probe);
}

static void
start (Probe *probe, gint64 delay_ms)
{
  probe->timer.fire = probe_fired;
  probe->due_ms = now_ms + delay_ms;
  edge_timer_wheel_start (wheel, &probe->timer, probe->due_ms);
}

/* As a main loop does: sleeps until the wheel has something to do. */
static void
run_until (gint64 end_ms)
{
  while (now_ms < end_ms)
    {
      gint64 next = edge_timer_wheel_next (wheel);

      now_ms = MAX (now_ms, MIN (next, end_ms));
      edge_timer_wheel_advance (wheel, now_ms, G_MAXUINT);
      g_assert_cmpint (edge_timer_wheel_next (wheel), >, now_ms);
    }
}

static void
set_up (gint64 at_ms)
{
  now_ms = at_ms;
  wheel = edge_timer_wheel_new (now_ms);
}

static void
tear_down (void)
{
  g_clear_pointer (&wheel, edge_timer_wheel_free);
}

/* Around each border between two rings, from several times of day. */
static void
test_never_early (void)
{
  static const gint64 delays[] = { 0,
                                   1,
                                   7,
                                   8,
                                   9,
                                   16,
                                   2039,
                                   2040,
                                   2047,
                                   2048,
                                   2049,
                                   2056,
                                   4096,
                                   131063,
                                   131064,
                                   131071,
                                   131072,
                                   131073,
                                   131080,
                                   262144,
                                   8388600,
                                   8388608,
                                   8388616,
                                   16777216,
                                   536870900,
                                   536870912,
                                   536870920,
                                   600000,
                                   30000,
                                   10000,
                                   60000,
                                   86400000,
                                   7 * 86400000LL,
                                   40 * 86400000LL };
  static const gint64 times[] = { 0, 1, 8, 2040, 2047, 131071, 1000003, 8388607, 536870911, 123456789012 };

  for (guint t = 0; t < G_N_ELEMENTS (times); t++)
    for (guint d = 0; d < G_N_ELEMENTS (delays); d++)
      {
        Probe probe = { 0 };

        set_up (times[t]);
        start (&probe, delays[d]);
        run_until (times[t] + delays[d] + 2 * EDGE_WHEEL_TICK_MS);
        g_assert_cmpuint (probe.fired, ==, 1);
        g_assert_cmpint (probe.fired_ms, <, probe.due_ms + 2 * EDGE_WHEEL_TICK_MS);
        tear_down ();
      }
}

/* A loop that was busy for long turns the wheel in one step. */
static void
test_late_loop (void)
{
  Probe probes[200] = { 0 };

  set_up (777);
  for (guint i = 0; i < G_N_ELEMENTS (probes); i++)
    start (&probes[i], i * 997);
  now_ms += 100 * 997;
  edge_timer_wheel_advance (wheel, now_ms, G_MAXUINT);
  for (guint i = 0; i < G_N_ELEMENTS (probes); i++)
    g_assert_cmpuint (probes[i].fired, ==, i < 100);
  run_until (now_ms + 101 * 997);
  for (guint i = 0; i < G_N_ELEMENTS (probes); i++)
    g_assert_cmpuint (probes[i].fired, ==, 1);
  g_assert_cmpint (edge_timer_wheel_next (wheel), ==, G_MAXINT64);
  tear_down ();
}

static void
test_idle_wheel_then_start (void)
{
  Probe probe = { 0 };

  set_up (0);
  now_ms = 3 * 86400000LL;
  start (&probe, 5000);
  run_until (now_ms + 5016);
  g_assert_cmpuint (probe.fired, ==, 1);
  g_assert_cmpint (probe.fired_ms - probe.due_ms, <, 16);
  tear_down ();
}

/* Against a plain list: starts, restarts and stops at random. */
static void
test_random (void)
{
  enum
  {
    N = 300
  };
  g_autoptr (GRand) rand = g_rand_new_with_seed (20260801);
  g_autofree Probe *probes = g_new0 (Probe, N);
  gboolean running[N] = { 0 };
  guint fired[N] = { 0 };

  set_up (4711);
  for (guint step = 0; step < 60000; step++)
    {
      guint i = g_rand_int_range (rand, 0, N);
      guint action = g_rand_int_range (rand, 0, 10);

      if (action < 5)
        {
          start (&probes[i], g_rand_int_range (rand, 0, 1 << g_rand_int_range (rand, 1, 24)));
          running[i] = TRUE;
        }
      else if (action < 8)
        {
          edge_timer_wheel_stop (wheel, &probes[i].timer);
          running[i] = FALSE;
        }
      else
        {
          now_ms += g_rand_int_range (rand, 0, 1 << g_rand_int_range (rand, 1, 16));
          edge_timer_wheel_advance (wheel, now_ms, G_MAXUINT);
          for (guint j = 0; j < N; j++)
            {
              /* Those of the last tick may be due and still wait. */
              if (running[j] && probes[j].due_ms <= now_ms - EDGE_WHEEL_TICK_MS)
                g_assert_cmpuint (probes[j].fired, ==, fired[j] + 1);
              if (!running[j])
                g_assert_cmpuint (probes[j].fired, ==, fired[j]);
              if (probes[j].fired != fired[j])
                running[j] = FALSE;
              fired[j] = probes[j].fired;
              g_assert_cmpint (running[j], ==, edge_timer_is_running (&probes[j].timer));
            }
        }
    }
  tear_down ();
}

static void
stop_other (gpointer data)
{
  Probe *probe = data, *other = probe->other;

  edge_timer_wheel_stop (wheel, &other->timer);
}

static void
start_again (gpointer data)
{
  start (data, 0);
}

static void
test_stop_in_fire (void)
{
  Probe one = { .then = stop_other }, other = { .then = stop_other };

  set_up (0);
  one.other = &other;
  other.other = &one;
  start (&one, 100);
  start (&other, 100);
  run_until (200);
  g_assert_cmpuint (one.fired + other.fired, ==, 1);
  tear_down ();
}

/* A timer that starts itself again at once does not hold the loop. */
static void
test_start_in_fire (void)
{
  Probe probe = { .then = start_again };

  set_up (0);
  start (&probe, 100);
  now_ms = 104;
  g_assert_cmpuint (edge_timer_wheel_advance (wheel, now_ms, 5), ==, 1);
  tear_down ();
}

static void
test_bounded (void)
{
  Probe probes[50] = { 0 };
  guint n = 0;

  set_up (0);
  for (guint i = 0; i < G_N_ELEMENTS (probes); i++)
    start (&probes[i], 10);
  now_ms = 1000;
  g_assert_cmpuint (edge_timer_wheel_advance (wheel, now_ms, 20), ==, 20);
  g_assert_cmpint (edge_timer_wheel_next (wheel), <=, now_ms);
  /* Those that are due but did not fire yet can still be stopped. */
  for (guint i = 0; i < G_N_ELEMENTS (probes); i++)
    if (probes[i].fired == 0 && n++ < 5)
      edge_timer_wheel_stop (wheel, &probes[i].timer);
  g_assert_cmpuint (edge_timer_wheel_advance (wheel, now_ms, 100), ==, 25);
  g_assert_cmpint (edge_timer_wheel_next (wheel), ==, G_MAXINT64);
  tear_down ();
}

/* 20,000 timers that are restarted all the time, as those of connections are, cost no turning. */
static void
test_many (void)
{
  enum
  {
    N = 20000
  };
  g_autofree Probe *probes = g_new0 (Probe, N);
  guint turns = 0, fired = 0;

  set_up (0);
  for (guint i = 0; i < N; i++)
    start (&probes[i], 60000 + i);
  while (now_ms < 200000)
    {
      now_ms = MIN (edge_timer_wheel_next (wheel), now_ms + 1000);
      edge_timer_wheel_advance (wheel, now_ms, G_MAXUINT);
      turns++;
      if (now_ms < 50000)
        for (guint i = 0; i < N; i += 10)
          start (&probes[i], 60000 + i);
    }
  for (guint i = 0; i < N; i++)
    fired += probes[i].fired;
  g_assert_cmpuint (fired, ==, N);
  g_assert_cmpuint (turns, <, 20000);
  tear_down ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/timer-wheel/never-early", test_never_early);
  g_test_add_func ("/timer-wheel/late-loop", test_late_loop);
  g_test_add_func ("/timer-wheel/idle-then-start", test_idle_wheel_then_start);
  g_test_add_func ("/timer-wheel/random", test_random);
  g_test_add_func ("/timer-wheel/stop-in-fire", test_stop_in_fire);
  g_test_add_func ("/timer-wheel/start-in-fire", test_start_in_fire);
  g_test_add_func ("/timer-wheel/bounded", test_bounded);
  g_test_add_func ("/timer-wheel/many", test_many);
  return g_test_run ();
}
