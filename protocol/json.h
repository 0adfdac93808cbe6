/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The JSON guard: one strict pass over the bytes (RFC 8259, UTF-8, depth <= 16, no duplicate members, no
 * trailing text, no \u0000) that leaves a flat table of values pointing into a copy of the text, and typed
 * getters on it. Numbers keep their text: money is judged on it. docs/decisions/0001 says why json-glib is
 * not in this path. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define TGP_JSON_MAX_DEPTH 16

typedef struct _TgpJson TgpJson;

typedef enum
{
  TGP_JSON_ABSENT,
  TGP_JSON_NULL,
  TGP_JSON_BOOLEAN,
  TGP_JSON_NUMBER,
  TGP_JSON_STRING,
  TGP_JSON_ARRAY,
  TGP_JSON_OBJECT
} TgpJsonType;

/* A value in a document; by value, valid as long as the document. {NULL, 0} is "absent". */
typedef struct
{
  const TgpJson *json;
  guint node;
} TgpValue;

/* MALFORMED_JSON with position and reason on failure. text need not be NUL-terminated and is copied. */
TgpJson *tgp_json_parse (const char *text, gsize length, GError **error);
void tgp_json_free (TgpJson *json);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TgpJson, tgp_json_free)

TgpValue tgp_json_root (const TgpJson *json);
/* Parse and insist on an object. */
TgpJson *tgp_json_parse_object (const char *text, gsize length, GError **error);

TgpJsonType tgp_value_type (TgpValue value);
gboolean tgp_value_exists (TgpValue value); /* present and not null */
/* The bytes as received, whitespace inside included; not NUL-terminated. */
const char *tgp_value_raw (TgpValue value, gsize *length);
char *tgp_value_dup_raw (TgpValue value);
/* Decoded string value (escapes resolved); NULL if it is no string. */
char *tgp_value_dup_string (TgpValue value);
/* True if value is a string equal to text (escapes resolved). */
gboolean tgp_value_equal (TgpValue value, const char *text);

guint tgp_value_length (TgpValue array_or_object);
/* Member by name; absent if there is none or value is no object. */
TgpValue tgp_value_member (TgpValue object, const char *name);
/* Children in order: tgp_value_first(), then tgp_value_next() until absent. For objects the children are
 * the values. */
TgpValue tgp_value_first (TgpValue array_or_object);
TgpValue tgp_value_next (TgpValue child);
/* The name of an object's child. */
char *tgp_value_dup_name (TgpValue child);

/* Typed getters: TRUE and the value, or FALSE with MISSING_FIELD "x is required" / INVALID_FIELD "x must
 * be …". An optional member that is absent or null is TRUE and NULL / the default. */
gboolean tgp_get_string (TgpValue object, const char *name, gsize max_bytes, char **out, GError **error);
gboolean tgp_get_optional_string (TgpValue object, const char *name, gsize max_bytes, char **out,
                                  GError **error);
/* A name by the deviceId alphabet. */
gboolean tgp_get_id (TgpValue object, const char *name, char **out, GError **error);
gboolean tgp_get_optional_id (TgpValue object, const char *name, char **out, GError **error);
gboolean tgp_get_optional_boolean (TgpValue object, const char *name, gboolean fallback, gboolean *out,
                                   GError **error);
/* Whole numbers only, no exponent, no fraction. */
gboolean tgp_get_optional_int (TgpValue object, const char *name, gint64 minimum, gint64 maximum,
                               gint64 fallback, gint64 *out, GError **error);
/* Array of strings by the deviceId alphabet, at most max_items; required. */
gboolean tgp_get_id_array (TgpValue object, const char *name, guint max_items, GPtrArray **out,
                           GError **error);
gboolean tgp_get_object (TgpValue object, const char *name, TgpValue *out, GError **error);
/* Wire time in ms; 0 when absent. */
gboolean tgp_get_optional_time (TgpValue object, const char *name, gint64 *out, GError **error);

G_END_DECLS
