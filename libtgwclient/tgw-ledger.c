/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libtgwclient/tgw-ledger.h"

#define MAX_SEEN   4096
#define MAX_CLOSED 1000

typedef struct
{
  TgwPayment *payment;
  guint told;
  guint told_by_answer;
  guint missing;
} Entry;

struct _TgwLedger
{
  GListStore *payments;
  GHashTable *entries;  /* transaction id (borrowed) -> Entry */
  GHashTable *seen;     /* message id -> itself */
  GQueue seen_in_order; /* borrowed from seen */
};

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_object_unref (entry->payment);
  g_free (entry);
}

TgwLedger *
tgw_ledger_new (void)
{
  TgwLedger *self = g_new0 (TgwLedger, 1);

  self->payments = g_list_store_new (TGW_TYPE_PAYMENT);
  self->entries = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, entry_free);
  self->seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_queue_init (&self->seen_in_order);
  return self;
}

void
tgw_ledger_free (TgwLedger *self)
{
  g_hash_table_unref (self->entries);
  g_object_unref (self->payments);
  g_queue_clear (&self->seen_in_order);
  g_hash_table_unref (self->seen);
  g_free (self);
}

GListModel *
tgw_ledger_get_payments (TgwLedger *self)
{
  return G_LIST_MODEL (self->payments);
}

static Entry *
lookup (TgwLedger *self, TgwPayment *payment)
{
  Entry *entry = g_hash_table_lookup (self->entries, tgw_payment_get_transaction_id (payment));

  return entry != NULL && entry->payment == payment ? entry : NULL;
}

TgwPayment *
tgw_ledger_find (TgwLedger *self, const char *transaction_id)
{
  Entry *entry = transaction_id != NULL ? g_hash_table_lookup (self->entries, transaction_id) : NULL;

  return entry != NULL ? entry->payment : NULL;
}

/* The oldest closed ones go; open ones never do. */
static void
trim (TgwLedger *self)
{
  GListModel *model = G_LIST_MODEL (self->payments);

  for (guint i = 0; g_list_model_get_n_items (model) > MAX_CLOSED && i < g_list_model_get_n_items (model);)
    {
      g_autoptr (TgwPayment) payment = g_list_model_get_item (model, i);

      if (tgw_payment_is_open (payment))
        {
          i++;
          continue;
        }
      g_list_store_remove (self->payments, i);
      g_hash_table_remove (self->entries, tgw_payment_get_transaction_id (payment));
    }
}

static void
add (TgwLedger *self, TgwPayment *payment)
{
  Entry *old = g_hash_table_lookup (self->entries, tgw_payment_get_transaction_id (payment));
  Entry *entry = g_new0 (Entry, 1);
  guint position;

  if (old != NULL && g_list_store_find (self->payments, old->payment, &position))
    g_list_store_remove (self->payments, position);
  entry->payment = g_object_ref (payment);
  g_hash_table_replace (self->entries, (char *) tgw_payment_get_transaction_id (payment), entry);
  g_list_store_append (self->payments, payment);
  trim (self);
}

gboolean
tgw_ledger_begin (TgwLedger *self, TgwPayment *payment, GError **error)
{
  add (self, payment);
  return TRUE;
}

void
tgw_ledger_forget (TgwLedger *self, TgwPayment *payment)
{
  guint position;

  if (lookup (self, payment) == NULL)
    return;
  if (g_list_store_find (self->payments, payment, &position))
    g_list_store_remove (self->payments, position);
  g_hash_table_remove (self->entries, tgw_payment_get_transaction_id (payment));
}

void
tgw_ledger_recover (TgwLedger *self, TgwPayment *payment)
{
  add (self, payment);
}

GPtrArray *
tgw_ledger_list_open (TgwLedger *self)
{
  GPtrArray *open = g_ptr_array_new_with_free_func (g_object_unref);
  GListModel *model = G_LIST_MODEL (self->payments);

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (TgwPayment) payment = g_list_model_get_item (model, i);

      if (tgw_payment_is_open (payment))
        g_ptr_array_add (open, g_steal_pointer (&payment));
    }
  return open;
}

gboolean
tgw_ledger_seen (TgwLedger *self, const char *message_id)
{
  return message_id != NULL && g_hash_table_contains (self->seen, message_id);
}

static void
remember (TgwLedger *self, const char *message_id)
{
  char *id = g_strdup (message_id);

  if (!g_hash_table_add (self->seen, id))
    return;
  g_queue_push_tail (&self->seen_in_order, id);
  if (self->seen_in_order.length > MAX_SEEN)
    g_hash_table_remove (self->seen, g_queue_pop_head (&self->seen_in_order));
}

gboolean
tgw_ledger_tell_message (TgwLedger *self, TgwPayment *payment, TgwTold what, const char *message_id)
{
  Entry *entry = lookup (self, payment);
  gboolean news = TRUE;

  if (entry != NULL && (entry->told_by_answer & what) != 0)
    {
      entry->told_by_answer &= ~(guint) what;
      news = FALSE;
    }
  else if (entry != NULL && message_id == NULL && (entry->told & what) != 0)
    news = FALSE;
  if (entry != NULL)
    entry->told |= what;
  if (message_id != NULL && !tgw_ledger_seen (self, message_id))
    remember (self, message_id);
  return news;
}

gboolean
tgw_ledger_tell_answer (TgwLedger *self, TgwPayment *payment, TgwTold what)
{
  Entry *entry = lookup (self, payment);

  if (entry == NULL || (entry->told & what) != 0)
    return FALSE;
  entry->told |= what;
  entry->told_by_answer |= what;
  return TRUE;
}

guint
tgw_ledger_missing (TgwLedger *self, TgwPayment *payment)
{
  Entry *entry = lookup (self, payment);

  return entry != NULL ? ++entry->missing : 0;
}

void
tgw_ledger_reset_missing (TgwLedger *self)
{
  GHashTableIter iter;
  gpointer entry;

  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, NULL, &entry))
    ((Entry *) entry)->missing = 0;
}
