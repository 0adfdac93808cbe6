/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the simulated terminal does with a payment: chosen by the amount's last two digits, by --behave, or on
 * cue. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  SIM_APPROVE,
  SIM_DECLINE,
  SIM_CUSTOMER_CANCELS,
  SIM_LATE,
  SIM_TWICE,
  SIM_DROP,
  SIM_DROP_PAST_GRACE,
  SIM_SILENT,
  SIM_FORGET,
  SIM_DROP_UNSEEN,
  SIM_REFUSE_VOID
} SimKind;

typedef struct
{
  SimKind kind;
  const char *error_code; /* of a failure */
  const char *error_message;
} SimPlan;

/* What --behave said, and later the control socket. */
typedef struct
{
  gboolean has_plan;
  SimPlan plan; /* for every amount */
  gboolean no_cancel;
  gboolean no_void;
  gboolean no_progress;
  gboolean no_device;
  gboolean fast;
  gboolean partial;
  gboolean no_amount;
  gboolean has_next;
  SimPlan next;  /* for one payment, whatever its amount */
  gboolean hold; /* nothing is answered unless told */
  guint late;    /* every answer so much later, ms */
  gboolean refuse_voids;
} SimHabits;

SimPlan sim_plan_for (const SimHabits *habits, gint64 minor);
/* A name of --behave that is a plan, or the two digits of an amount. FALSE: no such plan. */
gboolean sim_plan_from_name (const char *name, SimPlan *plan);
/* "approve, decline, …" */
char *sim_plan_names (void);

/* FALSE: no such name. */
gboolean sim_habits_add (SimHabits *habits, const char *name);
/* One line a name, for --help. */
char *sim_habits_help (void);

G_END_DECLS
