/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SQLite on a disk that fails: what a commit says must be what a restart finds. */
#include "tests/store/fault-vfs.h"
#include "tests/store/fixture.h"

#include <glib/gstdio.h>
#include <string.h>

static guint serial;

/* A batch of what payments are made of. */
static void
put_batch (GwTables *tables)
{
  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *id = g_strdup_printf ("t-%u", serial++);
      g_autoptr (GwTransaction) row = make_transaction ("g", id, id, GW_HOLDS_TERMINAL);
      g_autoptr (GwTimelineEntry) entry = make_timeline (row, 0);

      tables->klass->put_transaction (tables, row);
      tables->klass->add_timeline (tables, entry);
      put_message (tables, "k_1", id, 5);
    }
}

static GwCommit
try_batch (GwTables *tables)
{
  g_autoptr (GError) error = NULL;
  GwCommit outcome = GW_COMMIT_FAILED;

  if (tables->klass->begin (tables, &error))
    {
      put_batch (tables);
      outcome = tables->klass->commit (tables, &error);
    }
  g_assert_cmpint (error != NULL, ==, outcome != GW_COMMIT_DONE);
  return outcome;
}

static void
test_reading_batch_touches_nothing (void)
{
  Fixture *f = fixture_new (TRUE);

  begin (f->tables);
  put_batch (f->tables);
  commit (f->tables);
  fault_vfs_reset ();
  begin (f->tables);
  g_autoptr (GwTransaction) row = f->tables->klass->get_transaction (f->tables, "g", "t-0");
  g_assert_false (f->tables->klass->ack_message (f->tables, "k_2", 1, 9));
  g_assert_cmpuint (f->tables->klass->sweep (f->tables, 1, 1, 1, 1, 1, 100), ==, 0);
  commit (f->tables);
  g_assert_cmpuint (fault_vfs_writes (), ==, 0);
  g_assert_cmpuint (fault_vfs_syncs (), ==, 0);
  fixture_free (f);
}

static void
test_one_sync_a_commit (void)
{
  Fixture *f = fixture_new (TRUE);

  begin (f->tables); /* the first one after an opening also starts a log */
  put_batch (f->tables);
  commit (f->tables);
  for (guint i = 0; i < 3; i++)
    {
      fault_vfs_reset ();
      begin (f->tables);
      put_batch (f->tables);
      commit (f->tables);
      g_assert_cmpuint (fault_vfs_syncs (), ==, 1);
    }
  fixture_free (f);
}

/* Every write of a batch in turn, and then every sync. */
static void
try_every_fault (FaultKind kind, int code, GwCommit *seen)
{
  gboolean happened = TRUE;

  for (guint nth = 1; happened; nth++)
    {
      Fixture *f = fixture_new (TRUE);
      g_autofree char *before = NULL;
      g_autofree char *after = NULL;
      g_autofree char *reopened = NULL;

      begin (f->tables);
      put_batch (f->tables);
      commit (f->tables);
      before = dump_tables (f->reader);
      fault_vfs_reset ();
      fault_vfs_fail (kind, nth, code);
      GwCommit outcome = try_batch (f->tables);
      happened = fault_vfs_has_failed ();
      fault_vfs_reset ();
      after = dump_tables (f->reader);
      if (outcome == GW_COMMIT_DONE)
        g_assert_cmpstr (after, !=, before);
      else
        g_assert_cmpstr (after, ==, before);
      seen[nth > 1 ? 1 : 0] = outcome;

      /* After a fault the store goes on, and what it then promises holds. */
      g_assert_cmpint (try_batch (f->tables), ==, GW_COMMIT_DONE);
      g_clear_pointer (&after, g_free);
      after = dump_tables (f->reader);
      fixture_reopen (f);
      reopened = dump_tables (f->reader);
      g_assert_cmpstr (reopened, ==, after);
      fixture_free (f);
      g_assert_cmpuint (nth, <, 200);
    }
}

static void
test_failing_writes (void)
{
  GwCommit seen[2];

  try_every_fault (FAULT_WRITE, SQLITE_IOERR_WRITE, seen);
  g_assert_cmpint (seen[0], ==, GW_COMMIT_UNCERTAIN);
  try_every_fault (FAULT_WRITE, SQLITE_FULL, seen);
  g_assert_cmpint (seen[0], ==, GW_COMMIT_FAILED); /* a full disk is no doubt */
}

static void
test_failing_syncs (void)
{
  GwCommit seen[2];

  try_every_fault (FAULT_SYNC, SQLITE_IOERR_FSYNC, seen);
  g_assert_cmpint (seen[0], ==, GW_COMMIT_UNCERTAIN);
}

/* The batch in doubt is in the log, whole. Once anything was committed after it, no restart may find it: then
 * what reads say has become the truth. A batch that puts nothing does as well. */
static void
test_doubt_ends (void)
{
  Fixture *f = fixture_new (TRUE);
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  begin (f->tables);
  put_batch (f->tables);
  commit (f->tables);
  before = dump_tables (f->reader);
  fault_vfs_reset ();
  fault_vfs_fail (FAULT_SYNC, 1, SQLITE_IOERR_FSYNC);
  g_assert_cmpint (try_batch (f->tables), ==, GW_COMMIT_UNCERTAIN);
  fault_vfs_reset ();
  begin (f->tables);
  commit (f->tables);
  g_assert_cmpuint (fault_vfs_syncs (), ==, 1);
  fault_vfs_reset ();
  begin (f->tables);
  commit (f->tables);
  g_assert_cmpuint (fault_vfs_syncs (), ==, 0);

  /* As after a crash: the files as they are, without an orderly close. */
  g_autofree char *log = g_strconcat (f->path, "-wal", NULL);
  g_autofree char *dir = make_directory ();
  g_autofree char *copy = g_build_filename (dir, "copy.db", NULL);
  g_autofree char *log_copy = g_strconcat (copy, "-wal", NULL);
  const char *from[] = { f->path, log }, *to[] = { copy, log_copy };
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *data = NULL;
      gsize size;

      g_assert_true (g_file_get_contents (from[i], &data, &size, NULL));
      g_assert_true (g_file_set_contents (to[i], data, size, NULL));
    }
  GwTables *tables = gw_sqlite_tables_open (copy, FALSE, NULL);
  after = dump_tables (tables);
  g_assert_cmpstr (after, ==, before);
  tables->klass->close (tables);
  remove_directory (g_steal_pointer (&dir));
  fixture_free (f);
}

/* With large rows, so that the log is folded into the file on the way. */
static void
put_large_batch (GwTables *tables, guint i)
{
  put_batch (tables);
  for (guint k = 0; k < 6; k++)
    {
      g_autoptr (GwMessage) message = make_message (tables, "k_1", "t", 5);
      g_autofree char *body = g_strnfill (60000, 'a' + i % 26);

      gw_set_text (&message->body, body);
      tables->klass->put_message (tables, message);
    }
}

/* The disk hiccups once, at any point of a long run: in a commit, or while the log is folded into the file.
 */
static void
try_one_hiccup (FaultKind kind, guint nth, int code)
{
  Fixture *f = fixture_new (TRUE);
  g_autofree char *expected = dump_tables (f->reader);
  g_autofree char *reopened = NULL;

  fault_vfs_reset ();
  fault_vfs_fail_once (kind, nth, code);
  for (guint i = 0; i < 30; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *now = NULL;

      begin (f->tables);
      put_large_batch (f->tables, i);
      GwCommit outcome = f->tables->klass->commit (f->tables, &error);
      now = dump_tables (f->reader);
      if (outcome == GW_COMMIT_DONE)
        {
          g_assert_cmpstr (now, !=, expected);
          g_free (expected);
          expected = g_steal_pointer (&now);
        }
      else
        g_assert_cmpstr (now, ==, expected);
    }
  g_assert_true (fault_vfs_has_failed ());
  fault_vfs_reset ();
  fixture_reopen (f);
  reopened = dump_tables (f->reader);
  g_assert_cmpstr (reopened, ==, expected);
  fixture_free (f);
}

static void
test_hiccups (void)
{
  for (guint nth = 1; nth <= 30; nth++)
    try_one_hiccup (FAULT_SYNC, nth, SQLITE_IOERR_FSYNC);
  for (guint nth = 1; nth <= 3000; nth += 131)
    {
      try_one_hiccup (FAULT_WRITE, nth, SQLITE_IOERR_WRITE);
      try_one_hiccup (FAULT_WRITE, nth + 60, SQLITE_FULL);
    }
}

/* The power goes after each commit, and only what was synced is left. */
static void
test_power_cuts (void)
{
  Fixture *f = fixture_new (TRUE);
  g_autofree char *dir = make_directory ();
  g_autofree char *copy = g_build_filename (dir, "copy.db", NULL);
  guint checked = 0;

  fault_vfs_reset ();
  fault_vfs_keep_synced (TRUE);
  fixture_reopen (f); /* so that the file itself is synced once by its closing */
  for (guint i = 0; i < 40; i++)
    {
      g_autofree char *expected = NULL;
      g_autofree char *found = NULL;

      begin (f->tables);
      put_large_batch (f->tables, i);
      commit (f->tables);
      expected = dump_tables (f->reader);

      const char *suffixes[] = { "", "-wal" };
      for (guint k = 0; k < 2; k++)
        {
          g_autofree char *from = g_strconcat (f->path, suffixes[k], ".synced", NULL);
          g_autofree char *to = g_strconcat (copy, suffixes[k], NULL);
          g_autofree char *data = NULL;
          gsize size;

          if (g_file_get_contents (from, &data, &size, NULL))
            g_assert_true (g_file_set_contents (to, data, size, NULL));
          else
            g_unlink (to);
        }
      fault_vfs_keep_synced (FALSE);
      GwTables *tables = gw_sqlite_tables_open (copy, FALSE, NULL);
      g_assert_nonnull (tables);
      found = dump_tables (tables);
      tables->klass->close (tables);
      fault_vfs_keep_synced (TRUE);
      g_assert_cmpstr (found, ==, expected);
      checked++;
    }
  g_assert_cmpuint (checked, ==, 40);
  fault_vfs_reset ();
  remove_directory (g_steal_pointer (&dir));
  fixture_free (f);
}

/* Making a new file, with each of its writes and syncs failing in turn: an error, and the next try makes a
 * good one. */
static void
try_every_opening (FaultKind kind, int code)
{
  gboolean happened = TRUE;
  guint refused = 0;

  for (guint nth = 1; happened; nth++)
    {
      g_autofree char *dir = make_directory ();
      g_autofree char *path = g_build_filename (dir, "gateway.db", NULL);
      g_autoptr (GError) error = NULL;

      fault_vfs_reset ();
      fault_vfs_fail (kind, nth, code);
      GwTables *tables = gw_sqlite_tables_open (path, FALSE, &error);
      happened = fault_vfs_has_failed ();
      g_assert_cmpint (tables == NULL, ==, error != NULL);
      if (error)
        {
          g_assert_nonnull (strstr (error->message, path));
          refused++;
        }
      else
        tables->klass->close (tables);
      fault_vfs_reset ();
      g_clear_error (&error);
      tables = gw_sqlite_tables_open (path, FALSE, &error);
      g_assert_no_error (error);
      begin (tables);
      put_batch (tables);
      commit (tables);
      tables->klass->close (tables);
      remove_directory (g_steal_pointer (&dir));
      g_assert_cmpuint (nth, <, 200);
    }
  g_assert_cmpuint (refused, >, 1);
}

static void
test_failing_openings (void)
{
  try_every_opening (FAULT_WRITE, SQLITE_IOERR_WRITE);
  try_every_opening (FAULT_WRITE, SQLITE_FULL);
  try_every_opening (FAULT_SYNC, SQLITE_IOERR_FSYNC);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  fault_vfs_register ();
  g_test_add_func ("/store/faults/reading-batch-touches-nothing", test_reading_batch_touches_nothing);
  g_test_add_func ("/store/faults/one-sync-a-commit", test_one_sync_a_commit);
  g_test_add_func ("/store/faults/failing-writes", test_failing_writes);
  g_test_add_func ("/store/faults/failing-syncs", test_failing_syncs);
  g_test_add_func ("/store/faults/failing-openings", test_failing_openings);
  g_test_add_func ("/store/faults/hiccups", test_hiccups);
  g_test_add_func ("/store/faults/doubt-ends", test_doubt_ends);
  g_test_add_func ("/store/faults/power-cuts", test_power_cuts);
  return g_test_run ();
}
