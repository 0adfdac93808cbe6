/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "protocol/signature.h"

#include <string.h>

#define SHA256_SIZE 32

/* SHA256 of the body in lower-case hex; the longest of the signed parts is hashed once for all spellings. */
typedef char BodyHash[2 * SHA256_SIZE + 1];

static void
hash_body (const void *body, gsize length, BodyHash hex)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  if (length > 0)
    g_checksum_update (checksum, body, (gssize) length);
  g_strlcpy (hex, g_checksum_get_string (checksum), sizeof (BodyHash));
}

static void
encode_base64 (const guint8 digest[SHA256_SIZE], char buffer[TGP_SIGNATURE_SIZE])
{
  int state = 0, save = 0;
  gsize n = g_base64_encode_step (digest, SHA256_SIZE, FALSE, buffer, &state, &save);

  n += g_base64_encode_close (FALSE, buffer + n, &state, &save);
  buffer[n] = '\0';
}

static void
sign (const char *secret, const char *method, const char *target, const char *timestamp, const BodyHash body,
      char buffer[TGP_SIGNATURE_SIZE])
{
  g_autoptr (GHmac) hmac = g_hmac_new (G_CHECKSUM_SHA256, (const guchar *) secret, strlen (secret));
  const char *const parts[] = { method, "\n", target, "\n", timestamp, "\n", body };
  guint8 digest[SHA256_SIZE];
  gsize length = sizeof digest;

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    g_hmac_update (hmac, (const guchar *) parts[i], (gssize) strlen (parts[i]));
  g_hmac_get_digest (hmac, digest, &length);
  encode_base64 (digest, buffer);
}

char *
tgp_sign (const char *secret, const char *method, const char *target, const char *timestamp, const void *body,
          gsize body_length, char buffer[TGP_SIGNATURE_SIZE])
{
  BodyHash hash;

  hash_body (body, body_length, hash);
  sign (secret, method, target, timestamp, hash, buffer);
  return buffer;
}

static gboolean
is_escaped_colon (const char *at)
{
  return at[0] == '%' && at[1] == '3' && (at[2] == 'A' || at[2] == 'a');
}

/* The target with every colon, plain or escaped, spelled as colon. */
static char *
respell (const char *target, const char *colon)
{
  GString *text = g_string_sized_new (strlen (target) + 32);

  for (const char *at = target; *at != '\0'; at++)
    {
      if (*at == ':')
        g_string_append (text, colon);
      else if (is_escaped_colon (at))
        {
          g_string_append (text, colon);
          at += 2;
        }
      else
        g_string_append_c (text, *at);
    }
  return g_string_free (text, FALSE);
}

static gboolean
same (const char a[TGP_SIGNATURE_SIZE], const char *b)
{
  volatile guint8 difference = 0;

  for (guint i = 0; i < TGP_SIGNATURE_SIZE - 1; i++)
    difference |= (guint8) (a[i] ^ b[i]);
  return difference == 0;
}

gboolean
tgp_signature_verify (const char *signature, const char *secret, const char *method, const char *target,
                      const char *timestamp, const void *body, gsize body_length)
{
  static const char *const spellings[] = { ":", "%3A", "%3a" };
  static const char blank[TGP_SIGNATURE_SIZE] = "";
  char expected[TGP_SIGNATURE_SIZE];
  BodyHash hash;
  gboolean ok;

  if (secret == NULL || method == NULL || target == NULL || timestamp == NULL)
    return FALSE;
  /* A signature of the wrong length costs what a wrong one costs. */
  if (signature == NULL || strlen (signature) != TGP_SIGNATURE_SIZE - 1)
    signature = blank;
  hash_body (body, body_length, hash);
  sign (secret, method, target, timestamp, hash, expected);
  ok = same (expected, signature);
  if (strchr (target, ':') == NULL && strstr (target, "%3A") == NULL && strstr (target, "%3a") == NULL)
    return ok;
  for (guint i = 0; i < G_N_ELEMENTS (spellings); i++)
    {
      g_autofree char *other = respell (target, spellings[i]);

      sign (secret, method, other, timestamp, hash, expected);
      ok |= same (expected, signature);
    }
  return ok;
}

guint64
tgp_signature_fingerprint (const char *signature)
{
  guint64 bits = 0;

  /* 11 characters carry 66 bits; the first two fall off the top. They are an HMAC's, so any 64 are as good.
   */
  for (guint i = 0; signature != NULL && i < 11 && signature[i] != '\0'; i++)
    {
      char c = signature[i];
      guint value = c >= 'A' && c <= 'Z'   ? (guint) (c - 'A')
                    : c >= 'a' && c <= 'z' ? (guint) (c - 'a') + 26
                    : c >= '0' && c <= '9' ? (guint) (c - '0') + 52
                    : c == '+'             ? 62
                                           : 63;

      bits = bits << 6 | value;
    }
  return bits != 0 ? bits : 1;
}
