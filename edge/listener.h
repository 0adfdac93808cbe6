/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A listening socket that survives everything: it accepts in bounded bursts, and running out of descriptors
 * costs the newcomers their connection, never the listener its life. */
#pragma once

#include "edge/reactor.h"

#include <sys/socket.h>

G_BEGIN_DECLS

typedef struct _EdgeListener EdgeListener;

typedef struct
{
  /* Takes fd over: non-blocking, close-on-exec. */
  void (*accepted) (int fd, const struct sockaddr *from, gpointer user_data);
  /* A newcomer was turned away, or could not even be: no descriptor is left. */
  void (*out_of_descriptors) (gpointer user_data);
} EdgeListenerHandlers;

/* Takes the listening socket fd over. path: of a Unix socket to unlink at the end, or NULL. The handlers are
 * borrowed. */
EdgeListener *edge_listener_new (EdgeReactor *reactor, int fd, const char *path,
                                 const EdgeListenerHandlers *handlers, gpointer user_data);
void edge_listener_free (EdgeListener *listener);

G_END_DECLS
