/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the operator does: keys, releases, resolutions, disconnections, upkeep. */
#include "gateway/core/engine-private.h"

#include <string.h>

/* 128 random bits as text. */
static char *
make_secret (GwEngine *engine, const char *prefix, gsize bytes)
{
  guint8 random[32];
  GString *text = g_string_new (prefix);

  engine->clock.klass->random (engine->clock.clock, random, bytes);
  for (gsize i = 0; i < bytes; i++)
    g_string_append_printf (text, "%02x", random[i]);
  char *ref = g_ref_string_new (text->str);
  g_string_free (text, TRUE);
  return ref;
}

static GwKey *
make_key (GwEngine *engine, TgpRole role, const char *group_id)
{
  GwKey *key = gw_key_new ();

  key->key_id = make_secret (engine, "k_", 6);
  key->api_key = make_secret (engine, role == TGP_ROLE_POS ? "tgw_pos_" : "tgw_term_", 16);
  key->secret = make_secret (engine, "", 32);
  key->group_id = g_ref_string_new (group_id);
  key->role = role;
  key->created_at = gw_now (engine);
  return key;
}

static GwOperation *
begin_for_staff (GwEngine *engine, const GwCaller *caller, GwOperationKind kind)
{
  GwOperation *op = gw_begin (engine, kind);

  op->link = caller->link;
  op->actor = g_ref_string_new ("staff");
  return op;
}

void
gw_engine_create_key (GwEngine *engine, const GwCaller *caller, TgpRole role, const char *group_id)
{
  GwOperation *op = begin_for_staff (engine, caller, GW_OP_CREATE_KEY);

  op->key = make_key (engine, role, group_id);
  op->key_id = gw_hold (op->key->key_id);
  op->group_id = gw_hold (op->key->group_id);
  gw_submit (engine, op);
}

void
gw_engine_rotate_key (GwEngine *engine, const GwCaller *caller, const char *key_id)
{
  GwKey *key = gw_engine_find_key_by_id (engine, key_id);

  if (!key)
    {
      gw_answer_error (engine, caller->link, NULL, TGP_ERROR_NOT_FOUND, "There is no key of that keyId");
      return;
    }
  GwOperation *op = begin_for_staff (engine, caller, GW_OP_ROTATE_KEY);
  op->key = make_key (engine, key->role, key->group_id);
  op->key_id = gw_hold (key->key_id);
  op->group_id = gw_hold (key->group_id);
  gw_submit (engine, op);
}

void
gw_engine_revoke_key (GwEngine *engine, const GwCaller *caller, const char *key_id, gboolean force)
{
  GwOperation *op = begin_for_staff (engine, caller, GW_OP_REVOKE_KEY);

  op->key_id = g_ref_string_new (key_id);
  op->force = force;
  gw_submit (engine, op);
}

void
gw_engine_release (GwEngine *engine, const GwCaller *caller, const char *group_id, const char *terminal_id,
                   const char *note)
{
  TgpErrorCode code;
  GwTerminal *terminal = gw_registry_resolve (engine, group_id, terminal_id, &code);

  if (!terminal)
    {
      gw_answer_error (engine, caller->link, NULL, TGP_ERROR_TERMINAL_NOT_FOUND,
                       "There is no such terminal in that group");
      return;
    }
  GwOperation *op = begin_for_staff (engine, caller, GW_OP_RELEASE);
  op->group_id = gw_hold (terminal->device->group_id);
  op->slot = gw_hold (terminal->device->slot);
  op->force = !terminal->link;
  op->epoch = terminal->device->epoch;
  op->error_message = note ? g_ref_string_new (note) : NULL;
  gw_submit (engine, op);
}

void
gw_engine_resolve (GwEngine *engine, const GwCaller *caller, const char *group_id, const char *transaction_id,
                   const char *as, const char *note)
{
  GwOperation *op = begin_for_staff (engine, caller, GW_OP_RESOLVE);

  op->group_id = g_ref_string_new (group_id);
  op->transaction_id = g_ref_string_new (transaction_id);
  op->error_code = g_ref_string_new (as);
  op->error_message = note ? g_ref_string_new (note) : NULL;
  gw_submit (engine, op);
}

/* The directory follows the store: one entry by key, one by name. */
void
gw_engine_note_key (GwEngine *engine, GwKey *key)
{
  GwKey *old = g_hash_table_lookup (engine->keys_by_id, key->key_id);

  if (old)
    g_hash_table_remove (engine->keys, old->api_key);
  g_hash_table_replace (engine->keys_by_id, key->key_id, gw_key_ref (key));
  g_hash_table_replace (engine->keys, key->api_key, key);
}

/* Open payments tell the successor of their progress. */
static void
hand_over (GwEngine *engine, const char *from, GwKey *to)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, engine->payments);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      GwPayment *payment = value;
      if (payment->pos && strcmp (payment->pos->key->key_id, from) == 0)
        payment->pos = gw_pos_find (engine, to);
    }
}

/* Who waits for messages of a key that is none any more. */
static void
end_polls (GwEngine *engine, const char *key_id)
{
  GwPos *pos = g_hash_table_lookup (engine->pos, key_id);

  while (pos && pos->polls->len)
    {
      GwWait *wait = pos->polls->pdata[0];
      guint64 link = wait->link;
      gw_wait_end (engine, wait);
      gw_answer_error (engine, link, NULL, TGP_ERROR_UNAUTHORIZED, "x-api-key was revoked");
    }
}

#define LISTED_MAX 100

/* What a revocation by force leaves behind: the store's counts, and the payments by name. */
static char *
describe_left (GwEngine *engine, const GwOperation *op)
{
  TgpJsonWriter writer;
  GHashTableIter iter;
  gpointer value;
  guint n = 0;

  tgp_json_writer_init (&writer);
  tgp_json_open_object (&writer, NULL);
  g_autofree char *counts = g_strndup (op->result.held_by + 1, strlen (op->result.held_by) - 2);
  tgp_json_raw_members (&writer, counts);
  tgp_json_open_array (&writer, "transactionIds");
  g_hash_table_iter_init (&iter, engine->payments);
  while (n < LISTED_MAX && g_hash_table_iter_next (&iter, NULL, &value))
    {
      const GwTransaction *row = ((GwPayment *) value)->row;
      if (!row || (strcmp (row->key_id, op->key_id) != 0 && strcmp (row->terminal_key_id, op->key_id) != 0))
        continue;
      tgp_json_string (&writer, NULL, row->transaction_id);
      n++;
    }
  tgp_json_close_array (&writer);
  tgp_json_close_object (&writer);
  return tgp_json_writer_end (&writer);
}

void
gw_key_looked (GwEngine *engine, GwKey *key, GwKey *successor)
{
  if (successor)
    {
      gw_engine_note_key (engine, successor);
      hand_over (engine, key->key_id, successor);
    }
  gw_engine_note_key (engine, key);
  if (!key->revoked_at)
    return;
  gw_engine_disconnect (engine, key->key_id, NULL, FALSE);
  end_polls (engine, key->key_id);
}

static void
key_changed (GwEngine *engine, GwOperation *op)
{
  GwKey *key = op->result.key;
  g_autofree char *left = op->kind == GW_OP_REVOKE_KEY ? describe_left (engine, op) : NULL;
  GwAnswer answer = { .kind = GW_ANSWER_KEY, .key = key, .text = left };

  gw_engine_note_key (engine, key);
  if (op->kind == GW_OP_ROTATE_KEY)
    {
      g_autoptr (GwKey) old = gw_key_copy (gw_engine_find_key_by_id (engine, op->key_id));
      old->revoked_at = op->now;
      gw_set_text (&old->successor, key->key_id);
      gw_engine_note_key (engine, old);
      hand_over (engine, op->key_id, key);
    }
  if (op->kind != GW_OP_CREATE_KEY)
    {
      gw_engine_disconnect (engine, op->key_id, NULL, FALSE);
      end_polls (engine, op->key_id);
    }
  gw_answer (engine, op->link, &answer);
}

void
gw_staff_done (GwEngine *engine, GwOperation *op)
{
  GwAnswer answer = { .kind = GW_ANSWER_TRANSACTION, .row = op->result.row };

  if (op->kind == GW_OP_SWEEP)
    {
      if (op->result.count)
        gw_registry_sweep (engine, op->devices_before);
      if (op->result.count == op->limit)
        gw_engine_sweep (engine);
      return;
    }
  if (op->result.outcome == GW_REFUSED)
    {
      if (op->result.key) /* it was done before, by a commit that did not say so */
        gw_key_looked (engine, op->result.key, op->result.successor);
      gw_answer_payment_error_with (engine, op->link, NULL, op->result.code,
                                    op->kind == GW_OP_REVOKE_KEY ? op->result.held_by : NULL,
                                    op->transaction_id, NULL);
      return;
    }
  switch (op->kind)
    {
    case GW_OP_CREATE_KEY:
    case GW_OP_ROTATE_KEY:
    case GW_OP_REVOKE_KEY:
      key_changed (engine, op);
      break;
    case GW_OP_RELEASE:
      for (guint i = 0; i < op->result.rows->len; i++)
        gw_payment_changed (engine, op, op->result.rows->pdata[i]);
      answer.kind = GW_ANSWER_RELEASED;
      answer.rows = op->result.rows;
      answer.device = op->result.device;
      gw_answer (engine, op->link, &answer);
      GwTerminal *terminal = gw_registry_find (engine, op->group_id, op->slot);
      if (terminal && !terminal->link)
        gw_registry_forget (engine, terminal);
      break;
    default:
      gw_payment_changed (engine, op, op->result.row);
      gw_answer (engine, op->link, &answer);
      break;
    }
}

guint
gw_engine_disconnect (GwEngine *engine, const char *key_id, const char *connection_id,
                      gboolean reconnect_allowed)
{
  g_autoptr (GArray) links = gw_link_ids (engine);
  TgpForceDisconnect why = { .reason = TGP_DISCONNECT_ADMIN_ACTION, .reconnect_allowed = reconnect_allowed };
  guint n = 0;

  for (guint i = 0; i < links->len; i++)
    {
      GwLink *link = gw_find_link (engine, g_array_index (links, guint64, i));
      if (!link)
        continue;
      if (connection_id ? g_strcmp0 (link->connection_id, connection_id) != 0
                        : g_strcmp0 (link->key->key_id, key_id) != 0)
        continue;
      n++;
      gw_disconnect (engine, link, &why);
    }
  return n;
}

void
gw_engine_foreach_key (GwEngine *engine, void (*func) (const GwKeyView *view, gpointer data), gpointer data)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, engine->keys_by_id);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      GwKey *key = value;
      GwPos *pos = g_hash_table_lookup (engine->pos, key->key_id);
      GwKeyView view = { .key = key };
      GHashTableIter payments;
      gpointer payment;

      if (pos && (pos->link || pos->session_id))
        {
          view.active = TRUE;
          view.connection_id = pos->link ? pos->link->connection_id : NULL;
          view.address = pos->address;
          view.user_agent = pos->user_agent;
          view.since = pos->since;
        }
      g_hash_table_iter_init (&payments, engine->payments);
      while (pos && g_hash_table_iter_next (&payments, NULL, &payment))
        view.open_payments += ((GwPayment *) payment)->pos == pos;
      func (&view, data);
    }
}

void
gw_engine_sweep (GwEngine *engine)
{
  GwOperation *op = gw_begin (engine, GW_OP_SWEEP);

  op->quiet = TRUE;
  op->limit = 200;
  op->messages_before = op->now - engine->settings.message_retention;
  op->transactions_before = op->now - engine->settings.transaction_retention;
  op->ids_before = op->now - engine->settings.id_retention;
  op->devices_before = op->now - engine->settings.device_retention;
  gw_submit (engine, op);
}
