/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateway/store/sqlite-private.h"

/* A list with narrow filters may walk far to find its rows; it must not keep all others waiting. */
#define READ_TIME_MAX_US (5 * G_USEC_PER_SEC)

typedef gpointer (*ReadRow) (GwSqliteCall *call);

static void
take_rows (GwSqliteCall *call, GwRead *read, ReadRow read_row, GDestroyNotify unref_row)
{
  gw_read_begin (read, unref_row);
  while (gw_sqlite_step (call))
    g_ptr_array_add (read->rows, read_row (call));
  read->count = read->rows->len;
}

static void
read_by_id (GwSqliteTables *self, GwRead *read)
{
  GwSqliteCall call = gw_sqlite_call (self, GW_SQL_READ_BY_ID);

  gw_sqlite_bind_text (&call, read->id);
  gw_sqlite_bind_text (&call, read->group_id);
  gw_sqlite_bind_int (&call, gw_read_limit (read));
  take_rows (&call, read, (ReadRow) gw_sqlite_transaction, (GDestroyNotify) gw_transaction_unref);
}

static void
read_list (GwSqliteTables *self, GwRead *read)
{
  GwSqliteStatement statement = read->group_id
                                  ? (read->needs_attention ? GW_SQL_READ_GROUP_ATTENTION : GW_SQL_READ_GROUP)
                                  : (read->needs_attention ? GW_SQL_READ_ALL_ATTENTION : GW_SQL_READ_ALL);
  GwSqliteCall call = gw_sqlite_call (self, statement);

  gw_sqlite_bind_text (&call, read->group_id);
  gw_sqlite_bind_int (&call, read->from ? read->from : G_MININT64);
  gw_sqlite_bind_int (&call, read->to ? read->to : G_MAXINT64);
  gw_sqlite_bind_int (&call, read->before_created ? read->before_created : G_MAXINT64);
  gw_sqlite_bind_int (&call, read->before_created ? read->before_row_id : G_MAXINT64);
  gw_sqlite_bind_int (&call, read->status);
  gw_sqlite_bind_text (&call, read->terminal_id);
  gw_sqlite_bind_text (&call, read->key_id);
  gw_sqlite_bind_int (&call, gw_read_limit (read));
  take_rows (&call, read, (ReadRow) gw_sqlite_transaction, (GDestroyNotify) gw_transaction_unref);
}

static void
read_messages (GwSqliteTables *self, GwRead *read)
{
  GwSqliteCall call = gw_sqlite_call (self, GW_SQL_READ_WAITING);

  gw_sqlite_bind_text (&call, read->key_id);
  gw_sqlite_bind_int (&call, read->after);
  gw_sqlite_bind_int (&call, gw_read_limit (read));
  take_rows (&call, read, (ReadRow) gw_sqlite_message, (GDestroyNotify) gw_message_unref);

  call = gw_sqlite_call (self, GW_SQL_COUNT_WAITING);
  gw_sqlite_bind_text (&call, read->key_id);
  if (gw_sqlite_step (&call))
    read->count = gw_sqlite_int (&call);
  gw_sqlite_end (&call);
}

static void
read_timeline (GwSqliteTables *self, GwRead *read)
{
  GwSqliteCall call = gw_sqlite_call (self, GW_SQL_READ_TIMELINE);

  gw_sqlite_bind_text (&call, read->id);
  gw_sqlite_bind_text (&call, read->group_id);
  take_rows (&call, read, (ReadRow) gw_sqlite_timeline_entry, (GDestroyNotify) gw_timeline_entry_unref);
}

/* What has no filter but where to go on from. */
static void
read_page (GwSqliteTables *self, GwSqliteStatement statement, GwRead *read, ReadRow read_row,
           GDestroyNotify unref_row)
{
  GwSqliteCall call = gw_sqlite_call (self, statement);

  gw_sqlite_bind_int (&call, read->after);
  gw_sqlite_bind_int (&call, gw_read_limit (read));
  take_rows (&call, read, read_row, unref_row);
}

static void
read_all (GwSqliteTables *self, GwSqliteStatement statement, GwRead *read, ReadRow read_row,
          GDestroyNotify unref_row)
{
  GwSqliteCall call = gw_sqlite_call (self, statement);

  take_rows (&call, read, read_row, unref_row);
}

static void
read_orphans (GwSqliteTables *self, GwRead *read)
{
  GwSqliteCall call = gw_sqlite_call (self, read->id ? GW_SQL_READ_ORPHANS_OF : GW_SQL_READ_ORPHANS);

  gw_sqlite_bind_int (&call, read->after);
  gw_sqlite_bind_text (&call, read->group_id);
  gw_sqlite_bind_text (&call, read->id);
  gw_sqlite_bind_int (&call, gw_read_limit (read));
  take_rows (&call, read, (ReadRow) gw_sqlite_orphan, (GDestroyNotify) gw_orphan_unref);
}

static GwSignatures *
signatures_row (GwSqliteCall *call)
{
  GwSignatures *row = gw_signatures_new ();

  row->expires_at = gw_sqlite_int (call);
  if (sqlite3_column_type (call->stmt, call->at) == SQLITE_INTEGER)
    {
      guint64 fingerprint = gw_sqlite_int (call);

      row->fingerprints = g_bytes_new (&fingerprint, sizeof fingerprint);
      return row;
    }
  call->at++;
  const void *data = sqlite3_column_blob (call->stmt, call->at);
  row->fingerprints = g_bytes_new (data, data ? sqlite3_column_bytes (call->stmt, call->at) : 0);
  return row;
}

static void
read_signatures (GwSqliteTables *self, GwRead *read)
{
  GwSqliteCall call = gw_sqlite_call (self, GW_SQL_READ_SIGNATURES);

  gw_sqlite_bind_int (&call, read->now);
  take_rows (&call, read, (ReadRow) signatures_row, (GDestroyNotify) gw_signatures_unref);
}

static void
run (GwSqliteTables *self, GwRead *read)
{
  switch (read->kind)
    {
    case GW_READ_TRANSACTION:
      read_by_id (self, read);
      break;
    case GW_READ_TRANSACTIONS:
      read_list (self, read);
      break;
    case GW_READ_OBLIGATIONS:
      read_page (self, GW_SQL_READ_OBLIGATIONS, read, (ReadRow) gw_sqlite_transaction,
                 (GDestroyNotify) gw_transaction_unref);
      break;
    case GW_READ_MESSAGES:
      read_messages (self, read);
      break;
    case GW_READ_TIMELINE:
      read_timeline (self, read);
      break;
    case GW_READ_AUDIT:
      read_page (self, GW_SQL_READ_AUDIT, read, (ReadRow) gw_sqlite_audit_entry,
                 (GDestroyNotify) gw_audit_entry_unref);
      break;
    case GW_READ_ORPHANS:
      read_orphans (self, read);
      break;
    case GW_READ_KEYS:
      read_all (self, GW_SQL_READ_KEYS, read, (ReadRow) gw_sqlite_key, (GDestroyNotify) gw_key_unref);
      break;
    case GW_READ_DEVICES:
      read_all (self, GW_SQL_READ_DEVICES, read, (ReadRow) gw_sqlite_device,
                (GDestroyNotify) gw_device_unref);
      break;
    case GW_READ_SESSIONS:
      read_all (self, GW_SQL_READ_SESSIONS, read, (ReadRow) gw_sqlite_session,
                (GDestroyNotify) gw_session_unref);
      break;
    case GW_READ_SIGNATURES:
      read_signatures (self, read);
      break;
    case GW_READ_CHECK:
      {
        GwSqliteCall call = gw_sqlite_call (self, GW_SQL_READ_CHECK);

        gw_read_begin (read, NULL);
        gw_sqlite_run (&call);
        break;
      }
    }
}

gboolean
gw_sqlite_read (GwTables *tables, GwRead *read, GError **error)
{
  GwSqliteTables *self = (GwSqliteTables *) tables;
  /* One snapshot for rows and count. Inside a batch (a writer that reads too) there is one already. */
  gboolean own = !self->in_transaction;

  gw_read_begin (read, NULL);
  if (self->in_transaction && self->error)
    {
      g_propagate_error (error, g_error_copy (self->error));
      return FALSE;
    }
  self->read_deadline = g_get_monotonic_time () + READ_TIME_MAX_US;
  if (own)
    {
      GwSqliteCall call = gw_sqlite_call (self, GW_SQL_BEGIN_READ);
      gw_sqlite_run (&call);
    }
  else
    gw_sqlite_flush_timeline (self);
  if (!self->error)
    run (self, read);
  self->read_deadline = 0;
  if (own && !sqlite3_get_autocommit (self->db))
    {
      GwSqliteCall call = gw_sqlite_call (self, GW_SQL_COMMIT);
      gw_sqlite_run (&call);
    }
  if (!self->error)
    return TRUE;
  g_ptr_array_set_size (read->rows, 0);
  read->count = 0;
  if (own)
    g_propagate_error (error, g_steal_pointer (&self->error));
  else
    g_propagate_error (error, g_error_copy (self->error));
  return FALSE;
}
