/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guard: whatever it accepts can be walked, is UTF-8 without NUL, finds its own members and is accepted
 * again value by value. */
#include "protocol/json.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
walk (TgpValue value, guint depth)
{
  TgpJsonType type = tgp_value_type (value);
  gsize length;
  const char *raw = tgp_value_raw (value, &length);
  g_autofree char *text = tgp_value_dup_string (value);
  guint children = 0;

  g_assert (depth <= TGP_JSON_MAX_DEPTH && type != TGP_JSON_ABSENT && raw != NULL && length > 0);
  g_assert ((text != NULL) == (type == TGP_JSON_STRING));
  if (text != NULL)
    g_assert (g_utf8_validate (text, -1, NULL) && tgp_value_equal (value, text));
  for (TgpValue child = tgp_value_first (value); child.json != NULL;
       child = tgp_value_next (child), children++)
    {
      g_autofree char *name = tgp_value_dup_name (child);

      g_assert ((name != NULL) == (type == TGP_JSON_OBJECT));
      /* Looking up each of very many would be the test's own n². */
      if (name != NULL && tgp_value_length (value) < 200)
        g_assert (g_utf8_validate (name, -1, NULL) && tgp_value_member (value, name).node == child.node);
      walk (child, depth + 1);
    }
  g_assert (children == tgp_value_length (value));
  if (depth == 1)
    {
      g_autoptr (TgpJson) again = tgp_json_parse (raw, length, NULL);

      g_assert (again != NULL && tgp_value_type (tgp_json_root (again)) == type);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TgpJson) json = tgp_json_parse ((const char *) data, size, &error);

  g_assert ((json == NULL) == (error != NULL));
  if (json != NULL)
    walk (tgp_json_root (json), 0);
  return 0;
}
