/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Typed getters: each says which member is at fault. */
#include "protocol/error.h"
#include "protocol/id.h"
#include "protocol/json.h"
#include "protocol/time.h"

#include <string.h>

static gboolean
missing (GError **error, const char *name)
{
  g_set_error (error, TGP_ERROR, TGP_ERROR_MISSING_FIELD, "%s is required", name);
  return FALSE;
}

static gboolean
invalid (GError **error, const char *name, const char *what)
{
  g_set_error (error, TGP_ERROR, TGP_ERROR_INVALID_FIELD, "%s must be %s", name, what);
  return FALSE;
}

static gboolean
take_string (TgpValue value, const char *name, gsize max_bytes, char **out, GError **error)
{
  g_autofree char *text = tgp_value_dup_string (value);

  if (text == NULL)
    return invalid (error, name, "a string");
  if (strlen (text) > max_bytes)
    {
      g_set_error (error, TGP_ERROR, TGP_ERROR_INVALID_FIELD, "%s must be at most %" G_GSIZE_FORMAT " bytes",
                   name, max_bytes);
      return FALSE;
    }
  *out = g_steal_pointer (&text);
  return TRUE;
}

gboolean
tgp_get_optional_string (TgpValue object, const char *name, gsize max_bytes, char **out, GError **error)
{
  TgpValue value = tgp_value_member (object, name);

  *out = NULL;
  return !tgp_value_exists (value) || take_string (value, name, max_bytes, out, error);
}

gboolean
tgp_get_string (TgpValue object, const char *name, gsize max_bytes, char **out, GError **error)
{
  TgpValue value = tgp_value_member (object, name);

  *out = NULL;
  if (!tgp_value_exists (value))
    return missing (error, name);
  return take_string (value, name, max_bytes, out, error);
}

static gboolean
take_id (TgpValue value, const char *name, char **out, GError **error)
{
  g_autofree char *text = tgp_value_dup_string (value);

  if (text == NULL)
    return invalid (error, name, "a string");
  if (!tgp_id_valid (text, strlen (text)))
    return invalid (error, name, "1 to 64 of A-Z a-z 0-9 . _ : - and start with a letter or digit");
  *out = g_steal_pointer (&text);
  return TRUE;
}

gboolean
tgp_get_optional_id (TgpValue object, const char *name, char **out, GError **error)
{
  TgpValue value = tgp_value_member (object, name);

  *out = NULL;
  return !tgp_value_exists (value) || take_id (value, name, out, error);
}

gboolean
tgp_get_id (TgpValue object, const char *name, char **out, GError **error)
{
  TgpValue value = tgp_value_member (object, name);

  *out = NULL;
  if (!tgp_value_exists (value) || tgp_value_equal (value, ""))
    return missing (error, name);
  return take_id (value, name, out, error);
}

gboolean
tgp_get_optional_boolean (TgpValue object, const char *name, gboolean fallback, gboolean *out, GError **error)
{
  TgpValue value = tgp_value_member (object, name);
  gsize length;

  *out = fallback;
  if (!tgp_value_exists (value))
    return TRUE;
  if (tgp_value_type (value) != TGP_JSON_BOOLEAN)
    return invalid (error, name, "true or false");
  *out = tgp_value_raw (value, &length)[0] == 't';
  return TRUE;
}

gboolean
tgp_get_optional_int (TgpValue object, const char *name, gint64 minimum, gint64 maximum, gint64 fallback,
                      gint64 *out, GError **error)
{
  TgpValue value = tgp_value_member (object, name);
  gsize length;
  const char *raw;
  char text[24];
  gint64 number;

  *out = fallback;
  if (!tgp_value_exists (value))
    return TRUE;
  raw = tgp_value_raw (value, &length);
  if (tgp_value_type (value) == TGP_JSON_NUMBER && length < sizeof text)
    {
      memcpy (text, raw, length);
      text[length] = '\0';
      if (g_ascii_string_to_signed (text, 10, minimum, maximum, &number, NULL))
        {
          *out = number;
          return TRUE;
        }
    }
  g_set_error (error, TGP_ERROR, TGP_ERROR_INVALID_FIELD,
               "%s must be a whole number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, name, minimum,
               maximum);
  return FALSE;
}

gboolean
tgp_get_id_array (TgpValue object, const char *name, guint max_items, GPtrArray **out, GError **error)
{
  TgpValue value = tgp_value_member (object, name);
  g_autoptr (GPtrArray) ids = NULL;
  guint n;

  *out = NULL;
  if (!tgp_value_exists (value))
    return missing (error, name);
  if (tgp_value_type (value) != TGP_JSON_ARRAY)
    return invalid (error, name, "an array");
  n = tgp_value_length (value);
  if (n > max_items)
    {
      g_set_error (error, TGP_ERROR, TGP_ERROR_INVALID_FIELD, "%s must have at most %u items", name,
                   max_items);
      return FALSE;
    }
  ids = g_ptr_array_new_full (n, g_free);
  for (TgpValue item = tgp_value_first (value); item.json != NULL; item = tgp_value_next (item))
    {
      g_autofree char *item_name = NULL;
      g_autofree char *text = tgp_value_dup_string (item);

      if (text == NULL || !tgp_id_valid (text, strlen (text)))
        {
          item_name = g_strdup_printf ("%s[%u]", name, ids->len);
          return take_id (item, item_name, &text, error);
        }
      g_ptr_array_add (ids, g_steal_pointer (&text));
    }
  *out = g_steal_pointer (&ids);
  return TRUE;
}

gboolean
tgp_get_object (TgpValue object, const char *name, TgpValue *out, GError **error)
{
  TgpValue value = tgp_value_member (object, name);

  *out = (TgpValue){ NULL, 0 };
  if (!tgp_value_exists (value))
    return missing (error, name);
  if (tgp_value_type (value) != TGP_JSON_OBJECT)
    return invalid (error, name, "an object");
  *out = value;
  return TRUE;
}

gboolean
tgp_get_optional_time (TgpValue object, const char *name, gint64 *out, GError **error)
{
  TgpValue value = tgp_value_member (object, name);
  g_autofree char *text = NULL;

  *out = 0;
  if (!tgp_value_exists (value))
    return TRUE;
  text = tgp_value_dup_string (value);
  if (!tgp_time_parse (text, out))
    return invalid (error, name, "a time like \"2024-01-15T10:30:00.000Z\"");
  return TRUE;
}
