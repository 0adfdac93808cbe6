/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Strings of a checked document: escapes resolved, names compared. Nothing here can meet an ill-formed
 * escape. */
#include "protocol/json-private.h"

#include <string.h>

static guint
hex4 (const char *at)
{
  guint value = 0;

  for (guint i = 0; i < 4; i++)
    value = value << 4 | (guint) g_ascii_xdigit_value (at[i]);
  return value;
}

/* *at: behind the backslash. Writes the UTF-8 of one escape, or of a surrogate pair of two. */
static guint
resolve_escape (const char **at, char out[6])
{
  static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
  char c = *(*at)++;
  gunichar unit;

  if (c != 'u')
    {
      out[0] = to[strchr (from, c) - from];
      return 1;
    }
  unit = hex4 (*at);
  *at += 4;
  if (unit >= 0xd800 && unit <= 0xdbff)
    {
      unit = 0x10000 + ((unit - 0xd800) << 10) + (hex4 (*at + 2) - 0xdc00);
      *at += 6;
    }
  return (guint) g_unichar_to_utf8 (unit, out);
}

gsize
tgp_json_unescape (const char *from, const char *end, char *to)
{
  char *start = to;

  while (from < end)
    {
      const char *backslash = memchr (from, '\\', (gsize) (end - from));
      gsize run = (gsize) ((backslash != NULL ? backslash : end) - from);
      char bytes[6];
      guint n;

      memcpy (to, from, run);
      to += run;
      from += run;
      if (backslash == NULL)
        break;
      from++;
      n = resolve_escape (&from, bytes);
      memcpy (to, bytes, n);
      to += n;
    }
  return (gsize) (to - start);
}

/* Unescapes byte by byte, so that a comparison allocates nothing. */
typedef struct
{
  const char *at, *end;
  char bytes[6];
  guint taken, n;
} Cursor;

static int
next_byte (Cursor *cursor)
{
  if (cursor->taken < cursor->n)
    return (guint8) cursor->bytes[cursor->taken++];
  if (cursor->at == cursor->end)
    return -1;
  if (*cursor->at != '\\')
    return (guint8) *cursor->at++;
  cursor->at++;
  cursor->n = resolve_escape (&cursor->at, cursor->bytes);
  cursor->taken = 1;
  return (guint8) cursor->bytes[0];
}

/* By the bytes once unescaped. */
static int
compare_escaped (const char *a, const char *a_end, const char *b, const char *b_end)
{
  Cursor left = { .at = a, .end = a_end };
  Cursor right = { .at = b, .end = b_end };

  for (;;)
    {
      int x = next_byte (&left);
      int y = next_byte (&right);

      if (x != y || x < 0)
        return x - y;
    }
}

gboolean
tgp_json_equal (const char *from, const char *end, const char *text, gsize length)
{
  Cursor cursor = { .at = from, .end = end };

  for (gsize i = 0; i < length; i++)
    if (next_byte (&cursor) != (guint8) text[i])
      return FALSE;
  return next_byte (&cursor) < 0;
}

static int
compare_names (const TgpJson *json, const TgpJsonNode *a, const TgpJsonNode *b)
{
  const char *text = json->text;
  gsize a_length = a->name_end - a->name, b_length = b->name_end - b->name;
  int order;

  if (a->name_is_escaped || b->name_is_escaped)
    return compare_escaped (text + a->name, text + a->name_end, text + b->name, text + b->name_end);
  order = memcmp (text + a->name, text + b->name, MIN (a_length, b_length));
  if (order != 0)
    return order;
  return a_length < b_length ? -1 : a_length > b_length;
}

static gboolean
names_are_equal (const TgpJson *json, const TgpJsonNode *a, const TgpJsonNode *b)
{
  if (!a->name_is_escaped && !b->name_is_escaped && a->name_end - a->name != b->name_end - b->name)
    return FALSE;
  return compare_names (json, a, b) == 0;
}

static int
compare_nodes (gconstpointer a, gconstpointer b, gpointer json)
{
  const TgpJsonNode *nodes = ((const TgpJson *) json)->nodes;

  return compare_names (json, &nodes[*(const guint32 *) a], &nodes[*(const guint32 *) b]);
}

/* Up to here every pair is compared; above, the names are sorted: n log n whatever the names are, where a
 * hash table would need a secret seed against chosen collisions. */
#define FEW_MEMBERS 16

gboolean
tgp_json_names_are_distinct (const TgpJson *json, guint object)
{
  const TgpJsonNode *nodes = json->nodes;
  guint count = nodes[object].count;
  guint32 few[FEW_MEMBERS];
  g_autofree guint32 *many = NULL;
  guint32 *members = few;
  guint n = 0;

  if (count < 2)
    return TRUE;
  if (count > FEW_MEMBERS)
    members = many = g_new (guint32, count);
  for (guint child = object + 1; n < count; child = nodes[child].next)
    members[n++] = child;

  if (count <= FEW_MEMBERS)
    {
      for (guint i = 1; i < count; i++)
        for (guint j = 0; j < i; j++)
          if (names_are_equal (json, &nodes[members[i]], &nodes[members[j]]))
            return FALSE;
      return TRUE;
    }
  g_qsort_with_data (members, (gint) count, sizeof (guint32), compare_nodes, (gpointer) json);
  for (guint i = 1; i < count; i++)
    if (compare_names (json, &nodes[members[i - 1]], &nodes[members[i]]) == 0)
      return FALSE;
  return TRUE;
}
