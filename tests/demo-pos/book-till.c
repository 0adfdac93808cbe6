/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/demo-pos/book-till.h"

void
write_book (const char *folder, const char *name, guint n)
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

PosTill *
till_open (const char *folder, const char *name)
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

PosTill *
till_new (const char *folder, const char *name, guint n)
{
  PosTill *till;

  write_book (folder, name, n);
  till = till_open (folder, name);
  while (pos_till_get_reading (till))
    g_main_context_iteration (NULL, TRUE);
  return till;
}

void
settle (void)
{
  for (guint i = 0; i < 200 && g_main_context_iteration (NULL, FALSE); i++)
    ;
}

void
till_end (PosTill *till)
{
  pos_till_stop (till);
  settle ();
  g_assert_finalize_object (till);
}

static void
on_after_paint (GdkFrameClock *clock, gboolean *painted)
{
  *painted = TRUE;
}

double
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

GtkWidget *
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

GtkWidget *
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
