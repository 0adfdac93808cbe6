/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Feeding: cuts the bytes into lines and body. Lines are judged whole, everything else byte by byte, so where
 * the input was cut never shows. Bytes behind the request are never copied. */
#include "edge/http-chars.h"
#include "edge/http-request.h"

#include <string.h>

/* What a usual request needs, so that it is read into one block; a peer that sends little is given little. */
#define FIRST_BLOCK       4096
#define FIRST_BLOCK_SPARE 192

/* The one empty line, then the first byte of a method. TLS, HTTP/2 and noise end here. */
static gsize
take_start (EdgeRequest *request, char byte)
{
  if (request->state == EDGE_PARSE_START_LF)
    {
      request->state = EDGE_PARSE_FIRST;
      if (byte != '\n')
        edge_request_refuse (request, 400, "bare CR before the request line");
      return 1;
    }
  if (request->state == EDGE_PARSE_START && byte == '\r')
    {
      request->state = EDGE_PARSE_START_LF;
      return 1;
    }
  request->state = EDGE_PARSE_REQUEST_LINE;
  if (edge_char_is (byte, EDGE_CHAR_UPPER))
    return 0;
  edge_request_refuse (request, 400, "not an HTTP request");
  return 1;
}

/* The empty line. */
static void
end_lines (EdgeRequest *request, const EdgeHttpLimits *limits)
{
  if (request->state == EDGE_PARSE_HEADERS)
    edge_request_finish_head (request, limits);
  else
    request->state = EDGE_PARSE_DONE;
}

static void
take_line (EdgeRequest *request, const EdgeHttpLimits *limits)
{
  gsize length = request->length - request->line;

  if (length < 2 || request->data[request->length - 2] != '\r')
    {
      edge_request_refuse (request, 400, "line ends in a bare LF");
      return;
    }
  length -= 2;
  if (request->state == EDGE_PARSE_REQUEST_LINE)
    {
      if (edge_request_take_request_line (request, length))
        request->state = EDGE_PARSE_HEADERS;
    }
  else if (length == 0)
    end_lines (request, limits);
  else if (request->state == EDGE_PARSE_HEADERS)
    edge_request_take_header (request, limits, length);
  else
    edge_request_take_trailer (request, length);
}

static gsize
take_line_bytes (EdgeRequest *request, const EdgeHttpLimits *limits, const char *data, gsize length)
{
  gboolean trailers = request->state == EDGE_PARSE_TRAILERS;
  gsize bound = trailers ? EDGE_HTTP_TRAILER_BYTES
                         : edge_http_bound (limits->max_header_bytes, EDGE_HTTP_HARD_HEADER_BYTES);
  gsize room = bound - MIN (bound, request->used);
  const char *lf = memchr (data, '\n', MIN (length, room));
  gsize taken = lf != NULL ? (gsize) (lf - data) + 1 : length;

  if (lf == NULL && length > room)
    {
      if (request->state == EDGE_PARSE_REQUEST_LINE)
        edge_request_refuse (request, 414, "request line is too long");
      else
        edge_request_refuse (request, 431, trailers ? "trailers are too long" : "headers are too long");
      return room + 1;
    }
  if (request->data == NULL)
    edge_request_reserve (request, MIN (length + FIRST_BLOCK_SPARE, FIRST_BLOCK));
  edge_request_append (request, data, taken);
  request->used += (guint32) taken;
  if (lf == NULL)
    return taken;

  take_line (request, limits);
  if (trailers)
    request->length = request->line;
  else
    request->line = request->length;
  return taken;
}

static gsize
take (EdgeRequest *request, const EdgeHttpLimits *limits, const char *data, gsize length)
{
  if (request->state <= EDGE_PARSE_FIRST)
    return take_start (request, *data);
  if (request->state <= EDGE_PARSE_HEADERS || request->state == EDGE_PARSE_TRAILERS)
    return take_line_bytes (request, limits, data, length);
  return edge_request_take_body (request, limits, data, length);
}

EdgeHttpState
edge_request_feed (EdgeRequest *request, const EdgeHttpLimits *limits, const char *data, gsize length,
                   gsize *consumed)
{
  gboolean was_done = request->state == EDGE_PARSE_DONE;
  gsize done = 0;

  while (done < length && request->state < EDGE_PARSE_DONE)
    done += take (request, limits, data + done, length - done);
  *consumed = done;

  if (request->state == EDGE_PARSE_REFUSED)
    return EDGE_HTTP_REFUSED;
  if (request->state == EDGE_PARSE_DONE)
    {
      if (!was_done)
        request->data[request->length] = '\0';
      return EDGE_HTTP_DONE;
    }
  if (!request->head_complete || request->headers_told)
    return EDGE_HTTP_NEED_MORE;
  request->headers_told = TRUE;
  return EDGE_HTTP_HEADERS_DONE;
}
