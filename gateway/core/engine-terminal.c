/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Terminals: they come, say things, fall silent and go. */
#include "gateway/core/engine-private.h"

#include "protocol/terminal-command.h"

#include <string.h>

/* --- to the terminal --- */

/* Once, ever: right after the commit that inserted it, on the connection that it was planned for. */
void
gw_terminal_send_payment (GwEngine *engine, GwPayment *payment)
{
  GwTransaction *row = payment->row;
  GwLink *link = gw_payment_link (payment);

  if (!link || payment->sent || row->status != TGP_STATUS_PENDING ||
      strcmp (link->connection_id, row->connection_id) != 0)
    return;
  payment->sent = TRUE;
  gw_arm (engine, &payment->next, GW_DEADLINE_ACCEPT, payment,
          MIN (engine->settings.accept_timeout, engine->settings.payment_timeout));
  gw_send (engine, link,
           tgp_encode_payment_request (row->transaction_id, gw_transaction_terminal (row), row->request));
}

void
gw_terminal_send_cancel (GwEngine *engine, GwPayment *payment)
{
  GwLink *link = gw_payment_link (payment);

  if (link && (payment->terminal->device->capabilities & TGP_CAPABILITY_CANCEL))
    gw_send (engine, link, tgp_encode_transaction_command ("cancelPayment", payment->row->transaction_id));
}

/* --- coming --- */

void
gw_engine_connect_terminal (GwEngine *engine, const GwCaller *caller, const char *device_id,
                            const char *address, const char *user_agent)
{
  GwOperation *op;

  gw_engine_advance (engine);
  gw_link_new (engine, caller, address, user_agent);

  op = gw_begin (engine, GW_OP_ATTACH_DEVICE);
  op->link = caller->link;
  op->address = address ? g_ref_string_new (address) : NULL;
  op->user_agent = user_agent ? g_ref_string_new (user_agent) : NULL;
  op->group_id = gw_hold (caller->key->group_id);
  op->key_id = gw_hold (caller->key->key_id);
  op->connection_id = gw_make_connection_id (engine);
  op->grace_expires_at = op->now + engine->settings.grace_period;
  if (device_id)
    {
      op->device_id = g_ref_string_new (device_id);
      op->slot = gw_hold (op->device_id);
    }
  else
    {
      g_autofree char *slot = g_strconcat ("@", caller->key->key_id, NULL);
      op->slot = g_ref_string_new (slot);
    }
  gw_submit (engine, op);
}

static void
submit_lost (GwEngine *engine, GwTerminal *terminal, gint64 epoch)
{
  GwOperation *op = gw_begin (engine, GW_OP_LOST);
  GwPayment *payment =
    terminal->holder ? gw_payment_find (engine, terminal->group->group_id, terminal->holder) : NULL;

  op->quiet = TRUE;
  op->group_id = gw_hold (terminal->device->group_id);
  op->slot = gw_hold (terminal->device->slot);
  op->connection_id = gw_hold (terminal->device->connection_id);
  op->epoch = epoch;
  op->accepted = payment && payment->accepted;
  op->grace_expires_at = op->now + engine->settings.grace_period;
  gw_submit (engine, op);
}

static char *
make_actor (const GwDevice *device)
{
  return g_strdup_printf ("terminal %s", device->device_id ? device->device_id : device->key_id);
}

/* by: the attach that took its place; the peer of it may be gone again. */
static void
displace (GwEngine *engine, GwTerminal *terminal, GwLink *old, const GwOperation *by)
{
  TgpForceDisconnect why = { .reason = TGP_DISCONNECT_API_KEY_USED_ELSEWHERE,
                             .reconnect_allowed = TRUE,
                             .displaced_by_address = by->address,
                             .displaced_by_user_agent = by->user_agent,
                             .displaced_by_at = by->now };
  g_autofree char *actor = make_actor (terminal->device);

  gw_audit_displacement (engine, old->key, actor, old->address, by->address);
  old->terminal = NULL; /* its end is no news for the terminal */
  gw_disconnect (engine, old, &why);
}

/* Where a key may serve one terminal only, a second one displaces the first. */
static void
displace_others_of_key (GwEngine *engine, GwLink *link, const GwOperation *op)
{
  g_autoptr (GArray) links = gw_link_ids (engine);

  for (guint i = 0; i < links->len; i++)
    {
      GwLink *other = gw_find_link (engine, g_array_index (links, guint64, i));
      GwTerminal *terminal = other ? other->terminal : NULL;
      if (other == link || !terminal || strcmp (other->key->key_id, link->key->key_id) != 0)
        continue;
      gw_registry_set_link (engine, terminal, NULL);
      submit_lost (engine, terminal, other->epoch);
      displace (engine, terminal, other, op);
    }
}

/* What the store still expects from this terminal is asked for; nothing is ever told to be paid again. */
static void
ask_for_obligations (GwEngine *engine, GwTerminal *terminal, const GPtrArray *rows)
{
  for (guint i = 0; i < rows->len; i++)
    {
      GwTransaction *row = rows->pdata[i];
      if (gw_transaction_is_open (row))
        gw_payment_reread (engine, GW_OP_ATTACH_DEVICE, row);
      GwPayment *payment = gw_payment_find (engine, row->group_id, row->transaction_id);
      if (payment)
        payment->terminal = terminal;
      if (gw_transaction_has (row, GW_REVERSING))
        {
          if (payment)
            gw_terminal_send_void (engine, payment);
          continue;
        }
      gw_send (
        engine, terminal->link,
        GW_PLANTED (PAY_AGAIN) && gw_transaction_is_open (row)
          ? tgp_encode_payment_request (row->transaction_id, gw_transaction_terminal (row), row->request)
          : tgp_encode_transaction_command ("getPaymentStatus", row->transaction_id));
      if (payment && gw_transaction_is_open (row) && gw_transaction_has (row, GW_CANCEL_REQUESTED))
        gw_terminal_send_cancel (engine, payment);
    }
}

void
gw_terminal_attached (GwEngine *engine, GwOperation *op)
{
  GwLink *link = gw_find_link (engine, op->link);

  if (op->result.outcome != GW_APPLIED)
    {
      gw_answer_error (engine, op->link, NULL,
                       op->result.outcome == GW_REFUSED ? op->result.code : TGP_ERROR_STORAGE_UNAVAILABLE,
                       NULL);
      g_hash_table_remove (engine->links, &op->link);
      return;
    }

  GwTerminal *terminal = gw_registry_update (engine, op->result.device);
  GwLink *old = terminal->link;
  gw_registry_set_link (engine, terminal, NULL);
  if (op->result.row)
    gw_payment_changed (engine, op, op->result.row);
  if (!link || link->gone)
    {
      if (old)
        displace (engine, terminal, old, op);
      submit_lost (engine, terminal, op->result.device->epoch);
      g_hash_table_remove (engine->links, &op->link);
      return;
    }
  g_log ("terminals", G_LOG_LEVEL_INFO, "%s of %s connected%s", op->slot, op->group_id,
         old ? ", its older connection is displaced" : "");
  link->epoch = op->result.device->epoch;
  link->terminal = terminal;
  link->connection_id = gw_hold (op->connection_id);
  gw_registry_set_link (engine, terminal, link);
  gw_registry_set_status (engine, terminal, TGP_TERMINAL_ONLINE, 0, 0);
  if (!engine->settings.shared_terminal_keys)
    displace_others_of_key (engine, link, op);

  GwAnswer answer = { .kind = GW_ANSWER_ATTACHED };
  gw_answer (engine, op->link, &answer);
  if (old && !GW_PLANTED (NOT_DISPLACED))
    displace (engine, terminal, old, op); /* the new one is active before the old one is told */
  /* The answer may have found the peer gone. */
  if (gw_find_link (engine, op->link) && terminal->link && terminal->link->id == op->link)
    ask_for_obligations (engine, terminal, op->result.obligations);
}

void
gw_terminal_greeted (GwEngine *engine, GwOperation *op)
{
  if (op->result.outcome != GW_APPLIED)
    return;
  GwTerminal *terminal = gw_registry_update (engine, op->result.device);
  if (terminal->link)
    gw_registry_set_status (engine, terminal, TGP_TERMINAL_ONLINE, 0, 0);
  if (op->result.row)
    gw_payment_changed (engine, op, op->result.row);
}

/* --- going --- */

gint64
gw_left_until (GwEngine *engine, const GwOperation *op, gint64 wall)
{
  return wall - op->now - (gw_mono (engine) - op->begun);
}

void
gw_terminal_link_down (GwEngine *engine, GwLink *link)
{
  GwTerminal *terminal = link->terminal;

  if (terminal && terminal->link == link)
    {
      gw_registry_set_link (engine, terminal, NULL);
      submit_lost (engine, terminal, link->epoch);
    }
}

void
gw_terminal_lost (GwEngine *engine, GwOperation *op)
{
  if (!op->result.device)
    return;
  GwTerminal *terminal = gw_registry_update (engine, op->result.device);
  gboolean reconnecting = terminal->device->device_id != NULL;

  if (op->force)
    {
      if (op->result.row)
        gw_payment_changed (engine, op, op->result.row);
      return;
    }
  g_log ("terminals", G_LOG_LEVEL_INFO, "%s of %s lost%s", op->slot, op->group_id,
         op->result.row ? " in the middle of a payment" : "");
  if (!terminal->link)
    gw_registry_set_status (engine, terminal, reconnecting ? TGP_TERMINAL_RECONNECTING : TGP_TERMINAL_OFFLINE,
                            op->grace_expires_at, gw_left_until (engine, op, op->grace_expires_at));
  if (op->result.row)
    gw_payment_changed (engine, op, op->result.row);
}

/* --- saying --- */

static GwOperation *
begin_for_terminal (GwEngine *engine, GwLink *link, GwOperationKind kind, const char *transaction_id)
{
  GwOperation *op = gw_begin (engine, kind);
  GwDevice *device = link->terminal->device;
  g_autofree char *actor = make_actor (device);

  op->quiet = TRUE;
  op->link = link->id;
  op->group_id = gw_hold (device->group_id);
  op->slot = gw_hold (device->slot);
  op->connection_id = gw_hold (link->connection_id);
  op->key_id = gw_hold (link->key->key_id);
  op->epoch = link->epoch;
  op->capabilities = device->capabilities;
  op->journal_id = gw_hold (device->journal_id);
  op->actor = g_ref_string_new (actor);
  op->transaction_id = transaction_id ? g_ref_string_new (transaction_id) : NULL;
  return op;
}

static void
submit_status (GwEngine *engine, GwLink *link, const char *transaction_id, gboolean in_progress)
{
  GwOperation *op = begin_for_terminal (engine, link, GW_OP_STATUS, transaction_id);
  GwPayment *payment = gw_payment_find (engine, op->group_id, transaction_id);

  op->in_progress = in_progress;
  op->accepted = payment && payment->accepted;
  gw_submit (engine, op);
}

static void
hello (GwEngine *engine, GwLink *link, const TgpTerminalMessage *message)
{
  GwOperation *op = begin_for_terminal (engine, link, GW_OP_HELLO, NULL);

  op->capabilities = message->capabilities;
  gw_set_text (&op->journal_id, message->journal_id);
  op->metadata = message->metadata ? g_ref_string_new (message->metadata) : NULL;
  gw_submit (engine, op);
  for (guint i = 0; message->active && i < MIN (message->active->len, 16); i++)
    submit_status (engine, link, message->active->pdata[i], TRUE);
}

/* The terminal works on it: the silence starts anew. */
static GwPayment *
note_progress (GwEngine *engine, GwLink *link, const char *transaction_id)
{
  GwPayment *payment = gw_payment_find (engine, link->terminal->group->group_id, transaction_id);

  if (!payment || !payment->row || payment->terminal != link->terminal ||
      !gw_transaction_is_open (payment->row))
    return NULL;
  payment->accepted = TRUE;
  if (payment->row->status != TGP_STATUS_PENDING)
    return NULL; /* only an answer about it ends a grace */
  /* After our cancelPayment too, only silence ends it; the payment limit bounds what a terminal can go on
   * saying. */
  gw_arm (engine, &payment->next, payment->cancel_sent ? GW_DEADLINE_CANCEL : GW_DEADLINE_SILENCE, payment,
          payment->cancel_sent ? engine->settings.cancel_timeout : engine->settings.payment_timeout);
  return payment;
}

static void
tell_progress (GwEngine *engine, GwPayment *payment, const char *stage, const char *text)
{
  if (payment && payment->pos && payment->pos->link)
    gw_send (engine, payment->pos->link,
             tgp_encode_payment_progress (payment->row->transaction_id,
                                          gw_transaction_terminal (payment->row), stage, text));
}

static void
result (GwEngine *engine, GwLink *link, TgpTerminalMessage *message)
{
  if (message->response->status == TGP_RESULT_PENDING)
    {
      tell_progress (engine, note_progress (engine, link, message->transaction_id), "PENDING",
                     message->response->error_message);
      return;
    }
  GwOperation *op = begin_for_terminal (engine, link, GW_OP_RESULT, message->transaction_id);
  op->response = g_steal_pointer (&message->response);
  if (GW_PLANTED (ACK_BEFORE_COMMIT))
    gw_send (engine, link, tgp_encode_payment_response_ack (op->transaction_id, TGP_STATUS_COMPLETED));
  gw_submit (engine, op);
}

void
gw_engine_terminal_says (GwEngine *engine, guint64 link_id, TgpTerminalMessage *message)
{
  GwLink *link = gw_find_link (engine, link_id);
  GwOperation *op;

  if (!link || !link->terminal)
    return;
  /* Which side of a deadline this falls on is decided here, by the clock. */
  gw_engine_advance (engine);
  link->terminal->last_activity = gw_now (engine);
  switch (message->action)
    {
    case TGP_TERMINAL_HELLO:
      hello (engine, link, message);
      break;
    case TGP_TERMINAL_PAYMENT_ACCEPTED:
      /* Of a payment that is closed here: then it was not unseen, and is to be cancelled there. */
      if (!gw_payment_find (engine, link->terminal->group->group_id, message->transaction_id))
        submit_status (engine, link, message->transaction_id, TRUE);
      else
        note_progress (engine, link, message->transaction_id);
      break;
    case TGP_TERMINAL_PAYMENT_PROGRESS:
      tell_progress (engine, note_progress (engine, link, message->transaction_id), message->stage,
                     message->message);
      break;
    case TGP_TERMINAL_PAYMENT_RESPONSE:
      result (engine, link, message);
      break;
    case TGP_TERMINAL_PAYMENT_STATUS:
      submit_status (engine, link, message->transaction_id, message->in_progress);
      break;
    case TGP_TERMINAL_VOID_RESPONSE:
      op = begin_for_terminal (engine, link, GW_OP_VOID_ANSWER, message->transaction_id);
      op->void_answer = message->void_answer;
      op->error_code = message->error_code ? g_ref_string_new (message->error_code) : NULL;
      op->error_message = message->error_message ? g_ref_string_new (message->error_message) : NULL;
      gw_submit (engine, op);
      break;
    case TGP_TERMINAL_PING:
      gw_send (engine, link, tgp_encode_pong (message->request_id, gw_now (engine)));
      break;
    }
}

void
gw_terminal_result_done (GwEngine *engine, GwOperation *op)
{
  GwLink *link = gw_find_link (engine, op->link);

  if (op->result.outcome == GW_REFUSED)
    {
      if (link)
        gw_answer_payment_error_with (engine, op->link, NULL, op->result.code,
                                      "This payment was not sent to this terminal", op->transaction_id, NULL);
      return;
    }
  gw_send (
    engine, link,
    tgp_encode_payment_response_ack (op->transaction_id, op->result.row ? (int) op->result.row->status : -1));
  if (op->result.row)
    gw_payment_changed (engine, op, op->result.row);
  else
    g_log ("payments", G_LOG_LEVEL_WARNING, "result for unknown payment %s kept as an orphan",
           op->transaction_id);
}

void
gw_terminal_status_done (GwEngine *engine, GwOperation *op)
{
  GwTransaction *row = op->result.row;
  GwLink *link = gw_find_link (engine, op->link);

  if (op->result.outcome == GW_REFUSED || !row)
    return;
  gw_payment_changed (engine, op, row);
  if (!op->in_progress)
    return;
  GwPayment *payment = gw_payment_find (engine, op->group_id, op->transaction_id);
  if (row->status == TGP_STATUS_PENDING && payment && (op->result.outcome == GW_APPLIED || op->doubted))
    {
      payment->accepted = TRUE;
      payment->cancel_sent = FALSE;
      gw_arm (engine, &payment->next, GW_DEADLINE_SILENCE, payment, engine->settings.payment_timeout);
      tell_progress (engine, payment, "RESUMED", NULL);
    }
  else if (tgp_status_is_final (row->status) && !gw_transaction_has (row, GW_SETTLED) && link &&
           link->terminal && (link->terminal->device->capabilities & TGP_CAPABILITY_CANCEL))
    gw_send (engine, link, tgp_encode_transaction_command ("cancelPayment", row->transaction_id));
}

/* --- silence --- */

static void
give_up (GwEngine *engine, GwPayment *payment, GwDeadlineKind kind, const char *why)
{
  GwOperation *op = gw_begin (engine, GW_OP_TIMED_OUT);

  op->quiet = TRUE;
  op->group_id = gw_hold (payment->row->group_id);
  op->transaction_id = gw_hold (payment->row->transaction_id);
  op->accepted = payment->accepted;
  op->error_code = g_ref_string_new (why);
  op->force = kind == GW_DEADLINE_LIMIT;
  gw_submit (engine, op);
}

void
gw_payment_deadline (GwEngine *engine, GwPayment *payment, GwDeadlineKind kind)
{
  GwLink *link = gw_payment_link (payment);
  GwOperation *op;

  switch (kind)
    {
    case GW_DEADLINE_ACCEPT:
      gw_arm (engine, &payment->next, GW_DEADLINE_SILENCE, payment,
              engine->settings.payment_timeout - engine->settings.accept_timeout);
      if (link)
        engine->links_port.klass->probe (engine->links_port.links, link->id,
                                         (guint) engine->settings.probe_timeout);
      break;
    case GW_DEADLINE_SILENCE:
      payment->cancel_sent = TRUE;
      gw_arm (engine, &payment->next, GW_DEADLINE_CANCEL, payment, engine->settings.cancel_timeout);
      gw_terminal_send_cancel (engine, payment);
      break;
    case GW_DEADLINE_CANCEL:
      give_up (engine, payment, kind, "no answer from the terminal");
      break;
    case GW_DEADLINE_LIMIT:
      if (payment->row->status == TGP_STATUS_PENDING)
        gw_terminal_send_cancel (engine, payment);
      give_up (engine, payment, kind, "payment limit reached");
      break;
    case GW_DEADLINE_GRACE:
      op = gw_begin (engine, GW_OP_GRACE_EXPIRED);
      op->quiet = TRUE;
      op->group_id = gw_hold (payment->row->group_id);
      op->transaction_id = gw_hold (payment->row->transaction_id);
      op->grace_expires_at = payment->row->grace_expires_at;
      op->accepted = payment->accepted;
      gw_submit (engine, op);
      break;
    case GW_DEADLINE_VOID:
      gw_terminal_send_void (engine, payment);
      break;
    case GW_DEADLINE_VOID_OVERDUE:
      gw_void_overdue (engine, payment);
      break;
    default:
      break;
    }
}

void
gw_engine_probed (GwEngine *engine, guint64 link_id, gboolean answered)
{
  if (answered || !gw_find_link (engine, link_id))
    return;
  engine->links_port.klass->drop (engine->links_port.links, link_id);
  gw_engine_link_down (engine, link_id);
}
