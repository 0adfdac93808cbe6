/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The calls that scripts want to wait for. All of them are the asynchronous one and a main context that is
 * turned until its answer is there; signals are emitted meanwhile. They check all that the asynchronous one
 * checks, because that never answers when it was called wrongly. */
#include "libtgwclient/tgw-client-private.h"

static void
done (GObject *source, GAsyncResult *result, gpointer data)
{
  GAsyncResult **slot = data;

  *slot = g_object_ref (result);
}

static GAsyncResult *
wait_for (TgwClient *self, GAsyncResult **slot)
{
  while (*slot == NULL)
    g_main_context_iteration (self->context, TRUE);
  return *slot;
}

/**
 * tgw_client_connect_sync:
 * @self: a client
 * @cancellable: (nullable): gives up
 * @error: return location for an error
 *
 * Waits for [method@Client.connect_async]. For scripts: a program with a window uses that one. The connection
 * lives while the main context is turned, by a main loop or by the next such call.
 *
 * Returns: whether the client is connected
 * Since: 0.1
 */
gboolean
tgw_client_connect_sync (TgwClient *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  g_return_val_if_fail (TGW_IS_CLIENT (self), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);

  tgw_client_connect_async (self, cancellable, done, &result);
  return tgw_client_connect_finish (self, wait_for (self, &result), error);
}

/**
 * tgw_client_pay_sync:
 * @self: a client
 * @terminal_id: the terminal
 * @request: what to charge
 * @cancellable: (nullable): asks for a cancel
 * @error: return location for an error
 *
 * Waits for [method@Client.pay_async], for scripts. An error means that nothing was sent: trying again is
 * safe.
 *
 * Returns: (transfer full): the payment with its outcome, or `NULL` with an error
 * Since: 0.1
 */
TgwPayment *
tgw_client_pay_sync (TgwClient *self, const char *terminal_id, TgwPaymentRequest *request,
                     GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  g_return_val_if_fail (TGW_IS_CLIENT (self), NULL);
  g_return_val_if_fail (terminal_id != NULL, NULL);
  g_return_val_if_fail (TGW_IS_PAYMENT_REQUEST (request), NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);

  tgw_client_pay_async (self, terminal_id, request, cancellable, done, &result);
  return tgw_client_pay_finish (self, wait_for (self, &result), error);
}

/**
 * tgw_client_query_sync:
 * @self: a client
 * @transaction_id: a transaction id
 * @cancellable: (nullable): gives up waiting
 * @error: return location for an error
 *
 * Waits for [method@Client.query_async], for scripts.
 *
 * Returns: (transfer full): the payment, or `NULL` with an error
 * Since: 0.1
 */
TgwPayment *
tgw_client_query_sync (TgwClient *self, const char *transaction_id, GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  g_return_val_if_fail (TGW_IS_CLIENT (self), NULL);
  g_return_val_if_fail (transaction_id != NULL, NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);

  tgw_client_query_async (self, transaction_id, cancellable, done, &result);
  return tgw_client_query_finish (self, wait_for (self, &result), error);
}

/**
 * tgw_client_void_sync:
 * @self: a client
 * @transaction_id: a transaction id
 * @cancellable: (nullable): gives up waiting
 * @error: return location for an error
 *
 * Waits for [method@Client.void_async], for scripts: until the gateway has taken the request down, not until
 * the charge is reversed.
 *
 * Returns: whether the gateway has taken the request down
 * Since: 0.1
 */
gboolean
tgw_client_void_sync (TgwClient *self, const char *transaction_id, GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  g_return_val_if_fail (TGW_IS_CLIENT (self), FALSE);
  g_return_val_if_fail (transaction_id != NULL, FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);

  tgw_client_void_async (self, transaction_id, cancellable, done, &result);
  return tgw_client_void_finish (self, wait_for (self, &result), error);
}
