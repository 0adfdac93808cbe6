/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/store/fault-vfs.h"

#include <string.h>

typedef struct
{
  sqlite3_file base;
  sqlite3_file *real;
  char *path;
  gboolean new_name; /* its first sync is one of the folder, too: as SQLite does it on Unix */
} FaultFile;

static sqlite3_vfs *real_vfs;
static sqlite3_vfs fault_vfs;
static struct
{
  FaultKind kind;
  guint left;
  int code;
  gboolean failed;
  gboolean once;
  guint writes, syncs;
  gboolean keep_synced;
} plan;

static FaultObserver observer;

static gboolean
is_observed (const char *path)
{
  return observer.prefix && path && g_str_has_prefix (path, observer.prefix);
}

static sqlite3_file *
real (sqlite3_file *file)
{
  return ((FaultFile *) file)->real;
}

static int
fault (FaultKind kind)
{
  if (plan.kind != kind)
    return SQLITE_OK;
  if (plan.left > 1)
    {
      plan.left--;
      return SQLITE_OK;
    }
  plan.failed = TRUE;
  if (plan.once)
    plan.kind = FAULT_NONE;
  return plan.code;
}

static int
fault_close (sqlite3_file *file)
{
  FaultFile *self = (FaultFile *) file;
  int rc = self->real->pMethods->xClose (self->real);

  g_clear_pointer (&self->path, g_free);
  return rc;
}

static int
fault_read (sqlite3_file *file, void *data, int n, sqlite3_int64 at)
{
  return real (file)->pMethods->xRead (real (file), data, n, at);
}

static int
fault_write (sqlite3_file *file, const void *data, int n, sqlite3_int64 at)
{
  int rc = fault (FAULT_WRITE);

  plan.writes++;
  if (rc == SQLITE_OK && is_observed (((FaultFile *) file)->path))
    observer.written (((FaultFile *) file)->path, data, n, at, observer.data);
  return rc ? rc : real (file)->pMethods->xWrite (real (file), data, n, at);
}

static int
fault_truncate (sqlite3_file *file, sqlite3_int64 size)
{
  if (is_observed (((FaultFile *) file)->path))
    observer.truncated (((FaultFile *) file)->path, size, observer.data);
  return real (file)->pMethods->xTruncate (real (file), size);
}

static void
keep_copy (const char *path)
{
  g_autofree char *copy = g_strconcat (path, ".synced", NULL);
  g_autofree char *data = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  g_assert_true (g_file_set_contents_full (copy, data, size, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
}

static int
fault_sync (sqlite3_file *file, int flags)
{
  FaultFile *self = (FaultFile *) file;
  int rc = fault (FAULT_SYNC);

  plan.syncs++;
  if (rc == SQLITE_OK && is_observed (self->path))
    {
      observer.synced (self->path, self->new_name, observer.data);
      self->new_name = FALSE;
      return rc;
    }
  if (rc == SQLITE_OK)
    rc = real (file)->pMethods->xSync (real (file), flags);
  if (rc == SQLITE_OK && plan.keep_synced && self->path)
    keep_copy (self->path);
  return rc;
}

static int
fault_file_size (sqlite3_file *file, sqlite3_int64 *size)
{
  return real (file)->pMethods->xFileSize (real (file), size);
}

static int
fault_lock (sqlite3_file *file, int lock)
{
  return real (file)->pMethods->xLock (real (file), lock);
}

static int
fault_unlock (sqlite3_file *file, int lock)
{
  return real (file)->pMethods->xUnlock (real (file), lock);
}

static int
fault_check_reserved_lock (sqlite3_file *file, int *out)
{
  return real (file)->pMethods->xCheckReservedLock (real (file), out);
}

static int
fault_file_control (sqlite3_file *file, int op, void *arg)
{
  return real (file)->pMethods->xFileControl (real (file), op, arg);
}

static int
fault_sector_size (sqlite3_file *file)
{
  return real (file)->pMethods->xSectorSize (real (file));
}

static int
fault_device_characteristics (sqlite3_file *file)
{
  return real (file)->pMethods->xDeviceCharacteristics (real (file));
}

static int
fault_shm_map (sqlite3_file *file, int page, int size, int extend, void volatile **out)
{
  return real (file)->pMethods->xShmMap (real (file), page, size, extend, out);
}

static int
fault_shm_lock (sqlite3_file *file, int offset, int n, int flags)
{
  return real (file)->pMethods->xShmLock (real (file), offset, n, flags);
}

static void
fault_shm_barrier (sqlite3_file *file)
{
  real (file)->pMethods->xShmBarrier (real (file));
}

static int
fault_shm_unmap (sqlite3_file *file, int delete_it)
{
  return real (file)->pMethods->xShmUnmap (real (file), delete_it);
}

static const sqlite3_io_methods methods = {
  .iVersion = 2,
  .xClose = fault_close,
  .xRead = fault_read,
  .xWrite = fault_write,
  .xTruncate = fault_truncate,
  .xSync = fault_sync,
  .xFileSize = fault_file_size,
  .xLock = fault_lock,
  .xUnlock = fault_unlock,
  .xCheckReservedLock = fault_check_reserved_lock,
  .xFileControl = fault_file_control,
  .xSectorSize = fault_sector_size,
  .xDeviceCharacteristics = fault_device_characteristics,
  .xShmMap = fault_shm_map,
  .xShmLock = fault_shm_lock,
  .xShmBarrier = fault_shm_barrier,
  .xShmUnmap = fault_shm_unmap,
};

static int
fault_open (sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags)
{
  FaultFile *self = (FaultFile *) file;
  int rc;

  memset (self, 0, sizeof *self);
  self->real = (sqlite3_file *) (self + 1);
  rc = real_vfs->xOpen (real_vfs, name, self->real, flags, out_flags);
  if (self->real->pMethods)
    {
      self->base.pMethods = &methods;
      self->path = g_strdup (name);
      self->new_name =
        (flags & SQLITE_OPEN_CREATE) && (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0;
      if (rc == SQLITE_OK && is_observed (name))
        observer.opened (name, observer.data);
    }
  return rc;
}

static int
fault_delete (sqlite3_vfs *vfs, const char *name, int sync_directory)
{
  int rc = real_vfs->xDelete (real_vfs, name, sync_directory);

  if (rc == SQLITE_OK && is_observed (name))
    observer.deleted (name, sync_directory, observer.data);
  return rc;
}

void
fault_vfs_register (void)
{
  real_vfs = sqlite3_vfs_find (NULL);
  fault_vfs = *real_vfs;
  fault_vfs.zName = "fault";
  fault_vfs.szOsFile = sizeof (FaultFile) + real_vfs->szOsFile;
  fault_vfs.pNext = NULL;
  fault_vfs.xOpen = fault_open;
  fault_vfs.xDelete = fault_delete;
  g_assert_cmpint (sqlite3_vfs_register (&fault_vfs, 1), ==, SQLITE_OK);
}

void
fault_vfs_reset (void)
{
  memset (&plan, 0, sizeof plan);
}

void
fault_vfs_fail (FaultKind kind, guint nth, int code)
{
  plan.kind = kind;
  plan.left = nth;
  plan.code = code;
  plan.failed = FALSE;
  plan.once = FALSE;
}

void
fault_vfs_fail_once (FaultKind kind, guint nth, int code)
{
  fault_vfs_fail (kind, nth, code);
  plan.once = TRUE;
}

gboolean
fault_vfs_has_failed (void)
{
  return plan.failed;
}

guint
fault_vfs_writes (void)
{
  return plan.writes;
}

guint
fault_vfs_syncs (void)
{
  return plan.syncs;
}

void
fault_vfs_keep_synced (gboolean on)
{
  plan.keep_synced = on;
}

void
fault_vfs_observe (const FaultObserver *to)
{
  observer = to ? *to : (FaultObserver){ 0 };
}
