/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libtgwclient/tgw-transport.h"

#include "libtgwclient/tgw-endpoint.h"
#include "libtgwclient/tgw-refusal.h"
#include "libtgwclient/tgw-error.h"
#include "libtgwclient/tgw-trust.h"
#include "protocol/signature.h"
#include "protocol/time.h"

#define PING_TEXT   "{\"action\":\"ping\"}"
#define MAX_MESSAGE (16 * 1024 * 1024) /* a list of many terminals */

typedef struct
{
  TgwTransport base;
  const TgwTransportEvents *events; /* NULL: the owner has left */
  gpointer user_data;
  SoupSession *session;
  SoupMessage *handshake;
  GCancellable *cancellable;
  SoupWebsocketConnection *connection;
  GMainContext *context;
  GSource *timer;
  char *api_key;
  char *api_secret;
  guint ping_interval;
  guint ping_timeout;
  char *pin;
  gboolean asked; /* the handshake's request went out */
  gboolean heard; /* since the last ping */
} TgwWebsocket;

static void
stop_timer (TgwWebsocket *self)
{
  if (self->timer != NULL)
    g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
}

static void
websocket_clear (gpointer data)
{
  TgwWebsocket *self = data;

  stop_timer (self);
  tgw_transport_release_session (g_steal_pointer (&self->session), self->context);
  g_signal_handlers_disconnect_by_data (self->handshake, self);
  g_clear_object (&self->handshake);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->connection);
  g_main_context_unref (self->context);
  g_free (self->api_key);
  g_free (self->api_secret);
  g_free (self->pin);
}

static void
websocket_unref (TgwWebsocket *self)
{
  g_rc_box_release_full (self, websocket_clear);
}

/* The last event. The owner may let go of self inside. */
static void
finish (TgwWebsocket *self, const GError *error)
{
  const TgwTransportEvents *events = g_steal_pointer (&self->events);

  stop_timer (self);
  if (events != NULL)
    events->closed (error, self->user_data);
}

static void
finish_with (TgwWebsocket *self, TgwError code, const char *message)
{
  g_autoptr (GError) error = g_error_new_literal (TGW_ERROR, code, message);

  finish (self, error);
}

/* Shuts the socket down, so that libsoup notices: a source that polls a closed stream might never fire. */
static void
sever (SoupWebsocketConnection *connection)
{
  GIOStream *stream = soup_websocket_connection_get_io_stream (connection);
  g_autoptr (GIOStream) base = NULL;

  if (g_object_class_find_property (G_OBJECT_GET_CLASS (stream), "base-iostream") != NULL)
    g_object_get (stream, "base-iostream", &base, NULL);
  if (base != NULL && G_IS_TLS_CONNECTION (base))
    {
      g_autoptr (GIOStream) tls = g_steal_pointer (&base);

      g_object_get (tls, "base-io-stream", &base, NULL);
    }
  if (base != NULL && G_IS_SOCKET_CONNECTION (base))
    g_socket_shutdown (g_socket_connection_get_socket (G_SOCKET_CONNECTION (base)), TRUE, TRUE, NULL);
  else
    g_io_stream_close (stream, NULL, NULL);
}

static void start_timer (TgwWebsocket *self, guint ms, GSourceFunc function);
static gboolean websocket_send (TgwTransport *transport, const char *text);

static gboolean
on_no_answer (gpointer data)
{
  TgwWebsocket *self = data;

  stop_timer (self);
  if (self->heard)
    {
      start_timer (self, self->ping_interval, NULL);
      return G_SOURCE_REMOVE;
    }
  g_rc_box_acquire (self);
  sever (self->connection);
  finish_with (self, TGW_ERROR_CONNECTION_LOST, "The gateway does not answer any more");
  websocket_unref (self);
  return G_SOURCE_REMOVE;
}

static gboolean
on_ping_time (gpointer data)
{
  TgwWebsocket *self = data;

  stop_timer (self);
  self->heard = FALSE;
  if (websocket_send (&self->base, PING_TEXT))
    start_timer (self, self->ping_timeout, on_no_answer);
  return G_SOURCE_REMOVE;
}

static gboolean
on_open_timeout (gpointer data)
{
  TgwWebsocket *self = data;

  stop_timer (self);
  g_rc_box_acquire (self);
  g_cancellable_cancel (self->cancellable);
  self->base.upgrade_failed = self->asked; /* else there is nobody, for a WebSocket or for anything else */
  finish_with (self, TGW_ERROR_UNREACHABLE, "The gateway did not answer in time");
  websocket_unref (self);
  return G_SOURCE_REMOVE;
}

static void
start_timer (TgwWebsocket *self, guint ms, GSourceFunc function)
{
  stop_timer (self);
  self->timer = g_timeout_source_new (ms);
  g_source_set_callback (self->timer, function != NULL ? function : on_ping_time, self, NULL);
  g_source_attach (self->timer, self->context);
}

static void
on_message (SoupWebsocketConnection *connection, int type, GBytes *message, gpointer data)
{
  TgwWebsocket *self = data;
  gsize length;
  const char *text = g_bytes_get_data (message, &length);

  self->heard = TRUE;
  if (type != SOUP_WEBSOCKET_DATA_TEXT || self->events == NULL)
    return;
  g_rc_box_acquire (self);
  self->events->text (text, length, self->user_data);
  websocket_unref (self);
}

static void
on_closed (SoupWebsocketConnection *connection, gpointer data)
{
  TgwWebsocket *self = data;
  const char *why = soup_websocket_connection_get_close_data (connection);
  gushort code = soup_websocket_connection_get_close_code (connection);
  g_autofree char *message = NULL;

  if (code == 0)
    message = g_strdup ("The connection to the gateway was lost");
  else
    message = g_strdup_printf ("The gateway closed the connection (%u%s%s)", code,
                               why != NULL && *why ? ", " : "", why != NULL ? why : "");
  finish_with (self, TGW_ERROR_CONNECTION_LOST, message);
  /* The connection's own reference: until now it kept this object. */
  g_signal_handlers_disconnect_by_data (connection, self);
  websocket_unref (self);
}

static void
on_refusal_explained (const GError *error, gpointer data)
{
  TgwWebsocket *self = data;

  finish (self, error);
  websocket_unref (self);
}

static void
on_asked (SoupMessage *handshake, gpointer data)
{
  ((TgwWebsocket *) data)->asked = TRUE;
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer data)
{
  TgwWebsocket *self = data; /* with a reference */
  g_autoptr (GError) error = NULL;
  SoupStatus status;

  self->connection = soup_session_websocket_connect_finish (SOUP_SESSION (source), result, &error);
  if (self->events == NULL)
    {
      if (self->connection != NULL)
        soup_websocket_connection_close (self->connection, SOUP_WEBSOCKET_CLOSE_GOING_AWAY, NULL);
      websocket_unref (self);
      return;
    }
  status = soup_message_get_status (self->handshake);
  if (self->connection == NULL && status != SOUP_STATUS_NONE && status != SOUP_STATUS_SWITCHING_PROTOCOLS)
    {
      stop_timer (self);
      self->base.upgrade_failed =
        status != SOUP_STATUS_UNAUTHORIZED && !tgw_refusal_is_the_gateways (self->handshake);
      tgw_refusal_explain (self->session, self->handshake, self->api_key, self->api_secret, self->pin,
                           self->cancellable, on_refusal_explained, self);
      return;
    }
  if (self->connection == NULL)
    {
      g_autoptr (GError) reason = tgw_trust_explain (self->handshake, error);

      /* Somebody was there, who heard the question and would not have a WebSocket. */
      self->base.upgrade_failed = self->asked && reason->code == TGW_ERROR_UNREACHABLE;
      finish (self, reason);
      websocket_unref (self);
      return;
    }

  soup_websocket_connection_set_max_incoming_payload_size (self->connection, MAX_MESSAGE);
  g_signal_connect (self->connection, "message", G_CALLBACK (on_message), self);
  g_signal_connect (self->connection, "closed", G_CALLBACK (on_closed), self);
  start_timer (self, self->ping_interval, on_ping_time);
  /* The reference now belongs to the connection and ends in on_closed(). */
  self->events->opened (self->user_data);
}

static gboolean
websocket_send (TgwTransport *transport, const char *text)
{
  TgwWebsocket *self = (TgwWebsocket *) transport;

  if (self->events == NULL || self->connection == NULL ||
      soup_websocket_connection_get_state (self->connection) != SOUP_WEBSOCKET_STATE_OPEN)
    return FALSE;
  soup_websocket_connection_send_text (self->connection, text);
  return TRUE;
}

static void
detach (TgwWebsocket *self)
{
  self->events = NULL;
  stop_timer (self);
  g_cancellable_cancel (self->cancellable);
}

static void
websocket_close (TgwTransport *transport)
{
  TgwWebsocket *self = (TgwWebsocket *) transport;

  detach (self);
  if (self->connection != NULL &&
      soup_websocket_connection_get_state (self->connection) == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_close (self->connection, SOUP_WEBSOCKET_CLOSE_NORMAL, NULL);
  websocket_unref (self);
}

static void
websocket_drop (TgwTransport *transport)
{
  TgwWebsocket *self = (TgwWebsocket *) transport;

  detach (self);
  if (self->connection != NULL)
    sever (self->connection);
  websocket_unref (self);
}

static const TgwTransportClass websocket_class = { websocket_send, websocket_close, websocket_drop };

TgwTransport *
tgw_transport_open (const TgwTransportConfig *config, const TgwTransportEvents *events, gpointer user_data)
{
  TgwWebsocket *self = g_rc_box_new0 (TgwWebsocket);
  g_autofree char *target = tgw_endpoint_target (config->endpoint);
  char timestamp[TGP_TIME_SIZE], signature[TGP_SIGNATURE_SIZE];
  SoupMessageHeaders *headers;

  self->base.klass = &websocket_class;
  self->base.ordered = TRUE;
  self->events = events;
  self->user_data = user_data;
  self->session = g_object_ref (config->session);
  self->cancellable = g_cancellable_new ();
  self->context = g_main_context_ref_thread_default ();
  self->api_key = g_strdup (config->api_key);
  self->api_secret = g_strdup (config->api_secret);
  self->pin = g_strdup (config->certificate_pin);
  self->ping_interval = config->ping_interval > 0 ? config->ping_interval : 30000;
  self->ping_timeout = config->ping_timeout > 0 ? config->ping_timeout : 10000;

  self->handshake = soup_message_new_from_uri (SOUP_METHOD_GET, config->endpoint);
  soup_message_add_flags (self->handshake, SOUP_MESSAGE_NO_REDIRECT | SOUP_MESSAGE_DO_NOT_USE_AUTH_CACHE);
  tgw_trust_watch (self->handshake, self->pin, self->cancellable);
  g_signal_connect (self->handshake, "wrote-headers", G_CALLBACK (on_asked), self);
  headers = soup_message_get_request_headers (self->handshake);
  tgp_time_format (g_get_real_time () / 1000, timestamp);
  tgp_sign (self->api_secret, "GET", target, timestamp, "", 0, signature);
  soup_message_headers_replace (headers, "x-api-key", self->api_key);
  soup_message_headers_replace (headers, "x-timestamp", timestamp);
  soup_message_headers_replace (headers, "x-signature", signature);
  if (config->user_agent != NULL)
    soup_message_headers_replace (headers, "User-Agent", config->user_agent);
  if (config->ack_delivery)
    soup_message_headers_replace (headers, "x-delivery", "ack");
  if (config->device_id != NULL)
    soup_message_headers_replace (headers, "X-Device-Id", config->device_id);

  start_timer (self, config->open_timeout > 0 ? config->open_timeout : 15000, on_open_timeout);
  soup_session_websocket_connect_async (self->session, self->handshake, NULL, NULL, G_PRIORITY_DEFAULT,
                                        self->cancellable, on_connected, g_rc_box_acquire (self));
  return &self->base;
}
