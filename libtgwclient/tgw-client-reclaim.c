/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* After a journal was found damaged: the gateway is asked which payments of this key are open, because the
 * journal may have lost one that the customer is about to pay. What is closed needs no asking: its outcome is
 * in the queue, or was acknowledged to the gateway when the old journal had it. */
#include "libtgwclient/tgw-client-private.h"

#include "libtgwclient/tgw-endpoint.h"
#include "libtgwclient/tgw-http.h"
#include "libtgwclient/tgw-payment-private.h"
#include "libtgwclient/tgw-refusal.h"
#include "libtgwclient/tgw-trust.h"

static const char *const open_states[] = { "PENDING", "AWAITING_RECONNECT" };

typedef struct
{
  TgwClient *client; /* not owned: its end cancels this */
  SoupMessage *message;
  GCancellable *cancellable;
  guint state;
} Reclaim;

static void ask (TgwClient *self, GCancellable *cancellable, guint state, const char *cursor);

static void
reclaim_free (Reclaim *reclaim)
{
  g_object_unref (reclaim->message);
  g_object_unref (reclaim->cancellable);
  g_free (reclaim);
}

static void
take_in (TgwClient *self, TgpValue value)
{
  g_autoptr (TgpTransaction) transaction = tgp_transaction_read (value, NULL);
  g_autoptr (TgwPayment) payment = NULL;

  if (transaction == NULL || tgw_ledger_find (self->ledger, transaction->transaction_id) != NULL)
    return;
  payment = tgw_payment_new (transaction->transaction_id, transaction->terminal_id, NULL);
  tgw_payment_set_recovered_from (payment, TGW_RECOVERY_QUERY);
  tgw_ledger_recover (self->ledger, payment);
  tgw_client_take_transaction (self, payment, transaction);
}

static void
on_listed (GObject *source, GAsyncResult *result, gpointer data)
{
  Reclaim *reclaim = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = soup_session_send_and_read_finish (SOUP_SESSION (source), result, &error);
  g_autoptr (TgpJson) json = NULL;
  g_autoptr (TgwClient) self = NULL;
  g_autofree char *cursor = NULL;
  TgpValue list;

  if (!g_cancellable_is_cancelled (reclaim->cancellable))
    {
      self = g_object_ref (reclaim->client);
      if (body != NULL && soup_message_get_status (reclaim->message) == SOUP_STATUS_OK)
        json = tgp_json_parse_object (g_bytes_get_data (body, NULL), g_bytes_get_size (body), NULL);
      else if (body != NULL)
        error = tgw_refusal_read (reclaim->message, body);
      if (json == NULL)
        g_message ("The gateway could not be asked for open payments, and will be at the next connection: %s",
                   error != NULL ? error->message : "its answer cannot be read");
    }
  if (json != NULL)
    {
      list = tgp_value_member (tgp_json_root (json), "transactions");
      for (TgpValue one = tgp_value_first (list); one.json != NULL; one = tgp_value_next (one))
        take_in (self, one);
      cursor = tgp_value_dup_string (tgp_value_member (tgp_json_root (json), "nextCursor"));
      if (cursor != NULL)
        ask (self, reclaim->cancellable, reclaim->state, cursor);
      else if (reclaim->state + 1 < G_N_ELEMENTS (open_states))
        ask (self, reclaim->cancellable, reclaim->state + 1, NULL);
      else
        self->reclaimed = TRUE;
    }
  reclaim_free (reclaim);
}

static void
ask (TgwClient *self, GCancellable *cancellable, guint state, const char *cursor)
{
  g_autofree char *path =
    g_strdup_printf ("transactions?mine=true&limit=200&status=%s%s%s", open_states[state],
                     cursor != NULL ? "&cursor=" : "", cursor != NULL ? cursor : "");
  g_autoptr (GUri) endpoint = tgw_endpoint_parse (self->gateway_url, self->allow_plain_text, NULL);
  g_autofree char *pin =
    self->certificate_pin != NULL ? tgw_trust_read_pin (self->certificate_pin, NULL) : NULL;
  TgwHttpPeer peer = { endpoint, self->api_key, self->api_secret, NULL, "libtgwclient" };
  Reclaim *reclaim;

  if (endpoint == NULL)
    return;
  reclaim = g_new0 (Reclaim, 1);
  reclaim->client = self;
  reclaim->state = state;
  reclaim->cancellable = g_object_ref (cancellable);
  reclaim->message = tgw_http_message (&peer, "GET", path, NULL, g_get_real_time () / 1000);
  tgw_trust_watch (reclaim->message, pin, cancellable);
  soup_session_send_and_read_async (self->session, reclaim->message, G_PRIORITY_DEFAULT, cancellable,
                                    on_listed, reclaim);
}

void
tgw_client_reclaim (TgwClient *self)
{
  if (self->reclaimed || tgw_ledger_set_aside (self->ledger) == NULL)
    return;
  g_cancellable_cancel (self->reclaim);
  g_clear_object (&self->reclaim);
  self->reclaim = g_cancellable_new ();
  ask (self, self->reclaim, 0, NULL);
}
