/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo-pos/ui/pos-keypad.h"

struct _PosKeypad
{
  AdwBin parent_instance;
  GtkWidget *grid;
};

G_DEFINE_FINAL_TYPE (PosKeypad, pos_keypad, ADW_TYPE_BIN)

static guint typed;

static void
pos_keypad_dispose (GObject *object)
{
  adw_bin_set_child (ADW_BIN (object), NULL);
  G_OBJECT_CLASS (pos_keypad_parent_class)->dispose (object);
}

static void
on_typed (GtkWidget *widget, const char *action, GVariant *parameter)
{
  g_signal_emit (widget, typed, 0, g_variant_get_string (parameter, NULL));
}

static void
pos_keypad_class_init (PosKeypadClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pos_keypad_dispose;
  typed = g_signal_new ("typed", POS_TYPE_KEYPAD, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                        G_TYPE_STRING);
  gtk_widget_class_install_action (widget_class, "keypad.type", "s", on_typed);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/terminalgateway/DemoPos/pos-keypad.ui");
  gtk_widget_class_bind_template_child (widget_class, PosKeypad, grid);
}

static void
pos_keypad_init (PosKeypad *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  /* Digits do not mirror: 1 2 3 stands so in Arabic too. */
  gtk_widget_set_direction (self->grid, GTK_TEXT_DIR_LTR);
}
