/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a gateway has to do with its store, told as stories whose every write may be the last one. */
#pragma once

#include "tests/power/story.h"

typedef struct
{
  const char *name;
  void (*tell) (Story *story);
  gboolean fresh; /* begins without a file */
  int checkpoint;
} Scenario;

extern const Scenario scenarios[];
extern const guint n_scenarios;

/* Not in the list above: a day of all of that, by the story's random numbers. */
extern const Scenario busy_day;
