/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is it? (section 2) */
#include "gateway/api/api-private.h"

#include "protocol/signature.h"
#include "protocol/time.h"

#include <string.h>

#define WINDOW_MS 300000

/* Takes as long as for a known key, and never fits. */
static const char no_secret[] = "0000000000000000000000000000000000000000000000000000000000000000";

static GwKey *
refuse (TgpErrorCode *code, const char **message, TgpErrorCode which, const char *text)
{
  *code = which;
  *message = text;
  return NULL;
}

GwKey *
gw_auth_check (GwApi *api, const EdgeRequest *request, gboolean handshake, TgpErrorCode *code,
               const char **message)
{
  g_autoptr (GHashTable) query = NULL;
  const char *api_key = edge_request_header (request, "x-api-key");
  const char *timestamp = edge_request_header (request, "x-timestamp");
  const char *signature = edge_request_header (request, "x-signature");
  const char *group_id = edge_request_header (request, "x-group-id");
  gsize length = 0;
  const char *body = edge_request_body (request, &length);
  gint64 at = 0;

  if (!api_key && handshake && (query = gw_http_query (request)))
    api_key = g_hash_table_lookup (query, "apiKey");
  if (!api_key)
    return refuse (code, message, TGP_ERROR_UNAUTHORIZED, "x-api-key is required");

  GwKey *key = gw_engine_find_key (api->engine, api_key);
  if (key && key->revoked_at)
    key = NULL;
  gboolean signs = !handshake || timestamp || signature || api->settings.require_signed_handshake;
  gboolean fits = signs && tgp_signature_verify (signature ? signature : "", key ? key->secret : no_secret,
                                                 edge_request_method (request), edge_request_target (request),
                                                 timestamp ? timestamp : "", body, length);
  if (!key)
    return refuse (code, message, TGP_ERROR_UNAUTHORIZED, "x-api-key is not known or was revoked");
  if (signs && !signature)
    return refuse (code, message, TGP_ERROR_INVALID_SIGNATURE, "x-signature is required");
  if (signs && !timestamp)
    return refuse (code, message, TGP_ERROR_TIMESTAMP_EXPIRED, "x-timestamp is required");
  if (signs && !fits)
    return refuse (code, message, TGP_ERROR_INVALID_SIGNATURE,
                   "x-signature does not fit the method, the request target, x-timestamp and the body");
  if (signs && !tgp_time_parse (timestamp, &at))
    return refuse (code, message, TGP_ERROR_TIMESTAMP_EXPIRED,
                   "x-timestamp must be ISO 8601 in UTC, such as 2024-01-15T10:30:00.000Z");
  if (signs && ABS (gw_api_now () - at) > WINDOW_MS)
    return refuse (code, message, TGP_ERROR_TIMESTAMP_EXPIRED,
                   "x-timestamp is more than 5 minutes off the gateway's clock (see the Date header)");
  if (group_id && strcmp (group_id, key->group_id) != 0)
    return refuse (code, message, TGP_ERROR_GROUP_MISMATCH, "x-group-id is not the group of this API key");
  return key;
}
