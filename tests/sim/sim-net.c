/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Connections: delay, order, ends that are seen by one side only; and the links port. */
#include "tests/sim/sim.h"

#include "protocol/pos-message.h"

#include <string.h>

typedef struct
{
  SimAnswer answer;
  TgpPosEvent *event;
  TgpTerminalCommand *command;
} Parcel;

static void
free_parcel (gpointer data)
{
  Parcel *parcel = data;

  g_clear_pointer (&parcel->event, tgp_pos_event_free);
  g_clear_pointer (&parcel->command, tgp_terminal_command_free);
  g_clear_pointer (&parcel->answer.row, gw_transaction_unref);
  g_clear_pointer (&parcel->answer.messages, g_ptr_array_unref);
  g_free (parcel->answer.transaction_id);
  g_free (parcel);
}

static SimConn *
find (SimWorld *world, guint64 link)
{
  return link && link <= world->conns->len ? world->conns->pdata[link - 1] : NULL;
}

const char *
sim_conn_name (SimConn *conn)
{
  return conn->pos ? conn->pos->name : conn->terminal ? conn->terminal->name : "staff";
}

/* In order, and never at once. */
gint64
sim_travel (SimConn *conn, gint64 *last, gboolean may_overtake)
{
  SimWorld *world = conn->world;
  gint64 at =
    world->monotonic + (sim_chance (world, 92) ? sim_between (world, 0, 15) : sim_between (world, 0, 400));

  if (!may_overtake)
    at = *last = MAX (at, *last);
  return at - world->monotonic;
}

/* --- the gateway's side goes --- */

static void
gateway_closed (SimConn *conn)
{
  if (conn->gateway == SIM_CONN_OPEN && !conn->http)
    {
      guint *live = conn->pos ? &conn->pos->live : &conn->terminal->live;
      (*live)--;
    }
  conn->gateway = SIM_CONN_CLOSED;
  g_queue_clear_full (&conn->deferred, g_free);
}

static void
peer_hears_end (SimWorld *world, gpointer owner, gpointer data, gint64 displaced)
{
  SimConn *conn = owner;

  if (conn->peer == SIM_CONN_CLOSED || conn->hole)
    return;
  conn->peer = SIM_CONN_CLOSED;
  if (conn->pos)
    sim_pos_closed (conn->pos, conn, displaced != 0);
  else if (conn->terminal)
    sim_terminal_closed (conn->terminal, conn, displaced != 0);
}

static void
end_from_gateway (SimConn *conn, gboolean displaced)
{
  gateway_closed (conn);
  sim_at (conn->world, sim_travel (conn, &conn->to_peer, FALSE), peer_hears_end, conn, NULL, NULL, displaced);
}

void
sim_cut_all (SimWorld *world)
{
  for (guint i = 0; i < world->conns->len; i++)
    {
      SimConn *conn = world->conns->pdata[i];
      if (conn->gateway != SIM_CONN_CLOSED)
        end_from_gateway (conn, FALSE);
    }
}

void
sim_conn_free (SimConn *conn)
{
  g_queue_clear_full (&conn->deferred, g_free);
  g_clear_pointer (&conn->key, gw_key_unref);
  g_free (conn);
}

/* --- the links port --- */

/* FALSE: the gateway died before this. */
static gboolean
happens (SimWorld *world)
{
  if (world->effects_left == 0)
    return FALSE;
  if (world->effects_left > 0)
    world->effects_left--;
  return TRUE;
}

static void
parcel_arrives (SimWorld *world, gpointer owner, gpointer data, gint64 number)
{
  SimConn *conn = owner;
  Parcel *parcel = data;

  if (conn->peer == SIM_CONN_CLOSED || conn->hole)
    return;
  if (parcel->event)
    sim_pos_hears (conn->pos, conn, parcel->event);
  else if (parcel->command)
    sim_terminal_hears (conn->terminal, conn, parcel->command);
  else if (conn->pos)
    sim_pos_answered (conn->pos, conn, &parcel->answer);
}

static void
peer_is_open (SimWorld *world, gpointer owner, gpointer data, gint64 number)
{
  SimConn *conn = owner;

  if (conn->peer != SIM_CONN_SHAKING || conn->hole)
    return;
  conn->peer = SIM_CONN_OPEN;
  if (conn->pos)
    sim_pos_opened (conn->pos, conn);
}

static void
links_send (gpointer links, guint64 link, const char *text)
{
  SimWorld *world = links;
  SimConn *conn = find (world, link);
  gsize length = strlen (text);
  Parcel *parcel;

  if (!happens (world) || conn->gateway == SIM_CONN_CLOSED)
    return;
  if (conn->pos && strncmp (text, "{\"action\":\"terminalStatusUpdate\"", 32) == 0)
    return;
  parcel = g_new0 (Parcel, 1);
  if (conn->pos)
    {
      parcel->event = tgp_pos_event_decode (text, length, NULL);
      sim_note (world, sim_conn_name (conn), parcel->event->action, parcel->event->transaction_id,
                sim_seq_of (parcel->event->message_id));
      sim_check_sent_to_pos (conn, parcel->event, text);
      sim_at (world, sim_travel (conn, &conn->to_peer, FALSE), parcel_arrives, conn, parcel, free_parcel, 0);
      return;
    }
  SimTerminal *terminal = conn->terminal;
  gboolean reorders = world->monotonic < terminal->reorders_until && sim_chance (world, 50);
  parcel->command = tgp_terminal_command_decode (text, length, NULL);
  sim_note (world, sim_conn_name (conn), sim_command_name (parcel->command->action),
            parcel->command->transaction_id, parcel->command->status);
  sim_check_sent_to_terminal (conn, parcel->command);
  if (parcel->command->action == TGP_COMMAND_CONNECTED)
    {
      sim_at (world, sim_travel (conn, &conn->to_peer, FALSE), parcel_arrives, conn, parcel, free_parcel, 0);
      return;
    }
  if (world->monotonic < terminal->duplicates_until && sim_chance (world, 50))
    {
      Parcel *again = g_new0 (Parcel, 1);
      again->command = tgp_terminal_command_decode (text, length, NULL);
      sim_at (world, sim_travel (conn, &conn->to_peer, reorders), parcel_arrives, conn, again, free_parcel,
              0);
    }
  sim_at (world, sim_travel (conn, &conn->to_peer, reorders), parcel_arrives, conn, parcel, free_parcel, 0);
}

static void
opened (SimConn *conn)
{
  SimWorld *world = conn->world;
  guint *live = conn->pos ? &conn->pos->live : &conn->terminal->live;
  SimConn **newest = conn->pos ? &conn->pos->newest : &conn->terminal->newest;

  conn->gateway = SIM_CONN_OPEN;
  conn->heard = world->monotonic;
  (*live)++;
  *newest = conn;
  if (conn->terminal)
    {
      conn->terminal->attached++;
      conn->terminal->twin->newest = conn;
    }
  sim_note (world, sim_conn_name (conn), "attached", NULL, (gint64) conn->link);
  sim_at (world, sim_travel (conn, &conn->to_peer, FALSE), peer_is_open, conn, NULL, NULL, 0);
  sim_heartbeat_start (conn);
  gw_engine_link_ready (world->engine, conn->link);
}

static void
key_arrives (SimWorld *world, gpointer owner, gpointer data, gint64 number)
{
  sim_staff_has_key (world, owner, data);
}

static void http_goes_on (SimWorld *world, gpointer owner, gpointer data, gint64 run);

static void
links_answer (gpointer links, guint64 link, const GwAnswer *answer)
{
  SimWorld *world = links;
  SimConn *conn = find (world, link);
  Parcel *parcel;

  if (!conn || !happens (world) || conn->gateway == SIM_CONN_CLOSED)
    return;
  if (answer->kind == GW_ANSWER_ATTACHED)
    {
      if (conn->http)
        sim_at (world, 0, http_goes_on, conn, NULL, NULL, (gint64) world->run);
      else
        opened (conn);
      return;
    }
  if (answer->kind == GW_ANSWER_KEY && !answer->key->revoked_at)
    sim_at (world, sim_travel (conn, &conn->to_peer, FALSE), key_arrives, conn, gw_key_ref (answer->key),
            (GDestroyNotify) gw_key_unref, 0);
  const char *id = answer->row ? answer->row->transaction_id : answer->error.transaction_id;
  sim_note (world, sim_conn_name (conn), "answer", id, answer->kind * 1000 + answer->error.code);
  sim_check_answer (conn, answer);
  parcel = g_new0 (Parcel, 1);
  parcel->answer.kind = answer->kind;
  parcel->answer.code = answer->error.code;
  parcel->answer.transaction_id = g_strdup (id);
  if (answer->kind == GW_ANSWER_ERROR && answer->error.verdict)
    {
      parcel->answer.has_verdict = TRUE;
      parcel->answer.verdict = *answer->error.verdict;
    }
  if (answer->row)
    parcel->answer.row = gw_transaction_ref (answer->row);
  if (answer->kind == GW_ANSWER_MESSAGES)
    {
      parcel->answer.messages = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_message_unref);
      for (guint i = 0; i < answer->rows->len; i++)
        g_ptr_array_add (parcel->answer.messages, gw_message_ref (answer->rows->pdata[i]));
    }
  sim_at (world, sim_travel (conn, &conn->to_peer, FALSE), parcel_arrives, conn, parcel, free_parcel, 0);
  if (conn->http || conn->gateway == SIM_CONN_SHAKING)
    end_from_gateway (conn, FALSE);
}

static void
links_disconnect (gpointer links, guint64 link, const TgpForceDisconnect *why)
{
  SimWorld *world = links;
  SimConn *conn = find (world, link);

  if (conn->gateway == SIM_CONN_CLOSED || !happens (world))
    return;
  sim_note (world, sim_conn_name (conn), "told to go", tgp_disconnect_reason_name (why->reason),
            (gint64) link);
  end_from_gateway (conn, why->reason == TGP_DISCONNECT_API_KEY_USED_ELSEWHERE);
}

static void
links_drop (gpointer links, guint64 link)
{
  SimConn *conn = find (links, link);

  if (conn->gateway == SIM_CONN_CLOSED || !happens (links))
    return;
  sim_note (links, sim_conn_name (conn), "dropped", NULL, (gint64) link);
  end_from_gateway (conn, FALSE);
}

static void
links_probe (gpointer links, guint64 link, guint timeout_ms)
{
  sim_probe (find (links, link), timeout_ms);
}

/* --- tills speak --- */

static const char *
session_of (const SimConn *conn)
{
  return conn->session[0] ? conn->session : conn->pos->session_id;
}

static void
run_ask (SimConn *conn, const SimAsk *ask)
{
  SimWorld *world = conn->world;
  GwCaller caller = { .link = conn->link, .key = conn->key, .http = conn->http };
  GwEngine *engine = world->engine;

  if (conn->http)
    caller.session_id = session_of (conn);
  switch (ask->kind)
    {
    case SIM_ASK_PAY:
      {
        TgpPaymentRequest *payment = tgp_payment_request_new ();
        /* What was refused before leaves the id free: this one counts. */
        if (!ask->tx->row)
          ask->tx->told_safe = FALSE;
        payment->transaction_id = g_strdup (ask->tx->id);
        payment->amount = ask->tx->amount;
        g_strlcpy (payment->currency, "EUR", sizeof payment->currency);
        payment->method = TGP_METHOD_CARD;
        gw_engine_pay (engine, &caller, ask->tx->named, payment, 0, 0);
        break;
      }
    case SIM_ASK_QUERY:
      gw_engine_get_transaction (engine, &caller, SIM_GROUP, ask->tx->id);
      break;
    case SIM_ASK_CANCEL:
      gw_engine_cancel (engine, &caller, ask->tx->id);
      break;
    case SIM_ASK_VOID:
      gw_engine_void (engine, &caller, ask->tx->id);
      break;
    case SIM_ASK_ACK:
      {
        g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
        g_ptr_array_add (ids, g_strdup_printf ("5eed5eed-%" G_GINT64_FORMAT, ask->seq));
        gw_engine_ack (engine, &caller, ids);
        break;
      }
    case SIM_ASK_MESSAGES:
      gw_engine_get_messages (engine, &caller, 30000);
      break;
    }
}

static void
http_goes_on (SimWorld *world, gpointer owner, gpointer data, gint64 run)
{
  SimConn *conn = owner;

  if (world->run == (guint64) run && world->engine && conn->gateway != SIM_CONN_CLOSED)
    run_ask (conn, &conn->ask);
}

static void
links_release (gpointer links, guint64 link)
{
  SimWorld *world = links;
  SimConn *conn = find (world, link);

  while (conn && conn->gateway == SIM_CONN_OPEN && conn->deferred.length &&
         !gw_engine_link_is_held (world->engine, link))
    {
      g_autofree SimAsk *ask = g_queue_pop_head (&conn->deferred);
      run_ask (conn, ask);
    }
}

static const GwLinksClass links_class = { links_send, links_answer,  links_disconnect,
                                          links_drop, links_release, links_probe };

GwLinks
sim_links_port (SimWorld *world)
{
  return (GwLinks){ &links_class, world };
}

/* --- peers --- */

static SimConn *
conn_new (SimWorld *world, GwKey *key)
{
  SimConn *conn = g_new0 (SimConn, 1);

  conn->key = key ? gw_key_ref (key) : NULL;
  conn->world = world;
  conn->link = ++world->next_link;
  g_ptr_array_add (world->conns, conn);
  return conn;
}

static void
refused (SimWorld *world, gpointer owner, gpointer data, gint64 number)
{
  peer_hears_end (world, owner, NULL, 0);
}

static void
arrive (SimWorld *world, gpointer owner, gpointer data, gint64 number)
{
  SimConn *conn = owner;
  GwCaller caller = { .link = conn->link, .http = conn->http };

  if (conn->peer == SIM_CONN_CLOSED || conn->gateway == SIM_CONN_CLOSED)
    return;
  GwKey *known =
    world->engine && world->ready ? gw_engine_find_key (world->engine, conn->key->api_key) : NULL;
  if (!known || known->revoked_at)
    {
      conn->gateway = SIM_CONN_CLOSED;
      sim_at (world, 5, refused, conn, NULL, NULL, 0);
      return;
    }
  conn->ready_order = 1; /* it is with the gateway */
  sim_note (world, sim_conn_name (conn), conn->http ? "request" : "comes",
            conn->http && conn->ask.tx ? conn->ask.tx->id : NULL, (gint64) conn->link);
  if (conn->terminal)
    {
      caller.key = known;
      gw_engine_connect_terminal (world->engine, &caller, conn->terminal->device_id, "192.0.2.3",
                                  "terminal/1");
      return;
    }
  caller.key = known;
  caller.session_id = conn->http ? session_of (conn) : NULL;
  if (!conn->http)
    gw_engine_connect_pos (world->engine, &caller, "192.0.2.1", "till/1", conn->pos->acks);
  else if (caller.session_id)
    {
      caller.transaction_id = conn->ask.kind == SIM_ASK_PAY ? conn->ask.tx->id : NULL;
      gw_engine_enter_session (world->engine, &caller, "192.0.2.2", "till/1");
    }
  else
    run_ask (conn, &conn->ask);
}

SimConn *
sim_connect_pos (SimPos *pos)
{
  SimConn *conn = conn_new (pos->world, pos->key);

  conn->pos = pos;
  sim_at (pos->world, sim_travel (conn, &conn->to_gateway, FALSE), arrive, conn, NULL, NULL, 0);
  return conn;
}

SimConn *
sim_connect_terminal (SimTerminal *terminal)
{
  SimConn *conn = conn_new (terminal->world, terminal->key);

  conn->terminal = terminal;
  sim_at (terminal->world, terminal->hold_until ? 0 : sim_travel (conn, &conn->to_gateway, FALSE), arrive,
          conn, NULL, NULL, 0);
  return conn;
}

SimConn *
sim_connect_staff (SimWorld *world)
{
  SimConn *conn = conn_new (world, NULL);

  conn->http = TRUE;
  conn->peer = conn->gateway = SIM_CONN_OPEN;
  return conn;
}

SimConn *
sim_request (SimPos *pos, const SimAsk *ask)
{
  SimConn *conn = conn_new (pos->world, pos->key);

  conn->pos = pos;
  conn->http = TRUE;
  conn->ask = *ask;
  conn->peer = SIM_CONN_OPEN;
  sim_at (pos->world, sim_travel (conn, &conn->to_gateway, FALSE), arrive, conn, NULL, NULL, 0);
  return conn;
}

static void
ask_arrives (SimWorld *world, gpointer owner, gpointer data, gint64 number)
{
  SimConn *conn = owner;
  SimAsk *ask = data;

  if (conn->gateway != SIM_CONN_OPEN || conn->hole)
    return;
  conn->heard = world->monotonic;
  sim_note (world, sim_conn_name (conn), "says", ask->tx ? ask->tx->id : NULL,
            ask->kind * 1000000 + ask->seq);
  if (gw_engine_link_is_held (world->engine, conn->link) || conn->deferred.length)
    g_queue_push_tail (&conn->deferred, g_memdup2 (ask, sizeof *ask));
  else
    run_ask (conn, ask);
}

void
sim_conn_say (SimConn *conn, const SimAsk *ask)
{
  sim_at (conn->world, sim_travel (conn, &conn->to_gateway, FALSE), ask_arrives, conn,
          g_memdup2 (ask, sizeof *ask), g_free, 0);
}

static void
message_arrives (SimWorld *world, gpointer owner, gpointer data, gint64 again)
{
  SimConn *conn = owner;
  TgpTerminalMessage *message = data;

  if (conn->gateway != SIM_CONN_OPEN || conn->hole)
    return;
  conn->heard = world->monotonic;
  sim_note (world, sim_conn_name (conn), sim_message_name (message->action), message->transaction_id,
            message->response ? (gint64) message->response->status : message->in_progress);
  if (again)
    {
      g_autofree char *text = tgp_terminal_message_encode (message);
      g_autoptr (TgpTerminalMessage) copy = tgp_terminal_message_decode (text, strlen (text), NULL, NULL);
      gw_engine_terminal_says (world->engine, conn->link, copy);
    }
  if (conn->gateway == SIM_CONN_OPEN)
    gw_engine_terminal_says (world->engine, conn->link, message);
}

void
sim_conn_tell (SimConn *conn, TgpTerminalMessage *message)
{
  SimWorld *world = conn->world;
  SimTerminal *terminal = conn->terminal;
  gboolean reorders = message->action != TGP_TERMINAL_HELLO && world->monotonic < terminal->reorders_until &&
                      sim_chance (world, 50);
  gboolean again = message->action != TGP_TERMINAL_HELLO && world->monotonic < terminal->duplicates_until &&
                   sim_chance (world, 50);
  gint64 delay =
    MAX (sim_travel (conn, &conn->to_gateway, reorders), terminal->hold_until - world->monotonic);

  sim_at (world, delay, message_arrives, conn, message, (GDestroyNotify) tgp_terminal_message_free, again);
}

static void
gateway_hears_end (SimWorld *world, gpointer owner, gpointer data, gint64 number)
{
  SimConn *conn = owner;

  if (conn->gateway == SIM_CONN_CLOSED || conn->hole)
    return;
  gboolean known = conn->ready_order != 0;
  gateway_closed (conn);
  if (!known || !world->engine)
    return;
  sim_note (world, sim_conn_name (conn), "ends", NULL, (gint64) conn->link);
  if (conn->http)
    gw_engine_forget_caller (world->engine, conn->link);
  else
    gw_engine_link_down (world->engine, conn->link);
}

void
sim_conn_leave (SimConn *conn, gboolean silently)
{
  if (conn->peer == SIM_CONN_CLOSED && !silently)
    return;
  conn->peer = SIM_CONN_CLOSED;
  if (silently)
    conn->hole = TRUE;
  else
    sim_at (conn->world, sim_travel (conn, &conn->to_gateway, FALSE), gateway_hears_end, conn, NULL, NULL, 0);
}
