/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "protocol/money.h"
#include "protocol/error.h"

#include <stdlib.h>
#include <string.h>

typedef struct
{
  char code[4];
  gint8 decimals;
} Currency;

/* ISO 4217, sorted; funds codes included, metals and test codes (no minor unit) not. ANG and BGN were
 * withdrawn in 2025 and 2026 and stay until tills and terminals have forgotten them. */
static const Currency currencies[] = {
  { "AED", 2 }, { "AFN", 2 }, { "ALL", 2 }, { "AMD", 2 }, { "ANG", 2 }, { "AOA", 2 }, { "ARS", 2 },
  { "AUD", 2 }, { "AWG", 2 }, { "AZN", 2 }, { "BAM", 2 }, { "BBD", 2 }, { "BDT", 2 }, { "BGN", 2 },
  { "BHD", 3 }, { "BIF", 0 }, { "BMD", 2 }, { "BND", 2 }, { "BOB", 2 }, { "BOV", 2 }, { "BRL", 2 },
  { "BSD", 2 }, { "BTN", 2 }, { "BWP", 2 }, { "BYN", 2 }, { "BZD", 2 }, { "CAD", 2 }, { "CDF", 2 },
  { "CHE", 2 }, { "CHF", 2 }, { "CHW", 2 }, { "CLF", 4 }, { "CLP", 0 }, { "CNY", 2 }, { "COP", 2 },
  { "COU", 2 }, { "CRC", 2 }, { "CUP", 2 }, { "CVE", 2 }, { "CZK", 2 }, { "DJF", 0 }, { "DKK", 2 },
  { "DOP", 2 }, { "DZD", 2 }, { "EGP", 2 }, { "ERN", 2 }, { "ETB", 2 }, { "EUR", 2 }, { "FJD", 2 },
  { "FKP", 2 }, { "GBP", 2 }, { "GEL", 2 }, { "GHS", 2 }, { "GIP", 2 }, { "GMD", 2 }, { "GNF", 0 },
  { "GTQ", 2 }, { "GYD", 2 }, { "HKD", 2 }, { "HNL", 2 }, { "HTG", 2 }, { "HUF", 2 }, { "IDR", 2 },
  { "ILS", 2 }, { "INR", 2 }, { "IQD", 3 }, { "IRR", 2 }, { "ISK", 0 }, { "JMD", 2 }, { "JOD", 3 },
  { "JPY", 0 }, { "KES", 2 }, { "KGS", 2 }, { "KHR", 2 }, { "KMF", 0 }, { "KPW", 2 }, { "KRW", 0 },
  { "KWD", 3 }, { "KYD", 2 }, { "KZT", 2 }, { "LAK", 2 }, { "LBP", 2 }, { "LKR", 2 }, { "LRD", 2 },
  { "LSL", 2 }, { "LYD", 3 }, { "MAD", 2 }, { "MDL", 2 }, { "MGA", 2 }, { "MKD", 2 }, { "MMK", 2 },
  { "MNT", 2 }, { "MOP", 2 }, { "MRU", 2 }, { "MUR", 2 }, { "MVR", 2 }, { "MWK", 2 }, { "MXN", 2 },
  { "MXV", 2 }, { "MYR", 2 }, { "MZN", 2 }, { "NAD", 2 }, { "NGN", 2 }, { "NIO", 2 }, { "NOK", 2 },
  { "NPR", 2 }, { "NZD", 2 }, { "OMR", 3 }, { "PAB", 2 }, { "PEN", 2 }, { "PGK", 2 }, { "PHP", 2 },
  { "PKR", 2 }, { "PLN", 2 }, { "PYG", 0 }, { "QAR", 2 }, { "RON", 2 }, { "RSD", 2 }, { "RUB", 2 },
  { "RWF", 0 }, { "SAR", 2 }, { "SBD", 2 }, { "SCR", 2 }, { "SDG", 2 }, { "SEK", 2 }, { "SGD", 2 },
  { "SHP", 2 }, { "SLE", 2 }, { "SOS", 2 }, { "SRD", 2 }, { "SSP", 2 }, { "STN", 2 }, { "SVC", 2 },
  { "SYP", 2 }, { "SZL", 2 }, { "THB", 2 }, { "TJS", 2 }, { "TMT", 2 }, { "TND", 3 }, { "TOP", 2 },
  { "TRY", 2 }, { "TTD", 2 }, { "TWD", 2 }, { "TZS", 2 }, { "UAH", 2 }, { "UGX", 0 }, { "USD", 2 },
  { "USN", 2 }, { "UYI", 0 }, { "UYU", 2 }, { "UYW", 4 }, { "UZS", 2 }, { "VED", 2 }, { "VES", 2 },
  { "VND", 0 }, { "VUV", 0 }, { "WST", 2 }, { "XAF", 0 }, { "XCD", 2 }, { "XCG", 2 }, { "XOF", 0 },
  { "XPF", 0 }, { "YER", 2 }, { "ZAR", 2 }, { "ZMW", 2 }, { "ZWG", 2 },
};

static int
compare_code (const void *key, const void *item)
{
  return strcmp (key, ((const Currency *) item)->code);
}

int
tgp_currency_decimals (const char *currency)
{
  const Currency *found;

  if (currency == NULL)
    return -1;
  found = bsearch (currency, currencies, G_N_ELEMENTS (currencies), sizeof (Currency), compare_code);
  return found != NULL ? found->decimals : -1;
}

static gboolean
refuse (GError **error, const char *member, const char *what)
{
  g_set_error (error, TGP_ERROR, TGP_ERROR_INVALID_AMOUNT, "%s %s", member, what);
  return FALSE;
}

/* digits [ "." digits ], nothing else: *whole and *decimals count them, *leading counts the zeros in front of
 * the first other digit. */
static gboolean
measure (const char *text, gsize length, gsize *whole, gsize *decimals, gsize *leading)
{
  gsize point = length;
  gboolean significant = FALSE;

  *leading = 0;
  for (gsize i = 0; i < length; i++)
    {
      if (text[i] == '.' && point == length)
        point = i;
      else if (!g_ascii_isdigit (text[i]))
        return FALSE;
      else if (text[i] != '0')
        significant = TRUE;
      else if (!significant)
        (*leading)++;
    }
  *whole = point;
  *decimals = point < length ? length - point - 1 : 0;
  return *whole > 0 && (point == length || *decimals > 0);
}

gboolean
tgp_money_parse_as (const char *text, gsize length, const char *currency, const char *member,
                    TgpMoneyFlags flags, gint64 *minor, GError **error)
{
  int takes = tgp_currency_decimals (currency);
  gsize whole, decimals, leading, counted;
  guint64 value = 0;

  if (takes < 0)
    {
      g_set_error_literal (error, TGP_ERROR, TGP_ERROR_INVALID_CURRENCY, "currency must be an ISO 4217 code");
      return FALSE;
    }
  if (!measure (text, length, &whole, &decimals, &leading))
    return refuse (error, member, "must be a plain decimal number like \"12.34\"");
  if (decimals > (gsize) takes)
    {
      g_set_error (error, TGP_ERROR, TGP_ERROR_INVALID_AMOUNT,
                   "%s has %" G_GSIZE_FORMAT " decimals, %s takes %d", member, decimals, currency, takes);
      return FALSE;
    }
  counted = whole + decimals - leading;
  if (flags & TGP_MONEY_AS_WRITTEN)
    counted -= MIN (counted, decimals);
  if (counted > TGP_MONEY_MAX_DIGITS)
    return refuse (error, member, "has more than 15 digits");
  for (gsize i = 0; i < length; i++)
    if (text[i] != '.')
      value = value * 10 + (guint64) (text[i] - '0');
  for (gsize i = decimals; i < (gsize) takes; i++)
    value *= 10;
  /* 15 digits and 4 decimals: below 10^19, so that nothing has wrapped; but INT64_MAX is lower. */
  if (value > G_MAXINT64)
    return refuse (error, member, "is too large");
  if (value == 0 && !(flags & TGP_MONEY_OR_ZERO))
    return refuse (error, member, "must be more than zero");
  *minor = (gint64) value;
  return TRUE;
}

gboolean
tgp_money_parse (const char *text, gsize length, const char *currency, const char *member, gint64 *minor,
                 GError **error)
{
  return tgp_money_parse_as (text, length, currency, member, TGP_MONEY_STRICT, minor, error);
}

gboolean
tgp_money_parse_or_zero (const char *text, gsize length, const char *currency, const char *member,
                         gint64 *minor, GError **error)
{
  return tgp_money_parse_as (text, length, currency, member, TGP_MONEY_OR_ZERO, minor, error);
}

char *
tgp_money_format (gint64 minor, const char *currency, char buffer[TGP_MONEY_SIZE])
{
  int decimals = MAX (tgp_currency_decimals (currency), 0);
  guint64 value = minor < 0 ? -(guint64) minor : (guint64) minor;
  char reversed[TGP_MONEY_SIZE];
  int n = 0;
  char *at = buffer;

  for (int written = 0; value > 0 || written <= decimals; written++, value /= 10)
    {
      if (written == decimals && decimals > 0)
        reversed[n++] = '.';
      reversed[n++] = (char) ('0' + value % 10);
    }
  if (minor < 0)
    *at++ = '-';
  while (n > 0)
    *at++ = reversed[--n];
  *at = '\0';
  return buffer;
}
