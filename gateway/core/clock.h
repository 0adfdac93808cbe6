/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The clock port: time and randomness, so that tests and the simulation own them. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  gint64 (*monotonic) (gpointer clock); /* ms, never goes back */
  gint64 (*wall) (gpointer clock);      /* ms since 1970 UTC */
  void (*random) (gpointer clock, guint8 *bytes, gsize length);
} GwClockClass;

typedef struct
{
  const GwClockClass *klass;
  gpointer clock;
} GwClock;

G_END_DECLS
