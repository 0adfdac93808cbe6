/* SPDX-License-Identifier: GPL-3.0-or-later */
/* WebSocket over real sockets: the upgrade, messages, closing, heartbeats. */
#include "tests/edge/edge-fixture.h"

#include "tests/edge/ws-spec.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The first frames come with the handshake. */
static void
test_upgrade (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (GByteArray) bytes = ws_build ("+1:one|-1:tw|+9:p|+0:o|+1=5:thr");
  g_autofree char *head = NULL;
  int fd;

  fixture_start (fixture);
  fd = fixture_connect (fixture);
  g_byte_array_prepend (bytes, (const guint8 *) FIXTURE_UPGRADE (""), strlen (FIXTURE_UPGRADE ("")));
  fixture_send (fixture, fd, bytes->data, bytes->len);
  head = fixture_read_until (fixture, fd, "\r\n\r\n");
  g_assert_true (g_str_has_prefix (head, "HTTP/1.1 101 Switching Protocols\r\n"));
  g_assert_nonnull (strstr (head, "\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
  fixture_expect_frame (fixture, fd, "T:one");
  fixture_expect_frame (fixture, fd, "p:p");
  fixture_expect_frame (fixture, fd, "T:two");
  g_assert_true (edge_connection_is_websocket (fixture->latest));
  close (fd);
  fixture_wait_log (fixture, "R/ws Mone Mtwo C0 ");
  g_assert_cmpuint (edge_server_counters (fixture->server)->messages_in, ==, 2);
  g_assert_cmpuint (edge_server_counters (fixture->server)->messages_out, ==, 2);
}

/* The owner takes its time, and frames come meanwhile. */
static void
test_late_upgrade (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autofree char *head = NULL;
  int fd;

  fixture_start (fixture);
  fd = fixture_connect (fixture);
  fixture_send_text (fixture, fd,
                     "GET /later HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                     "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  fixture_send_frames (fixture, fd, "+1:early");
  fixture_wait_log (fixture, "R/later ");
  fixture_settle (fixture);
  edge_connection_upgrade (fixture->held);
  edge_connection_send_text (fixture->held, "first", 5);
  head = fixture_read_until (fixture, fd, "\r\n\r\n");
  fixture_expect_frame (fixture, fd, "T:first");
  fixture_expect_frame (fixture, fd, "T:early");
  close (fd);
}

static void
test_echo (void)
{
  static const char *const frames[][2] = { { "+1", "T:" },
                                           { "+1:a", "T:a" },
                                           { "+1*125", "T*125" },
                                           { "+1*126", "T*126" },
                                           { "+1*65535", "T*65535" },
                                           { "+1*65536", "T*65536" },
                                           { "-1:a|+0:b", "T:ab" },
                                           { "+9:ping", "p:ping" },
                                           { "-1*30000|-0*30000|+0*5000", "T*65000" },
                                           { "+1:%c3%a4", "T:%c3%a4" } };
  g_autoptr (Fixture) fixture = fixture_new ();
  int fd;

  fixture_start (fixture);
  fd = fixture_connect_websocket (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (frames); i++)
    {
      fixture_send_frames (fixture, fd, frames[i][0]);
      fixture_expect_frame (fixture, fd, frames[i][1]);
    }
  close (fd);
}

/* More messages in one piece than a connection may have of a turn; none is lost or out of order. */
static void
test_many_messages (void)
{
  enum
  {
    N = 1900
  };
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (GString) frames = g_string_new (NULL);
  int fd;

  fixture_start (fixture);
  fd = fixture_connect_websocket (fixture);
  for (guint i = 0; i < N; i++)
    g_string_append_printf (frames, "%s+1:%u", i == 0 ? "" : "|", i);
  fixture_send_frames (fixture, fd, frames->str);
  for (guint i = 0; i < N; i++)
    {
      g_autofree char *text = g_strdup_printf ("T:%u", i);

      fixture_expect_frame (fixture, fd, text);
    }
  close (fd);
}

/* An offer of compression is not taken, and what is compressed all the same is refused. */
static void
test_deflate_offer (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autofree char *head = NULL;
  int fd;

  fixture_start (fixture);
  fd = fixture_connect (fixture);
  fixture_send_text (
    fixture, fd,
    FIXTURE_UPGRADE (
      "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits, x-webkit-deflate-frame\r\n"));
  head = fixture_read_until (fixture, fd, "\r\n\r\n");
  g_assert_true (g_str_has_prefix (head, "HTTP/1.1 101 "));
  g_assert_null (strstr (head, "Extensions"));
  fixture_send_frames (fixture, fd, "+1:plain");
  fixture_expect_frame (fixture, fd, "T:plain");
  fixture_send_frames (fixture, fd, "+1r4:%f2%48%cd%c9%c9%07%00");
  fixture_expect_frame (fixture, fd, "C1002:a reserved bit is set");
  fixture_expect_end (fixture, fd);
  close (fd);
  fixture_wait_log (fixture, "C3 ");
}

static void
test_faults (void)
{
  static const struct
  {
    const char *frames, *answer;
  } cases[] = {
    { "+1u:abc", "C1002:a frame is not masked" },
    { "+3", "C1002:unknown opcode" },
    { "+0:a", "C1002:there is nothing to continue" },
    { "+9*126", "C1002:a control frame is too long" },
    { "+2:bytes", "C1003:only text is accepted" },
    { "+1:%ff", "C1007:a text is not UTF-8" },
    { "+1=100:%ed%a0", "C1007:a text is not UTF-8" },
    { "+1=65537", "C1009:a message is too long" },
    { "-1*65536|+0:a", "C1009:a message is too long" },
    { "{100}-1|{100}-0", "C1002:a message begins inside of another one" },
    { "-1|{100}-0", "C1008:too many empty fragments" },
    { "+8:%03", "C1002:half a close code" },
    { "+8:%03%ed", "C1002:a close code that may not be sent" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Fixture) fixture = fixture_new ();
      int fd;

      fixture_start (fixture);
      fd = fixture_connect_websocket (fixture);
      fixture_send_frames (fixture, fd, cases[i].frames);
      /* What follows a fault is thrown away, and does not stand in the way of the answer. */
      fixture_send_frames (fixture, fd, "+1:late|+9*100");
      fixture_expect_frame (fixture, fd, cases[i].answer);
      fixture_expect_end (fixture, fd);
      close (fd);
      fixture_wait_log (fixture, "C3 ");
      g_assert_cmpstr (fixture->log->str, ==, "R/ws C3 ");
      g_assert_cmpuint (edge_server_counters (fixture->server)->protocol_errors, ==, 1);
    }
}

static void
test_peer_closes (void)
{
  static const char *const cases[][2] = { { "+8:%03%e8bye", "C1000:" },
                                          { "+8", "C0:" },
                                          { "+8:%0f%a2", "C4002:" },
                                          { "-1:half|+8:%03%e9|+1:late", "C1001:" } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Fixture) fixture = fixture_new ();
      int fd;

      fixture_start (fixture);
      fd = fixture_connect_websocket (fixture);
      fixture_send_frames (fixture, fd, cases[i][0]);
      fixture_expect_frame (fixture, fd, cases[i][1]);
      fixture_expect_end (fixture, fd);
      close (fd);
      fixture_wait_log (fixture, "C0 ");
      g_assert_cmpstr (fixture->log->str, ==, "R/ws C0 ");
    }
}

static void
test_we_close (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  int fd;

  fixture_start (fixture);
  fd = fixture_connect_websocket (fixture);
  fixture_send_frames (fixture, fd, "+1:!close|+1:behind it");
  fixture_expect_frame (fixture, fd, "C4001:as asked");
  /* Not ended yet: the peer's close frame is missing. What else comes is not told. */
  fixture_send_frames (fixture, fd, "+1:late|+9:late");
  fixture_settle (fixture);
  g_assert_cmpstr (fixture->log->str, ==, "R/ws M!close ");
  fixture_send_frames (fixture, fd, "+8:%0f%a1");
  fixture_expect_end (fixture, fd);
  close (fd);
  fixture_wait_log (fixture, "C1 ");
}

/* Its close frame never comes. */
static void
test_we_close_alone (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  int fd;

  fixture->limits.write_timeout_ms = 60;
  fixture_start (fixture);
  fd = fixture_connect_websocket (fixture);
  fixture_send_frames (fixture, fd, "+1:!close");
  fixture_expect_frame (fixture, fd, "C4001:as asked");
  fixture_expect_end (fixture, fd);
  fixture_wait_log (fixture, "C1 ");
  close (fd);
}

static void
test_abort_in_message (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  int fd;

  fixture_start (fixture);
  fd = fixture_connect_websocket (fixture);
  fixture_send_frames (fixture, fd, "+1:!abort|+1:behind it|+9");
  fixture_expect_end (fixture, fd);
  close (fd);
  fixture_wait_log (fixture, "C1 ");
  g_assert_cmpstr (fixture->log->str, ==, "R/ws M!abort C1 ");
}

static void
test_vanish (void)
{
  enum
  {
    N = 100
  };
  g_autoptr (Fixture) fixture = fixture_new ();
  int before, fds[N];

  fixture_start (fixture);
  before = fixture_count_descriptors ();
  for (guint i = 0; i < N; i++)
    {
      fds[i] = fixture_connect_websocket (fixture);
      fixture_send_frames (fixture, fds[i], i % 2 ? "-1:half a message" : "x:%81");
    }
  fixture_settle (fixture);
  for (guint i = 0; i < N; i++)
    close (fds[i]);
  fixture_wait_closed (fixture, N);
  g_assert_cmpuint (edge_server_n_connections (fixture->server), ==, 0);
  g_assert_cmpint (fixture_count_descriptors (), ==, before);
}

static void
test_heartbeats (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  int fd;

  fixture->limits.heartbeat_ms = 40;
  fixture->limits.stale_heartbeats = 0;
  fixture_start (fixture);
  fd = fixture_connect_websocket (fixture);
  fixture_expect_frame (fixture, fd, "P:1");
  fixture_send_frames (fixture, fd, "+a:1");
  fixture_wait_log (fixture, "H1 A1 ");
  /* Not asked for, asked for before, and twice. */
  fixture_send_frames (fixture, fd, "+a:1|+a:2|+a");
  fixture_expect_frame (fixture, fd, "P:2");
  fixture_expect_frame (fixture, fd, "P:3");
  fixture_send_frames (fixture, fd, "+a:2|+a:03|+a:3|+a:3|+a:33");
  fixture_wait_log (fixture, "H3 A3 ");
  fixture_settle (fixture);
  g_assert_null (strstr (fixture->log->str, "A2"));
  g_assert_null (strstr (fixture->log->str, "A3 A3"));
  close (fd);
}

static void
test_stale (void)
{
  for (guint words = 0; words < 2; words++)
    {
      g_autoptr (Fixture) fixture = fixture_new ();
      gint64 start;
      int fd;

      fixture->limits.heartbeat_ms = 30;
      fixture->limits.stale_heartbeats = 3;
      fixture->limits.write_timeout_ms = 60;
      fixture->say_last_words = words;
      fixture_start (fixture);
      fd = fixture_connect_websocket (fixture);
      start = g_get_monotonic_time ();
      fixture_expect_frame (fixture, fd, "P:1");
      fixture_expect_frame (fixture, fd, "P:2");
      if (words)
        fixture_expect_frame (fixture, fd, "T:last words");
      fixture_expect_frame (fixture, fd, words ? "C4001:stale" : "C1001:nothing was heard for too long");
      g_assert_cmpint (g_get_monotonic_time () - start, >=, 80 * 1000);
      fixture_wait_log (fixture, words ? "H1 H2 stale C1 " : "H1 H2 stale C2 ");
      g_assert_cmpuint (edge_server_counters (fixture->server)->timeouts, ==, 1);
      close (fd);
    }
}

/* Any frame is a sign of life. */
static void
test_not_stale (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  int fd;

  fixture->limits.heartbeat_ms = 30;
  fixture->limits.stale_heartbeats = 2;
  fixture_start (fixture);
  fd = fixture_connect_websocket (fixture);
  for (guint i = 1; i < 8; i++)
    {
      g_autofree char *ping = g_strdup_printf ("P:%u", i);

      fixture_expect_frame (fixture, fd, ping);
      fixture_send_frames (fixture, fd, i % 2 ? "+1:!quiet" : "-1:!quiet|+0:!");
    }
  g_assert_null (strstr (fixture->log->str, "stale"));
  close (fd);
}

static void
test_probe (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  int fd;

  fixture_start (fixture);
  fd = fixture_connect_websocket (fixture);
  edge_connection_probe (fixture->latest, 5000);
  fixture_expect_frame (fixture, fd, "P:probe");
  g_assert_null (strstr (fixture->log->str, "P1"));
  fixture_send_frames (fixture, fd, "+a:anything|+a:probe");
  fixture_wait_log (fixture, "P1 ");
  edge_connection_probe (fixture->latest, 20);
  fixture_expect_frame (fixture, fd, "P:probe");
  fixture_wait_log (fixture, "P1 P0 ");
  /* Too late for this one. */
  fixture_send_frames (fixture, fd, "+a:probe|+1:x");
  fixture_expect_frame (fixture, fd, "T:x");
  g_assert_true (g_str_has_suffix (fixture->log->str, "P1 P0 Mx "));
  /* A probe ends with its connection. */
  edge_connection_probe (fixture->latest, 20);
  close (fd);
  fixture_wait_log (fixture, "Mx C0 ");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/server/websocket/upgrade", test_upgrade);
  g_test_add_func ("/server/websocket/late-upgrade", test_late_upgrade);
  g_test_add_func ("/server/websocket/echo", test_echo);
  g_test_add_func ("/server/websocket/many-messages", test_many_messages);
  g_test_add_func ("/server/websocket/deflate-offer", test_deflate_offer);
  g_test_add_func ("/server/websocket/faults", test_faults);
  g_test_add_func ("/server/websocket/peer-closes", test_peer_closes);
  g_test_add_func ("/server/websocket/we-close", test_we_close);
  g_test_add_func ("/server/websocket/we-close-alone", test_we_close_alone);
  g_test_add_func ("/server/websocket/abort-in-message", test_abort_in_message);
  g_test_add_func ("/server/websocket/vanish", test_vanish);
  g_test_add_func ("/server/websocket/heartbeats", test_heartbeats);
  g_test_add_func ("/server/websocket/stale", test_stale);
  g_test_add_func ("/server/websocket/not-stale", test_not_stale);
  g_test_add_func ("/server/websocket/probe", test_probe);
  return g_test_run ();
}
