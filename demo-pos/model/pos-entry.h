/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One payment as the cashier sees it: what is known, in words, and what happened when. Every property
 * notifies on change only. */
#pragma once

#include "demo-pos/model/pos-book.h"
#include "demo-pos/model/pos-words.h"

G_BEGIN_DECLS

#define POS_TYPE_MOMENT (pos_moment_get_type ())
G_DECLARE_FINAL_TYPE (PosMoment, pos_moment, POS, MOMENT, GObject)

#define POS_TYPE_ENTRY (pos_entry_get_type ())
G_DECLARE_FINAL_TYPE (PosEntry, pos_entry, POS, ENTRY, GObject)

PosEntry *pos_entry_new (const char *id, gint64 started_at);
const char *pos_entry_get_id (PosEntry *self);
const PosFacts *pos_entry_get_facts (PosEntry *self);
PosKind pos_entry_get_kind (PosEntry *self);
gint64 pos_entry_get_started_at (PosEntry *self);
gint64 pos_entry_get_updated_at (PosEntry *self);
/* When news that nobody waited for came in; 0: never. */
gint64 pos_entry_get_recovered_at (PosEntry *self);
gboolean pos_entry_get_needs_attention (PosEntry *self);
/* Whether news were not confirmed by the cashier yet. */
gboolean pos_entry_get_unseen (PosEntry *self);
/* How many receipts were made; the second is a copy. */
guint pos_entry_get_printed (PosEntry *self);
/* Of PosMoment, oldest first. */
GListModel *pos_entry_get_timeline (PosEntry *self);
/* NULL: a payment of an earlier run that is long done. */
TgwPayment *pos_entry_get_payment (PosEntry *self);
/* Which news of it are known; 0: none in this run. */
guint pos_entry_get_revision (PosEntry *self);
char *pos_entry_dup_amount_text (PosEntry *self);
char *pos_entry_dup_time_text (PosEntry *self);
/* folded: what is searched for, after g_utf8_casefold(). */
gboolean pos_entry_matches (PosEntry *self, const char *folded);
/* The details that a manager or the helpdesk needs, to read out or to copy. */
char *pos_entry_dup_reference (PosEntry *self);

/* For the till. */
/* Where it stands in the journal: higher is newer. */
gint64 pos_entry_get_order (PosEntry *self);
void pos_entry_set_order (PosEntry *self, gint64 order);
/* Makes what pos_entry_matches() looks into. */
void pos_entry_prepare_search (PosEntry *self);
void pos_entry_set_payment (PosEntry *self, TgwPayment *payment);
/* Takes the facts over, and puts down what happened; without notifying, for a day is read before anybody
 * looks, and may be long. */
void pos_entry_load (PosEntry *self, PosMark mark, gint64 at, PosFacts *facts);
/* The same with a copy of the facts, and tells what changed. */
void pos_entry_mark (PosEntry *self, PosMark mark, gint64 at, const PosFacts *facts);
void pos_entry_set_unseen (PosEntry *self, gboolean unseen);
void pos_entry_set_recovered_at (PosEntry *self, gint64 at);

/* Such as “14:05”, or with the date if it was another day. */
char *pos_time_text (gint64 at);
/* Always with the date: for what is read another day, or elsewhere. */
char *pos_date_time_text (gint64 at);

G_END_DECLS
