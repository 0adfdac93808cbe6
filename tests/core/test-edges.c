/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The states of section 8: which may follow which, asked of the table and of every operation; and the heap of
 * deadlines. */
#include "gateway/core/deadlines.h"
#include "gateway/core/operation-private.h"
#include "tests/core/core-peers.h"

#include <string.h>

static const char *const drawn[TGP_N_STATUSES] = {
  [TGP_STATUS_PENDING] = "AWAITING_RECONNECT COMPLETED FAILED CANCELLED",
  [TGP_STATUS_AWAITING_RECONNECT] = "PENDING COMPLETED FAILED CANCELLED",
  [TGP_STATUS_COMPLETED] = "VOIDED",
  [TGP_STATUS_FAILED] = "VOIDED",
  [TGP_STATUS_CANCELLED] = "VOIDED",
  [TGP_STATUS_VOIDED] = "",
};

static gboolean
is_drawn (TgpStatus from, TgpStatus to)
{
  g_auto (GStrv) words = g_strsplit (drawn[from], " ", -1);

  return g_strv_contains ((const char *const *) words, tgp_status_name (to));
}

static void
test_table (void)
{
  for (guint from = 0; from < TGP_N_STATUSES; from++)
    for (guint to = 0; to < TGP_N_STATUSES; to++)
      g_assert_cmpint (gw_edge_is_legal (from, to), ==, is_drawn (from, to));
}

/* A bug that asks for an edge that is not there is told, and changes nothing. */
static void
test_illegal_change (void)
{
  if (g_test_subprocess ())
    {
      g_autoptr (GwTransaction) row = gw_transaction_new ();
      g_autoptr (GwOperation) op = gw_operation_new (GW_OP_RESULT, 1);
      GwChange change = { .op = op, .row = row };

      g_log_set_always_fatal (G_LOG_FATAL_MASK);
      row->status = TGP_STATUS_VOIDED;
      g_assert_false (gw_change_status (&change, TGP_STATUS_COMPLETED));
      g_assert_false (gw_change_fail (&change, "X", "x"));
      g_assert_cmpint (row->status, ==, TGP_STATUS_VOIDED);
      g_assert_null (row->error_code);
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr ("*is no edge*");
}

/* --- every operation against every state --- */

typedef struct
{
  Harness *h;
  Peer *pos, *terminal;
} Play;

/* Brings tx-1 into the state. */
static Play
play_in (TgpStatus status)
{
  Play play = { .h = harness_new (NULL) };

  play.terminal = terminal_ready (play.h, NULL, "T-1");
  play.pos = pos_ready (play.h, NULL, TRUE);
  pos_pay (play.pos, "T-1", "tx-1", 1234);
  harness_run (play.h);
  switch (status)
    {
    case TGP_STATUS_AWAITING_RECONNECT:
      terminal_connect (play.h, NULL, "T-1");
      harness_run (play.h);
      play.terminal = terminal_ready (play.h, NULL, "T-1");
      break;
    case TGP_STATUS_COMPLETED:
      terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
      break;
    case TGP_STATUS_FAILED:
      harness_advance (play.h, 150000);
      break;
    case TGP_STATUS_CANCELLED:
      terminal_result (play.terminal, "tx-1", TGP_RESULT_CANCELLED, -1);
      break;
    case TGP_STATUS_VOIDED:
      terminal_result (play.terminal, "tx-1", TGP_RESULT_FAILED, -1);
      terminal_result (play.terminal, "tx-1", TGP_RESULT_SUCCESS, 1234);
      break;
    default:
      break;
    }
  harness_run (play.h);
  g_autoptr (GwTransaction) row = harness_row (play.h, "tx-1");
  g_assert_cmpint (row->status, ==, status);
  return play;
}

typedef struct
{
  const char *name;
  TgpStatus becomes[TGP_N_STATUSES]; /* in the order of the states */
} Event;

#define P TGP_STATUS_PENDING
#define A TGP_STATUS_AWAITING_RECONNECT
#define C TGP_STATUS_COMPLETED
#define F TGP_STATUS_FAILED
#define X TGP_STATUS_CANCELLED
#define V TGP_STATUS_VOIDED

static const Event events[] = {
  { "SUCCESS", { C, C, C, V, V, V } },
  { "FAILED", { F, F, C, F, X, V } },
  { "CANCELLED", { X, X, C, F, X, V } },
  { "result-PENDING", { P, A, C, F, X, V } },
  { "IN_PROGRESS", { P, P, C, F, X, V } },
  { "UNKNOWN", { F, F, C, F, X, V } },
  { "voided", { P, A, C, F, X, V } },
  { "void-failed", { P, A, C, F, X, V } },
  { "lost", { A, A, C, F, X, V } },
  { "grace-expired", { P, F, C, F, X, V } },
  { "timed-out", { F, A, C, F, X, V } },
  { "limit", { F, F, C, F, X, V } },
  { "restarted", { A, A, C, F, X, V } },
  { "cancel", { P, A, C, F, X, V } },
  { "cancel-not-sent", { X, X, C, F, X, V } },
  { "void", { P, A, C, F, X, V } },
  { "abandon", { F, F, C, F, X, V } },
  { "pay-again", { P, A, C, F, X, V } },
  { "resolve", { P, A, C, F, X, V } },
  { "displaced", { A, A, C, F, X, V } },
};

static GwOperation *
operation_about (Play *play, GwOperationKind kind)
{
  g_autoptr (GwTransaction) row = harness_row (play->h, "tx-1");
  GwOperation *op = gw_operation_new (kind, play->h->wall);

  op->quiet = TRUE;
  op->group_id = g_ref_string_new ("store-1");
  op->transaction_id = g_ref_string_new ("tx-1");
  op->key_id = g_ref_string_new (row->key_id);
  op->slot = g_ref_string_new (row->slot);
  op->grace_expires_at = kind == GW_OP_GRACE_EXPIRED ? row->grace_expires_at : play->h->wall + 60000;
  return op;
}

/* Runs it as if it came late: it was right when it was asked, whatever the state is now. */
static void
run_late (Play *play, GwOperationKind kind, gboolean flag)
{
  g_autoptr (GwOperation) op = operation_about (play, kind);
  GwOperation *ops[] = { op };

  op->force = flag;
  op->not_sent = flag;
  gw_operations_run (play->h->tables, ops, 1);
  play->h->observer (play->h, op, NULL);
}

static void
happen (Play *play, const char *name)
{
  static const struct
  {
    const char *name;
    GwOperationKind kind;
    gboolean flag;
  } late[] = { { "grace-expired", GW_OP_GRACE_EXPIRED, FALSE },
               { "timed-out", GW_OP_TIMED_OUT, FALSE },
               { "limit", GW_OP_TIMED_OUT, TRUE },
               { "restarted", GW_OP_RESTARTED, FALSE },
               { "cancel-not-sent", GW_OP_CANCEL, TRUE },
               { "abandon", GW_OP_ABANDON, FALSE },
               { "resolve", GW_OP_RESOLVE, FALSE } };
  TgpResult result;

  for (guint i = 0; i < G_N_ELEMENTS (late); i++)
    if (g_str_equal (late[i].name, name))
      run_late (play, late[i].kind, late[i].flag);
  if (g_str_equal (name, "result-PENDING"))
    terminal_result (play->terminal, "tx-1", TGP_RESULT_PENDING, -1);
  else if (tgp_result_from_name (name, &result))
    terminal_result (play->terminal, "tx-1", result, 1234);
  else if (g_str_equal (name, "IN_PROGRESS") || g_str_equal (name, "UNKNOWN"))
    terminal_status (play->terminal, "tx-1", g_str_equal (name, "IN_PROGRESS"));
  else if (g_str_equal (name, "voided"))
    terminal_void_answer (play->terminal, "tx-1", TGP_VOID_ANSWER_VOIDED);
  else if (g_str_equal (name, "void-failed"))
    terminal_void_answer (play->terminal, "tx-1", TGP_VOID_ANSWER_FAILED);
  else if (g_str_equal (name, "lost"))
    peer_drop (play->terminal);
  else if (g_str_equal (name, "displaced"))
    terminal_connect (play->h, NULL, "T-1");
  else if (g_str_equal (name, "cancel"))
    pos_cancel (play->pos, "tx-1");
  else if (g_str_equal (name, "void"))
    pos_void (play->pos, "tx-1");
  else if (g_str_equal (name, "pay-again"))
    pos_pay (play->pos, "T-1", "tx-1", 1234);
  harness_run (play->h);
}

static void
test_event (gconstpointer data)
{
  const Event *event = data;

  for (guint from = 0; from < TGP_N_STATUSES; from++)
    {
      Play play = play_in (from);

      happen (&play, event->name);
      g_autoptr (GwTransaction) row = harness_row (play.h, "tx-1");
      g_test_message ("%s in %s", event->name, tgp_status_name (from));
      g_assert_cmpstr (tgp_status_name (row->status), ==, tgp_status_name (event->becomes[from]));
      g_assert_true (from == row->status || is_drawn (from, row->status));
      g_assert_cmpuint (peer_count (play.terminal, "paymentRequest"), <=, 1);
      harness_free (play.h);
    }
}

/* --- deadlines --- */

static void
test_deadlines (void)
{
  GwDeadlines heap;
  GwDeadline deadlines[200] = { 0 };
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  GwDeadline *due;

  gw_deadlines_init (&heap);
  g_assert_cmpint (gw_deadlines_next (&heap), ==, G_MAXINT64);
  g_assert_null (gw_deadlines_pop_due (&heap, G_MAXINT64));
  for (guint round = 0; round < 50; round++)
    {
      guint armed = 0;
      gint64 last = 0, earliest = G_MAXINT64;
      for (guint i = 0; i < 600; i++)
        {
          GwDeadline *any = &deadlines[g_rand_int_range (rand, 0, G_N_ELEMENTS (deadlines))];
          if (g_rand_boolean (rand))
            gw_deadline_arm (&heap, any, 1, any, g_rand_int_range (rand, 1, 1000));
          else
            gw_deadline_disarm (&heap, any);
        }
      for (guint i = 0; i < G_N_ELEMENTS (deadlines); i++)
        {
          armed += deadlines[i].position != 0;
          if (deadlines[i].position)
            earliest = MIN (earliest, deadlines[i].due);
        }
      g_assert_cmpint (gw_deadlines_next (&heap), ==, earliest);
      g_assert_null (gw_deadlines_pop_due (&heap, earliest - 1));
      while ((due = gw_deadlines_pop_due (&heap, 1000)))
        {
          g_assert_cmpint (due->due, >=, last);
          g_assert_cmpuint (due->position, ==, 0);
          g_assert_true (due->owner == due);
          last = due->due;
          armed--;
        }
      g_assert_cmpuint (armed, ==, 0);
    }
  gw_deadline_arm (&heap, &deadlines[0], 1, NULL, 1);
  gw_deadlines_clear (&heap);
  g_assert_cmpuint (deadlines[0].position, ==, 0);
}

#define TEST_ROW(Type, name, member)                                                                         \
  do                                                                                                         \
    {                                                                                                        \
      Type *row_ = name##_new (), *copy_ = name##_copy (row_), *full_;                                       \
      g_assert_null (copy_->member);                                                                         \
      gw_set_text (&copy_->member, "text");                                                                  \
      full_ = name##_copy (copy_);                                                                           \
      g_assert_true (name##_ref (full_) == full_);                                                           \
      name##_unref (full_);                                                                                  \
      name##_unref (copy_);                                                                                  \
      g_assert_cmpstr (full_->member, ==, "text");                                                           \
      name##_unref (full_);                                                                                  \
      name##_unref (row_);                                                                                   \
    }                                                                                                        \
  while (0)

static void
test_plain_rows (void)
{
  TEST_ROW (GwKey, gw_key, successor);
  TEST_ROW (GwDevice, gw_device, metadata);
  TEST_ROW (GwSession, gw_session, session_id);
  TEST_ROW (GwMessage, gw_message, body);
  TEST_ROW (GwTimelineEntry, gw_timeline_entry, detail);
  TEST_ROW (GwAuditEntry, gw_audit_entry, detail);
}

/* The rows that the engine itself never copies. */
static void
test_rows (void)
{
  g_autoptr (GwSignatures) signatures = gw_signatures_new (), copy = NULL, empty = NULL;
  g_autoptr (GwTransaction) row = gw_transaction_new ();

  empty = gw_signatures_copy (signatures);
  g_assert_null (empty->fingerprints);
  signatures->fingerprints = g_bytes_new ("12345678", 8);
  copy = gw_signatures_copy (signatures);
  g_assert_true (g_bytes_equal (copy->fingerprints, signatures->fingerprints));
  g_assert_cmpint (gw_transaction_result (row), ==, TGP_RESULT_PENDING);
  gw_set_text (&row->error_code, "X");
  gw_share_text (&row->error_message, row->error_code);
  gw_share_text (&row->error_code, NULL);
  g_assert_cmpstr (row->error_message, ==, "X");
  g_assert_null (row->error_code);
}

/* What a till reads as the amount: what was asked, and once it is paid what was charged. */
static void
test_view (void)
{
  g_autoptr (GwTransaction) row = gw_transaction_new ();
  TgpTransaction view;

  row->amount = 1200;
  strcpy (row->currency, "EUR");
  row->charged_amount = 1100;
  strcpy (row->charged_currency, "CHF");
  for (guint status = 0; status < TGP_N_STATUSES; status++)
    {
      gboolean charged = status == TGP_STATUS_COMPLETED;
      row->status = (TgpStatus) status;
      gw_transaction_view (row, &view);
      g_assert_cmpint (view.amount, ==, charged ? 1100 : 1200);
      g_assert_cmpstr (view.currency, ==, charged ? "CHF" : "EUR");
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/edges/table", test_table);
  g_test_add_func ("/core/edges/illegal", test_illegal_change);
  for (guint i = 0; i < G_N_ELEMENTS (events); i++)
    {
      g_autofree char *path = g_strconcat ("/core/edges/event/", events[i].name, NULL);
      g_test_add_data_func (path, &events[i], test_event);
    }
  g_test_add_func ("/core/deadlines", test_deadlines);
  g_test_add_func ("/core/rows", test_rows);
  g_test_add_func ("/core/rows/view", test_view);
  g_test_add_func ("/core/rows/plain", test_plain_rows);
  return g_test_run ();
}
