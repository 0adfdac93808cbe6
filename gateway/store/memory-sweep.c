/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Deleting what is past its time, in the memory adapter. Every step has an order and a limit, and the same
 * ones as in SQLite, so that both delete the same rows. */
#include "gateway/store/memory-private.h"

static GPtrArray *
rows_new (const GwMemoryTable *table)
{
  return g_ptr_array_new_with_free_func (table->klass->unref);
}

static guint
delete_rows (GwMemoryTables *self, guint table, GPtrArray *rows)
{
  for (guint i = 0; i < rows->len; i++)
    gw_memory_change (self, table, rows->pdata[i], NULL);
  return rows->len;
}

/* The oldest rows of a table that only grows at its end: looking at no more than limit of them keeps a sweep
 * short. */
static guint
sweep_oldest (GwMemoryTables *self, guint table, gint64 before,
              gboolean (*is_past) (gconstpointer row, gint64 before), guint limit)
{
  GwMemoryTable *of = &self->tables[table];
  g_autoptr (GPtrArray) rows = rows_new (of);
  GTreeNode *node = gw_memory_table_first (of, GW_MEMORY_BY_KEY);

  for (guint seen = 0; node && seen < limit; seen++, node = g_tree_node_next (node))
    if (is_past (g_tree_node_value (node), before))
      g_ptr_array_add (rows, of->klass->ref (g_tree_node_value (node)));
  return delete_rows (self, table, rows);
}

static gboolean
signature_is_past (gconstpointer row, gint64 before)
{
  return ((const GwSignatureRow *) row)->expires_at <= before;
}

static gboolean
orphan_is_past (gconstpointer row, gint64 before)
{
  return ((const GwOrphanRow *) row)->created_at < before;
}

static guint
sweep_displaced (GwMemoryTables *self, gint64 now, guint limit)
{
  GwMemoryTable *table = &self->tables[GW_MEMORY_DISPLACED];
  g_autoptr (GPtrArray) rows = rows_new (table);
  GTreeNode *node = gw_memory_table_first (table, GW_MEMORY_BY_KEY);

  for (; node && rows->len < limit; node = g_tree_node_next (node))
    if (((GwDisplacedRow *) g_tree_node_value (node))->expires_at <= now)
      g_ptr_array_add (rows, g_atomic_rc_box_acquire (g_tree_node_value (node)));
  return delete_rows (self, GW_MEMORY_DISPLACED, rows);
}

static void
audit_unread (GwMemoryTables *self, const GwMessage *message, gint64 now)
{
  g_autoptr (GwAuditEntry) entry = gw_unread_audit_new (message, now);

  gw_memory_add_audit (&self->base, entry);
}

static guint
sweep_messages (GwMemoryTables *self, gint64 now, gint64 before, guint limit)
{
  GwMemoryTable *table = &self->tables[GW_MEMORY_MESSAGES];
  g_autoptr (GPtrArray) rows = rows_new (table);
  gpointer newest = gw_memory_table_last (table, GW_MEMORY_BY_KEY);
  GTreeNode *node = gw_memory_table_first (table, GW_MEMORY_BY_KEY);

  for (guint seen = 0; node && seen < limit; seen++, node = g_tree_node_next (node))
    {
      GwMessage *message = g_tree_node_value (node);

      if (message == newest || message->created_at >= before)
        continue;
      if (message->acked_at == 0)
        audit_unread (self, message, now);
      g_ptr_array_add (rows, gw_message_ref (message));
    }
  return delete_rows (self, GW_MEMORY_MESSAGES, rows);
}

static void
delete_timeline (GwMemoryTables *self, const GwTransaction *transaction)
{
  GwMemoryTable *table = &self->tables[GW_MEMORY_TIMELINE];
  g_autoptr (GPtrArray) rows = rows_new (table);
  GwTimelineEntry probe = { .group_id = transaction->group_id,
                            .transaction_id = transaction->transaction_id };
  GTreeNode *node = gw_memory_table_from (table, GW_MEMORY_BY_KEY, &probe);

  for (; node; node = g_tree_node_next (node))
    {
      GwTimelineEntry *entry = g_tree_node_value (node);

      if (!g_str_equal (entry->transaction_id, transaction->transaction_id) ||
          !g_str_equal (entry->group_id, transaction->group_id))
        break;
      g_ptr_array_add (rows, gw_timeline_entry_ref (entry));
    }
  delete_rows (self, GW_MEMORY_TIMELINE, rows);
}

static guint
sweep_transactions (GwMemoryTables *self, gint64 before, gint64 ids_before, guint limit)
{
  const guint relevant = GW_HOLDS_TERMINAL | GW_REVERSING | GW_SETTLED;
  GwMemoryTable *table = &self->tables[GW_MEMORY_TRANSACTIONS];
  g_autoptr (GPtrArray) rows = rows_new (table);
  GTreeNode *node = gw_memory_table_first (table, GW_MEMORY_TRANSACTION_CREATED);

  for (; node && rows->len < limit; node = g_tree_node_next (node))
    {
      GwTransaction *row = g_tree_node_value (node);

      if (row->created_at >= before)
        break;
      if (tgp_status_is_final (row->status) && (row->flags & relevant) == GW_SETTLED)
        g_ptr_array_add (rows, gw_transaction_ref (row));
    }
  for (guint i = 0; i < rows->len; i++)
    {
      const GwTransaction *row = rows->pdata[i];

      delete_timeline (self, row);
      if (row->created_at >= ids_before)
        {
          g_autoptr (GwPurgedRow) purged =
            gw_purged_row_new (row->group_id, row->transaction_id, row->created_at);

          gw_memory_put (self, GW_MEMORY_PURGED, purged);
        }
    }
  return delete_rows (self, GW_MEMORY_TRANSACTIONS, rows);
}

static guint
sweep_ids (GwMemoryTables *self, gint64 before, guint limit)
{
  GwMemoryTable *table = &self->tables[GW_MEMORY_PURGED];
  g_autoptr (GPtrArray) rows = rows_new (table);
  GTreeNode *node = gw_memory_table_first (table, GW_MEMORY_PURGED_CREATED);

  for (; node && rows->len < limit; node = g_tree_node_next (node))
    {
      if (((GwPurgedRow *) g_tree_node_value (node))->created_at >= before)
        break;
      g_ptr_array_add (rows, g_atomic_rc_box_acquire (g_tree_node_value (node)));
    }
  return delete_rows (self, GW_MEMORY_PURGED, rows);
}

static gboolean
has_obligation (GwMemoryTables *self, const GwDevice *device)
{
  GwTransaction probe = { .group_id = device->group_id, .slot = device->slot, .row_id = G_MININT64 };
  GTreeNode *node =
    gw_memory_table_from (&self->tables[GW_MEMORY_TRANSACTIONS], GW_MEMORY_TRANSACTION_SLOT, &probe);
  const GwTransaction *row = node ? g_tree_node_value (node) : NULL;

  return row && g_str_equal (row->slot, device->slot) && g_str_equal (row->group_id, device->group_id);
}

static guint
sweep_devices (GwMemoryTables *self, gint64 before, guint limit)
{
  GwMemoryTable *table = &self->tables[GW_MEMORY_DEVICES];
  g_autoptr (GPtrArray) rows = rows_new (table);
  GTreeNode *node = gw_memory_table_first (table, GW_MEMORY_BY_KEY);

  for (; node && rows->len < limit; node = g_tree_node_next (node))
    {
      GwDevice *device = g_tree_node_value (node);

      if (!device->attached && device->last_seen < before && !has_obligation (self, device))
        g_ptr_array_add (rows, gw_device_ref (device));
    }
  return delete_rows (self, GW_MEMORY_DEVICES, rows);
}

guint
gw_memory_sweep (GwTables *tables, gint64 now, gint64 messages_before, gint64 transactions_before,
                 gint64 ids_before, gint64 devices_before, guint limit)
{
  GwMemoryTables *self = (GwMemoryTables *) tables;
  guint n = 0;

  if (self->error)
    return 0;
  n += sweep_oldest (self, GW_MEMORY_SIGNATURES, now, signature_is_past, limit - n);
  n += sweep_displaced (self, now, limit - n);
  n += sweep_messages (self, now, messages_before, limit - n);
  n += sweep_transactions (self, transactions_before, ids_before, limit - n);
  n += sweep_ids (self, ids_before, limit - n);
  n += sweep_devices (self, devices_before, limit - n);
  n += sweep_oldest (self, GW_MEMORY_ORPHANS, transactions_before, orphan_is_past, limit - n);
  return n;
}
