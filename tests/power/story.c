/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/power/story.h"

#include "gateway/store/sqlite-private.h"
#include "tests/store/fixture.h"

static void
promise_free (gpointer data)
{
  Promise *promise = data;

  g_free (promise->id);
  g_free (promise->text);
  g_free (promise);
}

static void
mark_clear (gpointer data)
{
  g_free (((Mark *) data)->state);
}

static void
pragma (Story *story, const char *name, int value)
{
  g_autofree char *sql = g_strdup_printf ("PRAGMA %s = %d", name, value);

  g_assert_cmpint (sqlite3_exec (((GwSqliteTables *) story->tables)->db, sql, NULL, NULL, NULL), ==,
                   SQLITE_OK);
}

static void
add_mark (Story *story)
{
  Mark mark = { disk_n_events (story->disk), dump_tables (story->tables) };

  g_array_append_val (story->marks, mark);
}

static void
open_tables (Story *story)
{
  g_autoptr (GError) error = NULL;

  story->tables = gw_sqlite_tables_open (story->path, FALSE, &error);
  g_assert_no_error (error);
  if (story->synchronous >= 0)
    pragma (story, "synchronous", story->synchronous);
  if (story->checkpoint)
    pragma (story, "wal_autocheckpoint", story->checkpoint);
}

static void
close_tables (Story *story)
{
  if (story->tables)
    story->tables->klass->close (story->tables);
  story->tables = NULL;
}

static void
prepare (Story *story)
{
  static const char *const names[] = { "k_pos", "k_other", "k_term" };
  GwTables *tables;

  open_tables (story);
  tables = story->tables;
  begin (tables);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GwKey) key = make_key (names[i], i < 2 ? TGP_ROLE_POS : TGP_ROLE_TERMINAL);

      tables->klass->put_key (tables, key);
    }
  for (guint i = 1; i <= 8; i++)
    {
      g_autofree char *slot = g_strdup_printf ("T-%u", i);
      g_autoptr (GwDevice) device = make_device ("g", slot, "k_term");

      device->capabilities = TGP_CAPABILITY_CANCEL | TGP_CAPABILITY_VOID;
      tables->klass->put_device (tables, device);
      g_hash_table_insert (story->epochs, g_strdup (slot), g_memdup2 (&device->epoch, sizeof device->epoch));
    }
  commit (tables);
  close_tables (story);
}

Story *
story_new (gboolean prepared, int synchronous, int checkpoint, guint32 seed)
{
  Story *story = g_new0 (Story, 1);

  story->dir = make_directory ();
  story->path = g_build_filename (story->dir, "gateway.db", NULL);
  story->now = 1700000000000;
  story->epochs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  story->marks = g_array_new (FALSE, FALSE, sizeof (Mark));
  g_array_set_clear_func (story->marks, mark_clear);
  story->promises = g_ptr_array_new_with_free_func (promise_free);
  story->rand = g_rand_new_with_seed (seed);
  story->synchronous = -1;
  if (prepared)
    prepare (story);
  story->synchronous = synchronous;
  story->checkpoint = checkpoint;
  story->disk = disk_new (story->dir);
  open_tables (story);
  add_mark (story);
  return story;
}

void
story_end (Story *story)
{
  close_tables (story);
  disk_stop (story->disk);
}

void
story_free (Story *story)
{
  close_tables (story);
  disk_free (story->disk);
  remove_directory (g_steal_pointer (&story->dir));
  g_free (story->path);
  g_hash_table_unref (story->epochs);
  g_array_unref (story->marks);
  g_ptr_array_unref (story->promises);
  g_rand_free (story->rand);
  g_free (story);
}

gint64
story_epoch (Story *story, const char *name)
{
  const gint64 *epoch = g_hash_table_lookup (story->epochs, name);

  return epoch ? *epoch : 0;
}

GwOperation *
story_make (Story *story, GwOperationKind kind, const char *transaction_id, const char *slot)
{
  GwOperation *op = gw_operation_new (kind, story->now += 7);

  gw_set_text (&op->group_id, "g");
  gw_set_text (&op->transaction_id, transaction_id);
  gw_set_text (&op->key_id, kind == GW_OP_ATTACH_DEVICE ? "k_term" : "k_pos");
  gw_set_text (&op->slot, slot);
  gw_set_text (&op->device_id, slot);
  gw_set_text (&op->terminal_id, slot);
  gw_set_text (&op->connection_id, "c-1");
  gw_set_text (&op->actor, "somebody");
  if (slot)
    op->epoch = story_epoch (story, slot);
  op->join_window = 86400000;
  op->signature_expires = story->now + 300000;
  return op;
}

/* --- what a result promises --- */

static void
promise (Story *story, PromiseKind kind, const char *id, gint64 number, const char *text)
{
  Promise *made = g_new0 (Promise, 1);

  made->kind = kind;
  made->mark = story->marks->len;
  made->id = g_strdup (id);
  made->text = g_strdup (text);
  made->number = number;
  g_ptr_array_add (story->promises, made);
}

static void
remember_epoch (Story *story, const char *name, gint64 epoch)
{
  g_hash_table_insert (story->epochs, g_strdup (name), g_memdup2 (&epoch, sizeof epoch));
}

static void
promise_sessions (Story *story, const GwOperation *op)
{
  if (op->kind != GW_OP_ATTACH_SESSION)
    return;
  remember_epoch (story, op->key_id, op->result.session->epoch);
  if (op->request_id) /* the session that the story says is displaced by this one */
    promise (story, PROMISE_DISPLACED, op->request_id, 0, op->key_id);
}

static void
note_result (Story *story, const GwOperation *op)
{
  const GwResult *result = &op->result;

  if (op->kind == GW_OP_PAY && op->signature && result->code != TGP_ERROR_REPLAYED_REQUEST)
    promise (story, PROMISE_SIGNATURE, NULL, (gint64) op->signature, NULL);
  if (result->outcome != GW_APPLIED)
    return;
  if (result->row)
    promise (story, PROMISE_ROW, result->row->transaction_id, result->row->timeline_length, NULL);
  for (guint i = 0; result->messages && i < result->messages->len; i++)
    {
      const GwMessage *message = result->messages->pdata[i];

      promise (story, PROMISE_MESSAGE, NULL, message->seq, message->body);
    }
  for (guint i = 0; op->kind == GW_OP_ACK && op->seqs && i < op->seqs->len; i++)
    promise (story, PROMISE_ACK, op->key_id, g_array_index (op->seqs, gint64, i), NULL);
  if (result->key)
    promise (story, PROMISE_KEY, result->key->key_id, result->key->revoked_at, NULL);
  if (op->kind == GW_OP_ROTATE_KEY)
    promise (story, PROMISE_KEY, op->key_id, op->now, NULL);
  if (result->device)
    remember_epoch (story, result->device->slot, result->device->epoch);
  promise_sessions (story, op);
}

void
story_run_batch (Story *story, GPtrArray *operations)
{
  gw_operations_run (story->tables, (GwOperation **) operations->pdata, operations->len);
  for (guint i = 0; i < operations->len; i++)
    {
      const GwOperation *op = operations->pdata[i];

      g_assert_cmpint (op->result.outcome, <, GW_FAILED);
      note_result (story, op);
    }
  add_mark (story);
}

void
story_run (Story *story, ...)
{
  g_autoptr (GPtrArray) operations = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_operation_free);
  GwOperation *op;
  va_list all;

  va_start (all, story);
  while ((op = va_arg (all, GwOperation *)))
    g_ptr_array_add (operations, op);
  va_end (all);
  story_run_batch (story, operations);
  for (guint i = 0; i < operations->len; i++)
    g_assert_cmpint (((GwOperation *) operations->pdata[i])->result.outcome, ==, GW_APPLIED);
}

void
story_reopen (Story *story)
{
  close_tables (story);
  open_tables (story);
  add_mark (story);
}
