/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/ctl-http.h"
#include "tools/ctl-orphans.h"
#include "tools/ctl-print.h"
#include "tools/ctl-query.h"
#include "tools/ctl-words.h"

#include "protocol/json-writer.h"
#include "protocol/states.h"
#include "protocol/time.h"

/* "2024-01-15" and "2024-01-15T10:30:00Z" alike; NULL if it is neither. */
static char *
read_time (const char *text)
{
  g_autofree char *midnight = g_strconcat (text, "T00:00:00Z", NULL);
  char wire[TGP_TIME_SIZE];
  gint64 ms;

  if (!tgp_time_parse (text, &ms) && !tgp_time_parse (midnight, &ms))
    return NULL;
  return g_strdup (tgp_time_format (ms, wire));
}

static void
add_row (CtlTable *table, TgpValue transaction)
{
  TgpValue verdict = tgp_value_member (transaction, "verdict");
  g_autofree char *amount = ctl_text (transaction, "amount"), *currency = ctl_text (transaction, "currency");

  ctl_table_add (table, ctl_text (transaction, "transactionId"), ctl_time (transaction, "createdAt"),
                 ctl_text (transaction, "groupId"), ctl_text (transaction, "terminalId"),
                 g_strdup_printf ("%s %s", amount, currency), ctl_text (transaction, "status"),
                 ctl_text (transaction, "errorCode"), ctl_text (verdict, "nextAction"));
}

int
ctl_transactions_list (const CtlVerb *verb, int argc, char **argv)
{
  g_auto (CtlOptions) options = { 0 };
  g_autofree char *group = NULL, *from = NULL, *to = NULL, *status = NULL, *terminal = NULL, *cursor = NULL,
                  *from_time = NULL, *to_time = NULL, *target = NULL, *next = NULL, *limit_text = NULL;
  gboolean attention = FALSE;
  int limit = 50;
  const GOptionEntry own[] = {
    { "group", 0, 0, G_OPTION_ARG_STRING, &group, "Of this group only", "GROUP" },
    { "from", 0, 0, G_OPTION_ARG_STRING, &from, "Created at or after, UTC", "TIME" },
    { "to", 0, 0, G_OPTION_ARG_STRING, &to, "Created before, UTC", "TIME" },
    { "status", 0, 0, G_OPTION_ARG_STRING, &status, "In this state only, such as FAILED", "STATUS" },
    { "terminal", 0, 0, G_OPTION_ARG_STRING, &terminal, "On this terminal only", "TERMINAL" },
    { "needs-attention", 0, 0, G_OPTION_ARG_NONE, &attention, "Only what somebody must look at", NULL },
    { "limit", 0, 0, G_OPTION_ARG_INT, &limit, "At most so many (50)", "N" },
    { "cursor", 0, 0, G_OPTION_ARG_STRING, &cursor, "Where the last list ended", "CURSOR" },
    { NULL },
  };
  g_autoptr (CtlHttp) http = NULL;
  g_autoptr (TgpJson) json = NULL, orphans = NULL;
  g_autoptr (GError) error = NULL;
  CtlTable *table;
  CtlQuery query;
  TgpValue transactions;
  TgpStatus known;
  int exit_code;

  if (!ctl_options_parse (&options, verb, own, argc, argv, &exit_code))
    return exit_code;
  if (status != NULL && !tgp_status_from_name (status, &known))
    return ctl_usage (verb, "there is no state “%s”", status);
  if (limit < 1 || limit > 200)
    return ctl_usage (verb, "--limit takes 1 to 200");
  if ((from != NULL && (from_time = read_time (from)) == NULL) ||
      (to != NULL && (to_time = read_time (to)) == NULL))
    return ctl_usage (verb, "a time looks like 2024-01-15 or 2024-01-15T10:30:00Z");

  limit_text = g_strdup_printf ("%d", limit);
  ctl_query_init (&query, "/admin/transactions");
  ctl_query_add (&query, "group", group);
  ctl_query_add (&query, "from", from_time);
  ctl_query_add (&query, "to", to_time);
  ctl_query_add (&query, "status", status);
  ctl_query_add (&query, "terminalId", terminal);
  ctl_query_add (&query, "needsAttention", attention ? "true" : NULL);
  ctl_query_add (&query, "limit", limit_text);
  ctl_query_add (&query, "cursor", cursor);
  target = ctl_query_end (&query);
  http = ctl_http_new_admin (&options);
  if (attention && !options.json)
    orphans = ctl_orphans_call (http, group, NULL, 0, NULL);
  json = ctl_http_call (http, "GET", target, NULL, &error);
  if (json == NULL)
    return ctl_fail (error);
  if (options.json)
    {
      ctl_print_json (tgp_json_root (json));
      return EXIT_CODE_OK;
    }
  table =
    ctl_table_new ("TRANSACTION", "CREATED", "GROUP", "TERMINAL", "AMOUNT", "STATUS", "ERROR", "NEXT", NULL);
  transactions = tgp_value_member (tgp_json_root (json), "transactions");
  for (TgpValue t = tgp_value_first (transactions); tgp_value_type (t) != TGP_JSON_ABSENT;
       t = tgp_value_next (t))
    add_row (table, t);
  ctl_table_print (table, "No transaction matches.");
  next = ctl_text (tgp_json_root (json), "nextCursor");
  if (*next != '\0')
    ctl_print ("\nThere are more: --cursor %s", next);
  if (orphans != NULL && tgp_value_length (tgp_value_member (tgp_json_root (orphans), "orphans")) > 0)
    {
      ctl_print ("\nResults for ids that nobody knows; ask the acquirer whether the customer was charged:");
      ctl_orphans_print (orphans, NULL);
    }
  return EXIT_CODE_OK;
}

static char *
target_of (const char *id, const char *suffix, const char *group)
{
  g_autofree char *escaped = g_uri_escape_string (id, NULL, FALSE),
                  *path = g_strdup_printf ("/admin/transactions/%s%s", escaped, suffix);
  CtlQuery query;

  ctl_query_init (&query, path);
  ctl_query_add (&query, "group", group);
  return ctl_query_end (&query);
}

/* A result came for this id when no payment had it: whether or not there is one now, somebody must know. */
static void
tell_orphans (TgpJson *orphans, gboolean known, gboolean as_json)
{
  if (orphans == NULL || tgp_value_length (tgp_value_member (tgp_json_root (orphans), "orphans")) == 0)
    return;
  if (as_json && !known) /* the payment is the answer where there is one */
    ctl_print_json (tgp_json_root (orphans));
  if (as_json)
    return;
  ctl_print ("%sA terminal handed in a result for this id when no payment had it:", known ? "\n" : "");
  ctl_orphans_print (orphans, NULL);
}

int
ctl_transactions_show (const CtlVerb *verb, int argc, char **argv)
{
  g_auto (CtlOptions) options = { 0 };
  g_autofree char *group = NULL, *target = NULL;
  const GOptionEntry own[] = {
    { "group", 0, 0, G_OPTION_ARG_STRING, &group, "If the id occurs in several groups", "GROUP" },
    { NULL },
  };
  g_autoptr (CtlHttp) http = NULL;
  g_autoptr (TgpJson) json = NULL, orphans = NULL;
  g_autoptr (GError) error = NULL;
  int exit_code;

  if (!ctl_options_parse (&options, verb, own, argc, argv, &exit_code))
    return exit_code;
  target = target_of (ctl_options_argument (&options, 0), "", group);
  http = ctl_http_new_admin (&options);
  orphans = ctl_orphans_call (http, group, ctl_options_argument (&options, 0), 0, NULL);
  json = ctl_http_call (http, "GET", target, NULL, &error);
  if (json != NULL && options.json)
    ctl_print_json (tgp_json_root (json));
  else if (json != NULL)
    ctl_print_transaction (tgp_json_root (json));
  tell_orphans (orphans, json != NULL, options.json);
  return json != NULL ? EXIT_CODE_OK : ctl_fail (error);
}

int
ctl_transactions_timeline (const CtlVerb *verb, int argc, char **argv)
{
  g_auto (CtlOptions) options = { 0 };
  g_autofree char *group = NULL, *target = NULL;
  const GOptionEntry own[] = {
    { "group", 0, 0, G_OPTION_ARG_STRING, &group, "If the id occurs in several groups", "GROUP" },
    { NULL },
  };
  g_autoptr (CtlHttp) http = NULL;
  g_autoptr (TgpJson) json = NULL;
  g_autoptr (GError) error = NULL;
  CtlTable *table;
  TgpValue timeline;
  int exit_code;

  if (!ctl_options_parse (&options, verb, own, argc, argv, &exit_code))
    return exit_code;
  target = target_of (ctl_options_argument (&options, 0), "/timeline", group);
  http = ctl_http_new_admin (&options);
  json = ctl_http_call (http, "GET", target, NULL, &error);
  if (json == NULL)
    return ctl_fail (error);
  if (options.json)
    {
      ctl_print_json (tgp_json_root (json));
      return EXIT_CODE_OK;
    }
  table = ctl_table_new ("N", "AT", "WHO", "WHAT", "FROM", "TO", "CONNECTION", "DETAIL", NULL);
  timeline = tgp_value_member (tgp_json_root (json), "timeline");
  for (TgpValue t = tgp_value_first (timeline); tgp_value_type (t) != TGP_JSON_ABSENT; t = tgp_value_next (t))
    ctl_table_add (table, ctl_text (t, "n"), ctl_text (t, "at"), ctl_text (t, "actor"), ctl_text (t, "what"),
                   ctl_text (t, "from"), ctl_text (t, "to"), ctl_text (t, "connection"),
                   ctl_text (t, "detail"));
  ctl_table_print (table, "Nothing is recorded.");
  return EXIT_CODE_OK;
}

int
ctl_transactions_resolve (const CtlVerb *verb, int argc, char **argv)
{
  g_auto (CtlOptions) options = { 0 };
  g_autofree char *group = NULL, *as = NULL, *note = NULL, *target = NULL, *body = NULL;
  const GOptionEntry own[] = {
    { "as", 0, 0, G_OPTION_ARG_STRING, &as, "What really happened", "paid|not-paid|reversed" },
    { "note", 0, 0, G_OPTION_ARG_STRING, &note, "How you know; it is recorded", "TEXT" },
    { "group", 0, 0, G_OPTION_ARG_STRING, &group, "If the id occurs in several groups", "GROUP" },
    { NULL },
  };
  const char *const ends[] = { "paid", "not-paid", "reversed", NULL };
  g_autoptr (CtlHttp) http = NULL;
  g_autoptr (TgpJson) json = NULL;
  g_autoptr (GError) error = NULL;
  TgpJsonWriter writer;
  int exit_code;

  if (!ctl_options_parse (&options, verb, own, argc, argv, &exit_code))
    return exit_code;
  if (as == NULL || !g_strv_contains (ends, as))
    return ctl_usage (verb, "--as paid, --as not-paid or --as reversed is needed");
  if (note == NULL || *note == '\0')
    return ctl_usage (verb, "--note TEXT is needed: say how you know, it is recorded");

  tgp_json_writer_init (&writer);
  tgp_json_open_object (&writer, NULL);
  tgp_json_string (&writer, "as", as);
  tgp_json_string (&writer, "note", note);
  tgp_json_close_object (&writer);
  body = tgp_json_writer_end (&writer);
  target = target_of (ctl_options_argument (&options, 0), "/resolve", group);
  http = ctl_http_new_admin (&options);
  json = ctl_http_call (http, "POST", target, body, &error);
  if (json == NULL)
    return ctl_fail (error);
  if (options.json)
    ctl_print_json (tgp_json_root (json));
  else
    ctl_print_transaction (tgp_json_root (json));
  return EXIT_CODE_OK;
}
