/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A payment as a row of the journal. */
#pragma once

#include <sqlite3.h>

#include "libtgwclient/tgw-payment.h"

G_BEGIN_DECLS

/* In the order in which they are bound and read. What is released is never reordered: columns are added at
 * the end, by a step of the schema. */
#define TGW_PAYMENT_ROW_COLUMNS                                                                              \
  "transaction_id, terminal_id, started_at, updated_at, state, outcome, money_moved, retry_safe, "           \
  "next_action, verdict_message, requested_amount, amount, currency, amount_confirmed, void_status, "        \
  "void_reason, authorization_code, error_code, error_message, held_by, message, response, receipt, "        \
  "metadata, recovered_from, revision, method, asked_terminal_id"
#define TGW_PAYMENT_ROW_N_COLUMNS 28

/* Parameters 1 to 28. The texts must live until the statement has run. */
void tgw_payment_bind (TgwPayment *payment, sqlite3_stmt *statement);
/* From columns 0 to 27; NULL when they make no payment. */
TgwPayment *tgw_payment_from_row (sqlite3_stmt *statement);

G_END_DECLS
