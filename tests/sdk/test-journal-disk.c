/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is on the disk when, and a disk that takes no more. */
#include "tests/sdk/helpers.h"
#include "tests/store/fault-vfs.h"

/* What a power cut at this moment would leave: asks the journal as it was at its last sync. */
static int
durable (TgwClient *client, const char *question)
{
  static const char *const parts[] = { "", "-wal" };
  g_autofree char *copy = journal_path_new ();
  sqlite3 *db = NULL;
  sqlite3_stmt *statement = NULL;
  int value;

  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autofree char *from = g_strconcat (client->journal_path, parts[i], ".synced", NULL);
      g_autofree char *to = g_strconcat (copy, parts[i], NULL);
      g_autofree char *data = NULL;
      gsize size;

      if (g_file_get_contents (from, &data, &size, NULL))
        g_assert_true (g_file_set_contents (to, data, (gssize) size, NULL));
    }
  g_assert_cmpint (sqlite3_open (copy, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_prepare_v2 (db, question, -1, &statement, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_step (statement), ==, SQLITE_ROW);
  value = sqlite3_column_int (statement, 0);
  sqlite3_finalize (statement);
  sqlite3_close (db);
  return value;
}

#define OPEN_PAYMENT "SELECT count (*) FROM payments WHERE transaction_id = 'T1' AND state <= 2"
#define COMPLETED    "SELECT count (*) FROM payments WHERE transaction_id = 'T1' AND state = 3"
#define NEWS         "SELECT count (*) FROM news WHERE transaction_id = 'T1'"
#define MESSAGE      "SELECT count (*) FROM messages WHERE message_id = 'm1'"

static void
on_started (TgwClient *client, TgwPayment *payment, gpointer data)
{
  g_assert_cmpint (durable (client, OPEN_PAYMENT), ==, 1);
}

static void
on_completed (TgwClient *client, TgwPayment *payment, gpointer data)
{
  fake_gateway_expect_nothing (data);
  g_assert_cmpint (durable (client, COMPLETED), ==, 1);
  g_assert_cmpint (durable (client, NEWS), ==, 1);
}

/* Written and synced: the payment before it is sent, its outcome before the application hears of it, both
 * before the gateway may forget it, and the application's word when it has been taken. */
static void
test_order (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client;
  g_autoptr (TgwPayment) payment = NULL;
  g_auto (Call) call = { 0 };

  fault_vfs_keep_synced (TRUE);
  client = client_new (gateway->url);
  g_signal_connect (client, "payment-started", G_CALLBACK (on_started), NULL);
  g_signal_connect (client, "payment-completed", G_CALLBACK (on_completed), gateway);
  client_connect (client);
  client_pay (client, gateway, "T1", NULL, &call);
  g_assert_cmpint (durable (client, OPEN_PAYMENT), ==, 1);
  g_assert_cmpint (durable (client, MESSAGE), ==, 0);
  send_complete (gateway, "T1", "SUCCESS", "m1");
  payment = client_paid (client, &call);
  expect_ack (gateway, "m1");
  g_assert_cmpint (durable (client, MESSAGE), ==, 1);
  client_acknowledge (client, "T1", 0);
  g_assert_cmpint (durable (client, NEWS), ==, 0);
  g_assert_cmpint (durable (client, COMPLETED), ==, 1);
  client_finalize (client);
  fault_vfs_keep_synced (FALSE);
}

static void
assert_journal_error (const GError *error, const char *words)
{
  g_assert_error (error, TGW_ERROR, TGW_ERROR_JOURNAL);
  g_assert_true (tgw_error_is_retry_safe (error));
  g_assert_nonnull (strstr (error->message, words));
}

/* Whichever write or sync fails first: an error, nothing is sent, nothing is left of it. */
static void
test_full_at_begin (void)
{
  static const struct
  {
    FaultKind kind;
    int code;
    const char *words;
  } cases[] = {
    { FAULT_WRITE, SQLITE_FULL, "make room" },
    { FAULT_WRITE, SQLITE_IOERR_WRITE, "look at the disk" },
    { FAULT_SYNC, SQLITE_IOERR_FSYNC, "look at the disk" },
  };
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  guint n = 0;

  client_connect (client);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    for (guint nth = 1;; nth++)
      {
        g_autofree char *id = g_strdup_printf ("T%u", ++n), *message = g_strdup_printf ("m%u", n);
        g_autoptr (TgwPaymentRequest) request = request_new (id);
        g_autoptr (GError) error = NULL;
        g_auto (Call) call = { 0 };

        fault_vfs_fail (cases[i].kind, nth, cases[i].code);
        tgw_client_pay_async (client, "TERM-001", request, NULL, call_done, &call);
        if (!fault_vfs_has_failed ())
          {
            fault_vfs_reset ();
            tgp_pos_message_free (fake_gateway_expect (gateway, TGP_POS_PAYMENT));
            send_complete (gateway, id, "SUCCESS", message);
            g_object_unref (client_paid (client, &call));
            expect_ack (gateway, message);
            g_assert_cmpuint (nth, >, 1);
            break;
          }
        wait_until (call.result != NULL);
        g_assert_null (tgw_client_pay_finish (client, call.result, &error));
        assert_journal_error (error, cases[i].words);
        fake_gateway_expect_nothing (gateway);
        g_assert_cmpuint (client_n_unclaimed (client), ==, i);
        call_clear (&call);
        fault_vfs_reset ();

        /* With room again the same id is as new. */
        client_pay_to_end (client, gateway, id, "SUCCESS", message);
        client_acknowledge (client, id, 0);
      }
  client_finalize (client);
}

/* Everything that the gateway has to say is there. */
static void
settle (TgwClient *client)
{
  g_auto (Call) call = { 0 };

  tgw_client_refresh_async (client, NULL, call_done, &call);
  wait_until (call.result != NULL);
}

/* A cashier waits: the outcome is told. But the gateway must keep it. */
static void
test_full_at_outcome (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_autofree char *path = g_strdup (client->journal_path);
  g_autoptr (TgwPayment) payment = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (Call) call = { 0 };
  Counter completed;

  count_payments (client, "payment-completed", &completed);
  client_connect (client);
  client_pay (client, gateway, "T1", NULL, &call);
  settle (client);
  g_test_expect_message ("tgwclient", G_LOG_LEVEL_WARNING, "*make room on the disk*"); /* only once */
  fault_vfs_fail (FAULT_WRITE, 1, SQLITE_FULL);
  send_complete (gateway, "T1", "SUCCESS", "m1");
  payment = client_paid (client, &call);
  g_assert_cmpint (tgw_payment_get_outcome (payment), ==, TGW_OUTCOME_APPROVED);
  settle (client);
  fake_gateway_expect_nothing (gateway);
  g_assert_cmpuint (completed.n, ==, 1);
  g_assert_false (tgw_client_acknowledge (client, payment, 0, &error));
  assert_journal_error (error, "make room");
  g_assert_cmpuint (client_n_unclaimed (client), ==, 1);

  /* It comes again, on this connection and on the next one: neither news nor acked. */
  send_complete (gateway, "T1", "SUCCESS", "m1");
  settle (client);
  fake_gateway_close (gateway, 1001);
  fake_gateway_wait_handshakes (gateway, 2);
  send_complete (gateway, "T1", "SUCCESS", "m1");
  settle (client);
  fake_gateway_expect_nothing (gateway);
  g_assert_cmpuint (completed.n, ==, 1);
  g_test_assert_expected_messages ();

  fault_vfs_reset ();
  expect_ack (gateway, "m1");
  g_assert_cmpuint (completed.n, ==, 1);
  send_complete (gateway, "T1", "SUCCESS", "m1");
  expect_ack (gateway, "m1");
  g_assert_cmpuint (completed.n, ==, 1);

  /* On the disk it is the same as ever. */
  g_clear_object (&payment);
  client_finalize (client);
  client = client_new_with_journal (gateway->url, path);
  count_payments (client, "payment-completed", &completed);
  client_connect (client);
  settle (client);
  fake_gateway_expect_nothing (gateway);
  g_assert_cmpuint (completed.n, ==, 1);
  client_acknowledge (client, "T1", 0);
  client_finalize (client);
}

/* The application acknowledges as soon as there is room, before the next try: the gateway hears of it too. */
static void
test_room_by_acknowledge (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_autoptr (TgwPayment) payment = NULL;
  g_auto (Call) call = { 0 };

  client->flush_pause = 3600000;
  client_connect (client);
  client_pay (client, gateway, "T1", NULL, &call);
  settle (client);
  g_test_expect_message ("tgwclient", G_LOG_LEVEL_WARNING, "*make room on the disk*");
  fault_vfs_fail (FAULT_WRITE, 1, SQLITE_FULL);
  send_complete (gateway, "T1", "SUCCESS", "m1");
  payment = client_paid (client, &call);
  g_test_assert_expected_messages ();
  fault_vfs_reset ();
  client_acknowledge (client, "T1", 0);
  g_assert_cmpuint (client_n_unclaimed (client), ==, 0);
  expect_ack (gateway, "m1");
  client_finalize (client);
}

/* The process ends before there is room: the gateway still has the message. */
static void
test_full_until_the_end (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_autofree char *path = g_strdup (client->journal_path);
  g_autoptr (TgpPosMessage) ask = NULL;
  g_auto (Call) call = { 0 };
  Counter completed;

  client_connect (client);
  client_pay (client, gateway, "T1", NULL, &call);
  settle (client);
  g_test_expect_message ("tgwclient", G_LOG_LEVEL_WARNING, "*make room on the disk*");
  fault_vfs_fail (FAULT_WRITE, 1, SQLITE_FULL);
  send_complete (gateway, "T1", "SUCCESS", "m1");
  g_object_unref (client_paid (client, &call));
  client_finalize (client);
  g_test_assert_expected_messages ();
  fault_vfs_reset ();

  client = client_new_with_journal (gateway->url, path);
  count_payments (client, "payment-completed", &completed);
  client_connect (client);
  ask = fake_gateway_expect (gateway, TGP_POS_GET_TRANSACTION_STATUS);
  send_complete (gateway, "T1", "SUCCESS", "m1");
  expect_ack (gateway, "m1");
  send_status (gateway, ask->request_id, "COMPLETED", "", "YES");
  settle (client);
  g_assert_cmpuint (completed.n, ==, 1);
  client_finalize (client);
}

/* “Written down” is said only when it is. */
static void
test_acknowledge_fails (void)
{
  static const FaultKind kinds[] = { FAULT_WRITE, FAULT_SYNC };
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_autofree char *path = g_strdup (client->journal_path);
  Counter completed;

  client_connect (client);
  client_pay_to_end (client, gateway, "T1", "SUCCESS", "m1");
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (GError) error = NULL;

      fault_vfs_fail (kinds[i], 1, kinds[i] == FAULT_WRITE ? SQLITE_FULL : SQLITE_IOERR_FSYNC);
      g_assert_false (tgw_client_acknowledge (client, client_payment (client, "T1"), 0, &error));
      g_assert_error (error, TGW_ERROR, TGW_ERROR_JOURNAL);
      g_assert_false (tgw_payment_get_acknowledged (client_payment (client, "T1")));
      g_assert_cmpuint (client_n_unclaimed (client), ==, 1);
      fault_vfs_reset ();
    }
  client_finalize (client);
  client = client_new_with_journal (gateway->url, path);
  count_payments (client, "payment-completed", &completed);
  client_connect (client);
  settle (client);
  g_assert_cmpuint (completed.n, ==, 1);
  client_acknowledge (client, "T1", 0);
  client_finalize (client);
}

/* No journal, no client. */
static void
test_full_at_opening (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  g_autofree char *path = journal_path_new ();
  TgwClient *client;
  guint nth;

  for (nth = 1;; nth++)
    {
      g_autoptr (GError) error = NULL;

      fault_vfs_fail (FAULT_WRITE, nth, SQLITE_FULL);
      client = g_initable_new (TGW_TYPE_CLIENT, NULL, &error, "gateway-url", gateway->url, "api-key",
                               FAKE_KEY, "api-secret", FAKE_SECRET, "journal-path", path, NULL);
      fault_vfs_reset ();
      if (client != NULL)
        break;
      assert_journal_error (error, "make room");
    }
  g_assert_cmpuint (nth, >, 1);
  client_connect (client);
  client_pay_to_end (client, gateway, "T1", "SUCCESS", "m1");
  client_finalize (client);
}

int
main (int argc, char **argv)
{
  fault_vfs_register ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sdk/journal-disk/order", test_order);
  g_test_add_func ("/sdk/journal-disk/full-at-begin", test_full_at_begin);
  g_test_add_func ("/sdk/journal-disk/full-at-outcome", test_full_at_outcome);
  g_test_add_func ("/sdk/journal-disk/room-by-acknowledge", test_room_by_acknowledge);
  g_test_add_func ("/sdk/journal-disk/full-until-the-end", test_full_until_the_end);
  g_test_add_func ("/sdk/journal-disk/acknowledge-fails", test_acknowledge_fails);
  g_test_add_func ("/sdk/journal-disk/full-at-opening", test_full_at_opening);
  return g_test_run ();
}
