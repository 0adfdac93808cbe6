/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo-pos/ui/pos-setup-page.h"

#include <glib/gi18n.h>

#include "demo-pos/ui/pos-key.h"
#include "demo-pos/ui/pos-widgets.h"

struct _PosSetupPage
{
  AdwBin parent_instance;
  GtkWidget *waiting, *problem, *sandbox_stack, *address, *key_file, *keyring_row, *keyring;
  gboolean busy;
};

G_DEFINE_FINAL_TYPE (PosSetupPage, pos_setup_page, ADW_TYPE_BIN)

static guint sandbox, gateway;

static char *
trimmed (GtkWidget *row)
{
  return g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (row))));
}

static void
update (PosSetupPage *self)
{
  g_autofree char *address = trimmed (self->address), *key_file = trimmed (self->key_file);

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "setup.sandbox", !self->busy);
  gtk_widget_action_set_enabled (
    GTK_WIDGET (self), "setup.connect",
    !self->busy && address[0] != '\0' &&
      (key_file[0] != '\0' || gtk_switch_get_active (GTK_SWITCH (self->keyring))));
  pos_stack_show (self->sandbox_stack, self->busy ? "busy" : "label");
}

static void
on_file (GtkNativeDialog *dialog, int response, PosSetupPage *self)
{
  g_autoptr (GFile) file =
    response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog)) : NULL;
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;

  if (path != NULL)
    gtk_editable_set_text (GTK_EDITABLE (self->key_file), path);
  gtk_native_dialog_destroy (dialog);
}

static void
choose (PosSetupPage *self)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
    _ ("Choose the key file"), GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
    GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Open"), _ ("_Cancel"));

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_file), self, 0);
  g_object_set_data_full (G_OBJECT (self), "file-dialog", dialog, g_object_unref);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
on_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  PosSetupPage *self = POS_SETUP_PAGE (widget);
  g_autofree char *address = trimmed (self->address), *key_file = trimmed (self->key_file);

  if (g_str_equal (action, "setup.choose"))
    choose (self);
  else if (g_str_equal (action, "setup.sandbox"))
    g_signal_emit (self, sandbox, 0);
  else
    g_signal_emit (self, gateway, 0, address, key_file, gtk_switch_get_active (GTK_SWITCH (self->keyring)));
}

static void
pos_setup_page_dispose (GObject *object)
{
  adw_bin_set_child (ADW_BIN (object), NULL);
  G_OBJECT_CLASS (pos_setup_page_parent_class)->dispose (object);
}

static void
pos_setup_page_class_init (PosSetupPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pos_setup_page_dispose;
  sandbox =
    g_signal_new ("sandbox", POS_TYPE_SETUP_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gateway = g_signal_new ("gateway", POS_TYPE_SETUP_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                          3, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_BOOLEAN);
  gtk_widget_class_install_action (widget_class, "setup.sandbox", NULL, on_action);
  gtk_widget_class_install_action (widget_class, "setup.connect", NULL, on_action);
  gtk_widget_class_install_action (widget_class, "setup.choose", NULL, on_action);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/terminalgateway/DemoPos/pos-setup-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PosSetupPage, waiting);
  gtk_widget_class_bind_template_child (widget_class, PosSetupPage, problem);
  gtk_widget_class_bind_template_child (widget_class, PosSetupPage, sandbox_stack);
  gtk_widget_class_bind_template_child (widget_class, PosSetupPage, address);
  gtk_widget_class_bind_template_child (widget_class, PosSetupPage, key_file);
  gtk_widget_class_bind_template_child (widget_class, PosSetupPage, keyring_row);
  gtk_widget_class_bind_template_child (widget_class, PosSetupPage, keyring);
}

static void
pos_setup_page_init (PosSetupPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_set_visible (self->keyring_row, pos_key_has_keyring ());
  g_signal_connect_object (self->address, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->key_file, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->keyring, "notify::active", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  pos_setup_page_set_problem (self, NULL);
  pos_setup_page_set_waiting (self, NULL);
  update (self);
}

void
pos_setup_page_set_address (PosSetupPage *self, const char *address, const char *key_file, gboolean keyring)
{
  gtk_editable_set_text (GTK_EDITABLE (self->address), address);
  gtk_editable_set_text (GTK_EDITABLE (self->key_file), key_file);
  gtk_switch_set_active (GTK_SWITCH (self->keyring), keyring && pos_key_has_keyring ());
}

void
pos_setup_page_set_problem (PosSetupPage *self, const char *problem)
{
  pos_label_set (self->problem, problem);
}

void
pos_setup_page_set_waiting (PosSetupPage *self, const char *waiting)
{
  pos_label_set (self->waiting, waiting);
}

void
pos_setup_page_set_busy (PosSetupPage *self, gboolean busy)
{
  self->busy = busy;
  update (self);
}
