/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kinds of load share. */
#pragma once

#include "bench/wire.h"

typedef struct
{
  char *pos_key, *pos_secret, *terminal_key;
} LoadGroup;

typedef struct
{
  Wire wire;
  guint16 port;
  int pid; /* the server's */
  LoadGroup *groups;
  guint n_groups;
} Load;

extern Load load;

gint64 server_cpu_ns (void);
gint64 server_rss (void);
/* Sorts; samples are guint32 microseconds. */
double percentile_ms (GArray *samples, double p);

void load_echo (guint idle, guint busy, double seconds);
void load_pay (guint terminals, double seconds, guint rate);
void load_http (guint connections, double seconds, const char *path);
