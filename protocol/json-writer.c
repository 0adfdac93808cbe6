/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "protocol/json-writer.h"
#include "protocol/money.h"
#include "protocol/time.h"

#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd"

void
tgp_json_writer_init (TgpJsonWriter *writer)
{
  writer->text = g_string_sized_new (768);
  writer->comma = FALSE;
}

char *
tgp_json_writer_end (TgpJsonWriter *writer)
{
  char *text = g_string_free (writer->text, FALSE);

  writer->text = NULL;
  writer->comma = FALSE;
  return text;
}

/* Bytes that go out as they are; well-formed UTF-8 above ASCII does too, but has to be looked at. */
static const guint8 plain[256] = { [' '] = 1, ['!'] = 1, [0x23 ... 0x5b] = 1, [0x5d ... 0x7f] = 1 };

static void
put_special (GString *text, guint8 c)
{
  static const char hex[] = "0123456789abcdef";
  char escape[] = "\\u00xx";

  switch (c)
    {
    case '"':
      g_string_append_len (text, "\\\"", 2);
      return;
    case '\\':
      g_string_append_len (text, "\\\\", 2);
      return;
    case '\b':
      g_string_append_len (text, "\\b", 2);
      return;
    case '\f':
      g_string_append_len (text, "\\f", 2);
      return;
    case '\n':
      g_string_append_len (text, "\\n", 2);
      return;
    case '\r':
      g_string_append_len (text, "\\r", 2);
      return;
    case '\t':
      g_string_append_len (text, "\\t", 2);
      return;
    default:
      escape[4] = hex[c >> 4];
      escape[5] = hex[c & 15];
      g_string_append_len (text, escape, 6);
    }
}

static void
put_quoted (GString *text, const char *value)
{
  const guint8 *at = (const guint8 *) value;

  g_string_append_c (text, '"');
  for (;;)
    {
      const guint8 *run = at;

      while (plain[*at])
        at++;
      if (at > run)
        g_string_append_len (text, (const char *) run, at - run);
      if (*at == '\0')
        break;
      if (*at < 0x80)
        put_special (text, *at++);
      else
        {
          /* One character at a time; -1 and -2 are what g_utf8_get_char_validated() says of bad bytes. */
          gunichar c = g_utf8_get_char_validated ((const char *) at, -1);

          if (c >= (gunichar) -2)
            {
              g_string_append_len (text, REPLACEMENT, strlen (REPLACEMENT));
              at++;
            }
          else
            {
              g_string_append_len (text, (const char *) at, g_utf8_skip[*at]);
              at += g_utf8_skip[*at];
            }
        }
    }
  g_string_append_c (text, '"');
}

/* The comma before a value and its name. */
static void
put_lead (TgpJsonWriter *writer, const char *name)
{
  if (writer->comma)
    g_string_append_c (writer->text, ',');
  writer->comma = TRUE;
  if (name != NULL)
    {
      put_quoted (writer->text, name);
      g_string_append_c (writer->text, ':');
    }
}

static void
put_open (TgpJsonWriter *writer, const char *name, char c)
{
  put_lead (writer, name);
  g_string_append_c (writer->text, c);
  writer->comma = FALSE;
}

static void
put_close (TgpJsonWriter *writer, char c)
{
  g_string_append_c (writer->text, c);
  writer->comma = TRUE;
}

void
tgp_json_open_object (TgpJsonWriter *writer, const char *name)
{
  put_open (writer, name, '{');
}

void
tgp_json_close_object (TgpJsonWriter *writer)
{
  put_close (writer, '}');
}

void
tgp_json_open_array (TgpJsonWriter *writer, const char *name)
{
  put_open (writer, name, '[');
}

void
tgp_json_close_array (TgpJsonWriter *writer)
{
  put_close (writer, ']');
}

void
tgp_json_string (TgpJsonWriter *writer, const char *name, const char *value)
{
  put_lead (writer, name);
  if (value != NULL)
    put_quoted (writer->text, value);
  else
    g_string_append_len (writer->text, "null", 4);
}

void
tgp_json_optional_string (TgpJsonWriter *writer, const char *name, const char *value)
{
  if (value != NULL)
    tgp_json_string (writer, name, value);
}

void
tgp_json_int (TgpJsonWriter *writer, const char *name, gint64 value)
{
  char digits[24];
  guint64 rest = value < 0 ? -(guint64) value : (guint64) value;
  char *at = digits + sizeof digits;

  do
    *--at = (char) ('0' + rest % 10);
  while ((rest /= 10) > 0);
  if (value < 0)
    *--at = '-';
  put_lead (writer, name);
  g_string_append_len (writer->text, at, digits + sizeof digits - at);
}

void
tgp_json_boolean (TgpJsonWriter *writer, const char *name, gboolean value)
{
  tgp_json_raw (writer, name, value ? "true" : "false");
}

void
tgp_json_null (TgpJsonWriter *writer, const char *name)
{
  tgp_json_raw (writer, name, "null");
}

void
tgp_json_raw (TgpJsonWriter *writer, const char *name, const char *json)
{
  put_lead (writer, name);
  g_string_append (writer->text, json);
}

void
tgp_json_raw_members (TgpJsonWriter *writer, const char *members)
{
  if (members != NULL && members[0] != '\0')
    tgp_json_raw (writer, NULL, members);
}

void
tgp_json_time (TgpJsonWriter *writer, const char *name, gint64 ms)
{
  char buffer[TGP_TIME_SIZE];

  tgp_json_string (writer, name, tgp_time_format (ms, buffer));
}

void
tgp_json_money (TgpJsonWriter *writer, const char *name, gint64 minor, const char *currency)
{
  char buffer[TGP_MONEY_SIZE];

  tgp_json_string (writer, name, tgp_money_format (minor, currency, buffer));
}
