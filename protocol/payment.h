/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PaymentRequest and PaymentResponse (section 4). Plain structs; free with the functions below. */
#pragma once

#include "protocol/json.h"
#include "protocol/json-writer.h"
#include "protocol/states.h"

G_BEGIN_DECLS

typedef struct
{
  char *transaction_id; /* nullable on input */
  gint64 amount;        /* minor units, > 0 */
  char currency[4];
  TgpMethod method;
  gboolean webhook_mode;
  char *extras; /* "products", "customerInfo", "metadata" as received, as JSON members text; nullable */
} TgpPaymentRequest;

TgpPaymentRequest *tgp_payment_request_new (void);
void tgp_payment_request_free (TgpPaymentRequest *request);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TgpPaymentRequest, tgp_payment_request_free)

/* Strict: every member of section 4 is checked, products item by item, metadata <= 8 KiB. */
TgpPaymentRequest *tgp_payment_request_read (TgpValue object, GError **error);
/* {"transactionId","amount":"12.30","currency","paymentMethod",…extras}; webhookMode is not written. */
char *tgp_payment_request_to_json (const TgpPaymentRequest *request) G_GNUC_WARN_UNUSED_RESULT;

typedef struct
{
  char *transaction_id; /* nullable on input */
  TgpResult status;
  gboolean has_amount; /* false: missing or unreadable (amount or currency) */
  gint64 amount;
  char currency[4];
  TgpMethod method;
  gboolean has_method;
  char *authorization_code; /* all nullable */
  char *error_code;
  char *error_message;
  char *receipt_data; /* JSON text of the value, opaque */
  char *metadata;     /* JSON text of the value */
  gint64 timestamp;   /* ms; 0 if absent or unreadable */
} TgpPaymentResponse;

TgpPaymentResponse *tgp_payment_response_new (void);
TgpPaymentResponse *tgp_payment_response_copy (const TgpPaymentResponse *response);
void tgp_payment_response_free (TgpPaymentResponse *response);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TgpPaymentResponse, tgp_payment_response_free)

/* Lenient, because a success is never refused for its form: only a missing or unknown status is an error.
 * Optional members of the wrong type or size (texts > 1 KiB, receiptData or metadata > 16 KiB) are
 * dropped. */
TgpPaymentResponse *tgp_payment_response_read (TgpValue object, GError **error);
char *tgp_payment_response_to_json (const TgpPaymentResponse *response) G_GNUC_WARN_UNUSED_RESULT;
/* Same status, amount, currency and authorization code. */
gboolean tgp_payment_response_same (const TgpPaymentResponse *a, const TgpPaymentResponse *b);

G_END_DECLS
