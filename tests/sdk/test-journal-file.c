/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The journal as a file: whose it is, who may read it, and what is left of it when it is damaged. */
#include <glib/gstdio.h>
#include <sys/stat.h>

#include "libtgwclient/tgw-journal-private.h"
#include "tests/sdk/helpers.h"

#define N_PAYMENTS 600

static TgwClient *
try_open (const char *url, const char *path, GError **error)
{
  return g_initable_new (TGW_TYPE_CLIENT, NULL, error, "gateway-url", url, "api-key", FAKE_KEY, "api-secret",
                         FAKE_SECRET, "journal-path", path, NULL);
}

/* --- one user --- */

static void
assert_in_use (const char *path)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (try_open ("http://127.0.0.1:1", path, &error));
  g_assert_error (error, TGW_ERROR, TGW_ERROR_JOURNAL_IN_USE);
  g_assert_nonnull (strstr (error->message, path));
}

static void
in_use_by_another_process (void)
{
  assert_in_use (g_getenv ("TEST_JOURNAL"));
}

static void
test_in_use (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url), *other;
  g_autofree char *path = g_strdup (client->journal_path);

  client_connect (client);
  assert_in_use (path);
  g_setenv ("TEST_JOURNAL", path, TRUE);
  g_test_trap_subprocess ("/sdk/journal-file/in-use/subprocess", 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();

  /* The one that was there first is not disturbed, and its end sets the file free. */
  client_pay_to_end (client, gateway, "T1", "SUCCESS", "m1");
  client_finalize (client);
  other = client_new_with_journal (gateway->url, path);
  g_assert_cmpuint (client_n_unclaimed (other), ==, 1);
  client_finalize (other);
}

/* Has the file and dies with it. */
static void
killed_with_it (void)
{
  TgwClient *client = client_new_with_journal ("http://127.0.0.1:1", g_getenv ("TEST_JOURNAL"));

  g_assert_nonnull (client);
  raise (SIGKILL);
}

static void
test_killed (void)
{
  g_autofree char *path = journal_path_new ();

  g_setenv ("TEST_JOURNAL", path, TRUE);
  g_test_trap_subprocess ("/sdk/journal-file/killed/subprocess", 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_failed ();
  client_finalize (client_new_with_journal ("http://127.0.0.1:1", path));
}

static guint
mode_of (const char *path)
{
  GStatBuf buffer;

  g_assert_cmpint (g_stat (path, &buffer), ==, 0);
  return buffer.st_mode & 0777;
}

/* Amounts and receipts are nobody else's business. */
static void
test_private (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  g_autofree char *place = journal_path_new (), *folder = g_build_filename (place, "a", "b", NULL);
  g_autofree char *path = g_build_filename (folder, "till.journal", NULL);
  g_autofree char *log = g_strconcat (path, "-wal", NULL);
  mode_t mask = umask (0);
  TgwClient *client = client_new_with_journal (gateway->url, path);

  client_connect (client);
  client_pay_to_end (client, gateway, "T1", "SUCCESS", "m1");
  g_assert_cmphex (mode_of (path), ==, 0600);
  g_assert_cmphex (mode_of (log), ==, 0600);
  g_assert_cmphex (mode_of (folder), ==, 0700);
  g_assert_cmphex (mode_of (place), ==, 0700);
  client_finalize (client);
  umask (mask);
}

/* One for each API key, in the user's state folder, and the key is not in its name. */
static void
test_default_place (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TgwClient) one = tgw_client_new ("http://127.0.0.1:1", FAKE_KEY, FAKE_SECRET, &error);
  g_autoptr (TgwClient) two = tgw_client_new ("http://127.0.0.1:1", "another-key", FAKE_SECRET, &error);
  g_autofree char *folder = g_build_filename (g_get_user_state_dir (), "tgwclient", NULL);
  g_autoptr (GDir) dir = NULL;
  const char *name;
  guint n = 0;

  g_assert_no_error (error);
  dir = g_dir_open (folder, 0, &error);
  g_assert_no_error (error);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_assert_null (strstr (name, "key"));
      n += g_str_has_suffix (name, ".journal") ? 1 : 0;
    }
  g_assert_cmpuint (n, ==, 2);
}

static void
test_no_place (void)
{
  g_autofree char *file = journal_path_new (), *path = g_build_filename (file, "till.journal", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (file, "in the way", -1, NULL));
  g_assert_null (try_open ("http://127.0.0.1:1", path, &error));
  g_assert_error (error, TGW_ERROR, TGW_ERROR_JOURNAL);
  g_assert_nonnull (strstr (error->message, "choose a place"));
}

/* --- not ours --- */

static void
assert_refused_untouched (const char *path, const char *words)
{
  g_autofree char *before = NULL, *after = NULL;
  gsize n_before, n_after;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_get_contents (path, &before, &n_before, NULL));
  g_assert_null (try_open ("http://127.0.0.1:1", path, &error));
  g_assert_error (error, TGW_ERROR, TGW_ERROR_JOURNAL);
  g_assert_nonnull (strstr (error->message, words));
  g_assert_true (g_file_get_contents (path, &after, &n_after, NULL));
  g_assert_cmpmem (before, n_before, after, n_after);
}

static void
test_foreign (void)
{
  g_autofree char *path = journal_path_new (), *marked = journal_path_new ();

  journal_sql (path, "CREATE TABLE accounts (a); INSERT INTO accounts VALUES (1)");
  assert_refused_untouched (path, "no payment journal");
  journal_sql (marked, "PRAGMA application_id = 4711; CREATE TABLE t (a)");
  assert_refused_untouched (marked, "no payment journal");
}

static void
test_newer (void)
{
  g_autofree char *path = journal_path_new ();

  client_finalize (client_new_with_journal ("http://127.0.0.1:1", path));
  journal_sql (path, "PRAGMA user_version = 99");
  assert_refused_untouched (path, "newer version");
  journal_sql (path, "PRAGMA user_version = 1");
  client_finalize (client_new_with_journal ("http://127.0.0.1:1", path));
}

/* --- damaged --- */

/* A journal of many pages: T1, which is open, T2, which is not acknowledged, and many that are done with,
 * before and after them. */
static char *
fill_journal (FakeGateway *gateway)
{
  TgwClient *client = client_new (gateway->url);
  char *path = g_strdup (client->journal_path);
  g_autofree char *copies = NULL;
  g_auto (Call) call = { 0 };

  client_connect (client);
  client_pay (client, gateway, "T1", NULL, &call);
  client_pay_to_end (client, gateway, "T2", "SUCCESS", "m2");
  client_pay_to_end (client, gateway, "T3", "SUCCESS", "m3");
  client_acknowledge (client, "T3", 0);
  tgw_client_close (client);
  g_object_unref (client_paid (client, &call));
  client_finalize (client);
  copies =
    g_strdup_printf ("BEGIN; CREATE TEMP TABLE done AS SELECT * FROM payments WHERE transaction_id = 'T3';"
                     "CREATE TEMP TABLE rest AS SELECT * FROM payments WHERE transaction_id != 'T3';"
                     "DELETE FROM payments;"
                     "CREATE TEMP TABLE numbers AS WITH RECURSIVE c (n) AS"
                     " (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < %u) SELECT n FROM c;"
                     "CREATE TEMP TRIGGER copy BEFORE DELETE ON numbers BEGIN"
                     " UPDATE done SET transaction_id = 'R' || old.n;"
                     " INSERT INTO payments SELECT * FROM done; END;"
                     "DELETE FROM numbers WHERE n <= 10; INSERT INTO payments SELECT * FROM rest;"
                     "DELETE FROM numbers; COMMIT; PRAGMA wal_checkpoint (TRUNCATE)",
                     N_PAYMENTS);
  journal_sql (path, copies);
  return path;
}

typedef enum
{
  HEADER,
  MIDDLE,
  TRUNCATED,
  NEWS,
  MESSAGES,
  INDEX
} Damage;

static void
damage (const char *path, Damage kind)
{
  const gsize page = 4096;
  const char *name = kind == NEWS ? "news" : kind == INDEX ? "sqlite_autoindex_payments_1" : "messages";
  g_autofree char *question = g_strdup_printf ("SELECT rootpage FROM sqlite_schema WHERE name = '%s'", name);
  int table = journal_sql_int (path, question);
  g_autofree char *data = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  g_assert_cmpuint (size / page, >, 30);
  if (kind == HEADER)
    memset (data, 0xaa, 64);
  else if (kind == MIDDLE)
    memset (data + size / page / 2 * page, 0xaa, 3 * page);
  else if (kind == NEWS || kind == MESSAGES || kind == INDEX)
    memset (data + (gsize) (table - 1) * page, 0xaa, page);
  else
    size = size / page / 2 * page;
  g_assert_true (g_file_set_contents (path, data, (gssize) size, NULL));
}

static gboolean
is_listed (TgwClient *client, const char *id)
{
  GListModel *payments = tgw_client_get_payments (client);

  for (guint i = 0; i < g_list_model_get_n_items (payments); i++)
    {
      g_autoptr (TgwPayment) payment = g_list_model_get_item (payments, i);

      if (strcmp (tgw_payment_get_transaction_id (payment), id) == 0)
        return TRUE;
    }
  return FALSE;
}

static void
test_damaged (gconstpointer data)
{
  Damage kind = GPOINTER_TO_INT (data);
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  g_autofree char *path = fill_journal (gateway), *before = NULL, *after = NULL, *aside = NULL;
  gsize n_before, n_after;
  TgwClient *client;
  Counter completed;
  guint n;

  damage (path, kind);
  g_assert_true (g_file_get_contents (path, &before, &n_before, NULL));
  g_test_expect_message ("tgwclient", G_LOG_LEVEL_WARNING,
                         "*journal was damaged*payments could still be read*");
  client = client_new_with_journal (gateway->url, path);
  g_test_assert_expected_messages ();

  /* The file is kept as it was. */
  aside = g_strdup (tgw_client_get_damaged_journal (client));
  g_assert_nonnull (aside);
  g_assert_true (g_str_has_prefix (aside, path));
  g_assert_true (g_file_get_contents (aside, &after, &n_after, NULL));
  g_assert_cmpmem (before, n_before, after, n_after);
  g_assert_cmphex (mode_of (path), ==, 0600);

  n = g_list_model_get_n_items (tgw_client_get_payments (client));
  g_test_message ("%u of %u payments", n, N_PAYMENTS + 2);
  count_payments (client, "payment-completed", &completed);
  client_connect (client);
  if (kind == HEADER)
    {
      /* Nothing could be read: what the gateway keeps tells of it. */
      g_assert_cmpuint (n, ==, 0);
      send_complete (gateway, "T1", "SUCCESS", "m1");
      expect_ack (gateway, "m1");
      g_assert_cmpuint (completed.n, ==, 1);
      g_assert_cmpint (tgw_payment_get_recovered_from (client_payment (client, "T1")), ==,
                       TGW_RECOVERY_QUEUE);
    }
  else
    {
      g_autoptr (TgpPosMessage) ask = fake_gateway_expect (gateway, TGP_POS_GET_TRANSACTION_STATUS);

      g_assert_cmpstr (ask->transaction_id, ==, "T1");
      g_assert_cmpuint (n, >, N_PAYMENTS / 4);
      send_status (gateway, ask->request_id, "COMPLETED", "", "YES");
      wait_until (strcmp (completed.last, "T1") == 0);
      g_assert_true (is_listed (client, "R1"));
      g_assert_true (is_listed (client, "R600") == (kind != TRUNCATED));
      if (kind == NEWS)
        /* Who has what cannot be known any more: all that is closed is told again. */
        g_assert_cmpuint (completed.n, ==, N_PAYMENTS + 2);
      else if (kind == MIDDLE)
        {
          g_assert_cmpuint (n, <, N_PAYMENTS + 2);
          g_assert_cmpuint (completed.n, ==, 2);
          /* An old message is still an old one. */
          send_complete (gateway, "T2", "SUCCESS", "m2");
          expect_ack (gateway, "m2");
          g_assert_cmpuint (completed.n, ==, 2);
        }
    }
  client_finalize (client);

  /* From now on it is a sound one. */
  client = client_new_with_journal (gateway->url, path);
  g_assert_null (tgw_client_get_damaged_journal (client));
  client_finalize (client);
}

/* The program ends between moving the damaged file aside and taking over what it has. */
static void
test_interrupted (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  g_autofree char *path = fill_journal (gateway), *aside = NULL, *unread = NULL;
  guint n[2];

  damage (path, MIDDLE);
  for (guint i = 0; i < 2; i++)
    {
      TgwClient *client;

      g_test_expect_message ("tgwclient", G_LOG_LEVEL_WARNING, "*payments could still be read*");
      client = client_new_with_journal (gateway->url, path);
      g_test_assert_expected_messages ();
      n[i] = g_list_model_get_n_items (tgw_client_get_payments (client));
      g_free (aside);
      aside = g_strdup (tgw_client_get_damaged_journal (client));
      g_assert_true (g_file_test (aside, G_FILE_TEST_EXISTS));
      client_finalize (client);
      if (i == 0)
        {
          unread = g_strconcat (aside, ".unread", NULL);
          g_assert_cmpint (g_rename (aside, unread), ==, 0);
          g_assert_cmpint (g_remove (path), ==, 0);
        }
    }
  g_assert_cmpuint (n[0], >, 0);
  g_assert_cmpuint (n[1], ==, n[0]);
  g_assert_false (g_file_test (unread, G_FILE_TEST_EXISTS));
}

/* Too large to be read through at each opening: the damage shows when it is loaded, or only in the last run.
 */
static void
test_large (gconstpointer data)
{
  Damage kind = GPOINTER_TO_INT (data);
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  g_autofree char *path = fill_journal (gateway);
  gint64 usual = tgw_journal_check_size_max;
  TgwClient *client;
  guint n;

  tgw_journal_check_size_max = 0;
  damage (path, kind);
  if (kind == INDEX)
    {
      /* Looked into by the first payment only, which cannot be sent. */
      g_autoptr (TgwPaymentRequest) request = request_new ("T9");
      g_autoptr (TgwPayment) payment = NULL;

      client = client_new_with_journal (gateway->url, path);
      g_assert_null (tgw_client_get_damaged_journal (client));
      client_connect (client);
      payment = tgw_client_pay_sync (client, "TERM-001", request, NULL, NULL);
      tgp_pos_message_free (fake_gateway_expect (gateway, TGP_POS_GET_TRANSACTION_STATUS));
      fake_gateway_expect_nothing (gateway);
      g_clear_object (&payment);
      client_finalize (client);
    }
  g_test_expect_message ("tgwclient", G_LOG_LEVEL_WARNING, "*payments could still be read*");
  client = client_new_with_journal (gateway->url, path);
  g_test_assert_expected_messages ();
  g_assert_nonnull (tgw_client_get_damaged_journal (client));
  n = g_list_model_get_n_items (tgw_client_get_payments (client));
  g_assert_cmpuint (n, >, N_PAYMENTS / 4);
  client_finalize (client);
  client = client_new_with_journal (gateway->url, path);
  g_assert_null (tgw_client_get_damaged_journal (client));
  client_finalize (client);
  tgw_journal_check_size_max = usual;
}

/* Taken over, and its name cannot say so: it is not taken over a second time, over what came since. */
static void
test_not_renamed (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  g_autofree char *path = fill_journal (gateway), *aside = NULL, *unread = NULL, *inside = NULL;
  TgwClient *client;

  damage (path, MIDDLE);
  g_test_expect_message ("tgwclient", G_LOG_LEVEL_WARNING, "*payments could still be read*");
  client = client_new_with_journal (gateway->url, path);
  aside = g_strdup (tgw_client_get_damaged_journal (client));
  client_finalize (client);
  unread = g_strconcat (aside, ".unread", NULL);
  inside = g_build_filename (aside, "in the way", NULL);
  g_assert_cmpint (g_rename (aside, unread), ==, 0);
  g_assert_cmpint (g_remove (path), ==, 0);
  g_assert_cmpint (g_mkdir_with_parents (inside, 0700), ==, 0);

  g_test_expect_message ("tgwclient", G_LOG_LEVEL_WARNING, "*payments could still be read*");
  client = client_new_with_journal (gateway->url, path);
  g_test_assert_expected_messages ();
  g_assert_cmpstr (tgw_client_get_damaged_journal (client), ==, unread);
  client_acknowledge (client, "T2", 0);
  client_finalize (client);

  client = client_new_with_journal (gateway->url, path);
  g_assert_null (tgw_client_get_damaged_journal (client));
  g_assert_cmpuint (client_n_unclaimed (client), ==, 1); /* T1 */
  client_finalize (client);
}

int
main (int argc, char **argv)
{
  g_autofree char *state = NULL;

  g_test_init (&argc, &argv, NULL);
  if (!g_test_subprocess ())
    {
      state = journal_path_new ();
      g_setenv ("XDG_STATE_HOME", state, TRUE);
    }
  g_test_add_func ("/sdk/journal-file/in-use", test_in_use);
  g_test_add_func ("/sdk/journal-file/in-use/subprocess", in_use_by_another_process);
  g_test_add_func ("/sdk/journal-file/killed", test_killed);
  g_test_add_func ("/sdk/journal-file/killed/subprocess", killed_with_it);
  g_test_add_func ("/sdk/journal-file/private", test_private);
  g_test_add_func ("/sdk/journal-file/default-place", test_default_place);
  g_test_add_func ("/sdk/journal-file/no-place", test_no_place);
  g_test_add_func ("/sdk/journal-file/foreign", test_foreign);
  g_test_add_func ("/sdk/journal-file/newer", test_newer);
  g_test_add_func ("/sdk/journal-file/damaged/interrupted", test_interrupted);
  g_test_add_func ("/sdk/journal-file/damaged/not-renamed", test_not_renamed);
  g_test_add_data_func ("/sdk/journal-file/large/payments", GINT_TO_POINTER (MIDDLE), test_large);
  g_test_add_data_func ("/sdk/journal-file/large/messages", GINT_TO_POINTER (MESSAGES), test_large);
  g_test_add_data_func ("/sdk/journal-file/large/index", GINT_TO_POINTER (INDEX), test_large);
  g_test_add_data_func ("/sdk/journal-file/damaged/header", GINT_TO_POINTER (HEADER), test_damaged);
  g_test_add_data_func ("/sdk/journal-file/damaged/middle", GINT_TO_POINTER (MIDDLE), test_damaged);
  g_test_add_data_func ("/sdk/journal-file/damaged/truncated", GINT_TO_POINTER (TRUNCATED), test_damaged);
  g_test_add_data_func ("/sdk/journal-file/damaged/news", GINT_TO_POINTER (NEWS), test_damaged);
  return g_test_run ();
}
