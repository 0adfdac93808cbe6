/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A customer's receipt as lines: for the page, for the printer and for a PDF alike. */
#pragma once

#include "demo-pos/model/pos-entry.h"

G_BEGIN_DECLS

typedef enum
{
  POS_RECEIPT_TITLE,
  POS_RECEIPT_NOTICE, /* COPY, and the like */
  POS_RECEIPT_PAIR,   /* left and right */
  POS_RECEIPT_TOTAL,
  POS_RECEIPT_NOTE,
  POS_RECEIPT_RULE
} PosReceiptStyle;

typedef struct
{
  PosReceiptStyle style;
  char *left;
  char *right;
} PosReceiptLine;

PosReceiptLine *pos_receipt_line_new (PosReceiptStyle style, const char *left, const char *right);
void pos_receipt_line_free (PosReceiptLine *line);
/* Of PosReceiptLine. Only for what was charged; copy: not the first that is made. */
GPtrArray *pos_receipt_new (PosEntry *entry, const char *store, gboolean copy);

G_END_DECLS
