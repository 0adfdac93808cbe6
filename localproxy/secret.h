/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The API key: from a file that only its owner can read, or from systemd; and a process that tells nobody. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* No core dump, no ptrace by the same user, no look through /proc. */
void lp_secret_harden (void);
/* path NULL: $CREDENTIALS_DIRECTORY/api-key. The two are to be given to lp_secret_clear(). */
gboolean lp_secret_load (const char *path, char **api_key, char **api_secret, GError **error);
void lp_secret_clear (char **secret);
/* Random bytes as text of the URL-safe base64 alphabet. */
char *lp_secret_new (void);
/* SHA-256, and a comparison that takes the same time wherever they differ. */
void lp_secret_hash (const char *text, guint8 hash[32]);
gboolean lp_secret_same (const guint8 *a, const guint8 *b, gsize length);

G_END_DECLS
