/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clients' addresses, 16 bytes each, and how many connections each of them has. */
#pragma once

#include <glib.h>
#include <netinet/in.h>
#include <sys/socket.h>

G_BEGIN_DECLS

/* IPv4 as ::ffff:a.b.c.d. FALSE: not an IP address. */
gboolean edge_address_from_socket (struct in6_addr *address, const struct sockaddr *from);
gboolean edge_address_from_text (struct in6_addr *address, const char *text);
const char *edge_address_to_text (const struct in6_addr *address, char buffer[64]);

/* Counts connections; an IPv6 /64, which one subscriber commonly has to himself, is one address. */
typedef struct _EdgeAddressCounts EdgeAddressCounts;

EdgeAddressCounts *edge_address_counts_new (void);
void edge_address_counts_free (EdgeAddressCounts *counts);
/* FALSE, and nothing counted: there are max already. */
gboolean edge_address_counts_add (EdgeAddressCounts *counts, const struct in6_addr *address, guint max);
void edge_address_counts_remove (EdgeAddressCounts *counts, const struct in6_addr *address);

G_END_DECLS
