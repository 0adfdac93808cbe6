/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One connection to a gateway, from the signed handshake to its end, as a stream of messages. Over a
 * WebSocket it knows frames, not payments; over HTTP it turns messages into requests and answers into
 * messages, so that who uses it need not know which of them it is. A new connection is a new object. */
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
  const char *certificate_pin; /* as tgw_trust_read_pin() made it; nullable */
  gboolean ack_delivery;
  /* ms; 0 for the defaults: 30 s, 10 s, 15 s */
  guint ping_interval;
  guint ping_timeout;
  guint open_timeout;
  /* ms, over HTTP only; 0 for the default: 10 s */
  guint terminals_interval;
} TgwTransportConfig;

typedef struct
{
  gboolean (*send) (TgwTransport *transport, const char *text);
  void (*close) (TgwTransport *transport);
  void (*drop) (TgwTransport *transport);
} TgwTransportClass;

struct _TgwTransport
{
  const TgwTransportClass *klass;
  /* What was sent first arrives first. */
  gboolean ordered;
  /* In closed(): somebody answered, who would not have a WebSocket. Another way may be open. */
  gboolean upgrade_failed;
};

/* A session as the transports want it: no deflate, no cookies, the system's proxy and certificates. */
SoupSession *tgw_transport_new_session (void);
/* Takes the reference and lets go of it in context's next turn: a session that ends while it hands out the
 * answer to its last request never closes that one's socket. */
void tgw_transport_release_session (SoupSession *session, GMainContext *context);

/* A WebSocket. */
TgwTransport *tgw_transport_open (const TgwTransportConfig *config, const TgwTransportEvents *events,
                                  gpointer user_data);
/* Signed HTTP requests, for tills only. */
TgwTransport *tgw_transport_open_http (const TgwTransportConfig *config, const TgwTransportEvents *events,
                                       gpointer user_data);
/* FALSE: not open, and nothing was sent. */
gboolean tgw_transport_send (TgwTransport *transport, const char *text);
/* No event follows; the owner's reference is gone. */
void tgw_transport_close (TgwTransport *transport);
/* As close, but without a goodbye, like a pulled plug. */
void tgw_transport_drop (TgwTransport *transport);

G_END_DECLS
