/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A client side that costs little: one epoll, many connections, hand-made frames. For the load generator
 * only: it trusts its peer, which is the gateway under test. */
#pragma once

#include <glib.h>

typedef struct _Wire Wire;
typedef struct _WireConn WireConn;

struct _WireConn
{
  Wire *wire;
  int fd;
  gboolean open; /* WebSocket handshake done, or plain HTTP connected */
  GString *in, *out;
  gboolean want_write;
  /* The user's: a whole WebSocket text message, or a whole HTTP response body with its status. */
  void (*message) (WireConn *conn, const char *text, gsize length);
  void (*response) (WireConn *conn, guint status);
  void (*opened) (WireConn *conn);
  gpointer data;
  guint index;
};

struct _Wire
{
  int epoll;
  guint n_open;
  guint64 n_messages;
};

void wire_init (Wire *wire);
/* Handles what is ready, waiting up to timeout_us for something. */
void wire_poll (Wire *wire, int timeout_us);
gint64 wire_now_us (void);

/* Connects from 127.0.0.x, so that ports do not run out. Aborts on failure: a load generator without its load
 * is no use. */
WireConn *wire_connect (Wire *wire, guint16 port, guint source);
/* Sends the upgrade request; headers: lines with CR LF. */
void wire_upgrade (WireConn *conn, const char *headers);
void wire_send_text (WireConn *conn, const char *text, gsize length);
void wire_send_raw (WireConn *conn, const char *bytes, gsize length);
/* Sends what send_text and send_raw have gathered. */
void wire_flush (WireConn *conn);
void wire_close (WireConn *conn);
