/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A disk that does as it is told: SQLite's own, but counted, failing at the write or sync that a test names,
 * and with a copy of every file as it was at its last sync, which is what a power cut leaves at the least. */
#pragma once

#include <glib.h>
#include <sqlite3.h>

typedef enum
{
  FAULT_NONE,
  FAULT_WRITE, /* the nth write from now fails, and all after it */
  FAULT_SYNC   /* likewise */
} FaultKind;

/* Makes it the default one; once in a program. */
void fault_vfs_register (void);
void fault_vfs_reset (void);
void fault_vfs_fail (FaultKind kind, guint nth, int code);
/* Only the nth, and then the disk is well again. */
void fault_vfs_fail_once (FaultKind kind, guint nth, int code);
/* Did the fault happen? */
gboolean fault_vfs_has_failed (void);
guint fault_vfs_writes (void);
guint fault_vfs_syncs (void);
/* While on, PATH.synced is what of PATH is surely on the disk. */
void fault_vfs_keep_synced (gboolean on);

/* Hears of everything that would change the disk, in order, for files whose path starts with `prefix`. While
 * there is one, syncs of these files are only told: what they are worth is then the observer's business. */
typedef struct
{
  const char *prefix;
  void (*opened) (const char *path, gpointer data); /* made, if it was not there */
  void (*written) (const char *path, gconstpointer bytes, gsize n, gsize at, gpointer data);
  void (*truncated) (const char *path, gsize size, gpointer data);
  void (*synced) (const char *path, gboolean directory, gpointer data); /* and the folder that it is in */
  void (*deleted) (const char *path, gboolean directory, gpointer data);
  gpointer data;
} FaultObserver;

void fault_vfs_observe (const FaultObserver *observer); /* nullable */
