/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The PROXY header: what is decided on some bytes is decided on more of them, and an accepted header gives an
 * address. */
#include "edge/proxy-protocol.h"

#include <gio/gio.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  char address[64], early[64];
  gsize length, early_length;
  EdgeProxyState state = edge_proxy_parse (data, size, &length, address);

  if (state == EDGE_PROXY_DONE)
    {
      g_assert (length >= 16 && length <= size && length <= EDGE_PROXY_MAX_BYTES);
      g_assert (address[0] == '\0' || g_hostname_is_ip_address (address));
    }
  else
    g_assert (length == 0 && address[0] == '\0');
  if (state == EDGE_PROXY_NEED_MORE)
    g_assert (size < EDGE_PROXY_MAX_BYTES);

  for (size_t available = 0; available < size; available++)
    {
      /* A copy, so that a read behind the bytes is seen. */
      g_autofree guint8 *copy = g_memdup2 (data, available);
      EdgeProxyState now = edge_proxy_parse (copy, available, &early_length, early);

      if (now == EDGE_PROXY_NEED_MORE)
        continue;
      g_assert (now == state && early_length == length && strcmp (early, address) == 0);
      break;
    }
  return 0;
}
