/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a POS sends over WebSocket (section 5). */
#pragma once

#include "protocol/payment.h"

G_BEGIN_DECLS

typedef enum
{
  TGP_POS_GET_TERMINALS,
  TGP_POS_PAYMENT,
  TGP_POS_GET_TRANSACTION_STATUS,
  TGP_POS_CANCEL_PAYMENT,
  TGP_POS_VOID_PAYMENT,
  TGP_POS_PING,
  TGP_POS_ACK
} TgpPosAction;

typedef struct
{
  TgpPosAction action;
  char *request_id;     /* nullable; <= 128 bytes */
  char *terminal_id;    /* payment */
  char *transaction_id; /* getTransactionStatus, cancelPayment, voidPayment; payment: copy of the request's,
                           nullable */
  TgpPaymentRequest *payment; /* payment */
  GPtrArray *message_ids;     /* ack: char *, at most 1,000 */
} TgpPosMessage;

/* On failure request_id and transaction_id, where they could be read, go into *hint (free with
 * tgp_message_hint_clear), so that the error answer can name them. hint may be NULL. */
typedef struct
{
  char *request_id;
  char *transaction_id;
  gboolean is_payment; /* the action was `payment`: the error carries a verdict */
} TgpMessageHint;
void tgp_message_hint_clear (TgpMessageHint *hint);

TgpPosMessage *tgp_pos_message_new (TgpPosAction action);
void tgp_pos_message_free (TgpPosMessage *message);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TgpPosMessage, tgp_pos_message_free)
TgpPosMessage *tgp_pos_message_decode (const char *text, gsize length, TgpMessageHint *hint, GError **error);
char *tgp_pos_message_encode (const TgpPosMessage *message) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
