/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an archive for support loses, and what it keeps. */
#include "tools/ctl-redact.h"

#include <string.h>

static void
test_redact (void)
{
  static const struct
  {
    const char *text, *wanted; /* NULL: it stays */
  } cases[] = {
    { "https://till:hunter2@gw.example:8470/x", "https://***@gw.example:8470/x" },
    { "https://till:hun@ter2@gw.example", "https://***@gw.example" },
    { "{\"a\":\"https://till:hun\\\"ter2@gw.example\"}", "{\"a\":\"https://***@gw.example\"}" },
    { "{\"a\":\"https://gw.example\",\"b\":\"till@home\"}", NULL },
    { "wss://gw.example/?apiKey=abc123&x=1", "wss://gw.example/?apiKey=***&x=1" },
    { "{\"apiSecret\":\"abc\\\"123\",\"n\":1}", "{\"apiSecret\":\"***\",\"n\":1}" },
    { "{\"line\":\"got {\\\"token\\\": \\\"abc123\\\"}\"}", "{\"line\":\"got {\\\"token\\\": \\\"***\"}" },
    { "x-api-key: abc123", "x-api-key: ***" },
    { "password = abc123; user", "password = ***; user" },
    { "Authorization: Bearer abc.123-x_y=", "Authorization: Bearer ***" },
    { "authorization: basic dGlsbDp0aWxs", "authorization: basic ***" },
    { "till tgwp_AbC-1_2 came", "till *** came" },
    { "tgwk_abc tgw_pos_0123 tgw_term_4567", "*** *** ***" },
    { "is 00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF.", "is ***." },
    { "mail to some.one+x@shop.example.com now", "mail to *** now" },
    { "card 4111 1111 1111 1111, 4111111111111111", "card ***, ***" },
    { "/home/anna/.local/state", "/home/***/.local/state" },
    { "{\"kind\":\"token\",\"name\":\"till-1\"}", NULL },
    { "client till-1 was paired (token)", NULL },
    { "2026-11-25T16:02:27.000Z message proxy: the gateway is online", NULL },
    { "ORDER-1700000000000 0190b6a5-7d1e-7c3a-9b1f-1234567890ab", NULL },
    { "{\"code\":\"INVALID_SIGNATURE\",\"proxy.api-key-file\":\"/etc/key\"}", NULL },
    { "{\"proxy.require-signed-handshake\":\"false\"}", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *text = ctl_redact (cases[i].text, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (text, ==, cases[i].wanted ? cases[i].wanted : cases[i].text);
    }
}

/* A line as long as a log may hold one. */
static void
test_long (void)
{
  g_autofree char *filler = g_strnfill (200000, 'a');
  g_autofree char *line = g_strconcat ("https://till:", filler, "@gw.example apiKey=", filler, NULL);
  g_autofree char *text = ctl_redact (line, NULL);

  g_assert_cmpstr (text, ==, "https://***@gw.example apiKey=***");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ctl/redact", test_redact);
  g_test_add_func ("/ctl/redact/long", test_long);
  return g_test_run ();
}
