/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/core/core-harness.h"

#include "tests/core/core-check.h"
#include "tests/core/core-peers.h"

#define FIRST_MONOTONIC 5000000
#define FIRST_WALL      G_GINT64_CONSTANT (1800000000000)

/* --- the ports --- */

static gint64
clock_monotonic (gpointer clock)
{
  return ((Harness *) clock)->monotonic;
}

static gint64
clock_wall (gpointer clock)
{
  return ((Harness *) clock)->wall;
}

static void
clock_random (gpointer clock, guint8 *bytes, gsize length)
{
  Harness *harness = clock;

  for (gsize i = 0; i < length; i++)
    {
      harness->random ^= harness->random << 13;
      harness->random ^= harness->random >> 7;
      harness->random ^= harness->random << 17;
      bytes[i] = (guint8) (harness->random >> 32);
    }
}

static const GwClockClass clock_class = { clock_monotonic, clock_wall, clock_random };

static void
store_submit (gpointer store, GwOperation *operation)
{
  g_queue_push_tail (&((Harness *) store)->operations, operation);
}

static void
store_read (gpointer store, GwRead *read)
{
  g_queue_push_tail (&((Harness *) store)->reads, read);
}

static const GwStoreClass store_class = { store_submit, store_read };

static void
bus_publish (gpointer bus, GwHint hint, const char *id)
{
  g_ptr_array_add (((Harness *) bus)->hints, g_strdup_printf ("%d %s", hint, id));
}

static const GwBusClass bus_class = { bus_publish };

/* The class is the harness's own, so it says whose the tables are. */
static GwCommit
tables_commit (GwTables *tables, GError **error)
{
  Harness *harness = (Harness *) ((char *) tables->klass - G_STRUCT_OFFSET (Harness, tables_class));

  if (harness->fault != GW_COMMIT_DONE)
    gw_memory_tables_set_next_commit (tables, harness->fault, harness->fault_kept);
  return harness->commit (tables, error);
}

/* --- life --- */

static void
on_ready (gpointer data, const GError *error)
{
  Harness *harness = data;

  g_assert_false (harness->ready);
  harness->ready = TRUE;
  harness->start_error = error ? g_error_copy (error) : NULL;
}

void
harness_start (Harness *harness)
{
  g_assert_null (harness->engine);
  harness->ready = FALSE;
  g_clear_error (&harness->start_error);
  harness->engine =
    gw_engine_new (&harness->settings, (GwClock){ &clock_class, harness }, (GwStore){ &store_class, harness },
                   (GwBus){ &bus_class, harness }, harness_links (harness));
  gw_engine_start (harness->engine, on_ready, harness);
}

void
harness_stop (Harness *harness)
{
  for (guint i = 0; i < harness->peers->len; i++)
    ((Peer *) harness->peers->pdata[i])->closed = TRUE;
  g_queue_clear_full (&harness->operations, (GDestroyNotify) gw_operation_free);
  g_queue_clear_full (&harness->reads, (GDestroyNotify) gw_read_free);
  g_clear_pointer (&harness->engine, gw_engine_free);
}

void
harness_restart (Harness *harness)
{
  harness_stop (harness);
  harness_start (harness);
  harness_run (harness);
  g_assert_true (harness->ready);
}

Harness *
harness_new (const GwSettings *settings)
{
  Harness *harness = g_new0 (Harness, 1);

  /* Faults of the store are part of the play and are warned of. */
  g_log_set_always_fatal ((GLogLevelFlags) (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL));
  if (settings)
    harness->settings = *settings;
  else
    gw_settings_default (&harness->settings);
  harness->monotonic = FIRST_MONOTONIC;
  harness->wall = FIRST_WALL;
  harness->random = 0x9e3779b97f4a7c15;
  harness->tables = gw_memory_tables_new ("0badcafe");
  harness->tables_class = *harness->tables->klass;
  harness->commit = harness->tables_class.commit;
  harness->tables_class.commit = tables_commit;
  harness->tables->klass = &harness->tables_class;
  harness->peers = g_ptr_array_new_with_free_func ((GDestroyNotify) peer_free);
  harness->hints = g_ptr_array_new_with_free_func (g_free);
  harness->fault = GW_COMMIT_DONE;
  harness->observer = check_operation;
  harness_start (harness);
  harness_run (harness);
  g_assert_true (harness->ready);
  g_assert_no_error (harness->start_error);
  harness->pos_key = harness_create_key (harness, TGP_ROLE_POS, "store-1");
  harness->terminal_key = harness_create_key (harness, TGP_ROLE_TERMINAL, "store-1");
  return harness;
}

void
harness_free (Harness *harness)
{
  check_everything (harness);
  harness_stop (harness);
  harness->tables->klass->close (harness->tables);
  g_ptr_array_unref (harness->peers);
  g_ptr_array_unref (harness->hints);
  g_clear_error (&harness->start_error);
  g_free (harness);
}

/* --- steps --- */

GPtrArray *
harness_commit_only (Harness *harness, guint n)
{
  GPtrArray *batch = g_ptr_array_new ();

  n = n ? MIN (n, harness->operations.length) : harness->operations.length;
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (batch, g_queue_pop_head (&harness->operations));
  if (n)
    {
      gw_operations_run (harness->tables, (GwOperation **) batch->pdata, n);
      harness->batches++;
    }
  for (guint i = 0; i < n && harness->observer; i++)
    harness->observer (harness, batch->pdata[i], harness->observer_data);
  return batch;
}

void
harness_deliver (Harness *harness, GPtrArray *batch)
{
  gw_engine_operations_done (harness->engine, (GwOperation **) batch->pdata, batch->len);
  g_ptr_array_unref (batch);
}

void
harness_commit (Harness *harness, guint n)
{
  harness_deliver (harness, harness_commit_only (harness, n));
}

GPtrArray *
harness_read_only (Harness *harness)
{
  GPtrArray *reads = g_ptr_array_new ();
  GwRead *read;

  while ((read = g_queue_pop_head (&harness->reads)))
    {
      if (harness->reads_fail)
        read->error = g_error_new_literal (G_FILE_ERROR, G_FILE_ERROR_IO, "injected fault");
      else
        g_assert_true (harness->tables->klass->read (harness->tables, read, &read->error));
      g_ptr_array_add (reads, read);
    }
  return reads;
}

void
harness_deliver_reads (Harness *harness, GPtrArray *reads)
{
  for (guint i = 0; i < reads->len; i++)
    gw_engine_read_done (harness->engine, reads->pdata[i]);
  g_ptr_array_unref (reads);
}

void
harness_answer_reads (Harness *harness)
{
  while (harness->reads.length)
    harness_deliver_reads (harness, harness_read_only (harness));
}

guint
harness_waiting (Harness *harness)
{
  return harness->operations.length + harness->reads.length;
}

static void
run (Harness *harness, guint batch)
{
  for (guint turn = 0; harness_waiting (harness) > 0; turn++)
    {
      g_assert_cmpuint (turn, <, 100000);
      harness_commit (harness, batch);
      harness_answer_reads (harness);
    }
}

void
harness_run (Harness *harness)
{
  run (harness, 0);
}

void
harness_run_one_by_one (Harness *harness)
{
  run (harness, 1);
}

void
harness_set_fault (Harness *harness, GwCommit outcome, gboolean kept)
{
  harness->fault = outcome;
  harness->fault_kept = kept;
  if (outcome == GW_COMMIT_DONE)
    gw_memory_tables_set_next_commit (harness->tables, GW_COMMIT_DONE, TRUE);
}

/* --- time --- */

void
harness_tick (Harness *harness, gint64 ms)
{
  harness->monotonic += ms;
  harness->wall += ms;
}

void
harness_jump_wall (Harness *harness, gint64 ms)
{
  harness->wall += ms;
}

void
harness_advance (Harness *harness, gint64 ms)
{
  gint64 until = harness->monotonic + ms, next;
  guint still = 0; /* turns in which the clock stood */

  harness_run (harness);
  while ((next = gw_engine_next_deadline (harness->engine)) <= until)
    {
      still = next > harness->monotonic ? 0 : still + 1;
      g_assert_cmpuint (still, <, 10000);
      harness_tick (harness, MAX (next - harness->monotonic, 0));
      gw_engine_advance (harness->engine);
      harness_run (harness);
    }
  harness_tick (harness, until - harness->monotonic);
}

/* --- looking --- */

GPtrArray *
harness_read_rows (Harness *harness, GwReadKind kind, const char *key_id, const char *transaction_id)
{
  g_autoptr (GwRead) read = gw_read_new (kind, 0);

  read->key_id = g_strdup (key_id);
  read->id = g_strdup (transaction_id);
  read->group_id = kind == GW_READ_TIMELINE ? g_strdup ("store-1") : NULL;
  read->limit = 1000;
  g_assert_true (harness->tables->klass->read (harness->tables, read, NULL));
  return g_ptr_array_ref (read->rows);
}

GwTransaction *
harness_find_row (Harness *harness, const char *group_id, const char *transaction_id)
{
  g_autoptr (GwRead) read = gw_read_new (GW_READ_TRANSACTION, 0);

  read->group_id = g_strdup (group_id);
  read->id = g_strdup (transaction_id);
  g_assert_true (harness->tables->klass->read (harness->tables, read, NULL));
  return read->rows->len ? gw_transaction_ref (read->rows->pdata[0]) : NULL;
}

GwTransaction *
harness_row (Harness *harness, const char *transaction_id)
{
  GwTransaction *row = harness_find_row (harness, "store-1", transaction_id);

  g_assert_nonnull (row);
  return row;
}

guint
harness_count_audit (Harness *harness, const char *what)
{
  g_autoptr (GPtrArray) rows = harness_read_rows (harness, GW_READ_AUDIT, NULL, NULL);
  guint n = 0;

  for (guint i = 0; i < rows->len; i++)
    n += g_str_equal (((GwAuditEntry *) rows->pdata[i])->what, what);
  return n;
}

guint
harness_count_messages (Harness *harness, GwKey *key)
{
  g_autoptr (GPtrArray) rows = harness_read_rows (harness, GW_READ_MESSAGES, key->key_id, NULL);

  return rows->len;
}

/* --- the operator --- */

void
harness_caller (Peer *peer, GwCaller *caller)
{
  *caller = (GwCaller){ .link = peer->link, .key = peer->key, .http = peer->http };
}

Peer *
harness_staff (Harness *harness)
{
  return peer_new (harness, NULL, TRUE);
}

GwKey *
harness_create_key (Harness *harness, TgpRole role, const char *group_id)
{
  Peer *staff = harness_staff (harness);
  GwCaller caller;

  harness_caller (staff, &caller);
  gw_engine_create_key (harness->engine, &caller, role, group_id);
  harness_run (harness);
  return peer_answer_of (staff, GW_ANSWER_KEY)->key;
}
