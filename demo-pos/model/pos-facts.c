/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo-pos/model/pos-facts.h"

#include <string.h>

/* Every text, with the short name that it has in the book. */
static const struct
{
  const char *name;
  gsize offset;
} texts[] = {
  { "terminal", G_STRUCT_OFFSET (PosFacts, terminal_id) },
  { "currency", G_STRUCT_OFFSET (PosFacts, currency) },
  { "stage", G_STRUCT_OFFSET (PosFacts, stage) },
  { "message", G_STRUCT_OFFSET (PosFacts, message) },
  { "code", G_STRUCT_OFFSET (PosFacts, error_code) },
  { "error", G_STRUCT_OFFSET (PosFacts, error_message) },
  { "reason", G_STRUCT_OFFSET (PosFacts, void_reason) },
  { "auth", G_STRUCT_OFFSET (PosFacts, authorization_code) },
  { "receipt", G_STRUCT_OFFSET (PosFacts, receipt) },
  { "articles", G_STRUCT_OFFSET (PosFacts, articles) },
  { "by-hand", G_STRUCT_OFFSET (PosFacts, by_hand) },
  { "void-code", G_STRUCT_OFFSET (PosFacts, void_code) },
  { "void-message", G_STRUCT_OFFSET (PosFacts, void_message) },
};

/* Every enumeration and switch, with its highest value. */
static const struct
{
  const char *name;
  gsize offset;
  int highest;
} numbers[] = {
  { "state", G_STRUCT_OFFSET (PosFacts, state), TGW_PAYMENT_STATE_REFUSED },
  { "outcome", G_STRUCT_OFFSET (PosFacts, outcome), TGW_OUTCOME_UNKNOWN },
  { "void", G_STRUCT_OFFSET (PosFacts, void_status), TGW_VOID_STATUS_FAILED },
  { "moved", G_STRUCT_OFFSET (PosFacts, money_moved), TGW_MONEY_MOVED_UNKNOWN },
  { "retry", G_STRUCT_OFFSET (PosFacts, retry_safe), 1 },
  { "next", G_STRUCT_OFFSET (PosFacts, next_action), TGW_NEXT_ACTION_CALL_STAFF },
  { "recovered", G_STRUCT_OFFSET (PosFacts, recovered_from), TGW_RECOVERY_JOURNAL },
  { "found", G_STRUCT_OFFSET (PosFacts, finding), POS_FINDING_UNCLEAR },
  { "cancelling", G_STRUCT_OFFSET (PosFacts, cancelling), 1 },
  { "voiding", G_STRUCT_OFFSET (PosFacts, voiding), 1 },
};

static char **
text_at (const PosFacts *facts, gsize i)
{
  return (char **) ((char *) facts + texts[i].offset);
}

static int *
number_at (const PosFacts *facts, gsize i)
{
  return (int *) ((char *) facts + numbers[i].offset);
}

G_STATIC_ASSERT (sizeof (TgwOutcome) == sizeof (int));

void
pos_facts_clear (PosFacts *facts)
{
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    g_free (*text_at (facts, i));
  memset (facts, 0, sizeof *facts);
}

void
pos_facts_copy (PosFacts *to, const PosFacts *from)
{
  PosFacts copy = *from;

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    *text_at (&copy, i) = g_strdup (*text_at (from, i));
  pos_facts_clear (to);
  *to = copy;
}

static void
set (char **text, const char *value)
{
  if (g_strcmp0 (*text, value) == 0)
    return;
  g_free (*text);
  *text = g_strdup (value);
}

void
pos_facts_take_payment (PosFacts *facts, TgwPayment *payment)
{
  TgwVerdict *verdict = tgw_payment_get_verdict (payment);

  set (&facts->terminal_id, tgw_payment_get_terminal_id (payment));
  set (&facts->currency, tgw_payment_get_currency (payment));
  facts->amount = tgw_payment_get_amount (payment);
  facts->requested = tgw_payment_get_requested_amount (payment);
  facts->state = tgw_payment_get_state (payment);
  facts->outcome = tgw_payment_get_outcome (payment);
  facts->void_status = tgw_payment_get_void_status (payment);
  facts->money_moved = tgw_verdict_get_money_moved (verdict);
  facts->retry_safe = tgw_verdict_get_retry_safe (verdict);
  facts->next_action = tgw_verdict_get_next_action (verdict);
  facts->recovered_from = tgw_payment_get_recovered_from (payment);
  set (&facts->stage, tgw_payment_get_stage (payment));
  /* With an outcome it is the library's reason, not the terminal's words. */
  set (&facts->message, facts->outcome == TGW_OUTCOME_NONE ? tgw_payment_get_message (payment) : NULL);
  set (&facts->error_code, tgw_payment_get_error_code (payment));
  set (&facts->error_message, tgw_payment_get_error_message (payment));
  set (&facts->void_reason, tgw_payment_get_void_reason (payment));
  set (&facts->authorization_code, tgw_payment_get_authorization_code (payment));
  set (&facts->receipt, tgw_payment_get_receipt (payment));
}

/* “name=value” with tabs between; g_strescape takes the tabs and line ends out of the values. */
char *
pos_facts_to_text (const PosFacts *facts)
{
  static const char above_ascii[] =
    "\x80\x81\x82\x83\x84\x85\x86\x87\x88\x89\x8a\x8b\x8c\x8d\x8e\x8f"
    "\x90\x91\x92\x93\x94\x95\x96\x97\x98\x99\x9a\x9b\x9c\x9d\x9e\x9f"
    "\xa0\xa1\xa2\xa3\xa4\xa5\xa6\xa7\xa8\xa9\xaa\xab\xac\xad\xae\xaf"
    "\xb0\xb1\xb2\xb3\xb4\xb5\xb6\xb7\xb8\xb9\xba\xbb\xbc\xbd\xbe\xbf"
    "\xc2\xc3\xc4\xc5\xc6\xc7\xc8\xc9\xca\xcb\xcc\xcd\xce\xcf"
    "\xd0\xd1\xd2\xd3\xd4\xd5\xd6\xd7\xd8\xd9\xda\xdb\xdc\xdd\xde\xdf"
    "\xe0\xe1\xe2\xe3\xe4\xe5\xe6\xe7\xe8\xe9\xea\xeb\xec\xed\xee\xef\xf0\xf1\xf2\xf3\xf4";
  GString *line = g_string_new (NULL);

  g_string_append_printf (line, "amount=%" G_GINT64_FORMAT "\trequested=%" G_GINT64_FORMAT, facts->amount,
                          facts->requested);
  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    g_string_append_printf (line, "\t%s=%d", numbers[i].name, *number_at (facts, i));
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    if (*text_at (facts, i) != NULL)
      {
        g_autofree char *escaped = g_strescape (*text_at (facts, i), above_ascii);

        g_string_append_printf (line, "\t%s=%s", texts[i].name, escaped);
      }
  return g_string_free (line, FALSE);
}

static gboolean
take_member (PosFacts *facts, const char *name, const char *value)
{
  gint64 number;

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    if (strcmp (texts[i].name, name) == 0)
      {
        g_free (*text_at (facts, i));
        *text_at (facts, i) = g_strcompress (value);
        return g_utf8_validate (*text_at (facts, i), -1, NULL);
      }
  if (!g_ascii_string_to_signed (value, 10, 0, G_MAXINT64, &number, NULL))
    return FALSE;
  if (strcmp (name, "amount") == 0)
    facts->amount = number;
  if (strcmp (name, "requested") == 0)
    facts->requested = number;
  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    if (strcmp (numbers[i].name, name) == 0)
      {
        if (number > numbers[i].highest)
          return FALSE;
        *number_at (facts, i) = (int) number;
      }
  return TRUE;
}

gboolean
pos_facts_from_text (PosFacts *facts, const char *text)
{
  g_autofree char *copy = g_strdup (text);

  for (char *member = copy, *next; member != NULL && *member != '\0'; member = next)
    {
      char *equals = strchr (member, '=');

      next = strchr (member, '\t');
      if (equals == NULL || (next != NULL && next < equals))
        return FALSE;
      if (next != NULL)
        *next++ = '\0';
      *equals = '\0';
      if (!take_member (facts, member, equals + 1))
        return FALSE;
    }
  return facts->terminal_id != NULL && facts->currency != NULL;
}
