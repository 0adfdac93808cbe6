/* SPDX-License-Identifier: GPL-3.0-or-later */
/* API keys: created, rotated, revoked by the operator. */
#include "gateway/core/operation-private.h"

#include <string.h>

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
  op->result.key = successor;
  op->result.outcome = GW_APPLIED;
  gw_audit (tables, op, "key rotated", NULL, successor->key_id);
}

void
gw_run_revoke_key (GwTables *tables, GwOperation *op)
{
  g_autoptr (GwKey) known = tables->klass->get_key (tables, op->key_id);
  guint open = 0, reversing = 0, unread = 0;

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
  tables->klass->count_key (tables, op->key_id, &open, &reversing, &unread);
  g_autofree char *left = g_strdup_printf (
    "{\"openPayments\":%u,\"unconfirmedVoids\":%u,\"unreadMessages\":%u}", open, reversing, unread);
  op->result.held_by = g_strdup (left);
  if (open + reversing + unread > 0 && !op->force)
    {
      gw_refuse (op, TGP_ERROR_PAYMENT_IN_PROGRESS);
      return;
    }
  GwKey *key = gw_key_copy (known);
  key->revoked_at = op->now;
  tables->klass->put_key (tables, key);
  op->result.key = key;
  op->result.outcome = GW_APPLIED;
  gw_audit (tables, op, op->force ? "key revoked by force" : "key revoked", NULL, left);
}
