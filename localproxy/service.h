/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What systemd hears and gives: readiness, the watchdog, sockets. All of it does nothing elsewhere. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Such as "READY=1". */
void lp_service_notify (const char *state);
/* From now on the main loop feeds the watchdog, twice in its period. 0: there is none. */
guint lp_service_start_watchdog (void);
/* The listening sockets that came along; (element-type int). The variables are taken out of the environment,
 * so that no child is confused. */
GArray *lp_service_sockets (void);

G_END_DECLS
