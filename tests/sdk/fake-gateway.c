/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sdk/fake-gateway.h"

#include "protocol/json.h"
#include "protocol/time.h"

static gboolean
on_wake (gpointer data)
{
  return G_SOURCE_REMOVE;
}

void
fake_gateway_turn (void)
{
  guint wake = g_timeout_add (100, on_wake, NULL);
  GSource *source = g_source_ref (g_main_context_find_source_by_id (NULL, wake));

  g_main_context_iteration (NULL, TRUE);
  g_source_destroy (source);
  g_source_unref (source);
}

void
fake_gateway_send (FakeGateway *self, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  for (char *p = text; *p != '\0'; p++)
    if (*p == '\'')
      *p = '"';
  soup_websocket_connection_send_text (self->connection, text);
}

static void
on_message (SoupWebsocketConnection *connection, int type, GBytes *bytes, gpointer data)
{
  FakeGateway *self = data;
  gsize length;
  const char *text = g_bytes_get_data (bytes, &length);
  g_autoptr (GError) error = NULL;
  g_autoptr (TgpPosMessage) message = NULL;

  if (self->raw)
    {
      if (connection == self->connection)
        g_queue_push_tail (&self->received, g_strndup (text, length));
      return;
    }
  message = tgp_pos_message_decode (text, length, NULL, &error);
  g_assert_no_error (error);
  if (connection != self->connection ||
      soup_websocket_connection_get_state (connection) != SOUP_WEBSOCKET_STATE_OPEN)
    return;
  if (message->action == TGP_POS_PING)
    {
      self->n_pings++;
      if (!self->silent && !self->no_pong)
        fake_gateway_send (self, "{'action':'pong','timestamp':'2024-01-15T10:30:00.000Z'}");
    }
  else if (message->action == TGP_POS_GET_TERMINALS && self->terminals != NULL)
    fake_gateway_send (self, "{'action':'terminalsResponse','requestId':'%s','terminals':[%s]}",
                       message->request_id, self->terminals);
  else
    g_queue_push_tail (&self->received, g_strndup (text, length));
}

static gint64
fake_now (FakeGateway *self)
{
  return g_get_real_time () / 1000 + self->clock_offset;
}

static void
on_websocket (SoupServer *server, SoupServerMessage *message, const char *path,
              SoupWebsocketConnection *connection, gpointer data)
{
  FakeGateway *self = data;

  self->connection = connection;
  g_ptr_array_add (self->connections, g_object_ref (connection));
  g_signal_connect (connection, "message", G_CALLBACK (on_message), self);
  self->n_handshakes++;
  if (!self->silent && !self->raw)
    {
      char now[TGP_TIME_SIZE];

      tgp_time_format (fake_now (self), now);
      fake_gateway_send (self,
                         "{'action':'connected','connectionId':'conn-%u','groupId':'store-1',"
                         "'serverTime':'%s','heartbeatSeconds':30,'gracePeriodSeconds':60,"
                         "'pendingMessages':0}",
                         self->n_handshakes, now);
    }
}

static void
on_handshake (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
              gpointer data)
{
  FakeGateway *self = data;
  SoupMessageHeadersIter iter;
  const char *name, *value;

  g_clear_pointer (&self->handshake, soup_message_headers_unref);
  self->handshake = soup_message_headers_new (SOUP_MESSAGE_HEADERS_REQUEST);
  soup_message_headers_iter_init (&iter, soup_server_message_get_request_headers (message));
  while (soup_message_headers_iter_next (&iter, &name, &value))
    soup_message_headers_append (self->handshake, name, value);
  g_free (self->handshake_target);
  self->handshake_target = g_strdup (g_uri_get_path (soup_server_message_get_uri (message)));
  if (self->refuse_status != 0)
    {
      self->n_handshakes++;
      soup_server_message_set_status (message, self->refuse_status, NULL);
      soup_server_message_set_response (message, "application/json", SOUP_MEMORY_STATIC, "{}", 2);
      /* Else SoupServer does not notice that the client has gone. */
      soup_message_headers_replace (soup_server_message_get_response_headers (message), "Connection",
                                    "close");
    }
}

/* Over HTTP. */
static void
answer (FakeGateway *self, SoupServerMessage *message, const char *body)
{
  g_autoptr (GDateTime) now = g_date_time_new_from_unix_utc (fake_now (self) / 1000);
  g_autofree char *date = soup_date_time_to_string (now, SOUP_DATE_HTTP);

  soup_message_headers_replace (soup_server_message_get_response_headers (message), "Date", date);
  soup_server_message_set_status (message, self->refuse_status != 0 ? self->refuse_status : 200, NULL);
  if (self->refuse_status != 0)
    body = self->refuse_body;
  if (body != NULL)
    soup_server_message_set_response (message, "application/json", SOUP_MEMORY_COPY, body, strlen (body));
}

static void
on_request (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
            gpointer data)
{
  answer (data, message, "{\"terminals\":[],\"count\":0}");
}

/* There never is one. */
static void
on_messages (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
             gpointer data)
{
  FakeGateway *self = data;

  if (self->refuse_status != 0 || g_strcmp0 (g_hash_table_lookup (query, "wait"), "0") == 0)
    answer (self, message, "{\"messages\":[]}");
  else
    soup_server_message_pause (message);
}

static void
on_read (SoupServer *server, SoupServerMessage *message, gpointer data)
{
  ((FakeGateway *) data)->n_requests++;
}

static void
on_started (SoupServer *server, SoupServerMessage *message, gpointer data)
{
  FakeGateway *self = data;
  GSocket *socket = soup_server_message_get_socket (message);

  if (self->sockets != NULL && socket != NULL)
    g_ptr_array_add (self->sockets, g_object_ref (socket));
}

static gboolean
on_incoming (GSocketService *listener, GSocketConnection *connection, GObject *source, gpointer data)
{
  FakeGateway *self = data;
  g_autoptr (GSocketAddress) here = g_socket_connection_get_local_address (connection, NULL);
  g_autoptr (GSocketAddress) there = g_socket_connection_get_remote_address (connection, NULL);

  soup_server_accept_iostream (self->server, G_IO_STREAM (connection), here, there, NULL);
  return TRUE;
}

/* Not SoupServer's own listener, which never lets go of the socket of a WebSocket. */
void
fake_gateway_come_back (FakeGateway *self)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) wanted = g_inet_socket_address_new (loopback, self->port);
  g_autoptr (GSocketAddress) given = NULL;
  g_autoptr (GError) error = NULL;

  self->listener = g_socket_service_new ();
  g_signal_connect (self->listener, "incoming", G_CALLBACK (on_incoming), self);
  g_socket_listener_add_address (G_SOCKET_LISTENER (self->listener), wanted, G_SOCKET_TYPE_STREAM,
                                 G_SOCKET_PROTOCOL_TCP, NULL, &given, &error);
  g_assert_no_error (error);
  self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (given));
  g_socket_service_start (self->listener);
}

static void
listen_with_tls (FakeGateway *self)
{
  g_autoptr (GError) error = NULL;
  GSList *uris;

  g_assert_true (soup_server_listen_local (self->server, 0,
                                           SOUP_SERVER_LISTEN_IPV4_ONLY | SOUP_SERVER_LISTEN_HTTPS, &error));
  g_assert_no_error (error);
  uris = soup_server_get_uris (self->server);
  self->port = (guint16) g_uri_get_port (uris->data);
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
}

static void
stop_listening (FakeGateway *self)
{
  if (self->listener != NULL)
    {
      g_socket_service_stop (self->listener);
      g_socket_listener_close (G_SOCKET_LISTENER (self->listener));
    }
  g_clear_object (&self->listener);
  soup_server_disconnect (self->server);
}

static void
cut (SoupWebsocketConnection *connection)
{
  GIOStream *stream = soup_websocket_connection_get_io_stream (connection);
  g_autoptr (GIOStream) base = NULL;

  g_object_get (stream, "base-iostream", &base, NULL);
  g_socket_shutdown (g_socket_connection_get_socket (G_SOCKET_CONNECTION (base)), TRUE, TRUE, NULL);
}

void
fake_gateway_cut (FakeGateway *self)
{
  cut (self->connection);
}

void
fake_gateway_die (FakeGateway *self)
{
  stop_listening (self);
  for (guint i = 0; i < self->connections->len; i++)
    if (soup_websocket_connection_get_state (self->connections->pdata[i]) != SOUP_WEBSOCKET_STATE_CLOSED)
      cut (self->connections->pdata[i]);
}

void
fake_gateway_forget_closed (FakeGateway *self)
{
  for (guint i = self->connections->len; i-- > 0;)
    {
      SoupWebsocketConnection *connection = self->connections->pdata[i];

      if (connection != self->connection &&
          soup_websocket_connection_get_state (connection) == SOUP_WEBSOCKET_STATE_CLOSED)
        {
          g_signal_handlers_disconnect_by_data (connection, self);
          g_ptr_array_remove_index_fast (self->connections, i);
        }
    }
}

FakeGateway *
fake_gateway_new (void)
{
  return fake_gateway_new_with_tls (NULL);
}

FakeGateway *
fake_gateway_new_with_tls (GTlsCertificate *certificate)
{
  FakeGateway *self = g_new0 (FakeGateway, 1);

  self->server = soup_server_new ("tls-certificate", certificate, NULL);
  self->connections = g_ptr_array_new_with_free_func (g_object_unref);
  g_queue_init (&self->received);
  self->terminals = g_strdup ("");
  if (certificate != NULL)
    self->sockets = g_ptr_array_new_with_free_func (g_object_unref);
  soup_server_add_early_handler (self->server, "/v1/ws", on_handshake, self, NULL);
  soup_server_add_websocket_handler (self->server, "/v1/ws", NULL, NULL, on_websocket, self, NULL);
  soup_server_add_handler (self->server, "/v1/terminals", on_request, self, NULL);
  soup_server_add_handler (self->server, "/v1/messages", on_messages, self, NULL);
  g_signal_connect (self->server, "request-started", G_CALLBACK (on_started), self);
  g_signal_connect (self->server, "request-read", G_CALLBACK (on_read), self);
  if (certificate != NULL)
    listen_with_tls (self);
  else
    fake_gateway_come_back (self);
  self->url = g_strdup_printf ("%s://127.0.0.1:%u/", certificate != NULL ? "https" : "http", self->port);
  return self;
}

void
fake_gateway_free (FakeGateway *self)
{
  for (guint i = 0; i < self->connections->len; i++)
    {
      SoupWebsocketConnection *connection = self->connections->pdata[i];

      g_signal_handlers_disconnect_by_data (connection, self);
      if (soup_websocket_connection_get_state (connection) == SOUP_WEBSOCKET_STATE_OPEN)
        soup_websocket_connection_close (connection, SOUP_WEBSOCKET_CLOSE_GOING_AWAY, NULL);
    }
  for (guint i = 0; i < self->connections->len; i++)
    wait_until (soup_websocket_connection_get_state (self->connections->pdata[i]) ==
                SOUP_WEBSOCKET_STATE_CLOSED);
  g_ptr_array_unref (self->connections);
  /* Closing TLS waits for the other side's goodbye, which is in this very thread. */
  for (guint i = 0; self->sockets != NULL && i < self->sockets->len; i++)
    g_socket_shutdown (self->sockets->pdata[i], TRUE, TRUE, NULL);
  g_clear_pointer (&self->sockets, g_ptr_array_unref);
  stop_listening (self);
  g_object_unref (self->server);
  g_clear_pointer (&self->handshake, soup_message_headers_unref);
  g_queue_clear_full (&self->received, g_free);
  g_free (self->handshake_target);
  g_free (self->refuse_body);
  g_free (self->terminals);
  g_free (self->url);
  g_free (self);
}

TgpPosMessage *
fake_gateway_expect (FakeGateway *self, TgpPosAction action)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  TgpPosMessage *message;

  wait_until (self->received.length > 0);
  text = g_queue_pop_head (&self->received);
  message = tgp_pos_message_decode (text, strlen (text), NULL, &error);
  g_assert_no_error (error);
  if (message->action != action)
    g_error ("another message was expected: %s", text);
  return message;
}

void
fake_gateway_expect_nothing (FakeGateway *self)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
  if (self->received.length > 0)
    g_error ("nothing was expected: %s", (char *) self->received.head->data);
}

void
fake_gateway_wait_handshakes (FakeGateway *self, guint n)
{
  wait_until (self->n_handshakes >= n);
}

void
fake_gateway_close (FakeGateway *self, gushort code)
{
  soup_websocket_connection_close (self->connection, code, NULL);
}
