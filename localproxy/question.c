/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Questions that the gateway answers; without it, what this computer knows. */
#include "localproxy/proxy-private.h"

#include <string.h>

#define ANSWER_MS 10000
#define QUESTIONS 32 /* of a client at a time: half of what the library asks over HTTP at once */

typedef struct
{
  LpProxy *proxy;
  LpCaller caller;
  char *request_id;
  char *transaction_id;   /* nullable */
  GCancellable *given_up; /* nullable, as are the next two: it is not asked yet */
  guint late;
  gulong state_changed;
} Question;

static Question *
question_new (LpProxy *proxy, const LpCaller *caller, const char *transaction_id)
{
  Question *question = g_new0 (Question, 1);

  question->proxy = proxy;
  question->caller = *caller;
  question->request_id = g_strdup (caller->request_id);
  question->caller.request_id = question->request_id;
  question->caller.session_id = NULL;
  question->transaction_id = g_strdup (transaction_id);
  return question;
}

static void
question_free (Question *question)
{
  if (question->given_up)
    {
      question->caller.client->questions--;
      g_signal_handler_disconnect (question->proxy->upstream, question->state_changed);
      g_clear_handle_id (&question->late, g_source_remove);
      g_object_unref (question->given_up);
    }
  g_free (question->request_id);
  g_free (question->transaction_id);
  g_free (question);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Question, question_free)

/* What the gateway says about the proxy's own key, request or session is no word about the client's. */
static gboolean
is_about_the_proxy (TgpErrorCode code)
{
  switch ((int) code)
    {
    case TGP_ERROR_UNAUTHORIZED:
    case TGP_ERROR_INVALID_SIGNATURE:
    case TGP_ERROR_TIMESTAMP_EXPIRED:
    case TGP_ERROR_REPLAYED_REQUEST:
    case TGP_ERROR_GROUP_MISMATCH:
    case TGP_ERROR_DEVICE_ID_TAKEN:
    case TGP_ERROR_SESSION_DISPLACED:
      return TRUE;
    default:
      return FALSE;
    }
}

TgpErrorCode
lp_error_code (const GError *error)
{
  if (error->domain == TGW_ERROR && is_about_the_proxy ((TgpErrorCode) error->code))
    return TGP_ERROR_GATEWAY_UNAVAILABLE;
  if (error->domain == TGW_ERROR && error->code >= 0 && error->code < TGP_N_ERRORS)
    return (TgpErrorCode) error->code;
  if (error->domain == TGW_ERROR &&
      (error->code == TGW_ERROR_JOURNAL || error->code == TGW_ERROR_JOURNAL_IN_USE))
    return TGP_ERROR_STORAGE_UNAVAILABLE;
  return TGP_ERROR_GATEWAY_UNAVAILABLE;
}

/* About a payment that exists, or may: what this computer knows of it, else that nobody knows. That nothing
 * was asked now says nothing of the payment. */
static void
refuse (const Question *question, TgpErrorCode code, const char *message)
{
  TgwPayment *known = tgw_client_lookup_payment (question->proxy->upstream, question->transaction_id);
  TgpVerdict verdict =
    known ? lp_verdict (tgw_payment_get_verdict (known)) : tgp_verdict_of_error (TGP_ERROR_TIMEOUT);
  TgpErrorBody error = {
    .code = code, .message = message, .transaction_id = question->transaction_id, .verdict = &verdict
  };

  lp_answer_error (question->proxy, &question->caller, &error);
}

/* --- asking --- */

static gboolean
on_late (gpointer data)
{
  Question *question = data;

  question->late = 0;
  g_cancellable_cancel (question->given_up);
  return G_SOURCE_REMOVE;
}

/* What was asked over a line that is gone may never be answered. */
static void
on_gateway_state (TgwClient *upstream, GParamSpec *pspec, gpointer data)
{
  Question *question = data;

  if (tgw_client_get_state (upstream) != TGW_CLIENT_STATE_CONNECTED)
    g_cancellable_cancel (question->given_up);
}

/* A question ends, so that it keeps no connection from those of others. NULL: it may be asked. */
static const char *
begin (Question *question, const char *(*share) (LpClient *client))
{
  LpClient *client = question->caller.client;
  const char *not_now;

  if (client->questions >= QUESTIONS)
    return "This client waits for the gateway's answers to 32 questions; wait for one of them";
  if ((not_now = share (client)))
    return not_now;
  client->questions++;
  question->given_up = g_cancellable_new ();
  question->late = g_timeout_add (ANSWER_MS, on_late, question);
  question->state_changed =
    g_signal_connect (question->proxy->upstream, "notify::state", G_CALLBACK (on_gateway_state), question);
  return NULL;
}

/* Over HTTP, which takes no place on the one connection. */
static void
fetch (Question *question, const char *path, GAsyncReadyCallback callback)
{
  tgw_client_fetch_async (question->proxy->upstream, path, question->given_up, callback, question);
}

static const char *
reason_of (const Question *question, const GError *error)
{
  return g_cancellable_is_cancelled (question->given_up)
           ? "The gateway did not answer in time, or the connection to it is lost"
           : error->message;
}

/* An object of the gateway's as a body, and as a message of this action. */
static void
pass_on (const Question *question, const char *action, const char *json)
{
  TgpJsonWriter writer;
  g_autofree char *members = g_strndup (json + 1, strlen (json) - 2);

  tgp_json_writer_init (&writer);
  tgp_json_open_object (&writer, NULL);
  tgp_json_string (&writer, "action", action);
  tgp_json_optional_string (&writer, "requestId", question->request_id);
  tgp_json_raw_members (&writer, members);
  tgp_json_close_object (&writer);
  lp_answer (question->proxy, &question->caller, 200, g_strdup (json), tgp_json_writer_end (&writer));
}

/* --- terminals --- */

static void
terminals_from_memory (const Question *question)
{
  LpProxy *proxy = question->proxy;
  GListModel *model = tgw_client_get_terminals (proxy->upstream);
  guint n = g_list_model_get_n_items (model);
  g_autofree TgpTerminalView *views = g_new0 (TgpTerminalView, n);
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);
  g_autofree char *text = NULL;

  for (guint i = 0; i < n; i++)
    {
      TgwTerminal *terminal = g_list_model_get_item (model, i);
      g_ptr_array_add (items, terminal);
      views[i] = lp_terminal_view (proxy, terminal);
    }
  text = tgp_encode_terminals (NULL, NULL, views, n, lp_now ());
  pass_on (question, "terminalsResponse", text);
}

static void
on_terminals (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Question) question = data;
  g_autofree char *json = tgw_client_fetch_finish (TGW_CLIENT (source), result, NULL);

  if (json)
    pass_on (question, "terminalsResponse", json);
  else
    terminals_from_memory (question);
}

void
lp_ask_terminals (LpProxy *proxy, const LpCaller *caller)
{
  g_autoptr (Question) question = question_new (proxy, caller, NULL);
  const char *not_now;

  if (proxy->state != LP_GATEWAY_ONLINE)
    terminals_from_memory (question);
  else if ((not_now = begin (question, lp_share_fetch)))
    lp_refuse (proxy, caller, TGP_ERROR_RATE_LIMITED, not_now);
  else
    fetch (g_steal_pointer (&question), "terminals", on_terminals);
}

/* --- transactions --- */

/* What is known here of a payment, as the gateway would say it. */
static gboolean
transaction_from_memory (const Question *question)
{
  TgwPayment *payment = tgw_client_lookup_payment (question->proxy->upstream, question->transaction_id);
  g_autoptr (LpOrder) order = lp_store_find_order (question->proxy->store, question->transaction_id, NULL);
  g_autoptr (GDateTime) started = NULL, updated = NULL;
  g_autofree char *request = NULL;
  TgpJsonWriter writer;

  if (!payment || tgw_payment_get_requested_amount (payment) == 0)
    return FALSE;
  started = tgw_payment_dup_started_at (payment);
  updated = tgw_payment_dup_updated_at (payment);
  TgpPaymentRequest asked = { .transaction_id = question->transaction_id,
                              .amount = tgw_payment_get_requested_amount (payment),
                              .method = order ? (TgpMethod) order->method : TGP_METHOD_CARD };
  g_strlcpy (asked.currency, tgw_payment_get_currency (payment), sizeof asked.currency);
  request = tgp_payment_request_to_json (&asked);
  TgpTransaction transaction = {
    .transaction_id = question->transaction_id,
    .status = lp_status_of (payment),
    .amount = tgw_payment_get_amount (payment),
    .amount_confirmed = tgw_payment_get_amount_confirmed (payment),
    .terminal_id =
      (char *) (tgw_payment_get_terminal_id (payment) ? tgw_payment_get_terminal_id (payment) : "unknown"),
    .device_id = order ? order->device_id : NULL,
    .request = request,
    .response = (char *) tgw_payment_get_response (payment),
    .error_code = (char *) tgw_payment_get_error_code (payment),
    .error_message = (char *) tgw_payment_get_error_message (payment),
    .created_at = lp_ms_of (started),
    .updated_at = lp_ms_of (updated),
    .void_reason = (char *) tgw_payment_get_void_reason (payment),
    .void_status = (TgpVoidStatus) tgw_payment_get_void_status (payment),
    .settled = !tgw_payment_is_open (payment) && tgw_payment_get_outcome (payment) != TGW_OUTCOME_UNKNOWN,
    .verdict = lp_verdict (tgw_payment_get_verdict (payment))
  };
  g_strlcpy (transaction.currency, tgw_payment_get_currency (payment), sizeof transaction.currency);
  tgp_json_writer_init (&writer);
  tgp_json_open_object (&writer, NULL);
  tgp_transaction_write_members (&writer, &transaction, lp_now ());
  tgp_json_close_object (&writer);
  g_autofree char *json = tgp_json_writer_end (&writer);
  pass_on (question, "transactionStatus", json);
  return TRUE;
}

static gboolean
is_open_here (const Question *question)
{
  TgwPayment *payment = tgw_client_lookup_payment (question->proxy->upstream, question->transaction_id);
  return payment && tgw_payment_is_open (payment);
}

static void
on_transaction (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Question) question = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *json = tgw_client_fetch_finish (TGW_CLIENT (source), result, &error);
  TgpErrorCode code = json ? TGP_ERROR_INTERNAL_ERROR : lp_error_code (error);

  /* The gateway may not know yet what is on its way to it. */
  if (json)
    pass_on (question, "transactionStatus", json);
  else if ((code != TGP_ERROR_TRANSACTION_NOT_FOUND || is_open_here (question)) &&
           transaction_from_memory (question))
    return;
  else
    refuse (question, code, reason_of (question, error));
}

void
lp_ask_transaction (LpProxy *proxy, const LpCaller *caller, const char *transaction_id)
{
  g_autoptr (Question) question = question_new (proxy, caller, transaction_id);
  g_autofree char *name = g_uri_escape_string (transaction_id, ":", FALSE);
  g_autofree char *path = g_strconcat ("transactions/", name, NULL);
  const char *not_now;

  if (proxy->state == LP_GATEWAY_ONLINE && (not_now = begin (question, lp_share_fetch)))
    refuse (question, TGP_ERROR_RATE_LIMITED, not_now);
  else if (proxy->state == LP_GATEWAY_ONLINE)
    fetch (g_steal_pointer (&question), path, on_transaction);
  else if (!transaction_from_memory (question))
    refuse (question, TGP_ERROR_GATEWAY_UNAVAILABLE,
            "The gateway cannot be reached now, and this payment is not known here");
}

static void
on_transactions (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Question) question = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *json = tgw_client_fetch_finish (TGW_CLIENT (source), result, &error);

  if (json)
    lp_answer (question->proxy, &question->caller, 200, g_steal_pointer (&json), NULL);
  else
    lp_refuse (question->proxy, &question->caller, lp_error_code (error), reason_of (question, error));
}

void
lp_ask_transactions (LpProxy *proxy, const LpCaller *caller, const char *query)
{
  g_autofree char *path = query ? g_strconcat ("transactions?", query, NULL) : g_strdup ("transactions");
  g_autoptr (Question) question = question_new (proxy, caller, NULL);
  const char *not_now = begin (question, lp_share_fetch);

  if (not_now)
    lp_refuse (proxy, caller, TGP_ERROR_RATE_LIMITED, not_now);
  else
    fetch (g_steal_pointer (&question), path, on_transactions);
}

/* --- cancel and void --- */

static void
answer_taken (const Question *question, const char *action)
{
  TgwPayment *payment = tgw_client_lookup_payment (question->proxy->upstream, question->transaction_id);
  TgpStatus status = payment ? lp_status_of (payment) : TGP_STATUS_COMPLETED;

  lp_answer (question->proxy, &question->caller, 202,
             tgp_encode_request_taken (question->transaction_id, status, lp_now ()),
             tgp_encode_accepted (action, question->request_id, question->transaction_id, NULL, -1));
}

static void
answer_refused (const Question *question, const GError *error)
{
  LpProxy *proxy = question->proxy;
  g_autoptr (TgpPosEvent) event =
    proxy->said ? tgp_pos_event_decode (proxy->said, strlen (proxy->said), NULL) : NULL;
  TgpErrorBody body = { .code = lp_error_code (error),
                        .message = reason_of (question, error),
                        .transaction_id = question->transaction_id };

  /* The gateway's own verdict, where it has just said this. */
  if (event && event->type == TGP_EVENT_ERROR && event->has_verdict && event->error_code == body.code &&
      g_strcmp0 (event->transaction_id, question->transaction_id) == 0)
    {
      body.verdict = &event->verdict;
      body.held_by = event->held_by;
      lp_answer_error (proxy, &question->caller, &body);
    }
  else
    refuse (question, body.code, body.message);
}

static void
on_cancelled (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Question) question = data;
  g_autoptr (GError) error = NULL;

  if (tgw_client_cancel_finish (TGW_CLIENT (source), result, &error))
    answer_taken (question, "cancelAccepted");
  else
    answer_refused (question, error);
}

static void
on_voided (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Question) question = data;
  g_autoptr (GError) error = NULL;

  if (tgw_client_void_finish (TGW_CLIENT (source), result, &error))
    answer_taken (question, "voidAccepted");
  else
    answer_refused (question, error);
}

void
lp_ask_cancel (LpProxy *proxy, const LpCaller *caller, const char *transaction_id)
{
  g_autoptr (LpOrder) order = lp_store_find_order (proxy->store, transaction_id, NULL);
  gboolean mine = order && strcmp (order->client_id, caller->client->row->id) == 0;
  g_autoptr (Question) question = question_new (proxy, caller, transaction_id);
  const char *not_now;

  if (!mine && (order || tgw_client_lookup_payment (proxy->upstream, transaction_id)))
    lp_refuse_payment (proxy, caller, TGP_ERROR_FORBIDDEN,
                       "Only the client that started a payment may cancel it", transaction_id);
  else if ((not_now = begin (question, lp_share_send)))
    refuse (question, TGP_ERROR_RATE_LIMITED, not_now);
  else
    {
      GCancellable *given_up = question->given_up;
      tgw_client_cancel_async (proxy->upstream, transaction_id, given_up, on_cancelled,
                               g_steal_pointer (&question));
    }
}

void
lp_ask_void (LpProxy *proxy, const LpCaller *caller, const char *transaction_id)
{
  g_autoptr (Question) question = question_new (proxy, caller, transaction_id);
  const char *not_now = begin (question, lp_share_send);

  if (not_now)
    refuse (question, TGP_ERROR_RATE_LIMITED, not_now);
  else
    {
      GCancellable *given_up = question->given_up;
      tgw_client_void_async (proxy->upstream, transaction_id, given_up, on_voided,
                             g_steal_pointer (&question));
    }
}
