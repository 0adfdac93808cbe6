/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests that are answered later: for an outcome, or for messages. */
#include "localproxy/proxy-private.h"

static void
on_timeout (EdgeTimer *timer)
{
  LpWait *wait = (LpWait *) ((char *) timer - G_STRUCT_OFFSET (LpWait, timer));
  LpPeer *peer = wait->peer;
  LpCaller caller = lp_peer_caller (peer, NULL, NULL);

  caller.http = TRUE;
  if (wait->kind == LP_WAIT_OUTCOME)
    {
      TgpVerdict verdict = tgp_verdict_of_error (TGP_ERROR_TIMEOUT);
      g_autofree char *id = g_strdup (wait->transaction_id);
      TgpErrorBody error = { .code = TGP_ERROR_TIMEOUT,
                             .message = "No outcome yet; the payment goes on. Ask for its status",
                             .transaction_id = id,
                             .verdict = &verdict };
      lp_wait_end (peer);
      lp_answer_error (peer->proxy, &caller, &error);
      return;
    }
  lp_wait_end (peer);
  lp_answer (peer->proxy, &caller, 200, g_strdup ("{\"messages\":[]}"), NULL);
}

LpWait *
lp_wait_start (LpProxy *proxy, const LpCaller *caller, LpWaitKind kind, const char *transaction_id, gint64 ms)
{
  LpPeer *peer = lp_peer_find (proxy, caller->ticket);
  LpWait *wait = g_new0 (LpWait, 1);

  lp_wait_end (peer);
  peer->wait = wait;
  wait->peer = peer;
  wait->client = caller->client;
  wait->kind = kind;
  wait->transaction_id = g_strdup (transaction_id);
  wait->session_id = g_strdup (caller->session_id);
  wait->timer.fire = on_timeout;
  edge_timer_start (proxy->reactor, &wait->timer, ms);
  g_ptr_array_add (wait->client->waits, wait);
  return wait;
}

void
lp_wait_end (LpPeer *peer)
{
  LpWait *wait = g_steal_pointer (&peer->wait);

  if (!wait)
    return;
  edge_timer_stop (peer->proxy->reactor, &wait->timer);
  g_ptr_array_remove_fast (wait->client->waits, wait);
  g_free (wait->transaction_id);
  g_free (wait->session_id);
  g_free (wait);
}

void
lp_wait_end_displaced (LpClient *client, const char *session_id)
{
  for (guint i = client->waits->len; i-- > 0;)
    {
      LpWait *wait = client->waits->pdata[i];
      LpPeer *peer = wait->peer;
      LpCaller caller = lp_peer_caller (peer, NULL, NULL);
      g_autofree char *id = g_strdup (wait->transaction_id);

      if (!wait->session_id || g_strcmp0 (wait->session_id, session_id) == 0)
        continue;
      caller.http = TRUE;
      lp_wait_end (peer);
      if (id)
        lp_refuse_payment (client->proxy, &caller, TGP_ERROR_SESSION_DISPLACED,
                           "Another session of this client is active now; the payment goes on", id);
      else
        lp_refuse (client->proxy, &caller, TGP_ERROR_SESSION_DISPLACED,
                   "Another session of this client is active now");
    }
}
