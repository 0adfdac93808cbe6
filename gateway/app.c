/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateway/app.h"

#include "gateway/bus/local-bus.h"
#include "gateway/store/sqlite-tables.h"
#include "gateway/store/store-thread.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#define SWEEP_SECONDS     60
#define GOODBYE_MS        1000
#define DRAIN_STEP_MS     50
#define BURST_CONNECTIONS 500

struct _GwApp
{
  const GwConfig *config;
  GMainLoop *loop;
  int lock;
  EdgeReactor *reactor;
  GwLocalBus *bus;
  GwLocalBusNode *node;
  GwStoreThread *store;
  GwApi *api;
  GwEngine *engine;
  GSource *deadlines;
  gint64 drain_until; /* monotonic ms; 0: not draining */
  gboolean finished;
  guint64 accepted, trimmed; /* connections: at the last look, and when memory was last given back */
  GError *error;
};

/* --- the clock --- */

static gint64
monotonic (gpointer clock)
{
  return g_get_monotonic_time () / 1000;
}

static gint64
wall (gpointer clock)
{
  return g_get_real_time () / 1000;
}

static void
fill_random (gpointer clock, guint8 *bytes, gsize length)
{
  for (gsize done = 0; done < length;)
    {
      gssize n = getrandom (bytes + done, length - done, 0);
      if (n > 0)
        done += (gsize) n;
      else if (errno != EINTR)
        g_error ("getrandom: %s", g_strerror (errno));
    }
}

static const GwClockClass clock_class = { .monotonic = monotonic, .wall = wall, .random = fill_random };

/* --- deadlines of the engine, as a source of the loop --- */

typedef struct
{
  GSource source;
  GwApp *app;
} DeadlineSource;

static gboolean
deadlines_prepare (GSource *source, gint *timeout)
{
  gint64 next = gw_engine_next_deadline (((DeadlineSource *) source)->app->engine);
  gint64 left = next - g_get_monotonic_time () / 1000;

  *timeout = next == G_MAXINT64 ? -1 : (gint) CLAMP (left, 0, G_MAXINT);
  return next != G_MAXINT64 && left <= 0;
}

static gboolean
deadlines_check (GSource *source)
{
  return gw_engine_next_deadline (((DeadlineSource *) source)->app->engine) <= g_get_monotonic_time () / 1000;
}

static gboolean
deadlines_dispatch (GSource *source, GSourceFunc func, gpointer data)
{
  gw_engine_advance (((DeadlineSource *) source)->app->engine);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs deadline_funcs = { .prepare = deadlines_prepare,
                                       .check = deadlines_check,
                                       .dispatch = deadlines_dispatch };

/* --- making one --- */

static void
operations_done (GwOperation **operations, guint n, gpointer data)
{
  GwApp *app = data;
  EdgeServer *server = gw_api_get_server (app->api); /* NULL in the end */

  /* One batch has several things to say to the same POS. */
  if (server)
    edge_server_cork (server);
  gw_engine_operations_done (app->engine, operations, n);
  if (server)
    edge_server_uncork (server);
}

static void
read_done (GwRead *read, gpointer data)
{
  gw_engine_read_done (((GwApp *) data)->engine, read);
}

static void
hint (gpointer data, GwHint kind, const char *id)
{
  gw_engine_hint (((GwApp *) data)->engine, kind, id);
}

static const GwStoreThreadCallbacks store_callbacks = { .operations_done = operations_done,
                                                        .read_done = read_done };

static gboolean
lock_state (GwApp *app, GError **error)
{
  const char *folder = app->config->state_dir;
  g_autofree char *path = g_build_filename (folder, "lock", NULL);

  if (g_mkdir_with_parents (folder, 0700) != 0 ||
      (app->lock = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600)) < 0)
    {
      g_set_error (error, G_FILE_ERROR, (gint) g_file_error_from_errno (errno),
                   "The state folder %s cannot be used: %s; say another with --state-dir", folder,
                   g_strerror (errno));
      return FALSE;
    }
  if (flock (app->lock, LOCK_EX | LOCK_NB) != 0)
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_EXIST,
                   "Another gateway runs on the state folder %s; stop it, or say another with --state-dir",
                   folder);
      return FALSE;
    }
  return TRUE;
}

static gboolean
open_store (GwApp *app, GError **error)
{
  g_autofree char *path = g_build_filename (app->config->state_dir, "gateway.db", NULL);
  GwTables *writer = gw_sqlite_tables_open (path, FALSE, error);

  if (!writer)
    return FALSE;
  GwTables *reader = gw_sqlite_tables_open (path, TRUE, error);
  if (!reader)
    {
      writer->klass->close (writer);
      return FALSE;
    }
  app->store = gw_store_thread_new (writer, reader, NULL, &store_callbacks, app);
  return TRUE;
}

static void
raise_descriptor_limit (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max)
    {
      limit.rlim_cur = limit.rlim_max;
      setrlimit (RLIMIT_NOFILE, &limit);
    }
}

static void
write_store_status (TgpJsonWriter *writer, gpointer data)
{
  GwStoreCounters counters;

  gw_store_thread_get_counters (((GwApp *) data)->store, &counters);
  tgp_json_open_object (writer, "store");
  tgp_json_int (writer, "batches", (gint64) counters.batches);
  tgp_json_int (writer, "commits", (gint64) counters.commits);
  tgp_json_int (writer, "operations", (gint64) counters.operations);
  tgp_json_int (writer, "reads", (gint64) counters.reads);
  tgp_json_int (writer, "largestBatch", counters.largest_batch);
  tgp_json_int (writer, "busyMicroseconds", (gint64) counters.busy_us);
  tgp_json_close_object (writer);
}

GwApp *
gw_app_new (const GwConfig *config, GError **error)
{
  g_autoptr (GwApp) app = g_new0 (GwApp, 1);
  GwApiSettings api_settings = config->api;
  GwClock clock = { .klass = &clock_class };

  app->config = config;
  app->lock = -1;
  if (!lock_state (app, error) || !open_store (app, error))
    return NULL;
  raise_descriptor_limit ();
  app->loop = g_main_loop_new (NULL, FALSE);
  app->reactor = edge_reactor_new (NULL);
  app->bus = gw_local_bus_new (NULL);
  app->node = gw_local_bus_join (app->bus, hint, app);
  api_settings.version = TGW_VERSION;
  app->api = gw_api_new (app->reactor, &config->limits, &api_settings);
  app->engine = gw_engine_new (&config->engine, clock, gw_store_thread_get_store (app->store),
                               gw_local_bus_node_get_bus (app->node), gw_api_get_links (app->api));
  gw_api_set_engine (app->api, app->engine);
  gw_api_set_status_extra (app->api, write_store_status, app);
  app->deadlines = g_source_new (&deadline_funcs, sizeof (DeadlineSource));
  ((DeadlineSource *) app->deadlines)->app = app;
  g_source_attach (app->deadlines, NULL);
  return g_steal_pointer (&app);
}

void
gw_app_free (GwApp *app)
{
  if (app->deadlines)
    {
      g_source_destroy (app->deadlines);
      g_source_unref (app->deadlines);
    }
  if (app->api)
    gw_api_close (app->api);
  if (app->engine)
    gw_store_thread_flush (app->store); /* what the closed connections left to be said */
  g_clear_pointer (&app->store, gw_store_thread_free);
  g_clear_pointer (&app->api, gw_api_free);
  g_clear_pointer (&app->engine, gw_engine_free);
  g_clear_pointer (&app->node, gw_local_bus_leave);
  g_clear_pointer (&app->bus, gw_local_bus_free);
  g_clear_pointer (&app->reactor, edge_reactor_free);
  g_clear_pointer (&app->loop, g_main_loop_unref);
  g_clear_error (&app->error);
  if (app->lock >= 0)
    close (app->lock);
  g_free (app);
}

/* --- running --- */

static gboolean
listen_everywhere (GwApp *app, GError **error)
{
  g_autofree char *admin = g_build_filename (app->config->state_dir, "admin.sock", NULL);

  return edge_server_listen_unix (gw_api_get_admin_server (app->api), admin, 0600, error) &&
         edge_server_listen_tcp (gw_api_get_server (app->api), app->config->host, app->config->port, error);
}

static void
on_ready (gpointer data, const GError *error)
{
  GwApp *app = data;
  gboolean v6 = g_strstr_len (app->config->host, -1, ":") != NULL;

  if (error)
    app->error = g_error_copy (error);
  else if (listen_everywhere (app, &app->error))
    {
      gw_api_set_ready (app->api, TRUE);
      printf (v6 ? "listening on http://[%s]:%u\n" : "listening on http://%s:%u\n", app->config->host,
              edge_server_get_port (gw_api_get_server (app->api)));
      fflush (stdout);
      g_log ("gateway", G_LOG_LEVEL_MESSAGE, "version %s serves on %s:%u, state in %s", TGW_VERSION,
             app->config->host, edge_server_get_port (gw_api_get_server (app->api)), app->config->state_dir);
      gw_engine_sweep (app->engine);
      return;
    }
  g_main_loop_quit (app->loop);
}

static gboolean
on_signal (gpointer data)
{
  gw_app_drain (data);
  return G_SOURCE_CONTINUE;
}

static gboolean
sweep (gpointer data)
{
  gw_engine_sweep (((GwApp *) data)->engine);
  return G_SOURCE_CONTINUE;
}

/* Thousands that come at once leave the allocator with holes that those who stay do not need: once the rush
 * is over, they go back to the system. */
static gboolean
give_back_memory (gpointer data)
{
  GwApp *app = data;
  guint64 accepted = edge_server_counters (gw_api_get_server (app->api))->accepted;

  if (accepted == app->accepted && accepted - app->trimmed >= BURST_CONNECTIONS)
    {
      app->trimmed = accepted;
      malloc_trim (0);
    }
  app->accepted = accepted;
  return G_SOURCE_CONTINUE;
}

/* Every step looks whether anything is left to wait for. */
static gboolean
drain_step (gpointer data)
{
  GwApp *app = data;
  gint64 now = g_get_monotonic_time () / 1000;
  GwCounters counters;

  gw_engine_get_counters (app->engine, &counters);
  if (!app->finished && (counters.open_payments == 0 || now >= app->drain_until))
    {
      app->finished = TRUE;
      app->drain_until = now + GOODBYE_MS;
      gw_engine_finish (app->engine);
      edge_server_stop_listening (gw_api_get_server (app->api));
    }
  if (app->finished &&
      (edge_server_n_connections (gw_api_get_server (app->api)) == 0 || now >= app->drain_until))
    {
      g_main_loop_quit (app->loop);
      return G_SOURCE_REMOVE;
    }
  return G_SOURCE_CONTINUE;
}

void
gw_app_drain (GwApp *app)
{
  if (app->drain_until)
    return;
  g_log ("gateway", G_LOG_LEVEL_MESSAGE, "draining: no new payments; open ones have %" G_GINT64_FORMAT " s",
         app->config->drain_timeout / 1000);
  app->drain_until = g_get_monotonic_time () / 1000 + app->config->drain_timeout;
  gw_engine_drain (app->engine);
  g_timeout_add (DRAIN_STEP_MS, drain_step, app);
}

gboolean
gw_app_run (GwApp *app, GError **error)
{
  guint term = g_unix_signal_add (SIGTERM, on_signal, app);
  guint interrupt = g_unix_signal_add (SIGINT, on_signal, app);
  guint upkeep = g_timeout_add_seconds (SWEEP_SECONDS, sweep, app);
  guint memory = g_timeout_add_seconds (1, give_back_memory, app);

  gw_engine_start (app->engine, on_ready, app);
  g_main_loop_run (app->loop);
  g_source_remove (term);
  g_source_remove (interrupt);
  g_source_remove (upkeep);
  g_source_remove (memory);
  if (app->error)
    {
      g_propagate_error (error, g_steal_pointer (&app->error));
      return FALSE;
    }
  g_log ("gateway", G_LOG_LEVEL_MESSAGE, "stopped");
  return TRUE;
}
