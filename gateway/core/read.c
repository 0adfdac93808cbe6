/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateway/core/store.h"

GwRead *
gw_read_new (GwReadKind kind, guint64 token)
{
  GwRead *read = g_new0 (GwRead, 1);
  read->kind = kind;
  read->token = token;
  read->status = -1;
  read->limit = 100;
  return read;
}

void
gw_read_free (GwRead *read)
{
  g_free (read->group_id);
  g_free (read->id);
  g_free (read->key_id);
  g_free (read->terminal_id);
  g_clear_pointer (&read->rows, g_ptr_array_unref);
  g_clear_error (&read->error);
  g_free (read);
}
