/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bounds of a request: the last that fits, the first that does not, and memory. */
#include "edge/http-request.h"

#include <string.h>

#define HEAD      "GET / HTTP/1.1\r\nHost: a\r\n"
#define POST_HEAD "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"

/* Feeds all of text in pieces; *end tells how much was taken. Returns the status: 0 open, 200 done, or the
 * refusal's. */
static guint
outcome (const GString *text, EdgeHttpLimits limits, gsize piece, gsize *end)
{
  EdgeRequest *request = edge_request_new ();
  EdgeHttpState state = EDGE_HTTP_NEED_MORE;
  gsize at = 0, taken;
  guint status;

  while (at < text->len && (state == EDGE_HTTP_NEED_MORE || state == EDGE_HTTP_HEADERS_DONE))
    {
      state = edge_request_feed (request, &limits, text->str + at, MIN (piece, text->len - at), &taken);
      at += taken;
    }
  *end = at;
  status = state == EDGE_HTTP_DONE ? 200 : edge_request_refusal_status (request);
  edge_request_free (request);
  return status;
}

/* The same however it is cut; frees text. */
static void
assert_outcome (GString *text, EdgeHttpLimits limits, guint expected)
{
  gsize end_whole, end_bytes, end_sevens;

  g_assert_cmpuint (outcome (text, limits, text->len, &end_whole), ==, expected);
  g_assert_cmpuint (outcome (text, limits, 1, &end_bytes), ==, expected);
  g_assert_cmpuint (outcome (text, limits, 7, &end_sevens), ==, expected);
  g_assert_cmpuint (end_whole, ==, end_bytes);
  g_assert_cmpuint (end_whole, ==, end_sevens);
  g_string_free (text, TRUE);
}

static GString *
fill (GString *text, char byte, gsize count)
{
  gsize length = text->len;

  g_string_set_size (text, length + count);
  memset (text->str + length, byte, count);
  return text;
}

/* A request with a head of exactly so many bytes, in its target or in a header. */
static GString *
with_target (gsize size)
{
  const char *end = " HTTP/1.1\r\nHost: a\r\n\r\n";
  GString *text = fill (g_string_new ("GET /"), 'x', size - strlen ("GET /") - strlen (end));

  return g_string_append (text, end);
}

static GString *
with_header (gsize size)
{
  GString *text = fill (g_string_new (HEAD "X: "), 'x', size - strlen (HEAD "X: \r\n\r\n"));

  return g_string_append (text, "\r\n\r\n");
}

static void
test_header_bytes (void)
{
  EdgeHttpLimits limits = { 1000, 100, 100 };

  assert_outcome (with_header (1000), limits, 200);
  assert_outcome (with_header (1001), limits, 431);
  assert_outcome (with_header (1002), limits, 431);
  assert_outcome (with_header (100000), limits, 431);
  assert_outcome (with_target (1000), limits, 200);
  assert_outcome (with_target (1001), limits, 431);
  /* The line itself fits, what follows does not; then the line does not fit. */
  assert_outcome (with_target (1000 + strlen ("Host: a\r\n\r\n")), limits, 431);
  assert_outcome (with_target (1001 + strlen ("Host: a\r\n\r\n")), limits, 414);
  assert_outcome (with_target (100000), limits, 414);
  /* Said before the line ends, so that nobody can make us wait for it. */
  assert_outcome (fill (g_string_new ("GET /"), 'x', 995), limits, 0);
  assert_outcome (fill (g_string_new ("GET /"), 'x', 996), limits, 414);
  assert_outcome (fill (g_string_new ("GET "), ' ', 997), limits, 414);
  assert_outcome (fill (g_string_new (HEAD), 'x', 1000), limits, 431);
}

static void
test_header_bytes_without_limit (void)
{
  EdgeHttpLimits limits = { 0, 0, 0 };

  assert_outcome (with_header (1024 * 1024), limits, 200);
  assert_outcome (with_header (1024 * 1024 + 1), limits, 431);
}

static void
test_header_count (void)
{
  EdgeHttpLimits limits = { 1024 * 1024, 5, 100 };

  for (guint limit = 5; limit <= 1000; limit += 995)
    for (guint count = limit - 1; count <= limit + 1; count++)
      {
        GString *text = g_string_new (HEAD);

        limits.max_headers = limit == 1000 ? 0 : limit;
        for (guint i = 1; i < count; i++)
          g_string_append_printf (text, "H%u: x\r\n", i / 2);
        assert_outcome (g_string_append (text, "\r\n"), limits, count > limit ? 431 : 200);
      }
}

static GString *
with_length (gsize announced, gsize sent)
{
  GString *text = g_string_new (NULL);

  g_string_printf (text, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %" G_GSIZE_FORMAT "\r\n\r\n",
                   announced);
  return fill (text, 'b', sent);
}

static void
test_body_length (void)
{
  EdgeHttpLimits limits = { 1000, 100, 300 };

  assert_outcome (with_length (300, 300), limits, 200);
  assert_outcome (with_length (300, 299), limits, 0);
  /* As soon as the headers say so. */
  assert_outcome (with_length (301, 0), limits, 413);
  limits.max_body_bytes = 0;
  assert_outcome (with_length (1024 * 1024, 1024 * 1024), limits, 200);
  assert_outcome (with_length (1024 * 1024 * 1024, 0), limits, 0);
  assert_outcome (with_length (1024 * 1024 * 1024 + 1, 0), limits, 413);
}

static GString *
with_chunks (gsize count, gsize size)
{
  GString *text = g_string_new (POST_HEAD);

  for (gsize i = 0; i < count; i++)
    {
      g_string_append_printf (text, "%" G_GSIZE_MODIFIER "x\r\n", size);
      g_string_append (fill (text, 'c', size), "\r\n");
    }
  return text;
}

static void
test_chunked_length (void)
{
  EdgeHttpLimits limits = { 1000, 100, 300 };

  assert_outcome (g_string_append (with_chunks (1, 300), "0\r\n\r\n"), limits, 200);
  assert_outcome (g_string_append (with_chunks (300, 1), "0\r\n\r\n"), limits, 200);
  assert_outcome (g_string_append (with_chunks (30, 10), "0\r\n\r\n"), limits, 200);
  assert_outcome (g_string_append (with_chunks (300, 1), "1\r\n"), limits, 413);
  assert_outcome (g_string_append (with_chunks (0, 0), "12d\r\n"), limits, 413);
  assert_outcome (g_string_append (with_chunks (2, 100), "65\r\n"), limits, 413);
}

static void
test_trailer_bytes (void)
{
  EdgeHttpLimits limits = { 1000, 100, 300 };

  for (gsize extra = 0; extra <= 1; extra++)
    {
      GString *text = g_string_append (with_chunks (1, 1), "0\r\nA: ");

      fill (text, 't', 4096 - strlen ("A: \r\n\r\n") + extra);
      assert_outcome (g_string_append (text, "\r\n\r\n"), limits, extra == 0 ? 200 : 431);
    }
  for (gsize lines = 682; lines <= 683; lines++)
    {
      GString *text = g_string_append (with_chunks (1, 1), "0\r\n");

      for (gsize i = 0; i < lines; i++)
        g_string_append (text, "A: b\r\n");
      /* 682 lines and the empty one: 4,094 bytes. */
      assert_outcome (g_string_append (text, "\r\n"), limits, lines == 682 ? 200 : 431);
    }
}

static void
test_memory (void)
{
  EdgeHttpLimits limits = { 16 * 1024, 100, 64 * 1024 };
  EdgeRequest *request = edge_request_new ();
  g_autofree char *noise = g_strnfill (60000, 'G');
  gsize taken;

  g_assert_cmpuint (sizeof *request, <=, 192);
  g_assert_null (request->data);
  /* The empty line before a request costs nothing and starts nothing. */
  edge_request_feed (request, &limits, "\r\n", 2, &taken);
  g_assert_null (request->data);
  g_assert_false (edge_request_started (request));

  /* One byte gets a small block; an announced body none. */
  edge_request_feed (request, &limits, "P", 1, &taken);
  g_assert_true (edge_request_started (request));
  g_assert_cmpuint (request->capacity, <=, 512);
  edge_request_feed (request, &limits, "OST / HTTP/1.1\r\nHost: a\r\nContent-Length: 65536\r\n\r\n", 51,
                     &taken);
  g_assert_false (edge_request_in_headers (request));
  g_assert_cmpuint (request->capacity, <=, 512);

  /* Bytes behind a request are not copied. */
  edge_request_reset (request);
  memcpy (noise, HEAD "\r\n", strlen (HEAD "\r\n"));
  g_assert_cmpint (edge_request_feed (request, &limits, noise, 60000, &taken), ==, EDGE_HTTP_DONE);
  g_assert_cmpuint (taken, ==, strlen (HEAD "\r\n"));
  g_assert_cmpuint (request->capacity, <=, 4200);

  edge_request_reset (request);
  g_assert_null (request->data);
  g_assert_null (request->headers);
  g_assert_false (edge_request_started (request));
  g_assert_true (edge_request_in_headers (request));
  edge_request_free (request);
  edge_request_free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/edge/http/limits/header-bytes", test_header_bytes);
  g_test_add_func ("/edge/http/limits/header-bytes-without-limit", test_header_bytes_without_limit);
  g_test_add_func ("/edge/http/limits/header-count", test_header_count);
  g_test_add_func ("/edge/http/limits/body-length", test_body_length);
  g_test_add_func ("/edge/http/limits/chunked-length", test_chunked_length);
  g_test_add_func ("/edge/http/limits/trailer-bytes", test_trailer_bytes);
  g_test_add_func ("/edge/http/limits/memory", test_memory);
  return g_test_run ();
}
