/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A store that cannot, or does not say (section 4's last rows; "durable first" all over). */
#include "tests/core/fault-play.h"

/* How a commit goes wrong. */
typedef struct
{
  const char *name;
  GwCommit commit;
  gboolean kept;
} Fault;

static const Fault faults[] = { { "failed", GW_COMMIT_FAILED, FALSE },
                                { "uncertain-lost", GW_COMMIT_UNCERTAIN, FALSE },
                                { "uncertain-kept", GW_COMMIT_UNCERTAIN, TRUE } };

/* What was asked meanwhile goes wrong in this way, then the store is well again and time passes. */
static void
go_wrong (Harness *h, const Fault *fault)
{
  harness_set_fault (h, fault->commit, fault->kept);
  harness_run (h);
  harness_advance (h, 1200); /* two more tries */
  harness_set_fault (h, GW_COMMIT_DONE, FALSE);
}

static void
get_well (Harness *h, const Fault *fault)
{
  go_wrong (h, fault);
  harness_advance (h, 500);
}

/* --- pay --- */

static void
test_pay (gconstpointer data)
{
  const Fault *fault = data;
  g_auto (Play) play = play_ready ();
  Peer *waiting;

  pos_pay (play.pos, "T-1", "tx-1", 1234);
  waiting = http_pay (play.h, NULL, NULL, "T-1", "tx-2", 1234);
  go_wrong (play.h, fault);
  if (fault->commit == GW_COMMIT_FAILED)
    peer_assert_error (play.pos, TGP_ERROR_STORAGE_UNAVAILABLE, TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY);
  else
    peer_assert_error (play.pos, TGP_ERROR_STORAGE_UNAVAILABLE, TGP_MONEY_MOVED_UNKNOWN, FALSE,
                       TGP_NEXT_CHECK_STATUS);
  g_assert_cmpstr (peer_answer (play.pos)->transaction_id, ==, "tx-1");
  g_assert_cmpint (peer_answer_of (waiting, GW_ANSWER_ERROR)->code, ==, TGP_ERROR_STORAGE_UNAVAILABLE);
  harness_advance (play.h, 500);
  g_assert_cmpuint (peer_count (play.terminal, "paymentRequest"), ==, 0); /* ever */
  if (fault->kept)
    {
      assert_status (play.h, "tx-1", TGP_STATUS_FAILED, "NOT_SENT");
      assert_row_verdict (play.h, "tx-1", TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY);
      g_assert_cmpuint (peer_count (play.pos, "paymentComplete"), ==, 1);
    }
  else
    g_assert_null (harness_find_row (play.h, "store-1", "tx-1"));
  pos_pay (play.pos, "T-1", "tx-3", 1234);
  harness_run (play.h);
  peer_answer_of (play.pos, GW_ANSWER_PAYMENT_ACCEPTED);
  GwCounters counters;
  gw_engine_get_counters (play.h->engine, &counters);
  g_assert_cmpuint (counters.open_payments, ==, 1);
}

/* An id that is there already, asked for once more while the store is away: nobody may say that nothing was
 * charged. */
static void
test_join (gconstpointer data)
{
  const Fault *fault = data;
  g_auto (Play) play = play_pending ();

  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  pos_ack (play.pos, peer_last (play.pos, "paymentComplete")->event->message_id, NULL);
  harness_run (play.h);
  gw_engine_see_signature (play.h->engine, 4711, FALSE); /* so that the batch writes something */
  pos_pay (play.pos, "T-1", "tx-1", 1234);
  go_wrong (play.h, fault);
  Answer *answer = peer_answer (play.pos);
  if (answer->kind == GW_ANSWER_ERROR)
    {
      g_assert_true (answer->has_verdict);
      g_assert_false (answer->verdict.retry_safe);
    }
  else
    g_assert_cmpint (answer->row->status, ==, TGP_STATUS_COMPLETED);
  harness_advance (play.h, 500);
  assert_status (play.h, "tx-1", TGP_STATUS_COMPLETED, NULL);
}

/* It is with the terminal; a second request for it is left in doubt. That closes nothing. */
static void
test_join_open (gconstpointer data)
{
  const Fault *fault = data;
  g_auto (Play) play = play_pending ();

  gw_engine_see_signature (play.h->engine, 4711, FALSE);
  pos_pay (play.pos, "T-1", "tx-1", 1234);
  pos_cancel (play.pos, "tx-1"); /* in the same batch: something is written */
  get_well (play.h, fault);
  assert_status (play.h, "tx-1", TGP_STATUS_PENDING, NULL);
  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  assert_status (play.h, "tx-1", TGP_STATUS_COMPLETED, NULL);
}

/* The first try was not stored, the second is, before the first is ended: one of them ends both, and nothing
 * was sent. */
static void
test_abandon_other (void)
{
  g_auto (Play) play = play_ready ();

  pos_pay (play.pos, "T-1", "tx-1", 1234);
  harness_set_fault (play.h, GW_COMMIT_UNCERTAIN, FALSE);
  harness_commit (play.h, 0);
  harness_set_fault (play.h, GW_COMMIT_DONE, FALSE);
  pos_pay (play.pos, "T-1", "tx-1", 1234);
  g_queue_push_tail (&play.h->operations, g_queue_pop_head (&play.h->operations)); /* overtaken */
  harness_run (play.h);
  assert_status (play.h, "tx-1", TGP_STATUS_FAILED, "NOT_SENT");
  g_assert_cmpuint (peer_count (play.terminal, "paymentRequest"), ==, 0);
  g_assert_cmpuint (peer_count (play.pos, "paymentComplete"), ==, 1);
}

/* --- what nobody waits for is tried again until it is stored --- */

static void
test_result (gconstpointer data)
{
  const Fault *fault = data;
  g_auto (Play) play = play_pending ();
  Peer *waiting = http_pay (play.h, NULL, NULL, "T-1", "tx-1", 1234);

  harness_run (play.h);
  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  go_wrong (play.h, fault);
  /* Kept, it is found by the next try, which has nothing to write that could fail. */
  g_assert_cmpuint (peer_count (play.terminal, "paymentResponseAck"), ==, fault->kept);
  g_assert_cmpuint (peer_count (play.pos, "paymentComplete"), ==, fault->kept);
  harness_advance (play.h, 500);
  assert_status (play.h, "tx-1", TGP_STATUS_COMPLETED, NULL);
  g_assert_cmpuint (peer_count (play.terminal, "paymentResponseAck"), ==, 1);
  g_assert_cmpuint (peer_count (play.pos, "paymentComplete"), ==, 1);
  peer_answer_of (waiting, GW_ANSWER_PAYMENT_OUTCOME);
}

static void
test_lost (gconstpointer data)
{
  const Fault *fault = data;
  g_auto (Play) play = play_pending ();

  peer_drop (play.terminal);
  get_well (play.h, fault);
  assert_status (play.h, "tx-1", TGP_STATUS_AWAITING_RECONNECT, NULL);
  g_assert_cmpuint (peer_count (play.pos, "paymentAwaitingReconnect"), ==, 1);
  harness_advance (play.h, 62000);
  assert_status (play.h, "tx-1", TGP_STATUS_FAILED, "TERMINAL_RECONNECT_TIMEOUT");
  g_assert_cmpuint (peer_count (play.pos, "paymentComplete"), ==, 1);
}

static void
test_lost_without_device_id (gconstpointer data)
{
  const Fault *fault = data;
  Play play = { .h = harness_new (NULL) };

  play.terminal = terminal_ready (play.h, NULL, NULL);
  play.pos = pos_ready (play.h, NULL, TRUE);
  pos_pay (play.pos, terminal_connection_id (play.terminal), "tx-1", 1234);
  harness_run (play.h);
  peer_drop (play.terminal);
  get_well (play.h, fault);
  assert_status (play.h, "tx-1", TGP_STATUS_FAILED, "TERMINAL_DISCONNECTED");
  g_assert_cmpuint (peer_count (play.pos, "paymentComplete"), ==, 1);
  play_clear (&play);
}

static void
test_grace_over (gconstpointer data)
{
  const Fault *fault = data;
  g_auto (Play) play = play_pending ();

  peer_drop (play.terminal);
  harness_run (play.h);
  harness_advance (play.h, 59999);
  harness_set_fault (play.h, fault->commit, fault->kept);
  harness_advance (play.h, 1);
  get_well (play.h, fault);
  assert_status (play.h, "tx-1", TGP_STATUS_FAILED, "TERMINAL_RECONNECT_TIMEOUT");
  g_assert_cmpuint (peer_count (play.pos, "paymentComplete"), ==, 1);
}

static void
test_status (gconstpointer data)
{
  const Fault *fault = data;
  g_auto (Play) play = play_pending ();

  peer_drop (play.terminal);
  harness_run (play.h);
  play.terminal = terminal_ready (play.h, NULL, "T-1");
  terminal_status (play.terminal, "tx-1", TRUE);
  get_well (play.h, fault);
  assert_status (play.h, "tx-1", TGP_STATUS_PENDING, NULL);
  g_assert_cmpstr (peer_last (play.pos, "paymentProgress")->event->stage, ==, "RESUMED");
  harness_advance (play.h, 125000); /* the silence has its clock again */
  g_assert_cmpuint (peer_count (play.terminal, "cancelPayment"), ==, 1);
}

static void
test_unknown (gconstpointer data)
{
  const Fault *fault = data;
  g_auto (Play) play = play_pending ();

  peer_drop (play.terminal);
  harness_run (play.h);
  play.terminal = terminal_ready (play.h, NULL, "T-1");
  terminal_status (play.terminal, "tx-1", FALSE);
  get_well (play.h, fault);
  assert_status (play.h, "tx-1", TGP_STATUS_FAILED, "TERMINAL_LOST_PAYMENT");
  g_assert_cmpuint (peer_count (play.pos, "paymentComplete"), ==, 1);
}

static void
test_late_success (gconstpointer data)
{
  const Fault *fault = data;
  g_auto (Play) play = play_pending ();

  terminal_result (play.terminal, "tx-1", TGP_RESULT_FAILED, -1);
  harness_run (play.h);
  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  go_wrong (play.h, fault);
  g_assert_cmpuint (peer_count (play.terminal, "voidPayment"), ==, fault->kept);
  harness_advance (play.h, 500);
  g_assert_cmpuint (peer_count (play.terminal, "voidPayment"), ==, 1);
  g_assert_cmpuint (peer_count (play.pos, "paymentVoided"), ==, 1);
  terminal_void_answer (play.terminal, "tx-1", TGP_VOID_ANSWER_VOIDED);
  get_well (play.h, fault);
  g_assert_cmpuint (peer_count (play.pos, "paymentVoidConfirmed"), ==, 1);
  harness_advance (play.h, 60000);
  g_assert_cmpuint (peer_count (play.terminal, "voidPayment"), ==, 1);
}

static void
test_cancel_before_sent (gconstpointer data)
{
  const Fault *fault = data;
  g_auto (Play) play = play_ready ();

  pos_pay (play.pos, "T-1", "tx-1", 1234);
  pos_cancel (play.pos, "tx-1");
  harness_commit (play.h, 1);
  get_well (play.h, fault);
  assert_status (play.h, "tx-1", TGP_STATUS_CANCELLED, NULL);
  g_assert_cmpuint (peer_count (play.terminal, "paymentRequest"), ==, 0);
  g_assert_cmpuint (peer_count (play.pos, "paymentComplete"), ==, 1);
  peer_answer_of (play.pos, GW_ANSWER_CANCEL_TAKEN);
  GwCounters counters;
  gw_engine_get_counters (play.h->engine, &counters);
  g_assert_cmpuint (counters.open_payments, ==, 0);
}

static void
test_hello_and_signature (gconstpointer data)
{
  const Fault *fault = data;
  g_auto (Play) play = play_ready ();

  terminal_hello (play.terminal, 0, "journal-2", NULL);
  gw_engine_see_signature (play.h->engine, 4711, FALSE);
  get_well (play.h, fault);
  harness_restart (play.h);
  g_assert_cmpint (gw_engine_see_signature (play.h->engine, 4711, FALSE), ==, GW_SIGNATURE_SEEN);
}

/* --- what somebody waits for is answered --- */

static void
test_wishes (gconstpointer data)
{
  const Fault *fault = data;
  g_auto (Play) play = play_pending ();

  pos_cancel (play.pos, "tx-1");
  go_wrong (play.h, fault);
  peer_assert_error (play.pos, TGP_ERROR_STORAGE_UNAVAILABLE, TGP_MONEY_MOVED_UNKNOWN, FALSE,
                     TGP_NEXT_CHECK_STATUS);
  g_assert_cmpuint (peer_count (play.terminal, "cancelPayment"), ==, fault->kept);
  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  pos_void (play.pos, "tx-1");
  go_wrong (play.h, fault);
  peer_assert_error (play.pos, TGP_ERROR_STORAGE_UNAVAILABLE, TGP_MONEY_MOVED_UNKNOWN, FALSE,
                     TGP_NEXT_CHECK_STATUS);
  g_assert_cmpuint (peer_count (play.terminal, "voidPayment"), ==, fault->kept);
  harness_advance (play.h, 30000);
  g_assert_cmpuint (peer_count (play.terminal, "voidPayment"), ==, fault->kept ? 2 : 0);
}

static void
test_ack (gconstpointer data)
{
  const Fault *fault = data;
  g_auto (Play) play = play_pending ();
  Peer *http;

  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  pos_ack (play.pos, peer_last (play.pos, "paymentComplete")->event->message_id, NULL);
  go_wrong (play.h, fault);
  g_assert_cmpint (peer_answer_of (play.pos, GW_ANSWER_ERROR)->code, ==, TGP_ERROR_STORAGE_UNAVAILABLE);
  g_assert_cmpuint (play.pos->releases, ==, 1);
  g_assert_false (gw_engine_link_is_held (play.h->engine, play.pos->link));
  http = peer_new (play.h, play.h->pos_key, TRUE);
  pos_ack (http, peer_last (play.pos, "paymentComplete")->event->message_id, NULL);
  harness_run (play.h);
  g_assert_cmpuint (peer_answer_of (http, GW_ANSWER_ACKED)->count, ==, !fault->kept);
}

static void
test_attach (gconstpointer data)
{
  const Fault *fault = data;
  g_auto (Play) play = play_pending ();
  Peer *terminal, *pos, *session;

  terminal = terminal_connect (play.h, NULL, "T-1");
  pos = pos_connect (play.h, NULL, TRUE);
  get_well (play.h, fault);
  if (fault->commit == GW_COMMIT_FAILED)
    {
      g_assert_cmpint (peer_answer_of (terminal, GW_ANSWER_ERROR)->code, ==, TGP_ERROR_STORAGE_UNAVAILABLE);
      g_assert_cmpint (peer_answer_of (pos, GW_ANSWER_ERROR)->code, ==, TGP_ERROR_STORAGE_UNAVAILABLE);
      g_assert_false (play.terminal->told_to_go);
      g_assert_false (play.pos->told_to_go);
      terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS,
                       1234); /* the old ones are as good as before */
      harness_run (play.h);
      g_assert_cmpuint (peer_count (play.pos, "paymentComplete"), ==, 1);
    }
  else
    {
      g_assert_true (terminal->attached);
      g_assert_true (pos->attached);
      g_assert_true (play.terminal->told_to_go);
      g_assert_true (play.pos->told_to_go);
      g_assert_cmpuint (peer_count_for (terminal, "getPaymentStatus", "tx-1"), ==, 1);
      assert_status (play.h, "tx-1", TGP_STATUS_AWAITING_RECONNECT, NULL);
      harness_advance (play.h, 62000);
      assert_status (play.h, "tx-1", TGP_STATUS_FAILED, "TERMINAL_RECONNECT_TIMEOUT");
      g_assert_cmpuint (peer_count (pos, "paymentComplete"), ==, 1);
      pos_ack (pos, peer_last (pos, "paymentComplete")->event->message_id, NULL);
      harness_run (play.h);
      g_assert_cmpuint (harness_count_messages (play.h, play.h->pos_key), ==, 0);
    }
  pos = pos_ready (play.h, NULL, TRUE);
  session = http_enter (play.h, NULL, "run-1");
  get_well (play.h, fault);
  g_assert_cmpint (peer_answer (session)->kind, ==,
                   fault->commit == GW_COMMIT_FAILED ? GW_ANSWER_ERROR : GW_ANSWER_ATTACHED);
  g_assert_cmpint (pos->told_to_go, ==, fault->commit != GW_COMMIT_FAILED);
}

/* Stored by a commit that did not say so, and overtaken by one that did: both outcomes go out, each once. */
static void
test_overtaken_message (void)
{
  g_auto (Play) play = play_pending ();
  Peer *other = terminal_ready (play.h, NULL, "T-2");

  pos_pay (play.pos, "T-2", "tx-2", 100);
  harness_run (play.h);
  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_set_fault (play.h, GW_COMMIT_UNCERTAIN, TRUE);
  GPtrArray *doubtful = harness_commit_only (play.h, 0);
  harness_set_fault (play.h, GW_COMMIT_DONE, FALSE);
  terminal_result (other, "tx-2", TGP_RESULT_SUCCESS, 100);
  GPtrArray *sure = harness_commit_only (play.h, 0);
  harness_deliver (play.h, doubtful);
  harness_deliver (play.h, sure);
  /* The doubtful one has its place before the sure one: neither goes out before the store was looked into. */
  g_assert_cmpuint (peer_count (play.pos, "paymentComplete"), ==, 0);
  harness_advance (play.h, 500);
  g_assert_cmpuint (peer_count_for (play.pos, "paymentComplete", "tx-1"), ==, 1);
  g_assert_cmpuint (peer_count_for (play.pos, "paymentComplete", "tx-2"), ==, 1);
}

/* The commit that displaced a terminal without deviceId closed its payment, and did not say so. */
static void
test_doubtful_displacement (void)
{
  g_autoptr (Harness) h = harness_new (NULL);
  Peer *pos = pos_ready (h, NULL, TRUE);
  Peer *terminal = terminal_ready (h, NULL, NULL);

  pos_pay (pos, terminal_connection_id (terminal), "tx-1", 100);
  harness_run (h);
  terminal_connect (h, NULL, NULL);
  harness_set_fault (h, GW_COMMIT_UNCERTAIN, TRUE);
  harness_commit (h, 0);
  harness_set_fault (h, GW_COMMIT_DONE, FALSE);
  harness_advance (h, 2000);
  g_assert_cmpuint (peer_count_for (pos, "paymentComplete", "tx-1"), ==, 1);
}

/* The store comes back just when the grace ends: the result that came in time goes first. */
static void
test_order (void)
{
  g_auto (Play) play = play_pending ();
  Peer *back;

  peer_drop (play.terminal);
  harness_run (play.h);
  back = terminal_ready (play.h, NULL, "T-1");
  harness_advance (play.h, 59800);
  terminal_result (back, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_set_fault (play.h, GW_COMMIT_FAILED, FALSE);
  harness_run (play.h);
  harness_set_fault (play.h, GW_COMMIT_DONE, FALSE);
  harness_advance (play.h, 1000);
  assert_status (play.h, "tx-1", TGP_STATUS_COMPLETED, NULL);
  g_assert_cmpuint (peer_count (play.terminal, "voidPayment") + peer_count (back, "voidPayment"), ==, 0);
}

static gboolean
cannot_begin (GwTables *tables, GError **error)
{
  return FALSE; /* and says nothing about it */
}

static void
test_cannot_begin (void)
{
  g_auto (Play) play = play_pending ();
  gboolean (*can_begin) (GwTables *, GError **) = play.h->tables_class.begin;

  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  play.h->tables_class.begin = cannot_begin;
  harness_run (play.h);
  g_assert_cmpuint (peer_count (play.terminal, "paymentResponseAck"), ==, 0);
  play.h->tables_class.begin = can_begin;
  harness_advance (play.h, 500);
  g_assert_cmpuint (peer_count (play.terminal, "paymentResponseAck"), ==, 1);
}

static void
test_staff (gconstpointer data)
{
  const Fault *fault = data;
  g_auto (Play) play = play_ready ();
  Peer *staff = harness_staff (play.h);
  GwCaller caller;

  harness_caller (staff, &caller);
  gw_engine_create_key (play.h->engine, &caller, TGP_ROLE_POS, "store-1");
  gw_engine_sweep (play.h->engine);
  get_well (play.h, fault);
  g_assert_cmpint (peer_answer_of (staff, GW_ANSWER_ERROR)->code, ==, TGP_ERROR_STORAGE_UNAVAILABLE);
}

/* The gateway starts on a store that is away for a moment. */
static void
test_restart (gconstpointer data)
{
  const Fault *fault = data;
  g_auto (Play) play = play_pending ();

  harness_stop (play.h);
  harness_start (play.h);
  go_wrong (play.h, fault);
  g_assert_false (play.h->ready);
  harness_advance (play.h, 500);
  g_assert_true (play.h->ready);
  assert_status (play.h, "tx-1", TGP_STATUS_AWAITING_RECONNECT, NULL);
  harness_advance (play.h, 62000);
  assert_status (play.h, "tx-1", TGP_STATUS_FAILED, "TERMINAL_RECONNECT_TIMEOUT");
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    GTestDataFunc func;
  } tests[] = { { "pay", test_pay },
                { "join", test_join },
                { "join-open", test_join_open },
                { "result", test_result },
                { "lost", test_lost },
                { "lost-without-device-id", test_lost_without_device_id },
                { "grace-over", test_grace_over },
                { "in-progress", test_status },
                { "unknown", test_unknown },
                { "late-success", test_late_success },
                { "cancel-before-sent", test_cancel_before_sent },
                { "hello-and-signature", test_hello_and_signature },
                { "wishes", test_wishes },
                { "ack", test_ack },
                { "attach", test_attach },
                { "staff", test_staff },
                { "restart", test_restart } };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    for (guint f = 0; f < G_N_ELEMENTS (faults); f++)
      {
        g_autofree char *path = g_strdup_printf ("/core/faults/%s/%s", tests[i].name, faults[f].name);
        g_test_add_data_func (path, &faults[f], tests[i].func);
      }
  g_test_add_func ("/core/faults/cannot-begin", test_cannot_begin);
  g_test_add_func ("/core/faults/abandon-other", test_abandon_other);
  g_test_add_func ("/core/faults/order", test_order);
  g_test_add_func ("/core/faults/overtaken-message", test_overtaken_message);
  g_test_add_func ("/core/faults/doubtful-displacement", test_doubtful_displacement);
  return g_test_run ();
}
