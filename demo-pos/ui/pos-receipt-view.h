/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The receipt, on paper that is white in the dark too. */
#pragma once

#include <adwaita.h>

#include "demo-pos/model/pos-receipt.h"

G_BEGIN_DECLS

#define POS_TYPE_RECEIPT_VIEW (pos_receipt_view_get_type ())
G_DECLARE_FINAL_TYPE (PosReceiptView, pos_receipt_view, POS, RECEIPT_VIEW, AdwBin)

void pos_receipt_view_show (PosReceiptView *self, PosEntry *entry, const char *store);

G_END_DECLS
