/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The POS endpoints over HTTP (section 4). */
#include "gateway/api/api-private.h"

#include "protocol/id.h"
#include "protocol/signature.h"
#include "protocol/time.h"

#include <string.h>

#define MAX_WAIT_SECONDS  60
#define SIGNATURE_LIFE_MS 600000

/* --- queries --- */

GHashTable *
gw_http_query (const EdgeRequest *request)
{
  const char *query = edge_request_query (request);

  if (!query)
    return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return g_uri_parse_params (query, -1, "&", G_URI_PARAMS_NONE, NULL);
}

static gboolean
read_number (GHashTable *query, const char *name, gint64 minimum, gint64 maximum, gint64 *number)
{
  const char *text = g_hash_table_lookup (query, name);
  return !text || g_ascii_string_to_signed (text, 10, minimum, maximum, number, NULL);
}

static gboolean
read_time (GHashTable *query, const char *name, gint64 *time)
{
  const char *text = g_hash_table_lookup (query, name);
  return !text || tgp_time_parse (text, time);
}

/* CREATED-ROWID, as an earlier answer said it. */
static gboolean
read_cursor (const char *text, GwRead *read)
{
  const char *dash = strchr (text, '-');
  g_autofree char *created = dash ? g_strndup (text, (gsize) (dash - text)) : NULL;

  return created && g_ascii_string_to_signed (created, 10, 0, G_MAXINT64, &read->before_created, NULL) &&
         g_ascii_string_to_signed (dash + 1, 10, 0, G_MAXINT64, &read->before_row_id, NULL);
}

gboolean
gw_http_read_filters (GwPeer *peer, GHashTable *query, GwRead *read)
{
  gint64 limit = 50;
  TgpStatus status;
  const char *text;
  const char *fault = NULL;

  if (!read_number (query, "limit", 1, 200, &limit))
    fault = "limit must be a whole number from 1 to 200";
  else if (!read_time (query, "from", &read->from))
    fault = "from must be a time such as 2024-01-15T10:30:00.000Z";
  else if (!read_time (query, "to", &read->to))
    fault = "to must be a time such as 2024-01-15T10:30:00.000Z";
  else if ((text = g_hash_table_lookup (query, "status")) && !tgp_status_from_name (text, &status))
    fault = "status must be PENDING, AWAITING_RECONNECT, COMPLETED, FAILED, CANCELLED or VOIDED";
  else if ((text = g_hash_table_lookup (query, "needsAttention")) && strcmp (text, "true") != 0 &&
           strcmp (text, "false") != 0)
    fault = "needsAttention must be true or false";
  else if ((text = g_hash_table_lookup (query, "mine")) && strcmp (text, "true") != 0 &&
           strcmp (text, "false") != 0)
    fault = "mine must be true or false";
  else if ((text = g_hash_table_lookup (query, "cursor")) && !read_cursor (text, read))
    fault = "cursor must be the nextCursor of an earlier answer";
  if (fault)
    {
      gw_peer_refuse (peer, TGP_ERROR_INVALID_FIELD, fault);
      return FALSE;
    }
  if ((text = g_hash_table_lookup (query, "status")))
    read->status = (int) status;
  read->terminal_id = g_strdup (g_hash_table_lookup (query, "terminalId"));
  read->needs_attention = g_strcmp0 (g_hash_table_lookup (query, "needsAttention"), "true") == 0;
  read->limit = (guint) limit + 1; /* one more tells whether there is more */
  return TRUE;
}

/* --- endpoints --- */

static void
list_transactions (GwPeer *peer, const EdgeRequest *request)
{
  g_autoptr (GHashTable) query = gw_http_query (request);
  g_autoptr (GwRead) read = gw_read_new (GW_READ_TRANSACTIONS, 0);
  GwCaller caller;

  if (!query)
    {
      gw_peer_refuse (peer, TGP_ERROR_INVALID_FIELD, "The query is not well formed");
      return;
    }
  if (!gw_http_read_filters (peer, query, read))
    return;
  read->group_id = g_strdup (peer->key->group_id);
  if (g_strcmp0 (g_hash_table_lookup (query, "mine"), "true") == 0)
    read->key_id = g_strdup (peer->key->key_id);
  gw_peer_caller (peer, &caller, request);
  gw_engine_ask (peer->api->engine, &caller, g_steal_pointer (&read));
}

static void
pay (GwPeer *peer, const EdgeRequest *request, const char *terminal_id)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TgpPaymentRequest) payment = NULL;
  gsize length = 0;
  const char *body = edge_request_body (request, &length);
  GwCaller caller;

  if (length == 0)
    {
      gw_http_refuse (peer, request, TGP_ERROR_MISSING_FIELD, "paymentRequest is required");
      return;
    }
  g_autoptr (TgpJson) json = tgp_json_parse_object (body, length, &error);
  if (json)
    payment = tgp_payment_request_read (tgp_json_root (json), &error);
  if (!payment)
    gw_http_refuse (peer, request, (TgpErrorCode) error->code, error->message);
  else if (payment->webhook_mode)
    gw_http_refuse (peer, request, TGP_ERROR_INVALID_FIELD,
                    "webhookMode true is not supported by this gateway; leave it out");
  else
    {
      gw_peer_caller (peer, &caller, request);
      gw_engine_pay (peer->api->engine, &caller, terminal_id, g_steal_pointer (&payment),
                     peer->hand->signature, peer->hand->signature_expires);
    }
}

static void
get_messages (GwPeer *peer, const EdgeRequest *request)
{
  g_autoptr (GHashTable) query = gw_http_query (request);
  gint64 wait = 0;
  GwCaller caller;

  if (!query || !read_number (query, "wait", 0, MAX_WAIT_SECONDS, &wait))
    {
      gw_peer_refuse (peer, TGP_ERROR_INVALID_FIELD, "wait must be a whole number of seconds from 0 to 60");
      return;
    }
  gw_peer_caller (peer, &caller, request);
  gw_engine_get_messages (peer->api->engine, &caller, wait * 1000);
}

static void
ack_messages (GwPeer *peer, const EdgeRequest *request)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) ids = NULL;
  gsize length = 0;
  const char *body = edge_request_body (request, &length);
  g_autoptr (TgpJson) json = tgp_json_parse_object (body ? body : "", length, &error);
  GwCaller caller;

  if (!json || !tgp_get_id_array (tgp_json_root (json), "messageIds", 1000, &ids, &error))
    {
      gw_peer_refuse (peer, (TgpErrorCode) error->code, error->message);
      return;
    }
  gw_peer_caller (peer, &caller, request);
  gw_engine_ack (peer->api->engine, &caller, ids);
}

/* --- routes --- */

typedef enum
{
  ROUTE_NONE,
  ROUTE_TERMINALS,
  ROUTE_PAYMENTS,
  ROUTE_TRANSACTIONS,
  ROUTE_TRANSACTION,
  ROUTE_CANCEL,
  ROUTE_VOID,
  ROUTE_MESSAGES,
  ROUTE_ACK
} Route;

static const struct
{
  Route route;
  const char *method;
} methods[] = {
  { ROUTE_TERMINALS, "GET" },   { ROUTE_PAYMENTS, "POST" }, { ROUTE_TRANSACTIONS, "GET" },
  { ROUTE_TRANSACTION, "GET" }, { ROUTE_CANCEL, "POST" },   { ROUTE_VOID, "POST" },
  { ROUTE_MESSAGES, "GET" },    { ROUTE_ACK, "POST" },
};

/* *id: the name in the path, decoded. */
static Route
find_route (const char *path, char **id)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", 6);
  guint n = g_strv_length (parts);

  if (n < 3 || *parts[0] || strcmp (parts[1], "v1") != 0)
    return ROUTE_NONE;
  if (n >= 4)
    *id = g_uri_unescape_string (parts[3], NULL);
  if (strcmp (parts[2], "terminals") == 0)
    return n == 3                                         ? ROUTE_TERMINALS
           : n == 5 && strcmp (parts[4], "payments") == 0 ? ROUTE_PAYMENTS
                                                          : ROUTE_NONE;
  if (strcmp (parts[2], "transactions") == 0)
    {
      if (n == 3)
        return ROUTE_TRANSACTIONS;
      if (n == 4)
        return ROUTE_TRANSACTION;
      return n == 5 && strcmp (parts[4], "cancel") == 0 ? ROUTE_CANCEL
             : n == 5 && strcmp (parts[4], "void") == 0 ? ROUTE_VOID
                                                        : ROUTE_NONE;
    }
  if (strcmp (parts[2], "messages") == 0)
    return n == 3 ? ROUTE_MESSAGES : n == 4 && strcmp (parts[3], "ack") == 0 ? ROUTE_ACK : ROUTE_NONE;
  return ROUTE_NONE;
}

static gboolean
method_fits (GwPeer *peer, Route route, const char *method)
{
  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    if (methods[i].route == route && strcmp (methods[i].method, method) != 0)
      {
        TgpErrorBody error = { .code = TGP_ERROR_METHOD_NOT_ALLOWED };
        g_autofree char *message =
          g_strdup_printf ("%s does not go here, only %s", method, methods[i].method);
        g_autofree char *allow = g_strdup_printf ("Allow: %s\r\n", methods[i].method);
        error.message = message;
        g_autofree char *body = tgp_encode_error (FALSE, &error, gw_api_now ());
        gw_peer_respond (peer, 405, body, allow);
        return FALSE;
      }
  return TRUE;
}

void
gw_http_route (GwPeer *peer, const EdgeRequest *request)
{
  g_autofree char *id = NULL;
  Route route = find_route (edge_request_path (request), &id);
  GwEngine *engine = peer->api->engine;
  GwCaller caller;

  gw_peer_begin (peer);
  gw_peer_caller (peer, &caller, request);
  peer->state = GW_PEER_HTTP;
  gboolean known = id && (tgp_id_valid (id, strlen (id)) || tgp_connection_id_valid (id, strlen (id)));
  switch (route)
    {
    case ROUTE_TERMINALS:
      gw_engine_get_terminals (engine, &caller);
      break;
    case ROUTE_PAYMENTS:
      if (!id || !*id)
        gw_http_refuse (peer, request, TGP_ERROR_MISSING_FIELD, "terminalId is required");
      else if (!known)
        gw_http_refuse (peer, request, TGP_ERROR_TERMINAL_NOT_FOUND, "Terminal connection not found");
      else
        pay (peer, request, id);
      break;
    case ROUTE_TRANSACTIONS:
      list_transactions (peer, request);
      break;
    case ROUTE_TRANSACTION:
    case ROUTE_CANCEL:
    case ROUTE_VOID:
      if (!known)
        gw_peer_refuse_payment (peer, TGP_ERROR_TRANSACTION_NOT_FOUND,
                                "transactionId is not known in this group", NULL);
      else if (route == ROUTE_TRANSACTION)
        gw_engine_get_transaction (engine, &caller, peer->key->group_id, id);
      else if (route == ROUTE_CANCEL)
        gw_engine_cancel (engine, &caller, id);
      else
        gw_engine_void (engine, &caller, id);
      break;
    case ROUTE_MESSAGES:
      get_messages (peer, request);
      break;
    case ROUTE_ACK:
      ack_messages (peer, request);
      break;
    case ROUTE_NONE:
      gw_peer_refuse (peer, TGP_ERROR_NOT_FOUND, "There is no such endpoint");
      break;
    }
}

/* The transactionId of a POST that would start a payment, where it can be read. */
static char *
read_transaction_id (const EdgeRequest *request)
{
  gsize length = 0;
  const char *body = edge_request_body (request, &length);
  g_autoptr (TgpJson) json = length ? tgp_json_parse_object (body, length, NULL) : NULL;
  char *id = NULL;

  if (json)
    tgp_get_optional_id (tgp_json_root (json), "transactionId", &id, NULL);
  return id;
}

gboolean
gw_http_starts_payment (const EdgeRequest *request)
{
  g_autofree char *terminal_id = NULL;

  return strcmp (edge_request_method (request), "POST") == 0 &&
         find_route (edge_request_path (request), &terminal_id) == ROUTE_PAYMENTS;
}

void
gw_http_refuse (GwPeer *peer, const EdgeRequest *request, TgpErrorCode code, const char *message)
{
  g_autofree char *transaction_id = NULL;
  GwCaller caller;

  if (!gw_http_starts_payment (request))
    {
      gw_peer_refuse (peer, code, message);
      return;
    }
  transaction_id = read_transaction_id (request);
  if (!transaction_id)
    gw_peer_refuse_payment (peer, code, message, NULL);
  else if (peer->key)
    {
      gw_peer_begin (peer);
      gw_peer_caller (peer, &caller, request);
      peer->state = GW_PEER_HTTP;
      gw_engine_refuse_payment (peer->api->engine, &caller, transaction_id, code, message);
    }
  else
    {
      /* Nobody says whose it is: of what an earlier request of this id did, nothing is known here. */
      TgpVerdict verdict = tgp_verdict_of_error (TGP_ERROR_TIMEOUT);
      TgpErrorBody error = {
        .code = code, .message = message, .transaction_id = transaction_id, .verdict = &verdict
      };
      gw_peer_respond_error (peer, &error);
    }
}

/* Each signed POST is good once. */
static gboolean
is_fresh (GwPeer *peer, const EdgeRequest *request, gboolean payment)
{
  guint64 fingerprint = tgp_signature_fingerprint (edge_request_header (request, "x-signature"));

  switch (gw_engine_see_signature (peer->api->engine, fingerprint, payment))
    {
    case GW_SIGNATURE_SEEN:
      gw_peer_refuse_payment (peer, TGP_ERROR_REPLAYED_REQUEST,
                              "This signed request was received before; sign each try anew", NULL);
      return FALSE;
    case GW_SIGNATURE_REFUSED:
      gw_http_refuse (peer, request, TGP_ERROR_OVERLOADED,
                      "Too many requests in the last minutes; nothing was started");
      return FALSE;
    default:
      peer->hand->signature = fingerprint;
      peer->hand->signature_expires = gw_api_now () + SIGNATURE_LIFE_MS;
      return TRUE;
    }
}

void
gw_http_request (GwPeer *peer, const EdgeRequest *request)
{
  const char *session_id = edge_request_header (request, "x-session-id");
  const char *method = edge_request_method (request);
  g_autofree char *id = NULL, *transaction_id = NULL;
  Route route = find_route (edge_request_path (request), &id);
  char address[64];
  GwCaller caller;

  if (peer->key->role != TGP_ROLE_POS)
    {
      gw_http_refuse (peer, request, TGP_ERROR_GROUP_MISMATCH,
                      "This is a terminal's API key; POS endpoints take a POS key");
      return;
    }
  if (!method_fits (peer, route, method))
    return;
  if (strcmp (method, "POST") == 0 && !is_fresh (peer, request, route == ROUTE_PAYMENTS))
    return;
  if (!session_id)
    {
      gw_http_route (peer, request);
      return;
    }
  if (!tgp_id_valid (session_id, strlen (session_id)))
    {
      gw_http_refuse (peer, request, TGP_ERROR_INVALID_FIELD,
                      "x-session-id must be 1 to 64 of A-Z a-z 0-9 . _ : -");
      return;
    }
  gw_peer_begin (peer);
  gw_peer_caller (peer, &caller, request);
  if (route == ROUTE_PAYMENTS)
    caller.transaction_id = transaction_id = read_transaction_id (request);
  peer->state = GW_PEER_ENTERING;
  peer->hand->request = request;
  gw_engine_enter_session (peer->api->engine, &caller, edge_connection_address (peer->connection, address),
                           edge_request_header (request, "user-agent"));
}
