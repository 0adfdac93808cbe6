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

  if (!g_file_get_contents (path, &text, NULL, error))
    return FALSE;
  *api_key = pos_json_text (text, "apiKey");
  *api_secret = pos_json_text (text, "apiSecret");
  if (*api_key != NULL && *api_secret != NULL)
    return TRUE;
  g_clear_pointer (api_key, g_free);
  g_clear_pointer (api_secret, g_free);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _ ("%s is not a key file"), path);
  return FALSE;
}

#ifdef HAVE_LIBSECRET
/* Key and secret in one item, a line each. */
gboolean
pos_key_load_keyring (const char *address, char **api_key, char **api_secret, GError **error)
{
  g_autoptr (GError) reason = NULL;
  char *stored = secret_password_lookup_sync (&schema, NULL, &reason, "address", address, NULL);
  g_auto (GStrv) lines = stored != NULL ? g_strsplit (stored, "\n", 2) : NULL;

  secret_password_free (stored);
  if (reason != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&reason));
      return FALSE;
    }
  if (lines == NULL || g_strv_length (lines) != 2)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "%s",
                   _ ("The keyring has no key for this gateway"));
      return FALSE;
    }
  *api_key = g_strdup (lines[0]);
  *api_secret = g_strdup (lines[1]);
  return TRUE;
}

gboolean
pos_key_store_keyring (const char *address, const char *api_key, const char *api_secret, GError **error)
{
  g_autofree char *both = g_strdup_printf ("%s\n%s", api_key, api_secret);

  return secret_password_store_sync (&schema, SECRET_COLLECTION_DEFAULT, _ ("Key of the demo till"), both,
                                     NULL, error, "address", address, NULL);
}
#else
static gboolean
no_keyring (GError **error)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "%s",
               _ ("This till was built without a keyring"));
  return FALSE;
}

gboolean
pos_key_load_keyring (const char *address, char **api_key, char **api_secret, GError **error)
{
  return no_keyring (error);
}

gboolean
pos_key_store_keyring (const char *address, const char *api_key, const char *api_secret, GError **error)
{
  return no_keyring (error);
}
#endif
