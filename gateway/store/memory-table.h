/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One table of the memory adapter: shared rows under any number of ordered indexes, every change undoable.
 * Ordered trees rather than hash tables, so that whatever walks a table does it in the same order in every
 * run. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define GW_MEMORY_MAX_INDEXES 6

typedef struct
{
  /* Of two rows. Where it says 0 the index allows only one of them. */
  GCompareFunc compare;
  gboolean (*covers) (gconstpointer row); /* NULL: every row */
} GwMemoryIndex;

typedef struct
{
  const char *name;
  gpointer (*ref) (gpointer row);
  void (*unref) (gpointer row);
  GwMemoryIndex indexes[GW_MEMORY_MAX_INDEXES]; /* the first one covers every row */
} GwMemoryTableClass;

typedef struct
{
  const GwMemoryTableClass *klass;
  GTree *trees[GW_MEMORY_MAX_INDEXES];
} GwMemoryTable;

void gw_memory_table_init (GwMemoryTable *table, const GwMemoryTableClass *klass);
void gw_memory_table_clear (GwMemoryTable *table);

/* A probe is a row with only the members filled that the index compares. */
gpointer gw_memory_table_find (GwMemoryTable *table, guint index, gconstpointer probe);
/* The first row that is not before the probe; the last row of all. NULL when there is none. */
GTreeNode *gw_memory_table_from (GwMemoryTable *table, guint index, gconstpointer probe);
GTreeNode *gw_memory_table_first (GwMemoryTable *table, guint index);
gpointer gw_memory_table_last (GwMemoryTable *table, guint index);

/* Takes old out and puts new in; either may be NULL. FALSE, and nothing changed, if new meets another row in
 * an index. */
gboolean gw_memory_table_change (GwMemoryTable *table, gpointer old_row, gpointer new_row);

G_END_DECLS
