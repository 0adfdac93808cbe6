/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A hierarchical timer wheel: start and stop in constant time, however many timers run. It has no clock: who
 * turns it says what time it is. */
#pragma once

#include "edge/reactor.h"

G_BEGIN_DECLS

typedef struct _EdgeTimerWheel EdgeTimerWheel;

/* Resolution: a timer fires up to this much late, never early. */
#define EDGE_WHEEL_TICK_MS 8

EdgeTimerWheel *edge_timer_wheel_new (gint64 now_ms);
/* Forgets the timers still on it. */
void edge_timer_wheel_free (EdgeTimerWheel *wheel);

/* Starts or restarts. */
void edge_timer_wheel_start (EdgeTimerWheel *wheel, EdgeTimer *timer, gint64 due_ms);
void edge_timer_wheel_stop (EdgeTimerWheel *wheel, EdgeTimer *timer);

/* Turns to now_ms and fires what is due, at most max timers; the rest stays due. Timers may be started and
 * stopped in fire(), the one that fires and any other. Returns how many fired. */
guint edge_timer_wheel_advance (EdgeTimerWheel *wheel, gint64 now_ms, guint max);

/* When advance() has something to do next, which may be no more than inner work; G_MAXINT64: never. */
gint64 edge_timer_wheel_next (EdgeTimerWheel *wheel);

G_END_DECLS
