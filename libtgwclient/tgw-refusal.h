/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Why a gateway refused the handshake. libsoup keeps the body of a refused handshake to itself, so that it is
 * asked once more by a plain request, whose body can be read. */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

typedef void (*TgwRefusalFunc) (const GError *error, gpointer user_data);

/* Whether it was the gateway that refused, and not something on the way to it: the gateway speaks JSON. */
gboolean tgw_refusal_is_the_gateways (SoupMessage *handshake);

/* Calls function exactly once, with an error of TGW_ERROR. */
void tgw_refusal_explain (SoupSession *session, SoupMessage *handshake, const char *api_key,
                          const char *api_secret, const char *pin, GCancellable *cancellable,
                          TgwRefusalFunc function, gpointer user_data);

/* The error that a plain request was answered with; body nullable. */
GError *tgw_refusal_read (SoupMessage *message, GBytes *body);

G_END_DECLS
