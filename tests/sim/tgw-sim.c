/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tgw-sim: simulated hours, one seed each. A seed that fails is told with its story, and tells the same story
 * each time. */
#include "tests/sim/sim-plants.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static SimWorld *present;

static void
on_log (const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
  if (present && (level & (G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_ERROR)))
    sim_fail (present, "the core does not contradict itself", NULL, "%s", message);
  if (level & G_LOG_LEVEL_ERROR)
    g_printerr ("%s\n", message);
}

static void
add_totals (SimTotals *sum, const SimTotals *one)
{
  const guint64 *from = (const guint64 *) one;
  guint64 *to = (guint64 *) sum;

  G_STATIC_ASSERT (sizeof (SimTotals) % sizeof (guint64) == 0);
  for (gsize i = 0; i < sizeof (SimTotals) / sizeof (guint64); i++)
    to[i] += from[i];
}

static guint64
count_faults (const SimTotals *totals)
{
  guint64 n = 0;

  for (guint i = 0; i < SIM_N_FAULTS; i++)
    n += totals->faults[i];
  return n;
}

static void
tell_story (SimWorld *world, gboolean all)
{
  guint n = world->lines->len;

  for (guint i = 0; i < n; i++)
    {
      const char *line = world->lines->pdata[i];
      g_autofree char *word = world->failed_about ? g_strdup_printf ("%s ", world->failed_about) : NULL;
      if (all || i + 50 >= n || (word && strstr (line, word)) || strstr (line, "gateway    ") ||
          strstr (line, "FAULT"))
        g_print ("%s\n", line);
    }
}

/* The hash of its story; 0 if it failed. */
static guint64
run_seed (guint64 seed, gboolean trace, gboolean all, SimTotals *totals)
{
  SimWorld *world = present = sim_world_new (seed, trace);
  gboolean good = sim_world_run (world);
  guint64 hash = world->hash;

  if (totals)
    add_totals (totals, &world->totals);
  if (trace)
    tell_story (world, good || all);
  if (!good)
    g_print ("seed %" G_GUINT64_FORMAT " FAILED: %s: %s\n", seed, world->invariant, world->failed);
  if (trace)
    g_print ("seed %" G_GUINT64_FORMAT " trace %016" G_GINT64_MODIFIER "x\n", seed, hash);
  present = NULL;
  sim_world_free (world);
  return good ? hash | 1 : 0;
}

#ifdef GW_PLANTED_BUGS
static gboolean
run_planted (guint64 seed, char **invariant, char **how, gint64 *ms)
{
  SimWorld *world = present = sim_world_new (seed, FALSE);
  gboolean good = sim_world_run (world);

  *invariant = g_strdup (world->invariant);
  *how = g_strdup (world->failed);
  *ms = world->monotonic - world->began;
  present = NULL;
  sim_world_free (world);
  return good;
}
#endif

static void
print_totals (const SimTotals *totals, guint64 hours, guint64 thin)
{
  g_print ("%" G_GUINT64_FORMAT " simulated hours (%" G_GUINT64_FORMAT
           " more did not count: under 200 payments or 20 "
           "faults), %.1f with the calm after each\n",
           hours, thin, (double) totals->simulated_ms / SIM_HOUR);
  g_print ("  payments %" G_GUINT64_FORMAT ", charged %" G_GUINT64_FORMAT ", tried again %" G_GUINT64_FORMAT
           ", reversed by terminals %" G_GUINT64_FORMAT ", conflicts %" G_GUINT64_FORMAT
           ", journal entries lost %" G_GUINT64_FORMAT "\n",
           totals->payments, totals->charges, totals->retries, totals->voids, totals->conflicts,
           totals->forgotten);
  g_print ("  messages %" G_GUINT64_FORMAT ", gateway starts %" G_GUINT64_FORMAT
           ", left for staff %" G_GUINT64_FORMAT ", steps %" G_GUINT64_FORMAT "\n",
           totals->messages, totals->restarts, totals->needs_attention, totals->steps);
  g_print ("  faults %" G_GUINT64_FORMAT "\n", count_faults (totals));
  for (guint i = 0; i < SIM_N_FAULTS; i++)
    g_print ("    %8" G_GUINT64_FORMAT "  %s\n", totals->faults[i], sim_fault_name ((SimFault) i));
  g_print ("  edges\n");
  for (guint from = 0; from <= TGP_N_STATUSES; from++)
    for (guint to = 0; to < TGP_N_STATUSES; to++)
      if (totals->edges[from][to])
        g_print ("    %8" G_GUINT64_FORMAT "  %s -> %s\n", totals->edges[from][to],
                 from == TGP_N_STATUSES ? "(new)" : tgp_status_name ((TgpStatus) from),
                 tgp_status_name ((TgpStatus) to));
}

int
main (int argc, char **argv)
{
  gint64 hours = 0, seed = 1, cpu = 0;
  g_autofree char *seeds = NULL;
  gboolean trace = FALSE, same = FALSE;
#ifdef GW_PLANTED_BUGS
  g_autofree char *plant = NULL;
  gboolean all_plants = FALSE;
#endif
  const GOptionEntry entries[] = {
    { "hours", 0, 0, G_OPTION_ARG_INT64, &hours, "simulate N hours", "N" },
    { "seed", 0, 0, G_OPTION_ARG_INT64, &seed, "begin with seed S (1)", "S" },
    { "seeds", 0, 0, G_OPTION_ARG_STRING, &seeds, "exactly these seeds", "A..B" },
    { "cpu", 0, 0, G_OPTION_ARG_INT64, &cpu, "stop after SECONDS of processor time, and say how far it was",
      "SECONDS" },
    { "trace", 0, 0, G_OPTION_ARG_NONE, &trace, "print all that happens", NULL },
    { "same", 0, 0, G_OPTION_ARG_NONE, &same, "run each seed twice; both must tell the same story", NULL },
#ifdef GW_PLANTED_BUGS
    { "plant", 0, 0, G_OPTION_ARG_STRING, &plant, "with this mistake in the core", "NAME" },
    { "all-plants", 0, 0, G_OPTION_ARG_NONE, &all_plants, "each mistake in turn, until an invariant sees it",
      NULL },
#endif
    { NULL }
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("- the gateway's core in a world of faults");
  g_autoptr (GError) error = NULL;
  g_autofree SimTotals *totals = g_new0 (SimTotals, 1);
  guint64 counted = 0, thin = 0;
  gint64 last = G_MAXINT64;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc > 1)
    {
      g_printerr ("tgw-sim: %s\n", error ? error->message : "no arguments, please");
      return 64;
    }
  if (seeds)
    {
      char *dots = strstr (seeds, "..");
      seed = g_ascii_strtoll (seeds, NULL, 10);
      last = dots ? g_ascii_strtoll (dots + 2, NULL, 10) : seed;
    }
  else if (hours <= 0)
    last = seed;
  g_log_set_default_handler (on_log, NULL);
#ifdef GW_PLANTED_BUGS
  if (all_plants)
    return sim_try_all_plants ((guint64) seed, run_planted) ? 0 : 1;
  if (plant && !sim_plant (plant))
    {
      g_printerr ("tgw-sim: no mistake is called %s\n", plant);
      return 64;
    }
#endif
  for (; seed <= last && (seeds || hours <= 0 || (gint64) counted < hours); seed++)
    {
      g_autofree SimTotals *one = g_new0 (SimTotals, 1);
      guint64 hash = run_seed ((guint64) seed, trace, trace, one);
      if (!hash)
        {
          if (!trace)
            run_seed ((guint64) seed, TRUE, FALSE, NULL);
          return 1;
        }
      if (same && run_seed ((guint64) seed, FALSE, FALSE, NULL) != hash)
        {
          g_print ("seed %" G_GINT64_FORMAT " tells two stories\n", seed);
          return 1;
        }
      add_totals (totals, one);
      if (one->payments >= 200 && count_faults (one) >= 20)
        counted++;
      else
        thin++;
      if (cpu && (gint64) (clock () / CLOCKS_PER_SEC) >= cpu)
        break;
    }
  print_totals (totals, counted, thin);
  return 0;
}
