/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The simulated terminal itself: what the gateway asks and what it answers. */
#pragma once

#include "tools/sim-book.h"
#include "tools/sim-link.h"
#include "tools/sim-options.h"

G_BEGIN_DECLS

typedef struct _SimTerminal SimTerminal;

/* done is called when it is over for good. */
/* Cues change options->habits. */
SimTerminal *sim_terminal_new (SimOptions *options, SimBook *book,
                               void (*done) (int exit_code, gpointer data), gpointer user_data);
void sim_terminal_free (SimTerminal *terminal);

G_END_DECLS
