/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The whole system in one thread and one seed: the real core, a store, connections, tills and terminals, and
 * everything that can go wrong between them. One world is one simulated hour, and then the calm in which all
 * must come to its end. */
#pragma once

#include "gateway/core/engine.h"
#include "protocol/terminal-command.h"

G_BEGIN_DECLS

#define SIM_HOUR      (G_GINT64_CONSTANT (3600) * 1000)
#define SIM_CALM      (G_GINT64_CONSTANT (720) * 1000)
#define SIM_GROUP     "store-1"
#define SIM_POS       6
#define SIM_TERMINALS 9 /* by name; a second device of the same name comes on top */

typedef struct _SimWorld SimWorld;
typedef struct _SimPos SimPos;
typedef struct _SimTerminal SimTerminal;
typedef struct _SimConn SimConn;
typedef struct _SimTx SimTx;

typedef enum
{
  SIM_FAULT_CRASH,          /* at any moment */
  SIM_FAULT_CRASH_BEFORE,   /* before the next commit */
  SIM_FAULT_CRASH_AFTER,    /* after it, before its effects */
  SIM_FAULT_CRASH_BETWEEN,  /* between two effects */
  SIM_FAULT_UNCERTAIN_KEPT, /* committed, and nobody says so */
  SIM_FAULT_UNCERTAIN_LOST, /* not committed, and nobody says so */
  SIM_FAULT_COMMIT_FAILED,
  SIM_FAULT_STORE_SLOW,
  SIM_FAULT_STORE_DOWN,
  SIM_FAULT_TERMINAL_CRASH,   /* and back, its journal with it */
  SIM_FAULT_TERMINAL_AMNESIA, /* and back, its journal lost */
  SIM_FAULT_TERMINAL_DROP,
  SIM_FAULT_TERMINAL_HALF_OPEN,
  SIM_FAULT_TERMINAL_ON_EDGE, /* back at 59.999, 60.000 or 60.001 s */
  SIM_FAULT_TERMINAL_FLAPS,   /* several drops within one grace */
  SIM_FAULT_TERMINAL_TWIN,    /* a second device of the same name */
  SIM_FAULT_TERMINAL_GONE,    /* for good, and what it holds with it */
  SIM_FAULT_TERMINAL_STRAY,   /* says things about what was never sent to it */
  SIM_FAULT_TERMINAL_RECANTS, /* takes back what it said */
  SIM_FAULT_TERMINAL_DUPLICATES,
  SIM_FAULT_TERMINAL_REORDERS,
  SIM_FAULT_POS_CRASH,
  SIM_FAULT_POS_AMNESIA,
  SIM_FAULT_POS_DROP,
  SIM_FAULT_POS_HALF_OPEN,
  SIM_FAULT_POS_STORM,      /* one key on several connections and sessions that displace each other */
  SIM_FAULT_POS_FOREIGN_ID, /* a till names another till's transaction */
  SIM_FAULT_POS_AGAIN,      /* a till says the same payment twice */
  SIM_FAULT_STAFF_RESOLVES, /* what needs attention, or might */
  SIM_FAULT_STAFF_ERRS,     /* and finds the wrong thing, before the terminal has handed in the truth */
  SIM_FAULT_STAFF_RELEASES,
  SIM_FAULT_KEY_ROTATED,
  SIM_FAULT_KEY_REVOKED,
  SIM_FAULT_SWEEP,
  SIM_FAULT_CLOCK_JUMP,
  SIM_N_FAULTS
} SimFault;
const char *sim_fault_name (SimFault fault);
const char *sim_command_name (TgpCommandAction action);
const char *sim_message_name (TgpTerminalAction action);

/* What a terminal's journal holds of a payment. */
typedef enum
{
  SIM_BUSY,
  SIM_CHARGED,
  SIM_REFUSED,
  SIM_CANCELLED,
  SIM_REVERSED,
  SIM_KEPT,  /* charged, and it refused to reverse that */
  SIM_DENIED /* said UNKNOWN: is never started */
} SimTruth;

typedef struct
{
  SimTx *tx;
  SimTruth truth;
  gboolean accepted, acked, recanted;
} SimEntry;

/* A payment, seen by somebody who sees everything. */
struct _SimTx
{
  char id[24];
  char named[64]; /* the terminalId that it was asked with */
  SimPos *pos;
  SimTerminal *terminal; /* whom it names */
  gint64 amount;
  guint requests;         /* how often a terminal was told to pay */
  guint charges;          /* how often a card was charged */
  gboolean forgotten;     /* the journal that held it is gone */
  gboolean purged;        /* its time of retention is over, and the store has let it go */
  gboolean id_gone;       /* and so is that of its id: to the gateway it never was */
  gboolean charged_again; /* after that */
  gboolean again_told;    /* and the store has, or may have, heard of it */
  gboolean reversed;      /* what was charged was given back */
  gboolean taken_back;    /* its refusal was acked, and then it was charged after all */
  gboolean charge_told;   /* a commit has heard its terminal say that it charged */
  gboolean told_safe;     /* a verdict said: charge again if you like */
  gboolean told_accepted;
  gboolean again;         /* the till repeated itself */
  guint pressed, refused; /* how often it was said before it was known to be taken, and refused */
  SimConn *request;       /* HTTP: what carries it */
  GwTransaction *row;     /* as committed; NULL: not */
  gint64 born;            /* monotonic, of the row */
  gint64 awaiting_since;  /* monotonic, 0: not */
  gint64 grace_ends;      /* likewise, as it is said */
  gint64 reversing_since; /* likewise */
  gint64 outcome_seq, voided_seq, confirmed_seq;
};

/* A mailbox row, as committed. */
typedef struct
{
  gint64 seq;
  SimPos *pos;
  SimTx *tx;
  guint hash;     /* of its text */
  guint old_hash; /* of what it said before; 0: nothing */
  char *action;
  gboolean received, acked;
  gboolean dead; /* its key was revoked, or its time is over: the audit log has it */
  gint64 stored; /* wall */
  guint64 link;  /* that it last went out on */
} SimMail;

typedef enum
{
  SIM_CONN_SHAKING,
  SIM_CONN_OPEN,
  SIM_CONN_CLOSED
} SimConnState;

typedef enum
{
  SIM_ASK_PAY,
  SIM_ASK_QUERY,
  SIM_ASK_CANCEL,
  SIM_ASK_VOID,
  SIM_ASK_ACK,
  SIM_ASK_MESSAGES
} SimAskKind;

/* What a till says, over either transport. */
typedef struct
{
  SimAskKind kind;
  SimTx *tx;
  gint64 seq; /* ack */
} SimAsk;

/* A WebSocket, or one HTTP request. */
struct _SimConn
{
  SimWorld *world;
  guint64 link;
  SimPos *pos;
  SimTerminal *terminal; /* neither: the operator's */
  GwKey *key;            /* that it came with */
  const char *wanted_by; /* the operator asks for a key for this owner */
  gboolean http;
  char session[24];           /* HTTP: its session, if it is not the till's */
  SimConnState gateway;       /* as the gateway sees it */
  SimConnState peer;          /* as the peer does */
  gboolean hole;              /* half-open: nothing passes any more */
  gint64 to_peer, to_gateway; /* when the last one arrives: TCP keeps the order */
  gint64 heard;               /* by the gateway */
  gint64 probe_until;
  guint64 ready_order;
  gint64 last_seq; /* of what was pushed on it */
  GQueue deferred; /* SimAsk, while it is held */
  SimAsk ask;      /* of the HTTP request */
  gboolean pongs;  /* the till answers heartbeats in time */
};

struct _SimPos
{
  SimWorld *world;
  guint index;
  char name[8];
  GwKey *key;
  char owner[32]; /* the keyId that it began with */
  gboolean http, acks;
  const char *session_id; /* HTTP with a session */
  guint sessions;
  char session_text[16];
  SimConn *conn; /* the one it uses */
  SimConn *poll; /* HTTP: waits for messages */
  gboolean down;
  guint64 run;         /* grows with every crash: older timers mean nothing */
  GPtrArray *open;     /* SimTx, its journal: outcome not heard yet */
  GHashTable *handled; /* its journal: seq of what it handled */
  GHashTable *things;  /* its journal: "id action" */
  SimTx *last;
  guint live;           /* connections that the gateway holds for active */
  SimConn *newest;      /* the latest one that became ready */
  guint64 session_link; /* of the last attach that was committed */
  gint64 busy_until;
};

struct _SimTerminal
{
  SimWorld *world;
  guint index;
  char name[16];
  char *device_id; /* NULL: known by its key */
  char connection_id[64];
  GwKey *key;
  char owner[32];
  SimTerminal *twin; /* the other device of this name */
  gboolean is_twin;
  guint capabilities;
  guint journals;     /* counts the lost ones */
  GPtrArray *journal; /* SimEntry */
  SimConn *conn;
  gboolean down, active; /* active: a twin that takes part */
  guint64 run;
  gboolean gone;     /* and it never comes back */
  gboolean deaf;     /* to voidPayment: it never answers one */
  gboolean on_edge;  /* its next grace is to be met on the millisecond */
  gint64 hold_until; /* says nothing before */
  gint64 mute_until; /* its program hangs: it is connected, and answers nothing */
  gint64 duplicates_until, reorders_until;
  guint attached; /* how often */
  guint live;
  SimConn *newest;
  guint64 device_link; /* of the last attach that was committed (of this slot; the first device has it) */
};

typedef void (*SimCall) (SimWorld *world, gpointer owner, gpointer data, gint64 number);

typedef struct
{
  gint64 at;
  guint64 order;
  SimCall call;
  gpointer owner;
  gpointer data;
  GDestroyNotify free_data;
  gint64 number;
} SimEvent;

typedef struct
{
  guint64 payments, faults[SIM_N_FAULTS], edges[TGP_N_STATUSES + 1][TGP_N_STATUSES];
  guint64 retries, voids, conflicts, charges, forgotten, messages, restarts, steps, needs_attention;
  gint64 simulated_ms;
} SimTotals;

struct _SimWorld
{
  guint64 seed, random, gateway_random;
  gint64 monotonic, wall, began, ends;
  GArray *events; /* a heap of SimEvent */
  guint64 order;
  SimTotals totals;
  gboolean calm, jumped;

  /* the gateway */
  GwEngine *engine; /* NULL: down */
  gboolean ready;
  guint64 run;
  gint64 ready_at;
  guint64 next_link;
  GPtrArray *conns; /* SimConn, by link */
  int effects_left; /* before it crashes; -1: it does not */
  gboolean crash_wanted;
  SimFault crash_at;

  /* the store */
  GwTables *tables;
  GwTablesClass tables_class, real;
  char *folder; /* of SQLite; NULL: memory */
  GQueue operations;
  GPtrArray *committed; /* handed to the engine soon */
  gboolean committing;
  gint64 down_until, slow_until;
  SimFault next_commit; /* SIM_N_FAULTS: as usual */
  gint64 trouble_at;    /* when the store last was not at its best */
  gint64 doubt_at;
  GArray *staged;

  /* what is true */
  GPtrArray *txs; /* SimTx */
  GHashTable *tx_by_id;
  GPtrArray *mails; /* SimMail, by seq as they come */
  GHashTable *mail_by_seq;
  SimPos pos[SIM_POS];
  SimTerminal terminals[2 * SIM_TERMINALS];
  GwKey *made;
  GHashTable *owners; /* keyId: the first keyId of whoever has it now */
  GHashTable *newest; /* that: the one in use, as committed */
  GHashTable *dead;   /* revoked without a successor, as committed */

  /* the story */
  guint64 hash;
  GPtrArray *lines; /* char *; NULL: only the hash is kept */
  char *failed, *failed_about;
  const char *invariant;
};

/* --- sim-world.c --- */
SimWorld *sim_world_new (guint64 seed, gboolean trace);
/* Runs the hour and the calm, checks the end. FALSE: see failed. */
gboolean sim_world_run (SimWorld *world);
void sim_world_free (SimWorld *world);
void sim_at (SimWorld *world, gint64 delay, SimCall call, gpointer owner, gpointer data,
             GDestroyNotify free_data, gint64 number);
void sim_gateway_crash (SimWorld *world, gint64 back_after);
/* Random numbers of the world; [from, to], and so many in a hundred. */
gint64 sim_between (SimWorld *world, gint64 from, gint64 to);
gboolean sim_chance (SimWorld *world, guint percent);
void sim_note (SimWorld *world, const char *who, const char *what, const char *about, gint64 number);
void sim_fail (SimWorld *world, const char *invariant, const char *about, const char *format, ...)
  G_GNUC_PRINTF (4, 5);

/* --- sim-store.c --- */
void sim_store_open (SimWorld *world);
void sim_store_close (SimWorld *world);
GwStore sim_store_port (SimWorld *world);
void sim_store_forget (SimWorld *world); /* what the gateway had asked of it */

/* --- sim-net.c --- */
GwLinks sim_links_port (SimWorld *world);
SimConn *sim_connect_pos (SimPos *pos);
SimConn *sim_connect_terminal (SimTerminal *terminal);
SimConn *sim_request (SimPos *pos, const SimAsk *ask);
void sim_conn_say (SimConn *conn, const SimAsk *ask); /* a till's */
/* Takes message. */
void sim_conn_tell (SimConn *conn, TgpTerminalMessage *message);
/* The peer is gone: the gateway sees the end, or nothing at all. */
void sim_conn_leave (SimConn *conn, gboolean silently);
SimConn *sim_connect_staff (SimWorld *world);
const char *sim_conn_name (SimConn *conn);
/* How long a message takes: in order, and never at once. last: when the one before arrives. */
gint64 sim_travel (SimConn *conn, gint64 *last, gboolean may_overtake);

/* --- sim-heartbeat.c --- */
void sim_heartbeat_start (SimConn *conn);
void sim_probe (SimConn *conn, guint timeout_ms);
void sim_cut_all (SimWorld *world); /* the gateway is gone */
void sim_conn_free (SimConn *conn);

/* --- sim-terminal.c --- */
void sim_terminal_init (SimWorld *world, guint index);
void sim_terminal_clear (SimTerminal *terminal);
void sim_terminal_come (SimTerminal *terminal, gint64 delay);
void sim_terminal_leave (SimTerminal *terminal, gboolean silently);
void sim_terminal_forget (SimTerminal *terminal);
void sim_terminal_vanish (SimTerminal *terminal);
void sim_terminal_opened (SimTerminal *terminal, SimConn *conn);
void sim_terminal_closed (SimTerminal *terminal, SimConn *conn, gboolean displaced);
void sim_terminal_hears (SimTerminal *terminal, SimConn *conn, const TgpTerminalCommand *command);
void sim_terminal_stray (SimTerminal *terminal);
void sim_terminal_recant (SimTerminal *terminal);
void sim_terminal_calm (SimTerminal *terminal);
SimEntry *sim_terminal_entry (SimTerminal *terminal, SimTx *tx);
SimTerminal *sim_terminal_of_slot (SimWorld *world, const char *slot);

/* --- sim-pos.c --- */
void sim_pos_init (SimWorld *world, guint index);
void sim_pos_clear (SimPos *pos);
void sim_pos_come (SimPos *pos, gint64 delay);
void sim_pos_leave (SimPos *pos, gboolean silently);
void sim_pos_forget (SimPos *pos);
void sim_pos_opened (SimPos *pos, SimConn *conn);
void sim_pos_closed (SimPos *pos, SimConn *conn, gboolean displaced);
void sim_pos_hears (SimPos *pos, SimConn *conn, const TgpPosEvent *event);

typedef struct
{
  GwAnswerKind kind;
  TgpErrorCode code;
  gboolean has_verdict;
  TgpVerdict verdict;
  char *transaction_id;
  GwTransaction *row;
  GPtrArray *messages; /* GwMessage */
} SimAnswer;
void sim_pos_answered (SimPos *pos, SimConn *conn, const SimAnswer *answer);
void sim_pos_start (SimPos *pos);
void sim_pos_again (SimPos *pos);
void sim_pos_foreign (SimPos *pos);
void sim_pos_storm (SimPos *pos, guint turns);

/* --- sim-staff.c: the operator --- */
void sim_staff_start (SimWorld *world);
void sim_staff_acts (SimWorld *world, SimFault fault);
/* A key came, whole, this once. */
void sim_staff_has_key (SimWorld *world, SimConn *conn, GwKey *key);
const char *sim_owner_of (SimWorld *world, const char *key_id);
void sim_key_stored (SimWorld *world, GwKey *key);

/* --- sim-faults.c --- */
void sim_faults_start (SimWorld *world);
void sim_fault_count (SimWorld *world, SimFault fault);

/* --- sim-model.c: what is committed --- */
void sim_model_wrap (SimWorld *world);
void sim_model_apply (SimWorld *world);
void sim_model_discard (SimWorld *world);
void sim_model_operations (SimWorld *world, GwOperation **ops, guint n);
SimTx *sim_tx_find (SimWorld *world, const char *id);
SimTx *sim_tx_new (SimPos *pos, SimTerminal *terminal);
SimMail *sim_mail_find (SimWorld *world, gint64 seq);
gint64 sim_seq_of (const char *message_id);
void sim_tx_free (SimTx *tx);
void sim_mail_free (SimMail *mail);

/* --- sim-check.c: what must hold --- */
void sim_check_step (SimWorld *world);
void sim_check_minute (SimWorld *world);
void sim_check_sent_to_pos (SimConn *conn, const TgpPosEvent *event, const char *text);
void sim_check_answer (SimConn *conn, const GwAnswer *answer);
void sim_check_sent_to_terminal (SimConn *conn, const TgpTerminalCommand *command);
void sim_check_verdict (SimWorld *world, const char *transaction_id, const TgpVerdict *verdict);
gboolean sim_all_done (SimWorld *world, gboolean complain);
void sim_check_end (SimWorld *world);
/* What the journals say of it; NULL: nothing. */
SimEntry *sim_truth_of (const SimTx *tx);

G_END_DECLS
