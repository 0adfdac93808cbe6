/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Late news stand in the log with the way on which they came. */
#include "tests/sdk/helpers.h"

static void
expect_line (const char *id, const char *way)
{
  g_autofree char *pattern = g_strdup_printf ("*%s*recovered by way of the %s*", id, way);

  g_test_expect_message ("tgwclient", G_LOG_LEVEL_INFO, pattern);
}

static void
test_log (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_autofree char *path = g_strdup (client->journal_path);
  g_autoptr (TgpPosMessage) ask = NULL;
  g_auto (Call) call = { 0 };
  Counter completed;

  count_payments (client, "payment-completed", &completed);
  client_connect (client);

  /* Of a payment that the journal does not know. */
  expect_line ("T7", "queue");
  send_complete (gateway, "T7", "SUCCESS", "m7");
  expect_ack (gateway, "m7");
  g_test_assert_expected_messages ();
  client_acknowledge (client, "T7", 0);

  /* Of one that was asked about after a reconnect. */
  client_pay (client, gateway, "T1", NULL, &call);
  fake_gateway_cut (gateway);
  ask = fake_gateway_expect (gateway, TGP_POS_GET_TRANSACTION_STATUS);
  expect_line ("T1", "query");
  send_status (gateway, ask->request_id, "COMPLETED", "", "YES");
  g_object_unref (client_paid (client, &call));
  g_test_assert_expected_messages ();
  client_finalize (client);

  /* Of one that the last run did not acknowledge. */
  client = client_new_with_journal (gateway->url, path);
  count_payments (client, "payment-completed", &completed);
  expect_line ("T1", "journal");
  client_connect (client);
  wait_until (completed.n == 1);
  g_test_assert_expected_messages ();
  client_finalize (client);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sdk/recovery-log/each-way", test_log);
  return g_test_run ();
}
