/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libtgwclient/tgw-ledger.h"

#include "libtgwclient/tgw-error.h"
#include "libtgwclient/tgw-payment-private.h"

#define MAX_IN_MEMORY 1000
/* The gateway's own: later the id belongs to no payment that could be joined. */
#define JOIN_WINDOW_MS ((gint64) 24 * 3600 * 1000)
#define SWEEP_LIMIT    1000
/* Payments from one sweep to the next: a journal in use shrinks faster than it grows. */
#define SWEEP_EVERY 250
/* Twice as long as a gateway keeps what nobody collects, and much longer than a quarter's books. */
#define KEPT_MS ((gint64) 180 * 24 * 3600 * 1000)

struct _TgwLedger
{
  TgwJournal *journal; /* NULL until opened */
  GListStore *payments;
  GListStore *unclaimed;
  GHashTable *entries; /* transaction id (borrowed) -> TgwEntry */
  GQueue unhanded;     /* transaction ids of entries with news from before this run */
  GPtrArray *safe;     /* ids of messages that the disk has and the gateway still keeps */
  gboolean failing;    /* the disk refused the last write */
  guint n_begun;
};

TgwLedger *
tgw_ledger_new (void)
{
  TgwLedger *self = g_new0 (TgwLedger, 1);

  self->payments = g_list_store_new (TGW_TYPE_PAYMENT);
  self->unclaimed = g_list_store_new (TGW_TYPE_PAYMENT);
  self->entries = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) tgw_entry_unref);
  g_queue_init (&self->unhanded);
  self->safe = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
tgw_ledger_free (TgwLedger *self)
{
  g_clear_pointer (&self->journal, tgw_journal_close);
  g_queue_clear_full (&self->unhanded, g_free);
  g_ptr_array_unref (self->safe);
  g_hash_table_unref (self->entries);
  g_object_unref (self->unclaimed);
  g_object_unref (self->payments);
  g_free (self);
}

GListModel *
tgw_ledger_get_payments (TgwLedger *self)
{
  return G_LIST_MODEL (self->payments);
}

GListModel *
tgw_ledger_get_unclaimed (TgwLedger *self)
{
  return G_LIST_MODEL (self->unclaimed);
}

TgwJournal *
tgw_ledger_get_journal (TgwLedger *self)
{
  return self->journal;
}

const char *
tgw_ledger_set_aside (TgwLedger *self)
{
  return self->journal != NULL ? tgw_journal_set_aside (self->journal) : NULL;
}

static gboolean
is_unresolved (TgwPayment *payment)
{
  /* What the gateway has forgotten is staff's to find out. */
  return tgw_payment_is_open (payment) ||
         ((payment->state == TGW_PAYMENT_STATE_FAILED || payment->state == TGW_PAYMENT_STATE_CANCELLED) &&
          payment->outcome == TGW_OUTCOME_UNKNOWN &&
          g_strcmp0 (payment->error_code, "TRANSACTION_NOT_FOUND") != 0);
}

static gboolean
is_unclaimed (const TgwEntry *entry)
{
  return tgw_payment_is_open (entry->payment) || entry->news->len > 0;
}

static void
remove_from (GListStore *store, TgwPayment *payment)
{
  guint position;

  if (g_list_store_find (store, payment, &position))
    g_list_store_remove (store, position);
}

static void
classify (TgwLedger *self, TgwEntry *entry)
{
  gboolean wanted = is_unclaimed (entry);

  tgw_payment_set_acknowledged (entry->payment, entry->news->len == 0);
  if (wanted && !entry->listed)
    g_list_store_append (self->unclaimed, entry->payment);
  else if (!wanted && entry->listed)
    remove_from (self->unclaimed, entry->payment);
  entry->listed = wanted;
}

/* The oldest claimed ones leave the memory; the journal keeps them. */
static void
trim (TgwLedger *self)
{
  GListModel *model = G_LIST_MODEL (self->payments);

  for (guint i = 0; g_list_model_get_n_items (model) > MAX_IN_MEMORY && i < g_list_model_get_n_items (model);)
    {
      g_autoptr (TgwPayment) payment = g_list_model_get_item (model, i);
      const char *id = tgw_payment_get_transaction_id (payment);
      TgwEntry *entry = g_hash_table_lookup (self->entries, id);

      /* Held by the entry, the list and this loop; by anybody else it is in use. */
      if (entry->dirty || is_unclaimed (entry) || is_unresolved (payment) ||
          G_OBJECT (payment)->ref_count > 3)
        {
          i++;
          continue;
        }
      g_list_store_remove (self->payments, i);
      g_hash_table_remove (self->entries, id);
    }
}

static void
add (TgwLedger *self, TgwEntry *entry)
{
  trim (self);
  g_hash_table_insert (self->entries, (char *) tgw_payment_get_transaction_id (entry->payment), entry);
  g_list_store_append (self->payments, entry->payment);
  classify (self, entry);
}

static void
drop (TgwLedger *self, TgwEntry *entry)
{
  remove_from (self->payments, entry->payment);
  remove_from (self->unclaimed, entry->payment);
  g_hash_table_remove (self->entries, tgw_payment_get_transaction_id (entry->payment));
}

static void
sweep (TgwJournal *journal)
{
  g_autoptr (GError) error = NULL;

  if (!tgw_journal_sweep (journal, g_get_real_time () / 1000 - KEPT_MS, SWEEP_LIMIT, &error))
    g_warning ("%s", error->message);
}

gboolean
tgw_ledger_open (TgwLedger *self, const char *path, GError **error)
{
  g_autoptr (TgwJournal) journal = tgw_journal_open (path, error);
  g_autoptr (GPtrArray) entries = NULL;

  if (journal == NULL)
    return FALSE;
  entries = tgw_journal_load (journal, MAX_IN_MEMORY, error);
  if (entries == NULL)
    return FALSE;
  while (entries->len > 0)
    {
      TgwEntry *entry = g_ptr_array_steal_index (entries, 0);

      if (entry->news->len > 0)
        g_queue_push_tail (&self->unhanded, g_strdup (tgw_payment_get_transaction_id (entry->payment)));
      add (self, entry);
    }
  sweep (journal);
  self->journal = g_steal_pointer (&journal);
  return TRUE;
}

/* NULL without an error: there is none. */
static TgwEntry *
find (TgwLedger *self, const char *transaction_id, GError **error)
{
  TgwEntry *entry = transaction_id != NULL ? g_hash_table_lookup (self->entries, transaction_id) : NULL;

  if (entry == NULL && transaction_id != NULL && self->journal != NULL)
    {
      entry = tgw_journal_find (self->journal, transaction_id, error);
      if (entry != NULL)
        add (self, entry);
    }
  return entry;
}

/* The entry of just this object. */
static TgwEntry *
lookup (TgwLedger *self, TgwPayment *payment)
{
  TgwEntry *entry = g_hash_table_lookup (self->entries, tgw_payment_get_transaction_id (payment));

  return entry != NULL && entry->payment == payment ? entry : NULL;
}

TgwPayment *
tgw_ledger_find (TgwLedger *self, const char *transaction_id)
{
  g_autoptr (GError) error = NULL;
  TgwEntry *entry = find (self, transaction_id, &error);

  if (error != NULL)
    g_warning ("%s", error->message);
  return entry != NULL ? entry->payment : NULL;
}

GPtrArray *
tgw_ledger_list_unresolved (TgwLedger *self)
{
  GPtrArray *open = g_ptr_array_new_with_free_func (g_object_unref);
  GListModel *model = G_LIST_MODEL (self->payments);

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (TgwPayment) payment = g_list_model_get_item (model, i);

      if (is_unresolved (payment))
        g_ptr_array_add (open, g_steal_pointer (&payment));
    }
  return open;
}

/* message_id: of a message that brought no news. */
static gboolean
save (TgwLedger *self, TgwEntry *entry, const char *message_id, GError **error)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) reason = NULL;

  for (guint i = 0; i < entry->news->len; i++)
    {
      const TgwNews *news = entry->news->pdata[i];

      if (!news->saved && news->message_id != NULL)
        g_ptr_array_add (ids, g_strdup (news->message_id));
    }
  if (message_id != NULL)
    g_ptr_array_add (ids, g_strdup (message_id));
  if (self->journal == NULL)
    g_set_error_literal (&reason, TGW_ERROR, TGW_ERROR_JOURNAL,
                         "The client was not initialised: it has no payment journal");
  else if (tgw_journal_save (self->journal, entry, message_id, &reason))
    {
      g_ptr_array_extend_and_steal (self->safe, g_steal_pointer (&ids));
      self->failing = FALSE;
      return TRUE;
    }
  /* Once, not with every try: a full disk is not helped by a log that grows. */
  if (error == NULL && !self->failing)
    g_warning ("%s", reason->message);
  if (error == NULL)
    self->failing = TRUE;
  g_propagate_error (error, g_steal_pointer (&reason));
  return FALSE;
}

static gboolean
asks_for_the_same (TgwPayment *payment, const char *terminal_id, const TgpPaymentRequest *request)
{
  if (payment->requested_amount != 0 &&
      (payment->requested_amount != request->amount || strcmp (payment->currency, request->currency) != 0))
    return FALSE;
  if (payment->method >= 0 && payment->method != (int) request->method)
    return FALSE;
  return payment->asked_terminal_id == NULL || strcmp (payment->asked_terminal_id, terminal_id) == 0 ||
         g_strcmp0 (payment->terminal_id, terminal_id) == 0;
}

TgwIdJudgement
tgw_ledger_judge (TgwLedger *self, const char *terminal_id, const TgpPaymentRequest *request,
                  TgwPayment **known, GError **error)
{
  GError *reason = NULL;
  TgwEntry *old = find (self, request->transaction_id, &reason);

  if (reason != NULL)
    {
      g_propagate_error (error, reason);
      return TGW_ID_UNREADABLE;
    }
  if (old == NULL || old->payment->state == TGW_PAYMENT_STATE_REFUSED)
    return TGW_ID_FRESH;
  if (!asks_for_the_same (old->payment, terminal_id, request))
    return TGW_ID_OTHER;
  if (!tgw_payment_is_open (old->payment) &&
      g_get_real_time () / 1000 - old->payment->started_at > JOIN_WINDOW_MS)
    return TGW_ID_OTHER;
  *known = g_object_ref (old->payment);
  return tgw_payment_is_open (old->payment) ? TGW_ID_OPEN : TGW_ID_CLOSED;
}

TgwPayment *
tgw_ledger_begin (TgwLedger *self, const char *terminal_id, const TgpPaymentRequest *request,
                  const char *metadata, GError **error)
{
  g_autoptr (TgwPayment) payment = NULL;
  TgwEntry *old = g_hash_table_lookup (self->entries, request->transaction_id), *entry;

  payment = tgw_payment_new (request->transaction_id, terminal_id, request);
  payment->metadata = g_strdup (metadata);
  entry = tgw_entry_new (payment);
  if (old != NULL)
    {
      /* Refused before it was durable: the id is free, and whoever uses it again knows of the refusal. */
      if (!tgw_ledger_acknowledge (self, old->payment, 0, error))
        {
          tgw_entry_unref (entry);
          return NULL;
        }
      payment->revision = payment->last_revision = old->payment->last_revision;
      drop (self, old);
    }
  if (!save (self, entry, NULL, error))
    {
      tgw_entry_unref (entry);
      return NULL;
    }
  add (self, entry);
  if (++self->n_begun % SWEEP_EVERY == 0)
    sweep (self->journal);
  return g_steal_pointer (&payment);
}

void
tgw_ledger_forget (TgwLedger *self, TgwPayment *payment)
{
  TgwEntry *entry = lookup (self, payment);
  g_autoptr (GError) error = NULL;

  if (entry == NULL)
    return;
  /* What cannot be removed is asked for, and was never heard of. */
  if (!tgw_journal_forget (self->journal, tgw_payment_get_transaction_id (payment), &error))
    g_warning ("%s", error->message);
  drop (self, entry);
}

void
tgw_ledger_recover (TgwLedger *self, TgwPayment *payment)
{
  add (self, tgw_entry_new (payment));
}

static void
add_news (TgwEntry *entry, TgwTold kind, const char *message_id, TgwRecovery recovery)
{
  entry->told |= kind;
  tgw_payment_set_recovered_from (entry->payment, recovery);
  tgw_payment_set_revision (entry->payment, ++entry->payment->last_revision);
  tgw_entry_add_news (entry, entry->payment->revision, kind, message_id);
  ((TgwNews *) entry->news->pdata[entry->news->len - 1])->handed = TRUE;
}

static gboolean
is_waiting_for_disk (const TgwEntry *entry, const char *message_id)
{
  for (guint i = 0; i < entry->news->len; i++)
    {
      const TgwNews *news = entry->news->pdata[i];

      if (!news->saved && g_strcmp0 (news->message_id, message_id) == 0)
        return TRUE;
    }
  return FALSE;
}

gboolean
tgw_ledger_tell_message (TgwLedger *self, TgwPayment *payment, TgwTold kind, const char *message_id,
                         TgwRecovery recovery)
{
  /* Held, here and below: a handler of a notification may pay, and change the books. */
  g_autoptr (TgwEntry) entry = tgw_entry_ref (lookup (self, payment));

  if (self->journal != NULL && tgw_journal_seen (self->journal, message_id))
    {
      g_ptr_array_add (self->safe, g_strdup (message_id));
      return FALSE;
    }
  if (entry == NULL)
    return FALSE;
  if (is_waiting_for_disk (entry, message_id))
    {
      save (self, entry, NULL, NULL);
      return FALSE;
    }
  if ((entry->told_by_answer & kind) != 0)
    {
      entry->told_by_answer &= ~(guint) kind;
      if (!save (self, entry, message_id, NULL))
        entry->told_by_answer |= kind; /* it comes again */
      return FALSE;
    }
  add_news (entry, kind, message_id, recovery);
  save (self, entry, NULL, NULL);
  classify (self, entry);
  return TRUE;
}

gboolean
tgw_ledger_tell_answer (TgwLedger *self, TgwPayment *payment, TgwTold kind, TgwRecovery recovery)
{
  g_autoptr (TgwEntry) entry = tgw_entry_ref (lookup (self, payment));
  gboolean news;

  if (entry == NULL)
    return FALSE;
  news = (entry->told & kind) == 0;
  if (news)
    {
      entry->told_by_answer |= kind;
      add_news (entry, kind, NULL, recovery);
    }
  save (self, entry, NULL, NULL);
  classify (self, entry);
  return news;
}

gboolean
tgw_ledger_tell_absence (TgwLedger *self, TgwPayment *payment, TgwRecovery recovery)
{
  g_autoptr (TgwEntry) entry = tgw_entry_ref (lookup (self, payment));

  if (entry == NULL)
    return FALSE;
  add_news (entry, TGW_TOLD_COMPLETE, NULL, recovery);
  entry->told &= ~(guint) TGW_TOLD_COMPLETE;
  save (self, entry, NULL, NULL);
  classify (self, entry);
  return TRUE;
}

gboolean
tgw_ledger_tell_settled (TgwLedger *self, TgwPayment *payment, TgwRecovery recovery)
{
  g_autoptr (TgwEntry) entry = tgw_entry_ref (lookup (self, payment));

  if (entry == NULL || (entry->told & TGW_TOLD_COMPLETE) == 0)
    return FALSE;
  add_news (entry, TGW_TOLD_SETTLED, NULL, recovery);
  save (self, entry, NULL, NULL);
  classify (self, entry);
  return TRUE;
}

void
tgw_ledger_overtaken (TgwLedger *self, TgwPayment *payment, TgwTold kind)
{
  TgwEntry *entry = lookup (self, payment);

  if (entry == NULL || (entry->told & kind) != 0)
    return;
  entry->told |= kind;
  entry->told_by_answer |= kind;
}

void
tgw_ledger_changed (TgwLedger *self, TgwPayment *payment)
{
  g_autoptr (TgwEntry) entry = tgw_entry_ref (lookup (self, payment));

  if (entry != NULL)
    classify (self, entry);
}

gboolean
tgw_ledger_hand_out (TgwLedger *self, TgwPayment **payment, TgwTold *kind)
{
  const char *id;

  while ((id = g_queue_peek_head (&self->unhanded)) != NULL)
    {
      TgwEntry *entry = g_hash_table_lookup (self->entries, id);

      for (guint i = 0; entry != NULL && i < entry->news->len; i++)
        {
          TgwNews *news = entry->news->pdata[i];

          if (news->handed)
            continue;
          news->handed = TRUE;
          /* For the handler: what it acknowledges is this, and not what it has still to hear. */
          tgw_payment_set_revision (entry->payment, news->revision);
          *payment = g_object_ref (entry->payment);
          *kind = news->kind;
          return TRUE;
        }
      g_free (g_queue_pop_head (&self->unhanded));
    }
  return FALSE;
}

gboolean
tgw_ledger_acknowledge (TgwLedger *self, TgwPayment *payment, guint revision, GError **error)
{
  g_autoptr (TgwPayment) held = g_object_ref (payment);
  g_autoptr (TgwEntry) entry = tgw_entry_ref (lookup (self, payment));

  if (entry == NULL || entry->news->len == 0)
    return TRUE;
  if (revision == 0)
    revision = payment->revision;
  if (entry->dirty && !save (self, entry, NULL, error))
    return FALSE;
  if (!tgw_journal_acknowledge (self->journal, tgw_payment_get_transaction_id (payment), revision, error))
    return FALSE;
  while (entry->news->len > 0 && ((TgwNews *) entry->news->pdata[0])->revision <= revision)
    g_ptr_array_remove_index (entry->news, 0);
  classify (self, entry);
  return TRUE;
}

gboolean
tgw_ledger_is_dirty (TgwLedger *self)
{
  GHashTableIter iter;
  gpointer entry;

  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, NULL, &entry))
    if (((TgwEntry *) entry)->dirty)
      return TRUE;
  return FALSE;
}

void
tgw_ledger_flush (TgwLedger *self)
{
  GHashTableIter iter;
  gpointer entry;

  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, NULL, &entry))
    if (((TgwEntry *) entry)->dirty && !save (self, entry, NULL, NULL))
      return; /* the next one would fare no better */
}

GPtrArray *
tgw_ledger_take_safe (TgwLedger *self)
{
  GPtrArray *safe = self->safe;

  self->safe = g_ptr_array_new_with_free_func (g_free);
  return safe;
}

guint
tgw_ledger_missing (TgwLedger *self, TgwPayment *payment)
{
  TgwEntry *entry = lookup (self, payment);

  return entry != NULL ? ++entry->missing : 0;
}

void
tgw_ledger_forget_missing (TgwLedger *self, TgwPayment *payment)
{
  TgwEntry *entry = lookup (self, payment);

  if (entry != NULL)
    entry->missing = 0;
}

void
tgw_ledger_reset_missing (TgwLedger *self)
{
  GHashTableIter iter;
  gpointer entry;

  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, NULL, &entry))
    ((TgwEntry *) entry)->missing = 0;
}
