/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Widgets on a screen: what they do, and that nothing of them is left. Every warning is fatal. */
#include <adwaita.h>
#include <glib/gi18n.h>
#include <locale.h>

#include "demo-pos/ui/pos-check-page.h"
#include "demo-pos/ui/pos-journal-page.h"
#include "demo-pos/ui/pos-keypad.h"
#include "demo-pos/ui/pos-outcome-page.h"
#include "demo-pos/ui/pos-print.h"
#include "demo-pos/ui/pos-receipt-view.h"
#include "demo-pos/ui/pos-sale-page.h"
#include "demo-pos/ui/pos-setup-page.h"
#include "demo-pos/ui/pos-widgets.h"
#include "tests/demo-pos/book-till.h"

static char *folder;

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
  PosTill *till = till_new (folder, "receipt", 3);
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
  till = till_new (folder, "columns", 3);
  check_columns (till, pos_till_find (till, "PAYMENT-1"), "Total", FALSE);
  speak ("ar", GTK_TEXT_DIR_RTL);
  check_columns (till, pos_till_find (till, "PAYMENT-2"), "المجموع", TRUE);
  speak ("en", GTK_TEXT_DIR_LTR);
  till_end (till);
}

/* Where each part of a line begins, in Pango units from the left. */
static int
place_of (PangoLayout *layout, const char *part)
{
  const char *text = pango_layout_get_text (layout);
  PangoRectangle place;

  pango_layout_index_to_pos (layout, (int) (strstr (text, part) - text), &place);
  return MIN (place.x, place.x + place.width);
}

static void
test_order (void)
{
  GtkWidget *label = g_object_ref_sink (gtk_label_new (NULL));

  for (GtkTextDirection direction = GTK_TEXT_DIR_LTR; direction <= GTK_TEXT_DIR_RTL; direction++)
    {
      g_autofree char *line = NULL;
      g_autoptr (PangoLayout) layout = NULL;
      int amount, terminal, time;

      gtk_widget_set_default_direction (direction);
      line = pos_in_order (g_strdup ("€42.00 · TERM-001 · 16:20:00"));
      layout = gtk_widget_create_pango_layout (label, line);
      amount = place_of (layout, "€42");
      terminal = place_of (layout, "TERM");
      time = place_of (layout, "16:20");
      if (direction == GTK_TEXT_DIR_LTR)
        g_assert_true (amount < terminal && terminal < time);
      else
        g_assert_true (amount > terminal && terminal > time);
    }
  gtk_widget_set_default_direction (GTK_TEXT_DIR_LTR);
  g_object_unref (label);
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
  g_test_add_func ("/pos/widgets/keypad", test_keypad);
  g_test_add_func ("/pos/widgets/finalize", test_finalize);
  g_test_add_func ("/pos/widgets/receipt", test_receipt);
  g_test_add_func ("/pos/widgets/columns", test_columns);
  g_test_add_func ("/pos/widgets/order", test_order);
  status = g_test_run ();
  remove = g_strdup_printf ("rm -r '%s'", folder);
  g_spawn_command_line_sync (remove, NULL, NULL, NULL, NULL);
  g_free (folder);
  return status;
}
