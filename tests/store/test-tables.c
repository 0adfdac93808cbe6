/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The contract of GwTables: rows go in and come out, batches hold or are as if they had never been. */
#include "tests/store/fixture.h"

#include <string.h>

#define HOLDS GW_HOLDS_TERMINAL

static void
assert_same (const GwTransaction *a, const GwTransaction *b)
{
  g_autofree char *text_a = dump_transaction (a);
  g_autofree char *text_b = dump_transaction (b);

  g_assert_cmpstr (text_a, ==, text_b);
}

static void
test_transaction_roundtrip (Fixture *f, gconstpointer data)
{
  const GwTablesClass *klass = f->tables->klass;
  g_autoptr (GwTransaction) row = make_transaction ("g", "t-1", "A", HOLDS | GW_CAN_VOID);

  begin (f->tables);
  klass->put_transaction (f->tables, row);
  g_assert_cmpint (row->row_id, >, 0);
  g_autoptr (GwTransaction) inside = klass->get_transaction (f->tables, "g", "t-1");
  assert_same (row, inside);
  commit (f->tables);

  begin (f->tables);
  g_autoptr (GwTransaction) stored = klass->get_transaction (f->tables, "g", "t-1");
  g_autoptr (GwTransaction) changed = change_transaction (
    stored, TGP_STATUS_VOIDED, GW_SETTLED | GW_REVERSING | GW_RESOLVED_BY_STAFF | GW_FOUND);
  gw_set_text (&changed->slot, "@k_next"); /* a terminal without deviceId whose key was rotated */
  klass->put_transaction (f->tables, changed);
  commit (f->tables);
  fixture_reopen (f);

  begin (f->tables);
  g_autoptr (GwTransaction) again = klass->get_transaction (f->tables, "g", "t-1");
  assert_same (changed, again);
  g_assert_null (klass->get_transaction (f->tables, "g", "t-2"));
  g_assert_null (klass->get_transaction (f->tables, "h", "t-1"));
  commit (f->tables);
}

static void
test_same_id_in_two_groups (Fixture *f, gconstpointer data)
{
  g_autoptr (GwTransaction) g = NULL;
  g_autoptr (GwTransaction) h = NULL;

  begin (f->tables);
  put_transaction (f->tables, "g", "t", "A", HOLDS);
  put_transaction (f->tables, "h", "t", "A", HOLDS);
  commit (f->tables);
  begin (f->tables);
  g = f->tables->klass->get_holder (f->tables, "g", "A");
  h = f->tables->klass->get_holder (f->tables, "h", "A");
  g_assert_cmpstr (g->group_id, ==, "g");
  g_assert_cmpstr (h->group_id, ==, "h");
  commit (f->tables);
}

static void
test_holder (Fixture *f, gconstpointer data)
{
  const GwTablesClass *klass = f->tables->klass;

  begin (f->tables);
  put_transaction (f->tables, "g", "t-1", "A", HOLDS);
  put_transaction (f->tables, "g", "t-2", "A", GW_SETTLED);
  commit (f->tables);

  begin (f->tables);
  g_autoptr (GwTransaction) holder = klass->get_holder (f->tables, "g", "A");
  g_assert_cmpstr (holder->transaction_id, ==, "t-1");
  g_assert_null (klass->get_holder (f->tables, "g", "B"));
  g_autoptr (GwTransaction) settled = change_transaction (holder, TGP_STATUS_COMPLETED, GW_SETTLED);
  klass->put_transaction (f->tables, settled);
  g_assert_null (klass->get_holder (f->tables, "g", "A"));
  put_transaction (f->tables, "g", "t-3", "A", HOLDS);
  commit (f->tables);

  begin (f->tables);
  g_autoptr (GwTransaction) next = klass->get_holder (f->tables, "g", "A");
  g_assert_cmpstr (next->transaction_id, ==, "t-3");
  commit (f->tables);
}

static void
test_two_holders_fail (Fixture *f, gconstpointer data)
{
  g_autofree char *after = NULL;

  begin (f->tables);
  put_transaction (f->tables, "g", "t-1", "A", HOLDS);
  commit (f->tables);

  begin (f->tables);
  put_transaction (f->tables, "g", "t-0", "Z", HOLDS); /* goes with the rest of its batch */
  put_transaction (f->tables, "g", "t-2", "A", HOLDS);
  g_assert_null (
    f->tables->klass->get_transaction (f->tables, "g", "t-1")); /* nothing is seen after an error */
  put_transaction (f->tables, "g", "t-3", "B", HOLDS);
  commit_fails (f->tables);

  /* And by a change of one that was none. */
  begin (f->tables);
  put_transaction (f->tables, "g", "t-4", "A", GW_SETTLED);
  commit (f->tables);
  begin (f->tables);
  g_autoptr (GwTransaction) row = f->tables->klass->get_transaction (f->tables, "g", "t-4");
  g_autoptr (GwTransaction) holds = change_transaction (row, TGP_STATUS_PENDING, HOLDS);
  f->tables->klass->put_transaction (f->tables, holds);
  commit_fails (f->tables);
  begin (f->tables);
  g_autoptr (GwTransaction) still = f->tables->klass->get_transaction (f->tables, "g", "t-4");
  assert_same (row, still);
  commit (f->tables);
  after = dump_tables (f->reader);
  g_assert_null (strstr (after, " t-0 "));
  g_assert_null (strstr (after, " t-2 "));
  g_assert_nonnull (strstr (after, " t-1 "));
}

static void
test_same_id_fails (Fixture *f, gconstpointer data)
{
  begin (f->tables);
  put_transaction (f->tables, "g", "t", "A", 0);
  put_transaction (f->tables, "g", "t", "B", 0);
  commit_fails (f->tables);
  begin (f->tables);
  g_assert_null (f->tables->klass->get_transaction (f->tables, "g", "t"));
  commit (f->tables);
}

static void
test_unknown_row_fails (Fixture *f, gconstpointer data)
{
  g_autoptr (GwTransaction) row = make_transaction ("g", "t", "A", HOLDS);

  row->row_id = 42;
  begin (f->tables);
  f->tables->klass->put_transaction (f->tables, row);
  commit_fails (f->tables);
}

static void
test_rollback (Fixture *f, gconstpointer data)
{
  const GwTablesClass *klass = f->tables->klass;
  g_autoptr (GwKey) key = make_key ("k_1", TGP_ROLE_POS);
  g_autoptr (GwDevice) device = make_device ("g", "A", "k_1");
  g_autoptr (GwSession) session = make_session ("k_1");
  g_autoptr (GwAuditEntry) audit = make_audit ("looked");
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  gint64 seq;

  begin (f->tables);
  put_transaction (f->tables, "g", "t-1", "A", HOLDS);
  seq = put_message (f->tables, "k_1", "t-1", 5);
  klass->put_key (f->tables, key);
  klass->put_device (f->tables, device);
  klass->put_session (f->tables, session);
  commit (f->tables);
  before = dump_tables (f->reader);

  begin (f->tables);
  g_autoptr (GwTransaction) row = klass->get_transaction (f->tables, "g", "t-1");
  g_autoptr (GwTransaction) changed = change_transaction (row, TGP_STATUS_COMPLETED, GW_SETTLED);
  klass->put_transaction (f->tables, changed);
  put_transaction (f->tables, "g", "t-2", "A", HOLDS);
  g_autoptr (GwTimelineEntry) entry = make_timeline (row, 0);
  klass->add_timeline (f->tables, entry);
  klass->add_audit (f->tables, audit);
  g_assert_true (klass->ack_message (f->tables, "k_1", seq, 9));
  g_assert_cmpint (put_message (f->tables, "k_1", "t-1", 6), >, seq);
  g_assert_true (klass->add_signature (f->tables, 77, 1000));
  klass->delete_device (f->tables, "g", "A");
  klass->put_displaced (f->tables, "k_1", "s", 1000);
  klass->move_key (f->tables, "k_1", "k_2");
  klass->rollback (f->tables);

  after = dump_tables (f->reader);
  g_assert_cmpstr (after, ==, before);
  /* Nor does anything come back with the next batch. */
  begin (f->tables);
  commit (f->tables);
  g_free (after);
  after = dump_tables (f->reader);
  g_assert_cmpstr (after, ==, before);
  begin (f->tables);
  g_assert_false (klass->is_displaced (f->tables, "k_1", "s", 1));
  g_assert_true (klass->add_signature (f->tables, 77, 1000));
  commit (f->tables);
}

static void
test_obligations (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (GPtrArray) none = NULL;

  begin (f->tables);
  put_transaction (f->tables, "g", "t-1", "A", GW_REVERSING | GW_SETTLED);
  put_transaction (f->tables, "g", "t-2", "A", HOLDS);
  put_transaction (f->tables, "g", "t-3", "B", HOLDS);
  put_transaction (f->tables, "g", "t-4", "A", GW_REVERSING);
  put_transaction (f->tables, "g", "t-5", "A", GW_SETTLED);
  put_transaction (f->tables, "h", "t-6", "A", HOLDS);
  put_transaction (f->tables, "g", "t-7", "C", HOLDS | GW_REVERSING);
  rows = f->tables->klass->get_obligations (f->tables, "g", "A");
  g_assert_cmpuint (rows->len, ==, 3);
  g_assert_cmpstr (((GwTransaction *) rows->pdata[0])->transaction_id, ==, "t-1");
  g_assert_cmpstr (((GwTransaction *) rows->pdata[1])->transaction_id, ==, "t-2");
  g_assert_cmpstr (((GwTransaction *) rows->pdata[2])->transaction_id, ==, "t-4");
  g_clear_pointer (&rows, g_ptr_array_unref);
  rows = f->tables->klass->get_obligations (f->tables, "g", "C");
  g_assert_cmpuint (rows->len, ==, 1); /* both flags, one row */
  none = f->tables->klass->get_obligations (f->tables, "g", "D");
  g_assert_cmpuint (none->len, ==, 0);

  for (int i = 0; i < 130; i++)
    {
      g_autofree char *id = g_strdup_printf ("many-%03d", i);

      put_transaction (f->tables, "g", id, "M", GW_REVERSING);
    }
  put_transaction (f->tables, "g", "held", "M", HOLDS);
  g_clear_pointer (&rows, g_ptr_array_unref);
  rows = f->tables->klass->get_obligations (f->tables, "g", "M");
  g_assert_cmpuint (rows->len, ==, 100);
  g_assert_cmpstr (((GwTransaction *) rows->pdata[99])->transaction_id, ==, "many-099");
  commit (f->tables);
}

static void
test_key (Fixture *f, gconstpointer data)
{
  const GwTablesClass *klass = f->tables->klass;
  g_autoptr (GwKey) key = make_key ("k_1", TGP_ROLE_TERMINAL);
  g_autoptr (GwKey) stored = NULL;

  begin (f->tables);
  g_assert_null (klass->get_key (f->tables, "k_1"));
  klass->put_key (f->tables, key);
  g_autoptr (GwKey) revoked = gw_key_copy (key);
  revoked->revoked_at = 5;
  gw_set_text (&revoked->successor, "k_2");
  klass->put_key (f->tables, revoked);
  commit (f->tables);
  fixture_reopen (f);
  begin (f->tables);
  stored = klass->get_key (f->tables, "k_1");
  commit (f->tables);
  g_assert_cmpstr (stored->api_key, ==, "api");
  g_assert_cmpstr (stored->secret, ==, "secret");
  g_assert_cmpstr (stored->group_id, ==, "g");
  g_assert_cmpint (stored->role, ==, TGP_ROLE_TERMINAL);
  g_assert_cmpint (stored->created_at, ==, 1700000000000);
  g_assert_cmpint (stored->revoked_at, ==, 5);
  g_assert_cmpstr (stored->successor, ==, "k_2");
}

static void
test_device (Fixture *f, gconstpointer data)
{
  const GwTablesClass *klass = f->tables->klass;
  g_autoptr (GwDevice) device = make_device ("g", "A", "k_1");
  g_autoptr (GwDevice) stored = NULL;

  begin (f->tables);
  klass->put_device (f->tables, device);
  g_autoptr (GwDevice) away = gw_device_copy (device);
  away->attached = FALSE;
  away->epoch = 4;
  gw_set_text (&away->metadata, NULL);
  klass->put_device (f->tables, away);
  commit (f->tables);
  fixture_reopen (f);
  begin (f->tables);
  stored = klass->get_device (f->tables, "g", "A");
  g_assert_null (klass->get_device (f->tables, "h", "A"));
  g_assert_cmpint (stored->epoch, ==, 4);
  g_assert_false (stored->attached);
  g_assert_null (stored->metadata);
  g_assert_cmpstr (stored->device_id, ==, "A");
  g_assert_cmpuint (stored->capabilities, ==, 5);
  klass->delete_device (f->tables, "g", "A");
  klass->delete_device (f->tables, "g", "none");
  g_assert_null (klass->get_device (f->tables, "g", "A"));
  commit (f->tables);
}

static void
test_session (Fixture *f, gconstpointer data)
{
  const GwTablesClass *klass = f->tables->klass;
  g_autoptr (GwSession) session = make_session ("k_1");
  g_autoptr (GwSession) stored = NULL;

  begin (f->tables);
  klass->put_session (f->tables, session);
  g_autoptr (GwSession) next = gw_session_copy (session);
  next->epoch = 3;
  gw_set_text (&next->session_id, NULL);
  klass->put_session (f->tables, next);
  klass->put_displaced (f->tables, "k_1", "s-1", 100);
  klass->put_displaced (f->tables, "k_1", "s-1", 200);
  commit (f->tables);
  fixture_reopen (f);
  begin (f->tables);
  stored = klass->get_session (f->tables, "k_1");
  g_assert_cmpint (stored->epoch, ==, 3);
  g_assert_null (stored->session_id);
  g_assert_cmpstr (stored->user_agent, ==, "till/1.0");
  g_assert_true (stored->acks);
  g_assert_null (klass->get_session (f->tables, "k_2"));
  g_assert_true (klass->is_displaced (f->tables, "k_1", "s-1", 199));
  g_assert_false (klass->is_displaced (f->tables, "k_1", "s-1", 200));
  g_assert_false (klass->is_displaced (f->tables, "k_1", "s-2", 1));
  g_assert_false (klass->is_displaced (f->tables, "k_2", "s-1", 1));
  commit (f->tables);
}

static void
test_messages (Fixture *f, gconstpointer data)
{
  const GwTablesClass *klass = f->tables->klass;
  g_autoptr (GwMessage) stored = NULL;
  gint64 first, second;

  begin (f->tables);
  first = put_message (f->tables, "k_1", "t-1", 5);
  second = put_message (f->tables, "k_1", "t-2", 6);
  g_assert_cmpint (second, >, first);
  commit (f->tables);
  fixture_reopen (f);
  begin (f->tables);
  stored = klass->get_message (f->tables, first);
  g_assert_cmpstr (stored->action, ==, "paymentComplete");
  g_assert_cmpstr (stored->body, ==, "{\"action\":\"paymentComplete\"}");
  g_assert_cmpstr (stored->transaction_id, ==, "t-1");
  g_assert_cmpint (stored->created_at, ==, 5);
  g_assert_null (klass->get_message (f->tables, second + 1));
  klass->rewrite_message (f->tables, stored, "{\"action\":\"paymentComplete\",\"n\":2}");
  g_clear_pointer (&stored, gw_message_unref);
  stored = klass->get_message (f->tables, first);
  g_assert_cmpstr (stored->body, ==, "{\"action\":\"paymentComplete\",\"n\":2}");
  g_assert_cmpint (stored->acked_at, ==, 0);
  g_assert_false (klass->ack_message (f->tables, "k_2", first, 9));
  g_assert_true (klass->ack_message (f->tables, "k_1", first, 9));
  g_assert_false (klass->ack_message (f->tables, "k_1", first, 10));
  g_assert_false (klass->ack_message (f->tables, "k_1", second + 1, 10));
  /* Monotonic over a restart, and an acked one is still there to be said again. */
  g_assert_cmpint (klass->next_message_seq (f->tables), >, second);
  g_clear_pointer (&stored, gw_message_unref);
  stored = klass->get_message (f->tables, first);
  g_assert_cmpint (stored->acked_at, ==, 9);
  commit (f->tables);
}

static void
test_same_seq_fails (Fixture *f, gconstpointer data)
{
  begin (f->tables);
  g_autoptr (GwMessage) message = make_message (f->tables, "k_1", "t", 5);
  f->tables->klass->put_message (f->tables, message);
  g_autoptr (GwMessage) twin = gw_message_copy (message);
  f->tables->klass->put_message (f->tables, twin);
  commit_fails (f->tables);
}

static void
test_signatures (Fixture *f, gconstpointer data)
{
  const GwTablesClass *klass = f->tables->klass;
  const guint64 seen[] = { 1, 2, 3 };
  g_autoptr (GwSignatures) batch = gw_signatures_new ();

  batch->expires_at = 500;
  batch->fingerprints = g_bytes_new (seen, sizeof seen);
  begin (f->tables);
  g_assert_true (klass->add_signature (f->tables, 0, 500));
  g_assert_true (klass->add_signature (f->tables, G_MAXUINT64, 500));
  g_assert_false (klass->add_signature (f->tables, G_MAXUINT64, 900));
  klass->put_signatures (f->tables, batch);
  commit (f->tables);
  fixture_reopen (f);
  begin (f->tables);
  g_assert_false (klass->add_signature (f->tables, 0, 900));
  g_assert_false (klass->add_signature (f->tables, G_MAXUINT64, 900));
  g_assert_true (klass->add_signature (f->tables, 12345, 900));
  commit (f->tables);
}

static void
test_timeline (Fixture *f, gconstpointer data)
{
  const GwTablesClass *klass = f->tables->klass;
  g_autoptr (GwTransaction) row = make_transaction ("g", "t", "A", HOLDS);
  g_autoptr (GwTransaction) ghost = make_transaction ("g", "ghost", "B", HOLDS);
  g_autoptr (GwTimelineEntry) first = make_timeline (row, 0);
  g_autoptr (GwTimelineEntry) second = make_timeline (row, 1);
  g_autoptr (GwTimelineEntry) third = make_timeline (row, 2);
  g_autoptr (GwTimelineEntry) of_ghost = make_timeline (ghost, 0);
  g_autoptr (GwTimelineEntry) twin = make_timeline (row, 1);
  g_autoptr (GwRead) read = gw_read_new (GW_READ_TIMELINE, 0);

  /* Before its payment, after it, and in a later batch. */
  begin (f->tables);
  klass->add_timeline (f->tables, first);
  klass->put_transaction (f->tables, row);
  klass->add_timeline (f->tables, second);
  commit (f->tables);
  begin (f->tables);
  klass->add_timeline (f->tables, third);
  commit (f->tables);
  begin (f->tables);
  klass->add_timeline (f->tables, of_ghost);
  commit_fails (f->tables);
  begin (f->tables);
  klass->add_timeline (f->tables, twin);
  commit_fails (f->tables);

  read->group_id = g_strdup ("g");
  read->id = g_strdup ("t");
  ask (f->reader, read);
  assert_rows (read, "0 1 2");
}

static void
test_empty_batch (Fixture *f, gconstpointer data)
{
  guint64 commits;

  begin (f->tables);
  put_transaction (f->tables, "g", "t", "A", HOLDS);
  commit (f->tables);
  commits = f->tables->commits;
  g_assert_cmpuint (commits, ==, 1);
  begin (f->tables);
  g_autoptr (GwTransaction) row = f->tables->klass->get_transaction (f->tables, "g", "t");
  g_assert_nonnull (row);
  commit (f->tables);
  g_assert_cmpuint (f->tables->commits, ==, commits);
}

/* "open ids|ids being reversed|ids of unread messages". */
static void
assert_listed (Fixture *f, const char *key_id, guint limit, const char *expected)
{
  GPtrArray *lists[3];
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    lists[i] = g_ptr_array_new_with_free_func (g_free);
  f->tables->klass->list_key (f->tables, key_id, limit, lists[0], lists[1], lists[2]);
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      for (guint k = 0; k < lists[i]->len; k++)
        g_string_append_printf (text, "%s%s", k ? " " : "", (char *) lists[i]->pdata[k]);
      g_string_append (text, i < 2 ? "|" : "");
      g_ptr_array_unref (lists[i]);
    }
  g_assert_cmpstr (text->str, ==, expected);
  g_string_free (text, TRUE);
}

static void
test_move_key (Fixture *f, gconstpointer data)
{
  const GwTablesClass *klass = f->tables->klass;
  guint open, reversing, unread;
  gint64 acked;
  g_autofree char *text = NULL;

  begin (f->tables);
  g_autoptr (GwKey) pos = make_key ("k_pos", TGP_ROLE_POS);
  g_autoptr (GwKey) next = make_key ("k_next", TGP_ROLE_POS);
  g_autoptr (GwDevice) own = make_device ("g", "@k_pos", "k_pos");
  g_autoptr (GwDevice) other = make_device ("g", "A", "k_terminal");
  klass->put_key (f->tables, pos);
  klass->put_key (f->tables, next);
  klass->put_device (f->tables, own);
  klass->put_device (f->tables, other);
  put_transaction (f->tables, "g", "open", "A", HOLDS);
  put_transaction (f->tables, "g", "void", "B", GW_REVERSING);
  put_transaction (f->tables, "g", "done", "C", GW_SETTLED);
  put_transaction (f->tables, "g", "slot", "@k_pos", HOLDS | GW_REVERSING);
  acked = put_message (f->tables, "k_pos", "t", 5);
  put_message (f->tables, "k_pos", "t", 6);
  put_message (f->tables, "k_else", "t", 7);
  g_assert_true (klass->ack_message (f->tables, "k_pos", acked, 9));
  commit (f->tables);

  begin (f->tables);
  klass->count_key (f->tables, "k_pos", &open, &reversing, &unread);
  g_assert_cmpuint (open, ==, 2);
  g_assert_cmpuint (reversing, ==, 2);
  g_assert_cmpuint (unread, ==, 1);
  assert_listed (f, "k_pos", 100, "open slot|void slot|t");
  assert_listed (f, "k_pos", 1, "open|void|t");
  assert_listed (f, "k_terminal", 100, "open|void|");
  assert_listed (f, "k_none", 100, "||");
  klass->count_key (f->tables, "k_terminal", &open, &reversing, &unread);
  g_assert_cmpuint (open, ==, 1);
  g_assert_cmpuint (reversing, ==, 1);
  g_assert_cmpuint (unread, ==, 0);
  klass->move_key (f->tables, "k_pos", "k_next");
  klass->count_key (f->tables, "k_pos", &open, &reversing, &unread);
  g_assert_cmpuint (open + reversing + unread, ==, 0);
  klass->count_key (f->tables, "k_next", &open, &reversing, &unread);
  g_assert_cmpuint (open, ==, 2);
  g_assert_cmpuint (reversing, ==, 2);
  g_assert_cmpuint (unread, ==, 1);
  commit (f->tables);

  begin (f->tables);
  g_autoptr (GwTransaction) moved = klass->get_holder (f->tables, "g", "@k_next");
  g_autoptr (GwTransaction) done = klass->get_transaction (f->tables, "g", "done");
  g_autoptr (GwMessage) kept = klass->get_message (f->tables, acked);
  g_autoptr (GwDevice) device = klass->get_device (f->tables, "g", "@k_next");
  g_assert_cmpstr (moved->key_id, ==, "k_next");
  g_assert_cmpstr (moved->terminal_key_id, ==, "k_next");
  g_assert_cmpstr (done->key_id, ==, "k_pos");
  g_assert_cmpstr (kept->key_id, ==, "k_pos");
  g_assert_cmpstr (device->key_id, ==, "k_next");
  g_assert_null (klass->get_device (f->tables, "g", "@k_pos"));
  commit (f->tables);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  add_test ("transaction/roundtrip", test_transaction_roundtrip);
  add_test ("transaction/same-id-in-two-groups", test_same_id_in_two_groups);
  add_test ("transaction/same-id-fails", test_same_id_fails);
  add_test ("transaction/unknown-row-fails", test_unknown_row_fails);
  add_test ("holder/get", test_holder);
  add_test ("holder/two-fail", test_two_holders_fail);
  add_test ("obligations", test_obligations);
  add_test ("rollback", test_rollback);
  add_test ("empty-batch", test_empty_batch);
  add_test ("key/roundtrip", test_key);
  add_test ("key/move-and-count", test_move_key);
  add_test ("device", test_device);
  add_test ("session", test_session);
  add_test ("messages/roundtrip", test_messages);
  add_test ("messages/same-seq-fails", test_same_seq_fails);
  add_test ("signatures", test_signatures);
  add_test ("timeline", test_timeline);
  return g_test_run ();
}
