/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <libtgwclient/tgwclient.h>

typedef struct
{
  char **arguments;
  GMainLoop *loop; /* the window's */
  char *text;
} Job;

/* In the window's thread again. */
static gboolean
show (gpointer data)
{
  Job *job = data;

  g_print ("%s\n", job->text);
  g_main_loop_quit (job->loop);
  return G_SOURCE_REMOVE;
}

/* Here, too, what the last run left behind comes first. */
static void
on_completed (TgwClient *client, TgwPayment *payment, gpointer data)
{
  if (tgw_payment_get_recovered_from (payment) != TGW_RECOVERY_NONE)
    g_print ("%s: %s\n", tgw_payment_get_transaction_id (payment),
             tgw_verdict_get_message (tgw_payment_get_verdict (payment)));
  tgw_client_acknowledge (client, payment, 0, NULL);
}

/* The client is made, used and let go in this thread, whose main context it takes for its own. */
static gpointer
cash_desk (gpointer data)
{
  Job *job = data;
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (TgwPaymentRequest) request = tgw_payment_request_new (1200, "EUR", NULL);
  g_autoptr (TgwPayment) payment = NULL;
  g_autoptr (TgwClient) client = NULL;

  g_main_context_push_thread_default (context);
  client = tgw_client_new_from_key_file (job->arguments[1], job->arguments[2], &error);
  if (client != NULL)
    g_signal_connect (client, "payment-completed", G_CALLBACK (on_completed), NULL);
  if (client != NULL && tgw_client_connect_sync (client, NULL, &error))
    payment = tgw_client_pay_sync (client, job->arguments[3], request, NULL, &error);
  /* Texts and numbers cross over; objects that notify stay here. */
  job->text =
    g_strdup (payment != NULL ? tgw_verdict_get_message (tgw_payment_get_verdict (payment)) : error->message);
  g_clear_object (&payment);
  g_clear_object (&client);
  g_main_context_pop_thread_default (context);
  g_idle_add (show, job);
  return NULL;
}

/* threads GATEWAY KEY-FILE TERMINAL */
int
main (int argc, char **argv)
{
  Job job = { argv, g_main_loop_new (NULL, FALSE), NULL };
  GThread *thread = g_thread_new ("cash-desk", cash_desk, &job);

  g_main_loop_run (job.loop); /* the window goes on living meanwhile */
  g_thread_join (thread);
  g_main_loop_unref (job.loop);
  g_free (job.text);
  return 0;
}
