/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The list of terminals, and how it follows the gateway. */
#include "libtgwclient/tgw-client-private.h"

#include "libtgwclient/tgw-terminal-private.h"

static TgwTerminal *
find (TgwClient *self, const char *terminal_id, guint *position)
{
  GListModel *model = G_LIST_MODEL (self->terminals);

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (TgwTerminal) terminal = g_list_model_get_item (model, i);

      if (g_strcmp0 (tgw_terminal_get_terminal_id (terminal), terminal_id) == 0)
        {
          *position = i;
          return terminal; /* the list keeps it */
        }
    }
  return NULL;
}

gboolean
tgw_client_names_device (TgwClient *self, const char *terminal_id)
{
  guint position;
  TgwTerminal *terminal = find (self, terminal_id, &position);

  return terminal != NULL && g_strcmp0 (tgw_terminal_get_device_id (terminal), terminal_id) == 0;
}

static void
tell (TgwClient *self, TgwTerminal *terminal)
{
  g_object_ref (terminal);
  g_signal_emit (self, tgw_client_signal (TGW_SIGNAL_TERMINAL_STATUS_CHANGED), 0, terminal);
  g_object_unref (terminal);
}

void
tgw_client_take_terminal (TgwClient *self, const TgpTerminalInfo *info)
{
  guint position;
  TgwTerminal *terminal;

  if (info->terminal_id == NULL)
    return;
  terminal = find (self, info->terminal_id, &position);
  if (terminal == NULL)
    {
      g_autoptr (TgwTerminal) fresh = tgw_terminal_new (info);

      g_list_store_append (self->terminals, fresh);
      tell (self, fresh);
    }
  else
    {
      /* A terminal without a device id has no other name than its connection: it never comes back under this
       * one. */
      gboolean was_busy = tgw_terminal_get_busy (terminal);
      gboolean changed = tgw_terminal_update (terminal, info);
      gboolean over = info->status == TGP_TERMINAL_OFFLINE && tgw_terminal_get_device_id (terminal) == NULL;

      g_object_ref (terminal);
      if (over)
        g_list_store_remove (self->terminals, position);
      if (changed)
        tell (self, terminal);
      /* Free again, it no longer waits for one that it left open: most often that is how it was settled. */
      if (was_busy && !tgw_terminal_get_busy (terminal))
        tgw_client_ask_closed_payments (self, info->terminal_id);
      g_object_unref (terminal);
    }
}

void
tgw_client_take_terminals (TgwClient *self, GPtrArray *infos)
{
  g_autoptr (GHashTable) listed = g_hash_table_new (g_str_hash, g_str_equal);
  GListModel *model = G_LIST_MODEL (self->terminals);

  for (guint i = 0; i < infos->len; i++)
    {
      const TgpTerminalInfo *info = infos->pdata[i];

      if (info->terminal_id != NULL)
        g_hash_table_add (listed, info->terminal_id);
    }
  for (guint i = g_list_model_get_n_items (model); i-- > 0;)
    {
      g_autoptr (TgwTerminal) terminal = g_list_model_get_item (model, i);

      if (g_hash_table_contains (listed, tgw_terminal_get_terminal_id (terminal)))
        continue;
      g_list_store_remove (self->terminals, i);
      if (tgw_terminal_gone (terminal))
        tell (self, terminal);
    }
  for (guint i = 0; i < infos->len; i++)
    tgw_client_take_terminal (self, infos->pdata[i]);
}
