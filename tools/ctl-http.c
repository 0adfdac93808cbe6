/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/ctl-http.h"

#include <gio/gunixsocketaddress.h>
#include <libsoup/soup.h>

#include "libtgwclient/tgwclient.h"
#include "protocol/error.h"
#include "protocol/signature.h"
#include "protocol/time.h"

struct _CtlHttp
{
  SoupSession *session;
  char *base;  /* "http://host:port" */
  char *where; /* for people */
  char *api_key;
  char *api_secret;
  gboolean has_skew;
  gint64 skew;
};

char *
ctl_default_state_dir (void)
{
  const char *folder = g_getenv ("STATE_DIRECTORY");

  if (folder != NULL && *folder != '\0')
    return g_strndup (folder, strcspn (folder, ":"));
  return g_build_filename (g_get_user_state_dir (), "terminal-gateway", NULL);
}

char *
ctl_default_proxy_dir (void)
{
  static const char system_wide[] = "/var/lib/tgw-proxy"; /* of the system service */
  g_autofree char *own = g_build_filename (g_get_user_state_dir (), "tgw-proxy", NULL);

  if (!g_file_test (own, G_FILE_TEST_IS_DIR) && g_file_test (system_wide, G_FILE_TEST_IS_DIR))
    return g_strdup (system_wide);
  return g_steal_pointer (&own);
}

static CtlHttp *
new_local (const char *folder, const char *whose)
{
  CtlHttp *self = g_new0 (CtlHttp, 1);
  g_autofree char *path = g_build_filename (folder, "admin.sock", NULL);
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);

  self->session = soup_session_new_with_options ("remote-connectable", address, "timeout", 30, NULL);
  self->base = g_strdup ("http://localhost");
  self->where = g_strdup_printf ("No %s is running on %s (its admin socket does not answer)", whose, folder);
  return self;
}

CtlHttp *
ctl_http_new_admin (const CtlOptions *options)
{
  g_autofree char *folder =
    options->state_dir != NULL ? g_strdup (options->state_dir) : ctl_default_state_dir ();

  return new_local (folder, "gateway");
}

CtlHttp *
ctl_http_new_proxy (const CtlOptions *options)
{
  g_autofree char *folder =
    options->state_dir != NULL ? g_strdup (options->state_dir) : ctl_default_proxy_dir ();

  return new_local (folder, "local proxy");
}

CtlHttp *
ctl_http_new_public (const CtlOptions *options, GError **error)
{
  CtlHttp *self;
  g_autoptr (GUri) uri = g_uri_parse (options->gateway, G_URI_FLAGS_NONE, NULL);
  const char *scheme = uri != NULL ? g_uri_get_scheme (uri) : NULL;
  gboolean plain = g_strcmp0 (scheme, "http") == 0 || g_strcmp0 (scheme, "ws") == 0;
  g_autofree char *base = NULL;

  if (uri == NULL || g_uri_get_host (uri) == NULL ||
      (!plain && g_strcmp0 (scheme, "https") != 0 && g_strcmp0 (scheme, "wss") != 0))
    {
      g_set_error (error, TGW_ERROR, TGW_ERROR_INVALID_ADDRESS,
                   "“%s” is no address of a gateway; one looks like https://gateway.example:8470",
                   options->gateway);
      return NULL;
    }
  base = g_uri_join (G_URI_FLAGS_NONE, plain ? "http" : "https", NULL, g_uri_get_host (uri),
                     g_uri_get_port (uri), "", NULL, NULL);
  if (plain && !options->allow_plain_text)
    {
      g_autoptr (GInetAddress) address = g_inet_address_new_from_string (g_uri_get_host (uri));

      if (address != NULL ? !g_inet_address_get_is_loopback (address)
                          : g_ascii_strcasecmp (g_uri_get_host (uri), "localhost") != 0)
        {
          g_set_error (error, TGW_ERROR, TGW_ERROR_INSECURE_ADDRESS,
                       "%s would send keys and payments over the network unprotected; use https",
                       options->gateway);
          return NULL;
        }
    }
  self = g_new0 (CtlHttp, 1);
  self->session = soup_session_new_with_options ("timeout", 30, NULL);
  self->base = g_steal_pointer (&base);
  self->where = g_strdup_printf ("The gateway at %s cannot be reached", options->gateway);
  return self;
}

CtlHttp *
ctl_http_new_pos (const CtlOptions *options, GError **error)
{
  g_autofree char *api_key = NULL, *api_secret = NULL;
  CtlHttp *self;

  if (!ctl_options_load_key (options, &api_key, &api_secret, error))
    return NULL;
  self = ctl_http_new_public (options, error);
  if (self == NULL)
    return NULL;
  self->api_key = g_steal_pointer (&api_key);
  self->api_secret = g_steal_pointer (&api_secret);
  return self;
}

void
ctl_http_free (CtlHttp *self)
{
  g_object_unref (self->session);
  g_free (self->base);
  g_free (self->where);
  g_free (self->api_key);
  g_free (self->api_secret);
  g_free (self);
}

static void
sign (CtlHttp *self, SoupMessage *message, const char *method, const char *target, const char *body)
{
  SoupMessageHeaders *headers = soup_message_get_request_headers (message);
  char timestamp[TGP_TIME_SIZE], signature[TGP_SIGNATURE_SIZE];

  tgp_time_format (g_get_real_time () / 1000, timestamp);
  tgp_sign (self->api_secret, method, target, timestamp, body != NULL ? body : "",
            body != NULL ? strlen (body) : 0, signature);
  soup_message_headers_replace (headers, "x-api-key", self->api_key);
  soup_message_headers_replace (headers, "x-timestamp", timestamp);
  soup_message_headers_replace (headers, "x-signature", signature);
}

static void
note_clock (CtlHttp *self, SoupMessage *message)
{
  const char *date = soup_message_headers_get_one (soup_message_get_response_headers (message), "Date");
  g_autoptr (GDateTime) theirs = date != NULL ? soup_date_time_new_from_http_string (date) : NULL;

  self->has_skew = theirs != NULL;
  if (theirs != NULL)
    self->skew = g_date_time_to_unix (theirs) - g_get_real_time () / G_USEC_PER_SEC;
}

static void
set_refusal (TgpJson *json, guint status, GError **error)
{
  g_autofree char *name = NULL, *text = NULL;
  TgpErrorCode code = TGP_ERROR_INTERNAL_ERROR;

  if (json != NULL)
    {
      name = tgp_value_dup_string (tgp_value_member (tgp_json_root (json), "code"));
      text = tgp_value_dup_string (tgp_value_member (tgp_json_root (json), "message"));
    }
  if (name == NULL || !tgp_error_from_name (name, &code))
    code = status == 404  ? TGP_ERROR_NOT_FOUND
           : status < 500 ? TGP_ERROR_FORBIDDEN
                          : TGP_ERROR_INTERNAL_ERROR;
  g_set_error (error, TGW_ERROR, (int) code, "%s (%s, HTTP %u)", text != NULL ? text : "The gateway refused",
               name != NULL ? name : tgp_error_name (code), status);
}

TgpJson *
ctl_http_call (CtlHttp *self, const char *method, const char *target, const char *body, GError **error)
{
  g_autofree char *url = g_strconcat (self->base, target, NULL);
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_ENCODED, NULL);
  g_autoptr (SoupMessage) message = NULL;
  g_autoptr (GBytes) answer = NULL, bytes = NULL;
  g_autoptr (TgpJson) json = NULL;
  g_autoptr (GError) reason = NULL;
  guint status;

  if (uri == NULL)
    {
      g_set_error (error, TGW_ERROR, TGW_ERROR_INVALID_ADDRESS, "“%s” is no address", url);
      return NULL;
    }
  message = soup_message_new_from_uri (method, uri);
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT | SOUP_MESSAGE_DO_NOT_USE_AUTH_CACHE);
  if (body != NULL)
    {
      bytes = g_bytes_new (body, strlen (body));
      soup_message_set_request_body_from_bytes (message, "application/json", bytes);
    }
  if (self->api_key != NULL)
    sign (self, message, method, target, body);

  answer = soup_session_send_and_read (self->session, message, NULL, &reason);
  if (answer == NULL)
    {
      g_set_error (error, TGW_ERROR, TGW_ERROR_UNREACHABLE, "%s: %s", self->where, reason->message);
      return NULL;
    }
  note_clock (self, message);
  status = soup_message_get_status (message);
  json = tgp_json_parse_object (g_bytes_get_data (answer, NULL), g_bytes_get_size (answer), NULL);
  if (status < 200 || status > 299)
    {
      set_refusal (json, status, error);
      return NULL;
    }
  if (json == NULL)
    g_set_error (error, TGW_ERROR, TGW_ERROR_PROTOCOL, "The gateway's answer to %s %s is no JSON", method,
                 target);
  return g_steal_pointer (&json);
}

gboolean
ctl_http_get_clock_skew (CtlHttp *self, gint64 *skew)
{
  *skew = self->skew;
  return self->has_skew;
}
