/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A client's mailbox meets the store, its WebSocket, and /v1/messages. */
#include "localproxy/proxy-private.h"

#include <string.h>

#define WINDOW        64
#define LOOK_AGAIN_MS 1000

static MailboxLink
link_of (const Mailbox *mailbox)
{
  const LpClient *client = mailbox->owner;
  return !client->peer ? MAILBOX_NO_LINK : client->ready ? MAILBOX_READY : MAILBOX_OPENING;
}

static void
read_rows (Mailbox *mailbox, gint64 after, guint limit)
{
  LpClient *client = mailbox->owner;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) messages = NULL;
  g_autofree MailboxRow *rows = NULL;
  guint count = 0;

  messages = lp_store_read_messages (client->proxy->store, client->row->id, after, limit, &count, &error);
  if (!messages)
    {
      g_warning ("mailbox of %s not read: %s", client->row->id, error->message);
      mailbox_read_failed (mailbox);
      return;
    }
  rows = g_new (MailboxRow, messages->len);
  for (guint i = 0; i < messages->len; i++)
    {
      const LpMessage *message = messages->pdata[i];
      rows[i] = (MailboxRow){ .seq = message->seq, .body = message->body };
    }
  mailbox_read_done (mailbox, rows, messages->len, limit, count);
}

static void
push (Mailbox *mailbox, const MailboxRow *row)
{
  LpClient *client = mailbox->owner;

  if (client->peer)
    lp_peer_send (client->peer, row->body);
}

static gboolean
look_again (gpointer data)
{
  mailbox_look (data);
  return G_SOURCE_REMOVE;
}

static void
retry (Mailbox *mailbox)
{
  g_timeout_add (LOOK_AGAIN_MS, look_again, mailbox);
}

static void
known (Mailbox *mailbox, guint count)
{
  LpClient *client = mailbox->owner;
  LpProxy *proxy = client->proxy;
  LpPeer *peer = client->peer;
  g_autofree char *connection_id = lp_make_id ();
  g_autofree char *status = lp_upstream_status (proxy, "gatewayStatusUpdate");
  g_autofree char *hello =
    tgp_encode_pos_connected (connection_id, proxy->group_id ? proxy->group_id : "unknown", lp_now (),
                              proxy->config->heartbeat_ms / 1000, proxy->grace_seconds, count);

  edge_connection_upgrade (peer->connection);
  peer->state = LP_PEER_OPEN;
  client->ready = TRUE;
  lp_peer_send (peer, hello);
  lp_peer_send (peer, status);
}

static void
unknown (Mailbox *mailbox)
{
  LpClient *client = mailbox->owner;
  LpCaller caller = lp_peer_caller (client->peer, NULL, NULL);

  client->peer = NULL;
  caller.http = TRUE;
  lp_refuse (client->proxy, &caller, TGP_ERROR_STORAGE_UNAVAILABLE, "The proxy cannot read its store");
}

static const MailboxClass klass = {
  .link = link_of,
  .read = read_rows,
  .push = push,
  .known = known,
  .unknown = unknown,
  .retry = retry,
};

void
lp_delivery_init (LpClient *client)
{
  mailbox_init (&client->mailbox, &klass, client, NULL, WINDOW);
}

/* --- /v1/messages --- */

static char *
to_json (const GPtrArray *messages)
{
  TgpJsonWriter writer;

  tgp_json_writer_init (&writer);
  tgp_json_open_object (&writer, NULL);
  tgp_json_open_array (&writer, "messages");
  for (guint i = 0; i < messages->len; i++)
    tgp_json_raw (&writer, NULL, ((LpMessage *) messages->pdata[i])->body);
  tgp_json_close_array (&writer);
  tgp_json_close_object (&writer);
  return tgp_json_writer_end (&writer);
}

void
lp_delivery_poll (LpProxy *proxy, const LpCaller *caller, gint64 wait_ms)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) messages =
    lp_store_read_messages (proxy->store, caller->client->row->id, 0, WINDOW, NULL, &error);

  if (!messages)
    lp_refuse (proxy, caller, TGP_ERROR_STORAGE_UNAVAILABLE, "The proxy cannot read its store");
  else if (messages->len == 0 && wait_ms > 0)
    lp_wait_start (proxy, caller, LP_WAIT_MESSAGES, NULL, wait_ms);
  else
    lp_answer (proxy, caller, 200, to_json (messages), NULL);
}

static void
wake_polls (LpClient *client)
{
  for (guint i = client->waits->len; i-- > 0;)
    {
      LpWait *wait = client->waits->pdata[i];
      LpPeer *peer = wait->peer;
      LpCaller caller = lp_peer_caller (peer, NULL, NULL);

      if (wait->kind != LP_WAIT_MESSAGES)
        continue;
      caller.http = TRUE;
      lp_wait_end (peer);
      lp_delivery_poll (client->proxy, &caller, 0);
    }
}

void
lp_delivery_new (LpClient *client, const LpMessage *message)
{
  if (client->peer)
    mailbox_new_message (&client->mailbox, &(MailboxRow){ .seq = message->seq, .body = message->body });
  wake_polls (client);
}

/* --- acks --- */

static void
remember_acks (LpClient *client)
{
  g_autoptr (GError) error = NULL;

  if (client->row->acks && !client->acks_unsaved)
    return;
  client->row->acks = TRUE;
  client->acks_unsaved = !lp_store_put_client (client->proxy->store, client->row, &error);
  if (error)
    g_warning ("%s", error->message);
}

void
lp_delivery_ack (LpProxy *proxy, const LpCaller *caller, const GPtrArray *message_ids)
{
  LpClient *client = caller->client;
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) seqs = NULL;

  remember_acks (client);
  seqs = lp_store_ack_ids (proxy->store, client->row->id, message_ids, &error);
  if (!seqs)
    {
      g_warning ("%s", error->message);
      lp_refuse (proxy, caller, TGP_ERROR_STORAGE_UNAVAILABLE, "The proxy cannot write to its disk");
      return;
    }
  mailbox_acked (&client->mailbox, seqs);
  if (caller->http)
    lp_answer (proxy, caller, 200, g_strdup_printf ("{\"acked\":%u}", seqs->len), NULL);
}

void
lp_delivery_ack_seqs (LpClient *client, GArray *seqs)
{
  g_autoptr (GError) error = NULL;

  if (lp_store_ack_seqs (client->proxy->store, client->row->id, seqs, &error))
    mailbox_acked (&client->mailbox, seqs);
  else
    g_warning ("%s", error->message);
  g_array_unref (seqs);
}
