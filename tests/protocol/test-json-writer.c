/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "protocol/json-writer.h"
#include "protocol/json.h"

#include <string.h>

static void
test_structure (void)
{
  TgpJsonWriter writer;
  g_autofree char *text = NULL;

  tgp_json_writer_init (&writer);
  tgp_json_open_object (&writer, NULL);
  tgp_json_open_array (&writer, "empty");
  tgp_json_close_array (&writer);
  tgp_json_open_object (&writer, "nothing");
  tgp_json_close_object (&writer);
  tgp_json_string (&writer, "s", "x");
  tgp_json_string (&writer, "null", NULL);
  tgp_json_optional_string (&writer, "absent", NULL);
  tgp_json_optional_string (&writer, "there", "y");
  tgp_json_int (&writer, "low", G_MININT64);
  tgp_json_int (&writer, "high", G_MAXINT64);
  tgp_json_int (&writer, "zero", 0);
  tgp_json_boolean (&writer, "yes", 5);
  tgp_json_boolean (&writer, "no", FALSE);
  tgp_json_null (&writer, "n");
  tgp_json_raw (&writer, "raw", "{\"a\": 1}");
  tgp_json_raw_members (&writer, NULL);
  tgp_json_raw_members (&writer, "");
  tgp_json_raw_members (&writer, "\"m\":1,\"k\":2");
  tgp_json_time (&writer, "t", 1705314600000);
  tgp_json_money (&writer, "eur", 1230, "EUR");
  tgp_json_money (&writer, "jpy", 1230, "JPY");
  tgp_json_open_array (&writer, "list");
  tgp_json_string (&writer, NULL, "a");
  tgp_json_int (&writer, NULL, 2);
  tgp_json_open_object (&writer, NULL);
  tgp_json_close_object (&writer);
  tgp_json_close_array (&writer);
  tgp_json_close_object (&writer);
  text = tgp_json_writer_end (&writer);
  g_assert_cmpstr (
    text, ==,
    "{\"empty\":[],\"nothing\":{},\"s\":\"x\",\"null\":null,\"there\":\"y\","
    "\"low\":-9223372036854775808,\"high\":9223372036854775807,\"zero\":0,\"yes\":true,\"no\":false,"
    "\"n\":null,\"raw\":{\"a\": 1},\"m\":1,\"k\":2,\"t\":\"2024-01-15T10:30:00.000Z\","
    "\"eur\":\"12.30\",\"jpy\":\"1230\",\"list\":[\"a\",2,{}]}");
  g_assert_null (writer.text);
}

static char *
written (const char *value)
{
  TgpJsonWriter writer;

  tgp_json_writer_init (&writer);
  tgp_json_string (&writer, NULL, value);
  return tgp_json_writer_end (&writer);
}

static void
test_strings (void)
{
  static const struct
  {
    const char *value, *text;
  } cases[] = {
    { "", "\"\"" },
    { "plain", "\"plain\"" },
    { "\"\\/\b\f\n\r\t", "\"\\\"\\\\/\\b\\f\\n\\r\\t\"" },
    { "\x01\x1f\x7f", "\"\\u0001\\u001f\x7f\"" },
    { "\xc3\xa4\xe2\x82\xac\xf0\x9f\x92\xb3", "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x92\xb3\"" },
    { "a\xff"
      "b",
      "\"a\xef\xbf\xbd"
      "b\"" },
    { "\xc3", "\"\xef\xbf\xbd\"" },
    { "\xe2\x82", "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
    { "\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" }, /* a surrogate */
    { "\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\"" },                 /* overlong */
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = written (cases[i].value);

      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

/* Whatever the bytes, what is written is accepted by the guard, and well-formed text comes back as it was. */
static void
test_any_bytes (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);

  for (guint i = 0; i < 20000; i++)
    {
      char value[12];
      guint n = (guint) g_rand_int_range (rand, 0, sizeof value);
      g_autofree char *text = NULL;
      g_autofree char *back = NULL;
      g_autoptr (TgpJson) json = NULL;
      g_autoptr (GError) error = NULL;

      for (guint j = 0; j < n; j++)
        value[j] = (char) g_rand_int_range (rand, 1, 256);
      value[n] = '\0';
      text = written (value);
      json = tgp_json_parse (text, strlen (text), &error);
      g_assert_no_error (error);
      back = tgp_value_dup_string (tgp_json_root (json));
      if (g_utf8_validate (value, -1, NULL))
        g_assert_cmpstr (back, ==, value);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json-writer/structure", test_structure);
  g_test_add_func ("/json-writer/strings", test_strings);
  g_test_add_func ("/json-writer/any-bytes", test_any_bytes);
  return g_test_run ();
}
