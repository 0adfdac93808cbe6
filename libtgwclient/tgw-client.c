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
 * speaks sections 2 to 5 and 7 of the gateway's protocol (`docs/protocol.md` in its sources), and keeps what
 * must not be lost in a journal on disk.
 *
 * It lives in the main context that was the thread's default when it was made, together with its terminals
 * and payments. Use them from there only; there their signals are emitted. See [Threads](threads.html).
 *
 * The one rule about money: an error from [method@Client.pay_finish] means that nothing was sent, and trying
 * again is safe. Whatever may have been sent comes back as a [class@Payment] with an outcome,
 * `TGW_OUTCOME_UNKNOWN` included.
 *
 * Since: 0.1
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
  PROP_TRANSPORT,
  PROP_CA_FILE,
  PROP_CERTIFICATE_PIN,
  PROP_JOURNAL_PATH,
  PROP_DAMAGED_JOURNAL,
  PROP_ACKNOWLEDGE_DELIVERY,
  PROP_DISPLACED_BY,
  PROP_DISPLACED_AT,
  PROP_CLOCK_SKEW,
  PROP_TERMINALS,
  PROP_PAYMENTS,
  PROP_UNCLAIMED,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void tgw_client_initable_init (GInitableIface *iface);

/* The asynchronous one runs the other in a thread, where a slow disk holds up nobody. */
G_DEFINE_FINAL_TYPE_WITH_CODE (TgwClient, tgw_client, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE, tgw_client_initable_init)
                                 G_IMPLEMENT_INTERFACE (G_TYPE_ASYNC_INITABLE, NULL))

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
  g_free (self->journal_path);
  g_clear_error (&self->init_error);
  g_free (self->ca_file);
  g_free (self->certificate_pin);
  g_free (self->displaced_by);
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
    case PROP_TRANSPORT:
      g_value_set_enum (value, self->transport_mode);
      break;
    case PROP_CA_FILE:
      g_value_set_string (value, self->ca_file);
      break;
    case PROP_CERTIFICATE_PIN:
      g_value_set_string (value, self->certificate_pin);
      break;
    case PROP_JOURNAL_PATH:
      g_value_set_string (value, self->journal_path);
      break;
    case PROP_ACKNOWLEDGE_DELIVERY:
      g_value_set_boolean (value, self->acknowledge_delivery);
      break;
    case PROP_DAMAGED_JOURNAL:
      g_value_set_string (value, tgw_ledger_set_aside (self->ledger));
      break;
    case PROP_DISPLACED_BY:
      g_value_set_string (value, self->displaced_by);
      break;
    case PROP_DISPLACED_AT:
      g_value_take_boxed (value, tgw_client_dup_displaced_at (self));
      break;
    case PROP_CLOCK_SKEW:
      g_value_set_int64 (value, self->clock_skew);
      break;
    case PROP_TERMINALS:
      g_value_set_object (value, self->terminals);
      break;
    case PROP_PAYMENTS:
      g_value_set_object (value, tgw_ledger_get_payments (self->ledger));
      break;
    case PROP_UNCLAIMED:
      g_value_set_object (value, tgw_ledger_get_unclaimed (self->ledger));
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
    case PROP_JOURNAL_PATH:
      self->journal_path = g_value_dup_string (value);
      break;
    case PROP_ACKNOWLEDGE_DELIVERY:
      self->acknowledge_delivery = g_value_get_boolean (value);
      break;
    case PROP_TRANSPORT:
      tgw_client_set_transport (self, g_value_get_enum (value));
      break;
    case PROP_CA_FILE:
      self->ca_file = g_value_dup_string (value);
      break;
    case PROP_CERTIFICATE_PIN:
      self->certificate_pin = g_value_dup_string (value);
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

static void
tgw_client_class_init (TgwClientClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = tgw_client_dispose;
  object_class->finalize = tgw_client_finalize;
  object_class->get_property = tgw_client_get_property;
  object_class->set_property = tgw_client_set_property;

  /**
   * TgwClient:gateway-url:
   *
   * The gateway's address, such as `https://gateway.example:8470`.
   *
   * Since: 0.1
   */
  properties[PROP_GATEWAY_URL] =
    g_param_spec_string ("gateway-url", NULL, NULL, NULL, G_PARAM_READWRITE | ONCE);
  /**
   * TgwClient:api-key:
   *
   * The API key (section 1 of the protocol). One client uses a key at a time.
   *
   * Since: 0.1
   */
  properties[PROP_API_KEY] = g_param_spec_string ("api-key", NULL, NULL, NULL, G_PARAM_READWRITE | ONCE);
  /**
   * TgwClient:api-secret:
   *
   * The secret that belongs to the API key. It can be given, and not read back.
   *
   * Since: 0.1
   */
  properties[PROP_API_SECRET] = g_param_spec_string ("api-secret", NULL, NULL, NULL, G_PARAM_WRITABLE | ONCE);
  /**
   * TgwClient:state:
   *
   * Where the client stands. It notifies in the client's main context.
   *
   * Since: 0.1
   */
  properties[PROP_STATE] =
    g_param_spec_enum ("state", NULL, NULL, TGW_TYPE_CLIENT_STATE, TGW_CLIENT_STATE_DISCONNECTED, READABLE);
  /**
   * TgwClient:connection-id:
   *
   * The name that the gateway gave the current connection; `NULL`: there is none.
   *
   * Since: 0.1
   */
  properties[PROP_CONNECTION_ID] = g_param_spec_string ("connection-id", NULL, NULL, NULL, READABLE);
  /**
   * TgwClient:group-id:
   *
   * The group of the API key; `NULL` until the first connection.
   *
   * Since: 0.1
   */
  properties[PROP_GROUP_ID] = g_param_spec_string ("group-id", NULL, NULL, NULL, READABLE);
  /**
   * TgwClient:reconnect-policy:
   *
   * What happens when the connection ends: see [enum@ReconnectPolicy].
   *
   * Since: 0.1
   */
  properties[PROP_RECONNECT_POLICY] = g_param_spec_enum (
    "reconnect-policy", NULL, NULL, TGW_TYPE_RECONNECT_POLICY, TGW_RECONNECT_POLICY_POLITE, WRITABLE);
  /**
   * TgwClient:allow-plain-text:
   *
   * Whether an unprotected connection to another computer is allowed. Loopback always is.
   *
   * Since: 0.1
   */
  properties[PROP_ALLOW_PLAIN_TEXT] = g_param_spec_boolean ("allow-plain-text", NULL, NULL, FALSE, WRITABLE);
  /**
   * TgwClient:pay-timeout:
   *
   * After how many seconds a payment without an outcome comes back as unknown, 1 to 86400. The default is
   * longer than the gateway keeps a payment open.
   *
   * Since: 0.1
   */
  properties[PROP_PAY_TIMEOUT] = g_param_spec_uint ("pay-timeout", NULL, NULL, 1, 86400, 660, WRITABLE);
  /**
   * TgwClient:transport:
   *
   * How the client may talk with the gateway. A change counts from the next connection on.
   *
   * Since: 0.1
   */
  properties[PROP_TRANSPORT] =
    g_param_spec_enum ("transport", NULL, NULL, TGW_TYPE_TRANSPORT_MODE, TGW_TRANSPORT_MODE_AUTO, WRITABLE);
  /**
   * TgwClient:ca-file: (type filename)
   *
   * A file of certificates (PEM) that are trusted in place of the system's; `NULL`: the system's.
   *
   * Since: 0.1
   */
  properties[PROP_CA_FILE] = g_param_spec_string ("ca-file", NULL, NULL, NULL, G_PARAM_READWRITE | ONCE);
  /**
   * TgwClient:certificate-pin:
   *
   * The SHA-256 of the gateway's certificate (of its DER form), as 64 hexadecimal digits, with or without
   * colons. No other certificate is then accepted, and this one is whoever issued it.
   *
   * Since: 0.1
   */
  properties[PROP_CERTIFICATE_PIN] =
    g_param_spec_string ("certificate-pin", NULL, NULL, NULL, G_PARAM_READWRITE | ONCE);
  /**
   * TgwClient:journal-path: (type filename)
   *
   * The file of the payment journal; `NULL`: a file for this API key in the user's state folder
   * (`$XDG_STATE_HOME/tgwclient`), whose name the property tells once the client is initialised. `:memory:`
   * keeps nothing, for tools that do not take payments.
   *
   * A journal belongs to a group of the gateway: another key of that group may go on with it, such as the
   * successor of one that was rotated. With a key of another group the connection fails with
   * `TGW_ERROR_JOURNAL`.
   *
   * Since: 0.1
   */
  properties[PROP_JOURNAL_PATH] =
    g_param_spec_string ("journal-path", NULL, NULL, NULL, G_PARAM_READWRITE | ONCE);
  /**
   * TgwClient:acknowledge-delivery:
   *
   * Whether the gateway hears that a message was written down here, and may forget it. `FALSE` is for tools
   * that look on: every message stays for the program that takes the payments. The gateway then sends no more
   * than 64, and the same ones again over each connection.
   *
   * Since: 0.1
   */
  properties[PROP_ACKNOWLEDGE_DELIVERY] =
    g_param_spec_boolean ("acknowledge-delivery", NULL, NULL, TRUE, G_PARAM_READWRITE | ONCE);
  /**
   * TgwClient:damaged-journal: (type filename)
   *
   * Where a damaged journal was kept that this client found when it was made; `NULL`: it was sound.
   *
   * Since: 0.1
   */
  properties[PROP_DAMAGED_JOURNAL] = g_param_spec_string ("damaged-journal", NULL, NULL, NULL, READABLE);
  /**
   * TgwClient:displaced-by:
   *
   * Who took the API key over (section 3 of the protocol): an address, and the program there; `NULL`: not
   * displaced, or not known.
   *
   * Since: 0.1
   */
  properties[PROP_DISPLACED_BY] = g_param_spec_string ("displaced-by", NULL, NULL, NULL, READABLE);
  /**
   * TgwClient:displaced-at:
   *
   * Since when the client is displaced, by this computer's clock; `NULL`: it is not.
   *
   * Since: 0.1
   */
  properties[PROP_DISPLACED_AT] = g_param_spec_boxed ("displaced-at", NULL, NULL, G_TYPE_DATE_TIME, READABLE);
  /**
   * TgwClient:clock-skew:
   *
   * How many seconds this computer's clock was behind the gateway's at the last connection; less than 0: it
   * was ahead.
   *
   * Since: 0.1
   */
  properties[PROP_CLOCK_SKEW] =
    g_param_spec_int64 ("clock-skew", NULL, NULL, G_MININT64, G_MAXINT64, 0, READABLE);
  /**
   * TgwClient:terminals:
   *
   * The terminals of the client's group, a list of [class@Terminal]. It follows the gateway by itself, and
   * its items notify.
   *
   * Since: 0.1
   */
  properties[PROP_TERMINALS] = g_param_spec_object ("terminals", NULL, NULL, G_TYPE_LIST_MODEL, READABLE);
  /**
   * TgwClient:payments:
   *
   * The payments that this client started or heard of, a list of [class@Payment], oldest first: all that are
   * open or not acknowledged, and the newest others.
   *
   * Since: 0.1
   */
  properties[PROP_PAYMENTS] = g_param_spec_object ("payments", NULL, NULL, G_TYPE_LIST_MODEL, READABLE);
  /**
   * TgwClient:unclaimed:
   *
   * The payments that are open, or whose news the application has not acknowledged, a list of
   * [class@Payment]: what a till shows when it starts and before it closes.
   *
   * Since: 0.1
   */
  properties[PROP_UNCLAIMED] = g_param_spec_object ("unclaimed", NULL, NULL, G_TYPE_LIST_MODEL, READABLE);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  tgw_client_install_signals ();
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
  self->flush_pause = 1000;
  self->settle_pause = 60000;
  self->context = g_main_context_ref_thread_default ();
  self->terminals = g_list_store_new (TGW_TYPE_TERMINAL);
  self->ledger = tgw_ledger_new ();
  self->requests = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, tgw_request_free);
  self->waits = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, tgw_wait_free);
}

static gboolean
initialise_once (TgwClient *self, GError **error)
{
  if (!tgw_credentials_usable (self->api_key) || !tgw_credentials_usable (self->api_secret))
    {
      g_set_error_literal (error, TGW_ERROR, TGW_ERROR_UNAUTHORIZED,
                           "The API key or its secret is empty or malformed");
      return FALSE;
    }
  return tgw_client_open_journal (self, error);
}

/* A second call has the first one's result. */
static gboolean
initialise (GInitable *initable, GCancellable *cancellable, GError **error)
{
  TgwClient *self = TGW_CLIENT (initable);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (!self->initialised)
    initialise_once (self, &self->init_error);
  self->initialised = TRUE;
  if (self->init_error != NULL && error != NULL)
    *error = g_error_copy (self->init_error);
  return self->init_error == NULL;
}

static void
tgw_client_initable_init (GInitableIface *iface)
{
  iface->init = initialise;
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

void
tgw_client_set_displaced (TgwClient *self, const char *by, gint64 at)
{
  if (self->displaced_at == at && g_strcmp0 (self->displaced_by, by) == 0)
    return;
  g_free (self->displaced_by);
  self->displaced_by = g_strdup (by);
  self->displaced_at = at;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DISPLACED_BY]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DISPLACED_AT]);
}

void
tgw_client_set_clock_skew (TgwClient *self, gint64 seconds)
{
  if (self->clock_skew == seconds)
    return;
  self->clock_skew = seconds;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CLOCK_SKEW]);
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
 * @error: return location for an error
 *
 * Makes a client, and opens the payment journal of this API key. It does not connect yet. For a journal in
 * another place, or other settings from the start, make it with its properties and call
 * [method@Gio.Initable.init]; in C, g_initable_new() does both.
 *
 * The error is `TGW_ERROR_UNAUTHORIZED` for a key or a secret that cannot be one, `TGW_ERROR_JOURNAL` if the
 * journal cannot be used and `TGW_ERROR_JOURNAL_IN_USE` if another program uses it.
 *
 * Returns: (transfer full): a client, or `NULL` with an error
 * Since: 0.1
 */
TgwClient *
tgw_client_new (const char *gateway_url, const char *api_key, const char *api_secret, GError **error)
{
  g_return_val_if_fail (gateway_url != NULL, NULL);
  g_return_val_if_fail (api_key != NULL, NULL);
  g_return_val_if_fail (api_secret != NULL, NULL);

  return g_initable_new (TGW_TYPE_CLIENT, NULL, error, "gateway-url", gateway_url, "api-key", api_key,
                         "api-secret", api_secret, NULL);
}

/**
 * tgw_client_new_from_key_file:
 * @gateway_url: the gateway's address, such as `https://gateway.example:8470`
 * @path: (type filename): a key file, as `tgwctl keys create --json` prints it
 * @error: return location for an error
 *
 * Makes a client with the API key and secret of a key file, and opens its payment journal, as
 * [ctor@Client.new], whose errors it has beside `TGW_ERROR_INVALID_KEY_FILE`.
 *
 * Returns: (transfer full): a client, or `NULL` with an error
 * Since: 0.1
 */
TgwClient *
tgw_client_new_from_key_file (const char *gateway_url, const char *path, GError **error)
{
  g_autofree char *api_key = NULL, *api_secret = NULL;

  g_return_val_if_fail (gateway_url != NULL, NULL);
  g_return_val_if_fail (path != NULL, NULL);

  if (!tgw_credentials_load (path, &api_key, &api_secret, error))
    return NULL;
  return tgw_client_new (gateway_url, api_key, api_secret, error);
}
