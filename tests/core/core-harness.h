/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The real engine on a clock that the test owns, the memory tables run step by step, and peers that keep all
 * that they are told. Nothing happens by itself: operations and reads queue up until a step runs them. Same
 * calls, same history. */
#pragma once

#include "gateway/core/engine.h"
#include "gateway/store/memory-tables.h"
#include "protocol/terminal-command.h"

G_BEGIN_DECLS

typedef struct _Harness Harness;
typedef struct _Peer Peer;

/* One text that went to a peer. */
typedef struct
{
  guint64 order; /* over all peers */
  gint64 at;     /* monotonic ms */
  char *text;
  char *action;
  TgpPosEvent *event;          /* to a POS */
  TgpTerminalCommand *command; /* to a terminal */
} Sent;

/* One typed answer, copied. */
typedef struct
{
  guint64 order;
  GwAnswerKind kind;
  char *request_id;
  TgpErrorCode code; /* GW_ANSWER_ERROR */
  char *message, *transaction_id, *held_by;
  gint64 grace_expires_at;
  gboolean has_verdict;
  TgpVerdict verdict;
  GwTransaction *row;
  GPtrArray *rows; /* of whatever; count below for all kinds of lists */
  gboolean more;
  GArray *terminals; /* Terminal */
  guint count;
  GwKey *key;
  GwDevice *device;
  char *text;
} Answer;

typedef struct
{
  char *terminal_id; /* deviceId, else connectionId */
  TgpTerminalStatus status;
  gboolean busy;
  gint64 grace_expires_at;
} Terminal;

/* A WebSocket, or an HTTP caller that waits. The harness owns it. */
struct _Peer
{
  Harness *harness;
  guint64 link;
  GwKey *key;
  char *device_id;
  gboolean http;
  gboolean attached;            /* the handshake was accepted */
  void (*entered) (Peer *peer); /* HTTP: once its session is stored */
  gboolean refuse_upgrade;      /* set before: the peer is gone when the handshake is accepted */
  gboolean closed;              /* by either side */
  gboolean told_to_go;          /* forceDisconnect; the next ones say how */
  guint64 told_order;
  TgpDisconnectReason reason;
  gboolean reconnect_allowed;
  char *displaced_by;
  gboolean dropped;
  guint probes, releases;
  guint sent_after_end; /* texts that went to a dead link */
  GPtrArray *sent;      /* Sent */
  GPtrArray *answers;   /* Answer */
};

typedef void (*HarnessObserver) (Harness *harness, GwOperation *operation, gpointer data);

struct _Harness
{
  GwSettings settings;
  gint64 monotonic, wall;
  guint64 random;
  GwTables *tables;
  GwTablesClass tables_class; /* theirs, but for the commit, which may fail as often as it is told to */
  GwCommit (*commit) (GwTables *tables, GError **error);
  GwEngine *engine;
  gboolean ready;
  GError *start_error;
  GQueue operations; /* submitted, not yet run */
  GQueue reads;
  gboolean reads_fail;
  GwCommit fault; /* of every commit, while it is not DONE */
  gboolean fault_kept;
  guint64 next_link, order;
  GPtrArray *peers;
  GPtrArray *hints; /* char *, "kind id" */
  guint batches;
  HarnessObserver observer; /* after each operation that was stored, before the engine hears of it */
  gpointer observer_data;
  GwKey *pos_key, *terminal_key; /* of group "store-1", for the usual test */
};

/* --- life --- */

/* settings NULL: the defaults. Starts, and makes the two keys. */
Harness *harness_new (const GwSettings *settings);
/* Checks the invariants (core-check.h) a last time. */
void harness_free (Harness *harness);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Harness, harness_free)
/* What was queued is lost, all peers are cut; a new engine on the same tables. */
void harness_stop (Harness *harness);
void harness_start (Harness *harness);
void harness_restart (Harness *harness);

/* --- steps --- */

/* Commits the first n queued operations as one batch (0: all of them) and hands them back. */
void harness_commit (Harness *harness, guint n);
/* Commits a batch but keeps it from the engine until harness_deliver(). */
GPtrArray *harness_commit_only (Harness *harness, guint n);
void harness_deliver (Harness *harness, GPtrArray *batch);
/* Reads are made and come back at once; or are made now and come back later, when the store has gone on. */
void harness_answer_reads (Harness *harness);
GPtrArray *harness_read_only (Harness *harness);
void harness_deliver_reads (Harness *harness, GPtrArray *reads);
/* Batch after batch until nothing is left to do. */
void harness_run (Harness *harness);
/* The same, each operation a batch of its own. */
void harness_run_one_by_one (Harness *harness);
guint harness_waiting (Harness *harness);
/* All commits end so, until it is DONE again. */
void harness_set_fault (Harness *harness, GwCommit outcome, gboolean kept);

/* --- time --- */

/* Goes from deadline to deadline, running what they bring, until exactly ms later. */
void harness_advance (Harness *harness, gint64 ms);
/* Only the clock: the engine does not look. */
void harness_tick (Harness *harness, gint64 ms);
void harness_jump_wall (Harness *harness, gint64 ms);

/* --- looking --- */

GwTransaction *harness_row (Harness *harness,
                            const char *transaction_id); /* in store-1; asserts; a new reference */
GwTransaction *harness_find_row (Harness *harness, const char *group_id,
                                 const char *transaction_id); /* nullable */
GPtrArray *harness_read_rows (Harness *harness, GwReadKind kind, const char *key_id,
                              const char *transaction_id);
guint harness_count_audit (Harness *harness, const char *what);
/* Waiting messages of a key. */
guint harness_count_messages (Harness *harness, GwKey *key);

/* --- the operator --- */

GwKey *harness_create_key (Harness *harness, TgpRole role, const char *group_id); /* borrowed */
Peer *harness_staff (Harness *harness);                                           /* whom answers go to */
void harness_caller (Peer *peer, GwCaller *caller);

G_END_DECLS
