/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateway/store/memory-private.h"

#include <string.h>

static GwMemoryTable *
table_of (GwTables *tables, guint table)
{
  return &((GwMemoryTables *) tables)->tables[table];
}

static void
add (GwRead *read, gpointer (*ref) (gpointer row), gpointer row)
{
  g_ptr_array_add (read->rows, ref (row));
  read->count = read->rows->len;
}

/* Every row of a table in the order of an index. */
static void
read_all (GwMemoryTable *table, guint index, GwRead *read)
{
  gw_read_begin (read, table->klass->unref);
  for (GTreeNode *node = gw_memory_table_first (table, index); node; node = g_tree_node_next (node))
    add (read, table->klass->ref, g_tree_node_value (node));
}

/* What is not before the probe, up to the limit. */
static void
read_page (GwMemoryTable *table, guint index, gconstpointer probe, GwRead *read)
{
  GTreeNode *node = gw_memory_table_from (table, index, probe);

  gw_read_begin (read, table->klass->unref);
  for (; node && read->rows->len < gw_read_limit (read); node = g_tree_node_next (node))
    add (read, table->klass->ref, g_tree_node_value (node));
}

static void
read_transaction (GwMemoryTable *table, GwRead *read)
{
  GwTransaction probe = { .group_id = read->group_id ? read->group_id : (char *) "",
                          .transaction_id = read->id };
  GTreeNode *node = gw_memory_table_from (table, GW_MEMORY_BY_KEY, &probe);

  gw_read_begin (read, table->klass->unref);
  for (; node && read->rows->len < gw_read_limit (read); node = g_tree_node_next (node))
    {
      GwTransaction *row = g_tree_node_value (node);

      if (!g_str_equal (row->transaction_id, read->id) ||
          (read->group_id && !g_str_equal (row->group_id, read->group_id)))
        break;
      add (read, table->klass->ref, row);
    }
}

static gboolean
is_asked_for (const GwRead *read, const GwTransaction *row)
{
  if (read->group_id && !g_str_equal (row->group_id, read->group_id))
    return FALSE;
  if ((read->from && row->created_at < read->from) || (read->to && row->created_at >= read->to))
    return FALSE;
  if (read->before_created &&
      (row->created_at > read->before_created ||
       (row->created_at == read->before_created && row->row_id >= read->before_row_id)))
    return FALSE;
  if (read->status >= 0 && (int) row->status != read->status)
    return FALSE;
  if (read->terminal_id && g_strcmp0 (row->device_id, read->terminal_id) != 0 &&
      g_strcmp0 (row->terminal_id, read->terminal_id) != 0)
    return FALSE;
  if (read->key_id && g_strcmp0 (row->key_id, read->key_id) != 0)
    return FALSE;
  return !read->needs_attention || gw_transaction_has (row, GW_NEEDS_ATTENTION);
}

static void
read_transactions (GwMemoryTable *table, GwRead *read)
{
  GTreeNode *node = g_tree_node_last (table->trees[GW_MEMORY_TRANSACTION_CREATED]);

  gw_read_begin (read, table->klass->unref);
  for (; node && read->rows->len < gw_read_limit (read); node = g_tree_node_previous (node))
    if (is_asked_for (read, g_tree_node_value (node)))
      add (read, table->klass->ref, g_tree_node_value (node));
}

static void
read_messages (GwMemoryTable *table, GwRead *read)
{
  GwMessage probe = { .key_id = read->key_id, .seq = G_MININT64 };
  GTreeNode *node = gw_memory_table_from (table, GW_MEMORY_MESSAGE_WAITING, &probe);
  guint waiting = 0;

  gw_read_begin (read, table->klass->unref);
  for (; node; node = g_tree_node_next (node))
    {
      GwMessage *message = g_tree_node_value (node);

      if (!g_str_equal (message->key_id, read->key_id))
        break;
      waiting++;
      if (message->seq > read->after && read->rows->len < gw_read_limit (read))
        add (read, table->klass->ref, message);
    }
  read->count = waiting;
}

static void
read_timeline (GwMemoryTable *table, GwRead *read)
{
  GwTimelineEntry probe = { .group_id = read->group_id ? read->group_id : (char *) "",
                            .transaction_id = read->id };
  GTreeNode *node = gw_memory_table_from (table, GW_MEMORY_BY_KEY, &probe);

  gw_read_begin (read, table->klass->unref);
  for (; node; node = g_tree_node_next (node))
    {
      GwTimelineEntry *entry = g_tree_node_value (node);

      if (!g_str_equal (entry->transaction_id, read->id) ||
          (read->group_id && !g_str_equal (entry->group_id, read->group_id)))
        break;
      add (read, table->klass->ref, entry);
    }
}

static void
read_orphans (GwMemoryTable *table, GwRead *read)
{
  gw_read_begin (read, (GDestroyNotify) gw_orphan_unref);
  for (GTreeNode *node = gw_memory_table_first (table, GW_MEMORY_BY_KEY);
       node && read->rows->len < gw_read_limit (read); node = g_tree_node_next (node))
    {
      const GwOrphanRow *row = g_tree_node_value (node);

      if (row->id <= read->after || (read->group_id && !g_str_equal (row->group_id, read->group_id)) ||
          (read->id && !g_str_equal (row->transaction_id, read->id)))
        continue;
      GwOrphan *orphan = gw_orphan_new ();
      orphan->id = row->id;
      orphan->group_id = g_ref_string_new (row->group_id);
      orphan->transaction_id = g_ref_string_new (row->transaction_id);
      orphan->slot = g_ref_string_new (row->slot);
      orphan->response = g_ref_string_new (row->response);
      orphan->created_at = row->created_at;
      g_ptr_array_add (read->rows, orphan);
    }
  read->count = read->rows->len;
}

static void
read_signatures (GwMemoryTable *table, GwRead *read)
{
  gw_read_begin (read, (GDestroyNotify) gw_signatures_unref);
  for (GTreeNode *node = gw_memory_table_first (table, GW_MEMORY_BY_KEY); node;
       node = g_tree_node_next (node))
    {
      const GwSignatureRow *row = g_tree_node_value (node);

      if (row->expires_at <= read->now)
        continue;
      GwSignatures *signatures = row->single ? gw_signatures_new () : gw_signatures_ref (row->signatures);
      if (row->single)
        {
          signatures->expires_at = row->expires_at;
          signatures->fingerprints = g_bytes_new (&row->fingerprint, sizeof row->fingerprint);
        }
      g_ptr_array_add (read->rows, signatures);
    }
  read->count = read->rows->len;
}

gboolean
gw_memory_read (GwTables *tables, GwRead *read, GError **error)
{
  switch (read->kind)
    {
    case GW_READ_TRANSACTION:
      read_transaction (table_of (tables, GW_MEMORY_TRANSACTIONS), read);
      break;
    case GW_READ_TRANSACTIONS:
      read_transactions (table_of (tables, GW_MEMORY_TRANSACTIONS), read);
      break;
    case GW_READ_OBLIGATIONS:
      read_page (table_of (tables, GW_MEMORY_TRANSACTIONS), GW_MEMORY_TRANSACTION_OBLIGATION,
                 &(GwTransaction){ .row_id = read->after + 1 }, read);
      break;
    case GW_READ_MESSAGES:
      read_messages (table_of (tables, GW_MEMORY_MESSAGES), read);
      break;
    case GW_READ_TIMELINE:
      read_timeline (table_of (tables, GW_MEMORY_TIMELINE), read);
      break;
    case GW_READ_AUDIT:
      read_page (table_of (tables, GW_MEMORY_AUDIT), GW_MEMORY_BY_KEY,
                 &(GwAuditEntry){ .seq = read->after + 1 }, read);
      break;
    case GW_READ_ORPHANS:
      read_orphans (table_of (tables, GW_MEMORY_ORPHANS), read);
      break;
    case GW_READ_KEYS:
      read_all (table_of (tables, GW_MEMORY_KEYS), GW_MEMORY_KEY_CREATED, read);
      break;
    case GW_READ_DEVICES:
      read_all (table_of (tables, GW_MEMORY_DEVICES), GW_MEMORY_BY_KEY, read);
      break;
    case GW_READ_SESSIONS:
      read_all (table_of (tables, GW_MEMORY_SESSIONS), GW_MEMORY_BY_KEY, read);
      break;
    case GW_READ_SIGNATURES:
      read_signatures (table_of (tables, GW_MEMORY_SIGNATURES), read);
      break;
    case GW_READ_CHECK:
      gw_read_begin (read, NULL);
      break;
    }
  return TRUE;
}
