/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The links port: how the core reaches whoever is connected, or waits for an answer. A link is one WebSocket
 * connection or one HTTP request in waiting; its number is given by the outer side and never used again. */
#pragma once

#include "gateway/core/records.h"
#include "gateway/core/transaction.h"
#include "protocol/pos-event.h"

G_BEGIN_DECLS

typedef enum
{
  GW_ANSWER_ERROR,            /* error */
  GW_ANSWER_ATTACHED,         /* the handshake may be accepted, the HTTP session goes on */
  GW_ANSWER_PAYMENT_ACCEPTED, /* row */
  GW_ANSWER_PAYMENT_OUTCOME,  /* row, final: to a waiting POST */
  GW_ANSWER_CANCEL_TAKEN,     /* row */
  GW_ANSWER_VOID_TAKEN,       /* row */
  GW_ANSWER_TRANSACTION,      /* row */
  GW_ANSWER_TRANSACTIONS,     /* rows: GwTransaction; more: there are older ones behind the last */
  GW_ANSWER_TERMINALS,        /* terminals */
  GW_ANSWER_MESSAGES,         /* rows: GwMessage */
  GW_ANSWER_ACKED,            /* count */
  GW_ANSWER_TIMELINE,         /* rows: GwTimelineEntry */
  GW_ANSWER_AUDIT,            /* rows: GwAuditEntry */
  GW_ANSWER_KEY,              /* key; text: what was left open, JSON */
  GW_ANSWER_RELEASED,         /* device, rows: GwTransaction */
  GW_ANSWER_DISCONNECTED,     /* count */
  GW_ANSWER_ORPHANS           /* rows: GwOrphan */
} GwAnswerKind;

typedef struct
{
  GwAnswerKind kind;
  const char *request_id;
  gint64 now; /* wall ms */
  TgpErrorBody error;
  GwTransaction *row;
  GPtrArray *rows;
  gboolean more;
  const TgpTerminalView *terminals;
  guint count;
  GwKey *key;
  GwDevice *device;
  const char *text;
} GwAnswer;

typedef struct
{
  void (*send) (gpointer links, guint64 link, const char *text);
  void (*answer) (gpointer links, guint64 link, const GwAnswer *answer);
  /* Says forceDisconnect and closes with 4001. The link is dead for the core from here on. */
  void (*disconnect) (gpointer links, guint64 link, const TgpForceDisconnect *why);
  /* Closes without a word: the peer is taken for gone. */
  void (*drop) (gpointer links, guint64 link);
  /* A held link (gw_engine_link_is_held) may go on. */
  void (*release) (gpointer links, guint64 link);
  /* A ping now; gw_engine_probed() tells. */
  void (*probe) (gpointer links, guint64 link, guint timeout_ms);
} GwLinksClass;

typedef struct
{
  const GwLinksClass *klass;
  gpointer links;
} GwLinks;

G_END_DECLS
