/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/core/core-check.h"

#include "gateway/core/operation-private.h"
#include "tests/core/core-peers.h"

#include <string.h>

/* --- section 4's table --- */

static TgpVerdict
verdict (TgpMoneyMoved moved, gboolean retry_safe, TgpNextAction next)
{
  return (TgpVerdict){ moved, retry_safe, next, NULL };
}

static TgpVerdict
verdict_of_completed (const GwTransaction *row)
{
  gboolean as_asked =
    row->charged_amount == row->amount && g_str_equal (row->charged_currency, row->currency);

  if ((row->flags & GW_CONTRADICTED) || row->void_status == TGP_VOID_FAILED)
    return verdict (TGP_MONEY_MOVED_YES, FALSE, TGP_NEXT_CALL_STAFF);
  if (row->void_status == TGP_VOID_REQUESTED)
    return verdict (TGP_MONEY_MOVED_YES, FALSE, TGP_NEXT_WAIT);
  return verdict (TGP_MONEY_MOVED_YES, FALSE, as_asked ? TGP_NEXT_NONE : TGP_NEXT_CALL_STAFF);
}

static TgpVerdict
verdict_of_failed (const GwTransaction *row)
{
  gboolean can_void = row->device_id && (row->flags & GW_CAN_VOID);

  if (row->flags & GW_CONTRADICTED)
    {
      g_assert_true (row->flags & GW_AGREED);
      return verdict (TGP_MONEY_MOVED_YES, FALSE, TGP_NEXT_CALL_STAFF);
    }
  if (row->flags & GW_ANSWERED)
    return verdict (TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY);
  if (row->flags & GW_PROVEN_UNSEEN)
    return verdict (TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY);
  return can_void ? verdict (TGP_MONEY_MOVED_UNKNOWN, TRUE, TGP_NEXT_RETRY)
                  : verdict (TGP_MONEY_MOVED_UNKNOWN, FALSE, TGP_NEXT_CALL_STAFF);
}

TgpVerdict
expected_verdict (const GwTransaction *row)
{
  if ((row->flags & GW_RESOLVED_BY_STAFF) && (row->flags & GW_FOUND))
    return (row->flags & GW_FOUND_PAID) ? verdict (TGP_MONEY_MOVED_YES, FALSE, TGP_NEXT_NONE)
                                        : verdict (TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY);
  switch (row->status)
    {
    case TGP_STATUS_PENDING:
    case TGP_STATUS_AWAITING_RECONNECT:
      return verdict (TGP_MONEY_MOVED_UNKNOWN, FALSE, TGP_NEXT_WAIT);
    case TGP_STATUS_COMPLETED:
      return verdict_of_completed (row);
    case TGP_STATUS_FAILED:
      return verdict_of_failed (row);
    case TGP_STATUS_CANCELLED:
      g_assert_true (row->flags & GW_ANSWERED);
      g_assert_false (row->flags & GW_CONTRADICTED);
      return verdict (TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_NONE);
    case TGP_STATUS_VOIDED:
      if (row->flags & GW_CHARGED_AGAIN)
        return verdict (TGP_MONEY_MOVED_YES, FALSE, TGP_NEXT_CALL_STAFF);
      if (row->void_status == TGP_VOID_REQUESTED)
        return verdict (TGP_MONEY_MOVED_UNKNOWN, TRUE, TGP_NEXT_WAIT);
      if (row->void_status == TGP_VOID_CONFIRMED)
        return verdict (TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY);
      return verdict (TGP_MONEY_MOVED_YES, FALSE, TGP_NEXT_CALL_STAFF);
    default:
      g_assert_not_reached ();
    }
}

TgpVerdict
expected_error_verdict (TgpErrorCode code)
{
  switch ((int) code)
    {
    case TGP_ERROR_TIMEOUT:
    case TGP_ERROR_REPLAYED_REQUEST:
    case TGP_ERROR_TRANSACTION_ID_REUSED:
    case TGP_ERROR_SESSION_DISPLACED:
    case TGP_ERROR_INTERNAL_ERROR:
    case TGP_ERROR_STORAGE_UNAVAILABLE:
      return verdict (TGP_MONEY_MOVED_UNKNOWN, FALSE, TGP_NEXT_CHECK_STATUS);
    default:
      return verdict (TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY);
    }
}

static void
same_verdict (const TgpVerdict *is, const TgpVerdict *should)
{
  assert_verdict (is, should->money_moved, should->retry_safe, should->next_action);
  g_assert_cmpstr (is->message, !=, "");
}

/* --- one row --- */

static void
check_row (const GwTransaction *row)
{
  gboolean open = gw_transaction_is_open (row);
  gboolean holds = gw_transaction_has (row, GW_HOLDS_TERMINAL),
           settled = gw_transaction_has (row, GW_SETTLED);
  TgpVerdict is = gw_transaction_verdict (row), should = expected_verdict (row);

  same_verdict (&is, &should);
  if (gw_transaction_has (row, GW_RESOLVED_BY_STAFF))
    g_assert_true (settled && !gw_transaction_has (row, GW_REVERSING | GW_NEEDS_ATTENTION));
  else if (gw_transaction_has (row, GW_FOUND))
    g_assert_true (gw_transaction_needs_attention (row));
  if (open)
    {
      g_assert_true (holds);
      g_assert_false (settled);
      g_assert_false (gw_transaction_has (row, GW_RESOLVED_BY_STAFF | GW_FOUND));
      g_assert_cmpint (row->completed_at, ==, 0);
      g_assert_cmpint (row->void_status, ==, TGP_VOID_NONE);
    }
  else
    {
      g_assert_cmpint (row->completed_at, >, 0);
      g_assert_cmpint (row->grace_expires_at, ==, 0);
      g_assert_true (!settled || !holds);
      if (!holds)
        g_assert_true (settled || gw_transaction_has (row, GW_RESOLVED_BY_STAFF) || row->timeline_length > 2);
    }
  g_assert_cmpint (row->status == TGP_STATUS_AWAITING_RECONNECT, ==, row->grace_expires_at != 0);
  g_assert_cmpint (row->status == TGP_STATUS_VOIDED, ==, row->voided_at != 0);
  if (gw_transaction_has (row, GW_REVERSING))
    g_assert_cmpint (row->void_status, ==, TGP_VOID_REQUESTED);
  if (gw_transaction_has (row, GW_VOID_OVERDUE))
    g_assert_true (gw_transaction_has (row, GW_REVERSING) && gw_transaction_has (row, GW_NEEDS_ATTENTION));
  if (row->status == TGP_STATUS_COMPLETED || row->status == TGP_STATUS_CANCELLED)
    g_assert_true (settled);
  /* Whoever reads it sees an outcome that was also queued. */
  if (!open)
    g_assert_cmpint (row->outcome_seq, >, 0);
}

/* --- one operation --- */

static void
check_message (const GwMessage *message, const GwTransaction *row)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TgpPosEvent) event = tgp_pos_event_decode (message->body, strlen (message->body), &error);
  TgpVerdict should = expected_verdict (row);
  g_autofree char *id = g_strdup_printf ("0badcafe-%" G_GINT64_FORMAT, message->seq);

  g_assert_no_error (error);
  g_assert_cmpstr (message->key_id, ==, row->key_id);
  g_assert_cmpstr (event->action, ==, message->action);
  g_assert_cmpstr (event->message_id, ==, id);
  g_assert_cmpstr (event->transaction_id, ==, row->transaction_id);
  g_assert_cmpstr (event->terminal_id, ==, row->device_id ? row->device_id : row->terminal_id);
  g_assert_true (event->has_verdict);
  same_verdict (&event->verdict, &should);
  if (!g_str_equal (message->action, "paymentComplete"))
    return;
  g_assert_cmpstr (event->group_id, ==, row->group_id);
  g_assert_cmpint (event->result, ==, gw_transaction_result (row));
}

void
check_operation (Harness *harness, GwOperation *op, gpointer data)
{
  const GwResult *result = &op->result;

  g_assert_cmpint (result->outcome, !=, GW_PENDING);
  if (result->outcome == GW_FAILED || result->outcome == GW_UNCERTAIN)
    {
      g_assert_null (result->row);
      g_assert_null (result->messages);
      return;
    }
  if (result->row)
    check_row (result->row);
  if (result->row && result->outcome == GW_APPLIED && op->kind != GW_OP_PAY &&
      result->from_status != result->row->status)
    g_assert_true (gw_edge_is_legal (result->from_status, result->row->status));
  for (guint i = 0; result->messages && i < result->messages->len; i++)
    check_message (result->messages->pdata[i], result->row);
}

/* --- everything --- */

static void
check_timeline (Harness *harness, const GwTransaction *row)
{
  g_autoptr (GwRead) read = gw_read_new (GW_READ_TIMELINE, 0);
  int status = -1;

  read->group_id = g_strdup (row->group_id);
  read->id = g_strdup (row->transaction_id);
  g_assert_true (harness->tables->klass->read (harness->tables, read, NULL));
  g_assert_cmpuint (read->rows->len, ==, row->timeline_length);
  for (guint i = 0; i < read->rows->len; i++)
    {
      GwTimelineEntry *entry = read->rows->pdata[i];
      g_assert_cmpuint (entry->n, ==, i);
      g_assert_cmpint (entry->from_status, ==, status);
      if (i > 0 && entry->from_status != entry->to_status)
        g_assert_true (gw_edge_is_legal ((TgpStatus) entry->from_status, (TgpStatus) entry->to_status));
      g_assert_nonnull (entry->actor);
      status = entry->to_status;
    }
  g_assert_cmpint (status, ==, row->status);
}

/* A request goes to a terminal at most once, ever; and what a POS hears twice has the same messageId. */
static void
check_sent (Harness *harness)
{
  g_autoptr (GHashTable) requests = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) outcomes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  for (guint p = 0; p < harness->peers->len; p++)
    {
      Peer *peer = harness->peers->pdata[p];
      for (guint i = 0; i < peer->sent->len; i++)
        {
          Sent *sent = peer->sent->pdata[i];
          if (sent->command && g_str_equal (sent->action, "paymentRequest"))
            g_assert_true (g_hash_table_add (
              requests, g_strconcat (peer->key->group_id, " ", sent->command->transaction_id, NULL)));
          if (!sent->event || !g_str_equal (sent->action, "paymentComplete"))
            continue;
          g_autofree char *name = g_strconcat (peer->key->group_id, " ", sent->event->transaction_id, NULL);
          const char *known = g_hash_table_lookup (outcomes, name);
          if (known)
            g_assert_cmpstr (known, ==, sent->event->message_id);
          else
            g_hash_table_insert (outcomes, g_steal_pointer (&name), g_strdup (sent->event->message_id));
        }
    }
}

void
check_everything (Harness *harness)
{
  g_autoptr (GwRead) read = gw_read_new (GW_READ_TRANSACTIONS, 0);

  read->limit = 1000;
  g_assert_true (harness->tables->klass->read (harness->tables, read, NULL));
  for (guint i = 0; i < read->rows->len; i++)
    {
      check_row (read->rows->pdata[i]);
      check_timeline (harness, read->rows->pdata[i]);
    }
  check_sent (harness);
  for (guint p = 0; p < harness->peers->len; p++)
    {
      Peer *peer = harness->peers->pdata[p];
      g_assert_cmpuint (peer->sent_after_end, ==, 0);
    }
}
