/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What another parser, libhttp-parser, reads in the same bytes: the judge of ours. It is laxer than we are,
 * so the question is only ever whether what we accept means the same there. */
#pragma once

#include "edge/http-parser.h"

typedef struct
{
  gboolean complete;
  gboolean beyond_it; /* it refuses what is legal: methods it does not list, … */
  const char *error;  /* NULL: none */
  char *method;
  GString *target, *body;
  GPtrArray *names, *values; /* of GString */
  gboolean keep_alive, upgrade, http_1_0;
  gsize end; /* bytes up to the end of the request */
} HttpReference;

HttpReference *http_reference_read (const char *data, gsize length);
void http_reference_free (HttpReference *reference);
/* Compares a request that was accepted up to end. NULL: they agree; otherwise what differs (to be freed). */
char *http_reference_compare (const HttpReference *reference, const EdgeRequest *request, gsize end);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HttpReference, http_reference_free)
