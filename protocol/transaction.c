/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "protocol/transaction.h"
#include "protocol/error.h"
#include "protocol/payment-private.h"

TgpTransaction *
tgp_transaction_new (void)
{
  TgpTransaction *transaction = g_new0 (TgpTransaction, 1);

  transaction->amount_confirmed = TRUE;
  transaction->verdict.message = "";
  return transaction;
}

void
tgp_transaction_free (TgpTransaction *transaction)
{
  if (transaction == NULL)
    return;
  g_free (transaction->transaction_id);
  g_free (transaction->terminal_id);
  g_free (transaction->device_id);
  g_free (transaction->request);
  g_free (transaction->response);
  g_free (transaction->error_code);
  g_free (transaction->error_message);
  g_free (transaction->void_reason);
  g_free (transaction);
}

static void
write_optional_time (TgpJsonWriter *writer, const char *name, gint64 ms)
{
  if (ms > 0)
    tgp_json_time (writer, name, ms);
}

void
tgp_transaction_write_members (TgpJsonWriter *writer, const TgpTransaction *transaction, gint64 now_ms)
{
  tgp_json_string (writer, "transactionId", transaction->transaction_id);
  tgp_json_string (writer, "status", tgp_status_name (transaction->status));
  tgp_json_money (writer, "amount", transaction->amount, transaction->currency);
  tgp_json_string (writer, "currency", transaction->currency);
  if (!transaction->amount_confirmed)
    tgp_json_boolean (writer, "amountConfirmed", FALSE);
  tgp_json_string (writer, "terminalId", transaction->terminal_id);
  tgp_json_optional_string (writer, "deviceId", transaction->device_id);
  tgp_json_raw (writer, "request", transaction->request != NULL ? transaction->request : "{}");
  if (transaction->response != NULL)
    tgp_json_raw (writer, "response", transaction->response);
  tgp_json_optional_string (writer, "errorCode", transaction->error_code);
  tgp_json_optional_string (writer, "errorMessage", transaction->error_message);
  tgp_json_time (writer, "createdAt", transaction->created_at);
  tgp_json_time (writer, "updatedAt",
                 transaction->updated_at > 0 ? transaction->updated_at : transaction->created_at);
  write_optional_time (writer, "completedAt", transaction->completed_at);
  write_optional_time (writer, "voidedAt", transaction->voided_at);
  tgp_json_optional_string (writer, "voidReason", transaction->void_reason);
  tgp_json_time (writer, "timestamp", now_ms);
  write_optional_time (writer, "graceExpiresAt", transaction->grace_expires_at);
  tgp_json_optional_string (writer, "voidStatus", tgp_void_status_name (transaction->void_status));
  tgp_json_boolean (writer, "settled", transaction->settled);
  tgp_verdict_write (writer, "verdict", &transaction->verdict);
}

static gboolean
read_status (TgpValue object, TgpStatus *status, GError **error)
{
  g_autofree char *name = tgp_value_dup_string (tgp_value_member (object, "status"));

  if (tgp_status_from_name (name, status))
    return TRUE;
  g_set_error_literal (error, TGP_ERROR, TGP_ERROR_INVALID_FIELD, "status is not a transaction's status");
  return FALSE;
}

static gboolean
read_void_status (TgpValue object, TgpVoidStatus *status, GError **error)
{
  TgpValue value = tgp_value_member (object, "voidStatus");
  g_autofree char *name = tgp_value_dup_string (value);

  *status = TGP_VOID_NONE;
  if (!tgp_value_exists (value) || tgp_void_status_from_name (name, status))
    return TRUE;
  g_set_error_literal (error, TGP_ERROR, TGP_ERROR_INVALID_FIELD,
                       "voidStatus must be REQUESTED, CONFIRMED or FAILED");
  return FALSE;
}

static char *
take_object (TgpValue object, const char *name)
{
  TgpValue value = tgp_value_member (object, name);

  return tgp_value_type (value) == TGP_JSON_OBJECT ? tgp_value_dup_raw (value) : NULL;
}

TgpTransaction *
tgp_transaction_read (TgpValue object, GError **error)
{
  g_autoptr (TgpTransaction) transaction = tgp_transaction_new ();
  TgpMoneyFlags flags = TGP_MONEY_OR_ZERO | TGP_MONEY_AS_WRITTEN;

  if (tgp_value_type (object) != TGP_JSON_OBJECT)
    {
      g_set_error_literal (error, TGP_ERROR, TGP_ERROR_INVALID_FIELD, "transaction must be an object");
      return NULL;
    }
  if (!tgp_get_id (object, "transactionId", &transaction->transaction_id, error) ||
      !read_status (object, &transaction->status, error) ||
      !tgp_value_read_currency (object, transaction->currency, error) ||
      !tgp_value_read_money (tgp_value_member (object, "amount"), transaction->currency, "amount", flags,
                             &transaction->amount, error) ||
      !tgp_get_optional_boolean (object, "amountConfirmed", TRUE, &transaction->amount_confirmed, error) ||
      !tgp_get_optional_string (object, "terminalId", 64, &transaction->terminal_id, error) ||
      !tgp_get_optional_string (object, "deviceId", 64, &transaction->device_id, error) ||
      !tgp_get_optional_string (object, "errorCode", 1024, &transaction->error_code, error) ||
      !tgp_get_optional_string (object, "errorMessage", 1024, &transaction->error_message, error) ||
      !tgp_get_optional_time (object, "createdAt", &transaction->created_at, error) ||
      !tgp_get_optional_time (object, "updatedAt", &transaction->updated_at, error) ||
      !tgp_get_optional_time (object, "completedAt", &transaction->completed_at, error) ||
      !tgp_get_optional_time (object, "voidedAt", &transaction->voided_at, error) ||
      !tgp_get_optional_string (object, "voidReason", 1024, &transaction->void_reason, error) ||
      !read_void_status (object, &transaction->void_status, error) ||
      !tgp_get_optional_time (object, "graceExpiresAt", &transaction->grace_expires_at, error)
      /* Without the member (the source's gateway): an open payment is not settled. */
      || !tgp_get_optional_boolean (object, "settled", tgp_status_is_final (transaction->status),
                                    &transaction->settled, error) ||
      !tgp_verdict_read (tgp_value_member (object, "verdict"), &transaction->verdict, error))
    return NULL;
  transaction->request = take_object (object, "request");
  transaction->response = take_object (object, "response");
  return g_steal_pointer (&transaction);
}
