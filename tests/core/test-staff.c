/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the operator does: keys, releases, lists, upkeep. */
#include "tests/core/core-peers.h"

#include <string.h>

typedef struct
{
  Harness *h;
  Peer *pos, *terminal, *staff;
  GwCaller caller;
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
  play.staff = harness_staff (play.h);
  harness_caller (play.staff, &play.caller);
  pos_pay (play.pos, "T-1", "tx-1", 1234);
  harness_run (play.h);
  terminal_accepts (play.terminal, "tx-1");
  return play;
}

/* Unsettled, its terminal away. */
static Play
play_unsettled (void)
{
  Play play = play_pending ();

  peer_drop (play.terminal);
  harness_run (play.h);
  harness_advance (play.h, 60000);
  assert_status (play.h, "tx-1", TGP_STATUS_FAILED, "TERMINAL_RECONNECT_TIMEOUT");
  return play;
}

/* --- keys --- */

static void
test_keys (void)
{
  g_autoptr (Harness) h = harness_new (NULL);
  GwKey *key = harness_create_key (h, TGP_ROLE_POS, "store-1"),
        *other = harness_create_key (h, TGP_ROLE_POS, "store-1");

  g_assert_cmpstr (key->key_id, !=, other->key_id);
  g_assert_cmpstr (key->secret, !=, other->secret);
  g_assert_cmpuint (strlen (key->secret), >=, 32);
  g_assert_true (gw_engine_find_key (h->engine, key->api_key) != NULL);
  g_assert_null (gw_engine_find_key (h->engine, "tgw_pos_0"));
  harness_restart (h);
  g_assert_cmpstr (gw_engine_find_key (h->engine, key->api_key)->secret, ==, key->secret);
  g_assert_cmpstr (gw_engine_find_key_by_id (h->engine, key->key_id)->api_key, ==, key->api_key);
}

/* Queue and open payments go to the successor. */
static void
test_rotate_pos (void)
{
  g_auto (Play) play = play_pending ();
  Peer *other = terminal_ready (play.h, NULL, "T-2"), *pos;
  GwKey *successor;

  pos_pay (play.pos, "T-2", "tx-2", 100);
  harness_run (play.h);
  terminal_result (other, "tx-2", TGP_RESULT_SUCCESS, 100);
  harness_run (play.h);
  gw_engine_rotate_key (play.h->engine, &play.caller, play.h->pos_key->key_id);
  harness_run (play.h);
  successor = peer_answer_of (play.staff, GW_ANSWER_KEY)->key;
  g_assert_cmpint (successor->role, ==, TGP_ROLE_POS);
  g_assert_cmpstr (successor->group_id, ==, "store-1");
  g_assert_true (play.pos->told_to_go);
  g_assert_false (play.pos->reconnect_allowed);
  g_assert_cmpint (gw_engine_find_key (play.h->engine, play.h->pos_key->api_key)->revoked_at, !=, 0);
  pos = pos_ready (play.h, successor, TRUE);
  g_assert_cmpuint (peer_count_for (pos, "paymentComplete", "tx-2"), ==, 1);
  terminal_progress (play.terminal, "tx-1", "PIN_ENTRY");
  g_assert_cmpuint (peer_count (pos, "paymentProgress"), ==, 1);
  pos_cancel (pos, "tx-1"); /* it is the successor's own now */
  harness_run (play.h);
  peer_answer_of (pos, GW_ANSWER_CANCEL_TAKEN);
  pos_pay (pos, "T-1", "tx-1", 1234);
  harness_run (play.h);
  peer_answer_of (pos, GW_ANSWER_PAYMENT_ACCEPTED);
  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  g_assert_cmpuint (peer_count_for (pos, "paymentComplete", "tx-1"), ==, 1);

  gw_engine_rotate_key (play.h->engine, &play.caller, play.h->pos_key->key_id);
  harness_run (play.h);
  g_assert_cmpint (peer_answer_of (play.staff, GW_ANSWER_ERROR)->code, ==, TGP_ERROR_ALREADY_FINAL);
  gw_engine_rotate_key (play.h->engine, &play.caller, "k_nobody");
  g_assert_cmpint (peer_answer_of (play.staff, GW_ANSWER_ERROR)->code, ==, TGP_ERROR_NOT_FOUND);
  harness_restart (play.h);
  pos = pos_ready (play.h, gw_engine_find_key (play.h->engine, successor->api_key), TRUE);
  g_assert_cmpuint (peer_count (pos, "paymentComplete"), ==, 2);
}

/* Let in with the old key, stored behind the operator's word. */
static void
test_pay_behind (gconstpointer data)
{
  gboolean rotate = GPOINTER_TO_INT (data);
  g_autoptr (Harness) h = harness_new (NULL);
  Peer *terminal = terminal_ready (h, NULL, "T-1"), *pos = pos_ready (h, NULL, TRUE),
       *staff = harness_staff (h);
  Peer *waiting;
  GwCaller caller;

  harness_caller (staff, &caller);
  if (rotate)
    gw_engine_rotate_key (h->engine, &caller, h->pos_key->key_id);
  else
    gw_engine_revoke_key (h->engine, &caller, h->pos_key->key_id, TRUE);
  waiting = http_pay (h, NULL, NULL, "T-1", "tx-1", 100);
  harness_run (h);
  g_assert_true (pos->told_to_go);
  if (!rotate)
    {
      peer_assert_error (waiting, TGP_ERROR_UNAUTHORIZED, TGP_MONEY_MOVED_NO, TRUE, TGP_NEXT_RETRY);
      g_assert_cmpuint (peer_count (terminal, "paymentRequest"), ==, 0);
      return;
    }
  terminal_result (terminal, "tx-1", TGP_RESULT_SUCCESS, 100);
  harness_run (h);
  peer_answer_of (waiting, GW_ANSWER_PAYMENT_OUTCOME);
  pos = pos_ready (h, peer_answer_of (staff, GW_ANSWER_KEY)->key, TRUE);
  g_assert_cmpuint (peer_count_for (pos, "paymentComplete", "tx-1"), ==, 1);
}

static void
test_rotate_terminal (gconstpointer data)
{
  const char *device = data;
  g_autoptr (Harness) h = harness_new (NULL);
  Peer *pos = pos_ready (h, NULL, TRUE), *terminal = terminal_ready (h, NULL, device),
       *staff = harness_staff (h);
  g_autofree char *name = g_strdup (device ? device : terminal_connection_id (terminal));
  GwCaller caller;

  pos_pay (pos, name, "tx-1", 1234);
  harness_run (h);
  harness_caller (staff, &caller);
  gw_engine_rotate_key (h->engine, &caller, h->terminal_key->key_id);
  harness_run (h);
  g_assert_true (terminal->told_to_go);
  assert_status (h, "tx-1", device ? TGP_STATUS_AWAITING_RECONNECT : TGP_STATUS_FAILED,
                 device ? NULL : "TERMINAL_DISCONNECTED");
  terminal = terminal_ready (h, peer_answer_of (staff, GW_ANSWER_KEY)->key, device);
  g_assert_cmpuint (peer_count_for (terminal, "getPaymentStatus", "tx-1"), ==, 1);
  terminal_result (terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (h);
  assert_status (h, "tx-1", device ? TGP_STATUS_COMPLETED : TGP_STATUS_VOIDED,
                 device ? NULL : "TERMINAL_DISCONNECTED");
  terminal =
    terminal_connect (h, h->terminal_key, device); /* nothing is left of the old one, but its device */
  harness_run (h);
  if (device)
    g_assert_cmpint (peer_answer_of (terminal, GW_ANSWER_ERROR)->code, ==, TGP_ERROR_DEVICE_ID_TAKEN);
}

static void
test_revoke (void)
{
  g_auto (Play) play = play_pending ();
  GwKey *unused = harness_create_key (play.h, TGP_ROLE_POS, "store-1");

  gw_engine_revoke_key (play.h->engine, &play.caller, unused->key_id, FALSE);
  harness_run (play.h);
  peer_answer_of (play.staff, GW_ANSWER_KEY);
  gw_engine_revoke_key (play.h->engine, &play.caller, unused->key_id, FALSE);
  harness_run (play.h);
  g_assert_cmpint (peer_answer_of (play.staff, GW_ANSWER_ERROR)->code, ==, TGP_ERROR_ALREADY_FINAL);
  gw_engine_revoke_key (play.h->engine, &play.caller, "k_nobody", FALSE);
  harness_run (play.h);
  g_assert_cmpint (peer_answer_of (play.staff, GW_ANSWER_ERROR)->code, ==, TGP_ERROR_NOT_FOUND);

  gw_engine_revoke_key (play.h->engine, &play.caller, play.h->pos_key->key_id, FALSE); /* a payment is open */
  harness_run (play.h);
  g_assert_cmpint (peer_answer_of (play.staff, GW_ANSWER_ERROR)->code, ==, TGP_ERROR_PAYMENT_IN_PROGRESS);
  g_assert_nonnull (strstr (peer_answer (play.staff)->message, "\"openPayments\":1"));
  gw_engine_revoke_key (play.h->engine, &play.caller, play.h->terminal_key->key_id, FALSE);
  harness_run (play.h);
  g_assert_cmpint (peer_answer_of (play.staff, GW_ANSWER_ERROR)->code, ==, TGP_ERROR_PAYMENT_IN_PROGRESS);
  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  gw_engine_revoke_key (play.h->engine, &play.caller, play.h->pos_key->key_id,
                        FALSE); /* a message is unread */
  harness_run (play.h);
  g_assert_cmpint (peer_answer_of (play.staff, GW_ANSWER_ERROR)->code, ==, TGP_ERROR_PAYMENT_IN_PROGRESS);
  g_assert_false (play.pos->told_to_go);
  gw_engine_revoke_key (play.h->engine, &play.caller, play.h->pos_key->key_id, TRUE);
  harness_run (play.h);
  g_assert_nonnull (strstr (peer_answer_of (play.staff, GW_ANSWER_KEY)->text, "\"unreadMessages\":1"));
  g_assert_true (play.pos->told_to_go);
  g_assert_cmpint (play.pos->reason, ==, TGP_DISCONNECT_ADMIN_ACTION);
  g_assert_false (play.pos->reconnect_allowed);
}

/* What is left is told by name, to the operator and in the audit; also what no memory holds after a restart.
 */
static void
test_revoke_lists_what_is_left (void)
{
  g_auto (Play) play = play_pending ();
  Peer *other = terminal_ready (play.h, NULL, "T-2"), *third = terminal_ready (play.h, NULL, "T-3");
  static const char *const left =
    "\"open\":[\"tx-1\"],\"voids\":[\"tx-2\"],\"unread\":[\"tx-2\",\"tx-2\",\"tx-3\"]";

  pos_pay (play.pos, "T-2", "tx-2", 100);
  pos_pay (play.pos, "T-3", "tx-3", 100);
  harness_run (play.h);
  terminal_result (other, "tx-2", TGP_RESULT_FAILED, -1);
  terminal_result (other, "tx-2", TGP_RESULT_SUCCESS, 100);
  harness_run (play.h);
  terminal_result (third, "tx-3", TGP_RESULT_SUCCESS, 100);
  harness_run (play.h);
  harness_restart (play.h);
  play.staff = harness_staff (play.h);
  harness_caller (play.staff, &play.caller);
  gw_engine_revoke_key (play.h->engine, &play.caller, play.h->pos_key->key_id, TRUE);
  harness_run (play.h);
  g_assert_nonnull (strstr (peer_answer_of (play.staff, GW_ANSWER_KEY)->text, left));
  g_autoptr (GPtrArray) audit = harness_read_rows (play.h, GW_READ_AUDIT, NULL, NULL);
  const GwAuditEntry *entry = audit->pdata[audit->len - 1];
  g_assert_cmpstr (entry->what, ==, "key revoked by force");
  g_assert_cmpstr (entry->group_id, ==, "store-1");
  g_assert_nonnull (strstr (entry->detail, left));
}

/* --- release --- */

static void
test_release (void)
{
  g_auto (Play) play = play_unsettled ();
  Peer *other;

  gw_engine_release (play.h->engine, &play.caller, "store-1", "T-1", "looked at it");
  harness_run (play.h);
  g_assert_cmpuint (peer_answer_of (play.staff, GW_ANSWER_RELEASED)->count, ==, 1);
  g_assert_cmpuint (harness_count_audit (play.h, "terminal released"), ==, 1);
  gw_engine_release (play.h->engine, &play.caller, "store-1", "T-1", NULL);
  g_assert_cmpint (peer_answer_of (play.staff, GW_ANSWER_ERROR)->code, ==, TGP_ERROR_TERMINAL_NOT_FOUND);
  other = terminal_ready (play.h, harness_create_key (play.h, TGP_ROLE_TERMINAL, "store-1"), "T-1");
  pos_pay (play.pos, "T-1", "tx-2", 100);
  harness_run (play.h);
  peer_answer_of (play.pos, GW_ANSWER_PAYMENT_ACCEPTED);
  gw_engine_release (play.h->engine, &play.caller, "store-1", "T-1", NULL); /* not under an open one */
  harness_run (play.h);
  g_assert_cmpint (peer_answer_of (play.staff, GW_ANSWER_ERROR)->code, ==, TGP_ERROR_PAYMENT_IN_PROGRESS);
  g_assert_cmpstr (peer_answer (play.staff)->held_by, ==, "tx-2");
  g_assert_nonnull (strstr (peer_answer (play.staff)->message, "tx-2"));
  /* What the device says of the old one still counts. */
  terminal_result (other, "tx-2", TGP_RESULT_SUCCESS, 100);
  terminal_result (other, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  assert_status (play.h, "tx-1", TGP_STATUS_VOIDED, "TERMINAL_RECONNECT_TIMEOUT");
  g_assert_cmpuint (peer_count_for (other, "voidPayment", "tx-1"), ==, 1);
}

static gboolean
is_busy (Play *play)
{
  peer_forget (play->pos);
  pos_terminals (play->pos);
  return g_array_index (peer_answer_of (play->pos, GW_ANSWER_TERMINALS)->terminals, Terminal, 0).busy;
}

/* The store did not say whether it released it: what it is told to be is looked up. */
static void
test_release_in_doubt (gconstpointer data)
{
  gboolean kept = GPOINTER_TO_INT (data);
  g_auto (Play) play = play_unsettled ();

  g_assert_true (is_busy (&play));
  gw_engine_release (play.h->engine, &play.caller, "store-1", "T-1", NULL);
  harness_set_fault (play.h, GW_COMMIT_UNCERTAIN, kept);
  harness_commit (play.h, 1);
  harness_set_fault (play.h, GW_COMMIT_DONE, FALSE);
  harness_run (play.h);
  g_assert_cmpint (peer_answer_of (play.staff, GW_ANSWER_ERROR)->code, ==, TGP_ERROR_STORAGE_UNAVAILABLE);
  g_assert_cmpint (is_busy (&play), ==, !kept);
}

/* And of one that nothing holds there is nothing to look up. */
static void
test_release_idle_in_doubt (void)
{
  g_auto (Play) play = play_unsettled ();

  terminal_ready (play.h, NULL, "T-2");
  gw_engine_release (play.h->engine, &play.caller, "store-1", "T-2", NULL);
  harness_set_fault (play.h, GW_COMMIT_UNCERTAIN, TRUE);
  harness_commit (play.h, 1);
  harness_set_fault (play.h, GW_COMMIT_DONE, FALSE);
  g_assert_cmpuint (play.h->operations.length, ==, 0);
  g_assert_cmpint (peer_answer_of (play.staff, GW_ANSWER_ERROR)->code, ==, TGP_ERROR_STORAGE_UNAVAILABLE);
}

static void
test_release_connected (void)
{
  g_auto (Play) play = play_unsettled ();
  Peer *back = terminal_ready (play.h, NULL, "T-1");

  gw_engine_release (play.h->engine, &play.caller, "store-1", "T-1", NULL);
  harness_run (play.h);
  peer_answer_of (play.staff, GW_ANSWER_RELEASED);
  pos_pay (play.pos, "T-1", "tx-2", 100);
  harness_run (play.h);
  peer_answer_of (play.pos, GW_ANSWER_PAYMENT_ACCEPTED);
  g_assert_cmpuint (peer_count_for (back, "paymentRequest", "tx-2"), ==, 1);
}

/* Without a deviceId and away it is in no list; its key and its last connection still name it. */
static void
test_release_keyless (gconstpointer by_key)
{
  g_autoptr (Harness) h = harness_new (NULL);
  Peer *terminal = terminal_ready (h, NULL, NULL), *pos = pos_ready (h, NULL, TRUE),
       *staff = harness_staff (h);
  g_autofree char *name = g_strdup (terminal_connection_id (terminal));
  GwCaller caller;

  harness_caller (staff, &caller);
  pos_pay (pos, name, "tx-1", 1234);
  harness_run (h);
  peer_drop (terminal);
  harness_run (h);
  assert_status (h, "tx-1", TGP_STATUS_FAILED, "TERMINAL_DISCONNECTED");
  gw_engine_release (h->engine, &caller, "store-2", name, NULL);
  g_assert_cmpint (peer_answer (staff)->code, ==, TGP_ERROR_TERMINAL_NOT_FOUND);
  gw_engine_release (h->engine, &caller, "store-1", by_key ? h->terminal_key->key_id : name, "looked at it");
  harness_run (h);
  g_assert_cmpuint (peer_answer_of (staff, GW_ANSWER_RELEASED)->count, ==, 1);
  terminal = terminal_ready (h, NULL, NULL);
  pos_pay (pos, terminal_connection_id (terminal), "tx-2", 1234);
  harness_run (h);
  peer_answer_of (pos, GW_ANSWER_PAYMENT_ACCEPTED);
}

/* A void is under way, its terminal is released and comes back under the same name. */
static void
test_release_reversing (void)
{
  g_auto (Play) play = play_pending ();
  Peer *back;

  terminal_result (play.terminal, "tx-1", TGP_RESULT_FAILED, -1);
  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  peer_drop (play.terminal);
  harness_run (play.h);
  gw_engine_release (play.h->engine, &play.caller, "store-1", "T-1", NULL);
  harness_run (play.h);
  peer_answer_of (play.staff, GW_ANSWER_RELEASED);
  harness_advance (play.h, 95000);
  back = terminal_ready (play.h, NULL, "T-1");
  g_assert_cmpuint (peer_count_for (back, "voidPayment", "tx-1"), ==, 1);
  harness_advance (play.h, 30000);
  g_assert_cmpuint (peer_count_for (back, "voidPayment", "tx-1"), ==, 2);
  terminal_void_answer (back, "tx-1", TGP_VOID_ANSWER_VOIDED);
  harness_run (play.h);
  g_assert_cmpuint (peer_count (play.pos, "paymentVoidConfirmed"), ==, 1);
}

/* --- lists and upkeep --- */

static void
count_key (const GwKeyView *view, gpointer data)
{
  guint *counts = data;

  counts[0]++;
  counts[1] += view->active;
  if (view->key->role == TGP_ROLE_POS)
    counts[2] += view->in_flight->len;
}

static void
count_terminal (const TgpTerminalView *view, const char *key_id, gpointer data)
{
  guint *counts = data;

  g_assert_nonnull (key_id);
  counts[0]++;
  counts[1] += view->busy;
}

static void
test_lists (void)
{
  g_auto (Play) play = play_pending ();
  guint keys[3] = { 0 }, terminals[2] = { 0 }, foreign[2] = { 0 };

  terminal_ready (play.h, harness_create_key (play.h, TGP_ROLE_TERMINAL, "store-2"), "T-7");
  peer_drop (terminal_ready (play.h, NULL, NULL)); /* without deviceId and gone: not listed */
  harness_run (play.h);
  gw_engine_foreach_key (play.h->engine, count_key, keys);
  g_assert_cmpuint (keys[0], ==, 3);
  g_assert_cmpuint (keys[1], ==, 1);
  g_assert_cmpuint (keys[2], ==, 1);
  gw_engine_foreach_terminal (play.h->engine, NULL, count_terminal, terminals);
  g_assert_cmpuint (terminals[0], ==, 2);
  g_assert_cmpuint (terminals[1], ==, 1);
  gw_engine_foreach_terminal (play.h->engine, "store-2", count_terminal, foreign);
  g_assert_cmpuint (foreign[0], ==, 1);
}

static void
find_key (const GwKeyView *view, gpointer data)
{
  GwKeyView *wanted = data;

  if (strcmp (view->key->key_id, wanted->key->key_id) != 0)
    return;
  *wanted = *view;
  wanted->connections = g_array_copy ((GArray *) view->connections);
  wanted->in_flight = g_ptr_array_copy ((GPtrArray *) view->in_flight, NULL, NULL);
}

/* Both sides of a payment in flight: who has it, from where, since when. */
static void
test_lists_in_flight (void)
{
  g_auto (Play) play = play_pending ();
  GwKeyView terminals = { .key = play.h->terminal_key }, till = { .key = play.h->pos_key };
  g_autofree char *address = g_strdup_printf ("192.0.2.%" G_GUINT64_FORMAT, play.terminal->link);
  gint64 came;

  harness_advance (play.h, 1000);
  came = play.h->wall;
  terminal_ready (play.h, NULL, "T-0");
  harness_advance (play.h, 1000);
  gw_engine_foreach_key (play.h->engine, find_key, &terminals);
  gw_engine_foreach_key (play.h->engine, find_key, &till);
  g_assert_cmpuint (terminals.connections->len, ==, 2);
  const GwConnectionView *idle = &g_array_index (terminals.connections, GwConnectionView, 0),
                         *busy = idle + 1;
  g_assert_cmpstr (idle->terminal_id, ==, "T-0");
  g_assert_cmpint (idle->since, ==, came);
  g_assert_null (idle->in_flight);
  g_assert_cmpstr (busy->terminal_id, ==, "T-1");
  g_assert_cmpstr (busy->address, ==, address);
  g_assert_cmpstr (busy->connection_id, ==, terminal_connection_id (play.terminal));
  g_assert_cmpstr (busy->in_flight, ==, "tx-1");
  g_assert_cmpuint (terminals.in_flight->len, ==, 1);
  g_assert_cmpuint (till.connections->len, ==, 1);
  g_assert_null (g_array_index (till.connections, GwConnectionView, 0).terminal_id);
  g_assert_true (till.active);
  g_assert_cmpstr (till.in_flight->pdata[0], ==, "tx-1");
  g_array_unref ((GArray *) terminals.connections);
  g_array_unref ((GArray *) till.connections);
  g_ptr_array_unref ((GPtrArray *) terminals.in_flight);
  g_ptr_array_unref ((GPtrArray *) till.in_flight);
}

/* A key that speaks over HTTP only, one that left, and terminals of all kinds in the list of a POS. */
static void
test_lists_of_the_quiet (void)
{
  g_autoptr (Harness) h = harness_new (NULL);
  guint keys[3] = { 0 };
  Peer *pos;

  http_enter (h, NULL, "run-1");
  pos = pos_ready (h, harness_create_key (h, TGP_ROLE_POS, "store-1"), TRUE);
  terminal_ready (h, NULL, "T-2");
  terminal_ready (h, NULL, NULL);
  terminal_ready (h, harness_create_key (h, TGP_ROLE_TERMINAL, "store-1"), NULL);
  terminal_ready (h, NULL, "T-1");
  peer_drop (terminal_ready (h, harness_create_key (h, TGP_ROLE_TERMINAL, "store-1"), NULL));
  harness_run (h);
  pos_terminals (pos);
  g_assert_cmpuint (peer_answer_of (pos, GW_ANSWER_TERMINALS)->count, ==, 4);
  peer_drop (pos);
  harness_run (h);
  gw_engine_foreach_key (h->engine, count_key, keys);
  g_assert_cmpuint (keys[0], ==, 5);
  g_assert_cmpuint (keys[1], ==, 1);
}

static void
test_sweep (void)
{
  g_auto (Play) play = play_pending ();

  terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
  harness_run (play.h);
  for (guint i = 0; i < 450; i++)
    {
      g_autofree char *id = g_strdup_printf ("tx-s%u", i);
      pos_pay (play.pos, "T-1", id, 1);
      harness_run (play.h);
      terminal_result (play.terminal, id, TGP_RESULT_SUCCESS, 1);
      harness_run (play.h);
    }
  harness_advance (play.h, G_GINT64_CONSTANT (7) * 86400000 + 1);
  gw_engine_sweep (play.h->engine);
  harness_run (play.h); /* goes on until nothing is left */
  g_assert_cmpuint (harness_count_messages (play.h, play.h->pos_key), <=, 1);
  assert_status (play.h, "tx-1", TGP_STATUS_COMPLETED, NULL); /* it answers for much longer */
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/staff/keys", test_keys);
  g_test_add_func ("/core/staff/rotate/pos", test_rotate_pos);
  g_test_add_data_func ("/core/staff/rotate/terminal", "T-1", test_rotate_terminal);
  g_test_add_data_func ("/core/staff/rotate/terminal-without-device-id", NULL, test_rotate_terminal);
  g_test_add_data_func ("/core/staff/rotate/pay-behind", GINT_TO_POINTER (TRUE), test_pay_behind);
  g_test_add_data_func ("/core/staff/revoke/pay-behind", GINT_TO_POINTER (FALSE), test_pay_behind);
  g_test_add_func ("/core/staff/revoke", test_revoke);
  g_test_add_func ("/core/staff/revoke/left", test_revoke_lists_what_is_left);
  g_test_add_func ("/core/staff/release", test_release);
  g_test_add_data_func ("/core/staff/release/keyless/by-key", "key", test_release_keyless);
  g_test_add_data_func ("/core/staff/release/keyless/by-connection", NULL, test_release_keyless);
  g_test_add_func ("/core/staff/release/connected", test_release_connected);
  g_test_add_func ("/core/staff/release/reversing", test_release_reversing);
  g_test_add_func ("/core/staff/lists", test_lists);
  g_test_add_func ("/core/staff/lists/in-flight", test_lists_in_flight);
  g_test_add_func ("/core/staff/lists/quiet", test_lists_of_the_quiet);
  g_test_add_func ("/core/staff/sweep", test_sweep);
  g_test_add_data_func ("/core/staff/release/in-doubt/kept", GINT_TO_POINTER (TRUE), test_release_in_doubt);
  g_test_add_data_func ("/core/staff/release/in-doubt/lost", GINT_TO_POINTER (FALSE), test_release_in_doubt);
  g_test_add_func ("/core/staff/release/in-doubt/idle", test_release_idle_in_doubt);
  return g_test_run ();
}
