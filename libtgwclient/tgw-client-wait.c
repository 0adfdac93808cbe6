/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Waiting for the outcome of a payment, over any number of connections. Several calls may wait for one. */
#include "libtgwclient/tgw-client-private.h"

#include "libtgwclient/tgw-payment-private.h"

typedef struct
{
  TgwClient *client; /* not owned: the client owns the wait */
  TgwPayment *payment;
  GPtrArray *tasks;
  GPtrArray *cancellations; /* GSource */
  GSource *timeout;
  gboolean cancel_wanted;
  guint64 cancel_sent_on; /* the connection; a wish that went down with one is said again on the next */
} Wait;

static void
source_free (gpointer source)
{
  g_source_destroy (source);
  g_source_unref (source);
}

void
tgw_wait_free (gpointer data)
{
  Wait *wait = data;

  tgw_source_clear (&wait->timeout);
  g_ptr_array_unref (wait->cancellations);
  g_ptr_array_unref (wait->tasks);
  g_object_unref (wait->payment);
  g_free (wait);
}

static void
end_wait (TgwClient *self, const char *transaction_id)
{
  g_autofree char *id = NULL;
  Wait *wait = NULL;

  if (!g_hash_table_steal_extended (self->waits, transaction_id, (gpointer *) &id, (gpointer *) &wait))
    return;
  tgw_source_clear (&wait->timeout);
  g_ptr_array_set_size (wait->cancellations, 0);
  for (guint i = 0; i < wait->tasks->len; i++)
    g_task_return_pointer (wait->tasks->pdata[i], g_object_ref (wait->payment), g_object_unref);
  tgw_wait_free (wait);
}

static void
send_cancel (TgwClient *self, Wait *wait)
{
  g_autoptr (TgpPosMessage) message = tgp_pos_message_new (TGP_POS_CANCEL_PAYMENT);

  message->transaction_id = g_strdup (tgw_payment_get_transaction_id (wait->payment));
  if (tgw_client_send (self, message))
    wait->cancel_sent_on = self->n_connections;
}

void
tgw_client_payment_changed (TgwClient *self, TgwPayment *payment)
{
  Wait *wait;

  tgw_ledger_changed (self->ledger, payment);
  if (!tgw_payment_is_open (payment) && tgw_payment_get_outcome (payment) == TGW_OUTCOME_UNKNOWN)
    tgw_client_settle_later (self);
  wait = g_hash_table_lookup (self->waits, tgw_payment_get_transaction_id (payment));
  if (wait == NULL || wait->payment != payment)
    return;
  if (tgw_payment_get_outcome (payment) != TGW_OUTCOME_NONE)
    end_wait (self, tgw_payment_get_transaction_id (payment));
  /* Only a payment that the gateway knows can be cancelled; one that is under way to it will be when it is
   * accepted. */
  else if (wait->cancel_wanted && wait->cancel_sent_on != self->n_connections &&
           self->state == TGW_CLIENT_STATE_CONNECTED && payment->state != TGW_PAYMENT_STATE_STARTING)
    send_cancel (self, wait);
}

gboolean
tgw_client_is_waited_for (TgwClient *self, TgwPayment *payment)
{
  return g_hash_table_contains (self->waits, tgw_payment_get_transaction_id (payment));
}

void
tgw_client_end_waits (TgwClient *self, const char *why)
{
  g_autoptr (GPtrArray) payments = g_ptr_array_new_with_free_func (g_object_unref);
  GHashTableIter iter;
  gpointer wait;

  g_hash_table_iter_init (&iter, self->waits);
  while (g_hash_table_iter_next (&iter, NULL, &wait))
    g_ptr_array_add (payments, g_object_ref (((Wait *) wait)->payment));
  for (guint i = 0; i < payments->len; i++)
    {
      tgw_payment_unknown (payments->pdata[i], why);
      end_wait (self, tgw_payment_get_transaction_id (payments->pdata[i]));
    }
}

static gboolean
on_timeout (gpointer data)
{
  Wait *wait = data;
  g_autoptr (TgwClient) self = g_object_ref (wait->client);
  g_autoptr (TgwPayment) payment = g_object_ref (wait->payment);

  tgw_payment_unknown (payment, "The gateway did not tell the outcome in time");
  tgw_client_ask_later (self);
  end_wait (self, tgw_payment_get_transaction_id (payment));
  return G_SOURCE_REMOVE;
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer data)
{
  Wait *wait = data;

  wait->cancel_wanted = TRUE;
  tgw_client_payment_changed (wait->client, wait->payment);
  return G_SOURCE_REMOVE;
}

void
tgw_client_wait_for (TgwClient *self, TgwPayment *payment, GTask *task, GCancellable *cancellable)
{
  const char *id = tgw_payment_get_transaction_id (payment);
  Wait *wait = g_hash_table_lookup (self->waits, id);

  if (wait == NULL)
    {
      wait = g_new0 (Wait, 1);
      wait->client = self;
      wait->payment = g_object_ref (payment);
      wait->tasks = g_ptr_array_new_with_free_func (g_object_unref);
      wait->cancellations = g_ptr_array_new_with_free_func (source_free);
      wait->timeout = tgw_client_add_timeout (self, self->pay_timeout * 1000, on_timeout, wait);
      g_hash_table_insert (self->waits, g_strdup (id), wait);
    }
  g_ptr_array_add (wait->tasks, g_object_ref (task));
  if (cancellable != NULL)
    {
      GSource *source = g_cancellable_source_new (cancellable);

      g_source_set_callback (source, G_SOURCE_FUNC (on_cancelled), wait, NULL);
      g_source_attach (source, self->context);
      g_ptr_array_add (wait->cancellations, source);
    }
}
