/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whoever waits for a payment: HTTP callers for its outcome, and questions about one that is on its way into
 * the store. */
#include "gateway/core/engine-private.h"

/* --- questions --- */

typedef struct
{
  GwRead *read;
  GwPayment *payment;
  GwDeadline deadline;
} GwQuestion;

static void
question_free (GwQuestion *question)
{
  g_clear_pointer (&question->read, gw_read_free);
  g_free (question);
}

static gboolean
is_on_its_way (const GwPayment *payment)
{
  return payment->planned || payment->entering;
}

gboolean
gw_payment_question (GwEngine *engine, GwRead *read)
{
  GwPayment *payment = read->group_id ? gw_payment_find (engine, read->group_id, read->id) : NULL;

  if (!payment || payment->row || !is_on_its_way (payment))
    return FALSE;
  GwQuestion *question = g_new0 (GwQuestion, 1);
  question->read = read;
  question->payment = payment;
  if (!payment->questions)
    payment->questions = g_ptr_array_new_with_free_func ((GDestroyNotify) question_free);
  g_ptr_array_add (payment->questions, question);
  gw_arm (engine, &question->deadline, GW_DEADLINE_QUESTION, question, engine->settings.long_poll_timeout);
  return TRUE;
}

void
gw_payment_ask_now (GwEngine *engine, GwPayment *payment)
{
  while (!is_on_its_way (payment) && payment->questions && payment->questions->len > 0)
    {
      GwQuestion *question = payment->questions->pdata[0];
      gw_disarm (engine, &question->deadline);
      engine->store.klass->read (engine->store.store, g_steal_pointer (&question->read));
      g_ptr_array_remove_index (payment->questions, 0);
    }
}

/* The store neither takes it nor refuses it: nobody knows. */
void
gw_question_timeout (GwEngine *engine, gpointer data)
{
  GwQuestion *question = data;
  const GwRead *read = question->read;
  GwAsked *asked = g_hash_table_lookup (engine->asked, &read->token);

  gw_answer_payment_error (engine, asked->link, asked->request_id, TGP_ERROR_STORAGE_UNAVAILABLE, NULL,
                           read->id, NULL, 0);
  g_hash_table_remove (engine->asked, &read->token);
  g_ptr_array_remove (question->payment->questions, question);
}

/* --- on its way --- */

void
gw_payment_enters (GwEngine *engine, const GwOperation *op)
{
  if (op->transaction_id)
    gw_payment_make (engine, op->group_id, op->transaction_id)->entering++;
}

void
gw_payment_may_enter (GwEngine *engine, const GwOperation *op)
{
  if (op->transaction_id)
    gw_payment_find (engine, op->group_id, op->transaction_id)->entering--;
}

void
gw_payment_entered (GwEngine *engine, const GwOperation *op)
{
  GwPayment *payment = op->transaction_id ? gw_payment_find (engine, op->group_id, op->transaction_id) : NULL;

  if (!payment)
    return;
  gw_payment_ask_now (engine, payment);
  gw_payment_forget_when_done (engine, payment);
}

/* --- waiting for the outcome --- */

void
gw_wait_free (GwWait *wait)
{
  g_free (wait->request_id);
  g_free (wait->session_id);
  g_free (wait);
}

void
gw_wait_end (GwEngine *engine, GwWait *wait)
{
  gw_disarm (engine, &wait->deadline);
  if (wait->payment)
    g_ptr_array_remove_fast (wait->payment->waits, wait);
  if (wait->pos)
    g_ptr_array_remove_fast (wait->pos->polls, wait);
  g_hash_table_remove (engine->waits, &wait->link);
}

void
gw_payment_wait (GwEngine *engine, GwPayment *payment, const GwOperation *op)
{
  GwWait *wait = g_new0 (GwWait, 1);

  wait->link = op->link;
  wait->request_id = g_strdup (op->request_id);
  wait->session_id = g_strdup (op->session_id);
  wait->payment = payment;
  if (!payment->waits)
    payment->waits = g_ptr_array_new ();
  g_ptr_array_add (payment->waits, wait);
  g_hash_table_replace (engine->waits, &wait->link, wait);
  gw_arm (engine, &wait->deadline, GW_DEADLINE_WAIT, wait, engine->settings.long_poll_timeout);
}

void
gw_answer_outcome (GwEngine *engine, guint64 link, const char *request_id, GwTransaction *row)
{
  GwAnswer answer = { .kind = GW_ANSWER_PAYMENT_OUTCOME, .request_id = request_id, .row = row };
  gw_answer (engine, link, &answer);
}

GwWait *
gw_wait_find (GwEngine *engine, guint64 link)
{
  return g_hash_table_lookup (engine->waits, &link);
}

void
gw_payment_end_waits (GwEngine *engine, GwPayment *payment)
{
  for (guint i = payment->waits ? payment->waits->len : 0; i > 0; i--)
    {
      GwWait *wait = payment->waits->pdata[i - 1];
      if (!wait->joined)
        continue;
      guint64 link = wait->link;
      g_autofree char *request_id = g_strdup (wait->request_id);
      gw_wait_end (engine, wait);
      gw_answer_outcome (engine, link, request_id, payment->row);
    }
}

/* The payment goes on; who waited asks again, or gets it from the mailbox. */
static void
end_wait_early (GwEngine *engine, GwWait *wait, TgpErrorCode code)
{
  GwPayment *payment = wait->payment;
  guint64 link = wait->link;
  g_autofree char *request_id = g_strdup (wait->request_id);

  gw_wait_end (engine, wait);
  gw_answer_payment_error (engine, link, request_id, code, NULL, gw_payment_id (payment), NULL, 0);
  gw_payment_forget_when_done (engine, payment);
}

void
gw_wait_timeout (GwEngine *engine, GwWait *wait)
{
  if (wait->payment)
    end_wait_early (engine, wait, TGP_ERROR_TIMEOUT);
  else
    gw_pos_poll_timeout (engine, wait);
}

void
gw_payment_displace_waits (GwEngine *engine, GwPos *pos, const char *session_id)
{
  g_autoptr (GList) waits = g_hash_table_get_values (engine->waits);

  for (GList *l = waits; l; l = l->next)
    {
      GwWait *wait = l->data;
      GwPos *owner = wait->payment ? wait->payment->pos : wait->pos;
      if (owner != pos || !wait->session_id || g_strcmp0 (wait->session_id, session_id) == 0)
        continue;
      if (wait->payment)
        end_wait_early (engine, wait, TGP_ERROR_SESSION_DISPLACED);
      else
        {
          gw_answer_error (engine, wait->link, wait->request_id, TGP_ERROR_SESSION_DISPLACED, NULL);
          gw_wait_end (engine, wait);
        }
    }
}

void
gw_engine_forget_caller (GwEngine *engine, guint64 link)
{
  GwWait *wait = gw_wait_find (engine, link);

  if (wait)
    {
      GwPayment *payment = wait->payment;
      gw_wait_end (engine, wait);
      if (payment)
        gw_payment_forget_when_done (engine, payment);
    }
}
