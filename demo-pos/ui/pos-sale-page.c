/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo-pos/ui/pos-sale-page.h"

#include <glib/gi18n.h>

#include "demo-pos/model/pos-articles.h"
#include "demo-pos/model/pos-money.h"
#include "demo-pos/ui/pos-keypad.h"
#include "demo-pos/ui/pos-terminal-item.h"
#include "demo-pos/ui/pos-widgets.h"

struct _PosSalePage
{
  AdwBin parent_instance;

  GtkWidget *articles, *lines, *cart_stack, *clear, *total, *typed, *keypad, *terminals, *reason,
    *reason_label, *show_unresolved, *charge, *guide, *guide_label;

  PosTill *till;
  PosSale *sale;
  GSettings *settings;
  gboolean guided;
  char *problem;        /* why the last charge was not sent */
  gboolean last_chosen; /* the terminal of the last charge is in the list, and was chosen when it came */
};

G_DEFINE_FINAL_TYPE (PosSalePage, pos_sale_page, ADW_TYPE_BIN)

static guint charged;

static void
pos_sale_page_dispose (GObject *object)
{
  PosSalePage *self = POS_SALE_PAGE (object);

  g_clear_object (&self->till);
  g_clear_object (&self->sale);
  g_clear_object (&self->settings);
  g_clear_pointer (&self->problem, g_free);
  adw_bin_set_child (ADW_BIN (self), NULL);
  G_OBJECT_CLASS (pos_sale_page_parent_class)->dispose (object);
}

static const char *
chosen_terminal (PosSalePage *self)
{
  TgwTerminal *terminal = gtk_drop_down_get_selected_item (GTK_DROP_DOWN (self->terminals));

  return terminal != NULL ? tgw_terminal_get_terminal_id (terminal) : NULL;
}

static const char *
guide_text (PosSalePage *self)
{
  GListModel *journal = pos_till_get_journal (self->till);

  if (g_list_model_get_n_items (journal) == 0)
    return pos_sale_get_total (self->sale) == 0
             ? _ ("Welcome! For a first payment, touch an article or type an amount that ends in 00.")
             : _ ("Now touch “Charge”: the simulated terminal approves this amount.");
  return _ ("The cents choose what the simulated terminal does: 50 declines, 80 is cancelled by the "
            "customer, 91 drops out and comes "
            "back, 92 comes back too late and the charge is reversed.");
}

/* The button in a drop-down has the focus, and of itself the name of whatever it once showed. */
static void
name_terminals (PosSalePage *self)
{
  TgwTerminal *terminal = gtk_drop_down_get_selected_item (GTK_DROP_DOWN (self->terminals));
  GtkWidget *button = gtk_widget_get_first_child (self->terminals);
  /* Translators: the chosen terminal, and whether it is connected */
  g_autofree char *name = terminal != NULL
                            ? g_strdup_printf (_ ("Terminal %s: %s"), tgw_terminal_get_terminal_id (terminal),
                                               pos_terminal_word (terminal, pos_till_get_online (self->till)))
                            : g_strdup (_ ("No terminal chosen"));

  gtk_accessible_update_property (GTK_ACCESSIBLE (self->terminals), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  if (button != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

static void
update (PosSalePage *self)
{
  const char *terminal = chosen_terminal (self);
  gint64 sum = pos_sale_get_total (self->sale);
  PosBlock block = pos_till_get_block (self->till, terminal, sum);
  g_autofree char *problem = pos_money_problem (pos_sale_get_currency (self->sale));
  /* No number, rather than one of no currency. */
  g_autofree char *amount =
    problem == NULL ? pos_money_format (sum, pos_sale_get_currency (self->sale)) : g_strdup ("–");
  g_autofree char *typed_amount =
    pos_money_format (pos_sale_get_typed (self->sale), pos_sale_get_currency (self->sale));
  /* Translators: the button, with the amount */
  g_autofree char *label = g_strdup_printf (_ ("Charge %s"), amount);
  g_autofree char *typed = NULL;
  gboolean has_lines = g_list_model_get_n_items (pos_sale_get_lines (self->sale)) > 0;

  gtk_label_set_label (GTK_LABEL (self->total), amount);
  /* Translators: the amount that was typed beside the articles */
  typed = has_lines && pos_sale_get_typed (self->sale) > 0
            ? g_strdup_printf (_ ("of it typed: %s"), typed_amount)
            : g_strdup ("");
  gtk_label_set_label (GTK_LABEL (self->typed), typed);
  gtk_button_set_label (GTK_BUTTON (self->charge), label);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "sale.charge",
                                 block == POS_BLOCK_NONE && problem == NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "sale.clear", sum > 0);
  gtk_widget_set_visible (self->reason, block != POS_BLOCK_NONE || problem != NULL || self->problem != NULL);
  gtk_widget_set_visible (self->show_unresolved, block == POS_BLOCK_UNRESOLVED);
  gtk_label_set_label (GTK_LABEL (self->reason_label), problem != NULL ? problem
                                                       : block == POS_BLOCK_NONE && self->problem != NULL
                                                         ? self->problem
                                                         : pos_block_text (block));
  name_terminals (self);
  pos_stack_show (self->cart_stack, has_lines ? "lines" : "empty");
  gtk_widget_set_visible (self->guide, self->guided);
  if (self->guided)
    gtk_label_set_label (GTK_LABEL (self->guide_label), guide_text (self));
}

static void
on_charge (GtkWidget *widget, const char *action, GVariant *parameter)
{
  PosSalePage *self = POS_SALE_PAGE (widget);
  const char *terminal = chosen_terminal (self);
  g_autoptr (GError) error = NULL;

  if (pos_till_get_block (self->till, terminal, pos_sale_get_total (self->sale)) != POS_BLOCK_NONE)
    return;
  g_settings_set_string (self->settings, "terminal", terminal);
  g_clear_pointer (&self->problem, g_free);
  if (pos_till_charge (self->till, terminal, self->sale, &error))
    {
      g_signal_emit (self, charged, 0);
      return;
    }
  self->problem = g_strdup_printf (_ ("Nothing was charged: %s"), error->message);
  update (self);
}

static void
on_clear (GtkWidget *widget, const char *action, GVariant *parameter)
{
  pos_sale_clear (POS_SALE_PAGE (widget)->sale);
}

static void
on_show_unresolved (GtkWidget *widget, const char *action, GVariant *parameter)
{
  PosSalePage *self = POS_SALE_PAGE (widget);
  PosEntry *entry = pos_till_find_unresolved (self->till, chosen_terminal (self));

  if (entry != NULL)
    pos_till_show (self->till, entry);
}

static void
on_key (PosKeypad *keypad, const char *key, PosSalePage *self)
{
  if (g_str_equal (key, "back"))
    pos_sale_backspace (self->sale);
  else if (!pos_sale_type (self->sale, key))
    gtk_widget_error_bell (GTK_WIDGET (self));
}

static void
pos_sale_page_class_init (PosSalePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pos_sale_page_dispose;
  charged =
    g_signal_new ("charged", POS_TYPE_SALE_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  g_type_ensure (POS_TYPE_KEYPAD);
  gtk_widget_class_install_action (widget_class, "sale.charge", NULL, on_charge);
  gtk_widget_class_install_action (widget_class, "sale.clear", NULL, on_clear);
  gtk_widget_class_install_action (widget_class, "sale.show-unresolved", NULL, on_show_unresolved);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/terminalgateway/DemoPos/pos-sale-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PosSalePage, articles);
  gtk_widget_class_bind_template_child (widget_class, PosSalePage, lines);
  gtk_widget_class_bind_template_child (widget_class, PosSalePage, cart_stack);
  gtk_widget_class_bind_template_child (widget_class, PosSalePage, clear);
  gtk_widget_class_bind_template_child (widget_class, PosSalePage, total);
  gtk_widget_class_bind_template_child (widget_class, PosSalePage, typed);
  gtk_widget_class_bind_template_child (widget_class, PosSalePage, keypad);
  gtk_widget_class_bind_template_child (widget_class, PosSalePage, terminals);
  gtk_widget_class_bind_template_child (widget_class, PosSalePage, reason);
  gtk_widget_class_bind_template_child (widget_class, PosSalePage, reason_label);
  gtk_widget_class_bind_template_child (widget_class, PosSalePage, show_unresolved);
  gtk_widget_class_bind_template_child (widget_class, PosSalePage, charge);
  gtk_widget_class_bind_template_child (widget_class, PosSalePage, guide);
  gtk_widget_class_bind_template_child (widget_class, PosSalePage, guide_label);
}

static void
pos_sale_page_init (PosSalePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_object (self->keypad, "typed", G_CALLBACK (on_key), self, 0);
}

/* --- articles and lines --- */

typedef struct
{
  PosSalePage *page; /* not owned: it owns the button */
  char *name;
  gint64 price;
} Article;

static void
article_free (gpointer data, GClosure *closure)
{
  Article *article = data;

  g_free (article->name);
  g_free (article);
}

static void
on_article (GtkButton *button, Article *article)
{
  if (!pos_sale_add (article->page->sale, article->name, article->price))
    gtk_widget_error_bell (GTK_WIDGET (button));
}

static void
add_article (const char *name, gint64 price, gpointer data)
{
  PosSalePage *self = data;
  Article *article = g_new0 (Article, 1);
  g_autofree char *amount = pos_money_format (price, pos_sale_get_currency (self->sale));
  GtkWidget *button = gtk_button_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *title = gtk_label_new (name), *label = gtk_label_new (amount), *child;

  *article = (Article){ self, g_strdup (name), price };
  gtk_widget_add_css_class (button, "pos-article");
  gtk_widget_add_css_class (title, "heading");
  gtk_widget_add_css_class (label, "numeric");
  gtk_label_set_ellipsize (GTK_LABEL (title), PANGO_ELLIPSIZE_END);
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), label);
  gtk_button_set_child (GTK_BUTTON (button), box);
  gtk_widget_set_size_request (button, 120, 72);
  gtk_widget_set_focus_on_click (button, FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_signal_connect_data (button, "clicked", G_CALLBACK (on_article), article, article_free, 0);
  gtk_flow_box_append (GTK_FLOW_BOX (self->articles), button);
  /* One stop of the focus an article, not two. */
  child = gtk_widget_get_parent (button);
  gtk_widget_set_focusable (child, FALSE);
}

static void
fill_articles (PosSalePage *self)
{
  g_autoptr (GVariant) list = g_settings_get_value (self->settings, "articles");
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (self->articles)) != NULL)
    gtk_flow_box_remove (GTK_FLOW_BOX (self->articles), child);
  pos_articles_foreach (list, pos_sale_get_currency (self->sale), add_article, self);
}

static void
on_remove_line (GtkButton *button, PosSalePage *self)
{
  pos_sale_remove (self->sale, g_object_get_data (G_OBJECT (button), "line"));
}

static GtkWidget *
make_line (gpointer item, gpointer data)
{
  PosSalePage *self = data;
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *title = gtk_label_new (NULL), *amount = gtk_label_new (NULL);
  GtkWidget *less = gtk_button_new_from_icon_name ("pos-minus-symbolic");

  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_ellipsize (GTK_LABEL (title), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (title, TRUE);
  gtk_widget_add_css_class (amount, "numeric");
  gtk_widget_add_css_class (less, "flat");
  gtk_widget_add_css_class (less, "pos-touch");
  gtk_widget_set_valign (less, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (less), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("One less"), -1);
  g_object_bind_property (item, "title", title, "label", G_BINDING_SYNC_CREATE);
  g_object_bind_property (item, "total-text", amount, "label", G_BINDING_SYNC_CREATE);
  g_object_set_data_full (G_OBJECT (less), "line", g_object_ref (item), g_object_unref);
  g_signal_connect_object (less, "clicked", G_CALLBACK (on_remove_line), self, 0);
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), amount);
  gtk_box_append (GTK_BOX (box), less);
  return box;
}

/* --- the till --- */

static void
choose_last_terminal (PosSalePage *self)
{
  GListModel *model = pos_till_get_terminals (self->till);
  g_autofree char *last = g_settings_get_string (self->settings, "terminal");

  gboolean found = FALSE;

  if (gtk_drop_down_get_model (GTK_DROP_DOWN (self->terminals)) != model)
    gtk_drop_down_set_model (GTK_DROP_DOWN (self->terminals), model);
  /* The list chooses its first one by itself. Nobody's choice is changed in the middle of a sale. */
  for (guint i = 0; model != NULL && i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (TgwTerminal) terminal = g_list_model_get_item (model, i);

      if (g_strcmp0 (tgw_terminal_get_terminal_id (terminal), last) != 0)
        continue;
      found = TRUE;
      if (!self->last_chosen && pos_sale_get_total (self->sale) == 0)
        gtk_drop_down_set_selected (GTK_DROP_DOWN (self->terminals), i);
    }
  self->last_chosen = found;
}

static void
on_status (PosSalePage *self)
{
  choose_last_terminal (self);
  update (self);
}

static void
on_total (PosSalePage *self)
{
  g_clear_pointer (&self->problem, g_free);
  update (self);
}

static void
on_currency (PosSalePage *self)
{
  g_autofree char *currency = g_settings_get_string (self->settings, "currency");

  pos_sale_set_currency (self->sale, currency);
  fill_articles (self);
  update (self);
}

void
pos_sale_page_set_till (PosSalePage *self, PosTill *till, GSettings *settings)
{
  g_autofree char *currency = g_settings_get_string (settings, "currency");
  g_autoptr (GtkListItemFactory) factory = pos_terminal_item_factory_new (till);

  self->till = g_object_ref (till);
  self->settings = g_object_ref (settings);
  self->sale = pos_sale_new (currency);
  gtk_list_box_bind_model (GTK_LIST_BOX (self->lines), pos_sale_get_lines (self->sale), make_line, self,
                           NULL);
  gtk_drop_down_set_factory (GTK_DROP_DOWN (self->terminals), factory);
  fill_articles (self);
  g_signal_connect_object (self->sale, "notify::total", G_CALLBACK (on_total), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->till, "status-changed", G_CALLBACK (on_status), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->terminals, "notify::selected-item", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->settings, "changed::articles", G_CALLBACK (fill_articles), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->settings, "changed::currency", G_CALLBACK (on_currency), self,
                           G_CONNECT_SWAPPED);
  on_status (self);
}

PosSale *
pos_sale_page_get_sale (PosSalePage *self)
{
  return self->sale;
}

gboolean
pos_sale_page_key (PosSalePage *self, guint keyval)
{
  gunichar character = gdk_keyval_to_unicode (keyval);
  int digit = g_unichar_digit_value (character);
  char text[2] = { (char) ('0' + digit), '\0' };

  if (digit >= 0)
    {
      /* Arabic keyboards have digits of their own, and they count as well. */
      if (!pos_sale_type (self->sale, text))
        gtk_widget_error_bell (GTK_WIDGET (self));
      return TRUE;
    }
  switch (keyval)
    {
    case GDK_KEY_BackSpace:
      pos_sale_backspace (self->sale);
      return TRUE;
    case GDK_KEY_Delete:
    case GDK_KEY_KP_Delete:
      pos_sale_clear (self->sale);
      return TRUE;
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
      gtk_widget_activate_action (GTK_WIDGET (self), "sale.charge", NULL);
      return TRUE;
    default:
      return FALSE;
    }
}

void
pos_sale_page_set_guided (PosSalePage *self, gboolean guided)
{
  self->guided = guided;
  if (self->till != NULL)
    update (self);
}
