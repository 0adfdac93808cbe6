/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The store without a disk: the model that the other adapters are compared with, and what the simulation runs
 * on. Has real rollback, and its order never depends on hashes or addresses. */
#pragma once

#include "gateway/core/store.h"

G_BEGIN_DECLS

GwTables *gw_memory_tables_new (const char *instance_id);

/* For simulation: the next commit that put something ends with this outcome. A DONE changes nothing, a FAILED
 * is rolled back, and an UNCERTAIN is kept when `kept` says so, else rolled back. */
void gw_memory_tables_set_next_commit (GwTables *tables, GwCommit outcome, gboolean kept);

G_END_DECLS
