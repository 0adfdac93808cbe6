/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTTP: signed payment requests that are refused, or plain GETs for the server to compare with. */
#include "bench/load.h"

#include "protocol/signature.h"
#include "protocol/time.h"

#include <stdio.h>
#include <string.h>

#define DEPTH 1

static guint64 responses, wrong, counter;
static guint wanted;
static const char *plain_path;

static void
ask (WireConn *conn)
{
  const LoadGroup *group = &load.groups[conn->index % load.n_groups];
  char body[512], head[700], timestamp[TGP_TIME_SIZE], signature[TGP_SIGNATURE_SIZE];

  if (plain_path)
    {
      int n = g_snprintf (head, sizeof head, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", plain_path);
      wire_send_raw (conn, head, (gsize) n);
      return;
    }
  int length = g_snprintf (body, sizeof body,
                           "{\"amount\":\"12.00\",\"currency\":\"EUR\",\"paymentMethod\":\"CARD\","
                           "\"metadata\":{\"order\":\"%" G_GUINT64_FORMAT "\"}}",
                           ++counter);
  tgp_time_format (g_get_real_time () / 1000, timestamp);
  tgp_sign (group->pos_secret, "POST", "/v1/terminals/NOT-HERE/payments", timestamp, body, (gsize) length,
            signature);
  int n = g_snprintf (
    head, sizeof head,
    "POST /v1/terminals/NOT-HERE/payments HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    "Content-Length: %d\r\nx-api-key: %s\r\nx-timestamp: %s\r\nx-signature: %s\r\n\r\n",
    length, group->pos_key, timestamp, signature);
  wire_send_raw (conn, head, (gsize) n);
  wire_send_raw (conn, body, (gsize) length);
}

static void
answered (WireConn *conn, guint status)
{
  responses++;
  if (status != wanted)
    wrong++;
  ask (conn);
}

void
load_http (guint connections, double seconds, const char *path)
{
  plain_path = path;
  wanted = path ? 200 : 404;
  for (guint i = 0; i < connections; i++)
    {
      WireConn *conn = wire_connect (&load.wire, load.port, 0);
      conn->index = i;
      conn->response = answered;
      for (guint k = 0; k < DEPTH; k++)
        ask (conn);
      wire_poll (&load.wire, 100);
      wire_flush (conn);
    }
  gint64 start = wire_now_us (), warm = start + G_USEC_PER_SEC / 2;
  while (wire_now_us () < warm)
    wire_poll (&load.wire, 10000);
  guint64 before = responses;
  gint64 cpu = server_cpu_ns (), began = wire_now_us (), end = began + (gint64) (seconds * 1e6);
  while (wire_now_us () < end)
    wire_poll (&load.wire, 10000);
  cpu = server_cpu_ns () - cpu;
  guint64 n = responses - before;
  double took = (double) (wire_now_us () - began) / 1e6;
  printf ("{\"connections\":%u,\"requests\":%" G_GUINT64_FORMAT
          ",\"perSecond\":%.0f,\"wrongStatus\":%" G_GUINT64_FORMAT
          ",\"cpuMicrosecondsPerRequest\":%.2f,\"perServerCpuSecond\":%.0f}\n",
          connections, n, (double) n / took, wrong, (double) cpu / 1000 / MAX (n, 1),
          (double) n / MAX ((double) cpu / 1e9, 1e-9));
}
