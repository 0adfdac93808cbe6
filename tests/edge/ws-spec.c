/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/edge/ws-spec.h"

#include <string.h>

typedef struct
{
  guint8 first;
  gboolean masked, zero_mask;
  int form; /* 0: as it should be, 16, 64 */
  gboolean says;
  guint64 said;
} Frame;

static void
append_text (GByteArray *bytes, const char *text, const char *end)
{
  for (; text < end; text++)
    {
      guint8 byte = (guint8) *text;

      if (*text == '%')
        {
          byte = (guint8) (g_ascii_xdigit_value (text[1]) << 4 | g_ascii_xdigit_value (text[2]));
          text += 2;
        }
      g_byte_array_append (bytes, &byte, 1);
    }
}

static void
append_number (GByteArray *bytes, guint64 number, guint size)
{
  while (size-- > 0)
    {
      guint8 byte = (guint8) (number >> 8 * size);
      g_byte_array_append (bytes, &byte, 1);
    }
}

static void
append_frame (GByteArray *bytes, const Frame *frame, const GByteArray *payload)
{
  static const guint8 masks[2][4] = { { 0x37, 0xfa, 0x21, 0x3d }, { 0, 0, 0, 0 } };
  const guint8 *mask = masks[frame->zero_mask];
  guint64 length = frame->says ? frame->said : payload->len;
  int form = frame->form != 0 ? frame->form : length < 126 ? 0 : length < 65536 ? 16 : 64;

  g_byte_array_append (bytes, &frame->first, 1);
  append_number (bytes, (frame->masked ? 0x80 : 0) | (form == 0 ? length : form == 16 ? 126 : 127), 1);
  append_number (bytes, length, form / 8);
  if (frame->masked)
    g_byte_array_append (bytes, mask, 4);
  for (guint i = 0; i < payload->len; i++)
    {
      guint8 byte = payload->data[i] ^ (frame->masked ? mask[i % 4] : 0);
      g_byte_array_append (bytes, &byte, 1);
    }
}

static void
build_frame (GByteArray *bytes, const char *spec, const char *end)
{
  g_autoptr (GByteArray) payload = g_byte_array_new ();
  Frame frame = { .masked = TRUE };
  guint64 times = 1;

  if (*spec == '{')
    times = g_ascii_strtoull (spec + 1, (char **) &spec, 10), spec++;
  if (*spec == 'x')
    {
      while (times-- > 0)
        append_text (bytes, spec + 2, end);
      return;
    }
  g_assert (*spec == '+' || *spec == '-');
  frame.first = *spec++ == '+' ? 0x80 : 0;
  frame.first |= g_ascii_xdigit_value (*spec++);
  while (spec < end)
    switch (*spec++)
      {
      case 'r':
        frame.first |= (*spec++ - '0') << 4;
        break;
      case 'u':
        frame.masked = FALSE;
        break;
      case 'k':
        frame.zero_mask = TRUE;
        break;
      case 'S':
        frame.form = 16;
        break;
      case 'L':
        frame.form = 64;
        break;
      case '=':
        frame.says = TRUE;
        frame.said = g_ascii_strtoull (spec, (char **) &spec, 10);
        break;
      case '*':
        g_byte_array_set_size (payload, g_ascii_strtoull (spec, (char **) &spec, 10));
        memset (payload->data, 'x', payload->len);
        break;
      case ':':
        append_text (payload, spec, end);
        spec = end;
        break;
      default:
        g_error ("bad frame: %s", spec - 1);
      }
  while (times-- > 0)
    append_frame (bytes, &frame, payload);
}

GByteArray *
ws_build (const char *spec)
{
  GByteArray *bytes = g_byte_array_new ();

  while (*spec != '\0')
    {
      const char *end = strchrnul (spec, '|');

      build_frame (bytes, spec, end);
      spec = *end == '|' ? end + 1 : end;
    }
  return bytes;
}

void
ws_log_bytes (GString *log, const char *data, gsize length)
{
  gsize same = 0;

  while (same < length && data[same] == 'x')
    same++;
  if (length > 40 && same == length)
    {
      log->str[log->len - 1] = '*';
      g_string_append_printf (log, "%" G_GSIZE_FORMAT, length);
      return;
    }
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isprint (data[i]) || data[i] == '%' || data[i] == '|')
      g_string_append_printf (log, "%%%02x", (guint8) data[i]);
    else
      g_string_append_c (log, data[i]);
}

static gboolean
log_event (GString *log, EdgeWsEvent event, const EdgeWsItem *item)
{
  if (log->len > 0)
    g_string_append_c (log, '|');
  /* Whoever is given bytes may count on the NUL. */
  g_assert_cmpint (item->data[item->length], ==, '\0');
  switch (event)
    {
    case EDGE_WS_GOT_TEXT:
      g_assert_true (g_utf8_validate_len (item->data, item->length, NULL) ||
                     memchr (item->data, 0, item->length) != NULL);
      g_string_append (log, "T:");
      break;
    case EDGE_WS_GOT_PING:
      g_string_append (log, "P:");
      break;
    case EDGE_WS_GOT_PONG:
      g_string_append (log, "p:");
      break;
    case EDGE_WS_GOT_CLOSE:
      g_string_append_printf (log, "C%u:", item->code);
      break;
    default:
      g_string_append_printf (log, "X%u", item->code);
      return FALSE;
    }
  ws_log_bytes (log, item->data, item->length);
  return event != EDGE_WS_GOT_CLOSE;
}

/* As the connection does it: a piece is fed until nothing comes of it. Each piece has a block of its own,
 * with the one byte to spare, so that a look outside of it does not go unseen. */
static gboolean
feed_piece (EdgeWsDecoder *decoder, gsize max_message, const guint8 *data, gsize length, GString *log,
            gsize *taken)
{
  g_autofree guint8 *piece = g_malloc (length + 1);
  g_autofree guint8 *before = NULL;
  gboolean goes_on = TRUE;
  gsize used = 0;

  memcpy (piece, data, length);
  piece[length] = 0xa5;
  while (goes_on)
    {
      EdgeWsItem item = { 0 };
      gsize consumed = 0;
      EdgeWsEvent event =
        edge_ws_decoder_next (decoder, max_message, piece + used, length - used, &consumed, &item);

      used += consumed;
      g_assert_cmpuint (used, <=, length);
      if (event == EDGE_WS_GOT_NOTHING)
        {
          g_assert_cmpuint (used, ==, length);
          break;
        }
      goes_on = log_event (log, event, &item);
      edge_ws_decoder_release (decoder);
      /* What is not looked at yet is as it was, the spare byte included. */
      g_assert_cmpint (memcmp (piece + used, data + used, length - used), ==, 0);
      g_assert_cmpint (piece[length], ==, 0xa5);
    }
  *taken += used;
  return goes_on;
}

char *
ws_drive (gconstpointer data, gsize length, gsize max_message, guint32 seed, gsize *taken)
{
  EdgeWsDecoder decoder = { 0 };
  GString *log = g_string_new (NULL);
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  const guint8 *bytes = data;
  gsize at = 0, all = 0;

  while (at < length)
    {
      gsize left = length - at;
      gsize piece = seed == 0 ? left
                    : seed == 1
                      ? 1
                      : (gsize) g_rand_int_range (rand, 1, (gint32) MIN (left, seed % 2 ? 9 : 3000) + 1);

      if (!feed_piece (&decoder, max_message, bytes + at, piece, log, &all))
        break;
      at += piece;
    }
  edge_ws_decoder_clear (&decoder);
  if (taken != NULL)
    *taken = all;
  return g_string_free (log, FALSE);
}
