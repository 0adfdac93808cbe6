/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bus port: hints between nodes ("look at key K"), never the only copy of anything. A lost hint costs
 * time, not data. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  GW_HINT_MAILBOX, /* id: a key; there is something new for it */
  GW_HINT_SESSION, /* id: a key; another connection became its active one */
  GW_HINT_GROUP    /* id: a group; a terminal of it changed */
} GwHint;

typedef struct
{
  void (*publish) (gpointer bus, GwHint hint, const char *id);
} GwBusClass;

typedef struct
{
  const GwBusClass *klass;
  gpointer bus;
} GwBus;

G_END_DECLS
