/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "protocol/id.h"

#include <string.h>

gboolean
tgp_connection_id_valid (const char *id, gsize length)
{
  if (id == NULL || length == 0 || length > TGP_ID_MAX)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (id[i]) && id[i] != '.' && id[i] != '_' && id[i] != ':' && id[i] != '-')
      return FALSE;
  return TRUE;
}

gboolean
tgp_id_valid (const char *id, gsize length)
{
  return tgp_connection_id_valid (id, length) && g_ascii_isalnum (id[0]);
}

char *
tgp_uuid7_format (gint64 ms, const guint8 random[10], char buffer[TGP_UUID_SIZE])
{
  static const char hex[] = "0123456789abcdef";
  guint8 bytes[16];
  char *at = buffer;

  for (int i = 0; i < 6; i++)
    bytes[i] = (guint8) ((guint64) ms >> (40 - 8 * i));
  memcpy (bytes + 6, random, 10);
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  for (int i = 0; i < 16; i++)
    {
      if (i == 4 || i == 6 || i == 8 || i == 10)
        *at++ = '-';
      *at++ = hex[bytes[i] >> 4];
      *at++ = hex[bytes[i] & 15];
    }
  *at = '\0';
  return buffer;
}
