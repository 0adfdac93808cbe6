/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Getting and keeping a connection. */
#include "libtgwclient/tgw-client-private.h"

#include "libtgwclient/tgw-credentials.h"
#include "libtgwclient/tgw-endpoint.h"
#include "libtgwclient/tgw-error.h"
#include "libtgwclient/tgw-trust.h"

/* s */
#define CLOCK_SKEW_WORTH_A_WORD 60

static void open_transport (TgwClient *self, gboolean over_http);

static gboolean
on_retry (gpointer data)
{
  TgwClient *self = data;

  tgw_source_clear (&self->retry);
  open_transport (self, FALSE);
  return G_SOURCE_REMOVE;
}

static void
retry_after (TgwClient *self, guint ms)
{
  tgw_source_clear (&self->retry);
  self->retry = tgw_client_add_timeout (self, ms, on_retry, self);
  tgw_client_set_state (self, TGW_CLIENT_STATE_CONNECTING);
}

/* Doubling, with half of it left to chance, so that a thousand tills do not come back in the same second. */
static guint
next_pause (TgwClient *self)
{
  guint shift = MIN (self->failures, 16);
  guint64 pause = MIN ((guint64) self->first_pause << shift, self->last_pause);

  self->failures++;
  return (guint) (pause / 2 + (guint64) g_random_int_range (0, (gint32) pause / 2 + 1));
}

static void
drop_transport (TgwClient *self)
{
  g_clear_pointer (&self->transport, tgw_transport_close);
  self->greeted = FALSE;
  self->backlog = 0;
  g_cancellable_cancel (self->reclaim);
  tgw_source_clear (&self->ask_again);
  tgw_source_clear (&self->settle);
  tgw_ledger_reset_missing (self->ledger);
  tgw_client_set_identity (self, NULL, NULL);
}

/* Before anything is notified: who hears of it may connect anew, which is not what ends here. */
static GTask *
take_connect (TgwClient *self)
{
  tgw_source_clear (&self->connect_cancelled);
  return g_steal_pointer (&self->connect_task);
}

static void
end_connect (GTask *task, const GError *error)
{
  if (task == NULL)
    return;
  if (error != NULL)
    g_task_return_error (task, g_error_copy (error));
  else
    g_task_return_boolean (task, TRUE);
}

static void
on_opened (gpointer data)
{
  /* The gateway speaks first; until its greeting nothing is sent. */
}

static void
on_text (const char *text, gsize length, gpointer data)
{
  TgwClient *self = g_object_ref (TGW_CLIENT (data));

  tgw_client_handle_text (self, text, length);
  g_object_unref (self);
}

static void
on_closed (const GError *error, gpointer data)
{
  TgwClient *self = g_object_ref (TGW_CLIENT (data));
  gboolean was_connected = self->state == TGW_CLIENT_STATE_CONNECTED;
  gboolean again = self->policy != TGW_RECONNECT_POLICY_NEVER;
  gboolean other_way = self->transport != NULL && self->transport->upgrade_failed &&
                       self->transport_mode == TGW_TRANSPORT_MODE_AUTO;

  g_autoptr (GTask) task = other_way ? NULL : take_connect (self);

  drop_transport (self);
  if (other_way)
    {
      open_transport (self, TRUE);
      g_object_unref (self);
      return;
    }
  /* Wrong credentials of a program that just starts stay wrong. One that was connected may see them put
   * right. */
  if (task != NULL && tgw_error_is_authentication (error))
    again = FALSE;
  /* Of another group: it stays that. */
  if (g_error_matches (error, TGW_ERROR, TGW_ERROR_JOURNAL))
    again = FALSE;
  if (was_connected)
    self->failures = 0;
  if (again)
    retry_after (self, next_pause (self));
  else
    tgw_client_set_state (self, TGW_CLIENT_STATE_DISCONNECTED);

  tgw_client_fail_requests (self, error);
  if (!again)
    tgw_client_end_waits (self, error->message);
  end_connect (task, error);
  g_object_unref (self);
}

void
tgw_client_give_up (TgwClient *self, const GError *error)
{
  on_closed (error, self);
}

static const TgwTransportEvents transport_events = { on_opened, on_text, on_closed };

gboolean
tgw_client_prepare_session (TgwClient *self, char **pin, GError **error)
{
  if (self->certificate_pin != NULL)
    {
      *pin = tgw_trust_read_pin (self->certificate_pin, error);
      if (*pin == NULL)
        return FALSE;
    }
  if (self->session == NULL)
    {
      g_autoptr (SoupSession) session = tgw_transport_new_session ();

      if (!tgw_trust_use_file (session, self->ca_file, error))
        return FALSE;
      self->session = g_steal_pointer (&session);
    }
  return TRUE;
}

static void
open_transport (TgwClient *self, gboolean over_http)
{
  g_autofree char *pin = NULL;
  g_autoptr (GUri) endpoint = NULL;
  g_autoptr (GError) error = NULL;
  TgwTransportConfig config = { 0 };

  tgw_source_clear (&self->retry);
  endpoint = tgw_endpoint_parse (self->gateway_url, self->allow_plain_text, &error);
  if (endpoint == NULL || !tgw_client_prepare_session (self, &pin, &error))
    {
      g_autoptr (GTask) task = take_connect (self);

      tgw_client_set_state (self, TGW_CLIENT_STATE_DISCONNECTED);
      tgw_client_end_waits (self, error->message);
      end_connect (task, error);
      return;
    }

  config.session = self->session;
  config.endpoint = endpoint;
  config.api_key = self->api_key;
  config.api_secret = self->api_secret;
  config.user_agent = "libtgwclient";
  config.ack_delivery = TRUE;
  config.certificate_pin = pin;
  config.ping_interval = self->ping_interval;
  config.ping_timeout = self->ping_timeout;
  config.open_timeout = self->open_timeout;
  config.terminals_interval = self->terminals_interval;
  g_main_context_push_thread_default (self->context);
  self->transport = over_http || self->transport_mode == TGW_TRANSPORT_MODE_HTTP
                      ? tgw_transport_open_http (&config, &transport_events, self)
                      : tgw_transport_open (&config, &transport_events, self);
  g_main_context_pop_thread_default (self->context);
  tgw_client_set_state (self, TGW_CLIENT_STATE_CONNECTING);
}

gboolean
tgw_client_send (TgwClient *self, const TgpPosMessage *message)
{
  g_autofree char *text = NULL;

  if (!self->greeted || self->transport == NULL)
    return FALSE;
  text = tgp_pos_message_encode (message);
  return tgw_transport_send (self->transport, text);
}

static void
on_first_answer (TgwClient *self, const TgpPosEvent *event, const GError *error, gpointer data)
{
  g_autoptr (GError) wrong_role = NULL;
  g_autoptr (GTask) task = NULL;

  if (event == NULL)
    {
      if (self->transport != NULL) /* a time-out: this gateway is of no use */
        on_closed (error, self);
      return;
    }
  if (event->type == TGP_EVENT_ERROR &&
      (event->error_code == TGP_ERROR_UNKNOWN_ACTION || event->error_code == TGP_ERROR_GROUP_MISMATCH))
    {
      wrong_role = g_error_new_literal (TGW_ERROR, TGW_ERROR_GROUP_MISMATCH,
                                        "This API key is a terminal's; a till needs one with the role pos");
      on_closed (wrong_role, self);
      return;
    }
  task = take_connect (self);
  self->failures = 0;
  tgw_client_set_displaced (self, NULL, 0);
  tgw_client_set_state (self, TGW_CLIENT_STATE_CONNECTED);
  tgw_client_ask_open_payments (self);
  tgw_client_reclaim (self);
  end_connect (task, NULL);
}

static gint64
round_to_s (gint64 ms)
{
  return (ms + (ms < 0 ? -500 : 500)) / 1000;
}

static void
measure_clock (TgwClient *self, gint64 server_time)
{
  gint64 skew = round_to_s (server_time - g_get_real_time () / 1000);

  if (ABS (skew) >= CLOCK_SKEW_WORTH_A_WORD)
    g_message ("This computer's clock is %" G_GINT64_FORMAT
               " s %s; from 300 s on the gateway refuses its requests",
               ABS (skew), skew > 0 ? "slow" : "fast");
  tgw_client_set_clock_skew (self, skew);
}

/* The list of terminals comes before “connected” is true: who is connected can see where to pay. */
void
tgw_client_greeted (TgwClient *self, const TgpPosEvent *event)
{
  g_autoptr (TgpPosMessage) ask = tgp_pos_message_new (TGP_POS_GET_TERMINALS);

  if (self->greeted)
    return;
  self->greeted = TRUE;
  self->n_connections++;
  self->backlog = event->pending_messages;
  if (event->server_time > 0)
    measure_clock (self, event->server_time);
  tgw_client_request (self, ask, on_first_answer, NULL, NULL);
}

/* Who took over, for people; NULL: not said. */
static char *
describe (const TgpPosEvent *event)
{
  if (event->displaced_by_address == NULL)
    return NULL;
  if (event->displaced_by_user_agent == NULL)
    return g_strdup (event->displaced_by_address);
  return g_strdup_printf ("%s (%s)", event->displaced_by_address, event->displaced_by_user_agent);
}

void
tgw_client_told_to_leave (TgwClient *self, const TgpPosEvent *event)
{
  TgpDisconnectReason reason = TGP_DISCONNECT_OTHER;
  g_autoptr (GError) error = NULL;
  g_autofree char *by = NULL;
  g_autoptr (GTask) task = NULL;

  if (event->reason != NULL)
    tgp_disconnect_reason_from_name (event->reason, &reason);
  if (reason != TGP_DISCONNECT_API_KEY_USED_ELSEWHERE && event->reconnect_allowed)
    return; /* the close that follows leads to an ordinary reconnect */

  error = g_error_new (TGW_ERROR, TGW_ERROR_SESSION_DISPLACED, "%s",
                       event->message != NULL ? event->message : "The gateway ended this connection");
  by = describe (event);
  task = take_connect (self);
  drop_transport (self);
  tgw_client_set_displaced (self, by, g_get_real_time () / 1000);
  tgw_client_set_state (self, TGW_CLIENT_STATE_DISPLACED);
  tgw_client_fail_requests (self, error);
  tgw_client_end_waits (self, error->message);
  end_connect (task, error);
  if (self->policy == TGW_RECONNECT_POLICY_INSIST && event->reconnect_allowed &&
      self->state == TGW_CLIENT_STATE_DISPLACED)
    {
      tgw_source_clear (&self->retry);
      self->retry = tgw_client_add_timeout (self, self->insist_pause, on_retry, self);
    }
  g_signal_emit (self, tgw_client_signal (TGW_SIGNAL_DISPLACED), 0, (TgwDisconnectReason) reason,
                 error->message, event->reconnect_allowed, by);
}

void
tgw_client_link_clear (TgwClient *self)
{
  tgw_source_clear (&self->retry);
  tgw_source_clear (&self->ask_again);
  tgw_source_clear (&self->settle);
  tgw_source_clear (&self->flush);
  tgw_source_clear (&self->hand_out);
  tgw_source_clear (&self->connect_cancelled);
  g_cancellable_cancel (self->reclaim);
  g_clear_object (&self->reclaim);
  g_clear_pointer (&self->transport, tgw_transport_close);
  tgw_client_unwatch_network (self);
}

/* A network that comes back is worth a try at once, whatever the pause. */
void
tgw_client_network_is_back (TgwClient *self)
{
  if (self->retry == NULL || self->state != TGW_CLIENT_STATE_CONNECTING)
    return;
  self->failures = 0;
  retry_after (self, 0);
}

static gboolean
on_connect_cancelled (GCancellable *cancellable, gpointer data)
{
  TgwClient *self = g_object_ref (TGW_CLIENT (data));

  tgw_client_close (self);
  g_object_unref (self);
  return G_SOURCE_REMOVE;
}

/**
 * tgw_client_connect_async:
 * @self: a client
 * @cancellable: (nullable): gives up
 * @callback: called when the gateway has greeted this client, or the first attempt failed
 * @user_data: for @callback
 *
 * Connects, and stays connected as the reconnect policy says. When the gateway cannot be reached, @callback
 * is told, and unless the policy is `TGW_RECONNECT_POLICY_NEVER` or the credentials are wrong the client goes
 * on trying until [method@Client.close]. After having been displaced this takes the API key back.
 *
 * The error is one with [func@error_is_connection] if the gateway cannot be reached (that it may change by
 * itself), with [func@error_is_authentication] if the gateway refuses the key (sections 2 and 7 of the
 * protocol), `TGW_ERROR_UNTRUSTED`, `TGW_ERROR_INSECURE_ADDRESS`, `TGW_ERROR_INVALID_ADDRESS`, or of
 * `G_IO_ERROR` if it was cancelled or is under way already.
 *
 * The first call also says that the application is ready for news: what the journal has that the
 * application's last run did not acknowledge is told by the ordinary signals, also when the gateway cannot be
 * reached.
 *
 * Since: 0.1
 */
void
tgw_client_connect_async (TgwClient *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (TGW_IS_CLIENT (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, tgw_client_connect_async);
  if (g_task_return_error_if_cancelled (task))
    return;
  if (self->connect_task != NULL)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PENDING, "Already connecting");
      return;
    }
  tgw_client_hand_out (self);
  tgw_client_watch_network (self);
  if (self->state == TGW_CLIENT_STATE_CONNECTED)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  self->connect_task = g_steal_pointer (&task);
  if (cancellable != NULL)
    {
      self->connect_cancelled = g_cancellable_source_new (cancellable);
      g_source_set_callback (self->connect_cancelled, G_SOURCE_FUNC (on_connect_cancelled), self, NULL);
      g_source_attach (self->connect_cancelled, self->context);
    }
  if (self->transport == NULL)
    open_transport (self, FALSE);
}

/**
 * tgw_client_connect_finish:
 * @self: a client
 * @result: what the callback got
 * @error: return location for an error
 *
 * Ends [method@Client.connect_async].
 *
 * Returns: whether the client is connected
 * Since: 0.1
 */
gboolean
tgw_client_connect_finish (TgwClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (TGW_IS_CLIENT (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * tgw_client_close:
 * @self: a client
 *
 * Ends the connection, and every attempt to make one. Payments that wait come back as unknown; the gateway
 * keeps their outcomes for the next connection, which [method@Client.connect_async] makes.
 *
 * Since: 0.1
 */
void
tgw_client_close (TgwClient *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (TGW_IS_CLIENT (self));

  g_object_ref (self);
  task = take_connect (self);
  tgw_source_clear (&self->retry);
  drop_transport (self);
  tgw_client_set_state (self, TGW_CLIENT_STATE_DISCONNECTED);
  error = g_error_new_literal (TGW_ERROR, TGW_ERROR_CONNECTION_LOST, "The client was told to disconnect");
  tgw_client_fail_requests (self, error);
  tgw_client_end_waits (self, error->message);
  end_connect (task, error);
  g_object_unref (self);
}
