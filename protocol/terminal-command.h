/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the gateway tells a terminal (section 6). */
#pragma once

#include "protocol/payment.h"
#include "protocol/states.h"

G_BEGIN_DECLS

typedef enum
{
  TGP_COMMAND_CONNECTED,
  TGP_COMMAND_PAYMENT_REQUEST,
  TGP_COMMAND_GET_PAYMENT_STATUS,
  TGP_COMMAND_CANCEL_PAYMENT,
  TGP_COMMAND_VOID_PAYMENT,
  TGP_COMMAND_PAYMENT_RESPONSE_ACK,
  TGP_COMMAND_PONG,
  TGP_COMMAND_FORCE_DISCONNECT,
  TGP_COMMAND_ERROR,
  TGP_COMMAND_OTHER /* unknown action: ignore */
} TgpCommandAction;

/* Encoders. pong, error and forceDisconnect are those of pos-event.h. */
char *tgp_encode_terminal_connected (const char *connection_id, const char *device_id, const char *group_id,
                                     gint64 server_time, guint heartbeat_seconds) G_GNUC_WARN_UNUSED_RESULT;
/* request: JSON object text. */
char *tgp_encode_payment_request (const char *transaction_id, const char *terminal_id,
                                  const char *request) G_GNUC_WARN_UNUSED_RESULT;
/* action: "getPaymentStatus" or "cancelPayment" */
char *tgp_encode_transaction_command (const char *action,
                                      const char *transaction_id) G_GNUC_WARN_UNUSED_RESULT;
char *tgp_encode_void_payment (const char *transaction_id, const char *reason,
                               const char *original_response) G_GNUC_WARN_UNUSED_RESULT;
/* status: a TgpStatus, or -1 for "UNKNOWN" (an orphan). */
char *tgp_encode_payment_response_ack (const char *transaction_id, int status) G_GNUC_WARN_UNUSED_RESULT;

typedef struct
{
  TgpCommandAction action;
  char *transaction_id, *terminal_id, *connection_id, *device_id, *group_id;
  gint64 server_time, heartbeat_seconds;
  TgpPaymentRequest *payment;       /* paymentRequest */
  char *reason;                     /* voidPayment, forceDisconnect */
  char *original_response;          /* voidPayment: JSON text */
  int status;                       /* paymentResponseAck: TgpStatus or -1 */
  gboolean reconnect_allowed;       /* forceDisconnect */
  char *error_code, *error_message; /* error; forceDisconnect's message */
} TgpTerminalCommand;
void tgp_terminal_command_free (TgpTerminalCommand *command);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TgpTerminalCommand, tgp_terminal_command_free)
TgpTerminalCommand *tgp_terminal_command_decode (const char *text, gsize length, GError **error);

G_END_DECLS
