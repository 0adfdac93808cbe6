/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateway/core/deadlines.h"

void
gw_deadlines_init (GwDeadlines *deadlines)
{
  deadlines->heap = g_ptr_array_new ();
  g_ptr_array_add (deadlines->heap, NULL);
}

void
gw_deadlines_clear (GwDeadlines *deadlines)
{
  for (guint i = 1; i < deadlines->heap->len; i++)
    ((GwDeadline *) deadlines->heap->pdata[i])->position = 0;
  g_clear_pointer (&deadlines->heap, g_ptr_array_unref);
}

static void
place (GwDeadlines *deadlines, guint position, GwDeadline *deadline)
{
  deadlines->heap->pdata[position] = deadline;
  deadline->position = position;
}

/* Moves the entry from where it is to where its time belongs. */
static void
sift (GwDeadlines *deadlines, GwDeadline *deadline)
{
  guint at = deadline->position;
  guint n = deadlines->heap->len - 1;

  while (at > 1 && ((GwDeadline *) deadlines->heap->pdata[at / 2])->due > deadline->due)
    {
      place (deadlines, at, deadlines->heap->pdata[at / 2]);
      at /= 2;
    }
  while (2 * at <= n)
    {
      guint child = 2 * at;
      if (child < n && ((GwDeadline *) deadlines->heap->pdata[child + 1])->due <
                         ((GwDeadline *) deadlines->heap->pdata[child])->due)
        child++;
      if (((GwDeadline *) deadlines->heap->pdata[child])->due >= deadline->due)
        break;
      place (deadlines, at, deadlines->heap->pdata[child]);
      at = child;
    }
  place (deadlines, at, deadline);
}

void
gw_deadline_arm (GwDeadlines *deadlines, GwDeadline *deadline, guint kind, gpointer owner, gint64 due)
{
  deadline->kind = kind;
  deadline->owner = owner;
  deadline->due = due;
  if (!deadline->position)
    {
      g_ptr_array_add (deadlines->heap, deadline);
      deadline->position = deadlines->heap->len - 1;
    }
  sift (deadlines, deadline);
}

void
gw_deadline_disarm (GwDeadlines *deadlines, GwDeadline *deadline)
{
  guint at = deadline->position;

  if (!at)
    return;
  GwDeadline *last = deadlines->heap->pdata[deadlines->heap->len - 1];
  g_ptr_array_set_size (deadlines->heap, (gint) deadlines->heap->len - 1);
  deadline->position = 0;
  if (last != deadline)
    {
      place (deadlines, at, last);
      sift (deadlines, last);
    }
}

GwDeadline *
gw_deadlines_pop_due (GwDeadlines *deadlines, gint64 now)
{
  if (deadlines->heap->len < 2)
    return NULL;
  GwDeadline *first = deadlines->heap->pdata[1];
  if (first->due > now)
    return NULL;
  gw_deadline_disarm (deadlines, first);
  return first;
}

gint64
gw_deadlines_next (const GwDeadlines *deadlines)
{
  return deadlines->heap->len < 2 ? G_MAXINT64 : ((GwDeadline *) deadlines->heap->pdata[1])->due;
}
