/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The client's side of pos-event.c: one message, read. What an outcome needs is required, the rest may be
 * missing. */
#include "protocol/error.h"
#include "protocol/id.h"
#include "protocol/message-private.h"
#include "protocol/pos-event.h"

#include <string.h>

/* In the order of TgpEventType. */
static const char *const actions[] = {
  "connected",
  "terminalsResponse",
  "terminalStatusUpdate",
  "paymentAccepted",
  "cancelAccepted",
  "voidAccepted",
  "transactionStatus",
  "pong",
  "paymentProgress",
  "paymentAwaitingReconnect",
  "paymentComplete",
  "paymentVoided",
  "paymentVoidConfirmed",
  "paymentVoidFailed",
  "paymentConflict",
  "forceDisconnect",
  "error",
};

void
tgp_terminal_info_free (TgpTerminalInfo *terminal)
{
  if (terminal == NULL)
    return;
  g_free (terminal->connection_id);
  g_free (terminal->device_id);
  g_free (terminal->terminal_id);
  g_free (terminal->group_id);
  g_free (terminal->metadata);
  g_free (terminal);
}

void
tgp_pos_event_free (TgpPosEvent *event)
{
  if (event == NULL)
    return;
  g_free (event->action);
  g_free (event->text);
  g_free (event->request_id);
  g_free (event->transaction_id);
  g_free (event->terminal_id);
  g_free (event->group_id);
  g_free (event->connection_id);
  g_free (event->message_id);
  g_clear_pointer (&event->terminals, g_ptr_array_unref);
  tgp_transaction_free (event->transaction);
  g_free (event->stage);
  g_free (event->message);
  tgp_payment_response_free (event->response);
  g_free (event->response_json);
  g_free (event->second_json);
  g_free (event->reason);
  g_free (event->displaced_by_address);
  g_free (event->displaced_by_user_agent);
  g_free (event->error_code_name);
  g_free (event->held_by);
  g_free (event);
}

/* Text that the event can do without. */
static char *
take_text (TgpValue object, const char *name)
{
  char *text;

  tgp_get_optional_string (object, name, TGP_TEXT_MAX, &text, NULL);
  return text;
}

static gint64
take_time (TgpValue object, const char *name)
{
  gint64 ms;

  tgp_get_optional_time (object, name, &ms, NULL);
  return ms;
}

static gint64
take_count (TgpValue object, const char *name, gint64 fallback)
{
  gint64 count;

  tgp_get_optional_int (object, name, 0, G_MAXINT32, fallback, &count, NULL);
  return count;
}

static gboolean
take_boolean (TgpValue object, const char *name)
{
  gboolean value;

  tgp_get_optional_boolean (object, name, FALSE, &value, NULL);
  return value;
}

static char *
take_object (TgpValue object, const char *name)
{
  TgpValue value = tgp_value_member (object, name);

  return tgp_value_type (value) == TGP_JSON_OBJECT ? tgp_value_dup_raw (value) : NULL;
}

static gboolean
unknown_word (GError **error, const char *name)
{
  g_set_error (error, TGP_ERROR, TGP_ERROR_INVALID_FIELD, "%s has a value that is not known", name);
  return FALSE;
}

/* more: terminalInfo, whose members fill what the update itself does not say. */
static TgpTerminalInfo *
read_terminal (TgpValue object, TgpValue more, GError **error)
{
  TgpTerminalInfo *terminal = g_new0 (TgpTerminalInfo, 1);
  g_autofree char *status = NULL;

  terminal->remaining_seconds = take_count (object, "remainingSeconds", -1);
  terminal->connection_id = take_text (object, "connectionId");
  terminal->device_id = take_text (object, "deviceId");
  terminal->group_id = take_text (object, "groupId");
  terminal->busy = take_boolean (object, "busy");
  terminal->grace_expires_at = take_time (object, "graceExpiresAt");
  terminal->connected_at = take_time (more, "connectedAt");
  terminal->last_activity = take_time (more, "lastActivity");
  terminal->metadata = take_object (more, "metadata");
  if (!tgp_get_string (object, "terminalId", TGP_TEXT_MAX, &terminal->terminal_id, error))
    {
      tgp_terminal_info_free (terminal);
      return NULL;
    }
  status = take_text (object, "status");
  if (!tgp_terminal_status_from_name (status, &terminal->status))
    {
      unknown_word (error, "status");
      tgp_terminal_info_free (terminal);
      return NULL;
    }
  return terminal;
}

static gboolean
add_terminal (TgpPosEvent *event, TgpTerminalInfo *terminal)
{
  if (terminal == NULL)
    return FALSE;
  g_ptr_array_add (event->terminals, terminal);
  return TRUE;
}

static gboolean
read_terminals (TgpValue root, TgpPosEvent *event, GError **error)
{
  TgpValue array = tgp_value_member (root, "terminals");

  event->terminals = g_ptr_array_new_with_free_func ((GDestroyNotify) tgp_terminal_info_free);
  if (event->type == TGP_EVENT_TERMINAL_STATUS)
    return add_terminal (event, read_terminal (root, tgp_value_member (root, "terminalInfo"), error));
  if (tgp_value_type (array) != TGP_JSON_ARRAY)
    {
      g_set_error_literal (error, TGP_ERROR, TGP_ERROR_INVALID_FIELD, "terminals must be an array");
      return FALSE;
    }
  for (TgpValue item = tgp_value_first (array); item.json != NULL; item = tgp_value_next (item))
    if (!add_terminal (event, read_terminal (item, item, error)))
      return FALSE;
  return TRUE;
}

static gboolean
read_outcome (TgpValue root, TgpPosEvent *event, GError **error)
{
  const char *member = event->type == TGP_EVENT_PAYMENT_COMPLETE   ? "paymentResponse"
                       : event->type == TGP_EVENT_PAYMENT_CONFLICT ? "first"
                                                                   : "originalPaymentResponse";
  g_autofree char *status = take_text (root, "status");
  g_autofree char *void_status = take_text (root, "voidStatus");

  if (!tgp_get_id (root, "transactionId", &event->transaction_id, error))
    return FALSE;
  event->response_json = take_object (root, member);
  if (event->response_json != NULL)
    event->response = tgp_payment_response_read (tgp_value_member (root, member), NULL);
  event->second_json = take_object (root, "second");
  event->reason = take_text (root, "reason");
  if (void_status != NULL && !tgp_void_status_from_name (void_status, &event->void_status))
    return unknown_word (error, "voidStatus");
  if (event->type == TGP_EVENT_PAYMENT_COMPLETE && !tgp_result_from_name (status, &event->result))
    return unknown_word (error, "status");
  return TRUE;
}

static void
read_error (TgpValue root, TgpPosEvent *event)
{
  event->error_code = TGP_ERROR_INTERNAL_ERROR;
  event->error_code_name = take_text (root, "code");
  tgp_error_from_name (event->error_code_name, &event->error_code);
  event->held_by = take_text (root, "heldBy");
  event->grace_expires_at = take_time (root, "graceExpiresAt");
}

static void
read_force_disconnect (TgpValue root, TgpPosEvent *event)
{
  TgpValue by = tgp_value_member (root, "displacedBy");

  event->reason = take_text (root, "reason");
  event->reconnect_allowed = take_boolean (root, "reconnectAllowed");
  event->displaced_by_address = take_text (by, "address");
  event->displaced_by_user_agent = take_text (by, "userAgent");
  event->displaced_by_at = take_time (by, "at");
}

static gboolean
read_accepted (TgpValue root, TgpPosEvent *event, GError **error)
{
  g_autofree char *status = take_text (root, "status");

  event->has_status = tgp_status_from_name (status, &event->status);
  return tgp_get_id (root, "transactionId", &event->transaction_id, error);
}

static gboolean
read_members (TgpValue root, TgpPosEvent *event, GError **error)
{
  switch (event->type)
    {
    case TGP_EVENT_CONNECTED:
      event->server_time = take_time (root, "serverTime");
      event->heartbeat_seconds = take_count (root, "heartbeatSeconds", 0);
      event->grace_seconds = take_count (root, "gracePeriodSeconds", 0);
      event->pending_messages = take_count (root, "pendingMessages", 0);
      return TRUE;
    case TGP_EVENT_TERMINALS:
    case TGP_EVENT_TERMINAL_STATUS:
      return read_terminals (root, event, error);
    case TGP_EVENT_PAYMENT_ACCEPTED:
    case TGP_EVENT_CANCEL_ACCEPTED:
    case TGP_EVENT_VOID_ACCEPTED:
      return read_accepted (root, event, error);
    case TGP_EVENT_TRANSACTION_STATUS:
      event->transaction = tgp_transaction_read (root, error);
      if (event->transaction == NULL)
        return FALSE;
      event->transaction_id = g_strdup (event->transaction->transaction_id);
      return TRUE;
    case TGP_EVENT_PAYMENT_PROGRESS:
      event->stage = take_text (root, "stage");
      return tgp_get_id (root, "transactionId", &event->transaction_id, error);
    case TGP_EVENT_AWAITING_RECONNECT:
      event->grace_expires_at = take_time (root, "graceExpiresAt");
      event->remaining_seconds = take_count (root, "remainingSeconds", -1);
      return tgp_get_id (root, "transactionId", &event->transaction_id, error);
    case TGP_EVENT_PAYMENT_COMPLETE:
    case TGP_EVENT_PAYMENT_VOIDED:
    case TGP_EVENT_PAYMENT_VOID_CONFIRMED:
    case TGP_EVENT_PAYMENT_VOID_FAILED:
    case TGP_EVENT_PAYMENT_CONFLICT:
      return read_outcome (root, event, error);
    case TGP_EVENT_FORCE_DISCONNECT:
      read_force_disconnect (root, event);
      return TRUE;
    case TGP_EVENT_ERROR:
      read_error (root, event);
      return tgp_get_optional_id (root, "transactionId", &event->transaction_id, error);
    case TGP_EVENT_PONG:
    case TGP_EVENT_OTHER:
    default:
      return TRUE;
    }
}

TgpPosEvent *
tgp_pos_event_decode (const char *text, gsize length, GError **error)
{
  g_autoptr (TgpJson) json = tgp_json_parse_object (text, length, error);
  g_autoptr (TgpPosEvent) event = NULL;
  g_autoptr (GError) reason = NULL;
  gboolean unknown;
  TgpValue root;
  int action;

  if (json == NULL)
    return NULL;
  root = tgp_json_root (json);
  action = tgp_read_action (root, actions, G_N_ELEMENTS (actions), &unknown, &reason);
  if (action < 0 && !unknown)
    {
      g_propagate_error (error, g_steal_pointer (&reason));
      return NULL;
    }
  event = g_new0 (TgpPosEvent, 1);
  event->type = unknown ? TGP_EVENT_OTHER : (TgpEventType) action;
  event->action = tgp_value_dup_string (tgp_value_member (root, "action"));
  event->text = g_strndup (text, length);
  event->remaining_seconds = -1;
  event->request_id = take_text (root, "requestId");
  event->terminal_id = take_text (root, "terminalId");
  event->group_id = take_text (root, "groupId");
  event->connection_id = take_text (root, "connectionId");
  event->message_id = take_text (root, "messageId");
  event->message = take_text (root, "message");
  event->timestamp = take_time (root, "timestamp");
  event->has_verdict = tgp_value_exists (tgp_value_member (root, "verdict")) &&
                       tgp_verdict_read (tgp_value_member (root, "verdict"), &event->verdict, NULL);
  if (!read_members (root, event, error))
    return NULL;
  return g_steal_pointer (&event);
}
