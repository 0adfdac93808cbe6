/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Receipts on paper: all of each, the first one the original and what follows a copy. And that no page of the
 * window outlives it. */
#include <adwaita.h>
#include <locale.h>
#include <string.h>

#include "demo-pos/ui/pos-details-page.h"
#include "demo-pos/ui/pos-displaced-page.h"
#include "demo-pos/ui/pos-print.h"
#include "demo-pos/ui/pos-recovered-page.h"
#include "demo-pos/ui/pos-sale-page.h"
#include "demo-pos/ui/pos-terminals-page.h"
#include "demo-pos/ui/pos-waiting-page.h"
#include "demo-pos/ui/pos-window.h"
#include "tests/demo-pos/book-till.h"

static char *folder;
static GSettings *settings;

static char *
read_pdf (const char *path)
{
  const char *const command[] = { "pdftotext", "-layout", path, "-", NULL };
  char *text = NULL;

  g_assert_true (
    g_spawn_sync (NULL, (char **) command, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &text, NULL, NULL, NULL));
  return text;
}

static char *
make (PosTill *till, PosEntry *entry)
{
  g_autofree char *path = g_build_filename (folder, "receipt.pdf", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (pos_print_export (path, till, entry, "Shop", &error));
  g_assert_no_error (error);
  return read_pdf (path);
}

static void
take_receipt (PosEntry *entry, const char *json)
{
  g_auto (PosFacts) facts = { 0 };

  pos_facts_copy (&facts, pos_entry_get_facts (entry));
  g_free (facts.receipt);
  facts.receipt = g_strdup (json);
  pos_entry_mark (entry, POS_MARK_STATE, pos_entry_get_updated_at (entry), &facts);
}

/* However long it is, each line of it once, and on a roll all of it on one piece. */
static void
test_long (void)
{
  static const guint lengths[] = { 1, 45, 400 };
  g_autofree char *tool = g_find_program_in_path ("pdftotext");
  PosTill *till;

  if (tool == NULL)
    {
      g_test_skip ("pdftotext is not installed");
      return;
    }
  till = till_new (folder, "long-receipt", 5);
  for (gsize i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      g_autofree char *id = g_strdup_printf ("PAYMENT-%zu", i + 1), *text = NULL;
      PosEntry *entry = pos_till_find (till, id);
      g_autoptr (GString) json = g_string_new ("{\"lines\":[");
      const char *at;

      for (guint n = 0; n < lengths[i]; n++)
        g_string_append_printf (json, "%s\"LINE-%03u-\"", n > 0 ? "," : "", n + 1);
      g_string_append (json, "],\"emv\":{\"aid\":\"A0000000041010\"}}");
      take_receipt (entry, json->str);
      text = make (till, entry);
      at = text;
      for (guint n = 0; n < lengths[i]; n++)
        {
          g_autofree char *line = g_strdup_printf ("LINE-%03u-", n + 1);

          at = strstr (at, line);
          g_assert_nonnull (at);
        }
      g_assert_nonnull (strstr (at, "aid: A0000000041010"));
      /* The last line is the payment's own. */
      g_assert_nonnull (strstr (at, id));
      /* A page ends with a form feed. */
      g_assert_true (strchr (text, '\f') == text + strlen (text) - 1);
    }
  till_end (till);
}

static void
test_copies (void)
{
  g_autofree char *tool = g_find_program_in_path ("pdftotext"), *first = NULL, *second = NULL, *third = NULL,
                  *other = NULL;
  PosTill *till;

  if (tool == NULL)
    {
      g_test_skip ("pdftotext is not installed");
      return;
    }
  till = till_new (folder, "copies", 5);
  first = make (till, pos_till_find (till, "PAYMENT-1"));
  g_assert_null (strstr (first, "COPY"));
  second = make (till, pos_till_find (till, "PAYMENT-1"));
  g_assert_nonnull (strstr (second, "COPY"));
  till_end (till);
  /* The next day's first hour, or after the power was gone: the book knows. */
  till = till_open (folder, "copies");
  third = make (till, pos_till_find (till, "PAYMENT-1"));
  g_assert_nonnull (strstr (third, "COPY"));
  /* Nobody has made one of this, however long ago it was paid. */
  other = make (till, pos_till_find (till, "PAYMENT-2"));
  g_assert_null (strstr (other, "COPY"));
  till_end (till);
}

static gboolean
is_read (GtkWidget *widget, const char *text)
{
  if (GTK_IS_LABEL (widget) && gtk_widget_get_mapped (widget) &&
      strstr (gtk_label_get_text (GTK_LABEL (widget)), text) != NULL)
    return TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (is_read (child, text))
      return TRUE;
  return FALSE;
}

/* What came in meanwhile has its reason and what to do beside it. */
static void
test_recovered (void)
{
  PosTill *till = till_new (folder, "recovered", 5);
  PosEntry *entry = pos_till_find (till, "PAYMENT-0");
  g_auto (PosFacts) facts = { 0 };
  GtkWidget *page = g_object_new (POS_TYPE_RECOVERED_PAGE, NULL), *window;

  pos_facts_copy (&facts, pos_entry_get_facts (entry));
  facts.error_code = g_strdup ("EXPIRED_CARD");
  pos_entry_mark (entry, POS_MARK_STATE, 1, &facts);
  g_list_store_append (G_LIST_STORE (pos_till_get_recovered (till)), entry);
  pos_recovered_page_set_till (POS_RECOVERED_PAGE (page), till);
  window = show (page);
  g_assert_true (is_read (window, "The card has expired. The customer was not charged."));
  g_assert_true (is_read (window, "Ask for another card or another way to pay."));
  facts.error_code[0] = 'X'; /* nobody's code */
  pos_entry_mark (entry, POS_MARK_STATE, 2, &facts);
  g_assert_false (is_read (window, "The card has expired."));
  g_assert_true (is_read (window, "Charging again is safe."));
  gtk_window_destroy (GTK_WINDOW (window));
  till_end (till);
}

/* A currency that is none: said before anybody types, and no number is shown that means nothing. */
static void
test_currency (void)
{
  static const char *const bad[] = { "eur", "XYZ", "" };
  PosTill *till = till_new (folder, "currency", 1);

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      GtkWidget *page = g_object_new (POS_TYPE_SALE_PAGE, NULL), *window;
      g_autofree char *words = g_strdup_printf ("The setting “currency” is “%s”", bad[i]);

      g_settings_set_string (settings, "currency", bad[i]);
      pos_sale_page_set_till (POS_SALE_PAGE (page), till, settings);
      window = show (page);
      g_assert_true (is_read (window, words));
      g_assert_true (is_read (window, "such as EUR"));
      pos_sale_page_key (POS_SALE_PAGE (page), GDK_KEY_5);
      g_assert_true (is_read (window, words));
      g_assert_false (is_read (window, "eur\u00a0"));
      g_assert_false (is_read (window, "Coffee"));
      g_settings_set_string (settings, "currency", "EUR");
      g_assert_false (is_read (window, words));
      g_assert_true (is_read (window, "€3.00"));
      gtk_window_destroy (GTK_WINDOW (window));
    }
  g_settings_reset (settings, "currency");
  till_end (till);
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
  assert_gone (POS_TYPE_DETAILS_PAGE);
  assert_gone (POS_TYPE_DISPLACED_PAGE);
  assert_gone (POS_TYPE_RECOVERED_PAGE);
  assert_gone (POS_TYPE_TERMINALS_PAGE);
  assert_gone (POS_TYPE_WAITING_PAGE);
}

static void
on_gone (gpointer n, GObject *where)
{
  --*(int *) n;
}

static void
watch (GtkWidget *widget, int *n)
{
  if (g_str_has_prefix (G_OBJECT_TYPE_NAME (widget), "Pos"))
    {
      ++*n;
      g_object_weak_ref (G_OBJECT (widget), on_gone, n);
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    watch (child, n);
}

/* The window with all of its pages, and what is in them. */
static void
test_window_finalize (void)
{
  PosTill *till = till_new (folder, "window", 30);
  GtkWidget *window = GTK_WIDGET (pos_window_new (NULL, till, settings)), *details;
  int n = 0;

  gtk_window_present (GTK_WINDOW (window));
  while (!gtk_widget_get_mapped (window))
    g_main_context_iteration (NULL, TRUE);
  paint (window);
  details = find (window, POS_TYPE_DETAILS_PAGE);
  pos_details_page_set_entry (POS_DETAILS_PAGE (details), pos_till_find (till, "PAYMENT-1"));
  paint (window);
  watch (window, &n);
  g_assert_cmpint (n, >, 12);
  gtk_window_destroy (GTK_WINDOW (window));
  for (guint i = 0; i < 1000 && g_main_context_iteration (NULL, FALSE); i++)
    ;
  g_assert_cmpint (n, ==, 0);
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
  folder = g_dir_make_tmp ("pos-receipt-XXXXXX", NULL);
  settings = g_settings_new ("org.terminalgateway.DemoPos");
  g_test_add_func ("/pos/receipt/long", test_long);
  g_test_add_func ("/pos/receipt/copies", test_copies);
  g_test_add_func ("/pos/recovered/words", test_recovered);
  g_test_add_func ("/pos/currency", test_currency);
  g_test_add_func ("/pos/finalize/pages", test_finalize);
  g_test_add_func ("/pos/finalize/window", test_window_finalize);
  status = g_test_run ();
  g_object_unref (settings);
  remove = g_strdup_printf ("rm -r '%s'", folder);
  g_spawn_command_line_sync (remove, NULL, NULL, NULL, NULL);
  g_free (folder);
  return status;
}
