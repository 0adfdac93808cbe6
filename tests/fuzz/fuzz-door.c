/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The local proxy's door, its credentials and its admin socket: a whole proxy without a gateway, and what
 * comes out against what the head of the request alone says. The first byte picks the way in. In the input
 * stand @P for the port, @T, @K and @D for a token, a key and the time, @S for that key's signature, @L for
 * the length of what follows the head. */
#include "edge/http-parser.h"
#include "localproxy/proxy-private.h"
#include "localproxy/proxy.h"
#include "protocol/json.h"
#include "protocol/signature.h"
#include "protocol/time.h"

#include <arpa/inet.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define LIFE        4096 /* inputs for one proxy */
#define MAX_CLIENTS 64
#define NO_MORE     4 /* idle turns in a row */
#define UNSIGNED    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

typedef enum
{
  WAY_TCP,
  WAY_UNIX,
  WAY_ADMIN,
  N_WAYS
} Way;

static struct
{
  char *folder;
  LpConfig *config;
  LpProxy *proxy;
  char *token, *api_key, *secret;
  guint n_inputs;
} world;

/* --- a proxy --- */

static GLogWriterOutput
drop_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  if (level & (G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_ERROR))
    return g_log_writer_default (level, fields, n_fields, data);
  return G_LOG_WRITER_HANDLED;
}

static char *
path_of (const char *name)
{
  return g_build_filename (world.folder, name, NULL);
}

static void
end (void)
{
  static const char *const files[] = { "proxy.db",
                                       "proxy.db-wal",
                                       "proxy.db-shm",
                                       "upstream.journal",
                                       "upstream.journal-wal",
                                       "upstream.journal-shm",
                                       "proxy.sock",
                                       "admin.sock",
                                       "key.json",
                                       "lock" };

  g_clear_pointer (&world.proxy, lp_proxy_free);
  g_clear_pointer (&world.config, lp_config_free);
  g_clear_pointer (&world.token, g_free);
  g_clear_pointer (&world.api_key, g_free);
  g_clear_pointer (&world.secret, g_free);
  for (gsize i = 0; world.folder && i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = path_of (files[i]);
      g_unlink (path);
    }
  if (world.folder)
    g_rmdir (world.folder);
  g_clear_pointer (&world.folder, g_free);
}

static void
begin (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *key = NULL, *admin = NULL, *unix_socket = NULL;
  char *sets[] = { (char *) "proxy.allowed-origins=http://shop.example", NULL };

  world.folder = g_strdup (g_file_test ("/dev/shm", G_FILE_TEST_IS_DIR) ? "/dev/shm/tgw-door.XXXXXX"
                                                                        : "/tmp/tgw-door.XXXXXX");
  g_assert_nonnull (g_mkdtemp (world.folder));
  key = path_of ("key.json");
  admin = path_of ("admin.sock");
  unix_socket = path_of ("proxy.sock");
  g_assert_true (g_file_set_contents_full (key, "{\"apiKey\":\"k\",\"apiSecret\":\"s\"}", -1, 0, 0600, NULL));
  world.config = lp_config_load (NULL, sets, "http://127.0.0.1:1", "127.0.0.1:0", world.folder, key, &error);
  g_assert_no_error (error);
  world.config->limits.messages_per_second = 0;
  world.proxy = lp_proxy_new (world.config, &error);
  g_assert_no_error (error);
  g_assert_true (edge_server_listen_tcp (world.proxy->server, "127.0.0.1", 0, &error));
  g_assert_true (edge_server_listen_unix (world.proxy->server, unix_socket, 0600, &error));
  g_assert_true (edge_server_listen_unix (world.proxy->admin, admin, 0600, &error));
  g_assert_nonnull (lp_client_pair (world.proxy, "till", FALSE, &world.token, &error));
  world.api_key =
    g_strdup (lp_client_pair (world.proxy, "signer", TRUE, &world.secret, &error)->row->api_key);
  world.n_inputs = 0;
}

/* --- the request --- */

/* Never the same twice within one proxy's life: a signature is good once. */
static void
put_time (GString *text)
{
  char time[TGP_TIME_SIZE];
  g_string_append (text, tgp_time_format (lp_now () - LIFE / 2 + world.n_inputs, time));
}

static GString *
fill_in (const char *data, gsize size, const char *signature)
{
  GString *text = g_string_new (NULL);
  const char *head = memmem (data, size, "\r\n\r\n", 4);

  for (gsize i = 0; i < size; i++)
    {
      char letter = data[i] == '@' && i + 1 < size ? data[i + 1] : 0;
      if (letter == 'P')
        g_string_append_printf (text, "%u", edge_server_get_port (world.proxy->server));
      else if (letter == 'T')
        g_string_append (text, world.token);
      else if (letter == 'K')
        g_string_append (text, world.api_key);
      else if (letter == 'S')
        g_string_append (text, signature);
      else if (letter == 'D')
        put_time (text);
      else if (letter == 'L')
        g_string_append_printf (text, "%zu", head ? (gsize) (data + size - head) - 4 : 0);
      else
        {
          g_string_append_c (text, data[i]);
          continue;
        }
      i++;
    }
  return text;
}

static EdgeRequest *
parse (const GString *text)
{
  EdgeRequest *request = edge_request_new ();
  gsize taken, done = 0;
  EdgeHttpState state;

  do
    {
      state = edge_request_feed (request, &(EdgeHttpLimits){ 16 * 1024, 100, 64 * 1024 }, text->str + done,
                                 text->len - done, &taken);
      done += taken;
    }
  while (state == EDGE_HTTP_HEADERS_DONE);
  if (state == EDGE_HTTP_DONE)
    return request;
  edge_request_free (request);
  return NULL;
}

/* Signed as its own head says. */
static GString *
compose (const char *data, gsize size)
{
  g_autoptr (GString) plain = fill_in (data, size, UNSIGNED);
  EdgeRequest *request = parse (plain);
  char signature[TGP_SIGNATURE_SIZE] = UNSIGNED;
  const char *time = request ? edge_request_header (request, "x-timestamp") : NULL;
  gsize length = 0;
  const char *body = request ? edge_request_body (request, &length) : NULL;

  if (time)
    tgp_sign (world.secret, edge_request_method (request), edge_request_target (request), time, body, length,
              signature);
  if (request)
    edge_request_free (request);
  return fill_in (data, size, signature);
}

/* --- the answer --- */

static int
connect_by (Way way)
{
  g_autofree char *path = path_of (way == WAY_ADMIN ? "admin.sock" : "proxy.sock");
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_port = htons (edge_server_get_port (world.proxy->server)),
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  /* From an address of its own, whatever else takes ports of this computer. */
  struct sockaddr_in from = { .sin_family = AF_INET,
                              .sin_addr.s_addr = htonl (INADDR_LOOPBACK + (world.n_inputs << 8)) };
  struct sockaddr_un named = { .sun_family = AF_UNIX };
  struct linger hard = { 1, 0 }; /* no port stays taken */
  int fd = socket (way == WAY_TCP ? AF_INET : AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  gboolean failed;

  g_strlcpy (named.sun_path, path, sizeof named.sun_path);
  if (way == WAY_TCP && bind (fd, (struct sockaddr *) &from, sizeof from) != 0)
    g_error ("no address: %s", g_strerror (errno));
  do /* libFuzzer's alarm interrupts */
    failed = way == WAY_TCP ? connect (fd, (struct sockaddr *) &address, sizeof address) != 0
                            : connect (fd, (struct sockaddr *) &named, sizeof named) != 0;
  while (failed && (errno == EINTR || errno == EALREADY));
  if (failed && errno != EISCONN)
    g_error ("not connected: %s", g_strerror (errno));
  setsockopt (fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  return fd;
}

static void
turn (void)
{
  for (guint idle = 0; idle < NO_MORE; idle++)
    while (g_main_context_iteration (NULL, FALSE))
      idle = 0;
}

static GString *
exchange (Way way, const GString *text)
{
  EdgeServer *server = way == WAY_ADMIN ? world.proxy->admin : world.proxy->server;
  GString *answer = g_string_new (NULL);
  int fd = connect_by (way);
  char buffer[4096];
  gssize n;

  turn ();
  send (fd, text->str, text->len, MSG_NOSIGNAL | MSG_DONTWAIT);
  turn ();
  while ((n = recv (fd, buffer, sizeof buffer, MSG_DONTWAIT)) > 0)
    {
      g_string_append_len (answer, buffer, n);
      turn ();
    }
  close (fd);
  while (edge_server_n_connections (server) > 0)
    g_main_context_iteration (NULL, TRUE);
  return answer;
}

/* --- what must hold --- */

static gboolean
fits (const char *pattern, const char *text)
{
  return text && g_regex_match_simple (pattern, text, G_REGEX_CASELESS, 0);
}

/* 0: the door lets it in. */
static guint
status_at_the_door (const EdgeRequest *request, Way way)
{
  g_autofree char *host = g_strdup_printf ("^(localhost|127\\.0\\.0\\.1|\\[::1\\]):0*%u$",
                                           edge_server_get_port (world.proxy->server));
  const char *origin = edge_request_header (request, "origin");
  gsize length = 0;

  edge_request_body (request, &length);
  if (way == WAY_ADMIN)
    return 0;
  if (way == WAY_TCP && !fits (host, edge_request_header (request, "host")))
    return 421;
  if (origin && strcmp (origin, "http://shop.example") != 0)
    return 403;
  return length > 0 && !fits ("^application/json($|[; \t])", edge_request_header (request, "content-type"))
           ? 415
           : 0;
}

/* Whether what was sent could prove who sends it. */
static gboolean
has_credentials (const EdgeRequest *request)
{
  const char *authorization = edge_request_header (request, "authorization");
  const char *api_key = edge_request_header (request, "x-api-key");
  const char *signature = edge_request_header (request, "x-signature");
  const char *time = edge_request_header (request, "x-timestamp");
  const char *query = edge_request_query (request);
  gsize length = 0;
  const char *body = edge_request_body (request, &length);

  if (authorization && strstr (authorization, world.token))
    return TRUE;
  if (edge_request_is_upgrade (request))
    return (api_key && strcmp (api_key, world.api_key) == 0) || (query && strstr (query, "apiKey="));
  return api_key && strcmp (api_key, world.api_key) == 0 && signature && time &&
         tgp_signature_verify (signature, world.secret, edge_request_method (request),
                               edge_request_target (request), time, body, length);
}

static void
judge (Way way, const EdgeRequest *request, const GString *answer)
{
  guint status = answer->len > 12 ? (guint) atoi (answer->str + strlen ("HTTP/1.1 ")) : 0;
  guint door = status_at_the_door (request, way);
  const char *path = edge_request_path (request);
  gboolean in = status == 101 || (status >= 200 && status < 300);
  const char *body = strstr (answer->str, "\r\n\r\n");

  if (door)
    g_assert_cmpuint (status, ==, door);
  else
    g_assert_true (status != 421);
  if (in && way == WAY_TCP && strcmp (path, "/healthz") != 0 && strcmp (path, "/readyz") != 0)
    g_assert_true (has_credentials (request));
  g_assert_null (strstr (answer->str, world.token));
  g_assert_null (strstr (answer->str, world.secret));
  if (status >= 400 && body && body[4] == '{')
    {
      const char *second = strstr (body + 4, "HTTP/1.1 ");
      g_autoptr (TgpJson) json =
        tgp_json_parse_object (body + 4, second ? (gsize) (second - body) - 4 : strlen (body + 4), NULL);
      g_assert_nonnull (json);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GString) text = NULL, answer = NULL;
  EdgeRequest *request;
  Way way;

  if (size < 2 || size > 32 * 1024)
    return 0;
  if (!world.proxy)
    {
      g_log_set_writer_func (drop_log, NULL, NULL);
      g_log_set_always_fatal (G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_ERROR);
      atexit (end);
      begin ();
    }
  else if (++world.n_inputs >= LIFE || g_hash_table_size (world.proxy->clients) > MAX_CLIENTS)
    {
      end ();
      begin ();
    }
  way = data[0] % N_WAYS;
  world.proxy->guesses = (EdgeRate){ 0 };
  text = compose ((const char *) data + 1, size - 1);
  answer = exchange (way, text);
  request = parse (text);
  if (request)
    {
      judge (way, request, answer);
      edge_request_free (request);
    }
  return 0;
}
