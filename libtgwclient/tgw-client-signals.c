/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The signals of a client. */
#include "libtgwclient/tgw-client-private.h"

#include "libtgwclient/tgw-enum-types.h"

static guint signals[TGW_N_SIGNALS];

guint
tgw_client_signal (TgwSignal number)
{
  return signals[number];
}

static guint
payment_signal (const char *name)
{
  return g_signal_new (name, TGW_TYPE_CLIENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                       TGW_TYPE_PAYMENT);
}

void
tgw_client_install_signals (void)
{
  /**
   * TgwClient::displaced:
   * @self: the client
   * @reason: why
   * @message: the gateway's words, for people
   * @reconnect_allowed: whether the gateway would let this client in again
   * @by: (nullable): who took over, where that is known: an address, and the program there
   *
   * The gateway told this client to leave, and the client stays away. [method@Client.connect_async] takes the
   * key back. Payments that waited have come back as unknown; the journal and the gateway keep them.
   *
   * Since: 0.1
   */
  signals[TGW_SIGNAL_DISPLACED] =
    g_signal_new ("displaced", TGW_TYPE_CLIENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 4,
                  TGW_TYPE_DISCONNECT_REASON, G_TYPE_STRING, G_TYPE_BOOLEAN, G_TYPE_STRING);
  /**
   * TgwClient::message:
   * @self: the client
   * @action: the message's action
   * @json: the whole message, as JSON text
   *
   * Any message of the gateway, before this client acts on it; for logs.
   *
   * Since: 0.1
   */
  signals[TGW_SIGNAL_MESSAGE] = g_signal_new ("message", TGW_TYPE_CLIENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                              NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
  /**
   * TgwClient::payment-started:
   * @self: the client
   * @payment: the payment
   *
   * A payment was sent. Watch its properties for what the terminal shows.
   *
   * Since: 0.1
   */
  signals[TGW_SIGNAL_PAYMENT_STARTED] = payment_signal ("payment-started");
  /**
   * TgwClient::payment-completed:
   * @self: the client
   * @payment: the payment
   *
   * A payment has its outcome, whichever way the news came. It is told once in a run of the application, and
   * again after each start until [method@Client.acknowledge].
   *
   * Since: 0.1
   */
  signals[TGW_SIGNAL_PAYMENT_COMPLETED] = payment_signal ("payment-completed");
  /**
   * TgwClient::payment-voided:
   * @self: the client
   * @payment: the payment
   *
   * A charge was reversed, or is about to be: see the void status.
   *
   * Since: 0.1
   */
  signals[TGW_SIGNAL_PAYMENT_VOIDED] = payment_signal ("payment-voided");
  /**
   * TgwClient::payment-void-confirmed:
   * @self: the client
   * @payment: the payment
   *
   * The terminal confirmed the reversal.
   *
   * Since: 0.1
   */
  signals[TGW_SIGNAL_PAYMENT_VOID_CONFIRMED] = payment_signal ("payment-void-confirmed");
  /**
   * TgwClient::payment-void-failed:
   * @self: the client
   * @payment: the payment
   *
   * The charge could not be reversed: staff must act.
   *
   * Since: 0.1
   */
  signals[TGW_SIGNAL_PAYMENT_VOID_FAILED] = payment_signal ("payment-void-failed");
  /**
   * TgwClient::payment-conflict:
   * @self: the client
   * @payment: the payment
   *
   * The terminal contradicted itself about a completed payment: staff must look.
   *
   * Since: 0.1
   */
  signals[TGW_SIGNAL_PAYMENT_CONFLICT] = payment_signal ("payment-conflict");
  /**
   * TgwClient::payment-settled:
   * @self: the client
   * @payment: the payment
   *
   * A payment that had ended as `TGW_OUTCOME_UNKNOWN` has a known outcome now: its terminal answered after
   * all, or staff looked. The client finds out by asking: at each connection, when the terminal is free
   * again, and once a minute.
   *
   * Since: 0.1
   */
  signals[TGW_SIGNAL_PAYMENT_SETTLED] = payment_signal ("payment-settled");
  /**
   * TgwClient::payment-recovered:
   * @self: the client
   * @payment: the payment
   * @recovered_from: on which way
   *
   * News about a payment came that no call was waiting for, after the till or its connection had been away.
   * The signal for the news itself, such as [signal@Client::payment-completed], was emitted just before.
   *
   * Since: 0.1
   */
  signals[TGW_SIGNAL_PAYMENT_RECOVERED] =
    g_signal_new ("payment-recovered", TGW_TYPE_CLIENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                  2, TGW_TYPE_PAYMENT, TGW_TYPE_RECOVERY);
  /**
   * TgwClient::terminal-status-changed:
   * @self: the client
   * @terminal: the terminal
   *
   * A terminal came, went, or became busy or free.
   *
   * Since: 0.1
   */
  signals[TGW_SIGNAL_TERMINAL_STATUS_CHANGED] =
    g_signal_new ("terminal-status-changed", TGW_TYPE_CLIENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, TGW_TYPE_TERMINAL);
}
