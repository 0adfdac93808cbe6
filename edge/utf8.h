/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UTF-8 judged as it arrives, cut anywhere, refused at the first byte that cannot be right (RFC 3629). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Zero-initialised: between characters. */
typedef struct
{
  guint8 missing;         /* bytes of the character in hand */
  guint8 lowest, highest; /* what the next of them may be */
} EdgeUtf8;

gboolean edge_utf8_feed (EdgeUtf8 *utf8, const guint8 *bytes, gsize length);
/* No character is left half. */
static inline gboolean
edge_utf8_is_whole (const EdgeUtf8 *utf8)
{
  return utf8->missing == 0;
}

G_END_DECLS
