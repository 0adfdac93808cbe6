/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bus of nodes that live in one process: usually one, several in tests. Hints go to all the others, from
 * the main loop. */
#pragma once

#include "gateway/core/bus.h"

G_BEGIN_DECLS

typedef struct _GwLocalBus GwLocalBus;
typedef struct _GwLocalBusNode GwLocalBusNode;
typedef void (*GwHintFunc) (gpointer data, GwHint hint, const char *id);

GwLocalBus *gw_local_bus_new (GMainContext *context);
/* No node may be joined any more. */
void gw_local_bus_free (GwLocalBus *bus);

GwLocalBusNode *gw_local_bus_join (GwLocalBus *bus, GwHintFunc func, gpointer data);
void gw_local_bus_leave (GwLocalBusNode *node);
GwBus gw_local_bus_node_get_bus (GwLocalBusNode *node);

G_END_DECLS
