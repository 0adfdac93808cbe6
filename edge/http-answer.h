/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bytes of an HTTP answer. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  guint status;
  const char *date;         /* as in RFC 9110, 5.6.7 */
  const char *content_type; /* NULL: no body */
  gsize length;             /* of the body, even if it is not sent */
  const char *headers;      /* more lines, each ended by CR LF, or NULL */
  gboolean close;
} EdgeAnswer;

/* Status line, headers and the empty line, in place of what is in text. */
void edge_answer_write (GString *text, const EdgeAnswer *answer);

G_END_DECLS
