/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What several pages do with their widgets. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Replaces whichever status class the widget has. */
void pos_set_style (GtkWidget *widget, const char *style);
/* Shows that child of a stack and hides the others: this version of GTK tells a screen reader of every page
 * of a stack, but not of what is hidden. */
void pos_stack_show (GtkWidget *stack, const char *name);
/* An empty one takes no room. */
void pos_label_set (GtkWidget *label, const char *text);
/* Takes a line and gives it back so that it and its parts, with “·” between, run as the window does: also
 * with a terminal's Latin name in it. */
char *pos_in_order (char *line);

G_END_DECLS
