/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "localproxy/log.h"

#include "protocol/time.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define KEPT_LINES 500

static char *kept[KEPT_LINES];
static guint n_lines; /* in all */
static GMutex lock;
static gint least_level;

static const char *
level_name (GLogLevelFlags level)
{
  if (level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL))
    return "error";
  if (level & G_LOG_LEVEL_WARNING)
    return "warning";
  if (level & G_LOG_LEVEL_MESSAGE)
    return "message";
  return level & G_LOG_LEVEL_INFO ? "info" : "debug";
}

static void
keep (char *line)
{
  g_mutex_lock (&lock);
  g_free (kept[n_lines % KEPT_LINES]);
  kept[n_lines++ % KEPT_LINES] = line;
  g_mutex_unlock (&lock);
}

static GLogWriterOutput
write_entry (GLogLevelFlags level, const GLogField *fields, gsize n, gpointer data)
{
  const char *domain = "proxy", *message = "";
  char time[TGP_TIME_SIZE];
  char *line;

  if ((gint) (level & G_LOG_LEVEL_MASK) > g_atomic_int_get (&least_level))
    return G_LOG_WRITER_HANDLED;
  for (gsize i = 0; i < n; i++)
    if (strcmp (fields[i].key, "MESSAGE") == 0)
      message = fields[i].value;
    else if (strcmp (fields[i].key, "GLIB_DOMAIN") == 0)
      domain = fields[i].value;
  /* GLib talks to its own developers. */
  if (level & (G_LOG_LEVEL_INFO | G_LOG_LEVEL_DEBUG) && g_str_has_prefix (domain, "GLib"))
    return G_LOG_WRITER_HANDLED;
  line = g_strdup_printf ("%s %-7s %s: %s", tgp_time_format (g_get_real_time () / 1000, time),
                          level_name (level), domain, message);
  if (!g_log_writer_is_journald (STDERR_FILENO) ||
      g_log_writer_journald (level, fields, n, NULL) != G_LOG_WRITER_HANDLED)
    fprintf (stderr, "%s\n", line);
  keep (line);
  return G_LOG_WRITER_HANDLED;
}

void
lp_log_init (GLogLevelFlags least)
{
  lp_log_set_level (least);
  g_log_set_writer_func (write_entry, NULL, NULL);
}

void
lp_log_set_level (GLogLevelFlags least)
{
  g_atomic_int_set (&least_level, (gint) least);
}

GLogLevelFlags
lp_log_get_level (void)
{
  return (GLogLevelFlags) g_atomic_int_get (&least_level);
}

GPtrArray *
lp_log_last (guint n)
{
  GPtrArray *lines = g_ptr_array_new_with_free_func (g_free);

  /* Any thread may log meanwhile. */
  g_mutex_lock (&lock);
  n = MIN (n, MIN (n_lines, KEPT_LINES));
  for (guint i = n_lines - n; i < n_lines; i++)
    g_ptr_array_add (lines, g_strdup (kept[i % KEPT_LINES]));
  g_mutex_unlock (&lock);
  return lines;
}
