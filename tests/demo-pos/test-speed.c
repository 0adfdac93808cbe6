/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A hand does not wait: the whole window on a long day, from each event to the frame that shows what came of
 * it. */
#include <adwaita.h>
#include <glib/gstdio.h>
#include <locale.h>

#include "demo-pos/model/pos-till.h"
#include "demo-pos/ui/pos-journal-page.h"
#include "demo-pos/ui/pos-sale-page.h"
#include "demo-pos/ui/pos-window.h"
#include "tests/sdk/fake-gateway.h"

/* The sanitizers make everything several times slower. */
#ifdef __SANITIZE_ADDRESS__
#define N_PAYMENTS  3000
#define REACTION_MS 300.0
#define FOUND_MS    1500.0
#define START_MS    5000.0
#else
#define N_PAYMENTS  100000
#define REACTION_MS 50.0
#define FOUND_MS    250.0 /* the last of a search that finds next to nothing */
#define START_MS    1000.0
#endif
#define N_ROUNDS 20
#define ROWS     10 /* of the journal on a screen */

#define PAID "{\"moneyMoved\":\"YES\",\"retrySafe\":false,\"nextAction\":\"NONE\",\"message\":\"Paid.\"}"

typedef struct
{
  FakeGateway *gateway;
  PosTill *till;
  GtkWidget *window, *sale, *journal, *search, *list, *pages;
} Scene;

static char *folder;

/* --- what the day was like --- */

static void
write_line (FILE *file, guint i, const char *mark, PosFacts *facts)
{
  g_autofree char *text = pos_facts_to_text (facts);

  fprintf (file, "%" G_GINT64_FORMAT "\t01a2137a-45d8-7e47-b0b5-%012u\t%s\t%s\n", g_get_real_time () / 1000,
           i, mark, text);
}

/* Seven lines a payment; what became of the first one nobody knows. */
static void
write_book (const char *book)
{
  static const char *const stages[] = { NULL, NULL, "PRESENTED", "CARD_INSERTED", "AUTHORIZING" };
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *day = g_date_time_format (now, "%Y-%m-%d.book"),
                  *path = g_build_filename (book, day, NULL);
  FILE *file;

  g_mkdir_with_parents (book, 0700);
  file = fopen (path, "w");
  for (guint i = 0; i < N_PAYMENTS; i++)
    {
      PosFacts facts = { .terminal_id = (char *) (i == 0 ? "TERM-009" : "TERM-001"),
                         .currency = (char *) "EUR",
                         .amount = 100 + i,
                         .requested = 100 + i,
                         .state = TGW_PAYMENT_STATE_PENDING,
                         .money_moved = TGW_MONEY_MOVED_UNKNOWN,
                         .articles = (char *) "2\tCoffee\t300\n1\tSandwich\t600\n" };

      for (gsize j = 0; j < G_N_ELEMENTS (stages); j++)
        {
          facts.stage = facts.message = (char *) stages[j];
          write_line (file, i, j == 0 ? "sent" : "state", &facts);
        }
      facts.outcome = i == 0 ? TGW_OUTCOME_UNKNOWN : TGW_OUTCOME_APPROVED;
      facts.state = i == 0 ? TGW_PAYMENT_STATE_FAILED : TGW_PAYMENT_STATE_COMPLETED;
      facts.money_moved = i == 0 ? TGW_MONEY_MOVED_UNKNOWN : TGW_MONEY_MOVED_YES;
      facts.authorization_code = (char *) "123456";
      facts.receipt = (char *) "{\"lines\":[\"CARD PAYMENT\",\"**** **** **** 4242\",\"APPROVED\"]}";
      write_line (file, i, "state", &facts);
      if (i > 0)
        write_line (file, i, "seen", &facts);
    }
  g_assert_cmpint (fclose (file), ==, 0);
}

/* --- from an event to the frame that shows it --- */

typedef gboolean (*Shown) (Scene *scene, gpointer data);

typedef struct
{
  Scene *scene;
  Shown shown;
  gpointer data;
  gboolean ready, painted;
} Frame;

static void
on_paint (GdkFrameClock *clock, Frame *frame)
{
  frame->ready = frame->shown (frame->scene, frame->data);
}

static void
on_after_paint (GdkFrameClock *clock, Frame *frame)
{
  frame->painted = frame->ready;
}

/* ms since the start of the program, without those in which this thread could have run and other programs had
 * the processor: how busy the computer is says nothing about the till. */
static double
now_ms (void)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) numbers = NULL;
  gint64 delay = 0; /* ns */

  if (g_file_get_contents ("/proc/thread-self/schedstat", &text, NULL, NULL))
    {
      numbers = g_strsplit (text, " ", 3);
      delay = g_strv_length (numbers) == 3 ? g_ascii_strtoll (numbers[1], NULL, 10) : 0;
    }
  return (double) g_get_monotonic_time () / 1000 - (double) delay / 1e6;
}

/* ms since began, when the frame is out that shows it. */
static double
until_shown (Scene *scene, double began, Shown shown, gpointer data)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (scene->window);
  Frame frame = { scene, shown, data, FALSE, FALSE };
  gulong paint = g_signal_connect (clock, "paint", G_CALLBACK (on_paint), &frame);
  gulong after = g_signal_connect (clock, "after-paint", G_CALLBACK (on_after_paint), &frame);

  wait_until (frame.painted);
  g_signal_handler_disconnect (clock, paint);
  g_signal_handler_disconnect (clock, after);
  return now_ms () - began;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  return *(const double *) a < *(const double *) b ? -1 : 1;
}

/* X server and window manager of a busy computer are slow now and then, and none of the till's. */
static void
check (const char *what, GArray *times, double limit)
{
  double median;

  g_array_sort (times, compare);
  median = g_array_index (times, double, times->len / 2);
  g_test_message ("%s: %.1f ms, nine of ten %.1f ms, at most %.1f ms", what, median,
                  g_array_index (times, double, times->len * 9 / 10),
                  g_array_index (times, double, times->len - 1));
  g_assert_cmpfloat (median, <, limit);
}

static gboolean
on_quiet (gpointer quiet)
{
  *(gboolean *) quiet = TRUE;
  return G_SOURCE_REMOVE;
}

/* Until nothing has been drawn for a while. */
static void
rest (Scene *scene)
{
  gint64 frame;

  do
    {
      GdkFrameClock *clock = gtk_widget_get_frame_clock (scene->window);
      gboolean quiet = FALSE;

      frame = gdk_frame_clock_get_frame_counter (clock);
      g_timeout_add (60, on_quiet, &quiet);
      while (!quiet)
        g_main_context_iteration (NULL, TRUE);
    }
  while (gdk_frame_clock_get_frame_counter (gtk_widget_get_frame_clock (scene->window)) != frame);
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

/* Whether a label with this text can be seen. */
static gboolean
is_read (GtkWidget *widget, const char *text)
{
  if (!gtk_widget_get_mapped (widget))
    return FALSE;
  if (GTK_IS_LABEL (widget) && g_str_equal (gtk_label_get_text (GTK_LABEL (widget)), text))
    return TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (is_read (child, text))
      return TRUE;
  return FALSE;
}

static gboolean
reads (Scene *scene, gpointer text)
{
  return is_read (scene->window, text);
}

/* Another page may be in sight by then. */
static gboolean
reads_or_done (Scene *scene, gpointer text)
{
  return !pos_till_get_reading (scene->till) || reads (scene, text);
}

static gboolean
is_mapped (Scene *scene, gpointer widget)
{
  return gtk_widget_get_mapped (widget);
}

/* --- the day goes on --- */

static void
test_start (Scene *scene)
{
  g_autofree char *book = g_build_filename (folder, "till", NULL), *journal = g_strconcat (book, ".db", NULL);
  g_autoptr (GSettings) settings = g_settings_new ("org.terminalgateway.DemoPos");
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (GError) error = NULL;
  g_autoptr (TgwClient) client = NULL;
  g_autoptr (PosEntry) first = NULL;
  double shown;
  double began;
  PosSale *sale;

  write_book (book);
  began = now_ms ();
  client = g_initable_new (TGW_TYPE_CLIENT, NULL, &error, "gateway-url", scene->gateway->url, "api-key",
                           FAKE_KEY, "api-secret", FAKE_SECRET, "journal-path", journal, NULL);
  g_assert_no_error (error);
  scene->till = pos_till_new ();
  g_assert_true (pos_till_start (scene->till, client, book, &error));
  scene->window = GTK_WIDGET (pos_window_new (NULL, scene->till, settings));
  scene->sale = find (scene->window, POS_TYPE_SALE_PAGE);
  scene->journal = find (scene->window, POS_TYPE_JOURNAL_PAGE);
  scene->search = find (scene->journal, GTK_TYPE_SEARCH_ENTRY);
  scene->list = find (scene->journal, GTK_TYPE_LIST_VIEW);
  scene->pages = find (scene->window, ADW_TYPE_VIEW_STACK);
  sale = pos_sale_page_get_sale (POS_SALE_PAGE (scene->sale));
  gtk_window_present (GTK_WINDOW (scene->window));
  while (!gtk_widget_get_mapped (scene->window))
    g_main_context_iteration (NULL, TRUE);
  shown = until_shown (scene, began, is_mapped, scene->sale);
  g_test_message ("the window is there after %.0f ms", shown);
  g_assert_cmpfloat (shown, <, START_MS);
  /* The sale can be typed meanwhile, but not charged. */
  while (pos_till_get_reading (scene->till))
    {
      g_autofree char *total = NULL;
      double typed = now_ms ();
      double ms;

      g_assert_cmpint (pos_till_get_block (scene->till, "TERM-001", 100), ==, POS_BLOCK_READING);
      pos_sale_page_key (POS_SALE_PAGE (scene->sale), times->len % 2 == 0 ? GDK_KEY_1 : GDK_KEY_Delete);
      g_object_get (sale, "total-text", &total, NULL);
      ms = until_shown (scene, typed, reads_or_done, total);
      if (pos_till_get_reading (scene->till))
        g_array_append_val (times, ms);
    }
  g_test_message ("%d payments are read after %.0f ms", N_PAYMENTS, now_ms () - began);
  g_assert_cmpuint (times->len, >, 0);
  check ("a key while the book is read", times, REACTION_MS);
  g_assert_cmpuint (g_list_model_get_n_items (pos_till_get_journal (scene->till)), ==, N_PAYMENTS);
  /* What nobody knows comes first, and is in sight. */
  g_assert_cmpstr (adw_view_stack_get_visible_child_name (ADW_VIEW_STACK (scene->pages)), ==, "journal");
  first = g_list_model_get_item (G_LIST_MODEL (gtk_list_view_get_model (GTK_LIST_VIEW (scene->list))), 0);
  g_assert_cmpstr (pos_entry_get_facts (first)->terminal_id, ==, "TERM-009");
  g_assert_cmpuint (pos_till_count_attention (scene->till), ==, 1);
  pos_sale_clear (sale);
  wait_until (pos_till_get_online (scene->till));
}

static void
test_pages (Scene *scene)
{
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (double));

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      gboolean journal = i % 2 == 1;
      double began;
      double ms;

      rest (scene);
      began = now_ms ();
      adw_view_stack_set_visible_child_name (ADW_VIEW_STACK (scene->pages), journal ? "journal" : "sale");
      ms = until_shown (scene, began, is_mapped, journal ? scene->list : scene->sale);
      g_array_append_val (times, ms);
    }
  check ("another page", times, REACTION_MS);
  adw_view_stack_set_visible_child_name (ADW_VIEW_STACK (scene->pages), "sale");
}

static void
test_key (Scene *scene)
{
  PosSale *sale = pos_sale_page_get_sale (POS_SALE_PAGE (scene->sale));
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (double));

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      g_autofree char *total = NULL;
      double began;
      double ms;

      rest (scene);
      began = now_ms ();
      pos_sale_page_key (POS_SALE_PAGE (scene->sale), i % 8 == 7 ? GDK_KEY_Delete : GDK_KEY_1 + i % 8);
      g_object_get (sale, "total-text", &total, NULL);
      ms = until_shown (scene, began, reads, total);
      g_array_append_val (times, ms);
    }
  check ("a key", times, REACTION_MS);
  pos_sale_clear (sale);
}

static void
test_payments (Scene *scene)
{
  PosSale *sale = pos_sale_page_get_sale (POS_SALE_PAGE (scene->sale));
  g_autoptr (GArray) charges = g_array_new (FALSE, FALSE, sizeof (double)),
                     outcomes = g_array_new (FALSE, FALSE, sizeof (double)),
                     nexts = g_array_new (FALSE, FALSE, sizeof (double));

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      g_autoptr (TgpPosMessage) message = NULL;
      g_autofree char *id = NULL;
      double began;
      double ms;

      g_queue_clear_full (&scene->gateway->received, g_free);
      pos_sale_type (sale, "1200");
      wait_until (pos_till_get_block (scene->till, "TERM-001", 1200) == POS_BLOCK_NONE);
      rest (scene);
      began = now_ms ();
      gtk_widget_activate_action (scene->sale, "sale.charge", NULL);
      ms = until_shown (scene, began, reads, "Sending to the terminal…");
      g_array_append_val (charges, ms);
      message = fake_gateway_expect (scene->gateway, TGP_POS_PAYMENT);
      id = g_strdup (pos_entry_get_id (pos_till_get_shown (scene->till)));
      fake_gateway_send (scene->gateway,
                         "{\"action\":\"paymentAccepted\",\"requestId\":\"%s\",\"transactionId\":\"%s\","
                         "\"terminalId\":\"TERM-001\",\"status\":\"PENDING\"}",
                         message->request_id, id);
      wait_until (is_read (scene->window, "Waiting for the terminal…"));
      fake_gateway_send (
        scene->gateway,
        "{\"action\":\"paymentComplete\",\"messageId\":\"m-%s\",\"transactionId\":\"%s\",\"terminalId\":"
        "\"TERM-001\",\"status\":\"SUCCESS\",\"paymentResponse\":{\"transactionId\":\"%s\",\"status\":"
        "\"SUCCESS\",\"amount\":\"12.00\",\"currency\":\"EUR\",\"paymentMethod\":\"CARD\",\"timestamp\":"
        "\"2024-01-15T10:30:00.000Z\"},\"timestamp\":\"2024-01-15T10:30:00.000Z\",\"verdict\":" PAID "}",
        id, id, id);
      /* From the turn of the main loop that brings it. */
      do
        {
          began = now_ms ();
          g_main_context_iteration (NULL, TRUE);
        }
      while (pos_entry_get_kind (pos_till_find (scene->till, id)) != POS_KIND_APPROVED);
      ms = until_shown (scene, began, reads, "The customer was charged.");
      g_array_append_val (outcomes, ms);
      rest (scene);
      began = now_ms ();
      gtk_widget_activate_action (find (scene->window, g_type_from_name ("PosOutcomePage")),
                                  "outcome.primary", NULL);
      ms = until_shown (scene, began, is_mapped, scene->sale);
      g_array_append_val (nexts, ms);
    }
  check ("Charge", charges, REACTION_MS);
  check ("an outcome", outcomes, REACTION_MS);
  check ("Next customer", nexts, REACTION_MS);
}

typedef struct
{
  const char *text;
  guint n;
} Found;

static gboolean
is_typed (Scene *scene, gpointer text)
{
  return g_str_equal (gtk_editable_get_text (GTK_EDITABLE (scene->search)), text);
}

/* As far as a screen goes. */
static gboolean
is_found (Scene *scene, gpointer data)
{
  const Found *found = data;
  GListModel *model = G_LIST_MODEL (gtk_list_view_get_model (GTK_LIST_VIEW (scene->list)));
  guint n = g_list_model_get_n_items (model);

  if (found->n < ROWS ? n != found->n : n < ROWS)
    return FALSE;
  for (guint i = 0; i < MIN (n, ROWS); i++)
    {
      g_autoptr (PosEntry) entry = g_list_model_get_item (model, i);

      if (!pos_entry_matches (entry, found->text))
        return FALSE;
    }
  return TRUE;
}

/* How many there are, looked for one by one. */
static guint
count (Scene *scene, const char *text)
{
  GListModel *model = pos_till_get_journal (scene->till);
  guint n = 0;

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (PosEntry) entry = g_list_model_get_item (model, i);

      n += pos_entry_matches (entry, text);
    }
  return n;
}

static void
test_search (Scene *scene)
{
  static const char *const texts[] = { "4", "42", "42.", "42.1", "42.17", "", "appr", "zzz", "term-009", "" };
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (double)),
                     founds = g_array_new (FALSE, FALSE, sizeof (double));

  adw_view_stack_set_visible_child_name (ADW_VIEW_STACK (scene->pages), "journal");
  for (guint i = 0; i < 2 * G_N_ELEMENTS (texts); i++)
    {
      Found found = { texts[i % G_N_ELEMENTS (texts)], 0 };
      double began;
      double ms;

      found.n = count (scene, found.text);
      rest (scene);
      began = now_ms ();
      gtk_editable_set_text (GTK_EDITABLE (scene->search), found.text);
      ms = until_shown (scene, began, is_typed, (gpointer) found.text);
      g_array_append_val (times, ms);
      gtk_widget_queue_draw (scene->list); /* it may be there already */
      ms = until_shown (scene, began, is_found, &found);
      g_test_message ("“%s”: %u found after %.1f ms", found.text, found.n, ms);
      g_array_append_val (founds, ms);
    }
  check ("a screen of what is found", founds, FOUND_MS);
  check ("a letter of a search", times, REACTION_MS);
}

/* Of what the till cannot see it says so. */
static void
test_offline (Scene *scene)
{
  GtkWidget *drop_down = find (scene->sale, GTK_TYPE_DROP_DOWN);
  GtkAccessible *button = GTK_ACCESSIBLE (gtk_widget_get_first_child (drop_down));

  adw_view_stack_set_visible_child_name (ADW_VIEW_STACK (scene->pages), "terminals");
  wait_until (is_read (scene->window, "Connected"));
  gtk_test_accessible_assert_property (button, GTK_ACCESSIBLE_PROPERTY_LABEL, "Terminal TERM-001: Connected");
  fake_gateway_die (scene->gateway);
  wait_until (is_read (scene->window, "Not known"));
  g_assert_false (is_read (scene->window, "Connected"));
  gtk_test_accessible_assert_property (button, GTK_ACCESSIBLE_PROPERTY_LABEL, "Terminal TERM-001: Not known");
}

static void
test_all (void)
{
  Scene scene = { .gateway = fake_gateway_new () };

  g_free (scene.gateway->terminals);
  scene.gateway->terminals = g_strdup (
    "{\"connectionId\":\"c1\",\"terminalId\":\"TERM-001\",\"deviceId\":\"TERM-001\",\"connectedAt\":"
    "\"2024-01-15T10:30:00.000Z\",\"lastActivity\":\"2024-01-15T10:30:00.000Z\",\"status\":\"online\"},"
    "{\"connectionId\":\"c2\",\"terminalId\":\"TERM-002\",\"deviceId\":\"TERM-002\",\"connectedAt\":"
    "\"2024-01-15T10:30:00.000Z\",\"lastActivity\":\"2024-01-15T10:30:00.000Z\",\"status\":\"online\"}");
  test_start (&scene);
  test_pages (&scene);
  test_key (&scene);
  test_payments (&scene);
  test_search (&scene);
  test_offline (&scene);
  gtk_window_destroy (GTK_WINDOW (scene.window));
  pos_till_stop (scene.till);
  g_object_unref (scene.till);
  fake_gateway_free (scene.gateway);
}

int
main (int argc, char **argv)
{
  int status;
  g_autofree char *remove = NULL;

  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  /* In memory where there is such a place: not the disk of this computer is measured. */
  folder = g_strdup ("/dev/shm/pos-speed-XXXXXX");
  if (g_mkdtemp (folder) == NULL)
    {
      g_free (folder);
      folder = g_dir_make_tmp ("pos-speed-XXXXXX", NULL);
    }
  g_test_add_func ("/pos/speed", test_all);
  status = g_test_run ();
  remove = g_strdup_printf ("rm -r '%s'", folder);
  g_spawn_command_line_sync (remove, NULL, NULL, NULL, NULL);
  g_free (folder);
  return status;
}
