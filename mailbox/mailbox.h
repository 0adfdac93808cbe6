/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How what waits for a client reaches it: in order, at most a window of it unacked, and it stays in the store
 * until it is acked. The store, the connection and the clock are the owner's.
 *
 *   drained: every waiting message up to now went out on this link; a new one may follow at once.
 *   not drained: the store is read from the cursor on, a window at a time, until it is. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _Mailbox Mailbox;

/* seq is unique and grows; messages go out by it. */
typedef struct
{
  gint64 seq;
  const char *body;
} MailboxRow;

typedef enum
{
  MAILBOX_NO_LINK,
  MAILBOX_OPENING, /* there is a connection, which may not be sent to yet */
  MAILBOX_READY
} MailboxLink;

/* What a mailbox needs of its owner. owner and context are its fields. */
typedef struct
{
  MailboxLink (*link) (const Mailbox *mailbox);
  /* Reads at most limit rows behind after, oldest first. Its answer is mailbox_read_done() or
   * mailbox_read_failed(), at once or later. */
  void (*read) (Mailbox *mailbox, gint64 after, guint limit);
  void (*push) (Mailbox *mailbox, const MailboxRow *row);
  /* The first look of a link: so many messages wait. The link is ready afterwards, or gone. */
  void (*known) (Mailbox *mailbox, guint count);
  void (*unknown) (Mailbox *mailbox); /* it failed */
  void (*retry) (Mailbox *mailbox);   /* a later look failed: call mailbox_look() in a while */
} MailboxClass;

struct _Mailbox
{
  const MailboxClass *klass;
  gpointer owner, context;
  guint window;
  gint64 cursor; /* last seq that went out on this link */
  gint64 ping_cursor;
  GArray *unacked;   /* gint64 */
  gboolean reading;  /* a read is on the way */
  gboolean more;     /* something came meanwhile */
  gboolean swept;    /* some of unacked may have expired: to be looked at even if the window is full */
  gint64 read_after; /* where the last read began */
  gboolean outdated; /* what the read brings is to be thrown away */
  gboolean drained;  /* nothing waits behind the cursor */
};

void mailbox_init (Mailbox *mailbox, const MailboxClass *klass, gpointer owner, gpointer context,
                   guint window);
void mailbox_clear (Mailbox *mailbox);

/* What went out on the link before counts for nothing on the next one. */
void mailbox_forget_sent (Mailbox *mailbox);
/* There is a link: everything unacked goes out, in order. */
void mailbox_open (Mailbox *mailbox);
void mailbox_close (Mailbox *mailbox);
/* Goes on where it stopped. */
void mailbox_look (Mailbox *mailbox);
/* row: the message that was stored; NULL: one was, somewhere. */
void mailbox_new_message (Mailbox *mailbox, const MailboxRow *row);
/* Something may lie before the cursor: looks at all that waits once more, and sends what did not go out. */
void mailbox_rewind (Mailbox *mailbox);
/* The store has let go of what was too old: it must not keep its place in the window. */
void mailbox_swept (Mailbox *mailbox);
/* Nothing goes out but by a look into the store. */
void mailbox_doubt (Mailbox *mailbox);
/* rows: what was read, n of them; asked: the limit; count: how many wait in all. */
void mailbox_read_done (Mailbox *mailbox, const MailboxRow *rows, guint n, guint asked, guint count);
void mailbox_read_failed (Mailbox *mailbox);
void mailbox_acked (Mailbox *mailbox, const GArray *seqs);

/* A client that knows no ack: what went out before the ping that it answers has arrived. The seqs that this
 * says of, to be acked; NULL: none. */
void mailbox_ping_sent (Mailbox *mailbox);
GArray *mailbox_ping_answered (const Mailbox *mailbox);

G_END_DECLS
