/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateway/store/memory-private.h"

typedef struct
{
  guint table;
  gpointer old_row;
  gpointer new_row;
} GwMemoryChange;

static void G_GNUC_PRINTF (2, 3) fail (GwMemoryTables *self, const char *format, ...)
{
  va_list args;

  if (self->error)
    return;
  va_start (args, format);
  self->error = g_error_new_valist (G_FILE_ERROR, G_FILE_ERROR_FAILED, format, args);
  va_end (args);
}

static GwMemoryTable *
table_of (GwTables *tables, guint table)
{
  return &((GwMemoryTables *) tables)->tables[table];
}

/* After an error nothing more is done or seen until the commit, as in the other adapters. */
static gboolean
is_broken (GwTables *tables)
{
  GwMemoryTables *self = (GwMemoryTables *) tables;

  g_return_val_if_fail (self->in_transaction, TRUE);
  return self->error != NULL;
}

void
gw_memory_change (GwMemoryTables *self, guint table, gpointer old_row, gpointer new_row)
{
  const GwMemoryTableClass *klass = &gw_memory_table_classes[table];
  GwMemoryChange change = { table, old_row ? klass->ref (old_row) : NULL,
                            new_row ? klass->ref (new_row) : NULL };

  if (gw_memory_table_change (&self->tables[table], old_row, new_row))
    {
      g_array_append_val (self->undo, change);
      return;
    }
  fail (self, "a row meets another one in %s", klass->name);
  g_clear_pointer (&change.old_row, klass->unref);
  g_clear_pointer (&change.new_row, klass->unref);
}

void
gw_memory_put (GwMemoryTables *self, guint table, gpointer row)
{
  gw_memory_change (self, table, gw_memory_table_find (&self->tables[table], GW_MEMORY_BY_KEY, row), row);
}

static void
change_clear (gpointer data)
{
  GwMemoryChange *change = data;
  const GwMemoryTableClass *klass = &gw_memory_table_classes[change->table];

  g_clear_pointer (&change->old_row, klass->unref);
  g_clear_pointer (&change->new_row, klass->unref);
}

static gboolean
memory_begin (GwTables *tables, GError **error)
{
  GwMemoryTables *self = (GwMemoryTables *) tables;

  g_return_val_if_fail (!self->in_transaction, FALSE);
  self->in_transaction = TRUE;
  return TRUE;
}

static void
memory_rollback (GwTables *tables)
{
  GwMemoryTables *self = (GwMemoryTables *) tables;

  for (guint i = self->undo->len; i > 0; i--)
    {
      GwMemoryChange *change = &g_array_index (self->undo, GwMemoryChange, i - 1);

      if (!gw_memory_table_change (&self->tables[change->table], change->new_row, change->old_row))
        g_error ("memory store: rollback met a row in %s", gw_memory_table_classes[change->table].name);
    }
  g_array_set_size (self->undo, 0);
  g_clear_error (&self->error);
  self->in_transaction = FALSE;
}

/* A timeline entry may come before its transaction, but not without it. */
static void
check_timeline (GwMemoryTables *self)
{
  for (guint i = 0; i < self->undo->len && !self->error; i++)
    {
      const GwMemoryChange *change = &g_array_index (self->undo, GwMemoryChange, i);
      const GwTimelineEntry *entry = change->new_row;

      if (change->table != GW_MEMORY_TIMELINE || !entry ||
          gw_memory_table_find (&self->tables[GW_MEMORY_TIMELINE], GW_MEMORY_BY_KEY, entry) != entry)
        continue;
      GwTransaction probe = { .group_id = entry->group_id, .transaction_id = entry->transaction_id };
      if (!gw_memory_table_find (&self->tables[GW_MEMORY_TRANSACTIONS], GW_MEMORY_BY_KEY, &probe))
        fail (self, "timeline of the payment %s, which is not stored", entry->transaction_id);
    }
}

static GwCommit
memory_commit (GwTables *tables, GError **error)
{
  GwMemoryTables *self = (GwMemoryTables *) tables;

  g_return_val_if_fail (self->in_transaction, GW_COMMIT_FAILED);
  check_timeline (self);
  if (self->error)
    {
      g_propagate_error (error, g_steal_pointer (&self->error));
      memory_rollback (tables);
      return GW_COMMIT_FAILED;
    }

  GwCommit outcome = GW_COMMIT_DONE;
  gboolean kept = TRUE;
  if (self->has_fault && self->undo->len > 0)
    {
      self->has_fault = FALSE;
      outcome = self->fault;
      kept = outcome == GW_COMMIT_DONE || (outcome == GW_COMMIT_UNCERTAIN && self->fault_kept);
      if (outcome != GW_COMMIT_DONE)
        g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_IO, "injected fault");
    }
  if (!kept)
    {
      memory_rollback (tables);
      return outcome;
    }
  tables->commits += self->undo->len > 0;
  g_array_set_size (self->undo, 0);
  self->in_transaction = FALSE;
  return outcome;
}

static GwTransaction *
memory_get_transaction (GwTables *tables, const char *group_id, const char *transaction_id)
{
  GwTransaction probe = { .group_id = (char *) group_id, .transaction_id = (char *) transaction_id };
  GwTransaction *row;

  if (is_broken (tables))
    return NULL;
  row = gw_memory_table_find (table_of (tables, GW_MEMORY_TRANSACTIONS), GW_MEMORY_BY_KEY, &probe);
  return row ? gw_transaction_ref (row) : NULL;
}

static GwTransaction *
memory_get_holder (GwTables *tables, const char *group_id, const char *slot)
{
  GwTransaction probe = { .group_id = (char *) group_id, .slot = (char *) slot };
  GwTransaction *row;

  if (is_broken (tables))
    return NULL;
  row =
    gw_memory_table_find (table_of (tables, GW_MEMORY_TRANSACTIONS), GW_MEMORY_TRANSACTION_HOLDER, &probe);
  return row ? gw_transaction_ref (row) : NULL;
}

static GPtrArray *
memory_get_obligations (GwTables *tables, const char *group_id, const char *slot)
{
  GPtrArray *rows = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_transaction_unref);
  GwTransaction probe = { .group_id = (char *) group_id, .slot = (char *) slot };
  GTreeNode *node;

  if (is_broken (tables))
    return rows;
  node = gw_memory_table_from (table_of (tables, GW_MEMORY_TRANSACTIONS), GW_MEMORY_TRANSACTION_SLOT, &probe);
  for (; node && rows->len < GW_OBLIGATIONS_MAX; node = g_tree_node_next (node))
    {
      GwTransaction *row = g_tree_node_value (node);

      if (!g_str_equal (row->slot, slot) || !g_str_equal (row->group_id, group_id))
        break;
      g_ptr_array_add (rows, gw_transaction_ref (row));
    }
  return rows;
}

/* What an adapter need not store again when a row is replaced. */
static gboolean
is_same_payment (const GwTransaction *a, const GwTransaction *b)
{
  return g_str_equal (a->group_id, b->group_id) && g_str_equal (a->transaction_id, b->transaction_id) &&
         g_strcmp0 (a->device_id, b->device_id) == 0 && g_strcmp0 (a->terminal_id, b->terminal_id) == 0 &&
         g_strcmp0 (a->request, b->request) == 0 && a->amount == b->amount &&
         g_str_equal (a->currency, b->currency) && a->method == b->method && a->created_at == b->created_at;
}

static void
memory_put_transaction (GwTables *tables, GwTransaction *transaction)
{
  GwMemoryTables *self = (GwMemoryTables *) tables;
  GwMemoryTable *table = table_of (tables, GW_MEMORY_TRANSACTIONS);
  GwTransaction *old = NULL;

  if (is_broken (tables))
    return;
  if (transaction->row_id)
    {
      old = gw_memory_table_find (table, GW_MEMORY_TRANSACTION_ROW, transaction);
      if (!old || !is_same_payment (old, transaction))
        {
          fail (self, "the payment %s is not the one in its row", transaction->transaction_id);
          return;
        }
    }
  else
    {
      GwTransaction *last = gw_memory_table_last (table, GW_MEMORY_TRANSACTION_ROW);

      transaction->row_id = last ? last->row_id + 1 : 1;
    }
  gw_memory_change (self, GW_MEMORY_TRANSACTIONS, old, transaction);
}

static GwKey *
memory_get_key (GwTables *tables, const char *key_id)
{
  GwKey probe = { .key_id = (char *) key_id };
  GwKey *row;

  if (is_broken (tables))
    return NULL;
  row = gw_memory_table_find (table_of (tables, GW_MEMORY_KEYS), GW_MEMORY_BY_KEY, &probe);
  return row ? gw_key_ref (row) : NULL;
}

static void
memory_put_key (GwTables *tables, GwKey *key)
{
  if (!is_broken (tables))
    gw_memory_put ((GwMemoryTables *) tables, GW_MEMORY_KEYS, key);
}

static GwDevice *
memory_get_device (GwTables *tables, const char *group_id, const char *slot)
{
  GwDevice probe = { .group_id = (char *) group_id, .slot = (char *) slot };
  GwDevice *row;

  if (is_broken (tables))
    return NULL;
  row = gw_memory_table_find (table_of (tables, GW_MEMORY_DEVICES), GW_MEMORY_BY_KEY, &probe);
  return row ? gw_device_ref (row) : NULL;
}

static void
memory_put_device (GwTables *tables, GwDevice *device)
{
  if (!is_broken (tables))
    gw_memory_put ((GwMemoryTables *) tables, GW_MEMORY_DEVICES, device);
}

static void
memory_delete_device (GwTables *tables, const char *group_id, const char *slot)
{
  g_autoptr (GwDevice) row = memory_get_device (tables, group_id, slot);

  if (row)
    gw_memory_change ((GwMemoryTables *) tables, GW_MEMORY_DEVICES, row, NULL);
}

static GwSession *
memory_get_session (GwTables *tables, const char *key_id)
{
  GwSession probe = { .key_id = (char *) key_id };
  GwSession *row;

  if (is_broken (tables))
    return NULL;
  row = gw_memory_table_find (table_of (tables, GW_MEMORY_SESSIONS), GW_MEMORY_BY_KEY, &probe);
  return row ? gw_session_ref (row) : NULL;
}

static void
memory_put_session (GwTables *tables, GwSession *session)
{
  if (!is_broken (tables))
    gw_memory_put ((GwMemoryTables *) tables, GW_MEMORY_SESSIONS, session);
}

static void
memory_put_displaced (GwTables *tables, const char *key_id, const char *session_id, gint64 expires_at)
{
  g_autoptr (GwDisplacedRow) row = gw_displaced_row_new (key_id, session_id, expires_at);

  if (!is_broken (tables))
    gw_memory_put ((GwMemoryTables *) tables, GW_MEMORY_DISPLACED, row);
}

static gboolean
memory_is_displaced (GwTables *tables, const char *key_id, const char *session_id, gint64 now)
{
  GwDisplacedRow probe = { .key_id = (char *) key_id, .session_id = (char *) session_id };
  const GwDisplacedRow *row;

  if (is_broken (tables))
    return FALSE;
  row = gw_memory_table_find (table_of (tables, GW_MEMORY_DISPLACED), GW_MEMORY_BY_KEY, &probe);
  return row && row->expires_at > now;
}

static gint64
memory_next_message_seq (GwTables *tables)
{
  return ++((GwMemoryTables *) tables)->last_seq;
}

static void
memory_put_message (GwTables *tables, GwMessage *message)
{
  if (!is_broken (tables))
    gw_memory_change ((GwMemoryTables *) tables, GW_MEMORY_MESSAGES, NULL, message);
}

static GwMessage *
memory_get_message (GwTables *tables, gint64 seq)
{
  GwMessage probe = { .seq = seq };
  GwMessage *row;

  if (is_broken (tables))
    return NULL;
  row = gw_memory_table_find (table_of (tables, GW_MEMORY_MESSAGES), GW_MEMORY_BY_KEY, &probe);
  return row ? gw_message_ref (row) : NULL;
}

static void
memory_rewrite_message (GwTables *tables, GwMessage *message, const char *body)
{
  g_autoptr (GwMessage) row = memory_get_message (tables, message->seq);

  if (!row)
    return;
  g_autoptr (GwMessage) rewritten = gw_message_copy (row);
  gw_set_text (&rewritten->body, body);
  gw_memory_change ((GwMemoryTables *) tables, GW_MEMORY_MESSAGES, row, rewritten);
}

static gboolean
memory_ack_message (GwTables *tables, const char *key_id, gint64 seq, gint64 now)
{
  g_autoptr (GwMessage) row = memory_get_message (tables, seq);

  if (!row || row->acked_at || !g_str_equal (row->key_id, key_id))
    return FALSE;
  g_autoptr (GwMessage) acked = gw_message_copy (row);
  acked->acked_at = now;
  gw_memory_change ((GwMemoryTables *) tables, GW_MEMORY_MESSAGES, row, acked);
  return TRUE;
}

static void
add_signature_row (GwMemoryTables *self, GwSignatureRow *row)
{
  const GwSignatureRow *last = gw_memory_table_last (&self->tables[GW_MEMORY_SIGNATURES], GW_MEMORY_BY_KEY);

  row->id = last ? last->id + 1 : 1;
  gw_memory_change (self, GW_MEMORY_SIGNATURES, NULL, row);
}

static gboolean
memory_add_signature (GwTables *tables, guint64 fingerprint, gint64 expires_at)
{
  g_autoptr (GwSignatureRow) row = gw_signature_row_new (expires_at);

  row->single = TRUE;
  row->fingerprint = fingerprint;
  if (is_broken (tables) ||
      gw_memory_table_find (table_of (tables, GW_MEMORY_SIGNATURES), GW_MEMORY_SIGNATURE_FINGERPRINT, row))
    return FALSE;
  add_signature_row ((GwMemoryTables *) tables, row);
  return TRUE;
}

static void
memory_put_signatures (GwTables *tables, GwSignatures *signatures)
{
  g_autoptr (GwSignatureRow) row = gw_signature_row_new (signatures->expires_at);

  row->signatures = gw_signatures_ref (signatures);
  if (!is_broken (tables))
    add_signature_row ((GwMemoryTables *) tables, row);
}

static void
memory_add_timeline (GwTables *tables, GwTimelineEntry *entry)
{
  if (!is_broken (tables))
    gw_memory_change ((GwMemoryTables *) tables, GW_MEMORY_TIMELINE, NULL, entry);
}

void
gw_memory_add_audit (GwTables *tables, GwAuditEntry *entry)
{
  const GwAuditEntry *last;

  if (is_broken (tables))
    return;
  last = gw_memory_table_last (table_of (tables, GW_MEMORY_AUDIT), GW_MEMORY_BY_KEY);
  entry->seq = last ? last->seq + 1 : 1;
  gw_memory_change ((GwMemoryTables *) tables, GW_MEMORY_AUDIT, NULL, entry);
}

static gboolean
memory_put_orphan (GwTables *tables, const char *group_id, const char *transaction_id, const char *slot,
                   const char *response, gint64 now)
{
  GwMemoryTable *table = table_of (tables, GW_MEMORY_ORPHANS);
  g_autoptr (GwOrphanRow) row = gw_orphan_row_new (group_id, transaction_id, slot, response, now);

  /* A terminal that says the same again makes nothing grow. */
  if (is_broken (tables) || gw_memory_table_find (table, GW_MEMORY_ORPHAN_SAME, row))
    return FALSE;
  const GwOrphanRow *last = gw_memory_table_last (table, GW_MEMORY_BY_KEY);
  row->id = last ? last->id + 1 : 1;
  gw_memory_change ((GwMemoryTables *) tables, GW_MEMORY_ORPHANS, NULL, row);
  return TRUE;
}

static gboolean
memory_is_id_remembered (GwTables *tables, const char *group_id, const char *transaction_id)
{
  GwPurgedRow probe = { .group_id = (char *) group_id, .transaction_id = (char *) transaction_id };

  return !is_broken (tables) &&
         gw_memory_table_find (table_of (tables, GW_MEMORY_PURGED), GW_MEMORY_BY_KEY, &probe) != NULL;
}

static void
memory_close (GwTables *tables)
{
  GwMemoryTables *self = (GwMemoryTables *) tables;

  if (self->in_transaction)
    memory_rollback (tables);
  for (guint i = 0; i < GW_MEMORY_N_TABLES; i++)
    gw_memory_table_clear (&self->tables[i]);
  g_array_unref (self->undo);
  g_free (tables->instance_id);
  g_free (self);
}

static const GwTablesClass memory_class = {
  .begin = memory_begin,
  .commit = memory_commit,
  .rollback = memory_rollback,
  .get_transaction = memory_get_transaction,
  .get_holder = memory_get_holder,
  .get_obligations = memory_get_obligations,
  .put_transaction = memory_put_transaction,
  .get_key = memory_get_key,
  .put_key = memory_put_key,
  .move_key = gw_memory_move_key,
  .count_key = gw_memory_count_key,
  .list_key = gw_memory_list_key,
  .get_device = memory_get_device,
  .put_device = memory_put_device,
  .delete_device = memory_delete_device,
  .get_session = memory_get_session,
  .put_session = memory_put_session,
  .put_displaced = memory_put_displaced,
  .is_displaced = memory_is_displaced,
  .next_message_seq = memory_next_message_seq,
  .put_message = memory_put_message,
  .get_message = memory_get_message,
  .rewrite_message = memory_rewrite_message,
  .ack_message = memory_ack_message,
  .add_signature = memory_add_signature,
  .put_signatures = memory_put_signatures,
  .add_timeline = memory_add_timeline,
  .add_audit = gw_memory_add_audit,
  .put_orphan = memory_put_orphan,
  .sweep = gw_memory_sweep,
  .is_id_remembered = memory_is_id_remembered,
  .read = gw_memory_read,
  .close = memory_close,
};

GwTables *
gw_memory_tables_new (const char *instance_id)
{
  GwMemoryTables *self = g_new0 (GwMemoryTables, 1);

  self->base.klass = &memory_class;
  self->base.instance_id = g_strdup (instance_id);
  for (guint i = 0; i < GW_MEMORY_N_TABLES; i++)
    gw_memory_table_init (&self->tables[i], &gw_memory_table_classes[i]);
  self->undo = g_array_new (FALSE, FALSE, sizeof (GwMemoryChange));
  g_array_set_clear_func (self->undo, change_clear);
  return &self->base;
}

void
gw_memory_tables_set_next_commit (GwTables *tables, GwCommit outcome, gboolean kept)
{
  GwMemoryTables *self = (GwMemoryTables *) tables;

  self->has_fault = TRUE;
  self->fault = outcome;
  self->fault_kept = kept;
}
