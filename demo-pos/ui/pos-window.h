/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The window: one of the till's views, and what keyboard and number pad do in it. */
#pragma once

#include <adwaita.h>

#include "demo-pos/model/pos-till.h"
#include "demo-pos/ui/pos-setup-page.h"

G_BEGIN_DECLS

#define POS_TYPE_WINDOW (pos_window_get_type ())
G_DECLARE_FINAL_TYPE (PosWindow, pos_window, POS, WINDOW, AdwApplicationWindow)

PosWindow *pos_window_new (GtkApplication *application, PosTill *till, GSettings *settings);
PosSetupPage *pos_window_get_setup (PosWindow *self);
void pos_window_set_guided (PosWindow *self, gboolean guided);

G_END_DECLS
