/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/power/scenarios.h"

#include "tests/store/fixture.h"

#include <string.h>

/* --- one operation each --- */

static GwOperation *
pay (Story *story, const char *id, const char *slot, const char *note)
{
  GwOperation *op = story_make (story, GW_OP_PAY, id, slot);

  op->payment = tgp_payment_request_new ();
  op->payment->transaction_id = g_strdup (id);
  op->payment->amount = 1234;
  strcpy (op->payment->currency, "EUR");
  if (note)
    op->payment->extras = g_strdup_printf ("\"metadata\":{\"note\":\"%s\"}", note);
  op->signature = ((guint64) g_rand_int (story->rand) << 32) | g_rand_int (story->rand) | 1;
  return op;
}

static GwOperation *
answer (Story *story, const char *id, const char *slot, TgpResult status)
{
  GwOperation *op = story_make (story, GW_OP_RESULT, id, slot);

  op->response = tgp_payment_response_new ();
  op->response->transaction_id = g_strdup (id);
  op->response->status = status;
  op->response->has_amount = TRUE;
  op->response->amount = 1234;
  strcpy (op->response->currency, "EUR");
  op->response->authorization_code = g_strdup ("A1");
  return op;
}

static GwOperation *
grace_over (Story *story, const char *id, const char *slot)
{
  GwOperation *op = story_make (story, GW_OP_GRACE_EXPIRED, id, slot);

  op->grace_expires_at = 1700000060000;
  return op;
}

static GwOperation *
lose (Story *story, const char *slot)
{
  GwOperation *op = story_make (story, GW_OP_LOST, NULL, slot);

  op->grace_expires_at = 1700000060000;
  return op;
}

static GwOperation *
attach (Story *story, const char *slot)
{
  GwOperation *op = story_make (story, GW_OP_ATTACH_DEVICE, NULL, slot);

  op->grace_expires_at = 1700000060000;
  return op;
}

static GwOperation *
hello (Story *story, const char *slot)
{
  GwOperation *op = story_make (story, GW_OP_HELLO, NULL, slot);

  op->capabilities = TGP_CAPABILITY_CANCEL | TGP_CAPABILITY_VOID;
  gw_set_text (&op->journal_id, "j-1");
  return op;
}

static GwOperation *
voided (Story *story, const char *id, const char *slot, TgpVoidAnswer word)
{
  GwOperation *op = story_make (story, GW_OP_VOID_ANSWER, id, slot);

  op->void_answer = word;
  return op;
}

/* The messages that were stored last, n of them. */
static GwOperation *
ack (Story *story, const char *key_id, guint n)
{
  GwOperation *op = story_make (story, GW_OP_ACK, NULL, NULL);

  gw_set_text (&op->key_id, key_id);
  op->explicit_ack = TRUE;
  op->seqs = g_array_new (FALSE, FALSE, sizeof (gint64));
  for (guint i = story->promises->len; i > 0 && n > 0; i--)
    {
      const Promise *made = story->promises->pdata[i - 1];

      if (made->kind != PROMISE_MESSAGE)
        continue;
      g_array_append_val (op->seqs, made->number);
      n--;
    }
  return op;
}

static GwOperation *
attach_session (Story *story, const char *key_id, const char *connection, const char *id,
                const char *displaces)
{
  GwOperation *op = story_make (story, GW_OP_ATTACH_SESSION, NULL, NULL);

  gw_set_text (&op->key_id, key_id);
  gw_set_text (&op->connection_id, connection);
  gw_set_text (&op->session_id, id);
  op->request_id = g_strdup (displaces);
  return op;
}

static GwOperation *
rotate (Story *story, const char *key_id, const char *successor)
{
  GwOperation *op = story_make (story, GW_OP_ROTATE_KEY, NULL, NULL);

  gw_set_text (&op->key_id, key_id);
  op->key = make_key (successor, TGP_ROLE_POS);
  return op;
}

static GwOperation *
create (Story *story, const char *key_id, TgpRole role)
{
  GwOperation *op = story_make (story, GW_OP_CREATE_KEY, NULL, NULL);

  op->key = make_key (key_id, role);
  return op;
}

static GwOperation *
revoke_key (Story *story, const char *key_id)
{
  GwOperation *op = story_make (story, GW_OP_REVOKE_KEY, NULL, NULL);

  gw_set_text (&op->key_id, key_id);
  op->force = TRUE;
  return op;
}

/* --- the stories --- */

static void
tell_first_start (Story *story)
{
  story_run (story, create (story, "k_pos", TGP_ROLE_POS), NULL);
  story_run (story, create (story, "k_term", TGP_ROLE_TERMINAL), NULL);
  story_run (story, attach (story, "T-1"), NULL);
  story_run (story, hello (story, "T-1"), NULL);
  story_run (story, pay (story, "p-1", "T-1", NULL), NULL);
}

static void
tell_approved (Story *story)
{
  story_run (story, pay (story, "p-1", "T-1", NULL), NULL);
  story_run (story, answer (story, "p-1", "T-1", TGP_RESULT_SUCCESS), NULL);
  story_run (story, ack (story, "k_pos", 1), NULL);
  story_run (story, pay (story, "p-2", "T-1", NULL), NULL);
}

static void
tell_declined (Story *story)
{
  story_run (story, pay (story, "p-1", "T-1", NULL), NULL);
  story_run (story, answer (story, "p-1", "T-1", TGP_RESULT_FAILED), NULL);
  story_run (story, pay (story, "p-2", "T-1", NULL), NULL);
  story_run (story, story_make (story, GW_OP_CANCEL, "p-2", "T-1"), NULL);
  story_run (story, answer (story, "p-2", "T-1", TGP_RESULT_CANCELLED), NULL);
  story_run (story, ack (story, "k_pos", 2), NULL);
}

static void
tell_late_success (Story *story)
{
  story_run (story, pay (story, "p-1", "T-1", NULL), NULL);
  story_run (story, lose (story, "T-1"), NULL);
  story_run (story, grace_over (story, "p-1", "T-1"), NULL);
  story_run (story, attach (story, "T-1"), NULL);
  story_run (story, hello (story, "T-1"), NULL);
  story_run (story, answer (story, "p-1", "T-1", TGP_RESULT_SUCCESS), NULL);
  story_run (story, voided (story, "p-1", "T-1", TGP_VOID_ANSWER_VOIDED), NULL);
  story_run (story, ack (story, "k_pos", 3), NULL);
}

static void
tell_requested_void (Story *story)
{
  story_run (story, pay (story, "p-1", "T-1", NULL), NULL);
  story_run (story, answer (story, "p-1", "T-1", TGP_RESULT_SUCCESS), NULL);
  story_run (story, story_make (story, GW_OP_VOID, "p-1", "T-1"), NULL);
  story_run (story, voided (story, "p-1", "T-1", TGP_VOID_ANSWER_FAILED), NULL);
  story_run (story, story_make (story, GW_OP_VOID, "p-1", "T-1"), NULL);
  story_run (story, voided (story, "p-1", "T-1", TGP_VOID_ANSWER_VOIDED), NULL);
}

/* Acks one by one, and several at once. */
static void
tell_acks (Story *story)
{
  for (guint i = 1; i <= 4; i++)
    {
      g_autofree char *id = g_strdup_printf ("p-%u", i);

      story_run (story, pay (story, id, "T-1", NULL), NULL);
      story_run (story, answer (story, id, "T-1", TGP_RESULT_SUCCESS), NULL);
    }
  story_run (story, ack (story, "k_pos", 1), NULL);
  story_run (story, ack (story, "k_pos", 3), NULL);
  story_run (story, ack (story, "k_pos", 4), NULL);
}

static void
tell_displaced (Story *story)
{
  story_run (story, attach_session (story, "k_pos", NULL, "s-1", NULL), NULL);
  story_run (story, attach_session (story, "k_pos", NULL, "s-2", "s-1"), NULL);
  story_run (story, attach_session (story, "k_pos", "c-9", NULL, "s-2"), NULL);
  story_run (story, attach_session (story, "k_pos", NULL, "s-3", NULL), NULL);
  story_run (story, attach_session (story, "k_other", "c-8", NULL, NULL), NULL);
}

static void
tell_keys (Story *story)
{
  story_run (story, pay (story, "p-1", "T-1", NULL), pay (story, "p-2", "T-2", NULL), NULL);
  story_run (story, answer (story, "p-1", "T-1", TGP_RESULT_SUCCESS), NULL);
  story_run (story, rotate (story, "k_pos", "k_next"), NULL);
  story_run (story, answer (story, "p-2", "T-2", TGP_RESULT_SUCCESS), NULL);
  story_run (story, ack (story, "k_next", 2), NULL);
  story_run (story, revoke_key (story, "k_other"), NULL);
}

/* Several payments in one commit, at different stages. */
static void
tell_group (Story *story)
{
  story_run (story, pay (story, "p-1", "T-1", NULL), pay (story, "p-2", "T-2", NULL),
             pay (story, "p-3", "T-3", NULL), pay (story, "p-4", "T-4", NULL), NULL);
  story_run (story, answer (story, "p-1", "T-1", TGP_RESULT_SUCCESS),
             answer (story, "p-2", "T-2", TGP_RESULT_FAILED), lose (story, "T-3"),
             pay (story, "p-5", "T-5", NULL), pay (story, "p-6", "T-1", NULL), NULL);
  story_run (story, ack (story, "k_pos", 2), grace_over (story, "p-3", "T-3"),
             answer (story, "p-4", "T-4", TGP_RESULT_CANCELLED), NULL);
}

/* So much that the log is folded into the file on the way, and the log begins anew. */
static void
tell_checkpoint (Story *story)
{
  g_autofree char *note = g_strnfill (6000, 'x');

  for (guint i = 0; i < 10; i++)
    {
      g_autofree char *id = g_strdup_printf ("p-%u", i);

      story_run (story, pay (story, id, "T-1", note), NULL);
      story_run (story, answer (story, id, "T-1", i % 3 ? TGP_RESULT_SUCCESS : TGP_RESULT_FAILED), NULL);
      if (i % 4 == 3)
        story_run (story, ack (story, "k_pos", 2), NULL);
    }
}

/* The gateway stops and starts: the log goes and comes back. */
static void
tell_restart (Story *story)
{
  story_run (story, pay (story, "p-1", "T-1", NULL), NULL);
  story_reopen (story);
  GwOperation *op = story_make (story, GW_OP_RESTARTED, "p-1", "T-1");
  op->grace_expires_at = 1700000060000;
  story_run (story, op, NULL);
  story_run (story, attach (story, "T-1"), NULL);
  story_run (story, hello (story, "T-1"), NULL);
  story_run (story, answer (story, "p-1", "T-1", TGP_RESULT_SUCCESS), NULL);
  story_reopen (story);
  story_run (story, ack (story, "k_pos", 1), NULL);
}

const Scenario scenarios[] = {
  { "first-start", tell_first_start, TRUE, 0 },
  { "approved", tell_approved, FALSE, 0 },
  { "declined-and-cancelled", tell_declined, FALSE, 0 },
  { "late-success-voided", tell_late_success, FALSE, 0 },
  { "requested-void", tell_requested_void, FALSE, 0 },
  { "acks", tell_acks, FALSE, 0 },
  { "displaced-sessions", tell_displaced, FALSE, 0 },
  { "key-rotation", tell_keys, FALSE, 0 },
  { "group-commit", tell_group, FALSE, 0 },
  { "checkpoint", tell_checkpoint, FALSE, 12 },
  { "restart", tell_restart, FALSE, 0 },
};
const guint n_scenarios = G_N_ELEMENTS (scenarios);

/* --- the busy day --- */

/* What the terminal of this payment does next, if anything. */
static GwOperation *
next_step (Story *story, guint8 *stage, const char *id, const char *slot)
{
  TgpResult words[] = { TGP_RESULT_SUCCESS, TGP_RESULT_FAILED, TGP_RESULT_CANCELLED };
  guint dice = g_rand_int_range (story->rand, 0, 10);

  switch (*stage)
    {
    case 0:
      *stage = 1;
      return pay (story, id, slot, NULL);
    case 1: /* open, the terminal is here */
      *stage = dice < 8 ? 9 : 2;
      return dice < 8 ? answer (story, id, slot, words[dice % 3]) : lose (story, slot);
    case 2:
      *stage = 3;
      return grace_over (story, id, slot);
    case 3:
      *stage = 4;
      return attach (story, slot);
    case 4:
      *stage = 5;
      return hello (story, slot);
    case 5:
      *stage = dice < 7 ? 6 : 9;
      return answer (story, id, slot, dice < 7 ? TGP_RESULT_SUCCESS : TGP_RESULT_FAILED);
    default:
      *stage = 9;
      return voided (story, id, slot, dice < 7 ? TGP_VOID_ANSWER_VOIDED : TGP_VOID_ANSWER_FAILED);
    }
}

static void
tell_busy_day (Story *story)
{
  guint8 stages[8] = { 0 };
  guint serials[8] = { 0 };

  for (guint round = 0; round < 30; round++)
    {
      g_autoptr (GPtrArray) batch = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_operation_free);

      /* One operation a terminal and a batch: an attach gives the epoch that the next one needs. */
      for (guint i = 0; i < 8; i++)
        {
          if (g_rand_int_range (story->rand, 0, 3))
            continue;
          if (stages[i] == 9)
            {
              stages[i] = 0;
              serials[i]++;
            }
          g_autofree char *slot = g_strdup_printf ("T-%u", i + 1);
          g_autofree char *id = g_strdup_printf ("p-%u-%u", i + 1, serials[i]);
          g_ptr_array_add (batch, next_step (story, &stages[i], id, slot));
        }
      if (g_rand_int_range (story->rand, 0, 4) == 0)
        g_ptr_array_add (batch, ack (story, "k_pos", g_rand_int_range (story->rand, 1, 5)));
      story_run_batch (story, batch);
      if (g_rand_int_range (story->rand, 0, 20) == 0)
        story_reopen (story);
    }
}

const Scenario busy_day = { "busy-day", tell_busy_day, FALSE, 15 };
