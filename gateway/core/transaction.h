/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The row of a payment. Immutable once shared: copy, change, put. Strings are GRefString, so that a copy
 * costs no text. Safe to pass between threads. */
#pragma once

#include "protocol/states.h"
#include "protocol/transaction.h"
#include "protocol/verdict.h"

G_BEGIN_DECLS

/* Facts about a payment; stored as one integer, so the values never change. */
typedef enum
{
  GW_HOLDS_TERMINAL = 1 << 0, /* open or unsettled: no other payment may start on this terminal */
  GW_REVERSING = 1 << 1,      /* voidPayment is repeated until it is answered */
  GW_SETTLED = 1 << 2,        /* the terminal has answered for it */
  GW_ANSWERED = 1 << 3,       /* the outcome is the terminal's own word (or nothing was ever sent to it) */
  GW_ACCEPTED = 1 << 4,       /* the terminal said paymentAccepted, or might have */
  GW_CAN_VOID = 1 << 5,       /* the terminal's capabilities when the payment was sent */
  GW_CAN_CANCEL = 1 << 6,
  GW_CANCEL_REQUESTED = 1 << 7,
  GW_PROVEN_UNSEEN = 1 << 8, /* UNKNOWN, same journal, never accepted */
  GW_CONTRADICTED = 1 << 9,
  GW_AMOUNT_UNCONFIRMED = 1 << 10,
  GW_NEEDS_ATTENTION = 1 << 11, /* derived by gw_transaction_put(); indexed */
  GW_RESOLVED_BY_STAFF = 1 << 12,
  /* What they found: at most one. It stays when the terminal contradicts it, GW_RESOLVED_BY_STAFF does not.
   */
  GW_FOUND_PAID = 1 << 13,
  GW_FOUND_NOT_PAID = 1 << 14,
  GW_FOUND_REVERSED = 1 << 15,
  GW_VOID_OVERDUE = 1 << 16,  /* reversing, and the terminal has not answered for long */
  GW_CHARGED_AGAIN = 1 << 17, /* contradicted by a success under another authorization code */
  GW_AGREED = 1 << 18         /* closed, found paid, and its terminal then said the same: it stands */
} GwTransactionFlags;

#define GW_FOUND (GW_FOUND_PAID | GW_FOUND_NOT_PAID | GW_FOUND_REVERSED)

typedef struct
{
  gatomicrefcount refs;
  gint64 row_id; /* the adapter's own handle; 0 until it is stored */
  char *group_id;
  char *transaction_id;
  char *key_id;        /* the POS's */
  char *terminal_id;   /* as first sent */
  char *slot;          /* its deviceId, or "@" keyId of a terminal without one */
  char *device_id;     /* nullable */
  char *connection_id; /* of the terminal, when it was sent */
  char *terminal_key_id;
  char *journal_id; /* the terminal's, when it was sent; nullable */
  TgpStatus status;
  TgpVoidStatus void_status;
  guint flags;
  gint64 amount; /* asked, minor units */
  char currency[4];
  TgpMethod method;
  gint64 charged_amount; /* valid once COMPLETED or VOIDED */
  char charged_currency[4];
  char *request;       /* JSON text */
  char *response;      /* JSON text; nullable */
  char *conflict;      /* JSON text of the contradicting response; nullable */
  char *error_code;    /* nullable */
  char *error_message; /* nullable */
  char *void_reason;   /* nullable */
  gint64 created_at;   /* ms; 0: not yet */
  gint64 updated_at;
  gint64 completed_at;
  gint64 voided_at;
  gint64 grace_expires_at;
  gint64 outcome_seq; /* mailbox row of paymentComplete; 0: none */
  gint64 void_seq;    /* mailbox row of paymentVoided; 0: none */
  guint timeline_length;
} GwTransaction;

GwTransaction *gw_transaction_new (void);
GwTransaction *gw_transaction_copy (const GwTransaction *transaction);
GwTransaction *gw_transaction_ref (GwTransaction *transaction);
void gw_transaction_unref (GwTransaction *transaction);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwTransaction, gw_transaction_unref)

/* Makes a GRefString member the same text as another one; NULL is NULL. */
void gw_share_text (char **member, char *ref_string);
/* Replaces a GRefString member; value may be NULL. */
void gw_set_text (char **member, const char *value);

static inline gboolean
gw_transaction_has (const GwTransaction *transaction, guint flag)
{
  return (transaction->flags & flag) != 0;
}
/* PENDING or AWAITING_RECONNECT */
gboolean gw_transaction_is_open (const GwTransaction *transaction);
gboolean gw_transaction_needs_attention (const GwTransaction *transaction);
/* May staff say how it really ended? Not while it is open, nor when its terminal's word leaves no doubt. */
gboolean gw_transaction_is_in_question (const GwTransaction *transaction);
TgpVerdict gw_transaction_verdict (const GwTransaction *transaction);
/* The deviceId if there is one, else what the POS called it. */
const char *gw_transaction_terminal (const GwTransaction *transaction);
/* PaymentResponse.status for a final state: VOIDED reads as FAILED. */
TgpResult gw_transaction_result (const GwTransaction *transaction);
/* The terminal's response, or the one that stands in for it (status, amount, error code), as JSON text. */
char *gw_transaction_response_json (const GwTransaction *transaction) G_GNUC_WARN_UNUSED_RESULT;
/* A view for the wire; all strings borrowed from the row. */
void gw_transaction_view (const GwTransaction *transaction, TgpTransaction *view);

G_END_DECLS
