/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A payment seen from the POS: start, cancel, and what a change of its state brings. */
#include "gateway/core/engine-private.h"

#include "protocol/terminal-command.h"

#include <string.h>

#define SEPARATOR "\x1f"

GwPayment *
gw_payment_find (GwEngine *engine, const char *group_id, const char *transaction_id)
{
  g_autofree char *name = g_strconcat (group_id, SEPARATOR, transaction_id, NULL);
  return g_hash_table_lookup (engine->payments, name);
}

GwPayment *
gw_payment_make (GwEngine *engine, const char *group_id, const char *transaction_id)
{
  g_autofree char *name = g_strconcat (group_id, SEPARATOR, transaction_id, NULL);
  GwPayment *payment = g_hash_table_lookup (engine->payments, name);

  if (!payment)
    {
      payment = g_new0 (GwPayment, 1);
      payment->name = g_steal_pointer (&name);
      g_hash_table_insert (engine->payments, payment->name, payment);
    }
  return payment;
}

void
gw_payment_free (GwPayment *payment)
{
  g_clear_pointer (&payment->row, gw_transaction_unref);
  g_clear_pointer (&payment->waits, g_ptr_array_unref);
  g_clear_pointer (&payment->questions, g_ptr_array_unref);
  g_free (payment->name);
  g_free (payment);
}

const char *
gw_payment_id (const GwPayment *payment)
{
  return strstr (payment->name, SEPARATOR) + strlen (SEPARATOR);
}

GwLink *
gw_payment_link (const GwPayment *payment)
{
  return payment->terminal ? payment->terminal->link : NULL;
}

gboolean
gw_payment_is_known (const GwPayment *payment)
{
  return payment && (payment->row || payment->planned || payment->suppress || payment->entering);
}

void
gw_payment_forget_when_done (GwEngine *engine, GwPayment *payment)
{
  gboolean needed = payment->planned || payment->suppress || payment->entering || payment->looking ||
                    (payment->row && (gw_transaction_is_open (payment->row) ||
                                      gw_transaction_has (payment->row, GW_REVERSING)));
  if (needed || (payment->waits && payment->waits->len) || (payment->questions && payment->questions->len))
    return;
  gw_disarm (engine, &payment->next);
  gw_disarm (engine, &payment->limit);
  g_hash_table_remove (engine->payments, payment->name);
}

/* --- pay --- */

/* *refuse_code: set when only a payment that is there already may be joined. */
static gboolean
refuse_new (GwEngine *engine, const GwCaller *caller, const char *transaction_id, TgpErrorCode *refuse_code)
{
  guint waiting;
  gint64 oldest;

  gw_engine_get_load (engine, &waiting, &oldest);
  if (!engine->draining && waiting < engine->settings.max_waiting &&
      oldest <= engine->settings.max_waiting_age)
    return FALSE;
  TgpErrorCode code = engine->draining ? TGP_ERROR_DRAINING : TGP_ERROR_OVERLOADED;
  if (!transaction_id)
    gw_answer_payment_error (engine, caller->link, caller->request_id, code, NULL, NULL, NULL, 0);
  else if (gw_payment_is_known (gw_payment_find (engine, caller->key->group_id, transaction_id)))
    {
      *refuse_code = code; /* it is under way: this joins it, or the store refuses it; it begins nothing */
      return FALSE;
    }
  else
    gw_refuse_unless_known (engine, caller->link, caller->request_id, caller->key->group_id, transaction_id,
                            code, NULL);
  return TRUE;
}

void
gw_engine_pay (GwEngine *engine, const GwCaller *caller, const char *terminal_id, TgpPaymentRequest *taken,
               guint64 signature, gint64 signature_expires)
{
  g_autoptr (TgpPaymentRequest) payment = taken;
  TgpErrorCode code = TGP_ERROR_TERMINAL_OFFLINE, closed = TGP_N_ERRORS;
  GwPos *pos = gw_pos_find (engine, caller->key);

  if (refuse_new (engine, caller, payment->transaction_id, &closed))
    {
      gw_engine_keep_signature (engine, signature);
      return;
    }

  GwTerminal *terminal = gw_registry_resolve (engine, caller->key->group_id, terminal_id, &code);
  gboolean refuse = !terminal || !terminal->link || closed != TGP_N_ERRORS;
  if (closed != TGP_N_ERRORS)
    code = closed;
  if (!payment->transaction_id)
    {
      if (refuse)
        {
          gw_engine_keep_signature (engine, signature);
          gw_answer_payment_error (engine, caller->link, caller->request_id, code, NULL, NULL, NULL,
                                   terminal ? gw_registry_grace (terminal) : 0);
          return;
        }
      payment->transaction_id = g_malloc (TGP_UUID_SIZE);
      gw_make_id (engine, payment->transaction_id);
    }

  GwOperation *op = gw_begin (engine, GW_OP_PAY);
  op->link = caller->link;
  op->request_id = g_strdup (caller->request_id);
  op->session_id = caller->session_id ? g_ref_string_new (caller->session_id) : NULL;
  op->explicit_ack = caller->http; /* waits for the outcome */
  op->group_id = gw_hold (caller->key->group_id);
  op->key_id = gw_hold (caller->key->key_id);
  op->caller_connection = gw_connection_of (engine, caller);
  op->actor = gw_hold (pos->actor);
  op->transaction_id = g_ref_string_new (payment->transaction_id);
  op->terminal_id = g_ref_string_new (terminal_id);
  op->join_window = engine->settings.join_window;
  op->signature = signature;
  op->signature_expires = signature_expires;
  op->refuse = refuse;
  op->refuse_code = code;
  if (terminal)
    {
      op->slot = gw_hold (terminal->device->slot);
      op->device_id = gw_hold (terminal->device->device_id);
    }
  if (!refuse)
    {
      op->connection_id = gw_hold (terminal->link->connection_id);
      op->epoch = terminal->link->epoch;
    }
  op->payment = g_steal_pointer (&payment);

  GwPayment *entry = gw_payment_make (engine, op->group_id, op->transaction_id);
  entry->planned++;
  if (!entry->pos)
    entry->pos = pos;
  if (caller->http)
    gw_payment_wait (engine, entry, op);
  if (GW_PLANTED (EFFECT_BEFORE_COMMIT) && !refuse)
    {
      g_autofree char *request = tgp_payment_request_to_json (op->payment);
      gw_send (engine, terminal->link, tgp_encode_payment_request (op->transaction_id, terminal_id, request));
      entry->sent = TRUE;
    }
  gw_submit (engine, op);
}

/* The insertion is in doubt: until the store has ended it, nothing of this id is sent, not even for one that
 * asks again. */
static void
abandon (GwEngine *engine, GwPayment *payment, const GwOperation *op)
{
  GwOperation *end = gw_begin (engine, GW_OP_ABANDON);

  payment->planned++;
  payment->suppress++;
  end->quiet = TRUE;
  end->group_id = gw_hold (op->group_id);
  end->transaction_id = gw_hold (op->transaction_id);
  gw_submit (engine, end);
}

void
gw_abandoned (GwEngine *engine, GwOperation *op)
{
  GwPayment *payment = gw_payment_find (engine, op->group_id, op->transaction_id);

  payment->planned--;
  payment->suppress--;
  gw_payment_ask_now (engine, payment);
  if (op->result.row)
    gw_payment_changed (engine, op, op->result.row);
  else
    gw_payment_forget_when_done (engine, payment);
}

void
gw_refuse_wish (GwEngine *engine, const GwOperation *op)
{
  TgpVerdict verdict =
    op->result.row ? gw_transaction_verdict (op->result.row) : tgp_verdict_of_error (op->result.code);
  gw_answer_payment_error_with (engine, op->link, op->request_id, op->result.code, NULL, op->transaction_id,
                                &verdict);
}

/* "Not started" would be a lie while the same id is under way, or there, by another try. */
static void
refused (GwEngine *engine, const GwPayment *payment, const GwOperation *op)
{
  TgpErrorCode code = op->result.code;
  GwTerminal *terminal = gw_registry_resolve (engine, op->group_id, op->terminal_id, &code);
  gboolean offline = op->result.code == TGP_ERROR_TERMINAL_OFFLINE;
  TgpVerdict verdict = tgp_verdict_of_error (op->result.code);

  if (op->result.row)
    {
      gw_refuse_wish (engine, op);
      return;
    }
  if (verdict.retry_safe)
    verdict = gw_verdict_if_known (payment, verdict);
  GwAnswer answer = { .kind = GW_ANSWER_ERROR,
                      .request_id = op->request_id,
                      .error = { .code = op->result.code,
                                 .message = gw_usual_message (op->result.code),
                                 .request_id = op->request_id,
                                 .transaction_id = op->transaction_id,
                                 .held_by = op->result.held_by,
                                 .grace_expires_at = offline && terminal ? gw_registry_grace (terminal) : 0,
                                 .verdict = &verdict } };
  gw_answer (engine, op->link, &answer);
}

/* Tells a caller over WebSocket how the payment that it named again stands. */
static void
answer_joined (GwEngine *engine, const GwOperation *op)
{
  GwAnswer answer = { .kind = GW_ANSWER_PAYMENT_ACCEPTED,
                      .request_id = op->request_id,
                      .row = op->result.row };
  GwLink *link = gw_find_link (engine, op->link);

  gw_answer (engine, op->link, &answer);
  if (op->result.repeat && link)
    gw_send (engine, link, g_strdup (op->result.repeat->body));
}

static void
not_stored (GwEngine *engine, GwPayment *payment, const GwOperation *op, gboolean heard)
{
  if (op->result.outcome == GW_FAILED || GW_PLANTED (DOUBT_IS_FAILURE))
    {
      if (heard)
        gw_refuse_unless_known (engine, op->link, op->request_id, op->group_id, op->transaction_id,
                                TGP_ERROR_STORAGE_UNAVAILABLE,
                                "The storage is not available; nothing was started");
      return;
    }
  if (heard)
    gw_answer_payment_error (engine, op->link, op->request_id, TGP_ERROR_STORAGE_UNAVAILABLE,
                             "The storage did not say whether the payment was taken; ask for its status",
                             op->transaction_id, NULL, 0);
  if (!payment->row) /* else it was there before, and this only asked again */
    abandon (engine, payment, op);
}

static void
answer_taken (GwEngine *engine, GwPayment *payment, const GwOperation *op)
{
  GwTransaction *row = op->result.row;
  GwWait *wait = gw_wait_find (engine, op->link);

  if (!op->explicit_ack)
    {
      answer_joined (engine, op);
      return;
    }
  if (!wait)
    return;
  gboolean displaced =
    op->session_id && payment->pos && g_strcmp0 (op->session_id, payment->pos->session_id) != 0;
  if (gw_transaction_is_open (row) && !displaced)
    {
      wait->joined = TRUE;
      return;
    }
  gw_wait_end (engine, wait);
  if (gw_transaction_is_open (row))
    gw_answer_payment_error (engine, op->link, op->request_id, TGP_ERROR_SESSION_DISPLACED, NULL,
                             op->transaction_id, NULL, 0);
  else
    gw_answer_outcome (engine, op->link, op->request_id, row);
}

void
gw_pay_done (GwEngine *engine, GwOperation *op)
{
  GwPayment *payment = gw_payment_find (engine, op->group_id, op->transaction_id);
  GwTransaction *row = op->result.row;
  GwWait *wait = op->explicit_ack ? gw_wait_find (engine, op->link) : NULL;
  gboolean heard = !op->explicit_ack || wait; /* else it went, or was told not to wait */

  payment->planned--;
  switch (op->result.outcome)
    {
    case GW_APPLIED:
      engine->n_payments++;
      gw_payment_changed (engine, op, row);
      if (!payment->suppress)
        gw_terminal_send_payment (engine, payment);
      break;
    case GW_UNCHANGED:
      if (gw_transaction_is_open (row) || payment->row)
        {
          payment->planned++; /* so that it stays while it is looked at */
          gw_payment_changed (engine, op, row);
          payment->planned--;
        }
      break;
    default:
      if (wait)
        gw_wait_end (engine, wait);
      if (op->result.outcome != GW_REFUSED)
        not_stored (engine, payment, op, heard);
      else if (heard)
        refused (engine, payment, op);
      gw_payment_ask_now (engine, payment);
      gw_payment_forget_when_done (engine, payment);
      return;
    }

  gw_payment_ask_now (engine, payment);
  answer_taken (engine, payment, op);
  gw_payment_forget_when_done (engine, payment);
}

/* --- a change of state, seen from here --- */

static void
count (GwEngine *engine, const GwOperation *op, const GwTransaction *row)
{
  if (op->result.outcome != GW_APPLIED || op->result.from_status == row->status)
    return;
  g_log ("payments", row->status == TGP_STATUS_VOIDED ? G_LOG_LEVEL_WARNING : G_LOG_LEVEL_INFO,
         "%s of %s: %s -> %s%s%s", row->transaction_id, row->group_id,
         tgp_status_name (op->result.from_status), tgp_status_name (row->status), row->error_code ? ", " : "",
         row->error_code ? row->error_code : "");
  engine->n_completed += row->status == TGP_STATUS_COMPLETED;
  engine->n_failed += row->status == TGP_STATUS_FAILED;
  engine->n_cancelled += row->status == TGP_STATUS_CANCELLED;
  engine->n_voided += row->status == TGP_STATUS_VOIDED;
}

static void
follow_open (GwEngine *engine, const GwOperation *op, GwPayment *payment, gboolean fresh)
{
  GwTransaction *row = payment->row;

  if (!payment->limit.position)
    gw_arm (engine, &payment->limit, GW_DEADLINE_LIMIT, payment,
            fresh ? engine->settings.payment_limit
                  : CLAMP (engine->settings.payment_limit - (op->now - row->created_at), 0,
                           engine->settings.payment_limit));
  if (row->status != TGP_STATUS_AWAITING_RECONNECT)
    return;
  if (op->result.outcome == GW_APPLIED &&
      (op->result.from_status != row->status || op->kind == GW_OP_RESTARTED))
    gw_arm (engine, &payment->next, GW_DEADLINE_GRACE, payment,
            gw_left_until (engine, op, row->grace_expires_at));
  else if (payment->next.kind != GW_DEADLINE_GRACE) /* begun without our knowing: a commit in doubt */
    gw_arm (engine, &payment->next, GW_DEADLINE_GRACE, payment,
            CLAMP (row->grace_expires_at - gw_now (engine), 0, engine->settings.grace_period));
  else
    return;
  if (payment->pos && payment->pos->link)
    gw_send (engine, payment->pos->link,
             tgp_encode_payment_awaiting_reconnect (row->transaction_id, gw_transaction_terminal (row),
                                                    row->grace_expires_at, gw_now (engine)));
}

void
gw_payment_changed (GwEngine *engine, const GwOperation *op, GwTransaction *row)
{
  GwPayment *payment = gw_payment_make (engine, row->group_id, row->transaction_id);
  gboolean fresh = op->kind == GW_OP_PAY && op->result.outcome == GW_APPLIED;

  g_clear_pointer (&payment->row, gw_transaction_unref);
  payment->row = gw_transaction_ref (row);
  payment->pos = gw_pos_find_by_id (engine, row->key_id);
  payment->terminal = gw_registry_find (engine, row->group_id, row->slot);
  if (!fresh && op->kind != GW_OP_PAY && op->kind != GW_OP_CANCEL)
    payment->sent = TRUE; /* it may have been: only who inserted it knows better */
  count (engine, op, row);
  gw_registry_note_row (engine, row);

  if (gw_transaction_is_open (row))
    follow_open (engine, op, payment, fresh);
  else
    {
      gw_void_follow (engine, payment);
      gw_payment_end_waits (engine, payment);
    }

  for (guint i = 0; op->result.messages && i < op->result.messages->len; i++)
    {
      GwMessage *message = op->result.messages->pdata[i];
      GwPos *pos = gw_pos_find_by_id (engine, message->key_id);
      if (pos)
        gw_mailbox_new_message (engine, pos, message);
      else
        engine->bus.klass->publish (engine->bus.bus, GW_HINT_MAILBOX, message->key_id);
    }
  /* It was stored the first time, when the store did not say so: its messages lie there. */
  if (op->doubted && op->result.outcome != GW_APPLIED && payment->pos)
    gw_mailbox_rewind (engine, payment->pos);
  gw_payment_forget_when_done (engine, payment);
}

void
gw_payment_reread (GwEngine *engine, GwOperationKind kind, GwTransaction *row)
{
  g_autoptr (GwOperation) op = gw_begin (engine, kind);

  op->result.outcome = GW_UNCHANGED;
  op->result.from_status = row->status;
  gw_payment_changed (engine, op, row);
}

/* --- cancel --- */

GwOperation *
gw_begin_for_caller (GwEngine *engine, const GwCaller *caller, GwOperationKind kind,
                     const char *transaction_id)
{
  GwOperation *op = gw_begin (engine, kind);

  op->link = caller->link;
  op->request_id = g_strdup (caller->request_id);
  op->group_id = gw_hold (caller->key->group_id);
  op->key_id = gw_hold (caller->key->key_id);
  op->caller_connection = gw_connection_of (engine, caller);
  op->actor = gw_hold (gw_pos_find (engine, caller->key)->actor);
  op->transaction_id = g_ref_string_new (transaction_id);
  return op;
}

void
gw_engine_cancel (GwEngine *engine, const GwCaller *caller, const char *transaction_id)
{
  GwOperation *op = gw_begin_for_caller (engine, caller, GW_OP_CANCEL, transaction_id);
  GwPayment *payment = gw_payment_find (engine, op->group_id, transaction_id);

  if (payment && payment->pos && payment->pos == gw_pos_find (engine, caller->key) && !payment->sent)
    {
      op->not_sent = TRUE;
      payment->suppress++;
    }
  gw_submit (engine, op);
}

void
gw_cancel_done (GwEngine *engine, GwOperation *op)
{
  GwAnswer answer = { .kind = GW_ANSWER_CANCEL_TAKEN, .request_id = op->request_id, .row = op->result.row };
  gboolean ours = op->doubted && op->result.row && op->result.row->status == TGP_STATUS_CANCELLED;
  GwPayment *payment = gw_payment_find (engine, op->group_id, op->transaction_id);

  if (payment && op->not_sent)
    payment->suppress--; /* the next one of this id is not meant */
  if (op->result.outcome == GW_REFUSED && !ours)
    {
      if (payment && payment->row && !payment->suppress)
        gw_terminal_send_payment (engine, payment);
      gw_refuse_wish (engine, op);
      if (payment)
        gw_payment_forget_when_done (engine, payment);
      return;
    }
  gw_answer (engine, op->link, &answer);
  gw_payment_changed (engine, op, op->result.row);
  payment = gw_payment_find (engine, op->group_id, op->transaction_id);
  if (payment && payment->sent && gw_transaction_is_open (payment->row))
    gw_terminal_send_cancel (engine, payment);
}
