/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading from the gateway's HTTP API, beside the connection and without taking part in it. */
#include "libtgwclient/tgw-client-private.h"

#include "libtgwclient/tgw-endpoint.h"
#include "libtgwclient/tgw-error.h"
#include "libtgwclient/tgw-http.h"
#include "libtgwclient/tgw-refusal.h"
#include "libtgwclient/tgw-trust.h"

static void
on_fetched (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  SoupMessage *message = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = soup_session_send_and_read_finish (SOUP_SESSION (source), result, &error);
  g_autoptr (TgpJson) json = NULL;

  if (g_task_return_error_if_cancelled (task))
    return;
  if (body == NULL)
    g_task_return_error (task, tgw_trust_explain (message, error));
  else if (soup_message_get_status (message) != SOUP_STATUS_OK)
    g_task_return_error (task, tgw_refusal_read (message, body));
  else if ((json = tgp_json_parse_object (g_bytes_get_data (body, NULL), g_bytes_get_size (body), NULL)) ==
           NULL)
    g_task_return_new_error (task, TGW_ERROR, TGW_ERROR_PROTOCOL, "The gateway's answer cannot be read");
  else
    g_task_return_pointer (task, tgp_value_dup_raw (tgp_json_root (json)), g_free);
}

/**
 * tgw_client_fetch_async:
 * @self: a client
 * @path: what to read, below `/v1/`, with its query, such as `transactions?status=FAILED&limit=20`
 * @cancellable: (nullable): gives up
 * @callback: called with the answer
 * @user_data: for @callback
 *
 * Reads what this library has no call of its own for, with a signed `GET`: lists of transactions for the
 * day's books, for example (section 4 of the protocol). It needs no connection, displaces nobody and changes
 * nothing.
 *
 * Since: 0.1
 */
void
tgw_client_fetch_async (TgwClient *self, const char *path, GCancellable *cancellable,
                        GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  g_autoptr (GUri) endpoint = NULL;
  g_autofree char *pin = NULL;
  g_autoptr (GCancellable) own = NULL;
  TgwHttpPeer peer = { 0 };
  GError *error = NULL;
  SoupMessage *message;

  g_return_if_fail (TGW_IS_CLIENT (self));
  g_return_if_fail (path != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, tgw_client_fetch_async);
  endpoint = tgw_endpoint_parse (self->gateway_url, self->allow_plain_text, &error);
  if (endpoint == NULL || !tgw_client_prepare_session (self, &pin, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  peer = (TgwHttpPeer){ endpoint, self->api_key, self->api_secret, NULL, "libtgwclient" };
  message = tgw_http_message (&peer, "GET", path, NULL, g_get_real_time () / 1000);
  g_task_set_task_data (task, message, g_object_unref);
  own = cancellable != NULL ? g_object_ref (cancellable) : g_cancellable_new ();
  tgw_trust_watch (message, pin, own);
  g_main_context_push_thread_default (self->context);
  soup_session_send_and_read_async (self->session, message, G_PRIORITY_DEFAULT, own, on_fetched,
                                    g_steal_pointer (&task));
  g_main_context_pop_thread_default (self->context);
}

/**
 * tgw_client_fetch_finish:
 * @self: a client
 * @result: what the callback got
 * @error: return location for an error
 *
 * Ends [method@Client.fetch_async]. The error is the gateway's own (section 7 of the protocol), one about the
 * connection, or `TGW_ERROR_PROTOCOL`.
 *
 * Returns: (transfer full): the answer, a JSON object as text, or `NULL` with an error
 * Since: 0.1
 */
char *
tgw_client_fetch_finish (TgwClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (TGW_IS_CLIENT (self), NULL);
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
