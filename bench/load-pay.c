/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole payments: POS -> gateway -> terminal -> gateway -> POS, acked. */
#include "bench/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct
{
  WireConn *conn;
  WireConn *pos;
  char device_id[24];
  gint64 began; /* us; 0: free */
  guint number;
} Terminal;

static Terminal *terminals;
static guint n_terminals, connected, open_rate;
static guint64 started, finished, failed;
static GArray *latencies;
static gboolean measuring;
static guint64 run_id;

static void
begin (Terminal *terminal, gint64 at)
{
  char text[400];

  terminal->began = at;
  terminal->number++;
  started++;
  int n = g_snprintf (
    text, sizeof text,
    "{\"action\":\"payment\",\"requestId\":\"r\",\"terminalId\":\"%s\",\"paymentRequest\":{\"transactionId\":"
    "\"%013" G_GINT64_FORMAT "-%s-%u-%" G_GUINT64_FORMAT
    "\",\"amount\":\"12.00\",\"currency\":\"EUR\",\"paymentMethod\":\"CARD\"}}",
    terminal->device_id, g_get_real_time () / 1000, terminal->device_id, terminal->number, run_id);
  wire_send_text (terminal->pos, text, (gsize) n);
}

static Terminal *
terminal_named (const char *text)
{
  const char *id = strstr (text, "\"terminalId\":\"PAY-");
  return id ? &terminals[atoi (id + 18)] : NULL;
}

static void
finish (WireConn *conn, const char *text)
{
  const char *id = strstr (text, "\"messageId\":\"");
  Terminal *terminal = terminal_named (text);
  char ack[160];
  gint64 now = wire_now_us ();

  if (!id || !terminal || !terminal->began)
    return;
  const char *end = strchr (id + 13, '"');
  int n = g_snprintf (ack, sizeof ack, "{\"action\":\"ack\",\"messageIds\":[\"%.*s\"]}",
                      (int) (end - id - 13), id + 13);
  wire_send_text (conn, ack, (gsize) n);
  guint32 took = (guint32) (now - terminal->began);
  if (measuring)
    g_array_append_val (latencies, took);
  finished++;
  terminal->began = 0;
  if (!open_rate)
    begin (terminal, now);
}

static void
pos_message (WireConn *conn, const char *text, gsize length)
{
  if (g_str_has_prefix (text, "{\"action\":\"paymentComplete\""))
    finish (conn, text);
  else if (g_str_has_prefix (text, "{\"action\":\"connected\""))
    connected++;
  else if (g_str_has_prefix (text, "{\"action\":\"error\""))
    {
      if (failed++ < 5)
        fprintf (stderr, "%.*s\n", (int) length, text);
    }
}

static void
terminal_message (WireConn *conn, const char *text, gsize length)
{
  char answer[512];

  if (g_str_has_prefix (text, "{\"action\":\"connected\""))
    {
      static const char hello[] =
        "{\"action\":\"hello\",\"capabilities\":[\"cancel\",\"void\",\"progress\"],\"journalId\":\"j\"}";
      wire_send_text (conn, hello, sizeof hello - 1);
      connected++;
      return;
    }
  const char *id =
    g_str_has_prefix (text, "{\"action\":\"paymentRequest\"") ? strstr (text, "\"transactionId\":\"") : NULL;
  if (!id)
    return;
  id += 17;
  int id_length = (int) (strchr (id, '"') - id);
  int n = g_snprintf (answer, sizeof answer, "{\"action\":\"paymentAccepted\",\"transactionId\":\"%.*s\"}",
                      id_length, id);
  wire_send_text (conn, answer, (gsize) n);
  n = g_snprintf (answer, sizeof answer,
                  "{\"action\":\"paymentResponse\",\"transactionId\":\"%.*s\",\"paymentResponse\":{"
                  "\"transactionId\":\"%.*s\",\"status\":"
                  "\"SUCCESS\",\"amount\":\"12.00\",\"currency\":\"EUR\",\"paymentMethod\":\"CARD\","
                  "\"authorizationCode\":\"123456\"}}",
                  id_length, id, id_length, id);
  wire_send_text (conn, answer, (gsize) n);
}

static void
connect_all (void)
{
  WireConn **pos = g_new0 (WireConn *, load.n_groups);

  for (guint i = 0; i < load.n_groups; i++)
    {
      g_autofree char *headers =
        g_strdup_printf ("x-api-key: %s\r\nx-delivery: ack\r\n", load.groups[i].pos_key);
      pos[i] = wire_connect (&load.wire, load.port, 0);
      pos[i]->message = pos_message;
      wire_upgrade (pos[i], headers);
    }
  for (guint i = 0; i < n_terminals; i++)
    {
      Terminal *terminal = &terminals[i];
      g_snprintf (terminal->device_id, sizeof terminal->device_id, "PAY-%05u", i);
      g_autofree char *headers =
        g_strdup_printf ("x-api-key: %s\r\nX-Device-Id: %s\r\n", load.groups[i % load.n_groups].terminal_key,
                         terminal->device_id);
      terminal->pos = pos[i % load.n_groups];
      terminal->conn = wire_connect (&load.wire, load.port, 1);
      terminal->conn->index = i;
      terminal->conn->message = terminal_message;
      wire_upgrade (terminal->conn, headers);
    }
  while (connected < load.n_groups + n_terminals)
    wire_poll (&load.wire, 100000);
  /* The hellos are stored. */
  gint64 end = wire_now_us () + G_USEC_PER_SEC / 4;
  while (wire_now_us () < end)
    wire_poll (&load.wire, 10000);
}

static void
begin_due (gint64 start, guint64 *scheduled)
{
  gint64 now = wire_now_us ();
  static guint next;

  for (;;)
    {
      gint64 due = start + (gint64) (*scheduled * G_USEC_PER_SEC / open_rate);
      if (due > now)
        return;
      Terminal *terminal = &terminals[next++ % n_terminals];
      if (terminal->began)
        failed++; /* still busy after a whole round: counted, not hidden */
      else
        {
          begin (terminal, due);
          wire_flush (terminal->pos);
        }
      (*scheduled)++;
    }
}

void
load_pay (guint n, double seconds, guint rate)
{
  guint64 scheduled = 0;

  n_terminals = n;
  open_rate = rate;
  run_id = (guint64) g_random_int ();
  terminals = g_new0 (Terminal, n);
  latencies = g_array_new (FALSE, FALSE, sizeof (guint32));
  connect_all ();

  gint64 start = wire_now_us ();
  for (guint i = 0; !rate && i < n; i++)
    {
      begin (&terminals[i], wire_now_us ());
      wire_flush (terminals[i].pos);
    }
  gint64 warm = start + G_USEC_PER_SEC, end = warm + (gint64) (seconds * 1e6);
  guint64 before = 0;
  gint64 cpu = 0, now;
  while ((now = wire_now_us ()) < end)
    {
      if (!measuring && now >= warm)
        {
          measuring = TRUE;
          before = finished;
          cpu = server_cpu_ns ();
        }
      if (rate)
        begin_due (start, &scheduled);
      wire_poll (&load.wire, rate ? 200 : 10000);
    }
  cpu = server_cpu_ns () - cpu;
  guint64 done = finished - before;
  double p50 = percentile_ms (latencies, 0.5), p99 = percentile_ms (latencies, 0.99),
         worst = percentile_ms (latencies, 1);
  printf ("{\"terminals\":%u,\"pos\":%u,\"rate\":%u,\"payments\":%" G_GUINT64_FORMAT
          ",\"perSecond\":%.0f,\"p50ms\":%.3f,"
          "\"p99ms\":%.3f,\"worstMs\":%.3f,\"failed\":%" G_GUINT64_FORMAT
          ",\"cpuMicrosecondsPerPayment\":%.1f,\"all\":%" G_GUINT64_FORMAT "}\n",
          n, load.n_groups, rate, done, (double) done / seconds, p50, p99, worst, failed,
          (double) cpu / 1000 / MAX (done, 1), finished);
}
