/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libtgwclient/tgw-refusal.h"

#include "libtgwclient/tgw-error.h"
#include "libtgwclient/tgw-http.h"
#include "libtgwclient/tgw-trust.h"
#include "protocol/error.h"
#include "protocol/json.h"

typedef struct
{
  SoupMessage *message;
  guint status;
  TgwRefusalFunc function;
  gpointer user_data;
} Refusal;

/* s; gateway minus this computer */
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

static GError *
error_of (guint status, gint64 skew, TgwError code, const char *text)
{
  if (code == TGW_ERROR_TIMESTAMP_EXPIRED && skew != 0)
    return g_error_new (TGW_ERROR, code, "This computer's clock is %" G_GINT64_FORMAT " s %s; set it right",
                        ABS (skew), skew > 0 ? "slow" : "fast");
  return g_error_new (TGW_ERROR, (int) code, "%s (HTTP %u)", text != NULL ? text : text_of_code (code),
                      status);
}

GError *
tgw_refusal_read (SoupMessage *message, GBytes *body)
{
  guint status = soup_message_get_status (message);
  g_autoptr (TgpJson) json = NULL;
  g_autofree char *name = NULL, *text = NULL;
  TgpErrorCode code;

  if (body != NULL)
    json = tgp_json_parse_object (g_bytes_get_data (body, NULL), g_bytes_get_size (body), NULL);
  if (json != NULL)
    {
      name = tgp_value_dup_string (tgp_value_member (tgp_json_root (json), "code"));
      text = tgp_value_dup_string (tgp_value_member (tgp_json_root (json), "message"));
    }
  if (name != NULL && tgp_error_from_name (name, &code))
    return error_of (status, clock_skew (message), (TgwError) code, text);
  return error_of (status, clock_skew (message), code_of_status (status), NULL);
}

static void
refuse (Refusal *refusal, const GError *error)
{
  refusal->function (error, refusal->user_data);
  g_object_unref (refusal->message);
  g_free (refusal);
}

static void
on_body (GObject *source, GAsyncResult *result, gpointer data)
{
  Refusal *refusal = data;
  g_autoptr (GBytes) body = soup_session_send_and_read_finish (SOUP_SESSION (source), result, NULL);
  g_autoptr (GError) error = NULL;

  if (body != NULL && soup_message_get_status (refusal->message) == refusal->status)
    error = tgw_refusal_read (refusal->message, body);
  else
    error = error_of (refusal->status, 0, code_of_status (refusal->status), NULL);
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
  /* Any call that needs a signature does. */
  refusal->message = tgw_http_message (&peer, "GET", "terminals", NULL, g_get_real_time () / 1000);
  if (refusal->status != SOUP_STATUS_UNAUTHORIZED)
    {
      g_autoptr (GError) error = error_of (refusal->status, 0, code_of_status (refusal->status), NULL);

      refuse (refusal, error);
      return;
    }
  tgw_trust_watch (refusal->message, pin, cancellable);
  soup_session_send_and_read_async (session, refusal->message, G_PRIORITY_DEFAULT, cancellable, on_body,
                                    refusal);
}
