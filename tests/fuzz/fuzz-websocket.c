/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whatever we accept must mean the same to libwslay, whatever we refuse must be refused there (ws-reference.h
 * says where not), and where the input is cut must change nothing. The first byte picks the cap, the cuts,
 * and whether the rest is the stream itself or a recipe for frames that are mostly well formed, so that
 * mutations get behind the header. */
#include "tests/edge/ws-reference.h"
#include "tests/edge/ws-spec.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

#define RECIPE 0x80

/* first byte, payload length (0xff: 16 more bits), payload, and so on */
static GByteArray *
cook (const uint8_t *data, size_t size)
{
  static const guint8 mask[4] = { 0x5a, 0x00, 0xff, 0x81 };
  GByteArray *stream = g_byte_array_new ();
  size_t at = 0;

  while (at + 2 <= size)
    {
      guint8 first = data[at], header[14];
      gsize length = data[at + 1], n;

      at += 2;
      if (length == 0xff && at + 2 <= size)
        {
          length = data[at] << 8 | data[at + 1];
          at += 2;
        }
      length = MIN (length, size - at);
      n = edge_ws_write_header (header, EDGE_WS_TEXT, length);
      header[0] = first;
      header[1] |= 0x80;
      memcpy (header + n, mask, 4);
      g_byte_array_append (stream, header, n + 4);
      for (gsize i = 0; i < length; i++)
        {
          guint8 byte = data[at + i] ^ mask[i % 4];
          g_byte_array_append (stream, &byte, 1);
        }
      at += length;
    }
  return stream;
}

static gboolean
ends_in_fault (const char *events)
{
  const char *last = strrchr (events, '|');

  return (last != NULL ? last + 1 : events)[0] == 'X';
}

/* wslay looks into a close frame before it is whole, we do not. Whatever follows, we have to refuse it too
 * then. */
static char *
drive_to_the_end (const GByteArray *stream, gsize cap)
{
  g_autoptr (GByteArray) longer = g_byte_array_new ();

  g_byte_array_append (longer, stream->data, stream->len);
  g_byte_array_set_size (longer, stream->len + 125);
  memset (longer->data + stream->len, 0, 125);
  return ws_drive (longer->data, longer->len, cap, 0, NULL);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const gsize caps[] = { 65536, 1000, 300, 125 };
  g_autoptr (GByteArray) stream = NULL;
  g_autofree char *whole = NULL, *bytes = NULL, *pieces = NULL, *theirs = NULL, *difference = NULL;
  gsize cap;

  if (size < 1)
    return 0;
  cap = caps[data[0] & 3];
  if ((data[0] & RECIPE) != 0)
    stream = cook (data + 1, size - 1);
  else
    {
      stream = g_byte_array_new ();
      g_byte_array_append (stream, data + 1, (guint) size - 1);
    }

  whole = ws_drive (stream->data, stream->len, cap, 0, NULL);
  bytes = ws_drive (stream->data, stream->len, cap, 1, NULL);
  pieces = ws_drive (stream->data, stream->len, cap, 2u + data[0], NULL);
  g_assert_cmpstr (whole, ==, bytes);
  g_assert_cmpstr (whole, ==, pieces);

  theirs = ws_reference_drive (stream->data, stream->len, cap);
  if (ends_in_fault (theirs) && !ends_in_fault (whole))
    {
      g_free (whole);
      whole = drive_to_the_end (stream, cap);
    }
  difference = ws_reference_compare (whole, theirs);
  g_assert_cmpstr (difference, ==, NULL);
  return 0;
}
