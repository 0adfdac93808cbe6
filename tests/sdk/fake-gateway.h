/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A gateway that a test plays by hand: it records what a client says and says what the test wants. Same
 * thread, same main context, real sockets. */
#pragma once

#include <libsoup/soup.h>

#include "protocol/pos-message.h"

G_BEGIN_DECLS

typedef struct
{
  SoupServer *server;
  GSocketService *listener;
  guint16 port;
  char *url;
  SoupWebsocketConnection *connection; /* the last one */
  GPtrArray *connections;
  guint n_handshakes;
  SoupMessageHeaders *handshake; /* the last one's headers */
  char *handshake_target;
  GQueue received; /* char *, without pings and getTerminals */
  guint n_pings;
  guint refuse_status; /* of handshakes; 0: none */
  char *refuse_body;   /* what plain requests are answered then */
  GPtrArray *sockets;  /* GSocket, of TLS */
  guint n_requests;    /* handshakes included */
  gint64 clock_offset; /* ms; its clock minus the client's */
  gboolean silent;     /* neither greeting nor pong */
  gboolean no_pong;
  gboolean raw;    /* for a terminal: no greeting, and messages are kept as they are */
  char *terminals; /* the items of terminals[] */
} FakeGateway;

FakeGateway *fake_gateway_new (void);
/* Speaks TLS. */
FakeGateway *fake_gateway_new_with_tls (GTlsCertificate *certificate);
void fake_gateway_free (FakeGateway *gateway);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FakeGateway, fake_gateway_free)

void fake_gateway_send (FakeGateway *gateway, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* Waits for the next message, which must be this one. */
TgpPosMessage *fake_gateway_expect (FakeGateway *gateway, TgpPosAction action);
/* Waits until the client has sent everything, and asserts that it was nothing. */
void fake_gateway_expect_nothing (FakeGateway *gateway);
/* Waits until n handshakes have been seen in all. */
void fake_gateway_wait_handshakes (FakeGateway *gateway, guint n);
/* Everything but the last connection goes, if it is closed. */
void fake_gateway_forget_closed (FakeGateway *gateway);
/* As a process that is killed: nobody listens, every connection is cut. And back on the same port. */
void fake_gateway_die (FakeGateway *gateway);
void fake_gateway_come_back (FakeGateway *gateway);
/* The connection is cut without a word. */
void fake_gateway_cut (FakeGateway *gateway);
/* The connection ends with this code. */
void fake_gateway_close (FakeGateway *gateway, gushort code);

/* Turns the main context until it is so; fails after 20 s. */
#define wait_until(condition)                                                                                \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    gint64 until_ = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;                                           \
    while (!(condition))                                                                                     \
      {                                                                                                      \
        if (g_get_monotonic_time () > until_)                                                                \
          g_error ("%s:%d: never came true: %s", __FILE__, __LINE__, #condition);                            \
        fake_gateway_turn ();                                                                                \
      }                                                                                                      \
  }                                                                                                          \
  G_STMT_END
/* One turn of the main context; wakes after a while by itself. */
void fake_gateway_turn (void);

#define FAKE_KEY    "tgw_pos_key"
#define FAKE_SECRET "correct-horse-battery-staple"

G_END_DECLS
