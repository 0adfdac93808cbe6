/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the memory adapter share. */
#pragma once

#include "gateway/store/adapter.h"
#include "gateway/store/memory-table.h"
#include "gateway/store/memory-tables.h"

G_BEGIN_DECLS

/* Rows that nothing outside the adapter knows: g_atomic_rc_box. */
typedef struct
{
  char *key_id, *session_id;
  gint64 expires_at;
} GwDisplacedRow;

typedef struct
{
  char *group_id, *transaction_id;
  gint64 created_at;
} GwPurgedRow;

typedef struct
{
  gint64 id;
  char *group_id, *transaction_id, *slot, *response;
  gint64 created_at;
} GwOrphanRow;

typedef struct
{
  gint64 id;
  gint64 expires_at;
  gboolean single;
  guint64 fingerprint;      /* single */
  GwSignatures *signatures; /* else */
} GwSignatureRow;

enum
{
  GW_MEMORY_TRANSACTIONS,
  GW_MEMORY_KEYS,
  GW_MEMORY_DEVICES,
  GW_MEMORY_SESSIONS,
  GW_MEMORY_DISPLACED,
  GW_MEMORY_MESSAGES,
  GW_MEMORY_SIGNATURES,
  GW_MEMORY_TIMELINE,
  GW_MEMORY_AUDIT,
  GW_MEMORY_ORPHANS,
  GW_MEMORY_PURGED,
  GW_MEMORY_N_TABLES
};

/* Indexes of the tables that have more than one. */
enum
{
  GW_MEMORY_BY_KEY = 0,
  GW_MEMORY_TRANSACTION_ROW = 1,
  GW_MEMORY_TRANSACTION_HOLDER,
  GW_MEMORY_TRANSACTION_OBLIGATION,
  GW_MEMORY_TRANSACTION_SLOT,
  GW_MEMORY_TRANSACTION_CREATED,
  GW_MEMORY_KEY_CREATED = 1,
  GW_MEMORY_MESSAGE_WAITING = 1,
  GW_MEMORY_SIGNATURE_FINGERPRINT = 1,
  GW_MEMORY_ORPHAN_SAME = 1,
  GW_MEMORY_PURGED_CREATED = 1
};

typedef struct
{
  GwTables base;
  GwMemoryTable tables[GW_MEMORY_N_TABLES];
  GArray *undo; /* of GwMemoryChange, oldest first */
  GError *error;
  gboolean in_transaction;
  gint64 last_seq;
  gboolean has_fault;
  GwCommit fault;
  gboolean fault_kept;
} GwMemoryTables;

extern const GwMemoryTableClass gw_memory_table_classes[GW_MEMORY_N_TABLES];

GwDisplacedRow *gw_displaced_row_new (const char *key_id, const char *session_id, gint64 expires_at);
void gw_displaced_row_unref (gpointer row);
GwPurgedRow *gw_purged_row_new (const char *group_id, const char *transaction_id, gint64 created_at);
void gw_purged_row_unref (gpointer row);
GwOrphanRow *gw_orphan_row_new (const char *group_id, const char *transaction_id, const char *slot,
                                const char *response, gint64 created_at);
void gw_orphan_row_unref (gpointer row);
GwSignatureRow *gw_signature_row_new (gint64 expires_at);
void gw_signature_row_unref (gpointer row);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwDisplacedRow, gw_displaced_row_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwPurgedRow, gw_purged_row_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwOrphanRow, gw_orphan_row_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwSignatureRow, gw_signature_row_unref)

/* memory-tables.c: a change that rollback undoes. A row that meets another one is the adapter error. */
void gw_memory_change (GwMemoryTables *self, guint table, gpointer old_row, gpointer new_row);
/* memory-tables.c: puts new where a row of the same key may be. */
void gw_memory_put (GwMemoryTables *self, guint table, gpointer row);
void gw_memory_add_audit (GwTables *tables, GwAuditEntry *entry);

/* memory-keys.c */
void gw_memory_move_key (GwTables *tables, const char *from_key_id, const char *to_key_id);
void gw_memory_count_key (GwTables *tables, const char *key_id, guint *open, guint *reversing, guint *unread);
void gw_memory_list_key (GwTables *tables, const char *key_id, guint limit, GPtrArray *open,
                         GPtrArray *reversing, GPtrArray *unread);

guint gw_memory_sweep (GwTables *tables, gint64 now, gint64 messages_before, gint64 transactions_before,
                       gint64 ids_before, gint64 devices_before, guint limit);
gboolean gw_memory_read (GwTables *tables, GwRead *read, GError **error);

G_END_DECLS
