/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/sim-say.h"

#include <stdio.h>

#include "protocol/json-writer.h"
#include "protocol/time.h"

static void
put (const char *line)
{
  fputs (line, stdout);
  fputc ('\n', stdout);
  fflush (stdout);
}

static void
put_json (const SimVoice *voice, const char *event, const char *transaction_id, const char *text)
{
  TgpJsonWriter writer;
  g_autofree char *line = NULL;

  tgp_json_writer_init (&writer);
  tgp_json_open_object (&writer, NULL);
  tgp_json_string (&writer, "event", event);
  tgp_json_optional_string (&writer, "terminal", voice->name);
  tgp_json_optional_string (&writer, "transactionId", transaction_id);
  tgp_json_optional_string (&writer, "text", text);
  tgp_json_time (&writer, "at", g_get_real_time () / 1000);
  tgp_json_close_object (&writer);
  line = tgp_json_writer_end (&writer);
  put (line);
}

void
sim_say (const SimVoice *voice, const char *event, const char *transaction_id, const char *format, ...)
{
  g_autofree char *text = NULL, *line = NULL;
  va_list arguments;

  if (voice->options->quiet && !voice->options->json_events)
    return;
  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  if (voice->options->json_events)
    {
      put_json (voice, event, transaction_id, text);
      return;
    }
  line = g_strdup_printf ("%s  %s%s%s%s", voice->name != NULL ? voice->name : "terminal", text,
                          transaction_id != NULL ? "  [" : "", transaction_id != NULL ? transaction_id : "",
                          transaction_id != NULL ? "]" : "");
  put (line);
}

void
sim_say_ready (const SimVoice *voice)
{
  g_autofree char *line = NULL;

  if (voice->options->json_events)
    {
      put_json (voice, "connected", NULL, NULL);
      return;
    }
  line = g_strdup_printf ("connected as %s", voice->name);
  put (line);
}
