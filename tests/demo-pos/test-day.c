/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a day's book and its sums say: in money that moved, on disk, and in the words of a locale. */
#include <glib/gstdio.h>
#include <locale.h>
#include <string.h>
#include <unistd.h>

#include "demo-pos/model/pos-articles.h"
#include "demo-pos/model/pos-day.h"
#include "demo-pos/model/pos-json.h"
#include "demo-pos/model/pos-money.h"
#include "demo-pos/model/pos-receipt.h"

static char *folder;

/* --- what is on disk --- */

static guint n_syncs;

/* In place of the C library's. */
int
fdatasync (int file)
{
  n_syncs++;
  return fsync (file);
}

static void
test_sync (void)
{
  static const struct
  {
    PosMark mark;
    TgwOutcome outcome;
    guint n;
  } rows[] = {
    { POS_MARK_SENT, TGW_OUTCOME_NONE, 1 },        { POS_MARK_STATE, TGW_OUTCOME_NONE, 0 },
    { POS_MARK_CANCEL, TGW_OUTCOME_NONE, 0 },      { POS_MARK_STATE, TGW_OUTCOME_APPROVED, 1 },
    { POS_MARK_STATE, TGW_OUTCOME_UNKNOWN, 1 },    { POS_MARK_VOID, TGW_OUTCOME_APPROVED, 1 },
    { POS_MARK_SEEN, TGW_OUTCOME_APPROVED, 1 },    { POS_MARK_BY_HAND, TGW_OUTCOME_UNKNOWN, 1 },
    { POS_MARK_PRINTED, TGW_OUTCOME_APPROVED, 1 },
  };
  g_autofree char *path = g_build_filename (folder, "sync", NULL);
  g_autoptr (PosBook) book = pos_book_open (path, NULL);
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      PosFacts facts = { .terminal_id = (char *) "T",
                         .currency = (char *) "EUR",
                         .outcome = rows[i].outcome };

      n_syncs = 0;
      g_assert_true (pos_book_write (book, "A", rows[i].mark, g_get_real_time () / 1000, &facts, &error));
      g_assert_no_error (error);
      g_assert_cmpuint (n_syncs, ==, rows[i].n);
    }
}

/* --- closing the day --- */

static PosEntry *
entry_new (PosFacts *known)
{
  PosEntry *entry = pos_entry_new ("P", G_GINT64_CONSTANT (1705314600000));
  PosFacts facts = {
    .terminal_id = (char *) "T", .currency = (char *) "EUR", .requested = 1200, .amount = 1200
  };

  facts.outcome = known->outcome;
  facts.void_status = known->void_status;
  facts.money_moved = known->money_moved;
  facts.next_action = known->next_action;
  facts.retry_safe = known->retry_safe;
  facts.by_hand = known->by_hand;
  facts.finding = known->finding;
  facts.receipt = known->receipt;
  if (known->amount != 0)
    facts.amount = known->amount;
  if (known->currency != NULL)
    facts.currency = known->currency;
  pos_entry_mark (entry, POS_MARK_STATE, 1, &facts);
  return entry;
}

static void
test_sums (void)
{
  static const struct
  {
    PosFacts facts;
    PosDayPart part;
  } rows[] = {
    { { .outcome = TGW_OUTCOME_APPROVED, .money_moved = TGW_MONEY_MOVED_YES, .amount = 1000 },
      POS_DAY_CHARGED },
    /* a partial approval */
    { { .outcome = TGW_OUTCOME_APPROVED,
        .money_moved = TGW_MONEY_MOVED_YES,
        .next_action = TGW_NEXT_ACTION_CALL_STAFF,
        .amount = 600 },
      POS_DAY_CHARGED },
    { { .outcome = TGW_OUTCOME_APPROVED,
        .money_moved = TGW_MONEY_MOVED_YES,
        .void_status = TGW_VOID_STATUS_REQUESTED,
        .amount = 50 },
      POS_DAY_CHARGED },
    { { .outcome = TGW_OUTCOME_VOIDED,
        .money_moved = TGW_MONEY_MOVED_YES,
        .void_status = TGW_VOID_STATUS_FAILED,
        .amount = 7 },
      POS_DAY_CHARGED },
    { { .outcome = TGW_OUTCOME_UNKNOWN,
        .money_moved = TGW_MONEY_MOVED_UNKNOWN,
        .by_hand = (char *) "x",
        .finding = POS_FINDING_CHARGED,
        .amount = 3000 },
      POS_DAY_CHARGED },
    { { .outcome = TGW_OUTCOME_UNKNOWN,
        .money_moved = TGW_MONEY_MOVED_UNKNOWN,
        .by_hand = (char *) "x",
        .finding = POS_FINDING_NOT_CHARGED },
      POS_DAY_NOTHING },
    { { .outcome = TGW_OUTCOME_DECLINED, .money_moved = TGW_MONEY_MOVED_NO }, POS_DAY_NOTHING },
    { { .outcome = TGW_OUTCOME_VOIDED,
        .money_moved = TGW_MONEY_MOVED_NO,
        .void_status = TGW_VOID_STATUS_CONFIRMED },
      POS_DAY_NOTHING },
    { { .outcome = TGW_OUTCOME_UNKNOWN, .money_moved = TGW_MONEY_MOVED_UNKNOWN, .amount = 11 },
      POS_DAY_DOUBTFUL },
    { { .money_moved = TGW_MONEY_MOVED_UNKNOWN, .amount = 22 }, POS_DAY_DOUBTFUL }, /* still open */
    { { .outcome = TGW_OUTCOME_VOIDED,
        .money_moved = TGW_MONEY_MOVED_UNKNOWN,
        .void_status = TGW_VOID_STATUS_REQUESTED,
        .amount = 100 },
      POS_DAY_DOUBTFUL },
    { { .outcome = TGW_OUTCOME_UNKNOWN,
        .money_moved = TGW_MONEY_MOVED_UNKNOWN,
        .by_hand = (char *) "x",
        .finding = POS_FINDING_UNCLEAR,
        .amount = 200 },
      POS_DAY_DOUBTFUL },
    /* the manager and the gateway say different things */
    { { .outcome = TGW_OUTCOME_APPROVED,
        .money_moved = TGW_MONEY_MOVED_YES,
        .by_hand = (char *) "x",
        .finding = POS_FINDING_NOT_CHARGED,
        .amount = 400 },
      POS_DAY_DOUBTFUL },
    /* in another currency */
    { { .outcome = TGW_OUTCOME_APPROVED,
        .money_moved = TGW_MONEY_MOVED_YES,
        .amount = 500,
        .currency = (char *) "USD" },
      POS_DAY_CHARGED },
  };
  g_autoptr (GListStore) journal = g_list_store_new (POS_TYPE_ENTRY);
  g_autofree char *text = NULL, *empty = NULL;

  empty = pos_day_text (G_LIST_MODEL (journal), "EUR");
  g_assert_cmpstr (empty, ==, "0 charged payments, €0.00.");
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      PosFacts facts = rows[i].facts;
      g_autoptr (PosEntry) entry = entry_new (&facts);

      g_assert_cmpint (pos_day_part (pos_entry_get_facts (entry)), ==, rows[i].part);
      g_list_store_append (journal, entry);
    }
  text = pos_day_text (G_LIST_MODEL (journal), "EUR");
  g_assert_cmpstr (text, ==,
                   "5 charged payments, €46.57.\n"
                   "Not in this sum: 5 payments that are in doubt, €7.33.\n"
                   "1 charged payment, $5.00.");
}

/* --- receipts --- */

static const PosReceiptLine *
line_of (GPtrArray *lines, const char *left)
{
  for (guint i = 0; i < lines->len; i++)
    if (strcmp (((PosReceiptLine *) lines->pdata[i])->left, left) == 0)
      return lines->pdata[i];
  return NULL;
}

static void
test_receipt (void)
{
  PosFacts facts = { .outcome = TGW_OUTCOME_APPROVED,
                     .money_moved = TGW_MONEY_MOVED_YES,
                     .next_action = TGW_NEXT_ACTION_CALL_STAFF,
                     .amount = 600 };
  g_autoptr (PosEntry) entry = entry_new (&facts);
  g_autoptr (GPtrArray) lines = pos_receipt_new (entry, "Shop", FALSE);
  g_autofree char *reference = pos_entry_dup_reference (entry);

  /* When it was, today and for ever. */
  g_assert_cmpstr (line_of (lines, "Time")->right, ==, "01/15/24, 10:30:00");
  g_assert_nonnull (strstr (reference, "Time: 01/15/24, 10:30:00"));
  /* What the customer owed and what the card paid, and none of what staff must do. */
  g_assert_cmpstr (line_of (lines, "Total")->right, ==, "€12.00");
  g_assert_cmpstr (line_of (lines, "Paid by card")->right, ==, "€6.00");
  g_assert_null (line_of (lines, "COPY"));
}

static void
test_receipt_today (void)
{
  g_autoptr (PosEntry) entry = pos_entry_new ("P", g_get_real_time () / 1000);
  PosFacts facts = { .terminal_id = (char *) "T", .currency = (char *) "EUR" };
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *today = g_date_time_format (now, "%x");
  g_autoptr (GPtrArray) lines = NULL;

  pos_entry_mark (entry, POS_MARK_SENT, g_get_real_time () / 1000, &facts);
  lines = pos_receipt_new (entry, "Shop", FALSE);
  g_assert_true (g_str_has_prefix (line_of (lines, "Time")->right, today));
}

static void
test_terminal_lines (void)
{
  static const struct
  {
    const char *json, *text;
  } rows[] = {
    { "{\"lines\":[\"CARD\",\"AUTH 1\"],\"n\":7}", "CARD\nAUTH 1\nn: 7\n" },
    { "{\"card\":\"4242\",\"emv\":{\"aid\":\"A0000000041010\",\"tags\":{\"95\":\"00\"},\"list\":[{\"x\":1}]}"
      "}",
      "card: 4242\naid: A0000000041010\n95: 00\nx: 1\n" },
    { "\"plain\"", "plain\n" },
    { "{}", NULL },
    { "nonsense", NULL },
    { "[[[[[[[[[[[[\"too deep\"]]]]]]]]]]]]", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = pos_json_receipt_lines (rows[i].json);

      g_assert_cmpstr (text, ==, rows[i].text);
    }
}

/* --- prices --- */

typedef struct
{
  gint64 of_first;
  guint n;
} Prices;

static void
on_article (const char *name, gint64 price, gpointer data)
{
  Prices *prices = data;

  if (prices->n++ == 0)
    prices->of_first = price;
}

static void
test_prices (void)
{
  static const struct
  {
    const char *currency, *coffee; /* NULL: nothing can be sold */
  } rows[] = {
    { "EUR", "€3.00" },           { "JPY", "¥300" }, { "KWD", "KWD\u00a03.000" },
    { "CLF", "CLF\u00a03.0000" }, { "eur", NULL },   { "", NULL },
  };
  g_autoptr (GVariant) none = g_variant_ref_sink (g_variant_new ("a(ssx)", NULL));

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      Prices prices = { 0, 0 };
      g_autofree char *text = NULL;

      pos_articles_foreach (none, rows[i].currency, on_article, &prices);
      g_assert_true ((prices.n > 0) == (rows[i].coffee != NULL));
      text = rows[i].coffee != NULL ? pos_money_format (prices.of_first, rows[i].currency) : NULL;
      g_assert_cmpstr (text, ==, rows[i].coffee);
    }
}

/* --- in a locale that this computer need not have --- */

/* FALSE: no computer with this C library can have it. */
static gboolean
speak (const char *name)
{
  g_autofree char *locales = g_build_filename (folder, "locales", NULL),
                  *full = g_strconcat (name, ".UTF-8", NULL);
  g_autofree char *path = g_build_filename (locales, full, NULL);
  const char *const command[] = { "localedef", "-i", name, "-f", "UTF-8", path, NULL };

  g_mkdir_with_parents (locales, 0700);
  if (!g_spawn_sync (NULL, (char **) command, NULL,
                     G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, NULL,
                     NULL, NULL, NULL, NULL, NULL))
    return FALSE;
  g_setenv ("LOCPATH", locales, TRUE);
  return setlocale (LC_ALL, full) != NULL;
}

static void
test_locale (gconstpointer data)
{
  static const struct
  {
    const char *locale, *euro, *yen, *dinar, *negative, *time;
  } rows[] = {
    { "de_DE", "1.234.567,89\u00a0€", "1.234.567\u00a0¥", "12,345\u00a0KWD", "-2,50\u00a0€",
      "15.01.2024, 10:30:00" },
    { "ar_EG", "€\u00a01,234,567.89", "¥\u00a01,234,567", "KWD\u00a012.345", "€\u00a0-2.50",
      "15 ينا, 2024, 10:30:00" },
  };
  gsize i = GPOINTER_TO_UINT (data);
  g_autofree char *euro = NULL, *yen = NULL, *dinar = NULL, *negative = NULL, *time = NULL;

  if (!speak (rows[i].locale))
    {
      setlocale (LC_ALL, "C.UTF-8");
      g_test_skip ("localedef is not installed, or knows no such locale");
      return;
    }
  euro = pos_money_format (123456789, "EUR");
  yen = pos_money_format (1234567, "JPY");
  dinar = pos_money_format (12345, "KWD");
  negative = pos_money_format (-250, "EUR");
  time = pos_date_time_text (G_GINT64_CONSTANT (1705314600000));
  setlocale (LC_ALL, "C.UTF-8");
  g_assert_cmpstr (euro, ==, rows[i].euro);
  g_assert_cmpstr (yen, ==, rows[i].yen);
  g_assert_cmpstr (dinar, ==, rows[i].dinar);
  g_assert_cmpstr (negative, ==, rows[i].negative);
  g_assert_cmpstr (time, ==, rows[i].time);
}

int
main (int argc, char **argv)
{
  int status;
  g_autofree char *remove = NULL;

  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("pos-day-XXXXXX", NULL);
  g_test_add_func ("/pos/day/sync", test_sync);
  g_test_add_func ("/pos/day/sums", test_sums);
  g_test_add_func ("/pos/day/receipt", test_receipt);
  g_test_add_func ("/pos/day/receipt-today", test_receipt_today);
  g_test_add_func ("/pos/day/terminal-lines", test_terminal_lines);
  g_test_add_func ("/pos/day/prices", test_prices);
  g_test_add_data_func ("/pos/day/german", GUINT_TO_POINTER (0), test_locale);
  g_test_add_data_func ("/pos/day/arabic", GUINT_TO_POINTER (1), test_locale);
  status = g_test_run ();
  remove = g_strdup_printf ("rm -r '%s'", folder);
  g_spawn_command_line_sync (remove, NULL, NULL, NULL, NULL);
  g_free (folder);
  return status;
}
