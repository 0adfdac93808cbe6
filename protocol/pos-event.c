/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writers of everything that a POS is told; the members stand in the order of the contract's examples. */
#include "protocol/pos-event.h"
#include "protocol/error.h"
#include "protocol/message-private.h"

#define VERSION "v1"

/* Whole seconds, rounded up: a till that waits them has waited long enough. */
static gint64
seconds_until (gint64 deadline, gint64 now)
{
  return deadline > now ? (deadline - now + 999) / 1000 : 0;
}

static void
write_optional_time (TgpJsonWriter *writer, const char *name, gint64 ms)
{
  if (ms > 0)
    tgp_json_time (writer, name, ms);
}

static void
write_optional_raw (TgpJsonWriter *writer, const char *name, const char *json)
{
  if (json != NULL)
    tgp_json_raw (writer, name, json);
}

static const char *
terminal_id_of (const TgpTerminalView *terminal)
{
  return terminal->device_id != NULL ? terminal->device_id : terminal->connection_id;
}

void
tgp_terminal_view_write (TgpJsonWriter *writer, const char *name, const TgpTerminalView *terminal)
{
  tgp_json_open_object (writer, name);
  tgp_json_optional_string (writer, "connectionId", terminal->connection_id);
  tgp_json_string (writer, "terminalId", terminal_id_of (terminal));
  tgp_json_optional_string (writer, "deviceId", terminal->device_id);
  write_optional_time (writer, "connectedAt", terminal->connected_at);
  write_optional_time (writer, "lastActivity", terminal->last_activity);
  tgp_json_string (writer, "status", tgp_terminal_status_http_name (terminal->status));
  tgp_json_raw (writer, "metadata", terminal->metadata != NULL ? terminal->metadata : "{}");
  tgp_json_boolean (writer, "busy", terminal->busy);
  write_optional_time (writer, "graceExpiresAt", terminal->grace_expires_at);
  tgp_json_close_object (writer);
}

char *
tgp_encode_terminals (const char *action, const char *request_id, const TgpTerminalView *terminals, guint n,
                      gint64 now)
{
  TgpJsonWriter writer;

  tgp_open_message (&writer, action, request_id);
  tgp_json_open_array (&writer, "terminals");
  for (guint i = 0; i < n; i++)
    tgp_terminal_view_write (&writer, NULL, &terminals[i]);
  tgp_json_close_array (&writer);
  tgp_json_int (&writer, "count", n);
  tgp_json_time (&writer, "timestamp", now);
  return tgp_close_message (&writer);
}

char *
tgp_encode_terminal_status_update (const TgpTerminalView *terminal, gint64 now)
{
  TgpJsonWriter writer;

  tgp_open_message (&writer, "terminalStatusUpdate", NULL);
  tgp_json_string (&writer, "terminalId", terminal_id_of (terminal));
  tgp_json_optional_string (&writer, "connectionId", terminal->connection_id);
  tgp_json_optional_string (&writer, "deviceId", terminal->device_id);
  tgp_json_string (&writer, "status", tgp_terminal_status_ws_name (terminal->status));
  if (terminal->status == TGP_TERMINAL_ONLINE)
    tgp_terminal_view_write (&writer, "terminalInfo", terminal);
  tgp_json_time (&writer, "timestamp", now);
  tgp_json_string (&writer, "groupId", terminal->group_id);
  tgp_json_string (&writer, "version", VERSION);
  tgp_json_boolean (&writer, "busy", terminal->busy);
  if (terminal->status == TGP_TERMINAL_RECONNECTING && terminal->grace_expires_at > 0)
    {
      tgp_json_time (&writer, "graceExpiresAt", terminal->grace_expires_at);
      tgp_json_int (&writer, "remainingSeconds", seconds_until (terminal->grace_expires_at, now));
    }
  return tgp_close_message (&writer);
}

char *
tgp_encode_pos_connected (const char *connection_id, const char *group_id, gint64 server_time,
                          guint heartbeat_seconds, guint grace_seconds, guint pending_messages)
{
  TgpJsonWriter writer;

  tgp_open_message (&writer, "connected", NULL);
  tgp_json_string (&writer, "connectionId", connection_id);
  tgp_json_string (&writer, "groupId", group_id);
  tgp_json_time (&writer, "serverTime", server_time);
  tgp_json_int (&writer, "heartbeatSeconds", heartbeat_seconds);
  tgp_json_int (&writer, "gracePeriodSeconds", grace_seconds);
  tgp_json_int (&writer, "pendingMessages", pending_messages);
  return tgp_close_message (&writer);
}

char *
tgp_encode_accepted (const char *action, const char *request_id, const char *transaction_id,
                     const char *terminal_id, int status)
{
  TgpJsonWriter writer;

  tgp_open_message (&writer, action, request_id);
  tgp_json_string (&writer, "transactionId", transaction_id);
  tgp_json_optional_string (&writer, "terminalId", terminal_id);
  if (status >= 0)
    tgp_json_string (&writer, "status", tgp_status_name ((TgpStatus) status));
  return tgp_close_message (&writer);
}

char *
tgp_encode_transaction_status (const char *request_id, const TgpTransaction *transaction, gint64 now)
{
  TgpJsonWriter writer;

  tgp_open_message (&writer, "transactionStatus", request_id);
  tgp_transaction_write_members (&writer, transaction, now);
  return tgp_close_message (&writer);
}

char *
tgp_encode_pong (const char *request_id, gint64 now)
{
  TgpJsonWriter writer;

  tgp_open_message (&writer, "pong", request_id);
  tgp_json_time (&writer, "timestamp", now);
  return tgp_close_message (&writer);
}

char *
tgp_encode_payment_progress (const char *transaction_id, const char *terminal_id, const char *stage,
                             const char *message)
{
  TgpJsonWriter writer;

  tgp_open_message (&writer, "paymentProgress", NULL);
  tgp_json_string (&writer, "transactionId", transaction_id);
  tgp_json_string (&writer, "terminalId", terminal_id);
  tgp_json_string (&writer, "stage", stage);
  tgp_json_optional_string (&writer, "message", message);
  return tgp_close_message (&writer);
}

char *
tgp_encode_payment_awaiting_reconnect (const char *transaction_id, const char *terminal_id,
                                       gint64 grace_expires_at, gint64 now)
{
  TgpJsonWriter writer;

  tgp_open_message (&writer, "paymentAwaitingReconnect", NULL);
  tgp_json_string (&writer, "transactionId", transaction_id);
  tgp_json_string (&writer, "terminalId", terminal_id);
  tgp_json_time (&writer, "graceExpiresAt", grace_expires_at);
  tgp_json_int (&writer, "remainingSeconds", seconds_until (grace_expires_at, now));
  return tgp_close_message (&writer);
}

static const char *
usual_message (TgpDisconnectReason reason)
{
  switch (reason)
    {
    case TGP_DISCONNECT_API_KEY_USED_ELSEWHERE:
      return "Connection displaced by new connection with same API key";
    case TGP_DISCONNECT_STALE_CONNECTION_TIMEOUT:
      return "Connection was inactive for too long";
    case TGP_DISCONNECT_ADMIN_ACTION:
      return "Connection terminated by administrator";
    case TGP_DISCONNECT_OTHER:
    default:
      return "Connection closed by the gateway";
    }
}

char *
tgp_encode_force_disconnect (const TgpForceDisconnect *disconnect)
{
  TgpJsonWriter writer;

  tgp_open_message (&writer, "forceDisconnect", NULL);
  tgp_json_string (&writer, "reason", tgp_disconnect_reason_name (disconnect->reason));
  tgp_json_string (&writer, "message",
                   disconnect->message != NULL ? disconnect->message : usual_message (disconnect->reason));
  tgp_json_boolean (&writer, "reconnectAllowed", disconnect->reconnect_allowed);
  if (disconnect->displaced_by_address != NULL)
    {
      tgp_json_open_object (&writer, "displacedBy");
      tgp_json_string (&writer, "address", disconnect->displaced_by_address);
      tgp_json_optional_string (&writer, "userAgent", disconnect->displaced_by_user_agent);
      tgp_json_time (&writer, "at", disconnect->displaced_by_at);
      tgp_json_close_object (&writer);
    }
  return tgp_close_message (&writer);
}

char *
tgp_encode_payment_complete (const TgpQueuedMessage *message)
{
  TgpJsonWriter writer;

  tgp_open_message (&writer, "paymentComplete", NULL);
  tgp_json_string (&writer, "transactionId", message->transaction_id);
  tgp_json_string (&writer, "terminalId", message->terminal_id);
  tgp_json_string (&writer, "status", tgp_result_name (message->result));
  write_optional_raw (&writer, "paymentResponse", message->response);
  tgp_json_time (&writer, "timestamp", message->timestamp);
  tgp_json_string (&writer, "groupId", message->group_id);
  tgp_json_string (&writer, "version", VERSION);
  tgp_json_string (&writer, "messageId", message->message_id);
  tgp_verdict_write (&writer, "verdict", &message->verdict);
  return tgp_close_message (&writer);
}

char *
tgp_encode_payment_voided (const char *action, const TgpQueuedMessage *message)
{
  TgpJsonWriter writer;

  tgp_open_message (&writer, action, NULL);
  tgp_json_string (&writer, "terminalId", message->terminal_id);
  tgp_json_string (&writer, "transactionId", message->transaction_id);
  tgp_json_optional_string (&writer, "reason", message->reason);
  write_optional_raw (&writer, "originalPaymentResponse", message->response);
  tgp_json_time (&writer, "timestamp", message->timestamp);
  tgp_json_string (&writer, "messageId", message->message_id);
  tgp_json_optional_string (&writer, "voidStatus", tgp_void_status_name (message->void_status));
  tgp_json_optional_string (&writer, "errorCode", message->error_code);
  tgp_json_optional_string (&writer, "errorMessage", message->error_message);
  tgp_verdict_write (&writer, "verdict", &message->verdict);
  return tgp_close_message (&writer);
}

char *
tgp_encode_payment_conflict (const TgpQueuedMessage *message)
{
  TgpJsonWriter writer;

  tgp_open_message (&writer, "paymentConflict", NULL);
  tgp_json_string (&writer, "transactionId", message->transaction_id);
  tgp_json_string (&writer, "terminalId", message->terminal_id);
  write_optional_raw (&writer, "first", message->response);
  write_optional_raw (&writer, "second", message->second);
  tgp_json_time (&writer, "timestamp", message->timestamp);
  tgp_json_string (&writer, "groupId", message->group_id);
  tgp_json_string (&writer, "version", VERSION);
  tgp_json_string (&writer, "messageId", message->message_id);
  tgp_verdict_write (&writer, "verdict", &message->verdict);
  return tgp_close_message (&writer);
}

char *
tgp_encode_error (gboolean websocket, const TgpErrorBody *error, gint64 now)
{
  TgpJsonWriter writer;

  tgp_open_message (&writer, websocket ? "error" : NULL, NULL);
  tgp_json_string (
    &writer, "error",
    tgp_http_reason (error->http_status ? error->http_status : tgp_error_http_status (error->code)));
  tgp_json_string (&writer, "code", tgp_error_name (error->code));
  tgp_json_string (&writer, "message",
                   error->message != NULL ? error->message : tgp_error_name (error->code));
  tgp_json_optional_string (&writer, "requestId", error->request_id);
  tgp_json_optional_string (&writer, "transactionId", error->transaction_id);
  tgp_json_optional_string (&writer, "heldBy", error->held_by);
  write_optional_time (&writer, "graceExpiresAt", error->grace_expires_at);
  if (error->verdict != NULL)
    tgp_verdict_write (&writer, "verdict", error->verdict);
  tgp_json_time (&writer, "timestamp", now);
  return tgp_close_message (&writer);
}

char *
tgp_encode_payment_answer (const char *transaction_id, TgpResult status, const char *payment_response,
                           const char *error_code, const TgpVerdict *verdict, gint64 now)
{
  TgpJsonWriter writer;

  tgp_open_message (&writer, NULL, NULL);
  tgp_json_string (&writer, "transactionId", transaction_id);
  tgp_json_string (&writer, "status", tgp_result_name (status));
  write_optional_raw (&writer, "paymentResponse", payment_response);
  tgp_json_time (&writer, "timestamp", now);
  tgp_json_optional_string (&writer, "errorCode", error_code);
  if (verdict != NULL)
    tgp_verdict_write (&writer, "verdict", verdict);
  return tgp_close_message (&writer);
}

char *
tgp_encode_request_taken (const char *transaction_id, TgpStatus status, gint64 now)
{
  TgpJsonWriter writer;

  tgp_open_message (&writer, NULL, NULL);
  tgp_json_string (&writer, "transactionId", transaction_id);
  tgp_json_string (&writer, "status", tgp_status_name (status));
  tgp_json_time (&writer, "timestamp", now);
  return tgp_close_message (&writer);
}
