/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "protocol/time.h"

static void
test_parse (void)
{
  static const struct
  {
    const char *text;
    gint64 ms;
  } good[] = {
    { "1970-01-01T00:00:00Z", 0 },
    { "2024-01-15T10:30:00.000Z", 1705314600000 },
    { "2024-01-15T10:30:00Z", 1705314600000 },
    { "2024-01-15T10:30:00.1Z", 1705314600100 },
    { "2024-01-15T10:30:00,12Z", 1705314600120 },
    { "2024-01-15T10:30:00.123456789Z", 1705314600123 },
    { "2024-01-15T11:30:00.000+01:00", 1705314600000 },
    { "2024-01-15T05:00:00-0530", 1705314600000 },
    { "2024-01-15T12:30:00+02", 1705314600000 },
    { "2024-02-29T00:00:00Z", 1709164800000 },
    { "2000-02-29T23:59:59.999Z", 951868799999 },
    { "1970-01-01T01:00:00+01:00", 0 },
    { "9999-12-31T23:59:59.999Z", 253402300799999 },
  };
  static const char *const bad[] = {
    "",
    "2024",
    "2024-01-15",
    "2024-01-15T10:30Z",
    "2024-01-15 10:30:00Z",
    "2024-01-15T10:30:00",
    "2024-01-15T10:30:00.Z",
    "2024-01-15T10:30:00.1234567890Z",
    "2024-01-15T10:30:00z",
    "2024-01-15t10:30:00Z",
    "2024-13-01T00:00:00Z",
    "2024-00-01T00:00:00Z",
    "2024-01-32T00:00:00Z",
    "2023-02-29T00:00:00Z",
    "1900-02-29T00:00:00Z",
    "2100-02-29T00:00:00Z",
    "2024-04-31T00:00:00Z",
    "2024-01-15T24:00:00Z",
    "2024-01-15T10:60:00Z",
    "2024-01-15T10:30:60Z",
    "2024-01-15T10:30:00+24:00",
    "2024-01-15T10:30:00+01:60",
    "2024-01-15T10:30:00+1",
    "2024-01-15T10:30:00Z ",
    " 2024-01-15T10:30:00Z",
    "2024-01-15T10:30:00ZZ",
    "1969-12-31T23:59:59Z",
    "1970-01-01T00:00:00+00:01",
    "9999-12-31T23:59:59-00:01",
    "0000-01-01T00:00:00Z",
    "10000-01-01T00:00:00Z",
    "-2024-01-15T10:30:00Z",
    "2024-1-5T10:30:00Z",
    "1705314600000",
    "2024-01-15T10:30:00+01:",
    "2024-01-15T10:30:00+01:0",
  };
  gint64 ms = -7;

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_test_message ("%s", good[i].text);
      g_assert_true (tgp_time_parse (good[i].text, &ms));
      g_assert_cmpint (ms, ==, good[i].ms);
    }
  ms = -7;
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_test_message ("%s", bad[i]);
      g_assert_false (tgp_time_parse (bad[i], &ms));
      g_assert_cmpint (ms, ==, -7);
    }
  g_assert_false (tgp_time_parse (NULL, &ms));
}

static void
test_format (void)
{
  char buffer[TGP_TIME_SIZE];

  g_assert_cmpstr (tgp_time_format (0, buffer), ==, "1970-01-01T00:00:00.000Z");
  g_assert_cmpstr (tgp_time_format (1705314600000, buffer), ==, "2024-01-15T10:30:00.000Z");
  g_assert_cmpstr (tgp_time_format (951868799999, buffer), ==, "2000-02-29T23:59:59.999Z");
  g_assert_cmpstr (tgp_time_format (-1, buffer), ==, "1970-01-01T00:00:00.000Z");
  g_assert_cmpstr (tgp_time_format (G_MAXINT64, buffer), ==, "9999-12-31T23:59:59.999Z");
}

/* GDateTime knows the calendar independently. */
static void
test_against_glib (void)
{
  char buffer[TGP_TIME_SIZE];

  for (gint64 ms = 0; ms < 253402300799999; ms += 86400000 * G_GINT64_CONSTANT (29) + 12345678)
    {
      g_autoptr (GDateTime) date = g_date_time_new_from_unix_utc (ms / 1000);
      g_autofree char *text = g_date_time_format (date, "%Y-%m-%dT%H:%M:%S");
      g_autofree char *expected = g_strdup_printf ("%s.%03dZ", text, (int) (ms % 1000));
      gint64 back;

      g_assert_cmpstr (tgp_time_format (ms, buffer), ==, expected);
      g_assert_true (tgp_time_parse (buffer, &back));
      g_assert_cmpint (back, ==, ms);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/time/parse", test_parse);
  g_test_add_func ("/time/format", test_format);
  g_test_add_func ("/time/against-glib", test_against_glib);
  return g_test_run ();
}
