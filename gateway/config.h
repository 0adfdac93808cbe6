/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the operator sets: a GKeyFile, then --set GROUP.KEY=VALUE, then the command line. */
#pragma once

#include "edge/server.h"
#include "gateway/api/api.h"
#include "gateway/core/engine.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define GW_CONFIG_ERROR (g_quark_from_static_string ("gw-config-error"))

typedef struct
{
  char *host;
  guint16 port;
  char *state_dir;
  gboolean behind_tls_proxy; /* off loopback we listen only then */
  gint64 drain_timeout;      /* ms */
  GLogLevelFlags log_level;
  GwSettings engine;
  EdgeLimits limits;
  GwApiSettings api;
} GwConfig;

/* file nullable; sets: "GROUP.KEY=VALUE", nullable; listen and state_dir override, nullable. NULL and an
 * error that names the group, the key, the value and what would do. */
GwConfig *gw_config_load (const char *file, char **sets, const char *listen, const char *state_dir,
                          GError **error);
void gw_config_free (GwConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwConfig, gw_config_free)
/* Every setting with its value, one a line: what --check-config prints. */
char *gw_config_describe (const GwConfig *config);

G_END_DECLS
