/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The messages of a till over plain requests, for networks that block WebSockets: what the client sends
 * becomes a request, what comes back becomes the message that the WebSocket would have brought. Queued
 * messages come by long poll; what a terminal is doing is asked for now and then. */
#include "libtgwclient/tgw-http-link.h"
#include "libtgwclient/tgw-http.h"
#include "protocol/error.h"
#include "protocol/json-writer.h"
#include "protocol/pos-event.h"

/* s */
#define LONG_POLL 25
/* ms */
#define ANSWER_TIMEOUT  15000
#define PAYMENT_TIMEOUT 105000 /* the gateway lets a payment wait for 90 s */
#define TERMINALS_EVERY 10000
#define STATUS_FIRST    300 /* by then it is accepted, and may be cancelled */
#define STATUS_EVERY    2000
#define UNACKED_PAUSE   1000

static void poll_messages (TgwHttpLink *self, guint wait, guint timeout);

static gboolean on_terminals_time (gpointer data);

static void
ask_for_terminals_later (TgwHttpLink *self)
{
  if (self->events != NULL)
    tgw_http_link_add_timer (self, self->terminals_interval > 0 ? self->terminals_interval : TERMINALS_EVERY,
                             on_terminals_time, self);
}

static void
on_terminals (TgwHttpCall *call, guint status, GBytes *body)
{
  if (status == SOUP_STATUS_OK)
    tgw_http_call_say (call, "terminalsResponse", call->asked != NULL ? call->asked->request_id : NULL, body);
  else if (call->asked != NULL)
    tgw_http_call_say (call, "error", call->asked->request_id, body);
  if (call->asked == NULL)
    ask_for_terminals_later (call->link);
}

static gboolean
on_terminals_time (gpointer data)
{
  TgwHttpLink *self = data;
  GSource *timer = g_main_current_source ();

  tgw_http_link_clear_timer (self, &timer);
  tgw_http_link_request (self, "GET", "terminals", NULL, ANSWER_TIMEOUT, on_terminals, NULL);
  return G_SOURCE_REMOVE;
}

static void
on_transaction (TgwHttpCall *call, guint status, GBytes *body)
{
  tgw_http_call_say (call, status == SOUP_STATUS_OK ? "transactionStatus" : "error", call->asked->request_id,
                     body);
}

static void
on_cancel_or_void (TgwHttpCall *call, guint status, GBytes *body)
{
  const char *action = call->asked->action == TGP_POS_CANCEL_PAYMENT ? "cancelAccepted" : "voidAccepted";

  tgw_http_call_say (call, status == SOUP_STATUS_ACCEPTED ? action : "error", call->asked->request_id, body);
}

static gboolean
on_poll_time (gpointer data)
{
  TgwHttpLink *self = data;
  GSource *timer = g_main_current_source ();

  tgw_http_link_clear_timer (self, &timer);
  poll_messages (self, LONG_POLL, LONG_POLL * 1000 + ANSWER_TIMEOUT);
  return G_SOURCE_REMOVE;
}

/* The next poll waits for the acks of what the last one brought: asked before, it would bring that again. */
static void
poll_next (TgwHttpLink *self, gboolean got_some)
{
  if (self->events == NULL)
    return;
  if (self->n_acks > 0)
    self->poll_due = TRUE;
  else if (got_some && !self->acked)
    tgw_http_link_add_timer (self, UNACKED_PAUSE, on_poll_time, self);
  else
    poll_messages (self, LONG_POLL, LONG_POLL * 1000 + ANSWER_TIMEOUT);
}

static void
on_acked (TgwHttpCall *call, guint status, GBytes *body)
{
  TgwHttpLink *self = call->link;

  self->n_acks--;
  if (status != SOUP_STATUS_OK)
    tgw_http_call_fail (call, body);
  else if (self->n_acks == 0 && self->poll_due)
    {
      self->poll_due = FALSE;
      poll_messages (self, LONG_POLL, LONG_POLL * 1000 + ANSWER_TIMEOUT);
    }
}

/* The ones that a till has not acked yet come first in every answer. */
static guint
say_messages (TgwHttpLink *self, const TgpJson *json)
{
  TgpValue messages = tgp_value_member (tgp_json_root (json), "messages");
  guint n = 0;

  for (TgpValue one = tgp_value_first (messages); one.json != NULL; one = tgp_value_next (one), n++)
    {
      g_autofree char *text = tgp_value_dup_raw (one);

      tgw_http_link_say (self, text);
    }
  return n;
}

static void
greet (TgwHttpCall *call, guint n_messages)
{
  TgwHttpLink *self = call->link;
  gint64 server_time = tgw_http_server_time (call->message);
  g_autofree char *greeting = NULL;
  TgpJsonWriter writer;

  self->open = TRUE;
  self->events->opened (self->user_data);
  tgp_json_writer_init (&writer);
  tgp_json_open_object (&writer, NULL);
  tgp_json_string (&writer, "action", "connected");
  tgp_json_string (&writer, "connectionId", self->session_id);
  if (server_time > 0)
    tgp_json_time (&writer, "serverTime", server_time);
  tgp_json_int (&writer, "pendingMessages", n_messages);
  tgp_json_close_object (&writer);
  greeting = tgp_json_writer_end (&writer);
  tgw_http_link_say (self, greeting);
  ask_for_terminals_later (self);
}

static void
on_messages (TgwHttpCall *call, guint status, GBytes *body)
{
  TgwHttpLink *self = call->link;
  g_autoptr (TgpJson) json =
    tgp_json_parse_object (g_bytes_get_data (body, NULL), g_bytes_get_size (body), NULL);

  if (status != SOUP_STATUS_OK || json == NULL)
    {
      tgw_http_call_fail (call, body);
      return;
    }
  if (!self->open)
    greet (call, tgp_value_length (tgp_value_member (tgp_json_root (json), "messages")));
  self->acked = FALSE;
  poll_next (self, say_messages (self, json) > 0);
}

static void
poll_messages (TgwHttpLink *self, guint wait, guint timeout)
{
  g_autofree char *path = g_strdup_printf ("messages?wait=%u", wait);

  tgw_http_link_request (self, "GET", path, NULL, timeout, on_messages, NULL);
}

/* "transactions/ID/verb"; the id is the application's, and may be anything. */
static char *
path_to (const char *collection, const char *id, const char *verb)
{
  g_autofree char *escaped = g_uri_escape_string (id, ":", FALSE);

  return g_strconcat (collection, "/", escaped, verb != NULL ? "/" : NULL, verb, NULL);
}

static void
on_payment_status (TgwHttpCall *call, guint status, GBytes *body)
{
  /* Outcomes come by the answer to the payment itself, and by the queue. */
  g_autoptr (TgpJson) json =
    tgp_json_parse_object (g_bytes_get_data (body, NULL), g_bytes_get_size (body), NULL);
  TgpValue state = json != NULL ? tgp_value_member (tgp_json_root (json), "status") : (TgpValue){ NULL, 0 };

  if (status == SOUP_STATUS_OK &&
      (tgp_value_equal (state, "PENDING") || tgp_value_equal (state, "AWAITING_RECONNECT")))
    tgw_http_call_say (call, "transactionStatus", NULL, body);
}

static gboolean
on_status_time (gpointer data)
{
  TgwHttpCall *call = data;
  TgwHttpLink *self = call->link;
  g_autofree char *path = path_to ("transactions", call->asked->payment->transaction_id, NULL);

  tgw_http_link_clear_timer (self, &call->status_timer);
  call->status_timer = tgw_http_link_add_timer (self, STATUS_EVERY, on_status_time, call);
  tgw_http_link_request (self, "GET", path, NULL, ANSWER_TIMEOUT, on_payment_status, NULL);
  return G_SOURCE_REMOVE;
}

static void
on_voided_transaction (TgwHttpCall *call, guint status, GBytes *body)
{
  if (status == SOUP_STATUS_OK)
    tgw_http_call_say (call, "transactionStatus", NULL, body);
}

static void
say_accepted (TgwHttpCall *call)
{
  const TgpPosMessage *asked = call->asked;
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
  tgw_http_link_say (call->link, text);
}

static void
on_paid (TgwHttpCall *call, guint status, GBytes *body)
{
  TgwHttpLink *self = call->link;
  g_autoptr (TgpJson) json =
    tgp_json_parse_object (g_bytes_get_data (body, NULL), g_bytes_get_size (body), NULL);

  if (json == NULL)
    tgw_http_call_fail (call, body);
  else if (status == SOUP_STATUS_GATEWAY_TIMEOUT)
    /* It goes on; the outcome comes by the queue. */
    say_accepted (call);
  else if (status != SOUP_STATUS_OK)
    tgw_http_call_say (call, "error", call->asked->request_id, body);
  else if (tgp_value_equal (tgp_value_member (tgp_json_root (json), "errorCode"), "VOIDED"))
    {
      /* The answer has no word on how far the reversal is. */
      g_autofree char *path = path_to ("transactions", call->asked->payment->transaction_id, NULL);

      tgw_http_link_request (self, "GET", path, NULL, ANSWER_TIMEOUT, on_voided_transaction, NULL);
    }
  else
    tgw_http_call_say (call, "paymentComplete", call->asked->request_id, body);
}

/* --- what the client says --- */

typedef struct
{
  TgwHttpLink *link; /* not owned: the timer ends first */
  char *text;
  GSource *timer;
} Refusal;

static void
refusal_free (gpointer data)
{
  Refusal *refusal = data;

  g_free (refusal->text);
  g_free (refusal);
}

static gboolean
on_refusal_time (gpointer data)
{
  Refusal *refusal = data;
  TgwHttpLink *self = g_rc_box_acquire (refusal->link);
  g_autofree char *text = g_strdup (refusal->text);

  tgw_http_link_clear_timer (self, &refusal->timer);
  tgw_http_link_say (self, text);
  tgw_http_link_unref (self);
  return G_SOURCE_REMOVE;
}

/* What cannot be read here the gateway could not read either. It is told as the gateway would: later. */
static void
refuse (TgwHttpLink *self, const GError *error, const TgpMessageHint *hint)
{
  TgpVerdict verdict = tgp_verdict_of_error ((TgpErrorCode) error->code);
  TgpErrorBody body = { .code = (TgpErrorCode) error->code,
                        .message = error->message,
                        .request_id = hint->request_id,
                        .transaction_id = hint->transaction_id,
                        .verdict = hint->is_payment ? &verdict : NULL };
  Refusal *refusal = g_new0 (Refusal, 1);

  refusal->link = self;
  refusal->text = tgp_encode_error (TRUE, &body, g_get_real_time () / 1000);
  refusal->timer = tgw_http_link_add_timer (self, 0, on_refusal_time, refusal);
  g_source_set_callback (refusal->timer, on_refusal_time, refusal, refusal_free);
}

static void
send_payment (TgwHttpLink *self, TgpPosMessage *asked)
{
  g_autofree char *path = path_to ("terminals", asked->terminal_id, "payments"),
                  *body = tgp_payment_request_to_json (asked->payment);
  TgwHttpCall *call = tgw_http_link_request (self, "POST", path, body, PAYMENT_TIMEOUT, on_paid, asked);

  call->status_timer = tgw_http_link_add_timer (self, STATUS_FIRST, on_status_time, call);
}

static void
send_ack (TgwHttpLink *self, TgpPosMessage *asked)
{
  g_autofree char *body = NULL;
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
  tgw_http_link_request (self, "POST", "messages/ack", body, ANSWER_TIMEOUT, on_acked, asked);
}

static gboolean
http_send (TgwTransport *transport, const char *text)
{
  TgwHttpLink *self = (TgwHttpLink *) transport;
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  TgpMessageHint hint = { 0 };
  TgpPosMessage *asked;

  if (!self->open || self->events == NULL)
    return FALSE;
  asked = tgp_pos_message_decode (text, strlen (text), &hint, &error);
  if (asked == NULL)
    {
      refuse (self, error, &hint);
      tgp_message_hint_clear (&hint);
      return TRUE;
    }
  switch (asked->action)
    {
    case TGP_POS_GET_TERMINALS:
      tgw_http_link_request (self, "GET", "terminals", NULL, ANSWER_TIMEOUT, on_terminals, asked);
      break;
    case TGP_POS_PAYMENT:
      send_payment (self, asked);
      break;
    case TGP_POS_GET_TRANSACTION_STATUS:
      path = path_to ("transactions", asked->transaction_id, NULL);
      tgw_http_link_request (self, "GET", path, NULL, ANSWER_TIMEOUT, on_transaction, asked);
      break;
    case TGP_POS_CANCEL_PAYMENT:
    case TGP_POS_VOID_PAYMENT:
      path = path_to ("transactions", asked->transaction_id,
                      asked->action == TGP_POS_CANCEL_PAYMENT ? "cancel" : "void");
      tgw_http_link_request (self, "POST", path, NULL, ANSWER_TIMEOUT, on_cancel_or_void, asked);
      break;
    case TGP_POS_ACK:
      send_ack (self, asked);
      break;
    case TGP_POS_PING:
    default:
      tgp_pos_message_free (asked);
      break;
    }
  return TRUE;
}

static void
http_close (TgwTransport *transport)
{
  tgw_http_link_leave ((TgwHttpLink *) transport);
}

static const TgwTransportClass http_class = { http_send, http_close, http_close };

TgwTransport *
tgw_transport_open_http (const TgwTransportConfig *config, const TgwTransportEvents *events,
                         gpointer user_data)
{
  TgwHttpLink *self = tgw_http_link_new (config, events, user_data);

  self->base.klass = &http_class;
  /* What waits is counted first: it is news from before this connection. */
  poll_messages (self, 0, config->open_timeout > 0 ? config->open_timeout : ANSWER_TIMEOUT);
  return &self->base;
}
