/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/sim-plan.h"

#include <string.h>

static const struct
{
  int digits;
  SimPlan plan;
} by_digits[] = {
  { 50, { SIM_DECLINE, "DECLINED", "Declined by the issuer" } },
  { 51, { SIM_DECLINE, "INSUFFICIENT_FUNDS", "Insufficient funds" } },
  { 54, { SIM_DECLINE, "EXPIRED_CARD", "The card has expired" } },
  { 55, { SIM_DECLINE, "WRONG_PIN", "Wrong PIN" } },
  { 57, { SIM_DECLINE, "NOT_PERMITTED", "Not permitted for this card" } },
  { 61, { SIM_DECLINE, "OVER_LIMIT", "Over the card's limit" } },
  { 80, { SIM_CUSTOMER_CANCELS, "CANCELLED_BY_CUSTOMER", "Cancelled by the customer" } },
  { 81, { SIM_LATE, NULL, NULL } },
  { 90, { SIM_TWICE, NULL, NULL } },
  { 91, { SIM_DROP, NULL, NULL } },
  { 92, { SIM_DROP_PAST_GRACE, NULL, NULL } },
  { 93, { SIM_SILENT, NULL, NULL } },
  { 94, { SIM_FORGET, NULL, NULL } },
  { 95, { SIM_DROP_UNSEEN, NULL, NULL } },
  { 96, { SIM_REFUSE_VOID, NULL, NULL } },
};

static const struct
{
  const char *name;
  int digits; /* the plan of these digits; -1: a habit of its own */
  gsize offset;
  const char *help;
} habits_by_name[] = {
  { "approve", 0, 0, "approve every amount" },
  { "decline", 50, 0, "decline every amount" },
  { "customer-cancels", 80, 0, "the customer cancels every payment" },
  { "cancel", 80, 0, "the same, in short" },
  { "late", 81, 0, "answer late, see --late-after" },
  { "twice", 90, 0, "send every result twice" },
  { "drop", 91, 0, "lose the connection, come back with the result, see --back-after" },
  { "drop-past-grace", 92, 0, "lose the connection, come back with a success after the grace, see --grace" },
  { "silent", 93, 0, "never answer" },
  { "forget", 94, 0, "lose the connection and the memory of the payment" },
  { "drop-unseen", 95, 0, "lose the connection before the request is shown" },
  { "refuse-void", 96, 0, "approve, and refuse to void" },
  { "partial", -1, G_STRUCT_OFFSET (SimHabits, partial), "charge half of what was asked" },
  { "no-amount", -1, G_STRUCT_OFFSET (SimHabits, no_amount), "leave the amount out of results" },
  { "no-cancel", -1, G_STRUCT_OFFSET (SimHabits, no_cancel), "cannot cancel" },
  { "no-void", -1, G_STRUCT_OFFSET (SimHabits, no_void), "cannot void" },
  { "no-progress", -1, G_STRUCT_OFFSET (SimHabits, no_progress), "tell nothing of its progress" },
  { "no-device", -1, G_STRUCT_OFFSET (SimHabits, no_device), "do not name a device, even with --device-id" },
  { "fast", -1, G_STRUCT_OFFSET (SimHabits, fast), "answer at once, like --delay 0" },
};

static SimPlan
plan_of (int digits)
{
  SimPlan approve = { SIM_APPROVE, NULL, NULL };

  for (gsize i = 0; i < G_N_ELEMENTS (by_digits); i++)
    if (by_digits[i].digits == digits)
      return by_digits[i].plan;
  return approve;
}

SimPlan
sim_plan_for (const SimHabits *habits, gint64 minor)
{
  return habits->has_plan ? habits->plan : plan_of ((int) (minor % 100));
}

gboolean
sim_plan_from_name (const char *name, SimPlan *plan)
{
  if (strlen (name) == 2 && g_ascii_isdigit (name[0]) && g_ascii_isdigit (name[1]))
    {
      *plan = plan_of (g_ascii_digit_value (name[0]) * 10 + g_ascii_digit_value (name[1]));
      return TRUE;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (habits_by_name); i++)
    if (habits_by_name[i].digits >= 0 && strcmp (habits_by_name[i].name, name) == 0)
      {
        *plan = plan_of (habits_by_name[i].digits);
        return TRUE;
      }
  return FALSE;
}

char *
sim_plan_names (void)
{
  GString *names = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (habits_by_name); i++)
    if (habits_by_name[i].digits >= 0)
      g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", habits_by_name[i].name);
  return g_string_free (names, FALSE);
}

gboolean
sim_habits_add (SimHabits *habits, const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (habits_by_name); i++)
    {
      if (g_strcmp0 (habits_by_name[i].name, name) != 0)
        continue;
      if (habits_by_name[i].digits < 0)
        G_STRUCT_MEMBER (gboolean, habits, habits_by_name[i].offset) = TRUE;
      else
        {
          habits->has_plan = TRUE;
          habits->plan = plan_of (habits_by_name[i].digits);
        }
      return TRUE;
    }
  return FALSE;
}

char *
sim_habits_help (void)
{
  GString *text = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (habits_by_name); i++)
    g_string_append_printf (text, "  %-18s%s\n", habits_by_name[i].name, habits_by_name[i].help);
  return g_string_free (text, FALSE);
}
