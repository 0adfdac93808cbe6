/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sdk/helpers.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <stdlib.h>

void
call_done (GObject *source, GAsyncResult *result, gpointer data)
{
  Call *call = data;

  call->n_calls++;
  g_clear_object (&call->result);
  call->result = g_object_ref (result);
}

void
call_clear (Call *call)
{
  g_clear_object (&call->result);
}

static char *folder;

static void
remove_all (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *inner = g_build_filename (path, name, NULL);

      remove_all (inner);
    }
  g_remove (path);
}

static void
remove_folder (void)
{
  remove_all (folder);
  g_free (folder);
}

char *
journal_path_new (void)
{
  static guint n;
  g_autofree char *name = g_strdup_printf ("%u.journal", ++n);

  if (folder == NULL)
    {
      folder = g_dir_make_tmp ("tgw-sdk-XXXXXX", NULL);
      g_assert_nonnull (folder);
      atexit (remove_folder);
    }
  return g_build_filename (folder, name, NULL);
}

void
journal_sql (const char *path, const char *statements)
{
  sqlite3 *db = NULL;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, statements, NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (db);
}

int
journal_sql_int (const char *path, const char *question)
{
  sqlite3 *db = NULL;
  sqlite3_stmt *statement = NULL;
  int value;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_prepare_v2 (db, question, -1, &statement, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_step (statement), ==, SQLITE_ROW);
  value = sqlite3_column_int (statement, 0);
  sqlite3_finalize (statement);
  sqlite3_close (db);
  return value;
}

TgwClient *
client_new (const char *url)
{
  g_autofree char *path = journal_path_new ();

  return client_new_with_journal (url, path);
}

TgwClient *
client_new_with_journal (const char *url, const char *path)
{
  g_autoptr (GError) error = NULL;
  TgwClient *client = g_initable_new (TGW_TYPE_CLIENT, NULL, &error, "gateway-url", url, "api-key", FAKE_KEY,
                                      "api-secret", FAKE_SECRET, "journal-path", path, NULL);

  g_assert_no_error (error);

  client->first_pause = 2;
  client->last_pause = 10;
  client->insist_pause = 5;
  client->ask_again_pause = 5;
  client->flush_pause = 5;
  return client;
}

GError *
client_connect_error (TgwClient *client)
{
  g_auto (Call) call = { 0 };
  GError *error = NULL;

  tgw_client_connect_async (client, NULL, call_done, &call);
  wait_until (call.result != NULL);
  g_assert_true (tgw_client_connect_finish (client, call.result, &error) == (error == NULL));
  return error;
}

void
client_connect (TgwClient *client)
{
  g_autoptr (GError) error = client_connect_error (client);

  g_assert_no_error (error);
  g_assert_cmpint (tgw_client_get_state (client), ==, TGW_CLIENT_STATE_CONNECTED);
}

TgwPaymentRequest *
request_new (const char *transaction_id)
{
  g_autoptr (GError) error = NULL;
  TgwPaymentRequest *request = tgw_payment_request_new_from_text ("12.34", "EUR", &error);

  g_assert_no_error (error);
  g_assert_true (tgw_payment_request_set_transaction_id (request, transaction_id, &error));
  return request;
}

void
client_pay (TgwClient *client, FakeGateway *gateway, const char *transaction_id, GCancellable *cancellable,
            Call *call)
{
  g_autoptr (TgwPaymentRequest) request = request_new (transaction_id);
  g_autoptr (TgpPosMessage) message = NULL;

  tgw_client_pay_async (client, "TERM-001", request, cancellable, call_done, call);
  message = fake_gateway_expect (gateway, TGP_POS_PAYMENT);
  g_assert_cmpstr (message->terminal_id, ==, "TERM-001");
  g_assert_cmpstr (message->payment->transaction_id, ==, transaction_id);
  g_assert_cmpint (message->payment->amount, ==, 1234);
  fake_gateway_send (
    gateway,
    "{'action':'paymentAccepted','requestId':'%s','transactionId':'%s','terminalId':'TERM-001',"
    "'status':'PENDING'}",
    message->request_id, transaction_id);
}

TgwPayment *
client_paid (TgwClient *client, Call *call)
{
  g_autoptr (GError) error = NULL;
  TgwPayment *payment;

  wait_until (call->result != NULL);
  g_assert_cmpuint (call->n_calls, ==, 1);
  payment = tgw_client_pay_finish (client, call->result, &error);
  g_assert_no_error (error);
  g_clear_object (&call->result);
  return payment;
}

void
client_finalize (TgwClient *client)
{
  tgw_client_close (client);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_finalize_object (client);
}

void
send_complete (FakeGateway *gateway, const char *transaction_id, const char *status, const char *message_id)
{
  gboolean success = g_strcmp0 (status, "SUCCESS") == 0;

  fake_gateway_send (
    gateway,
    "{'action':'paymentComplete','transactionId':'%s','terminalId':'TERM-001','status':'%s',"
    "'paymentResponse':{'transactionId':'%s','status':'%s','amount':'12.34','currency':'EUR',"
    "'paymentMethod':'CARD'%s,'receiptData':{'lines':['A']}},"
    "'timestamp':'2024-01-15T10:30:00.000Z','groupId':'store-1','version':'v1','messageId':'%s',"
    "'verdict':{'moneyMoved':'%s','retrySafe':%s,'nextAction':'%s','message':'m'}}",
    transaction_id, status, transaction_id, status,
    success ? ",'authorizationCode':'A1'" : ",'errorCode':'DECLINED','errorMessage':'No'", message_id,
    success ? "YES" : "NO", success ? "false" : "true", success ? "NONE" : "RETRY");
}

void
send_status (FakeGateway *gateway, const char *request_id, const char *status, const char *more,
             const char *money)
{
  fake_gateway_send (
    gateway,
    "{'action':'transactionStatus','requestId':'%s','transactionId':'T1','status':'%s',"
    "'amount':'12.34','currency':'EUR','terminalId':'TERM-001','request':{'transactionId':'T1',"
    "'amount':'12.34','currency':'EUR','paymentMethod':'CARD'},"
    "'createdAt':'2024-01-15T10:30:00.000Z','updatedAt':'2024-01-15T10:30:00.000Z','settled':true,"
    "'verdict':{'moneyMoved':'%s','retrySafe':false,'nextAction':'NONE','message':'m'}%s,"
    "'timestamp':'2024-01-15T10:30:00.000Z'}",
    request_id, status, money, more);
}

void
send_void (FakeGateway *gateway, const char *action, const char *void_status, const char *money,
           const char *id)
{
  fake_gateway_send (
    gateway,
    "{'action':'%s','terminalId':'TERM-001','transactionId':'T1','reason':'too late',"
    "'originalPaymentResponse':{'transactionId':'T1','status':'SUCCESS','amount':'12.34',"
    "'currency':'EUR'},'timestamp':'2024-01-15T10:38:30.000Z','messageId':'%s','voidStatus':'%s',"
    "'verdict':{'moneyMoved':'%s','retrySafe':true,'nextAction':'WAIT','message':'m'}}",
    action, id, void_status, money);
}

void
expect_ack (FakeGateway *gateway, const char *message_id)
{
  g_autoptr (TgpPosMessage) ack = fake_gateway_expect (gateway, TGP_POS_ACK);

  g_assert_cmpstr (ack->message_ids->pdata[0], ==, message_id);
}

static void
on_payment (TgwClient *client, TgwPayment *payment, gpointer data)
{
  Counter *counter = data;

  counter->n++;
  g_strlcpy (counter->last, tgw_payment_get_transaction_id (payment), sizeof counter->last);
}

void
count_payments (TgwClient *client, const char *signal, Counter *counter)
{
  memset (counter, 0, sizeof *counter);
  g_signal_connect (client, signal, G_CALLBACK (on_payment), counter);
}

void
client_pay_to_end (TgwClient *client, FakeGateway *gateway, const char *transaction_id, const char *status,
                   const char *message_id)
{
  g_autoptr (TgwPayment) payment = NULL;
  g_auto (Call) call = { 0 };

  client_pay (client, gateway, transaction_id, NULL, &call);
  send_complete (gateway, transaction_id, status, message_id);
  payment = client_paid (client, &call);
  expect_ack (gateway, message_id);
}

TgwPayment *
client_payment (TgwClient *client, const char *transaction_id)
{
  GListModel *payments = tgw_client_get_payments (client);

  for (guint i = 0; i < g_list_model_get_n_items (payments); i++)
    {
      g_autoptr (TgwPayment) payment = g_list_model_get_item (payments, i);

      if (strcmp (tgw_payment_get_transaction_id (payment), transaction_id) == 0)
        return payment; /* the list keeps it */
    }
  g_error ("%s is not listed", transaction_id);
}

guint
client_n_unclaimed (TgwClient *client)
{
  return g_list_model_get_n_items (tgw_client_get_unclaimed (client));
}

void
client_acknowledge (TgwClient *client, const char *transaction_id, guint revision)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (tgw_client_acknowledge (client, client_payment (client, transaction_id), revision, &error));
  g_assert_no_error (error);
}
