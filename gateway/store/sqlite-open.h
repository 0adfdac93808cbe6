/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "gateway/store/sqlite-private.h"

G_BEGIN_DECLS

extern const GwTablesClass gw_sqlite_tables_class;

/* Closes the handle and frees everything. */
void gw_sqlite_tables_free (GwSqliteTables *self);

G_END_DECLS
