/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo-pos/ui/pos-guard.h"

static gboolean
on_tick (GtkWidget *page, GdkFrameClock *clock, gpointer data)
{
  PosGuard *guard = data;
  gint64 now = gdk_frame_clock_get_frame_time (clock);

  if (guard->since == 0)
    guard->since = now;
  if (now - guard->since < POS_GUARD_MS * 1000)
    return G_SOURCE_CONTINUE;
  guard->tick = 0;
  guard->ended (page);
  return G_SOURCE_REMOVE;
}

void
pos_guard_begin (PosGuard *guard, GtkWidget *page, void (*ended) (GtkWidget *page))
{
  guard->since = 0;
  guard->ended = ended;
  if (guard->tick == 0)
    guard->tick = gtk_widget_add_tick_callback (page, on_tick, guard, NULL);
}

gboolean
pos_guard_is_on (const PosGuard *guard)
{
  return guard->tick != 0;
}
