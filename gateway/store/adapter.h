/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all adapters do in the same words. */
#pragma once

#include "gateway/core/store.h"

G_BEGIN_DECLS

#define GW_OBLIGATIONS_MAX 100
/* Of a list with a cursor, whatever its reader asks for. */
#define GW_READ_MAX 1000

/* Sweeping a message that nobody has read leaves this. */
GwAuditEntry *gw_unread_audit_new (const GwMessage *message, gint64 now);

/* read->limit within bounds. */
guint gw_read_limit (const GwRead *read);

/* Starts an answer: no rows, no count, no error. */
void gw_read_begin (GwRead *read, GDestroyNotify unref_row);

G_END_DECLS
