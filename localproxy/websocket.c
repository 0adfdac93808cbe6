/* SPDX-License-Identifier: GPL-3.0-or-later */
/* WebSocket: the handshake, and what a local client says on it (section 5 of the protocol). */
#include "localproxy/proxy-private.h"

#include "protocol/id.h"

#include <string.h>

#define MAX_ERRORS   100
#define CLOSE_POLICY 1008
#define NO_WEBHOOKS  "webhookMode true is not supported; leave it out"

void
lp_websocket_handshake (LpPeer *peer, const EdgeRequest *request)
{
  const char *path = edge_request_path (request), *message = NULL;
  TgpErrorCode code = TGP_ERROR_UNAUTHORIZED;
  LpClient *client;

  if (strcmp (path, "/v1/ws") != 0 && strcmp (path, "/") != 0)
    {
      lp_http_refuse (peer, request, 0, TGP_ERROR_NOT_FOUND, "WebSocket connections go to /v1/ws", FALSE);
      return;
    }
  client = lp_auth_check (peer, request, TRUE, &code, &message);
  if (!client)
    {
      lp_http_refuse (peer, request, 0, code, message, code == TGP_ERROR_RATE_LIMITED);
      return;
    }
  peer->client = client;
  if (!lp_peer_admit (peer))
    {
      lp_http_refuse (peer, request, 0, TGP_ERROR_OVERLOADED, LP_PEER_NOT_ADMITTED, TRUE);
      return;
    }
  if (peer->proxy->draining)
    {
      lp_http_refuse (peer, request, 0, TGP_ERROR_DRAINING, "The proxy is shutting down", FALSE);
      return;
    }
  g_free (peer->user_agent);
  peer->user_agent = g_strdup (edge_request_header (request, "user-agent"));
  lp_client_connect (client, peer, g_strcmp0 (edge_request_header (request, "x-delivery"), "ack") == 0);
}

/* --- errors --- */

static void
count_bad_message (LpPeer *peer)
{
  if (peer->state != LP_PEER_OPEN || ++peer->errors < MAX_ERRORS)
    return;
  peer->state = LP_PEER_CLOSING;
  edge_connection_close (peer->connection, CLOSE_POLICY, "100 errors in a row");
}

void
lp_websocket_bad_message (LpPeer *peer, const TgpErrorBody *error)
{
  g_autofree char *text = tgp_encode_error (TRUE, error, lp_now ());

  lp_peer_send (peer, text);
  count_bad_message (peer);
}

static void
not_understood (LpPeer *peer, const GError *error, const TgpMessageHint *hint)
{
  TgpVerdict verdict = tgp_verdict_of_error ((TgpErrorCode) error->code);
  TgpErrorBody body = { .code = (TgpErrorCode) error->code,
                        .message = error->message,
                        .request_id = hint->request_id,
                        .transaction_id = hint->transaction_id,
                        .verdict = hint->is_payment ? &verdict : NULL };
  LpCaller caller = lp_peer_caller (peer, NULL, hint->request_id);

  if (!hint->is_payment || !hint->transaction_id)
    {
      lp_websocket_bad_message (peer, &body);
      return;
    }
  /* What cannot be read now may have been read before: the verdict is that of the payment, if there is one.
   */
  lp_refuse_payment (peer->proxy, &caller, body.code, body.message, hint->transaction_id);
  count_bad_message (peer);
}

/* --- messages --- */

static void
pay (LpPeer *peer, const LpCaller *caller, TgpPosMessage *message)
{
  if (message->payment->webhook_mode)
    lp_refuse_payment (peer->proxy, caller, TGP_ERROR_INVALID_FIELD, NO_WEBHOOKS, message->transaction_id);
  else
    lp_pay (peer->proxy, caller, message->terminal_id, message->payment);
}

/* {"action":"takeBack","requestId"?}: the proxy's own. */
static gboolean
take_back (LpPeer *peer, const char *text, gsize length)
{
  g_autoptr (TgpJson) json = NULL;
  g_autofree char *request_id = NULL, *answer = NULL;
  TgpJsonWriter writer;

  if (!g_strstr_len (text, (gssize) length, "takeBack"))
    return FALSE;
  json = tgp_json_parse_object (text, length, NULL);
  if (!json || !tgp_value_equal (tgp_value_member (tgp_json_root (json), "action"), "takeBack") ||
      !tgp_get_optional_string (tgp_json_root (json), "requestId", 128, &request_id, NULL))
    return FALSE;
  if (peer->named_only)
    {
      LpCaller caller = lp_peer_caller (peer, NULL, request_id);
      lp_refuse (peer->proxy, &caller, TGP_ERROR_FORBIDDEN,
                 "takeBack needs a handshake with x-timestamp and x-signature, or a token");
      return TRUE;
    }
  lp_upstream_take_back (peer->proxy);
  tgp_json_writer_init (&writer);
  tgp_json_open_object (&writer, NULL);
  tgp_json_string (&writer, "action", "takeBackAccepted");
  tgp_json_optional_string (&writer, "requestId", request_id);
  tgp_json_string (&writer, "state", lp_gateway_state_name (peer->proxy->state));
  tgp_json_close_object (&writer);
  answer = tgp_json_writer_end (&writer);
  lp_peer_send (peer, answer);
  return TRUE;
}

void
lp_websocket_message (LpPeer *peer, const char *text, gsize length)
{
  g_autoptr (GError) error = NULL;
  TgpMessageHint hint = { 0 };
  g_autoptr (TgpPosMessage) message = NULL;
  LpProxy *proxy = peer->proxy;
  LpCaller caller;

  if (peer->state != LP_PEER_OPEN || take_back (peer, text, length))
    return;
  message = tgp_pos_message_decode (text, length, &hint, &error);
  if (!message)
    not_understood (peer, error, &hint);
  tgp_message_hint_clear (&hint);
  if (!message)
    return;
  caller = lp_peer_caller (peer, NULL, message->request_id);
  peer->errors = 0;
  switch (message->action)
    {
    case TGP_POS_GET_TERMINALS:
      lp_ask_terminals (proxy, &caller);
      break;
    case TGP_POS_PAYMENT:
      pay (peer, &caller, message);
      break;
    case TGP_POS_GET_TRANSACTION_STATUS:
      lp_ask_transaction (proxy, &caller, message->transaction_id);
      break;
    case TGP_POS_CANCEL_PAYMENT:
      lp_ask_cancel (proxy, &caller, message->transaction_id);
      break;
    case TGP_POS_VOID_PAYMENT:
      lp_ask_void (proxy, &caller, message->transaction_id);
      break;
    case TGP_POS_PING:
      {
        g_autofree char *pong = tgp_encode_pong (message->request_id, lp_now ());
        lp_peer_send (peer, pong);
      }
      break;
    case TGP_POS_ACK:
      lp_delivery_ack (proxy, &caller, message->message_ids);
      break;
    }
}
