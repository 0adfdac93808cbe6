/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A journal of years: what is read at the start, what is found again, what goes. */
#include "tests/sdk/helpers.h"

#define DAY_MS ((gint64) 24 * 3600 * 1000)

/* The one payment in the journal becomes R1, R2 and so on. */
static void
copy_payment (const char *path, guint n)
{
  g_autofree char *sql =
    g_strdup_printf ("BEGIN; CREATE TEMP TABLE one AS SELECT * FROM payments; DELETE FROM payments;"
                     "CREATE TEMP TABLE numbers AS WITH RECURSIVE c (n) AS"
                     " (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < %u) SELECT n FROM c;"
                     "CREATE TEMP TRIGGER copy BEFORE DELETE ON numbers BEGIN"
                     " UPDATE one SET transaction_id = 'R' || old.n, started_at = started_at + 1;"
                     " INSERT INTO payments SELECT * FROM one; END;"
                     "DELETE FROM numbers; COMMIT",
                     n);

  journal_sql (path, sql);
}

/* Ten times as many as are kept in memory are not read at every start, but are there when they are asked for.
 */
static void
test_many (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_autofree char *path = g_strdup (client->journal_path);
  GListModel *payments;
  Counter completed;
  g_autoptr (TgwPaymentRequest) request = request_new ("R1");
  g_autoptr (TgwPayment) old = NULL;
  g_auto (Call) call = { 0 };

  client_connect (client);
  client_pay_to_end (client, gateway, "T1", "SUCCESS", "m1");
  client_acknowledge (client, "T1", 0);
  client_finalize (client);
  copy_payment (path, 10000);
  g_assert_cmpint (journal_sql_int (path, "SELECT count (*) FROM payments"), ==, 10000);
  client = client_new_with_journal (gateway->url, path);
  payments = tgw_client_get_payments (client);
  g_assert_cmpuint (g_list_model_get_n_items (payments), ==, 1000);
  g_assert_cmpuint (client_n_unclaimed (client), ==, 0);
  count_payments (client, "payment-completed", &completed);
  client_connect (client);

  /* Other payments push the oldest out; those that are unclaimed stay. */
  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *id = g_strdup_printf ("N%u", i), *message = g_strdup_printf ("n%u", i);

      client_pay_to_end (client, gateway, id, "SUCCESS", message);
      g_assert_cmpuint (g_list_model_get_n_items (payments), <=, 1001);
    }
  g_assert_cmpuint (client_n_unclaimed (client), ==, 5);

  /* An old one: the same charge again returns it, and its message is no news. */
  tgw_client_pay_async (client, "TERM-001", request, NULL, call_done, &call);
  old = client_paid (client, &call);
  send_complete (gateway, "R1", "SUCCESS", "m1");
  expect_ack (gateway, "m1");
  g_assert_cmpint (tgw_payment_get_outcome (old), ==, TGW_OUTCOME_APPROVED);
  g_assert_cmpuint (completed.n, ==, 5);
  g_assert_cmpuint (g_list_model_get_n_items (payments), <=, 1001);
  client_finalize (client);
}

/* What is closed and acknowledged goes after half a year; what is not stays for ever. */
static void
test_sweep (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_autofree char *path = g_strdup (client->journal_path);
  g_autofree char *age = NULL;
  g_auto (Call) call = { 0 };

  client_connect (client);
  client_pay (client, gateway, "OPEN", NULL, &call);
  client_pay_to_end (client, gateway, "ACKNOWLEDGED", "SUCCESS", "m1");
  client_pay_to_end (client, gateway, "NEW", "SUCCESS", "m2");
  client_pay_to_end (client, gateway, "NOT-YET", "SUCCESS", "m3");
  client_acknowledge (client, "ACKNOWLEDGED", 0);
  client_acknowledge (client, "NEW", 0);
  tgw_client_close (client);
  g_object_unref (client_paid (client, &call));
  client_finalize (client);
  age = g_strdup_printf ("UPDATE payments SET started_at = started_at - %" G_GINT64_FORMAT
                         " WHERE transaction_id != 'NEW';"
                         "UPDATE messages SET at = at - %" G_GINT64_FORMAT " WHERE message_id = 'm1'",
                         200 * DAY_MS, 200 * DAY_MS);
  journal_sql (path, age);
  client = client_new_with_journal (gateway->url, path);
  client_finalize (client);
  g_assert_cmpint (journal_sql_int (path, "SELECT count (*) FROM payments"), ==, 3);
  g_assert_cmpint (journal_sql_int (path, "SELECT count (*) FROM payments WHERE transaction_id ="
                                          " 'ACKNOWLEDGED'"),
                   ==, 0);
  g_assert_cmpint (journal_sql_int (path, "SELECT count (*) FROM messages"), ==, 2);
  client = client_new_with_journal (gateway->url, path);
  g_assert_cmpuint (client_n_unclaimed (client), ==, 2);
  client_finalize (client);
}

/* A proxy runs for months: it does not wait for its next start. */
static void
test_sweep_while_running (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_autofree char *path = g_strdup (client->journal_path);
  g_autofree char *age =
    g_strdup_printf ("UPDATE payments SET started_at = started_at - %" G_GINT64_FORMAT, 200 * DAY_MS);

  client_connect (client);
  client_pay_to_end (client, gateway, "T1", "SUCCESS", "m1");
  client_acknowledge (client, "T1", 0);
  client_finalize (client);
  copy_payment (path, 1500);
  journal_sql (path, age);
  client = client_new_with_journal (gateway->url, path);
  client_connect (client);
  for (guint i = 0; i < 250; i++)
    {
      g_autofree char *id = g_strdup_printf ("N%u", i), *message = g_strdup_printf ("n%u", i);

      client_pay_to_end (client, gateway, id, "SUCCESS", message);
    }
  client_finalize (client);
  g_assert_cmpint (journal_sql_int (path, "SELECT count (*) FROM payments"), ==, 250);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sdk/journal-many/many", test_many);
  g_test_add_func ("/sdk/journal-many/sweep", test_sweep);
  g_test_add_func ("/sdk/journal-many/sweep-while-running", test_sweep_while_running);
  return g_test_run ();
}
