/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/sim-payment.h"

#include "protocol/money.h"

/* Time for what was said last to leave before the plug is pulled, ms. */
#define BEFORE_DROP 50

struct _SimPayment
{
  const SimOptions *options;
  char *transaction_id;
  gint64 amount;
  char currency[4];
  TgpMethod method;
  SimPlan plan;
  char *amount_text;
  const SimPaymentEvents *events;
  gpointer user_data;
  guint timer;
  guint step;
  gboolean held;
};

static gboolean
drops (SimKind kind)
{
  return kind == SIM_DROP || kind == SIM_DROP_PAST_GRACE || kind == SIM_FORGET || kind == SIM_DROP_UNSEEN;
}

SimPayment *
sim_payment_new (const SimOptions *options, const char *transaction_id, const TgpPaymentRequest *request,
                 const SimPaymentEvents *events, gpointer user_data)
{
  SimPayment *self = g_new0 (SimPayment, 1);
  char text[TGP_MONEY_SIZE];

  self->options = options;
  self->transaction_id = g_strdup (transaction_id);
  self->amount = request->amount;
  memcpy (self->currency, request->currency, sizeof self->currency);
  self->method = request->method;
  self->plan = sim_plan_for (&options->habits, request->amount);
  self->amount_text =
    g_strdup_printf ("%s %s", tgp_money_format (self->amount, self->currency, text), self->currency);
  self->events = events;
  self->user_data = user_data;
  return self;
}

void
sim_payment_free (SimPayment *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  g_free (self->transaction_id);
  g_free (self->amount_text);
  g_free (self);
}

/* Between the last stage and the answer. */
static guint
last_pause (SimPayment *self)
{
  guint pause = self->options->delay / 3;

  if (self->plan.kind == SIM_LATE)
    pause = self->options->late_after;
  else if (drops (self->plan.kind))
    pause = MAX (pause, BEFORE_DROP);
  return pause + self->options->habits.late;
}

static gboolean
on_timer (gpointer data)
{
  SimPayment *self = data;
  guint pause = self->options->delay / 3;

  self->timer = 0;
  switch (self->step++)
    {
    case 0:
      self->events->stage (self, "CARD_INSERTED", "Card read", self->user_data);
      break;
    case 1:
      self->events->stage (self, "AUTHORIZING", "Asking the bank", self->user_data);
      pause = last_pause (self);
      break;
    default:
      self->held = self->options->habits.hold;
      if (!self->held)
        self->events->due (self, self->user_data);
      return G_SOURCE_REMOVE;
    }
  self->timer = g_timeout_add (pause, on_timer, self);
  return G_SOURCE_REMOVE;
}

void
sim_payment_start (SimPayment *self)
{
  if (self->plan.kind == SIM_DROP_UNSEEN)
    {
      self->events->due (self, self->user_data);
      return;
    }
  self->events->stage (self, "PRESENTED", "Insert, tap or swipe", self->user_data);
  if (self->plan.kind == SIM_SILENT)
    return;
  if (self->plan.kind == SIM_CUSTOMER_CANCELS)
    self->step = 2;
  self->timer =
    g_timeout_add (self->step == 2 ? last_pause (self) : self->options->delay / 3, on_timer, self);
}

void
sim_payment_answer (SimPayment *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  self->events->due (self, self->user_data);
}

void
sim_payment_release (SimPayment *self)
{
  if (self->held)
    self->events->due (self, self->user_data);
}

const char *
sim_payment_get_transaction_id (SimPayment *self)
{
  return self->transaction_id;
}

SimPlan
sim_payment_get_plan (SimPayment *self)
{
  return self->plan;
}

void
sim_payment_set_plan (SimPayment *self, SimPlan plan)
{
  self->plan = plan;
}

const char *
sim_payment_get_amount_text (SimPayment *self)
{
  return self->amount_text;
}

static TgpPaymentResponse *
make_response (SimPayment *self, TgpResult status)
{
  TgpPaymentResponse *response = tgp_payment_response_new ();

  response->transaction_id = g_strdup (self->transaction_id);
  response->status = status;
  response->has_amount = TRUE;
  response->amount = self->amount;
  memcpy (response->currency, self->currency, sizeof response->currency);
  response->has_method = TRUE;
  response->method = self->method;
  response->timestamp = g_get_real_time () / 1000;
  return response;
}

TgpPaymentResponse *
sim_payment_make_failure (SimPayment *self, TgpResult status, const char *code, const char *message)
{
  TgpPaymentResponse *response = make_response (self, status);

  response->error_code = g_strdup (code);
  response->error_message = g_strdup (message);
  return response;
}

TgpPaymentResponse *
sim_payment_make_result (SimPayment *self)
{
  TgpPaymentResponse *response;

  if (self->plan.kind == SIM_DECLINE)
    return sim_payment_make_failure (self, TGP_RESULT_FAILED, self->plan.error_code,
                                     self->plan.error_message);
  if (self->plan.kind == SIM_CUSTOMER_CANCELS)
    return sim_payment_make_failure (self, TGP_RESULT_CANCELLED, self->plan.error_code,
                                     self->plan.error_message);

  response = make_response (self, TGP_RESULT_SUCCESS);
  response->authorization_code = g_strdup_printf ("%06d", g_random_int_range (0, 1000000));
  response->receipt_data =
    g_strdup_printf ("{\"lines\":[\"CARD PAYMENT\",\"**** **** **** 4242\",\"%s\",\"AUTH %s\",\"APPROVED\"]}",
                     self->amount_text, response->authorization_code);
  if (self->options->habits.partial)
    response->amount = MAX (self->amount / 2, 1);
  if (self->options->habits.no_amount)
    response->has_amount = FALSE;
  return response;
}
