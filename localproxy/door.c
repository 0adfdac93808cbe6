/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The door: what a web page in this computer's browser could send is refused before anything else is looked
 * at. A page that has its own name point here (DNS rebinding) is told by Host, any other by Origin, which
 * browsers add to whatever could change something and to every WebSocket, or by Sec-Fetch-Site. */
#include "localproxy/proxy-private.h"

#include <string.h>

static gboolean
is_host (LpProxy *proxy, const char *host)
{
  static const char *const names[] = { "localhost", "127.0.0.1", "[::1]" };
  guint16 port = edge_server_get_port (proxy->server);
  const char *colon = strrchr (host, ':');
  guint64 number;

  if (!colon || !g_ascii_string_to_unsigned (colon + 1, 10, 1, 65535, &number, NULL) || number != port)
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (strlen (names[i]) == (gsize) (colon - host) &&
        g_ascii_strncasecmp (host, names[i], (gsize) (colon - host)) == 0)
      return TRUE;
  return strlen (proxy->config->host) == (gsize) (colon - host) &&
         strncmp (host, proxy->config->host, (gsize) (colon - host)) == 0;
}

static gboolean
is_json (const char *type)
{
  gsize length = type ? strcspn (type, "; \t") : 0;
  return length == strlen ("application/json") && g_ascii_strncasecmp (type, "application/json", length) == 0;
}

/* The list's own text of it. */
static const char *
find_listed (LpProxy *proxy, const char *origin)
{
  for (char **listed = proxy->origins; origin && listed && *listed; listed++)
    if (strcmp (*listed, origin) == 0)
      return *listed;
  return NULL;
}

guint
lp_door_check (LpPeer *peer, const EdgeRequest *request, TgpErrorCode *code, const char **message)
{
  LpProxy *proxy = peer->proxy;
  const char *host = edge_request_header (request, "host");
  const char *origin = edge_request_header (request, "origin");
  const char *site = edge_request_header (request, "sec-fetch-site");
  char address[64];
  gboolean local = strcmp (edge_connection_address (peer->connection, address), "unix") == 0;
  gsize length = 0;

  peer->origin = NULL;
  if (!local && (!host || !is_host (proxy, host)))
    {
      *code = TGP_ERROR_INVALID_FIELD;
      *message = "Host must be 127.0.0.1 or localhost with this proxy's port";
      return 421;
    }
  /* Browsers leave Origin out of what changes nothing, a picture's address for example, but not this; what a
   * listed page asks for is cross-site, too, and says its Origin. */
  if (!origin && site && strcmp (site, "same-origin") != 0 && strcmp (site, "none") != 0)
    {
      *code = TGP_ERROR_FORBIDDEN;
      *message =
        "Sec-Fetch-Site says that another site's page asks, and no Origin says which; pages that may "
        "use this proxy (proxy.allowed-origins) ask with fetch() in mode “cors”";
      return 403;
    }
  peer->origin = find_listed (proxy, origin);
  if (origin && !peer->origin)
    {
      *code = TGP_ERROR_FORBIDDEN;
      *message = "Origin is not on the list of web pages that may use this proxy (proxy.allowed-origins)";
      return 403;
    }
  edge_request_body (request, &length);
  if (length > 0 && !is_json (edge_request_header (request, "content-type")))
    {
      *code = TGP_ERROR_INVALID_FIELD;
      *message = "Content-Type must be application/json";
      return 415;
    }
  return 0;
}

gboolean
lp_door_preflight (LpPeer *peer, const EdgeRequest *request)
{
  const char *private_network = edge_request_header (request, "access-control-request-private-network");
  g_autofree char *headers = NULL;

  if (!peer->origin || strcmp (edge_request_method (request), "OPTIONS") != 0 ||
      !edge_request_header (request, "access-control-request-method"))
    return FALSE;
  headers = g_strconcat (
    "Access-Control-Allow-Methods: GET, POST\r\n"
    "Access-Control-Allow-Headers: authorization, content-type, x-api-key, x-timestamp, "
    "x-signature, x-group-id, x-session-id\r\n"
    "Access-Control-Max-Age: 600\r\n",
    g_strcmp0 (private_network, "true") == 0 ? "Access-Control-Allow-Private-Network: true\r\n" : NULL, NULL);
  lp_peer_respond (peer, 204, NULL, headers, FALSE);
  return TRUE;
}
