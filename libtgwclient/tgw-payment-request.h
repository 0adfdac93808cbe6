/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

#include "libtgwclient/tgw-enums.h"
#include "libtgwclient/tgw-product.h"

G_BEGIN_DECLS

#define TGW_TYPE_PAYMENT_REQUEST (tgw_payment_request_get_type ())

TGW_AVAILABLE_IN_0_1
G_DECLARE_FINAL_TYPE (TgwPaymentRequest, tgw_payment_request, TGW, PAYMENT_REQUEST, GObject)

TGW_AVAILABLE_IN_0_1
TgwPaymentRequest *tgw_payment_request_new (gint64 amount, const char *currency, GError **error);

TGW_AVAILABLE_IN_0_1
TgwPaymentRequest *tgw_payment_request_new_from_text (const char *amount, const char *currency,
                                                      GError **error);

TGW_AVAILABLE_IN_0_1
TgwPaymentRequest *tgw_payment_request_new_from_json (const char *json, GError **error);

TGW_AVAILABLE_IN_0_1
gboolean tgw_payment_request_set_transaction_id (TgwPaymentRequest *self, const char *transaction_id,
                                                 GError **error);

TGW_AVAILABLE_IN_0_1
const char *tgw_payment_request_get_transaction_id (TgwPaymentRequest *self);

TGW_AVAILABLE_IN_0_1
void tgw_payment_request_set_method (TgwPaymentRequest *self, TgwPaymentMethod method);

TGW_AVAILABLE_IN_0_1
TgwPaymentMethod tgw_payment_request_get_method (TgwPaymentRequest *self);

TGW_AVAILABLE_IN_0_1
gboolean tgw_payment_request_set_metadata (TgwPaymentRequest *self, const char *json, GError **error);

TGW_AVAILABLE_IN_0_1
gboolean tgw_payment_request_add_product (TgwPaymentRequest *self, TgwProduct *product, GError **error);

TGW_AVAILABLE_IN_0_1
gboolean tgw_payment_request_set_customer (TgwPaymentRequest *self, const char *customer_id,
                                           const char *email, GError **error);

TGW_AVAILABLE_IN_0_1
gint64 tgw_payment_request_get_amount (TgwPaymentRequest *self);

TGW_AVAILABLE_IN_0_1
const char *tgw_payment_request_get_currency (TgwPaymentRequest *self);

TGW_AVAILABLE_IN_0_1
char *tgw_payment_request_dup_amount_text (TgwPaymentRequest *self);

G_END_DECLS
