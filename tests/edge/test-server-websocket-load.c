/* SPDX-License-Identifier: GPL-3.0-or-later */
/* WebSocket over real sockets: floods, peers that do not read, memory. */
#include "tests/edge/edge-fixture.h"

#include "tests/edge/ws-spec.h"

#include <malloc.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void
test_message_flood (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  int fd;

  fixture->limits.messages_per_second = 1;
  fixture->limits.message_burst = 5; /* the handshake is the first */
  fixture_start (fixture);
  fd = fixture_connect_websocket (fixture);
  fixture_send_frames (fixture, fd, "{50}+1:m|+8:%03%e8");
  for (guint i = 0; i < 4; i++)
    fixture_expect_frame (fixture, fd, "T:m");
  fixture_expect_frame (fixture, fd, "C1000:");
  g_assert_true (g_str_has_prefix (fixture->log->str, "R/ws Mm Mm Mm Mm D D D "));
  g_assert_cmpuint (edge_server_counters (fixture->server)->messages_in, ==, 4);
  close (fd);
}

static void
test_ping_flood (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  int fd;

  fixture->limits.messages_per_second = 1;
  fixture->limits.message_burst = 5;
  fixture_start (fixture);
  fd = fixture_connect_websocket (fixture);
  fixture_send_frames (fixture, fd, "{5000}+9:p|+8:%03%e8");
  for (guint i = 0; i < 4; i++)
    fixture_expect_frame (fixture, fd, "p:p");
  fixture_expect_frame (fixture, fd, "C1000:");
  g_assert_null (strstr (fixture->log->str, "D"));
  close (fd);
}

/* Fragments without end, far more than the cap: refused when the cap is reached, not when memory is. */
static void
test_fragment_flood (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autofree char *close_frame = NULL;
  int fd;

  fixture_start (fixture);
  fd = fixture_connect_websocket (fixture);
  fixture_send_frames (fixture, fd, "-1*1000|{300}-0*1000");
  fixture_expect_frame (fixture, fd, "C1009:a message is too long");
  fixture_expect_end (fixture, fd);
  close (fd);
  fixture_wait_log (fixture, "C3 ");
}

/* Nobody reads what we say: dropped at the bound. */
static void
test_overflow (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autofree char *big = g_strnfill (60000, 'x');
  guint n = 0;
  int fd;

  fixture->limits.max_output_bytes = 200 * 1000;
  fixture_start (fixture);
  fd = fixture_connect_websocket (fixture);
  while (fixture->latest != NULL && edge_connection_send_text (fixture->latest, big, 60000))
    {
      n++;
      g_assert_cmpuint (n, <, 1000);
    }
  /* Not from inside of the call that was one too many. */
  g_assert_cmpint (fixture->n_closed, ==, 0);
  fixture_wait_log (fixture, "C4 ");
  g_assert_cmpuint (edge_server_counters (fixture->server)->overflows, ==, 1);
  g_assert_cmpuint (edge_server_counters (fixture->server)->messages_out, ==, n);
  close (fd);
}

/* A client that writes without reading is not read from any more; when it reads, nothing was lost. */
static void
test_back_pressure (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (GByteArray) frame = ws_build ("+1*4000");
  gsize sent = 0, n;
  int fd;

  fixture->limits.messages_per_second = 0;
  fixture_start (fixture);
  fd = fixture_connect_websocket (fixture);
  for (guint still = 0; still < 5;)
    {
      gssize done = send (fd, frame->data + sent % frame->len, frame->len - sent % frame->len, MSG_DONTWAIT);

      sent += MAX (done, 0);
      still = done < 0 ? still + 1 : 0;
      fixture_settle (fixture);
    }
  g_assert_cmpuint (edge_server_counters (fixture->server)->bytes_in, <, sent);
  g_assert_cmpint (fixture->n_closed, ==, 0);
  n = sent / frame->len;
  g_assert_cmpuint (n, >, 100);
  for (gsize i = 0; i < n; i++)
    fixture_expect_frame (fixture, fd, "T*4000");
  close (fd);
}

static void
test_write_timeout (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autofree char *big = g_strnfill (8 * 1024 * 1024, 'x');
  int fd;

  fixture->limits.max_output_bytes = 0;
  fixture->limits.write_timeout_ms = 50;
  fixture_start (fixture);
  fd = fixture_connect_websocket (fixture);
  g_assert_true (edge_connection_send_text (fixture->latest, big, 8 * 1024 * 1024));
  fixture_wait_log (fixture, "C2 ");
  g_assert_cmpuint (edge_server_counters (fixture->server)->timeouts, ==, 1);
  close (fd);
}

/* What is gathered goes out once, in order, and the end waits for it. */
static void
test_cork (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  int fd;

  fixture_start (fixture);
  fd = fixture_connect_websocket (fixture);
  edge_server_cork (fixture->server);
  edge_connection_send_text (fixture->latest, "one", 3);
  edge_connection_send_text (fixture->latest, "two", 3);
  edge_connection_close (fixture->latest, 4001, "as asked");
  g_assert_cmpint (recv (fd, &(char){ 0 }, 1, MSG_DONTWAIT), ==, -1);
  edge_server_uncork (fixture->server);
  fixture_expect_frame (fixture, fd, "T:one");
  fixture_expect_frame (fixture, fd, "T:two");
  fixture_expect_frame (fixture, fd, "C4001:as asked");
  fixture_send_frames (fixture, fd, "+8:%0f%a1");
  fixture_expect_end (fixture, fd);
  close (fd);
  fixture_wait_log (fixture, "C1 ");
}

/* An idle connection holds no buffer. */
static void
test_idle_memory (void)
{
#if defined(__SANITIZE_ADDRESS__)
  g_test_skip ("the sanitizer's heap is another one");
#else
  enum
  {
    N = 400
  };
  g_autoptr (Fixture) fixture = fixture_new ();
  gsize before, http, websocket;
  int first, fds[2 * N];

  fixture_start (fixture);
  first = fixture_connect_websocket (fixture);
  g_string_set_size (fixture->log, 64 * 1024); /* that it does not grow meanwhile */
  g_string_truncate (fixture->log, 0);
  before = mallinfo2 ().uordblks;
  for (guint i = 0; i < N; i++)
    {
      fds[i] = fixture_connect (fixture);
      fixture_send_text (fixture, fds[i], FIXTURE_GET ("/"));
      g_free (fixture_read_until (fixture, fds[i], "hello GET / "));
    }
  fixture_settle (fixture);
  http = mallinfo2 ().uordblks;
  for (guint i = N; i < 2 * N; i++)
    {
      fds[i] = fixture_connect_websocket (fixture);
      fixture_send_frames (fixture, fds[i], "-1*5000|+9:p|+0*3000");
      fixture_expect_frame (fixture, fds[i], "p:p");
      fixture_expect_frame (fixture, fds[i], "T*8000");
    }
  fixture_settle (fixture);
  websocket = mallinfo2 ().uordblks;
  g_test_message ("%zu bytes an idle HTTP connection, %zu an idle WebSocket", (http - before) / N,
                  (websocket - http) / N);
  g_assert_cmpuint ((http - before) / N, <=, 300);
  g_assert_cmpuint ((websocket - http) / N, <=, 300);
  close (first);
  for (guint i = 0; i < 2 * N; i++)
    close (fds[i]);
#endif
}
int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/server/websocket/message-flood", test_message_flood);
  g_test_add_func ("/server/websocket/ping-flood", test_ping_flood);
  g_test_add_func ("/server/websocket/fragment-flood", test_fragment_flood);
  g_test_add_func ("/server/websocket/overflow", test_overflow);
  g_test_add_func ("/server/websocket/back-pressure", test_back_pressure);
  g_test_add_func ("/server/websocket/write-timeout", test_write_timeout);
  g_test_add_func ("/server/websocket/cork", test_cork);
  g_test_add_func ("/server/websocket/idle-memory", test_idle_memory);
  return g_test_run ();
}
