/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A gateway, simulated terminals and a client as real processes on real sockets. */
#pragma once

#include "tests/sdk/helpers.h"
#include "tests/tools/run.h"

G_BEGIN_DECLS

typedef struct
{
  char *folder;
  char *url;
  const char *settings; /* more of the gateway's command line */
  TgwTransportMode transport;
  Run *gateway;
  GPtrArray *terminals; /* Run; the first is TERM-001 */
  TgwClient *client;
} World;

/* Starts a gateway, TERM-001, and connects a client. settings: as "--set gateway.grace-period=20". */
void world_open (World *world, TgwTransportMode transport, const char *settings);
/* Asserts that the client is gone. */
void world_close (World *world);

/* On the same address and state as before, if there was one. */
void world_start_gateway (World *world);
/* As a pulled plug. */
void world_kill_gateway (World *world);
/* .81 waits to be cancelled; .91 is back after this many ms. */
void world_add_terminal (World *world, const char *name, guint back_after);
void world_stop_terminal (World *world, guint number);

/* A till of its own, as on another computer: with a journal of its own. */
TgwClient *world_client_new (World *world);
/* With the key of such a file, and the secret if it is not NULL. */
TgwClient *world_client_new_with_key (World *world, const char *key_file, const char *secret);

void world_start_pay (World *world, const char *terminal, const char *id, const char *amount,
                      GCancellable *cancellable, Call *call);
TgwPayment *world_pay (World *world, const char *terminal, const char *id, const char *amount);
/* The payment, once it is open at the gateway. */
TgwPayment *world_wait_until_pending (World *world, const char *id);

/* What the gateway answers to a signed GET of no session, which disturbs nobody. path: below /v1/ */
char *world_get (World *world, const char *path);
/* The queued messages of the till's key. */
guint world_count_messages (World *world);

G_END_DECLS
