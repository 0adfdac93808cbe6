/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The store port. An adapter only keeps rows: it implements GwTables (get and put inside one transaction) and
 * reads. What a change means is decided in core/operation-*.c, which runs between begin() and commit() on the
 * adapter's thread, so memory, SQLite and PostgreSQL behave the same. */
#pragma once

#include "gateway/core/records.h"
#include "gateway/core/transaction.h"

G_BEGIN_DECLS

typedef struct _GwTables GwTables;
typedef struct _GwRead GwRead;

typedef enum
{
  GW_COMMIT_DONE,
  GW_COMMIT_FAILED,   /* nothing of the batch is or will ever be stored */
  GW_COMMIT_UNCERTAIN /* an I/O error in the commit itself: it may be there after all */
} GwCommit;

/* One writer at a time, one thread at a time. Getters return a new reference or NULL; an adapter error is
 * remembered and makes the commit fail, so callers need no check of their own. Within a transaction every get
 * sees what was put before. */
typedef struct
{
  gboolean (*begin) (GwTables *tables, GError **error);
  /* A batch that put nothing commits without touching the disk. */
  GwCommit (*commit) (GwTables *tables, GError **error);
  void (*rollback) (GwTables *tables);

  GwTransaction *(*get_transaction) (GwTables *tables, const char *group_id, const char *transaction_id);
  /* The one that holds the slot (GW_HOLDS_TERMINAL). */
  GwTransaction *(*get_holder) (GwTables *tables, const char *group_id, const char *slot);
  /* All with GW_HOLDS_TERMINAL or GW_REVERSING on the slot, oldest first, at most 100. */
  GPtrArray *(*get_obligations) (GwTables *tables, const char *group_id, const char *slot);
  /* Inserts when row_id is 0 (and sets it: the row is not shared yet), else replaces. Two holders of one
   * slot, or two rows of one (group, id), are an adapter error. */
  void (*put_transaction) (GwTables *tables, GwTransaction *transaction);

  GwKey *(*get_key) (GwTables *tables, const char *key_id);
  void (*put_key) (GwTables *tables, GwKey *key);
  /* Moves waiting messages, open obligations and device bindings from one key to another (rotation); the slot
   * "@" of the old key becomes that of the new one, for a terminal without deviceId is its key. */
  void (*move_key) (GwTables *tables, const char *from_key_id, const char *to_key_id);
  /* How many: POS: open payments it started; terminal: open payments sent to it; voids not confirmed;
   * messages unread. */
  void (*count_key) (GwTables *tables, const char *key_id, guint *open, guint *reversing, guint *unread);
  /* The same by transaction id, oldest first, at most limit of each: appends texts for g_free(). */
  void (*list_key) (GwTables *tables, const char *key_id, guint limit, GPtrArray *open, GPtrArray *reversing,
                    GPtrArray *unread);

  GwDevice *(*get_device) (GwTables *tables, const char *group_id, const char *slot);
  void (*put_device) (GwTables *tables, GwDevice *device);
  void (*delete_device) (GwTables *tables, const char *group_id, const char *slot);

  GwSession *(*get_session) (GwTables *tables, const char *key_id);
  void (*put_session) (GwTables *tables, GwSession *session);
  /* Displaced HTTP sessions, remembered until expires_at. */
  void (*put_displaced) (GwTables *tables, const char *key_id, const char *session_id, gint64 expires_at);
  gboolean (*is_displaced) (GwTables *tables, const char *key_id, const char *session_id, gint64 now);

  gint64 (*next_message_seq) (GwTables *tables);
  void (*put_message) (GwTables *tables, GwMessage *message);
  GwMessage *(*get_message) (GwTables *tables, gint64 seq);
  /* The same message, with this body from now on. */
  void (*rewrite_message) (GwTables *tables, GwMessage *message, const char *body);
  /* TRUE if it was the key's, and waiting. */
  gboolean (*ack_message) (GwTables *tables, const char *key_id, gint64 seq, gint64 now);

  /* FALSE if it was added before, alone: batches are not looked into. */
  gboolean (*add_signature) (GwTables *tables, guint64 fingerprint, gint64 expires_at);
  void (*put_signatures) (GwTables *tables, GwSignatures *signatures);

  /* Before or after its transaction is put, but in the same batch at the latest. */
  void (*add_timeline) (GwTables *tables, GwTimelineEntry *entry);
  void (*add_audit) (GwTables *tables, GwAuditEntry *entry); /* seq is the adapter's */
  /* A result for an id nobody knows. The same one again is kept once: FALSE. */
  gboolean (*put_orphan) (GwTables *tables, const char *group_id, const char *transaction_id,
                          const char *slot, const char *response, gint64 now);

  /* Deletes up to limit rows that are past their time; how many. Messages: unread ones older than
   * messages_before are audited first, the newest message row always stays (seq must never go back).
   * Transactions: final, settled, not reversing, older than transactions_before, with their timeline; their
   * (group, id) stays known until ids_before. Devices: not attached, neither holding nor reversing, last seen
   * before devices_before. Signatures, displaced sessions: expired at now. Orphans: older than
   * transactions_before. Of messages, signatures and orphans only the first limit rows are looked at. */
  guint (*sweep) (GwTables *tables, gint64 now, gint64 messages_before, gint64 transactions_before,
                  gint64 ids_before, gint64 devices_before, guint limit);
  /* Is the id of a purged transaction still remembered? */
  gboolean (*is_id_remembered) (GwTables *tables, const char *group_id, const char *transaction_id);

  /* Fills read->rows / read->count; FALSE on an adapter error. Must be callable on a second, read-only
   * handle. */
  gboolean (*read) (GwTables *tables, GwRead *read, GError **error);
  void (*close) (GwTables *tables);
} GwTablesClass;

struct _GwTables
{
  const GwTablesClass *klass;
  char *instance_id; /* 8 hex digits, random, made with the store: message ids start with it */
  guint64 commits;   /* that put something, since it was opened; the writing thread's */
};

typedef enum
{
  GW_READ_TRANSACTION,  /* group_id, id -> GwTransaction, 0 or 1 */
  GW_READ_TRANSACTIONS, /* the filter below, newest first -> GwTransaction */
  GW_READ_OBLIGATIONS,  /* after (row_id), limit: every GW_HOLDS_TERMINAL or GW_REVERSING row of the store ->
                           GwTransaction */
  GW_READ_MESSAGES,     /* key_id, after (seq), limit: waiting ones -> GwMessage; count: all that wait */
  GW_READ_TIMELINE,     /* group_id, id -> GwTimelineEntry, oldest first */
  GW_READ_AUDIT,        /* after (seq), limit -> GwAuditEntry */
  GW_READ_ORPHANS,      /* group_id, id (nullable: all), after (id), limit -> GwOrphan, oldest first */
  GW_READ_KEYS,         /* -> GwKey, all, oldest first */
  GW_READ_DEVICES,      /* -> GwDevice, all */
  GW_READ_SESSIONS,     /* -> GwSession, all */
  GW_READ_SIGNATURES,   /* now -> GwSignatures not expired (single ones of add_signature too) */
  GW_READ_CHECK         /* nothing: does the store answer? (readiness) */
} GwReadKind;

struct _GwRead
{
  GwReadKind kind;
  guint64 token;  /* the caller's */
  char *group_id; /* nullable: all groups (operator) */
  char *id;
  char *key_id; /* nullable for transactions: whoever started them */
  gint64 after;
  guint limit;
  gint64 now;
  /* GW_READ_TRANSACTIONS */
  gint64 from, to;   /* createdAt, from inclusive, to exclusive; 0: open */
  int status;        /* TgpStatus, -1: any */
  char *terminal_id; /* deviceId or as first sent; nullable */
  gboolean needs_attention;
  gint64 before_created,
    before_row_id; /* cursor: strictly older than (created_at, row_id); 0: from the newest */
  /* results */
  GPtrArray *rows;
  guint count;
  GError *error;
};

GwRead *gw_read_new (GwReadKind kind, guint64 token);
void gw_read_free (GwRead *read);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwRead, gw_read_free)

/* --- The asynchronous side that the engine sees --- */

typedef struct _GwOperation GwOperation;

typedef struct
{
  /* Takes the operation; it comes back, with its result, in submission order. Never blocks. */
  void (*submit) (gpointer store, GwOperation *operation);
  /* Takes the read; comes back in any order, and sees every operation that came back before it was asked. */
  void (*read) (gpointer store, GwRead *read);
} GwStoreClass;

typedef struct
{
  const GwStoreClass *klass;
  gpointer store;
} GwStore;

G_END_DECLS
