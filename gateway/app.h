/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program: wires the concrete store, bus and sockets to the engine, and runs it until it is told to end.
 */
#pragma once

#include "gateway/config.h"

G_BEGIN_DECLS

typedef struct _GwApp GwApp;

/* Locks the state folder, opens the store. The config must outlive the app. */
GwApp *gw_app_new (const GwConfig *config, GError **error);
void gw_app_free (GwApp *app);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwApp, gw_app_free)

/* Serves until gw_app_drain() has run its course. FALSE if it could not begin. */
gboolean gw_app_run (GwApp *app, GError **error);
/* New payments are refused; the open ones get the drain time-out. */
void gw_app_drain (GwApp *app);

G_END_DECLS
