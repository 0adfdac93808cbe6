/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows and orders of the memory adapter's tables. */
#include "gateway/store/memory-private.h"

#include <string.h>

static int
compare_int64 (gint64 a, gint64 b)
{
  return (a > b) - (a < b);
}

static int
compare_two (const char *a1, const char *b1, const char *a2, const char *b2)
{
  int order = strcmp (a1, b1);

  return order ? order : strcmp (a2, b2);
}

static int
transaction_by_id (gconstpointer pa, gconstpointer pb)
{
  const GwTransaction *a = pa, *b = pb;

  return compare_two (a->transaction_id, b->transaction_id, a->group_id, b->group_id);
}

static int
transaction_by_row (gconstpointer pa, gconstpointer pb)
{
  return compare_int64 (((const GwTransaction *) pa)->row_id, ((const GwTransaction *) pb)->row_id);
}

static int
transaction_by_holder (gconstpointer pa, gconstpointer pb)
{
  const GwTransaction *a = pa, *b = pb;

  return compare_two (a->slot, b->slot, a->group_id, b->group_id);
}

static int
transaction_by_slot (gconstpointer a, gconstpointer b)
{
  int order = transaction_by_holder (a, b);

  return order ? order : transaction_by_row (a, b);
}

static int
transaction_by_created (gconstpointer a, gconstpointer b)
{
  int order =
    compare_int64 (((const GwTransaction *) a)->created_at, ((const GwTransaction *) b)->created_at);

  return order ? order : transaction_by_row (a, b);
}

static gboolean
transaction_holds (gconstpointer row)
{
  return gw_transaction_has (row, GW_HOLDS_TERMINAL);
}

static gboolean
transaction_is_obligation (gconstpointer row)
{
  return gw_transaction_has (row, GW_HOLDS_TERMINAL | GW_REVERSING);
}

static int
key_by_id (gconstpointer a, gconstpointer b)
{
  return strcmp (((const GwKey *) a)->key_id, ((const GwKey *) b)->key_id);
}

static int
key_by_created (gconstpointer a, gconstpointer b)
{
  int order = compare_int64 (((const GwKey *) a)->created_at, ((const GwKey *) b)->created_at);

  return order ? order : key_by_id (a, b);
}

static int
device_by_slot (gconstpointer pa, gconstpointer pb)
{
  const GwDevice *a = pa, *b = pb;

  return compare_two (a->group_id, b->group_id, a->slot, b->slot);
}

static int
session_by_key (gconstpointer a, gconstpointer b)
{
  return strcmp (((const GwSession *) a)->key_id, ((const GwSession *) b)->key_id);
}

static int
displaced_by_key (gconstpointer pa, gconstpointer pb)
{
  const GwDisplacedRow *a = pa, *b = pb;

  return compare_two (a->key_id, b->key_id, a->session_id, b->session_id);
}

static int
message_by_seq (gconstpointer a, gconstpointer b)
{
  return compare_int64 (((const GwMessage *) a)->seq, ((const GwMessage *) b)->seq);
}

static int
message_by_key (gconstpointer a, gconstpointer b)
{
  int order = strcmp (((const GwMessage *) a)->key_id, ((const GwMessage *) b)->key_id);

  return order ? order : message_by_seq (a, b);
}

static gboolean
message_waits (gconstpointer row)
{
  return ((const GwMessage *) row)->acked_at == 0;
}

static int
signature_by_id (gconstpointer a, gconstpointer b)
{
  return compare_int64 (((const GwSignatureRow *) a)->id, ((const GwSignatureRow *) b)->id);
}

static int
signature_by_fingerprint (gconstpointer pa, gconstpointer pb)
{
  const GwSignatureRow *a = pa, *b = pb;

  return (a->fingerprint > b->fingerprint) - (a->fingerprint < b->fingerprint);
}

static gboolean
signature_is_single (gconstpointer row)
{
  return ((const GwSignatureRow *) row)->single;
}

static int
timeline_by_transaction (gconstpointer pa, gconstpointer pb)
{
  const GwTimelineEntry *a = pa, *b = pb;
  int order = compare_two (a->transaction_id, b->transaction_id, a->group_id, b->group_id);

  return order ? order : (a->n > b->n) - (a->n < b->n);
}

static int
audit_by_seq (gconstpointer a, gconstpointer b)
{
  return compare_int64 (((const GwAuditEntry *) a)->seq, ((const GwAuditEntry *) b)->seq);
}

static int
orphan_by_id (gconstpointer a, gconstpointer b)
{
  return compare_int64 (((const GwOrphanRow *) a)->id, ((const GwOrphanRow *) b)->id);
}

static int
orphan_by_content (gconstpointer pa, gconstpointer pb)
{
  const GwOrphanRow *a = pa, *b = pb;
  int order = compare_two (a->transaction_id, b->transaction_id, a->group_id, b->group_id);

  return order ? order : compare_two (a->slot, b->slot, a->response, b->response);
}

static int
purged_by_id (gconstpointer pa, gconstpointer pb)
{
  const GwPurgedRow *a = pa, *b = pb;

  return compare_two (a->transaction_id, b->transaction_id, a->group_id, b->group_id);
}

static int
purged_by_created (gconstpointer a, gconstpointer b)
{
  int order = compare_int64 (((const GwPurgedRow *) a)->created_at, ((const GwPurgedRow *) b)->created_at);

  return order ? order : purged_by_id (a, b);
}

#define ROW(name) (gpointer (*) (gpointer)) name##_ref, (void (*) (gpointer)) name##_unref

const GwMemoryTableClass gw_memory_table_classes[GW_MEMORY_N_TABLES] = {
  [GW_MEMORY_TRANSACTIONS] = { "transactions",
                               ROW (gw_transaction),
                               { [GW_MEMORY_BY_KEY] = { transaction_by_id },
                                 [GW_MEMORY_TRANSACTION_ROW] = { transaction_by_row },
                                 [GW_MEMORY_TRANSACTION_HOLDER] = { transaction_by_holder,
                                                                    transaction_holds },
                                 [GW_MEMORY_TRANSACTION_OBLIGATION] = { transaction_by_row,
                                                                        transaction_is_obligation },
                                 [GW_MEMORY_TRANSACTION_SLOT] = { transaction_by_slot,
                                                                  transaction_is_obligation },
                                 [GW_MEMORY_TRANSACTION_CREATED] = { transaction_by_created } } },
  [GW_MEMORY_KEYS] = { "keys",
                       ROW (gw_key),
                       { { key_by_id }, [GW_MEMORY_KEY_CREATED] = { key_by_created } } },
  [GW_MEMORY_DEVICES] = { "devices", ROW (gw_device), { { device_by_slot } } },
  [GW_MEMORY_SESSIONS] = { "sessions", ROW (gw_session), { { session_by_key } } },
  [GW_MEMORY_DISPLACED] = { "displaced",
                            g_atomic_rc_box_acquire,
                            gw_displaced_row_unref,
                            { { displaced_by_key } } },
  [GW_MEMORY_MESSAGES] = { "messages",
                           ROW (gw_message),
                           { { message_by_seq },
                             [GW_MEMORY_MESSAGE_WAITING] = { message_by_key, message_waits } } },
  [GW_MEMORY_SIGNATURES] = { "signatures",
                             g_atomic_rc_box_acquire,
                             gw_signature_row_unref,
                             { { signature_by_id },
                               [GW_MEMORY_SIGNATURE_FINGERPRINT] = { signature_by_fingerprint,
                                                                     signature_is_single } } },
  [GW_MEMORY_TIMELINE] = { "timeline", ROW (gw_timeline_entry), { { timeline_by_transaction } } },
  [GW_MEMORY_AUDIT] = { "audit", ROW (gw_audit_entry), { { audit_by_seq } } },
  [GW_MEMORY_ORPHANS] = { "orphans",
                          g_atomic_rc_box_acquire,
                          gw_orphan_row_unref,
                          { { orphan_by_id }, [GW_MEMORY_ORPHAN_SAME] = { orphan_by_content } } },
  [GW_MEMORY_PURGED] = { "purged",
                         g_atomic_rc_box_acquire,
                         gw_purged_row_unref,
                         { { purged_by_id }, [GW_MEMORY_PURGED_CREATED] = { purged_by_created } } },
};

GwDisplacedRow *
gw_displaced_row_new (const char *key_id, const char *session_id, gint64 expires_at)
{
  GwDisplacedRow *row = g_atomic_rc_box_new0 (GwDisplacedRow);

  row->key_id = g_strdup (key_id);
  row->session_id = g_strdup (session_id);
  row->expires_at = expires_at;
  return row;
}

static void
displaced_clear (gpointer data)
{
  GwDisplacedRow *row = data;

  g_free (row->key_id);
  g_free (row->session_id);
}

void
gw_displaced_row_unref (gpointer row)
{
  g_atomic_rc_box_release_full (row, displaced_clear);
}

GwPurgedRow *
gw_purged_row_new (const char *group_id, const char *transaction_id, gint64 created_at)
{
  GwPurgedRow *row = g_atomic_rc_box_new0 (GwPurgedRow);

  row->group_id = g_strdup (group_id);
  row->transaction_id = g_strdup (transaction_id);
  row->created_at = created_at;
  return row;
}

static void
purged_clear (gpointer data)
{
  GwPurgedRow *row = data;

  g_free (row->group_id);
  g_free (row->transaction_id);
}

void
gw_purged_row_unref (gpointer row)
{
  g_atomic_rc_box_release_full (row, purged_clear);
}

GwOrphanRow *
gw_orphan_row_new (const char *group_id, const char *transaction_id, const char *slot, const char *response,
                   gint64 created_at)
{
  GwOrphanRow *row = g_atomic_rc_box_new0 (GwOrphanRow);

  row->group_id = g_strdup (group_id);
  row->transaction_id = g_strdup (transaction_id);
  row->slot = g_strdup (slot);
  row->response = g_strdup (response);
  row->created_at = created_at;
  return row;
}

static void
orphan_clear (gpointer data)
{
  GwOrphanRow *row = data;

  g_free (row->group_id);
  g_free (row->transaction_id);
  g_free (row->slot);
  g_free (row->response);
}

void
gw_orphan_row_unref (gpointer row)
{
  g_atomic_rc_box_release_full (row, orphan_clear);
}

GwSignatureRow *
gw_signature_row_new (gint64 expires_at)
{
  GwSignatureRow *row = g_atomic_rc_box_new0 (GwSignatureRow);

  row->expires_at = expires_at;
  return row;
}

static void
signature_clear (gpointer data)
{
  g_clear_pointer (&((GwSignatureRow *) data)->signatures, gw_signatures_unref);
}

void
gw_signature_row_unref (gpointer row)
{
  g_atomic_rc_box_release_full (row, signature_clear);
}
