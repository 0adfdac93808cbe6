/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Builds "?a=b&c=d" from what was given. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  GString *text;
  char separator;
} CtlQuery;

void ctl_query_init (CtlQuery *query, const char *path);
/* Nothing when value is NULL. */
void ctl_query_add (CtlQuery *query, const char *name, const char *value);
char *ctl_query_end (CtlQuery *query);

G_END_DECLS
