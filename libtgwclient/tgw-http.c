/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libtgwclient/tgw-http.h"

#include "protocol/signature.h"
#include "protocol/time.h"

/* "ws://host/prefix/v1/ws" -> "http://host/prefix/v1/PATH", or "http://host/prefix/PATH" */
static GUri *
uri_of (GUri *endpoint, const char *path)
{
  const char *scheme = g_strcmp0 (g_uri_get_scheme (endpoint), "wss") == 0 ? "https" : "http";
  g_auto (GStrv) parts = g_strsplit (path, "?", 2);
  gsize kept = strlen (g_uri_get_path (endpoint)) - strlen (*path == '/' ? "/v1/ws" : "ws");
  g_autofree char *whole = g_strdup_printf ("%.*s%s", (int) kept, g_uri_get_path (endpoint), parts[0]);

  return g_uri_build (G_URI_FLAGS_ENCODED, scheme, NULL, g_uri_get_host (endpoint), g_uri_get_port (endpoint),
                      whole, parts[1], NULL);
}

SoupMessage *
tgw_http_message (const TgwHttpPeer *peer, const char *method, const char *path, const char *body, gint64 now)
{
  g_autoptr (GUri) uri = uri_of (peer->endpoint, path);
  const char *query = g_uri_get_query (uri);
  g_autofree char *target =
    query != NULL ? g_strconcat (g_uri_get_path (uri), "?", query, NULL) : g_strdup (g_uri_get_path (uri));
  SoupMessage *message = soup_message_new_from_uri (method, uri);
  SoupMessageHeaders *headers = soup_message_get_request_headers (message);
  char timestamp[TGP_TIME_SIZE], signature[TGP_SIGNATURE_SIZE];

  /* Idempotent, a POST too: the gateway knows a payment, a cancel, a void, an ack that it has seen before.
   * Otherwise libsoup makes a connection for each of them, and keeps it. */
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT | SOUP_MESSAGE_DO_NOT_USE_AUTH_CACHE |
                                     SOUP_MESSAGE_IDEMPOTENT);
  tgp_time_format (now, timestamp);
  tgp_sign (peer->api_secret, method, target, timestamp, body != NULL ? body : "",
            body != NULL ? strlen (body) : 0, signature);
  soup_message_headers_replace (headers, "x-api-key", peer->api_key);
  soup_message_headers_replace (headers, "x-timestamp", timestamp);
  soup_message_headers_replace (headers, "x-signature", signature);
  if (peer->session_id != NULL)
    soup_message_headers_replace (headers, "x-session-id", peer->session_id);
  if (peer->user_agent != NULL)
    soup_message_headers_replace (headers, "User-Agent", peer->user_agent);
  if (body != NULL)
    {
      g_autoptr (GBytes) bytes = g_bytes_new (body, strlen (body));

      soup_message_set_request_body_from_bytes (message, "application/json", bytes);
    }
  return message;
}

gint64
tgw_http_server_time (SoupMessage *message)
{
  const char *date = soup_message_headers_get_one (soup_message_get_response_headers (message), "Date");
  g_autoptr (GDateTime) time = date != NULL ? soup_date_time_new_from_http_string (date) : NULL;

  return time != NULL ? g_date_time_to_unix (time) * 1000 : 0;
}
