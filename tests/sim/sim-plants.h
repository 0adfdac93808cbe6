/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "tests/sim/sim.h"

G_BEGIN_DECLS

/* Switches one mistake on; FALSE: there is none of that name. */
gboolean sim_plant (const char *name);
/* Each of them on seeds from the first on, as TAP. run(): FALSE and which invariant broke how, and how long
 * the simulated time was. */
gboolean sim_try_all_plants (guint64 first_seed,
                             gboolean (*run) (guint64 seed, char **invariant, char **how, gint64 *ms));

G_END_DECLS
