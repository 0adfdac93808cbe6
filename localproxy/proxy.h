/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The whole proxy: opened, run until it is told to stop, closed. */
#pragma once

#include "localproxy/config.h"

G_BEGIN_DECLS

typedef struct _LpProxy LpProxy;

/* The configuration is borrowed. */
LpProxy *lp_proxy_new (const LpConfig *config, GError **error);
void lp_proxy_free (LpProxy *proxy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LpProxy, lp_proxy_free)

/* Serves until SIGTERM or SIGINT, and gives payments under way a while to end. */
gboolean lp_proxy_run (LpProxy *proxy, GError **error);

G_END_DECLS
