/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The closed word lists of the contract: states, results, roles, methods. Every *_name() is static text;
 * every *_from_name() is exact (case matters) and leaves the output alone on failure. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  TGP_ROLE_POS,
  TGP_ROLE_TERMINAL
} TgpRole; /* "pos", "terminal" */

/* A transaction's state (section 8). */
typedef enum
{
  TGP_STATUS_PENDING,
  TGP_STATUS_AWAITING_RECONNECT,
  TGP_STATUS_COMPLETED,
  TGP_STATUS_FAILED,
  TGP_STATUS_CANCELLED,
  TGP_STATUS_VOIDED,
  TGP_N_STATUSES
} TgpStatus;

/* PaymentResponse.status and paymentComplete.status. */
typedef enum
{
  TGP_RESULT_SUCCESS,
  TGP_RESULT_FAILED,
  TGP_RESULT_PENDING,
  TGP_RESULT_CANCELLED
} TgpResult;

typedef enum
{
  TGP_VOID_NONE, /* member absent; tgp_void_status_name() is NULL */
  TGP_VOID_REQUESTED,
  TGP_VOID_CONFIRMED,
  TGP_VOID_FAILED
} TgpVoidStatus;

typedef enum
{
  TGP_METHOD_CARD,
  TGP_METHOD_CASH,
  TGP_METHOD_MOBILE,
  TGP_METHOD_OTHER
} TgpMethod;

/* One state, two vocabularies: WebSocket says connected/reconnecting/disconnected, HTTP
 * online/reconnecting/offline. */
typedef enum
{
  TGP_TERMINAL_ONLINE,
  TGP_TERMINAL_RECONNECTING,
  TGP_TERMINAL_OFFLINE
} TgpTerminalStatus;

/* forceDisconnect.reason */
typedef enum
{
  TGP_DISCONNECT_API_KEY_USED_ELSEWHERE,
  TGP_DISCONNECT_STALE_CONNECTION_TIMEOUT,
  TGP_DISCONNECT_ADMIN_ACTION,
  TGP_DISCONNECT_OTHER
} TgpDisconnectReason;

const char *tgp_role_name (TgpRole role);
gboolean tgp_role_from_name (const char *name, TgpRole *role);
const char *tgp_status_name (TgpStatus status);
gboolean tgp_status_from_name (const char *name, TgpStatus *status);
/* COMPLETED, FAILED, CANCELLED, VOIDED */
gboolean tgp_status_is_final (TgpStatus status);
const char *tgp_result_name (TgpResult result);
gboolean tgp_result_from_name (const char *name, TgpResult *result);
const char *tgp_void_status_name (TgpVoidStatus status);
gboolean tgp_void_status_from_name (const char *name, TgpVoidStatus *status);
const char *tgp_method_name (TgpMethod method);
gboolean tgp_method_from_name (const char *name, TgpMethod *method);
const char *tgp_terminal_status_ws_name (TgpTerminalStatus status);
const char *tgp_terminal_status_http_name (TgpTerminalStatus status);
/* Takes either vocabulary. */
gboolean tgp_terminal_status_from_name (const char *name, TgpTerminalStatus *status);
const char *tgp_disconnect_reason_name (TgpDisconnectReason reason);
gboolean tgp_disconnect_reason_from_name (const char *name, TgpDisconnectReason *reason);

G_END_DECLS
