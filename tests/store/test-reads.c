/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What readers are told: filters, cursors, order, and only what is committed. */
#include "tests/store/fixture.h"

#define HOLDS GW_HOLDS_TERMINAL

static void
put (GwTables *tables, const char *group_id, const char *id, const char *slot, TgpStatus status, guint flags,
     gint64 created_at)
{
  g_autoptr (GwTransaction) row = make_transaction (group_id, id, slot, flags);

  row->status = status;
  row->created_at = created_at;
  tables->klass->put_transaction (tables, row);
}

static void
put_some (Fixture *f)
{
  begin (f->tables);
  put (f->tables, "g", "a", "A", TGP_STATUS_COMPLETED, GW_SETTLED, 100);
  put (f->tables, "g", "b", "B", TGP_STATUS_FAILED, GW_SETTLED | GW_NEEDS_ATTENTION, 200);
  put (f->tables, "h", "c", "A", TGP_STATUS_COMPLETED, GW_SETTLED, 200);
  put (f->tables, "g", "d", "A", TGP_STATUS_PENDING, HOLDS, 200);
  put (f->tables, "g", "e", "@k_t", TGP_STATUS_COMPLETED, GW_SETTLED, 300);
  put (f->tables, "h", "f", "B", TGP_STATUS_VOIDED, GW_REVERSING | GW_NEEDS_ATTENTION, 150);
  commit (f->tables);
}

static void
test_list (Fixture *f, gconstpointer data)
{
  g_autoptr (GwRead) read = gw_read_new (GW_READ_TRANSACTIONS, 7);

  put_some (f);
  ask (f->reader, read);
  assert_rows (read, "e d c b f a");
  g_assert_cmpuint (read->count, ==, 6);

  read->group_id = g_strdup ("g");
  ask (f->reader, read);
  assert_rows (read, "e d b a");
  read->from = 200;
  ask (f->reader, read);
  assert_rows (read, "e d b");
  read->to = 300;
  ask (f->reader, read);
  assert_rows (read, "d b");
  read->status = TGP_STATUS_FAILED;
  ask (f->reader, read);
  assert_rows (read, "b");
  read->from = read->to = 0;
  read->status = TGP_STATUS_PENDING;
  ask (f->reader, read);
  assert_rows (read, "d");
  read->status = -1;
  read->terminal_id = g_strdup ("A");
  ask (f->reader, read);
  assert_rows (read, "d a");
  g_free (read->terminal_id);
  read->terminal_id = g_strdup ("k_t"); /* as the POS named it */
  ask (f->reader, read);
  assert_rows (read, "e");
  g_free (read->terminal_id);
  read->terminal_id = g_strdup ("nobody");
  ask (f->reader, read);
  assert_rows (read, "");
}

static void
test_list_mine (Fixture *f, gconstpointer data)
{
  g_autoptr (GwRead) read = gw_read_new (GW_READ_TRANSACTIONS, 0);
  g_autofree char *key_id = NULL;

  put_some (f);
  ask (f->reader, read);
  key_id = g_strdup (((GwTransaction *) read->rows->pdata[0])->key_id);
  for (guint i = 0; i < read->rows->len; i++)
    g_assert_cmpstr (((GwTransaction *) read->rows->pdata[i])->key_id, ==, key_id);
  read->key_id = g_strdup (key_id);
  ask (f->reader, read);
  g_assert_cmpuint (read->rows->len, >, 0);
  g_free (read->key_id);
  read->key_id = g_strdup ("k_other");
  ask (f->reader, read);
  assert_rows (read, "");
}

static void
test_list_attention (Fixture *f, gconstpointer data)
{
  g_autoptr (GwRead) read = gw_read_new (GW_READ_TRANSACTIONS, 0);

  put_some (f);
  read->needs_attention = TRUE;
  ask (f->reader, read);
  assert_rows (read, "b f");
  read->group_id = g_strdup ("h");
  ask (f->reader, read);
  assert_rows (read, "f");
  read->status = TGP_STATUS_FAILED;
  ask (f->reader, read);
  assert_rows (read, "");

  /* It goes when staff have dealt with it. */
  begin (f->tables);
  g_autoptr (GwTransaction) row = f->tables->klass->get_transaction (f->tables, "h", "f");
  g_autoptr (GwTransaction) resolved = change_transaction (row, TGP_STATUS_VOIDED, GW_SETTLED);
  f->tables->klass->put_transaction (f->tables, resolved);
  commit (f->tables);
  read->status = -1;
  ask (f->reader, read);
  assert_rows (read, "");
}

static void
test_list_cursor (Fixture *f, gconstpointer data)
{
  g_autoptr (GwRead) read = gw_read_new (GW_READ_TRANSACTIONS, 0);
  g_autoptr (GString) seen = g_string_new (NULL);

  put_some (f);
  read->limit = 1;
  for (ask (f->reader, read); read->rows->len > 0; ask (f->reader, read))
    {
      const GwTransaction *row = read->rows->pdata[0];

      g_assert_cmpuint (read->rows->len, ==, 1);
      g_string_append (seen, row->transaction_id);
      read->before_created = row->created_at;
      read->before_row_id = row->row_id;
      g_assert_cmpuint (seen->len, <, 7);
    }
  g_assert_cmpstr (seen->str, ==, "edcbfa");
}

static void
test_list_limit (Fixture *f, gconstpointer data)
{
  g_autoptr (GwRead) read = gw_read_new (GW_READ_TRANSACTIONS, 0);

  begin (f->tables);
  for (int i = 0; i < 1100; i++)
    {
      g_autofree char *id = g_strdup_printf ("t-%d", i);

      put (f->tables, "g", id, "A", TGP_STATUS_COMPLETED, GW_SETTLED, 100 + i);
    }
  commit (f->tables);
  ask (f->reader, read);
  g_assert_cmpuint (read->rows->len, ==, 100);
  read->limit = 201;
  ask (f->reader, read);
  g_assert_cmpuint (read->rows->len, ==, 201);
  read->limit = 0;
  ask (f->reader, read);
  g_assert_cmpuint (read->rows->len, ==, 100);
  read->limit = G_MAXUINT;
  ask (f->reader, read);
  g_assert_cmpuint (read->rows->len, ==, 1000);
}

static void
test_one (Fixture *f, gconstpointer data)
{
  g_autoptr (GwRead) read = gw_read_new (GW_READ_TRANSACTION, 0);

  begin (f->tables);
  put_transaction (f->tables, "g", "t", "A", HOLDS);
  put_transaction (f->tables, "h", "t", "A", HOLDS);
  put_transaction (f->tables, "h", "u", "B", HOLDS);
  commit (f->tables);
  read->group_id = g_strdup ("h");
  read->id = g_strdup ("t");
  ask (f->reader, read);
  assert_rows (read, "t");
  g_assert_cmpstr (((GwTransaction *) read->rows->pdata[0])->group_id, ==, "h");
  g_clear_pointer (&read->group_id, g_free); /* the operator asks all groups */
  ask (f->reader, read);
  assert_rows (read, "t t");
  g_free (read->id);
  read->id = g_strdup ("nobody");
  ask (f->reader, read);
  assert_rows (read, "");
}

static void
test_obligations (Fixture *f, gconstpointer data)
{
  g_autoptr (GwRead) read = gw_read_new (GW_READ_OBLIGATIONS, 0);

  begin (f->tables);
  put_transaction (f->tables, "g", "a", "A", HOLDS);
  put_transaction (f->tables, "g", "b", "B", GW_SETTLED);
  put_transaction (f->tables, "h", "c", "C", GW_REVERSING);
  put_transaction (f->tables, "g", "d", "D", HOLDS | GW_REVERSING);
  put_transaction (f->tables, "g", "e", "E", HOLDS);
  commit (f->tables);
  ask (f->reader, read);
  assert_rows (read, "a c d e");
  read->limit = 2;
  ask (f->reader, read);
  assert_rows (read, "a c");
  read->after = ((GwTransaction *) read->rows->pdata[1])->row_id;
  ask (f->reader, read);
  assert_rows (read, "d e");
  read->after = ((GwTransaction *) read->rows->pdata[1])->row_id;
  ask (f->reader, read);
  assert_rows (read, "");
}

static void
test_messages (Fixture *f, gconstpointer data)
{
  g_autoptr (GwRead) read = gw_read_new (GW_READ_MESSAGES, 0);
  gint64 seqs[6];

  begin (f->tables);
  for (guint i = 0; i < G_N_ELEMENTS (seqs); i++)
    seqs[i] = put_message (f->tables, i == 2 ? "k_2" : "k_1", "t", 5);
  g_assert_true (f->tables->klass->ack_message (f->tables, "k_1", seqs[1], 9));
  commit (f->tables);
  read->key_id = g_strdup ("k_1");
  read->limit = 2;
  ask (f->reader, read);
  g_assert_cmpuint (read->rows->len, ==, 2);
  g_assert_cmpint (((GwMessage *) read->rows->pdata[0])->seq, ==, seqs[0]);
  g_assert_cmpint (((GwMessage *) read->rows->pdata[1])->seq, ==, seqs[3]);
  g_assert_cmpuint (read->count, ==, 4);
  read->after = seqs[3];
  read->limit = 64;
  ask (f->reader, read);
  g_assert_cmpuint (read->rows->len, ==, 2);
  g_assert_cmpint (((GwMessage *) read->rows->pdata[0])->seq, ==, seqs[4]);
  g_assert_cmpuint (read->count, ==, 4);
  g_free (read->key_id);
  read->key_id = g_strdup ("k_3");
  ask (f->reader, read);
  g_assert_cmpuint (read->count, ==, 0);
}

static void
test_orphans (Fixture *f, gconstpointer data)
{
  g_autoptr (GwRead) read = gw_read_new (GW_READ_ORPHANS, 0);
  const char *const rows[][3] = { { "g", "t-1", "A" }, { "g", "t-2", "A" }, { "h", "t-1", "B" } };

  begin (f->tables);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_true (f->tables->klass->put_orphan (f->tables, rows[i][0], rows[i][1], rows[i][2],
                                                 "{\"status\":\"SUCCESS\"}", 10 + i));
  commit (f->tables);
  ask (f->reader, read);
  assert_rows (read, "g/t-1/A g/t-2/A h/t-1/B");
  const GwOrphan *first = read->rows->pdata[0];
  g_assert_cmpint (first->created_at, ==, 10);
  g_assert_cmpstr (first->response, ==, "{\"status\":\"SUCCESS\"}");
  read->after = first->id;
  read->limit = 1;
  ask (f->reader, read);
  assert_rows (read, "g/t-2/A");
  read->after = 0;
  read->limit = 10;
  read->id = g_strdup ("t-1");
  ask (f->reader, read);
  assert_rows (read, "g/t-1/A h/t-1/B");
  read->group_id = g_strdup ("h");
  ask (f->reader, read);
  assert_rows (read, "h/t-1/B");
  g_clear_pointer (&read->id, g_free);
  ask (f->reader, read);
  assert_rows (read, "h/t-1/B");
}

static void
test_audit (Fixture *f, gconstpointer data)
{
  g_autoptr (GwRead) read = gw_read_new (GW_READ_AUDIT, 0);
  const char *whats[] = { "one", "two", "three" };

  begin (f->tables);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GwAuditEntry) entry = make_audit (whats[i]);

      f->tables->klass->add_audit (f->tables, entry);
      g_assert_cmpint (entry->seq, ==, i + 1);
    }
  commit (f->tables);
  read->limit = 2;
  ask (f->reader, read);
  assert_rows (read, "one two");
  read->after = 2;
  ask (f->reader, read);
  assert_rows (read, "three");
  const GwAuditEntry *entry = read->rows->pdata[0];
  g_assert_cmpstr (entry->actor, ==, "staff");
  g_assert_cmpstr (entry->detail, ==, "why");
  g_assert_null (entry->key_id);
}

static void
test_timeline_of_all_groups (Fixture *f, gconstpointer data)
{
  g_autoptr (GwRead) read = gw_read_new (GW_READ_TIMELINE, 0);
  const char *groups[] = { "h", "g" };

  begin (f->tables);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GwTransaction) row = make_transaction (groups[i], "t", "A", HOLDS);
      g_autoptr (GwTimelineEntry) first = make_timeline (row, 0);
      g_autoptr (GwTimelineEntry) second = make_timeline (row, 1);

      f->tables->klass->put_transaction (f->tables, row);
      f->tables->klass->add_timeline (f->tables, second);
      f->tables->klass->add_timeline (f->tables, first);
    }
  commit (f->tables);
  read->id = g_strdup ("t");
  ask (f->reader, read);
  assert_rows (read, "0 1 0 1");
  const GwTimelineEntry *entry = read->rows->pdata[0];
  g_assert_cmpstr (entry->group_id, ==, "g");
  g_assert_cmpstr (entry->connection, ==, "c-1");
  g_assert_null (entry->detail);
  g_assert_cmpint (entry->from_status, ==, -1);
  read->group_id = g_strdup ("h");
  ask (f->reader, read);
  assert_rows (read, "0 1");
}

static void
test_whole_tables (Fixture *f, gconstpointer data)
{
  const GwTablesClass *klass = f->tables->klass;
  const char *names[] = { "k_b", "k_c", "k_a" };
  const gint64 created[] = { 5, 3, 5 };

  begin (f->tables);
  for (guint i = 0; i < 3; i++)
    {
      const char *slot = names[i];
      g_autoptr (GwKey) key = make_key (names[i], TGP_ROLE_POS);
      g_autoptr (GwSession) session = make_session (names[i]);
      g_autoptr (GwDevice) device = make_device (i ? "g" : "h", slot, names[i]);

      key->created_at = created[i];
      klass->put_key (f->tables, key);
      klass->put_session (f->tables, session);
      klass->put_device (f->tables, device);
    }
  commit (f->tables);
  g_autoptr (GwRead) keys = gw_read_new (GW_READ_KEYS, 0);
  g_autoptr (GwRead) devices = gw_read_new (GW_READ_DEVICES, 0);
  g_autoptr (GwRead) sessions = gw_read_new (GW_READ_SESSIONS, 0);
  g_autoptr (GwRead) check = gw_read_new (GW_READ_CHECK, 0);
  ask (f->reader, keys);
  assert_rows (keys, "k_c k_a k_b");
  ask (f->reader, devices);
  assert_rows (devices, "g/k_a g/k_c h/k_b");
  ask (f->reader, sessions);
  assert_rows (sessions, "k_a k_b k_c");
  ask (f->reader, check);
}

static void
test_signatures (Fixture *f, gconstpointer data)
{
  const guint64 seen[] = { 1, G_MAXUINT64, 3 };
  g_autoptr (GwSignatures) batch = gw_signatures_new ();
  g_autoptr (GwSignatures) none = gw_signatures_new ();
  g_autoptr (GwRead) read = gw_read_new (GW_READ_SIGNATURES, 0);
  gsize size;

  batch->expires_at = 500;
  batch->fingerprints = g_bytes_new (seen, sizeof seen);
  none->expires_at = 600;
  none->fingerprints = g_bytes_new (NULL, 0);
  begin (f->tables);
  g_assert_true (f->tables->klass->add_signature (f->tables, 0xfedcba9876543210, 400));
  f->tables->klass->put_signatures (f->tables, batch);
  f->tables->klass->put_signatures (f->tables, none);
  commit (f->tables);
  read->now = 399;
  ask (f->reader, read);
  assert_rows (read, "1 3 0");
  const GwSignatures *single = read->rows->pdata[0];
  const GwSignatures *many = read->rows->pdata[1];
  g_assert_cmphex (*(const guint64 *) g_bytes_get_data (single->fingerprints, &size), ==, 0xfedcba9876543210);
  g_assert_cmpint (single->expires_at, ==, 400);
  g_assert_true (g_bytes_equal (many->fingerprints, batch->fingerprints));
  read->now = 400;
  ask (f->reader, read);
  assert_rows (read, "3 0");
}

/* A reader never sees half a batch, and always the last whole one. */
static void
test_isolation (Fixture *f, gconstpointer data)
{
  g_autoptr (GwRead) read = gw_read_new (GW_READ_TRANSACTIONS, 0);

  if (f->reader == f->tables)
    return; /* memory has one handle, and it reads between the batches */
  begin (f->tables);
  put_transaction (f->tables, "g", "a", "A", HOLDS);
  ask (f->reader, read);
  assert_rows (read, "");
  commit (f->tables);
  ask (f->reader, read);
  assert_rows (read, "a");
  begin (f->tables);
  put_transaction (f->tables, "g", "b", "B", HOLDS);
  f->tables->klass->rollback (f->tables);
  ask (f->reader, read);
  assert_rows (read, "a");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  add_test ("read/list", test_list);
  add_test ("read/list-mine", test_list_mine);
  add_test ("read/list-attention", test_list_attention);
  add_test ("read/list-cursor", test_list_cursor);
  add_test ("read/list-limit", test_list_limit);
  add_test ("read/one", test_one);
  add_test ("read/obligations", test_obligations);
  add_test ("read/messages", test_messages);
  add_test ("read/audit", test_audit);
  add_test ("read/orphans", test_orphans);
  add_test ("read/timeline-of-all-groups", test_timeline_of_all_groups);
  add_test ("read/whole-tables", test_whole_tables);
  add_test ("read/signatures", test_signatures);
  add_test ("read/isolation", test_isolation);
  return g_test_run ();
}
