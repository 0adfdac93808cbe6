/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo-pos/model/pos-money.h"

#include <glib/gi18n.h>
#include <limits.h>
#include <locale.h>
#include <string.h>

#include "libtgwclient/tgwclient.h"

static const struct
{
  const char *code, *symbol;
} symbols[] = {
  { "EUR", "€" }, { "USD", "$" }, { "GBP", "£" }, { "JPY", "¥" }, { "INR", "₹" },
  { "TRY", "₺" }, { "UAH", "₴" }, { "ILS", "₪" }, { "KRW", "₩" },
};

static int
find_decimals (const char *currency)
{
  g_autoptr (TgwPaymentRequest) request = tgw_payment_request_new (1, currency, NULL);
  g_autofree char *text = NULL;
  const char *point;

  if (request == NULL)
    return -1;
  text = tgw_payment_request_dup_amount_text (request);
  point = strchr (text, '.');
  return point != NULL ? (int) strlen (point + 1) : 0;
}

int
pos_money_decimals (const char *currency)
{
  static GHashTable *known; /* code -> decimals; what is in no use is not kept */
  static GMutex mutex;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&mutex);
  gpointer found;
  int decimals;

  if (known == NULL)
    known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (g_hash_table_lookup_extended (known, currency, NULL, &found))
    return GPOINTER_TO_INT (found);
  decimals = find_decimals (currency);
  if (decimals >= 0)
    g_hash_table_insert (known, g_strdup (currency), GINT_TO_POINTER (decimals));
  return decimals;
}

char *
pos_money_problem (const char *currency)
{
  if (pos_money_decimals (currency) >= 0)
    return NULL;
  return g_strdup_printf (_ ("The setting “currency” is “%s”, and that is no currency in use. Choose one in "
                             "the preferences, such as EUR."),
                          currency);
}

static const char *
symbol_of (const char *currency)
{
  for (gsize i = 0; i < G_N_ELEMENTS (symbols); i++)
    if (strcmp (symbols[i].code, currency) == 0)
      return symbols[i].symbol;
  return currency;
}

/* Digits in groups of three: the grouping of all languages that this program speaks. */
static void
append_grouped (GString *text, const char *digits, const char *separator)
{
  gsize length = strlen (digits);

  for (gsize i = 0; i < length; i++)
    {
      if (i > 0 && (length - i) % 3 == 0)
        g_string_append (text, separator);
      g_string_append_c (text, digits[i]);
    }
}

char *
pos_money_format (gint64 minor, const char *currency)
{
  const struct lconv *locale = localeconv ();
  const char *symbol = symbol_of (currency != NULL ? currency : "");
  int decimals = currency != NULL ? MAX (pos_money_decimals (currency), 0) : 0;
  gboolean before = locale->p_cs_precedes == CHAR_MAX || locale->p_cs_precedes == 1;
  /* A word before the number needs a space in every language. */
  gboolean space = !before || g_ascii_isalpha (symbol[0]) || locale->p_sep_by_space == 1;
  g_autofree char *digits = g_strdup_printf ("%0*" G_GINT64_FORMAT, decimals + 1, ABS (minor));
  g_autofree char *fraction = g_strdup (digits + strlen (digits) - decimals);
  g_autoptr (GString) number = g_string_new (minor < 0 ? "-" : NULL);

  digits[strlen (digits) - (gsize) decimals] = '\0';
  append_grouped (number, digits,
                  locale->mon_thousands_sep[0] != '\0' ? locale->mon_thousands_sep : locale->thousands_sep);
  if (decimals > 0)
    g_string_append_printf (
      number, "%s%s",
      locale->mon_decimal_point[0] != '\0' ? locale->mon_decimal_point : locale->decimal_point, fraction);
  if (symbol[0] == '\0')
    return g_strdup (number->str);
  /* A no-break space, so that no line ends between number and currency. */
  return before ? g_strdup_printf ("%s%s%s", symbol, space ? "\u00a0" : "", number->str)
                : g_strdup_printf ("%s\u00a0%s", number->str, symbol);
}
