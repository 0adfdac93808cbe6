/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is it? A token, a signature, or what the kernel says of the other end of a Unix socket. */
#include "localproxy/proxy-private.h"

#include "localproxy/secret.h"
#include "protocol/id.h"
#include "protocol/signature.h"
#include "protocol/time.h"

#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#define WINDOW_MS          300000
#define GUESSES            5  /* a connection */
#define GUESSES_PER_SECOND 10 /* of all together, as is the next one */
#define GUESS_BURST        50
#define NAME_MAX_LENGTH    40
#define SIGNATURE_LIFE_MS  600000
#define NAMES_PER_USER     32 /* over the Unix socket; revoked ones do not count */
#define NAMES              128

/* Takes as long as for a known key, and never fits. */
static const char no_secret[] = "0000000000000000000000000000000000000000000000000000000000000000";

static LpClient *
refuse (TgpErrorCode *code, const char **message, TgpErrorCode which, const char *text)
{
  *code = which;
  *message = text;
  return NULL;
}

/* --- tokens --- */

/* Every client is compared with, and all of each: how long it takes tells nothing. */
static LpClient *
find_by_token (LpProxy *proxy, const char *token)
{
  LpClient *found = NULL;
  GHashTableIter iter;
  gpointer value;
  guint8 hash[32];

  lp_secret_hash (token, hash);
  g_hash_table_iter_init (&iter, proxy->clients);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      LpClient *client = value;
      gboolean same = lp_secret_same (hash, client->row->token_hash, sizeof hash);
      if (same && client->row->kind == LP_CLIENT_TOKEN && !client->row->revoked_at)
        found = client;
    }
  return found;
}

/* --- signatures --- */

static LpClient *
find_by_api_key (LpProxy *proxy, const char *api_key)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, proxy->clients);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      LpClient *client = value;
      if (client->row->kind == LP_CLIENT_HMAC && !client->row->revoked_at &&
          g_strcmp0 (client->row->api_key, api_key) == 0)
        return client;
    }
  return NULL;
}

/* Each signed POST is good once. */
static gboolean
is_fresh (LpProxy *proxy, const char *signature, TgpErrorCode *code, const char **message)
{
  g_autoptr (GError) error = NULL;
  gboolean fresh;

  if (!lp_store_see_signature (proxy->store, tgp_signature_fingerprint (signature),
                               lp_now () + SIGNATURE_LIFE_MS, &fresh, &error))
    {
      g_warning ("%s", error->message);
      refuse (code, message, TGP_ERROR_OVERLOADED, "The proxy cannot write to its disk; nothing was started");
      return FALSE;
    }
  if (!fresh)
    refuse (code, message, TGP_ERROR_REPLAYED_REQUEST,
            "This signed request was received before; sign each try anew");
  return fresh;
}

static LpClient *
check_signature (LpPeer *peer, const EdgeRequest *request, const char *api_key, gboolean handshake,
                 TgpErrorCode *code, const char **message)
{
  LpProxy *proxy = peer->proxy;
  const char *timestamp = edge_request_header (request, "x-timestamp");
  const char *signature = edge_request_header (request, "x-signature");
  LpClient *client = find_by_api_key (proxy, api_key);
  gboolean must_sign = proxy->config->require_signed_handshake || (client && client->signs);
  gboolean signs = !handshake || timestamp || signature || must_sign;
  gsize length = 0;
  const char *body = edge_request_body (request, &length);
  gint64 at = 0;

  gboolean fits =
    signs && tgp_signature_verify (signature ? signature : "", client ? client->row->secret : no_secret,
                                   edge_request_method (request), edge_request_target (request),
                                   timestamp ? timestamp : "", body, length);
  if (!client)
    return refuse (code, message, TGP_ERROR_UNAUTHORIZED, "x-api-key is not known or was revoked");
  peer->named_only = !signs;
  if (!signs)
    return client;
  if (!signature && handshake && !timestamp)
    return refuse (code, message, TGP_ERROR_INVALID_SIGNATURE,
                   client->signs
                     ? "x-signature is required: this client has signed a handshake before. "
                       "“tgwctl proxy pair NAME --hmac” issues a pair that has not"
                     : "x-signature is required: proxy.require-signed-handshake is true. Sign the "
                       "handshake, or have the operator say false");
  if (!signature)
    return refuse (code, message, TGP_ERROR_INVALID_SIGNATURE, "x-signature is required");
  if (!timestamp)
    return refuse (code, message, TGP_ERROR_TIMESTAMP_EXPIRED, "x-timestamp is required");
  if (!fits)
    return refuse (code, message, TGP_ERROR_INVALID_SIGNATURE,
                   "x-signature does not fit the method, the request target, x-timestamp and the body");
  if (!tgp_time_parse (timestamp, &at))
    return refuse (code, message, TGP_ERROR_TIMESTAMP_EXPIRED,
                   "x-timestamp must be ISO 8601 in UTC, such as 2024-01-15T10:30:00.000Z");
  if (ABS (lp_now () - at) > WINDOW_MS)
    return refuse (code, message, TGP_ERROR_TIMESTAMP_EXPIRED,
                   "x-timestamp is more than 5 minutes off this computer's clock (see the Date header)");
  if (strcmp (edge_request_method (request), "POST") == 0 && !is_fresh (proxy, signature, code, message))
    return NULL;
  if (handshake)
    lp_client_note_signs (client);
  return client;
}

/* --- Unix sockets --- */

static gboolean
is_member (guint uid, const char *group_name)
{
  const struct group *group = getgrnam (group_name);
  gid_t wanted = group ? group->gr_gid : (gid_t) -1;
  const struct passwd *user = group ? getpwuid (uid) : NULL;
  gid_t groups[256];
  int n = G_N_ELEMENTS (groups);

  if (!user || getgrouplist (user->pw_name, user->pw_gid, groups, &n) < 0)
    return FALSE;
  for (int i = 0; i < n; i++)
    if (groups[i] == wanted)
      return TRUE;
  return FALSE;
}

/* Each name stays, so there is an end to them. NULL: there is room. */
static const char *
find_no_room (LpProxy *proxy, guint uid, const char *name)
{
  static char text[320];
  g_autofree char *prefix = g_strdup_printf ("unix-%u:", uid);
  guint n = 0, n_of_user = 0;
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, proxy->clients);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const LpClientRow *row = ((LpClient *) value)->row;
      gboolean counts = row->kind == LP_CLIENT_SOCKET && !row->revoked_at;
      n += counts;
      n_of_user += counts && g_str_has_prefix (row->id, prefix);
    }
  if (n_of_user < NAMES_PER_USER && n < NAMES)
    return NULL;
  g_snprintf (
    text, sizeof text,
    "x-client-name is \"%s\", which would be one more than the %u names that %s may have; use one of "
    "them (“tgwctl proxy clients”), or have “tgwctl proxy revoke %sNAME” take one out of use",
    name, n_of_user < NAMES_PER_USER ? NAMES : NAMES_PER_USER,
    n_of_user < NAMES_PER_USER ? "all users together" : "a user", prefix);
  return text;
}

/* One client for each user and name that a program gives itself; made when it first comes. */
static LpClient *
check_socket (LpPeer *peer, const EdgeRequest *request, TgpErrorCode *code, const char **message)
{
  LpProxy *proxy = peer->proxy;
  const char *name = edge_request_header (request, "x-client-name"), *no_room;
  g_autofree char *id = NULL;
  g_autoptr (GError) error = NULL;
  LpClientRow *row;
  LpClient *client;
  guint uid;
  int pid;

  if (!edge_connection_credentials (peer->connection, &uid, &pid) ||
      (uid != geteuid () && uid != 0 && !(proxy->config->group && is_member (uid, proxy->config->group))))
    return refuse (code, message, TGP_ERROR_FORBIDDEN,
                   "Another user's programs may not use this proxy; proxy.socket-group names who else may");
  if (name && (!tgp_id_valid (name, strlen (name)) || strlen (name) > NAME_MAX_LENGTH))
    return refuse (code, message, TGP_ERROR_INVALID_FIELD,
                   "x-client-name must be 1 to 40 of A-Z a-z 0-9 . _ : -, starting with a letter or digit");
  if (!name)
    name = "default";
  id = g_strdup_printf ("unix-%u:%s", uid, name);
  if ((client = lp_client_find (proxy, id)))
    return client->row->revoked_at
             ? refuse (code, message, TGP_ERROR_UNAUTHORIZED, "This program was revoked")
             : client;
  if ((no_room = find_no_room (proxy, uid, name)))
    return refuse (code, message, TGP_ERROR_FORBIDDEN, no_room);
  row = g_new0 (LpClientRow, 1);
  row->id = g_steal_pointer (&id);
  row->kind = LP_CLIENT_SOCKET;
  row->created_at = lp_now ();
  if (lp_store_put_client (proxy->store, row, &error))
    return lp_client_add (proxy, row);
  g_warning ("%s", error->message);
  lp_client_row_free (row);
  return refuse (code, message, TGP_ERROR_OVERLOADED,
                 "The proxy cannot write to its disk; nothing was started");
}

/* --- guessing --- */

/* Only wrong ones are limited: who is right gets in, however many guess meanwhile. */
static void
note_guess (LpPeer *peer, TgpErrorCode *code, const char **message)
{
  gboolean few =
    edge_rate_take (&peer->proxy->guesses, g_get_monotonic_time () / 1000, GUESSES_PER_SECOND, GUESS_BURST);

  if (++peer->guesses >= GUESSES)
    *message = "Too many wrong credentials on this connection";
  else if (few)
    return;
  else
    *message = "Too many wrong credentials reach this proxy now; try again in a second";
  *code = TGP_ERROR_RATE_LIMITED;
}

LpClient *
lp_auth_check (LpPeer *peer, const EdgeRequest *request, gboolean handshake, TgpErrorCode *code,
               const char **message)
{
  const char *authorization = edge_request_header (request, "authorization");
  const char *api_key = edge_request_header (request, "x-api-key");
  const char *group_id = edge_request_header (request, "x-group-id");
  g_autoptr (GHashTable) query = NULL;
  LpClient *client;
  char address[64];

  if (handshake && !api_key && !authorization && edge_request_query (request))
    query = g_uri_parse_params (edge_request_query (request), -1, "&", G_URI_PARAMS_NONE, NULL);
  if (query)
    api_key = g_hash_table_lookup (query, "apiKey");

  *code = TGP_ERROR_UNAUTHORIZED;
  if (authorization && g_ascii_strncasecmp (authorization, "Bearer ", 7) == 0)
    {
      client = find_by_token (peer->proxy, authorization + 7);
      *message = "The token is not known or was revoked; “tgwctl proxy pair NAME” issues one";
    }
  else if (api_key)
    client = check_signature (peer, request, api_key, handshake, code, message);
  else if (strcmp (edge_connection_address (peer->connection, address), "unix") == 0)
    client = check_socket (peer, request, code, message);
  else
    {
      client = NULL;
      *message = "Authorization: Bearer TOKEN is required; “tgwctl proxy pair NAME” issues one";
    }
  /* A request without any credentials guesses nothing, and a web page could make thousands of them. */
  if (!client && (authorization || api_key) &&
      (*code == TGP_ERROR_UNAUTHORIZED || *code == TGP_ERROR_INVALID_SIGNATURE))
    note_guess (peer, code, message);
  if (client && group_id && peer->proxy->group_id && strcmp (group_id, peer->proxy->group_id) != 0)
    return refuse (code, message, TGP_ERROR_GROUP_MISMATCH,
                   "x-group-id is not the group of the proxy's API key");
  return client;
}
