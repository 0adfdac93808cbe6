/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/ctl-http.h"
#include "tools/ctl-print.h"

#include "protocol/json-writer.h"
#include "protocol/states.h"

static void
print_new_key (TgpJson *json)
{
  TgpValue root = tgp_json_root (json);
  g_autofree char *id = ctl_text (root, "keyId"), *key = ctl_text (root, "apiKey"),
                  *secret = ctl_text (root, "apiSecret"), *role = ctl_text (root, "role"),
                  *group = ctl_text (root, "groupId");

  ctl_print ("key id      %s", id);
  ctl_print ("role        %s, group %s", role, group);
  ctl_print ("API key     %s", key);
  ctl_print ("API secret  %s", secret);
  ctl_print ("\nThe secret is not shown again. “--json > FILE” makes a key file.");
}

int
ctl_keys_create (const CtlVerb *verb, int argc, char **argv)
{
  g_auto (CtlOptions) options = { 0 };
  g_autofree char *role = NULL, *group = NULL, *body = NULL;
  const GOptionEntry own[] = {
    { "role", 0, 0, G_OPTION_ARG_STRING, &role, "Who will use it", "pos|terminal" },
    { "group", 0, 0, G_OPTION_ARG_STRING, &group, "The store or chain", "GROUP" },
    { NULL },
  };
  g_autoptr (CtlHttp) http = NULL;
  g_autoptr (TgpJson) json = NULL;
  g_autoptr (GError) error = NULL;
  TgpJsonWriter writer;
  TgpRole known;
  int exit_code;

  if (!ctl_options_parse (&options, verb, own, argc, argv, &exit_code))
    return exit_code;
  if (role == NULL || !tgp_role_from_name (role, &known))
    return ctl_usage (verb, "--role pos or --role terminal is needed");
  if (group == NULL)
    return ctl_usage (verb, "--group GROUP is needed");

  tgp_json_writer_init (&writer);
  tgp_json_open_object (&writer, NULL);
  tgp_json_string (&writer, "role", role);
  tgp_json_string (&writer, "groupId", group);
  tgp_json_close_object (&writer);
  body = tgp_json_writer_end (&writer);
  http = ctl_http_new_admin (&options);
  json = ctl_http_call (http, "POST", "/admin/keys", body, &error);
  if (json == NULL)
    return ctl_fail (error);
  if (options.json)
    ctl_print_json (tgp_json_root (json));
  else
    print_new_key (json);
  return EXIT_CODE_OK;
}

static char *
describe_state (TgpValue key)
{
  g_autofree char *revoked = ctl_time (key, "revokedAt"), *successor = ctl_text (key, "successor");
  TgpValue active = tgp_value_member (key, "active");
  g_autofree char *address = NULL, *since = NULL;

  if (*successor != '\0')
    return g_strdup_printf ("rotated to %s", successor);
  if (*revoked != '\0')
    return g_strdup_printf ("revoked %s", revoked);
  if (!tgp_value_exists (active))
    return g_strdup ("not connected");
  address = ctl_text (active, "address");
  since = ctl_time (active, "since");
  return g_strdup_printf ("connected from %s since %s", address, since);
}

/* One of a terminal key's devices. */
static char *
describe_device (TgpValue connection)
{
  g_autofree char *terminal = ctl_text (connection, "terminalId"),
                  *address = ctl_text (connection, "address"), *since = ctl_time (connection, "since"),
                  *in_flight = ctl_text (connection, "inFlight");

  return g_strdup_printf ("%s connected from %s since %s%s%s", terminal, address, since,
                          *in_flight != '\0' ? ", pays " : "", in_flight);
}

static char *
join_in_flight (TgpValue key)
{
  GString *text = g_string_new (NULL);
  TgpValue ids = tgp_value_member (key, "inFlight");

  for (TgpValue id = tgp_value_first (ids); tgp_value_type (id) != TGP_JSON_ABSENT; id = tgp_value_next (id))
    {
      g_autofree char *raw = tgp_value_dup_string (id), *clean = ctl_clean (raw ? raw : "");
      g_string_append_printf (text, "%s%s", text->len ? " " : "", clean);
    }
  return g_string_free (text, FALSE);
}

/* A terminal key has a line for each of its devices. */
static void
add_key (CtlTable *table, TgpValue key)
{
  TgpValue first = tgp_value_first (tgp_value_member (key, "connections")), other;
  g_autofree char *terminal = ctl_text (first, "terminalId");
  gboolean devices = *terminal != '\0';

  ctl_table_add (table, ctl_text (key, "keyId"), ctl_text (key, "role"), ctl_text (key, "groupId"),
                 ctl_time (key, "createdAt"), ctl_text (key, "openPayments"),
                 devices ? describe_device (first) : describe_state (key), join_in_flight (key));
  for (other = tgp_value_next (first); devices && tgp_value_type (other) != TGP_JSON_ABSENT;
       other = tgp_value_next (other))
    ctl_table_add (table, g_strdup (""), g_strdup (""), g_strdup (""), g_strdup (""), g_strdup (""),
                   describe_device (other), g_strdup (""));
}

int
ctl_keys_list (const CtlVerb *verb, int argc, char **argv)
{
  g_auto (CtlOptions) options = { 0 };
  g_autoptr (CtlHttp) http = NULL;
  g_autoptr (TgpJson) json = NULL;
  g_autoptr (GError) error = NULL;
  CtlTable *table;
  TgpValue keys;
  int exit_code;

  if (!ctl_options_parse (&options, verb, NULL, argc, argv, &exit_code))
    return exit_code;
  http = ctl_http_new_admin (&options);
  json = ctl_http_call (http, "GET", "/admin/keys", NULL, &error);
  if (json == NULL)
    return ctl_fail (error);
  if (options.json)
    {
      ctl_print_json (tgp_json_root (json));
      return EXIT_CODE_OK;
    }
  table = ctl_table_new ("KEY", "ROLE", "GROUP", "CREATED", "OPEN", "STATE", "IN FLIGHT", NULL);
  keys = tgp_value_member (tgp_json_root (json), "keys");
  for (TgpValue key = tgp_value_first (keys); tgp_value_type (key) != TGP_JSON_ABSENT;
       key = tgp_value_next (key))
    add_key (table, key);
  ctl_table_print (table,
                   "There are no keys yet. “tgwctl keys create --role pos --group store-1” makes one.");
  return EXIT_CODE_OK;
}

int
ctl_keys_rotate (const CtlVerb *verb, int argc, char **argv)
{
  g_auto (CtlOptions) options = { 0 };
  g_autofree char *id = NULL, *target = NULL;
  g_autoptr (CtlHttp) http = NULL;
  g_autoptr (TgpJson) json = NULL;
  g_autoptr (GError) error = NULL;
  int exit_code;

  if (!ctl_options_parse (&options, verb, NULL, argc, argv, &exit_code))
    return exit_code;
  id = g_uri_escape_string (ctl_options_argument (&options, 0), NULL, FALSE);
  target = g_strdup_printf ("/admin/keys/%s/rotate", id);
  http = ctl_http_new_admin (&options);
  json = ctl_http_call (http, "POST", target, "{}", &error);
  if (json == NULL)
    return ctl_fail (error);
  if (options.json)
    ctl_print_json (tgp_json_root (json));
  else
    print_new_key (json);
  return EXIT_CODE_OK;
}

/* What stays behind, by name: somebody has to look after each. */
static void
print_left (TgpValue left, const char *count, const char *ids, const char *what)
{
  g_autofree char *n = ctl_text (left, count);
  guint listed = 0;

  ctl_print ("%s %s%s", *n != '\0' ? n : "0", what, g_str_equal (n, "0") || *n == '\0' ? "" : ":");
  for (TgpValue id = tgp_value_first (tgp_value_member (left, ids)); tgp_value_type (id) != TGP_JSON_ABSENT;
       id = tgp_value_next (id), listed++)
    {
      g_autofree char *text = tgp_value_dup_string (id), *clean = ctl_clean (text);
      ctl_print ("  %s", clean);
    }
  if (listed > 0 && g_ascii_strtoull (n, NULL, 10) > listed)
    ctl_print ("  and %" G_GUINT64_FORMAT " more", g_ascii_strtoull (n, NULL, 10) - listed);
}

int
ctl_keys_revoke (const CtlVerb *verb, int argc, char **argv)
{
  g_auto (CtlOptions) options = { 0 };
  gboolean force = FALSE;
  const GOptionEntry own[] = {
    { "force", 0, 0, G_OPTION_ARG_NONE, &force,
      "Also with payments open, voids unconfirmed or messages unread", NULL },
    { NULL },
  };
  g_autofree char *id = NULL, *target = NULL;
  g_autoptr (CtlHttp) http = NULL;
  g_autoptr (TgpJson) json = NULL;
  g_autoptr (GError) error = NULL;
  TgpValue left;
  int exit_code;

  if (!ctl_options_parse (&options, verb, own, argc, argv, &exit_code))
    return exit_code;
  id = g_uri_escape_string (ctl_options_argument (&options, 0), NULL, FALSE);
  target = g_strdup_printf ("/admin/keys/%s/revoke", id);
  http = ctl_http_new_admin (&options);
  json = ctl_http_call (http, "POST", target, force ? "{\"force\":true}" : "{\"force\":false}", &error);
  if (json == NULL)
    return ctl_fail (error);
  if (options.json)
    {
      ctl_print_json (tgp_json_root (json));
      return EXIT_CODE_OK;
    }
  left = tgp_value_member (tgp_json_root (json), "left");
  ctl_print ("%s is revoked.", ctl_options_argument (&options, 0));
  if (!force)
    return EXIT_CODE_OK;
  ctl_print ("Left for you to look after:");
  print_left (left, "openPayments", "open", "open payments");
  print_left (left, "unconfirmedVoids", "voids", "unconfirmed voids");
  print_left (left, "unreadMessages", "unread", "unread messages, of the payments");
  return EXIT_CODE_OK;
}
