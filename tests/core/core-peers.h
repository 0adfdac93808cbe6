/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What peers of the harness do: connect, say things, go; and what they heard. Nothing here runs a step,
 * unless it says so. */
#pragma once

#include "tests/core/core-harness.h"

G_BEGIN_DECLS

#define ALL_CAPABILITIES (TGP_CAPABILITY_CANCEL | TGP_CAPABILITY_VOID | TGP_CAPABILITY_PROGRESS)

Peer *peer_new (Harness *harness, GwKey *key, gboolean http);
void peer_free (Peer *peer);
GwLinks harness_links (Harness *harness);

/* The connection ends, from the peer's side. */
void peer_drop (Peer *peer);
void peer_forget (Peer *peer); /* what it heard so far */

/* --- POS --- */

Peer *pos_connect (Harness *harness, GwKey *key, gboolean acks);
Peer *pos_ready (Harness *harness, GwKey *key, gboolean acks); /* connects and runs */
void pos_pay (Peer *pos, const char *terminal_id, const char *transaction_id, gint64 cents);
void pos_pay_as (Peer *pos, const char *terminal_id, const char *transaction_id, gint64 minor,
                 const char *currency, TgpMethod method);
void pos_cancel (Peer *pos, const char *transaction_id);
void pos_void (Peer *pos, const char *transaction_id);
void pos_query (Peer *pos, const char *transaction_id);
void pos_terminals (Peer *pos);
void pos_ack (Peer *pos, const char *message_id, ...) G_GNUC_NULL_TERMINATED;
void pos_heartbeat (Peer *pos); /* ping and pong */

/* HTTP: a new caller each. session_id nullable (then it enters first, and goes on when it may). */
Peer *http_pay (Harness *harness, GwKey *key, const char *session_id, const char *terminal_id,
                const char *transaction_id, gint64 cents);
Peer *http_pay_signed (Harness *harness, GwKey *key, const char *terminal_id, const char *transaction_id,
                       gint64 cents, guint64 signature);
/* Enters as run-1, and pays (tx-1, 12.34, T-1) when a step has stored the session. */
Peer *http_enter_and_pay (Harness *harness);
Peer *http_enter (Harness *harness, GwKey *key, const char *session_id);
Peer *http_messages (Harness *harness, GwKey *key, gint64 wait_ms);

/* --- terminals --- */

Peer *terminal_connect (Harness *harness, GwKey *key, const char *device_id);
/* Connects, says hello with all capabilities and journal "journal-1", runs. key NULL: the harness's. */
Peer *terminal_ready (Harness *harness, GwKey *key, const char *device_id);
Peer *terminal_ready_as (Harness *harness, GwKey *key, const char *device_id, guint capabilities,
                         const char *journal_id);
/* Any message, as JSON. */
void terminal_says (Peer *terminal, const char *json);
void terminal_hello (Peer *terminal, guint capabilities, const char *journal_id, const char *active);
void terminal_accepts (Peer *terminal, const char *transaction_id);
void terminal_progress (Peer *terminal, const char *transaction_id, const char *stage);
/* cents < 0: none said. */
void terminal_result (Peer *terminal, const char *transaction_id, TgpResult result, gint64 cents);
void terminal_result_as (Peer *terminal, const char *transaction_id, TgpResult result, gint64 minor,
                         const char *currency, const char *authorization_code, const char *error_code);
void terminal_status (Peer *terminal, const char *transaction_id, gboolean in_progress);
void terminal_void_answer (Peer *terminal, const char *transaction_id, TgpVoidAnswer answer);
const char *terminal_connection_id (Peer *terminal);

/* --- what they heard --- */

guint peer_count (Peer *peer, const char *action);
guint peer_count_for (Peer *peer, const char *action, const char *transaction_id);
Sent *peer_last (Peer *peer, const char *action); /* asserts that there is one */
Answer *peer_answer (Peer *peer);                 /* the last one; asserts */
Answer *peer_answer_of (Peer *peer, GwAnswerKind kind);
void peer_assert_error (Peer *peer, TgpErrorCode code, TgpMoneyMoved moved, gboolean retry_safe,
                        TgpNextAction next);
void assert_verdict (const TgpVerdict *verdict, TgpMoneyMoved moved, gboolean retry_safe, TgpNextAction next);
/* The verdict of the row, from the store. */
void assert_row_verdict (Harness *harness, const char *transaction_id, TgpMoneyMoved moved,
                         gboolean retry_safe, TgpNextAction next);
void assert_status (Harness *harness, const char *transaction_id, TgpStatus status, const char *error_code);

G_END_DECLS
