/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Outcomes: the queued messages and what answers to queries say. First the application is told, then the
 * gateway hears that it may forget. */
#include "libtgwclient/tgw-client-private.h"

#include "libtgwclient/tgw-payment-private.h"

static const struct
{
  TgpEventType type;
  TgwTold told;
  TgwSignal signal;
} news[] = {
  { TGP_EVENT_PAYMENT_COMPLETE, TGW_TOLD_COMPLETE, TGW_SIGNAL_PAYMENT_COMPLETED },
  { TGP_EVENT_PAYMENT_VOIDED, TGW_TOLD_VOIDED, TGW_SIGNAL_PAYMENT_VOIDED },
  { TGP_EVENT_PAYMENT_VOID_CONFIRMED, TGW_TOLD_VOID_CONFIRMED, TGW_SIGNAL_PAYMENT_VOID_CONFIRMED },
  { TGP_EVENT_PAYMENT_VOID_FAILED, TGW_TOLD_VOID_FAILED, TGW_SIGNAL_PAYMENT_VOID_FAILED },
  { TGP_EVENT_PAYMENT_CONFLICT, TGW_TOLD_CONFLICT, TGW_SIGNAL_PAYMENT_CONFLICT },
};

static void
ack (TgwClient *self, const char *message_id)
{
  g_autoptr (TgpPosMessage) message = NULL;

  if (message_id == NULL)
    return;
  message = tgp_pos_message_new (TGP_POS_ACK);
  message->message_ids = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (message->message_ids, g_strdup (message_id));
  /* If this is lost the message comes again, and is recognised. */
  tgw_client_send (self, message);
}

void
tgw_client_take_outcome (TgwClient *self, const TgpPosEvent *event)
{
  gboolean seen = tgw_ledger_seen (self->ledger, event->message_id);
  TgwPayment *known;
  g_autoptr (TgwPayment) payment = NULL;

  if (event->transaction_id == NULL)
    return;
  known = tgw_ledger_find (self->ledger, event->transaction_id);
  if (known != NULL)
    payment = g_object_ref (known);
  else
    {
      payment = tgw_payment_new (event->transaction_id, event->terminal_id, NULL);
      tgw_ledger_recover (self->ledger, payment);
    }

  /* Also when it was seen: a repeated call with the same transaction id waits for the same message. */
  tgw_payment_outcome (payment, event);
  for (gsize i = 0; i < G_N_ELEMENTS (news); i++)
    if (news[i].type == event->type &&
        tgw_ledger_tell_message (self->ledger, payment, news[i].told, event->message_id) && !seen)
      g_signal_emit (self, tgw_client_signal (news[i].signal), 0, payment);
  tgw_client_payment_changed (self, payment);
  ack (self, event->message_id);
}

static void
tell (TgwClient *self, TgwPayment *payment, TgwTold told, TgwSignal signal)
{
  if (tgw_ledger_tell_answer (self->ledger, payment, told))
    g_signal_emit (self, tgw_client_signal (signal), 0, payment);
}

void
tgw_client_take_transaction (TgwClient *self, TgwPayment *payment, const TgpTransaction *transaction)
{
  TgwPaymentState state;

  tgw_payment_transaction (payment, transaction);
  state = tgw_payment_get_state (payment);
  if (state == TGW_PAYMENT_STATE_VOIDED)
    {
      /* Who has never heard of an outcome hears the last one only. */
      tgw_ledger_tell_answer (self->ledger, payment, TGW_TOLD_COMPLETE);
      tell (self, payment, TGW_TOLD_VOIDED, TGW_SIGNAL_PAYMENT_VOIDED);
    }
  else if (state == TGW_PAYMENT_STATE_COMPLETED || state == TGW_PAYMENT_STATE_FAILED ||
           state == TGW_PAYMENT_STATE_CANCELLED)
    tell (self, payment, TGW_TOLD_COMPLETE, TGW_SIGNAL_PAYMENT_COMPLETED);
  tgw_client_payment_changed (self, payment);
}
