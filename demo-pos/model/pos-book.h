/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The till's own book: one file a day, one line a thing that happened, on disk before anybody is told that
 * the till has it. */
#pragma once

#include "demo-pos/model/pos-facts.h"

G_BEGIN_DECLS

/* What happened. */
typedef enum
{
  POS_MARK_SENT,    /* about to be sent */
  POS_MARK_STATE,   /* news from gateway or terminal */
  POS_MARK_CANCEL,  /* the cashier asked for a cancel */
  POS_MARK_VOID,    /* the cashier asked for a reversal */
  POS_MARK_SEEN,    /* the cashier has seen the outcome */
  POS_MARK_BY_HAND, /* a manager closed it */
  POS_MARK_PRINTED, /* a receipt was made */
  POS_N_MARKS
} PosMark;

typedef struct _PosBook PosBook;

/* One line: called for each, oldest first. */
typedef void (*PosBookFunc) (const char *id, PosMark mark, gint64 at, PosFacts *facts, gpointer user_data);

/* folder is made if need be. */
PosBook *pos_book_open (const char *folder, GError **error);
void pos_book_close (PosBook *self);
/* Written when it returns, and on disk if something is to be sent, acknowledged or told to anybody on the
 * strength of it; FALSE: it is not. */
gboolean pos_book_write (PosBook *self, const char *id, PosMark mark, gint64 at, const PosFacts *facts,
                         GError **error);
/* Bytes of the day that this time (ms) falls on; 0: there are none. */
gint64 pos_book_size (PosBook *self, gint64 day);
/* The day that this time (ms) falls on, in local time. A line that is damaged is skipped: the till must
 * start. */
gboolean pos_book_read (PosBook *self, gint64 day, PosBookFunc function, gpointer user_data, GError **error);
/* How many lines could not be read the last time. */
guint pos_book_get_damaged (PosBook *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PosBook, pos_book_close)

G_END_DECLS
