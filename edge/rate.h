/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A token bucket in eight bytes: instead of tokens, the time at which the bucket will be full again. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  gint64 full_at_us;
} EdgeRate;

/* One more, at per_second (0: no limit) and burst at once. FALSE: not now. */
static inline gboolean
edge_rate_take (EdgeRate *rate, gint64 now_ms, guint per_second, guint burst)
{
  gint64 now_us = now_ms * 1000, one, full_at;

  if (per_second == 0)
    return TRUE;
  one = MAX (G_USEC_PER_SEC / per_second, 1);
  full_at = MAX (rate->full_at_us, now_us) + one;
  if (full_at - now_us > (gint64) MAX (burst, 1) * one)
    return FALSE;
  rate->full_at_us = full_at;
  return TRUE;
}

G_END_DECLS
