/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <libtgwclient/tgwclient.h>

static void
on_news (TgwClient *client, TgwPayment *payment, gpointer data)
{
  g_autoptr (GError) error = NULL;

  g_print ("%s: %s%s\n", tgw_payment_get_transaction_id (payment),
           tgw_verdict_get_message (tgw_payment_get_verdict (payment)),
           tgw_payment_get_recovered_from (payment) != TGW_RECOVERY_NONE ? " (recovered)" : "");
  /* First the news go into the till's own books, then: */
  if (!tgw_client_acknowledge (client, payment, tgw_payment_get_revision (payment), &error))
    g_printerr ("%s\n", error->message);
}

static void
on_unclaimed_changed (GListModel *unclaimed, guint position, guint removed, guint added, gpointer loop)
{
  if (g_list_model_get_n_items (unclaimed) == 0)
    g_main_loop_quit (loop);
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer request)
{
  g_autoptr (GError) error = NULL;

  if (!tgw_client_connect_finish (TGW_CLIENT (source), result, &error))
    g_printerr ("Not yet: %s\n", error->message); /* it goes on trying */
  else if (request != NULL)
    tgw_client_pay_async (TGW_CLIENT (source), "TERM-001", request, NULL, NULL, NULL);
}

/* recovery GATEWAY KEY-FILE [AMOUNT]: what the last run left behind, then perhaps a payment on TERM-001 */
int
main (int argc, char **argv)
{
  static const char *const signals[] = { "payment-completed", "payment-voided", "payment-void-confirmed",
                                         "payment-void-failed", "payment-conflict" };
  g_autoptr (GError) error = NULL;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (TgwClient) client = NULL;
  g_autoptr (TgwPaymentRequest) request = NULL;
  GListModel *unclaimed;

  client = tgw_client_new_from_key_file (argv[1], argv[2], &error);
  if (client != NULL && argc > 3)
    request = tgw_payment_request_new_from_text (argv[3], "EUR", &error);
  if (error != NULL)
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (signals); i++)
    g_signal_connect (client, signals[i], G_CALLBACK (on_news), NULL);
  unclaimed = tgw_client_get_unclaimed (client);
  g_signal_connect (unclaimed, "items-changed", G_CALLBACK (on_unclaimed_changed), loop);
  g_print ("%u unclaimed\n", g_list_model_get_n_items (unclaimed));
  if (g_list_model_get_n_items (unclaimed) == 0 && request == NULL)
    return 0;
  /* From here on the news of the last run are told, as if they had just come. */
  tgw_client_connect_async (client, NULL, on_connected, request);
  g_main_loop_run (loop);
  return 0;
}
