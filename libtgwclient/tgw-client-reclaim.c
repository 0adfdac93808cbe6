/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* After a journal was found damaged: the gateway is asked which payments of this key are open, because the
 * journal may have lost one that the customer is about to pay, and what became of those of the last days: an
 * outcome that was acknowledged to the gateway may never have reached the application's books. What the
 * journal does not have is told, better twice than never. The journal keeps that the gateway must be asked
 * until it has answered to the end. */
#include "libtgwclient/tgw-client-private.h"

#include "libtgwclient/tgw-payment-private.h"
#include "protocol/time.h"

/* As long as the gateway keeps a message. */
#define RECENT_MS ((gint64) 7 * 24 * 3600 * 1000)

/* In this order: what is open first, however long ago it began. */
static const char *const filters[] = { "status=PENDING", "status=AWAITING_RECONNECT", NULL /* recent */ };

static void ask (TgwClient *self, guint filter, const char *cursor);

static void
take_in (TgwClient *self, TgpValue value)
{
  g_autoptr (TgpTransaction) transaction = tgp_transaction_read (value, NULL);
  g_autoptr (TgwPayment) payment = NULL;

  if (transaction == NULL || tgw_ledger_find (self->ledger, transaction->transaction_id) != NULL)
    return;
  payment = tgw_payment_new (transaction->transaction_id, transaction->terminal_id, NULL);
  if (transaction->created_at > 0)
    payment->started_at = transaction->created_at;
  tgw_payment_set_recovered_from (payment, TGW_RECOVERY_QUERY);
  tgw_ledger_recover (self->ledger, payment);
  tgw_client_take_transaction (self, payment, transaction);
}

static void
on_listed (GObject *source, GAsyncResult *result, gpointer data)
{
  TgwClient *self = TGW_CLIENT (source);
  guint filter = GPOINTER_TO_UINT (data);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = tgw_client_fetch_finish (self, result, &error), *cursor = NULL;
  g_autoptr (TgpJson) json = text != NULL ? tgp_json_parse_object (text, strlen (text), NULL) : NULL;
  TgpValue list;

  if (json == NULL)
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        g_message ("The gateway could not be asked for what a damaged journal lost, and will be at the next "
                   "connection: %s",
                   error->message);
      return;
    }
  list = tgp_value_member (tgp_json_root (json), "transactions");
  for (TgpValue one = tgp_value_first (list); one.json != NULL; one = tgp_value_next (one))
    take_in (self, one);
  cursor = tgp_value_dup_string (tgp_value_member (tgp_json_root (json), "nextCursor"));
  if (cursor != NULL)
    ask (self, filter, cursor);
  else if (filter + 1 < G_N_ELEMENTS (filters))
    ask (self, filter + 1, NULL);
  else if (!tgw_journal_set_word (tgw_ledger_get_journal (self->ledger), TGW_JOURNAL_RECLAIM, NULL, &error))
    g_warning ("%s", error->message);
}

static void
ask (TgwClient *self, guint filter, const char *cursor)
{
  g_autofree char *recent = NULL, *path = NULL;
  char since[TGP_TIME_SIZE];

  /* By the gateway's clock. */
  tgp_time_format (g_get_real_time () / 1000 + self->clock_skew * 1000 - RECENT_MS, since);
  recent = g_strconcat ("from=", since, NULL);
  path = g_strdup_printf ("transactions?mine=true&limit=50&%s%s%s",
                          filters[filter] != NULL ? filters[filter] : recent,
                          cursor != NULL ? "&cursor=" : "", cursor != NULL ? cursor : "");
  tgw_client_fetch_async (self, path, self->reclaim, on_listed, GUINT_TO_POINTER (filter));
}

void
tgw_client_reclaim (TgwClient *self)
{
  TgwJournal *journal = tgw_ledger_get_journal (self->ledger);
  g_autofree char *owed = journal != NULL ? tgw_journal_dup_word (journal, TGW_JOURNAL_RECLAIM) : NULL;

  if (owed == NULL)
    return;
  g_cancellable_cancel (self->reclaim);
  g_clear_object (&self->reclaim);
  self->reclaim = g_cancellable_new ();
  ask (self, 0, NULL);
}
