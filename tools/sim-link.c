/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/sim-link.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "libtgwclient/tgw-endpoint.h"
#include "libtgwclient/tgw-error.h"
#include "libtgwclient/tgw-transport.h"

#define FIRST_PAUSE 250
#define LAST_PAUSE  10000

struct _SimLink
{
  const SimOptions *options;
  const SimLinkEvents *events;
  gpointer user_data;
  GUri *endpoint;
  SoupSession *session;
  TgwTransport *transport;
  guint retry;
  guint failures;
  gboolean was_up;
  gboolean open;
  gboolean away;   /* on cue */
  GSocket *socket; /* under the transport */
  int dead;        /* the gateway's connection after sim_link_go_dead(); -1: none */
};

static void connect_now (SimLink *self);

static gboolean
on_retry (gpointer data)
{
  SimLink *self = data;

  self->retry = 0;
  self->away = FALSE;
  connect_now (self);
  return G_SOURCE_REMOVE;
}

static void
retry_after (SimLink *self, guint ms)
{
  g_clear_handle_id (&self->retry, g_source_remove);
  self->retry = g_timeout_add (ms, on_retry, self);
}

static void
on_opened (gpointer data)
{
  SimLink *self = data;

  self->was_up = TRUE;
  self->open = TRUE;
  self->failures = 0;
  self->events->up (self->user_data);
}

static void
on_text (const char *text, gsize length, gpointer data)
{
  SimLink *self = data;

  self->events->text (text, length, self->user_data);
}

static void
on_closed (const GError *error, gpointer data)
{
  SimLink *self = data;
  guint pause = MIN (FIRST_PAUSE << MIN (self->failures, 10), LAST_PAUSE);
  gboolean again = self->was_up || !tgw_error_is_authentication (error);

  g_clear_pointer (&self->transport, tgw_transport_close);
  self->open = FALSE;
  self->failures++;
  if (again)
    retry_after (self, pause / 2 + (guint) g_random_int_range (0, (gint32) pause / 2 + 1));
  self->events->down (error, again, self->user_data);
}

static const TgwTransportEvents transport_events = { on_opened, on_text, on_closed };

static void
connect_now (SimLink *self)
{
  TgwTransportConfig config = {
    .session = self->session,
    .endpoint = self->endpoint,
    .api_key = self->options->api_key,
    .api_secret = self->options->api_secret,
    .device_id = self->options->device_id,
    .user_agent = "tgw-terminal-sim",
  };

  self->transport = tgw_transport_open (&config, &transport_events, self);
}

static void
on_network_event (SoupMessage *message, GSocketClientEvent event, GIOStream *stream, gpointer data)
{
  SimLink *self = data;

  if (event == G_SOCKET_CLIENT_CONNECTED && G_IS_SOCKET_CONNECTION (stream))
    g_set_object (&self->socket, g_socket_connection_get_socket (G_SOCKET_CONNECTION (stream)));
}

static void
on_request_queued (SoupSession *session, SoupMessage *message, gpointer data)
{
  g_signal_connect (message, "network-event", G_CALLBACK (on_network_event), data);
}

static void
let_go (SimLink *self)
{
  self->open = FALSE;
  g_clear_handle_id (&self->retry, g_source_remove);
  g_clear_pointer (&self->transport, tgw_transport_drop);
  g_clear_object (&self->socket);
  if (self->dead >= 0)
    close (self->dead);
  self->dead = -1;
}

SimLink *
sim_link_new (const SimOptions *options, const SimLinkEvents *events, gpointer user_data)
{
  SimLink *self = g_new0 (SimLink, 1);

  self->options = options;
  self->events = events;
  self->user_data = user_data;
  self->endpoint = tgw_endpoint_parse (options->gateway, options->allow_plain_text, NULL);
  self->dead = -1;
  self->session = tgw_transport_new_session ();
  g_signal_connect (self->session, "request-queued", G_CALLBACK (on_request_queued), self);
  connect_now (self);
  return self;
}

void
sim_link_free (SimLink *self)
{
  g_clear_pointer (&self->transport, tgw_transport_close);
  let_go (self);
  g_signal_handlers_disconnect_by_data (self->session, self);
  g_object_unref (self->session);
  g_uri_unref (self->endpoint);
  g_free (self);
}

void
sim_link_send (SimLink *self, const char *text)
{
  if (self->transport != NULL)
    tgw_transport_send (self->transport, text);
}

void
sim_link_drop (SimLink *self, guint ms)
{
  if (self->away)
    return;
  let_go (self);
  retry_after (self, ms);
}

void
sim_link_go_away (SimLink *self, guint ms)
{
  let_go (self);
  self->away = TRUE;
  if (ms > 0)
    retry_after (self, ms);
}

/* The gateway's connection moves to another descriptor, and libsoup is left with one that leads nowhere: so
 * it answers no ping, and says no goodbye. */
void
sim_link_go_dead (SimLink *self)
{
  int nowhere[2], dead = -1;

  if (self->open && self->socket != NULL && socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, nowhere) == 0)
    {
      dead = fcntl (g_socket_get_fd (self->socket), F_DUPFD_CLOEXEC, 0);
      dup3 (nowhere[0], g_socket_get_fd (self->socket), O_CLOEXEC);
      close (nowhere[0]);
      close (nowhere[1]);
    }
  let_go (self);
  self->dead = dead;
  self->away = TRUE;
}

void
sim_link_return (SimLink *self)
{
  if (!self->away)
    return;
  let_go (self);
  self->away = FALSE;
  connect_now (self);
}

gboolean
sim_link_is_up (SimLink *self)
{
  return self->open;
}

gboolean
sim_link_is_away (SimLink *self)
{
  return self->away;
}

void
sim_link_leave (SimLink *self)
{
  g_clear_pointer (&self->transport, tgw_transport_close);
  let_go (self);
}
