/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the gateway tells a POS (sections 3, 4, 5, 7): one writer a message, and one reader for clients. */
#pragma once

#include "protocol/payment.h"
#include "protocol/transaction.h"
#include "protocol/verdict.h"

G_BEGIN_DECLS

/* A terminal as POS see it: an item of terminals[] and the body of terminalStatusUpdate. */
typedef struct
{
  const char *connection_id; /* nullable when offline */
  const char *device_id;     /* nullable */
  const char *group_id;
  TgpTerminalStatus status;
  gboolean busy;
  gint64 connected_at;     /* ms, 0: never */
  gint64 last_activity;    /* ms */
  gint64 grace_expires_at; /* ms, 0: none */
  const char *metadata;    /* JSON object text; nullable */
} TgpTerminalView;

/* {connectionId, terminalId, deviceId, connectedAt, lastActivity, status, metadata, busy, graceExpiresAt?} */
void tgp_terminal_view_write (TgpJsonWriter *writer, const char *name, const TgpTerminalView *terminal);
/* {"terminals":[…],"count","timestamp"}; with action and requestId for the WebSocket (action NULL: HTTP). */
char *tgp_encode_terminals (const char *action, const char *request_id, const TgpTerminalView *terminals,
                            guint n, gint64 now) G_GNUC_WARN_UNUSED_RESULT;
char *tgp_encode_terminal_status_update (const TgpTerminalView *terminal,
                                         gint64 now) G_GNUC_WARN_UNUSED_RESULT;

char *tgp_encode_pos_connected (const char *connection_id, const char *group_id, gint64 server_time,
                                guint heartbeat_seconds, guint grace_seconds,
                                guint pending_messages) G_GNUC_WARN_UNUSED_RESULT;
/* action: "paymentAccepted", "cancelAccepted" or "voidAccepted"; terminal_id and status (-1: none) for the
 * first. */
char *tgp_encode_accepted (const char *action, const char *request_id, const char *transaction_id,
                           const char *terminal_id, int status) G_GNUC_WARN_UNUSED_RESULT;
char *tgp_encode_transaction_status (const char *request_id, const TgpTransaction *transaction,
                                     gint64 now) G_GNUC_WARN_UNUSED_RESULT;
char *tgp_encode_pong (const char *request_id, gint64 now) G_GNUC_WARN_UNUSED_RESULT;
char *tgp_encode_payment_progress (const char *transaction_id, const char *terminal_id, const char *stage,
                                   const char *message) G_GNUC_WARN_UNUSED_RESULT;
char *tgp_encode_payment_awaiting_reconnect (const char *transaction_id, const char *terminal_id,
                                             gint64 grace_expires_at, gint64 now) G_GNUC_WARN_UNUSED_RESULT;

/* forceDisconnect; displaced_by_address NULL: no displacedBy. message NULL: the usual text of the reason. */
typedef struct
{
  TgpDisconnectReason reason;
  const char *message;
  gboolean reconnect_allowed;
  const char *displaced_by_address;
  const char *displaced_by_user_agent;
  gint64 displaced_by_at;
} TgpForceDisconnect;
char *tgp_encode_force_disconnect (const TgpForceDisconnect *disconnect) G_GNUC_WARN_UNUSED_RESULT;

/* The queued ones. response is JSON text. */
typedef struct
{
  const char *message_id;
  const char *transaction_id;
  const char *terminal_id;
  const char *group_id;
  gint64 timestamp;
  TgpVerdict verdict;
  TgpResult result;          /* paymentComplete */
  const char *response;      /* paymentResponse, originalPaymentResponse or first */
  const char *second;        /* conflict */
  const char *reason;        /* voids */
  TgpVoidStatus void_status; /* voids */
  const char *error_code;    /* paymentVoidFailed; nullable */
  const char *error_message; /* nullable */
} TgpQueuedMessage;
char *tgp_encode_payment_complete (const TgpQueuedMessage *message) G_GNUC_WARN_UNUSED_RESULT;
/* action: "paymentVoided", "paymentVoidConfirmed", "paymentVoidFailed" */
char *tgp_encode_payment_voided (const char *action,
                                 const TgpQueuedMessage *message) G_GNUC_WARN_UNUSED_RESULT;
char *tgp_encode_payment_conflict (const TgpQueuedMessage *message) G_GNUC_WARN_UNUSED_RESULT;

/* The error of section 7: an HTTP body, with "action":"error" in front for the WebSocket. All but code,
 * message, now nullable/0. */
typedef struct
{
  TgpErrorCode code;
  guint http_status; /* 0: the code's own; an HTTP refusal that no code names: 414, 431, … */
  const char *message;
  const char *request_id;
  const char *transaction_id;
  const char *held_by;       /* PAYMENT_IN_PROGRESS */
  gint64 grace_expires_at;   /* TERMINAL_OFFLINE while reconnecting */
  const TgpVerdict *verdict; /* errors about a payment */
} TgpErrorBody;
char *tgp_encode_error (gboolean websocket, const TgpErrorBody *error, gint64 now) G_GNUC_WARN_UNUSED_RESULT;

/* HTTP answers */
/* {"transactionId","status","paymentResponse","timestamp", verdict, errorCode?}: error_code is "VOIDED"
 * for a voided one. */
char *tgp_encode_payment_answer (const char *transaction_id, TgpResult status, const char *payment_response,
                                 const char *error_code, const TgpVerdict *verdict,
                                 gint64 now) G_GNUC_WARN_UNUSED_RESULT;
/* {"transactionId","status","timestamp"} */
char *tgp_encode_request_taken (const char *transaction_id, TgpStatus status,
                                gint64 now) G_GNUC_WARN_UNUSED_RESULT;

/* For clients: one event, read. Strings are owned; absent ones NULL. */
typedef enum
{
  TGP_EVENT_CONNECTED,
  TGP_EVENT_TERMINALS,
  TGP_EVENT_TERMINAL_STATUS,
  TGP_EVENT_PAYMENT_ACCEPTED,
  TGP_EVENT_CANCEL_ACCEPTED,
  TGP_EVENT_VOID_ACCEPTED,
  TGP_EVENT_TRANSACTION_STATUS,
  TGP_EVENT_PONG,
  TGP_EVENT_PAYMENT_PROGRESS,
  TGP_EVENT_AWAITING_RECONNECT,
  TGP_EVENT_PAYMENT_COMPLETE,
  TGP_EVENT_PAYMENT_VOIDED,
  TGP_EVENT_PAYMENT_VOID_CONFIRMED,
  TGP_EVENT_PAYMENT_VOID_FAILED,
  TGP_EVENT_PAYMENT_CONFLICT,
  TGP_EVENT_FORCE_DISCONNECT,
  TGP_EVENT_ERROR,
  TGP_EVENT_OTHER /* an action that this version does not know: ignore */
} TgpEventType;

typedef struct
{
  char *connection_id, *device_id, *terminal_id, *group_id;
  TgpTerminalStatus status;
  gboolean busy;
  gint64 connected_at, last_activity, grace_expires_at;
  gint64 remaining_seconds; /* -1: not said */
  char *metadata;           /* JSON object text */
} TgpTerminalInfo;
void tgp_terminal_info_free (TgpTerminalInfo *terminal);

typedef struct
{
  TgpEventType type;
  char *action;
  char *text; /* the whole message as received */
  char *request_id, *transaction_id, *terminal_id, *group_id, *connection_id, *message_id;
  gint64 timestamp;
  gint64 server_time, heartbeat_seconds, grace_seconds, pending_messages; /* CONNECTED */
  GPtrArray *terminals; /* TERMINALS, TERMINAL_STATUS (one): TgpTerminalInfo */
  gboolean has_status;
  TgpStatus status;                           /* PAYMENT_ACCEPTED */
  TgpTransaction *transaction;                /* TRANSACTION_STATUS */
  char *stage, *message;                      /* PROGRESS; message also ERROR, FORCE_DISCONNECT */
  gint64 grace_expires_at, remaining_seconds; /* AWAITING_RECONNECT */
  TgpResult result;
  TgpPaymentResponse *response;
  char *response_json; /* COMPLETE, VOIDED… (original), CONFLICT (first) */
  char *second_json;   /* CONFLICT */
  char *reason;
  TgpVoidStatus void_status; /* VOIDED… ; reason also FORCE_DISCONNECT */
  gboolean has_verdict;
  TgpVerdict verdict;
  gboolean reconnect_allowed;
  char *displaced_by_address, *displaced_by_user_agent;
  gint64 displaced_by_at;
  TgpErrorCode error_code;
  char *error_code_name, *held_by; /* ERROR (unknown codes: INTERNAL_ERROR and the name) */
} TgpPosEvent;
void tgp_pos_event_free (TgpPosEvent *event);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TgpPosEvent, tgp_pos_event_free)
TgpPosEvent *tgp_pos_event_decode (const char *text, gsize length, GError **error);

G_END_DECLS
