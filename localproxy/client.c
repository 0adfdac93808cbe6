/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Local clients: issued, revoked, connected, displaced. One connection is active for each (section 3). */
#include "localproxy/proxy-private.h"

#include "localproxy/secret.h"

#include <string.h>

#define DISPLACED_LIFE_MS (G_GINT64_CONSTANT (24) * 3600 * 1000)

LpClient *
lp_client_add (LpProxy *proxy, LpClientRow *row)
{
  LpClient *client = g_new0 (LpClient, 1);

  client->proxy = proxy;
  client->row = row;
  client->waits = g_ptr_array_new ();
  client->signs = lp_store_get_signs (proxy->store, row->id);
  lp_delivery_init (client);
  g_hash_table_replace (proxy->clients, client->row->id, client);
  return client;
}

void
lp_client_free (LpClient *client)
{
  mailbox_clear (&client->mailbox);
  g_ptr_array_unref (client->waits);
  lp_client_row_free (client->row);
  g_free (client);
}

LpClient *
lp_client_find (LpProxy *proxy, const char *id)
{
  return id ? g_hash_table_lookup (proxy->clients, id) : NULL;
}

/* --- credentials --- */

static void
set_secret (char **place, char *value)
{
  if (*place)
    explicit_bzero (*place, strlen (*place));
  g_free (*place);
  *place = value;
}

/* Nothing changes in memory before it is on the disk: until then the old credentials are good. */
static void
change_row (LpClient *client, const LpClientRow *row)
{
  set_secret (&client->row->secret, NULL);
  if (client->row->api_key != row->api_key)
    g_free (client->row->api_key);
  *client->row = *row;
}

typedef struct
{
  LpClient *client;
  const char *message;
} Ending;

/* Answers what is in hand. A payment goes on. */
static void
refuse_peer (LpPeer *peer, const char *message)
{
  LpCaller caller = lp_peer_caller (peer, NULL, NULL);
  TgpVerdict verdict = tgp_verdict_of_error (TGP_ERROR_TIMEOUT);
  g_autofree char *id = peer->wait ? g_strdup (peer->wait->transaction_id) : NULL;
  TgpErrorBody error = { .code = TGP_ERROR_UNAUTHORIZED, .message = message, .transaction_id = id };

  if (id)
    error.verdict = &verdict;
  caller.http = TRUE;
  lp_wait_end (peer);
  lp_answer_error (peer->proxy, &caller, &error);
}

/* A question to the gateway is still answered. */
static void
end_peer (EdgeConnection *connection, gpointer data)
{
  const Ending *ending = data;
  LpPeer *peer = edge_connection_get_data (connection);
  TgpForceDisconnect why = { .reason = TGP_DISCONNECT_ADMIN_ACTION };

  if (!peer || peer->client != ending->client)
    return;
  peer->trusted = FALSE;
  if (peer->state != LP_PEER_HTTP)
    lp_peer_disconnect (peer, &why);
  else if (peer->wait || peer == ending->client->peer)
    refuse_peer (peer, ending->message);
  else if (!peer->ticket)
    edge_connection_close (connection, 0, NULL);
  lp_client_peer_down (ending->client, peer);
}

/* What was opened with credentials that are no longer good. What waits in the mailbox stays. */
static void
end_connections (LpClient *client, const char *message)
{
  Ending ending = { client, message };
  edge_server_foreach (client->proxy->server, end_peer, &ending);
}

LpClient *
lp_client_pair (LpProxy *proxy, const char *name, gboolean hmac, char **secret, GError **error)
{
  LpClient *client = lp_client_find (proxy, name);
  LpClientRow row = { .id = (char *) name, .created_at = lp_now () };
  g_autofree char *random = lp_secret_new (), *key = lp_secret_new ();
  char *plain = g_strconcat ("tgwp_", random, NULL);

  explicit_bzero (random, strlen (random));
  if (client)
    row = *client->row;
  row.kind = hmac ? LP_CLIENT_HMAC : LP_CLIENT_TOKEN;
  row.revoked_at = 0;
  memset (row.token_hash, 0, sizeof row.token_hash);
  row.secret = hmac ? g_strdup (plain) : NULL;
  row.api_key = hmac ? g_strconcat ("tgwk_", key, NULL) : NULL;
  if (!hmac)
    lp_secret_hash (plain, row.token_hash);
  if (!lp_store_pair (proxy->store, &row, g_strcmp0 (name, proxy->config->default_client) == 0, error))
    {
      lp_secret_clear (&row.secret);
      g_free (row.api_key);
      lp_secret_clear (&plain);
      return NULL;
    }
  if (client)
    {
      change_row (client, &row);
      client->signs = FALSE;
      end_connections (client, "This client was paired again; its old credentials are no longer valid");
    }
  else
    {
      row.id = g_strdup (name);
      client = lp_client_add (proxy, g_memdup2 (&row, sizeof row));
    }
  *secret = plain;
  g_message ("client %s was paired (%s)", name, hmac ? "signed requests" : "token");
  return client;
}

gboolean
lp_client_revoke (LpProxy *proxy, LpClient *client, GError **error)
{
  LpClientRow row = *client->row;

  row.revoked_at = lp_now ();
  row.secret = NULL;
  memset (row.token_hash, 0, sizeof row.token_hash);
  if (!lp_store_put_client (proxy->store, &row, error))
    return FALSE;
  change_row (client, &row);
  g_message ("client %s was revoked", client->row->id);
  end_connections (client, "This client was revoked");
  return TRUE;
}

void
lp_client_note_signs (LpClient *client)
{
  g_autoptr (GError) error = NULL;

  if (client->signs && !client->signs_unsaved)
    return;
  client->signs = TRUE;
  client->signs_unsaved = !lp_store_set_signs (client->proxy->store, client->row->id, &error);
  if (error)
    g_warning ("%s", error->message);
}

/* --- one active connection --- */

/* A session that is not the one that comes now ends. */
static gboolean
change_session (LpClient *client, const char *session_id, gboolean acks, GError **error)
{
  LpStore *store = client->proxy->store;
  char *old = client->row->session_id;
  gboolean same = g_strcmp0 (old, session_id) == 0;
  LpClientRow row = *client->row;

  row.session_id = (char *) session_id;
  row.acks |= acks;
  if (same && row.acks == client->row->acks)
    return TRUE;
  if ((old && !same && !lp_store_put_displaced (store, row.id, old, lp_now () + DISPLACED_LIFE_MS, error)) ||
      !lp_store_put_client (store, &row, error))
    return FALSE;
  client->row->session_id = g_strdup (session_id);
  client->row->acks = row.acks;
  g_free (old);
  return TRUE;
}

static void
tell_displaced (LpPeer *old, LpPeer *by)
{
  char address[64];
  TgpForceDisconnect why = { .reason = TGP_DISCONNECT_API_KEY_USED_ELSEWHERE,
                             .reconnect_allowed = TRUE,
                             .displaced_by_address = edge_connection_address (by->connection, address),
                             .displaced_by_user_agent = by->user_agent,
                             .displaced_by_at = lp_now () };
  lp_peer_disconnect (old, &why);
}

void
lp_client_connect (LpClient *client, LpPeer *peer, gboolean acks)
{
  g_autoptr (GError) error = NULL;
  LpPeer *old = client->peer;

  if (!change_session (client, NULL, acks, &error))
    {
      LpCaller caller = lp_peer_caller (peer, NULL, NULL);
      g_warning ("%s", error->message);
      lp_refuse (client->proxy, &caller, TGP_ERROR_STORAGE_UNAVAILABLE, "The proxy cannot write to its disk");
      return;
    }
  lp_wait_end_displaced (client, NULL);
  client->peer = peer;
  client->ready = FALSE;
  mailbox_close (&client->mailbox);
  mailbox_forget_sent (&client->mailbox);
  mailbox_open (&client->mailbox);
  if (old)
    tell_displaced (old, peer);
}

void
lp_client_peer_down (LpClient *client, LpPeer *peer)
{
  if (client->peer != peer)
    return;
  client->peer = NULL;
  client->ready = FALSE;
  mailbox_close (&client->mailbox);
}

gboolean
lp_client_enter_session (LpClient *client, LpPeer *peer, const char *session_id, TgpErrorCode *code)
{
  g_autoptr (GError) error = NULL;
  LpPeer *old = client->peer;

  if (g_strcmp0 (client->row->session_id, session_id) == 0)
    return TRUE;
  *code = TGP_ERROR_SESSION_DISPLACED;
  if (lp_store_is_displaced (client->proxy->store, client->row->id, session_id, lp_now ()))
    return FALSE;
  if (!change_session (client, session_id, FALSE, &error))
    {
      g_warning ("%s", error->message);
      *code = TGP_ERROR_STORAGE_UNAVAILABLE;
      return FALSE;
    }
  lp_wait_end_displaced (client, session_id);
  if (old)
    {
      lp_client_peer_down (client, old);
      tell_displaced (old, peer);
    }
  return TRUE;
}
