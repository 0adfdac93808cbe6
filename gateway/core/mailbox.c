/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One mailbox a key: what waits goes out in order, at most a window of it unacked, and stays in the store
 * until it is acked.
 *
 *   drained: every waiting message up to now went out on this link; a new one may follow at once.
 *   not drained: the store is read from the cursor on, a window at a time, until it is. */
#include "gateway/core/engine-private.h"

#include <string.h>

static void
read_now (GwEngine *engine, GwPos *pos)
{
  pos->reading = TRUE;
  pos->more = FALSE;
  gw_pos_read_mailbox (engine, pos, pos->cursor, engine->settings.mailbox_window);
}

static void
read_more (GwEngine *engine, GwPos *pos)
{
  if (!pos->reading && !pos->drained && pos->link && pos->link->ready &&
      (pos->unacked->len < engine->settings.mailbox_window || pos->swept))
    read_now (engine, pos);
}

void
gw_mailbox_look (GwEngine *engine, GwPos *pos)
{
  read_more (engine, pos);
}

static void
push (GwEngine *engine, GwPos *pos, const GwMessage *message)
{
  engine->n_messages++;
  pos->cursor = message->seq;
  g_array_append_val (pos->unacked, message->seq);
  gw_send (engine, pos->link, g_strdup (message->body));
  if (GW_PLANTED (ACK_ON_PUSH))
    gw_engine_outcome_returned (engine, pos->key->key_id, message->seq);
}

void
gw_mailbox_open (GwEngine *engine, GwPos *pos)
{
  if (!GW_PLANTED (CURSOR_STAYS))
    pos->cursor = pos->ping_cursor = 0;
  g_array_set_size (pos->unacked, 0);
  pos->drained = FALSE;
  pos->outdated = pos->reading; /* what that read brings was meant for the link before */
  if (!pos->reading)
    read_now (engine, pos);
}

void
gw_mailbox_close (GwPos *pos)
{
  g_array_set_size (pos->unacked, 0);
  pos->drained = FALSE;
}

void
gw_mailbox_new_message (GwEngine *engine, GwPos *pos, GwMessage *message)
{
  gw_pos_wake_polls (engine, pos);
  if (!pos->link)
    {
      if (message)
        engine->bus.klass->publish (engine->bus.bus, GW_HINT_MAILBOX, pos->key->key_id);
      return;
    }
  pos->more = TRUE;
  if (message && pos->drained && pos->link->ready && message->seq > pos->cursor &&
      pos->unacked->len < engine->settings.mailbox_window)
    {
      push (engine, pos, message);
      return;
    }
  pos->drained = FALSE;
  read_more (engine, pos);
}

/* Something may lie before the cursor: stored by a commit that did not say so, overtaken by one that did. */
void
gw_mailbox_rewind (GwEngine *engine, GwPos *pos)
{
  gw_pos_wake_polls (engine, pos);
  pos->cursor = pos->ping_cursor = 0;
  pos->drained = FALSE;
  pos->outdated = pos->reading;
  read_more (engine, pos);
}

/* What expired must not keep its place in the window: the store knows what is left. */
void
gw_mailbox_swept (GwEngine *engine)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, engine->pos);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      GwPos *pos = value;
      if (pos->unacked->len == 0)
        continue;
      pos->swept = TRUE;
      pos->cursor = pos->ping_cursor = 0;
      pos->drained = FALSE;
      pos->outdated = pos->reading;
      read_more (engine, pos);
    }
}

/* A commit is in doubt: what it stored has its place before all that comes, so nothing goes out but by a look
 * into the store. */
void
gw_mailbox_doubt (GwEngine *engine)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, engine->pos);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      GwPos *pos = value;
      gw_pos_wake_polls (engine, pos);
      pos->more = TRUE;
      pos->drained = FALSE;
      read_more (engine, pos);
    }
}

static gboolean
is_unacked (const GwPos *pos, gint64 seq)
{
  for (guint i = 0; i < pos->unacked->len; i++)
    if (g_array_index (pos->unacked, gint64, i) == seq)
      return TRUE;
  return FALSE;
}

/* Read from the start: what went out and is not among the first that wait does not wait any more. */
static void
forget_gone (GwPos *pos, const GwRead *read)
{
  for (guint i = pos->unacked->len; i > 0; i--)
    {
      gint64 seq = g_array_index (pos->unacked, gint64, i - 1);
      guint k = 0;
      while (k < read->rows->len && ((GwMessage *) read->rows->pdata[k])->seq != seq)
        k++;
      if (k == read->rows->len)
        g_array_remove_index (pos->unacked, i - 1);
    }
}

void
gw_mailbox_read_done (GwEngine *engine, GwPos *pos, GwRead *read)
{
  gboolean outdated = pos->outdated;

  pos->reading = pos->outdated = FALSE;
  if (outdated && pos->link)
    {
      read_now (engine, pos);
      return;
    }
  if (!pos->link || read->error)
    {
      if (read->error)
        g_log ("store", G_LOG_LEVEL_WARNING, "mailbox of %s not read: %s", pos->key->key_id,
               read->error->message);
      if (read->error && pos->link && !pos->link->ready)
        gw_pos_mailbox_unknown (engine, pos);
      else if (read->error && pos->link)
        gw_arm_retry (engine);
      return;
    }
  guint i;
  gw_pos_mailbox_known (engine, pos, read->count);
  if (read->after == 0)
    forget_gone (pos, read);
  pos->swept = FALSE;
  for (i = 0; i < read->rows->len && pos->unacked->len < engine->settings.mailbox_window; i++)
    {
      GwMessage *message = read->rows->pdata[GW_PLANTED (MAILBOX_OUT_OF_ORDER) ? read->rows->len - 1 - i : i];
      if (is_unacked (pos, message->seq))
        pos->cursor = message->seq; /* went out before a rewind */
      else if (message->seq > pos->cursor)
        push (engine, pos, message);
    }
  pos->drained = i == read->rows->len && read->rows->len < read->limit && !pos->more;
  read_more (engine, pos);
}

void
gw_mailbox_acked (GwEngine *engine, GwPos *pos, const GArray *seqs)
{
  for (guint i = 0; i < seqs->len; i++)
    for (guint k = 0; k < pos->unacked->len; k++)
      if (g_array_index (pos->unacked, gint64, k) == g_array_index (seqs, gint64, i))
        {
          g_array_remove_index (pos->unacked, k);
          break;
        }
  read_more (engine, pos);
}
