/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateway/store/sqlite-schema.h"

#include "gateway/store/sqlite-tables.h"

/* Element N brings a file from schema N to N + 1. A step that has been released is never edited: changes are
 * new steps, and the last file of each old schema stays in tests/store/ as a fixture.
 *
 *  1  the first one
 *
 * What is indexed how, and why:
 *  - transactions (transaction_id, group_id): the id first. Ids are mostly UUIDv7, so all groups grow this
 * index at one end.
 *  - transactions_holder is what makes two open payments on one terminal impossible; small: only what is open
 * now.
 *  - flags are GwTransactionFlags: 1 holds the terminal, 2 reversing, 4 settled, 2048 needs attention. An
 * index over a bit must be asked for in the same words as it was made.
 *  - timeline rows lie behind each other by payment, without a row id of their own.
 *  - signatures have no index by fingerprint: fingerprints are random, so each insert would dirty a page of
 * its own. The writer keeps the set of them in memory.
 *  - messages_waiting holds only what is unread; rows stay after the ack, to be said again to who repeats a
 * payment.
 */
static const char *const steps[] = {
  "CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;"
  "INSERT INTO meta VALUES ('instance', lower (hex (randomblob (4)))), ('repairs', 0);"

  "CREATE TABLE transactions ("
  " row_id INTEGER PRIMARY KEY,"
  " status INTEGER NOT NULL, void_status INTEGER NOT NULL, flags INTEGER NOT NULL,"
  " amount INTEGER NOT NULL, currency TEXT NOT NULL, method INTEGER NOT NULL,"
  " charged_amount INTEGER NOT NULL, charged_currency TEXT NOT NULL,"
  " created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, completed_at INTEGER NOT NULL,"
  " voided_at INTEGER NOT NULL, grace_expires_at INTEGER NOT NULL,"
  " outcome_seq INTEGER NOT NULL, void_seq INTEGER NOT NULL, timeline_length INTEGER NOT NULL,"
  " group_id TEXT NOT NULL, transaction_id TEXT NOT NULL, key_id TEXT NOT NULL, terminal_id TEXT,"
  " slot TEXT NOT NULL, device_id TEXT, connection_id TEXT, terminal_key_id TEXT, journal_id TEXT,"
  " request TEXT, response TEXT, conflict TEXT, error_code TEXT, error_message TEXT, void_reason TEXT);"
  "CREATE UNIQUE INDEX transactions_id ON transactions (transaction_id, group_id);"
  "CREATE UNIQUE INDEX transactions_holder ON transactions (slot, group_id) WHERE flags & 1;"
  "CREATE INDEX transactions_reversing ON transactions (slot, group_id) WHERE flags & 2;"
  "CREATE INDEX transactions_attention ON transactions (created_at) WHERE flags & 2048;"
  "CREATE INDEX transactions_created ON transactions (created_at);"
  "CREATE INDEX transactions_group ON transactions (group_id, created_at);"

  "CREATE TABLE timeline ("
  " transaction_row INTEGER NOT NULL, n INTEGER NOT NULL, at INTEGER NOT NULL, from_status INTEGER NOT NULL,"
  " to_status INTEGER NOT NULL, actor TEXT, connection TEXT, what TEXT, detail TEXT,"
  " PRIMARY KEY (transaction_row, n)) WITHOUT ROWID;"

  "CREATE TABLE messages ("
  " seq INTEGER PRIMARY KEY, created_at INTEGER NOT NULL, acked_at INTEGER NOT NULL, key_id TEXT NOT NULL,"
  " group_id TEXT, transaction_id TEXT, action TEXT, body TEXT);"
  "CREATE INDEX messages_waiting ON messages (key_id) WHERE acked_at = 0;"

  "CREATE TABLE keys ("
  " key_id TEXT NOT NULL UNIQUE, api_key TEXT, secret TEXT, group_id TEXT, role INTEGER NOT NULL,"
  " created_at INTEGER NOT NULL, revoked_at INTEGER NOT NULL, successor TEXT);"

  "CREATE TABLE devices ("
  " group_id TEXT NOT NULL, slot TEXT NOT NULL, device_id TEXT, key_id TEXT, epoch INTEGER NOT NULL,"
  " attached INTEGER NOT NULL, connection_id TEXT, journal_id TEXT, metadata TEXT, capabilities INTEGER NOT "
  "NULL,"
  " connected_at INTEGER NOT NULL, last_seen INTEGER NOT NULL, UNIQUE (group_id, slot));"

  "CREATE TABLE sessions ("
  " key_id TEXT NOT NULL UNIQUE, epoch INTEGER NOT NULL, connection_id TEXT, session_id TEXT, address TEXT,"
  " user_agent TEXT, since INTEGER NOT NULL, acks INTEGER NOT NULL);"
  "CREATE TABLE displaced ("
  " key_id TEXT NOT NULL, session_id TEXT NOT NULL, expires_at INTEGER NOT NULL,"
  " PRIMARY KEY (key_id, session_id)) WITHOUT ROWID;"

  "CREATE TABLE signatures ("
  " id INTEGER PRIMARY KEY, expires_at INTEGER NOT NULL, fingerprint INTEGER, fingerprints BLOB);"

  "CREATE TABLE audit ("
  " seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor TEXT, what TEXT, group_id TEXT, key_id TEXT,"
  " transaction_id TEXT, detail TEXT);"

  "CREATE TABLE orphans ("
  " id INTEGER PRIMARY KEY, group_id TEXT NOT NULL, transaction_id TEXT NOT NULL, slot TEXT NOT NULL, "
  "response TEXT,"
  " created_at INTEGER NOT NULL);"
  "CREATE INDEX orphans_id ON orphans (transaction_id, group_id);"

  "CREATE TABLE purged ("
  " transaction_id TEXT NOT NULL, group_id TEXT NOT NULL, created_at INTEGER NOT NULL,"
  " PRIMARY KEY (transaction_id, group_id)) WITHOUT ROWID;"
  "CREATE INDEX purged_created ON purged (created_at);",
};

int
gw_sqlite_schema_version (void)
{
  return G_N_ELEMENTS (steps);
}

static int
query_int (sqlite3 *db, const char *sql, int *value)
{
  sqlite3_stmt *stmt = NULL;
  int rc = sqlite3_prepare_v2 (db, sql, -1, &stmt, NULL);

  if (rc == SQLITE_OK)
    rc = sqlite3_step (stmt);
  if (rc == SQLITE_ROW)
    *value = sqlite3_column_int (stmt, 0);
  sqlite3_finalize (stmt);
  return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

static gboolean
fail_foreign (const char *path, const char *why, GError **error)
{
  g_set_error (
    error, GW_SQLITE_ERROR, GW_SQLITE_ERROR_FOREIGN,
    "“%s” is not a usable gateway store: %s. Restore it from a backup, or move it away (with its -wal and "
    "-shm files) to start with an empty store",
    path, why);
  return FALSE;
}

gboolean
gw_sqlite_schema_check (sqlite3 *db, const char *path, int *version, GError **error)
{
  int application = 0, tables = 0;
  int rc = query_int (db, "PRAGMA user_version", version);

  if (rc == SQLITE_OK)
    rc = query_int (db, "PRAGMA application_id", &application);
  if (rc == SQLITE_OK)
    rc = query_int (db, "SELECT count (*) FROM sqlite_schema", &tables);
  if ((rc & 0xff) == SQLITE_NOTADB || (rc & 0xff) == SQLITE_CORRUPT)
    return fail_foreign (path, sqlite3_errmsg (db), error);
  if (rc != SQLITE_OK)
    {
      g_set_error (error, GW_SQLITE_ERROR, GW_SQLITE_ERROR_NO_ACCESS, "“%s” cannot be read: %s", path,
                   sqlite3_errmsg (db));
      return FALSE;
    }
  if (application == 0 && *version == 0 && tables == 0)
    return TRUE;
  if (application != GW_SQLITE_APPLICATION_ID || *version == 0)
    return fail_foreign (path, "it is the database of another program", error);
  if (*version > gw_sqlite_schema_version ())
    {
      g_set_error (error, GW_SQLITE_ERROR, GW_SQLITE_ERROR_NEWER,
                   "“%s” was written by a newer version of the gateway (schema %d, this one knows up to %d). "
                   "Install that "
                   "version again, or restore a backup from before the update",
                   path, *version, gw_sqlite_schema_version ());
      return FALSE;
    }
  return TRUE;
}

static int
run (sqlite3 *db, const char *sql)
{
  return sqlite3_exec (db, sql, NULL, NULL, NULL);
}

gboolean
gw_sqlite_schema_upgrade (sqlite3 *db, const char *path, int from, GError **error)
{
  g_autofree char *stamp = g_strdup_printf ("PRAGMA application_id=%d; PRAGMA user_version=%d",
                                            GW_SQLITE_APPLICATION_ID, gw_sqlite_schema_version ());
  int rc;

  if (from == gw_sqlite_schema_version ())
    return TRUE;
  rc = run (db, "BEGIN IMMEDIATE");
  for (int i = from; rc == SQLITE_OK && i < gw_sqlite_schema_version (); i++)
    rc = run (db, steps[i]);
  if (rc == SQLITE_OK)
    rc = run (db, stamp);
  if (rc == SQLITE_OK)
    rc = run (db, "COMMIT");
  if (rc == SQLITE_OK)
    return TRUE;

  g_set_error (error, GW_SQLITE_ERROR, GW_SQLITE_ERROR_FAILED,
               "“%s” could not be brought from schema %d to %d: %s. It is as it was before", path, from,
               gw_sqlite_schema_version (), sqlite3_errmsg (db));
  if (!sqlite3_get_autocommit (db))
    run (db, "ROLLBACK");
  return FALSE;
}
