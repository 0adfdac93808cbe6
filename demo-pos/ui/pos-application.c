/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo-pos/ui/pos-application.h"

#include <glib/gi18n.h>

#include "demo-pos/model/pos-sandbox.h"
#include "demo-pos/ui/pos-connection.h"
#include "demo-pos/ui/pos-preferences.h"
#include "demo-pos/ui/pos-window.h"

struct _PosApplication
{
  AdwApplication parent_instance;

  GSettings *settings;
  PosTill *till;
  PosConnection *connection;
  PosSandbox *sandbox;
  PosWindow *window; /* not owned */
  /* From the command line: */
  char *gateway, *key_file;
  gboolean use_sandbox, guided;
};

G_DEFINE_FINAL_TYPE (PosApplication, pos_application, ADW_TYPE_APPLICATION)

static void
pos_application_finalize (GObject *object)
{
  PosApplication *self = POS_APPLICATION (object);

  g_clear_object (&self->connection);
  g_clear_object (&self->till);
  g_clear_object (&self->sandbox);
  g_clear_object (&self->settings);
  g_free (self->gateway);
  g_free (self->key_file);
  G_OBJECT_CLASS (pos_application_parent_class)->finalize (object);
}

/* --- to a gateway --- */

static void
on_sandbox_ready (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (PosApplication) self = data;
  g_autoptr (GError) error = NULL;

  if (self->window == NULL)
    return;
  pos_setup_page_set_busy (pos_window_get_setup (self->window), FALSE);
  if (!pos_sandbox_start_finish (POS_SANDBOX (source), result, &error))
    pos_setup_page_set_problem (pos_window_get_setup (self->window), error->message);
  else if (pos_connection_open (self->connection, pos_sandbox_get_gateway_url (POS_SANDBOX (source)),
                                pos_sandbox_get_key_file (POS_SANDBOX (source))) &&
           !self->use_sandbox)
    g_settings_set_string (self->settings, "mode", "sandbox");
}

static void
start_sandbox (PosApplication *self)
{
  /* Kept, so that the journal fits the gateway the next time too. */
  g_autofree char *folder = g_build_filename (g_get_user_state_dir (), "tgw-demo-pos", "sandbox", NULL);
  g_autofree char *parent = g_path_get_dirname (folder);

  g_mkdir_with_parents (parent, 0700);
  g_clear_object (&self->sandbox);
  self->sandbox = pos_sandbox_new (folder);
  pos_connection_cancel (self->connection);
  pos_setup_page_set_busy (pos_window_get_setup (self->window), TRUE);
  pos_sandbox_start_async (self->sandbox, on_sandbox_ready, g_object_ref (self));
}

static void
on_not_kept (PosApplication *self, const char *reason)
{
  GtkWidget *dialog;

  if (self->window == NULL)
    return;
  dialog = adw_message_dialog_new (GTK_WINDOW (self->window), _ ("The key is not in the keyring"), NULL);
  adw_message_dialog_format_body (ADW_MESSAGE_DIALOG (dialog), "%s %s", reason,
                                  _ ("The till is connected, and goes on using the key file."));
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "close", _ ("_Close"));
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
begin (PosApplication *self)
{
  g_autofree char *mode = g_settings_get_string (self->settings, "mode");
  g_autofree char *address =
    self->gateway != NULL ? g_strdup (self->gateway) : g_settings_get_string (self->settings, "gateway");
  g_autofree char *key_file =
    self->key_file != NULL ? g_strdup (self->key_file) : g_settings_get_string (self->settings, "key-file");
  gboolean gateway = self->gateway != NULL || g_str_equal (mode, "gateway");

  pos_setup_page_set_address (pos_window_get_setup (self->window), address, key_file,
                              gateway && key_file[0] == '\0');
  if (self->use_sandbox || (self->gateway == NULL && g_str_equal (mode, "sandbox")))
    start_sandbox (self);
  else if (gateway)
    pos_connection_open (self->connection, address, key_file);
}

/* --- actions --- */

static void
on_preferences (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  PosApplication *self = data;

  gtk_window_present (GTK_WINDOW (pos_preferences_new (GTK_WINDOW (self->window), self->settings)));
}

static void
on_about (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  adw_show_about_window (
    GTK_WINDOW (POS_APPLICATION (data)->window), "application-name", _ ("Demo Till"), "application-icon",
    "org.terminalgateway.DemoPos", "version", POS_VERSION, "developer-name",
    _ ("The Terminal Gateway authors"), "license-type", GTK_LICENSE_GPL_3_0, "comments",
    _ ("A till that shows what the Terminal Gateway can do, and that is right where others go wrong."),
    /* Translators: your name, and perhaps an address */
    "translator-credits", _ ("translator-credits"), NULL);
}

static void
on_forget (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  PosApplication *self = data;

  g_settings_reset (self->settings, "mode");
  pos_connection_cancel (self->connection);
  pos_till_stop (self->till);
  g_clear_object (&self->sandbox);
}

static void
on_quit (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gtk_window_close (GTK_WINDOW (POS_APPLICATION (data)->window));
}

static void
on_colours (PosApplication *self)
{
  g_autofree char *name = g_settings_get_string (self->settings, "colours");

  adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                      g_str_equal (name, "light")  ? ADW_COLOR_SCHEME_FORCE_LIGHT
                                      : g_str_equal (name, "dark") ? ADW_COLOR_SCHEME_FORCE_DARK
                                                                   : ADW_COLOR_SCHEME_DEFAULT);
}

static void
pos_application_startup (GApplication *application)
{
  static const GActionEntry actions[] = {
    { "preferences", on_preferences, NULL, NULL, NULL, { 0 } },
    { "about", on_about, NULL, NULL, NULL, { 0 } },
    { "forget", on_forget, NULL, NULL, NULL, { 0 } },
    { "quit", on_quit, NULL, NULL, NULL, { 0 } },
  };
  static const struct
  {
    const char *action, *key;
  } keys[] = {
    { "app.preferences", "<Control>comma" },
    { "app.quit", "<Control>q" },
    { "win.page::sale", "<Control>1" },
    { "win.page::terminals", "<Control>2" },
    { "win.page::journal", "<Control>3" },
    { "win.search", "<Control>f" },
    { "win.fullscreen", "F11" },
    { "win.show-help-overlay", "<Control>question" },
  };
  PosApplication *self = POS_APPLICATION (application);

  G_APPLICATION_CLASS (pos_application_parent_class)->startup (application);
  self->settings = g_settings_new ("org.terminalgateway.DemoPos");
  self->till = pos_till_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (self), keys[i].action,
                                           (const char *[]){ keys[i].key, NULL });
  g_signal_connect_object (self->settings, "changed::colours", G_CALLBACK (on_colours), self,
                           G_CONNECT_SWAPPED);
  on_colours (self);
}

static void
pos_application_activate (GApplication *application)
{
  PosApplication *self = POS_APPLICATION (application);

  if (self->window == NULL)
    {
      self->window = pos_window_new (GTK_APPLICATION (self), self->till, self->settings);
      g_object_add_weak_pointer (G_OBJECT (self->window), (gpointer *) &self->window);
      g_signal_connect_object (pos_window_get_setup (self->window), "sandbox", G_CALLBACK (start_sandbox),
                               self, G_CONNECT_SWAPPED);
      self->connection = pos_connection_new (self->till, self->settings, pos_window_get_setup (self->window));
      g_signal_connect_object (self->connection, "not-kept", G_CALLBACK (on_not_kept), self,
                               G_CONNECT_SWAPPED);
      pos_window_set_guided (self->window, self->guided);
      begin (self);
    }
  gtk_window_present (GTK_WINDOW (self->window));
}

static void
pos_application_shutdown (GApplication *application)
{
  PosApplication *self = POS_APPLICATION (application);

  g_clear_object (&self->connection);
  if (self->till != NULL)
    pos_till_stop (self->till);
  g_clear_object (&self->sandbox);
  G_APPLICATION_CLASS (pos_application_parent_class)->shutdown (application);
}

static int
pos_application_handle_local_options (GApplication *application, GVariantDict *options)
{
  PosApplication *self = POS_APPLICATION (application);

  g_variant_dict_lookup (options, "gateway", "s", &self->gateway);
  g_variant_dict_lookup (options, "api-key-file", "^ay", &self->key_file);
  self->use_sandbox = g_variant_dict_contains (options, "sandbox");
  self->guided = g_variant_dict_contains (options, "guide");
  if ((self->gateway == NULL) == (self->key_file == NULL))
    return -1;
  g_printerr ("tgw-demo-pos: %s\n", _ ("--gateway and --api-key-file belong together"));
  return 64;
}

static void
pos_application_class_init (PosApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = pos_application_finalize;
  application_class->startup = pos_application_startup;
  application_class->activate = pos_application_activate;
  application_class->shutdown = pos_application_shutdown;
  application_class->handle_local_options = pos_application_handle_local_options;
}

static void
pos_application_init (PosApplication *self)
{
  static const GOptionEntry options[] = {
    { "gateway", 0, 0, G_OPTION_ARG_STRING, NULL, N_ ("Use this gateway, and do not remember it"),
      N_ ("URL") },
    { "api-key-file", 0, 0, G_OPTION_ARG_FILENAME, NULL, N_ ("With this key file"), N_ ("FILE") },
    { "sandbox", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Start a sandbox, and do not remember it"), NULL },
    { "guide", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Explain the first payments"), NULL },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };

  g_application_add_main_option_entries (G_APPLICATION (self), options);
}

PosApplication *
pos_application_new (void)
{
  return g_object_new (POS_TYPE_APPLICATION, "application-id", "org.terminalgateway.DemoPos",
                       "resource-base-path", "/org/terminalgateway/DemoPos", NULL);
}
