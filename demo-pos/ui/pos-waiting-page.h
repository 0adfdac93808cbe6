/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A payment that is under way: amount, how far it is, for how long, and Cancel. */
#pragma once

#include <adwaita.h>

#include "demo-pos/model/pos-till.h"

G_BEGIN_DECLS

#define POS_TYPE_WAITING_PAGE (pos_waiting_page_get_type ())
G_DECLARE_FINAL_TYPE (PosWaitingPage, pos_waiting_page, POS, WAITING_PAGE, AdwBin)

void pos_waiting_page_set_till (PosWaitingPage *self, PosTill *till);
/* NULL: none. */
/* As the button does, and at once: nobody presses Escape by mistake for Enter. */
void pos_waiting_page_cancel (PosWaitingPage *self);
void pos_waiting_page_set_entry (PosWaitingPage *self, PosEntry *entry);

G_END_DECLS
