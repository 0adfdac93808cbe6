/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the API key comes from: a key file, or the keyring where this program is built with one. The keyring
 * may ask the user for its password, so it is never waited for. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

gboolean pos_key_has_keyring (void);
/* The key file as the operator's tool printed it. */
gboolean pos_key_load_file (const char *path, char **api_key, char **api_secret, GError **error);
/* Errors say what to do. */
void pos_key_load_keyring_async (const char *address, GCancellable *cancellable, GAsyncReadyCallback callback,
                                 gpointer user_data);
gboolean pos_key_load_keyring_finish (GAsyncResult *result, char **api_key, char **api_secret,
                                      GError **error);
void pos_key_store_keyring_async (const char *address, const char *api_key, const char *api_secret,
                                  GCancellable *cancellable, GAsyncReadyCallback callback,
                                  gpointer user_data);
gboolean pos_key_store_keyring_finish (GAsyncResult *result, GError **error);

G_END_DECLS
