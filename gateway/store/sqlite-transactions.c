/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Payments, their timeline, and what is left of them. */
#include "gateway/store/sqlite-private.h"

static GwTransaction *
get_one (GwSqliteTables *self, GwSqliteStatement statement, const char *first, const char *second)
{
  GwTransaction *row = NULL;

  if (gw_sqlite_is_broken (self))
    return NULL;
  GwSqliteCall call = gw_sqlite_call (self, statement);
  gw_sqlite_bind_text (&call, first);
  gw_sqlite_bind_text (&call, second);
  if (gw_sqlite_step (&call))
    row = gw_sqlite_transaction (&call);
  gw_sqlite_end (&call);
  return row;
}

GwTransaction *
gw_sqlite_get_transaction (GwTables *tables, const char *group_id, const char *transaction_id)
{
  return get_one ((GwSqliteTables *) tables, GW_SQL_TRANSACTION, transaction_id, group_id);
}

GwTransaction *
gw_sqlite_get_holder (GwTables *tables, const char *group_id, const char *slot)
{
  return get_one ((GwSqliteTables *) tables, GW_SQL_HOLDER, slot, group_id);
}

static int
compare_row_ids (gconstpointer pa, gconstpointer pb)
{
  const GwTransaction *a = *(GwTransaction *const *) pa, *b = *(GwTransaction *const *) pb;

  return (a->row_id > b->row_id) - (a->row_id < b->row_id);
}

GPtrArray *
gw_sqlite_get_obligations (GwTables *tables, const char *group_id, const char *slot)
{
  GwSqliteTables *self = (GwSqliteTables *) tables;
  GPtrArray *rows = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_transaction_unref);
  GwTransaction *holder;

  if (gw_sqlite_is_broken (self))
    return rows;
  GwSqliteCall call = gw_sqlite_call (self, GW_SQL_REVERSING);
  gw_sqlite_bind_text (&call, slot);
  gw_sqlite_bind_text (&call, group_id);
  gw_sqlite_bind_int (&call, GW_OBLIGATIONS_MAX);
  while (gw_sqlite_step (&call))
    g_ptr_array_add (rows, gw_sqlite_transaction (&call));

  holder = gw_sqlite_get_holder (tables, group_id, slot);
  if (holder && gw_transaction_has (holder, GW_REVERSING))
    g_clear_pointer (&holder, gw_transaction_unref);
  if (holder)
    {
      g_ptr_array_add (rows, holder);
      g_ptr_array_sort (rows, compare_row_ids);
      if (rows->len > GW_OBLIGATIONS_MAX)
        g_ptr_array_set_size (rows, GW_OBLIGATIONS_MAX);
    }
  return rows;
}

static gint64
find_row_id (GwSqliteTables *self, const char *group_id, const char *transaction_id)
{
  GwSqliteCall call = gw_sqlite_call (self, GW_SQL_TRANSACTION_ROW);
  gint64 row_id = 0;

  gw_sqlite_bind_text (&call, transaction_id);
  gw_sqlite_bind_text (&call, group_id);
  if (gw_sqlite_step (&call))
    row_id = gw_sqlite_int (&call);
  gw_sqlite_end (&call);
  return row_id;
}

static void
insert_timeline (GwSqliteTables *self, gint64 row_id, const GwTimelineEntry *entry)
{
  GwSqliteCall call = gw_sqlite_call (self, GW_SQL_INSERT_TIMELINE);

  gw_sqlite_bind_int (&call, row_id);
  gw_sqlite_bind_int (&call, entry->n);
  gw_sqlite_bind_int (&call, entry->at);
  gw_sqlite_bind_int (&call, entry->from_status);
  gw_sqlite_bind_int (&call, entry->to_status);
  gw_sqlite_bind_text (&call, entry->actor);
  gw_sqlite_bind_text (&call, entry->connection);
  gw_sqlite_bind_text (&call, entry->what);
  gw_sqlite_bind_text (&call, entry->detail);
  gw_sqlite_run (&call);
}

/* The row that was just put tells the row id of its own entries, which saves their look-up. */
static void
flush_timeline_of (GwSqliteTables *self, const GwTransaction *transaction)
{
  for (guint i = self->timeline->len; i > 0; i--)
    {
      const GwTimelineEntry *entry = self->timeline->pdata[i - 1];

      if (!g_str_equal (entry->transaction_id, transaction->transaction_id) ||
          !g_str_equal (entry->group_id, transaction->group_id))
        break;
      insert_timeline (self, transaction->row_id, entry);
      g_ptr_array_set_size (self->timeline, i - 1);
    }
}

void
gw_sqlite_flush_timeline (GwSqliteTables *self)
{
  for (guint i = 0; i < self->timeline->len && !self->error; i++)
    {
      const GwTimelineEntry *entry = self->timeline->pdata[i];
      gint64 row_id = find_row_id (self, entry->group_id, entry->transaction_id);

      if (row_id)
        insert_timeline (self, row_id, entry);
      else if (!self->error)
        g_set_error (&self->error, GW_SQLITE_ERROR, GW_SQLITE_ERROR_FAILED,
                     "timeline of the payment %s, which is not stored", entry->transaction_id);
    }
  g_ptr_array_set_size (self->timeline, 0);
}

void
gw_sqlite_add_timeline (GwTables *tables, GwTimelineEntry *entry)
{
  GwSqliteTables *self = (GwSqliteTables *) tables;

  if (!gw_sqlite_is_broken (self))
    g_ptr_array_add (self->timeline, gw_timeline_entry_ref (entry));
}

static void
insert (GwSqliteTables *self, GwTransaction *row)
{
  GwSqliteCall call = gw_sqlite_call (self, GW_SQL_INSERT_TRANSACTION);

  gw_sqlite_bind_int (&call, row->status);
  gw_sqlite_bind_int (&call, row->void_status);
  gw_sqlite_bind_int (&call, row->flags);
  gw_sqlite_bind_int (&call, row->amount);
  gw_sqlite_bind_text (&call, row->currency);
  gw_sqlite_bind_int (&call, row->method);
  gw_sqlite_bind_int (&call, row->charged_amount);
  gw_sqlite_bind_text (&call, row->charged_currency);
  gw_sqlite_bind_int (&call, row->created_at);
  gw_sqlite_bind_int (&call, row->updated_at);
  gw_sqlite_bind_int (&call, row->completed_at);
  gw_sqlite_bind_int (&call, row->voided_at);
  gw_sqlite_bind_int (&call, row->grace_expires_at);
  gw_sqlite_bind_int (&call, row->outcome_seq);
  gw_sqlite_bind_int (&call, row->void_seq);
  gw_sqlite_bind_int (&call, row->timeline_length);
  gw_sqlite_bind_text (&call, row->group_id);
  gw_sqlite_bind_text (&call, row->transaction_id);
  gw_sqlite_bind_text (&call, row->key_id);
  gw_sqlite_bind_text (&call, row->terminal_id);
  gw_sqlite_bind_text (&call, row->slot);
  gw_sqlite_bind_text (&call, row->device_id);
  gw_sqlite_bind_text (&call, row->connection_id);
  gw_sqlite_bind_text (&call, row->terminal_key_id);
  gw_sqlite_bind_text (&call, row->journal_id);
  gw_sqlite_bind_text (&call, row->request);
  gw_sqlite_bind_text (&call, row->response);
  gw_sqlite_bind_text (&call, row->conflict);
  gw_sqlite_bind_text (&call, row->error_code);
  gw_sqlite_bind_text (&call, row->error_message);
  gw_sqlite_bind_text (&call, row->void_reason);
  if (gw_sqlite_run (&call))
    row->row_id = sqlite3_last_insert_rowid (self->db);
}

static void
update (GwSqliteTables *self, const GwTransaction *row)
{
  GwSqliteCall call = gw_sqlite_call (self, GW_SQL_UPDATE_TRANSACTION);

  gw_sqlite_bind_int (&call, row->row_id);
  gw_sqlite_bind_text (&call, row->transaction_id);
  gw_sqlite_bind_text (&call, row->slot);
  gw_sqlite_bind_int (&call, row->status);
  gw_sqlite_bind_int (&call, row->void_status);
  gw_sqlite_bind_int (&call, row->flags);
  gw_sqlite_bind_int (&call, row->charged_amount);
  gw_sqlite_bind_text (&call, row->charged_currency);
  gw_sqlite_bind_int (&call, row->updated_at);
  gw_sqlite_bind_int (&call, row->completed_at);
  gw_sqlite_bind_int (&call, row->voided_at);
  gw_sqlite_bind_int (&call, row->grace_expires_at);
  gw_sqlite_bind_int (&call, row->outcome_seq);
  gw_sqlite_bind_int (&call, row->void_seq);
  gw_sqlite_bind_int (&call, row->timeline_length);
  gw_sqlite_bind_text (&call, row->key_id);
  gw_sqlite_bind_text (&call, row->connection_id);
  gw_sqlite_bind_text (&call, row->terminal_key_id);
  gw_sqlite_bind_text (&call, row->journal_id);
  gw_sqlite_bind_text (&call, row->response);
  gw_sqlite_bind_text (&call, row->conflict);
  gw_sqlite_bind_text (&call, row->error_code);
  gw_sqlite_bind_text (&call, row->error_message);
  gw_sqlite_bind_text (&call, row->void_reason);
  if (gw_sqlite_run (&call) && sqlite3_changes (self->db) != 1)
    g_set_error (&self->error, GW_SQLITE_ERROR, GW_SQLITE_ERROR_FAILED,
                 "the payment %s is not the one in its row", row->transaction_id);
}

void
gw_sqlite_put_transaction (GwTables *tables, GwTransaction *transaction)
{
  GwSqliteTables *self = (GwSqliteTables *) tables;

  if (gw_sqlite_is_broken (self))
    return;
  if (transaction->row_id)
    update (self, transaction);
  else
    insert (self, transaction);
  if (!self->error)
    flush_timeline_of (self, transaction);
}

gboolean
gw_sqlite_put_orphan (GwTables *tables, const char *group_id, const char *transaction_id, const char *slot,
                      const char *response, gint64 now)
{
  GwSqliteTables *self = (GwSqliteTables *) tables;
  gboolean known;

  if (gw_sqlite_is_broken (self))
    return FALSE;
  GwSqliteCall call = gw_sqlite_call (self, GW_SQL_ORPHAN);
  gw_sqlite_bind_text (&call, transaction_id);
  gw_sqlite_bind_text (&call, group_id);
  gw_sqlite_bind_text (&call, slot);
  gw_sqlite_bind_text (&call, response);
  known = gw_sqlite_step (&call);
  gw_sqlite_end (&call);
  /* A terminal that says the same again makes nothing grow. */
  if (known || self->error)
    return FALSE;
  call = gw_sqlite_call (self, GW_SQL_INSERT_ORPHAN);
  gw_sqlite_bind_text (&call, transaction_id);
  gw_sqlite_bind_text (&call, group_id);
  gw_sqlite_bind_text (&call, slot);
  gw_sqlite_bind_text (&call, response);
  gw_sqlite_bind_int (&call, now);
  gw_sqlite_run (&call);
  return TRUE;
}

gboolean
gw_sqlite_is_id_remembered (GwTables *tables, const char *group_id, const char *transaction_id)
{
  GwSqliteTables *self = (GwSqliteTables *) tables;
  gboolean known;

  if (gw_sqlite_is_broken (self))
    return FALSE;
  GwSqliteCall call = gw_sqlite_call (self, GW_SQL_PURGED);
  gw_sqlite_bind_text (&call, transaction_id);
  gw_sqlite_bind_text (&call, group_id);
  known = gw_sqlite_step (&call);
  gw_sqlite_end (&call);
  return known;
}
