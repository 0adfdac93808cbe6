/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/ctl-words.h"

#include "protocol/states.h"
#include "protocol/verdict.h"
#include "tools/ctl-print.h"
#include "tools/exit-codes.h"

static const char *
words_of (TgpNextAction action)
{
  switch (action)
    {
    case TGP_NEXT_NONE:
      return "nothing to do";
    case TGP_NEXT_RETRY:
      return "charge again, as a new payment";
    case TGP_NEXT_WAIT:
      return "wait";
    case TGP_NEXT_CHECK_STATUS:
      return "ask for its status";
    case TGP_NEXT_CALL_STAFF:
    default:
      return "call staff";
    }
}

void
ctl_print_verdict (TgpValue object)
{
  TgpVerdict verdict;

  if (!tgp_value_exists (object) || !tgp_verdict_read (object, &verdict, NULL))
    return;
  ctl_print ("  money       %s", verdict.money_moved == TGP_MONEY_MOVED_YES  ? "the customer was charged"
                                 : verdict.money_moved == TGP_MONEY_MOVED_NO ? "the customer was not charged"
                                                                             : "nobody can say yet");
  ctl_print ("  next        %s%s", words_of (verdict.next_action),
             verdict.retry_safe ? " (charging again is safe)" : "");
  if (verdict.message != NULL && *verdict.message != '\0')
    {
      g_autofree char *clean = ctl_clean (verdict.message);

      ctl_print ("  %s", clean);
    }
}

static void
line (TgpValue object, const char *title, const char *name, gboolean is_time)
{
  g_autofree char *text = is_time ? ctl_time (object, name) : ctl_text (object, name);

  if (*text != '\0')
    ctl_print ("  %-12s%s", title, text);
}

void
ctl_print_transaction (TgpValue transaction)
{
  g_autofree char *id = ctl_text (transaction, "transactionId"), *status = ctl_text (transaction, "status"),
                  *amount = ctl_text (transaction, "amount"), *currency = ctl_text (transaction, "currency");

  ctl_print ("%s  %s  %s %s", id, status, amount, currency);
  line (transaction, "terminal", "terminalId", FALSE);
  line (transaction, "group", "groupId", FALSE);
  line (transaction, "key", "keyId", FALSE);
  line (transaction, "created", "createdAt", TRUE);
  line (transaction, "completed", "completedAt", TRUE);
  line (transaction, "grace until", "graceExpiresAt", TRUE);
  line (transaction, "void", "voidStatus", FALSE);
  line (transaction, "void reason", "voidReason", FALSE);
  line (transaction, "voided", "voidedAt", TRUE);
  line (tgp_value_member (transaction, "response"), "authorized", "authorizationCode", FALSE);
  line (transaction, "error", "errorCode", FALSE);
  line (transaction, "", "errorMessage", FALSE);
  line (transaction, "settled", "settled", FALSE);
  ctl_print_verdict (tgp_value_member (transaction, "verdict"));
}

int
ctl_transaction_exit_code (TgpValue transaction)
{
  TgpVerdict verdict;
  TgpStatus status = TGP_STATUS_PENDING;
  g_autofree char *name = ctl_text (transaction, "status");

  if (!tgp_verdict_read (tgp_value_member (transaction, "verdict"), &verdict, NULL) ||
      !tgp_status_from_name (name, &status) || !tgp_status_is_final (status))
    return EXIT_CODE_UNKNOWN;
  if (verdict.money_moved == TGP_MONEY_MOVED_NO)
    return EXIT_CODE_NOT_PAID;
  if (verdict.money_moved == TGP_MONEY_MOVED_YES && verdict.next_action == TGP_NEXT_NONE)
    return EXIT_CODE_OK;
  return EXIT_CODE_UNKNOWN;
}
