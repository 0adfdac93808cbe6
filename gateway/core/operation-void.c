/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A reversal: asked for by a POS, answered by the terminal, or by nobody. */
#include "gateway/core/operation-private.h"

#define VOID_REQUESTED_REASON "Void requested"

/* --- asked for --- */

/* It may have said so only after the payment was sent. */
static gboolean
can_void_now (GwTables *tables, const GwTransaction *row)
{
  g_autoptr (GwDevice) device = tables->klass->get_device (tables, row->group_id, row->slot);
  return device && (device->capabilities & TGP_CAPABILITY_VOID);
}

void
gw_run_void (GwTables *tables, GwOperation *op)
{
  g_autoptr (GwTransaction) row = tables->klass->get_transaction (tables, op->group_id, op->transaction_id);
  GwChange change;

  if (!row)
    gw_refuse (op, TGP_ERROR_TRANSACTION_NOT_FOUND);
  else if (gw_transaction_is_open (row))
    gw_refuse_as_it_is (op, TGP_ERROR_PAYMENT_IN_PROGRESS, row);
  else if (row->status != TGP_STATUS_COMPLETED || gw_transaction_verdict (row).money_moved !=
                                                    TGP_MONEY_MOVED_YES) /* staff found nothing to reverse */
    gw_refuse_as_it_is (op, TGP_ERROR_ALREADY_FINAL, row);
  else if (!gw_transaction_has (row, GW_CAN_VOID) && !can_void_now (tables, row))
    gw_refuse_as_it_is (op, TGP_ERROR_VOID_NOT_SUPPORTED, row);
  else if (row->void_status == TGP_VOID_REQUESTED && gw_transaction_has (row, GW_REVERSING))
    gw_keep (op, row); /* one that staff have ended is begun anew */
  else
    {
      gw_change_begin (&change, tables, op, row);
      change.row->void_status = TGP_VOID_REQUESTED;
      change.row->flags |= GW_REVERSING | GW_CAN_VOID;
      gw_change_is_news (&change);
      gw_set_text (&change.row->void_reason, VOID_REQUESTED_REASON);
      gw_change_end (&change, "void requested", NULL);
      gw_audit (tables, op, "void requested", row->transaction_id, NULL);
    }
}

/* --- answered --- */

static void
void_done (GwTables *tables, GwOperation *op, const GwTransaction *row)
{
  gboolean requested = row->status == TGP_STATUS_COMPLETED;
  GwChange change;

  gw_change_begin (&change, tables, op, row);
  if (requested)
    gw_change_status (&change, TGP_STATUS_VOIDED);
  change.row->void_status = TGP_VOID_CONFIRMED;
  change.row->flags &= ~(guint) (GW_REVERSING | GW_VOID_OVERDUE);
  gw_change_is_news (&change);
  gw_change_queue (&change, requested ? "paymentVoided" : "paymentVoidConfirmed");
  gw_change_end (&change, "void confirmed by the terminal", NULL);
  gw_audit (tables, op, "void confirmed", row->transaction_id, NULL);
}

static void
void_refused (GwTables *tables, GwOperation *op, const GwTransaction *row)
{
  GwChange change;

  gw_change_begin (&change, tables, op, row);
  change.row->void_status = TGP_VOID_FAILED;
  change.row->flags &= ~(guint) (GW_REVERSING | GW_VOID_OVERDUE);
  gw_change_is_news (&change);
  gw_change_queue (&change, "paymentVoidFailed");
  gw_change_end (&change, "void refused by the terminal", op->error_code);
  gw_audit (tables, op, "void failed", row->transaction_id, op->error_code);
}

void
gw_run_void_answer (GwTables *tables, GwOperation *op)
{
  g_autoptr (GwTransaction) row = tables->klass->get_transaction (tables, op->group_id, op->transaction_id);

  if (!row || !gw_same_slot (tables, row->slot, op->slot))
    gw_refuse_stranger (tables, op, row, "voidResponse from another terminal refused");
  else if (row->void_status == TGP_VOID_NONE || row->void_status == TGP_VOID_CONFIRMED)
    gw_keep (op, row);
  else if (op->void_answer == TGP_VOID_ANSWER_VOIDED)
    void_done (tables, op, row);
  else if (row->void_status == TGP_VOID_REQUESTED)
    void_refused (tables, op, row);
  else
    gw_keep (op, row);
}

/* --- not answered --- */

/* It goes on, but somebody must know: the terminal may never come back. */
void
gw_run_void_overdue (GwTables *tables, GwOperation *op)
{
  g_autoptr (GwTransaction) row = tables->klass->get_transaction (tables, op->group_id, op->transaction_id);
  GwChange change;

  if (!row)
    return;
  if (!gw_transaction_has (row, GW_REVERSING) || gw_transaction_has (row, GW_VOID_OVERDUE))
    {
      gw_keep (op, row);
      return;
    }
  gw_change_begin (&change, tables, op, row);
  change.row->flags |= GW_VOID_OVERDUE;
  gw_change_end (&change, "no answer to the void: for staff to look at", NULL);
  gw_audit (tables, op, "void not answered", row->transaction_id, NULL);
}
