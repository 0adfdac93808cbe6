/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateway/store/memory-table.h"

static int
compare_rows (gconstpointer a, gconstpointer b, gpointer compare)
{
  return ((GCompareFunc) compare) (a, b);
}

void
gw_memory_table_init (GwMemoryTable *table, const GwMemoryTableClass *klass)
{
  table->klass = klass;
  for (guint i = 0; i < GW_MEMORY_MAX_INDEXES && klass->indexes[i].compare; i++)
    table->trees[i] = g_tree_new_full (compare_rows, (gpointer) klass->indexes[i].compare, NULL, NULL);
}

void
gw_memory_table_clear (GwMemoryTable *table)
{
  for (GTreeNode *node = g_tree_node_first (table->trees[0]); node; node = g_tree_node_next (node))
    table->klass->unref (g_tree_node_value (node));
  for (guint i = 0; i < GW_MEMORY_MAX_INDEXES; i++)
    g_clear_pointer (&table->trees[i], g_tree_unref);
}

gpointer
gw_memory_table_find (GwMemoryTable *table, guint index, gconstpointer probe)
{
  return g_tree_lookup (table->trees[index], probe);
}

GTreeNode *
gw_memory_table_from (GwMemoryTable *table, guint index, gconstpointer probe)
{
  return g_tree_lower_bound (table->trees[index], probe);
}

GTreeNode *
gw_memory_table_first (GwMemoryTable *table, guint index)
{
  return g_tree_node_first (table->trees[index]);
}

gpointer
gw_memory_table_last (GwMemoryTable *table, guint index)
{
  GTreeNode *node = g_tree_node_last (table->trees[index]);

  return node ? g_tree_node_value (node) : NULL;
}

static gboolean
is_covered (const GwMemoryTable *table, guint index, gconstpointer row)
{
  const GwMemoryIndex *of = &table->klass->indexes[index];

  return row && (!of->covers || of->covers (row));
}

gboolean
gw_memory_table_change (GwMemoryTable *table, gpointer old_row, gpointer new_row)
{
  for (guint i = 0; i < GW_MEMORY_MAX_INDEXES && table->trees[i]; i++)
    if (is_covered (table, i, new_row))
      {
        gpointer there = g_tree_lookup (table->trees[i], new_row);

        if (there && there != old_row)
          return FALSE;
      }

  if (new_row)
    table->klass->ref (new_row);
  for (guint i = 0; i < GW_MEMORY_MAX_INDEXES && table->trees[i]; i++)
    {
      if (is_covered (table, i, old_row))
        g_tree_remove (table->trees[i], old_row);
      if (is_covered (table, i, new_row))
        g_tree_insert (table->trees[i], new_row, new_row);
    }
  if (old_row)
    table->klass->unref (old_row);
  return TRUE;
}
