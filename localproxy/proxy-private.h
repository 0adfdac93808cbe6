/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of the proxy share. All of it lives in one thread. */
#pragma once

#include "edge/connection.h"
#include "edge/rate.h"
#include "libtgwclient/tgwclient.h"
#include "localproxy/config.h"
#include "localproxy/store.h"
#include "mailbox/mailbox.h"
#include "protocol/pos-event.h"
#include "protocol/pos-message.h"

G_BEGIN_DECLS

typedef struct _LpProxy LpProxy;
typedef struct _LpClient LpClient;
typedef struct _LpPeer LpPeer;

/* What local clients are told about the gateway. */
typedef enum
{
  LP_GATEWAY_RECONNECTING,
  LP_GATEWAY_ONLINE,
  LP_GATEWAY_DISPLACED
} LpGatewayState;

/* A program that may pay: its one active WebSocket, its session, its mailbox. */
struct _LpClient
{
  LpProxy *proxy;
  LpClientRow *row;
  LpPeer *peer;   /* its WebSocket; nullable */
  gboolean ready; /* that is upgraded */
  gboolean signs; /* it has signed a handshake before, and has to from then on */
  /* Holds at once, but the disk did not take it yet: the next one tries again. */
  gboolean signs_unsaved, acks_unsaved;
  Mailbox mailbox;
  GPtrArray *waits; /* LpWait */
  guint questions;  /* that the gateway has not answered */
  guint n_peers;    /* connections that are his */
  EdgeRate payments, sends, fetches;
};

typedef enum
{
  LP_WAIT_OUTCOME,
  LP_WAIT_MESSAGES
} LpWaitKind;

/* An HTTP request that is answered later. */
typedef struct
{
  LpPeer *peer;
  LpClient *client;
  LpWaitKind kind;
  char *transaction_id;
  char *session_id; /* nullable: stateless */
  EdgeTimer timer;
} LpWait;

typedef enum
{
  LP_PEER_HTTP,
  LP_PEER_OPEN,   /* WebSocket */
  LP_PEER_CLOSING /* forceDisconnect was said: deaf from here on */
} LpPeerState;

/* Somebody connected. */
struct _LpPeer
{
  LpProxy *proxy;
  EdgeConnection *connection;
  LpClient *client; /* of the WebSocket or of the request in hand; nullable */
  LpClient *of;     /* whose connection it counts as: of the last request that was let in; nullable */
  guint64 ticket;   /* names it, and the request in hand, to answers that come later */
  LpPeerState state;
  LpWait *wait;
  gint64 outcome_seq; /* that the response being written tells; 0: none */
  guint errors;       /* in a row */
  guint guesses;
  gboolean trusted;    /* it has been authenticated before */
  gboolean named_only; /* its handshake named a key, and proved nothing */
  gboolean admin;
  const char *origin; /* the listed web page that asks now; nullable */
  char *user_agent;
};

/* A payment that this process knows to be under way. */
typedef struct
{
  LpProxy *proxy;
  char *transaction_id;
  guint64 attempt;     /* the call that sends it; 0: none of this process */
  TgwPayment *payment; /* nullable: not sent yet */
  gulong state_changed;
  GPtrArray *askers; /* LpAsker: WebSocket callers that wait for paymentAccepted */
} LpPayment;

typedef struct
{
  guint64 ticket;
  char *request_id;
} LpAsker;

/* Who asks: goes into answers. */
typedef struct
{
  guint64 ticket;
  LpClient *client;
  const char *request_id; /* nullable */
  const char *session_id; /* nullable */
  gboolean http;
} LpCaller;

struct _LpProxy
{
  const LpConfig *config;
  EdgeReactor *reactor;
  EdgeServer *server; /* TCP and Unix */
  EdgeServer *admin;
  LpStore *store;
  TgwClient *upstream;
  GHashTable *clients;  /* id -> LpClient */
  GHashTable *tickets;  /* &ticket -> LpPeer */
  GHashTable *payments; /* transaction id -> LpPayment */
  GQueue unstored;      /* news that the disk refused, see outcome.c */
  guint store_again;
  GHashTable *to_acknowledge; /* TgwPayment -> revision, as is the next one */
  guint acknowledging;
  guint64 last_ticket;
  LpGatewayState state;
  gint64 state_since; /* ms */
  gint64 since_mono;  /* the same, by the monotonic clock */
  char *why_away;     /* what the last attempt to connect, or who ended the connection, said; nullable */
  guint connect_again;
  char *group_id;         /* as last heard; nullable */
  guint grace_seconds;    /* as is this; 60 until then */
  char *said;             /* the gateway's message in hand, as it came */
  gboolean said_terminal; /* that is a terminalStatusUpdate */
  GStrv origins;
  EdgeRate guesses; /* all wrong credentials together */
  EdgeRate sends;   /* of all clients together */
  gboolean draining;
  gint64 started_at;
  guint64 n_payments, n_outcomes;
  GMainLoop *loop;
  int lock;
  gboolean finished;  /* draining: everybody was told */
  gint64 drain_until; /* monotonic ms */
};

gint64 lp_now (void);              /* wall ms */
gint64 lp_ms_of (GDateTime *time); /* 0: NULL */
char *lp_make_id (void);

/* --- proxy.c --- */
/* Forgets what is too old; while the clock may be wrong, nothing. */
void lp_proxy_sweep (LpProxy *proxy);

/* --- peer.c --- */
extern const EdgeHandlers lp_peer_handlers, lp_admin_handlers;
LpPeer *lp_peer_find (LpProxy *proxy, guint64 ticket);
LpCaller lp_peer_caller (LpPeer *peer, const EdgeRequest *request, const char *request_id);
void lp_peer_respond (LpPeer *peer, guint status, const char *body, const char *headers, gboolean close);
void lp_peer_send (LpPeer *peer, const char *text);
void lp_peer_disconnect (LpPeer *peer, const TgpForceDisconnect *why);
/* It is its client's from here on. FALSE: he has too many that must not be closed. */
gboolean lp_peer_admit (LpPeer *peer);
#define LP_PEER_NOT_ADMITTED                                                                                 \
  "This client has 32 connections, and each waits for an answer; wait for one of them"
/* Errors to whoever asked, over whichever way. http_status in the body; about a payment: with its verdict. */
void lp_answer_error (LpProxy *proxy, const LpCaller *caller, const TgpErrorBody *error);
void lp_refuse (LpProxy *proxy, const LpCaller *caller, TgpErrorCode code, const char *message);
/* The same, of a payment: its verdict is that of the payment that has the id, where there is one. */
void lp_refuse_payment (LpProxy *proxy, const LpCaller *caller, TgpErrorCode code, const char *message,
                        const char *transaction_id);
/* http: the body of a response; websocket: the message. Both are taken; one is used. */
void lp_answer (LpProxy *proxy, const LpCaller *caller, guint status, char *http, char *websocket);
TgpVerdict lp_verdict (TgwVerdict *verdict);

/* --- door.c --- */
/* Before anybody is authenticated: Host, Origin, type of the body. 0, or the HTTP status and why. */
guint lp_door_check (LpPeer *peer, const EdgeRequest *request, TgpErrorCode *code, const char **message);
/* A browser asks whether a listed page may ask: it is answered. */
gboolean lp_door_preflight (LpPeer *peer, const EdgeRequest *request);

/* --- auth.c --- */
/* NULL, the status (0: the code's), and why. */
LpClient *lp_auth_check (LpPeer *peer, const EdgeRequest *request, gboolean handshake, TgpErrorCode *code,
                         const char **message);

/* --- client.c --- */
LpClient *lp_client_add (LpProxy *proxy, LpClientRow *row);
void lp_client_free (LpClient *client);
LpClient *lp_client_find (LpProxy *proxy, const char *id);
/* Issues credentials to a new client, or new ones to a known one. secret: to be told once. */
LpClient *lp_client_pair (LpProxy *proxy, const char *name, gboolean hmac, char **secret, GError **error);
gboolean lp_client_revoke (LpProxy *proxy, LpClient *client, GError **error);
void lp_client_note_signs (LpClient *client);
/* A WebSocket comes, and takes the place of what was there. */
void lp_client_connect (LpClient *client, LpPeer *peer, gboolean acks);
void lp_client_peer_down (LpClient *client, LpPeer *peer);
/* An HTTP session asks. FALSE: it was displaced, or the store is away. */
gboolean lp_client_enter_session (LpClient *client, LpPeer *peer, const char *session_id, TgpErrorCode *code);

/* --- share.c --- */
/* A payment is to begin, something is to go to the gateway on the one connection, or over HTTP. NULL: it may;
 * else why not. */
const char *lp_share_pay (LpClient *client);
const char *lp_share_send (LpClient *client);
const char *lp_share_fetch (LpClient *client);

/* --- delivery.c --- */
void lp_delivery_init (LpClient *client);
void lp_delivery_new (LpClient *client, const LpMessage *message);
void lp_delivery_ack (LpProxy *proxy, const LpCaller *caller, const GPtrArray *message_ids);
void lp_delivery_ack_seqs (LpClient *client, GArray *seqs); /* takes seqs */
void lp_delivery_poll (LpProxy *proxy, const LpCaller *caller, gint64 wait_ms);

/* --- wait.c --- */
LpWait *lp_wait_start (LpProxy *proxy, const LpCaller *caller, LpWaitKind kind, const char *transaction_id,
                       gint64 ms);
/* Of peer; nothing when there is none. Forgets it: who waited is answered by the caller. */
void lp_wait_end (LpPeer *peer);
void lp_wait_end_displaced (LpClient *client, const char *session_id);

/* --- http.c --- */
void lp_http_request (LpPeer *peer, const EdgeRequest *request);
gboolean lp_http_starts_payment (const EdgeRequest *request);
/* Of a POST that would start a payment, where it can be read. */
char *lp_http_transaction_id (const EdgeRequest *request);
void lp_http_refuse (LpPeer *peer, const EdgeRequest *request, guint status, TgpErrorCode code,
                     const char *message, gboolean close);

/* --- websocket.c --- */
void lp_websocket_handshake (LpPeer *peer, const EdgeRequest *request);
void lp_websocket_message (LpPeer *peer, const char *text, gsize length);
void lp_websocket_bad_message (LpPeer *peer, const TgpErrorBody *error);

/* --- pay.c --- */
void lp_pay (LpProxy *proxy, const LpCaller *caller, const char *terminal_id, TgpPaymentRequest *request);

/* --- payment.c --- */
LpPayment *lp_payment_make (LpProxy *proxy, const char *transaction_id);
void lp_payment_free (LpPayment *payment);
/* It is sent: what the gateway says of it counts. */
void lp_payment_follow (LpPayment *payment, TgwPayment *tgw);
TgpStatus lp_status_of (TgwPayment *payment);
/* Answers later: over HTTP with the outcome, over WebSocket when it is accepted. */
void lp_payment_wait (LpPayment *payment, const LpCaller *caller);
void lp_payment_say_accepted (LpProxy *proxy, const LpCaller *caller, const char *transaction_id,
                              const char *terminal_id, TgpStatus status);
LpClient *lp_payment_owner (LpProxy *proxy, const char *transaction_id);
/* It was not started: its id is free. */
void lp_payment_release (LpProxy *proxy, const char *transaction_id);
/* Everybody who waits gets the error. client: the owner; nullable. */
void lp_payment_fail (LpProxy *proxy, const char *transaction_id, LpClient *client,
                      const TgpErrorBody *error);
/* It is over: everybody who waits hears the outcome. */
void lp_payment_told (LpProxy *proxy, TgwPayment *payment, const LpMessage *message);
/* The gateway would not start it. FALSE: nobody is there to hear it. */
gboolean lp_payment_refused (LpProxy *proxy, TgwPayment *payment, const TgpErrorBody *error);

/* --- answer.c --- */
void lp_respond_outcome (LpPeer *peer, const LpMessage *message);

/* --- outcome.c --- */
/* Somebody waits for the outcome of a payment that has ended: if no news of it are on their way, he is told.
 */
void lp_outcome_answer (LpProxy *proxy, TgwPayment *payment);
/* There are news of it that the disk did not take yet. */
gboolean lp_outcome_is_unstored (LpProxy *proxy, TgwPayment *payment);
/* What is told again says how it stands now, which may be better known than when it was told first. */
void lp_outcome_refresh (LpProxy *proxy, LpMessage *message, TgwPayment *payment);
void lp_outcome_watch (LpProxy *proxy);
void lp_outcome_forget (LpProxy *proxy);

/* --- question.c --- */
void lp_ask_terminals (LpProxy *proxy, const LpCaller *caller);
void lp_ask_transaction (LpProxy *proxy, const LpCaller *caller, const char *transaction_id);
void lp_ask_transactions (LpProxy *proxy, const LpCaller *caller, const char *query);
void lp_ask_cancel (LpProxy *proxy, const LpCaller *caller, const char *transaction_id);
void lp_ask_void (LpProxy *proxy, const LpCaller *caller, const char *transaction_id);
/* What an error of the client library is on the wire. */
TgpErrorCode lp_error_code (const GError *error);

/* --- upstream.c --- */
gboolean lp_upstream_open (LpProxy *proxy, GError **error);
void lp_upstream_start (LpProxy *proxy);
void lp_upstream_close (LpProxy *proxy);
const char *lp_gateway_state_name (LpGatewayState state);
char *lp_upstream_status (LpProxy *proxy, const char *action);
void lp_upstream_take_back (LpProxy *proxy);
/* As this computer knows it; lives as long as the terminal does not change. */
TgpTerminalView lp_terminal_view (LpProxy *proxy, TgwTerminal *terminal);

/* --- admin.c --- */
void lp_admin_request (LpPeer *peer, const EdgeRequest *request);

G_END_DECLS
