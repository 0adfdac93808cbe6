/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whom the client takes for its gateway: the system's certificates, a file of others, or one certificate. */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* ca_file NULL: the system's. TGW_ERROR_UNTRUSTED when it cannot be read. */
gboolean tgw_trust_use_file (SoupSession *session, const char *ca_file, GError **error);
/* 64 hexadecimal digits, colons left out; NULL with TGW_ERROR_INVALID_FIELD. */
char *tgw_trust_read_pin (const char *text, GError **error);
/* Cancels the request before it is sent when the certificate is another than the pinned one. pin NULL: does
 * nothing. */
void tgw_trust_watch (SoupMessage *message, const char *pin, GCancellable *cancellable);
/* The error of a request that did not reach the gateway, as one of TGW_ERROR. */
GError *tgw_trust_explain (SoupMessage *message, const GError *error);

G_END_DECLS
