/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The GTK example as it is, and a look at its window from inside: whenever what it shows changes, the labels
 * are printed, and a picture of the window is saved. Arguments: those of the example, then the picture. */
int example_main (int argc, char **argv);

#define main example_main
#include "examples/gtk/terminals.c"
#undef main

static const char *picture;
static char *shown; /* what was printed last */

static void
gather (GtkWidget *widget, GString *text)
{
  if (!gtk_widget_get_mapped (widget))
    return;
  if (GTK_IS_LABEL (widget))
    g_string_append_printf (text, "%s|", gtk_label_get_text (GTK_LABEL (widget)));
  else if (GTK_IS_IMAGE (widget))
    g_string_append_printf (text, "%s|", gtk_image_get_icon_name (GTK_IMAGE (widget)));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    gather (child, text);
}

/* FALSE: nothing has been drawn yet. */
static gboolean
save (GtkWidget *window)
{
  GdkPaintable *paintable = gtk_widget_paintable_new (window);
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  GskRenderer *renderer = gtk_native_get_renderer (GTK_NATIVE (window));
  g_autoptr (GskRenderNode) node = NULL;
  g_autoptr (GdkTexture) texture = NULL;

  gdk_paintable_snapshot (paintable, snapshot, gtk_widget_get_width (window), gtk_widget_get_height (window));
  node = gtk_snapshot_free_to_node (snapshot);
  if (node != NULL)
    {
      texture = gsk_renderer_render_texture (renderer, node, NULL);
      g_assert_true (gdk_texture_save_to_png (texture, picture));
    }
  g_object_unref (paintable);
  return node != NULL;
}

static gboolean
on_tick (gpointer data)
{
  GListModel *windows = gtk_window_get_toplevels ();
  g_autoptr (GtkWidget) window = g_list_model_get_item (windows, 0);
  g_autoptr (GString) text = g_string_new (NULL);

  if (window == NULL)
    return G_SOURCE_CONTINUE;
  gather (gtk_window_get_child (GTK_WINDOW (window)), text);
  if (g_strcmp0 (shown, text->str) == 0 || !save (window))
    return G_SOURCE_CONTINUE;
  g_free (shown);
  shown = g_strdup (text->str);
  g_print ("%s\n", text->str);
  return G_SOURCE_CONTINUE;
}

int
main (int argc, char **argv)
{
  picture = argv[3];
  g_timeout_add (20, on_tick, NULL);
  return example_main (3, argv);
}
