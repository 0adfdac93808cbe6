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

LpClient *
lp_client_pair (LpProxy *proxy, const char *name, gboolean hmac, char **secret, GError **error)
{
  LpClient *client = lp_client_find (proxy, name);
  LpClientRow *row = client ? client->row : g_new0 (LpClientRow, 1);
  g_autofree char *random = lp_secret_new ();
  char *plain = g_strconcat ("tgwp_", random, NULL);

  explicit_bzero (random, strlen (random));
  if (!client)
    {
      row->id = g_strdup (name);
      row->created_at = lp_now ();
    }
  row->kind = hmac ? LP_CLIENT_HMAC : LP_CLIENT_TOKEN;
  row->revoked_at = 0;
  memset (row->token_hash, 0, sizeof row->token_hash);
  set_secret (&row->secret, hmac ? g_strdup (plain) : NULL);
  g_clear_pointer (&row->api_key, g_free);
  if (hmac)
    {
      g_autofree char *key = lp_secret_new ();
      row->api_key = g_strconcat ("tgwk_", key, NULL);
    }
  else
    lp_secret_hash (plain, row->token_hash);
  if (lp_store_put_client (proxy->store, row, error) &&
      (g_strcmp0 (name, proxy->config->default_client) != 0 || lp_store_adopt (proxy->store, name, error)))
    {
      *secret = plain;
      g_message ("client %s was paired (%s)", name, hmac ? "signed requests" : "token");
      return client ? client : lp_client_add (proxy, row);
    }
  lp_secret_clear (&plain);
  if (!client)
    lp_client_row_free (row);
  return NULL;
}

static void
end_waits (LpClient *client)
{
  while (client->waits->len)
    {
      LpWait *wait = client->waits->pdata[0];
      LpPeer *peer = wait->peer;
      LpCaller caller = lp_peer_caller (peer, NULL, NULL);

      caller.http = TRUE;
      lp_wait_end (peer);
      lp_refuse (client->proxy, &caller, TGP_ERROR_UNAUTHORIZED, "This client was revoked");
    }
}

gboolean
lp_client_revoke (LpProxy *proxy, LpClient *client, GError **error)
{
  TgpForceDisconnect why = { .reason = TGP_DISCONNECT_ADMIN_ACTION };

  client->row->revoked_at = lp_now ();
  memset (client->row->token_hash, 0, sizeof client->row->token_hash);
  set_secret (&client->row->secret, NULL);
  if (!lp_store_put_client (proxy->store, client->row, error))
    return FALSE;
  g_message ("client %s was revoked", client->row->id);
  end_waits (client);
  if (client->peer)
    lp_peer_disconnect (client->peer, &why);
  return TRUE;
}

/* --- one active connection --- */

/* A session that is not the one that comes now ends. */
static gboolean
change_session (LpClient *client, const char *session_id, gboolean acks, GError **error)
{
  LpStore *store = client->proxy->store;
  LpClientRow *row = client->row;

  if (g_strcmp0 (row->session_id, session_id) == 0 && (row->acks || !acks))
    return TRUE;
  if (row->session_id && g_strcmp0 (row->session_id, session_id) != 0 &&
      !lp_store_put_displaced (store, row->id, row->session_id, lp_now () + DISPLACED_LIFE_MS, error))
    return FALSE;
  g_free (row->session_id);
  row->session_id = g_strdup (session_id);
  row->acks |= acks;
  return lp_store_put_client (store, row, error);
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
