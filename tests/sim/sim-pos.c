/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A till: it sells, keeps a journal of what is open, asks after a reconnect, and charges again only when it
 * was told that it may, with a new id. */
#include "tests/sim/sim.h"

#include <string.h>

static void come (SimWorld *world, gpointer owner, gpointer data, gint64 run);

/* --- speaking --- */

static gboolean
can_speak (SimPos *pos)
{
  return !pos->down && (pos->http || (pos->conn && pos->conn->peer == SIM_CONN_OPEN));
}

static void
say (SimPos *pos, SimConn *conn, SimAskKind kind, SimTx *tx, gint64 seq)
{
  SimAsk ask = { kind, tx, seq };

  if (pos->http)
    {
      SimConn *request = sim_request (pos, &ask);
      if (kind == SIM_ASK_PAY && tx->pos == pos)
        tx->request = request;
    }
  else
    sim_conn_say (conn ? conn : pos->conn, &ask);
}

static void
query_open (SimPos *pos)
{
  for (guint i = 0; i < pos->open->len; i++)
    {
      SimTx *tx = pos->open->pdata[i];
      /* Its request is still on its way, or waits for the outcome. */
      if (!tx->request || tx->request->peer == SIM_CONN_CLOSED)
        say (pos, NULL, SIM_ASK_QUERY, tx, 0);
    }
}

static void
poll (SimPos *pos)
{
  SimAsk ask = { SIM_ASK_MESSAGES, NULL, 0 };

  if (pos->http && !pos->down && (!pos->poll || pos->poll->peer == SIM_CONN_CLOSED))
    pos->poll = sim_request (pos, &ask);
}

/* --- the journal --- */

/* A finger that presses twice, before anything is known. */
static void
press_again (SimWorld *world, gpointer owner, gpointer data, gint64 number)
{
  SimPos *pos = owner;
  SimTx *tx = data;

  if (!can_speak (pos) || world->calm || tx->told_accepted || !g_ptr_array_find (pos->open, tx, NULL))
    return;
  tx->again = TRUE;
  tx->pressed++;
  say (pos, NULL, SIM_ASK_PAY, tx, 0);
}

static void
start_on (SimPos *pos, SimTerminal *terminal)
{
  SimTx *tx = sim_tx_new (pos, terminal);

  g_strlcpy (tx->named, terminal->device_id ? terminal->device_id : terminal->connection_id,
             sizeof tx->named);
  if (!tx->named[0])
    g_strlcpy (tx->named, "nowhere", sizeof tx->named);
  g_ptr_array_add (pos->open, tx);
  pos->last = tx;
  sim_note (pos->world, pos->name, "sells", tx->id, terminal->index);
  tx->pressed = 1;
  say (pos, NULL, SIM_ASK_PAY, tx, 0);
  if (sim_chance (pos->world, 25))
    sim_at (pos->world, sim_between (pos->world, 1, 6000), press_again, pos, tx, NULL, 0);
}

static void
retry (SimWorld *world, gpointer owner, gpointer data, gint64 terminal)
{
  SimPos *pos = owner;

  if (!can_speak (pos) || world->calm)
    return;
  world->totals.retries++;
  start_on (pos, &world->terminals[terminal]);
}

static void
close_tx (SimPos *pos, SimTx *tx, const TgpVerdict *verdict)
{
  SimWorld *world = pos->world;

  if (!g_ptr_array_remove (pos->open, tx))
    return;
  if (verdict && verdict->retry_safe && verdict->next_action == TGP_NEXT_RETRY && sim_chance (world, 40))
    sim_at (world, sim_between (world, 1000, 8000), retry, pos, NULL, NULL,
            tx->terminal->index % SIM_TERMINALS);
}

static void
wish (SimWorld *world, gpointer owner, gpointer data, gint64 kind)
{
  SimPos *pos = owner;

  if (can_speak (pos))
    say (pos, NULL, (SimAskKind) kind, data, 0);
}

/* --- hearing --- */

static void
take_message (SimPos *pos, SimConn *conn, const char *message_id, const char *action, SimTx *tx,
              const TgpVerdict *verdict)
{
  SimWorld *world = pos->world;
  gint64 seq = sim_seq_of (message_id);
  SimMail *mail = sim_mail_find (world, seq);

  if (mail)
    mail->received = TRUE;
  if (pos->acks)
    {
      if (sim_chance (world, 96) || world->calm)
        say (pos, conn, SIM_ASK_ACK, NULL, seq);
    }
  if (!g_hash_table_contains (pos->handled, GSIZE_TO_POINTER ((gsize) seq)))
    {
      g_autofree char *thing = g_strconcat (tx->id, " ", action, NULL);
      g_hash_table_add (pos->handled, GSIZE_TO_POINTER ((gsize) seq));
      gboolean repeats = strcmp (action, "paymentConflict") == 0 || strcmp (action, "paymentVoidFailed") == 0;
      if (!g_hash_table_add (pos->things, g_steal_pointer (&thing)) && !repeats)
        sim_fail (world, "no outcome is new twice", tx->id, "%s of %s reached %s under a second messageId",
                  action, tx->id, pos->name);
      if (strcmp (action, "paymentComplete") == 0 && verdict->money_moved == TGP_MONEY_MOVED_YES &&
          sim_chance (world, 4))
        sim_at (world, sim_between (world, 500, 20000), wish, pos, tx, NULL, SIM_ASK_VOID);
    }
  close_tx (pos, tx, verdict);
}

void
sim_pos_hears (SimPos *pos, SimConn *conn, const TgpPosEvent *event)
{
  SimTx *tx = sim_tx_find (pos->world, event->transaction_id);

  if (pos->down || !tx || !event->message_id)
    return;
  take_message (pos, conn, event->message_id, event->action, tx, &event->verdict);
}

static void
hear_messages (SimPos *pos, SimConn *conn, const GPtrArray *messages)
{
  for (guint i = 0; i < messages->len; i++)
    {
      const GwMessage *message = messages->pdata[i];
      g_autoptr (TgpPosEvent) event = tgp_pos_event_decode (message->body, strlen (message->body), NULL);
      SimTx *tx = sim_tx_find (pos->world, event->transaction_id);
      if (tx)
        take_message (pos, conn, event->message_id, event->action, tx, &event->verdict);
    }
}

/* The wait brought it in full: that is an ack, once it is here. */
static void
outcome_returned (SimPos *pos, SimConn *conn, const GwTransaction *row)
{
  SimWorld *world = pos->world;
  gint64 seq = row->status == TGP_STATUS_VOIDED ? row->void_seq : row->outcome_seq;
  SimMail *mail = sim_mail_find (world, seq);

  if (mail)
    mail->received = TRUE;
  if (world->engine && world->ready)
    gw_engine_outcome_returned (world->engine, conn->key->key_id, seq);
}

void
sim_pos_answered (SimPos *pos, SimConn *conn, const SimAnswer *answer)
{
  SimTx *tx = sim_tx_find (pos->world, answer->transaction_id);
  TgpVerdict verdict = answer->verdict;

  if (conn->http)
    conn->peer = SIM_CONN_CLOSED;
  if (pos->down)
    return;
  switch (answer->kind)
    {
    case GW_ANSWER_PAYMENT_OUTCOME:
    case GW_ANSWER_TRANSACTION:
      if (answer->kind == GW_ANSWER_PAYMENT_OUTCOME)
        outcome_returned (pos, conn, answer->row);
      verdict = gw_transaction_verdict (answer->row);
      if (tx && tx->pos == pos && tgp_status_is_final (answer->row->status))
        close_tx (pos, tx, &verdict);
      break;
    case GW_ANSWER_PAYMENT_ACCEPTED:
      if (tx)
        tx->told_accepted = TRUE;
      if (tx && sim_chance (pos->world, 3))
        sim_at (pos->world, sim_between (pos->world, 0, 12000), wish, pos, tx, NULL, SIM_ASK_CANCEL);
      break;
    case GW_ANSWER_MESSAGES:
      hear_messages (pos, conn, answer->messages);
      break;
    case GW_ANSWER_ERROR:
      if (answer->code == TGP_ERROR_SESSION_DISPLACED && pos->session_id && !conn->session[0])
        {
          g_snprintf (pos->session_text, sizeof pos->session_text, "%s-run-%u", pos->name, ++pos->sessions);
          pos->session_id = pos->session_text;
        }
      /* Said twice, it was not started only when both are refused. */
      if (tx && tx->pos == pos && answer->has_verdict && verdict.retry_safe &&
          (tx->row || ++tx->refused >= tx->pressed))
        close_tx (pos, tx, &verdict);
      break;
    default:
      break;
    }
  if (conn == pos->poll)
    {
      pos->poll = NULL;
      poll (pos);
    }
}

/* --- selling --- */

void
sim_pos_start (SimPos *pos)
{
  SimWorld *world = pos->world;

  if (can_speak (pos) && pos->open->len < 4)
    start_on (pos, &world->terminals[sim_between (world, 0, SIM_TERMINALS - 1)]);
}

static void
sell (SimWorld *world, gpointer owner, gpointer data, gint64 number)
{
  SimPos *pos = owner;

  if (world->calm)
    return;
  sim_pos_start (pos);
  sim_at (world, sim_between (world, 6000, 50000), sell, pos, NULL, NULL, 0);
}

/* Looks at what has been open for long. */
static void
look (SimWorld *world, gpointer owner, gpointer data, gint64 number)
{
  SimPos *pos = owner;

  if (can_speak (pos))
    {
      if (pos->open->len)
        query_open (pos);
      poll (pos);
    }
  sim_at (world, 45000, look, pos, NULL, NULL, 0);
}

/* A finger that presses twice, once it is known to be there. */
void
sim_pos_again (SimPos *pos)
{
  if (!can_speak (pos) || !pos->last || !pos->last->told_accepted)
    return;
  pos->last->again = TRUE;
  say (pos, NULL, SIM_ASK_PAY, pos->last, 0);
}

/* Another till's id, by mistake. */
void
sim_pos_foreign (SimPos *pos)
{
  SimWorld *world = pos->world;

  for (guint i = world->txs->len; i > 0; i--)
    {
      SimTx *tx = world->txs->pdata[i - 1];
      if (tx->pos == pos || !tx->row || !can_speak (pos))
        continue;
      say (pos, NULL, SIM_ASK_PAY, tx, 0);
      if (sim_chance (world, 50))
        say (pos, NULL, SIM_ASK_CANCEL, tx, 0);
      return;
    }
}

/* --- coming and going --- */

void
sim_pos_come (SimPos *pos, gint64 delay)
{
  sim_at (pos->world, delay, come, pos, NULL, NULL, (gint64) pos->run);
}

static void
come (SimWorld *world, gpointer owner, gpointer data, gint64 run)
{
  SimPos *pos = owner;

  if (pos->run != (guint64) run)
    return;
  pos->down = FALSE;
  if (pos->http)
    {
      query_open (pos);
      poll (pos);
    }
  else if (!pos->conn || pos->conn->peer == SIM_CONN_CLOSED)
    pos->conn = sim_connect_pos (pos);
}

void
sim_pos_opened (SimPos *pos, SimConn *conn)
{
  if (conn == pos->conn)
    query_open (pos);
}

void
sim_pos_closed (SimPos *pos, SimConn *conn, gboolean displaced)
{
  SimWorld *world = pos->world;

  if (conn->http)
    {
      if (conn == pos->poll)
        pos->poll = NULL;
      if (!pos->down && conn->ask.kind == SIM_ASK_PAY)
        say (pos, NULL, SIM_ASK_QUERY, conn->ask.tx, 0);
      return;
    }
  if (conn != pos->conn || pos->down)
    return;
  pos->conn = NULL;
  sim_pos_come (pos, displaced ? sim_between (world, 2000, 9000) : sim_between (world, 200, 5000));
}

void
sim_pos_leave (SimPos *pos, gboolean silently)
{
  SimWorld *world = pos->world;

  pos->run++;
  pos->down = TRUE;
  pos->conn = pos->poll = NULL;
  for (guint i = 0; i < world->conns->len; i++)
    {
      SimConn *conn = world->conns->pdata[i];
      if (conn->pos == pos && conn->peer != SIM_CONN_CLOSED)
        sim_conn_leave (conn, silently);
    }
}

void
sim_pos_forget (SimPos *pos)
{
  g_ptr_array_set_size (pos->open, 0);
  g_hash_table_remove_all (pos->handled);
  g_hash_table_remove_all (pos->things);
  pos->last = NULL;
}

static void
storm (SimWorld *world, gpointer owner, gpointer data, gint64 turns)
{
  SimPos *pos = owner;

  if (pos->down || pos->http)
    return;
  if (pos->last && sim_chance (world, 30))
    {
      /* The same key in another program, over HTTP: it takes the till's place, which the till takes back. */
      SimAsk ask = { SIM_ASK_QUERY, pos->last, 0 };
      SimConn *other = sim_request (pos, &ask);
      g_snprintf (other->session, sizeof other->session, "other-run-%u", ++pos->sessions);
    }
  else /* the older connection is still there, and what it says is under way */
    pos->conn = sim_connect_pos (pos);
  if (turns > 0)
    sim_at (world, sim_between (world, 0, 400), storm, pos, NULL, NULL, turns - 1);
}

void
sim_pos_storm (SimPos *pos, guint turns)
{
  if (pos->http && pos->session_id)
    {
      g_snprintf (pos->session_text, sizeof pos->session_text, "%s-run-%u", pos->name, ++pos->sessions);
      query_open (pos);
    }
  storm (pos->world, pos, NULL, turns);
}

void
sim_pos_init (SimWorld *world, guint index)
{
  SimPos *pos = &world->pos[index];

  pos->world = world;
  pos->index = index;
  pos->http = index == 2 || index == 5;
  pos->acks = index != 4; /* a client of the source's kind: its pongs count */
  g_snprintf (pos->name, sizeof pos->name, "POS-%u", index);
  if (index == 5)
    {
      g_snprintf (pos->session_text, sizeof pos->session_text, "%s-run-0", pos->name);
      pos->session_id = pos->session_text;
    }
  pos->open = g_ptr_array_new ();
  pos->handled = g_hash_table_new (NULL, NULL);
  pos->things = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  sim_pos_come (pos, sim_between (world, 1000, 4000));
  sim_at (world, sim_between (world, 5000, 20000), sell, pos, NULL, NULL, 0);
  sim_at (world, 45000, look, pos, NULL, NULL, 0);
}

void
sim_pos_clear (SimPos *pos)
{
  g_ptr_array_unref (pos->open);
  g_hash_table_unref (pos->handled);
  g_hash_table_unref (pos->things);
  gw_key_unref (pos->key);
}
