/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/power/disk.h"

#include "tests/store/fault-vfs.h"

#include <glib/gstdio.h>
#include <string.h>

#define SECTOR 512

typedef enum
{
  CREATE,
  DELETE,
  WRITE,
  TRUNCATE,
  SYNC,
  SYNC_DIRECTORY
} Kind;

typedef struct
{
  Kind kind;
  char *name; /* CREATE, DELETE */
  guint file; /* all but the directory's */
  gsize at;   /* TRUNCATE: the size */
  GBytes *bytes;
} Event;

/* What has a name, or had one. */
typedef struct
{
  GByteArray *durable;
  GPtrArray *pending; /* Event, borrowed: since its last sync */
} File;

struct _Disk
{
  char *prefix;
  GPtrArray *events;
  GHashTable *now; /* name -> file, while it is recorded */
  guint n_files, n_syncs;
  /* The cut: how far it is, and what is surely there. */
  guint done;
  GPtrArray *files;
  GHashTable *names;    /* name -> file */
  GPtrArray *directory; /* Event, borrowed: names that came and went since the folder's last sync */
};

static void
event_free (gpointer data)
{
  Event *event = data;

  g_free (event->name);
  g_clear_pointer (&event->bytes, g_bytes_unref);
  g_free (event);
}

static void
file_free (gpointer data)
{
  File *file = data;

  g_byte_array_unref (file->durable);
  g_ptr_array_unref (file->pending);
  g_free (file);
}

/* --- recording --- */

static Event *
add_event (Disk *disk, Kind kind, guint file)
{
  Event *event = g_new0 (Event, 1);

  event->kind = kind;
  event->file = file;
  g_ptr_array_add (disk->events, event);
  return event;
}

static const char *
name_of (Disk *disk, const char *path)
{
  return path + strlen (disk->prefix);
}

static guint
file_of (Disk *disk, const char *path)
{
  gpointer file;

  if (!g_hash_table_lookup_extended (disk->now, name_of (disk, path), NULL, &file))
    g_error ("“%s” was never opened", path);
  return GPOINTER_TO_UINT (file);
}

static guint
make_file (Disk *disk, const char *name)
{
  guint file = disk->n_files++;
  File *made = g_new0 (File, 1);

  made->durable = g_byte_array_new ();
  made->pending = g_ptr_array_new ();
  g_ptr_array_add (disk->files, made);
  g_hash_table_replace (disk->now, g_strdup (name), GUINT_TO_POINTER (file));
  return file;
}

static void
on_opened (const char *path, gpointer data)
{
  Disk *disk = data;
  const char *name = name_of (disk, path);

  if (!g_hash_table_contains (disk->now, name))
    add_event (disk, CREATE, make_file (disk, name))->name = g_strdup (name);
}

static void
on_written (const char *path, gconstpointer bytes, gsize n, gsize at, gpointer data)
{
  Event *event = add_event (data, WRITE, file_of (data, path));

  event->at = at;
  event->bytes = g_bytes_new (bytes, n);
}

static void
on_truncated (const char *path, gsize size, gpointer data)
{
  add_event (data, TRUNCATE, file_of (data, path))->at = size;
}

static void
on_synced (const char *path, gboolean directory, gpointer data)
{
  add_event (data, SYNC, file_of (data, path));
  ((Disk *) data)->n_syncs++;
  if (directory)
    add_event (data, SYNC_DIRECTORY, 0);
}

static void
on_deleted (const char *path, gboolean directory, gpointer data)
{
  Disk *disk = data;

  add_event (disk, DELETE, file_of (disk, path))->name = g_strdup (name_of (disk, path));
  g_hash_table_remove (disk->now, name_of (disk, path));
  if (directory)
    add_event (disk, SYNC_DIRECTORY, 0);
}

static void
take_file (Disk *disk, const char *name)
{
  g_autofree char *path = g_strconcat (disk->prefix, name, NULL);
  g_autofree char *data = NULL;
  gsize size;

  if (g_str_has_suffix (name, "-shm"))
    return; /* memory that only looks like a file */
  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  guint file = make_file (disk, name);
  g_byte_array_append (((File *) disk->files->pdata[file])->durable, (guint8 *) data, size);
  g_hash_table_insert (disk->names, g_strdup (name), GUINT_TO_POINTER (file));
}

Disk *
disk_new (const char *dir)
{
  Disk *disk = g_new0 (Disk, 1);
  GDir *entries = g_dir_open (dir, 0, NULL);
  const char *name;

  disk->prefix = g_strconcat (dir, "/", NULL);
  disk->events = g_ptr_array_new_with_free_func (event_free);
  disk->now = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  disk->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  disk->files = g_ptr_array_new_with_free_func (file_free);
  disk->directory = g_ptr_array_new ();
  while ((name = g_dir_read_name (entries)))
    take_file (disk, name);
  g_dir_close (entries);
  fault_vfs_observe (
    &(FaultObserver){ disk->prefix, on_opened, on_written, on_truncated, on_synced, on_deleted, disk });
  return disk;
}

void
disk_stop (Disk *disk)
{
  fault_vfs_observe (NULL);
}

void
disk_free (Disk *disk)
{
  disk_stop (disk);
  g_free (disk->prefix);
  g_ptr_array_unref (disk->events);
  g_ptr_array_unref (disk->files);
  g_ptr_array_unref (disk->directory);
  g_hash_table_unref (disk->now);
  g_hash_table_unref (disk->names);
  g_free (disk);
}

guint
disk_n_events (Disk *disk)
{
  return disk->events->len;
}

guint
disk_n_syncs (Disk *disk)
{
  return disk->n_syncs;
}

/* --- cutting --- */

static void
grow (GByteArray *to, gsize size)
{
  gsize had = to->len;

  if (had >= size)
    return;
  g_byte_array_set_size (to, size);
  memset (to->data + had, 0, size - had);
}

static void
write_part (GByteArray *to, const Event *event, gsize from, gsize n)
{
  const guint8 *bytes = g_bytes_get_data (event->bytes, NULL);

  grow (to, event->at + from + n);
  memcpy (to->data + event->at + from, bytes + from, n);
}

static void
apply (GByteArray *to, const Event *event)
{
  if (event->kind == WRITE)
    write_part (to, event, 0, g_bytes_get_size (event->bytes));
  else if (event->at < to->len)
    g_byte_array_set_size (to, event->at);
  else
    grow (to, event->at);
}

/* A write of several sectors reaches the disk in any order, if at all. Bytes beside the write are never hurt.
 */
static void
apply_some (GByteArray *to, const Event *event, double kept, GRand *rand)
{
  if (event->kind != WRITE)
    {
      if (g_rand_double (rand) < kept)
        apply (to, event);
      return;
    }
  gsize n = g_bytes_get_size (event->bytes);
  for (gsize from = 0; from < n;)
    {
      gsize part = MIN (n - from, SECTOR - (event->at + from) % SECTOR);

      if (g_rand_double (rand) < kept)
        write_part (to, event, from, part);
      from += part;
    }
}

static void
apply_name (GHashTable *names, const Event *event)
{
  if (event->kind == CREATE)
    g_hash_table_replace (names, g_strdup (event->name), GUINT_TO_POINTER (event->file));
  else
    g_hash_table_remove (names, event->name);
}

static void
go_on (Disk *disk, Event *event)
{
  File *file = disk->files->pdata[event->file];

  switch (event->kind)
    {
    case CREATE:
    case DELETE:
      g_ptr_array_add (disk->directory, event);
      break;
    case WRITE:
    case TRUNCATE:
      g_ptr_array_add (file->pending, event);
      break;
    case SYNC:
      for (guint i = 0; i < file->pending->len; i++)
        apply (file->durable, file->pending->pdata[i]);
      g_ptr_array_set_size (file->pending, 0);
      break;
    case SYNC_DIRECTORY:
      for (guint i = 0; i < disk->directory->len; i++)
        apply_name (disk->names, disk->directory->pdata[i]);
      g_ptr_array_set_size (disk->directory, 0);
      break;
    }
}

static void
keep_pending (GByteArray *data, const File *file, const Event *last, DiskLoss loss, GRand *rand)
{
  static const double shares[] = { 0.1, 0.5, 0.9 };
  double kept = shares[g_rand_int_range (rand, 0, G_N_ELEMENTS (shares))];

  for (guint i = 0; i < file->pending->len && loss != DISK_LOSES_ALL; i++)
    {
      const Event *event = file->pending->pdata[i];

      if (loss == DISK_LOSES_SECTORS)
        apply_some (data, event, kept, rand);
      else if (loss == DISK_TEARS_LAST && event == last && event->kind == WRITE)
        write_part (data, event, 0, g_rand_int_range (rand, 0, g_bytes_get_size (event->bytes)));
      else
        apply (data, event);
    }
}

static void
write_file (const char *to_dir, const char *name, const guint8 *data, gsize size)
{
  g_autofree char *path = g_build_filename (to_dir, name, NULL);
  FILE *out = g_fopen (path, "wb");

  g_assert_nonnull (out);
  g_assert_true (size == 0 || fwrite (data, size, 1, out) == 1);
  g_assert_cmpint (fclose (out), ==, 0);
}

static void
empty (const char *dir)
{
  GDir *entries = g_dir_open (dir, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (entries)))
    {
      g_autofree char *path = g_build_filename (dir, name, NULL);

      g_unlink (path);
    }
  g_dir_close (entries);
}

void
disk_cut (Disk *disk, guint n, DiskLoss loss, GRand *rand, const char *to_dir)
{
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GHashTableIter all;
  gpointer name, file;

  g_assert_cmpuint (disk->done, <=, n);
  while (disk->done < n)
    go_on (disk, disk->events->pdata[disk->done++]);

  /* Names come and go in order: a file system's own journal sees to that. */
  guint kept = loss == DISK_LOSES_ALL       ? 0
               : loss == DISK_LOSES_SECTORS ? (guint) g_rand_int_range (rand, 0, disk->directory->len + 1)
                                            : disk->directory->len;
  g_hash_table_iter_init (&all, disk->names);
  while (g_hash_table_iter_next (&all, &name, &file))
    g_hash_table_insert (names, g_strdup (name), file);
  for (guint i = 0; i < kept; i++)
    apply_name (names, disk->directory->pdata[i]);

  empty (to_dir);
  g_hash_table_iter_init (&all, names);
  while (g_hash_table_iter_next (&all, &name, &file))
    {
      const File *of = disk->files->pdata[GPOINTER_TO_UINT (file)];
      g_autoptr (GByteArray) data = g_byte_array_sized_new (of->durable->len + SECTOR);

      g_byte_array_append (data, of->durable->data, of->durable->len);
      keep_pending (data, of, n ? disk->events->pdata[n - 1] : NULL, loss, rand);
      write_file (to_dir, name, data->data, data->len);
    }
}
