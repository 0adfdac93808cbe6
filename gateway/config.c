/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateway/config.h"

#include <string.h>

typedef enum
{
  SECONDS, /* stored in ms */
  DAYS,
  COUNT,
  BYTES,
  SECONDS_UINT, /* stored in a guint of ms */
  BOOLEAN,
  TEXT,
  LEVEL
} Kind;

typedef struct
{
  const char *name; /* GROUP.KEY */
  Kind kind;
  gsize offset;
  gint64 minimum, maximum;
} Setting;

#define AT(member) G_STRUCT_OFFSET (GwConfig, member)

static const Setting settings[] = {
  { "gateway.listen", TEXT, AT (host), 0, 0 },
  { "gateway.state-dir", TEXT, AT (state_dir), 0, 0 },
  { "gateway.grace-period", SECONDS, AT (engine.grace_period), 1, 3600 },
  { "gateway.payment-timeout", SECONDS, AT (engine.payment_timeout), 1, 3600 },
  { "gateway.payment-limit", SECONDS, AT (engine.payment_limit), 1, 86400 },
  { "gateway.cancel-timeout", SECONDS, AT (engine.cancel_timeout), 1, 3600 },
  { "gateway.long-poll-timeout", SECONDS, AT (engine.long_poll_timeout), 1, 3600 },
  { "gateway.drain-timeout", SECONDS, AT (drain_timeout), 0, 3600 },
  { "gateway.heartbeat-interval", SECONDS, AT (engine.heartbeat_interval), 1, 3600 },
  { "gateway.accept-timeout", SECONDS, AT (engine.accept_timeout), 1, 3600 },
  { "gateway.probe-timeout", SECONDS, AT (engine.probe_timeout), 1, 3600 },
  { "gateway.void-interval", SECONDS, AT (engine.void_interval), 1, 3600 },
  { "gateway.shared-terminal-keys", BOOLEAN, AT (engine.shared_terminal_keys), 0, 0 },
  { "gateway.behind-tls-proxy", BOOLEAN, AT (behind_tls_proxy), 0, 0 },
  { "gateway.require-signed-handshake", BOOLEAN, AT (api.require_signed_handshake), 0, 0 },
  { "gateway.log-level", LEVEL, AT (log_level), 0, 0 },
  { "limits.connections", COUNT, AT (limits.max_connections), 0, 1000000 },
  { "limits.connections-per-address", COUNT, AT (limits.max_connections_per_address), 0, 1000000 },
  { "limits.header-timeout", SECONDS_UINT, AT (limits.header_timeout_ms), 1, 3600 },
  { "limits.body-timeout", SECONDS_UINT, AT (limits.body_timeout_ms), 1, 3600 },
  { "limits.idle-timeout", SECONDS_UINT, AT (limits.idle_timeout_ms), 1, 86400 },
  { "limits.write-timeout", SECONDS_UINT, AT (limits.write_timeout_ms), 1, 3600 },
  { "limits.header-bytes", BYTES, AT (limits.max_header_bytes), 1024, 1048576 },
  { "limits.body-bytes", BYTES, AT (limits.max_body_bytes), 1024, 16777216 },
  { "limits.message-bytes", BYTES, AT (limits.max_message_bytes), 1024, 16777216 },
  { "limits.output-bytes", BYTES, AT (limits.max_output_bytes), 65536, 1073741824 },
  { "limits.messages-per-second", COUNT, AT (limits.messages_per_second), 0, 10000000 },
  { "limits.message-burst", COUNT, AT (limits.message_burst), 1, 10000000 },
  { "limits.proxy-protocol", BOOLEAN, AT (limits.proxy_protocol), 0, 0 },
  { "retention.messages", DAYS, AT (engine.message_retention), 1, 36500 },
  { "retention.transactions", DAYS, AT (engine.transaction_retention), 1, 36500 },
  { "retention.devices", DAYS, AT (engine.device_retention), 1, 36500 },
};

static const struct
{
  const char *name;
  GLogLevelFlags level;
} levels[] = {
  { "error", G_LOG_LEVEL_CRITICAL }, { "warning", G_LOG_LEVEL_WARNING }, { "message", G_LOG_LEVEL_MESSAGE },
  { "info", G_LOG_LEVEL_INFO },      { "debug", G_LOG_LEVEL_DEBUG },
};

static gint64
factor_of (Kind kind)
{
  return kind == SECONDS || kind == SECONDS_UINT ? 1000 : kind == DAYS ? 86400000 : 1;
}

static gboolean
refuse (GError **error, const Setting *setting, const char *value, const char *wanted)
{
  g_set_error (error, GW_CONFIG_ERROR, 0, "%s is \"%s\", but must be %s", setting->name, value, wanted);
  return FALSE;
}

static gboolean
set_number (GwConfig *config, const Setting *setting, const char *value, GError **error)
{
  gpointer place = G_STRUCT_MEMBER_P (config, setting->offset);
  gint64 number;

  if (!g_ascii_string_to_signed (value, 10, setting->minimum, setting->maximum, &number, NULL))
    {
      g_autofree char *wanted =
        g_strdup_printf ("a whole number%s from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
                         factor_of (setting->kind) == 1000 ? " of seconds"
                         : setting->kind == DAYS           ? " of days"
                                                           : "",
                         setting->minimum, setting->maximum);
      return refuse (error, setting, value, wanted);
    }
  number *= factor_of (setting->kind);
  if (setting->kind == SECONDS || setting->kind == DAYS)
    *(gint64 *) place = number;
  else if (setting->kind == BYTES)
    *(gsize *) place = (gsize) number;
  else
    *(guint *) place = (guint) number;
  return TRUE;
}

static gboolean
set_listen (GwConfig *config, const char *value, GError **error)
{
  const char *colon = strrchr (value, ':');
  guint64 port;

  if (!colon || colon == value || !g_ascii_string_to_unsigned (colon + 1, 10, 0, 65535, &port, NULL))
    {
      g_set_error (error, GW_CONFIG_ERROR, 0,
                   "gateway.listen is \"%s\", but must be HOST:PORT, such as 127.0.0.1:8470 or [::1]:8470",
                   value);
      return FALSE;
    }
  g_free (config->host);
  config->host = *value == '[' && colon[-1] == ']' ? g_strndup (value + 1, (gsize) (colon - value - 2))
                                                   : g_strndup (value, (gsize) (colon - value));
  config->port = (guint16) port;
  return TRUE;
}

static gboolean
set_value (GwConfig *config, const char *name, const char *value, GError **error)
{
  const Setting *setting = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    if (strcmp (settings[i].name, name) == 0)
      setting = &settings[i];
  if (!setting)
    {
      g_set_error (error, GW_CONFIG_ERROR, 0,
                   "%s is no setting; see docs/operating.md for those that there are", name);
      return FALSE;
    }
  gpointer place = G_STRUCT_MEMBER_P (config, setting->offset);
  switch (setting->kind)
    {
    case TEXT:
      if (setting->offset == AT (host))
        return set_listen (config, value, error);
      g_free (*(char **) place);
      *(char **) place = g_strdup (value);
      return TRUE;
    case BOOLEAN:
      if (strcmp (value, "true") != 0 && strcmp (value, "false") != 0)
        return refuse (error, setting, value, "true or false");
      *(gboolean *) place = strcmp (value, "true") == 0;
      return TRUE;
    case LEVEL:
      for (guint i = 0; i < G_N_ELEMENTS (levels); i++)
        if (strcmp (levels[i].name, value) == 0)
          {
            *(GLogLevelFlags *) place = levels[i].level;
            return TRUE;
          }
      return refuse (error, setting, value, "error, warning, message, info or debug");
    default:
      return set_number (config, setting, value, error);
    }
}

static gboolean
load_file (GwConfig *config, const char *file, GError **error)
{
  g_autoptr (GKeyFile) key_file = g_key_file_new ();
  g_auto (GStrv) groups = NULL;

  if (!g_key_file_load_from_file (key_file, file, G_KEY_FILE_NONE, error))
    {
      g_prefix_error (error, "%s: ", file);
      return FALSE;
    }
  groups = g_key_file_get_groups (key_file, NULL);
  for (guint g = 0; groups[g]; g++)
    {
      g_auto (GStrv) keys = g_key_file_get_keys (key_file, groups[g], NULL, NULL);
      for (guint k = 0; keys && keys[k]; k++)
        {
          g_autofree char *name = g_strconcat (groups[g], ".", keys[k], NULL);
          g_autofree char *value = g_key_file_get_string (key_file, groups[g], keys[k], error);
          if (!value || !set_value (config, name, value, error))
            {
              g_prefix_error (error, "%s: ", file);
              return FALSE;
            }
        }
    }
  return TRUE;
}

static gboolean
is_loopback (const char *host)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);
  return strcmp (host, "localhost") == 0 || (address && g_inet_address_get_is_loopback (address));
}

static gboolean
check_whole (const GwConfig *config, GError **error)
{
  if (!is_loopback (config->host) && !config->behind_tls_proxy)
    {
      g_set_error (error, GW_CONFIG_ERROR, 0,
                   "gateway.listen is \"%s:%u\", which is not loopback: the gateway speaks no TLS itself. "
                   "Listen on 127.0.0.1 "
                   "behind a TLS proxy, or say gateway.behind-tls-proxy=true if one is in front",
                   config->host, config->port);
      return FALSE;
    }
  if (config->engine.payment_limit < config->engine.payment_timeout)
    {
      g_set_error (error, GW_CONFIG_ERROR, 0,
                   "gateway.payment-limit is %" G_GINT64_FORMAT
                   ", but must not be less than gateway.payment-timeout, %" G_GINT64_FORMAT,
                   config->engine.payment_limit / 1000, config->engine.payment_timeout / 1000);
      return FALSE;
    }
  return TRUE;
}

GwConfig *
gw_config_load (const char *file, char **sets, const char *listen, const char *state_dir, GError **error)
{
  g_autoptr (GwConfig) config = g_new0 (GwConfig, 1);
  const char *managed = g_getenv ("STATE_DIRECTORY");

  config->host = g_strdup ("127.0.0.1");
  config->port = 8470;
  config->state_dir =
    managed ? g_strdup (managed) : g_build_filename (g_get_user_state_dir (), "terminal-gateway", NULL);
  config->drain_timeout = 10000;
  config->log_level = G_LOG_LEVEL_MESSAGE;
  gw_settings_default (&config->engine);
  edge_limits_default (&config->limits);

  if (file && !load_file (config, file, error))
    return NULL;
  for (guint i = 0; sets && sets[i]; i++)
    {
      const char *equals = strchr (sets[i], '=');
      if (!equals)
        {
          g_set_error (error, GW_CONFIG_ERROR, 0, "--set %s: must be GROUP.KEY=VALUE", sets[i]);
          return NULL;
        }
      g_autofree char *name = g_strndup (sets[i], (gsize) (equals - sets[i]));
      if (!set_value (config, name, equals + 1, error))
        {
          g_prefix_error (error, "--set: ");
          return NULL;
        }
    }
  if ((listen && !set_value (config, "gateway.listen", listen, error)) ||
      (state_dir && !set_value (config, "gateway.state-dir", state_dir, error)) ||
      !check_whole (config, error))
    return NULL;
  config->limits.heartbeat_ms = (guint) config->engine.heartbeat_interval;
  config->limits.stale_heartbeats = 3;
  return g_steal_pointer (&config);
}

void
gw_config_free (GwConfig *config)
{
  g_free (config->host);
  g_free (config->state_dir);
  g_free (config);
}

char *
gw_config_describe (const GwConfig *config)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    {
      const Setting *setting = &settings[i];
      gconstpointer place = G_STRUCT_MEMBER_P (config, setting->offset);
      gint64 number = 0;

      g_string_append_printf (text, "%s=", setting->name);
      switch (setting->kind)
        {
        case TEXT:
          if (setting->offset == AT (host))
            g_string_append_printf (text, strchr (config->host, ':') ? "[%s]:%u" : "%s:%u", config->host,
                                    config->port);
          else
            g_string_append (text, *(char *const *) place);
          break;
        case BOOLEAN:
          g_string_append (text, *(const gboolean *) place ? "true" : "false");
          break;
        case LEVEL:
          for (guint l = 0; l < G_N_ELEMENTS (levels); l++)
            if (levels[l].level == config->log_level)
              g_string_append (text, levels[l].name);
          break;
        case SECONDS:
        case DAYS:
          number = *(const gint64 *) place;
          break;
        case BYTES:
          number = (gint64) (*(const gsize *) place);
          break;
        default:
          number = *(const guint *) place;
          break;
        }
      if (setting->kind < BOOLEAN)
        g_string_append_printf (text, "%" G_GINT64_FORMAT, number / factor_of (setting->kind));
      g_string_append_c (text, '\n');
    }
  return g_string_free (text, FALSE);
}
