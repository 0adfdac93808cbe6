/* SPDX-License-Identifier: GPL-3.0-or-later */
/* News of payments: into the owner's mailbox, on disk, and only then acknowledged to the client library,
 * which hands out again what is not. The same news twice is one message. */
#include "localproxy/proxy-private.h"

#include <string.h>

#define STORE_AGAIN_MS 1000
#define NOBODY         ""

/* News that wait for the disk. */
typedef struct
{
  TgwPayment *payment;
  LpMessage *message;
  guint revision, told_revision;
} News;

static void
news_free (gpointer data)
{
  News *news = data;

  g_object_unref (news->payment);
  g_clear_pointer (&news->message, lp_message_free);
  g_free (news);
}

/* --- what is said --- */

/* What came just now, if it is what the library speaks of: it says more than the library keeps. */
static TgpPosEvent *
said (LpProxy *proxy, const char *action, const char *transaction_id)
{
  g_autoptr (TgpPosEvent) event = NULL;

  if (!proxy->said)
    return NULL;
  event = tgp_pos_event_decode (proxy->said, strlen (proxy->said), NULL);
  if (!event || g_strcmp0 (event->action, action) != 0 ||
      g_strcmp0 (event->transaction_id, transaction_id) != 0)
    return NULL;
  return g_steal_pointer (&event);
}

static TgpResult
result_of (TgwPayment *payment)
{
  switch (tgw_payment_get_state (payment))
    {
    case TGW_PAYMENT_STATE_COMPLETED:
      return TGP_RESULT_SUCCESS;
    case TGW_PAYMENT_STATE_CANCELLED:
      return TGP_RESULT_CANCELLED;
    default:
      return TGP_RESULT_FAILED;
    }
}

static char *
response_of (TgwPayment *payment)
{
  TgpPaymentResponse response = { .transaction_id = (char *) tgw_payment_get_transaction_id (payment),
                                  .status = result_of (payment),
                                  .has_amount = tgw_payment_get_amount (payment) > 0,
                                  .amount = tgw_payment_get_amount (payment),
                                  .error_code = (char *) tgw_payment_get_error_code (payment),
                                  .error_message = (char *) tgw_payment_get_error_message (payment),
                                  .timestamp = lp_now () };

  if (tgw_payment_get_response (payment))
    return g_strdup (tgw_payment_get_response (payment));
  g_strlcpy (response.currency, tgw_payment_get_currency (payment), sizeof response.currency);
  return tgp_payment_response_to_json (&response);
}

/* As the gateway would have put it, as far as the library keeps it: the response that contradicts is not. */
static char *
compose (LpProxy *proxy, TgwPayment *payment, const char *action, const char *message_id)
{
  g_autofree char *response = response_of (payment);
  const char *terminal_id = tgw_payment_get_terminal_id (payment);
  const char *reason = tgw_payment_get_void_reason (payment);
  TgpQueuedMessage message = { .message_id = message_id,
                               .transaction_id = tgw_payment_get_transaction_id (payment),
                               .terminal_id = terminal_id ? terminal_id : "unknown",
                               .group_id = proxy->group_id ? proxy->group_id : "unknown",
                               .timestamp = lp_now (),
                               .verdict = lp_verdict (tgw_payment_get_verdict (payment)),
                               .result = result_of (payment),
                               .response = response,
                               .reason = reason ? reason : "Terminal reconnected after grace period expired",
                               .void_status = (TgpVoidStatus) tgw_payment_get_void_status (payment) };

  if (strcmp (action, "paymentComplete") == 0)
    return tgp_encode_payment_complete (&message);
  if (strcmp (action, "paymentConflict") == 0)
    return tgp_encode_payment_conflict (&message);
  if (strcmp (action, "paymentVoidFailed") == 0)
    message.error_code = tgw_payment_get_error_code (payment);
  return tgp_encode_payment_voided (action, &message);
}

static gboolean
says_the_same (const LpMessage *message, const TgpVerdict *verdict)
{
  g_autoptr (TgpPosEvent) event = tgp_pos_event_decode (message->body, strlen (message->body), NULL);

  return event && event->has_verdict && tgp_verdict_same (&event->verdict, verdict);
}

void
lp_outcome_refresh (LpProxy *proxy, LpMessage *message, TgwPayment *payment)
{
  TgpVerdict verdict = lp_verdict (tgw_payment_get_verdict (payment));

  if (tgw_payment_is_open (payment) || says_the_same (message, &verdict))
    return;
  g_free (message->body);
  message->body = compose (proxy, payment, message->action, message->message_id);
}

/* NULL: the store cannot say. */
static char *
owner_of (LpProxy *proxy, const char *transaction_id, GError **error)
{
  GError *reason = NULL;
  g_autoptr (LpOrder) order = lp_store_find_order (proxy->store, transaction_id, &reason);

  if (order)
    return g_strdup (order->client_id);
  if (reason)
    {
      g_propagate_error (error, reason);
      return NULL;
    }
  if (lp_client_find (proxy, proxy->config->default_client))
    return g_strdup (proxy->config->default_client);
  g_message ("payment %s was started by no client of this proxy; see “tgwctl proxy status”", transaction_id);
  return g_strdup (NOBODY);
}

static LpMessage *
message_of (LpProxy *proxy, TgwPayment *payment, const char *action)
{
  const char *id = tgw_payment_get_transaction_id (payment);
  g_autoptr (TgpPosEvent) event = said (proxy, action, id);
  LpMessage *message = g_new0 (LpMessage, 1);

  message->transaction_id = g_strdup (id);
  message->action = g_strdup (action);
  if (event && event->message_id)
    {
      message->message_id = g_strdup (event->message_id);
      message->body = g_strdup (event->text);
      return message;
    }
  message->message_id = lp_make_id ();
  message->body = compose (proxy, payment, action, message->message_id);
  return message;
}

/* --- storing, then telling, then acknowledging --- */

static gboolean
acknowledge_all (gpointer data)
{
  LpProxy *proxy = data;
  GHashTableIter iter;
  gpointer payment, revision;

  proxy->acknowledging = 0;
  g_hash_table_iter_init (&iter, proxy->to_acknowledge);
  while (g_hash_table_iter_next (&iter, &payment, &revision))
    {
      g_autoptr (GError) error = NULL;
      if (!tgw_client_acknowledge (proxy->upstream, payment, GPOINTER_TO_UINT (revision), &error))
        g_warning ("%s", error->message); /* it is handed out again at the next start, and recognised */
    }
  g_hash_table_remove_all (proxy->to_acknowledge);
  return G_SOURCE_REMOVE;
}

gboolean
lp_outcome_is_unstored (LpProxy *proxy, TgwPayment *payment)
{
  for (GList *l = proxy->unstored.head; l; l = l->next)
    if (((News *) l->data)->payment == payment)
      return TRUE;
  return FALSE;
}

/* Behind the answer, which should not wait for another write. */
static void
acknowledge_soon (LpProxy *proxy, TgwPayment *payment, guint revision)
{
  if (lp_outcome_is_unstored (proxy, payment))
    return;
  g_hash_table_insert (proxy->to_acknowledge, g_object_ref (payment), GUINT_TO_POINTER (revision));
  if (!proxy->acknowledging)
    proxy->acknowledging = g_idle_add (acknowledge_all, proxy);
}

static void
name_anew (LpProxy *proxy, News *news)
{
  LpMessage *message = news->message;

  g_free (message->message_id);
  g_free (message->body);
  message->message_id = lp_make_id ();
  message->body = compose (proxy, news->payment, message->action, message->message_id);
}

/* The client was told something else of this payment, on which it may have charged again: that a payment
 * never reached the gateway, of which there is an outcome now. */
static gboolean
contradicts (const LpMessage *told, TgwPayment *payment)
{
  g_autoptr (TgpPosEvent) event = tgp_pos_event_decode (told->body, strlen (told->body), NULL);

  return event && event->type == TGP_EVENT_PAYMENT_COMPLETE &&
         ((event->has_verdict && event->verdict.retry_safe &&
           !tgw_verdict_get_retry_safe (tgw_payment_get_verdict (payment))) ||
          event->result != result_of (payment));
}

static gboolean
store (LpProxy *proxy, News *news, guint revision, GError **error)
{
  g_autoptr (GError) reason = NULL;

  if (lp_store_add_message (proxy->store, news->message, revision, lp_now (), &reason))
    return TRUE;
  if (g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_EXISTS))
    {
      g_warning ("%s; it gets another one", reason->message);
      name_anew (proxy, news);
      return lp_store_add_message (proxy->store, news->message, revision, lp_now (), error);
    }
  g_propagate_error (error, g_steal_pointer (&reason));
  return FALSE;
}

static gboolean
take (LpProxy *proxy, News *news)
{
  LpMessage *message = news->message;
  g_autoptr (GError) error = NULL;
  gboolean stored;

  if (!message->client_id)
    message->client_id = owner_of (proxy, message->transaction_id, &error);
  stored = message->client_id && store (proxy, news, news->revision, &error);
  if (stored && message->known && contradicts (message, news->payment))
    {
      g_warning ("Payment %s: there is other news than what was told before", message->transaction_id);
      name_anew (proxy, news);
      stored = store (proxy, news, news->told_revision, &error);
    }
  if (!stored)
    {
      g_warning ("%s", error->message);
      return FALSE;
    }
  proxy->n_outcomes++;
  lp_payment_told (proxy, news->payment, message);
  return TRUE;
}

static gboolean
store_again (gpointer data)
{
  LpProxy *proxy = data;
  News *news;

  while ((news = g_queue_peek_head (&proxy->unstored)) && take (proxy, news))
    {
      g_queue_pop_head (&proxy->unstored);
      acknowledge_soon (proxy, news->payment, news->told_revision);
      news_free (news);
    }
  if (news)
    return G_SOURCE_CONTINUE;
  proxy->store_again = 0;
  return G_SOURCE_REMOVE;
}

static void
tell (LpProxy *proxy, TgwPayment *payment, const char *action)
{
  News *news = g_new0 (News, 1);
  guint revision = tgw_payment_get_revision (payment);

  news->payment = g_object_ref (payment);
  news->message = message_of (proxy, payment, action);
  news->told_revision = revision;
  /* These two may come more than once. */
  if (strcmp (action, "paymentVoidFailed") == 0 || strcmp (action, "paymentConflict") == 0)
    news->revision = revision;
  if (g_queue_is_empty (&proxy->unstored) && take (proxy, news))
    {
      acknowledge_soon (proxy, payment, revision);
      news_free (news);
      return;
    }
  g_queue_push_tail (&proxy->unstored, news);
  if (!proxy->store_again)
    proxy->store_again = g_timeout_add (STORE_AGAIN_MS, store_again, proxy);
}

void
lp_outcome_answer (LpProxy *proxy, TgwPayment *payment)
{
  if (lp_outcome_is_unstored (proxy, payment))
    return;
  tell (proxy, payment,
        tgw_payment_get_state (payment) == TGW_PAYMENT_STATE_VOIDED ? "paymentVoided" : "paymentComplete");
}

/* --- signals --- */

static gboolean
was_refused (LpProxy *proxy, TgwPayment *payment)
{
  const char *id = tgw_payment_get_transaction_id (payment);
  g_autoptr (TgpPosEvent) event = said (proxy, "error", id);
  TgpVerdict verdict = lp_verdict (tgw_payment_get_verdict (payment));
  TgpErrorBody error = { .code = TGP_ERROR_INTERNAL_ERROR,
                         .message = tgw_payment_get_error_message (payment),
                         .transaction_id = id,
                         .held_by = tgw_payment_get_held_by (payment),
                         .grace_expires_at = event ? event->grace_expires_at : 0,
                         .verdict = &verdict };

  tgp_error_from_name (tgw_payment_get_error_code (payment), &error.code);
  return lp_payment_refused (proxy, payment, &error);
}

static gboolean
has_owner (LpProxy *proxy, TgwPayment *payment)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LpOrder) order =
    lp_store_find_order (proxy->store, tgw_payment_get_transaction_id (payment), &error);
  return error || order; /* in doubt it is told */
}

static void
on_completed (TgwClient *client, TgwPayment *payment, LpProxy *proxy)
{
  gboolean refused = tgw_payment_get_state (payment) == TGW_PAYMENT_STATE_REFUSED;

  /* Who asked hears it as an answer, and the id stays free. When nobody is there to hear it, it is news; so
   * it is when it comes from the journal: this process was killed before, or just after, it had answered. */
  if (refused && (!has_owner (proxy, payment) || was_refused (proxy, payment)))
    acknowledge_soon (proxy, payment, tgw_payment_get_revision (payment));
  else
    tell (proxy, payment, "paymentComplete");
}

static void
on_voided (TgwClient *client, TgwPayment *payment, LpProxy *proxy)
{
  tell (proxy, payment, "paymentVoided");
}

static void
on_void_confirmed (TgwClient *client, TgwPayment *payment, LpProxy *proxy)
{
  tell (proxy, payment, "paymentVoidConfirmed");
}

static void
on_void_failed (TgwClient *client, TgwPayment *payment, LpProxy *proxy)
{
  tell (proxy, payment, "paymentVoidFailed");
}

static void
on_conflict (TgwClient *client, TgwPayment *payment, LpProxy *proxy)
{
  tell (proxy, payment, "paymentConflict");
}

/* Nothing is pushed, as by the gateway: who asks, pays again or comes for what he missed, hears it. */
static void
on_settled (TgwClient *upstream, TgwPayment *payment, LpProxy *proxy)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LpMessage) message =
    lp_store_last_outcome (proxy->store, tgw_payment_get_transaction_id (payment), &error);

  if (message)
    lp_outcome_refresh (proxy, message, payment);
  if (error || (message && !lp_store_rewrite_message (proxy->store, message, &error)))
    {
      g_warning ("%s", error->message);
      return; /* it is told again at the next start */
    }
  acknowledge_soon (proxy, payment, tgw_payment_get_revision (payment));
}

void
lp_outcome_watch (LpProxy *proxy)
{
  g_queue_init (&proxy->unstored);
  proxy->to_acknowledge = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  g_signal_connect (proxy->upstream, "payment-completed", G_CALLBACK (on_completed), proxy);
  g_signal_connect (proxy->upstream, "payment-voided", G_CALLBACK (on_voided), proxy);
  g_signal_connect (proxy->upstream, "payment-void-confirmed", G_CALLBACK (on_void_confirmed), proxy);
  g_signal_connect (proxy->upstream, "payment-void-failed", G_CALLBACK (on_void_failed), proxy);
  g_signal_connect (proxy->upstream, "payment-conflict", G_CALLBACK (on_conflict), proxy);
  g_signal_connect (proxy->upstream, "payment-settled", G_CALLBACK (on_settled), proxy);
}

void
lp_outcome_forget (LpProxy *proxy)
{
  if (proxy->acknowledging)
    {
      g_source_remove (proxy->acknowledging);
      acknowledge_all (proxy);
    }
  if (proxy->store_again)
    g_source_remove (proxy->store_again);
  g_queue_clear_full (&proxy->unstored, news_free);
  g_clear_pointer (&proxy->to_acknowledge, g_hash_table_unref);
}
