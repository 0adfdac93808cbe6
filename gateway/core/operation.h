/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A change to the store: asked by the engine, decided against the rows in core/operation-*.c, applied whole
 * or not at all. Immutable once submitted, but for its result, which is valid when it comes back. */
#pragma once

#include "gateway/core/store.h"
#include "protocol/error.h"
#include "protocol/payment.h"
#include "protocol/terminal-message.h"

G_BEGIN_DECLS

typedef enum
{
  GW_OP_PAY,          /* insert a transaction, or join the one with this id */
  GW_OP_CANCEL,       /* the POS wishes it */
  GW_OP_VOID,         /* the POS asks for a reversal */
  GW_OP_RESULT,       /* the terminal's paymentResponse */
  GW_OP_STATUS,       /* the terminal's paymentStatus */
  GW_OP_VOID_ANSWER,  /* the terminal's voidResponse */
  GW_OP_VOID_OVERDUE, /* nobody answers it */
  GW_OP_LOST,         /* a terminal's connection is gone */
  GW_OP_GRACE_EXPIRED,
  GW_OP_TIMED_OUT, /* no answer, or the payment limit */
  GW_OP_RESTARTED, /* the gateway was down while it was open */
  GW_OP_ABANDON,   /* its insertion was in doubt and nothing was sent: never mind */
  GW_OP_ATTACH_DEVICE,
  GW_OP_HELLO,
  GW_OP_RELEASE,    /* staff: unbind the device, free the terminal */
  GW_OP_RESOLVE,    /* staff: close what needs attention */
  GW_OP_DISCONNECT, /* staff: end who speaks for a key, or one connection */
  GW_OP_ATTACH_SESSION,
  GW_OP_ACK,
  GW_OP_SIGNATURES,
  GW_OP_CREATE_KEY,
  GW_OP_ROTATE_KEY,
  GW_OP_REVOKE_KEY,
  GW_OP_LOOK, /* changes nothing: the row as it stands between what came before and what comes after */
  GW_OP_AUDIT,
  GW_OP_SWEEP,
  GW_N_OPERATIONS
} GwOperationKind;

typedef enum
{
  GW_PENDING, /* not run yet */
  GW_APPLIED,
  GW_UNCHANGED, /* joined, said before, or no longer of interest: row is as it stands */
  GW_REFUSED,   /* code says why; nothing changed (but the signature) */
  GW_FAILED,    /* the store could not: nothing changed, nothing will */
  GW_UNCERTAIN  /* the store does not know: it may have been applied */
} GwOutcome;

typedef struct
{
  GwOutcome outcome;
  TgpErrorCode code;      /* GW_REFUSED */
  char *held_by;          /* PAYMENT_IN_PROGRESS */
  gboolean orphan;        /* GW_OP_RESULT: nobody knows the id */
  GwTransaction *row;     /* as it is now; nullable */
  TgpStatus from_status;  /* row's status before */
  GPtrArray *messages;    /* GwMessage made by this operation; nullable */
  GwMessage *repeat;      /* GW_OP_PAY joined a final one: its message, to be said again; nullable */
  GwDevice *device;       /* devices */
  GPtrArray *obligations; /* GW_OP_ATTACH_DEVICE: GwTransaction */
  GPtrArray *rows;        /* GW_OP_RELEASE: what was touched (GwTransaction) */
  char *left;             /* GW_OP_REVOKE_KEY: what hangs on the key, JSON */
  GwSession *session;
  GwKey *key;
  GwKey *successor; /* of a key that turns out to be rotated already; nullable */
  guint count;      /* GW_OP_ACK: taken off; GW_OP_SWEEP: deleted */
} GwResult;

struct _GwOperation
{
  GwOperationKind kind;
  gint64 now;   /* wall ms */
  gint64 begun; /* the same instant on the engine's monotonic clock */

  /* Whom to answer: the engine's own business. */
  guint64 link;
  char *request_id;
  gboolean quiet;   /* nobody waits */
  gboolean doubted; /* was UNCERTAIN once and is tried again: what it finds unchanged may be its own doing */

  /* What it is about; GRefString or NULL. */
  char *group_id;
  char *transaction_id;
  char *key_id; /* who asks: the POS's key, the terminal's key */
  char *slot;
  char *device_id;
  char *connection_id;     /* of the terminal, or of the session */
  char *caller_connection; /* PAY, CANCEL, VOID: of the POS that asks; NULL over HTTP */
  char *terminal_id;       /* as the POS named it */
  char *actor;             /* for timeline and audit: "pos k_…", "terminal TERM-001", "gateway", "staff" */
  gint64 epoch;            /* of the device or session that speaks; 0: not fenced */

  /* GW_OP_PAY */
  TgpPaymentRequest *payment;
  gboolean refuse; /* not a known id? then refuse with refuse_code: the terminal is unknown, away, … */
  TgpErrorCode refuse_code;
  guint capabilities; /* also HELLO, RESULT: of the terminal */
  char *journal_id;   /* also HELLO, STATUS */
  guint64 signature;  /* fingerprint, 0: none */
  gint64 signature_expires;
  gint64 join_window; /* ms */

  TgpPaymentResponse *response; /* GW_OP_RESULT */
  gboolean in_progress;         /* GW_OP_STATUS */
  TgpVoidAnswer void_answer;    /* GW_OP_VOID_ANSWER */
  gboolean not_sent;            /* GW_OP_CANCEL, GW_OP_LOST: the terminal never got the request */
  gboolean accepted;            /* LOST, STATUS, TIMED_OUT: the terminal had said paymentAccepted */
  gint64 grace_expires_at; /* LOST, ATTACH_DEVICE, RESTARTED: the grace to give; GRACE_EXPIRED: the one that
                              is over */
  char *error_code;        /* TIMED_OUT; VOID_ANSWER; RESOLVE: the state to close it as */
  char *error_message;     /* also the operator's note */
  char *metadata;          /* HELLO */
  char *session_id, *address, *user_agent; /* ATTACH_SESSION */
  GPtrArray *message_ids;                  /* ACK: char *, as the client named them */
  GArray *seqs;                            /* ACK: gint64; filled from message_ids by the operation */
  gboolean explicit_ack;                   /* ACK: said by `ack`, not inferred */
  gboolean force; /* REVOKE_KEY; RELEASE: nobody is connected; LOST: with an earlier run of the gateway;
                     TIMED_OUT: the payment limit, which no grace outlasts */
  GwKey *key;     /* CREATE_KEY, ROTATE_KEY (the successor) */
  GwSignatures *signatures;
  gint64 messages_before, transactions_before, ids_before, devices_before; /* SWEEP */
  guint limit;
  GwOperationKind looked_for; /* LOOK: what is in doubt */

  GwResult result;
};

GwOperation *gw_operation_new (GwOperationKind kind, gint64 now);
void gw_operation_free (GwOperation *operation);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwOperation, gw_operation_free)

/* Runs a batch in one transaction of the tables and fills every result; on a failed or uncertain commit all
 * of them say so. The adapter's thread (or the simulation) calls this. */
void gw_operations_run (GwTables *tables, GwOperation **operations, guint n);

/* One operation inside an open transaction; never fails but through the tables. */
void gw_operation_run (GwTables *tables, GwOperation *operation);

G_END_DECLS
