/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What hangs on an API key, in the memory adapter. */
#include "gateway/store/memory-private.h"

static void
move_obligations (GwMemoryTables *self, const char *from, const char *to)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_transaction_unref);
  g_autofree char *from_slot = g_strconcat ("@", from, NULL);
  g_autofree char *to_slot = g_strconcat ("@", to, NULL);
  GTreeNode *node =
    gw_memory_table_first (&self->tables[GW_MEMORY_TRANSACTIONS], GW_MEMORY_TRANSACTION_OBLIGATION);

  for (; node; node = g_tree_node_next (node))
    g_ptr_array_add (rows, gw_transaction_ref (g_tree_node_value (node)));
  for (guint i = 0; i < rows->len; i++)
    {
      GwTransaction *row = rows->pdata[i];
      gboolean as_pos = g_str_equal (row->key_id, from);
      gboolean as_terminal = g_strcmp0 (row->terminal_key_id, from) == 0;
      gboolean by_slot = g_str_equal (row->slot, from_slot);

      if (!as_pos && !as_terminal && !by_slot)
        continue;
      g_autoptr (GwTransaction) moved = gw_transaction_copy (row);
      if (as_pos)
        gw_set_text (&moved->key_id, to);
      if (as_terminal)
        gw_set_text (&moved->terminal_key_id, to);
      if (by_slot)
        gw_set_text (&moved->slot, to_slot);
      gw_memory_change (self, GW_MEMORY_TRANSACTIONS, row, moved);
    }
}

static void
move_devices (GwMemoryTables *self, const char *from, const char *to)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_device_unref);
  g_autofree char *from_slot = g_strconcat ("@", from, NULL);
  g_autofree char *to_slot = g_strconcat ("@", to, NULL);
  GTreeNode *node = gw_memory_table_first (&self->tables[GW_MEMORY_DEVICES], GW_MEMORY_BY_KEY);

  for (; node; node = g_tree_node_next (node))
    if (g_strcmp0 (((GwDevice *) g_tree_node_value (node))->key_id, from) == 0)
      g_ptr_array_add (rows, gw_device_ref (g_tree_node_value (node)));
  for (guint i = 0; i < rows->len; i++)
    {
      GwDevice *row = rows->pdata[i];
      g_autoptr (GwDevice) moved = gw_device_copy (row);

      gw_set_text (&moved->key_id, to);
      if (g_str_equal (row->slot, from_slot))
        gw_set_text (&moved->slot, to_slot);
      gw_memory_change (self, GW_MEMORY_DEVICES, row, moved);
    }
}

/* The key's waiting messages: first node, then on while the key is the same. */
static GTreeNode *
waiting_from (GwMemoryTables *self, const char *key_id)
{
  GwMessage probe = { .key_id = (char *) key_id, .seq = G_MININT64 };

  return gw_memory_table_from (&self->tables[GW_MEMORY_MESSAGES], GW_MEMORY_MESSAGE_WAITING, &probe);
}

static gboolean
waits_for (GTreeNode *node, const char *key_id)
{
  return node && g_str_equal (((GwMessage *) g_tree_node_value (node))->key_id, key_id);
}

static void
move_messages (GwMemoryTables *self, const char *from, const char *to)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_message_unref);

  for (GTreeNode *node = waiting_from (self, from); waits_for (node, from); node = g_tree_node_next (node))
    g_ptr_array_add (rows, gw_message_ref (g_tree_node_value (node)));
  for (guint i = 0; i < rows->len; i++)
    {
      g_autoptr (GwMessage) moved = gw_message_copy (rows->pdata[i]);

      gw_set_text (&moved->key_id, to);
      gw_memory_change (self, GW_MEMORY_MESSAGES, rows->pdata[i], moved);
    }
}

void
gw_memory_move_key (GwTables *tables, const char *from_key_id, const char *to_key_id)
{
  GwMemoryTables *self = (GwMemoryTables *) tables;

  if (self->error)
    return;
  move_messages (self, from_key_id, to_key_id);
  move_obligations (self, from_key_id, to_key_id);
  move_devices (self, from_key_id, to_key_id);
}

void
gw_memory_count_key (GwTables *tables, const char *key_id, guint *open, guint *reversing, guint *unread)
{
  GwMemoryTables *self = (GwMemoryTables *) tables;
  GTreeNode *node =
    gw_memory_table_first (&self->tables[GW_MEMORY_TRANSACTIONS], GW_MEMORY_TRANSACTION_OBLIGATION);

  *open = *reversing = *unread = 0;
  if (self->error)
    return;
  for (; node; node = g_tree_node_next (node))
    {
      const GwTransaction *row = g_tree_node_value (node);

      if (!g_str_equal (row->key_id, key_id) && g_strcmp0 (row->terminal_key_id, key_id) != 0)
        continue;
      *open += gw_transaction_has (row, GW_HOLDS_TERMINAL) && gw_transaction_is_open (row);
      *reversing += gw_transaction_has (row, GW_REVERSING);
    }
  for (node = waiting_from (self, key_id); waits_for (node, key_id); node = g_tree_node_next (node))
    *unread += 1;
}

static void
list_id (GPtrArray *ids, guint limit, const char *transaction_id)
{
  if (ids->len < limit)
    g_ptr_array_add (ids, g_strdup (transaction_id));
}

void
gw_memory_list_key (GwTables *tables, const char *key_id, guint limit, GPtrArray *open, GPtrArray *reversing,
                    GPtrArray *unread)
{
  GwMemoryTables *self = (GwMemoryTables *) tables;
  GTreeNode *node =
    gw_memory_table_first (&self->tables[GW_MEMORY_TRANSACTIONS], GW_MEMORY_TRANSACTION_OBLIGATION);

  if (self->error)
    return;
  for (; node; node = g_tree_node_next (node))
    {
      const GwTransaction *row = g_tree_node_value (node);

      if (!g_str_equal (row->key_id, key_id) && g_strcmp0 (row->terminal_key_id, key_id) != 0)
        continue;
      if (gw_transaction_has (row, GW_HOLDS_TERMINAL) && gw_transaction_is_open (row))
        list_id (open, limit, row->transaction_id);
      if (gw_transaction_has (row, GW_REVERSING))
        list_id (reversing, limit, row->transaction_id);
    }
  for (node = waiting_from (self, key_id); waits_for (node, key_id); node = g_tree_node_next (node))
    list_id (unread, limit, ((GwMessage *) g_tree_node_value (node))->transaction_id);
}
