/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateway/store/store-thread.h"

#include <errno.h>
#include <glib-unix.h>
#include <sys/eventfd.h>
#include <unistd.h>

typedef struct
{
  GwOperation *operation;
  gint64 submitted; /* monotonic us */
} Waiting;

typedef struct
{
  guint n;
  GwOperation *operations[];
} Batch;

struct _GwStoreThread
{
  GwTables *writer;
  GwTables *reader; /* NULL: the writer reads */
  GwStoreThreadCallbacks callbacks;
  gpointer user_data;
  GThread *write_thread;
  GThread *read_thread;
  GSource *source;
  int event_fd;

  GMutex lock; /* over all below */
  GCond write_work;
  GCond read_work;
  GCond progress; /* for flush */
  gboolean stopping;
  GArray *waiting; /* of Waiting, from `head` on */
  guint head;
  guint in_flight; /* operations of the batch in hand */
  gint64 in_flight_since;
  GQueue reads;
  guint reads_in_flight;
  GQueue batches_done;
  GQueue reads_done;
  GwStoreCounters counters;
};

typedef struct
{
  GSource base;
  GwStoreThread *store;
} StoreSource;

/* --- The threads --- */

/* Lock held. The descriptor is written once for however much is done before the main context comes round. */
static void
announce (GwStoreThread *self)
{
  const guint64 one = 1;

  if (g_queue_get_length (&self->batches_done) + g_queue_get_length (&self->reads_done) == 1)
    while (write (self->event_fd, &one, sizeof one) < 0 && errno == EINTR)
      ;
  g_cond_signal (&self->progress);
}

/* Lock held. */
static Batch *
take_batch (GwStoreThread *self)
{
  guint n = MIN (self->waiting->len - self->head, GW_STORE_BATCH_MAX);
  const Waiting *first = &g_array_index (self->waiting, Waiting, self->head);
  Batch *batch;

  if (n == 0)
    return NULL;
  batch = g_malloc (sizeof *batch + n * sizeof batch->operations[0]);
  batch->n = n;
  for (guint i = 0; i < n; i++)
    batch->operations[i] = first[i].operation;
  self->in_flight = n;
  self->in_flight_since = first->submitted;
  self->head += n;
  if (self->head == self->waiting->len)
    {
      g_array_set_size (self->waiting, 0);
      self->head = 0;
    }
  else if (self->head >= 16 * GW_STORE_BATCH_MAX)
    {
      g_array_remove_range (self->waiting, 0, self->head);
      self->head = 0;
    }
  return batch;
}

/* Lock held, but not during the batch. */
static void
run_batch (GwStoreThread *self, Batch *batch)
{
  guint64 commits = self->writer->commits;
  gint64 began = g_get_monotonic_time ();

  g_mutex_unlock (&self->lock);
  gw_operations_run (self->writer, batch->operations, batch->n);
  gint64 ended = g_get_monotonic_time ();
  g_mutex_lock (&self->lock);

  self->in_flight = 0;
  self->counters.batches++;
  self->counters.operations += batch->n;
  self->counters.commits += self->writer->commits - commits;
  self->counters.busy_us += ended - began;
  self->counters.largest_batch = MAX (self->counters.largest_batch, batch->n);
  g_queue_push_tail (&self->batches_done, batch);
  announce (self);
}

/* Lock held, but not during the read. */
static void
run_read (GwStoreThread *self, GwTables *tables, GwRead *read)
{
  self->reads_in_flight++;
  g_mutex_unlock (&self->lock);
  tables->klass->read (tables, read, &read->error);
  g_mutex_lock (&self->lock);
  self->reads_in_flight--;
  self->counters.reads++;
  g_queue_push_tail (&self->reads_done, read);
  announce (self);
}

static gpointer
write_main (gpointer data)
{
  GwStoreThread *self = data;

  g_mutex_lock (&self->lock);
  while (!self->stopping)
    {
      Batch *batch = take_batch (self);
      GwRead *read = self->reader ? NULL : g_queue_pop_head (&self->reads);

      if (batch)
        run_batch (self, batch);
      if (read)
        run_read (self, self->writer, read);
      if (!batch && !read)
        g_cond_wait (&self->write_work, &self->lock);
    }
  g_mutex_unlock (&self->lock);
  return NULL;
}

static gpointer
read_main (gpointer data)
{
  GwStoreThread *self = data;

  g_mutex_lock (&self->lock);
  while (!self->stopping)
    {
      GwRead *read = g_queue_pop_head (&self->reads);

      if (read)
        run_read (self, self->reader, read);
      else
        g_cond_wait (&self->read_work, &self->lock);
    }
  g_mutex_unlock (&self->lock);
  return NULL;
}

/* --- The main context's side --- */

static void
store_submit (gpointer store, GwOperation *operation)
{
  GwStoreThread *self = store;
  Waiting waiting = { operation, g_get_monotonic_time () };

  g_mutex_lock (&self->lock);
  g_array_append_val (self->waiting, waiting);
  g_cond_signal (&self->write_work);
  g_mutex_unlock (&self->lock);
}

static void
store_read (gpointer store, GwRead *read)
{
  GwStoreThread *self = store;

  g_mutex_lock (&self->lock);
  g_queue_push_tail (&self->reads, read);
  g_cond_signal (self->reader ? &self->read_work : &self->write_work);
  g_mutex_unlock (&self->lock);
}

static const GwStoreClass store_class = { store_submit, store_read };

/* Takes what is done now and hands it on without the lock. */
static void
deliver (GwStoreThread *self)
{
  GQueue batches, reads;
  guint64 count;
  gpointer item;

  g_mutex_lock (&self->lock);
  batches = self->batches_done;
  reads = self->reads_done;
  g_queue_init (&self->batches_done);
  g_queue_init (&self->reads_done);
  if (read (self->event_fd, &count, sizeof count) < 0 && errno != EAGAIN && errno != EINTR)
    g_error ("store: cannot read its eventfd: %s", g_strerror (errno));
  g_mutex_unlock (&self->lock);

  while ((item = g_queue_pop_head (&batches)))
    {
      Batch *batch = item;

      self->callbacks.operations_done (batch->operations, batch->n, self->user_data);
      g_free (batch);
    }
  while ((item = g_queue_pop_head (&reads)))
    self->callbacks.read_done (item, self->user_data);
}

static gboolean
store_source_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  deliver (((StoreSource *) source)->store);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs store_source_funcs = { .dispatch = store_source_dispatch };

GwStoreThread *
gw_store_thread_new (GwTables *writer, GwTables *reader, GMainContext *context,
                     const GwStoreThreadCallbacks *callbacks, gpointer user_data)
{
  GwStoreThread *self = g_new0 (GwStoreThread, 1);

  self->writer = writer;
  self->reader = reader;
  self->callbacks = *callbacks;
  self->user_data = user_data;
  self->waiting = g_array_new (FALSE, FALSE, sizeof (Waiting));
  g_mutex_init (&self->lock);
  g_cond_init (&self->write_work);
  g_cond_init (&self->read_work);
  g_cond_init (&self->progress);
  g_queue_init (&self->reads);
  g_queue_init (&self->batches_done);
  g_queue_init (&self->reads_done);
  self->event_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (self->event_fd < 0)
    g_error ("store: no eventfd: %s", g_strerror (errno));

  self->source = g_source_new (&store_source_funcs, sizeof (StoreSource));
  g_source_set_static_name (self->source, "store");
  ((StoreSource *) self->source)->store = self;
  g_source_add_unix_fd (self->source, self->event_fd, G_IO_IN);
  g_source_attach (self->source, context);

  self->write_thread = g_thread_new ("tgw-store", write_main, self);
  if (reader)
    self->read_thread = g_thread_new ("tgw-reads", read_main, self);
  return self;
}

static void
free_batch (gpointer data)
{
  Batch *batch = data;

  for (guint i = 0; i < batch->n; i++)
    gw_operation_free (batch->operations[i]);
  g_free (batch);
}

void
gw_store_thread_free (GwStoreThread *self)
{
  g_mutex_lock (&self->lock);
  self->stopping = TRUE;
  g_cond_signal (&self->write_work);
  g_cond_signal (&self->read_work);
  g_mutex_unlock (&self->lock);
  g_thread_join (self->write_thread);
  if (self->read_thread)
    g_thread_join (self->read_thread);

  g_source_destroy (self->source);
  g_source_unref (self->source);
  close (self->event_fd);
  for (guint i = self->head; i < self->waiting->len; i++)
    gw_operation_free (g_array_index (self->waiting, Waiting, i).operation);
  g_array_unref (self->waiting);
  g_queue_clear_full (&self->batches_done, free_batch);
  g_queue_clear_full (&self->reads_done, (GDestroyNotify) gw_read_free);
  g_queue_clear_full (&self->reads, (GDestroyNotify) gw_read_free);
  /* The reader first: the last handle to go folds the log into the file, which a reader cannot. */
  if (self->reader)
    self->reader->klass->close (self->reader);
  self->writer->klass->close (self->writer);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->write_work);
  g_cond_clear (&self->read_work);
  g_cond_clear (&self->progress);
  g_free (self);
}

GwStore
gw_store_thread_get_store (GwStoreThread *self)
{
  return (GwStore){ &store_class, self };
}

const char *
gw_store_thread_get_instance_id (GwStoreThread *self)
{
  return self->writer->instance_id;
}

guint
gw_store_thread_waiting (GwStoreThread *self, gint64 *oldest_age_us)
{
  gint64 now = g_get_monotonic_time (), since = now;
  guint n;

  g_mutex_lock (&self->lock);
  n = self->in_flight + self->waiting->len - self->head;
  if (self->in_flight)
    since = self->in_flight_since;
  else if (n)
    since = g_array_index (self->waiting, Waiting, self->head).submitted;
  g_mutex_unlock (&self->lock);
  if (oldest_age_us)
    *oldest_age_us = now - since;
  return n;
}

void
gw_store_thread_get_counters (GwStoreThread *self, GwStoreCounters *counters)
{
  g_mutex_lock (&self->lock);
  *counters = self->counters;
  g_mutex_unlock (&self->lock);
}

/* Lock held. */
static gboolean
is_at_work (const GwStoreThread *self)
{
  return self->in_flight || self->waiting->len > self->head || self->reads_in_flight || self->reads.length;
}

void
gw_store_thread_flush (GwStoreThread *self)
{
  gboolean more;

  do
    {
      g_mutex_lock (&self->lock);
      while (is_at_work (self) && !self->batches_done.length && !self->reads_done.length)
        g_cond_wait (&self->progress, &self->lock);
      g_mutex_unlock (&self->lock);
      deliver (self);
      g_mutex_lock (&self->lock);
      more = is_at_work (self) || self->batches_done.length || self->reads_done.length;
      g_mutex_unlock (&self->lock);
    }
  while (more);
}
