/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys, the devices and sessions that speak with them, and what hangs on them. */
#include "gateway/store/sqlite-private.h"

GwKey *
gw_sqlite_get_key (GwTables *tables, const char *key_id)
{
  GwSqliteTables *self = (GwSqliteTables *) tables;
  GwKey *row = NULL;

  if (gw_sqlite_is_broken (self))
    return NULL;
  GwSqliteCall call = gw_sqlite_call (self, GW_SQL_KEY);
  gw_sqlite_bind_text (&call, key_id);
  if (gw_sqlite_step (&call))
    row = gw_sqlite_key (&call);
  gw_sqlite_end (&call);
  return row;
}

void
gw_sqlite_put_key (GwTables *tables, GwKey *key)
{
  GwSqliteTables *self = (GwSqliteTables *) tables;

  if (gw_sqlite_is_broken (self))
    return;
  GwSqliteCall call = gw_sqlite_call (self, GW_SQL_PUT_KEY);
  gw_sqlite_bind_text (&call, key->key_id);
  gw_sqlite_bind_text (&call, key->api_key);
  gw_sqlite_bind_text (&call, key->secret);
  gw_sqlite_bind_text (&call, key->group_id);
  gw_sqlite_bind_int (&call, key->role);
  gw_sqlite_bind_int (&call, key->created_at);
  gw_sqlite_bind_int (&call, key->revoked_at);
  gw_sqlite_bind_text (&call, key->successor);
  gw_sqlite_run (&call);
}

void
gw_sqlite_move_key (GwTables *tables, const char *from_key_id, const char *to_key_id)
{
  static const GwSqliteStatement moves[] = { GW_SQL_MOVE_MESSAGES, GW_SQL_MOVE_HELD, GW_SQL_MOVE_REVERSING,
                                             GW_SQL_MOVE_DEVICES };
  GwSqliteTables *self = (GwSqliteTables *) tables;

  for (guint i = 0; i < G_N_ELEMENTS (moves) && !gw_sqlite_is_broken (self); i++)
    {
      GwSqliteCall call = gw_sqlite_call (self, moves[i]);

      gw_sqlite_bind_text (&call, from_key_id);
      gw_sqlite_bind_text (&call, to_key_id);
      gw_sqlite_run (&call);
    }
}

static guint
count (GwSqliteTables *self, GwSqliteStatement statement, const char *key_id)
{
  guint n = 0;

  if (gw_sqlite_is_broken (self))
    return 0;
  GwSqliteCall call = gw_sqlite_call (self, statement);
  gw_sqlite_bind_text (&call, key_id);
  if (gw_sqlite_step (&call))
    n = gw_sqlite_int (&call);
  gw_sqlite_end (&call);
  return n;
}

void
gw_sqlite_count_key (GwTables *tables, const char *key_id, guint *open, guint *reversing, guint *unread)
{
  GwSqliteTables *self = (GwSqliteTables *) tables;

  *open = count (self, GW_SQL_COUNT_OPEN, key_id);
  *reversing = count (self, GW_SQL_COUNT_REVERSING, key_id);
  *unread = count (self, GW_SQL_COUNT_WAITING, key_id);
}

static void
list_ids (GwSqliteTables *self, GwSqliteStatement statement, const char *key_id, guint limit, GPtrArray *ids)
{
  if (gw_sqlite_is_broken (self))
    return;
  GwSqliteCall call = gw_sqlite_call (self, statement);
  gw_sqlite_bind_text (&call, key_id);
  gw_sqlite_bind_int (&call, limit);
  while (gw_sqlite_step (&call))
    {
      char *id = gw_sqlite_text (&call);
      g_ptr_array_add (ids, g_strdup (id));
      g_ref_string_release (id);
    }
  gw_sqlite_end (&call);
}

void
gw_sqlite_list_key (GwTables *tables, const char *key_id, guint limit, GPtrArray *open, GPtrArray *reversing,
                    GPtrArray *unread)
{
  GwSqliteTables *self = (GwSqliteTables *) tables;

  list_ids (self, GW_SQL_LIST_OPEN, key_id, limit, open);
  list_ids (self, GW_SQL_LIST_REVERSING, key_id, limit, reversing);
  list_ids (self, GW_SQL_LIST_WAITING, key_id, limit, unread);
}

GwDevice *
gw_sqlite_get_device (GwTables *tables, const char *group_id, const char *slot)
{
  GwSqliteTables *self = (GwSqliteTables *) tables;
  GwDevice *row = NULL;

  if (gw_sqlite_is_broken (self))
    return NULL;
  GwSqliteCall call = gw_sqlite_call (self, GW_SQL_DEVICE);
  gw_sqlite_bind_text (&call, group_id);
  gw_sqlite_bind_text (&call, slot);
  if (gw_sqlite_step (&call))
    row = gw_sqlite_device (&call);
  gw_sqlite_end (&call);
  return row;
}

void
gw_sqlite_put_device (GwTables *tables, GwDevice *device)
{
  GwSqliteTables *self = (GwSqliteTables *) tables;

  if (gw_sqlite_is_broken (self))
    return;
  GwSqliteCall call = gw_sqlite_call (self, GW_SQL_PUT_DEVICE);
  gw_sqlite_bind_text (&call, device->group_id);
  gw_sqlite_bind_text (&call, device->slot);
  gw_sqlite_bind_text (&call, device->device_id);
  gw_sqlite_bind_text (&call, device->key_id);
  gw_sqlite_bind_int (&call, device->epoch);
  gw_sqlite_bind_int (&call, device->attached != FALSE);
  gw_sqlite_bind_text (&call, device->connection_id);
  gw_sqlite_bind_text (&call, device->journal_id);
  gw_sqlite_bind_text (&call, device->metadata);
  gw_sqlite_bind_int (&call, device->capabilities);
  gw_sqlite_bind_int (&call, device->connected_at);
  gw_sqlite_bind_int (&call, device->last_seen);
  gw_sqlite_run (&call);
}

void
gw_sqlite_delete_device (GwTables *tables, const char *group_id, const char *slot)
{
  GwSqliteTables *self = (GwSqliteTables *) tables;

  if (gw_sqlite_is_broken (self))
    return;
  GwSqliteCall call = gw_sqlite_call (self, GW_SQL_DELETE_DEVICE);
  gw_sqlite_bind_text (&call, group_id);
  gw_sqlite_bind_text (&call, slot);
  gw_sqlite_run (&call);
}

GwSession *
gw_sqlite_get_session (GwTables *tables, const char *key_id)
{
  GwSqliteTables *self = (GwSqliteTables *) tables;
  GwSession *row = NULL;

  if (gw_sqlite_is_broken (self))
    return NULL;
  GwSqliteCall call = gw_sqlite_call (self, GW_SQL_SESSION);
  gw_sqlite_bind_text (&call, key_id);
  if (gw_sqlite_step (&call))
    row = gw_sqlite_session (&call);
  gw_sqlite_end (&call);
  return row;
}

void
gw_sqlite_put_session (GwTables *tables, GwSession *session)
{
  GwSqliteTables *self = (GwSqliteTables *) tables;

  if (gw_sqlite_is_broken (self))
    return;
  GwSqliteCall call = gw_sqlite_call (self, GW_SQL_PUT_SESSION);
  gw_sqlite_bind_text (&call, session->key_id);
  gw_sqlite_bind_int (&call, session->epoch);
  gw_sqlite_bind_text (&call, session->connection_id);
  gw_sqlite_bind_text (&call, session->session_id);
  gw_sqlite_bind_text (&call, session->address);
  gw_sqlite_bind_text (&call, session->user_agent);
  gw_sqlite_bind_int (&call, session->since);
  gw_sqlite_bind_int (&call, session->acks != FALSE);
  gw_sqlite_run (&call);
}

void
gw_sqlite_put_displaced (GwTables *tables, const char *key_id, const char *session_id, gint64 expires_at)
{
  GwSqliteTables *self = (GwSqliteTables *) tables;

  if (gw_sqlite_is_broken (self))
    return;
  GwSqliteCall call = gw_sqlite_call (self, GW_SQL_PUT_DISPLACED);
  gw_sqlite_bind_text (&call, key_id);
  gw_sqlite_bind_text (&call, session_id);
  gw_sqlite_bind_int (&call, expires_at);
  gw_sqlite_run (&call);
}

gboolean
gw_sqlite_is_displaced (GwTables *tables, const char *key_id, const char *session_id, gint64 now)
{
  GwSqliteTables *self = (GwSqliteTables *) tables;
  gboolean displaced;

  if (gw_sqlite_is_broken (self))
    return FALSE;
  GwSqliteCall call = gw_sqlite_call (self, GW_SQL_DISPLACED);
  gw_sqlite_bind_text (&call, key_id);
  gw_sqlite_bind_text (&call, session_id);
  gw_sqlite_bind_int (&call, now);
  displaced = gw_sqlite_step (&call);
  gw_sqlite_end (&call);
  return displaced;
}
