/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Widgets on a screen: what they do, how fast, and that nothing of them is left. Every warning is fatal. */
#include <adwaita.h>
#include <glib/gstdio.h>
#include <locale.h>

#include "demo-pos/model/pos-till.h"
#include "demo-pos/ui/pos-check-page.h"
#include "demo-pos/ui/pos-journal-page.h"
#include "demo-pos/ui/pos-keypad.h"
#include "demo-pos/ui/pos-outcome-page.h"
#include "demo-pos/ui/pos-print.h"
#include "demo-pos/ui/pos-receipt-view.h"
#include "demo-pos/ui/pos-sale-page.h"
#include "demo-pos/ui/pos-setup-page.h"
#include "demo-pos/ui/pos-window.h"

/* What a hand does not feel; the sanitizers make everything several times slower. */
#ifdef __SANITIZE_ADDRESS__
#define MANY     5000
#define FRAME_MS 300.0
#define START_MS 5000.0
#else
#define MANY     100000
#define FRAME_MS 50.0
#define START_MS 1000.0
#endif

static char *folder;
static GSettings *settings;

/* --- a till with a book but without a gateway --- */

static PosTill *
till_new (const char *name, guint n)
{
  g_autofree char *book_folder = g_build_filename (folder, name, NULL),
                  *journal = g_strconcat (book_folder, ".db", NULL);
  g_autoptr (PosBook) book = pos_book_open (book_folder, NULL);
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *day = g_date_time_format (now, "%Y-%m-%d.book"),
                  *path = g_build_filename (book_folder, day, NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (TgwClient) client = NULL;
  PosTill *till = pos_till_new ();

  for (guint i = 0; i < n; i++)
    {
      PosFacts facts = { .terminal_id = (char *) "TERM-001",
                         .currency = (char *) "EUR",
                         .amount = 100 + i,
                         .requested = 100 + i,
                         .state = i % 7 == 0 ? TGW_PAYMENT_STATE_FAILED : TGW_PAYMENT_STATE_COMPLETED,
                         .outcome = i % 7 == 0 ? TGW_OUTCOME_DECLINED : TGW_OUTCOME_APPROVED,
                         .money_moved = i % 7 == 0 ? TGW_MONEY_MOVED_NO : TGW_MONEY_MOVED_YES,
                         .retry_safe = i % 7 == 0 };
      g_autofree char *line = pos_facts_to_text (&facts);

      g_string_append_printf (text, "%" G_GINT64_FORMAT "\tPAYMENT-%u\tstate\t%s\n",
                              g_get_real_time () / 1000, i, line);
    }
  g_assert_true (g_file_set_contents (path, text->str, -1, NULL));
  client = g_initable_new (TGW_TYPE_CLIENT, NULL, &error, "gateway-url", "http://127.0.0.1:1", "api-key", "k",
                           "api-secret", "s", "journal-path", journal, NULL);
  g_assert_no_error (error);
  g_assert_true (pos_till_start (till, client, book_folder, &error));
  return till;
}

static void
settle (void)
{
  for (guint i = 0; i < 200 && g_main_context_iteration (NULL, FALSE); i++)
    ;
}

static void
till_end (PosTill *till)
{
  pos_till_stop (till);
  settle ();
  g_assert_finalize_object (till);
}

/* --- frames --- */

static void
on_after_paint (GdkFrameClock *clock, gboolean *painted)
{
  *painted = TRUE;
}

/* From now until it is on the screen, ms. */
static double
paint (GtkWidget *widget)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (widget);
  gint64 began = g_get_monotonic_time ();
  gboolean painted = FALSE;
  gulong id = g_signal_connect (clock, "after-paint", G_CALLBACK (on_after_paint), &painted);

  gtk_widget_queue_draw (widget);
  while (!painted)
    g_main_context_iteration (NULL, TRUE);
  g_signal_handler_disconnect (clock, id);
  return (double) (g_get_monotonic_time () - began) / 1000;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  return *(const double *) a < *(const double *) b ? -1 : 1;
}

/* A shared machine has slow moments; nine of ten is what a hand feels. */
static double
ninth_tenth (GArray *times)
{
  g_array_sort (times, compare);
  return g_array_index (times, double, times->len * 9 / 10);
}

static GtkWidget *
show (GtkWidget *page)
{
  GtkWidget *window = adw_window_new ();

  adw_window_set_content (ADW_WINDOW (window), page);
  gtk_window_set_default_size (GTK_WINDOW (window), 1200, 800);
  gtk_window_present (GTK_WINDOW (window));
  while (!gtk_widget_get_mapped (page))
    g_main_context_iteration (NULL, TRUE);
  paint (window);
  return window;
}

static void
test_start (void)
{
  gint64 began = g_get_monotonic_time ();
  PosTill *till = till_new ("start", 500);
  GtkWidget *window = GTK_WIDGET (pos_window_new (NULL, till, settings));
  double ms;

  gtk_window_present (GTK_WINDOW (window));
  while (!gtk_widget_get_mapped (window))
    g_main_context_iteration (NULL, TRUE);
  paint (window);
  ms = (double) (g_get_monotonic_time () - began) / 1000;
  g_test_message ("a window with 500 payments after %.0f ms", ms);
  g_assert_cmpfloat (ms, <, START_MS);
  gtk_window_destroy (GTK_WINDOW (window));
  till_end (till);
}

static GtkWidget *
find (GtkWidget *widget, GType type)
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find (child, type);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static void
test_reaction (void)
{
  PosTill *till = till_new ("reaction", 10);
  GtkWidget *page = g_object_new (POS_TYPE_SALE_PAGE, NULL), *window;
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (double));
  PosSale *sale;

  pos_sale_page_set_till (POS_SALE_PAGE (page), till, settings);
  sale = pos_sale_page_get_sale (POS_SALE_PAGE (page));
  window = show (page);
  for (guint i = 0; i < 40; i++)
    {
      double ms;

      g_assert_true (
        pos_sale_page_key (POS_SALE_PAGE (page), i % 8 == 7 ? GDK_KEY_Delete : GDK_KEY_KP_0 + 1 + i % 8));
      ms = paint (window);
      g_array_append_val (times, ms);
    }
  g_test_message ("a key is on the screen after %.1f ms", ninth_tenth (times));
  g_assert_cmpfloat (ninth_tenth (times), <, FRAME_MS);
  /* Digits of other keyboards count too. */
  pos_sale_clear (sale);
  g_assert_true (pos_sale_page_key (POS_SALE_PAGE (page), gdk_unicode_to_keyval (0x0665)));
  g_assert_cmpint (pos_sale_get_total (sale), ==, 5);
  gtk_window_destroy (GTK_WINDOW (window));
  till_end (till);
}

static void
test_long_journal (void)
{
  gint64 began = g_get_monotonic_time ();
  PosTill *till = till_new ("long", MANY);
  double loaded = (double) (g_get_monotonic_time () - began) / 1000;
  GtkWidget *page = g_object_new (POS_TYPE_JOURNAL_PAGE, NULL), *window;
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (double));
  GtkAdjustment *adjustment;

  g_assert_cmpuint (g_list_model_get_n_items (pos_till_get_journal (till)), ==, MANY);
  pos_journal_page_set_till (POS_JOURNAL_PAGE (page), till, settings);
  window = show (page);
  adjustment = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (find (page, GTK_TYPE_LIST_VIEW)));
  for (guint i = 0; i < 60; i++)
    {
      double ms;

      /* A flick, and now and then a jump with the scroll bar. */
      gtk_adjustment_set_value (adjustment, i % 10 == 9 ? gtk_adjustment_get_upper (adjustment) * i / 60
                                                        : gtk_adjustment_get_value (adjustment) + 180);
      ms = paint (window);
      g_array_append_val (times, ms);
    }
  g_test_message ("%d payments: made and read in %.0f ms; a frame of scrolling takes %.1f ms", MANY, loaded,
                  ninth_tenth (times));
  g_assert_cmpfloat (ninth_tenth (times), <, FRAME_MS);
  gtk_window_destroy (GTK_WINDOW (window));
  till_end (till);
}

static void
on_typed (PosKeypad *keypad, const char *key, GString *keys)
{
  g_string_append (keys, key);
}

static void
test_keypad (void)
{
  GtkWidget *keypad = g_object_new (POS_TYPE_KEYPAD, NULL);
  g_autoptr (GString) keys = g_string_new (NULL);
  GtkWidget *grid = adw_bin_get_child (ADW_BIN (keypad)), *window;

  g_object_ref_sink (keypad);
  window = show (keypad);
  g_signal_connect (keypad, "typed", G_CALLBACK (on_typed), keys);
  for (GtkWidget *key = gtk_widget_get_first_child (grid); key != NULL;
       key = gtk_widget_get_next_sibling (key))
    {
      int minimum;

      gtk_widget_measure (key, GTK_ORIENTATION_VERTICAL, -1, &minimum, NULL, NULL, NULL);
      g_assert_cmpint (minimum, >=, 64);
      gtk_widget_activate_action (
        key, "keypad.type", "s",
        gtk_button_get_label (GTK_BUTTON (key)) != NULL ? gtk_button_get_label (GTK_BUTTON (key)) : "back");
    }
  g_assert_cmpstr (keys->str, ==, "789456123000back");
  gtk_widget_set_default_direction (GTK_TEXT_DIR_RTL);
  g_assert_cmpint (gtk_widget_get_direction (grid), ==, GTK_TEXT_DIR_LTR);
  gtk_widget_set_default_direction (GTK_TEXT_DIR_LTR);
  gtk_window_destroy (GTK_WINDOW (window));
  settle ();
  g_assert_finalize_object (keypad);
}

static void
assert_gone (GType type)
{
  GtkWidget *widget = g_object_new (type, NULL);

  g_object_ref_sink (widget);
  g_assert_finalize_object (widget);
}

static void
test_finalize (void)
{
  assert_gone (POS_TYPE_SALE_PAGE);
  assert_gone (POS_TYPE_JOURNAL_PAGE);
  assert_gone (POS_TYPE_OUTCOME_PAGE);
  assert_gone (POS_TYPE_CHECK_PAGE);
  assert_gone (POS_TYPE_SETUP_PAGE);
  assert_gone (POS_TYPE_RECEIPT_VIEW);
}

static void
test_receipt (void)
{
  PosTill *till = till_new ("receipt", 3);
  PosEntry *entry = pos_till_find (till, "PAYMENT-1");
  g_autofree char *path = g_build_filename (folder, "receipt.pdf", NULL), *head = NULL;
  g_autoptr (GError) error = NULL;
  GtkWidget *view = g_object_ref_sink (g_object_new (POS_TYPE_RECEIPT_VIEW, NULL));
  g_autoptr (GPtrArray) first = pos_receipt_new (entry, "Shop", FALSE), again = NULL;

  g_assert_cmpstr (((PosReceiptLine *) first->pdata[0])->left, ==, "Shop");
  g_assert_cmpuint (pos_entry_get_printed (entry), ==, 0);
  g_assert_true (pos_print_export (path, till, entry, "Shop", &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &head, NULL, NULL));
  g_assert_true (g_str_has_prefix (head, "%PDF-"));
  /* The next one is a copy, and says so. */
  g_assert_cmpuint (pos_entry_get_printed (entry), ==, 1);
  again = pos_receipt_new (entry, "Shop", pos_entry_get_printed (entry) > 0);
  g_assert_cmpstr (((PosReceiptLine *) again->pdata[1])->left, ==, "COPY");
  pos_receipt_view_show (POS_RECEIPT_VIEW (view), entry, "Shop");
  g_assert_finalize_object (view);
  till_end (till);
}

static void
activate (GtkWidget *page, const char *action)
{
  gtk_widget_activate_action (page, action, NULL);
}

static GtkWidget *
find_button (GtkWidget *widget, const char *action)
{
  if (GTK_IS_BUTTON (widget) &&
      g_strcmp0 (gtk_actionable_get_action_name (GTK_ACTIONABLE (widget)), action) == 0)
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_button (child, action);

      if (found != NULL)
        return found;
    }
  return NULL;
}

/* Until the button may be pressed, ms. */
static double
wait_for_button (GtkWidget *button)
{
  gint64 began = g_get_monotonic_time ();

  while (!gtk_widget_is_sensitive (button))
    g_main_context_iteration (NULL, TRUE);
  return (double) (g_get_monotonic_time () - began) / 1000;
}

/* A press in the moment in which a page comes up was meant for the one before it. */
static void
test_guard (void)
{
  PosTill *till = till_new ("guard", 8);
  PosEntry *entry = pos_till_find (till, "PAYMENT-7");
  GtkWidget *window = GTK_WIDGET (pos_window_new (NULL, till, settings)), *page, *button;
  g_auto (PosFacts) facts = { 0 };

  gtk_window_present (GTK_WINDOW (window));
  while (!gtk_widget_get_mapped (window))
    g_main_context_iteration (NULL, TRUE);
  /* Enter charges: no button has the focus. */
  g_assert_null (gtk_window_get_focus (GTK_WINDOW (window)));
  page = find (window, POS_TYPE_OUTCOME_PAGE);
  button = find_button (page, "outcome.primary");
  pos_till_show (till, entry);
  g_assert_true (gtk_widget_get_mapped (page));
  g_assert_null (gtk_window_get_focus (GTK_WINDOW (window)));
  activate (page, "outcome.primary");
  activate (page, "outcome.secondary");
  g_assert_true (pos_till_get_shown (till) == entry);
  g_assert_cmpfloat (wait_for_button (button), >=, 450);
  /* What is told meanwhile is another page to whoever is about to press. */
  pos_facts_copy (&facts, pos_entry_get_facts (entry));
  facts.outcome = TGW_OUTCOME_CANCELLED;
  pos_entry_mark (entry, POS_MARK_STATE, g_get_real_time () / 1000, &facts);
  g_assert_cmpstr (gtk_button_get_label (GTK_BUTTON (button)), ==, "Back to the sale");
  activate (page, "outcome.primary");
  g_assert_true (pos_till_get_shown (till) == entry);
  g_assert_cmpfloat (wait_for_button (button), >=, 450);
  activate (page, "outcome.primary");
  g_assert_null (pos_till_get_shown (till));
  gtk_window_destroy (GTK_WINDOW (window));
  till_end (till);
}

int
main (int argc, char **argv)
{
  int status;
  g_autofree char *remove = NULL;

  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  folder = g_dir_make_tmp ("pos-widgets-XXXXXX", NULL);
  settings = g_settings_new ("org.terminalgateway.DemoPos");
  g_test_add_func ("/pos/widgets/keypad", test_keypad);
  g_test_add_func ("/pos/widgets/finalize", test_finalize);
  g_test_add_func ("/pos/widgets/receipt", test_receipt);
  g_test_add_func ("/pos/widgets/start", test_start);
  g_test_add_func ("/pos/widgets/guard", test_guard);
  g_test_add_func ("/pos/widgets/reaction", test_reaction);
  g_test_add_func ("/pos/widgets/long-journal", test_long_journal);
  status = g_test_run ();
  g_object_unref (settings);
  remove = g_strdup_printf ("rm -r '%s'", folder);
  g_spawn_command_line_sync (remove, NULL, NULL, NULL, NULL);
  g_free (folder);
  return status;
}
