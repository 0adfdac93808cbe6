/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateway/core/transaction.h"

#include <string.h>

/* Every text member, in one place for copy and free; the formatter would move it about on every run. */
/* clang-format off */
#define TEXTS(X)                                                                     \
  X (group_id) X (transaction_id) X (key_id) X (terminal_id) X (slot) X (device_id)  \
  X (connection_id) X (terminal_key_id) X (journal_id) X (request) X (response)      \
  X (conflict) X (error_code) X (error_message) X (void_reason)
/* clang-format on */

void
gw_set_text (char **member, const char *value)
{
  char *old = *member;
  *member = value ? g_ref_string_new (value) : NULL;
  if (old)
    g_ref_string_release (old);
}

void
gw_share_text (char **member, char *ref_string)
{
  char *old = *member;
  *member = ref_string ? g_ref_string_acquire (ref_string) : NULL;
  if (old)
    g_ref_string_release (old);
}

GwTransaction *
gw_transaction_new (void)
{
  GwTransaction *transaction = g_new0 (GwTransaction, 1);
  g_atomic_ref_count_init (&transaction->refs);
  return transaction;
}

GwTransaction *
gw_transaction_copy (const GwTransaction *transaction)
{
  GwTransaction *copy = g_new (GwTransaction, 1);
  *copy = *transaction;
  g_atomic_ref_count_init (&copy->refs);
#define ACQUIRE(m)                                                                                           \
  if (copy->m)                                                                                               \
    g_ref_string_acquire (copy->m);
  TEXTS (ACQUIRE)
#undef ACQUIRE
  return copy;
}

GwTransaction *
gw_transaction_ref (GwTransaction *transaction)
{
  g_atomic_ref_count_inc (&transaction->refs);
  return transaction;
}

void
gw_transaction_unref (GwTransaction *transaction)
{
  if (!g_atomic_ref_count_dec (&transaction->refs))
    return;
#define RELEASE(m) g_clear_pointer (&transaction->m, g_ref_string_release);
  TEXTS (RELEASE)
#undef RELEASE
  g_free (transaction);
}

gboolean
gw_transaction_is_open (const GwTransaction *transaction)
{
  return !tgp_status_is_final (transaction->status);
}

static gboolean
amount_differs (const GwTransaction *transaction)
{
  return transaction->status == TGP_STATUS_COMPLETED &&
         (transaction->charged_amount != transaction->amount ||
          strcmp (transaction->charged_currency, transaction->currency) != 0);
}

gboolean
gw_transaction_needs_attention (const GwTransaction *transaction)
{
  if (gw_transaction_has (transaction, GW_RESOLVED_BY_STAFF) || gw_transaction_is_open (transaction))
    return FALSE;
  if (gw_transaction_has (transaction, GW_FOUND)) /* and the terminal says otherwise */
    return TRUE;
  /* Closed by the gateway: the terminal has not said how it ended, or cannot say it any more. */
  if (!gw_transaction_has (transaction, GW_ANSWERED | GW_PROVEN_UNSEEN))
    return TRUE;
  return gw_transaction_has (transaction, GW_CONTRADICTED | GW_VOID_OVERDUE) ||
         transaction->void_status == TGP_VOID_FAILED || amount_differs (transaction) ||
         gw_transaction_verdict (transaction).next_action == TGP_NEXT_CALL_STAFF;
}

gboolean
gw_transaction_is_in_question (const GwTransaction *transaction)
{
  if (gw_transaction_is_open (transaction))
    return FALSE;
  return gw_transaction_needs_attention (transaction) ||
         gw_transaction_has (transaction, GW_RESOLVED_BY_STAFF | GW_REVERSING) ||
         gw_transaction_verdict (transaction).money_moved == TGP_MONEY_MOVED_UNKNOWN;
}

static TgpFinding
finding (const GwTransaction *transaction)
{
  if (!gw_transaction_has (transaction, GW_RESOLVED_BY_STAFF))
    return TGP_FINDING_NONE;
  if (gw_transaction_has (transaction, GW_FOUND_PAID))
    return TGP_FINDING_PAID;
  if (gw_transaction_has (transaction, GW_FOUND_NOT_PAID))
    return TGP_FINDING_NOT_PAID;
  return gw_transaction_has (transaction, GW_FOUND_REVERSED) ? TGP_FINDING_REVERSED : TGP_FINDING_NONE;
}

TgpVerdict
gw_transaction_verdict (const GwTransaction *transaction)
{
  TgpVerdictFacts facts = {
    .status = transaction->status,
    .error_code = transaction->error_code,
    .void_status = transaction->void_status,
    .settled = gw_transaction_has (transaction, GW_SETTLED),
    .terminal_answered = gw_transaction_has (transaction, GW_ANSWERED),
    .can_reverse = transaction->device_id && gw_transaction_has (transaction, GW_CAN_VOID),
    .proven_unseen = gw_transaction_has (transaction, GW_PROVEN_UNSEEN),
    .amount_differs = amount_differs (transaction),
    .contradicted = gw_transaction_has (transaction, GW_CONTRADICTED),
    .charged_again = gw_transaction_has (transaction, GW_CHARGED_AGAIN),
    .finding = finding (transaction),
  };
  return tgp_verdict_of_transaction (&facts);
}

const char *
gw_transaction_terminal (const GwTransaction *transaction)
{
  return transaction->device_id ? transaction->device_id : transaction->terminal_id;
}

void
gw_transaction_view (const GwTransaction *transaction, TgpTransaction *view)
{
  gboolean charged = transaction->status == TGP_STATUS_COMPLETED;

  memset (view, 0, sizeof *view);
  view->transaction_id = transaction->transaction_id;
  view->status = transaction->status;
  view->amount = charged ? transaction->charged_amount : transaction->amount;
  memcpy (view->currency, charged ? transaction->charged_currency : transaction->currency,
          sizeof view->currency);
  view->amount_confirmed = !gw_transaction_has (transaction, GW_AMOUNT_UNCONFIRMED);
  view->terminal_id = (char *) gw_transaction_terminal (transaction);
  view->device_id = transaction->device_id;
  view->request = transaction->request;
  view->response = transaction->response;
  view->error_code = transaction->error_code;
  view->error_message = transaction->error_message;
  view->created_at = transaction->created_at;
  view->updated_at = transaction->updated_at;
  view->completed_at = transaction->completed_at;
  view->voided_at = transaction->voided_at;
  view->void_reason = transaction->void_reason;
  view->void_status = transaction->void_status;
  view->grace_expires_at = transaction->grace_expires_at;
  view->settled = gw_transaction_has (transaction, GW_SETTLED);
  view->verdict = gw_transaction_verdict (transaction);
}

TgpResult
gw_transaction_result (const GwTransaction *transaction)
{
  switch (transaction->status)
    {
    case TGP_STATUS_COMPLETED:
      return TGP_RESULT_SUCCESS;
    case TGP_STATUS_CANCELLED:
      return TGP_RESULT_CANCELLED;
    case TGP_STATUS_FAILED:
    case TGP_STATUS_VOIDED:
      return TGP_RESULT_FAILED;
    default:
      return TGP_RESULT_PENDING;
    }
}

char *
gw_transaction_response_json (const GwTransaction *transaction)
{
  if (transaction->response)
    return g_strdup (transaction->response);

  TgpPaymentResponse response = {
    .transaction_id = transaction->transaction_id,
    .status = gw_transaction_result (transaction),
    .has_amount = TRUE,
    .amount = transaction->amount,
    .method = transaction->method,
    .has_method = TRUE,
    .error_code = transaction->error_code,
    .error_message = transaction->error_message,
    .timestamp = transaction->completed_at ? transaction->completed_at : transaction->updated_at,
  };
  memcpy (response.currency, transaction->currency, sizeof response.currency);
  return tgp_payment_response_to_json (&response);
}
