/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateway/store/adapter.h"

GwAuditEntry *
gw_unread_audit_new (const GwMessage *message, gint64 now)
{
  GwAuditEntry *entry = gw_audit_entry_new ();

  entry->at = now;
  gw_set_text (&entry->actor, "gateway");
  gw_set_text (&entry->what, "message expired unread");
  gw_set_text (&entry->group_id, message->group_id);
  gw_set_text (&entry->key_id, message->key_id);
  gw_set_text (&entry->transaction_id, message->transaction_id);
  gw_set_text (&entry->detail, message->action);
  return entry;
}

guint
gw_read_limit (const GwRead *read)
{
  return read->limit == 0 ? 100 : MIN (read->limit, GW_READ_MAX);
}

void
gw_read_begin (GwRead *read, GDestroyNotify unref_row)
{
  g_clear_pointer (&read->rows, g_ptr_array_unref);
  g_clear_error (&read->error);
  read->rows = g_ptr_array_new_with_free_func (unref_row);
  read->count = 0;
}
