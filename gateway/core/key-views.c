/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The operator's list of keys: who is connected with each, since when, from where, and with what in flight.
 */
#include "gateway/core/engine-private.h"

#include <string.h>

typedef struct
{
  GArray *connections;  /* GwConnectionView */
  GPtrArray *in_flight; /* transaction ids, borrowed */
} Use;

static void
use_free (gpointer data)
{
  Use *use = data;

  g_array_unref (use->connections);
  g_ptr_array_unref (use->in_flight);
  g_free (use);
}

static Use *
use_of (GHashTable *uses, const char *key_id)
{
  Use *use = g_hash_table_lookup (uses, key_id);

  if (!use)
    {
      use = g_new0 (Use, 1);
      use->connections = g_array_new (FALSE, FALSE, sizeof (GwConnectionView));
      use->in_flight = g_ptr_array_new ();
      g_hash_table_insert (uses, (gpointer) key_id, use);
    }
  return use;
}

static gboolean
is_in_flight (const GwPayment *payment)
{
  return payment && payment->row && gw_transaction_is_open (payment->row);
}

static void
collect_payments (GwEngine *engine, GHashTable *uses)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, engine->payments);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const GwPayment *payment = value;
      if (!is_in_flight (payment))
        continue;
      const char *by = payment->pos ? payment->pos->key->key_id : payment->row->key_id;
      const char *on = payment->terminal ? payment->terminal->device->key_id : payment->row->terminal_key_id;
      g_ptr_array_add (use_of (uses, by)->in_flight, payment->row->transaction_id);
      if (on)
        g_ptr_array_add (use_of (uses, on)->in_flight, payment->row->transaction_id);
    }
}

static void
collect_connections (GwEngine *engine, GHashTable *uses)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, engine->links);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const GwLink *link = value;
      const GwTerminal *terminal = link->terminal;
      if (!terminal && !link->pos) /* its attach is on the way */
        continue;
      GwConnectionView view = { .connection_id = link->connection_id,
                                .address = link->address,
                                .user_agent = link->user_agent,
                                .since = link->since };
      if (terminal)
        {
          const char *id = terminal->holder;
          view.terminal_id = terminal->device->device_id ? terminal->device->device_id : link->connection_id;
          if (id && is_in_flight (gw_payment_find (engine, terminal->group->group_id, id)))
            view.in_flight = id;
        }
      g_array_append_val (use_of (uses, link->key->key_id)->connections, view);
    }
}

static gint
by_name (gconstpointer a, gconstpointer b)
{
  const GwConnectionView *x = a, *y = b;
  return g_strcmp0 (x->terminal_id, y->terminal_id);
}

void
gw_engine_foreach_key (GwEngine *engine, void (*func) (const GwKeyView *view, gpointer data), gpointer data)
{
  g_autoptr (GHashTable) uses = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, use_free);
  GHashTableIter iter;
  gpointer value;

  collect_payments (engine, uses);
  collect_connections (engine, uses);
  g_hash_table_iter_init (&iter, engine->keys_by_id);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      GwKey *key = value;
      GwPos *pos = g_hash_table_lookup (engine->pos, key->key_id);
      Use *use = use_of (uses, key->key_id);
      GwKeyView view = { .key = key, .in_flight = use->in_flight, .connections = use->connections };

      g_array_sort (use->connections, by_name);
      if (pos && (pos->link || pos->session_id))
        {
          view.active = TRUE;
          view.connection_id = pos->link ? pos->link->connection_id : NULL;
          view.address = pos->address;
          view.user_agent = pos->user_agent;
          view.since = pos->since;
        }
      func (&view, data);
    }
}
