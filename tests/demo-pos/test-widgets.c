/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Widgets on a screen: what they do, how fast, and that nothing of them is left. Every warning is fatal. */
#include <adwaita.h>
#include <glib/gi18n.h>
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

/* A day's book with that many payments. */
static void
write_book (const char *name, guint n)
{
  g_autofree char *book_folder = g_build_filename (folder, name, NULL);
  g_autoptr (PosBook) book = pos_book_open (book_folder, NULL);
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *day = g_date_time_format (now, "%Y-%m-%d.book"),
                  *path = g_build_filename (book_folder, day, NULL);
  g_autoptr (GString) text = g_string_new (NULL);

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
}

static PosTill *
till_open (const char *name)
{
  g_autofree char *book_folder = g_build_filename (folder, name, NULL),
                  *journal = g_strconcat (book_folder, ".db", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (TgwClient) client = NULL;
  PosTill *till = pos_till_new ();

  client = g_initable_new (TGW_TYPE_CLIENT, NULL, &error, "gateway-url", "http://127.0.0.1:1", "api-key", "k",
                           "api-secret", "s", "journal-path", journal, NULL);
  g_assert_no_error (error);
  g_assert_true (pos_till_start (till, client, book_folder, &error));
  return till;
}

static PosTill *
till_new (const char *name, guint n)
{
  PosTill *till;

  write_book (name, n);
  till = till_open (name);
  while (pos_till_get_reading (till))
    g_main_context_iteration (NULL, TRUE);
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

/* --- how long nothing answers --- */

typedef struct
{
  gint64 last;
  double longest;
} Gaps;

static gboolean
on_frame (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  Gaps *gaps = data;
  gint64 now = g_get_monotonic_time ();

  if (gaps->last != 0)
    gaps->longest = MAX (gaps->longest, (double) (now - gaps->last) / 1000);
  gaps->last = now;
  return G_SOURCE_CONTINUE;
}

typedef gboolean (*Condition) (gpointer data);

/* The longest time between two frames until it is true: what a touch has to wait for at worst, ms. */
static double
longest_gap (GtkWidget *widget, Condition condition, gpointer data)
{
  Gaps gaps = { g_get_monotonic_time (), 0 };
  guint tick = gtk_widget_add_tick_callback (widget, on_frame, &gaps, NULL);

  while (!condition (data))
    g_main_context_iteration (NULL, TRUE);
  on_frame (widget, NULL, &gaps);
  gtk_widget_remove_tick_callback (widget, tick);
  return gaps.longest;
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
test_start (void)
{
  gint64 began;
  PosTill *till;
  GtkWidget *window;
  double ms;

  write_book ("start", MANY);
  began = g_get_monotonic_time ();
  till = till_open ("start");
  window = GTK_WIDGET (pos_window_new (NULL, till, settings));
  gtk_window_present (GTK_WINDOW (window));
  while (!gtk_widget_get_mapped (window))
    g_main_context_iteration (NULL, TRUE);
  paint (window);
  ms = (double) (g_get_monotonic_time () - began) / 1000;
  g_test_message ("a window with %d payments after %.0f ms", MANY, ms);
  g_assert_cmpfloat (ms, <, START_MS);
  began = g_get_monotonic_time ();
  gtk_widget_activate_action (window, "win.page", "s", "journal");
  paint (window);
  ms = (double) (g_get_monotonic_time () - began) / 1000;
  g_test_message ("the journal is open after %.0f ms", ms);
  gtk_window_destroy (GTK_WINDOW (window));
  till_end (till);
}

static void
test_reaction (void)
{
  PosTill *till = till_new ("reaction", MANY);
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
  PosTill *till = till_new ("long", MANY);
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
  g_test_message ("a frame of scrolling through %d payments takes %.1f ms", MANY, ninth_tenth (times));
  g_assert_cmpfloat (ninth_tenth (times), <, FRAME_MS);
  gtk_window_destroy (GTK_WINDOW (window));
  till_end (till);
}

typedef struct
{
  GListModel *model;
  guint n_items;
  gint64 end; /* or until then */
} Found;

static gboolean
is_found (gpointer data)
{
  Found *found = data;

  return found->end != 0 ? g_get_monotonic_time () > found->end
                         : g_list_model_get_n_items (found->model) == found->n_items;
}

static void
test_search (void)
{
  PosTill *till = till_new ("search", MANY);
  GtkWidget *page = g_object_new (POS_TYPE_JOURNAL_PAGE, NULL), *window, *search;
  g_autofree char *last = g_strdup_printf ("PAYMENT-%d", MANY - 1);
  g_autoptr (GArray) gaps = g_array_new (FALSE, FALSE, sizeof (double));
  Found found = { 0 };
  double gap;
  gint64 began;

  pos_journal_page_set_till (POS_JOURNAL_PAGE (page), till, settings);
  window = show (page);
  search = find (page, GTK_TYPE_SEARCH_ENTRY);
  found.model = G_LIST_MODEL (gtk_list_view_get_model (GTK_LIST_VIEW (find (page, GTK_TYPE_LIST_VIEW))));
  /* Slow enough that each letter is searched for while the next one comes. */
  for (gsize i = 1; i < strlen (last); i++)
    {
      g_autofree char *text = g_strndup (last, i);

      gtk_editable_set_text (GTK_EDITABLE (search), text);
      found.end = g_get_monotonic_time () + 200 * 1000;
      gap = longest_gap (window, is_found, &found);
      g_array_append_val (gaps, gap);
    }
  found = (Found){ found.model, 1, 0 };
  began = g_get_monotonic_time ();
  gtk_editable_set_text (GTK_EDITABLE (search), last);
  gap = longest_gap (window, is_found, &found);
  g_array_append_val (gaps, gap);
  g_test_message ("one of %d payments is found after %.0f ms; a touch meanwhile waits for %.1f ms at most",
                  MANY, (double) (g_get_monotonic_time () - began) / 1000, ninth_tenth (gaps));
  g_assert_cmpfloat (ninth_tenth (gaps), <, FRAME_MS);
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

/* --- where the columns of a receipt stand --- */

#define LEFT  11.3 /* of 80 mm of paper with margins of 4 mm, in points */
#define RIGHT 215.4

typedef struct
{
  double from, to; /* points from the left edge */
} Span;

static double
number_in (GMatchInfo *match, int group)
{
  g_autofree char *text = g_match_info_fetch (match, group);

  return g_ascii_strtod (text, NULL);
}

/* Where an amount stands in what pdftotext -bbox wrote, and what stands in its line besides: of Arabic each
 * letter is a word to it. */
static void
find_line (const char *words, const char *amount, Span *value, Span *label)
{
  g_autoptr (GRegex) regex = g_regex_new (
    "xMin=\"([0-9.]+)\" yMin=\"([0-9.]+)\" xMax=\"([0-9.]+)\" yMax=\"[0-9.]+\">([^<]*)<", 0, 0, NULL);
  double y = 0;

  *value = *label = (Span){ 1000, 0 };
  for (guint pass = 0; pass < 2; pass++)
    {
      g_autoptr (GMatchInfo) match = NULL;

      for (g_regex_match (regex, words, 0, &match); g_match_info_matches (match);
           g_match_info_next (match, NULL))
        {
          g_autofree char *text = g_match_info_fetch (match, 4);
          Span *span = strcmp (text, amount) == 0 ? value : label;

          if (pass == 0 && span == value)
            y = number_in (match, 2);
          if (pass == 0 || ABS (number_in (match, 2) - y) > 6)
            continue;
          span->from = MIN (span->from, number_in (match, 1));
          span->to = MAX (span->to, number_in (match, 3));
        }
    }
}

static GtkWidget *
find_label (GtkWidget *widget, const char *text)
{
  if (GTK_IS_LABEL (widget) && strcmp (gtk_label_get_text (GTK_LABEL (widget)), text) == 0)
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_label (child, text);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static double
middle_on_screen (GtkWidget *window, const char *text)
{
  GtkWidget *label = find_label (window, text);
  graphene_rect_t bounds;

  g_assert_nonnull (label);
  g_assert_true (gtk_widget_compute_bounds (label, window, &bounds));
  return bounds.origin.x + bounds.size.width / 2;
}

static void
check_columns (PosTill *till, PosEntry *entry, const char *total, gboolean mirrored)
{
  g_autofree char *path = g_build_filename (folder, mirrored ? "right.pdf" : "left.pdf", NULL), *words = NULL;
  g_autofree char *amount = pos_entry_dup_amount_text (entry);
  const char *const command[] = { "pdftotext", "-bbox", path, "-", NULL };
  GtkWidget *view = g_object_new (POS_TYPE_RECEIPT_VIEW, NULL), *window;
  g_autoptr (GError) error = NULL;
  Span label, value;

  g_assert_cmpstr (_ ("Total"), ==, total);
  pos_receipt_view_show (POS_RECEIPT_VIEW (view), entry, "Shop");
  window = show (view);
  g_assert_true ((middle_on_screen (window, amount) < middle_on_screen (window, total)) == mirrored);
  gtk_window_destroy (GTK_WINDOW (window));
  g_assert_true (pos_print_export (path, till, entry, "Shop", &error));
  g_assert_true (g_spawn_sync (NULL, (char **) command, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &words, NULL,
                               NULL, &error));
  find_line (words, amount, &value, &label);
  g_test_message ("on paper “%s” is from %.0f to %.0f pt, “%s” from %.0f to %.0f pt", total, label.from,
                  label.to, amount, value.from, value.to);
  g_assert_cmpfloat_with_epsilon (mirrored ? value.from : label.from, LEFT, 2);
  g_assert_cmpfloat_with_epsilon (mirrored ? label.to : value.to, RIGHT, 2);
}

/* The catalogue of a language whose locale this computer need not have. */
static void
speak (const char *language, GtkTextDirection direction)
{
  g_setenv ("LANGUAGE", language, TRUE);
  bindtextdomain ("tgw-demo-pos", g_getenv ("TGW_LOCALE_DIR"));
  bind_textdomain_codeset ("tgw-demo-pos", "UTF-8");
  textdomain ("tgw-demo-pos");
  gtk_widget_set_default_direction (direction);
}

static void
test_columns (void)
{
  g_autofree char *tool = g_find_program_in_path ("pdftotext");
  PosTill *till;

  if (tool == NULL)
    {
      g_test_skip ("pdftotext is not installed");
      return;
    }
  till = till_new ("columns", 3);
  check_columns (till, pos_till_find (till, "PAYMENT-1"), "Total", FALSE);
  speak ("ar", GTK_TEXT_DIR_RTL);
  check_columns (till, pos_till_find (till, "PAYMENT-2"), "المجموع", TRUE);
  speak ("en", GTK_TEXT_DIR_LTR);
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
  g_test_add_func ("/pos/widgets/columns", test_columns);
  g_test_add_func ("/pos/widgets/start", test_start);
  g_test_add_func ("/pos/widgets/reaction", test_reaction);
  g_test_add_func ("/pos/widgets/long-journal", test_long_journal);
  g_test_add_func ("/pos/widgets/search", test_search);
  status = g_test_run ();
  g_object_unref (settings);
  remove = g_strdup_printf ("rm -r '%s'", folder);
  g_spawn_command_line_sync (remove, NULL, NULL, NULL, NULL);
  g_free (folder);
  return status;
}
