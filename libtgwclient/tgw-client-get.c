/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The getters and setters of a client. */
#include "libtgwclient/tgw-client-private.h"

/**
 * tgw_client_get_gateway_url:
 * @self: a client
 *
 * The address that this client was made with.
 *
 * Returns: (transfer none): the address
 * Since: 0.1
 */
const char *
tgw_client_get_gateway_url (TgwClient *self)
{
  g_return_val_if_fail (TGW_IS_CLIENT (self), NULL);

  return self->gateway_url;
}

/**
 * tgw_client_get_state:
 * @self: a client
 *
 * Where the client stands.
 *
 * Returns: the state
 * Since: 0.1
 */
TgwClientState
tgw_client_get_state (TgwClient *self)
{
  g_return_val_if_fail (TGW_IS_CLIENT (self), TGW_CLIENT_STATE_DISCONNECTED);

  return self->state;
}

/**
 * tgw_client_get_connection_id:
 * @self: a client
 *
 * The name that the gateway gave the current connection.
 *
 * Returns: (transfer none) (nullable): the connection id
 * Since: 0.1
 */
const char *
tgw_client_get_connection_id (TgwClient *self)
{
  g_return_val_if_fail (TGW_IS_CLIENT (self), NULL);

  return self->connection_id;
}

/**
 * tgw_client_get_group_id:
 * @self: a client
 *
 * The group of the API key, known after the first connection over a WebSocket; over HTTP the gateway does not
 * tell it.
 *
 * Returns: (transfer none) (nullable): the group id
 * Since: 0.1
 */
const char *
tgw_client_get_group_id (TgwClient *self)
{
  g_return_val_if_fail (TGW_IS_CLIENT (self), NULL);

  return self->group_id;
}

/**
 * tgw_client_get_reconnect_policy:
 * @self: a client
 *
 * What happens when the connection ends.
 *
 * Returns: the policy
 * Since: 0.1
 */
TgwReconnectPolicy
tgw_client_get_reconnect_policy (TgwClient *self)
{
  g_return_val_if_fail (TGW_IS_CLIENT (self), TGW_RECONNECT_POLICY_NEVER);

  return self->policy;
}

/**
 * tgw_client_set_reconnect_policy:
 * @self: a client
 * @policy: a policy
 *
 * Chooses what happens when the connection ends. It counts from the next loss on.
 *
 * Since: 0.1
 */
void
tgw_client_set_reconnect_policy (TgwClient *self, TgwReconnectPolicy policy)
{
  g_return_if_fail (TGW_IS_CLIENT (self));
  g_return_if_fail (policy <= TGW_RECONNECT_POLICY_INSIST);

  if (self->policy == policy)
    return;
  self->policy = policy;
  g_object_notify (G_OBJECT (self), "reconnect-policy");
}

/**
 * tgw_client_get_allow_plain_text:
 * @self: a client
 *
 * Whether an unprotected connection to another computer is allowed.
 *
 * Returns: whether it is allowed
 * Since: 0.1
 */
gboolean
tgw_client_get_allow_plain_text (TgwClient *self)
{
  g_return_val_if_fail (TGW_IS_CLIENT (self), FALSE);

  return self->allow_plain_text;
}

/**
 * tgw_client_set_allow_plain_text:
 * @self: a client
 * @allow: whether to allow it
 *
 * Allows an unprotected connection to another computer: for a network that protects itself.
 *
 * Since: 0.1
 */
void
tgw_client_set_allow_plain_text (TgwClient *self, gboolean allow)
{
  g_return_if_fail (TGW_IS_CLIENT (self));
  allow = !!allow;

  if (self->allow_plain_text == allow)
    return;
  self->allow_plain_text = allow;
  g_object_notify (G_OBJECT (self), "allow-plain-text");
}

/**
 * tgw_client_get_pay_timeout:
 * @self: a client
 *
 * After how many seconds a payment without an outcome comes back as unknown.
 *
 * Returns: seconds
 * Since: 0.1
 */
guint
tgw_client_get_pay_timeout (TgwClient *self)
{
  g_return_val_if_fail (TGW_IS_CLIENT (self), 0);

  return self->pay_timeout;
}

/**
 * tgw_client_set_pay_timeout:
 * @self: a client
 * @seconds: seconds, at least 1
 *
 * Chooses how long [method@Client.pay_async] waits. The default is longer than the gateway keeps a payment
 * open.
 *
 * Since: 0.1
 */
void
tgw_client_set_pay_timeout (TgwClient *self, guint seconds)
{
  g_return_if_fail (TGW_IS_CLIENT (self));
  g_return_if_fail (seconds >= 1 && seconds <= 86400);

  if (self->pay_timeout == seconds)
    return;
  self->pay_timeout = seconds;
  g_object_notify (G_OBJECT (self), "pay-timeout");
}

/**
 * tgw_client_get_terminals:
 * @self: a client
 *
 * The terminals of this client's group. The list follows the gateway by itself, and its items notify.
 *
 * Returns: (transfer none): a list of [class@Terminal]
 * Since: 0.1
 */
GListModel *
tgw_client_get_terminals (TgwClient *self)
{
  g_return_val_if_fail (TGW_IS_CLIENT (self), NULL);

  return G_LIST_MODEL (self->terminals);
}

/**
 * tgw_client_get_payments:
 * @self: a client
 *
 * The payments that this client started or heard of, oldest first.
 *
 * Returns: (transfer none): a list of [class@Payment]
 * Since: 0.1
 */
GListModel *
tgw_client_get_payments (TgwClient *self)
{
  g_return_val_if_fail (TGW_IS_CLIENT (self), NULL);

  return tgw_ledger_get_payments (self->ledger);
}

/**
 * tgw_client_get_unclaimed:
 * @self: a client
 *
 * The payments that are still open, or about which there are news that the application has not acknowledged:
 * what a till shows when it starts and before it closes. Oldest first within what was there at the start.
 *
 * Returns: (transfer none): a list of [class@Payment]
 * Since: 0.1
 */
GListModel *
tgw_client_get_unclaimed (TgwClient *self)
{
  g_return_val_if_fail (TGW_IS_CLIENT (self), NULL);

  return tgw_ledger_get_unclaimed (self->ledger);
}

/**
 * tgw_client_get_transport:
 * @self: a client
 *
 * How the client may talk with the gateway.
 *
 * Returns: the mode
 * Since: 0.1
 */
TgwTransportMode
tgw_client_get_transport (TgwClient *self)
{
  g_return_val_if_fail (TGW_IS_CLIENT (self), TGW_TRANSPORT_MODE_AUTO);

  return self->transport_mode;
}

/**
 * tgw_client_set_transport:
 * @self: a client
 * @mode: a mode
 *
 * Chooses how the client talks with the gateway. It counts from the next connection on.
 *
 * Since: 0.1
 */
void
tgw_client_set_transport (TgwClient *self, TgwTransportMode mode)
{
  g_return_if_fail (TGW_IS_CLIENT (self));
  g_return_if_fail (mode <= TGW_TRANSPORT_MODE_HTTP);

  if (self->transport_mode == mode)
    return;
  self->transport_mode = mode;
  g_object_notify (G_OBJECT (self), "transport");
}

/**
 * tgw_client_get_damaged_journal:
 * @self: a client
 *
 * Where the damaged journal lies that this client found when it was made. What could still be read of it was
 * taken over; the file is for whoever wants to look closer.
 *
 * Returns: (transfer none) (nullable) (type filename): a path, or `NULL` if the journal was sound
 * Since: 0.1
 */
const char *
tgw_client_get_damaged_journal (TgwClient *self)
{
  g_return_val_if_fail (TGW_IS_CLIENT (self), NULL);

  return tgw_ledger_set_aside (self->ledger);
}

/**
 * tgw_client_get_displaced_by:
 * @self: a client
 *
 * Who took the API key over, as far as the gateway told: an address, and the program there.
 *
 * Returns: (transfer none) (nullable): a text for people, or `NULL`: not displaced, or not known
 * Since: 0.1
 */
const char *
tgw_client_get_displaced_by (TgwClient *self)
{
  g_return_val_if_fail (TGW_IS_CLIENT (self), NULL);

  return self->displaced_by;
}

/**
 * tgw_client_dup_displaced_at:
 * @self: a client
 *
 * Since when the client is displaced, by this computer's clock.
 *
 * Returns: (transfer full) (nullable): a time in the local time zone, or `NULL`: not displaced
 * Since: 0.1
 */
GDateTime *
tgw_client_dup_displaced_at (TgwClient *self)
{
  g_return_val_if_fail (TGW_IS_CLIENT (self), NULL);

  return self->displaced_at > 0 ? g_date_time_new_from_unix_local (self->displaced_at / 1000) : NULL;
}

/**
 * tgw_client_get_clock_skew:
 * @self: a client
 *
 * How far this computer's clock is off, as measured when the client last connected. From 300 s on the gateway
 * refuses signed requests.
 *
 * Returns: seconds; more than 0: this computer's clock is slow
 * Since: 0.1
 */
gint64
tgw_client_get_clock_skew (TgwClient *self)
{
  g_return_val_if_fail (TGW_IS_CLIENT (self), 0);

  return self->clock_skew;
}

/**
 * tgw_client_lookup_payment:
 * @self: a client
 * @transaction_id: a transaction id
 *
 * Looks a payment up in what this client knows, its journal included. The gateway is not asked.
 *
 * Returns: (transfer none) (nullable): the payment, or `NULL`: not known here
 * Since: 0.1
 */
TgwPayment *
tgw_client_lookup_payment (TgwClient *self, const char *transaction_id)
{
  g_return_val_if_fail (TGW_IS_CLIENT (self), NULL);
  g_return_val_if_fail (transaction_id != NULL, NULL);

  return tgw_ledger_find (self->ledger, transaction_id);
}
