/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long a payment takes from tgw_client_pay_async() to its bytes at the socket, with the journal's durable
 * write measured apart. The gateway is another process. bench-sdk JOURNAL PAYMENTS */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "libtgwclient/tgw-journal.h"
#include "libtgwclient/tgwclient.h"
#include "tests/sdk/fake-gateway.h"

#define WARM_UP 100

static gboolean armed;
static gint64 sent, sent_cpu;   /* ns */
static gint64 saved, saved_cpu; /* ns, in the journal since the call began */

static gint64
now (clockid_t clock)
{
  struct timespec time;

  clock_gettime (clock, &time);
  return time.tv_sec * G_GINT64_CONSTANT (1000000000) + time.tv_nsec;
}

/* In front of the C library's, as the last thing before the kernel. */
ssize_t
send (int socket, const void *buffer, size_t length, int flags)
{
  if (armed)
    {
      sent = now (CLOCK_MONOTONIC);
      sent_cpu = now (CLOCK_THREAD_CPUTIME_ID);
    }
  armed = FALSE;
  return syscall (SYS_sendto, socket, buffer, length, flags, NULL, 0);
}

gboolean __real_tgw_journal_save (TgwJournal *journal, TgwEntry *entry, const char *message_id,
                                  GError **error);
gboolean __wrap_tgw_journal_save (TgwJournal *journal, TgwEntry *entry, const char *message_id,
                                  GError **error);

gboolean
__wrap_tgw_journal_save (TgwJournal *journal, TgwEntry *entry, const char *message_id, GError **error)
{
  gint64 begin = now (CLOCK_MONOTONIC), begin_cpu = now (CLOCK_THREAD_CPUTIME_ID);
  gboolean done = __real_tgw_journal_save (journal, entry, message_id, error);

  saved_cpu += now (CLOCK_THREAD_CPUTIME_ID) - begin_cpu;
  saved += now (CLOCK_MONOTONIC) - begin;
  return done;
}

static void
be_the_gateway (int pipe)
{
  FakeGateway *gateway = fake_gateway_new ();

  prctl (PR_SET_PDEATHSIG, SIGKILL);
  if (write (pipe, gateway->url, strlen (gateway->url) + 1) < 0)
    return;
  while (TRUE)
    {
      g_autofree char *text = NULL;
      g_autoptr (TgpPosMessage) message = NULL;

      while (gateway->received.length == 0)
        g_main_context_iteration (NULL, TRUE);
      text = g_queue_pop_head (&gateway->received);
      message = tgp_pos_message_decode (text, strlen (text), NULL, NULL);
      if (message == NULL || message->action != TGP_POS_PAYMENT)
        continue;
      fake_gateway_send (gateway,
                         "{'action':'paymentComplete','requestId':'%s','transactionId':'%s','terminalId':'T',"
                         "'status':'SUCCESS','paymentResponse':{'transactionId':'%s','status':'SUCCESS',"
                         "'amount':'12.34','currency':'EUR','paymentMethod':'CARD'},'messageId':'m-%s',"
                         "'verdict':{'moneyMoved':'YES','retrySafe':false,'nextAction':'NONE','message':''}}",
                         message->request_id, message->transaction_id, message->transaction_id,
                         message->transaction_id);
    }
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return x < y ? -1 : x > y;
}

static void
print (const char *name, gint64 *values, guint n, const char *end)
{
  qsort (values, n, sizeof *values, compare);
  printf ("\"%sP50us\":%.1f,\"%sP99us\":%.1f%s", name, (double) values[n / 2] / 1e3, name,
          (double) values[n - 1 - n / 100] / 1e3, end);
}

int
main (int argc, char **argv)
{
  int ends[2];
  char url[256];
  pid_t child;
  TgwClient *client;
  g_autoptr (GError) error = NULL;
  guint n = argc > 2 ? (guint) atoi (argv[2]) : 5000;
  g_autofree gint64 *rest = g_new (gint64, n), *save = g_new (gint64, n), *cpu = g_new (gint64, n);
  GAsyncResult *result = NULL;

  if (argc < 2 || n == 0 || pipe (ends) != 0)
    return 64;
  child = fork ();
  if (child == 0)
    {
      be_the_gateway (ends[1]);
      _exit (1);
    }
  if (read (ends[0], url, sizeof url) <= 0)
    return 1;
  client = g_initable_new (TGW_TYPE_CLIENT, NULL, &error, "gateway-url", url, "api-key", FAKE_KEY,
                           "api-secret", FAKE_SECRET, "journal-path", argv[1], NULL);
  if (client == NULL || !tgw_client_connect_sync (client, NULL, &error))
    {
      fprintf (stderr, "%s\n", error->message);
      return 1;
    }
  for (guint i = 0; i < n + WARM_UP; i++)
    {
      g_autoptr (TgwPaymentRequest) request = tgw_payment_request_new_from_text ("12.34", "EUR", NULL);
      g_autoptr (TgwPayment) payment = NULL;
      gint64 begin, begin_cpu, in_journal, in_journal_cpu;

      while (g_main_context_iteration (NULL, FALSE)) /* the ack of the one before */
        ;
      saved = saved_cpu = 0;
      armed = TRUE;
      begin = now (CLOCK_MONOTONIC);
      begin_cpu = now (CLOCK_THREAD_CPUTIME_ID);
      tgw_client_pay_async (client, "T", request, NULL, on_done, &result);
      in_journal = saved;
      in_journal_cpu = saved_cpu;
      while (result == NULL)
        g_main_context_iteration (NULL, TRUE);
      payment = tgw_client_pay_finish (client, result, &error);
      g_clear_object (&result);
      if (payment == NULL || tgw_payment_get_outcome (payment) != TGW_OUTCOME_APPROVED || armed)
        return 1;
      if (!tgw_client_acknowledge (client, payment, 0, &error)) /* as a till does */
        return 1;
      if (i >= WARM_UP)
        {
          save[i - WARM_UP] = in_journal;
          rest[i - WARM_UP] = sent - begin - in_journal;
          cpu[i - WARM_UP] = sent_cpu - begin_cpu - in_journal_cpu;
        }
    }
  printf ("{\"payments\":%u,", n);
  print ("save", save, n, ",");
  print ("rest", rest, n, ",");
  print ("cpu", cpu, n, "}\n");
  kill (child, SIGKILL);
  g_object_unref (client);
  return 0;
}
