/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of the SQLite store and their history. */
#pragma once

#include <glib.h>
#include <sqlite3.h>

G_BEGIN_DECLS

/* "TGWS" */
#define GW_SQLITE_APPLICATION_ID 0x54475753

/* What this version writes. */
int gw_sqlite_schema_version (void);

/* Is the file ours, and which schema has it? 0 for an empty file. Fails for foreign, damaged and newer ones.
 */
gboolean gw_sqlite_schema_check (sqlite3 *db, const char *path, int *version, GError **error);

/* Runs the steps that are missing, in one transaction. */
gboolean gw_sqlite_schema_upgrade (sqlite3 *db, const char *path, int from, GError **error);

G_END_DECLS
