/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A page that has just come up takes no press that was meant for the one before it. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* From the first frame of the page; who reads it presses later than that. */
#define POS_GUARD_MS 500

typedef struct
{
  guint tick; /* 0: the page may be used */
  gint64 since;
  void (*ended) (GtkWidget *page);
} PosGuard;

/* Begins anew if it is on already. ended is called when the page may be used. */
void pos_guard_begin (PosGuard *guard, GtkWidget *page, void (*ended) (GtkWidget *page));
gboolean pos_guard_is_on (const PosGuard *guard);

G_END_DECLS
