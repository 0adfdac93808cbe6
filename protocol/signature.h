/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The request signature of section 2. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define TGP_SIGNATURE_SIZE 45 /* base64 of 32 bytes and NUL */

/* base64 (HMAC-SHA256 (secret, METHOD \n TARGET \n TIMESTAMP \n hex (SHA256 (body)))) */
char *tgp_sign (const char *secret, const char *method, const char *target, const char *timestamp,
                const void *body, gsize body_length, char buffer[TGP_SIGNATURE_SIZE]);

/* Constant time in the content. Also tries the target with every "%3A" (any case) as ":", and with every
 * ":" as "%3A". */
gboolean tgp_signature_verify (const char *signature, const char *secret, const char *method,
                               const char *target, const char *timestamp, const void *body,
                               gsize body_length);

/* 64 bits of the signature, for a set of seen ones; 0 is never returned. */
guint64 tgp_signature_fingerprint (const char *signature);

G_END_DECLS
