/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Expected values come from Python's hmac and hashlib. */
#include "protocol/signature.h"

#include <string.h>

#define TIME "2024-01-15T10:30:00.000Z"

static void
test_sign (void)
{
  static const char body[] = "{\"amount\":\"99.99\"}";
  g_autofree char *secret = g_strnfill (100, 'k');
  char buffer[TGP_SIGNATURE_SIZE];

  g_assert_cmpstr (tgp_sign ("topsecret", "GET", "/v1/terminals", TIME, NULL, 0, buffer), ==,
                   "WSMZqRzgq6BOs+omAy3c4U0sQhD0kT0hTG5t7wrrrdk=");
  g_assert_cmpstr (
    tgp_sign ("topsecret", "POST", "/v1/terminals/TERM-001/payments", TIME, body, strlen (body), buffer), ==,
    "kYK2BEOBKtxh77po42Cb3jvFtitWdDE6V0yeycuIWNQ=");
  g_assert_cmpstr (tgp_sign (secret, "GET", "/v1/terminals/A:1/payments?x=1", "t", "\0\xff", 2, buffer), ==,
                   "69QG3xoYNez73DxtO8MaUTapEammjWYPtZbnEJp0wNM=");
}

static void
test_verify (void)
{
  char good[TGP_SIGNATURE_SIZE], bad[TGP_SIGNATURE_SIZE];

  tgp_sign ("s", "POST", "/p?q=1", "t", "body", 4, good);
  g_assert_true (tgp_signature_verify (good, "s", "POST", "/p?q=1", "t", "body", 4));
  g_assert_false (tgp_signature_verify (good, "S", "POST", "/p?q=1", "t", "body", 4));
  g_assert_false (tgp_signature_verify (good, "s", "GET", "/p?q=1", "t", "body", 4));
  g_assert_false (tgp_signature_verify (good, "s", "POST", "/p", "t", "body", 4));
  g_assert_false (tgp_signature_verify (good, "s", "POST", "/p?q=1", "u", "body", 4));
  g_assert_false (tgp_signature_verify (good, "s", "POST", "/p?q=1", "t", "bodY", 4));
  g_assert_false (tgp_signature_verify (good, "s", "POST", "/p?q=1", "t", "body", 3));
  for (guint i = 0; i < TGP_SIGNATURE_SIZE - 1; i++)
    {
      memcpy (bad, good, sizeof bad);
      bad[i] ^= 1;
      g_assert_false (tgp_signature_verify (bad, "s", "POST", "/p?q=1", "t", "body", 4));
      memcpy (bad, good, sizeof bad);
      bad[i] = '\0';
      g_assert_false (tgp_signature_verify (bad, "s", "POST", "/p?q=1", "t", "body", 4));
    }
  g_assert_false (tgp_signature_verify ("", "s", "POST", "/p?q=1", "t", "body", 4));
  g_assert_false (tgp_signature_verify (NULL, "s", "POST", "/p?q=1", "t", "body", 4));
}

/* A colon in an id may be signed as ':' or as '%3A', whichever the request line has. */
static void
test_colon (void)
{
  static const char *const targets[] = { "/v1/terminals/A:1:2/payments", "/v1/terminals/A%3A1%3A2/payments",
                                         "/v1/terminals/A%3a1%3a2/payments",
                                         "/v1/terminals/A:1%3A2/payments" };
  char signature[TGP_SIGNATURE_SIZE];

  /* The last, mixed one is only good for itself. */
  for (guint i = 0; i < 3; i++)
    {
      tgp_sign ("s", "GET", targets[i], "t", NULL, 0, signature);
      for (guint j = 0; j < G_N_ELEMENTS (targets); j++)
        g_assert_true (tgp_signature_verify (signature, "s", "GET", targets[j], "t", NULL, 0));
      g_assert_false (
        tgp_signature_verify (signature, "s", "GET", "/v1/terminals/A:1:3/payments", "t", NULL, 0));
      g_assert_false (
        tgp_signature_verify (signature, "s", "GET", "/v1/terminals/A%3B1%3B2/payments", "t", NULL, 0));
    }
  tgp_sign ("s", "GET", targets[3], "t", NULL, 0, signature);
  g_assert_true (tgp_signature_verify (signature, "s", "GET", targets[3], "t", NULL, 0));
}

static void
test_fingerprint (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  char signature[TGP_SIGNATURE_SIZE], timestamp[16];

  for (guint i = 0; i < 10000; i++)
    {
      guint64 fingerprint;

      g_snprintf (timestamp, sizeof timestamp, "%u", i);
      tgp_sign ("s", "GET", "/", timestamp, NULL, 0, signature);
      fingerprint = tgp_signature_fingerprint (signature);
      g_assert_cmpuint (fingerprint, !=, 0);
      g_assert_cmpuint (fingerprint, ==, tgp_signature_fingerprint (signature));
      g_assert_true (g_hash_table_add (seen, g_memdup2 (&fingerprint, sizeof fingerprint)));
    }
  g_assert_cmpuint (tgp_signature_fingerprint ("AAAAAAAAAAAAAAAA"), ==, 1);
  g_assert_cmpuint (tgp_signature_fingerprint (""), !=, 0);
  g_assert_cmpuint (tgp_signature_fingerprint (NULL), !=, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/signature/sign", test_sign);
  g_test_add_func ("/signature/verify", test_verify);
  g_test_add_func ("/signature/colon", test_colon);
  g_test_add_func ("/signature/fingerprint", test_fingerprint);
  return g_test_run ();
}
