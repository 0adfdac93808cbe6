/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the gateway says, and who hears it. */
#include "libtgwclient/tgw-client-private.h"

#include "libtgwclient/tgw-payment-private.h"

static void
about_payment (TgwClient *self, const TgpPosEvent *event)
{
  const char *id = event->transaction != NULL ? event->transaction->transaction_id : event->transaction_id;
  TgwPayment *known = tgw_ledger_find (self->ledger, id);
  g_autoptr (TgwPayment) payment = NULL;

  if (known == NULL)
    return;
  payment = g_object_ref (known);
  if (event->transaction != NULL)
    {
      tgw_client_take_transaction (self, payment, event->transaction);
      return;
    }
  if (event->type == TGP_EVENT_PAYMENT_ACCEPTED)
    tgw_payment_accepted (payment, event);
  else if (event->type == TGP_EVENT_PAYMENT_PROGRESS)
    tgw_payment_progress (payment, event);
  else if (event->type == TGP_EVENT_AWAITING_RECONNECT)
    tgw_payment_awaiting_reconnect (payment, event);
  tgw_client_payment_changed (self, payment);
}

static void
dispatch (TgwClient *self, const TgpPosEvent *event)
{
  switch (event->type)
    {
    case TGP_EVENT_CONNECTED:
      if (!tgw_client_check_journal (self, event->group_id))
        break;
      tgw_client_set_identity (self, event->connection_id, event->group_id);
      tgw_client_greeted (self, event);
      break;
    case TGP_EVENT_TERMINALS:
      tgw_client_take_terminals (self, event->terminals);
      break;
    case TGP_EVENT_TERMINAL_STATUS:
      for (guint i = 0; i < event->terminals->len; i++)
        tgw_client_take_terminal (self, event->terminals->pdata[i]);
      break;
    case TGP_EVENT_PAYMENT_ACCEPTED:
    case TGP_EVENT_PAYMENT_PROGRESS:
    case TGP_EVENT_AWAITING_RECONNECT:
      about_payment (self, event);
      break;
    case TGP_EVENT_PAYMENT_COMPLETE:
    case TGP_EVENT_PAYMENT_VOIDED:
    case TGP_EVENT_PAYMENT_VOID_CONFIRMED:
    case TGP_EVENT_PAYMENT_VOID_FAILED:
    case TGP_EVENT_PAYMENT_CONFLICT:
      tgw_client_take_outcome (self, event);
      break;
    case TGP_EVENT_TRANSACTION_STATUS:
      /* Over HTTP the transport asks by itself; a WebSocket's answers belong to a request. */
      if (event->request_id == NULL)
        about_payment (self, event);
      break;
    case TGP_EVENT_FORCE_DISCONNECT:
      tgw_client_told_to_leave (self, event);
      break;
    case TGP_EVENT_CANCEL_ACCEPTED:
    case TGP_EVENT_VOID_ACCEPTED:
    case TGP_EVENT_PONG:
    case TGP_EVENT_ERROR:
    case TGP_EVENT_OTHER:
    default:
      break;
    }
}

void
tgw_client_handle_text (TgwClient *self, const char *text, gsize length)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TgpPosEvent) event = tgp_pos_event_decode (text, length, &error);

  if (event == NULL)
    {
      /* Not acked either: whatever it was, the gateway keeps it for a program that can read it. */
      g_debug ("A message of the gateway cannot be read: %s", error->message);
      return;
    }
  if (event->type != TGP_EVENT_PONG)
    g_signal_emit (self, tgw_client_signal (TGW_SIGNAL_MESSAGE), 0, event->action, event->text);
  if (self->transport == NULL)
    return; /* a handler said goodbye */
  dispatch (self, event);
  tgw_client_answer (self, event);
}
