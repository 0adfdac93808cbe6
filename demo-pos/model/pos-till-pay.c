/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the cashier does: charge, cancel, see, close by hand, reverse. */
#include "demo-pos/model/pos-till-private.h"

#include <glib/gi18n.h>
#include <string.h>

#define ASK_AGAIN_SECONDS 3

static gboolean
add_products (TgwPaymentRequest *request, PosSale *sale, GError **error)
{
  GListModel *lines = pos_sale_get_lines (sale);

  for (guint i = 0; i < g_list_model_get_n_items (lines); i++)
    {
      g_autoptr (PosLine) line = g_list_model_get_item (lines, i);
      g_autofree char *id = g_strdup_printf ("%u", i + 1),
                      *quantity = g_strdup_printf ("%u", pos_line_get_quantity (line));
      g_autoptr (TgwProduct) product =
        tgw_product_new (id, pos_line_get_name (line), pos_line_get_price (line), quantity);

      if (!tgw_payment_request_add_product (request, product, error))
        return FALSE;
    }
  return TRUE;
}

typedef struct
{
  PosTill *till;
  PosEntry *entry;
  GCancellable *cancel;
} Paying;

/* The gateway does not have it. Refused: it never had, and nobody was charged. */
static void
take_absence (PosTill *self, PosEntry *entry, TgwOutcome outcome, const GError *error)
{
  gboolean refused = outcome == TGW_OUTCOME_REFUSED;
  g_auto (PosFacts) facts = { 0 };

  pos_facts_copy (&facts, pos_entry_get_facts (entry));
  facts.cancelling = FALSE;
  facts.state = refused ? TGW_PAYMENT_STATE_REFUSED : TGW_PAYMENT_STATE_FAILED;
  facts.outcome = outcome;
  facts.money_moved = refused ? TGW_MONEY_MOVED_NO : TGW_MONEY_MOVED_UNKNOWN;
  facts.retry_safe = refused;
  facts.next_action = refused ? TGW_NEXT_ACTION_RETRY : TGW_NEXT_ACTION_CALL_STAFF;
  facts.error_code = refused ? g_strdup (tgw_error_code_name (error)) : NULL;
  facts.error_message = refused ? g_strdup (error->message) : NULL;
  pos_till_mark (self, entry, POS_MARK_STATE, &facts, NULL);
  pos_entry_set_unseen (entry, TRUE);
}

static void
on_paid (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autofree Paying *paying = data;
  g_autoptr (PosTill) self = paying->till;
  g_autoptr (PosEntry) entry = paying->entry;
  g_autoptr (GCancellable) cancel = paying->cancel;
  g_autoptr (GError) error = NULL;
  g_autoptr (TgwPayment) payment = tgw_client_pay_finish (TGW_CLIENT (source), result, &error);

  /* Nobody listens to it any more, though the payment may go on. */
  if (self->cancel == cancel)
    g_clear_object (&self->cancel);
  if (self->client != (gpointer) source)
    return;
  if (payment != NULL)
    {
      /* Its properties and the client's signals have told all of it, but for an object that is no longer the
       * journal's: a transaction id that stands for another payment. */
      pos_till_follow (self, entry, payment);
      pos_till_update_view (self);
      return;
    }
  /* An error means that nothing was sent. */
  take_absence (self, entry, TGW_OUTCOME_REFUSED, error);
  pos_till_update_view (self);
}

gboolean
pos_till_charge (PosTill *self, const char *terminal_id, PosSale *sale, GError **error)
{
  g_autoptr (TgwPaymentRequest) request = NULL;
  g_auto (PosFacts) facts = { 0 };
  Paying *paying;
  PosEntry *entry;
  const char *id;

  g_return_val_if_fail (pos_till_get_block (self, terminal_id, pos_sale_get_total (sale)) == POS_BLOCK_NONE,
                        FALSE);

  request = tgw_payment_request_new (pos_sale_get_total (sale), pos_sale_get_currency (sale), error);
  if (request == NULL || !add_products (request, sale, error))
    return FALSE;
  id = tgw_payment_request_get_transaction_id (request);
  entry = pos_till_entry (self, id, pos_now ());
  facts.terminal_id = g_strdup (terminal_id);
  facts.currency = g_strdup (pos_sale_get_currency (sale));
  facts.amount = facts.requested = pos_sale_get_total (sale);
  facts.money_moved = TGW_MONEY_MOVED_UNKNOWN;
  facts.next_action = TGW_NEXT_ACTION_WAIT;
  facts.articles = pos_sale_dup_articles (sale);
  /* What cannot be booked is not charged. */
  if (!pos_till_mark (self, entry, POS_MARK_SENT, &facts, error))
    {
      pos_till_forget (self, entry);
      return FALSE;
    }
  g_hash_table_add (self->started, g_strdup (id));
  pos_till_set_shown (self, entry);
  pos_till_update_view (self);

  g_clear_object (&self->cancel);
  self->cancel = g_cancellable_new ();
  paying = g_new0 (Paying, 1);
  paying->till = g_object_ref (self);
  paying->entry = g_object_ref (entry);
  paying->cancel = g_object_ref (self->cancel);
  tgw_client_pay_async (self->client, terminal_id, request, self->cancel, on_paid, paying);
  return TRUE;
}

/* A request about one payment of this till. */
typedef struct
{
  PosTill *till;
  PosEntry *entry;
} Asking;

static Asking *
asking_new (PosTill *self, PosEntry *entry)
{
  Asking *asking = g_new0 (Asking, 1);

  *asking = (Asking){ g_object_ref (self), g_object_ref (entry) };
  return asking;
}

static void
asking_free (Asking *asking)
{
  g_object_unref (asking->till);
  g_object_unref (asking->entry);
  g_free (asking);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Asking, asking_free)

static void
on_cancel_sent (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Asking) asking = data;
  g_autoptr (GError) error = NULL;
  g_auto (PosFacts) facts = { 0 };

  if (tgw_client_cancel_finish (TGW_CLIENT (source), result, &error) ||
      asking->till->client != (gpointer) source || pos_entry_get_kind (asking->entry) != POS_KIND_CANCELLING)
    return;
  /* Nobody cancels; the button is there again. What came too late the outcome tells. */
  g_info ("%s", error->message);
  pos_facts_copy (&facts, pos_entry_get_facts (asking->entry));
  facts.cancelling = FALSE;
  pos_till_mark (asking->till, asking->entry, POS_MARK_STATE, &facts, NULL);
  pos_till_update_view (asking->till);
}

void
pos_till_cancel (PosTill *self)
{
  g_auto (PosFacts) facts = { 0 };

  if (self->shown == NULL || pos_entry_get_kind (self->shown) != POS_KIND_WAITING)
    return;
  pos_facts_copy (&facts, pos_entry_get_facts (self->shown));
  facts.cancelling = TRUE;
  pos_till_mark (self, self->shown, POS_MARK_CANCEL, &facts, NULL);
  /* What the gateway may not have yet is cancelled when it has it; to any other wish it answers. */
  if (facts.state == TGW_PAYMENT_STATE_STARTING && self->cancel != NULL &&
      g_hash_table_contains (self->started, pos_entry_get_id (self->shown)) &&
      !g_cancellable_is_cancelled (self->cancel))
    g_cancellable_cancel (self->cancel);
  else
    tgw_client_cancel_async (self->client, pos_entry_get_id (self->shown), NULL, on_cancel_sent,
                             asking_new (self, self->shown));
}

/* Booked first, acknowledged second: the other way round it could be lost in between. */
static gboolean
see (PosTill *self, PosEntry *entry, GError **error)
{
  TgwPayment *payment = pos_entry_get_payment (entry);
  guint revision = payment != NULL ? tgw_payment_get_revision (payment) : 0;

  if (pos_entry_get_unseen (entry) &&
      !pos_till_mark (self, entry, POS_MARK_SEEN, pos_entry_get_facts (entry), error))
    return FALSE;
  if (revision > 0 && !tgw_client_acknowledge (self->client, payment, revision, error))
    return FALSE;
  pos_entry_set_unseen (entry, FALSE);
  return TRUE;
}

gboolean
pos_till_see (PosTill *self, GError **error)
{
  if (self->shown == NULL || pos_kind_is_open (pos_entry_get_kind (self->shown)))
    return TRUE;
  if (!see (self, self->shown, error))
    return FALSE;
  pos_till_set_shown (self, NULL);
  pos_till_update_view (self);
  return TRUE;
}

void
pos_till_put_aside (PosTill *self)
{
  pos_till_set_shown (self, NULL);
  pos_till_update_view (self);
}

gboolean
pos_till_see_recovered (PosTill *self, GError **error)
{
  GListModel *model = G_LIST_MODEL (self->recovered);

  while (g_list_model_get_n_items (model) > 0)
    {
      g_autoptr (PosEntry) entry = g_list_model_get_item (model, 0);

      gboolean must_act = pos_kind_needs_attention (pos_entry_get_kind (entry));

      if (!must_act && !see (self, entry, error))
        return FALSE;
      g_list_store_remove (self->recovered, 0);
      /* Who must act on one sees its own page next. */
      if (must_act)
        pos_till_enqueue (self, entry);
    }
  pos_till_update_view (self);
  return TRUE;
}

/* What nobody has seen yet comes back afterwards; what goes on is not covered. */
static void
show_instead (PosTill *self, PosEntry *entry)
{
  PosEntry *shown = self->shown;

  if (shown != NULL && shown != entry && pos_kind_is_open (pos_entry_get_kind (shown)))
    return;
  if (shown != NULL && shown != entry && pos_entry_get_unseen (shown))
    g_queue_push_head (&self->waiting, shown);
  pos_till_set_shown (self, entry);
}

void
pos_till_show (PosTill *self, PosEntry *entry)
{
  show_instead (self, entry);
  pos_till_update_view (self);
}

gboolean
pos_till_close_by_hand (PosTill *self, PosEntry *entry, guint revision, PosFinding finding,
                        const char *manager, const char *reason, GError **error)
{
  g_auto (PosFacts) facts = { 0 };
  const char *found = finding == POS_FINDING_CHARGED       ? _ ("charged")
                      : finding == POS_FINDING_NOT_CHARGED ? _ ("not charged")
                                                           : _ ("not clear");

  if (pos_entry_get_revision (entry) != revision)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY,
                           _ ("Something new was told about this payment. Look at that first."));
      return FALSE;
    }
  pos_facts_copy (&facts, pos_entry_get_facts (entry));
  g_free (facts.by_hand);
  /* Translators: what was found at the terminal, the manager's name, and the manager's reason */
  facts.by_hand = g_strdup_printf (_ ("Found at the terminal: %s. %s: %s"), found, manager, reason);
  facts.finding = finding;
  if (!pos_till_mark (self, entry, POS_MARK_BY_HAND, &facts, error))
    return FALSE;
  pos_entry_set_unseen (entry, TRUE);
  if (!see (self, entry, error))
    return FALSE;
  pos_till_update_view (self);
  return TRUE;
}

gboolean
pos_till_can_void (PosEntry *entry)
{
  const PosFacts *facts = pos_entry_get_facts (entry);

  return facts->state == TGW_PAYMENT_STATE_COMPLETED && facts->by_hand == NULL && !facts->voiding &&
         (facts->void_status == TGW_VOID_STATUS_NONE || facts->void_status == TGW_VOID_STATUS_FAILED);
}

static gboolean
on_ask_again (gpointer data)
{
  PosTill *self = data;

  self->ask_source = 0;
  pos_till_ask (self);
  return G_SOURCE_REMOVE;
}

static void
ask_later (PosTill *self)
{
  if (self->ask_source == 0)
    self->ask_source = g_timeout_add_seconds (ASK_AGAIN_SECONDS, on_ask_again, self);
}

/* The gateway knows it or not; a question without an answer is asked again. */
static void
on_queried (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Asking) asking = data;
  PosTill *self = asking->till;
  PosEntry *entry = asking->entry;
  g_autoptr (GError) error = NULL;
  g_autoptr (TgwPayment) payment = tgw_client_query_finish (TGW_CLIENT (source), result, &error);

  if (self->client != (gpointer) source)
    return;
  if (payment != NULL)
    {
      pos_till_take (self, entry, payment);
      return;
    }
  g_info ("%s", error->message);
  if (!g_error_matches (error, TGW_ERROR, TGW_ERROR_TRANSACTION_NOT_FOUND))
    {
      ask_later (self);
      return;
    }
  if (pos_entry_get_payment (entry) != NULL || !pos_kind_is_open (pos_entry_get_kind (entry)))
    return;
  /* Booked as about to be sent, and then the till ended: the gateway never heard of it. What it had accepted
   * once nobody can tell of any more. */
  take_absence (self, entry,
                pos_entry_get_facts (entry)->state == TGW_PAYMENT_STATE_STARTING ? TGW_OUTCOME_REFUSED
                                                                                 : TGW_OUTCOME_UNKNOWN,
                error);
  pos_till_bring_back (self, entry);
  pos_till_update_view (self);
}

static void
query (PosTill *self, PosEntry *entry)
{
  tgw_client_query_async (self->client, pos_entry_get_id (entry), NULL, on_queried, asking_new (self, entry));
}

static void
on_void_sent (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Asking) asking = data;
  PosTill *self = asking->till;
  g_autoptr (GError) error = NULL;
  gboolean taken = tgw_client_void_finish (TGW_CLIENT (source), result, &error);
  g_auto (PosFacts) facts = { 0 };

  if (self->client != (gpointer) source || !pos_entry_get_facts (asking->entry)->voiding)
    return;
  /* Nobody knows whether it arrived: it is asked for again, and happens once. */
  if (!taken && (tgw_error_is_connection (error) || g_error_matches (error, TGW_ERROR, TGW_ERROR_TIMEOUT) ||
                 g_error_matches (error, TGW_ERROR, TGW_ERROR_SESSION_DISPLACED)))
    {
      ask_later (self);
      return;
    }
  if (!taken)
    {
      pos_facts_copy (&facts, pos_entry_get_facts (asking->entry));
      facts.voiding = FALSE;
      facts.void_code = g_strdup (tgw_error_code_name (error));
      facts.void_message = g_strdup (error->message);
      pos_till_mark (self, asking->entry, POS_MARK_STATE, &facts, NULL);
      /* Whoever asked for it may be gone, or the till was off. */
      if (self->shown != asking->entry)
        pos_till_bring_back (self, asking->entry);
      pos_till_update_view (self);
    }
  /* “Being reversed” is the gateway's word, not this till's. */
  query (self, asking->entry);
}

static void
send_void (PosTill *self, PosEntry *entry)
{
  tgw_client_void_async (self->client, pos_entry_get_id (entry), NULL, on_void_sent,
                         asking_new (self, entry));
}

void
pos_till_void (PosTill *self, PosEntry *entry)
{
  g_auto (PosFacts) facts = { 0 };

  if (!pos_till_can_void (entry) || !pos_till_get_online (self))
    return;
  pos_facts_copy (&facts, pos_entry_get_facts (entry));
  facts.voiding = TRUE;
  g_clear_pointer (&facts.void_code, g_free);
  g_clear_pointer (&facts.void_message, g_free);
  pos_till_mark (self, entry, POS_MARK_VOID, &facts, NULL);
  show_instead (self, entry);
  send_void (self, entry);
  pos_till_update_view (self);
}

void
pos_till_printed (PosTill *self, PosEntry *entry)
{
  pos_till_mark (self, entry, POS_MARK_PRINTED, pos_entry_get_facts (entry), NULL);
}

void
pos_till_ask (PosTill *self)
{
  GListModel *attention = pos_till_get_attention (self);

  if (!pos_till_get_online (self))
    return;
  for (guint i = 0; i < g_list_model_get_n_items (attention); i++)
    {
      g_autoptr (PosEntry) entry = g_list_model_get_item (attention, i);
      PosKind kind = pos_entry_get_kind (entry);

      if (pos_entry_get_facts (entry)->voiding)
        send_void (self, entry);
      else if (kind == POS_KIND_UNKNOWN || kind == POS_KIND_REVERSING ||
               (pos_kind_is_open (kind) && pos_entry_get_payment (entry) == NULL))
        query (self, entry);
    }
}

static void
on_taken_back (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (PosTill) self = data;
  g_autoptr (GError) error = NULL;

  if (tgw_client_connect_finish (TGW_CLIENT (source), result, &error) || self->client != (gpointer) source ||
      tgw_client_get_state (self->client) != TGW_CLIENT_STATE_DISCONNECTED)
    return;
  /* The client gave up: the key does not count any more. */
  g_message ("%s", error->message);
  self->may_return = FALSE;
  self->turned_away = TRUE;
  pos_till_update_view (self);
}

void
pos_till_take_back (PosTill *self)
{
  if (self->client != NULL && self->may_return &&
      tgw_client_get_state (self->client) == TGW_CLIENT_STATE_DISPLACED)
    tgw_client_connect_async (self->client, NULL, on_taken_back, g_object_ref (self));
}

const char *
pos_till_get_displaced_by (PosTill *self)
{
  return self->client != NULL ? tgw_client_get_displaced_by (self->client) : NULL;
}

gint64
pos_till_get_displaced_at (PosTill *self)
{
  g_autoptr (GDateTime) at = self->client != NULL ? tgw_client_dup_displaced_at (self->client) : NULL;

  return at != NULL ? g_date_time_to_unix (at) * 1000 : 0;
}

gboolean
pos_till_get_may_return (PosTill *self)
{
  return self->may_return;
}

PosEntry *
pos_till_get_open (PosTill *self)
{
  GListModel *unclaimed = self->client != NULL ? tgw_client_get_unclaimed (self->client) : NULL;

  for (guint i = 0; unclaimed != NULL && i < g_list_model_get_n_items (unclaimed); i++)
    {
      g_autoptr (TgwPayment) payment = g_list_model_get_item (unclaimed, i);

      if (tgw_payment_is_open (payment))
        return pos_till_find (self, tgw_payment_get_transaction_id (payment));
    }
  return NULL;
}
