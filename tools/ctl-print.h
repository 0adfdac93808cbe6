/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Output for people (tables, local time) and for programs (JSON lines). */
#pragma once

#include "protocol/json.h"

G_BEGIN_DECLS

typedef struct _CtlTable CtlTable;

/* Titles, ended by NULL. */
CtlTable *ctl_table_new (const char *title, ...) G_GNUC_NULL_TERMINATED;
/* As many cells as titles; takes them. */
void ctl_table_add (CtlTable *table, char *first, ...);
void ctl_table_free (CtlTable *table);
/* Prints it, or "empty" when it has no row, and frees it. */
void ctl_table_print (CtlTable *table, const char *empty);

/* A member as text for people; "" if it is absent. Strings as they are, without control characters. */
char *ctl_text (TgpValue object, const char *name);
/* A wire time as local time. */
char *ctl_time (TgpValue object, const char *name);
/* A value as it came, as one line. */
void ctl_print_json (TgpValue value);
void ctl_print (const char *format, ...) G_GNUC_PRINTF (1, 2);
/* What a terminal or a gateway wrote cannot move the cursor. */
char *ctl_clean (const char *text);

G_END_DECLS
