/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libtgwclient/tgw-terminal.h"
#include "protocol/pos-event.h"

G_BEGIN_DECLS

TgwTerminal *tgw_terminal_new (const TgpTerminalInfo *info);
/* Whether anything changed. */
gboolean tgw_terminal_update (TgwTerminal *self, const TgpTerminalInfo *info);
/* The gateway does not list it any more. */
gboolean tgw_terminal_gone (TgwTerminal *self);

G_END_DECLS
