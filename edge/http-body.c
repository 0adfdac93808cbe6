/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The body: so many bytes, or chunks. Each chunk holds at least one byte, so the body's limit bounds the
 * framing as well. */
#include "edge/http-chars.h"
#include "edge/http-request.h"

#include <string.h>

#define MAX_CHUNK_DIGITS 16

static gsize
take_bytes (EdgeRequest *request, const char *data, gsize length)
{
  gsize taken = MIN (length, request->remaining);

  edge_request_append (request, data, taken);
  request->body_length += taken;
  request->remaining -= taken;
  if (request->remaining == 0)
    request->state = request->chunked ? EDGE_PARSE_CHUNK_DATA_CR : EDGE_PARSE_DONE;
  return taken;
}

/* No extensions: nobody sends them, none is understood here, and how far one reaches is where parsers have
 * disagreed. */
static void
take_size_digit (EdgeRequest *request, char digit)
{
  if (edge_char_is (digit, EDGE_CHAR_HEX))
    {
      if (++request->chunk_digits > MAX_CHUNK_DIGITS)
        edge_request_refuse (request, 400, "chunk size is too long");
      else
        request->remaining = request->remaining << 4 | (guint64) g_ascii_xdigit_value (digit);
    }
  else if (digit == '\r' && request->chunk_digits > 0)
    request->state = EDGE_PARSE_CHUNK_SIZE_LF;
  else if (digit == ';')
    edge_request_refuse (request, 400, "chunk extension");
  else
    edge_request_refuse (request, 400, "chunk size is not a hexadecimal number");
}

static void
end_size (EdgeRequest *request, const EdgeHttpLimits *limits)
{
  request->chunk_digits = 0;
  if (request->remaining == 0)
    {
      request->line = request->length;
      request->state = EDGE_PARSE_TRAILERS;
    }
  else if (request->remaining >
           edge_http_bound (limits->max_body_bytes, EDGE_HTTP_HARD_BODY_BYTES) - request->body_length)
    edge_request_refuse (request, 413, "body is too long");
  else
    request->state = EDGE_PARSE_CHUNK_DATA;
}

gsize
edge_request_take_body (EdgeRequest *request, const EdgeHttpLimits *limits, const char *data, gsize length)
{
  request->expects_continue = FALSE;
  switch (request->state)
    {
    case EDGE_PARSE_CHUNK_SIZE:
      take_size_digit (request, *data);
      return 1;
    case EDGE_PARSE_CHUNK_SIZE_LF:
      if (*data == '\n')
        end_size (request, limits);
      else
        edge_request_refuse (request, 400, "bare CR behind a chunk size");
      return 1;
    case EDGE_PARSE_CHUNK_DATA_CR:
      request->state = EDGE_PARSE_CHUNK_DATA_LF;
      if (*data != '\r')
        edge_request_refuse (request, 400, "chunk is longer than its size");
      return 1;
    case EDGE_PARSE_CHUNK_DATA_LF:
      request->state = EDGE_PARSE_CHUNK_SIZE;
      if (*data != '\n')
        edge_request_refuse (request, 400, "bare CR behind a chunk");
      return 1;
    default:
      return take_bytes (request, data, length);
    }
}
