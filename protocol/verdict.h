/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a cashier and a program may do next (section 4, "Verdict"). */
#pragma once

#include "protocol/error.h"
#include "protocol/json.h"
#include "protocol/json-writer.h"
#include "protocol/states.h"

G_BEGIN_DECLS

typedef enum
{
  TGP_MONEY_MOVED_NO,
  TGP_MONEY_MOVED_YES,
  TGP_MONEY_MOVED_UNKNOWN
} TgpMoneyMoved;
typedef enum
{
  TGP_NEXT_NONE,
  TGP_NEXT_RETRY,
  TGP_NEXT_WAIT,
  TGP_NEXT_CHECK_STATUS,
  TGP_NEXT_CALL_STAFF
} TgpNextAction;

typedef struct
{
  TgpMoneyMoved money_moved;
  gboolean retry_safe;
  TgpNextAction next_action;
  const char *message; /* for people; static (interned when decoded) */
} TgpVerdict;

/* What staff found out about a payment that nobody else could tell of. */
typedef enum
{
  TGP_FINDING_NONE,
  TGP_FINDING_PAID,
  TGP_FINDING_NOT_PAID,
  TGP_FINDING_REVERSED /* charged, and given back by hand */
} TgpFinding;

/* Everything that the verdict of a transaction depends on. */
typedef struct
{
  TgpStatus status;
  const char *error_code; /* "TERMINAL_TIMEOUT", …; nullable */
  TgpVoidStatus void_status;
  gboolean settled;
  /* The terminal itself said failed or cancelled, be it after a time-out (or nothing was ever sent to it).
   * "UNKNOWN" is no such answer. */
  gboolean terminal_answered;
  gboolean can_reverse;    /* terminal has a deviceId and the capability "void" */
  gboolean proven_unseen;  /* UNKNOWN with the same journal as when it was sent, and never accepted */
  gboolean amount_differs; /* charged less, more or in another currency than asked */
  gboolean contradicted;   /* paymentConflict */
  gboolean charged_again;  /* a second success, under another authorization code */
  TgpFinding finding;      /* stands until the terminal has something new to say */
} TgpVerdictFacts;

TgpVerdict tgp_verdict_of_transaction (const TgpVerdictFacts *facts);
/* The verdict of an error about a payment: the last two rows of the table. */
TgpVerdict tgp_verdict_of_error (TgpErrorCode code);
/* Whether both say the same; their words may differ. */
gboolean tgp_verdict_same (const TgpVerdict *a, const TgpVerdict *b);

const char *tgp_money_moved_name (TgpMoneyMoved moved);
const char *tgp_next_action_name (TgpNextAction action);

void tgp_verdict_write (TgpJsonWriter *writer, const char *member, const TgpVerdict *verdict);
gboolean tgp_verdict_read (TgpValue object, TgpVerdict *verdict, GError **error);

G_END_DECLS
