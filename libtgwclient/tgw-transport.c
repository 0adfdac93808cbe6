/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libtgwclient/tgw-transport.h"

/* Over HTTP each payment that waits keeps a connection, and so do the messages. */
#define MAX_CONNECTIONS 64

SoupSession *
tgw_transport_new_session (void)
{
  SoupSession *session = soup_session_new_with_options ("max-conns-per-host", MAX_CONNECTIONS, "max-conns",
                                                        2 * MAX_CONNECTIONS, NULL);

  /* The gateway offers no extension, and inflating costs memory that nobody bounds. */
  soup_session_remove_feature_by_type (session, SOUP_TYPE_WEBSOCKET_EXTENSION_MANAGER);
  soup_session_set_timeout (session, 0);
  soup_session_set_idle_timeout (session, 30);
  return session;
}

static gboolean
on_idle (gpointer data)
{
  return G_SOURCE_REMOVE;
}

void
tgw_transport_release_session (SoupSession *session, GMainContext *context)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_callback (source, on_idle, session, g_object_unref);
  g_source_attach (source, context);
}

gboolean
tgw_transport_send (TgwTransport *self, const char *text)
{
  return self->klass->send (self, text);
}

void
tgw_transport_close (TgwTransport *self)
{
  self->klass->close (self);
}

void
tgw_transport_drop (TgwTransport *self)
{
  self->klass->drop (self);
}
