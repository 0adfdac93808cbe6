/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every change of a payment brings with it: settling, messages, timeline, audit. */
#include "gateway/core/operation-private.h"

#include "protocol/pos-event.h"

#include <string.h>

/* More rotations than anything here can live through. */
#define ROTATIONS_MAX 1000

char *
gw_newest_key (GwTables *tables, const char *key_id)
{
  char *newest = g_ref_string_new (key_id);

  for (guint hops = 0; hops < ROTATIONS_MAX; hops++)
    {
      g_autoptr (GwKey) key = tables->klass->get_key (tables, newest);
      if (!key || !key->successor)
        break;
      gw_share_text (&newest, key->successor);
    }
  return newest;
}

static char *
slot_now (GwTables *tables, const char *slot)
{
  char *key_id = gw_newest_key (tables, slot + 1);
  char *now = g_strconcat ("@", key_id, NULL);
  g_ref_string_release (key_id);
  return now;
}

gboolean
gw_same_slot (GwTables *tables, const char *a, const char *b)
{
  if (strcmp (a, b) == 0)
    return TRUE;
  if (a[0] != '@' || b[0] != '@')
    return FALSE;
  g_autofree char *a_now = slot_now (tables, a);
  g_autofree char *b_now = slot_now (tables, b);
  return strcmp (a_now, b_now) == 0;
}

/* What was closed when the key of a terminal without deviceId was rotated moves along when it is touched. */
static void
follow_slot (GwTables *tables, GwTransaction *row)
{
  if (!row->slot || row->slot[0] != '@')
    return;
  g_autofree char *slot = slot_now (tables, row->slot);
  if (strcmp (slot, row->slot) == 0)
    return;
  gw_set_text (&row->slot, slot);
  gw_set_text (&row->terminal_key_id, slot + 1);
}

void
gw_change_begin (GwChange *change, GwTables *tables, GwOperation *op, const GwTransaction *row)
{
  change->tables = tables;
  change->op = op;
  change->row = gw_transaction_copy (row);
  follow_slot (tables, change->row);
  change->from = row->status;
  change->verdict = gw_transaction_verdict (row);
}

void
gw_change_settle (GwChange *change)
{
  change->row->flags |= GW_SETTLED;
  change->row->flags &= ~GW_HOLDS_TERMINAL;
}

void
gw_change_is_news (GwChange *change)
{
  GwTransaction *row = change->row;
  TgpMoneyMoved found = gw_transaction_has (row, GW_FOUND_PAID) ? TGP_MONEY_MOVED_YES : TGP_MONEY_MOVED_NO;

  if (GW_PLANTED (STAFF_LAST))
    return;
  row->flags &= ~GW_RESOLVED_BY_STAFF;
  if (gw_transaction_verdict (row).money_moved == found)
    row->flags &= ~GW_FOUND;
}

static char *
render (const GwChange *change, const char *action, gint64 seq, gint64 at)
{
  const GwTransaction *row = change->row;
  g_autofree char *response = gw_transaction_response_json (row);
  g_autofree char *message_id = g_strdup_printf ("%s-%" G_GINT64_FORMAT, change->tables->instance_id, seq);
  TgpQueuedMessage message = {
    .message_id = message_id,
    .transaction_id = row->transaction_id,
    .terminal_id = gw_transaction_terminal (row),
    .group_id = row->group_id,
    .timestamp = at,
    .verdict = gw_transaction_verdict (row),
    .result = gw_transaction_result (row),
    .response = response,
    .second = row->conflict,
    .reason = row->void_reason,
    .void_status = row->void_status,
    .error_code = change->op->error_code,
    .error_message = change->op->error_message,
  };

  if (strcmp (action, "paymentComplete") == 0)
    return tgp_encode_payment_complete (&message);
  if (strcmp (action, "paymentConflict") == 0)
    return tgp_encode_payment_conflict (&message);
  return tgp_encode_payment_voided (action, &message);
}

void
gw_change_queue (GwChange *change, const char *action)
{
  GwTransaction *row = change->row;
  GwMessage *message = gw_message_new ();
  gint64 seq = change->tables->klass->next_message_seq (change->tables);
  char *key_id = gw_newest_key (change->tables, row->key_id); /* nobody reads an old key's queue */

  if (!GW_PLANTED (OLD_KEY_KEEPS))
    gw_share_text (&row->key_id, key_id);
  g_ref_string_release (key_id);
  g_autofree char *body = render (change, action, seq, change->op->now);

  message->seq = seq;
  message->key_id = g_ref_string_acquire (row->key_id);
  message->group_id = g_ref_string_acquire (row->group_id);
  message->transaction_id = g_ref_string_acquire (row->transaction_id);
  message->action = g_ref_string_new (action);
  message->body = g_ref_string_new (body);
  message->created_at = change->op->now;
  change->tables->klass->put_message (change->tables, message);

  if (strcmp (action, "paymentComplete") == 0)
    row->outcome_seq = seq;
  else if (strcmp (action, "paymentVoided") == 0)
    row->void_seq = seq;
  if (!change->op->result.messages)
    change->op->result.messages = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_message_unref);
  g_ptr_array_add (change->op->result.messages, message);
}

static gboolean
is_new (const GwChange *change, gint64 seq)
{
  const GPtrArray *messages = change->op->result.messages;

  for (guint i = 0; messages && i < messages->len; i++)
    if (((GwMessage *) messages->pdata[i])->seq == seq)
      return TRUE;
  return FALSE;
}

/* A till that was away, or that pays the same again, would act on what is no longer true. */
static void
correct_what_was_told (GwChange *change)
{
  const GwTransaction *row = change->row;
  TgpVerdict verdict = gw_transaction_verdict (row);
  gint64 seq = row->status == TGP_STATUS_VOIDED ? row->void_seq : row->outcome_seq;
  g_autoptr (GwMessage) message = NULL;

  if (!seq || is_new (change, seq) || tgp_verdict_same (&verdict, &change->verdict))
    return;
  message = change->tables->klass->get_message (change->tables, seq);
  if (!message)
    return;
  g_autofree char *body = render (change, message->action, seq, message->created_at);
  change->tables->klass->rewrite_message (change->tables, message, body);
}

static void
add_timeline (GwTables *tables, const GwOperation *op, GwTransaction *row, const char *what, int from, int to,
              const char *detail)
{
  g_autoptr (GwTimelineEntry) entry = gw_timeline_entry_new ();

  entry->group_id = g_ref_string_acquire (row->group_id);
  entry->transaction_id = g_ref_string_acquire (row->transaction_id);
  entry->n = row->timeline_length++;
  entry->at = op->now;
  entry->actor = op->actor ? g_ref_string_acquire (op->actor) : g_ref_string_new ("gateway");
  /* Whose word it is: of a payment that is asked for, the till's and not the terminal's. */
  gboolean by_till = op->kind == GW_OP_PAY || op->kind == GW_OP_CANCEL || op->kind == GW_OP_VOID;
  char *connection = by_till ? op->caller_connection : op->connection_id;
  entry->connection = connection ? g_ref_string_acquire (connection) : NULL;
  entry->what = g_ref_string_new (what);
  entry->from_status = from;
  entry->to_status = to;
  entry->detail = detail ? g_ref_string_new (detail) : NULL;
  tables->klass->add_timeline (tables, entry);
}

static void
put (GwTables *tables, GwTransaction *row)
{
  row->flags &= ~GW_NEEDS_ATTENTION;
  if (gw_transaction_needs_attention (row))
    row->flags |= GW_NEEDS_ATTENTION;
  tables->klass->put_transaction (tables, row);
}

void
gw_change_end (GwChange *change, const char *what, const char *detail)
{
  GwTransaction *row = change->row;
  GwResult *result = &change->op->result;

  add_timeline (change->tables, change->op, row, what, row->timeline_length ? (int) change->from : -1,
                row->status, detail);
  row->updated_at = change->op->now;
  correct_what_was_told (change);
  put (change->tables, row);
  g_clear_pointer (&result->row, gw_transaction_unref);
  result->row = row;
  result->from_status = change->from;
  result->outcome = GW_APPLIED;
  change->row = NULL;
}

void
gw_note (GwTables *tables, GwOperation *op, const GwTransaction *row, const char *what, const char *detail)
{
  g_autoptr (GwTransaction) copy = gw_transaction_copy (row);

  if (row->timeline_length >= GW_TIMELINE_MAX)
    return;
  add_timeline (tables, op, copy, what, row->status, row->status, detail);
  put (tables, copy);
}

void
gw_audit (GwTables *tables, GwOperation *op, const char *what, const char *transaction_id, const char *detail)
{
  g_autoptr (GwAuditEntry) entry = gw_audit_entry_new ();

  entry->at = op->now;
  entry->actor = op->actor ? g_ref_string_acquire (op->actor) : g_ref_string_new ("gateway");
  entry->what = g_ref_string_new (what);
  entry->group_id = op->group_id ? g_ref_string_acquire (op->group_id) : NULL;
  entry->key_id = op->key_id ? g_ref_string_acquire (op->key_id) : NULL;
  entry->transaction_id = transaction_id ? g_ref_string_new (transaction_id) : NULL;
  entry->detail = detail ? g_ref_string_new (detail) : NULL;
  tables->klass->add_audit (tables, entry);
}

void
gw_keep (GwOperation *op, GwTransaction *row)
{
  op->result.outcome = GW_UNCHANGED;
  op->result.row = gw_transaction_ref (row);
  op->result.from_status = row->status;
}

void
gw_refuse (GwOperation *op, TgpErrorCode code)
{
  op->result.outcome = GW_REFUSED;
  op->result.code = code;
}

void
gw_refuse_as_it_is (GwOperation *op, TgpErrorCode code, GwTransaction *row)
{
  gw_refuse (op, code);
  op->result.row = gw_transaction_ref (row);
}

gboolean
gw_follow_key (GwTables *tables, GwOperation *op)
{
  GwKey *key = tables->klass->get_key (tables, op->key_id);

  for (guint hops = 0; key && key->successor && hops < ROTATIONS_MAX; hops++)
    {
      gw_share_text (&op->key_id, key->successor);
      gw_key_unref (key);
      key = tables->klass->get_key (tables, op->key_id);
    }
  gboolean valid = !key || !key->revoked_at;
  g_clear_pointer (&key, gw_key_unref);
  if (!valid)
    {
      gw_refuse (op, TGP_ERROR_UNAUTHORIZED);
      return FALSE;
    }
  return TRUE;
}

void
gw_lose_terminal (GwTables *tables, GwOperation *op, const GwTransaction *row, gboolean accepted,
                  const char *what)
{
  GwChange change;

  gw_change_begin (&change, tables, op, row);
  if (accepted)
    change.row->flags |= GW_ACCEPTED;
  if (row->device_id)
    {
      gw_change_status (&change, TGP_STATUS_AWAITING_RECONNECT);
      change.row->grace_expires_at = op->grace_expires_at;
    }
  else
    {
      gw_change_fail (&change, "TERMINAL_DISCONNECTED",
                      "The terminal's connection was lost during the payment");
      gw_change_queue (&change, "paymentComplete");
    }
  gw_change_end (&change, what, NULL);
}
