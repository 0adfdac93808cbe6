/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the operations share. Everything here runs on the store's thread, between begin and commit. */
#pragma once

#include "gateway/core/operation.h"
#include "gateway/core/planted.h"

G_BEGIN_DECLS

void gw_run_pay (GwTables *tables, GwOperation *op);
void gw_run_cancel (GwTables *tables, GwOperation *op);
void gw_run_void (GwTables *tables, GwOperation *op);
void gw_run_result (GwTables *tables, GwOperation *op);
void gw_run_status (GwTables *tables, GwOperation *op);
void gw_run_void_answer (GwTables *tables, GwOperation *op);
void gw_run_void_overdue (GwTables *tables, GwOperation *op);
void gw_run_lost (GwTables *tables, GwOperation *op);
void gw_run_grace_expired (GwTables *tables, GwOperation *op);
void gw_run_timed_out (GwTables *tables, GwOperation *op);
void gw_run_restarted (GwTables *tables, GwOperation *op);
void gw_run_abandon (GwTables *tables, GwOperation *op);
void gw_run_attach_device (GwTables *tables, GwOperation *op);
void gw_run_hello (GwTables *tables, GwOperation *op);
void gw_run_release (GwTables *tables, GwOperation *op);
void gw_run_resolve (GwTables *tables, GwOperation *op);
void gw_run_disconnect (GwTables *tables, GwOperation *op);
void gw_run_attach_session (GwTables *tables, GwOperation *op);
void gw_run_ack (GwTables *tables, GwOperation *op);
void gw_run_signatures (GwTables *tables, GwOperation *op);
void gw_run_create_key (GwTables *tables, GwOperation *op);
void gw_run_rotate_key (GwTables *tables, GwOperation *op);
void gw_run_revoke_key (GwTables *tables, GwOperation *op);
void gw_run_look (GwTables *tables, GwOperation *op);
/* The part of gw_run_look() about keys. */
void gw_run_look_at_key (GwTables *tables, GwOperation *op);
void gw_run_audit (GwTables *tables, GwOperation *op);
void gw_run_sweep (GwTables *tables, GwOperation *op);

/* --- outcome.c: what every change of a payment brings with it --- */

/* A change of one row in the making. */
typedef struct
{
  GwTables *tables;
  GwOperation *op;
  GwTransaction *row; /* a private copy */
  TgpStatus from;
  TgpVerdict verdict; /* before */
} GwChange;

/* Copies the row; the change is stored by gw_change_end(). */
void gw_change_begin (GwChange *change, GwTables *tables, GwOperation *op, const GwTransaction *row);
/* Closes as settled by whatever: the terminal is free. */
void gw_change_settle (GwChange *change);
/* The terminal has something new to say: what staff found stands aside, and if it does not agree, somebody
 * must look again. Once the row says it, before anybody is told. */
void gw_change_is_news (GwChange *change);
/* Queues a message about the row as it is now ("paymentComplete", "paymentVoided", …). */
void gw_change_queue (GwChange *change, const char *action);
/* Puts the row, writes the timeline entry, and makes it the operation's result (APPLIED). What was told of
 * the payment before says the new verdict when it is said again. detail nullable. */
void gw_change_end (GwChange *change, const char *what, const char *detail);

/* --- edges.c --- */

/* May a payment go from one state to the other? The table of section 8. */
gboolean gw_edge_is_legal (TgpStatus from, TgpStatus to);
/* Moves to a state; checks the edge (an illegal one is a bug: it is logged and the change is dropped). */
gboolean gw_change_status (GwChange *change, TgpStatus to);
/* Closes it without the terminal's word: FAILED with a code, unsettled, still holding the terminal. */
gboolean gw_change_fail (GwChange *change, const char *error_code, const char *error_message);

/* A displaced HTTP session is told so, this long (ms). */
#define GW_DISPLACED_KEPT (24 * G_GINT64_CONSTANT (3600000))

/* No story is longer: a terminal that repeats itself for ever must not fill the disk. */
#define GW_TIMELINE_MAX 500
/* Nor does one that contradicts itself without end fill the till's queue: staff know by then. */
#define GW_CONFLICT_TIMELINE_MAX 32

/* A note in the timeline without a change of state. Takes row's next number: row must be put (or be in a
 * change). */
void gw_note (GwTables *tables, GwOperation *op, const GwTransaction *row, const char *what,
              const char *detail);
void gw_audit (GwTables *tables, GwOperation *op, const char *what, const char *transaction_id,
               const char *detail);

/* Result: row as it stands, UNCHANGED. */
void gw_keep (GwOperation *op, GwTransaction *row);
void gw_refuse (GwOperation *op, TgpErrorCode code);
/* Because of how it stands: the verdict of the answer is the row's. */
void gw_refuse_as_it_is (GwOperation *op, TgpErrorCode code, GwTransaction *row);
/* Only the terminal that a payment was sent to speaks for it. row nullable; what: of a known payment, for
 * people. */
void gw_refuse_stranger (GwTables *tables, GwOperation *op, const GwTransaction *row, const char *what);
/* Who has the key now: one that was rotated lives on in its successor. A GRefString of the caller's. */
char *gw_newest_key (GwTables *tables, const char *key_id);
/* Do both slots name one terminal? Without a deviceId it is known by its key, the newest one. */
gboolean gw_same_slot (GwTables *tables, const char *a, const char *b);
/* The key may have been rotated or revoked since this was asked: from here on its successor asks. FALSE:
 * refused. */
gboolean gw_follow_key (GwTables *tables, GwOperation *op);

/* PENDING, terminal gone: grace for a device, else closed. Puts. accepted: it had said so, or might have. */
void gw_lose_terminal (GwTables *tables, GwOperation *op, const GwTransaction *row, gboolean accepted,
                       const char *what);

G_END_DECLS
