/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The system knows when a network comes back. Its monitor speaks in the main context in which it was made,
 * which need not be the client's. */
#include "libtgwclient/tgw-client-private.h"

typedef struct
{
  GWeakRef client;
} Watch;

static void
watch_free (gpointer data, GClosure *closure)
{
  Watch *watch = data;

  g_weak_ref_clear (&watch->client);
  g_free (watch);
}

static gboolean
on_news (gpointer data)
{
  tgw_client_network_is_back (data);
  return G_SOURCE_REMOVE;
}

static void
on_network_changed (GNetworkMonitor *network, gboolean available, gpointer data)
{
  Watch *watch = data;
  g_autoptr (GSource) source = NULL;
  TgwClient *self = available ? g_weak_ref_get (&watch->client) : NULL;

  if (self == NULL)
    return;
  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  /* With the reference, so that the client never ends in another thread than its own. */
  g_source_set_callback (source, on_news, self, g_object_unref);
  g_source_attach (source, self->context);
}

void
tgw_client_watch_network (TgwClient *self)
{
  Watch *watch;

  if (self->network_watch != 0)
    return;
  if (self->network == NULL)
    self->network = g_object_ref (g_network_monitor_get_default ());
  watch = g_new0 (Watch, 1);
  g_weak_ref_init (&watch->client, self);
  self->network_watch = g_signal_connect_data (self->network, "network-changed",
                                               G_CALLBACK (on_network_changed), watch, watch_free, 0);
}

void
tgw_client_unwatch_network (TgwClient *self)
{
  if (self->network_watch != 0)
    g_signal_handler_disconnect (self->network, self->network_watch);
  self->network_watch = 0;
  g_clear_object (&self->network);
}
