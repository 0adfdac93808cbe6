/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One mailbox a key. How it delivers is mailbox/'s business; here it meets the engine: its store, its links
 * and the other nodes. */
#include "gateway/core/engine-private.h"

static MailboxLink
link_of (const Mailbox *mailbox)
{
  const GwPos *pos = mailbox->owner;
  return !pos->link ? MAILBOX_NO_LINK : pos->link->ready ? MAILBOX_READY : MAILBOX_OPENING;
}

static void
read_rows (Mailbox *mailbox, gint64 after, guint limit)
{
  gw_pos_read_mailbox (mailbox->context, mailbox->owner, after, limit);
}

static void
push (Mailbox *mailbox, const MailboxRow *row)
{
  GwEngine *engine = mailbox->context;
  GwPos *pos = mailbox->owner;

  engine->n_messages++;
  gw_send (engine, pos->link, g_strdup (row->body));
  if (GW_PLANTED (ACK_ON_PUSH))
    gw_engine_outcome_returned (engine, pos->key->key_id, row->seq);
}

static void
known (Mailbox *mailbox, guint count)
{
  gw_pos_mailbox_known (mailbox->context, mailbox->owner, count);
}

static void
unknown (Mailbox *mailbox)
{
  gw_pos_mailbox_unknown (mailbox->context, mailbox->owner);
}

static void
retry (Mailbox *mailbox)
{
  gw_arm_retry (mailbox->context);
}

static const MailboxClass klass = {
  .link = link_of,
  .read = read_rows,
  .push = push,
  .known = known,
  .unknown = unknown,
  .retry = retry,
};

void
gw_mailbox_init (GwEngine *engine, GwPos *pos)
{
  mailbox_init (&pos->mailbox, &klass, pos, engine, engine->settings.mailbox_window);
}

void
gw_mailbox_open (GwPos *pos)
{
  if (!GW_PLANTED (CURSOR_STAYS))
    mailbox_forget_sent (&pos->mailbox);
  mailbox_open (&pos->mailbox);
}

void
gw_mailbox_new_message (GwEngine *engine, GwPos *pos, GwMessage *message)
{
  gw_pos_wake_polls (engine, pos);
  if (pos->link)
    mailbox_new_message (&pos->mailbox,
                         message ? &(MailboxRow){ .seq = message->seq, .body = message->body } : NULL);
  else if (message)
    engine->bus.klass->publish (engine->bus.bus, GW_HINT_MAILBOX, pos->key->key_id);
}

/* Something may lie before the cursor: stored by a commit that did not say so, overtaken by one that did. */
void
gw_mailbox_rewind (GwEngine *engine, GwPos *pos)
{
  gw_pos_wake_polls (engine, pos);
  mailbox_rewind (&pos->mailbox);
}

/* What expired must not keep its place in the window: the store knows what is left. */
void
gw_mailbox_swept (GwEngine *engine)
{
  GHashTableIter iter;
  gpointer pos;

  g_hash_table_iter_init (&iter, engine->pos);
  while (g_hash_table_iter_next (&iter, NULL, &pos))
    mailbox_swept (&((GwPos *) pos)->mailbox);
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
      mailbox_doubt (&pos->mailbox);
    }
}

void
gw_mailbox_read_done (GwPos *pos, GwRead *read)
{
  g_autofree MailboxRow *rows = NULL;

  if (read->error)
    {
      g_log ("store", G_LOG_LEVEL_WARNING, "mailbox of %s not read: %s", pos->key->key_id,
             read->error->message);
      mailbox_read_failed (&pos->mailbox);
      return;
    }
  rows = g_new (MailboxRow, read->rows->len);
  for (guint i = 0; i < read->rows->len; i++)
    {
      guint place = GW_PLANTED (MAILBOX_OUT_OF_ORDER) ? read->rows->len - 1 - i : i;
      const GwMessage *message = read->rows->pdata[place];
      rows[i] = (MailboxRow){ .seq = message->seq, .body = message->body };
    }
  mailbox_read_done (&pos->mailbox, rows, read->rows->len, read->limit, read->count);
}
