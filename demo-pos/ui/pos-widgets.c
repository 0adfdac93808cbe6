/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo-pos/ui/pos-widgets.h"

void
pos_set_style (GtkWidget *widget, const char *style)
{
  static const char *const styles[] = { "success", "error", "warning", "accent", "dim-status" };

  for (gsize i = 0; i < G_N_ELEMENTS (styles); i++)
    if (style != NULL && g_str_equal (styles[i], style))
      gtk_widget_add_css_class (widget, styles[i]);
    else
      gtk_widget_remove_css_class (widget, styles[i]);
}

void
pos_stack_show (GtkWidget *stack, const char *name)
{
  GtkWidget *shown = gtk_stack_get_child_by_name (GTK_STACK (stack), name);

  gtk_widget_set_visible (shown, TRUE);
  gtk_stack_set_visible_child (GTK_STACK (stack), shown);
  for (GtkWidget *child = gtk_widget_get_first_child (stack); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    gtk_widget_set_visible (child, child == shown);
}

char *
pos_in_order (char *line)
{
  g_autoptr (GString) marked = NULL;

  if (gtk_widget_get_default_direction () != GTK_TEXT_DIR_RTL)
    return line;
  marked = g_string_new (line);
  g_string_prepend (marked, "\u200f");
  g_string_replace (marked, "·", "·\u200f", 0);
  g_free (line);
  return g_string_free (g_steal_pointer (&marked), FALSE);
}

void
pos_label_set (GtkWidget *label, const char *text)
{
  if (text == NULL)
    text = "";
  /* A screen reader is told of every change, and only of changes. */
  if (g_strcmp0 (gtk_label_get_label (GTK_LABEL (label)), text) != 0)
    gtk_label_set_label (GTK_LABEL (label), text);
  gtk_widget_set_visible (label, text[0] != '\0');
}
