/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/ctl-print.h"

#include <stdio.h>

#include "protocol/time.h"

struct _CtlTable
{
  guint columns;
  GPtrArray *cells; /* titles first */
};

void
ctl_print (const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_print ("%s\n", text);
  fflush (stdout);
}

char *
ctl_clean (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text != NULL ? text : "", -1);
  GString *clean = g_string_new (NULL);

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      g_string_append_unichar (clean, g_unichar_iscntrl (c) ? ' ' : c);
    }
  return g_string_free (clean, FALSE);
}

CtlTable *
ctl_table_new (const char *title, ...)
{
  CtlTable *self = g_new0 (CtlTable, 1);
  va_list titles;

  self->cells = g_ptr_array_new_with_free_func (g_free);
  va_start (titles, title);
  for (; title != NULL; title = va_arg (titles, const char *))
    {
      g_ptr_array_add (self->cells, g_strdup (title));
      self->columns++;
    }
  va_end (titles);
  return self;
}

void
ctl_table_add (CtlTable *self, char *first, ...)
{
  va_list cells;

  g_ptr_array_add (self->cells, first);
  va_start (cells, first);
  for (guint i = 1; i < self->columns; i++)
    g_ptr_array_add (self->cells, va_arg (cells, char *));
  va_end (cells);
}

void
ctl_table_print (CtlTable *self, const char *empty)
{
  g_autofree glong *widths = g_new0 (glong, self->columns);

  for (guint i = 0; i < self->cells->len; i++)
    widths[i % self->columns] = MAX (widths[i % self->columns], g_utf8_strlen (self->cells->pdata[i], -1));
  if (self->cells->len == self->columns)
    ctl_print ("%s", empty);
  else
    for (guint row = 0; row < self->cells->len; row += self->columns)
      {
        g_autoptr (GString) line = g_string_new (NULL);

        for (guint i = 0; i < self->columns; i++)
          {
            const char *cell = self->cells->pdata[row + i];

            g_string_append (line, cell);
            for (glong n = g_utf8_strlen (cell, -1); i + 1 < self->columns && n < widths[i] + 2; n++)
              g_string_append_c (line, ' ');
          }
        ctl_print ("%s", g_strchomp (line->str));
      }
  ctl_table_free (self);
}

void
ctl_table_free (CtlTable *self)
{
  g_ptr_array_unref (self->cells);
  g_free (self);
}

char *
ctl_text (TgpValue object, const char *name)
{
  TgpValue value = tgp_value_member (object, name);
  g_autofree char *text = NULL;

  if (!tgp_value_exists (value))
    return g_strdup ("");
  text = tgp_value_dup_string (value);
  if (text == NULL)
    text = tgp_value_dup_raw (value);
  return ctl_clean (text);
}

char *
ctl_time (TgpValue object, const char *name)
{
  g_autofree char *text = ctl_text (object, name);
  g_autoptr (GDateTime) utc = NULL, local = NULL;
  gint64 ms;

  if (!tgp_time_parse (text, &ms))
    return g_strdup ("");
  utc = g_date_time_new_from_unix_utc (ms / 1000);
  local = g_date_time_to_local (utc);
  return g_date_time_format (local, "%F %T");
}

void
ctl_print_json (TgpValue value)
{
  g_autofree char *text = tgp_value_dup_raw (value);

  /* Inside a JSON text line breaks stand between tokens only. */
  g_strdelimit (text, "\r\n", ' ');
  ctl_print ("%s", text);
}
