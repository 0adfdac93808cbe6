/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the simulated terminal tells on its standard output: lines for people, or one JSON object a line. */
#pragma once

#include "protocol/payment.h"
#include "tools/sim-options.h"

G_BEGIN_DECLS

typedef struct
{
  const SimOptions *options;
  char *name; /* the device id, or the connection's */
} SimVoice;

/* transaction_id nullable; format: the line for people. */
void sim_say (const SimVoice *voice, const char *event, const char *transaction_id, const char *format, ...)
  G_GNUC_PRINTF (4, 5);
/* The ready line, once. */
void sim_say_ready (const SimVoice *voice);

G_END_DECLS
