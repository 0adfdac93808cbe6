/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes that wait: input that is still partial, output that the kernel did not take. NULL is the empty
 * buffer, so that who waits for nothing pays one pointer. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _EdgeBuffer EdgeBuffer;

gsize edge_buffer_length (const EdgeBuffer *buffer);
/* One more byte behind the length is writable. */
guint8 *edge_buffer_data (EdgeBuffer *buffer);
/* Creates *buffer when it is NULL. */
void edge_buffer_append (EdgeBuffer **buffer, gconstpointer data, gsize length);
/* Takes bytes off the front; the last one frees it. */
void edge_buffer_consume (EdgeBuffer **buffer, gsize length);
void edge_buffer_clear (EdgeBuffer **buffer);

G_END_DECLS
