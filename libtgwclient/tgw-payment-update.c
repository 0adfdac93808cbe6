/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Everything that changes a payment. */
#include "libtgwclient/tgw-payment-private.h"

#include "libtgwclient/tgw-verdict-private.h"
#include "protocol/id.h"
#include "protocol/money.h"

G_STATIC_ASSERT ((int) TGW_VOID_STATUS_FAILED == (int) TGP_VOID_FAILED);
G_STATIC_ASSERT ((int) TGW_VOID_STATUS_NONE == (int) TGP_VOID_NONE);

static void
notify (TgwPayment *self, const char *property)
{
  g_object_notify (G_OBJECT (self), property);
}

static void
set_text (TgwPayment *self, char **member, const char *value, const char *property)
{
  if (g_strcmp0 (*member, value) == 0)
    return;
  g_free (*member);
  *member = g_strdup (value);
  notify (self, property);
}

static void
set_amount (TgwPayment *self, gint64 *member, gint64 value, const char *property)
{
  if (*member == value)
    return;
  *member = value;
  notify (self, property);
}

static void
set_currency (TgwPayment *self, const char *currency)
{
  if (strcmp (self->currency, currency) == 0)
    return;
  g_strlcpy (self->currency, currency, sizeof self->currency);
  notify (self, "currency");
}

static void
set_grace_deadline (TgwPayment *self, GDateTime *deadline) /* transfer full */
{
  if (self->grace_deadline == deadline)
    return;
  g_clear_pointer (&self->grace_deadline, g_date_time_unref);
  self->grace_deadline = deadline;
  notify (self, "grace-deadline");
}

static void
set_verdict (TgwPayment *self, const TgpVerdict *verdict)
{
  if (tgw_verdict_same (self->verdict, verdict))
    return;
  g_clear_pointer (&self->verdict, tgw_verdict_unref);
  self->verdict = tgw_verdict_new (verdict);
  notify (self, "verdict");
  notify (self, "money-moved");
  notify (self, "retry-safe");
  notify (self, "next-action");
  notify (self, "verdict-message");
}

static void
set_outcome (TgwPayment *self, TgwOutcome outcome)
{
  if (self->outcome == outcome)
    return;
  /* Why nobody could say is no news of the terminal, once it goes on. */
  if (outcome == TGW_OUTCOME_NONE)
    set_text (self, &self->message, NULL, "message");
  self->outcome = outcome;
  notify (self, "outcome");
}

/* What a state means for the till depends on what is known about the money: staff may have found out
 * otherwise. */
static TgwOutcome
outcome_of (TgwPaymentState state, TgwVerdict *verdict)
{
  TgwMoneyMoved moved = tgw_verdict_get_money_moved (verdict);

  switch (state)
    {
    case TGW_PAYMENT_STATE_COMPLETED:
      return moved == TGW_MONEY_MOVED_NO ? TGW_OUTCOME_DECLINED : TGW_OUTCOME_APPROVED;
    case TGW_PAYMENT_STATE_FAILED:
    case TGW_PAYMENT_STATE_CANCELLED:
      if (moved == TGW_MONEY_MOVED_YES)
        return TGW_OUTCOME_APPROVED;
      if (moved == TGW_MONEY_MOVED_UNKNOWN)
        return TGW_OUTCOME_UNKNOWN;
      return state == TGW_PAYMENT_STATE_FAILED ? TGW_OUTCOME_DECLINED : TGW_OUTCOME_CANCELLED;
    case TGW_PAYMENT_STATE_VOIDED:
      return TGW_OUTCOME_VOIDED;
    case TGW_PAYMENT_STATE_REFUSED:
      return tgw_verdict_get_retry_safe (verdict) ? TGW_OUTCOME_REFUSED : TGW_OUTCOME_UNKNOWN;
    default:
      return TGW_OUTCOME_NONE;
    }
}

static int
rank_of (TgwPaymentState state)
{
  switch (state)
    {
    case TGW_PAYMENT_STATE_STARTING:
      return 0;
    case TGW_PAYMENT_STATE_REFUSED:
    case TGW_PAYMENT_STATE_PENDING:
    case TGW_PAYMENT_STATE_AWAITING_RECONNECT:
      return 1;
    case TGW_PAYMENT_STATE_VOIDED:
      return 3;
    default:
      return 2;
    }
}

static gboolean
may_become (TgwPayment *self, TgwPaymentState state)
{
  if (self->state == TGW_PAYMENT_STATE_COMPLETED && state != TGW_PAYMENT_STATE_VOIDED)
    return state == TGW_PAYMENT_STATE_COMPLETED;
  return rank_of (state) >= rank_of (self->state);
}

/* Verdict before outcome, state last: whoever watches the state finds the rest in place. */
static void
move (TgwPayment *self, TgwPaymentState state, const TgpVerdict *verdict)
{
  gboolean changed = self->state != state;

  self->state = state;
  set_verdict (self, verdict);
  set_outcome (self, outcome_of (state, self->verdict));
  if (state != TGW_PAYMENT_STATE_AWAITING_RECONNECT)
    set_grace_deadline (self, NULL);
  if (changed)
    {
      self->updated_at = g_get_real_time () / 1000;
      notify (self, "updated-at");
      notify (self, "state");
    }
}

static TgpVerdict
verdict_of_status (TgpStatus status, TgpVoidStatus void_status)
{
  /* For a gateway that sends no verdict: the careful reading, in which nothing unproven is safe. */
  TgpVerdictFacts facts = { .status = status, .void_status = void_status };

  return tgp_verdict_of_transaction (&facts);
}

static TgwPaymentState
state_of_status (TgpStatus status)
{
  switch (status)
    {
    case TGP_STATUS_AWAITING_RECONNECT:
      return TGW_PAYMENT_STATE_AWAITING_RECONNECT;
    case TGP_STATUS_COMPLETED:
      return TGW_PAYMENT_STATE_COMPLETED;
    case TGP_STATUS_FAILED:
      return TGW_PAYMENT_STATE_FAILED;
    case TGP_STATUS_CANCELLED:
      return TGW_PAYMENT_STATE_CANCELLED;
    case TGP_STATUS_VOIDED:
      return TGW_PAYMENT_STATE_VOIDED;
    case TGP_STATUS_PENDING:
    default:
      return TGW_PAYMENT_STATE_PENDING;
    }
}

static void
take_response (TgwPayment *self, const TgpPaymentResponse *response, const char *json)
{
  if (response == NULL)
    return;
  set_text (self, &self->response, json, "response");
  set_text (self, &self->authorization_code, response->authorization_code, "authorization-code");
  set_text (self, &self->error_code, response->error_code, "error-code");
  set_text (self, &self->error_message, response->error_message, "error-message");
  set_text (self, &self->receipt, response->receipt_data, "receipt");
}

static void
take_charge (TgwPayment *self, const TgpPaymentResponse *response)
{
  gboolean confirmed = response != NULL && response->has_amount;

  if (confirmed)
    {
      set_currency (self, response->currency);
      set_amount (self, &self->amount, response->amount, "amount");
    }
  if (self->amount_confirmed != confirmed)
    {
      self->amount_confirmed = confirmed;
      notify (self, "amount-confirmed");
    }
}

static void
set_void_status (TgwPayment *self, TgpVoidStatus status)
{
  if (status == TGP_VOID_NONE || self->void_status == (TgwVoidStatus) status ||
      self->void_status == TGW_VOID_STATUS_CONFIRMED ||
      (self->void_status == TGW_VOID_STATUS_FAILED && status == TGP_VOID_REQUESTED &&
       self->state == TGW_PAYMENT_STATE_VOIDED))
    return;
  self->void_status = (TgwVoidStatus) status;
  notify (self, "void-status");
}

TgwPayment *
tgw_payment_new (const char *transaction_id, const char *terminal_id, const TgpPaymentRequest *request)
{
  TgwPayment *self = g_object_new (TGW_TYPE_PAYMENT, NULL);
  TgpVerdict verdict = verdict_of_status (TGP_STATUS_PENDING, TGP_VOID_NONE);

  self->transaction_id = g_strdup (transaction_id);
  self->terminal_id = g_strdup (terminal_id);
  self->verdict = tgw_verdict_new (&verdict);
  self->started_at = self->updated_at = g_get_real_time () / 1000;
  self->acknowledged = TRUE;
  self->method = request != NULL ? (int) request->method : -1;
  self->asked_terminal_id = request != NULL ? g_strdup (terminal_id) : NULL;
  if (request != NULL)
    {
      self->amount = self->requested_amount = request->amount;
      memcpy (self->currency, request->currency, sizeof self->currency);
    }
  return self;
}

void
tgw_payment_accepted (TgwPayment *self, const TgpPosEvent *event)
{
  TgpStatus status = event->has_status ? event->status : TGP_STATUS_PENDING;
  TgpVerdict verdict = verdict_of_status (status, TGP_VOID_NONE);

  /* A closed one comes again with all its members: paymentComplete, or paymentVoided. */
  if (tgp_status_is_final (status) || !may_become (self, state_of_status (status)))
    return;
  g_object_freeze_notify (G_OBJECT (self));
  if (event->terminal_id != NULL)
    set_text (self, &self->terminal_id, event->terminal_id, "terminal-id");
  move (self, state_of_status (status), &verdict);
  g_object_thaw_notify (G_OBJECT (self));
}

void
tgw_payment_progress (TgwPayment *self, const TgpPosEvent *event)
{
  TgpVerdict verdict = verdict_of_status (TGP_STATUS_PENDING, TGP_VOID_NONE);

  if (!tgw_payment_is_open (self))
    return;
  g_object_freeze_notify (G_OBJECT (self));
  set_text (self, &self->stage, event->stage, "stage");
  set_text (self, &self->message, event->message, "message");
  move (self, TGW_PAYMENT_STATE_PENDING, &verdict);
  g_object_thaw_notify (G_OBJECT (self));
}

void
tgw_payment_awaiting_reconnect (TgwPayment *self, const TgpPosEvent *event)
{
  TgpVerdict verdict = verdict_of_status (TGP_STATUS_AWAITING_RECONNECT, TGP_VOID_NONE);

  if (!tgw_payment_is_open (self))
    return;
  g_object_freeze_notify (G_OBJECT (self));
  move (self, TGW_PAYMENT_STATE_AWAITING_RECONNECT, &verdict);
  if (event->remaining_seconds >= 0)
    {
      /* The till's clock may be wrong; the rest of the time is not. */
      g_autoptr (GDateTime) now = g_date_time_new_now_local ();

      set_grace_deadline (self, g_date_time_add_seconds (now, (double) event->remaining_seconds));
    }
  g_object_thaw_notify (G_OBJECT (self));
}

void
tgw_payment_outcome (TgwPayment *self, const TgpPosEvent *event)
{
  TgwPaymentState state;
  TgpStatus status;
  TgpVerdict verdict;

  if (event->type == TGP_EVENT_PAYMENT_COMPLETE)
    status = event->result == TGP_RESULT_SUCCESS     ? TGP_STATUS_COMPLETED
             : event->result == TGP_RESULT_CANCELLED ? TGP_STATUS_CANCELLED
                                                     : TGP_STATUS_FAILED;
  else if (event->type == TGP_EVENT_PAYMENT_CONFLICT ||
           (event->type == TGP_EVENT_PAYMENT_VOID_FAILED && self->state == TGW_PAYMENT_STATE_COMPLETED))
    status = TGP_STATUS_COMPLETED;
  else
    status = TGP_STATUS_VOIDED;
  state = state_of_status (status);
  if (event->type == TGP_EVENT_PAYMENT_COMPLETE && event->result == TGP_RESULT_PENDING)
    return;
  if (!may_become (self, state))
    return;

  verdict = event->has_verdict ? event->verdict : verdict_of_status (status, event->void_status);
  g_object_freeze_notify (G_OBJECT (self));
  if (event->terminal_id != NULL)
    set_text (self, &self->terminal_id, event->terminal_id, "terminal-id");
  if (event->type != TGP_EVENT_PAYMENT_CONFLICT)
    take_response (self, event->response, event->response_json);
  if (event->type == TGP_EVENT_PAYMENT_COMPLETE && status == TGP_STATUS_COMPLETED)
    take_charge (self, event->response);
  if (event->reason != NULL)
    set_text (self, &self->void_reason, event->reason, "void-reason");
  if (event->error_code_name != NULL)
    set_text (self, &self->error_code, event->error_code_name, "error-code");
  set_void_status (self, event->void_status);
  move (self, state, &verdict);
  g_object_thaw_notify (G_OBJECT (self));
}

void
tgw_payment_transaction (TgwPayment *self, const TgpTransaction *transaction)
{
  g_autoptr (TgpJson) response_json = NULL;
  g_autoptr (TgpPaymentResponse) response = NULL;
  g_autoptr (TgpJson) request_json = NULL;
  g_autoptr (TgpPaymentRequest) request = NULL;

  if (!may_become (self, state_of_status (transaction->status)))
    return;
  if (transaction->response != NULL)
    response_json = tgp_json_parse_object (transaction->response, strlen (transaction->response), NULL);
  if (response_json != NULL)
    response = tgp_payment_response_read (tgp_json_root (response_json), NULL);
  if (transaction->request != NULL)
    request_json = tgp_json_parse_object (transaction->request, strlen (transaction->request), NULL);
  if (request_json != NULL)
    request = tgp_payment_request_read (tgp_json_root (request_json), NULL);

  g_object_freeze_notify (G_OBJECT (self));
  if (transaction->terminal_id != NULL)
    set_text (self, &self->terminal_id, transaction->terminal_id, "terminal-id");
  take_response (self, response, transaction->response);
  set_currency (self, transaction->currency);
  set_amount (self, &self->amount, transaction->amount, "amount");
  if (request != NULL && self->requested_amount == 0)
    set_amount (self, &self->requested_amount, request->amount, "requested-amount");
  if (self->amount_confirmed != transaction->amount_confirmed)
    {
      self->amount_confirmed = transaction->amount_confirmed;
      notify (self, "amount-confirmed");
    }
  if (transaction->error_code != NULL)
    set_text (self, &self->error_code, transaction->error_code, "error-code");
  if (transaction->error_message != NULL)
    set_text (self, &self->error_message, transaction->error_message, "error-message");
  if (transaction->void_reason != NULL)
    set_text (self, &self->void_reason, transaction->void_reason, "void-reason");
  set_void_status (self, transaction->void_status);
  move (self, state_of_status (transaction->status), &transaction->verdict);
  if (transaction->grace_expires_at > 0 && transaction->status == TGP_STATUS_AWAITING_RECONNECT)
    set_grace_deadline (self, g_date_time_new_from_unix_local (transaction->grace_expires_at / 1000));
  g_object_thaw_notify (G_OBJECT (self));
}

void
tgw_payment_refused (TgwPayment *self, const TgpPosEvent *event)
{
  TgpVerdict verdict = event->has_verdict ? event->verdict : tgp_verdict_of_error (event->error_code);

  if (!tgw_payment_is_open (self))
    return;
  g_object_freeze_notify (G_OBJECT (self));
  set_text (self, &self->error_code, event->error_code_name, "error-code");
  set_text (self, &self->error_message, event->message, "error-message");
  set_text (self, &self->held_by, event->held_by, "held-by");
  /* A fresh id that is somebody else's payment: what the gateway tells of that one is not ours to hear. */
  if (!self->may_be_there && self->state == TGW_PAYMENT_STATE_STARTING &&
      ((verdict.money_moved == TGP_MONEY_MOVED_NO && verdict.retry_safe) ||
       event->error_code == TGP_ERROR_TRANSACTION_ID_REUSED))
    move (self, TGW_PAYMENT_STATE_REFUSED, &verdict);
  else
    {
      /* That this request was refused says nothing about the one before it. */
      if (verdict.retry_safe)
        verdict = tgp_verdict_of_error (TGP_ERROR_TIMEOUT);
      set_verdict (self, &verdict);
      set_outcome (self, TGW_OUTCOME_UNKNOWN);
    }
  g_object_thaw_notify (G_OBJECT (self));
}

void
tgw_payment_never_arrived (TgwPayment *self)
{
  /* As for every payment that was refused before it was durable. */
  TgpVerdict verdict = tgp_verdict_of_error (TGP_ERROR_TERMINAL_NOT_FOUND);

  if (!tgw_payment_is_open (self))
    return;
  g_object_freeze_notify (G_OBJECT (self));
  set_text (self, &self->error_code, "TRANSACTION_NOT_FOUND", "error-code");
  set_text (self, &self->error_message, "The payment never reached the gateway", "error-message");
  move (self, TGW_PAYMENT_STATE_REFUSED, &verdict);
  g_object_thaw_notify (G_OBJECT (self));
}

void
tgw_payment_unknown (TgwPayment *self, const char *why)
{
  TgpVerdict verdict = tgp_verdict_of_error (TGP_ERROR_TIMEOUT);

  if (!tgw_payment_is_open (self))
    return;
  g_object_freeze_notify (G_OBJECT (self));
  set_text (self, &self->message, why, "message");
  set_verdict (self, &verdict);
  set_outcome (self, TGW_OUTCOME_UNKNOWN);
  g_object_thaw_notify (G_OBJECT (self));
}

gboolean
tgw_payment_matches (TgwPayment *self, const TgpTransaction *transaction)
{
  g_autoptr (TgpJson) json = NULL;
  g_autoptr (TgpPaymentRequest) request = NULL;

  if (self->method < 0 || transaction->request == NULL)
    return TRUE; /* not started here, or nothing to compare with */
  json = tgp_json_parse_object (transaction->request, strlen (transaction->request), NULL);
  if (json != NULL)
    request = tgp_payment_request_read (tgp_json_root (json), NULL);
  return request == NULL ||
         (request->amount == self->requested_amount && (int) request->method == self->method &&
          strcmp (request->currency, self->currency) == 0);
}

void
tgw_payment_foreign (TgwPayment *self)
{
  TgpVerdict verdict = tgp_verdict_of_error (TGP_ERROR_TRANSACTION_ID_REUSED);

  if (!tgw_payment_is_open (self))
    return;
  g_object_freeze_notify (G_OBJECT (self));
  set_text (self, &self->error_code, "TRANSACTION_ID_REUSED", "error-code");
  set_text (self, &self->error_message, "The transaction id belongs to another till's payment",
            "error-message");
  move (self, TGW_PAYMENT_STATE_REFUSED, &verdict);
  g_object_thaw_notify (G_OBJECT (self));
}

void
tgw_payment_forgotten (TgwPayment *self)
{
  TgpVerdict verdict = {
    TGP_MONEY_MOVED_UNKNOWN, FALSE, TGP_NEXT_CALL_STAFF,
    "The gateway does not remember this payment any more. Look at the terminal's receipts."
  };

  if (!tgw_payment_is_open (self))
    return;
  g_object_freeze_notify (G_OBJECT (self));
  set_text (self, &self->error_code, "TRANSACTION_NOT_FOUND", "error-code");
  set_text (self, &self->error_message, "The gateway does not remember this payment any more",
            "error-message");
  move (self, TGW_PAYMENT_STATE_FAILED, &verdict);
  g_object_thaw_notify (G_OBJECT (self));
}

void
tgw_payment_wait_again (TgwPayment *self)
{
  TgpVerdict verdict = verdict_of_status (TGP_STATUS_PENDING, TGP_VOID_NONE);

  self->may_be_there = TRUE;
  if (!tgw_payment_is_open (self))
    return;
  g_object_freeze_notify (G_OBJECT (self));
  set_verdict (self, &verdict);
  set_outcome (self, TGW_OUTCOME_NONE);
  g_object_thaw_notify (G_OBJECT (self));
}

void
tgw_payment_set_recovered_from (TgwPayment *self, TgwRecovery recovered_from)
{
  if (self->recovered_from == recovered_from)
    return;
  self->recovered_from = recovered_from;
  notify (self, "recovered-from");
}

void
tgw_payment_set_revision (TgwPayment *self, guint revision)
{
  if (self->revision == revision)
    return;
  self->revision = revision;
  notify (self, "revision");
}

void
tgw_payment_set_acknowledged (TgwPayment *self, gboolean acknowledged)
{
  if (self->acknowledged == acknowledged)
    return;
  self->acknowledged = acknowledged;
  notify (self, "acknowledged");
}
