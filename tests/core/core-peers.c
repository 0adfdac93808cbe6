/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/core/core-peers.h"

#include <stdarg.h>
#include <string.h>

/* --- going --- */

void
peer_drop (Peer *peer)
{
  peer->closed = TRUE;
  if (peer->http)
    gw_engine_forget_caller (peer->harness->engine, peer->link);
  else
    gw_engine_link_down (peer->harness->engine, peer->link);
}

void
peer_forget (Peer *peer)
{
  g_ptr_array_set_size (peer->sent, 0);
  g_ptr_array_set_size (peer->answers, 0);
}

/* --- POS --- */

Peer *
pos_connect (Harness *harness, GwKey *key, gboolean acks)
{
  Peer *peer = peer_new (harness, key ? key : harness->pos_key, FALSE);
  g_autofree char *address = g_strdup_printf ("192.0.2.%u", (guint) (peer->link % 250));
  GwCaller caller;

  harness_caller (peer, &caller);
  gw_engine_connect_pos (harness->engine, &caller, address, "till/1", acks);
  return peer;
}

Peer *
pos_ready (Harness *harness, GwKey *key, gboolean acks)
{
  Peer *peer = pos_connect (harness, key, acks);

  harness_run (harness);
  g_assert_true (peer->attached);
  return peer;
}

static TgpPaymentRequest *
make_payment (const char *transaction_id, gint64 minor, const char *currency, TgpMethod method)
{
  TgpPaymentRequest *payment = tgp_payment_request_new ();

  payment->transaction_id = g_strdup (transaction_id);
  payment->amount = minor;
  g_strlcpy (payment->currency, currency, sizeof payment->currency);
  payment->method = method;
  return payment;
}

void
pos_pay_as (Peer *pos, const char *terminal_id, const char *transaction_id, gint64 minor,
            const char *currency, TgpMethod method)
{
  GwCaller caller;

  harness_caller (pos, &caller);
  caller.request_id = "r-1";
  gw_engine_pay (pos->harness->engine, &caller, terminal_id,
                 make_payment (transaction_id, minor, currency, method), 0, 0);
}

void
pos_pay (Peer *pos, const char *terminal_id, const char *transaction_id, gint64 cents)
{
  pos_pay_as (pos, terminal_id, transaction_id, cents, "EUR", TGP_METHOD_CARD);
}

void
pos_cancel (Peer *pos, const char *transaction_id)
{
  GwCaller caller;

  harness_caller (pos, &caller);
  gw_engine_cancel (pos->harness->engine, &caller, transaction_id);
}

void
pos_void (Peer *pos, const char *transaction_id)
{
  GwCaller caller;

  harness_caller (pos, &caller);
  gw_engine_void (pos->harness->engine, &caller, transaction_id);
}

void
pos_query (Peer *pos, const char *transaction_id)
{
  GwCaller caller;

  harness_caller (pos, &caller);
  gw_engine_get_transaction (pos->harness->engine, &caller, pos->key->group_id, transaction_id);
}

void
pos_terminals (Peer *pos)
{
  GwCaller caller;

  harness_caller (pos, &caller);
  gw_engine_get_terminals (pos->harness->engine, &caller);
}

void
pos_ack (Peer *pos, const char *message_id, ...)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();
  GwCaller caller;
  va_list more;

  va_start (more, message_id);
  for (const char *id = message_id; id; id = va_arg (more, const char *))
    g_ptr_array_add (ids, (gpointer) id);
  va_end (more);
  harness_caller (pos, &caller);
  gw_engine_ack (pos->harness->engine, &caller, ids);
}

void
pos_heartbeat (Peer *pos)
{
  gw_engine_heartbeat_sent (pos->harness->engine, pos->link);
  gw_engine_heartbeat_answered (pos->harness->engine, pos->link);
}

Peer *
http_enter (Harness *harness, GwKey *key, const char *session_id)
{
  Peer *peer = peer_new (harness, key ? key : harness->pos_key, TRUE);
  GwCaller caller;

  harness_caller (peer, &caller);
  caller.session_id = session_id;
  gw_engine_enter_session (harness->engine, &caller, "198.51.100.7", "curl");
  return peer;
}

static Peer *
pay_over_http (Peer *peer, const char *session_id, const char *terminal_id, const char *transaction_id,
               gint64 cents, guint64 signature)
{
  GwCaller caller;

  harness_caller (peer, &caller);
  caller.session_id = session_id;
  gw_engine_pay (peer->harness->engine, &caller, terminal_id,
                 make_payment (transaction_id, cents, "EUR", TGP_METHOD_CARD), signature,
                 signature ? peer->harness->wall + 600000 : 0);
  return peer;
}

Peer *
http_pay (Harness *harness, GwKey *key, const char *session_id, const char *terminal_id,
          const char *transaction_id, gint64 cents)
{
  Peer *peer;

  if (!session_id)
    return pay_over_http (peer_new (harness, key ? key : harness->pos_key, TRUE), NULL, terminal_id,
                          transaction_id, cents, 0);
  peer = http_enter (harness, key, session_id);
  harness_run (harness);
  if (peer_answer (peer)->kind != GW_ANSWER_ATTACHED)
    return peer;
  return pay_over_http (peer, session_id, terminal_id, transaction_id, cents, 0);
}

static void
pay_as_run_1 (Peer *peer)
{
  pay_over_http (peer, "run-1", "T-1", "tx-1", 1234, 0);
}

Peer *
http_enter_and_pay (Harness *harness)
{
  Peer *peer = peer_new (harness, harness->pos_key, TRUE);
  GwCaller caller;

  harness_caller (peer, &caller);
  caller.session_id = "run-1";
  caller.transaction_id = "tx-1";
  peer->entered = pay_as_run_1;
  gw_engine_enter_session (harness->engine, &caller, "198.51.100.7", "curl");
  return peer;
}

Peer *
http_pay_signed (Harness *harness, GwKey *key, const char *terminal_id, const char *transaction_id,
                 gint64 cents, guint64 signature)
{
  return pay_over_http (peer_new (harness, key ? key : harness->pos_key, TRUE), NULL, terminal_id,
                        transaction_id, cents, signature);
}

Peer *
http_messages (Harness *harness, GwKey *key, gint64 wait_ms)
{
  Peer *peer = peer_new (harness, key ? key : harness->pos_key, TRUE);
  GwCaller caller;

  harness_caller (peer, &caller);
  gw_engine_get_messages (harness->engine, &caller, wait_ms);
  return peer;
}

/* --- terminals --- */

Peer *
terminal_connect (Harness *harness, GwKey *key, const char *device_id)
{
  Peer *peer = peer_new (harness, key ? key : harness->terminal_key, FALSE);
  GwCaller caller;

  peer->device_id = g_strdup (device_id);
  harness_caller (peer, &caller);
  g_autofree char *address = g_strdup_printf ("192.0.2.%" G_GUINT64_FORMAT, peer->link);
  gw_engine_connect_terminal (harness->engine, &caller, device_id, address, "terminal/1");
  return peer;
}

Peer *
terminal_ready_as (Harness *harness, GwKey *key, const char *device_id, guint capabilities,
                   const char *journal_id)
{
  Peer *peer = terminal_connect (harness, key, device_id);

  harness_run (harness);
  g_assert_true (peer->attached);
  terminal_hello (peer, capabilities, journal_id, NULL);
  harness_run (harness);
  return peer;
}

Peer *
terminal_ready (Harness *harness, GwKey *key, const char *device_id)
{
  return terminal_ready_as (harness, key, device_id, ALL_CAPABILITIES, "journal-1");
}

void
terminal_says (Peer *terminal, const char *json)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TgpTerminalMessage) message = tgp_terminal_message_decode (json, strlen (json), NULL, &error);

  g_assert_no_error (error);
  gw_engine_terminal_says (terminal->harness->engine, terminal->link, message);
}

/* In the words of the wire, so that what cannot be said is not tested. */
static void
say (Peer *terminal, TgpTerminalMessage *message)
{
  g_autofree char *text = tgp_terminal_message_encode (message);

  terminal_says (terminal, text);
  tgp_terminal_message_free (message);
}

static TgpTerminalMessage *
message_about (TgpTerminalAction action, const char *transaction_id)
{
  TgpTerminalMessage *message = tgp_terminal_message_new (action);

  message->transaction_id = g_strdup (transaction_id);
  return message;
}

void
terminal_hello (Peer *terminal, guint capabilities, const char *journal_id, const char *active)
{
  TgpTerminalMessage *message = tgp_terminal_message_new (TGP_TERMINAL_HELLO);

  message->capabilities = capabilities;
  message->journal_id = g_strdup (journal_id);
  message->metadata = g_strdup ("{\"model\":\"sim\"}");
  if (active)
    {
      message->active = g_ptr_array_new_with_free_func (g_free);
      g_ptr_array_add (message->active, g_strdup (active));
    }
  say (terminal, message);
}

void
terminal_accepts (Peer *terminal, const char *transaction_id)
{
  say (terminal, message_about (TGP_TERMINAL_PAYMENT_ACCEPTED, transaction_id));
}

void
terminal_progress (Peer *terminal, const char *transaction_id, const char *stage)
{
  TgpTerminalMessage *message = message_about (TGP_TERMINAL_PAYMENT_PROGRESS, transaction_id);

  message->stage = g_strdup (stage);
  say (terminal, message);
}

void
terminal_result_as (Peer *terminal, const char *transaction_id, TgpResult result, gint64 minor,
                    const char *currency, const char *authorization_code, const char *error_code)
{
  TgpTerminalMessage *message = message_about (TGP_TERMINAL_PAYMENT_RESPONSE, transaction_id);
  TgpPaymentResponse *response = tgp_payment_response_new ();

  response->status = result;
  response->has_amount = minor >= 0;
  response->amount = MAX (minor, 0);
  g_strlcpy (response->currency, currency, sizeof response->currency);
  response->authorization_code = g_strdup (authorization_code);
  response->error_code = g_strdup (error_code);
  message->response = response;
  say (terminal, message);
}

void
terminal_result (Peer *terminal, const char *transaction_id, TgpResult result, gint64 cents)
{
  terminal_result_as (terminal, transaction_id, result, cents, "EUR",
                      result == TGP_RESULT_SUCCESS ? "A1" : NULL, NULL);
}

void
terminal_status (Peer *terminal, const char *transaction_id, gboolean in_progress)
{
  TgpTerminalMessage *message = message_about (TGP_TERMINAL_PAYMENT_STATUS, transaction_id);

  message->in_progress = in_progress;
  say (terminal, message);
}

void
terminal_void_answer (Peer *terminal, const char *transaction_id, TgpVoidAnswer answer)
{
  TgpTerminalMessage *message = message_about (TGP_TERMINAL_VOID_RESPONSE, transaction_id);

  message->void_answer = answer;
  if (answer == TGP_VOID_ANSWER_FAILED)
    message->error_code = g_strdup ("REFUND_REFUSED");
  say (terminal, message);
}

const char *
terminal_connection_id (Peer *terminal)
{
  return peer_last (terminal, "connected")->command->connection_id;
}

/* --- what they heard --- */

static const char *
transaction_of (const Sent *sent)
{
  return sent->event ? sent->event->transaction_id : sent->command->transaction_id;
}

guint
peer_count (Peer *peer, const char *action)
{
  guint n = 0;

  for (guint i = 0; i < peer->sent->len; i++)
    n += g_str_equal (((Sent *) peer->sent->pdata[i])->action, action);
  return n;
}

guint
peer_count_for (Peer *peer, const char *action, const char *transaction_id)
{
  guint n = 0;

  for (guint i = 0; i < peer->sent->len; i++)
    {
      Sent *sent = peer->sent->pdata[i];
      n += g_str_equal (sent->action, action) && g_strcmp0 (transaction_of (sent), transaction_id) == 0;
    }
  return n;
}

Sent *
peer_last (Peer *peer, const char *action)
{
  for (guint i = peer->sent->len; i > 0; i--)
    if (g_str_equal (((Sent *) peer->sent->pdata[i - 1])->action, action))
      return peer->sent->pdata[i - 1];
  g_error ("nothing of the kind was sent: %s", action);
}

Answer *
peer_answer (Peer *peer)
{
  g_assert_cmpuint (peer->answers->len, >, 0);
  return peer->answers->pdata[peer->answers->len - 1];
}

Answer *
peer_answer_of (Peer *peer, GwAnswerKind kind)
{
  Answer *answer = peer_answer (peer);

  if (answer->kind == GW_ANSWER_ERROR && kind != GW_ANSWER_ERROR)
    g_test_message ("error %s: %s", tgp_error_name (answer->code), answer->message);
  g_assert_cmpint (answer->kind, ==, kind);
  return answer;
}

void
assert_verdict (const TgpVerdict *verdict, TgpMoneyMoved moved, gboolean retry_safe, TgpNextAction next)
{
  g_assert_cmpstr (tgp_money_moved_name (verdict->money_moved), ==, tgp_money_moved_name (moved));
  g_assert_cmpint (verdict->retry_safe, ==, retry_safe);
  g_assert_cmpstr (tgp_next_action_name (verdict->next_action), ==, tgp_next_action_name (next));
}

void
peer_assert_error (Peer *peer, TgpErrorCode code, TgpMoneyMoved moved, gboolean retry_safe,
                   TgpNextAction next)
{
  Answer *answer = peer_answer_of (peer, GW_ANSWER_ERROR);

  g_assert_cmpstr (tgp_error_name (answer->code), ==, tgp_error_name (code));
  g_assert_nonnull (answer->message);
  g_assert_true (answer->has_verdict);
  assert_verdict (&answer->verdict, moved, retry_safe, next);
}

void
assert_row_verdict (Harness *harness, const char *transaction_id, TgpMoneyMoved moved, gboolean retry_safe,
                    TgpNextAction next)
{
  g_autoptr (GwTransaction) row = harness_row (harness, transaction_id);
  TgpVerdict verdict = gw_transaction_verdict (row);

  assert_verdict (&verdict, moved, retry_safe, next);
}

void
assert_status (Harness *harness, const char *transaction_id, TgpStatus status, const char *error_code)
{
  g_autoptr (GwTransaction) row = harness_row (harness, transaction_id);

  g_assert_cmpstr (tgp_status_name (row->status), ==, tgp_status_name (status));
  g_assert_cmpstr (row->error_code, ==, error_code);
}
