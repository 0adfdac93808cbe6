/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The parts of the client and what they tell each other. */
#pragma once

#include "libtgwclient/tgw-client.h"
#include "libtgwclient/tgw-ledger.h"
#include "libtgwclient/tgw-transport.h"
#include "protocol/pos-event.h"
#include "protocol/pos-message.h"

G_BEGIN_DECLS

struct _TgwClient
{
  GObject parent_instance;

  char *gateway_url;
  char *api_key;
  char *api_secret;
  gboolean allow_plain_text;
  TgwReconnectPolicy policy;
  guint pay_timeout;   /* s */
  guint ping_interval; /* ms, as are the next ones; 0: the transport's default */
  guint ping_timeout;
  guint open_timeout;
  guint terminals_interval;
  guint first_pause;
  guint last_pause;
  guint insist_pause;
  guint ask_again_pause;
  guint request_timeout;
  guint flush_pause;
  guint settle_pause;
  char *journal_path;       /* NULL: the default place, until the client is initialised */
  gboolean journal_is_ours; /* of this key or its group, as far as this connection told */
  gboolean acknowledge_delivery;
  gboolean initialised;
  GError *init_error; /* of the first try */
  TgwTransportMode transport_mode;
  char *ca_file;
  char *certificate_pin;

  TgwClientState state;
  char *displaced_by;
  gint64 displaced_at; /* ms; 0: not displaced */
  gint64 clock_skew;   /* s; the gateway's clock minus this computer's */
  char *connection_id;
  char *group_id;
  GMainContext *context;
  SoupSession *session;
  TgwTransport *transport;
  guint64 n_connections; /* that greeted, this one included */
  gboolean greeted;      /* by the gateway, on this transport */
  gint64 backlog;        /* queued messages of this connection that are older than it */
  GSource *retry;
  guint failures; /* in a row */
  GTask *connect_task;
  GSource *connect_cancelled;
  GSource *ask_again;
  GSource *settle;
  GSource *flush;
  GSource *hand_out;
  GNetworkMonitor *network; /* a test may put another one here before it connects */
  gulong network_watch;
  GCancellable *reclaim; /* what asks for open payments after the journal was damaged */

  GListStore *terminals;
  TgwLedger *ledger;
  GHashTable *requests; /* request id -> Request */
  GHashTable *waits;    /* transaction id -> Wait */
  guint64 last_request;
};

typedef enum
{
  TGW_SIGNAL_DISPLACED,
  TGW_SIGNAL_MESSAGE,
  TGW_SIGNAL_PAYMENT_STARTED,
  TGW_SIGNAL_PAYMENT_COMPLETED,
  TGW_SIGNAL_PAYMENT_VOIDED,
  TGW_SIGNAL_PAYMENT_VOID_CONFIRMED,
  TGW_SIGNAL_PAYMENT_VOID_FAILED,
  TGW_SIGNAL_PAYMENT_CONFLICT,
  TGW_SIGNAL_PAYMENT_SETTLED,
  TGW_SIGNAL_PAYMENT_RECOVERED,
  TGW_SIGNAL_TERMINAL_STATUS_CHANGED,
  TGW_N_SIGNALS
} TgwSignal;

/* tgw-client-signals.c */
void tgw_client_install_signals (void);
guint tgw_client_signal (TgwSignal number);

/* tgw-client.c */
void tgw_client_set_state (TgwClient *self, TgwClientState state);
void tgw_client_set_identity (TgwClient *self, const char *connection_id, const char *group_id);
/* by NULL, at 0: not displaced (any more) */
void tgw_client_set_displaced (TgwClient *self, const char *by, gint64 at);
void tgw_client_set_clock_skew (TgwClient *self, gint64 seconds);
GSource *tgw_client_add_timeout (TgwClient *self, guint ms, GSourceFunc function, gpointer data);
void tgw_source_clear (GSource **source);

/* tgw-client-journal.c */
gboolean tgw_client_open_journal (TgwClient *self, GError **error);
/* group_id: as the greeting tells it; nullable. FALSE: the journal is another group's, and the connection was
 * given up. */
gboolean tgw_client_check_journal (TgwClient *self, const char *group_id);

/* tgw-client-link.c */
/* Ends the connection for good, as the gateway would. */
void tgw_client_give_up (TgwClient *self, const GError *error);
gboolean tgw_client_send (TgwClient *self, const TgpPosMessage *message);
/* self->session with its certificates; pin: (transfer full), NULL when there is none. */
gboolean tgw_client_prepare_session (TgwClient *self, char **pin, GError **error);
void tgw_client_greeted (TgwClient *self, const TgpPosEvent *event);
void tgw_client_told_to_leave (TgwClient *self, const TgpPosEvent *event);
void tgw_client_link_clear (TgwClient *self);
void tgw_client_network_is_back (TgwClient *self);

/* tgw-client-network.c */
void tgw_client_watch_network (TgwClient *self);
void tgw_client_unwatch_network (TgwClient *self);

/* tgw-client-reclaim.c */
void tgw_client_reclaim (TgwClient *self);

/* tgw-client-events.c */
void tgw_client_handle_text (TgwClient *self, const char *text, gsize length);

/* tgw-client-terminals.c */
/* A device's name, which no connection can be meant by. */
gboolean tgw_client_names_device (TgwClient *self, const char *terminal_id);
void tgw_client_take_terminals (TgwClient *self, GPtrArray *infos);
void tgw_client_take_terminal (TgwClient *self, const TgpTerminalInfo *info);

/* tgw-client-requests.c */
typedef void (*TgwAnswerFunc) (TgwClient *self, const TgpPosEvent *event, const GError *error,
                               gpointer user_data);
/* Sends message with a fresh request id; function hears the answer, an error answer, a time-out or the loss
 * of the connection, once. FALSE: not connected, nothing was sent, and user_data was not taken. */
gboolean tgw_client_request (TgwClient *self, TgpPosMessage *message, TgwAnswerFunc function,
                             gpointer user_data, GDestroyNotify destroy);
/* Whether a request was waiting for this event. */
gboolean tgw_client_answer (TgwClient *self, const TgpPosEvent *event);
void tgw_client_fail_requests (TgwClient *self, const GError *error);
void tgw_request_free (gpointer request);

/* tgw-client-settle.c */
void tgw_client_ask_open_payments (TgwClient *self);
/* Those that ended as unknown on this terminal; NULL: on any. */
void tgw_client_ask_closed_payments (TgwClient *self, const char *terminal_id);
void tgw_client_settle_later (TgwClient *self);
/* In a while: the gateway is asked once more about what is open. */
void tgw_client_ask_later (TgwClient *self);

/* tgw-client-wait.c */
/* task ends with the payment as soon as it has an outcome. */
void tgw_client_wait_for (TgwClient *self, TgwPayment *payment, GTask *task, GCancellable *cancellable);
void tgw_client_payment_changed (TgwClient *self, TgwPayment *payment);
gboolean tgw_client_is_waited_for (TgwClient *self, TgwPayment *payment);
/* Every waiting call returns what it has: unknown. */
void tgw_client_end_waits (TgwClient *self, const char *why);
void tgw_wait_free (gpointer wait);

/* tgw-client-outcomes.c */
void tgw_client_take_outcome (TgwClient *self, const TgpPosEvent *event);
void tgw_client_take_transaction (TgwClient *self, TgwPayment *payment, const TgpTransaction *transaction);
/* News that an answer brought. */
void tgw_client_take_answer (TgwClient *self, TgwPayment *payment, TgwTold kind, TgwRecovery recovery);
/* News of a payment that the gateway does not have. */
void tgw_client_take_absence (TgwClient *self, TgwPayment *payment, TgwRecovery recovery);
void tgw_client_tell (TgwClient *self, TgwPayment *payment, TgwTold kind);
/* In the next turn of the main context: the news that the last run did not acknowledge. */
void tgw_client_hand_out (TgwClient *self);

G_END_DECLS
