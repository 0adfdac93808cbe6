/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Money: int64 minor units and the ISO 4217 table. No floating point anywhere. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define TGP_MONEY_SIZE       32
#define TGP_MONEY_MAX_DIGITS 15

/* Decimals of an ISO 4217 code that is in use for payments (exactly three capitals), -1 if there is none. */
int tgp_currency_decimals (const char *currency);

/* "12.3" EUR -> 1230. Refuses what section "Money" of the contract refuses, with INVALID_AMOUNT ("amount
 * has 3 decimals, EUR takes 2") or INVALID_CURRENCY. member names the JSON member in messages ("amount",
 * "products[2].price"). */
gboolean tgp_money_parse (const char *text, gsize length, const char *currency, const char *member,
                          gint64 *minor, GError **error);
/* Same, but zero is allowed (prices, tax, discounts). */
gboolean tgp_money_parse_or_zero (const char *text, gsize length, const char *currency, const char *member,
                                  gint64 *minor, GError **error);

typedef enum
{
  TGP_MONEY_STRICT = 0,
  TGP_MONEY_OR_ZERO = 1 << 0,
  /* Money that tgp_money_format() wrote: 15 digits of whole units are allowed to have become 15 and
   * decimals. */
  TGP_MONEY_AS_WRITTEN = 1 << 1
} TgpMoneyFlags;
gboolean tgp_money_parse_as (const char *text, gsize length, const char *currency, const char *member,
                             TgpMoneyFlags flags, gint64 *minor, GError **error);

/* 1230 EUR -> "12.30" into the buffer; returns buffer. Negative amounts (never on the wire) get a sign. */
char *tgp_money_format (gint64 minor, const char *currency, char buffer[TGP_MONEY_SIZE]);

G_END_DECLS
