/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A local client pays. Whose a payment is, is on disk before it is sent; what becomes of it is the client
 * library's and the gateway's business, and comes back in outcome.c. */
#include "localproxy/proxy-private.h"

#include <string.h>

#define JOIN_LIFE_MS (G_GINT64_CONSTANT (24) * 3600 * 1000)
#define ANSWER_MS    10000

typedef struct
{
  LpProxy *proxy;
  char *transaction_id;
  guint64 attempt;
} Call;

/* --- sending --- */

/* Nothing was sent, says the library. */
static void
not_sent (LpProxy *proxy, const char *transaction_id, LpClient *client, const GError *error)
{
  TgpVerdict verdict = tgp_verdict_of_error (TGP_ERROR_GATEWAY_UNAVAILABLE);
  TgpErrorBody body = { .code = lp_error_code (error),
                        .message = error->message,
                        .transaction_id = transaction_id,
                        .verdict = &verdict };

  lp_payment_release (proxy, transaction_id);
  lp_payment_fail (proxy, transaction_id, client, &body);
}

/* Nobody can say whether it has begun: who asked is told to look, and the outcome, if there is one, comes
 * later. */
static void
in_doubt (LpProxy *proxy, TgwPayment *payment, LpClient *client)
{
  const char *id = tgw_payment_get_transaction_id (payment);
  const char *code = tgw_payment_get_error_code (payment);
  TgpVerdict verdict = lp_verdict (tgw_payment_get_verdict (payment));
  TgpErrorBody body = { .code = TGP_ERROR_STORAGE_UNAVAILABLE, /* the library's journal cannot be read */
                        .message =
                          code ? tgw_payment_get_error_message (payment) : tgw_payment_get_message (payment),
                        .transaction_id = id,
                        .verdict = &verdict };

  if (code && !tgp_error_from_name (code, &body.code))
    body.code = TGP_ERROR_INTERNAL_ERROR;
  if (body.code == TGP_ERROR_TRANSACTION_ID_REUSED)
    lp_payment_release (proxy, id); /* it is somebody else's */
  lp_payment_fail (proxy, id, client, &body);
}

/* What no signal tells. */
static void
on_paid (GObject *source, GAsyncResult *result, gpointer data)
{
  Call *call = data;
  LpProxy *proxy = call->proxy;
  const char *id = call->transaction_id;
  g_autoptr (GError) error = NULL;
  g_autoptr (TgwPayment) payment = tgw_client_pay_finish (TGW_CLIENT (source), result, &error);
  const LpPayment *asked = g_hash_table_lookup (proxy->payments, id);
  LpClient *client = lp_payment_owner (proxy, id);

  /* Else everybody has his answer, or the id has been sent once more since. */
  if (asked && asked->attempt == call->attempt)
    {
      if (!payment)
        not_sent (proxy, id, client, error);
      else if (payment != tgw_client_lookup_payment (proxy->upstream, id) ||
               (tgw_payment_is_open (payment) && tgw_payment_get_outcome (payment) == TGW_OUTCOME_UNKNOWN &&
                tgw_payment_get_error_code (payment)))
        in_doubt (proxy, payment, client);
      else if (!tgw_payment_is_open (payment))
        lp_outcome_answer (proxy, payment);
    }
  g_free (call->transaction_id);
  g_free (call);
}

static void
send_payment (LpProxy *proxy, const LpCaller *caller, const char *terminal_id,
              const TgpPaymentRequest *request)
{
  g_autofree char *json = tgp_payment_request_to_json (request);
  g_autoptr (GError) error = NULL;
  g_autoptr (TgwPaymentRequest) tgw = tgw_payment_request_new_from_json (json, &error);
  LpPayment *payment;
  TgwPayment *begun;
  Call *call;

  if (!tgw)
    {
      lp_payment_release (proxy, request->transaction_id);
      lp_refuse_payment (proxy, caller, lp_error_code (error), error->message, request->transaction_id);
      return;
    }
  proxy->n_payments++;
  payment = lp_payment_make (proxy, request->transaction_id);
  lp_payment_wait (payment, caller);
  call = g_new0 (Call, 1);
  call->proxy = proxy;
  call->transaction_id = g_strdup (request->transaction_id);
  call->attempt = payment->attempt = proxy->n_payments;
  tgw_client_pay_async (proxy->upstream, terminal_id, tgw, NULL, on_paid, call);
  begun = tgw_client_lookup_payment (proxy->upstream, request->transaction_id);
  payment = g_hash_table_lookup (proxy->payments, request->transaction_id);
  if (begun && payment)
    lp_payment_follow (payment, begun);
}

/* --- the same once more --- */

/* What a terminal's name stands for now; nullable. */
static char *
device_of (LpProxy *proxy, const char *terminal_id)
{
  GListModel *terminals = tgw_client_get_terminals (proxy->upstream);

  for (guint i = 0; i < g_list_model_get_n_items (terminals); i++)
    {
      g_autoptr (TgwTerminal) terminal = g_list_model_get_item (terminals, i);
      const char *device_id = tgw_terminal_get_device_id (terminal);
      if (g_strcmp0 (device_id, terminal_id) == 0 ||
          g_strcmp0 (tgw_terminal_get_connection_id (terminal), terminal_id) == 0)
        return g_strdup (device_id);
    }
  return NULL;
}

static gboolean
is_the_same (LpProxy *proxy, const LpOrder *order, LpClient *client, const char *terminal_id,
             const TgpPaymentRequest *request)
{
  g_autofree char *device_id = device_of (proxy, terminal_id);

  return strcmp (order->client_id, client->row->id) == 0 && order->amount == request->amount &&
         strcmp (order->currency, request->currency) == 0 && order->method == (int) request->method &&
         lp_now () - order->created_at < JOIN_LIFE_MS &&
         (strcmp (order->terminal_id, terminal_id) == 0 ||
          (device_id && g_strcmp0 (order->device_id, device_id) == 0));
}

static TgpStatus
status_of_message (const LpMessage *message)
{
  g_autoptr (TgpPosEvent) event = tgp_pos_event_decode (message->body, strlen (message->body), NULL);

  if (!event || event->type != TGP_EVENT_PAYMENT_COMPLETE)
    return TGP_STATUS_VOIDED;
  return event->result == TGP_RESULT_SUCCESS     ? TGP_STATUS_COMPLETED
         : event->result == TGP_RESULT_CANCELLED ? TGP_STATUS_CANCELLED
                                                 : TGP_STATUS_FAILED;
}

static void
tell_again (LpProxy *proxy, const LpCaller *caller, const LpOrder *order, const LpMessage *message)
{
  LpPeer *peer = lp_peer_find (proxy, caller->ticket);

  if (caller->http)
    {
      lp_respond_outcome (peer, message);
      return;
    }
  lp_payment_say_accepted (proxy, caller, order->transaction_id,
                           order->device_id ? order->device_id : order->terminal_id,
                           status_of_message (message));
  lp_peer_send (peer, message->body);
}

/* Staff may have found out meanwhile what the library asks for once a minute only: on this the till may
 * charge again. */
typedef struct
{
  LpProxy *proxy;
  LpCaller caller;
  char *transaction_id;
  GCancellable *given_up;
  guint late;
} Question;

static gboolean
on_late (gpointer data)
{
  Question *question = data;

  question->late = 0;
  g_cancellable_cancel (question->given_up);
  return G_SOURCE_REMOVE;
}

static void
on_asked (GObject *source, GAsyncResult *result, gpointer data)
{
  Question *question = data;
  LpProxy *proxy = question->proxy;
  g_autoptr (GError) error = NULL;
  g_autoptr (TgwPayment) payment = tgw_client_query_finish (TGW_CLIENT (source), result, &error);
  g_autoptr (LpOrder) order = lp_store_find_order (proxy->store, question->transaction_id, NULL);
  g_autoptr (LpMessage) message = lp_store_last_outcome (proxy->store, question->transaction_id, NULL);

  if (!payment)
    g_info ("Payment %s is told again as it was: %s", question->transaction_id, error->message);
  if (!order || !message)
    lp_refuse_payment (proxy, &question->caller, TGP_ERROR_STORAGE_UNAVAILABLE,
                       "The proxy cannot read its disk", question->transaction_id);
  else if (lp_peer_find (proxy, question->caller.ticket))
    {
      if (payment)
        lp_outcome_refresh (proxy, message, payment);
      tell_again (proxy, &question->caller, order, message);
    }
  g_clear_handle_id (&question->late, g_source_remove);
  g_object_unref (question->given_up);
  g_free ((char *) question->caller.request_id);
  g_free (question->transaction_id);
  g_free (question);
}

static void
ask_and_tell_again (LpProxy *proxy, const LpCaller *caller, const char *transaction_id)
{
  Question *question = g_new0 (Question, 1);

  question->proxy = proxy;
  question->caller = (LpCaller){ .ticket = caller->ticket,
                                 .client = caller->client,
                                 .request_id = g_strdup (caller->request_id),
                                 .http = caller->http };
  question->transaction_id = g_strdup (transaction_id);
  question->given_up = g_cancellable_new ();
  question->late = g_timeout_add (ANSWER_MS, on_late, question);
  tgw_client_query_async (proxy->upstream, transaction_id, question->given_up, on_asked, question);
}

/* FALSE: it was never begun, whatever the order says; so it may begin now. Or there is an error. */
static gboolean
join (LpProxy *proxy, const LpCaller *caller, const LpOrder *order, GError **error)
{
  TgwPayment *tgw = tgw_client_lookup_payment (proxy->upstream, order->transaction_id);
  GError *reason = NULL;
  g_autoptr (LpMessage) message = lp_store_last_outcome (proxy->store, order->transaction_id, &reason);
  LpPayment *payment;

  if (reason)
    {
      g_propagate_error (error, reason);
      return FALSE;
    }
  if (message && tgw && !tgw_payment_is_open (tgw) && tgw_payment_get_outcome (tgw) == TGW_OUTCOME_UNKNOWN &&
      proxy->state == LP_GATEWAY_ONLINE && !lp_share_send (caller->client))
    {
      ask_and_tell_again (proxy, caller, order->transaction_id);
      return TRUE;
    }
  if (message)
    {
      if (tgw)
        lp_outcome_refresh (proxy, message, tgw);
      tell_again (proxy, caller, order, message);
      return TRUE;
    }
  if (!tgw ||
      (tgw_payment_get_state (tgw) == TGW_PAYMENT_STATE_REFUSED && !lp_outcome_is_unstored (proxy, tgw)))
    return FALSE;
  payment = lp_payment_make (proxy, order->transaction_id);
  lp_payment_follow (payment, tgw);
  if (!caller->http && tgw_payment_get_state (tgw) != TGW_PAYMENT_STATE_STARTING)
    lp_payment_say_accepted (proxy, caller, order->transaction_id, tgw_payment_get_terminal_id (tgw),
                             lp_status_of (tgw));
  else
    lp_payment_wait (payment, caller);
  if (!tgw_payment_is_open (tgw)) /* its message is gone, or did not come to be yet */
    lp_outcome_answer (proxy, tgw);
  return TRUE;
}

/* --- paying --- */

static gboolean
is_started (LpProxy *proxy, const char *transaction_id)
{
  TgwPayment *known = tgw_client_lookup_payment (proxy->upstream, transaction_id);

  return known && tgw_payment_get_state (known) != TGW_PAYMENT_STATE_REFUSED;
}

/* Refused, and nobody was told so in a message: that would be taken for the next one's outcome. */
static gboolean
is_free (LpProxy *proxy, const LpOrder *order, GError **error)
{
  TgwPayment *known = tgw_client_lookup_payment (proxy->upstream, order->transaction_id);
  GError *reason = NULL;
  g_autoptr (LpMessage) message = NULL;

  if (!order->refused || is_started (proxy, order->transaction_id) || lp_outcome_is_unstored (proxy, known))
    return FALSE;
  message = lp_store_last_outcome (proxy->store, order->transaction_id, &reason);
  if (reason)
    g_propagate_error (error, reason);
  return !message && !reason;
}

/* Nothing is kept of what cannot be sent now: it would be charged when nobody thinks of it any more. */
static gboolean
can_begin (LpProxy *proxy, const LpCaller *caller, const char *transaction_id)
{
  const char *not_now;
  g_autofree char *ended =
    proxy->why_away
      ? g_strdup_printf ("The gateway ended the connection: %s. Take it back when whoever runs the "
                         "gateway allows it. Nothing was sent",
                         proxy->why_away)
      : NULL;

  if (is_started (proxy, transaction_id))
    lp_refuse_payment (proxy, caller, TGP_ERROR_TRANSACTION_ID_REUSED,
                       "transactionId belongs to another payment", transaction_id);
  else if (proxy->draining)
    lp_refuse_payment (proxy, caller, TGP_ERROR_DRAINING, "The proxy is shutting down", transaction_id);
  else if (proxy->state == LP_GATEWAY_DISPLACED)
    lp_refuse_payment (proxy, caller, TGP_ERROR_GATEWAY_UNAVAILABLE,
                       ended ? ended
                             : "Another program uses the gateway's key now; take it back, or stop the other "
                               "one. Nothing was sent",
                       transaction_id);
  else if (proxy->state != LP_GATEWAY_ONLINE)
    lp_refuse_payment (proxy, caller, TGP_ERROR_GATEWAY_UNAVAILABLE,
                       "The gateway cannot be reached now. Nothing was sent", transaction_id);
  else if ((not_now = lp_share_pay (caller->client)))
    lp_refuse_payment (proxy, caller, TGP_ERROR_RATE_LIMITED, not_now, transaction_id);
  else
    return TRUE;
  return FALSE;
}

/* It was not sent either: trying again is safe. */
static void
not_kept (LpProxy *proxy, const LpCaller *caller, const char *transaction_id, const GError *why)
{
  TgpVerdict verdict = tgp_verdict_of_error (TGP_ERROR_GATEWAY_UNAVAILABLE);
  TgpErrorBody body = { .code = TGP_ERROR_STORAGE_UNAVAILABLE,
                        .message = "The proxy cannot write to its disk. Nothing was sent",
                        .transaction_id = transaction_id,
                        .verdict = &verdict };

  g_warning ("%s", why->message);
  lp_answer_error (proxy, caller, &body);
}

void
lp_pay (LpProxy *proxy, const LpCaller *caller, const char *terminal_id, TgpPaymentRequest *request)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LpOrder) order = NULL;

  if (!request->transaction_id)
    request->transaction_id = lp_make_id ();
  order = lp_store_find_order (proxy->store, request->transaction_id, &error);
  if (order && is_free (proxy, order, &error))
    g_clear_pointer (&order, lp_order_free);
  if (order && !error && !is_the_same (proxy, order, caller->client, terminal_id, request))
    {
      lp_refuse_payment (proxy, caller, TGP_ERROR_TRANSACTION_ID_REUSED,
                         "transactionId belongs to another payment", request->transaction_id);
      return;
    }
  if (order && !error && join (proxy, caller, order, &error))
    return;
  if (!error && !can_begin (proxy, caller, request->transaction_id))
    return;
  if (!error && !order)
    {
      LpOrder fresh = { .transaction_id = request->transaction_id,
                        .client_id = caller->client->row->id,
                        .terminal_id = (char *) terminal_id,
                        .amount = request->amount,
                        .method = (int) request->method,
                        .created_at = lp_now () };
      g_autofree char *device_id = device_of (proxy, terminal_id);
      fresh.device_id = device_id;
      memcpy (fresh.currency, request->currency, sizeof fresh.currency);
      if (!lp_store_add_order (proxy->store, &fresh, &error))
        {
          not_kept (proxy, caller, request->transaction_id, error);
          return;
        }
    }
  if (!error)
    {
      send_payment (proxy, caller, terminal_id, request);
      return;
    }
  g_warning ("%s", error->message);
  lp_refuse_payment (proxy, caller, TGP_ERROR_STORAGE_UNAVAILABLE, "The proxy cannot read its disk",
                     request->transaction_id);
}
