/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* API key and secret from a key file: the JSON that `tgwctl keys create --json` printed. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean tgw_credentials_load (const char *path, char **api_key, char **api_secret, GError **error);

/* An HTTP header carries it as it is: 1-256 visible ASCII characters. */
gboolean tgw_credentials_usable (const char *text);

G_END_DECLS
