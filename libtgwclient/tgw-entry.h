/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One payment in the books: the object, and how far the application has been told about it. The journal keeps
 * entries on disk, the ledger keeps them in memory. */
#pragma once

#include <gio/gio.h>

#include "libtgwclient/tgw-payment.h"

G_BEGIN_DECLS

/* The kinds of news about a payment, as bits. They are stored: never renumber. */
typedef enum
{
  TGW_TOLD_COMPLETE = 1 << 0,
  TGW_TOLD_VOIDED = 1 << 1,
  TGW_TOLD_VOID_CONFIRMED = 1 << 2,
  TGW_TOLD_VOID_FAILED = 1 << 3,
  TGW_TOLD_CONFLICT = 1 << 4,
  TGW_TOLD_SETTLED = 1 << 5 /* closed as unknown, and known now */
} TgwTold;

/* What the application has not acknowledged yet. */
typedef struct
{
  guint revision; /* of the payment; from 1 */
  TgwTold kind;
  char *message_id; /* that brought it; nullable */
  gboolean saved;   /* on disk */
  gboolean handed;  /* to the application, in this run */
} TgwNews;

typedef struct
{
  TgwPayment *payment;
  guint told;           /* every kind ever told */
  guint told_by_answer; /* told by an answer to a query; the queued message is still to come */
  GPtrArray *news;      /* TgwNews, oldest first */
  gboolean listed;      /* among the unclaimed ones */
  guint missing;        /* how often in a row the gateway said that it does not know it */
  gboolean dirty;       /* the disk does not have all of this yet */
} TgwEntry;

TgwEntry *tgw_entry_new (TgwPayment *payment);
/* NULL is nothing. */
TgwEntry *tgw_entry_ref (TgwEntry *entry);
void tgw_entry_unref (TgwEntry *entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TgwEntry, tgw_entry_unref)
void tgw_entry_add_news (TgwEntry *entry, guint revision, TgwTold kind, const char *message_id);

G_END_DECLS
