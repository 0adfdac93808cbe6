/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mailbox rows, seen signatures, audit: the tables that grow at their end. */
#include "gateway/store/sqlite-private.h"

gint64
gw_sqlite_next_message_seq (GwTables *tables)
{
  /* Never goes back, not even when the batch is rolled back: a commit in doubt may have used the numbers. */
  return ++((GwSqliteTables *) tables)->last_seq;
}

void
gw_sqlite_put_message (GwTables *tables, GwMessage *message)
{
  GwSqliteTables *self = (GwSqliteTables *) tables;

  if (gw_sqlite_is_broken (self))
    return;
  GwSqliteCall call = gw_sqlite_call (self, GW_SQL_INSERT_MESSAGE);
  gw_sqlite_bind_int (&call, message->seq);
  gw_sqlite_bind_int (&call, message->created_at);
  gw_sqlite_bind_int (&call, message->acked_at);
  gw_sqlite_bind_text (&call, message->key_id);
  gw_sqlite_bind_text (&call, message->group_id);
  gw_sqlite_bind_text (&call, message->transaction_id);
  gw_sqlite_bind_text (&call, message->action);
  gw_sqlite_bind_text (&call, message->body);
  gw_sqlite_run (&call);
}

GwMessage *
gw_sqlite_get_message (GwTables *tables, gint64 seq)
{
  GwSqliteTables *self = (GwSqliteTables *) tables;
  GwMessage *row = NULL;

  if (gw_sqlite_is_broken (self))
    return NULL;
  GwSqliteCall call = gw_sqlite_call (self, GW_SQL_MESSAGE);
  gw_sqlite_bind_int (&call, seq);
  if (gw_sqlite_step (&call))
    row = gw_sqlite_message (&call);
  gw_sqlite_end (&call);
  return row;
}

void
gw_sqlite_rewrite_message (GwTables *tables, GwMessage *message, const char *body)
{
  GwSqliteTables *self = (GwSqliteTables *) tables;

  if (gw_sqlite_is_broken (self))
    return;
  GwSqliteCall call = gw_sqlite_call (self, GW_SQL_REWRITE_MESSAGE);
  gw_sqlite_bind_int (&call, message->seq);
  gw_sqlite_bind_text (&call, body);
  gw_sqlite_run (&call);
}

gboolean
gw_sqlite_ack_message (GwTables *tables, const char *key_id, gint64 seq, gint64 now)
{
  GwSqliteTables *self = (GwSqliteTables *) tables;

  if (gw_sqlite_is_broken (self))
    return FALSE;
  GwSqliteCall call = gw_sqlite_call (self, GW_SQL_ACK_MESSAGE);
  gw_sqlite_bind_text (&call, key_id);
  gw_sqlite_bind_int (&call, seq);
  gw_sqlite_bind_int (&call, now);
  return gw_sqlite_run (&call) && sqlite3_changes (self->db) == 1;
}

G_STATIC_ASSERT (sizeof (gpointer) >= sizeof (guint64));

static gboolean
load_fingerprints (GwSqliteTables *self)
{
  GwSqliteCall call = gw_sqlite_call (self, GW_SQL_FINGERPRINTS);

  self->fingerprints = g_hash_table_new (NULL, NULL);
  while (gw_sqlite_step (&call))
    g_hash_table_add (self->fingerprints, GSIZE_TO_POINTER ((guint64) gw_sqlite_int (&call)));
  if (self->error)
    g_clear_pointer (&self->fingerprints, g_hash_table_unref);
  return self->fingerprints != NULL;
}

gboolean
gw_sqlite_add_signature (GwTables *tables, guint64 fingerprint, gint64 expires_at)
{
  GwSqliteTables *self = (GwSqliteTables *) tables;

  if (gw_sqlite_is_broken (self) || (!self->fingerprints && !load_fingerprints (self)))
    return FALSE;
  if (!g_hash_table_add (self->fingerprints, GSIZE_TO_POINTER (fingerprint)))
    return FALSE;
  GwSqliteCall call = gw_sqlite_call (self, GW_SQL_INSERT_SIGNATURE);
  gw_sqlite_bind_int (&call, expires_at);
  gw_sqlite_bind_int (&call, (gint64) fingerprint);
  return gw_sqlite_run (&call);
}

void
gw_sqlite_put_signatures (GwTables *tables, GwSignatures *signatures)
{
  GwSqliteTables *self = (GwSqliteTables *) tables;

  if (gw_sqlite_is_broken (self))
    return;
  GwSqliteCall call = gw_sqlite_call (self, GW_SQL_INSERT_SIGNATURES);
  gw_sqlite_bind_int (&call, signatures->expires_at);
  gw_sqlite_bind_bytes (&call, signatures->fingerprints);
  gw_sqlite_run (&call);
}

void
gw_sqlite_add_audit (GwTables *tables, GwAuditEntry *entry)
{
  GwSqliteTables *self = (GwSqliteTables *) tables;

  if (gw_sqlite_is_broken (self))
    return;
  GwSqliteCall call = gw_sqlite_call (self, GW_SQL_INSERT_AUDIT);
  gw_sqlite_bind_int (&call, entry->at);
  gw_sqlite_bind_text (&call, entry->actor);
  gw_sqlite_bind_text (&call, entry->what);
  gw_sqlite_bind_text (&call, entry->group_id);
  gw_sqlite_bind_text (&call, entry->key_id);
  gw_sqlite_bind_text (&call, entry->transaction_id);
  gw_sqlite_bind_text (&call, entry->detail);
  if (gw_sqlite_run (&call))
    entry->seq = sqlite3_last_insert_rowid (self->db);
}
