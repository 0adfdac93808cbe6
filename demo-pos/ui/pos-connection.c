/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo-pos/ui/pos-connection.h"

#include <glib/gi18n.h>

#include "demo-pos/ui/pos-key.h"

struct _PosConnection
{
  GObject parent_instance;

  PosTill *till;
  GSettings *settings;
  PosSetupPage *page;
  GCancellable *cancellable; /* of the keyring */
  /* What is being tried: */
  char *address, *key_file, *api_key, *api_secret;
  gboolean trial; /* typed just now, not remembered yet */
  gboolean keep;  /* in the keyring */
};

G_DEFINE_FINAL_TYPE (PosConnection, pos_connection, G_TYPE_OBJECT)

static guint not_kept;

static void
forget (PosConnection *self)
{
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->address, g_free);
  g_clear_pointer (&self->key_file, g_free);
  g_clear_pointer (&self->api_key, g_free);
  g_clear_pointer (&self->api_secret, g_free);
  self->trial = self->keep = FALSE;
}

static void
pos_connection_dispose (GObject *object)
{
  PosConnection *self = POS_CONNECTION (object);

  forget (self);
  g_clear_object (&self->till);
  g_clear_object (&self->settings);
  g_clear_object (&self->page);
  G_OBJECT_CLASS (pos_connection_parent_class)->dispose (object);
}

static void
pos_connection_class_init (PosConnectionClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = pos_connection_dispose;
  not_kept = g_signal_new ("not-kept", POS_TYPE_CONNECTION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                           G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
pos_connection_init (PosConnection *self)
{
}

/* --- words --- */

/* Which row of the form is wrong, what it has, and what to do. */
static char *
problem_text (PosConnection *self, const GError *error)
{
  const char *key = self->key_file[0] != '\0' ? self->key_file : _ ("the keyring");

  if (g_error_matches (error, TGW_ERROR, TGW_ERROR_INVALID_ADDRESS))
    return g_strdup_printf (
      _ ("Address: “%s” is no address of a gateway. It looks like https://gateway.example:8470."),
      self->address);
  if (g_error_matches (error, TGW_ERROR, TGW_ERROR_INSECURE_ADDRESS))
    return g_strdup_printf (
      _ ("Address: “%s” would send keys and payments over the network unprotected. Let it begin with https."),
      self->address);
  if (g_error_matches (error, TGW_ERROR, TGW_ERROR_UNTRUSTED))
    return g_strdup_printf (
      /* Translators: an address, and a reason in English */
      _ ("Address: the certificate of “%s” is not trusted (%s). Ask the gateway’s operator."), self->address,
      error->message);
  if (g_error_matches (error, TGW_ERROR, TGW_ERROR_TIMESTAMP_EXPIRED))
    return g_strdup_printf (_ ("Clock: this computer’s is wrong (%s). Set it and try again."),
                            error->message);
  if (tgw_error_is_authentication (error))
    return g_strdup_printf (
      /* Translators: a file or “the keyring”, an address, and a reason in English */
      _ ("Key file: the gateway at “%2$s” does not take the key of %1$s (%3$s). Ask its operator for "
         "another."),
      key, self->address, error->message);
  if (tgw_error_is_connection (error))
    return g_strdup_printf (
      /* Translators: an address, and a reason in English */
      _ ("Address: no gateway answers at “%s” (%s). Check the address, the network and the gateway."),
      self->address, error->message);
  if (g_error_matches (error, TGW_ERROR, TGW_ERROR_JOURNAL_IN_USE))
    return g_strdup_printf (
      _ ("Key file: another program on this computer uses the key of %s. Close it, or use another key."),
      key);
  return g_strdup (error->message);
}

static void
fail (PosConnection *self, const GError *error)
{
  g_autofree char *problem = problem_text (self, error);

  forget (self);
  pos_setup_page_set_waiting (self->page, NULL);
  pos_setup_page_set_problem (self->page, problem);
}

/* --- the till --- */

/* Each key has a book of its own, as it has a journal of its own in the client library. */
static char *
book_folder (const char *api_key)
{
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, api_key, -1);

  digest[16] = '\0';
  return g_build_filename (g_get_user_state_dir (), "tgw-demo-pos", digest, NULL);
}

static gboolean
start (PosConnection *self)
{
  g_autofree char *folder = book_folder (self->api_key),
                  *ca_file = g_settings_get_string (self->settings, "ca-file");
  g_autoptr (TgwClient) client = NULL;
  g_autoptr (GError) error = NULL;

  client =
    g_initable_new (TGW_TYPE_CLIENT, NULL, &error, "gateway-url", self->address, "api-key", self->api_key,
                    "api-secret", self->api_secret, "ca-file", ca_file[0] != '\0' ? ca_file : NULL,
                    "allow-plain-text", g_settings_get_boolean (self->settings, "allow-plain-text"), NULL);
  if (client == NULL || !(self->trial ? pos_till_try : pos_till_start) (self->till, client, folder, &error))
    {
      fail (self, error);
      return FALSE;
    }
  return TRUE;
}

static void
remember (PosConnection *self, const char *key_file)
{
  g_settings_set_string (self->settings, "gateway", self->address);
  g_settings_set_string (self->settings, "key-file", key_file);
  g_settings_set_string (self->settings, "mode", "gateway");
}

static void
on_stored (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (PosConnection) self = data;
  g_autoptr (GError) error = NULL;

  if (pos_key_store_keyring_finish (result, &error))
    remember (self, "");
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      remember (self, self->key_file);
      g_signal_emit (self, not_kept, 0, error->message);
    }
}

static void
on_online (PosConnection *self)
{
  if (!pos_till_get_online (self->till))
    return;
  pos_setup_page_set_waiting (self->page, NULL);
  if (!self->trial)
    return;
  self->trial = FALSE;
  if (self->keep)
    pos_key_store_keyring_async (self->address, self->api_key, self->api_secret, self->cancellable, on_stored,
                                 g_object_ref (self));
  else
    remember (self, self->key_file);
}

static void
on_failed (PosConnection *self, const GError *error)
{
  if (self->address != NULL)
    fail (self, error);
}

/* --- the key --- */

static void
on_key (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (PosConnection) self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *api_key = NULL, *api_secret = NULL;

  if (!pos_key_load_keyring_finish (result, &api_key, &api_secret, &error))
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        fail (self, error);
      return;
    }
  self->api_key = g_steal_pointer (&api_key);
  self->api_secret = g_steal_pointer (&api_secret);
  pos_setup_page_set_waiting (self->page, self->trial ? _ ("Connecting…") : NULL);
  start (self);
}

static gboolean
open_with (PosConnection *self, const char *address, const char *key_file, gboolean trial, gboolean keep)
{
  g_autoptr (GError) error = NULL;

  pos_connection_cancel (self);
  self->cancellable = g_cancellable_new ();
  self->address = g_strdup (address);
  self->key_file = g_strdup (key_file);
  self->trial = trial;
  self->keep = keep;
  if (key_file[0] == '\0')
    {
      pos_setup_page_set_waiting (self->page, _ ("Waiting for the keyring…"));
      pos_key_load_keyring_async (address, self->cancellable, on_key, g_object_ref (self));
      return TRUE;
    }
  if (!pos_key_load_file (key_file, &self->api_key, &self->api_secret, &error))
    {
      fail (self, error);
      return FALSE;
    }
  if (trial)
    pos_setup_page_set_waiting (self->page, _ ("Connecting…"));
  return start (self);
}

gboolean
pos_connection_open (PosConnection *self, const char *address, const char *key_file)
{
  return open_with (self, address, key_file, FALSE, FALSE);
}

static void
on_gateway (PosConnection *self, const char *address, const char *key_file, gboolean keyring)
{
  open_with (self, address, key_file, TRUE, keyring && key_file[0] != '\0');
}

void
pos_connection_cancel (PosConnection *self)
{
  if (self->trial)
    pos_till_stop (self->till);
  forget (self);
  pos_setup_page_set_waiting (self->page, NULL);
  pos_setup_page_set_problem (self->page, NULL);
}

PosConnection *
pos_connection_new (PosTill *till, GSettings *settings, PosSetupPage *page)
{
  PosConnection *self = g_object_new (POS_TYPE_CONNECTION, NULL);

  self->till = g_object_ref (till);
  self->settings = g_object_ref (settings);
  self->page = g_object_ref (page);
  g_signal_connect_object (till, "notify::online", G_CALLBACK (on_online), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (till, "failed", G_CALLBACK (on_failed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (page, "gateway", G_CALLBACK (on_gateway), self, G_CONNECT_SWAPPED);
  return self;
}
