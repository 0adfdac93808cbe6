/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the SQLite adapter share. */
#pragma once

#include "gateway/store/adapter.h"
#include "gateway/store/sqlite-statements.h"
#include "gateway/store/sqlite-tables.h"

G_BEGIN_DECLS

typedef struct
{
  GwTables base;
  sqlite3 *db;
  char *path;
  gboolean read_only;
  gboolean in_transaction;
  /* The first error of the batch: after it nothing is done or seen until the commit, which then fails. */
  GError *error;
  /* A commit ended in doubt: what it left in the log is overwritten by the next one, which therefore writes
   * in any case. */
  gboolean in_doubt;
  gint64 last_seq;
  /* Fingerprints of add_signature(): GSIZE_TO_POINTER; NULL until asked for, and after a rollback. */
  GHashTable *fingerprints;
  /* Of payments whose row id is not known yet. */
  GPtrArray *timeline;
  gint64 changes_before; /* the handle's count when the batch began */
  gint64 read_deadline;  /* monotonic us; 0: none */
  sqlite3_stmt *statements[GW_SQLITE_N_STATEMENTS];
} GwSqliteTables;

/* --- sqlite-tables.c --- */

/* Remembers what the database says now as the batch's error. */
void gw_sqlite_fail (GwSqliteTables *self);
/* Must be asked before anything is done in a batch. */
gboolean gw_sqlite_is_broken (GwSqliteTables *self);

/* --- sqlite-bind.c: one statement from first bind to reset --- */

typedef struct
{
  GwSqliteTables *self;
  sqlite3_stmt *stmt; /* NULL once anything failed */
  int at;             /* next parameter, or next column */
} GwSqliteCall;

GwSqliteCall gw_sqlite_call (GwSqliteTables *self, GwSqliteStatement statement);
void gw_sqlite_bind_int (GwSqliteCall *call, gint64 value);
void gw_sqlite_bind_text (GwSqliteCall *call, const char *value); /* nullable; must outlive the call */
void gw_sqlite_bind_bytes (GwSqliteCall *call, GBytes *value);
/* TRUE: there is a row, and the next column is the first one. */
gboolean gw_sqlite_step (GwSqliteCall *call);
/* Resets; every call ends with it. */
void gw_sqlite_end (GwSqliteCall *call);
/* For what returns no rows: step and end. FALSE after an error. */
gboolean gw_sqlite_run (GwSqliteCall *call);

gint64 gw_sqlite_int (GwSqliteCall *call);
char *gw_sqlite_text (GwSqliteCall *call); /* GRefString or NULL */
void gw_sqlite_currency (GwSqliteCall *call, char currency[4]);

/* --- sqlite-rows.c: a row from the columns of its statement --- */

GwTransaction *gw_sqlite_transaction (GwSqliteCall *call);
GwKey *gw_sqlite_key (GwSqliteCall *call);
GwDevice *gw_sqlite_device (GwSqliteCall *call);
GwSession *gw_sqlite_session (GwSqliteCall *call);
GwMessage *gw_sqlite_message (GwSqliteCall *call);
GwTimelineEntry *gw_sqlite_timeline_entry (GwSqliteCall *call);
GwOrphan *gw_sqlite_orphan (GwSqliteCall *call);
GwAuditEntry *gw_sqlite_audit_entry (GwSqliteCall *call);

/* --- the members of the class, by file --- */

/* sqlite-transactions.c */
GwTransaction *gw_sqlite_get_transaction (GwTables *tables, const char *group_id, const char *transaction_id);
GwTransaction *gw_sqlite_get_holder (GwTables *tables, const char *group_id, const char *slot);
GPtrArray *gw_sqlite_get_obligations (GwTables *tables, const char *group_id, const char *slot);
void gw_sqlite_put_transaction (GwTables *tables, GwTransaction *transaction);
void gw_sqlite_add_timeline (GwTables *tables, GwTimelineEntry *entry);
/* Stores the timeline entries that wait for their payment. */
void gw_sqlite_flush_timeline (GwSqliteTables *self);
gboolean gw_sqlite_put_orphan (GwTables *tables, const char *group_id, const char *transaction_id,
                               const char *slot, const char *response, gint64 now);
gboolean gw_sqlite_is_id_remembered (GwTables *tables, const char *group_id, const char *transaction_id);

/* sqlite-keys.c: keys, devices, sessions */
GwKey *gw_sqlite_get_key (GwTables *tables, const char *key_id);
void gw_sqlite_put_key (GwTables *tables, GwKey *key);
void gw_sqlite_move_key (GwTables *tables, const char *from_key_id, const char *to_key_id);
void gw_sqlite_count_key (GwTables *tables, const char *key_id, guint *open, guint *reversing, guint *unread);
void gw_sqlite_list_key (GwTables *tables, const char *key_id, guint limit, GPtrArray *open,
                         GPtrArray *reversing, GPtrArray *unread);
GwDevice *gw_sqlite_get_device (GwTables *tables, const char *group_id, const char *slot);
void gw_sqlite_put_device (GwTables *tables, GwDevice *device);
void gw_sqlite_delete_device (GwTables *tables, const char *group_id, const char *slot);
GwSession *gw_sqlite_get_session (GwTables *tables, const char *key_id);
void gw_sqlite_put_session (GwTables *tables, GwSession *session);
void gw_sqlite_put_displaced (GwTables *tables, const char *key_id, const char *session_id,
                              gint64 expires_at);
gboolean gw_sqlite_is_displaced (GwTables *tables, const char *key_id, const char *session_id, gint64 now);

/* sqlite-messages.c: messages, signatures, audit */
gint64 gw_sqlite_next_message_seq (GwTables *tables);
void gw_sqlite_put_message (GwTables *tables, GwMessage *message);
GwMessage *gw_sqlite_get_message (GwTables *tables, gint64 seq);
void gw_sqlite_rewrite_message (GwTables *tables, GwMessage *message, const char *body);
gboolean gw_sqlite_ack_message (GwTables *tables, const char *key_id, gint64 seq, gint64 now);
gboolean gw_sqlite_add_signature (GwTables *tables, guint64 fingerprint, gint64 expires_at);
void gw_sqlite_put_signatures (GwTables *tables, GwSignatures *signatures);
void gw_sqlite_add_audit (GwTables *tables, GwAuditEntry *entry);

/* sqlite-sweep.c */
guint gw_sqlite_sweep (GwTables *tables, gint64 now, gint64 messages_before, gint64 transactions_before,
                       gint64 ids_before, gint64 devices_before, guint limit);

/* sqlite-read.c */
gboolean gw_sqlite_read (GwTables *tables, GwRead *read, GError **error);

G_END_DECLS
