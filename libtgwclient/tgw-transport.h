/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One WebSocket connection to a gateway, from the signed handshake to its end. Knows frames, not payments. A
 * new connection is a new object. */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

typedef struct _TgwTransport TgwTransport;

/* All in the main context that was the thread's default in tgw_transport_open(). */
typedef struct
{
  void (*opened) (gpointer user_data);
  void (*text) (const char *text, gsize length, gpointer user_data);
  /* Once, whether or not it ever opened. error is of TGW_ERROR. Nothing follows. */
  void (*closed) (const GError *error, gpointer user_data);
} TgwTransportEvents;

typedef struct
{
  SoupSession *session;
  GUri *endpoint;
  const char *api_key;
  const char *api_secret;
  const char *device_id; /* a terminal's; nullable */
  const char *user_agent;
  gboolean ack_delivery;
  /* ms; 0 for the defaults: 30 s, 10 s, 15 s */
  guint ping_interval;
  guint ping_timeout;
  guint open_timeout;
} TgwTransportConfig;

/* A session as tgw_transport_open() wants it: no deflate, no cookies, the system's proxy and certificates. */
SoupSession *tgw_transport_new_session (void);

TgwTransport *tgw_transport_open (const TgwTransportConfig *config, const TgwTransportEvents *events,
                                  gpointer user_data);
/* FALSE: not open, and nothing was sent. */
gboolean tgw_transport_send (TgwTransport *transport, const char *text);
/* No event follows; the owner's reference is gone. */
void tgw_transport_close (TgwTransport *transport);
/* As close, but without a goodbye, like a pulled plug. */
void tgw_transport_drop (TgwTransport *transport);

G_END_DECLS
