/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "demo-pos/model/pos-till.h"

G_BEGIN_DECLS

struct _PosTill
{
  GObject parent_instance;

  TgwClient *client;
  PosBook *book;
  GListStore *journal;   /* newest first */
  GListStore *attention; /* those of the journal that somebody must look at, newest first */
  gint64 front;          /* the order of the newest entry: its place in the journal is front - order */
  GHashTable *entries;   /* id (borrowed) -> PosEntry (borrowed from the journal) */
  GHashTable *started;   /* ids that this run started */
  GQueue waiting;        /* PosEntry: outcomes that wait to be shown */
  GListStore *recovered;
  PosEntry *shown;
  gboolean shown_changed; /* and nobody was told yet */
  GCancellable *cancel;   /* of the payment that this run sent and waits for */
  PosView view;
  gboolean trial; /* never connected yet, see pos_till_try */
  gboolean may_return;
  gboolean turned_away;  /* the gateway would not take it back */
  gpointer closed;       /* the entry that came to its end last; never looked into */
  gpointer settled;      /* the entry that was settled last; never looked into */
  GCancellable *reading; /* of a long day's book, in a thread; NULL: it is read */
  GPtrArray *read;       /* entries that came from there and are not in the journal yet */
  guint read_source;
  guint ask_source; /* for what has no answer yet */
  guint n_damaged;  /* lines of the book that could not be read */
};

gint64 pos_now (void);
PosEntry *pos_till_entry (PosTill *self, const char *id, gint64 started_at);
/* Book first, then the entry. */
gboolean pos_till_mark (PosTill *self, PosEntry *entry, PosMark mark, const PosFacts *facts, GError **error);
void pos_till_follow (PosTill *self, PosEntry *entry, TgwPayment *payment);
/* As an answer told it; the object may be one that nothing else will change. */
void pos_till_take (PosTill *self, PosEntry *entry, TgwPayment *payment);
/* News that nobody waited for: among the recovered ones, unless somebody looks at it already. */
void pos_till_bring_back (PosTill *self, PosEntry *entry);
/* One that was not sent after all; it is the first of the journal. */
void pos_till_forget (PosTill *self, PosEntry *entry);
/* It fills the window in its turn, unless it is seen among the recovered ones. */
void pos_till_enqueue (PosTill *self, PosEntry *entry);
/* pos_till_update_view tells of it. */
void pos_till_set_shown (PosTill *self, PosEntry *entry);
/* Chooses what fills the window, and takes the next outcome that waits. */
void pos_till_update_view (PosTill *self);
/* Something that decides about Charge may have changed. */
void pos_till_status_changed (PosTill *self);
void pos_till_connect_signals (PosTill *self);
/* Once online: for what nobody else asks, and for a reversal that may not have been heard. */
void pos_till_ask (PosTill *self);
/* Stops, and says why. */
void pos_till_give_up (PosTill *self, const GError *error);

/* Fills the journal, at once or, of a long day, while `reading` is set. */
gboolean pos_till_read_book (PosTill *self, const char *folder, GError **error);
void pos_till_stop_reading (PosTill *self);
/* Puts the next of what was read into the journal; TRUE: that was all. */
gboolean pos_till_take_read (PosTill *self, guint n_at_most);
/* Once all of the book is known. */
void pos_till_connect (PosTill *self);

G_END_DECLS
