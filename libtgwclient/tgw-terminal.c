/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libtgwclient/tgw-terminal-private.h"

#include "libtgwclient/tgw-enum-types.h"

/**
 * TgwTerminal:
 *
 * A payment terminal of this client's group (section 4 of the protocol, “Terminal”), as last heard. Every
 * property notifies, so that a row of a list can bind to it.
 *
 * It belongs to its client's thread: see [Threads](threads.html).
 *
 * Since: 0.1
 */
struct _TgwTerminal
{
  GObject parent_instance;

  char *terminal_id;
  char *device_id;
  char *connection_id;
  TgwTerminalStatus status;
  gboolean busy;
  GDateTime *connected_at;
  GDateTime *last_activity;
  GDateTime *grace_deadline;
  char *metadata;
};

enum
{
  PROP_TERMINAL_ID = 1,
  PROP_DEVICE_ID,
  PROP_CONNECTION_ID,
  PROP_STATUS,
  PROP_BUSY,
  PROP_CONNECTED_AT,
  PROP_LAST_ACTIVITY,
  PROP_GRACE_DEADLINE,
  PROP_METADATA,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (TgwTerminal, tgw_terminal, G_TYPE_OBJECT)

G_STATIC_ASSERT ((int) TGW_TERMINAL_STATUS_ONLINE == (int) TGP_TERMINAL_ONLINE);
G_STATIC_ASSERT ((int) TGW_TERMINAL_STATUS_OFFLINE == (int) TGP_TERMINAL_OFFLINE);

static void
tgw_terminal_finalize (GObject *object)
{
  TgwTerminal *self = TGW_TERMINAL (object);

  g_free (self->terminal_id);
  g_free (self->device_id);
  g_free (self->connection_id);
  g_clear_pointer (&self->connected_at, g_date_time_unref);
  g_clear_pointer (&self->last_activity, g_date_time_unref);
  g_clear_pointer (&self->grace_deadline, g_date_time_unref);
  g_free (self->metadata);
  G_OBJECT_CLASS (tgw_terminal_parent_class)->finalize (object);
}

static void
tgw_terminal_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TgwTerminal *self = TGW_TERMINAL (object);

  switch (id)
    {
    case PROP_TERMINAL_ID:
      g_value_set_string (value, self->terminal_id);
      break;
    case PROP_DEVICE_ID:
      g_value_set_string (value, self->device_id);
      break;
    case PROP_CONNECTION_ID:
      g_value_set_string (value, self->connection_id);
      break;
    case PROP_STATUS:
      g_value_set_enum (value, self->status);
      break;
    case PROP_BUSY:
      g_value_set_boolean (value, self->busy);
      break;
    case PROP_CONNECTED_AT:
      g_value_set_boxed (value, self->connected_at);
      break;
    case PROP_LAST_ACTIVITY:
      g_value_set_boxed (value, self->last_activity);
      break;
    case PROP_GRACE_DEADLINE:
      g_value_set_boxed (value, self->grace_deadline);
      break;
    case PROP_METADATA:
      g_value_set_string (value, self->metadata);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

#define READABLE (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)

static void
tgw_terminal_class_init (TgwTerminalClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = tgw_terminal_finalize;
  object_class->get_property = tgw_terminal_get_property;

  /**
   * TgwTerminal:terminal-id:
   *
   * What payments name the terminal by (section 1 of the protocol): the device id if there is one. Never
   * `NULL`.
   *
   * Since: 0.1
   */
  properties[PROP_TERMINAL_ID] = g_param_spec_string ("terminal-id", NULL, NULL, NULL, READABLE);
  /**
   * TgwTerminal:device-id:
   *
   * The lasting name of the terminal; `NULL`: it has told none.
   *
   * Since: 0.1
   */
  properties[PROP_DEVICE_ID] = g_param_spec_string ("device-id", NULL, NULL, NULL, READABLE);
  /**
   * TgwTerminal:connection-id:
   *
   * The name of its current connection; `NULL`: there is none.
   *
   * Since: 0.1
   */
  properties[PROP_CONNECTION_ID] = g_param_spec_string ("connection-id", NULL, NULL, NULL, READABLE);
  /**
   * TgwTerminal:status:
   *
   * Whether the terminal can be reached.
   *
   * Since: 0.1
   */
  properties[PROP_STATUS] =
    g_param_spec_enum ("status", NULL, NULL, TGW_TYPE_TERMINAL_STATUS, TGW_TERMINAL_STATUS_OFFLINE, READABLE);
  /**
   * TgwTerminal:busy:
   *
   * Whether a payment occupies the terminal: another one would be refused.
   *
   * Since: 0.1
   */
  properties[PROP_BUSY] = g_param_spec_boolean ("busy", NULL, NULL, FALSE, READABLE);
  /**
   * TgwTerminal:connected-at:
   *
   * When it connected; `NULL`: it is not connected.
   *
   * Since: 0.1
   */
  properties[PROP_CONNECTED_AT] = g_param_spec_boxed ("connected-at", NULL, NULL, G_TYPE_DATE_TIME, READABLE);
  /**
   * TgwTerminal:last-activity:
   *
   * When it was last heard of; `NULL`: not known.
   *
   * Since: 0.1
   */
  properties[PROP_LAST_ACTIVITY] =
    g_param_spec_boxed ("last-activity", NULL, NULL, G_TYPE_DATE_TIME, READABLE);
  /**
   * TgwTerminal:grace-deadline:
   *
   * Until when the lost terminal may come back, by this computer's clock; `NULL`: it is not lost.
   *
   * Since: 0.1
   */
  properties[PROP_GRACE_DEADLINE] =
    g_param_spec_boxed ("grace-deadline", NULL, NULL, G_TYPE_DATE_TIME, READABLE);
  /**
   * TgwTerminal:metadata:
   *
   * What the terminal says about itself, a JSON object as text; `NULL`: nothing.
   *
   * Since: 0.1
   */
  properties[PROP_METADATA] = g_param_spec_string ("metadata", NULL, NULL, NULL, READABLE);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
tgw_terminal_init (TgwTerminal *self)
{
  self->status = TGW_TERMINAL_STATUS_OFFLINE;
}

static gboolean
set_text (TgwTerminal *self, char **member, const char *value, guint property)
{
  if (g_strcmp0 (*member, value) == 0)
    return FALSE;
  g_free (*member);
  *member = g_strdup (value);
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
  return TRUE;
}

static gboolean
set_time (TgwTerminal *self, GDateTime **member, GDateTime *value, guint property) /* transfer full */
{
  g_autoptr (GDateTime) old = *member;

  *member = value;
  if (old == value || (old != NULL && value != NULL && g_date_time_equal (old, value)))
    return FALSE;
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
  return TRUE;
}

static GDateTime *
local_time (gint64 ms)
{
  g_autoptr (GDateTime) utc = NULL;

  if (ms <= 0)
    return NULL;
  utc = g_date_time_new_from_unix_utc (ms / 1000);
  return utc != NULL ? g_date_time_to_local (utc) : NULL;
}

static GDateTime *
grace_deadline (const TgpTerminalInfo *info)
{
  g_autoptr (GDateTime) now = NULL;

  if (info->status != TGP_TERMINAL_RECONNECTING)
    return NULL;
  if (info->remaining_seconds < 0)
    return local_time (info->grace_expires_at);
  /* The till's clock may be wrong; the rest of the time is not. */
  now = g_date_time_new_now_local ();
  return g_date_time_add_seconds (now, (double) info->remaining_seconds);
}

gboolean
tgw_terminal_update (TgwTerminal *self, const TgpTerminalInfo *info)
{
  gboolean changed = FALSE;

  g_object_freeze_notify (G_OBJECT (self));
  changed |= set_text (self, &self->device_id, info->device_id, PROP_DEVICE_ID);
  changed |= set_text (self, &self->connection_id, info->connection_id, PROP_CONNECTION_ID);
  if (info->connected_at > 0 || info->status == TGP_TERMINAL_ONLINE)
    changed |= set_time (self, &self->connected_at, local_time (info->connected_at), PROP_CONNECTED_AT);
  if (info->last_activity > 0)
    set_time (self, &self->last_activity, local_time (info->last_activity), PROP_LAST_ACTIVITY);
  changed |= set_time (self, &self->grace_deadline, grace_deadline (info), PROP_GRACE_DEADLINE);
  if (info->metadata != NULL)
    changed |= set_text (self, &self->metadata, info->metadata, PROP_METADATA);
  if (self->busy != info->busy)
    {
      self->busy = info->busy;
      changed = TRUE;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BUSY]);
    }
  if (self->status != (TgwTerminalStatus) info->status)
    {
      self->status = (TgwTerminalStatus) info->status;
      changed = TRUE;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATUS]);
    }
  g_object_thaw_notify (G_OBJECT (self));
  return changed;
}

gboolean
tgw_terminal_gone (TgwTerminal *self)
{
  TgpTerminalInfo info = { .device_id = self->device_id,
                           .status = TGP_TERMINAL_OFFLINE,
                           .remaining_seconds = -1 };

  return tgw_terminal_update (self, &info);
}

TgwTerminal *
tgw_terminal_new (const TgpTerminalInfo *info)
{
  TgwTerminal *self = g_object_new (TGW_TYPE_TERMINAL, NULL);

  self->terminal_id = g_strdup (info->terminal_id);
  tgw_terminal_update (self, info);
  return self;
}

/**
 * tgw_terminal_get_terminal_id:
 * @self: a terminal
 *
 * What payments name this terminal by: the device id if there is one.
 *
 * Returns: (transfer none): the terminal id
 * Since: 0.1
 */
const char *
tgw_terminal_get_terminal_id (TgwTerminal *self)
{
  g_return_val_if_fail (TGW_IS_TERMINAL (self), NULL);

  return self->terminal_id;
}

/**
 * tgw_terminal_get_device_id:
 * @self: a terminal
 *
 * The stable name of the terminal.
 *
 * Returns: (transfer none) (nullable): the device id
 * Since: 0.1
 */
const char *
tgw_terminal_get_device_id (TgwTerminal *self)
{
  g_return_val_if_fail (TGW_IS_TERMINAL (self), NULL);

  return self->device_id;
}

/**
 * tgw_terminal_get_connection_id:
 * @self: a terminal
 *
 * The name of its current connection.
 *
 * Returns: (transfer none) (nullable): the connection id
 * Since: 0.1
 */
const char *
tgw_terminal_get_connection_id (TgwTerminal *self)
{
  g_return_val_if_fail (TGW_IS_TERMINAL (self), NULL);

  return self->connection_id;
}

/**
 * tgw_terminal_get_status:
 * @self: a terminal
 *
 * Whether the terminal can be reached.
 *
 * Returns: the status
 * Since: 0.1
 */
TgwTerminalStatus
tgw_terminal_get_status (TgwTerminal *self)
{
  g_return_val_if_fail (TGW_IS_TERMINAL (self), TGW_TERMINAL_STATUS_OFFLINE);

  return self->status;
}

/**
 * tgw_terminal_get_busy:
 * @self: a terminal
 *
 * Whether a payment occupies the terminal.
 *
 * Returns: whether it is busy
 * Since: 0.1
 */
gboolean
tgw_terminal_get_busy (TgwTerminal *self)
{
  g_return_val_if_fail (TGW_IS_TERMINAL (self), FALSE);

  return self->busy;
}

/**
 * tgw_terminal_get_connected_at:
 * @self: a terminal
 *
 * When it connected.
 *
 * Returns: (transfer none) (nullable): a time
 * Since: 0.1
 */
GDateTime *
tgw_terminal_get_connected_at (TgwTerminal *self)
{
  g_return_val_if_fail (TGW_IS_TERMINAL (self), NULL);

  return self->connected_at;
}

/**
 * tgw_terminal_get_last_activity:
 * @self: a terminal
 *
 * When it was last heard of.
 *
 * Returns: (transfer none) (nullable): a time
 * Since: 0.1
 */
GDateTime *
tgw_terminal_get_last_activity (TgwTerminal *self)
{
  g_return_val_if_fail (TGW_IS_TERMINAL (self), NULL);

  return self->last_activity;
}

/**
 * tgw_terminal_get_grace_deadline:
 * @self: a terminal
 *
 * Until when the lost terminal may come back, by this computer's clock.
 *
 * Returns: (transfer none) (nullable): a time
 * Since: 0.1
 */
GDateTime *
tgw_terminal_get_grace_deadline (TgwTerminal *self)
{
  g_return_val_if_fail (TGW_IS_TERMINAL (self), NULL);

  return self->grace_deadline;
}

/**
 * tgw_terminal_get_metadata:
 * @self: a terminal
 *
 * What the terminal says about itself: a JSON object as text.
 *
 * Returns: (transfer none) (nullable): JSON text
 * Since: 0.1
 */
const char *
tgw_terminal_get_metadata (TgwTerminal *self)
{
  g_return_val_if_fail (TGW_IS_TERMINAL (self), NULL);

  return self->metadata;
}
