/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Another node works on the same store: what it did there decides, and this engine finds out. */
#include "gateway/core/operation-private.h"
#include "tests/core/core-check.h"
#include "tests/core/core-peers.h"

#include <string.h>

typedef struct
{
  Harness *h;
  Peer *pos, *terminal;
} Play;

static void
play_clear (Play *play)
{
  harness_free (play->h);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Play, play_clear)

static Play
play_pending (void)
{
  Play play = { .h = harness_new (NULL) };

  play.terminal = terminal_ready (play.h, NULL, "T-1");
  play.pos = pos_ready (play.h, NULL, TRUE);
  pos_pay (play.pos, "T-1", "tx-1", 1234);
  harness_run (play.h);
  terminal_accepts (play.terminal, "tx-1");
  return play;
}

/* What the other node does. */
static GwOperation *
begin (Play *play, GwOperationKind kind)
{
  GwOperation *op = gw_operation_new (kind, play->h->wall);

  op->quiet = TRUE;
  op->group_id = g_ref_string_new ("store-1");
  op->transaction_id = g_ref_string_new ("tx-1");
  op->slot = g_ref_string_new ("T-1");
  op->key_id =
    g_ref_string_new (kind == GW_OP_ATTACH_SESSION || kind == GW_OP_ACK ? play->h->pos_key->key_id
                                                                        : play->h->terminal_key->key_id);
  op->connection_id = g_ref_string_new ("other-node-1");
  op->grace_expires_at = play->h->wall + 60000;
  return op;
}

static GwOutcome
run (Play *play, GwOperation *op)
{
  GwOutcome outcome;

  gw_operations_run (play->h->tables, &op, 1);
  check_operation (play->h, op, NULL);
  outcome = op->result.outcome;
  gw_operation_free (op);
  return outcome;
}

static void
run_result (Play *play, TgpResult result)
{
  GwOperation *op = begin (play, GW_OP_RESULT);

  op->response = tgp_payment_response_new ();
  op->response->status = result;
  g_assert_cmpint (run (play, op), ==, GW_APPLIED);
}

/* The key's session is elsewhere now: this connection's acks count no more, and it is told. */
static void
test_session_taken (void)
{
  g_auto (Play) play = play_pending ();

  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  g_assert_cmpint (run (&play, begin (&play, GW_OP_ATTACH_SESSION)), ==, GW_APPLIED);
  pos_ack (play.pos, peer_last (play.pos, "paymentComplete")->event->message_id, NULL);
  harness_run (play.h);
  g_assert_cmpuint (harness_count_messages (play.h, play.h->pos_key), ==, 1);
  g_assert_true (play.pos->told_to_go);
  g_assert_cmpint (play.pos->reason, ==, TGP_DISCONNECT_API_KEY_USED_ELSEWHERE);
}

/* The terminal is elsewhere now: nothing new is sent here, and this end of it proves nothing. */
static void
test_terminal_taken (void)
{
  g_auto (Play) play = play_pending ();

  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  g_assert_cmpint (run (&play, begin (&play, GW_OP_ATTACH_DEVICE)), ==, GW_APPLIED);
  pos_pay (play.pos, "T-1", "tx-2", 100);
  harness_run (play.h);
  peer_assert_error (play.pos, TGP_ERROR_TERMINAL_OFFLINE, TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY);
  terminal_hello (play.terminal, 0, "journal-9", NULL); /* an old connection's hello */
  peer_drop (play.terminal);
  harness_run (play.h);
  g_autoptr (GPtrArray) devices = harness_read_rows (play.h, GW_READ_DEVICES, NULL, NULL);
  GwDevice *device = devices->pdata[0];
  g_assert_true (device->attached);
  g_assert_cmpstr (device->connection_id, ==, "other-node-1");
  g_assert_cmpuint (device->capabilities, ==, ALL_CAPABILITIES);
  g_assert_null (device->journal_id);
}

/* A payment on a terminal that left through the other node. */
static void
test_terminal_detached (void)
{
  g_auto (Play) play = play_pending ();
  GwOperation *op = begin (&play, GW_OP_LOST);

  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  g_autoptr (GPtrArray) devices = harness_read_rows (play.h, GW_READ_DEVICES, NULL, NULL);
  op->epoch = ((GwDevice *) devices->pdata[0])->epoch;
  g_assert_cmpint (run (&play, op), ==, GW_APPLIED);
  pos_pay (play.pos, "T-1", "tx-2", 100);
  harness_run (play.h);
  peer_assert_error (play.pos, TGP_ERROR_TERMINAL_OFFLINE, TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY);
  terminal_status (play.terminal, "tx-1", FALSE); /* not from the present connection */
  harness_run (play.h);
  assert_status (play.h, "tx-1", TGP_STATUS_COMPLETED, NULL);
}

/* An outcome that came over the other node: a hint brings it, to WebSocket and poll. */
static void
test_hint (void)
{
  g_auto (Play) play = play_pending ();
  Peer *poll = http_messages (play.h, NULL, 60000);

  harness_run (play.h);
  run_result (&play, TGP_RESULT_SUCCESS);
  gw_engine_hint (play.h->engine, GW_HINT_MAILBOX, play.h->pos_key->key_id);
  harness_run (play.h);
  g_assert_cmpuint (peer_count (play.pos, "paymentComplete"), ==, 1);
  g_assert_cmpuint (peer_answer_of (poll, GW_ANSWER_MESSAGES)->count, ==, 1);
}

/* Without a hint, too: this engine's deadlines meet the row as it is. */
static void
test_lost_hint (void)
{
  g_auto (Play) play = play_pending ();

  run_result (&play, TGP_RESULT_SUCCESS);
  harness_advance (play.h, 700000);
  assert_status (play.h, "tx-1", TGP_STATUS_COMPLETED, NULL);
  GwCounters counters;
  gw_engine_get_counters (play.h->engine, &counters);
  g_assert_cmpuint (counters.open_payments, ==, 0);
}

/* It gave the payment another grace: ours, when it is over, is not that one. */
static void
test_other_grace (void)
{
  g_auto (Play) play = play_pending ();
  GwOperation *op;

  peer_drop (play.terminal);
  harness_run (play.h);
  harness_advance (play.h, 30000);
  op = begin (&play, GW_OP_RESTARTED);
  g_assert_cmpint (run (&play, op), ==, GW_APPLIED);
  harness_advance (play.h, 30000);
  assert_status (play.h, "tx-1", TGP_STATUS_AWAITING_RECONNECT, NULL);
}

/* The key that a payment belongs to is nowhere here: the message waits, and a hint goes out. */
static void
test_no_pos_here (void)
{
  g_auto (Play) play = play_pending ();
  Peer *late;

  peer_drop (play.pos);
  harness_run (play.h);
  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  g_autofree char *hint = g_strdup_printf ("%d %s", GW_HINT_MAILBOX, play.h->pos_key->key_id);
  g_assert_cmpuint (play.h->hints->len, >, 0);
  g_assert_cmpstr (play.h->hints->pdata[play.h->hints->len - 1], ==, hint);
  late = pos_ready (play.h, NULL, TRUE);
  g_assert_cmpuint (peer_count (late, "paymentComplete"), ==, 1);
}

/* A POS that never had a session paid over HTTP; after a restart it comes by WebSocket and follows the
 * payment. */
static void
test_first_session (void)
{
  g_autoptr (Harness) h = harness_new (NULL);
  Peer *terminal = terminal_ready (h, NULL, "T-1"), *pos, *acker;

  http_pay (h, NULL, NULL, "T-1", "tx-1", 1234);
  harness_run (h);
  harness_restart (h);
  pos = pos_ready (h, NULL, FALSE);
  terminal = terminal_ready (h, NULL, "T-1");
  terminal_status (terminal, "tx-1", TRUE);
  harness_run (h);
  terminal_progress (terminal, "tx-1", "PIN_ENTRY");
  g_assert_cmpuint (peer_count (pos, "paymentProgress"), ==, 2);
  acker = peer_new (h, harness_create_key (h, TGP_ROLE_POS, "store-1"), TRUE); /* its first word is an ack */
  pos_ack (acker, "0badcafe-1", NULL);
  pos_ack (acker, "0badcafe-1", NULL);
  harness_run (h);
  g_assert_cmpuint (peer_answer_of (acker, GW_ANSWER_ACKED)->count, ==, 0);
  pos = pos_connect (h, acker->key, FALSE);
  harness_run (h);
  g_assert_true (pos->attached);
}

/* A till of the other node, whose key was made there, pays on a terminal that is here: it is asked, its word
 * is stored, and a hint tells the other node of the message. */
static void
test_foreign_till (void)
{
  g_autoptr (Harness) h = harness_new (NULL);
  Play play = { .h = h, .terminal = terminal_ready (h, NULL, "T-1") };
  GwOperation *op = begin (&play, GW_OP_CREATE_KEY);

  op->key = gw_key_copy (h->pos_key);
  gw_set_text (&op->key->key_id, "k_foreign");
  gw_set_text (&op->key->api_key, "tgw_pos_foreign");
  g_assert_cmpint (run (&play, op), ==, GW_APPLIED);
  g_autoptr (GPtrArray) devices = harness_read_rows (h, GW_READ_DEVICES, NULL, NULL);
  op = begin (&play, GW_OP_PAY);
  gw_set_text (&op->key_id, "k_foreign");
  op->terminal_id = g_ref_string_new ("T-1");
  op->device_id = g_ref_string_new ("T-1");
  op->epoch = ((GwDevice *) devices->pdata[0])->epoch;
  op->payment = tgp_payment_request_new ();
  op->payment->amount = 1234;
  g_strlcpy (op->payment->currency, "EUR", sizeof op->payment->currency);
  g_assert_cmpint (run (&play, op), ==, GW_APPLIED);

  peer_drop (play.terminal);
  harness_run (h);
  assert_status (h, "tx-1", TGP_STATUS_AWAITING_RECONNECT, NULL);
  play.terminal = terminal_ready (h, NULL, "T-1");
  g_assert_cmpuint (peer_count_for (play.terminal, "getPaymentStatus", "tx-1"), ==, 1);
  terminal_status (play.terminal, "tx-1", TRUE);
  harness_run (h);
  terminal_progress (play.terminal, "tx-1", "PIN_ENTRY"); /* nobody here to tell */
  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (h);
  assert_status (h, "tx-1", TGP_STATUS_COMPLETED, NULL);
  g_autofree char *hint = g_strdup_printf ("%d k_foreign", GW_HINT_MAILBOX);
  g_assert_cmpstr (h->hints->pdata[h->hints->len - 1], ==, hint);
}

/* Whatever names nothing changes nothing. */
static void
test_unknown_names (void)
{
  g_auto (Play) play = play_pending ();
  static const GwOperationKind kinds[] = { GW_OP_GRACE_EXPIRED, GW_OP_TIMED_OUT, GW_OP_RESTARTED,
                                           GW_OP_ABANDON,       GW_OP_STATUS,    GW_OP_VOID_ANSWER,
                                           GW_OP_CANCEL,        GW_OP_VOID,      GW_OP_RESOLVE,
                                           GW_OP_LOST,          GW_OP_HELLO,     GW_OP_RELEASE };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    for (guint keyless = 0; keyless < 2; keyless++)
      {
        GwOperation *op = begin (&play, kinds[i]);
        g_ref_string_release (op->transaction_id);
        g_ref_string_release (op->slot);
        op->transaction_id = g_ref_string_new ("tx-none");
        op->slot = g_ref_string_new (keyless ? "@k_none" : "T-none");
        g_assert_cmpint (run (&play, op), !=, GW_APPLIED);
      }
  assert_status (play.h, "tx-1", TGP_STATUS_PENDING, NULL);
}

static void
test_audit (void)
{
  g_auto (Play) play = play_pending ();
  GwOperation *op = begin (&play, GW_OP_AUDIT);

  op->error_code = g_ref_string_new ("something odd");
  g_assert_cmpint (run (&play, op), ==, GW_APPLIED);
  g_assert_cmpuint (harness_count_audit (play.h, "something odd"), ==, 1);
}

/* A terminal that repeats a stranger's result for ever fills neither timeline nor audit. */
static void
test_endless_story (void)
{
  g_auto (Play) play = play_pending ();
  Peer *other = terminal_ready (play.h, NULL, "T-2");

  for (guint i = 0; i < 700; i++)
    terminal_result (other, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  g_assert_cmpuint (harness_count_audit (play.h, "result from another terminal refused"), <=, 500);
  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234); /* what counts is still told */
  harness_run (play.h);
  assert_status (play.h, "tx-1", TGP_STATUS_COMPLETED, NULL);
  g_autoptr (GwTransaction) row = harness_row (play.h, "tx-1");
  g_assert_cmpuint (row->timeline_length, <=, 501);
}

/* Terminals without deviceId: each key's own, none answers for another. */
static void
test_keyless_stranger (void)
{
  g_autoptr (Harness) h = harness_new (NULL);
  Peer *pos = pos_ready (h, NULL, TRUE), *terminal = terminal_ready (h, NULL, NULL);
  Peer *stranger = terminal_ready (h, harness_create_key (h, TGP_ROLE_TERMINAL, "store-1"), NULL);
  g_autofree char *slot = g_strconcat ("@", h->terminal_key->key_id, NULL);

  pos_pay (pos, terminal_connection_id (terminal), "tx-1", 1234);
  pos_pay (pos, slot, "tx-2", 1234); /* a slot's inner name is nobody's address */
  harness_run (h);
  peer_assert_error (pos, TGP_ERROR_TERMINAL_NOT_FOUND, TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY);
  terminal_result (stranger, "tx-1", TGP_RESULT_SUCCESS, 1234);
  terminal_status (stranger, "tx-1", FALSE);
  harness_run (h);
  assert_status (h, "tx-1", TGP_STATUS_PENDING, NULL);
  pos_terminals (pos);
  GArray *seen = peer_answer_of (pos, GW_ANSWER_TERMINALS)->terminals;
  g_assert_cmpuint (seen->len, ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/nodes/session-taken", test_session_taken);
  g_test_add_func ("/core/nodes/terminal-taken", test_terminal_taken);
  g_test_add_func ("/core/nodes/terminal-detached", test_terminal_detached);
  g_test_add_func ("/core/nodes/hint", test_hint);
  g_test_add_func ("/core/nodes/lost-hint", test_lost_hint);
  g_test_add_func ("/core/nodes/other-grace", test_other_grace);
  g_test_add_func ("/core/nodes/no-pos-here", test_no_pos_here);
  g_test_add_func ("/core/nodes/first-session", test_first_session);
  g_test_add_func ("/core/nodes/foreign-till", test_foreign_till);
  g_test_add_func ("/core/nodes/unknown-names", test_unknown_names);
  g_test_add_func ("/core/nodes/audit", test_audit);
  g_test_add_func ("/core/nodes/endless-story", test_endless_story);
  g_test_add_func ("/core/nodes/keyless-stranger", test_keyless_stranger);
  return g_test_run ();
}
