/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/ctl-http.h"
#include "tools/ctl-print.h"
#include "tools/ctl-query.h"

#include "protocol/json-writer.h"

static TgpJson *
fetch (CtlHttp *http, const char *group, GError **error)
{
  CtlQuery query;
  g_autofree char *target = NULL;

  ctl_query_init (&query, "/admin/terminals");
  ctl_query_add (&query, "group", group);
  target = ctl_query_end (&query);
  return ctl_http_call (http, "GET", target, NULL, error);
}

static char *
describe_status (TgpValue terminal)
{
  g_autofree char *status = ctl_text (terminal, "status"), *busy = ctl_text (terminal, "busy"),
                  *grace = ctl_time (terminal, "graceExpiresAt");

  if (*grace != '\0')
    return g_strdup_printf ("%s until %s", status, grace);
  return g_strdup_printf ("%s%s", status, g_str_equal (busy, "true") ? ", busy" : "");
}

int
ctl_terminals_list (const CtlVerb *verb, int argc, char **argv)
{
  g_auto (CtlOptions) options = { 0 };
  g_autofree char *group = NULL;
  const GOptionEntry own[] = {
    { "group", 0, 0, G_OPTION_ARG_STRING, &group, "Of this group only", "GROUP" },
    { NULL },
  };
  g_autoptr (CtlHttp) http = NULL;
  g_autoptr (TgpJson) json = NULL;
  g_autoptr (GError) error = NULL;
  CtlTable *table;
  TgpValue terminals;
  int exit_code;

  if (!ctl_options_parse (&options, verb, own, argc, argv, &exit_code))
    return exit_code;
  http = ctl_http_new_admin (&options);
  json = fetch (http, group, &error);
  if (json == NULL)
    return ctl_fail (error);
  if (options.json)
    {
      ctl_print_json (tgp_json_root (json));
      return EXIT_CODE_OK;
    }
  table = ctl_table_new ("TERMINAL", "GROUP", "STATUS", "CONNECTED", "LAST ACTIVITY", "KEY", NULL);
  terminals = tgp_value_member (tgp_json_root (json), "terminals");
  for (TgpValue t = tgp_value_first (terminals); tgp_value_type (t) != TGP_JSON_ABSENT;
       t = tgp_value_next (t))
    ctl_table_add (table, ctl_text (t, "terminalId"), ctl_text (t, "groupId"), describe_status (t),
                   ctl_time (t, "connectedAt"), ctl_time (t, "lastActivity"), ctl_text (t, "keyId"));
  ctl_table_print (table, "No terminal has connected yet. “tgw-terminal-sim --help” shows how to start one.");
  return EXIT_CODE_OK;
}

/* What changed since the last look; seen: "group/terminal" -> status text. */
static void
report (GHashTable *seen, TgpJson *json, gboolean as_json)
{
  g_autoptr (GHashTable) now = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  TgpValue terminals = tgp_value_member (tgp_json_root (json), "terminals");
  GHashTableIter iter;
  gpointer name;

  for (TgpValue t = tgp_value_first (terminals); tgp_value_type (t) != TGP_JSON_ABSENT;
       t = tgp_value_next (t))
    {
      g_autofree char *id = ctl_text (t, "terminalId"), *group = ctl_text (t, "groupId"),
                      *status = describe_status (t), *key = g_strdup_printf ("%s/%s", group, id);
      g_autofree char *raw = tgp_value_dup_raw (t);

      if (g_strcmp0 (g_hash_table_lookup (seen, key), status) != 0)
        {
          g_autoptr (GDateTime) clock = g_date_time_new_now_local ();
          g_autofree char *time = g_date_time_format (clock, "%T");

          if (as_json)
            ctl_print ("%s", g_strdelimit (raw, "\r\n", ' '));
          else
            ctl_print ("%s  %s  %s", time, key, status);
          g_hash_table_replace (seen, g_strdup (key), g_strdup (status));
        }
      g_hash_table_add (now, g_strdup (key));
    }
  g_hash_table_iter_init (&iter, seen);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    if (!g_hash_table_contains (now, name))
      {
        if (!as_json)
          ctl_print ("          %s  gone", (char *) name);
        g_hash_table_iter_remove (&iter);
      }
}

int
ctl_terminals_watch (const CtlVerb *verb, int argc, char **argv)
{
  g_auto (CtlOptions) options = { 0 };
  g_autofree char *group = NULL;
  int count = 0;
  const GOptionEntry own[] = {
    { "group", 0, 0, G_OPTION_ARG_STRING, &group, "Of this group only", "GROUP" },
    { "count", 0, 0, G_OPTION_ARG_INT, &count, "Look so many times, a second apart, then end", "N" },
    { NULL },
  };
  g_autoptr (CtlHttp) http = NULL;
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  int exit_code;

  if (!ctl_options_parse (&options, verb, own, argc, argv, &exit_code))
    return exit_code;
  http = ctl_http_new_admin (&options);
  for (int i = 0; count <= 0 || i < count; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (TgpJson) json = NULL;

      if (i > 0)
        g_usleep (G_USEC_PER_SEC);
      json = fetch (http, group, &error);
      if (json == NULL)
        return ctl_fail (error);
      report (seen, json, options.json);
    }
  return EXIT_CODE_OK;
}

int
ctl_terminals_release (const CtlVerb *verb, int argc, char **argv)
{
  g_auto (CtlOptions) options = { 0 };
  g_autofree char *group = NULL, *note = NULL, *body = NULL;
  const GOptionEntry own[] = {
    { "group", 0, 0, G_OPTION_ARG_STRING, &group, "The terminal's group", "GROUP" },
    { "note", 0, 0, G_OPTION_ARG_STRING, &note, "Why; it is recorded", "TEXT" },
    { NULL },
  };
  g_autoptr (CtlHttp) http = NULL;
  g_autoptr (TgpJson) json = NULL;
  g_autoptr (GError) error = NULL;
  TgpJsonWriter writer;
  TgpValue released;
  int exit_code;

  if (!ctl_options_parse (&options, verb, own, argc, argv, &exit_code))
    return exit_code;
  if (group == NULL)
    return ctl_usage (verb, "--group GROUP is needed");
  if (note == NULL || *note == '\0')
    return ctl_usage (verb, "--note TEXT is needed: say why, it is recorded");

  tgp_json_writer_init (&writer);
  tgp_json_open_object (&writer, NULL);
  tgp_json_string (&writer, "groupId", group);
  tgp_json_string (&writer, "terminalId", ctl_options_argument (&options, 0));
  tgp_json_string (&writer, "note", note);
  tgp_json_close_object (&writer);
  body = tgp_json_writer_end (&writer);
  http = ctl_http_new_admin (&options);
  json = ctl_http_call (http, "POST", "/admin/terminals/release", body, &error);
  if (json == NULL)
    return ctl_fail (error);
  if (options.json)
    {
      ctl_print_json (tgp_json_root (json));
      return EXIT_CODE_OK;
    }
  released = tgp_value_member (tgp_json_root (json), "released");
  ctl_print ("%s is free; %u payments released.", ctl_options_argument (&options, 0),
             tgp_value_length (released));
  for (TgpValue id = tgp_value_first (released); tgp_value_type (id) != TGP_JSON_ABSENT;
       id = tgp_value_next (id))
    {
      g_autofree char *text = tgp_value_dup_string (id), *clean = ctl_clean (text);

      ctl_print ("  %s", clean);
    }
  return EXIT_CODE_OK;
}

int
ctl_disconnect (const CtlVerb *verb, int argc, char **argv)
{
  g_auto (CtlOptions) options = { 0 };
  gboolean reconnect_allowed = FALSE, connection = FALSE;
  const GOptionEntry own[] = {
    { "connection", 0, 0, G_OPTION_ARG_NONE, &connection, "The name is a connection's, not a key's", NULL },
    { "reconnect-allowed", 0, 0, G_OPTION_ARG_NONE, &reconnect_allowed, "Tell it that it may come back",
      NULL },
    { NULL },
  };
  g_autofree char *body = NULL, *count = NULL;
  g_autoptr (CtlHttp) http = NULL;
  g_autoptr (TgpJson) json = NULL;
  g_autoptr (GError) error = NULL;
  TgpJsonWriter writer;
  int exit_code;

  if (!ctl_options_parse (&options, verb, own, argc, argv, &exit_code))
    return exit_code;
  tgp_json_writer_init (&writer);
  tgp_json_open_object (&writer, NULL);
  tgp_json_string (&writer, connection ? "connectionId" : "keyId", ctl_options_argument (&options, 0));
  tgp_json_boolean (&writer, "reconnectAllowed", reconnect_allowed);
  tgp_json_close_object (&writer);
  body = tgp_json_writer_end (&writer);
  http = ctl_http_new_admin (&options);
  json = ctl_http_call (http, "POST", "/admin/disconnect", body, &error);
  if (json == NULL)
    return ctl_fail (error);
  if (options.json)
    {
      ctl_print_json (tgp_json_root (json));
      return EXIT_CODE_OK;
    }
  count = ctl_text (tgp_json_root (json), "disconnected");
  ctl_print ("%s connections ended.", count);
  return EXIT_CODE_OK;
}
