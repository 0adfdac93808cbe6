/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "protocol/time.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  char buffer[TGP_TIME_SIZE];
  gint64 ms, back;

  if (tgp_time_parse (text, &ms))
    {
      g_assert (ms >= 0);
      g_assert (tgp_time_parse (tgp_time_format (ms, buffer), &back) && back == ms);
    }
  return 0;
}
