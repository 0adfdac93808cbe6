/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many clients that do anything at any time, and an owner that does too. Nothing in particular has to come of
 * it, but each connection is told closed once and last, nobody is called from inside of a call, nothing is
 * left over, and somebody who behaves is served to the end. The seed is printed; CHAOS_SEED runs one again.
 */
#include "tests/edge/edge-fixture.h"
#include "tests/edge/ws-spec.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CLIENTS 40
#define STEPS   6000

typedef struct
{
  EdgeServer *server;
  GRand *rand;
  GHashTable *open; /* connections that were heard of */
  GPtrArray *in_hand;
  guint n_closed;
  gboolean owner_calls; /* the owner calls the edge right now: it may not call back */
} Chaos;

static const char *const http_pieces[] = {
  FIXTURE_GET ("/"),
  FIXTURE_GET ("/"),
  FIXTURE_GET ("/x") FIXTURE_GET ("/y") FIXTURE_GET ("/z"),
  "GET /part HT",
  "TP/1.1\r\nHost: h\r\n\r\n",
  "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n01234",
  "56789",
  "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n",
  "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n",
  "GET / HTTP/1.0\r\n\r\n",
  "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
  "nonsense\r\n\r\n",
  FIXTURE_UPGRADE (""),
  FIXTURE_UPGRADE (""),
  FIXTURE_UPGRADE (""),
  "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999\r\n\r\n",
};
static const char *const ws_pieces[] = {
  "+1:hello",       "+1:hello|+1:there|+9:p",
  "-1:part",        "+0:rest",
  "-1:a|+9:b|+0:c", "+1*3000",
  "+9*125",         "+a:1",
  "+a:probe",       "+8:%03%e8",
  "+1:%ff",         "+2:bytes",
  "-1*60000",       "+1=60000:beginning",
  "{30}+1:m",       "{200}+1:m",
  "+1u:plain",
};

static guint
roll (Chaos *chaos, guint n)
{
  return (guint) g_rand_int_range (chaos->rand, 0, (gint32) n);
}

/* What an owner may do to any connection at any time. */
static void
do_anything (Chaos *chaos, EdgeConnection *connection)
{
  g_autofree char *text = g_strnfill (roll (chaos, 8) == 0 ? roll (chaos, 300000) : roll (chaos, 300), 't');
  gboolean before = chaos->owner_calls;

  chaos->owner_calls = TRUE;
  switch (roll (chaos, 12))
    {
    case 0:
      edge_connection_abort (connection);
      break;
    case 1:
      edge_connection_close (connection, 4001, "as it likes");
      break;
    case 2:
      edge_connection_probe (connection, 1 + roll (chaos, 30));
      break;
    case 3:
      edge_connection_upgrade (connection);
      break;
    case 4:
    case 5:
    case 6:
      edge_connection_send_text (connection, text, strlen (text));
      break;
    case 7:
      edge_server_cork (chaos->server);
      edge_connection_send_text (connection, text, strlen (text));
      edge_connection_send_text (connection, "x", 1);
      if (roll (chaos, 4) == 0)
        edge_connection_close (connection, 1000, NULL);
      edge_server_uncork (chaos->server);
      break;
    default:
      edge_connection_respond (connection, 200, roll (chaos, 4) == 0 ? NULL : "text/plain", text,
                               strlen (text), NULL, roll (chaos, 10) == 0);
    }
  chaos->owner_calls = before;
}

static void
hear (Chaos *chaos, EdgeConnection *connection)
{
  /* Never from inside of what the owner does. */
  g_assert_false (chaos->owner_calls);
  g_hash_table_add (chaos->open, connection);
}

static void
on_request (EdgeConnection *connection, EdgeRequest *request, gpointer user_data)
{
  Chaos *chaos = user_data;

  hear (chaos, connection);
  if (roll (chaos, 4) == 0)
    g_ptr_array_add (chaos->in_hand, connection);
  else if (edge_request_is_upgrade (request))
    {
      chaos->owner_calls = TRUE;
      edge_connection_upgrade (connection);
      chaos->owner_calls = FALSE;
    }
  else
    for (guint n = roll (chaos, 3); n > 0; n--)
      do_anything (chaos, connection);
  g_assert_nonnull (edge_request_target (request));
}

static void
on_response_sent (EdgeConnection *connection, gpointer user_data)
{
  hear (user_data, connection);
  if (roll (user_data, 10) == 0)
    do_anything (user_data, connection);
}

static void
on_message (EdgeConnection *connection, const char *text, gsize length, gpointer user_data)
{
  hear (user_data, connection);
  g_assert_cmpint (text[length], ==, '\0');
  for (guint n = roll (user_data, 3); n > 0; n--)
    do_anything (user_data, connection);
  g_assert_cmpint (text[length], ==, '\0');
}

static void
on_dropped (EdgeConnection *connection, gpointer user_data)
{
  hear (user_data, connection);
}

static void
on_number (EdgeConnection *connection, guint32 n, gpointer user_data)
{
  hear (user_data, connection);
  if (roll (user_data, 20) == 0)
    do_anything (user_data, connection);
}

static void
on_probe_done (EdgeConnection *connection, gboolean answered, gpointer user_data)
{
  hear (user_data, connection);
  if (roll (user_data, 3) == 0)
    do_anything (user_data, connection);
}

static void
on_stale (EdgeConnection *connection, gpointer user_data)
{
  hear (user_data, connection);
  if (roll (user_data, 2) == 0)
    do_anything (user_data, connection);
}

static void
on_closed (EdgeConnection *connection, EdgeCloseReason reason, gpointer user_data)
{
  Chaos *chaos = user_data;

  hear (chaos, connection);
  do_anything (chaos, connection);
  chaos->n_closed++;
  g_hash_table_remove (chaos->open, connection);
  while (g_ptr_array_remove (chaos->in_hand, connection))
    ;
}

static const EdgeHandlers handlers = {
  .request = on_request,
  .response_sent = on_response_sent,
  .message = on_message,
  .message_dropped = on_dropped,
  .heartbeat_sent = on_number,
  .heartbeat_answered = on_number,
  .probe_done = on_probe_done,
  .stale = on_stale,
  .closed = on_closed,
};

static void
act_as_owner (Chaos *chaos)
{
  GHashTableIter iter;
  gpointer connection;

  if (chaos->in_hand->len > 0 && roll (chaos, 2) == 0)
    do_anything (chaos, chaos->in_hand->pdata[roll (chaos, chaos->in_hand->len)]);
  g_hash_table_iter_init (&iter, chaos->open);
  while (g_hash_table_iter_next (&iter, &connection, NULL))
    if (roll (chaos, 20) == 0)
      do_anything (chaos, connection);
}

static void
act_as_client (Chaos *chaos, Fixture *fixture, int *fd, gboolean *websocket)
{
  static char sink[1 << 16];
  g_autoptr (GByteArray) bytes = NULL;
  struct linger reset = { 1, 0 };
  gsize from = 0;

  if (*fd < 0)
    {
      *fd = fixture_connect (fixture);
      *websocket = roll (chaos, 2);
      if (*websocket)
        send (*fd, FIXTURE_UPGRADE (""), strlen (FIXTURE_UPGRADE ("")), MSG_NOSIGNAL | MSG_DONTWAIT);
      return;
    }
  switch (roll (chaos, 12))
    {
    case 0:
      setsockopt (*fd, SOL_SOCKET, SO_LINGER, &reset, roll (chaos, 2) ? sizeof reset : 0);
      close (*fd);
      *fd = -1;
      return;
    case 1:
      shutdown (*fd, SHUT_WR);
      return;
    case 2:
    case 3:
    case 4:
      if (recv (*fd, sink, 1 + roll (chaos, sizeof sink), MSG_DONTWAIT) == 0)
        {
          close (*fd);
          *fd = -1;
        }
      return;
    default:
      if (*websocket)
        bytes = ws_build (ws_pieces[roll (chaos, G_N_ELEMENTS (ws_pieces))]);
      else
        {
          const char *piece = http_pieces[roll (chaos, G_N_ELEMENTS (http_pieces))];

          bytes = g_byte_array_new ();
          g_byte_array_append (bytes, (const guint8 *) piece, strlen (piece));
          *websocket = g_str_equal (piece, FIXTURE_UPGRADE ("")) && roll (chaos, 2);
        }
      if (roll (chaos, 12) == 0)
        from = roll (chaos, bytes->len);
      send (*fd, bytes->data + from, bytes->len - from, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
}

static gboolean
nobody_is_left (gpointer data)
{
  Chaos *chaos = data;

  return edge_server_n_connections (chaos->server) == 0 && g_hash_table_size (chaos->open) == 0;
}

static void
run_chaos (guint32 seed)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  Chaos chaos = { .rand = g_rand_new_with_seed (seed) };
  gboolean websocket[CLIENTS] = { 0 };
  int fds[CLIENTS];
  guint64 n;

  chaos.open = g_hash_table_new (NULL, NULL);
  chaos.in_hand = g_ptr_array_new ();
  fixture->limits = (EdgeLimits){ .max_connections = CLIENTS - 5,
                                  .max_connections_per_address = CLIENTS - 8,
                                  .header_timeout_ms = 30,
                                  .body_timeout_ms = 30,
                                  .idle_timeout_ms = 50,
                                  .write_timeout_ms = 30,
                                  .max_header_bytes = 1000,
                                  .max_headers = 10,
                                  .max_body_bytes = 1000,
                                  .max_message_bytes = 65536,
                                  .max_output_bytes = 500000,
                                  .heartbeat_ms = 10,
                                  .stale_heartbeats = 3,
                                  .messages_per_second = 500,
                                  .message_burst = 100 };
  chaos.server = fixture->server = edge_server_new (fixture->reactor, &fixture->limits, &handlers, &chaos);
  g_assert_true (edge_server_listen_tcp (fixture->server, "127.0.0.1", 0, NULL));
  fixture->port = edge_server_get_port (fixture->server);

  for (guint i = 0; i < CLIENTS; i++)
    fds[i] = -1;
  for (guint step = 0; step < STEPS; step++)
    {
      guint i = roll (&chaos, CLIENTS);

      act_as_client (&chaos, fixture, &fds[i], &websocket[i]);
      if (roll (&chaos, 3) == 0)
        act_as_owner (&chaos);
      if (roll (&chaos, 2) == 0)
        g_main_context_iteration (fixture->context, FALSE);
    }
  for (guint i = 0; i < CLIENTS; i++)
    if (fds[i] >= 0)
      close (fds[i]);
  fixture_wait (fixture, nobody_is_left, &chaos);
  fixture_settle (fixture);

  /* Each that was let in was told closed, once. */
  n = edge_server_counters (fixture->server)->accepted -
      edge_server_counters (fixture->server)->refused_full -
      edge_server_counters (fixture->server)->refused_address;
  g_assert_cmpuint (chaos.n_closed, ==, n);
  g_hash_table_unref (chaos.open);
  g_ptr_array_unref (chaos.in_hand);
  g_rand_free (chaos.rand);
}

static void
test_chaos (void)
{
  const char *seed = g_getenv ("CHAOS_SEED");

  if (seed != NULL)
    {
      run_chaos ((guint32) g_ascii_strtoull (seed, NULL, 10));
      return;
    }
  for (guint32 i = 1; i <= 5; i++)
    {
      g_test_message ("seed %u", i);
      run_chaos (i);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/server/chaos", test_chaos);
  return g_test_run ();
}
