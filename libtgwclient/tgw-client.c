/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libtgwclient/tgw-client-private.h"

#include "libtgwclient/tgw-credentials.h"
#include "libtgwclient/tgw-enum-types.h"
#include "libtgwclient/tgw-error.h"

/**
 * TgwClient:
 *
 * A till's connection to a gateway.
 *
 * A client connects, keeps the connection, finds the terminals of its group and takes payments on them. It
 * lives in the main context that was the thread's default when it was made; use it from there only.
 *
 * The one rule about money: an error from [method@Client.pay_finish] means that nothing was sent, and trying
 * again is safe. Whatever may have been sent comes back as a [class@Payment] with an outcome,
 * `TGW_OUTCOME_UNKNOWN` included.
 */

enum
{
  PROP_GATEWAY_URL = 1,
  PROP_API_KEY,
  PROP_API_SECRET,
  PROP_STATE,
  PROP_CONNECTION_ID,
  PROP_GROUP_ID,
  PROP_RECONNECT_POLICY,
  PROP_ALLOW_PLAIN_TEXT,
  PROP_PAY_TIMEOUT,
  PROP_TERMINALS,
  PROP_PAYMENTS,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];
static guint signals[TGW_N_SIGNALS];

G_DEFINE_FINAL_TYPE (TgwClient, tgw_client, G_TYPE_OBJECT)

guint
tgw_client_signal (TgwSignal number)
{
  return signals[number];
}

static void
tgw_client_dispose (GObject *object)
{
  tgw_client_link_clear (TGW_CLIENT (object));
  G_OBJECT_CLASS (tgw_client_parent_class)->dispose (object);
}

static void
tgw_client_finalize (GObject *object)
{
  TgwClient *self = TGW_CLIENT (object);

  g_hash_table_unref (self->requests);
  g_hash_table_unref (self->waits);
  tgw_ledger_free (self->ledger);
  g_object_unref (self->terminals);
  g_clear_object (&self->session);
  g_main_context_unref (self->context);
  g_free (self->gateway_url);
  g_free (self->api_key);
  g_free (self->api_secret);
  g_free (self->connection_id);
  g_free (self->group_id);
  G_OBJECT_CLASS (tgw_client_parent_class)->finalize (object);
}

static void
tgw_client_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TgwClient *self = TGW_CLIENT (object);

  switch (id)
    {
    case PROP_GATEWAY_URL:
      g_value_set_string (value, self->gateway_url);
      break;
    case PROP_API_KEY:
      g_value_set_string (value, self->api_key);
      break;
    case PROP_STATE:
      g_value_set_enum (value, self->state);
      break;
    case PROP_CONNECTION_ID:
      g_value_set_string (value, self->connection_id);
      break;
    case PROP_GROUP_ID:
      g_value_set_string (value, self->group_id);
      break;
    case PROP_RECONNECT_POLICY:
      g_value_set_enum (value, self->policy);
      break;
    case PROP_ALLOW_PLAIN_TEXT:
      g_value_set_boolean (value, self->allow_plain_text);
      break;
    case PROP_PAY_TIMEOUT:
      g_value_set_uint (value, self->pay_timeout);
      break;
    case PROP_TERMINALS:
      g_value_set_object (value, self->terminals);
      break;
    case PROP_PAYMENTS:
      g_value_set_object (value, tgw_ledger_get_payments (self->ledger));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
tgw_client_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  TgwClient *self = TGW_CLIENT (object);

  switch (id)
    {
    case PROP_GATEWAY_URL:
      self->gateway_url = g_value_dup_string (value);
      break;
    case PROP_API_KEY:
      self->api_key = g_value_dup_string (value);
      break;
    case PROP_API_SECRET:
      self->api_secret = g_value_dup_string (value);
      break;
    case PROP_RECONNECT_POLICY:
      tgw_client_set_reconnect_policy (self, g_value_get_enum (value));
      break;
    case PROP_ALLOW_PLAIN_TEXT:
      tgw_client_set_allow_plain_text (self, g_value_get_boolean (value));
      break;
    case PROP_PAY_TIMEOUT:
      tgw_client_set_pay_timeout (self, g_value_get_uint (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

#define READABLE (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)
#define WRITABLE (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)
#define ONCE     (G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS)

static guint
payment_signal (const char *name)
{
  return g_signal_new (name, TGW_TYPE_CLIENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                       TGW_TYPE_PAYMENT);
}

static void
install_signals (void)
{
  /**
   * TgwClient::displaced:
   * @self: the client
   * @reason: why
   * @message: the gateway's words, for people
   * @reconnect_allowed: whether the gateway would let this client in again
   *
   * The gateway told this client to leave, and the client stays away. [method@Client.connect_async] takes the
   * key back.
   */
  signals[TGW_SIGNAL_DISPLACED] =
    g_signal_new ("displaced", TGW_TYPE_CLIENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3,
                  TGW_TYPE_DISCONNECT_REASON, G_TYPE_STRING, G_TYPE_BOOLEAN);
  /**
   * TgwClient::message:
   * @self: the client
   * @action: the message's action
   * @json: the whole message, as JSON text
   *
   * Any message of the gateway, before this client acts on it; for logs.
   */
  signals[TGW_SIGNAL_MESSAGE] = g_signal_new ("message", TGW_TYPE_CLIENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                              NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
  /**
   * TgwClient::payment-started:
   * @self: the client
   * @payment: the payment
   *
   * A payment was sent. Watch its properties for what the terminal shows.
   */
  signals[TGW_SIGNAL_PAYMENT_STARTED] = payment_signal ("payment-started");
  /**
   * TgwClient::payment-completed:
   * @self: the client
   * @payment: the payment
   *
   * A payment has its outcome, whichever way the news came. It is told once for each payment.
   */
  signals[TGW_SIGNAL_PAYMENT_COMPLETED] = payment_signal ("payment-completed");
  /**
   * TgwClient::payment-voided:
   * @self: the client
   * @payment: the payment
   *
   * A charge was reversed, or is about to be: see the void status.
   */
  signals[TGW_SIGNAL_PAYMENT_VOIDED] = payment_signal ("payment-voided");
  /**
   * TgwClient::payment-void-confirmed:
   * @self: the client
   * @payment: the payment
   *
   * The terminal confirmed the reversal.
   */
  signals[TGW_SIGNAL_PAYMENT_VOID_CONFIRMED] = payment_signal ("payment-void-confirmed");
  /**
   * TgwClient::payment-void-failed:
   * @self: the client
   * @payment: the payment
   *
   * The charge could not be reversed: staff must act.
   */
  signals[TGW_SIGNAL_PAYMENT_VOID_FAILED] = payment_signal ("payment-void-failed");
  /**
   * TgwClient::payment-conflict:
   * @self: the client
   * @payment: the payment
   *
   * The terminal contradicted itself about a completed payment: staff must look.
   */
  signals[TGW_SIGNAL_PAYMENT_CONFLICT] = payment_signal ("payment-conflict");
  /**
   * TgwClient::terminal-status-changed:
   * @self: the client
   * @terminal: the terminal
   *
   * A terminal came, went, or became busy or free.
   */
  signals[TGW_SIGNAL_TERMINAL_STATUS_CHANGED] =
    g_signal_new ("terminal-status-changed", TGW_TYPE_CLIENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, TGW_TYPE_TERMINAL);
}

static void
tgw_client_class_init (TgwClientClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = tgw_client_dispose;
  object_class->finalize = tgw_client_finalize;
  object_class->get_property = tgw_client_get_property;
  object_class->set_property = tgw_client_set_property;

  properties[PROP_GATEWAY_URL] =
    g_param_spec_string ("gateway-url", NULL, NULL, NULL, G_PARAM_READWRITE | ONCE);
  properties[PROP_API_KEY] = g_param_spec_string ("api-key", NULL, NULL, NULL, G_PARAM_READWRITE | ONCE);
  properties[PROP_API_SECRET] = g_param_spec_string ("api-secret", NULL, NULL, NULL, G_PARAM_WRITABLE | ONCE);
  properties[PROP_STATE] =
    g_param_spec_enum ("state", NULL, NULL, TGW_TYPE_CLIENT_STATE, TGW_CLIENT_STATE_DISCONNECTED, READABLE);
  properties[PROP_CONNECTION_ID] = g_param_spec_string ("connection-id", NULL, NULL, NULL, READABLE);
  properties[PROP_GROUP_ID] = g_param_spec_string ("group-id", NULL, NULL, NULL, READABLE);
  properties[PROP_RECONNECT_POLICY] = g_param_spec_enum (
    "reconnect-policy", NULL, NULL, TGW_TYPE_RECONNECT_POLICY, TGW_RECONNECT_POLICY_POLITE, WRITABLE);
  properties[PROP_ALLOW_PLAIN_TEXT] = g_param_spec_boolean ("allow-plain-text", NULL, NULL, FALSE, WRITABLE);
  properties[PROP_PAY_TIMEOUT] = g_param_spec_uint ("pay-timeout", NULL, NULL, 1, 86400, 660, WRITABLE);
  properties[PROP_TERMINALS] = g_param_spec_object ("terminals", NULL, NULL, G_TYPE_LIST_MODEL, READABLE);
  properties[PROP_PAYMENTS] = g_param_spec_object ("payments", NULL, NULL, G_TYPE_LIST_MODEL, READABLE);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  install_signals ();
}

static void
tgw_client_init (TgwClient *self)
{
  self->policy = TGW_RECONNECT_POLICY_POLITE;
  self->pay_timeout = 660;
  self->first_pause = 500;
  self->last_pause = 30000;
  self->insist_pause = 5000;
  self->ask_again_pause = 3000;
  self->request_timeout = 30000;
  self->context = g_main_context_ref_thread_default ();
  self->terminals = g_list_store_new (TGW_TYPE_TERMINAL);
  self->ledger = tgw_ledger_new ();
  self->requests = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, tgw_request_free);
  self->waits = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, tgw_wait_free);
}

void
tgw_client_set_state (TgwClient *self, TgwClientState state)
{
  if (self->state == state)
    return;
  self->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}

void
tgw_client_set_identity (TgwClient *self, const char *connection_id, const char *group_id)
{
  if (g_strcmp0 (self->connection_id, connection_id) != 0)
    {
      g_free (self->connection_id);
      self->connection_id = g_strdup (connection_id);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CONNECTION_ID]);
    }
  if (group_id != NULL && g_strcmp0 (self->group_id, group_id) != 0)
    {
      g_free (self->group_id);
      self->group_id = g_strdup (group_id);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_GROUP_ID]);
    }
}

GSource *
tgw_client_add_timeout (TgwClient *self, guint ms, GSourceFunc function, gpointer data)
{
  GSource *source = g_timeout_source_new (ms);

  g_source_set_callback (source, function, data, NULL);
  g_source_attach (source, self->context);
  return source;
}

void
tgw_source_clear (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

/**
 * tgw_client_new:
 * @gateway_url: the gateway's address, such as `https://gateway.example:8470`
 * @api_key: the API key
 * @api_secret: its secret
 *
 * Makes a client. It does not connect yet.
 *
 * Returns: (transfer full): a client
 */
TgwClient *
tgw_client_new (const char *gateway_url, const char *api_key, const char *api_secret)
{
  g_return_val_if_fail (gateway_url != NULL, NULL);
  g_return_val_if_fail (api_key != NULL, NULL);
  g_return_val_if_fail (api_secret != NULL, NULL);

  return g_object_new (TGW_TYPE_CLIENT, "gateway-url", gateway_url, "api-key", api_key, "api-secret",
                       api_secret, NULL);
}

/**
 * tgw_client_new_from_key_file:
 * @gateway_url: the gateway's address, such as `https://gateway.example:8470`
 * @path: (type filename): a key file, as `tgwctl keys create --json` prints it
 * @error: return location for an error
 *
 * Makes a client with the API key and secret of a key file.
 *
 * Returns: (transfer full): a client, or `NULL` with an error
 */
TgwClient *
tgw_client_new_from_key_file (const char *gateway_url, const char *path, GError **error)
{
  g_autofree char *api_key = NULL, *api_secret = NULL;

  g_return_val_if_fail (gateway_url != NULL, NULL);
  g_return_val_if_fail (path != NULL, NULL);

  if (!tgw_credentials_load (path, &api_key, &api_secret, error))
    return NULL;
  return tgw_client_new (gateway_url, api_key, api_secret);
}
