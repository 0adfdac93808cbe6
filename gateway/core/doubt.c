/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When the store could not, or did not say: what is tried again, in which order, and what is looked up before
 * anybody hears that nothing happened. */
#include "gateway/core/engine-private.h"

/* --- trying again --- */

/* Does somebody wait for the answer to this one? Then a failure is told; everything else is tried again until
 * it is stored. */
static gboolean
is_asked_for (const GwOperation *op)
{
  return !op->quiet && !(op->kind == GW_OP_CANCEL && op->not_sent);
}

void
gw_arm_retry (GwEngine *engine)
{
  if (!engine->retry.position)
    gw_arm (engine, &engine->retry, GW_DEADLINE_RETRY, engine, engine->settings.retry_interval);
}

static void
retry_later (GwEngine *engine, GwOperation *op)
{
  op->doubted |= op->result.outcome == GW_UNCERTAIN;
  op->result.outcome = GW_PENDING;
  g_queue_push_tail (&engine->retries, op);
  gw_arm_retry (engine);
}

/* Nothing overtakes what waits for another try: a grace that is over must not meet the store before the
 * result that came in time. */
gboolean
gw_is_behind (GwEngine *engine, const GwOperation *op)
{
  return engine->retries.length > 0 && !is_asked_for (op);
}

/* A grace that could not be stored begins when it can: nobody has been told of it yet. */
static void
begin_anew (GwEngine *engine, GwOperation *op)
{
  if (op->kind != GW_OP_LOST && op->kind != GW_OP_ATTACH_DEVICE && op->kind != GW_OP_RESTARTED)
    return;
  gint64 now = gw_now (engine);
  op->grace_expires_at += now - op->now;
  op->now = now;
  op->begun = gw_mono (engine);
}

void
gw_retry_all (GwEngine *engine)
{
  GQueue ops = engine->retries;
  GHashTableIter iter;
  GwOperation *op;
  gpointer pos;

  g_queue_init (&engine->retries);
  while ((op = g_queue_pop_head (&ops)))
    {
      begin_anew (engine, op);
      gw_submit (engine, op);
    }
  g_hash_table_iter_init (&iter, engine->pos);
  while (g_hash_table_iter_next (&iter, NULL, &pos))
    mailbox_look (&((GwPos *) pos)->mailbox);
}

/* --- looking it up --- */

TgpVerdict
gw_verdict_if_known (const GwPayment *payment, TgpVerdict otherwise)
{
  if (!gw_payment_is_known (payment))
    return otherwise;
  return payment->row ? gw_transaction_verdict (payment->row) : tgp_verdict_of_error (TGP_ERROR_TIMEOUT);
}

void
gw_refuse_unless_known (GwEngine *engine, guint64 link, const char *request_id, const char *group_id,
                        const char *transaction_id, TgpErrorCode code, const char *message)
{
  GwPayment *payment = gw_payment_find (engine, group_id, transaction_id);
  GwAsked *asked;

  /* Under way: a look into the store could come before it. */
  if (gw_payment_is_known (payment))
    {
      TgpVerdict verdict = gw_verdict_if_known (payment, tgp_verdict_of_error (code));
      gw_answer_payment_error_with (engine, link, request_id, code, message, transaction_id, &verdict);
      return;
    }
  GwRead *read = gw_read_new (GW_READ_TRANSACTION, gw_note_asked (engine, link, request_id, &asked));
  gw_payment_make (engine, group_id, transaction_id)->looking++;
  asked->doubt = TRUE;
  asked->code = code;
  asked->message = g_strdup (message);
  read->group_id = g_strdup (group_id);
  read->id = g_strdup (transaction_id);
  engine->store.klass->read (engine->store.store, read);
}

void
gw_engine_refuse_payment (GwEngine *engine, const GwCaller *caller, const char *transaction_id,
                          TgpErrorCode code, const char *message)
{
  gw_refuse_unless_known (engine, caller->link, caller->request_id, caller->key->group_id, transaction_id,
                          code, message);
}

/* What the store may have done after all is looked at in its order, not by a read that others overtake. */
static void
look (GwEngine *engine, const GwOperation *doubtful, char *transaction_id)
{
  GwOperation *op = gw_begin (engine, GW_OP_LOOK);

  op->quiet = TRUE;
  op->group_id = gw_hold (doubtful->group_id);
  op->transaction_id = gw_hold (transaction_id);
  op->key_id = gw_hold (doubtful->key_id);
  op->looked_for = doubtful->kind;
  gw_submit (engine, op);
}

void
gw_doubt_looked (GwEngine *engine, GwOperation *op)
{
  GwTransaction *row = op->result.row;

  if (op->result.key)
    gw_key_looked (engine, op->result.key, op->result.successor);
  if (!row)
    return;
  gw_payment_reread (engine, op->looked_for, row);
  GwPayment *payment = gw_payment_find (engine, row->group_id, row->transaction_id);
  if (payment && payment->sent && gw_transaction_is_open (row) &&
      gw_transaction_has (row, GW_CANCEL_REQUESTED))
    gw_terminal_send_cancel (engine, payment);
}

/* The refusal says what is true of the payment that has this id: if there is one, "not started" would be a
 * lie. It may have come since the store was looked into. */
void
gw_doubt_read_done (GwEngine *engine, const GwAsked *asked, GwRead *read)
{
  GwPayment *payment = gw_payment_find (engine, read->group_id, read->id);
  TgpVerdict verdict = tgp_verdict_of_error (TGP_ERROR_OVERLOADED);

  payment->looking--;
  if (read->error)
    verdict = tgp_verdict_of_error (TGP_ERROR_STORAGE_UNAVAILABLE);
  else if (read->rows->len)
    verdict = gw_transaction_verdict (read->rows->pdata[0]);
  verdict = gw_verdict_if_known (payment, verdict);
  gw_answer_payment_error_with (engine, asked->link, asked->request_id, asked->code, asked->message, read->id,
                                &verdict);
  gw_payment_forget_when_done (engine, payment);
}

static gboolean
changes_key (const GwOperation *op)
{
  return op->kind == GW_OP_CREATE_KEY || op->kind == GW_OP_ROTATE_KEY || op->kind == GW_OP_REVOKE_KEY;
}

/* A release is about whatever keeps the terminal busy. */
static char *
whom_it_frees (GwEngine *engine, const GwOperation *op)
{
  GwTerminal *terminal = op->kind == GW_OP_RELEASE ? gw_registry_find (engine, op->group_id, op->slot) : NULL;
  return terminal ? terminal->holder : NULL;
}

static void
tell_failure (GwEngine *engine, GwOperation *op)
{
  const char *message = op->result.outcome == GW_UNCERTAIN
                          ? "The gateway's storage did not answer; look at the state before trying again"
                          : NULL;

  if (!op->transaction_id)
    {
      gw_answer_error (engine, op->link, op->request_id, TGP_ERROR_STORAGE_UNAVAILABLE, message);
      char *freed = whom_it_frees (engine, op);
      if (op->result.outcome == GW_UNCERTAIN && (changes_key (op) || freed))
        look (engine, op, freed);
      return;
    }
  gw_answer_payment_error (engine, op->link, op->request_id, TGP_ERROR_STORAGE_UNAVAILABLE, message,
                           op->transaction_id, NULL, 0);
  if (op->result.outcome == GW_UNCERTAIN)
    look (engine, op, op->transaction_id);
}

gboolean
gw_not_stored (GwEngine *engine, GwOperation *op)
{
  gboolean in_doubt = op->result.outcome == GW_UNCERTAIN;

  if (in_doubt)
    gw_mailbox_doubt (engine);
  if ((op->result.outcome != GW_FAILED && !in_doubt) || op->kind == GW_OP_PAY)
    return FALSE;
  if (op->kind == GW_OP_ATTACH_DEVICE || op->kind == GW_OP_ATTACH_SESSION)
    {
      /* It may be the present one already: whoever was before it must not stay in that belief. */
      if (in_doubt || op->doubted)
        retry_later (engine, op);
      return in_doubt || op->doubted;
    }
  if (!is_asked_for (op))
    {
      retry_later (engine, op);
      return TRUE;
    }
  tell_failure (engine, op);
  if (op->kind == GW_OP_ACK)
    gw_pos_acked (engine, op);
  gw_operation_free (op);
  return TRUE;
}
