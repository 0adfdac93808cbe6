/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "edge/websocket.h"

#include <string.h>

#define FIN                 0x80
#define RESERVED            0x70
#define OPCODE              0x0f
#define MASKED              0x80
#define LENGTH              0x7f
#define MAX_CONTROL         125
#define MAX_EMPTY_FRAGMENTS 64 /* a message of nothing but those would never end */

static EdgeWsEvent
fault (EdgeWsDecoder *decoder, EdgeWsItem *item, guint16 code, const char *what)
{
  decoder->finished = TRUE;
  item->code = code;
  item->data = what;
  item->length = strlen (what);
  return EDGE_WS_GOT_FAULT;
}

void
edge_ws_decoder_release (EdgeWsDecoder *decoder)
{
  if (decoder->borrowed != NULL)
    *decoder->borrowed = decoder->borrowed_byte;
  decoder->borrowed = NULL;
  if (decoder->delivered_message)
    edge_buffer_clear (&decoder->message);
  if (decoder->delivered_control)
    edge_buffer_clear (&decoder->control);
  decoder->delivered_message = decoder->delivered_control = FALSE;
}

void
edge_ws_decoder_clear (EdgeWsDecoder *decoder)
{
  edge_buffer_clear (&decoder->message);
  edge_buffer_clear (&decoder->control);
  memset (decoder, 0, sizeof *decoder);
}

gboolean
edge_ws_is_close_code (guint code)
{
  if (code >= 3000)
    return code <= 4999;
  return code >= 1000 && code <= 1014 && !(code >= 1004 && code <= 1006);
}

static inline gboolean
is_control (guint8 first)
{
  return (first & 0x08) != 0;
}

static const char *
judge_first (const EdgeWsDecoder *decoder, guint8 first, guint16 *code)
{
  *code = 1002;
  if ((first & RESERVED) != 0)
    return "a reserved bit is set";
  switch (first & OPCODE)
    {
    case EDGE_WS_CLOSE:
    case EDGE_WS_PING:
    case EDGE_WS_PONG:
      return (first & FIN) != 0 ? NULL : "a control frame is fragmented";
    case EDGE_WS_CONTINUATION:
      return decoder->in_message ? NULL : "there is nothing to continue";
    case EDGE_WS_TEXT:
      return decoder->in_message ? "a message begins inside of another one" : NULL;
    case EDGE_WS_BINARY:
      if (decoder->in_message)
        return "a message begins inside of another one";
      *code = 1003;
      return "only text is accepted";
    default:
      return "unknown opcode";
    }
}

static const char *
judge_second (guint8 first, guint8 second, guint16 *code)
{
  *code = 1002;
  if ((second & MASKED) == 0)
    return "a frame is not masked";
  if (is_control (first) && (second & LENGTH) > MAX_CONTROL)
    return "a control frame is too long";
  return NULL;
}

static const char *
judge_length (EdgeWsDecoder *decoder, guint64 length, gsize max_message, guint16 *code)
{
  guint8 form = decoder->header[1] & LENGTH;
  guint64 before = decoder->in_message ? edge_buffer_length (decoder->message) : 0;

  *code = 1002;
  if ((form == 126 && length < 126) || (form == 127 && (length <= 0xffff || length >> 63 != 0)))
    return "a length is not in its shortest form";
  *code = 1009;
  if (!is_control (decoder->header[0]) &&
      (length > G_MAXINT32 || before + length > (max_message == 0 ? G_MAXINT32 : max_message)))
    return "a message is too long";
  *code = 1008;
  if (length > 0 || is_control (decoder->header[0]) || (decoder->header[0] & FIN) != 0)
    return NULL;
  return ++decoder->empty_fragments > MAX_EMPTY_FRAGMENTS ? "too many empty fragments" : NULL;
}

static guint
header_size (const EdgeWsDecoder *decoder)
{
  guint8 form;

  if (decoder->header_length < 2)
    return 2;
  form = decoder->header[1] & LENGTH;
  return 6 + (form == 126 ? 2 : form == 127 ? 8 : 0);
}

/* Byte by byte, so that a fault is seen at the byte that is it. */
static const char *
take_header (EdgeWsDecoder *decoder, gsize max_message, const guint8 *data, gsize length, gsize *taken,
             guint16 *code)
{
  const char *what = NULL;
  guint64 payload;
  guint extra;

  while (*taken < length && decoder->header_length < header_size (decoder))
    {
      decoder->header[decoder->header_length++] = data[(*taken)++];
      if (decoder->header_length == 1)
        what = judge_first (decoder, decoder->header[0], code);
      else if (decoder->header_length == 2)
        what = judge_second (decoder->header[0], decoder->header[1], code);
      if (what != NULL)
        return what;
    }
  if (decoder->header_length < header_size (decoder))
    return NULL;

  extra = decoder->header_length - 6;
  payload = extra == 0 ? decoder->header[1] & LENGTH : 0;
  for (guint i = 0; i < extra; i++)
    payload = payload << 8 | decoder->header[2 + i];
  what = judge_length (decoder, payload, max_message, code);
  if (what != NULL)
    return what;
  memcpy (&decoder->mask, decoder->header + 2 + extra, 4);
  decoder->remaining = (guint32) payload;
  decoder->in_payload = TRUE;
  return NULL;
}

static void
unmask (EdgeWsDecoder *decoder, guint8 *data, gsize length)
{
  guint64 mask = (guint64) decoder->mask << 32 | decoder->mask;
  guint8 bytes[8];
  gsize i = 0;

  for (; i + 8 <= length; i += 8)
    {
      guint64 word;

      memcpy (&word, data + i, 8);
      word ^= mask;
      memcpy (data + i, &word, 8);
    }
  memcpy (bytes, &mask, 8);
  for (gsize rest = i; rest < length; rest++)
    data[rest] ^= bytes[rest - i];
  /* Where the next part of the payload begins. */
  memcpy (&decoder->mask, bytes + length % 4, 4);
}

static void
borrow_nul (EdgeWsDecoder *decoder, guint8 *at)
{
  decoder->borrowed = at;
  decoder->borrowed_byte = *at;
  *at = '\0';
}

/* What came in one piece is handed out where it lies. */
static void
give (EdgeWsDecoder *decoder, EdgeWsItem *item, EdgeBuffer *kept, guint8 *data, gsize length)
{
  item->length = kept != NULL ? edge_buffer_length (kept) : length;
  if (item->length == 0)
    {
      item->data = "";
      return;
    }
  if (kept == NULL)
    borrow_nul (decoder, data + length);
  else
    {
      data = edge_buffer_data (kept);
      data[item->length] = '\0';
    }
  item->data = (const char *) data;
}

static EdgeWsEvent
end_close (EdgeWsDecoder *decoder, EdgeWsItem *item)
{
  EdgeUtf8 utf8 = { 0 };
  const guint8 *bytes = (const guint8 *) item->data;

  item->code = EDGE_WS_NO_CODE;
  decoder->finished = TRUE;
  if (item->length == 0)
    return EDGE_WS_GOT_CLOSE;
  if (item->length == 1)
    return fault (decoder, item, 1002, "half a close code");
  item->code = (guint16) (bytes[0] << 8 | bytes[1]);
  item->data += 2;
  item->length -= 2;
  if (!edge_ws_is_close_code (item->code))
    return fault (decoder, item, 1002, "a close code that may not be sent");
  if (!edge_utf8_feed (&utf8, bytes + 2, item->length) || !edge_utf8_is_whole (&utf8))
    return fault (decoder, item, 1007, "a close reason is not UTF-8");
  return EDGE_WS_GOT_CLOSE;
}

static EdgeWsEvent
take_control (EdgeWsDecoder *decoder, guint8 *data, gsize length, EdgeWsItem *item)
{
  if (decoder->control != NULL || length < decoder->remaining)
    edge_buffer_append (&decoder->control, data, length);
  decoder->remaining -= length;
  if (decoder->remaining > 0)
    return EDGE_WS_GOT_NOTHING;

  give (decoder, item, decoder->control, data, length);
  decoder->delivered_control = decoder->control != NULL;
  decoder->in_payload = FALSE;
  decoder->header_length = 0;
  switch (decoder->header[0] & OPCODE)
    {
    case EDGE_WS_PING:
      return EDGE_WS_GOT_PING;
    case EDGE_WS_PONG:
      return EDGE_WS_GOT_PONG;
    default:
      return end_close (decoder, item);
    }
}

static EdgeWsEvent
take_text (EdgeWsDecoder *decoder, guint8 *data, gsize length, EdgeWsItem *item)
{
  gboolean final = (decoder->header[0] & FIN) != 0;
  gboolean in_place =
    final && !decoder->in_message && decoder->message == NULL && length == decoder->remaining;

  if (!edge_utf8_feed (&decoder->utf8, data, length))
    return fault (decoder, item, 1007, "a text is not UTF-8");
  if (!in_place)
    edge_buffer_append (&decoder->message, data, length);
  decoder->remaining -= length;
  if (decoder->remaining > 0)
    return EDGE_WS_GOT_NOTHING;

  decoder->in_payload = FALSE;
  decoder->header_length = 0;
  decoder->in_message = !final;
  if (!final)
    return EDGE_WS_GOT_NOTHING;
  if (!edge_utf8_is_whole (&decoder->utf8))
    return fault (decoder, item, 1007, "a text ends inside of a character");
  decoder->empty_fragments = 0;
  give (decoder, item, decoder->message, data, length);
  decoder->delivered_message = decoder->message != NULL;
  return EDGE_WS_GOT_TEXT;
}

EdgeWsEvent
edge_ws_decoder_next (EdgeWsDecoder *decoder, gsize max_message, guint8 *data, gsize length, gsize *consumed,
                      EdgeWsItem *item)
{
  gsize done = 0;

  edge_ws_decoder_release (decoder);
  while (!decoder->finished && (done < length || (decoder->in_payload && decoder->remaining == 0)))
    {
      EdgeWsEvent event;
      gsize part;

      if (!decoder->in_payload)
        {
          guint16 code;
          const char *what = take_header (decoder, max_message, data, length, &done, &code);

          if (what != NULL)
            {
              *consumed = done;
              return fault (decoder, item, code, what);
            }
          continue;
        }
      part = MIN (decoder->remaining, length - done);
      unmask (decoder, data + done, part);
      event = is_control (decoder->header[0]) ? take_control (decoder, data + done, part, item)
                                              : take_text (decoder, data + done, part, item);
      done += part;
      if (event != EDGE_WS_GOT_NOTHING)
        {
          *consumed = done;
          return event;
        }
    }
  *consumed = length;
  return EDGE_WS_GOT_NOTHING;
}
