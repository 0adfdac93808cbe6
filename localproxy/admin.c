/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The operator's endpoints, on the admin socket (mode 0600). Nothing here names an amount or a customer. */
#include "localproxy/proxy-private.h"

#include "localproxy/log.h"
#include "localproxy/secret.h"
#include "protocol/id.h"

#include <string.h>
#include <unistd.h>

#define NAME_MAX_LENGTH 40
#define SHOWN_PAYMENTS  20

static void
respond (LpPeer *peer, guint status, char *body)
{
  lp_peer_respond (peer, status, body, NULL, FALSE);
  g_free (body);
}

static void
refuse (LpPeer *peer, guint status, TgpErrorCode code, const char *message)
{
  TgpErrorBody error = { .code = code, .http_status = status, .message = message };
  respond (peer, status, tgp_encode_error (FALSE, &error, lp_now ()));
}

/* --- status --- */

static void
write_gateway (LpProxy *proxy, TgpJsonWriter *writer)
{
  tgp_json_open_object (writer, "gateway");
  tgp_json_string (writer, "url", proxy->config->gateway);
  tgp_json_string (writer, "state", lp_gateway_state_name (proxy->state));
  tgp_json_time (writer, "since", proxy->state_since);
  tgp_json_optional_string (writer, "reason", proxy->why_away);
  if (proxy->state == LP_GATEWAY_DISPLACED)
    tgp_json_optional_string (writer, "displacedBy", tgw_client_get_displaced_by (proxy->upstream));
  tgp_json_optional_string (writer, "groupId", proxy->group_id);
  tgp_json_int (writer, "clockSkewSeconds", tgw_client_get_clock_skew (proxy->upstream));
  tgp_json_optional_string (writer, "damagedJournal", tgw_client_get_damaged_journal (proxy->upstream));
  tgp_json_close_object (writer);
}

static void
write_terminals (LpProxy *proxy, TgpJsonWriter *writer)
{
  GListModel *terminals = tgw_client_get_terminals (proxy->upstream);

  tgp_json_open_array (writer, "terminals");
  for (guint i = 0; i < g_list_model_get_n_items (terminals); i++)
    {
      g_autoptr (TgwTerminal) terminal = g_list_model_get_item (terminals, i);
      tgp_json_open_object (writer, NULL);
      tgp_json_string (writer, "terminalId", tgw_terminal_get_terminal_id (terminal));
      tgp_json_string (
        writer, "status",
        tgp_terminal_status_http_name ((TgpTerminalStatus) tgw_terminal_get_status (terminal)));
      tgp_json_boolean (writer, "busy", tgw_terminal_get_busy (terminal));
      tgp_json_close_object (writer);
    }
  tgp_json_close_array (writer);
}

/* The last ones, newest first, without who paid what. */
static void
write_payments (LpProxy *proxy, TgpJsonWriter *writer)
{
  GListModel *payments = tgw_client_get_payments (proxy->upstream);
  guint n = g_list_model_get_n_items (payments);

  tgp_json_open_array (writer, "payments");
  for (guint i = 0; i < MIN (n, SHOWN_PAYMENTS); i++)
    {
      g_autoptr (TgwPayment) payment = g_list_model_get_item (payments, n - 1 - i);
      const char *id = tgw_payment_get_transaction_id (payment);
      g_autoptr (LpOrder) order = lp_store_find_order (proxy->store, id, NULL);
      g_autoptr (GDateTime) updated = tgw_payment_dup_updated_at (payment);

      tgp_json_open_object (writer, NULL);
      tgp_json_string (writer, "transactionId", id);
      tgp_json_optional_string (writer, "terminalId", tgw_payment_get_terminal_id (payment));
      tgp_json_optional_string (writer, "client", order ? order->client_id : NULL);
      tgp_json_string (writer, "status", tgp_status_name (lp_status_of (payment)));
      tgp_json_optional_string (writer, "errorCode", tgw_payment_get_error_code (payment));
      tgp_json_time (writer, "updatedAt", lp_ms_of (updated));
      tgp_json_close_object (writer);
    }
  tgp_json_close_array (writer);
}

/* News of payments that no client of this proxy started, and that no default client gets. */
static void
write_unclaimed (LpProxy *proxy, TgpJsonWriter *writer)
{
  g_autoptr (GPtrArray) messages = lp_store_read_messages (proxy->store, "", 0, 100, NULL, NULL);

  tgp_json_open_array (writer, "unclaimed");
  for (guint i = 0; messages && i < messages->len; i++)
    {
      const LpMessage *message = messages->pdata[i];
      tgp_json_open_object (writer, NULL);
      tgp_json_string (writer, "transactionId", message->transaction_id);
      tgp_json_string (writer, "action", message->action);
      tgp_json_close_object (writer);
    }
  tgp_json_close_array (writer);
}

static void
write_clients (LpProxy *proxy, TgpJsonWriter *writer)
{
  static const char *const kinds[] = { "token", "hmac", "socket" };
  g_autoptr (GList) clients = g_hash_table_get_values (proxy->clients);

  tgp_json_open_array (writer, "clients");
  for (GList *l = clients; l; l = l->next)
    {
      const LpClient *client = l->data;
      guint waiting = 0, expired;
      gint64 last;
      g_autoptr (GPtrArray) messages =
        lp_store_read_messages (proxy->store, client->row->id, 0, 0, &waiting, NULL);

      tgp_json_open_object (writer, NULL);
      tgp_json_string (writer, "name", client->row->id);
      tgp_json_string (writer, "kind", kinds[client->row->kind]);
      if (client->row->kind == LP_CLIENT_HMAC)
        tgp_json_boolean (writer, "signsHandshakes", client->signs);
      tgp_json_boolean (writer, "connected", client->peer != NULL);
      tgp_json_int (writer, "waitingMessages", waiting);
      expired = lp_store_count_expired (proxy->store, client->row->id, &last);
      tgp_json_int (writer, "expiredMessages", expired);
      if (expired)
        tgp_json_time (writer, "lastExpiredAt", last);
      tgp_json_time (writer, "createdAt", client->row->created_at);
      if (client->row->revoked_at)
        tgp_json_time (writer, "revokedAt", client->row->revoked_at);
      tgp_json_close_object (writer);
    }
  tgp_json_close_array (writer);
}

static void
write_settings (LpProxy *proxy, TgpJsonWriter *writer)
{
  g_autofree char *text = lp_config_describe (proxy->config);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  tgp_json_open_object (writer, "settings");
  for (guint i = 0; lines[i]; i++)
    {
      char *equals = strchr (lines[i], '=');
      if (!equals)
        continue;
      *equals = '\0';
      tgp_json_string (writer, lines[i], equals + 1);
    }
  tgp_json_close_object (writer);
}

static char *
status (LpProxy *proxy)
{
  TgpJsonWriter writer;

  tgp_json_writer_init (&writer);
  tgp_json_open_object (&writer, NULL);
  tgp_json_string (&writer, "version", TGW_VERSION);
  tgp_json_int (&writer, "pid", getpid ());
  tgp_json_time (&writer, "startedAt", proxy->started_at);
  tgp_json_int (&writer, "port", edge_server_get_port (proxy->server));
  tgp_json_string (&writer, "logLevel", lp_config_level_name (lp_log_get_level ()));
  tgp_json_int (&writer, "paymentsStarted", (gint64) proxy->n_payments);
  tgp_json_int (&writer, "outcomesTold", (gint64) proxy->n_outcomes);
  write_gateway (proxy, &writer);
  write_terminals (proxy, &writer);
  write_payments (proxy, &writer);
  write_unclaimed (proxy, &writer);
  write_clients (proxy, &writer);
  write_settings (proxy, &writer);
  tgp_json_close_object (&writer);
  return tgp_json_writer_end (&writer);
}

static char *
list_clients (LpProxy *proxy)
{
  TgpJsonWriter writer;

  tgp_json_writer_init (&writer);
  tgp_json_open_object (&writer, NULL);
  write_clients (proxy, &writer);
  tgp_json_close_object (&writer);
  return tgp_json_writer_end (&writer);
}

static char *
logs (void)
{
  g_autoptr (GPtrArray) lines = lp_log_last (500);
  TgpJsonWriter writer;

  tgp_json_writer_init (&writer);
  tgp_json_open_object (&writer, NULL);
  tgp_json_string (&writer, "logLevel", lp_config_level_name (lp_log_get_level ()));
  tgp_json_open_array (&writer, "lines");
  for (guint i = 0; i < lines->len; i++)
    tgp_json_string (&writer, NULL, lines->pdata[i]);
  tgp_json_close_array (&writer);
  tgp_json_close_object (&writer);
  return tgp_json_writer_end (&writer);
}

static void
set_log_level (LpPeer *peer, const EdgeRequest *request)
{
  gsize length = 0;
  const char *body = edge_request_body (request, &length);
  g_autoptr (GError) error = NULL;
  g_autoptr (TgpJson) json = tgp_json_parse_object (body ? body : "", length, &error);
  g_autofree char *name = NULL, *message = NULL;
  GLogLevelFlags level;

  if (!json || !tgp_get_id (tgp_json_root (json), "level", &name, &error))
    refuse (peer, 400, (TgpErrorCode) error->code, error->message);
  else if (!lp_config_level_of (name, &level))
    {
      message = g_strdup_printf ("level is \"%s\", but must be %s", name, LP_CONFIG_LEVELS);
      refuse (peer, 400, TGP_ERROR_INVALID_FIELD, message);
    }
  else
    {
      lp_log_set_level (level);
      respond (peer, 200, logs ());
    }
}

/* --- clients --- */

static void
refuse_unstored (LpPeer *peer, const GError *error)
{
  g_autofree char *message =
    g_strdup_printf ("%s; the client's credentials are what they were. Make room in %s and try again",
                     error->message, peer->proxy->config->state_dir);

  g_warning ("%s", error->message);
  refuse (peer, 503, TGP_ERROR_STORAGE_UNAVAILABLE, message);
}

static void
pair_client (LpPeer *peer, const EdgeRequest *request)
{
  LpProxy *proxy = peer->proxy;
  gsize length = 0;
  const char *body = edge_request_body (request, &length);
  g_autoptr (GError) error = NULL;
  g_autoptr (TgpJson) json = tgp_json_parse_object (body ? body : "", length, &error);
  g_autofree char *name = NULL;
  gboolean hmac = FALSE;
  char *secret = NULL;
  LpClient *client;
  TgpJsonWriter writer;

  if (!json || !tgp_get_id (tgp_json_root (json), "name", &name, &error) ||
      !tgp_get_optional_boolean (tgp_json_root (json), "hmac", FALSE, &hmac, &error))
    {
      refuse (peer, 400, (TgpErrorCode) error->code, error->message);
      return;
    }
  if (strlen (name) > NAME_MAX_LENGTH || g_str_has_prefix (name, "unix-"))
    {
      refuse (peer, 400, TGP_ERROR_INVALID_FIELD,
              "name must have at most 40 characters, and not begin with unix-");
      return;
    }
  client = lp_client_pair (proxy, name, hmac, &secret, &error);
  if (!client)
    {
      refuse_unstored (peer, error);
      return;
    }
  tgp_json_writer_init (&writer);
  tgp_json_open_object (&writer, NULL);
  tgp_json_string (&writer, "name", name);
  if (hmac)
    {
      tgp_json_string (&writer, "apiKey", client->row->api_key);
      tgp_json_string (&writer, "apiSecret", secret);
    }
  else
    tgp_json_string (&writer, "token", secret);
  tgp_json_close_object (&writer);
  lp_secret_clear (&secret);
  respond (peer, 201, tgp_json_writer_end (&writer));
}

static void
revoke_client (LpPeer *peer, const char *name)
{
  LpClient *client = lp_client_find (peer->proxy, name);
  g_autoptr (GError) error = NULL;

  if (!client)
    refuse (peer, 404, TGP_ERROR_NOT_FOUND, "There is no such client; “tgwctl proxy clients” lists them");
  else if (!lp_client_revoke (peer->proxy, client, &error))
    refuse_unstored (peer, error);
  else
    respond (peer, 200, list_clients (peer->proxy));
}

void
lp_admin_request (LpPeer *peer, const EdgeRequest *request)
{
  LpProxy *proxy = peer->proxy;
  const char *path = edge_request_path (request), *method = edge_request_method (request);
  gboolean get = strcmp (method, "GET") == 0, post = strcmp (method, "POST") == 0;
  g_auto (GStrv) parts = g_strsplit (path, "/", 6);

  if (get && strcmp (path, "/admin/status") == 0)
    respond (peer, 200, status (proxy));
  else if (get && strcmp (path, "/admin/clients") == 0)
    respond (peer, 200, list_clients (proxy));
  else if (post && strcmp (path, "/admin/clients") == 0)
    pair_client (peer, request);
  else if (get && strcmp (path, "/admin/logs") == 0)
    respond (peer, 200, logs ());
  else if (post && strcmp (path, "/admin/log-level") == 0)
    set_log_level (peer, request);
  else if (post && strcmp (path, "/admin/take-back") == 0)
    {
      lp_upstream_take_back (proxy);
      respond (peer, 200, lp_upstream_status (proxy, NULL));
    }
  else if (post && g_strv_length (parts) == 5 && strcmp (parts[2], "clients") == 0 &&
           strcmp (parts[4], "revoke") == 0)
    {
      g_autofree char *name = g_uri_unescape_string (parts[3], NULL);
      revoke_client (peer, name);
    }
  else
    refuse (peer, 404, TGP_ERROR_NOT_FOUND, "There is no such endpoint");
}
