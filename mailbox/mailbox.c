/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mailbox/mailbox.h"

static void
read_now (Mailbox *mailbox)
{
  mailbox->reading = TRUE;
  mailbox->more = FALSE;
  mailbox->read_after = mailbox->cursor;
  mailbox->klass->read (mailbox, mailbox->cursor, mailbox->window);
}

static void
read_more (Mailbox *mailbox)
{
  if (!mailbox->reading && !mailbox->drained && mailbox->klass->link (mailbox) == MAILBOX_READY &&
      (mailbox->unacked->len < mailbox->window || mailbox->swept))
    read_now (mailbox);
}

static void
push (Mailbox *mailbox, const MailboxRow *row)
{
  mailbox->cursor = row->seq;
  g_array_append_val (mailbox->unacked, row->seq);
  mailbox->klass->push (mailbox, row);
}

static gboolean
is_unacked (const Mailbox *mailbox, gint64 seq)
{
  for (guint i = 0; i < mailbox->unacked->len; i++)
    if (g_array_index (mailbox->unacked, gint64, i) == seq)
      return TRUE;
  return FALSE;
}

void
mailbox_init (Mailbox *mailbox, const MailboxClass *klass, gpointer owner, gpointer context, guint window)
{
  *mailbox = (Mailbox){ .klass = klass, .owner = owner, .context = context, .window = window };
  mailbox->unacked = g_array_new (FALSE, FALSE, sizeof (gint64));
}

void
mailbox_clear (Mailbox *mailbox)
{
  g_clear_pointer (&mailbox->unacked, g_array_unref);
}

void
mailbox_forget_sent (Mailbox *mailbox)
{
  mailbox->cursor = mailbox->ping_cursor = 0;
}

void
mailbox_open (Mailbox *mailbox)
{
  g_array_set_size (mailbox->unacked, 0);
  mailbox->drained = FALSE;
  mailbox->outdated = mailbox->reading; /* what that read brings was meant for the link before */
  if (!mailbox->reading)
    read_now (mailbox);
}

void
mailbox_close (Mailbox *mailbox)
{
  g_array_set_size (mailbox->unacked, 0);
  mailbox->drained = FALSE;
}

void
mailbox_look (Mailbox *mailbox)
{
  read_more (mailbox);
}

void
mailbox_new_message (Mailbox *mailbox, const MailboxRow *row)
{
  mailbox->more = TRUE;
  if (row && mailbox->drained && mailbox->klass->link (mailbox) == MAILBOX_READY &&
      row->seq > mailbox->cursor && mailbox->unacked->len < mailbox->window)
    {
      push (mailbox, row);
      return;
    }
  mailbox->drained = FALSE;
  read_more (mailbox);
}

void
mailbox_rewind (Mailbox *mailbox)
{
  mailbox_forget_sent (mailbox);
  mailbox->drained = FALSE;
  mailbox->outdated = mailbox->reading;
  read_more (mailbox);
}

void
mailbox_swept (Mailbox *mailbox)
{
  if (mailbox->unacked->len == 0)
    return;
  mailbox->swept = TRUE;
  mailbox_rewind (mailbox);
}

void
mailbox_doubt (Mailbox *mailbox)
{
  mailbox->more = TRUE;
  mailbox->drained = FALSE;
  read_more (mailbox);
}

/* Whether what was read is for the link that is there now; if not, it is read for that one. */
static gboolean
is_wanted (Mailbox *mailbox)
{
  gboolean outdated = mailbox->outdated;

  mailbox->reading = mailbox->outdated = FALSE;
  if (mailbox->klass->link (mailbox) == MAILBOX_NO_LINK)
    return FALSE;
  if (outdated)
    read_now (mailbox);
  return !outdated;
}

/* Read from the start: what went out and is not among the first that wait does not wait any more. */
static void
forget_gone (Mailbox *mailbox, const MailboxRow *rows, guint n)
{
  for (guint i = mailbox->unacked->len; i > 0; i--)
    {
      gint64 seq = g_array_index (mailbox->unacked, gint64, i - 1);
      guint k = 0;
      while (k < n && rows[k].seq != seq)
        k++;
      if (k == n)
        g_array_remove_index (mailbox->unacked, i - 1);
    }
}

void
mailbox_read_done (Mailbox *mailbox, const MailboxRow *rows, guint n, guint asked, guint count)
{
  guint i;

  if (!is_wanted (mailbox))
    return;
  if (mailbox->klass->link (mailbox) == MAILBOX_OPENING)
    mailbox->klass->known (mailbox, count);
  if (mailbox->klass->link (mailbox) == MAILBOX_NO_LINK)
    return;
  if (mailbox->read_after == 0)
    forget_gone (mailbox, rows, n);
  mailbox->swept = FALSE;
  for (i = 0; i < n && mailbox->unacked->len < mailbox->window; i++)
    {
      if (is_unacked (mailbox, rows[i].seq))
        mailbox->cursor = rows[i].seq; /* went out before a rewind */
      else if (rows[i].seq > mailbox->cursor)
        push (mailbox, &rows[i]);
    }
  mailbox->drained = i == n && n < asked && !mailbox->more;
  read_more (mailbox);
}

void
mailbox_read_failed (Mailbox *mailbox)
{
  if (!is_wanted (mailbox))
    return;
  if (mailbox->klass->link (mailbox) == MAILBOX_OPENING)
    mailbox->klass->unknown (mailbox);
  else
    mailbox->klass->retry (mailbox);
}

void
mailbox_acked (Mailbox *mailbox, const GArray *seqs)
{
  for (guint i = 0; i < seqs->len; i++)
    for (guint k = 0; k < mailbox->unacked->len; k++)
      if (g_array_index (mailbox->unacked, gint64, k) == g_array_index (seqs, gint64, i))
        {
          g_array_remove_index (mailbox->unacked, k);
          break;
        }
  read_more (mailbox);
}

void
mailbox_ping_sent (Mailbox *mailbox)
{
  mailbox->ping_cursor = mailbox->cursor;
}

GArray *
mailbox_ping_answered (const Mailbox *mailbox)
{
  g_autoptr (GArray) seqs = g_array_new (FALSE, FALSE, sizeof (gint64));

  for (guint i = 0; i < mailbox->unacked->len; i++)
    if (g_array_index (mailbox->unacked, gint64, i) <= mailbox->ping_cursor)
      g_array_append_val (seqs, g_array_index (mailbox->unacked, gint64, i));
  return seqs->len ? g_steal_pointer (&seqs) : NULL;
}
