/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/sim-terminal-private.h"

#include "libtgwclient/tgw-error.h"
#include "protocol/terminal-command.h"
#include "protocol/terminal-message.h"
#include "tools/exit-codes.h"

static void
send_message (SimTerminal *self, TgpTerminalMessage *message) /* transfer full */
{
  g_autofree char *text = tgp_terminal_message_encode (message);

  sim_link_send (self->link, text);
  tgp_terminal_message_free (message);
}

static TgpTerminalMessage *
message_about (TgpTerminalAction action, const char *transaction_id)
{
  TgpTerminalMessage *message = tgp_terminal_message_new (action);

  message->transaction_id = g_strdup (transaction_id);
  return message;
}

static void
send_result (SimTerminal *self, SimEntry *entry)
{
  TgpTerminalMessage *message = message_about (TGP_TERMINAL_PAYMENT_RESPONSE, entry->transaction_id);

  message->response = tgp_payment_response_copy (entry->response);
  send_message (self, message);
}

static void
send_status (SimTerminal *self, const char *transaction_id, gboolean in_progress)
{
  TgpTerminalMessage *message = message_about (TGP_TERMINAL_PAYMENT_STATUS, transaction_id);

  message->in_progress = in_progress;
  send_message (self, message);
}

static void
send_hello (SimTerminal *self)
{
  TgpTerminalMessage *message = tgp_terminal_message_new (TGP_TERMINAL_HELLO);
  const SimHabits *habits = &self->options->habits;

  message->metadata = g_strdup ("{\"model\":\"simulated terminal\",\"software\":\"tgw-terminal-sim\"}");
  message->capabilities = (habits->no_cancel ? 0 : TGP_CAPABILITY_CANCEL) |
                          (habits->no_void ? 0 : TGP_CAPABILITY_VOID) |
                          (habits->no_progress ? 0 : TGP_CAPABILITY_PROGRESS);
  message->journal_id = g_strdup (sim_book_get_journal_id (self->book));
  message->active = g_ptr_array_new_with_free_func (g_free);
  if (self->active != NULL)
    g_ptr_array_add (message->active, g_strdup (sim_payment_get_transaction_id (self->active)));
  send_message (self, message);
}

/* Written down before it is sent. */
static SimEntry *
record (SimTerminal *self, const char *transaction_id, TgpPaymentResponse *response) /* transfer full */
{
  SimEntry *entry = sim_book_find (self->book, transaction_id);

  if (entry == NULL)
    entry = sim_book_add (self->book, transaction_id, SIM_ENTRY_DONE);
  entry->state = SIM_ENTRY_DONE;
  g_clear_pointer (&entry->response, tgp_payment_response_free);
  entry->response = response;
  sim_book_save (self->book);
  return entry;
}

static void
say_result (SimTerminal *self, SimEntry *entry)
{
  const TgpPaymentResponse *response = entry->response;

  if (response->status == TGP_RESULT_SUCCESS)
    sim_say (&self->voice, "approved", entry->transaction_id, "approved, authorization %s",
             response->authorization_code);
  else
    sim_say (&self->voice, response->status == TGP_RESULT_CANCELLED ? "cancelled" : "declined",
             entry->transaction_id, "%s: %s",
             response->status == TGP_RESULT_CANCELLED ? "cancelled" : "declined", response->error_message);
}

static void
on_stage (SimPayment *payment, const char *stage, const char *text, gpointer data)
{
  SimTerminal *self = data;
  TgpTerminalMessage *message;

  if (self->options->habits.no_progress)
    return;
  message = message_about (TGP_TERMINAL_PAYMENT_PROGRESS, sim_payment_get_transaction_id (payment));
  message->stage = g_strdup (stage);
  message->message = g_strdup (text);
  send_message (self, message);
}

static void
drop (SimTerminal *self, const char *transaction_id, guint ms, const char *why)
{
  sim_say (&self->voice, "drop", transaction_id, "loses the connection, back in %.1f s%s", ms / 1000.0, why);
  sim_link_drop (self->link, ms);
}

static void
on_due (SimPayment *payment, gpointer data)
{
  SimTerminal *self = data;
  SimPlan plan = sim_payment_get_plan (payment);
  g_autofree char *id = g_strdup (sim_payment_get_transaction_id (payment));
  SimEntry *entry;

  g_assert (payment == self->active);
  self->active = NULL;
  if (plan.kind == SIM_FORGET || plan.kind == SIM_DROP_UNSEEN)
    {
      sim_payment_free (payment);
      if (plan.kind == SIM_FORGET)
        sim_book_wipe (self->book);
      drop (self, id, MIN (SIM_BACK_SOON, self->options->back_after),
            plan.kind == SIM_FORGET ? " without its memory" : " before it showed anything");
      return;
    }

  entry = record (self, id, sim_payment_make_result (payment));
  entry->refuses_void = plan.kind == SIM_REFUSE_VOID;
  sim_book_save (self->book);
  sim_payment_free (payment);
  say_result (self, entry);
  if (plan.kind == SIM_DROP)
    drop (self, id, self->options->back_after, " with the result");
  else if (plan.kind == SIM_DROP_PAST_GRACE)
    drop (self, id, self->options->grace + self->options->back_after, ", too late");
  else
    send_result (self, entry);
  if (plan.kind == SIM_TWICE)
    send_result (self, entry);
}

static const SimPaymentEvents payment_events = { on_stage, on_due };

/* True if the terminal is free for another payment. */
static gboolean
make_room (SimTerminal *self, const TgpTerminalCommand *command)
{
  SimEntry *entry;

  if (self->active == NULL)
    return TRUE;
  if (sim_payment_get_plan (self->active).kind == SIM_SILENT)
    {
      /* Staff have released it at the gateway: nothing was charged, and nothing will be. */
      entry = sim_book_find (self->book, sim_payment_get_transaction_id (self->active));
      entry->state = SIM_ENTRY_DENIED;
      g_clear_pointer (&self->active, sim_payment_free);
      return TRUE;
    }
  return FALSE;
}

static void
on_payment_request (SimTerminal *self, const TgpTerminalCommand *command)
{
  SimEntry *entry = sim_book_find (self->book, command->transaction_id);
  SimPayment *payment;

  if (entry != NULL && entry->state == SIM_ENTRY_DONE)
    {
      send_result (self, entry);
      return;
    }
  if (entry != NULL)
    {
      /* Known already: it is on the display, or was denied and will never be. */
      if (entry->state == SIM_ENTRY_ACTIVE)
        send_message (self, message_about (TGP_TERMINAL_PAYMENT_ACCEPTED, command->transaction_id));
      else
        send_status (self, command->transaction_id, FALSE);
      return;
    }

  payment = sim_payment_new (self->options, command->transaction_id, command->payment, &payment_events, self);
  if (!make_room (self, command))
    {
      entry = record (self, command->transaction_id,
                      sim_payment_make_failure (payment, TGP_RESULT_FAILED, "TERMINAL_BUSY",
                                                "The terminal is busy with another payment"));
      sim_payment_free (payment);
      send_result (self, entry);
      return;
    }
  if (self->options->habits.has_next)
    {
      sim_payment_set_plan (payment, self->options->habits.next);
      self->options->habits.has_next = FALSE;
    }
  self->active = payment;
  if (sim_payment_get_plan (payment).kind != SIM_DROP_UNSEEN)
    {
      sim_book_add (self->book, command->transaction_id, SIM_ENTRY_ACTIVE);
      sim_book_save (self->book);
      send_message (self, message_about (TGP_TERMINAL_PAYMENT_ACCEPTED, command->transaction_id));
      sim_say (&self->voice, "showing", command->transaction_id, "showing %s",
               sim_payment_get_amount_text (payment));
    }
  sim_payment_start (payment);
}

/* Answers UNKNOWN, and sees to it that it stays true. */
static void
deny (SimTerminal *self, const char *transaction_id)
{
  if (sim_book_find (self->book, transaction_id) == NULL)
    {
      sim_book_add (self->book, transaction_id, SIM_ENTRY_DENIED);
      sim_book_save (self->book);
    }
  sim_say (&self->voice, "unknown", transaction_id, "does not know this payment");
  send_status (self, transaction_id, FALSE);
}

static void
on_get_status (SimTerminal *self, const char *transaction_id)
{
  SimEntry *entry = sim_book_find (self->book, transaction_id);

  if (entry != NULL && entry->state == SIM_ENTRY_DONE)
    send_result (self, entry);
  else if (entry != NULL && entry->state == SIM_ENTRY_ACTIVE)
    send_status (self, transaction_id, TRUE);
  else
    deny (self, transaction_id);
}

static void
on_cancel (SimTerminal *self, const char *transaction_id)
{
  SimEntry *entry = sim_book_find (self->book, transaction_id);

  if (entry != NULL && entry->state == SIM_ENTRY_DONE)
    send_result (self, entry);
  else if (entry == NULL || entry->state == SIM_ENTRY_DENIED)
    deny (self, transaction_id);
  else if (!self->options->habits.no_cancel && self->active != NULL &&
           sim_payment_get_plan (self->active).kind != SIM_SILENT)
    {
      SimPayment *payment = g_steal_pointer (&self->active);

      entry = record (self, transaction_id,
                      sim_payment_make_failure (payment, TGP_RESULT_CANCELLED, "CANCELLED_BY_POS",
                                                "Cancelled at the till"));
      sim_payment_free (payment);
      say_result (self, entry);
      send_result (self, entry);
    }
}

static void
on_void (SimTerminal *self, const TgpTerminalCommand *command)
{
  SimEntry *entry = sim_book_find (self->book, command->transaction_id);
  TgpTerminalMessage *answer = message_about (TGP_TERMINAL_VOID_RESPONSE, command->transaction_id);

  if (entry == NULL || entry->state != SIM_ENTRY_DONE)
    {
      answer->void_answer =
        entry != NULL && entry->state == SIM_ENTRY_ACTIVE ? TGP_VOID_ANSWER_FAILED : TGP_VOID_ANSWER_UNKNOWN;
      if (entry == NULL)
        {
          sim_book_add (self->book, command->transaction_id, SIM_ENTRY_DENIED);
          sim_book_save (self->book);
        }
    }
  else if (entry->voided)
    answer->void_answer = TGP_VOID_ANSWER_VOIDED;
  else if (entry->refuses_void || self->options->habits.no_void || self->options->habits.refuse_voids ||
           entry->response->status != TGP_RESULT_SUCCESS)
    {
      answer->void_answer = TGP_VOID_ANSWER_FAILED;
      answer->error_code = g_strdup ("VOID_REFUSED");
      answer->error_message =
        g_strdup (entry->response->status == TGP_RESULT_SUCCESS ? "The bank refuses to reverse the charge"
                                                                : "There is nothing to reverse");
    }
  else
    {
      entry->voided = TRUE;
      sim_book_save (self->book);
      answer->void_answer = TGP_VOID_ANSWER_VOIDED;
    }
  sim_say (&self->voice, "void", command->transaction_id, "void asked for (%s): %s",
           command->reason != NULL ? command->reason : "no reason given",
           answer->void_answer == TGP_VOID_ANSWER_VOIDED   ? "reversed"
           : answer->void_answer == TGP_VOID_ANSWER_FAILED ? "refused"
                                                           : "payment unknown");
  send_message (self, answer);
}

static void
on_connected (SimTerminal *self, const TgpTerminalCommand *command)
{
  g_autoptr (GPtrArray) entries = sim_book_list (self->book);

  g_free (self->voice.name);
  self->voice.name = g_strdup (command->device_id != NULL ? command->device_id : command->connection_id);
  if (!self->was_ready)
    sim_say_ready (&self->voice);
  else
    sim_say (&self->voice, "back", NULL, "is back");
  self->was_ready = TRUE;
  for (guint i = 0; i < entries->len; i++)
    {
      SimEntry *entry = entries->pdata[i];

      if (entry->state != SIM_ENTRY_DONE || entry->acked)
        continue;
      sim_say (&self->voice, "resend", entry->transaction_id, "sends the result that it has kept");
      send_result (self, entry);
    }
}

static void
on_ack (SimTerminal *self, const char *transaction_id)
{
  SimEntry *entry = sim_book_find (self->book, transaction_id);

  if (entry == NULL || entry->state != SIM_ENTRY_DONE || entry->acked)
    return;
  entry->acked = TRUE;
  sim_book_save (self->book);
}

static void
on_force_disconnect (SimTerminal *self, const TgpTerminalCommand *command)
{
  sim_say (&self->voice, "leave", NULL, "told to leave: %s",
           command->error_message != NULL ? command->error_message : "no reason given");
  if (command->reconnect_allowed && g_strcmp0 (command->reason, "api_key_used_elsewhere") != 0)
    return; /* the close that follows leads to a reconnect */
  g_printerr ("tgw-terminal-sim: the gateway ended this connection for good (%s)\n",
              command->reason != NULL ? command->reason : "other");
  sim_link_leave (self->link);
  self->done (EXIT_CODE_REFUSED, self->user_data);
}

static void
on_text (const char *text, gsize length, gpointer data)
{
  SimTerminal *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (TgpTerminalCommand) command = tgp_terminal_command_decode (text, length, &error);

  if (command == NULL)
    {
      g_printerr ("tgw-terminal-sim: the gateway sent what cannot be read: %s\n", error->message);
      return;
    }
  switch (command->action)
    {
    case TGP_COMMAND_CONNECTED:
      on_connected (self, command);
      break;
    case TGP_COMMAND_PAYMENT_REQUEST:
      on_payment_request (self, command);
      break;
    case TGP_COMMAND_GET_PAYMENT_STATUS:
      on_get_status (self, command->transaction_id);
      break;
    case TGP_COMMAND_CANCEL_PAYMENT:
      on_cancel (self, command->transaction_id);
      break;
    case TGP_COMMAND_VOID_PAYMENT:
      on_void (self, command);
      break;
    case TGP_COMMAND_PAYMENT_RESPONSE_ACK:
      on_ack (self, command->transaction_id);
      break;
    case TGP_COMMAND_FORCE_DISCONNECT:
      on_force_disconnect (self, command);
      break;
    case TGP_COMMAND_ERROR:
      g_printerr ("tgw-terminal-sim: the gateway refused a message: %s (%s)\n", command->error_message,
                  command->error_code);
      break;
    case TGP_COMMAND_PONG:
    case TGP_COMMAND_OTHER:
    default:
      break;
    }
}

static void
on_up (gpointer data)
{
  SimTerminal *self = data;

  self->told_unreachable = FALSE;
  send_hello (self);
}

static void
on_down (const GError *error, gboolean will_retry, gpointer data)
{
  SimTerminal *self = data;

  if (!will_retry)
    {
      g_printerr ("tgw-terminal-sim: %s\n", error->message);
      self->done (EXIT_CODE_REFUSED, self->user_data);
      return;
    }
  if (!self->told_unreachable)
    g_printerr ("tgw-terminal-sim: %s; trying again\n", error->message);
  self->told_unreachable = TRUE;
}

static const SimLinkEvents link_events = { on_up, on_text, on_down };

void
sim_terminal_close_left_overs (SimTerminal *self)
{
  g_autoptr (GPtrArray) entries = sim_book_list (self->book);

  for (guint i = 0; i < entries->len; i++)
    {
      SimEntry *entry = entries->pdata[i];
      TgpPaymentResponse *response;

      if (entry->state != SIM_ENTRY_ACTIVE)
        continue;
      response = tgp_payment_response_new ();
      response->transaction_id = g_strdup (entry->transaction_id);
      response->status = TGP_RESULT_FAILED;
      response->error_code = g_strdup ("TERMINAL_RESTARTED");
      response->error_message = g_strdup ("The terminal was switched off before the customer was charged");
      response->timestamp = g_get_real_time () / 1000;
      record (self, entry->transaction_id, response);
    }
}

SimTerminal *
sim_terminal_new (SimOptions *options, SimBook *book, void (*done) (int exit_code, gpointer data),
                  gpointer user_data)
{
  SimTerminal *self = g_new0 (SimTerminal, 1);

  self->options = options;
  self->book = book;
  self->voice.options = options;
  self->voice.name = g_strdup (options->device_id);
  self->done = done;
  self->user_data = user_data;
  sim_terminal_close_left_overs (self);
  self->link = sim_link_new (options, &link_events, self);
  return self;
}

void
sim_terminal_free (SimTerminal *self)
{
  g_clear_pointer (&self->active, sim_payment_free);
  sim_link_free (self->link);
  g_free (self->voice.name);
  g_free (self);
}
