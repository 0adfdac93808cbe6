/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libtgwclient/tgw-credentials.h"

#include "libtgwclient/tgw-error.h"
#include "protocol/json.h"

#define MAX_KEY_FILE 65536

gboolean
tgw_credentials_usable (const char *text)
{
  gsize length = 0;

  if (text == NULL)
    return FALSE;
  for (; text[length] != '\0'; length++)
    if (!g_ascii_isgraph (text[length]))
      return FALSE;
  return length >= 1 && length <= 256;
}

gboolean
tgw_credentials_load (const char *path, char **api_key, char **api_secret, GError **error)
{
  g_autofree char *text = NULL, *key = NULL, *secret = NULL;
  g_autoptr (TgpJson) json = NULL;
  g_autoptr (GError) reason = NULL;
  gsize length;

  if (!g_file_get_contents (path, &text, &length, &reason))
    {
      g_set_error (error, TGW_ERROR, TGW_ERROR_INVALID_KEY_FILE, "The key file cannot be read: %s",
                   reason->message);
      return FALSE;
    }
  if (length <= MAX_KEY_FILE)
    json = tgp_json_parse_object (text, length, NULL);
  if (json != NULL)
    {
      key = tgp_value_dup_string (tgp_value_member (tgp_json_root (json), "apiKey"));
      secret = tgp_value_dup_string (tgp_value_member (tgp_json_root (json), "apiSecret"));
    }
  if (!tgw_credentials_usable (key) || !tgw_credentials_usable (secret))
    {
      /* The content stays out of the message: it may be a secret all the same. */
      g_set_error (error, TGW_ERROR, TGW_ERROR_INVALID_KEY_FILE,
                   "%s is no key file; “tgwctl keys create --json > FILE” makes one", path);
      return FALSE;
    }
  *api_key = g_steal_pointer (&key);
  *api_secret = g_steal_pointer (&secret);
  return TRUE;
}
