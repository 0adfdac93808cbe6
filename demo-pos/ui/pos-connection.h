/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From an address and a key to a till that runs: what set-up asks for, what was remembered, what the command
 * line says. Only what has worked once is remembered. */
#pragma once

#include "demo-pos/model/pos-till.h"
#include "demo-pos/ui/pos-setup-page.h"

G_BEGIN_DECLS

#define POS_TYPE_CONNECTION (pos_connection_get_type ())
/* ::not-kept (const char *reason): the till runs with its key file, which the keyring did not take. */
G_DECLARE_FINAL_TYPE (PosConnection, pos_connection, POS, CONNECTION, GObject)

PosConnection *pos_connection_new (PosTill *till, GSettings *settings, PosSetupPage *page);
/* With what worked before; "" as the key file: the keyring has it. FALSE: the set-up page says why. */
gboolean pos_connection_open (PosConnection *self, const char *address, const char *key_file);
/* Whatever is under way is forgotten. */
void pos_connection_cancel (PosConnection *self);

G_END_DECLS
