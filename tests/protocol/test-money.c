/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "protocol/error.h"
#include "protocol/money.h"

#include <string.h>

#define REFUSED -1

/* Text, currency, minor units or the error. */
static const struct
{
  const char *text, *currency;
  gint64 minor;
  TgpErrorCode code;
} cases[] = {
  { "99.99", "EUR", 9999 },
  { "99.9", "EUR", 9990 },
  { "99", "EUR", 9900 },
  { "0.01", "EUR", 1 },
  { "00099.99", "EUR", 9999 },
  { "0000000000000000000000000000001", "EUR", 100 },
  { "500", "JPY", 500 },
  { "1.234", "KWD", 1234 },
  { "1.2345", "CLF", 12345 },
  { "999999999999999", "JPY", 999999999999999 },
  { "9999999999999.99", "EUR", 999999999999999 },
  { "999999999999999", "EUR", 99999999999999900 },
  { "000999999999999999", "EUR", 99999999999999900 },
  { "922337203685477", "CLF", 9223372036854770000 },
  { "922337203685478", "CLF", REFUSED, TGP_ERROR_INVALID_AMOUNT }, /* more than an int64 */
  { "999999999999999", "CLF", REFUSED, TGP_ERROR_INVALID_AMOUNT },
  { "1000000000000000", "JPY", REFUSED, TGP_ERROR_INVALID_AMOUNT }, /* 16 digits */
  { "99999999999999.99", "EUR", REFUSED, TGP_ERROR_INVALID_AMOUNT },
  { "999999999999999.00", "EUR", REFUSED, TGP_ERROR_INVALID_AMOUNT },
  { "99999999999999999999999999999999999999999", "EUR", REFUSED, TGP_ERROR_INVALID_AMOUNT },
  { "99.999", "EUR", REFUSED, TGP_ERROR_INVALID_AMOUNT },
  { "99.990", "EUR", REFUSED, TGP_ERROR_INVALID_AMOUNT },
  { "500.0", "JPY", REFUSED, TGP_ERROR_INVALID_AMOUNT },
  { "0", "EUR", REFUSED, TGP_ERROR_INVALID_AMOUNT },
  { "0.00", "EUR", REFUSED, TGP_ERROR_INVALID_AMOUNT },
  { "-1", "EUR", REFUSED, TGP_ERROR_INVALID_AMOUNT },
  { "+1", "EUR", REFUSED, TGP_ERROR_INVALID_AMOUNT },
  { "1e2", "EUR", REFUSED, TGP_ERROR_INVALID_AMOUNT },
  { "1E2", "EUR", REFUSED, TGP_ERROR_INVALID_AMOUNT },
  { "NaN", "EUR", REFUSED, TGP_ERROR_INVALID_AMOUNT },
  { "Infinity", "EUR", REFUSED, TGP_ERROR_INVALID_AMOUNT },
  { "", "EUR", REFUSED, TGP_ERROR_INVALID_AMOUNT },
  { ".", "EUR", REFUSED, TGP_ERROR_INVALID_AMOUNT },
  { ".5", "EUR", REFUSED, TGP_ERROR_INVALID_AMOUNT },
  { "5.", "EUR", REFUSED, TGP_ERROR_INVALID_AMOUNT },
  { "1.2.3", "EUR", REFUSED, TGP_ERROR_INVALID_AMOUNT },
  { "1,50", "EUR", REFUSED, TGP_ERROR_INVALID_AMOUNT },
  { " 1", "EUR", REFUSED, TGP_ERROR_INVALID_AMOUNT },
  { "1 ", "EUR", REFUSED, TGP_ERROR_INVALID_AMOUNT },
  { "1\n", "EUR", REFUSED, TGP_ERROR_INVALID_AMOUNT },
  { "0x10", "EUR", REFUSED, TGP_ERROR_INVALID_AMOUNT },
  { "\xd9\xa1", "EUR", REFUSED, TGP_ERROR_INVALID_AMOUNT }, /* Arabic-Indic digit */
  { "1", "eur", REFUSED, TGP_ERROR_INVALID_CURRENCY },
  { "1", "EU", REFUSED, TGP_ERROR_INVALID_CURRENCY },
  { "1", "EURO", REFUSED, TGP_ERROR_INVALID_CURRENCY },
  { "1", "", REFUSED, TGP_ERROR_INVALID_CURRENCY },
  { "1", "DEM", REFUSED, TGP_ERROR_INVALID_CURRENCY },
  { "1", "XTS", REFUSED, TGP_ERROR_INVALID_CURRENCY },
  { "1", NULL, REFUSED, TGP_ERROR_INVALID_CURRENCY },
};

static void
test_parse (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      gint64 minor = -7;
      gboolean ok =
        tgp_money_parse (cases[i].text, strlen (cases[i].text), cases[i].currency, "amount", &minor, &error);

      g_test_message ("\"%s\" %s", cases[i].text, cases[i].currency);
      if (cases[i].minor == REFUSED)
        {
          g_assert_false (ok);
          g_assert_error (error, TGP_ERROR, (int) cases[i].code);
          g_assert_cmpint (minor, ==, -7);
        }
      else
        {
          g_assert_no_error (error);
          g_assert_true (ok);
          g_assert_cmpint (minor, ==, cases[i].minor);
        }
    }
}

static void
test_messages (void)
{
  g_autoptr (GError) error = NULL;
  gint64 minor;

  g_assert_false (tgp_money_parse ("1.234", 5, "EUR", "amount", &minor, &error));
  g_assert_cmpstr (error->message, ==, "amount has 3 decimals, EUR takes 2");
  g_clear_error (&error);
  g_assert_false (tgp_money_parse ("1.2", 3, "JPY", "products[2].price", &minor, &error));
  g_assert_cmpstr (error->message, ==, "products[2].price has 1 decimals, JPY takes 0");
}

static void
test_zero (void)
{
  gint64 minor = 5;

  g_assert_true (tgp_money_parse_or_zero ("0", 1, "EUR", "tax", &minor, NULL));
  g_assert_cmpint (minor, ==, 0);
  g_assert_true (tgp_money_parse_or_zero ("0.00", 4, "EUR", "tax", &minor, NULL));
  g_assert_cmpint (minor, ==, 0);
  g_assert_false (tgp_money_parse_or_zero ("-0", 2, "EUR", "tax", &minor, NULL));
  g_assert_false (tgp_money_parse_or_zero ("0.000", 5, "EUR", "tax", &minor, NULL));
}

static void
test_format (void)
{
  static const struct
  {
    gint64 minor;
    const char *currency, *text;
  } formats[] = {
    { 1230, "EUR", "12.30" },
    { 1, "EUR", "0.01" },
    { 0, "EUR", "0.00" },
    { 100, "EUR", "1.00" },
    { 500, "JPY", "500" },
    { 0, "JPY", "0" },
    { 5, "KWD", "0.005" },
    { 12345, "CLF", "1.2345" },
    { -1230, "EUR", "-12.30" },
    { G_MAXINT64, "EUR", "92233720368547758.07" },
    { G_MININT64, "JPY", "-9223372036854775808" },
    { G_MININT64, "CLF", "-922337203685477.5808" },
  };
  char buffer[TGP_MONEY_SIZE];

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    g_assert_cmpstr (tgp_money_format (formats[i].minor, formats[i].currency, buffer), ==, formats[i].text);
}

/* What is written can be read, also the 15 digits of whole units that were accepted without decimals. */
static void
test_round_trip (void)
{
  static const char *const currencies[] = { "EUR", "JPY", "KWD", "CLF" };
  char buffer[TGP_MONEY_SIZE];

  for (guint c = 0; c < G_N_ELEMENTS (currencies); c++)
    for (gint64 minor = 1; minor < 99999999999999900; minor = minor * 3 + 1)
      {
        gint64 back = 0;

        if (minor > 999999999999999 && c == 1)
          break;
        tgp_money_format (minor, currencies[c], buffer);
        g_assert_true (tgp_money_parse_as (buffer, strlen (buffer), currencies[c], "amount",
                                           TGP_MONEY_AS_WRITTEN, &back, NULL));
        g_assert_cmpint (back, ==, minor);
      }
  {
    gint64 back = 0;

    g_assert_true (
      tgp_money_parse_as ("999999999999999.00", 18, "EUR", "amount", TGP_MONEY_AS_WRITTEN, &back, NULL));
    g_assert_cmpint (back, ==, 99999999999999900);
    g_assert_false (
      tgp_money_parse_as ("1000000000000000.00", 19, "EUR", "amount", TGP_MONEY_AS_WRITTEN, &back, NULL));
  }
}

static void
test_currencies (void)
{
  static const struct
  {
    const char *codes;
    int decimals;
  } groups[] = {
    { "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF", 0 },
    { "BHD IQD JOD KWD LYD OMR TND", 3 },
    { "CLF UYW", 4 },
    { "AED AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF IDR ILS INR MGA MRU MXN NOK NZD PLN RON SEK SGD SLE "
      "THB TRY TWD "
      "UAH USD VED VES XCD XCG ZAR ZMW ZWG",
      2 },
    { "XTS XAU XAG XDR ITL FRF HRK ABC ZZZ AAA eur Eur", -1 },
  };
  char code[4] = "AAA";
  guint known = 0;

  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    {
      g_auto (GStrv) codes = g_strsplit (groups[i].codes, " ", -1);

      for (guint j = 0; codes[j] != NULL; j++)
        {
          g_test_message ("%s", codes[j]);
          g_assert_cmpint (tgp_currency_decimals (codes[j]), ==, groups[i].decimals);
        }
    }
  /* A table out of order would hide entries from the search. */
  for (code[0] = 'A'; code[0] <= 'Z'; code[0]++)
    for (code[1] = 'A'; code[1] <= 'Z'; code[1]++)
      for (code[2] = 'A'; code[2] <= 'Z'; code[2]++)
        known += tgp_currency_decimals (code) >= 0;
  g_assert_cmpuint (known, ==, 166);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/money/parse", test_parse);
  g_test_add_func ("/money/messages", test_messages);
  g_test_add_func ("/money/zero", test_zero);
  g_test_add_func ("/money/format", test_format);
  g_test_add_func ("/money/round-trip", test_round_trip);
  g_test_add_func ("/money/currencies", test_currencies);
  return g_test_run ();
}
