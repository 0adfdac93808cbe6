/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Known mistakes, for the simulation to find: they prove that it sees. Only its own build of the core has
 * them (GW_PLANTED_BUGS), and there one at most is switched on; everywhere else GW_PLANTED is 0. */
#pragma once

#ifdef GW_PLANTED_BUGS
typedef enum
{
  GW_PLANT_NONE,
  GW_PLANT_ACK_BEFORE_COMMIT,
  GW_PLANT_EFFECT_BEFORE_COMMIT,
  GW_PLANT_PAY_AGAIN,
  GW_PLANT_LATE_SUCCESS_COMPLETES,
  GW_PLANT_ACK_ON_PUSH,
  GW_PLANT_GRACE_RESTARTS,
  GW_PLANT_DEADLINE_FORGOTTEN,
  GW_PLANT_ANOTHER_DEVICE,
  GW_PLANT_MAILBOX_OUT_OF_ORDER,
  GW_PLANT_DISPLACED_CAN_ACK,
  GW_PLANT_JOIN_ACROSS_KEYS,
  GW_PLANT_OLD_CONNECTION_DENIES,
  GW_PLANT_VOID_ONCE,
  GW_PLANT_DOUBT_IS_FAILURE,
  GW_PLANT_NOT_DISPLACED,
  GW_PLANT_OUTCOME_AGAIN,
  GW_PLANT_CURSOR_STAYS,
  GW_PLANT_STAFF_LAST,
  GW_PLANT_OLD_KEY_KEEPS,
  GW_N_PLANTS
} GwPlant;
extern GwPlant gw_planted;
#define GW_PLANTED(name) (gw_planted == GW_PLANT_##name)
#else
#define GW_PLANTED(name) 0
#endif
