/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateway/store/sqlite-private.h"

GwSqliteCall
gw_sqlite_call (GwSqliteTables *self, GwSqliteStatement statement)
{
  GwSqliteCall call = { self, self->statements[statement], 1 };

  if (call.stmt)
    return call;
  if (sqlite3_prepare_v3 (self->db, gw_sqlite_statement_text (statement), -1, SQLITE_PREPARE_PERSISTENT,
                          &self->statements[statement], NULL) != SQLITE_OK)
    gw_sqlite_fail (self);
  call.stmt = self->statements[statement];
  return call;
}

static void
check (GwSqliteCall *call, int rc)
{
  call->at++;
  if (rc == SQLITE_OK)
    return;
  gw_sqlite_fail (call->self);
  gw_sqlite_end (call);
}

void
gw_sqlite_bind_int (GwSqliteCall *call, gint64 value)
{
  if (call->stmt)
    check (call, sqlite3_bind_int64 (call->stmt, call->at, value));
}

void
gw_sqlite_bind_text (GwSqliteCall *call, const char *value)
{
  if (call->stmt)
    check (call, sqlite3_bind_text (call->stmt, call->at, value, -1, SQLITE_STATIC));
}

void
gw_sqlite_bind_bytes (GwSqliteCall *call, GBytes *value)
{
  gsize size = 0;
  const void *data = value ? g_bytes_get_data (value, &size) : NULL;

  if (call->stmt)
    check (call, sqlite3_bind_blob64 (call->stmt, call->at, data ? data : "", size, SQLITE_STATIC));
}

gboolean
gw_sqlite_step (GwSqliteCall *call)
{
  int rc;

  if (!call->stmt)
    return FALSE;
  rc = sqlite3_step (call->stmt);
  call->at = 0;
  if (rc == SQLITE_ROW)
    return TRUE;
  if (rc != SQLITE_DONE)
    gw_sqlite_fail (call->self);
  gw_sqlite_end (call);
  return FALSE;
}

void
gw_sqlite_end (GwSqliteCall *call)
{
  if (call->stmt)
    sqlite3_reset (call->stmt);
  call->stmt = NULL;
}

gboolean
gw_sqlite_run (GwSqliteCall *call)
{
  while (gw_sqlite_step (call))
    ;
  return call->self->error == NULL;
}

gint64
gw_sqlite_int (GwSqliteCall *call)
{
  return sqlite3_column_int64 (call->stmt, call->at++);
}

char *
gw_sqlite_text (GwSqliteCall *call)
{
  const char *text = (const char *) sqlite3_column_text (call->stmt, call->at);
  int size = sqlite3_column_bytes (call->stmt, call->at++);

  return text ? g_ref_string_new_len (text, size) : NULL;
}

void
gw_sqlite_currency (GwSqliteCall *call, char currency[4])
{
  const char *text = (const char *) sqlite3_column_text (call->stmt, call->at++);

  g_strlcpy (currency, text ? text : "", 4);
}
