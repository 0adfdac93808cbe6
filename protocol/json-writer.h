/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writes JSON text front to back into one growing string; commas and escapes are its business, structure
 * is the caller's. name is the member's name, NULL inside arrays and at the top. Strings must be UTF-8;
 * ill-formed bytes become U+FFFD. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  GString *text;
  gboolean comma;
} TgpJsonWriter;

void tgp_json_writer_init (TgpJsonWriter *writer);
/* Returns the text and leaves the writer empty. */
char *tgp_json_writer_end (TgpJsonWriter *writer) G_GNUC_WARN_UNUSED_RESULT;

void tgp_json_open_object (TgpJsonWriter *writer, const char *name);
void tgp_json_close_object (TgpJsonWriter *writer);
void tgp_json_open_array (TgpJsonWriter *writer, const char *name);
void tgp_json_close_array (TgpJsonWriter *writer);
void tgp_json_string (TgpJsonWriter *writer, const char *name, const char *value);
/* Nothing is written when value is NULL. */
void tgp_json_optional_string (TgpJsonWriter *writer, const char *name, const char *value);
void tgp_json_int (TgpJsonWriter *writer, const char *name, gint64 value);
void tgp_json_boolean (TgpJsonWriter *writer, const char *name, gboolean value);
void tgp_json_null (TgpJsonWriter *writer, const char *name);
/* Ready JSON text of one value. */
void tgp_json_raw (TgpJsonWriter *writer, const char *name, const char *json);
/* Ready JSON text of members ("\"a\":1,\"b\":2"), or NULL/"" for none. */
void tgp_json_raw_members (TgpJsonWriter *writer, const char *members);
void tgp_json_time (TgpJsonWriter *writer, const char *name, gint64 ms);
void tgp_json_money (TgpJsonWriter *writer, const char *name, gint64 minor, const char *currency);

G_END_DECLS
