/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests, good and hostile, and what must become of each. */
#pragma once

#include "edge/http-parser.h"

typedef struct
{
  const char *label;
  const char *text;
  gsize length;
  EdgeHttpState state; /* HEADERS_DONE: the body is not complete */
  guint status;        /* of a refusal */
  const char *method, *target, *body;
  gsize body_length;
  gsize end; /* where the next request starts */
  gboolean close;
} HttpCase;

#define ACCEPTED(label, text, method, target, body)                                                          \
  {                                                                                                          \
    label, text, sizeof (text) - 1, EDGE_HTTP_DONE, 0, method, target, body, sizeof (body) - 1,              \
      sizeof (text) - 1, FALSE                                                                               \
  }
/* The connection takes no further request. */
#define CLOSING(label, text, method, target, body)                                                           \
  {                                                                                                          \
    label, text, sizeof (text) - 1, EDGE_HTTP_DONE, 0, method, target, body, sizeof (body) - 1,              \
      sizeof (text) - 1, TRUE                                                                                \
  }
/* With bytes of the next request behind it. */
#define FOLLOWED(label, text, rest, method, target, body)                                                    \
  {                                                                                                          \
    label, text rest, sizeof (text rest) - 1, EDGE_HTTP_DONE, 0, method, target, body, sizeof (body) - 1,    \
      sizeof (text) - 1, FALSE                                                                               \
  }
#define REFUSED(label, status, text)                                                                         \
  {                                                                                                          \
    label, text, sizeof (text) - 1, EDGE_HTTP_REFUSED, status, NULL, NULL, NULL, 0, 0, FALSE                 \
  }
/* The headers, the body is incomplete. */
#define HEAD_OPEN(label, text)                                                                               \
  {                                                                                                          \
    label, text, sizeof (text) - 1, EDGE_HTTP_NEED_MORE, 0, NULL, NULL, NULL, 0, sizeof (text) - 1, FALSE    \
  }
#define BODY_OPEN(label, text)                                                                               \
  {                                                                                                          \
    label, text, sizeof (text) - 1, EDGE_HTTP_HEADERS_DONE, 0, NULL, NULL, NULL, 0, sizeof (text) - 1, FALSE \
  }

#define HOST                "Host: gateway.example\r\n"
#define GET(headers)        "GET / HTTP/1.1\r\n" HOST headers "\r\n"
#define POST(headers, body) "POST /p HTTP/1.1\r\n" HOST headers "\r\n" body
#define CHUNKED(body)       POST ("Transfer-Encoding: chunked\r\n", body)

typedef struct
{
  const char *name;
  const HttpCase *cases;
  gsize n_cases;
} HttpCaseGroup;

extern const HttpCaseGroup http_line_cases, http_header_cases, http_body_cases, http_smuggling_cases;
