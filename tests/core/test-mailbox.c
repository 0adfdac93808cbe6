/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The queue of a POS key: in order, a window at a time, until it is acked (section 5, "Delivery"). */
#include "tests/core/core-peers.h"

/* n payments that are paid, one after the other. */
static void
pay_many (Harness *h, Peer *pos, Peer *terminal, guint from, guint n)
{
  for (guint i = from; i < from + n; i++)
    {
      g_autofree char *id = g_strdup_printf ("tx-%04u", i);
      pos_pay (pos, "T-1", id, 100);
      harness_run (h);
      terminal_result (terminal, id, TGP_RESULT_SUCCESS, 100);
      harness_run (h);
    }
}

/* The window went out in order, and nothing else. */
static void
assert_outcomes (Peer *pos, guint from, guint n)
{
  guint seen = 0;

  for (guint i = 0; i < pos->sent->len; i++)
    {
      Sent *sent = pos->sent->pdata[i];
      if (!g_str_equal (sent->action, "paymentComplete"))
        continue;
      g_autofree char *id = g_strdup_printf ("tx-%04u", from + seen++);
      g_assert_cmpstr (sent->event->transaction_id, ==, id);
    }
  g_assert_cmpuint (seen, ==, n);
}

static char *
nth_message (Peer *pos, guint n)
{
  for (guint i = 0; i < pos->sent->len; i++)
    {
      Sent *sent = pos->sent->pdata[i];
      if (sent->event->message_id && n-- == 0)
        return sent->event->message_id;
    }
  g_assert_not_reached ();
}

static void
test_window (void)
{
  g_autoptr (Harness) h = harness_new (NULL);
  Peer *pos = pos_ready (h, NULL, TRUE), *terminal = terminal_ready (h, NULL, "T-1");

  pay_many (h, pos, terminal, 0, 100);
  assert_outcomes (pos, 0, 64);
  g_assert_cmpuint (harness_count_messages (h, h->pos_key), ==, 100);
  pos_ack (pos, nth_message (pos, 1), NULL); /* out of order is fine: one place */
  harness_run (h);
  assert_outcomes (pos, 0, 65);
  for (guint i = 0; i < 65; i++)
    pos_ack (pos, nth_message (pos, i), NULL);
  harness_run (h);
  assert_outcomes (pos, 0, 100);
  for (guint i = 0; i < 100; i++)
    pos_ack (pos, nth_message (pos, i), NULL);
  harness_run (h);
  g_assert_cmpuint (harness_count_messages (h, h->pos_key), ==, 0);
  pay_many (h, pos, terminal, 100, 3);
  assert_outcomes (pos, 0, 103);
}

static void
test_redelivery (void)
{
  g_autoptr (Harness) h = harness_new (NULL);
  Peer *pos = pos_ready (h, NULL, TRUE), *terminal = terminal_ready (h, NULL, "T-1"), *back;

  pay_many (h, pos, terminal, 0, 150);
  pos_ack (pos, nth_message (pos, 0), nth_message (pos, 1), NULL);
  harness_run (h);
  peer_drop (pos);
  harness_run (h);
  back = pos_ready (h, NULL, TRUE);
  g_assert_cmpstr (((Sent *) back->sent->pdata[0])->action, ==, "connected");
  g_assert_cmpint (((Sent *) back->sent->pdata[0])->event->pending_messages, ==, 148);
  assert_outcomes (back, 2, 64);
  g_assert_cmpuint (harness_count_audit (h, "waiting messages recovered"), ==, 1);
  harness_restart (h);
  back = pos_ready (h, NULL, TRUE);
  assert_outcomes (back, 2, 64);
  for (guint done = 0; done < 148; done++)
    {
      pos_ack (back, nth_message (back, done), NULL);
      harness_run (h);
    }
  assert_outcomes (back, 2, 148);
}

/* What is acked twice, unknown, another key's or another store's is ignored. */
static void
test_strange_acks (void)
{
  g_autoptr (Harness) h = harness_new (NULL);
  GwKey *other_key = harness_create_key (h, TGP_ROLE_POS, "store-1");
  Peer *pos = pos_ready (h, NULL, TRUE), *other = pos_ready (h, other_key, TRUE),
       *terminal = terminal_ready (h, NULL, "T-1");
  Peer *http;

  pay_many (h, pos, terminal, 0, 2);
  pos_ack (other, nth_message (pos, 0), NULL);
  pos_ack (pos, "x", "0badcafe-", "0badcafe-999", "0badcafe-x", "deadbeef-1", "0badcafe-0", "0badcafe--1",
           NULL);
  harness_run (h);
  g_assert_cmpuint (harness_count_messages (h, h->pos_key), ==, 2);
  g_assert_cmpuint (pos->releases, ==, 1);
  http = peer_new (h, h->pos_key, TRUE);
  pos_ack (http, nth_message (pos, 0), nth_message (pos, 0), "0badcafe-77", NULL);
  harness_run (h);
  g_assert_cmpuint (peer_answer_of (http, GW_ANSWER_ACKED)->count, ==, 1);
  g_assert_cmpuint (harness_count_messages (h, h->pos_key), ==, 1);
}

/* Held until the ack is durable. */
static void
test_held (void)
{
  g_autoptr (Harness) h = harness_new (NULL);
  Peer *pos = pos_connect (h, NULL, TRUE);

  g_assert_true (gw_engine_link_is_held (h->engine, pos->link));
  harness_run (h);
  g_assert_false (gw_engine_link_is_held (h->engine, pos->link));
  pos_ack (pos, "0badcafe-1", NULL);
  g_assert_true (gw_engine_link_is_held (h->engine, pos->link));
  g_assert_cmpuint (pos->releases, ==, 0);
  harness_run (h);
  g_assert_cmpuint (pos->releases, ==, 1);
  g_assert_false (gw_engine_link_is_held (h->engine, pos->link));
  g_assert_false (gw_engine_link_is_held (h->engine, 999999));
  pos_ack (pos, "0badcafe-1", NULL);
  peer_drop (pos); /* gone before it is stored */
  harness_run (h);
}

/* The pong to a heartbeat acks what went out before it, for a client that knows no ack. */
static void
test_heartbeat (void)
{
  g_autoptr (Harness) h = harness_new (NULL);
  Peer *pos = pos_ready (h, NULL, FALSE), *terminal = terminal_ready (h, NULL, "T-1");

  pay_many (h, pos, terminal, 0, 1);
  gw_engine_heartbeat_sent (h->engine, pos->link);
  pay_many (h, pos, terminal, 1, 1); /* after the ping */
  gw_engine_heartbeat_answered (h->engine, pos->link);
  harness_run (h);
  g_assert_cmpuint (harness_count_messages (h, h->pos_key), ==, 1);
  gw_engine_heartbeat_answered (h->engine, pos->link); /* no ping since */
  harness_run (h);
  g_assert_cmpuint (harness_count_messages (h, h->pos_key), ==, 1);
  pos_heartbeat (pos);
  harness_run (h);
  g_assert_cmpuint (harness_count_messages (h, h->pos_key), ==, 0);
  pos_heartbeat (terminal);
  pos_heartbeat (pos);
  gw_engine_heartbeat_sent (h->engine, 999999);
  gw_engine_heartbeat_answered (h->engine, 999999);
  g_assert_cmpuint (harness_waiting (h), ==, 0);
}

/* Not for a client that has ever acked: over WebSocket, HTTP or in the life of another gateway; nor for one
 * that says it will. */
static void
test_heartbeat_of_acker (gconstpointer data)
{
  guint how = GPOINTER_TO_UINT (data);
  g_autoptr (Harness) h = harness_new (NULL);
  Peer *pos = pos_ready (h, NULL, how == 0), *terminal = terminal_ready (h, NULL, "T-1");

  if (how == 1)
    pos_ack (pos, "0badcafe-999", NULL);
  if (how == 2 || how == 3)
    pos_ack (peer_new (h, h->pos_key, TRUE), "0badcafe-999", NULL);
  harness_run (h);
  if (how == 3)
    {
      harness_restart (h);
      pos = pos_ready (h, NULL, FALSE);
      terminal = terminal_ready (h, NULL, "T-1");
    }
  pay_many (h, pos, terminal, 0, 1);
  pos_heartbeat (pos);
  harness_run (h);
  g_assert_cmpuint (harness_count_messages (h, h->pos_key), ==, 1);
}

/* The outcome that a waiting POST returned in full is acked by that. */
static void
test_outcome_returned (void)
{
  g_autoptr (Harness) h = harness_new (NULL);
  Peer *terminal = terminal_ready (h, NULL, "T-1"), *waiting = http_pay (h, NULL, NULL, "T-1", "tx-1", 100);

  harness_run (h);
  terminal_result (terminal, "tx-1", TGP_RESULT_SUCCESS, 100);
  harness_run (h);
  Answer *answer = peer_answer_of (waiting, GW_ANSWER_PAYMENT_OUTCOME);
  g_assert_cmpuint (harness_count_messages (h, h->pos_key), ==, 1);
  gw_engine_outcome_returned (h->engine, h->pos_key->key_id, answer->row->outcome_seq);
  gw_engine_outcome_returned (h->engine, h->pos_key->key_id, 0);
  gw_engine_outcome_returned (h->engine, "k_nobody", 1);
  harness_run (h);
  g_assert_cmpuint (harness_count_messages (h, h->pos_key), ==, 0);
}

static void
test_poll (void)
{
  g_autoptr (Harness) h = harness_new (NULL);
  Peer *terminal = terminal_ready (h, NULL, "T-1"), *poll, *empty, *gone;

  empty = http_messages (h, NULL, 0);
  harness_advance (h, 0);
  g_assert_cmpuint (peer_answer_of (empty, GW_ANSWER_MESSAGES)->count, ==, 0);
  poll = http_messages (h, NULL, 60000);
  gone = http_messages (h, NULL, 60000);
  empty = http_messages (h, NULL, 5000);
  harness_run (h);
  peer_drop (gone);
  harness_advance (h, 4999);
  g_assert_cmpuint (empty->answers->len, ==, 0);
  harness_advance (h, 1);
  g_assert_cmpuint (peer_answer_of (empty, GW_ANSWER_MESSAGES)->count, ==, 0);
  http_pay (h, NULL, NULL, "T-1", "tx-1", 100);
  harness_run (h);
  g_assert_cmpuint (poll->answers->len, ==, 0);
  terminal_result (terminal, "tx-1", TGP_RESULT_SUCCESS, 100);
  harness_run (h);
  g_assert_cmpuint (peer_answer_of (poll, GW_ANSWER_MESSAGES)->count, ==, 1);
  GwMessage *message = peer_answer (poll)->rows->pdata[0];
  g_assert_cmpstr (message->action, ==, "paymentComplete");
  poll = http_messages (h, NULL, 60000); /* still there: nobody acked */
  harness_run (h);
  g_assert_cmpuint (peer_answer_of (poll, GW_ANSWER_MESSAGES)->count, ==, 1);
  h->reads_fail = TRUE;
  poll = http_messages (h, NULL, 60000);
  harness_run (h);
  g_assert_cmpint (peer_answer_of (poll, GW_ANSWER_ERROR)->code, ==, TGP_ERROR_STORAGE_UNAVAILABLE);
  h->reads_fail = FALSE;
}

/* Something comes while the look at the queue is on its way, and its time runs out meanwhile. */
static void
test_poll_races (void)
{
  g_autoptr (Harness) h = harness_new (NULL);
  Peer *terminal = terminal_ready (h, NULL, "T-1"), *poll, *late;

  http_pay (h, NULL, NULL, "T-1", "tx-1", 100);
  harness_run (h);
  poll = http_messages (h, NULL, 60000);
  late = http_messages (h, NULL, 10);
  harness_answer_reads (h);                                        /* empty */
  gw_engine_hint (h->engine, GW_HINT_MAILBOX, h->pos_key->key_id); /* looks once more */
  gw_engine_hint (h->engine, GW_HINT_MAILBOX, h->pos_key->key_id);
  gw_engine_hint (h->engine, GW_HINT_GROUP, "store-1");
  gw_engine_hint (h->engine, GW_HINT_MAILBOX, "k_nobody");
  harness_tick (h, 20);
  gw_engine_advance (h->engine);
  g_assert_cmpuint (late->answers->len, ==, 0); /* what its read brings is the answer */
  terminal_result (terminal, "tx-1", TGP_RESULT_SUCCESS, 100);
  harness_commit (h, 0);
  harness_run (h);
  g_assert_cmpuint (peer_answer_of (poll, GW_ANSWER_MESSAGES)->count, ==, 1);
  g_assert_cmpuint (peer_answer_of (late, GW_ANSWER_MESSAGES)->count, ==, 1);
}

/* A look that was taken before the message was there, and comes back after it. */
static void
test_old_look (void)
{
  g_autoptr (Harness) h = harness_new (NULL);
  Peer *terminal = terminal_ready (h, NULL, "T-1"), *pos, *poll;
  GPtrArray *reads;

  http_pay (h, NULL, NULL, "T-1", "tx-1", 100);
  harness_run (h);
  poll = http_messages (h, NULL, 60000);
  pos = pos_connect (h, NULL, TRUE);
  harness_commit (h, 0);
  reads = harness_read_only (h);
  terminal_result (terminal, "tx-1", TGP_RESULT_SUCCESS, 100);
  harness_commit (h, 0);
  harness_deliver_reads (h, reads);
  g_assert_cmpuint (peer_count (pos, "paymentComplete"), ==, 0);
  harness_run (h);
  g_assert_cmpuint (peer_count (pos, "paymentComplete"), ==, 1);
  g_assert_cmpuint (peer_answer_of (poll, GW_ANSWER_MESSAGES)->count, ==, 1);
}

/* The connection goes while its look is on the way: an error or not, nobody is there. */
static void
test_gone_while_looking (gconstpointer data)
{
  g_autoptr (Harness) h = harness_new (NULL);
  Peer *pos = pos_connect (h, NULL, TRUE);

  harness_commit (h, 0);
  h->reads_fail = GPOINTER_TO_INT (data);
  peer_drop (pos);
  harness_run (h);
  h->reads_fail = FALSE;
  pos = pos_connect (h, NULL, TRUE); /* and one that goes and is followed by another */
  harness_commit (h, 0);
  peer_drop (pos);
  pos = pos_connect (h, NULL, TRUE);
  harness_run (h);
  g_assert_true (pos->attached);
}

/* New messages while the first look of a new connection is under way; and a displacement in the middle of it.
 */
static void
test_open_races (void)
{
  g_autoptr (Harness) h = harness_new (NULL);
  Peer *pos = pos_ready (h, NULL, TRUE), *terminal = terminal_ready (h, NULL, "T-1"), *second, *third;

  pay_many (h, pos, terminal, 0, 3);
  pos_pay (pos, "T-1", "tx-0003", 100);
  harness_run (h);
  second = pos_connect (h, NULL, TRUE);
  harness_commit (h, 0);
  third = pos_connect (h, NULL, TRUE);
  harness_commit (h, 0); /* the read is still that of the second */
  terminal_result (terminal, "tx-0003", TGP_RESULT_SUCCESS, 100);
  harness_commit (h, 0);
  harness_run (h);
  g_assert_true (pos->told_to_go);
  g_assert_true (second->told_to_go);
  g_assert_false (second->attached);
  assert_outcomes (third, 0, 4);
}

/* A queue that cannot be read: the handshake is refused; a connection that is there gets its messages later.
 */
static void
test_unreadable (void)
{
  g_autoptr (Harness) h = harness_new (NULL);
  Peer *pos = pos_ready (h, NULL, TRUE), *terminal = terminal_ready (h, NULL, "T-1"), *second;

  pay_many (h, pos, terminal, 0, 66);
  h->reads_fail = TRUE;
  second = pos_connect (h, NULL, TRUE);
  harness_run (h);
  g_assert_cmpint (peer_answer_of (second, GW_ANSWER_ERROR)->code, ==, TGP_ERROR_STORAGE_UNAVAILABLE);
  g_assert_true (pos->told_to_go);
  h->reads_fail = FALSE;
  pos = pos_ready (h, NULL, TRUE);
  assert_outcomes (pos, 0, 64);
  h->reads_fail = TRUE;
  pos_ack (pos, nth_message (pos, 0), nth_message (pos, 1), NULL);
  harness_run (h);
  assert_outcomes (pos, 0, 64);
  h->reads_fail = FALSE;
  harness_advance (h, 500);
  assert_outcomes (pos, 0, 66);
}

/* A till that never acks: what expired makes room for what is new, also when the first look fails. */
static void
test_expired_in_the_window (gconstpointer data)
{
  gboolean look_fails = GPOINTER_TO_INT (data);
  g_autoptr (Harness) h = harness_new (NULL);
  Peer *terminal = terminal_ready (h, NULL, "T-1"), *pos = pos_ready (h, NULL, TRUE);

  for (guint i = 0; i < 64; i++)
    pay_many (h, pos, terminal, i, 1);
  harness_tick (h, 8 * G_GINT64_CONSTANT (86400000));
  pay_many (h, pos, terminal, 64, 1);
  g_assert_cmpuint (peer_count (pos, "paymentComplete"), ==, 64);
  h->reads_fail = look_fails;
  gw_engine_sweep (h->engine);
  harness_run (h);
  h->reads_fail = FALSE;
  harness_advance (h, 1000);
  assert_outcomes (pos, 0, 65);
  g_assert_cmpuint (harness_count_messages (h, h->pos_key), ==, 1);
  gw_engine_sweep (h->engine); /* nothing more to take */
  harness_run (h);
  for (guint i = 65; i < 130; i++)
    pay_many (h, pos, terminal, i, 1);
  g_assert_cmpuint (peer_count (pos, "paymentComplete"), ==, 128);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/mailbox/window", test_window);
  g_test_add_func ("/core/mailbox/redelivery", test_redelivery);
  g_test_add_func ("/core/mailbox/strange-acks", test_strange_acks);
  g_test_add_func ("/core/mailbox/held", test_held);
  g_test_add_func ("/core/mailbox/heartbeat", test_heartbeat);
  for (guint how = 0; how < 4; how++)
    {
      g_autofree char *path = g_strdup_printf ("/core/mailbox/heartbeat-of-acker/%u", how);
      g_test_add_data_func (path, GUINT_TO_POINTER (how), test_heartbeat_of_acker);
    }
  g_test_add_func ("/core/mailbox/outcome-returned", test_outcome_returned);
  g_test_add_func ("/core/mailbox/poll", test_poll);
  g_test_add_func ("/core/mailbox/poll-races", test_poll_races);
  g_test_add_func ("/core/mailbox/open-races", test_open_races);
  g_test_add_func ("/core/mailbox/old-look", test_old_look);
  g_test_add_data_func ("/core/mailbox/gone-while-looking", GINT_TO_POINTER (FALSE), test_gone_while_looking);
  g_test_add_data_func ("/core/mailbox/gone-while-looking/error", GINT_TO_POINTER (TRUE),
                        test_gone_while_looking);
  g_test_add_func ("/core/mailbox/unreadable", test_unreadable);
  g_test_add_data_func ("/core/mailbox/expired", GINT_TO_POINTER (FALSE), test_expired_in_the_window);
  g_test_add_data_func ("/core/mailbox/expired/look-fails", GINT_TO_POINTER (TRUE),
                        test_expired_in_the_window);
  return g_test_run ();
}
