/* SPDX-License-Identifier: GPL-3.0-or-later */
/* After the cut. */
#pragma once

#include "tests/power/story.h"

/* What the power cut after the first n events broke, in the store that is left in dir; NULL: nothing. */
char *check_cut (Story *story, guint n, const char *dir);
