/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/edge/http-reference.h"

#include <http_parser.h>
#include <string.h>

typedef struct
{
  HttpReference *reference;
  gboolean in_value; /* the last piece belonged to a header value */
  gboolean in_trailers;
} Reading;

static void
free_string (gpointer string)
{
  g_string_free (string, TRUE);
}

static int
on_url (http_parser *parser, const char *at, size_t length)
{
  Reading *reading = parser->data;

  g_string_append_len (reading->reference->target, at, (gssize) length);
  return 0;
}

static int
on_field (http_parser *parser, const char *at, size_t length)
{
  Reading *reading = parser->data;
  HttpReference *reference = reading->reference;

  if (reading->in_trailers)
    return 0;
  if (reading->in_value || reference->names->len == 0)
    {
      g_ptr_array_add (reference->names, g_string_new (NULL));
      g_ptr_array_add (reference->values, g_string_new (NULL));
    }
  reading->in_value = FALSE;
  g_string_append_len (g_ptr_array_index (reference->names, reference->names->len - 1), at, (gssize) length);
  return 0;
}

static int
on_value (http_parser *parser, const char *at, size_t length)
{
  Reading *reading = parser->data;
  HttpReference *reference = reading->reference;

  if (reading->in_trailers)
    return 0;
  reading->in_value = TRUE;
  g_string_append_len (g_ptr_array_index (reference->values, reference->values->len - 1), at,
                       (gssize) length);
  return 0;
}

static int
on_headers_complete (http_parser *parser)
{
  Reading *reading = parser->data;

  reading->in_trailers = TRUE;
  return 0;
}

static int
on_body (http_parser *parser, const char *at, size_t length)
{
  Reading *reading = parser->data;

  g_string_append_len (reading->reference->body, at, (gssize) length);
  return 0;
}

static int
on_complete (http_parser *parser)
{
  Reading *reading = parser->data;

  reading->reference->complete = TRUE;
  reading->reference->keep_alive = http_should_keep_alive (parser) != 0;
  reading->reference->upgrade = parser->upgrade;
  reading->reference->http_1_0 = parser->http_minor == 0;
  http_parser_pause (parser, 1);
  return 0;
}

/* Where it refuses what RFC 9112 allows. */
static gboolean
is_beyond_it (const HttpReference *reference, enum http_errno error)
{
  if (error == HPE_INVALID_METHOD)
    return TRUE;
  if (error != HPE_INVALID_TRANSFER_ENCODING && error != HPE_UNEXPECTED_CONTENT_LENGTH)
    return FALSE;
  /* It takes any longer name for the header itself. */
  for (guint i = 0; i < reference->names->len; i++)
    {
      const GString *name = g_ptr_array_index (reference->names, i);

      if (name->len > strlen ("transfer-encoding") &&
          g_ascii_strncasecmp (name->str, "transfer-encoding", 17) == 0)
        return TRUE;
    }
  return FALSE;
}

HttpReference *
http_reference_read (const char *data, gsize length)
{
  static const http_parser_settings settings = {
    .on_url = on_url,
    .on_header_field = on_field,
    .on_header_value = on_value,
    .on_headers_complete = on_headers_complete,
    .on_body = on_body,
    .on_message_complete = on_complete,
  };
  HttpReference *reference = g_new0 (HttpReference, 1);
  Reading reading = { .reference = reference };
  http_parser parser;
  enum http_errno error;

  reference->target = g_string_new (NULL);
  reference->body = g_string_new (NULL);
  reference->names = g_ptr_array_new_with_free_func (free_string);
  reference->values = g_ptr_array_new_with_free_func (free_string);
  http_parser_init (&parser, HTTP_REQUEST);
  parser.data = &reading;
  reference->end = http_parser_execute (&parser, &settings, data, length);
  error = HTTP_PARSER_ERRNO (&parser);
  reference->beyond_it = is_beyond_it (reference, error);
  if (error != HPE_OK && error != HPE_PAUSED)
    reference->error = http_errno_name (error);
  reference->method = g_strdup (http_method_str (parser.method));
  return reference;
}

void
http_reference_free (HttpReference *reference)
{
  g_free (reference->method);
  g_string_free (reference->target, TRUE);
  g_string_free (reference->body, TRUE);
  g_ptr_array_unref (reference->names);
  g_ptr_array_unref (reference->values);
  g_free (reference);
}

/* All values that came under a name, as http.h promises them. */
static char *
join_values (const HttpReference *reference, const char *name, guint *count)
{
  GString *joined = g_string_new (NULL);

  *count = 0;
  for (guint i = 0; i < reference->names->len; i++)
    {
      const GString *value = g_ptr_array_index (reference->values, i);
      gsize length = value->len;

      if (g_ascii_strcasecmp (((GString *) g_ptr_array_index (reference->names, i))->str, name) != 0)
        continue;
      /* It leaves the blanks at the end of a value. */
      while (length > 0 && (value->str[length - 1] == ' ' || value->str[length - 1] == '\t'))
        length--;
      if ((*count)++ > 0)
        g_string_append (joined, ", ");
      g_string_append_len (joined, value->str, (gssize) length);
    }
  return g_string_free (joined, FALSE);
}

char *
http_reference_compare (const HttpReference *reference, const EdgeRequest *request, gsize end)
{
  gsize length;
  const char *body = edge_request_body (request, &length);
  const char *connection = edge_request_header (request, "connection");

  if (reference->beyond_it)
    return NULL;
  if (reference->error != NULL)
    return g_strdup_printf ("we accept, it refuses: %s", reference->error);
  if (!reference->complete)
    return g_strdup ("we are done, it wants more");
  if (reference->end != end)
    return g_strdup_printf ("ends at %" G_GSIZE_FORMAT ", it says %" G_GSIZE_FORMAT, end, reference->end);
  if (g_strcmp0 (reference->method, edge_request_method (request)) != 0)
    return g_strdup_printf ("method %s, it says %s", edge_request_method (request), reference->method);
  if (g_strcmp0 (reference->target->str, edge_request_target (request)) != 0)
    return g_strdup_printf ("target %s, it says %s", edge_request_target (request), reference->target->str);
  if (reference->body->len != length || memcmp (reference->body->str, body, length) != 0)
    return g_strdup_printf ("body of %" G_GSIZE_FORMAT " bytes, it says %" G_GSIZE_FORMAT, length,
                            reference->body->len);
  if (edge_request_is_1_0 (request) != reference->http_1_0)
    return g_strdup ("another version");
  if (edge_request_keep_alive (request) && !reference->keep_alive)
    return g_strdup ("we keep the connection, it does not");
  /* We never keep one of HTTP/1.0; and it overlooks "close" in a list with blanks or empty items. */
  if (!edge_request_keep_alive (request) && reference->keep_alive && !reference->http_1_0 &&
      (connection == NULL ||
       !g_regex_match_simple ("(^|[, \t])close([, \t]|$)", connection, G_REGEX_CASELESS | G_REGEX_RAW, 0)))
    return g_strdup ("we close the connection, it does not");
  if (edge_request_is_upgrade (request) && !reference->upgrade)
    return g_strdup ("it sees no upgrade");
  for (guint i = 0; i < reference->names->len; i++)
    {
      const char *name = ((GString *) g_ptr_array_index (reference->names, i))->str;
      guint count;
      g_autofree char *value = join_values (reference, name, &count);

      if (g_strcmp0 (value, edge_request_header (request, name)) != 0)
        return g_strdup_printf ("%s is \"%s\", it says \"%s\"", name, edge_request_header (request, name),
                                value);
      if (count != edge_request_header_count (request, name))
        return g_strdup_printf ("%s came %u times, it says %u", name,
                                edge_request_header_count (request, name), count);
    }
  return NULL;
}
