/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The WebSocket codec against tables after the groups of the Autobahn test suite, each case whole, byte by
 * byte and cut at random; and what it writes. */
#include "tests/edge/ws-reference.h"
#include "tests/edge/ws-spec.h"

#include <string.h>

#define RANDOM_CUTS 12

static void
test_case (gconstpointer data)
{
  const WsCase *test = data;
  g_autoptr (GByteArray) bytes = ws_build (test->frames);
  gsize whole = 0;

  for (guint32 seed = 0; seed < 2 + RANDOM_CUTS; seed++)
    {
      gsize taken = 0;
      g_autofree char *events = ws_drive (bytes->data, bytes->len, WS_CASES_MAX, seed, &taken);

      g_assert_cmpstr (events, ==, test->events);
      /* Neither the outcome nor the byte at which it comes depends on the cuts; inside of a payload a fault
       * is seen by the piece. */
      if (seed == 0)
        whole = taken;
      g_assert_cmpuint (taken, <=, whole);
    }
}

static void
test_against_wslay (gconstpointer data)
{
  const WsCase *test = data;
  g_autoptr (GByteArray) bytes = ws_build (test->frames);
  g_autofree char *theirs = ws_reference_drive (bytes->data, bytes->len, WS_CASES_MAX);
  g_autofree char *difference = ws_reference_compare (test->events, theirs);

  g_assert_cmpstr (difference, ==, NULL);
}

static guint
add_cases (const char *group, const WsCase *cases)
{
  guint n = 0;

  for (; cases[n].name != NULL; n++)
    {
      g_autofree char *name = g_strdelimit (g_strdup (cases[n].name), "/", '_');
      g_autofree char *path = g_strdup_printf ("/websocket/%s/%s", group, name);

      g_autofree char *wslay_path = g_strdup_printf ("/websocket/wslay/%s/%s", group, name);

      g_test_add_data_func (path, &cases[n], test_case);
      g_test_add_data_func (wslay_path, &cases[n], test_against_wslay);
    }
  return n;
}

/* A fault is seen at the byte that is it. */
static void
test_early (void)
{
  static const struct
  {
    const char *frames, *events;
    gsize taken;
  } cases[] = {
    { "x:%c1%85", "X1002", 1 },         { "x:%82%85", "X1003", 1 },
    { "x:%81%05aaaa", "X1002", 2 },     { "x:%89%fe", "X1002", 2 },
    { "+1=65537:abc", "X1009", 14 },    { "+1=9:ab%ffcd", "X1007", 9 },
    { "+1=9:ab%ed%a0cd", "X1007", 10 }, { "-1:%f0|-0:%90|-0=3:%80%c0z", "X1007", 7 + 7 + 8 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GByteArray) bytes = ws_build (cases[i].frames);
      gsize taken = 0;
      g_autofree char *events = ws_drive (bytes->data, bytes->len, WS_CASES_MAX, 1, &taken);

      g_assert_cmpstr (events, ==, cases[i].events);
      g_assert_cmpuint (taken, ==, cases[i].taken);
    }
}

static void
test_no_cap (void)
{
  g_autoptr (GByteArray) bytes = ws_build ("+1*300000");
  g_autofree char *events = ws_drive (bytes->data, bytes->len, 0, 2, NULL);

  g_assert_cmpstr (events, ==, "T*300000");
}

static void
test_close_codes (void)
{
  for (guint code = 0; code <= 0xffff; code++)
    {
      gboolean registered = (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);

      g_assert_cmpint (edge_ws_is_close_code (code), ==, registered || (code >= 3000 && code <= 4999));
    }
}

/* Idle costs nothing. */
static void
test_no_buffer_between (void)
{
  g_autoptr (GByteArray) bytes = ws_build ("-1:ab|+9:p|+0:cd");
  EdgeWsDecoder decoder = { 0 };

  for (guint i = 0; i < bytes->len; i++)
    {
      guint8 piece[2] = { bytes->data[i], 0 };
      EdgeWsItem item;
      gsize consumed;

      edge_ws_decoder_next (&decoder, 100, piece, 1, &consumed, &item);
    }
  edge_ws_decoder_release (&decoder);
  g_assert_null (decoder.message);
  g_assert_null (decoder.control);
}

static void
test_write_header (void)
{
  static const struct
  {
    EdgeWsOpcode opcode;
    guint64 length;
    gsize size;
    guint8 bytes[10];
  } cases[] = {
    { EDGE_WS_TEXT, 0, 2, { 0x81, 0 } },
    { EDGE_WS_PONG, 125, 2, { 0x8a, 125 } },
    { EDGE_WS_TEXT, 126, 4, { 0x81, 126, 0, 126 } },
    { EDGE_WS_TEXT, 65535, 4, { 0x81, 126, 0xff, 0xff } },
    { EDGE_WS_TEXT, 65536, 10, { 0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0 } },
    { EDGE_WS_PING, 3, 2, { 0x89, 3 } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint8 header[10];
      gsize size = edge_ws_write_header (header, cases[i].opcode, cases[i].length);

      g_assert_cmpmem (header, size, cases[i].bytes, cases[i].size);
    }
}

static void
test_write_close (void)
{
  g_autofree char *long_reason = g_strnfill (122, 'r');
  g_autofree char *cut_inside = g_strconcat (long_reason, "\xc3\xa4", NULL);
  guint8 frame[127];

  g_assert_cmpuint (edge_ws_write_close (frame, EDGE_WS_NO_CODE, "never sent"), ==, 2);
  g_assert_cmpmem (frame, 2, "\x88\x00", 2);
  g_assert_cmpuint (edge_ws_write_close (frame, 1000, NULL), ==, 4);
  g_assert_cmpmem (frame, 4, "\x88\x02\x03\xe8", 4);
  g_assert_cmpuint (edge_ws_write_close (frame, 4001, "bye"), ==, 7);
  g_assert_cmpmem (frame, 7,
                   "\x88\x05\x0f\xa1"
                   "bye",
                   7);
  /* 124 bytes of reason: one too many, and the last character is two. */
  g_assert_cmpuint (edge_ws_write_close (frame, 1000, cut_inside), ==, 4 + 122);
  g_assert_cmpuint (frame[1], ==, 2 + 122);
}

static void
test_accept (void)
{
  char accept[29];

  edge_ws_accept ("dGhlIHNhbXBsZSBub25jZQ==", accept);
  g_assert_cmpstr (accept, ==, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

int
main (int argc, char **argv)
{
  guint n = 0;

  g_test_init (&argc, &argv, NULL);
  n += add_cases ("framing", ws_cases_framing);
  n += add_cases ("fragments", ws_cases_fragments);
  n += add_cases ("utf8", ws_cases_utf8);
  n += add_cases ("close", ws_cases_close);
  n += add_cases ("limits", ws_cases_limits);
  g_assert_cmpuint (n, >=, 200);
  g_test_add_func ("/websocket/early", test_early);
  g_test_add_func ("/websocket/no-cap", test_no_cap);
  g_test_add_func ("/websocket/close-codes", test_close_codes);
  g_test_add_func ("/websocket/no-buffer-between", test_no_buffer_between);
  g_test_add_func ("/websocket/write/header", test_write_header);
  g_test_add_func ("/websocket/write/close", test_write_close);
  g_test_add_func ("/websocket/write/accept", test_accept);
  return g_test_run ();
}
