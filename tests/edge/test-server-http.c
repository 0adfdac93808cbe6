/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTTP over real sockets: answers, keep-alive, pipelining, ends. */
#include "tests/edge/edge-fixture.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static char *
read_answer (Fixture *fixture, int fd)
{
  g_autofree char *head = fixture_read_until (fixture, fd, "\r\n\r\n"), *body = NULL;
  const char *length = strstr (head, "\r\nContent-Length: ");

  if (length == NULL)
    return g_steal_pointer (&head);
  body = fixture_read (fixture, fd, g_ascii_strtoull (length + 18, NULL, 10));
  return g_strconcat (head, body, NULL);
}

static void
expect_answer (Fixture *fixture, int fd, const char *begin, const char *end)
{
  g_autofree char *answer = read_answer (fixture, fd);

  g_assert_true (g_str_has_prefix (answer, begin));
  g_assert_true (g_str_has_suffix (answer, end));
}

static void
test_answers (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autofree char *answer = NULL;
  int fd;

  fixture_start (fixture);
  fd = fixture_connect (fixture);
  fixture_send_text (fixture, fd, FIXTURE_GET ("/a?b"));
  answer = read_answer (fixture, fd);
  g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 200 OK\r\nDate: "));
  g_assert_nonnull (
    strstr (answer, " GMT\r\nContent-Type: text/plain\r\nContent-Length: 15\r\nX-Test: yes\r\n\r\n"));
  g_assert_true (g_str_has_suffix (answer, "hello GET /a?b "));
  g_assert_null (strstr (answer, "Connection:"));

  fixture_send_text (fixture, fd, "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody");
  expect_answer (fixture, fd, "HTTP/1.1 200 OK\r\n", "hello POST /b body");
  fixture_send_text (
    fixture, fd,
    "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nbo\r\n2\r\ndy\r\n0\r\n\r\n");
  expect_answer (fixture, fd, "HTTP/1.1 200 OK\r\n", "hello POST /c body");
  fixture_send_text (fixture, fd, FIXTURE_GET ("/none"));
  expect_answer (fixture, fd, "HTTP/1.1 204 No Content\r\n", "\r\n\r\n");
  g_assert_cmpstr (fixture->log->str, ==, "R/a?b S R/b S R/c S R/none S ");
  g_assert_cmpuint (edge_server_counters (fixture->server)->requests, ==, 4);
  close (fd);
  fixture_wait_log (fixture, "C0 ");
}

static void
test_head (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autofree char *head = NULL;
  int fd;

  fixture_start (fixture);
  fd = fixture_connect (fixture);
  fixture_send_text (fixture, fd, "HEAD /x HTTP/1.1\r\nHost: h\r\n\r\n");
  head = fixture_read_until (fixture, fd, "\r\n\r\n");
  g_assert_nonnull (strstr (head, "\r\nContent-Length: 14\r\n"));
  /* The next bytes are the next answer. */
  fixture_send_text (fixture, fd, FIXTURE_GET ("/y"));
  expect_answer (fixture, fd, "HTTP/1.1 200 OK\r\n", "hello GET /y ");
  close (fd);
}

static void
test_byte_by_byte (void)
{
  static const char request[] = "POST /slow HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc";
  g_autoptr (Fixture) fixture = fixture_new ();
  int fd;

  fixture_start (fixture);
  fd = fixture_connect (fixture);
  for (gsize i = 0; i < sizeof request - 1; i++)
    {
      fixture_send (fixture, fd, request + i, 1);
      fixture_settle (fixture);
    }
  expect_answer (fixture, fd, "HTTP/1.1 200 OK\r\n", "hello POST /slow abc");
  close (fd);
}

/* The second one waits for the first one's answer, whatever comes behind it. */
static void
test_pipelining (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  int fd;

  fixture_start (fixture);
  fd = fixture_connect (fixture);
  fixture_send_text (fixture, fd, FIXTURE_GET ("/1") FIXTURE_GET ("/later") FIXTURE_GET ("/3") "GET /4 HT");
  fixture_wait_log (fixture, "R/later ");
  fixture_settle (fixture);
  g_assert_cmpstr (fixture->log->str, ==, "R/1 S R/later ");
  edge_connection_respond (fixture->held, 201, "text/plain", "late", 4, NULL, FALSE);
  /* Nobody is called from inside of the answer. */
  g_assert_cmpstr (fixture->log->str, ==, "R/1 S R/later ");
  fixture_wait_log (fixture, "R/3 ");
  fixture_send_text (fixture, fd, "TP/1.1\r\nHost: h\r\n\r\n");
  expect_answer (fixture, fd, "HTTP/1.1 200 OK\r\n", "hello GET /1 ");
  expect_answer (fixture, fd, "HTTP/1.1 201 Created\r\n", "late");
  expect_answer (fixture, fd, "HTTP/1.1 200 OK\r\n", "hello GET /3 ");
  expect_answer (fixture, fd, "HTTP/1.1 200 OK\r\n", "hello GET /4 ");
  g_assert_cmpstr (fixture->log->str, ==, "R/1 S R/later S R/3 S R/4 S ");
  close (fd);
}

/* More in one piece than a connection may have of a turn. */
static void
test_many_pipelined (void)
{
  enum
  {
    N = 1500
  };
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (GString) requests = g_string_new (NULL);
  const EdgeCounters *counters;
  int fd;

  fixture_start (fixture);
  counters = edge_server_counters (fixture->server);
  fd = fixture_connect (fixture);
  for (guint i = 0; i < N; i++)
    g_string_append_printf (requests, FIXTURE_GET ("/%u"), i);
  fixture_send (fixture, fd, requests->str, requests->len);
  while (counters->requests < N)
    {
      guint64 before = counters->requests;

      /* One share for what is new and one for what was held back. */
      g_main_context_iteration (fixture->context, TRUE);
      g_assert_cmpuint (counters->requests - before, <=, 2 * 64);
    }
  for (guint i = 0; i < N; i++)
    {
      g_autofree char *end = g_strdup_printf ("hello GET /%u ", i);

      expect_answer (fixture, fd, "HTTP/1.1 200 OK\r\n", end);
    }
  close (fd);
}

/* What is read ahead of a request in hand is bounded: the rest stays with the client. */
static void
test_read_ahead_is_bounded (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autofree char *flood = g_strnfill (64 * 1024, 'x');
  gsize sent = 0;
  int fd;

  fixture_start (fixture);
  fd = fixture_connect (fixture);
  fixture_send_text (fixture, fd, FIXTURE_GET ("/later"));
  fixture_wait_log (fixture, "R/later ");
  for (guint still = 0; still < 5;)
    {
      gssize n = send (fd, flood, 64 * 1024, MSG_DONTWAIT | MSG_NOSIGNAL);

      sent += MAX (n, 0);
      still = n < 0 ? still + 1 : 0;
      fixture_settle (fixture);
    }
  g_assert_cmpuint (sent, >, 100 * 1024);
  g_assert_cmpuint (edge_server_counters (fixture->server)->bytes_in, <, 64 * 1024);
  /* And the answer still gets out, and then what was the matter with the rest. */
  edge_connection_respond (fixture->held, 200, "text/plain", "late", 4, NULL, FALSE);
  expect_answer (fixture, fd, "HTTP/1.1 200 OK\r\n", "late");
  expect_answer (fixture, fd, "HTTP/1.1 400 Bad Request\r\n", "\r\n\r\n");
  fixture_expect_end (fixture, fd);
  close (fd);
  fixture_wait_log (fixture, "C3 ");
}

static void
test_continue (void)
{
  static const char head[] =
    "POST /c HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n";
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autofree char *interim = NULL;
  int fd;

  fixture_start (fixture);
  fd = fixture_connect (fixture);
  fixture_send_text (fixture, fd, head);
  interim = fixture_read_until (fixture, fd, "\r\n\r\n");
  g_assert_cmpstr (interim, ==, "HTTP/1.1 100 Continue\r\n\r\n");
  fixture_send_text (fixture, fd, "body");
  expect_answer (fixture, fd, "HTTP/1.1 200 OK\r\n", "hello POST /c body");
  /* Who does not wait is not told. */
  fixture_send (fixture, fd, head, sizeof head - 1);
  interim = (g_free (interim), fixture_read_until (fixture, fd, "\r\n\r\n"));
  fixture_send_text (fixture, fd, "body");
  expect_answer (fixture, fd, "HTTP/1.1 200 OK\r\n", "hello POST /c body");
  fixture_send_text (fixture, fd,
                     "POST /c HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\nbody");
  expect_answer (fixture, fd, "HTTP/1.1 200 OK\r\n", "hello POST /c body");
  close (fd);
}

static void
test_ends (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autofree char *answer = NULL, *nothing = NULL;
  int fd;

  fixture_start (fixture);
  fd = fixture_connect (fixture);
  fixture_send_text (fixture, fd, FIXTURE_GET ("/close") FIXTURE_GET ("/never"));
  answer = fixture_read_to_end (fixture, fd, NULL);
  g_assert_nonnull (strstr (answer, "\r\nConnection: close\r\n"));
  g_assert_true (g_str_has_suffix (answer, "\r\n\r\nbye"));
  close (fd);
  fixture_wait_log (fixture, "R/close S C1 ");

  g_string_truncate (fixture->log, 0);
  fd = fixture_connect (fixture);
  fixture_send_text (fixture, fd, "GET /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  answer = (g_free (answer), fixture_read_to_end (fixture, fd, NULL));
  g_assert_nonnull (strstr (answer, "\r\nConnection: close\r\n"));
  close (fd);
  fixture_wait_log (fixture, "R/x S C1 ");

  g_string_truncate (fixture->log, 0);
  fd = fixture_connect (fixture);
  fixture_send_text (fixture, fd, FIXTURE_GET ("/end"));
  nothing = fixture_read_to_end (fixture, fd, NULL);
  g_assert_cmpstr (nothing, ==, "");
  close (fd);
  fixture_wait_log (fixture, "R/end C1 ");

  g_string_truncate (fixture->log, 0);
  fd = fixture_connect (fixture);
  fixture_send_text (fixture, fd, FIXTURE_GET ("/abort"));
  fixture_expect_end (fixture, fd);
  close (fd);
  fixture_wait_log (fixture, "R/abort C1 ");
  g_assert_null (strstr (fixture->log->str, "never"));
}

/* The answer must arrive although the client is still sending: no reset may overtake it. */
static void
test_refusal_is_read (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autofree char *body = g_strnfill (300 * 1024, 'x'), *answer = NULL;
  int fd;

  fixture->refuse_with_body = TRUE;
  fixture_start (fixture);
  fd = fixture_connect (fixture);
  fixture_send_text (fixture, fd, "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 300000\r\n\r\n");
  fixture_send (fixture, fd, body, 300000);
  answer = fixture_read_to_end (fixture, fd, NULL);
  g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 413 Content Too Large\r\n"));
  g_assert_nonnull (strstr (answer, "\r\nContent-Type: application/json\r\n"));
  g_assert_nonnull (strstr (answer, "\r\nConnection: close\r\n"));
  g_assert_nonnull (strstr (answer, "\r\n\r\n{\"status\":413,"));
  /* It stays until the client has gone. */
  fixture_send (fixture, fd, body, 1000);
  fixture_settle (fixture);
  g_assert_cmpint (fixture->n_closed, ==, 0);
  close (fd);
  fixture_wait_log (fixture, "C3 ");
  g_assert_cmpstr (fixture->log->str, ==, "C3 ");
  g_assert_cmpuint (edge_server_counters (fixture->server)->protocol_errors, ==, 1);
}

/* Who does not go is not waited for. */
static void
test_linger_is_bounded (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autofree char *answer = NULL;
  int fd;

  fixture->limits.write_timeout_ms = 60;
  fixture_start (fixture);
  fd = fixture_connect (fixture);
  fixture_send_text (fixture, fd, "NONSENSE\r\n\r\n");
  answer = fixture_read_to_end (fixture, fd, NULL);
  g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 400 Bad Request\r\n"));
  fixture_wait_log (fixture, "C3 ");
  close (fd);
}

static void
test_linger_bytes_are_bounded (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autofree char *flood = g_strnfill (64 * 1024, 'x');
  int fd;

  fixture_start (fixture);
  fd = fixture_connect (fixture);
  fixture_send_text (fixture, fd, "NONSENSE\r\n\r\n");
  while (fixture->n_closed == 0)
    {
      if (send (fd, flood, 64 * 1024, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
        fixture_settle (fixture);
      g_main_context_iteration (fixture->context, FALSE);
    }
  g_assert_cmpuint (edge_server_counters (fixture->server)->bytes_in, <, 2 * 1024 * 1024);
  close (fd);
}

/* Clients that vanish on keep-alive leave nothing behind. */
static void
test_vanish_idle (void)
{
  enum
  {
    N = 200
  };
  g_autoptr (Fixture) fixture = fixture_new ();
  int before, fds[N];

  fixture_start (fixture);
  before = fixture_count_descriptors ();
  for (guint round = 0; round < 3; round++)
    {
      for (guint i = 0; i < N; i++)
        {
          fds[i] = fixture_connect (fixture);
          fixture_send_text (fixture, fds[i], FIXTURE_GET ("/"));
          expect_answer (fixture, fds[i], "HTTP/1.1 200 OK\r\n", "hello GET / ");
        }
      g_assert_cmpuint (edge_server_n_connections (fixture->server), ==, N);
      for (guint i = 0; i < N; i++)
        {
          struct linger reset = { 1, 0 };

          if (i % 2)
            setsockopt (fds[i], SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
          close (fds[i]);
        }
      fixture_wait_closed (fixture, (round + 1) * N);
      g_assert_cmpuint (edge_server_n_connections (fixture->server), ==, 0);
      g_assert_cmpint (fixture_count_descriptors (), ==, before);
    }
  g_assert_null (strstr (fixture->log->str, "C1"));
  g_assert_null (strstr (fixture->log->str, "C5"));
}

/* In the middle of headers, of a body, and with a request in hand. */
static void
test_vanish_busy (void)
{
  static const char *const sent[] = { "GET / HT",
                                      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc",
                                      FIXTURE_GET ("/later"), FIXTURE_GET ("/later") FIXTURE_GET ("/x") };

  for (guint i = 0; i < G_N_ELEMENTS (sent); i++)
    {
      g_autoptr (Fixture) fixture = fixture_new ();
      int fd;

      fixture_start (fixture);
      fd = fixture_connect (fixture);
      fixture_send_text (fixture, fd, sent[i]);
      if (i >= 2)
        fixture_wait_log (fixture, "R/later ");
      else
        fixture_settle (fixture);
      close (fd);
      fixture_wait_log (fixture, "C0 ");
      g_assert_cmpuint (edge_server_n_connections (fixture->server), ==, 0);
    }
}

/* The owner answers before anybody knows that there is nobody to answer. */
static void
test_answer_nobody (void)
{
  for (guint local = 0; local < 3; local++)
    {
      g_autoptr (Fixture) fixture = fixture_new ();
      g_autofree char *path = g_strdup_printf ("%s/edge-%d-nobody", g_get_tmp_dir (), getpid ());
      g_autofree char *body = g_strnfill (local ? 10 : 100000, 'x');
      struct linger reset = { 1, 0 };
      int fd;

      fixture_start (fixture);
      g_assert_true (edge_server_listen_unix (fixture->server, path, 0600, NULL));
      fd = local ? fixture_connect_unix (path) : fixture_connect (fixture);
      fixture_send_text (fixture, fd, FIXTURE_GET ("/later"));
      fixture_wait_log (fixture, "R/later ");
      setsockopt (fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
      close (fd);
      edge_connection_respond (fixture->held, 200, local == 2 ? NULL : "text/plain", body, strlen (body),
                               NULL, FALSE);
      g_assert_cmpint (fixture->n_closed, ==, 0);
      fixture_wait_log (fixture, "C0 ");
      g_assert_null (strstr (fixture->log->str, "S"));
    }
}

static void
test_server_free (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  int idle, busy, refused, websocket;

  fixture_start (fixture);
  idle = fixture_connect (fixture);
  websocket = fixture_connect_websocket (fixture);
  refused = fixture_connect (fixture);
  fixture_send_text (fixture, refused, "NONSENSE\r\n\r\n");
  busy = fixture_connect (fixture);
  fixture_send_text (fixture, busy, FIXTURE_GET ("/later") "GET");
  fixture_wait_log (fixture, "R/later ");
  fixture_settle (fixture);
  g_clear_pointer (&fixture->server, edge_server_free);
  g_assert_cmpint (fixture->n_closed, ==, 4);
  close (idle);
  close (busy);
  close (refused);
  close (websocket);
}

static void
close_one (EdgeConnection *connection, gpointer user_data)
{
  int *n = user_data;

  if ((*n)++ % 2)
    edge_connection_abort (connection);
  else
    edge_connection_close (connection, 1001, "over");
}

static void
test_foreach (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  int fds[10], n = 0;

  fixture_start (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    fds[i] = i < 5 ? fixture_connect (fixture) : fixture_connect_websocket (fixture);
  fixture_settle (fixture);
  edge_server_foreach (fixture->server, close_one, &n);
  g_assert_cmpint (n, ==, 10);
  g_assert_cmpint (fixture->n_closed, ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    {
      shutdown (fds[i], SHUT_WR);
      g_free (fixture_read_to_end (fixture, fds[i], NULL));
      close (fds[i]);
    }
  fixture_wait_closed (fixture, 10);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/server/http/answers", test_answers);
  g_test_add_func ("/server/http/head", test_head);
  g_test_add_func ("/server/http/byte-by-byte", test_byte_by_byte);
  g_test_add_func ("/server/http/pipelining", test_pipelining);
  g_test_add_func ("/server/http/many-pipelined", test_many_pipelined);
  g_test_add_func ("/server/http/read-ahead-is-bounded", test_read_ahead_is_bounded);
  g_test_add_func ("/server/http/continue", test_continue);
  g_test_add_func ("/server/http/ends", test_ends);
  g_test_add_func ("/server/http/refusal-is-read", test_refusal_is_read);
  g_test_add_func ("/server/http/linger-is-bounded", test_linger_is_bounded);
  g_test_add_func ("/server/http/linger-bytes-are-bounded", test_linger_bytes_are_bounded);
  g_test_add_func ("/server/http/vanish-idle", test_vanish_idle);
  g_test_add_func ("/server/http/vanish-busy", test_vanish_busy);
  g_test_add_func ("/server/http/answer-nobody", test_answer_nobody);
  g_test_add_func ("/server/http/free", test_server_free);
  g_test_add_func ("/server/http/foreach", test_foreach);
  return g_test_run ();
}
