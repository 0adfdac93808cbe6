/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The verdict table of section 4, one row a constant. */
#include "protocol/verdict.h"

#include <string.h>

enum
{
  ROW_OPEN,
  ROW_COMPLETED,
  ROW_COMPLETED_DIFFERS,
  ROW_COMPLETED_CONTRADICTED,
  ROW_COMPLETED_VOID_FAILED,
  ROW_COMPLETED_VOID_REQUESTED,
  ROW_DECLINED,
  ROW_CANCELLED,
  ROW_UNSETTLED_REVERSIBLE,
  ROW_UNSETTLED,
  ROW_SETTLED_FAILED,
  ROW_NEVER_SEEN,
  ROW_VOID_REQUESTED,
  ROW_VOID_CONFIRMED,
  ROW_VOID_FAILED,
  ROW_CHARGED_AGAIN,
  ROW_FOUND_PAID,
  ROW_FOUND_NOT_PAID,
  ROW_FOUND_REVERSED,
  ROW_REFUSED,
  ROW_IN_DOUBT,
  N_ROWS
};

static const TgpVerdict rows[N_ROWS] = {
  [ROW_OPEN] = { TGP_MONEY_MOVED_UNKNOWN, FALSE, TGP_NEXT_WAIT,
                 "The payment is still in progress. Please wait." },
  [ROW_COMPLETED] = { TGP_MONEY_MOVED_YES, FALSE, TGP_NEXT_NONE, "Paid." },
  [ROW_COMPLETED_DIFFERS] = { TGP_MONEY_MOVED_YES, FALSE, TGP_NEXT_CALL_STAFF,
                              "Paid, but not the amount that was asked. Call staff." },
  [ROW_COMPLETED_CONTRADICTED] = { TGP_MONEY_MOVED_YES, FALSE, TGP_NEXT_CALL_STAFF,
                                   "Paid, but the terminal later said otherwise. Call staff." },
  [ROW_COMPLETED_VOID_FAILED] = { TGP_MONEY_MOVED_YES, FALSE, TGP_NEXT_CALL_STAFF,
                                  "Paid. The payment could not be reversed. Call staff." },
  [ROW_COMPLETED_VOID_REQUESTED] = { TGP_MONEY_MOVED_YES, FALSE, TGP_NEXT_WAIT,
                                     "Paid. The reversal is under way. Please wait." },
  [ROW_DECLINED] = { TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY,
                     "Declined. Nothing was charged. You can try again." },
  [ROW_CANCELLED] = { TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_NONE, "Cancelled. Nothing was charged." },
  [ROW_UNSETTLED_REVERSIBLE] = { TGP_MONEY_MOVED_UNKNOWN, TRUE, TGP_NEXT_RETRY,
                                 "The terminal did not answer. Look at the terminal first, then try again: a "
                                 "late approval will be reversed." },
  [ROW_UNSETTLED] = { TGP_MONEY_MOVED_UNKNOWN, FALSE, TGP_NEXT_CALL_STAFF,
                      "The terminal did not answer and may have charged the customer. Do not charge again. "
                      "Call staff." },
  [ROW_SETTLED_FAILED] = { TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY,
                           "The payment failed. Nothing was charged. You can try again." },
  [ROW_NEVER_SEEN] = { TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY,
                       "The terminal never received the payment. Nothing was charged. You can try again." },
  [ROW_VOID_REQUESTED] = { TGP_MONEY_MOVED_UNKNOWN, TRUE, TGP_NEXT_WAIT,
                           "The payment is being reversed. Please wait." },
  [ROW_VOID_CONFIRMED] = { TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY,
                           "The payment was reversed. Nothing was charged. You can try again." },
  [ROW_VOID_FAILED] = { TGP_MONEY_MOVED_YES, FALSE, TGP_NEXT_CALL_STAFF,
                        "The customer was charged and the reversal failed. Call staff." },
  [ROW_CHARGED_AGAIN] = { TGP_MONEY_MOVED_YES, FALSE, TGP_NEXT_CALL_STAFF,
                          "The payment was reversed, but the terminal reported another charge. Call staff." },
  [ROW_FOUND_PAID] = { TGP_MONEY_MOVED_YES, FALSE, TGP_NEXT_NONE,
                       "Staff looked into it: the customer was charged. Do not charge again." },
  [ROW_FOUND_NOT_PAID] = { TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY,
                           "Staff looked into it: nothing was charged. You can try again." },
  [ROW_FOUND_REVERSED] = { TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY,
                           "Staff looked into it: the charge was reversed. You can try again." },
  [ROW_REFUSED] = { TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY,
                    "The payment was not started. Nothing was charged. You can try again." },
  [ROW_IN_DOUBT] = { TGP_MONEY_MOVED_UNKNOWN, FALSE, TGP_NEXT_CHECK_STATUS,
                     "It is not known yet whether the payment went through. Check its status; do not charge "
                     "again." },
};

static guint
row_of_completed (const TgpVerdictFacts *facts)
{
  if (facts->contradicted)
    return ROW_COMPLETED_CONTRADICTED;
  switch (facts->void_status)
    {
    case TGP_VOID_REQUESTED:
      return ROW_COMPLETED_VOID_REQUESTED;
    case TGP_VOID_NONE:
      return facts->amount_differs ? ROW_COMPLETED_DIFFERS : ROW_COMPLETED;
    case TGP_VOID_FAILED:
    case TGP_VOID_CONFIRMED: /* not a state of the contract: a confirmed void is VOIDED */
    default:
      return ROW_COMPLETED_VOID_FAILED;
    }
}

static gboolean
closed_by_gateway (const char *error_code)
{
  static const char *const codes[] = { "TERMINAL_RECONNECT_TIMEOUT", "TERMINAL_TIMEOUT",
                                       "TERMINAL_DISCONNECTED", "TERMINAL_LOST_PAYMENT", NULL };

  return error_code != NULL && g_strv_contains (codes, error_code);
}

/* Only the terminal's own failure proves that nothing was charged: being settled does not, because "I do not
 * know that payment" settles too, and so do staff. */
static guint
row_of_failed (const TgpVerdictFacts *facts)
{
  if (facts->contradicted) /* after its success had agreed with what staff found */
    return ROW_COMPLETED_CONTRADICTED;
  if (facts->terminal_answered)
    {
      if (facts->status == TGP_STATUS_CANCELLED)
        return ROW_CANCELLED;
      return closed_by_gateway (facts->error_code) ? ROW_SETTLED_FAILED : ROW_DECLINED;
    }
  if (facts->proven_unseen)
    return ROW_NEVER_SEEN;
  return facts->can_reverse ? ROW_UNSETTLED_REVERSIBLE : ROW_UNSETTLED;
}

static guint
row_of_voided (const TgpVerdictFacts *facts)
{
  if (facts->charged_again)
    return ROW_CHARGED_AGAIN;
  switch (facts->void_status)
    {
    case TGP_VOID_REQUESTED:
      return ROW_VOID_REQUESTED;
    case TGP_VOID_CONFIRMED:
      return ROW_VOID_CONFIRMED;
    case TGP_VOID_NONE: /* not a state of the contract */
    case TGP_VOID_FAILED:
    default:
      return ROW_VOID_FAILED;
    }
}

static guint
row_of_finding (TgpFinding finding)
{
  switch (finding)
    {
    case TGP_FINDING_NOT_PAID:
      return ROW_FOUND_NOT_PAID;
    case TGP_FINDING_REVERSED:
      return ROW_FOUND_REVERSED;
    case TGP_FINDING_NONE:
    case TGP_FINDING_PAID:
    default:
      return ROW_FOUND_PAID;
    }
}

TgpVerdict
tgp_verdict_of_transaction (const TgpVerdictFacts *facts)
{
  if (facts->finding != TGP_FINDING_NONE && tgp_status_is_final (facts->status))
    return rows[row_of_finding (facts->finding)];
  switch (facts->status)
    {
    case TGP_STATUS_PENDING:
    case TGP_STATUS_AWAITING_RECONNECT:
      return rows[ROW_OPEN];
    case TGP_STATUS_COMPLETED:
      return rows[row_of_completed (facts)];
    case TGP_STATUS_FAILED:
    case TGP_STATUS_CANCELLED:
      return rows[row_of_failed (facts)];
    case TGP_STATUS_VOIDED:
      return rows[row_of_voided (facts)];
    case TGP_N_STATUSES:
    default:
      return rows[ROW_IN_DOUBT];
    }
}

TgpVerdict
tgp_verdict_of_error (TgpErrorCode code)
{
  switch ((int) code)
    {
    case TGP_ERROR_TIMEOUT:
    case TGP_ERROR_REPLAYED_REQUEST:
    case TGP_ERROR_TRANSACTION_ID_REUSED:
    case TGP_ERROR_SESSION_DISPLACED:
    case TGP_ERROR_INTERNAL_ERROR:
    case TGP_ERROR_STORAGE_UNAVAILABLE:
    /* Said of a payment that exists: its own state has the answer. */
    case TGP_ERROR_ALREADY_FINAL:
    case TGP_ERROR_VOID_NOT_SUPPORTED:
    case TGP_ERROR_TRANSACTION_NOT_FOUND:
      return rows[ROW_IN_DOUBT];
    default:
      return rows[ROW_REFUSED];
    }
}

static const char *const moved_words[] = { "NO", "YES", "UNKNOWN" };
static const char *const next_words[] = { "NONE", "RETRY", "WAIT", "CHECK_STATUS", "CALL_STAFF" };

const char *
tgp_money_moved_name (TgpMoneyMoved moved)
{
  return (guint) moved < G_N_ELEMENTS (moved_words) ? moved_words[moved] : "UNKNOWN";
}

const char *
tgp_next_action_name (TgpNextAction action)
{
  return (guint) action < G_N_ELEMENTS (next_words) ? next_words[action] : "CALL_STAFF";
}

void
tgp_verdict_write (TgpJsonWriter *writer, const char *member, const TgpVerdict *verdict)
{
  tgp_json_open_object (writer, member);
  tgp_json_string (writer, "moneyMoved", tgp_money_moved_name (verdict->money_moved));
  tgp_json_boolean (writer, "retrySafe", verdict->retry_safe);
  tgp_json_string (writer, "nextAction", tgp_next_action_name (verdict->next_action));
  tgp_json_string (writer, "message", verdict->message != NULL ? verdict->message : "");
  tgp_json_close_object (writer);
}

static gboolean
read_word (TgpValue object, const char *name, const char *const *words, guint n, guint *out, GError **error)
{
  TgpValue value = tgp_value_member (object, name);

  for (guint i = 0; i < n; i++)
    if (tgp_value_equal (value, words[i]))
      {
        *out = i;
        return TRUE;
      }
  g_set_error (error, TGP_ERROR, tgp_value_exists (value) ? TGP_ERROR_INVALID_FIELD : TGP_ERROR_MISSING_FIELD,
               tgp_value_exists (value) ? "%s has a value that is not known" : "%s is required", name);
  return FALSE;
}

/* Ours are static already. A few others (a newer gateway's) are interned, never many: who talks to us must
 * not be able to make us grow. */
static const char *
keep_message (const char *message)
{
  static int kept;

  for (guint i = 0; i < N_ROWS; i++)
    if (g_strcmp0 (message, rows[i].message) == 0)
      return rows[i].message;
  if (message == NULL)
    return "";
  if (g_quark_try_string (message) == 0 && (strlen (message) > 512 || g_atomic_int_add (&kept, 1) >= 64))
    return "See the terminal and the status of the payment.";
  return g_intern_string (message);
}

gboolean
tgp_verdict_read (TgpValue object, TgpVerdict *verdict, GError **error)
{
  guint moved, next;
  gboolean retry_safe;
  g_autofree char *message = NULL;

  if (tgp_value_type (object) != TGP_JSON_OBJECT)
    {
      g_set_error_literal (error, TGP_ERROR, TGP_ERROR_INVALID_FIELD, "verdict must be an object");
      return FALSE;
    }
  if (!read_word (object, "moneyMoved", moved_words, G_N_ELEMENTS (moved_words), &moved, error) ||
      !read_word (object, "nextAction", next_words, G_N_ELEMENTS (next_words), &next, error) ||
      !tgp_get_optional_boolean (object, "retrySafe", FALSE, &retry_safe, error))
    return FALSE;
  message = tgp_value_dup_string (tgp_value_member (object, "message"));
  *verdict = (TgpVerdict){ (TgpMoneyMoved) moved, retry_safe, (TgpNextAction) next, keep_message (message) };
  return TRUE;
}

gboolean
tgp_verdict_same (const TgpVerdict *a, const TgpVerdict *b)
{
  return a->money_moved == b->money_moved && a->retry_safe == b->retry_safe &&
         a->next_action == b->next_action;
}
