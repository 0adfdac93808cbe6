/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/sim-cues.h"

#include <string.h>

#include "protocol/json-writer.h"
#include "protocol/states.h"
#include "tools/sim-terminal-private.h"

#define JOURNAL_SHOWN 50
#define MAX_SECONDS   86400

/* Why a cue was not followed. */
typedef struct
{
  const char *code;
  char *message;
} Refusal;

static gboolean refuse (Refusal *refusal, const char *code, const char *format, ...) G_GNUC_PRINTF (3, 4);

static gboolean
refuse (Refusal *refusal, const char *code, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  refusal->code = code;
  refusal->message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  return FALSE;
}

static gboolean
read_ms (const char *argument, guint *ms, Refusal *refusal)
{
  char *end;
  double seconds = g_ascii_strtod (argument, &end);

  if (end == argument || *end != '\0' || !(seconds >= 0 && seconds <= MAX_SECONDS))
    return refuse (refusal, "INVALID_ARGUMENT", "“%s” is no number of seconds from 0 to %d; 2.5 is one",
                   argument, MAX_SECONDS);
  *ms = (guint) (seconds * 1000);
  return TRUE;
}

static gboolean
read_switch (const char *argument, gboolean *on, Refusal *refusal)
{
  *on = argument == NULL || strcmp (argument, "on") == 0;
  if (*on || strcmp (argument, "off") == 0)
    return TRUE;
  return refuse (refusal, "INVALID_ARGUMENT", "“%s” is neither “on” nor “off”", argument);
}

static gboolean
read_plan (const char *argument, SimPlan *plan, Refusal *refusal)
{
  g_autofree char *names = NULL;

  if (sim_plan_from_name (argument, plan))
    return TRUE;
  names = sim_plan_names ();
  return refuse (refusal, "INVALID_ARGUMENT",
                 "“%s” is no outcome; there are %s, and the two digits of an amount", argument, names);
}

static gboolean
do_status (SimTerminal *self, const char *argument, Refusal *refusal)
{
  return TRUE;
}

static gboolean
do_drop (SimTerminal *self, const char *argument, Refusal *refusal)
{
  guint ms = 0;

  if (argument != NULL && !read_ms (argument, &ms, refusal))
    return FALSE;
  sim_link_go_away (self->link, argument != NULL ? MAX (ms, 1) : 0);
  if (argument != NULL)
    sim_say (&self->voice, "drop", NULL, "loses the connection on cue, back in %.1f s", ms / 1000.0);
  else
    sim_say (&self->voice, "drop", NULL, "loses the connection on cue, until “return”");
  return TRUE;
}

static gboolean
do_return (SimTerminal *self, const char *argument, Refusal *refusal)
{
  if (self->active == NULL)
    sim_terminal_close_left_overs (self);
  sim_link_return (self->link);
  return TRUE;
}

/* Off, so it does not charge what is on its display; with a journal, so it will remember. */
static gboolean
do_power_off (SimTerminal *self, const char *argument, Refusal *refusal)
{
  g_clear_pointer (&self->active, sim_payment_free);
  sim_link_go_dead (self->link);
  sim_say (&self->voice, "power-off", NULL, "is switched off on cue, until “return”");
  return TRUE;
}

static gboolean
do_forget (SimTerminal *self, const char *argument, Refusal *refusal)
{
  g_clear_pointer (&self->active, sim_payment_free);
  sim_book_wipe (self->book);
  sim_say (&self->voice, "forget", NULL, "forgets all its payments on cue");
  sim_link_drop (self->link, MIN (SIM_BACK_SOON, self->options->back_after));
  return TRUE;
}

static gboolean
do_answer (SimTerminal *self, const char *argument, Refusal *refusal)
{
  SimPlan plan;

  if (self->active == NULL)
    return refuse (refusal, "NO_PAYMENT", "No payment waits on this terminal; “status” tells what it has");
  plan = sim_payment_get_plan (self->active);
  if (argument != NULL && !read_plan (argument, &plan, refusal))
    return FALSE;
  if (plan.kind == SIM_SILENT || plan.kind == SIM_LATE || plan.kind == SIM_DROP_UNSEEN)
    return refuse (refusal, "INVALID_ARGUMENT",
                   "%s is no answer to a payment that waits; say “answer approve” or “answer decline”",
                   argument != NULL ? argument : "What its amount chooses");
  sim_payment_set_plan (self->active, plan);
  sim_payment_answer (self->active);
  return TRUE;
}

static gboolean
do_hold (SimTerminal *self, const char *argument, Refusal *refusal)
{
  if (!read_switch (argument, &self->options->habits.hold, refusal))
    return FALSE;
  if (!self->options->habits.hold && self->active != NULL)
    sim_payment_release (self->active);
  return TRUE;
}

static gboolean
do_late (SimTerminal *self, const char *argument, Refusal *refusal)
{
  return read_ms (argument, &self->options->habits.late, refusal);
}

static gboolean
do_next (SimTerminal *self, const char *argument, Refusal *refusal)
{
  if (!read_plan (argument, &self->options->habits.next, refusal))
    return FALSE;
  self->options->habits.has_next = TRUE;
  return TRUE;
}

static gboolean
do_void_refuse (SimTerminal *self, const char *argument, Refusal *refusal)
{
  return read_switch (argument, &self->options->habits.refuse_voids, refusal);
}

typedef enum
{
  ARGUMENT_NONE,
  ARGUMENT_OPTIONAL,
  ARGUMENT_NEEDED
} Argument;

static const struct
{
  const char *name;
  Argument argument;
  gboolean (*run) (SimTerminal *self, const char *argument, Refusal *refusal);
} cues[] = {
  { "status", ARGUMENT_NONE, do_status }, { "drop", ARGUMENT_OPTIONAL, do_drop },
  { "return", ARGUMENT_NONE, do_return }, { "power-off", ARGUMENT_NONE, do_power_off },
  { "forget", ARGUMENT_NONE, do_forget }, { "answer", ARGUMENT_OPTIONAL, do_answer },
  { "hold", ARGUMENT_OPTIONAL, do_hold }, { "late", ARGUMENT_NEEDED, do_late },
  { "next", ARGUMENT_NEEDED, do_next },   { "void-refuse", ARGUMENT_OPTIONAL, do_void_refuse },
};

static gboolean
follow (SimTerminal *self, const char *name, const char *argument, Refusal *refusal)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (cues); i++)
    {
      g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", cues[i].name);
      if (strcmp (cues[i].name, name) != 0)
        continue;
      if (argument == NULL && cues[i].argument == ARGUMENT_NEEDED)
        return refuse (refusal, "MISSING_ARGUMENT", "“%s” needs an argument", name);
      if (argument != NULL && cues[i].argument == ARGUMENT_NONE)
        return refuse (refusal, "INVALID_ARGUMENT", "“%s” takes no argument, and not “%s”", name, argument);
      return cues[i].run (self, argument, refusal);
    }
  return refuse (refusal, "UNKNOWN_COMMAND", "There is no command “%s”; there are %s", name, names->str);
}

static void
write_entry (TgpJsonWriter *writer, const SimEntry *entry)
{
  const TgpPaymentResponse *response = entry->response;

  tgp_json_open_object (writer, NULL);
  tgp_json_string (writer, "transactionId", entry->transaction_id);
  tgp_json_string (writer, "result",
                   entry->state == SIM_ENTRY_ACTIVE   ? "OPEN"
                   : entry->state == SIM_ENTRY_DENIED ? "UNKNOWN"
                                                      : tgp_result_name (response->status));
  if (response != NULL)
    {
      tgp_json_optional_string (writer, "errorCode", response->error_code);
      if (response->has_amount)
        {
          tgp_json_money (writer, "amount", response->amount, response->currency);
          tgp_json_string (writer, "currency", response->currency);
        }
      tgp_json_boolean (writer, "acked", entry->acked);
      tgp_json_boolean (writer, "voided", entry->voided);
    }
  tgp_json_close_object (writer);
}

static void
write_state (SimTerminal *self, TgpJsonWriter *writer)
{
  g_autoptr (GPtrArray) entries = sim_book_list (self->book);

  tgp_json_optional_string (writer, "terminalId", self->voice.name);
  tgp_json_boolean (writer, "connected", sim_link_is_up (self->link));
  tgp_json_boolean (writer, "away", sim_link_is_away (self->link));
  tgp_json_boolean (writer, "hold", self->options->habits.hold);
  tgp_json_boolean (writer, "voidRefuse", self->options->habits.refuse_voids);
  if (self->active != NULL)
    {
      tgp_json_open_object (writer, "payment");
      tgp_json_string (writer, "transactionId", sim_payment_get_transaction_id (self->active));
      tgp_json_string (writer, "text", sim_payment_get_amount_text (self->active));
      tgp_json_close_object (writer);
    }
  tgp_json_open_array (writer, "journal");
  for (guint i = entries->len > JOURNAL_SHOWN ? entries->len - JOURNAL_SHOWN : 0; i < entries->len; i++)
    write_entry (writer, entries->pdata[i]);
  tgp_json_close_array (writer);
}

char *
sim_cue (SimTerminal *self, const char *line)
{
  g_autofree char *text = g_utf8_make_valid (line, -1);
  char *name = g_strstrip (text), *argument = strpbrk (name, " \t");
  Refusal refusal = { NULL, NULL };
  TgpJsonWriter writer;
  gboolean ok;

  if (argument != NULL)
    {
      *argument = '\0';
      argument = g_strstrip (argument + 1);
    }
  ok = follow (self, name, argument, &refusal);
  tgp_json_writer_init (&writer);
  tgp_json_open_object (&writer, NULL);
  tgp_json_boolean (&writer, "ok", ok);
  if (ok)
    write_state (self, &writer);
  else
    {
      tgp_json_string (&writer, "code", refusal.code);
      tgp_json_string (&writer, "message", refusal.message);
    }
  tgp_json_close_object (&writer);
  g_free (refusal.message);
  return tgp_json_writer_end (&writer);
}
