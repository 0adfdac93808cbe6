/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A terminal: status by icon, word and colour, last seen, model, and what became of its payment. */
#pragma once

#include <adwaita.h>

#include "demo-pos/model/pos-till.h"

G_BEGIN_DECLS

#define POS_TYPE_TERMINAL_ROW (pos_terminal_row_get_type ())
G_DECLARE_FINAL_TYPE (PosTerminalRow, pos_terminal_row, POS, TERMINAL_ROW, GtkListBoxRow)

GtkWidget *pos_terminal_row_new (TgwTerminal *terminal, PosTill *till);

G_END_DECLS
