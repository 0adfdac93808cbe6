/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The local proxy, over its admin socket: what it does, and who may pay through it. */
#include "tools/ctl-http.h"
#include "tools/ctl-print.h"

#include "protocol/json-writer.h"

/* Calls, and prints the answer as JSON when that is wanted. NULL: *exit_code. */
static TgpJson *
call (const CtlOptions *options, const char *method, const char *target, const char *body, int *exit_code)
{
  g_autoptr (CtlHttp) http = ctl_http_new_proxy (options);
  g_autoptr (GError) error = NULL;
  TgpJson *json = ctl_http_call (http, method, target, body, &error);

  *exit_code = json != NULL ? EXIT_CODE_OK : ctl_fail (error);
  if (json != NULL && options->json)
    ctl_print_json (tgp_json_root (json));
  return json;
}

/* --- status --- */

static void
print_gateway (TgpValue root)
{
  TgpValue gateway = tgp_value_member (root, "gateway");
  g_autofree char *version = ctl_text (root, "version"), *port = ctl_text (root, "port"),
                  *level = ctl_text (root, "logLevel"), *url = ctl_text (gateway, "url"),
                  *state = ctl_text (gateway, "state"), *since = ctl_time (gateway, "since"),
                  *reason = ctl_text (gateway, "reason"), *by = ctl_text (gateway, "displacedBy"),
                  *group = ctl_text (gateway, "groupId"), *skew = ctl_text (gateway, "clockSkewSeconds");

  ctl_print ("proxy    version %s on port %s, log level %s", version, port, level);
  ctl_print ("gateway  %s, group %s", url, *group != '\0' ? group : "not known yet");
  ctl_print ("         %s since %s%s%s", state, since, *by != '\0' ? ", by " : "", by);
  if (*reason != '\0')
    ctl_print ("         %s", reason);
  ctl_print ("clock    %s s off the gateway's", skew);
}

static void
print_terminals (TgpValue root)
{
  CtlTable *table = ctl_table_new ("TERMINAL", "STATUS", "BUSY", NULL);

  for (TgpValue one = tgp_value_first (tgp_value_member (root, "terminals")); tgp_value_exists (one);
       one = tgp_value_next (one))
    ctl_table_add (table, ctl_text (one, "terminalId"), ctl_text (one, "status"), ctl_text (one, "busy"));
  ctl_table_print (table, "No terminals.");
}

static void
print_payments (TgpValue root)
{
  CtlTable *table = ctl_table_new ("UPDATED", "TRANSACTION", "TERMINAL", "CLIENT", "STATUS", "ERROR", NULL);

  for (TgpValue one = tgp_value_first (tgp_value_member (root, "payments")); tgp_value_exists (one);
       one = tgp_value_next (one))
    ctl_table_add (table, ctl_time (one, "updatedAt"), ctl_text (one, "transactionId"),
                   ctl_text (one, "terminalId"), ctl_text (one, "client"), ctl_text (one, "status"),
                   ctl_text (one, "errorCode"));
  ctl_table_print (table, "No payments yet.");
}

static void
print_unclaimed (TgpValue root)
{
  TgpValue unclaimed = tgp_value_member (root, "unclaimed");

  if (tgp_value_length (unclaimed) == 0)
    return;
  ctl_print ("\nNo program of this computer started these; they are told to nobody. Look at them with\n"
             "“tgwctl status ID”; proxy.default-client names a program that gets them.");
  for (TgpValue one = tgp_value_first (unclaimed); tgp_value_exists (one); one = tgp_value_next (one))
    {
      g_autofree char *id = ctl_text (one, "transactionId"), *action = ctl_text (one, "action");
      ctl_print ("  %s  %s", id, action);
    }
}

/* News that no program fetched in time, which a cashier may not know to this day. */
static void
print_expired (TgpValue root)
{
  for (TgpValue one = tgp_value_first (tgp_value_member (root, "clients")); tgp_value_exists (one);
       one = tgp_value_next (one))
    {
      g_autofree char *name = ctl_text (one, "name"), *count = ctl_text (one, "expiredMessages"),
                      *last = ctl_time (one, "lastExpiredAt");
      if (*last != '\0')
        ctl_print ("\n%s did not fetch %s message(s) within 7 days: gone since %s. What became of its\n"
                   "payments: “tgwctl status ID”.",
                   name, count, last);
    }
}

int
ctl_proxy_status (const CtlVerb *verb, int argc, char **argv)
{
  g_auto (CtlOptions) options = { 0 };
  g_autoptr (TgpJson) json = NULL;
  int exit_code;

  if (!ctl_options_parse (&options, verb, NULL, argc, argv, &exit_code))
    return exit_code;
  json = call (&options, "GET", "/admin/status", NULL, &exit_code);
  if (json == NULL || options.json)
    return exit_code;
  print_gateway (tgp_json_root (json));
  ctl_print (" ");
  print_terminals (tgp_json_root (json));
  ctl_print (" ");
  print_payments (tgp_json_root (json));
  print_unclaimed (tgp_json_root (json));
  print_expired (tgp_json_root (json));
  return exit_code;
}

/* --- clients --- */

static char *
describe_kind (TgpValue client)
{
  g_autofree char *kind = ctl_text (client, "kind"), *signs = ctl_text (client, "signsHandshakes");

  return g_strconcat (kind, g_str_equal (signs, "true") ? ", signs handshakes" : "", NULL);
}

static void
print_clients (TgpValue root)
{
  CtlTable *table =
    ctl_table_new ("NAME", "KIND", "CONNECTED", "WAITING", "EXPIRED", "PAIRED", "REVOKED", NULL);

  for (TgpValue one = tgp_value_first (tgp_value_member (root, "clients")); tgp_value_exists (one);
       one = tgp_value_next (one))
    ctl_table_add (table, ctl_text (one, "name"), describe_kind (one), ctl_text (one, "connected"),
                   ctl_text (one, "waitingMessages"), ctl_text (one, "expiredMessages"),
                   ctl_time (one, "createdAt"), ctl_time (one, "revokedAt"));
  ctl_table_print (table, "No clients. “tgwctl proxy pair NAME” makes one.");
}

int
ctl_proxy_clients (const CtlVerb *verb, int argc, char **argv)
{
  g_auto (CtlOptions) options = { 0 };
  g_autoptr (TgpJson) json = NULL;
  int exit_code;

  if (!ctl_options_parse (&options, verb, NULL, argc, argv, &exit_code))
    return exit_code;
  json = call (&options, "GET", "/admin/clients", NULL, &exit_code);
  if (json != NULL && !options.json)
    print_clients (tgp_json_root (json));
  return exit_code;
}

int
ctl_proxy_pair (const CtlVerb *verb, int argc, char **argv)
{
  g_auto (CtlOptions) options = { 0 };
  gboolean hmac = FALSE;
  const GOptionEntry own[] = {
    { "hmac", 0, 0, G_OPTION_ARG_NONE, &hmac,
      "A key and a secret for signed requests, as the gateway takes them, in place of a token", NULL },
    { NULL },
  };
  g_autoptr (TgpJson) json = NULL;
  g_autofree char *body = NULL;
  TgpJsonWriter writer;
  int exit_code;

  if (!ctl_options_parse (&options, verb, own, argc, argv, &exit_code))
    return exit_code;
  tgp_json_writer_init (&writer);
  tgp_json_open_object (&writer, NULL);
  tgp_json_string (&writer, "name", ctl_options_argument (&options, 0));
  tgp_json_boolean (&writer, "hmac", hmac);
  tgp_json_close_object (&writer);
  body = tgp_json_writer_end (&writer);
  json = call (&options, "POST", "/admin/clients", body, &exit_code);
  if (json != NULL && !options.json)
    {
      g_autofree char *token = ctl_text (tgp_json_root (json), "token"),
                      *key = ctl_text (tgp_json_root (json), "apiKey"),
                      *secret = ctl_text (tgp_json_root (json), "apiSecret");
      if (hmac)
        ctl_print ("API key     %s\nAPI secret  %s", key, secret);
      else
        ctl_print ("token  %s\n\nIt goes into the header “Authorization: Bearer TOKEN”.", token);
      ctl_print ("It is not shown again. An older one of this name is no longer valid, and what it "
                 "had opened has ended.");
    }
  return exit_code;
}

int
ctl_proxy_revoke (const CtlVerb *verb, int argc, char **argv)
{
  g_auto (CtlOptions) options = { 0 };
  g_autoptr (TgpJson) json = NULL;
  g_autofree char *name = NULL, *target = NULL;
  int exit_code;

  if (!ctl_options_parse (&options, verb, NULL, argc, argv, &exit_code))
    return exit_code;
  name = g_uri_escape_string (ctl_options_argument (&options, 0), NULL, FALSE);
  target = g_strdup_printf ("/admin/clients/%s/revoke", name);
  json = call (&options, "POST", target, NULL, &exit_code);
  if (json != NULL && !options.json)
    ctl_print ("Revoked. What waits for it stays; pairing the same name again hands it over.");
  return exit_code;
}

/* --- the rest --- */

int
ctl_proxy_take_back (const CtlVerb *verb, int argc, char **argv)
{
  g_auto (CtlOptions) options = { 0 };
  g_autoptr (TgpJson) json = NULL;
  int exit_code;

  if (!ctl_options_parse (&options, verb, NULL, argc, argv, &exit_code))
    return exit_code;
  json = call (&options, "POST", "/admin/take-back", NULL, &exit_code);
  if (json != NULL && !options.json)
    {
      g_autofree char *state = ctl_text (tgp_json_root (json), "state");
      ctl_print ("The gateway is %s.", state);
    }
  return exit_code;
}

static char *
write_level (const char *level)
{
  TgpJsonWriter writer;

  tgp_json_writer_init (&writer);
  tgp_json_open_object (&writer, NULL);
  tgp_json_string (&writer, "level", level);
  tgp_json_close_object (&writer);
  return tgp_json_writer_end (&writer);
}

int
ctl_proxy_logs (const CtlVerb *verb, int argc, char **argv)
{
  g_auto (CtlOptions) options = { 0 };
  g_autofree char *level = NULL, *body = NULL, *now = NULL;
  const GOptionEntry own[] = {
    { "level", 0, 0, G_OPTION_ARG_STRING, &level,
      "From now on log this much: error, warning, message, info or debug", "LEVEL" },
    { NULL },
  };
  g_autoptr (TgpJson) json = NULL;
  int exit_code;

  if (!ctl_options_parse (&options, verb, own, argc, argv, &exit_code))
    return exit_code;
  if (level != NULL)
    body = write_level (level);
  json = call (&options, body != NULL ? "POST" : "GET", body != NULL ? "/admin/log-level" : "/admin/logs",
               body, &exit_code);
  if (json == NULL || options.json)
    return exit_code;
  now = ctl_text (tgp_json_root (json), "logLevel");
  if (level != NULL)
    {
      ctl_print ("The log level is %s now, until the proxy ends; proxy.log-level is that of the next start.",
                 now);
      return exit_code;
    }
  ctl_print ("log level %s", now);
  for (TgpValue line = tgp_value_first (tgp_value_member (tgp_json_root (json), "lines"));
       tgp_value_exists (line); line = tgp_value_next (line))
    {
      g_autofree char *text = tgp_value_dup_string (line), *clean = ctl_clean (text);
      ctl_print ("%s", clean);
    }
  return exit_code;
}
