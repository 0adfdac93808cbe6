/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A key is rotated after a payment was closed: what still happens to that payment is the successor's. */
#include "tests/core/core-peers.h"

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

/* Closed with this result, and the till has acked it. */
static Play
play_closed (const char *device, TgpResult result)
{
  Play play = { .h = harness_new (NULL) };

  play.pos = pos_ready (play.h, NULL, TRUE);
  play.terminal = terminal_ready (play.h, NULL, device);
  pos_pay (play.pos, device ? device : terminal_connection_id (play.terminal), "tx-1", 1234);
  harness_run (play.h);
  terminal_result (play.terminal, "tx-1", result, 1234);
  harness_run (play.h);
  pos_ack (play.pos, peer_last (play.pos, "paymentComplete")->event->message_id, NULL);
  harness_run (play.h);
  return play;
}

static GwKey *
rotate (Play *play, GwKey *key)
{
  Peer *staff = harness_staff (play->h);
  GwCaller caller;

  harness_caller (staff, &caller);
  gw_engine_rotate_key (play->h->engine, &caller, key->key_id);
  harness_run (play->h);
  return peer_answer_of (staff, GW_ANSWER_KEY)->key;
}

/* Twice over: the newest one counts, not the next one. */
static void
test_queue (void)
{
  g_auto (Play) play = play_closed ("T-1", TGP_RESULT_FAILED);
  GwKey *successor = rotate (&play, rotate (&play, play.h->pos_key));
  Peer *pos = pos_ready (play.h, successor, TRUE);

  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  g_assert_cmpuint (peer_count_for (pos, "paymentVoided", "tx-1"), ==, 1);
  g_assert_cmpuint (harness_count_messages (play.h, successor), ==, 1);
  harness_restart (play.h);
  pos = pos_ready (play.h, successor, TRUE);
  g_assert_cmpuint (peer_count_for (pos, "paymentVoided", "tx-1"), ==, 1);
  pos_ack (pos, peer_last (pos, "paymentVoided")->event->message_id, NULL);
  harness_run (play.h);
  g_assert_cmpuint (harness_count_messages (play.h, successor), ==, 0);
}

static void
test_join (void)
{
  g_auto (Play) play = play_closed ("T-1", TGP_RESULT_SUCCESS);
  Peer *pos = pos_ready (play.h, rotate (&play, play.h->pos_key), TRUE);

  pos_pay (pos, "T-1", "tx-1", 1234);
  harness_run (play.h);
  peer_answer_of (pos, GW_ANSWER_PAYMENT_ACCEPTED);
  g_assert_cmpuint (peer_count_for (pos, "paymentComplete", "tx-1"), ==, 1);
  g_assert_cmpuint (peer_count_for (play.terminal, "paymentRequest", "tx-1"), ==, 1);
  pos = pos_ready (play.h, harness_create_key (play.h, TGP_ROLE_POS, "store-1"), TRUE);
  pos_pay (pos, "T-1", "tx-1", 1234);
  harness_run (play.h);
  g_assert_cmpint (peer_answer_of (pos, GW_ANSWER_ERROR)->code, ==, TGP_ERROR_TRANSACTION_ID_REUSED);
}

/* Known by its key alone, it is the same terminal with the new one. */
static void
test_late_success (void)
{
  g_auto (Play) play = play_closed (NULL, TGP_RESULT_FAILED);
  GwKey *successor = rotate (&play, play.h->terminal_key);
  Peer *stranger = terminal_ready (play.h, harness_create_key (play.h, TGP_ROLE_TERMINAL, "store-1"), NULL),
       *back;

  terminal_result (stranger, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  assert_status (play.h, "tx-1", TGP_STATUS_FAILED, "DECLINED");
  back = terminal_ready (play.h, successor, NULL);
  terminal_result (back, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  assert_status (play.h, "tx-1", TGP_STATUS_VOIDED, "DECLINED");
  g_assert_cmpuint (peer_count_for (back, "paymentResponseAck", "tx-1"), ==, 1);
  g_assert_cmpuint (peer_count_for (back, "voidPayment", "tx-1"), ==, 1);
  back = terminal_ready (play.h, successor, NULL);
  g_assert_cmpuint (peer_count_for (back, "voidPayment", "tx-1"), ==, 1);
  terminal_void_answer (back, "tx-1", TGP_VOID_ANSWER_VOIDED);
  harness_run (play.h);
  g_assert_cmpuint (peer_count_for (play.pos, "paymentVoidConfirmed", "tx-1"), ==, 1);
}

static void
test_void (void)
{
  g_auto (Play) play = play_closed (NULL, TGP_RESULT_SUCCESS);
  Peer *back = terminal_ready (play.h, rotate (&play, play.h->terminal_key), NULL);

  pos_void (play.pos, "tx-1");
  harness_run (play.h);
  peer_answer_of (play.pos, GW_ANSWER_VOID_TAKEN);
  g_assert_cmpuint (peer_count_for (back, "voidPayment", "tx-1"), ==, 1);
  terminal_void_answer (back, "tx-1", TGP_VOID_ANSWER_VOIDED);
  harness_run (play.h);
  assert_status (play.h, "tx-1", TGP_STATUS_VOIDED, NULL);
}

/* The commit was through and did not say so: what the store holds is found out, and the operator, who never
 * saw the new key, makes another one of it. */
static void
test_in_doubt (gconstpointer data)
{
  gboolean kept = GPOINTER_TO_INT (data);
  g_auto (Play) play = play_closed ("T-1", TGP_RESULT_SUCCESS);
  Peer *staff = harness_staff (play.h), *pos;
  GwCaller caller;

  harness_caller (staff, &caller);
  harness_set_fault (play.h, GW_COMMIT_UNCERTAIN, kept);
  gw_engine_rotate_key (play.h->engine, &caller, play.h->pos_key->key_id);
  harness_run (play.h);
  g_assert_cmpint (peer_answer_of (staff, GW_ANSWER_ERROR)->code, ==, TGP_ERROR_STORAGE_UNAVAILABLE);
  harness_set_fault (play.h, GW_COMMIT_DONE, FALSE);
  harness_advance (play.h, 5000);
  GwKey *old = gw_engine_find_key (play.h->engine, play.h->pos_key->api_key);
  g_assert_cmpint (old->revoked_at != 0, ==, kept);
  g_assert_cmpint (play.pos->told_to_go, ==, kept);
  if (!kept)
    {
      g_assert_null (old->successor);
      return;
    }
  pos = pos_ready (play.h, rotate (&play, gw_engine_find_key_by_id (play.h->engine, old->successor)), TRUE);
  pos_pay (pos, "T-1", "tx-1", 1234);
  harness_run (play.h);
  peer_answer_of (pos, GW_ANSWER_PAYMENT_ACCEPTED);
}

static void
test_revoked_in_doubt (void)
{
  g_auto (Play) play = play_closed ("T-1", TGP_RESULT_SUCCESS);
  Peer *staff = harness_staff (play.h);
  GwCaller caller;

  harness_caller (staff, &caller);
  harness_set_fault (play.h, GW_COMMIT_UNCERTAIN, TRUE);
  gw_engine_revoke_key (play.h->engine, &caller, play.h->pos_key->key_id, FALSE);
  harness_run (play.h);
  harness_set_fault (play.h, GW_COMMIT_DONE, FALSE);
  harness_advance (play.h, 5000);
  g_assert_cmpint (gw_engine_find_key (play.h->engine, play.h->pos_key->api_key)->revoked_at, !=, 0);
  g_assert_true (play.pos->told_to_go);
}

/* Whose key has ever acked loses messages by ack only; the successor is no different. */
static void
test_acks_are_inherited (void)
{
  g_auto (Play) play = play_closed ("T-1", TGP_RESULT_FAILED); /* it acked */
  Peer *pos;

  peer_drop (play.pos);
  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  GwKey *successor = rotate (&play, play.h->pos_key);
  pos = pos_ready (play.h, successor, FALSE);
  g_assert_cmpuint (peer_count (pos, "paymentVoided"), ==, 1);
  pos_heartbeat (pos);
  harness_run (play.h);
  g_assert_cmpuint (harness_count_messages (play.h, successor), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/rotate/queue", test_queue);
  g_test_add_func ("/core/rotate/join", test_join);
  g_test_add_func ("/core/rotate/late-success", test_late_success);
  g_test_add_func ("/core/rotate/void", test_void);
  g_test_add_data_func ("/core/rotate/in-doubt/kept", GINT_TO_POINTER (TRUE), test_in_doubt);
  g_test_add_data_func ("/core/rotate/in-doubt/lost", GINT_TO_POINTER (FALSE), test_in_doubt);
  g_test_add_func ("/core/rotate/in-doubt/revoked", test_revoked_in_doubt);
  g_test_add_func ("/core/rotate/acks-are-inherited", test_acks_are_inherited);
  return g_test_run ();
}
