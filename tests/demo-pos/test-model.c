/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sale, book and till without a display, the till against a gateway that is played by hand. */
#include <glib/gstdio.h>

#include "demo-pos/model/pos-articles.h"
#include "tests/demo-pos/scene.h"

/* 50 characters. */
#define SO_LONG "12345678901234567890123456789012345678901234567890"

static void
test_sale (void)
{
  PosSale *sale = pos_sale_new ("EUR");
  guint n = 0;
  g_autofree char *articles = NULL;
  g_autoptr (PosLine) line = NULL;

  g_signal_connect (sale, "notify::total", G_CALLBACK (scene_count), &n);
  g_assert_true (pos_sale_type (sale, "1"));
  g_assert_true (pos_sale_type (sale, "00"));
  g_assert_cmpint (pos_sale_get_total (sale), ==, 100);
  g_assert_cmpuint (n, ==, 2);
  pos_sale_backspace (sale);
  g_assert_cmpint (pos_sale_get_total (sale), ==, 10);
  g_assert_true (pos_sale_add (sale, "Tea", 250));
  g_assert_true (pos_sale_add (sale, "Tea", 250));
  g_assert_cmpuint (g_list_model_get_n_items (pos_sale_get_lines (sale)), ==, 1);
  g_assert_cmpint (pos_sale_get_total (sale), ==, 510);
  articles = pos_sale_dup_articles (sale);
  g_assert_cmpstr (articles, ==, "2\tTea\t250\n");
  line = g_list_model_get_item (pos_sale_get_lines (sale), 0);
  pos_sale_remove (sale, line);
  g_assert_cmpint (pos_sale_get_total (sale), ==, 260);
  g_assert_false (pos_sale_add (sale, "House", G_GINT64_CONSTANT (99999999)));
  pos_sale_clear (sale);
  n = 0;
  pos_sale_clear (sale);
  pos_sale_backspace (sale);
  pos_sale_set_currency (sale, "EUR");
  g_assert_cmpuint (n, ==, 0); /* nothing changed */
  for (guint i = 0; i < 8; i++)
    g_assert_true (pos_sale_type (sale, "9"));
  g_assert_false (pos_sale_type (sale, "9"));
  g_clear_object (&line);
  g_assert_finalize_object (sale);
}

static void
on_article (const char *name, gint64 price, gpointer data)
{
  g_string_append_printf (data, "%s:%" G_GINT64_FORMAT " ", name, price);
}

static char *
articles_of (const char *setting, const char *currency)
{
  g_autoptr (GVariant) list = g_variant_parse (G_VARIANT_TYPE ("a(ssx)"), setting, NULL, NULL, NULL);
  GString *text = g_string_new (NULL);

  pos_articles_foreach (list, currency, on_article, text);
  return g_string_free (text, FALSE);
}

static void
test_articles (void)
{
  static const char own[] = "[('Espresso', 'EUR', 250), ('Té', 'JPY', 400), ('Pão', 'EUR', 99999999)]";
  static const struct
  {
    const char *article, *warning;
  } bad[] = {
    { "('', 'EUR', 250)", "*entry 1*no name*" },
    { "('  ', 'EUR', 250)", "*entry 1*no name*" },
    { "('Green\\tTea', 'EUR', 250)", "*entry 1*a tab or a line end*" },
    { "('Green\\nTea', 'EUR', 250)", "*entry 1*a tab or a line end*" },
    { "('Tea', 'EUR', 0)", "*entry 1, “Tea” at 0 EUR*from 1 to 99999999*" },
    { "('Tea', 'EUR', -250)", "*entry 1*from 1 to 99999999*" },
    { "('Tea', 'EUR', 100000000)", "*entry 1*from 1 to 99999999*" },
    { "('Tea', 'EUR', 9223372036854775807)", "*entry 1*from 1 to 99999999*" },
    { "('Tea', 'Euro', 250)", "*entry 1*EUR would be one*" },
    { "('Tea', '', 250)", "*entry 1*EUR would be one*" },
    { "('" SO_LONG SO_LONG "a', 'EUR', 1)", "*entry 1*longer than 100*" },
  };
  g_autofree char *examples = articles_of ("[]", "EUR"), *dinar = articles_of ("[]", "KWD"),
                  *euro = articles_of (own, "EUR"), *yen = articles_of (own, "JPY"),
                  *none = articles_of (own, "USD");

  g_assert_true (g_str_has_prefix (examples, "Coffee:300 Tea:250 "));
  g_assert_true (g_str_has_prefix (dinar, "Coffee:3000 "));
  g_assert_cmpstr (euro, ==, "Espresso:250 Pão:99999999 ");
  g_assert_cmpstr (yen, ==, "Té:400 ");
  g_assert_cmpstr (none, ==, "");
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *setting = g_strdup_printf ("[%s, ('Soup', 'EUR', 550)]", bad[i].article), *left = NULL;

      g_test_expect_message ("demo-pos", G_LOG_LEVEL_WARNING, bad[i].warning);
      left = articles_of (setting, "EUR");
      g_test_assert_expected_messages ();
      g_assert_cmpstr (left, ==, "Soup:550 ");
    }
}

static void
on_line (const char *id, PosMark mark, gint64 at, PosFacts *facts, gpointer data)
{
  g_string_append_printf (data, "%s:%d:%s ", id, mark, facts->terminal_id);
}

static void
test_book (void)
{
  g_autofree char *dir = g_build_filename (scene_folder, "book", NULL), *path = NULL, *day = NULL,
                  *kept = NULL;
  g_autoptr (PosBook) book = pos_book_open (dir, NULL);
  g_autoptr (GString) seen = g_string_new (NULL);
  g_autoptr (GDateTime) time = NULL;
  PosFacts facts = { .terminal_id = (char *) "T", .currency = (char *) "EUR" };
  gint64 at = g_get_real_time () / 1000;
  g_autoptr (GError) error = NULL;
  FILE *file;

  g_assert_true (pos_book_write (book, "A", POS_MARK_SENT, at, &facts, &error));
  g_assert_no_error (error);
  g_clear_pointer (&book, pos_book_close);
  time = g_date_time_new_from_unix_local (at / 1000);
  day = g_date_time_format (time, "%Y-%m-%d.book");
  path = g_build_filename (dir, day, NULL);
  /* The till was killed while it wrote. */
  file = fopen (path, "a");
  fputs ("123\tB\tstate\tterm", file);
  fclose (file);
  book = pos_book_open (dir, NULL);
  g_assert_true (pos_book_read (book, at, on_line, seen, &error));
  g_assert_cmpstr (seen->str, ==, "A:0:T ");
  g_assert_true (pos_book_write (book, "C", POS_MARK_SEEN, at, &facts, &error));
  g_string_truncate (seen, 0);
  g_test_expect_message ("demo-pos", G_LOG_LEVEL_MESSAGE, "*1 lines cannot be read*");
  g_assert_true (pos_book_read (book, at, on_line, seen, &error));
  g_test_assert_expected_messages ();
  g_assert_cmpstr (seen->str, ==, "A:0:T C:4:T ");
}

/* --- the till --- */

static void
test_approved (void)
{
  Scene scene;
  g_autofree char *id = NULL;
  g_autoptr (GError) error = NULL;
  PosEntry *entry;

  scene_begin (&scene);
  g_assert_cmpint (pos_till_get_block (scene.till, "TERM-001", 0), ==, POS_BLOCK_NO_AMOUNT);
  g_assert_cmpint (pos_till_get_block (scene.till, "TERM-009", 100), ==, POS_BLOCK_NO_TERMINAL);
  id = scene_charge (&scene);
  g_assert_cmpint (pos_till_get_block (scene.till, "TERM-001", 100), ==, POS_BLOCK_UNRESOLVED);
  scene_complete (&scene, id, "SUCCESS", PAID);
  entry = pos_till_find (scene.till, id);
  wait_until (pos_entry_get_kind (entry) == POS_KIND_APPROVED);
  g_assert_true (pos_entry_get_unseen (entry));
  g_assert_false (tgw_payment_get_acknowledged (pos_entry_get_payment (entry)));
  scene.n_views = scene.n_shown = 0;
  g_assert_true (pos_till_see (scene.till, &error));
  g_assert_true (tgw_payment_get_acknowledged (pos_entry_get_payment (entry)));
  g_assert_cmpint (pos_till_get_view (scene.till), ==, POS_VIEW_MAIN);
  g_assert_cmpuint (scene.n_views, ==, 1);
  g_assert_cmpuint (scene.n_shown, ==, 1);
  g_assert_cmpuint (pos_till_count_attention (scene.till), ==, 0);
  g_assert_cmpint (pos_till_get_block (scene.till, "TERM-001", 100), ==, POS_BLOCK_NONE);
  scene_end (&scene);
}

static void
test_unknown_by_hand (void)
{
  Scene scene;
  g_autofree char *id = NULL;
  g_autoptr (GError) error = NULL;
  PosEntry *entry;

  scene_begin (&scene);
  id = scene_charge (&scene);
  scene_complete (&scene, id, "FAILED", NOBODY);
  entry = pos_till_find (scene.till, id);
  wait_until (pos_entry_get_kind (entry) == POS_KIND_UNKNOWN);
  pos_till_put_aside (scene.till);
  g_assert_cmpint (pos_till_get_view (scene.till), ==, POS_VIEW_MAIN);
  g_assert_cmpuint (pos_till_count_attention (scene.till), ==, 1);
  g_assert_true (pos_till_find_unresolved (scene.till, "TERM-001") == entry);
  g_assert_true (pos_till_close_by_hand (scene.till, entry, pos_entry_get_revision (entry),
                                         POS_FINDING_UNCLEAR, "Ada", "nobody knows", &error));
  g_assert_cmpint (pos_entry_get_kind (entry), ==, POS_KIND_BY_HAND);
  g_assert_cmpuint (pos_till_count_attention (scene.till), ==, 0);
  /* It is in the book when the till comes again. */
  pos_till_stop (scene.till);
  g_assert_finalize_object (scene.till);
  scene_connect (&scene);
  entry = pos_till_find (scene.till, id);
  g_assert_nonnull (entry);
  g_assert_cmpint (pos_entry_get_kind (entry), ==, POS_KIND_BY_HAND);
  g_assert_nonnull (strstr (pos_entry_get_facts (entry)->by_hand, "Ada"));
  /* News that are newer than the manager's word take its place. */
  fake_gateway_send (scene.gateway,
                     "{\"action\":\"paymentVoided\",\"messageId\":\"v1\",\"transactionId\":\"%s\","
                     "\"terminalId\":\"TERM-001\",\"reason\":"
                     "\"late\",\"voidStatus\":\"REQUESTED\",\"timestamp\":\"2024-01-15T10:30:00.000Z\","
                     "\"verdict\":{\"moneyMoved\":"
                     "\"UNKNOWN\",\"retrySafe\":true,\"nextAction\":\"WAIT\",\"message\":\"Wait.\"}}",
                     id);
  wait_until (pos_entry_get_kind (entry) == POS_KIND_REVERSING);
  g_assert_cmpint (pos_till_get_view (scene.till), ==, POS_VIEW_PAYMENT);
  scene_end (&scene);
}

static void
send_busy (Scene *scene, gboolean busy)
{
  fake_gateway_send (scene->gateway,
                     "{\"action\":\"terminalStatusUpdate\",\"terminalId\":\"TERM-001\",\"deviceId\":"
                     "\"TERM-001\",\"status\":\"connected\",\"busy\":%s,\"timestamp\":"
                     "\"2024-01-15T10:30:00.000Z\"}",
                     busy ? "true" : "false");
}

static void
send_declined (Scene *scene, TgpPosMessage *ask, const char *verdict)
{
  fake_gateway_send (
    scene->gateway,
    "{\"action\":\"transactionStatus\",\"requestId\":\"%s\",\"transactionId\":\"%s\",\"status\":\"FAILED\","
    "\"amount\":\"12.00\",\"currency\":\"EUR\",\"terminalId\":\"TERM-001\",\"errorCode\":\"DECLINED\","
    "\"createdAt\":\"2024-01-15T10:30:00.000Z\",\"updatedAt\":\"2024-01-15T10:30:00.000Z\",\"settled\":true,"
    "\"verdict\":%s,\"timestamp\":\"2024-01-15T10:30:00.000Z\"}",
    ask->request_id, ask->transaction_id, verdict);
}

/* Among what came in while the till was away: seen there, and not a second time on a page of its own. */
static void
test_settled_among_recovered (void)
{
  Scene scene;
  g_autofree char *id = NULL;
  g_autoptr (TgpPosMessage) ask = NULL, again = NULL;
  PosEntry *entry;

  scene_begin (&scene);
  id = scene_charge (&scene);
  scene_stop (&scene);
  scene_connect (&scene);
  entry = pos_till_find (scene.till, id);
  ask = fake_gateway_expect (scene.gateway, TGP_POS_GET_TRANSACTION_STATUS);
  send_declined (&scene, ask, NOBODY);
  wait_until (pos_entry_get_kind (entry) == POS_KIND_UNKNOWN);
  wait_until (pos_till_get_view (scene.till) == POS_VIEW_RECOVERED);
  send_busy (&scene, TRUE);
  send_busy (&scene, FALSE);
  again = fake_gateway_expect (scene.gateway, TGP_POS_GET_TRANSACTION_STATUS);
  send_declined (&scene, again, NOTHING);
  wait_until (pos_entry_get_kind (entry) == POS_KIND_DECLINED);
  g_assert_cmpint (pos_till_get_view (scene.till), ==, POS_VIEW_RECOVERED);
  g_assert_true (pos_till_see_recovered (scene.till, NULL));
  g_assert_cmpint (pos_till_get_view (scene.till), ==, POS_VIEW_MAIN);
  g_assert_false (pos_entry_get_unseen (entry));
  scene_end (&scene);
}

/* A question about another payment was open on the screen when an outcome came: that comes back behind it. */
static void
test_unseen_is_not_covered (void)
{
  Scene scene;
  g_autofree char *first = NULL, *second = NULL;
  g_autoptr (TgpPosMessage) ack = NULL;
  PosEntry *paid, *news;

  scene_begin (&scene);
  first = scene_charge (&scene);
  scene_complete (&scene, first, "SUCCESS", PAID);
  paid = pos_till_find (scene.till, first);
  wait_until (pos_entry_get_kind (paid) == POS_KIND_APPROVED);
  g_assert_true (pos_till_see (scene.till, NULL));
  ack = fake_gateway_expect (scene.gateway, TGP_POS_ACK);
  second = scene_charge (&scene);
  pos_till_void (scene.till, paid);
  g_assert_true (pos_till_get_shown (scene.till) == pos_till_find (scene.till, second)); /* it goes on */
  scene_complete (&scene, second, "SUCCESS", PAID);
  news = pos_till_find (scene.till, second);
  wait_until (pos_entry_get_kind (news) == POS_KIND_APPROVED);
  pos_till_show (scene.till, paid);
  g_assert_true (pos_till_get_shown (scene.till) == paid);
  pos_till_put_aside (scene.till);
  g_assert_true (pos_till_get_shown (scene.till) == news);
  scene_end (&scene);
}

/* A doubt that was put aside comes back by itself once somebody knows: the till does not ask, it is told. */
static void
test_unknown_settled (void)
{
  Scene scene;
  g_autofree char *id = NULL;
  g_autoptr (TgpPosMessage) ask = NULL, ack = NULL;
  g_autoptr (GError) error = NULL;
  PosEntry *entry;

  scene_begin (&scene);
  id = scene_charge (&scene);
  scene_complete (&scene, id, "FAILED", NOBODY);
  entry = pos_till_find (scene.till, id);
  wait_until (pos_entry_get_kind (entry) == POS_KIND_UNKNOWN);
  g_assert_true (pos_till_see (scene.till, &error));
  g_assert_cmpint (pos_till_get_view (scene.till), ==, POS_VIEW_MAIN);
  g_assert_true (pos_till_close_by_hand (scene.till, entry, pos_entry_get_revision (entry),
                                         POS_FINDING_CHARGED, "Ada", "a receipt", &error));
  ack = fake_gateway_expect (scene.gateway, TGP_POS_ACK);
  send_busy (&scene, TRUE);
  send_busy (&scene, FALSE);
  ask = fake_gateway_expect (scene.gateway, TGP_POS_GET_TRANSACTION_STATUS);
  send_declined (&scene, ask, NOTHING);
  wait_until (pos_entry_get_kind (entry) == POS_KIND_DECLINED);
  g_assert_cmpint (pos_till_get_view (scene.till), ==, POS_VIEW_PAYMENT);
  g_assert_true (pos_till_get_shown (scene.till) == entry);
  g_assert_true (pos_entry_get_unseen (entry));
  g_assert_true (pos_till_see (scene.till, &error));
  g_assert_true (tgw_payment_get_acknowledged (pos_entry_get_payment (entry)));
  scene_end (&scene);
}

static void
test_cancelling (void)
{
  Scene scene;
  g_autofree char *id = NULL;
  g_autoptr (TgpPosMessage) message = NULL;
  PosEntry *entry;

  scene_begin (&scene);
  id = scene_charge (&scene);
  entry = pos_till_find (scene.till, id);
  pos_till_cancel (scene.till);
  g_assert_cmpint (pos_entry_get_kind (entry), ==, POS_KIND_CANCELLING);
  message = fake_gateway_expect (scene.gateway, TGP_POS_CANCEL_PAYMENT);
  /* Dismissing what is open does nothing. */
  g_assert_true (pos_till_see (scene.till, NULL));
  g_assert_true (pos_till_get_shown (scene.till) == entry);
  scene_complete (&scene, id, "SUCCESS", PAID);
  wait_until (pos_entry_get_kind (entry) == POS_KIND_APPROVED);
  scene_end (&scene);
}

static void
test_displaced (void)
{
  Scene scene;
  g_autofree char *id = NULL;
  PosEntry *entry;

  scene_begin (&scene);
  id = scene_charge (&scene);
  fake_gateway_send (
    scene.gateway, "{\"action\":\"forceDisconnect\",\"reason\":\"api_key_used_elsewhere\",\"message\":\"x\","
                   "\"reconnectAllowed\":true,\"displacedBy\":{\"address\":\"10.0.0.7\"}}");
  wait_until (pos_till_get_view (scene.till) == POS_VIEW_DISPLACED);
  g_assert_true (pos_till_get_may_return (scene.till));
  g_assert_cmpstr (pos_till_get_displaced_by (scene.till), ==, "10.0.0.7");
  entry = pos_till_get_open (scene.till);
  g_assert_cmpstr (pos_entry_get_id (entry), ==, id);
  g_assert_cmpint (pos_till_get_block (scene.till, "TERM-001", 100), ==, POS_BLOCK_OFFLINE);
  pos_till_take_back (scene.till);
  wait_until (pos_till_get_online (scene.till));
  g_assert_cmpint (pos_till_get_view (scene.till), ==, POS_VIEW_PAYMENT);
  scene_complete (&scene, id, "FAILED", NOTHING);
  wait_until (pos_entry_get_kind (entry) == POS_KIND_DECLINED);
  scene_end (&scene);
}

int
main (int argc, char **argv)
{
  int status;

  scene_init (&argc, &argv);
  g_test_add_func ("/pos/sale", test_sale);
  g_test_add_func ("/pos/articles", test_articles);
  g_test_add_func ("/pos/book", test_book);
  g_test_add_func ("/pos/till/approved", test_approved);
  g_test_add_func ("/pos/till/unknown-by-hand", test_unknown_by_hand);
  g_test_add_func ("/pos/till/unknown-settled", test_unknown_settled);
  g_test_add_func ("/pos/till/settled-among-recovered", test_settled_among_recovered);
  g_test_add_func ("/pos/till/unseen-is-not-covered", test_unseen_is_not_covered);
  g_test_add_func ("/pos/till/cancelling", test_cancelling);
  g_test_add_func ("/pos/till/displaced", test_displaced);
  status = g_test_run ();
  scene_tidy ();
  return status;
}
