/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The batch: begin, commit, rollback, and what an error in it means. */
#include "gateway/store/sqlite-private.h"

#include "gateway/store/sqlite-open.h"

GQuark
gw_sqlite_error_quark (void)
{
  return g_quark_from_static_string ("gw-sqlite-error-quark");
}

void
gw_sqlite_fail (GwSqliteTables *self)
{
  if (!self->error)
    g_set_error (&self->error, GW_SQLITE_ERROR, GW_SQLITE_ERROR_FAILED, "“%s”: %s (%d)", self->path,
                 sqlite3_errmsg (self->db), sqlite3_extended_errcode (self->db));
}

gboolean
gw_sqlite_is_broken (GwSqliteTables *self)
{
  g_return_val_if_fail (self->in_transaction, TRUE);
  return self->error != NULL;
}

static gboolean
sqlite_begin (GwTables *tables, GError **error)
{
  GwSqliteTables *self = (GwSqliteTables *) tables;

  g_return_val_if_fail (!self->in_transaction, FALSE);
  GwSqliteCall call = gw_sqlite_call (self, GW_SQL_BEGIN);
  if (!gw_sqlite_run (&call))
    {
      g_propagate_error (error, g_steal_pointer (&self->error));
      return FALSE;
    }
  self->in_transaction = TRUE;
  self->changes_before = sqlite3_total_changes64 (self->db);
  return TRUE;
}

static void
sqlite_rollback (GwTables *tables)
{
  GwSqliteTables *self = (GwSqliteTables *) tables;

  /* Some errors (a full disk, an I/O error) have rolled back already. */
  if (!sqlite3_get_autocommit (self->db))
    {
      GwSqliteCall call = gw_sqlite_call (self, GW_SQL_ROLLBACK);
      gw_sqlite_run (&call);
    }
  g_clear_error (&self->error);
  g_ptr_array_set_size (self->timeline, 0);
  g_clear_pointer (&self->fingerprints, g_hash_table_unref);
  self->in_transaction = FALSE;
}

static GwCommit
sqlite_commit (GwTables *tables, GError **error)
{
  GwSqliteTables *self = (GwSqliteTables *) tables;
  GwCommit outcome = GW_COMMIT_FAILED;

  g_return_val_if_fail (self->in_transaction, GW_COMMIT_FAILED);
  if (!self->error)
    gw_sqlite_flush_timeline (self);
  if (!self->error && self->in_doubt)
    {
      GwSqliteCall call = gw_sqlite_call (self, GW_SQL_REPAIR);
      gw_sqlite_run (&call);
    }
  if (!self->error)
    {
      gboolean wrote = sqlite3_total_changes64 (self->db) != self->changes_before;
      GwSqliteCall call = gw_sqlite_call (self, GW_SQL_COMMIT);

      if (gw_sqlite_run (&call))
        {
          tables->commits += wrote;
          self->in_transaction = self->in_doubt = FALSE;
          return GW_COMMIT_DONE;
        }
      /* The log may hold the whole batch, and a restart may find it there. */
      if (wrote && (sqlite3_errcode (self->db) & 0xff) == SQLITE_IOERR)
        {
          self->in_doubt = TRUE;
          outcome = GW_COMMIT_UNCERTAIN;
        }
    }
  g_propagate_error (error, g_steal_pointer (&self->error));
  sqlite_rollback (tables);
  return outcome;
}

static void
sqlite_close (GwTables *tables)
{
  GwSqliteTables *self = (GwSqliteTables *) tables;

  if (self->in_transaction)
    sqlite_rollback (tables);
  gw_sqlite_tables_free (self);
}

const GwTablesClass gw_sqlite_tables_class = {
  .begin = sqlite_begin,
  .commit = sqlite_commit,
  .rollback = sqlite_rollback,
  .get_transaction = gw_sqlite_get_transaction,
  .get_holder = gw_sqlite_get_holder,
  .get_obligations = gw_sqlite_get_obligations,
  .put_transaction = gw_sqlite_put_transaction,
  .get_key = gw_sqlite_get_key,
  .put_key = gw_sqlite_put_key,
  .move_key = gw_sqlite_move_key,
  .count_key = gw_sqlite_count_key,
  .list_key = gw_sqlite_list_key,
  .get_device = gw_sqlite_get_device,
  .put_device = gw_sqlite_put_device,
  .delete_device = gw_sqlite_delete_device,
  .get_session = gw_sqlite_get_session,
  .put_session = gw_sqlite_put_session,
  .put_displaced = gw_sqlite_put_displaced,
  .is_displaced = gw_sqlite_is_displaced,
  .next_message_seq = gw_sqlite_next_message_seq,
  .put_message = gw_sqlite_put_message,
  .get_message = gw_sqlite_get_message,
  .rewrite_message = gw_sqlite_rewrite_message,
  .ack_message = gw_sqlite_ack_message,
  .add_signature = gw_sqlite_add_signature,
  .put_signatures = gw_sqlite_put_signatures,
  .add_timeline = gw_sqlite_add_timeline,
  .add_audit = gw_sqlite_add_audit,
  .put_orphan = gw_sqlite_put_orphan,
  .sweep = gw_sqlite_sweep,
  .is_id_remembered = gw_sqlite_is_id_remembered,
  .read = gw_sqlite_read,
  .close = sqlite_close,
};
