/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must hold whatever happens: of what is said to anybody at the moment it is said, of the world every
 * ten seconds, and of everything at the end. */
#include "tests/sim/sim.h"

#include <string.h>

/* --- what is said to tills --- */

void
sim_check_verdict (SimWorld *world, const char *transaction_id, const TgpVerdict *verdict)
{
  SimTx *tx = sim_tx_find (world, transaction_id);

  if (!tx || !verdict->retry_safe || tx->id_gone)
    return;
  tx->told_safe = TRUE;
  gboolean resolved = tx->row && gw_transaction_has (tx->row, GW_RESOLVED_BY_STAFF);
  if (tx->row && ((tx->row->status == TGP_STATUS_COMPLETED && !resolved) || gw_transaction_is_open (tx->row)))
    sim_fail (world, "retrySafe only if it is", tx->id, "a till was told to try %s again, which is %s",
              tx->id, tgp_status_name (tx->row->status));
}

/* What lies between the last one and this one on the connection is acked. A till that names a payment again
 * is told its outcome again, whatever else is under way. */
static void
check_order (SimConn *conn, const SimMail *mail)
{
  SimWorld *world = conn->world;

  if (mail->seq <= conn->last_seq)
    {
      /* Again is allowed, late is not. */
      if (!mail->tx->again && mail->link != conn->link)
        sim_fail (world, "a mailbox is in order", mail->tx->id,
                  "message %" G_GINT64_FORMAT " came after %" G_GINT64_FORMAT, mail->seq, conn->last_seq);
      return;
    }
  for (guint i = world->mails->len; i > 0; i--)
    {
      const SimMail *other = world->mails->pdata[i - 1];
      if (other->seq <= conn->last_seq)
        break;
      if (other->pos != conn->pos || other->seq >= mail->seq || other->acked || other->dead)
        continue;
      if (!mail->tx->again)
        sim_fail (world, "a mailbox is in order", mail->tx->id,
                  "message %" G_GINT64_FORMAT " went out before %" G_GINT64_FORMAT, mail->seq, other->seq);
      return;
    }
  conn->last_seq = mail->seq;
}

void
sim_check_sent_to_pos (SimConn *conn, const TgpPosEvent *event, const char *text)
{
  SimWorld *world = conn->world;
  SimTx *tx = sim_tx_find (world, event->transaction_id);

  if (conn != conn->pos->newest)
    sim_fail (world, "one live connection a key", conn->pos->name,
              "%s went to a connection that is not the active one", event->action);
  if (tx && !tx->row)
    sim_fail (world, "nothing is said before it is committed", tx->id, "%s about %s, which is not committed",
              event->action, tx->id);
  if (!event->message_id)
    return;
  SimMail *mail = sim_mail_find (world, sim_seq_of (event->message_id));
  if (!mail || (mail->hash != g_str_hash (text) && mail->old_hash != g_str_hash (text)) || !tx ||
      mail->tx != tx)
    {
      sim_fail (world, "nothing is said before it is committed", event->transaction_id,
                "%s with a messageId that is not committed so", event->action);
      return;
    }
  if (mail->pos != conn->pos)
    sim_fail (world, "an outcome is its till's", tx->id, "%s of %s went to %s", event->action, tx->id,
              conn->pos->name);
  check_order (conn, mail);
  mail->link = conn->link;
  sim_check_verdict (world, tx->id, &event->verdict);
}

void
sim_check_answer (SimConn *conn, const GwAnswer *answer)
{
  SimWorld *world = conn->world;

  if (answer->kind == GW_ANSWER_ERROR)
    {
      if (answer->error.verdict)
        sim_check_verdict (world, answer->error.transaction_id, answer->error.verdict);
      return;
    }
  if (!answer->row)
    return;
  SimTx *tx = sim_tx_find (world, answer->row->transaction_id);
  TgpVerdict verdict = gw_transaction_verdict (answer->row);
  if (!tx || !tx->row)
    {
      sim_fail (world, "nothing is said before it is committed", answer->row->transaction_id,
                "an answer about what is not committed");
      return;
    }
  if (tgp_status_is_final (answer->row->status) && !tgp_status_is_final (tx->row->status))
    sim_fail (world, "nothing is said before it is committed", tx->id,
              "an outcome of %s that is not committed", tx->id);
  if (conn->pos && conn->pos != tx->pos &&
      (answer->kind == GW_ANSWER_PAYMENT_ACCEPTED || answer->kind == GW_ANSWER_PAYMENT_OUTCOME))
    sim_fail (world, "an outcome is its till's", tx->id, "%s was told that its payment %s is taken",
              conn->pos->name, tx->id);
  sim_check_verdict (world, tx->id, &verdict);
}

/* --- what is said to terminals --- */

static gboolean
is_success (SimTruth truth)
{
  return truth == SIM_CHARGED || truth == SIM_REVERSED || truth == SIM_KEPT;
}

static void
check_ack (SimConn *conn, SimTx *tx, int status)
{
  SimWorld *world = conn->world;
  SimEntry *entry = sim_terminal_entry (conn->terminal, tx);
  TgpStatus is = tx->row ? tx->row->status : TGP_STATUS_PENDING;

  if (status < 0 ? tx->row && !tx->purged : !tx->row || !tgp_status_is_final (is))
    sim_fail (world, "a terminal's result is acked once it is committed", tx->id,
              "%s was acked as %d and is not committed so", tx->id, status);
  else if (entry && !tx->purged && is_success (entry->truth) && is != TGP_STATUS_COMPLETED &&
           is != TGP_STATUS_VOIDED && !gw_transaction_has (tx->row, GW_AGREED))
    sim_fail (world, "a terminal's result is acked once it is committed", tx->id,
              "the success of %s was acked, and it is %s", tx->id, tgp_status_name (is));
}

void
sim_check_sent_to_terminal (SimConn *conn, const TgpTerminalCommand *command)
{
  SimWorld *world = conn->world;
  SimTx *tx = sim_tx_find (world, command->transaction_id);

  if (conn != conn->terminal->newest)
    sim_fail (world, "one live connection a key", conn->terminal->name,
              "a command to a displaced connection");
  if (!tx)
    return;
  if (command->action == TGP_COMMAND_PAYMENT_RESPONSE_ACK)
    {
      check_ack (conn, tx, command->status);
      return;
    }
  if (command->action == TGP_COMMAND_ERROR)
    return;
  if (!tx->row)
    {
      sim_fail (world, "nothing is said before it is committed", tx->id,
                "a command about %s, which is not committed", tx->id);
      return;
    }
  if (command->action == TGP_COMMAND_PAYMENT_REQUEST && ++tx->requests > 1)
    sim_fail (world, "told to pay at most once", tx->id, "a terminal was told twice to pay %s", tx->id);
  if (command->action == TGP_COMMAND_VOID_PAYMENT && tx->row->void_status == TGP_VOID_NONE)
    sim_fail (world, "nothing is said before it is committed", tx->id,
              "%s is reversed, and nobody decided that", tx->id);
}

/* --- the world --- */

void
sim_check_step (SimWorld *world)
{
  for (guint i = 0; i < SIM_POS; i++)
    if (world->pos[i].live > 1)
      sim_fail (world, "one live connection a key", world->pos[i].name, "%u connections are active",
                world->pos[i].live);
  for (guint i = 0; i < SIM_TERMINALS; i++)
    if (world->terminals[i].live + world->terminals[i + SIM_TERMINALS].live > 1)
      sim_fail (world, "one live connection a key", world->terminals[i].name, "two connections are active");
}

void
sim_check_minute (SimWorld *world)
{
  gint64 quiet_since = MAX (world->ready_at, world->trouble_at);
  gint64 now = world->monotonic;

  if (!world->ready || now - quiet_since < 10000)
    return;
  for (guint i = 0; i < world->txs->len; i++)
    {
      const SimTx *tx = world->txs->pdata[i];
      if (!tx->row)
        continue;
      if (tx->reversing_since && now - tx->reversing_since > SIM_CALM && !world->jumped &&
          !gw_transaction_has (tx->row, GW_NEEDS_ATTENTION))
        sim_fail (world, "final or for staff in twelve minutes", tx->id,
                  "nobody answers the void of %s, and nobody is told", tx->id);
      if (!gw_transaction_is_open (tx->row))
        continue;
      if (tx->row->status == TGP_STATUS_AWAITING_RECONNECT &&
          now - MAX (tx->awaiting_since, quiet_since) > 75000)
        sim_fail (world, "a grace lasts its time", tx->id, "the grace of %s does not end", tx->id);
      if (tx->row->status == TGP_STATUS_AWAITING_RECONNECT && !world->jumped &&
          now - MAX (tx->grace_ends, quiet_since) > 15000)
        sim_fail (world, "a grace lasts its time", tx->id, "the grace of %s does not end when it was said to",
                  tx->id);
      if (now - MAX (tx->born + 600000, quiet_since) > 45000 && !world->jumped)
        sim_fail (world, "ten minutes at most", tx->id, "%s is open after its limit", tx->id);
    }
}

/* --- the end --- */

SimEntry *
sim_truth_of (const SimTx *tx)
{
  SimTerminal *of[] = { tx->terminal, tx->terminal->twin };

  for (guint i = 0; i < 2; i++)
    {
      SimEntry *entry = sim_terminal_entry (of[i], (SimTx *) tx);
      if (entry && entry->truth != SIM_DENIED)
        return entry;
    }
  return NULL;
}

static gboolean
tx_done (const SimTx *tx, gboolean strictly)
{
  const SimEntry *entry = sim_truth_of (tx);
  gboolean listed = tx->row && gw_transaction_has (tx->row, GW_NEEDS_ATTENTION);

  if (entry && !tx->terminal->gone && (entry->truth == SIM_BUSY || !entry->acked))
    return FALSE;
  if (!tx->row)
    return TRUE;
  if (gw_transaction_is_open (tx->row))
    return FALSE;
  /* Who never answers is for staff. */
  if (tx->terminal->gone || (tx->terminal->deaf && gw_transaction_has (tx->row, GW_REVERSING)))
    return listed || !gw_transaction_has (tx->row, GW_HOLDS_TERMINAL | GW_REVERSING);
  if (gw_transaction_has (tx->row, GW_REVERSING))
    return FALSE;
  return !gw_transaction_has (tx->row, GW_HOLDS_TERMINAL) || (!strictly && listed);
}

gboolean
sim_all_done (SimWorld *world, gboolean complain)
{
  for (guint i = 0; i < world->txs->len; i++)
    {
      const SimTx *tx = world->txs->pdata[i];
      if (tx_done (tx, !complain))
        continue;
      const SimEntry *entry = sim_truth_of (tx);
      if (complain)
        sim_fail (world, "all comes to its end", tx->id, "%s is %s, flags %x, its journal says %d%s", tx->id,
                  tx->row ? tgp_status_name (tx->row->status) : "unknown", tx->row ? tx->row->flags : 0,
                  entry ? (int) entry->truth : -1, entry && !entry->acked ? ", not acked" : "");
      return FALSE;
    }
  for (guint i = 0; i < world->mails->len; i++)
    {
      const SimMail *mail = world->mails->pdata[i];
      if (mail->dead || (mail->received && mail->acked))
        continue;
      if (complain)
        sim_fail (world, "no outcome is missing", mail->tx->id, "%s of %s (%" G_GINT64_FORMAT ") never %s %s",
                  mail->action, mail->tx->id, mail->seq, mail->received ? "left the queue of" : "reached",
                  mail->pos->name);
      return FALSE;
    }
  return TRUE;
}

static void
check_money (SimWorld *world, const SimTx *tx, const SimEntry *entry)
{
  const GwTransaction *row = tx->row;
  gboolean kept = entry->truth == SIM_CHARGED || entry->truth == SIM_KEPT;
  gboolean resolved = gw_transaction_has (row, GW_RESOLVED_BY_STAFF);
  gboolean staff_knows = resolved || gw_transaction_has (row, GW_NEEDS_ATTENTION);
  TgpMoneyMoved moved = gw_transaction_verdict (row).money_moved;
  /* The other device of its name may have answered in its place that it knows of nothing. */
  gboolean mistaken = staff_knows && tx->terminal->twin->attached > 0;

  /* Staff found it reversed, so that nobody asks for that any more, and then it was charged again: the first
   * word stands (section 8), and only staff know both. */
  gboolean found_before = tx->charged_again && gw_transaction_has (row, GW_FOUND_REVERSED) &&
                          gw_transaction_has (row, GW_NEEDS_ATTENTION) && moved == TGP_MONEY_MOVED_YES;

  /* Found paid before its terminal handed it in: it stands, whatever the state. */
  gboolean agreed = gw_transaction_has (row, GW_AGREED) && moved == TGP_MONEY_MOVED_YES;

  if (kept && row->status != TGP_STATUS_COMPLETED && !agreed &&
      !(row->status == TGP_STATUS_VOIDED && staff_knows))
    sim_fail (world, "the end agrees with the journal", tx->id, "%s was charged, and is %s (void %d)", tx->id,
              tgp_status_name (row->status), row->void_status);
  else if (kept && tx->told_safe && row->status == TGP_STATUS_COMPLETED)
    sim_fail (world, "retrySafe only if it is", tx->id, "%s was called safe to repeat, and is charged",
              tx->id);
  else if (entry->truth == SIM_REVERSED && row->status != TGP_STATUS_VOIDED && !mistaken && !resolved &&
           !found_before)
    sim_fail (world, "the end agrees with the journal", tx->id, "%s was reversed, and is %s", tx->id,
              tgp_status_name (row->status));
  else if (entry->truth == SIM_REVERSED && row->void_status != TGP_VOID_CONFIRMED && !mistaken && !resolved &&
           !found_before)
    sim_fail (world, "the end agrees with the journal", tx->id, "%s was reversed, and its void is %d", tx->id,
              row->void_status);
  else if (!kept && entry->truth != SIM_REVERSED && row->status != TGP_STATUS_FAILED &&
           row->status != TGP_STATUS_CANCELLED)
    sim_fail (world, "the end agrees with the journal", tx->id, "%s was not charged, and is %s", tx->id,
              tgp_status_name (row->status));
  else if (tx->charged_again && !gw_transaction_has (row, GW_NEEDS_ATTENTION | GW_RESOLVED_BY_STAFF))
    sim_fail (world, "a second charge is for staff", tx->id, "%s was charged again, and nobody looks at it",
              tx->id);
  else if (kept && moved == TGP_MONEY_MOVED_NO)
    sim_fail (world, "the verdict agrees with the journal", tx->id,
              "%s was charged, and a till is told it was not", tx->id);
  else if (!kept && moved == TGP_MONEY_MOVED_YES && !mistaken &&
           !gw_transaction_has (row, GW_NEEDS_ATTENTION))
    sim_fail (world, "the verdict agrees with the journal", tx->id,
              "%s was not charged, and a till is told it was", tx->id);
}

/* An acked refusal is the end of a payment: nobody asks for it again. When it is taken back and the terminal
 * is lost before that is committed, there is nothing to know it by. Not so once a commit has heard of the
 * charge, nor when the gateway goes by anything but the terminal's own word. */
static gboolean
can_be_known (const SimTx *tx)
{
  return !tx->taken_back || tx->charge_told || !gw_transaction_has (tx->row, GW_ANSWERED);
}

/* Its terminal is gone for good: nobody knows, but for staff. */
static void
check_gone (SimWorld *world, const SimTx *tx, const SimEntry *entry)
{
  gboolean kept = entry->truth == SIM_CHARGED || entry->truth == SIM_KEPT;

  if (kept && tx->row->status != TGP_STATUS_COMPLETED && can_be_known (tx) &&
      !gw_transaction_has (tx->row, GW_NEEDS_ATTENTION | GW_RESOLVED_BY_STAFF))
    sim_fail (world, "what cannot be known is for staff", tx->id,
              "%s was charged by a terminal that is gone, and nobody looks at it", tx->id);
}

/* The journal that knew is lost: what was charged is known to the gateway, or staff look at it. */
static void
check_forgotten (SimWorld *world, const SimTx *tx)
{
  const GwTransaction *row = tx->row;
  gboolean known = row->status == TGP_STATUS_COMPLETED || row->void_status == TGP_VOID_CONFIRMED ||
                   gw_transaction_has (row, GW_NEEDS_ATTENTION | GW_RESOLVED_BY_STAFF);

  if (tx->charges && !tx->reversed && !known && can_be_known (tx))
    sim_fail (world, "what cannot be known is for staff", tx->id,
              "%s was charged, its journal is lost, and nobody looks at it", tx->id);
}

static void
check_row (SimWorld *world, const SimTx *tx)
{
  const GwTransaction *row = tx->row;
  const SimEntry *entry = sim_truth_of (tx);

  world->totals.needs_attention += gw_transaction_has (row, GW_NEEDS_ATTENTION);
  if (!tx->outcome_seq || (row->status == TGP_STATUS_VOIDED && !tx->voided_seq))
    sim_fail (world, "no outcome is missing", tx->id, "nobody was told what became of %s", tx->id);
  if (row->status == TGP_STATUS_COMPLETED && row->charged_amount != tx->amount)
    sim_fail (world, "the end agrees with the journal", tx->id, "%s has another amount", tx->id);
  if (tx->purged)
    return;
  if (tx->forgotten)
    check_forgotten (world, tx);
  else if (entry && tx->terminal->gone)
    check_gone (world, tx, entry);
  else if (entry)
    check_money (world, tx, entry);
  else if (row->status == TGP_STATUS_COMPLETED || row->status == TGP_STATUS_VOIDED)
    sim_fail (world, "the end agrees with the journal", tx->id, "%s is %s, and no terminal knows it", tx->id,
              tgp_status_name (row->status));
}

void
sim_check_end (SimWorld *world)
{
  sim_all_done (world, TRUE);
  for (guint i = 0; i < world->txs->len && !world->failed; i++)
    {
      const SimTx *tx = world->txs->pdata[i];
      if (tx->row)
        check_row (world, tx);
      else if (tx->requests || tx->charges)
        sim_fail (world, "nothing is said before it is committed", tx->id, "%s was sent, and is not known",
                  tx->id);
    }
}
