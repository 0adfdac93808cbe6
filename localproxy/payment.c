/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Payments of local clients on their way to the gateway. Whose a payment is, is on disk before it is sent;
 * what becomes of it is the client library's and the gateway's business, and comes back in outcome.c. */
#include "localproxy/proxy-private.h"

#include <string.h>

#define JOIN_LIFE_MS (G_GINT64_CONSTANT (24) * 3600 * 1000)

typedef struct
{
  LpProxy *proxy;
  char *transaction_id;
} Call;

/* --- payments under way --- */

static void
asker_free (gpointer data)
{
  LpAsker *asker = data;
  g_free (asker->request_id);
  g_free (asker);
}

void
lp_payment_free (LpPayment *payment)
{
  if (payment->state_changed)
    g_signal_handler_disconnect (payment->payment, payment->state_changed);
  g_clear_object (&payment->payment);
  g_ptr_array_unref (payment->askers);
  g_free (payment->transaction_id);
  g_free (payment);
}

TgpStatus
lp_status_of (TgwPayment *payment)
{
  switch (tgw_payment_get_state (payment))
    {
    case TGW_PAYMENT_STATE_AWAITING_RECONNECT:
      return TGP_STATUS_AWAITING_RECONNECT;
    case TGW_PAYMENT_STATE_COMPLETED:
      return TGP_STATUS_COMPLETED;
    case TGW_PAYMENT_STATE_CANCELLED:
      return TGP_STATUS_CANCELLED;
    case TGW_PAYMENT_STATE_VOIDED:
      return TGP_STATUS_VOIDED;
    case TGW_PAYMENT_STATE_FAILED:
    case TGW_PAYMENT_STATE_REFUSED:
      return TGP_STATUS_FAILED;
    default:
      return TGP_STATUS_PENDING;
    }
}

static void
say_accepted (LpProxy *proxy, const LpCaller *caller, const char *transaction_id, const char *terminal_id,
              TgpStatus status)
{
  lp_answer (
    proxy, caller, 0, NULL,
    tgp_encode_accepted ("paymentAccepted", caller->request_id, transaction_id, terminal_id, (int) status));
}

/* The gateway has it: those who asked are told. */
static void
accept_askers (LpPayment *payment)
{
  g_autoptr (GPtrArray) askers = g_steal_pointer (&payment->askers);

  payment->askers = g_ptr_array_new_with_free_func (asker_free);
  for (guint i = 0; i < askers->len; i++)
    {
      const LpAsker *asker = askers->pdata[i];
      LpCaller caller = { .ticket = asker->ticket, .request_id = asker->request_id };
      say_accepted (payment->proxy, &caller, payment->transaction_id,
                    tgw_payment_get_terminal_id (payment->payment), lp_status_of (payment->payment));
    }
}

static void
on_state (TgwPayment *tgw, GParamSpec *pspec, gpointer data)
{
  if (tgw_payment_get_state (tgw) != TGW_PAYMENT_STATE_STARTING &&
      tgw_payment_get_state (tgw) != TGW_PAYMENT_STATE_REFUSED)
    accept_askers (data);
}

static LpPayment *
payment_make (LpProxy *proxy, const char *transaction_id)
{
  LpPayment *payment = g_hash_table_lookup (proxy->payments, transaction_id);

  if (payment)
    return payment;
  payment = g_new0 (LpPayment, 1);
  payment->proxy = proxy;
  payment->transaction_id = g_strdup (transaction_id);
  payment->askers = g_ptr_array_new_with_free_func (asker_free);
  g_hash_table_insert (proxy->payments, payment->transaction_id, payment);
  return payment;
}

static void
payment_follow (LpPayment *payment, TgwPayment *tgw)
{
  if (payment->payment)
    return;
  payment->payment = g_object_ref (tgw);
  payment->state_changed = g_signal_connect (tgw, "notify::state", G_CALLBACK (on_state), payment);
}

static void
let_wait (LpPayment *payment, const LpCaller *caller)
{
  LpProxy *proxy = payment->proxy;
  LpAsker *asker;

  if (caller->http)
    {
      lp_wait_start (proxy, caller, LP_WAIT_OUTCOME, payment->transaction_id,
                     proxy->config->long_poll_timeout);
      return;
    }
  asker = g_new0 (LpAsker, 1);
  asker->ticket = caller->ticket;
  asker->request_id = g_strdup (caller->request_id);
  g_ptr_array_add (payment->askers, asker);
}

/* Peers that wait for the outcome of this payment; LpPeer. */
static GPtrArray *
waiting_peers (LpClient *client, const char *transaction_id)
{
  GPtrArray *peers = g_ptr_array_new ();

  for (guint i = 0; client && i < client->waits->len; i++)
    {
      const LpWait *wait = client->waits->pdata[i];
      if (wait->kind == LP_WAIT_OUTCOME && strcmp (wait->transaction_id, transaction_id) == 0)
        g_ptr_array_add (peers, wait->peer);
    }
  return peers;
}

/* Everybody who waits gets the error. */
static void
fail_all (LpProxy *proxy, const char *transaction_id, LpClient *client, const TgpErrorBody *error)
{
  g_autoptr (GPtrArray) peers = waiting_peers (client, transaction_id);
  LpPayment *payment = NULL;

  /* Out of the way first: who hears an answer may ask again at once. */
  g_hash_table_steal_extended (proxy->payments, transaction_id, NULL, (gpointer *) &payment);
  for (guint i = 0; i < peers->len; i++)
    {
      LpCaller caller = lp_peer_caller (peers->pdata[i], NULL, NULL);
      lp_answer_error (proxy, &caller, error);
    }
  for (guint i = 0; payment && i < payment->askers->len; i++)
    {
      const LpAsker *asker = payment->askers->pdata[i];
      LpCaller caller = { .ticket = asker->ticket, .request_id = asker->request_id };
      lp_answer_error (proxy, &caller, error);
    }
  if (payment)
    lp_payment_free (payment);
}

static LpClient *
owner_of (LpProxy *proxy, const char *transaction_id)
{
  g_autoptr (LpOrder) order = lp_store_find_order (proxy->store, transaction_id, NULL);
  return order ? lp_client_find (proxy, order->client_id) : NULL;
}

static void
forget_order (LpProxy *proxy, const char *transaction_id)
{
  g_autoptr (GError) error = NULL;

  if (!lp_store_remove_order (proxy->store, transaction_id, &error))
    g_warning ("%s", error->message);
}

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

  forget_order (proxy, transaction_id);
  fail_all (proxy, transaction_id, client, &body);
}

/* The gateway cannot say whether it has begun: who asked is told to look, and the outcome comes later. */
static void
in_doubt (LpProxy *proxy, TgwPayment *payment, LpClient *client)
{
  const char *id = tgw_payment_get_transaction_id (payment);
  TgpVerdict verdict = lp_verdict (tgw_payment_get_verdict (payment));
  TgpErrorBody body = { .code = TGP_ERROR_INTERNAL_ERROR,
                        .message = tgw_payment_get_error_message (payment),
                        .transaction_id = id,
                        .verdict = &verdict };

  tgp_error_from_name (tgw_payment_get_error_code (payment), &body.code);
  if (body.code == TGP_ERROR_TRANSACTION_ID_REUSED)
    forget_order (proxy, id); /* it is somebody else's */
  fail_all (proxy, id, client, &body);
}

static void
on_paid (GObject *source, GAsyncResult *result, gpointer data)
{
  Call *call = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (TgwPayment) payment = tgw_client_pay_finish (TGW_CLIENT (source), result, &error);
  LpClient *client = owner_of (call->proxy, call->transaction_id);

  if (!payment)
    not_sent (call->proxy, call->transaction_id, client, error);
  else if (tgw_payment_get_outcome (payment) == TGW_OUTCOME_UNKNOWN && tgw_payment_is_open (payment) &&
           tgw_payment_get_error_code (payment))
    in_doubt (call->proxy, payment, client);
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
      forget_order (proxy, request->transaction_id);
      lp_refuse_payment (proxy, caller, lp_error_code (error), error->message, request->transaction_id);
      return;
    }
  proxy->n_payments++;
  payment = payment_make (proxy, request->transaction_id);
  let_wait (payment, caller);
  call = g_new0 (Call, 1);
  call->proxy = proxy;
  call->transaction_id = g_strdup (request->transaction_id);
  tgw_client_pay_async (proxy->upstream, terminal_id, tgw, NULL, on_paid, call);
  begun = tgw_client_lookup_payment (proxy->upstream, request->transaction_id);
  payment = g_hash_table_lookup (proxy->payments, request->transaction_id);
  if (begun && payment)
    payment_follow (payment, begun);
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
  say_accepted (proxy, caller, order->transaction_id,
                order->device_id ? order->device_id : order->terminal_id, status_of_message (message));
  lp_peer_send (peer, message->body);
}

/* FALSE: it was never begun, whatever the order says; so it may begin now. */
static gboolean
join (LpProxy *proxy, const LpCaller *caller, const LpOrder *order)
{
  TgwPayment *tgw = tgw_client_lookup_payment (proxy->upstream, order->transaction_id);
  g_autoptr (LpMessage) message = lp_store_last_outcome (proxy->store, order->transaction_id, NULL);
  LpPayment *payment;

  if (message)
    {
      tell_again (proxy, caller, order, message);
      return TRUE;
    }
  if (!tgw || tgw_payment_get_state (tgw) == TGW_PAYMENT_STATE_REFUSED)
    return FALSE;
  payment = payment_make (proxy, order->transaction_id);
  payment_follow (payment, tgw);
  if (!caller->http && tgw_payment_get_state (tgw) != TGW_PAYMENT_STATE_STARTING)
    say_accepted (proxy, caller, order->transaction_id, tgw_payment_get_terminal_id (tgw),
                  lp_status_of (tgw));
  else
    let_wait (payment, caller);
  return TRUE;
}

/* --- paying --- */

/* Nothing is kept of what cannot be sent now: it would be charged when nobody thinks of it any more. */
static gboolean
can_begin (LpProxy *proxy, const LpCaller *caller, const char *transaction_id)
{
  TgwPayment *known = tgw_client_lookup_payment (proxy->upstream, transaction_id);

  if (known && tgw_payment_get_state (known) != TGW_PAYMENT_STATE_REFUSED)
    lp_refuse_payment (proxy, caller, TGP_ERROR_TRANSACTION_ID_REUSED,
                       "transactionId belongs to another payment", transaction_id);
  else if (proxy->draining)
    lp_refuse_payment (proxy, caller, TGP_ERROR_DRAINING, "The proxy is shutting down", transaction_id);
  else if (proxy->state == LP_GATEWAY_DISPLACED)
    lp_refuse_payment (proxy, caller, TGP_ERROR_GATEWAY_UNAVAILABLE,
                       "Another program uses the gateway's key now; take it back, or stop the other one. "
                       "Nothing was sent",
                       transaction_id);
  else if (proxy->state != LP_GATEWAY_ONLINE)
    lp_refuse_payment (proxy, caller, TGP_ERROR_GATEWAY_UNAVAILABLE,
                       "The gateway cannot be reached now. Nothing was sent", transaction_id);
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
  if (order && !is_the_same (proxy, order, caller->client, terminal_id, request))
    {
      lp_refuse_payment (proxy, caller, TGP_ERROR_TRANSACTION_ID_REUSED,
                         "transactionId belongs to another payment", request->transaction_id);
      return;
    }
  if (order && join (proxy, caller, order))
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

/* --- outcomes --- */

/* The response of a voided payment says so where a source client looks: FAILED, VOIDED. */
static char *
voided_response (const TgpPosEvent *event)
{
  g_autoptr (TgpPaymentResponse) response =
    event->response ? tgp_payment_response_copy (event->response) : tgp_payment_response_new ();

  g_free (response->transaction_id);
  g_free (response->error_code);
  g_free (response->error_message);
  response->transaction_id = g_strdup (event->transaction_id);
  response->status = TGP_RESULT_FAILED;
  response->error_code = g_strdup ("VOIDED");
  response->error_message = g_strdup (event->reason);
  return tgp_payment_response_to_json (response);
}

void
lp_respond_outcome (LpPeer *peer, const LpMessage *message)
{
  g_autoptr (TgpPosEvent) event = tgp_pos_event_decode (message->body, strlen (message->body), NULL);
  gboolean voided = event && event->type == TGP_EVENT_PAYMENT_VOIDED;
  g_autofree char *response = NULL, *body = NULL;

  g_return_if_fail (event != NULL);
  response = voided ? voided_response (event) : g_strdup (event->response_json);
  body = tgp_encode_payment_answer (
    event->transaction_id, voided ? TGP_RESULT_FAILED : event->result, response,
    voided                                                   ? "VOIDED"
    : event->response && event->result != TGP_RESULT_SUCCESS ? event->response->error_code
                                                             : NULL,
    &event->verdict, lp_now ());
  lp_wait_end (peer);
  peer->outcome_seq = message->acked ? 0 : message->seq;
  lp_peer_respond (peer, 200, body, NULL, FALSE);
}

void
lp_payment_told (LpProxy *proxy, TgwPayment *tgw, const LpMessage *message)
{
  LpClient *client = lp_client_find (proxy, message->client_id);
  LpPayment *payment = g_hash_table_lookup (proxy->payments, message->transaction_id);
  g_autoptr (GPtrArray) peers = waiting_peers (client, message->transaction_id);

  if (payment)
    {
      payment_follow (payment, tgw);
      accept_askers (payment);
      g_hash_table_remove (proxy->payments, message->transaction_id);
    }
  if (client && !message->acked)
    lp_delivery_new (client, message);
  for (guint i = 0; i < peers->len; i++)
    lp_respond_outcome (peers->pdata[i], message);
}

static gboolean
somebody_waits (LpProxy *proxy, const char *transaction_id, LpClient *client)
{
  g_autoptr (GPtrArray) peers = waiting_peers (client, transaction_id);
  const LpPayment *payment = g_hash_table_lookup (proxy->payments, transaction_id);
  gboolean found = peers->len > 0;

  for (guint i = 0; payment && i < payment->askers->len; i++)
    found |= lp_peer_find (proxy, ((LpAsker *) payment->askers->pdata[i])->ticket) != NULL;
  return found;
}

gboolean
lp_payment_refused (LpProxy *proxy, TgwPayment *payment, const TgpErrorBody *error)
{
  const char *id = tgw_payment_get_transaction_id (payment);

  LpClient *client = owner_of (proxy, id);

  if (!somebody_waits (proxy, id, client))
    return FALSE;
  forget_order (proxy, id);
  fail_all (proxy, id, client, error);
  return TRUE;
}
