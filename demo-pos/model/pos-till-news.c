/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the client tells, put down in the book and brought to a page. */
#include "demo-pos/model/pos-till-private.h"

#include <string.h>

void
pos_till_enqueue (PosTill *self, PosEntry *entry)
{
  if (self->shown != entry && g_queue_find (&self->waiting, entry) == NULL &&
      !g_list_store_find (self->recovered, entry, NULL))
    g_queue_push_tail (&self->waiting, entry);
}

static gboolean
same (const PosFacts *a, const PosFacts *b)
{
  g_autofree char *text_a = pos_facts_to_text (a), *text_b = pos_facts_to_text (b);

  return strcmp (text_a, text_b) == 0;
}

static void
take_payment (PosTill *self, PosEntry *entry, TgwPayment *payment, gboolean news)
{
  g_auto (PosFacts) facts = { 0 };
  PosKind before = pos_entry_get_kind (entry);
  TgwVoidStatus before_void = pos_entry_get_facts (entry)->void_status;

  pos_facts_copy (&facts, pos_entry_get_facts (entry));
  pos_facts_take_payment (&facts, payment);
  /* What came after a manager closed it is newer than what the manager knew. */
  if (news)
    g_clear_pointer (&facts.by_hand, g_free);
  if (facts.outcome != TGW_OUTCOME_NONE)
    facts.cancelling = FALSE;
  /* A reversal that is under way, or that ended, is the answer to the wish. */
  if (news || facts.void_status != before_void)
    {
      facts.voiding = FALSE;
      g_clear_pointer (&facts.void_code, g_free);
      g_clear_pointer (&facts.void_message, g_free);
    }
  if (same (&facts, pos_entry_get_facts (entry)))
    return;
  pos_till_mark (self, entry, POS_MARK_STATE, &facts, NULL);
  if (pos_kind_is_open (before) && !pos_kind_is_open (pos_entry_get_kind (entry)))
    self->closed = entry;
  /* A doubt that was put aside and is cleared up comes back to be seen. */
  if (before == POS_KIND_UNKNOWN && pos_entry_get_kind (entry) != before &&
      !pos_kind_is_open (pos_entry_get_kind (entry)))
    {
      pos_entry_set_unseen (entry, TRUE);
      pos_till_enqueue (self, entry);
    }
}

static PosEntry *
entry_of (PosTill *self, TgwPayment *payment)
{
  g_autoptr (GDateTime) started = tgw_payment_dup_started_at (payment);
  PosEntry *entry =
    pos_till_entry (self, tgw_payment_get_transaction_id (payment), g_date_time_to_unix (started) * 1000);

  pos_till_follow (self, entry, payment);
  return entry;
}

static void
on_payment_notify (TgwPayment *payment, GParamSpec *pspec, PosTill *self)
{
  PosEntry *entry = pos_till_find (self, tgw_payment_get_transaction_id (payment));

  if (entry == NULL)
    return;
  take_payment (self, entry, payment, FALSE);
  pos_till_update_view (self);
}

void
pos_till_follow (PosTill *self, PosEntry *entry, TgwPayment *payment)
{
  TgwPayment *old = pos_entry_get_payment (entry);

  if (old != payment)
    {
      if (old != NULL)
        g_signal_handlers_disconnect_by_data (old, self);
      pos_entry_set_payment (entry, payment);
      g_signal_connect_object (payment, "notify", G_CALLBACK (on_payment_notify), self, 0);
    }
  take_payment (self, entry, payment, FALSE);
}

void
pos_till_take (PosTill *self, PosEntry *entry, TgwPayment *payment)
{
  PosKind before = pos_entry_get_kind (entry);

  take_payment (self, entry, payment, FALSE);
  if (pos_kind_is_open (before) && !pos_kind_is_open (pos_entry_get_kind (entry)))
    pos_till_bring_back (self, entry);
  pos_till_update_view (self);
}

void
pos_till_bring_back (PosTill *self, PosEntry *entry)
{
  pos_entry_set_recovered_at (entry, pos_now ());
  pos_entry_set_unseen (entry, TRUE);
  if (self->shown == entry)
    return;
  g_queue_remove (&self->waiting, entry);
  if (!g_list_store_find (self->recovered, entry, NULL))
    g_list_store_append (self->recovered, entry);
}

static void
on_started (TgwClient *client, TgwPayment *payment, PosTill *self)
{
  entry_of (self, payment);
  pos_till_update_view (self);
}

static void
on_news (TgwClient *client, TgwPayment *payment, PosTill *self)
{
  PosEntry *entry = entry_of (self, payment);

  take_payment (self, entry, payment, TRUE);
  pos_entry_set_unseen (entry, TRUE);
  pos_till_enqueue (self, entry);
  /* Whether it belongs among the recovered ones is told right after this. */
  if (tgw_payment_get_recovered_from (payment) == TGW_RECOVERY_NONE)
    pos_till_update_view (self);
}

/* What was unknown is known now. */
static void
on_settled (TgwClient *client, TgwPayment *payment, PosTill *self)
{
  self->settled = entry_of (self, payment);
  on_news (client, payment, self);
}

static void
on_recovered (TgwClient *client, TgwPayment *payment, TgwRecovery from, PosTill *self)
{
  PosEntry *entry = entry_of (self, payment);
  gboolean of_this_run = g_hash_table_contains (self->started, pos_entry_get_id (entry));
  gboolean settled = self->settled == entry;

  self->settled = NULL;
  /* It was the answer that was away, not the till: a page of its own. */
  if (settled)
    {
      pos_entry_set_recovered_at (entry, pos_now ());
      pos_entry_set_unseen (entry, TRUE);
      pos_till_update_view (self);
      return;
    }
  if (self->shown == entry && !of_this_run && self->closed == entry)
    pos_till_set_shown (self, NULL);
  pos_till_bring_back (self, entry);
  self->closed = NULL;
  pos_till_update_view (self);
}

static void
on_displaced (TgwClient *client, TgwDisconnectReason reason, const char *message, gboolean allowed,
              const char *by, PosTill *self)
{
  self->may_return = allowed;
  pos_till_update_view (self);
}

static void
on_terminal (TgwClient *client, TgwTerminal *terminal, PosTill *self)
{
  pos_till_status_changed (self);
}

void
pos_till_connect_signals (PosTill *self)
{
  static const char *const news[] = { "payment-completed", "payment-voided", "payment-void-confirmed",
                                      "payment-void-failed", "payment-conflict" };

  g_signal_connect_object (self->client, "payment-started", G_CALLBACK (on_started), self, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (news); i++)
    g_signal_connect_object (self->client, news[i], G_CALLBACK (on_news), self, 0);
  g_signal_connect_object (self->client, "payment-settled", G_CALLBACK (on_settled), self, 0);
  g_signal_connect_object (self->client, "payment-recovered", G_CALLBACK (on_recovered), self, 0);
  g_signal_connect_object (self->client, "displaced", G_CALLBACK (on_displaced), self, 0);
  g_signal_connect_object (self->client, "terminal-status-changed", G_CALLBACK (on_terminal), self, 0);
}
