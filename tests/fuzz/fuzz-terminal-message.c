/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is accepted is written, accepted again and written the same. */
#include "protocol/terminal-message.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  TgpMessageHint hint;
  g_autoptr (TgpTerminalMessage) message =
    tgp_terminal_message_decode ((const char *) data, size, &hint, &error);

  g_assert ((message == NULL) == (error != NULL));
  if (message != NULL)
    {
      g_autofree char *text = tgp_terminal_message_encode (message);
      g_autoptr (TgpTerminalMessage) again = NULL;

      again = tgp_terminal_message_decode (text, strlen (text), NULL, &error);
      g_assert (again != NULL);
      if (again != NULL)
        {
          g_autofree char *second = tgp_terminal_message_encode (again);

          g_assert (strcmp (text, second) == 0);
        }
    }
  tgp_message_hint_clear (&hint);
  return 0;
}
