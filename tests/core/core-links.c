/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The links port of the harness: whatever the engine says is decoded and kept. */
#include "tests/core/core-peers.h"

#include <string.h>

/* --- records --- */

static void
sent_free (Sent *sent)
{
  g_free (sent->text);
  g_free (sent->action);
  g_clear_pointer (&sent->event, tgp_pos_event_free);
  g_clear_pointer (&sent->command, tgp_terminal_command_free);
  g_free (sent);
}

static void
terminal_clear (gpointer data)
{
  g_free (((Terminal *) data)->terminal_id);
}

static void
answer_free (Answer *answer)
{
  g_free (answer->request_id);
  g_free (answer->message);
  g_free (answer->transaction_id);
  g_free (answer->held_by);
  g_free (answer->text);
  g_clear_pointer (&answer->row, gw_transaction_unref);
  g_clear_pointer (&answer->rows, g_ptr_array_unref);
  g_clear_pointer (&answer->terminals, g_array_unref);
  g_clear_pointer (&answer->key, gw_key_unref);
  g_clear_pointer (&answer->device, gw_device_unref);
  g_free (answer);
}

Peer *
peer_new (Harness *harness, GwKey *key, gboolean http)
{
  Peer *peer = g_new0 (Peer, 1);

  peer->harness = harness;
  peer->link = ++harness->next_link;
  peer->key = key ? gw_key_ref (key) : NULL;
  peer->http = http;
  peer->sent = g_ptr_array_new_with_free_func ((GDestroyNotify) sent_free);
  peer->answers = g_ptr_array_new_with_free_func ((GDestroyNotify) answer_free);
  g_ptr_array_add (harness->peers, peer);
  return peer;
}

void
peer_free (Peer *peer)
{
  g_clear_pointer (&peer->key, gw_key_unref);
  g_free (peer->device_id);
  g_free (peer->displaced_by);
  g_ptr_array_unref (peer->sent);
  g_ptr_array_unref (peer->answers);
  g_free (peer);
}

/* --- the links port --- */

static Peer *
find (gpointer links, guint64 link)
{
  Harness *harness = links;

  /* Numbers are given in order. */
  g_assert_cmpuint (link, >=, 1);
  g_assert_cmpuint (link, <=, harness->peers->len);
  return harness->peers->pdata[link - 1];
}

static void
links_send (gpointer links, guint64 link, const char *text)
{
  Peer *peer = find (links, link);
  g_autoptr (GError) error = NULL;
  Sent *sent;

  if (peer->closed)
    {
      peer->sent_after_end++;
      return;
    }
  g_assert_true (peer->attached);
  sent = g_new0 (Sent, 1);
  sent->order = ++peer->harness->order;
  sent->at = peer->harness->monotonic;
  sent->text = g_strdup (text);
  if (peer->key->role == TGP_ROLE_POS)
    sent->event = tgp_pos_event_decode (text, strlen (text), &error);
  else
    sent->command = tgp_terminal_command_decode (text, strlen (text), &error);
  g_assert_no_error (error);
  g_autoptr (TgpJson) json = tgp_json_parse_object (text, strlen (text), &error);
  g_assert_no_error (error);
  sent->action = tgp_value_dup_string (tgp_value_member (tgp_json_root (json), "action"));
  g_assert_nonnull (sent->action);
  g_ptr_array_add (peer->sent, sent);
}

static gpointer
copy_row (gconstpointer row, gpointer ref)
{
  return ((gpointer (*) (gpointer)) ref) ((gpointer) row);
}

static GPtrArray *
copy_rows (GPtrArray *rows, gpointer ref, GDestroyNotify unref)
{
  GPtrArray *copy = g_ptr_array_new_with_free_func (unref);

  for (guint i = 0; i < rows->len; i++)
    g_ptr_array_add (copy, copy_row (rows->pdata[i], ref));
  return copy;
}

static void
copy_lists (Answer *copy, const GwAnswer *answer)
{
  if (answer->rows)
    copy->count = answer->rows->len;
  if (answer->rows && answer->kind == GW_ANSWER_MESSAGES)
    copy->rows = copy_rows (answer->rows, gw_message_ref, (GDestroyNotify) gw_message_unref);
  else if (answer->rows && (answer->kind == GW_ANSWER_TRANSACTIONS || answer->kind == GW_ANSWER_RELEASED))
    copy->rows = copy_rows (answer->rows, gw_transaction_ref, (GDestroyNotify) gw_transaction_unref);
  if (answer->kind != GW_ANSWER_TERMINALS)
    return;
  copy->terminals = g_array_new (FALSE, TRUE, sizeof (Terminal));
  g_array_set_clear_func (copy->terminals, terminal_clear);
  for (guint i = 0; i < answer->count; i++)
    {
      const TgpTerminalView *view = &answer->terminals[i];
      Terminal terminal = { g_strdup (view->device_id ? view->device_id : view->connection_id), view->status,
                            view->busy, view->grace_expires_at };
      g_array_append_val (copy->terminals, terminal);
    }
}

static void
links_answer (gpointer links, guint64 link, const GwAnswer *answer)
{
  Peer *peer = find (links, link);
  Answer *copy;

  if (peer->closed)
    return;
  copy = g_new0 (Answer, 1);
  copy->order = ++peer->harness->order;
  copy->kind = answer->kind;
  copy->request_id = g_strdup (answer->request_id);
  copy->more = answer->more;
  copy->count = answer->count;
  copy->text = g_strdup (answer->text);
  copy->row = answer->row ? gw_transaction_ref (answer->row) : NULL;
  copy->key = answer->key ? gw_key_ref (answer->key) : NULL;
  copy->device = answer->device ? gw_device_ref (answer->device) : NULL;
  copy_lists (copy, answer);
  if (answer->kind == GW_ANSWER_ERROR)
    {
      copy->code = answer->error.code;
      copy->message = g_strdup (answer->error.message);
      copy->transaction_id = g_strdup (answer->error.transaction_id);
      copy->held_by = g_strdup (answer->error.held_by);
      copy->grace_expires_at = answer->error.grace_expires_at;
      copy->has_verdict = answer->error.verdict != NULL;
      if (answer->error.verdict)
        copy->verdict = *answer->error.verdict;
      if (!peer->http && !peer->attached)
        peer->closed = TRUE; /* the handshake is refused */
    }
  g_ptr_array_add (peer->answers, copy);
  if (answer->kind == GW_ANSWER_ATTACHED && peer->entered)
    peer->entered (peer);
  if (answer->kind != GW_ANSWER_ATTACHED || peer->http)
    return;
  g_assert_false (peer->attached);
  if (peer->refuse_upgrade)
    {
      peer_drop (peer);
      return;
    }
  peer->attached = TRUE;
  gw_engine_link_ready (peer->harness->engine, link);
}

static void
links_disconnect (gpointer links, guint64 link, const TgpForceDisconnect *why)
{
  Peer *peer = find (links, link);

  if (peer->closed)
    return;
  peer->told_to_go = TRUE;
  peer->told_order = ++peer->harness->order;
  peer->reason = why->reason;
  peer->reconnect_allowed = why->reconnect_allowed;
  peer->displaced_by = g_strdup (why->displaced_by_address);
  peer->closed = TRUE;
}

static void
links_drop (gpointer links, guint64 link)
{
  Peer *peer = find (links, link);

  peer->dropped = TRUE;
  peer->closed = TRUE;
}

static void
links_release (gpointer links, guint64 link)
{
  find (links, link)->releases++;
}

static void
links_probe (gpointer links, guint64 link, guint timeout_ms)
{
  Peer *peer = find (links, link);

  g_assert_cmpuint (timeout_ms, ==, (guint) peer->harness->settings.probe_timeout);
  peer->probes++;
}

static const GwLinksClass links_class = { links_send, links_answer,  links_disconnect,
                                          links_drop, links_release, links_probe };

GwLinks
harness_links (Harness *harness)
{
  return (GwLinks){ &links_class, harness };
}
