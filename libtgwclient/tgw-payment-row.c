/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libtgwclient/tgw-payment-row.h"

#include "libtgwclient/tgw-payment-private.h"
#include "libtgwclient/tgw-verdict-private.h"
#include "protocol/id.h"

typedef struct
{
  sqlite3_stmt *statement;
  int column;
} Row;

static void
put_text (Row *row, const char *text)
{
  sqlite3_bind_text (row->statement, ++row->column, text, -1, SQLITE_STATIC);
}

static void
put_int (Row *row, gint64 value)
{
  sqlite3_bind_int64 (row->statement, ++row->column, value);
}

void
tgw_payment_bind (TgwPayment *self, sqlite3_stmt *statement)
{
  Row row = { statement, 0 };

  put_text (&row, self->transaction_id);
  put_text (&row, self->terminal_id);
  put_int (&row, self->started_at);
  put_int (&row, self->updated_at);
  put_int (&row, self->state);
  put_int (&row, self->outcome);
  put_int (&row, tgw_verdict_get_money_moved (self->verdict));
  put_int (&row, tgw_verdict_get_retry_safe (self->verdict));
  put_int (&row, tgw_verdict_get_next_action (self->verdict));
  put_text (&row, tgw_verdict_get_message (self->verdict));
  put_int (&row, self->requested_amount);
  put_int (&row, self->amount);
  put_text (&row, self->currency);
  put_int (&row, self->amount_confirmed);
  put_int (&row, self->void_status);
  put_text (&row, self->void_reason);
  put_text (&row, self->authorization_code);
  put_text (&row, self->error_code);
  put_text (&row, self->error_message);
  put_text (&row, self->held_by);
  put_text (&row, self->message);
  put_text (&row, self->response);
  put_text (&row, self->receipt);
  put_text (&row, self->metadata);
  put_int (&row, self->recovered_from);
  put_int (&row, self->last_revision);
  put_int (&row, self->method);
  put_text (&row, self->asked_terminal_id);
  g_assert (row.column == TGW_PAYMENT_ROW_N_COLUMNS);
}

static const char *
get_text (Row *row)
{
  return (const char *) sqlite3_column_text (row->statement, row->column++);
}

static gint64
get_int (Row *row)
{
  return sqlite3_column_int64 (row->statement, row->column++);
}

/* A number of an enumeration, or FALSE in valid. */
static int
get_enum (Row *row, int last, gboolean *valid)
{
  gint64 value = get_int (row);

  *valid = *valid && value >= 0 && value <= last;
  return *valid ? (int) value : 0;
}

TgwPayment *
tgw_payment_from_row (sqlite3_stmt *statement)
{
  Row row = { statement, 0 };
  const char *id = get_text (&row);
  g_autoptr (TgwPayment) self = NULL;
  TgpVerdict verdict = { 0 };
  gboolean valid = TRUE;
  const char *currency;

  if (id == NULL || !tgp_id_valid (id, strlen (id)))
    return NULL;
  self = tgw_payment_new (id, get_text (&row), NULL);
  self->started_at = get_int (&row);
  self->updated_at = get_int (&row);
  self->state = get_enum (&row, TGW_PAYMENT_STATE_REFUSED, &valid);
  self->outcome = get_enum (&row, TGW_OUTCOME_UNKNOWN, &valid);
  verdict.money_moved = (TgpMoneyMoved) get_enum (&row, TGW_MONEY_MOVED_UNKNOWN, &valid);
  verdict.retry_safe = get_int (&row) != 0;
  verdict.next_action = (TgpNextAction) get_enum (&row, TGW_NEXT_ACTION_CALL_STAFF, &valid);
  verdict.message = get_text (&row);
  if (verdict.message == NULL)
    verdict.message = "";
  g_clear_pointer (&self->verdict, tgw_verdict_unref);
  self->verdict = tgw_verdict_new (&verdict);
  self->requested_amount = get_int (&row);
  self->amount = get_int (&row);
  currency = get_text (&row);
  g_strlcpy (self->currency, currency != NULL ? currency : "", sizeof self->currency);
  self->amount_confirmed = get_int (&row) != 0;
  self->void_status = get_enum (&row, TGW_VOID_STATUS_FAILED, &valid);
  self->void_reason = g_strdup (get_text (&row));
  self->authorization_code = g_strdup (get_text (&row));
  self->error_code = g_strdup (get_text (&row));
  self->error_message = g_strdup (get_text (&row));
  self->held_by = g_strdup (get_text (&row));
  self->message = g_strdup (get_text (&row));
  self->response = g_strdup (get_text (&row));
  self->receipt = g_strdup (get_text (&row));
  self->metadata = g_strdup (get_text (&row));
  self->recovered_from = get_enum (&row, TGW_RECOVERY_JOURNAL, &valid);
  self->revision = self->last_revision =
    (guint) get_int (&row); /* not in MAX(), which would read two columns */
  self->method = (int) get_int (&row);
  self->asked_terminal_id = g_strdup (get_text (&row));
  return valid ? g_steal_pointer (&self) : NULL;
}
