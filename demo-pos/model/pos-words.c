/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo-pos/model/pos-words.h"

#include <glib/gi18n.h>
#include <string.h>

#include "demo-pos/model/pos-money.h"
#include "demo-pos/model/pos-reasons.h"

static const struct
{
  const char *word, *icon, *style;
  gboolean attention;
} kinds[POS_N_KINDS] = {
  [POS_KIND_WAITING] = { N_ ("Waiting"), "pos-wait-symbolic", "accent", TRUE },
  [POS_KIND_CANCELLING] = { N_ ("Cancelling…"), "pos-wait-symbolic", "accent", TRUE },
  [POS_KIND_APPROVED] = { N_ ("Approved"), "pos-ok-symbolic", "success", FALSE },
  [POS_KIND_PAID_CHECK] = { N_ ("Paid, check"), "pos-call-symbolic", "warning", TRUE },
  [POS_KIND_DECLINED] = { N_ ("Declined"), "pos-no-symbolic", "error", FALSE },
  [POS_KIND_CANCELLED] = { N_ ("Cancelled"), "pos-no-symbolic", "dim-status", FALSE },
  [POS_KIND_REFUSED] = { N_ ("Not started"), "pos-no-symbolic", "dim-status", FALSE },
  [POS_KIND_UNKNOWN] = { N_ ("Unknown"), "pos-unknown-symbolic", "warning", TRUE },
  [POS_KIND_REVERSING] = { N_ ("Being reversed"), "pos-undo-symbolic", "warning", TRUE },
  [POS_KIND_REVERSED] = { N_ ("Reversed"), "pos-undo-symbolic", "accent", FALSE },
  [POS_KIND_VOID_FAILED] = { N_ ("Reversal failed"), "pos-call-symbolic", "error", TRUE },
  [POS_KIND_BY_HAND] = { N_ ("Closed by hand"), "pos-hand-symbolic", "accent", FALSE },
};

PosKind
pos_kind_of (const PosFacts *facts)
{
  gboolean not_charged = facts->money_moved == TGW_MONEY_MOVED_NO;

  if (facts->by_hand != NULL)
    return POS_KIND_BY_HAND;
  switch (facts->outcome)
    {
    case TGW_OUTCOME_NONE:
      return facts->cancelling ? POS_KIND_CANCELLING : POS_KIND_WAITING;
    case TGW_OUTCOME_APPROVED:
      if (facts->money_moved != TGW_MONEY_MOVED_YES)
        return POS_KIND_UNKNOWN;
      if (facts->void_status == TGW_VOID_STATUS_REQUESTED || facts->voiding)
        return POS_KIND_REVERSING;
      if (facts->void_status == TGW_VOID_STATUS_FAILED || facts->void_message != NULL)
        return POS_KIND_VOID_FAILED;
      return facts->next_action == TGW_NEXT_ACTION_CALL_STAFF ? POS_KIND_PAID_CHECK : POS_KIND_APPROVED;
    case TGW_OUTCOME_DECLINED:
      return not_charged ? POS_KIND_DECLINED : POS_KIND_UNKNOWN;
    case TGW_OUTCOME_CANCELLED:
      return not_charged ? POS_KIND_CANCELLED : POS_KIND_UNKNOWN;
    case TGW_OUTCOME_REFUSED:
      return not_charged ? POS_KIND_REFUSED : POS_KIND_UNKNOWN;
    case TGW_OUTCOME_VOIDED:
      if (facts->void_status == TGW_VOID_STATUS_FAILED)
        return facts->money_moved == TGW_MONEY_MOVED_YES ? POS_KIND_VOID_FAILED : POS_KIND_UNKNOWN;
      return facts->void_status == TGW_VOID_STATUS_CONFIRMED && not_charged ? POS_KIND_REVERSED
                                                                            : POS_KIND_REVERSING;
    case TGW_OUTCOME_UNKNOWN:
    default:
      return POS_KIND_UNKNOWN;
    }
}

gboolean
pos_kind_is_open (PosKind kind)
{
  return kind == POS_KIND_WAITING || kind == POS_KIND_CANCELLING;
}

gboolean
pos_kind_needs_attention (PosKind kind)
{
  return kinds[kind].attention;
}

const char *
pos_kind_word (PosKind kind)
{
  return _ (kinds[kind].word);
}

const char *
pos_kind_icon (PosKind kind)
{
  return kinds[kind].icon;
}

const char *
pos_kind_style (PosKind kind)
{
  return kinds[kind].style;
}

const char *
pos_words_title (const PosFacts *facts)
{
  switch (pos_kind_of (facts))
    {
    case POS_KIND_WAITING:
      return pos_words_stage (facts);
    case POS_KIND_CANCELLING:
      return _ ("Cancelling…");
    case POS_KIND_PAID_CHECK:
      return _ ("Paid, but please check");
    case POS_KIND_REFUSED:
      return _ ("The payment was not started");
    case POS_KIND_UNKNOWN:
      return facts->retry_safe ? _ ("Look at the terminal first") : _ ("Do not charge again");
    case POS_KIND_REVERSING:
      if (facts->voiding && facts->outcome == TGW_OUTCOME_APPROVED)
        return _ ("A reversal is being asked for");
      return _ ("The charge is being reversed");
    case POS_KIND_REVERSED:
      return _ ("The customer was not charged");
    case POS_KIND_VOID_FAILED:
      return _ ("The charge was not reversed");
    case POS_KIND_APPROVED:
    case POS_KIND_DECLINED:
    case POS_KIND_CANCELLED:
    case POS_KIND_BY_HAND:
    case POS_N_KINDS:
    default:
      return pos_kind_word (pos_kind_of (facts));
    }
}

const char *
pos_words_stage (const PosFacts *facts)
{
  static const struct
  {
    const char *stage, *words;
  } stages[] = {
    { "PRESENTED", N_ ("The customer can pay now") },
    { "CARD_INSERTED", N_ ("The card is in the terminal") },
    { "PIN_ENTRY", N_ ("The customer enters the PIN") },
    { "AUTHORIZING", N_ ("The terminal asks the bank") },
    { "RESUMED", N_ ("The terminal is back and goes on") },
  };

  if (facts->state == TGW_PAYMENT_STATE_STARTING)
    return _ ("Sending to the terminal…");
  if (facts->state == TGW_PAYMENT_STATE_AWAITING_RECONNECT)
    return _ ("The terminal lost its connection");
  for (gsize i = 0; i < G_N_ELEMENTS (stages); i++)
    if (g_strcmp0 (facts->stage, stages[i].stage) == 0)
      return _ (stages[i].words);
  return _ ("Waiting for the terminal…");
}

static char *
with_reason (const PosFacts *facts, const char *text)
{
  g_autofree char *reason = pos_reason_text (facts);

  return reason != NULL ? g_strconcat (reason, " ", text, NULL) : g_strdup (text);
}

/* Whom the verdict wants is called first. */
static char *
with_staff (const PosFacts *facts, const char *text)
{
  return facts->next_action == TGW_NEXT_ACTION_CALL_STAFF
           ? g_strconcat (_ ("Call the manager."), " ", text, NULL)
           : g_strdup (text);
}

static char *
with_retry (const PosFacts *facts, const char *text)
{
  return g_strconcat (text, " ", pos_words_retry (facts), NULL);
}

static char *
body_of_check (const PosFacts *facts)
{
  g_autofree char *charged = pos_money_format (facts->amount, facts->currency);
  g_autofree char *asked = pos_money_format (facts->requested, facts->currency);

  if (facts->amount != facts->requested && facts->requested > 0)
    return g_strdup_printf (_ ("The customer was charged %s, but %s was asked."), charged, asked);
  return g_strdup (
    _ ("The customer was charged, but what the terminal told about it does not fit together."));
}

static char *
body_of_refused_void (const PosFacts *facts)
{
  if (g_strcmp0 (facts->void_code, "VOID_NOT_SUPPORTED") == 0)
    return g_strconcat (_ ("This terminal cannot give money back by itself."), " ",
                        _ ("The customer is charged."), NULL);
  /* Translators: the gateway's own words */
  return g_strdup_printf (_ ("The gateway says: %s. The customer is charged."), facts->void_message);
}

char *
pos_words_body (const PosFacts *facts)
{
  switch (pos_kind_of (facts))
    {
    case POS_KIND_APPROVED:
      return g_strdup (_ ("The customer was charged."));
    case POS_KIND_PAID_CHECK:
      return body_of_check (facts);
    case POS_KIND_CANCELLED:
      return g_strdup (_ ("The customer was not charged."));
    case POS_KIND_DECLINED:
    case POS_KIND_REFUSED:
      return with_reason (facts, _ ("The customer was not charged."));
    case POS_KIND_UNKNOWN:
      return with_reason (facts, _ ("It is not known whether the customer was charged."));
    case POS_KIND_REVERSING:
      if (facts->voiding && facts->outcome == TGW_OUTCOME_APPROVED)
        return g_strdup (
          _ ("The gateway has not answered yet. Until the terminal confirms, the customer is charged."));
      return g_strdup (
        facts->outcome == TGW_OUTCOME_VOIDED
          ? _ ("The terminal reported late that the customer was charged. It has been told to give the "
               "money back, and has not confirmed it yet.")
          : _ ("The terminal has been told to give the money back. Until it confirms, the customer is "
               "charged."));
    case POS_KIND_REVERSED:
      return g_strdup (_ ("The charge was reversed, and the terminal confirmed it."));
    case POS_KIND_VOID_FAILED:
      if (facts->void_message != NULL)
        return body_of_refused_void (facts);
      return g_strdup (_ ("The customer is charged, and the terminal could not give the money back."));
    case POS_KIND_BY_HAND:
      return g_strdup (facts->by_hand);
    case POS_KIND_WAITING:
    case POS_KIND_CANCELLING:
    case POS_N_KINDS:
    default:
      if (facts->state == TGW_PAYMENT_STATE_AWAITING_RECONNECT)
        return with_retry (facts, _ ("The payment may still go through."));
      if (facts->cancelling)
        return g_strdup (
          _ ("The terminal was asked to cancel. What really happened is shown as soon as it says so."));
      /* Translators: the terminal's own words */
      return facts->message != NULL ? g_strdup_printf (_ ("On the terminal: %s"), facts->message)
                                    : g_strdup ("");
    }
}

char *
pos_words_advice (const PosFacts *facts)
{
  const char *advice = pos_reason_advice (facts);

  switch (pos_kind_of (facts))
    {
    case POS_KIND_DECLINED:
    case POS_KIND_REFUSED:
      return with_staff (facts, advice != NULL ? advice : pos_words_retry (facts));
    case POS_KIND_CANCELLED:
    case POS_KIND_REVERSING:
    case POS_KIND_REVERSED:
      return with_staff (facts, pos_words_retry (facts));
    case POS_KIND_UNKNOWN:
      if (facts->retry_safe)
        return with_staff (
          facts, _ ("If nothing was paid there, charging again is safe: a late approval will be reversed."));
      if (facts->next_action == TGW_NEXT_ACTION_CALL_STAFF)
        return g_strdup (_ ("Call the manager now, and look at the terminal together."));
      return g_strdup (_ ("Look at the terminal, and ask a manager if it takes long."));
    case POS_KIND_VOID_FAILED:
      return with_retry (facts, _ ("Call the manager, and read out the details below."));
    case POS_KIND_PAID_CHECK:
      return with_retry (facts, _ ("Call the manager."));
    case POS_KIND_BY_HAND:
      return g_strdup (pos_words_late (facts));
    case POS_KIND_APPROVED:
    case POS_KIND_WAITING:
    case POS_KIND_CANCELLING:
    case POS_N_KINDS:
    default:
      return g_strdup ("");
    }
}

const char *
pos_words_try_again (const PosFacts *facts)
{
  return facts->retry_safe ? _ ("Try again") : _ ("Back to the sale");
}

const char *
pos_words_late (const PosFacts *facts)
{
  return facts->outcome == TGW_OUTCOME_UNKNOWN && facts->retry_safe
           ? _ ("A charge that is found on the terminal will be reversed as soon as the terminal is back. "
                "Charging again is safe.")
           : "";
}

const char *
pos_words_retry (const PosFacts *facts)
{
  return facts->retry_safe ? _ ("Charging again is safe.") : _ ("Do not charge again.");
}
