/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The store's threads: order, group commit, reads after writes, back-pressure, orderly and hasty ends. */
#include "gateway/store/store-thread.h"
#include "tests/store/fixture.h"

#include <string.h>

typedef struct
{
  Fixture *fixture;
  GwStoreThread *thread;
  GwStore store;
  GMainContext *context;
  GPtrArray *done;  /* of GwOperation, as they came back */
  GArray *batches;  /* of guint: sizes */
  GPtrArray *reads; /* of GwRead */
  gboolean read_back;
  guint more; /* operations to submit from the callback */
} Harness;

/* Holds the writing thread at the door of a batch, so that the test decides what waits there. */
typedef struct
{
  GMutex lock;
  GCond changed;
  gboolean closed;
  guint waiting;
} Gate;

static Gate gate;
static const GwTablesClass *gated;
static GwTablesClass gated_class;

static gboolean
gated_begin (GwTables *tables, GError **error)
{
  g_mutex_lock (&gate.lock);
  gate.waiting++;
  g_cond_broadcast (&gate.changed);
  while (gate.closed)
    g_cond_wait (&gate.changed, &gate.lock);
  gate.waiting--;
  g_mutex_unlock (&gate.lock);
  return gated->begin (tables, error);
}

static void
close_gate (GwTables *tables)
{
  gated = tables->klass;
  gated_class = *gated;
  gated_class.begin = gated_begin;
  tables->klass = &gated_class;
  gate.closed = TRUE;
}

static void
open_gate (void)
{
  g_mutex_lock (&gate.lock);
  gate.closed = FALSE;
  g_cond_broadcast (&gate.changed);
  g_mutex_unlock (&gate.lock);
}

static void
wait_at_gate (void)
{
  g_mutex_lock (&gate.lock);
  while (gate.waiting == 0)
    g_cond_wait (&gate.changed, &gate.lock);
  g_mutex_unlock (&gate.lock);
}

static GwOperation *
make_audit_operation (guint n)
{
  GwOperation *op = gw_operation_new (GW_OP_AUDIT, 1000 + n);
  g_autofree char *what = g_strdup_printf ("%u", n);

  op->error_code = g_ref_string_new (what);
  op->link = n;
  return op;
}

static void
operations_done (GwOperation **operations, guint n, gpointer data)
{
  Harness *harness = data;

  g_array_append_val (harness->batches, n);
  for (guint i = 0; i < n; i++)
    {
      g_ptr_array_add (harness->done, operations[i]);
      if (harness->read_back)
        {
          GwRead *read = gw_read_new (GW_READ_AUDIT, operations[i]->link);

          read->after = operations[i]->link; /* seqs start at 1: the very row of this operation */
          read->limit = 1;
          harness->store.klass->read (harness->store.store, read);
        }
      if (harness->more > 0)
        harness->store.klass->submit (harness->store.store, make_audit_operation (1000 + harness->more--));
    }
}

static void
read_done (GwRead *read, gpointer data)
{
  g_ptr_array_add (((Harness *) data)->reads, read);
}

static Harness *
harness_new (Fixture *fixture, gboolean gate_it)
{
  static const GwStoreThreadCallbacks callbacks = { operations_done, read_done };
  Harness *harness = g_new0 (Harness, 1);
  gboolean own_reader = fixture->reader != fixture->tables;

  harness->fixture = fixture;
  harness->context = g_main_context_new ();
  harness->done = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_operation_free);
  harness->reads = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_read_free);
  harness->batches = g_array_new (FALSE, FALSE, sizeof (guint));
  if (gate_it)
    close_gate (fixture->tables);
  harness->thread = gw_store_thread_new (fixture->tables, own_reader ? fixture->reader : NULL,
                                         harness->context, &callbacks, harness);
  harness->store = gw_store_thread_get_store (harness->thread);
  return harness;
}

/* The thread has closed the handles: the fixture gets new ones, of memory empty ones. */
static void
harness_free (Harness *harness)
{
  Fixture *fixture = harness->fixture;

  gw_store_thread_free (harness->thread);
  if (fixture->path)
    {
      fixture->tables = gw_sqlite_tables_open (fixture->path, FALSE, NULL);
      fixture->reader = gw_sqlite_tables_open (fixture->path, TRUE, NULL);
      g_assert_nonnull (fixture->reader);
    }
  else
    fixture->tables = fixture->reader = gw_memory_tables_new ("0");
  g_main_context_unref (harness->context);
  g_ptr_array_unref (harness->done);
  g_ptr_array_unref (harness->reads);
  g_array_unref (harness->batches);
  g_free (harness);
}

static void
submit (Harness *harness, guint from, guint n)
{
  for (guint i = 0; i < n; i++)
    harness->store.klass->submit (harness->store.store, make_audit_operation (from + i));
}

static void
wait_for (Harness *harness, guint operations, guint reads)
{
  while (harness->done->len < operations || harness->reads->len < reads)
    g_main_context_iteration (harness->context, TRUE);
}

static void
assert_in_order (Harness *harness)
{
  for (guint i = 0; i < harness->done->len; i++)
    {
      const GwOperation *op = harness->done->pdata[i];

      g_assert_cmpuint (op->link, ==, i);
      g_assert_cmpint (op->result.outcome, ==, GW_APPLIED);
    }
}

static void
test_group_commit (Fixture *f, gconstpointer data)
{
  Harness *harness = harness_new (f, TRUE);
  GwStoreCounters counters;
  gint64 age = -1;

  g_assert_cmpuint (gw_store_thread_waiting (harness->thread, &age), ==, 0);
  g_assert_cmpint (age, ==, 0);
  submit (harness, 0, 1);
  wait_at_gate ();
  submit (harness, 1, 600);
  g_assert_cmpuint (gw_store_thread_waiting (harness->thread, &age), ==, 601);
  g_assert_cmpint (age, >, 0);
  open_gate ();
  wait_for (harness, 601, 0);

  assert_in_order (harness);
  g_assert_cmpuint (harness->batches->len, ==, 3);
  g_assert_cmpuint (g_array_index (harness->batches, guint, 0), ==, 1);
  g_assert_cmpuint (g_array_index (harness->batches, guint, 1), ==, 512);
  g_assert_cmpuint (g_array_index (harness->batches, guint, 2), ==, 88);
  g_assert_cmpuint (gw_store_thread_waiting (harness->thread, NULL), ==, 0);
  gw_store_thread_get_counters (harness->thread, &counters);
  g_assert_cmpuint (counters.batches, ==, 3);
  g_assert_cmpuint (counters.operations, ==, 601);
  g_assert_cmpuint (counters.commits, ==, 3);
  g_assert_cmpuint (counters.largest_batch, ==, 512);
  g_assert_cmpuint (counters.busy_us, >, 0);
  harness_free (harness);
}

/* Far more than one take, so that the queue is compacted on its way. */
static void
test_long_queue (Fixture *f, gconstpointer data)
{
  Harness *harness = harness_new (f, TRUE);

  submit (harness, 0, 20000);
  wait_at_gate ();
  open_gate ();
  submit (harness, 20000, 5000);
  wait_for (harness, 25000, 0);
  assert_in_order (harness);
  harness_free (harness);
}

static void
test_reads_see_writes (Fixture *f, gconstpointer data)
{
  Harness *harness = harness_new (f, FALSE);

  harness->read_back = TRUE;
  for (guint i = 0; i < 40; i++)
    {
      submit (harness, i * 10, 10);
      g_main_context_iteration (harness->context, FALSE);
    }
  wait_for (harness, 400, 400);
  for (guint i = 0; i < harness->reads->len; i++)
    {
      const GwRead *read = harness->reads->pdata[i];

      g_assert_no_error (read->error);
      g_assert_cmpuint (read->rows->len, ==, 1);
      const GwAuditEntry *entry = read->rows->pdata[0];
      g_autofree char *expected = g_strdup_printf ("%" G_GUINT64_FORMAT, read->token);
      g_assert_cmpstr (entry->what, ==, expected);
    }
  harness_free (harness);
}

static void
test_flush (Fixture *f, gconstpointer data)
{
  Harness *harness = harness_new (f, FALSE);
  GwStoreCounters counters;

  gw_store_thread_flush (harness->thread); /* nothing to do */
  harness->more = 30;                      /* what callbacks submit is waited for as well */
  submit (harness, 0, 100);
  harness->store.klass->read (harness->store.store, gw_read_new (GW_READ_CHECK, 5));
  gw_store_thread_flush (harness->thread);
  g_assert_cmpuint (harness->done->len, ==, 130);
  g_assert_cmpuint (harness->reads->len, ==, 1);
  g_assert_cmpuint (gw_store_thread_waiting (harness->thread, NULL), ==, 0);
  gw_store_thread_get_counters (harness->thread, &counters);
  g_assert_cmpuint (counters.reads, ==, 1);
  /* And the eventfd is left as it should be: the next one still wakes the context. */
  submit (harness, 0, 1);
  wait_for (harness, 131, 0);
  harness_free (harness);
}

static void
test_free_in_the_midst (Fixture *f, gconstpointer data)
{
  Harness *harness = harness_new (f, TRUE);

  submit (harness, 0, 1000);
  wait_at_gate ();
  for (guint i = 0; i < 10; i++)
    harness->store.klass->read (harness->store.store, gw_read_new (GW_READ_CHECK, i));
  open_gate ();
  harness_free (harness); /* nothing leaks, nothing hangs, nobody is called */
}

static gboolean
fail_begin (GwTables *tables, GError **error)
{
  g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_NOSPC, "the disk is full");
  return FALSE;
}

static void
test_failed_batch (Fixture *f, gconstpointer data)
{
  GwStoreCounters counters;

  gated = f->tables->klass;
  gated_class = *gated;
  gated_class.begin = fail_begin;
  f->tables->klass = &gated_class;
  Harness *harness = harness_new (f, FALSE);
  submit (harness, 0, 3);
  wait_for (harness, 3, 0);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpint (((GwOperation *) harness->done->pdata[i])->result.outcome, ==, GW_FAILED);
  gw_store_thread_get_counters (harness->thread, &counters);
  g_assert_cmpuint (counters.commits, ==, 0);
  harness_free (harness);
}

/* One thread writes and one reads, as fast as they can; each read is a whole number of batches. */
static void
test_both_at_once (Fixture *f, gconstpointer data)
{
  Harness *harness = harness_new (f, FALSE);
  guint last = 0;

  for (guint i = 0; i < 300; i++)
    {
      GwRead *read = gw_read_new (GW_READ_AUDIT, i);

      read->limit = 1000;
      submit (harness, i * 3, 3);
      harness->store.klass->read (harness->store.store, read);
    }
  wait_for (harness, 900, 300);
  assert_in_order (harness);
  for (guint i = 0; i < harness->reads->len; i++)
    {
      const GwRead *read = harness->reads->pdata[i];
      guint64 sum = 0;

      g_assert_no_error (read->error);
      g_assert_cmpuint (read->rows->len, >=, last);
      last = read->rows->len;
      for (guint k = 0; k < harness->batches->len && sum < last; k++)
        sum += g_array_index (harness->batches, guint, k);
      g_assert_cmpuint (sum, ==, last);
    }
  harness_free (harness);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_always_fatal (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL);
  add_test ("thread/group-commit", test_group_commit);
  add_test ("thread/long-queue", test_long_queue);
  add_test ("thread/reads-see-writes", test_reads_see_writes);
  add_test ("thread/flush", test_flush);
  add_test ("thread/free-in-the-midst", test_free_in_the_midst);
  add_test ("thread/failed-batch", test_failed_batch);
  add_test ("thread/both-at-once", test_both_at_once);
  return g_test_run ();
}
