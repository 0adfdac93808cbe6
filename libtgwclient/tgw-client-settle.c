/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asking the gateway how payments stand that the journal does not know the end of. */
#include "libtgwclient/tgw-client-private.h"

#include "libtgwclient/tgw-error.h"
#include "libtgwclient/tgw-payment-private.h"

/* A gateway remembers every id for 30 days at least; after that "unknown" proves nothing. */
#define FORGOTTEN_MS ((gint64) 29 * 24 * 3600 * 1000)

typedef struct
{
  TgwPayment *payment;
  guint n_sends; /* when it was asked */
} Question;

static void
question_free (gpointer data)
{
  Question *question = data;

  g_object_unref (question->payment);
  g_free (question);
}

static gboolean
on_ask_again (gpointer data)
{
  TgwClient *self = data;

  tgw_source_clear (&self->ask_again);
  tgw_client_ask_open_payments (self);
  return G_SOURCE_REMOVE;
}

void
tgw_client_ask_later (TgwClient *self)
{
  if (self->ask_again == NULL)
    self->ask_again = tgw_client_add_timeout (self, self->ask_again_pause, on_ask_again, self);
}

/* Sent over this connection, and the answer is still to come: "unknown" would only mean "not yet". */
static gboolean
is_on_its_way (TgwClient *self, TgwPayment *payment)
{
  return payment->state == TGW_PAYMENT_STATE_STARTING && payment->answer_due &&
         payment->sent_on == self->n_connections;
}

static void
take_not_found (TgwClient *self, TgwPayment *payment)
{
  /* Another group's gateway would say the same of what was paid. */
  if (!self->journal_is_ours)
    return;
  /* It may still be on its way through the gateway, sent over the connection before this one. Asked twice,
   * with the pause in between longer than the gateway lets a payment wait for its disk, "unknown" means that
   * it never came. */
  if (tgw_ledger_missing (self->ledger, payment) < 2)
    {
      tgw_client_ask_later (self);
      return;
    }
  if (g_get_real_time () / 1000 - payment->started_at > FORGOTTEN_MS)
    tgw_payment_forgotten (payment);
  else
    tgw_payment_never_arrived (payment);
  tgw_client_take_absence (self, payment, TGW_RECOVERY_QUERY);
}

static void
on_answer (TgwClient *self, const TgpPosEvent *event, const GError *error, gpointer data)
{
  const Question *question = data;
  TgwPayment *payment = question->payment;

  if (error == NULL && event->type == TGP_EVENT_TRANSACTION_STATUS && event->transaction != NULL)
    {
      tgw_client_take_transaction (self, payment, event->transaction);
      return;
    }
  if (!tgw_payment_is_open (payment))
    return;
  /* What was sent after the question is not what the answer speaks of. */
  if (g_error_matches (error, TGW_ERROR, TGW_ERROR_TRANSACTION_NOT_FOUND) &&
      question->n_sends == payment->n_sends && !is_on_its_way (self, payment))
    take_not_found (self, payment);
  else if (self->state == TGW_CLIENT_STATE_CONNECTED)
    tgw_client_ask_later (self); /* without a connection the next one asks */
}

static void
ask (TgwClient *self, TgwPayment *payment)
{
  g_autoptr (TgpPosMessage) message = tgp_pos_message_new (TGP_POS_GET_TRANSACTION_STATUS);
  Question *question = g_new0 (Question, 1);

  question->payment = g_object_ref (payment);
  question->n_sends = payment->n_sends;
  message->transaction_id = g_strdup (tgw_payment_get_transaction_id (payment));
  if (!tgw_client_request (self, message, on_answer, question, question_free))
    question_free (question);
}

void
tgw_client_ask_open_payments (TgwClient *self)
{
  g_autoptr (GPtrArray) unresolved = tgw_ledger_list_unresolved (self->ledger);

  for (guint i = 0; i < unresolved->len; i++)
    if (is_on_its_way (self, unresolved->pdata[i]))
      tgw_client_ask_later (self);
    else
      ask (self, unresolved->pdata[i]);
  if (unresolved->len > 0)
    tgw_client_settle_later (self);
}

void
tgw_client_ask_closed_payments (TgwClient *self, const char *terminal_id)
{
  g_autoptr (GPtrArray) unresolved = tgw_ledger_list_unresolved (self->ledger);

  for (guint i = 0; i < unresolved->len; i++)
    {
      TgwPayment *payment = unresolved->pdata[i];

      if (!tgw_payment_is_open (payment) &&
          (terminal_id == NULL || g_strcmp0 (tgw_payment_get_terminal_id (payment), terminal_id) == 0))
        ask (self, payment);
    }
  if (unresolved->len > 0)
    tgw_client_settle_later (self);
}

/* Not of open ones: two questions in a row have to be as far apart as ask_again_pause. */
static gboolean
on_settle_time (gpointer data)
{
  TgwClient *self = data;

  tgw_source_clear (&self->settle);
  tgw_client_ask_closed_payments (self, NULL);
  return G_SOURCE_REMOVE;
}

/* No message tells that a closed payment was settled, by its terminal or by staff. */
void
tgw_client_settle_later (TgwClient *self)
{
  if (self->settle == NULL)
    self->settle = tgw_client_add_timeout (self, self->settle_pause, on_settle_time, self);
}
