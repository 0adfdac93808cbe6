/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a call to the client library waits for: its journal's durable writes, beside what a hand-over to a
 * thread would cost, and beside an empty main loop's turn. Arguments: how many, and a file on the disk in
 * question. */
#include "libtgwclient/tgw-ledger.h"
#include "libtgwclient/tgw-payment-private.h"
#include "protocol/payment.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static int
compare (gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return x < y ? -1 : x > y;
}

static void
tell (const char *what, gint64 *times, guint n)
{
  qsort (times, n, sizeof *times, compare);
  g_print ("%-40s %8.3f %8.3f %8.3f ms\n", what, times[n / 2] / 1e3, times[n * 99 / 100] / 1e3,
           times[n - 1] / 1e3);
}

static void
write_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_task_return_boolean (task, TRUE);
}

static void
on_written (GObject *source, GAsyncResult *result, gpointer done)
{
  *(gboolean *) done = TRUE;
}

int
main (int argc, char **argv)
{
  guint n = argc > 1 ? (guint) atoi (argv[1]) : 1000;
  const char *path = argc > 2 ? argv[2] : "bench.journal";
  g_autofree char *plain = g_strconcat (path, ".plain", NULL);
  g_autofree gint64 *begin = g_new (gint64, n), *acknowledge = g_new (gint64, n), *hop = g_new (gint64, n),
                    *sync = g_new (gint64, n);
  g_autoptr (GError) error = NULL;
  TgwLedger *ledger = tgw_ledger_new ();
  int fd = open (plain, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);

  if (fd < 0 || !tgw_ledger_open (ledger, path, &error))
    g_error ("%s", error != NULL ? error->message : "no such place");
  for (guint i = 0; i < n; i++)
    {
      gboolean done = FALSE;
      g_autofree char *id = g_strdup_printf ("bench-%" G_GINT64_FORMAT "-%u", g_get_real_time (), i);
      g_autoptr (TgpPaymentRequest) request = tgp_payment_request_new ();
      g_autoptr (TgwPayment) payment = NULL;
      gint64 start = g_get_monotonic_time ();
      g_autoptr (GTask) task = NULL;

      request->transaction_id = g_strdup (id);
      request->amount = 1200;
      g_strlcpy (request->currency, "EUR", sizeof request->currency);
      payment = tgw_ledger_begin (ledger, "TERM-001", request, NULL, &error);
      g_assert_no_error (error);
      begin[i] = g_get_monotonic_time () - start;

      start = g_get_monotonic_time ();
      tgw_ledger_tell_answer (ledger, payment, TGW_TOLD_COMPLETE, TGW_RECOVERY_NONE);
      tgw_ledger_acknowledge (ledger, payment, 0, &error);
      g_assert_no_error (error);
      acknowledge[i] = (g_get_monotonic_time () - start) / 2;

      start = g_get_monotonic_time ();
      task = g_task_new (NULL, NULL, on_written, &done);
      g_task_run_in_thread (task, write_in_thread);
      while (!done)
        g_main_context_iteration (NULL, TRUE);
      hop[i] = g_get_monotonic_time () - start;

      start = g_get_monotonic_time ();
      if (write (fd, id, 32) < 0 || fdatasync (fd) < 0)
        g_error ("the disk refuses");
      sync[i] = g_get_monotonic_time () - start;
    }
  g_print ("%-40s %8s %8s %8s\n", "", "median", "p99", "longest");
  tell ("payment into the journal", begin, n);
  tell ("outcome, acknowledgement (each)", acknowledge, n);
  tell ("fdatasync of 32 bytes alone", sync, n);
  tell ("to a thread and back, nothing written", hop, n);
  tgw_ledger_free (ledger);
  close (fd);
  unlink (plain);
  return 0;
}
