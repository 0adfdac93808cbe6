/* SPDX-License-Identifier: GPL-3.0-or-later */
/* POS keys: who speaks for one, what it asks, and its queue. */
#include "gateway/core/engine-private.h"

#include "protocol/terminal-command.h"

#include <string.h>

/* --- keys as POS --- */

GwPos *
gw_pos_find_by_id (GwEngine *engine, const char *key_id)
{
  GwPos *pos = g_hash_table_lookup (engine->pos, key_id);

  if (!pos)
    {
      GwKey *key = g_hash_table_lookup (engine->keys_by_id, key_id);
      /* The messages and payments of a rotated key belong to its successor. */
      while (key && key->successor)
        key = g_hash_table_lookup (engine->keys_by_id, key->successor);
      return key && key->role == TGP_ROLE_POS ? gw_pos_find (engine, key) : NULL;
    }
  return pos;
}

GwPos *
gw_pos_find (GwEngine *engine, GwKey *key)
{
  GwPos *pos = g_hash_table_lookup (engine->pos, key->key_id);

  if (!pos)
    {
      g_autofree char *actor = g_strdup_printf ("pos %s", key->key_id);
      pos = g_new0 (GwPos, 1);
      pos->key = gw_key_ref (key);
      pos->group = gw_registry_group (engine, key->group_id);
      pos->actor = g_ref_string_new (actor);
      gw_mailbox_init (engine, pos);
      pos->polls = g_ptr_array_new ();
      g_hash_table_insert (engine->pos, pos->key->key_id, pos);
    }
  return pos;
}

void
gw_pos_free (GwPos *pos)
{
  g_ref_string_release (pos->actor);
  g_clear_pointer (&pos->session_id, g_ref_string_release);
  g_clear_pointer (&pos->address, g_ref_string_release);
  g_clear_pointer (&pos->user_agent, g_ref_string_release);
  mailbox_clear (&pos->mailbox);
  g_ptr_array_unref (pos->polls);
  gw_key_unref (pos->key);
  g_free (pos);
}

/* --- connecting --- */

static GwOperation *
begin_attach (GwEngine *engine, const GwCaller *caller, const char *address, const char *user_agent)
{
  GwOperation *op = gw_begin (engine, GW_OP_ATTACH_SESSION);

  op->link = caller->link;
  op->request_id = g_strdup (caller->request_id);
  op->group_id = gw_hold (caller->key->group_id);
  op->key_id = gw_hold (caller->key->key_id);
  op->actor = gw_hold (gw_pos_find (engine, caller->key)->actor);
  op->address = address ? g_ref_string_new (address) : NULL;
  op->user_agent = user_agent ? g_ref_string_new (user_agent) : NULL;
  return op;
}

void
gw_engine_connect_pos (GwEngine *engine, const GwCaller *caller, const char *address, const char *user_agent,
                       gboolean acks)
{
  GwLink *link = gw_link_new (engine, caller, address, user_agent);
  GwOperation *op = begin_attach (engine, caller, address, user_agent);

  link->connection_id = gw_make_connection_id (engine);
  op->connection_id = gw_hold (link->connection_id);
  op->explicit_ack = acks;
  gw_submit (engine, op);
}

void
gw_engine_enter_session (GwEngine *engine, const GwCaller *caller, const char *address,
                         const char *user_agent)
{
  GwPos *pos = gw_pos_find (engine, caller->key);
  GwAnswer answer = { .kind = GW_ANSWER_ATTACHED };

  if (g_strcmp0 (pos->session_id, caller->session_id) == 0)
    {
      pos->session_seen = TRUE;
      gw_answer (engine, caller->link, &answer);
      return;
    }
  GwOperation *op = begin_attach (engine, caller, address, user_agent);
  op->session_id = g_ref_string_new (caller->session_id);
  op->transaction_id = caller->transaction_id ? g_ref_string_new (caller->transaction_id) : NULL;
  gw_payment_enters (engine, op);
  gw_submit (engine, op);
}

/* The session that is noted now took its place. */
static void
tell_displaced (GwEngine *engine, GwPos *pos, guint64 old_id)
{
  GwLink *old = gw_find_link (engine, old_id);
  TgpForceDisconnect why = { .reason = TGP_DISCONNECT_API_KEY_USED_ELSEWHERE,
                             .reconnect_allowed = TRUE,
                             .displaced_by_address = pos->address,
                             .displaced_by_user_agent = pos->user_agent,
                             .displaced_by_at = pos->since };

  if (old)
    gw_disconnect (engine, old, &why);
}

/* Somebody was there until now: a till that comes back after its connection was gone displaces nobody. */
static void
audit_displacement (GwEngine *engine, GwPos *pos, const GwOperation *op)
{
  if (pos->link || (pos->session_id && pos->session_seen))
    gw_audit_displacement (engine, pos->key, pos->actor, pos->address, op->address);
}

/* Takes the active link's place from it; it hears of that when the new one is ready. */
static guint64
unseat (GwEngine *engine, GwPos *pos, const GwOperation *op)
{
  GwLink *old = pos->link;

  if (!old)
    return 0;
  g_log ("sessions", G_LOG_LEVEL_MESSAGE, "%s: the connection from %s displaced the one from %s",
         pos->key->key_id, op->address ? op->address : "nowhere", pos->address ? pos->address : "nowhere");
  gw_pos_link_down (engine, old);
  old->pos = NULL;
  return old->id;
}

static void
note_session (GwPos *pos, const GwSession *session)
{
  pos->epoch = session->epoch;
  pos->acks = session->acks;
  pos->since = session->since;
  gw_set_text (&pos->session_id, session->session_id);
  gw_set_text (&pos->address, session->address);
  gw_set_text (&pos->user_agent, session->user_agent);
}

void
gw_pos_note_session (GwEngine *engine, GwSession *session)
{
  GwKey *key = gw_engine_find_key_by_id (engine, session->key_id);

  if (key && key->role == TGP_ROLE_POS)
    note_session (gw_pos_find (engine, key), session);
}

void
gw_pos_attached (GwEngine *engine, GwOperation *op)
{
  GwPos *pos = gw_pos_find_by_id (engine, op->key_id);
  GwLink *link = gw_find_link (engine, op->link);
  gboolean stored = op->result.outcome == GW_APPLIED || op->result.outcome == GW_UNCHANGED;
  GwAnswer answer = { .kind = GW_ANSWER_ATTACHED };
  guint64 old = 0;

  gw_payment_may_enter (engine, op);
  if (!stored || !pos)
    {
      TgpErrorCode code = op->result.outcome == GW_REFUSED ? op->result.code : TGP_ERROR_STORAGE_UNAVAILABLE;
      gw_answer_error (engine, op->link, op->request_id, code, NULL);
      gw_payment_entered (engine, op);
      g_hash_table_remove (engine->links, &op->link);
      return;
    }
  gboolean displacing = op->result.outcome == GW_APPLIED || op->doubted;
  if (displacing)
    {
      audit_displacement (engine, pos, op);
      old = unseat (engine, pos, op);
    }
  note_session (pos, op->result.session);
  pos->session_seen = op->session_id != NULL;
  if (displacing)
    gw_payment_displace_waits (engine, pos, op->session_id);
  if (op->session_id)
    {
      tell_displaced (engine, pos, old);
      gw_answer (engine, op->link, &answer);
      gw_payment_entered (engine, op);
      return;
    }
  if (!link || link->gone)
    {
      tell_displaced (engine, pos, old);
      g_hash_table_remove (engine->links, &op->link);
      return;
    }
  link->epoch = pos->epoch;
  link->pos = pos;
  pos->displaces = old;
  pos->link = link;
  g_ptr_array_add (pos->group->pos, pos);
  gw_mailbox_open (pos); /* the upgrade comes with the first look into the mailbox */
}

/* What it missed while it was away is handed over now: a recovery, which the operator may ask about. */
static void
audit_recovery (GwEngine *engine, GwPos *pos, guint count)
{
  g_autofree char *detail = g_strdup_printf ("%u", count);

  gw_audit_of_key (engine, pos->key, pos->actor, "waiting messages recovered", detail);
}

void
gw_pos_mailbox_known (GwEngine *engine, GwPos *pos, guint count)
{
  GwAnswer answer = { .kind = GW_ANSWER_ATTACHED };
  GwLink *link = pos->link;
  guint64 old = pos->displaces;

  if (link->ready)
    return;
  pos->displaces = 0;
  gw_answer (engine, link->id, &answer); /* calls gw_engine_link_ready() when the upgrade is done */
  tell_displaced (engine, pos, old);
  if (pos->link == link)
    gw_send (engine, link,
             tgp_encode_pos_connected (link->connection_id, pos->group->group_id, gw_now (engine),
                                       (guint) (engine->settings.heartbeat_interval / 1000),
                                       (guint) (engine->settings.grace_period / 1000), count));
  if (count)
    audit_recovery (engine, pos, count);
}

void
gw_pos_mailbox_unknown (GwEngine *engine, GwPos *pos)
{
  guint64 id = pos->link->id;

  gw_answer_error (engine, id, NULL, TGP_ERROR_STORAGE_UNAVAILABLE, NULL);
  gw_engine_link_down (engine, id);
}

void
gw_pos_link_down (GwEngine *engine, GwLink *link)
{
  GwPos *pos = link->pos;

  if (!pos || pos->link != link)
    return;
  pos->link = NULL;
  if (pos->displaces)
    tell_displaced (engine, pos, pos->displaces);
  pos->displaces = 0;
  g_ptr_array_remove_fast (pos->group->pos, pos);
  mailbox_close (&pos->mailbox);
}

/* --- acking --- */

static void
submit_ack (GwEngine *engine, GwPos *pos, GArray *seqs)
{
  GwOperation *op = gw_begin (engine, GW_OP_ACK);

  op->quiet = TRUE;
  op->key_id = gw_hold (pos->key->key_id);
  op->seqs = seqs;
  gw_submit (engine, op);
}

void
gw_engine_ack (GwEngine *engine, const GwCaller *caller, const GPtrArray *message_ids)
{
  GwPos *pos = gw_pos_find (engine, caller->key);
  GwOperation *op = gw_begin (engine, GW_OP_ACK);
  GwLink *link = gw_find_link (engine, caller->link);

  op->link = caller->link;
  op->request_id = g_strdup (caller->request_id);
  op->key_id = gw_hold (pos->key->key_id);
  op->explicit_ack = TRUE;
  op->epoch = link ? link->epoch : 0;
  op->message_ids = g_ptr_array_new_full (message_ids->len, g_free);
  for (guint i = 0; i < message_ids->len; i++)
    g_ptr_array_add (op->message_ids, g_strdup (message_ids->pdata[i]));
  if (link)
    link->acks_in_flight++;
  gw_submit (engine, op);
}

void
gw_pos_acked (GwEngine *engine, GwOperation *op)
{
  GwPos *pos = gw_pos_find_by_id (engine, op->key_id);
  GwLink *link = op->link ? gw_find_link (engine, op->link) : NULL;
  gboolean done = op->result.outcome == GW_APPLIED;

  if (done && pos)
    {
      pos->acks |= op->explicit_ack;
      mailbox_acked (&pos->mailbox, op->seqs);
    }
  if (link)
    {
      link->acks_in_flight--;
      engine->links_port.klass->release (engine->links_port.links, op->link);
      /* The store knows of a newer one than this node does. */
      if (op->result.outcome == GW_REFUSED && pos && pos->link && pos->link->id == op->link &&
          pos->epoch == op->epoch)
        tell_displaced (engine, pos, op->link);
    }
  else if (op->link && op->result.outcome == GW_REFUSED)
    gw_answer_error (engine, op->link, op->request_id, op->result.code, NULL);
  else if (op->link && done)
    {
      GwAnswer answer = { .kind = GW_ANSWER_ACKED, .request_id = op->request_id, .count = op->result.count };
      gw_answer (engine, op->link, &answer);
    }
}

gboolean
gw_engine_link_is_held (GwEngine *engine, guint64 link_id)
{
  GwLink *link = gw_find_link (engine, link_id);
  return link && (link->acks_in_flight > 0 || !link->ready);
}

void
gw_engine_outcome_returned (GwEngine *engine, const char *key_id, gint64 seq)
{
  GwPos *pos = gw_pos_find_by_id (engine, key_id);

  if (pos && seq)
    {
      GArray *seqs = g_array_new (FALSE, FALSE, sizeof (gint64));
      g_array_append_val (seqs, seq);
      submit_ack (engine, pos, seqs);
    }
}

/* A client that knows no `ack`: what went out before the ping that it answers has arrived. */
void
gw_engine_heartbeat_sent (GwEngine *engine, guint64 link_id)
{
  GwLink *link = gw_find_link (engine, link_id);

  if (link && link->pos)
    mailbox_ping_sent (&link->pos->mailbox);
}

void
gw_engine_heartbeat_answered (GwEngine *engine, guint64 link_id)
{
  GwLink *link = gw_find_link (engine, link_id);
  GwPos *pos = link ? link->pos : NULL;

  gw_engine_link_active (engine, link_id);
  if (!pos || pos->acks)
    return;
  GArray *seqs = mailbox_ping_answered (&pos->mailbox);
  if (seqs)
    submit_ack (engine, pos, seqs);
}

/* --- connections in general --- */

GwLink *
gw_link_new (GwEngine *engine, const GwCaller *caller, const char *address, const char *user_agent)
{
  GwLink *link = g_new0 (GwLink, 1);

  link->id = caller->link;
  link->key = gw_key_ref (caller->key);
  link->address = address ? g_ref_string_new (address) : NULL;
  link->user_agent = user_agent ? g_ref_string_new (user_agent) : NULL;
  link->since = gw_now (engine);
  g_hash_table_replace (engine->links, &link->id, link);
  return link;
}

char *
gw_connection_of (GwEngine *engine, const GwCaller *caller)
{
  GwLink *link = gw_find_link (engine, caller->link);
  return link ? gw_hold (link->connection_id) : NULL;
}

void
gw_engine_link_ready (GwEngine *engine, guint64 link_id)
{
  GwLink *link = gw_find_link (engine, link_id);

  if (!link)
    return;
  link->ready = TRUE;
  if (link->terminal)
    gw_send (engine, link,
             tgp_encode_terminal_connected (link->connection_id, link->terminal->device->device_id,
                                            link->terminal->group->group_id, gw_now (engine),
                                            (guint) (engine->settings.heartbeat_interval / 1000)));
}

void
gw_engine_link_down (GwEngine *engine, guint64 link_id)
{
  GwLink *link = gw_find_link (engine, link_id);

  if (!link)
    return;
  if (!link->terminal && !link->pos && link->epoch == 0)
    {
      link->gone = TRUE; /* its attach is on the way; it ends there */
      return;
    }
  gw_terminal_link_down (engine, link);
  gw_pos_link_down (engine, link);
  g_hash_table_remove (engine->links, &link_id);
}

void
gw_engine_link_stale (GwEngine *engine, guint64 link_id)
{
  TgpForceDisconnect why = { .reason = TGP_DISCONNECT_STALE_CONNECTION_TIMEOUT, .reconnect_allowed = TRUE };

  GwLink *link = gw_find_link (engine, link_id);

  if (link)
    gw_disconnect (engine, link, &why);
}

void
gw_engine_link_active (GwEngine *engine, guint64 link_id)
{
  GwLink *link = gw_find_link (engine, link_id);

  if (link && link->terminal)
    link->terminal->last_activity = gw_now (engine);
}
