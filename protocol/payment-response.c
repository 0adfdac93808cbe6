/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PaymentResponse: lenient in, because a terminal's success is a fact whatever its form. */
#include "protocol/error.h"
#include "protocol/id.h"
#include "protocol/payment-private.h"
#include "protocol/time.h"

#include <string.h>

#define TEXT_MAX 1024
#define BLOB_MAX (16 * 1024)

TgpPaymentResponse *
tgp_payment_response_new (void)
{
  return g_new0 (TgpPaymentResponse, 1);
}

TgpPaymentResponse *
tgp_payment_response_copy (const TgpPaymentResponse *response)
{
  TgpPaymentResponse *copy;

  if (response == NULL)
    return NULL;
  copy = g_memdup2 (response, sizeof *response);
  copy->transaction_id = g_strdup (response->transaction_id);
  copy->authorization_code = g_strdup (response->authorization_code);
  copy->error_code = g_strdup (response->error_code);
  copy->error_message = g_strdup (response->error_message);
  copy->receipt_data = g_strdup (response->receipt_data);
  copy->metadata = g_strdup (response->metadata);
  return copy;
}

void
tgp_payment_response_free (TgpPaymentResponse *response)
{
  if (response == NULL)
    return;
  g_free (response->transaction_id);
  g_free (response->authorization_code);
  g_free (response->error_code);
  g_free (response->error_message);
  g_free (response->receipt_data);
  g_free (response->metadata);
  g_free (response);
}

static char *
take_text (TgpValue object, const char *name)
{
  char *text = tgp_value_dup_string (tgp_value_member (object, name));

  if (text != NULL && strlen (text) > TEXT_MAX)
    g_clear_pointer (&text, g_free);
  return text;
}

static char *
take_blob (TgpValue value)
{
  gsize length;

  if (!tgp_value_exists (value))
    return NULL;
  tgp_value_raw (value, &length);
  return length <= BLOB_MAX ? tgp_value_dup_raw (value) : NULL;
}

static void
take_amount (TgpValue object, TgpPaymentResponse *response)
{
  response->has_amount = tgp_value_read_currency (object, response->currency, NULL) &&
                         tgp_value_read_money (tgp_value_member (object, "amount"), response->currency,
                                               "amount", TGP_MONEY_AS_WRITTEN, &response->amount, NULL);
  if (!response->has_amount)
    memset (response->currency, 0, sizeof response->currency);
}

TgpPaymentResponse *
tgp_payment_response_read (TgpValue object, GError **error)
{
  g_autoptr (TgpPaymentResponse) response = tgp_payment_response_new ();
  g_autofree char *status = tgp_value_dup_string (tgp_value_member (object, "status"));
  g_autofree char *method = tgp_value_dup_string (tgp_value_member (object, "paymentMethod"));
  TgpValue metadata = tgp_value_member (object, "metadata");

  if (tgp_value_type (object) != TGP_JSON_OBJECT)
    {
      g_set_error_literal (error, TGP_ERROR, TGP_ERROR_INVALID_FIELD, "paymentResponse must be an object");
      return NULL;
    }
  if (!tgp_value_exists (tgp_value_member (object, "status")))
    {
      g_set_error_literal (error, TGP_ERROR, TGP_ERROR_MISSING_FIELD, "paymentResponse.status is required");
      return NULL;
    }
  if (!tgp_result_from_name (status, &response->status))
    {
      g_set_error_literal (error, TGP_ERROR, TGP_ERROR_INVALID_FIELD,
                           "paymentResponse.status must be SUCCESS, FAILED, PENDING or CANCELLED");
      return NULL;
    }
  tgp_get_optional_id (object, "transactionId", &response->transaction_id, NULL);
  take_amount (object, response);
  response->has_method = tgp_method_from_name (method, &response->method);
  response->authorization_code = take_text (object, "authorizationCode");
  response->error_code = take_text (object, "errorCode");
  response->error_message = take_text (object, "errorMessage");
  response->receipt_data = take_blob (tgp_value_member (object, "receiptData"));
  if (tgp_value_type (metadata) == TGP_JSON_OBJECT)
    response->metadata = take_blob (metadata);
  tgp_get_optional_time (object, "timestamp", &response->timestamp, NULL);
  return g_steal_pointer (&response);
}

void
tgp_payment_response_write (TgpJsonWriter *writer, const char *name, const TgpPaymentResponse *response)
{
  tgp_json_open_object (writer, name);
  tgp_json_optional_string (writer, "transactionId", response->transaction_id);
  tgp_json_string (writer, "status", tgp_result_name (response->status));
  if (response->has_amount)
    {
      tgp_json_money (writer, "amount", response->amount, response->currency);
      tgp_json_string (writer, "currency", response->currency);
    }
  if (response->has_method)
    tgp_json_string (writer, "paymentMethod", tgp_method_name (response->method));
  tgp_json_optional_string (writer, "authorizationCode", response->authorization_code);
  tgp_json_optional_string (writer, "errorCode", response->error_code);
  tgp_json_optional_string (writer, "errorMessage", response->error_message);
  if (response->receipt_data != NULL)
    tgp_json_raw (writer, "receiptData", response->receipt_data);
  if (response->timestamp > 0)
    tgp_json_time (writer, "timestamp", response->timestamp);
  if (response->metadata != NULL)
    tgp_json_raw (writer, "metadata", response->metadata);
  tgp_json_close_object (writer);
}

char *
tgp_payment_response_to_json (const TgpPaymentResponse *response)
{
  TgpJsonWriter writer;

  tgp_json_writer_init (&writer);
  tgp_payment_response_write (&writer, NULL, response);
  return tgp_json_writer_end (&writer);
}

gboolean
tgp_payment_response_same (const TgpPaymentResponse *a, const TgpPaymentResponse *b)
{
  if (a->status != b->status || a->has_amount != b->has_amount)
    return FALSE;
  if (a->has_amount && (a->amount != b->amount || strcmp (a->currency, b->currency) != 0))
    return FALSE;
  return g_strcmp0 (a->authorization_code, b->authorization_code) == 0;
}
