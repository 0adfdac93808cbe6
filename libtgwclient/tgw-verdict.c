/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libtgwclient/tgw-verdict-private.h"

struct _TgwVerdict
{
  TgpVerdict facts;
  char *message; /* what facts points to */
};

G_STATIC_ASSERT ((int) TGW_MONEY_MOVED_UNKNOWN == (int) TGP_MONEY_MOVED_UNKNOWN);
G_STATIC_ASSERT ((int) TGW_MONEY_MOVED_NO == (int) TGP_MONEY_MOVED_NO);
G_STATIC_ASSERT ((int) TGW_NEXT_ACTION_CALL_STAFF == (int) TGP_NEXT_CALL_STAFF);
G_STATIC_ASSERT ((int) TGW_NEXT_ACTION_RETRY == (int) TGP_NEXT_RETRY);

G_DEFINE_BOXED_TYPE (TgwVerdict, tgw_verdict, tgw_verdict_ref, tgw_verdict_unref)

TgwVerdict *
tgw_verdict_new (const TgpVerdict *facts)
{
  TgwVerdict *self = g_atomic_rc_box_new0 (TgwVerdict);

  self->facts = *facts;
  self->message = g_strdup (facts->message != NULL ? facts->message : "");
  self->facts.message = self->message;
  return self;
}

static void
verdict_clear (gpointer data)
{
  TgwVerdict *self = data;

  g_free (self->message);
}

gboolean
tgw_verdict_same (TgwVerdict *self, const TgpVerdict *other)
{
  return self != NULL && tgp_verdict_same (&self->facts, other) &&
         g_strcmp0 (self->facts.message, other->message) == 0;
}

/**
 * tgw_verdict_ref:
 * @verdict: a verdict
 *
 * Takes a reference.
 *
 * Returns: (transfer full): @verdict
 * Since: 0.1
 */
TgwVerdict *
tgw_verdict_ref (TgwVerdict *self)
{
  return g_atomic_rc_box_acquire (self);
}

/**
 * tgw_verdict_unref:
 * @verdict: (transfer full): a verdict
 *
 * Gives a reference back.
 *
 * Since: 0.1
 */
void
tgw_verdict_unref (TgwVerdict *self)
{
  g_atomic_rc_box_release_full (self, verdict_clear);
}

/**
 * tgw_verdict_get_money_moved:
 * @verdict: a verdict
 *
 * Whether the customer was charged.
 *
 * Returns: yes, no or nobody knows
 * Since: 0.1
 */
TgwMoneyMoved
tgw_verdict_get_money_moved (TgwVerdict *self)
{
  g_return_val_if_fail (self != NULL, TGW_MONEY_MOVED_UNKNOWN);

  return (TgwMoneyMoved) self->facts.money_moved;
}

/**
 * tgw_verdict_get_retry_safe:
 * @verdict: a verdict
 *
 * Whether charging again, with a new transaction id, cannot leave the customer charged twice: because nothing
 * was charged, or because the gateway reverses a late success.
 *
 * Returns: whether it is safe to charge again
 * Since: 0.1
 */
gboolean
tgw_verdict_get_retry_safe (TgwVerdict *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->facts.retry_safe;
}

/**
 * tgw_verdict_get_next_action:
 * @verdict: a verdict
 *
 * What to do next.
 *
 * Returns: the next action
 * Since: 0.1
 */
TgwNextAction
tgw_verdict_get_next_action (TgwVerdict *self)
{
  g_return_val_if_fail (self != NULL, TGW_NEXT_ACTION_CALL_STAFF);

  return (TgwNextAction) self->facts.next_action;
}

/**
 * tgw_verdict_get_message:
 * @verdict: a verdict
 *
 * The verdict as a sentence for people, in English.
 *
 * Returns: (transfer none): a sentence, never `NULL`
 * Since: 0.1
 */
const char *
tgw_verdict_get_message (TgwVerdict *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->facts.message;
}
