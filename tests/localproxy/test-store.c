/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the proxy remembers, over a close and an opening. */
#include "localproxy/store.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>

typedef struct
{
  char *folder, *path;
  LpStore *store;
  gint64 now;
} Fixture;

static void
open_store (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&fixture->store, lp_store_close);
  fixture->store = lp_store_open (fixture->path, &error);
  g_assert_no_error (error);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("tgw-proxy.XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "proxy.db", NULL);
  fixture->now = 1000;
  open_store (fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  static const char *const files[] = { "proxy.db", "proxy.db-wal", "proxy.db-shm" };

  g_clear_pointer (&fixture->store, lp_store_close);
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (fixture->folder, files[i], NULL);
      g_unlink (path);
    }
  g_rmdir (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->path);
}

static void
test_clients (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  LpClientRow row = { .id = (char *) "till", .kind = LP_CLIENT_TOKEN, .created_at = 7, .acks = TRUE };
  GStatBuf status;

  memset (row.token_hash, 9, sizeof row.token_hash);
  g_assert_true (lp_store_put_client (fixture->store, &row, &error));
  row.session_id = (char *) "run-1";
  g_assert_true (lp_store_put_client (fixture->store, &row, &error));
  g_assert_true (lp_store_put_displaced (fixture->store, "till", "run-0", 100, &error));
  open_store (fixture);
  rows = lp_store_load_clients (fixture->store, &error);
  g_assert_cmpuint (rows->len, ==, 1);
  const LpClientRow *read = rows->pdata[0];
  g_assert_cmpstr (read->id, ==, "till");
  g_assert_cmpmem (read->token_hash, 32, row.token_hash, 32);
  g_assert_null (read->secret);
  g_assert_true (read->acks);
  g_assert_cmpstr (read->session_id, ==, "run-1");
  g_assert_true (lp_store_is_displaced (fixture->store, "till", "run-0", 99));
  g_assert_false (lp_store_is_displaced (fixture->store, "till", "run-0", 100));
  g_assert_false (lp_store_is_displaced (fixture->store, "other", "run-0", 99));
  g_assert_cmpint (g_stat (fixture->path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);
}

static void
add_order (Fixture *fixture, const char *id)
{
  LpOrder order = { .transaction_id = (char *) id,
                    .client_id = (char *) "till",
                    .terminal_id = (char *) "TERM",
                    .currency = "EUR",
                    .created_at = 5 };
  g_assert_true (lp_store_add_order (fixture->store, &order, NULL));
}

/* Whose a payment is stays known while there may be news of it. */
static void
test_under_way (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) under_way = g_ptr_array_new ();

  g_ptr_array_add (under_way, (char *) "it's");
  g_ptr_array_add (under_way, (char *) "T-2");
  add_order (fixture, "T-1");
  add_order (fixture, "T-2");
  add_order (fixture, "it's");
  lp_store_sweep (fixture->store, G_MAXINT64 / 2, under_way);
  g_autoptr (LpOrder) over = lp_store_find_order (fixture->store, "T-1", NULL);
  g_autoptr (LpOrder) kept = lp_store_find_order (fixture->store, "T-2", NULL);
  g_autoptr (LpOrder) quoted = lp_store_find_order (fixture->store, "it's", NULL);
  g_assert_null (over);
  g_assert_nonnull (kept);
  g_assert_nonnull (quoted);
  lp_store_sweep (fixture->store, G_MAXINT64 / 2, NULL);
  g_autoptr (LpOrder) gone = lp_store_find_order (fixture->store, "T-2", NULL);
  g_assert_null (gone);
}

static void
test_signatures (Fixture *fixture, gconstpointer data)
{
  gboolean fresh;

  g_assert_true (lp_store_see_signature (fixture->store, G_MAXUINT64, 10, &fresh, NULL));
  g_assert_true (fresh);
  open_store (fixture);
  g_assert_true (lp_store_see_signature (fixture->store, G_MAXUINT64, 10, &fresh, NULL));
  g_assert_false (fresh);
  lp_store_sweep (fixture->store, 11, NULL);
  g_assert_true (lp_store_see_signature (fixture->store, G_MAXUINT64, 10, &fresh, NULL));
  g_assert_true (fresh);
}

static void
test_orders (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  LpOrder order = { .transaction_id = (char *) "T-1",
                    .client_id = (char *) "till",
                    .terminal_id = (char *) "TERM",
                    .amount = 1234,
                    .currency = "EUR",
                    .method = 2,
                    .created_at = 5 };

  g_assert_true (lp_store_add_order (fixture->store, &order, &error));
  open_store (fixture);
  g_autoptr (LpOrder) read = lp_store_find_order (fixture->store, "T-1", &error);
  g_assert_cmpstr (read->client_id, ==, "till");
  g_assert_cmpint (read->amount, ==, 1234);
  g_assert_cmpstr (read->currency, ==, "EUR");
  g_assert_null (read->device_id);
  g_assert_null (lp_store_find_order (fixture->store, "T-2", &error));
  g_assert_no_error (error);
  g_assert_false (read->refused);

  /* The id is free, and whose it was is known until somebody uses it. */
  g_assert_true (lp_store_refuse_order (fixture->store, "T-1", &error));
  g_autoptr (LpOrder) refused = lp_store_find_order (fixture->store, "T-1", &error);
  g_assert_true (refused->refused);
  g_assert_cmpstr (refused->client_id, ==, "till");
  order.client_id = (char *) "bar";
  g_assert_true (lp_store_add_order (fixture->store, &order, &error));
  g_autoptr (LpOrder) next = lp_store_find_order (fixture->store, "T-1", &error);
  g_assert_false (next->refused);
  g_assert_cmpstr (next->client_id, ==, "bar");
}

/* What the first release wrote. */
static void
test_old_version (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  sqlite3 *db = NULL;

  g_clear_pointer (&fixture->store, lp_store_close);
  g_assert_cmpint (sqlite3_open (fixture->path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db,
                                 "ALTER TABLE orders DROP COLUMN refused; DROP TABLE expired;"
                                 "INSERT INTO orders VALUES ('T-1', 'till', 'TERM', NULL, 1234, 'EUR', 2, 5);"
                                 "PRAGMA user_version = 1",
                                 NULL, NULL, NULL),
                   ==, SQLITE_OK);
  sqlite3_close (db);
  open_store (fixture);
  g_autoptr (LpOrder) read = lp_store_find_order (fixture->store, "T-1", &error);
  g_assert_cmpint (read->amount, ==, 1234);
  g_assert_false (read->refused);
  open_store (fixture); /* once is enough */
}

static LpMessage *
add (Fixture *fixture, const char *client_id, const char *id, const char *action, guint revision)
{
  g_autoptr (GError) error = NULL;
  LpMessage *message = g_new0 (LpMessage, 1);
  static guint n;

  message->client_id = g_strdup (client_id);
  message->transaction_id = g_strdup (id);
  message->action = g_strdup (action);
  message->message_id = g_strdup_printf ("m-%u", ++n);
  message->body = g_strdup_printf ("{\"n\":%u}", n);
  g_assert_true (lp_store_add_message (fixture->store, message, revision, fixture->now, &error));
  g_assert_no_error (error);
  return message;
}

/* The same news again is the same message, also when it was acked, and whoever it is said to be for. */
static void
test_once (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LpMessage) first = add (fixture, "till", "T-1", "paymentComplete", 0);
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();
  g_autoptr (GArray) seqs = NULL;

  open_store (fixture);
  g_autoptr (LpMessage) again = add (fixture, "till", "T-1", "paymentComplete", 0);
  g_assert_cmpint (again->seq, ==, first->seq);
  g_assert_cmpstr (again->message_id, ==, first->message_id);
  g_assert_cmpstr (again->body, ==, first->body);
  g_assert_false (again->acked);
  g_ptr_array_add (ids, first->message_id);
  g_ptr_array_add (ids, (char *) "unknown");
  seqs = lp_store_ack_ids (fixture->store, "other", ids, &error);
  g_assert_cmpuint (seqs->len, ==, 0); /* not his */
  g_clear_pointer (&seqs, g_array_unref);
  seqs = lp_store_ack_ids (fixture->store, "till", ids, &error);
  g_assert_cmpuint (seqs->len, ==, 1);
  g_autoptr (LpMessage) acked = add (fixture, "till", "T-1", "paymentComplete", 0);
  g_assert_true (acked->acked);
  g_autoptr (LpMessage) outcome = lp_store_last_outcome (fixture->store, "T-1", &error);
  g_assert_cmpstr (outcome->message_id, ==, first->message_id);
}

static gboolean
add_with_id (Fixture *fixture, const char *id, const char *message_id, guint revision, GError **error)
{
  LpMessage message = { .client_id = g_strdup ("till"),
                        .transaction_id = g_strdup (id),
                        .action = g_strdup ("paymentVoidFailed"),
                        .message_id = g_strdup (message_id),
                        .body = g_strdup ("{}") };
  gboolean added = lp_store_add_message (fixture->store, &message, revision, 1000, error);

  g_free (message.client_id);
  g_free (message.transaction_id);
  g_free (message.action);
  g_free (message.message_id);
  g_free (message.body);
  return added && message.known;
}

/* A message that comes again is the same news, whatever its number; another payment's is not. */
static void
test_message_id (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint count = 0;

  g_assert_false (add_with_id (fixture, "T-1", "m", 1, &error));
  g_assert_true (add_with_id (fixture, "T-1", "m", 2, &error));
  g_assert_no_error (error);
  g_assert_false (add_with_id (fixture, "T-2", "m", 1, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  g_autoptr (GPtrArray) rows = lp_store_read_messages (fixture->store, "till", 0, 9, &count, NULL);
  g_assert_cmpuint (rows->len, ==, 1);
}

static void
test_queue (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LpMessage) a = add (fixture, "till", "T-1", "paymentComplete", 0);
  g_autoptr (LpMessage) other = add (fixture, "bar", "T-2", "paymentComplete", 0);
  g_autoptr (LpMessage) b = add (fixture, "till", "T-1", "paymentVoided", 0);
  g_autoptr (LpMessage) c = add (fixture, "till", "T-1", "paymentVoidFailed", 3);
  g_autoptr (LpMessage) d = add (fixture, "till", "T-1", "paymentVoidFailed", 5);
  g_autoptr (GArray) seqs = g_array_new (FALSE, FALSE, sizeof (gint64));
  guint count = 0;

  g_autoptr (GPtrArray) rows = lp_store_read_messages (fixture->store, "till", a->seq, 2, &count, &error);
  g_assert_cmpuint (count, ==, 4);
  g_assert_cmpuint (rows->len, ==, 2);
  g_assert_cmpint (((LpMessage *) rows->pdata[0])->seq, ==, b->seq);
  g_array_append_val (seqs, b->seq);
  g_assert_true (lp_store_ack_seqs (fixture->store, "till", seqs, &error));
  g_autoptr (GPtrArray) rest = lp_store_read_messages (fixture->store, "till", 0, 9, &count, &error);
  g_assert_cmpuint (rest->len, ==, 3);
  g_assert_cmpint (d->seq, >, c->seq);
  g_assert_cmpuint (lp_store_sweep (fixture->store, 1000, NULL), ==, 0);
  g_assert_cmpuint (lp_store_sweep (fixture->store, 1001 + G_GINT64_CONSTANT (7) * 24 * 3600 * 1000, NULL),
                    ==, 4);
  g_assert_cmpstr (other->client_id, ==, "bar");
}

/* Whose messages expired unread, how many and when is told, also later, and adds up. */
static void
test_expired (Fixture *fixture, gconstpointer data)
{
  const gint64 week = G_GINT64_CONSTANT (7) * 24 * 3600 * 1000;
  g_autoptr (LpMessage) a = add (fixture, "till", "T-1", "paymentComplete", 0);
  g_autoptr (LpMessage) b = add (fixture, "till", "T-2", "paymentComplete", 0);
  g_autoptr (LpMessage) read = add (fixture, "till", "T-3", "paymentComplete", 0);
  g_autoptr (LpMessage) other = add (fixture, "bar", "T-4", "paymentComplete", 0);
  g_autoptr (GArray) seqs = g_array_new (FALSE, FALSE, sizeof (gint64));
  gint64 last;

  g_array_append_val (seqs, read->seq);
  g_array_append_val (seqs, other->seq);
  g_assert_true (lp_store_ack_seqs (fixture->store, "till", seqs, NULL));
  g_assert_true (lp_store_ack_seqs (fixture->store, "bar", seqs, NULL));
  g_assert_cmpuint (lp_store_count_expired (fixture->store, "till", &last), ==, 0);
  g_assert_cmpint (last, ==, 0);
  g_assert_cmpuint (lp_store_sweep (fixture->store, week + 1001, NULL), ==, 2);
  g_assert_cmpuint (lp_store_count_expired (fixture->store, "till", &last), ==, 2);
  g_assert_cmpint (last, ==, week + 1001);
  g_assert_cmpuint (lp_store_sweep (fixture->store, week + 1002, NULL), ==, 0);
  g_assert_cmpuint (lp_store_count_expired (fixture->store, "till", &last), ==, 2);
  g_assert_cmpint (last, ==, week + 1001);
  fixture->now = week + 1002;
  g_autoptr (LpMessage) c = add (fixture, "till", "T-5", "paymentComplete", 0);
  g_assert_cmpuint (lp_store_sweep (fixture->store, 2 * week + 1003, NULL), ==, 1);
  open_store (fixture);
  g_assert_cmpuint (lp_store_count_expired (fixture->store, "till", &last), ==, 3);
  g_assert_cmpint (last, ==, 2 * week + 1003);
  g_assert_cmpuint (lp_store_count_expired (fixture->store, "bar", &last), ==, 0);
}

/* What came with a wrong clock, of the past or the future, waits its time from the first look with a right
 * one. */
static void
test_wrong_clock (Fixture *fixture, gconstpointer data)
{
  const gint64 week = G_GINT64_CONSTANT (7) * 24 * 3600 * 1000, now = G_GINT64_CONSTANT (1700000000000);

  g_assert_cmpuint (lp_store_sweep (fixture->store, now, NULL), ==, 0);
  g_autoptr (LpMessage) past = add (fixture, "till", "T-1", "paymentComplete", 0);
  fixture->now = now + 5 * week;
  g_autoptr (LpMessage) future = add (fixture, "till", "T-2", "paymentComplete", 0);
  g_assert_cmpuint (lp_store_sweep (fixture->store, now + week + 1, NULL), ==, 0);
  open_store (fixture);
  g_assert_cmpuint (lp_store_sweep (fixture->store, now + 2 * week, NULL), ==, 0);
  g_assert_cmpuint (lp_store_sweep (fixture->store, now + 2 * week + 2, NULL), ==, 2);
}

/* New credentials, what waits for nobody, and that nothing was signed with them yet: all at once. */
static void
test_pair (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LpMessage) message = add (fixture, "", "T-1", "paymentComplete", 0);
  LpClientRow row = { .id = (char *) "till",
                      .kind = LP_CLIENT_HMAC,
                      .api_key = (char *) "key",
                      .secret = (char *) "secret",
                      .created_at = 7 };
  guint count = 0;

  g_assert_true (lp_store_pair (fixture->store, &row, FALSE, &error));
  g_assert_false (lp_store_get_signs (fixture->store, "till"));
  g_assert_true (lp_store_set_signs (fixture->store, "till", &error));
  open_store (fixture);
  g_assert_true (lp_store_get_signs (fixture->store, "till"));
  g_assert_false (lp_store_get_signs (fixture->store, "other"));
  row.secret = (char *) "another";
  g_assert_true (lp_store_pair (fixture->store, &row, TRUE, &error));
  open_store (fixture);
  g_assert_false (lp_store_get_signs (fixture->store, "till"));
  g_autoptr (GPtrArray) waiting = lp_store_read_messages (fixture->store, "till", 0, 9, &count, &error);
  g_assert_cmpuint (count, ==, 1);
  g_autoptr (GPtrArray) rows = lp_store_load_clients (fixture->store, &error);
  g_assert_cmpstr (((LpClientRow *) rows->pdata[0])->secret, ==, "another");
}

/* What is nobody's is never dropped, and may be given to somebody. */
static void
test_nobody (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LpMessage) message = add (fixture, "", "T-1", "paymentComplete", 0);
  guint count = 0;

  g_assert_cmpuint (lp_store_sweep (fixture->store, G_MAXINT64 / 2, NULL), ==, 0);
  g_assert_true (lp_store_adopt (fixture->store, "office", &error));
  g_autoptr (GPtrArray) rows = lp_store_read_messages (fixture->store, "office", 0, 9, &count, &error);
  g_assert_cmpuint (count, ==, 1);
  g_assert_cmpstr (((LpMessage *) rows->pdata[0])->message_id, ==, message->message_id);
}

static void
test_damaged (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&fixture->store, lp_store_close);
  g_assert_true (g_file_set_contents (fixture->path, "this is no database, and never was one", -1, NULL));
  g_assert_null (lp_store_open (fixture->path, &error));
  g_assert_nonnull (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, test) g_test_add ("/proxy/store/" name, Fixture, NULL, set_up, test, tear_down)
  ADD ("clients", test_clients);
  ADD ("signatures", test_signatures);
  ADD ("orders", test_orders);
  ADD ("under-way", test_under_way);
  ADD ("old-version", test_old_version);
  ADD ("once", test_once);
  ADD ("message-id", test_message_id);
  ADD ("queue", test_queue);
  ADD ("expired", test_expired);
  ADD ("wrong-clock", test_wrong_clock);
  ADD ("pair", test_pair);
  ADD ("nobody", test_nobody);
  ADD ("damaged", test_damaged);
  return g_test_run ();
}
