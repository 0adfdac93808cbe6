/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Delivery with a store that is an array: in order, a window, rewinds, reads that come late or fail. */
#include "mailbox/mailbox.h"

#define WINDOW 4

typedef struct
{
  Mailbox mailbox;
  GArray *stored; /* gint64: what waits */
  GArray *pushed;
  MailboxLink link;
  gboolean late, fails; /* reads are answered later; they fail */
  gint64 asked_after;
  guint n_reads, n_known, n_unknown, n_retries, known;
} Box;

static MailboxLink
link_of (const Mailbox *mailbox)
{
  return ((const Box *) mailbox->owner)->link;
}

static void
answer (Box *box)
{
  MailboxRow rows[WINDOW];
  guint n = 0;

  for (guint i = 0; i < box->stored->len && n < WINDOW; i++)
    if (g_array_index (box->stored, gint64, i) > box->asked_after)
      rows[n++] = (MailboxRow){ g_array_index (box->stored, gint64, i), "{}" };
  if (box->fails)
    mailbox_read_failed (&box->mailbox);
  else
    mailbox_read_done (&box->mailbox, rows, n, WINDOW, box->stored->len);
}

static void
read_rows (Mailbox *mailbox, gint64 after, guint limit)
{
  Box *box = mailbox->owner;

  g_assert_cmpuint (limit, ==, WINDOW);
  box->n_reads++;
  box->asked_after = after;
  if (!box->late)
    answer (box);
}

static void
push (Mailbox *mailbox, const MailboxRow *row)
{
  g_array_append_val (((Box *) mailbox->owner)->pushed, row->seq);
}

static void
known (Mailbox *mailbox, guint count)
{
  Box *box = mailbox->owner;

  box->n_known++;
  box->known = count;
  box->link = MAILBOX_READY;
}

static void
unknown (Mailbox *mailbox)
{
  Box *box = mailbox->owner;

  box->n_unknown++;
  box->link = MAILBOX_NO_LINK;
}

static void
retry (Mailbox *mailbox)
{
  ((Box *) mailbox->owner)->n_retries++;
}

static const MailboxClass klass = { link_of, read_rows, push, known, unknown, retry };

static void
box_init (Box *box, gint64 last)
{
  *box = (Box){ .stored = g_array_new (FALSE, FALSE, sizeof (gint64)),
                .pushed = g_array_new (FALSE, FALSE, sizeof (gint64)) };
  mailbox_init (&box->mailbox, &klass, box, NULL, WINDOW);
  for (gint64 seq = 1; seq <= last; seq++)
    g_array_append_val (box->stored, seq);
}

static void
box_clear (Box *box)
{
  mailbox_clear (&box->mailbox);
  g_array_unref (box->stored);
  g_array_unref (box->pushed);
}

static void
open_box (Box *box)
{
  box->link = MAILBOX_OPENING;
  mailbox_forget_sent (&box->mailbox);
  mailbox_open (&box->mailbox);
}

static void
store (Box *box, gint64 seq)
{
  g_array_append_val (box->stored, seq);
  mailbox_new_message (&box->mailbox, &(MailboxRow){ seq, "{}" });
}

static void
ack (Box *box, gint64 seq)
{
  g_autoptr (GArray) seqs = g_array_new (FALSE, FALSE, sizeof (gint64));

  g_array_append_val (seqs, seq);
  for (guint i = 0; i < box->stored->len; i++)
    if (g_array_index (box->stored, gint64, i) == seq)
      g_array_remove_index (box->stored, i--);
  mailbox_acked (&box->mailbox, seqs);
}

/* Everything from 1 on went out once and in order. */
static void
assert_pushed (const Box *box, guint n)
{
  g_assert_cmpuint (box->pushed->len, ==, n);
  for (guint i = 0; i < n; i++)
    g_assert_cmpint (g_array_index (box->pushed, gint64, i), ==, i + 1);
}

static void
test_window (void)
{
  Box box;

  box_init (&box, 10);
  open_box (&box);
  g_assert_cmpuint (box.n_known, ==, 1);
  g_assert_cmpuint (box.known, ==, 10);
  assert_pushed (&box, WINDOW);
  store (&box, 11);
  assert_pushed (&box, WINDOW);
  ack (&box, 2);
  assert_pushed (&box, WINDOW + 1);
  for (gint64 seq = 1; seq <= 11; seq++)
    if (seq != 2)
      ack (&box, seq);
  assert_pushed (&box, 11);
  store (&box, 12); /* nothing waits: it follows without a look into the store */
  guint reads = box.n_reads;
  store (&box, 13);
  assert_pushed (&box, 13);
  g_assert_cmpuint (box.n_reads, ==, reads);
  box_clear (&box);
}

static void
test_late_read (void)
{
  Box box;

  box_init (&box, 2);
  box.late = TRUE;
  open_box (&box);
  g_array_append_val (box.stored, ((gint64[]){ 3 })[0]);
  mailbox_new_message (&box.mailbox, &(MailboxRow){ 3, "{}" }); /* while the read is on the way */
  g_assert_cmpuint (box.pushed->len, ==, 0);
  box.late = FALSE;
  answer (&box);
  assert_pushed (&box, 3);
  box_clear (&box);
}

static void
test_outdated (void)
{
  Box box;

  box_init (&box, 2);
  box.late = TRUE;
  open_box (&box);
  mailbox_close (&box.mailbox); /* another link comes before the store answers */
  open_box (&box);
  g_assert_cmpuint (box.n_reads, ==, 1);
  box.late = FALSE;
  answer (&box);
  g_assert_cmpuint (box.n_reads, ==, 2);
  assert_pushed (&box, 2);
  box_clear (&box);
}

static void
test_rewind (void)
{
  Box box;

  box_init (&box, 3);
  open_box (&box);
  g_array_remove_index (box.stored, 1); /* 2 is acked elsewhere */
  mailbox_rewind (&box.mailbox);
  assert_pushed (&box, 3); /* what went out does not go out again */
  g_assert_cmpuint (box.mailbox.unacked->len, ==, 2);
  mailbox_close (&box.mailbox);
  open_box (&box);
  g_assert_cmpuint (box.pushed->len, ==, 5); /* on a new link it does */
  box_clear (&box);
}

/* A full window of what has expired lets what is new through. */
static void
test_swept (void)
{
  Box box;

  box_init (&box, WINDOW);
  open_box (&box);
  store (&box, WINDOW + 1);
  assert_pushed (&box, WINDOW);
  g_array_remove_range (box.stored, 0, WINDOW);
  mailbox_swept (&box.mailbox);
  assert_pushed (&box, WINDOW + 1);
  g_assert_cmpuint (box.mailbox.unacked->len, ==, 1);
  box_clear (&box);
}

static void
test_failures (void)
{
  Box box;

  box_init (&box, 1);
  box.fails = TRUE;
  open_box (&box);
  g_assert_cmpuint (box.n_unknown, ==, 1);
  box.fails = FALSE;
  open_box (&box);
  assert_pushed (&box, 1);
  box.fails = TRUE;
  mailbox_doubt (&box.mailbox);
  g_assert_cmpuint (box.n_retries, ==, 1);
  box.fails = FALSE;
  g_array_append_val (box.stored, ((gint64[]){ 2 })[0]);
  mailbox_look (&box.mailbox);
  assert_pushed (&box, 2);
  box_clear (&box);
}

static void
test_pings (void)
{
  Box box;
  g_autoptr (GArray) seqs = NULL;

  box_init (&box, 2);
  open_box (&box);
  g_assert_null (mailbox_ping_answered (&box.mailbox));
  mailbox_ping_sent (&box.mailbox);
  store (&box, 3); /* after the ping: its pong says nothing of it */
  seqs = mailbox_ping_answered (&box.mailbox);
  g_assert_cmpuint (seqs->len, ==, 2);
  box_clear (&box);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mailbox/window", test_window);
  g_test_add_func ("/mailbox/late-read", test_late_read);
  g_test_add_func ("/mailbox/outdated", test_outdated);
  g_test_add_func ("/mailbox/rewind", test_rewind);
  g_test_add_func ("/mailbox/swept", test_swept);
  g_test_add_func ("/mailbox/failures", test_failures);
  g_test_add_func ("/mailbox/pings", test_pings);
  return g_test_run ();
}
