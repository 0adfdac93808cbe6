/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libtgwclient/tgw-refusal.h"

#include "libtgwclient/tgw-error.h"
#include "libtgwclient/tgw-http.h"
#include "libtgwclient/tgw-trust.h"
#include "protocol/error.h"
#include "protocol/json.h"
#include "protocol/time.h"

typedef struct
{
  SoupMessage *message;
  guint status;
  TgwRefusalFunc function;
  gpointer user_data;
} Refusal;

/* s; gateway minus this computer. timestamp: from the answer itself; nullable */
static gint64
clock_skew (SoupMessage *message, const char *timestamp)
{
  gint64 theirs = 0;

  if (timestamp == NULL || !tgp_time_parse (timestamp, &theirs))
    theirs = tgw_http_server_time (message);
  return theirs != 0 ? (theirs - g_get_real_time () / 1000) / 1000 : 0;
}

static TgwError
code_of_status (guint status)
{
  switch (status)
    {
    case 401:
      return TGW_ERROR_UNAUTHORIZED;
    case 403:
      return TGW_ERROR_GROUP_MISMATCH;
    case 404:
      return TGW_ERROR_NOT_FOUND;
    case 409:
      return TGW_ERROR_DEVICE_ID_TAKEN;
    case 429:
      return TGW_ERROR_RATE_LIMITED;
    case 503:
      return TGW_ERROR_OVERLOADED;
    default:
      return TGW_ERROR_UNREACHABLE;
    }
}

static const char *
text_of_code (TgwError code)
{
  switch (code)
    {
    case TGW_ERROR_UNAUTHORIZED:
      return "The gateway does not know this API key, or it was revoked";
    case TGW_ERROR_GROUP_MISMATCH:
      return "The API key belongs to another group or role";
    case TGW_ERROR_NOT_FOUND:
      return "There is no gateway at this address";
    case TGW_ERROR_DEVICE_ID_TAKEN:
      return "The device id belongs to another API key";
    case TGW_ERROR_RATE_LIMITED:
    case TGW_ERROR_OVERLOADED:
      return "The gateway has too much to do at the moment";
    default:
      return "The gateway refused the connection";
    }
}

static GError *
error_of (guint status, gint64 skew, TgwError code, const char *text)
{
  if (code == TGW_ERROR_TIMESTAMP_EXPIRED && skew != 0)
    return g_error_new (TGW_ERROR, code, "This computer's clock is %" G_GINT64_FORMAT " s %s; set it right",
                        ABS (skew), skew > 0 ? "slow" : "fast");
  return g_error_new (TGW_ERROR, (int) code, "%s (HTTP %u)", text != NULL ? text : text_of_code (code),
                      status);
}

gboolean
tgw_refusal_is_the_gateways (SoupMessage *handshake)
{
  const char *type =
    soup_message_headers_get_content_type (soup_message_get_response_headers (handshake), NULL);

  return g_strcmp0 (type, "application/json") == 0;
}

static GError *
by_status (guint status)
{
  return error_of (status, 0, code_of_status (status), NULL);
}

GError *
tgw_refusal_read (SoupMessage *message, GBytes *body)
{
  guint status = soup_message_get_status (message);
  g_autoptr (TgpJson) json = NULL;
  g_autofree char *name = NULL, *text = NULL, *timestamp = NULL;
  TgpErrorCode code;
  TgpValue root;

  if (body != NULL)
    json = tgp_json_parse_object (g_bytes_get_data (body, NULL), g_bytes_get_size (body), NULL);
  if (json == NULL && status != SOUP_STATUS_UNAUTHORIZED)
    return g_error_new (TGW_ERROR, TGW_ERROR_UNREACHABLE,
                        "Something on the way to the gateway answered in its place (HTTP %u)", status);
  if (json == NULL)
    return by_status (status);
  root = tgp_json_root (json);
  name = tgp_value_dup_string (tgp_value_member (root, "code"));
  text = tgp_value_dup_string (tgp_value_member (root, "message"));
  timestamp = tgp_value_dup_string (tgp_value_member (root, "timestamp"));
  if (name != NULL && tgp_error_from_name (name, &code))
    return error_of (status, clock_skew (message, timestamp), (TgwError) code, text);
  return by_status (status);
}

static void
refuse (Refusal *refusal, const GError *error)
{
  refusal->function (error, refusal->user_data);
  g_object_unref (refusal->message);
  g_free (refusal);
}

static gboolean
is_draining (GBytes *body)
{
  g_autoptr (TgpJson) json =
    tgp_json_parse_object (g_bytes_get_data (body, NULL), g_bytes_get_size (body), NULL);

  return json != NULL && tgp_value_equal (tgp_value_member (tgp_json_root (json), "status"), "draining");
}

static void
on_body (GObject *source, GAsyncResult *result, gpointer data)
{
  Refusal *refusal = data;
  g_autoptr (GBytes) body = soup_session_send_and_read_finish (SOUP_SESSION (source), result, NULL);
  g_autoptr (GError) error = NULL;

  if (body == NULL || soup_message_get_status (refusal->message) != refusal->status)
    error = by_status (refusal->status);
  else if (refusal->status == SOUP_STATUS_UNAUTHORIZED)
    error = tgw_refusal_read (refusal->message, body);
  else if (is_draining (body))
    error = g_error_new_literal (TGW_ERROR, TGW_ERROR_DRAINING, "The gateway is about to stop");
  else
    error = by_status (refusal->status);
  refuse (refusal, error);
}

void
tgw_refusal_explain (SoupSession *session, SoupMessage *handshake, const char *api_key,
                     const char *api_secret, const char *pin, GCancellable *cancellable,
                     TgwRefusalFunc function, gpointer user_data)
{
  Refusal *refusal = g_new0 (Refusal, 1);
  TgwHttpPeer peer = { soup_message_get_uri (handshake), api_key, api_secret, NULL, NULL };

  refusal->status = soup_message_get_status (handshake);
  refusal->function = function;
  refusal->user_data = user_data;
  /* Any call that needs a signature says what was wrong with it; 503 has several reasons. */
  refusal->message = tgw_http_message (
    &peer, "GET", refusal->status == SOUP_STATUS_SERVICE_UNAVAILABLE ? "/readyz" : "terminals", NULL,
    g_get_real_time () / 1000);
  if (refusal->status != SOUP_STATUS_UNAUTHORIZED && refusal->status != SOUP_STATUS_SERVICE_UNAVAILABLE)
    {
      g_autoptr (GError) error = tgw_refusal_is_the_gateways (handshake) ? by_status (refusal->status)
                                                                         : tgw_refusal_read (handshake, NULL);

      refuse (refusal, error);
      return;
    }
  tgw_trust_watch (refusal->message, pin, cancellable);
  soup_session_send_and_read_async (session, refusal->message, G_PRIORITY_DEFAULT, cancellable, on_body,
                                    refusal);
}
