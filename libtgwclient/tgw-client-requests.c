/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Questions to the gateway and their answers, matched by request id: query, cancel, void, refresh. */
#include "libtgwclient/tgw-client-private.h"

#include "libtgwclient/tgw-error.h"
#include "libtgwclient/tgw-payment-private.h"

typedef struct
{
  TgwClient *client; /* not owned: the client owns the request */
  char *id;
  TgwAnswerFunc function;
  gpointer user_data;
  GDestroyNotify destroy;
  GSource *timeout;
  GSource *cancelled; /* nullable */
} Request;

void
tgw_request_free (gpointer data)
{
  Request *request = data;

  tgw_source_clear (&request->timeout);
  tgw_source_clear (&request->cancelled);
  if (request->destroy != NULL)
    request->destroy (request->user_data);
  g_free (request->id);
  g_free (request);
}

static void
finish_request (TgwClient *self, const char *id, const TgpPosEvent *event, const GError *error)
{
  g_autofree char *stolen_id = NULL;
  Request *request = NULL;

  if (!g_hash_table_steal_extended (self->requests, id, (gpointer *) &stolen_id, (gpointer *) &request))
    return;
  request->function (self, event, error, request->user_data);
  tgw_request_free (request);
}

static gboolean
on_timeout (gpointer data)
{
  Request *request = data;
  g_autoptr (TgwClient) self = g_object_ref (request->client);
  g_autofree char *id = g_strdup (request->id);
  g_autoptr (GError) error = NULL;

  error = g_error_new_literal (TGW_ERROR, TGW_ERROR_TIMEOUT, "The gateway did not answer in time");
  finish_request (self, id, NULL, error);
  return G_SOURCE_REMOVE;
}

gboolean
tgw_client_request (TgwClient *self, TgpPosMessage *message, TgwAnswerFunc function, gpointer user_data,
                    GDestroyNotify destroy)
{
  Request *request;

  g_free (message->request_id);
  message->request_id = g_strdup_printf ("r%" G_GUINT64_FORMAT, ++self->last_request);
  if (!tgw_client_send (self, message))
    return FALSE;
  request = g_new0 (Request, 1);
  request->client = self;
  request->id = g_strdup (message->request_id);
  request->function = function;
  request->user_data = user_data;
  request->destroy = destroy;
  request->timeout = tgw_client_add_timeout (self, self->request_timeout, on_timeout, request);
  g_hash_table_insert (self->requests, g_strdup (request->id), request);
  return TRUE;
}

gboolean
tgw_client_answer (TgwClient *self, const TgpPosEvent *event)
{
  g_autoptr (GError) error = NULL;

  if (event->request_id == NULL || !g_hash_table_contains (self->requests, event->request_id))
    return FALSE;
  if (event->type == TGP_EVENT_ERROR)
    error = g_error_new (TGW_ERROR, (int) event->error_code, "%s",
                         event->message != NULL ? event->message : event->error_code_name);
  finish_request (self, event->request_id, event, error);
  return TRUE;
}

void
tgw_client_fail_requests (TgwClient *self, const GError *error)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  GHashTableIter iter;
  gpointer id;

  g_hash_table_iter_init (&iter, self->requests);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    g_ptr_array_add (ids, g_strdup (id));
  for (guint i = 0; i < ids->len; i++)
    finish_request (self, ids->pdata[i], NULL, error);
}

static void
on_answer (TgwClient *self, const TgpPosEvent *event, const GError *error, gpointer data)
{
  GTask *task = data;

  if (error != NULL)
    g_task_return_error (task, g_error_copy (error));
  else
    g_task_return_boolean (task, TRUE);
}

static void
on_query_answer (TgwClient *self, const TgpPosEvent *event, const GError *error, gpointer data)
{
  GTask *task = data;
  TgwPayment *known;
  g_autoptr (TgwPayment) payment = NULL;

  if (error != NULL)
    {
      g_task_return_error (task, g_error_copy (error));
      return;
    }
  if (event->type != TGP_EVENT_TRANSACTION_STATUS || event->transaction == NULL)
    {
      g_task_return_new_error (task, TGW_ERROR, TGW_ERROR_PROTOCOL,
                               "The gateway gave an answer to another question");
      return;
    }
  known = tgw_ledger_find (self->ledger, event->transaction->transaction_id);
  if (known != NULL)
    {
      payment = g_object_ref (known);
      tgw_client_take_transaction (self, payment, event->transaction);
    }
  else
    {
      payment = tgw_payment_new (event->transaction->transaction_id, NULL, NULL);
      tgw_payment_transaction (payment, event->transaction);
    }
  g_task_return_pointer (task, g_steal_pointer (&payment), g_object_unref);
}

static gboolean
on_given_up (GCancellable *cancellable, gpointer data)
{
  Request *request = data;
  g_autoptr (TgwClient) self = g_object_ref (request->client);
  g_autofree char *id = g_strdup (request->id);
  g_autoptr (GError) error =
    g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "The answer was not waited for");

  finish_request (self, id, NULL, error);
  return G_SOURCE_REMOVE;
}

static void
give_up_with (TgwClient *self, const char *request_id, GCancellable *cancellable)
{
  Request *request = g_hash_table_lookup (self->requests, request_id);

  if (request == NULL || cancellable == NULL)
    return;
  request->cancelled = g_cancellable_source_new (cancellable);
  g_source_set_callback (request->cancelled, G_SOURCE_FUNC (on_given_up), request, NULL);
  g_source_attach (request->cancelled, self->context);
}

static void
ask (TgwClient *self, TgpPosAction action, const char *transaction_id, GCancellable *cancellable,
     GAsyncReadyCallback callback, gpointer user_data, gpointer tag)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (TgpPosMessage) message = tgp_pos_message_new (action);

  g_task_set_source_tag (task, tag);
  if (g_task_return_error_if_cancelled (task))
    return;
  message->transaction_id = g_strdup (transaction_id);
  if (tgw_client_request (self, message,
                          action == TGP_POS_GET_TRANSACTION_STATUS ? on_query_answer : on_answer, task,
                          g_object_unref))
    {
      (void) g_steal_pointer (&task);
      give_up_with (self, message->request_id, cancellable);
    }
  else
    g_task_return_new_error (task, TGW_ERROR, TGW_ERROR_NOT_CONNECTED,
                             "There is no connection to the gateway");
}

/**
 * tgw_client_query_async:
 * @self: a client
 * @transaction_id: a transaction id
 * @cancellable: (nullable): gives up waiting
 * @callback: called with the answer
 * @user_data: for @callback
 *
 * Asks the gateway what became of a payment, one of this client or any other of its group (section 4 of the
 * protocol).
 *
 * Since: 0.1
 */
void
tgw_client_query_async (TgwClient *self, const char *transaction_id, GCancellable *cancellable,
                        GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (TGW_IS_CLIENT (self));
  g_return_if_fail (transaction_id != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  ask (self, TGP_POS_GET_TRANSACTION_STATUS, transaction_id, cancellable, callback, user_data,
       tgw_client_query_async);
}

/**
 * tgw_client_query_finish:
 * @self: a client
 * @result: what the callback got
 * @error: return location for an error
 *
 * Ends [method@Client.query_async]. For a payment of this client it is the object that is known already. The
 * error is `TGW_ERROR_TRANSACTION_NOT_FOUND`, or one about the connection.
 *
 * Returns: (transfer full): the payment, or `NULL` with an error
 * Since: 0.1
 */
TgwPayment *
tgw_client_query_finish (TgwClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (TGW_IS_CLIENT (self), NULL);
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * tgw_client_cancel_async:
 * @self: a client
 * @transaction_id: a transaction id
 * @cancellable: (nullable): gives up waiting
 * @callback: called when the gateway has taken the wish down
 * @user_data: for @callback
 *
 * Asks to cancel an open payment (section 4 of the protocol). It is a wish: the terminal may have charged
 * already, and the payment's outcome tells.
 *
 * Since: 0.1
 */
void
tgw_client_cancel_async (TgwClient *self, const char *transaction_id, GCancellable *cancellable,
                         GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (TGW_IS_CLIENT (self));
  g_return_if_fail (transaction_id != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  ask (self, TGP_POS_CANCEL_PAYMENT, transaction_id, cancellable, callback, user_data,
       tgw_client_cancel_async);
}

/**
 * tgw_client_cancel_finish:
 * @self: a client
 * @result: what the callback got
 * @error: return location for an error
 *
 * Ends [method@Client.cancel_async]. The error is `TGW_ERROR_TRANSACTION_NOT_FOUND`,
 * `TGW_ERROR_ALREADY_FINAL`, or one about the connection, after which nobody knows whether the wish arrived.
 *
 * Returns: whether the gateway has taken the wish down
 * Since: 0.1
 */
gboolean
tgw_client_cancel_finish (TgwClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (TGW_IS_CLIENT (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * tgw_client_void_async:
 * @self: a client
 * @transaction_id: a transaction id
 * @cancellable: (nullable): gives up waiting
 * @callback: called when the gateway has taken the request down
 * @user_data: for @callback
 *
 * Asks to reverse a completed payment on its terminal (section 4 of the protocol).
 * [signal@Client::payment-voided] or [signal@Client::payment-void-failed] tells how it ended.
 *
 * Since: 0.1
 */
void
tgw_client_void_async (TgwClient *self, const char *transaction_id, GCancellable *cancellable,
                       GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (TGW_IS_CLIENT (self));
  g_return_if_fail (transaction_id != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  ask (self, TGP_POS_VOID_PAYMENT, transaction_id, cancellable, callback, user_data, tgw_client_void_async);
}

/**
 * tgw_client_void_finish:
 * @self: a client
 * @result: what the callback got
 * @error: return location for an error
 *
 * Ends [method@Client.void_async]. The error is `TGW_ERROR_TRANSACTION_NOT_FOUND`,
 * `TGW_ERROR_VOID_NOT_SUPPORTED`, `TGW_ERROR_ALREADY_FINAL`, or one about the connection, after which it is
 * safe to ask again: a payment is reversed once.
 *
 * Returns: whether the gateway has taken the request down
 * Since: 0.1
 */
gboolean
tgw_client_void_finish (TgwClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (TGW_IS_CLIENT (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * tgw_client_refresh_async:
 * @self: a client
 * @cancellable: (nullable): gives up waiting
 * @callback: called when the list of terminals is fresh
 * @user_data: for @callback
 *
 * Asks for the list of terminals. It follows the gateway by itself; this is for programs that want to be sure
 * that they have seen the whole of it.
 *
 * Since: 0.1
 */
void
tgw_client_refresh_async (TgwClient *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_return_if_fail (TGW_IS_CLIENT (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  ask (self, TGP_POS_GET_TERMINALS, NULL, cancellable, callback, user_data, tgw_client_refresh_async);
}

/**
 * tgw_client_refresh_finish:
 * @self: a client
 * @result: what the callback got
 * @error: return location for an error
 *
 * Ends [method@Client.refresh_async]. The error is one about the connection.
 *
 * Returns: whether the list is fresh
 * Since: 0.1
 */
gboolean
tgw_client_refresh_finish (TgwClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (TGW_IS_CLIENT (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
