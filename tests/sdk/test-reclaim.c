/* SPDX-License-Identifier: GPL-3.0-or-later */
/* After a journal was damaged the gateway is asked for what it may have lost, until it has answered. */
#include "tests/sdk/helpers.h"

typedef struct
{
  guint n_open; /* questions of each kind */
  guint n_recent;
  guint n_pages;
  gint64 from;
} Books;

static char *
transaction (const char *id, const char *status, const char *money)
{
  return g_strdup_printf ("{\"transactionId\":\"%s\",\"status\":\"%s\",\"amount\":\"12.34\","
                          "\"currency\":\"EUR\",\"terminalId\":\"TERM-001\",\"request\":{\"transactionId\":"
                          "\"%s\",\"amount\":\"12.34\",\"currency\":\"EUR\",\"paymentMethod\":\"CARD\"},"
                          "\"createdAt\":\"2024-01-15T10:30:00.000Z\",\"updatedAt\":"
                          "\"2024-01-15T10:30:00.000Z\",\"settled\":true,\"verdict\":{\"moneyMoved\":\"%s\","
                          "\"retrySafe\":false,\"nextAction\":\"NONE\",\"message\":\"m\"}}",
                          id, status, id, money);
}

/* What this key has at the gateway: P1, which is open, and C1 and C2, which are closed and were acked. */
static void
on_list (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer data)
{
  Books *books = data;
  const char *status = g_hash_table_lookup (query, "status"), *from = g_hash_table_lookup (query, "from"),
             *cursor = g_hash_table_lookup (query, "cursor");
  g_autofree char *open = transaction ("P1", "PENDING", "UNKNOWN"),
                  *first = transaction ("C1", "COMPLETED", "YES"),
                  *second = transaction ("C2", "FAILED", "NO"), *body = NULL;

  g_assert_cmpstr (g_hash_table_lookup (query, "mine"), ==, "true");
  if (status != NULL)
    {
      books->n_open++;
      body = g_strdup_printf ("{\"transactions\":[%s]}", strcmp (status, "PENDING") == 0 ? open : "");
    }
  else
    {
      g_autoptr (GDateTime) since = g_date_time_new_from_iso8601 (from, NULL);

      g_assert_nonnull (since);
      books->from = g_date_time_to_unix (since);
      books->n_recent++;
      books->n_pages += cursor != NULL;
      body = cursor == NULL
               ? g_strdup_printf ("{\"transactions\":[%s,%s],\"nextCursor\":\"1-2\"}", open, first)
               : g_strdup_printf ("{\"transactions\":[%s]}", second);
    }
  soup_server_message_set_status (message, 200, NULL);
  soup_server_message_set_response (message, "application/json", SOUP_MEMORY_COPY, body, strlen (body));
}

/* A journal of which nothing can be read any more. */
static char *
ruin (void)
{
  char *path = journal_path_new ();
  g_autofree char *rubbish = g_strnfill (8192, 'x');

  g_assert_true (g_file_set_contents (path, rubbish, -1, NULL));
  return path;
}

static void
settle (TgwClient *client)
{
  g_auto (Call) call = { 0 };

  tgw_client_refresh_async (client, NULL, call_done, &call);
  wait_until (call.result != NULL);
}

static void
test_reclaim (void)
{
  g_autoptr (FakeGateway) gateway = fake_gateway_new ();
  g_autofree char *path = ruin ();
  g_autoptr (GError) error = NULL;
  TgwClient *client;
  Counter completed;
  Books books = { 0 };
  gint64 week = g_get_real_time () / G_USEC_PER_SEC - 7 * 24 * 3600;

  /* The first run after the damage does not reach the gateway. */
  g_test_expect_message ("tgwclient", G_LOG_LEVEL_WARNING, "*journal was damaged*");
  client = client_new_with_journal ("http://127.0.0.1:1", path);
  g_test_assert_expected_messages ();
  g_assert_nonnull (tgw_client_get_damaged_journal (client));
  error = client_connect_error (client);
  g_assert_true (tgw_error_is_connection (error));
  client_finalize (client);

  /* The second one does, and is told what is open and what was closed, over all pages. */
  soup_server_add_handler (gateway->server, "/v1/transactions", on_list, &books, NULL);
  client = client_new_with_journal (gateway->url, path);
  g_assert_null (tgw_client_get_damaged_journal (client));
  count_payments (client, "payment-completed", &completed);
  client_connect (client);
  wait_until (completed.n == 2);
  g_assert_cmpuint (books.n_open, ==, 2);
  g_assert_cmpuint (books.n_recent, ==, 2);
  g_assert_cmpuint (books.n_pages, ==, 1);
  g_assert_cmpint (ABS (books.from - week), <, 60);
  g_assert_true (tgw_payment_is_open (client_payment (client, "P1")));
  g_assert_cmpint (tgw_payment_get_outcome (client_payment (client, "C1")), ==, TGW_OUTCOME_APPROVED);
  g_assert_cmpint (tgw_payment_get_recovered_from (client_payment (client, "C2")), ==, TGW_RECOVERY_QUERY);
  g_assert_cmpuint (client_n_unclaimed (client), ==, 3);
  client_acknowledge (client, "C1", 0);
  client_finalize (client);

  /* It was answered: nobody asks again, and what was acknowledged is not told again. */
  client = client_new_with_journal (gateway->url, path);
  count_payments (client, "payment-completed", &completed);
  client_connect (client);
  settle (client);
  wait_until (completed.n == 1);
  g_assert_cmpstr (completed.last, ==, "C2");
  g_assert_cmpuint (books.n_open + books.n_recent, ==, 4);
  client_finalize (client);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sdk/reclaim/until-answered", test_reclaim);
  return g_test_run ();
}
