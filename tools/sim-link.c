/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/sim-link.h"

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
};

static void connect_now (SimLink *self);

static gboolean
on_retry (gpointer data)
{
  SimLink *self = data;

  self->retry = 0;
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

SimLink *
sim_link_new (const SimOptions *options, const SimLinkEvents *events, gpointer user_data)
{
  SimLink *self = g_new0 (SimLink, 1);

  self->options = options;
  self->events = events;
  self->user_data = user_data;
  self->endpoint = tgw_endpoint_parse (options->gateway, options->allow_plain_text, NULL);
  self->session = tgw_transport_new_session ();
  connect_now (self);
  return self;
}

void
sim_link_free (SimLink *self)
{
  g_clear_handle_id (&self->retry, g_source_remove);
  g_clear_pointer (&self->transport, tgw_transport_close);
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
  g_clear_pointer (&self->transport, tgw_transport_drop);
  retry_after (self, ms);
}

void
sim_link_leave (SimLink *self)
{
  g_clear_handle_id (&self->retry, g_source_remove);
  g_clear_pointer (&self->transport, tgw_transport_close);
}
