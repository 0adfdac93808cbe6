/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Deleting what is past its time. Each step collects its rows first: a table is not walked while it changes.
 */
#include "gateway/store/sqlite-private.h"

/* One row to delete: what its statement binds, in this order. */
typedef struct
{
  gint64 id;
  char *first, *second;
  gint64 number;
} Victim;

static void
victim_clear (gpointer data)
{
  Victim *victim = data;

  g_clear_pointer (&victim->first, g_ref_string_release);
  g_clear_pointer (&victim->second, g_ref_string_release);
}

/* Runs the statement with (before, limit) and reads each row by its layout: i id, t text, n number. */
static GArray *
collect (GwSqliteTables *self, GwSqliteStatement statement, gint64 before, guint limit, const char *layout)
{
  GArray *victims = g_array_new (FALSE, TRUE, sizeof (Victim));

  g_array_set_clear_func (victims, victim_clear);
  if (gw_sqlite_is_broken (self) || limit == 0)
    return victims;
  GwSqliteCall call = gw_sqlite_call (self, statement);
  gw_sqlite_bind_int (&call, before);
  gw_sqlite_bind_int (&call, limit);
  while (gw_sqlite_step (&call))
    {
      Victim victim = { 0 };

      for (const char *column = layout; *column; column++)
        if (*column == 'i')
          victim.id = gw_sqlite_int (&call);
        else if (*column == 'n')
          victim.number = gw_sqlite_int (&call);
        else
          *(victim.first ? &victim.second : &victim.first) = gw_sqlite_text (&call);
      g_array_append_val (victims, victim);
    }
  return victims;
}

static void
delete_by_id (GwSqliteTables *self, GwSqliteStatement statement, gint64 id)
{
  if (gw_sqlite_is_broken (self))
    return;
  GwSqliteCall call = gw_sqlite_call (self, statement);
  gw_sqlite_bind_int (&call, id);
  gw_sqlite_run (&call);
}

static void
delete_by_texts (GwSqliteTables *self, GwSqliteStatement statement, const Victim *victim)
{
  if (gw_sqlite_is_broken (self))
    return;
  GwSqliteCall call = gw_sqlite_call (self, statement);
  gw_sqlite_bind_text (&call, victim->first);
  gw_sqlite_bind_text (&call, victim->second);
  gw_sqlite_run (&call);
}

/* Tables whose rows need nothing but to go. */
static guint
sweep_plain (GwSqliteTables *self, GwSqliteStatement find, GwSqliteStatement drop, const char *layout,
             gint64 before, guint limit)
{
  g_autoptr (GArray) victims = collect (self, find, before, limit, layout);

  for (guint i = 0; i < victims->len; i++)
    {
      const Victim *victim = &g_array_index (victims, Victim, i);

      if (victim->first)
        delete_by_texts (self, drop, victim);
      else
        delete_by_id (self, drop, victim->id);
    }
  return victims->len;
}

static guint
sweep_signatures (GwSqliteTables *self, gint64 now, guint limit)
{
  g_autoptr (GArray) victims = collect (self, GW_SQL_SWEEP_SIGNATURES, now, limit, "int");

  for (guint i = 0; i < victims->len; i++)
    {
      const Victim *victim = &g_array_index (victims, Victim, i);

      delete_by_id (self, GW_SQL_DELETE_SIGNATURE, victim->id);
      if (self->fingerprints && !victim->first)
        g_hash_table_remove (self->fingerprints, GSIZE_TO_POINTER ((guint64) victim->number));
    }
  return victims->len;
}

static guint
sweep_messages (GwSqliteTables *self, gint64 now, gint64 before, guint limit)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_message_unref);

  if (gw_sqlite_is_broken (self) || limit == 0)
    return 0;
  GwSqliteCall call = gw_sqlite_call (self, GW_SQL_SWEEP_MESSAGES);
  gw_sqlite_bind_int (&call, before);
  gw_sqlite_bind_int (&call, limit);
  while (gw_sqlite_step (&call))
    g_ptr_array_add (rows, gw_sqlite_message (&call));
  for (guint i = 0; i < rows->len; i++)
    {
      const GwMessage *message = rows->pdata[i];

      if (message->acked_at == 0)
        {
          g_autoptr (GwAuditEntry) entry = gw_unread_audit_new (message, now);

          gw_sqlite_add_audit (&self->base, entry);
        }
      delete_by_id (self, GW_SQL_DELETE_MESSAGE, message->seq);
    }
  return rows->len;
}

static void
remember_id (GwSqliteTables *self, const Victim *victim)
{
  if (gw_sqlite_is_broken (self))
    return;
  GwSqliteCall call = gw_sqlite_call (self, GW_SQL_INSERT_PURGED);
  gw_sqlite_bind_text (&call, victim->second);
  gw_sqlite_bind_text (&call, victim->first);
  gw_sqlite_bind_int (&call, victim->number);
  gw_sqlite_run (&call);
}

static guint
sweep_transactions (GwSqliteTables *self, gint64 before, gint64 ids_before, guint limit)
{
  g_autoptr (GArray) victims = collect (self, GW_SQL_SWEEP_TRANSACTIONS, before, limit, "ittn");

  for (guint i = 0; i < victims->len; i++)
    {
      const Victim *victim = &g_array_index (victims, Victim, i);

      delete_by_id (self, GW_SQL_DELETE_TIMELINE, victim->id);
      delete_by_id (self, GW_SQL_DELETE_TRANSACTION, victim->id);
      if (victim->number >= ids_before)
        remember_id (self, victim);
    }
  return victims->len;
}

guint
gw_sqlite_sweep (GwTables *tables, gint64 now, gint64 messages_before, gint64 transactions_before,
                 gint64 ids_before, gint64 devices_before, guint limit)
{
  GwSqliteTables *self = (GwSqliteTables *) tables;
  guint n = 0;

  if (gw_sqlite_is_broken (self))
    return 0;
  gw_sqlite_flush_timeline (self);
  n += sweep_signatures (self, now, limit - n);
  n += sweep_plain (self, GW_SQL_SWEEP_DISPLACED, GW_SQL_DELETE_DISPLACED, "tt", now, limit - n);
  n += sweep_messages (self, now, messages_before, limit - n);
  n += sweep_transactions (self, transactions_before, ids_before, limit - n);
  n += sweep_plain (self, GW_SQL_SWEEP_PURGED, GW_SQL_DELETE_PURGED, "tt", ids_before, limit - n);
  n += sweep_plain (self, GW_SQL_SWEEP_DEVICES, GW_SQL_DELETE_DEVICE, "tt", devices_before, limit - n);
  n += sweep_plain (self, GW_SQL_SWEEP_ORPHANS, GW_SQL_DELETE_ORPHAN, "i", transactions_before, limit - n);
  return n;
}
