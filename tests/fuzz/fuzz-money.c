/* SPDX-License-Identifier: GPL-3.0-or-later */
/* First byte: the currency; the rest: the amount. What is accepted is written and read back as the same
 * value. */
#include "protocol/money.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const char *const currencies[] = { "JPY", "EUR", "KWD", "CLF" };
  const char *currency = size > 0 ? currencies[data[0] % 4] : "EUR";
  const char *text = size > 0 ? (const char *) data + 1 : "";
  gsize length = size > 0 ? size - 1 : 0;
  char buffer[TGP_MONEY_SIZE];
  gint64 minor = -1, zero = -1, back = -1;
  gboolean strict = tgp_money_parse (text, length, currency, "amount", &minor, NULL);
  gboolean or_zero = tgp_money_parse_or_zero (text, length, currency, "amount", &zero, NULL);

  g_assert (!strict || (or_zero && minor == zero && minor > 0));
  if (or_zero)
    {
      g_assert (zero >= 0);
      tgp_money_format (zero, currency, buffer);
      g_assert (tgp_money_parse_as (buffer, strlen (buffer), currency, "amount",
                                    TGP_MONEY_OR_ZERO | TGP_MONEY_AS_WRITTEN, &back, NULL));
      g_assert (back == zero);
    }
  return 0;
}
