/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo-pos/ui/pos-countdown.h"

#include <glib/gi18n.h>

gint64
pos_countdown_left (GDateTime *deadline)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();

  if (deadline == NULL)
    return 0;
  return MAX ((g_date_time_difference (deadline, now) + G_TIME_SPAN_SECOND - 1) / G_TIME_SPAN_SECOND, 0);
}

char *
pos_countdown_text (gint64 seconds)
{
  return g_strdup_printf (
    g_dngettext (NULL, "It has %d second to come back", "It has %d seconds to come back", (gulong) seconds),
    (int) seconds);
}
