/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls that are made twice, or wrongly. */
#include "tests/sdk/helpers.h"

/* The second call to g_initable_init() has the result of the first. */
static void
test_init_twice (void)
{
  g_autofree char *path = journal_path_new ();
  TgwClient *client = client_new_with_journal ("http://127.0.0.1:1", path);
  g_autoptr (TgwClient) other =
    g_object_new (TGW_TYPE_CLIENT, "gateway-url", "http://127.0.0.1:1", "api-key", FAKE_KEY, "api-secret",
                  FAKE_SECRET, "journal-path", path, NULL);
  g_autoptr (GError) first = NULL, second = NULL;

  g_assert_true (g_initable_init (G_INITABLE (client), NULL, &first));
  g_assert_no_error (first);
  g_assert_false (g_initable_init (G_INITABLE (other), NULL, &first));
  g_assert_error (first, TGW_ERROR, TGW_ERROR_JOURNAL_IN_USE);
  client_finalize (client);
  g_assert_false (g_initable_init (G_INITABLE (other), NULL, &second));
  g_assert_error (second, TGW_ERROR, TGW_ERROR_JOURNAL_IN_USE);
}

static void
expect_refusal (const char *function)
{
  g_autofree char *pattern = g_strdup_printf ("*%s*G_IS_CANCELLABLE*", function);

  g_test_assert_expected_messages ();
  g_test_expect_message ("tgwclient", G_LOG_LEVEL_CRITICAL, pattern);
}

/* What the asynchronous call refuses is never answered: nobody may wait for it. */
static void
test_sync_refuses (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  TgwClient *client = client_new (gateway->url);
  g_autoptr (TgwPaymentRequest) request = request_new ("T1");
  GCancellable *wrong = (GCancellable *) request;

  client_connect (client);
  expect_refusal ("tgw_client_connect_sync");
  g_assert_false (tgw_client_connect_sync (client, wrong, NULL));
  expect_refusal ("tgw_client_pay_sync");
  g_assert_null (tgw_client_pay_sync (client, "TERM-001", request, wrong, NULL));
  expect_refusal ("tgw_client_query_sync");
  g_assert_null (tgw_client_query_sync (client, "T1", wrong, NULL));
  expect_refusal ("tgw_client_void_sync");
  g_assert_false (tgw_client_void_sync (client, "T1", wrong, NULL));
  g_test_assert_expected_messages ();
  fake_gateway_expect_nothing (gateway);
  client_finalize (client);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sdk/calls/init-twice", test_init_twice);
  g_test_add_func ("/sdk/calls/sync-refuses", test_sync_refuses);
  return g_test_run ();
}
