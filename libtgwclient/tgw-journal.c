/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libtgwclient/tgw-journal-private.h"

#include "libtgwclient/tgw-error.h"
#include "libtgwclient/tgw-payment-private.h"
#include "libtgwclient/tgw-payment-row.h"

#define DAY_MS ((gint64) 24 * 3600 * 1000)
/* The gateway keeps a message for 7 days. */
#define MESSAGES_KEPT (30 * DAY_MS)

#define COLUMNS TGW_PAYMENT_ROW_COLUMNS ", told, told_by_answer"
#define TOLD    TGW_PAYMENT_ROW_N_COLUMNS
/* Closed, and yet nobody can say: TGW_PAYMENT_STATE_FAILED or _CANCELLED, TGW_OUTCOME_UNKNOWN. */
#define UNKNOWN "(state IN (4, 5) AND outcome = 6)"
#define OPEN    "state <= 2" /* TGW_PAYMENT_STATE_AWAITING_RECONNECT */

static const char *const sql[TGW_N_SQL] = {
  [TGW_SQL_BEGIN] = "BEGIN IMMEDIATE",
  [TGW_SQL_COMMIT] = "COMMIT",
  [TGW_SQL_ROLLBACK] = "ROLLBACK",
  [TGW_SQL_SAVE_PAYMENT] = "INSERT OR REPLACE INTO payments (" COLUMNS ") VALUES "
                           "(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
  [TGW_SQL_SAVE_NEWS] = "INSERT OR REPLACE INTO news VALUES (?,?,?)",
  [TGW_SQL_SAVE_MESSAGE] = "INSERT OR IGNORE INTO messages VALUES (?,?)",
  [TGW_SQL_SEEN] = "SELECT 1 FROM messages WHERE message_id = ?",
  [TGW_SQL_FORGET] = "DELETE FROM payments WHERE transaction_id = ?",
  [TGW_SQL_ACKNOWLEDGE] = "DELETE FROM news WHERE transaction_id = ? AND revision <= ?",
  [TGW_SQL_LOAD] = "SELECT " COLUMNS " FROM payments WHERE " OPEN " OR " UNKNOWN
                   " OR transaction_id IN (SELECT transaction_id FROM news)"
                   " OR rowid IN (SELECT rowid FROM payments ORDER BY started_at DESC LIMIT ?)"
                   " ORDER BY started_at, rowid",
  [TGW_SQL_FIND] = "SELECT " COLUMNS " FROM payments WHERE transaction_id = ?",
  [TGW_SQL_LOAD_NEWS] = "SELECT revision, kind FROM news WHERE transaction_id = ? ORDER BY revision",
  [TGW_SQL_SWEEP_PAYMENTS] =
    "DELETE FROM payments WHERE rowid IN (SELECT rowid FROM payments WHERE started_at < ?"
    " AND NOT " OPEN " AND transaction_id NOT IN (SELECT transaction_id FROM news)"
    " ORDER BY started_at LIMIT ?)",
  [TGW_SQL_SWEEP_MESSAGES] = "DELETE FROM messages WHERE message_id IN"
                             " (SELECT message_id FROM messages WHERE at < ? LIMIT ?)",
};

char *
tgw_journal_default_path (const char *api_key)
{
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, api_key, -1);
  g_autofree char *name = g_strdup_printf ("%.16s.journal", digest);

  return g_build_filename (g_get_user_state_dir (), "tgwclient", name, NULL);
}

/* Ready to be bound; NULL when it cannot be made. */
static sqlite3_stmt *
statement_of (TgwJournal *self, TgwSql which)
{
  if (self->statements[which] == NULL &&
      sqlite3_prepare_v3 (self->db, sql[which], -1, SQLITE_PREPARE_PERSISTENT, &self->statements[which],
                          NULL) != SQLITE_OK)
    return NULL;
  return self->statements[which];
}

static void
done (sqlite3_stmt *statement)
{
  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
}

/* Runs what has no rows, with a text and up to two numbers bound; id NULL: only numbers. */
static gboolean
run (TgwJournal *self, TgwSql which, const char *id, gint64 a, gint64 b, GError **error)
{
  sqlite3_stmt *statement = statement_of (self, which);
  int n = statement != NULL ? sqlite3_bind_parameter_count (statement) : 0, i = 1;
  gboolean ran;

  if (statement == NULL)
    return tgw_journal_fail (self, error);
  if (id != NULL)
    sqlite3_bind_text (statement, i++, id, -1, SQLITE_STATIC);
  if (i <= n)
    sqlite3_bind_int64 (statement, i++, a);
  if (i <= n)
    sqlite3_bind_int64 (statement, i++, b);
  ran = sqlite3_step (statement) == SQLITE_DONE;
  if (!ran)
    tgw_journal_fail (self, error);
  done (statement);
  return ran;
}

static gboolean
begin (TgwJournal *self, GError **error)
{
  return run (self, TGW_SQL_BEGIN, NULL, 0, 0, error);
}

/* Ends a transaction; what went wrong before stays in error. */
static gboolean
end (TgwJournal *self, gboolean good, GError **error)
{
  gboolean damaged;

  if (good && run (self, TGW_SQL_COMMIT, NULL, 0, 0, error))
    return TRUE;
  damaged = tgw_journal_is_damage (sqlite3_errcode (self->db));
  if (!sqlite3_get_autocommit (self->db))
    run (self, TGW_SQL_ROLLBACK, NULL, 0, 0, NULL);
  if (damaged)
    tgw_journal_suspect (self);
  return FALSE;
}

static gboolean
save_payment (TgwJournal *self, TgwEntry *entry, GError **error)
{
  sqlite3_stmt *statement = statement_of (self, TGW_SQL_SAVE_PAYMENT);
  gboolean saved;

  if (statement == NULL)
    return tgw_journal_fail (self, error);
  tgw_payment_bind (entry->payment, statement);
  sqlite3_bind_int64 (statement, TOLD + 1, entry->told);
  sqlite3_bind_int64 (statement, TOLD + 2, entry->told_by_answer);
  saved = sqlite3_step (statement) == SQLITE_DONE;
  if (!saved)
    tgw_journal_fail (self, error);
  done (statement);
  return saved;
}

static gboolean
save_entry (TgwJournal *self, TgwEntry *entry, const char *message_id, GError **error)
{
  const char *id = tgw_payment_get_transaction_id (entry->payment);
  gint64 now = g_get_real_time () / 1000;
  gboolean good = save_payment (self, entry, error);

  for (guint i = 0; good && i < entry->news->len; i++)
    {
      const TgwNews *news = entry->news->pdata[i];

      if (news->saved)
        continue;
      good = run (self, TGW_SQL_SAVE_NEWS, id, news->revision, news->kind, error);
      if (good && news->message_id != NULL)
        good = run (self, TGW_SQL_SAVE_MESSAGE, news->message_id, now, 0, error);
    }
  if (good && message_id != NULL)
    good = run (self, TGW_SQL_SAVE_MESSAGE, message_id, now, 0, error);
  return good;
}

gboolean
tgw_journal_save (TgwJournal *self, TgwEntry *entry, const char *message_id, GError **error)
{
  gboolean good = begin (self, error) && end (self, save_entry (self, entry, message_id, error), error);

  entry->dirty = !good;
  for (guint i = 0; good && i < entry->news->len; i++)
    ((TgwNews *) entry->news->pdata[i])->saved = TRUE;
  return good;
}

gboolean
tgw_journal_forget (TgwJournal *self, const char *transaction_id, GError **error)
{
  return run (self, TGW_SQL_FORGET, transaction_id, 0, 0, error);
}

gboolean
tgw_journal_acknowledge (TgwJournal *self, const char *transaction_id, guint revision, GError **error)
{
  return run (self, TGW_SQL_ACKNOWLEDGE, transaction_id, revision, 0, error);
}

gboolean
tgw_journal_seen (TgwJournal *self, const char *message_id)
{
  sqlite3_stmt *statement = statement_of (self, TGW_SQL_SEEN);
  gboolean seen;

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_text (statement, 1, message_id, -1, SQLITE_STATIC);
  seen = sqlite3_step (statement) == SQLITE_ROW;
  done (statement);
  return seen;
}

gboolean
tgw_journal_sweep (TgwJournal *self, gint64 before, guint limit, GError **error)
{
  return run (self, TGW_SQL_SWEEP_PAYMENTS, NULL, before, limit, error) &&
         run (self, TGW_SQL_SWEEP_MESSAGES, NULL, g_get_real_time () / 1000 - MESSAGES_KEPT, limit, error);
}

static gboolean
load_news (TgwJournal *self, TgwEntry *entry)
{
  sqlite3_stmt *statement = statement_of (self, TGW_SQL_LOAD_NEWS);
  int code = SQLITE_ERROR;

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_text (statement, 1, tgw_payment_get_transaction_id (entry->payment), -1, SQLITE_STATIC);
  while ((code = sqlite3_step (statement)) == SQLITE_ROW)
    {
      tgw_entry_add_news (entry, (guint) sqlite3_column_int (statement, 0),
                          (TgwTold) sqlite3_column_int (statement, 1), NULL);
      ((TgwNews *) entry->news->pdata[entry->news->len - 1])->saved = TRUE;
    }
  done (statement);
  return code == SQLITE_DONE;
}

/* A row that makes no sense is left out. Reads as far as it can: what a damaged file still has is worth it.
 */
static gboolean
load_payments (sqlite3_stmt *statement, GPtrArray *entries)
{
  int code;

  while ((code = sqlite3_step (statement)) == SQLITE_ROW)
    {
      g_autoptr (TgwPayment) payment = tgw_payment_from_row (statement);
      TgwEntry *entry;

      if (payment == NULL)
        continue;
      entry = tgw_entry_new (payment);
      entry->told = (guint) sqlite3_column_int (statement, TOLD);
      entry->told_by_answer = (guint) sqlite3_column_int (statement, TOLD + 1);
      g_ptr_array_add (entries, entry);
    }
  return code == SQLITE_DONE;
}

static gboolean
load_entries (TgwJournal *self, sqlite3_stmt *statement, GPtrArray *entries)
{
  gboolean good = load_payments (statement, entries);

  done (statement);
  for (guint i = 0; good && i < entries->len; i++)
    good = load_news (self, entries->pdata[i]);
  return good;
}

/* The sweep at each opening reads them all, too, and cannot do without. */
static gboolean
can_read_messages (TgwJournal *self)
{
  return sqlite3_exec (self->db, "SELECT count (at) FROM messages", NULL, NULL, NULL) == SQLITE_OK;
}

static GPtrArray *
load (TgwJournal *self, guint limit, gboolean *damaged, GError **error)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func ((GDestroyNotify) tgw_entry_unref);
  sqlite3_stmt *statement = statement_of (self, TGW_SQL_LOAD);

  if (statement != NULL)
    sqlite3_bind_int64 (statement, 1, limit);
  if (statement == NULL || !load_entries (self, statement, entries) || !can_read_messages (self))
    {
      *damaged = tgw_journal_is_damage (sqlite3_errcode (self->db));
      tgw_journal_fail (self, error);
      return NULL;
    }
  return g_steal_pointer (&entries);
}

TgwEntry *
tgw_journal_find (TgwJournal *self, const char *transaction_id, GError **error)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func ((GDestroyNotify) tgw_entry_unref);
  sqlite3_stmt *statement = statement_of (self, TGW_SQL_FIND);

  if (statement != NULL)
    sqlite3_bind_text (statement, 1, transaction_id, -1, SQLITE_STATIC);
  if (statement == NULL || !load_entries (self, statement, entries))
    {
      tgw_journal_fail (self, error);
      return NULL;
    }
  return entries->len > 0 ? g_ptr_array_steal_index (entries, 0) : NULL;
}

/* Whether the application has it cannot be read: better told twice than never. */
static void
assume_news (TgwEntry *entry)
{
  TgwPayment *payment = entry->payment;

  g_ptr_array_set_size (entry->news, 0);
  if (tgw_payment_is_open (payment))
    return;
  payment->revision = MAX (payment->revision, 1);
  tgw_entry_add_news (entry, payment->revision,
                      payment->state == TGW_PAYMENT_STATE_VOIDED ? TGW_TOLD_VOIDED : TGW_TOLD_COMPLETE, NULL);
}

/* From both ends, because reading stops at the damage. */
static GPtrArray *
salvage_payments (TgwJournal *old)
{
  static const char *const from_both_ends[] = { "SELECT " COLUMNS " FROM payments ORDER BY rowid",
                                                "SELECT " COLUMNS " FROM payments ORDER BY rowid DESC" };
  GPtrArray *entries = g_ptr_array_new_with_free_func ((GDestroyNotify) tgw_entry_unref);

  for (gsize i = 0; i < G_N_ELEMENTS (from_both_ends); i++)
    {
      sqlite3_stmt *statement = NULL;
      gboolean whole = sqlite3_prepare_v2 (old->db, from_both_ends[i], -1, &statement, NULL) == SQLITE_OK &&
                       load_payments (statement, entries);

      sqlite3_finalize (statement);
      if (whole)
        break;
    }
  for (guint i = 0; i < entries->len; i++)
    {
      TgwEntry *entry = entries->pdata[i];

      if (!load_news (old, entry))
        assume_news (entry);
      for (guint j = 0; j < entry->news->len; j++)
        ((TgwNews *) entry->news->pdata[j])->saved = FALSE;
    }
  return entries;
}

static gboolean
salvage_messages (TgwJournal *self, TgwJournal *old)
{
  sqlite3_stmt *statement = NULL;
  gboolean good = TRUE;

  if (sqlite3_prepare_v2 (old->db, "SELECT message_id, at FROM messages", -1, &statement, NULL) == SQLITE_OK)
    while (good && sqlite3_step (statement) == SQLITE_ROW)
      good = run (self, TGW_SQL_SAVE_MESSAGE, (const char *) sqlite3_column_text (statement, 0),
                  sqlite3_column_int64 (statement, 1), 0, NULL);
  sqlite3_finalize (statement);
  return good;
}

/* What can still be read of a damaged file goes into the fresh one. */
static gboolean
take_over (TgwJournal *self, GError **failure)
{
  TgwJournal old = { .path = self->set_aside };
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GError) error = NULL;
  gboolean good = begin (self, &error);

  sqlite3_open_v2 (old.path, &old.db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
  /* Without it a file that was cut off is not read at all. */
  sqlite3_exec (old.db, "PRAGMA writable_schema = ON", NULL, NULL, NULL);
  entries = salvage_payments (&old);
  for (guint i = 0; good && i < entries->len; i++)
    {
      TgwEntry *entry = entries->pdata[i];

      good = save_entry (self, entry, NULL, &error);
      g_hash_table_add (ids, (char *) tgw_payment_get_transaction_id (entry->payment));
    }
  good = good && salvage_messages (self, &old) && tgw_journal_copy_words (self, &old, &error) &&
         tgw_journal_set_word (self, TGW_JOURNAL_RECLAIM, "owed", &error) &&
         tgw_journal_note_taken_over (self, &error);
  good = end (self, good, &error);
  tgw_journal_close_file (&old);
  if (!good)
    {
      g_propagate_error (failure, g_steal_pointer (&error));
      return FALSE;
    }
  tgw_journal_note_read (self);
  g_warning ("The payment journal was damaged. It is kept as “%s”; %u payments could still be read, and the "
             "gateway is asked for what is open",
             self->set_aside, g_hash_table_size (ids));
  return TRUE;
}

TgwJournal *
tgw_journal_open (const char *path, GError **error)
{
  g_autoptr (TgwJournal) self = g_new0 (TgwJournal, 1);
  g_autoptr (GError) reason = NULL;
  gboolean damaged;

  self->path = g_strdup (path);
  if (!tgw_journal_open_file (self, &damaged, &reason) && damaged)
    {
      g_clear_error (&reason);
      tgw_journal_close_file (self);
      if (tgw_journal_move_aside (self, &reason))
        tgw_journal_open_file (self, &damaged, &reason);
    }
  if (reason == NULL)
    tgw_journal_find_unread (self);
  if (reason == NULL && (self->set_aside == NULL || take_over (self, &reason)))
    {
      self->opened = TRUE;
      return g_steal_pointer (&self);
    }
  g_propagate_error (error, g_steal_pointer (&reason));
  return NULL;
}

/* A file that shows its damage only when it is read gives way to a fresh one. */
static gboolean
replace (TgwJournal *self, GError **error)
{
  gboolean damaged;

  tgw_journal_close_file (self);
  return tgw_journal_move_aside (self, error) && tgw_journal_open_file (self, &damaged, error) &&
         take_over (self, error);
}

GPtrArray *
tgw_journal_load (TgwJournal *self, guint limit, GError **error)
{
  gboolean damaged = FALSE;
  g_autoptr (GError) reason = NULL;
  GPtrArray *entries = load (self, limit, &damaged, &reason);

  if (entries == NULL && damaged)
    {
      g_clear_error (&reason);
      if (replace (self, &reason))
        entries = load (self, limit, &damaged, &reason);
    }
  if (reason != NULL)
    g_propagate_error (error, g_steal_pointer (&reason));
  return entries;
}

void
tgw_journal_close (TgwJournal *self)
{
  tgw_journal_close_file (self);
  g_free (self->set_aside);
  g_free (self->path);
  g_free (self);
}

const char *
tgw_journal_set_aside (TgwJournal *self)
{
  return self->set_aside;
}
