/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The life of a request, its memory, and what its owner reads from it. */
#include "edge/http-request.h"

#include <string.h>

EdgeRequest *
edge_request_new (void)
{
  return g_new0 (EdgeRequest, 1);
}

void
edge_request_reset (EdgeRequest *request)
{
  g_free (request->data);
  g_free (request->headers);
  memset (request, 0, sizeof *request);
}

void
edge_request_free (EdgeRequest *request)
{
  if (request == NULL)
    return;
  edge_request_reset (request);
  g_free (request);
}

void
edge_request_reserve (EdgeRequest *request, gsize more)
{
  gsize needed = request->length + more + 1;
  gsize capacity = MAX (request->capacity * 2, 512);

  if (needed <= request->capacity)
    return;
  request->capacity = MAX (capacity, needed);
  request->data = g_realloc (request->data, request->capacity);
}

void
edge_request_append (EdgeRequest *request, const char *bytes, gsize length)
{
  edge_request_reserve (request, length);
  memcpy (request->data + request->length, bytes, length);
  request->length += length;
}

gboolean
edge_request_refuse (EdgeRequest *request, guint status, const char *reason)
{
  request->state = EDGE_PARSE_REFUSED;
  request->refusal_status = status;
  request->refusal_reason = reason;
  return FALSE;
}

guint
edge_request_refusal_status (const EdgeRequest *request)
{
  return request->refusal_status;
}

const char *
edge_request_refusal_reason (const EdgeRequest *request)
{
  return request->refusal_reason;
}

gboolean
edge_request_keep_alive (const EdgeRequest *request)
{
  return request->state == EDGE_PARSE_DONE && !request->close && !request->http_1_0;
}

gboolean
edge_request_is_1_0 (const EdgeRequest *request)
{
  return request->http_1_0;
}

gboolean
edge_request_expects_continue (const EdgeRequest *request)
{
  return request->expects_continue;
}

gboolean
edge_request_in_headers (const EdgeRequest *request)
{
  return !request->head_complete;
}

gboolean
edge_request_started (const EdgeRequest *request)
{
  return request->state > EDGE_PARSE_FIRST;
}

/* Nothing of a head may be read before it is complete: its lines are not cut into strings yet. */
const char *
edge_request_method (const EdgeRequest *request)
{
  return request->head_complete ? request->data : "";
}

const char *
edge_request_target (const EdgeRequest *request)
{
  return request->head_complete ? request->data + request->target : "";
}

const char *
edge_request_path (const EdgeRequest *request)
{
  return request->head_complete ? request->data + request->path : "";
}

const char *
edge_request_query (const EdgeRequest *request)
{
  return request->head_complete && request->query != 0 ? request->data + request->query : NULL;
}

static gboolean
is_named (const EdgeRequest *request, const EdgeHeader *header, guint32 hash, const char *name, gsize length)
{
  return header->hash == hash && header->name_length == length &&
         g_ascii_strncasecmp (request->data + header->name, name, length) == 0;
}

const char *
edge_request_header (const EdgeRequest *request, const char *name)
{
  gsize length = strlen (name);
  guint32 hash = edge_header_hash (name, length);

  if (!request->head_complete)
    return NULL;
  for (guint i = 0; i < request->n_headers; i++)
    if (is_named (request, &request->headers[i], hash, name, length))
      return request->data + request->headers[i].value;
  return NULL;
}

guint
edge_request_header_count (const EdgeRequest *request, const char *name)
{
  gsize length = strlen (name);
  guint32 hash = edge_header_hash (name, length);
  guint count = 0;

  if (!request->head_complete)
    return 0;
  for (guint i = 0; i < request->n_headers; i++)
    count += is_named (request, &request->headers[i], hash, name, length);
  return count;
}

const char *
edge_request_body (const EdgeRequest *request, gsize *length)
{
  gboolean done = request->state == EDGE_PARSE_DONE;

  if (length != NULL)
    *length = done ? request->body_length : 0;
  return done ? request->data + request->body : "";
}
