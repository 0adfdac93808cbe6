/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the client remembers: its payments, and which outcomes the application has been told. Everything that
 * must survive a restart passes through here on its way to the journal: before it is sent, before the
 * application hears of it, before the gateway may forget it. */
#pragma once

#include "libtgwclient/tgw-entry.h"
#include "libtgwclient/tgw-journal.h"
#include "protocol/payment.h"

G_BEGIN_DECLS

typedef struct _TgwLedger TgwLedger;

TgwLedger *tgw_ledger_new (void);
void tgw_ledger_free (TgwLedger *ledger);
/* Opens the journal and takes in what it holds. Until then nothing can begin. */
gboolean tgw_ledger_open (TgwLedger *ledger, const char *path, GError **error);
/* NULL until opened. */
TgwJournal *tgw_ledger_get_journal (TgwLedger *ledger);
/* Where a damaged journal was put at opening; nullable. */
const char *tgw_ledger_set_aside (TgwLedger *ledger);

/* TgwPayment, oldest first: all that are open or unacknowledged, and the newest others. */
GListModel *tgw_ledger_get_payments (TgwLedger *ledger);
/* Those that are open or unacknowledged. */
GListModel *tgw_ledger_get_unclaimed (TgwLedger *ledger);
/* Also looks into the journal. */
TgwPayment *tgw_ledger_find (TgwLedger *ledger, const char *transaction_id);
/* (element-type TgwPayment) */
GPtrArray *tgw_ledger_list_unresolved (TgwLedger *ledger);

typedef enum
{
  TGW_ID_FRESH,     /* unknown, or refused before anything started */
  TGW_ID_OPEN,      /* the same payment, whose end is not known */
  TGW_ID_CLOSED,    /* the same payment, which has ended */
  TGW_ID_OTHER,     /* a payment with other content, or too old to be the same */
  TGW_ID_UNREADABLE /* the journal cannot be read */
} TgwIdJudgement;

/* What a transaction id stands for. known: (transfer full), for OPEN and CLOSED. */
TgwIdJudgement tgw_ledger_judge (TgwLedger *ledger, const char *terminal_id, const TgpPaymentRequest *request,
                                 TgwPayment **known, GError **error);
/* Before a payment with a fresh id is sent: it is on disk, or there is an error and nothing may be sent.
 * Returns a new reference. */
TgwPayment *tgw_ledger_begin (TgwLedger *ledger, const char *terminal_id, const TgpPaymentRequest *request,
                              const char *metadata, GError **error);
/* It was not sent after all. */
void tgw_ledger_forget (TgwLedger *ledger, TgwPayment *payment);
/* Takes a payment in that this client did not start. On disk with its first news. */
void tgw_ledger_recover (TgwLedger *ledger, TgwPayment *payment);

/* Whether the application has still to be told of this message, which came by way of recovery. */
gboolean tgw_ledger_tell_message (TgwLedger *ledger, TgwPayment *payment, TgwTold kind,
                                  const char *message_id, TgwRecovery recovery);
/* The same for what an answer says. The message of the same news that follows is then old. */
gboolean tgw_ledger_tell_answer (TgwLedger *ledger, TgwPayment *payment, TgwTold kind, TgwRecovery recovery);
/* The gateway has no such payment. No message follows; should one come after all, it is news. */
gboolean tgw_ledger_tell_absence (TgwLedger *ledger, TgwPayment *payment, TgwRecovery recovery);
/* Of a payment that was closed as unknown: its end is known now. */
gboolean tgw_ledger_tell_settled (TgwLedger *ledger, TgwPayment *payment, TgwRecovery recovery);
/* What would have been told had it not been overtaken: its message, too, is then old. */
void tgw_ledger_overtaken (TgwLedger *ledger, TgwPayment *payment, TgwTold kind);
/* The payment moved; for the list of unclaimed ones. */
void tgw_ledger_changed (TgwLedger *ledger, TgwPayment *payment);

/* Of the news from before this run: the oldest that the application has not been handed in this run. FALSE:
 * there is none. Takes a reference to the payment. */
gboolean tgw_ledger_hand_out (TgwLedger *ledger, TgwPayment **payment, TgwTold *kind);
/* revision 0: all. */
gboolean tgw_ledger_acknowledge (TgwLedger *ledger, TgwPayment *payment, guint revision, GError **error);

/* Whether the disk refused something that it still has to take. */
gboolean tgw_ledger_is_dirty (TgwLedger *ledger);
/* Tries once more. */
void tgw_ledger_flush (TgwLedger *ledger);
/* The messages that the disk has since the last call, so that the gateway may forget them; (element-type
 * utf8).
 */
GPtrArray *tgw_ledger_take_safe (TgwLedger *ledger);

/* How often in a row the gateway said that it does not know this payment. */
/* It was sent again: what was missing before says nothing. */
void tgw_ledger_forget_missing (TgwLedger *ledger, TgwPayment *payment);
guint tgw_ledger_missing (TgwLedger *ledger, TgwPayment *payment);
void tgw_ledger_reset_missing (TgwLedger *ledger);

G_END_DECLS
