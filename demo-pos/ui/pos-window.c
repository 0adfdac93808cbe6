/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo-pos/ui/pos-window.h"

#include <glib/gi18n.h>

#include "demo-pos/ui/pos-check-page.h"
#include "demo-pos/ui/pos-displaced-page.h"
#include "demo-pos/ui/pos-journal-page.h"
#include "demo-pos/ui/pos-leave.h"
#include "demo-pos/ui/pos-outcome-page.h"
#include "demo-pos/ui/pos-recovered-page.h"
#include "demo-pos/ui/pos-sale-page.h"
#include "demo-pos/ui/pos-terminal-item.h"
#include "demo-pos/ui/pos-terminals-page.h"
#include "demo-pos/ui/pos-waiting-page.h"
#include "demo-pos/ui/pos-widgets.h"

struct _PosWindow
{
  AdwApplicationWindow parent_instance;

  GtkWidget *status, *status_icon, *status_label, *titles, *views, *pages, *setup, *sale, *terminals,
    *journal, *waiting, *outcome, *check, *recovered, *displaced;
  AdwViewStackPage *journal_page;

  PosTill *till;
  PosEntry *of_sale; /* what the present sale was charged as */
  gboolean checking; /* the guided check of the shown payment */
  PosKind checked;   /* as what, and with which news */
  guint checked_revision;
  guint held;          /* the key that is down and has done its work */
  gboolean said_start; /* unresolved payments were pointed at once */
};

G_DEFINE_FINAL_TYPE (PosWindow, pos_window, ADW_TYPE_APPLICATION_WINDOW)

static void
pos_window_dispose (GObject *object)
{
  PosWindow *self = POS_WINDOW (object);

  g_clear_object (&self->of_sale);
  g_clear_object (&self->till);
  G_OBJECT_CLASS (pos_window_parent_class)->dispose (object);
}

static void
on_page (GtkWidget *widget, const char *action, GVariant *parameter)
{
  PosWindow *self = POS_WINDOW (widget);

  adw_view_stack_set_visible_child_name (ADW_VIEW_STACK (self->pages),
                                         g_variant_get_string (parameter, NULL));
}

static void
on_search (GtkWidget *widget, const char *action, GVariant *parameter)
{
  PosWindow *self = POS_WINDOW (widget);

  adw_view_stack_set_visible_child_name (ADW_VIEW_STACK (self->pages), "journal");
  pos_journal_page_start_search (POS_JOURNAL_PAGE (self->journal));
}

static void
on_fullscreen (GtkWidget *widget, const char *action, GVariant *parameter)
{
  if (gtk_window_is_fullscreen (GTK_WINDOW (widget)))
    gtk_window_unfullscreen (GTK_WINDOW (widget));
  else
    gtk_window_fullscreen (GTK_WINDOW (widget));
}

/* What a page's keys do is at hand without a focus on any button: a press that was meant for the page before
 * must not press what has come up meanwhile. Forms begin in their first field. */
static void
place_focus (PosWindow *self)
{
  GtkWidget *view = gtk_stack_get_visible_child (GTK_STACK (self->views));

  if (view == self->setup || view == self->check)
    gtk_widget_child_focus (view, GTK_DIR_TAB_FORWARD);
  else
    gtk_window_set_focus (GTK_WINDOW (self), NULL);
}

static void
pos_window_show (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (pos_window_parent_class)->show (widget);
  /* GTK has put it on something by now. */
  place_focus (POS_WINDOW (widget));
}

static void
on_leave (gpointer window)
{
  gtk_window_destroy (GTK_WINDOW (window));
}

static gboolean
pos_window_close_request (GtkWindow *window)
{
  pos_leave (window, POS_WINDOW (window)->till, on_leave, window);
  return TRUE;
}

static void
pos_window_class_init (PosWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pos_window_dispose;
  widget_class->show = pos_window_show;
  GTK_WINDOW_CLASS (klass)->close_request = pos_window_close_request;
  g_type_ensure (POS_TYPE_SETUP_PAGE);
  g_type_ensure (POS_TYPE_SALE_PAGE);
  g_type_ensure (POS_TYPE_TERMINALS_PAGE);
  g_type_ensure (POS_TYPE_JOURNAL_PAGE);
  g_type_ensure (POS_TYPE_WAITING_PAGE);
  g_type_ensure (POS_TYPE_OUTCOME_PAGE);
  g_type_ensure (POS_TYPE_CHECK_PAGE);
  g_type_ensure (POS_TYPE_RECOVERED_PAGE);
  g_type_ensure (POS_TYPE_DISPLACED_PAGE);
  gtk_widget_class_install_action (widget_class, "win.page", "s", on_page);
  gtk_widget_class_install_action (widget_class, "win.search", NULL, on_search);
  gtk_widget_class_install_action (widget_class, "win.fullscreen", NULL, on_fullscreen);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/terminalgateway/DemoPos/pos-window.ui");
  gtk_widget_class_bind_template_child (widget_class, PosWindow, status);
  gtk_widget_class_bind_template_child (widget_class, PosWindow, status_icon);
  gtk_widget_class_bind_template_child (widget_class, PosWindow, status_label);
  gtk_widget_class_bind_template_child (widget_class, PosWindow, titles);
  gtk_widget_class_bind_template_child (widget_class, PosWindow, views);
  gtk_widget_class_bind_template_child (widget_class, PosWindow, pages);
  gtk_widget_class_bind_template_child (widget_class, PosWindow, journal_page);
  gtk_widget_class_bind_template_child (widget_class, PosWindow, setup);
  gtk_widget_class_bind_template_child (widget_class, PosWindow, sale);
  gtk_widget_class_bind_template_child (widget_class, PosWindow, terminals);
  gtk_widget_class_bind_template_child (widget_class, PosWindow, journal);
  gtk_widget_class_bind_template_child (widget_class, PosWindow, waiting);
  gtk_widget_class_bind_template_child (widget_class, PosWindow, outcome);
  gtk_widget_class_bind_template_child (widget_class, PosWindow, check);
  gtk_widget_class_bind_template_child (widget_class, PosWindow, recovered);
  gtk_widget_class_bind_template_child (widget_class, PosWindow, displaced);
}

/* --- what fills the window --- */

static const char *
choose_view (PosWindow *self, PosEntry *shown)
{
  switch (pos_till_get_view (self->till))
    {
    case POS_VIEW_SETUP:
      return "setup";
    case POS_VIEW_RECOVERED:
      return "recovered";
    case POS_VIEW_DISPLACED:
      return "displaced";
    case POS_VIEW_PAYMENT:
      if (self->checking)
        return "check";
      return pos_kind_is_open (pos_entry_get_kind (shown)) ? "waiting" : "outcome";
    case POS_VIEW_MAIN:
    default:
      return "main";
    }
}

/* As pos_stack_show; the switcher needs the pages themselves. */
static void
hide_others (GtkWidget *stack, GtkWidget *shown)
{
  for (GtkWidget *page = gtk_widget_get_first_child (stack); page != NULL;
       page = gtk_widget_get_next_sibling (page))
    gtk_widget_set_visible (adw_bin_get_child (ADW_BIN (page)), page == shown);
}

static void
on_visible_page (PosWindow *self)
{
  hide_others (self->pages, adw_view_stack_get_visible_child (ADW_VIEW_STACK (self->pages)));
}

static void
update_view (PosWindow *self)
{
  PosEntry *shown = pos_till_get_shown (self->till);
  const char *view;
  gboolean is_main;

  /* What was told since is seen before a manager's word is taken. */
  if (self->checking && (shown == NULL || pos_entry_get_kind (shown) != self->checked ||
                         pos_entry_get_revision (shown) != self->checked_revision))
    self->checking = FALSE;
  pos_waiting_page_set_entry (POS_WAITING_PAGE (self->waiting), shown);
  pos_outcome_page_set_entry (POS_OUTCOME_PAGE (self->outcome), shown);
  view = choose_view (self, shown);
  is_main = g_str_equal (view, "main");
  if (g_strcmp0 (gtk_stack_get_visible_child_name (GTK_STACK (self->views)), view) == 0)
    return;
  pos_stack_show (self->views, view);
  pos_stack_show (self->titles, is_main ? "pages" : "plain");
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.page", is_main);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.search", is_main);
  place_focus (self);
}

static void
on_shown (PosWindow *self)
{
  self->checking = FALSE;
  update_view (self);
}

static void
on_charged (PosWindow *self)
{
  g_set_object (&self->of_sale, pos_till_get_shown (self->till));
}

static const char *
status_text (PosWindow *self, TgwClient *client, gboolean online)
{
  if (online)
    return _ ("Online");
  if (pos_till_get_reading (self->till))
    return _ ("Starting…");
  if (client != NULL && pos_till_get_view (self->till) == POS_VIEW_DISPLACED)
    return pos_till_get_may_return (self->till) ? _ ("Taken over") : _ ("Disconnected");
  return _ ("Offline, trying again…");
}

static void
update_status (PosWindow *self)
{
  TgwClient *client = pos_till_get_client (self->till);
  gboolean online = pos_till_get_online (self->till);
  guint n_attention = pos_till_count_attention (self->till);

  gtk_widget_set_visible (self->status, client != NULL);
  gtk_image_set_from_icon_name (GTK_IMAGE (self->status_icon),
                                online ? "pos-ok-symbolic" : "pos-off-symbolic");
  pos_label_set (self->status_label, status_text (self, client, online));
  pos_set_style (self->status_icon, online ? "success" : "error");
  adw_view_stack_page_set_badge_number (self->journal_page, n_attention);
  adw_view_stack_page_set_needs_attention (self->journal_page, n_attention > 0);
  /* At the start what is not resolved comes first. */
  if (client != NULL && !self->said_start && !pos_till_get_reading (self->till))
    {
      self->said_start = TRUE;
      if (n_attention > 0)
        adw_view_stack_set_visible_child_name (ADW_VIEW_STACK (self->pages), "journal");
    }
  if (client == NULL)
    {
      self->said_start = FALSE;
      /* What was charged is not offered to be charged a second time. */
      if (self->of_sale != NULL)
        pos_sale_clear (pos_sale_page_get_sale (POS_SALE_PAGE (self->sale)));
      g_clear_object (&self->of_sale);
    }
  update_view (self);
}

static void
on_done (PosWindow *self, PosEntry *entry, gboolean keep_sale)
{
  if (self->of_sale != entry)
    return;
  if (!keep_sale)
    pos_sale_clear (pos_sale_page_get_sale (POS_SALE_PAGE (self->sale)));
  g_clear_object (&self->of_sale);
  adw_view_stack_set_visible_child_name (ADW_VIEW_STACK (self->pages), "sale");
}

static void
on_check (PosWindow *self)
{
  PosEntry *shown = pos_till_get_shown (self->till);

  self->checking = TRUE;
  self->checked = pos_entry_get_kind (shown);
  self->checked_revision = pos_entry_get_revision (shown);
  pos_check_page_begin (POS_CHECK_PAGE (self->check), self->till, shown);
  update_view (self);
}

static void
on_check_closed (PosWindow *self)
{
  self->checking = FALSE;
  update_view (self);
}

/* --- keys --- */

static gboolean
is_typing (PosWindow *self)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));

  return focus != NULL && GTK_IS_EDITABLE (focus);
}

static gboolean
on_key (PosWindow *self, guint keyval, guint keycode, GdkModifierType state)
{
  const char *view = gtk_stack_get_visible_child_name (GTK_STACK (self->views));
  const char *page = adw_view_stack_get_visible_child_name (ADW_VIEW_STACK (self->pages));
  gboolean enter = keyval == GDK_KEY_Return || keyval == GDK_KEY_KP_Enter;

  if ((state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SUPER_MASK)) != 0 || is_typing (self))
    return FALSE;
  if (enter || keyval == GDK_KEY_space || keyval == GDK_KEY_KP_Space)
    {
      /* A key that is held down presses once, whatever has come up since. */
      if (self->held == keycode)
        return TRUE;
      self->held = keycode;
    }
  /* Without a focus, Tab begins in the page and not in the header bar. */
  if (keyval == GDK_KEY_Tab && !g_str_equal (view, "main") &&
      gtk_window_get_focus (GTK_WINDOW (self)) == NULL)
    return gtk_widget_child_focus (gtk_stack_get_visible_child (GTK_STACK (self->views)),
                                   GTK_DIR_TAB_FORWARD);
  if (g_str_equal (view, "main") && g_str_equal (page, "sale"))
    {
      /* Enter charges, unless the focus is on something that Enter presses. */
      if (enter && gtk_window_get_focus (GTK_WINDOW (self)) != NULL)
        return FALSE;
      return pos_sale_page_key (POS_SALE_PAGE (self->sale), keyval);
    }
  if (g_str_equal (view, "waiting") && keyval == GDK_KEY_Escape)
    {
      pos_waiting_page_cancel (POS_WAITING_PAGE (self->waiting));
      return TRUE;
    }
  return FALSE;
}

static void
on_key_released (PosWindow *self, guint keyval, guint keycode)
{
  if (self->held == keycode)
    self->held = 0;
}

/* What is let go elsewhere is not heard of. */
static void
on_active (PosWindow *self)
{
  self->held = 0;
}

static void
pos_window_init (PosWindow *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_object (keys, "key-pressed", G_CALLBACK (on_key), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (keys, "key-released", G_CALLBACK (on_key_released), self, G_CONNECT_SWAPPED);
  g_signal_connect (self, "notify::is-active", G_CALLBACK (on_active), NULL);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
}

PosWindow *
pos_window_new (GtkApplication *application, PosTill *till, GSettings *settings)
{
  PosWindow *self = g_object_new (POS_TYPE_WINDOW, "application", application, NULL);

  self->till = g_object_ref (till);
  pos_sale_page_set_till (POS_SALE_PAGE (self->sale), till, settings);
  pos_terminals_page_set_till (POS_TERMINALS_PAGE (self->terminals), till);
  pos_journal_page_set_till (POS_JOURNAL_PAGE (self->journal), till, settings);
  pos_waiting_page_set_till (POS_WAITING_PAGE (self->waiting), till);
  pos_outcome_page_set_till (POS_OUTCOME_PAGE (self->outcome), till, settings);
  pos_recovered_page_set_till (POS_RECOVERED_PAGE (self->recovered), till);
  pos_displaced_page_set_till (POS_DISPLACED_PAGE (self->displaced), till);
  g_signal_connect_object (self->sale, "charged", G_CALLBACK (on_charged), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->outcome, "done", G_CALLBACK (on_done), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->outcome, "check", G_CALLBACK (on_check), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->check, "closed", G_CALLBACK (on_check_closed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (till, "notify::shown", G_CALLBACK (on_shown), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (till, "status-changed", G_CALLBACK (update_status), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->pages, "notify::visible-child", G_CALLBACK (on_visible_page), self,
                           G_CONNECT_SWAPPED);
  on_visible_page (self);
  pos_stack_show (self->views, "setup");
  pos_stack_show (self->titles, "plain");
  update_status (self);
  return self;
}

PosSetupPage *
pos_window_get_setup (PosWindow *self)
{
  return POS_SETUP_PAGE (self->setup);
}

void
pos_window_set_guided (PosWindow *self, gboolean guided)
{
  pos_sale_page_set_guided (POS_SALE_PAGE (self->sale), guided);
}
