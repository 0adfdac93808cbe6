/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The start: what the store knows is read, and what was open while the gateway was down gets its fresh grace.
 */
#include "gateway/core/engine-private.h"

#define PAGE 1000

static void
ask (GwEngine *engine, GwReadKind kind, gint64 after)
{
  GwRead *read = gw_read_new (kind, GW_START_TOKEN);

  read->after = after;
  read->limit = PAGE;
  read->now = gw_now (engine);
  engine->starting++;
  engine->store.klass->read (engine->store.store, read);
}

void
gw_engine_start (GwEngine *engine, void (*ready) (gpointer data, const GError *error), gpointer data)
{
  engine->ready = ready;
  engine->ready_data = data;
  engine->signatures_since = gw_mono (engine);
  /* Rows of payments name keys and devices: those come first, one after the other. */
  ask (engine, GW_READ_KEYS, 0);
}

void
gw_start_step_done (GwEngine *engine)
{
  if (--engine->starting == 0)
    engine->ready (engine->ready_data, engine->start_error);
}

static void
load_obligation (GwEngine *engine, GwTransaction *row)
{
  GwOperation *op;

  gw_registry_note_row (engine, row);
  if (gw_transaction_has (row, GW_REVERSING))
    gw_payment_reread (engine, GW_OP_VOID, row);
  if (!gw_transaction_is_open (row))
    return;
  op = gw_begin (engine, GW_OP_RESTARTED);
  op->quiet = TRUE;
  op->group_id = gw_hold (row->group_id);
  op->transaction_id = gw_hold (row->transaction_id);
  op->grace_expires_at = op->now + engine->settings.grace_period;
  engine->starting++;
  gw_submit (engine, op);
}

void
gw_start_restarted (GwEngine *engine, GwOperation *op)
{
  GwTransaction *row = op->result.row;
  GwTerminal *terminal = row ? gw_registry_find (engine, row->group_id, row->slot) : NULL;

  if (row && !GW_PLANTED (DEADLINE_FORGOTTEN))
    gw_payment_changed (engine, op, row);
  if (terminal && !terminal->link && row->status == TGP_STATUS_AWAITING_RECONNECT)
    gw_registry_set_status (engine, terminal, TGP_TERMINAL_RECONNECTING, row->grace_expires_at,
                            gw_left_until (engine, op, row->grace_expires_at));
}

static void
load_signatures (GwEngine *engine, GwSignatures *signatures)
{
  gsize size = 0;
  const guint64 *fingerprints = g_bytes_get_data (signatures->fingerprints, &size);

  for (gsize i = 0; i < size / sizeof *fingerprints; i++)
    g_hash_table_add (engine->signatures[0], GSIZE_TO_POINTER ((gsize) fingerprints[i]));
}

/* Whoever was connected to the run before is not connected to this one. */
static void
detach_devices (GwEngine *engine)
{
  GHashTableIter groups, terminals;
  gpointer group, value;

  g_hash_table_iter_init (&groups, engine->groups);
  while (g_hash_table_iter_next (&groups, NULL, &group))
    {
      g_hash_table_iter_init (&terminals, ((GwGroup *) group)->terminals);
      while (g_hash_table_iter_next (&terminals, NULL, &value))
        {
          GwDevice *device = ((GwTerminal *) value)->device;
          if (!device->attached)
            continue;
          GwOperation *op = gw_begin (engine, GW_OP_LOST);
          op->quiet = op->force = TRUE;
          op->group_id = gw_hold (device->group_id);
          op->slot = gw_hold (device->slot);
          op->connection_id = gw_hold (device->connection_id);
          op->epoch = device->epoch;
          op->accepted = TRUE;
          op->grace_expires_at = op->now + engine->settings.grace_period;
          gw_submit (engine, op);
        }
    }
}

void
gw_start_read_done (GwEngine *engine, GwRead *read)
{
  if (read->error)
    {
      engine->start_error = g_error_copy (read->error);
      gw_start_step_done (engine);
      return;
    }
  for (guint i = 0; i < read->rows->len; i++)
    {
      gpointer row = read->rows->pdata[i];
      switch (read->kind)
        {
        case GW_READ_KEYS:
          gw_engine_note_key (engine, row);
          break;
        case GW_READ_DEVICES:
          gw_registry_update (engine, row);
          break;
        case GW_READ_SESSIONS:
          gw_pos_note_session (engine, row);
          break;
        case GW_READ_SIGNATURES:
          load_signatures (engine, row);
          break;
        default:
          load_obligation (engine, row);
          break;
        }
    }
  if (read->kind == GW_READ_KEYS)
    ask (engine, GW_READ_SESSIONS, 0);
  else if (read->kind == GW_READ_SESSIONS)
    ask (engine, GW_READ_DEVICES, 0);
  else if (read->kind == GW_READ_DEVICES)
    ask (engine, GW_READ_SIGNATURES, 0);
  else if (read->kind == GW_READ_SIGNATURES)
    ask (engine, GW_READ_OBLIGATIONS, 0);
  else if (read->rows->len == PAGE)
    ask (engine, GW_READ_OBLIGATIONS, ((GwTransaction *) read->rows->pdata[PAGE - 1])->row_id);
  else
    detach_devices (engine);
  gw_start_step_done (engine);
}
