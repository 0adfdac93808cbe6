/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The getters of a payment. */
#include "libtgwclient/tgw-payment-private.h"

#include "protocol/money.h"

/**
 * tgw_payment_get_transaction_id:
 * @self: a payment
 *
 * The transaction id.
 *
 * Returns: (transfer none): the transaction id
 * Since: 0.1
 */
const char *
tgw_payment_get_transaction_id (TgwPayment *self)
{
  g_return_val_if_fail (TGW_IS_PAYMENT (self), NULL);

  return self->transaction_id;
}

/**
 * tgw_payment_get_terminal_id:
 * @self: a payment
 *
 * The terminal that the payment was sent to.
 *
 * Returns: (transfer none) (nullable): the terminal id
 * Since: 0.1
 */
const char *
tgw_payment_get_terminal_id (TgwPayment *self)
{
  g_return_val_if_fail (TGW_IS_PAYMENT (self), NULL);

  return self->terminal_id;
}

/**
 * tgw_payment_get_state:
 * @self: a payment
 *
 * The state at the gateway, as last heard.
 *
 * Returns: the state
 * Since: 0.1
 */
TgwPaymentState
tgw_payment_get_state (TgwPayment *self)
{
  g_return_val_if_fail (TGW_IS_PAYMENT (self), TGW_PAYMENT_STATE_STARTING);

  return self->state;
}

/**
 * tgw_payment_get_outcome:
 * @self: a payment
 *
 * What became of it, %TGW_OUTCOME_NONE while it is open.
 *
 * Returns: the outcome
 * Since: 0.1
 */
TgwOutcome
tgw_payment_get_outcome (TgwPayment *self)
{
  g_return_val_if_fail (TGW_IS_PAYMENT (self), TGW_OUTCOME_UNKNOWN);

  return self->outcome;
}

/**
 * tgw_payment_get_verdict:
 * @self: a payment
 *
 * What is known about the customer's money, and what to do next.
 *
 * Returns: (transfer none): the verdict
 * Since: 0.1
 */
TgwVerdict *
tgw_payment_get_verdict (TgwPayment *self)
{
  g_return_val_if_fail (TGW_IS_PAYMENT (self), NULL);

  return self->verdict;
}

/**
 * tgw_payment_get_amount:
 * @self: a payment
 *
 * The amount in minor units: what was asked, and once it is completed what was charged.
 *
 * Returns: the amount
 * Since: 0.1
 */
gint64
tgw_payment_get_amount (TgwPayment *self)
{
  g_return_val_if_fail (TGW_IS_PAYMENT (self), 0);

  return self->amount;
}

/**
 * tgw_payment_get_requested_amount:
 * @self: a payment
 *
 * The amount that was asked, in minor units; 0 for a recovered payment until the gateway says it.
 *
 * Returns: the amount
 * Since: 0.1
 */
gint64
tgw_payment_get_requested_amount (TgwPayment *self)
{
  g_return_val_if_fail (TGW_IS_PAYMENT (self), 0);

  return self->requested_amount;
}

/**
 * tgw_payment_get_currency:
 * @self: a payment
 *
 * The currency of the amount.
 *
 * Returns: (transfer none): an ISO 4217 code, or an empty string while it is not known
 * Since: 0.1
 */
const char *
tgw_payment_get_currency (TgwPayment *self)
{
  g_return_val_if_fail (TGW_IS_PAYMENT (self), NULL);

  return self->currency;
}

/**
 * tgw_payment_get_amount_confirmed:
 * @self: a payment
 *
 * Whether the terminal confirmed the amount that it charged.
 *
 * Returns: whether it is confirmed
 * Since: 0.1
 */
gboolean
tgw_payment_get_amount_confirmed (TgwPayment *self)
{
  g_return_val_if_fail (TGW_IS_PAYMENT (self), FALSE);

  return self->amount_confirmed;
}

/**
 * tgw_payment_get_stage:
 * @self: a payment
 *
 * How far the terminal is, such as `CARD_INSERTED`.
 *
 * Returns: (transfer none) (nullable): the stage
 * Since: 0.1
 */
const char *
tgw_payment_get_stage (TgwPayment *self)
{
  g_return_val_if_fail (TGW_IS_PAYMENT (self), NULL);

  return self->stage;
}

/**
 * tgw_payment_get_message:
 * @self: a payment
 *
 * What the terminal or the gateway says to people about it.
 *
 * Returns: (transfer none) (nullable): a text
 * Since: 0.1
 */
const char *
tgw_payment_get_message (TgwPayment *self)
{
  g_return_val_if_fail (TGW_IS_PAYMENT (self), NULL);

  return self->message;
}

/**
 * tgw_payment_get_grace_deadline:
 * @self: a payment
 *
 * Until when the lost terminal may come back, by this computer's clock.
 *
 * Returns: (transfer none) (nullable): the deadline, or `NULL` if there is none
 * Since: 0.1
 */
GDateTime *
tgw_payment_get_grace_deadline (TgwPayment *self)
{
  g_return_val_if_fail (TGW_IS_PAYMENT (self), NULL);

  return self->grace_deadline;
}

/**
 * tgw_payment_get_void_status:
 * @self: a payment
 *
 * How far the reversal of the charge is.
 *
 * Returns: the void status
 * Since: 0.1
 */
TgwVoidStatus
tgw_payment_get_void_status (TgwPayment *self)
{
  g_return_val_if_fail (TGW_IS_PAYMENT (self), TGW_VOID_STATUS_NONE);

  return self->void_status;
}

/**
 * tgw_payment_get_void_reason:
 * @self: a payment
 *
 * Why the charge is or was reversed.
 *
 * Returns: (transfer none) (nullable): a text
 * Since: 0.1
 */
const char *
tgw_payment_get_void_reason (TgwPayment *self)
{
  g_return_val_if_fail (TGW_IS_PAYMENT (self), NULL);

  return self->void_reason;
}

/**
 * tgw_payment_get_authorization_code:
 * @self: a payment
 *
 * The authorization code of the charge.
 *
 * Returns: (transfer none) (nullable): the code
 * Since: 0.1
 */
const char *
tgw_payment_get_authorization_code (TgwPayment *self)
{
  g_return_val_if_fail (TGW_IS_PAYMENT (self), NULL);

  return self->authorization_code;
}

/**
 * tgw_payment_get_error_code:
 * @self: a payment
 *
 * Why it failed, for programs: a code of the gateway such as `TERMINAL_TIMEOUT`, or the terminal's own.
 *
 * Returns: (transfer none) (nullable): the code
 * Since: 0.1
 */
const char *
tgw_payment_get_error_code (TgwPayment *self)
{
  g_return_val_if_fail (TGW_IS_PAYMENT (self), NULL);

  return self->error_code;
}

/**
 * tgw_payment_get_error_message:
 * @self: a payment
 *
 * Why it failed, for people.
 *
 * Returns: (transfer none) (nullable): a text
 * Since: 0.1
 */
const char *
tgw_payment_get_error_message (TgwPayment *self)
{
  g_return_val_if_fail (TGW_IS_PAYMENT (self), NULL);

  return self->error_message;
}

/**
 * tgw_payment_get_held_by:
 * @self: a payment
 *
 * The payment that occupies the terminal, if this one was refused with `PAYMENT_IN_PROGRESS`.
 *
 * Returns: (transfer none) (nullable): a transaction id
 * Since: 0.1
 */
const char *
tgw_payment_get_held_by (TgwPayment *self)
{
  g_return_val_if_fail (TGW_IS_PAYMENT (self), NULL);

  return self->held_by;
}

/**
 * tgw_payment_get_response:
 * @self: a payment
 *
 * The terminal's whole answer, as JSON text.
 *
 * Returns: (transfer none) (nullable): JSON text
 * Since: 0.1
 */
const char *
tgw_payment_get_response (TgwPayment *self)
{
  g_return_val_if_fail (TGW_IS_PAYMENT (self), NULL);

  return self->response;
}

/**
 * tgw_payment_get_receipt:
 * @self: a payment
 *
 * What the terminal wants on the receipt: the JSON text of a value that only the terminal's maker can
 * explain.
 *
 * Returns: (transfer none) (nullable): JSON text
 * Since: 0.1
 */
const char *
tgw_payment_get_receipt (TgwPayment *self)
{
  g_return_val_if_fail (TGW_IS_PAYMENT (self), NULL);

  return self->receipt;
}

/**
 * tgw_payment_get_metadata:
 * @self: a payment
 *
 * The till's own data that was attached to the request, such as an order number. Kept in the journal, so that
 * it is there after a restart too.
 *
 * Returns: (transfer none) (nullable): a JSON object as text
 * Since: 0.1
 */
const char *
tgw_payment_get_metadata (TgwPayment *self)
{
  g_return_val_if_fail (TGW_IS_PAYMENT (self), NULL);

  return self->metadata;
}

/**
 * tgw_payment_dup_started_at:
 * @self: a payment
 *
 * When the payment was started here, by this computer's clock; for one that was started elsewhere, when this
 * client first heard of it.
 *
 * Returns: (transfer full): a time in the local time zone
 * Since: 0.1
 */
GDateTime *
tgw_payment_dup_started_at (TgwPayment *self)
{
  g_return_val_if_fail (TGW_IS_PAYMENT (self), NULL);

  return g_date_time_new_from_unix_local (self->started_at / 1000);
}

/**
 * tgw_payment_dup_updated_at:
 * @self: a payment
 *
 * When its state last changed, as far as this client heard, by this computer's clock.
 *
 * Returns: (transfer full): a time in the local time zone
 * Since: 0.1
 */
GDateTime *
tgw_payment_dup_updated_at (TgwPayment *self)
{
  g_return_val_if_fail (TGW_IS_PAYMENT (self), NULL);

  return g_date_time_new_from_unix_local (self->updated_at / 1000);
}

/**
 * tgw_payment_get_recovered_from:
 * @self: a payment
 *
 * On which way its last news came, if it was not the ordinary one.
 *
 * Returns: the way; %TGW_RECOVERY_NONE when it came while the till was there for it
 * Since: 0.1
 */
TgwRecovery
tgw_payment_get_recovered_from (TgwPayment *self)
{
  g_return_val_if_fail (TGW_IS_PAYMENT (self), TGW_RECOVERY_NONE);

  return self->recovered_from;
}

/**
 * tgw_payment_get_revision:
 * @self: a payment
 *
 * The number of the piece of news about it that was told last: 1 for the outcome, 2 when that was reversed,
 * and so on. [method@Client.acknowledge] takes it. In a handler that is the news the signal tells, also when
 * several of one payment are told one after the other at a start.
 *
 * Returns: the number; 0: no news yet
 * Since: 0.1
 */
guint
tgw_payment_get_revision (TgwPayment *self)
{
  g_return_val_if_fail (TGW_IS_PAYMENT (self), 0);

  return self->revision;
}

/**
 * tgw_payment_get_acknowledged:
 * @self: a payment
 *
 * Whether the application has acknowledged all news about it; also true while there is none.
 *
 * Returns: whether nothing waits to be acknowledged
 * Since: 0.1
 */
gboolean
tgw_payment_get_acknowledged (TgwPayment *self)
{
  g_return_val_if_fail (TGW_IS_PAYMENT (self), TRUE);

  return self->acknowledged;
}

/**
 * tgw_payment_dup_amount_text:
 * @self: a payment
 *
 * The amount in major units, with the decimals of its currency, such as `12.30`.
 *
 * Returns: (transfer full): the amount
 * Since: 0.1
 */
char *
tgw_payment_dup_amount_text (TgwPayment *self)
{
  char text[TGP_MONEY_SIZE];

  g_return_val_if_fail (TGW_IS_PAYMENT (self), NULL);

  if (tgp_currency_decimals (self->currency) < 0)
    return g_strdup ("");
  return g_strdup (tgp_money_format (self->amount, self->currency, text));
}

/**
 * tgw_payment_is_open:
 * @self: a payment
 *
 * Whether the gateway may still change its mind without anybody asking: it is not closed, or its outcome is
 * unknown.
 *
 * Returns: whether it is open
 * Since: 0.1
 */
gboolean
tgw_payment_is_open (TgwPayment *self)
{
  g_return_val_if_fail (TGW_IS_PAYMENT (self), FALSE);

  return self->state <= TGW_PAYMENT_STATE_AWAITING_RECONNECT;
}
