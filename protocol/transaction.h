/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The wire object Transaction (section 4). The gateway fills one from its row and writes it; clients read
 * it. */
#pragma once

#include "protocol/payment.h"
#include "protocol/verdict.h"

G_BEGIN_DECLS

typedef struct
{
  char *transaction_id;
  TgpStatus status;
  gint64 amount; /* what was charged once COMPLETED, else what was asked */
  char currency[4];
  gboolean amount_confirmed; /* written only when false */
  char *terminal_id;
  char *device_id;     /* nullable */
  char *request;       /* JSON text */
  char *response;      /* JSON text; nullable */
  char *error_code;    /* nullable */
  char *error_message; /* nullable */
  gint64 created_at;   /* ms; the next ones 0 when absent */
  gint64 updated_at;
  gint64 completed_at;
  gint64 voided_at;
  char *void_reason; /* nullable */
  TgpVoidStatus void_status;
  gint64 grace_expires_at;
  gboolean settled;
  TgpVerdict verdict;
} TgpTransaction;

TgpTransaction *tgp_transaction_new (void);
void tgp_transaction_free (TgpTransaction *transaction);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TgpTransaction, tgp_transaction_free)

/* Writes the members (no braces), with "timestamp" = now_ms. Strings may be borrowed: nothing is freed. */
void tgp_transaction_write_members (TgpJsonWriter *writer, const TgpTransaction *transaction, gint64 now_ms);
TgpTransaction *tgp_transaction_read (TgpValue object, GError **error);

G_END_DECLS
