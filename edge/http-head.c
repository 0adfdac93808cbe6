/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the headers say together: host, connection, expectations, and where the body ends. */
#include "edge/http-chars.h"
#include "edge/http-request.h"

#include <arpa/inet.h>
#include <string.h>

static gboolean
equals (const EdgeRequest *request, const EdgeHeader *header, const char *text)
{
  return g_ascii_strcasecmp (request->data + header->value, text) == 0;
}

/* A name or IPv4 address of unreserved characters, or a bracketed IPv6 address; then, maybe, a port. */
static gboolean
is_host (const char *host)
{
  const char *end = host;

  if (*host == '[')
    {
      char address[INET6_ADDRSTRLEN];
      struct in6_addr parsed;

      end = strchr (host, ']');
      if (end == NULL || (gsize) (end - host) > sizeof address)
        return FALSE;
      g_strlcpy (address, host + 1, (gsize) (end - host));
      if (inet_pton (AF_INET6, address, &parsed) != 1)
        return FALSE;
      end++;
    }
  else
    {
      while (edge_char_is (*end, EDGE_CHAR_HOST))
        end++;
      if (end == host)
        return FALSE;
    }
  if (*end == ':')
    {
      gsize digits = strlen (end + 1);

      return digits <= 5 && edge_chars_are (end + 1, digits, EDGE_CHAR_DIGIT) &&
             g_ascii_strtoull (end + 1, NULL, 10) <= G_MAXUINT16;
    }
  return *end == '\0';
}

static gboolean
check_host (EdgeRequest *request)
{
  const EdgeHeader *host = edge_request_find (request, EDGE_HEADER_HOST);

  if (host == NULL)
    return request->http_1_0 || edge_request_refuse (request, 400, "no Host header");
  return is_host (request->data + host->value) || edge_request_refuse (request, 400, "Host is not a host");
}

/* The list of all Connection headers, joined already. */
static gboolean
read_connection (EdgeRequest *request)
{
  const EdgeHeader *header = edge_request_find (request, EDGE_HEADER_CONNECTION);
  const char *text = header != NULL ? request->data + header->value : "";

  while (*text != '\0')
    {
      const char *start, *end;

      text += strspn (text, " \t,");
      for (start = end = text; edge_char_is (*end, EDGE_CHAR_TOKEN); end++)
        ;
      text = end + strspn (end, " \t");
      if (*text != '\0' && *text != ',')
        return edge_request_refuse (request, 400, "Connection is not a list of names");
      if (end - start == 5 && g_ascii_strncasecmp (start, "close", 5) == 0)
        request->close = TRUE;
      else if (end - start == 7 && g_ascii_strncasecmp (start, "upgrade", 7) == 0)
        request->connection_upgrade = TRUE;
    }
  return TRUE;
}

static gboolean
read_content_length (EdgeRequest *request, const EdgeHeader *header)
{
  const char *text = request->data + header->value;
  guint64 length = 0;

  if (header->value_length == 0 || !edge_chars_are (text, header->value_length, EDGE_CHAR_DIGIT))
    return edge_request_refuse (request, 400, "Content-Length is not a number");
  /* Saturates: whatever is that long is over any limit. */
  for (; *text != '\0' && length <= EDGE_HTTP_HARD_BODY_BYTES; text++)
    length = length * 10 + (guint64) (*text - '0');
  request->remaining = length;
  return TRUE;
}

/* RFC 9112, 6.3, without its ways of guessing. */
static gboolean
read_framing (EdgeRequest *request)
{
  const EdgeHeader *length = edge_request_find (request, EDGE_HEADER_CONTENT_LENGTH);
  const EdgeHeader *coding = edge_request_find (request, EDGE_HEADER_TRANSFER_ENCODING);

  if (length != NULL && coding != NULL)
    return edge_request_refuse (request, 400, "Content-Length beside Transfer-Encoding");
  /* Legal, but parsers in use see no length or no chunks there. */
  if ((length != NULL && length->has_tab) || (coding != NULL && coding->has_tab))
    return edge_request_refuse (request, 400, "tab beside Content-Length or Transfer-Encoding");
  if (length != NULL)
    return read_content_length (request, length);
  if (coding == NULL)
    return TRUE;
  if (request->http_1_0)
    return edge_request_refuse (request, 400, "Transfer-Encoding in HTTP/1.0");
  if (!equals (request, coding, "chunked"))
    return edge_request_refuse (request, 501, "Transfer-Encoding other than chunked");
  request->chunked = TRUE;
  return TRUE;
}

static gboolean
check_demands (EdgeRequest *request)
{
  const EdgeHeader *encoding = edge_request_find (request, EDGE_HEADER_CONTENT_ENCODING);
  const EdgeHeader *expect = edge_request_find (request, EDGE_HEADER_EXPECT);

  /* Nothing behind inflates, and a body that is signed and logged should be what it looks like. */
  if (encoding != NULL && !equals (request, encoding, "identity"))
    return edge_request_refuse (request, 415, "Content-Encoding other than identity");
  if (expect != NULL && !equals (request, expect, "100-continue"))
    return edge_request_refuse (request, 417, "an expectation other than 100-continue");
  request->expects_continue = expect != NULL && !request->http_1_0;
  return TRUE;
}

/* Path and query as strings of their own; the path is a copy only where a query follows it. */
static void
cut_target (EdgeRequest *request)
{
  const char *target = request->data + request->target;
  const char *mark = strchr (target, '?');

  request->path = request->target;
  if (mark == NULL)
    return;
  request->query = (guint32) (mark + 1 - request->data);
  edge_request_reserve (request, (gsize) (mark - target) + 1);
  request->path = (guint32) request->length;
  edge_request_append (request, request->data + request->target, request->query - request->target - 1);
  edge_request_append (request, "", 1);
}

gboolean
edge_request_finish_head (EdgeRequest *request, const EdgeHttpLimits *limits)
{
  if (request->has_repeats)
    edge_request_join_repeats (request);
  if (!check_host (request) || !read_connection (request) || !read_framing (request) ||
      !check_demands (request))
    return FALSE;

  cut_target (request);
  request->head_complete = TRUE;
  if (request->remaining > edge_http_bound (limits->max_body_bytes, EDGE_HTTP_HARD_BODY_BYTES))
    return edge_request_refuse (request, 413, "body is too long");
  if (!request->chunked && request->remaining == 0)
    request->expects_continue = FALSE;
  edge_request_check_upgrade (request, request->chunked || request->remaining > 0);
  request->body = request->length;
  request->used = 0;
  request->state = request->chunked         ? EDGE_PARSE_CHUNK_SIZE
                   : request->remaining > 0 ? EDGE_PARSE_BODY
                                            : EDGE_PARSE_DONE;
  return TRUE;
}
