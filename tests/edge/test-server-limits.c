/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time-outs, caps, rates, slow readers, and a process without descriptors. */
#include "tests/edge/edge-fixture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* Time */

static void
expect_timeout (Fixture *fixture, const char *sent, const char *answer)
{
  g_autofree char *came = NULL;
  int fd = fixture_connect (fixture);

  g_string_truncate (fixture->log, 0);
  fixture_send_text (fixture, fd, sent);
  came = fixture_read_to_end (fixture, fd, NULL);
  if (*answer == '\0')
    g_assert_cmpstr (came, ==, "");
  else
    {
      const char *last = g_strrstr (came, "HTTP/1.1 ");

      g_assert_nonnull (last);
      g_assert_true (g_str_has_prefix (last, answer));
    }
  close (fd);
  fixture_wait_log (fixture, "C2 ");
}

static const char late[] = "HTTP/1.1 408 Request Timeout\r\n";

static void
test_header_timeout (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();

  fixture->limits.header_timeout_ms = 40;
  fixture_start (fixture);
  expect_timeout (fixture, "", "");
  expect_timeout (fixture, "G", late);
  expect_timeout (fixture, "GET / HTTP/1.1\r\nHost: h\r\n", late);
  expect_timeout (fixture, FIXTURE_GET ("/") "GET", late);
  g_assert_cmpuint (edge_server_counters (fixture->server)->timeouts, ==, 4);
}

static void
test_body_timeout (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();

  fixture->limits.body_timeout_ms = 40;
  fixture_start (fixture);
  expect_timeout (fixture, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n", late);
  expect_timeout (fixture, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbod", late);
  expect_timeout (fixture, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nbod\r\n",
                  late);
  expect_timeout (fixture, FIXTURE_GET ("/") "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n", late);
}

/* An idle keep-alive connection goes without a word. */
static void
test_idle_timeout (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();

  fixture->limits.idle_timeout_ms = 40;
  fixture_start (fixture);
  expect_timeout (fixture, FIXTURE_GET ("/"), "HTTP/1.1 200 OK\r\n");
}

typedef struct
{
  Fixture *fixture;
  int fd;
  const char *text;
  guint at;
} Drip;

static gboolean
drip (gpointer data)
{
  Drip *d = data;

  send (d->fd, d->text + d->at++, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
  return d->text[d->at] != '\0';
}

/* A byte now and then does not buy more time. */
static void
test_drip (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  Drip d = { fixture, -1, "GET /a-long-target-that-comes-one-byte-at-a-time HTTP/1.1\r\nHost: h\r\nX: y\r\n",
             0 };
  GSource *source = g_timeout_source_new (5);
  g_autofree char *answer = NULL;

  fixture->limits.header_timeout_ms = 60;
  fixture_start (fixture);
  d.fd = fixture_connect (fixture);
  g_source_set_callback (source, drip, &d, NULL);
  g_source_attach (source, fixture->context);
  answer = fixture_read_to_end (fixture, d.fd, NULL);
  g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 408 "));
  g_assert_cmpuint (d.at, <, strlen (d.text));
  g_source_destroy (source);
  g_source_unref (source);
  close (d.fd);
  fixture_wait_log (fixture, "C2 ");
}

/* A request in hand takes as long as it takes. */
static void
test_no_timeout_in_hand (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  gint64 end;
  int fd;

  fixture->limits.header_timeout_ms = fixture->limits.body_timeout_ms = fixture->limits.idle_timeout_ms = 20;
  fixture_start (fixture);
  fd = fixture_connect (fixture);
  fixture_send_text (fixture, fd, FIXTURE_GET ("/later"));
  fixture_wait_log (fixture, "R/later ");
  for (end = g_get_monotonic_time () + 80 * 1000; g_get_monotonic_time () < end;)
    g_main_context_iteration (fixture->context, FALSE);
  g_assert_nonnull (fixture->held);
  edge_connection_respond (fixture->held, 200, "text/plain", "late", 4, NULL, FALSE);
  g_free (fixture_read_until (fixture, fd, "\r\n\r\nlate"));
  fixture_expect_end (fixture, fd);
  close (fd);
}

/* Slow readers */

static void
test_slow_reader (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  int fd;

  fixture->limits.max_output_bytes = 64 * 1024 * 1024;
  fixture->limits.write_timeout_ms = 50;
  fixture_start (fixture);
  fd = fixture_connect (fixture);
  fixture_send_text (fixture, fd, FIXTURE_GET ("/big?16000000"));
  fixture_wait_log (fixture, "C2 ");
  g_assert_null (strstr (fixture->log->str, "S"));
  close (fd);
}

/* Slow, but it reads: all of it arrives, later than any time-out, and the next request waits for it. */
static void
test_patient_reader (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autofree char *rest = NULL;
  gsize read = 0;
  int fd;

  fixture->limits.max_output_bytes = 64 * 1024 * 1024;
  fixture->limits.write_timeout_ms = 150;
  fixture_start (fixture);
  fd = fixture_connect (fixture);
  fixture_send_text (fixture, fd, FIXTURE_GET ("/big?16000000") FIXTURE_GET ("/next"));
  g_free (fixture_read_until (fixture, fd, "\r\n\r\n"));
  while (read < 16000000)
    {
      gint64 end = g_get_monotonic_time () + 30 * 1000;

      g_free (fixture_read (fixture, fd, 1000000));
      read += 1000000;
      while (g_get_monotonic_time () < end)
        g_main_context_iteration (fixture->context, FALSE);
      /* The rest is with the client's kernel and ours. */
      if (read < 2000000)
        g_assert_cmpstr (fixture->log->str, ==, "R/big?16000000 ");
    }
  rest = fixture_read_until (fixture, fd, "hello GET /next ");
  g_assert_cmpstr (fixture->log->str, ==, "R/big?16000000 S R/next S ");
  close (fd);
}

static void
test_overflow (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  int fd;

  fixture_start (fixture);
  fd = fixture_connect (fixture);
  fixture_send_text (fixture, fd, FIXTURE_GET ("/big?16000000"));
  fixture_wait_log (fixture, "C4 ");
  g_assert_cmpuint (edge_server_counters (fixture->server)->overflows, ==, 1);
  close (fd);
}

/* Caps */

static void
expect_full (Fixture *fixture, int fd)
{
  g_autofree char *answer = NULL;

  fixture_send_text (fixture, fd, FIXTURE_GET ("/"));
  answer = fixture_read_to_end (fixture, fd, NULL);
  g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 503 Service Unavailable\r\n"));
  g_assert_nonnull (strstr (answer, "\r\nRetry-After: 1\r\n"));
  g_assert_nonnull (strstr (answer, "\r\nConnection: close\r\n"));
  close (fd);
}

static void
expect_hello (Fixture *fixture, int fd)
{
  fixture_send_text (fixture, fd, FIXTURE_GET ("/"));
  g_free (fixture_read_until (fixture, fd, "hello GET / "));
}

/* The owner lets somebody else go for who comes: the oldest, and only then. */
static void
test_room (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  int fds[5];

  fixture->limits.max_connections = 3;
  fixture->makes_room = TRUE;
  fixture_start (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    {
      fds[i] = fixture_connect (fixture);
      expect_hello (fixture, fds[i]);
      g_assert_cmpuint (edge_server_n_connections (fixture->server), ==, MIN (i + 1, 3));
      fixture_settle (fixture);
      g_assert_cmpint (fixture->n_closed, ==, i < 3 ? 0 : (int) i - 2);
    }
  g_assert_cmpuint (edge_server_counters (fixture->server)->refused_full, ==, 0);
  for (guint i = 2; i < G_N_ELEMENTS (fds); i++)
    expect_hello (fixture, fds[i]);
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    close (fds[i]);
}

static void
test_full (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  int fds[3], others[100], before;

  fixture->limits.max_connections = 3;
  fixture_start (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    {
      fds[i] = fixture_connect (fixture);
      expect_hello (fixture, fds[i]);
    }
  g_assert_cmpuint (edge_server_n_connections (fixture->server), ==, 3);
  for (guint i = 0; i < 10; i++)
    expect_full (fixture, fixture_connect (fixture));
  /* More at once than can be turned away politely: those have no descriptor of ours any more. */
  fixture_settle (fixture);
  before = fixture_count_descriptors ();
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    others[i] = fixture_connect (fixture);
  fixture_settle (fixture);
  g_assert_cmpuint (edge_server_counters (fixture->server)->refused_full, ==, 110);
  g_assert_cmpint (fixture_count_descriptors (), ==, before + (int) G_N_ELEMENTS (others) + 64);
  g_assert_cmpuint (edge_server_n_connections (fixture->server), ==, 3);
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autofree char *answer = fixture_read_to_end (fixture, others[i], NULL);

      g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 503 "));
      close (others[i]);
    }
  /* The owner heard of none of them, and those inside are fine. */
  g_assert_null (strchr (fixture->log->str, 'C'));
  expect_hello (fixture, fds[0]);
  close (fds[1]);
  fixture_wait_closed (fixture, 1);
  fds[1] = fixture_connect (fixture);
  expect_hello (fixture, fds[1]);
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    close (fds[i]);
}

static void
test_per_address (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  int fds[2];

  fixture->limits.max_connections_per_address = 2;
  fixture_start (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    {
      fds[i] = fixture_connect (fixture);
      expect_hello (fixture, fds[i]);
    }
  for (guint i = 0; i < 5; i++)
    expect_full (fixture, fixture_connect (fixture));
  g_assert_cmpuint (edge_server_counters (fixture->server)->refused_address, ==, 5);
  g_assert_cmpuint (edge_server_n_connections (fixture->server), ==, 2);
  close (fds[0]);
  fixture_wait_closed (fixture, 1);
  fds[0] = fixture_connect (fixture);
  expect_hello (fixture, fds[0]);
  close (fds[0]);
  close (fds[1]);
  fixture_wait_closed (fixture, 3);
}

static void
test_rate (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autofree char *answer = NULL;
  int fd, other;

  fixture->limits.messages_per_second = 1;
  fixture->limits.message_burst = 3;
  fixture_start (fixture);
  fd = fixture_connect (fixture);
  for (guint i = 0; i < 3; i++)
    expect_hello (fixture, fd);
  /* Refused, but not thrown out. */
  for (guint i = 0; i < 3; i++)
    {
      fixture_send_text (fixture, fd, FIXTURE_GET ("/"));
      answer = (g_free (answer), fixture_read_until (fixture, fd, "\r\n\r\n"));
      g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 429 Too Many Requests\r\n"));
      g_assert_nonnull (strstr (answer, "\r\nRetry-After: 1\r\n"));
      g_assert_null (strstr (answer, "Connection:"));
    }
  g_assert_cmpstr (fixture->log->str, ==, "R/ S R/ S R/ S ");
  /* Others have a rate of their own. */
  other = fixture_connect (fixture);
  expect_hello (fixture, other);
  close (fd);
  close (other);
}

/* Without descriptors. In a child, as the limit is the process's. */

static void
set_descriptor_limit (rlim_t n)
{
  struct rlimit limit;

  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  limit.rlim_cur = n;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
}

static void
run_out_of_descriptors (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  const EdgeCounters *counters;
  int fds[20], spare[64], served, n = 0;

  fixture_start (fixture);
  counters = edge_server_counters (fixture->server);
  served = fixture_connect (fixture);
  expect_hello (fixture, served);
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    fds[i] = fixture_connect (fixture);
  set_descriptor_limit ((rlim_t) fixture_count_descriptors () + 2);
  while ((spare[n] = dup (0)) >= 0)
    n++;
  g_assert_cmpint (errno, ==, EMFILE);

  /* All of them are turned away, none stays in the backlog, and the loop comes to rest. */
  fixture_settle (fixture);
  g_assert_cmpuint (counters->out_of_descriptors, >=, G_N_ELEMENTS (fds));
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    {
      g_autofree char *answer = fixture_read_to_end (fixture, fds[i], NULL);

      g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 503 "));
      close (fds[i]);
    }
  g_assert_cmpuint (edge_server_n_connections (fixture->server), ==, 1);
  expect_hello (fixture, served);

  /* There are descriptors again, and the listener is alive. */
  for (int i = 0; i < n; i++)
    close (spare[i]);
  fds[0] = fixture_connect (fixture);
  expect_hello (fixture, fds[0]);
  close (fds[0]);
  close (served);
  fixture_wait_closed (fixture, 2);
}

/* Giving the reserve away does not help either: no number that low is free. */
static void
run_out_of_reserve (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  const EdgeCounters *counters;
  guint64 tries;
  gint64 end;
  int fd;

  fixture_start (fixture);
  counters = edge_server_counters (fixture->server);
  fd = fixture_connect (fixture);
  set_descriptor_limit (5); /* poll() itself needs some, and all below are taken */
  for (end = g_get_monotonic_time () + 250 * 1000; g_get_monotonic_time () < end;)
    g_main_context_iteration (fixture->context, FALSE);
  /* The listener steps back instead of spinning, and tries now and then. */
  tries = counters->out_of_descriptors;
  g_assert_cmpuint (tries, >=, 2);
  g_assert_cmpuint (tries, <=, 4);
  set_descriptor_limit (256);
  expect_hello (fixture, fd);
  close (fd);
  fixture_wait_closed (fixture, 1);
}

static void
test_out_of_reserve (void)
{
  if (g_test_subprocess ())
    {
      run_out_of_reserve ();
      return;
    }
  g_test_trap_subprocess (NULL, 30 * G_USEC_PER_SEC, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
}

static void
test_out_of_descriptors (void)
{
  if (g_test_subprocess ())
    {
      run_out_of_descriptors ();
      return;
    }
  g_test_trap_subprocess (NULL, 30 * G_USEC_PER_SEC, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
}

/* The sockets themselves */

static void
test_options (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  guint n = 0;
  int fd;

  fixture_start (fixture);
  fd = fixture_connect (fixture);
  expect_hello (fixture, fd);
  /* The server's end: the socket of ours that the client's is connected to. */
  for (int other = 3; other < 64; other++)
    {
      struct sockaddr_in ours, peers;
      socklen_t length = sizeof ours, peers_length = sizeof peers, size = sizeof (int);
      int no_delay = 0, unsent = 0;

      if (getsockname (fd, (struct sockaddr *) &ours, &length) != 0 || other == fd ||
          getpeername (other, (struct sockaddr *) &peers, &peers_length) != 0 ||
          peers.sin_port != ours.sin_port)
        continue;
      g_assert_cmpint (getsockopt (other, IPPROTO_TCP, TCP_NODELAY, &no_delay, &size), ==, 0);
      g_assert_cmpint (no_delay, !=, 0);
      g_assert_cmpint (getsockopt (other, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, &size), ==, 0);
      g_assert_cmpint (unsent, ==, 256 * 1024);
      n++;
    }
  g_assert_cmpuint (n, ==, 1);
  close (fd);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/server/limits/header-timeout", test_header_timeout);
  g_test_add_func ("/server/limits/body-timeout", test_body_timeout);
  g_test_add_func ("/server/limits/idle-timeout", test_idle_timeout);
  g_test_add_func ("/server/limits/drip", test_drip);
  g_test_add_func ("/server/limits/no-timeout-in-hand", test_no_timeout_in_hand);
  g_test_add_func ("/server/limits/slow-reader", test_slow_reader);
  g_test_add_func ("/server/limits/patient-reader", test_patient_reader);
  g_test_add_func ("/server/limits/overflow", test_overflow);
  g_test_add_func ("/server/limits/full", test_full);
  g_test_add_func ("/server/limits/room", test_room);
  g_test_add_func ("/server/limits/per-address", test_per_address);
  g_test_add_func ("/server/limits/rate", test_rate);
  g_test_add_func ("/server/limits/out-of-descriptors", test_out_of_descriptors);
  g_test_add_func ("/server/limits/out-of-reserve", test_out_of_reserve);
  g_test_add_func ("/server/limits/options", test_options);
  return g_test_run ();
}
