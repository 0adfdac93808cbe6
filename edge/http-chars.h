/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The character classes of RFC 9110 and 9112 as one table. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

enum
{
  EDGE_CHAR_TOKEN = 1 << 0,  /* tchar */
  EDGE_CHAR_VALUE = 1 << 1,  /* visible ASCII, space, tab, and bytes from 0x80 (obs-text) */
  EDGE_CHAR_TARGET = 1 << 2, /* visible ASCII but "#" */
  EDGE_CHAR_HEX = 1 << 3,
  EDGE_CHAR_HOST = 1 << 4, /* unreserved */
  EDGE_CHAR_DIGIT = 1 << 5,
  EDGE_CHAR_UPPER = 1 << 6,
  EDGE_CHAR_BASE64 = 1 << 7 /* without "=" */
};

extern const guint8 edge_http_chars[256];

static inline gboolean
edge_char_is (char c, guint classes)
{
  return (edge_http_chars[(guint8) c] & classes) != 0;
}

/* Are all of these length bytes of the classes? */
static inline gboolean
edge_chars_are (const char *text, gsize length, guint classes)
{
  guint all = classes;

  for (gsize i = 0; i < length; i++)
    all &= edge_http_chars[(guint8) text[i]];
  return all == classes;
}

G_END_DECLS
