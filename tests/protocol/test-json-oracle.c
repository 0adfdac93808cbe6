/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the guard accepts means the same to an independent reader. The other direction does not hold, on
 * purpose: json-glib takes comments, duplicate members, 0x10 and more that the guard refuses. */
#include "protocol/json.h"

#include <json-glib/json-glib.h>
#include <string.h>

static void
compare (TgpValue value, JsonNode *node)
{
  gsize length;
  const char *raw = tgp_value_raw (value, &length);
  g_autofree char *text = NULL;

  switch (tgp_value_type (value))
    {
    case TGP_JSON_NULL:
      g_assert_true (JSON_NODE_HOLDS_NULL (node));
      return;
    case TGP_JSON_BOOLEAN:
      g_assert_cmpint (json_node_get_value_type (node), ==, G_TYPE_BOOLEAN);
      g_assert_cmpint (json_node_get_boolean (node), ==, raw[0] == 't');
      return;
    case TGP_JSON_STRING:
      g_assert_cmpint (json_node_get_value_type (node), ==, G_TYPE_STRING);
      text = tgp_value_dup_string (value);
      g_assert_cmpstr (json_node_get_string (node), ==, text);
      g_assert_true (tgp_value_equal (value, text));
      return;
    case TGP_JSON_NUMBER:
      text = tgp_value_dup_raw (value);
      if (strpbrk (text, ".eE") != NULL)
        g_assert_cmpfloat (json_node_get_double (node), ==, g_ascii_strtod (text, NULL));
      else if (length < 18) /* longer ones json-glib 1.6 wraps */
        g_assert_cmpint (json_node_get_int (node), ==, g_ascii_strtoll (text, NULL, 10));
      return;
    case TGP_JSON_ARRAY:
      {
        JsonArray *array = json_node_get_array (node);
        guint i = 0;

        g_assert_cmpuint (json_array_get_length (array), ==, tgp_value_length (value));
        for (TgpValue item = tgp_value_first (value); item.json != NULL; item = tgp_value_next (item))
          compare (item, json_array_get_element (array, i++));
        g_assert_cmpuint (i, ==, tgp_value_length (value));
        return;
      }
    case TGP_JSON_OBJECT:
      {
        JsonObject *object = json_node_get_object (node);
        guint i = 0;

        g_assert_cmpuint (json_object_get_size (object), ==, tgp_value_length (value));
        for (TgpValue item = tgp_value_first (value); item.json != NULL; item = tgp_value_next (item), i++)
          {
            g_autofree char *name = tgp_value_dup_name (item);
            TgpValue found = tgp_value_member (value, name);

            g_assert_cmpuint (found.node, ==, item.node);
            g_assert_true (json_object_has_member (object, name));
            compare (item, json_object_get_member (object, name));
          }
        g_assert_cmpuint (i, ==, tgp_value_length (value));
        return;
      }
    case TGP_JSON_ABSENT:
    default:
      g_assert_not_reached ();
    }
}

static gboolean
check (const char *text, gsize length)
{
  g_autoptr (TgpJson) json = tgp_json_parse (text, length, NULL);
  g_autoptr (JsonParser) parser = NULL;
  g_autoptr (GError) error = NULL;

  if (json == NULL)
    return FALSE;
  parser = json_parser_new ();
  json_parser_load_from_data (parser, text, (gssize) length, &error);
  g_assert_no_error (error);
  compare (tgp_json_root (json), json_parser_get_root (parser));
  return TRUE;
}

static void
put_string (GString *text, GRand *rand)
{
  static const char *const pieces[] = {
    "a",    "b",       "\xc3\xa4", "\xf0\x9f\x98\x80", "\\n",     "\\u0041", "\\\"",
    "\\\\", "\\/",     "\\t",      "\\ud83d\\ude00",   "\\u00e4", " ",       "\x7f",
    "{",    "\\u20ac", "]",        "\\b\\f\\r",        "'",       "\\uD7FF", "0"
  };
  gint n = g_rand_int_range (rand, 0, 6);

  g_string_append_c (text, '"');
  for (gint i = 0; i < n; i++)
    g_string_append (text, pieces[g_rand_int_range (rand, 0, G_N_ELEMENTS (pieces))]);
  g_string_append_c (text, '"');
}

static void
put_space (GString *text, GRand *rand)
{
  if (g_rand_int_range (rand, 0, 4) == 0)
    g_string_append_c (text, " \t\r\n"[g_rand_int_range (rand, 0, 4)]);
}

static void
put_value (GString *text, GRand *rand, guint depth)
{
  static const char *const scalars[] = { "null", "true", "false", "0",   "-0",   "12",
                                         "-345", "1.5",  "0.25",  "1e3", "2E-2", "123456789012" };
  gint kind = g_rand_int_range (rand, 0, depth < 5 ? 6 : 3);
  gint n = g_rand_int_range (rand, 0, g_rand_int_range (rand, 0, 20) == 0 ? 40 : 5);

  put_space (text, rand);
  if (kind < 2)
    g_string_append (text, scalars[g_rand_int_range (rand, 0, G_N_ELEMENTS (scalars))]);
  else if (kind == 2)
    put_string (text, rand);
  else
    {
      g_string_append_c (text, kind == 3 ? '[' : '{');
      for (gint i = 0; i < n; i++)
        {
          if (i > 0)
            g_string_append_c (text, ',');
          if (kind != 3)
            {
              put_space (text, rand);
              put_string (text, rand);
              put_space (text, rand);
              g_string_append_c (text, ':');
            }
          put_value (text, rand, depth + 1);
        }
      g_string_append_c (text, kind == 3 ? ']' : '}');
    }
  put_space (text, rand);
}

/* Some of them repeat a name and are refused; the others are compared. */
static void
test_generated (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (20240115);
  guint accepted = 0;

  for (guint i = 0; i < 20000; i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);

      put_value (text, rand, 0);
      accepted += check (text->str, text->len);
    }
  g_assert_cmpuint (accepted, >, 12000);
}

static void
test_mutated (void)
{
  static const char bytes[] = "\"\\{}[]:,0123456789.eE+-tfn u\x80\xc3\xa4\xf0/*";
  g_autoptr (GRand) rand = g_rand_new_with_seed (8);
  guint accepted = 0;

  for (guint i = 0; i < 100000; i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);

      put_value (text, rand, 3);
      if (text->len > 0)
        text->str[g_rand_int_range (rand, 0, (gint) text->len)] =
          bytes[g_rand_int_range (rand, 0, sizeof bytes - 1)];
      accepted += check (text->str, text->len);
    }
  g_assert_cmpuint (accepted, >, 1000);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json-oracle/generated", test_generated);
  g_test_add_func ("/json-oracle/mutated", test_mutated);
  return g_test_run ();
}
