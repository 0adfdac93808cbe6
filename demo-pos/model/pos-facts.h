/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is known about one payment, as plain data: from the client library's object, or from the day's book.
 */
#pragma once

#include "libtgwclient/tgwclient.h"

G_BEGIN_DECLS

/* What a manager found at the terminal. */
typedef enum
{
  POS_FINDING_NONE,
  POS_FINDING_CHARGED,
  POS_FINDING_NOT_CHARGED,
  POS_FINDING_UNCLEAR
} PosFinding;

typedef struct
{
  char *terminal_id;
  char *currency;
  gint64 amount;    /* minor units; what was charged, once that is known */
  gint64 requested; /* what was asked */
  TgwPaymentState state;
  TgwOutcome outcome;
  TgwVoidStatus void_status;
  TgwMoneyMoved money_moved;
  gboolean retry_safe;
  TgwNextAction next_action;
  TgwRecovery recovered_from;
  char *stage;
  char *message; /* the terminal's words */
  char *error_code;
  char *error_message;
  char *void_reason;
  char *authorization_code;
  char *receipt;
  char *articles;     /* what was sold, a line each: quantity, name and price with tabs between */
  char *by_hand;      /* a manager's finding, in words; NULL: none */
  PosFinding finding; /* the same; means nothing without by_hand */
  char *void_code;    /* the gateway did not take this till's wish to reverse: why */
  char *void_message;
  gboolean cancelling; /* this till asked for a cancel */
  gboolean voiding;    /* this till asked for a reversal, and has no answer yet */
} PosFacts;

void pos_facts_clear (PosFacts *facts);
void pos_facts_copy (PosFacts *to, const PosFacts *from);
/* All but articles, by_hand, cancelling and the void_* and voiding of this till, which only it knows. */
void pos_facts_take_payment (PosFacts *facts, TgwPayment *payment);
/* One line of text and back, with what only this till knows. */
char *pos_facts_to_text (const PosFacts *facts);
gboolean pos_facts_from_text (PosFacts *facts, const char *text);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PosFacts, pos_facts_clear)

G_END_DECLS
