/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The messages of a till over plain requests, for networks that block WebSockets: what the client sends
 * becomes a request, what comes back becomes the message that the WebSocket would have brought. Queued
 * messages come by long poll; what a terminal is doing is asked for now and then. */
#include "libtgwclient/tgw-error.h"
#include "libtgwclient/tgw-http.h"
#include "libtgwclient/tgw-refusal.h"
#include "libtgwclient/tgw-transport.h"
#include "libtgwclient/tgw-trust.h"
#include "protocol/id.h"
#include "protocol/json-writer.h"
#include "protocol/pos-message.h"

/* s */
#define LONG_POLL 25
/* ms */
#define ANSWER_TIMEOUT  15000
#define PAYMENT_TIMEOUT 105000 /* the gateway lets a payment wait for 90 s */
#define TERMINALS_EVERY 10000
#define STATUS_EVERY    2000
#define UNACKED_PAUSE   1000
#define MAX_ANSWER      (16 * 1024 * 1024)

typedef struct
{
  TgwTransport base;
  const TgwTransportEvents *events; /* NULL: the owner has left, or it is over */
  gpointer user_data;
  SoupSession *session;
  GUri *endpoint;
  char *api_key;
  char *api_secret;
  char *pin;
  char *user_agent;
  char session_id[TGP_UUID_SIZE];
  GMainContext *context;
  GCancellable *cancellable; /* of every request */
  GHashTable *timers;        /* GSource; set */
  gint64 last_time;          /* ms; of the last request */
  guint n_acks;              /* under way */
  gboolean acked;            /* something, since the last poll */
  gboolean poll_due;
  gboolean open;
} TgwHttp;

typedef struct _Call Call;
typedef void (*AnswerFunc) (Call *call, guint status, GBytes *body);

struct _Call
{
  TgwHttp *self; /* with a reference */
  SoupMessage *message;
  GCancellable *cancellable; /* of this request */
  gulong cancelled_with_all;
  GSource *timeout;
  GSource *status_timer; /* payments */
  AnswerFunc answered;
  TgpPosMessage *asked; /* nullable */
};

static void poll_messages (TgwHttp *self, guint wait);

static void
http_clear (gpointer data)
{
  TgwHttp *self = data;

  g_hash_table_unref (self->timers);
  g_object_unref (self->session);
  g_uri_unref (self->endpoint);
  g_object_unref (self->cancellable);
  g_main_context_unref (self->context);
  g_free (self->api_key);
  g_free (self->api_secret);
  g_free (self->pin);
  g_free (self->user_agent);
}

static void
http_unref (TgwHttp *self)
{
  g_rc_box_release_full (self, http_clear);
}

static void
timer_free (gpointer source)
{
  g_source_destroy (source);
  g_source_unref (source);
}

static GSource *
add_timer (TgwHttp *self, guint ms, GSourceFunc function, gpointer data)
{
  GSource *source = g_timeout_source_new (ms);

  g_source_set_callback (source, function, data, NULL);
  g_source_attach (source, self->context);
  g_hash_table_add (self->timers, source);
  return source;
}

static void
clear_timer (TgwHttp *self, GSource **timer)
{
  GSource *source = g_steal_pointer (timer);

  if (source != NULL)
    g_hash_table_remove (self->timers, source);
}

/* The last event. The owner may let go of self inside; who calls this holds a reference. */
static void
finish (TgwHttp *self, const GError *error)
{
  const TgwTransportEvents *events = g_steal_pointer (&self->events);

  self->open = FALSE;
  g_hash_table_remove_all (self->timers);
  g_cancellable_cancel (self->cancellable);
  if (events != NULL)
    events->closed (error, self->user_data);
}

static void
say (TgwHttp *self, const char *text)
{
  if (self->events != NULL)
    self->events->text (text, strlen (text), self->user_data);
}

/* An answer as the message that a WebSocket would have brought: action and request id in front of its
 * members. */
static void
say_answer (TgwHttp *self, const char *action, const char *request_id, GBytes *body)
{
  g_autoptr (TgpJson) json =
    tgp_json_parse_object (g_bytes_get_data (body, NULL), g_bytes_get_size (body), NULL);
  g_autofree char *object = NULL, *text = NULL, *inner = NULL;
  TgpJsonWriter writer;

  if (json == NULL)
    return;
  object = tgp_value_dup_raw (tgp_json_root (json));
  inner = g_strndup (object + 1, strlen (object) - 2);
  tgp_json_writer_init (&writer);
  tgp_json_open_object (&writer, NULL);
  tgp_json_string (&writer, "action", action);
  tgp_json_optional_string (&writer, "requestId", request_id);
  tgp_json_raw_members (&writer, g_strstrip (inner));
  tgp_json_close_object (&writer);
  text = tgp_json_writer_end (&writer);
  say (self, text);
}

static void
say_accepted (TgwHttp *self, const TgpPosMessage *asked)
{
  g_autofree char *text = NULL;
  TgpJsonWriter writer;

  tgp_json_writer_init (&writer);
  tgp_json_open_object (&writer, NULL);
  tgp_json_string (&writer, "action", "paymentAccepted");
  tgp_json_optional_string (&writer, "requestId", asked->request_id);
  tgp_json_string (&writer, "transactionId", asked->payment->transaction_id);
  tgp_json_string (&writer, "terminalId", asked->terminal_id);
  tgp_json_string (&writer, "status", "PENDING");
  tgp_json_close_object (&writer);
  text = tgp_json_writer_end (&writer);
  say (self, text);
}

static void
call_free (Call *call)
{
  TgwHttp *self = call->self;

  clear_timer (self, &call->timeout);
  clear_timer (self, &call->status_timer);
  g_cancellable_disconnect (self->cancellable, call->cancelled_with_all);
  g_object_unref (call->cancellable);
  g_object_unref (call->message);
  g_clear_pointer (&call->asked, tgp_pos_message_free);
  g_free (call);
  http_unref (self);
}

/* Answers that are the same whatever was asked. TRUE: it is over. */
static gboolean
ends_the_session (TgwHttp *self, guint status, GBytes *body)
{
  g_autoptr (TgpJson) json = NULL;
  gboolean displaced;

  if (status != SOUP_STATUS_CONFLICT)
    return FALSE;
  json = tgp_json_parse_object (g_bytes_get_data (body, NULL), g_bytes_get_size (body), NULL);
  displaced =
    json != NULL && tgp_value_equal (tgp_value_member (tgp_json_root (json), "code"), "SESSION_DISPLACED");
  if (displaced)
    say (self, "{\"action\":\"forceDisconnect\",\"reason\":\"api_key_used_elsewhere\",\"message\":"
               "\"Connection displaced by new connection with same API key\",\"reconnectAllowed\":true}");
  return displaced;
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer data)
{
  Call *call = data;
  TgwHttp *self = call->self;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = soup_session_send_and_read_finish (SOUP_SESSION (source), result, &error);
  guint status = soup_message_get_status (call->message);

  if (self->events != NULL && body == NULL)
    {
      g_autoptr (GError) reason = tgw_trust_explain (call->message, error);

      if (self->open)
        reason->code = TGW_ERROR_CONNECTION_LOST;
      finish (self, reason);
    }
  else if (self->events != NULL && !ends_the_session (self, status, body) && self->events != NULL)
    call->answered (call, status, body);
  call_free (call);
}

static gboolean
on_no_answer (gpointer data)
{
  Call *call = data;
  TgwHttp *self = g_rc_box_acquire (call->self);
  g_autoptr (GError) error = g_error_new_literal (
    TGW_ERROR, self->open ? TGW_ERROR_CONNECTION_LOST : TGW_ERROR_UNREACHABLE, "The gateway does not answer");

  clear_timer (self, &call->timeout);
  finish (self, error);
  http_unref (self);
  return G_SOURCE_REMOVE;
}

static void
on_all_cancelled (GCancellable *all, gpointer data)
{
  g_cancellable_cancel (data);
}

/* asked: (transfer full) (nullable) */
static Call *
request (TgwHttp *self, const char *method, const char *path, const char *body, guint timeout,
         AnswerFunc answered, TgpPosMessage *asked)
{
  TgwHttpPeer peer = { self->endpoint, self->api_key, self->api_secret, self->session_id, self->user_agent };
  Call *call = g_new0 (Call, 1);

  /* Two POSTs of the same content in the same millisecond would be one and its replay. */
  self->last_time = MAX (self->last_time + 1, g_get_real_time () / 1000);
  call->self = g_rc_box_acquire (self);
  call->message = tgw_http_message (&peer, method, path, body, self->last_time);
  call->answered = answered;
  call->asked = asked;
  call->cancellable = g_cancellable_new ();
  call->cancelled_with_all =
    g_cancellable_connect (self->cancellable, G_CALLBACK (on_all_cancelled), call->cancellable, NULL);
  call->timeout = add_timer (self, timeout, on_no_answer, call);
  tgw_trust_watch (call->message, self->pin, call->cancellable);
  soup_session_send_and_read_async (self->session, call->message, G_PRIORITY_DEFAULT, call->cancellable,
                                    on_answer, call);
  return call;
}

/* An answer that makes no sense, or says that this till may not be here. */
static void
fail (Call *call, GBytes *body)
{
  g_autoptr (GError) error = tgw_refusal_read (call->message, body);

  finish (call->self, error);
}

static gboolean on_terminals_time (gpointer data);

static void
on_terminals (Call *call, guint status, GBytes *body)
{
  if (status == SOUP_STATUS_OK)
    say_answer (call->self, "terminalsResponse", call->asked != NULL ? call->asked->request_id : NULL, body);
  else if (call->asked != NULL)
    say_answer (call->self, "error", call->asked->request_id, body);
  if (call->asked == NULL && call->self->events != NULL)
    add_timer (call->self, TERMINALS_EVERY, on_terminals_time, call->self);
}

static gboolean
on_terminals_time (gpointer data)
{
  TgwHttp *self = data;
  GSource *timer = g_main_current_source ();

  clear_timer (self, &timer);
  request (self, "GET", "terminals", NULL, ANSWER_TIMEOUT, on_terminals, NULL);
  return G_SOURCE_REMOVE;
}

static void
on_transaction (Call *call, guint status, GBytes *body)
{
  say_answer (call->self, status == SOUP_STATUS_OK ? "transactionStatus" : "error", call->asked->request_id,
              body);
}

static void
on_cancel_or_void (Call *call, guint status, GBytes *body)
{
  const char *action = call->asked->action == TGP_POS_CANCEL_PAYMENT ? "cancelAccepted" : "voidAccepted";

  say_answer (call->self, status == SOUP_STATUS_ACCEPTED ? action : "error", call->asked->request_id, body);
}

static gboolean
on_poll_time (gpointer data)
{
  TgwHttp *self = data;
  GSource *timer = g_main_current_source ();

  clear_timer (self, &timer);
  poll_messages (self, LONG_POLL);
  return G_SOURCE_REMOVE;
}

/* The next poll waits for the acks of what the last one brought: asked before, it would bring that again. */
static void
poll_next (TgwHttp *self, gboolean got_some)
{
  if (self->events == NULL)
    return;
  if (self->n_acks > 0)
    self->poll_due = TRUE;
  else if (got_some && !self->acked)
    add_timer (self, UNACKED_PAUSE, on_poll_time, self);
  else
    poll_messages (self, LONG_POLL);
}

static void
on_acked (Call *call, guint status, GBytes *body)
{
  TgwHttp *self = call->self;

  self->n_acks--;
  if (status != SOUP_STATUS_OK)
    fail (call, body);
  else if (self->n_acks == 0 && self->poll_due)
    {
      self->poll_due = FALSE;
      poll_messages (self, LONG_POLL);
    }
}

/* The ones that a till has not acked yet come first in every answer. */
static guint
say_messages (TgwHttp *self, const TgpJson *json)
{
  TgpValue messages = tgp_value_member (tgp_json_root (json), "messages");
  guint n = 0;

  for (TgpValue one = tgp_value_first (messages); one.json != NULL; one = tgp_value_next (one), n++)
    {
      g_autofree char *text = tgp_value_dup_raw (one);

      say (self, text);
    }
  return n;
}

static void
on_messages (Call *call, guint status, GBytes *body)
{
  TgwHttp *self = call->self;
  g_autoptr (TgpJson) json =
    tgp_json_parse_object (g_bytes_get_data (body, NULL), g_bytes_get_size (body), NULL);

  if (status != SOUP_STATUS_OK || json == NULL)
    {
      fail (call, body);
      return;
    }
  if (!self->open)
    {
      g_autofree char *greeting = NULL;
      g_autoptr (TgpJson) asked = NULL;
      TgpJsonWriter writer;

      self->open = TRUE;
      self->events->opened (self->user_data);
      tgp_json_writer_init (&writer);
      tgp_json_open_object (&writer, NULL);
      tgp_json_string (&writer, "action", "connected");
      tgp_json_string (&writer, "connectionId", self->session_id);
      tgp_json_int (&writer, "pendingMessages",
                    tgp_value_length (tgp_value_member (tgp_json_root (json), "messages")));
      tgp_json_close_object (&writer);
      greeting = tgp_json_writer_end (&writer);
      say (self, greeting);
      add_timer (self, TERMINALS_EVERY, on_terminals_time, self);
    }
  self->acked = FALSE;
  poll_next (self, say_messages (self, json) > 0);
}

static void
poll_messages (TgwHttp *self, guint wait)
{
  g_autofree char *path = g_strdup_printf ("messages?wait=%u", wait);

  request (self, "GET", path, NULL, wait * 1000 + ANSWER_TIMEOUT, on_messages, NULL);
}

static void
on_payment_status (Call *call, guint status, GBytes *body)
{
  /* Outcomes come by the answer to the payment itself, and by the queue. */
  g_autoptr (TgpJson) json =
    tgp_json_parse_object (g_bytes_get_data (body, NULL), g_bytes_get_size (body), NULL);
  TgpValue state = json != NULL ? tgp_value_member (tgp_json_root (json), "status") : (TgpValue){ NULL, 0 };

  if (status == SOUP_STATUS_OK &&
      (tgp_value_equal (state, "PENDING") || tgp_value_equal (state, "AWAITING_RECONNECT")))
    say_answer (call->self, "transactionStatus", NULL, body);
}

static gboolean
on_status_time (gpointer data)
{
  Call *call = data;
  g_autofree char *path = g_strconcat ("transactions/", call->asked->payment->transaction_id, NULL);

  request (call->self, "GET", path, NULL, ANSWER_TIMEOUT, on_payment_status, NULL);
  return G_SOURCE_CONTINUE;
}

static void
on_voided_transaction (Call *call, guint status, GBytes *body)
{
  if (status == SOUP_STATUS_OK)
    say_answer (call->self, "transactionStatus", NULL, body);
}

static void
on_paid (Call *call, guint status, GBytes *body)
{
  TgwHttp *self = call->self;
  g_autoptr (TgpJson) json =
    tgp_json_parse_object (g_bytes_get_data (body, NULL), g_bytes_get_size (body), NULL);

  if (json == NULL)
    fail (call, body);
  else if (status == SOUP_STATUS_GATEWAY_TIMEOUT)
    /* It goes on; the outcome comes by the queue. */
    say_accepted (self, call->asked);
  else if (status != SOUP_STATUS_OK)
    say_answer (self, "error", call->asked->request_id, body);
  else if (tgp_value_equal (tgp_value_member (tgp_json_root (json), "errorCode"), "VOIDED"))
    {
      /* The answer has no word on how far the reversal is. */
      g_autofree char *path = g_strconcat ("transactions/", call->asked->payment->transaction_id, NULL);

      request (self, "GET", path, NULL, ANSWER_TIMEOUT, on_voided_transaction, NULL);
    }
  else
    say_answer (self, "paymentComplete", call->asked->request_id, body);
}

static gboolean
http_send (TgwTransport *transport, const char *text)
{
  TgwHttp *self = (TgwHttp *) transport;
  TgpPosMessage *asked = self->open ? tgp_pos_message_decode (text, strlen (text), NULL, NULL) : NULL;
  g_autofree char *path = NULL, *body = NULL;
  Call *call;

  if (asked == NULL || self->events == NULL)
    {
      g_clear_pointer (&asked, tgp_pos_message_free);
      return FALSE;
    }
  switch (asked->action)
    {
    case TGP_POS_GET_TERMINALS:
      request (self, "GET", "terminals", NULL, ANSWER_TIMEOUT, on_terminals, asked);
      return TRUE;
    case TGP_POS_PAYMENT:
      path = g_strdup_printf ("terminals/%s/payments", asked->terminal_id);
      body = tgp_payment_request_to_json (asked->payment);
      call = request (self, "POST", path, body, PAYMENT_TIMEOUT, on_paid, asked);
      call->status_timer = add_timer (self, STATUS_EVERY, on_status_time, call);
      return TRUE;
    case TGP_POS_GET_TRANSACTION_STATUS:
      path = g_strconcat ("transactions/", asked->transaction_id, NULL);
      request (self, "GET", path, NULL, ANSWER_TIMEOUT, on_transaction, asked);
      return TRUE;
    case TGP_POS_CANCEL_PAYMENT:
    case TGP_POS_VOID_PAYMENT:
      path = g_strdup_printf ("transactions/%s/%s", asked->transaction_id,
                              asked->action == TGP_POS_CANCEL_PAYMENT ? "cancel" : "void");
      request (self, "POST", path, NULL, ANSWER_TIMEOUT, on_cancel_or_void, asked);
      return TRUE;
    case TGP_POS_ACK:
      {
        TgpJsonWriter writer;

        tgp_json_writer_init (&writer);
        tgp_json_open_object (&writer, NULL);
        tgp_json_open_array (&writer, "messageIds");
        for (guint i = 0; i < asked->message_ids->len; i++)
          tgp_json_string (&writer, NULL, asked->message_ids->pdata[i]);
        tgp_json_close_array (&writer);
        tgp_json_close_object (&writer);
        body = tgp_json_writer_end (&writer);
        self->n_acks++;
        self->acked = TRUE;
        request (self, "POST", "messages/ack", body, ANSWER_TIMEOUT, on_acked, asked);
        return TRUE;
      }
    case TGP_POS_PING:
    default:
      tgp_pos_message_free (asked);
      return TRUE;
    }
}

/* What is under way ends by itself; nobody hears of it. */
static void
http_close (TgwTransport *transport)
{
  TgwHttp *self = (TgwHttp *) transport;

  self->events = NULL;
  g_hash_table_remove_all (self->timers);
  g_cancellable_cancel (self->cancellable);
  http_unref (self);
}

static const TgwTransportClass http_class = { http_send, http_close, http_close };

TgwTransport *
tgw_transport_open_http (const TgwTransportConfig *config, const TgwTransportEvents *events,
                         gpointer user_data)
{
  TgwHttp *self = g_rc_box_new0 (TgwHttp);
  guint8 random[10];

  for (gsize i = 0; i < G_N_ELEMENTS (random); i++)
    random[i] = (guint8) g_random_int_range (0, 256);
  tgp_uuid7_format (g_get_real_time () / 1000, random, self->session_id);
  self->base.klass = &http_class;
  self->events = events;
  self->user_data = user_data;
  self->session = g_object_ref (config->session);
  self->endpoint = g_uri_ref (config->endpoint);
  self->api_key = g_strdup (config->api_key);
  self->api_secret = g_strdup (config->api_secret);
  self->pin = g_strdup (config->certificate_pin);
  self->user_agent = g_strdup (config->user_agent);
  self->context = g_main_context_ref_thread_default ();
  self->cancellable = g_cancellable_new ();
  self->timers = g_hash_table_new_full (NULL, NULL, timer_free, NULL);
  /* What waits is counted first: it is news from before this connection. */
  poll_messages (self, 0);
  return &self->base;
}
