/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The operator's API on a Unix socket (mode 0600): keys, terminals, transactions, connections. */
#include "gateway/api/api-private.h"

#include "protocol/id.h"

#include <string.h>
#include <unistd.h>

/* A list inside an answer is no place for everything that a busy key has. */
#define LISTED_MAX 100

/* --- answers --- */

static void
respond (GwPeer *peer, guint status, TgpJsonWriter *writer)
{
  g_autofree char *body = tgp_json_writer_end (writer);
  gw_peer_respond (peer, status, body, NULL);
}

static void
write_timeline (GwPeer *peer, const GwAnswer *answer)
{
  TgpJsonWriter writer;

  /* A payment has its first entry from the commit that made it. */
  if (answer->rows->len == 0)
    {
      gw_peer_refuse (peer, TGP_ERROR_TRANSACTION_NOT_FOUND, "transactionId is not known in this group");
      return;
    }
  tgp_json_writer_init (&writer);
  tgp_json_open_object (&writer, NULL);
  tgp_json_string (&writer, "transactionId", ((GwTimelineEntry *) answer->rows->pdata[0])->transaction_id);
  tgp_json_open_array (&writer, "timeline");
  for (guint i = 0; i < answer->rows->len; i++)
    {
      const GwTimelineEntry *entry = answer->rows->pdata[i];
      tgp_json_open_object (&writer, NULL);
      tgp_json_int (&writer, "n", entry->n);
      tgp_json_time (&writer, "at", entry->at);
      tgp_json_string (&writer, "actor", entry->actor);
      tgp_json_optional_string (&writer, "connection", entry->connection);
      tgp_json_string (&writer, "what", entry->what);
      if (entry->from_status >= 0)
        tgp_json_string (&writer, "from", tgp_status_name ((TgpStatus) entry->from_status));
      if (entry->to_status >= 0)
        tgp_json_string (&writer, "to", tgp_status_name ((TgpStatus) entry->to_status));
      tgp_json_optional_string (&writer, "detail", entry->detail);
      tgp_json_close_object (&writer);
    }
  tgp_json_close_array (&writer);
  tgp_json_close_object (&writer);
  respond (peer, 200, &writer);
}

static void
write_audit (GwPeer *peer, const GwAnswer *answer)
{
  TgpJsonWriter writer;

  tgp_json_writer_init (&writer);
  tgp_json_open_object (&writer, NULL);
  tgp_json_open_array (&writer, "audit");
  for (guint i = 0; i < answer->rows->len; i++)
    {
      const GwAuditEntry *entry = answer->rows->pdata[i];
      tgp_json_open_object (&writer, NULL);
      tgp_json_int (&writer, "seq", entry->seq);
      tgp_json_time (&writer, "at", entry->at);
      tgp_json_string (&writer, "actor", entry->actor);
      tgp_json_string (&writer, "what", entry->what);
      tgp_json_optional_string (&writer, "groupId", entry->group_id);
      tgp_json_optional_string (&writer, "keyId", entry->key_id);
      tgp_json_optional_string (&writer, "transactionId", entry->transaction_id);
      tgp_json_optional_string (&writer, "detail", entry->detail);
      tgp_json_close_object (&writer);
    }
  tgp_json_close_array (&writer);
  tgp_json_close_object (&writer);
  respond (peer, 200, &writer);
}

static void
write_orphans (GwPeer *peer, const GwAnswer *answer)
{
  TgpJsonWriter writer;

  tgp_json_writer_init (&writer);
  tgp_json_open_object (&writer, NULL);
  tgp_json_open_array (&writer, "orphans");
  for (guint i = 0; i < answer->rows->len; i++)
    {
      const GwOrphan *orphan = answer->rows->pdata[i];
      gboolean keyless = orphan->slot[0] == '@';
      tgp_json_open_object (&writer, NULL);
      tgp_json_int (&writer, "n", orphan->id);
      tgp_json_time (&writer, "at", orphan->created_at);
      tgp_json_string (&writer, "groupId", orphan->group_id);
      tgp_json_string (&writer, "transactionId", orphan->transaction_id);
      tgp_json_string (&writer, keyless ? "keyId" : "terminalId", orphan->slot + keyless);
      tgp_json_raw (&writer, "paymentResponse", orphan->response);
      tgp_json_close_object (&writer);
    }
  tgp_json_close_array (&writer);
  tgp_json_close_object (&writer);
  respond (peer, 200, &writer);
}

/* A fresh key is shown whole, this once; a revoked one by name. */
static void
write_key (GwPeer *peer, const GwAnswer *answer)
{
  TgpJsonWriter writer;
  gboolean fresh = !answer->key->revoked_at;

  tgp_json_writer_init (&writer);
  tgp_json_open_object (&writer, NULL);
  tgp_json_string (&writer, "keyId", answer->key->key_id);
  if (fresh)
    {
      tgp_json_string (&writer, "apiKey", answer->key->api_key);
      tgp_json_string (&writer, "apiSecret", answer->key->secret);
    }
  tgp_json_string (&writer, "role", tgp_role_name (answer->key->role));
  tgp_json_string (&writer, "groupId", answer->key->group_id);
  if (!fresh)
    {
      tgp_json_time (&writer, "revokedAt", answer->key->revoked_at);
      if (answer->text)
        tgp_json_raw (&writer, "left", answer->text);
    }
  tgp_json_close_object (&writer);
  respond (peer, fresh ? 201 : 200, &writer);
}

static void
write_released (GwPeer *peer, const GwAnswer *answer)
{
  TgpJsonWriter writer;

  tgp_json_writer_init (&writer);
  tgp_json_open_object (&writer, NULL);
  if (answer->device)
    tgp_json_string (&writer, "terminalId",
                     answer->device->device_id ? answer->device->device_id : answer->device->connection_id);
  tgp_json_open_array (&writer, "released");
  for (guint i = 0; i < answer->rows->len; i++)
    tgp_json_string (&writer, NULL, ((GwTransaction *) answer->rows->pdata[i])->transaction_id);
  tgp_json_close_array (&writer);
  tgp_json_close_object (&writer);
  respond (peer, 200, &writer);
}

static void
respond_text (GwPeer *peer, char *body)
{
  gw_peer_respond (peer, 200, body, NULL);
  g_free (body);
}

void
gw_admin_answer (GwPeer *peer, const GwAnswer *answer)
{
  switch (answer->kind)
    {
    case GW_ANSWER_ERROR:
      gw_peer_respond_error (peer, &answer->error);
      break;
    case GW_ANSWER_TRANSACTION:
      respond_text (peer, gw_api_transaction_json (answer->row, TRUE, answer->now));
      break;
    case GW_ANSWER_TRANSACTIONS:
      respond_text (peer, gw_api_transactions_json (answer, TRUE));
      break;
    case GW_ANSWER_TIMELINE:
      write_timeline (peer, answer);
      break;
    case GW_ANSWER_AUDIT:
      write_audit (peer, answer);
      break;
    case GW_ANSWER_ORPHANS:
      write_orphans (peer, answer);
      break;
    case GW_ANSWER_DISCONNECTED:
      respond_text (peer, g_strdup_printf ("{\"disconnected\":%u}", answer->count));
      break;
    case GW_ANSWER_KEY:
      write_key (peer, answer);
      break;
    case GW_ANSWER_RELEASED:
      write_released (peer, answer);
      break;
    default:
      gw_peer_refuse (peer, TGP_ERROR_INTERNAL_ERROR, "The gateway has no answer of this kind");
      break;
    }
}

/* --- lists that need no store --- */

static void
write_connection (TgpJsonWriter *writer, const GwConnectionView *view)
{
  tgp_json_open_object (writer, NULL);
  tgp_json_optional_string (writer, "terminalId", view->terminal_id);
  tgp_json_string (writer, "connectionId", view->connection_id);
  tgp_json_optional_string (writer, "address", view->address);
  tgp_json_time (writer, "since", view->since);
  tgp_json_optional_string (writer, "userAgent", view->user_agent);
  tgp_json_optional_string (writer, "inFlight", view->in_flight);
  tgp_json_close_object (writer);
}

static void
write_key_view (const GwKeyView *view, gpointer data)
{
  TgpJsonWriter *writer = data;

  tgp_json_open_object (writer, NULL);
  tgp_json_string (writer, "keyId", view->key->key_id);
  tgp_json_string (writer, "role", tgp_role_name (view->key->role));
  tgp_json_string (writer, "groupId", view->key->group_id);
  tgp_json_time (writer, "createdAt", view->key->created_at);
  if (view->key->revoked_at)
    tgp_json_time (writer, "revokedAt", view->key->revoked_at);
  tgp_json_optional_string (writer, "successor", view->key->successor);
  if (view->active)
    {
      tgp_json_open_object (writer, "active");
      tgp_json_optional_string (writer, "connectionId", view->connection_id);
      tgp_json_optional_string (writer, "address", view->address);
      tgp_json_time (writer, "since", view->since);
      tgp_json_optional_string (writer, "userAgent", view->user_agent);
      tgp_json_close_object (writer);
    }
  tgp_json_int (writer, "openPayments", view->in_flight->len);
  tgp_json_open_array (writer, "inFlight");
  for (guint i = 0; i < MIN (view->in_flight->len, LISTED_MAX); i++)
    tgp_json_string (writer, NULL, view->in_flight->pdata[i]);
  tgp_json_close_array (writer);
  tgp_json_open_array (writer, "connections");
  for (guint i = 0; i < view->connections->len; i++)
    write_connection (writer, &g_array_index (view->connections, GwConnectionView, i));
  tgp_json_close_array (writer);
  tgp_json_close_object (writer);
}

static void
write_terminal_view (const TgpTerminalView *view, const char *key_id, gpointer data)
{
  TgpJsonWriter *writer = data;

  tgp_json_open_object (writer, NULL);
  tgp_json_string (writer, "groupId", view->group_id);
  tgp_json_string (writer, "terminalId", view->device_id ? view->device_id : view->connection_id);
  tgp_json_optional_string (writer, "deviceId", view->device_id);
  tgp_json_optional_string (writer, "connectionId", view->connection_id);
  tgp_json_string (writer, "status", tgp_terminal_status_http_name (view->status));
  tgp_json_boolean (writer, "busy", view->busy);
  if (view->connected_at)
    tgp_json_time (writer, "connectedAt", view->connected_at);
  if (view->last_activity)
    tgp_json_time (writer, "lastActivity", view->last_activity);
  if (view->grace_expires_at)
    tgp_json_time (writer, "graceExpiresAt", view->grace_expires_at);
  tgp_json_string (writer, "keyId", key_id);
  if (view->metadata)
    tgp_json_raw (writer, "metadata", view->metadata);
  tgp_json_close_object (writer);
}

static void
list (GwPeer *peer, const char *name, const char *group_id)
{
  TgpJsonWriter writer;

  tgp_json_writer_init (&writer);
  tgp_json_open_object (&writer, NULL);
  tgp_json_open_array (&writer, name);
  if (strcmp (name, "keys") == 0)
    gw_engine_foreach_key (peer->api->engine, write_key_view, &writer);
  else
    gw_engine_foreach_terminal (peer->api->engine, group_id, write_terminal_view, &writer);
  tgp_json_close_array (&writer);
  tgp_json_close_object (&writer);
  respond (peer, 200, &writer);
}

static void
status (GwPeer *peer)
{
  GwApi *api = peer->api;
  const EdgeCounters *edge = edge_server_counters (api->server);
  TgpJsonWriter writer;
  GwCounters counters;

  gw_engine_get_counters (api->engine, &counters);
  tgp_json_writer_init (&writer);
  tgp_json_open_object (&writer, NULL);
  tgp_json_string (&writer, "version", api->settings.version);
  tgp_json_time (&writer, "startedAt", api->started_at);
  tgp_json_int (&writer, "connections", edge_server_n_connections (api->server));
  tgp_json_int (&writer, "posOnline", counters.pos);
  tgp_json_int (&writer, "terminalsOnline", counters.terminals_online);
  tgp_json_int (&writer, "terminals", counters.terminals);
  tgp_json_int (&writer, "openPayments", counters.open_payments);
  tgp_json_int (&writer, "storeWaiting", counters.waiting);
  tgp_json_int (&writer, "payments", (gint64) counters.payments);
  tgp_json_int (&writer, "completed", (gint64) counters.completed);
  tgp_json_int (&writer, "failed", (gint64) counters.failed);
  tgp_json_int (&writer, "cancelled", (gint64) counters.cancelled);
  tgp_json_int (&writer, "voided", (gint64) counters.voided);
  tgp_json_int (&writer, "messagesSent", (gint64) counters.messages_sent);
  tgp_json_open_object (&writer, "edge");
  tgp_json_int (&writer, "accepted", (gint64) edge->accepted);
  tgp_json_int (&writer, "refusedFull", (gint64) edge->refused_full);
  tgp_json_int (&writer, "refusedAddress", (gint64) edge->refused_address);
  tgp_json_int (&writer, "outOfDescriptors", (gint64) edge->out_of_descriptors);
  tgp_json_int (&writer, "requests", (gint64) edge->requests);
  tgp_json_int (&writer, "messagesIn", (gint64) edge->messages_in);
  tgp_json_int (&writer, "messagesOut", (gint64) edge->messages_out);
  tgp_json_int (&writer, "bytesIn", (gint64) edge->bytes_in);
  tgp_json_int (&writer, "bytesOut", (gint64) edge->bytes_out);
  tgp_json_int (&writer, "protocolErrors", (gint64) edge->protocol_errors);
  tgp_json_int (&writer, "timeouts", (gint64) edge->timeouts);
  tgp_json_int (&writer, "overflows", (gint64) edge->overflows);
  tgp_json_close_object (&writer);
  if (api->status_extra)
    api->status_extra (&writer, api->status_data);
  tgp_json_boolean (&writer, "draining", gw_engine_is_draining (api->engine));
  tgp_json_close_object (&writer);
  respond (peer, 200, &writer);
}

/* --- requests --- */

static gboolean
refuse_missing (GwPeer *peer, GError *error)
{
  gw_peer_refuse (peer, error ? (TgpErrorCode) error->code : TGP_ERROR_INVALID_FIELD,
                  error ? error->message : "The request is not well formed");
  return FALSE;
}

static void
create_key (GwPeer *peer, const GwCaller *caller, TgpValue body)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *role_name = NULL, *group_id = NULL;
  TgpRole role;

  if (!tgp_get_string (body, "role", 16, &role_name, &error) ||
      !tgp_get_id (body, "groupId", &group_id, &error))
    refuse_missing (peer, error);
  else if (!tgp_role_from_name (role_name, &role))
    gw_peer_refuse (peer, TGP_ERROR_INVALID_FIELD, "role must be pos or terminal");
  else
    gw_engine_create_key (peer->api->engine, caller, role, group_id);
}

static void
change_key (GwPeer *peer, const GwCaller *caller, const char *key_id, const char *verb, TgpValue body)
{
  g_autoptr (GError) error = NULL;
  gboolean force = FALSE;

  if (strcmp (verb, "rotate") == 0)
    gw_engine_rotate_key (peer->api->engine, caller, key_id);
  else if (!tgp_get_optional_boolean (body, "force", FALSE, &force, &error))
    refuse_missing (peer, error);
  else
    gw_engine_revoke_key (peer->api->engine, caller, key_id, force);
}

static void
release (GwPeer *peer, const GwCaller *caller, TgpValue body)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *group_id = NULL, *terminal_id = NULL, *note = NULL;

  if (!tgp_get_id (body, "groupId", &group_id, &error) ||
      !tgp_get_id (body, "terminalId", &terminal_id, &error) ||
      !tgp_get_optional_string (body, "note", 1024, &note, &error))
    refuse_missing (peer, error);
  else
    gw_engine_release (peer->api->engine, caller, group_id, terminal_id, note);
}

static void
resolve (GwPeer *peer, const GwCaller *caller, const char *group_id, const char *transaction_id,
         TgpValue body)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *as = NULL, *note = NULL;

  if (!group_id)
    gw_peer_refuse (peer, TGP_ERROR_MISSING_FIELD, "group is required in the query");
  else if (!tgp_get_string (body, "as", 16, &as, &error) ||
           !tgp_get_string (body, "note", 1024, &note, &error))
    refuse_missing (peer, error);
  else if (strcmp (as, "paid") != 0 && strcmp (as, "not-paid") != 0 && strcmp (as, "reversed") != 0)
    gw_peer_refuse (peer, TGP_ERROR_INVALID_FIELD, "as must be paid, not-paid or reversed");
  else
    gw_engine_resolve (peer->api->engine, caller, group_id, transaction_id, as, note);
}

static void
disconnect (GwPeer *peer, const GwCaller *caller, TgpValue body)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *key_id = NULL, *connection_id = NULL;
  gboolean allowed = FALSE;

  if (!tgp_get_optional_id (body, "keyId", &key_id, &error) ||
      !tgp_get_optional_id (body, "connectionId", &connection_id, &error) ||
      !tgp_get_optional_boolean (body, "reconnectAllowed", FALSE, &allowed, &error))
    refuse_missing (peer, error);
  else if (!key_id && !connection_id)
    gw_peer_refuse (peer, TGP_ERROR_MISSING_FIELD, "keyId or connectionId is required");
  else
    gw_engine_disconnect (peer->api->engine, caller, key_id, connection_id, allowed);
}

static void
ask (GwPeer *peer, const GwCaller *caller, GwReadKind kind, GHashTable *query, const char *id)
{
  g_autoptr (GwRead) read = gw_read_new (kind, 0);
  const char *after = g_hash_table_lookup (query, "after");

  if (kind == GW_READ_TRANSACTIONS && !gw_http_read_filters (peer, query, read))
    return;
  read->group_id = g_strdup (g_hash_table_lookup (query, "group"));
  read->id = g_strdup (id);
  if (after)
    read->after = g_ascii_strtoll (after, NULL, 10);
  gw_engine_ask (peer->api->engine, caller, g_steal_pointer (&read));
}

static gboolean
is (const char *method, const char *wanted, guint n, guint n_wanted)
{
  return n == n_wanted && strcmp (method, wanted) == 0;
}

static void
route (GwPeer *peer, const EdgeRequest *request, char **parts, GHashTable *query, TgpValue body)
{
  const char *method = edge_request_method (request);
  guint n = g_strv_length (parts) - 2; /* "", "admin" */
  char **p = parts + 2;
  const char *group_id = g_hash_table_lookup (query, "group");
  GwCaller caller;

  gw_peer_begin (peer);
  gw_peer_caller (peer, &caller, request);
  if (is (method, "GET", n, 1) && strcmp (p[0], "status") == 0)
    status (peer);
  else if (is (method, "GET", n, 1) && (strcmp (p[0], "keys") == 0 || strcmp (p[0], "terminals") == 0))
    list (peer, p[0], group_id);
  else if (is (method, "POST", n, 1) && strcmp (p[0], "keys") == 0)
    create_key (peer, &caller, body);
  else if (is (method, "POST", n, 3) && strcmp (p[0], "keys") == 0 &&
           (strcmp (p[2], "rotate") == 0 || strcmp (p[2], "revoke") == 0))
    change_key (peer, &caller, p[1], p[2], body);
  else if (is (method, "POST", n, 2) && strcmp (p[0], "terminals") == 0 && strcmp (p[1], "release") == 0)
    release (peer, &caller, body);
  else if (is (method, "GET", n, 1) && strcmp (p[0], "transactions") == 0)
    ask (peer, &caller, GW_READ_TRANSACTIONS, query, NULL);
  else if (is (method, "GET", n, 2) && strcmp (p[0], "transactions") == 0)
    ask (peer, &caller, GW_READ_TRANSACTION, query, p[1]);
  else if (is (method, "GET", n, 3) && strcmp (p[0], "transactions") == 0 && strcmp (p[2], "timeline") == 0)
    ask (peer, &caller, GW_READ_TIMELINE, query, p[1]);
  else if (is (method, "POST", n, 3) && strcmp (p[0], "transactions") == 0 && strcmp (p[2], "resolve") == 0)
    resolve (peer, &caller, group_id, p[1], body);
  else if (is (method, "GET", n, 1) && strcmp (p[0], "audit") == 0)
    ask (peer, &caller, GW_READ_AUDIT, query, NULL);
  else if (is (method, "GET", n, 1) && strcmp (p[0], "orphans") == 0)
    ask (peer, &caller, GW_READ_ORPHANS, query, g_hash_table_lookup (query, "transactionId"));
  else if (is (method, "POST", n, 1) && strcmp (p[0], "disconnect") == 0)
    disconnect (peer, &caller, body);
  else
    gw_peer_refuse (peer, TGP_ERROR_NOT_FOUND, "There is no such endpoint in the admin API");
}

void
gw_admin_request (GwPeer *peer, const EdgeRequest *request)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GHashTable) query = gw_http_query (request);
  g_auto (GStrv) parts = g_strsplit (edge_request_path (request), "/", 8);
  gsize length = 0;
  const char *text = edge_request_body (request, &length);
  g_autoptr (TgpJson) json = length ? tgp_json_parse_object (text, length, &error) : NULL;
  TgpValue body = json ? tgp_json_root (json) : (TgpValue){ 0 };
  guint uid = G_MAXUINT;
  int pid = 0;

  if (!edge_connection_credentials (peer->connection, &uid, &pid) || (uid != geteuid () && uid != 0))
    gw_peer_refuse (peer, TGP_ERROR_FORBIDDEN, "The admin API is for the gateway's own user and root");
  else if (!peer->api->ready)
    gw_peer_refuse (peer, TGP_ERROR_STORAGE_UNAVAILABLE, "The gateway is starting");
  else if (error || !query)
    refuse_missing (peer, error);
  else if (g_strv_length (parts) < 3 || strcmp (parts[1], "admin") != 0)
    gw_peer_refuse (peer, TGP_ERROR_NOT_FOUND, "There is no such endpoint in the admin API");
  else
    {
      for (guint i = 2; parts[i]; i++)
        {
          char *decoded = g_uri_unescape_string (parts[i], NULL);
          g_free (parts[i]);
          parts[i] = decoded ? decoded : g_strdup ("");
        }
      route (peer, request, parts, query, body);
    }
}
