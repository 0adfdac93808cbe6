/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

#include "libtgwclient/tgw-enums.h"
#include "libtgwclient/tgw-verdict.h"

G_BEGIN_DECLS

#define TGW_TYPE_PAYMENT (tgw_payment_get_type ())

TGW_AVAILABLE_IN_0_1
G_DECLARE_FINAL_TYPE (TgwPayment, tgw_payment, TGW, PAYMENT, GObject)

TGW_AVAILABLE_IN_0_1
const char *tgw_payment_get_transaction_id (TgwPayment *self);

TGW_AVAILABLE_IN_0_1
const char *tgw_payment_get_terminal_id (TgwPayment *self);

TGW_AVAILABLE_IN_0_1
TgwPaymentState tgw_payment_get_state (TgwPayment *self);

TGW_AVAILABLE_IN_0_1
TgwOutcome tgw_payment_get_outcome (TgwPayment *self);

TGW_AVAILABLE_IN_0_1
TgwVerdict *tgw_payment_get_verdict (TgwPayment *self);

TGW_AVAILABLE_IN_0_1
gint64 tgw_payment_get_amount (TgwPayment *self);

TGW_AVAILABLE_IN_0_1
gint64 tgw_payment_get_requested_amount (TgwPayment *self);

TGW_AVAILABLE_IN_0_1
const char *tgw_payment_get_currency (TgwPayment *self);

TGW_AVAILABLE_IN_0_1
char *tgw_payment_dup_amount_text (TgwPayment *self);

TGW_AVAILABLE_IN_0_1
gboolean tgw_payment_get_amount_confirmed (TgwPayment *self);

TGW_AVAILABLE_IN_0_1
const char *tgw_payment_get_stage (TgwPayment *self);

TGW_AVAILABLE_IN_0_1
const char *tgw_payment_get_message (TgwPayment *self);

TGW_AVAILABLE_IN_0_1
GDateTime *tgw_payment_get_grace_deadline (TgwPayment *self);

TGW_AVAILABLE_IN_0_1
TgwVoidStatus tgw_payment_get_void_status (TgwPayment *self);

TGW_AVAILABLE_IN_0_1
const char *tgw_payment_get_void_reason (TgwPayment *self);

TGW_AVAILABLE_IN_0_1
const char *tgw_payment_get_authorization_code (TgwPayment *self);

TGW_AVAILABLE_IN_0_1
const char *tgw_payment_get_error_code (TgwPayment *self);

TGW_AVAILABLE_IN_0_1
const char *tgw_payment_get_error_message (TgwPayment *self);

TGW_AVAILABLE_IN_0_1
const char *tgw_payment_get_held_by (TgwPayment *self);

TGW_AVAILABLE_IN_0_1
const char *tgw_payment_get_response (TgwPayment *self);

TGW_AVAILABLE_IN_0_1
const char *tgw_payment_get_receipt (TgwPayment *self);

TGW_AVAILABLE_IN_0_1
const char *tgw_payment_get_metadata (TgwPayment *self);

TGW_AVAILABLE_IN_0_1
GDateTime *tgw_payment_dup_started_at (TgwPayment *self);

TGW_AVAILABLE_IN_0_1
GDateTime *tgw_payment_dup_updated_at (TgwPayment *self);

TGW_AVAILABLE_IN_0_1
TgwRecovery tgw_payment_get_recovered_from (TgwPayment *self);

TGW_AVAILABLE_IN_0_1
guint tgw_payment_get_revision (TgwPayment *self);

TGW_AVAILABLE_IN_0_1
gboolean tgw_payment_get_acknowledged (TgwPayment *self);

TGW_AVAILABLE_IN_0_1
gboolean tgw_payment_is_open (TgwPayment *self);

G_END_DECLS
