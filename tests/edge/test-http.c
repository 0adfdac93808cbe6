/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Feeds every case of the tables whole, byte by byte and in random cuts, and asks libhttp-parser about the
 * good ones. */
#include "tests/edge/http-cases.h"
#include "tests/edge/http-reference.h"

#include <string.h>

#define RANDOM_ROUNDS 24

static const EdgeHttpLimits limits = { 16 * 1024, 100, 64 * 1024 };

typedef enum
{
  WHOLE,
  BYTES,
  RANDOM
} Cutting;

/* Feeds a copy of exactly the bytes, so that a sanitizer sees any read behind them. */
static EdgeHttpState
feed (EdgeRequest *request, const HttpCase *c, Cutting cutting, gsize *end, guint *told)
{
  EdgeHttpState state = EDGE_HTTP_NEED_MORE;

  *end = 0;
  *told = 0;
  while (*end < c->length && state != EDGE_HTTP_DONE && state != EDGE_HTTP_REFUSED)
    {
      gsize rest = c->length - *end, taken;
      gsize cut = (gsize) g_test_rand_int_range (1, 40);
      gsize piece = cutting == WHOLE ? rest : cutting == BYTES ? 1 : MIN (rest, cut);
      g_autofree char *copy = g_memdup2 (c->text + *end, piece);

      state = edge_request_feed (request, &limits, copy, piece, &taken);
      g_assert_cmpuint (taken, <=, piece);
      if (state != EDGE_HTTP_DONE && state != EDGE_HTTP_REFUSED)
        g_assert_cmpuint (taken, ==, piece);
      *told += state == EDGE_HTTP_HEADERS_DONE;
      *end += taken;
    }
  return state;
}

static void
check_refusal (const HttpCase *c, const EdgeRequest *request, gsize end, gsize *first_end)
{
  g_assert_cmpuint (edge_request_refusal_status (request), ==, c->status);
  g_assert_nonnull (edge_request_refusal_reason (request));
  g_assert_false (edge_request_keep_alive (request));
  if (*first_end == G_MAXSIZE)
    *first_end = end;
  g_assert_cmpuint (end, ==, *first_end);
}

static void
check_request (const HttpCase *c, const EdgeRequest *request, gsize end)
{
  g_autoptr (HttpReference) reference = http_reference_read (c->text, c->length);
  g_autofree char *difference = NULL;
  gsize length;
  const char *body = edge_request_body (request, &length);

  g_assert_cmpuint (end, ==, c->end);
  g_assert_cmpstr (edge_request_method (request), ==, c->method);
  g_assert_cmpstr (edge_request_target (request), ==, c->target);
  g_assert_cmpmem (body, length, c->body, c->body_length);
  g_assert_cmpint (body[length], ==, '\0');
  g_assert_cmpint (edge_request_keep_alive (request), ==, !c->close);
  g_assert_false (edge_request_in_headers (request));
  g_assert_cmpuint (edge_request_refusal_status (request), ==, 0);
  difference = http_reference_compare (reference, request, end);
  g_assert_cmpstr (difference, ==, NULL);
}

static void
check (const HttpCase *c, Cutting cutting, gsize *first_end)
{
  EdgeRequest *request = edge_request_new ();
  gsize end, taken;
  guint told;
  EdgeHttpState state = feed (request, c, cutting, &end, &told);

  g_assert_cmpuint (told, <=, 1);
  switch (c->state)
    {
    case EDGE_HTTP_REFUSED:
      g_assert_cmpint (state, ==, EDGE_HTTP_REFUSED);
      check_refusal (c, request, end, first_end);
      g_assert_cmpint (edge_request_feed (request, &limits, "x", 1, &taken), ==, EDGE_HTTP_REFUSED);
      g_assert_cmpuint (taken, ==, 0);
      break;
    case EDGE_HTTP_DONE:
      g_assert_cmpint (state, ==, EDGE_HTTP_DONE);
      check_request (c, request, end);
      g_assert_cmpint (edge_request_feed (request, &limits, "x", 1, &taken), ==, EDGE_HTTP_DONE);
      g_assert_cmpuint (taken, ==, 0);
      break;
    case EDGE_HTTP_HEADERS_DONE:
      g_assert_cmpuint (told, ==, 1);
      g_assert_false (edge_request_in_headers (request));
      g_assert_cmpuint (end, ==, c->length);
      break;
    default:
      g_assert_cmpint (state, ==, EDGE_HTTP_NEED_MORE);
      g_assert_cmpuint (told, ==, 0);
      g_assert_true (edge_request_in_headers (request));
      g_assert_cmpuint (end, ==, c->length);
    }
  edge_request_free (request);
}

static void
test_case (gconstpointer data)
{
  const HttpCase *c = data;
  gsize first_end = G_MAXSIZE;

  check (c, WHOLE, &first_end);
  check (c, BYTES, &first_end);
  for (int round = 0; round < RANDOM_ROUNDS; round++)
    check (c, RANDOM, &first_end);
}

static void
add_group (const HttpCaseGroup *group)
{
  for (gsize i = 0; i < group->n_cases; i++)
    {
      g_autofree char *path = g_strdup_printf ("/edge/http/%s/%s", group->name, group->cases[i].label);

      g_test_add_data_func (path, &group->cases[i], test_case);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_group (&http_line_cases);
  add_group (&http_header_cases);
  add_group (&http_body_cases);
  add_group (&http_smuggling_cases);
  return g_test_run ();
}
