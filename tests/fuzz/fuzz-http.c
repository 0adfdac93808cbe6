/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whatever we accept must mean the same to libhttp-parser, and where the input is cut must change nothing.
 * The first byte picks the limits and the cuts. */
#include "tests/edge/http-reference.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static const EdgeHttpLimits limits[] = {
  { 16 * 1024, 100, 64 * 1024 },
  { 0, 0, 0 },
  { 96, 4, 16 },
  { 256, 2, 1 },
};

/* Feeds until the request is done; cut 0: whole. Returns the last state, HEADERS_DONE standing for an
 * incomplete body. */
static EdgeHttpState
feed (EdgeRequest *request, const EdgeHttpLimits *limit, const char *data, gsize size, guint cut, gsize *end)
{
  EdgeHttpState state = EDGE_HTTP_NEED_MORE;
  gboolean told = FALSE;

  *end = 0;
  while (*end < size && state != EDGE_HTTP_DONE && state != EDGE_HTTP_REFUSED)
    {
      gsize piece = cut == 0 ? size : 1 + (*end * 7 + cut) % cut;
      gsize taken;
      g_autofree char *copy = NULL;

      piece = MIN (piece, size - *end);
      copy = g_memdup2 (data + *end, piece);
      state = edge_request_feed (request, limit, copy, piece, &taken);
      g_assert (taken <= piece);
      g_assert (taken == piece || state == EDGE_HTTP_DONE || state == EDGE_HTTP_REFUSED);
      g_assert (!(told && state == EDGE_HTTP_HEADERS_DONE));
      told |= state == EDGE_HTTP_HEADERS_DONE;
      *end += taken;
    }
  g_assert (edge_request_in_headers (request) || told || state >= EDGE_HTTP_DONE);
  return told && state == EDGE_HTTP_NEED_MORE ? EDGE_HTTP_HEADERS_DONE : state;
}

static void
check_same (const EdgeRequest *a, const EdgeRequest *b, EdgeHttpState state)
{
  gsize length_a, length_b;
  const char *body_a = edge_request_body (a, &length_a), *body_b = edge_request_body (b, &length_b);

  g_assert_cmpuint (edge_request_refusal_status (a), ==, edge_request_refusal_status (b));
  g_assert_cmpstr (edge_request_refusal_reason (a), ==, edge_request_refusal_reason (b));
  g_assert_cmpint (edge_request_in_headers (a), ==, edge_request_in_headers (b));
  g_assert_cmpint (edge_request_started (a), ==, edge_request_started (b));
  if (state != EDGE_HTTP_DONE)
    return;
  g_assert_cmpstr (edge_request_method (a), ==, edge_request_method (b));
  g_assert_cmpstr (edge_request_target (a), ==, edge_request_target (b));
  g_assert_cmpstr (edge_request_path (a), ==, edge_request_path (b));
  g_assert_cmpstr (edge_request_query (a), ==, edge_request_query (b));
  g_assert_cmpstr (edge_request_upgrade_fault (a), ==, edge_request_upgrade_fault (b));
  g_assert_cmpstr (edge_request_websocket_key (a), ==, edge_request_websocket_key (b));
  g_assert_cmpint (edge_request_is_upgrade (a), ==, edge_request_is_upgrade (b));
  g_assert_cmpint (edge_request_keep_alive (a), ==, edge_request_keep_alive (b));
  g_assert_cmpmem (body_a, length_a, body_b, length_b);
}

/* One request; returns where the next one starts, 0 if there is none. */
static gsize
try_request (const EdgeHttpLimits *limit, const char *data, gsize size, guint cut)
{
  EdgeRequest *whole = edge_request_new (), *pieces = edge_request_new (), *bytes = edge_request_new ();
  gsize end, end_pieces, end_bytes;
  EdgeHttpState state = feed (whole, limit, data, size, 0, &end);

  g_assert_cmpint (feed (pieces, limit, data, size, cut, &end_pieces), ==, state);
  g_assert_cmpint (feed (bytes, limit, data, size, 1, &end_bytes), ==, state);
  g_assert_cmpuint (end, ==, end_pieces);
  g_assert_cmpuint (end, ==, end_bytes);
  check_same (whole, pieces, state);
  check_same (whole, bytes, state);
  if (state == EDGE_HTTP_DONE)
    {
      g_autoptr (HttpReference) reference = http_reference_read (data, size);
      g_autofree char *difference = http_reference_compare (reference, pieces, end);

      g_assert_cmpstr (difference, ==, NULL);
      g_assert_cmpint ((int) strlen (edge_request_path (whole)) + (edge_request_query (whole) != NULL), <=,
                       (int) strlen (edge_request_target (whole)));
    }
  end =
    state == EDGE_HTTP_DONE && edge_request_keep_alive (whole) && !edge_request_is_upgrade (whole) ? end : 0;
  edge_request_free (whole);
  edge_request_free (pieces);
  edge_request_free (bytes);
  return end;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const char *text = (const char *) data + 1;
  gsize rest, taken;

  if (size < 2)
    return 0;
  rest = size - 1;
  do
    {
      taken = try_request (&limits[data[0] % G_N_ELEMENTS (limits)], text, rest, 2u + data[0] / 8u);
      text += taken;
      rest -= taken;
    }
  while (taken > 0 && rest > 0);
  return 0;
}
