/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is connected: terminals attach and are lost, POS sessions displace each other, mailboxes are acked. */
#include "gateway/core/operation-private.h"

#include <string.h>

static char *
keep_text (char *text)
{
  return text ? g_ref_string_acquire (text) : NULL;
}

static GPtrArray *
get_obligations (GwTables *tables, const GwOperation *op)
{
  return tables->klass->get_obligations (tables, op->group_id, op->slot);
}

/* --- terminals --- */

/* A revoked key holds no names. */
static gboolean
is_bound (GwTables *tables, const GwDevice *device)
{
  g_autoptr (GwKey) key = tables->klass->get_key (tables, device->key_id);
  return key && !key->revoked_at;
}

void
gw_run_attach_device (GwTables *tables, GwOperation *op)
{
  g_autoptr (GwDevice) known = tables->klass->get_device (tables, op->group_id, op->slot);
  GwDevice *device;

  if (known && strcmp (known->key_id, op->key_id) != 0 && is_bound (tables, known))
    {
      gw_refuse (op, TGP_ERROR_DEVICE_ID_TAKEN);
      return;
    }

  device = known ? gw_device_copy (known) : gw_device_new ();
  if (known)
    gw_share_text (&device->key_id, op->key_id);
  if (!known)
    {
      device->group_id = keep_text (op->group_id);
      device->slot = keep_text (op->slot);
      device->device_id = keep_text (op->device_id);
      device->key_id = keep_text (op->key_id);
      device->epoch = op->now; /* beyond those of a row of this name that was deleted */
    }
  device->epoch++;
  device->attached = TRUE;
  gw_share_text (&device->connection_id, op->connection_id);
  gw_set_text (&device->journal_id, NULL); /* until its hello says which */
  device->connected_at = op->now;
  device->last_seen = op->now;
  tables->klass->put_device (tables, device);
  op->result.device = device;
  op->result.obligations = get_obligations (tables, op);

  /* Back before it was known to be gone: lost and back at once. */
  for (guint i = 0; i < op->result.obligations->len; i++)
    {
      GwTransaction *row = op->result.obligations->pdata[i];
      if (row->status != TGP_STATUS_PENDING)
        continue;
      gw_lose_terminal (tables, op, row, TRUE, "the terminal's old connection was displaced by a new one");
      gw_transaction_unref (row);
      op->result.obligations->pdata[i] = gw_transaction_ref (op->result.row);
    }
  op->result.outcome = GW_APPLIED;
}

/* A payment that was sent before the hello was stored: what the terminal can do for it is known only now. */
static void
add_capabilities (GwTables *tables, GwOperation *op)
{
  g_autoptr (GwTransaction) holder = tables->klass->get_holder (tables, op->group_id, op->slot);
  guint flags = (op->capabilities & TGP_CAPABILITY_VOID ? GW_CAN_VOID : 0) |
                (op->capabilities & TGP_CAPABILITY_CANCEL ? GW_CAN_CANCEL : 0);
  GwChange change;

  if (!holder || (holder->flags & flags) == flags)
    return;
  gw_change_begin (&change, tables, op, holder);
  change.row->flags |= flags;
  gw_change_end (&change, "the terminal said what it can do", NULL);
}

void
gw_run_hello (GwTables *tables, GwOperation *op)
{
  g_autoptr (GwDevice) known = tables->klass->get_device (tables, op->group_id, op->slot);

  if (!known || known->epoch != op->epoch)
    return;
  GwDevice *device = gw_device_copy (known);
  gw_share_text (&device->metadata, op->metadata);
  gw_share_text (&device->journal_id, op->journal_id);
  device->capabilities = op->capabilities;
  device->last_seen = op->now;
  tables->klass->put_device (tables, device);
  op->result.device = device;
  op->result.outcome = GW_APPLIED;
  add_capabilities (tables, op);
}

/* Where a terminal without deviceId is found by its key, and the key was rotated under it: *moved says. */
static GwDevice *
get_lost_device (GwTables *tables, const GwOperation *op, char **moved)
{
  GwDevice *device = tables->klass->get_device (tables, op->group_id, op->slot);

  if (device || op->slot[0] != '@')
    return device;
  g_autoptr (GwKey) key = tables->klass->get_key (tables, op->slot + 1);
  if (!key || !key->successor)
    return NULL;
  *moved = g_strconcat ("@", key->successor, NULL);
  return tables->klass->get_device (tables, op->group_id, *moved);
}

void
gw_run_lost (GwTables *tables, GwOperation *op)
{
  g_autofree char *moved = NULL;
  g_autoptr (GwDevice) known = get_lost_device (tables, op, &moved);
  const char *slot = moved ? moved : op->slot;

  /* An older connection's end says nothing about the present one. */
  if (!known || known->epoch != op->epoch)
    return;
  g_autoptr (GwTransaction) holder = tables->klass->get_holder (tables, op->group_id, slot);
  if (!known->attached)
    {
      /* Said before, when the store did not answer. */
      op->result.device = g_steal_pointer (&known);
      op->result.row = g_steal_pointer (&holder);
      return;
    }
  GwDevice *device = gw_device_copy (known);
  device->attached = FALSE;
  if (!op->force) /* else it went with an earlier run of the gateway, nobody knows when */
    device->last_seen = op->now;
  tables->klass->put_device (tables, device);
  op->result.device = device;
  op->result.outcome = GW_APPLIED;
  if (holder && GW_PLANTED (GRACE_RESTARTS) && holder->status == TGP_STATUS_AWAITING_RECONNECT)
    holder->status = TGP_STATUS_PENDING;
  if (holder && holder->status == TGP_STATUS_PENDING)
    gw_lose_terminal (tables, op, holder, op->accepted, "terminal connection lost");
}

/* --- POS --- */

void
gw_run_attach_session (GwTables *tables, GwOperation *op)
{
  const GwTablesClass *klass = tables->klass;
  g_autoptr (GwSession) known = klass->get_session (tables, op->key_id);
  GwSession *session;

  if (op->session_id && klass->is_displaced (tables, op->key_id, op->session_id, op->now))
    {
      gw_refuse (op, TGP_ERROR_SESSION_DISPLACED);
      return;
    }
  if (op->session_id && known && g_strcmp0 (known->session_id, op->session_id) == 0)
    {
      op->result.session = gw_session_ref (known);
      op->result.outcome = GW_UNCHANGED;
      return;
    }
  session = known ? gw_session_copy (known) : gw_session_new ();
  if (!known)
    session->key_id = keep_text (op->key_id);
  else if (known->session_id)
    klass->put_displaced (tables, op->key_id, known->session_id, op->now + GW_DISPLACED_KEPT);
  session->epoch++;
  gw_share_text (&session->connection_id, op->connection_id);
  gw_share_text (&session->session_id, op->session_id);
  gw_share_text (&session->address, op->address);
  gw_share_text (&session->user_agent, op->user_agent);
  session->since = op->now;
  if (op->explicit_ack)
    session->acks = TRUE;
  klass->put_session (tables, session);
  op->result.session = session;
  op->result.outcome = GW_APPLIED;
}

/* Ids of another store (a wiped state folder) name nothing here, whatever their number. */
static void
read_message_ids (GwTables *tables, GwOperation *op)
{
  gsize prefix = strlen (tables->instance_id);

  if (!op->seqs)
    op->seqs = g_array_new (FALSE, FALSE, sizeof (gint64));
  for (guint i = 0; op->message_ids && i < op->message_ids->len; i++)
    {
      const char *id = op->message_ids->pdata[i];
      gint64 seq;
      if (strncmp (id, tables->instance_id, prefix) == 0 && id[prefix] == '-' &&
          g_ascii_string_to_signed (id + prefix + 1, 10, 1, G_MAXINT64, &seq, NULL))
        g_array_append_val (op->seqs, seq);
    }
}

void
gw_run_ack (GwTables *tables, GwOperation *op)
{
  const GwTablesClass *klass = tables->klass;

  if (!op->epoch && !gw_follow_key (tables, op))
    return;
  if (op->epoch || op->explicit_ack)
    {
      g_autoptr (GwSession) known = klass->get_session (tables, op->key_id);
      /* A displaced connection takes nothing off the queue any more. */
      if (op->epoch && (!known || known->epoch != op->epoch) && !GW_PLANTED (DISPLACED_CAN_ACK))
        {
          gw_refuse (op, TGP_ERROR_SESSION_DISPLACED);
          return;
        }
      if (op->explicit_ack && (!known || !known->acks))
        {
          GwSession *session = known ? gw_session_copy (known) : gw_session_new ();
          if (!known)
            session->key_id = keep_text (op->key_id);
          session->acks = TRUE;
          klass->put_session (tables, session);
          op->result.session = session;
        }
    }
  read_message_ids (tables, op);
  for (guint i = 0; i < op->seqs->len; i++)
    op->result.count += klass->ack_message (tables, op->key_id, g_array_index (op->seqs, gint64, i), op->now);
  op->result.outcome = GW_APPLIED;
}

void
gw_run_signatures (GwTables *tables, GwOperation *op)
{
  tables->klass->put_signatures (tables, op->signatures);
  op->result.outcome = GW_APPLIED;
}

/* --- upkeep --- */

void
gw_run_audit (GwTables *tables, GwOperation *op)
{
  gw_audit (tables, op, op->error_code, op->transaction_id, op->error_message);
  op->result.outcome = GW_APPLIED;
}

void
gw_run_sweep (GwTables *tables, GwOperation *op)
{
  op->result.count = tables->klass->sweep (tables, op->now, op->messages_before, op->transactions_before,
                                           op->ids_before, op->devices_before, op->limit);
  op->result.outcome = GW_APPLIED;
}
