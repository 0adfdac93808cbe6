/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the day's book to the journal. A long day is read in a thread and handed over in parts, so that the
 * window never stands still. */
#include "demo-pos/model/pos-till-private.h"

/* What is read before anybody has looked up. */
#define AT_ONCE (512 * 1024)
/* How many entries are handed over between two frames. */
#define STEP 2000

typedef struct
{
  char *folder;
  GPtrArray *entries; /* newest last */
  GHashTable *by_id;
  guint n_damaged;
} Reading;

static void
reading_free (Reading *reading)
{
  g_free (reading->folder);
  g_ptr_array_unref (reading->entries);
  g_hash_table_unref (reading->by_id);
  g_free (reading);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Reading, reading_free)

static Reading *
reading_new (const char *folder)
{
  Reading *reading = g_new0 (Reading, 1);

  reading->folder = g_strdup (folder);
  reading->entries = g_ptr_array_new_with_free_func (g_object_unref);
  reading->by_id = g_hash_table_new (g_str_hash, g_str_equal);
  return reading;
}

static void
on_line (const char *id, PosMark mark, gint64 at, PosFacts *facts, gpointer data)
{
  Reading *reading = data;
  PosEntry *entry = g_hash_table_lookup (reading->by_id, id);

  if (entry == NULL)
    {
      entry = pos_entry_new (id, at);
      g_hash_table_insert (reading->by_id, (char *) pos_entry_get_id (entry), entry);
      g_ptr_array_add (reading->entries, entry);
    }
  /* Whether that run came to send it nobody knows: the button is there again. */
  facts->cancelling = FALSE;
  pos_entry_load (entry, mark, at, facts);
}

static GPtrArray *
read_all (Reading *reading, PosBook *book, GError **error)
{
  g_autoptr (GPtrArray) newest_first = NULL;

  if (!pos_book_read (book, pos_now (), on_line, reading, error))
    return NULL;
  reading->n_damaged = pos_book_get_damaged (book);
  newest_first = g_ptr_array_new_full (reading->entries->len, g_object_unref);
  for (guint i = reading->entries->len; i-- > 0;)
    {
      PosEntry *entry = reading->entries->pdata[i];

      pos_entry_prepare_search (entry);
      g_ptr_array_add (newest_first, g_object_ref (entry));
    }
  return g_steal_pointer (&newest_first);
}

static void
read_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Reading *reading = data;
  g_autoptr (GError) error = NULL;
  /* Its own: the till's may be closed meanwhile. */
  g_autoptr (PosBook) book = pos_book_open (reading->folder, &error);
  GPtrArray *entries = book != NULL ? read_all (reading, book, &error) : NULL;

  if (entries != NULL)
    g_task_return_pointer (task, entries, (GDestroyNotify) g_ptr_array_unref);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static gboolean
on_hand_over (gpointer data)
{
  PosTill *self = data;

  if (!pos_till_take_read (self, STEP))
    return G_SOURCE_CONTINUE;
  self->read_source = 0;
  g_clear_object (&self->reading);
  pos_till_connect (self);
  return G_SOURCE_REMOVE;
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *entries = g_task_propagate_pointer (G_TASK (result), &error);
  PosTill *self = data;

  /* The till stopped, and is perhaps no more. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (entries == NULL)
    {
      pos_till_give_up (self, error);
      return;
    }
  self->n_damaged = ((Reading *) g_task_get_task_data (G_TASK (result)))->n_damaged;
  self->read = entries;
  self->read_source = g_idle_add (on_hand_over, self);
}

gboolean
pos_till_read_book (PosTill *self, const char *folder, GError **error)
{
  g_autoptr (Reading) reading = reading_new (folder);
  g_autoptr (GTask) task = NULL;

  if (pos_book_size (self->book, pos_now ()) <= AT_ONCE)
    {
      self->read = read_all (reading, self->book, error);
      self->n_damaged = reading->n_damaged;
      return self->read != NULL && pos_till_take_read (self, G_MAXUINT);
    }
  self->reading = g_cancellable_new ();
  task = g_task_new (NULL, self->reading, on_read, self);
  g_task_set_task_data (task, g_steal_pointer (&reading), (GDestroyNotify) reading_free);
  g_task_run_in_thread (task, read_in_thread);
  return TRUE;
}

void
pos_till_stop_reading (PosTill *self)
{
  g_clear_handle_id (&self->read_source, g_source_remove);
  g_clear_pointer (&self->read, g_ptr_array_unref);
  if (self->reading != NULL)
    g_cancellable_cancel (self->reading);
  g_clear_object (&self->reading);
}
