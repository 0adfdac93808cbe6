/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a request is made of; for the files of the parser only. One growing block holds the received lines
 * (NULs written over the delimiters), values joined from several headers, and the body; everything else are
 * offsets into it. */
#pragma once

#include "edge/http-parser.h"

G_BEGIN_DECLS

#define EDGE_HTTP_HARD_HEADER_BYTES (1024 * 1024)
#define EDGE_HTTP_HARD_HEADERS      1000
#define EDGE_HTTP_HARD_BODY_BYTES   (1024 * 1024 * 1024)
#define EDGE_HTTP_TRAILER_BYTES     4096

/* Headers that mean something to the parser, or that must come once at most. */
typedef enum
{
  EDGE_HEADER_OTHER,
  EDGE_HEADER_CONNECTION, /* the one here that may come more than once */
  EDGE_HEADER_HOST,
  EDGE_HEADER_CONTENT_LENGTH,
  EDGE_HEADER_TRANSFER_ENCODING,
  EDGE_HEADER_CONTENT_ENCODING,
  EDGE_HEADER_EXPECT,
  EDGE_HEADER_UPGRADE,
  EDGE_HEADER_WEBSOCKET_KEY,
  EDGE_HEADER_WEBSOCKET_VERSION,
  EDGE_HEADER_SINGLE /* all the others that must be single */
} EdgeHeaderId;

typedef struct
{
  guint32 name, value; /* offsets */
  guint32 name_length, value_length;
  guint32 hash;
  guint8 id;         /* EdgeHeaderId */
  guint8 number;     /* row of the table of known headers, 0: unknown */
  guint has_tab : 1; /* among the blanks around its value */
  guint repeats : 1; /* an earlier one has the same name, and its value has this one's joined on */
} EdgeHeader;

typedef enum
{
  EDGE_PARSE_START,    /* before the request line */
  EDGE_PARSE_START_LF, /* in the one empty line that may come before it */
  EDGE_PARSE_FIRST,    /* the next byte must start the request line */
  EDGE_PARSE_REQUEST_LINE,
  EDGE_PARSE_HEADERS,
  EDGE_PARSE_BODY, /* so many bytes of it: remaining */
  EDGE_PARSE_CHUNK_SIZE,
  EDGE_PARSE_CHUNK_SIZE_LF,
  EDGE_PARSE_CHUNK_DATA,
  EDGE_PARSE_CHUNK_DATA_CR,
  EDGE_PARSE_CHUNK_DATA_LF,
  EDGE_PARSE_TRAILERS,
  EDGE_PARSE_DONE,
  EDGE_PARSE_REFUSED
} EdgeParseState;

struct _EdgeRequest
{
  char *data;
  gsize length, capacity;
  EdgeHeader *headers;
  guint32 n_headers, headers_capacity;
  const char *refusal_reason;
  const char *upgrade_fault;
  guint64 remaining; /* of the body or the chunk */
  gsize body, body_length;
  guint64 known;               /* numbers of the known headers that came */
  gsize line;                  /* where the line in hand starts */
  guint32 used;                /* bytes of the head, or of the trailers */
  guint32 target, path, query; /* offsets; query 0: none */
  guint16 refusal_status;
  guint8 state;        /* EdgeParseState */
  guint8 chunk_digits; /* of the chunk size in hand */
  guint head_complete : 1;
  guint headers_told : 1;
  guint http_1_0 : 1;
  guint close : 1;
  guint expects_continue : 1;
  guint connection_upgrade : 1;
  guint is_upgrade : 1;
  guint chunked : 1;
  guint has_repeats : 1;
};

/* All of these return FALSE after a refusal, which they set. */
gboolean edge_request_refuse (EdgeRequest *request, guint status, const char *reason); /* always FALSE */

/* http.c: room for more bytes and the NUL behind them; bytes joined on. */
void edge_request_reserve (EdgeRequest *request, gsize more);
void edge_request_append (EdgeRequest *request, const char *bytes, gsize length);

/* http-line.c: one line each, at request->line, length bytes without CR LF. */
gboolean edge_request_take_request_line (EdgeRequest *request, gsize length);
gboolean edge_request_take_header (EdgeRequest *request, const EdgeHttpLimits *limits, gsize length);
gboolean edge_request_take_trailer (EdgeRequest *request, gsize length);

/* http-head.c: what the headers say together; sets the state that follows. */
gboolean edge_request_finish_head (EdgeRequest *request, const EdgeHttpLimits *limits);

/* http-body.c: body bytes, with or without chunks. Returns how many were taken. */
gsize edge_request_take_body (EdgeRequest *request, const EdgeHttpLimits *limits, const char *data,
                              gsize length);

/* http-headers.c */
/* Which of the known headers it is: its number, 0 for none; *id says what it is for. */
guint edge_header_identify (const char *name, gsize length, EdgeHeaderId *id);
guint32 edge_header_hash (const char *name, gsize length);
const EdgeHeader *edge_request_find (const EdgeRequest *request, EdgeHeaderId id);
/* Gives the first of several headers with one name the value "a, b". */
void edge_request_join_repeats (EdgeRequest *request);

/* http-upgrade.c */
void edge_request_check_upgrade (EdgeRequest *request, gboolean has_body);

static inline gsize
edge_http_bound (gsize limit, gsize hard)
{
  return limit == 0 || limit > hard ? hard : limit;
}

G_END_DECLS
