/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of the API share. */
#pragma once

#include "gateway/api/api.h"
#include "protocol/pos-event.h"

G_BEGIN_DECLS

typedef enum
{
  GW_PEER_HTTP,     /* between requests, or one in hand */
  GW_PEER_ENTERING, /* its request waits for the HTTP session to be entered */
  GW_PEER_SHAKING,  /* WebSocket handshake waits for the store */
  GW_PEER_OPEN,     /* WebSocket */
  GW_PEER_CLOSING   /* forceDisconnect was said: deaf from here on */
} GwPeerState;

/* What only a request in hand needs; a WebSocket has none. */
typedef struct
{
  guint64 signature; /* of the payment in hand */
  gint64 signature_expires;
  gint64 outcome_seq, void_seq; /* mailbox rows that the response being written tells */
  const EdgeRequest *request;   /* while its session is entered */
} GwHand;

/* Somebody connected. */
typedef struct
{
  GwApi *api;
  EdgeConnection *connection;
  GwKey *key;     /* of the WebSocket or of the request in hand; nullable */
  guint64 link;   /* of the WebSocket or of the request in hand; 0: none */
  guint16 errors; /* in a row */
  guint8 state;   /* GwPeerState */
  guint8 admin;   /* came through the admin socket */
  guint deferred_bytes;
  GwHand *hand;     /* NULL on a WebSocket */
  GQueue *deferred; /* GBytes that wait for an ack to be stored; nullable */
} GwPeer;

struct _GwApi
{
  EdgeServer *server, *admin;
  GwEngine *engine;
  GwApiSettings settings;
  GHashTable *peers; /* &link -> GwPeer */
  guint64 next_link;
  gboolean ready;
  gint64 started_at;
  void (*status_extra) (TgpJsonWriter *writer, gpointer data);
  gpointer status_data;
};

gint64 gw_api_now (void); /* wall ms */
/* A fresh link for what the peer does now. */
guint64 gw_peer_begin (GwPeer *peer);
/* The request in hand is answered. */
void gw_peer_respond (GwPeer *peer, guint status, const char *body, const char *headers);
void gw_peer_respond_error (GwPeer *peer, const TgpErrorBody *error);
void gw_peer_refuse (GwPeer *peer, TgpErrorCode code, const char *message);
/* As said about a payment: with a verdict. */
void gw_peer_refuse_payment (GwPeer *peer, TgpErrorCode code, const char *message,
                             const char *transaction_id);
void gw_peer_caller (GwPeer *peer, GwCaller *caller, const EdgeRequest *request);

/* --- auth.c --- */

/* NULL and the code otherwise. handshake: credentials may come in the query, and unsigned. */
GwKey *gw_auth_check (GwApi *api, const EdgeRequest *request, gboolean handshake, TgpErrorCode *code,
                      const char **message);

/* --- http.c --- */
void gw_http_request (GwPeer *peer, const EdgeRequest *request);
/* Refuses at the door. Of a POST that would start a payment the verdict is told, and it is the one of the
 * payment that has its transactionId already, where there is one: peer->key says who asks, NULL: not known.
 */
/* Is it a POST of a payment? */
gboolean gw_http_starts_payment (const EdgeRequest *request);
void gw_http_refuse (GwPeer *peer, const EdgeRequest *request, TgpErrorCode code, const char *message);
/* The session is entered: on with the request. */
void gw_http_route (GwPeer *peer, const EdgeRequest *request);
/* "a=1&b=2", decoded; NULL and MALFORMED otherwise. */
GHashTable *gw_http_query (const EdgeRequest *request);
/* Reads the list's filters into the read; FALSE when it answered an error. */
gboolean gw_http_read_filters (GwPeer *peer, GHashTable *query, GwRead *read);

/* --- websocket.c --- */
void gw_websocket_handshake (GwPeer *peer, const EdgeRequest *request);
void gw_websocket_message (GwPeer *peer, const char *text, gsize length);
void gw_websocket_release (GwPeer *peer);
void gw_websocket_error (GwPeer *peer, const TgpErrorBody *error);
/* As said to a message that was not understood: 100 in a row close the connection. */
void gw_websocket_bad_message (GwPeer *peer, const TgpErrorBody *error);

/* --- answer.c --- */
/* The operator also sees whose it is. */
char *gw_api_transaction_json (const GwTransaction *row, gboolean operator, gint64 now);
char *gw_api_transactions_json (const GwAnswer *answer, gboolean operator);
void gw_api_answer (gpointer links, guint64 link, const GwAnswer *answer);

/* --- admin.c --- */
void gw_admin_request (GwPeer *peer, const EdgeRequest *request);
void gw_admin_answer (GwPeer *peer, const GwAnswer *answer);

G_END_DECLS
