/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateway/log.h"

#include "protocol/time.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

static GLogWriterOutput
write_entry (GLogLevelFlags level, const GLogField *fields, gsize n, gpointer data)
{
  GLogLevelFlags least = (GLogLevelFlags) GPOINTER_TO_UINT (data);
  const char *domain = "gateway", *message = "";
  char time[TGP_TIME_SIZE];

  if ((level & G_LOG_LEVEL_MASK) > least)
    return G_LOG_WRITER_HANDLED;
  if (g_log_writer_is_journald (STDERR_FILENO))
    return g_log_writer_journald (level, fields, n, NULL);
  for (gsize i = 0; i < n; i++)
    if (strcmp (fields[i].key, "MESSAGE") == 0)
      message = fields[i].value;
    else if (strcmp (fields[i].key, "GLIB_DOMAIN") == 0)
      domain = fields[i].value;
  fprintf (stderr, "%s %-7s %s: %s\n", tgp_time_format (g_get_real_time () / 1000, time), level_name (level),
           domain, message);
  return G_LOG_WRITER_HANDLED;
}

void
gw_log_init (GLogLevelFlags least)
{
  g_log_set_writer_func (write_entry, GUINT_TO_POINTER (least), NULL);
}
