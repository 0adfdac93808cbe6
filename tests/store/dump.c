/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/store/fixture.h"

#define I64         G_GINT64_FORMAT
#define TEXT(value) ((value) ? (value) : "-")

char *
dump_transaction (const GwTransaction *r)
{
  return g_strdup_printf (
    "transaction %" I64
    " %s %s key=%s terminal=%s slot=%s device=%s connection=%s terminal_key=%s journal=%s status=%d "
    "void=%d flags=%u amount=%" I64 " %s method=%d charged=%" I64
    " %s request=%s response=%s conflict=%s error=%s %s reason=%s at=%" I64 " %" I64 " %" I64 " %" I64
    " grace=%" I64 " seqs=%" I64 " %" I64 " timeline=%u\n",
    r->row_id, r->group_id, r->transaction_id, r->key_id, TEXT (r->terminal_id), r->slot, TEXT (r->device_id),
    TEXT (r->connection_id), TEXT (r->terminal_key_id), TEXT (r->journal_id), r->status, r->void_status,
    r->flags, r->amount, r->currency, r->method, r->charged_amount, r->charged_currency, TEXT (r->request),
    TEXT (r->response), TEXT (r->conflict), TEXT (r->error_code), TEXT (r->error_message),
    TEXT (r->void_reason), r->created_at, r->updated_at, r->completed_at, r->voided_at, r->grace_expires_at,
    r->outcome_seq, r->void_seq, r->timeline_length);
}

static char *
dump_key (const GwKey *r)
{
  return g_strdup_printf ("key %s %s %s %s role=%d %" I64 " %" I64 " successor=%s\n", r->key_id,
                          TEXT (r->api_key), TEXT (r->secret), TEXT (r->group_id), r->role, r->created_at,
                          r->revoked_at, TEXT (r->successor));
}

static char *
dump_device (const GwDevice *r)
{
  return g_strdup_printf ("device %s %s %s key=%s epoch=%" I64
                          " attached=%d %s journal=%s metadata=%s capabilities=%u %" I64 " %" I64 "\n",
                          r->group_id, r->slot, TEXT (r->device_id), TEXT (r->key_id), r->epoch, r->attached,
                          TEXT (r->connection_id), TEXT (r->journal_id), TEXT (r->metadata), r->capabilities,
                          r->connected_at, r->last_seen);
}

static char *
dump_session (const GwSession *r)
{
  return g_strdup_printf ("session %s epoch=%" I64 " %s %s %s %s since=%" I64 " acks=%d\n", r->key_id,
                          r->epoch, TEXT (r->connection_id), TEXT (r->session_id), TEXT (r->address),
                          TEXT (r->user_agent), r->since, r->acks);
}

static char *
dump_message (const GwMessage *r)
{
  return g_strdup_printf ("message %" I64 " %s %s %s %s at=%" I64 " acked=%" I64 " %s\n", r->seq, r->key_id,
                          TEXT (r->group_id), TEXT (r->transaction_id), TEXT (r->action), r->created_at,
                          r->acked_at, TEXT (r->body));
}

static char *
dump_timeline (const GwTimelineEntry *r)
{
  return g_strdup_printf ("timeline %s %s %u at=%" I64 " %s connection=%s %s %d->%d %s\n", r->group_id,
                          r->transaction_id, r->n, r->at, TEXT (r->actor), TEXT (r->connection),
                          TEXT (r->what), r->from_status, r->to_status, TEXT (r->detail));
}

static char *
dump_audit (const GwAuditEntry *r)
{
  return g_strdup_printf ("audit %" I64 " at=%" I64 " %s %s %s %s %s %s\n", r->seq, r->at, TEXT (r->actor),
                          TEXT (r->what), TEXT (r->group_id), TEXT (r->key_id), TEXT (r->transaction_id),
                          TEXT (r->detail));
}

static char *
dump_signatures (const GwSignatures *r)
{
  gsize size;
  const guchar *data = g_bytes_get_data (r->fingerprints, &size);
  GString *text = g_string_new (NULL);

  g_string_printf (text, "signatures %" I64 " ", r->expires_at);
  for (gsize i = 0; i < size; i++)
    g_string_append_printf (text, "%02x", data[i]);
  g_string_append_c (text, '\n');
  return g_string_free (text, FALSE);
}

typedef char *(*DumpRow) (gconstpointer row);

static void
dump_rows (GString *text, const GwRead *read, DumpRow dump)
{
  for (guint i = 0; i < read->rows->len; i++)
    {
      g_autofree char *line = dump (read->rows->pdata[i]);

      g_string_append (text, line);
    }
}

static void
dump_all (GString *text, GwTables *tables, GwReadKind kind, DumpRow dump)
{
  g_autoptr (GwRead) read = gw_read_new (kind, 0);

  ask (tables, read);
  dump_rows (text, read, dump);
}

static void
dump_paged (GString *text, GwTables *tables)
{
  g_autoptr (GwRead) list = gw_read_new (GW_READ_TRANSACTIONS, 0);
  gint64 seq = 0;

  list->limit = 7; /* so that the cursor is at work, too */
  do
    {
      ask (tables, list);
      dump_rows (text, list, (DumpRow) dump_transaction);
      for (guint i = 0; i < list->rows->len; i++)
        {
          const GwTransaction *row = list->rows->pdata[i];
          g_autoptr (GwRead) timeline = gw_read_new (GW_READ_TIMELINE, 0);

          timeline->group_id = g_strdup (row->group_id);
          timeline->id = g_strdup (row->transaction_id);
          ask (tables, timeline);
          dump_rows (text, timeline, (DumpRow) dump_timeline);
          list->before_created = row->created_at;
          list->before_row_id = row->row_id;
        }
    }
  while (list->rows->len > 0);

  for (guint n = 1; n > 0;)
    {
      g_autoptr (GwRead) audit = gw_read_new (GW_READ_AUDIT, 0);

      audit->after = seq;
      ask (tables, audit);
      dump_rows (text, audit, (DumpRow) dump_audit);
      n = audit->rows->len;
      seq = n ? ((GwAuditEntry *) audit->rows->pdata[n - 1])->seq : seq;
    }
}

static void
dump_obligations (GString *text, GwTables *tables)
{
  g_autoptr (GwRead) read = gw_read_new (GW_READ_OBLIGATIONS, 0);

  g_string_append (text, "obligations");
  for (gboolean more = TRUE; more;)
    {
      read->limit = 3;
      ask (tables, read);
      for (guint i = 0; i < read->rows->len; i++)
        {
          read->after = ((GwTransaction *) read->rows->pdata[i])->row_id;
          g_string_append_printf (text, " %" I64, read->after);
        }
      more = read->rows->len > 0;
    }
  g_string_append_c (text, '\n');
}

char *
dump_tables (GwTables *tables)
{
  GString *text = g_string_new (NULL);
  g_autoptr (GwRead) keys = gw_read_new (GW_READ_KEYS, 0);

  dump_paged (text, tables);
  dump_obligations (text, tables);
  dump_all (text, tables, GW_READ_KEYS, (DumpRow) dump_key);
  dump_all (text, tables, GW_READ_DEVICES, (DumpRow) dump_device);
  dump_all (text, tables, GW_READ_SESSIONS, (DumpRow) dump_session);
  dump_all (text, tables, GW_READ_SIGNATURES, (DumpRow) dump_signatures);
  ask (tables, keys);
  for (guint i = 0; i < keys->rows->len; i++)
    {
      g_autoptr (GwRead) waiting = gw_read_new (GW_READ_MESSAGES, 0);

      waiting->key_id = g_strdup (((GwKey *) keys->rows->pdata[i])->key_id);
      waiting->limit = 1000;
      ask (tables, waiting);
      g_string_append_printf (text, "waiting %s %u\n", waiting->key_id, waiting->count);
      dump_rows (text, waiting, (DumpRow) dump_message);
    }
  return g_string_free (text, FALSE);
}

static void
dump_array (GString *text, const char *name, GPtrArray *rows, DumpRow dump)
{
  for (guint i = 0; rows && i < rows->len; i++)
    {
      g_autofree char *line = dump (rows->pdata[i]);

      g_string_append_printf (text, " %s: %s", name, line);
    }
}

static void
dump_one (GString *text, const char *name, gconstpointer row, DumpRow dump)
{
  if (row)
    {
      g_autofree char *line = dump (row);

      g_string_append_printf (text, " %s: %s", name, line);
    }
}

char *
dump_result (const GwOperation *operation)
{
  const GwResult *result = &operation->result;
  GString *text = g_string_new (NULL);

  g_string_printf (text, "kind=%d outcome=%d code=%d held_by=%s left=%s orphan=%d from=%d count=%u\n",
                   operation->kind, result->outcome, result->code, TEXT (result->held_by),
                   TEXT (result->left), result->orphan, result->from_status, result->count);
  dump_one (text, "row", result->row, (DumpRow) dump_transaction);
  dump_array (text, "message", result->messages, (DumpRow) dump_message);
  dump_one (text, "repeat", result->repeat, (DumpRow) dump_message);
  dump_one (text, "device", result->device, (DumpRow) dump_device);
  dump_array (text, "obligation", result->obligations, (DumpRow) dump_transaction);
  dump_array (text, "touched", result->rows, (DumpRow) dump_transaction);
  dump_one (text, "session", result->session, (DumpRow) dump_session);
  dump_one (text, "key", result->key, (DumpRow) dump_key);
  return g_string_free (text, FALSE);
}
