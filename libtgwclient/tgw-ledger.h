/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the client remembers: its payments, and which outcomes the application has been told. This is the seam
 * for the durable journal: everything that must survive a restart passes through here, before it is sent and
 * before it is acked. */
#pragma once

#include <gio/gio.h>

#include "libtgwclient/tgw-payment.h"

G_BEGIN_DECLS

typedef struct _TgwLedger TgwLedger;

/* The queued messages about a payment. */
typedef enum
{
  TGW_TOLD_COMPLETE = 1 << 0,
  TGW_TOLD_VOIDED = 1 << 1,
  TGW_TOLD_VOID_CONFIRMED = 1 << 2,
  TGW_TOLD_VOID_FAILED = 1 << 3,
  TGW_TOLD_CONFLICT = 1 << 4
} TgwTold;

TgwLedger *tgw_ledger_new (void);
void tgw_ledger_free (TgwLedger *ledger);

/* TgwPayment, oldest first. */
GListModel *tgw_ledger_get_payments (TgwLedger *ledger);
TgwPayment *tgw_ledger_find (TgwLedger *ledger, const char *transaction_id);

/* Before the payment is sent. On failure nothing may be sent. */
gboolean tgw_ledger_begin (TgwLedger *ledger, TgwPayment *payment, GError **error);
/* It was not sent after all. */
void tgw_ledger_forget (TgwLedger *ledger, TgwPayment *payment);
/* Takes a payment in that this client did not start. */
void tgw_ledger_recover (TgwLedger *ledger, TgwPayment *payment);
/* Copies of the open ones; (element-type TgwPayment). */
GPtrArray *tgw_ledger_list_open (TgwLedger *ledger);

gboolean tgw_ledger_seen (TgwLedger *ledger, const char *message_id);
/* Whether the application has still to be told by this message; message_id nullable. Remembers that it was.
 */
gboolean tgw_ledger_tell_message (TgwLedger *ledger, TgwPayment *payment, TgwTold what,
                                  const char *message_id);
/* The same for what an answer to a query says. The message of the same news that follows is then old. */
gboolean tgw_ledger_tell_answer (TgwLedger *ledger, TgwPayment *payment, TgwTold what);

/* How often in a row the gateway said that it does not know this payment. */
guint tgw_ledger_missing (TgwLedger *ledger, TgwPayment *payment);
void tgw_ledger_reset_missing (TgwLedger *ledger);

G_END_DECLS
