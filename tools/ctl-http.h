/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls to a gateway: to its admin socket, or signed to its public address. They displace nobody's
 * connection. */
#pragma once

#include "protocol/json.h"
#include "tools/ctl.h"

G_BEGIN_DECLS

typedef struct _CtlHttp CtlHttp;

/* The state folder's admin socket. */
CtlHttp *ctl_http_new_admin (const CtlOptions *options);
/* The admin socket of the local proxy. */
CtlHttp *ctl_http_new_proxy (const CtlOptions *options);
/* The public address, with the till's key. */
CtlHttp *ctl_http_new_pos (const CtlOptions *options, GError **error);
/* The public address, without a key. */
CtlHttp *ctl_http_new_public (const CtlOptions *options, GError **error);
void ctl_http_free (CtlHttp *http);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CtlHttp, ctl_http_free)

/* body: JSON text, nullable. The answer's object, or an error of TGW_ERROR with the gateway's code. */
TgpJson *ctl_http_call (CtlHttp *http, const char *method, const char *target, const char *body,
                        GError **error);

/* Of the last answer: the gateway's clock minus ours, in s; FALSE if it did not say. */
gboolean ctl_http_get_clock_skew (CtlHttp *http, gint64 *skew);

/* Where the gateway, or the local proxy, keeps its state if nobody says otherwise. */
char *ctl_default_state_dir (void);
char *ctl_default_proxy_dir (void);

G_END_DECLS
