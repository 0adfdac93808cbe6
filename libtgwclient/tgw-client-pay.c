/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Paying: from the call to the gateway. tgw-client-wait.c waits for the outcome, tgw-client-settle.c asks for
 * what is not known. */
#include "libtgwclient/tgw-client-private.h"

#include "libtgwclient/tgw-error.h"
#include "libtgwclient/tgw-payment-private.h"
#include "libtgwclient/tgw-payment-request-private.h"
#include "protocol/error.h"

static void
on_payment_answer (TgwClient *self, const TgpPosEvent *event, const GError *error, gpointer data)
{
  TgwPayment *payment = data;

  /* Over a WebSocket what comes later was sent later: a question now comes behind the payment. A request of
   * its own may still be under way. */
  if (event != NULL || self->transport == NULL || self->transport->ordered)
    payment->answer_due = FALSE;
  /* Acceptance and outcome come as events. A lost connection or a slow gateway says nothing about the
   * payment. */
  if (event == NULL && self->state == TGW_CLIENT_STATE_CONNECTED)
    tgw_client_ask_later (self);
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

/* The journal can say what the gateway would: that the other payment of this id must be looked at first. */
static TgwPayment *
reused (const TgpPosMessage *message)
{
  TgwPayment *payment = tgw_payment_new (message->transaction_id, message->terminal_id, message->payment);
  TgpPosEvent refusal = { .type = TGP_EVENT_ERROR,
                          .error_code = TGP_ERROR_TRANSACTION_ID_REUSED,
                          .error_code_name = (char *) tgp_error_name (TGP_ERROR_TRANSACTION_ID_REUSED),
                          .message =
                            (char *) "The transaction id belongs to another payment; nothing was sent" };

  tgw_payment_refused (payment, &refusal);
  return payment;
}

static TgwPayment *
doubtful (const TgpPosMessage *message, const char *why)
{
  TgwPayment *payment = tgw_payment_new (message->transaction_id, message->terminal_id, message->payment);

  tgw_payment_unknown (payment, why);
  return payment;
}

static gboolean
send (TgwClient *self, TgpPosMessage *message, TgwPayment *payment)
{
  if (!tgw_client_request (self, message, on_payment_answer, g_object_ref (payment), g_object_unref))
    {
      g_object_unref (payment);
      return FALSE;
    }
  payment->n_sends++;
  payment->sent_on = self->n_connections;
  payment->answer_due = TRUE;
  tgw_ledger_forget_missing (self->ledger, payment);
  return TRUE;
}

/* It was sent before, in this run or another. */
static void
pay_again (TgwClient *self, TgpPosMessage *message, TgwPayment *payment, GTask *task,
           GCancellable *cancellable)
{
  if (!tgw_client_is_waited_for (self, payment))
    {
      tgw_payment_wait_again (payment);
      if (self->state == TGW_CLIENT_STATE_CONNECTED)
        send (self, message, payment);
      else if (self->state != TGW_CLIENT_STATE_CONNECTING)
        {
          tgw_payment_unknown (payment, "There is no connection to the gateway, which knows how it stands");
          g_task_return_pointer (task, g_object_ref (payment), g_object_unref);
          return;
        }
    }
  tgw_client_wait_for (self, payment, task, cancellable);
}

static void
pay_fresh (TgwClient *self, TgpPosMessage *message, const char *metadata, GTask *task,
           GCancellable *cancellable)
{
  g_autoptr (TgwPayment) payment = NULL;
  GError *error = NULL;

  if (!g_cancellable_set_error_if_cancelled (cancellable, &error) &&
      self->state != TGW_CLIENT_STATE_CONNECTED)
    g_set_error_literal (&error, TGW_ERROR, TGW_ERROR_NOT_CONNECTED,
                         "There is no connection to the gateway; nothing was sent");
  if (error == NULL)
    payment = tgw_ledger_begin (self->ledger, message->terminal_id, message->payment, metadata, &error);
  if (error == NULL && !send (self, message, payment))
    {
      tgw_ledger_forget (self->ledger, payment);
      g_set_error_literal (&error, TGW_ERROR, TGW_ERROR_NOT_CONNECTED,
                           "The connection to the gateway is gone; nothing was sent");
    }
  if (error != NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  tgw_client_wait_for (self, payment, task, cancellable);
  g_signal_emit (self, tgw_client_signal (TGW_SIGNAL_PAYMENT_STARTED), 0, payment);
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
 * second one: it waits for the first, or returns it (section 4 of the protocol, “Saying the same payment
 * again”). It never ends with an error, because something was sent before. With other content, or after a
 * day, the payment that comes back has the error code `TRANSACTION_ID_REUSED`, and nothing was sent.
 *
 * Cancelling @cancellable does not end the call. It asks the terminal to cancel, and the call returns what
 * really happened: an approved payment never comes back as cancelled.
 *
 * Since: 0.1
 */
void
tgw_client_pay_async (TgwClient *self, const char *terminal_id, TgwPaymentRequest *request,
                      GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  g_autoptr (TgpPosMessage) message = NULL;
  g_autoptr (TgwPayment) known = NULL;
  g_autoptr (GError) error = NULL;

  g_return_if_fail (TGW_IS_CLIENT (self));
  g_return_if_fail (terminal_id != NULL);
  g_return_if_fail (TGW_IS_PAYMENT_REQUEST (request));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, tgw_client_pay_async);
  g_task_set_check_cancellable (task, FALSE);
  message = tgp_pos_message_new (TGP_POS_PAYMENT);
  message->terminal_id = g_strdup (terminal_id);
  message->payment = tgw_payment_request_to_wire (request);
  message->transaction_id = g_strdup (message->payment->transaction_id);
  switch (tgw_ledger_judge (self->ledger, terminal_id, message->payment, &known, &error))
    {
    case TGW_ID_FRESH:
      pay_fresh (self, message, tgw_payment_request_get_metadata (request), task, cancellable);
      break;
    case TGW_ID_OPEN:
      pay_again (self, message, known, task, cancellable);
      break;
    case TGW_ID_CLOSED:
      g_task_return_pointer (task, g_steal_pointer (&known), g_object_unref);
      break;
    case TGW_ID_OTHER:
      g_task_return_pointer (task, reused (message), g_object_unref);
      break;
    case TGW_ID_UNREADABLE:
    default:
      g_task_return_pointer (task, doubtful (message, error->message), g_object_unref);
      break;
    }
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
 * Since: 0.1
 */
TgwPayment *
tgw_client_pay_finish (TgwClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (TGW_IS_CLIENT (self), NULL);
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
