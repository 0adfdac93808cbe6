/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Stable error codes of docs/protocol.md, section 7: name <-> HTTP status. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  TGP_ERROR_MALFORMED_JSON,
  TGP_ERROR_UNKNOWN_ACTION,
  TGP_ERROR_MISSING_FIELD,
  TGP_ERROR_INVALID_FIELD,
  TGP_ERROR_INVALID_AMOUNT,
  TGP_ERROR_INVALID_CURRENCY,
  TGP_ERROR_MESSAGE_TOO_LARGE,
  TGP_ERROR_RATE_LIMITED,
  TGP_ERROR_UNAUTHORIZED,
  TGP_ERROR_INVALID_SIGNATURE,
  TGP_ERROR_TIMESTAMP_EXPIRED,
  TGP_ERROR_REPLAYED_REQUEST,
  TGP_ERROR_GROUP_MISMATCH,
  TGP_ERROR_FORBIDDEN,
  TGP_ERROR_DEVICE_ID_TAKEN,
  TGP_ERROR_TERMINAL_NOT_FOUND,
  TGP_ERROR_TRANSACTION_NOT_FOUND,
  TGP_ERROR_TERMINAL_OFFLINE,
  TGP_ERROR_PAYMENT_IN_PROGRESS,
  TGP_ERROR_TRANSACTION_ID_REUSED,
  TGP_ERROR_SESSION_DISPLACED,
  TGP_ERROR_ALREADY_FINAL,
  TGP_ERROR_VOID_NOT_SUPPORTED,
  TGP_ERROR_TIMEOUT,
  TGP_ERROR_STORAGE_UNAVAILABLE,
  TGP_ERROR_OVERLOADED,
  TGP_ERROR_DRAINING,
  TGP_ERROR_NOT_FOUND,
  TGP_ERROR_METHOD_NOT_ALLOWED,
  TGP_ERROR_INTERNAL_ERROR,
  TGP_ERROR_GATEWAY_UNAVAILABLE, /* the local proxy has no connection to the gateway */
  TGP_N_ERRORS
} TgpErrorCode;

/* GError domain of every decoder; GError.code is a TgpErrorCode, the message names the member at fault. */
#define TGP_ERROR (tgp_error_quark ())
GQuark tgp_error_quark (void);

/* "MALFORMED_JSON"; static. */
const char *tgp_error_name (TgpErrorCode code);
gboolean tgp_error_from_name (const char *name, TgpErrorCode *code);
guint tgp_error_http_status (TgpErrorCode code);
/* "Bad Request"; static, "Unknown" for a status that we never send. */
const char *tgp_http_reason (guint status);

G_END_DECLS
