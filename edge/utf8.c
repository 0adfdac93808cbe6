/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "edge/utf8.h"

#include <string.h>

/* What may follow the first byte: surrogates, overlong forms and what is above U+10FFFF end at the second
 * one. */
static gboolean
start_character (EdgeUtf8 *utf8, guint8 byte)
{
  utf8->lowest = 0x80;
  utf8->highest = 0xbf;
  if (byte >= 0xc2 && byte <= 0xdf)
    utf8->missing = 1;
  else if (byte >= 0xe0 && byte <= 0xef)
    {
      utf8->missing = 2;
      if (byte == 0xe0)
        utf8->lowest = 0xa0;
      else if (byte == 0xed)
        utf8->highest = 0x9f;
    }
  else if (byte >= 0xf0 && byte <= 0xf4)
    {
      utf8->missing = 3;
      if (byte == 0xf0)
        utf8->lowest = 0x90;
      else if (byte == 0xf4)
        utf8->highest = 0x8f;
    }
  else
    return FALSE;
  return TRUE;
}

gboolean
edge_utf8_feed (EdgeUtf8 *utf8, const guint8 *bytes, gsize length)
{
  const guint8 *end = bytes + length;

  while (bytes < end)
    {
      if (utf8->missing > 0)
        {
          if (*bytes < utf8->lowest || *bytes > utf8->highest)
            return FALSE;
          utf8->missing--;
          utf8->lowest = 0x80;
          utf8->highest = 0xbf;
          bytes++;
          continue;
        }
      while (end - bytes >= 8)
        {
          guint64 eight;

          memcpy (&eight, bytes, 8);
          if ((eight & G_GUINT64_CONSTANT (0x8080808080808080)) != 0)
            break;
          bytes += 8;
        }
      while (bytes < end && *bytes < 0x80)
        bytes++;
      if (bytes < end && !start_character (utf8, *bytes++))
        return FALSE;
    }
  return TRUE;
}
