/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names on the wire (deviceId, connectionId, transactionId: 1-64 of A-Z a-z 0-9 . _ : -, first a letter or
 * digit) and fresh ones. Randomness comes from the caller. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define TGP_UUID_SIZE 37
#define TGP_ID_MAX    64

gboolean tgp_id_valid (const char *id, gsize length);
/* connectionId: any mix of the alphabet, the first character too. */
gboolean tgp_connection_id_valid (const char *id, gsize length);

/* RFC 9562 UUIDv7, lower case. */
char *tgp_uuid7_format (gint64 ms, const guint8 random[10], char buffer[TGP_UUID_SIZE]);

G_END_DECLS
