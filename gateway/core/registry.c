/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The registry of terminals: who is here, who may come back, who is busy; and what POS are told of it. */
#include "gateway/core/engine-private.h"

#include <string.h>

GwGroup *
gw_registry_group (GwEngine *engine, const char *group_id)
{
  GwGroup *group = g_hash_table_lookup (engine->groups, group_id);

  if (!group)
    {
      group = g_new0 (GwGroup, 1);
      group->group_id = g_ref_string_new (group_id);
      group->pos = g_ptr_array_new ();
      group->terminals = g_hash_table_new_full (
        g_str_hash, g_str_equal, (GDestroyNotify) g_ref_string_release, (GDestroyNotify) gw_terminal_free);
      g_hash_table_insert (engine->groups, group->group_id, group);
    }
  return group;
}

GwTerminal *
gw_registry_find (GwEngine *engine, const char *group_id, const char *slot)
{
  GwGroup *group = g_hash_table_lookup (engine->groups, group_id);
  return group ? g_hash_table_lookup (group->terminals, slot) : NULL;
}

void
gw_terminal_free (GwTerminal *terminal)
{
  gw_device_unref (terminal->device);
  g_clear_pointer (&terminal->holder, g_ref_string_release);
  g_free (terminal->reconnect);
  g_free (terminal);
}

GwTerminal *
gw_registry_update (GwEngine *engine, GwDevice *device)
{
  GwTerminal *terminal = gw_registry_find (engine, device->group_id, device->slot);

  if (!terminal)
    {
      terminal = g_new0 (GwTerminal, 1);
      terminal->group = gw_registry_group (engine, device->group_id);
      terminal->status = TGP_TERMINAL_OFFLINE;
      terminal->last_activity = device->last_seen;
      engine->n_terminals++;
      g_hash_table_insert (terminal->group->terminals, g_ref_string_acquire (device->slot), terminal);
    }
  else
    gw_device_unref (terminal->device);
  terminal->device = gw_device_ref (device);
  return terminal;
}

static void
stop_reconnect (GwEngine *engine, GwTerminal *terminal)
{
  if (terminal->reconnect)
    gw_disarm (engine, &terminal->reconnect->deadline);
  g_clear_pointer (&terminal->reconnect, g_free);
}

void
gw_registry_forget (GwEngine *engine, GwTerminal *terminal)
{
  GHashTableIter iter;
  gpointer payment;

  g_hash_table_iter_init (&iter, engine->payments);
  while (g_hash_table_iter_next (&iter, NULL, &payment))
    if (((GwPayment *) payment)->terminal == terminal)
      ((GwPayment *) payment)->terminal = NULL;
  stop_reconnect (engine, terminal);
  g_ptr_array_remove_fast (engine->dirty, terminal);
  engine->n_terminals--;
  g_hash_table_remove (terminal->group->terminals, terminal->device->slot);
}

void
gw_registry_sweep (GwEngine *engine, gint64 devices_before)
{
  GHashTableIter groups;
  gpointer group;

  g_hash_table_iter_init (&groups, engine->groups);
  while (g_hash_table_iter_next (&groups, NULL, &group))
    {
      g_autoptr (GList) terminals = g_hash_table_get_values (((GwGroup *) group)->terminals);
      for (GList *l = terminals; l; l = l->next)
        {
          GwTerminal *terminal = l->data;
          if (!terminal->link && !terminal->holder && terminal->device->last_seen < devices_before)
            gw_registry_forget (engine, terminal);
        }
    }
}

GwTerminal *
gw_registry_resolve (GwEngine *engine, const char *group_id, const char *terminal_id, TgpErrorCode *code)
{
  GwTerminal *terminal = terminal_id[0] == '@' ? NULL : gw_registry_find (engine, group_id, terminal_id);

  if (terminal)
    return terminal;
  terminal = g_hash_table_lookup (engine->connections, terminal_id);
  if (terminal && strcmp (terminal->group->group_id, group_id) == 0)
    return terminal;
  *code = terminal ? TGP_ERROR_GROUP_MISMATCH : TGP_ERROR_TERMINAL_NOT_FOUND;
  return NULL;
}

static void
mark_dirty (GwEngine *engine, GwTerminal *terminal)
{
  if (terminal->dirty || terminal->group->pos->len == 0)
    return;
  terminal->dirty = TRUE;
  g_ptr_array_add (engine->dirty, terminal);
}

void
gw_registry_set_link (GwEngine *engine, GwTerminal *terminal, GwLink *link)
{
  if (terminal->link)
    g_hash_table_remove (engine->connections, terminal->link->connection_id);
  terminal->link = link;
  if (link)
    g_hash_table_insert (engine->connections, g_ref_string_acquire (link->connection_id), terminal);
}

void
gw_registry_set_status (GwEngine *engine, GwTerminal *terminal, TgpTerminalStatus status,
                        gint64 grace_expires_at, gint64 grace_ms)
{
  if (status == TGP_TERMINAL_ONLINE)
    terminal->last_activity = gw_now (engine);
  terminal->status = status;
  stop_reconnect (engine, terminal);
  if (status == TGP_TERMINAL_RECONNECTING)
    {
      terminal->reconnect = g_new0 (GwReconnect, 1);
      terminal->reconnect->grace_expires_at = grace_expires_at;
      gw_arm (engine, &terminal->reconnect->deadline, GW_DEADLINE_RECONNECT, terminal, grace_ms);
    }
  mark_dirty (engine, terminal);
}

void
gw_registry_note_row (GwEngine *engine, const GwTransaction *row)
{
  GwTerminal *terminal = gw_registry_find (engine, row->group_id, row->slot);
  gboolean holds = gw_transaction_has (row, GW_HOLDS_TERMINAL);

  if (!terminal)
    return;
  gboolean held = terminal->holder && strcmp (terminal->holder, row->transaction_id) == 0;
  if (holds == held)
    return;
  if (!holds)
    g_clear_pointer (&terminal->holder, g_ref_string_release);
  else
    gw_set_text (&terminal->holder, row->transaction_id);
  mark_dirty (engine, terminal);
}

void
gw_registry_view (const GwTerminal *terminal, TgpTerminalView *view)
{
  *view = (TgpTerminalView){
    .connection_id = terminal->link ? terminal->link->connection_id : NULL,
    .device_id = terminal->device->device_id,
    .group_id = terminal->group->group_id,
    .status = terminal->status,
    .busy = terminal->holder != NULL,
    .connected_at = terminal->device->connected_at,
    .last_activity = terminal->last_activity,
    .grace_expires_at = gw_registry_grace (terminal),
    .metadata = terminal->device->metadata,
  };
  /* Without a deviceId the last connection is the only name it has. */
  if (!view->connection_id && !view->device_id)
    view->connection_id = terminal->device->connection_id;
}

gint64
gw_registry_grace (const GwTerminal *terminal)
{
  return terminal->reconnect ? terminal->reconnect->grace_expires_at : 0;
}

gboolean
gw_registry_is_listed (const GwTerminal *terminal)
{
  return terminal->device->device_id || terminal->link;
}

void
gw_registry_flush (GwEngine *engine)
{
  for (guint i = 0; i < engine->dirty->len; i++)
    {
      GwTerminal *terminal = engine->dirty->pdata[i];
      TgpTerminalView view;

      terminal->dirty = FALSE;
      gw_registry_view (terminal, &view);
      g_autofree char *text = tgp_encode_terminal_status_update (&view, gw_now (engine));
      for (guint p = 0; p < terminal->group->pos->len; p++)
        {
          GwLink *link = ((GwPos *) terminal->group->pos->pdata[p])->link;
          if (link->ready)
            engine->links_port.klass->send (engine->links_port.links, link->id, text);
        }
    }
  g_ptr_array_set_size (engine->dirty, 0);
}

void
gw_engine_foreach_terminal (GwEngine *engine, const char *group_id,
                            void (*func) (const TgpTerminalView *view, const char *key_id, gpointer data),
                            gpointer data)
{
  GHashTableIter groups, terminals;
  gpointer group, value;

  g_hash_table_iter_init (&groups, engine->groups);
  while (g_hash_table_iter_next (&groups, NULL, &group))
    {
      if (group_id && strcmp (group_id, ((GwGroup *) group)->group_id) != 0)
        continue;
      g_hash_table_iter_init (&terminals, ((GwGroup *) group)->terminals);
      while (g_hash_table_iter_next (&terminals, NULL, &value))
        {
          GwTerminal *terminal = value;
          TgpTerminalView view;
          if (!gw_registry_is_listed (terminal))
            continue;
          gw_registry_view (terminal, &view);
          func (&view, terminal->device->key_id, data);
        }
    }
}
