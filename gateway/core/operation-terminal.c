/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a terminal's word, silence or absence changes (sections 6 and 8). */
#include "gateway/core/operation-private.h"

#include <string.h>

#define LATE_REASON "Terminal reconnected after grace period expired"

/* --- results --- */

static void
store_response (GwChange *change)
{
  GwTransaction *row = change->row;
  g_autoptr (TgpPaymentResponse) response = tgp_payment_response_copy (change->op->response);

  g_free (response->transaction_id);
  response->transaction_id = g_strdup (row->transaction_id);
  if (!response->timestamp)
    response->timestamp = change->op->now;
  if (response->status == TGP_RESULT_SUCCESS)
    {
      row->charged_amount = response->has_amount ? response->amount : row->amount;
      memcpy (row->charged_currency, response->has_amount ? response->currency : row->currency,
              sizeof row->charged_currency);
      if (!response->has_amount)
        row->flags |= GW_AMOUNT_UNCONFIRMED;
    }
  if (!response->has_amount)
    {
      response->has_amount = TRUE;
      response->amount = row->amount;
      memcpy (response->currency, row->currency, sizeof response->currency);
    }
  if (!response->has_method)
    {
      response->has_method = TRUE;
      response->method = row->method;
    }
  g_autofree char *json = tgp_payment_response_to_json (response);
  gw_set_text (&row->response, json);
}

/* Open: the terminal's word is the outcome. */
static void
take_outcome (GwTables *tables, GwOperation *op, const GwTransaction *row)
{
  const TgpPaymentResponse *response = op->response;
  GwChange change;

  gw_change_begin (&change, tables, op, row);
  switch (response->status)
    {
    case TGP_RESULT_SUCCESS:
      gw_change_status (&change, TGP_STATUS_COMPLETED);
      break;
    case TGP_RESULT_CANCELLED:
      gw_change_status (&change, TGP_STATUS_CANCELLED);
      gw_set_text (&change.row->error_code, response->error_code);
      gw_set_text (&change.row->error_message, response->error_message);
      break;
    default:
      gw_change_fail (&change, response->error_code ? response->error_code : "DECLINED",
                      response->error_message ? response->error_message
                                              : "The terminal declined the payment");
      break;
    }
  change.row->flags |= GW_ANSWERED | GW_ACCEPTED;
  store_response (&change);
  gw_change_settle (&change);
  gw_change_queue (&change, "paymentComplete");
  gw_change_end (&change, "terminal answered", tgp_result_name (response->status));
  if (row->status == TGP_STATUS_AWAITING_RECONNECT)
    gw_audit (tables, op, "payment recovered: its terminal came back", row->transaction_id,
              tgp_result_name (response->status));
}

/* Closed without a charge, and now the terminal has charged: reverse it. */
static void
reverse_late_success (GwTables *tables, GwOperation *op, const GwTransaction *row)
{
  g_autoptr (GwDevice) device = tables->klass->get_device (tables, op->group_id, op->slot);
  /* What it can do is what its latest hello said, and that may stand right before this result. */
  gboolean greeted = device && (device->capabilities || device->journal_id);
  gboolean can_void =
    greeted ? (device->capabilities & TGP_CAPABILITY_VOID) != 0 : gw_transaction_has (row, GW_CAN_VOID);
  gboolean grace = g_strcmp0 (row->error_code, "TERMINAL_RECONNECT_TIMEOUT") == 0;
  GwChange change;

  gw_change_begin (&change, tables, op, row);
  gw_change_status (&change, TGP_STATUS_VOIDED);
  store_response (&change);
  gw_change_settle (&change);
  change.row->flags |= GW_ANSWERED;
  change.row->void_status = can_void ? TGP_VOID_REQUESTED : TGP_VOID_FAILED;
  if (can_void)
    change.row->flags |= GW_REVERSING | GW_CAN_VOID;
  g_autofree char *reason =
    grace ? g_strdup (LATE_REASON)
          : g_strdup_printf ("Terminal reported a success after the payment was %s%s%s",
                             row->status == TGP_STATUS_CANCELLED ? "cancelled" : "closed as failed",
                             row->error_code ? ": " : "", row->error_code ? row->error_code : "");
  gw_set_text (&change.row->void_reason, reason);
  gw_change_is_news (&change);
  gw_change_queue (&change, "paymentVoided");
  gw_change_end (&change, "late success: voided", can_void ? NULL : "the terminal cannot void");
  gw_audit (tables, op, "late success voided", row->transaction_id, reason);
}

static TgpPaymentResponse *
read_response (const char *json)
{
  g_autoptr (TgpJson) parsed = json ? tgp_json_parse_object (json, strlen (json), NULL) : NULL;
  return parsed ? tgp_payment_response_read (tgp_json_root (parsed), NULL) : NULL;
}

/* Is the response the stored one, said again? What it leaves out, it does not contradict. */
static gboolean
said_before (const TgpPaymentResponse *response, const char *stored_json)
{
  g_autoptr (TgpPaymentResponse) stored = read_response (stored_json);
  g_autoptr (TgpPaymentResponse) copy = NULL;

  if (!stored)
    return FALSE;
  copy = tgp_payment_response_copy (response);
  if (!copy->has_amount)
    {
      copy->has_amount = stored->has_amount;
      copy->amount = stored->amount;
      memcpy (copy->currency, stored->currency, sizeof copy->currency);
    }
  return tgp_payment_response_same (copy, stored);
}

/* A void hits the first charge only. */
static gboolean
is_another_charge (const TgpPaymentResponse *response, const char *stored_json)
{
  g_autoptr (TgpPaymentResponse) stored = read_response (stored_json);

  return response->status == TGP_RESULT_SUCCESS && stored &&
         g_strcmp0 (response->authorization_code, stored->authorization_code) != 0;
}

static void
record_conflict (GwTables *tables, GwOperation *op, GwTransaction *row)
{
  GwChange change;

  if (said_before (op->response, row->conflict) ||
      (gw_transaction_has (row, GW_CONTRADICTED) && row->timeline_length >= GW_CONFLICT_TIMELINE_MAX))
    {
      gw_keep (op, row);
      return;
    }
  g_autofree char *json = tgp_payment_response_to_json (op->response);
  gw_change_begin (&change, tables, op, row);
  gw_set_text (&change.row->conflict, json);
  change.row->flags |= GW_CONTRADICTED;
  if (is_another_charge (op->response, row->response))
    change.row->flags |= GW_CHARGED_AGAIN;
  gw_change_is_news (&change);
  if (row->status == TGP_STATUS_COMPLETED) /* no message is about a conflict of any other */
    gw_change_queue (&change, "paymentConflict");
  gw_change_end (&change, "contradicting result: the first stands", json);
  gw_audit (tables, op, "payment contradicted", row->transaction_id, json);
}

/* Staff have found it paid, and whoever was to get the goods has them: this only says the same. */
static void
agree_with_staff (GwTables *tables, GwOperation *op, const GwTransaction *row)
{
  GwChange change;

  gw_change_begin (&change, tables, op, row);
  change.row->flags |= GW_AGREED | GW_ACCEPTED;
  store_response (&change);
  if (change.row->charged_amount != row->amount ||
      strcmp (change.row->charged_currency, row->currency) != 0) /* paid, but not as asked */
    {
      change.row->flags |= GW_CONTRADICTED;
      gw_change_is_news (&change);
    }
  gw_change_end (&change, "the terminal charged, as staff found: it stands", NULL);
  gw_audit (tables, op, "late success agrees with staff", row->transaction_id, NULL);
}

static void
settle_as_failed (GwTables *tables, GwOperation *op, GwTransaction *row)
{
  GwChange change;

  if (gw_transaction_has (row, GW_SETTLED) && gw_transaction_has (row, GW_ANSWERED))
    {
      gw_keep (op, row);
      return;
    }
  gw_change_begin (&change, tables, op, row);
  gw_change_settle (&change);
  change.row->flags |= GW_ANSWERED;
  store_response (&change);
  gw_change_is_news (&change);
  if (GW_PLANTED (OUTCOME_AGAIN))
    gw_change_queue (&change, "paymentComplete");
  gw_change_end (&change, "settled: the terminal did not charge", tgp_result_name (op->response->status));
}

/* Closed before, and now the terminal answers after all. */
static void
take_late_result (GwTables *tables, GwOperation *op, GwTransaction *row)
{
  gboolean found_paid =
    gw_transaction_has (row, GW_RESOLVED_BY_STAFF) && gw_transaction_has (row, GW_FOUND_PAID);

  if (gw_transaction_has (row, GW_AGREED) && said_before (op->response, row->response))
    gw_keep (op, row);
  else if (gw_transaction_has (row, GW_AGREED))
    record_conflict (tables, op, row);
  else if (op->response->status != TGP_RESULT_SUCCESS)
    settle_as_failed (tables, op, row);
  else if (found_paid)
    agree_with_staff (tables, op, row);
  else
    reverse_late_success (tables, op, row);
}

void
gw_refuse_stranger (GwTables *tables, GwOperation *op, const GwTransaction *row, const char *what)
{
  if (row)
    {
      gw_note (tables, op, row, what, op->slot);
      if (row->timeline_length < GW_TIMELINE_MAX)
        gw_audit (tables, op, what, row->transaction_id, op->slot);
    }
  gw_refuse (op, TGP_ERROR_TRANSACTION_NOT_FOUND);
}

void
gw_run_result (GwTables *tables, GwOperation *op)
{
  g_autoptr (GwTransaction) row = tables->klass->get_transaction (tables, op->group_id, op->transaction_id);

  if (!row)
    {
      g_autofree char *json = tgp_payment_response_to_json (op->response);
      if (tables->klass->put_orphan (tables, op->group_id, op->transaction_id, op->slot, json, op->now))
        gw_audit (tables, op, "result for an unknown payment", op->transaction_id, json);
      op->result.orphan = TRUE;
      op->result.outcome = GW_APPLIED;
      return;
    }
  if (!gw_same_slot (tables, row->slot, op->slot) && !GW_PLANTED (ANOTHER_DEVICE))
    {
      gw_refuse_stranger (tables, op, row, "result from another terminal refused");
      return;
    }

  switch (row->status)
    {
    case TGP_STATUS_PENDING:
    case TGP_STATUS_AWAITING_RECONNECT:
      take_outcome (tables, op, row);
      break;
    case TGP_STATUS_FAILED:
    case TGP_STATUS_CANCELLED:
      if (op->response->status == TGP_RESULT_SUCCESS && GW_PLANTED (LATE_SUCCESS_COMPLETES))
        {
          row->status = TGP_STATUS_PENDING;
          take_outcome (tables, op, row);
        }
      else
        take_late_result (tables, op, row);
      break;
    case TGP_STATUS_COMPLETED:
      if (said_before (op->response, row->response))
        gw_keep (op, row);
      else
        record_conflict (tables, op, row);
      break;
    default:
      /* VOIDED: reversed or being reversed; nothing that the terminal adds about that charge changes it. */
      if (is_another_charge (op->response, row->response))
        {
          record_conflict (tables, op, row);
          break;
        }
      if (!said_before (op->response, row->response))
        gw_note (tables, op, row, "another result after the void", tgp_result_name (op->response->status));
      gw_keep (op, row);
      break;
    }
}

/* --- paymentStatus --- */

static void
lost_by_terminal (GwTables *tables, GwOperation *op, const GwTransaction *row, const GwDevice *device)
{
  gboolean open = gw_transaction_is_open (row);
  gboolean unseen = !gw_transaction_has (row, GW_ACCEPTED) && !op->accepted && row->journal_id &&
                    device->journal_id && strcmp (row->journal_id, device->journal_id) == 0;
  GwChange change;

  gw_change_begin (&change, tables, op, row);
  if (op->accepted)
    change.row->flags |= GW_ACCEPTED;
  if (open)
    gw_change_fail (&change, "TERMINAL_LOST_PAYMENT", "The terminal does not know the payment any more");
  if (unseen)
    change.row->flags |= GW_PROVEN_UNSEEN;
  gw_change_settle (&change);
  if (open)
    gw_change_queue (&change, "paymentComplete");
  gw_change_end (&change, "the terminal does not know it", unseen ? "same journal, never accepted" : NULL);
}

void
gw_run_status (GwTables *tables, GwOperation *op)
{
  g_autoptr (GwTransaction) row = tables->klass->get_transaction (tables, op->group_id, op->transaction_id);
  g_autoptr (GwDevice) device = tables->klass->get_device (tables, op->group_id, op->slot);

  if (!row || !gw_same_slot (tables, row->slot, op->slot))
    {
      gw_refuse_stranger (tables, op, row, "paymentStatus from another terminal refused");
      return;
    }
  /* Absence is only worth something from the connection that the device has now. */
  gboolean current =
    device && device->attached && (device->epoch == op->epoch || GW_PLANTED (OLD_CONNECTION_DENIES));

  if (op->in_progress && row->status == TGP_STATUS_AWAITING_RECONNECT && current)
    {
      GwChange change;
      gw_change_begin (&change, tables, op, row);
      gw_change_status (&change, TGP_STATUS_PENDING);
      change.row->flags |= GW_ACCEPTED;
      gw_change_end (&change, "terminal is back and busy with it", NULL);
    }
  else if (op->in_progress && tgp_status_is_final (row->status) && !gw_transaction_has (row, GW_SETTLED) &&
           !gw_transaction_has (row, GW_ACCEPTED))
    {
      GwChange change;
      gw_change_begin (&change, tables, op, row);
      change.row->flags |= GW_ACCEPTED;
      gw_change_end (&change, "the terminal works on it after all", NULL);
    }
  else if (!op->in_progress && current && !gw_transaction_has (row, GW_SETTLED))
    lost_by_terminal (tables, op, row, device);
  else
    gw_keep (op, row);
}

/* --- silence --- */

void
gw_run_grace_expired (GwTables *tables, GwOperation *op)
{
  g_autoptr (GwTransaction) row = tables->klass->get_transaction (tables, op->group_id, op->transaction_id);
  GwChange change;

  if (!row)
    return;
  if (row->status != TGP_STATUS_AWAITING_RECONNECT || row->grace_expires_at != op->grace_expires_at)
    {
      gw_keep (op, row);
      return;
    }
  gw_change_begin (&change, tables, op, row);
  if (op->accepted)
    change.row->flags |= GW_ACCEPTED;
  gw_change_fail (&change, "TERMINAL_RECONNECT_TIMEOUT", "The terminal did not come back in time");
  gw_change_queue (&change, "paymentComplete");
  gw_change_end (&change, "grace period over", NULL);
}

void
gw_run_timed_out (GwTables *tables, GwOperation *op)
{
  g_autoptr (GwTransaction) row = tables->klass->get_transaction (tables, op->group_id, op->transaction_id);
  GwChange change;

  if (!row)
    return;
  /* Lost before this was stored: then its grace decides. */
  if (!gw_transaction_is_open (row) || (row->status == TGP_STATUS_AWAITING_RECONNECT && !op->force))
    {
      gw_keep (op, row);
      return;
    }
  gw_change_begin (&change, tables, op, row);
  if (op->accepted)
    change.row->flags |= GW_ACCEPTED;
  if (row->status == TGP_STATUS_AWAITING_RECONNECT)
    gw_change_fail (&change, "TERMINAL_RECONNECT_TIMEOUT", "The terminal did not come back in time");
  else
    gw_change_fail (&change, "TERMINAL_TIMEOUT", "The terminal did not answer in time");
  gw_change_queue (&change, "paymentComplete");
  gw_change_end (&change, "closed without an answer", op->error_code);
}

void
gw_run_restarted (GwTables *tables, GwOperation *op)
{
  g_autoptr (GwTransaction) row = tables->klass->get_transaction (tables, op->group_id, op->transaction_id);
  GwChange change;

  if (!row)
    return;
  if (row->status == TGP_STATUS_PENDING)
    gw_lose_terminal (tables, op, row, TRUE, "the gateway was down");
  else if (row->status == TGP_STATUS_AWAITING_RECONNECT)
    {
      gw_change_begin (&change, tables, op, row);
      change.row->grace_expires_at = op->grace_expires_at;
      gw_change_end (&change, "the gateway was down: a fresh grace", NULL);
    }
  else
    gw_keep (op, row);
}
