/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whose a payment is, and what waits to be told about it. */
#include "localproxy/store-private.h"

#include <string.h>

void
lp_order_free (LpOrder *order)
{
  g_free (order->transaction_id);
  g_free (order->client_id);
  g_free (order->terminal_id);
  g_free (order->device_id);
  g_free (order);
}

void
lp_message_free (LpMessage *message)
{
  g_free (message->client_id);
  g_free (message->transaction_id);
  g_free (message->action);
  g_free (message->message_id);
  g_free (message->body);
  g_free (message);
}

gboolean
lp_store_add_order (LpStore *store, const LpOrder *order, GError **error)
{
  return lp_store_run (store,
                       lp_store_bind (store, LP_SQL_ADD_ORDER, "ssssisii", order->transaction_id,
                                      order->client_id, order->terminal_id, order->device_id, order->amount,
                                      order->currency, (gint64) order->method, order->created_at),
                       error);
}

LpOrder *
lp_store_find_order (LpStore *store, const char *transaction_id, GError **error)
{
  sqlite3_stmt *statement = lp_store_bind (store, LP_SQL_FIND_ORDER, "s", transaction_id);
  LpOrder *order;

  if (!lp_store_step (store, statement, error))
    return NULL;
  order = g_new0 (LpOrder, 1);
  order->transaction_id = lp_store_text (statement, 0);
  order->client_id = lp_store_text (statement, 1);
  order->terminal_id = lp_store_text (statement, 2);
  order->device_id = lp_store_text (statement, 3);
  order->amount = sqlite3_column_int64 (statement, 4);
  g_strlcpy (order->currency, (const char *) sqlite3_column_text (statement, 5), sizeof order->currency);
  order->method = sqlite3_column_int (statement, 6);
  order->created_at = sqlite3_column_int64 (statement, 7);
  order->refused = sqlite3_column_int (statement, 8) != 0;
  lp_store_end (statement);
  return order;
}

gboolean
lp_store_refuse_order (LpStore *store, const char *transaction_id, GError **error)
{
  return lp_store_run (store, lp_store_bind (store, LP_SQL_REFUSE_ORDER, "s", transaction_id), error);
}

/* --- messages --- */

static LpMessage *
read_message (sqlite3_stmt *statement)
{
  LpMessage *message = g_new0 (LpMessage, 1);

  message->seq = sqlite3_column_int64 (statement, 0);
  message->client_id = lp_store_text (statement, 1);
  message->transaction_id = lp_store_text (statement, 2);
  message->action = lp_store_text (statement, 3);
  message->message_id = lp_store_text (statement, 4);
  message->body = lp_store_text (statement, 5);
  message->acked = sqlite3_column_int (statement, 6) != 0;
  return message;
}

static void
swap (char **a, char **b)
{
  char *kept = *a;
  *a = *b;
  *b = kept;
}

static LpMessage *
find_message (LpStore *store, const LpMessage *message, guint revision, GError **error)
{
  sqlite3_stmt *statement = lp_store_bind (store, LP_SQL_FIND_MESSAGE, "ssi", message->transaction_id,
                                           message->action, (gint64) revision);
  GError *reason = NULL;
  g_autoptr (LpMessage) found = NULL;

  if (!lp_store_step (store, statement, &reason) && !reason)
    {
      statement = lp_store_bind (store, LP_SQL_FIND_MESSAGE_ID, "s", message->message_id);
      lp_store_step (store, statement, &reason);
    }
  if (reason)
    {
      g_propagate_error (error, reason);
      return NULL;
    }
  found = read_message (statement);
  lp_store_end (statement);
  if (strcmp (found->transaction_id, message->transaction_id) == 0 &&
      strcmp (found->action, message->action) == 0)
    return g_steal_pointer (&found);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS, "Message %s of payment %s has the id of a message of %s",
               message->message_id, message->transaction_id, found->transaction_id);
  return NULL;
}

gboolean
lp_store_add_message (LpStore *store, LpMessage *message, guint revision, gint64 now, GError **error)
{
  sqlite3_stmt *statement =
    lp_store_bind (store, LP_SQL_ADD_MESSAGE, "sssissi", message->client_id, message->transaction_id,
                   message->action, (gint64) revision, message->message_id, message->body, now);
  g_autoptr (LpMessage) stored = NULL;

  if (!lp_store_run (store, statement, error))
    return FALSE;
  message->known = sqlite3_changes (store->db) == 0;
  if (!message->known)
    {
      message->seq = sqlite3_last_insert_rowid (store->db);
      return TRUE;
    }
  stored = find_message (store, message, revision, error);
  if (!stored)
    return FALSE;
  message->seq = stored->seq;
  message->acked = stored->acked;
  swap (&message->client_id, &stored->client_id);
  swap (&message->message_id, &stored->message_id);
  swap (&message->body, &stored->body);
  return TRUE;
}

gboolean
lp_store_rewrite_message (LpStore *store, const LpMessage *message, GError **error)
{
  return lp_store_run (
    store, lp_store_bind (store, LP_SQL_REWRITE_MESSAGE, "is", message->seq, message->body), error);
}

GPtrArray *
lp_store_read_messages (LpStore *store, const char *client_id, gint64 after, guint limit, guint *count,
                        GError **error)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) lp_message_free);
  sqlite3_stmt *statement =
    lp_store_bind (store, LP_SQL_READ_MESSAGES, "sii", client_id, after, (gint64) limit);
  GError *reason = NULL;

  while (lp_store_step (store, statement, &reason))
    g_ptr_array_add (rows, read_message (statement));
  if (!reason && count)
    {
      statement = lp_store_bind (store, LP_SQL_COUNT_MESSAGES, "s", client_id);
      if (lp_store_step (store, statement, &reason))
        *count = (guint) sqlite3_column_int64 (statement, 0);
      lp_store_end (statement);
    }
  if (!reason)
    return g_steal_pointer (&rows);
  g_propagate_error (error, reason);
  return NULL;
}

gboolean
lp_store_adopt (LpStore *store, const char *client_id, GError **error)
{
  return lp_store_run (store, lp_store_bind (store, LP_SQL_ADOPT, "s", client_id), error);
}

LpMessage *
lp_store_last_outcome (LpStore *store, const char *transaction_id, GError **error)
{
  sqlite3_stmt *statement = lp_store_bind (store, LP_SQL_LAST_OUTCOME, "s", transaction_id);
  LpMessage *message;

  if (!lp_store_step (store, statement, error))
    return NULL;
  message = read_message (statement);
  lp_store_end (statement);
  return message;
}

/* --- acks --- */

static gboolean
end_batch (LpStore *store, gboolean good, GError **error)
{
  if (good && lp_store_run (store, store->statements[LP_SQL_COMMIT], error))
    return TRUE;
  lp_store_run (store, store->statements[LP_SQL_ROLLBACK], NULL);
  return FALSE;
}

GArray *
lp_store_ack_ids (LpStore *store, const char *client_id, const GPtrArray *message_ids, GError **error)
{
  g_autoptr (GArray) seqs = g_array_new (FALSE, FALSE, sizeof (gint64));
  GError *reason = NULL;

  if (!lp_store_run (store, store->statements[LP_SQL_BEGIN], error))
    return NULL;
  for (guint i = 0; i < message_ids->len && !reason; i++)
    {
      sqlite3_stmt *statement = lp_store_bind (store, LP_SQL_ACK_ID, "ss", message_ids->pdata[i], client_id);
      while (lp_store_step (store, statement, &reason))
        {
          gint64 seq = sqlite3_column_int64 (statement, 0);
          g_array_append_val (seqs, seq);
        }
    }
  if (reason)
    g_propagate_error (error, reason);
  return end_batch (store, !reason, error) ? g_steal_pointer (&seqs) : NULL;
}

gboolean
lp_store_ack_seqs (LpStore *store, const char *client_id, const GArray *seqs, GError **error)
{
  gboolean good = TRUE;

  if (!lp_store_run (store, store->statements[LP_SQL_BEGIN], error))
    return FALSE;
  for (guint i = 0; i < seqs->len && good; i++)
    good = lp_store_run (
      store, lp_store_bind (store, LP_SQL_ACK_SEQ, "is", g_array_index (seqs, gint64, i), client_id), error);
  return end_batch (store, good, error);
}
