/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "protocol/error.h"
#include "protocol/json.h"

#include <string.h>

static TgpJson *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  TgpJson *json = tgp_json_parse (text, strlen (text), &error);

  g_assert_no_error (error);
  g_assert_nonnull (json);
  return json;
}

/* A copy of exact size, so that the sanitizer sees a read behind the end. */
static gboolean
accepts (const char *text, gsize length)
{
  g_autofree char *exact = length > 0 ? g_memdup2 (text, length) : NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (TgpJson) json = tgp_json_parse (exact, length, &error);

  if (json == NULL)
    g_assert_error (error, TGP_ERROR, TGP_ERROR_MALFORMED_JSON);
  else
    g_assert_no_error (error);
  return json != NULL;
}

static const char *const good[] = {
  "null",
  "true",
  "false",
  "0",
  "-0",
  "1",
  "-1",
  "10",
  "0.5",
  "1.50",
  "1e5",
  "1E+5",
  "1e-5",
  "-0.0e0",
  "123456789012345678901234567890",
  "\"\"",
  "\"a\"",
  " \t\r\n1 \t\r\n",
  "[]",
  "{}",
  "[ ]",
  "{ }",
  "[1]",
  "[1,2]",
  "[[],{}]",
  "{\"a\":1}",
  "{\"a\":{\"a\":{\"a\":1}}}",
  "{ \"a\" : 1 , \"b\" : [ 1 , 2 ] }",
  "[{\"a\":1},{\"a\":2}]",
  "{\"\":1}",
  "{\"a\":1,\"A\":2}",
  "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
  "\"\\u0041\\u00e4\\u20ac\\ud83d\\ude00\"",
  "\"\\uD83D\\uDE00\"",
  "\"\\u0001\"",
  "\"\\uffff\"",
  "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"",
  "\"\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"",
  "\"\x7f\"",
  "{\"a\\u0062\":1,\"a\":2,\"b\":3}",
  "[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]",
};

static const char *const bad[] = {
  "",
  " ",
  "nul",
  "nulll",
  "True",
  "NULL",
  "undefined",
  "NaN",
  "Infinity",
  "-Infinity",
  "-",
  "+1",
  ".5",
  "5.",
  "01",
  "-01",
  "00",
  "0x10",
  "1e",
  "1e+",
  "1.e5",
  "1..5",
  "1.5.5",
  "1a",
  "--1",
  "1 2",
  "1,",
  ",1",
  "\"",
  "\"a",
  "\"\\",
  "\"\\\"",
  "\"\\x\"",
  "\"\\u\"",
  "\"\\u12\"",
  "\"\\u123g\"",
  "\"\\u\xc3\xa4\"",
  "'a'",
  "a",
  "\"a\" b",
  "\"\t\"",
  "\"\n\"",
  "\"\x01\"",
  "\"\x1f\"",
  "[",
  "]",
  "{",
  "}",
  "[1",
  "[1,",
  "[1,]",
  "[,1]",
  "[1 2]",
  "[1}",
  "{]",
  "{\"a\"",
  "{\"a\":",
  "{\"a\":1",
  "{\"a\":1,",
  "{\"a\":1,}",
  "{,}",
  "{\"a\" 1}",
  "{\"a\"::1}",
  "{a:1}",
  "{1:1}",
  "{'a':1}",
  "{\"a\":1 \"b\":2}",
  "{\"a\",1}",
  "{\"a\":1]",
  "{null:1}",
  "[] []",
  "{}{}",
  "[]x",
  "{}//",
  "/**/{}",
  "{}/**/",
  "{/**/\"a\":1}",
  "[1]#",
  "var x = {}",
  "\xef\xbb\xbf{}",
  /* twice the same name, however it is spelled */
  "{\"a\":1,\"a\":1}",
  "{\"a\":1,\"b\":2,\"a\":3}",
  "{\"a\":1,\"\\u0061\":2}",
  "{\"\\u0061\":1,\"\\u0061\":2}",
  "{\"\":1,\"\":2}",
  "[{\"x\":{\"a\":1,\"a\":2}}]",
  "{\"/\":1,\"\\/\":2}",
  "{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":2}",
  /* no U+0000, no half of a pair */
  "\"\\u0000\"",
  "{\"\\u0000\":1}",
  "\"\\ud800\"",
  "\"\\udc00\"",
  "\"\\ud800x\"",
  "\"\\ud800\\n\"",
  "\"\\ud800\\u0041\"",
  "\"\\ud800\\ud800\"",
  "\"\\udc00\\ud800\"",
  "\"\\ud83d\\ude0\"",
  "\"\\ud83d\\",
  "\"\\ud83d\\u",
  /* UTF-8: alone, cut, overlong, surrogate, too high, never a lead */
  "\"\x80\"",
  "\"\xbf\"",
  "\"\xc3\"",
  "\"\xc3",
  "\"\xe2\x82\"",
  "\"\xe2",
  "\"\xf0\x9f\x98\"",
  "\"\xf0\x9f",
  "\"\xc0\x80\"",
  "\"\xc1\xbf\"",
  "\"\xe0\x80\x80\"",
  "\"\xe0\x9f\xbf\"",
  "\"\xf0\x80\x80\x80\"",
  "\"\xf0\x8f\xbf\xbf\"",
  "\"\xed\xa0\x80\"",
  "\"\xed\xbf\xbf\"",
  "\"\xf4\x90\x80\x80\"",
  "\"\xf5\x80\x80\x80\"",
  "\"\xf8\x88\x80\x80\x80\"",
  "\"\xfe\"",
  "\"\xff\"",
  "\"\xe2\x28\xa1\"",
  "\"\xe2\x82\x28\"",
  "\"\xf0\x28\x8c\xbc\"",
  "{\"\xff\":1}",
  "[1,\xa0 2]",
  "\xc2\xa0 1",
  "[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]",
  "{\"a\":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}",
};

static void
test_grammar (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_test_message ("good: %s", good[i]);
      g_assert_true (accepts (good[i], strlen (good[i])));
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *name = g_strescape (bad[i], NULL);

      g_test_message ("bad: %s", name);
      g_assert_false (accepts (bad[i], strlen (bad[i])));
    }
  /* NUL bytes anywhere */
  g_assert_false (accepts ("\0", 1));
  g_assert_false (accepts ("1\0", 2));
  g_assert_false (accepts ("\"a\0b\"", 5));
  g_assert_false (accepts ("[1,\0 2]", 7));
  g_assert_false (accepts ("tr\0e", 4));
  g_assert_false (accepts (NULL, 0));
  g_assert_true (accepts ("1garbage", 1));
}

/* Every beginning of a good text, and every good text with one byte changed, is judged without reading
 * outside. */
static void
test_cut_and_changed (void)
{
  static const char text[] =
    "{\"a\":[1,-2.5e+3,true,null,\"x\\u00e4\\ud83d\\ude00\\n\"],\"b\":{\"c\":\"\xc3\xa4\"},\"d\":false}";
  char changed[sizeof text];

  for (gsize length = 0; length < strlen (text); length++)
    g_assert_false (accepts (text, length));
  g_assert_true (accepts (text, strlen (text)));
  for (gsize i = 0; i < strlen (text); i++)
    for (guint byte = 0; byte < 256; byte++)
      {
        memcpy (changed, text, sizeof text);
        changed[i] = (char) byte;
        accepts (changed, strlen (text));
      }
}

static void
test_values (void)
{
  g_autoptr (TgpJson) json =
    parse (" {\"s\":\"a\\u00e4\\n\",\"n\": -1.50e3 ,\"t\":true,\"f\":false,\"z\":null,"
           "\"l\":[1,[2,3],{\"k\":4},\"\"],\"o\":{},\"na\\u006de\":7,\"back\\\\slash\":8}");
  TgpValue root = tgp_json_root (json), list, item;
  g_autofree char *text = tgp_value_dup_string (tgp_value_member (root, "s"));
  g_autofree char *number = tgp_value_dup_raw (tgp_value_member (root, "n"));
  g_autofree char *raw = tgp_value_dup_raw (tgp_value_member (root, "l"));
  g_autofree char *name = NULL;
  gsize length;

  g_assert_cmpstr (text, ==, "a\xc3\xa4\n");
  g_assert_cmpstr (number, ==, "-1.50e3");
  g_assert_cmpstr (raw, ==, "[1,[2,3],{\"k\":4},\"\"]");
  g_assert_cmpint (tgp_value_type (root), ==, TGP_JSON_OBJECT);
  g_assert_cmpint (tgp_value_type (tgp_value_member (root, "t")), ==, TGP_JSON_BOOLEAN);
  g_assert_cmpint (tgp_value_type (tgp_value_member (root, "z")), ==, TGP_JSON_NULL);
  g_assert_false (tgp_value_exists (tgp_value_member (root, "z")));
  g_assert_true (tgp_value_exists (tgp_value_member (root, "f")));
  g_assert_cmpint (tgp_value_type (tgp_value_member (root, "no")), ==, TGP_JSON_ABSENT);
  g_assert_cmpint (tgp_value_type (tgp_value_member (root, "nam")), ==, TGP_JSON_ABSENT);
  g_assert_cmpint (tgp_value_type (tgp_value_member (root, "name")), ==, TGP_JSON_NUMBER);
  g_assert_cmpint (tgp_value_type (tgp_value_member (root, "names")), ==, TGP_JSON_ABSENT);
  g_assert_cmpint (tgp_value_type (tgp_value_member (root, "back\\slash")), ==, TGP_JSON_NUMBER);
  g_assert_cmpint (tgp_value_type (tgp_value_member (root, "back\\\\slash")), ==, TGP_JSON_ABSENT);
  g_assert_cmpuint (tgp_value_length (root), ==, 9);

  list = tgp_value_member (root, "l");
  g_assert_cmpuint (tgp_value_length (list), ==, 4);
  item = tgp_value_first (list);
  g_assert_cmpint (tgp_value_raw (item, &length)[0], ==, '1');
  g_assert_null (tgp_value_dup_name (item));
  item = tgp_value_next (item);
  g_assert_cmpint (tgp_value_type (item), ==, TGP_JSON_ARRAY);
  g_assert_cmpuint (tgp_value_length (item), ==, 2);
  item = tgp_value_next (item);
  g_assert_cmpint (tgp_value_type (item), ==, TGP_JSON_OBJECT);
  name = tgp_value_dup_name (tgp_value_first (item));
  g_assert_cmpstr (name, ==, "k");
  item = tgp_value_next (item);
  g_assert_true (tgp_value_equal (item, ""));
  item = tgp_value_next (item);
  g_assert_null (item.json);
  g_assert_null (tgp_value_next (item).json);
  g_assert_null (tgp_value_first (tgp_value_member (root, "o")).json);
  g_assert_null (tgp_value_next (root).json);
  g_assert_null (tgp_value_member (list, "k").json);
  g_assert_null (tgp_value_dup_string (list));
  g_assert_true (tgp_value_equal (tgp_value_member (root, "s"), "a\xc3\xa4\n"));
  g_assert_false (tgp_value_equal (tgp_value_member (root, "s"), "a\xc3\xa4"));
  g_assert_false (tgp_value_equal (tgp_value_member (root, "s"), "a\\u00e4\\n"));
  g_assert_false (tgp_value_equal (tgp_value_member (root, "n"), "-1.50e3"));
}

static void
test_absent (void)
{
  TgpValue absent = { NULL, 0 };
  gsize length = 5;

  g_assert_null (tgp_value_raw (absent, &length));
  g_assert_cmpuint (length, ==, 0);
  g_assert_null (tgp_value_dup_raw (absent));
  g_assert_null (tgp_value_dup_string (absent));
  g_assert_null (tgp_value_dup_name (absent));
  g_assert_false (tgp_value_equal (absent, ""));
  g_assert_cmpuint (tgp_value_length (absent), ==, 0);
  g_assert_null (tgp_value_member (absent, "a").json);
  g_assert_null (tgp_value_first (absent).json);
  g_assert_null (tgp_value_next (absent).json);
}

/* n members; the name of member i comes from format. twin >= 0 repeats that one at the end. */
static char *
big_object (const char *prefix, guint n, int twin)
{
  GString *text = g_string_new ("{");

  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "%s\"%s%u\":%u", i > 0 ? "," : "", prefix, i, i);
  if (twin >= 0)
    g_string_append_printf (text, ",\"%s%d\":0", prefix, twin);
  g_string_append_c (text, '}');
  return g_string_free (text, FALSE);
}

static void
test_duplicates (void)
{
  static const char *const prefixes[] = { "m", "\\u006d", "\\ud83d\\ude00",
                                          "common beginning of all the names " };

  for (guint p = 0; p < G_N_ELEMENTS (prefixes); p++)
    for (guint n = 1; n < 70; n += 1 + (n > 20) * 7)
      {
        g_autofree char *distinct = big_object (prefixes[p], n, -1);

        g_assert_true (accepts (distinct, strlen (distinct)));
        for (guint twin = 0; twin < n; twin++)
          {
            g_autofree char *doubled = big_object (prefixes[p], n, (int) twin);

            g_assert_false (accepts (doubled, strlen (doubled)));
          }
      }
  {
    /* one spelled with an escape, the other without, among many */
    g_autofree char *many = big_object ("m", 50, -1);
    g_autofree char *doubled = g_strdup_printf ("%.*s,\"\\u006d49\":1}", (int) strlen (many) - 1, many);

    g_assert_false (accepts (doubled, strlen (doubled)));
  }
}

/* Hostile sizes end in well under a second each; quadratic work would take minutes under a sanitizer. */
static void
test_hostile (void)
{
  g_autofree char *deep = g_strnfill (1 << 20, '[');
  g_autofree char *members = big_object ("m", 200000, -1);
  g_autofree char *escaped = big_object ("\\u006d\\u006d\\u006d\\u006d", 50000, -1);
  g_autofree char *digits = g_strnfill (1 << 20, '9');
  GString *wide = g_string_new ("[");
  gint64 start = g_get_monotonic_time ();
  g_autoptr (TgpJson) json = NULL;

  g_assert_false (accepts (deep, strlen (deep)));
  g_assert_true (accepts (members, strlen (members)));
  g_assert_true (accepts (escaped, strlen (escaped)));
  g_assert_true (accepts (digits, strlen (digits)));
  for (guint i = 0; i < 300000; i++)
    g_string_append (wide, "{},");
  g_string_append (wide, "0]");
  json = parse (wide->str);
  g_assert_cmpuint (tgp_value_length (tgp_json_root (json)), ==, 300001);
  g_string_free (wide, TRUE);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 20 * G_USEC_PER_SEC);
}

static void
test_objects_only (void)
{
  static const char *const others[] = { "[]", "1", "\"{}\"", "null" };
  g_autoptr (TgpJson) json = tgp_json_parse_object (" {} ", 4, NULL);

  g_assert_nonnull (json);
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (tgp_json_parse_object (others[i], strlen (others[i]), &error));
      g_assert_error (error, TGP_ERROR, TGP_ERROR_MALFORMED_JSON);
    }
}

#define FAILS(call, CODE, text)                                                                              \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    g_autoptr (GError) failure = NULL;                                                                       \
    GError **error = &failure;                                                                               \
    g_assert_false (call);                                                                                   \
    g_assert_error (failure, TGP_ERROR, CODE);                                                               \
    g_assert_cmpstr (failure->message, ==, text);                                                            \
  }                                                                                                          \
  G_STMT_END

static void
test_getters (void)
{
  g_autoptr (TgpJson) json = parse (
    "{\"s\":\"text\",\"e\":\"\",\"z\":null,\"id\":\"T-1\",\"badid\":\"-x\",\"n\":42,\"f\":4.0,\"x\":4e1,"
    "\"b\":true,"
    "\"ids\":[\"a\",\"b\"],\"badids\":[\"a\",\"b c\"],\"mixed\":[1],\"o\":{},\"t\":\"2024-01-15T10:30:00Z\","
    "\"big\":99999999999999999999999999}");
  TgpValue root = tgp_json_root (json), object;
  g_autoptr (GPtrArray) ids = NULL;
  char *text = NULL;
  gboolean flag;
  gint64 number;

  g_assert_true (tgp_get_string (root, "s", 4, &text, NULL));
  g_assert_cmpstr (text, ==, "text");
  g_clear_pointer (&text, g_free);
  FAILS (tgp_get_string (root, "s", 3, &text, error), TGP_ERROR_INVALID_FIELD, "s must be at most 3 bytes");
  FAILS (tgp_get_string (root, "n", 9, &text, error), TGP_ERROR_INVALID_FIELD, "n must be a string");
  FAILS (tgp_get_string (root, "none", 9, &text, error), TGP_ERROR_MISSING_FIELD, "none is required");
  FAILS (tgp_get_string (root, "z", 9, &text, error), TGP_ERROR_MISSING_FIELD, "z is required");
  g_assert_null (text);
  g_assert_true (tgp_get_optional_string (root, "z", 9, &text, NULL));
  g_assert_null (text);
  g_assert_true (tgp_get_optional_string (root, "none", 9, &text, NULL));
  g_assert_null (text);
  FAILS (tgp_get_optional_string (root, "o", 9, &text, error), TGP_ERROR_INVALID_FIELD, "o must be a string");

  g_assert_true (tgp_get_id (root, "id", &text, NULL));
  g_assert_cmpstr (text, ==, "T-1");
  g_clear_pointer (&text, g_free);
  FAILS (tgp_get_id (root, "badid", &text, error), TGP_ERROR_INVALID_FIELD,
         "badid must be 1 to 64 of A-Z a-z 0-9 . _ : - and start with a letter or digit");
  FAILS (tgp_get_id (root, "e", &text, error), TGP_ERROR_MISSING_FIELD, "e is required");
  FAILS (tgp_get_id (root, "n", &text, error), TGP_ERROR_INVALID_FIELD, "n must be a string");
  g_assert_true (tgp_get_optional_id (root, "z", &text, NULL));
  g_assert_null (text);

  g_assert_true (tgp_get_optional_boolean (root, "b", FALSE, &flag, NULL));
  g_assert_true (flag);
  g_assert_true (tgp_get_optional_boolean (root, "none", TRUE, &flag, NULL));
  g_assert_true (flag);
  FAILS (tgp_get_optional_boolean (root, "n", FALSE, &flag, error), TGP_ERROR_INVALID_FIELD,
         "n must be true or false");

  g_assert_true (tgp_get_optional_int (root, "n", 0, 42, 7, &number, NULL));
  g_assert_cmpint (number, ==, 42);
  g_assert_true (tgp_get_optional_int (root, "none", 0, 42, 7, &number, NULL));
  g_assert_cmpint (number, ==, 7);
  FAILS (tgp_get_optional_int (root, "n", 0, 41, 7, &number, error), TGP_ERROR_INVALID_FIELD,
         "n must be a whole number from 0 to 41");
  FAILS (tgp_get_optional_int (root, "f", 0, 41, 7, &number, error), TGP_ERROR_INVALID_FIELD,
         "f must be a whole number from 0 to 41");
  FAILS (tgp_get_optional_int (root, "x", 0, 99, 7, &number, error), TGP_ERROR_INVALID_FIELD,
         "x must be a whole number from 0 to 99");
  FAILS (tgp_get_optional_int (root, "s", 0, 99, 7, &number, error), TGP_ERROR_INVALID_FIELD,
         "s must be a whole number from 0 to 99");
  FAILS (tgp_get_optional_int (root, "big", 0, 99, 7, &number, error), TGP_ERROR_INVALID_FIELD,
         "big must be a whole number from 0 to 99");

  g_assert_true (tgp_get_id_array (root, "ids", 2, &ids, NULL));
  g_assert_cmpuint (ids->len, ==, 2);
  g_assert_cmpstr (g_ptr_array_index (ids, 1), ==, "b");
  g_clear_pointer (&ids, g_ptr_array_unref);
  FAILS (tgp_get_id_array (root, "ids", 1, &ids, error), TGP_ERROR_INVALID_FIELD,
         "ids must have at most 1 items");
  FAILS (tgp_get_id_array (root, "badids", 9, &ids, error), TGP_ERROR_INVALID_FIELD,
         "badids[1] must be 1 to 64 of A-Z a-z 0-9 . _ : - and start with a letter or digit");
  FAILS (tgp_get_id_array (root, "mixed", 9, &ids, error), TGP_ERROR_INVALID_FIELD,
         "mixed[0] must be a string");
  FAILS (tgp_get_id_array (root, "s", 9, &ids, error), TGP_ERROR_INVALID_FIELD, "s must be an array");
  FAILS (tgp_get_id_array (root, "none", 9, &ids, error), TGP_ERROR_MISSING_FIELD, "none is required");

  g_assert_true (tgp_get_object (root, "o", &object, NULL));
  FAILS (tgp_get_object (root, "ids", &object, error), TGP_ERROR_INVALID_FIELD, "ids must be an object");
  FAILS (tgp_get_object (root, "z", &object, error), TGP_ERROR_MISSING_FIELD, "z is required");

  g_assert_true (tgp_get_optional_time (root, "t", &number, NULL));
  g_assert_cmpint (number, ==, 1705314600000);
  g_assert_true (tgp_get_optional_time (root, "none", &number, NULL));
  g_assert_cmpint (number, ==, 0);
  FAILS (tgp_get_optional_time (root, "s", &number, error), TGP_ERROR_INVALID_FIELD,
         "s must be a time like \"2024-01-15T10:30:00.000Z\"");
  FAILS (tgp_get_optional_time (root, "n", &number, error), TGP_ERROR_INVALID_FIELD,
         "n must be a time like \"2024-01-15T10:30:00.000Z\"");
}

static void
test_messages (void)
{
  static const struct
  {
    const char *text, *message;
  } cases[] = {
    { "", "malformed JSON at byte 0: empty" },
    { "{\"a\":1,\"a\":2}", "malformed JSON at byte 13: two members with the same name" },
    { "{} x", "malformed JSON at byte 3: text behind the value" },
    { "[1,", "malformed JSON at byte 3: unexpected end" },
    { "\"\xff\"", "malformed JSON at byte 1: not UTF-8" },
    { "\"abc", "malformed JSON at byte 4: string without an end" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (tgp_json_parse (cases[i].text, strlen (cases[i].text), &error));
      g_assert_cmpstr (error->message, ==, cases[i].message);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json/grammar", test_grammar);
  g_test_add_func ("/json/cut-and-changed", test_cut_and_changed);
  g_test_add_func ("/json/values", test_values);
  g_test_add_func ("/json/absent", test_absent);
  g_test_add_func ("/json/duplicates", test_duplicates);
  g_test_add_func ("/json/hostile", test_hostile);
  g_test_add_func ("/json/objects-only", test_objects_only);
  g_test_add_func ("/json/getters", test_getters);
  g_test_add_func ("/json/messages", test_messages);
  return g_test_run ();
}
