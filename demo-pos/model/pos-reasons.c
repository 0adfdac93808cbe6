/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo-pos/model/pos-reasons.h"

#include <glib/gi18n.h>
#include <string.h>

#define OTHER_CARD N_ ("Ask for another card or another way to pay.")
#define LOOK       N_ ("Look at the terminal, then try again.")
#define LATER      N_ ("Try again in a minute.")

/* In staff's words: what each code means when the customer was not charged, and when that is not known. */
static const struct
{
  const char *code;
  const char *not_charged, *not_known; /* NULL: it says nothing then */
  const char *advice;                  /* NULL: none of its own */
} reasons[] = {
  /* of terminals */
  { "DECLINED", N_ ("The customer’s bank said no."), NULL, OTHER_CARD },
  { "INSUFFICIENT_FUNDS", N_ ("There is not enough money on this card."), NULL, OTHER_CARD },
  { "EXPIRED_CARD", N_ ("The card has expired."), NULL, OTHER_CARD },
  { "WRONG_PIN", N_ ("The PIN was wrong."), NULL,
    N_ ("Try again; the customer may enter the PIN once more.") },
  { "NOT_PERMITTED", N_ ("This card may not be used for this payment."), NULL, OTHER_CARD },
  { "OVER_LIMIT", N_ ("The amount is over the card’s limit."), NULL, OTHER_CARD },
  { "TERMINAL_RESTARTED", N_ ("The terminal was switched off before the card was charged."),
    N_ ("The terminal was switched off during the payment."), N_ ("Try again when the terminal is ready.") },
  { "TERMINAL_LOST_PAYMENT", N_ ("The terminal does not know this payment."),
    N_ ("The terminal does not know this payment."), N_ ("Try again.") },
  /* of the gateway */
  { "TERMINAL_TIMEOUT", N_ ("The terminal did not answer in time."),
    N_ ("The terminal did not answer in time."), LOOK },
  { "TERMINAL_RECONNECT_TIMEOUT", N_ ("The terminal lost its connection and did not come back in time."),
    N_ ("The terminal lost its connection and did not come back in time."), LOOK },
  { "TERMINAL_DISCONNECTED", N_ ("The terminal lost its connection."),
    N_ ("The terminal lost its connection."), LOOK },
  { "TERMINAL_OFFLINE", N_ ("The terminal is not connected."), N_ ("The terminal is not connected."),
    N_ ("Choose another terminal, or switch this one on.") },
  { "TERMINAL_NOT_FOUND", N_ ("The gateway does not know this terminal."),
    N_ ("The gateway does not know this terminal."), N_ ("Choose another terminal.") },
  { "PAYMENT_IN_PROGRESS", N_ ("The terminal is busy with another payment."), NULL,
    N_ ("Wait until it is done, or choose another terminal.") },
  { "TRANSACTION_NOT_FOUND", N_ ("The payment never reached the gateway."),
    N_ ("The gateway does not know this payment."), N_ ("Try again.") },
  { "DRAINING", N_ ("The gateway is about to stop."), N_ ("The gateway is about to stop."), LATER },
  { "OVERLOADED", N_ ("The gateway has too much to do."), N_ ("The gateway has too much to do."), LATER },
  { "RATE_LIMITED", N_ ("This till asks the gateway for more than it is allowed to."),
    N_ ("This till asks the gateway for more than it is allowed to."), LATER },
  { "STORAGE_UNAVAILABLE", N_ ("The gateway cannot write down a payment now."),
    N_ ("The gateway cannot write down a payment now."), LATER },
  { "GATEWAY_UNAVAILABLE", N_ ("The gateway cannot be reached."), N_ ("The gateway cannot be reached."),
    LATER },
  { "INVALID_AMOUNT", N_ ("The gateway does not take this amount."), NULL, NULL },
  { "INVALID_CURRENCY", N_ ("The gateway does not take this currency."), NULL, NULL },
  { "TIMEOUT", N_ ("The gateway did not answer in time."), N_ ("The gateway did not answer in time."),
    LATER },
  /* of this till */
  { "NOT_CONNECTED", N_ ("There is no connection to the gateway."),
    N_ ("There is no connection to the gateway."), N_ ("Wait until the till is online again.") },
  { "CONNECTION_LOST", N_ ("The connection to the gateway was lost."),
    N_ ("The connection to the gateway was lost."), N_ ("Wait until the till is online again.") },
  { "JOURNAL", N_ ("This till cannot write down a payment now."),
    N_ ("This till cannot write down a payment now."), NULL },
  { "JOURNAL_IN_USE", N_ ("Another program uses this till’s list of payments."),
    N_ ("Another program uses this till’s list of payments."), NULL },
};

/* What gateway and client library say for programmers, and no terminal ever says. */
static const char *const technical[] = { "ALREADY_FINAL",      "DEVICE_ID_TAKEN",
                                         "FORBIDDEN",          "GROUP_MISMATCH",
                                         "INSECURE_ADDRESS",   "INTERNAL_ERROR",
                                         "INVALID_ADDRESS",    "INVALID_FIELD",
                                         "INVALID_KEY_FILE",   "INVALID_SIGNATURE",
                                         "MALFORMED_JSON",     "MESSAGE_TOO_LARGE",
                                         "METHOD_NOT_ALLOWED", "MISSING_FIELD",
                                         "NOT_FOUND",          "PROTOCOL",
                                         "REPLAYED_REQUEST",   "SESSION_DISPLACED",
                                         "TIMESTAMP_EXPIRED",  "TRANSACTION_ID_REUSED",
                                         "UNAUTHORIZED",       "UNKNOWN_ACTION",
                                         "UNREACHABLE",        "UNTRUSTED",
                                         "VOID_NOT_SUPPORTED", NULL };

static gssize
find (const PosFacts *facts)
{
  for (gsize i = 0; facts->error_code != NULL && i < G_N_ELEMENTS (reasons); i++)
    if (strcmp (facts->error_code, reasons[i].code) == 0)
      return (gssize) i;
  return -1;
}

/* A refusal comes before any terminal hears of the payment. */
static gboolean
said_by_terminal (const PosFacts *facts)
{
  return facts->outcome != TGW_OUTCOME_REFUSED && facts->state != TGW_PAYMENT_STATE_REFUSED &&
         (facts->error_code == NULL || !g_strv_contains (technical, facts->error_code));
}

/* The verdict, of an outcome that goes with it. */
static gboolean
not_charged (const PosFacts *facts)
{
  return facts->money_moved == TGW_MONEY_MOVED_NO &&
         (facts->outcome == TGW_OUTCOME_DECLINED || facts->outcome == TGW_OUTCOME_CANCELLED ||
          facts->outcome == TGW_OUTCOME_REFUSED);
}

char *
pos_reason_text (const PosFacts *facts)
{
  gssize i = find (facts);

  if (i >= 0)
    {
      const char *text = not_charged (facts) ? reasons[i].not_charged : reasons[i].not_known;

      return text != NULL ? g_strdup (_ (text)) : NULL;
    }
  if (facts->error_message == NULL || facts->error_message[0] == '\0')
    return NULL;
  if (said_by_terminal (facts))
    /* Translators: the terminal's own words */
    return g_strdup_printf (_ ("The terminal says: %s"), facts->error_message);
  /* Translators: what a program said, in English */
  return g_strdup_printf (_ ("The technical reason: %s"), facts->error_message);
}

const char *
pos_reason_advice (const PosFacts *facts)
{
  gssize i = find (facts);
  gboolean may_retry =
    facts->retry_safe && not_charged (facts) &&
    (facts->next_action == TGW_NEXT_ACTION_RETRY || facts->next_action == TGW_NEXT_ACTION_NONE);

  return i >= 0 && may_retry && reasons[i].advice != NULL ? _ (reasons[i].advice) : NULL;
}
