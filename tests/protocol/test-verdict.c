/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verdict table of section 4, row by row. */
#include "protocol/verdict.h"

#include <string.h>

#define NO      TGP_MONEY_MOVED_NO
#define YES     TGP_MONEY_MOVED_YES
#define UNKNOWN TGP_MONEY_MOVED_UNKNOWN

static const struct
{
  TgpVerdictFacts facts;
  TgpMoneyMoved moved;
  gboolean retry_safe;
  TgpNextAction next;
} rows[] = {
  { { .status = TGP_STATUS_PENDING }, UNKNOWN, FALSE, TGP_NEXT_WAIT },
  { { .status = TGP_STATUS_AWAITING_RECONNECT }, UNKNOWN, FALSE, TGP_NEXT_WAIT },
  { { .status = TGP_STATUS_COMPLETED, .settled = TRUE, .terminal_answered = TRUE },
    YES,
    FALSE,
    TGP_NEXT_NONE },
  { { .status = TGP_STATUS_COMPLETED, .settled = TRUE, .amount_differs = TRUE },
    YES,
    FALSE,
    TGP_NEXT_CALL_STAFF },
  { { .status = TGP_STATUS_COMPLETED, .settled = TRUE, .contradicted = TRUE },
    YES,
    FALSE,
    TGP_NEXT_CALL_STAFF },
  { { .status = TGP_STATUS_COMPLETED, .settled = TRUE, .void_status = TGP_VOID_FAILED },
    YES,
    FALSE,
    TGP_NEXT_CALL_STAFF },
  { { .status = TGP_STATUS_COMPLETED, .settled = TRUE, .void_status = TGP_VOID_REQUESTED },
    YES,
    FALSE,
    TGP_NEXT_WAIT },
  { { .status = TGP_STATUS_FAILED, .error_code = "DECLINED", .settled = TRUE, .terminal_answered = TRUE },
    NO,
    TRUE,
    TGP_NEXT_RETRY },
  { { .status = TGP_STATUS_FAILED, .settled = TRUE, .terminal_answered = TRUE }, NO, TRUE, TGP_NEXT_RETRY },
  { { .status = TGP_STATUS_CANCELLED, .settled = TRUE, .terminal_answered = TRUE }, NO, TRUE, TGP_NEXT_NONE },
  { { .status = TGP_STATUS_VOIDED, .void_status = TGP_VOID_REQUESTED }, UNKNOWN, TRUE, TGP_NEXT_WAIT },
  { { .status = TGP_STATUS_VOIDED, .void_status = TGP_VOID_CONFIRMED }, NO, TRUE, TGP_NEXT_RETRY },
  { { .status = TGP_STATUS_VOIDED, .void_status = TGP_VOID_FAILED }, YES, FALSE, TGP_NEXT_CALL_STAFF },
  { { .status = TGP_STATUS_VOIDED, .void_status = TGP_VOID_CONFIRMED, .charged_again = TRUE },
    YES,
    FALSE,
    TGP_NEXT_CALL_STAFF },
  /* What staff found stands beside any closed state, and nothing stands beside an open one. */
  { { .status = TGP_STATUS_FAILED, .finding = TGP_FINDING_PAID }, YES, FALSE, TGP_NEXT_NONE },
  { { .status = TGP_STATUS_FAILED, .finding = TGP_FINDING_NOT_PAID }, NO, TRUE, TGP_NEXT_RETRY },
  { { .status = TGP_STATUS_COMPLETED, .contradicted = TRUE, .finding = TGP_FINDING_NOT_PAID },
    NO,
    TRUE,
    TGP_NEXT_RETRY },
  { { .status = TGP_STATUS_COMPLETED, .void_status = TGP_VOID_FAILED, .finding = TGP_FINDING_REVERSED },
    NO,
    TRUE,
    TGP_NEXT_RETRY },
  { { .status = TGP_STATUS_COMPLETED, .contradicted = TRUE, .finding = TGP_FINDING_PAID },
    YES,
    FALSE,
    TGP_NEXT_NONE },
  { { .status = TGP_STATUS_VOIDED, .void_status = TGP_VOID_FAILED, .finding = TGP_FINDING_REVERSED },
    NO,
    TRUE,
    TGP_NEXT_RETRY },
  { { .status = TGP_STATUS_PENDING, .finding = TGP_FINDING_NOT_PAID }, UNKNOWN, FALSE, TGP_NEXT_WAIT },
  { { .status = TGP_STATUS_AWAITING_RECONNECT, .finding = TGP_FINDING_PAID }, UNKNOWN, FALSE, TGP_NEXT_WAIT },
  /* States that the contract does not have are never an invitation to charge again. */
  { { .status = TGP_STATUS_VOIDED, .void_status = TGP_VOID_NONE }, YES, FALSE, TGP_NEXT_CALL_STAFF },
  { { .status = TGP_STATUS_COMPLETED, .void_status = TGP_VOID_CONFIRMED }, YES, FALSE, TGP_NEXT_CALL_STAFF },
  { { .status = TGP_N_STATUSES }, UNKNOWN, FALSE, TGP_NEXT_CHECK_STATUS },
};

static void
check (const TgpVerdict *verdict, TgpMoneyMoved moved, gboolean retry_safe, TgpNextAction next)
{
  g_assert_cmpstr (tgp_money_moved_name (verdict->money_moved), ==, tgp_money_moved_name (moved));
  g_assert_cmpint (verdict->retry_safe, ==, retry_safe);
  g_assert_cmpstr (tgp_next_action_name (verdict->next_action), ==, tgp_next_action_name (next));
  g_assert_nonnull (verdict->message);
  g_assert_cmpuint (strlen (verdict->message), >, 3);
}

static void
test_rows (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      TgpVerdict verdict = tgp_verdict_of_transaction (&rows[i].facts);

      g_test_message ("row %u", i);
      check (&verdict, rows[i].moved, rows[i].retry_safe, rows[i].next);
    }
}

static void
test_time_outs (void)
{
  static const char *const codes[] = { "TERMINAL_RECONNECT_TIMEOUT", "TERMINAL_TIMEOUT",
                                       "TERMINAL_DISCONNECTED", "TERMINAL_LOST_PAYMENT" };

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    for (int settled = 0; settled < 2; settled++)
      {
        TgpVerdictFacts facts = { .status = TGP_STATUS_FAILED, .error_code = codes[i], .settled = settled };
        TgpVerdict verdict;

        /* Settled without the terminal's own failure ("UNKNOWN", or staff) proves nothing. */
        verdict = tgp_verdict_of_transaction (&facts);
        check (&verdict, UNKNOWN, FALSE, TGP_NEXT_CALL_STAFF);
        facts.can_reverse = TRUE;
        verdict = tgp_verdict_of_transaction (&facts);
        check (&verdict, UNKNOWN, TRUE, TGP_NEXT_RETRY);
        facts.proven_unseen = TRUE;
        verdict = tgp_verdict_of_transaction (&facts);
        check (&verdict, NO, TRUE, TGP_NEXT_RETRY);
        facts.proven_unseen = facts.can_reverse = FALSE;
        facts.terminal_answered = TRUE;
        verdict = tgp_verdict_of_transaction (&facts);
        check (&verdict, NO, TRUE, TGP_NEXT_RETRY);
      }
}

/* Over every combination: retry is called safe only if nothing was charged or a late success would be
 * reversed. */
static void
test_never_twice (void)
{
  for (guint bits = 0; bits < 6 * 4 * 64; bits++)
    {
      TgpVerdictFacts facts = {
        .status = (TgpStatus) (bits % 6),
        .void_status = (TgpVoidStatus) (bits / 6 % 4),
        .settled = bits / 24 & 1,
        .terminal_answered = bits / 24 >> 1 & 1,
        .can_reverse = bits / 24 >> 2 & 1,
        .proven_unseen = bits / 24 >> 3 & 1,
        .amount_differs = bits / 24 >> 4 & 1,
        .contradicted = bits / 24 >> 5 & 1,
      };
      TgpVerdict verdict = tgp_verdict_of_transaction (&facts);

      if (verdict.money_moved == TGP_MONEY_MOVED_YES)
        g_assert_false (verdict.retry_safe);
      if (verdict.next_action == TGP_NEXT_RETRY)
        g_assert_true (verdict.retry_safe);
      if (verdict.retry_safe && facts.status != TGP_STATUS_VOIDED)
        g_assert_true (facts.terminal_answered || facts.can_reverse || facts.proven_unseen);
      if (facts.status == TGP_STATUS_COMPLETED)
        g_assert_cmpint (verdict.money_moved, ==, TGP_MONEY_MOVED_YES);
    }
}

static void
test_errors (void)
{
  static const TgpErrorCode in_doubt[] = {
    TGP_ERROR_TIMEOUT,           TGP_ERROR_REPLAYED_REQUEST, TGP_ERROR_TRANSACTION_ID_REUSED,
    TGP_ERROR_SESSION_DISPLACED, TGP_ERROR_INTERNAL_ERROR,   TGP_ERROR_STORAGE_UNAVAILABLE
  };
  static const TgpErrorCode refused[] = {
    TGP_ERROR_TERMINAL_NOT_FOUND, TGP_ERROR_TERMINAL_OFFLINE, TGP_ERROR_PAYMENT_IN_PROGRESS,
    TGP_ERROR_OVERLOADED,         TGP_ERROR_DRAINING,         TGP_ERROR_INVALID_AMOUNT,
    TGP_ERROR_MISSING_FIELD,      TGP_ERROR_RATE_LIMITED
  };

  for (guint i = 0; i < G_N_ELEMENTS (in_doubt); i++)
    {
      TgpVerdict verdict = tgp_verdict_of_error (in_doubt[i]);

      check (&verdict, UNKNOWN, FALSE, TGP_NEXT_CHECK_STATUS);
    }
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      TgpVerdict verdict = tgp_verdict_of_error (refused[i]);

      check (&verdict, NO, TRUE, TGP_NEXT_RETRY);
    }
}

static gboolean
read_text (const char *text, TgpVerdict *verdict, GError **error)
{
  g_autoptr (TgpJson) json = tgp_json_parse (text, strlen (text), NULL);

  g_assert_nonnull (json);
  return tgp_verdict_read (tgp_json_root (json), verdict, error);
}

static void
test_wire (void)
{
  TgpVerdict verdict, back;
  TgpJsonWriter writer;
  g_autofree char *text = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *json = NULL;

      verdict = tgp_verdict_of_transaction (&rows[i].facts);
      tgp_json_writer_init (&writer);
      tgp_verdict_write (&writer, NULL, &verdict);
      json = tgp_json_writer_end (&writer);
      g_assert_true (read_text (json, &back, NULL));
      check (&back, verdict.money_moved, verdict.retry_safe, verdict.next_action);
      g_assert_true (back.message == verdict.message);
    }
  verdict = tgp_verdict_of_transaction (&rows[2].facts);
  tgp_json_writer_init (&writer);
  tgp_verdict_write (&writer, NULL, &verdict);
  text = tgp_json_writer_end (&writer);
  g_assert_cmpstr (
    text, ==, "{\"moneyMoved\":\"YES\",\"retrySafe\":false,\"nextAction\":\"NONE\",\"message\":\"Paid.\"}");

  g_assert_false (read_text ("{}", &back, NULL));
  g_assert_false (read_text ("[]", &back, NULL));
  g_assert_false (read_text ("{\"moneyMoved\":\"MAYBE\",\"nextAction\":\"NONE\"}", &back, NULL));
  g_assert_false (read_text ("{\"moneyMoved\":\"NO\",\"nextAction\":\"NONE\",\"retrySafe\":1}", &back, NULL));
  /* Not said: not safe. */
  g_assert_true (read_text ("{\"moneyMoved\":\"NO\",\"nextAction\":\"NONE\"}", &back, NULL));
  g_assert_false (back.retry_safe);
}

/* A peer that sends ever new messages does not make us keep them all. */
static void
test_messages_are_bounded (void)
{
  TgpVerdict verdict;

  for (guint i = 0; i < 1000; i++)
    {
      g_autofree char *text =
        g_strdup_printf ("{\"moneyMoved\":\"NO\",\"nextAction\":\"NONE\",\"message\":\"text %u\"}", i);
      g_autofree char *message = g_strdup_printf ("text %u", i);

      g_assert_true (read_text (text, &verdict, NULL));
      if (i == 0)
        g_assert_cmpstr (verdict.message, ==, message);
      if (i > 100)
        g_assert_cmpuint (g_quark_try_string (message), ==, 0);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/verdict/rows", test_rows);
  g_test_add_func ("/verdict/time-outs", test_time_outs);
  g_test_add_func ("/verdict/never-twice", test_never_twice);
  g_test_add_func ("/verdict/errors", test_errors);
  g_test_add_func ("/verdict/wire", test_wire);
  g_test_add_func ("/verdict/messages-are-bounded", test_messages_are_bounded);
  return g_test_run ();
}
