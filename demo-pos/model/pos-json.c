/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo-pos/model/pos-json.h"

#include <json-glib/json-glib.h>

static JsonNode *
parse (const char *json)
{
  return json != NULL ? json_from_string (json, NULL) : NULL;
}

char *
pos_json_text (const char *json, const char *member)
{
  g_autoptr (JsonNode) root = parse (json);
  JsonNode *node;

  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return NULL;
  node = json_object_get_member (json_node_get_object (root), member);
  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
    return NULL;
  return json_node_dup_string (node);
}

static void
append_scalar (GString *text, const char *name, JsonNode *node)
{
  GValue value = G_VALUE_INIT, string = G_VALUE_INIT;

  json_node_get_value (node, &value);
  g_value_init (&string, G_TYPE_STRING);
  if (g_value_transform (&value, &string))
    g_string_append_printf (text, "%s%s%s\n", name != NULL ? name : "", name != NULL ? ": " : "",
                            g_value_get_string (&string));
  g_value_unset (&string);
  g_value_unset (&value);
}

/* No deeper: a receipt is no program. */
#define MAX_DEPTH 8

static void
append_value (GString *text, const char *name, JsonNode *node, guint depth)
{
  if (JSON_NODE_HOLDS_VALUE (node))
    append_scalar (text, name, node);
  else if (JSON_NODE_HOLDS_ARRAY (node) && depth < MAX_DEPTH)
    for (guint i = 0; i < json_array_get_length (json_node_get_array (node)); i++)
      append_value (text, NULL, json_array_get_element (json_node_get_array (node), i), depth + 1);
  else if (JSON_NODE_HOLDS_OBJECT (node) && depth < MAX_DEPTH)
    {
      JsonObjectIter iter;
      const char *member;
      JsonNode *child;

      json_object_iter_init_ordered (&iter, json_node_get_object (node));
      while (json_object_iter_next_ordered (&iter, &member, &child))
        append_value (text, member, child, depth + 1);
    }
}

char *
pos_json_receipt_lines (const char *json)
{
  g_autoptr (JsonNode) root = parse (json);
  GString *text;

  if (root == NULL)
    return NULL;
  text = g_string_new (NULL);
  append_value (text, NULL, root, 0);
  return g_string_free (text, text->len == 0);
}
