/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo-pos/model/pos-receipt.h"

#include <glib/gi18n.h>

#include "demo-pos/model/pos-json.h"
#include "demo-pos/model/pos-money.h"

PosReceiptLine *
pos_receipt_line_new (PosReceiptStyle style, const char *left, const char *right)
{
  PosReceiptLine *line = g_new0 (PosReceiptLine, 1);

  line->style = style;
  line->left = g_strdup (left != NULL ? left : "");
  line->right = g_strdup (right != NULL ? right : "");
  return line;
}

void
pos_receipt_line_free (PosReceiptLine *line)
{
  g_free (line->left);
  g_free (line->right);
  g_free (line);
}

static void
add (GPtrArray *lines, PosReceiptStyle style, const char *left, const char *right)
{
  g_ptr_array_add (lines, pos_receipt_line_new (style, left, right));
}

static void
add_articles (GPtrArray *lines, const PosFacts *facts)
{
  g_auto (GStrv) articles = g_strsplit (facts->articles != NULL ? facts->articles : "", "\n", -1);
  gint64 rest = facts->requested;

  if (articles[0] == NULL || articles[0][0] == '\0')
    return;
  for (guint i = 0; articles[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (articles[i], "\t", 3);
      g_autofree char *left = NULL, *right = NULL;
      gint64 quantity, price;

      if (g_strv_length (parts) != 3 ||
          !g_ascii_string_to_signed (parts[0], 10, 1, 1000000, &quantity, NULL) ||
          !g_ascii_string_to_signed (parts[2], 10, 1, POS_MONEY_MAX, &price, NULL))
        continue;
      left = g_strdup_printf (_ ("%u × %s"), (guint) quantity, parts[1]);
      right = pos_money_format (quantity * price, facts->currency);
      add (lines, POS_RECEIPT_PAIR, left, right);
      rest -= quantity * price;
    }
  if (rest > 0)
    {
      g_autofree char *right = pos_money_format (rest, facts->currency);

      add (lines, POS_RECEIPT_PAIR, _ ("Other"), right);
    }
  add (lines, POS_RECEIPT_RULE, NULL, NULL);
}

/* What is the customer's business: not what the shop's staff must do about it. */
static void
add_result (GPtrArray *lines, const PosFacts *facts, const char *amount)
{
  PosKind kind = pos_kind_of (facts);

  if (kind == POS_KIND_REVERSED || kind == POS_KIND_REVERSING)
    add (lines, POS_RECEIPT_NOTICE, pos_words_title (facts), NULL);
  else if (facts->money_moved == TGW_MONEY_MOVED_YES)
    add (lines, POS_RECEIPT_PAIR, _ ("Paid by card"), amount);
}

GPtrArray *
pos_receipt_new (PosEntry *entry, const char *store, gboolean copy)
{
  GPtrArray *lines = g_ptr_array_new_with_free_func ((GDestroyNotify) pos_receipt_line_free);
  const PosFacts *facts = pos_entry_get_facts (entry);
  g_autofree char *amount = pos_entry_dup_amount_text (entry),
                  *time = pos_date_time_text (pos_entry_get_started_at (entry));
  /* With a partial approval the customer owes more than the card paid. */
  g_autofree char *total =
    pos_money_format (facts->requested > 0 ? facts->requested : facts->amount, facts->currency);
  g_autofree char *terminal_lines = pos_json_receipt_lines (facts->receipt);

  add (lines, POS_RECEIPT_TITLE, store != NULL && store[0] != '\0' ? store : _ ("Demo Store"), NULL);
  if (copy)
    add (lines, POS_RECEIPT_NOTICE, _ ("COPY"), NULL);
  add (lines, POS_RECEIPT_RULE, NULL, NULL);
  add_articles (lines, facts);
  add (lines, POS_RECEIPT_TOTAL, _ ("Total"), total);
  add_result (lines, facts, amount);
  add (lines, POS_RECEIPT_RULE, NULL, NULL);
  add (lines, POS_RECEIPT_PAIR, _ ("Time"), time);
  add (lines, POS_RECEIPT_PAIR, _ ("Terminal"), facts->terminal_id);
  if (facts->authorization_code != NULL)
    add (lines, POS_RECEIPT_PAIR, _ ("Authorisation"), facts->authorization_code);
  if (terminal_lines != NULL)
    add (lines, POS_RECEIPT_NOTE, g_strchomp (terminal_lines), NULL);
  add (lines, POS_RECEIPT_NOTE, pos_entry_get_id (entry), NULL);
  return lines;
}
