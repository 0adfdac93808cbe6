/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/ctl-orphans.h"

#include "tools/ctl-print.h"
#include "tools/ctl-query.h"

TgpJson *
ctl_orphans_call (CtlHttp *http, const char *group, const char *id, gint64 after, GError **error)
{
  g_autofree char *text = after ? g_strdup_printf ("%" G_GINT64_FORMAT, after) : NULL, *target = NULL;
  CtlQuery query;

  ctl_query_init (&query, "/admin/orphans");
  ctl_query_add (&query, "group", group);
  ctl_query_add (&query, "transactionId", id);
  ctl_query_add (&query, "after", text);
  target = ctl_query_end (&query);
  return ctl_http_call (http, "GET", target, NULL, error);
}

static void
add_row (CtlTable *table, TgpValue orphan)
{
  TgpValue response = tgp_value_member (orphan, "paymentResponse");
  g_autofree char *amount = ctl_text (response, "amount"), *currency = ctl_text (response, "currency");
  gboolean named = tgp_value_exists (tgp_value_member (orphan, "terminalId"));

  ctl_table_add (table, ctl_text (orphan, "n"), ctl_time (orphan, "at"), ctl_text (orphan, "groupId"),
                 ctl_text (orphan, "transactionId"), ctl_text (orphan, named ? "terminalId" : "keyId"),
                 ctl_text (response, "status"), g_strdup_printf ("%s %s", amount, currency),
                 ctl_text (response, "authorizationCode"));
}

guint
ctl_orphans_print (TgpJson *json, const char *empty)
{
  TgpValue orphans = { 0 };
  CtlTable *table;
  guint n = 0;

  if (json != NULL)
    orphans = tgp_value_member (tgp_json_root (json), "orphans");
  table =
    ctl_table_new ("N", "AT", "GROUP", "TRANSACTION", "TERMINAL", "RESULT", "AMOUNT", "AUTHORIZATION", NULL);
  for (TgpValue o = tgp_value_first (orphans); tgp_value_type (o) != TGP_JSON_ABSENT;
       o = tgp_value_next (o), n++)
    add_row (table, o);
  if (n > 0 || empty != NULL)
    ctl_table_print (table, empty);
  else
    ctl_table_free (table);
  return n;
}

int
ctl_transactions_orphans (const CtlVerb *verb, int argc, char **argv)
{
  g_auto (CtlOptions) options = { 0 };
  g_autofree char *group = NULL;
  gint64 after = 0;
  const GOptionEntry own[] = {
    { "group", 0, 0, G_OPTION_ARG_STRING, &group, "Of this group only", "GROUP" },
    { "after", 0, 0, G_OPTION_ARG_INT64, &after, "Only what follows this one, by its number", "N" },
    { NULL },
  };
  g_autoptr (CtlHttp) http = NULL;
  g_autoptr (TgpJson) json = NULL;
  g_autoptr (GError) error = NULL;
  int exit_code;

  if (!ctl_options_parse (&options, verb, own, argc, argv, &exit_code))
    return exit_code;
  if (after < 0)
    return ctl_usage (verb, "--after takes the number of an orphan");
  http = ctl_http_new_admin (&options);
  json = ctl_orphans_call (http, group, NULL, after, &error);
  if (json == NULL)
    return ctl_fail (error);
  if (options.json)
    ctl_print_json (tgp_json_root (json));
  else
    ctl_orphans_print (json, "No terminal handed in a result for an id that nobody knows.");
  return EXIT_CODE_OK;
}
