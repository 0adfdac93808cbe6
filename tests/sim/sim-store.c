/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The store's side: it takes its time, it fails, it does not say. Memory, or for every tenth seed SQLite. */
#include "tests/sim/sim.h"

#include "gateway/store/memory-tables.h"
#include "gateway/store/sqlite-tables.h"

#include <glib/gstdio.h>

static void commit_now (SimWorld *world, gpointer owner, gpointer data, gint64 run);

static SimWorld *
world_of (GwTables *tables)
{
  return (SimWorld *) ((char *) tables->klass - G_STRUCT_OFFSET (SimWorld, tables_class));
}

static gboolean
is_down (SimWorld *world)
{
  if (world->monotonic >= world->down_until)
    return FALSE;
  world->trouble_at = world->monotonic;
  return TRUE;
}

/* --- the tables, with faults --- */

static gboolean
tables_begin (GwTables *tables, GError **error)
{
  SimWorld *world = world_of (tables);

  if (is_down (world))
    {
      g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_IO, "the store is down");
      return FALSE;
    }
  return world->real.begin (tables, error);
}

static GwCommit
tables_commit (GwTables *tables, GError **error)
{
  SimWorld *world = world_of (tables);
  SimFault fault = world->next_commit;
  GwCommit commit;

  if (world->staged->len == 0)
    fault = SIM_N_FAULTS;
  else if (fault != SIM_N_FAULTS)
    {
      world->next_commit = SIM_N_FAULTS;
      world->trouble_at = world->monotonic;
      sim_fault_count (world, fault);
    }
  if (fault == SIM_FAULT_COMMIT_FAILED || fault == SIM_FAULT_UNCERTAIN_LOST)
    {
      world->real.rollback (tables);
      sim_model_discard (world);
    }
  else
    {
      commit = world->real.commit (tables, error);
      if (commit != GW_COMMIT_DONE)
        {
          sim_model_discard (world);
          return commit;
        }
      sim_model_apply (world);
    }
  if (fault == SIM_N_FAULTS)
    return GW_COMMIT_DONE;
  g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_IO, "injected fault");
  if (fault == SIM_FAULT_COMMIT_FAILED)
    return GW_COMMIT_FAILED;
  world->doubt_at = world->monotonic;
  return GW_COMMIT_UNCERTAIN;
}

static void
tables_rollback (GwTables *tables)
{
  SimWorld *world = world_of (tables);

  world->real.rollback (tables);
  sim_model_discard (world);
}

/* --- the engine's port --- */

static gint64
delay (SimWorld *world)
{
  if (world->monotonic < world->slow_until)
    {
      world->trouble_at = world->monotonic;
      return sim_between (world, 0, 3000);
    }
  return sim_chance (world, 90) ? sim_between (world, 0, 6) : sim_between (world, 0, 120);
}

static void
deliver (SimWorld *world, gpointer owner, gpointer data, gint64 run)
{
  if (world->run != (guint64) run || !world->committed)
    return;
  g_autoptr (GPtrArray) batch = g_steal_pointer (&world->committed);
  guint64 before = world->run;

  if (world->crash_wanted && world->crash_at == SIM_FAULT_CRASH_BETWEEN)
    world->effects_left = (int) sim_between (world, 0, 4);
  gw_engine_operations_done (world->engine, (GwOperation **) batch->pdata, batch->len);
  world->committing = FALSE;
  if (world->run == before && world->effects_left >= 0)
    {
      sim_fault_count (world, SIM_FAULT_CRASH_BETWEEN);
      sim_gateway_crash (world, sim_between (world, 100, 20000));
      return;
    }
  for (guint i = 0; i < SIM_TERMINALS; i++)
    {
      SimTerminal *terminal = &world->terminals[i];
      if (!terminal->on_edge)
        continue;
      for (guint t = 0; t < terminal->journal->len; t++)
        {
          SimTx *tx = ((SimEntry *) terminal->journal->pdata[t])->tx;
          if (tx->row && tx->row->status == TGP_STATUS_AWAITING_RECONNECT)
            {
              terminal->on_edge = FALSE;
              terminal->hold_until = world->monotonic + 60000 + sim_between (world, -1, 1);
              sim_terminal_come (terminal, sim_chance (world, 50) ? sim_between (world, 59000, 60002)
                                                                  : 60000 + sim_between (world, -1, 1));
              break;
            }
        }
    }
  if (world->operations.length && world->engine)
    {
      world->committing = TRUE;
      sim_at (world, delay (world), commit_now, NULL, NULL, NULL, (gint64) world->run);
    }
}

static gboolean
crashes (SimWorld *world, SimFault when)
{
  if (!world->crash_wanted || world->crash_at != when)
    return FALSE;
  sim_fault_count (world, when);
  sim_gateway_crash (world, sim_between (world, 100, sim_chance (world, 20) ? 90000 : 15000));
  return TRUE;
}

static void
commit_now (SimWorld *world, gpointer owner, gpointer data, gint64 run)
{
  guint n = world->operations.length;

  if (world->run != (guint64) run || !world->engine || n == 0)
    return;
  if (crashes (world, SIM_FAULT_CRASH_BEFORE))
    return;
  if (n > 1 && sim_chance (world, 20))
    n = (guint) sim_between (world, 1, n);
  g_assert (!world->committed);
  world->committed = g_ptr_array_new ();
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (world->committed, g_queue_pop_head (&world->operations));
  gw_operations_run (world->tables, (GwOperation **) world->committed->pdata, n);
  sim_note (world, "store", "batch", NULL, n);
  sim_model_operations (world, (GwOperation **) world->committed->pdata, n);
  if (crashes (world, SIM_FAULT_CRASH_AFTER))
    return;
  sim_at (world, delay (world), deliver, NULL, NULL, NULL, (gint64) world->run);
}

static void
store_submit (gpointer store, GwOperation *operation)
{
  SimWorld *world = store;

  g_queue_push_tail (&world->operations, operation);
  if (world->committing)
    return;
  world->committing = TRUE;
  sim_at (world, delay (world), commit_now, NULL, NULL, NULL, (gint64) world->run);
}

/* --- reads --- */

static void
free_read (gpointer read)
{
  if (*(GwRead **) read)
    gw_read_free (*(GwRead **) read);
  g_free (read);
}

static void
read_answered (SimWorld *world, gpointer owner, gpointer data, gint64 run)
{
  if (world->run == (guint64) run && world->engine)
    gw_engine_read_done (world->engine, g_steal_pointer ((GwRead **) data));
}

static void
read_now (SimWorld *world, gpointer owner, gpointer data, gint64 run)
{
  GwRead *read = *(GwRead **) data;

  if (world->run != (guint64) run || !world->engine)
    return;
  if (is_down (world))
    read->error = g_error_new_literal (G_FILE_ERROR, G_FILE_ERROR_IO, "the store is down");
  else
    world->real.read (world->tables, read, &read->error);
  GwRead **later = g_new (GwRead *, 1);
  *later = g_steal_pointer ((GwRead **) data);
  sim_at (world, delay (world), read_answered, NULL, later, free_read, run);
}

static void
store_read (gpointer store, GwRead *read)
{
  SimWorld *world = store;
  GwRead **boxed = g_new (GwRead *, 1);

  *boxed = read;
  sim_at (world, delay (world), read_now, NULL, boxed, free_read, (gint64) world->run);
}

static const GwStoreClass store_class = { store_submit, store_read };

GwStore
sim_store_port (SimWorld *world)
{
  return (GwStore){ &store_class, world };
}

static void
free_batch (GPtrArray *batch)
{
  for (guint i = 0; i < batch->len; i++)
    gw_operation_free (batch->pdata[i]);
  g_ptr_array_unref (batch);
}

void
sim_store_forget (SimWorld *world)
{
  g_queue_clear_full (&world->operations, (GDestroyNotify) gw_operation_free);
  g_clear_pointer (&world->committed, free_batch);
  world->committing = FALSE;
}

/* --- life --- */

void
sim_store_open (SimWorld *world)
{
  g_autoptr (GError) error = NULL;

  if (world->seed % 10 == 0)
    {
      /* No power is ever lost here, so memory is disk enough. */
      const char *base = g_access ("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : g_get_tmp_dir ();
      world->folder = g_build_filename (base, "tgw-sim-XXXXXX", NULL);
      if (!g_mkdtemp (world->folder))
        g_error ("no folder for SQLite: %s", world->folder);
      g_autofree char *path = g_build_filename (world->folder, "gateway.db", NULL);
      world->tables = gw_sqlite_tables_open (path, FALSE, &error);
      if (!world->tables)
        g_error ("%s", error->message);
      /* Drawn when the file was made: nothing may depend on it. */
      g_free (world->tables->instance_id);
      world->tables->instance_id = g_strdup ("5eed5eed");
    }
  else
    world->tables = gw_memory_tables_new ("5eed5eed");
  world->real = *world->tables->klass;
  world->tables_class = world->real;
  world->tables_class.begin = tables_begin;
  world->tables_class.commit = tables_commit;
  world->tables_class.rollback = tables_rollback;
  sim_model_wrap (world);
  world->tables->klass = &world->tables_class;
}

void
sim_store_close (SimWorld *world)
{
  world->real.close (world->tables);
  sim_model_discard (world);
  g_array_unref (world->staged);
  if (!world->folder)
    return;
  g_autoptr (GDir) dir = g_dir_open (world->folder, 0, NULL);
  const char *name;
  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (world->folder, name, NULL);
      g_unlink (path);
    }
  g_rmdir (world->folder);
  g_free (world->folder);
}
