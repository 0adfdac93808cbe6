/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a till's key comes from: a file or the environment, never the command line. */
#include "tools/ctl.h"

#include "libtgwclient/tgwclient.h"

static gboolean
usable (const char *text)
{
  return text != NULL && *text != '\0';
}

gboolean
ctl_options_load_key (const CtlOptions *options, char **api_key, char **api_secret, GError **error)
{
  g_autofree char *text = NULL, *key = NULL, *secret = NULL;
  g_autoptr (TgpJson) json = NULL;
  g_autoptr (GError) reason = NULL;
  gsize length;

  if (options->key_file == NULL)
    {
      key = g_strdup (g_getenv ("TGW_API_KEY"));
      secret = g_strdup (g_getenv ("TGW_API_SECRET"));
    }
  else if (!g_file_get_contents (options->key_file, &text, &length, &reason))
    {
      g_set_error (error, TGW_ERROR, TGW_ERROR_INVALID_KEY_FILE, "The key file cannot be read: %s",
                   reason->message);
      return FALSE;
    }
  else if ((json = tgp_json_parse_object (text, length, NULL)) != NULL)
    {
      key = tgp_value_dup_string (tgp_value_member (tgp_json_root (json), "apiKey"));
      secret = tgp_value_dup_string (tgp_value_member (tgp_json_root (json), "apiSecret"));
    }
  if (!usable (key) || !usable (secret))
    {
      if (options->key_file == NULL)
        g_set_error_literal (
          error, TGW_ERROR, TGW_ERROR_INVALID_KEY_FILE,
          "--api-key-file FILE is needed, or TGW_API_KEY and TGW_API_SECRET in the environment");
      else
        g_set_error (error, TGW_ERROR, TGW_ERROR_INVALID_KEY_FILE,
                     "%s is no key file; “tgwctl keys create --json > FILE” makes one", options->key_file);
      return FALSE;
    }
  *api_key = g_steal_pointer (&key);
  *api_secret = g_steal_pointer (&secret);
  return TRUE;
}
