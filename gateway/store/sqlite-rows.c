/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Columns in the order of the lists at the top of sqlite-statements.c. */
#include "gateway/store/sqlite-private.h"

GwTransaction *
gw_sqlite_transaction (GwSqliteCall *call)
{
  GwTransaction *row = gw_transaction_new ();

  row->row_id = gw_sqlite_int (call);
  row->status = gw_sqlite_int (call);
  row->void_status = gw_sqlite_int (call);
  row->flags = gw_sqlite_int (call);
  row->amount = gw_sqlite_int (call);
  gw_sqlite_currency (call, row->currency);
  row->method = gw_sqlite_int (call);
  row->charged_amount = gw_sqlite_int (call);
  gw_sqlite_currency (call, row->charged_currency);
  row->created_at = gw_sqlite_int (call);
  row->updated_at = gw_sqlite_int (call);
  row->completed_at = gw_sqlite_int (call);
  row->voided_at = gw_sqlite_int (call);
  row->grace_expires_at = gw_sqlite_int (call);
  row->outcome_seq = gw_sqlite_int (call);
  row->void_seq = gw_sqlite_int (call);
  row->timeline_length = gw_sqlite_int (call);
  row->group_id = gw_sqlite_text (call);
  row->transaction_id = gw_sqlite_text (call);
  row->key_id = gw_sqlite_text (call);
  row->terminal_id = gw_sqlite_text (call);
  row->slot = gw_sqlite_text (call);
  row->device_id = gw_sqlite_text (call);
  row->connection_id = gw_sqlite_text (call);
  row->terminal_key_id = gw_sqlite_text (call);
  row->journal_id = gw_sqlite_text (call);
  row->request = gw_sqlite_text (call);
  row->response = gw_sqlite_text (call);
  row->conflict = gw_sqlite_text (call);
  row->error_code = gw_sqlite_text (call);
  row->error_message = gw_sqlite_text (call);
  row->void_reason = gw_sqlite_text (call);
  return row;
}

GwKey *
gw_sqlite_key (GwSqliteCall *call)
{
  GwKey *row = gw_key_new ();

  row->key_id = gw_sqlite_text (call);
  row->api_key = gw_sqlite_text (call);
  row->secret = gw_sqlite_text (call);
  row->group_id = gw_sqlite_text (call);
  row->role = gw_sqlite_int (call);
  row->created_at = gw_sqlite_int (call);
  row->revoked_at = gw_sqlite_int (call);
  row->successor = gw_sqlite_text (call);
  return row;
}

GwDevice *
gw_sqlite_device (GwSqliteCall *call)
{
  GwDevice *row = gw_device_new ();

  row->group_id = gw_sqlite_text (call);
  row->slot = gw_sqlite_text (call);
  row->device_id = gw_sqlite_text (call);
  row->key_id = gw_sqlite_text (call);
  row->epoch = gw_sqlite_int (call);
  row->attached = gw_sqlite_int (call) != 0;
  row->connection_id = gw_sqlite_text (call);
  row->journal_id = gw_sqlite_text (call);
  row->metadata = gw_sqlite_text (call);
  row->capabilities = gw_sqlite_int (call);
  row->connected_at = gw_sqlite_int (call);
  row->last_seen = gw_sqlite_int (call);
  return row;
}

GwSession *
gw_sqlite_session (GwSqliteCall *call)
{
  GwSession *row = gw_session_new ();

  row->key_id = gw_sqlite_text (call);
  row->epoch = gw_sqlite_int (call);
  row->connection_id = gw_sqlite_text (call);
  row->session_id = gw_sqlite_text (call);
  row->address = gw_sqlite_text (call);
  row->user_agent = gw_sqlite_text (call);
  row->since = gw_sqlite_int (call);
  row->acks = gw_sqlite_int (call) != 0;
  return row;
}

GwMessage *
gw_sqlite_message (GwSqliteCall *call)
{
  GwMessage *row = gw_message_new ();

  row->seq = gw_sqlite_int (call);
  row->created_at = gw_sqlite_int (call);
  row->acked_at = gw_sqlite_int (call);
  row->key_id = gw_sqlite_text (call);
  row->group_id = gw_sqlite_text (call);
  row->transaction_id = gw_sqlite_text (call);
  row->action = gw_sqlite_text (call);
  row->body = gw_sqlite_text (call);
  return row;
}

GwTimelineEntry *
gw_sqlite_timeline_entry (GwSqliteCall *call)
{
  GwTimelineEntry *row = gw_timeline_entry_new ();

  row->group_id = gw_sqlite_text (call);
  row->transaction_id = gw_sqlite_text (call);
  row->n = gw_sqlite_int (call);
  row->at = gw_sqlite_int (call);
  row->from_status = gw_sqlite_int (call);
  row->to_status = gw_sqlite_int (call);
  row->actor = gw_sqlite_text (call);
  row->connection = gw_sqlite_text (call);
  row->what = gw_sqlite_text (call);
  row->detail = gw_sqlite_text (call);
  return row;
}

GwOrphan *
gw_sqlite_orphan (GwSqliteCall *call)
{
  GwOrphan *row = gw_orphan_new ();

  row->id = gw_sqlite_int (call);
  row->group_id = gw_sqlite_text (call);
  row->transaction_id = gw_sqlite_text (call);
  row->slot = gw_sqlite_text (call);
  row->response = gw_sqlite_text (call);
  row->created_at = gw_sqlite_int (call);
  return row;
}

GwAuditEntry *
gw_sqlite_audit_entry (GwSqliteCall *call)
{
  GwAuditEntry *row = gw_audit_entry_new ();

  row->seq = gw_sqlite_int (call);
  row->at = gw_sqlite_int (call);
  row->actor = gw_sqlite_text (call);
  row->what = gw_sqlite_text (call);
  row->group_id = gw_sqlite_text (call);
  row->key_id = gw_sqlite_text (call);
  row->transaction_id = gw_sqlite_text (call);
  row->detail = gw_sqlite_text (call);
  return row;
}
