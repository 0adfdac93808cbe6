/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Looking at the values of a parsed document. */
#include "protocol/json-private.h"

#include <string.h>

static const TgpJsonNode *
node_of (TgpValue value)
{
  return value.json != NULL ? &value.json->nodes[value.node] : NULL;
}

TgpValue
tgp_json_root (const TgpJson *json)
{
  return (TgpValue){ json, 0 };
}

TgpJsonType
tgp_value_type (TgpValue value)
{
  const TgpJsonNode *node = node_of (value);

  return node != NULL ? (TgpJsonType) node->type : TGP_JSON_ABSENT;
}

gboolean
tgp_value_exists (TgpValue value)
{
  return tgp_value_type (value) > TGP_JSON_NULL;
}

const char *
tgp_value_raw (TgpValue value, gsize *length)
{
  const TgpJsonNode *node = node_of (value);

  *length = node != NULL ? node->end - node->start : 0;
  return node != NULL ? value.json->text + node->start : NULL;
}

char *
tgp_value_dup_raw (TgpValue value)
{
  gsize length;
  const char *raw = tgp_value_raw (value, &length);

  return raw != NULL ? g_strndup (raw, length) : NULL;
}

static char *
dup_text (const char *from, const char *end, gboolean escaped)
{
  char *text = g_malloc ((gsize) (end - from) + 1);
  gsize length = (gsize) (end - from);

  if (escaped)
    length = tgp_json_unescape (from, end, text);
  else
    memcpy (text, from, length);
  text[length] = '\0';
  return text;
}

char *
tgp_value_dup_string (TgpValue value)
{
  const TgpJsonNode *node = node_of (value);

  if (node == NULL || node->type != TGP_JSON_STRING)
    return NULL;
  return dup_text (value.json->text + node->start + 1, value.json->text + node->end - 1,
                   node->value_is_escaped);
}

/* Is the string between from and end, escapes resolved, this text? */
static gboolean
text_is (const char *from, const char *end, gboolean escaped, const char *text, gsize length)
{
  if (escaped)
    return tgp_json_equal (from, end, text, length);
  return (gsize) (end - from) == length && memcmp (from, text, length) == 0;
}

gboolean
tgp_value_equal (TgpValue value, const char *text)
{
  const TgpJsonNode *node = node_of (value);

  if (node == NULL || node->type != TGP_JSON_STRING || text == NULL)
    return FALSE;
  return text_is (value.json->text + node->start + 1, value.json->text + node->end - 1,
                  node->value_is_escaped, text, strlen (text));
}

guint
tgp_value_length (TgpValue value)
{
  const TgpJsonNode *node = node_of (value);

  return node != NULL ? node->count : 0;
}

TgpValue
tgp_value_member (TgpValue object, const char *name)
{
  const TgpJsonNode *node = node_of (object);
  gsize length = strlen (name);
  guint child;

  if (node == NULL || node->type != TGP_JSON_OBJECT || node->count == 0)
    return (TgpValue){ NULL, 0 };
  for (child = object.node + 1; child != 0; child = object.json->nodes[child].next)
    {
      const TgpJsonNode *member = &object.json->nodes[child];

      if (text_is (object.json->text + member->name, object.json->text + member->name_end,
                   member->name_is_escaped, name, length))
        return (TgpValue){ object.json, child };
    }
  return (TgpValue){ NULL, 0 };
}

TgpValue
tgp_value_first (TgpValue value)
{
  return tgp_value_length (value) > 0 ? (TgpValue){ value.json, value.node + 1 } : (TgpValue){ NULL, 0 };
}

TgpValue
tgp_value_next (TgpValue child)
{
  const TgpJsonNode *node = node_of (child);

  return node != NULL && node->next != 0 ? (TgpValue){ child.json, node->next } : (TgpValue){ NULL, 0 };
}

char *
tgp_value_dup_name (TgpValue child)
{
  const TgpJsonNode *node = node_of (child);

  if (node == NULL || node->name == 0)
    return NULL;
  return dup_text (child.json->text + node->name, child.json->text + node->name_end, node->name_is_escaped);
}
