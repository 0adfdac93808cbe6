/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The requests of one session over HTTP: each is signed, has a time-out, and ends when the session does. */
#pragma once

#include "libtgwclient/tgw-transport.h"
#include "protocol/id.h"
#include "protocol/pos-message.h"

G_BEGIN_DECLS

typedef struct
{
  TgwTransport base;
  const TgwTransportEvents *events; /* NULL: the owner has left, or it is over */
  gpointer user_data;
  SoupSession *session;
  GUri *endpoint;
  char *api_key;
  char *api_secret;
  char *pin;
  char *user_agent;
  char session_id[TGP_UUID_SIZE];
  GMainContext *context;
  GCancellable *cancellable; /* of every request */
  GHashTable *timers;        /* GSource; set */
  guint terminals_interval;  /* ms */
  gint64 last_time;          /* ms; of the last request */
  guint n_acks;              /* under way */
  gboolean acked;            /* something, since the last poll */
  gboolean poll_due;
  gboolean open;
} TgwHttpLink;

typedef struct _TgwHttpCall TgwHttpCall;
/* body: never NULL. Not called once it is over. */
typedef void (*TgwHttpAnswerFunc) (TgwHttpCall *call, guint status, GBytes *body);

struct _TgwHttpCall
{
  TgwHttpLink *link; /* with a reference */
  SoupMessage *message;
  GCancellable *cancellable; /* of this request */
  gulong cancelled_with_all;
  GSource *timeout;
  GSource *status_timer; /* payments */
  TgwHttpAnswerFunc answered;
  TgpPosMessage *asked; /* nullable */
};

TgwHttpLink *tgw_http_link_new (const TgwTransportConfig *config, const TgwTransportEvents *events,
                                gpointer user_data);
void tgw_http_link_unref (TgwHttpLink *link);
/* Nobody hears of anything any more; what is under way ends by itself. Takes the owner's reference. */
void tgw_http_link_leave (TgwHttpLink *link);

GSource *tgw_http_link_add_timer (TgwHttpLink *link, guint ms, GSourceFunc function, gpointer data);
void tgw_http_link_clear_timer (TgwHttpLink *link, GSource **timer);

/* asked: what the answer is for; (transfer full) (nullable). path: below /v1/. timeout: ms. */
TgwHttpCall *tgw_http_link_request (TgwHttpLink *link, const char *method, const char *path, const char *body,
                                    guint timeout, TgwHttpAnswerFunc answered, TgpPosMessage *asked);

/* As if the gateway had sent it over a WebSocket. The owner may let go of link inside. */
void tgw_http_link_say (TgwHttpLink *link, const char *text);
/* An answer as the message that a WebSocket would have brought: action and request id in front of its
 * members. One that is no JSON came from somebody else, and ends the session. */
void tgw_http_call_say (TgwHttpCall *call, const char *action, const char *request_id, GBytes *body);
/* It is over: an answer that makes no sense, or says that this till may not be here. */
void tgw_http_call_fail (TgwHttpCall *call, GBytes *body);

G_END_DECLS
