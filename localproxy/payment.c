/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Payments of local clients that are under way: who waits for what, and how they hear it. */
#include "localproxy/proxy-private.h"

#include <string.h>

/* --- payments under way --- */

static void
asker_free (gpointer data)
{
  LpAsker *asker = data;
  g_free (asker->request_id);
  g_free (asker);
}

void
lp_payment_free (LpPayment *payment)
{
  if (payment->state_changed)
    g_signal_handler_disconnect (payment->payment, payment->state_changed);
  g_clear_object (&payment->payment);
  g_ptr_array_unref (payment->askers);
  g_free (payment->transaction_id);
  g_free (payment);
}

TgpStatus
lp_status_of (TgwPayment *payment)
{
  switch (tgw_payment_get_state (payment))
    {
    case TGW_PAYMENT_STATE_AWAITING_RECONNECT:
      return TGP_STATUS_AWAITING_RECONNECT;
    case TGW_PAYMENT_STATE_COMPLETED:
      return TGP_STATUS_COMPLETED;
    case TGW_PAYMENT_STATE_CANCELLED:
      return TGP_STATUS_CANCELLED;
    case TGW_PAYMENT_STATE_VOIDED:
      return TGP_STATUS_VOIDED;
    case TGW_PAYMENT_STATE_FAILED:
    case TGW_PAYMENT_STATE_REFUSED:
      return TGP_STATUS_FAILED;
    default:
      return TGP_STATUS_PENDING;
    }
}

void
lp_payment_say_accepted (LpProxy *proxy, const LpCaller *caller, const char *transaction_id,
                         const char *terminal_id, TgpStatus status)
{
  lp_answer (
    proxy, caller, 0, NULL,
    tgp_encode_accepted ("paymentAccepted", caller->request_id, transaction_id, terminal_id, (int) status));
}

/* The gateway has it: those who asked are told. */
static void
accept_askers (LpPayment *payment)
{
  g_autoptr (GPtrArray) askers = g_steal_pointer (&payment->askers);

  payment->askers = g_ptr_array_new_with_free_func (asker_free);
  for (guint i = 0; i < askers->len; i++)
    {
      const LpAsker *asker = askers->pdata[i];
      LpCaller caller = { .ticket = asker->ticket, .request_id = asker->request_id };
      lp_payment_say_accepted (payment->proxy, &caller, payment->transaction_id,
                               tgw_payment_get_terminal_id (payment->payment),
                               lp_status_of (payment->payment));
    }
}

static void
on_state (TgwPayment *tgw, GParamSpec *pspec, gpointer data)
{
  if (tgw_payment_get_state (tgw) != TGW_PAYMENT_STATE_STARTING &&
      tgw_payment_get_state (tgw) != TGW_PAYMENT_STATE_REFUSED)
    accept_askers (data);
}

LpPayment *
lp_payment_make (LpProxy *proxy, const char *transaction_id)
{
  LpPayment *payment = g_hash_table_lookup (proxy->payments, transaction_id);

  if (payment)
    return payment;
  payment = g_new0 (LpPayment, 1);
  payment->proxy = proxy;
  payment->transaction_id = g_strdup (transaction_id);
  payment->askers = g_ptr_array_new_with_free_func (asker_free);
  g_hash_table_insert (proxy->payments, payment->transaction_id, payment);
  return payment;
}

void
lp_payment_follow (LpPayment *payment, TgwPayment *tgw)
{
  if (payment->payment)
    return;
  payment->payment = g_object_ref (tgw);
  payment->state_changed = g_signal_connect (tgw, "notify::state", G_CALLBACK (on_state), payment);
}

void
lp_payment_wait (LpPayment *payment, const LpCaller *caller)
{
  LpProxy *proxy = payment->proxy;
  LpAsker *asker;

  if (caller->http)
    {
      lp_wait_start (proxy, caller, LP_WAIT_OUTCOME, payment->transaction_id,
                     proxy->config->long_poll_timeout);
      return;
    }
  asker = g_new0 (LpAsker, 1);
  asker->ticket = caller->ticket;
  asker->request_id = g_strdup (caller->request_id);
  g_ptr_array_add (payment->askers, asker);
}

/* Peers that wait for the outcome of this payment; LpPeer. */
static GPtrArray *
waiting_peers (LpClient *client, const char *transaction_id)
{
  GPtrArray *peers = g_ptr_array_new ();

  for (guint i = 0; client && i < client->waits->len; i++)
    {
      const LpWait *wait = client->waits->pdata[i];
      if (wait->kind == LP_WAIT_OUTCOME && strcmp (wait->transaction_id, transaction_id) == 0)
        g_ptr_array_add (peers, wait->peer);
    }
  return peers;
}

/* Everybody who waits gets the error. */
void
lp_payment_fail (LpProxy *proxy, const char *transaction_id, LpClient *client, const TgpErrorBody *error)
{
  g_autoptr (GPtrArray) peers = waiting_peers (client, transaction_id);
  LpPayment *payment = NULL;

  /* Out of the way first: who hears an answer may ask again at once. */
  g_hash_table_steal_extended (proxy->payments, transaction_id, NULL, (gpointer *) &payment);
  for (guint i = 0; i < peers->len; i++)
    {
      LpCaller caller = lp_peer_caller (peers->pdata[i], NULL, NULL);
      lp_answer_error (proxy, &caller, error);
    }
  for (guint i = 0; payment && i < payment->askers->len; i++)
    {
      const LpAsker *asker = payment->askers->pdata[i];
      LpCaller caller = { .ticket = asker->ticket, .request_id = asker->request_id };
      lp_answer_error (proxy, &caller, error);
    }
  if (payment)
    lp_payment_free (payment);
}

LpClient *
lp_payment_owner (LpProxy *proxy, const char *transaction_id)
{
  g_autoptr (LpOrder) order = lp_store_find_order (proxy->store, transaction_id, NULL);
  return order ? lp_client_find (proxy, order->client_id) : NULL;
}

void
lp_payment_release (LpProxy *proxy, const char *transaction_id)
{
  g_autoptr (GError) error = NULL;

  if (!lp_store_refuse_order (proxy->store, transaction_id, &error))
    g_warning ("%s", error->message);
}

/* --- outcomes --- */

void
lp_payment_told (LpProxy *proxy, TgwPayment *tgw, const LpMessage *message)
{
  LpClient *client = lp_client_find (proxy, message->client_id);
  LpPayment *payment = g_hash_table_lookup (proxy->payments, message->transaction_id);
  g_autoptr (GPtrArray) peers = waiting_peers (client, message->transaction_id);

  if (payment)
    {
      lp_payment_follow (payment, tgw);
      accept_askers (payment);
      g_hash_table_remove (proxy->payments, message->transaction_id);
    }
  if (client && !message->acked)
    lp_delivery_new (client, message);
  for (guint i = 0; i < peers->len; i++)
    lp_respond_outcome (peers->pdata[i], message);
}

/* Who was told to leave is deaf, though its connection may last until it answers. */
static gboolean
can_hear (LpProxy *proxy, guint64 ticket)
{
  const LpPeer *peer = lp_peer_find (proxy, ticket);
  return peer && peer->state != LP_PEER_CLOSING;
}

static gboolean
somebody_waits (LpProxy *proxy, const char *transaction_id, LpClient *client)
{
  g_autoptr (GPtrArray) peers = waiting_peers (client, transaction_id);
  const LpPayment *payment = g_hash_table_lookup (proxy->payments, transaction_id);
  gboolean found = peers->len > 0;

  for (guint i = 0; payment && i < payment->askers->len; i++)
    found |= can_hear (proxy, ((LpAsker *) payment->askers->pdata[i])->ticket);
  return found;
}

gboolean
lp_payment_refused (LpProxy *proxy, TgwPayment *payment, const TgpErrorBody *error)
{
  const char *id = tgw_payment_get_transaction_id (payment);

  LpClient *client = lp_payment_owner (proxy, id);

  if (!somebody_waits (proxy, id, client))
    return FALSE;
  lp_payment_release (proxy, id);
  lp_payment_fail (proxy, id, client, error);
  return TRUE;
}
