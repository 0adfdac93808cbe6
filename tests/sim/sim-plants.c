/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plants each known mistake into the core, one at a time, and lets ordinary seeds find it. Nothing here knows
 * what a mistake looks like: the invariants of every other run must see it. */
#include "tests/sim/sim-plants.h"

#include "gateway/core/planted.h"

#include <string.h>

/* A mistake that so many hours do not show survives. */
#define MAX_HOURS 400

GwPlant gw_planted;

static const char *const names[GW_N_PLANTS] = {
  [GW_PLANT_ACK_BEFORE_COMMIT] = "ack-before-commit",
  [GW_PLANT_EFFECT_BEFORE_COMMIT] = "effect-before-commit",
  [GW_PLANT_PAY_AGAIN] = "pay-again-instead-of-ask",
  [GW_PLANT_LATE_SUCCESS_COMPLETES] = "late-success-completes",
  [GW_PLANT_ACK_ON_PUSH] = "ack-on-push",
  [GW_PLANT_GRACE_RESTARTS] = "grace-restarts-on-every-drop",
  [GW_PLANT_DEADLINE_FORGOTTEN] = "deadline-forgotten-at-restart",
  [GW_PLANT_ANOTHER_DEVICE] = "result-from-another-device",
  [GW_PLANT_MAILBOX_OUT_OF_ORDER] = "mailbox-out-of-order",
  [GW_PLANT_DISPLACED_CAN_ACK] = "displaced-connection-can-ack",
  [GW_PLANT_JOIN_ACROSS_KEYS] = "join-across-keys",
  [GW_PLANT_OLD_CONNECTION_DENIES] = "unknown-from-an-old-connection",
  [GW_PLANT_VOID_ONCE] = "void-not-repeated",
  [GW_PLANT_DOUBT_IS_FAILURE] = "doubt-taken-for-failure",
  [GW_PLANT_NOT_DISPLACED] = "old-connection-not-displaced",
  [GW_PLANT_OUTCOME_AGAIN] = "outcome-queued-again",
  [GW_PLANT_CURSOR_STAYS] = "cursor-outlives-its-connection",
  [GW_PLANT_STAFF_LAST] = "staff-have-the-last-word",
  [GW_PLANT_OLD_KEY_KEEPS] = "message-for-a-rotated-key",
};

gboolean
sim_plant (const char *name)
{
  for (guint i = 1; i < GW_N_PLANTS; i++)
    if (strcmp (names[i], name) == 0)
      {
        gw_planted = (GwPlant) i;
        return TRUE;
      }
  return FALSE;
}

static gboolean
try_plant (GwPlant plant, guint64 first_seed,
           gboolean (*run) (guint64 seed, char **invariant, char **how, gint64 *ms))
{
  gint64 total = 0;

  gw_planted = plant;
  for (guint64 seed = first_seed; seed < first_seed + MAX_HOURS; seed++)
    {
      g_autofree char *invariant = NULL;
      g_autofree char *how = NULL;
      gint64 ms = 0;
      gboolean good = run (seed, &invariant, &how, &ms);
      total += ms;
      if (good)
        continue;
      g_print ("ok %u - %s: caught by \"%s\" after %.2f simulated hours, seed %" G_GUINT64_FORMAT "\n", plant,
               names[plant], invariant, (double) total / SIM_HOUR, seed);
      g_print ("# %s\n", how);
      return TRUE;
    }
  g_print ("not ok %u - %s: survived %d seeds\n", plant, names[plant], MAX_HOURS);
  return FALSE;
}

gboolean
sim_try_all_plants (guint64 first_seed,
                    gboolean (*run) (guint64 seed, char **invariant, char **how, gint64 *ms))
{
  gboolean all = TRUE;

  g_print ("1..%d\n", GW_N_PLANTS - 1);
  for (guint i = 1; i < GW_N_PLANTS; i++)
    all &= try_plant ((GwPlant) i, first_seed, run);
  return all;
}
