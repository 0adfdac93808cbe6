/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Results that terminals handed in for ids that nobody knows: money may have moved without a payment. */
#pragma once

#include "tools/ctl-http.h"

G_BEGIN_DECLS

/* Of this id, and of this group, both nullable; after: the number of the last one seen. */
TgpJson *ctl_orphans_call (CtlHttp *http, const char *group, const char *id, gint64 after, GError **error);
/* Prints those in the answer, "empty" (nullable) when there is none. json nullable. How many there were. */
guint ctl_orphans_print (TgpJson *json, const char *empty);

G_END_DECLS
