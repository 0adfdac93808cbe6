/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening: the file, its mode, its settings, its schema. */
#include "gateway/store/sqlite-open.h"

#include "gateway/store/sqlite-schema.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Another handle in the way (a backup, an operator's shell) is waited for this long. */
#define BUSY_TIMEOUT_MS 2000
/* A damaged small store is found when it is opened. A large one would take too long: that is for the doctor.
 */
#define CHECK_SIZE_MAX (32 * 1024 * 1024)
#define PROGRESS_STEPS 20000

/* page_size only matters to a new file. The caches are small: what is hot is the newest end of each table,
 * and the system caches the rest. The log is folded into the file every so many pages by the commit that
 * reaches them; measured in bench-store. */
static const char writer_settings[] = "PRAGMA page_size = 8192;"
                                      "PRAGMA synchronous = FULL;"
                                      "PRAGMA temp_store = MEMORY;"
                                      "PRAGMA cache_size = -1536;"
                                      "PRAGMA wal_autocheckpoint = 1000;"
                                      "PRAGMA journal_size_limit = 67108864;"
                                      "PRAGMA trusted_schema = OFF";
static const char reader_settings[] = "PRAGMA temp_store = MEMORY;"
                                      "PRAGMA cache_size = -1024;"
                                      "PRAGMA trusted_schema = OFF;"
                                      "PRAGMA query_only = ON";

static gboolean
fail (GwSqliteTables *self, const char *what, GError **error)
{
  g_set_error (error, GW_SQLITE_ERROR, GW_SQLITE_ERROR_NO_ACCESS, "“%s” %s: %s", self->path, what,
               self->db ? sqlite3_errmsg (self->db) : "out of memory");
  return FALSE;
}

/* The file holds secrets. SQLite gives the log and its index the mode of the file. An existing file is not
 * opened here: closing it again would drop the locks that other handles of this process hold on it. */
static gboolean
make_file (GwSqliteTables *self, GError **error)
{
  int fd = open (self->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  struct stat status;

  if (fd >= 0)
    {
      close (fd);
      return TRUE;
    }
  if (errno != EEXIST)
    {
      g_set_error (error, GW_SQLITE_ERROR, GW_SQLITE_ERROR_NO_ACCESS, "“%s” cannot be made: %s", self->path,
                   g_strerror (errno));
      return FALSE;
    }
  if (stat (self->path, &status) == 0 && (status.st_mode & 077) && chmod (self->path, 0600) < 0)
    g_warning ("“%s” can be read by others, and that cannot be changed: %s", self->path, g_strerror (errno));
  return TRUE;
}

static int
is_out_of_time (gpointer data)
{
  const GwSqliteTables *self = data;

  return self->read_deadline && g_get_monotonic_time () > self->read_deadline;
}

static gboolean
query (GwSqliteTables *self, const char *sql, char **value)
{
  sqlite3_stmt *stmt = NULL;
  gboolean found = FALSE;

  if (sqlite3_prepare_v2 (self->db, sql, -1, &stmt, NULL) == SQLITE_OK)
    found = sqlite3_step (stmt) == SQLITE_ROW;
  if (found)
    *value = g_strdup ((const char *) sqlite3_column_text (stmt, 0));
  sqlite3_finalize (stmt);
  return found;
}

static gboolean
use_log (GwSqliteTables *self, GError **error)
{
  g_autofree char *mode = NULL;

  if (!query (self, "PRAGMA journal_mode = WAL", &mode))
    return fail (self, "cannot be written", error);
  if (g_strcmp0 (mode, "wal") == 0)
    return TRUE;
  g_set_error (error, GW_SQLITE_ERROR, GW_SQLITE_ERROR_NO_ACCESS,
               "“%s” is on a file system that cannot hold a write-ahead log (a network share?)", self->path);
  return FALSE;
}

static gboolean
is_sound (GwSqliteTables *self, GError **error)
{
  g_autofree char *found = NULL;
  struct stat status;

  if (stat (self->path, &status) < 0 || status.st_size > CHECK_SIZE_MAX)
    return TRUE;
  if (!query (self, "PRAGMA quick_check (1)", &found))
    found = g_strdup (sqlite3_errmsg (self->db));
  if (g_strcmp0 (found, "ok") == 0)
    return TRUE;
  g_set_error (
    error, GW_SQLITE_ERROR, GW_SQLITE_ERROR_FOREIGN,
    "“%s” is damaged: %s. Restore it from a backup, or save what can be read with “sqlite3 FILE .recover”",
    self->path, found);
  return FALSE;
}

static gboolean
load (GwSqliteTables *self, GError **error)
{
  g_autofree char *last_seq = NULL;

  if (!query (self, gw_sqlite_statement_text (GW_SQL_READ_CHECK), &self->base.instance_id) ||
      (!self->read_only && !query (self, gw_sqlite_statement_text (GW_SQL_LAST_SEQ), &last_seq)))
    return fail (self, "cannot be read", error);
  self->last_seq = last_seq ? g_ascii_strtoll (last_seq, NULL, 10) : 0;
  return TRUE;
}

static gboolean
open_writer (GwSqliteTables *self, GError **error)
{
  int version = 0;

  if (!gw_sqlite_schema_check (self->db, self->path, &version, error))
    return FALSE;
  if (version > 0 && !is_sound (self, error))
    return FALSE;
  if (sqlite3_exec (self->db, writer_settings, NULL, NULL, NULL) != SQLITE_OK)
    return fail (self, "cannot be set up", error);
  return use_log (self, error) && gw_sqlite_schema_upgrade (self->db, self->path, version, error) &&
         load (self, error);
}

static gboolean
open_reader (GwSqliteTables *self, GError **error)
{
  int version = 0;

  if (!gw_sqlite_schema_check (self->db, self->path, &version, error))
    return FALSE;
  if (version != gw_sqlite_schema_version ())
    {
      g_set_error (error, GW_SQLITE_ERROR, GW_SQLITE_ERROR_FAILED,
                   "“%s” has schema %d, not %d: start the gateway once", self->path, version,
                   gw_sqlite_schema_version ());
      return FALSE;
    }
  if (sqlite3_exec (self->db, reader_settings, NULL, NULL, NULL) != SQLITE_OK)
    return fail (self, "cannot be set up", error);
  sqlite3_progress_handler (self->db, PROGRESS_STEPS, is_out_of_time, self);
  return load (self, error);
}

void
gw_sqlite_tables_free (GwSqliteTables *self)
{
  for (guint i = 0; i < GW_SQLITE_N_STATEMENTS; i++)
    sqlite3_finalize (self->statements[i]);
  if (sqlite3_close (self->db) != SQLITE_OK)
    g_critical ("“%s” is still in use: %s", self->path, sqlite3_errmsg (self->db));
  g_clear_error (&self->error);
  g_clear_pointer (&self->fingerprints, g_hash_table_unref);
  g_ptr_array_unref (self->timeline);
  g_free (self->base.instance_id);
  g_free (self->path);
  g_free (self);
}

/* Nobody reads SQLite's own count of its memory, and both threads would wait for its lock at every
 * allocation. */
static void
configure_once (void)
{
  static gsize done = 0;

  if (g_once_init_enter (&done))
    {
      sqlite3_config (SQLITE_CONFIG_MEMSTATUS, 0);
      g_once_init_leave (&done, 1);
    }
}

GwTables *
gw_sqlite_tables_open (const char *path, gboolean read_only, GError **error)
{
  configure_once ();

  GwSqliteTables *self = g_new0 (GwSqliteTables, 1);
  int flags = SQLITE_OPEN_NOMUTEX | (read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
  gboolean opened = FALSE;

  self->base.klass = &gw_sqlite_tables_class;
  self->path = g_strdup (path);
  self->read_only = read_only;
  self->timeline = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_timeline_entry_unref);
  if (read_only || make_file (self, error))
    {
      if (sqlite3_open_v2 (path, &self->db, flags, NULL) != SQLITE_OK)
        fail (self, "cannot be opened", error);
      else
        {
          sqlite3_extended_result_codes (self->db, 1);
          sqlite3_busy_timeout (self->db, BUSY_TIMEOUT_MS);
          opened = read_only ? open_reader (self, error) : open_writer (self, error);
        }
    }
  if (opened)
    return &self->base;
  gw_sqlite_tables_free (self);
  return NULL;
}
