/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The till: owns the client, the day's book and what is shown. It turns the client's signals into pages. No
 * widgets. */
#pragma once

#include "demo-pos/model/pos-entry.h"
#include "demo-pos/model/pos-sale.h"

G_BEGIN_DECLS

/* What fills the window. */
typedef enum
{
  POS_VIEW_SETUP,     /* no gateway yet */
  POS_VIEW_MAIN,      /* sale, terminals, journal */
  POS_VIEW_PAYMENT,   /* the shown payment: waiting, or its outcome */
  POS_VIEW_RECOVERED, /* what came in while the till was away */
  POS_VIEW_DISPLACED  /* another till has the key */
} PosView;

/* Why Charge is not possible. */
typedef enum
{
  POS_BLOCK_NONE,
  POS_BLOCK_READING,
  POS_BLOCK_NO_AMOUNT,
  POS_BLOCK_OFFLINE,
  POS_BLOCK_NO_TERMINAL,
  POS_BLOCK_TERMINAL_OFFLINE,
  POS_BLOCK_TERMINAL_RECONNECTING,
  POS_BLOCK_TERMINAL_BUSY,
  POS_BLOCK_UNRESOLVED
} PosBlock;

#define POS_TYPE_TILL (pos_till_get_type ())
/* ::failed (GError *): the till gave up connecting and has stopped. */
G_DECLARE_FINAL_TYPE (PosTill, pos_till, POS, TILL, GObject)

PosTill *pos_till_new (void);
/* Opens the book in folder and connects. FALSE: the book or the client cannot be used. A long day is read in
 * a thread, and the till connects when it knows all of it. */
gboolean pos_till_start (PosTill *self, TgwClient *client, const char *folder, GError **error);
/* The same for an address and a key that nobody has used yet: until the gateway has let the till in, set-up
 * stays in view, and whatever the first try fails of is a failure for good. */
gboolean pos_till_try (PosTill *self, TgwClient *client, const char *folder, GError **error);
/* Ends the connection and forgets client and book. */
void pos_till_stop (PosTill *self);

TgwClient *pos_till_get_client (PosTill *self);
PosView pos_till_get_view (PosTill *self);
PosEntry *pos_till_get_shown (PosTill *self);
gboolean pos_till_get_online (PosTill *self);
/* Whether the day's book is still being read. */
gboolean pos_till_get_reading (PosTill *self);
/* Of PosEntry, newest first. */
GListModel *pos_till_get_journal (PosTill *self);
/* Of PosEntry, newest first: those of the journal that need attention. */
GListModel *pos_till_get_attention (PosTill *self);
/* Of PosEntry: what came in while the till was away. */
GListModel *pos_till_get_recovered (PosTill *self);
/* Of TgwTerminal; NULL before the start. */
GListModel *pos_till_get_terminals (PosTill *self);
guint pos_till_count_attention (PosTill *self);
/* Lines of the day's book that cannot be read. */
guint pos_till_count_damaged (PosTill *self);
PosEntry *pos_till_find (PosTill *self, const char *id);
/* The newest payment of that terminal that is not resolved. */
PosEntry *pos_till_find_unresolved (PosTill *self, const char *terminal_id);

PosBlock pos_till_get_block (PosTill *self, const char *terminal_id, gint64 total);
const char *pos_block_text (PosBlock block);

/* Sends the sale; its page is shown at once. */
gboolean pos_till_charge (PosTill *self, const char *terminal_id, PosSale *sale, GError **error);
void pos_till_cancel (PosTill *self);
/* The cashier has seen the shown outcome: booked, acknowledged, and on to the next. */
gboolean pos_till_see (PosTill *self, GError **error);
/* Leaves an unresolved payment for later; it stays in “needs attention”. */
void pos_till_put_aside (PosTill *self);
gboolean pos_till_see_recovered (PosTill *self, GError **error);
void pos_till_show (PosTill *self, PosEntry *entry);
/* revision: of what the manager looked at; FALSE too if something new was told since. */
gboolean pos_till_close_by_hand (PosTill *self, PosEntry *entry, guint revision, PosFinding finding,
                                 const char *manager, const char *reason, GError **error);
void pos_till_void (PosTill *self, PosEntry *entry);
gboolean pos_till_can_void (PosEntry *entry);
void pos_till_printed (PosTill *self, PosEntry *entry);
void pos_till_take_back (PosTill *self);
const char *pos_till_get_displaced_by (PosTill *self);
gint64 pos_till_get_displaced_at (PosTill *self);
/* Whether the gateway would let this till in again; FALSE when it was turned away at its return, too. */
gboolean pos_till_get_may_return (PosTill *self);
/* The payment that was open when this till was displaced. */
PosEntry *pos_till_get_open (PosTill *self);

G_END_DECLS
