/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A disk that remembers the order of everything that was done to it, and so can tell what a power cut at any
 * moment may have left: all that was synced, and of the rest any part, sector by sector. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _Disk Disk;

typedef enum
{
  DISK_LOSES_ALL,     /* that was not synced */
  DISK_LOSES_NOTHING, /* the machine only stopped */
  DISK_LOSES_SECTORS, /* any, in any order */
  DISK_TEARS_LAST,    /* the last write stops halfway */
  DISK_N_LOSSES
} DiskLoss;

/* Of the files in dir, which are what is surely on it. One at a time; needs fault_vfs_register(). */
Disk *disk_new (const char *dir);
/* Only what was recorded is left. */
void disk_stop (Disk *disk);
void disk_free (Disk *disk);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Disk, disk_free)

/* Writes, syncs and the like so far: there are so many cut points and one more. */
guint disk_n_events (Disk *disk);
guint disk_n_syncs (Disk *disk);

/* Cuts come in rising order. to_dir is emptied, and filled with what is left after the first n events. */
void disk_cut (Disk *disk, guint n, DiskLoss loss, GRand *rand, const char *to_dir);

G_END_DECLS
