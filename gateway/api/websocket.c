/* SPDX-License-Identifier: GPL-3.0-or-later */
/* WebSocket: the handshake, and what POS and terminals say on it (sections 2, 5, 6). */
#include "gateway/api/api-private.h"

#include "protocol/id.h"
#include "protocol/pos-message.h"
#include "protocol/terminal-message.h"

#include <string.h>

#define MAX_ERRORS         100
#define MAX_DEFERRED       2000
#define MAX_DEFERRED_BYTES (1024 * 1024)
#define CLOSE_POLICY       1008
#define NO_WEBHOOKS        "webhookMode true is not supported by this gateway; leave it out"

void
gw_websocket_handshake (GwPeer *peer, const EdgeRequest *request)
{
  GwApi *api = peer->api;
  const char *path = edge_request_path (request);
  const char *device_id = edge_request_header (request, "x-device-id");
  TgpErrorCode code;
  const char *message;
  char address[64];
  GwCaller caller;

  if (strcmp (path, "/v1/ws") != 0 && strcmp (path, "/") != 0)
    {
      gw_peer_refuse (peer, TGP_ERROR_NOT_FOUND, "WebSocket connections go to /v1/ws");
      return;
    }
  GwKey *key = gw_auth_check (api, request, TRUE, &code, &message);
  if (!key)
    {
      gw_peer_refuse (peer, code, message);
      return;
    }
  /* A terminal may still bring the result of an open payment. */
  if (key->role == TGP_ROLE_POS && gw_engine_is_draining (api->engine))
    {
      gw_peer_refuse (peer, TGP_ERROR_DRAINING, "The gateway is shutting down");
      return;
    }
  if (key->role == TGP_ROLE_TERMINAL && device_id && !tgp_id_valid (device_id, strlen (device_id)))
    {
      gw_peer_refuse (peer, TGP_ERROR_INVALID_FIELD,
                      "X-Device-Id must be 1 to 64 of A-Z a-z 0-9 . _ : -, starting with a letter or digit");
      return;
    }
  g_clear_pointer (&peer->key, gw_key_unref);
  peer->key = gw_key_ref (key);
  gw_peer_begin (peer);
  peer->state = GW_PEER_SHAKING;
  gw_peer_caller (peer, &caller, NULL);
  if (key->role == TGP_ROLE_TERMINAL)
    gw_engine_connect_terminal (api->engine, &caller, device_id,
                                edge_connection_address (peer->connection, address),
                                edge_request_header (request, "user-agent"));
  else
    gw_engine_connect_pos (api->engine, &caller, edge_connection_address (peer->connection, address),
                           edge_request_header (request, "user-agent"),
                           g_strcmp0 (edge_request_header (request, "x-delivery"), "ack") == 0);
}

/* --- errors --- */

void
gw_websocket_error (GwPeer *peer, const TgpErrorBody *error)
{
  g_autofree char *text = NULL;

  if (!peer || peer->state != GW_PEER_OPEN)
    return;
  text = tgp_encode_error (TRUE, error, gw_api_now ());
  edge_connection_send_text (peer->connection, text, strlen (text));
}

/* Only what was not understood or looked at counts: who asks, well formed, for a hundred payments that nobody
 * knows is no broken client, and the answers come when the store has them. */
static void
count_bad_message (GwPeer *peer)
{
  if (!peer || peer->state != GW_PEER_OPEN || ++peer->errors < MAX_ERRORS)
    return;
  peer->state = GW_PEER_CLOSING;
  edge_connection_close (peer->connection, CLOSE_POLICY, "100 errors in a row");
}

void
gw_websocket_bad_message (GwPeer *peer, const TgpErrorBody *error)
{
  gw_websocket_error (peer, error);
  count_bad_message (peer);
}

static void
refuse_payment (GwPeer *peer, const char *request_id, const char *transaction_id, TgpErrorCode code,
                const char *message)
{
  GwCaller caller;

  gw_peer_caller (peer, &caller, NULL);
  caller.request_id = request_id;
  gw_engine_refuse_payment (peer->api->engine, &caller, transaction_id, code, message);
}

static void
not_understood (GwPeer *peer, const GError *error, const TgpMessageHint *hint)
{
  TgpVerdict verdict = tgp_verdict_of_error ((TgpErrorCode) error->code);
  TgpErrorBody body = { .code = (TgpErrorCode) error->code,
                        .message = error->message,
                        .request_id = hint->request_id,
                        .transaction_id = hint->transaction_id,
                        .verdict = hint->is_payment ? &verdict : NULL };
  if (!hint->is_payment || !hint->transaction_id)
    {
      gw_websocket_bad_message (peer, &body);
      return;
    }
  /* What cannot be read now may have been read before: the verdict is that of the payment, if there is one.
   */
  refuse_payment (peer, hint->request_id, hint->transaction_id, body.code, body.message);
  count_bad_message (peer);
}

/* --- messages --- */

static void
pos_says (GwPeer *peer, const char *text, gsize length)
{
  g_autoptr (GError) error = NULL;
  TgpMessageHint hint = { 0 };
  g_autoptr (TgpPosMessage) message = tgp_pos_message_decode (text, length, &hint, &error);
  GwEngine *engine = peer->api->engine;
  GwCaller caller;

  if (!message)
    {
      not_understood (peer, error, &hint);
      tgp_message_hint_clear (&hint);
      return;
    }
  tgp_message_hint_clear (&hint);
  gw_peer_caller (peer, &caller, NULL);
  caller.request_id = message->request_id;
  peer->errors = 0;
  switch (message->action)
    {
    case TGP_POS_GET_TERMINALS:
      gw_engine_get_terminals (engine, &caller);
      break;
    case TGP_POS_PAYMENT:
      if (message->payment->webhook_mode && message->transaction_id)
        {
          refuse_payment (peer, message->request_id, message->transaction_id, TGP_ERROR_INVALID_FIELD,
                          NO_WEBHOOKS);
          break;
        }
      if (message->payment->webhook_mode)
        {
          TgpVerdict verdict = tgp_verdict_of_error (TGP_ERROR_INVALID_FIELD);
          TgpErrorBody body = { .code = TGP_ERROR_INVALID_FIELD,
                                .message = NO_WEBHOOKS,
                                .request_id = message->request_id,
                                .verdict = &verdict };
          gw_websocket_error (peer, &body);
          break;
        }
      gw_engine_pay (engine, &caller, message->terminal_id, g_steal_pointer (&message->payment), 0, 0);
      break;
    case TGP_POS_GET_TRANSACTION_STATUS:
      gw_engine_get_transaction (engine, &caller, peer->key->group_id, message->transaction_id);
      break;
    case TGP_POS_CANCEL_PAYMENT:
      gw_engine_cancel (engine, &caller, message->transaction_id);
      break;
    case TGP_POS_VOID_PAYMENT:
      gw_engine_void (engine, &caller, message->transaction_id);
      break;
    case TGP_POS_PING:
      {
        g_autofree char *pong = tgp_encode_pong (message->request_id, gw_api_now ());
        edge_connection_send_text (peer->connection, pong, strlen (pong));
      }
      break;
    case TGP_POS_ACK:
      gw_engine_ack (engine, &caller, message->message_ids);
      break;
    }
}

static void
terminal_says (GwPeer *peer, const char *text, gsize length)
{
  g_autoptr (GError) error = NULL;
  TgpMessageHint hint = { 0 };
  g_autoptr (TgpTerminalMessage) message = tgp_terminal_message_decode (text, length, &hint, &error);

  if (message)
    {
      peer->errors = 0;
      gw_engine_terminal_says (peer->api->engine, peer->link, message);
    }
  else
    not_understood (peer, error, &hint);
  tgp_message_hint_clear (&hint);
}

/* An ack is durable before anything later of its connection is answered. */
static gboolean
defer (GwPeer *peer, const char *text, gsize length)
{
  if (!(peer->deferred && peer->deferred->length) && !gw_engine_link_is_held (peer->api->engine, peer->link))
    return FALSE;
  if (!peer->deferred)
    peer->deferred = g_queue_new ();
  if (peer->deferred->length >= MAX_DEFERRED || peer->deferred_bytes + length > MAX_DEFERRED_BYTES)
    {
      peer->state = GW_PEER_CLOSING;
      edge_connection_close (peer->connection, CLOSE_POLICY, "too many messages while an ack is stored");
    }
  else
    {
      peer->deferred_bytes += (guint) length;
      g_queue_push_tail (peer->deferred, g_bytes_new (text, length));
    }
  return TRUE;
}

void
gw_websocket_message (GwPeer *peer, const char *text, gsize length)
{
  if (peer->state != GW_PEER_OPEN)
    return;
  if (peer->key->role == TGP_ROLE_TERMINAL)
    terminal_says (peer, text, length);
  else if (!defer (peer, text, length))
    pos_says (peer, text, length);
}

void
gw_websocket_release (GwPeer *peer)
{
  while (peer->deferred && peer->deferred->length && peer->state == GW_PEER_OPEN &&
         !gw_engine_link_is_held (peer->api->engine, peer->link))
    {
      g_autoptr (GBytes) message = g_queue_pop_head (peer->deferred);
      gsize length;
      const char *text = g_bytes_get_data (message, &length);
      peer->deferred_bytes -= (guint) length;
      pos_says (peer, text, length);
    }
}
