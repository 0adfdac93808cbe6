/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The strict pass. Every loop runs on the NUL behind the copy: no check of the end is needed, because NUL
 * fits nowhere in JSON. */
#include "protocol/json.h"
#include "protocol/error.h"
#include "protocol/json-private.h"

#include <string.h>

typedef struct
{
  TgpJson *json;
  const guint8 *text;
  guint32 at;
  const char *problem;
} Parser;

static gboolean
fail (Parser *parser, const char *problem)
{
  if (parser->problem == NULL)
    parser->problem = problem;
  return FALSE;
}

static void
skip_space (Parser *parser)
{
  const guint8 *text = parser->text;

  while (text[parser->at] == ' ' || text[parser->at] == '\n' || text[parser->at] == '\r' ||
         text[parser->at] == '\t')
    parser->at++;
}

static gboolean
read_hex4 (const guint8 *at, guint *value)
{
  *value = 0;
  for (guint i = 0; i < 4; i++)
    {
      int digit = g_ascii_xdigit_value ((char) at[i]);

      if (digit < 0)
        return FALSE;
      *value = *value << 4 | (guint) digit;
    }
  return TRUE;
}

/* at: behind the backslash. */
static gboolean
scan_escape (Parser *parser)
{
  const guint8 *at = parser->text + parser->at;
  guint unit, low;

  if (*at != 'u')
    {
      if (*at == '\0' || strchr ("\"\\/bfnrt", *at) == NULL)
        return fail (parser, "unknown escape");
      parser->at++;
      return TRUE;
    }
  if (!read_hex4 (at + 1, &unit))
    return fail (parser, "\\u needs four hexadecimal digits");
  if (unit == 0)
    return fail (parser, "\\u0000 is not allowed");
  parser->at += 5;
  if (unit < 0xd800 || unit > 0xdfff)
    return TRUE;
  if (unit > 0xdbff || at[5] != '\\' || at[6] != 'u' || !read_hex4 (at + 7, &low) || low < 0xdc00 ||
      low > 0xdfff)
    return fail (parser, "lone surrogate");
  parser->at += 6;
  return TRUE;
}

/* Length of the UTF-8 sequence at a byte >= 0x80, 0 if it is ill-formed (Unicode, table 3-7). */
static guint
utf8_length (const guint8 *at)
{
  guint8 lead = at[0];
  guint8 low = 0x80, high = 0xbf;
  guint length;

  if (lead < 0xc2 || lead > 0xf4)
    return 0;
  length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (lead == 0xe0)
    low = 0xa0;
  else if (lead == 0xed)
    high = 0x9f;
  else if (lead == 0xf0)
    low = 0x90;
  else if (lead == 0xf4)
    high = 0x8f;
  if (at[1] < low || at[1] > high)
    return 0;
  for (guint i = 2; i < length; i++)
    if ((at[i] & 0xc0) != 0x80)
      return 0;
  return length;
}

/* Bytes of a string that need no thought. */
static const guint8 plain[256] = { [' '] = 1, ['!'] = 1, [0x23 ... 0x5b] = 1, [0x5d ... 0x7f] = 1 };

/* at: behind the opening quote; afterwards behind the closing one. */
static gboolean
scan_string (Parser *parser, guint8 *escaped)
{
  const guint8 *text = parser->text;

  *escaped = FALSE;
  for (;;)
    {
      guint8 c;

      while (plain[text[parser->at]])
        parser->at++;
      c = text[parser->at];
      if (c == '"')
        {
          parser->at++;
          return TRUE;
        }
      if (c == '\\')
        {
          *escaped = TRUE;
          parser->at++;
          if (!scan_escape (parser))
            return FALSE;
        }
      else if (c >= 0x80)
        {
          guint length = utf8_length (text + parser->at);

          if (length == 0)
            return fail (parser, "not UTF-8");
          parser->at += length;
        }
      else
        return fail (parser, parser->at >= parser->json->length ? "string without an end"
                                                                : "control character in a string");
    }
}

static gboolean
scan_digits (Parser *parser)
{
  if (!g_ascii_isdigit (parser->text[parser->at]))
    return fail (parser, "not a number");
  while (g_ascii_isdigit (parser->text[parser->at]))
    parser->at++;
  return TRUE;
}

static gboolean
scan_number (Parser *parser)
{
  const guint8 *text = parser->text;

  if (text[parser->at] == '-')
    parser->at++;
  if (text[parser->at] == '0')
    {
      parser->at++;
      if (g_ascii_isdigit (text[parser->at]))
        return fail (parser, "number with a leading zero");
    }
  else if (!scan_digits (parser))
    return FALSE;
  if (text[parser->at] == '.')
    {
      parser->at++;
      if (!scan_digits (parser))
        return FALSE;
    }
  if (text[parser->at] == 'e' || text[parser->at] == 'E')
    {
      parser->at++;
      if (text[parser->at] == '+' || text[parser->at] == '-')
        parser->at++;
      return scan_digits (parser);
    }
  return TRUE;
}

static gboolean
scan_word (Parser *parser, const char *word)
{
  gsize length = strlen (word);

  if (strncmp ((const char *) parser->text + parser->at, word, length) != 0)
    return fail (parser, "not a JSON value");
  parser->at += (guint32) length;
  return TRUE;
}

/* A string, number or word; the caller has looked at the first byte. */
static gboolean
scan_scalar (Parser *parser, TgpJsonNode *node)
{
  switch (parser->text[parser->at])
    {
    case '"':
      node->type = TGP_JSON_STRING;
      parser->at++;
      return scan_string (parser, &node->value_is_escaped);
    case 't':
      node->type = TGP_JSON_BOOLEAN;
      return scan_word (parser, "true");
    case 'f':
      node->type = TGP_JSON_BOOLEAN;
      return scan_word (parser, "false");
    case 'n':
      node->type = TGP_JSON_NULL;
      return scan_word (parser, "null");
    case '-':
    case '0' ... '9':
      node->type = TGP_JSON_NUMBER;
      return scan_number (parser);
    default:
      return fail (parser, parser->at >= parser->json->length ? "unexpected end" : "not a JSON value");
    }
}

static guint
add_node (TgpJson *json)
{
  if (json->n_nodes == json->capacity)
    {
      gboolean on_heap = json->nodes != json->inline_nodes;

      json->capacity *= 2;
      json->nodes = g_renew (TgpJsonNode, on_heap ? json->nodes : NULL, json->capacity);
      if (!on_heap)
        memcpy (json->nodes, json->inline_nodes, sizeof json->inline_nodes);
    }
  memset (&json->nodes[json->n_nodes], 0, sizeof (TgpJsonNode));
  return json->n_nodes++;
}

/* The name and the colon of the next member. */
static gboolean
scan_name (Parser *parser, TgpJsonNode *node)
{
  skip_space (parser);
  if (parser->text[parser->at] != '"')
    return fail (parser, "expected the name of a member");
  node->name = ++parser->at;
  if (!scan_string (parser, &node->name_is_escaped))
    return FALSE;
  node->name_end = parser->at - 1;
  skip_space (parser);
  if (parser->text[parser->at] != ':')
    return fail (parser, "expected ':'");
  parser->at++;
  return TRUE;
}

typedef struct
{
  guint node;
  guint last; /* newest child */
} Level;

/* Links a new node under the innermost open container and reads its name, if it needs one. */
static gboolean
open_child (Parser *parser, Level *level, guint *child)
{
  TgpJsonNode *nodes;

  *child = add_node (parser->json);
  nodes = parser->json->nodes;
  if (nodes[level->node].count++ > 0)
    nodes[level->last].next = *child;
  level->last = *child;
  return nodes[level->node].type != TGP_JSON_OBJECT || scan_name (parser, &nodes[*child]);
}

static gboolean
parse (Parser *parser)
{
  TgpJson *json = parser->json;
  Level levels[TGP_JSON_MAX_DEPTH];
  guint depth = 0;
  guint node = add_node (json);

  for (;;)
    {
      guint8 c;

      skip_space (parser);
      c = parser->text[parser->at];
      json->nodes[node].start = parser->at;
      if (c == '{' || c == '[')
        {
          if (depth == TGP_JSON_MAX_DEPTH)
            return fail (parser, "nested deeper than 16");
          json->nodes[node].type = c == '{' ? TGP_JSON_OBJECT : TGP_JSON_ARRAY;
          levels[depth++] = (Level){ node, 0 };
          parser->at++;
          skip_space (parser);
          if (parser->text[parser->at] != c + 2) /* '{' + 2 is '}', '[' + 2 is ']' */
            {
              if (!open_child (parser, &levels[depth - 1], &node))
                return FALSE;
              continue;
            }
        }
      else
        {
          if (!scan_scalar (parser, &json->nodes[node]))
            return FALSE;
          json->nodes[node].end = parser->at;
        }

      for (;;)
        {
          TgpJsonNode *container;

          if (depth == 0)
            return TRUE;
          container = &json->nodes[levels[depth - 1].node];
          skip_space (parser);
          c = parser->text[parser->at];
          if (c == ',')
            {
              parser->at++;
              if (!open_child (parser, &levels[depth - 1], &node))
                return FALSE;
              break;
            }
          if (c != (container->type == TGP_JSON_OBJECT ? '}' : ']'))
            return fail (parser, parser->at >= json->length ? "unexpected end" : "expected ',' or the end");
          parser->at++;
          container->end = parser->at;
          if (container->type == TGP_JSON_OBJECT &&
              !tgp_json_names_are_distinct (json, levels[depth - 1].node))
            return fail (parser, "two members with the same name");
          depth--;
        }
    }
}

TgpJson *
tgp_json_parse (const char *text, gsize length, GError **error)
{
  g_autoptr (TgpJson) json = NULL;
  Parser parser;
  gboolean ok;

  if (length > G_MAXINT32)
    {
      g_set_error_literal (error, TGP_ERROR, TGP_ERROR_MALFORMED_JSON, "malformed JSON: too long");
      return NULL;
    }
  json = g_malloc (sizeof (TgpJson) + length + 1);
  json->nodes = json->inline_nodes;
  json->n_nodes = 0;
  json->capacity = TGP_JSON_INLINE_NODES;
  json->length = (guint32) length;
  if (length > 0)
    memcpy (json->text, text, length);
  json->text[length] = '\0';

  parser = (Parser){ .json = json, .text = (const guint8 *) json->text };
  ok = parse (&parser);
  if (ok)
    {
      skip_space (&parser);
      if (parser.at != json->length)
        ok = fail (&parser, "text behind the value");
    }
  if (!ok)
    {
      g_set_error (error, TGP_ERROR, TGP_ERROR_MALFORMED_JSON, "malformed JSON at byte %u: %s", parser.at,
                   length == 0 ? "empty" : parser.problem);
      return NULL;
    }
  return g_steal_pointer (&json);
}

TgpJson *
tgp_json_parse_object (const char *text, gsize length, GError **error)
{
  g_autoptr (TgpJson) json = tgp_json_parse (text, length, error);

  if (json == NULL)
    return NULL;
  if (json->nodes[0].type != TGP_JSON_OBJECT)
    {
      g_set_error_literal (error, TGP_ERROR, TGP_ERROR_MALFORMED_JSON, "the message must be a JSON object");
      return NULL;
    }
  return g_steal_pointer (&json);
}

void
tgp_json_free (TgpJson *json)
{
  if (json == NULL)
    return;
  if (json->nodes != json->inline_nodes)
    g_free (json->nodes);
  g_free (json);
}
