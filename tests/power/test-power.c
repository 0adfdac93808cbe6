/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The power goes at every single write and sync of every story; what is left must keep every promise that was
 * given. Without syncs it must not: then this test would be worth nothing. SEED=N: other random numbers.
 * DAYS=N: so many busy days, each another one. */
#include "tests/power/check.h"
#include "tests/power/scenarios.h"
#include "tests/store/fault-vfs.h"
#include "tests/store/fixture.h"

static guint
from_environment (const char *name, guint otherwise)
{
  const char *value = g_getenv (name);

  return value ? (guint) g_ascii_strtoull (value, NULL, 10) : otherwise;
}

static guint32 seed;
static guint total_cuts, total_broken, second_cuts;

/* Nothing in here is worth a real disk. */
static char *
make_scratch (void)
{
  g_autofree char *dir = g_strdup ("/dev/shm/tgw-power-XXXXXX");

  return g_mkdtemp (dir) ? g_steal_pointer (&dir) : make_directory ();
}

typedef struct
{
  guint cuts, broken;
  char *first; /* what broke */
} Tally;

/* The power comes back, the store is opened and used, and the power goes again: at one random point of that.
 */
static char *
cut_again (Story *story, guint n, GRand *rand, const char *first, const char *second)
{
  g_autoptr (Disk) disk = disk_new (first);
  char *fault = check_cut (story, n, first);

  disk_stop (disk);
  if (fault)
    return fault;
  g_assert_cmpuint (disk_n_syncs (disk), >, 0);
  disk_cut (disk, g_rand_int_range (rand, 0, disk_n_events (disk) + 1),
            g_rand_int_range (rand, 0, DISK_N_LOSSES), rand, second);
  fault = check_cut (story, n, second);
  second_cuts++;
  return fault;
}

static void
cut_everywhere (Story *story, const Scenario *scenario, guint32 with, Tally *tally)
{
  g_autofree char *scratch = make_scratch ();
  g_autofree char *scratch_again = make_scratch ();
  guint n_events = disk_n_events (story->disk);

  for (guint n = 0; n <= n_events; n++)
    for (int loss = 0; loss < DISK_N_LOSSES; loss++)
      {
        GRand *rand = g_rand_new_with_seed (with + n * DISK_N_LOSSES + loss);
        g_autofree char *fault = NULL;

        disk_cut (story->disk, n, loss, rand, scratch);
        fault = g_rand_int_range (rand, 0, 4) ? check_cut (story, n, scratch)
                                              : cut_again (story, n, rand, scratch, scratch_again);
        g_rand_free (rand);
        tally->cuts++;
        tally->broken += fault != NULL;
        total_cuts++;
        total_broken += fault != NULL;
        if (fault && !tally->first)
          tally->first = g_strdup_printf ("%s, seed %u, cut %u of %u, loss %d: %s", scenario->name, with, n,
                                          n_events, loss, fault);
      }
  remove_directory (g_steal_pointer (&scratch));
  remove_directory (g_steal_pointer (&scratch_again));
}

static void
run (const Scenario *scenario, int synchronous, guint32 with, Tally *tally)
{
  g_autoptr (Story) story = story_new (!scenario->fresh, synchronous, scenario->checkpoint, with);

  scenario->tell (story);
  story_end (story);
  if (synchronous < 0)
    g_assert_cmpuint (disk_n_syncs (story->disk), >=, story->marks->len - 1);
  cut_everywhere (story, scenario, with, tally);
}

static void
test_keeps (gconstpointer data)
{
  Tally tally = { 0 };

  run (data, -1, seed, &tally);
  g_test_message ("%u cuts, %u broke a promise", tally.cuts, tally.broken);
  g_assert_cmpstr (tally.first, ==, NULL);
  g_assert_cmpuint (tally.cuts, >, 50);
}

/* The same, on a store that does not wait for its disk at each commit, or never. */
static void
test_careless_breaks (gconstpointer data)
{
  int synchronous = GPOINTER_TO_INT (data);
  guint cuts = total_cuts, broken = total_broken;
  Tally tally = { 0 };

  for (guint i = 0; i < n_scenarios; i++)
    if (g_strcmp0 (scenarios[i].name, "approved") == 0 || g_strcmp0 (scenarios[i].name, "checkpoint") == 0)
      {
        guint before = tally.broken;

        run (&scenarios[i], synchronous, seed, &tally);
        g_assert_cmpuint (tally.broken - before, >, 50);
      }
  g_test_message ("synchronous=%s: %u cuts, %u broke a promise; the first: %s",
                  synchronous ? "NORMAL" : "OFF", tally.cuts, tally.broken, tally.first);
  total_cuts = cuts;
  total_broken = broken;
  g_free (tally.first);
}

static void
test_busy_days (void)
{
  guint days = from_environment ("DAYS", 1);

  for (guint day = 0; day < days; day++)
    {
      Tally tally = { 0 };

      run (&busy_day, -1, seed + day, &tally);
      g_assert_cmpstr (tally.first, ==, NULL);
      if (day % 10 == 9)
        g_test_message ("%u days, %u cuts", day + 1, total_cuts);
    }
}

static void
test_enough (void)
{
  g_test_message ("power: seed %u, %u cuts, %u of them once more in the recovery, %u broke a promise", seed,
                  total_cuts, second_cuts, total_broken);
  g_assert_cmpuint (total_cuts, >=, 500);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_always_fatal (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL);
  fault_vfs_register ();
  seed = from_environment ("SEED", 1);
  for (guint i = 0; i < n_scenarios; i++)
    {
      g_autofree char *path = g_strconcat ("/power/keeps/", scenarios[i].name, NULL);

      g_test_add_data_func (path, &scenarios[i], test_keeps);
    }
  g_test_add_func ("/power/keeps/busy-day", test_busy_days);
  g_test_add_func ("/power/total/enough", test_enough);
  g_test_add_data_func ("/power/careless/off-breaks", GINT_TO_POINTER (0), test_careless_breaks);
  g_test_add_data_func ("/power/careless/normal-breaks", GINT_TO_POINTER (1), test_careless_breaks);
  return g_test_run ();
}
