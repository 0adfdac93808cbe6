/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes listening sockets. -1 and an error where that fails. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define EDGE_BACKLOG 4096

/* address: an IP literal. port 0: any free one. */
int edge_listen_tcp (const char *address, guint16 port, GError **error);
/* Replaces a dead socket file; refuses a live one, and anything that is no socket. */
int edge_listen_unix (const char *path, guint mode, GError **error);
/* Readies a socket from elsewhere. */
gboolean edge_listen_adopt (int fd, GError **error);
/* 0: not TCP. */
guint16 edge_listen_port (int fd);

G_END_DECLS
