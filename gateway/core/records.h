/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The other rows: keys, devices, sessions, messages, timeline, audit. Immutable once shared, GRefString
 * texts, thread-safe. Never interned ones: one thread of GLib 2.74 may take up what another is letting go of.
 */
#pragma once

#include "protocol/states.h"

G_BEGIN_DECLS

typedef struct
{
  gatomicrefcount refs;
  char *key_id; /* public name, "k_…" */
  char *api_key;
  char *secret;
  char *group_id;
  TgpRole role;
  gint64 created_at;
  gint64 revoked_at; /* 0: valid */
  char *successor;   /* key_id it was rotated to; nullable */
} GwKey;

/* A terminal that has been here: one row per (group, slot). */
typedef struct
{
  gatomicrefcount refs;
  char *group_id;
  char *slot;          /* its deviceId, or "@" keyId for the connection of a key without one */
  char *device_id;     /* nullable */
  char *key_id;        /* it is bound to this one */
  gint64 epoch;        /* grows with every attach */
  gboolean attached;   /* a connection holds it now (as far as the store knows) */
  char *connection_id; /* of the latest connection */
  char *journal_id;    /* nullable */
  char *metadata;      /* JSON object text; nullable */
  guint capabilities;  /* TgpCapabilities */
  gint64 connected_at;
  gint64 last_seen;
} GwDevice;

/* Who speaks for a POS key now. */
typedef struct
{
  gatomicrefcount refs;
  char *key_id;
  gint64 epoch;        /* grows with every displacement */
  char *connection_id; /* of the active WebSocket; nullable */
  char *session_id;    /* of the active HTTP session; nullable */
  char *address;       /* nullable */
  char *user_agent;    /* nullable */
  gint64 since;
  gboolean acks; /* has ever acked: only `ack` takes messages off its queue */
} GwSession;

/* A mailbox row. seq is unique and grows over the whole store; a key's messages go out by it. */
typedef struct
{
  gatomicrefcount refs;
  gint64 seq;
  char *key_id;
  char *group_id;
  char *transaction_id;
  char *action; /* "paymentComplete", … */
  char *body;   /* the message as it is sent, messageId included */
  gint64 created_at;
  gint64 acked_at; /* 0: waiting */
} GwMessage;

typedef struct
{
  gatomicrefcount refs;
  char *group_id;
  char *transaction_id;
  guint n; /* 0, 1, … per transaction */
  gint64 at;
  char *actor;      /* "pos k_…", "terminal TERM-001", "gateway", "staff" */
  char *connection; /* nullable */
  char *what;       /* "payment requested", … */
  int from_status;  /* TgpStatus, -1: none */
  int to_status;
  char *detail; /* nullable */
} GwTimelineEntry;

typedef struct
{
  gatomicrefcount refs;
  gint64 seq;
  gint64 at;
  char *actor;
  char *what;
  char *group_id; /* nullable, as the next ones */
  char *key_id;
  char *transaction_id;
  char *detail;
} GwAuditEntry;

/* A result that a terminal handed in for an id that nobody knows. */
typedef struct
{
  gatomicrefcount refs;
  gint64 id; /* in the order in which they came */
  char *group_id;
  char *transaction_id;
  char *slot;
  char *response; /* JSON */
  gint64 created_at;
} GwOrphan;

/* A batch of seen request signatures. */
typedef struct
{
  gatomicrefcount refs;
  gint64 expires_at;
  GBytes *fingerprints; /* guint64, native order */
} GwSignatures;

#define GW_DECLARE_ROW(Type, name)                                                                           \
  Type *name##_new (void);                                                                                   \
  Type *name##_copy (const Type *row);                                                                       \
  Type *name##_ref (Type *row);                                                                              \
  void name##_unref (Type *row);                                                                             \
  G_DEFINE_AUTOPTR_CLEANUP_FUNC (Type, name##_unref)

GW_DECLARE_ROW (GwKey, gw_key)
GW_DECLARE_ROW (GwDevice, gw_device)
GW_DECLARE_ROW (GwSession, gw_session)
GW_DECLARE_ROW (GwMessage, gw_message)
GW_DECLARE_ROW (GwTimelineEntry, gw_timeline_entry)
GW_DECLARE_ROW (GwAuditEntry, gw_audit_entry)
GW_DECLARE_ROW (GwOrphan, gw_orphan)
GW_DECLARE_ROW (GwSignatures, gw_signatures)

G_END_DECLS
