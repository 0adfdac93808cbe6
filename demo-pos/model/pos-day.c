/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo-pos/model/pos-day.h"

#include <glib/gi18n.h>

#include "demo-pos/model/pos-money.h"

typedef struct
{
  const char *currency;
  guint n[POS_DAY_NOTHING];
  gint64 sum[POS_DAY_NOTHING];
} Total;

PosDayPart
pos_day_part (const PosFacts *facts)
{
  PosFinding finding = facts->by_hand != NULL ? facts->finding : POS_FINDING_NONE;

  switch (facts->money_moved)
    {
    case TGW_MONEY_MOVED_YES:
      return finding == POS_FINDING_NOT_CHARGED ? POS_DAY_DOUBTFUL : POS_DAY_CHARGED;
    case TGW_MONEY_MOVED_NO:
      return finding == POS_FINDING_CHARGED ? POS_DAY_DOUBTFUL : POS_DAY_NOTHING;
    case TGW_MONEY_MOVED_UNKNOWN:
    default:
      return finding == POS_FINDING_CHARGED       ? POS_DAY_CHARGED
             : finding == POS_FINDING_NOT_CHARGED ? POS_DAY_NOTHING
                                                  : POS_DAY_DOUBTFUL;
    }
}

static Total *
total_of (GArray *totals, const char *currency)
{
  Total fresh = { .currency = currency };

  for (guint i = 0; i < totals->len; i++)
    if (g_strcmp0 (g_array_index (totals, Total, i).currency, currency) == 0)
      return &g_array_index (totals, Total, i);
  g_array_append_val (totals, fresh);
  return &g_array_index (totals, Total, totals->len - 1);
}

char *
pos_day_text (GListModel *journal, const char *currency)
{
  g_autoptr (GArray) totals = g_array_new (FALSE, FALSE, sizeof (Total));
  GString *text = g_string_new (NULL);

  total_of (totals, currency);
  for (guint i = 0; i < g_list_model_get_n_items (journal); i++)
    {
      g_autoptr (PosEntry) entry = g_list_model_get_item (journal, i);
      const PosFacts *facts = pos_entry_get_facts (entry);
      PosDayPart part = pos_day_part (facts);

      if (part != POS_DAY_NOTHING)
        {
          Total *total = total_of (totals, facts->currency);

          total->n[part]++;
          total->sum[part] += facts->amount;
        }
    }
  for (guint i = 0; i < totals->len; i++)
    {
      const Total *total = &g_array_index (totals, Total, i);
      guint n = total->n[POS_DAY_CHARGED], n_doubtful = total->n[POS_DAY_DOUBTFUL];
      g_autofree char *charged = pos_money_format (total->sum[POS_DAY_CHARGED], total->currency);
      g_autofree char *doubtful = pos_money_format (total->sum[POS_DAY_DOUBTFUL], total->currency);

      if (n > 0 || i == 0)
        /* Translators: the day's total */
        g_string_append_printf (
          text, g_dngettext (NULL, "%u charged payment, %s.\n", "%u charged payments, %s.\n", n), n, charged);
      if (n_doubtful > 0)
        g_string_append_printf (text,
                                g_dngettext (NULL, "Not in this sum: %u payment that is in doubt, %s.\n",
                                             "Not in this sum: %u payments that are in doubt, %s.\n",
                                             n_doubtful),
                                n_doubtful, doubtful);
    }
  g_string_truncate (text, text->len - 1);
  return g_string_free (text, FALSE);
}
