/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libtgwclient/tgw-macros.h"

G_BEGIN_DECLS

/**
 * TgwClientState:
 * @TGW_CLIENT_STATE_DISCONNECTED: no connection, and none is being made
 * @TGW_CLIENT_STATE_CONNECTING: a connection is being made, or will be after a pause
 * @TGW_CLIENT_STATE_CONNECTED: the gateway has greeted this client
 * @TGW_CLIENT_STATE_DISPLACED: the gateway told this client to go away and to stay away: somebody else uses
 * the API key, or an administrator said so
 *
 * Where a [class@Client] stands.
 *
 * Since: 0.1
 */
typedef enum
{
  TGW_CLIENT_STATE_DISCONNECTED,
  TGW_CLIENT_STATE_CONNECTING,
  TGW_CLIENT_STATE_CONNECTED,
  TGW_CLIENT_STATE_DISPLACED
} TgwClientState;

/**
 * TgwReconnectPolicy:
 * @TGW_RECONNECT_POLICY_NEVER: a lost connection stays lost
 * @TGW_RECONNECT_POLICY_POLITE: come back after every loss, except when displaced by another user of the API
 * key
 * @TGW_RECONNECT_POLICY_INSIST: as polite, but take the key back 5 s after having been displaced, if that is
 * allowed
 *
 * What a [class@Client] does when its connection ends.
 *
 * Since: 0.1
 */
typedef enum
{
  TGW_RECONNECT_POLICY_NEVER,
  TGW_RECONNECT_POLICY_POLITE,
  TGW_RECONNECT_POLICY_INSIST
} TgwReconnectPolicy;

/**
 * TgwPaymentState:
 * @TGW_PAYMENT_STATE_STARTING: handed to the transport; the gateway has not confirmed it yet
 * @TGW_PAYMENT_STATE_PENDING: durable at the gateway, on its way to or on the terminal
 * @TGW_PAYMENT_STATE_AWAITING_RECONNECT: the terminal is away and may come back in time
 * @TGW_PAYMENT_STATE_COMPLETED: charged
 * @TGW_PAYMENT_STATE_FAILED: the gateway closed it without a charge that it knows of; see the verdict
 * @TGW_PAYMENT_STATE_CANCELLED: cancelled by customer or till
 * @TGW_PAYMENT_STATE_VOIDED: a charge is or was being reversed; see the void status
 * @TGW_PAYMENT_STATE_REFUSED: the gateway refused it; nothing was started
 *
 * The state of a payment, as last heard from the gateway.
 *
 * Since: 0.1
 */
typedef enum
{
  TGW_PAYMENT_STATE_STARTING,
  TGW_PAYMENT_STATE_PENDING,
  TGW_PAYMENT_STATE_AWAITING_RECONNECT,
  TGW_PAYMENT_STATE_COMPLETED,
  TGW_PAYMENT_STATE_FAILED,
  TGW_PAYMENT_STATE_CANCELLED,
  TGW_PAYMENT_STATE_VOIDED,
  TGW_PAYMENT_STATE_REFUSED
} TgwPaymentState;

/**
 * TgwOutcome:
 * @TGW_OUTCOME_NONE: still open
 * @TGW_OUTCOME_APPROVED: the customer was charged
 * @TGW_OUTCOME_DECLINED: the customer was not charged
 * @TGW_OUTCOME_CANCELLED: cancelled, not charged
 * @TGW_OUTCOME_VOIDED: a charge was reversed, or is being reversed
 * @TGW_OUTCOME_REFUSED: the gateway refused the payment before anything started; trying again is safe
 * @TGW_OUTCOME_UNKNOWN: nobody can say yet whether the customer was charged; the verdict says what to do
 *
 * What became of a payment, for the till.
 *
 * Since: 0.1
 */
typedef enum
{
  TGW_OUTCOME_NONE,
  TGW_OUTCOME_APPROVED,
  TGW_OUTCOME_DECLINED,
  TGW_OUTCOME_CANCELLED,
  TGW_OUTCOME_VOIDED,
  TGW_OUTCOME_REFUSED,
  TGW_OUTCOME_UNKNOWN
} TgwOutcome;

/**
 * TgwVoidStatus:
 * @TGW_VOID_STATUS_NONE: no reversal was asked for
 * @TGW_VOID_STATUS_REQUESTED: the terminal has been asked to reverse the charge
 * @TGW_VOID_STATUS_CONFIRMED: the terminal reversed the charge
 * @TGW_VOID_STATUS_FAILED: the charge stands; staff must act
 *
 * How far the reversal of a charge is.
 *
 * Since: 0.1
 */
typedef enum
{
  TGW_VOID_STATUS_NONE,
  TGW_VOID_STATUS_REQUESTED,
  TGW_VOID_STATUS_CONFIRMED,
  TGW_VOID_STATUS_FAILED
} TgwVoidStatus;

/**
 * TgwMoneyMoved:
 * @TGW_MONEY_MOVED_NO: the customer's money is where it was
 * @TGW_MONEY_MOVED_YES: the customer was charged
 * @TGW_MONEY_MOVED_UNKNOWN: nobody can say yet
 *
 * Whether money moved.
 *
 * Since: 0.1
 */
typedef enum
{
  TGW_MONEY_MOVED_NO,
  TGW_MONEY_MOVED_YES,
  TGW_MONEY_MOVED_UNKNOWN
} TgwMoneyMoved;

/**
 * TgwNextAction:
 * @TGW_NEXT_ACTION_NONE: nothing to do
 * @TGW_NEXT_ACTION_RETRY: pay again, with a new transaction id
 * @TGW_NEXT_ACTION_WAIT: wait for the outcome
 * @TGW_NEXT_ACTION_CHECK_STATUS: ask for the status
 * @TGW_NEXT_ACTION_CALL_STAFF: a person must look at it
 *
 * What the till should do next.
 *
 * Since: 0.1
 */
typedef enum
{
  TGW_NEXT_ACTION_NONE,
  TGW_NEXT_ACTION_RETRY,
  TGW_NEXT_ACTION_WAIT,
  TGW_NEXT_ACTION_CHECK_STATUS,
  TGW_NEXT_ACTION_CALL_STAFF
} TgwNextAction;

/**
 * TgwPaymentMethod:
 * @TGW_PAYMENT_METHOD_CARD: a card
 * @TGW_PAYMENT_METHOD_CASH: cash
 * @TGW_PAYMENT_METHOD_MOBILE: a telephone
 * @TGW_PAYMENT_METHOD_OTHER: anything else
 *
 * How the customer pays.
 *
 * Since: 0.1
 */
typedef enum
{
  TGW_PAYMENT_METHOD_CARD,
  TGW_PAYMENT_METHOD_CASH,
  TGW_PAYMENT_METHOD_MOBILE,
  TGW_PAYMENT_METHOD_OTHER
} TgwPaymentMethod;

/**
 * TgwRecovery:
 * @TGW_RECOVERY_NONE: none was needed: the news came while the till waited for it
 * @TGW_RECOVERY_QUEUE: the gateway had kept the message until this client was back
 * @TGW_RECOVERY_QUERY: this client asked the gateway
 * @TGW_RECOVERY_JOURNAL: it was in this client's journal, not acknowledged by the application's last run
 *
 * On which way news about a payment came, if it was not the ordinary one.
 *
 * Since: 0.1
 */
typedef enum
{
  TGW_RECOVERY_NONE,
  TGW_RECOVERY_QUEUE,
  TGW_RECOVERY_QUERY,
  TGW_RECOVERY_JOURNAL
} TgwRecovery;

/**
 * TgwTransportMode:
 * @TGW_TRANSPORT_MODE_AUTO: a WebSocket, or HTTP where something on the way blocks it
 * @TGW_TRANSPORT_MODE_WEBSOCKET: a WebSocket only
 * @TGW_TRANSPORT_MODE_HTTP: HTTP requests only
 *
 * How a [class@Client] talks with the gateway. Over HTTP outcomes come as fast, while the list of terminals
 * and the state of a payment are asked for every few seconds, and a payment has no stages.
 *
 * Since: 0.1
 */
typedef enum
{
  TGW_TRANSPORT_MODE_AUTO,
  TGW_TRANSPORT_MODE_WEBSOCKET,
  TGW_TRANSPORT_MODE_HTTP
} TgwTransportMode;

/**
 * TgwTerminalStatus:
 * @TGW_TERMINAL_STATUS_ONLINE: connected
 * @TGW_TERMINAL_STATUS_RECONNECTING: lost, and may be back within its grace period
 * @TGW_TERMINAL_STATUS_OFFLINE: not connected
 *
 * Whether a terminal can be reached.
 *
 * Since: 0.1
 */
typedef enum
{
  TGW_TERMINAL_STATUS_ONLINE,
  TGW_TERMINAL_STATUS_RECONNECTING,
  TGW_TERMINAL_STATUS_OFFLINE
} TgwTerminalStatus;

/**
 * TgwDisconnectReason:
 * @TGW_DISCONNECT_REASON_API_KEY_USED_ELSEWHERE: another program connected with the same API key
 * @TGW_DISCONNECT_REASON_STALE_CONNECTION: the gateway heard nothing for too long
 * @TGW_DISCONNECT_REASON_ADMIN_ACTION: an administrator ended the connection
 * @TGW_DISCONNECT_REASON_OTHER: anything else, such as a gateway that shuts down
 *
 * Why the gateway ended a connection.
 *
 * Since: 0.1
 */
typedef enum
{
  TGW_DISCONNECT_REASON_API_KEY_USED_ELSEWHERE,
  TGW_DISCONNECT_REASON_STALE_CONNECTION,
  TGW_DISCONNECT_REASON_ADMIN_ACTION,
  TGW_DISCONNECT_REASON_OTHER
} TgwDisconnectReason;

G_END_DECLS
