/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the API key comes from: a key file, or the keyring where this program is built with one. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean pos_key_has_keyring (void);
/* The key file as the operator's tool printed it. */
gboolean pos_key_load_file (const char *path, char **api_key, char **api_secret, GError **error);
gboolean pos_key_load_keyring (const char *address, char **api_key, char **api_secret, GError **error);
gboolean pos_key_store_keyring (const char *address, const char *api_key, const char *api_secret,
                                GError **error);

G_END_DECLS
