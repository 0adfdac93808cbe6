/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo-pos/ui/pos-journal-page.h"

#include <glib/gi18n.h>

#include "demo-pos/model/pos-day.h"
#include "demo-pos/ui/pos-details-page.h"
#include "demo-pos/ui/pos-growing-list.h"
#include "demo-pos/ui/pos-journal-row.h"
#include "demo-pos/ui/pos-widgets.h"

struct _PosJournalPage
{
  AdwBin parent_instance;
  GtkWidget *stack, *search, *attention, *rows, *empty, *list, *details, *damaged;
  PosTill *till;
  GSettings *settings;
  GListModel *all;
  PosGrowingList *shown; /* all, what needs attention, or what was found */
  guint growing;         /* before the next frame */
  GListStore *found;
  char *text;         /* what is searched for */
  char *folded;       /* the same, for pos_entry_matches() */
  GListModel *within; /* what is searched: what was found before; NULL: everything */
  GPtrArray *to_show; /* found already, and not in sight yet */
  gboolean found_shown;
  guint searched;
  guint search_source;
};

G_DEFINE_FINAL_TYPE (PosJournalPage, pos_journal_page, ADW_TYPE_BIN)

/* How many are looked at between two frames. */
#define SEARCH_STEP 4000
/* What is found before it is shown, unless that is all. */
#define ROWS 28

static void
stop_search (PosJournalPage *self)
{
  g_clear_handle_id (&self->search_source, g_source_remove);
  g_clear_pointer (&self->to_show, g_ptr_array_unref);
  g_clear_object (&self->within);
}

static void
pos_journal_page_dispose (GObject *object)
{
  PosJournalPage *self = POS_JOURNAL_PAGE (object);

  stop_search (self);
  if (self->growing != 0 && self->list != NULL)
    gtk_widget_remove_tick_callback (self->list, self->growing);
  self->growing = 0;
  g_clear_object (&self->shown);
  g_clear_object (&self->all);
  g_clear_object (&self->found);
  g_clear_object (&self->till);
  g_clear_object (&self->settings);
  g_clear_pointer (&self->text, g_free);
  g_clear_pointer (&self->folded, g_free);
  adw_bin_set_child (ADW_BIN (self), NULL);
  G_OBJECT_CLASS (pos_journal_page_parent_class)->dispose (object);
}

static void
on_closed (AdwMessageDialog *dialog, const char *response, PosJournalPage *self)
{
  if (g_str_equal (response, "show"))
    gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->attention), TRUE);
}

static void
on_close_day (GtkWidget *widget, const char *action, GVariant *parameter)
{
  PosJournalPage *self = POS_JOURNAL_PAGE (widget);
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (gtk_widget_get_root (widget)), NULL, NULL);
  g_autofree char *currency = g_settings_get_string (self->settings, "currency");
  g_autofree char *body = pos_day_text (pos_till_get_journal (self->till), currency);
  guint n_attention = pos_till_count_attention (self->till);

  if (n_attention > 0)
    {
      adw_message_dialog_format_heading (ADW_MESSAGE_DIALOG (dialog),
                                         g_dngettext (NULL, "%u payment needs attention first",
                                                      "%u payments need attention first", n_attention),
                                         n_attention);
      adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "close", _ ("_Later"), "show",
                                        _ ("_Show them"), NULL);
      adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "show",
                                                  ADW_RESPONSE_SUGGESTED);
    }
  else
    {
      adw_message_dialog_set_heading (ADW_MESSAGE_DIALOG (dialog), _ ("Everything is resolved"));
      adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "close", _ ("_Close"));
    }
  adw_message_dialog_set_body (ADW_MESSAGE_DIALOG (dialog), body);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_closed), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
pos_journal_page_class_init (PosJournalPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pos_journal_page_dispose;
  g_type_ensure (POS_TYPE_DETAILS_PAGE);
  gtk_widget_class_install_action (widget_class, "journal.close-day", NULL, on_close_day);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/terminalgateway/DemoPos/pos-journal-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PosJournalPage, stack);
  gtk_widget_class_bind_template_child (widget_class, PosJournalPage, search);
  gtk_widget_class_bind_template_child (widget_class, PosJournalPage, attention);
  gtk_widget_class_bind_template_child (widget_class, PosJournalPage, rows);
  gtk_widget_class_bind_template_child (widget_class, PosJournalPage, empty);
  gtk_widget_class_bind_template_child (widget_class, PosJournalPage, list);
  gtk_widget_class_bind_template_child (widget_class, PosJournalPage, details);
  gtk_widget_class_bind_template_child (widget_class, PosJournalPage, damaged);
}

/* --- what is listed --- */

static gboolean
is_resolved (gpointer item, gpointer data)
{
  return !pos_entry_get_needs_attention (item);
}

/* What is listed, or searched. */
static GListModel *
chosen (PosJournalPage *self)
{
  return gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->attention))
           ? pos_till_get_attention (self->till)
           : self->all;
}

static const char *
empty_text (PosJournalPage *self)
{
  if (pos_till_get_reading (self->till))
    return _ ("The payments of the day are being read…");
  return self->text != NULL || chosen (self) != self->all ? _ ("Nothing found") : _ ("No payments yet today");
}

static gboolean
on_grow (GtkWidget *list, GdkFrameClock *clock, gpointer data)
{
  PosJournalPage *self = data;

  self->growing = 0;
  pos_growing_list_grow (self->shown);
  return G_SOURCE_REMOVE;
}

/* A screen before the end there is more. */
static void
on_scrolled (PosJournalPage *self, GtkAdjustment *adjustment)
{
  double left = gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_value (adjustment);

  if (left < 2 * gtk_adjustment_get_page_size (adjustment) && self->growing == 0)
    self->growing = gtk_widget_add_tick_callback (self->list, on_grow, self, NULL);
}

static void
show_entries (PosJournalPage *self, GListModel *model)
{
  gboolean empty = g_list_model_get_n_items (model) == 0;

  pos_growing_list_set_model (self->shown, model);
  pos_stack_show (self->rows, empty ? "empty" : "rows");
  adw_status_page_set_title (ADW_STATUS_PAGE (self->empty), empty_text (self));
}

/* --- the search: of a long day a part at a time, so that nobody has to wait for it --- */

/* In the order of the list, but not through it: to find an entry by its place there takes far longer than to
 * look at it. */
static PosEntry *
get_searched (PosJournalPage *self, guint i)
{
  GListModel *attention = pos_till_get_attention (self->till);
  guint n_first = g_list_model_get_n_items (attention);

  if (self->within != NULL)
    return g_list_model_get_item (self->within, i);
  return i < n_first ? g_list_model_get_item (attention, i)
                     : g_list_model_get_item (pos_till_get_journal (self->till), i - n_first);
}

/* What needs attention comes up a second time with the whole journal. */
static gboolean
is_searched (PosJournalPage *self, guint i, PosEntry *entry)
{
  return self->within != NULL || i < g_list_model_get_n_items (pos_till_get_attention (self->till)) ||
         !pos_entry_get_needs_attention (entry);
}

static guint
count_searched (PosJournalPage *self)
{
  guint n = g_list_model_get_n_items (pos_till_get_attention (self->till));

  if (self->within != NULL)
    return g_list_model_get_n_items (self->within);
  return chosen (self) == self->all ? n + g_list_model_get_n_items (pos_till_get_journal (self->till)) : n;
}

static void
show_found (PosJournalPage *self)
{
  if (!self->found_shown)
    {
      g_clear_object (&self->found);
      self->found = g_list_store_new (POS_TYPE_ENTRY);
    }
  g_list_store_splice (self->found, g_list_model_get_n_items (G_LIST_MODEL (self->found)), 0,
                       self->to_show->pdata, self->to_show->len);
  g_ptr_array_set_size (self->to_show, 0);
  if (!self->found_shown)
    show_entries (self, G_LIST_MODEL (self->found));
  self->found_shown = TRUE;
}

static gboolean
on_search_step (gpointer data)
{
  PosJournalPage *self = data;
  guint n_items = count_searched (self), end = MIN (self->searched + SEARCH_STEP, n_items);

  for (; self->searched < end; self->searched++)
    {
      g_autoptr (PosEntry) entry = get_searched (self, self->searched);

      if (pos_entry_matches (entry, self->folded) && is_searched (self, self->searched, entry))
        g_ptr_array_add (self->to_show, g_steal_pointer (&entry));
    }
  /* The screen first, and what is below it as it is found. */
  if (self->found_shown || self->to_show->len >= ROWS || end == n_items)
    show_found (self);
  if (end < n_items)
    return G_SOURCE_CONTINUE;
  self->search_source = 0;
  stop_search (self);
  return G_SOURCE_REMOVE;
}

/* within: NULL: everything. What was shown stays until there is something else to show. */
static void
search (PosJournalPage *self, GListModel *within)
{
  stop_search (self);
  g_set_object (&self->within, within);
  self->searched = 0;
  self->found_shown = FALSE;
  self->to_show = g_ptr_array_new_with_free_func (g_object_unref);
  self->search_source = g_idle_add (on_search_step, self);
}

static void
list_anew (PosJournalPage *self)
{
  if (self->text != NULL)
    {
      search (self, NULL);
      return;
    }
  stop_search (self);
  show_entries (self, chosen (self));
}

static void
on_search (PosJournalPage *self)
{
  g_autofree char *old = g_steal_pointer (&self->text);
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->search));

  g_clear_pointer (&self->folded, g_free);
  if (text[0] != '\0')
    {
      self->text = g_strdup (text);
      self->folded = g_utf8_casefold (text, -1);
    }
  /* One more letter finds nothing that was not found before. */
  if (old != NULL && self->text != NULL && g_str_has_prefix (text, old) && self->search_source == 0)
    search (self, G_LIST_MODEL (self->found));
  else
    list_anew (self);
}

static void
on_attention (PosJournalPage *self)
{
  g_autofree char *label =
    g_strdup_printf (_ ("Needs attention (%u)"), pos_till_count_attention (self->till));

  gtk_button_set_label (GTK_BUTTON (self->attention), label);
}

static void
update_damaged (PosJournalPage *self)
{
  guint n = pos_till_count_damaged (self->till);
  g_autofree char *text =
    n > 0
      ? g_strdup_printf (
          g_dngettext (NULL, "%u line of the day’s book cannot be read. What is listed here may not be all.",
                       "%u lines of the day’s book cannot be read. What is listed here may not be all.", n),
          n)
      : NULL;

  pos_label_set (self->damaged, text);
}

static void
on_status (PosJournalPage *self)
{
  adw_status_page_set_title (ADW_STATUS_PAGE (self->empty), empty_text (self));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "journal.close-day", !pos_till_get_reading (self->till));
  update_damaged (self); /* a long book is read while the window is used */
}

/* --- rows --- */

static void
on_setup (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  gtk_list_item_set_child (item, g_object_new (POS_TYPE_JOURNAL_ROW, NULL));
}

static void
on_bind (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  pos_journal_row_set_entry (POS_JOURNAL_ROW (gtk_list_item_get_child (item)), gtk_list_item_get_item (item));
}

static void
on_unbind (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  pos_journal_row_set_entry (POS_JOURNAL_ROW (gtk_list_item_get_child (item)), NULL);
}

static void
on_activate (PosJournalPage *self, guint position)
{
  g_autoptr (PosEntry) entry = g_list_model_get_item (G_LIST_MODEL (self->shown), position);

  pos_details_page_set_entry (POS_DETAILS_PAGE (self->details), entry);
  pos_stack_show (self->stack, "details");
}

static void
on_back (PosJournalPage *self)
{
  pos_stack_show (self->stack, "list");
  pos_details_page_set_entry (POS_DETAILS_PAGE (self->details), NULL);
}

static void
pos_journal_page_init (PosJournalPage *self)
{
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect (factory, "setup", G_CALLBACK (on_setup), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (on_bind), NULL);
  g_signal_connect (factory, "unbind", G_CALLBACK (on_unbind), NULL);
  gtk_list_view_set_factory (GTK_LIST_VIEW (self->list), factory);
  pos_stack_show (self->stack, "list");
  /* It takes no time worth waiting for. */
  gtk_search_entry_set_search_delay (GTK_SEARCH_ENTRY (self->search), 0);
  g_signal_connect_object (self->list, "activate", G_CALLBACK (on_activate), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->details, "back", G_CALLBACK (on_back), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->search, "search-changed", G_CALLBACK (on_search), self, G_CONNECT_SWAPPED);
}

void
pos_journal_page_set_till (PosJournalPage *self, PosTill *till, GSettings *settings)
{
  g_autoptr (GListStore) halves = g_list_store_new (G_TYPE_LIST_MODEL);
  GtkFilter *filter = GTK_FILTER (gtk_custom_filter_new (is_resolved, NULL, NULL));
  g_autoptr (GListModel) resolved = NULL;
  g_autoptr (GtkSelectionModel) selection = NULL;
  GtkAdjustment *adjustment;

  self->till = g_object_ref (till);
  self->settings = g_object_ref (settings);
  resolved = G_LIST_MODEL (gtk_filter_list_model_new (g_object_ref (pos_till_get_journal (till)), filter));
  g_list_store_append (halves, pos_till_get_attention (till));
  g_list_store_append (halves, resolved);
  self->all = G_LIST_MODEL (gtk_flatten_list_model_new (G_LIST_MODEL (g_steal_pointer (&halves))));
  self->shown = pos_growing_list_new ();
  selection = GTK_SELECTION_MODEL (gtk_no_selection_new (G_LIST_MODEL (g_object_ref (self->shown))));
  gtk_list_view_set_model (GTK_LIST_VIEW (self->list), selection);
  pos_details_page_set_till (POS_DETAILS_PAGE (self->details), till, settings);
  adjustment = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (self->list));
  g_signal_connect_object (adjustment, "changed", G_CALLBACK (on_scrolled), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (adjustment, "value-changed", G_CALLBACK (on_scrolled), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (till, "notify::n-attention", G_CALLBACK (on_attention), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (till, "notify::view", G_CALLBACK (update_damaged), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->attention, "toggled", G_CALLBACK (list_anew), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->all, "items-changed", G_CALLBACK (list_anew), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (till, "status-changed", G_CALLBACK (on_status), self, G_CONNECT_SWAPPED);
  on_attention (self);
  update_damaged (self);
  on_status (self);
  list_anew (self);
}

void
pos_journal_page_start_search (PosJournalPage *self)
{
  on_back (self);
  gtk_widget_grab_focus (self->search);
}
