/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The simulated terminal's control socket: a command a line, a JSON object a line back. */
#pragma once

#include "tools/sim-terminal.h"

G_BEGIN_DECLS

typedef struct _SimControl SimControl;

/* Mode 0600. What an earlier terminal left at path is replaced. */
SimControl *sim_control_open (const char *path, SimTerminal *terminal, GError **error);
void sim_control_close (SimControl *control);

G_END_DECLS
