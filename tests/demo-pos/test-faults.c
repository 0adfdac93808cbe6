/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The till after a power cut, on a full disk, and where the gateway says no: it claims nothing, loses nothing
 * and blocks nothing. */
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "tests/demo-pos/scene.h"

/* --- the book --- */

static char *
path_of_today (const char *book_folder)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *day = g_date_time_format (now, "%Y-%m-%d.book");

  return g_build_filename (book_folder, day, NULL);
}

/* No file of this process may grow beyond this: what the disk says when it is full. */
static void
limit_files (rlim_t size)
{
  struct rlimit limit = { size, RLIM_INFINITY };

  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
}

static void
on_line (const char *id, PosMark mark, gint64 at, PosFacts *facts, gpointer data)
{
  g_string_append (data, id);
}

static char *
read_ids (PosBook *book)
{
  GString *ids = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (pos_book_read (book, g_get_real_time () / 1000, on_line, ids, &error));
  g_assert_no_error (error);
  return g_string_free (ids, FALSE);
}

static void
append (const char *path, const char *bytes, gsize n)
{
  FILE *file = fopen (path, "a");

  g_assert_cmpuint (fwrite (bytes, 1, n, file), ==, n);
  fclose (file);
}

static void
test_zeros (void)
{
  g_autofree char *dir = g_build_filename (scene_folder, "zeros", NULL), *path = path_of_today (dir),
                  *ids = NULL, *more = NULL, *tail = NULL;
  g_autofree char *zeros = g_malloc0 (4096);
  PosBook *book = pos_book_open (dir, NULL);
  PosFacts facts = { .terminal_id = (char *) "T", .currency = (char *) "EUR" };
  gint64 now = g_get_real_time () / 1000;

  g_assert_true (pos_book_write (book, "A", POS_MARK_SENT, now, &facts, NULL));
  pos_book_close (book);
  append (path, zeros, 4096);
  book = pos_book_open (dir, NULL);
  ids = read_ids (book);
  g_assert_cmpstr (ids, ==, "A");
  g_assert_cmpuint (pos_book_get_damaged (book), ==, 1); /* and nobody has written after them yet */
  g_assert_true (pos_book_write (book, "B", POS_MARK_SENT, now, &facts, NULL));
  more = read_ids (book);
  g_assert_cmpstr (more, ==, "AB");
  g_assert_cmpuint (pos_book_get_damaged (book), ==, 1);
  /* One in the middle of a line takes that line and no other. */
  append (path, "1\tX\tsent\tterm\0inal=T\n", 21);
  g_assert_true (pos_book_write (book, "C", POS_MARK_SENT, now, &facts, NULL));
  tail = read_ids (book);
  g_assert_cmpstr (tail, ==, "ABC");
  g_assert_cmpuint (pos_book_get_damaged (book), ==, 2);
  pos_book_close (book);
}

static void
test_half_line (void)
{
  g_autofree char *dir = g_build_filename (scene_folder, "half", NULL), *path = path_of_today (dir),
                  *ids = NULL;
  g_autoptr (PosBook) book = pos_book_open (dir, NULL);
  PosFacts facts = { .terminal_id = (char *) "T", .currency = (char *) "EUR" };
  gint64 now = g_get_real_time () / 1000;
  g_autoptr (GError) error = NULL;
  GStatBuf before;

  g_assert_true (pos_book_write (book, "A", POS_MARK_SENT, now, &facts, NULL));
  g_assert_cmpint (g_stat (path, &before), ==, 0);
  limit_files ((rlim_t) before.st_size + 10);
  g_assert_false (pos_book_write (book, "B", POS_MARK_SENT, now, &facts, &error));
  g_assert_nonnull (strstr (error->message, path));
  limit_files (RLIM_INFINITY);
  /* What comes next is not lost with the half of B. */
  g_assert_true (pos_book_write (book, "C", POS_MARK_SENT, now, &facts, NULL));
  ids = read_ids (book);
  g_assert_cmpstr (ids, ==, "AC");
}

/* --- the till --- */

/* A payment of an earlier run, in the book only. */
static void
write_book (Scene *scene, const char *id, PosMark mark, const PosFacts *facts)
{
  g_autoptr (PosBook) book = pos_book_open (scene->book, NULL);

  g_assert_true (pos_book_write (book, id, mark, g_get_real_time () / 1000, facts, NULL));
}

static PosFacts
facts_of (TgwPaymentState state, TgwOutcome outcome, TgwMoneyMoved moved)
{
  return (PosFacts){ .terminal_id = (char *) "TERM-001",
                     .currency = (char *) "EUR",
                     .amount = 1200,
                     .requested = 1200,
                     .state = state,
                     .outcome = outcome,
                     .money_moved = moved };
}

static void
refuse (Scene *scene, TgpPosMessage *message, const char *code)
{
  fake_gateway_send (scene->gateway,
                     "{'action':'error','error':'x','code':'%s','message':'No.','requestId':'%s',"
                     "'timestamp':'2024-01-15T10:30:00.000Z'}",
                     code, message->request_id);
}

static void
tell_status (Scene *scene, TgpPosMessage *message, const char *status, const char *verdict, const char *more)
{
  fake_gateway_send (scene->gateway,
                     "{'action':'transactionStatus','requestId':'%s','transactionId':'%s','status':'%s',"
                     "'amount':'12.00','currency':'EUR','terminalId':'TERM-001','request':{'transactionId':"
                     "'%s','amount':'12.00','currency':'EUR','paymentMethod':'CARD'},'createdAt':"
                     "'2024-01-15T10:30:00.000Z','updatedAt':'2024-01-15T10:30:00.000Z','settled':true,"
                     "'verdict':%s%s,'timestamp':'2024-01-15T10:30:00.000Z'}",
                     message->request_id, message->transaction_id, status, message->transaction_id, verdict,
                     more);
}

static void
test_never_sent (void)
{
  Scene scene;
  PosFacts facts = facts_of (TGW_PAYMENT_STATE_STARTING, TGW_OUTCOME_NONE, TGW_MONEY_MOVED_UNKNOWN);
  g_autoptr (TgpPosMessage) question = NULL, again = NULL;
  PosEntry *entry;
  gint64 began;

  scene_prepare (&scene);
  write_book (&scene, "LOST", POS_MARK_SENT, &facts);
  scene_connect (&scene);
  began = g_get_monotonic_time ();
  entry = pos_till_find (scene.till, "LOST");
  g_assert_cmpint (pos_till_get_block (scene.till, "TERM-001", 100), ==, POS_BLOCK_UNRESOLVED);
  question = fake_gateway_expect (scene.gateway, TGP_POS_GET_TRANSACTION_STATUS);
  g_assert_cmpstr (question->transaction_id, ==, "LOST");
  /* At once, not with the next round of questions. */
  g_assert_cmpint (g_get_monotonic_time () - began, <, 2 * G_USEC_PER_SEC);
  /* An answer that is none: it is asked once more, over the same connection. */
  refuse (&scene, question, "OVERLOADED");
  again = fake_gateway_expect (scene.gateway, TGP_POS_GET_TRANSACTION_STATUS);
  refuse (&scene, again, "TRANSACTION_NOT_FOUND");
  wait_until (pos_entry_get_kind (entry) == POS_KIND_REFUSED);
  g_assert_true (pos_entry_get_facts (entry)->retry_safe);
  g_assert_cmpint (pos_till_get_view (scene.till), ==, POS_VIEW_RECOVERED);
  g_assert_true (pos_till_see_recovered (scene.till, NULL));
  g_assert_cmpuint (pos_till_count_attention (scene.till), ==, 0);
  g_assert_cmpint (pos_till_get_block (scene.till, "TERM-001", 100), ==, POS_BLOCK_NONE);
  /* And is so the next day of this book, too. */
  scene_stop (&scene);
  scene_connect (&scene);
  g_assert_cmpint (pos_entry_get_kind (pos_till_find (scene.till, "LOST")), ==, POS_KIND_REFUSED);
  scene_end (&scene);
}

/* The gateway knows it, though the library's journal is gone: what it says counts. */
static void
test_known_to_the_gateway (void)
{
  Scene scene;
  PosFacts facts = facts_of (TGW_PAYMENT_STATE_STARTING, TGW_OUTCOME_NONE, TGW_MONEY_MOVED_UNKNOWN);
  g_autoptr (TgpPosMessage) question = NULL;
  PosEntry *entry;

  scene_prepare (&scene);
  write_book (&scene, "PAID", POS_MARK_SENT, &facts);
  scene_connect (&scene);
  entry = pos_till_find (scene.till, "PAID");
  question = fake_gateway_expect (scene.gateway, TGP_POS_GET_TRANSACTION_STATUS);
  tell_status (&scene, question, "COMPLETED", PAID, "");
  wait_until (pos_entry_get_kind (entry) == POS_KIND_APPROVED);
  g_assert_true (pos_entry_get_unseen (entry));
  g_assert_cmpint (pos_till_get_view (scene.till), ==, POS_VIEW_RECOVERED);
  scene_end (&scene);
}

/* It had been accepted once: a gateway that does not know it is no proof that nobody was charged. */
static void
test_accepted_and_not_known (void)
{
  Scene scene;
  PosFacts facts = facts_of (TGW_PAYMENT_STATE_PENDING, TGW_OUTCOME_NONE, TGW_MONEY_MOVED_UNKNOWN);
  g_autoptr (TgpPosMessage) question = NULL;
  PosEntry *entry;

  scene_prepare (&scene);
  write_book (&scene, "SENT", POS_MARK_STATE, &facts);
  scene_connect (&scene);
  entry = pos_till_find (scene.till, "SENT");
  question = fake_gateway_expect (scene.gateway, TGP_POS_GET_TRANSACTION_STATUS);
  refuse (&scene, question, "TRANSACTION_NOT_FOUND");
  wait_until (pos_entry_get_facts (entry)->outcome == TGW_OUTCOME_UNKNOWN);
  g_assert_cmpint (pos_entry_get_kind (entry), ==, POS_KIND_UNKNOWN);
  g_assert_false (pos_entry_get_facts (entry)->retry_safe);
  g_assert_cmpint (pos_till_get_block (scene.till, "TERM-001", 100), ==, POS_BLOCK_UNRESOLVED);
  scene_end (&scene);
}

static void
test_news_during_the_check (void)
{
  Scene scene;
  g_autofree char *id = NULL;
  g_autoptr (GError) error = NULL;
  PosEntry *entry;
  guint looked_at;

  scene_begin (&scene);
  id = scene_charge (&scene);
  scene_complete (&scene, id, "FAILED", NOBODY);
  entry = pos_till_find (scene.till, id);
  wait_until (pos_entry_get_kind (entry) == POS_KIND_UNKNOWN);
  looked_at = pos_entry_get_revision (entry);
  fake_gateway_send (
    scene.gateway,
    "{'action':'paymentVoidFailed','messageId':'v1','transactionId':'%s','terminalId':"
    "'TERM-001','reason':'late','voidStatus':'FAILED','timestamp':'2024-01-15T10:30:00.000Z',"
    "'verdict':{'moneyMoved':'YES','retrySafe':false,'nextAction':'CALL_STAFF','message':"
    "'Call.'}}",
    id);
  wait_until (pos_entry_get_kind (entry) == POS_KIND_VOID_FAILED);
  g_assert_false (
    pos_till_close_by_hand (scene.till, entry, looked_at, POS_FINDING_NOT_CHARGED, "Ada", "looked", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_assert_cmpint (pos_entry_get_kind (entry), ==, POS_KIND_VOID_FAILED);
  g_assert_false (tgw_payment_get_acknowledged (pos_entry_get_payment (entry)));
  /* Who has seen it may close it. */
  g_clear_error (&error);
  g_assert_true (pos_till_close_by_hand (scene.till, entry, pos_entry_get_revision (entry),
                                         POS_FINDING_CHARGED, "Ada", "paid back", &error));
  g_assert_true (tgw_payment_get_acknowledged (pos_entry_get_payment (entry)));
  scene_end (&scene);
}

static void
test_cancel_that_was_not_sent (void)
{
  Scene scene;
  g_autofree char *id = NULL;
  g_autoptr (TgpPosMessage) question = NULL, wish = NULL, again = NULL;
  PosFacts facts = { 0 };
  PosEntry *entry;

  scene_begin (&scene);
  id = scene_charge (&scene);
  /* The power goes after the wish was booked. */
  scene_stop (&scene);
  facts = facts_of (TGW_PAYMENT_STATE_PENDING, TGW_OUTCOME_NONE, TGW_MONEY_MOVED_UNKNOWN);
  facts.cancelling = TRUE;
  write_book (&scene, id, POS_MARK_CANCEL, &facts);
  scene_connect (&scene);
  entry = pos_till_find (scene.till, id);
  g_assert_cmpint (pos_entry_get_kind (entry), ==, POS_KIND_WAITING);
  g_assert_true (pos_till_get_shown (scene.till) == entry);
  question = fake_gateway_expect (scene.gateway, TGP_POS_GET_TRANSACTION_STATUS);
  tell_status (&scene, question, "PENDING",
               "{'moneyMoved':'UNKNOWN','retrySafe':false,'nextAction':'WAIT','message':'m'}", "");
  pos_till_cancel (scene.till);
  g_assert_cmpint (pos_entry_get_kind (entry), ==, POS_KIND_CANCELLING);
  wish = fake_gateway_expect (scene.gateway, TGP_POS_CANCEL_PAYMENT);
  refuse (&scene, wish, "INTERNAL_ERROR");
  /* Nobody cancels, so nothing says so, and it can be asked for again. */
  wait_until (pos_entry_get_kind (entry) == POS_KIND_WAITING);
  pos_till_cancel (scene.till);
  again = fake_gateway_expect (scene.gateway, TGP_POS_CANCEL_PAYMENT);
  g_assert_cmpstr (again->transaction_id, ==, id);
  g_assert_cmpint (pos_entry_get_kind (entry), ==, POS_KIND_CANCELLING);
  scene_end (&scene);
}

/* Displaced, the call that paid has ended; the payment has not. */
static void
test_cancel_after_displaced (void)
{
  Scene scene;
  g_autofree char *id = NULL;
  g_autoptr (TgpPosMessage) question = NULL, wish = NULL;
  PosEntry *entry;

  scene_begin (&scene);
  id = scene_charge (&scene);
  entry = pos_till_find (scene.till, id);
  fake_gateway_send (scene.gateway,
                     "{'action':'paymentProgress','transactionId':'%s','terminalId':'TERM-001','stage':"
                     "'AUTHORIZING','message':'One moment','timestamp':'2024-01-15T10:30:00.000Z'}",
                     id);
  wait_until (pos_entry_get_facts (entry)->message != NULL);
  g_assert_cmpstr (pos_entry_get_facts (entry)->message, ==, "One moment");
  fake_gateway_send (scene.gateway, "{'action':'forceDisconnect','reason':'api_key_used_elsewhere','message':"
                                    "'Somebody else','reconnectAllowed':true}");
  wait_until (pos_till_get_view (scene.till) == POS_VIEW_DISPLACED);
  pos_till_take_back (scene.till);
  wait_until (pos_till_get_online (scene.till));
  question = fake_gateway_expect (scene.gateway, TGP_POS_GET_TRANSACTION_STATUS);
  tell_status (&scene, question, "PENDING",
               "{'moneyMoved':'UNKNOWN','retrySafe':false,'nextAction':'WAIT','message':'m'}", "");
  wait_until (pos_entry_get_kind (entry) == POS_KIND_WAITING);
  /* The words of the gateway about the till are not the terminal's. */
  g_assert_cmpstr (pos_entry_get_facts (entry)->message, ==, NULL);
  while (g_queue_get_length (&scene.gateway->received) > 0)
    g_free (g_queue_pop_head (&scene.gateway->received));
  pos_till_cancel (scene.till);
  wish = fake_gateway_expect (scene.gateway, TGP_POS_CANCEL_PAYMENT);
  g_assert_cmpstr (wish->transaction_id, ==, id);
  scene_end (&scene);
}

static void
test_turned_away (void)
{
  Scene scene;

  scene_begin (&scene);
  fake_gateway_send (scene.gateway, "{'action':'forceDisconnect','reason':'api_key_used_elsewhere','message':"
                                    "'Somebody else','reconnectAllowed':true}");
  wait_until (pos_till_get_view (scene.till) == POS_VIEW_DISPLACED && pos_till_get_may_return (scene.till));
  /* Its key is revoked meanwhile. */
  scene.gateway->refuse_status = 401;
  scene.gateway->refuse_body =
    g_strdup ("{\"error\":\"Unauthorized\",\"code\":\"UNAUTHORIZED\",\"message\":\"no\"}");
  pos_till_take_back (scene.till);
  wait_until (!pos_till_get_may_return (scene.till));
  /* Not “offline, trying again”: it does not try. */
  g_assert_cmpint (pos_till_get_view (scene.till), ==, POS_VIEW_DISPLACED);
  scene_end (&scene);
}

static PosEntry *
approved_before (Scene *scene)
{
  PosFacts facts = facts_of (TGW_PAYMENT_STATE_COMPLETED, TGW_OUTCOME_APPROVED, TGW_MONEY_MOVED_YES);

  scene_prepare (scene);
  write_book (scene, "OLD", POS_MARK_SEEN, &facts);
  scene_connect (scene);
  return pos_till_find (scene->till, "OLD");
}

static void
test_void_of_an_earlier_run (void)
{
  Scene scene;
  g_autoptr (TgpPosMessage) wish = NULL, question = NULL;
  PosEntry *entry = approved_before (&scene);

  g_assert_true (pos_till_can_void (entry));
  pos_till_void (scene.till, entry);
  g_assert_true (pos_till_get_shown (scene.till) == entry);
  g_assert_cmpint (pos_entry_get_kind (entry), ==, POS_KIND_REVERSING);
  wish = fake_gateway_expect (scene.gateway, TGP_POS_VOID_PAYMENT);
  g_assert_cmpstr (wish->transaction_id, ==, "OLD");
  fake_gateway_send (
    scene.gateway,
    "{'action':'voidAccepted','requestId':'%s','transactionId':'OLD','terminalId':'TERM-001',"
    "'voidStatus':'REQUESTED'}",
    wish->request_id);
  question = fake_gateway_expect (scene.gateway, TGP_POS_GET_TRANSACTION_STATUS);
  tell_status (&scene, question, "VOIDED",
               "{'moneyMoved':'NO','retrySafe':true,'nextAction':'NONE','message':'m'}",
               ",'voidStatus':'CONFIRMED'");
  wait_until (pos_entry_get_kind (entry) == POS_KIND_REVERSED);
  scene_end (&scene);
}

static void
test_void_that_is_refused (void)
{
  Scene scene;
  g_autoptr (TgpPosMessage) wish = NULL, question = NULL, again = NULL;
  PosEntry *entry = approved_before (&scene);
  g_autofree char *body = NULL;

  pos_till_void (scene.till, entry);
  wish = fake_gateway_expect (scene.gateway, TGP_POS_VOID_PAYMENT);
  refuse (&scene, wish, "VOID_NOT_SUPPORTED");
  wait_until (pos_entry_get_kind (entry) == POS_KIND_VOID_FAILED);
  g_assert_cmpstr (pos_words_title (pos_entry_get_facts (entry)), ==, "The charge was not reversed");
  body = pos_words_body (pos_entry_get_facts (entry));
  g_assert_nonnull (strstr (body, "This terminal cannot give money back by itself."));
  question = fake_gateway_expect (scene.gateway, TGP_POS_GET_TRANSACTION_STATUS);
  tell_status (&scene, question, "COMPLETED", PAID, "");
  for (guint i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpint (pos_entry_get_kind (entry), ==, POS_KIND_VOID_FAILED);
  /* It is in the book, and can be asked for once more. */
  scene_stop (&scene);
  scene_connect (&scene);
  entry = pos_till_find (scene.till, "OLD");
  g_assert_cmpint (pos_entry_get_kind (entry), ==, POS_KIND_VOID_FAILED);
  pos_till_void (scene.till, entry);
  g_assert_cmpint (pos_entry_get_kind (entry), ==, POS_KIND_REVERSING);
  again = fake_gateway_expect (scene.gateway, TGP_POS_VOID_PAYMENT);
  scene_end (&scene);
}

/* Nobody knows whether the wish arrived: it is said again, by the next run too. */
static void
test_void_without_an_answer (void)
{
  Scene scene;
  g_autoptr (TgpPosMessage) wish = NULL, again = NULL, once_more = NULL;
  PosEntry *entry = approved_before (&scene);

  pos_till_void (scene.till, entry);
  wish = fake_gateway_expect (scene.gateway, TGP_POS_VOID_PAYMENT);
  fake_gateway_cut (scene.gateway);
  wait_until (!pos_till_get_online (scene.till));
  g_assert_cmpint (pos_entry_get_kind (entry), ==, POS_KIND_REVERSING);
  wait_until (pos_till_get_online (scene.till));
  again = fake_gateway_expect (scene.gateway, TGP_POS_VOID_PAYMENT);
  scene_stop (&scene);
  scene_connect (&scene);
  once_more = fake_gateway_expect (scene.gateway, TGP_POS_VOID_PAYMENT);
  g_assert_cmpstr (once_more->transaction_id, ==, "OLD");
  scene_end (&scene);
}

static void
test_full_disk (void)
{
  Scene scene;
  g_autofree char *id = NULL;
  g_autoptr (GError) error = NULL;
  guint n_attention = 0;
  PosEntry *entry;

  scene_begin (&scene);
  id = scene_charge (&scene);
  scene_complete (&scene, id, "SUCCESS", PAID);
  entry = pos_till_find (scene.till, id);
  wait_until (pos_entry_get_kind (entry) == POS_KIND_APPROVED);
  g_assert_true (pos_till_see (scene.till, &error));
  g_signal_connect (scene.till, "notify::n-attention", G_CALLBACK (scene_count), &n_attention);
  limit_files (0);
  /* What cannot be booked is not charged, and nothing is left of it. */
  g_assert_false (pos_till_charge (scene.till, "TERM-001", scene.sale, &error));
  g_assert_nonnull (strstr (error->message, ".book"));
  g_assert_cmpuint (pos_till_count_attention (scene.till), ==, 0);
  g_assert_cmpuint (g_list_model_get_n_items (pos_till_get_journal (scene.till)), ==, 1);
  g_assert_cmpuint (n_attention, ==, 2); /* up, and down again */
  /* The paper came out all the same: the next one is a copy. */
  pos_till_printed (scene.till, entry);
  g_assert_cmpuint (pos_entry_get_printed (entry), ==, 1);
  limit_files (RLIM_INFINITY);
  g_assert_cmpint (pos_till_get_block (scene.till, "TERM-001", 100), ==, POS_BLOCK_NONE);
  scene_end (&scene);
}

int
main (int argc, char **argv)
{
  int status;

  scene_init (&argc, &argv);
  g_test_add_func ("/pos/book/zeros", test_zeros);
  g_test_add_func ("/pos/book/half-line", test_half_line);
  g_test_add_func ("/pos/till/never-sent", test_never_sent);
  g_test_add_func ("/pos/till/known-to-the-gateway", test_known_to_the_gateway);
  g_test_add_func ("/pos/till/accepted-and-not-known", test_accepted_and_not_known);
  g_test_add_func ("/pos/till/news-during-the-check", test_news_during_the_check);
  g_test_add_func ("/pos/till/cancel-that-was-not-sent", test_cancel_that_was_not_sent);
  g_test_add_func ("/pos/till/cancel-after-displaced", test_cancel_after_displaced);
  g_test_add_func ("/pos/till/turned-away", test_turned_away);
  g_test_add_func ("/pos/till/void-of-an-earlier-run", test_void_of_an_earlier_run);
  g_test_add_func ("/pos/till/void-that-is-refused", test_void_that_is_refused);
  g_test_add_func ("/pos/till/void-without-an-answer", test_void_without_an_answer);
  g_test_add_func ("/pos/till/full-disk", test_full_disk);
  status = g_test_run ();
  scene_tidy ();
  return status;
}
