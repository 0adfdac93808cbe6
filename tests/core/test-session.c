/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One active connection per key (section 3), and whom a deviceId belongs to (section 1). */
#include "tests/core/core-peers.h"

#include <string.h>

/* --- POS --- */

static void
test_displacement (void)
{
  g_autoptr (Harness) h = harness_new (NULL);
  Peer *first = pos_ready (h, NULL, TRUE), *second, *other;

  other = pos_ready (h, harness_create_key (h, TGP_ROLE_POS, "store-1"), TRUE);
  second = pos_ready (h, NULL, TRUE);
  g_assert_true (first->told_to_go);
  g_assert_cmpint (first->reason, ==, TGP_DISCONNECT_API_KEY_USED_ELSEWHERE);
  g_assert_true (first->reconnect_allowed);
  g_autofree char *address = g_strdup_printf ("192.0.2.%" G_GUINT64_FORMAT, second->link);
  g_assert_cmpstr (first->displaced_by, ==, address);
  /* The new one is active before the old one is told. */
  g_assert_cmpuint (peer_answer_of (second, GW_ANSWER_ATTACHED)->order, <, first->told_order);
  g_assert_false (other->told_to_go);
  peer_drop (first); /* its socket's end is no news */
  harness_run (h);
  terminal_ready (h, NULL, "T-1");
  pos_pay (second, "T-1", "tx-1", 100);
  harness_run (h);
  peer_answer_of (second, GW_ANSWER_PAYMENT_ACCEPTED);
  g_assert_cmpuint (harness_count_audit (h, "connection displaced"), ==, 1);
}

/* A connection that was gone before the next one came was ended by nobody. */
static void
test_reconnect_is_no_displacement (void)
{
  g_autoptr (Harness) h = harness_new (NULL);
  Peer *pos = pos_ready (h, NULL, TRUE), *terminal = terminal_ready (h, NULL, "T-1");

  peer_drop (pos);
  peer_drop (terminal);
  harness_run (h);
  pos_ready (h, NULL, TRUE);
  terminal_ready (h, NULL, "T-1");
  harness_restart (h);
  peer_drop (pos_ready (h, NULL, TRUE));
  terminal_ready (h, NULL, "T-1");
  harness_run (h);
  http_enter (h, NULL, "run-1");
  harness_run (h);
  harness_restart (h);
  pos_ready (h, NULL, TRUE);
  g_assert_cmpuint (harness_count_audit (h, "connection displaced"), ==, 0);
}

static void
test_session_displacement_is_audited (void)
{
  g_autoptr (Harness) h = harness_new (NULL);

  http_enter (h, NULL, "run-1");
  harness_run (h);
  http_enter (h, NULL, "run-1");
  harness_run (h);
  g_assert_cmpuint (harness_count_audit (h, "connection displaced"), ==, 0);
  http_enter (h, NULL, "run-2");
  harness_run (h);
  g_assert_cmpuint (harness_count_audit (h, "connection displaced"), ==, 1);
  pos_ready (h, NULL, TRUE);
  g_assert_cmpuint (harness_count_audit (h, "connection displaced"), ==, 2);
  /* One that outlived a restart is live again once it speaks. */
  http_enter (h, NULL, "run-3");
  harness_run (h);
  harness_restart (h);
  http_enter (h, NULL, "run-3");
  harness_run (h);
  g_assert_cmpuint (harness_count_audit (h, "connection displaced"), ==, 3);
  pos_ready (h, NULL, TRUE);
  g_assert_cmpuint (harness_count_audit (h, "connection displaced"), ==, 4);
}

/* A terminal is told who took its place, and the operator can read of it. */
static void
test_terminal_displacement (gconstpointer device)
{
  g_autoptr (Harness) h = harness_new (NULL);
  Peer *first = terminal_ready (h, NULL, device), *second = terminal_ready (h, NULL, device);
  g_autofree char *address = g_strdup_printf ("192.0.2.%" G_GUINT64_FORMAT, second->link);
  g_autoptr (GPtrArray) rows = NULL;

  harness_run (h);
  g_assert_true (first->told_to_go);
  g_assert_cmpstr (first->displaced_by, ==, address);
  g_assert_cmpuint (harness_count_audit (h, "connection displaced"), ==, 1);
  rows = harness_read_rows (h, GW_READ_AUDIT, NULL, NULL);
  const GwAuditEntry *entry = rows->pdata[rows->len - 1];
  g_autofree char *actor =
    g_strdup_printf ("terminal %s", device ? (const char *) device : (const char *) h->terminal_key->key_id);
  g_assert_cmpstr (entry->actor, ==, actor);
  g_assert_cmpstr (entry->group_id, ==, "store-1");
  g_assert_cmpstr (entry->key_id, ==, h->terminal_key->key_id);
  g_assert_true (g_str_has_suffix (entry->detail, address));
}

/* Three in one batch, and one that is gone when its turn comes. */
static void
test_rush (void)
{
  g_autoptr (Harness) h = harness_new (NULL);
  Peer *peers[4];

  for (guint i = 0; i < G_N_ELEMENTS (peers); i++)
    peers[i] = pos_connect (h, NULL, TRUE);
  peer_drop (peers[1]);
  harness_run (h);
  g_assert_true (peers[3]->attached);
  g_assert_false (peers[3]->told_to_go);
  g_assert_true (peers[0]->told_to_go);
  g_assert_true (peers[2]->told_to_go);
  g_assert_false (peers[1]->attached);
  GwCounters counters;
  gw_engine_get_counters (h->engine, &counters);
  g_assert_cmpuint (counters.pos, ==, 1);
}

/* The peer goes in the very moment of its upgrade: nobody is active then, and the one before was told. */
static void
test_gone_at_upgrade (void)
{
  g_autoptr (Harness) h = harness_new (NULL);
  Peer *first = pos_ready (h, NULL, TRUE), *second = pos_connect (h, NULL, TRUE), *terminal;

  second->refuse_upgrade = TRUE;
  harness_run (h);
  g_assert_true (first->told_to_go);
  GwCounters counters;
  gw_engine_get_counters (h->engine, &counters);
  g_assert_cmpuint (counters.pos, ==, 0);
  terminal = terminal_connect (h, NULL, "T-1");
  terminal->refuse_upgrade = TRUE;
  harness_run (h);
  gw_engine_get_counters (h->engine, &counters);
  g_assert_cmpuint (counters.terminals_online, ==, 0);
  terminal = terminal_connect (h, NULL, "T-1");
  peer_drop (terminal); /* before its attach is stored */
  harness_run (h);
  gw_engine_get_counters (h->engine, &counters);
  g_assert_cmpuint (counters.terminals_online, ==, 0);
  g_assert_false (terminal->attached);
}

static void
test_ack_of_displaced (void)
{
  g_autoptr (Harness) h = harness_new (NULL);
  Peer *pos = pos_ready (h, NULL, TRUE), *terminal = terminal_ready (h, NULL, "T-1"), *second;
  g_autofree char *message_id = NULL;

  pos_pay (pos, "T-1", "tx-1", 100);
  harness_run (h);
  terminal_result (terminal, "tx-1", TGP_RESULT_SUCCESS, 100);
  harness_run (h);
  message_id = g_strdup (peer_last (pos, "paymentComplete")->event->message_id);
  second = pos_connect (h, NULL, TRUE);
  pos_ack (pos, message_id, NULL); /* said in time, stored too late */
  harness_run (h);
  g_assert_cmpuint (harness_count_messages (h, h->pos_key), ==, 1);
  g_assert_cmpstr (peer_last (second, "paymentComplete")->event->message_id, ==, message_id);
}

static void
test_sessions (void)
{
  g_autoptr (Harness) h = harness_new (NULL);
  Peer *pos = pos_ready (h, NULL, TRUE), *terminal = terminal_ready (h, NULL, "T-1");
  Peer *stateless = http_pay (h, NULL, NULL, "T-1", "tx-1", 100);
  Peer *first, *poll, *second, *again;
  GwCaller caller;

  harness_run (h);
  first = http_pay (h, NULL, "run-1", "T-1", "tx-1", 100);
  harness_run (h);
  g_assert_true (pos->told_to_go);
  g_assert_cmpstr (pos->displaced_by, ==, "198.51.100.7");
  again = http_enter (h, NULL, "run-1"); /* the same session displaces nobody */
  peer_answer_of (again, GW_ANSWER_ATTACHED);
  poll = peer_new (h, h->pos_key, TRUE);
  harness_caller (poll, &caller);
  caller.session_id = "run-1";
  gw_engine_get_messages (h->engine, &caller, 30000);
  harness_run (h);
  g_assert_cmpuint (poll->answers->len, ==, 0);

  second = http_enter (h, NULL, "run-2");
  harness_run (h);
  peer_answer_of (second, GW_ANSWER_ATTACHED);
  peer_assert_error (first, TGP_ERROR_SESSION_DISPLACED, TGP_MONEY_MOVED_UNKNOWN, FALSE,
                     TGP_NEXT_CHECK_STATUS);
  g_assert_cmpint (peer_answer_of (poll, GW_ANSWER_ERROR)->code, ==, TGP_ERROR_SESSION_DISPLACED);
  g_assert_cmpuint (stateless->answers->len, ==, 0);
  assert_status (h, "tx-1", TGP_STATUS_PENDING, NULL); /* a 409 never cancels */

  /* Remembered for 24 h, over restarts. */
  again = http_enter (h, NULL, "run-1");
  harness_run (h);
  g_assert_cmpint (peer_answer_of (again, GW_ANSWER_ERROR)->code, ==, TGP_ERROR_SESSION_DISPLACED);
  terminal_result (terminal, "tx-1", TGP_RESULT_SUCCESS, 100);
  harness_run (h);
  peer_answer_of (stateless, GW_ANSWER_PAYMENT_OUTCOME);
  harness_restart (h);
  again = http_enter (h, NULL, "run-2"); /* the active one still is */
  harness_run (h);
  peer_answer_of (again, GW_ANSWER_ATTACHED);
  harness_advance (h, 86400000 - 1);
  again = http_enter (h, NULL, "run-1");
  harness_run (h);
  g_assert_cmpint (peer_answer_of (again, GW_ANSWER_ERROR)->code, ==, TGP_ERROR_SESSION_DISPLACED);
  harness_advance (h, 1);
  again = http_enter (h, NULL, "run-1");
  harness_run (h);
  peer_answer_of (again, GW_ANSWER_ATTACHED);
}

/* A WebSocket ends a session's wait, not a stateless one; the outcome goes to both. */
static void
test_websocket_over_sessions (void)
{
  g_autoptr (Harness) h = harness_new (NULL);
  Peer *terminal = terminal_ready (h, NULL, "T-1"), *stateless, *session, *pos;

  stateless = http_pay (h, NULL, NULL, "T-1", "tx-1", 100);
  harness_run (h);
  session = http_pay (h, NULL, "run-1", "T-1", "tx-1", 100);
  harness_run (h);
  pos = pos_ready (h, NULL, TRUE);
  peer_assert_error (session, TGP_ERROR_SESSION_DISPLACED, TGP_MONEY_MOVED_UNKNOWN, FALSE,
                     TGP_NEXT_CHECK_STATUS);
  terminal_result (terminal, "tx-1", TGP_RESULT_SUCCESS, 100);
  harness_run (h);
  peer_answer_of (stateless, GW_ANSWER_PAYMENT_OUTCOME);
  g_assert_cmpuint (peer_count (pos, "paymentComplete"), ==, 1);
}

/* Displaced while its payment was on the way into the store. */
static void
test_displaced_before_wait (void)
{
  g_autoptr (Harness) h = harness_new (NULL);
  Peer *first = http_enter (h, NULL, "run-1"), *late;

  terminal_ready (h, NULL, "T-1");
  harness_run (h);
  peer_answer_of (first, GW_ANSWER_ATTACHED);
  http_enter (h, NULL, "run-2");
  late = http_pay (h, NULL, NULL, "T-1", "tx-0", 100); /* only for order */
  peer_drop (late);
  late = peer_new (h, h->pos_key, TRUE);
  GwCaller caller;
  harness_caller (late, &caller);
  caller.session_id = "run-1";
  TgpPaymentRequest *payment = tgp_payment_request_new ();
  payment->transaction_id = g_strdup ("tx-0");
  payment->amount = 100;
  g_strlcpy (payment->currency, "EUR", sizeof payment->currency);
  gw_engine_pay (h->engine, &caller, "T-1", payment, 0, 0);
  harness_run (h);
  peer_assert_error (late, TGP_ERROR_SESSION_DISPLACED, TGP_MONEY_MOVED_UNKNOWN, FALSE,
                     TGP_NEXT_CHECK_STATUS);
  assert_status (h, "tx-0", TGP_STATUS_PENDING, NULL);
}

/* --- terminals --- */

static void
test_device_binding (void)
{
  g_autoptr (Harness) h = harness_new (NULL);
  GwKey *other_key = harness_create_key (h, TGP_ROLE_TERMINAL, "store-1");
  GwKey *foreign_key = harness_create_key (h, TGP_ROLE_TERMINAL, "store-2");
  Peer *terminal = terminal_ready (h, NULL, "T-1"), *other, *staff;
  GwCaller caller;

  other = terminal_connect (h, other_key, "T-1");
  harness_run (h);
  g_assert_cmpint (peer_answer_of (other, GW_ANSWER_ERROR)->code, ==, TGP_ERROR_DEVICE_ID_TAKEN);
  g_assert_false (terminal->told_to_go);
  terminal_ready (h, foreign_key, "T-1"); /* another store's own */
  peer_drop (terminal);
  harness_run (h);
  other = terminal_connect (h, other_key, "T-1");
  harness_run (h);
  g_assert_cmpint (peer_answer_of (other, GW_ANSWER_ERROR)->code, ==, TGP_ERROR_DEVICE_ID_TAKEN);

  staff = harness_staff (h);
  harness_caller (staff, &caller);
  gw_engine_release (h->engine, &caller, "store-1", "T-1", "moved to the other till");
  harness_run (h);
  peer_answer_of (staff, GW_ANSWER_RELEASED);
  other = terminal_ready (h, other_key, "T-1");
  g_assert_true (other->attached);

  gw_engine_revoke_key (h->engine, &caller, other_key->key_id, TRUE); /* its bindings end with it */
  harness_run (h);
  g_assert_true (other->told_to_go);
  g_assert_cmpint (other->reason, ==, TGP_DISCONNECT_ADMIN_ACTION);
  g_assert_false (other->reconnect_allowed);
  terminal = terminal_ready (h, NULL, "T-1");
  g_assert_true (terminal->attached);
}

static void
test_shared_key (gconstpointer data)
{
  gboolean shared = GPOINTER_TO_INT (data);
  GwSettings settings;
  g_autoptr (Harness) h = NULL;
  Peer *first, *second, *pos;

  gw_settings_default (&settings);
  settings.shared_terminal_keys = shared;
  h = harness_new (&settings);
  pos = pos_ready (h, NULL, TRUE);
  first = terminal_ready (h, NULL, "T-1");
  pos_pay (pos, "T-1", "tx-1", 100);
  harness_run (h);
  second = terminal_ready (h, NULL, "T-2");
  harness_run (h);
  g_assert_cmpint (first->told_to_go, ==, !shared);
  g_assert_false (second->told_to_go);
  assert_status (h, "tx-1", shared ? TGP_STATUS_PENDING : TGP_STATUS_AWAITING_RECONNECT, NULL);
  terminal_ready (h, harness_create_key (h, TGP_ROLE_TERMINAL, "store-1"), "T-3"); /* another key's */
  g_assert_false (second->told_to_go);
}

static void
test_keyless_displacement (void)
{
  g_autoptr (Harness) h = harness_new (NULL);
  Peer *with = terminal_ready (h, NULL, "T-1"), *first = terminal_ready (h, NULL, NULL), *second;

  second = terminal_ready (h, NULL, NULL);
  g_assert_true (first->told_to_go);
  g_assert_cmpuint (peer_answer_of (second, GW_ANSWER_ATTACHED)->order, <, first->told_order);
  g_assert_false (with->told_to_go);
  terminal_result (first, "tx-none", TGP_RESULT_SUCCESS, 1); /* a dead link says nothing */
  harness_run (h);
  g_assert_cmpuint (harness_count_audit (h, "result for an unknown payment"), ==, 0);
}

/* --- connections in general --- */

static void
test_stale (void)
{
  g_autoptr (Harness) h = harness_new (NULL);
  Peer *terminal = terminal_ready (h, NULL, "T-1"), *pos = pos_ready (h, NULL, TRUE);

  gw_engine_link_stale (h->engine, terminal->link);
  gw_engine_link_stale (h->engine, pos->link);
  gw_engine_link_stale (h->engine, 999999);
  harness_run (h);
  g_assert_cmpint (terminal->reason, ==, TGP_DISCONNECT_STALE_CONNECTION_TIMEOUT);
  g_assert_true (terminal->reconnect_allowed);
  g_assert_true (pos->told_to_go);
  peer_drop (terminal);
  harness_run (h);
  pos = pos_ready (h, NULL, TRUE);
  pos_terminals (pos);
  g_assert_cmpint (g_array_index (peer_answer (pos)->terminals, Terminal, 0).status, ==,
                   TGP_TERMINAL_RECONNECTING);
}

/* Who comes over a Unix socket has no address. */
static void
test_nameless (void)
{
  g_autoptr (Harness) h = harness_new (NULL);
  Peer *peers[3];

  for (guint i = 0; i < G_N_ELEMENTS (peers); i++)
    {
      GwCaller caller;
      peers[i] = peer_new (h, h->pos_key, FALSE);
      harness_caller (peers[i], &caller);
      gw_engine_connect_pos (h->engine, &caller, NULL, NULL, TRUE);
      harness_run (h);
      g_assert_true (peers[i]->attached);
    }
  g_assert_true (peers[1]->told_to_go);
  g_assert_null (peers[1]->displaced_by);
}

/* A key without a connection that another one's news go past. */
static void
test_progress_without_till (void)
{
  g_autoptr (Harness) h = harness_new (NULL);
  Peer *pos = pos_ready (h, NULL, TRUE), *terminal = terminal_ready (h, NULL, "T-1");

  pos_pay (pos, "T-1", "tx-1", 100);
  harness_run (h);
  peer_drop (pos);
  harness_run (h);
  terminal_progress (terminal, "tx-1", "PIN_ENTRY");
  terminal_progress (terminal, "tx-none", "PIN_ENTRY");
  harness_advance (h, 120000);
  g_assert_cmpuint (peer_count (terminal, "cancelPayment"), ==, 1);
  terminal_progress (terminal, "tx-1", "PIN_ENTRY"); /* after the cancel it does not help any more */
  peer_drop (terminal);
  harness_run (h);
  harness_advance (h, 60000);
  assert_status (h, "tx-1", TGP_STATUS_FAILED, "TERMINAL_RECONNECT_TIMEOUT");
}

static guint
disconnect (Peer *staff, const char *key_id, const char *connection_id, gboolean reconnect_allowed)
{
  GwCaller caller;

  peer_forget (staff);
  harness_caller (staff, &caller);
  gw_engine_disconnect (staff->harness->engine, &caller, key_id, connection_id, reconnect_allowed);
  harness_run (staff->harness);
  return peer_answer (staff)->kind == GW_ANSWER_DISCONNECTED ? peer_answer (staff)->count : G_MAXUINT;
}

static void
test_operator_disconnects (void)
{
  g_autoptr (Harness) h = harness_new (NULL);
  Peer *terminal = terminal_ready (h, NULL, "T-1"), *other = terminal_ready (h, NULL, "T-2"),
       *pos = pos_ready (h, NULL, TRUE), *staff = harness_staff (h);
  g_autofree char *connection = g_strdup (terminal_connection_id (terminal));

  g_assert_cmpuint (disconnect (staff, NULL, connection, TRUE), ==, 1);
  g_assert_true (terminal->told_to_go);
  g_assert_true (terminal->reconnect_allowed);
  g_assert_false (other->told_to_go);
  g_assert_cmpuint (disconnect (staff, h->pos_key->key_id, NULL, FALSE), ==, 1);
  g_assert_true (pos->told_to_go);
  g_assert_false (pos->reconnect_allowed);
  g_assert_cmpuint (disconnect (staff, h->pos_key->key_id, NULL, FALSE), ==, 0);
  g_assert_cmpuint (harness_count_audit (h, "disconnected by staff"), ==, 3);
  g_assert_cmpuint (disconnect (staff, "k_nobody", NULL, FALSE), ==, G_MAXUINT);
  g_assert_cmpint (peer_answer (staff)->code, ==, TGP_ERROR_NOT_FOUND);
  g_assert_cmpuint (disconnect (staff, NULL, connection, FALSE), ==, G_MAXUINT);
  g_assert_cmpint (peer_answer (staff)->code, ==, TGP_ERROR_NOT_FOUND);
  g_assert_cmpuint (harness_count_audit (h, "disconnected by staff"), ==, 3);
}

/* A key that speaks over HTTP: its session is at an end, with all that waits in it; what has none is not. */
static void
test_operator_ends_a_session (void)
{
  g_autoptr (Harness) h = harness_new (NULL);
  Peer *staff = harness_staff (h), *terminal = terminal_ready (h, NULL, "T-1");
  Peer *waiting = http_pay (h, NULL, "run-1", "T-1", "tx-1", 100), *stateless, *poll;
  GwCaller caller;

  harness_run (h);
  stateless = http_pay (h, NULL, NULL, "T-1", "tx-1", 100);
  poll = peer_new (h, h->pos_key, TRUE);
  harness_caller (poll, &caller);
  caller.session_id = "run-1";
  gw_engine_get_messages (h->engine, &caller, 30000);
  harness_run (h);
  g_assert_cmpuint (disconnect (staff, h->pos_key->key_id, NULL, FALSE), ==, 1);
  peer_assert_error (waiting, TGP_ERROR_SESSION_DISPLACED, TGP_MONEY_MOVED_UNKNOWN, FALSE,
                     TGP_NEXT_CHECK_STATUS);
  g_assert_cmpint (peer_answer_of (poll, GW_ANSWER_ERROR)->code, ==, TGP_ERROR_SESSION_DISPLACED);
  g_assert_cmpuint (stateless->answers->len, ==, 0);
  for (guint restarts = 0; restarts < 2; restarts++)
    {
      Peer *again = http_enter (h, NULL, "run-1");
      harness_run (h);
      g_assert_cmpint (peer_answer_of (again, GW_ANSWER_ERROR)->code, ==, TGP_ERROR_SESSION_DISPLACED);
      if (restarts)
        break;
      /* A 409 cancels no payment. */
      terminal_result (terminal, "tx-1", TGP_RESULT_SUCCESS, 100);
      harness_run (h);
      peer_answer_of (stateless, GW_ANSWER_PAYMENT_OUTCOME);
      harness_restart (h);
    }
  Peer *next = http_enter (h, NULL, "run-2");
  harness_run (h);
  peer_answer_of (next, GW_ANSWER_ATTACHED);
}

static void
test_ping (void)
{
  g_autoptr (Harness) h = harness_new (NULL);
  Peer *terminal = terminal_ready (h, NULL, "T-1");
  g_autoptr (TgpTerminalMessage) ping = tgp_terminal_message_new (TGP_TERMINAL_PING);

  gw_engine_terminal_says (h->engine, terminal->link, ping);
  g_assert_cmpuint (peer_count (terminal, "pong"), ==, 1);
  gw_engine_link_active (h->engine, terminal->link);
  gw_engine_link_active (h->engine, 999999);
  gw_engine_link_ready (h->engine, 999999);
  gw_engine_link_down (h->engine, 999999);
  gw_engine_forget_caller (h->engine, 999999);
  gw_engine_terminal_says (h->engine, 999999, ping);
}

/* Between attach and hello, and on the first hello, POS see the terminal. */
static void
test_status_updates (void)
{
  g_autoptr (Harness) h = harness_new (NULL);
  Peer *pos = pos_ready (h, NULL, TRUE);
  Peer *foreign = pos_ready (h, harness_create_key (h, TGP_ROLE_POS, "store-2"), TRUE);
  Peer *terminal = terminal_ready (h, NULL, "T-1");
  TgpPosEvent *event = peer_last (pos, "terminalStatusUpdate")->event;
  TgpTerminalInfo *info = event->terminals->pdata[0];

  g_assert_cmpstr (info->device_id, ==, "T-1");
  g_assert_cmpint (info->status, ==, TGP_TERMINAL_ONLINE);
  g_assert_nonnull (strstr (info->metadata, "sim"));
  pos_pay (pos, "T-1", "tx-1", 100);
  harness_run (h);
  g_assert_true (
    ((TgpTerminalInfo *) peer_last (pos, "terminalStatusUpdate")->event->terminals->pdata[0])->busy);
  terminal_result (terminal, "tx-1", TGP_RESULT_SUCCESS, 100);
  harness_run (h);
  g_assert_false (
    ((TgpTerminalInfo *) peer_last (pos, "terminalStatusUpdate")->event->terminals->pdata[0])->busy);
  g_assert_cmpuint (peer_count (foreign, "terminalStatusUpdate"), ==, 0);
  g_assert_cmpuint (peer_last (pos, "connected")->event->pending_messages, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/session/displacement", test_displacement);
  g_test_add_func ("/core/session/displacement/reconnect-is-none", test_reconnect_is_no_displacement);
  g_test_add_func ("/core/session/displacement/http", test_session_displacement_is_audited);
  g_test_add_data_func ("/core/session/displacement/terminal", "T-1", test_terminal_displacement);
  g_test_add_data_func ("/core/session/displacement/terminal-without-device-id", NULL,
                        test_terminal_displacement);
  g_test_add_func ("/core/session/rush", test_rush);
  g_test_add_func ("/core/session/gone-at-upgrade", test_gone_at_upgrade);
  g_test_add_func ("/core/session/ack-of-displaced", test_ack_of_displaced);
  g_test_add_func ("/core/session/http", test_sessions);
  g_test_add_func ("/core/session/websocket-over-http", test_websocket_over_sessions);
  g_test_add_func ("/core/session/displaced-before-wait", test_displaced_before_wait);
  g_test_add_func ("/core/session/device-binding", test_device_binding);
  g_test_add_data_func ("/core/session/shared-key", GINT_TO_POINTER (TRUE), test_shared_key);
  g_test_add_data_func ("/core/session/key-of-one", GINT_TO_POINTER (FALSE), test_shared_key);
  g_test_add_func ("/core/session/keyless", test_keyless_displacement);
  g_test_add_func ("/core/session/stale", test_stale);
  g_test_add_func ("/core/session/operator-disconnects", test_operator_disconnects);
  g_test_add_func ("/core/session/operator/session", test_operator_ends_a_session);
  g_test_add_func ("/core/session/nameless", test_nameless);
  g_test_add_func ("/core/session/progress-without-till", test_progress_without_till);
  g_test_add_func ("/core/session/ping", test_ping);
  g_test_add_func ("/core/session/status-updates", test_status_updates);
  return g_test_run ();
}
