/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libtgwclient/tgw-endpoint.h"

#include "libtgwclient/tgw-error.h"

#include <gio/gio.h>

static gboolean
is_this_computer (const char *host)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);

  if (address != NULL)
    return g_inet_address_get_is_loopback (address);
  return g_ascii_strcasecmp (host, "localhost") == 0;
}

GUri *
tgw_endpoint_parse (const char *address, gboolean allow_plain_text, GError **error)
{
  g_autoptr (GUri) uri = NULL;
  g_autoptr (GError) reason = NULL;
  g_autofree char *prefix = NULL;
  g_autofree char *path = NULL;
  const char *scheme, *host;
  gboolean plain;
  gsize length;

  uri = g_uri_parse (address != NULL ? address : "", G_URI_FLAGS_NONE, &reason);
  scheme = uri != NULL ? g_uri_get_scheme (uri) : NULL;
  host = uri != NULL ? g_uri_get_host (uri) : NULL;
  plain = g_strcmp0 (scheme, "http") == 0 || g_strcmp0 (scheme, "ws") == 0;
  if (host == NULL || *host == '\0' ||
      (!plain && g_strcmp0 (scheme, "https") != 0 && g_strcmp0 (scheme, "wss") != 0) ||
      g_uri_get_userinfo (uri) != NULL || g_uri_get_query (uri) != NULL || g_uri_get_fragment (uri) != NULL)
    {
      g_set_error (error, TGW_ERROR, TGW_ERROR_INVALID_ADDRESS,
                   "“%s” is no address of a gateway; one looks like https://gateway.example:8470",
                   address != NULL ? address : "");
      return NULL;
    }
  if (plain && !allow_plain_text && !is_this_computer (host))
    {
      g_set_error (error, TGW_ERROR, TGW_ERROR_INSECURE_ADDRESS,
                   "%s would send keys and payments over the network unprotected; use https", address);
      return NULL;
    }

  prefix = g_strdup (g_uri_get_path (uri));
  length = strlen (prefix);
  while (length > 0 && prefix[length - 1] == '/')
    prefix[--length] = '\0';
  path = g_strconcat (prefix, "/v1/ws", NULL);
  return g_uri_build (G_URI_FLAGS_NONE, plain ? "ws" : "wss", NULL, host, g_uri_get_port (uri), path, NULL,
                      NULL);
}

char *
tgw_endpoint_target (GUri *endpoint)
{
  return g_strdup (g_uri_get_path (endpoint));
}
