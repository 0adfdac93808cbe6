/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A terminal as section 6 wants it: it keeps a journal, hands in each result until it is acked, and answers
 * everything idempotently. Some have a twin: a second device of the same name with a journal of its own. */
#include "tests/sim/sim.h"

#include <string.h>

static void come (SimWorld *world, gpointer owner, gpointer data, gint64 run);

/* --- the journal --- */

SimEntry *
sim_terminal_entry (SimTerminal *terminal, SimTx *tx)
{
  for (guint i = terminal->journal->len; i > 0; i--)
    if (((SimEntry *) terminal->journal->pdata[i - 1])->tx == tx)
      return terminal->journal->pdata[i - 1];
  return NULL;
}

static SimEntry *
enter (SimTerminal *terminal, SimTx *tx, SimTruth truth)
{
  SimEntry *entry = g_new0 (SimEntry, 1);

  entry->tx = tx;
  entry->truth = truth;
  g_ptr_array_add (terminal->journal, entry);
  return entry;
}

static gboolean
has_result (const SimEntry *entry)
{
  return entry->truth != SIM_BUSY && entry->truth != SIM_DENIED;
}

static gboolean
is_busy (SimTerminal *terminal)
{
  for (guint i = 0; i < terminal->journal->len; i++)
    if (((SimEntry *) terminal->journal->pdata[i])->truth == SIM_BUSY)
      return TRUE;
  return FALSE;
}

/* --- speaking --- */

static gboolean
is_here (SimTerminal *terminal)
{
  return !terminal->down && terminal->conn && terminal->conn->peer == SIM_CONN_OPEN;
}

static gboolean
is_mute (SimTerminal *terminal)
{
  return terminal->world->monotonic < terminal->mute_until;
}

static TgpTerminalMessage *
about (TgpTerminalAction action, const SimTx *tx)
{
  TgpTerminalMessage *message = tgp_terminal_message_new (action);

  message->transaction_id = g_strdup (tx->id);
  return message;
}

static void
tell_result (SimTerminal *terminal, const SimEntry *entry)
{
  TgpTerminalMessage *message = about (TGP_TERMINAL_PAYMENT_RESPONSE, entry->tx);
  TgpPaymentResponse *response = tgp_payment_response_new ();

  if (entry->truth == SIM_REFUSED || entry->truth == SIM_CANCELLED)
    response->status = entry->truth == SIM_REFUSED ? TGP_RESULT_FAILED : TGP_RESULT_CANCELLED;
  else
    {
      response->status = TGP_RESULT_SUCCESS;
      response->has_amount = TRUE;
      response->amount = entry->tx->amount;
      g_strlcpy (response->currency, "EUR", sizeof response->currency);
      response->authorization_code = g_strdup (entry->recanted ? "A2" : "A1");
    }
  message->response = response;
  sim_conn_tell (terminal->conn, message);
}

static void
tell_status (SimTerminal *terminal, SimTx *tx, gboolean in_progress)
{
  TgpTerminalMessage *message = about (TGP_TERMINAL_PAYMENT_STATUS, tx);

  message->in_progress = in_progress;
  sim_conn_tell (terminal->conn, message);
}

static void
hello (SimTerminal *terminal)
{
  TgpTerminalMessage *message = tgp_terminal_message_new (TGP_TERMINAL_HELLO);

  message->capabilities = terminal->capabilities;
  message->journal_id =
    g_strdup_printf ("journal-%s-%d-%u", terminal->name, terminal->is_twin, terminal->journals);
  message->active = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < terminal->journal->len; i++)
    {
      SimEntry *entry = terminal->journal->pdata[i];
      if (entry->truth == SIM_BUSY && !is_mute (terminal))
        g_ptr_array_add (message->active, g_strdup (entry->tx->id));
    }
  sim_conn_tell (terminal->conn, message);
  for (guint i = 0; i < terminal->journal->len && !is_mute (terminal); i++)
    {
      SimEntry *entry = terminal->journal->pdata[i];
      if (has_result (entry) && !entry->acked)
        tell_result (terminal, entry);
    }
}

/* --- a payment --- */

static void
finish (SimTerminal *terminal, SimEntry *entry, SimTruth truth)
{
  entry->truth = truth;
  sim_note (terminal->world, terminal->name, "journal", entry->tx->id, truth);
  if (truth == SIM_CHARGED)
    {
      entry->tx->charges++;
      terminal->world->totals.charges++;
    }
  if (is_here (terminal) && !is_mute (terminal))
    tell_result (terminal, entry);
}

static SimTx *
tx_of (SimWorld *world, gint64 number)
{
  return world->txs->pdata[number];
}

static gint64
number_of (const SimTx *tx)
{
  return g_ascii_strtoll (tx->id + 3, NULL, 10);
}

static void
accept (SimWorld *world, gpointer owner, gpointer data, gint64 number)
{
  SimTerminal *terminal = owner;
  SimEntry *entry = sim_terminal_entry (terminal, tx_of (world, number));

  if (!entry || entry->truth != SIM_BUSY || !is_here (terminal))
    return;
  entry->accepted = TRUE;
  sim_conn_tell (terminal->conn, about (TGP_TERMINAL_PAYMENT_ACCEPTED, entry->tx));
}

static void
progress (SimWorld *world, gpointer owner, gpointer data, gint64 number)
{
  SimTerminal *terminal = owner;
  SimEntry *entry = sim_terminal_entry (terminal, tx_of (world, number));

  if (!entry || entry->truth != SIM_BUSY || !is_here (terminal))
    return;
  TgpTerminalMessage *message = about (TGP_TERMINAL_PAYMENT_PROGRESS, entry->tx);
  message->stage = g_strdup ("PIN_ENTRY");
  sim_conn_tell (terminal->conn, message);
}

/* The customer and the bank do not care who is connected. */
static void
decide (SimWorld *world, gpointer owner, gpointer data, gint64 number)
{
  SimTerminal *terminal = owner;
  SimEntry *entry = sim_terminal_entry (terminal, tx_of (world, number));

  if (!entry || entry->truth != SIM_BUSY || terminal->gone)
    return;
  if (terminal->down)
    sim_at (world, 1000, decide, terminal, NULL, NULL, number);
  else
    finish (terminal, entry,
            sim_chance (world, 80)   ? SIM_CHARGED
            : sim_chance (world, 70) ? SIM_REFUSED
                                     : SIM_CANCELLED);
}

static void
payment_request (SimTerminal *terminal, SimTx *tx)
{
  SimWorld *world = terminal->world;
  gint64 number = number_of (tx);

  if (sim_terminal_entry (terminal, tx))
    return; /* said before, or denied: not a second time */
  enter (terminal, tx, SIM_BUSY);
  if (sim_chance (world, 95))
    sim_at (world, sim_between (world, 5, 900), accept, terminal, NULL, NULL, number);
  if (sim_chance (world, 20))
    sim_at (world, sim_between (world, 1000, 9000), progress, terminal, NULL, NULL, number);
  if (sim_chance (world, 97))
    sim_at (world,
            sim_chance (world, 90) ? sim_between (world, 500, 25000) : sim_between (world, 25000, 200000),
            decide, terminal, NULL, NULL, number);
  else
    sim_at (world, sim_between (world, 150000, 700000), decide, terminal, NULL, NULL, number);
}

static void
get_status (SimTerminal *terminal, SimTx *tx)
{
  SimEntry *entry = sim_terminal_entry (terminal, tx);

  if (!entry)
    entry = enter (terminal, tx, SIM_DENIED);
  if (has_result (entry))
    tell_result (terminal, entry);
  else
    tell_status (terminal, tx, entry->truth == SIM_BUSY);
}

static void
cancel (SimTerminal *terminal, SimTx *tx)
{
  SimEntry *entry = sim_terminal_entry (terminal, tx);

  if (!entry)
    get_status (terminal, tx);
  else if (has_result (entry))
    tell_result (terminal, entry);
  else if (entry->truth == SIM_BUSY && sim_chance (terminal->world, 85))
    finish (terminal, entry, SIM_CANCELLED);
}

static void
reverse (SimTerminal *terminal, SimTx *tx)
{
  SimWorld *world = terminal->world;
  SimEntry *entry = sim_terminal_entry (terminal, tx);

  if (terminal->deaf)
    return;
  if (entry && entry->truth == SIM_CHARGED)
    {
      entry->truth = sim_chance (world, 88) ? SIM_REVERSED : SIM_KEPT;
      world->totals.voids += entry->truth == SIM_REVERSED;
      tx->reversed |= entry->truth == SIM_REVERSED;
      sim_note (world, terminal->name, "journal", tx->id, entry->truth);
    }
  if (!world->calm && sim_chance (world, 15))
    return; /* the answer is never heard: it is asked again */
  TgpTerminalMessage *message = about (TGP_TERMINAL_VOID_RESPONSE, tx);
  message->void_answer = !entry || entry->truth == SIM_DENIED ? TGP_VOID_ANSWER_UNKNOWN
                         : entry->truth == SIM_REVERSED       ? TGP_VOID_ANSWER_VOIDED
                                                              : TGP_VOID_ANSWER_FAILED;
  sim_conn_tell (terminal->conn, message);
}

void
sim_terminal_hears (SimTerminal *terminal, SimConn *conn, const TgpTerminalCommand *command)
{
  SimTx *tx = sim_tx_find (terminal->world, command->transaction_id);
  SimEntry *entry;

  if (conn != terminal->conn || terminal->down)
    return;
  if (command->action == TGP_COMMAND_CONNECTED)
    {
      conn->peer = SIM_CONN_OPEN;
      g_strlcpy (terminal->connection_id, command->connection_id, sizeof terminal->connection_id);
      hello (terminal);
      return;
    }
  conn->peer = SIM_CONN_OPEN;
  if (!tx || is_mute (terminal))
    return;
  switch (command->action)
    {
    case TGP_COMMAND_PAYMENT_REQUEST:
      payment_request (terminal, tx);
      break;
    case TGP_COMMAND_GET_PAYMENT_STATUS:
      get_status (terminal, tx);
      break;
    case TGP_COMMAND_CANCEL_PAYMENT:
      cancel (terminal, tx);
      break;
    case TGP_COMMAND_VOID_PAYMENT:
      reverse (terminal, tx);
      break;
    case TGP_COMMAND_PAYMENT_RESPONSE_ACK:
      entry = sim_terminal_entry (terminal, tx);
      if (entry)
        entry->acked = TRUE;
      break;
    default:
      break;
    }
}

/* A mistake in its software, or worse: results of payments that were never sent to it. */
void
sim_terminal_stray (SimTerminal *terminal)
{
  SimWorld *world = terminal->world;

  for (guint i = world->txs->len; i > 0 && i + 40 > world->txs->len; i--)
    {
      SimTx *tx = world->txs->pdata[i - 1];
      if (!is_here (terminal) || tx->terminal == terminal || tx->terminal->twin == terminal || !tx->row ||
          !sim_chance (world, 60))
        continue;
      SimEntry lie = { .tx = tx, .truth = sim_chance (world, 70) ? SIM_CHARGED : SIM_REFUSED };
      if (sim_chance (world, 70))
        tell_result (terminal, &lie);
      else
        tell_status (terminal, tx, FALSE);
    }
}

/* The bank was slower than the terminal: what was refused is charged after all. Or it reports a charge under
 * another authorization code. */
void
sim_terminal_recant (SimTerminal *terminal)
{
  SimWorld *world = terminal->world;

  for (guint i = terminal->journal->len; i > 0 && is_here (terminal); i--)
    {
      SimEntry *entry = terminal->journal->pdata[i - 1];
      if (!entry->acked || !sim_chance (world, 60))
        continue;
      if (entry->truth == SIM_REFUSED || entry->truth == SIM_CANCELLED)
        {
          entry->acked = FALSE;
          entry->tx->taken_back = TRUE;
          finish (terminal, entry, SIM_CHARGED);
          return;
        }
      if (entry->truth == SIM_REVERSED && !entry->recanted)
        {
          /* Charged once more, after it was given back. */
          entry->recanted = entry->tx->charged_again = TRUE;
          entry->acked = FALSE;
          tell_result (terminal, entry);
          return;
        }
      if (entry->truth == SIM_CHARGED)
        {
          entry->recanted = TRUE;
          tell_result (terminal, entry);
          return;
        }
    }
}

/* --- coming and going --- */

void
sim_terminal_come (SimTerminal *terminal, gint64 delay)
{
  sim_at (terminal->world, delay, come, terminal, NULL, NULL, (gint64) terminal->run);
}

static void
come (SimWorld *world, gpointer owner, gpointer data, gint64 run)
{
  SimTerminal *terminal = owner;

  if (terminal->run != (guint64) run || terminal->gone || (terminal->is_twin && !terminal->active))
    return;
  if (terminal->conn && terminal->conn->peer != SIM_CONN_CLOSED)
    return;
  terminal->down = FALSE;
  terminal->conn = sim_connect_terminal (terminal);
}

void
sim_terminal_closed (SimTerminal *terminal, SimConn *conn, gboolean displaced)
{
  SimWorld *world = terminal->world;

  if (conn != terminal->conn || terminal->down || terminal->on_edge)
    return;
  terminal->conn = NULL;
  /* Two of one name would fight for ever: each gives the other some time. */
  sim_terminal_come (terminal, displaced && sim_chance (world, 60)
                                 ? sim_between (world, 5000, 20000)
                                 : sim_between (world, displaced ? 0 : 300, displaced ? 600 : 4000));
}

void
sim_terminal_leave (SimTerminal *terminal, gboolean silently)
{
  SimConn *conn = terminal->conn;

  terminal->run++;
  terminal->down = TRUE;
  terminal->hold_until = 0;
  terminal->on_edge = FALSE;
  terminal->conn = NULL;
  if (conn)
    sim_conn_leave (conn, silently);
}

/* Stolen, or broken beyond repair. */
void
sim_terminal_vanish (SimTerminal *terminal)
{
  terminal->gone = terminal->twin->gone = TRUE;
  sim_terminal_leave (terminal, sim_chance (terminal->world, 50));
}

void
sim_terminal_forget (SimTerminal *terminal)
{
  terminal->journals++;
  for (guint i = 0; i < terminal->journal->len; i++)
    {
      SimEntry *entry = terminal->journal->pdata[i];
      if (entry->truth != SIM_DENIED)
        entry->tx->forgotten = TRUE;
      terminal->world->totals.forgotten++;
    }
  g_ptr_array_set_size (terminal->journal, 0);
}

static void
leave_for_good (SimWorld *world, gpointer owner, gpointer data, gint64 number)
{
  SimTerminal *twin = owner;

  sim_terminal_leave (twin, FALSE);
  twin->active = FALSE;
}

/* What a twin still owes it hands in, as long as it takes: then it goes. */
static void
hand_in (SimWorld *world, gpointer owner, gpointer data, gint64 number)
{
  SimTerminal *twin = owner;
  gboolean owes = is_busy (twin);

  for (guint i = 0; i < twin->journal->len; i++)
    {
      SimEntry *entry = twin->journal->pdata[i];
      owes |= has_result (entry) && !entry->acked;
    }
  if (owes)
    {
      twin->active = TRUE;
      sim_terminal_come (twin, 0);
      sim_at (world, 15000, leave_for_good, twin, NULL, NULL, 0);
    }
  sim_at (world, 60000, hand_in, twin, NULL, NULL, 0);
}

void
sim_terminal_calm (SimTerminal *terminal)
{
  SimWorld *world = terminal->world;

  if (terminal->gone)
    return;
  terminal->duplicates_until = terminal->reorders_until = terminal->mute_until = 0;
  /* Nobody stands before it for ever. */
  for (guint i = 0; i < terminal->journal->len; i++)
    {
      SimEntry *entry = terminal->journal->pdata[i];
      if (entry->truth == SIM_BUSY)
        sim_at (world, sim_between (world, 1000, 60000), decide, terminal, NULL, NULL, number_of (entry->tx));
    }
  if (terminal->is_twin)
    {
      leave_for_good (world, terminal, NULL, 0);
      sim_at (world, 30000, hand_in, terminal, NULL, NULL, 0);
      return;
    }
  gboolean owes = FALSE; /* from when it was mute */
  for (guint i = 0; i < terminal->journal->len; i++)
    {
      SimEntry *entry = terminal->journal->pdata[i];
      owes |= has_result (entry) && !entry->acked;
    }
  if (owes || terminal->on_edge || terminal->down || !terminal->conn || terminal->conn->hole)
    {
      sim_terminal_leave (terminal, FALSE);
      sim_terminal_come (terminal, sim_between (world, 500, 20000));
    }
}

void
sim_terminal_opened (SimTerminal *terminal, SimConn *conn)
{
}

SimTerminal *
sim_terminal_of_slot (SimWorld *world, const char *slot)
{
  for (guint i = 0; slot && i < SIM_TERMINALS; i++)
    {
      SimTerminal *terminal = &world->terminals[i];
      if (terminal->device_id
            ? strcmp (slot, terminal->device_id) == 0
            : slot[0] == '@' && strcmp (sim_owner_of (world, slot + 1), terminal->owner) == 0)
        return terminal;
    }
  return NULL;
}

void
sim_terminal_init (SimWorld *world, guint index)
{
  SimTerminal *terminal = &world->terminals[index];
  guint n = index % SIM_TERMINALS;

  terminal->world = world;
  terminal->index = index;
  terminal->is_twin = index >= SIM_TERMINALS;
  terminal->twin = &world->terminals[(index + SIM_TERMINALS) % (2 * SIM_TERMINALS)];
  terminal->journal = g_ptr_array_new_with_free_func (g_free);
  g_snprintf (terminal->name, sizeof terminal->name, "T-%u%s", n, terminal->is_twin ? "'" : "");
  if (n != SIM_TERMINALS - 1)
    terminal->device_id = g_strdup_printf ("T-%u", n);
  terminal->capabilities = TGP_CAPABILITY_PROGRESS;
  if (n != 6)
    terminal->capabilities |= TGP_CAPABILITY_VOID;
  if (n != 7)
    terminal->capabilities |= TGP_CAPABILITY_CANCEL;
  terminal->deaf = n == 5 && world->seed % 2 == 0;
  if (!terminal->is_twin)
    sim_terminal_come (terminal, sim_between (world, 500, 3000));
}

void
sim_terminal_clear (SimTerminal *terminal)
{
  g_ptr_array_unref (terminal->journal);
  g_free (terminal->device_id);
  gw_key_unref (terminal->key);
}
