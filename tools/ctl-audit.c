/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The audit log, oldest first, all of it: the gateway hands it out in pages. */
#include "tools/ctl-http.h"
#include "tools/ctl-print.h"
#include "tools/ctl-query.h"

static void
add_row (CtlTable *table, TgpValue entry)
{
  ctl_table_add (table, ctl_text (entry, "seq"), ctl_time (entry, "at"), ctl_text (entry, "actor"),
                 ctl_text (entry, "what"), ctl_text (entry, "groupId"), ctl_text (entry, "keyId"),
                 ctl_text (entry, "transactionId"), ctl_text (entry, "detail"));
}

static TgpJson *
call (CtlHttp *http, gint64 after, GError **error)
{
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, after), *target = NULL;
  CtlQuery query;

  ctl_query_init (&query, "/admin/audit");
  ctl_query_add (&query, "after", text);
  target = ctl_query_end (&query);
  return ctl_http_call (http, "GET", target, NULL, error);
}

int
ctl_audit (const CtlVerb *verb, int argc, char **argv)
{
  g_auto (CtlOptions) options = { 0 };
  gint64 after = 0, before;
  const GOptionEntry own[] = {
    { "after", 0, 0, G_OPTION_ARG_INT64, &after, "Only what follows this entry, by its number", "SEQ" },
    { NULL },
  };
  g_autoptr (CtlHttp) http = NULL;
  CtlTable *table;
  int exit_code;

  if (!ctl_options_parse (&options, verb, own, argc, argv, &exit_code))
    return exit_code;
  if (after < 0)
    return ctl_usage (verb, "--after takes the number of an entry");
  http = ctl_http_new_admin (&options);
  table = ctl_table_new ("SEQ", "AT", "WHO", "WHAT", "GROUP", "KEY", "TRANSACTION", "DETAIL", NULL);
  do
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (TgpJson) json = call (http, after, &error);

      if (json == NULL)
        {
          ctl_table_free (table);
          return ctl_fail (error);
        }
      before = after;
      for (TgpValue e = tgp_value_first (tgp_value_member (tgp_json_root (json), "audit"));
           tgp_value_type (e) != TGP_JSON_ABSENT; e = tgp_value_next (e))
        {
          if (!tgp_get_optional_int (e, "seq", after + 1, G_MAXINT64, after, &after, NULL))
            continue;
          if (options.json)
            ctl_print_json (e);
          else
            add_row (table, e);
        }
    }
  while (after > before); /* a page that leads no further is the last one */
  if (options.json)
    ctl_table_free (table);
  else
    ctl_table_print (table, "Nothing is recorded.");
  return EXIT_CODE_OK;
}
