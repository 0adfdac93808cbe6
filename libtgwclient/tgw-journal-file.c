/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The journal as a file: where it lies, whose it is at the moment, whether it is sound. */
#include "libtgwclient/tgw-journal-private.h"

#include "libtgwclient/tgw-error.h"

#define APPLICATION_ID 0x5447574a /* "TGWJ" */
/* Who ends at this very moment lets go of the file soon. */
#define BUSY_TIMEOUT_MS 2000
/* How the name of a damaged file ends until it was taken over. */
#define UNREAD ".unread"

gint64 tgw_journal_check_size_max = 32 * 1024 * 1024;

/* Element N brings a file from schema N to N + 1. A step that has been released is never edited. */
static const char *const steps[] = {
  "CREATE TABLE payments ("
  " transaction_id TEXT PRIMARY KEY, terminal_id TEXT, started_at INTEGER NOT NULL, updated_at INTEGER NOT "
  "NULL,"
  " state INTEGER NOT NULL, outcome INTEGER NOT NULL, money_moved INTEGER NOT NULL, retry_safe INTEGER NOT "
  "NULL,"
  " next_action INTEGER NOT NULL, verdict_message TEXT, requested_amount INTEGER NOT NULL,"
  " amount INTEGER NOT NULL, currency TEXT, amount_confirmed INTEGER NOT NULL, void_status INTEGER NOT NULL,"
  " void_reason TEXT, authorization_code TEXT, error_code TEXT, error_message TEXT, held_by TEXT, message "
  "TEXT,"
  " response TEXT, receipt TEXT, metadata TEXT, recovered_from INTEGER NOT NULL, revision INTEGER NOT NULL,"
  " method INTEGER NOT NULL, asked_terminal_id TEXT,"
  " told INTEGER NOT NULL, told_by_answer INTEGER NOT NULL);"
  "CREATE INDEX payments_started ON payments (started_at);"
  "CREATE TABLE news ("
  " transaction_id TEXT NOT NULL, revision INTEGER NOT NULL, kind INTEGER NOT NULL,"
  " PRIMARY KEY (transaction_id, revision)) WITHOUT ROWID;"
  "CREATE TABLE messages (message_id TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;"
  "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;",
};

/* FULL, because what was promised must survive a power cut too. EXCLUSIVE: one user, and no index in shared
 * memory, so that a network share can hold the file. Nothing is deleted for good but by the sweep. */
static const char settings[] = "PRAGMA locking_mode = EXCLUSIVE;"
                               "PRAGMA synchronous = FULL;"
                               "PRAGMA temp_store = MEMORY;"
                               "PRAGMA cache_size = -512;"
                               "PRAGMA trusted_schema = OFF;"
                               "BEGIN EXCLUSIVE;"
                               "COMMIT";
/* Changes the file: only once it is known to be ours. */
static const char log_setting[] = "PRAGMA journal_mode = WAL";

static const char *
remedy_of (int code)
{
  switch (code & 0xff)
    {
    case SQLITE_FULL:
      return "; make room on the disk";
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
      return "; choose a place that this user may write to";
    case SQLITE_IOERR:
      return "; look at the disk";
    default:
      return "";
    }
}

gboolean
tgw_journal_is_damage (int code)
{
  return (code & 0xff) == SQLITE_NOTADB || (code & 0xff) == SQLITE_CORRUPT;
}

void
tgw_journal_suspect (TgwJournal *self)
{
  gboolean opened = self->opened;

  self->opened = FALSE; /* so that a failure of this ends here */
  if (opened)
    tgw_journal_set_word (self, TGW_JOURNAL_SUSPECT, "yes", NULL);
  self->opened = opened;
}

gboolean
tgw_journal_fail (TgwJournal *self, GError **error)
{
  int code = self->db != NULL ? sqlite3_extended_errcode (self->db) : SQLITE_NOMEM;

  g_set_error (error, TGW_ERROR, TGW_ERROR_JOURNAL, "The payment journal “%s” cannot be used: %s%s",
               self->path, self->db != NULL ? sqlite3_errmsg (self->db) : "out of memory", remedy_of (code));
  if (tgw_journal_is_damage (code) && sqlite3_get_autocommit (self->db))
    tgw_journal_suspect (self);
  return FALSE;
}

static gboolean
query_int (TgwJournal *self, const char *sql, int *value)
{
  sqlite3_stmt *statement = NULL;
  gboolean found = sqlite3_prepare_v2 (self->db, sql, -1, &statement, NULL) == SQLITE_OK &&
                   sqlite3_step (statement) == SQLITE_ROW;

  if (found)
    *value = sqlite3_column_int (statement, 0);
  sqlite3_finalize (statement);
  return found;
}

static gboolean
is_sound (TgwJournal *self)
{
  sqlite3_stmt *statement = NULL;
  gboolean sound =
    sqlite3_prepare_v2 (self->db, "PRAGMA quick_check (1)", -1, &statement, NULL) == SQLITE_OK &&
    sqlite3_step (statement) == SQLITE_ROW &&
    g_strcmp0 ((const char *) sqlite3_column_text (statement, 0), "ok") == 0;

  sqlite3_finalize (statement);
  return sound;
}

static gboolean
upgrade (TgwJournal *self, int version, GError **error)
{
  for (; version < (int) G_N_ELEMENTS (steps); version++)
    {
      g_autofree char *sql =
        g_strdup_printf ("BEGIN; %s PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
                         steps[version], APPLICATION_ID, version + 1);

      if (sqlite3_exec (self->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        {
          tgw_journal_fail (self, error);
          sqlite3_exec (self->db, "ROLLBACK", NULL, NULL, NULL);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
check (TgwJournal *self, gboolean *damaged, GError **error)
{
  int application_id = 0, version = 0, n_tables = 0, n_pages = 0, page_size = 0;
  g_autofree char *suspect = NULL;

  if (!query_int (self, "PRAGMA application_id", &application_id) ||
      !query_int (self, "PRAGMA user_version", &version) ||
      !query_int (self, "SELECT count (*) FROM sqlite_schema", &n_tables) ||
      !query_int (self, "PRAGMA page_count", &n_pages) || !query_int (self, "PRAGMA page_size", &page_size))
    {
      *damaged = tgw_journal_is_damage (sqlite3_errcode (self->db));
      return tgw_journal_fail (self, error);
    }
  if (n_tables == 0 && version == 0 && application_id == 0)
    return upgrade (self, 0, error);
  if (application_id != APPLICATION_ID)
    {
      g_set_error (error, TGW_ERROR, TGW_ERROR_JOURNAL,
                   "“%s” is a database, but no payment journal; name another file", self->path);
      return FALSE;
    }
  if (version > (int) G_N_ELEMENTS (steps))
    {
      g_set_error (error, TGW_ERROR, TGW_ERROR_JOURNAL,
                   "The payment journal “%s” was written by a newer version of this library; use that one",
                   self->path);
      return FALSE;
    }
  suspect = tgw_journal_dup_word (self, TGW_JOURNAL_SUSPECT);
  if ((suspect != NULL || (gint64) n_pages * page_size <= tgw_journal_check_size_max) && !is_sound (self))
    {
      *damaged = TRUE;
      g_set_error (error, TGW_ERROR, TGW_ERROR_JOURNAL, "The payment journal “%s” is damaged", self->path);
      return FALSE;
    }
  if (suspect != NULL)
    tgw_journal_set_word (self, TGW_JOURNAL_SUSPECT, NULL, NULL);
  return upgrade (self, version, error);
}

/* The folder and the file are for this user alone: amounts and receipts are nobody else's business. */
static void
make_private (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileOutputStream) stream = NULL;

  g_mkdir_with_parents (folder, 0700);
  /* What fails here fails again in a moment, with SQLite's words. */
  stream = g_file_create (file, G_FILE_CREATE_PRIVATE, NULL, NULL);
}

gboolean
tgw_journal_open_file (TgwJournal *self, gboolean *damaged, GError **error)
{
  int code;

  *damaged = FALSE;
  if (strcmp (self->path, TGW_JOURNAL_IN_MEMORY) != 0)
    make_private (self->path);
  if (sqlite3_open_v2 (self->path, &self->db,
                       SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
    return tgw_journal_fail (self, error);
  sqlite3_extended_result_codes (self->db, 1);
  sqlite3_busy_timeout (self->db, BUSY_TIMEOUT_MS);
  code = sqlite3_exec (self->db, settings, NULL, NULL, NULL);
  if ((code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED)
    {
      g_set_error (
        error, TGW_ERROR, TGW_ERROR_JOURNAL_IN_USE,
        "Another program on this computer uses this API key (journal “%s”); end it, or use a key of "
        "its own for each program",
        self->path);
      return FALSE;
    }
  if (code != SQLITE_OK)
    {
      *damaged = tgw_journal_is_damage (code);
      return tgw_journal_fail (self, error);
    }
  if (!check (self, damaged, error))
    return FALSE;
  return sqlite3_exec (self->db, log_setting, NULL, NULL, NULL) == SQLITE_OK ||
         tgw_journal_fail (self, error);
}

void
tgw_journal_close_file (TgwJournal *self)
{
  for (guint i = 0; i < TGW_N_SQL; i++)
    g_clear_pointer (&self->statements[i], sqlite3_finalize);
  if (sqlite3_close (self->db) != SQLITE_OK)
    g_critical ("The payment journal “%s” is still in use", self->path);
  self->db = NULL;
}

static gboolean
move (const char *from, const char *to, GError **error)
{
  g_autoptr (GFile) source = g_file_new_for_path (from), target = g_file_new_for_path (to);

  return g_file_move (source, target, G_FILE_COPY_NONE, NULL, NULL, NULL, error);
}

static char *
word_of (const char *path)
{
  g_autofree char *name = g_path_get_basename (path);

  return g_strconcat (TGW_JOURNAL_READ, name, NULL);
}

/* FALSE: it was taken over, and only its name does not say so yet. */
static gboolean
is_unread (TgwJournal *self, const char *path)
{
  g_autofree char *word = word_of (path), *read = tgw_journal_dup_word (self, word);

  return read == NULL;
}

/* What lies aside and was not taken over yet, because the program or the power ended in between. */
void
tgw_journal_find_unread (TgwJournal *self)
{
  g_autofree char *folder = g_path_get_dirname (self->path), *name = g_path_get_basename (self->path),
                  *prefix = g_strconcat (name, ".damaged-", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *one;

  while (dir != NULL && (one = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (one, prefix) && g_str_has_suffix (one, UNREAD))
      {
        g_autofree char *path = g_build_filename (folder, one, NULL);

        if (is_unread (self, path))
          {
            g_free (self->set_aside);
            self->set_aside = g_steal_pointer (&path);
          }
      }
}

gboolean
tgw_journal_note_taken_over (TgwJournal *self, GError **error)
{
  g_autofree char *word = word_of (self->set_aside);

  return tgw_journal_set_word (self, word, "yes", error);
}

void
tgw_journal_note_read (TgwJournal *self)
{
  g_autofree char *old = g_strdup (self->set_aside), *old_log = g_strconcat (old, "-wal", NULL),
                  *read = g_strndup (old, strlen (old) - strlen (UNREAD)),
                  *log = g_strconcat (read, "-wal", NULL), *word = word_of (old);

  /* The file first: its name is what says that it was read. Where it cannot be changed, the journal does. */
  if (!move (old, read, NULL))
    return;
  move (old_log, log, NULL);
  g_free (self->set_aside);
  self->set_aside = g_steal_pointer (&read);
  tgw_journal_set_word (self, word, NULL, NULL);
}

gboolean
tgw_journal_move_aside (TgwJournal *self, GError **error)
{
  g_autofree char *stamp = NULL, *target = NULL, *log = g_strconcat (self->path, "-wal", NULL),
                  *log_target = NULL;
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GError) reason = NULL;

  stamp = g_date_time_format (now, "%Y%m%dT%H%M%SZ");
  target = g_strdup_printf ("%s.damaged-%s" UNREAD, self->path, stamp);
  for (guint n = 2; g_file_test (target, G_FILE_TEST_EXISTS); n++)
    {
      g_free (target);
      target = g_strdup_printf ("%s.damaged-%s-%u" UNREAD, self->path, stamp, n);
    }
  log_target = g_strconcat (target, "-wal", NULL);
  /* The log first: without its file it says nothing, but beside a fresh file it would say the wrong thing. */
  if (g_file_test (log, G_FILE_TEST_EXISTS) && !move (log, log_target, &reason))
    ;
  else if (move (self->path, target, &reason))
    {
      g_free (self->set_aside);
      self->set_aside = g_steal_pointer (&target);
      return TRUE;
    }
  g_set_error (error, TGW_ERROR, TGW_ERROR_JOURNAL,
               "The payment journal “%s” is damaged and cannot be moved out of the way: %s", self->path,
               reason->message);
  return FALSE;
}
