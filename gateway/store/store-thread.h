/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes an asynchronous GwStore of two synchronous handles: one thread writes, one reads, and the main
 * context hears of both by one eventfd. The writer takes whatever waits and commits it at once: under load
 * the batches grow by themselves, and nobody ever waits for a timer. */
#pragma once

#include "gateway/core/operation.h"

G_BEGIN_DECLS

/* Most operations of one commit: bounds how long the last one of a batch waits for the first. */
#define GW_STORE_BATCH_MAX 512

typedef struct _GwStoreThread GwStoreThread;

/* Called in the main context. Whatever they are given is theirs. They may submit and read, but not free the
 * store. */
typedef struct
{
  /* One batch; batches come in commit order, operations in submission order. The array itself stays the
   * caller's. */
  void (*operations_done) (GwOperation **operations, guint n, gpointer user_data);
  void (*read_done) (GwRead *read, gpointer user_data);
} GwStoreThreadCallbacks;

typedef struct
{
  guint64 batches;
  guint64 operations;
  guint64 commits; /* batches that put something, so that the disk was synced */
  guint64 reads;
  guint64 busy_us; /* the writing thread's time in batches, syncs included */
  guint largest_batch;
} GwStoreCounters;

/* Takes both handles. Without a reader the writing thread reads, too, between batches. */
GwStoreThread *gw_store_thread_new (GwTables *writer, GwTables *reader, GMainContext *context,
                                    const GwStoreThreadCallbacks *callbacks, gpointer user_data);
/* Ends the batch in hand and forgets what still waits: flush before, where that matters. Closes the handles.
 */
void gw_store_thread_free (GwStoreThread *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwStoreThread, gw_store_thread_free)

GwStore gw_store_thread_get_store (GwStoreThread *self);
const char *gw_store_thread_get_instance_id (GwStoreThread *self);

/* Operations submitted and not yet committed, and how long the oldest of them has waited. */
guint gw_store_thread_waiting (GwStoreThread *self, gint64 *oldest_age_us);
void gw_store_thread_get_counters (GwStoreThread *self, GwStoreCounters *counters);

/* Blocks until all that was submitted and asked is done and its callbacks have run. In the main context's
 * thread. */
void gw_store_thread_flush (GwStoreThread *self);

G_END_DECLS
