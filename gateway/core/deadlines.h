/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Deadlines on the monotonic clock: a binary heap of embedded entries. Stored instants are wall-clock; what
 * runs is this, so that a jump of the wall clock neither stretches nor cuts a grace. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  gint64 due;     /* monotonic ms */
  guint position; /* in the heap, 1-based; 0: not armed */
  guint kind;     /* the owner's */
  gpointer owner;
} GwDeadline;

typedef struct
{
  GPtrArray *heap; /* [0] unused */
} GwDeadlines;

void gw_deadlines_init (GwDeadlines *deadlines);
void gw_deadlines_clear (GwDeadlines *deadlines);
/* Arms or re-arms. */
void gw_deadline_arm (GwDeadlines *deadlines, GwDeadline *deadline, guint kind, gpointer owner, gint64 due);
void gw_deadline_disarm (GwDeadlines *deadlines, GwDeadline *deadline);
/* The earliest one that is due, disarmed; NULL if none. */
GwDeadline *gw_deadlines_pop_due (GwDeadlines *deadlines, gint64 now);
/* When the earliest is due; G_MAXINT64 if there is none. */
gint64 gw_deadlines_next (const GwDeadlines *deadlines);

G_END_DECLS
