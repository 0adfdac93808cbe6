/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The worked signature of docs/protocol.md, computed by our own code from what the document shows. */

#include "protocol/signature.h"

#include <string.h>

static char *document;

/* The value of a row "| name | `value` |" under the heading. */
static char *
value_of (const char *name)
{
  const char *section = strstr (document, "### A worked signature\n");
  g_assert_nonnull (section);
  g_autofree char *start = g_strdup_printf ("\n| %s | `", name);
  const char *row = strstr (section, start);
  g_assert_nonnull (row);
  row += strlen (start);
  const char *end = strstr (row, "` |\n");
  g_assert_nonnull (end);
  return g_strndup (row, end - row);
}

static void
test_example (void)
{
  g_autofree char *secret = value_of ("secret");
  g_autofree char *method = value_of ("method");
  g_autofree char *target = value_of ("target");
  g_autofree char *timestamp = value_of ("timestamp");
  g_autofree char *body = value_of ("body");
  g_autofree char *wanted = value_of ("signature");
  char signature[TGP_SIGNATURE_SIZE];

  tgp_sign (secret, method, target, timestamp, body, strlen (body), signature);
  g_assert_cmpstr (signature, ==, wanted);
  g_assert_true (tgp_signature_verify (wanted, secret, method, target, timestamp, body, strlen (body)));
  g_assert_false (tgp_signature_verify (wanted, secret, method, target, timestamp, body, strlen (body) - 1));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  g_assert_true (g_file_get_contents (argv[1], &document, NULL, NULL));
  g_test_add_func ("/documents/worked-signature", test_example);
  int status = g_test_run ();
  g_free (document);
  return status;
}
