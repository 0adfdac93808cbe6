/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Twelve keys, at least 64 px each; telephone-like digits read left to right everywhere. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define POS_TYPE_KEYPAD (pos_keypad_get_type ())
/* ::typed (const char *): “0”…“9”, “00”, or “back”. */
G_DECLARE_FINAL_TYPE (PosKeypad, pos_keypad, POS, KEYPAD, AdwBin)

G_END_DECLS
