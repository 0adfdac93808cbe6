/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A terminal in a few words, for lists: name, icon, word. */
#pragma once

#include <gtk/gtk.h>

#include "demo-pos/model/pos-till.h"

G_BEGIN_DECLS

/* online: whether the till is; otherwise nobody knows how its terminals are. */
const char *pos_terminal_icon (TgwTerminal *terminal, gboolean online);
const char *pos_terminal_word (TgwTerminal *terminal, gboolean online);
const char *pos_terminal_style (TgwTerminal *terminal, gboolean online);
/* Rows that follow their terminal. */
GtkListItemFactory *pos_terminal_item_factory_new (PosTill *till);

G_END_DECLS
