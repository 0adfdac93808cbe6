/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The little JSON that this program reads: key files, the sandbox's greeting, receipts. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The text of a member of an object; NULL: there is none. */
char *pos_json_text (const char *json, const char *member);
/* What of a receipt a person can read, a line each; NULL: nothing. */
char *pos_json_receipt_lines (const char *json);

G_END_DECLS
