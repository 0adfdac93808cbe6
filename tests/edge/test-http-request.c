/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an owner reads from a request: headers, path and query, the WebSocket handshake, 100-continue,
 * pipelines. */
#include "edge/http-request.h"

#include <string.h>

static const EdgeHttpLimits limits = { 16 * 1024, 100, 64 * 1024 };

#define HEAD       "GET / HTTP/1.1\r\nHost: a\r\n"
#define KEY        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define VERSION    "Sec-WebSocket-Version: 13\r\n"
#define UPGRADE    "Upgrade: websocket\r\n"
#define CONNECTION "Connection: Upgrade\r\n"

static EdgeRequest *
read_request (const char *text)
{
  EdgeRequest *request = edge_request_new ();
  gsize taken;

  g_assert_cmpint (edge_request_feed (request, &limits, text, strlen (text), &taken), ==, EDGE_HTTP_DONE);
  g_assert_cmpuint (taken, ==, strlen (text));
  return request;
}

static void
test_headers (void)
{
  EdgeRequest *request =
    read_request (HEAD "Accept: a\r\nx-API-key:k \r\nACCEPT:\tb\r\nEmpty:\r\naccept: \r\nB: 1\r\n"
                       "Accept: c, d\r\nb: 2\r\n\r\n");

  g_assert_cmpstr (edge_request_header (request, "host"), ==, "a");
  g_assert_cmpstr (edge_request_header (request, "X-Api-Key"), ==, "k");
  g_assert_cmpstr (edge_request_header (request, "Accept"), ==, "a, b, , c, d");
  g_assert_cmpstr (edge_request_header (request, "accept"), ==, "a, b, , c, d");
  g_assert_cmpuint (edge_request_header_count (request, "aCCept"), ==, 4);
  g_assert_cmpstr (edge_request_header (request, "B"), ==, "1, 2");
  g_assert_cmpuint (edge_request_header_count (request, "b"), ==, 2);
  g_assert_cmpstr (edge_request_header (request, "empty"), ==, "");
  g_assert_cmpuint (edge_request_header_count (request, "empty"), ==, 1);
  g_assert_null (edge_request_header (request, "accep"));
  g_assert_null (edge_request_header (request, "accepts"));
  g_assert_null (edge_request_header (request, ""));
  g_assert_cmpuint (edge_request_header_count (request, "none"), ==, 0);
  edge_request_free (request);
}

/* The block moves while values are joined. */
static void
test_long_repeats (void)
{
  g_autofree char *a = g_strnfill (10, 'a'), *b = g_strnfill (5000, 'b'), *c = g_strnfill (9000, 'c');
  g_autofree char *text = g_strdup_printf (HEAD "X: %s\r\nY: 1\r\nX: %s\r\nX: %s\r\nY: 2\r\n\r\n", a, b, c);
  g_autofree char *joined = g_strdup_printf ("%s, %s, %s", a, b, c);
  EdgeRequest *request = read_request (text);

  g_assert_cmpstr (edge_request_header (request, "x"), ==, joined);
  g_assert_cmpstr (edge_request_header (request, "y"), ==, "1, 2");
  edge_request_free (request);
}

/* Names with equal hashes are still different names. */
static void
test_hash_collisions (void)
{
  EdgeRequest *request = read_request (HEAD "A^: 1\r\na~: 2\r\n\r\n");

  g_assert_cmpuint (edge_header_hash ("A^", 2), ==, edge_header_hash ("a~", 2));
  g_assert_cmpstr (edge_request_header (request, "a^"), ==, "1");
  g_assert_cmpstr (edge_request_header (request, "A~"), ==, "2");
  g_assert_cmpuint (edge_request_header_count (request, "a~"), ==, 1);
  edge_request_free (request);
}

static void
test_known_headers (void)
{
  static const struct
  {
    const char *name;
    EdgeHeaderId id;
  } names[] = {
    { "Host", EDGE_HEADER_HOST },
    { "CONNECTION", EDGE_HEADER_CONNECTION },
    { "content-length", EDGE_HEADER_CONTENT_LENGTH },
    { "Transfer-Encoding", EDGE_HEADER_TRANSFER_ENCODING },
    { "Content-Encoding", EDGE_HEADER_CONTENT_ENCODING },
    { "Expect", EDGE_HEADER_EXPECT },
    { "Upgrade", EDGE_HEADER_UPGRADE },
    { "Sec-WebSocket-Key", EDGE_HEADER_WEBSOCKET_KEY },
    { "Sec-WebSocket-Version", EDGE_HEADER_WEBSOCKET_VERSION },
    { "date", EDGE_HEADER_SINGLE },
    { "Range", EDGE_HEADER_SINGLE },
    { "if-range", EDGE_HEADER_SINGLE },
    { "x-api-key", EDGE_HEADER_SINGLE },
    { "x-group-id", EDGE_HEADER_SINGLE },
    { "Content-Type", EDGE_HEADER_SINGLE },
    { "authorization", EDGE_HEADER_SINGLE },
    { "content-range", EDGE_HEADER_SINGLE },
    { "proxy-authorization", EDGE_HEADER_SINGLE },
    { "", EDGE_HEADER_OTHER },
    { "x", EDGE_HEADER_OTHER },
    { "hos", EDGE_HEADER_OTHER },
    { "hosts", EDGE_HEADER_OTHER },
    { "sec-websocket-versio", EDGE_HEADER_OTHER },
    { "sec-websocket-version1", EDGE_HEADER_OTHER },
    { "a-name-that-is-longer-than-any-known-one", EDGE_HEADER_OTHER },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      EdgeHeaderId id;
      guint number = edge_header_identify (names[i].name, strlen (names[i].name), &id);

      g_assert_cmpint (id, ==, names[i].id);
      g_assert_cmpint (number != 0, ==, names[i].id != EDGE_HEADER_OTHER);
    }
}

static void
test_target (void)
{
  static const struct
  {
    const char *target, *path, *query;
  } targets[] = {
    { "/", "/", NULL },
    { "/a/b", "/a/b", NULL },
    { "/a?b", "/a", "b" },
    { "/a?", "/a", "" },
    { "/?", "/", "" },
    { "/a?b?c=d", "/a", "b?c=d" },
    { "/%3Fa?%3F", "/%3Fa", "%3F" },
    { "/?apiKey=k&x=/y", "/", "apiKey=k&x=/y" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (targets); i++)
    {
      g_autofree char *text =
        g_strdup_printf ("GET %s HTTP/1.1\r\nHost: a\r\nA: 1\r\nA: 2\r\n\r\n", targets[i].target);
      EdgeRequest *request = read_request (text);

      g_assert_cmpstr (edge_request_target (request), ==, targets[i].target);
      g_assert_cmpstr (edge_request_path (request), ==, targets[i].path);
      g_assert_cmpstr (edge_request_query (request), ==, targets[i].query);
      g_assert_cmpstr (edge_request_header (request, "a"), ==, "1, 2");
      edge_request_free (request);
    }
}

static void
test_upgrade (void)
{
  static const struct
  {
    const char *text;
    gboolean upgrade;
    const char *fault; /* a part of it */
  } handshakes[] = {
    { HEAD UPGRADE CONNECTION KEY VERSION "\r\n", TRUE, NULL },
    { HEAD "UPGRADE: WebSocket\r\nConnection: keep-alive, uPGRADE\r\n" KEY VERSION "\r\n", TRUE, NULL },
    { HEAD UPGRADE "Connection: keep-alive\r\n" CONNECTION KEY VERSION "\r\n", TRUE, NULL },
    { HEAD UPGRADE CONNECTION KEY VERSION "Content-Length: 0\r\n\r\n", TRUE, NULL },
    { HEAD "\r\n", FALSE, NULL },
    { HEAD CONNECTION KEY VERSION "\r\n", FALSE, NULL },
    { HEAD "Upgrade: h2c\r\n" CONNECTION KEY VERSION "\r\n", FALSE, NULL },
    { HEAD "Upgrade: websockets\r\n" CONNECTION KEY VERSION "\r\n", FALSE, NULL },
    { "GET / HTTP/1.0\r\n" UPGRADE CONNECTION KEY VERSION "\r\n", FALSE, NULL },
    { "POST / HTTP/1.1\r\nHost: a\r\n" UPGRADE CONNECTION KEY VERSION "\r\n", FALSE, "GET" },
    { HEAD UPGRADE CONNECTION KEY VERSION "Content-Length: 1\r\n\r\nx", FALSE, "body" },
    { HEAD UPGRADE CONNECTION KEY VERSION "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", FALSE, "body" },
    { HEAD UPGRADE KEY VERSION "\r\n", FALSE, "Connection" },
    { HEAD UPGRADE "Connection: upgrade-insecure\r\n" KEY VERSION "\r\n", FALSE, "Connection" },
    { HEAD UPGRADE CONNECTION VERSION "\r\n", FALSE, "no Sec-WebSocket-Key" },
    { HEAD UPGRADE CONNECTION VERSION "Sec-WebSocket-Key:\r\n\r\n", FALSE, "16 bytes" },
    { HEAD UPGRADE CONNECTION VERSION "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=\r\n\r\n", FALSE,
      "16 bytes" },
    { HEAD UPGRADE CONNECTION VERSION "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ===\r\n\r\n", FALSE,
      "16 bytes" },
    { HEAD UPGRADE CONNECTION VERSION "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQAA\r\n\r\n", FALSE,
      "16 bytes" },
    { HEAD UPGRADE CONNECTION VERSION "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZ===\r\n\r\n", FALSE,
      "16 bytes" },
    { HEAD UPGRADE CONNECTION VERSION "Sec-WebSocket-Key: dGhlIHNhbXBsZS-ub25jZQ==\r\n\r\n", FALSE,
      "16 bytes" },
    { HEAD UPGRADE CONNECTION KEY "\r\n", FALSE, "Version" },
    { HEAD UPGRADE CONNECTION KEY "Sec-WebSocket-Version: 8\r\n\r\n", FALSE, "Version" },
    { HEAD UPGRADE CONNECTION KEY "Sec-WebSocket-Version: 013\r\n\r\n", FALSE, "Version" },
    { HEAD UPGRADE CONNECTION KEY "Sec-WebSocket-Version: 13, 8\r\n\r\n", FALSE, "Version" },
    /* Not the version's fault alone: no other version would help. */
    { HEAD UPGRADE CONNECTION "Sec-WebSocket-Version: 8\r\n\r\n", FALSE, "Key" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (handshakes); i++)
    {
      EdgeRequest *request = read_request (handshakes[i].text);
      const char *fault = edge_request_upgrade_fault (request);

      g_test_message ("%s", handshakes[i].text);
      g_assert_cmpint (edge_request_is_upgrade (request), ==, handshakes[i].upgrade);
      g_assert_cmpint (fault != NULL, ==, handshakes[i].fault != NULL);
      g_assert_true (fault == NULL || strstr (fault, handshakes[i].fault) != NULL);
      g_assert_cmpint (edge_request_websocket_key (request) != NULL, ==, handshakes[i].upgrade);
      if (handshakes[i].upgrade)
        g_assert_cmpstr (edge_request_websocket_key (request), ==, "dGhlIHNhbXBsZSBub25jZQ==");
      edge_request_free (request);
    }
}

static void
test_continue (void)
{
  const char *head = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
  EdgeRequest *request = edge_request_new ();
  gsize taken;

  g_assert_cmpint (edge_request_feed (request, &limits, head, strlen (head), &taken), ==,
                   EDGE_HTTP_HEADERS_DONE);
  g_assert_true (edge_request_expects_continue (request));
  g_assert_cmpint (edge_request_feed (request, &limits, "", 0, &taken), ==, EDGE_HTTP_NEED_MORE);
  g_assert_cmpint (edge_request_feed (request, &limits, "a", 1, &taken), ==, EDGE_HTTP_NEED_MORE);
  /* It did not wait. */
  g_assert_false (edge_request_expects_continue (request));
  g_assert_cmpint (edge_request_feed (request, &limits, "bc", 2, &taken), ==, EDGE_HTTP_DONE);
  g_assert_cmpuint (taken, ==, 1);
  edge_request_reset (request);
  g_assert_false (edge_request_expects_continue (request));
  edge_request_free (request);

  request = read_request (HEAD "Expect: 100-continue\r\n\r\n");
  g_assert_false (edge_request_expects_continue (request));
  edge_request_free (request);
  request = edge_request_new ();
  head = "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
  g_assert_cmpint (edge_request_feed (request, &limits, head, strlen (head), &taken), ==,
                   EDGE_HTTP_HEADERS_DONE);
  g_assert_false (edge_request_expects_continue (request));
  edge_request_free (request);
}

/* A thousand requests of all kinds in one stream, cut anywhere, come out as they went in. */
static void
test_pipeline (void)
{
  EdgeRequest *request = edge_request_new ();
  g_autoptr (GString) stream = g_string_new (NULL);
  guint count = 0;
  gsize at = 0, taken, length;

  for (guint i = 0; i < 1000; i++)
    if (i % 3 == 0)
      g_string_append_printf (stream, "GET /%u?q HTTP/1.1\r\nHost: a\r\n\r\n", i);
    else if (i % 3 == 1)
      g_string_append_printf (stream, "POST /%u?q HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nGET ", i);
    else
      g_string_append_printf (stream,
                              "\r\nPUT /%u?q HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
                              "chunked\r\n\r\n2\r\nGE\r\n2\r\nT \r\n0\r\nA: b\r\n\r\n",
                              i);
  while (at < stream->len)
    {
      gsize cut = (gsize) g_test_rand_int_range (0, 300);
      EdgeHttpState state =
        edge_request_feed (request, &limits, stream->str + at, MIN (cut, stream->len - at), &taken);
      g_autofree char *path = g_strdup_printf ("/%u", count);

      at += taken;
      g_assert_cmpint (state, !=, EDGE_HTTP_REFUSED);
      if (state != EDGE_HTTP_DONE)
        continue;
      g_assert_cmpstr (edge_request_path (request), ==, path);
      g_assert_cmpstr (edge_request_body (request, &length), ==, count % 3 == 0 ? "" : "GET ");
      g_assert_cmpuint (length, ==, count % 3 == 0 ? 0 : 4);
      edge_request_reset (request);
      count++;
    }
  g_assert_cmpuint (count, ==, 1000);
  edge_request_free (request);
}

/* Nothing is read from a head that is not complete. */
static void
test_incomplete (void)
{
  EdgeRequest *request = edge_request_new ();
  const char *text = "POST /a?b HTTP/1.1\r\nHost: a\r\n";
  gsize taken, length;

  for (int round = 0; round < 2; round++)
    {
      g_assert_cmpstr (edge_request_method (request), ==, "");
      g_assert_cmpstr (edge_request_target (request), ==, "");
      g_assert_cmpstr (edge_request_path (request), ==, "");
      g_assert_null (edge_request_query (request));
      g_assert_null (edge_request_header (request, "host"));
      g_assert_cmpuint (edge_request_header_count (request, "host"), ==, 0);
      g_assert_cmpstr (edge_request_body (request, &length), ==, "");
      g_assert_cmpuint (length, ==, 0);
      g_assert_false (edge_request_is_upgrade (request));
      g_assert_false (edge_request_keep_alive (request));
      g_assert_null (edge_request_websocket_key (request));
      edge_request_feed (request, &limits, text, strlen (text), &taken);
    }
  edge_request_free (request);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/edge/http/request/headers", test_headers);
  g_test_add_func ("/edge/http/request/long-repeats", test_long_repeats);
  g_test_add_func ("/edge/http/request/hash-collisions", test_hash_collisions);
  g_test_add_func ("/edge/http/request/known-headers", test_known_headers);
  g_test_add_func ("/edge/http/request/target", test_target);
  g_test_add_func ("/edge/http/request/upgrade", test_upgrade);
  g_test_add_func ("/edge/http/request/continue", test_continue);
  g_test_add_func ("/edge/http/request/pipeline", test_pipeline);
  g_test_add_func ("/edge/http/request/incomplete", test_incomplete);
  return g_test_run ();
}
