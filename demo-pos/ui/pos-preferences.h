/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define POS_TYPE_PREFERENCES (pos_preferences_get_type ())
G_DECLARE_FINAL_TYPE (PosPreferences, pos_preferences, POS, PREFERENCES, AdwPreferencesWindow)

GtkWidget *pos_preferences_new (GtkWindow *parent, GSettings *settings);

G_END_DECLS
