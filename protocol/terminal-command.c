/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "protocol/terminal-command.h"
#include "protocol/error.h"
#include "protocol/message-private.h"
#include "protocol/payment-private.h"

/* In the order of TgpCommandAction. */
static const char *const actions[] = { "connected",     "paymentRequest",  "getPaymentStatus",
                                       "cancelPayment", "voidPayment",     "paymentResponseAck",
                                       "pong",          "forceDisconnect", "error" };

char *
tgp_encode_terminal_connected (const char *connection_id, const char *device_id, const char *group_id,
                               gint64 server_time, guint heartbeat_seconds)
{
  TgpJsonWriter writer;

  tgp_open_message (&writer, "connected", NULL);
  tgp_json_string (&writer, "connectionId", connection_id);
  tgp_json_optional_string (&writer, "deviceId", device_id);
  tgp_json_string (&writer, "groupId", group_id);
  tgp_json_time (&writer, "serverTime", server_time);
  tgp_json_int (&writer, "heartbeatSeconds", heartbeat_seconds);
  return tgp_close_message (&writer);
}

char *
tgp_encode_payment_request (const char *transaction_id, const char *terminal_id, const char *request)
{
  TgpJsonWriter writer;

  tgp_open_message (&writer, "paymentRequest", NULL);
  tgp_json_string (&writer, "transactionId", transaction_id);
  tgp_json_string (&writer, "terminalId", terminal_id);
  tgp_json_raw (&writer, "paymentRequest", request);
  return tgp_close_message (&writer);
}

char *
tgp_encode_transaction_command (const char *action, const char *transaction_id)
{
  TgpJsonWriter writer;

  tgp_open_message (&writer, action, NULL);
  tgp_json_string (&writer, "transactionId", transaction_id);
  return tgp_close_message (&writer);
}

char *
tgp_encode_void_payment (const char *transaction_id, const char *reason, const char *original_response)
{
  TgpJsonWriter writer;

  tgp_open_message (&writer, "voidPayment", NULL);
  tgp_json_string (&writer, "transactionId", transaction_id);
  tgp_json_string (&writer, "reason", reason);
  if (original_response != NULL)
    tgp_json_raw (&writer, "originalPaymentResponse", original_response);
  return tgp_close_message (&writer);
}

char *
tgp_encode_payment_response_ack (const char *transaction_id, int status)
{
  TgpJsonWriter writer;

  tgp_open_message (&writer, "paymentResponseAck", NULL);
  tgp_json_string (&writer, "transactionId", transaction_id);
  tgp_json_string (&writer, "status", status < 0 ? "UNKNOWN" : tgp_status_name ((TgpStatus) status));
  return tgp_close_message (&writer);
}

void
tgp_terminal_command_free (TgpTerminalCommand *command)
{
  if (command == NULL)
    return;
  g_free (command->transaction_id);
  g_free (command->terminal_id);
  g_free (command->connection_id);
  g_free (command->device_id);
  g_free (command->group_id);
  tgp_payment_request_free (command->payment);
  g_free (command->reason);
  g_free (command->original_response);
  g_free (command->error_code);
  g_free (command->error_message);
  g_free (command);
}

static gboolean
read_connected (TgpValue root, TgpTerminalCommand *command, GError **error)
{
  return tgp_get_terminal_id (root, "connectionId", &command->connection_id, error) &&
         tgp_get_optional_id (root, "deviceId", &command->device_id, error) &&
         tgp_get_optional_string (root, "groupId", TGP_TEXT_MAX, &command->group_id, error) &&
         tgp_get_optional_time (root, "serverTime", &command->server_time, error) &&
         tgp_get_optional_int (root, "heartbeatSeconds", 0, G_MAXINT32, 0, &command->heartbeat_seconds,
                               error);
}

static gboolean
read_payment_request (TgpValue root, TgpTerminalCommand *command, GError **error)
{
  TgpValue request;

  if (!tgp_get_id (root, "transactionId", &command->transaction_id, error) ||
      !tgp_get_optional_string (root, "terminalId", TGP_TEXT_MAX, &command->terminal_id, error) ||
      !tgp_get_object (root, "paymentRequest", &request, error))
    return FALSE;
  command->payment = tgp_payment_request_read_as (request, TGP_MONEY_AS_WRITTEN, error);
  return command->payment != NULL;
}

static gboolean
read_void (TgpValue root, TgpTerminalCommand *command, GError **error)
{
  TgpValue original = tgp_value_member (root, "originalPaymentResponse");

  if (!tgp_get_id (root, "transactionId", &command->transaction_id, error) ||
      !tgp_get_optional_string (root, "reason", TGP_TEXT_MAX, &command->reason, error))
    return FALSE;
  if (tgp_value_exists (original))
    command->original_response = tgp_value_dup_raw (original);
  return TRUE;
}

static gboolean
read_ack (TgpValue root, TgpTerminalCommand *command, GError **error)
{
  g_autofree char *word = NULL;
  TgpStatus status;

  if (!tgp_get_id (root, "transactionId", &command->transaction_id, error) ||
      !tgp_get_string (root, "status", TGP_TEXT_MAX, &word, error))
    return FALSE;
  command->status = -1;
  if (g_str_equal (word, "UNKNOWN"))
    return TRUE;
  if (!tgp_status_from_name (word, &status))
    {
      g_set_error_literal (error, TGP_ERROR, TGP_ERROR_INVALID_FIELD, "status is not a transaction's status");
      return FALSE;
    }
  command->status = (int) status;
  return TRUE;
}

static gboolean
read_members (TgpValue root, TgpTerminalCommand *command, GError **error)
{
  switch (command->action)
    {
    case TGP_COMMAND_CONNECTED:
      return read_connected (root, command, error);
    case TGP_COMMAND_PAYMENT_REQUEST:
      return read_payment_request (root, command, error);
    case TGP_COMMAND_GET_PAYMENT_STATUS:
    case TGP_COMMAND_CANCEL_PAYMENT:
      return tgp_get_id (root, "transactionId", &command->transaction_id, error);
    case TGP_COMMAND_VOID_PAYMENT:
      return read_void (root, command, error);
    case TGP_COMMAND_PAYMENT_RESPONSE_ACK:
      return read_ack (root, command, error);
    case TGP_COMMAND_FORCE_DISCONNECT:
      return tgp_get_optional_string (root, "reason", TGP_TEXT_MAX, &command->reason, error) &&
             tgp_get_optional_string (root, "message", TGP_TEXT_MAX, &command->error_message, error) &&
             tgp_get_optional_boolean (root, "reconnectAllowed", FALSE, &command->reconnect_allowed, error);
    case TGP_COMMAND_ERROR:
      return tgp_get_optional_id (root, "transactionId", &command->transaction_id, error) &&
             tgp_get_optional_string (root, "code", TGP_TEXT_MAX, &command->error_code, error) &&
             tgp_get_optional_string (root, "message", TGP_TEXT_MAX, &command->error_message, error);
    case TGP_COMMAND_PONG:
    case TGP_COMMAND_OTHER:
    default:
      return TRUE;
    }
}

TgpTerminalCommand *
tgp_terminal_command_decode (const char *text, gsize length, GError **error)
{
  g_autoptr (TgpJson) json = tgp_json_parse_object (text, length, error);
  g_autoptr (TgpTerminalCommand) command = NULL;
  g_autoptr (GError) reason = NULL;
  gboolean unknown;
  int action;

  if (json == NULL)
    return NULL;
  command = g_new0 (TgpTerminalCommand, 1);
  command->status = -1;
  action = tgp_read_action (tgp_json_root (json), actions, G_N_ELEMENTS (actions), &unknown, &reason);
  if (action < 0 && !unknown)
    {
      g_propagate_error (error, g_steal_pointer (&reason));
      return NULL;
    }
  command->action = unknown ? TGP_COMMAND_OTHER : (TgpCommandAction) action;
  if (!read_members (tgp_json_root (json), command, error))
    return NULL;
  return g_steal_pointer (&command);
}
