/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Idle connections in numbers, and a few that talk. */
#include "bench/load.h"

#include <stdio.h>
#include <string.h>

#define PER_SOURCE      5000
#define PING_BYTES      500
#define OPENING_AT_ONCE 2000

static char ping[PING_BYTES + 1];
static guint64 answers;
static guint connected;

static void
idle_message (WireConn *conn, const char *text, gsize length)
{
  if (strstr (text, "\"action\":\"connected\""))
    connected++;
}

static void
busy_message (WireConn *conn, const char *text, gsize length)
{
  if (strstr (text, "\"action\":\"connected\""))
    connected++;
  else if (strstr (text, "\"action\":\"pong\""))
    {
      answers++;
      wire_send_text (conn, ping, PING_BYTES);
    }
}

static void
wait_for (guint n)
{
  gint64 limit = wire_now_us () + 120 * G_USEC_PER_SEC;

  while (connected < n)
    {
      wire_poll (&load.wire, 100000);
      if (wire_now_us () > limit)
        g_error ("only %u of %u connections after two minutes", connected, n);
    }
}

static void
open_terminals (guint n)
{
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *headers = g_strdup_printf ("x-api-key: %s\r\nX-Device-Id: IDLE-%05u\r\n",
                                                  load.groups[i % load.n_groups].terminal_key, i);
      WireConn *conn = wire_connect (&load.wire, load.port, i / PER_SOURCE);
      conn->index = i;
      conn->message = idle_message;
      wire_upgrade (conn, headers);
      while (i + 1 - connected > OPENING_AT_ONCE)
        wire_poll (&load.wire, 1000);
    }
  wait_for (n);
}

void
load_echo (guint idle, guint busy, double seconds)
{
  WireConn **talkers = g_new0 (WireConn *, busy);
  gint64 rss = server_rss (), began = wire_now_us ();

  memset (ping, 'x', sizeof ping - 1);
  memcpy (ping, "{\"action\":\"ping\",\"pad\":\"", 24);
  memcpy (ping + PING_BYTES - 2, "\"}", 2);
  open_terminals (idle);
  double opened = (double) (wire_now_us () - began) / 1e6;
  /* At rest: what the rush needed and those who stay do not is given back within two seconds. */
  for (gint64 rest = wire_now_us () + 5 * G_USEC_PER_SEC / 2; idle && wire_now_us () < rest;)
    wire_poll (&load.wire, 100000);
  gint64 grown = server_rss () - rss;

  for (guint i = 0; i < busy; i++)
    {
      g_autofree char *headers =
        g_strdup_printf ("x-api-key: %s\r\n", load.groups[i % load.n_groups].pos_key);
      talkers[i] = wire_connect (&load.wire, load.port, 1);
      talkers[i]->index = i;
      talkers[i]->message = busy_message;
      wire_upgrade (talkers[i], headers);
    }
  wait_for (idle + busy);
  for (guint i = 0; i < busy; i++)
    {
      wire_send_text (talkers[i], ping, PING_BYTES);
      wire_flush (talkers[i]);
    }
  /* Half a second to come to rest, then the measurement. */
  gint64 end = wire_now_us () + G_USEC_PER_SEC / 2;
  while (wire_now_us () < end)
    wire_poll (&load.wire, 100000);
  guint64 first = answers;
  gint64 cpu = server_cpu_ns ();
  gint64 start = wire_now_us ();
  end = start + (gint64) (seconds * 1e6);
  while (wire_now_us () < end)
    wire_poll (&load.wire, 100000);
  cpu = server_cpu_ns () - cpu;
  double took = (double) (wire_now_us () - start) / 1e6;
  guint64 n = answers - first;
  printf (
    "{\"idle\":%u,\"busy\":%u,\"openSeconds\":%.3f,\"bytesPerIdle\":%.0f,\"messages\":%" G_GUINT64_FORMAT
    ",\"perSecond\":%.0f,\"cpuMicrosecondsPerMessage\":%.3f}\n",
    idle, busy, opened, idle ? (double) grown / idle : 0.0, n, (double) n / took,
    n ? (double) cpu / 1000 / (double) n : 0.0);
}
