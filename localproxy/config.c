/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "localproxy/config.h"

#include <gio/gio.h>
#include <string.h>

typedef enum
{
  TEXT,
  LISTEN,
  SECONDS, /* a gint64 of ms */
  SECONDS_UINT,
  COUNT,
  BOOLEAN,
  LEVEL
} Kind;

typedef struct
{
  const char *name;
  Kind kind;
  gsize offset;
  gint64 minimum, maximum;
} Setting;

#define AT(member) G_STRUCT_OFFSET (LpConfig, member)

static const Setting settings[] = {
  { "proxy.gateway", TEXT, AT (gateway), 0, 0 },
  { "proxy.listen", LISTEN, AT (host), 0, 0 },
  { "proxy.state-dir", TEXT, AT (state_dir), 0, 0 },
  { "proxy.api-key-file", TEXT, AT (key_file), 0, 0 },
  { "proxy.ca-file", TEXT, AT (ca_file), 0, 0 },
  { "proxy.certificate-pin", TEXT, AT (certificate_pin), 0, 0 },
  { "proxy.allow-plain-text", BOOLEAN, AT (allow_plain_text), 0, 0 },
  { "proxy.socket", TEXT, AT (socket), 0, 0 },
  { "proxy.socket-group", TEXT, AT (group), 0, 0 },
  { "proxy.allowed-origins", TEXT, AT (allowed_origins), 0, 0 },
  { "proxy.default-client", TEXT, AT (default_client), 0, 0 },
  { "proxy.require-signed-handshake", BOOLEAN, AT (require_signed_handshake), 0, 0 },
  { "proxy.drain-timeout", SECONDS, AT (drain_timeout), 0, 3600 },
  { "proxy.long-poll-timeout", SECONDS, AT (long_poll_timeout), 1, 3600 },
  { "proxy.heartbeat-interval", SECONDS_UINT, AT (heartbeat_ms), 1, 3600 },
  { "proxy.log-level", LEVEL, AT (log_level), 0, 0 },
  { "limits.connections", COUNT, AT (limits.max_connections), 1, 100000 },
  { "limits.messages-per-second", COUNT, AT (limits.messages_per_second), 0, 10000000 },
  { "limits.message-burst", COUNT, AT (limits.message_burst), 1, 10000000 },
  { "limits.idle-timeout", SECONDS_UINT, AT (limits.idle_timeout_ms), 1, 86400 },
};

static const struct
{
  const char *name;
  GLogLevelFlags level;
} levels[] = {
  { "error", G_LOG_LEVEL_CRITICAL }, { "warning", G_LOG_LEVEL_WARNING }, { "message", G_LOG_LEVEL_MESSAGE },
  { "info", G_LOG_LEVEL_INFO },      { "debug", G_LOG_LEVEL_DEBUG },
};

static gboolean
refuse (GError **error, const Setting *setting, const char *value, const char *wanted)
{
  g_set_error (error, LP_CONFIG_ERROR, 0, "%s is \"%s\", but must be %s", setting->name, value, wanted);
  return FALSE;
}

static gboolean
set_number (const Setting *setting, gpointer place, const char *value, GError **error)
{
  gboolean seconds = setting->kind != COUNT;
  gint64 number;

  if (!g_ascii_string_to_signed (value, 10, setting->minimum, setting->maximum, &number, NULL))
    {
      g_autofree char *wanted =
        g_strdup_printf ("a whole number%s from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
                         seconds ? " of seconds" : "", setting->minimum, setting->maximum);
      return refuse (error, setting, value, wanted);
    }
  if (setting->kind == SECONDS)
    *(gint64 *) place = number * 1000;
  else
    *(guint *) place = (guint) (seconds ? number * 1000 : number);
  return TRUE;
}

static gboolean
is_loopback (const char *host)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);
  return strcmp (host, "localhost") == 0 || (address && g_inet_address_get_is_loopback (address));
}

static gboolean
set_listen (LpConfig *config, const Setting *setting, const char *value, GError **error)
{
  const char *colon = strrchr (value, ':');
  guint64 port;

  if (!colon || colon == value || !g_ascii_string_to_unsigned (colon + 1, 10, 0, 65535, &port, NULL))
    return refuse (error, setting, value, "HOST:PORT, such as 127.0.0.1:8471 or [::1]:8471");
  g_free (config->host);
  config->host = *value == '[' && colon[-1] == ']' ? g_strndup (value + 1, (gsize) (colon - value - 2))
                                                   : g_strndup (value, (gsize) (colon - value));
  config->port = (guint16) port;
  if (!is_loopback (config->host))
    return refuse (error, setting, value,
                   "a loopback address, such as 127.0.0.1:8471: the proxy serves the programs of this "
                   "computer only");
  return TRUE;
}

static gboolean
set_value (LpConfig *config, const char *name, const char *value, GError **error)
{
  const Setting *setting = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    if (strcmp (settings[i].name, name) == 0)
      setting = &settings[i];
  if (!setting)
    {
      g_set_error (error, LP_CONFIG_ERROR, 0,
                   "%s is no setting; see docs/operating.md for those that there are", name);
      return FALSE;
    }
  gpointer place = G_STRUCT_MEMBER_P (config, setting->offset);
  switch (setting->kind)
    {
    case TEXT:
      g_free (*(char **) place);
      *(char **) place = g_strdup (value);
      return TRUE;
    case LISTEN:
      return set_listen (config, setting, value, error);
    case BOOLEAN:
      if (strcmp (value, "true") != 0 && strcmp (value, "false") != 0)
        return refuse (error, setting, value, "true or false");
      *(gboolean *) place = strcmp (value, "true") == 0;
      return TRUE;
    case LEVEL:
      return lp_config_level_of (value, &config->log_level) ||
             refuse (error, setting, value, LP_CONFIG_LEVELS);
    default:
      return set_number (setting, place, value, error);
    }
}

static gboolean
load_file (LpConfig *config, const char *file, GError **error)
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
set_all (LpConfig *config, char **sets, GError **error)
{
  for (guint i = 0; sets && sets[i]; i++)
    {
      const char *equals = strchr (sets[i], '=');
      if (!equals)
        {
          g_set_error (error, LP_CONFIG_ERROR, 0, "--set %s: must be GROUP.KEY=VALUE", sets[i]);
          return FALSE;
        }
      g_autofree char *name = g_strndup (sets[i], (gsize) (equals - sets[i]));
      if (!set_value (config, name, equals + 1, error))
        {
          g_prefix_error (error, "--set: ");
          return FALSE;
        }
    }
  return TRUE;
}

LpConfig *
lp_config_load (const char *file, char **sets, const char *gateway, const char *listen, const char *state_dir,
                const char *key_file, GError **error)
{
  g_autoptr (LpConfig) config = g_new0 (LpConfig, 1);
  const char *managed = g_getenv ("STATE_DIRECTORY");

  config->host = g_strdup ("127.0.0.1");
  config->port = 8471;
  config->state_dir = managed && *managed ? g_strndup (managed, strcspn (managed, ":"))
                                          : g_build_filename (g_get_user_state_dir (), "tgw-proxy", NULL);
  config->drain_timeout = 10000;
  config->long_poll_timeout = 90000;
  config->heartbeat_ms = 30000;
  config->log_level = G_LOG_LEVEL_MESSAGE;
  edge_limits_default (&config->limits);
  config->limits.max_connections = 256;

  if ((file && !load_file (config, file, error)) || !set_all (config, sets, error) ||
      (gateway && !set_value (config, "proxy.gateway", gateway, error)) ||
      (listen && !set_value (config, "proxy.listen", listen, error)) ||
      (state_dir && !set_value (config, "proxy.state-dir", state_dir, error)) ||
      (key_file && !set_value (config, "proxy.api-key-file", key_file, error)))
    return NULL;
  if (!config->gateway || !*config->gateway)
    {
      g_set_error_literal (error, LP_CONFIG_ERROR, 0,
                           "proxy.gateway is missing: say --gateway https://gateway.example:8470");
      return NULL;
    }
  config->limits.heartbeat_ms = config->heartbeat_ms;
  if (!config->socket)
    config->socket = g_build_filename (config->state_dir, "proxy.sock", NULL);
  return g_steal_pointer (&config);
}

void
lp_config_free (LpConfig *config)
{
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    if (settings[i].kind == TEXT || settings[i].kind == LISTEN)
      g_free (*(char **) G_STRUCT_MEMBER_P (config, settings[i].offset));
  g_free (config);
}

const char *
lp_config_level_name (GLogLevelFlags level)
{
  for (guint i = 0; i < G_N_ELEMENTS (levels); i++)
    if (levels[i].level == level)
      return levels[i].name;
  return "error";
}

gboolean
lp_config_level_of (const char *name, GLogLevelFlags *level)
{
  for (guint i = 0; i < G_N_ELEMENTS (levels); i++)
    if (strcmp (levels[i].name, name) == 0)
      {
        *level = levels[i].level;
        return TRUE;
      }
  return FALSE;
}

char *
lp_config_describe (const LpConfig *config)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    {
      const Setting *setting = &settings[i];
      gconstpointer place = G_STRUCT_MEMBER_P (config, setting->offset);

      g_string_append_printf (text, "%s=", setting->name);
      switch (setting->kind)
        {
        case TEXT:
          g_string_append (text, *(char *const *) place ? *(char *const *) place : "");
          break;
        case LISTEN:
          g_string_append_printf (text, strchr (config->host, ':') ? "[%s]:%u" : "%s:%u", config->host,
                                  config->port);
          break;
        case BOOLEAN:
          g_string_append (text, *(const gboolean *) place ? "true" : "false");
          break;
        case LEVEL:
          g_string_append (text, lp_config_level_name (config->log_level));
          break;
        case SECONDS:
          g_string_append_printf (text, "%" G_GINT64_FORMAT, *(const gint64 *) place / 1000);
          break;
        case SECONDS_UINT:
          g_string_append_printf (text, "%u", *(const guint *) place / 1000);
          break;
        case COUNT:
        default:
          g_string_append_printf (text, "%u", *(const guint *) place);
          break;
        }
      g_string_append_c (text, '\n');
    }
  return g_string_free (text, FALSE);
}
