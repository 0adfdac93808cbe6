/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a sweep takes, and above all what it leaves. */
#include "tests/store/fixture.h"

#define HOLDS GW_HOLDS_TERMINAL

static guint
sweep (Fixture *f, gint64 now, gint64 messages_before, gint64 transactions_before, gint64 ids_before,
       gint64 devices_before, guint limit)
{
  guint n;

  begin (f->tables);
  n = f->tables->klass->sweep (f->tables, now, messages_before, transactions_before, ids_before,
                               devices_before, limit);
  commit (f->tables);
  return n;
}

static char *
list (Fixture *f, GwReadKind kind, const char *key_id)
{
  g_autoptr (GwRead) read = gw_read_new (kind, 0);

  read->key_id = g_strdup (key_id);
  ask (f->reader, read);
  return name_rows (read);
}

#define assert_list(kind, key_id, expected)                                                                  \
  do                                                                                                         \
    {                                                                                                        \
      g_autofree char *_list = list (f, kind, key_id);                                                       \
      g_assert_cmpstr (_list, ==, expected);                                                                 \
    }                                                                                                        \
  while (0)

static void
put (GwTables *tables, const char *id, const char *slot, TgpStatus status, guint flags, gint64 created_at)
{
  g_autoptr (GwTransaction) row = make_transaction ("g", id, slot, flags);
  g_autoptr (GwTimelineEntry) entry = make_timeline (row, 0);

  row->status = status;
  row->created_at = created_at;
  tables->klass->put_transaction (tables, row);
  tables->klass->add_timeline (tables, entry);
}

static void
test_transactions (Fixture *f, gconstpointer data)
{
  const GwTablesClass *klass = f->tables->klass;
  g_autoptr (GwRead) timeline = gw_read_new (GW_READ_TIMELINE, 0);

  begin (f->tables);
  put (f->tables, "young", "A", TGP_STATUS_COMPLETED, GW_SETTLED, 100);
  put (f->tables, "old", "A", TGP_STATUS_COMPLETED, GW_SETTLED, 99);
  put (f->tables, "open", "B", TGP_STATUS_PENDING, HOLDS, 1);
  put (f->tables, "unsettled", "C", TGP_STATUS_FAILED, HOLDS, 1);
  put (f->tables, "reversing", "D", TGP_STATUS_VOIDED, GW_SETTLED | GW_REVERSING, 1);
  put (f->tables, "older", "E", TGP_STATUS_CANCELLED, GW_SETTLED, 40);
  commit (f->tables);

  g_assert_cmpuint (sweep (f, 1000, 0, 100, 50, 0, 100), ==, 2);
  assert_list (GW_READ_TRANSACTIONS, NULL, "young reversing unsettled open");
  timeline->group_id = g_strdup ("g");
  timeline->id = g_strdup ("old");
  ask (f->reader, timeline);
  assert_rows (timeline, "");
  g_free (timeline->id);
  timeline->id = g_strdup ("young");
  ask (f->reader, timeline);
  assert_rows (timeline, "0");

  /* The id outlives its payment, for as long as ids are remembered. */
  fixture_reopen (f);
  begin (f->tables);
  g_assert_true (klass->is_id_remembered (f->tables, "g", "old"));
  g_assert_false (klass->is_id_remembered (f->tables, "h", "old"));
  g_assert_false (klass->is_id_remembered (f->tables, "g", "older"));
  g_assert_false (klass->is_id_remembered (f->tables, "g", "young"));
  commit (f->tables);
  g_assert_cmpuint (sweep (f, 1000, 0, 100, 99, 0, 100), ==, 0);
  g_assert_cmpuint (sweep (f, 1000, 0, 100, 100, 0, 100), ==, 1);
  begin (f->tables);
  g_assert_false (klass->is_id_remembered (f->tables, "g", "old"));
  commit (f->tables);
}

static void
test_limit (Fixture *f, gconstpointer data)
{
  begin (f->tables);
  put (f->tables, "c", "A", TGP_STATUS_COMPLETED, GW_SETTLED, 3);
  put (f->tables, "a", "A", TGP_STATUS_COMPLETED, GW_SETTLED, 1);
  put (f->tables, "b", "A", TGP_STATUS_COMPLETED, GW_SETTLED, 2);
  commit (f->tables);
  g_assert_cmpuint (sweep (f, 1000, 0, 100, 100, 0, 2), ==, 2);
  assert_list (GW_READ_TRANSACTIONS, NULL, "c");
  g_assert_cmpuint (sweep (f, 1000, 0, 100, 100, 0, 0), ==, 0);
  g_assert_cmpuint (sweep (f, 1000, 0, 100, 100, 0, 2), ==, 1);
  g_assert_cmpuint (sweep (f, 1000, 0, 100, 100, 0, 2), ==, 0);
}

static void
test_messages (Fixture *f, gconstpointer data)
{
  g_autoptr (GwRead) audit = gw_read_new (GW_READ_AUDIT, 0);
  gint64 read_one, newest;

  begin (f->tables);
  read_one = put_message (f->tables, "k_1", "t-1", 10);
  put_message (f->tables, "k_1", "t-2", 11);
  put_message (f->tables, "k_1", "t-3", 50);
  newest = put_message (f->tables, "k_1", "t-4", 12);
  f->tables->klass->ack_message (f->tables, "k_1", read_one, 20);
  f->tables->klass->ack_message (f->tables, "k_1", newest, 20);
  commit (f->tables);

  g_assert_cmpuint (sweep (f, 1000, 50, 0, 0, 0, 100), ==, 2);
  assert_list (GW_READ_MESSAGES, "k_1", "3");
  ask (f->reader, audit);
  assert_rows (audit, "message expired unread");
  const GwAuditEntry *entry = audit->rows->pdata[0];
  g_assert_cmpstr (entry->transaction_id, ==, "t-2");
  g_assert_cmpstr (entry->key_id, ==, "k_1");
  g_assert_cmpstr (entry->detail, ==, "paymentComplete");
  g_assert_cmpint (entry->at, ==, 1000);

  /* The newest row stays, or the next numbers would have been used before. */
  g_assert_cmpuint (sweep (f, 1000, 51, 0, 0, 0, 100), ==, 1);
  fixture_reopen (f);
  begin (f->tables);
  g_autoptr (GwMessage) kept = f->tables->klass->get_message (f->tables, newest);
  g_assert_nonnull (kept);
  g_assert_cmpint (f->tables->klass->next_message_seq (f->tables), ==, newest + 1);
  commit (f->tables);
}

static void
test_devices (Fixture *f, gconstpointer data)
{
  const char *slots[] = { "away", "attached", "holding", "reversing", "recent" };

  begin (f->tables);
  for (guint i = 0; i < G_N_ELEMENTS (slots); i++)
    {
      g_autoptr (GwDevice) device = make_device ("g", slots[i], "k_1");

      device->attached = i == 1;
      device->last_seen = i == 4 ? 100 : 99;
      f->tables->klass->put_device (f->tables, device);
    }
  put_transaction (f->tables, "g", "t-1", "holding", HOLDS);
  put_transaction (f->tables, "g", "t-2", "reversing", GW_REVERSING);
  put_transaction (f->tables, "h", "t-3", "away", HOLDS); /* another group's */
  commit (f->tables);
  g_assert_cmpuint (sweep (f, 1000, 0, 0, 0, 100, 100), ==, 1);
  assert_list (GW_READ_DEVICES, NULL, "g/attached g/holding g/recent g/reversing");
}

static void
test_signatures_and_sessions (Fixture *f, gconstpointer data)
{
  const GwTablesClass *klass = f->tables->klass;
  const guint64 seen[] = { 1, 2 };
  g_autoptr (GwSignatures) batch = gw_signatures_new ();

  batch->expires_at = 500;
  batch->fingerprints = g_bytes_new (seen, sizeof seen);
  begin (f->tables);
  klass->add_signature (f->tables, 11, 500);
  klass->put_signatures (f->tables, batch);
  klass->add_signature (f->tables, 12, 501);
  klass->put_displaced (f->tables, "k_1", "s-1", 500);
  klass->put_displaced (f->tables, "k_1", "s-2", 501);
  commit (f->tables);
  g_assert_cmpuint (sweep (f, 500, 0, 0, 0, 0, 100), ==, 3);
  assert_list (GW_READ_SIGNATURES, NULL, "1");
  begin (f->tables);
  g_assert_true (klass->add_signature (f->tables, 11, 900));
  g_assert_false (klass->add_signature (f->tables, 12, 900));
  g_assert_true (klass->is_displaced (f->tables, "k_1", "s-2", 500));
  g_assert_false (klass->is_displaced (f->tables, "k_1", "s-1", 0));
  commit (f->tables);
}

static void
test_orphans (Fixture *f, gconstpointer data)
{
  const GwTablesClass *klass = f->tables->klass;

  begin (f->tables);
  klass->put_orphan (f->tables, "g", "t", "A", "{}", 10);
  klass->put_orphan (f->tables, "g", "t", "A", "{}", 11); /* the same again */
  klass->put_orphan (f->tables, "g", "t", "A", "{\"status\":\"SUCCESS\"}", 12);
  klass->put_orphan (f->tables, "h", "t", "A", "{}", 13);
  klass->put_orphan (f->tables, "g", "t", "B", "{}", 14);
  commit (f->tables);
  g_assert_cmpuint (sweep (f, 1000, 0, 14, 0, 0, 100), ==, 3);
  g_assert_cmpuint (sweep (f, 1000, 0, 15, 0, 0, 100), ==, 1);
  g_assert_cmpuint (sweep (f, 1000, 0, 15, 0, 0, 100), ==, 0);
}

static void
test_rolled_back (Fixture *f, gconstpointer data)
{
  const GwTablesClass *klass = f->tables->klass;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  begin (f->tables);
  put (f->tables, "old", "A", TGP_STATUS_COMPLETED, GW_SETTLED, 10);
  klass->add_signature (f->tables, 11, 50);
  put_message (f->tables, "k_1", "t-1", 10);
  put_message (f->tables, "k_1", "t-2", 10);
  commit (f->tables);
  before = dump_tables (f->reader);
  begin (f->tables);
  g_assert_cmpuint (klass->sweep (f->tables, 1000, 100, 100, 0, 100, 100), ==, 3);
  klass->rollback (f->tables);
  after = dump_tables (f->reader);
  g_assert_cmpstr (after, ==, before);
  begin (f->tables);
  g_assert_false (klass->add_signature (f->tables, 11, 50));
  commit (f->tables);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  add_test ("sweep/transactions", test_transactions);
  add_test ("sweep/limit", test_limit);
  add_test ("sweep/messages", test_messages);
  add_test ("sweep/devices", test_devices);
  add_test ("sweep/signatures-and-sessions", test_signatures_and_sessions);
  add_test ("sweep/orphans", test_orphans);
  add_test ("sweep/rolled-back", test_rolled_back);
  return g_test_run ();
}
