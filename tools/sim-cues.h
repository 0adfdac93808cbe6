/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What somebody tells the simulated terminal to do: "drop 5" in, one JSON object out. */
#pragma once

#include "tools/sim-terminal.h"

G_BEGIN_DECLS

/* line: without its end. {"ok":true,…the state…} or {"ok":false,"code","message"}; without a line break. */
char *sim_cue (SimTerminal *terminal, const char *line);

G_END_DECLS
