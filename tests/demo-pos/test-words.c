/* SPDX-License-Identifier: GPL-3.0-or-later */
/* No page claims more than the verdict says: every combination of what can be known. */
#include "demo-pos/model/pos-money.h"
#include "demo-pos/model/pos-words.h"

#include <locale.h>
#include <string.h>

static void
assert_honest (const PosFacts *facts)
{
  g_autofree char *body = pos_words_body (facts), *advice = pos_words_advice (facts);
  g_autofree char *all = g_strdup_printf (
    "%s\n%s\n%s\n%s", pos_words_title (facts), body, advice,
    pos_kind_of (facts) == POS_KIND_DECLINED ? pos_words_try_again (facts) : ""); /* of the button */
  PosKind kind = pos_kind_of (facts);

  /* Where the money is. */
  if (strstr (all, "was not charged") != NULL || kind == POS_KIND_REVERSED || kind == POS_KIND_DECLINED ||
      kind == POS_KIND_CANCELLED || kind == POS_KIND_REFUSED)
    g_assert_cmpint (facts->money_moved, ==, TGW_MONEY_MOVED_NO);
  if (strstr (all, "customer was charged") != NULL &&
      strstr (all, "whether the customer was charged") == NULL &&
      strstr (all, "reported late that the customer was charged") == NULL)
    g_assert_cmpint (facts->money_moved, ==, TGW_MONEY_MOVED_YES);
  if (kind == POS_KIND_APPROVED || strstr (all, "customer is charged") != NULL)
    g_assert_cmpint (facts->money_moved, ==, TGW_MONEY_MOVED_YES);
  /* A wish to reverse is neither a reversal nor an approval as any other. */
  if (facts->outcome == TGW_OUTCOME_APPROVED && (facts->voiding || facts->void_message != NULL))
    g_assert_cmpint (kind, !=, POS_KIND_APPROVED);
  /* Whether charging again is safe: the verdict's word, never its opposite, and never silence where somebody
   * might try. */
  if (strstr (all, "harging again is safe") != NULL || strstr (all, "ry again") != NULL)
    g_assert_true (facts->retry_safe);
  if (strstr (all, "o not charge again") != NULL)
    g_assert_false (facts->retry_safe);
  if (!facts->retry_safe && !pos_kind_is_open (kind) && kind != POS_KIND_APPROVED && kind != POS_KIND_BY_HAND)
    g_assert_nonnull (strstr (all, "Do not charge again"));
  /* What is open or unknown is somebody's business. */
  if ((facts->outcome == TGW_OUTCOME_UNKNOWN || facts->outcome == TGW_OUTCOME_NONE) && facts->by_hand == NULL)
    g_assert_true (pos_kind_needs_attention (kind));
  g_assert_cmpstr (pos_kind_word (kind), !=, "");
  g_assert_true (g_str_has_suffix (pos_kind_icon (kind), "-symbolic"));
}

static void
test_every_combination (void)
{
  static const char *const codes[] = {
    NULL, "DECLINED", "WRONG_PIN", "TERMINAL_TIMEOUT", "TERMINAL_RECONNECT_TIMEOUT", "NEVER_HEARD_OF"
  };
  PosFacts facts = {
    .terminal_id = (char *) "T", .currency = (char *) "EUR", .amount = 1200, .requested = 1200
  };
  guint n = 0;

  for (int state = 0; state <= TGW_PAYMENT_STATE_REFUSED; state++)
    for (int outcome = 0; outcome <= TGW_OUTCOME_UNKNOWN; outcome++)
      for (int status = 0; status <= TGW_VOID_STATUS_FAILED; status++)
        for (int moved = 0; moved <= TGW_MONEY_MOVED_UNKNOWN; moved++)
          for (int retry = 0; retry <= 1; retry++)
            for (int next = 0; next <= TGW_NEXT_ACTION_CALL_STAFF; next++)
              for (gsize code = 0; code < G_N_ELEMENTS (codes); code++)
                for (int wish = 0; wish < 6; wish++)
                  {
                    facts.state = state;
                    facts.outcome = outcome;
                    facts.void_status = status;
                    facts.money_moved = moved;
                    facts.retry_safe = retry;
                    facts.next_action = next;
                    facts.error_code = (char *) codes[code];
                    /* What this till asked for, how it was answered, and what a manager wrote. */
                    facts.cancelling = wish == 1;
                    facts.voiding = wish == 2;
                    facts.void_code = (char *) (wish == 3 ? "VOID_NOT_SUPPORTED" : NULL);
                    facts.void_message = (char *) (wish == 3 || wish == 4 ? "It cannot" : NULL);
                    facts.by_hand = (char *) (wish == 5 ? "checked" : NULL);
                    assert_honest (&facts);
                    n++;
                  }
  g_test_message ("%u combinations", n);
}

/* Every verdict that the protocol has, and the words that a cashier gets. */
static void
test_verdicts (void)
{
  static const struct
  {
    TgwOutcome outcome;
    TgwVoidStatus void_status;
    TgwMoneyMoved money_moved;
    gboolean retry_safe;
    TgwNextAction next_action;
    const char *title, *advice;
  } rows[] = {
    { TGW_OUTCOME_NONE, TGW_VOID_STATUS_NONE, TGW_MONEY_MOVED_UNKNOWN, FALSE, TGW_NEXT_ACTION_WAIT,
      "Waiting for the terminal…", "" },
    { TGW_OUTCOME_APPROVED, TGW_VOID_STATUS_NONE, TGW_MONEY_MOVED_YES, FALSE, TGW_NEXT_ACTION_NONE,
      "Approved", "" },
    { TGW_OUTCOME_APPROVED, TGW_VOID_STATUS_NONE, TGW_MONEY_MOVED_YES, FALSE, TGW_NEXT_ACTION_CALL_STAFF,
      "Paid, but please check", "Call the manager. Do not charge again." },
    { TGW_OUTCOME_APPROVED, TGW_VOID_STATUS_REQUESTED, TGW_MONEY_MOVED_YES, FALSE, TGW_NEXT_ACTION_WAIT,
      "The charge is being reversed", "Do not charge again." },
    { TGW_OUTCOME_APPROVED, TGW_VOID_STATUS_FAILED, TGW_MONEY_MOVED_YES, FALSE, TGW_NEXT_ACTION_CALL_STAFF,
      "The charge was not reversed",
      "Call the manager, and read out the details below. Do not charge again." },
    { TGW_OUTCOME_DECLINED, TGW_VOID_STATUS_NONE, TGW_MONEY_MOVED_NO, TRUE, TGW_NEXT_ACTION_RETRY, "Declined",
      "Charging again is safe." },
    { TGW_OUTCOME_CANCELLED, TGW_VOID_STATUS_NONE, TGW_MONEY_MOVED_NO, TRUE, TGW_NEXT_ACTION_NONE,
      "Cancelled", "Charging again is safe." },
    { TGW_OUTCOME_REFUSED, TGW_VOID_STATUS_NONE, TGW_MONEY_MOVED_NO, TRUE, TGW_NEXT_ACTION_RETRY,
      "The payment was not started", "Charging again is safe." },
    { TGW_OUTCOME_UNKNOWN, TGW_VOID_STATUS_NONE, TGW_MONEY_MOVED_UNKNOWN, TRUE, TGW_NEXT_ACTION_RETRY,
      "Look at the terminal first",
      "If nothing was paid there, charging again is safe: a late approval will be reversed." },
    { TGW_OUTCOME_UNKNOWN, TGW_VOID_STATUS_NONE, TGW_MONEY_MOVED_UNKNOWN, FALSE, TGW_NEXT_ACTION_CALL_STAFF,
      "Do not charge again", "Call the manager now, and look at the terminal together." },
    { TGW_OUTCOME_UNKNOWN, TGW_VOID_STATUS_NONE, TGW_MONEY_MOVED_UNKNOWN, FALSE, TGW_NEXT_ACTION_CHECK_STATUS,
      "Do not charge again", "Look at the terminal, and ask a manager if it takes long." },
    { TGW_OUTCOME_VOIDED, TGW_VOID_STATUS_REQUESTED, TGW_MONEY_MOVED_UNKNOWN, TRUE, TGW_NEXT_ACTION_WAIT,
      "The charge is being reversed", "Charging again is safe." },
    { TGW_OUTCOME_VOIDED, TGW_VOID_STATUS_CONFIRMED, TGW_MONEY_MOVED_NO, TRUE, TGW_NEXT_ACTION_RETRY,
      "The customer was not charged", "Charging again is safe." },
    { TGW_OUTCOME_VOIDED, TGW_VOID_STATUS_FAILED, TGW_MONEY_MOVED_YES, FALSE, TGW_NEXT_ACTION_CALL_STAFF,
      "The charge was not reversed",
      "Call the manager, and read out the details below. Do not charge again." },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      PosFacts facts = { .terminal_id = (char *) "T",
                         .currency = (char *) "EUR",
                         .amount = 1200,
                         .requested = 1200,
                         .outcome = rows[i].outcome,
                         .void_status = rows[i].void_status,
                         .money_moved = rows[i].money_moved,
                         .retry_safe = rows[i].retry_safe,
                         .next_action = rows[i].next_action };
      g_autofree char *advice = pos_words_advice (&facts);

      facts.state = rows[i].outcome == TGW_OUTCOME_NONE     ? TGW_PAYMENT_STATE_PENDING
                    : rows[i].outcome == TGW_OUTCOME_VOIDED ? TGW_PAYMENT_STATE_VOIDED
                                                            : TGW_PAYMENT_STATE_COMPLETED;
      g_assert_cmpstr (pos_words_title (&facts), ==, rows[i].title);
      g_assert_cmpstr (advice, ==, rows[i].advice);
      g_assert_cmpstr (pos_words_try_again (&facts), ==,
                       rows[i].retry_safe ? "Try again" : "Back to the sale");
    }
}

static void
test_kinds (void)
{
  PosFacts facts = { .outcome = TGW_OUTCOME_VOIDED,
                     .void_status = TGW_VOID_STATUS_REQUESTED,
                     .retry_safe = TRUE,
                     .money_moved = TGW_MONEY_MOVED_UNKNOWN,
                     .state = TGW_PAYMENT_STATE_VOIDED };

  g_assert_cmpint (pos_kind_of (&facts), ==, POS_KIND_REVERSING);
  g_assert_cmpstr (pos_words_retry (&facts), ==, "Charging again is safe.");
  facts.retry_safe = FALSE;
  g_assert_cmpstr (pos_words_retry (&facts), ==, "Do not charge again.");
  facts.void_status = TGW_VOID_STATUS_CONFIRMED;
  /* “Confirmed” alone is not enough. */
  g_assert_cmpint (pos_kind_of (&facts), ==, POS_KIND_REVERSING);
  facts.money_moved = TGW_MONEY_MOVED_NO;
  g_assert_cmpint (pos_kind_of (&facts), ==, POS_KIND_REVERSED);
  facts.by_hand = (char *) "checked";
  g_assert_cmpint (pos_kind_of (&facts), ==, POS_KIND_BY_HAND);
}

static void
assert_money (gint64 minor, const char *currency, const char *expected)
{
  g_autofree char *text = pos_money_format (minor, currency);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_money (void)
{
  assert_money (0, "EUR", "€0.00");
  assert_money (1230, "EUR", "€12.30");
  assert_money (5, "USD", "$0.05");
  assert_money (1234567, "JPY", "¥1234567");
  assert_money (12345, "KWD", "KWD\u00a012.345");
  assert_money (-250, "EUR", "€-2.50");
  g_assert_cmpint (pos_money_decimals ("EUR"), ==, 2);
  g_assert_cmpint (pos_money_decimals ("JPY"), ==, 0);
  g_assert_cmpint (pos_money_decimals ("KWD"), ==, 3);
  g_assert_cmpint (pos_money_decimals ("XYZ"), ==, -1);
}

static void
test_facts_round_trip (void)
{
  g_auto (PosFacts) facts = { 0 }, again = { 0 };
  g_autofree char *text = NULL, *same = NULL;

  facts.terminal_id = g_strdup ("TERM-001");
  facts.currency = g_strdup ("EUR");
  facts.message = g_strdup ("Tab\tline\nquote\" back\\slash, Käse, 茶, شكرا, \x7f");
  facts.by_hand = g_strdup ("=\t=");
  facts.amount = 1234;
  facts.retry_safe = TRUE;
  facts.state = TGW_PAYMENT_STATE_VOIDED;
  facts.next_action = TGW_NEXT_ACTION_CALL_STAFF;
  text = pos_facts_to_text (&facts);
  g_assert_null (strchr (text, '\n'));
  g_assert_true (pos_facts_from_text (&again, text));
  g_assert_cmpstr (again.message, ==, facts.message);
  g_assert_cmpstr (again.by_hand, ==, facts.by_hand);
  same = pos_facts_to_text (&again);
  g_assert_cmpstr (same, ==, text);
}

static void
test_facts_refuse (void)
{
  static const char *const bad[] = { "",
                                     "terminal=T",
                                     "nonsense",
                                     "terminal=T\tcurrency=EUR\tstate=99",
                                     "terminal=T\tcurrency=EUR\tamount=x",
                                     "terminal=T\tcurrency=EUR\tmessage=\\377" };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_auto (PosFacts) facts = { 0 };

      g_assert_false (pos_facts_from_text (&facts, bad[i]));
    }
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pos/words/every-combination", test_every_combination);
  g_test_add_func ("/pos/words/verdicts", test_verdicts);
  g_test_add_func ("/pos/words/kinds", test_kinds);
  g_test_add_func ("/pos/money/plain", test_money);
  g_test_add_func ("/pos/facts/round-trip", test_facts_round_trip);
  g_test_add_func ("/pos/facts/refuse", test_facts_refuse);
  return g_test_run ();
}
