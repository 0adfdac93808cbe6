/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table behind json.h: one node a value, in the order of the text, so that a container's first child is
 * the next node. Node 0 is the root and nobody's sibling, which lets 0 mean "none". */
#pragma once

#include "protocol/json.h"

G_BEGIN_DECLS

typedef struct
{
  guint32 start, end;      /* the value's bytes, quotes and brackets included */
  guint32 name, name_end;  /* the member's name, without its quotes */
  guint32 next;            /* next sibling */
  guint32 count;           /* children */
  guint8 type;             /* TgpJsonType */
  guint8 value_is_escaped; /* a string with at least one backslash */
  guint8 name_is_escaped;
} TgpJsonNode;

/* Messages have about 20 values; more go to the heap. */
#define TGP_JSON_INLINE_NODES 40

struct _TgpJson
{
  TgpJsonNode *nodes;
  guint n_nodes, capacity;
  guint32 length;
  TgpJsonNode inline_nodes[TGP_JSON_INLINE_NODES];
  char text[]; /* the copy, NUL-terminated */
};

/* Resolves the escapes of a checked string; to holds at least end - from bytes. Returns the length. */
gsize tgp_json_unescape (const char *from, const char *end, char *to);
/* Is a checked string, escapes resolved, this text? */
gboolean tgp_json_equal (const char *from, const char *end, const char *text, gsize length);
/* FALSE if two members of the object have the same name. */
gboolean tgp_json_names_are_distinct (const TgpJson *json, guint object);

G_END_DECLS
