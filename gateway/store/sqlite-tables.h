/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The default store: one SQLite file in WAL mode, synchronous=FULL. One handle writes; any number of others
 * read. */
#pragma once

#include "gateway/core/store.h"

G_BEGIN_DECLS

#define GW_SQLITE_ERROR (gw_sqlite_error_quark ())
GQuark gw_sqlite_error_quark (void);

typedef enum
{
  GW_SQLITE_ERROR_FAILED,   /* SQLite said so; the text is its own */
  GW_SQLITE_ERROR_FOREIGN,  /* the file is no store of ours, or is damaged */
  GW_SQLITE_ERROR_NEWER,    /* a later version of the gateway made it */
  GW_SQLITE_ERROR_NO_ACCESS /* cannot be opened or made */
} GwSqliteError;

/* Makes the file (mode 0600) or brings its schema up to date, unless read_only: then it must be there and up
 * to date. A handle belongs to one thread at a time. Close the writing handle last: it folds the log into the
 * file. */
GwTables *gw_sqlite_tables_open (const char *path, gboolean read_only, GError **error);

G_END_DECLS
