/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The clock, what happens when, and the life of the gateway. */
#include "tests/sim/sim.h"

#include <stdarg.h>
#include <string.h>

#define FIRST_MONOTONIC 5000000
#define FIRST_WALL      G_GINT64_CONSTANT (1800000000000)

/* --- chance --- */

static guint64
next_random (guint64 *state)
{
  guint64 z = (*state += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15));

  z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return z ^ (z >> 31);
}

gint64
sim_between (SimWorld *world, gint64 from, gint64 to)
{
  return from + (gint64) (next_random (&world->random) % (guint64) (to - from + 1));
}

gboolean
sim_chance (SimWorld *world, guint percent)
{
  return next_random (&world->random) % 100 < percent;
}

/* --- the story --- */

static void
mix (SimWorld *world, const char *text)
{
  for (; text && *text; text++)
    world->hash = (world->hash ^ (guchar) *text) * G_GUINT64_CONSTANT (0x100000001b3);
}

void
sim_note (SimWorld *world, const char *who, const char *what, const char *about, gint64 number)
{
  mix (world, who);
  mix (world, what);
  mix (world, about);
  world->hash = (world->hash ^ (guint64) number ^ ((guint64) world->monotonic << 20)) *
                G_GUINT64_CONSTANT (0x100000001b3);
  if (!world->lines)
    return;
  gint64 at = world->monotonic - world->began;
  g_ptr_array_add (world->lines,
                   g_strdup_printf ("%5" G_GINT64_FORMAT ".%03d  %-10s %-34s %-14s %" G_GINT64_FORMAT,
                                    at / 1000, (int) (at % 1000), who, what, about ? about : "", number));
}

void
sim_fail (SimWorld *world, const char *invariant, const char *about, const char *format, ...)
{
  va_list arguments;

  if (world->failed)
    return;
  va_start (arguments, format);
  world->failed = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  world->failed_about = g_strdup (about);
  world->invariant = invariant;
  sim_note (world, "CHECK", invariant, about, 0);
}

/* --- events --- */

static gboolean
before (const SimEvent *a, const SimEvent *b)
{
  return a->at < b->at || (a->at == b->at && a->order < b->order);
}

void
sim_at (SimWorld *world, gint64 delay, SimCall call, gpointer owner, gpointer data, GDestroyNotify free_data,
        gint64 number)
{
  SimEvent event = {
    world->monotonic + MAX (delay, 0), ++world->order, call, owner, data, free_data, number
  };
  guint i = world->events->len;

  g_array_append_val (world->events, event);
  SimEvent *heap = (SimEvent *) world->events->data;
  for (; i > 0 && before (&event, &heap[(i - 1) / 2]); i = (i - 1) / 2)
    heap[i] = heap[(i - 1) / 2];
  heap[i] = event;
}

static SimEvent
pop_event (SimWorld *world)
{
  SimEvent *heap = (SimEvent *) world->events->data;
  SimEvent first = heap[0], last = heap[world->events->len - 1];
  guint n = world->events->len - 1, i = 0;

  while (2 * i + 1 < n)
    {
      guint child = 2 * i + 1;
      if (child + 1 < n && before (&heap[child + 1], &heap[child]))
        child++;
      if (!before (&heap[child], &last))
        break;
      heap[i] = heap[child];
      i = child;
    }
  heap[i] = last;
  g_array_set_size (world->events, n);
  return first;
}

/* --- the ports that are not elsewhere --- */

static gint64
clock_monotonic (gpointer clock)
{
  return ((SimWorld *) clock)->monotonic;
}

static gint64
clock_wall (gpointer clock)
{
  return ((SimWorld *) clock)->wall;
}

static void
clock_random (gpointer clock, guint8 *bytes, gsize length)
{
  for (gsize i = 0; i < length; i++)
    bytes[i] = (guint8) next_random (&((SimWorld *) clock)->gateway_random);
}

static void
bus_publish (gpointer bus, GwHint hint, const char *id)
{
}

static const GwClockClass clock_class = { clock_monotonic, clock_wall, clock_random };
static const GwBusClass bus_class = { bus_publish };

/* --- the gateway --- */

static void start_gateway (SimWorld *world, gpointer owner, gpointer data, gint64 number);

static void
give_up_start (SimWorld *world, gpointer owner, gpointer data, gint64 run)
{
  if (world->run == (guint64) run && !world->ready)
    sim_gateway_crash (world, 1000);
}

static void
on_ready (gpointer data, const GError *error)
{
  SimWorld *world = data;

  if (error)
    {
      /* The program would end, and be started again. */
      sim_at (world, 0, give_up_start, NULL, NULL, NULL, (gint64) world->run);
      return;
    }
  world->ready = TRUE;
  world->ready_at = world->monotonic;
  sim_note (world, "gateway", "ready", NULL, 0);
}

static void
start_gateway (SimWorld *world, gpointer owner, gpointer data, gint64 number)
{
  GwSettings settings;

  if (world->engine)
    return;
  gw_settings_default (&settings);
  /* An hour is long enough for all of them to be over. */
  settings.message_retention = settings.transaction_retention = settings.device_retention = 30 * 60000;
  settings.id_retention = 45 * 60000;
  world->run++;
  world->totals.restarts++;
  sim_note (world, "gateway", "starts", NULL, (gint64) world->run);
  world->engine = gw_engine_new (&settings, (GwClock){ &clock_class, world }, sim_store_port (world),
                                 (GwBus){ &bus_class, world }, sim_links_port (world));
  gw_engine_start (world->engine, on_ready, world);
}

void
sim_gateway_crash (SimWorld *world, gint64 back_after)
{
  if (!world->engine)
    return;
  sim_note (world, "gateway", "is gone", NULL, back_after);
  world->ready = FALSE;
  world->crash_wanted = FALSE;
  world->effects_left = -1;
  sim_store_forget (world);
  g_clear_pointer (&world->engine, gw_engine_free);
  sim_cut_all (world);
  sim_at (world, back_after, start_gateway, NULL, NULL, NULL, 0);
}

/* --- running --- */

static void
go_to (SimWorld *world, gint64 at)
{
  gint64 ms = at - world->monotonic;

  if (ms <= 0)
    return;
  world->monotonic += ms;
  world->wall += ms;
}

static void
run_until (SimWorld *world, gint64 until)
{
  guint still = 0;

  while (!world->failed)
    {
      gint64 event = world->events->len ? g_array_index (world->events, SimEvent, 0).at : G_MAXINT64;
      gint64 deadline = world->engine ? gw_engine_next_deadline (world->engine) : G_MAXINT64;

      if (MIN (event, deadline) > until)
        break;
      still = MIN (event, deadline) > world->monotonic ? 0 : still + 1;
      if (still > 100000)
        sim_fail (world, "time goes on", NULL, "the clock stands still");
      go_to (world, MIN (event, deadline));
      world->totals.steps++;
      if (deadline < event || (deadline == event && sim_chance (world, 50)))
        gw_engine_advance (world->engine);
      else
        {
          SimEvent now = pop_event (world);
          now.call (world, now.owner, now.data, now.number);
          if (now.free_data)
            now.free_data (now.data);
        }
      sim_check_step (world);
    }
  if (!world->failed)
    go_to (world, until);
}

static void
minute (SimWorld *world, gpointer owner, gpointer data, gint64 number)
{
  sim_check_minute (world);
  sim_at (world, 10000, minute, NULL, NULL, NULL, 0);
}

static void
be_calm (SimWorld *world)
{
  world->calm = TRUE;
  world->down_until = world->slow_until = 0;
  world->next_commit = SIM_N_FAULTS;
  world->effects_left = -1;
  world->crash_wanted = FALSE;
  sim_note (world, "world", "faults stop", NULL, 0);
  if (!world->engine)
    start_gateway (world, NULL, NULL, 0);
  for (guint i = 0; i < SIM_POS; i++)
    {
      sim_pos_leave (&world->pos[i], FALSE);
      sim_pos_come (&world->pos[i], 1000);
    }
  for (guint i = 0; i < 2 * SIM_TERMINALS; i++)
    sim_terminal_calm (&world->terminals[i]);
}

gboolean
sim_world_run (SimWorld *world)
{
  run_until (world, world->ends);
  if (!world->failed)
    be_calm (world);
  while (!world->failed && world->monotonic < world->ends + SIM_CALM)
    {
      run_until (world, world->monotonic + 15000);
      if (!world->failed && sim_all_done (world, FALSE))
        break;
    }
  if (!world->failed)
    sim_check_end (world);
  world->totals.simulated_ms = world->monotonic - world->began;
  return world->failed == NULL;
}

/* --- life --- */

static void
on_key (gpointer links, guint64 link, const GwAnswer *answer)
{
  SimWorld *world = links;

  g_assert (answer->kind == GW_ANSWER_KEY);
  world->made = gw_key_ref (answer->key);
}

static void
operator_is_done (gpointer links, guint64 link)
{
}

/* Keys are made by a gateway that nobody else talks to. */
static GwKey *
make_key (SimWorld *world, GwEngine *engine, TgpRole role)
{
  GwCaller caller = { .link = 1, .http = TRUE };

  gw_engine_create_key (engine, &caller, role, SIM_GROUP);
  GwOperation *op = g_queue_pop_head (&world->operations);
  gw_operations_run (world->tables, &op, 1);
  gw_engine_operations_done (engine, &op, 1);
  return g_steal_pointer (&world->made);
}

static void
make_keys (SimWorld *world)
{
  static const GwLinksClass links = { .answer = on_key, .release = operator_is_done };
  GwSettings settings;

  gw_settings_default (&settings);
  world->committing = TRUE; /* so that the store waits */
  GwEngine *engine = gw_engine_new (&settings, (GwClock){ &clock_class, world }, sim_store_port (world),
                                    (GwBus){ &bus_class, world }, (GwLinks){ &links, world });
  for (guint i = 0; i < SIM_POS; i++)
    world->pos[i].key = make_key (world, engine, TGP_ROLE_POS);
  for (guint i = 0; i < SIM_TERMINALS; i++)
    {
      GwKey *key =
        i % 3 == 1 ? gw_key_ref (world->terminals[i - 1].key) : make_key (world, engine, TGP_ROLE_TERMINAL);
      world->terminals[i].key = key;
      world->terminals[i + SIM_TERMINALS].key = gw_key_ref (key);
    }
  gw_engine_free (engine);
  world->committing = FALSE;
}

SimWorld *
sim_world_new (guint64 seed, gboolean trace)
{
  SimWorld *world = g_new0 (SimWorld, 1);

  world->seed = seed;
  world->random = seed * G_GUINT64_CONSTANT (0xd1342543de82ef95) + 1;
  world->gateway_random = ~world->random;
  world->hash = G_GUINT64_CONSTANT (0xcbf29ce484222325);
  world->monotonic = world->began = FIRST_MONOTONIC;
  world->ends = world->began + SIM_HOUR;
  world->wall = FIRST_WALL;
  world->effects_left = -1;
  world->next_commit = SIM_N_FAULTS;
  world->events = g_array_new (FALSE, FALSE, sizeof (SimEvent));
  world->conns = g_ptr_array_new_with_free_func ((GDestroyNotify) sim_conn_free);
  world->txs = g_ptr_array_new_with_free_func ((GDestroyNotify) sim_tx_free);
  world->tx_by_id = g_hash_table_new (g_str_hash, g_str_equal);
  world->mails = g_ptr_array_new_with_free_func ((GDestroyNotify) sim_mail_free);
  world->mail_by_seq = g_hash_table_new (g_int64_hash, g_int64_equal);
  world->lines = trace ? g_ptr_array_new_with_free_func (g_free) : NULL;
  world->owners = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  world->newest = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  world->dead = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  sim_store_open (world);
  make_keys (world);
  sim_staff_start (world);
  for (guint i = 0; i < SIM_POS; i++)
    sim_pos_init (world, i);
  for (guint i = 0; i < 2 * SIM_TERMINALS; i++)
    sim_terminal_init (world, i);
  start_gateway (world, NULL, NULL, 0);
  sim_faults_start (world);
  sim_at (world, 10000, minute, NULL, NULL, NULL, 0);
  return world;
}

void
sim_world_free (SimWorld *world)
{
  sim_store_forget (world);
  g_clear_pointer (&world->engine, gw_engine_free);
  while (world->events->len)
    {
      SimEvent event = pop_event (world);
      if (event.free_data)
        event.free_data (event.data);
    }
  g_array_unref (world->events);
  for (guint i = 0; i < SIM_POS; i++)
    sim_pos_clear (&world->pos[i]);
  for (guint i = 0; i < 2 * SIM_TERMINALS; i++)
    sim_terminal_clear (&world->terminals[i]);
  g_hash_table_unref (world->owners);
  g_hash_table_unref (world->newest);
  g_hash_table_unref (world->dead);
  g_hash_table_unref (world->mail_by_seq);
  g_hash_table_unref (world->tx_by_id);
  g_ptr_array_unref (world->mails);
  g_ptr_array_unref (world->txs);
  g_ptr_array_unref (world->conns);
  sim_store_close (world);
  g_clear_pointer (&world->lines, g_ptr_array_unref);
  g_free (world->failed);
  g_free (world->failed_about);
  g_free (world);
}
