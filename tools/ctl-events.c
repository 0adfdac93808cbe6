/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/ctl-print.h"
#include "tools/ctl-session.h"

typedef struct
{
  CtlSession session;
  gboolean json;
  GHashTable *seen; /* message ids: what nobody acknowledges comes again */
  int left;         /* <= 0: no end */
  int exit_code;
} Events;

/* The gateway has at most 64 of them under way, so that this does not grow. */
static gboolean
is_old (Events *events, const TgpJson *json)
{
  char *id =
    json != NULL ? tgp_value_dup_string (tgp_value_member (tgp_json_root (json), "messageId")) : NULL;

  return id != NULL && !g_hash_table_add (events->seen, id);
}

static void
on_message (TgwClient *client, const char *action, const char *text, gpointer data)
{
  Events *events = data;
  g_autoptr (TgpJson) json = tgp_json_parse_object (text, strlen (text), NULL);
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *clock = g_date_time_format (now, "%T"), *clean = ctl_clean (action);
  g_autofree char *id = NULL, *terminal = NULL, *status = NULL, *stage = NULL, *reason = NULL;

  if (is_old (events, json))
    return;
  if (events->json)
    {
      g_autofree char *line = g_strdelimit (g_strdup (text), "\r\n", ' ');

      ctl_print ("%s", line);
    }
  else if (json != NULL)
    {
      TgpValue root = tgp_json_root (json);

      id = ctl_text (root, "transactionId");
      terminal = ctl_text (root, "terminalId");
      status = ctl_text (root, "status");
      stage = ctl_text (root, "stage");
      reason = ctl_text (root, "reason");
      ctl_print ("%s  %-24s %-12s %-10s %s%s%s", clock, clean, terminal, *status != '\0' ? status : stage, id,
                 *reason != '\0' ? "  " : "", reason);
    }
  if (events->left > 0 && --events->left == 0)
    g_main_loop_quit (events->session.loop);
}

static void
on_displaced (TgwClient *client, TgwDisconnectReason reason, const char *message, gboolean reconnect_allowed,
              const char *by, gpointer data)
{
  Events *events = data;

  g_printerr ("tgwctl: %s%s%s\n", message, by != NULL ? ", by " : "", by != NULL ? by : "");
  events->exit_code = EXIT_CODE_REFUSED;
  events->session.stopped = TRUE;
  g_main_loop_quit (events->session.loop);
}

static void
on_interrupted (GCancellable *cancellable, gpointer data)
{
  g_main_loop_quit (data);
}

int
ctl_events (const CtlVerb *verb, int argc, char **argv)
{
  g_auto (CtlOptions) options = { 0 };
  int count = 0;
  const GOptionEntry own[] = {
    { "count", 0, 0, G_OPTION_ARG_INT, &count, "End after so many", "N" },
    { NULL },
  };
  Events events = { 0 };

  if (!ctl_options_parse (&options, verb, own, argc, argv, &events.exit_code))
    return events.exit_code;
  events.json = options.json;
  events.left = count;
  /* It takes the key's connection as a till would, but acknowledges nothing: what it prints is still to be
   * told to the till. */
  if (!ctl_session_open (&events.session, &options, ":memory:", &events.exit_code))
    return events.exit_code;
  events.seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_signal_connect (events.session.client, "message", G_CALLBACK (on_message), &events);
  g_signal_connect (events.session.client, "displaced", G_CALLBACK (on_displaced), &events);
  /* Interrupted is how it ends, also before the connection is fully up: the first events come before that. */
  if (!ctl_session_connect (&events.session, &events.exit_code))
    {
      g_hash_table_unref (events.seen);
      return events.exit_code == EXIT_CODE_NOT_STARTED ? EXIT_CODE_OK : events.exit_code;
    }
  g_cancellable_connect (events.session.interrupted, G_CALLBACK (on_interrupted), events.session.loop, NULL);
  if (!events.session.stopped && (count <= 0 || events.left > 0))
    g_main_loop_run (events.session.loop);
  g_signal_handlers_disconnect_by_data (events.session.client, &events);
  ctl_session_close (&events.session);
  g_hash_table_unref (events.seen);
  return events.exit_code;
}
