/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The endpoints over HTTP (section 4 of the protocol), and those that only the proxy has. */
#include "localproxy/proxy-private.h"

#include "protocol/id.h"

#include <string.h>

#define MAX_WAIT_SECONDS 60
#define NO_WEBHOOKS      "webhookMode true is not supported; leave it out"

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
  ROUTE_ACK,
  ROUTE_GATEWAY,
  ROUTE_TAKE_BACK
} Route;

/* "*" stands for a name. */
static const struct
{
  Route route;
  const char *method;
  const char *path;
} routes[] = {
  { ROUTE_TERMINALS, "GET", "terminals" },
  { ROUTE_PAYMENTS, "POST", "terminals/*/payments" },
  { ROUTE_TRANSACTIONS, "GET", "transactions" },
  { ROUTE_TRANSACTION, "GET", "transactions/*" },
  { ROUTE_CANCEL, "POST", "transactions/*/cancel" },
  { ROUTE_VOID, "POST", "transactions/*/void" },
  { ROUTE_MESSAGES, "GET", "messages" },
  { ROUTE_ACK, "POST", "messages/ack" },
  { ROUTE_GATEWAY, "GET", "gateway" },
  { ROUTE_TAKE_BACK, "POST", "gateway/take-back" },
};

static gboolean
matches (const char *pattern, char **parts, char **id)
{
  g_auto (GStrv) wanted = g_strsplit (pattern, "/", -1);
  guint n = g_strv_length (wanted);
  const char *name = NULL;

  if (g_strv_length (parts) != n)
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (strcmp (wanted[i], "*") == 0)
      name = parts[i];
    else if (strcmp (wanted[i], parts[i]) != 0)
      return FALSE;
  if (name)
    *id = g_uri_unescape_string (name, NULL);
  return TRUE;
}

static Route
find_route (const char *path, char **id, const char **method)
{
  g_auto (GStrv) parts = g_str_has_prefix (path, "/v1/") ? g_strsplit (path + 4, "/", 5) : NULL;

  for (guint i = 0; parts && i < G_N_ELEMENTS (routes); i++)
    if (matches (routes[i].path, parts, id))
      {
        *method = routes[i].method;
        return routes[i].route;
      }
  return ROUTE_NONE;
}

/* --- refusals at the door --- */

char *
lp_http_transaction_id (const EdgeRequest *request)
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
lp_http_starts_payment (const EdgeRequest *request)
{
  g_autofree char *terminal_id = NULL;
  const char *method = NULL;

  return find_route (edge_request_path (request), &terminal_id, &method) == ROUTE_PAYMENTS &&
         strcmp (edge_request_method (request), "POST") == 0;
}

void
lp_http_refuse (LpPeer *peer, const EdgeRequest *request, guint status, TgpErrorCode code,
                const char *message, gboolean close)
{
  g_autofree char *transaction_id = NULL, *body = NULL;
  TgpErrorBody error = { .code = code, .http_status = status, .message = message };
  TgpVerdict verdict = tgp_verdict_of_error (code);

  if (lp_http_starts_payment (request))
    {
      transaction_id = lp_http_transaction_id (request);
      TgwPayment *known =
        transaction_id ? tgw_client_lookup_payment (peer->proxy->upstream, transaction_id) : NULL;
      /* Nobody says whose it is: of what an earlier request of this id did, nothing is told. */
      if (transaction_id && !peer->client)
        verdict = tgp_verdict_of_error (TGP_ERROR_TIMEOUT);
      else if (known && verdict.retry_safe)
        verdict = lp_verdict (tgw_payment_get_verdict (known));
      error.transaction_id = transaction_id;
      error.verdict = &verdict;
    }
  else if (code == TGP_ERROR_REPLAYED_REQUEST)
    error.verdict = &verdict; /* whatever it was, it may have been done before */
  if (!status)
    status = tgp_error_http_status (code);
  body = tgp_encode_error (FALSE, &error, lp_now ());
  lp_peer_respond (peer, status, body, status == 429 || status == 503 ? "Retry-After: 1\r\n" : NULL, close);
}

static void
refuse (LpPeer *peer, const EdgeRequest *request, TgpErrorCode code, const char *message)
{
  lp_http_refuse (peer, request, 0, code, message, FALSE);
}

/* --- endpoints --- */

static void
pay (LpPeer *peer, const EdgeRequest *request, const LpCaller *caller, const char *terminal_id)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TgpPaymentRequest) payment = NULL;
  gsize length = 0;
  const char *body = edge_request_body (request, &length);

  if (!terminal_id || !*terminal_id)
    refuse (peer, request, TGP_ERROR_MISSING_FIELD, "terminalId is required");
  else if (!tgp_id_valid (terminal_id, strlen (terminal_id)) &&
           !tgp_connection_id_valid (terminal_id, strlen (terminal_id)))
    refuse (peer, request, TGP_ERROR_TERMINAL_NOT_FOUND, "Terminal connection not found");
  else if (length == 0)
    refuse (peer, request, TGP_ERROR_MISSING_FIELD, "paymentRequest is required");
  else
    {
      g_autoptr (TgpJson) json = tgp_json_parse_object (body, length, &error);
      if (json)
        payment = tgp_payment_request_read (tgp_json_root (json), &error);
      if (!payment)
        refuse (peer, request, (TgpErrorCode) error->code, error->message);
      else if (payment->webhook_mode)
        refuse (peer, request, TGP_ERROR_INVALID_FIELD, NO_WEBHOOKS);
      else
        lp_pay (peer->proxy, caller, terminal_id, payment);
    }
}

static void
get_messages (LpPeer *peer, const EdgeRequest *request, const LpCaller *caller)
{
  const char *text = edge_request_query (request);
  g_autoptr (GHashTable) query = g_uri_parse_params (text ? text : "", -1, "&", G_URI_PARAMS_NONE, NULL);
  const char *wait = query ? g_hash_table_lookup (query, "wait") : NULL;
  gint64 seconds = 0;

  if (!query || (wait && !g_ascii_string_to_signed (wait, 10, 0, MAX_WAIT_SECONDS, &seconds, NULL)))
    refuse (peer, request, TGP_ERROR_INVALID_FIELD, "wait must be a whole number of seconds from 0 to 60");
  else
    lp_delivery_poll (peer->proxy, caller, seconds * 1000);
}

static void
ack_messages (LpPeer *peer, const EdgeRequest *request, const LpCaller *caller)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) ids = NULL;
  gsize length = 0;
  const char *body = edge_request_body (request, &length);
  g_autoptr (TgpJson) json = tgp_json_parse_object (body ? body : "", length, &error);

  if (!json || !tgp_get_id_array (tgp_json_root (json), "messageIds", 1000, &ids, &error))
    refuse (peer, request, (TgpErrorCode) error->code, error->message);
  else
    lp_delivery_ack (peer->proxy, caller, ids);
}

static void
about_transaction (LpPeer *peer, Route route, const LpCaller *caller, const char *id)
{
  LpProxy *proxy = peer->proxy;

  if (!id || !tgp_id_valid (id, strlen (id)))
    lp_refuse_payment (proxy, caller, TGP_ERROR_TRANSACTION_NOT_FOUND,
                       "transactionId is not known in this group", NULL);
  else if (route == ROUTE_TRANSACTION)
    lp_ask_transaction (proxy, caller, id);
  else if (route == ROUTE_CANCEL)
    lp_ask_cancel (proxy, caller, id);
  else
    lp_ask_void (proxy, caller, id);
}

static void
route_request (LpPeer *peer, const EdgeRequest *request, Route route, const char *id)
{
  LpProxy *proxy = peer->proxy;
  LpCaller caller = lp_peer_caller (peer, request, NULL);

  switch (route)
    {
    case ROUTE_TERMINALS:
      lp_ask_terminals (proxy, &caller);
      break;
    case ROUTE_PAYMENTS:
      pay (peer, request, &caller, id);
      break;
    case ROUTE_TRANSACTIONS:
      lp_ask_transactions (proxy, &caller, edge_request_query (request));
      break;
    case ROUTE_TRANSACTION:
    case ROUTE_CANCEL:
    case ROUTE_VOID:
      about_transaction (peer, route, &caller, id);
      break;
    case ROUTE_MESSAGES:
      get_messages (peer, request, &caller);
      break;
    case ROUTE_ACK:
      ack_messages (peer, request, &caller);
      break;
    case ROUTE_TAKE_BACK:
      lp_upstream_take_back (proxy);
      G_GNUC_FALLTHROUGH;
    case ROUTE_GATEWAY:
      lp_answer (proxy, &caller, 200, lp_upstream_status (proxy, NULL), NULL);
      break;
    case ROUTE_NONE:
      refuse (peer, request, TGP_ERROR_NOT_FOUND, "There is no such endpoint");
      break;
    }
}

static void
refuse_method (LpPeer *peer, const char *method, const char *wanted)
{
  g_autofree char *message = g_strdup_printf ("%s does not go here, only %s", method, wanted);
  g_autofree char *allow = g_strdup_printf ("Allow: %s\r\n", wanted);
  TgpErrorBody error = { .code = TGP_ERROR_METHOD_NOT_ALLOWED, .message = message };
  g_autofree char *body = tgp_encode_error (FALSE, &error, lp_now ());

  lp_peer_respond (peer, 405, body, allow, FALSE);
}

void
lp_http_request (LpPeer *peer, const EdgeRequest *request)
{
  const char *session_id = edge_request_header (request, "x-session-id");
  const char *method = edge_request_method (request), *wanted = NULL, *message = NULL;
  g_autofree char *id = NULL;
  Route route = find_route (edge_request_path (request), &id, &wanted);
  TgpErrorCode code = TGP_ERROR_UNAUTHORIZED;

  peer->client = lp_auth_check (peer, request, FALSE, &code, &message);
  if (!peer->client)
    {
      lp_http_refuse (peer, request, 0, code, message, code == TGP_ERROR_RATE_LIMITED);
      return;
    }
  if (!lp_peer_admit (peer))
    {
      lp_http_refuse (peer, request, 0, TGP_ERROR_OVERLOADED, LP_PEER_NOT_ADMITTED, TRUE);
      return;
    }
  if (wanted && strcmp (method, wanted) != 0)
    {
      refuse_method (peer, method, wanted);
      return;
    }
  if (session_id && !tgp_id_valid (session_id, strlen (session_id)))
    {
      refuse (peer, request, TGP_ERROR_INVALID_FIELD, "x-session-id must be 1 to 64 of A-Z a-z 0-9 . _ : -");
      return;
    }
  if (!session_id)
    {
      route_request (peer, request, route, id);
      return;
    }
  g_free (peer->user_agent);
  peer->user_agent = g_strdup (edge_request_header (request, "user-agent"));
  if (lp_client_enter_session (peer->client, peer, session_id, &code))
    route_request (peer, request, route, id);
  else
    refuse (peer, request, code,
            code == TGP_ERROR_SESSION_DISPLACED ? "Another session of this client is active now"
                                                : "The proxy cannot write to its disk");
}
