/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "protocol/terminal-command.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TgpTerminalCommand) command = tgp_terminal_command_decode ((const char *) data, size, &error);

  g_assert ((command == NULL) == (error != NULL));
  if (command != NULL && command->action == TGP_COMMAND_PAYMENT_REQUEST)
    {
      g_autofree char *request = tgp_payment_request_to_json (command->payment);
      g_autofree char *text = tgp_encode_payment_request (command->transaction_id, "T", request);
      g_autoptr (TgpTerminalCommand) again = tgp_terminal_command_decode (text, strlen (text), NULL);

      g_assert (again != NULL && again->payment->amount == command->payment->amount);
      g_assert (g_strcmp0 (again->payment->extras, command->payment->extras) == 0);
    }
  return 0;
}
