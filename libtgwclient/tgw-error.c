/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libtgwclient/tgw-error.h"

#include "protocol/error.h"
#include "protocol/verdict.h"

#include <gio/gio.h>

G_STATIC_ASSERT ((int) TGW_ERROR_MALFORMED_JSON == (int) TGP_ERROR_MALFORMED_JSON);
G_STATIC_ASSERT ((int) TGW_ERROR_UNAUTHORIZED == (int) TGP_ERROR_UNAUTHORIZED);
G_STATIC_ASSERT ((int) TGW_ERROR_TERMINAL_OFFLINE == (int) TGP_ERROR_TERMINAL_OFFLINE);
G_STATIC_ASSERT ((int) TGW_ERROR_TIMEOUT == (int) TGP_ERROR_TIMEOUT);
G_STATIC_ASSERT ((int) TGW_ERROR_INTERNAL_ERROR == (int) TGP_ERROR_INTERNAL_ERROR);
G_STATIC_ASSERT ((int) TGW_ERROR_GATEWAY_UNAVAILABLE == (int) TGP_ERROR_GATEWAY_UNAVAILABLE);
G_STATIC_ASSERT ((int) TGW_ERROR_GATEWAY_UNAVAILABLE == (int) TGP_N_ERRORS - 1);

/**
 * tgw_error_quark:
 *
 * The error domain of this library, which `TGW_ERROR` names.
 *
 * Returns: the domain
 * Since: 0.1
 */
GQuark
tgw_error_quark (void)
{
  return g_quark_from_static_string ("tgw-error-quark");
}

/**
 * tgw_error_code_name:
 * @error: an error
 *
 * The code of an error of the gateway or of this library as programs write it, such as `TERMINAL_OFFLINE`.
 *
 * Returns: (nullable): static text, or `NULL` for an error of another domain
 * Since: 0.1
 */
const char *
tgw_error_code_name (const GError *error)
{
  g_return_val_if_fail (error != NULL, NULL);

  if (error->domain != TGW_ERROR)
    return NULL;
  switch (error->code)
    {
    case TGW_ERROR_NOT_CONNECTED:
      return "NOT_CONNECTED";
    case TGW_ERROR_UNREACHABLE:
      return "UNREACHABLE";
    case TGW_ERROR_CONNECTION_LOST:
      return "CONNECTION_LOST";
    case TGW_ERROR_INSECURE_ADDRESS:
      return "INSECURE_ADDRESS";
    case TGW_ERROR_INVALID_KEY_FILE:
      return "INVALID_KEY_FILE";
    case TGW_ERROR_INVALID_ADDRESS:
      return "INVALID_ADDRESS";
    case TGW_ERROR_PROTOCOL:
      return "PROTOCOL";
    case TGW_ERROR_JOURNAL:
      return "JOURNAL";
    case TGW_ERROR_JOURNAL_IN_USE:
      return "JOURNAL_IN_USE";
    case TGW_ERROR_UNTRUSTED:
      return "UNTRUSTED";
    default:
      return error->code >= 0 && error->code < TGP_N_ERRORS ? tgp_error_name ((TgpErrorCode) error->code)
                                                            : NULL;
    }
}

/**
 * tgw_error_is_retry_safe:
 * @error: an error
 *
 * Whether the call that failed with @error can be repeated without any risk to charge a customer twice. It is
 * true for every error of [method@Client.pay_async], which fails only when nothing was sent.
 *
 * Returns: whether trying again is safe
 * Since: 0.1
 */
gboolean
tgw_error_is_retry_safe (const GError *error)
{
  g_return_val_if_fail (error != NULL, FALSE);

  if (error->domain == G_IO_ERROR)
    return error->code == G_IO_ERROR_CANCELLED || error->code == G_IO_ERROR_PENDING;
  if (error->domain != TGW_ERROR)
    return FALSE;
  if (error->code == TGW_ERROR_CONNECTION_LOST || error->code == TGW_ERROR_PROTOCOL)
    return FALSE;
  if (error->code >= TGW_ERROR_NOT_CONNECTED)
    return TRUE;
  return error->code >= 0 && error->code < TGP_N_ERRORS &&
         tgp_verdict_of_error ((TgpErrorCode) error->code).retry_safe;
}

/**
 * tgw_error_is_authentication:
 * @error: an error
 *
 * Whether the gateway refused this client's credentials: trying again changes nothing, somebody must look at
 * the key, the secret or the clock.
 *
 * Returns: whether it is about credentials
 * Since: 0.1
 */
gboolean
tgw_error_is_authentication (const GError *error)
{
  g_return_val_if_fail (error != NULL, FALSE);

  if (error->domain != TGW_ERROR)
    return FALSE;
  switch (error->code)
    {
    case TGW_ERROR_UNAUTHORIZED:
    case TGW_ERROR_INVALID_SIGNATURE:
    case TGW_ERROR_TIMESTAMP_EXPIRED:
    case TGW_ERROR_GROUP_MISMATCH:
    case TGW_ERROR_FORBIDDEN:
    case TGW_ERROR_DEVICE_ID_TAKEN:
      return TRUE;
    default:
      return FALSE;
    }
}

/**
 * tgw_error_is_connection:
 * @error: an error
 *
 * Whether the gateway could not be reached, or was lost.
 *
 * Returns: whether it is about the connection
 * Since: 0.1
 */
gboolean
tgw_error_is_connection (const GError *error)
{
  g_return_val_if_fail (error != NULL, FALSE);

  return error->domain == TGW_ERROR &&
         (error->code == TGW_ERROR_NOT_CONNECTED || error->code == TGW_ERROR_UNREACHABLE ||
          error->code == TGW_ERROR_CONNECTION_LOST);
}
