/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which payment starts, which joins another, which is refused (sections 1 and 4). */
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
play_ready (void)
{
  Play play = { .h = harness_new (NULL) };

  play.terminal = terminal_ready (play.h, NULL, "T-1");
  play.pos = pos_ready (play.h, NULL, TRUE);
  return play;
}

static Play
play_pending (void)
{
  Play play = play_ready ();

  pos_pay (play.pos, "T-1", "tx-1", 1234);
  harness_run (play.h);
  terminal_accepts (play.terminal, "tx-1");
  return play;
}

static void
refused (Play *play, const char *terminal_id, TgpErrorCode code)
{
  pos_pay (play->pos, terminal_id, "tx-r", 100);
  harness_run (play->h);
  peer_assert_error (play->pos, code, TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY);
  g_assert_cmpstr (peer_answer (play->pos)->transaction_id, ==, "tx-r");
  g_assert_cmpstr (peer_answer (play->pos)->request_id, ==, "r-1");
  g_assert_null (harness_find_row (play->h, "store-1", "tx-r")); /* the id stays free */
  pos_pay (play->pos, terminal_id, NULL, 100);
  harness_run (play->h);
  peer_assert_error (play->pos, code, TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY);
}

/* --- which terminal --- */

static void
test_resolution (void)
{
  g_auto (Play) play = play_ready ();
  GwKey *foreign_key = harness_create_key (play.h, TGP_ROLE_TERMINAL, "store-2");
  Peer *foreign = terminal_ready (play.h, foreign_key, "T-1"); /* the same name in another store */
  Peer *foreign_2 = terminal_ready (play.h, foreign_key, "T-9");
  g_autofree char *connection = g_strdup (terminal_connection_id (play.terminal));
  g_autofree char *squatted = NULL;
  Peer *plain, *squatter;

  refused (&play, "T-0", TGP_ERROR_TERMINAL_NOT_FOUND);
  refused (&play, "T-9", TGP_ERROR_TERMINAL_NOT_FOUND);
  refused (&play, terminal_connection_id (foreign_2), TGP_ERROR_GROUP_MISMATCH);
  pos_pay (play.pos, connection, "tx-1", 100); /* by its connection; answers name the device */
  harness_run (play.h);
  g_assert_cmpuint (peer_count_for (play.terminal, "paymentRequest", "tx-1"), ==, 1);
  g_assert_cmpstr (peer_last (play.terminal, "paymentRequest")->command->terminal_id, ==, "T-1");
  g_assert_cmpuint (peer_count (foreign, "paymentRequest"), ==, 0);

  /* A deviceId that equals the connectionId of another terminal wins, even offline. */
  plain = terminal_ready (play.h, NULL, NULL);
  squatted = g_strdup (terminal_connection_id (plain));
  squatter = terminal_ready (play.h, NULL, squatted);
  pos_pay (play.pos, squatted, "tx-2", 100);
  harness_run (play.h);
  g_assert_cmpuint (peer_count_for (squatter, "paymentRequest", "tx-2"), ==, 1);
  g_assert_cmpuint (peer_count (plain, "paymentRequest"), ==, 0);
  terminal_result (squatter, "tx-2", TGP_RESULT_SUCCESS, 100);
  peer_drop (squatter);
  harness_run (play.h);
  refused (&play, squatted, TGP_ERROR_TERMINAL_OFFLINE);
  g_assert_cmpuint (peer_count (plain, "paymentRequest"), ==, 0);

  /* A connection that is gone names nobody. */
  peer_drop (plain);
  harness_run (play.h);
  peer_drop (play.terminal);
  harness_run (play.h);
  refused (&play, connection, TGP_ERROR_TERMINAL_NOT_FOUND);
  g_autofree char *long_id = g_strnfill (300, 'x');
  refused (&play, long_id, TGP_ERROR_TERMINAL_NOT_FOUND);
}

static void
test_offline (void)
{
  g_auto (Play) play = play_ready ();

  peer_drop (play.terminal);
  harness_run (play.h);
  refused (&play, "T-1", TGP_ERROR_TERMINAL_OFFLINE);
  g_assert_cmpint (peer_answer (play.pos)->grace_expires_at, ==, play.h->wall + 60000);
  harness_advance (play.h, 60000);
  refused (&play, "T-1", TGP_ERROR_TERMINAL_OFFLINE);
  g_assert_cmpint (peer_answer (play.pos)->grace_expires_at, ==, 0);
}

/* It goes between the plan and the commit. */
static void
test_gone_before_commit (void)
{
  g_auto (Play) play = play_ready ();

  peer_drop (play.terminal);
  refused (&play, "T-1", TGP_ERROR_TERMINAL_OFFLINE);
}

/* Planned for one connection, committed after the next one took its place. */
static void
test_replaced_before_commit (void)
{
  g_auto (Play) play = play_ready ();
  Peer *next = terminal_connect (play.h, NULL, "T-1");

  pos_pay (play.pos, "T-1", "tx-1", 100);
  harness_run (play.h);
  peer_assert_error (play.pos, TGP_ERROR_TERMINAL_OFFLINE, TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY);
  g_assert_cmpuint (peer_count (next, "paymentRequest"), ==, 0);
  g_assert_cmpuint (peer_count (play.terminal, "paymentRequest"), ==, 0);
}

/* The terminal is lost right behind the commit: the request may be on the old wire, and nowhere else. */
static void
test_lost_right_after (void)
{
  g_auto (Play) play = play_ready ();
  Peer *next;

  pos_pay (play.pos, "T-1", "tx-1", 100);
  next = terminal_connect (play.h, NULL, "T-1");
  harness_run (play.h);
  assert_status (play.h, "tx-1", TGP_STATUS_AWAITING_RECONNECT, NULL);
  g_assert_cmpuint (peer_count (next, "paymentRequest"), ==, 0);
  g_assert_cmpuint (peer_count_for (next, "getPaymentStatus", "tx-1"), ==, 1);
}

static void
test_busy (void)
{
  g_auto (Play) play = play_pending ();

  refused (&play, "T-1", TGP_ERROR_PAYMENT_IN_PROGRESS);
  g_assert_cmpstr (peer_answer (play.pos)->held_by, ==, "tx-1");
  /* Two in one batch: one wins. */
  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  pos_pay (play.pos, "T-1", "tx-2", 100);
  pos_pay (play.pos, "T-1", "tx-3", 100);
  harness_run (play.h);
  assert_status (play.h, "tx-2", TGP_STATUS_PENDING, NULL);
  g_assert_null (harness_find_row (play.h, "store-1", "tx-3"));
  peer_assert_error (play.pos, TGP_ERROR_PAYMENT_IN_PROGRESS, TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY);
  g_assert_cmpstr (peer_answer (play.pos)->held_by, ==, "tx-2");
}

static void
test_generated_id (void)
{
  g_auto (Play) play = play_ready ();

  pos_pay (play.pos, "T-1", NULL, 100);
  harness_run (play.h);
  Answer *answer = peer_answer_of (play.pos, GW_ANSWER_PAYMENT_ACCEPTED);
  g_assert_cmpuint (strlen (answer->row->transaction_id), ==, 36);
  g_assert_cmpint (answer->row->transaction_id[14], ==, '7');
  g_assert_cmpuint (peer_count_for (play.terminal, "paymentRequest", answer->row->transaction_id), ==, 1);
}

/* --- the same id again --- */

static void
test_join_open (void)
{
  g_auto (Play) play = play_pending ();
  Peer *waiting = http_pay (play.h, NULL, NULL, "T-1", "tx-1", 1234);
  g_autofree char *connection = g_strdup (terminal_connection_id (play.terminal));

  pos_pay (play.pos, "T-1", "tx-1", 1234);
  harness_run (play.h);
  Answer *answer = peer_answer_of (play.pos, GW_ANSWER_PAYMENT_ACCEPTED);
  g_assert_cmpint (answer->row->status, ==, TGP_STATUS_PENDING);
  g_assert_cmpuint (waiting->answers->len, ==, 0);
  pos_pay (play.pos, connection, "tx-1", 1234); /* the device, by another name */
  harness_run (play.h);
  peer_answer_of (play.pos, GW_ANSWER_PAYMENT_ACCEPTED);
  g_assert_cmpuint (peer_count (play.terminal, "paymentRequest"), ==, 1);

  peer_drop (play.terminal); /* offline does not hide it */
  harness_run (play.h);
  pos_pay (play.pos, "T-1", "tx-1", 1234);
  harness_run (play.h);
  g_assert_cmpint (peer_answer_of (play.pos, GW_ANSWER_PAYMENT_ACCEPTED)->row->status, ==,
                   TGP_STATUS_AWAITING_RECONNECT);
  play.terminal = terminal_ready (play.h, NULL, "T-1");
  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  g_assert_cmpint (peer_answer_of (waiting, GW_ANSWER_PAYMENT_OUTCOME)->row->status, ==,
                   TGP_STATUS_COMPLETED);
  g_assert_cmpuint (peer_count (play.pos, "paymentComplete"), ==, 1);
}

static void
test_join_final (void)
{
  g_auto (Play) play = play_pending ();
  g_autofree char *message_id = NULL;
  Peer *late;

  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  message_id = g_strdup (peer_last (play.pos, "paymentComplete")->event->message_id);
  pos_ack (play.pos, message_id, NULL);
  harness_run (play.h);
  pos_pay (play.pos, "T-1", "tx-1", 1234);
  harness_run (play.h);
  g_assert_cmpint (peer_answer_of (play.pos, GW_ANSWER_PAYMENT_ACCEPTED)->row->status, ==,
                   TGP_STATUS_COMPLETED);
  g_assert_cmpuint (peer_count (play.pos, "paymentComplete"), ==, 2);
  g_assert_cmpstr (peer_last (play.pos, "paymentComplete")->event->message_id, ==, message_id);
  late = http_pay (play.h, NULL, NULL, "T-1", "tx-1", 1234);
  harness_run (play.h);
  g_assert_cmpint (peer_answer_of (late, GW_ANSWER_PAYMENT_OUTCOME)->row->status, ==, TGP_STATUS_COMPLETED);
  g_assert_cmpuint (peer_count (play.terminal, "paymentRequest"), ==, 1);
}

static void
test_join_voided (void)
{
  g_auto (Play) play = play_pending ();
  g_autofree char *message_id = NULL;

  terminal_result (play.terminal, "tx-1", TGP_RESULT_FAILED, -1);
  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  message_id = g_strdup (peer_last (play.pos, "paymentVoided")->event->message_id);
  pos_pay (play.pos, "T-1", "tx-1", 1234);
  harness_run (play.h);
  g_assert_cmpint (peer_answer_of (play.pos, GW_ANSWER_PAYMENT_ACCEPTED)->row->status, ==, TGP_STATUS_VOIDED);
  g_assert_cmpuint (peer_count (play.pos, "paymentVoided"), ==, 2);
  g_assert_cmpstr (peer_last (play.pos, "paymentVoided")->event->message_id, ==, message_id);
}

static void
test_reused (void)
{
  g_auto (Play) play = play_pending ();
  Peer *other = pos_ready (play.h, harness_create_key (play.h, TGP_ROLE_POS, "store-1"), TRUE);
  GwKey *foreign_key = harness_create_key (play.h, TGP_ROLE_POS, "store-2");
  Peer *foreign = pos_ready (play.h, foreign_key, TRUE);

  terminal_ready (play.h, NULL, "T-2");
  pos_pay (other, "T-1", "tx-1", 1234); /* another key */
  harness_run (play.h);
  peer_assert_error (other, TGP_ERROR_TRANSACTION_ID_REUSED, TGP_MONEY_MOVED_UNKNOWN, FALSE,
                     TGP_NEXT_CHECK_STATUS);
  struct
  {
    const char *terminal;
    gint64 minor;
    const char *currency;
    TgpMethod method;
  } others[] = { { "T-1", 1235, "EUR", TGP_METHOD_CARD },
                 { "T-1", 1234, "USD", TGP_METHOD_CARD },
                 { "T-1", 1234, "EUR", TGP_METHOD_CASH },
                 { "T-2", 1234, "EUR", TGP_METHOD_CARD },
                 { "T-0", 1234, "EUR", TGP_METHOD_CARD } };
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      pos_pay_as (play.pos, others[i].terminal, "tx-1", others[i].minor, others[i].currency,
                  others[i].method);
      harness_run (play.h);
      peer_assert_error (play.pos, TGP_ERROR_TRANSACTION_ID_REUSED, TGP_MONEY_MOVED_UNKNOWN, FALSE,
                         TGP_NEXT_CHECK_STATUS);
    }
  /* Another group's ids are its own. */
  terminal_ready (play.h, harness_create_key (play.h, TGP_ROLE_TERMINAL, "store-2"), "T-1");
  pos_pay (foreign, "T-1", "tx-1", 1234);
  harness_run (play.h);
  peer_answer_of (foreign, GW_ANSWER_PAYMENT_ACCEPTED);
}

static void
test_join_window (void)
{
  g_auto (Play) play = play_pending ();

  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  harness_advance (play.h, 86400000);
  pos_pay (play.pos, "T-1", "tx-1", 1234);
  harness_run (play.h);
  peer_answer_of (play.pos, GW_ANSWER_PAYMENT_ACCEPTED);
  harness_advance (play.h, 1);
  pos_pay (play.pos, "T-1", "tx-1", 1234);
  harness_run (play.h);
  peer_assert_error (play.pos, TGP_ERROR_TRANSACTION_ID_REUSED, TGP_MONEY_MOVED_UNKNOWN, FALSE,
                     TGP_NEXT_CHECK_STATUS);
}

/* Purged, but its id is remembered: terminal there or not. */
static void
test_purged_id (void)
{
  g_auto (Play) play = play_pending ();

  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  play.h->settings.transaction_retention = 1000;
  harness_restart (play.h);
  harness_advance (play.h, 86400000);
  for (guint i = 0; i < 3; i++)
    {
      gw_engine_sweep (play.h->engine);
      harness_run (play.h);
    }
  g_assert_null (harness_find_row (play.h, "store-1", "tx-1"));
  play.pos = pos_ready (play.h, NULL, TRUE);
  pos_pay (play.pos, "T-1", "tx-1", 1234);
  harness_run (play.h);
  peer_assert_error (play.pos, TGP_ERROR_TRANSACTION_ID_REUSED, TGP_MONEY_MOVED_UNKNOWN, FALSE,
                     TGP_NEXT_CHECK_STATUS);
  terminal_ready (play.h, NULL, "T-1");
  pos_pay (play.pos, "T-1", "tx-1", 1234);
  harness_run (play.h);
  peer_assert_error (play.pos, TGP_ERROR_TRANSACTION_ID_REUSED, TGP_MONEY_MOVED_UNKNOWN, FALSE,
                     TGP_NEXT_CHECK_STATUS);
}

/* --- HTTP --- */

static void
test_waiting (void)
{
  g_auto (Play) play = play_ready ();
  Peer *waiting = http_pay (play.h, NULL, NULL, "T-1", "tx-1", 1234);
  Peer *gone = http_pay (play.h, NULL, NULL, "T-1", "tx-1", 1234);

  harness_run (play.h);
  peer_drop (gone);
  harness_advance (play.h, 89999);
  g_assert_cmpuint (waiting->answers->len, ==, 0);
  harness_advance (play.h, 1);
  peer_assert_error (waiting, TGP_ERROR_TIMEOUT, TGP_MONEY_MOVED_UNKNOWN, FALSE, TGP_NEXT_CHECK_STATUS);
  g_assert_cmpstr (peer_answer (waiting)->transaction_id, ==, "tx-1");
  assert_status (play.h, "tx-1", TGP_STATUS_PENDING, NULL); /* it goes on */
  g_assert_cmpuint (gone->answers->len, ==, 0);
  waiting = http_pay (play.h, NULL, NULL, "T-1", "tx-1", 1234);
  harness_run (play.h);
  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  peer_answer_of (waiting, GW_ANSWER_PAYMENT_OUTCOME);
  GwCounters counters;
  gw_engine_get_counters (play.h->engine, &counters);
  g_assert_cmpuint (counters.open_payments, ==, 0);
  g_assert_cmpuint (counters.completed, ==, 1);
}

static void
test_replay (void)
{
  g_auto (Play) play = play_ready ();
  Peer *again;

  http_pay_signed (play.h, NULL, "T-1", "tx-1", 1234, 4711);
  harness_run (play.h);
  again = http_pay_signed (play.h, NULL, "T-1", "tx-1", 1234, 4711); /* over another node, say */
  harness_run (play.h);
  peer_assert_error (again, TGP_ERROR_REPLAYED_REQUEST, TGP_MONEY_MOVED_UNKNOWN, FALSE,
                     TGP_NEXT_CHECK_STATUS);
  g_assert_cmpint (gw_engine_see_signature (play.h->engine, 42, FALSE), ==, GW_SIGNATURE_FRESH);
  g_assert_cmpint (gw_engine_see_signature (play.h->engine, 42, FALSE), ==, GW_SIGNATURE_SEEN);
  g_assert_cmpint (gw_engine_see_signature (play.h->engine, 43, TRUE), ==, GW_SIGNATURE_FRESH);
  harness_advance (play.h, 100);
  harness_restart (play.h);
  g_assert_cmpint (gw_engine_see_signature (play.h->engine, 4711, TRUE), ==, GW_SIGNATURE_SEEN);
  g_assert_cmpint (gw_engine_see_signature (play.h->engine, 42, FALSE), ==, GW_SIGNATURE_SEEN);
  harness_advance (play.h, 600001); /* two generations: this one, and the next */
  g_assert_cmpint (gw_engine_see_signature (play.h->engine, 50, FALSE), ==, GW_SIGNATURE_FRESH);
  g_assert_cmpint (gw_engine_see_signature (play.h->engine, 42, FALSE), ==, GW_SIGNATURE_SEEN);
  harness_advance (play.h, 600001);
  g_assert_cmpint (gw_engine_see_signature (play.h->engine, 42, FALSE), ==, GW_SIGNATURE_FRESH);
}

/* A refused payment's signature is used up, too. */
static void
test_replay_of_refused (void)
{
  g_auto (Play) play = play_ready ();
  Peer *first = http_pay_signed (play.h, NULL, "T-0", NULL, 1234, 4711);

  harness_advance (play.h, 100);
  g_assert_cmpint (peer_answer_of (first, GW_ANSWER_ERROR)->code, ==, TGP_ERROR_TERMINAL_NOT_FOUND);
  g_assert_cmpuint (harness_waiting (play.h), ==, 0);
  harness_restart (play.h);
  g_assert_cmpint (gw_engine_see_signature (play.h->engine, 4711, TRUE), ==, GW_SIGNATURE_SEEN);
}

static void
test_too_many_signatures (void)
{
  GwSettings settings;
  g_autoptr (Harness) h = NULL;

  gw_settings_default (&settings);
  settings.max_signatures = 10;
  h = harness_new (&settings);
  for (guint64 i = 1; i <= 10; i++)
    g_assert_cmpint (gw_engine_see_signature (h->engine, i, FALSE), ==, GW_SIGNATURE_FRESH);
  g_assert_cmpint (gw_engine_see_signature (h->engine, 11, FALSE), ==, GW_SIGNATURE_REFUSED);
  harness_run (h);
}

/* --- questions --- */

static void
test_queries (void)
{
  g_auto (Play) play = play_pending ();
  Peer *foreign = pos_ready (play.h, harness_create_key (play.h, TGP_ROLE_POS, "store-2"), TRUE);
  GwCaller caller;

  pos_query (play.pos, "tx-1");
  pos_query (foreign, "tx-1");
  harness_run (play.h);
  g_assert_cmpstr (peer_answer_of (play.pos, GW_ANSWER_TRANSACTION)->row->transaction_id, ==, "tx-1");
  g_assert_cmpint (peer_answer_of (foreign, GW_ANSWER_ERROR)->code, ==, TGP_ERROR_TRANSACTION_NOT_FOUND);
  pos_terminals (foreign);
  g_assert_cmpuint (peer_answer_of (foreign, GW_ANSWER_TERMINALS)->count, ==, 0);

  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  pos_pay (play.pos, "T-1", "tx-2", 100);
  harness_run (play.h);
  harness_caller (play.pos, &caller);
  for (guint limit = 2; limit <= 3; limit++)
    {
      GwRead *read = gw_read_new (GW_READ_TRANSACTIONS, 0);
      read->limit = limit; /* one more than asked for */
      gw_engine_ask (play.h->engine, &caller, read);
      harness_run (play.h);
      Answer *answer = peer_answer_of (play.pos, GW_ANSWER_TRANSACTIONS);
      g_assert_cmpuint (answer->count, ==, limit - 1);
      g_assert_cmpint (answer->more, ==, limit == 2);
      g_assert_cmpstr (((GwTransaction *) answer->rows->pdata[0])->transaction_id, ==, "tx-2");
    }
  GwRead *read = gw_read_new (GW_READ_TIMELINE, 0);
  read->group_id = g_strdup ("store-1");
  read->id = g_strdup ("tx-1");
  gw_engine_ask (play.h->engine, &caller, read);
  harness_run (play.h);
  g_assert_cmpuint (peer_answer_of (play.pos, GW_ANSWER_TIMELINE)->count, ==, 2);
  gw_engine_ask (play.h->engine, &caller, gw_read_new (GW_READ_AUDIT, 0));
  harness_run (play.h);
  peer_answer_of (play.pos, GW_ANSWER_AUDIT);
  play.h->reads_fail = TRUE;
  pos_query (play.pos, "tx-1");
  harness_run (play.h);
  g_assert_cmpint (peer_answer_of (play.pos, GW_ANSWER_ERROR)->code, ==, TGP_ERROR_STORAGE_UNAVAILABLE);
  play.h->reads_fail = FALSE;
}

/* Asked about a payment that is on its way to the disk: "not found" would let a till charge again, and the
 * first one go to the terminal a moment later. */
static void
test_query_overtakes_commit (void)
{
  g_auto (Play) play = play_ready ();
  Peer *other = pos_ready (play.h, harness_create_key (play.h, TGP_ROLE_POS, "store-1"), TRUE);
  Peer *gone = pos_ready (play.h, harness_create_key (play.h, TGP_ROLE_POS, "store-1"), TRUE);

  peer_forget (other);
  pos_pay (play.pos, "T-1", "tx-1", 1234);
  pos_query (other, "tx-1");
  pos_query (gone, "tx-1");
  harness_answer_reads (play.h);
  g_assert_cmpuint (other->answers->len, ==, 0);
  peer_drop (gone);
  harness_run (play.h);
  g_assert_cmpint (peer_answer_of (other, GW_ANSWER_TRANSACTION)->row->status, ==, TGP_STATUS_PENDING);

  /* Refused after all: now it is true. */
  pos_pay (play.pos, "T-1", "tx-2", 1234);
  pos_query (other, "tx-2");
  harness_answer_reads (play.h);
  g_assert_cmpuint (other->answers->len, ==, 1);
  harness_run (play.h);
  g_assert_cmpint (peer_answer_of (other, GW_ANSWER_ERROR)->code, ==, TGP_ERROR_TRANSACTION_NOT_FOUND);

  /* The same with a commit that failed, and with one in doubt, which is ended before anybody is told. */
  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  for (guint kept = 0; kept <= 1; kept++)
    {
      g_autofree char *id = g_strdup_printf ("tx-doubt-%u", kept);
      guint before = other->answers->len;

      harness_set_fault (play.h, GW_COMMIT_UNCERTAIN, kept);
      pos_pay (play.pos, "T-1", id, 1234);
      pos_query (other, id);
      harness_commit (play.h, 0);
      harness_set_fault (play.h, GW_COMMIT_DONE, FALSE);
      g_assert_cmpuint (other->answers->len, ==, before);
      harness_run (play.h);
      g_assert_cmpuint (other->answers->len, ==, before + 1);
      if (kept)
        g_assert_cmpint (peer_answer (other)->row->status, ==, TGP_STATUS_FAILED);
      else
        g_assert_cmpint (peer_answer (other)->code, ==, TGP_ERROR_TRANSACTION_NOT_FOUND);
    }
}

/* Whose connection it is: the till's that asks, the terminal's that answers. */
static void
test_timeline_connections (void)
{
  g_autoptr (Harness) h = harness_new (NULL);
  Peer *terminal = terminal_ready (h, NULL, "T-1"), *pos = pos_ready (h, NULL, TRUE);
  const char *till = peer_last (pos, "connected")->event->connection_id;

  pos_pay (pos, "T-1", "tx-1", 100);
  harness_run (h);
  pos_cancel (pos, "tx-1");
  harness_run (h);
  terminal_result (terminal, "tx-1", TGP_RESULT_SUCCESS, 100);
  harness_run (h);
  g_autoptr (GPtrArray) rows = harness_read_rows (h, GW_READ_TIMELINE, NULL, "tx-1");
  const GwTimelineEntry *requested = rows->pdata[0], *cancelled = rows->pdata[1], *answered = rows->pdata[2];
  g_assert_cmpstr (requested->connection, ==, till);
  g_assert_nonnull (strstr (requested->detail, terminal_connection_id (terminal)));
  g_assert_cmpstr (cancelled->connection, ==, till);
  g_assert_cmpstr (answered->connection, ==, terminal_connection_id (terminal));

  http_pay (h, NULL, NULL, "T-1", "tx-2", 100);
  harness_run (h);
  g_autoptr (GPtrArray) http = harness_read_rows (h, GW_READ_TIMELINE, NULL, "tx-2");
  g_assert_null (((GwTimelineEntry *) http->pdata[0])->connection);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/pay/resolution", test_resolution);
  g_test_add_func ("/core/pay/offline", test_offline);
  g_test_add_func ("/core/pay/gone-before-commit", test_gone_before_commit);
  g_test_add_func ("/core/pay/replaced-before-commit", test_replaced_before_commit);
  g_test_add_func ("/core/pay/lost-right-after", test_lost_right_after);
  g_test_add_func ("/core/pay/busy", test_busy);
  g_test_add_func ("/core/pay/generated-id", test_generated_id);
  g_test_add_func ("/core/pay/join/open", test_join_open);
  g_test_add_func ("/core/pay/join/final", test_join_final);
  g_test_add_func ("/core/pay/join/voided", test_join_voided);
  g_test_add_func ("/core/pay/join/reused", test_reused);
  g_test_add_func ("/core/pay/join/window", test_join_window);
  g_test_add_func ("/core/pay/join/purged", test_purged_id);
  g_test_add_func ("/core/pay/http/waiting", test_waiting);
  g_test_add_func ("/core/pay/http/replay", test_replay);
  g_test_add_func ("/core/pay/http/replay-of-refused", test_replay_of_refused);
  g_test_add_func ("/core/pay/http/too-many-signatures", test_too_many_signatures);
  g_test_add_func ("/core/pay/queries", test_queries);
  g_test_add_func ("/core/pay/query-overtakes-commit", test_query_overtakes_commit);
  g_test_add_func ("/core/pay/timeline-connections", test_timeline_connections);
  return g_test_run ();
}
