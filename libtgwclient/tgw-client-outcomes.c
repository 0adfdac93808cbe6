/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Outcomes: the queued messages and what answers to queries say. First they are written to the journal, then
 * the application is told, then the gateway hears that it may forget. */
#include "libtgwclient/tgw-client-private.h"

#include "libtgwclient/tgw-enum-types.h"
#include "libtgwclient/tgw-payment-private.h"

static const struct
{
  TgpEventType type;
  TgwTold kind;
  TgwSignal signal;
} kinds[] = {
  { TGP_EVENT_PAYMENT_COMPLETE, TGW_TOLD_COMPLETE, TGW_SIGNAL_PAYMENT_COMPLETED },
  { TGP_EVENT_PAYMENT_VOIDED, TGW_TOLD_VOIDED, TGW_SIGNAL_PAYMENT_VOIDED },
  { TGP_EVENT_PAYMENT_VOID_CONFIRMED, TGW_TOLD_VOID_CONFIRMED, TGW_SIGNAL_PAYMENT_VOID_CONFIRMED },
  { TGP_EVENT_PAYMENT_VOID_FAILED, TGW_TOLD_VOID_FAILED, TGW_SIGNAL_PAYMENT_VOID_FAILED },
  { TGP_EVENT_PAYMENT_CONFLICT, TGW_TOLD_CONFLICT, TGW_SIGNAL_PAYMENT_CONFLICT },
  { TGP_EVENT_OTHER, TGW_TOLD_SETTLED, TGW_SIGNAL_PAYMENT_SETTLED }, /* only answers tell of it */
};

static const char *
nick_of (GType type, int value)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (type);
  const GEnumValue *known = g_enum_get_value (klass, value);

  return known != NULL ? known->value_nick : "?";
}

void
tgw_client_tell (TgwClient *self, TgwPayment *payment, TgwTold kind)
{
  TgwRecovery recovery = tgw_payment_get_recovered_from (payment);
  gboolean waited_for = tgw_client_is_waited_for (self, payment);

  if (recovery != TGW_RECOVERY_NONE)
    g_info ("Payment %s was recovered by way of the %s: %s", tgw_payment_get_transaction_id (payment),
            nick_of (TGW_TYPE_RECOVERY, recovery),
            nick_of (TGW_TYPE_PAYMENT_STATE, tgw_payment_get_state (payment)));
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (kinds[i].kind == kind)
      g_signal_emit (self, tgw_client_signal (kinds[i].signal), 0, payment);
  if (recovery != TGW_RECOVERY_NONE && !waited_for)
    g_signal_emit (self, tgw_client_signal (TGW_SIGNAL_PAYMENT_RECOVERED), 0, payment, recovery);
}

static void
ack_safe (TgwClient *self)
{
  g_autoptr (GPtrArray) safe = tgw_ledger_take_safe (self->ledger);
  g_autoptr (TgpPosMessage) message = NULL;

  if (safe->len == 0 || !self->acknowledge_delivery)
    return;
  message = tgp_pos_message_new (TGP_POS_ACK);
  message->message_ids = g_steal_pointer (&safe);
  /* If this is lost the messages come again, and are recognised. */
  tgw_client_send (self, message);
}

static gboolean
on_flush (gpointer data)
{
  TgwClient *self = data;

  tgw_source_clear (&self->flush);
  tgw_ledger_flush (self->ledger);
  ack_safe (self);
  if (tgw_ledger_is_dirty (self->ledger))
    self->flush = tgw_client_add_timeout (self, self->flush_pause, on_flush, self);
  return G_SOURCE_REMOVE;
}

/* The disk refused something: the application was told all the same, because a cashier is waiting, but the
 * gateway keeps the message until the disk takes it. */
static void
flush_later (TgwClient *self)
{
  if (self->flush == NULL && tgw_ledger_is_dirty (self->ledger))
    self->flush = tgw_client_add_timeout (self, self->flush_pause, on_flush, self);
}

void
tgw_client_take_outcome (TgwClient *self, const TgpPosEvent *event)
{
  TgwPayment *known;
  g_autoptr (TgwPayment) payment = NULL;
  TgwRecovery recovery = TGW_RECOVERY_NONE;
  TgwTold kind = TGW_TOLD_COMPLETE;
  gboolean news;

  if (event->transaction_id == NULL ||
      (event->type == TGP_EVENT_PAYMENT_COMPLETE && event->result == TGP_RESULT_PENDING))
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (kinds[i].type == event->type)
      kind = kinds[i].kind;
  if (event->message_id != NULL && self->backlog > 0)
    {
      self->backlog--;
      recovery = TGW_RECOVERY_QUEUE;
    }
  known = tgw_ledger_find (self->ledger, event->transaction_id);
  if (known != NULL)
    payment = g_object_ref (known);
  else
    {
      payment = tgw_payment_new (event->transaction_id, event->terminal_id, NULL);
      tgw_ledger_recover (self->ledger, payment);
      recovery = TGW_RECOVERY_QUEUE;
    }

  /* Also when it was seen: a repeated call with the same transaction id waits for the same message. */
  tgw_payment_outcome (payment, event);
  if (event->message_id != NULL)
    news = tgw_ledger_tell_message (self->ledger, payment, kind, event->message_id, recovery);
  else
    news = tgw_ledger_tell_answer (self->ledger, payment, kind, recovery);
  if (news)
    tgw_client_tell (self, payment, kind);
  tgw_client_payment_changed (self, payment);
  ack_safe (self);
  flush_later (self);
}

void
tgw_client_take_answer (TgwClient *self, TgwPayment *payment, TgwTold kind, TgwRecovery recovery)
{
  if (tgw_ledger_tell_answer (self->ledger, payment, kind, recovery))
    tgw_client_tell (self, payment, kind);
  tgw_client_payment_changed (self, payment);
  ack_safe (self);
  flush_later (self);
}

void
tgw_client_take_absence (TgwClient *self, TgwPayment *payment, TgwRecovery recovery)
{
  if (tgw_ledger_tell_absence (self->ledger, payment, recovery))
    tgw_client_tell (self, payment, TGW_TOLD_COMPLETE);
  tgw_client_payment_changed (self, payment);
  flush_later (self);
}

/* One that was named by its connection may be any device: nobody remembers whose it was. */
static gboolean
is_elsewhere (TgwClient *self, TgwPayment *payment, const TgpTransaction *transaction)
{
  const char *asked = payment->asked_terminal_id;

  return asked != NULL && transaction->terminal_id != NULL && strcmp (asked, transaction->terminal_id) != 0 &&
         tgw_client_names_device (self, asked);
}

void
tgw_client_take_transaction (TgwClient *self, TgwPayment *payment, const TgpTransaction *transaction)
{
  gboolean was_unknown =
    !tgw_payment_is_open (payment) && tgw_payment_get_outcome (payment) == TGW_OUTCOME_UNKNOWN;
  TgwPaymentState state;

  /* The whole group sees it. Until the gateway has accepted it from here, it may be somebody else's. */
  if (tgw_payment_get_state (payment) == TGW_PAYMENT_STATE_STARTING &&
      (!tgw_payment_matches (payment, transaction) || is_elsewhere (self, payment, transaction)))
    {
      tgw_payment_foreign (payment);
      tgw_client_take_absence (self, payment, TGW_RECOVERY_QUERY);
      return;
    }
  tgw_payment_transaction (payment, transaction);
  state = tgw_payment_get_state (payment);
  if (state == TGW_PAYMENT_STATE_VOIDED)
    {
      /* Who has never heard of an outcome hears the last one only. */
      tgw_ledger_overtaken (self->ledger, payment, TGW_TOLD_COMPLETE);
      tgw_client_take_answer (self, payment, TGW_TOLD_VOIDED, TGW_RECOVERY_QUERY);
    }
  else if (was_unknown && tgw_payment_get_outcome (payment) != TGW_OUTCOME_UNKNOWN &&
           tgw_ledger_tell_settled (self->ledger, payment, TGW_RECOVERY_QUERY))
    {
      tgw_client_tell (self, payment, TGW_TOLD_SETTLED);
      tgw_client_payment_changed (self, payment);
      flush_later (self);
    }
  else if (!tgw_payment_is_open (payment))
    tgw_client_take_answer (self, payment, TGW_TOLD_COMPLETE, TGW_RECOVERY_QUERY);
  else
    tgw_client_payment_changed (self, payment);
}

static gboolean
on_hand_out (gpointer data)
{
  g_autoptr (TgwClient) self = g_object_ref (TGW_CLIENT (data));
  TgwPayment *payment;
  TgwTold kind;

  tgw_source_clear (&self->hand_out);
  while (tgw_ledger_hand_out (self->ledger, &payment, &kind))
    {
      tgw_payment_set_recovered_from (payment, TGW_RECOVERY_JOURNAL);
      /* Who has not taken in an outcome before it was reversed hears of the reversal only. */
      if (kind != TGW_TOLD_COMPLETE || tgw_payment_get_state (payment) != TGW_PAYMENT_STATE_VOIDED)
        tgw_client_tell (self, payment, kind);
      g_object_unref (payment);
    }
  return G_SOURCE_REMOVE;
}

void
tgw_client_hand_out (TgwClient *self)
{
  if (self->hand_out == NULL)
    self->hand_out = tgw_client_add_timeout (self, 0, on_hand_out, self);
}

/**
 * tgw_client_acknowledge:
 * @self: a client
 * @payment: one of its payments
 * @revision: the [property@Payment:revision] that the application has stored; 0 for the news told last
 * @error: return location for an error
 *
 * Says that the application has stored what the news about @payment told, for example in its own books. Until
 * then the news are handed to it again each time it starts. It is durable when this returns.
 *
 * The error is `TGW_ERROR_JOURNAL`: the news will be handed out again after the next start.
 *
 * Returns: whether it was written down
 * Since: 0.1
 */
gboolean
tgw_client_acknowledge (TgwClient *self, TgwPayment *payment, guint revision, GError **error)
{
  g_return_val_if_fail (TGW_IS_CLIENT (self), FALSE);
  g_return_val_if_fail (TGW_IS_PAYMENT (payment), FALSE);

  if (!tgw_ledger_acknowledge (self->ledger, payment, revision, error))
    return FALSE;
  ack_safe (self); /* what the disk would not take before */
  return TRUE;
}
