/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Local clients, their sessions, and the signatures that were seen. */
#include "localproxy/store-private.h"

#include <string.h>

void
lp_client_row_free (LpClientRow *row)
{
  if (row->secret)
    explicit_bzero (row->secret, strlen (row->secret));
  g_free (row->id);
  g_free (row->api_key);
  g_free (row->secret);
  g_free (row->session_id);
  g_free (row);
}

GPtrArray *
lp_store_load_clients (LpStore *store, GError **error)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) lp_client_row_free);
  sqlite3_stmt *statement = lp_store_bind (store, LP_SQL_LOAD_CLIENTS, "");
  GError *reason = NULL;

  while (lp_store_step (store, statement, &reason))
    {
      LpClientRow *row = g_new0 (LpClientRow, 1);

      row->id = lp_store_text (statement, 0);
      row->kind = sqlite3_column_int (statement, 1);
      if (sqlite3_column_bytes (statement, 2) == sizeof row->token_hash)
        memcpy (row->token_hash, sqlite3_column_blob (statement, 2), sizeof row->token_hash);
      row->api_key = lp_store_text (statement, 3);
      row->secret = lp_store_text (statement, 4);
      row->created_at = sqlite3_column_int64 (statement, 5);
      row->revoked_at = sqlite3_column_int64 (statement, 6);
      row->acks = sqlite3_column_int (statement, 7) != 0;
      row->session_id = lp_store_text (statement, 8);
      g_ptr_array_add (rows, row);
    }
  if (!reason)
    return g_steal_pointer (&rows);
  g_propagate_error (error, reason);
  return NULL;
}

gboolean
lp_store_put_client (LpStore *store, const LpClientRow *row, GError **error)
{
  return lp_store_run (store,
                       lp_store_bind (store, LP_SQL_PUT_CLIENT, "sibssiiis", row->id, (gint64) row->kind,
                                      row->token_hash, row->api_key, row->secret, row->created_at,
                                      row->revoked_at, (gint64) row->acks, row->session_id),
                       error);
}

/* Whether a client signs its handshakes is a text, which a new pair does away with. */
static char *
signs_name (const char *client_id)
{
  return g_strconcat ("signs:", client_id, NULL);
}

gboolean
lp_store_pair (LpStore *store, const LpClientRow *row, gboolean adopt, GError **error)
{
  g_autofree char *signs = signs_name (row->id);

  if (!lp_store_run (store, store->statements[LP_SQL_BEGIN], error))
    return FALSE;
  if (lp_store_put_client (store, row, error) && lp_store_set_text (store, signs, NULL, error) &&
      (!adopt || lp_store_adopt (store, row->id, error)) &&
      lp_store_run (store, store->statements[LP_SQL_COMMIT], error))
    return TRUE;
  lp_store_run (store, store->statements[LP_SQL_ROLLBACK], NULL);
  return FALSE;
}

gboolean
lp_store_set_signs (LpStore *store, const char *client_id, GError **error)
{
  g_autofree char *name = signs_name (client_id);
  return lp_store_set_text (store, name, "yes", error);
}

gboolean
lp_store_get_signs (LpStore *store, const char *client_id)
{
  g_autofree char *name = signs_name (client_id), *value = lp_store_get_text (store, name);
  return value != NULL;
}

gboolean
lp_store_put_displaced (LpStore *store, const char *client_id, const char *session_id, gint64 expires,
                        GError **error)
{
  return lp_store_run (
    store, lp_store_bind (store, LP_SQL_PUT_DISPLACED, "ssi", client_id, session_id, expires), error);
}

gboolean
lp_store_is_displaced (LpStore *store, const char *client_id, const char *session_id, gint64 now)
{
  sqlite3_stmt *statement = lp_store_bind (store, LP_SQL_IS_DISPLACED, "ssi", client_id, session_id, now);
  gboolean found = lp_store_step (store, statement, NULL);

  lp_store_end (statement);
  return found;
}

gboolean
lp_store_see_signature (LpStore *store, guint64 fingerprint, gint64 expires, gboolean *fresh, GError **error)
{
  sqlite3_stmt *statement = lp_store_bind (store, LP_SQL_SEE_SIGNATURE, "ii", (gint64) fingerprint, expires);
  gboolean done = lp_store_run (store, statement, error);

  *fresh = done && sqlite3_changes (store->db) > 0;
  return done;
}

guint
lp_store_count_expired (LpStore *store, const char *client_id, gint64 *last)
{
  sqlite3_stmt *statement = lp_store_bind (store, LP_SQL_FIND_EXPIRED, "s", client_id);
  gboolean found = lp_store_step (store, statement, NULL);
  guint count = found ? (guint) sqlite3_column_int64 (statement, 0) : 0;

  *last = found ? sqlite3_column_int64 (statement, 1) : 0;
  lp_store_end (statement);
  return count;
}

char *
lp_store_get_text (LpStore *store, const char *name)
{
  sqlite3_stmt *statement = lp_store_bind (store, LP_SQL_GET_TEXT, "s", name);
  char *value = lp_store_step (store, statement, NULL) ? lp_store_text (statement, 0) : NULL;

  lp_store_end (statement);
  return value;
}

gboolean
lp_store_set_text (LpStore *store, const char *name, const char *value, GError **error)
{
  return lp_store_run (store, lp_store_bind (store, LP_SQL_SET_TEXT, "ss", name, value), error);
}
