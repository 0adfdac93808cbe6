/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "edge/websocket.h"

#include <string.h>

#define MAX_REASON 123

gsize
edge_ws_write_header (guint8 header[10], EdgeWsOpcode opcode, guint64 length)
{
  guint bytes = length < 126 ? 0 : length <= 0xffff ? 2 : 8;

  header[0] = 0x80 | (guint8) opcode;
  header[1] = bytes == 0 ? (guint8) length : bytes == 2 ? 126 : 127;
  for (guint i = 0; i < bytes; i++)
    header[2 + i] = (guint8) (length >> 8 * (bytes - 1 - i));
  return 2 + bytes;
}

gsize
edge_ws_write_close (guint8 frame[127], guint16 code, const char *reason)
{
  gsize length = reason == NULL ? 0 : strlen (reason);

  if (code == EDGE_WS_NO_CODE)
    return edge_ws_write_header (frame, EDGE_WS_CLOSE, 0);
  if (length > MAX_REASON)
    {
      length = MAX_REASON;
      while (length > 0 && ((guint8) reason[length] & 0xc0) == 0x80)
        length--;
    }
  edge_ws_write_header (frame, EDGE_WS_CLOSE, 2 + length);
  frame[2] = code >> 8;
  frame[3] = code & 0xff;
  if (length > 0)
    memcpy (frame + 4, reason, length);
  return 4 + length;
}

void
edge_ws_accept (const char *key, char accept[29])
{
  static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA1);
  guint8 digest[20];
  gsize length = sizeof digest;
  int state = 0, save = 0;
  gsize written;

  g_checksum_update (checksum, (const guchar *) key, strlen (key));
  g_checksum_update (checksum, (const guchar *) guid, sizeof guid - 1);
  g_checksum_get_digest (checksum, digest, &length);
  written = g_base64_encode_step (digest, length, FALSE, accept, &state, &save);
  written += g_base64_encode_close (FALSE, accept + written, &state, &save);
  accept[written] = '\0';
}
