/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the server and its connections share. */
#pragma once

#include "edge/address.h"
#include "edge/connection.h"
#include "edge/http-parser.h"
#include "edge/server.h"

G_BEGIN_DECLS

#define EDGE_READ_BYTES (64 * 1024)

struct _EdgeServer
{
  EdgeReactor *reactor;
  EdgeLimits limits;
  EdgeHttpLimits http_limits;
  const EdgeHandlers *handlers;
  gpointer user_data;
  EdgeCounters counters;

  GPtrArray *listeners;
  guint16 port;

  EdgeConnection *connections; /* all of them; doubly linked */
  guint n_connections;         /* without those that are being refused */
  guint n_refused;
  guint max_connections;
  EdgeAddressCounts *addresses; /* NULL: not limited */

  /* Those that the loop has to come back to: closed ones, and ones with input left. */
  EdgeConnection *first_due, *last_due;
  EdgeTask task;

  GPtrArray *corked; /* those that output was gathered for */
  guint corks;

  EdgeRequest *spare_request; /* so that idle connections need none */
  GString *head;              /* where answers are written */
  gint64 date_second;
  char date[40];
  guint8 input[EDGE_READ_BYTES + 1]; /* what is read lands here first, whoever it is from */
};

/* server-accept.c */
void edge_server_accepted (int fd, const struct sockaddr *from, gpointer user_data);
void edge_server_out_of_descriptors (gpointer user_data);

/* server.c */
/* The loop calls edge_connection_come_back() soon. */
void edge_server_come_back (EdgeServer *server, EdgeConnection *connection);
const char *edge_server_date (EdgeServer *server); /* of an HTTP answer */

G_END_DECLS
