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
  table = ctl_table_new ("KEY", "ROLE", "GROUP", "CREATED", "OPEN", "STATE", NULL);
  keys = tgp_value_member (tgp_json_root (json), "keys");
  for (TgpValue key = tgp_value_first (keys); tgp_value_type (key) != TGP_JSON_ABSENT;
       key = tgp_value_next (key))
    ctl_table_add (table, ctl_text (key, "keyId"), ctl_text (key, "role"), ctl_text (key, "groupId"),
                   ctl_time (key, "createdAt"), ctl_text (key, "openPayments"), describe_state (key));
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
  g_autofree char *id = NULL, *target = NULL, *open = NULL, *voids = NULL, *unread = NULL;
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
  open = ctl_text (left, "openPayments");
  voids = ctl_text (left, "unconfirmedVoids");
  unread = ctl_text (left, "unreadMessages");
  ctl_print ("%s is revoked.", ctl_options_argument (&options, 0));
  if (force)
    ctl_print ("Left for you to look after: %s open payments, %s unconfirmed voids, %s unread messages.",
               open, voids, unread);
  return EXIT_CODE_OK;
}
