/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <libtgwclient/tgwclient.h>

static GMainLoop *loop;

/* What the till shows, whatever the payment's state: the verdict has a sentence for each of them. */
static void
show (TgwPayment *payment)
{
  TgwVerdict *verdict = tgw_payment_get_verdict (payment);

  g_print ("%s ", tgw_payment_get_transaction_id (payment));
  switch (tgw_verdict_get_money_moved (verdict))
    {
    case TGW_MONEY_MOVED_YES:
      g_print ("paid: ");
      break;
    case TGW_MONEY_MOVED_NO:
      g_print ("not paid: ");
      break;
    case TGW_MONEY_MOVED_UNKNOWN:
    default:
      g_print ("unknown: "); /* neither hand out the goods nor charge again */
      break;
    }
  g_print ("%s\n", tgw_verdict_get_message (verdict));
}

/* The client asks the gateway by itself until it knows. The signal may come minutes later, or after a
 * restart: then it is about a payment of an earlier run. */
static void
on_completed (TgwClient *client, TgwPayment *payment, gpointer request)
{
  show (payment);
  tgw_client_acknowledge (client, payment, 0, NULL);
  if (g_strcmp0 (tgw_payment_get_transaction_id (payment),
                 tgw_payment_request_get_transaction_id (request)) == 0)
    g_main_loop_quit (loop);
}

static void
on_paid (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TgwPayment) payment = tgw_client_pay_finish (TGW_CLIENT (source), result, &error);

  if (payment == NULL)
    {
      g_printerr ("Nothing was sent, trying again is safe: %s\n", error->message);
      g_main_loop_quit (loop);
    }
  else if (tgw_payment_get_outcome (payment) == TGW_OUTCOME_UNKNOWN)
    show (payment);
}

/* unknown-outcome GATEWAY KEY-FILE TERMINAL SECONDS: waits so long for the outcome of a payment */
int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TgwClient) client = tgw_client_new_from_key_file (argv[1], argv[2], &error);
  g_autoptr (TgwPaymentRequest) request = tgw_payment_request_new (1200, "EUR", NULL);

  loop = g_main_loop_new (NULL, FALSE);
  /* Before it connects: what the last run left behind is told then. */
  if (client != NULL)
    g_signal_connect (client, "payment-completed", G_CALLBACK (on_completed), request);
  if (client == NULL || !tgw_client_connect_sync (client, NULL, &error))
    {
      g_printerr ("%s\n", error->message);
      g_main_loop_unref (loop);
      return 1;
    }
  tgw_client_set_pay_timeout (client, (guint) g_ascii_strtoull (argv[4], NULL, 10));
  tgw_client_pay_async (client, argv[3], request, NULL, on_paid, NULL);
  g_main_loop_run (loop);
  g_main_loop_unref (loop);
  return 0;
}
