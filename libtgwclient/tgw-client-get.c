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
 * The group of the API key, known after the first connection.
 *
 * Returns: (transfer none) (nullable): the group id
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
 */
GListModel *
tgw_client_get_payments (TgwClient *self)
{
  g_return_val_if_fail (TGW_IS_CLIENT (self), NULL);

  return tgw_ledger_get_payments (self->ledger);
}
