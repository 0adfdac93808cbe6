/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <libtgwclient/tgwclient.h>

static void
on_completed (TgwClient *client, TgwPayment *payment)
{
  g_print ("%s: %s\n", tgw_payment_get_transaction_id (payment),
           tgw_verdict_get_message (tgw_payment_get_verdict (payment)));
  /* First it goes into the till's own books. Without this call it is told again after a restart. */
  tgw_client_acknowledge (client, payment, 0, NULL);
}

/* first-payment GATEWAY KEY-FILE TERMINAL AMOUNT */
int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TgwClient) client = NULL;
  g_autoptr (TgwPaymentRequest) request = NULL;
  g_autoptr (TgwPayment) payment = NULL;

  if (argc != 5)
    return 64;
  client = tgw_client_new_from_key_file (argv[1], argv[2], &error);
  if (client != NULL) /* what the last run left behind comes here too */
    g_signal_connect (client, "payment-completed", G_CALLBACK (on_completed), NULL);
  if (client != NULL && tgw_client_connect_sync (client, NULL, &error))
    request = tgw_payment_request_new_from_text (argv[4], "EUR", &error);
  if (request != NULL)
    payment = tgw_client_pay_sync (client, argv[3], request, NULL, &error);
  if (payment == NULL)
    {
      g_printerr ("Nothing was sent, trying again is safe: %s\n", error->message);
      return 1;
    }
  g_print ("%s: %s\n",
           tgw_payment_get_outcome (payment) == TGW_OUTCOME_APPROVED ? "approved" : "not approved",
           tgw_verdict_get_message (tgw_payment_get_verdict (payment)));
  return tgw_payment_get_outcome (payment) == TGW_OUTCOME_APPROVED ? 0 : 2;
}
