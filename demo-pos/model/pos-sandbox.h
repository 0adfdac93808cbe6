/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A gateway and two simulated terminals of its own: “tgwctl sandbox”, ended with this object or with the
 * program, however that ends. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define POS_TYPE_SANDBOX (pos_sandbox_get_type ())
G_DECLARE_FINAL_TYPE (PosSandbox, pos_sandbox, POS, SANDBOX, GObject)

/* folder: kept, and used again; NULL: a temporary one. */
PosSandbox *pos_sandbox_new (const char *folder);
void pos_sandbox_start_async (PosSandbox *self, GAsyncReadyCallback callback, gpointer user_data);
gboolean pos_sandbox_start_finish (PosSandbox *self, GAsyncResult *result, GError **error);
void pos_sandbox_stop (PosSandbox *self);
/* Once it is ready. */
const char *pos_sandbox_get_gateway_url (PosSandbox *self);
const char *pos_sandbox_get_key_file (PosSandbox *self);
const char *pos_sandbox_get_state_folder (PosSandbox *self);

G_END_DECLS
