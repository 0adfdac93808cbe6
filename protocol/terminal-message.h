/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a terminal sends (section 6). */
#pragma once

#include "protocol/payment.h"
#include "protocol/pos-message.h"

G_BEGIN_DECLS

typedef enum
{
  TGP_TERMINAL_HELLO,
  TGP_TERMINAL_PAYMENT_ACCEPTED,
  TGP_TERMINAL_PAYMENT_PROGRESS,
  TGP_TERMINAL_PAYMENT_RESPONSE,
  TGP_TERMINAL_PAYMENT_STATUS,
  TGP_TERMINAL_VOID_RESPONSE,
  TGP_TERMINAL_PING
} TgpTerminalAction;

typedef enum
{
  TGP_CAPABILITY_CANCEL = 1 << 0,
  TGP_CAPABILITY_VOID = 1 << 1,
  TGP_CAPABILITY_PROGRESS = 1 << 2
} TgpCapabilities;

typedef enum
{
  TGP_VOID_ANSWER_VOIDED,
  TGP_VOID_ANSWER_FAILED,
  TGP_VOID_ANSWER_UNKNOWN
} TgpVoidAnswer;

typedef struct
{
  TgpTerminalAction action;
  char *request_id;             /* nullable */
  char *transaction_id;         /* all but hello and ping */
  char *metadata;               /* hello: JSON object text, <= 4 KiB; nullable */
  guint capabilities;           /* hello: TgpCapabilities; unknown ones are ignored */
  char *journal_id;             /* hello; nullable, <= 64 bytes */
  GPtrArray *active;            /* hello: activeTransactions, ids; nullable */
  char *stage;                  /* paymentProgress: 1-64 bytes */
  char *message;                /* paymentProgress: <= 1 KiB; nullable */
  TgpPaymentResponse *response; /* paymentResponse */
  gboolean in_progress;         /* paymentStatus: IN_PROGRESS, else UNKNOWN */
  TgpVoidAnswer void_answer;    /* voidResponse */
  char *error_code;             /* voidResponse; nullable */
  char *error_message;          /* voidResponse; nullable */
} TgpTerminalMessage;

TgpTerminalMessage *tgp_terminal_message_new (TgpTerminalAction action);
void tgp_terminal_message_free (TgpTerminalMessage *message);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TgpTerminalMessage, tgp_terminal_message_free)
TgpTerminalMessage *tgp_terminal_message_decode (const char *text, gsize length, TgpMessageHint *hint,
                                                 GError **error);
char *tgp_terminal_message_encode (const TgpTerminalMessage *message) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
