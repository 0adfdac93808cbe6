/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo-pos/ui/pos-outcome-page.h"

#include <glib/gi18n.h>

#include "demo-pos/ui/pos-print.h"
#include "demo-pos/ui/pos-receipt-view.h"
#include "demo-pos/ui/pos-terminal-item.h"
#include "demo-pos/ui/pos-widgets.h"

struct _PosOutcomePage
{
  AdwBin parent_instance;

  GtkWidget *head, *icon, *title, *amount, *body, *advice, *live, *details, *recovered, *primary, *secondary,
    *receipt_buttons, *reference, *receipt;

  PosTill *till;
  GSettings *settings;
  PosEntry *entry;
  guint tick;
};

G_DEFINE_FINAL_TYPE (PosOutcomePage, pos_outcome_page, ADW_TYPE_BIN)

static guint done, check;

/* What the two buttons do with each kind. */
typedef enum
{
  GO_NOWHERE,
  GO_ON,        /* seen; the sale is over */
  GO_TRY_AGAIN, /* seen; the sale stays */
  GO_ASIDE,     /* not resolved; next customer */
  GO_CHECK      /* a manager closes it by hand */
} Way;

static const struct
{
  Way primary, secondary;
  const char *primary_label, *secondary_label;
} ways[POS_N_KINDS] = {
  [POS_KIND_APPROVED] = { GO_ON, GO_NOWHERE, N_ ("Next customer"), NULL },
  [POS_KIND_PAID_CHECK] = { GO_CHECK, GO_ASIDE, N_ ("The manager is here"), N_ ("Leave it for later") },
  /* Its first button has the verdict's words. */
  [POS_KIND_DECLINED] = { GO_TRY_AGAIN, GO_ON, NULL, N_ ("End this sale") },
  [POS_KIND_CANCELLED] = { GO_TRY_AGAIN, GO_ON, N_ ("Back to the sale"), N_ ("End this sale") },
  [POS_KIND_REFUSED] = { GO_TRY_AGAIN, GO_ON, N_ ("Back to the sale"), N_ ("End this sale") },
  [POS_KIND_UNKNOWN] = { GO_CHECK, GO_ASIDE, N_ ("Check at the terminal"), N_ ("Leave it for later") },
  [POS_KIND_REVERSING] = { GO_TRY_AGAIN, GO_NOWHERE, N_ ("I have seen this"), NULL },
  [POS_KIND_REVERSED] = { GO_TRY_AGAIN, GO_NOWHERE, N_ ("I have seen this"), NULL },
  [POS_KIND_VOID_FAILED] = { GO_CHECK, GO_ASIDE, N_ ("The manager is here"), N_ ("Leave it for later") },
  [POS_KIND_BY_HAND] = { GO_ON, GO_NOWHERE, N_ ("Next customer"), NULL },
};

static gboolean
wants_details (PosKind kind)
{
  return kind == POS_KIND_UNKNOWN || kind == POS_KIND_VOID_FAILED || kind == POS_KIND_PAID_CHECK ||
         kind == POS_KIND_REVERSING || kind == POS_KIND_REVERSED;
}

static gboolean
has_receipt (PosKind kind)
{
  return kind == POS_KIND_APPROVED || kind == POS_KIND_PAID_CHECK;
}

static gint64
seconds_left (PosOutcomePage *self)
{
  gint64 limit = g_settings_get_int (self->settings, "check-after");

  return limit - (g_get_real_time () / 1000 - pos_entry_get_updated_at (self->entry)) / 1000;
}

/* What is being done about it, now. */
static char *
live_text (PosOutcomePage *self, PosKind kind)
{
  gint64 left = seconds_left (self);

  if (kind == POS_KIND_REVERSING)
    return g_strdup (_ ("Waiting for the terminal to confirm…"));
  if (kind != POS_KIND_UNKNOWN)
    return g_strdup ("");
  if (!pos_till_get_online (self->till))
    return g_strdup (_ ("The till is offline. It asks the gateway as soon as it is back."));
  if (left > 0)
    return g_strdup_printf (
      g_dngettext (NULL,
                   "The till asks the gateway again and again; the gateway waits for the terminal. In %d "
                   "second you can check by hand.",
                   "The till asks the gateway again and again; the gateway waits for the terminal. In %d "
                   "seconds you can check by hand.",
                   (gulong) left),
      (int) left);
  return g_strdup (_ ("The till goes on asking the gateway. You can check at the terminal now."));
}

static void
update_live (PosOutcomePage *self)
{
  PosKind kind = pos_entry_get_kind (self->entry);
  g_autofree char *live = live_text (self, kind);

  pos_label_set (self->live, live);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "outcome.primary",
                                 kind != POS_KIND_UNKNOWN || seconds_left (self) <= 0);
}

static void
set_button (GtkWidget *button, const char *label)
{
  gtk_widget_set_visible (button, label != NULL);
  if (label != NULL)
    gtk_button_set_label (GTK_BUTTON (button), label);
}

static char *
recovered_text (PosEntry *entry)
{
  g_autofree char *started = pos_time_text (pos_entry_get_started_at (entry));
  g_autofree char *recovered = pos_time_text (pos_entry_get_recovered_at (entry));

  if (pos_entry_get_recovered_at (entry) == 0)
    return NULL;
  return g_strdup_printf (_ ("Started %s, heard of %s"), started, recovered);
}

static void
update (PosOutcomePage *self)
{
  const PosFacts *facts;
  PosKind kind;
  g_autofree char *amount = NULL, *body = NULL, *advice = NULL, *reference = NULL, *recovered = NULL,
                  *store = NULL;

  if (self->entry == NULL || pos_kind_is_open (pos_entry_get_kind (self->entry)))
    return;
  facts = pos_entry_get_facts (self->entry);
  kind = pos_entry_get_kind (self->entry);
  amount = pos_entry_dup_amount_text (self->entry);
  body = pos_words_body (facts);
  advice = pos_words_advice (facts);
  reference = wants_details (kind) ? pos_entry_dup_reference (self->entry) : NULL;
  recovered = recovered_text (self->entry);
  store = g_settings_get_string (self->settings, "store-name");
  gtk_image_set_from_icon_name (GTK_IMAGE (self->icon), pos_kind_icon (kind));
  pos_set_style (self->icon, pos_kind_style (kind));
  /* Where there is much to read, all of it is to fit a small screen. */
  gtk_image_set_pixel_size (GTK_IMAGE (self->icon), reference != NULL ? 56 : 96);
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->head),
                                  reference != NULL ? GTK_ORIENTATION_HORIZONTAL : GTK_ORIENTATION_VERTICAL);
  pos_label_set (self->title, pos_words_title (facts));
  pos_set_style (self->title, pos_kind_style (kind));
  pos_label_set (self->amount, amount);
  pos_label_set (self->body, body);
  pos_label_set (self->advice, advice);
  pos_set_style (self->advice, pos_kind_style (kind));
  pos_label_set (self->details, reference);
  gtk_widget_set_visible (self->reference, reference != NULL);
  pos_label_set (self->recovered, recovered);
  set_button (self->primary,
              ways[kind].primary_label != NULL ? _ (ways[kind].primary_label) : pos_words_try_again (facts));
  set_button (self->secondary, ways[kind].secondary_label != NULL ? _ (ways[kind].secondary_label) : NULL);
  gtk_widget_set_visible (self->receipt_buttons, has_receipt (kind));
  gtk_widget_set_visible (self->receipt, has_receipt (kind));
  if (has_receipt (kind))
    pos_receipt_view_show (POS_RECEIPT_VIEW (self->receipt), self->entry, store);
  update_live (self);
}

static void
go (PosOutcomePage *self, Way way)
{
  g_autoptr (PosEntry) entry = g_object_ref (self->entry);
  g_autoptr (GError) error = NULL;

  switch (way)
    {
    case GO_CHECK:
      g_signal_emit (self, check, 0);
      break;
    case GO_ASIDE:
      g_signal_emit (self, done, 0, entry, FALSE);
      pos_till_put_aside (self->till);
      break;
    case GO_ON:
    case GO_TRY_AGAIN:
      if (pos_till_see (self->till, &error))
        g_signal_emit (self, done, 0, entry, way == GO_TRY_AGAIN);
      else
        pos_label_set (self->live, error->message);
      break;
    case GO_NOWHERE:
    default:
      break;
    }
}

static void
on_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  PosOutcomePage *self = POS_OUTCOME_PAGE (widget);
  PosKind kind;
  g_autofree char *store = g_settings_get_string (self->settings, "store-name");
  GtkWindow *window = GTK_WINDOW (gtk_widget_get_root (widget));

  if (self->entry == NULL)
    return;
  kind = pos_entry_get_kind (self->entry);
  if (g_str_equal (action, "outcome.primary"))
    go (self, ways[kind].primary);
  else if (g_str_equal (action, "outcome.secondary"))
    go (self, ways[kind].secondary);
  else if (g_str_equal (action, "outcome.print") && has_receipt (kind))
    pos_print_receipt (window, self->till, self->entry, store);
  else if (g_str_equal (action, "outcome.save") && has_receipt (kind))
    pos_print_save (window, self->till, self->entry, store);
}

static gboolean
on_tick (gpointer data)
{
  PosOutcomePage *self = data;

  if (self->entry != NULL && !pos_kind_is_open (pos_entry_get_kind (self->entry)))
    update_live (self);
  return G_SOURCE_CONTINUE;
}

static void
pos_outcome_page_map (GtkWidget *widget)
{
  PosOutcomePage *self = POS_OUTCOME_PAGE (widget);

  GTK_WIDGET_CLASS (pos_outcome_page_parent_class)->map (widget);
  self->tick = g_timeout_add (500, on_tick, self);
}

static void
pos_outcome_page_unmap (GtkWidget *widget)
{
  PosOutcomePage *self = POS_OUTCOME_PAGE (widget);

  g_clear_handle_id (&self->tick, g_source_remove);
  GTK_WIDGET_CLASS (pos_outcome_page_parent_class)->unmap (widget);
}

static void
pos_outcome_page_dispose (GObject *object)
{
  PosOutcomePage *self = POS_OUTCOME_PAGE (object);

  g_clear_handle_id (&self->tick, g_source_remove);
  pos_outcome_page_set_entry (self, NULL);
  g_clear_object (&self->till);
  g_clear_object (&self->settings);
  adw_bin_set_child (ADW_BIN (self), NULL);
  G_OBJECT_CLASS (pos_outcome_page_parent_class)->dispose (object);
}

static void
pos_outcome_page_class_init (PosOutcomePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pos_outcome_page_dispose;
  widget_class->map = pos_outcome_page_map;
  widget_class->unmap = pos_outcome_page_unmap;
  g_type_ensure (POS_TYPE_RECEIPT_VIEW);
  done = g_signal_new ("done", POS_TYPE_OUTCOME_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                       POS_TYPE_ENTRY, G_TYPE_BOOLEAN);
  check =
    g_signal_new ("check", POS_TYPE_OUTCOME_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_install_action (widget_class, "outcome.primary", NULL, on_action);
  gtk_widget_class_install_action (widget_class, "outcome.secondary", NULL, on_action);
  gtk_widget_class_install_action (widget_class, "outcome.print", NULL, on_action);
  gtk_widget_class_install_action (widget_class, "outcome.save", NULL, on_action);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/terminalgateway/DemoPos/pos-outcome-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PosOutcomePage, head);
  gtk_widget_class_bind_template_child (widget_class, PosOutcomePage, icon);
  gtk_widget_class_bind_template_child (widget_class, PosOutcomePage, title);
  gtk_widget_class_bind_template_child (widget_class, PosOutcomePage, amount);
  gtk_widget_class_bind_template_child (widget_class, PosOutcomePage, body);
  gtk_widget_class_bind_template_child (widget_class, PosOutcomePage, advice);
  gtk_widget_class_bind_template_child (widget_class, PosOutcomePage, live);
  gtk_widget_class_bind_template_child (widget_class, PosOutcomePage, details);
  gtk_widget_class_bind_template_child (widget_class, PosOutcomePage, recovered);
  gtk_widget_class_bind_template_child (widget_class, PosOutcomePage, primary);
  gtk_widget_class_bind_template_child (widget_class, PosOutcomePage, secondary);
  gtk_widget_class_bind_template_child (widget_class, PosOutcomePage, receipt_buttons);
  gtk_widget_class_bind_template_child (widget_class, PosOutcomePage, reference);
  gtk_widget_class_bind_template_child (widget_class, PosOutcomePage, receipt);
}

static void
pos_outcome_page_init (PosOutcomePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
pos_outcome_page_set_till (PosOutcomePage *self, PosTill *till, GSettings *settings)
{
  self->till = g_object_ref (till);
  self->settings = g_object_ref (settings);
  g_signal_connect_object (till, "status-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
}

void
pos_outcome_page_set_entry (PosOutcomePage *self, PosEntry *entry)
{
  if (self->entry == entry)
    return;
  if (self->entry != NULL)
    g_signal_handlers_disconnect_by_data (self->entry, self);
  g_set_object (&self->entry, entry);
  if (entry == NULL)
    return;
  g_signal_connect_object (entry, "notify", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}
