/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/ctl-pay.h"

#include "protocol/json-writer.h"
#include "protocol/states.h"
#include "protocol/verdict.h"
#include "tools/ctl-print.h"
#include "tools/ctl-session.h"
#include "tools/ctl-words.h"

typedef struct
{
  CtlSession session;
  gboolean json;
  TgwPayment *payment;
  GError *error;
} Pay;

static const char *const outcomes[] = { "OPEN",   "APPROVED", "DECLINED", "CANCELLED",
                                        "VOIDED", "REFUSED",  "UNKNOWN" };

int
ctl_payment_exit_code (TgwPayment *payment)
{
  TgwVerdict *verdict = tgw_payment_get_verdict (payment);

  switch (tgw_payment_get_outcome (payment))
    {
    case TGW_OUTCOME_APPROVED:
      /* Charged, but not as asked, or contradicted: a script must not go on as if all were well. */
      return tgw_verdict_get_next_action (verdict) == TGW_NEXT_ACTION_NONE ? EXIT_CODE_OK : EXIT_CODE_UNKNOWN;
    case TGW_OUTCOME_DECLINED:
    case TGW_OUTCOME_CANCELLED:
      return EXIT_CODE_NOT_PAID;
    case TGW_OUTCOME_VOIDED:
      return tgw_verdict_get_money_moved (verdict) == TGW_MONEY_MOVED_NO ? EXIT_CODE_NOT_PAID
                                                                         : EXIT_CODE_UNKNOWN;
    case TGW_OUTCOME_REFUSED:
      return EXIT_CODE_NOT_STARTED;
    case TGW_OUTCOME_NONE:
    case TGW_OUTCOME_UNKNOWN:
    default:
      return EXIT_CODE_UNKNOWN;
    }
}

static void
write_verdict (TgpJsonWriter *writer, TgwVerdict *verdict)
{
  TgpVerdict wire = {
    .money_moved = (TgpMoneyMoved) tgw_verdict_get_money_moved (verdict),
    .retry_safe = tgw_verdict_get_retry_safe (verdict),
    .next_action = (TgpNextAction) tgw_verdict_get_next_action (verdict),
    .message = tgw_verdict_get_message (verdict),
  };

  tgp_verdict_write (writer, "verdict", &wire);
}

char *
ctl_payment_to_json (TgwPayment *payment)
{
  g_autofree char *amount = tgw_payment_dup_amount_text (payment);
  TgpJsonWriter writer;

  tgp_json_writer_init (&writer);
  tgp_json_open_object (&writer, NULL);
  tgp_json_string (&writer, "transactionId", tgw_payment_get_transaction_id (payment));
  tgp_json_optional_string (&writer, "terminalId", tgw_payment_get_terminal_id (payment));
  tgp_json_string (&writer, "outcome", outcomes[tgw_payment_get_outcome (payment)]);
  tgp_json_string (&writer, "amount", amount);
  tgp_json_string (&writer, "currency", tgw_payment_get_currency (payment));
  tgp_json_boolean (&writer, "amountConfirmed", tgw_payment_get_amount_confirmed (payment));
  tgp_json_optional_string (&writer, "authorizationCode", tgw_payment_get_authorization_code (payment));
  tgp_json_optional_string (&writer, "errorCode", tgw_payment_get_error_code (payment));
  tgp_json_optional_string (&writer, "errorMessage", tgw_payment_get_error_message (payment));
  tgp_json_optional_string (&writer, "heldBy", tgw_payment_get_held_by (payment));
  tgp_json_optional_string (&writer, "voidStatus",
                            tgp_void_status_name ((TgpVoidStatus) tgw_payment_get_void_status (payment)));
  if (tgw_payment_get_response (payment) != NULL)
    tgp_json_raw (&writer, "paymentResponse", tgw_payment_get_response (payment));
  write_verdict (&writer, tgw_payment_get_verdict (payment));
  tgp_json_close_object (&writer);
  return tgp_json_writer_end (&writer);
}

static void
print_outcome (TgwPayment *payment)
{
  g_autofree char *json = ctl_payment_to_json (payment), *amount = tgw_payment_dup_amount_text (payment),
                  *word = g_ascii_strdown (outcomes[tgw_payment_get_outcome (payment)], -1),
                  *message = ctl_clean (tgw_payment_get_error_message (payment));
  g_autoptr (TgpJson) parsed = tgp_json_parse_object (json, strlen (json), NULL);
  const char *code = tgw_payment_get_authorization_code (payment);

  ctl_print ("%s  %s %s%s%s%s%s", word, amount, tgw_payment_get_currency (payment),
             code != NULL ? ", authorization " : "", code != NULL ? code : "", *message != '\0' ? ": " : "",
             message);
  if (parsed != NULL)
    ctl_print_verdict (tgp_value_member (tgp_json_root (parsed), "verdict"));
}

static void
on_stage (TgwPayment *payment, GParamSpec *pspec, gpointer data)
{
  g_autofree char *stage = ctl_clean (tgw_payment_get_stage (payment)),
                  *message = ctl_clean (tgw_payment_get_message (payment));

  ctl_print ("  …  %s%s%s", stage, *message != '\0' ? "  " : "", message);
}

static void
on_state (TgwPayment *payment, GParamSpec *pspec, gpointer data)
{
  if (tgw_payment_get_state (payment) == TGW_PAYMENT_STATE_AWAITING_RECONNECT)
    ctl_print ("  …  the terminal is away; waiting for it to come back");
}

static void
on_started (TgwClient *client, TgwPayment *payment, gpointer data)
{
  Pay *pay = data;
  g_autofree char *amount = tgw_payment_dup_amount_text (payment);

  if (pay->json)
    return;
  ctl_print ("%s %s on %s, transaction %s", amount, tgw_payment_get_currency (payment),
             tgw_payment_get_terminal_id (payment), tgw_payment_get_transaction_id (payment));
  g_signal_connect (payment, "notify::stage", G_CALLBACK (on_stage), NULL);
  g_signal_connect (payment, "notify::state", G_CALLBACK (on_state), NULL);
}

static void
on_connection (TgwClient *client, GParamSpec *pspec, gpointer data)
{
  if (tgw_client_get_state (client) == TGW_CLIENT_STATE_CONNECTING)
    g_printerr ("tgwctl: the connection to the gateway is lost; trying to come back\n");
}

static void
on_paid (GObject *source, GAsyncResult *result, gpointer data)
{
  Pay *pay = data;

  pay->payment = tgw_client_pay_finish (TGW_CLIENT (source), result, &pay->error);
  g_main_loop_quit (pay->session.loop);
}

static TgwPaymentRequest *
make_request (const CtlVerb *verb, const char *amount, const char *currency, const char *method,
              const char *transaction_id, const char *metadata)
{
  g_autoptr (TgwPaymentRequest) request = NULL;
  g_autoptr (GError) error = NULL;
  TgpMethod known = TGP_METHOD_CARD;

  if (method != NULL && !tgp_method_from_name (method, &known))
    {
      ctl_usage (verb, "--method takes CARD, CASH, MOBILE or OTHER");
      return NULL;
    }
  request = tgw_payment_request_new_from_text (amount, currency, &error);
  if (request == NULL ||
      (transaction_id != NULL && !tgw_payment_request_set_transaction_id (request, transaction_id, &error)) ||
      !tgw_payment_request_set_metadata (request, metadata, &error))
    {
      ctl_usage (verb, "%s", error->message);
      return NULL;
    }
  tgw_payment_request_set_method (request, (TgwPaymentMethod) known);
  return g_steal_pointer (&request);
}

static int
run (Pay *pay, const char *terminal, TgwPaymentRequest *request, int timeout)
{
  g_autoptr (GError) error = NULL;
  int exit_code;

  tgw_client_set_pay_timeout (pay->session.client, (guint) timeout);
  g_signal_connect (pay->session.client, "payment-started", G_CALLBACK (on_started), pay);
  g_signal_connect (pay->session.client, "notify::state", G_CALLBACK (on_connection), NULL);
  tgw_client_pay_async (pay->session.client, terminal, request, pay->session.interrupted, on_paid, pay);
  g_main_loop_run (pay->session.loop);
  if (pay->payment == NULL && pay->error == NULL)
    {
      /* Stopped by hand: the wait ends as unknown. */
      tgw_client_close (pay->session.client);
      g_main_loop_run (pay->session.loop);
    }
  if (pay->error != NULL)
    {
      g_printerr ("tgwctl: %s; nothing was sent\n", pay->error->message);
      g_clear_error (&pay->error);
      return EXIT_CODE_NOT_STARTED;
    }
  exit_code = ctl_payment_exit_code (pay->payment);
  if (pay->json)
    {
      g_autofree char *json = ctl_payment_to_json (pay->payment);

      ctl_print ("%s", json);
    }
  else
    print_outcome (pay->payment);
  /* It has been told. If this fails, it is told again as something recovered. */
  if (!tgw_client_acknowledge (pay->session.client, pay->payment, 0, &error))
    g_printerr ("tgwctl: %s\n", error->message);
  g_clear_object (&pay->payment);
  return exit_code;
}

int
ctl_pay (const CtlVerb *verb, int argc, char **argv)
{
  g_auto (CtlOptions) options = { 0 };
  g_autofree char *terminal = NULL, *amount = NULL, *currency = NULL, *method = NULL, *transaction_id = NULL,
                  *metadata = NULL;
  int timeout = 660;
  const GOptionEntry own[] = {
    { "terminal", 0, 0, G_OPTION_ARG_STRING, &terminal, "The terminal", "TERMINAL" },
    { "amount", 0, 0, G_OPTION_ARG_STRING, &amount, "The amount, such as 12.34", "AMOUNT" },
    { "currency", 0, 0, G_OPTION_ARG_STRING, &currency, "The currency, such as EUR", "CODE" },
    { "method", 0, 0, G_OPTION_ARG_STRING, &method, "CARD (if not said), CASH, MOBILE or OTHER", "METHOD" },
    { "transaction-id", 0, 0, G_OPTION_ARG_STRING, &transaction_id,
      "Your own id for it; the same id never pays twice", "ID" },
    { "metadata", 0, 0, G_OPTION_ARG_STRING, &metadata, "A JSON object to keep with it", "JSON" },
    { "timeout", 0, 0, G_OPTION_ARG_INT, &timeout, "Give up waiting after (660)", "SECONDS" },
    { NULL },
  };
  g_autoptr (TgwPaymentRequest) request = NULL;
  Pay pay = { 0 };
  int exit_code;

  if (!ctl_options_parse (&options, verb, own, argc, argv, &exit_code))
    return exit_code;
  if (terminal == NULL || amount == NULL || currency == NULL)
    return ctl_usage (verb, "--terminal, --amount and --currency are needed");
  if (timeout < 1 || timeout > 86400)
    return ctl_usage (verb, "--timeout takes 1 to 86400 seconds");
  request = make_request (verb, amount, currency, method, transaction_id, metadata);
  if (request == NULL)
    return EXIT_CODE_USAGE;
  if (!ctl_session_open (&pay.session, &options, NULL, &exit_code) ||
      !ctl_session_connect (&pay.session, &exit_code))
    return exit_code;
  pay.json = options.json;
  exit_code = run (&pay, terminal, request, timeout);
  g_signal_handlers_disconnect_by_data (pay.session.client, &pay);
  g_signal_handlers_disconnect_by_func (pay.session.client, on_connection, NULL);
  ctl_session_close (&pay.session);
  return exit_code;
}
