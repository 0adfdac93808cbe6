/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/edge/edge-fixture.h"

#include "tests/edge/ws-spec.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PATIENCE_SECONDS 10

/* The owner */

static void say (gpointer user_data, EdgeConnection *connection, const char *format, ...)
  G_GNUC_PRINTF (3, 4);

static void
say (gpointer user_data, EdgeConnection *connection, const char *format, ...)
{
  Fixture *fixture = user_data;
  va_list arguments;

  va_start (arguments, format);
  g_string_append_vprintf (fixture->log, format, arguments);
  va_end (arguments);
  g_string_append_c (fixture->log, ' ');
  fixture->latest = connection;
}

static void
on_request (EdgeConnection *connection, EdgeRequest *request, gpointer user_data)
{
  Fixture *fixture = user_data;
  const char *path = edge_request_path (request), *query = edge_request_query (request);
  gsize length;
  const char *body = edge_request_body (request, &length);

  say (fixture, connection, "R%s", edge_request_target (request));
  if (g_str_equal (path, "/later"))
    fixture->held = connection;
  else if (g_str_equal (path, "/big"))
    {
      gsize n = g_ascii_strtoull (query, NULL, 10);
      g_autofree char *big = g_strnfill (n, 'b');

      edge_connection_respond (connection, 200, "text/plain", big, n, NULL, FALSE);
    }
  else if (g_str_equal (path, "/close"))
    edge_connection_respond (connection, 200, "text/plain", "bye", 3, NULL, TRUE);
  else if (g_str_equal (path, "/end"))
    edge_connection_close (connection, 0, NULL);
  else if (g_str_equal (path, "/abort"))
    edge_connection_abort (connection);
  else if (g_str_equal (path, "/none"))
    edge_connection_respond (connection, 204, NULL, NULL, 0, NULL, FALSE);
  else if (g_str_equal (path, "/ws") && edge_request_is_upgrade (request))
    {
      edge_connection_upgrade (connection);
      if (query != NULL)
        edge_connection_send_text (connection, query, strlen (query));
    }
  else
    {
      g_autofree char *text = g_strdup_printf ("hello %s %s %.*s", edge_request_method (request),
                                               edge_request_target (request), (int) length, body);

      edge_connection_respond (connection, 200, "text/plain", text, strlen (text), "X-Test: yes\r\n", FALSE);
    }
  /* Whatever was done with the connection, the request is there until we return. */
  g_assert_cmpstr (edge_request_path (request), ==, path);
}

static char *
on_refusal (const EdgeRequest *request, guint status, const char *reason, gpointer user_data)
{
  Fixture *fixture = user_data;

  return fixture->refuse_with_body ? g_strdup_printf ("{\"status\":%u,\"reason\":\"%s\"}", status, reason)
                                   : NULL;
}

static void
on_response_sent (EdgeConnection *connection, gpointer user_data)
{
  say (user_data, connection, "S");
}

static void
on_message (EdgeConnection *connection, const char *text, gsize length, gpointer user_data)
{
  g_assert_cmpint (text[length], ==, '\0');
  if (length < 60)
    say (user_data, connection, "M%s", text);
  if (g_str_equal (text, "!close"))
    edge_connection_close (connection, 4001, "as asked");
  else if (g_str_equal (text, "!abort"))
    edge_connection_abort (connection);
  else if (g_str_has_prefix (text, "!big "))
    {
      gsize n = g_ascii_strtoull (text + 5, NULL, 10);
      g_autofree char *big = g_strnfill (n, 'x');

      edge_connection_send_text (connection, big, n);
    }
  else if (!g_str_has_prefix (text, "!quiet"))
    edge_connection_send_text (connection, text, length);
}

static void
on_dropped (EdgeConnection *connection, gpointer user_data)
{
  say (user_data, connection, "D");
}

static void
on_heartbeat (EdgeConnection *connection, guint32 n, gpointer user_data)
{
  say (user_data, connection, "H%u", n);
}

static void
on_answer (EdgeConnection *connection, guint32 n, gpointer user_data)
{
  say (user_data, connection, "A%u", n);
}

static void
on_probe_done (EdgeConnection *connection, gboolean answered, gpointer user_data)
{
  say (user_data, connection, "P%d", answered);
}

static void
on_stale (EdgeConnection *connection, gpointer user_data)
{
  Fixture *fixture = user_data;

  say (fixture, connection, "stale");
  if (!fixture->say_last_words)
    return;
  edge_connection_send_text (connection, "last words", 10);
  edge_connection_close (connection, 4001, "stale");
}

static void
on_closed (EdgeConnection *connection, EdgeCloseReason reason, gpointer user_data)
{
  Fixture *fixture = user_data;

  say (fixture, connection, "C%d", reason);
  fixture->n_closed++;
  if (fixture->held == connection)
    fixture->held = NULL;
  fixture->latest = NULL;
  /* None of it may do anything any more. */
  g_assert_false (edge_connection_send_text (connection, "x", 1));
  edge_connection_respond (connection, 200, NULL, NULL, 0, NULL, FALSE);
  edge_connection_upgrade (connection);
  edge_connection_probe (connection, 10);
  edge_connection_close (connection, 1000, NULL);
  edge_connection_abort (connection);
}

static void
take_oldest (EdgeConnection *connection, gpointer user_data)
{
  *(EdgeConnection **) user_data = connection;
}

static void
on_full (EdgeServer *server, gpointer user_data)
{
  Fixture *fixture = user_data;
  EdgeConnection *oldest = NULL;

  if (!fixture->makes_room)
    return;
  edge_server_foreach (server, take_oldest, &oldest);
  edge_connection_abort (oldest);
}

static const EdgeHandlers handlers = {
  .request = on_request,
  .refusal_body = on_refusal,
  .response_sent = on_response_sent,
  .message = on_message,
  .message_dropped = on_dropped,
  .heartbeat_sent = on_heartbeat,
  .heartbeat_answered = on_answer,
  .probe_done = on_probe_done,
  .stale = on_stale,
  .closed = on_closed,
  .full = on_full,
};

/* The server */

int
fixture_count_descriptors (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  int n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

Fixture *
fixture_new (void)
{
  Fixture *fixture = g_new0 (Fixture, 1);

  fixture->context = g_main_context_new ();
  fixture->n_descriptors = fixture_count_descriptors ();
  fixture->reactor = edge_reactor_new (fixture->context);
  edge_limits_default (&fixture->limits);
  fixture->limits.heartbeat_ms = 0;
  fixture->limits.max_connections = 1000;
  fixture->log = g_string_new (NULL);
  fixture->host = "127.0.0.1";
  return fixture;
}

void
fixture_start (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  fixture->server = edge_server_new (fixture->reactor, &fixture->limits, &handlers, fixture);
  edge_server_listen_tcp (fixture->server, fixture->host, 0, &error);
  g_assert_no_error (error);
  fixture->port = edge_server_get_port (fixture->server);
  g_assert_cmpuint (fixture->port, !=, 0);
}

void
fixture_free (Fixture *fixture)
{
  g_clear_pointer (&fixture->server, edge_server_free);
  edge_reactor_free (fixture->reactor);
  g_assert_cmpint (fixture_count_descriptors (), ==, fixture->n_descriptors);
  g_main_context_unref (fixture->context);
  g_string_free (fixture->log, TRUE);
  g_free (fixture);
}

/* Waiting */

static gboolean
give_up (gpointer data)
{
  g_error ("nothing came; log: %s", ((Fixture *) data)->log->str);
  return G_SOURCE_REMOVE;
}

static void
wait_for (Fixture *fixture, int fd, gushort events, gboolean (*condition) (gpointer data), gpointer data)
{
  GPollFD poll = { fd, events, 0 };
  GSource *watchdog = g_timeout_source_new_seconds (PATIENCE_SECONDS);

  g_source_set_callback (watchdog, give_up, fixture, NULL);
  g_source_attach (watchdog, fixture->context);
  if (fd >= 0)
    g_main_context_add_poll (fixture->context, &poll, G_PRIORITY_DEFAULT);
  do
    g_main_context_iteration (fixture->context, condition == NULL || !condition (data));
  while (condition != NULL ? !condition (data) : poll.revents == 0);
  if (fd >= 0)
    g_main_context_remove_poll (fixture->context, &poll);
  g_source_destroy (watchdog);
  g_source_unref (watchdog);
}

void
fixture_wait (Fixture *fixture, gboolean (*condition) (gpointer data), gpointer data)
{
  wait_for (fixture, -1, 0, condition, data);
}

typedef struct
{
  Fixture *fixture;
  const char *text;
  int n;
} Awaited;

static gboolean
log_has (gpointer data)
{
  Awaited *awaited = data;

  return strstr (awaited->fixture->log->str, awaited->text) != NULL;
}

void
fixture_wait_log (Fixture *fixture, const char *text)
{
  fixture_wait (fixture, log_has, &(Awaited){ fixture, text, 0 });
}

static gboolean
has_closed (gpointer data)
{
  Awaited *awaited = data;

  return awaited->fixture->n_closed >= awaited->n;
}

void
fixture_wait_closed (Fixture *fixture, int n)
{
  fixture_wait (fixture, has_closed, &(Awaited){ fixture, NULL, n });
}

void
fixture_settle (Fixture *fixture)
{
  /* What is on loopback is there at once. */
  for (guint quiet = 0; quiet < 3; quiet++)
    while (g_main_context_iteration (fixture->context, FALSE))
      quiet = 0;
}

/* Clients */

int
fixture_connect (Fixture *fixture)
{
  struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = g_htons (fixture->port) };
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  to.sin_addr.s_addr = g_htonl (INADDR_LOOPBACK);
  g_assert_cmpint (connect (fd, (struct sockaddr *) &to, sizeof to), ==, 0);
  return fd;
}

int
fixture_connect_unix (const char *path)
{
  struct sockaddr_un to = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_strlcpy (to.sun_path, path, sizeof to.sun_path);
  g_assert_cmpint (connect (fd, (struct sockaddr *) &to, sizeof to), ==, 0);
  return fd;
}

int
fixture_connect_websocket (Fixture *fixture)
{
  int fd = fixture_connect (fixture);
  g_autofree char *answer = NULL;

  fixture_send_text (fixture, fd, FIXTURE_UPGRADE (""));
  answer = fixture_read_until (fixture, fd, "\r\n\r\n");
  g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 101 "));
  return fd;
}

void
fixture_send (Fixture *fixture, int fd, gconstpointer data, gsize length)
{
  const char *bytes = data;

  while (length > 0)
    {
      gssize n = send (fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);

      if (n < 0 && errno == EAGAIN)
        {
          wait_for (fixture, fd, G_IO_OUT, NULL, NULL);
          continue;
        }
      g_assert_cmpint (n, >, 0);
      bytes += n;
      length -= n;
    }
}

void
fixture_send_text (Fixture *fixture, int fd, const char *text)
{
  fixture_send (fixture, fd, text, strlen (text));
}

void
fixture_send_frames (Fixture *fixture, int fd, const char *frames)
{
  g_autoptr (GByteArray) bytes = ws_build (frames);

  fixture_send (fixture, fd, bytes->data, bytes->len);
}

static gssize
receive (Fixture *fixture, int fd, char *buffer, gsize length)
{
  gssize n;

  while ((n = recv (fd, buffer, length, MSG_DONTWAIT)) < 0 && errno == EAGAIN)
    wait_for (fixture, fd, G_IO_IN, NULL, NULL);
  if (n < 0)
    g_error ("recv: %s; log: %s", g_strerror (errno), fixture->log->str);
  return n;
}

char *
fixture_read (Fixture *fixture, int fd, gsize length)
{
  char *text = g_malloc0 (length + 1);
  gsize have = 0;

  while (have < length)
    {
      gssize n = receive (fixture, fd, text + have, length - have);

      if (n == 0)
        g_error ("the stream ended behind: %s; log: %s", text, fixture->log->str);
      have += n;
    }
  return text;
}

char *
fixture_read_until (Fixture *fixture, int fd, const char *text)
{
  GString *read = g_string_new (NULL);

  while (!g_str_has_suffix (read->str, text))
    {
      char byte;

      if (receive (fixture, fd, &byte, 1) == 0)
        g_error ("the stream ended behind: %s; log: %s", read->str, fixture->log->str);
      g_string_append_c (read, byte);
    }
  return g_string_free (read, FALSE);
}

char *
fixture_read_to_end (Fixture *fixture, int fd, gsize *length)
{
  GString *read = g_string_new (NULL);
  char block[16384];
  gssize n;

  while ((n = receive (fixture, fd, block, sizeof block)) > 0)
    g_string_append_len (read, block, n);
  if (length != NULL)
    *length = read->len;
  return g_string_free (read, FALSE);
}

void
fixture_expect_end (Fixture *fixture, int fd)
{
  char byte;

  g_assert_cmpint (receive (fixture, fd, &byte, 1), ==, 0);
}

char *
fixture_read_frame (Fixture *fixture, int fd)
{
  g_autofree guint8 *header = (guint8 *) fixture_read (fixture, fd, 2), *more = NULL;
  g_autofree char *payload = NULL;
  GString *frame = g_string_new (NULL);
  guint64 length = header[1];
  guint skip = 0;

  g_assert_cmpuint (header[1] & 0x80, ==, 0);
  if (length >= 126)
    {
      guint size = length == 126 ? 2 : 8;

      more = (guint8 *) fixture_read (fixture, fd, size);
      length = 0;
      for (guint i = 0; i < size; i++)
        length = length << 8 | more[i];
    }
  payload = fixture_read (fixture, fd, length);
  switch (header[0])
    {
    case 0x81:
      g_string_append (frame, "T:");
      break;
    case 0x89:
      g_string_append (frame, "P:");
      break;
    case 0x8a:
      g_string_append (frame, "p:");
      break;
    case 0x88:
      skip = MIN (length, 2);
      g_string_append_printf (frame, "C%u:", skip == 0 ? 0 : (guint8) payload[0] << 8 | (guint8) payload[1]);
      break;
    default:
      g_error ("a server's frame that begins with %02x", header[0]);
    }
  ws_log_bytes (frame, payload + skip, length - skip);
  return g_string_free (frame, FALSE);
}

void
fixture_expect_frame (Fixture *fixture, int fd, const char *frame)
{
  g_autofree char *came = fixture_read_frame (fixture, fd);

  g_assert_cmpstr (came, ==, frame);
}
