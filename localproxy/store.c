/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file, its schema, and how statements are run. */
#include "localproxy/store-private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SCHEMA_VERSION    2
#define MESSAGE_RETENTION (G_GINT64_CONSTANT (7) * 24 * 3600 * 1000)  /* unread */
#define ORDER_RETENTION   (G_GINT64_CONSTANT (31) * 24 * 3600 * 1000) /* ids are remembered for 30 days */

static const char settings[] = "PRAGMA journal_mode = WAL;"
                               "PRAGMA synchronous = FULL;"
                               "PRAGMA temp_store = MEMORY;"
                               "PRAGMA cache_size = -512;"
                               "PRAGMA journal_size_limit = 4194304;"
                               "PRAGMA trusted_schema = OFF";

/* Of whom how many messages expired unread. */
#define EXPIRED_TABLE                                                                                        \
  "CREATE TABLE expired (client_id TEXT PRIMARY KEY, count INTEGER NOT NULL, last INTEGER NOT NULL)"         \
  " STRICT, WITHOUT ROWID"

static const char schema[] =
  "CREATE TABLE clients (id TEXT PRIMARY KEY, kind INTEGER NOT NULL, token_hash BLOB, api_key TEXT UNIQUE,"
  " secret TEXT, created_at INTEGER NOT NULL, revoked_at INTEGER NOT NULL, acks INTEGER NOT NULL,"
  " session_id TEXT) STRICT, WITHOUT ROWID;"
  "CREATE TABLE displaced (client_id TEXT NOT NULL, session_id TEXT NOT NULL, expires INTEGER NOT NULL,"
  " PRIMARY KEY (client_id, session_id)) STRICT, WITHOUT ROWID;"
  "CREATE TABLE signatures (fingerprint INTEGER PRIMARY KEY, expires INTEGER NOT NULL) STRICT;"
  "CREATE TABLE texts (name TEXT PRIMARY KEY, value TEXT) STRICT, WITHOUT ROWID;"
  "CREATE TABLE orders (transaction_id TEXT PRIMARY KEY, client_id TEXT NOT NULL, terminal_id TEXT NOT NULL,"
  " device_id TEXT, amount INTEGER NOT NULL, currency TEXT NOT NULL, method INTEGER NOT NULL,"
  " created_at INTEGER NOT NULL, refused INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;"
  "CREATE TABLE messages (seq INTEGER PRIMARY KEY AUTOINCREMENT, client_id TEXT NOT NULL,"
  " transaction_id TEXT NOT NULL, action TEXT NOT NULL, revision INTEGER NOT NULL,"
  " message_id TEXT NOT NULL UNIQUE, body TEXT NOT NULL, created_at INTEGER NOT NULL,"
  " acked INTEGER NOT NULL DEFAULT 0, UNIQUE (transaction_id, action, revision)) STRICT;"
  "CREATE INDEX waiting ON messages (client_id, seq) WHERE acked = 0; " EXPIRED_TABLE;

/* steps[i]: from version i + 1 to the next one. */
static const char *const steps[SCHEMA_VERSION - 1] = {
  "ALTER TABLE orders ADD COLUMN refused INTEGER NOT NULL DEFAULT 0; " EXPIRED_TABLE,
};

static const char *const texts[LP_N_SQL] = {
  [LP_SQL_PUT_CLIENT] = "INSERT OR REPLACE INTO clients VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
  [LP_SQL_LOAD_CLIENTS] = "SELECT * FROM clients ORDER BY id",
  [LP_SQL_PUT_DISPLACED] = "INSERT OR REPLACE INTO displaced VALUES (?1, ?2, ?3)",
  [LP_SQL_IS_DISPLACED] = "SELECT 1 FROM displaced WHERE client_id = ?1 AND session_id = ?2 AND expires > ?3",
  [LP_SQL_SEE_SIGNATURE] = "INSERT OR IGNORE INTO signatures VALUES (?1, ?2)",
  [LP_SQL_GET_TEXT] = "SELECT value FROM texts WHERE name = ?1",
  [LP_SQL_SET_TEXT] = "INSERT OR REPLACE INTO texts VALUES (?1, ?2)",
  [LP_SQL_ADD_ORDER] = "INSERT OR REPLACE INTO orders VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0)",
  [LP_SQL_FIND_ORDER] = "SELECT * FROM orders WHERE transaction_id = ?1",
  [LP_SQL_REFUSE_ORDER] = "UPDATE orders SET refused = 1 WHERE transaction_id = ?1",
  [LP_SQL_ADD_MESSAGE] = "INSERT OR IGNORE INTO messages (client_id, transaction_id, action, revision,"
                         " message_id, body, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
  [LP_SQL_FIND_MESSAGE] =
    "SELECT seq, client_id, transaction_id, action, message_id, body, acked FROM messages"
    " WHERE transaction_id = ?1 AND action = ?2 AND revision = ?3",
  [LP_SQL_FIND_MESSAGE_ID] =
    "SELECT seq, client_id, transaction_id, action, message_id, body, acked FROM messages"
    " WHERE message_id = ?1",
  [LP_SQL_REWRITE_MESSAGE] = "UPDATE messages SET body = ?2 WHERE seq = ?1",
  [LP_SQL_READ_MESSAGES] =
    "SELECT seq, client_id, transaction_id, action, message_id, body, acked FROM messages"
    " WHERE client_id = ?1 AND acked = 0 AND seq > ?2 ORDER BY seq LIMIT ?3",
  [LP_SQL_COUNT_MESSAGES] = "SELECT count(*) FROM messages WHERE client_id = ?1 AND acked = 0",
  [LP_SQL_LAST_OUTCOME] =
    "SELECT seq, client_id, transaction_id, action, message_id, body, acked FROM messages"
    " WHERE transaction_id = ?1 AND action IN ('paymentComplete', 'paymentVoided')"
    " ORDER BY seq DESC LIMIT 1",
  [LP_SQL_ACK_ID] = "UPDATE messages SET acked = 1 WHERE message_id = ?1 AND client_id = ?2 AND acked = 0"
                    " RETURNING seq",
  [LP_SQL_ACK_SEQ] = "UPDATE messages SET acked = 1 WHERE seq = ?1 AND client_id = ?2 AND acked = 0",
  [LP_SQL_ADOPT] = "UPDATE messages SET client_id = ?1 WHERE client_id = '' AND acked = 0",
  [LP_SQL_FIND_EXPIRED] = "SELECT count, last FROM expired WHERE client_id = ?1",
  [LP_SQL_BEGIN] = "BEGIN IMMEDIATE",
  [LP_SQL_COMMIT] = "COMMIT",
  [LP_SQL_ROLLBACK] = "ROLLBACK",
};

static gboolean
fail (LpStore *store, GError **error)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "The proxy's store: %s", sqlite3_errmsg (store->db));
  return FALSE;
}

/* --- statements --- */

sqlite3_stmt *
lp_store_bind (LpStore *store, LpSql number, const char *types, ...)
{
  sqlite3_stmt *statement = store->statements[number];
  va_list values;

  va_start (values, types);
  for (int i = 0; types[i]; i++)
    if (types[i] == 's')
      sqlite3_bind_text (statement, i + 1, va_arg (values, const char *), -1, SQLITE_TRANSIENT);
    else if (types[i] == 'b')
      sqlite3_bind_blob (statement, i + 1, va_arg (values, const guint8 *), 32, SQLITE_TRANSIENT);
    else
      sqlite3_bind_int64 (statement, i + 1, va_arg (values, gint64));
  va_end (values);
  return statement;
}

void
lp_store_end (sqlite3_stmt *statement)
{
  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
}

gboolean
lp_store_step (LpStore *store, sqlite3_stmt *statement, GError **error)
{
  int result = sqlite3_step (statement);

  if (result == SQLITE_ROW)
    return TRUE;
  if (result != SQLITE_DONE)
    fail (store, error);
  lp_store_end (statement);
  return FALSE;
}

gboolean
lp_store_run (LpStore *store, sqlite3_stmt *statement, GError **error)
{
  gboolean done = sqlite3_step (statement) == SQLITE_DONE;

  if (!done)
    fail (store, error);
  lp_store_end (statement);
  return done;
}

char *
lp_store_text (sqlite3_stmt *statement, int column)
{
  return g_strdup ((const char *) sqlite3_column_text (statement, column));
}

/* --- opening --- */

static gboolean
step (LpStore *store, const char *sql, int version, GError **error)
{
  g_autofree char *all = g_strdup_printf ("BEGIN; %s; PRAGMA user_version = %d; COMMIT", sql, version);

  if (sqlite3_exec (store->db, all, NULL, NULL, NULL) == SQLITE_OK)
    return TRUE;
  fail (store, error);
  sqlite3_exec (store->db, "ROLLBACK", NULL, NULL, NULL);
  return FALSE;
}

static gboolean
make_schema (LpStore *store, const char *path, GError **error)
{
  sqlite3_stmt *statement = NULL;
  int version = -1;

  if (sqlite3_prepare_v2 (store->db, "PRAGMA user_version", -1, &statement, NULL) == SQLITE_OK &&
      sqlite3_step (statement) == SQLITE_ROW)
    version = sqlite3_column_int (statement, 0);
  sqlite3_finalize (statement);
  if (version < 0 || version > SCHEMA_VERSION)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                   "“%s” cannot be used: it is damaged, or of a later version (%d, not %d)", path, version,
                   SCHEMA_VERSION);
      return FALSE;
    }
  if (version == 0)
    return step (store, schema, SCHEMA_VERSION, error);
  for (; version < SCHEMA_VERSION; version++)
    if (!step (store, steps[version - 1], version + 1, error))
      return FALSE;
  return TRUE;
}

/* It holds secrets. SQLite gives the log the mode of the file. */
static gboolean
make_file (const char *path, GError **error)
{
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

  if (fd >= 0 && fchmod (fd, 0600) == 0)
    {
      close (fd);
      return TRUE;
    }
  g_set_error (error, G_FILE_ERROR, (gint) g_file_error_from_errno (errno), "“%s” cannot be made: %s", path,
               g_strerror (errno));
  if (fd >= 0)
    close (fd);
  return FALSE;
}

LpStore *
lp_store_open (const char *path, GError **error)
{
  g_autoptr (LpStore) store = g_new0 (LpStore, 1);

  if (!make_file (path, error))
    return NULL;
  if (sqlite3_open_v2 (path, &store->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK ||
      sqlite3_exec (store->db, settings, NULL, NULL, NULL) != SQLITE_OK)
    {
      fail (store, error);
      return NULL;
    }
  sqlite3_busy_timeout (store->db, 2000);
  if (!make_schema (store, path, error))
    return NULL;
  for (guint i = 0; i < LP_N_SQL; i++)
    if (sqlite3_prepare_v3 (store->db, texts[i], -1, SQLITE_PREPARE_PERSISTENT, &store->statements[i],
                            NULL) != SQLITE_OK)
      {
        fail (store, error);
        return NULL;
      }
  return g_steal_pointer (&store);
}

void
lp_store_close (LpStore *store)
{
  for (guint i = 0; i < LP_N_SQL; i++)
    sqlite3_finalize (store->statements[i]);
  sqlite3_close (store->db);
  g_free (store);
}

/* Of those that came since the last sweep, messages older than that sweep, and any of the future, were stored
 * by a wrong clock: they count from now on. */
#define RESTAMP                                                                                              \
  "UPDATE messages SET created_at = %1$" G_GINT64_FORMAT " WHERE created_at > %1$" G_GINT64_FORMAT           \
  " OR (seq > (SELECT CAST (value AS INTEGER) FROM texts WHERE name = 'swept-seq')"                          \
  " AND created_at < (SELECT CAST (value AS INTEGER) FROM texts WHERE name = 'swept-at')); "                 \
  "INSERT OR REPLACE INTO texts VALUES ('swept-at', %1$" G_GINT64_FORMAT "), ('swept-seq',"                  \
  " coalesce ((SELECT seq FROM sqlite_sequence WHERE name = 'messages'), 0)); "

/* As a list for IN (). */
static char *
quote_all (const GPtrArray *ids)
{
  GString *list = g_string_new (NULL);

  for (guint i = 0; ids && i < ids->len; i++)
    {
      char *quoted = sqlite3_mprintf ("%s%Q", i > 0 ? "," : "", (const char *) ids->pdata[i]);
      g_string_append (list, quoted);
      sqlite3_free (quoted);
    }
  return g_string_free (list, FALSE);
}

guint
lp_store_sweep (LpStore *store, gint64 now, const GPtrArray *under_way)
{
  static const char unread[] = "FROM messages WHERE acked = 0 AND client_id <> '' AND created_at <";
  g_autofree char *kept = quote_all (under_way);
  g_autofree char *expire = g_strdup_printf (
    "BEGIN IMMEDIATE; " RESTAMP "INSERT INTO expired SELECT client_id, count(*), %1$" G_GINT64_FORMAT
    " %2$s %3$" G_GINT64_FORMAT " GROUP BY client_id"
    " ON CONFLICT DO UPDATE SET count = count + excluded.count, last = excluded.last; "
    "DELETE %2$s %3$" G_GINT64_FORMAT,
    now, unread, now - MESSAGE_RETENTION);
  g_autofree char *rest = g_strdup_printf (
    "DELETE FROM messages WHERE acked = 1 AND created_at < %1$" G_GINT64_FORMAT
    "; DELETE FROM orders WHERE created_at < %1$" G_GINT64_FORMAT " AND transaction_id NOT IN (%3$s)"
    "; DELETE FROM signatures WHERE expires < %2$" G_GINT64_FORMAT
    "; DELETE FROM displaced WHERE expires < %2$" G_GINT64_FORMAT,
    now - ORDER_RETENTION, now, kept);
  guint expired = 0;

  if (sqlite3_exec (store->db, expire, NULL, NULL, NULL) == SQLITE_OK)
    {
      expired = (guint) sqlite3_changes (store->db);
      if (sqlite3_exec (store->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
        expired = 0;
    }
  if (!sqlite3_get_autocommit (store->db))
    sqlite3_exec (store->db, "ROLLBACK", NULL, NULL, NULL);
  sqlite3_exec (store->db, rest, NULL, NULL, NULL);
  return expired;
}
