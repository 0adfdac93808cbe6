/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "localproxy/proxy.h"

#include "localproxy/proxy-private.h"
#include "localproxy/service.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define DRAIN_STEP_MS  20
#define GOODBYE_MS     1000
#define SWEEP_SECONDS  3600
#define CLOCK_ERROR_MS 300000 /* more, and the gateway refuses what is signed by it */

/* --- making one --- */

static gboolean
lock_state (LpProxy *proxy, GError **error)
{
  const char *folder = proxy->config->state_dir;
  g_autofree char *path = g_build_filename (folder, "lock", NULL);

  if (g_mkdir_with_parents (folder, 0700) != 0 ||
      (proxy->lock = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600)) < 0)
    {
      g_set_error (error, G_FILE_ERROR, (gint) g_file_error_from_errno (errno),
                   "The state folder %s cannot be used: %s; say another with --state-dir", folder,
                   g_strerror (errno));
      return FALSE;
    }
  if (flock (proxy->lock, LOCK_EX | LOCK_NB) == 0)
    return TRUE;
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_EXIST,
               "Another proxy runs on the state folder %s; stop it, or say another with --state-dir", folder);
  return FALSE;
}

static gboolean
load_clients (LpProxy *proxy, GError **error)
{
  g_autoptr (GPtrArray) rows = lp_store_load_clients (proxy->store, error);

  if (!rows)
    return FALSE;
  while (rows->len)
    lp_client_add (proxy, g_ptr_array_steal_index (rows, 0));
  return !lp_client_find (proxy, proxy->config->default_client) ||
         lp_store_adopt (proxy->store, proxy->config->default_client, error);
}

LpProxy *
lp_proxy_new (const LpConfig *config, GError **error)
{
  g_autoptr (LpProxy) proxy = g_new0 (LpProxy, 1);
  g_autofree char *path = g_build_filename (config->state_dir, "proxy.db", NULL);
  EdgeLimits admin;

  proxy->config = config;
  proxy->lock = -1;
  proxy->started_at = lp_now ();
  proxy->tickets = g_hash_table_new (g_int64_hash, g_int64_equal);
  proxy->clients = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) lp_client_free);
  proxy->payments = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) lp_payment_free);
  if (config->allowed_origins)
    proxy->origins = g_strsplit_set (config->allowed_origins, " ", -1);
  if (!lock_state (proxy, error) || !(proxy->store = lp_store_open (path, error)) ||
      !load_clients (proxy, error) || !lp_upstream_open (proxy, error))
    return NULL;
  edge_limits_default (&admin);
  proxy->loop = g_main_loop_new (NULL, FALSE);
  proxy->reactor = edge_reactor_new (NULL);
  proxy->server = edge_server_new (proxy->reactor, &config->limits, &lp_peer_handlers, proxy);
  proxy->admin = edge_server_new (proxy->reactor, &admin, &lp_admin_handlers, proxy);
  return g_steal_pointer (&proxy);
}

void
lp_proxy_free (LpProxy *proxy)
{
  g_clear_pointer (&proxy->admin, edge_server_free);
  g_clear_pointer (&proxy->server, edge_server_free);
  lp_upstream_close (proxy);
  g_hash_table_unref (proxy->payments);
  g_hash_table_unref (proxy->clients);
  g_hash_table_unref (proxy->tickets);
  g_clear_pointer (&proxy->reactor, edge_reactor_free);
  g_clear_pointer (&proxy->store, lp_store_close);
  g_clear_pointer (&proxy->loop, g_main_loop_unref);
  g_strfreev (proxy->origins);
  g_free (proxy->group_id);
  g_free (proxy->why_away);
  g_free (proxy->said);
  if (proxy->lock >= 0)
    close (proxy->lock);
  g_free (proxy);
}

/* --- listening --- */

/* Whoever gave it, it must not be reached from another computer. */
static gboolean
is_local (int fd, GError **error)
{
  g_autoptr (GSocket) socket = g_socket_new_from_fd (dup (fd), error);
  g_autoptr (GSocketAddress) address = socket ? g_socket_get_local_address (socket, error) : NULL;

  if (!address)
    return FALSE;
  if (!G_IS_INET_SOCKET_ADDRESS (address) ||
      g_inet_address_get_is_loopback (g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address))))
    return TRUE;
  g_set_error_literal (
    error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
    "The socket that was given is not on a loopback address; its unit must say ListenStream= with "
    "one, such as 127.0.0.1:8471");
  return FALSE;
}

/* Sockets that systemd gave take the place of the one over TCP. */
static gboolean
listen_clients (LpProxy *proxy, GError **error)
{
  const LpConfig *config = proxy->config;
  g_autoptr (GArray) given = lp_service_sockets ();

  for (guint i = 0; i < given->len; i++)
    if (!is_local (g_array_index (given, int, i), error) ||
        !edge_server_listen_fd (proxy->server, g_array_index (given, int, i), error))
      return FALSE;
  if (given->len == 0 && !edge_server_listen_tcp (proxy->server, config->host, config->port, error))
    return FALSE;
  /* Who may connect is a matter of the kernel's word on the peer, not of the file's mode alone. */
  return !*config->socket ||
         edge_server_listen_unix (proxy->server, config->socket, config->group ? 0666 : 0600, error);
}

static gboolean
listen_everywhere (LpProxy *proxy, GError **error)
{
  g_autofree char *admin = g_build_filename (proxy->config->state_dir, "admin.sock", NULL);

  return edge_server_listen_unix (proxy->admin, admin, 0600, error) && listen_clients (proxy, error);
}

static void
announce (LpProxy *proxy)
{
  gboolean v6 = strchr (proxy->config->host, ':') != NULL;
  guint16 port = edge_server_get_port (proxy->server);

  printf (v6 ? "listening on http://[%s]:%u\n" : "listening on http://%s:%u\n", proxy->config->host, port);
  fflush (stdout);
  g_message ("version %s serves on %s:%u, state in %s", TGW_VERSION, proxy->config->host, port,
             proxy->config->state_dir);
  lp_service_notify ("READY=1");
}

/* --- stopping --- */

static void
say_goodbye (EdgeConnection *connection, gpointer data)
{
  TgpForceDisconnect why = { .reason = TGP_DISCONNECT_OTHER, .reconnect_allowed = TRUE };
  LpPeer *peer = edge_connection_get_data (connection);

  if (!peer)
    edge_connection_abort (connection);
  else if (peer->state == LP_PEER_OPEN)
    lp_peer_disconnect (peer, &why);
  else if (peer->wait && peer->wait->kind == LP_WAIT_OUTCOME)
    {
      LpCaller caller = lp_peer_caller (peer, NULL, NULL);
      g_autofree char *id = g_strdup (peer->wait->transaction_id);
      lp_wait_end (peer);
      lp_refuse_payment (peer->proxy, &caller, TGP_ERROR_TIMEOUT, "The proxy stops; the payment goes on", id);
    }
  else if (peer->wait)
    {
      LpCaller caller = lp_peer_caller (peer, NULL, NULL);
      lp_wait_end (peer);
      lp_answer (peer->proxy, &caller, 200, g_strdup ("{\"messages\":[]}"), NULL);
    }
  else if (!peer->ticket)
    edge_connection_close (connection, 0, NULL);
}

/* Every step looks whether anything is left to wait for. */
static gboolean
drain_step (gpointer data)
{
  LpProxy *proxy = data;
  gint64 now = g_get_monotonic_time () / 1000;

  if (!proxy->finished && (g_hash_table_size (proxy->payments) == 0 || now >= proxy->drain_until))
    {
      proxy->finished = TRUE;
      proxy->drain_until = now + GOODBYE_MS;
      edge_server_stop_listening (proxy->server);
      edge_server_foreach (proxy->server, say_goodbye, proxy);
    }
  if (!proxy->finished || (edge_server_n_connections (proxy->server) > 0 && now < proxy->drain_until))
    return G_SOURCE_CONTINUE;
  g_main_loop_quit (proxy->loop);
  return G_SOURCE_REMOVE;
}

static gboolean
on_signal (gpointer data)
{
  LpProxy *proxy = data;

  if (proxy->draining)
    return G_SOURCE_CONTINUE;
  proxy->draining = TRUE;
  proxy->drain_until = g_get_monotonic_time () / 1000 + proxy->config->drain_timeout;
  g_message ("draining: no new payments; those under way have %" G_GINT64_FORMAT " s",
             proxy->config->drain_timeout / 1000);
  lp_service_notify ("STOPPING=1");
  g_timeout_add (DRAIN_STEP_MS, drain_step, proxy);
  return G_SOURCE_CONTINUE;
}

/* --- running --- */

/* By the gateway's, when it was reached, and by the time that has passed since. */
static gboolean
clock_is_right (LpProxy *proxy)
{
  gint64 since = g_get_monotonic_time () / 1000 - proxy->since_mono;

  return proxy->state == LP_GATEWAY_ONLINE &&
         ABS (tgw_client_get_clock_skew (proxy->upstream)) * 1000 < CLOCK_ERROR_MS &&
         ABS (lp_now () - proxy->state_since - since) < CLOCK_ERROR_MS;
}

void
lp_proxy_sweep (LpProxy *proxy)
{
  GListModel *unclaimed = tgw_client_get_unclaimed (proxy->upstream);
  g_autoptr (GPtrArray) under_way = g_ptr_array_new_with_free_func (g_free);
  guint expired;
  GHashTableIter iter;
  gpointer client;

  if (!clock_is_right (proxy))
    return;
  for (guint i = 0; i < g_list_model_get_n_items (unclaimed); i++)
    {
      g_autoptr (TgwPayment) payment = g_list_model_get_item (unclaimed, i);
      g_ptr_array_add (under_way, g_strdup (tgw_payment_get_transaction_id (payment)));
    }
  expired = lp_store_sweep (proxy->store, lp_now (), under_way);
  if (!expired)
    return;
  g_warning ("%u messages expired unread", expired);
  g_hash_table_iter_init (&iter, proxy->clients);
  while (g_hash_table_iter_next (&iter, NULL, &client))
    mailbox_swept (&((LpClient *) client)->mailbox);
}

static gboolean
sweep (gpointer data)
{
  lp_proxy_sweep (data);
  return G_SOURCE_CONTINUE;
}

gboolean
lp_proxy_run (LpProxy *proxy, GError **error)
{
  guint sources[] = { g_unix_signal_add (SIGTERM, on_signal, proxy),
                      g_unix_signal_add (SIGINT, on_signal, proxy),
                      g_timeout_add_seconds (SWEEP_SECONDS, sweep, proxy), lp_service_start_watchdog () };
  gboolean listening = listen_everywhere (proxy, error);

  if (listening)
    {
      lp_upstream_start (proxy);
      announce (proxy);
      g_main_loop_run (proxy->loop);
      g_message ("stopped");
    }
  for (guint i = 0; i < G_N_ELEMENTS (sources); i++)
    if (sources[i])
      g_source_remove (sources[i]);
  return listening;
}
