/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line of the simulated terminal. */
#pragma once

#include <glib.h>

#include "tools/sim-plan.h"

G_BEGIN_DECLS

typedef struct
{
  char *gateway;
  char *api_key;
  char *api_secret;
  char *device_id; /* nullable */
  char *journal;   /* path; nullable */
  char *control;   /* path; nullable */
  SimHabits habits;
  guint delay; /* ms, as are the next ones */
  guint late_after;
  guint back_after;
  guint grace;
  gboolean quiet;
  gboolean json_events;
  gboolean allow_plain_text;
} SimOptions;

/* Fills options; FALSE: the program ends with *exit_code. */
gboolean sim_options_parse (SimOptions *options, int *argc, char ***argv, int *exit_code);
void sim_options_clear (SimOptions *options);

G_END_DECLS
