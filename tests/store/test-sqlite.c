/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The SQLite file itself: who may read it, what is refused at the door, what a full disk does, and how it is
 * searched. */
#include "gateway/store/sqlite-schema.h"
#include "gateway/store/sqlite-statements.h"
#include "tests/store/fixture.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static void
assert_mode (const char *path, guint mode)
{
  GStatBuf status;

  g_assert_cmpint (g_stat (path, &status), ==, 0);
  g_assert_cmphex (status.st_mode & 0777, ==, mode);
}

static void
run_sql (const char *path, const char *sql)
{
  sqlite3 *db = NULL;
  char *message = NULL;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  sqlite3_exec (db, sql, NULL, NULL, &message);
  g_assert_cmpstr (message, ==, NULL);
  sqlite3_close (db);
}

static void
close_both (Fixture *f)
{
  f->reader->klass->close (f->reader);
  f->tables->klass->close (f->tables);
}

/* Refused with this code, and the message names the file and what it is about. */
static void
assert_refused (const char *path, int code, const char *about)
{
  for (int read_only = 0; read_only < 2; read_only++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (gw_sqlite_tables_open (path, read_only, &error));
      g_assert_error (error, GW_SQLITE_ERROR, code);
      g_assert_nonnull (strstr (error->message, path));
      g_assert_nonnull (strstr (error->message, about));
    }
}

/* For tests that leave the fixture's file unusable. */
static void
end (Fixture *f)
{
  remove_directory (f->dir);
  g_free (f->path);
  g_free (f);
}

static void
test_modes (void)
{
  Fixture *f = fixture_new (TRUE);
  g_autofree char *log = g_strconcat (f->path, "-wal", NULL);
  g_autofree char *index = g_strconcat (f->path, "-shm", NULL);

  assert_mode (f->path, 0600);
  assert_mode (log, 0600);
  assert_mode (index, 0600);
  close_both (f);
  g_assert_cmpint (g_chmod (f->path, 0644), ==, 0);
  f->tables = gw_sqlite_tables_open (f->path, FALSE, NULL);
  f->reader = gw_sqlite_tables_open (f->path, TRUE, NULL);
  assert_mode (f->path, 0600);
  fixture_free (f);
}

static void
test_instance_id (void)
{
  Fixture *f = fixture_new (TRUE);
  Fixture *other = fixture_new (TRUE);
  g_autofree char *id = g_strdup (f->tables->instance_id);

  g_assert_cmpuint (strlen (id), ==, 8);
  g_assert_cmpuint (strspn (id, "0123456789abcdef"), ==, 8);
  g_assert_cmpstr (other->tables->instance_id, !=, id);
  fixture_reopen (f);
  g_assert_cmpstr (f->tables->instance_id, ==, id);
  g_assert_cmpstr (f->reader->instance_id, ==, id);
  fixture_free (f);
  fixture_free (other);
}

static void
test_newer_schema (void)
{
  Fixture *f = fixture_new (TRUE);
  g_autofree char *sql = g_strdup_printf ("PRAGMA user_version = %d", gw_sqlite_schema_version () + 1);
  g_autofree char *version = g_strdup_printf ("schema %d", gw_sqlite_schema_version () + 1);

  close_both (f);
  run_sql (f->path, sql);
  assert_refused (f->path, GW_SQLITE_ERROR_NEWER, version);
  end (f);
}

static void
test_foreign (void)
{
  g_autofree char *dir = make_directory ();
  g_autofree char *database = g_build_filename (dir, "other.db", NULL);
  g_autofree char *text = g_build_filename (dir, "text", NULL);
  g_autofree char *prose = g_strnfill (5000, 'x');

  run_sql (database, "CREATE TABLE recipes (name)");
  assert_refused (database, GW_SQLITE_ERROR_FOREIGN, "another program");
  run_sql (database, "PRAGMA user_version = 1");
  assert_refused (database, GW_SQLITE_ERROR_FOREIGN, "another program");
  g_assert_true (g_file_set_contents (text, prose, -1, NULL));
  assert_refused (text, GW_SQLITE_ERROR_FOREIGN, "Restore it from a backup");
  remove_directory (g_steal_pointer (&dir));
}

static void
put_many (GwTables *tables, guint n)
{
  begin (tables);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *id = g_strdup_printf ("t-%u", i);

      put_transaction (tables, "g", id, "A", 0);
      put_message (tables, "k_1", id, 5);
    }
  commit (tables);
}

static void
test_damaged (void)
{
  Fixture *f = fixture_new (TRUE);
  g_autofree char *data = NULL;
  gsize size;

  put_many (f->tables, 500);
  close_both (f);
  g_assert_true (g_file_get_contents (f->path, &data, &size, NULL));
  g_assert_cmpuint (size, >, 100000);

  /* Cut off. */
  g_assert_true (g_file_set_contents (f->path, data, size / 2, NULL));
  assert_refused (f->path, GW_SQLITE_ERROR_FOREIGN, "malformed");

  /* Half of its pages are rubbish. */
  memset (data + size / 2 / 8192 * 8192, 0xa5, size - size / 2 / 8192 * 8192);
  g_assert_true (g_file_set_contents (f->path, data, size, NULL));
  g_autoptr (GError) error = NULL;
  g_assert_null (gw_sqlite_tables_open (f->path, FALSE, &error));
  g_assert_error (error, GW_SQLITE_ERROR, GW_SQLITE_ERROR_FOREIGN);
  g_assert_nonnull (strstr (error->message, "damaged"));

  /* A reader does not look at all of it first, but it says so when it meets it, and goes on. */
  GwTables *reader = gw_sqlite_tables_open (f->path, TRUE, NULL);
  g_assert_nonnull (reader);
  g_autoptr (GwRead) list = gw_read_new (GW_READ_TRANSACTIONS, 0);
  g_autoptr (GwRead) check = gw_read_new (GW_READ_CHECK, 0);
  g_autoptr (GError) read_error = NULL;
  list->limit = 1000;
  g_assert_false (reader->klass->read (reader, list, &read_error));
  g_assert_error (read_error, GW_SQLITE_ERROR, GW_SQLITE_ERROR_FAILED);
  g_assert_cmpuint (list->rows->len, ==, 0);
  ask (reader, check);
  reader->klass->close (reader);
  end (f);
}

static void
test_no_access (void)
{
  g_autofree char *dir = make_directory ();
  g_autofree char *missing = g_build_filename (dir, "missing", "gateway.db", NULL);
  g_autofree char *absent = g_build_filename (dir, "absent.db", NULL);
  g_autoptr (GError) error = NULL;

  assert_refused (missing, GW_SQLITE_ERROR_NO_ACCESS, "");
  assert_refused (dir, GW_SQLITE_ERROR_NO_ACCESS, "");
  g_assert_null (gw_sqlite_tables_open (absent, TRUE, &error));
  g_assert_error (error, GW_SQLITE_ERROR, GW_SQLITE_ERROR_NO_ACCESS);
  g_assert_false (g_file_test (absent, G_FILE_TEST_EXISTS)); /* a reader makes nothing */
  remove_directory (g_steal_pointer (&dir));
}

static void
test_reader_cannot_write (void)
{
  Fixture *f = fixture_new (TRUE);
  g_autoptr (GError) error = NULL;

  g_assert_false (f->reader->klass->begin (f->reader, &error));
  g_assert_error (error, GW_SQLITE_ERROR, GW_SQLITE_ERROR_FAILED);
  g_autofree char *text = dump_tables (f->reader); /* and is none the worse for it */
  fixture_free (f);
}

/* In a process of its own that may not write here. */
static void
test_read_only_folder (void)
{
  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, 0);
      g_test_trap_assert_passed ();
      return;
    }
  Fixture *f = fixture_new (TRUE);
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) none = NULL;
  g_autofree char *fresh = g_build_filename (f->dir, "fresh.db", NULL);

  put_many (f->tables, 3);
  close_both (f);
  g_assert_cmpint (g_chmod (f->dir, 0555), ==, 0);
  g_assert_cmpint (g_chmod (f->path, 0444), ==, 0);
  if (geteuid () == 0)
    g_assert_cmpint (seteuid (65534), ==, 0);
  g_log_set_always_fatal (G_LOG_LEVEL_ERROR |
                          G_LOG_LEVEL_CRITICAL); /* its mode cannot be mended, which is a warning */
  g_assert_null (gw_sqlite_tables_open (f->path, FALSE, &error));
  g_assert_error (error, GW_SQLITE_ERROR, GW_SQLITE_ERROR_NO_ACCESS);
  g_assert_null (gw_sqlite_tables_open (fresh, FALSE, &none));
  g_assert_error (none, GW_SQLITE_ERROR, GW_SQLITE_ERROR_NO_ACCESS);
  if (getuid () == 0)
    g_assert_cmpint (seteuid (0), ==, 0);
  g_assert_cmpint (g_chmod (f->dir, 0700), ==, 0);
  end (f);
}

static void
limit_files (rlim_t size)
{
  struct rlimit limit = { size, RLIM_INFINITY };

  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
}

/* The kernel refuses to let the log grow. What was committed stays, nothing else is there, and it goes on
 * when there is room. */
static void
test_no_room (void)
{
  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, 0);
      g_test_trap_assert_passed ();
      return;
    }
  Fixture *f = fixture_new (TRUE);
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  guint failed = 0;

  signal (SIGXFSZ, SIG_IGN);
  put_many (f->tables, 5);
  before = dump_tables (f->reader);
  limit_files (200000);
  for (guint i = 0; i < 5; i++)
    {
      g_autoptr (GError) error = NULL;

      if (!f->tables->klass->begin (f->tables, &error))
        {
          failed++;
          continue;
        }
      for (guint k = 0; k < 400; k++)
        {
          g_autofree char *id = g_strdup_printf ("more-%u-%u", i, k);

          put_transaction (f->tables, "g", id, "B", 0);
        }
      GwCommit outcome = f->tables->klass->commit (f->tables, &error);
      g_assert_cmpint (outcome, !=, GW_COMMIT_DONE);
      g_assert_nonnull (error);
      failed++;
    }
  g_assert_cmpuint (failed, ==, 5);
  after = dump_tables (f->reader);
  g_assert_cmpstr (after, ==, before);
  limit_files (RLIM_INFINITY);
  begin (f->tables);
  put_transaction (f->tables, "g", "at-last", "B", GW_HOLDS_TERMINAL);
  commit (f->tables);
  fixture_reopen (f);
  begin (f->tables);
  g_autoptr (GwTransaction) row = f->tables->klass->get_holder (f->tables, "g", "B");
  g_assert_cmpstr (row->transaction_id, ==, "at-last");
  commit (f->tables);
  fixture_free (f);
}

/* A process that dies without a word: what it committed is there, what it had begun is not. */
static void
test_killed (void)
{
  g_autofree char *dir = g_strdup (g_getenv ("STORE_TEST_DIR"));
  g_autofree char *path = NULL;

  if (g_test_subprocess ())
    {
      path = g_build_filename (dir, "gateway.db", NULL);
      GwTables *tables = gw_sqlite_tables_open (path, FALSE, NULL);
      put_many (tables, 3);
      begin (tables);
      put_transaction (tables, "g", "half", "Z", GW_HOLDS_TERMINAL);
      raise (SIGKILL);
    }
  dir = make_directory ();
  path = g_build_filename (dir, "gateway.db", NULL);
  g_setenv ("STORE_TEST_DIR", dir, TRUE);
  g_test_trap_subprocess (NULL, 0, 0);
  g_assert_false (g_test_trap_has_passed ());
  g_unsetenv ("STORE_TEST_DIR");

  GwTables *tables = gw_sqlite_tables_open (path, FALSE, NULL);
  begin (tables);
  g_autoptr (GwTransaction) last = tables->klass->get_transaction (tables, "g", "t-2");
  g_assert_nonnull (last);
  g_assert_null (tables->klass->get_transaction (tables, "g", "half"));
  g_assert_cmpint (tables->klass->next_message_seq (tables), ==, 4);
  commit (tables);
  tables->klass->close (tables);
  remove_directory (g_steal_pointer (&dir));
}

/* No statement of the daily work may walk through a large table. */
static void
test_query_plans (void)
{
  static const char *const large[] = { "transactions", "timeline", "messages", "t", "l" };
  Fixture *f = fixture_new (TRUE);
  sqlite3 *db = NULL;

  g_assert_cmpint (sqlite3_open_v2 (f->path, &db, SQLITE_OPEN_READONLY, NULL), ==, SQLITE_OK);
  for (int i = GW_SQL_TRANSACTION; i < GW_SQLITE_N_STATEMENTS; i++)
    {
      const char *sql = gw_sqlite_statement_text (i);
      g_autofree char *explain = g_strconcat ("EXPLAIN QUERY PLAN ", sql, NULL);
      sqlite3_stmt *stmt = NULL;

      g_assert_nonnull (sql);
      g_assert_cmpint (sqlite3_prepare_v2 (db, explain, -1, &stmt, NULL), ==, SQLITE_OK);
      while (sqlite3_step (stmt) == SQLITE_ROW)
        {
          const char *step = (const char *) sqlite3_column_text (stmt, 3);

          for (guint k = 0; k < G_N_ELEMENTS (large); k++)
            {
              g_autofree char *scan = g_strdup_printf ("SCAN %s", large[k]);
              gboolean whole = g_strcmp0 (step, scan) == 0;

              /* The oldest rows, up to a limit, or the last one: a scan that ends early. */
              if (whole && i != GW_SQL_SWEEP_MESSAGES)
                g_error ("“%s” walks: %s", sql, step);
            }
          if (strstr (step, "TEMP B-TREE FOR ORDER BY") && i < GW_SQL_READ_BY_ID)
            g_error ("“%s” sorts: %s", sql, step);
        }
      sqlite3_finalize (stmt);
    }
  sqlite3_close (db);
  fixture_free (f);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/file/modes", test_modes);
  g_test_add_func ("/store/file/instance-id", test_instance_id);
  g_test_add_func ("/store/file/newer-schema", test_newer_schema);
  g_test_add_func ("/store/file/foreign", test_foreign);
  g_test_add_func ("/store/file/damaged", test_damaged);
  g_test_add_func ("/store/file/no-access", test_no_access);
  g_test_add_func ("/store/file/reader-cannot-write", test_reader_cannot_write);
  g_test_add_func ("/store/file/read-only-folder", test_read_only_folder);
  g_test_add_func ("/store/file/no-room", test_no_room);
  g_test_add_func ("/store/file/killed", test_killed);
  g_test_add_func ("/store/file/query-plans", test_query_plans);
  return g_test_run ();
}
