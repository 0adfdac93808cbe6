/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "localproxy/store.h"

#include <sqlite3.h>

G_BEGIN_DECLS

typedef enum
{
  LP_SQL_PUT_CLIENT,
  LP_SQL_LOAD_CLIENTS,
  LP_SQL_PUT_DISPLACED,
  LP_SQL_IS_DISPLACED,
  LP_SQL_SEE_SIGNATURE,
  LP_SQL_GET_TEXT,
  LP_SQL_SET_TEXT,
  LP_SQL_ADD_ORDER,
  LP_SQL_FIND_ORDER,
  LP_SQL_REFUSE_ORDER,
  LP_SQL_ADD_MESSAGE,
  LP_SQL_FIND_MESSAGE,
  LP_SQL_FIND_MESSAGE_ID,
  LP_SQL_REWRITE_MESSAGE,
  LP_SQL_READ_MESSAGES,
  LP_SQL_COUNT_MESSAGES,
  LP_SQL_LAST_OUTCOME,
  LP_SQL_ACK_ID,
  LP_SQL_ACK_SEQ,
  LP_SQL_ADOPT,
  LP_SQL_FIND_EXPIRED,
  LP_SQL_BEGIN,
  LP_SQL_COMMIT,
  LP_SQL_ROLLBACK,
  LP_N_SQL
} LpSql;

struct _LpStore
{
  sqlite3 *db;
  sqlite3_stmt *statements[LP_N_SQL];
};

/* The statement, with its parameters bound: 's' text, 'i' gint64, 'b' 32 bytes; NULL text is NULL. */
sqlite3_stmt *lp_store_bind (LpStore *store, LpSql number, const char *types, ...);
/* Runs it to its end. */
gboolean lp_store_run (LpStore *store, sqlite3_stmt *statement, GError **error);
/* TRUE: there is a row. Then read it, and lp_store_end() the statement. */
gboolean lp_store_step (LpStore *store, sqlite3_stmt *statement, GError **error);
void lp_store_end (sqlite3_stmt *statement);
char *lp_store_text (sqlite3_stmt *statement, int column);

G_END_DECLS
