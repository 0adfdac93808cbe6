/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The endpoints: requests and messages from edge/ become calls of the engine, its answers become bytes again.
 */
#pragma once

#include "edge/connection.h"
#include "gateway/core/engine.h"

G_BEGIN_DECLS

typedef struct _GwApi GwApi;

typedef struct
{
  gboolean require_signed_handshake;
  const char *version;
} GwApiSettings;

/* limits are those of the public listener; the admin socket has the usual ones. */
GwApi *gw_api_new (EdgeReactor *reactor, const EdgeLimits *limits, const GwApiSettings *settings);
/* Ends every connection; the engine may still answer, to nobody. */
void gw_api_close (GwApi *api);
void gw_api_free (GwApi *api);

/* The port that the engine answers through; pass it to gw_engine_new(), then hand the engine over. */
GwLinks gw_api_get_links (GwApi *api);
void gw_api_set_engine (GwApi *api, GwEngine *engine);
/* /readyz says so from here on. */
void gw_api_set_ready (GwApi *api, gboolean ready);

/* Adds members to /admin/status: what only the program knows of its store. */
void gw_api_set_status_extra (GwApi *api, void (*write) (TgpJsonWriter *writer, gpointer data),
                              gpointer data);

EdgeServer *gw_api_get_server (GwApi *api);
EdgeServer *gw_api_get_admin_server (GwApi *api);

G_END_DECLS
