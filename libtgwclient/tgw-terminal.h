/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

#include "libtgwclient/tgw-enums.h"

G_BEGIN_DECLS

#define TGW_TYPE_TERMINAL (tgw_terminal_get_type ())

TGW_AVAILABLE_IN_0_1
G_DECLARE_FINAL_TYPE (TgwTerminal, tgw_terminal, TGW, TERMINAL, GObject)

TGW_AVAILABLE_IN_0_1
const char *tgw_terminal_get_terminal_id (TgwTerminal *self);

TGW_AVAILABLE_IN_0_1
const char *tgw_terminal_get_device_id (TgwTerminal *self);

TGW_AVAILABLE_IN_0_1
const char *tgw_terminal_get_connection_id (TgwTerminal *self);

TGW_AVAILABLE_IN_0_1
TgwTerminalStatus tgw_terminal_get_status (TgwTerminal *self);

TGW_AVAILABLE_IN_0_1
gboolean tgw_terminal_get_busy (TgwTerminal *self);

TGW_AVAILABLE_IN_0_1
GDateTime *tgw_terminal_get_connected_at (TgwTerminal *self);

TGW_AVAILABLE_IN_0_1
GDateTime *tgw_terminal_get_last_activity (TgwTerminal *self);

TGW_AVAILABLE_IN_0_1
GDateTime *tgw_terminal_get_grace_deadline (TgwTerminal *self);

TGW_AVAILABLE_IN_0_1
const char *tgw_terminal_get_metadata (TgwTerminal *self);

G_END_DECLS
