/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Amounts for people: minor units in, text of the locale out. Never a floating-point number. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a till lets anybody type; the gateway takes 15 digits. */
#define POS_MONEY_MAX G_GINT64_CONSTANT (99999999)

/* Decimals of the currency; -1: no currency in use. */
int pos_money_decimals (const char *currency);
/* Why no amount can be in this currency, and what to do, for who set it; NULL: it can. */
char *pos_money_problem (const char *currency);
/* Such as “12,30 €”. */
char *pos_money_format (gint64 minor, const char *currency);

G_END_DECLS
