/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Header names: the known ones, finding one, and joining those that came several times. */
#include "edge/http-chars.h"
#include "edge/http-request.h"

#include <string.h>

typedef struct
{
  const char *name; /* lower case */
  EdgeHeaderId id;
} KnownHeader;

/* Sorted by length. Two of any of these could be read differently by a proxy, a log and the owner, so they
 * come once. */
static const KnownHeader known_headers[] = {
  { "", EDGE_HEADER_OTHER },
  { "date", EDGE_HEADER_SINGLE },
  { "from", EDGE_HEADER_SINGLE },
  { "host", EDGE_HEADER_HOST },
  { "range", EDGE_HEADER_SINGLE },
  { "expect", EDGE_HEADER_EXPECT },
  { "origin", EDGE_HEADER_SINGLE },
  { "referer", EDGE_HEADER_SINGLE },
  { "upgrade", EDGE_HEADER_UPGRADE },
  { "if-range", EDGE_HEADER_SINGLE },
  { "x-api-key", EDGE_HEADER_SINGLE },
  { "connection", EDGE_HEADER_CONNECTION },
  { "user-agent", EDGE_HEADER_SINGLE },
  { "x-delivery", EDGE_HEADER_SINGLE },
  { "x-group-id", EDGE_HEADER_SINGLE },
  { "x-device-id", EDGE_HEADER_SINGLE },
  { "x-signature", EDGE_HEADER_SINGLE },
  { "x-timestamp", EDGE_HEADER_SINGLE },
  { "content-type", EDGE_HEADER_SINGLE },
  { "max-forwards", EDGE_HEADER_SINGLE },
  { "x-session-id", EDGE_HEADER_SINGLE },
  { "authorization", EDGE_HEADER_SINGLE },
  { "content-range", EDGE_HEADER_SINGLE },
  { "content-length", EDGE_HEADER_CONTENT_LENGTH },
  { "content-encoding", EDGE_HEADER_CONTENT_ENCODING },
  { "sec-websocket-key", EDGE_HEADER_WEBSOCKET_KEY },
  { "transfer-encoding", EDGE_HEADER_TRANSFER_ENCODING },
  { "proxy-authorization", EDGE_HEADER_SINGLE },
  { "sec-websocket-version", EDGE_HEADER_WEBSOCKET_VERSION },
};

/* The first row with a name at least this long; one more than the longest at the end. */
static const guint8 first_of_length[] = { 0,  1,  1,  1,  1,  4,  5,  7,  9,  10, 11, 15,
                                          18, 21, 23, 24, 24, 25, 27, 27, 28, 28, 29 };

G_STATIC_ASSERT (G_N_ELEMENTS (known_headers) == 29);

guint
edge_header_identify (const char *name, gsize length, EdgeHeaderId *id)
{
  *id = EDGE_HEADER_OTHER;
  if (length == 0 || length + 1 >= G_N_ELEMENTS (first_of_length))
    return 0;
  for (guint row = first_of_length[length]; row < first_of_length[length + 1]; row++)
    {
      const char *known = known_headers[row].name;
      gsize i = 0;

      while (i < length && g_ascii_tolower (name[i]) == known[i])
        i++;
      if (i < length)
        continue;
      *id = known_headers[row].id;
      return row;
    }
  return 0;
}

/* Case-insensitive for tokens; equal names only decide together with a comparison. */
guint32
edge_header_hash (const char *name, gsize length)
{
  guint32 hash = (guint32) length;

  for (gsize i = 0; i < length; i++)
    hash = ((hash << 5) | (hash >> 27)) ^ ((guint8) name[i] | 0x20u);
  return hash;
}

const EdgeHeader *
edge_request_find (const EdgeRequest *request, EdgeHeaderId id)
{
  for (guint i = 0; i < request->n_headers; i++)
    if (request->headers[i].id == id)
      return &request->headers[i];
  return NULL;
}

static gboolean
have_same_name (const EdgeRequest *request, const EdgeHeader *a, const EdgeHeader *b)
{
  return a->hash == b->hash && a->name_length == b->name_length &&
         g_ascii_strncasecmp (request->data + a->name, request->data + b->name, a->name_length) == 0;
}

void
edge_request_join_repeats (EdgeRequest *request)
{
  for (guint first = 0; request->has_repeats && first + 1 < request->n_headers; first++)
    {
      EdgeHeader *header = &request->headers[first];
      gboolean joined = FALSE;
      gsize start = request->length;

      for (guint i = first + 1; !header->repeats && i < request->n_headers; i++)
        {
          EdgeHeader *other = &request->headers[i];

          if (!other->repeats || !have_same_name (request, header, other))
            continue;
          /* Room first: the values lie in the block that may move. */
          edge_request_reserve (request, (gsize) header->value_length + other->value_length + 2);
          if (!joined)
            edge_request_append (request, request->data + header->value, header->value_length);
          edge_request_append (request, ", ", 2);
          edge_request_append (request, request->data + other->value, other->value_length);
          joined = TRUE;
        }
      if (!joined)
        continue;
      header->value = (guint32) start;
      header->value_length = (guint32) (request->length - start);
      edge_request_append (request, "", 1);
    }
}
