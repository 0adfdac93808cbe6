/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A server: listeners (TCP, Unix) and their connections, HTTP/1.1 and WebSocket. Knows nothing of payments.
 */
#pragma once

#include "edge/http.h"
#include "edge/reactor.h"

G_BEGIN_DECLS

typedef struct _EdgeServer EdgeServer;
typedef struct _EdgeConnection EdgeConnection;

/* All limits; edge_limits_default() fills in the usual ones. 0 means none where that makes sense. */
typedef struct
{
  guint max_connections;             /* 0: what RLIMIT_NOFILE leaves */
  guint max_connections_per_address; /* an IPv6 /64 counts as one address; 0: none; Unix sockets are exempt */
  guint header_timeout_ms;           /* first byte (or accept) to end of headers: 10 s */
  guint body_timeout_ms;             /* end of headers to end of body: 20 s */
  guint idle_timeout_ms;             /* keep-alive between requests: 60 s */
  guint write_timeout_ms;            /* no progress while output waits: 20 s */
  gsize max_header_bytes;            /* request line and headers: 16 KiB */
  guint max_headers;                 /* 100 */
  gsize max_body_bytes;              /* 64 KiB; more: 413 */
  gsize max_message_bytes;           /* WebSocket message over all its fragments: 64 KiB; more: 1009 */
  gsize max_output_bytes;            /* waiting output a connection: 1 MiB; more: the connection is dropped */
  guint heartbeat_ms;                /* WebSocket: a ping this often; 0: never */
  guint stale_heartbeats;            /* no frame of any kind for this many heartbeats: stale() */
  guint messages_per_second;         /* WebSocket messages and HTTP requests a connection: 1,000; 0: none */
  guint message_burst;               /* 2,000 */
  gboolean proxy_protocol; /* TCP: a PROXY protocol v2 header is required from a peer before anything else */
} EdgeLimits;

typedef enum
{
  EDGE_CLOSED_BY_PEER,
  EDGE_CLOSED_BY_US,    /* edge_connection_close* or a response with close */
  EDGE_CLOSED_TIMEOUT,  /* header, body, idle or write time-out */
  EDGE_CLOSED_PROTOCOL, /* the peer broke HTTP or WebSocket rules */
  EDGE_CLOSED_OVERFLOW, /* output bound */
  EDGE_CLOSED_ERROR     /* socket error */
} EdgeCloseReason;

/* What the owner does with what arrives. Every callback may respond, send or close its connection at once;
 * the connection pointer stays valid until closed() returns. */
typedef struct
{
  /* A whole request, body included. Answer with edge_connection_respond() now or later, or upgrade. The
   * request belongs to the connection and lives until the answer. The next pipelined request comes after the
   * answer. */
  void (*request) (EdgeConnection *connection, EdgeRequest *request, gpointer user_data);
  /* The edge itself refuses (status 400, 405, 408, 413, 414, 415, 417, 429, 431, 501, 503, 505): the owner
   * may give a body (owned by the caller, content type application/json). request: NULL, or what was read
   * of it; its method and path are known once the head is complete. code: "MESSAGE_TOO_LARGE",
   * "RATE_LIMITED", "OVERLOADED" or "INVALID_FIELD"… as the status suggests; reason: for people. NULL handler
   * or result: no body. */
  char *(*refusal_body) (const EdgeRequest *request, guint status, const char *reason, gpointer user_data);
  /* The last byte of the response was handed to the kernel. */
  void (*response_sent) (EdgeConnection *connection, gpointer user_data);
  /* A whole text message; UTF-8 is checked; NUL-terminated behind length for convenience. */
  void (*message) (EdgeConnection *connection, const char *text, gsize length, gpointer user_data);
  /* The messages-a-second bound was hit by a WebSocket message: it was dropped. The owner answers. */
  void (*message_dropped) (EdgeConnection *connection, gpointer user_data);
  /* A regular heartbeat ping number n (1, 2, …) goes out / its pong came (the newest outstanding number
   * only). */
  void (*heartbeat_sent) (EdgeConnection *connection, guint32 n, gpointer user_data);
  void (*heartbeat_answered) (EdgeConnection *connection, guint32 n, gpointer user_data);
  /* A probe (edge_connection_probe) was answered with any pong: TRUE, or not within its time: FALSE. */
  void (*probe_done) (EdgeConnection *connection, gboolean answered, gpointer user_data);
  /* Nothing heard for stale_heartbeats: the owner may send a last message and close; if it does not, the edge
   * closes. */
  void (*stale) (EdgeConnection *connection, gpointer user_data);
  /* Once, last; also after a close that the owner asked for. Never called from inside edge_connection_* (but
   * from the loop). */
  void (*closed) (EdgeConnection *connection, EdgeCloseReason reason, gpointer user_data);
  /* There are max_connections, and somebody else comes: the owner may abort one. If it does not, the newcomer
   * is refused. */
  void (*full) (EdgeServer *server, gpointer user_data);
} EdgeHandlers;

void edge_limits_default (EdgeLimits *limits);

/* The handlers struct is borrowed and must outlive the server; limits are copied. */
EdgeServer *edge_server_new (EdgeReactor *reactor, const EdgeLimits *limits, const EdgeHandlers *handlers,
                             gpointer user_data);
/* Closes everything hard; closed() is called for each connection. */
void edge_server_free (EdgeServer *server);
/* host: an IP literal or "localhost"; port 0: any free one. Backlog 4,096. */
gboolean edge_server_listen_tcp (EdgeServer *server, const char *host, guint16 port, GError **error);
guint16 edge_server_get_port (EdgeServer *server); /* of the first TCP listener */
/* Replaces a dead socket file at path; refuses a live one. */
gboolean edge_server_listen_unix (EdgeServer *server, const char *path, guint mode, GError **error);
/* Adopts a listening socket (socket activation, tests). */
gboolean edge_server_listen_fd (EdgeServer *server, int fd, GError **error);
void edge_server_stop_listening (EdgeServer *server);
guint edge_server_n_connections (EdgeServer *server);
/* Calls func for every open connection, the newest first; func may close them. */
void edge_server_foreach (EdgeServer *server, void (*func) (EdgeConnection *connection, gpointer user_data),
                          gpointer user_data);

/* Between the two, what is sent to WebSockets is gathered; uncork hands each connection's output to the
 * kernel at once. For an owner that says several things to many in one go: a system call a connection, not
 * one a message. They nest. */
void edge_server_cork (EdgeServer *server);
void edge_server_uncork (EdgeServer *server);

/* Counters since start, for metrics and tests. */
typedef struct
{
  guint64 accepted, refused_full, refused_address, out_of_descriptors, requests, messages_in, messages_out,
    bytes_in, bytes_out, protocol_errors, timeouts, overflows;
} EdgeCounters;
const EdgeCounters *edge_server_counters (EdgeServer *server);

G_END_DECLS
