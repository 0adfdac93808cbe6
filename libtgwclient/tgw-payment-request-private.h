/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libtgwclient/tgw-payment-request.h"
#include "protocol/payment.h"

G_BEGIN_DECLS

/* A copy for the wire; always with a transaction id. */
TgpPaymentRequest *tgw_payment_request_to_wire (TgwPaymentRequest *self);

/* JSON text; nullable */
const char *tgw_payment_request_get_metadata (TgwPaymentRequest *self);

G_END_DECLS
