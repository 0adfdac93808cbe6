/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a POS may change: start a payment, wish its end. */
#include "gateway/core/operation-private.h"

#include <string.h>

/* The key that started it, or the one that this was rotated to. */
static gboolean
is_key_of (GwTables *tables, const GwOperation *op, const GwTransaction *row)
{
  if (strcmp (op->key_id, row->key_id) == 0)
    return TRUE;
  char *newest = gw_newest_key (tables, row->key_id);
  gboolean same = strcmp (op->key_id, newest) == 0;
  g_ref_string_release (newest);
  return same;
}

/* Would this request, sent once more, mean the payment that is there? (section 4, "Idempotent") */
static gboolean
same_payment (GwTables *tables, const GwOperation *op, const GwTransaction *row)
{
  if ((!is_key_of (tables, op, row) && !GW_PLANTED (JOIN_ACROSS_KEYS)) ||
      op->now - row->created_at > op->join_window)
    return FALSE;
  if (op->payment->amount != row->amount || strcmp (op->payment->currency, row->currency) != 0 ||
      op->payment->method != row->method)
    return FALSE;
  return g_strcmp0 (op->terminal_id, row->terminal_id) == 0 ||
         (row->device_id && op->device_id && strcmp (op->device_id, row->device_id) == 0);
}

static void
join (GwTables *tables, GwOperation *op, GwTransaction *row)
{
  gint64 seq = row->status == TGP_STATUS_VOIDED ? row->void_seq : row->outcome_seq;

  gw_keep (op, row);
  if (tgp_status_is_final (row->status) && seq)
    op->result.repeat = tables->klass->get_message (tables, seq);
}

static void
insert (GwTables *tables, GwOperation *op)
{
  g_autoptr (GwTransaction) empty = gw_transaction_new ();
  g_autofree char *request = tgp_payment_request_to_json (op->payment);
  const GwDevice *device = op->result.device; /* as its latest hello left it */
  GwChange change;

  gw_change_begin (&change, tables, op, empty);
  GwTransaction *row = change.row;
  row->group_id = g_ref_string_acquire (op->group_id);
  row->transaction_id = g_ref_string_acquire (op->transaction_id);
  row->key_id = g_ref_string_acquire (op->key_id);
  row->terminal_id = g_ref_string_acquire (op->terminal_id);
  row->slot = g_ref_string_acquire (op->slot);
  row->device_id = op->device_id ? g_ref_string_acquire (op->device_id) : NULL;
  row->connection_id = g_ref_string_acquire (op->connection_id);
  row->terminal_key_id = g_ref_string_acquire (device->key_id);
  row->journal_id = device->journal_id ? g_ref_string_acquire (device->journal_id) : NULL;
  row->status = TGP_STATUS_PENDING;
  row->flags = GW_HOLDS_TERMINAL;
  if (device->capabilities & TGP_CAPABILITY_VOID)
    row->flags |= GW_CAN_VOID;
  if (device->capabilities & TGP_CAPABILITY_CANCEL)
    row->flags |= GW_CAN_CANCEL;
  row->amount = op->payment->amount;
  memcpy (row->currency, op->payment->currency, sizeof row->currency);
  row->method = op->payment->method;
  row->request = g_ref_string_new (request);
  row->created_at = op->now;
  g_autofree char *detail = g_strdup_printf ("for the terminal on connection %s", op->connection_id);
  gw_change_end (&change, "payment requested", detail);
}

void
gw_run_pay (GwTables *tables, GwOperation *op)
{
  const GwTablesClass *klass = tables->klass;

  if (op->signature && !klass->add_signature (tables, op->signature, op->signature_expires))
    {
      gw_refuse (op, TGP_ERROR_REPLAYED_REQUEST);
      return;
    }
  gboolean valid = gw_follow_key (tables, op);
  g_autoptr (GwTransaction) known = klass->get_transaction (tables, op->group_id, op->transaction_id);
  if (known)
    {
      if (!valid)
        gw_refuse_as_it_is (op, TGP_ERROR_UNAUTHORIZED, known);
      else if (same_payment (tables, op, known))
        join (tables, op, known);
      else
        gw_refuse (op, TGP_ERROR_TRANSACTION_ID_REUSED);
      return;
    }
  if (!valid)
    return;
  if (op->refuse)
    {
      if (klass->is_id_remembered (tables, op->group_id, op->transaction_id))
        gw_refuse (op, TGP_ERROR_TRANSACTION_ID_REUSED);
      else
        gw_refuse (op, op->refuse_code);
      return;
    }
  if (klass->is_id_remembered (tables, op->group_id, op->transaction_id))
    {
      gw_refuse (op, TGP_ERROR_TRANSACTION_ID_REUSED);
      return;
    }

  /* The terminal may have gone, or gone and come back, since this was planned: only its present connection is
   * told to pay. */
  op->result.device = klass->get_device (tables, op->group_id, op->slot);
  if (!op->result.device || !op->result.device->attached || op->result.device->epoch != op->epoch)
    {
      gw_refuse (op, TGP_ERROR_TERMINAL_OFFLINE);
      return;
    }

  g_autoptr (GwTransaction) holder = klass->get_holder (tables, op->group_id, op->slot);
  if (holder)
    {
      gw_refuse (op, TGP_ERROR_PAYMENT_IN_PROGRESS);
      op->result.held_by = g_strdup (holder->transaction_id);
      return;
    }
  insert (tables, op);
}

void
gw_run_cancel (GwTables *tables, GwOperation *op)
{
  g_autoptr (GwTransaction) row = tables->klass->get_transaction (tables, op->group_id, op->transaction_id);
  GwChange change;

  if (!row)
    gw_refuse (op, TGP_ERROR_TRANSACTION_NOT_FOUND);
  else if (strcmp (row->key_id, op->key_id) != 0 &&
           (!gw_follow_key (tables, op) || strcmp (row->key_id, op->key_id) != 0))
    gw_refuse_as_it_is (op, TGP_ERROR_FORBIDDEN, row);
  else if (!gw_transaction_is_open (row))
    gw_refuse_as_it_is (op, TGP_ERROR_ALREADY_FINAL, row);
  else if (op->not_sent)
    {
      gw_change_begin (&change, tables, op, row);
      gw_change_status (&change, TGP_STATUS_CANCELLED);
      change.row->flags |= GW_ANSWERED;
      gw_change_settle (&change);
      gw_change_queue (&change, "paymentComplete");
      gw_change_end (&change, "cancelled before it was sent", NULL);
    }
  else if (gw_transaction_has (row, GW_CANCEL_REQUESTED))
    gw_keep (op, row);
  else
    {
      gw_change_begin (&change, tables, op, row);
      change.row->flags |= GW_CANCEL_REQUESTED;
      gw_change_end (&change, "cancel requested", NULL);
    }
}

/* The POS was told that nobody knows; nothing was ever sent. If the row is there after all, it ends here. */
void
gw_run_abandon (GwTables *tables, GwOperation *op)
{
  g_autoptr (GwTransaction) row = tables->klass->get_transaction (tables, op->group_id, op->transaction_id);
  GwChange change;

  if (!row)
    return;
  if (!gw_transaction_is_open (row))
    {
      gw_keep (op, row);
      return;
    }
  gw_change_begin (&change, tables, op, row);
  gw_change_fail (&change, "NOT_SENT", "The payment was never sent to the terminal");
  change.row->flags |= GW_ANSWERED;
  gw_change_settle (&change);
  gw_change_queue (&change, "paymentComplete");
  gw_change_end (&change, "abandoned: storing it was in doubt, nothing was sent", NULL);
}

void
gw_run_look (GwTables *tables, GwOperation *op)
{
  if (!op->transaction_id)
    {
      gw_run_look_at_key (tables, op);
      return;
    }
  g_autoptr (GwTransaction) row = tables->klass->get_transaction (tables, op->group_id, op->transaction_id);

  if (row)
    gw_keep (op, row);
}
