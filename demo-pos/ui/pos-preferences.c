/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo-pos/ui/pos-preferences.h"

struct _PosPreferences
{
  AdwPreferencesWindow parent_instance;
  GtkWidget *store_name, *currency, *check_after, *colours;
};

G_DEFINE_FINAL_TYPE (PosPreferences, pos_preferences, ADW_TYPE_PREFERENCES_WINDOW)

static const char *const currencies[] = { "EUR", "USD", "GBP", "CHF", "JPY", "SEK",
                                          "PLN", "KWD", "SAR", "AED", NULL };

static void
pos_preferences_class_init (PosPreferencesClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/terminalgateway/DemoPos/pos-preferences.ui");
  gtk_widget_class_bind_template_child (widget_class, PosPreferences, store_name);
  gtk_widget_class_bind_template_child (widget_class, PosPreferences, currency);
  gtk_widget_class_bind_template_child (widget_class, PosPreferences, check_after);
  gtk_widget_class_bind_template_child (widget_class, PosPreferences, colours);
}

static void
pos_preferences_init (PosPreferences *self)
{
  g_autoptr (GListModel) model = G_LIST_MODEL (gtk_string_list_new (currencies));

  gtk_widget_init_template (GTK_WIDGET (self));
  adw_combo_row_set_model (ADW_COMBO_ROW (self->currency), model);
}

static gboolean
currency_to_row (GValue *value, GVariant *variant, gpointer data)
{
  for (guint i = 0; currencies[i] != NULL; i++)
    if (g_str_equal (currencies[i], g_variant_get_string (variant, NULL)))
      g_value_set_uint (value, i);
  return TRUE;
}

static GVariant *
row_to_currency (const GValue *value, const GVariantType *type, gpointer data)
{
  return g_variant_new_string (currencies[MIN (g_value_get_uint (value), G_N_ELEMENTS (currencies) - 2)]);
}

static gboolean
colours_to_row (GValue *value, GVariant *variant, gpointer data)
{
  const char *name = g_variant_get_string (variant, NULL);

  g_value_set_uint (value, g_str_equal (name, "light") ? 1 : g_str_equal (name, "dark") ? 2 : 0);
  return TRUE;
}

static GVariant *
row_to_colours (const GValue *value, const GVariantType *type, gpointer data)
{
  static const char *const names[] = { "system", "light", "dark" };

  return g_variant_new_string (names[MIN (g_value_get_uint (value), 2)]);
}

GtkWidget *
pos_preferences_new (GtkWindow *parent, GSettings *settings)
{
  PosPreferences *self = g_object_new (POS_TYPE_PREFERENCES, "transient-for", parent, "modal", TRUE, NULL);

  g_settings_bind (settings, "store-name", self->store_name, "text", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "check-after", self->check_after, "value", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind_with_mapping (settings, "currency", self->currency, "selected", G_SETTINGS_BIND_DEFAULT,
                                currency_to_row, row_to_currency, NULL, NULL);
  g_settings_bind_with_mapping (settings, "colours", self->colours, "selected", G_SETTINGS_BIND_DEFAULT,
                                colours_to_row, row_to_colours, NULL, NULL);
  return GTK_WIDGET (self);
}
