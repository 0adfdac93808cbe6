/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A gateway with its simulated terminals, as processes: up, watched, and down without a trace. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  gboolean json;
  const char *listen;
  const char *state_dir; /* nullable: a temporary one, gone at the end */
  guint terminals;
  const char *const *sets; /* for the gateway; nullable */
} SandboxOptions;

/* Until the other end of the pipe lifeline is closed, or a signal comes. Returns the exit code. */
int sandbox_run (const SandboxOptions *options, int lifeline);

G_END_DECLS
