/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo-pos/ui/pos-details-page.h"

#include <glib/gi18n.h>

#include "demo-pos/ui/pos-print.h"
#include "demo-pos/ui/pos-terminal-item.h"
#include "demo-pos/ui/pos-widgets.h"

struct _PosDetailsPage
{
  AdwBin parent_instance;
  GtkWidget *icon, *title, *body, *amount, *advice, *open, *reference, *timeline, *print;
  PosTill *till;
  GSettings *settings;
  PosEntry *entry;
};

G_DEFINE_FINAL_TYPE (PosDetailsPage, pos_details_page, ADW_TYPE_BIN)

static guint back;

static void
pos_details_page_dispose (GObject *object)
{
  PosDetailsPage *self = POS_DETAILS_PAGE (object);

  pos_details_page_set_entry (self, NULL);
  g_clear_object (&self->till);
  g_clear_object (&self->settings);
  adw_bin_set_child (ADW_BIN (self), NULL);
  G_OBJECT_CLASS (pos_details_page_parent_class)->dispose (object);
}

static void
on_void_answer (AdwMessageDialog *dialog, const char *response, PosDetailsPage *self)
{
  if (g_str_equal (response, "reverse") && self->entry != NULL)
    pos_till_void (self->till, self->entry);
}

static void
ask_void (PosDetailsPage *self)
{
  g_autofree char *amount = pos_entry_dup_amount_text (self->entry);
  GtkWidget *dialog =
    adw_message_dialog_new (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), NULL, NULL);

  adw_message_dialog_format_heading (ADW_MESSAGE_DIALOG (dialog), _ ("Reverse the charge of %s?"), amount);
  adw_message_dialog_set_body (
    ADW_MESSAGE_DIALOG (dialog),
    _ ("The terminal is asked to give the money back. Until it confirms, the customer is charged."));
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Keep the charge"), "reverse",
                                    _ ("_Reverse"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "reverse",
                                              ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_void_answer), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
on_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  PosDetailsPage *self = POS_DETAILS_PAGE (widget);
  g_autofree char *store = g_settings_get_string (self->settings, "store-name");
  g_autofree char *reference = NULL;

  if (g_str_equal (action, "details.back") || self->entry == NULL)
    g_signal_emit (self, back, 0);
  else if (g_str_equal (action, "details.open"))
    pos_till_show (self->till, self->entry);
  else if (g_str_equal (action, "details.copy"))
    {
      reference = pos_entry_dup_reference (self->entry);
      gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), reference);
    }
  else if (g_str_equal (action, "details.print"))
    pos_print_receipt (GTK_WINDOW (gtk_widget_get_root (widget)), self->till, self->entry, store);
  else if (g_str_equal (action, "details.save"))
    pos_print_save (GTK_WINDOW (gtk_widget_get_root (widget)), self->till, self->entry, store);
  else if (g_str_equal (action, "details.void"))
    ask_void (self);
}

static void
pos_details_page_class_init (PosDetailsPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  static const char *const actions[] = { "details.back",  "details.open", "details.copy",
                                         "details.print", "details.save", "details.void" };

  G_OBJECT_CLASS (klass)->dispose = pos_details_page_dispose;
  back = g_signal_new ("back", POS_TYPE_DETAILS_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_class_install_action (widget_class, actions[i], NULL, on_action);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/terminalgateway/DemoPos/pos-details-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PosDetailsPage, icon);
  gtk_widget_class_bind_template_child (widget_class, PosDetailsPage, title);
  gtk_widget_class_bind_template_child (widget_class, PosDetailsPage, body);
  gtk_widget_class_bind_template_child (widget_class, PosDetailsPage, amount);
  gtk_widget_class_bind_template_child (widget_class, PosDetailsPage, advice);
  gtk_widget_class_bind_template_child (widget_class, PosDetailsPage, open);
  gtk_widget_class_bind_template_child (widget_class, PosDetailsPage, reference);
  gtk_widget_class_bind_template_child (widget_class, PosDetailsPage, timeline);
  gtk_widget_class_bind_template_child (widget_class, PosDetailsPage, print);
}

static void
pos_details_page_init (PosDetailsPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
update (PosDetailsPage *self)
{
  const PosFacts *facts;
  PosKind kind;
  g_autofree char *body = NULL, *advice = NULL, *amount = NULL, *reference = NULL;
  gboolean receipt;

  if (self->entry == NULL)
    return;
  facts = pos_entry_get_facts (self->entry);
  kind = pos_entry_get_kind (self->entry);
  receipt = kind == POS_KIND_APPROVED || kind == POS_KIND_PAID_CHECK || kind == POS_KIND_REVERSED;
  body = pos_words_body (facts);
  advice = pos_words_advice (facts);
  amount = pos_entry_dup_amount_text (self->entry);
  reference = pos_entry_dup_reference (self->entry);
  gtk_image_set_from_icon_name (GTK_IMAGE (self->icon), pos_kind_icon (kind));
  pos_set_style (self->icon, pos_kind_style (kind));
  pos_label_set (self->title, pos_words_title (facts));
  pos_label_set (self->body, body);
  pos_label_set (self->advice, advice);
  pos_label_set (self->amount, amount);
  pos_label_set (self->reference, reference);
  gtk_widget_set_visible (gtk_widget_get_parent (self->open), pos_entry_get_needs_attention (self->entry));
  /* The first one that is made is the original, whenever that is. */
  gtk_button_set_label (GTK_BUTTON (self->print),
                        pos_entry_get_printed (self->entry) > 0 ? _ ("Print again") : _ ("Print receipt"));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "details.print", receipt);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "details.save", receipt);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "details.void",
                                 pos_till_can_void (self->entry) && pos_till_get_online (self->till));
}

static GtkWidget *
make_moment (gpointer item, gpointer data)
{
  GtkWidget *row = adw_action_row_new (), *time = gtk_label_new (NULL);

  gtk_widget_add_css_class (time, "numeric");
  gtk_widget_add_css_class (time, "pos-dim");
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  g_object_bind_property (item, "text", row, "title", G_BINDING_SYNC_CREATE);
  g_object_bind_property (item, "time", time, "label", G_BINDING_SYNC_CREATE);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), time);
  return row;
}

void
pos_details_page_set_till (PosDetailsPage *self, PosTill *till, GSettings *settings)
{
  self->till = g_object_ref (till);
  self->settings = g_object_ref (settings);
  g_signal_connect_object (till, "status-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
}

void
pos_details_page_set_entry (PosDetailsPage *self, PosEntry *entry)
{
  if (self->entry != NULL)
    g_signal_handlers_disconnect_by_data (self->entry, self);
  g_set_object (&self->entry, entry);
  if (entry == NULL)
    return;
  gtk_list_box_bind_model (GTK_LIST_BOX (self->timeline), pos_entry_get_timeline (entry), make_moment, NULL,
                           NULL);
  g_signal_connect_object (entry, "notify", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}
