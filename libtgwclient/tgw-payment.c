/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libtgwclient/tgw-payment-private.h"

#include "libtgwclient/tgw-enum-types.h"

/**
 * TgwPayment:
 *
 * A payment, as this client knows it. Every property notifies, so that a window can bind to it.
 *
 * It belongs to its client's thread: see [Threads](threads.html).
 *
 * It goes on living after [method@Client.pay_async] has returned it: a void, a correction by staff, or the
 * answer to a payment whose outcome was unknown change it, and the client's signals tell of it.
 *
 * Since: 0.1
 */

enum
{
  PROP_TRANSACTION_ID = 1,
  PROP_TERMINAL_ID,
  PROP_STATE,
  PROP_OUTCOME,
  PROP_VERDICT,
  PROP_MONEY_MOVED,
  PROP_RETRY_SAFE,
  PROP_NEXT_ACTION,
  PROP_VERDICT_MESSAGE,
  PROP_AMOUNT,
  PROP_REQUESTED_AMOUNT,
  PROP_CURRENCY,
  PROP_AMOUNT_CONFIRMED,
  PROP_STAGE,
  PROP_MESSAGE,
  PROP_GRACE_DEADLINE,
  PROP_VOID_STATUS,
  PROP_VOID_REASON,
  PROP_AUTHORIZATION_CODE,
  PROP_ERROR_CODE,
  PROP_ERROR_MESSAGE,
  PROP_HELD_BY,
  PROP_RESPONSE,
  PROP_RECEIPT,
  PROP_METADATA,
  PROP_STARTED_AT,
  PROP_UPDATED_AT,
  PROP_RECOVERED_FROM,
  PROP_REVISION,
  PROP_ACKNOWLEDGED,
  N_PROPS
};

G_DEFINE_FINAL_TYPE (TgwPayment, tgw_payment, G_TYPE_OBJECT)

static void
tgw_payment_finalize (GObject *object)
{
  TgwPayment *self = TGW_PAYMENT (object);

  g_free (self->transaction_id);
  g_free (self->terminal_id);
  g_clear_pointer (&self->verdict, tgw_verdict_unref);
  g_free (self->stage);
  g_free (self->message);
  g_clear_pointer (&self->grace_deadline, g_date_time_unref);
  g_free (self->void_reason);
  g_free (self->authorization_code);
  g_free (self->error_code);
  g_free (self->error_message);
  g_free (self->held_by);
  g_free (self->response);
  g_free (self->receipt);
  g_free (self->metadata);
  g_free (self->asked_terminal_id);
  G_OBJECT_CLASS (tgw_payment_parent_class)->finalize (object);
}

static void
tgw_payment_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TgwPayment *self = TGW_PAYMENT (object);

  switch (id)
    {
    case PROP_TRANSACTION_ID:
      g_value_set_string (value, self->transaction_id);
      break;
    case PROP_TERMINAL_ID:
      g_value_set_string (value, self->terminal_id);
      break;
    case PROP_STATE:
      g_value_set_enum (value, self->state);
      break;
    case PROP_OUTCOME:
      g_value_set_enum (value, self->outcome);
      break;
    case PROP_VERDICT:
      g_value_set_boxed (value, self->verdict);
      break;
    case PROP_MONEY_MOVED:
      g_value_set_enum (value, tgw_verdict_get_money_moved (self->verdict));
      break;
    case PROP_RETRY_SAFE:
      g_value_set_boolean (value, tgw_verdict_get_retry_safe (self->verdict));
      break;
    case PROP_NEXT_ACTION:
      g_value_set_enum (value, tgw_verdict_get_next_action (self->verdict));
      break;
    case PROP_VERDICT_MESSAGE:
      g_value_set_string (value, tgw_verdict_get_message (self->verdict));
      break;
    case PROP_AMOUNT:
      g_value_set_int64 (value, self->amount);
      break;
    case PROP_REQUESTED_AMOUNT:
      g_value_set_int64 (value, self->requested_amount);
      break;
    case PROP_CURRENCY:
      g_value_set_string (value, self->currency);
      break;
    case PROP_AMOUNT_CONFIRMED:
      g_value_set_boolean (value, self->amount_confirmed);
      break;
    case PROP_STAGE:
      g_value_set_string (value, self->stage);
      break;
    case PROP_MESSAGE:
      g_value_set_string (value, self->message);
      break;
    case PROP_GRACE_DEADLINE:
      g_value_set_boxed (value, self->grace_deadline);
      break;
    case PROP_VOID_STATUS:
      g_value_set_enum (value, self->void_status);
      break;
    case PROP_VOID_REASON:
      g_value_set_string (value, self->void_reason);
      break;
    case PROP_AUTHORIZATION_CODE:
      g_value_set_string (value, self->authorization_code);
      break;
    case PROP_ERROR_CODE:
      g_value_set_string (value, self->error_code);
      break;
    case PROP_ERROR_MESSAGE:
      g_value_set_string (value, self->error_message);
      break;
    case PROP_HELD_BY:
      g_value_set_string (value, self->held_by);
      break;
    case PROP_RESPONSE:
      g_value_set_string (value, self->response);
      break;
    case PROP_RECEIPT:
      g_value_set_string (value, self->receipt);
      break;
    case PROP_METADATA:
      g_value_set_string (value, self->metadata);
      break;
    case PROP_STARTED_AT:
      g_value_take_boxed (value, tgw_payment_dup_started_at (self));
      break;
    case PROP_UPDATED_AT:
      g_value_take_boxed (value, tgw_payment_dup_updated_at (self));
      break;
    case PROP_RECOVERED_FROM:
      g_value_set_enum (value, self->recovered_from);
      break;
    case PROP_REVISION:
      g_value_set_uint (value, self->revision);
      break;
    case PROP_ACKNOWLEDGED:
      g_value_set_boolean (value, self->acknowledged);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

#define READABLE (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)

static void
install_string (GObjectClass *klass, guint id, const char *name)
{
  g_object_class_install_property (klass, id, g_param_spec_string (name, NULL, NULL, NULL, READABLE));
}

static void
install_enum (GObjectClass *klass, guint id, const char *name, GType type, int initial)
{
  g_object_class_install_property (klass, id, g_param_spec_enum (name, NULL, NULL, type, initial, READABLE));
}

static void
install_boolean (GObjectClass *klass, guint id, const char *name, gboolean initial)
{
  g_object_class_install_property (klass, id, g_param_spec_boolean (name, NULL, NULL, initial, READABLE));
}

static void
install_amount (GObjectClass *klass, guint id, const char *name)
{
  g_object_class_install_property (klass, id,
                                   g_param_spec_int64 (name, NULL, NULL, 0, G_MAXINT64, 0, READABLE));
}

static void
install_boxed (GObjectClass *klass, guint id, const char *name, GType type)
{
  g_object_class_install_property (klass, id, g_param_spec_boxed (name, NULL, NULL, type, READABLE));
}

static void
tgw_payment_class_init (TgwPaymentClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = tgw_payment_finalize;
  object_class->get_property = tgw_payment_get_property;

  /**
   * TgwPayment:transaction-id:
   *
   * The name of the payment in its group, chosen by the till (section 1 of the protocol). Never `NULL`.
   *
   * Since: 0.1
   */
  install_string (object_class, PROP_TRANSACTION_ID, "transaction-id");
  /**
   * TgwPayment:terminal-id:
   *
   * The terminal that the payment was sent to; `NULL` for one that another program started, until the
   * gateway says it.
   *
   * Since: 0.1
   */
  install_string (object_class, PROP_TERMINAL_ID, "terminal-id");
  /**
   * TgwPayment:state:
   *
   * The state at the gateway, as last heard (section 8 of the protocol).
   *
   * Since: 0.1
   */
  install_enum (object_class, PROP_STATE, "state", TGW_TYPE_PAYMENT_STATE, TGW_PAYMENT_STATE_STARTING);
  /**
   * TgwPayment:outcome:
   *
   * What became of it; `TGW_OUTCOME_NONE` while it is open.
   *
   * Since: 0.1
   */
  install_enum (object_class, PROP_OUTCOME, "outcome", TGW_TYPE_OUTCOME, TGW_OUTCOME_NONE);
  /**
   * TgwPayment:verdict:
   *
   * What is known about the customer's money, and what to do next (section 4 of the protocol). Never `NULL`.
   *
   * Since: 0.1
   */
  install_boxed (object_class, PROP_VERDICT, "verdict", TGW_TYPE_VERDICT);
  /**
   * TgwPayment:money-moved:
   *
   * The verdict's word on whether the customer was charged.
   *
   * Since: 0.1
   */
  install_enum (object_class, PROP_MONEY_MOVED, "money-moved", TGW_TYPE_MONEY_MOVED, TGW_MONEY_MOVED_UNKNOWN);
  /**
   * TgwPayment:retry-safe:
   *
   * The verdict's word on whether charging again, with a new transaction id, is safe.
   *
   * Since: 0.1
   */
  install_boolean (object_class, PROP_RETRY_SAFE, "retry-safe", FALSE);
  /**
   * TgwPayment:next-action:
   *
   * The verdict's word on what to do next.
   *
   * Since: 0.1
   */
  install_enum (object_class, PROP_NEXT_ACTION, "next-action", TGW_TYPE_NEXT_ACTION, TGW_NEXT_ACTION_WAIT);
  /**
   * TgwPayment:verdict-message:
   *
   * The verdict as an English sentence for people. Never `NULL`.
   *
   * Since: 0.1
   */
  install_string (object_class, PROP_VERDICT_MESSAGE, "verdict-message");
  /**
   * TgwPayment:amount:
   *
   * The amount in minor units of the currency: what was asked, and once it is completed what was charged.
   *
   * Since: 0.1
   */
  install_amount (object_class, PROP_AMOUNT, "amount");
  /**
   * TgwPayment:requested-amount:
   *
   * The amount that was asked, in minor units; 0 for a recovered payment until the gateway says it.
   *
   * Since: 0.1
   */
  install_amount (object_class, PROP_REQUESTED_AMOUNT, "requested-amount");
  /**
   * TgwPayment:currency:
   *
   * The currency, as an ISO 4217 code; empty while it is not known.
   *
   * Since: 0.1
   */
  install_string (object_class, PROP_CURRENCY, "currency");
  /**
   * TgwPayment:amount-confirmed:
   *
   * Whether the terminal said itself how much it charged.
   *
   * Since: 0.1
   */
  install_boolean (object_class, PROP_AMOUNT_CONFIRMED, "amount-confirmed", TRUE);
  /**
   * TgwPayment:stage:
   *
   * How far the terminal is, such as `CARD_INSERTED` (section 5 of the protocol); `NULL`: it has not said.
   *
   * Since: 0.1
   */
  install_string (object_class, PROP_STAGE, "stage");
  /**
   * TgwPayment:message:
   *
   * What the terminal or the gateway says to people; `NULL`: nothing.
   *
   * Since: 0.1
   */
  install_string (object_class, PROP_MESSAGE, "message");
  /**
   * TgwPayment:grace-deadline:
   *
   * Until when the lost terminal may come back, by this computer's clock; `NULL`: it is not lost.
   *
   * Since: 0.1
   */
  install_boxed (object_class, PROP_GRACE_DEADLINE, "grace-deadline", G_TYPE_DATE_TIME);
  /**
   * TgwPayment:void-status:
   *
   * How far the reversal of the charge is.
   *
   * Since: 0.1
   */
  install_enum (object_class, PROP_VOID_STATUS, "void-status", TGW_TYPE_VOID_STATUS, TGW_VOID_STATUS_NONE);
  /**
   * TgwPayment:void-reason:
   *
   * Why the charge is or was reversed; `NULL`: it is not.
   *
   * Since: 0.1
   */
  install_string (object_class, PROP_VOID_REASON, "void-reason");
  /**
   * TgwPayment:authorization-code:
   *
   * The authorization code of the charge; `NULL`: none was told.
   *
   * Since: 0.1
   */
  install_string (object_class, PROP_AUTHORIZATION_CODE, "authorization-code");
  /**
   * TgwPayment:error-code:
   *
   * Why it failed, for programs: a code of the gateway (section 7 of the protocol) or the terminal's own;
   * `NULL`: it did not fail.
   *
   * Since: 0.1
   */
  install_string (object_class, PROP_ERROR_CODE, "error-code");
  /**
   * TgwPayment:error-message:
   *
   * Why it failed, for people; `NULL`: it did not fail, or nobody said.
   *
   * Since: 0.1
   */
  install_string (object_class, PROP_ERROR_MESSAGE, "error-message");
  /**
   * TgwPayment:held-by:
   *
   * The transaction id of the payment that occupies the terminal, if this one was refused with
   * `PAYMENT_IN_PROGRESS`; otherwise `NULL`.
   *
   * Since: 0.1
   */
  install_string (object_class, PROP_HELD_BY, "held-by");
  /**
   * TgwPayment:response:
   *
   * The terminal's whole answer, as JSON text; `NULL`: there is none yet.
   *
   * Since: 0.1
   */
  install_string (object_class, PROP_RESPONSE, "response");
  /**
   * TgwPayment:receipt:
   *
   * What the terminal wants on the receipt, as JSON text that only its maker can explain; `NULL`: nothing.
   *
   * Since: 0.1
   */
  install_string (object_class, PROP_RECEIPT, "receipt");
  /**
   * TgwPayment:metadata:
   *
   * The till's own data of the request, a JSON object as text; `NULL`: there was none.
   *
   * Since: 0.1
   */
  install_string (object_class, PROP_METADATA, "metadata");
  /**
   * TgwPayment:started-at:
   *
   * When the payment was started here, or first heard of, by this computer's clock. Never `NULL`.
   *
   * Since: 0.1
   */
  install_boxed (object_class, PROP_STARTED_AT, "started-at", G_TYPE_DATE_TIME);
  /**
   * TgwPayment:updated-at:
   *
   * When its state last changed as far as this client heard, by this computer's clock. Never `NULL`.
   *
   * Since: 0.1
   */
  install_boxed (object_class, PROP_UPDATED_AT, "updated-at", G_TYPE_DATE_TIME);
  /**
   * TgwPayment:recovered-from:
   *
   * On which way its last news came, if it was not the ordinary one.
   *
   * Since: 0.1
   */
  install_enum (object_class, PROP_RECOVERED_FROM, "recovered-from", TGW_TYPE_RECOVERY, TGW_RECOVERY_NONE);
  /**
   * TgwPayment:revision:
   *
   * The number of the piece of news that was told last, from 1; [method@Client.acknowledge] takes it. In a
   * handler that is the news the signal tells, also when several of one payment are told one after the other
   * at a start. 0: none yet.
   *
   * Since: 0.1
   */
  g_object_class_install_property (object_class, PROP_REVISION,
                                   g_param_spec_uint ("revision", NULL, NULL, 0, G_MAXUINT, 0, READABLE));
  /**
   * TgwPayment:acknowledged:
   *
   * Whether the application has acknowledged all news; also while there are none.
   *
   * Since: 0.1
   */
  install_boolean (object_class, PROP_ACKNOWLEDGED, "acknowledged", TRUE);
}

static void
tgw_payment_init (TgwPayment *self)
{
  self->amount_confirmed = TRUE;
}
