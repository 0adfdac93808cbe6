/* SPDX-License-Identifier: GPL-3.0-or-later */
/* API keys: created, rotated, revoked by the operator. */
#include "gateway/core/operation-private.h"

#include "protocol/json-writer.h"

/* As it is, and who has its place. */
static void
find_key (GwTables *tables, GwOperation *op, GwKey *known)
{
  op->result.key = gw_key_ref (known);
  if (known->successor)
    op->result.successor = tables->klass->get_key (tables, known->successor);
}

void
gw_run_look_at_key (GwTables *tables, GwOperation *op)
{
  g_autoptr (GwKey) known = tables->klass->get_key (tables, op->key_id);

  if (known)
    find_key (tables, op, known);
}

void
gw_run_create_key (GwTables *tables, GwOperation *op)
{
  tables->klass->put_key (tables, op->key);
  op->result.key = gw_key_ref (op->key);
  op->result.outcome = GW_APPLIED;
  gw_audit (tables, op, "key created", NULL, tgp_role_name (op->key->role));
}

/* Who acks with the old key will with the new one: a pong must not take its messages. */
static void
hand_on_acks (GwTables *tables, const char *from, char *to)
{
  g_autoptr (GwSession) old = tables->klass->get_session (tables, from);

  if (!old || !old->acks)
    return;
  g_autoptr (GwSession) session = gw_session_new ();
  session->key_id = g_ref_string_acquire (to);
  session->acks = TRUE;
  tables->klass->put_session (tables, session);
}

/* op->key is the successor: same group and role, which only the store knows for sure. */
void
gw_run_rotate_key (GwTables *tables, GwOperation *op)
{
  g_autoptr (GwKey) known = tables->klass->get_key (tables, op->key_id);
  g_autoptr (GwKey) old = NULL;

  if (!known)
    {
      gw_refuse (op, TGP_ERROR_NOT_FOUND);
      return;
    }
  if (known->revoked_at)
    {
      gw_refuse (op, TGP_ERROR_ALREADY_FINAL);
      find_key (tables, op, known);
      return;
    }
  GwKey *successor = gw_key_copy (op->key);
  gw_set_text (&successor->group_id, known->group_id);
  successor->role = known->role;
  tables->klass->put_key (tables, successor);
  old = gw_key_copy (known);
  old->revoked_at = op->now;
  gw_set_text (&old->successor, successor->key_id);
  tables->klass->put_key (tables, old);
  tables->klass->move_key (tables, old->key_id, successor->key_id);
  hand_on_acks (tables, old->key_id, successor->key_id);
  op->result.key = successor;
  op->result.outcome = GW_APPLIED;
  gw_audit (tables, op, "key rotated", NULL, successor->key_id);
}

#define LISTED_MAX 100

static void
write_ids (TgpJsonWriter *writer, const char *name, const GPtrArray *ids)
{
  tgp_json_open_array (writer, name);
  for (guint i = 0; i < MIN (ids->len, LISTED_MAX); i++)
    tgp_json_string (writer, NULL, ids->pdata[i]);
  tgp_json_close_array (writer);
}

/* What hangs on the key: how much, and the payments by name. FALSE: nothing does. */
static gboolean
describe_left (GwTables *tables, GwOperation *op)
{
  g_autoptr (GPtrArray) open = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) reversing = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) unread = g_ptr_array_new_with_free_func (g_free);
  guint n_open = 0, n_reversing = 0, n_unread = 0;
  TgpJsonWriter writer;

  tables->klass->count_key (tables, op->key_id, &n_open, &n_reversing, &n_unread);
  tables->klass->list_key (tables, op->key_id, LISTED_MAX, open, reversing, unread);
  tgp_json_writer_init (&writer);
  tgp_json_open_object (&writer, NULL);
  tgp_json_int (&writer, "openPayments", n_open);
  tgp_json_int (&writer, "unconfirmedVoids", n_reversing);
  tgp_json_int (&writer, "unreadMessages", n_unread);
  write_ids (&writer, "open", open);
  write_ids (&writer, "voids", reversing);
  write_ids (&writer, "unread", unread);
  tgp_json_close_object (&writer);
  op->result.left = tgp_json_writer_end (&writer);
  return n_open + n_reversing + n_unread > 0;
}

void
gw_run_revoke_key (GwTables *tables, GwOperation *op)
{
  g_autoptr (GwKey) known = tables->klass->get_key (tables, op->key_id);

  if (!known)
    {
      gw_refuse (op, TGP_ERROR_NOT_FOUND);
      return;
    }
  gw_set_text (&op->group_id, known->group_id);
  if (known->revoked_at)
    {
      gw_refuse (op, TGP_ERROR_ALREADY_FINAL);
      find_key (tables, op, known);
      return;
    }
  if (describe_left (tables, op) && !op->force)
    {
      gw_refuse (op, TGP_ERROR_PAYMENT_IN_PROGRESS);
      return;
    }
  GwKey *key = gw_key_copy (known);
  key->revoked_at = op->now;
  tables->klass->put_key (tables, key);
  op->result.key = key;
  op->result.outcome = GW_APPLIED;
  gw_audit (tables, op, op->force ? "key revoked by force" : "key revoked", NULL, op->result.left);
}
