/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "edge/proxy-protocol.h"

#include <arpa/inet.h>
#include <string.h>

#define HEAD_LENGTH 16

enum
{
  COMMAND_LOCAL = 0x20, /* version 2 in the high half */
  COMMAND_PROXY = 0x21,
  FAMILY_UNSPEC = 0x00,
  FAMILY_TCP4 = 0x11,
  FAMILY_TCP6 = 0x21,
  FAMILY_UNIX_STREAM = 0x31,
  TLV_CRC32C = 0x03
};

static const guint8 signature[12] = { '\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n' };

/* Bytes that the addresses of a family take; -1: a family that cannot come over a stream of ours. */
static int
family_length (guint8 family)
{
  switch (family)
    {
    case FAMILY_UNSPEC:
      return 0;
    case FAMILY_TCP4:
      return 12;
    case FAMILY_TCP6:
      return 36;
    case FAMILY_UNIX_STREAM:
      return 216;
    default:
      return -1;
    }
}

/* With the four bytes of the checksum itself read as zero. */
static guint32
crc32c (const guint8 *data, gsize length, gsize checksum)
{
  guint32 crc = G_MAXUINT32;

  for (gsize i = 0; i < length; i++)
    {
      crc ^= i - checksum < 4 ? 0 : data[i];
      for (int bit = 0; bit < 8; bit++)
        crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
    }
  return ~crc;
}

static guint32
read_be32 (const guint8 *data)
{
  return (guint32) data[0] << 24 | (guint32) data[1] << 16 | (guint32) data[2] << 8 | data[3];
}

/* Type, two bytes of length, value; the checksum is the one that says something to us. */
static gboolean
check_tlvs (const guint8 *data, gsize start, gsize length)
{
  while (start < length)
    {
      gsize value = start + 3, size;

      if (value > length)
        return FALSE;
      size = (gsize) data[start + 1] << 8 | data[start + 2];
      if (size > length - value)
        return FALSE;
      if (data[start] == TLV_CRC32C &&
          (size != 4 || read_be32 (data + value) != crc32c (data, length, value)))
        return FALSE;
      start = value + size;
    }
  return TRUE;
}

static void
write_address (guint8 family, const guint8 *data, char address[64])
{
  static const guint8 mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

  if (family == FAMILY_TCP4)
    inet_ntop (AF_INET, data, address, 64);
  else if (family == FAMILY_TCP6 && memcmp (data, mapped, sizeof mapped) == 0)
    /* One client, one spelling, whichever socket of the proxy it came to. */
    inet_ntop (AF_INET, data + sizeof mapped, address, 64);
  else if (family == FAMILY_TCP6)
    inet_ntop (AF_INET6, data, address, 64);
}

EdgeProxyState
edge_proxy_parse (const guint8 *data, gsize available, gsize *length, char address[64])
{
  gsize whole;
  int addresses;
  gboolean local;

  *length = 0;
  address[0] = '\0';
  if (available == 0)
    return EDGE_PROXY_NEED_MORE;
  if (memcmp (data, signature, MIN (available, sizeof signature)) != 0)
    return EDGE_PROXY_REFUSED;
  if (available > 12 && data[12] != COMMAND_PROXY && data[12] != COMMAND_LOCAL)
    return EDGE_PROXY_REFUSED;
  /* LOCAL is the proxy itself, a health check: whatever follows its head says nothing. */
  local = available > 12 && data[12] == COMMAND_LOCAL;
  if (available > 13 && !local && family_length (data[13]) < 0)
    return EDGE_PROXY_REFUSED;
  if (available < HEAD_LENGTH)
    return EDGE_PROXY_NEED_MORE;

  addresses = local ? 0 : family_length (data[13]);
  whole = HEAD_LENGTH + ((gsize) data[14] << 8 | data[15]);
  if (whole > EDGE_PROXY_MAX_BYTES || whole < HEAD_LENGTH + (gsize) addresses)
    return EDGE_PROXY_REFUSED;
  if (available < whole)
    return EDGE_PROXY_NEED_MORE;

  if (addresses > 0)
    {
      if (!check_tlvs (data, HEAD_LENGTH + (gsize) addresses, whole))
        return EDGE_PROXY_REFUSED;
      write_address (data[13], data + HEAD_LENGTH, address);
    }
  *length = whole;
  return EDGE_PROXY_DONE;
}
