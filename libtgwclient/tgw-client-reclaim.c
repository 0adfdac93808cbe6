/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* After a journal was found damaged: the gateway is asked which payments of this key are open, because the
 * journal may have lost one that the customer is about to pay. What is closed needs no asking: its outcome is
 * in the queue, or was acknowledged to the gateway when the old journal had it. */
#include "libtgwclient/tgw-client-private.h"

#include "libtgwclient/tgw-payment-private.h"

static const char *const open_states[] = { "PENDING", "AWAITING_RECONNECT" };

static void ask (TgwClient *self, guint state, const char *cursor);

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
  TgwClient *self = TGW_CLIENT (source);
  guint state = GPOINTER_TO_UINT (data);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = tgw_client_fetch_finish (self, result, &error), *cursor = NULL;
  g_autoptr (TgpJson) json = text != NULL ? tgp_json_parse_object (text, strlen (text), NULL) : NULL;
  TgpValue list;

  if (json == NULL)
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        g_message ("The gateway could not be asked for open payments, and will be at the next connection: %s",
                   error->message);
      return;
    }
  list = tgp_value_member (tgp_json_root (json), "transactions");
  for (TgpValue one = tgp_value_first (list); one.json != NULL; one = tgp_value_next (one))
    take_in (self, one);
  cursor = tgp_value_dup_string (tgp_value_member (tgp_json_root (json), "nextCursor"));
  if (cursor != NULL)
    ask (self, state, cursor);
  else if (state + 1 < G_N_ELEMENTS (open_states))
    ask (self, state + 1, NULL);
  else
    self->reclaimed = TRUE;
}

static void
ask (TgwClient *self, guint state, const char *cursor)
{
  g_autofree char *path =
    g_strdup_printf ("transactions?mine=true&limit=200&status=%s%s%s", open_states[state],
                     cursor != NULL ? "&cursor=" : "", cursor != NULL ? cursor : "");

  tgw_client_fetch_async (self, path, self->reclaim, on_listed, GUINT_TO_POINTER (state));
}

void
tgw_client_reclaim (TgwClient *self)
{
  if (self->reclaimed || tgw_ledger_set_aside (self->ledger) == NULL)
    return;
  g_cancellable_cancel (self->reclaim);
  g_clear_object (&self->reclaim);
  self->reclaim = g_cancellable_new ();
  ask (self, 0, NULL);
}
