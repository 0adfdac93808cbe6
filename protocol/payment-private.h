/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the messages share of payment.c and payment-response.c. */
#pragma once

#include "protocol/money.h"
#include "protocol/payment.h"

G_BEGIN_DECLS

/* Money as a JSON string or number, judged on its text. */
gboolean tgp_value_read_money (TgpValue value, const char *currency, const char *member, TgpMoneyFlags flags,
                               gint64 *minor, GError **error);
/* The member "currency". */
gboolean tgp_value_read_currency (TgpValue object, char currency[4], GError **error);

/* With TGP_MONEY_AS_WRITTEN for requests that the gateway wrote. */
TgpPaymentRequest *tgp_payment_request_read_as (TgpValue object, TgpMoneyFlags flags, GError **error);
void tgp_payment_request_write (TgpJsonWriter *writer, const char *name, const TgpPaymentRequest *request);
void tgp_payment_response_write (TgpJsonWriter *writer, const char *name, const TgpPaymentResponse *response);

G_END_DECLS
