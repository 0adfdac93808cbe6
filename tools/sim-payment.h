/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One payment on the simulated terminal, from the request on the display to the result. */
#pragma once

#include "protocol/payment.h"
#include "tools/sim-options.h"

G_BEGIN_DECLS

typedef struct _SimPayment SimPayment;

typedef struct
{
  void (*stage) (SimPayment *payment, const char *stage, const char *message, gpointer user_data);
  /* The customer is done: the plan comes true. */
  void (*due) (SimPayment *payment, gpointer user_data);
} SimPaymentEvents;

/* Starts with the display. */
SimPayment *sim_payment_new (const SimOptions *options, const char *transaction_id,
                             const TgpPaymentRequest *request, const SimPaymentEvents *events,
                             gpointer user_data);
void sim_payment_free (SimPayment *payment);
void sim_payment_start (SimPayment *payment);
/* The plan comes true now. payment may be gone afterwards. */
void sim_payment_answer (SimPayment *payment);
/* The same, if only the hold kept it from coming true. */
void sim_payment_release (SimPayment *payment);

const char *sim_payment_get_transaction_id (SimPayment *payment);
SimPlan sim_payment_get_plan (SimPayment *payment);
void sim_payment_set_plan (SimPayment *payment, SimPlan plan);
/* "12.00 EUR" */
const char *sim_payment_get_amount_text (SimPayment *payment);

/* What the plan says. */
TgpPaymentResponse *sim_payment_make_result (SimPayment *payment);
TgpPaymentResponse *sim_payment_make_failure (SimPayment *payment, TgpResult status, const char *code,
                                              const char *message);

G_END_DECLS
