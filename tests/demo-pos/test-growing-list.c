/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whoever follows a growing list by its signals has what is in it, whatever happens to the list behind it. */
#include "demo-pos/ui/pos-growing-list.h"

static void
on_items_changed (GListModel *list, guint position, guint removed, guint added, GPtrArray *copy)
{
  g_assert_cmpuint (position + removed, <=, copy->len);
  if (removed > 0)
    g_ptr_array_remove_range (copy, position, removed);
  for (guint i = 0; i < added; i++)
    g_ptr_array_insert (copy, (int) (position + i), g_list_model_get_item (list, position + i));
}

static void
compare (GListModel *list, GListModel *whole, GPtrArray *copy)
{
  g_assert_cmpuint (g_list_model_get_n_items (list), ==, copy->len);
  g_assert_cmpuint (copy->len, <=, g_list_model_get_n_items (whole));
  for (guint i = 0; i < copy->len; i++)
    {
      g_autoptr (GObject) item = g_list_model_get_item (whole, i);

      g_assert_true (item == copy->pdata[i]);
    }
}

static GListStore *
store_new (guint n)
{
  GListStore *store = g_list_store_new (G_TYPE_OBJECT);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GObject) item = g_object_new (G_TYPE_OBJECT, NULL);

      g_list_store_append (store, item);
    }
  return store;
}

static void
test_any_change (void)
{
  for (guint round = 0; round < 300; round++)
    {
      g_autoptr (PosGrowingList) list = pos_growing_list_new ();
      g_autoptr (GListStore) first = store_new ((guint) g_test_rand_int_range (0, 100)),
                             second = store_new (50);
      g_autoptr (GPtrArray) copy = g_ptr_array_new_with_free_func (g_object_unref);

      g_signal_connect (list, "items-changed", G_CALLBACK (on_items_changed), copy);
      g_assert_true (pos_growing_list_set_model (list, G_LIST_MODEL (first)));
      g_assert_false (pos_growing_list_set_model (list, G_LIST_MODEL (first)));
      compare (G_LIST_MODEL (list), G_LIST_MODEL (first), copy);
      for (guint i = 0; i < 30; i++)
        {
          guint n = g_list_model_get_n_items (G_LIST_MODEL (first));
          guint position = (guint) g_test_rand_int_range (0, (int) n + 1);
          guint removed = (guint) g_test_rand_int_range (0, (int) MIN (n - position, 40) + 1);
          guint added = (guint) g_test_rand_int_range (0, 40);
          g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);

          for (guint j = 0; j < added; j++)
            g_ptr_array_add (items, g_object_new (G_TYPE_OBJECT, NULL));
          g_list_store_splice (first, position, removed, items->pdata, added);
          compare (G_LIST_MODEL (list), G_LIST_MODEL (first), copy);
          if (i % 10 == 9)
            pos_growing_list_grow (list);
          compare (G_LIST_MODEL (list), G_LIST_MODEL (first), copy);
        }
      while (pos_growing_list_grow (list))
        ;
      g_assert_cmpuint (copy->len, ==, g_list_model_get_n_items (G_LIST_MODEL (first)));
      g_assert_true (pos_growing_list_set_model (list, G_LIST_MODEL (second)));
      compare (G_LIST_MODEL (list), G_LIST_MODEL (second), copy);
      g_assert_cmpuint (copy->len, <, 50);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pos/growing-list", test_any_change);
  return g_test_run ();
}
