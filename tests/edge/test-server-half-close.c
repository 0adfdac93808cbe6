/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clients that end their output with a request in hand: some wait for the answer, and some have gone. */
#include "tests/edge/edge-fixture.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A client may end its output and wait. */
static void
test_half_close (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autofree char *answers = NULL;
  int fd;

  fixture_start (fixture);
  fd = fixture_connect (fixture);
  fixture_send_text (fixture, fd, FIXTURE_GET ("/1") FIXTURE_GET ("/later") FIXTURE_GET ("/3"));
  shutdown (fd, SHUT_WR);
  fixture_wait_log (fixture, "R/later ");
  fixture_settle (fixture);
  g_assert_cmpint (fixture->n_closed, ==, 0);
  edge_connection_respond (fixture->held, 200, "text/plain", "late", 4, NULL, FALSE);
  answers = fixture_read_to_end (fixture, fd, NULL);
  g_assert_nonnull (strstr (answers, "hello GET /1 "));
  g_assert_nonnull (strstr (answers, "\r\n\r\nlate"));
  g_assert_true (g_str_has_suffix (answers, "hello GET /3 "));
  close (fd);
  fixture_wait_log (fixture, "S C0 ");
}

/* The same, and then it goes: noticed although it was half closed before, and although much is read ahead. */
static void
test_half_close_then_vanish (void)
{
  for (guint ahead = 0; ahead < 2; ahead++)
    {
      g_autoptr (Fixture) fixture = fixture_new ();
      g_autofree char *more = g_strnfill (ahead == 0 ? 10 : 100 * 1024, 'x');
      int fd;

      fixture_start (fixture);
      fd = fixture_connect (fixture);
      fixture_send_text (fixture, fd, FIXTURE_GET ("/later"));
      fixture_wait_log (fixture, "R/later ");
      fixture_send_text (fixture, fd, more);
      shutdown (fd, SHUT_WR);
      fixture_settle (fixture);
      g_assert_cmpint (fixture->n_closed, ==, 0);
      close (fd);
      fixture_wait_log (fixture, "C0 ");
    }
}

/* The same, but it had read all there was: its kernel says nothing until it is asked again. */
static void
test_half_close_then_vanish_quietly (void)
{
  static const char interim[] = "HTTP/1.1 100 Continue\r\n\r\n";
  g_autoptr (Fixture) fixture = fixture_new ();
  int fd;

  fixture->limits.write_timeout_ms = 30;
  fixture_start (fixture);
  fd = fixture_connect (fixture);
  fixture_send_text (fixture, fd, FIXTURE_GET ("/later"));
  fixture_wait_log (fixture, "R/later ");
  shutdown (fd, SHUT_WR);
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *read = fixture_read (fixture, fd, sizeof interim - 1);

      g_assert_cmpstr (read, ==, interim);
    }
  g_assert_cmpint (fixture->n_closed, ==, 0);
  close (fd);
  fixture_wait_log (fixture, "C0 ");
}

/* The same with the second of two requests, of which nothing can be read any more. */
static void
test_half_close_in_the_next (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  char sink[4096];
  int fd;

  fixture->limits.write_timeout_ms = 30;
  fixture_start (fixture);
  fd = fixture_connect (fixture);
  fixture_send_text (fixture, fd, FIXTURE_GET ("/later") FIXTURE_GET ("/later"));
  shutdown (fd, SHUT_WR);
  fixture_wait_log (fixture, "R/later ");
  edge_connection_respond (fixture->held, 200, "text/plain", "x", 1, NULL, FALSE);
  fixture_wait_log (fixture, "S R/later ");
  while (recv (fd, sink, sizeof sink, MSG_DONTWAIT) > 0)
    ;
  close (fd);
  fixture_wait_log (fixture, "C0 ");
}

/* An HTTP/1.0 client knows no interim answer to be asked with. */
static void
test_half_close_1_0 (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autofree char *answer = NULL;
  int fd;

  fixture_start (fixture);
  fd = fixture_connect (fixture);
  fixture_send_text (fixture, fd, "GET /later HTTP/1.0\r\n\r\n");
  fixture_wait_log (fixture, "R/later ");
  shutdown (fd, SHUT_WR);
  fixture_wait_log (fixture, "C0 ");
  answer = fixture_read_to_end (fixture, fd, NULL);
  g_assert_cmpstr (answer, ==, "");
  close (fd);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/server/half-close/waits", test_half_close);
  g_test_add_func ("/server/half-close/then-vanish", test_half_close_then_vanish);
  g_test_add_func ("/server/half-close/then-vanish-quietly", test_half_close_then_vanish_quietly);
  g_test_add_func ("/server/half-close/in-the-next", test_half_close_in_the_next);
  g_test_add_func ("/server/half-close/1.0", test_half_close_1_0);
  return g_test_run ();
}
