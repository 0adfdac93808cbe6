/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a payment hears what became of it. Its states only move forward: an older word of the gateway changes
 * nothing. */
#pragma once

#include "libtgwclient/tgw-payment.h"
#include "protocol/payment.h"
#include "protocol/pos-event.h"
#include "protocol/transaction.h"

G_BEGIN_DECLS

struct _TgwPayment
{
  GObject parent_instance;

  char *transaction_id;
  char *terminal_id; /* nullable: not known yet */
  TgwPaymentState state;
  TgwOutcome outcome;
  TgwVerdict *verdict;
  gint64 amount;
  gint64 requested_amount; /* 0: not known */
  char currency[4];
  gboolean amount_confirmed;
  char *stage;
  char *message;
  GDateTime *grace_deadline;
  TgwVoidStatus void_status;
  char *void_reason;
  char *authorization_code;
  char *error_code;
  char *error_message;
  char *held_by;
  char *response;
  char *receipt;
  char *metadata;    /* JSON text; nullable */
  gint64 started_at; /* ms of the wall clock, as is the next one */
  gint64 updated_at;
  TgwRecovery recovered_from;
  guint revision;      /* of the news told last */
  guint last_revision; /* of the newest */
  gboolean acknowledged;
  gboolean may_be_there;   /* it may have reached the gateway before */
  guint64 sent_on;         /* number of the connection; 0: not in this run */
  guint n_sends;           /* in this run */
  gboolean answer_due;     /* by the gateway, to the request itself */
  int method;              /* TgpMethod; -1: not known */
  char *asked_terminal_id; /* as the till named it; nullable */
};

/* A payment that this client starts, or one (request NULL) that it only hears of. */
TgwPayment *tgw_payment_new (const char *transaction_id, const char *terminal_id,
                             const TgpPaymentRequest *request);

void tgw_payment_accepted (TgwPayment *self, const TgpPosEvent *event);
void tgw_payment_progress (TgwPayment *self, const TgpPosEvent *event);
void tgw_payment_awaiting_reconnect (TgwPayment *self, const TgpPosEvent *event);
/* paymentComplete, paymentVoided, paymentVoidConfirmed, paymentVoidFailed, paymentConflict */
void tgw_payment_outcome (TgwPayment *self, const TgpPosEvent *event);
void tgw_payment_transaction (TgwPayment *self, const TgpTransaction *transaction);
/* An error of the gateway about this payment. */
void tgw_payment_refused (TgwPayment *self, const TgpPosEvent *event);
/* The gateway knows nothing of it: it never arrived. */
void tgw_payment_never_arrived (TgwPayment *self);
/* Whether a transaction of this id, whoever of the group started it, asks for what this payment asked for. */
gboolean tgw_payment_matches (TgwPayment *self, const TgpTransaction *transaction);
/* The id is another till's payment: this one did not start. */
void tgw_payment_foreign (TgwPayment *self);
/* It is so old that the gateway may have forgotten it. */
void tgw_payment_forgotten (TgwPayment *self);
/* The wait ends without an answer. */
void tgw_payment_unknown (TgwPayment *self, const char *why);
/* Somebody waits for the outcome once more: "unknown" is none. */
void tgw_payment_wait_again (TgwPayment *self);
void tgw_payment_set_recovered_from (TgwPayment *self, TgwRecovery recovered_from);
void tgw_payment_set_revision (TgwPayment *self, guint revision);
void tgw_payment_set_acknowledged (TgwPayment *self, gboolean acknowledged);

G_END_DECLS
