/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sqlite3.h>

#include "libtgwclient/tgw-journal.h"

G_BEGIN_DECLS

typedef enum
{
  TGW_SQL_BEGIN,
  TGW_SQL_COMMIT,
  TGW_SQL_ROLLBACK,
  TGW_SQL_SAVE_PAYMENT,
  TGW_SQL_SAVE_NEWS,
  TGW_SQL_SAVE_MESSAGE,
  TGW_SQL_SEEN,
  TGW_SQL_FORGET,
  TGW_SQL_ACKNOWLEDGE,
  TGW_SQL_LOAD,
  TGW_SQL_FIND,
  TGW_SQL_LOAD_NEWS,
  TGW_SQL_SWEEP_PAYMENTS,
  TGW_SQL_SWEEP_MESSAGES,
  TGW_N_SQL
} TgwSql;

struct _TgwJournal
{
  sqlite3 *db;
  char *path;
  char *set_aside; /* nullable */
  gboolean opened;
  sqlite3_stmt *statements[TGW_N_SQL];
};

/* tgw-journal-file.c */
/* Opens, locks, checks and upgrades the file. damaged: whether it is one that cannot be used any more, and
 * not a case for another try. */
gboolean tgw_journal_open_file (TgwJournal *journal, gboolean *damaged, GError **error);
void tgw_journal_close_file (TgwJournal *journal);
/* Moves the damaged file out of the way; journal->set_aside says where. */
gboolean tgw_journal_move_aside (TgwJournal *journal, GError **error);
/* journal->set_aside: a damaged file that an earlier run moved and did not take over. */
void tgw_journal_find_unread (TgwJournal *journal);
/* journal->set_aside was taken over: said in the journal, in the same commit, and then by its name. */
gboolean tgw_journal_note_taken_over (TgwJournal *journal, GError **error);
void tgw_journal_note_read (TgwJournal *journal);
/* Files up to this size are read through at every opening. */
extern gint64 tgw_journal_check_size_max;
/* TGW_ERROR_JOURNAL with SQLite's words, and what to do. */
gboolean tgw_journal_fail (TgwJournal *journal, GError **error);
/* Whether this code of SQLite means that the file cannot be used any more. */
gboolean tgw_journal_is_damage (int code);
/* Met damage: the next opening reads the file through, whatever its size. */
void tgw_journal_suspect (TgwJournal *journal);

/* tgw-journal-meta.c */
#define TGW_JOURNAL_SUSPECT "suspect"
/* Before the name of a file that was taken over and could not be renamed. */
#define TGW_JOURNAL_READ "read "
gboolean tgw_journal_copy_words (TgwJournal *journal, TgwJournal *from, GError **error);

G_END_DECLS
