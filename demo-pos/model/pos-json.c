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
append_value (GString *text, const char *name, JsonNode *node)
{
  GValue value = G_VALUE_INIT, string = G_VALUE_INIT;

  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (array); i++)
        if (JSON_NODE_HOLDS_VALUE (json_array_get_element (array, i)))
          append_value (text, NULL, json_array_get_element (array, i));
      return;
    }
  if (!JSON_NODE_HOLDS_VALUE (node))
    return;
  json_node_get_value (node, &value);
  g_value_init (&string, G_TYPE_STRING);
  if (g_value_transform (&value, &string))
    g_string_append_printf (text, "%s%s%s\n", name != NULL ? name : "", name != NULL ? ": " : "",
                            g_value_get_string (&string));
  g_value_unset (&string);
  g_value_unset (&value);
}

char *
pos_json_receipt_lines (const char *json)
{
  g_autoptr (JsonNode) root = parse (json);
  GString *text;

  if (root == NULL)
    return NULL;
  text = g_string_new (NULL);
  if (JSON_NODE_HOLDS_OBJECT (root))
    {
      JsonObjectIter iter;
      const char *name;
      JsonNode *node;

      json_object_iter_init (&iter, json_node_get_object (root));
      while (json_object_iter_next (&iter, &name, &node))
        append_value (text, name, node);
    }
  else
    append_value (text, NULL, root);
  return g_string_free (text, text->len == 0);
}
