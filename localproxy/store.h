/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the proxy remembers: who its local clients are, who started which payment, and what waits for whom.
 * One SQLite file; each call is durable when it returns. What became of a payment is not in here: that is
 * the business of the client library's journal and of the gateway. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _LpStore LpStore;

typedef enum
{
  LP_CLIENT_TOKEN, /* bearer token over loopback */
  LP_CLIENT_HMAC,  /* key and secret, requests are signed */
  LP_CLIENT_SOCKET /* Unix socket: the kernel says who it is */
} LpClientKind;

typedef struct
{
  char *id;
  LpClientKind kind;
  guint8 token_hash[32];
  char *api_key; /* LP_CLIENT_HMAC, as is the next one */
  char *secret;
  gint64 created_at; /* ms, as are all times here; 0: never */
  gint64 revoked_at;
  gboolean acks;    /* it has acked before */
  char *session_id; /* active HTTP session; nullable */
} LpClientRow;

/* A payment that a local client started. */
typedef struct
{
  char *transaction_id;
  char *client_id;
  char *terminal_id; /* as it was named */
  char *device_id;   /* what that was then; nullable */
  gint64 amount;
  char currency[4];
  int method; /* TgpMethod */
  gint64 created_at;
  gboolean refused; /* it was not started, and its id is free */
} LpOrder;

typedef struct
{
  gint64 seq;
  char *client_id; /* "": nobody's */
  char *transaction_id;
  char *action;
  char *message_id;
  char *body;
  gboolean acked;
  gboolean known; /* it was stored before */
} LpMessage;

LpStore *lp_store_open (const char *path, GError **error);
void lp_store_close (LpStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LpStore, lp_store_close)

void lp_client_row_free (LpClientRow *row);
void lp_order_free (LpOrder *order);
void lp_message_free (LpMessage *message);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LpClientRow, lp_client_row_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LpOrder, lp_order_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LpMessage, lp_message_free)

/* --- store-clients.c --- */

GPtrArray *lp_store_load_clients (LpStore *store, GError **error); /* LpClientRow */
gboolean lp_store_put_client (LpStore *store, const LpClientRow *row, GError **error);
/* New credentials; adopt: what waits for nobody waits for this client now. All of it or nothing. */
gboolean lp_store_pair (LpStore *store, const LpClientRow *row, gboolean adopt, GError **error);
/* It signs its WebSocket handshakes; until it is paired again. */
gboolean lp_store_set_signs (LpStore *store, const char *client_id, GError **error);
gboolean lp_store_get_signs (LpStore *store, const char *client_id);
/* A session that another one took the place of, remembered until expires. */
gboolean lp_store_put_displaced (LpStore *store, const char *client_id, const char *session_id,
                                 gint64 expires, GError **error);
gboolean lp_store_is_displaced (LpStore *store, const char *client_id, const char *session_id, gint64 now);
/* fresh: it was not seen before. */
gboolean lp_store_see_signature (LpStore *store, guint64 fingerprint, gint64 expires, gboolean *fresh,
                                 GError **error);
/* Messages that it did not fetch in time, and when the last ones were swept away. */
guint lp_store_count_expired (LpStore *store, const char *client_id, gint64 *last);
char *lp_store_get_text (LpStore *store, const char *name);
gboolean lp_store_set_text (LpStore *store, const char *name, const char *value, GError **error);

/* --- store-payments.c --- */

gboolean lp_store_add_order (LpStore *store, const LpOrder *order, GError **error);
/* NULL without an error: there is none. */
LpOrder *lp_store_find_order (LpStore *store, const char *transaction_id, GError **error);
/* Whose it was stays known: should there be news of it after all, they have an owner. */
gboolean lp_store_refuse_order (LpStore *store, const char *transaction_id, GError **error);

/* The same news of the same payment is stored once: revision tells apart what may come more than once.
 * message: as it is stored, new or old. Takes the ids; seq, acked and known are filled in. The error is
 * G_IO_ERROR_EXISTS when the id of the message is that of other news. */
gboolean lp_store_add_message (LpStore *store, LpMessage *message, guint revision, gint64 now,
                               GError **error);
/* The same message, with its body as it is now. */
gboolean lp_store_rewrite_message (LpStore *store, const LpMessage *message, GError **error);
/* Unacked ones behind after, oldest first; count: all that wait. Returns LpMessage. */
GPtrArray *lp_store_read_messages (LpStore *store, const char *client_id, gint64 after, guint limit,
                                   guint *count, GError **error);
/* The paymentComplete or paymentVoided that was told last; acked or not. */
LpMessage *lp_store_last_outcome (LpStore *store, const char *transaction_id, GError **error);
/* Returns the seqs that were taken off the queue; gint64. */
GArray *lp_store_ack_ids (LpStore *store, const char *client_id, const GPtrArray *message_ids,
                          GError **error);
gboolean lp_store_ack_seqs (LpStore *store, const char *client_id, const GArray *seqs, GError **error);
/* What waits for nobody waits for this client now. */
gboolean lp_store_adopt (LpStore *store, const char *client_id, GError **error);
/* Forgets what is too old; returns how many unread messages were among it. now must be right: what a wrong
 * clock stored waits its time from the next sweep on. under_way: ids of payments whose owners stay known. */
guint lp_store_sweep (LpStore *store, gint64 now, const GPtrArray *under_way);

G_END_DECLS
