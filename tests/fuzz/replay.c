/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs a fuzz target without libFuzzer: every seed of a folder, then mutations of the seeds that are the same
 * in every run. FUZZ_RUNS says how many (8,000). */
#include <glib.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RUNS      8000
#define INPUT_MAX (64 * 1024)

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);
/* Of the targets that need a set-up. */
int LLVMFuzzerInitialize (int *argc, char ***argv) __attribute__ ((weak));

/* A copy of exact size, so that a sanitizer sees a read behind the end. */
static void
run (const GByteArray *input)
{
  uint8_t *exact = malloc (MAX (input->len, 1));

  if (input->len > 0)
    memcpy (exact, input->data, input->len);
  LLVMFuzzerTestOneInput (exact, input->len);
  free (exact);
}

/* The array hands over pointers to its elements. */
static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static GPtrArray *
load_seeds (const char *folder)
{
  GPtrArray *seeds = g_ptr_array_new_with_free_func ((GDestroyNotify) g_byte_array_unref);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = folder != NULL ? g_dir_open (folder, 0, NULL) : NULL;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_build_filename (folder, name, NULL));
  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (seeds, g_byte_array_new ());
  for (guint i = 0; i < names->len; i++)
    {
      char *text;
      gsize length;

      if (g_file_get_contents (g_ptr_array_index (names, i), &text, &length, NULL))
        g_ptr_array_add (seeds, g_byte_array_new_take ((guint8 *) text, length));
    }
  return seeds;
}

static void
insert (GByteArray *input, guint at, const guint8 *bytes, guint length)
{
  g_autofree guint8 *rest = at < input->len ? g_memdup2 (input->data + at, input->len - at) : NULL;
  guint n = input->len - at;

  g_byte_array_set_size (input, at);
  if (length > 0)
    g_byte_array_append (input, bytes, length);
  if (n > 0)
    g_byte_array_append (input, rest, n);
}

static void
mutate (GByteArray *input, const GPtrArray *seeds, GRand *rand)
{
  static const char *const tokens[] = { "{",
                                        "}",
                                        "[",
                                        "]",
                                        ":",
                                        ",",
                                        "\"",
                                        "\\",
                                        "\\u0000",
                                        "\\ud800",
                                        "null",
                                        "true",
                                        "-",
                                        "0",
                                        "1e9",
                                        ".",
                                        "9999999999999999",
                                        "\r\n",
                                        "\n",
                                        " ",
                                        "\t",
                                        "\xff",
                                        "\xf0\x9f\x98\x80",
                                        "\xc3",
                                        "0x",
                                        "%00",
                                        "\x7f",
                                        "/*",
                                        "//",
                                        "+" };
  guint at = input->len > 0 ? (guint) g_rand_int_range (rand, 0, (gint32) input->len) : 0;
  guint span =
    input->len > at ? (guint) g_rand_int_range (rand, 1, (gint32) MIN (input->len - at, 64) + 1) : 0;
  const GByteArray *other = g_ptr_array_index (seeds, g_rand_int_range (rand, 0, (gint32) seeds->len));
  const char *token = tokens[g_rand_int_range (rand, 0, G_N_ELEMENTS (tokens))];
  guint8 byte = (guint8) g_rand_int_range (rand, 0, 256);

  switch (g_rand_int_range (rand, 0, 8))
    {
    case 0:
      if (input->len > 0)
        input->data[at] ^= (guint8) (1u << g_rand_int_range (rand, 0, 8));
      break;
    case 1:
      if (input->len > 0)
        input->data[at] = byte;
      break;
    case 2:
      if (span > 0)
        g_byte_array_remove_range (input, at, span);
      break;
    case 3:
      insert (input, at, &byte, 1);
      break;
    case 4:
      insert (input, at, (const guint8 *) token, (guint) strlen (token));
      break;
    case 5:
      {
        g_autofree guint8 *copy = span > 0 ? g_memdup2 (input->data + at, span) : NULL;

        for (gint i = g_rand_int_range (rand, 1, 20); i > 0; i--)
          insert (input, at, copy, span);
        break;
      }
    case 6:
      g_byte_array_set_size (input, at);
      break;
    default:
      if (other->len > 0)
        {
          guint from = (guint) g_rand_int_range (rand, 0, (gint32) other->len);

          insert (input, at, other->data + from, other->len - from);
        }
    }
  if (input->len > INPUT_MAX)
    g_byte_array_set_size (input, INPUT_MAX);
}

int
main (int argc, char *argv[])
{
  g_autoptr (GPtrArray) seeds = NULL;
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  const char *wanted = g_getenv ("FUZZ_RUNS");
  guint64 runs = wanted != NULL ? g_ascii_strtoull (wanted, NULL, 10) : RUNS;

  if (LLVMFuzzerInitialize != NULL)
    LLVMFuzzerInitialize (&argc, &argv);
  seeds = load_seeds (argc > 1 ? argv[1] : NULL);
  for (guint i = 0; i < seeds->len; i++)
    run (g_ptr_array_index (seeds, i));
  printf ("1..2\nok 1 %u seeds\n", seeds->len - 1);
  for (guint64 i = 0; i < runs; i++)
    {
      const GByteArray *seed = g_ptr_array_index (seeds, g_rand_int_range (rand, 0, (gint32) seeds->len));
      g_autoptr (GByteArray) input = g_byte_array_new ();

      g_byte_array_append (input, seed->data, seed->len);
      for (gint n = g_rand_int_range (rand, 1, 6); n > 0; n--)
        mutate (input, seeds, rand);
      run (input);
    }
  printf ("ok 2 %" G_GUINT64_FORMAT " mutations\n", runs);
  return 0;
}
