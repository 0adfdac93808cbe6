/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What staff may decide: free a terminal, close what needs attention. Always audited. */
#include "gateway/core/operation-private.h"

#include <string.h>

/* Frees the terminal from what is unsettled on it, and forgets which key the device belongs to. An open
 * payment stays: it ends by itself within the payment limit. */
void
gw_run_release (GwTables *tables, GwOperation *op)
{
  g_autoptr (GwDevice) device = tables->klass->get_device (tables, op->group_id, op->slot);
  g_autoptr (GwTransaction) holder = tables->klass->get_holder (tables, op->group_id, op->slot);

  if (!device && !holder)
    {
      gw_refuse (op, TGP_ERROR_TERMINAL_NOT_FOUND);
      return;
    }
  if (holder && gw_transaction_is_open (holder))
    {
      gw_refuse (op, TGP_ERROR_PAYMENT_IN_PROGRESS);
      op->result.held_by = g_strdup (holder->transaction_id);
      return;
    }
  op->result.rows = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_transaction_unref);
  if (holder)
    {
      GwChange change;
      gw_change_begin (&change, tables, op, holder);
      change.row->flags &= ~GW_HOLDS_TERMINAL;
      gw_change_end (&change, "terminal released by staff", op->error_message);
      g_ptr_array_add (op->result.rows, gw_transaction_ref (op->result.row));
    }
  /* force: nobody is connected, whatever the row still says from before a crash. */
  if (device && (!device->attached || (op->force && device->epoch == op->epoch)))
    tables->klass->delete_device (tables, op->group_id, op->slot);
  else if (device)
    {
      g_autoptr (GwDevice) unbound = gw_device_copy (device);
      gw_set_text (&unbound->key_id, ""); /* no key's: the next one that comes with this name takes it */
      tables->klass->put_device (tables, unbound);
    }
  op->result.device = g_steal_pointer (&device);
  op->result.outcome = GW_APPLIED;
  gw_audit (tables, op, "terminal released", holder ? holder->transaction_id : NULL, op->error_message);
}

/* connection_id: only this one, which is the engine's to end; else the HTTP session goes too, for good. */
void
gw_run_disconnect (GwTables *tables, GwOperation *op)
{
  g_autoptr (GwSession) known = op->connection_id ? NULL : tables->klass->get_session (tables, op->key_id);
  const char *session_id = known ? known->session_id : NULL;
  g_autofree char *detail =
    op->connection_id ? g_strdup_printf ("connection %s", op->connection_id)
                      : g_strdup (session_id ? "all connections, and its HTTP session" : "all connections");

  op->result.outcome = GW_APPLIED;
  gw_audit (tables, op, "disconnected by staff", NULL, detail);
  if (!session_id)
    return;
  tables->klass->put_displaced (tables, op->key_id, session_id, op->now + GW_DISPLACED_KEPT);
  op->result.session = gw_session_copy (known);
  gw_set_text (&op->result.session->session_id, NULL);
  tables->klass->put_session (tables, op->result.session);
}

static guint
flag_of_finding (const char *as)
{
  if (g_strcmp0 (as, "paid") == 0)
    return GW_FOUND_PAID;
  return g_strcmp0 (as, "reversed") == 0 ? GW_FOUND_REVERSED : GW_FOUND_NOT_PAID;
}

/* error_code: "paid", "not-paid" or "reversed"; error_message: the note. The state stays as it is: what staff
 * found is a fact beside it. */
void
gw_run_resolve (GwTables *tables, GwOperation *op)
{
  g_autoptr (GwTransaction) row = tables->klass->get_transaction (tables, op->group_id, op->transaction_id);
  GwChange change;

  if (!row)
    {
      gw_refuse (op, TGP_ERROR_TRANSACTION_NOT_FOUND);
      return;
    }
  if (!gw_transaction_is_in_question (row))
    {
      gw_refuse (op, gw_transaction_is_open (row) ? TGP_ERROR_PAYMENT_IN_PROGRESS : TGP_ERROR_ALREADY_FINAL);
      return;
    }
  g_autofree char *detail =
    g_strdup_printf ("%s: %s", op->error_code, op->error_message ? op->error_message : "");
  gw_change_begin (&change, tables, op, row);
  gw_change_settle (&change);
  change.row->flags &= ~(guint) (GW_REVERSING | GW_VOID_OVERDUE | GW_FOUND);
  change.row->flags |= GW_RESOLVED_BY_STAFF | flag_of_finding (op->error_code);
  gw_change_end (&change, "resolved by staff", detail);
  gw_audit (tables, op, "payment resolved by staff", row->transaction_id, detail);
}
