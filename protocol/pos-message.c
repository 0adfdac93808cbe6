/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "protocol/pos-message.h"
#include "protocol/error.h"
#include "protocol/message-private.h"
#include "protocol/payment-private.h"

#define MESSAGE_IDS_MAX 1000

/* In the order of TgpPosAction. */
static const char *const actions[] = {
  "getTerminals", "payment", "getTransactionStatus", "cancelPayment", "voidPayment", "ping", "ack"
};

TgpPosMessage *
tgp_pos_message_new (TgpPosAction action)
{
  TgpPosMessage *message = g_new0 (TgpPosMessage, 1);

  message->action = action;
  return message;
}

void
tgp_pos_message_free (TgpPosMessage *message)
{
  if (message == NULL)
    return;
  g_free (message->request_id);
  g_free (message->terminal_id);
  g_free (message->transaction_id);
  tgp_payment_request_free (message->payment);
  g_clear_pointer (&message->message_ids, g_ptr_array_unref);
  g_free (message);
}

static gboolean
read_payment (TgpValue root, TgpPosMessage *message, GError **error)
{
  TgpValue request;

  if (!tgp_get_terminal_id (root, "terminalId", &message->terminal_id, error) ||
      !tgp_get_object (root, "paymentRequest", &request, error))
    return FALSE;
  message->payment = tgp_payment_request_read (request, error);
  if (message->payment == NULL)
    return FALSE;
  message->transaction_id = g_strdup (message->payment->transaction_id);
  return TRUE;
}

static gboolean
read_members (TgpValue root, TgpPosMessage *message, GError **error)
{
  if (!tgp_get_optional_string (root, "requestId", TGP_REQUEST_ID_MAX, &message->request_id, error))
    return FALSE;
  switch (message->action)
    {
    case TGP_POS_PAYMENT:
      return read_payment (root, message, error);
    case TGP_POS_GET_TRANSACTION_STATUS:
    case TGP_POS_CANCEL_PAYMENT:
    case TGP_POS_VOID_PAYMENT:
      return tgp_get_id (root, "transactionId", &message->transaction_id, error);
    case TGP_POS_ACK:
      return tgp_get_id_array (root, "messageIds", MESSAGE_IDS_MAX, &message->message_ids, error);
    case TGP_POS_GET_TERMINALS:
    case TGP_POS_PING:
    default:
      return TRUE;
    }
}

TgpPosMessage *
tgp_pos_message_decode (const char *text, gsize length, TgpMessageHint *hint, GError **error)
{
  g_autoptr (TgpJson) json = NULL;
  g_autoptr (TgpPosMessage) message = NULL;
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
      message = tgp_pos_message_new ((TgpPosAction) action);
      if (read_members (root, message, error))
        return g_steal_pointer (&message);
    }
  tgp_fill_hint (root, "paymentRequest", hint);
  if (hint != NULL)
    hint->is_payment = action == TGP_POS_PAYMENT;
  return NULL;
}

char *
tgp_pos_message_encode (const TgpPosMessage *message)
{
  TgpJsonWriter writer;

  g_return_val_if_fail ((guint) message->action < G_N_ELEMENTS (actions), NULL);
  tgp_open_message (&writer, actions[message->action], message->request_id);
  tgp_json_optional_string (&writer, "terminalId", message->terminal_id);
  if (message->action == TGP_POS_PAYMENT && message->payment != NULL)
    tgp_payment_request_write (&writer, "paymentRequest", message->payment);
  else
    tgp_json_optional_string (&writer, "transactionId", message->transaction_id);
  if (message->action == TGP_POS_ACK)
    tgp_write_ids (&writer, "messageIds", message->message_ids);
  return tgp_close_message (&writer);
}
