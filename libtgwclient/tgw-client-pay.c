/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Paying: from the call to its outcome, over any number of connections. */
#include "libtgwclient/tgw-client-private.h"

#include "libtgwclient/tgw-error.h"
#include "libtgwclient/tgw-payment-private.h"
#include "libtgwclient/tgw-payment-request-private.h"
#include "protocol/error.h"

/* A gateway remembers every id for 30 days at least; after that "unknown" proves nothing. */
#define FORGOTTEN_MS ((gint64) 29 * 24 * 3600 * 1000)

typedef struct
{
  TgwClient *client; /* not owned: the client owns the wait */
  GTask *task;
  TgwPayment *payment;
  GSource *timeout;
  GSource *cancelled;
  gboolean cancel_wanted;
} Wait;

void
tgw_wait_free (gpointer data)
{
  Wait *wait = data;

  tgw_source_clear (&wait->timeout);
  tgw_source_clear (&wait->cancelled);
  g_clear_object (&wait->task);
  g_clear_object (&wait->payment);
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
  tgw_source_clear (&wait->cancelled);
  g_task_return_pointer (wait->task, g_object_ref (wait->payment), g_object_unref);
  tgw_wait_free (wait);
}

static void
send_cancel (TgwClient *self, TgwPayment *payment)
{
  g_autoptr (TgpPosMessage) message = tgp_pos_message_new (TGP_POS_CANCEL_PAYMENT);

  message->transaction_id = g_strdup (tgw_payment_get_transaction_id (payment));
  tgw_client_send (self, message);
}

void
tgw_client_payment_changed (TgwClient *self, TgwPayment *payment)
{
  Wait *wait = g_hash_table_lookup (self->waits, tgw_payment_get_transaction_id (payment));

  tgw_ledger_changed (self->ledger, payment);
  if (wait == NULL || wait->payment != payment)
    return;
  if (tgw_payment_get_outcome (payment) != TGW_OUTCOME_NONE)
    end_wait (self, tgw_payment_get_transaction_id (payment));
  else if (wait->cancel_wanted && tgw_payment_get_state (payment) != TGW_PAYMENT_STATE_STARTING)
    {
      wait->cancel_wanted = FALSE;
      send_cancel (self, payment);
    }
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

  tgw_source_clear (&wait->cancelled);
  wait->cancel_wanted = TRUE;
  /* Only a payment that the gateway knows can be cancelled; one that is under way to it will be when it is
   * accepted. */
  if (wait->client->state == TGW_CLIENT_STATE_CONNECTED)
    tgw_client_payment_changed (wait->client, wait->payment);
  return G_SOURCE_REMOVE;
}

static void
on_payment_answer (TgwClient *self, const TgpPosEvent *event, const GError *error, gpointer data)
{
  TgwPayment *payment = data;

  /* Acceptance and outcome come as events. A lost connection or a slow gateway says nothing about the
   * payment. */
  if (event == NULL || event->type != TGP_EVENT_ERROR)
    return;
  tgw_payment_refused (payment, event);
  if (tgw_payment_get_state (payment) == TGW_PAYMENT_STATE_REFUSED)
    {
      tgw_client_take_absence (self, payment, TGW_RECOVERY_NONE);
      return;
    }
  /* Nobody can say yet whether it started. */
  if (tgw_payment_is_open (payment))
    tgw_client_ask_later (self);
  tgw_client_payment_changed (self, payment);
}

static gboolean
on_ask_again (gpointer data)
{
  TgwClient *self = data;

  tgw_source_clear (&self->ask_again);
  tgw_client_ask_open_payments (self);
  return G_SOURCE_REMOVE;
}

void
tgw_client_ask_later (TgwClient *self)
{
  if (self->ask_again == NULL)
    self->ask_again = tgw_client_add_timeout (self, self->ask_again_pause, on_ask_again, self);
}

static gboolean
is_forgotten_by_now (TgwPayment *payment)
{
  return g_get_real_time () / 1000 - payment->started_at > FORGOTTEN_MS;
}

static void
on_open_answer (TgwClient *self, const TgpPosEvent *event, const GError *error, gpointer data)
{
  TgwPayment *payment = data;

  if (error == NULL && event->type == TGP_EVENT_TRANSACTION_STATUS && event->transaction != NULL)
    {
      tgw_client_take_transaction (self, payment, event->transaction);
      return;
    }
  if (!tgw_payment_is_open (payment))
    return;
  if (!g_error_matches (error, TGW_ERROR, TGW_ERROR_TRANSACTION_NOT_FOUND))
    {
      /* Without a connection the next one asks. */
      if (self->state == TGW_CLIENT_STATE_CONNECTED)
        tgw_client_ask_later (self);
      return;
    }
  /* Another group's gateway would say the same of what was paid. */
  if (!self->journal_is_ours)
    return;
  /* It may still be on its way through the gateway, sent over the connection before this one. Asked twice,
   * with the pause in between longer than the gateway lets a payment wait for its disk, "unknown" means that
   * it never came. */
  if (tgw_ledger_missing (self->ledger, payment) < 2)
    {
      tgw_client_ask_later (self);
      return;
    }
  if (is_forgotten_by_now (payment))
    tgw_payment_forgotten (payment);
  else
    tgw_payment_never_arrived (payment);
  tgw_client_take_absence (self, payment, TGW_RECOVERY_QUERY);
}

/* Sent over this connection, and the answer is still to come: "unknown" would only mean "not yet". */
static gboolean
is_on_its_way (TgwClient *self, TgwPayment *payment)
{
  return payment->state == TGW_PAYMENT_STATE_STARTING && payment->sent_on == self->n_connections &&
         payment->outcome == TGW_OUTCOME_NONE;
}

void
tgw_client_ask_open_payments (TgwClient *self)
{
  g_autoptr (GPtrArray) open = tgw_ledger_list_open (self->ledger);

  for (guint i = 0; i < open->len; i++)
    {
      g_autoptr (TgpPosMessage) message = tgp_pos_message_new (TGP_POS_GET_TRANSACTION_STATUS);
      TgwPayment *payment = g_object_ref (open->pdata[i]);

      if (is_on_its_way (self, payment))
        {
          g_object_unref (payment);
          continue;
        }
      message->transaction_id = g_strdup (tgw_payment_get_transaction_id (payment));
      if (!tgw_client_request (self, message, on_open_answer, payment, g_object_unref))
        g_object_unref (payment);
    }
}

/* The journal can say what the gateway would: that the other payment of this id must be looked at first. */
static TgwPayment *
reused (const char *terminal_id, const TgpPaymentRequest *request, char *why)
{
  TgwPayment *payment = tgw_payment_new (request->transaction_id, terminal_id, request);
  TgpPosEvent refusal = { .type = TGP_EVENT_ERROR,
                          .error_code = TGP_ERROR_TRANSACTION_ID_REUSED,
                          .error_code_name = (char *) tgp_error_name (TGP_ERROR_TRANSACTION_ID_REUSED),
                          .message = why };

  tgw_payment_refused (payment, &refusal);
  return payment;
}

/**
 * tgw_client_pay_async:
 * @self: a client
 * @terminal_id: the terminal
 * @request: what to charge
 * @cancellable: (nullable): asks for a cancel
 * @callback: called with the outcome
 * @user_data: for @callback
 *
 * Takes a payment and waits for its outcome, over reconnects if need be. The payment is in the journal, on
 * disk, before it is sent. [signal@Client::payment-started] tells of it at once, for a window that wants to
 * show its progress.
 *
 * A request with the transaction id of a payment that is known already, and the same content, starts no
 * second one: it waits for the first (section 4 of the protocol, “Saying the same payment again”).
 *
 * Cancelling @cancellable does not end the call. It asks the terminal to cancel, and the call returns what
 * really happened: an approved payment never comes back as cancelled.
 */
void
tgw_client_pay_async (TgwClient *self, const char *terminal_id, TgwPaymentRequest *request,
                      GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  g_autoptr (TgpPosMessage) message = NULL;
  g_autoptr (TgwPayment) payment = NULL;
  GError *error = NULL;
  const char *id;
  gboolean fresh;
  Wait *wait;

  g_return_if_fail (TGW_IS_CLIENT (self));
  g_return_if_fail (terminal_id != NULL);
  g_return_if_fail (TGW_IS_PAYMENT_REQUEST (request));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, tgw_client_pay_async);
  g_task_set_check_cancellable (task, FALSE);
  id = tgw_payment_request_get_transaction_id (request);
  if (g_cancellable_set_error_if_cancelled (cancellable, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  if (g_hash_table_contains (self->waits, id))
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PENDING, "Payment %s is under way already", id);
      return;
    }
  if (self->state != TGW_CLIENT_STATE_CONNECTED)
    {
      g_task_return_new_error (task, TGW_ERROR, TGW_ERROR_NOT_CONNECTED,
                               "There is no connection to the gateway; nothing was sent");
      return;
    }

  message = tgp_pos_message_new (TGP_POS_PAYMENT);
  message->terminal_id = g_strdup (terminal_id);
  message->payment = tgw_payment_request_to_wire (request);
  message->transaction_id = g_strdup (id);
  payment = tgw_ledger_begin (self->ledger, terminal_id, message->payment,
                              tgw_payment_request_get_metadata (request), &fresh, &error);
  if (payment == NULL)
    {
      if (g_error_matches (error, TGW_ERROR, TGW_ERROR_TRANSACTION_ID_REUSED))
        g_task_return_pointer (task, reused (terminal_id, message->payment, error->message), g_object_unref);
      else
        g_task_return_error (task, g_steal_pointer (&error));
      g_clear_error (&error);
      return;
    }
  if (!tgw_client_request (self, message, on_payment_answer, g_object_ref (payment), g_object_unref))
    {
      g_object_unref (payment);
      if (fresh)
        tgw_ledger_forget (self->ledger, payment);
      g_task_return_new_error (task, TGW_ERROR, TGW_ERROR_NOT_CONNECTED,
                               "The connection to the gateway is gone; nothing was sent");
      return;
    }

  payment->sent_on = self->n_connections;
  wait = g_new0 (Wait, 1);
  wait->client = self;
  wait->task = g_steal_pointer (&task);
  wait->payment = g_object_ref (payment);
  wait->timeout = tgw_client_add_timeout (self, self->pay_timeout * 1000, on_timeout, wait);
  if (cancellable != NULL)
    {
      wait->cancelled = g_cancellable_source_new (cancellable);
      g_source_set_callback (wait->cancelled, G_SOURCE_FUNC (on_cancelled), wait, NULL);
      g_source_attach (wait->cancelled, self->context);
    }
  g_hash_table_insert (self->waits, g_strdup (id), wait);
  g_signal_emit (self, tgw_client_signal (TGW_SIGNAL_PAYMENT_STARTED), 0, payment);
}

/**
 * tgw_client_pay_finish:
 * @self: a client
 * @result: what the callback got
 * @error: return location for an error
 *
 * Ends [method@Client.pay_async]. An error means that nothing was sent: trying again is safe. It is
 * `TGW_ERROR_NOT_CONNECTED`, `TGW_ERROR_JOURNAL`, or of `G_IO_ERROR` if @cancellable was cancelled before the
 * call or a call with this transaction id waits already. In every other case there is a payment with an
 * outcome, which is `TGW_OUTCOME_REFUSED` if the gateway would not start it and `TGW_OUTCOME_UNKNOWN` if
 * nobody can say.
 *
 * Returns: (transfer full): the payment, or `NULL` with an error
 */
TgwPayment *
tgw_client_pay_finish (TgwClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (TGW_IS_CLIENT (self), NULL);
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
