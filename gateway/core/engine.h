/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The payment engine: inputs become operations for the store; what comes back from the store becomes effects
 * on links. It decides nothing about a payment itself (the operations do, against the rows): it holds links,
 * deadlines and the keys of open payments. One thread, no I/O, no JSON beyond ready texts. */
#pragma once

#include "gateway/core/bus.h"
#include "gateway/core/clock.h"
#include "gateway/core/links.h"
#include "gateway/core/operation.h"
#include "protocol/pos-message.h"
#include "protocol/terminal-message.h"

G_BEGIN_DECLS

typedef struct _GwEngine GwEngine;

/* Periods in ms. */
typedef struct
{
  gint64 grace_period, payment_timeout, payment_limit, cancel_timeout, long_poll_timeout;
  gint64 accept_timeout, probe_timeout, void_interval, retry_interval, join_window, signature_window;
  gint64 void_patience; /* a reversal that is not answered for so long is for staff */
  gint64 heartbeat_interval;
  gboolean shared_terminal_keys; /* terminals with different deviceIds may use one key */
  guint mailbox_window;
  guint max_signatures;   /* in half a window */
  guint max_waiting;      /* operations */
  gint64 max_waiting_age; /* ms */
  gint64 message_retention, transaction_retention, id_retention, device_retention;
} GwSettings;

void gw_settings_default (GwSettings *settings);

GwEngine *gw_engine_new (const GwSettings *settings, GwClock clock, GwStore store, GwBus bus, GwLinks links);
void gw_engine_free (GwEngine *engine);

/* --- life of the process --- */

/* Loads keys, devices, sessions, signatures and everything open; then gives the open payments their fresh
 * grace. ready() is called once, with an error if the store cannot be read. */
void gw_engine_start (GwEngine *engine, void (*ready) (gpointer data, const GError *error), gpointer data);
/* New payments are refused from here on. */
void gw_engine_drain (GwEngine *engine);
gboolean gw_engine_is_draining (GwEngine *engine);
/* Waiting requests get 504, connections forceDisconnect `other`. */
void gw_engine_finish (GwEngine *engine);
/* Runs what is due; then says when the next deadline is (monotonic ms, G_MAXINT64: none). */
void gw_engine_advance (GwEngine *engine);
gint64 gw_engine_next_deadline (GwEngine *engine);
/* How much the store has waiting: for back-pressure and readiness. oldest_ms: age of the oldest operation. */
void gw_engine_get_load (GwEngine *engine, guint *waiting, gint64 *oldest_ms);
typedef struct
{
  guint pos, terminals_online, terminals, open_payments, waiting;
  guint64 payments, completed, failed, cancelled, voided, messages_sent;
} GwCounters;
void gw_engine_get_counters (GwEngine *engine, GwCounters *counters);

/* --- what comes back --- */

/* Takes the operations (in submission order). */
void gw_engine_operations_done (GwEngine *engine, GwOperation **operations, guint n);
/* Takes the read. */
void gw_engine_read_done (GwEngine *engine, GwRead *read);
void gw_engine_hint (GwEngine *engine, GwHint hint, const char *id);

/* --- authentication --- */

/* NULL if there is none; revoked keys are there, with revoked_at. Borrowed. */
GwKey *gw_engine_find_key (GwEngine *engine, const char *api_key);
GwKey *gw_engine_find_key_by_id (GwEngine *engine, const char *key_id);
typedef enum
{
  GW_SIGNATURE_FRESH,
  GW_SIGNATURE_SEEN,
  GW_SIGNATURE_REFUSED /* too many of them in the window */
} GwSignatureCheck;
/* Remembers the signature of a POST for its window. Durable with the next batch, but for a payment's:
 * gw_engine_pay() does that. */
GwSignatureCheck gw_engine_see_signature (GwEngine *engine, guint64 fingerprint, gboolean is_payment);

/* --- POS --- */

/* All of these answer through links->answer (link, …). The key is the caller's, authenticated. */
typedef struct
{
  guint64 link;
  GwKey *key;                 /* borrowed; NULL: the operator */
  const char *request_id;     /* nullable */
  const char *session_id;     /* HTTP, nullable */
  const char *transaction_id; /* of the payment that this request will start, once it may; nullable */
  gboolean http;
} GwCaller;

void gw_engine_connect_pos (GwEngine *engine, const GwCaller *caller, const char *address,
                            const char *user_agent, gboolean acks);
/* An HTTP request with x-session-id: ATTACHED, or SESSION_DISPLACED. Whatever it starts is started before
 * that answer returns. */
void gw_engine_enter_session (GwEngine *engine, const GwCaller *caller, const char *address,
                              const char *user_agent);
/* Takes payment. signature: fingerprint of the POST's, 0 over WebSocket. */
void gw_engine_pay (GwEngine *engine, const GwCaller *caller, const char *terminal_id,
                    TgpPaymentRequest *payment, guint64 signature, gint64 signature_expires);
/* Refuses a payment that was never begun here, with the verdict of the one that has this id, if there is one.
 */
void gw_engine_refuse_payment (GwEngine *engine, const GwCaller *caller, const char *transaction_id,
                               TgpErrorCode code, const char *message);
void gw_engine_cancel (GwEngine *engine, const GwCaller *caller, const char *transaction_id);
void gw_engine_void (GwEngine *engine, const GwCaller *caller, const char *transaction_id);
void gw_engine_get_terminals (GwEngine *engine, const GwCaller *caller);
void gw_engine_get_transaction (GwEngine *engine, const GwCaller *caller, const char *group_id,
                                const char *transaction_id);
/* Takes the read: a filled-in GW_READ_TRANSACTIONS, GW_READ_TIMELINE or GW_READ_AUDIT. */
void gw_engine_ask (GwEngine *engine, const GwCaller *caller, GwRead *read);
void gw_engine_get_messages (GwEngine *engine, const GwCaller *caller, gint64 wait_ms);
void gw_engine_ack (GwEngine *engine, const GwCaller *caller, const GPtrArray *message_ids);
/* A waiting POST returned this payment's outcome in full. */
void gw_engine_outcome_returned (GwEngine *engine, const char *key_id, gint64 seq);
/* TRUE while answers on this link must wait (an ack is being made durable); the outer side queues its input
 * until links->answer or gw_engine_link_is_held() says otherwise. */
gboolean gw_engine_link_is_held (GwEngine *engine, guint64 link);

/* --- terminals --- */

/* Answers ATTACHED or an error. device_id nullable. */
void gw_engine_connect_terminal (GwEngine *engine, const GwCaller *caller, const char *device_id,
                                 const char *address, const char *user_agent);
/* Borrows message (its response may be taken out of it). */
void gw_engine_terminal_says (GwEngine *engine, guint64 link, TgpTerminalMessage *message);

/* --- connections --- */

/* After ATTACHED: the upgrade is done, the first messages may go out. */
void gw_engine_link_ready (GwEngine *engine, guint64 link);
void gw_engine_link_down (GwEngine *engine, guint64 link);
void gw_engine_link_stale (GwEngine *engine, guint64 link);
void gw_engine_link_active (GwEngine *engine, guint64 link);
void gw_engine_heartbeat_sent (GwEngine *engine, guint64 link);
void gw_engine_heartbeat_answered (GwEngine *engine, guint64 link);
void gw_engine_probed (GwEngine *engine, guint64 link, gboolean answered);
/* An HTTP caller that waits is gone. */
void gw_engine_forget_caller (GwEngine *engine, guint64 link);

/* --- operator --- */

void gw_engine_create_key (GwEngine *engine, const GwCaller *caller, TgpRole role, const char *group_id);
void gw_engine_rotate_key (GwEngine *engine, const GwCaller *caller, const char *key_id);
void gw_engine_revoke_key (GwEngine *engine, const GwCaller *caller, const char *key_id, gboolean force);
void gw_engine_release (GwEngine *engine, const GwCaller *caller, const char *group_id,
                        const char *terminal_id, const char *note);
void gw_engine_resolve (GwEngine *engine, const GwCaller *caller, const char *group_id,
                        const char *transaction_id, const char *as, const char *note);
/* All of a key, its HTTP session too; or the connection with this id. */
void gw_engine_disconnect (GwEngine *engine, const GwCaller *caller, const char *key_id,
                           const char *connection_id, gboolean reconnect_allowed);
/* Every key / terminal: for the operator's lists. */
typedef struct
{
  const char *terminal_id; /* NULL: a till */
  const char *connection_id, *address, *user_agent;
  gint64 since;
  const char *in_flight; /* the payment that a terminal works on; nullable */
} GwConnectionView;
typedef struct
{
  GwKey *key;
  gboolean active; /* a till: its WebSocket, or its HTTP session without a connectionId */
  const char *connection_id, *address, *user_agent;
  gint64 since;
  const GArray *connections;  /* GwConnectionView, WebSockets of either role */
  const GPtrArray *in_flight; /* ids of the open payments that it started, or that are on its terminals */
} GwKeyView;
void gw_engine_foreach_key (GwEngine *engine, void (*func) (const GwKeyView *view, gpointer data),
                            gpointer data);
void gw_engine_foreach_terminal (GwEngine *engine, const char *group_id,
                                 void (*func) (const TgpTerminalView *view, const char *key_id,
                                               gpointer data),
                                 gpointer data);
/* Deletes what is past its retention, a bounded number a call. */
void gw_engine_sweep (GwEngine *engine);

G_END_DECLS
