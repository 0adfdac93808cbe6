/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libtgwclient/tgw-http-link.h"

#include "libtgwclient/tgw-error.h"
#include "libtgwclient/tgw-http.h"
#include "libtgwclient/tgw-refusal.h"
#include "libtgwclient/tgw-trust.h"
#include "protocol/json-writer.h"

static void
link_clear (gpointer data)
{
  TgwHttpLink *self = data;

  tgw_transport_release_session (g_steal_pointer (&self->session), self->context);
  g_hash_table_unref (self->timers);
  g_uri_unref (self->endpoint);
  g_object_unref (self->cancellable);
  g_main_context_unref (self->context);
  g_free (self->api_key);
  g_free (self->api_secret);
  g_free (self->pin);
  g_free (self->user_agent);
}

void
tgw_http_link_unref (TgwHttpLink *self)
{
  g_rc_box_release_full (self, link_clear);
}

static void
timer_free (gpointer source)
{
  g_source_destroy (source);
  g_source_unref (source);
}

GSource *
tgw_http_link_add_timer (TgwHttpLink *self, guint ms, GSourceFunc function, gpointer data)
{
  GSource *source = g_timeout_source_new (ms);

  g_source_set_callback (source, function, data, NULL);
  g_source_attach (source, self->context);
  g_hash_table_add (self->timers, source);
  return source;
}

void
tgw_http_link_clear_timer (TgwHttpLink *self, GSource **timer)
{
  GSource *source = g_steal_pointer (timer);

  if (source != NULL)
    g_hash_table_remove (self->timers, source);
}

/* The last event. The owner may let go of self inside; who calls this holds a reference. */
static void
finish (TgwHttpLink *self, const GError *error)
{
  const TgwTransportEvents *events = g_steal_pointer (&self->events);

  self->open = FALSE;
  g_hash_table_remove_all (self->timers);
  g_cancellable_cancel (self->cancellable);
  if (events != NULL)
    events->closed (error, self->user_data);
}

void
tgw_http_link_say (TgwHttpLink *self, const char *text)
{
  if (self->events != NULL)
    self->events->text (text, strlen (text), self->user_data);
}

void
tgw_http_call_fail (TgwHttpCall *call, GBytes *body)
{
  g_autoptr (GError) error = tgw_refusal_read (call->message, body);

  finish (call->link, error);
}

void
tgw_http_call_say (TgwHttpCall *call, const char *action, const char *request_id, GBytes *body)
{
  g_autoptr (TgpJson) json =
    tgp_json_parse_object (g_bytes_get_data (body, NULL), g_bytes_get_size (body), NULL);
  g_autofree char *object = NULL, *text = NULL, *inner = NULL;
  TgpJsonWriter writer;

  if (json == NULL)
    {
      tgw_http_call_fail (call, body);
      return;
    }
  object = tgp_value_dup_raw (tgp_json_root (json));
  inner = g_strndup (object + 1, strlen (object) - 2);
  tgp_json_writer_init (&writer);
  tgp_json_open_object (&writer, NULL);
  tgp_json_string (&writer, "action", action);
  tgp_json_optional_string (&writer, "requestId", request_id);
  tgp_json_raw_members (&writer, g_strstrip (inner));
  tgp_json_close_object (&writer);
  text = tgp_json_writer_end (&writer);
  tgw_http_link_say (call->link, text);
}

static void
call_free (TgwHttpCall *call)
{
  TgwHttpLink *self = call->link;

  tgw_http_link_clear_timer (self, &call->timeout);
  tgw_http_link_clear_timer (self, &call->status_timer);
  g_cancellable_disconnect (self->cancellable, call->cancelled_with_all);
  g_object_unref (call->cancellable);
  g_object_unref (call->message);
  g_clear_pointer (&call->asked, tgp_pos_message_free);
  g_free (call);
  tgw_http_link_unref (self);
}

/* Another one has the API key now, whatever was asked. */
static gboolean
is_displaced (guint status, GBytes *body)
{
  g_autoptr (TgpJson) json = NULL;

  if (status != SOUP_STATUS_CONFLICT)
    return FALSE;
  json = tgp_json_parse_object (g_bytes_get_data (body, NULL), g_bytes_get_size (body), NULL);
  return json != NULL &&
         tgp_value_equal (tgp_value_member (tgp_json_root (json), "code"), "SESSION_DISPLACED");
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer data)
{
  TgwHttpCall *call = data;
  TgwHttpLink *self = call->link;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = soup_session_send_and_read_finish (SOUP_SESSION (source), result, &error);
  guint status = soup_message_get_status (call->message);

  if (self->events != NULL && body == NULL)
    {
      g_autoptr (GError) reason = tgw_trust_explain (call->message, error);

      if (self->open && reason->code == TGW_ERROR_UNREACHABLE)
        reason->code = TGW_ERROR_CONNECTION_LOST;
      finish (self, reason);
    }
  else if (self->events != NULL && is_displaced (status, body))
    tgw_http_link_say (self,
                       "{\"action\":\"forceDisconnect\",\"reason\":\"api_key_used_elsewhere\",\"message\":"
                       "\"Connection displaced by new connection with same API key\","
                       "\"reconnectAllowed\":true}");
  else if (self->events != NULL)
    call->answered (call, status, body);
  call_free (call);
}

static gboolean
on_no_answer (gpointer data)
{
  TgwHttpCall *call = data;
  TgwHttpLink *self = g_rc_box_acquire (call->link);
  g_autoptr (GError) error = g_error_new_literal (
    TGW_ERROR, self->open ? TGW_ERROR_CONNECTION_LOST : TGW_ERROR_UNREACHABLE, "The gateway does not answer");

  tgw_http_link_clear_timer (self, &call->timeout);
  finish (self, error);
  tgw_http_link_unref (self);
  return G_SOURCE_REMOVE;
}

static void
on_all_cancelled (GCancellable *all, gpointer data)
{
  g_cancellable_cancel (data);
}

TgwHttpCall *
tgw_http_link_request (TgwHttpLink *self, const char *method, const char *path, const char *body,
                       guint timeout, TgwHttpAnswerFunc answered, TgpPosMessage *asked)
{
  TgwHttpPeer peer = { self->endpoint, self->api_key, self->api_secret, self->session_id, self->user_agent };
  TgwHttpCall *call = g_new0 (TgwHttpCall, 1);

  /* Two POSTs of the same content in the same millisecond would be one and its replay. */
  self->last_time = MAX (self->last_time + 1, g_get_real_time () / 1000);
  call->link = g_rc_box_acquire (self);
  call->message = tgw_http_message (&peer, method, path, body, self->last_time);
  call->answered = answered;
  call->asked = asked;
  call->cancellable = g_cancellable_new ();
  call->cancelled_with_all =
    g_cancellable_connect (self->cancellable, G_CALLBACK (on_all_cancelled), call->cancellable, NULL);
  call->timeout = tgw_http_link_add_timer (self, timeout, on_no_answer, call);
  tgw_trust_watch (call->message, self->pin, call->cancellable);
  soup_session_send_and_read_async (self->session, call->message, G_PRIORITY_DEFAULT, call->cancellable,
                                    on_answer, call);
  return call;
}

void
tgw_http_link_leave (TgwHttpLink *self)
{
  self->events = NULL;
  g_hash_table_remove_all (self->timers);
  g_cancellable_cancel (self->cancellable);
  tgw_http_link_unref (self);
}

TgwHttpLink *
tgw_http_link_new (const TgwTransportConfig *config, const TgwTransportEvents *events, gpointer user_data)
{
  TgwHttpLink *self = g_rc_box_new0 (TgwHttpLink);
  guint8 random[10];

  for (gsize i = 0; i < G_N_ELEMENTS (random); i++)
    random[i] = (guint8) g_random_int_range (0, 256);
  tgp_uuid7_format (g_get_real_time () / 1000, random, self->session_id);
  self->events = events;
  self->user_data = user_data;
  self->session = g_object_ref (config->session);
  self->endpoint = g_uri_ref (config->endpoint);
  self->api_key = g_strdup (config->api_key);
  self->api_secret = g_strdup (config->api_secret);
  self->pin = g_strdup (config->certificate_pin);
  self->user_agent = g_strdup (config->user_agent);
  self->terminals_interval = config->terminals_interval;
  self->context = g_main_context_ref_thread_default ();
  self->cancellable = g_cancellable_new ();
  self->timers = g_hash_table_new_full (NULL, NULL, timer_free, NULL);
  return self;
}
