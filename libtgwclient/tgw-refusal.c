/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libtgwclient/tgw-refusal.h"

#include "libtgwclient/tgw-error.h"
#include "protocol/error.h"
#include "protocol/json.h"
#include "protocol/signature.h"
#include "protocol/time.h"

typedef struct
{
  SoupMessage *message;
  guint status;
  gint64 clock_skew; /* s; gateway minus this computer */
  TgwRefusalFunc function;
  gpointer user_data;
} Refusal;

static gint64
clock_skew (SoupMessage *message)
{
  const char *date = soup_message_headers_get_one (soup_message_get_response_headers (message), "Date");
  g_autoptr (GDateTime) theirs = date != NULL ? soup_date_time_new_from_http_string (date) : NULL;

  return theirs != NULL ? g_date_time_to_unix (theirs) - g_get_real_time () / G_USEC_PER_SEC : 0;
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

static void
refuse (Refusal *refusal, TgwError code, const char *text)
{
  g_autoptr (GError) error = NULL;

  if (code == TGW_ERROR_TIMESTAMP_EXPIRED && refusal->clock_skew != 0)
    g_set_error (&error, TGW_ERROR, code, "This computer's clock is %" G_GINT64_FORMAT " s %s; set it right",
                 ABS (refusal->clock_skew), refusal->clock_skew > 0 ? "slow" : "fast");
  else
    g_set_error (&error, TGW_ERROR, code, "%s (HTTP %u)", text != NULL ? text : text_of_code (code),
                 refusal->status);
  refusal->function (error, refusal->user_data);
  g_object_unref (refusal->message);
  g_free (refusal);
}

static void
on_body (GObject *source, GAsyncResult *result, gpointer data)
{
  Refusal *refusal = data;
  g_autoptr (GBytes) body = soup_session_send_and_read_finish (SOUP_SESSION (source), result, NULL);
  g_autoptr (TgpJson) json = NULL;
  g_autofree char *name = NULL, *text = NULL;
  TgpErrorCode code;

  if (body != NULL && soup_message_get_status (refusal->message) == refusal->status)
    json = tgp_json_parse_object (g_bytes_get_data (body, NULL), g_bytes_get_size (body), NULL);
  if (json != NULL)
    {
      name = tgp_value_dup_string (tgp_value_member (tgp_json_root (json), "code"));
      text = tgp_value_dup_string (tgp_value_member (tgp_json_root (json), "message"));
    }
  if (name != NULL && tgp_error_from_name (name, &code))
    refuse (refusal, (TgwError) code, text);
  else
    refuse (refusal, code_of_status (refusal->status), NULL);
}

void
tgw_refusal_explain (SoupSession *session, SoupMessage *handshake, const char *api_key,
                     const char *api_secret, GCancellable *cancellable, TgwRefusalFunc function,
                     gpointer user_data)
{
  Refusal *refusal = g_new0 (Refusal, 1);
  GUri *endpoint = soup_message_get_uri (handshake);
  char timestamp[TGP_TIME_SIZE], signature[TGP_SIGNATURE_SIZE];
  g_autofree char *path = NULL;
  g_autoptr (GUri) uri = NULL;
  SoupMessageHeaders *headers;

  refusal->status = soup_message_get_status (handshake);
  refusal->clock_skew = clock_skew (handshake);
  refusal->function = function;
  refusal->user_data = user_data;

  /* "/prefix/v1/ws" -> "/prefix/v1/terminals": any call that needs a signature does. */
  path = g_strdup_printf ("%.*sterminals", (int) (strlen (g_uri_get_path (endpoint)) - strlen ("ws")),
                          g_uri_get_path (endpoint));
  uri = g_uri_build (G_URI_FLAGS_NONE, g_strcmp0 (g_uri_get_scheme (endpoint), "wss") == 0 ? "https" : "http",
                     NULL, g_uri_get_host (endpoint), g_uri_get_port (endpoint), path, NULL, NULL);
  refusal->message = soup_message_new_from_uri (SOUP_METHOD_GET, uri);
  if (refusal->status != SOUP_STATUS_UNAUTHORIZED)
    {
      refuse (refusal, code_of_status (refusal->status), NULL);
      return;
    }
  soup_message_add_flags (refusal->message, SOUP_MESSAGE_NO_REDIRECT | SOUP_MESSAGE_DO_NOT_USE_AUTH_CACHE);
  headers = soup_message_get_request_headers (refusal->message);
  tgp_time_format (g_get_real_time () / 1000, timestamp);
  tgp_sign (api_secret, "GET", path, timestamp, "", 0, signature);
  soup_message_headers_replace (headers, "x-api-key", api_key);
  soup_message_headers_replace (headers, "x-timestamp", timestamp);
  soup_message_headers_replace (headers, "x-signature", signature);
  soup_session_send_and_read_async (session, refusal->message, G_PRIORITY_DEFAULT, cancellable, on_body,
                                    refusal);
}
