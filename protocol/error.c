/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "protocol/error.h"

GQuark
tgp_error_quark (void)
{
  return g_quark_from_static_string ("tgp-error-quark");
}

static const struct
{
  const char *name;
  guint status;
} codes[TGP_N_ERRORS] = {
  [TGP_ERROR_MALFORMED_JSON] = { "MALFORMED_JSON", 400 },
  [TGP_ERROR_UNKNOWN_ACTION] = { "UNKNOWN_ACTION", 400 },
  [TGP_ERROR_MISSING_FIELD] = { "MISSING_FIELD", 400 },
  [TGP_ERROR_INVALID_FIELD] = { "INVALID_FIELD", 400 },
  [TGP_ERROR_INVALID_AMOUNT] = { "INVALID_AMOUNT", 400 },
  [TGP_ERROR_INVALID_CURRENCY] = { "INVALID_CURRENCY", 400 },
  [TGP_ERROR_MESSAGE_TOO_LARGE] = { "MESSAGE_TOO_LARGE", 413 },
  [TGP_ERROR_RATE_LIMITED] = { "RATE_LIMITED", 429 },
  [TGP_ERROR_UNAUTHORIZED] = { "UNAUTHORIZED", 401 },
  [TGP_ERROR_INVALID_SIGNATURE] = { "INVALID_SIGNATURE", 401 },
  [TGP_ERROR_TIMESTAMP_EXPIRED] = { "TIMESTAMP_EXPIRED", 401 },
  [TGP_ERROR_REPLAYED_REQUEST] = { "REPLAYED_REQUEST", 401 },
  [TGP_ERROR_GROUP_MISMATCH] = { "GROUP_MISMATCH", 403 },
  [TGP_ERROR_FORBIDDEN] = { "FORBIDDEN", 403 },
  [TGP_ERROR_DEVICE_ID_TAKEN] = { "DEVICE_ID_TAKEN", 409 },
  [TGP_ERROR_TERMINAL_NOT_FOUND] = { "TERMINAL_NOT_FOUND", 404 },
  [TGP_ERROR_TRANSACTION_NOT_FOUND] = { "TRANSACTION_NOT_FOUND", 404 },
  [TGP_ERROR_TERMINAL_OFFLINE] = { "TERMINAL_OFFLINE", 503 },
  [TGP_ERROR_PAYMENT_IN_PROGRESS] = { "PAYMENT_IN_PROGRESS", 409 },
  [TGP_ERROR_TRANSACTION_ID_REUSED] = { "TRANSACTION_ID_REUSED", 409 },
  [TGP_ERROR_SESSION_DISPLACED] = { "SESSION_DISPLACED", 409 },
  [TGP_ERROR_ALREADY_FINAL] = { "ALREADY_FINAL", 409 },
  [TGP_ERROR_VOID_NOT_SUPPORTED] = { "VOID_NOT_SUPPORTED", 409 },
  [TGP_ERROR_TIMEOUT] = { "TIMEOUT", 504 },
  [TGP_ERROR_STORAGE_UNAVAILABLE] = { "STORAGE_UNAVAILABLE", 503 },
  [TGP_ERROR_OVERLOADED] = { "OVERLOADED", 503 },
  [TGP_ERROR_DRAINING] = { "DRAINING", 503 },
  [TGP_ERROR_NOT_FOUND] = { "NOT_FOUND", 404 },
  [TGP_ERROR_METHOD_NOT_ALLOWED] = { "METHOD_NOT_ALLOWED", 405 },
  [TGP_ERROR_INTERNAL_ERROR] = { "INTERNAL_ERROR", 500 },
  [TGP_ERROR_GATEWAY_UNAVAILABLE] = { "GATEWAY_UNAVAILABLE", 503 },
};

const char *
tgp_error_name (TgpErrorCode code)
{
  return (guint) code < TGP_N_ERRORS ? codes[code].name : codes[TGP_ERROR_INTERNAL_ERROR].name;
}

gboolean
tgp_error_from_name (const char *name, TgpErrorCode *code)
{
  for (guint i = 0; name != NULL && i < TGP_N_ERRORS; i++)
    if (g_str_equal (codes[i].name, name))
      {
        *code = i;
        return TRUE;
      }
  return FALSE;
}

guint
tgp_error_http_status (TgpErrorCode code)
{
  return (guint) code < TGP_N_ERRORS ? codes[code].status : 500;
}

const char *
tgp_http_reason (guint status)
{
  switch (status)
    {
    case 100:
      return "Continue";
    case 101:
      return "Switching Protocols";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 411:
      return "Length Required";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 421:
      return "Misdirected Request";
    case 426:
      return "Upgrade Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Unknown";
    }
}
