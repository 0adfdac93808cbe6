/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the terminal and its cues share. */
#pragma once

#include "tools/sim-payment.h"
#include "tools/sim-say.h"
#include "tools/sim-terminal.h"

G_BEGIN_DECLS

#define SIM_BACK_SOON 1000 /* ms */

struct _SimTerminal
{
  SimOptions *options;
  SimBook *book;
  SimLink *link;
  SimVoice voice;
  SimPayment *active;
  gboolean was_ready;
  gboolean told_unreachable;
  void (*done) (int exit_code, gpointer user_data);
  gpointer user_data;
};

/* What is on the display since before it was switched off: nothing was charged for it. */
void sim_terminal_close_left_overs (SimTerminal *terminal);

G_END_DECLS
