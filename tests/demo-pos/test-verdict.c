/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What may be said with which verdict: each message by what it means, over every outcome, verdict and code.
 * Without a language set a text is made of its message ids. */
#include <locale.h>
#include <string.h>

#include "demo-pos/model/pos-reasons.h"
#include "demo-pos/model/pos-words.h"

typedef enum
{
  SAYS_NOT_CHARGED = 1 << 0,
  SAYS_CHARGED = 1 << 1,
  SAYS_NOT_KNOWN = 1 << 2,
  SAYS_AGAIN = 1 << 3,     /* pay once more */
  SAYS_NOT_AGAIN = 1 << 4, /* do not */
  SAYS_STAFF = 1 << 5,     /* a manager has to come */
  SAYS_STAFF_LATER = 1 << 6,
  SAYS_TERMINAL = 1 << 7 /* in the terminal's name */
} Meaning;

/* The longest that fits counts: none of these is looked for inside another one. */
static const struct
{
  const char *id;
  Meaning meaning;
} meanings[] = {
  { "It is not known whether the customer was charged.", SAYS_NOT_KNOWN },
  { "The customer was not charged.", SAYS_NOT_CHARGED },
  { "The customer was charged.", SAYS_CHARGED },
  { "The customer is charged, and the terminal could not give the money back.", SAYS_CHARGED },
  { "The customer’s bank said no.", SAYS_NOT_CHARGED },
  { "There is not enough money on this card.", SAYS_NOT_CHARGED },
  { "The card has expired.", SAYS_NOT_CHARGED },
  { "The PIN was wrong.", SAYS_NOT_CHARGED },
  { "This card may not be used for this payment.", SAYS_NOT_CHARGED },
  { "The amount is over the card’s limit.", SAYS_NOT_CHARGED },
  { "The terminal was switched off before the card was charged.", SAYS_NOT_CHARGED },
  { "The terminal is busy with another payment.", SAYS_NOT_CHARGED },
  { "The payment never reached the gateway.", SAYS_NOT_CHARGED },
  { "The gateway does not take this amount.", SAYS_NOT_CHARGED },
  { "The gateway does not take this currency.", SAYS_NOT_CHARGED },
  { "Charging again is safe.", SAYS_AGAIN },
  { "charging again is safe: a late approval will be reversed.", SAYS_AGAIN },
  { "Try again; the customer may enter the PIN once more.", SAYS_AGAIN },
  { "Try again when the terminal is ready.", SAYS_AGAIN },
  { "Try again in a minute.", SAYS_AGAIN },
  { "Try again.", SAYS_AGAIN },
  { "Look at the terminal, then try again.", SAYS_AGAIN },
  { "Ask for another card or another way to pay.", SAYS_AGAIN },
  { "Choose another terminal", SAYS_AGAIN },
  { "Wait until it is done, or choose another terminal.", SAYS_AGAIN },
  { "Wait until the till is online again.", SAYS_AGAIN },
  { "Do not charge again", SAYS_NOT_AGAIN },
  { "Call the manager", SAYS_STAFF },
  { "ask a manager if it takes long", SAYS_STAFF_LATER },
  { "The terminal says: ", SAYS_TERMINAL },
};

static int
meaning_of (const char *text)
{
  int meaning = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (meanings); i++)
    if (strstr (text, meanings[i].id) != NULL)
      meaning |= (int) meanings[i].meaning;
  return meaning;
}

/* Codes, and whether a terminal may have said them. */
static const struct
{
  const char *code;
  gboolean terminal;
} codes[] = {
  { NULL, TRUE },
  { "DECLINED", TRUE },
  { "INSUFFICIENT_FUNDS", TRUE },
  { "EXPIRED_CARD", TRUE },
  { "WRONG_PIN", TRUE },
  { "NOT_PERMITTED", TRUE },
  { "OVER_LIMIT", TRUE },
  { "TERMINAL_RESTARTED", TRUE },
  { "TERMINAL_LOST_PAYMENT", TRUE },
  { "ACQUIRER_54", TRUE }, /* of its own */
  { "TERMINAL_TIMEOUT", FALSE },
  { "TERMINAL_RECONNECT_TIMEOUT", FALSE },
  { "TERMINAL_DISCONNECTED", FALSE },
  { "TERMINAL_OFFLINE", FALSE },
  { "TERMINAL_NOT_FOUND", FALSE },
  { "PAYMENT_IN_PROGRESS", FALSE },
  { "TRANSACTION_NOT_FOUND", FALSE },
  { "STORAGE_UNAVAILABLE", FALSE },
  { "RATE_LIMITED", FALSE },
  { "INVALID_AMOUNT", FALSE },
  { "INVALID_FIELD", FALSE },
  { "INTERNAL_ERROR", FALSE },
  { "UNAUTHORIZED", FALSE },
  { "NOT_CONNECTED", FALSE },
  { "JOURNAL", FALSE },
  { "PROTOCOL", FALSE },
};

static void
check (const PosFacts *facts, gboolean terminal)
{
  g_autofree char *body = pos_words_body (facts), *advice = pos_words_advice (facts);
  g_autofree char *all = g_strdup_printf ("%s\n%s\n%s", pos_words_title (facts), body, advice);
  int says = meaning_of (all);
  PosKind kind = pos_kind_of (facts);

  if ((says & SAYS_NOT_CHARGED) != 0)
    g_assert_cmpint (facts->money_moved, ==, TGW_MONEY_MOVED_NO);
  if ((says & SAYS_CHARGED) != 0)
    g_assert_cmpint (facts->money_moved, ==, TGW_MONEY_MOVED_YES);
  /* Never two of them. */
  g_assert_cmpint (
    ((says & SAYS_NOT_CHARGED) != 0) + ((says & SAYS_CHARGED) != 0) + ((says & SAYS_NOT_KNOWN) != 0), <=, 1);
  if ((says & SAYS_AGAIN) != 0)
    g_assert_true (facts->retry_safe);
  if ((says & SAYS_NOT_AGAIN) != 0)
    g_assert_false (facts->retry_safe);
  if (!terminal || facts->outcome == TGW_OUTCOME_REFUSED)
    g_assert_cmpint (says & SAYS_TERMINAL, ==, 0);
  /* Whom the verdict calls is called now, wherever it is over. */
  if (facts->next_action == TGW_NEXT_ACTION_CALL_STAFF && !pos_kind_is_open (kind))
    {
      g_assert_cmpint (says & SAYS_STAFF, !=, 0);
      g_assert_cmpint (says & SAYS_STAFF_LATER, ==, 0);
    }
}

static void
test_every_combination (void)
{
  PosFacts facts = { .terminal_id = (char *) "T",
                     .currency = (char *) "EUR",
                     .amount = 1200,
                     .requested = 1200,
                     .error_message = (char *) "what somebody said" };

  for (int outcome = 0; outcome <= TGW_OUTCOME_UNKNOWN; outcome++)
    for (int status = 0; status <= TGW_VOID_STATUS_FAILED; status++)
      for (int moved = 0; moved <= TGW_MONEY_MOVED_UNKNOWN; moved++)
        for (int retry = 0; retry <= 1; retry++)
          for (int next = 0; next <= TGW_NEXT_ACTION_CALL_STAFF; next++)
            for (gsize code = 0; code < G_N_ELEMENTS (codes); code++)
              {
                facts.outcome = outcome;
                facts.void_status = status;
                facts.money_moved = moved;
                facts.retry_safe = retry;
                facts.next_action = next;
                facts.error_code = (char *) codes[code].code;
                check (&facts, codes[code].terminal);
              }
}

/* What each says, where it says something. */
static void
test_reasons (void)
{
  static const struct
  {
    const char *code;
    TgwOutcome outcome;
    TgwMoneyMoved moved;
    const char *text;
  } rows[] = {
    { "TRANSACTION_NOT_FOUND", TGW_OUTCOME_UNKNOWN, TGW_MONEY_MOVED_UNKNOWN,
      "The gateway does not know this payment." },
    { "TRANSACTION_NOT_FOUND", TGW_OUTCOME_REFUSED, TGW_MONEY_MOVED_NO,
      "The payment never reached the gateway." },
    { "TERMINAL_RESTARTED", TGW_OUTCOME_UNKNOWN, TGW_MONEY_MOVED_UNKNOWN,
      "The terminal was switched off during the payment." },
    { "TERMINAL_RESTARTED", TGW_OUTCOME_DECLINED, TGW_MONEY_MOVED_NO,
      "The terminal was switched off before the card was charged." },
    { "STORAGE_UNAVAILABLE", TGW_OUTCOME_REFUSED, TGW_MONEY_MOVED_NO,
      "The gateway cannot write down a payment now." },
    { "INTERNAL_ERROR", TGW_OUTCOME_REFUSED, TGW_MONEY_MOVED_NO, "The technical reason: words" },
    { "ACQUIRER_54", TGW_OUTCOME_DECLINED, TGW_MONEY_MOVED_NO, "The terminal says: words" },
    { "ACQUIRER_54", TGW_OUTCOME_REFUSED, TGW_MONEY_MOVED_NO, "The technical reason: words" },
    { "DECLINED", TGW_OUTCOME_UNKNOWN, TGW_MONEY_MOVED_UNKNOWN, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      PosFacts facts = { .error_code = (char *) rows[i].code,
                         .outcome = rows[i].outcome,
                         .money_moved = rows[i].moved,
                         .error_message = (char *) "words" };
      g_autofree char *text = pos_reason_text (&facts);

      g_assert_cmpstr (text, ==, rows[i].text);
    }
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pos/verdict/every-combination", test_every_combination);
  g_test_add_func ("/pos/verdict/reasons", test_reasons);
  return g_test_run ();
}
