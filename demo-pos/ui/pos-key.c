/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo-pos/ui/pos-key.h"

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <string.h>

#include "demo-pos/model/pos-json.h"

#ifdef HAVE_LIBSECRET
#include <libsecret/secret.h>

static const SecretSchema schema = {
  "org.terminalgateway.DemoPos",
  SECRET_SCHEMA_NONE,
  { { "address", SECRET_SCHEMA_ATTRIBUTE_STRING },
    { "api-key", SECRET_SCHEMA_ATTRIBUTE_STRING },
    { NULL, 0 } },
};
#endif

gboolean
pos_key_has_keyring (void)
{
#ifdef HAVE_LIBSECRET
  return TRUE;
#else
  return FALSE;
#endif
}

gboolean
pos_key_load_file (const char *path, char **api_key, char **api_secret, GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) reason = NULL;

  if (!g_file_get_contents (path, &text, NULL, &reason))
    {
      /* Translators: the path of a file, and the system's reason */
      g_set_error (
        error, G_IO_ERROR, G_IO_ERROR_FAILED,
        _ ("Key file: “%s” cannot be read (%s). Choose the file that the gateway’s operator gave you."), path,
        reason->message);
      return FALSE;
    }
  *api_key = pos_json_text (text, "apiKey");
  *api_secret = pos_json_text (text, "apiSecret");
  if (*api_key != NULL && *api_secret != NULL)
    return TRUE;
  g_clear_pointer (api_key, g_free);
  g_clear_pointer (api_secret, g_free);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
               _ ("Key file: “%s” is none. Choose the file that the gateway’s operator gave you."), path);
  return FALSE;
}

static GTask *
task_new (const char *address, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_task_data (task, g_strdup (address), g_free);
  return task;
}

#ifdef HAVE_LIBSECRET
static void
return_locked (GTask *task)
{
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "%s",
                           _ ("The keyring is locked. Unlock it and try again, or choose the key file."));
}

/* What libsecret says is for its programmers. */
static void
return_keyring_error (GTask *task, const GError *reason)
{
  if (g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_task_return_error (task, g_error_copy (reason));
  else if (g_error_matches (reason, SECRET_ERROR, SECRET_ERROR_IS_LOCKED))
    return_locked (task);
  else if (g_error_matches (reason, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN) ||
           g_error_matches (reason, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER) ||
           g_error_matches (reason, G_DBUS_ERROR, G_DBUS_ERROR_SPAWN_SERVICE_NOT_FOUND) ||
           reason->domain == G_IO_ERROR || g_str_has_prefix (g_quark_to_string (reason->domain), "g-spawn"))
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "%s",
                             _ ("No keyring runs on this computer. Choose the key file instead."));
  else
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED,
                             /* Translators: what the keyring says */
                             _ ("The keyring refused: %s. Choose the key file instead."), reason->message);
}

/* Without a key and without an error: there is none, or the user would not unlock it. */
static void
on_searched (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  g_autoptr (GError) reason = NULL;
  GList *items = secret_password_search_finish (result, &reason);

  if (reason != NULL)
    return_keyring_error (task, reason);
  else if (items != NULL)
    return_locked (task);
  else
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                             _ ("The keyring has no key for “%s”. Choose the key file."),
                             (const char *) g_task_get_task_data (task));
  g_list_free_full (items, g_object_unref);
}

/* Key and secret in one item, a line each. */
static void
on_found (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  g_autoptr (GError) reason = NULL;
  char *stored = secret_password_lookup_finish (result, &reason);

  if (reason != NULL)
    return_keyring_error (task, reason);
  else if (stored == NULL)
    secret_password_search (&schema, SECRET_SEARCH_NONE, g_task_get_cancellable (task), on_searched,
                            g_object_ref (task), "address", (const char *) g_task_get_task_data (task), NULL);
  else
    g_task_return_pointer (task, g_strsplit (stored, "\n", 2), (GDestroyNotify) g_strfreev);
  secret_password_free (stored);
}

void
pos_key_load_keyring_async (const char *address, GCancellable *cancellable, GAsyncReadyCallback callback,
                            gpointer user_data)
{
  GTask *task = task_new (address, cancellable, callback, user_data);

  secret_password_lookup (&schema, cancellable, on_found, task, "address", address, NULL);
}

static void
on_stored (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  g_autoptr (GError) reason = NULL;

  if (secret_password_store_finish (result, &reason))
    g_task_return_boolean (task, TRUE);
  else if (reason == NULL)
    return_locked (task);
  else
    return_keyring_error (task, reason);
}

void
pos_key_store_keyring_async (const char *address, const char *api_key, const char *api_secret,
                             GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = task_new (address, cancellable, callback, user_data);
  g_autofree char *both = g_strdup_printf ("%s\n%s", api_key, api_secret);

  secret_password_store (&schema, SECRET_COLLECTION_DEFAULT, _ ("Key of the demo till"), both, cancellable,
                         on_stored, task, "address", address, NULL);
}
#else
static void
return_no_keyring (GTask *task)
{
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "%s",
                           _ ("This till was built without a keyring. Choose the key file instead."));
  g_object_unref (task);
}

void
pos_key_load_keyring_async (const char *address, GCancellable *cancellable, GAsyncReadyCallback callback,
                            gpointer user_data)
{
  return_no_keyring (task_new (address, cancellable, callback, user_data));
}

void
pos_key_store_keyring_async (const char *address, const char *api_key, const char *api_secret,
                             GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  return_no_keyring (task_new (address, cancellable, callback, user_data));
}
#endif

gboolean
pos_key_load_keyring_finish (GAsyncResult *result, char **api_key, char **api_secret, GError **error)
{
  g_auto (GStrv) lines = g_task_propagate_pointer (G_TASK (result), error);

  if (lines == NULL)
    return FALSE;
  *api_key = g_strdup (lines[0]);
  *api_secret = g_strdup (lines[0] != NULL && lines[1] != NULL ? lines[1] : "");
  return TRUE;
}

gboolean
pos_key_store_keyring_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
