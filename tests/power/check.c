/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/power/check.h"

#include "gateway/store/sqlite-private.h"
#include "protocol/pos-event.h"
#include "tests/store/fixture.h"

#include <string.h>

#define I64   G_GINT64_FORMAT
#define AFTER "after the cut"

static char *
check_integrity (GwTables *tables)
{
  sqlite3_stmt *stmt = NULL;
  char *fault = NULL;

  if (sqlite3_prepare_v2 (((GwSqliteTables *) tables)->db, "PRAGMA integrity_check", -1, &stmt, NULL) !=
        SQLITE_OK ||
      sqlite3_step (stmt) != SQLITE_ROW)
    fault = g_strdup ("integrity_check cannot be run");
  else if (strcmp ((const char *) sqlite3_column_text (stmt, 0), "ok") != 0)
    fault = g_strdup_printf ("damaged: %s", (const char *) sqlite3_column_text (stmt, 0));
  sqlite3_finalize (stmt);
  return fault;
}

/* What check_use() left there, if this is the second cut. */
static char *
without_use (char *state)
{
  g_auto (GStrv) lines = g_strsplit (state, "\n", -1);
  GString *rest = g_string_new (NULL);

  for (guint i = 0; lines[i]; i++)
    if (!strstr (lines[i], AFTER) && lines[i][0])
      g_string_append_printf (rest, "%s\n", lines[i]);
  g_free (state);
  return g_string_free (rest, FALSE);
}

/* As it was after the last commit that was told to be done, or after the one that was under way. */
static char *
check_state (Story *story, int done, GwTables *tables)
{
  g_autofree char *state = without_use (dump_tables (tables));

  for (guint i = done; i < story->marks->len && i <= (guint) done + 1; i++)
    if (strcmp (state, g_array_index (story->marks, Mark, i).state) == 0)
      return NULL;
  for (int i = done - 1; i >= 0; i--)
    if (strcmp (state, g_array_index (story->marks, Mark, i).state) == 0)
      return g_strdup_printf ("%d commits that were done are gone", done - i);
  return g_strdup ("neither what was committed nor what was being committed");
}

/* --- every promise by itself, asked as the gateway would ask --- */

static char *
check_row (const Promise *promise, GwTables *tables)
{
  g_autoptr (GwTransaction) row = tables->klass->get_transaction (tables, "g", promise->id);

  if (!row || row->timeline_length < promise->number)
    return g_strdup_printf ("payment %s is %s", promise->id, row ? "older than was told" : "gone");
  return NULL;
}

/* Its verdict may be better known since; that it is as it was committed, the state as a whole shows. */
static gboolean
is_the_same_news (const char *a, const char *b)
{
  g_autoptr (TgpPosEvent) one = tgp_pos_event_decode (a, strlen (a), NULL);
  g_autoptr (TgpPosEvent) other = tgp_pos_event_decode (b, strlen (b), NULL);

  return one && other && g_strcmp0 (one->message_id, other->message_id) == 0 &&
         g_strcmp0 (one->transaction_id, other->transaction_id) == 0 && one->type == other->type &&
         one->result == other->result;
}

static char *
check_message (const Promise *promise, GwTables *tables)
{
  g_autoptr (GwMessage) message = tables->klass->get_message (tables, promise->number);

  if (!message)
    return g_strdup_printf ("message %" I64 " is gone", promise->number);
  if (promise->kind == PROMISE_ACK && !message->acked_at)
    return g_strdup_printf ("message %" I64 " waits again after its ack", promise->number);
  if (promise->kind == PROMISE_MESSAGE && !is_the_same_news (message->body, promise->text))
    return g_strdup_printf ("message %" I64 " is another one", promise->number);
  if (tables->klass->next_message_seq (tables) <= promise->number)
    return g_strdup_printf ("number %" I64 " is given away twice", promise->number);
  return NULL;
}

static char *
check_key (const Promise *promise, GwTables *tables)
{
  g_autoptr (GwKey) key = tables->klass->get_key (tables, promise->id);

  if (!key)
    return g_strdup_printf ("key %s is gone", promise->id);
  if (promise->number && !key->revoked_at)
    return g_strdup_printf ("key %s is valid again", promise->id);
  return NULL;
}

static char *
check_promise (Story *story, const Promise *promise, GwTables *tables)
{
  switch (promise->kind)
    {
    case PROMISE_ROW:
      return check_row (promise, tables);
    case PROMISE_MESSAGE:
    case PROMISE_ACK:
      return check_message (promise, tables);
    case PROMISE_SIGNATURE:
      if (tables->klass->add_signature (tables, (guint64) promise->number, story->now))
        return g_strdup ("a request that was taken could be replayed");
      return NULL;
    case PROMISE_DISPLACED:
      if (!tables->klass->is_displaced (tables, promise->text, promise->id, story->now))
        return g_strdup_printf ("session %s may speak again", promise->id);
      return NULL;
    case PROMISE_KEY:
      return check_key (promise, tables);
    case N_PROMISES:
      break;
    }
  g_assert_not_reached ();
}

static char *
check_promises (Story *story, int done, GwTables *tables)
{
  char *fault = NULL;

  begin (tables);
  for (guint i = 0; i < story->promises->len && !fault; i++)
    {
      const Promise *promise = story->promises->pdata[i];

      if ((int) promise->mark <= done)
        fault = check_promise (story, promise, tables);
    }
  tables->klass->rollback (tables);
  return fault;
}

/* 0, 1, 2, …, and as many as the row says. */
static char *
check_timelines (GwTables *tables)
{
  g_autoptr (GwRead) list = gw_read_new (GW_READ_TRANSACTIONS, 0);

  list->limit = GW_READ_MAX;
  ask (tables, list);
  for (guint i = 0; i < list->rows->len; i++)
    {
      const GwTransaction *row = list->rows->pdata[i];
      g_autoptr (GwRead) timeline = gw_read_new (GW_READ_TIMELINE, 0);

      timeline->group_id = g_strdup (row->group_id);
      timeline->id = g_strdup (row->transaction_id);
      ask (tables, timeline);
      gboolean whole = timeline->rows->len == row->timeline_length;
      for (guint n = 0; whole && n < timeline->rows->len; n++)
        whole = ((GwTimelineEntry *) timeline->rows->pdata[n])->n == n;
      if (!whole)
        return g_strdup_printf ("the timeline of %s has a gap", row->transaction_id);
    }
  return NULL;
}

/* What was left is a store that goes on. */
static char *
check_use (GwTables *tables)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwAuditEntry) entry = make_audit (AFTER);

  if (!tables->klass->begin (tables, &error))
    return g_strdup_printf ("no batch can begin: %s", error->message);
  tables->klass->add_audit (tables, entry);
  if (tables->klass->commit (tables, &error) != GW_COMMIT_DONE)
    return g_strdup_printf ("nothing can be stored: %s", error->message);
  return NULL;
}

static char *
check_tables (Story *story, int done, GwTables *tables)
{
  char *fault = check_integrity (tables);

  if (!fault && done >= 0)
    fault = check_promises (story, done, tables);
  if (!fault && done >= 0)
    fault = check_state (story, done, tables);
  if (!fault)
    fault = check_timelines (tables);
  return fault ? fault : check_use (tables);
}

char *
check_cut (Story *story, guint n, const char *dir)
{
  g_autofree char *path = g_build_filename (dir, "gateway.db", NULL);
  g_autoptr (GError) error = NULL;
  int done = -1; /* before the first opening was done, nothing was promised */

  while (done + 1 < (int) story->marks->len && g_array_index (story->marks, Mark, done + 1).events <= n)
    done++;
  GwTables *tables = gw_sqlite_tables_open (path, FALSE, &error);
  if (!tables)
    return g_strdup_printf ("does not open: %s", error->message);
  char *fault = check_tables (story, done, tables);
  tables->klass->close (tables);
  return fault;
}
