/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What goes wrong, and when. */
#include "tests/sim/sim.h"

void
sim_fault_count (SimWorld *world, SimFault fault)
{
  world->totals.faults[fault]++;
  sim_note (world, "FAULT", sim_fault_name (fault), NULL, 0);
}

static void
twin_leaves (SimWorld *world, gpointer owner, gpointer data, gint64 number)
{
  SimTerminal *twin = owner;

  if (world->calm)
    return;
  sim_terminal_leave (twin, FALSE);
  twin->active = FALSE;
}

static void
flap (SimWorld *world, gpointer owner, gpointer data, gint64 number)
{
  SimTerminal *terminal = owner;
  gint64 back = sim_between (world, 300, 12000);

  if (world->calm)
    return;
  /* What it did not say while its program hung, it says when it is back for good. */
  if (number == 0)
    back = MAX (back, terminal->mute_until - world->monotonic + 100);
  sim_terminal_leave (terminal, sim_chance (world, 30));
  sim_terminal_come (terminal, back);
  if (number > 0)
    sim_at (world, sim_between (world, 12000, 25000), flap, terminal, NULL, NULL, number - 1);
}

/* One that is in the middle of something, if there is one. */
static SimTerminal *
pick_terminal (SimWorld *world)
{
  guint first = (guint) sim_between (world, 0, SIM_TERMINALS - 1);

  for (guint i = 0; i < SIM_TERMINALS; i++)
    {
      SimTerminal *terminal = &world->terminals[(first + i) % SIM_TERMINALS];
      SimEntry *last = terminal->journal->len ? terminal->journal->pdata[terminal->journal->len - 1] : NULL;
      if (!terminal->down && last && (last->truth == SIM_BUSY || !last->acked))
        return terminal;
    }
  return &world->terminals[first];
}

static void
trouble_terminal (SimWorld *world, SimFault fault)
{
  SimTerminal *terminal = pick_terminal (world);
  gint64 away = sim_chance (world, 60) ? sim_between (world, 500, 50000) : sim_between (world, 50000, 200000);

  switch (fault)
    {
    case SIM_FAULT_TERMINAL_CRASH:
      sim_terminal_leave (terminal, sim_chance (world, 50));
      sim_terminal_come (terminal, away);
      break;
    case SIM_FAULT_TERMINAL_AMNESIA:
      sim_terminal_leave (terminal, sim_chance (world, 50));
      sim_terminal_forget (terminal);
      sim_terminal_come (terminal, away);
      break;
    case SIM_FAULT_TERMINAL_DROP:
      sim_terminal_leave (terminal, FALSE);
      terminal->down = FALSE; /* it goes on working */
      sim_terminal_come (terminal, away);
      break;
    case SIM_FAULT_TERMINAL_HALF_OPEN:
      sim_terminal_leave (terminal, TRUE);
      terminal->down = FALSE;
      sim_terminal_come (terminal, away);
      break;
    case SIM_FAULT_TERMINAL_ON_EDGE:
      sim_terminal_leave (terminal, FALSE);
      terminal->down = FALSE;
      terminal->on_edge = TRUE;
      break;
    case SIM_FAULT_TERMINAL_FLAPS:
      if (sim_chance (world, 60))
        terminal->mute_until = world->monotonic + sim_between (world, 10000, 90000);
      flap (world, terminal, NULL, sim_between (world, 2, 6));
      break;
    case SIM_FAULT_TERMINAL_TWIN:
      if (!terminal->device_id || terminal->twin->active)
        break;
      terminal->twin->active = TRUE;
      sim_terminal_come (terminal->twin, 0);
      sim_at (world, sim_between (world, 20000, 150000), twin_leaves, terminal->twin, NULL, NULL, 0);
      break;
    case SIM_FAULT_TERMINAL_GONE:
      for (guint i = 0; i < SIM_TERMINALS; i++)
        if (world->terminals[i].gone)
          return;
      /* Late enough that it had its share of the hour, and the one without a twin at its side. */
      if (world->monotonic - world->began > SIM_HOUR / 2 && !terminal->twin->active)
        sim_terminal_vanish (terminal);
      break;
    case SIM_FAULT_TERMINAL_STRAY:
      sim_terminal_stray (terminal);
      break;
    case SIM_FAULT_TERMINAL_RECANTS:
      sim_terminal_recant (terminal);
      break;
    case SIM_FAULT_TERMINAL_DUPLICATES:
      for (guint i = 0; i < 2 * SIM_TERMINALS; i++)
        world->terminals[i].duplicates_until = world->monotonic + 60000;
      break;
    default:
      for (guint i = 0; i < 2 * SIM_TERMINALS; i++)
        world->terminals[i].reorders_until = world->monotonic + 60000;
      break;
    }
}

static void
trouble_pos (SimWorld *world, SimFault fault)
{
  SimPos *pos = &world->pos[sim_between (world, 0, SIM_POS - 1)];
  gint64 away = sim_chance (world, 70) ? sim_between (world, 500, 20000) : sim_between (world, 20000, 200000);

  switch (fault)
    {
    case SIM_FAULT_POS_CRASH:
    case SIM_FAULT_POS_AMNESIA:
      sim_pos_leave (pos, sim_chance (world, 40));
      if (fault == SIM_FAULT_POS_AMNESIA)
        sim_pos_forget (pos);
      sim_pos_come (pos, away);
      break;
    case SIM_FAULT_POS_DROP:
      sim_pos_leave (pos, FALSE);
      sim_pos_come (pos, sim_between (world, 0, 4000));
      break;
    case SIM_FAULT_POS_HALF_OPEN:
      sim_pos_leave (pos, TRUE);
      sim_pos_come (pos, sim_between (world, 0, 40000));
      break;
    case SIM_FAULT_POS_STORM:
      sim_pos_storm (pos, (guint) sim_between (world, 2, 12));
      break;
    case SIM_FAULT_POS_FOREIGN_ID:
      sim_pos_foreign (pos);
      break;
    default:
      sim_pos_again (pos);
      break;
    }
}

static void
trouble_gateway (SimWorld *world, SimFault fault)
{
  switch (fault)
    {
    case SIM_FAULT_CRASH:
      sim_fault_count (world, fault);
      sim_gateway_crash (world, sim_between (world, 100, sim_chance (world, 20) ? 90000 : 15000));
      break;
    case SIM_FAULT_CRASH_BEFORE:
    case SIM_FAULT_CRASH_AFTER:
    case SIM_FAULT_CRASH_BETWEEN:
      world->crash_wanted = world->engine != NULL;
      world->crash_at = fault;
      break;
    case SIM_FAULT_STORE_SLOW:
      world->slow_until = world->monotonic + sim_between (world, 1000, 30000);
      sim_fault_count (world, fault);
      break;
    case SIM_FAULT_STORE_DOWN:
      world->down_until = world->monotonic + sim_between (world, 0, 90000);
      sim_fault_count (world, fault);
      break;
    case SIM_FAULT_CLOCK_JUMP:
      world->wall +=
        sim_chance (world, 50) ? sim_between (world, -3000, 3000) : sim_between (world, -200000, 200000);
      world->jumped = TRUE;
      sim_fault_count (world, fault);
      break;
    default:
      world->next_commit = fault;
      break;
    }
}

static void
strike (SimWorld *world, gpointer owner, gpointer data, gint64 number)
{
  SimFault fault = (SimFault) sim_between (world, 0, SIM_N_FAULTS - 1);

  if (world->calm)
    return;
  if (fault >= SIM_FAULT_TERMINAL_CRASH && fault <= SIM_FAULT_TERMINAL_REORDERS)
    {
      sim_fault_count (world, fault);
      trouble_terminal (world, fault);
    }
  else if (fault >= SIM_FAULT_POS_CRASH && fault <= SIM_FAULT_POS_AGAIN)
    {
      sim_fault_count (world, fault);
      trouble_pos (world, fault);
    }
  else if (fault >= SIM_FAULT_STAFF_RESOLVES && fault <= SIM_FAULT_SWEEP)
    sim_staff_acts (world, fault);
  else if (fault != SIM_FAULT_CLOCK_JUMP || sim_chance (world, 30))
    trouble_gateway (world, fault);
  sim_at (world, sim_chance (world, 15) ? sim_between (world, 0, 2000) : sim_between (world, 5000, 80000),
          strike, NULL, NULL, NULL, 0);
}

void
sim_faults_start (SimWorld *world)
{
  sim_at (world, sim_between (world, 10000, 40000), strike, NULL, NULL, NULL, 0);
}
