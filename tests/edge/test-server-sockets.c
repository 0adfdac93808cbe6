/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a server listens, and who it thinks is there: Unix sockets, adopted sockets, addresses, PROXY
 * headers. */
#include "tests/edge/edge-fixture.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static void
expect_hello (Fixture *fixture, int fd)
{
  fixture_send_text (fixture, fd, FIXTURE_GET ("/"));
  g_free (fixture_read_until (fixture, fd, "hello GET / "));
}

static const char *
latest_address (Fixture *fixture)
{
  static char buffer[64];

  return edge_connection_address (fixture->latest, buffer);
}

/* Unix sockets */

typedef struct
{
  char *folder, *path;
} Place;

static Place
make_place (void)
{
  Place place = { g_dir_make_tmp ("edge-XXXXXX", NULL), NULL };

  place.path = g_build_filename (place.folder, "socket", NULL);
  return place;
}

static void
clear_place (Place *place)
{
  g_assert_cmpint (g_rmdir (place->folder), ==, 0);
  g_free (place->folder);
  g_free (place->path);
}

static void
test_unix (void)
{
  Place place = make_place ();
  Fixture *fixture = fixture_new ();
  g_autoptr (GError) error = NULL;
  struct stat status;
  guint uid = 1234567;
  int fd, tcp, pid = 0;

  fixture->limits.max_connections_per_address = 1;
  fixture->limits.proxy_protocol = TRUE; /* not here */
  fixture_start (fixture);
  edge_server_listen_unix (fixture->server, place.path, 0600, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_stat (place.path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);
  for (guint i = 0; i < 3; i++)
    {
      fd = fixture_connect_unix (place.path);
      expect_hello (fixture, fd);
      g_assert_cmpstr (latest_address (fixture), ==, "unix");
      g_assert_true (edge_connection_credentials (fixture->latest, &uid, &pid));
      g_assert_cmpuint (uid, ==, getuid ());
      g_assert_cmpint (pid, ==, getpid ());
      if (i < 2)
        close (fd);
    }
  fixture_wait_closed (fixture, 2);

  /* Gone while its request is in hand. */
  fixture_send_text (fixture, fd, FIXTURE_GET ("/later"));
  fixture_wait_log (fixture, "R/later ");
  close (fd);
  fixture_wait_closed (fixture, 3);

  /* Half closed, and still there. */
  fd = fixture_connect_unix (place.path);
  g_string_truncate (fixture->log, 0);
  fixture_send_text (fixture, fd, FIXTURE_GET ("/later"));
  shutdown (fd, SHUT_WR);
  fixture_wait_log (fixture, "R/later ");
  fixture_settle (fixture);
  edge_connection_respond (fixture->held, 200, "text/plain", "late", 4, NULL, FALSE);
  {
    g_autofree char *answer = fixture_read_to_end (fixture, fd, NULL);

    g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 200 OK\r\n"));
  }
  close (fd);

  tcp = fixture_connect (fixture);
  close (tcp);
  fixture_free (fixture);
  g_assert_cmpint (g_stat (place.path, &status), ==, -1);
  clear_place (&place);
}

static void
test_no_credentials (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  guint uid;
  int fd, pid;

  fixture_start (fixture);
  fd = fixture_connect (fixture);
  expect_hello (fixture, fd);
  g_assert_false (edge_connection_credentials (fixture->latest, &uid, &pid));
  close (fd);
}

/* A file whose server is dead is replaced; a live server's and anything else stays. */
static void
test_unix_in_use (void)
{
  Place place = make_place ();
  Fixture *fixture = fixture_new ();
  EdgeHandlers none = { 0 };
  EdgeServer *other;
  g_autoptr (GError) error = NULL;
  struct sockaddr_un dead = { .sun_family = AF_UNIX };
  g_autofree char *too_long = g_strnfill (200, 'p');
  int fd = socket (AF_UNIX, SOCK_STREAM, 0);

  g_strlcpy (dead.sun_path, place.path, sizeof dead.sun_path);
  g_assert_cmpint (bind (fd, (struct sockaddr *) &dead, sizeof dead), ==, 0);
  close (fd);
  fixture_start (fixture);
  edge_server_listen_unix (fixture->server, place.path, 0660, &error);
  g_assert_no_error (error);

  other = edge_server_new (fixture->reactor, &fixture->limits, &none, NULL);
  g_assert_false (edge_server_listen_unix (other, place.path, 0660, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
  g_clear_error (&error);
  /* Nothing was knocked over by the try. */
  fd = fixture_connect_unix (place.path);
  expect_hello (fixture, fd);
  close (fd);
  fixture_wait_closed (fixture, 1);
  edge_server_stop_listening (fixture->server);
  g_assert_false (g_file_test (place.path, G_FILE_TEST_EXISTS));

  g_assert_true (g_file_set_contents (place.path, "a file", -1, NULL));
  g_assert_false (edge_server_listen_unix (other, place.path, 0660, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
  g_clear_error (&error);
  g_assert_true (g_file_test (place.path, G_FILE_TEST_IS_REGULAR));
  g_unlink (place.path);

  g_assert_false (edge_server_listen_unix (other, too_long, 0660, &error));
  g_clear_error (&error);
  g_assert_false (edge_server_listen_unix (other, "/nonexistent/socket", 0660, &error));
  g_clear_error (&error);
  edge_server_free (other);
  fixture_free (fixture);
  clear_place (&place);
}

/* Who took our place meanwhile keeps it. */
static void
test_unix_replaced (void)
{
  Place place = make_place ();
  Fixture *fixture = fixture_new ();
  g_autoptr (GError) error = NULL;

  fixture_start (fixture);
  edge_server_listen_unix (fixture->server, place.path, 0660, &error);
  g_assert_no_error (error);
  g_unlink (place.path);
  g_assert_true (g_file_set_contents (place.path, "another", -1, NULL));
  fixture_free (fixture);
  g_assert_true (g_file_test (place.path, G_FILE_TEST_EXISTS));
  g_unlink (place.path);
  clear_place (&place);
}

/* TCP */

static void
test_tcp_errors (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (GError) error = NULL;

  fixture_start (fixture);
  g_assert_false (edge_server_listen_tcp (fixture->server, "127.0.0.1", fixture->port, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
  g_clear_error (&error);
  g_assert_false (edge_server_listen_tcp (fixture->server, "example.org", 0, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_false (edge_server_listen_tcp (fixture->server, "203.0.113.1", 0, &error));
  g_assert_nonnull (error);
}

/* "localhost" is both of its addresses, where there is IPv6. */
static void
test_localhost (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (GError) error = NULL;
  struct sockaddr_in6 to = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
  int fd;

  fixture->host = "localhost";
  fixture_start (fixture);
  fd = fixture_connect (fixture);
  expect_hello (fixture, fd);
  g_assert_cmpstr (latest_address (fixture), ==, "127.0.0.1");
  close (fd);
  fixture_wait_closed (fixture, 1);

  fd = socket (AF_INET6, SOCK_STREAM, 0);
  to.sin6_port = g_htons (fixture->port);
  if (fd >= 0 && connect (fd, (struct sockaddr *) &to, sizeof to) == 0)
    {
      expect_hello (fixture, fd);
      g_assert_cmpstr (latest_address (fixture), ==, "::1");
    }
  else
    g_test_message ("no IPv6 here");
  if (fd >= 0)
    close (fd);
}

static void
test_adopt (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (GError) error = NULL;
  struct sockaddr_in at = { .sin_family = AF_INET };
  socklen_t length = sizeof at;
  int fd = socket (AF_INET, SOCK_STREAM, 0), pipes[2];

  fixture_start (fixture);
  at.sin_addr.s_addr = g_htonl (INADDR_LOOPBACK);
  g_assert_cmpint (bind (fd, (struct sockaddr *) &at, sizeof at), ==, 0);
  g_assert_false (edge_server_listen_fd (fixture->server, fd, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_cmpint (listen (fd, 5), ==, 0);
  edge_server_listen_fd (fixture->server, fd, &error);
  g_assert_no_error (error);
  g_assert_cmpint (fcntl (fd, F_GETFL) & O_NONBLOCK, !=, 0);
  getsockname (fd, (struct sockaddr *) &at, &length);
  fixture->port = g_ntohs (at.sin_port);
  fd = fixture_connect (fixture);
  expect_hello (fixture, fd);
  close (fd);

  g_assert_cmpint (pipe (pipes), ==, 0);
  g_assert_false (edge_server_listen_fd (fixture->server, pipes[0], &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  close (pipes[0]);
  close (pipes[1]);
}

/* No more newcomers; those that are in go on. */
static void
test_stop_listening (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  struct sockaddr_in to = { .sin_family = AF_INET };
  int fd, late = socket (AF_INET, SOCK_STREAM, 0);

  fixture_start (fixture);
  fd = fixture_connect (fixture);
  expect_hello (fixture, fd);
  edge_server_stop_listening (fixture->server);
  to.sin_addr.s_addr = g_htonl (INADDR_LOOPBACK);
  to.sin_port = g_htons (fixture->port);
  g_assert_cmpint (connect (late, (struct sockaddr *) &to, sizeof to), ==, -1);
  expect_hello (fixture, fd);
  close (fd);
  close (late);
  fixture_wait_closed (fixture, 1);
}

/* PROXY protocol */

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
static const char proxy_ipv4[] = SIGNATURE "\x21\x11\x00\x0c\xcb\x00\x71\x07\x7f\x00\x00\x01\x30\x39\x00\x50";
static const char proxy_local[] = SIGNATURE "\x20\x00\x00\x00";

static gsize
proxy_ipv6 (char header[52], guint network, guint host)
{
  memcpy (header, SIGNATURE "\x21\x21\x00\x24", 16);
  memset (header + 16, 0, 36);
  memcpy (header + 16, "\x20\x01\x0d\xb8\x00\x00\x00", 7);
  header[16 + 7] = (char) network;
  header[16 + 15] = (char) host;
  header[51] = 80;
  return 52;
}

static void
test_proxy (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  int fd;

  fixture->limits.proxy_protocol = TRUE;
  fixture_start (fixture);
  fd = fixture_connect (fixture);
  fixture_send (fixture, fd, proxy_ipv4, sizeof proxy_ipv4 - 1);
  expect_hello (fixture, fd);
  g_assert_cmpstr (latest_address (fixture), ==, "203.0.113.7");
  close (fd);
  fixture_wait_closed (fixture, 1);

  fd = fixture_connect (fixture);
  for (gsize i = 0; i < sizeof proxy_ipv4 - 1; i++)
    {
      fixture_send (fixture, fd, proxy_ipv4 + i, 1);
      fixture_settle (fixture);
    }
  expect_hello (fixture, fd);
  g_assert_cmpstr (latest_address (fixture), ==, "203.0.113.7");
  close (fd);
  fixture_wait_closed (fixture, 2);

  /* The balancer itself asks how we are. */
  fd = fixture_connect (fixture);
  fixture_send (fixture, fd, proxy_local, sizeof proxy_local - 1);
  expect_hello (fixture, fd);
  g_assert_cmpstr (latest_address (fixture), ==, "127.0.0.1");
  close (fd);
}

static void
test_proxy_missing (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autofree char *answer = NULL;
  int fd;

  fixture->limits.proxy_protocol = TRUE;
  fixture->limits.header_timeout_ms = 50;
  fixture_start (fixture);
  fd = fixture_connect (fixture);
  fixture_send_text (fixture, fd, "GET");
  fixture_wait_log (fixture, "C3 ");
  close (fd);
  g_assert_cmpuint (edge_server_counters (fixture->server)->protocol_errors, ==, 1);

  fd = fixture_connect (fixture);
  fixture_send (fixture, fd, proxy_ipv4, 20);
  answer = fixture_read_to_end (fixture, fd, NULL);
  g_assert_cmpstr (answer, ==, "");
  fixture_wait_log (fixture, "C2 ");
  close (fd);
  g_assert_null (strchr (fixture->log->str, 'R'));
}

static void
expect_answer (Fixture *fixture, int fd, const char *prefix)
{
  g_autofree char *line = NULL;

  fixture_send_text (fixture, fd, FIXTURE_GET ("/"));
  line = fixture_read_until (fixture, fd, "\r\n");
  g_assert_true (g_str_has_prefix (line, prefix));
}

/* The cap is for the client's address, and a /64 is one. */
static void
test_proxy_per_address (void)
{
  static const struct
  {
    guint network, host;
    const char *answer;
  } cases[] = { { 1, 1, "HTTP/1.1 200 " }, { 1, 2, "HTTP/1.1 200 " }, { 1, 3, "HTTP/1.1 503 " },
                { 2, 1, "HTTP/1.1 200 " }, { 1, 4, "HTTP/1.1 503 " }, { 2, 1, "HTTP/1.1 200 " },
                { 2, 9, "HTTP/1.1 503 " }, { 0, 1, "HTTP/1.1 200 " } };
  g_autoptr (Fixture) fixture = fixture_new ();
  int fds[G_N_ELEMENTS (cases)];

  fixture->limits.proxy_protocol = TRUE;
  fixture->limits.max_connections_per_address = 2;
  fixture_start (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      char header[52];

      fds[i] = fixture_connect (fixture);
      fixture_send (fixture, fds[i], header, proxy_ipv6 (header, cases[i].network, cases[i].host));
      expect_answer (fixture, fds[i], cases[i].answer);
    }
  g_assert_cmpuint (edge_server_counters (fixture->server)->refused_address, ==, 3);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    close (fds[i]);
  fixture_wait_closed (fixture, G_N_ELEMENTS (cases));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/server/sockets/unix", test_unix);
  g_test_add_func ("/server/sockets/no-credentials", test_no_credentials);
  g_test_add_func ("/server/sockets/unix-in-use", test_unix_in_use);
  g_test_add_func ("/server/sockets/unix-replaced", test_unix_replaced);
  g_test_add_func ("/server/sockets/tcp-errors", test_tcp_errors);
  g_test_add_func ("/server/sockets/localhost", test_localhost);
  g_test_add_func ("/server/sockets/adopt", test_adopt);
  g_test_add_func ("/server/sockets/stop-listening", test_stop_listening);
  g_test_add_func ("/server/sockets/proxy", test_proxy);
  g_test_add_func ("/server/sockets/proxy-missing", test_proxy_missing);
  g_test_add_func ("/server/sockets/proxy-per-address", test_proxy_per_address);
  return g_test_run ();
}
