/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo-pos/ui/pos-journal-page.h"

#include <glib/gi18n.h>

#include "demo-pos/model/pos-money.h"
#include "demo-pos/ui/pos-details-page.h"
#include "demo-pos/ui/pos-journal-row.h"
#include "demo-pos/ui/pos-widgets.h"

struct _PosJournalPage
{
  AdwBin parent_instance;
  GtkWidget *stack, *search, *attention, *rows, *empty, *list, *details;
  PosTill *till;
  GSettings *settings;
  GtkFilter *unresolved, *resolved; /* the two halves of the list */
  GListModel *all, *shown;          /* shown: all, or what was found */
  GListStore *found;
  char *text;        /* what is searched for */
  GPtrArray *so_far; /* found while the search goes on */
  guint searched;    /* of all */
  guint search_source;
};

G_DEFINE_FINAL_TYPE (PosJournalPage, pos_journal_page, ADW_TYPE_BIN)

/* How many are looked at between two frames. */
#define SEARCH_STEP 500

static void
stop_search (PosJournalPage *self)
{
  g_clear_handle_id (&self->search_source, g_source_remove);
  g_clear_pointer (&self->so_far, g_ptr_array_unref);
}

static void
pos_journal_page_dispose (GObject *object)
{
  PosJournalPage *self = POS_JOURNAL_PAGE (object);

  stop_search (self);
  g_clear_object (&self->all);
  g_clear_object (&self->found);
  g_clear_object (&self->unresolved);
  g_clear_object (&self->resolved);
  g_clear_object (&self->till);
  g_clear_object (&self->settings);
  g_clear_pointer (&self->text, g_free);
  adw_bin_set_child (ADW_BIN (self), NULL);
  G_OBJECT_CLASS (pos_journal_page_parent_class)->dispose (object);
}

static void
sum_up (PosJournalPage *self, guint *n, gint64 *sum, const char *currency)
{
  GListModel *journal = pos_till_get_journal (self->till);

  for (guint i = 0; i < g_list_model_get_n_items (journal); i++)
    {
      g_autoptr (PosEntry) entry = g_list_model_get_item (journal, i);
      const PosFacts *facts = pos_entry_get_facts (entry);

      if (pos_entry_get_kind (entry) != POS_KIND_APPROVED || g_strcmp0 (facts->currency, currency) != 0)
        continue;
      *n += 1;
      *sum += facts->amount;
    }
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
  g_autofree char *currency = g_settings_get_string (self->settings, "currency"), *total = NULL, *body = NULL;
  guint n_attention = pos_till_count_attention (self->till), n = 0;
  gint64 sum = 0;

  sum_up (self, &n, &sum, currency);
  total = pos_money_format (sum, currency);
  /* Translators: the day's totals */
  body = g_strdup_printf (g_dngettext (NULL, "%u approved payment, %s.", "%u approved payments, %s.", n), n,
                          total);
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
}

/* --- what is listed --- */

static gboolean
is_unresolved (gpointer item, gpointer data)
{
  return pos_entry_get_needs_attention (item);
}

static gboolean
is_resolved (gpointer item, gpointer data)
{
  PosJournalPage *self = data;

  return !pos_entry_get_needs_attention (item) &&
         !gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->attention));
}

static void
show_entries (PosJournalPage *self, GListModel *model)
{
  gboolean empty = g_list_model_get_n_items (model) == 0;
  gboolean filtered =
    self->text != NULL || gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->attention));

  self->shown = model;
  gtk_no_selection_set_model (GTK_NO_SELECTION (gtk_list_view_get_model (GTK_LIST_VIEW (self->list))), model);
  pos_stack_show (self->rows, empty ? "empty" : "rows");
  adw_status_page_set_title (ADW_STATUS_PAGE (self->empty),
                             filtered ? _ ("Nothing found") : _ ("No payments yet today"));
}

/* --- the search: of a long day a part at a time, so that nobody has to wait for it --- */

static gboolean
on_search_step (gpointer data)
{
  PosJournalPage *self = data;
  guint n_items = g_list_model_get_n_items (self->all), end = MIN (self->searched + SEARCH_STEP, n_items);

  for (; self->searched < end; self->searched++)
    {
      g_autoptr (PosEntry) entry = g_list_model_get_item (self->all, self->searched);

      if (pos_entry_matches (entry, self->text))
        g_ptr_array_add (self->so_far, g_steal_pointer (&entry));
    }
  if (self->searched < n_items)
    return G_SOURCE_CONTINUE;
  self->search_source = 0;
  g_list_store_splice (self->found, 0, g_list_model_get_n_items (G_LIST_MODEL (self->found)),
                       self->so_far->pdata, self->so_far->len);
  stop_search (self);
  show_entries (self, G_LIST_MODEL (self->found));
  return G_SOURCE_REMOVE;
}

/* What was shown stays until there is something else to show. */
static void
list_anew (PosJournalPage *self)
{
  stop_search (self);
  if (self->text == NULL)
    {
      show_entries (self, self->all);
      return;
    }
  self->searched = 0;
  self->so_far = g_ptr_array_new_with_free_func (g_object_unref);
  self->search_source = g_idle_add (on_search_step, self);
}

static void
refilter (PosJournalPage *self)
{
  gtk_filter_changed (self->unresolved, GTK_FILTER_CHANGE_DIFFERENT);
  gtk_filter_changed (self->resolved, GTK_FILTER_CHANGE_DIFFERENT);
  list_anew (self);
}

static void
on_search (PosJournalPage *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->search));

  g_free (self->text);
  self->text = text[0] != '\0' ? g_strdup (text) : NULL;
  list_anew (self);
}

static void
on_attention (PosJournalPage *self)
{
  g_autofree char *label =
    g_strdup_printf (_ ("Needs attention (%u)"), pos_till_count_attention (self->till));

  gtk_button_set_label (GTK_BUTTON (self->attention), label);
  refilter (self);
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
  g_autoptr (PosEntry) entry = g_list_model_get_item (self->shown, position);

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
  g_signal_connect_object (self->list, "activate", G_CALLBACK (on_activate), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->details, "back", G_CALLBACK (on_back), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->search, "search-changed", G_CALLBACK (on_search), self, G_CONNECT_SWAPPED);
}

static GListModel *
half (PosJournalPage *self, GtkFilter *filter)
{
  return G_LIST_MODEL (
    gtk_filter_list_model_new (g_object_ref (pos_till_get_journal (self->till)), g_object_ref (filter)));
}

void
pos_journal_page_set_till (PosJournalPage *self, PosTill *till, GSettings *settings)
{
  g_autoptr (GListStore) halves = g_list_store_new (G_TYPE_LIST_MODEL);
  g_autoptr (GListModel) first = NULL, second = NULL;
  g_autoptr (GtkSelectionModel) selection = NULL;

  self->till = g_object_ref (till);
  self->settings = g_object_ref (settings);
  self->unresolved = GTK_FILTER (gtk_custom_filter_new (is_unresolved, self, NULL));
  self->resolved = GTK_FILTER (gtk_custom_filter_new (is_resolved, self, NULL));
  first = half (self, self->unresolved);
  second = half (self, self->resolved);
  g_list_store_append (halves, first);
  g_list_store_append (halves, second);
  self->all = G_LIST_MODEL (gtk_flatten_list_model_new (G_LIST_MODEL (g_steal_pointer (&halves))));
  self->found = g_list_store_new (POS_TYPE_ENTRY);
  selection = GTK_SELECTION_MODEL (gtk_no_selection_new (g_object_ref (self->all)));
  gtk_list_view_set_model (GTK_LIST_VIEW (self->list), selection);
  pos_details_page_set_till (POS_DETAILS_PAGE (self->details), till, settings);
  g_signal_connect_object (till, "notify::n-attention", G_CALLBACK (on_attention), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->attention, "toggled", G_CALLBACK (refilter), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->all, "items-changed", G_CALLBACK (list_anew), self, G_CONNECT_SWAPPED);
  on_attention (self);
}

void
pos_journal_page_start_search (PosJournalPage *self)
{
  on_back (self);
  gtk_widget_grab_focus (self->search);
}
