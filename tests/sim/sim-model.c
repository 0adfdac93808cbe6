/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is committed, as seen from below the core: rows and messages on their way into the tables are noted
 * and count once the commit is through. What holds of them at once is checked here. */
#include "tests/sim/sim.h"

#include <string.h>

typedef enum
{
  PUT_ROW,
  PUT_MESSAGE,
  REWRITE, /* seq, and the hash of the new text as thing */
  PUT_KEY,
  ACK
} StagedKind;

typedef struct
{
  StagedKind kind;
  gpointer thing;
  gint64 seq;
} Staged;

static SimWorld *
world_of (GwTables *tables)
{
  return (SimWorld *) ((char *) tables->klass - G_STRUCT_OFFSET (SimWorld, tables_class));
}

static void
clear_staged (gpointer data)
{
  Staged *staged = data;

  if (staged->kind == PUT_ROW)
    gw_transaction_unref (staged->thing);
  else if (staged->kind == PUT_MESSAGE)
    gw_message_unref (staged->thing);
  else if (staged->kind == PUT_KEY)
    gw_key_unref (staged->thing);
}

static void
stage (SimWorld *world, StagedKind kind, gpointer thing, gint64 seq)
{
  Staged staged = { kind, thing, seq };
  g_array_append_val (world->staged, staged);
}

static void
put_transaction (GwTables *tables, GwTransaction *row)
{
  SimWorld *world = world_of (tables);

  world->real.put_transaction (tables, row);
  stage (world, PUT_ROW, gw_transaction_ref (row), 0);
}

static void
put_message (GwTables *tables, GwMessage *message)
{
  SimWorld *world = world_of (tables);

  world->real.put_message (tables, message);
  stage (world, PUT_MESSAGE, gw_message_ref (message), 0);
}

static void
rewrite_message (GwTables *tables, GwMessage *message, const char *body)
{
  SimWorld *world = world_of (tables);

  world->real.rewrite_message (tables, message, body);
  stage (world, REWRITE, GUINT_TO_POINTER (g_str_hash (body)), message->seq);
}

static void
put_key (GwTables *tables, GwKey *key)
{
  SimWorld *world = world_of (tables);

  world->real.put_key (tables, key);
  stage (world, PUT_KEY, gw_key_ref (key), 0);
}

static gboolean
ack_message (GwTables *tables, const char *key_id, gint64 seq, gint64 now)
{
  SimWorld *world = world_of (tables);
  gboolean acked = world->real.ack_message (tables, key_id, seq, now);

  if (acked)
    stage (world, ACK, NULL, seq);
  return acked;
}

void
sim_model_wrap (SimWorld *world)
{
  world->staged = g_array_new (FALSE, FALSE, sizeof (Staged));
  g_array_set_clear_func (world->staged, clear_staged);
  world->tables_class.put_transaction = put_transaction;
  world->tables_class.put_message = put_message;
  world->tables_class.rewrite_message = rewrite_message;
  world->tables_class.put_key = put_key;
  world->tables_class.ack_message = ack_message;
}

/* --- looking --- */

SimTx *
sim_tx_find (SimWorld *world, const char *id)
{
  return id ? g_hash_table_lookup (world->tx_by_id, id) : NULL;
}

SimTx *
sim_tx_new (SimPos *pos, SimTerminal *terminal)
{
  SimWorld *world = pos->world;
  SimTx *tx = g_new0 (SimTx, 1);

  g_snprintf (tx->id, sizeof tx->id, "tx-%u", world->txs->len);
  tx->pos = pos;
  tx->terminal = terminal;
  tx->amount = sim_between (world, 1, 99999);
  g_ptr_array_add (world->txs, tx);
  g_hash_table_insert (world->tx_by_id, tx->id, tx);
  return tx;
}

void
sim_tx_free (SimTx *tx)
{
  g_clear_pointer (&tx->row, gw_transaction_unref);
  g_free (tx);
}

SimMail *
sim_mail_find (SimWorld *world, gint64 seq)
{
  return g_hash_table_lookup (world->mail_by_seq, &seq);
}

gint64
sim_seq_of (const char *message_id)
{
  const char *dash = message_id ? strrchr (message_id, '-') : NULL;
  return dash ? g_ascii_strtoll (dash + 1, NULL, 10) : 0;
}

void
sim_mail_free (SimMail *mail)
{
  g_free (mail->action);
  g_free (mail);
}

/* --- a row --- */

/* Section 8's drawing, once more: the core's own table is what is being judged. */
static gboolean
is_edge (TgpStatus from, TgpStatus to)
{
  switch (from)
    {
    case TGP_STATUS_PENDING:
      return to == TGP_STATUS_AWAITING_RECONNECT || to == TGP_STATUS_COMPLETED || to == TGP_STATUS_FAILED ||
             to == TGP_STATUS_CANCELLED;
    case TGP_STATUS_AWAITING_RECONNECT:
      return to == TGP_STATUS_PENDING || to == TGP_STATUS_COMPLETED || to == TGP_STATUS_FAILED ||
             to == TGP_STATUS_CANCELLED;
    case TGP_STATUS_COMPLETED:
    case TGP_STATUS_FAILED:
    case TGP_STATUS_CANCELLED:
      return to == TGP_STATUS_VOIDED;
    default:
      return FALSE;
    }
}

/* The grace ends by itself after exactly its time, and by nothing else than an answer. */
static void
check_grace (SimWorld *world, SimTx *tx, const GwTransaction *old, const GwTransaction *row)
{
  gboolean was = old && old->status == TGP_STATUS_AWAITING_RECONNECT;
  gboolean restarted =
    world->ready_at < world->began || tx->awaiting_since < world->ready_at || !world->ready;

  if (was && row->status == TGP_STATUS_AWAITING_RECONNECT && row->grace_expires_at != old->grace_expires_at &&
      !restarted)
    sim_fail (world, "a grace runs once", tx->id, "the grace of %s was moved while it ran", tx->id);
  if (was && row->status == TGP_STATUS_FAILED &&
      g_strcmp0 (row->error_code, "TERMINAL_RECONNECT_TIMEOUT") == 0 && world->monotonic < tx->grace_ends &&
      world->monotonic - tx->born < 590000 /* it was asked for before it was stored */ && !world->jumped &&
      world->doubt_at < tx->awaiting_since - 10000)
    sim_fail (world, "a grace lasts its time", tx->id, "the grace of %s was cut by %" G_GINT64_FORMAT " ms",
              tx->id, tx->grace_ends - world->monotonic);
}

static void
apply_row (SimWorld *world, GwTransaction *row)
{
  SimTx *tx = sim_tx_find (world, row->transaction_id);
  GwTransaction *old;

  if (!tx)
    {
      sim_fail (world, "only what was asked for", row->transaction_id, "a payment that nobody asked for");
      return;
    }
  old = tx->row;
  if (!old)
    {
      tx->born = world->monotonic;
      world->totals.payments++;
      world->totals.edges[TGP_N_STATUSES][row->status]++;
      if (row->status != TGP_STATUS_PENDING ||
          strcmp (sim_owner_of (world, row->key_id), tx->pos->owner) != 0)
        sim_fail (world, "legal edges only", tx->id, "%s begins as %s of %s", tx->id,
                  tgp_status_name (row->status), row->key_id);
    }
  else if (old->status != row->status)
    {
      world->totals.edges[old->status][row->status]++;
      sim_note (world, "row", tgp_status_name (row->status), tx->id, row->flags);
      if (!is_edge (old->status, row->status))
        sim_fail (world, "legal edges only", tx->id, "%s went from %s to %s", tx->id,
                  tgp_status_name (old->status), tgp_status_name (row->status));
    }
  if (old && old->void_status == TGP_VOID_CONFIRMED && row->void_status != TGP_VOID_CONFIRMED)
    sim_fail (world, "what is reversed stays so", tx->id, "the void of %s was confirmed, and is not now",
              tx->id);
  if (!gw_transaction_has (row, GW_REVERSING))
    tx->reversing_since = 0;
  else if (!tx->reversing_since)
    tx->reversing_since = world->monotonic;
  check_grace (world, tx, old, row);
  if (row->status != TGP_STATUS_AWAITING_RECONNECT)
    tx->awaiting_since = 0;
  else if (!old || old->status != row->status || row->grace_expires_at != old->grace_expires_at)
    {
      tx->awaiting_since = world->monotonic;
      tx->grace_ends = world->monotonic + row->grace_expires_at - world->wall;
    }
  g_clear_pointer (&tx->row, gw_transaction_unref);
  tx->row = gw_transaction_copy (row); /* whatever the core does to its own */
}

/* --- messages --- */

static SimPos *
pos_of_key (SimWorld *world, const char *key_id)
{
  for (guint i = 0; key_id && i < SIM_POS; i++)
    if (strcmp (world->pos[i].owner, sim_owner_of (world, key_id)) == 0)
      return &world->pos[i];
  return NULL;
}

static void
apply_message (SimWorld *world, GwMessage *message)
{
  SimTx *tx = sim_tx_find (world, message->transaction_id);
  SimMail *mail = g_new0 (SimMail, 1);
  gint64 *once = NULL;

  mail->seq = message->seq;
  mail->tx = tx;
  mail->hash = g_str_hash (message->body);
  mail->action = g_strdup (message->action);
  mail->pos = pos_of_key (world, message->key_id);
  mail->stored = message->created_at;
  mail->dead = g_hash_table_contains (world->dead, message->key_id);
  if (g_hash_table_contains (world->mail_by_seq, &mail->seq))
    sim_fail (world, "a message is told once", message->transaction_id,
              "message number %" G_GINT64_FORMAT " again", mail->seq);
  g_ptr_array_add (world->mails, mail);
  g_hash_table_insert (world->mail_by_seq, &mail->seq, mail);
  world->totals.messages++;
  world->totals.conflicts += strcmp (mail->action, "paymentConflict") == 0;
  if (!tx || mail->pos != tx->pos)
    {
      sim_fail (world, "an outcome is its till's", message->transaction_id, "a message for somebody else");
      return;
    }
  if (strcmp (mail->action, "paymentComplete") == 0)
    once = &tx->outcome_seq;
  else if (strcmp (mail->action, "paymentVoided") == 0)
    once = &tx->voided_seq;
  else if (strcmp (mail->action, "paymentVoidConfirmed") == 0)
    once = &tx->confirmed_seq;
  if (once && *once)
    sim_fail (world, "no outcome is new twice", tx->id, "%s of %s was queued twice", mail->action, tx->id);
  if (once)
    *once = mail->seq;
}

static void
apply_ack (SimWorld *world, gint64 seq)
{
  SimMail *mail = sim_mail_find (world, seq);

  if (!mail || !mail->received)
    {
      sim_fail (world, "acked is at most what arrived", mail && mail->tx ? mail->tx->id : NULL,
                "message %" G_GINT64_FORMAT " was taken off its queue, and the till has not got it", seq);
      return;
    }
  mail->acked = TRUE;
}

/* A till may still get what was read before. */
static void
apply_rewrite (SimWorld *world, gint64 seq, guint hash)
{
  SimMail *mail = sim_mail_find (world, seq);

  if (!mail)
    return;
  mail->old_hash = mail->hash;
  mail->hash = hash;
}

void
sim_model_apply (SimWorld *world)
{
  for (guint i = 0; i < world->staged->len && !world->failed; i++)
    {
      Staged *staged = &g_array_index (world->staged, Staged, i);
      if (staged->kind == PUT_ROW)
        apply_row (world, staged->thing);
      else if (staged->kind == PUT_MESSAGE)
        apply_message (world, staged->thing);
      else if (staged->kind == REWRITE)
        apply_rewrite (world, staged->seq, GPOINTER_TO_UINT (staged->thing));
      else if (staged->kind == PUT_KEY)
        sim_key_stored (world, staged->thing);
      else
        apply_ack (world, staged->seq);
    }
  g_array_set_size (world->staged, 0);
}

void
sim_model_discard (SimWorld *world)
{
  g_array_set_size (world->staged, 0);
}

/* --- who may --- */

static void
note_expired (SimWorld *world, const GwOperation *op, SimMail *mail)
{
  g_autoptr (GwMessage) kept = world->real.get_message (world->tables, mail->seq);

  if (kept)
    return;
  mail->dead = TRUE;
  if (mail->stored >= op->messages_before)
    sim_fail (world, "an unread message waits its time", mail->tx->id, "message %" G_GINT64_FORMAT " is gone",
              mail->seq);
}

/* Only what is closed, and was for its time, may be let go. */
static void
note_purged (SimWorld *world, const GwOperation *op)
{
  if (!world->real.begin (world->tables, NULL))
    return;
  for (guint i = 0; i < world->mails->len; i++)
    {
      SimMail *mail = world->mails->pdata[i];
      if (!mail->acked && !mail->dead)
        note_expired (world, op, mail);
    }
  for (guint i = 0; i < world->txs->len; i++)
    {
      SimTx *tx = world->txs->pdata[i];
      if (!tx->row || tx->id_gone)
        continue;
      g_autoptr (GwTransaction) kept = world->real.get_transaction (world->tables, SIM_GROUP, tx->id);
      gboolean known = tx->purged; /* by an earlier sweep, whose clock may have been ahead */
      tx->purged = !kept;
      tx->id_gone = tx->purged && !world->real.is_id_remembered (world->tables, SIM_GROUP, tx->id);
      if (tx->purged && !known &&
          (tx->row->created_at >= op->transactions_before || gw_transaction_is_open (tx->row) ||
           !gw_transaction_has (tx->row, GW_SETTLED) ||
           gw_transaction_has (tx->row, GW_HOLDS_TERMINAL | GW_REVERSING)))
        sim_fail (world, "what is open is kept", tx->id, "%s was purged as %s, flags %x", tx->id,
                  tgp_status_name (tx->row->status), tx->row->flags);
      if (tx->id_gone && tx->row->created_at >= op->ids_before)
        sim_fail (world, "an id is remembered its time", tx->id, "%s is forgotten too early", tx->id);
    }
  world->real.rollback (world->tables);
}

/* A second charge is news, whatever staff found of the first: it is for them from its commit on. One in doubt
 * may have been heard, and staff may be quicker than its retry. */
static void
note_second_charge (SimWorld *world, const GwOperation *op, SimTx *tx)
{
  const GwTransaction *row = op->result.row;

  if (!tx->charged_again || tx->again_told || g_strcmp0 (op->response->authorization_code, "A2") != 0)
    return;
  tx->again_told = TRUE;
  if (op->result.outcome != GW_UNCERTAIN && row && !gw_transaction_has (row, GW_NEEDS_ATTENTION))
    sim_fail (world, "a second charge is for staff", tx->id,
              "%s was charged again, and stays as staff found it", tx->id);
}

static void
note_charge (SimWorld *world, const GwOperation *op)
{
  SimTx *tx = sim_tx_find (world, op->transaction_id);
  gboolean heard = op->result.outcome == GW_APPLIED || op->result.outcome == GW_UNCHANGED;

  if (!tx || !op->response || op->response->status != TGP_RESULT_SUCCESS)
    return;
  tx->charge_told |= heard; /* also when it changed nothing */
  if (heard || op->result.outcome == GW_UNCERTAIN)
    note_second_charge (world, op, tx);
}

/* Only the key's active connection acks; only the device's present one says that it does not know. */
void
sim_model_operations (SimWorld *world, GwOperation **ops, guint n)
{
  const GwOperation *sweep = NULL;

  for (guint i = 0; i < n; i++)
    {
      GwOperation *op = ops[i];
      SimPos *pos;
      SimTerminal *terminal;

      /* Also one in doubt: it may have been. */
      if (op->kind == GW_OP_SWEEP && (!sweep || op->now > sweep->now))
        sweep = op;
      if (op->result.outcome != GW_APPLIED && op->kind != GW_OP_RESULT)
        continue;
      switch (op->kind)
        {
        case GW_OP_ATTACH_SESSION:
          if ((pos = pos_of_key (world, op->key_id)))
            pos->session_link = op->session_id ? 0 : op->link;
          break;
        case GW_OP_ACK:
          pos = pos_of_key (world, op->key_id);
          if (pos && op->link && op->link <= world->conns->len &&
              !((SimConn *) world->conns->pdata[op->link - 1])->http && op->link != pos->session_link)
            sim_fail (world, "acks from the active connection only", pos->name,
                      "an ack of connection %" G_GUINT64_FORMAT
                      " counted, the active one is %" G_GUINT64_FORMAT,
                      op->link, pos->session_link);
          break;
        case GW_OP_ATTACH_DEVICE:
          if ((terminal = sim_terminal_of_slot (world, op->slot)))
            terminal->device_link = op->link;
          break;
        case GW_OP_RESULT:
          note_charge (world, op);
          break;
        case GW_OP_STATUS:
          terminal = sim_terminal_of_slot (world, op->slot);
          if (terminal && !op->in_progress && op->link != terminal->device_link)
            sim_fail (world, "absence is the present connection's word", op->transaction_id,
                      "UNKNOWN from connection %" G_GUINT64_FORMAT
                      " counted, the present one is %" G_GUINT64_FORMAT,
                      op->link, terminal->device_link);
          break;
        default:
          break;
        }
    }
  if (sweep)
    note_purged (world, sweep);
}
