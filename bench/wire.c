/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

void
wire_init (Wire *wire)
{
  *wire = (Wire){ .epoll = epoll_create1 (EPOLL_CLOEXEC) };
}

gint64
wire_now_us (void)
{
  struct timespec now;
  clock_gettime (CLOCK_MONOTONIC, &now);
  return (gint64) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

WireConn *
wire_connect (Wire *wire, guint16 port, guint source)
{
  WireConn *conn = g_new0 (WireConn, 1);
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_port = htons (port),
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  struct sockaddr_in from = { .sin_family = AF_INET,
                              .sin_addr.s_addr = htonl (INADDR_LOOPBACK + 1 + source) };
  int one = 1;

  conn->wire = wire;
  conn->fd = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  setsockopt (conn->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  setsockopt (conn->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one,
              sizeof one); /* a port may serve many peers */
  if (conn->fd < 0 || bind (conn->fd, (struct sockaddr *) &from, sizeof from) != 0 ||
      (connect (conn->fd, (struct sockaddr *) &address, sizeof address) != 0 && errno != EINPROGRESS))
    g_error ("connect: %s", g_strerror (errno));
  conn->in = g_string_new (NULL);
  conn->out = g_string_new (NULL);
  struct epoll_event event = { .events = EPOLLIN, .data.ptr = conn };
  epoll_ctl (wire->epoll, EPOLL_CTL_ADD, conn->fd, &event);
  return conn;
}

static void
watch (WireConn *conn, gboolean want_write)
{
  if (conn->want_write == want_write)
    return;
  conn->want_write = want_write;
  struct epoll_event event = { .events = EPOLLIN | (want_write ? EPOLLOUT : 0), .data.ptr = conn };
  epoll_ctl (conn->wire->epoll, EPOLL_CTL_MOD, conn->fd, &event);
}

void
wire_flush (WireConn *conn)
{
  while (conn->out->len)
    {
      gssize n = send (conn->fd, conn->out->str, conn->out->len, MSG_NOSIGNAL);
      if (n < 0 && (errno == EAGAIN || errno == ENOTCONN))
        break;
      if (n < 0)
        g_error ("send: %s", g_strerror (errno));
      g_string_erase (conn->out, 0, n);
    }
  watch (conn, conn->out->len > 0);
}

void
wire_send_raw (WireConn *conn, const char *bytes, gsize length)
{
  g_string_append_len (conn->out, bytes, (gssize) length);
}

void
wire_upgrade (WireConn *conn, const char *headers)
{
  g_string_append_printf (
    conn->out,
    "GET /v1/ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n%s\r\n",
    headers);
  wire_flush (conn);
}

/* A mask of zeros masks nothing: the frame is legal, the generator saves the work. */
static void
send_frame (WireConn *conn, guint8 opcode, const char *text, gsize length)
{
  guint8 head[8] = { 0x80 | opcode };
  gsize n = 2;

  if (length < 126)
    head[1] = 0x80 | (guint8) length;
  else
    {
      head[1] = 0x80 | 126;
      head[2] = (guint8) (length >> 8);
      head[3] = (guint8) length;
      n = 4;
    }
  g_string_append_len (conn->out, (char *) head, (gssize) n);
  g_string_append_len (conn->out, "\0\0\0\0", 4);
  g_string_append_len (conn->out, text, (gssize) length);
}

void
wire_send_text (WireConn *conn, const char *text, gsize length)
{
  send_frame (conn, 1, text, length);
}

void
wire_close (WireConn *conn)
{
  close (conn->fd);
  if (conn->open)
    conn->wire->n_open--;
  g_string_free (conn->in, TRUE);
  g_string_free (conn->out, TRUE);
  g_free (conn);
}

/* Takes one frame from the front; its length, 0 if it is not whole. */
static gsize
take_frame (WireConn *conn, char *data, gsize available)
{
  const guint8 *head = (const guint8 *) data;
  gsize n = 2, length;

  if (available < 2)
    return 0;
  length = head[1];
  if (length == 126)
    {
      if (available < 4)
        return 0;
      length = (gsize) head[2] << 8 | head[3];
      n = 4;
    }
  if (available < n + length)
    return 0;
  if ((head[0] & 15) == 1)
    {
      char kept = data[n + length];
      data[n + length] = 0;
      conn->wire->n_messages++;
      conn->message (conn, data + n, length);
      data[n + length] = kept;
    }
  else if ((head[0] & 15) == 9)
    send_frame (conn, 10, data + n, length);
  else if ((head[0] & 15) == 8)
    g_error ("the gateway closed connection %u: %u %.*s", conn->index,
             length >= 2 ? (guint) (head[n] << 8 | head[n + 1]) : 0, (int) MAX ((gssize) length - 2, 0),
             data + n + 2);
  return n + length;
}

static gsize
take_response (WireConn *conn, char *data, gsize available)
{
  char *end = g_strstr_len (data, (gssize) available, "\r\n\r\n");
  char *line = end ? g_strstr_len (data, end - data, "ontent-") : NULL;
  gsize length = 0;

  if (!end)
    return 0;
  for (; line; line = g_strstr_len (line + 1, end - line - 1, "ontent-"))
    if (g_ascii_strncasecmp (line, "ontent-length:", 14) == 0)
      length = strtoul (line + 14, NULL, 10);
  gsize whole = (gsize) (end - data) + 4 + length;
  if (available < whole)
    return 0;
  conn->response (conn, (guint) atoi (data + 9));
  return whole;
}

static gsize
take_handshake (WireConn *conn, char *data, gsize available)
{
  char *end = g_strstr_len (data, (gssize) available, "\r\n\r\n");

  if (!end)
    return 0;
  if (strncmp (data, "HTTP/1.1 101", 12) != 0)
    g_error ("handshake refused: %.*s", (int) available, data);
  conn->open = TRUE;
  conn->wire->n_open++;
  if (conn->opened)
    conn->opened (conn);
  return (gsize) (end - data) + 4;
}

static void
take_all (WireConn *conn, char *data, gsize length, gsize *taken)
{
  gsize at = 0, n;

  do
    {
      if (conn->response)
        n = take_response (conn, data + at, length - at);
      else if (!conn->open)
        n = take_handshake (conn, data + at, length - at);
      else
        n = take_frame (conn, data + at, length - at);
      at += n;
    }
  while (n && at < length);
  *taken = at;
}

static void
ready (WireConn *conn, guint32 events)
{
  static char buffer[256 * 1024 + 1];

  if (events & EPOLLIN)
    {
      gssize n = recv (conn->fd, buffer, sizeof buffer - 1, 0);
      if (n == 0 || (n < 0 && errno != EAGAIN))
        g_error ("connection %u ended: %s", conn->index, n ? g_strerror (errno) : "closed by the gateway");
      if (n > 0)
        {
          gsize taken = 0;
          buffer[n] = 0;
          if (conn->in->len)
            {
              g_string_append_len (conn->in, buffer, n);
              take_all (conn, conn->in->str, conn->in->len, &taken);
              g_string_erase (conn->in, 0, (gssize) taken);
            }
          else
            {
              take_all (conn, buffer, (gsize) n, &taken);
              g_string_append_len (conn->in, buffer + taken, n - (gssize) taken);
            }
        }
    }
  wire_flush (conn);
}

void
wire_poll (Wire *wire, int timeout_us)
{
  struct epoll_event events[512];
  struct timespec timeout = { .tv_sec = timeout_us / 1000000, .tv_nsec = timeout_us % 1000000 * 1000 };
  int n = epoll_pwait2 (wire->epoll, events, G_N_ELEMENTS (events), &timeout, NULL);

  for (int i = 0; i < n; i++)
    ready (events[i].data.ptr, events[i].events);
}
