/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A connection from the inside; for the files of the server only. */
#pragma once

#include "edge/buffer.h"
#include "edge/rate.h"
#include "edge/server-private.h"
#include "edge/transport.h"
#include "edge/websocket.h"

G_BEGIN_DECLS

typedef enum
{
  EDGE_PHASE_PROXY,   /* the PROXY header comes first */
  EDGE_PHASE_READING, /* between or inside of requests */
  EDGE_PHASE_IN_HAND, /* the owner has a request */
  EDGE_PHASE_SENDING, /* it answered; the answer is on its way to the kernel */
  EDGE_PHASE_WEBSOCKET,
  EDGE_PHASE_WS_CLOSING, /* our close frame is out, the peer's is not in */
  EDGE_PHASE_LAST_WORDS, /* nothing more is read; output, then the end */
  EDGE_PHASE_LINGER, /* output has ended; what the peer still sends is thrown away, so that it can read the
                        answer */
  EDGE_PHASE_DEAD
} EdgePhase;

typedef struct
{
  EdgeTimer timer; /* first */
  EdgeConnection *connection;
} EdgeProbe;

typedef struct
{
  EdgeWsDecoder decoder;
  EdgeProbe *probe; /* while there is one */
  gint64 heard_ms;
  guint32 heartbeat;  /* number of the last one */
  guint32 unanswered; /* the same while its pong has not come, otherwise 0 */
  guint32 unheard;    /* heartbeats sent since anything was heard */
} EdgeWebSocket;

struct _EdgeConnection
{
  EdgeTransport transport; /* first: the reactor gives us its watch */
  EdgeTimer timer;         /* header, body, idle; heartbeat; end of a close or a linger */
  EdgeTimer write_timer;   /* runs while output waits */
  EdgeServer *server;
  gpointer data; /* the owner's */
  EdgeConnection *next, *previous, *next_due;
  EdgeRequest *request;     /* NULL between requests */
  EdgeWebSocket *websocket; /* NULL on HTTP */
  EdgeBuffer *input;        /* read, but not looked at yet */
  EdgeBuffer *output;       /* what the kernel did not take */
  struct in6_addr address;
  EdgeRate rate;
  guint32 drained; /* bytes thrown away in the end */
  guint phase : 4;
  guint reason : 4;  /* EdgeCloseReason, once the end has begun */
  guint budget : 8;  /* callbacks left in this turn */
  guint local : 1;   /* a Unix socket */
  guint counted : 1; /* in the counts of its address */
  guint hidden : 1;  /* refused at the door: the owner never hears of it */
  guint due : 1;
  guint corked : 1; /* in the server's list */
  guint busy : 1; /* its input is being worked on: who is called from there need not ask to be called again */
  guint close_after : 1;
  guint ended : 1;      /* the peer's output was read to its end */
  guint end_told : 1;   /* it ends somewhere behind what was not read yet */
  guint own_answer : 1; /* the answer on its way is the edge's, not the owner's */
};

/* connection.c: life, input, output */
EdgeConnection *edge_connection_open (EdgeServer *server, int fd, const struct sockaddr *from);
void edge_connection_come_back (EdgeConnection *connection);
void edge_connection_free (EdgeConnection *connection);
/* At once. closed() follows from the loop. */
void edge_connection_finish (EdgeConnection *connection, EdgeCloseReason reason);
/* FALSE: it has just died of it. */
gboolean edge_connection_write (EdgeConnection *connection, struct iovec *parts, guint n_parts);
/* Nothing more is read; when the output is out, the connection ends in a way that lets the peer read all of
 * it. */
void edge_connection_end (EdgeConnection *connection, EdgeCloseReason reason);
void edge_connection_update_wants (EdgeConnection *connection);
/* Hands to the kernel what was gathered. */
void edge_connection_uncork (EdgeConnection *connection);
void edge_connection_start_timer (EdgeConnection *connection, guint delay_ms); /* 0: stops it */
/* How long a peer has to take part in the end: so long, but no longer than it has to take output. */
guint edge_connection_patience (EdgeConnection *connection, guint most_ms);
/* Sets the client's address and counts it. FALSE: it has too many connections. */
gboolean edge_connection_set_address (EdgeConnection *connection, const struct in6_addr *address);

/* connection-http.c. Those that take bytes return how many. */
gsize edge_connection_take_proxy (EdgeConnection *connection, guint8 *data, gsize length);
gsize edge_connection_take_http (EdgeConnection *connection, guint8 *data, gsize length);
void edge_connection_refuse (EdgeConnection *connection, guint status, const char *why,
                             EdgeCloseReason reason);
/* The answer is out: on with the next request. */
void edge_connection_answered (EdgeConnection *connection);
void edge_connection_http_timeout (EdgeConnection *connection);
/* The peer ended its output while a request is in hand. */
void edge_connection_half_closed (EdgeConnection *connection);
void edge_connection_drop_request (EdgeConnection *connection);

/* connection-websocket.c */
gsize edge_connection_take_frames (EdgeConnection *connection, guint8 *data, gsize length);
void edge_connection_websocket_timeout (EdgeConnection *connection);
void edge_connection_websocket_free (EdgeConnection *connection);
void edge_connection_end_probe (EdgeConnection *connection);
void edge_connection_close_websocket (EdgeConnection *connection, guint16 code, const char *reason,
                                      EdgeCloseReason why);

G_END_DECLS
