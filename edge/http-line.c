/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One line each: the request line, a header, a trailer. */
#include "edge/http-chars.h"
#include "edge/http-request.h"

#include <string.h>

#define MAX_METHOD 16

static gboolean
take_target (EdgeRequest *request, char *target, gsize length)
{
  for (gsize i = 0; i < length; i++)
    {
      if (G_UNLIKELY (!edge_char_is (target[i], EDGE_CHAR_TARGET)))
        return edge_request_refuse (request, 400,
                                    target[i] == '#' ? "fragment in the request target"
                                                     : "request target has a character that must be escaped");
      if (G_UNLIKELY (target[i] == '%') &&
          (length - i < 3 || !edge_chars_are (target + i + 1, 2, EDGE_CHAR_HEX)))
        return edge_request_refuse (request, 400, "broken percent escape in the request target");
    }
  /* No proxy form: HAProxy sends origin form to its servers, and what routes by Host must not meet a second
   * host here. */
  if (length == 1 && target[0] == '*')
    return strcmp (request->data + request->line, "OPTIONS") == 0 ||
           edge_request_refuse (request, 400, "request target * is for OPTIONS only");
  if (length == 0 || target[0] != '/')
    return edge_request_refuse (request, 400, "request target is not a path");
  return TRUE;
}

gboolean
edge_request_take_request_line (EdgeRequest *request, gsize length)
{
  char *line = request->data + request->line;
  char *end = line + length;
  char *method_end = memchr (line, ' ', length);
  char *target_end = method_end != NULL ? memchr (method_end + 1, ' ', (gsize) (end - method_end - 1)) : NULL;
  gsize method_length;

  if (target_end == NULL)
    return edge_request_refuse (request, 400, "request line is not \"METHOD target version\"");
  method_length = (gsize) (method_end - line);
  if (method_length == 0 || !edge_chars_are (line, method_length, EDGE_CHAR_UPPER))
    return edge_request_refuse (request, 400, "method is not in capitals");
  if (method_length > MAX_METHOD)
    return edge_request_refuse (request, 501, "method is too long");

  if (end - target_end != 9 || memcmp (target_end, " HTTP/", 6) != 0 || !g_ascii_isdigit (target_end[6]) ||
      target_end[7] != '.' || !g_ascii_isdigit (target_end[8]))
    return edge_request_refuse (request, 400, "request line does not end in an HTTP version");
  if (target_end[6] != '1' || target_end[8] > '1')
    return edge_request_refuse (request, 505, "HTTP/1.1 is spoken here");
  request->http_1_0 = target_end[8] == '0';

  *method_end = *target_end = '\0';
  if (strcmp (line, "CONNECT") == 0)
    return edge_request_refuse (request, 400, "no tunnels here");
  request->target = (guint32) (method_end + 1 - request->data);
  return take_target (request, method_end + 1, (gsize) (target_end - method_end - 1));
}

/* Cuts "name: value" into two strings. */
static gboolean
cut_header (EdgeRequest *request, gsize length, EdgeHeader *header)
{
  char *line = request->data + request->line;
  char *colon = memchr (line, ':', length);
  char *value, *end = line + length;

  if (line[0] == ' ' || line[0] == '\t')
    return edge_request_refuse (request, 400, "folded header line");
  if (colon == NULL || colon == line)
    return edge_request_refuse (request, 400, "header line is not \"name: value\"");
  header->name_length = (guint32) (colon - line);
  if (!edge_chars_are (line, header->name_length, EDGE_CHAR_TOKEN))
    return edge_request_refuse (request, 400, "character in a header name that may not be there");

  for (value = colon + 1; value < end && (*value == ' ' || *value == '\t'); value++)
    header->has_tab |= *value == '\t';
  for (; end > value && (end[-1] == ' ' || end[-1] == '\t'); end--)
    header->has_tab |= end[-1] == '\t';
  header->value_length = (guint32) (end - value);
  if (!edge_chars_are (value, header->value_length, EDGE_CHAR_VALUE))
    return edge_request_refuse (request, 400, "control character in a header value");

  header->name = (guint32) request->line;
  header->value = (guint32) (value - request->data);
  *colon = *end = '\0';
  return TRUE;
}

/* A name that came already: refused where it must be single, remembered otherwise. */
static gboolean
note_repeat (EdgeRequest *request, EdgeHeader *header)
{
  if (header->number != 0)
    {
      header->repeats = (request->known >> header->number) & 1;
      request->known |= (guint64) 1 << header->number;
      if (header->repeats && header->id != EDGE_HEADER_CONNECTION)
        return edge_request_refuse (request, 400, "a header that must be single came twice");
    }
  else
    for (guint i = 0; !header->repeats && i < request->n_headers; i++)
      {
        const EdgeHeader *other = &request->headers[i];

        header->repeats = other->hash == header->hash && other->name_length == header->name_length &&
                          g_ascii_strncasecmp (request->data + other->name, request->data + header->name,
                                               header->name_length) == 0;
      }
  request->has_repeats |= header->repeats;
  return TRUE;
}

gboolean
edge_request_take_header (EdgeRequest *request, const EdgeHttpLimits *limits, gsize length)
{
  EdgeHeader header = { 0 };
  EdgeHeaderId id;

  if (request->n_headers >= edge_http_bound (limits->max_headers, EDGE_HTTP_HARD_HEADERS))
    return edge_request_refuse (request, 431, "too many headers");
  if (!cut_header (request, length, &header))
    return FALSE;
  header.hash = edge_header_hash (request->data + header.name, header.name_length);
  header.number = (guint8) edge_header_identify (request->data + header.name, header.name_length, &id);
  header.id = (guint8) id;
  if (!note_repeat (request, &header))
    return FALSE;

  if (request->n_headers == request->headers_capacity)
    {
      request->headers_capacity = MAX (request->headers_capacity * 2, 12);
      request->headers = g_renew (EdgeHeader, request->headers, request->headers_capacity);
    }
  request->headers[request->n_headers++] = header;
  return TRUE;
}

/* Trailers are checked like headers and dropped. Those that would say something about the message or its
 * sender if anybody joined them to the headers are refused. */
gboolean
edge_request_take_trailer (EdgeRequest *request, gsize length)
{
  EdgeHeader header = { 0 };
  EdgeHeaderId id;

  if (!cut_header (request, length, &header))
    return FALSE;
  if (edge_header_identify (request->data + header.name, header.name_length, &id) != 0)
    return edge_request_refuse (request, 400, "a header that may not come behind the body");
  return TRUE;
}
