/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A terminal in a few words, for lists: name, icon, word. */
#pragma once

#include <gtk/gtk.h>

#include "libtgwclient/tgwclient.h"

G_BEGIN_DECLS

const char *pos_terminal_icon (TgwTerminal *terminal);
const char *pos_terminal_word (TgwTerminal *terminal);
const char *pos_terminal_style (TgwTerminal *terminal);
/* Rows that follow their terminal. */
GtkListItemFactory *pos_terminal_item_factory_new (void);

G_END_DECLS
