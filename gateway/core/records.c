/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateway/core/records.h"

/* Reference counting, copying and freeing of the plain rows, from their list of texts. */
#define ACQUIRE(m)                                                                                           \
  if (copy->m)                                                                                               \
    g_ref_string_acquire (copy->m);
#define RELEASE(m) g_clear_pointer (&row->m, g_ref_string_release);

#define GW_DEFINE_ROW(Type, name, TEXTS)                                                                     \
  Type *name##_new (void)                                                                                    \
  {                                                                                                          \
    Type *row = g_new0 (Type, 1);                                                                            \
    g_atomic_ref_count_init (&row->refs);                                                                    \
    return row;                                                                                              \
  }                                                                                                          \
  Type *name##_copy (const Type *row)                                                                        \
  {                                                                                                          \
    Type *copy = g_new (Type, 1);                                                                            \
    *copy = *row;                                                                                            \
    g_atomic_ref_count_init (&copy->refs);                                                                   \
    TEXTS (ACQUIRE)                                                                                          \
    return copy;                                                                                             \
  }                                                                                                          \
  Type *name##_ref (Type *row)                                                                               \
  {                                                                                                          \
    g_atomic_ref_count_inc (&row->refs);                                                                     \
    return row;                                                                                              \
  }                                                                                                          \
  void name##_unref (Type *row)                                                                              \
  {                                                                                                          \
    if (!g_atomic_ref_count_dec (&row->refs))                                                                \
      return;                                                                                                \
    TEXTS (RELEASE)                                                                                          \
    g_free (row);                                                                                            \
  }

#define KEY_TEXTS(X) X (key_id) X (api_key) X (secret) X (group_id) X (successor)
#define DEVICE_TEXTS(X)                                                                                      \
  X (group_id) X (slot) X (device_id) X (key_id) X (connection_id) X (journal_id) X (metadata)
#define SESSION_TEXTS(X)  X (key_id) X (connection_id) X (session_id) X (address) X (user_agent)
#define MESSAGE_TEXTS(X)  X (key_id) X (group_id) X (transaction_id) X (action) X (body)
#define TIMELINE_TEXTS(X) X (group_id) X (transaction_id) X (actor) X (connection) X (what) X (detail)
#define AUDIT_TEXTS(X)    X (actor) X (what) X (group_id) X (key_id) X (transaction_id) X (detail)
#define ORPHAN_TEXTS(X)   X (group_id) X (transaction_id) X (slot) X (response)

GW_DEFINE_ROW (GwKey, gw_key, KEY_TEXTS)
GW_DEFINE_ROW (GwDevice, gw_device, DEVICE_TEXTS)
GW_DEFINE_ROW (GwSession, gw_session, SESSION_TEXTS)
GW_DEFINE_ROW (GwMessage, gw_message, MESSAGE_TEXTS)
GW_DEFINE_ROW (GwTimelineEntry, gw_timeline_entry, TIMELINE_TEXTS)
GW_DEFINE_ROW (GwAuditEntry, gw_audit_entry, AUDIT_TEXTS)
GW_DEFINE_ROW (GwOrphan, gw_orphan, ORPHAN_TEXTS)

GwSignatures *
gw_signatures_new (void)
{
  GwSignatures *row = g_new0 (GwSignatures, 1);
  g_atomic_ref_count_init (&row->refs);
  return row;
}

GwSignatures *
gw_signatures_copy (const GwSignatures *row)
{
  GwSignatures *copy = gw_signatures_new ();
  copy->expires_at = row->expires_at;
  copy->fingerprints = row->fingerprints ? g_bytes_ref (row->fingerprints) : NULL;
  return copy;
}

GwSignatures *
gw_signatures_ref (GwSignatures *row)
{
  g_atomic_ref_count_inc (&row->refs);
  return row;
}

void
gw_signatures_unref (GwSignatures *row)
{
  if (!g_atomic_ref_count_dec (&row->refs))
    return;
  g_clear_pointer (&row->fingerprints, g_bytes_unref);
  g_free (row);
}
