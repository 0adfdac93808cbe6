/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/ctl-query.h"

void
ctl_query_init (CtlQuery *query, const char *path)
{
  query->text = g_string_new (path);
  query->separator = '?';
}

void
ctl_query_add (CtlQuery *query, const char *name, const char *value)
{
  if (value == NULL)
    return;
  g_string_append_printf (query->text, "%c%s=", query->separator, name);
  g_string_append_uri_escaped (query->text, value, NULL, FALSE);
  query->separator = '&';
}

char *
ctl_query_end (CtlQuery *query)
{
  return g_string_free (query->text, FALSE);
}
