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

/* As a POS names it; or, without a deviceId and away, by its key or by the last connection that it had. */
static GwTerminal *
find_to_release (GwEngine *engine, const char *group_id, const char *terminal_id)
{
  TgpErrorCode code;
  GwTerminal *terminal = gw_registry_resolve (engine, group_id, terminal_id, &code);
  g_autofree char *slot = g_strconcat ("@", terminal_id, NULL);
  GwGroup *group = g_hash_table_lookup (engine->groups, group_id);
  GHashTableIter iter;
  gpointer value;

  if (!terminal)
    terminal = gw_registry_find (engine, group_id, slot);
  if (terminal || !group)
    return terminal;
  g_hash_table_iter_init (&iter, group->terminals);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const GwDevice *device = ((GwTerminal *) value)->device;
      if (!device->device_id && g_strcmp0 (device->connection_id, terminal_id) == 0)
        return value;
    }
  return NULL;
}

void
gw_engine_release (GwEngine *engine, const GwCaller *caller, const char *group_id, const char *terminal_id,
                   const char *note)
{
  GwTerminal *terminal = find_to_release (engine, group_id, terminal_id);

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

guint
gw_close_links (GwEngine *engine, const char *key_id, const char *connection_id, gboolean reconnect_allowed)
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

static GwKey *
key_of_connection (GwEngine *engine, const char *connection_id)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, engine->links);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (g_strcmp0 (((GwLink *) value)->connection_id, connection_id) == 0)
      return ((GwLink *) value)->key;
  return NULL;
}

void
gw_engine_disconnect (GwEngine *engine, const GwCaller *caller, const char *key_id, const char *connection_id,
                      gboolean reconnect_allowed)
{
  GwKey *key =
    connection_id ? key_of_connection (engine, connection_id) : gw_engine_find_key_by_id (engine, key_id);

  if (!key)
    {
      gw_answer_error (engine, caller->link, NULL, TGP_ERROR_NOT_FOUND,
                       connection_id ? "There is no connection of that connectionId"
                                     : "There is no key of that keyId");
      return;
    }
  GwOperation *op = begin_for_staff (engine, caller, GW_OP_DISCONNECT);
  op->key_id = gw_hold (key->key_id);
  op->group_id = gw_hold (key->group_id);
  op->connection_id = connection_id ? g_ref_string_new (connection_id) : NULL;
  op->force = reconnect_allowed;
  gw_submit (engine, op);
}

static void
disconnected (GwEngine *engine, GwOperation *op)
{
  GwPos *pos = op->result.session ? gw_pos_find_by_id (engine, op->key_id) : NULL;
  GwAnswer answer = { .kind = GW_ANSWER_DISCONNECTED };

  if (pos)
    {
      gw_pos_note_session (engine, op->result.session);
      gw_payment_displace_waits (engine, pos, NULL);
      answer.count = 1;
    }
  answer.count += gw_close_links (engine, op->key_id, op->connection_id, op->force);
  gw_answer (engine, op->link, &answer);
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
  gw_close_links (engine, key->key_id, NULL, FALSE);
  end_polls (engine, key->key_id);
  gw_void_key_gone (engine, key->key_id);
}

static void
key_changed (GwEngine *engine, GwOperation *op)
{
  GwKey *key = op->result.key;
  GwAnswer answer = { .kind = GW_ANSWER_KEY, .key = key, .text = op->result.left };

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
      gw_close_links (engine, op->key_id, NULL, FALSE);
      end_polls (engine, op->key_id);
      gw_void_key_gone (engine, op->key_id);
    }
  gw_answer (engine, op->link, &answer);
}

static void
refused (GwEngine *engine, GwOperation *op)
{
  GwAnswer answer = { .kind = GW_ANSWER_ERROR,
                      .error = { .code = op->result.code,
                                 .message = gw_usual_message (op->result.code),
                                 .transaction_id = op->transaction_id,
                                 .held_by = op->result.held_by } };
  g_autofree char *message = NULL;

  if (op->kind == GW_OP_REVOKE_KEY && op->result.left)
    answer.error.message = op->result.left;
  else if (op->kind == GW_OP_RELEASE && op->result.held_by)
    answer.error.message = message =
      g_strdup_printf ("Payment %s is open on this terminal; it ends by itself", op->result.held_by);
  gw_answer (engine, op->link, &answer);
}

void
gw_staff_done (GwEngine *engine, GwOperation *op)
{
  GwAnswer answer = { .kind = GW_ANSWER_TRANSACTION, .row = op->result.row };

  if (op->kind == GW_OP_SWEEP)
    {
      if (op->result.count)
        {
          gw_registry_sweep (engine, op->devices_before);
          gw_mailbox_swept (engine);
        }
      if (op->result.count == op->limit)
        gw_engine_sweep (engine);
      return;
    }
  if (op->result.outcome == GW_REFUSED)
    {
      if (op->result.key) /* it was done before, by a commit that did not say so */
        gw_key_looked (engine, op->result.key, op->result.successor);
      refused (engine, op);
      return;
    }
  switch (op->kind)
    {
    case GW_OP_CREATE_KEY:
    case GW_OP_ROTATE_KEY:
    case GW_OP_REVOKE_KEY:
      key_changed (engine, op);
      break;
    case GW_OP_DISCONNECT:
      disconnected (engine, op);
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
