/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "protocol/terminal-message.h"
#include "protocol/error.h"
#include "protocol/message-private.h"
#include "protocol/payment-private.h"

#include <string.h>

#define METADATA_MAX   (4 * 1024)
#define JOURNAL_ID_MAX 64
#define ACTIVE_MAX     1000

/* In the order of TgpTerminalAction. */
static const char *const actions[] = {
  "hello", "paymentAccepted", "paymentProgress", "paymentResponse", "paymentStatus", "voidResponse", "ping"
};
/* Bit by bit, as in TgpCapabilities. */
static const char *const capabilities[] = { "cancel", "void", "progress" };
/* In the order of TgpVoidAnswer. */
static const char *const void_answers[] = { "VOIDED", "FAILED", "UNKNOWN" };

TgpTerminalMessage *
tgp_terminal_message_new (TgpTerminalAction action)
{
  TgpTerminalMessage *message = g_new0 (TgpTerminalMessage, 1);

  message->action = action;
  return message;
}

void
tgp_terminal_message_free (TgpTerminalMessage *message)
{
  if (message == NULL)
    return;
  g_free (message->request_id);
  g_free (message->transaction_id);
  g_free (message->metadata);
  g_free (message->journal_id);
  g_clear_pointer (&message->active, g_ptr_array_unref);
  g_free (message->stage);
  g_free (message->message);
  tgp_payment_response_free (message->response);
  g_free (message->error_code);
  g_free (message->error_message);
  g_free (message);
}

static gboolean
invalid (GError **error, const char *text)
{
  g_set_error_literal (error, TGP_ERROR, TGP_ERROR_INVALID_FIELD, text);
  return FALSE;
}

static gboolean
read_capabilities (TgpValue root, guint *out, GError **error)
{
  TgpValue array = tgp_value_member (root, "capabilities");

  if (!tgp_value_exists (array))
    return TRUE;
  if (tgp_value_type (array) != TGP_JSON_ARRAY)
    return invalid (error, "capabilities must be an array");
  for (TgpValue item = tgp_value_first (array); item.json != NULL; item = tgp_value_next (item))
    for (guint i = 0; i < G_N_ELEMENTS (capabilities); i++)
      if (tgp_value_equal (item, capabilities[i]))
        *out |= 1u << i;
  return TRUE;
}

static gboolean
read_hello (TgpValue root, TgpTerminalMessage *message, GError **error)
{
  TgpValue metadata = tgp_value_member (root, "metadata");
  gsize length;

  if (tgp_value_exists (metadata))
    {
      tgp_value_raw (metadata, &length);
      if (tgp_value_type (metadata) != TGP_JSON_OBJECT || length > METADATA_MAX)
        return invalid (error, "metadata must be an object of at most 4 KiB");
      message->metadata = tgp_value_dup_raw (metadata);
    }
  if (!read_capabilities (root, &message->capabilities, error) ||
      !tgp_get_optional_string (root, "journalId", JOURNAL_ID_MAX, &message->journal_id, error))
    return FALSE;
  return !tgp_value_exists (tgp_value_member (root, "activeTransactions")) ||
         tgp_get_id_array (root, "activeTransactions", ACTIVE_MAX, &message->active, error);
}

static gboolean
read_progress (TgpValue root, TgpTerminalMessage *message, GError **error)
{
  if (!tgp_get_string (root, "stage", TGP_STAGE_MAX, &message->stage, error) ||
      !tgp_get_optional_string (root, "message", TGP_TEXT_MAX, &message->message, error))
    return FALSE;
  return message->stage[0] != '\0' || invalid (error, "stage must not be empty");
}

static gboolean
read_word (TgpValue root, const char *name, const char *const *words, guint n, guint *out, GError **error)
{
  TgpValue value = tgp_value_member (root, name);

  if (!tgp_value_exists (value))
    {
      g_set_error (error, TGP_ERROR, TGP_ERROR_MISSING_FIELD, "%s is required", name);
      return FALSE;
    }
  for (*out = 0; *out < n; (*out)++)
    if (tgp_value_equal (value, words[*out]))
      return TRUE;
  g_set_error (error, TGP_ERROR, TGP_ERROR_INVALID_FIELD, "%s has a value that is not known", name);
  return FALSE;
}

/* The answer counts; what is said about it is taken if it is fit to be. */
static gboolean
read_void_response (TgpValue root, TgpTerminalMessage *message, GError **error)
{
  guint answer;

  if (!read_word (root, "status", void_answers, G_N_ELEMENTS (void_answers), &answer, error))
    return FALSE;
  message->void_answer = (TgpVoidAnswer) answer;
  tgp_get_optional_string (root, "errorCode", TGP_TEXT_MAX, &message->error_code, NULL);
  tgp_get_optional_string (root, "errorMessage", TGP_TEXT_MAX, &message->error_message, NULL);
  return TRUE;
}

static gboolean
read_response (TgpValue root, TgpTerminalMessage *message, GError **error)
{
  TgpValue response;

  if (!tgp_get_object (root, "paymentResponse", &response, error))
    return FALSE;
  /* A result that names its payment inside only is a result. */
  if (!tgp_value_exists (tgp_value_member (root, "transactionId")) &&
      tgp_value_exists (tgp_value_member (response, "transactionId")))
    root = response;
  if (!tgp_get_id (root, "transactionId", &message->transaction_id, error))
    return FALSE;
  message->response = tgp_payment_response_read (response, error);
  return message->response != NULL;
}

static gboolean
read_members (TgpValue root, TgpTerminalMessage *message, GError **error)
{
  static const char *const states[] = { "UNKNOWN", "IN_PROGRESS" };
  gboolean is_result =
    message->action == TGP_TERMINAL_PAYMENT_RESPONSE || message->action == TGP_TERMINAL_VOID_RESPONSE;
  guint state;

  /* A result is not lost for a bad requestId: it is answered without. */
  if (!tgp_get_optional_string (root, "requestId", TGP_REQUEST_ID_MAX, &message->request_id,
                                is_result ? NULL : error) &&
      !is_result)
    return FALSE;
  if (message->action == TGP_TERMINAL_HELLO)
    return read_hello (root, message, error);
  if (message->action == TGP_TERMINAL_PING)
    return TRUE;
  if (message->action == TGP_TERMINAL_PAYMENT_RESPONSE)
    return read_response (root, message, error);

  if (!tgp_get_id (root, "transactionId", &message->transaction_id, error))
    return FALSE;
  switch ((int) message->action)
    {
    case TGP_TERMINAL_PAYMENT_PROGRESS:
      return read_progress (root, message, error);
    case TGP_TERMINAL_PAYMENT_STATUS:
      if (!read_word (root, "state", states, G_N_ELEMENTS (states), &state, error))
        return FALSE;
      message->in_progress = state == 1;
      return TRUE;
    case TGP_TERMINAL_VOID_RESPONSE:
      return read_void_response (root, message, error);
    case TGP_TERMINAL_PAYMENT_ACCEPTED:
    default:
      return TRUE;
    }
}

TgpTerminalMessage *
tgp_terminal_message_decode (const char *text, gsize length, TgpMessageHint *hint, GError **error)
{
  g_autoptr (TgpJson) json = NULL;
  g_autoptr (TgpTerminalMessage) message = NULL;
  gboolean unknown;
  TgpValue root;
  int action;

  if (hint != NULL)
    *hint = (TgpMessageHint){ NULL, NULL, FALSE };
  json = tgp_json_parse_object (text, length, error);
  if (json == NULL)
    return NULL;
  root = tgp_json_root (json);
  action = tgp_read_action (root, actions, G_N_ELEMENTS (actions), &unknown, error);
  if (action >= 0)
    {
      message = tgp_terminal_message_new ((TgpTerminalAction) action);
      if (read_members (root, message, error))
        return g_steal_pointer (&message);
    }
  tgp_fill_hint (root, "paymentResponse", hint);
  return NULL;
}

static void
write_hello (TgpJsonWriter *writer, const TgpTerminalMessage *message)
{
  tgp_json_raw (writer, "metadata", message->metadata != NULL ? message->metadata : "{}");
  tgp_json_open_array (writer, "capabilities");
  for (guint i = 0; i < G_N_ELEMENTS (capabilities); i++)
    if (message->capabilities & (1u << i))
      tgp_json_string (writer, NULL, capabilities[i]);
  tgp_json_close_array (writer);
  tgp_json_optional_string (writer, "journalId", message->journal_id);
  tgp_write_ids (writer, "activeTransactions", message->active);
}

char *
tgp_terminal_message_encode (const TgpTerminalMessage *message)
{
  TgpJsonWriter writer;

  g_return_val_if_fail ((guint) message->action < G_N_ELEMENTS (actions), NULL);
  tgp_open_message (&writer, actions[message->action], message->request_id);
  tgp_json_optional_string (&writer, "transactionId", message->transaction_id);
  switch (message->action)
    {
    case TGP_TERMINAL_HELLO:
      write_hello (&writer, message);
      break;
    case TGP_TERMINAL_PAYMENT_PROGRESS:
      tgp_json_string (&writer, "stage", message->stage);
      tgp_json_optional_string (&writer, "message", message->message);
      break;
    case TGP_TERMINAL_PAYMENT_RESPONSE:
      tgp_payment_response_write (&writer, "paymentResponse", message->response);
      break;
    case TGP_TERMINAL_PAYMENT_STATUS:
      tgp_json_string (&writer, "state", message->in_progress ? "IN_PROGRESS" : "UNKNOWN");
      break;
    case TGP_TERMINAL_VOID_RESPONSE:
      tgp_json_string (&writer, "status", void_answers[message->void_answer]);
      tgp_json_optional_string (&writer, "errorCode", message->error_code);
      tgp_json_optional_string (&writer, "errorMessage", message->error_message);
      break;
    case TGP_TERMINAL_PAYMENT_ACCEPTED:
    case TGP_TERMINAL_PING:
    default:
      break;
    }
  return tgp_close_message (&writer);
}
