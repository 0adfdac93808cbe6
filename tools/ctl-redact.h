/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must not leave the computer in an archive for support. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* text, JSON or not, with "***" in place of passwords in addresses, credentials under any of their names or
 * of the form that the gateway and the proxy give them, e-mail addresses, card numbers, and users' folders.
 */
char *ctl_redact (const char *text, GError **error);

G_END_DECLS
