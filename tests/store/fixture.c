/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/store/fixture.h"

#include <glib/gstdio.h>
#include <string.h>

char *
make_directory (void)
{
  g_autoptr (GError) error = NULL;
  char *dir = g_dir_make_tmp ("tgw-store-XXXXXX", &error);

  g_assert_no_error (error);
  return dir;
}

void
remove_directory (char *dir)
{
  GDir *entries = g_dir_open (dir, 0, NULL);
  const char *name;

  while (entries && (name = g_dir_read_name (entries)))
    {
      g_autofree char *path = g_build_filename (dir, name, NULL);

      g_unlink (path);
    }
  g_clear_pointer (&entries, g_dir_close);
  g_assert_cmpint (g_rmdir (dir), ==, 0);
  g_free (dir);
}

static void
open_handles (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  fixture->tables = gw_sqlite_tables_open (fixture->path, FALSE, &error);
  g_assert_no_error (error);
  fixture->reader = gw_sqlite_tables_open (fixture->path, TRUE, &error);
  g_assert_no_error (error);
}

static void
close_handles (Fixture *fixture)
{
  if (fixture->reader != fixture->tables)
    fixture->reader->klass->close (fixture->reader);
  fixture->tables->klass->close (fixture->tables);
}

Fixture *
fixture_new (gboolean sqlite)
{
  Fixture *fixture = g_new0 (Fixture, 1);

  if (!sqlite)
    {
      fixture->tables = fixture->reader = gw_memory_tables_new ("0badcafe");
      return fixture;
    }
  fixture->dir = make_directory ();
  fixture->path = g_build_filename (fixture->dir, "gateway.db", NULL);
  open_handles (fixture);
  return fixture;
}

void
fixture_free (Fixture *fixture)
{
  close_handles (fixture);
  if (fixture->dir)
    remove_directory (fixture->dir);
  g_free (fixture->path);
  g_free (fixture);
}

void
fixture_reopen (Fixture *fixture)
{
  if (!fixture->path)
    return;
  close_handles (fixture);
  open_handles (fixture);
}

typedef struct
{
  FixtureTest test;
  gboolean sqlite;
} Case;

static void
run_case (gconstpointer data)
{
  const Case *of = data;
  Fixture *fixture = fixture_new (of->sqlite);

  of->test (fixture, NULL);
  fixture_free (fixture);
}

void
add_test (const char *name, FixtureTest test)
{
  for (int sqlite = 0; sqlite < 2; sqlite++)
    {
      g_autofree char *path = g_strdup_printf ("/store/%s/%s", sqlite ? "sqlite" : "memory", name);
      Case *of = g_new (Case, 1);

      *of = (Case){ test, sqlite };
      g_test_add_data_func_full (path, of, run_case, g_free);
    }
}

void
begin (GwTables *tables)
{
  g_autoptr (GError) error = NULL;
  gboolean begun = tables->klass->begin (tables, &error);

  g_assert_no_error (error);
  g_assert_true (begun);
}

void
commit (GwTables *tables)
{
  g_autoptr (GError) error = NULL;
  GwCommit outcome = tables->klass->commit (tables, &error);

  g_assert_no_error (error);
  g_assert_cmpint (outcome, ==, GW_COMMIT_DONE);
}

void
commit_fails (GwTables *tables)
{
  g_autoptr (GError) error = NULL;
  GwCommit outcome = tables->klass->commit (tables, &error);

  g_assert_nonnull (error);
  g_assert_cmpint (outcome, ==, GW_COMMIT_FAILED);
}

GwTransaction *
make_transaction (const char *group_id, const char *transaction_id, const char *slot, guint flags)
{
  GwTransaction *row = gw_transaction_new ();
  gboolean device = slot[0] != '@';

  gw_set_text (&row->group_id, group_id);
  gw_set_text (&row->transaction_id, transaction_id);
  gw_set_text (&row->key_id, "k_pos");
  gw_set_text (&row->terminal_id, device ? slot : slot + 1);
  gw_set_text (&row->slot, slot);
  gw_set_text (&row->device_id, device ? slot : NULL);
  gw_set_text (&row->connection_id, "c-1");
  gw_set_text (&row->terminal_key_id, device ? "k_terminal" : slot + 1);
  gw_set_text (&row->journal_id, "j-1");
  gw_set_text (&row->request, "{\"amount\":\"12.30\",\"metadata\":{\"text\":\"größer\"}}");
  strcpy (row->currency, "EUR");
  row->flags = flags;
  row->status = TGP_STATUS_PENDING;
  row->amount = 1230;
  row->method = TGP_METHOD_MOBILE;
  row->created_at = 1700000000000;
  row->updated_at = 1700000000001;
  row->timeline_length = 1;
  return row;
}

GwTransaction *
change_transaction (const GwTransaction *row, TgpStatus status, guint flags)
{
  GwTransaction *changed = gw_transaction_copy (row);

  changed->status = status;
  changed->flags = flags;
  changed->void_status = TGP_VOID_REQUESTED;
  changed->charged_amount = 1229;
  strcpy (changed->charged_currency, "CHF");
  gw_set_text (&changed->response, "{\"status\":\"SUCCESS\"}");
  gw_set_text (&changed->conflict, "{\"status\":\"FAILED\"}");
  gw_set_text (&changed->error_code, "TERMINAL_TIMEOUT");
  gw_set_text (&changed->error_message, "It said nothing");
  gw_set_text (&changed->void_reason, "Void requested");
  gw_set_text (&changed->connection_id, "c-2");
  gw_set_text (&changed->journal_id, NULL);
  changed->updated_at += 10;
  changed->completed_at = changed->updated_at;
  changed->voided_at = changed->updated_at + 1;
  changed->grace_expires_at = changed->updated_at + 2;
  changed->outcome_seq = 7;
  changed->void_seq = 8;
  changed->timeline_length++;
  return changed;
}

GwTimelineEntry *
make_timeline (const GwTransaction *transaction, guint n)
{
  GwTimelineEntry *row = gw_timeline_entry_new ();

  gw_set_text (&row->group_id, transaction->group_id);
  gw_set_text (&row->transaction_id, transaction->transaction_id);
  gw_set_text (&row->actor, "pos k_pos");
  gw_set_text (&row->connection, n % 2 ? NULL : "c-1");
  gw_set_text (&row->what, "payment requested");
  gw_set_text (&row->detail, n % 2 ? "12.30 EUR" : NULL);
  row->n = n;
  row->at = 1700000000000 + n;
  row->from_status = n ? TGP_STATUS_PENDING : -1;
  row->to_status = TGP_STATUS_COMPLETED;
  return row;
}

GwKey *
make_key (const char *key_id, TgpRole role)
{
  GwKey *row = gw_key_new ();

  gw_set_text (&row->key_id, key_id);
  gw_set_text (&row->api_key, "api");
  gw_set_text (&row->secret, "secret");
  gw_set_text (&row->group_id, "g");
  row->role = role;
  row->created_at = 1700000000000;
  return row;
}

GwDevice *
make_device (const char *group_id, const char *slot, const char *key_id)
{
  GwDevice *row = gw_device_new ();

  gw_set_text (&row->group_id, group_id);
  gw_set_text (&row->slot, slot);
  gw_set_text (&row->device_id, slot[0] != '@' ? slot : NULL);
  gw_set_text (&row->key_id, key_id);
  gw_set_text (&row->connection_id, "c-1");
  gw_set_text (&row->journal_id, "j-1");
  gw_set_text (&row->metadata, "{\"model\":\"X\"}");
  row->epoch = 3;
  row->attached = TRUE;
  row->capabilities = 5;
  row->connected_at = 1700000000000;
  row->last_seen = 1700000000500;
  return row;
}

GwSession *
make_session (const char *key_id)
{
  GwSession *row = gw_session_new ();

  gw_set_text (&row->key_id, key_id);
  gw_set_text (&row->connection_id, "c-9");
  gw_set_text (&row->session_id, "s-1");
  gw_set_text (&row->address, "192.0.2.1");
  gw_set_text (&row->user_agent, "till/1.0");
  row->epoch = 2;
  row->since = 1700000000000;
  row->acks = TRUE;
  return row;
}

GwMessage *
make_message (GwTables *tables, const char *key_id, const char *transaction_id, gint64 created_at)
{
  GwMessage *row = gw_message_new ();

  row->seq = tables->klass->next_message_seq (tables);
  gw_set_text (&row->key_id, key_id);
  gw_set_text (&row->group_id, "g");
  gw_set_text (&row->transaction_id, transaction_id);
  gw_set_text (&row->action, "paymentComplete");
  gw_set_text (&row->body, "{\"action\":\"paymentComplete\"}");
  row->created_at = created_at;
  return row;
}

GwAuditEntry *
make_audit (const char *what)
{
  GwAuditEntry *row = gw_audit_entry_new ();

  row->at = 1700000000000;
  gw_set_text (&row->actor, "staff");
  gw_set_text (&row->what, what);
  gw_set_text (&row->group_id, "g");
  gw_set_text (&row->detail, "why");
  return row;
}

gint64
put_transaction (GwTables *tables, const char *group_id, const char *transaction_id, const char *slot,
                 guint flags)
{
  g_autoptr (GwTransaction) row = make_transaction (group_id, transaction_id, slot, flags);

  tables->klass->put_transaction (tables, row);
  return row->row_id;
}

gint64
put_message (GwTables *tables, const char *key_id, const char *transaction_id, gint64 created_at)
{
  g_autoptr (GwMessage) row = make_message (tables, key_id, transaction_id, created_at);

  tables->klass->put_message (tables, row);
  return row->seq;
}

void
ask (GwTables *tables, GwRead *read)
{
  g_autoptr (GError) error = NULL;
  gboolean answered = tables->klass->read (tables, read, &error);

  g_assert_no_error (error);
  g_assert_true (answered);
}

static char *
name_of (GwReadKind kind, gpointer row)
{
  switch (kind)
    {
    case GW_READ_TRANSACTION:
    case GW_READ_TRANSACTIONS:
    case GW_READ_OBLIGATIONS:
      return g_strdup (((GwTransaction *) row)->transaction_id);
    case GW_READ_MESSAGES:
      return g_strdup_printf ("%" G_GINT64_FORMAT, ((GwMessage *) row)->seq);
    case GW_READ_TIMELINE:
      return g_strdup_printf ("%u", ((GwTimelineEntry *) row)->n);
    case GW_READ_AUDIT:
      return g_strdup (((GwAuditEntry *) row)->what);
    case GW_READ_ORPHANS:
      return g_strdup_printf ("%s/%s/%s", ((GwOrphan *) row)->group_id, ((GwOrphan *) row)->transaction_id,
                              ((GwOrphan *) row)->slot);
    case GW_READ_KEYS:
      return g_strdup (((GwKey *) row)->key_id);
    case GW_READ_DEVICES:
      return g_strdup_printf ("%s/%s", ((GwDevice *) row)->group_id, ((GwDevice *) row)->slot);
    case GW_READ_SESSIONS:
      return g_strdup (((GwSession *) row)->key_id);
    case GW_READ_SIGNATURES:
      return g_strdup_printf ("%" G_GSIZE_FORMAT,
                              g_bytes_get_size (((GwSignatures *) row)->fingerprints) / 8);
    case GW_READ_CHECK:
      break;
    }
  g_assert_not_reached ();
}

char *
name_rows (const GwRead *read)
{
  GString *names = g_string_new (NULL);

  for (guint i = 0; i < read->rows->len; i++)
    {
      g_autofree char *name = name_of (read->kind, read->rows->pdata[i]);

      g_string_append_printf (names, "%s%s", i ? " " : "", name);
    }
  return g_string_free (names, FALSE);
}
