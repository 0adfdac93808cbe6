/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo-pos/ui/pos-waiting-page.h"

#include <glib/gi18n.h>

#include "demo-pos/ui/pos-countdown.h"
#include "demo-pos/ui/pos-widgets.h"

struct _PosWaitingPage
{
  AdwBin parent_instance;

  GtkWidget *spinner, *amount, *title, *body, *offline, *countdown, *countdown_bar, *countdown_text, *elapsed,
    *cancel;

  PosTill *till;
  PosEntry *entry;
  gint64 grace; /* how long the countdown was when it was first seen, s */
  guint tick;
};

G_DEFINE_FINAL_TYPE (PosWaitingPage, pos_waiting_page, ADW_TYPE_BIN)

static void
update_time (PosWaitingPage *self)
{
  gint64 seconds = MAX ((g_get_real_time () / 1000 - pos_entry_get_started_at (self->entry)) / 1000, 0);
  TgwPayment *payment = pos_entry_get_payment (self->entry);
  GDateTime *deadline = payment != NULL ? tgw_payment_get_grace_deadline (payment) : NULL;
  gint64 left = pos_countdown_left (deadline);
  g_autofree char *text =
    /* Translators: the terminal, and minutes and seconds since the payment was started */
    pos_in_order (g_strdup_printf (_ ("%s · for %d:%02d"), pos_entry_get_facts (self->entry)->terminal_id,
                                   (int) (seconds / 60), (int) (seconds % 60)));

  gtk_label_set_label (GTK_LABEL (self->elapsed), text);
  gtk_widget_set_visible (self->countdown, deadline != NULL);
  if (deadline == NULL)
    {
      self->grace = 0;
      return;
    }
  self->grace = MAX (self->grace, left);
  if (self->grace > 0)
    {
      g_autofree char *words = pos_countdown_text (left);

      gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (self->countdown_bar),
                                     (double) left / (double) self->grace);
      gtk_label_set_label (GTK_LABEL (self->countdown_text), words);
    }
}

static void
update (PosWaitingPage *self)
{
  const PosFacts *facts;
  g_autofree char *body = NULL, *amount = NULL;
  PosKind kind;

  if (self->entry == NULL)
    return;
  facts = pos_entry_get_facts (self->entry);
  kind = pos_entry_get_kind (self->entry);
  body = pos_words_body (facts);
  amount = pos_entry_dup_amount_text (self->entry);
  gtk_label_set_label (GTK_LABEL (self->amount), amount);
  gtk_label_set_label (GTK_LABEL (self->title), pos_words_title (facts));
  gtk_label_set_label (GTK_LABEL (self->body), body);
  gtk_widget_set_visible (self->body, body[0] != '\0');
  gtk_widget_set_visible (self->offline, !pos_till_get_online (self->till));
  gtk_button_set_label (GTK_BUTTON (self->cancel),
                        kind == POS_KIND_CANCELLING ? _ ("Cancelling…") : _ ("Cancel"));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "waiting.cancel", kind == POS_KIND_WAITING);
  update_time (self);
}

static gboolean
on_tick (gpointer data)
{
  PosWaitingPage *self = data;

  if (self->entry != NULL)
    update_time (self);
  return G_SOURCE_CONTINUE;
}

static void
pos_waiting_page_map (GtkWidget *widget)
{
  PosWaitingPage *self = POS_WAITING_PAGE (widget);

  GTK_WIDGET_CLASS (pos_waiting_page_parent_class)->map (widget);
  gtk_spinner_start (GTK_SPINNER (self->spinner));
  self->tick = g_timeout_add (250, on_tick, self);
}

static void
pos_waiting_page_unmap (GtkWidget *widget)
{
  PosWaitingPage *self = POS_WAITING_PAGE (widget);

  g_clear_handle_id (&self->tick, g_source_remove);
  gtk_spinner_stop (GTK_SPINNER (self->spinner));
  GTK_WIDGET_CLASS (pos_waiting_page_parent_class)->unmap (widget);
}

static void
pos_waiting_page_dispose (GObject *object)
{
  PosWaitingPage *self = POS_WAITING_PAGE (object);

  g_clear_handle_id (&self->tick, g_source_remove);
  pos_waiting_page_set_entry (self, NULL);
  g_clear_object (&self->till);
  adw_bin_set_child (ADW_BIN (self), NULL);
  G_OBJECT_CLASS (pos_waiting_page_parent_class)->dispose (object);
}

static void
on_cancel (GtkWidget *widget, const char *action, GVariant *parameter)
{
  pos_till_cancel (POS_WAITING_PAGE (widget)->till);
}

static void
pos_waiting_page_class_init (PosWaitingPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pos_waiting_page_dispose;
  widget_class->map = pos_waiting_page_map;
  widget_class->unmap = pos_waiting_page_unmap;
  gtk_widget_class_install_action (widget_class, "waiting.cancel", NULL, on_cancel);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/terminalgateway/DemoPos/pos-waiting-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PosWaitingPage, spinner);
  gtk_widget_class_bind_template_child (widget_class, PosWaitingPage, amount);
  gtk_widget_class_bind_template_child (widget_class, PosWaitingPage, title);
  gtk_widget_class_bind_template_child (widget_class, PosWaitingPage, body);
  gtk_widget_class_bind_template_child (widget_class, PosWaitingPage, offline);
  gtk_widget_class_bind_template_child (widget_class, PosWaitingPage, countdown);
  gtk_widget_class_bind_template_child (widget_class, PosWaitingPage, countdown_bar);
  gtk_widget_class_bind_template_child (widget_class, PosWaitingPage, countdown_text);
  gtk_widget_class_bind_template_child (widget_class, PosWaitingPage, elapsed);
  gtk_widget_class_bind_template_child (widget_class, PosWaitingPage, cancel);
}

static void
pos_waiting_page_init (PosWaitingPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
pos_waiting_page_set_till (PosWaitingPage *self, PosTill *till)
{
  self->till = g_object_ref (till);
  g_signal_connect_object (till, "status-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
}

void
pos_waiting_page_set_entry (PosWaitingPage *self, PosEntry *entry)
{
  if (self->entry == entry)
    return;
  if (self->entry != NULL)
    g_signal_handlers_disconnect_by_data (self->entry, self);
  g_set_object (&self->entry, entry);
  self->grace = 0;
  if (entry == NULL)
    return;
  g_signal_connect_object (entry, "notify", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}
