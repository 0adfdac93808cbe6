/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "edge/address.h"

#include <arpa/inet.h>
#include <string.h>

static void
map_ipv4 (struct in6_addr *address, const struct in_addr *ipv4)
{
  memset (address, 0, 10);
  memset (address->s6_addr + 10, 0xff, 2);
  memcpy (address->s6_addr + 12, ipv4, 4);
}

gboolean
edge_address_from_socket (struct in6_addr *address, const struct sockaddr *from)
{
  if (from->sa_family == AF_INET)
    map_ipv4 (address, &((const struct sockaddr_in *) from)->sin_addr);
  else if (from->sa_family == AF_INET6)
    *address = ((const struct sockaddr_in6 *) from)->sin6_addr;
  else
    return FALSE;
  return TRUE;
}

gboolean
edge_address_from_text (struct in6_addr *address, const char *text)
{
  struct in_addr ipv4;

  if (inet_pton (AF_INET, text, &ipv4) == 1)
    {
      map_ipv4 (address, &ipv4);
      return TRUE;
    }
  return inet_pton (AF_INET6, text, address) == 1;
}

const char *
edge_address_to_text (const struct in6_addr *address, char buffer[64])
{
  if (IN6_IS_ADDR_V4MAPPED (address))
    return inet_ntop (AF_INET, address->s6_addr + 12, buffer, 64);
  return inet_ntop (AF_INET6, address, buffer, 64);
}

typedef struct
{
  guint64 network; /* the key: the first 64 bits; the IPv4 address, where there is one */
  gboolean ipv4;
  guint n;
} Count;

struct _EdgeAddressCounts
{
  GHashTable *table; /* of Count, each its own key */
};

static guint
count_hash (gconstpointer key)
{
  const Count *count = key;

  return g_int64_hash (&count->network);
}

static gboolean
count_equal (gconstpointer a, gconstpointer b)
{
  const Count *one = a, *other = b;

  return one->network == other->network && one->ipv4 == other->ipv4;
}

static Count
count_key (const struct in6_addr *address)
{
  Count key = { .ipv4 = IN6_IS_ADDR_V4MAPPED (address) };

  memcpy (&key.network, address->s6_addr + (key.ipv4 ? 8 : 0), 8);
  return key;
}

EdgeAddressCounts *
edge_address_counts_new (void)
{
  EdgeAddressCounts *counts = g_new (EdgeAddressCounts, 1);

  counts->table = g_hash_table_new_full (count_hash, count_equal, g_free, NULL);
  return counts;
}

void
edge_address_counts_free (EdgeAddressCounts *counts)
{
  g_hash_table_unref (counts->table);
  g_free (counts);
}

gboolean
edge_address_counts_add (EdgeAddressCounts *counts, const struct in6_addr *address, guint max)
{
  Count key = count_key (address);
  Count *count = g_hash_table_lookup (counts->table, &key);

  if (count == NULL)
    {
      count = g_memdup2 (&key, sizeof key);
      g_hash_table_add (counts->table, count);
    }
  else if (count->n >= max)
    return FALSE;
  count->n++;
  return TRUE;
}

void
edge_address_counts_remove (EdgeAddressCounts *counts, const struct in6_addr *address)
{
  Count key = count_key (address);
  Count *count = g_hash_table_lookup (counts->table, &key);

  if (count != NULL && --count->n == 0)
    g_hash_table_remove (counts->table, count);
}
