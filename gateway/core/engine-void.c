/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A reversal: asked for by a POS or begun for a late success, said again until it is answered, and shown to
 * staff when nobody answers. */
#include "gateway/core/engine-private.h"

#include "protocol/terminal-command.h"

#include <string.h>

void
gw_engine_void (GwEngine *engine, const GwCaller *caller, const char *transaction_id)
{
  gw_submit (engine, gw_begin_for_caller (engine, caller, GW_OP_VOID, transaction_id));
}

void
gw_void_done (GwEngine *engine, GwOperation *op)
{
  GwAnswer answer = { .kind = GW_ANSWER_VOID_TAKEN, .request_id = op->request_id, .row = op->result.row };

  if (op->result.outcome == GW_REFUSED)
    {
      gw_refuse_wish (engine, op);
      return;
    }
  gw_answer (engine, op->link, &answer);
  gw_payment_changed (engine, op, op->result.row);
}

void
gw_terminal_send_void (GwEngine *engine, GwPayment *payment)
{
  GwTransaction *row = payment->row;

  if (!GW_PLANTED (VOID_ONCE))
    gw_arm (engine, &payment->next, GW_DEADLINE_VOID, payment, engine->settings.void_interval);
  if (gw_payment_link (payment))
    gw_send (engine, gw_payment_link (payment),
             tgp_encode_void_payment (row->transaction_id, row->void_reason, row->response));
}

void
gw_terminal_void_answered (GwEngine *engine, GwOperation *op)
{
  if (op->result.row)
    gw_payment_changed (engine, op, op->result.row);
}

/* --- when nobody answers --- */

/* Nobody can come any more whose word would count. */
static gboolean
is_orphaned (GwEngine *engine, const GwPayment *payment)
{
  GwKey *key = gw_engine_find_key_by_id (engine, payment->row->terminal_key_id);

  return !gw_payment_link (payment) && key && key->revoked_at && !key->successor;
}

/* From the change that began it, so that no restart begins it anew. */
static gint64
time_left (GwEngine *engine, const GwPayment *payment)
{
  gint64 patience = engine->settings.void_patience;

  if (is_orphaned (engine, payment))
    return 0;
  return CLAMP (payment->row->updated_at + patience - gw_now (engine), 0, patience);
}

void
gw_void_follow (GwEngine *engine, GwPayment *payment)
{
  if (!gw_transaction_has (payment->row, GW_REVERSING))
    {
      gw_disarm (engine, &payment->next);
      gw_disarm (engine, &payment->limit);
      return;
    }
  if (!payment->next.position || payment->next.kind != GW_DEADLINE_VOID)
    gw_terminal_send_void (engine, payment);
  if (gw_transaction_has (payment->row, GW_VOID_OVERDUE))
    gw_disarm (engine, &payment->limit);
  else if (!payment->limit.position || payment->limit.kind != GW_DEADLINE_VOID_OVERDUE)
    gw_arm (engine, &payment->limit, GW_DEADLINE_VOID_OVERDUE, payment, time_left (engine, payment));
}

void
gw_void_overdue (GwEngine *engine, GwPayment *payment)
{
  GwOperation *op = gw_begin (engine, GW_OP_VOID_OVERDUE);

  op->quiet = TRUE;
  op->group_id = gw_hold (payment->row->group_id);
  op->transaction_id = gw_hold (payment->row->transaction_id);
  gw_submit (engine, op);
}

void
gw_void_key_gone (GwEngine *engine, const char *key_id)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, engine->payments);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      GwPayment *payment = value;
      if (!payment->row || !gw_transaction_has (payment->row, GW_REVERSING) ||
          strcmp (payment->row->terminal_key_id, key_id) != 0)
        continue;
      gw_disarm (engine, &payment->limit);
      gw_void_follow (engine, payment);
    }
}
