/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of the engine share: registry of terminals, sessions of POS keys, open payments, whoever
 * waits. All of it can be forgotten and read again from the store; nothing here is decided upon. */
#pragma once

#include "gateway/core/deadlines.h"
#include "gateway/core/engine.h"
#include "gateway/core/planted.h"
#include "mailbox/mailbox.h"
#include "protocol/id.h"

G_BEGIN_DECLS

typedef struct _GwTerminal GwTerminal;
typedef struct _GwPos GwPos;
typedef struct _GwPayment GwPayment;
typedef struct _GwGroup GwGroup;

/* A WebSocket connection. */
typedef struct
{
  guint64 id;
  GwKey *key;
  gint64 epoch;         /* 0: its attach is on the way */
  GwTerminal *terminal; /* one of the two, once attached */
  GwPos *pos;
  char *connection_id;
  char *address, *user_agent; /* nullable */
  gint64 since;
  guint acks_in_flight : 30;
  guint ready : 1; /* upgraded: may be sent to */
  guint gone : 1;  /* went down while its attach was on the way */
} GwLink;

struct _GwGroup
{
  char *group_id;
  GPtrArray *pos;        /* GwPos with a link; borrowed */
  GHashTable *terminals; /* slot -> GwTerminal; owned */
};

/* A terminal that is gone, and may still be back in time. */
typedef struct
{
  GwDeadline deadline;
  gint64 grace_expires_at; /* wall, for people */
} GwReconnect;

/* A terminal that is here, or has been. */
struct _GwTerminal
{
  GwGroup *group;
  GwDevice *device; /* its latest row */
  GwLink *link;     /* NULL: away */
  TgpTerminalStatus status;
  gboolean dirty; /* POS are to be told */
  char *holder;   /* transaction that keeps it busy; nullable */
  gint64 last_activity;
  GwReconnect *reconnect; /* while reconnecting */
};

/* A POS key: its active connection and its mailbox cursor. */
struct _GwPos
{
  GwGroup *group;
  GwKey *key;
  char *actor;
  GwLink *link;      /* NULL: none */
  guint64 displaces; /* the link that is told to go once this one is ready; 0: none */
  gint64 epoch;
  char *session_id;      /* active HTTP session; nullable */
  gboolean session_seen; /* in this run of the gateway */
  char *address, *user_agent;
  gint64 since;
  gboolean acks;
  Mailbox mailbox;
  GPtrArray *polls; /* GwWait of /v1/messages */
};

/* An HTTP caller that waits: for an outcome, or for messages. */
typedef struct
{
  guint64 link;
  char *request_id;
  char *session_id;
  GwPayment *payment;
  gboolean joined; /* the store has said that it is this payment's */
  GwPos *pos;
  gboolean reading, again; /* a read is on the way; something came meanwhile */
  GwDeadline deadline;
} GwWait;

/* A read that somebody waits for. */
typedef struct
{
  guint64 link;
  char *request_id;
  GwPos *pos;       /* of a mailbox read */
  gboolean mailbox; /* for delivery on pos's link */
  gboolean poll;    /* for the wait of this link */
  gboolean doubt;   /* doubt.c's own: how to refuse it */
  TgpErrorCode code;
  char *message; /* nullable */
} GwAsked;

/* A payment that is open, being reversed, or on its way into the store. */
struct _GwPayment
{
  char *name; /* group and id */
  GwPos *pos; /* nullable: the key is not here (rotated, another node) */
  GwTerminal *terminal;
  GwTransaction *row; /* as last heard from the store; NULL: on its way */
  guint planned;      /* GW_OP_PAY under way */
  guint entering;     /* POSTs of it whose session is on its way into the store */
  guint looking;      /* refusals that wait for a look into the store */
  guint suppress; /* cancels before it was sent, and doubts, that are under way: it is not sent meanwhile */
  gboolean sent, accepted, cancel_sent;
  GwDeadline next;      /* one of the kinds below */
  GwDeadline limit;     /* of the payment; once it is final, of its reversal */
  GPtrArray *waits;     /* GwWait; nullable */
  GPtrArray *questions; /* GwQuestion: how does it stand? Asked while it is on its way; nullable */
};

typedef enum
{
  GW_DEADLINE_ACCEPT,  /* no paymentAccepted: probe */
  GW_DEADLINE_SILENCE, /* no progress: cancel */
  GW_DEADLINE_CANCEL,  /* no answer to that: give up */
  GW_DEADLINE_GRACE,
  GW_DEADLINE_VOID,         /* say voidPayment again */
  GW_DEADLINE_VOID_OVERDUE, /* nobody answers that */
  GW_DEADLINE_LIMIT,
  GW_DEADLINE_WAIT,      /* a long poll */
  GW_DEADLINE_QUESTION,  /* of one who asks about a payment that does not arrive in the store */
  GW_DEADLINE_RECONNECT, /* an idle terminal counts as offline */
  GW_DEADLINE_RETRY      /* the store was away */
} GwDeadlineKind;

struct _GwEngine
{
  GwSettings settings;
  GwClock clock;
  GwStore store;
  GwBus bus;
  GwLinks links_port;

  GHashTable *keys;       /* api_key -> GwKey */
  GHashTable *keys_by_id; /* key_id -> GwKey */
  GHashTable *links;      /* &id -> GwLink */
  GHashTable *groups;     /* group_id -> GwGroup */
  guint n_terminals;
  GHashTable *connections; /* connection_id -> GwTerminal, attached ones */
  GHashTable *pos;         /* key_id -> GwPos */
  GHashTable *payments;    /* name -> GwPayment */
  GHashTable *waits;       /* &link -> GwWait */
  GHashTable *asked;       /* &token -> GwAsked */
  GwDeadlines deadlines;
  GPtrArray *dirty; /* GwTerminal */

  GHashTable *signatures[2]; /* seen fingerprints: this window's, the one before */
  gint64 signatures_since;
  GArray *new_signatures; /* not yet in the store */

  GQueue retries;       /* GwOperation */
  gboolean store_fails; /* nothing of the last batch was stored */
  GwDeadline retry;
  guint in_flight;
  GQueue submitted; /* monotonic ms of what is in flight, oldest first */
  guint64 next_token;
  gboolean draining;
  guint64 n_payments, n_completed, n_failed, n_cancelled, n_voided, n_messages;

  void (*ready) (gpointer data, const GError *error);
  gpointer ready_data;
  guint starting; /* loads and restarts that are on the way */
  GError *start_error;
};

/* --- engine.c --- */
gint64 gw_now (GwEngine *engine);  /* wall */
gint64 gw_mono (GwEngine *engine); /* monotonic */
GwOperation *gw_begin (GwEngine *engine, GwOperationKind kind);
/* How long it is now until an instant that the operation set: the store took its time, and the wall clock may
 * have jumped. */
gint64 gw_left_until (GwEngine *engine, const GwOperation *op, gint64 wall);
void gw_submit (GwEngine *engine, GwOperation *operation);
/* 128 random bits in 22 characters. */
char *gw_make_connection_id (GwEngine *engine);
/* One that comes; its attach is on the way. */
GwLink *gw_link_new (GwEngine *engine, const GwCaller *caller, const char *address, const char *user_agent);
/* On which connection somebody asks; a new reference. NULL: HTTP has none. */
char *gw_connection_of (GwEngine *engine, const GwCaller *caller);
void gw_make_id (GwEngine *engine, char buffer[TGP_UUID_SIZE]);
/* Makes it durable by its own row, where no payment carries it. */
void gw_engine_keep_signature (GwEngine *engine, guint64 fingerprint);
/* Numbers of all links (guint64): closing one may end another, so a loop looks each up again. */
GArray *gw_link_ids (GwEngine *engine);
GwLink *gw_find_link (GwEngine *engine, guint64 id);
void gw_arm (GwEngine *engine, GwDeadline *deadline, GwDeadlineKind kind, gpointer owner, gint64 delay_ms);
void gw_disarm (GwEngine *engine, GwDeadline *deadline);
void gw_send (GwEngine *engine, GwLink *link, char *text); /* takes text */
void gw_answer (GwEngine *engine, guint64 link, GwAnswer *answer);
/* About a payment: with a verdict. message NULL: the usual one. */
void gw_answer_error (GwEngine *engine, guint64 link, const char *request_id, TgpErrorCode code,
                      const char *message);
void gw_answer_payment_error (GwEngine *engine, guint64 link, const char *request_id, TgpErrorCode code,
                              const char *message, const char *transaction_id, const char *held_by,
                              gint64 grace_expires_at);
void gw_answer_payment_error_with (GwEngine *engine, guint64 link, const char *request_id, TgpErrorCode code,
                                   const char *message, const char *transaction_id,
                                   const TgpVerdict *verdict);
/* Says forceDisconnect; for the engine the link is down from here on. */
void gw_disconnect (GwEngine *engine, GwLink *link, const TgpForceDisconnect *why);
const char *gw_usual_message (TgpErrorCode code);
char *gw_hold (char *ref_string); /* g_ref_string_acquire, NULL is NULL */

/* --- engine-audit.c --- */
void gw_audit_of_key (GwEngine *engine, const GwKey *key, const char *actor, const char *what,
                      const char *detail);
/* A live connection or session was ended by another one. The addresses may be NULL. */
void gw_audit_displacement (GwEngine *engine, const GwKey *key, const char *actor, const char *from,
                            const char *by);

/* --- doubt.c --- */
/* An operation that failed for want of a store: answers, or puts it by for another try. TRUE: it was taken.
 */
gboolean gw_not_stored (GwEngine *engine, GwOperation *operation);
/* Must it wait behind those that are tried again? */
gboolean gw_is_behind (GwEngine *engine, const GwOperation *operation);
void gw_arm_retry (GwEngine *engine);
void gw_retry_all (GwEngine *engine);
/* Refuses a payment that was not looked at, with the verdict of the one that has its id, if there is one.
 * message: static. */
void gw_refuse_unless_known (GwEngine *engine, guint64 link, const char *request_id, const char *group_id,
                             const char *transaction_id, TgpErrorCode code, const char *message);
/* What is said of a payment that has this id, or is about to. payment nullable. */
TgpVerdict gw_verdict_if_known (const GwPayment *payment, TgpVerdict otherwise);
void gw_doubt_looked (GwEngine *engine, GwOperation *op);
void gw_doubt_read_done (GwEngine *engine, const GwAsked *asked, GwRead *read);

/* --- registry.c --- */
GwGroup *gw_registry_group (GwEngine *engine, const char *group_id);
GwTerminal *gw_registry_find (GwEngine *engine, const char *group_id, const char *slot);
/* Makes it if needed; takes the row's reference as the latest. */
GwTerminal *gw_registry_update (GwEngine *engine, GwDevice *device);
/* Forgets those that the store has swept. */
void gw_registry_sweep (GwEngine *engine, gint64 devices_before);
/* Only one that nobody is connected as. */
void gw_registry_forget (GwEngine *engine, GwTerminal *terminal);
/* deviceId in the group, then connectionId; NULL and *code otherwise. */
GwTerminal *gw_registry_resolve (GwEngine *engine, const char *group_id, const char *terminal_id,
                                 TgpErrorCode *code);
void gw_registry_set_link (GwEngine *engine, GwTerminal *terminal, GwLink *link);
/* The last two while it is reconnecting: the instant for people, the period for the clock that never jumps.
 */
void gw_registry_set_status (GwEngine *engine, GwTerminal *terminal, TgpTerminalStatus status,
                             gint64 grace_expires_at, gint64 grace_ms);
/* The store's word on who holds the terminal. */
void gw_registry_note_row (GwEngine *engine, const GwTransaction *row);
void gw_registry_view (const GwTerminal *terminal, TgpTerminalView *view);
/* Until when it may be back; 0: it is here, or it is too late. */
gint64 gw_registry_grace (const GwTerminal *terminal);
gboolean gw_registry_is_listed (const GwTerminal *terminal);
/* Tells the POS of the group what became of terminals since the last call. */
void gw_registry_flush (GwEngine *engine);
void gw_terminal_free (GwTerminal *terminal);

/* --- mailbox.c --- */
void gw_mailbox_init (GwEngine *engine, GwPos *pos);
void gw_mailbox_open (GwPos *pos); /* a link is ready: everything unacked goes out, in order */
void gw_mailbox_new_message (GwEngine *engine, GwPos *pos, GwMessage *message);
/* Looks at all that waits once more, and sends what did not go out yet. */
void gw_mailbox_rewind (GwEngine *engine, GwPos *pos);
/* The store has let go of what was too old. */
void gw_mailbox_swept (GwEngine *engine);
/* The same of every key, after a commit that did not say how it ended. */
void gw_mailbox_doubt (GwEngine *engine);
void gw_mailbox_read_done (GwPos *pos, GwRead *read);

/* --- engine-pos.c --- */
GwPos *gw_pos_find (GwEngine *engine, GwKey *key); /* makes it */
GwPos *gw_pos_find_by_id (GwEngine *engine, const char *key_id);
void gw_pos_free (GwPos *pos);
void gw_pos_note_session (GwEngine *engine, GwSession *session);
void gw_pos_link_down (GwEngine *engine, GwLink *link);
void gw_pos_attached (GwEngine *engine, GwOperation *op);
void gw_pos_acked (GwEngine *engine, GwOperation *op);
/* The first look into the mailbox of a new link: now it may be upgraded. */
void gw_pos_mailbox_known (GwEngine *engine, GwPos *pos, guint count);
/* That look failed: it may not. */
void gw_pos_mailbox_unknown (GwEngine *engine, GwPos *pos);

/* --- engine-ask.c --- */
void gw_asked_free (GwAsked *asked);
guint64 gw_note_asked (GwEngine *engine, guint64 link, const char *request_id, GwAsked **asked);
void gw_pos_read_done (GwEngine *engine, guint64 token, GwRead *read);
void gw_pos_read_mailbox (GwEngine *engine, GwPos *pos, gint64 after, guint limit);
void gw_pos_poll_timeout (GwEngine *engine, GwWait *wait);
void gw_pos_wake_polls (GwEngine *engine, GwPos *pos);

/* --- engine-wait.c --- */
/* Keeps a question about a payment that is on its way into the store until it is there. FALSE: it is not. */
gboolean gw_payment_question (GwEngine *engine, GwRead *read);
/* The store has said how the insertion went: what it answers from now on is the truth. */
void gw_payment_ask_now (GwEngine *engine, GwPayment *payment);
void gw_wait_free (GwWait *wait);
void gw_wait_end (GwEngine *engine, GwWait *wait);
void gw_wait_timeout (GwEngine *engine, GwWait *wait);
/* Begins when it is asked for: the store may be what hangs. */
void gw_payment_wait (GwEngine *engine, GwPayment *payment, const GwOperation *op);
/* NULL: nobody waits on that link any more. */
GwWait *gw_wait_find (GwEngine *engine, guint64 link);
void gw_question_timeout (GwEngine *engine, gpointer question);
/* A POST of it waits for its session: it is about to be planned. */
void gw_payment_enters (GwEngine *engine, const GwOperation *op);
/* It may be planned now; and it was, or will not be. */
void gw_payment_may_enter (GwEngine *engine, const GwOperation *op);
void gw_payment_entered (GwEngine *engine, const GwOperation *op);
void gw_payment_end_waits (GwEngine *engine, GwPayment *payment);
void gw_payment_displace_waits (GwEngine *engine, GwPos *pos, const char *session_id);
void gw_answer_outcome (GwEngine *engine, guint64 link, const char *request_id, GwTransaction *row);

/* --- engine-pay.c --- */
GwPayment *gw_payment_find (GwEngine *engine, const char *group_id, const char *transaction_id);
GwPayment *gw_payment_make (GwEngine *engine, const char *group_id, const char *transaction_id);
void gw_payment_free (GwPayment *payment);
const char *gw_payment_id (const GwPayment *payment);
/* Is it there, or under way? payment nullable. */
gboolean gw_payment_is_known (const GwPayment *payment);
/* Nothing left to do for it here? */
void gw_payment_forget_when_done (GwEngine *engine, GwPayment *payment);
void gw_pay_done (GwEngine *engine, GwOperation *op);
void gw_abandoned (GwEngine *engine, GwOperation *op);
void gw_cancel_done (GwEngine *engine, GwOperation *op);
GwOperation *gw_begin_for_caller (GwEngine *engine, const GwCaller *caller, GwOperationKind kind,
                                  const char *transaction_id);
/* The verdict is that of the payment as it stands. */
void gw_refuse_wish (GwEngine *engine, const GwOperation *op);
/* The connection of its terminal; NULL: away. */
GwLink *gw_payment_link (const GwPayment *payment);
/* A row changed: deadlines, waiters, messages, registry, counters follow. */
void gw_payment_changed (GwEngine *engine, const GwOperation *op, GwTransaction *row);
/* The same, for a row that was only looked at; kind: of what may have changed it. */
void gw_payment_reread (GwEngine *engine, GwOperationKind kind, GwTransaction *row);

/* --- engine-terminal.c --- */
void gw_terminal_attached (GwEngine *engine, GwOperation *op);
void gw_terminal_link_down (GwEngine *engine, GwLink *link);
void gw_terminal_lost (GwEngine *engine, GwOperation *op);
void gw_terminal_greeted (GwEngine *engine, GwOperation *op);
void gw_terminal_result_done (GwEngine *engine, GwOperation *op);
void gw_terminal_status_done (GwEngine *engine, GwOperation *op);
void gw_terminal_send_payment (GwEngine *engine, GwPayment *payment);
void gw_terminal_send_cancel (GwEngine *engine, GwPayment *payment);
void gw_payment_deadline (GwEngine *engine, GwPayment *payment, GwDeadlineKind kind);

/* --- engine-void.c --- */
void gw_void_done (GwEngine *engine, GwOperation *op);
void gw_terminal_send_void (GwEngine *engine, GwPayment *payment);
void gw_terminal_void_answered (GwEngine *engine, GwOperation *op);
/* Of a payment that is final: what is still to be said to its terminal, and for how long alone. */
void gw_void_follow (GwEngine *engine, GwPayment *payment);
void gw_void_overdue (GwEngine *engine, GwPayment *payment);
/* The terminals of this key will not answer any more: staff need not wait to be told. */
void gw_void_key_gone (GwEngine *engine, const char *key_id);

/* --- engine-staff.c --- */
void gw_engine_note_key (GwEngine *engine, GwKey *key);
/* How many connections of a key (or the one with this connectionId) were closed. */
guint gw_close_links (GwEngine *engine, const char *key_id, const char *connection_id,
                      gboolean reconnect_allowed);
void gw_staff_done (GwEngine *engine, GwOperation *op);
/* The store's word about a key and who has its place: the directory may not have heard of it. */
void gw_key_looked (GwEngine *engine, GwKey *key, GwKey *successor);

/* --- start.c --- */
void gw_start_read_done (GwEngine *engine, GwRead *read);
void gw_start_restarted (GwEngine *engine, GwOperation *op);
void gw_start_step_done (GwEngine *engine);

#define GW_START_TOKEN 1 /* reads of the start; others count from 2 */

G_END_DECLS
