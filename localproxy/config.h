/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Settings: the file, then --set, then the options of their own; every error names what is wrong and how to
 * put it right. */
#pragma once

#include "edge/server.h"

G_BEGIN_DECLS

typedef struct
{
  char *gateway; /* its address */
  char *host;    /* loopback, always */
  guint16 port;
  char *state_dir;
  char *key_file; /* nullable: the systemd credential */
  char *ca_file;  /* nullable, as is the next one */
  char *certificate_pin;
  char *socket;          /* Unix socket for native programs; "": none; NULL: in the state folder */
  char *group;           /* whose members may use it, too; nullable */
  char *allowed_origins; /* separated by spaces; nullable: none */
  char *default_client;  /* who gets what nobody started; nullable */
  gboolean allow_plain_text;
  gboolean require_signed_handshake;
  gint64 drain_timeout; /* ms, as is the next one */
  gint64 long_poll_timeout;
  guint heartbeat_ms;
  GLogLevelFlags log_level;
  EdgeLimits limits;
} LpConfig;

#define LP_CONFIG_LEVELS "error, warning, message, info or debug"
#define LP_CONFIG_ERROR  (g_quark_from_static_string ("lp-config-error"))

/* The last four win over the rest; nullable. */
LpConfig *lp_config_load (const char *file, char **sets, const char *gateway, const char *listen,
                          const char *state_dir, const char *key_file, GError **error);
void lp_config_free (LpConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LpConfig, lp_config_free)

/* Every setting as it holds, as name=value lines. None is a secret. */
char *lp_config_describe (const LpConfig *config);
const char *lp_config_level_name (GLogLevelFlags level);
gboolean lp_config_level_of (const char *name, GLogLevelFlags *level);

G_END_DECLS
