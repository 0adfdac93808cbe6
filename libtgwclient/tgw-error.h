/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libtgwclient/tgw-macros.h"

G_BEGIN_DECLS

/**
 * TGW_ERROR:
 *
 * The error domain of this library; codes are [error@Error].
 *
 * Since: 0.1
 */
#define TGW_ERROR (tgw_error_quark ())

/**
 * TgwError:
 * @TGW_ERROR_MALFORMED_JSON: the gateway could not read the message
 * @TGW_ERROR_UNKNOWN_ACTION: the gateway does not know the action
 * @TGW_ERROR_MISSING_FIELD: a member is missing
 * @TGW_ERROR_INVALID_FIELD: a member has a value that is not allowed
 * @TGW_ERROR_INVALID_AMOUNT: the amount is no exact, positive amount of its currency
 * @TGW_ERROR_INVALID_CURRENCY: no currency in use
 * @TGW_ERROR_MESSAGE_TOO_LARGE: the message is too large
 * @TGW_ERROR_RATE_LIMITED: too many messages
 * @TGW_ERROR_UNAUTHORIZED: the API key is missing, unknown or revoked
 * @TGW_ERROR_INVALID_SIGNATURE: the secret does not belong to the API key
 * @TGW_ERROR_TIMESTAMP_EXPIRED: this computer's clock is more than 5 minutes off
 * @TGW_ERROR_REPLAYED_REQUEST: the very same request was seen before
 * @TGW_ERROR_GROUP_MISMATCH: the API key belongs to another group or role
 * @TGW_ERROR_FORBIDDEN: not this API key's business
 * @TGW_ERROR_DEVICE_ID_TAKEN: the device id belongs to another API key
 * @TGW_ERROR_TERMINAL_NOT_FOUND: no such terminal in this group
 * @TGW_ERROR_TRANSACTION_NOT_FOUND: no such transaction in this group
 * @TGW_ERROR_TERMINAL_OFFLINE: the terminal is not connected
 * @TGW_ERROR_PAYMENT_IN_PROGRESS: the terminal is busy with another payment
 * @TGW_ERROR_TRANSACTION_ID_REUSED: the transaction id belongs to another payment
 * @TGW_ERROR_SESSION_DISPLACED: another program uses the API key now
 * @TGW_ERROR_ALREADY_FINAL: the payment is closed
 * @TGW_ERROR_VOID_NOT_SUPPORTED: the terminal cannot reverse a charge
 * @TGW_ERROR_TIMEOUT: no answer in time
 * @TGW_ERROR_STORAGE_UNAVAILABLE: the gateway cannot write to its disk
 * @TGW_ERROR_OVERLOADED: the gateway has too much to do
 * @TGW_ERROR_DRAINING: the gateway is about to stop
 * @TGW_ERROR_NOT_FOUND: no such resource
 * @TGW_ERROR_METHOD_NOT_ALLOWED: not possible with this resource
 * @TGW_ERROR_INTERNAL_ERROR: a fault of the gateway, or a code that this version does not know
 * @TGW_ERROR_GATEWAY_UNAVAILABLE: the local proxy has no connection to the gateway; nothing was sent
 * @TGW_ERROR_NOT_CONNECTED: there is no connection; nothing was sent
 * @TGW_ERROR_UNREACHABLE: the gateway cannot be reached
 * @TGW_ERROR_CONNECTION_LOST: the connection ended before the answer came
 * @TGW_ERROR_INSECURE_ADDRESS: plain text to another computer is not allowed
 * @TGW_ERROR_INVALID_KEY_FILE: the key file cannot be read or is none
 * @TGW_ERROR_INVALID_ADDRESS: the gateway's address is none
 * @TGW_ERROR_PROTOCOL: the gateway said something that makes no sense
 * @TGW_ERROR_JOURNAL: the payment journal cannot be read or written
 * @TGW_ERROR_JOURNAL_IN_USE: another program has the payment journal of this API key open
 * @TGW_ERROR_UNTRUSTED: the gateway's certificate is not the expected one, or is not trusted
 *
 * Errors of this library. The first ones are the gateway's own codes.
 *
 * Since: 0.1
 */
typedef enum
{
  TGW_ERROR_MALFORMED_JSON,
  TGW_ERROR_UNKNOWN_ACTION,
  TGW_ERROR_MISSING_FIELD,
  TGW_ERROR_INVALID_FIELD,
  TGW_ERROR_INVALID_AMOUNT,
  TGW_ERROR_INVALID_CURRENCY,
  TGW_ERROR_MESSAGE_TOO_LARGE,
  TGW_ERROR_RATE_LIMITED,
  TGW_ERROR_UNAUTHORIZED,
  TGW_ERROR_INVALID_SIGNATURE,
  TGW_ERROR_TIMESTAMP_EXPIRED,
  TGW_ERROR_REPLAYED_REQUEST,
  TGW_ERROR_GROUP_MISMATCH,
  TGW_ERROR_FORBIDDEN,
  TGW_ERROR_DEVICE_ID_TAKEN,
  TGW_ERROR_TERMINAL_NOT_FOUND,
  TGW_ERROR_TRANSACTION_NOT_FOUND,
  TGW_ERROR_TERMINAL_OFFLINE,
  TGW_ERROR_PAYMENT_IN_PROGRESS,
  TGW_ERROR_TRANSACTION_ID_REUSED,
  TGW_ERROR_SESSION_DISPLACED,
  TGW_ERROR_ALREADY_FINAL,
  TGW_ERROR_VOID_NOT_SUPPORTED,
  TGW_ERROR_TIMEOUT,
  TGW_ERROR_STORAGE_UNAVAILABLE,
  TGW_ERROR_OVERLOADED,
  TGW_ERROR_DRAINING,
  TGW_ERROR_NOT_FOUND,
  TGW_ERROR_METHOD_NOT_ALLOWED,
  TGW_ERROR_INTERNAL_ERROR,
  TGW_ERROR_GATEWAY_UNAVAILABLE,

  TGW_ERROR_NOT_CONNECTED = 1000,
  TGW_ERROR_UNREACHABLE,
  TGW_ERROR_CONNECTION_LOST,
  TGW_ERROR_INSECURE_ADDRESS,
  TGW_ERROR_INVALID_KEY_FILE,
  TGW_ERROR_INVALID_ADDRESS,
  TGW_ERROR_PROTOCOL,
  TGW_ERROR_JOURNAL,
  TGW_ERROR_JOURNAL_IN_USE,
  TGW_ERROR_UNTRUSTED
} TgwError;

TGW_AVAILABLE_IN_0_1
GQuark tgw_error_quark (void);

TGW_AVAILABLE_IN_0_1
const char *tgw_error_code_name (const GError *error);

TGW_AVAILABLE_IN_0_1
gboolean tgw_error_is_retry_safe (const GError *error);

TGW_AVAILABLE_IN_0_1
gboolean tgw_error_is_authentication (const GError *error);

TGW_AVAILABLE_IN_0_1
gboolean tgw_error_is_connection (const GError *error);

G_END_DECLS
