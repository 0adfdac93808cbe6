/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateway/bus/local-bus.h"

struct _GwLocalBusNode
{
  GwLocalBus *bus;
  GwHintFunc func;
  gpointer data;
};

struct _GwLocalBus
{
  GMainContext *context;
  GPtrArray *nodes;
};

typedef struct
{
  GwLocalBus *bus;
  GwLocalBusNode *from;
  GwHint hint;
  char *id;
} Delivery;

static void
delivery_free (Delivery *delivery)
{
  g_free (delivery->id);
  g_free (delivery);
}

static gboolean
deliver (gpointer data)
{
  Delivery *delivery = data;

  for (guint i = 0; i < delivery->bus->nodes->len; i++)
    {
      GwLocalBusNode *node = delivery->bus->nodes->pdata[i];
      if (node != delivery->from)
        node->func (node->data, delivery->hint, delivery->id);
    }
  return G_SOURCE_REMOVE;
}

static void
publish (gpointer data, GwHint hint, const char *id)
{
  GwLocalBusNode *node = data;
  Delivery *delivery;

  if (node->bus->nodes->len < 2)
    return; /* nobody to tell */
  delivery = g_new (Delivery, 1);
  *delivery = (Delivery){ .bus = node->bus, .from = node, .hint = hint, .id = g_strdup (id) };
  g_autoptr (GSource) source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, deliver, delivery, (GDestroyNotify) delivery_free);
  g_source_attach (source, node->bus->context);
}

static const GwBusClass klass = { .publish = publish };

GwLocalBus *
gw_local_bus_new (GMainContext *context)
{
  GwLocalBus *bus = g_new0 (GwLocalBus, 1);

  bus->context = context;
  bus->nodes = g_ptr_array_new ();
  return bus;
}

void
gw_local_bus_free (GwLocalBus *bus)
{
  g_ptr_array_unref (bus->nodes);
  g_free (bus);
}

GwLocalBusNode *
gw_local_bus_join (GwLocalBus *bus, GwHintFunc func, gpointer data)
{
  GwLocalBusNode *node = g_new (GwLocalBusNode, 1);

  *node = (GwLocalBusNode){ .bus = bus, .func = func, .data = data };
  g_ptr_array_add (bus->nodes, node);
  return node;
}

void
gw_local_bus_leave (GwLocalBusNode *node)
{
  g_ptr_array_remove (node->bus->nodes, node);
  g_free (node);
}

GwBus
gw_local_bus_node_get_bus (GwLocalBusNode *node)
{
  return (GwBus){ .klass = &klass, .bus = node };
}
